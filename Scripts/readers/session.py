# SPDX-License-Identifier: Apache-2.0
"""Lets `discover` configure the bridge for real reader programs and compares its publications. Called by `Scripts/reader-programs`."""

import argparse
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import tty
from datetime import datetime

scripts = pathlib.Path(__file__).resolve().parent.parent
sys.path += [str(scripts), str(scripts / "frames"), str(scripts / "smartmeter-datacollector")]
import encoding  # noqa: E402
import frames  # noqa: E402
import radio  # noqa: E402
from shared import end  # noqa: E402

# Written out, so that no zone data is needed: Europe/Zurich.
ZONE = "CET-1CEST,M3.5.0,M10.5.0/3"
SERVER_OF_SML2MQTT = b"\x0a\x01MUP\x00\x00\x00\x00\x51"
SERVER_OF_VZLOGGER = b"\x0a\x01MUP\x00\x00\x00\x00\x52"
WATER, HEAT, ELECTRICITY = "61728394", "61728395", "61728396"


class Failure(Exception):
    pass


def low_byte_first(data):
    """The checksum of SML as sent by meters, which libsml requires."""
    return int.from_bytes(encoding.crc16(data).to_bytes(2, "little"), "big")


class Meter:
    """A meter on a pseudo terminal: the result of `frame` is written to it every `interval` seconds."""

    def __init__(self, folder, name, interval, frame):
        self.near, far = os.openpty()
        tty.setraw(far)
        self.path = folder / f"tty-{name}"
        self.path.symlink_to(os.ttyname(far))
        self.interval, self.frame = interval, frame
        self.ends = threading.Event()
        self.thread = threading.Thread(target=self.play, daemon=True)

    def play(self):
        number = 0
        while not self.ends.wait(self.interval):
            os.write(self.near, self.frame(number))
            number += 1


