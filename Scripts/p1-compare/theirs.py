# SPDX-License-Identifier: Apache-2.0
"""dsmr-parser's results for a telegram: value by value, with the OBIS code of each value's line."""

import copy
import logging
import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from dsmr_parser import telegram_specifications
from dsmr_parser.exceptions import InvalidChecksumError, ParseError
from dsmr_parser.objects import CosemObject, MBusObject, MBusObjectPeak, ProfileGenericObject
from dsmr_parser.parsers import TelegramParser

logging.disable(logging.CRITICAL)

# A user must choose one; the ones for encrypted telegrams read only hexadecimal ciphertext.
SPECIFICATIONS = ["V2_2", "V4", "V5", "BELGIUM_FLUVIUS", "LUXEMBOURG_SMARTY", "SWEDEN", "Q3D", "ISKRA_IE", "EON_HUNGARY"]


@dataclass
class Value:
    """One value; `time` when its line has its own."""

    obis: str
    value: object
    unit: str | None = None
    time: datetime | None = None
    line: str = ""


@dataclass
class Outcome:
    """The result of the best-fitting specification."""

    specification: str
    values: list
    error: str | None = None


class Recorder:
    """Replaces a value parser and records each line with its result."""

    def __init__(self, parser, found):
        self.parser = parser
        self.found = found

    def parse(self, line):
        result = self.parser.parse(line)
        self.found.append((line, result))
        return result


def read(text: str, checks_crc: bool = True) -> Outcome:
    """The specification that reads most values; preferably one without an error.

    Those without a CRC are left out when the telegram has one, or a version with one: no user would choose them.
    """
    needs_crc = re.search(r"(?m)^(![0-9A-Fa-f]{3}|1-3:0\.2\.8|0-0:96\.1\.4)", text) is not None
    outcomes = [
        read_as(name, text, checks_crc) for name in SPECIFICATIONS
        if not needs_crc or getattr(telegram_specifications, name)["checksum_support"]]
    return max(outcomes, key=lambda outcome: (outcome.error is None, len(outcome.values)))


def read_as(name: str, text: str, checks_crc: bool = True) -> Outcome:
    """The result of one specification."""
    found = []
    specification = copy.deepcopy(getattr(telegram_specifications, name))
    specification.pop("general_global_cipher", None)
    for item in specification["objects"]:
        item["value_parser"] = Recorder(item["value_parser"], found)
    try:
        TelegramParser(specification, apply_checksum_validation=checks_crc).parse(text)
    except InvalidChecksumError:
        return Outcome(name, [], "checksum")
    except ParseError:
        return Outcome(name, [], "incomplete")
    except Exception as error:  # dsmr-parser lets ValueError and InvalidOperation through
        return Outcome(name, [], type(error).__name__)
    values = []
    for line, result in found:
        values += flat(line.strip(), result)
    unique = {(value.obis, str(value.value), str(value.time)): value for value in values}
    return Outcome(name, list(unique.values()))


def flat(line: str, result) -> list:
    """The values of one line."""
    obis = re.split(r"[(*]", line)[0]
    if isinstance(result, list):
        return [Value(obis, ("peak", peak.value), peak.unit, peak.datetime, line) for peak in result]
    if isinstance(result, ProfileGenericObject):
        return [Value(obis, ("entry", entry.value), entry.unit, entry.datetime, line) for entry in result.buffer]
    if isinstance(result, MBusObjectPeak):
        return [Value(obis, ("peak", result.value), result.unit, result.datetime, line)]
    if isinstance(result, MBusObject):
        return [Value(obis, result.value, result.unit, result.datetime, line)]
    if isinstance(result, CosemObject):
        return [Value(obis, result.value, result.unit, None, line)]
    return []
