# SPDX-License-Identifier: Apache-2.0
"""The entities of the meters in Home Assistant, and their states over time."""

import pathlib

from meters import P1, GPlug, HomeWizard

SOURCES = """\
sources:
  house: {adapter: gplug, labels: gplug-d, subscribe: tele/house/SENSOR, meter: house}
  flat: {adapter: p1, subscribe: flat/p1, meter: flat}
  shop: {adapter: homewizard, subscribe: shop/energy, meter: shop}
meters:
  flat: {name: Flat upstairs}
"""
FIXTURES = pathlib.Path(__file__).parents[2] / "Tests/AdaptersTests/Fixtures/p1"

# Entity, state, unit, device class, state class, category; a state of None may be any.
WANTED = [
    ("sensor.house_energy_import", "12345.678", "kWh", "energy", "total_increasing", None),
    ("sensor.house_energy_export", "3.2", "kWh", "energy", "total_increasing", None),
    ("sensor.house_power_import", "412", "W", "power", "measurement", None),
    ("sensor.house_power", "412", "W", "power", "measurement", None),
    ("sensor.house_voltage_l1", "231.2", "V", "voltage", "measurement", None),
    ("sensor.house_current_l1", "1.79", "A", "current", "measurement", None),
    ("sensor.flat_upstairs_energy_import_t1", "2131.115", "kWh", "energy", "total_increasing", None),
    ("sensor.flat_upstairs_energy_export_t2", "20.25", "kWh", "energy", "total_increasing", None),
    ("sensor.flat_upstairs_power", "720", "W", "power", "measurement", None),
    ("sensor.flat_upstairs_tariff", "2", None, "enum", None, None),
    ("sensor.g0088000987654321_gas", "246.138", "m³", "gas", "total_increasing", None),
    ("sensor.w0077000123456789_water", "88.5", "m³", "water", "total_increasing", None),
    ("sensor.shop_power", "-207", "W", "power", "measurement", None),
    ("sensor.shop_current_l1", "0.9", "A", "current", "measurement", None),
    ("sensor.g0099000111222333_gas", "1000.5", "m³", "gas", "total_increasing", None),
    ("binary_sensor.house_problem", "off", None, "problem", None, "diagnostic"),
    ("binary_sensor.shop_problem", "off", None, "problem", None, "diagnostic"),
    ("binary_sensor.obis_bridge_ha_connection", "on", None, "connectivity", None, "diagnostic"),
    ("sensor.obis_bridge_ha_started", None, None, "timestamp", None, "diagnostic"),
]
# Entities that exist but are disabled by default, as in Home Assistant's own integration `dsmr`; by their unique ids.
OFF = [
    *(f"obis_e0099000123456789_{code}" for code in ("0-0_96.7.21", "0-0_96.7.9", "1-0_32.32.0", "1-0_32.36.0", "0-0_96.13.0")),
    "obis_abc1_last_reading", "obis_bridge_ha_received", "obis_bridge_ha_memory"]


def street():
    return (
        GPlug("tele/house/SENSOR", "ABC1", Ei=("12345.678", "0"), Eo=("3.2", "0")),
        P1("flat/p1", "E0099000123456789", "G0088000987654321", "W0077000123456789",
           t1=("2131.115", "0"), t2=("1788.4", "0"), gas=("246.138", "0"), water=("88.5", "0")),
        HomeWizard("shop/energy", "E0077000555666777", "G0099000111222333", **{"import": ("5100.125", "0"), "gas": ("1000.5", "0")}))


def entities(session):
    """units, classes, categories; a problem while a value is held; unavailable with the bridge; fresh values after a restart"""
    bridge = session.bridge(SOURCES + f"outputs: [harmonized, {session.output}]\n")
    home = session.home()
    home.launch()
    house, flat, shop = street()
    session.send(house, flat, shop)
    session.eventually("the value that came with the news", lambda: home.state("sensor.house_power_import"), "412")
    session.eventually("the last meter", lambda: home.state("sensor.g0099000111222333_gas"), "1000.5")
    states, registry = home.states(), home.entities()
    for entity, state, *wanted in WANTED:
        found = states.get(entity, {"state": "missing", "attributes": {}})
        attributes = [found["attributes"].get(key) for key in ("unit_of_measurement", "device_class", "state_class")]
        category = registry.get(entity, {}).get("entity_category")
        session.expect(entity, (state and found["state"], *attributes, category), (state, *wanted))
    off = {entry["unique_id"]: (entry["disabled_by"], entry["entity_category"]) for entry in registry.values() if entry["unique_id"] in OFF}
    session.expect("diagnostic, and off until somebody wants them", off, {name: ("integration", "diagnostic") for name in OFF})
    devices = home.devices()
    session.expect("devices", sorted(devices), sorted([
        "obis_abc1", "obis_bridge_ha", "obis_e0077000555666777", "obis_e0099000123456789", "obis_g0088000987654321",
        "obis_g0099000111222333", "obis_w0077000123456789"]))
    for name, above in [("obis_abc1", "obis_bridge_ha"), ("obis_g0088000987654321", "obis_e0099000123456789")]:
        session.expect(f"{name} is behind {above}", devices[name]["via_device_id"] == devices[above]["id"], True)
    flat_device = devices["obis_e0099000123456789"]
    session.expect(
        "name, manufacturer and model", [flat_device[key] for key in ("name", "manufacturer", "model")],
        ["Flat upstairs", "Iskraemeco", "2M550T-1012"])
    for what, change, problem in [
        ("a zero of a counter", {"Ei": 0}, "on"), ("the next message, which repeats it", {"Ei": 0}, "on"),
        ("a good counter", {}, "off"),
    ]:
        house.once = change
        session.send(house)
        session.eventually(f"problem after {what}", lambda: home.state("binary_sensor.house_problem"), problem)
        session.expect("the counter meanwhile", home.state("sensor.house_energy_import"), "12345.678")
    session.expect("what Home Assistant complains of", home.complaints(), [])

    home.stop()
    house.values["Pi"] = 0.413
    session.send(house, flat, shop)
    home.launch()
    session.eventually("power that came while Home Assistant was away", lambda: home.state("sensor.house_power_import"), "413")

    bridge.kill()
    session.eventually("power after the bridge was killed", lambda: home.state("sensor.house_power_import"), "unavailable")
    session.eventually("the bridge", lambda: home.state("binary_sensor.obis_bridge_ha_connection"), "off")


def telegrams(session):
    """every telegram of the P1 fixtures, and Home Assistant has no complaint"""
    session.bridge(
        "sources:\n  p1: {adapter: p1, subscribe: telegram/+}\n"
        "  house: {adapter: gplug, labels: gplug-d, subscribe: tele/house/SENSOR, meter: house}\n"
        f"outputs: [harmonized, {session.output}]\n")
    home = session.home()
    home.launch()
    files = sorted(path for path in FIXTURES.rglob("*") if path.suffix == ".payload")
    for number, path in enumerate(files):
        session.client.publish(f"telegram/{number}", path.read_bytes(), qos=1).wait_for_publish(10)
    session.send(street()[0])
    session.eventually("the last meter", lambda: home.state("sensor.house_power_import"), "412", 60)
    of_meters = [entry for entry in home.entities().values() if entry["platform"] == "mqtt"]
    session.expect(f"more than a hundred entities of {len(files)} telegrams", len(of_meters) > 100, True)
    print(f"        {len(home.devices())} devices, {len(of_meters)} entities", flush=True)
    session.expect("what Home Assistant complains of", home.complaints(), [])
