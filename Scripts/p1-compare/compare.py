# SPDX-License-Identifier: Apache-2.0
"""Compares obis-bridge with dsmr-parser over a folder of telegrams and explains every difference by a rule."""

import argparse
import os
import pathlib
import re
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parent.parent))  # for explained.py
import ours
import rules
import theirs
from dsmr_parser.value_types import timestamp
from explained import Tally

SCALES = {
    "kwh": ("Wh", 3), "wh": ("Wh", 0), "mwh": ("Wh", 6), "kw": ("W", 3), "w": ("W", 0), "kvarh": ("varh", 3),
    "varh": ("varh", 0), "kvar": ("var", 3), "var": ("var", 0), "kva": ("VA", 3), "va": ("VA", 0), "kv": ("V", 3),
    "v": ("V", 0), "ka": ("A", 3), "a": ("A", 0), "ma": ("A", -3), "m3": ("m³", 0), "m³": ("m³", 0), "dm3": ("m³", -3),
    "gj": ("GJ", 0), "mj": ("GJ", -3), "hz": ("Hz", 0), "khz": ("Hz", 3), "s": ("s", 0),
}


@dataclass
class Difference:
    """One disagreement. kind: only-ours, only-theirs, missing, value, time."""

    kind: str
    file: str
    text: str
    ours: ours.Outcome
    theirs: theirs.Outcome
    value: theirs.Value = None
    found: object = None
    difference: timedelta = None

    def reasons(self) -> set:
        """The reasons of our rejections."""
        return {reject["reason"] for reject in self.ours.rejected}

    @property
    def theirs_checks_crc(self) -> bool:
        """True when the specification that read the telegram checked its CRC."""
        from dsmr_parser import telegram_specifications
        return getattr(telegram_specifications, self.theirs.specification)["checksum_support"]

    def __str__(self):
        what = {
            "only-ours": f"we read it, dsmr-parser does not ({self.theirs.error})",
            "only-theirs": f"dsmr-parser ({self.theirs.specification}) reads it, we do not ({sorted(self.reasons())})",
        }.get(self.kind)
        return what or f"{self.value.obis} {self.kind}: dsmr-parser {self.value.value} {self.value.unit} {self.value.time}, " \
            f"we {self.found} | {self.value.line[:90]}"


def amount(value, unit):
    """A number in its base unit, for comparison only."""
    base, shift = SCALES.get((unit or "").lower(), (unit, 0))
    return Decimal(value).scaleb(shift), base


def canonical(obis: str) -> str:
    """The key under which we publish: B of electricity is 0."""
    match = re.fullmatch(r"(\d+)-(\d+):(\d+)[.:](\d+)\.(\d+)(?:\.\d+)?", obis)
    if not match:
        return obis
    a, b, c, d, e = match.groups()
    return f"{a}-{0 if a == '1' else b}:{c}.{d}.{e}"


def decoded(text: str) -> str:
    """The text for its hexadecimal digits."""
    try:
        return bytes.fromhex(text).decode("ascii").strip("\0 ")
    except ValueError:
        return text


def agrees(value: theirs.Value, register: dict) -> bool:
    """True when a register equals dsmr-parser's value."""
    expected, found = value.value, register.get("value")
    if found is None:
        return False
    if isinstance(expected, bool) or not isinstance(expected, (int, Decimal, str)):
        return False
    if isinstance(found, Decimal):
        try:
            return amount(expected, value.unit) == amount(found, register.get("unit")) or (
                value.unit is None and Decimal(expected) == found)
        except InvalidOperation:
            return False
    return found in (str(expected), decoded(str(expected)))


