# SPDX-License-Identifier: Apache-2.0
"""The labels of gPlug's P1-DSMR script, for the peers written in Python."""
CODES = {
    "Pi": ("1-0:1.7.0", "kW"), "Po": ("1-0:2.7.0", "kW"), "P1i": ("1-0:21.7.0", "W"), "P2i": ("1-0:41.7.0", "W"),
    "P3i": ("1-0:61.7.0", "W"), "P1o": ("1-0:22.7.0", "W"), "P2o": ("1-0:42.7.0", "W"), "P3o": ("1-0:62.7.0", "W"),
    "V1": ("1-0:32.7.0", "V"), "V2": ("1-0:52.7.0", "V"), "V3": ("1-0:72.7.0", "V"), "I1": ("1-0:31.7.0", "A"),
    "I2": ("1-0:51.7.0", "A"), "I3": ("1-0:71.7.0", "A"), "Ei": ("1-0:1.8.0", "kWh"), "Eo": ("1-0:2.8.0", "kWh"),
    "Ei1": ("1-0:1.8.1", "kWh"), "Ei2": ("1-0:1.8.2", "kWh"), "Eo1": ("1-0:2.8.1", "kWh"), "Eo2": ("1-0:2.8.2", "kWh"),
}


def harmonised(message, topic):
    registers = {}
    for label, value in message["z"].items():
        if label in CODES:
            code, unit = CODES[label]
            if unit == "kW":
                value, unit = round(value * 1000, 3), "W"
            registers[code] = {"value": value, "unit": unit}
    return {"meter": bytes.fromhex(message["z"]["SMid"]).decode(), "time": message["Time"] + "Z",
            "registers": registers, "source": {"topic": topic}}
