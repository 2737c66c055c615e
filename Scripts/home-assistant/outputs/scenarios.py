# SPDX-License-Identifier: Apache-2.0
"""What is tried, and what must come of it."""

import re
import time
from datetime import datetime

SOURCES = "sources: {gplug: {adapter: gplug, labels: gplug-d, subscribe: tele/+/SENSOR, meter: house}}\n"
OUTPUTS = "outputs: [harmonized, home-assistant: {legacy: true}]\n"


def boundary(home):
    """Statistics are made every five minutes; waits until the next ones are there."""
    now = datetime.now()
    time.sleep(300 - (now.minute % 5 * 60 + now.second) + 15)
    home.connect()  # Home Assistant hangs up on those who are silent for so long


def complaints(home) -> list:
    """What the log says about MQTT. Notes about object_id and about the clean-up after a removed device come with every device."""
    lines = [line for line in home.log().splitlines() if re.search(r"\b(WARNING|ERROR)\b", line) and "mqtt" in line]
    return [line for line in lines if not re.search("object_id|No device components to cleanup", line)]


def discovery(session, home):
    """entities, units, classes; unavailable with the bridge; fresh values after a restart of Home Assistant"""
    bridge = session.bridge(SOURCES + OUTPUTS)
    home.launch()
    session.reading("ABC1", Pi=0.412, Po=0.0, Ei=12345.678, Eo=3.2, V1=231.2, I1=1.79)
    session.eventually(
        "the value that came with the news",
        lambda: home.states().get("sensor.house_power_import", {}).get("state"), "412")
    session.eventually("state", lambda: home.states().get("sensor.house_energy_import", {}).get("state"), "12345.678")
    states = home.states()
    for entity, state, unit, device_class, state_class in [
        ("sensor.house_energy_import", "12345.678", "kWh", "energy", "total_increasing"),
        ("sensor.house_energy_export", "3.2", "kWh", "energy", "total_increasing"),
        ("sensor.house_power_import", "412", "W", "power", "measurement"),
        ("sensor.house_power", "412", "W", "power", "measurement"),
        ("sensor.house_voltage_l1", "231.2", "V", "voltage", "measurement"),
        ("sensor.house_current_l1", "1.79", "A", "current", "measurement"),
    ]:
        found = states.get(entity, {"state": None, "attributes": {}})
        attributes = found["attributes"]
        session.expect(
            entity, (found["state"], *(attributes.get(key) for key in ("unit_of_measurement", "device_class", "state_class"))),
            (state, unit, device_class, state_class))
    session.expect("the bridge", states["binary_sensor.obis_bridge_ha_connection"]["state"], "on")
    devices = home.devices()
    session.expect("devices", sorted(devices), ["obis_abc1", "obis_bridge_ha"])
    session.expect("via", devices["obis_abc1"]["via_device_id"], devices["obis_bridge_ha"]["id"])
    for what, values, problem in [
        ("a zero of a counter", {"Pi": 0.412, "Ei": 0.0}, "on"), ("a message without the counter", {"Pi": 0.412}, "on"),
        ("a good counter", {"Pi": 0.412, "Ei": 12345.7}, "off"),
    ]:
        session.reading("ABC1", **values)
        session.eventually(f"problem after {what}", lambda: home.states()["binary_sensor.house_problem"]["state"], problem)
    session.expect("complaints of Home Assistant", complaints(home), [])

    home.stop()
    session.reading("ABC1", Pi=0.413)
    home.launch()
    session.eventually(
        "power that came while Home Assistant was away", lambda: home.states()["sensor.house_power_import"]["state"], "413", 15)

    bridge.kill()
    session.eventually(
        "power after the bridge was killed", lambda: home.states()["sensor.house_power_import"]["state"], "unavailable")
    session.eventually(
        "the bridge", lambda: home.states()["binary_sensor.obis_bridge_ha_connection"]["state"], "off")


def exchange(session, home):
    """another serial under the same name: a new device, and no false consumption; the Energy dashboard has no complaint"""
    session.bridge(SOURCES + OUTPUTS)
    home.launch()
    session.reading("OLD1", Pi=0.4, Po=0.0, Ei=25149.4, Eo=3.2)
    session.eventually("the old meter", lambda: home.states().get("sensor.house_energy_import", {}).get("state"), "25149.4")
    home.call("energy/save_prefs", energy_sources=[{
        "type": "grid", "cost_adjustment_day": 0,
        "flow_from": [{"stat_energy_from": "sensor.house_energy_import", "stat_cost": None,
                       "entity_energy_price": None, "number_energy_price": None}],
        "flow_to": [{"stat_energy_to": "sensor.house_energy_export", "stat_compensation": None,
                     "entity_energy_price": None, "number_energy_price": None}]}])
    session.reading("OLD1", Ei=25149.5, Eo=3.2)
    boundary(home)
    # A meter that was silent for minutes is unavailable, and that is a complaint.
    session.reading("OLD1", Ei=25149.5, Eo=3.2)
    session.eventually("energy/validate", lambda: home.call("energy/validate")["energy_sources"], [[]])
    session.reading("NEW2", Ei=7.25, Eo=0.0, Pi=0.4, Po=0.0)
    session.eventually("the new meter", lambda: home.states().get("sensor.house_new2_energy_import", {}).get("state"), "7.25", 60)
    session.eventually("devices", lambda: sorted(home.devices()), ["obis_bridge_ha", "obis_new2"])
    session.reading("NEW2", Ei=7.35, Eo=0.0)
    boundary(home)
    for entity, wanted in [("sensor.house_energy_import", 0.1), ("sensor.house_new2_energy_import", 0.1)]:
        rows = home.sum(entity)
        session.expect(f"consumption of {entity}, kWh", round(sum(row.get("change") or 0 for row in rows), 3), wanted)
    session.expect("complaints of Home Assistant", complaints(home), [])


ALL = {"discovery": discovery, "exchange": exchange}
