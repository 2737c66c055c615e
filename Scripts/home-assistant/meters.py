# SPDX-License-Identifier: Apache-2.0
"""Made-up meters behind made-up readers: their messages at a moment, from counters that a test sets and that then rise by themselves."""

import json
import pathlib
import sys
from datetime import datetime, timezone
from decimal import Decimal

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parent.parent))  # for shared.py
from shared import crc16  # noqa: E402


def local(moment: float) -> datetime:
    """The readers' clocks run in UTC."""
    return datetime.fromtimestamp(moment, timezone.utc)


class Meter:
    """Counters by name, each with its rise per message."""

    def __init__(self, **counters: tuple[str, str]):
        self.values = {name: Decimal(start) for name, (start, _) in counters.items()}
        self.steps = {name: Decimal(step) for name, (_, step) in counters.items()}
        # The values of the next message only.
        self.once: dict[str, Decimal] = {}
        self.is_silent = False

    def messages(self, moment: float) -> list[tuple[str, str]]:
        for name, step in self.steps.items():
            self.values[name] += step
        sent = {**self.values, **self.once}
        self.once = {}
        return [] if self.is_silent else self.encode(sent, local(moment))

    def encode(self, values, time) -> list[tuple[str, str]]:
        raise NotImplementedError


class GPlug(Meter):
    """A reader of a one-phase meter with totals, in Tasmota's format."""

    def __init__(self, topic: str, serial: str, **counters):
        super().__init__(**counters)
        self.topic, self.serial = topic, serial

    def encode(self, values, time):
        z = {"SMid": self.serial.encode().hex(), "Pi": 0.412, "Po": 0.0, "V1": 231.2, "I1": 1.79}
        z |= {name: float(value) for name, value in values.items()}
        return [(self.topic, json.dumps({"Time": time.strftime("%Y-%m-%dT%H:%M:%S"), "z": z}))]


class P1(Meter):
    """A P1 port: two tariffs or, once `is_total`, the total; with a gas and a water meter."""

    def __init__(self, topic: str, serial: str, gas_id: str, water_id: str, **counters):
        super().__init__(**counters)
        self.topic, self.serial, self.gas_id, self.water_id = topic, serial, gas_id, water_id
        self.is_total = False

    def encode(self, values, time):
        stamp = time.strftime("%y%m%d%H%M%SW")
        t1, t2 = values["t1"], values["t2"]
        energy = [f"1-0:1.8.0({t1 + t2:010.3f}*kWh)"] if self.is_total else [
            f"1-0:1.8.1({t1:010.3f}*kWh)", f"1-0:1.8.2({t2:010.3f}*kWh)",
            "1-0:2.8.1(000010.500*kWh)", "1-0:2.8.2(000020.250*kWh)"]
        lines = [
            "/ISK5\\2M550T-1012", "", "1-3:0.2.8(50)", f"0-0:1.0.0({stamp})", f"0-0:96.1.1({hexadecimal(self.serial)})", *energy,
            "0-0:96.14.0(0002)", "1-0:1.7.0(00.720*kW)", "1-0:2.7.0(00.000*kW)", "0-0:96.7.21(00009)", "0-0:96.7.9(00008)",
            "1-0:32.32.0(00006)", "1-0:32.36.0(00001)", "0-0:96.13.0(48656C6C6F)", "1-0:32.7.0(229.9*V)", "1-0:31.7.0(003*A)",
            "1-0:21.7.0(00.720*kW)", "1-0:22.7.0(00.000*kW)",
            "0-1:24.1.0(003)", f"0-1:96.1.0({hexadecimal(self.gas_id)})", f"0-1:24.2.1({stamp})({values['gas']:09.3f}*m3)",
            "0-2:24.1.0(007)", f"0-2:96.1.0({hexadecimal(self.water_id)})", f"0-2:24.2.1({stamp})({values['water']:09.3f}*m3)", "!"]
        text = "\r\n".join(lines)
        return [(self.topic, f"{text}{crc16(text.encode()):04X}\r\n")]


class HomeWizard(Meter):
    """A HomeWizard P1 dongle with a gas meter."""

    def __init__(self, topic: str, serial: str, gas_id: str, **counters):
        super().__init__(**counters)
        self.topic, self.serial, self.gas_id = topic, serial, gas_id

    def encode(self, values, time):
        stamp, gas = int(time.strftime("%y%m%d%H%M%S")), float(values["gas"])
        return [(self.topic, json.dumps({
            "smr_version": 50, "meter_model": "ISKRA 2M550T-1012", "unique_id": hexadecimal(self.serial), "active_tariff": 2,
            "total_power_import_kwh": float(values["import"]), "total_power_export_kwh": 7.5,
            "active_power_w": -207, "active_power_l1_w": -207, "active_voltage_l1_v": 229.9, "active_current_l1_a": -0.9,
            "voltage_sag_l1_count": 1, "any_power_fail_count": 4, "total_gas_m3": gas, "gas_timestamp": stamp,
            "gas_unique_id": hexadecimal(self.gas_id),
            "external": [{"unique_id": hexadecimal(self.gas_id), "type": "gas_meter", "timestamp": stamp, "value": gas, "unit": "m3"}]}))]


def hexadecimal(text: str) -> str:
    return text.encode().hex().upper()
