# SPDX-License-Identifier: Apache-2.0
"""Judges what a real Home Assistant makes of the bridge's meters. Called by `run`."""

import argparse
import contextlib
import json
import os
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

import scenarios
from home_assistant import HomeAssistant


class Failure(Exception):
    pass


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Session:
    """The processes of one run; leaving it ends them."""

    def __init__(self, directory: pathlib.Path, program: str):
        self.directory, self.program = directory, program
        self.stack = contextlib.ExitStack()
        self.port = free_port()
        self.received = {}
        self.bridges = 0
        self.failures = 0

    def start(self, name: str, command: list) -> subprocess.Popen:
        log = self.stack.enter_context(open(self.directory / f"{name}.log", "wb"))
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.stack.callback(end, process)
        return process

    def broker(self):
        configuration = self.directory / "mosquitto.conf"
        configuration.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\n")
        program = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
        self.start("mosquitto", [program, "-c", str(configuration)])
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
        self.client.on_message = lambda _, __, message: self.received.update({message.topic: message.payload.decode()})
        self.wait("mosquitto", self.connect_client)
        self.client.subscribe("#", qos=1)
        self.client.loop_start()
        self.stack.callback(self.client.loop_stop)

    def connect_client(self) -> bool:
        try:
            return self.client.connect("127.0.0.1", self.port) == 0
        except OSError:
            return False

    def bridge(self, configuration: str) -> subprocess.Popen:
        self.bridges += 1
        path = self.directory / f"bridge{self.bridges}.yaml"
        path.write_text(f"bridge: ha\nbroker: mqtt://127.0.0.1:{self.port}\nzone: UTC\n{configuration}")
        process = self.start(f"bridge{self.bridges}", [*shlex.split(self.program), "run", "--config", str(path)])
        log = self.directory / f"bridge{self.bridges}.log"
        self.wait("obis-bridge", lambda: "subscribed to" in log.read_text(errors="replace"))
        return process

    def publish(self, topic: str, payload):
        text = payload if isinstance(payload, str) else json.dumps(payload)
        self.client.publish(topic, text, qos=1).wait_for_publish(10)

    def reading(self, serial: str, topic: str = "tele/gPlug1/SENSOR", **values):
        """What a gPlug sends, with the time of this moment."""
        now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
        self.publish(topic, {"Time": now, "z": {"SMid": serial.encode().hex(), **values}})

    def wait(self, what: str, condition, seconds: float = 30):
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise Failure(f"{what}: not within {seconds:g} s")
            time.sleep(0.1)

    def expect(self, what: str, found, wanted):
        if found == wanted:
            print(f"  ok    {what}: {found}")
        else:
            self.failures += 1
            print(f"  WRONG {what}: {found}, not {wanted}")

    def eventually(self, what: str, value, wanted, seconds: float = 20):
        deadline = time.monotonic() + seconds
        while (found := value()) != wanted and time.monotonic() < deadline:
            time.sleep(0.2)
        self.expect(what, found, wanted)


def end(process: subprocess.Popen):
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def main():
    parser = argparse.ArgumentParser(
        prog="Scripts/home-assistant/outputs/run", description="Judges what a real Home Assistant makes of the bridge's meters.")
    parser.add_argument("--bridge", metavar="PROGRAM", required=True, help="the obis-bridge to run")
    parser.add_argument("--keep", metavar="FOLDER", type=pathlib.Path, help="keep logs and configurations")
    parser.add_argument("scenario", nargs="*", choices=[*scenarios.ALL, []], help="all of them unless told")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    failures = 0
    print(f"Home Assistant {HomeAssistant.version()}, Python {sys.version.split()[0]}")
    for name in options.scenario or scenarios.ALL:
        print(f"{name}: {scenarios.ALL[name].__doc__}")
        with tempfile.TemporaryDirectory(prefix="home-assistant-") as folder:
            session = Session(pathlib.Path(folder), options.bridge)
            try:
                with session.stack:
                    session.broker()
                    home = HomeAssistant(session.directory / "config", free_port(), session.port, session.start)
                    scenarios.ALL[name](session, home)
            except Failure as failure:
                print(f"  WRONG {failure}")
                session.failures += 1
            finally:
                if options.keep:
                    shutil.copytree(folder, options.keep / name, dirs_exist_ok=True)
            failures += session.failures
    print("everything as expected" if failures == 0 else f"{failures} wrong")
    return 0 if failures == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
