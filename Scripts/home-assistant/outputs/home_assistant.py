# SPDX-License-Identifier: Apache-2.0
"""A Home Assistant of its own: configuration, process, and its websocket API."""

import json
import pathlib
import subprocess
import sys
import time
import urllib.parse
import urllib.request

import websocket

CONFIGURATION = """\
homeassistant:
  auth_providers: [{{type: homeassistant}}]
http: {{server_host: 127.0.0.1, server_port: {port}}}
recorder: {{commit_interval: 1}}
logger: {{default: warning, logs: {{homeassistant.components.mqtt: info}}}}
energy:
history:
"""


class HomeAssistant:
    def __init__(self, directory: pathlib.Path, port: int, broker: int, start):
        self.directory, self.port, self.start_process = directory, port, start
        (directory / ".storage").mkdir(parents=True)
        (directory / "configuration.yaml").write_text(CONFIGURATION.format(port=port))
        entry = {
            "entry_id": "mqtt1", "domain": "mqtt", "title": "broker", "version": 1, "minor_version": 2,
            "data": {"broker": "127.0.0.1", "port": broker, "discovery": True, "discovery_prefix": "homeassistant"},
            "options": {}, "source": "user", "unique_id": None, "disabled_by": None, "pref_disable_new_entities": False,
            "pref_disable_polling": False, "discovery_keys": {}, "subentries": [],
            "created_at": "2026-01-01T00:00:00+00:00", "modified_at": "2026-01-01T00:00:00+00:00"}
        (directory / ".storage/core.config_entries").write_text(json.dumps(
            {"version": 1, "minor_version": 5, "key": "core.config_entries", "data": {"entries": [entry]}}))
        (directory / ".storage/onboarding").write_text(json.dumps(
            {"version": 4, "minor_version": 1, "key": "onboarding",
             "data": {"done": ["user", "core_config", "analytics", "integration"]}}))
        subprocess.run(
            [sys.executable, "-m", "homeassistant", "--script", "auth", "-c", str(directory), "add", "bench", "benchpass"],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.number = 0
        self.launches = 0

    @staticmethod
    def version() -> str:
        from homeassistant.const import __version__
        return __version__

    def launch(self):
        self.launches += 1
        self.process = self.start_process(
            f"hass{self.launches}", [sys.executable, "-m", "homeassistant", "-c", str(self.directory), "--skip-pip"])
        self.socket = None
        deadline = time.monotonic() + 180
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
        self.process.wait(60)

    def post(self, path: str, body: bytes, kind: str) -> dict:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", data=body, headers={"Content-Type": kind})
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
        channel = websocket.create_connection(f"ws://127.0.0.1:{self.port}/api/websocket", timeout=30)
        channel.recv()
        channel.send(json.dumps({"type": "auth", "access_token": token}))
        if json.loads(channel.recv())["type"] != "auth_ok":
            raise ValueError("not logged in")
        self.socket = channel

    def call(self, kind: str, **arguments):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "type": kind, **arguments}))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == self.number and answer["type"] == "result":
                if not answer["success"]:
                    raise RuntimeError(f"{kind}: {answer['error']}")
                return answer["result"]

    def states(self) -> dict:
        return {state["entity_id"]: state for state in self.call("get_states")}

    def devices(self) -> dict:
        """By identifier."""
        return {
            identifier[1]: device for device in self.call("config/device_registry/list")
            for identifier in device["identifiers"] if identifier[0] == "mqtt"}

    def sum(self, entity: str) -> list:
        rows = self.call(
            "recorder/statistics_during_period", start_time="2020-01-01T00:00:00+00:00", period="5minute",
            statistic_ids=[entity], types=["sum", "state", "change"])
        return rows.get(entity, [])

    def log(self) -> str:
        return (self.directory / "home-assistant.log").read_text(errors="replace")
