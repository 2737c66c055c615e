# SPDX-License-Identifier: Apache-2.0
"""Home Assistant's recorder beside the bridge's own history."""

import json
import math
import random
import subprocess
import urllib.parse
import urllib.request
from datetime import datetime, timezone
from decimal import Decimal

from meters import GPlug

START = datetime(2026, 6, 15, 23, 50, tzinfo=timezone.utc)
HOURS = 24
SPEED = 120
STEP = 60


class House(GPlug):
    """A house with a roof: its power changes from message to message."""

    random = random.Random(19)

    def messages(self, moment):
        hour = moment % 86400 / 3600
        load = 250 + 2600 * math.exp(-((hour - 18.8) / 0.6) ** 2) + 1900 * math.exp(-((hour - 12.1) / 0.4) ** 2) + abs(self.random.gauss(0, 120))
        sun = 6200 * max(0, math.sin((hour - 6) / 14 * math.pi)) ** 1.4 if 6 < hour < 20 else 0
        watts = Decimal(round(load - sun))
        self.steps["Ei"], self.steps["Eo"] = (abs(watts) * STEP / 3_600_000 if is_so else Decimal(0) for is_so in (watts > 0, watts < 0))
        return super().messages(moment)

    def encode(self, values, time):
        return super().encode({name: round(value, 4) for name, value in values.items()}, time)


def recorder(session):
    """a simulated day: each hour of the bridge's history is that of Home Assistant's statistics, within 1 Wh"""
    session.clock.move(START)
    web = session.free_port()
    session.bridge(
        "sources: {house: {adapter: gplug, labels: gplug-d, subscribe: tele/house/SENSOR, meter: house}}\n"
        f"http: {web}\nhistory: {{file: {session.directory}/history.db}}\noutputs: [harmonized, {session.output}]\n")
    home = session.home()
    home.launch()
    house = House("tele/house/SENSOR", "ABC1", Ei=("8123.4", "0"), Eo=("5310.2", "0"))
    session.live(house, step=STEP, offset=30)
    session.wait("the meter", lambda: home.state("sensor.house_energy_import"), 90)
    session.run(SPEED, home)
    first = (int(START.timestamp()) // 3600 + 1) * 3600
    last = first + HOURS * 3600
    # Home Assistant computes an hour's statistics ten seconds after it; the history is written once a minute of the
    # computer's time.
    while session.clock.now() < last + 60:
        session.clock.sleep(300)
        home.call("get_config")
    session.run(1, home)
    compared = 0
    for register, entity in [("energy_import", "sensor.house_energy_import"), ("energy_export", "sensor.house_energy_export")]:
        theirs = {int(row["start"]) // 1000: Decimal(str(row["change"] or 0)) for row in home.statistics(entity, "hour")}

        def ours():
            query = urllib.parse.urlencode({"register": register, "from": stamp(first), "to": stamp(last), "step": "1h"})
            with urllib.request.urlopen(f"http://127.0.0.1:{web}/v1/meters/house/history?{query}", timeout=10) as answer:
                rows = json.load(answer, parse_float=Decimal)["rows"]
            return {int(datetime.fromisoformat(row["start"]).timestamp()): Decimal(row["energy"]) for row in rows}

        session.eventually(f"hours of {register} in the history", lambda: len(ours()), HOURS, 150)
        pairs = [(hour, value, theirs.get(hour)) for hour, value in sorted(ours().items())]
        apart = [(stamp(hour), str(ours), str(theirs)) for hour, ours, theirs in pairs if theirs is None or abs(ours - theirs) > Decimal("0.001")]
        compared += len(pairs)
        session.expect(f"hours of {register} that are more than 1 Wh apart", apart, [])
        most = max((abs(ours - theirs) for _, ours, theirs in pairs if theirs is not None), default=None)
        print(f"        {len(pairs)} hours, {sum(ours for _, ours, _ in pairs)} kWh; the most that one is apart: {most} kWh", flush=True)
    session.expect("hours compared", compared, 2 * HOURS)


def stamp(moment: int) -> str:
    return datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
