# SPDX-License-Identifier: Apache-2.0
"""Runs smartmeter-datacollector on made-up meters, with a broker of its own. Called by `Scripts/collector`."""

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
import tty
from datetime import datetime

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parent.parent))  # for shared.py
import compare
import frames
import rl_dsp
from shared import end

# Written out, so that no zone data need be installed: Europe/Zurich.
ZONE = "CET-1CEST,M3.5.0,M10.5.0/3"
SOURCES = ["registers", "bundle"]


class Failure(Exception):
    pass


class Session:
    """The processes of one run. Leaving the context always ends them and removes their files."""

    def __init__(self, directory: pathlib.Path):
        self.directory = directory
        self.stack = contextlib.ExitStack()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def start(self, name: str, command: list, **environment) -> subprocess.Popen:
        """Starts a process whose output goes to NAME.out and NAME.log."""
        out = self.stack.enter_context(open(self.directory / f"{name}.out", "wb"))
        log = self.stack.enter_context(open(self.directory / f"{name}.log", "wb"))
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=log, env={**os.environ, **environment})
        self.stack.callback(end, process)
        return process

    def text(self, file: str) -> str:
        return (self.directory / file).read_text(encoding="utf-8", errors="replace")

    def wait(self, what: str, condition, seconds: float, process: subprocess.Popen = None, name: str = ""):
        deadline = time.monotonic() + seconds
        while not condition():
            ended = process is not None and process.poll() is not None
            if ended or time.monotonic() > deadline:
                detail = (self.text(f"{name}.out") + self.text(f"{name}.log"))[-2000:] if name else ""
                raise Failure(f"{what}: {'it ended' if ended else f'not within {seconds:g} s'}\n{detail}".rstrip())
            time.sleep(0.05)

    def broker(self):
        configuration = self.directory / "mosquitto.conf"
        configuration.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\n")
        program = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
        if not program or not shutil.which("mosquitto_sub"):
            raise Failure("mosquitto and mosquitto_sub are needed: apt install mosquitto mosquitto-clients")
        process = self.start("mosquitto", [program, "-c", str(configuration)])
        self.wait("mosquitto", lambda: "running" in self.text("mosquitto.log"), 5, process, "mosquitto")

    def clients(self) -> int:
        return self.text("mosquitto.log").count("New client connected")

    def subscriber(self, name: str, topics: list, layout: str):
        """Records the messages of some topics in NAME.out, one per line."""
        filters = [word for topic in topics for word in ("-t", topic)]
        before = self.clients()
        process = self.start(
            name, ["mosquitto_sub", "-p", str(self.port), "-q", "1", "-F", layout, *filters])
        self.wait(f"subscriber {name}", lambda: self.clients() > before, 5, process, name)

    def meters(self) -> dict:
        """A pseudo-terminal for each meter; bytes written to its near end arrive at the collector's serial port."""
        ports = {}
        for meter in frames.METERS:
            near, far = os.openpty()
            tty.setraw(far)
            self.stack.callback(os.close, near)
            self.stack.callback(os.close, far)  # held open, so that a missing collector is not an error
            path = self.directory / f"tty-{meter.name}"
            path.symlink_to(os.ttyname(far))
            ports[meter.name] = (near, path)
        return ports

    def collector(self, ports: dict):
        lines = []
        for index, meter in enumerate(frames.METERS):
            lines += [f"[reader{index}]", f"type = {meter.kind}", f"port = {ports[meter.name][1]}", ""]
        for index, sink in enumerate(["mqtt", "mqttrldsp"]):
            lines += [f"[sink{index}]", f"type = {sink}", "host = 127.0.0.1", f"port = {self.port}", ""]
        lines += ["[logging]", "default = INFO", "collector = INFO", "smartmeter = INFO", "sink = INFO"]
        configuration = self.directory / "collector.ini"
        configuration.write_text("\n".join(lines) + "\n")
        before = self.clients()
        # Runs the module instead of the installed program, whose #! line may be too long.
        process = self.start(
            "collector", [sys.executable, "-m", "smartmeter_datacollector", "-c", str(configuration)], TZ=ZONE)
        self.wait("smartmeter-datacollector", lambda: self.clients() >= before + 2, 20, process, "collector")

    def bridge(self, program: str):
        configuration = self.directory / "bridge.yaml"
        configuration.write_text(
            "bridge: collector\n"
            f'broker: {{url: "mqtt://127.0.0.1:{self.port}", client_id: obis-bridge-collector}}\n'
            "zone: Europe/Zurich\n"
            "sources:\n"
            "  registers: {adapter: smartmeter-datacollector, subscribe: smartmeter/#}\n"
            "  bundle: {adapter: smartmeter-datacollector, subscribe: dt/building/#}\n"
            "outputs: [harmonized]\n")
        self.subscriber("status", ["harmonized/v1/bridge/collector/status"], "%p")
        self.subscriber("readings", ["harmonized/v1/meter/+/reading"], "%p")
        process = self.start("bridge", [*shlex.split(program), "run", "--config", str(configuration)])
        self.wait("obis-bridge", lambda: "online" in self.text("status.out"), 20, process, "bridge")

    def rl_dsp_bridge(self, program: str, source: str, subscribe: str):
        """A bridge that creates RL-DSP bundles again from one of the collector's two sinks, without repairs."""
        configuration = self.directory / f"rl-dsp-{source}.yaml"
        configuration.write_text(
            f"bridge: rl-dsp-{source}\n"
            f'broker: {{url: "mqtt://127.0.0.1:{self.port}", client_id: obis-bridge-{source}}}\n'
            "zone: Europe/Zurich\n"
            f"sources:\n  {source}: {{adapter: smartmeter-datacollector, subscribe: {subscribe}}}\n"
            f"profile: {{extends: rl-dsp, topics: {{root: {source}/v1}}}}\n"
            f"outputs: [rl-dsp: {{group: {source}}}]\n")
        process = self.start(f"rl-dsp-{source}", [*shlex.split(program), "run", "--config", str(configuration)])
        self.wait(
            "obis-bridge for RL-DSP", lambda: "subscribed to" in self.text(f"rl-dsp-{source}.log"), 20, process,
            f"rl-dsp-{source}")

    def play(self, ports: dict, count: int, interval: float) -> list:
        """Lets every meter push `count` telegrams, and returns their contents."""
        expected = []
        for index in range(count):
            for meter in frames.METERS:
                now = datetime.now().astimezone()
                now = now.replace(microsecond=now.microsecond // 10_000 * 10_000 if meter.sends_offset else 0)
                telegram = frames.telegram(meter, index, now)
                near, path = ports[meter.name]
                os.write(near, frames.encoded(telegram, index + 1))
                registers = {code: (str(value), unit) for code, _, value, unit in telegram.registers}
                expected.append(
                    {"id": meter.id, "port": str(path), "time": now.isoformat(), "registers": registers})
            if index + 1 < count:
                time.sleep(interval)
        with open(self.directory / "expected.out", "w", encoding="utf-8") as file:
            file.writelines(json.dumps(telegram) + "\n" for telegram in expected)
        return expected


def run(options, session: Session):
    session.broker()
    session.subscriber("raw", ["smartmeter/#", "dt/building/#"], "%U\t%t\t%p")
    ports = session.meters()
    if options.bridge:
        session.bridge(options.bridge)
        session.subscriber("bundles", ["dt/+/+/ds"], "%t\t%p")
        session.rl_dsp_bridge(options.bridge, "registers", "smartmeter/#")
        session.rl_dsp_bridge(options.bridge, "bundle", "dt/building/#")
    session.collector(ports)
    expected = session.play(ports, options.telegrams, options.interval)

    # A message for each register and one for all of them together.
    messages = sum(len(telegram["registers"]) + 1 for telegram in expected)
    session.wait(
        f"{messages} messages from smartmeter-datacollector",
        lambda: session.text("raw.out").count("\n") >= messages, 15)
    print(f"smartmeter-datacollector published {messages} messages for {len(expected)} telegrams")
    if options.bridge:
        judge(session, expected)
        judge_bundles(session)
    if options.command:
        environment = {**os.environ, "COLLECTOR_BROKER_PORT": str(session.port)}
        if subprocess.run(options.command, env=environment, check=False).returncode != 0:
            raise Failure("the command failed")


def judge(session: Session, expected: list):
    """Waits until the readings are right, or until a time limit."""
    path = str(session.directory / "readings.out")
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline and len(compare.lines(path)) < len(SOURCES) * len(expected):
        time.sleep(0.2)
    time.sleep(0.5)  # for unexpected readings
    found = compare.faults(expected, compare.lines(path), SOURCES)
    if found:
        raise Failure("\n".join(found + [session.text("bridge.log")[-2000:]]))
    print(f"{len(expected)} telegrams came out the same from both sinks, every register as it was sent")


def judge_bundles(session: Session):
    """The bundles made from either sink must be the collector's own, as JSON numbers."""
    deadline = time.monotonic() + 15
    counts, found = rl_dsp.faults(session.text("bundles.out"))
    while found and time.monotonic() < deadline:
        time.sleep(0.3)
        counts, found = rl_dsp.faults(session.text("bundles.out"))
    if found:
        raise Failure("\n".join(found + [session.text("rl-dsp-registers.log")[-1000:]]))
    print(f"RL-DSP bundles equal to the collector's own: {counts}")


def main():
    parser = argparse.ArgumentParser(
        prog="Scripts/collector", description="Runs smartmeter-datacollector on made-up meters.")
    parser.add_argument("--bridge", metavar="PROGRAM", help="run obis-bridge and compare the readings of both sinks")
    parser.add_argument("--record", metavar="FOLDER", type=pathlib.Path, help="keep the messages and what was expected")
    parser.add_argument("--telegrams", metavar="N", type=int, default=4, help="telegrams of each meter (4)")
    parser.add_argument("--interval", metavar="S", type=float, default=1.1, help="seconds between them (1.1)")
    parser.add_argument("command", nargs="*", help="run at the end, with COLLECTOR_BROKER_PORT in its environment")
    options = parser.parse_args()

    os.environ["TZ"] = ZONE
    time.tzset()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # unwinds, so that no process is left running
    with tempfile.TemporaryDirectory(prefix="collector-") as folder:
        session = Session(pathlib.Path(folder))
        try:
            with session.stack:
                run(options, session)
        except Failure as failure:
            print(failure, file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            return 130
        finally:
            if options.record:
                options.record.mkdir(parents=True, exist_ok=True)
                for file in pathlib.Path(folder).glob("*.out"):
                    shutil.copy(file, options.record)
    return 0


if __name__ == "__main__":
    sys.exit(main())