def compare(name: str, text: str, our: ours.Outcome, their: theirs.Outcome):
    """All differences of one telegram, and how many values agree."""
    place = (name, text, our, their)
    if their.error is not None or not their.values:
        return ([Difference("only-ours", *place)] if our.readings else []), 0, 0
    if not our.readings:
        return [Difference("only-theirs", *place)], 0, 0
    found, agreed = [], 0
    for value in their.values:
        registers = our.values(canonical(value.obis))
        if isinstance(value.value, tuple):
            value, registers = entry(value, registers)
        matches = [register for register in registers if agrees(value, register)]
        # Of several equal entries the one with the same time.
        match = next((m for m in matches if "time" in m and value.time == ours.instant(m["time"])), None) or (
            matches[0] if matches else None)
        if match is None:
            kind = "value" if registers else "missing"
            shown = [f"{register.get('value')} {register.get('unit')}" for register in registers]
            found.append(Difference(kind, *place, value=value, found=shown))
        elif value.time is not None:
            time = ours.instant(match["time"]) if "time" in match else None
            own = {ours.instant(reading["time"]) for reading in our.readings}
            if time == value.time or (time is None and value.time in own):
                agreed += 1
            else:
                difference = None if time is None else time - value.time
                found.append(Difference("time", *place, value=value, found=time, difference=difference))
        else:
            agreed += 1
    theirs_codes = {canonical(value.obis) for value in their.values}
    more = sum(
        1 for reading in our.readings for code, register in reading["registers"].items()
        if code not in theirs_codes and not register.get("derived"))
    return found, agreed, more


def entry(value: theirs.Value, registers: list):
    """An entry of a list, and our register that contains it."""
    entries = [dict(item, unit=register.get("unit")) for register in registers for item in register.get("list", [])]
    kind, number = value.value
    if kind == "peak":
        # dsmr-parser's time of a peak is the month it belongs to, ours is the moment of the peak.
        return theirs.Value(value.obis, number, value.unit, None, value.line), entries
    same = [item for item in entries if "time" in item and value.time == ours.instant(item["time"])]
    return theirs.Value(value.obis, number, value.unit, value.time, value.line), same or entries


def received(text: str) -> str:
    """A moment just after the telegram's own time, so that its clock is not reported."""
    match = re.search(r"(?m)^0-[01]:1\.0\.0\((\d{12})([SW]?)\)", text)
    now = datetime(2026, 11, 20, 12, 0, 0, tzinfo=timezone.utc)
    if match:
        try:
            wall = datetime.strptime(match[1], "%y%m%d%H%M%S").replace(tzinfo=timezone.utc)
            now = wall - timedelta(hours=2 if match[2] == "S" else 1)
        except ValueError:
            pass
    return (now + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--bridge", default=".build/debug/obis-bridge")
    parser.add_argument(
        "--without-crc", action="store_true", help="neither side checks a CRC: for telegrams whose serials were masked")
    parser.add_argument("--verbose", action="store_true", help="show explained differences, too")
    options = parser.parse_args()
    files = sorted(
        os.path.join(folder, file) for folder, _, files in os.walk(options.folder) for file in files
        if file.endswith((".txt", ".payload", ".telegram", ".p1")))
    if not files:
        print(f"no telegrams in {options.folder}", file=sys.stderr)
        return 64
    tally = Tally(rules.rule, options.verbose)
    totals = tally.totals
    for path in files:
        with open(path, "rb") as file:
            text = file.read().decode("latin-1")
        our = ours.read(options.bridge, path, received(text), not options.without_crc)
        their = theirs.read(text, not options.without_crc)
        differences, agreed, more = compare(os.path.basename(path), text, our, their)
        totals["files"] += 1
        totals["both read"] += bool(our.readings) and their.error is None and bool(their.values)
        totals["only obis-bridge reads"] += bool(our.readings) and (their.error is not None or not their.values)
        totals["only dsmr-parser reads"] += not our.readings and their.error is None and bool(their.values)
        totals["neither reads"] += not our.readings and (their.error is not None or not their.values)
        totals["values that agree"] += agreed
        totals["values that only obis-bridge has"] += more
        tally.take(differences)
    return tally.report()


if __name__ == "__main__":
    sys.exit(main())
