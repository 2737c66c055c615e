# SPDX-License-Identifier: Apache-2.0
"""Runs the scenarios against a real Home Assistant. Called by `run`."""

import argparse
import contextlib
import os
import pathlib
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime, timezone

import paho.mqtt.client as mqtt

import blueprints
import energy
import entities
import recorder
from home_assistant import HomeAssistant

ALL = {
    "entities": entities.entities, "telegrams": entities.telegrams, "energy": energy.energy, "zero": energy.zero,
    "recorder": recorder.recorder, "blueprints": blueprints.blueprints}


class Failure(Exception):
    pass


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Clock:
    """The time of a session, which may pass faster than the computer's. It starts at a full hour, and at normal speed:
    programs need seconds to start."""

    def __init__(self):
        self.speed = 1
        self.began = time.time()
        self.first = None
        self.files: list[pathlib.Path] = []

    def move(self, first: datetime):
        """Sets the time to `first`, for programs that start later."""
        self.began, self.first = time.time(), first.timestamp()

    def now(self) -> float:
        return time.time() if self.first is None else self.first + (time.time() - self.began) * self.speed

    def sleep(self, seconds: float):
        time.sleep(max(0, seconds) / self.speed)

    def environment(self, file: pathlib.Path, seen: str) -> list[str]:
        """A program's environment for libfaketime; empty when the time is not changed.

        - file: contains the time and its speed; `seen` is its path for the program.
        """
        if self.first is None:
            return []
        self.files.append(file)
        self.write(file)
        return ["TZ=UTC", f"FAKETIME_TIMESTAMP_FILE={seen}", "FAKETIME_NO_CACHE=1", "NO_FAKE_STAT=1"]

    def write(self, file: pathlib.Path):
        """Writes the current time: the library starts counting when it first reads the file, and again when the file has changed."""
        new = file.with_suffix(".new")
        new.write_text(f"@{datetime.fromtimestamp(self.now(), timezone.utc):%Y-%m-%d %H:%M:%S} x{self.speed}")
        new.rename(file)

    def run(self, speed: float):
        """Changes the speed of all running programs."""
        # At a full second, the resolution of the file.
        time.sleep(-self.now() % 1 / self.speed)
        self.first, self.began, self.speed = round(self.now()), time.time(), speed
        for file in self.files:
            self.write(file)


