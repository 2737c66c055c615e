# SPDX-License-Identifier: Apache-2.0
"""A private Home Assistant: its folder, its process in the root, and its websocket."""

import json
import pathlib
import re
import subprocess
import time
import urllib.parse
import urllib.request
from decimal import Decimal

import websocket

HERE = pathlib.Path(__file__).parent
CONFIGURATION = """\
homeassistant: {name: bench, time_zone: UTC, auth_providers: [{type: homeassistant}]}
recorder: {commit_interval: 1}
logger: {default: warning, logs: {homeassistant.components.mqtt: info}}
history:
energy:
automation: !include automations.yaml
"""
# Messages that appear with every removed device, with `legacy: true`, and with clocks that run thirty times as fast.
HARMLESS = "No device components to cleanup|object_id|took [0-9.]+ seconds"


class Refused(Exception):
    """Home Assistant answered a command with an error."""


class HomeAssistant:
    """
    - root, version: where it is installed.
    - broker: the port of mosquitto; None when a person adds the integration.
    - start: starts a process, as the session does.
    - clock: its time.
    """

    def __init__(self, root, version, folder: pathlib.Path, port: int, broker: int, start, clock, extra: str = ""):
        self.root, self.version, self.folder, self.port = root, version, folder, port
        self.start_process, self.clock = start, clock
        self.is_modern = int(version.split(".")[0]) >= 2026
        (folder / ".storage").mkdir(parents=True)
        (folder / "automations.yaml").write_text("[]\n")
        web = "" if self.is_modern else f"http: {{server_host: 127.0.0.1, server_port: {port}}}\n"
        (folder / "configuration.yaml").write_text(CONFIGURATION + web + extra)
        self.store("onboarding", 4, {"done": ["user", "core_config", "analytics", "integration"]})
        self.store("core.config_entries", 1, {"entries": [self.entry(broker)] if broker else []}, minor=5)
        if self.is_modern:
            # With YAML these settings would be on trial for five minutes, and then be replaced by 0.0.0.0:8123.
            self.store("http", 3, {"yaml_migration_done": True, "pending": None, "stable": {
                "server_port": port, "server_host": ["127.0.0.1"], "cors_allowed_origins": [], "login_attempts_threshold": -1,
                "ip_ban_enabled": True, "ssl_profile": "intermediate_v6", "use_x_frame_options": True,
                "created_at": "2026-01-01T00:00:00+00:00", "error": None, "error_message": None}})
        subprocess.run(
            self.inside("python", "-m", "homeassistant", "--script", "auth", "-c", "/config", "add", "bench", "benchpass"),
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.number = self.launches = 0

    def store(self, key: str, version: int, data: dict, minor: int = 1):
        (self.folder / ".storage" / key).write_text(
            json.dumps({"version": version, "minor_version": minor, "key": key, "data": data}))

    def entry(self, broker: int) -> dict:
        data = {"broker": "127.0.0.1", "port": broker}
        discovery = {"discovery": True, "discovery_prefix": "homeassistant"}
        newest = {"version": 2, "minor_version": 1, "data": {**data, "protocol": "5"}, "options": discovery}
        older = {"version": 1, "minor_version": 2, "data": {**data, **discovery}, "options": {}}
        return {
            "entry_id": "01JMQTT00000000000000MQTT0", "domain": "mqtt", "title": "mosquitto", "source": "user", "unique_id": None,
            "disabled_by": None, "pref_disable_new_entities": False, "pref_disable_polling": False, "discovery_keys": {},
            "subentries": [], "created_at": "2026-01-01T00:00:00+00:00", "modified_at": "2026-01-01T00:00:00+00:00",
            **(newest if self.is_modern else older)}

    def inside(self, *command: str) -> list[str]:
        return [str(HERE / "inside"), self.root, self.version, str(self.folder), *command]

    @property
    def complete(self) -> pathlib.Path:
        """A file that exists once all requirements of its integrations are installed."""
        return pathlib.Path(self.root) / "home-assistant" / self.version / "complete"

    def install(self):
        """Its very first start, which installs the requirements of its integrations."""
        self.launch([])
        quiet = 0
        while quiet < 10:
            is_busy = subprocess.run(["pgrep", "--full", f"^/home-assistant/{self.version}/bin/uv pip"], stdout=subprocess.DEVNULL).returncode == 0
            quiet = 0 if is_busy else quiet + 1
            time.sleep(1)
        self.stop()
        self.complete.touch()

    def launch(self, options=("--skip-pip",)):
        """Starts it, and waits until the start is complete."""
        self.launches += 1
        moved = self.clock.environment(self.folder / "clock", "/config/clock")
        if moved:
            moved = ["LD_PRELOAD=/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1", *moved]
        self.process = self.start_process(
            f"home-assistant-{self.launches}", self.inside(*moved, "python", "-m", "homeassistant", "-c", "/config", *options))
        deadline = time.monotonic() + 600
        self.socket = None
        while self.socket is None:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("Home Assistant did not start")
            try:
                self.connect()
            except (OSError, websocket.WebSocketException, ValueError):
                time.sleep(0.5)
        while self.call("get_config")["state"] != "RUNNING":
            time.sleep(0.3)

    def stop(self):
        self.socket.close()
        self.process.terminate()
        self.process.wait(120)

    def post(self, path: str, body: bytes, kind: str) -> dict:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=body, headers={"Content-Type": kind})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def connect(self):
        client = f"http://127.0.0.1:{self.port}/"
        flow = self.post("/auth/login_flow", json.dumps(
            {"client_id": client, "handler": ["homeassistant", None], "redirect_uri": client}).encode(), "application/json")
        done = self.post(f"/auth/login_flow/{flow['flow_id']}", json.dumps(
            {"client_id": client, "username": "bench", "password": "benchpass"}).encode(), "application/json")
        token = self.post("/auth/token", urllib.parse.urlencode(
            {"client_id": client, "grant_type": "authorization_code", "code": done["result"]}).encode(),
            "application/x-www-form-urlencoded")["access_token"]
        channel = websocket.create_connection(f"ws://127.0.0.1:{self.port}/api/websocket", timeout=60)
        channel.recv()
        channel.send(json.dumps({"type": "auth", "access_token": token}))
        if json.loads(channel.recv())["type"] != "auth_ok":
            raise ValueError("not logged in")
        self.socket, self.token = channel, token

    def call(self, kind: str, **arguments):
        """A command and its result. Home Assistant closes idle connections: then it connects again."""
        for attempt in (1, 2):
            try:
                return self.ask(kind, arguments)
            except (OSError, websocket.WebSocketException):
                if attempt == 2:
                    raise
                self.connect()

    def ask(self, kind: str, arguments: dict):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "type": kind, **arguments}))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == self.number and answer["type"] == "result":
                if not answer["success"]:
                    raise Refused(f"{kind}: {answer['error']}")
                return answer["result"]

    def rest(self, path: str, body: dict) -> dict:
        """An HTTP request of the frontend."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def states(self) -> dict:
        return {state["entity_id"]: state for state in self.call("get_states")}

    def state(self, entity: str):
        return self.states().get(entity, {}).get("state")

    def entities(self) -> dict:
        """The registry's entries."""
        return {entry["entity_id"]: entry for entry in self.call("config/entity_registry/list")}

    def devices(self) -> dict:
        """The devices by identifier."""
        return {
            identifier[1]: device for device in self.call("config/device_registry/list")
            for identifier in device["identifiers"] if identifier[0] == "mqtt"}

    def statistics(self, entity: str, period: str = "5minute") -> list[dict]:
        rows = self.call(
            "recorder/statistics_during_period", start_time="2020-01-01T00:00:00+00:00", period=period, statistic_ids=[entity],
            types=["sum", "state", "change"])
        return rows.get(entity, [])

    def numbers(self, entity: str) -> list[Decimal]:
        """All values of an entity."""
        rows = self.call(
            "history/history_during_period", start_time="2020-01-01T00:00:00+00:00", entity_ids=[entity], minimal_response=True,
            no_attributes=True, significant_changes_only=False)
        return [Decimal(row["s"]) for row in rows.get(entity, []) if row["s"] not in (None, "unknown", "unavailable")]

    def write_automations(self, automations: list[dict]):
        """Stores automations like the editor does: in the file, which is then reloaded."""
        (self.folder / "automations.yaml").write_text(json.dumps(automations))
        self.call("call_service", domain="automation", service="reload")

    def notifications(self) -> list[str]:
        """The current persistent notifications."""
        return [note["message"] for note in self.call("persistent_notification/get")]

    def log(self) -> str:
        return (self.folder / "home-assistant.log").read_text(errors="replace")

    def complaints(self) -> list[str]:
        """Its log lines about MQTT."""
        return [
            line for line in self.log().splitlines()
            if re.search(r"\b(WARNING|ERROR)\b", line) and "mqtt" in line and not re.search(HARMLESS, line)]
