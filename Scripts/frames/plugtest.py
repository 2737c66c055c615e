# SPDX-License-Identifier: Apache-2.0
"""Writes Examples/plug-test/raw.jsonl: twenty minutes of two made-up Landis+Gyr E450 on M-Bus adapters, in the format of `record`
for serial ports: pushes in blocks, one encrypted, with the voltages, powers and counters of a house.

    Scripts/frames/plugtest.py
"""

import base64
import json
import pathlib
from datetime import datetime, timedelta, timezone

from encoding import array, blocks, ciphered, clock, i8, notification, obis, octets, structure, u16, u32

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
KEY = bytes.fromhex("A0A1A2A3A4A5A6A7A8A9AAABACADAEAF")
AUTH = bytes.fromhex("B0B1B2B3B4B5B6B7B8B9BABBBCBDBEBF")
START = datetime(2026, 11, 20, 22, 25, 2, tzinfo=timezone.utc)
CODES = [
    "1-1:1.8.0", "1-1:2.8.0", "1-1:3.8.0", "1-1:4.8.0", "1-0:1.7.0", "1-0:2.7.0", "1-0:32.7.0", "1-0:52.7.0", "1-0:72.7.0", "1-0:31.7.0",
    "1-0:51.7.0", "1-0:71.7.0"]


def push(device, moment, seconds, load):
    """A list of the standard customer interface: descriptions first, then the values, counters in Wh, volts, and 10 mA."""
    objects = [(40, "0-6:25.9.0"), (1, "0-0:42.0.0")] + [(3, code) for code in CODES]
    described = array(*(structure(u16(kind), octets(obis(code)), i8(2), u16(0)) for kind, code in objects))
    volts = [230 + (seconds // 10 + phase) % 3 for phase in range(3)]
    watts = load + seconds % 7 * 10
    amperes = [round(watts / 3 / volt * 100) for volt in volts]
    counters = [12_345_678 + (load + 30) * seconds // 3600, 4_321, 234_567 + seconds // 60, 7_654]
    local = moment + timedelta(hours=1)
    stamp = clock(local.year, local.month, local.day, local.hour, local.minute, local.second, -60)
    values = [u32(value) for value in counters] + [u32(watts), u32(0)] + [u16(value) for value in volts + amperes]
    return notification(structure(described, octets(device), *values), stamp)


def main():
    lines = [(START, "$obis-bridge/begin", b"")]
    for seconds in range(3, 1200, 10):
        moment = START + timedelta(seconds=seconds)
        message = push(b"LGZ1030655900017", moment, seconds, 600)
        lines.append((moment + timedelta(milliseconds=800), "serial/ekz", b"".join(blocks(message, 120))))
        message = ciphered(push(b"LGZ1030655900042", moment, seconds, 900), KEY, AUTH, b"LGZ" + bytes.fromhex("0000000042"), 5000 + seconds // 10)
        lines.append((moment + timedelta(milliseconds=900), "tcp/aew", b"".join(blocks(message, 120))))
    lines.append((START + timedelta(seconds=1200), "$obis-bridge/end", b""))
    with open(ROOT / "Examples/plug-test/raw.jsonl", "w", encoding="utf-8") as file:
        for received, topic, payload in lines:
            entry = {"received": received.strftime("%Y-%m-%dT%H:%M:%S.") + f"{received.microsecond // 1000:03d}Z", "topic": topic}
            entry["payload" if not payload else "payload_base64"] = base64.b64encode(payload).decode()
            file.write(json.dumps(entry, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