class Session:
    """The processes of one scenario; leaving it ends them."""

    def __init__(self, directory: pathlib.Path, program: str, root: str, version: str):
        self.directory, self.program, self.root, self.version = directory, program, root, version
        self.stack = contextlib.ExitStack()
        self.clock = Clock()
        self.port = free_port()
        self.bridges = 0
        self.failures = 0
        self.meters = []
        self.step = 10

    def start(self, name: str, command: list[str]) -> subprocess.Popen:
        log = self.stack.enter_context(open(self.directory / f"{name}.log", "wb"))
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        self.stack.callback(end, process)
        return process

    def broker(self):
        configuration = self.directory / "mosquitto.conf"
        configuration.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\n")
        program = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
        self.start("mosquitto", [program, "-c", str(configuration)])
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
        self.wait("mosquitto", self.connect_client)
        self.client.loop_start()
        self.stack.callback(self.client.loop_stop)

    def connect_client(self) -> bool:
        try:
            return self.client.connect("127.0.0.1", self.port) == 0
        except OSError:
            return False

    def home(self, extra: str = "") -> HomeAssistant:
        return HomeAssistant(
            self.root, self.version, self.directory / "config", free_port(), self.port, self.start, self.clock, extra)

    @staticmethod
    def free_port() -> int:
        return free_port()

    @property
    def output(self) -> str:
        """The output for the version."""
        year, month = (int(part) for part in self.version.split(".")[:2])
        return "home-assistant" if (year, month) >= (2025, 10) else "home-assistant: {legacy: true}"

    def bridge(self, configuration: str, name: str = "ha") -> subprocess.Popen:
        self.bridges += 1
        path = self.directory / f"bridge{self.bridges}.yaml"
        path.write_text(f"bridge: {name}\nbroker: mqtt://127.0.0.1:{self.port}\nzone: UTC\n{configuration}")
        clock = self.directory / f"clock{self.bridges}"
        moved = self.clock.environment(clock, str(clock))
        if moved:
            # Swift finds a program's arguments by the position of its environment, which the library changes; this way
            # it changes that of `env`. Pauses stay those of the computer: only the time of day is moved.
            moved = ["faketime", "-m", "-f", "+0", "env", "-u", "FAKETIME", *moved, "FAKETIME_DONT_FAKE_MONOTONIC=1", "DONT_FAKE_MONOTONIC=1"]
        process = self.start(f"bridge{self.bridges}", [*moved, *shlex.split(self.program), "run", "--config", str(path)])
        log = self.directory / f"bridge{self.bridges}.log"
        self.wait("obis-bridge", lambda: "subscribed to" in log.read_text(errors="replace"))
        return process

    def run(self, speed: float, home: HomeAssistant):
        """Lets the time pass faster by a factor, and wakes both programs so that they notice at once."""
        self.clock.run(speed)
        self.client.publish("homeassistant/status", "offline", qos=1)
        home.call("get_config")

    # Readers

    def publish(self, topic: str, payload: str):
        self.client.publish(topic, payload, qos=1).wait_for_publish(10)

    def send(self, *meters):
        """Sends one message of each meter now."""
        for meter in meters:
            for topic, payload in meter.messages(self.clock.now()):
                self.publish(topic, payload)

    def live(self, *meters, step: int = 10, offset: int = 4):
        """From now on the meters send every `step` seconds, and never at a full minute."""
        self.meters, self.step, self.offset = list(meters), step, offset
        self.paused, self.quiet = threading.Event(), threading.Event()
        ended = threading.Event()
        thread = threading.Thread(target=self.feed, args=(ended,), daemon=True)
        thread.start()
        self.stack.callback(ended.set)

    def feed(self, ended: threading.Event):
        moment = self.clock.now() // self.step * self.step + self.offset
        while not ended.is_set():
            rest = moment - self.clock.now()
            if rest > 0:
                # In short steps: the speed may change.
                time.sleep(min(rest / self.clock.speed, 0.2))
                continue
            if self.paused.is_set():
                self.quiet.set()
                time.sleep(0.05)
                moment = self.clock.now() // self.step * self.step + self.offset
                continue
            for meter in self.meters:
                for topic, payload in meter.messages(moment):
                    self.client.publish(topic, payload, qos=1)
            moment += self.step

    @contextlib.contextmanager
    def pause(self):
        """Lets a test change meters between two messages."""
        self.quiet.clear()
        self.paused.set()
        self.quiet.wait(30)
        yield
        self.paused.clear()

    # Judging

    def wait(self, what: str, condition, seconds: float = 30):
        deadline = time.monotonic() + seconds
        while not (found := condition()):
            if time.monotonic() > deadline:
                raise Failure(f"{what}: not within {seconds:g} s")
            time.sleep(0.1)
        return found

    def expect(self, what: str, found, wanted):
        if found == wanted:
            print(f"  ok    {what}: {found}", flush=True)
        else:
            self.failures += 1
            print(f"  WRONG {what}: {found}, not {wanted}", flush=True)

    def eventually(self, what: str, value, wanted, seconds: float = 30):
        deadline = time.monotonic() + seconds
        while (found := value()) != wanted and time.monotonic() < deadline:
            time.sleep(0.2)
        self.expect(what, found, wanted)

    def boundary(self):
        """Waits for the next statistics, which are computed every five minutes, ten seconds later."""
        now = self.clock.now()
        self.clock.sleep(300 - now % 300 + 25)
        time.sleep(1)


def end(process: subprocess.Popen):
    """Ends a process and its children: faketime stays beside its program."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def main():
    parser = argparse.ArgumentParser(
        prog="Scripts/home-assistant/run", description="Judges what a real Home Assistant makes of the bridge's meters.")
    parser.add_argument("--root", required=True, help="the system that it is installed in")
    parser.add_argument("--version", required=True, help="of Home Assistant")
    parser.add_argument("--bridge", metavar="PROGRAM", required=True, help="the obis-bridge to run")
    parser.add_argument("--keep", metavar="FOLDER", type=pathlib.Path, help="keep logs and configurations")
    parser.add_argument("scenario", nargs="*", choices=[*ALL, []], help="all of them unless told")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    failures = 0
    if not (pathlib.Path(options.root) / "home-assistant" / options.version / "complete").exists():
        with tempfile.TemporaryDirectory(prefix="home-assistant-") as folder:
            session = Session(pathlib.Path(folder), options.bridge, options.root, options.version)
            with session.stack:
                session.broker()
                session.home().install()
    print(f"Home Assistant {options.version}")
    for name in options.scenario or ALL:
        print(f"{name}: {ALL[name].__doc__.strip().splitlines()[0]}", flush=True)
        with tempfile.TemporaryDirectory(prefix="home-assistant-") as folder:
            session = Session(pathlib.Path(folder), options.bridge, options.root, options.version)
            try:
                with session.stack:
                    session.broker()
                    ALL[name](session)
            except Failure as failure:
                print(f"  WRONG {failure}")
                session.failures += 1
            finally:
                if options.keep:
                    shutil.copytree(folder, options.keep / name, symlinks=True, ignore=shutil.ignore_patterns(".cache"), dirs_exist_ok=True)
            failures += session.failures
    print("everything as expected" if failures == 0 else f"{failures} wrong")
    return 0 if failures == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
