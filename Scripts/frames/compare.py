# SPDX-License-Identifier: Apache-2.0
"""Compares obis-bridge with parsers from PyPI over a folder of meters' frames, and explains every difference by a rule."""

import argparse
import csv
import json
import pathlib
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from decimal import Decimal

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parent.parent))  # for explained.py
import rules
import theirs
from explained import Tally

SCALES = {"kWh": ("Wh", 3), "kvarh": ("varh", 3), "kVAh": ("VAh", 3), "kW": ("W", 3), "kvar": ("var", 3), "kVA": ("VA", 3)}


@dataclass
class Difference:
    """One disagreement. kind: they-fail, we-refuse, value, missing, more."""

    kind: str
    row: dict
    data: bytes
    parser: str
    value: theirs.Value = None
    found: object = None
    error: str = None
    ours: object = None

    @property
    def file(self):
        return self.row["name"]

    def __str__(self):
        if self.kind == "they-fail":
            return f"we read it, {self.parser} does not ({self.error})"
        if self.kind == "we-refuse":
            return f"{self.parser} reads it, we do not ({self.ours.rejected})"
        if self.kind == "more":
            return f"we have {self.value}, {self.parser} has not"
        return f"{self.kind}: {self.parser} has {self.value}, we {self.found}"


@dataclass
class Ours:
    registers: dict
    rejected: list
    fixes: list


def read(bridge, row, data):
    """The output of `convert`: numbers in their base units, by code, without computed ones."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "payload").write_bytes(data)
        keys = "".join(f", {name}: {row[column]}" for name, column in (
            ("decryption_key", "key"), ("authentication_key", "auth")) if row[column] and (name[0] == "d" or row["key"]))
        listed = rules.LISTS.get(row["name"])
        keys += f", list: {listed}" if listed else ""
        (folder / "bridge.yaml").write_text(f"zone: UTC\nsources: {{a: {{adapter: frames, subscribe: raw{keys}}}}}\n")
        run = subprocess.run(
            [bridge, "convert", "--source", "a", "--config", folder / "bridge.yaml", "--topic", "raw", "--json", folder / "payload"],
            capture_output=True, text=True, check=False)
    if run.returncode not in (0, 1):
        raise RuntimeError(f"{row['name']}: exit {run.returncode}: {run.stderr}")
    registers, rejected, fixes = {}, [], []
    for line in run.stdout.splitlines():
        publication = json.loads(line)
        if publication["topic"].endswith("/reading"):
            reading = json.loads(publication["payload"], parse_float=Decimal, parse_int=Decimal)
            fixes += reading["fixes"]
            for code, register in reading["registers"].items():
                if isinstance(register.get("value"), Decimal) and not register.get("derived"):
                    unit, shift = SCALES.get(register.get("unit"), (register.get("unit"), 0))
                    registers.setdefault(code, []).append((register["value"].scaleb(shift), unit))
        elif publication["topic"].endswith("/reject"):
            rejected.append(json.loads(publication["payload"])["reason"])
    return Ours(registers, rejected, fixes)


def canonical(code):
    """The key under which we publish: B of electricity is 0."""
    place, rest = code.split(":")
    a, b = place.split("-")
    return f"{a}-{0 if a == '1' else b}:{rest}"


def is_power_of_ten(ours, their):
    if ours == 0 or their == 0:
        return ours == their
    ratio = ours / their
    return ratio.normalize().as_tuple().digits == (1,) and not ratio.is_signed()


def agrees(value, amount, unit):
    if value.is_scaled:
        return amount == value.number and (value.unit is None or unit is None or value.unit == unit)
    # A scale that the list lacks is known from tables: the digits are those on the wire.
    return is_power_of_ten(amount, value.number)


def compare(row, data, our, their):
    """All differences of one frame, and how many numbers agree."""
    if their.error is not None:
        return ([Difference("they-fail", row, data, their.parser, error=their.error, ours=our)] if our.registers else []), 0
    if not our.registers:
        return [Difference("we-refuse", row, data, their.parser, ours=our)], 0
    found, agreed, seen = [], 0, set()
    for value in their.values:
        codes = [canonical(value.code)] if value.code else list(our.registers)
        matches = [code for code in codes for amount, unit in our.registers.get(code, []) if agrees(value, amount, unit)]
        if matches:
            agreed += 1
            seen.update(matches)
            continue
        shown = [str(amount) for code in codes if value.code for amount, _ in our.registers.get(code, [])]
        found.append(Difference("value" if shown else "missing", row, data, their.parser, value=value, found=shown, ours=our))
        seen.update(code for code in codes if value.code)
    for code, amounts in our.registers.items():
        if code not in seen:
            value = theirs.Value(code, amounts[0][0], amounts[0][1])
            found.append(Difference("more", row, data, their.parser, value=value, ours=our))
    return found, agreed


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--bridge", default=".build/debug/obis-bridge")
    parser.add_argument("--verbose", action="store_true", help="show explained differences, too")
    options = parser.parse_args()
    with open(options.folder / "INDEX.tsv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    tally = Tally(rules.rule, options.verbose)
    totals = tally.totals
    for row in rows:
        data = bytes.fromhex("".join((options.folder / f"{row['name']}.hex").read_text().split()))
        if rules.is_left_out(row, data):
            totals["frames of which none of the five reads the kind"] += 1
            continue
        totals["frames"] += 1
        our = read(options.bridge, row, data)
        totals["frames that obis-bridge reads"] += bool(our.registers)
        for their in theirs.read(data, bytes.fromhex(row["key"]), bytes.fromhex(row["auth"])):
            totals[f"frames that {their.parser} reads"] += their.error is None
            differences, agreed = compare(row, data, our, their)
            totals[f"numbers that agree with {their.parser}"] += agreed
            tally.take(differences)
    return tally.report()


if __name__ == "__main__":
    sys.exit(main())
