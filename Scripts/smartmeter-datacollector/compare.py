# SPDX-License-Identifier: Apache-2.0
"""Compares harmonised readings with the values that the meters were made to send.

    compare.py EXPECTED READINGS

EXPECTED has a JSON object per line, one per telegram: id (null when the meter sends none), port, time, registers. READINGS has
the payload of one `…/reading` message per line. Exit 1, and a line per fault, when they disagree.
"""

import json
import sys
from datetime import datetime
from decimal import Decimal


def faults(expected: list, readings: list, sources: list) -> list:
    """The faults, in words; empty when every source delivered every telegram, complete and unchanged."""
    found = []
    meters = {}
    claimed = set()
    for telegram in expected:
        agreed = {}
        for source in sources:
            place = f"{source}, {telegram['id'] or 'meter without id'}, {telegram['time']}"
            positions = [
                position for position, reading in enumerate(readings)
                if reading["source"]["name"] == source and belongs(reading, telegram)]
            claimed.update(positions)
            if len(positions) != 1:
                found.append(f"{place}: {len(positions)} readings instead of one")
                continue
            reading = readings[positions[0]]
            meters.setdefault((source, telegram["port"]), set()).add(reading["meter"])
            found += [f"{place}: {fault}" for fault in reading_faults(reading, telegram)]
            agreed[source] = sent_registers(reading)
        if len(agreed) == len(sources) and any(registers != agreed[sources[0]] for registers in agreed.values()):
            found.append(f"{telegram['time']}: the sources disagree")
    for (source, port), names in meters.items():
        if len(names) > 1:
            found.append(f"{source}, {port}: one meter under several ids: {' '.join(sorted(names))}")
    for position, reading in enumerate(readings):
        if position not in claimed:
            found.append(
                f"{reading['source']['name']}, {reading['meter']}, {reading.get('time')}: nobody sent this reading")
    return found


def belongs(reading: dict, telegram: dict) -> bool:
    """True when a reading was made from this telegram: by its time and meter, or by the port of a meter without id."""
    if instant(reading["time"]) != instant(telegram["time"], of=reading):
        return False
    if telegram["id"] is None:
        return telegram["port"] in reading["source"]["topic"]
    return reading["meter"] == telegram["id"].lower()


def instant(text: str, of: dict = None) -> datetime:
    """A time; where messages with one register have only whole seconds, the expected time is truncated to them."""
    time = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return time.replace(microsecond=0) if of is not None and "." not in of["time"] else time


def reading_faults(reading: dict, telegram: dict) -> list:
    found = []
    registers = sent_registers(reading)
    for code, (value, unit) in telegram["registers"].items():
        if code not in registers:
            found.append(f"{code} is missing")
        elif registers[code] != (Decimal(value), unit):
            found.append(f"{code} is {registers[code][0]} {registers[code][1]} instead of {value} {unit}")
    found += [f"{code} was not sent" for code in registers if code not in telegram["registers"]]
    if reading.get("time_source") != "meter":
        found.append(f"the time is from {reading.get('time_source')}")
    rules = [fix["rule"] for fix in reading.get("fixes", [])]
    wanted = [] if telegram["id"] else ["id.missing"]
    if rules != wanted:
        found.append(f"fixes {rules} instead of {wanted}")
    return found


def sent_registers(reading: dict) -> dict:
    return {
        code: (Decimal(register["value"]), register.get("unit"))
        for code, register in reading["registers"].items() if not register.get("derived")}


def lines(path: str) -> list:
    with open(path, encoding="utf-8") as file:
        return [json.loads(line, parse_float=Decimal) for line in file if line.strip()]


if __name__ == "__main__":
    result = faults(lines(sys.argv[1]), lines(sys.argv[2]), ["registers", "bundle"])
    print("\n".join(result) or "the readings of both sinks are what the meters sent")
    sys.exit(1 if result else 0)