class Session:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.processes, self.meters = [], []
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.start("mosquitto", [
            shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin"), "-c",
            self.file("mosquitto.conf", f"listener {self.port} 127.0.0.1\nallow_anonymous true\n")])
        time.sleep(1)

    def file(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def start(self, name, command, **environment):
        log = open(self.folder / f"{name}.log", "ab")
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, env={**os.environ, **environment})
        self.processes.append(process)
        return process

    def meter(self, name, interval, frame):
        meter = Meter(self.folder, name, interval, frame)
        self.meters.append(meter)
        return meter.path

    def end(self):
        for meter in self.meters:
            meter.ends.set()
        for process in reversed(self.processes):
            end(process)

    # The programs. Each returns the expected publications: registers by the meter's id, with the possible values.

    def sml2mqtt(self):
        def frame(number):
            return encoding.sml_file(SERVER_OF_SML2MQTT, [
                encoding.sml_entry("1-0:96.1.0", b"\x0b" + SERVER_OF_SML2MQTT),
                encoding.sml_entry("1-0:1.8.0", encoding.sml_number(123456789 + 5 * number, 8), "Wh", -1),
                encoding.sml_entry("1-0:2.8.0", encoding.sml_number(2345671, 8), "Wh", -1),
                encoding.sml_entry("1-0:16.7.0", encoding.sml_number(-512 + number % 7, 4, True), "W", 0)], low_byte_first)

        path = self.meter("sml2mqtt", 1, frame)
        configuration = self.file(
            "config.yml",
            f"logging: {{level: INFO, file: stdout}}\nmqtt:\n  connection: {{identifier: s2m, host: 127.0.0.1, port: {self.port}, user: '', password: ''}}\n"
            "  topic prefix: sml2mqtt\n  defaults: {qos: 0, retain: false}\n  last will: {topic: status}\n"
            f"general: {{Wh in kWh: true, republish after: 10}}\ninputs:\n- {{type: serial, url: {path}, timeout: 6}}\ndevices: {{}}\n")
        self.start("sml2mqtt", [pathlib.Path(sys.executable).parent / "sml2mqtt", "-c", configuration])
        return {SERVER_OF_SML2MQTT.hex(): {
            "1-0:1.8.0": (12345.6, 12346.5), "1-0:2.8.0": (234.5671, 234.5671), "1-0:16.7.0": (-512, -500)}}

    def collector(self):
        for index, meter in enumerate(frames.METERS[:2]):
            def frame(number, meter=meter):
                now = datetime.now().astimezone()
                now = now.replace(microsecond=now.microsecond // 10_000 * 10_000 if meter.sends_offset else 0)
                return frames.encoded(frames.telegram(meter, number, now), number + 1)

            path = self.meter(meter.name, 5, frame)
            with open(self.folder / "collector.ini", "a", encoding="utf-8") as file:
                file.write(f"[reader{index}]\ntype = {meter.kind}\nport = {path}\n\n")
        with open(self.folder / "collector.ini", "a", encoding="utf-8") as file:
            file.write(f"[sink0]\ntype = mqtt\nhost = 127.0.0.1\nport = {self.port}\n\n[logging]\ndefault = INFO\n")
        self.start(
            "smartmeter-datacollector",
            [sys.executable, "-m", "smartmeter_datacollector", "-c", self.folder / "collector.ini"], TZ=ZONE)
        return {meter.id: {"1-0:1.8.0": (482939, 482941), "1-0:1.7.0": (2400, 2500)} for meter in frames.METERS[:2]}

    def vzlogger(self, program, topic, protocol, frame, registers):
        path = self.meter(topic, 2, frame)
        serial = {"baudrate": 9600, "parity": "8n1"} if protocol == "sml" else {"baudrate": 9600, "parity": "7e1", "read_timeout": 10}
        channels = [
            {"uuid": f"{index:08x}-0000-4000-8000-00000000{len(topic):04x}", "identifier": code, "api": "null"}
            for index, code in enumerate(registers)]
        configuration = self.file(f"{topic}.conf", json.dumps({
            "retry": 5, "verbosity": 5, "log": str(self.folder / f"{topic}.out"), "local": {"enabled": False},
            "mqtt": {
                "enabled": True, "host": "127.0.0.1", "port": self.port, "keepalive": 30, "topic": topic, "id": topic,
                "retain": True, "rawAndAgg": False, "qos": 0, "timestamp": False},
            "meters": [{"enabled": True, "protocol": protocol, "device": str(path), "channels": channels, **serial}]}))
        self.start(topic, [program, "-f", "-c", configuration])

    def vzlogger_sml(self, program):
        def frame(number):
            return encoding.sml_file(SERVER_OF_VZLOGGER, [
                encoding.sml_entry("1-0:96.1.0", b"\x0b" + SERVER_OF_VZLOGGER),
                encoding.sml_entry("1-0:1.8.0", encoding.sml_number(87654321 + 10 * number, 8), "Wh", -1),
                encoding.sml_entry("1-0:16.7.0", encoding.sml_number(733 + number % 5, 4, True), "W", 0)], low_byte_first)

        self.vzlogger(program, "vzlogger", "sml", frame, ["1-0:1.8.0", "1-0:16.7.0"])
        return {"vzlogger": {"1-0:1.8.0": (8765.4, 8765.7), "1-0:16.7.0": (733, 738)}}

    def vzlogger_d0(self, program):
        def frame(number):
            lines = [
                "/MUP5Q3BA1004 V1.1", "", "1-0:0.0.0*255(1091042)", f"1-0:1.8.0*255({4321.9876 + number / 10000:013.4f}*kWh)",
                f"1-0:1.7.0*255({0.4215 + number % 5 / 1000:.4f}*kW)", "!"]
            return ("\r\n".join(lines) + "\r\n").encode()

        self.vzlogger(program, "ferraris", "d0", frame, ["1-0:1.8.0", "1-0:1.7.0"])
        return {"ferraris": {"1-0:1.8.0": (4321.9, 4322.1), "1-0:1.7.0": (421, 426)}}

    def wmbusmeters(self, program):
        shell = f'mosquitto_pub -h 127.0.0.1 -p {self.port} -t "wmbusmeters/$METER_NAME" -m "$METER_JSON"'

        def play():
            number = 0
            while not self.ends.wait(4):
                number += 1
                path = self.file("simulation_radio.txt", "".join(f"telegram=|{telegram}|\n" for telegram in (
                    radio.water(WATER, 6388 + number), radio.heat(HEAT, 5249, 12050 + number),
                    radio.electricity(ELECTRICITY, 15694050 + number, 330))))
                self.start("wmbusmeters", [
                    program, "--format=json", f"--shell={shell}", path, "Water", "iperl", WATER, "NOKEY", "Heat", "kamheat", HEAT,
                    "NOKEY", "House", "amiplus", ELECTRICITY, "NOKEY"]).wait(20)

        self.ends = threading.Event()
        meter = type("Radio", (), {"ends": self.ends, "thread": threading.Thread(target=play, daemon=True)})
        self.meters.append(meter)
        return {
            WATER: {"8-0:1.0.0": (6.388, 6.5)}, HEAT: {"6-0:1.0.0": (5249, 5249), "6-0:2.0.0": (120.5, 121)},
            ELECTRICITY: {"1-0:1.8.0": (15694.05, 15694.2), "1-0:1.7.0": (330, 330)}}

    # The bridge.

    def discover(self):
        path = self.folder / "sources.yaml"
        found = subprocess.run(
            [self.options.bridge, "discover", "--broker", f"mqtt://127.0.0.1:{self.port}", "--for", "30s", "--wait", "0s", "--write", path],
            capture_output=True, text=True, check=False)
        (self.folder / "discover.log").write_text(found.stdout + found.stderr)
        if found.returncode != 0:
            raise Failure(f"discover ended with {found.returncode}:\n{found.stdout}{found.stderr}")
        return path.read_text()

    def run(self, sources, expected):
        configuration = self.file(
            "bridge.yaml", f"bridge: programs\nbroker: mqtt://127.0.0.1:{self.port}\nzone: Europe/Zurich\n{sources}")
        subprocess.run([self.options.bridge, "check", "--config", configuration], check=True, capture_output=True)
        readings = self.folder / "readings.jsonl"
        with open(readings, "wb") as file:
            self.processes.append(subprocess.Popen(
                ["mosquitto_sub", "-p", str(self.port), "-t", "harmonized/v1/meter/+/reading"], stdout=file))
        self.start("bridge", [self.options.bridge, "run", "--config", configuration])
        deadline = time.monotonic() + 60
        missing = ["everything"]
        while missing and time.monotonic() < deadline:
            time.sleep(1)
            found = {}
            for line in readings.read_text().splitlines():
                try:
                    reading = json.loads(line)
                except ValueError:
                    continue
                found.setdefault(reading["meter"], {}).update(
                    {code: register["value"] for code, register in reading["registers"].items()})
            missing = [
                f"{meter} {code}: {found.get(name(meter, found), {}).get(code)}, not {low} to {high}"
                for meter, registers in expected.items() for code, (low, high) in registers.items()
                if not low <= found.get(name(meter, found), {}).get(code, -1e9) <= high]
        others = [meter for meter in found if meter not in {name(meter, found) for meter in expected}]
        if missing or others:
            raise Failure("\n".join(missing + [f"a meter that nobody has: {meter}" for meter in others]))
        for meter, registers in expected.items():
            values = ", ".join(f"{code} {found[name(meter, found)][code]}" for code in registers)
            print(f"  {meter}: {values}")


def name(meter, found):
    """The bridge's name for a meter: its id in lower case."""
    word = re.sub(r"[^a-z0-9]+", "-", meter.lower())
    return next((other for other in found if other == word or other.startswith(word + "-")), word)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bridge", required=True)
    parser.add_argument("--vzlogger")
    parser.add_argument("--vzlogger-d0")
    parser.add_argument("--wmbusmeters")
    parser.add_argument("--keep")
    options = parser.parse_args()
    # The meters' clocks.
    os.environ["TZ"] = ZONE
    time.tzset()
    options.bridge = os.path.abspath(options.bridge)
    folder = pathlib.Path(options.keep or tempfile.mkdtemp(prefix="reader-programs-"))
    folder.mkdir(parents=True, exist_ok=True)
    session = Session(options, folder)
    try:
        expected = {**session.sml2mqtt(), **session.collector()}
        programs = ["sml2mqtt", "smartmeter-datacollector"]
        for label, program, make in [
                ("vzlogger (SML)", options.vzlogger, session.vzlogger_sml), ("vzlogger (D0)", options.vzlogger_d0, session.vzlogger_d0),
                ("wmbusmeters", options.wmbusmeters, session.wmbusmeters)]:
            if program:
                expected.update(make(program))
                programs.append(label)
        for meter in session.meters:
            meter.thread.start()
        time.sleep(5)
        sources = session.discover()
        print(f"discover on {', '.join(programs)} wrote:\n{sources}")
        session.run(sources, expected)
        print(f"{len(expected)} meters of {len(programs)} programs: every register right")
        return 0
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    finally:
        session.end()
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
