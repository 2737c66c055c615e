# SPDX-License-Identifier: Apache-2.0
"""Executes the recipes of docs/consumers, and validates publications against the schemas. Called by `Scripts/consumers`."""

import argparse
import contextlib
import json
import pathlib
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timezone

import paho.mqtt.client as mqtt

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parent.parent))  # for shared.py
import recipes
import schemas
import web
from shared import end


class Session:
    """A broker, a bridge, and the published messages."""

    def __init__(self, folder: pathlib.Path, program: list):
        self.folder, self.program = folder, program
        self.stack = contextlib.ExitStack()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.web = probe.getsockname()[1]
        self.messages = []

    def start(self, name: str, command: list) -> subprocess.Popen:
        log = self.stack.enter_context(open(self.folder / f"{name}.log", "wb"))
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.stack.callback(end, process)
        return process

    def wait(self, what: str, condition, seconds: float = 30):
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                sys.exit(f"{what}: not within {seconds:g} s")
            time.sleep(0.05)

    def broker(self):
        configuration = self.folder / "mosquitto.conf"
        configuration.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\n")
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        self.start("mosquitto", [program, "-c", str(configuration)])
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
        self.client.on_message = lambda _, __, message: self.messages.append((message.topic, message.payload))

        def connected() -> bool:
            with contextlib.suppress(OSError):
                return self.client.connect("127.0.0.1", self.port) == 0
            return False

        self.wait("mosquitto", connected)
        self.client.subscribe("#", qos=1)
        self.client.loop_start()
        self.stack.callback(self.client.loop_stop)

    def bridge(self, configuration: dict) -> subprocess.Popen:
        configuration = {"bridge": "pi", "zone": "UTC", "http": self.web, "history": {"file": str(self.folder / "history.db")}, **configuration}
        configuration["broker"] = f"mqtt://127.0.0.1:{self.port}"
        path = self.folder / "bridge.yaml"
        path.write_text(json.dumps(configuration))  # JSON is YAML
        process = self.start("bridge", [*self.program, "run", "--config", str(path)])
        log = self.folder / "bridge.log"
        self.wait("obis-bridge", lambda: "subscribed to" in log.read_text(errors="replace") or process.poll() is not None)
        if process.poll() is not None:
            sys.exit(log.read_text())
        return process

    def send(self, **values):
        """A gPlug's message."""
        now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
        payload = json.dumps({"Time": now, "z": {"SMid": "4142433132", **values}})
        self.client.publish("tele/gPlug1/SENSOR", payload, qos=1).wait_for_publish(10)

    def payload(self, topic: str) -> str:
        found = [payload for name, payload in self.messages if name == topic]
        return found[-1].decode() if found else None


def main():
    parser = argparse.ArgumentParser(
        prog="Scripts/consumers", description="Executes the recipes of docs/consumers and checks publications.")
    parser.add_argument("--bridge", metavar="PROGRAM", required=True, help="the obis-bridge to run")
    parser.add_argument("--publications", metavar="FILE", type=pathlib.Path, help="publications recorded by the tests")
    options = parser.parse_args()
    program = shlex.split(options.bridge)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    faults = []
    with tempfile.TemporaryDirectory(prefix="consumers-") as folder:
        session = Session(pathlib.Path(folder), program)
        with session.stack:
            session.broker()
            faults += recipes.run(session)
            faults += web.run(session.web, schemas.printed(program, "openapi"))
        messages = [(topic, payload, True) for topic, payload in session.messages if topic.startswith("harmonized/")]
    if options.publications:
        for line in options.publications.read_text(encoding="utf-8").splitlines():
            topic, _, payload = line.partition("\t")
            messages.append((topic, bytes.fromhex(payload), True))
    faults += schemas.run(program, messages)
    for fault in faults:
        print(f"  WRONG {fault}")
    print("everything as expected" if not faults else f"{len(faults)} wrong")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
