# SPDX-License-Identifier: Apache-2.0
"""A Home Assistant of its own: a folder, a process, and its websocket."""

import json
import pathlib
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import websocket

CONFIGURATION = """
homeassistant:
  name: obis-bridge
  time_zone: UTC
  auth_providers: [{{type: homeassistant}}]
http: {{server_host: 127.0.0.1, server_port: {port}}}
recorder: {{commit_interval: 1}}
history:
energy:
logger: {{default: warning}}
mqtt:
  sensor:
"""

SENSOR = """
    - name: {name}
      unique_id: {name}
      state_topic: "{topic}"
      unit_of_measurement: kWh
      device_class: energy
      state_class: total_increasing
"""


class HomeAssistant:
    """Starts in `folder` with one sensor for each of `sensors` (name to topic)."""

    def __init__(self, folder: pathlib.Path, port: int, broker_port: int, sensors: dict[str, str]):
        self.folder, self.port, self.sensors = folder, port, sensors
        self.url = f"http://127.0.0.1:{port}"
        text = CONFIGURATION.format(port=port)
        text += "".join(SENSOR.format(name=name, topic=topic) for name, topic in sensors.items())
        (folder / "configuration.yaml").write_text(text)
        storage = folder / ".storage"
        storage.mkdir()
        entry = {
            "entry_id": "mqtt", "version": 1, "minor_version": 2, "domain": "mqtt", "title": "mosquitto",
            "data": {"broker": "127.0.0.1", "port": broker_port, "discovery": False, "discovery_prefix": "homeassistant"},
            "options": {}, "pref_disable_new_entities": False, "pref_disable_polling": False, "source": "user",
            "unique_id": None, "disabled_by": None, "created_at": "2026-01-01T00:00:00+00:00",
            "modified_at": "2026-01-01T00:00:00+00:00", "discovery_keys": {}, "subentries": [],
        }
        (storage / "core.config_entries").write_text(
            json.dumps({"version": 1, "minor_version": 5, "key": "core.config_entries", "data": {"entries": [entry]}}))
        self.hass = str(pathlib.Path(sys.executable).parent / "hass")
        subprocess.run(
            [self.hass, "--script", "auth", "-c", str(folder), "add", "bench", "benchpass"], check=True,
            stdout=subprocess.DEVNULL)
        self.log = open(folder / "hass.log", "w")
        self.process = subprocess.Popen(
            [self.hass, "-c", str(folder), "--skip-pip"], stdout=self.log, stderr=subprocess.STDOUT)
        self.number = 0
        try:
            self.socket = self._connect()
        except BaseException:
            self.stop()
            raise

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.log.close()

    def _post(self, path, body, is_form=False):
        data = urllib.parse.urlencode(body).encode() if is_form else json.dumps(body).encode()
        kind = "application/x-www-form-urlencoded" if is_form else "application/json"
        request = urllib.request.Request(self.url + path, data, {"Content-Type": kind})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def _connect(self):
        client = self.url + "/"
        deadline = time.monotonic() + 180
        while True:
            try:
                flow = self._post("/auth/login_flow", {
                    "client_id": client, "handler": ["homeassistant", None], "redirect_uri": client})
                break
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"Home Assistant does not start: {self.folder}/hass.log")
                time.sleep(1)
        code = self._post(f"/auth/login_flow/{flow['flow_id']}", {
            "client_id": client, "username": "bench", "password": "benchpass"})["result"]
        token = self._post("/auth/token", {
            "client_id": client, "grant_type": "authorization_code", "code": code}, is_form=True)["access_token"]
        socket = websocket.create_connection(f"ws://127.0.0.1:{self.port}/api/websocket", timeout=30)
        socket.recv()
        socket.send(json.dumps({"type": "auth", "access_token": token}))
        assert json.loads(socket.recv())["type"] == "auth_ok"
        return socket

    def ask(self, kind, **body):
        """One command and its result."""
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "type": kind, **body}))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == self.number and answer["type"] == "result":
                if not answer["success"]:
                    raise SystemExit(f"{kind}: {answer['error']}")
                return answer["result"]

    def states(self):
        """Entity to state, of the sensors."""
        found = {state["entity_id"]: state["state"] for state in self.ask("get_states")}
        return {name: found.get(f"sensor.{name}", "missing") for name in self.sensors}

    def wait(self, seconds, is_done, what):
        """Waits until `is_done` returns something."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if result := is_done():
                return result
            time.sleep(1)
        raise SystemExit(f"waited {seconds} s in vain: {what}; states {self.states()}")

    def statistics(self):
        """Name to the rows of its five-minute statistics."""
        rows = self.ask(
            "recorder/statistics_during_period", start_time="2020-01-01T00:00:00+00:00", period="5minute",
            statistic_ids=[f"sensor.{name}" for name in self.sensors], types=["state", "sum", "change"])
        return {name: rows.get(f"sensor.{name}", []) for name in self.sensors}
