# SPDX-License-Identifier: Apache-2.0
"""Four made-up meters of a street: the messages of their readers at a moment. The sun shines from six to eight."""
import json
import math
import pathlib
import random
import sys

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parent.parent))  # for shared.py
from shared import crc16  # noqa: E402

STEP = 10  # seconds between two messages of a reader

# The configuration of the bridge for the pictures.
CONFIGURATION = """\
bridge: home
broker: mqtt://127.0.0.1:{broker}
zone: Europe/Zurich
http: {http}
history: {history}
sources:
  house: {{adapter: gplug, labels: gplug-d, subscribe: tele/house/SENSOR, meter: house}}
  shop: {{adapter: smartmeter-datacollector, subscribe: smartmeter/12345/#, meter: shop}}
  flat: {{adapter: p1, subscribe: flat/p1, meter: flat}}
  heat-pump: {{adapter: gplug, labels: gplug-d, subscribe: tele/heatpump/SENSOR, meter: heat-pump}}
meters:
  house: {{name: House, role: grid, demand: {{floor: 2.5 kW}}}}
  shop: {{name: Workshop}}
  flat: {{name: Flat upstairs, tariffs: netherlands, demand: on}}
  heat-pump: {{name: Heat pump, role: load}}
"""


class Street:
    """Counters that continue from call to call; times are seconds since 1970, `local` is the local time."""

    def __init__(self, seed: int = 7):
        self.random = random.Random(seed)
        self.house = {"in": 8123.4, "out": 5310.2}
        self.flat = {"t1": 2210.1, "t2": 1804.7, "gas": 1540.369, "peak": 2.731, "quarter": 0.0, "samples": 0, "mark": 0}
        self.shop = {"in": 512.0, "out": 0.0}
        self.pump = {"in": 2004.5}
        self.cloud = 1.0

    def messages(self, epoch: int, local: "time.struct_time", offset: str):
        """Topic and payload of all messages at this moment."""
        hour = local.tm_hour + local.tm_min / 60 + local.tm_sec / 3600
        noise = self.random.gauss
        self.cloud = min(1.0, max(0.25, self.cloud + noise(0, 0.02)))
        sun = max(0.0, math.sin((hour - 6) / 14 * math.pi)) ** 1.4 * 6200 * self.cloud if 6 < hour < 20 else 0.0
        meals = 1900 * math.exp(-((hour - 12.1) / 0.35) ** 2) + 2600 * math.exp(-((hour - 18.8) / 0.6) ** 2)
        load = 260 + 380 * (6.3 < hour < 23) + meals + 140 * (int(epoch / 1500) % 3 == 0) + abs(noise(0, 25))
        yield from self._house(local, load - sun)
        yield from self._flat(epoch, local, 180 + meals * 0.5 + 900 * (19.2 < hour < 20.4) + abs(noise(0, 12)), hour)
        yield from self._shop(epoch, 40 + 1650 * (8 < hour < 17) * (int(epoch / 700) % 2) + abs(noise(0, 8)))
        yield from self._pump(local, 2100 * (int(epoch / 1100) % 4 == 0) + 14 + abs(noise(0, 3)))

    def _house(self, local, watts):
        grow(self.house, "in", max(0, watts))
        grow(self.house, "out", max(0, -watts))
        phase = watts / 3
        z = {
            "SMid": "ISK1030775200013", "Pi": round(max(0, watts) / 1000, 3), "Po": round(max(0, -watts) / 1000, 3),
            "Ei": round(self.house["in"], 3), "Eo": round(self.house["out"], 3),
            "V1": round(230.6 + self.random.gauss(0, 0.4), 1), "V2": round(229.9 + self.random.gauss(0, 0.4), 1),
            "V3": round(231.2 + self.random.gauss(0, 0.4), 1),
            "I1": round(abs(phase) / 230, 2), "I2": round(abs(phase) / 230, 2), "I3": round(abs(phase) / 231, 2),
        }
        yield "tele/house/SENSOR", json.dumps({"Time": iso(local), "z": z})

    def _flat(self, epoch, local, watts, hour):
        state = self.flat
        tariff = 2 if 7 <= hour < 22 else 1
        grow(state, f"t{tariff}", watts)
        state["gas"] += max(0, self.random.gauss(0, 1)) * 0.0012 * (5 < hour < 23)
        if epoch // 900 != state["mark"]:
            state.update(quarter=0.0, samples=0, mark=epoch // 900)
        state["quarter"] += watts
        state["samples"] += 1
        running = state["quarter"] / state["samples"] * (epoch % 900 / 900) / 1000
        state["peak"] = max(state["peak"], running)
        stamp = f"{local.tm_year % 100:02}{local.tm_mon:02}{local.tm_mday:02}"
        clock = f"{stamp}{local.tm_hour:02}{local.tm_min:02}{local.tm_sec:02}" + ("S" if local.tm_isdst else "W")
        lines = [
            "/FLU5\\253769484_A", "", "0-0:96.1.4(50217)", "0-0:96.1.1(3153414733313030303030343231)",
            f"0-0:1.0.0({clock})", f"1-0:1.8.1({state['t1']:010.3f}*kWh)", f"1-0:1.8.2({state['t2']:010.3f}*kWh)",
            "1-0:2.8.1(000000.000*kWh)", "1-0:2.8.2(000000.000*kWh)", f"0-0:96.14.0({tariff:04})",
            f"1-0:1.4.0({running:06.3f}*kW)", f"1-0:1.6.0({stamp}000000{clock[-1]})({state['peak']:06.3f}*kW)",
            f"1-0:1.7.0({watts / 1000:06.3f}*kW)", "1-0:2.7.0(00.000*kW)",
            f"1-0:32.7.0({231.1 + self.random.gauss(0, 0.3):05.1f}*V)", f"1-0:31.7.0({watts / 231:06.2f}*A)",
            "0-1:24.1.0(003)", "0-1:96.1.1(37464C4F32313230303030303030)",
            f"0-1:24.2.3({clock})({state['gas']:09.3f}*m3)",
        ]
        body = "\r\n".join(lines) + "\r\n!"
        yield "flat/p1", f"{body}{crc16(body.encode()):04X}\r\n"

    def _shop(self, epoch, watts):
        grow(self.shop, "in", watts)
        values = {"ACTIVE_POWER_P": round(watts), "ACTIVE_POWER_N": 0, "ACTIVE_ENERGY_P": round(self.shop["in"] * 1000),
                  "ACTIVE_ENERGY_N": 0}
        for name, value in values.items():
            yield f"smartmeter/12345/{name}", json.dumps({"value": float(value), "timestamp": epoch})

    def _pump(self, local, watts):
        grow(self.pump, "in", watts)
        yield "tele/heatpump/SENSOR", json.dumps({"Time": iso(local), "z": {"Pi": round(watts / 1000, 3), "Ei": round(self.pump["in"], 3)}})


def grow(counters, key, watts):
    counters[key] += watts * STEP / 3_600_000


def iso(local):
    return (f"{local.tm_year}-{local.tm_mon:02}-{local.tm_mday:02}T"
            f"{local.tm_hour:02}:{local.tm_min:02}:{local.tm_sec:02}")
