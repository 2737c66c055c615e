# SPDX-License-Identifier: Apache-2.0
"""Plays three meters on pseudo terminals to a running bridge and compares its publications with the sent values."""

import argparse
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import tty
from datetime import datetime, timedelta, timezone

from encoding import array, ciphered, clock, mbus, notification, obis, octets, scaled, sml_entry, sml_file, sml_number, structure, text, u32

KEY = bytes.fromhex("A0A1A2A3A4A5A6A7A8A9AAABACADAEAF")
AUTH = bytes.fromhex("B0B1B2B3B4B5B6B7B8B9BABBBCBDBEBF")
TITLE = b"MUP" + bytes.fromhex("0000000042")


def power(number):
    """A value that distinguishes one frame from the next ones."""
    return 100 + number % 4999


def energy(number):
    """Wh: the approximate consumption of a house with such powers."""
    return 10_000_000 + number * 7


def crc16_arc(data):
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc


def dlms_frame(number, moment):
    stamp = clock(moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second, 0)
    values = array(
        structure(octets(obis("0-0:96.1.0")), text("MUP0000000000042")),
        scaled("1-0:1.7.0", u32(power(number)), 0, "W"), scaled("1-0:2.7.0", u32(0), 0, "W"),
        scaled("1-0:1.8.0", u32(energy(number)), 0, "Wh"), scaled("1-0:2.8.0", u32(0), 0, "Wh"))
    message = ciphered(notification(values, stamp), KEY, AUTH, TITLE, 1000 + number)
    return b"".join(mbus(message, 100))


def sml_frame(number, _):
    server = b"\x0a\x01MUP\x00\x00\x00\x00\x43"
    return sml_file(server, [
        sml_entry("1-0:96.1.0", b"\x0b" + server), sml_entry("1-0:1.8.0", sml_number(energy(number), 8), "Wh", 0),
        sml_entry("1-0:16.7.0", sml_number(power(number), 4, True), "W", 0)])


def p1_frame(number, moment):
    lines = [
        "/MUP5\\made up", "", "1-3:0.2.8(50)", f"0-0:1.0.0({moment:%y%m%d%H%M%S}W)",
        "0-0:96.1.1(4D555030303030303030303030343434)", f"1-0:1.8.0({energy(number) / 1000:010.3f}*kWh)",
        f"1-0:1.7.0({power(number) / 1000:06.3f}*kW)", "1-0:2.7.0(00.000*kW)", "1-0:32.7.0(230.1*V)", "!"]
    body = "\r\n".join(lines).encode()
    return body + f"{crc16_arc(body):04X}\r\n".encode()


class Line:
    """A meter on a pseudo terminal."""

    def __init__(self, folder, name, baud, form, bits, every, make, register):
        self.name, self.baud, self.form, self.bits, self.every = name, baud, form, bits, every
        self.make, self.register = make, register
        self.path = f"{folder}/{name}"
        self.master, slave = os.openpty()
        tty.setraw(slave)
        os.symlink(os.ttyname(slave), self.path)
        os.close(slave)
        self.sent = []

    def frame(self, number, moment):
        self.sent.append(power(number))
        return self.make(number, moment)

    def write(self, data):
        while data:
            data = data[os.write(self.master, data):]

    def play(self, until, rng, first):
        """Chunks like those of a serial adapter, with the pauses at the line speed."""
        number = first
        due = time.monotonic()
        while time.monotonic() < until:
            data = self.frame(number, datetime.now(timezone.utc))
            while data:
                count = rng.choice([1, 2, 8, 16, 31, 32, 62, 64])
                self.write(data[:count])
                time.sleep(len(data[:count]) * self.bits / self.baud)
                data = data[count:]
                if rng.random() < 0.02:
                    # A meter that pauses within a frame.
                    time.sleep(rng.uniform(0, 0.4))
            number += 1
            due = max(due + self.every, time.monotonic())
            time.sleep(max(0, due - time.monotonic()))

    def rush(self, frames, first):
        """Sends the frames as fast as they are read."""
        start = datetime.now(timezone.utc) - timedelta(seconds=10 * frames)
        for number in range(frames):
            self.write(self.frame(first + number, start + timedelta(seconds=10 * number)))


