#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the counter of a house for March and October 2026 in Zurich, and sums it by hour, day and month without any of the
bridge's code: the reference of HistoryMonthTests.

  Scripts/history-months.py FOLDER      writes MONTH.readings (second, Wh) and MONTH.sums (step, start in UTC, kWh)
"""
import bisect
import datetime
import pathlib
import random
import sys
import zoneinfo

ZONE = zoneinfo.ZoneInfo("Europe/Zurich")
UTC = datetime.timezone.utc


def instant(year: int, month: int, day: int, hour: int = 0) -> int:
    return int(datetime.datetime(year, month, day, hour, tzinfo=ZONE).timestamp())


def readings(begin: int, end: int, seed: int):
    """Times about every twenty seconds, with pauses of minutes and hours; the first one just before the month."""
    dice = random.Random(seed)
    second, energy = begin - 15, 4_321_000
    while second < end + 60:
        yield second, energy
        pause = dice.choice([18, 20, 20, 22])
        if dice.random() < 0.0005:
            pause = dice.randrange(120, 6 * 3600)
        hour = datetime.datetime.fromtimestamp(second, ZONE).hour
        power = dice.uniform(80, 400) + (2500 if 11 <= hour < 13 and dice.random() < 0.4 else 0)
        second += pause
        energy += round(power * pause / 3600)


def spans(begin: int, end: int):
    """(step, start, end) of the month, of its local days, and of its hours."""
    yield "1mo", begin, end
    day = datetime.datetime.fromtimestamp(begin, ZONE)
    while day.timestamp() < end:
        following = datetime.datetime.combine(day.date() + datetime.timedelta(days=1), datetime.time(), ZONE)
        yield "1d", int(day.timestamp()), int(following.timestamp())
        day = following
    for hour in range(begin, end, 3600):
        yield "1h", hour, hour + 3600


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, month, days, hours in [("march", 3, 31, 743), ("october", 10, 31, 745)]:
        begin, end = instant(2026, month, 1), instant(2026, month + 1, 1)
        assert (end - begin) // 3600 == hours, name
        house = list(readings(begin, end, month))
        (folder / f"{name}.readings").write_text("".join(f"{second} {energy}\n" for second, energy in house))
        seconds = [second for second, _ in house]
        lines, total = [], 0
        for step, start, stop in spans(begin, end):
            # The rise of the counter between its values at the start and at the end of the span: a reading in exactly
            # that second counts.
            first, behind = bisect.bisect_right(seconds, start), bisect.bisect_right(seconds, stop)
            if first == behind:
                continue
            energy = house[behind - 1][1] - house[first - 1][1]
            total += energy if step == "1d" else 0
            text = datetime.datetime.fromtimestamp(start, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            lines.append(f"{step} {text} {energy / 1000:.3f}\n")
        month_line = next(line for line in lines if line.startswith("1mo"))
        assert f"{total / 1000:.3f}" == month_line.split()[2], "the days do not add up to the month"
        (folder / f"{name}.sums").write_text("".join(lines))
        print(f"{name}: {len(house)} readings, {len(lines)} sums, {total / 1000:.3f} kWh in {days} days of {hours} hours")


if __name__ == "__main__":
    main()
