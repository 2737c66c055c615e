# SPDX-License-Identifier: Apache-2.0
"""Writes the seeds of a fuzz target: the fixtures of the tests in the form in which the target takes its input.

    seeds.py TARGET FOLDER
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "Tests/AdaptersTests/Fixtures"


def payloads(adapter):
    """Name, topic and payload of each fixture."""
    for path in sorted((FIXTURES / adapter).glob("*.payload")):
        expected = path.with_suffix(".expected")
        topic = re.search(r"(?m)^topic (.*)$", expected.read_text()) if expected.exists() else None
        yield path.stem, (topic[1] if topic else "").encode(), path.read_bytes()


def seeds(target):
    """Name and bytes of each seed."""
    adapters = sorted(path.name for path in FIXTURES.iterdir() if path.is_dir())
    if target == "json":
        for adapter in adapters:
            yield from ((f"{adapter}-{n}", p) for n, _, p in payloads(adapter) if p[:1] == b"{")
    elif target == "p1":
        for name, _, payload in payloads("p1"):
            for first in (0, 1, 2, 200):
                yield f"{name}-{first}", bytes([first]) + payload
    elif target == "cipher":
        for name, _, payload in payloads("p1"):
            if payload[:2] == b"\xdb\x08":
                for first in (0, 128):
                    yield f"{name}-{first}", bytes([first]) + payload[2:]
    elif target in ("hdlc", "mbus", "sml-file", "tic", "ciphered"):
        starts = {"hdlc": b"\x7e", "mbus": b"\x68", "sml-file": b"\x1b", "tic": b"\x02", "ciphered": b"\xdb"}
        for name, _, payload in payloads("frames"):
            place = payload.find(starts[target])
            if place >= 0:
                yield name, payload[place:]
    elif target == "axdr":
        for name, _, payload in payloads("frames"):
            place = payload.find(b"\x0f\x40\x00\x00\x00")
            if place >= 0:
                yield name, payload[place + 6 + payload[place + 5]:]
    elif target == "sml":
        for name, _, payload in payloads("frames"):
            if payload[:1] == b"\x1b":
                yield name, payload[8:-8]
    elif target == "frames":
        for name, _, payload in payloads("frames"):
            for first in (0, 128, 255):
                yield f"{name}-{first}", bytes([first]) + payload
    elif target == "pipeline":
        for number, adapter in enumerate(adapters):
            for name, _, payload in payloads(adapter):
                for position in range(4):
                    yield f"{adapter}-{name}-{position}", (256 + number * 5 + position).to_bytes(2, "big") + bytes([10]) + payload
    elif target == "profile":
        yield "harmonized", (ROOT / "Profiles/harmonized.yaml").read_bytes()[:4000]
        yield "small", b"extends: harmonized\nregisters: {\"1-0:1.8.1\": {alias: energy_import_day}}\n"
    elif target == "configuration":
        for path in sorted((ROOT / "Examples").rglob("*.yaml")):
            yield path.stem, path.read_bytes()
        page = (ROOT / "README.md").read_text()
        for number, block in enumerate(re.findall(r"(?ms)^```yaml[^\n]*\n(.*?)^```", page)):
            yield f"readme-{number}", block.encode()
    elif target == "labels":
        for path in (ROOT / "Profiles/labels").glob("*.yaml"):
            yield path.stem, path.read_bytes()
    else:
        for name, topic, payload in payloads(target):
            yield name, topic + b"\n" + payload


def main():
    target, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    for name, content in seeds(target):
        (folder / f"seed-{name}").write_bytes(content)


if __name__ == "__main__":
    main()