class Published:
    """The powers that the bridge publishes, by source, in order."""

    def __init__(self, port, lines):
        self.values = {line.name: [] for line in lines}
        self.registers = {line.name: line.register for line in lines}
        self.rejects = []
        self.process = subprocess.Popen(
            ["mosquitto_sub", "-p", str(port), "-q", "1", "-t", "harmonized/v1/meter/+/reading", "-t", "harmonized/v1/bridge/+/reject",
             "-F", "%t %p"], stdout=subprocess.PIPE, text=True)
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stdout:
            topic, payload = line.split(" ", 1)
            message = json.loads(payload)
            if topic.endswith("/reject"):
                self.rejects.append(f"{message['reason']}: {message['detail']}")
                continue
            name = message["source"]["name"]
            self.values[name].append(message["registers"].get(self.registers[name], {}).get("value"))


def wait(condition, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return condition()


def compare(lines, published, what):
    faults = 0
    for line in lines:
        got, sent = published.values[line.name], line.sent
        if got == sent:
            print(f"{what}: {line.name}, {line.baud} Bd {line.form}: {len(sent)} frames sent, {len(got)} readings, in their order")
        else:
            faults += 1
            place = next((i for i, (a, b) in enumerate(zip(got, sent)) if a != b), min(len(got), len(sent)))
            print(f"{what}: {line.name}: {len(sent)} frames sent, {len(got)} readings; they differ from the {place + 1}th")
    for reject in published.rejects[:10]:
        print(f"{what}: reject: {reject}")
    faults += len(published.rejects)
    for line in lines:
        line.sent.clear()
        published.values[line.name].clear()
    published.rejects.clear()
    return faults


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--frames", type=int, default=8640)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bridge", default=".build/debug/obis-bridge")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return run(options, pathlib.Path(folder))


def run(options, folder):
    port = free_port()
    (folder / "mosquitto.conf").write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 0\n")
    lines = [
        Line(folder, "mbus", 2400, "8E1", 11, 10, dlms_frame, "1-0:1.7.0"),
        Line(folder, "head", 9600, "8N1", 10, 2, sml_frame, "1-0:16.7.0"),
        Line(folder, "p1", 115200, "8N1", 10, 1, p1_frame, "1-0:1.7.0"),
    ]
    sources = {"mbus": f"frames, decryption_key: {KEY.hex()}, authentication_key: {AUTH.hex()}", "head": "frames", "p1": "p1"}
    (folder / "bridge.yaml").write_text(
        f"bridge: play\nbroker: mqtt://127.0.0.1:{port}\nzone: UTC\nsources:\n" + "".join(
            f"  {line.name}: {{adapter: {sources[line.name]}, serial: {{device: {line.path}, baud: {line.baud}, format: {line.form}}}}}\n"
            for line in lines))
    processes = []
    try:
        processes.append(subprocess.Popen(
            ["mosquitto", "-c", folder / "mosquitto.conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        time.sleep(1)
        published = Published(port, lines)
        processes.append(published.process)
        log = open(folder / "log", "w+")
        bridge = subprocess.Popen([options.bridge, "run", "--config", folder / "bridge.yaml"], stderr=log)
        processes.append(bridge)
        text_of = lambda: (folder / "log").read_text()
        if not wait(lambda: text_of().count("listening to serial") == 3 and "output connected" in text_of(), 30):
            print(text_of())
            return 1
        faults = 0
        if options.minutes > 0:
            until = time.monotonic() + options.minutes * 60
            rng = random.Random(options.seed)
            players = [
                threading.Thread(target=line.play, args=(until, random.Random(rng.random()), 0)) for line in lines]
            for player in players:
                player.start()
            for player in players:
                player.join()
            wait(lambda: all(len(published.values[line.name]) >= len(line.sent) for line in lines), 20)
            faults += compare(lines, published, f"{options.minutes:g} minutes")
        if options.frames > 0:
            began = time.monotonic()
            players = [threading.Thread(target=line.rush, args=(options.frames, 100_000)) for line in lines]
            for player in players:
                player.start()
            for player in players:
                player.join()
            wait(lambda: all(len(published.values[line.name]) >= len(line.sent) for line in lines), 60)
            took = time.monotonic() - began
            faults += compare(lines, published, f"a day in {took:.0f} s")
        bridge.send_signal(signal.SIGTERM)
        if bridge.wait(20) != 0:
            faults += 1
        dropped = [line for line in text_of().splitlines() if "dropped" in line]
        for line in dropped[:5]:
            print(line)
        if faults:
            print("\n".join(text_of().splitlines()[-20:]))
        return 1 if faults else 0
    finally:
        for process in reversed(processes):
            if process.poll() is None:
                process.kill()
                process.wait()


if __name__ == "__main__":
    sys.exit(main())
