# SPDX-License-Identifier: Apache-2.0
"""Why obis-bridge and dsmr-parser may differ: each rule has a name, an explanation, and a condition.

A rule sees one difference and must prove its case from the telegram; a difference without a rule is a fault of one of the two.
"""

import re
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from explained import Rules


rule = Rules()


# --- The whole telegram

@rule("line ends, escapes or parity were changed on the way; the CRC proves the restoration, which stands in the reading")
def restored(d):
    return d.kind == "only-ours" and "telegram.restored" in d.ours.rules()


@rule("dsmr-parser takes capitals only as CRC digits")
def lower_case_crc(d):
    return d.kind == "only-ours" and re.search(r"!(?=\w*[a-f])[0-9A-Fa-f]{4}", d.text) is not None


@rule("two telegrams in one payload: dsmr-parser computes one CRC over both")
def several_telegrams(d):
    return d.kind == "only-ours" and len(re.findall(r"(?m)^/", d.text)) > 1


@rule("bytes around the telegram: dsmr-parser begins at the first / and finds the CRC by its own expression")
def noise_around(d):
    return d.kind == "only-ours" and not re.match(r"\A/[^\0\xff]*\Z", d.text)


@rule("one value makes dsmr-parser give up the whole telegram")
def exception(d):
    return d.kind == "only-ours" and d.theirs.error not in (None, "checksum", "incomplete")


@rule("no CRC, of a dialect that has none: its specification demands one, or the next one reads less")
def without_crc(d):
    return d.kind == "only-ours" and re.search(r"(?m)^![0-9A-Fa-f]", d.text) is None


@rule("a wrong CRC: dsmr-parser reads the telegram with a specification that has no CRC")
def wrong_crc_unchecked(d):
    return d.kind == "only-theirs" and d.reasons() == {"telegram.crc"} and not d.theirs_checks_crc


@rule("no line starts with ! after the head: the telegram has not ended, and what is missing nobody knows")
def no_end(d):
    return d.kind == "only-theirs" and d.reasons() == {"telegram.incomplete"} and re.search(
        r"(?m)^!", re.sub(r"\r+\n?", "\n", d.text)) is None


@rule("dsmr-parser's expressions want CR LF")
def line_ends(d):
    return d.kind == "only-ours" and re.search(r"[^\r]\n", d.text) is not None


@rule("the CRC is missing in a version that has one: the telegram is cut, which dsmr-parser does not see without CRC")
def cut(d):
    return d.kind == "only-theirs" and d.reasons() == {"telegram.incomplete"} and not d.theirs_checks_crc


# --- One value

@rule("gas of DSMR 2.2 without its value on the next line: dsmr-parser takes the value of the line after it")
def swallowed_line(d):
    return d.kind == "missing" and ":24.3.0" in d.value.obis and "\n" in d.value.line.strip()


@rule("Wallonia's meters send the peak before its time since December 2025: dsmr-parser takes the time for the value")
def reversed_peak(d):
    return d.kind == "value" and re.search(r"1\.6\.0\([0-9.]+\*kW\)\(\d{12}[SW]?\)", d.value.line) is not None


@rule("says who the meter is or when: it stands in id, time and info, not among the registers")
def identity(d):
    return d.kind == "missing" and re.fullmatch(
        r"1-3:0\.2\.8|0-0:(1\.0\.0|96\.1\.[0-9]+|96\.13\.9|42\.0\.0|2\.1\.0)|\d-\d:0\.0\.0|"
        r"0-[1-9]:(24\.1\.0|96\.1\.[0-9])", d.value.obis) is not None


@rule("nothing was sent: an empty pair of brackets is no value")
def empty(d):
    return d.kind == "missing" and d.value.value in (None, "") and re.search(r"\(\s*\)\s*$", d.value.line) is not None


@rule("a filler for an unused text (zeros, FF): not a value")
def filler(d):
    return d.kind == "missing" and isinstance(d.value.value, str) and re.fullmatch(
        r"(0*|(FF)*|(20)*|-*)", d.value.value) is not None


@rule("2147483647 s in the log of power failures: an entry that was never written")
def unwritten(d):
    return d.kind in ("missing", "value") and ":99.97.0" in d.value.obis and d.value.value == 2147483647


@rule("999 or 999.9 kW, 999 A: a threshold that means that there is no limit")
def unlimited(d):
    limits = {"0-0:17.0.0": (999, Decimal("999.9")), "1-0:31.4.0": (999,)}
    return d.kind == "missing" and d.value.value in limits.get(d.value.obis.removesuffix("*255"), ())


@rule("an M-Bus slot without a device or without a valid capture time: its zero is no reading")
def dead_slot(d):
    if d.kind != "missing" or not re.match(r"0-[1-9]:", d.value.obis):
        return False
    channel = d.value.obis[2]
    stamps = re.findall(rf"(?m)^0-{channel}:24\.[23]\.\d\(([^)]*)\)", d.text)
    return d.value.value in (None, 0, Decimal(0)) and (
        not stamps or any(re.match(r"(7001|9912|0001|63|35|00|25)", stamp) or len(stamp) < 12 for stamp in stamps))


@rule("an M-Bus valve or switch position of a dead slot, or of another kind: text that is no register")
def switch(d):
    return d.kind == "missing" and re.match(r"0-[1-9]:(24\.4\.0|96\.3\.10)", d.value.obis) is not None


@rule("a value that its register cannot have was left out, and says so in the reading")
def dropped(d):
    return d.kind == "missing" and any(
        fix["rule"] == "value.dropped" and d.value.obis in fix["fields"]
        for reading in d.ours.readings for fix in reading["fixes"])


@rule("a line of a second telegram that has begun and not ended")
def next_telegram(d):
    return d.kind == "missing" and d.value.line not in d.text[:d.text.rfind("\n!") + 1]


@rule("S and W are offsets, +2 and +1 h, not a season of Amsterdam: Sweden's meters keep W in summer")
def literal_season(d):
    if d.kind != "time" or d.found is None:
        return False
    stamps = re.findall(r"\((\d{12})([SW])\)", d.value.line)
    return d.found in [
        datetime.strptime(digits, "%y%m%d%H%M%S").replace(tzinfo=timezone(timedelta(hours=2 if season == "S" else 1)))
        for digits, season in stamps]


@rule("an invalid capture time: the value is kept, its time is not")
def invalid_time(d):
    return d.kind == "time" and d.found is None


@rule("the telegram has the same code several times; the first value counts, as dsmr-parser's last does there")
def repeated(d):
    if d.kind not in ("value", "time"):
        return False
    # B counts the channels of a meter with several channels, and is 0 in our publications.
    code = re.sub(r"^1-\d", r"1-\\d", re.escape(d.value.obis).replace(r"\-", "-"))
    return len(re.findall(rf"(?m)^{code}\(", d.text)) > 1
