# SPDX-License-Identifier: Apache-2.0
"""The Energy dashboard and its statistics: across a zero, the exchange of a meter, a switch from tariffs to the total."""

from datetime import datetime, timezone
from decimal import Decimal

from entities import SOURCES
from meters import P1, GPlug, HomeWizard

# Thirty seconds per second: five minutes of statistics arrive in ten.
SPEED = 30
START = datetime(2026, 6, 16, 9, 56, tzinfo=timezone.utc)
HOUSE = "tele/house/SENSOR"


def preferences(is_modern: bool) -> dict:
    """The Energy dashboard as a person would set it up, with two grid connections."""
    nothing = {"stat_cost": None, "entity_energy_price": None, "number_energy_price": None}
    meters = ["sensor.house", "sensor.flat_upstairs"]
    if is_modern:
        grid = [
            {"type": "grid", "stat_energy_from": f"{meter}_energy_import", "stat_energy_to": f"{meter}_energy_export",
             "stat_rate": f"{meter}_power", **nothing, "stat_compensation": None, "entity_energy_price_export": None,
             "number_energy_price_export": None, "cost_adjustment_day": 0.0} for meter in meters]
    else:
        grid = [{
            "type": "grid", "cost_adjustment_day": 0.0,
            "flow_from": [{"stat_energy_from": f"{meter}_energy_import", **nothing} for meter in meters],
            "flow_to": [{"stat_energy_to": f"{meter}_energy_export", "stat_compensation": None, "entity_energy_price": None,
                         "number_energy_price": None} for meter in meters]}]
    volumes = [{"type": kind, "stat_energy_from": entity, **nothing} for kind, entity in [
        ("gas", "sensor.g0088000987654321_gas"), ("water", "sensor.w0077000123456789_water")]]
    return {"energy_sources": grid + volumes}


def is_part(wanted, found) -> bool:
    """True when everything that was saved exists; Home Assistant may add keys."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(is_part(value, found.get(key)) for key, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(found, list) and len(wanted) == len(found) and all(map(is_part, wanted, found))
    return wanted == found


class Books:
    """Compares Home Assistant's statistics with the meters' counters."""

    def __init__(self, session, home):
        self.session, self.home = session, home

    def expect(self, what: str, entity: str, first: Decimal):
        """The sum of its statistics equals the rise of its counter since `first`, its first value."""
        newest = self.home.statistics(entity)[-1]
        booked, counted = Decimal(str(newest["sum"])), Decimal(str(newest["state"])) - first
        self.session.expect(f"{what}: {entity} booked", round(float(booked), 3), round(float(counted), 3))

    def steps(self, what: str, entity: str, most: str):
        """No five minutes have more than `most`: nothing was booked without being counted."""
        sums = [Decimal(str(row["sum"])) for row in self.home.statistics(entity)]
        changes = [after - before for before, after in zip([Decimal(0), *sums], sums)]
        self.session.expect(
            f"{what}: {entity} never rises by more than {most} in five minutes, or falls",
            (bool(changes), [round(float(change), 3) for change in changes if not 0 <= change <= Decimal(most)]), (True, []))

    def shown(self, what: str, entity: str, least: Decimal, most: Decimal):
        """All its values lie between the two."""
        values = self.home.numbers(entity)
        self.session.expect(
            f"{what}: {entity} shows nothing outside {least} to {most}",
            (bool(values), [str(value) for value in values if not least <= value <= most]), (True, []))


def begin(session, extra: str = ""):
    """Starts three running meters, a bridge, and Home Assistant with all entities."""
    session.clock.move(START)
    session.bridge(SOURCES + f"outputs: [harmonized, {session.output}]\n")
    home = session.home(extra)
    home.launch()
    house = GPlug(HOUSE, "ABC1", Ei=("12345.678", "0.004"), Eo=("3.2", "0.001"))
    flat = P1("flat/p1", "E0099000123456789", "G0088000987654321", "W0077000123456789",
              t1=("2131.115", "0"), t2=("1788.4", "0.002"), gas=("246.138", "0.002"), water=("88.5", "0.001"))
    shop = HomeWizard("shop/energy", "E0077000555666777", "G0099000111222333", **{"import": ("5100.125", "0.003"), "gas": ("1000.5", "0.002")})
    session.live(house, flat, shop)
    session.run(SPEED, home)
    session.wait("the energy of the flat, which is made of its tariffs", lambda: home.state("sensor.flat_upstairs_energy_import"), 60)
    for entity in ["sensor.house_energy_import", "sensor.g0088000987654321_gas", "sensor.g0099000111222333_gas"]:
        session.wait(entity, lambda entity=entity: home.state(entity))
    return home, house, flat, shop


def first(home, entity: str) -> Decimal:
    """Its first value."""
    return home.numbers(entity)[0]


def energy(session):
    """grid, power, gas and water of the Energy dashboard; a zero, four exchanges and a switch to the total book nothing false"""
    home, house, flat, shop = begin(session)
    books = Books(session, home)
    wanted = preferences(home.is_modern)
    home.call("energy/save_prefs", **wanted)
    session.expect("the stored preferences are those that were saved", is_part(wanted, home.call("energy/get_prefs")), True)
    session.boundary()
    session.boundary()
    session.eventually(
        "energy/validate", lambda: home.call("energy/validate")["energy_sources"], [[] for _ in wanted["energy_sources"]], 60)

    with session.pause():
        house.once, flat.once, shop.once = {"Ei": 0}, {"gas": Decimal(0), "water": Decimal(0)}, {"gas": Decimal(0)}
    session.boundary()
    for entity in ["sensor.house_energy_import", "sensor.house_energy_export", "sensor.flat_upstairs_energy_import",
                   "sensor.g0088000987654321_gas", "sensor.w0077000123456789_water", "sensor.g0099000111222333_gas"]:
        books.expect("a zero", entity, first(home, entity))

    old = {meter: meter.values["gas"] for meter in (flat, shop)}
    with session.pause():
        flat.gas_id, flat.values["gas"] = "G0088000555555555", Decimal("5000.000")
        shop.gas_id, shop.values["gas"] = "G0099000666666666", Decimal(0)
    session.boundary()
    session.boundary()
    for what, before, after, start, meter in [
        ("a gas meter from a high counter", "g0088000987654321", "g0088000555555555", "5000", flat),
        ("a gas meter from zero", "g0099000111222333", "g0099000666666666", "0", shop),
    ]:
        books.steps(what, f"sensor.{before}_gas", "0.1")
        books.shown(what, f"sensor.{before}_gas", Decimal(0), old[meter])
        books.steps(what, f"sensor.{after}_gas", "0.1")
        books.shown(what, f"sensor.{after}_gas", Decimal(start), Decimal(start) + 1)
        books.expect(what, f"sensor.{after}_gas", first(home, f"sensor.{after}_gas"))
    session.expect(
        "the devices of the gas meters", sorted(name for name in home.devices() if name.startswith("obis_g0")),
        ["obis_g0088000555555555", "obis_g0099000666666666"])

    with session.pause():
        flat.is_total = True
    session.boundary()
    session.boundary()
    books.expect("from two tariffs to the total", "sensor.flat_upstairs_energy_import", first(home, "sensor.flat_upstairs_energy_import"))
    books.steps("from two tariffs to the total", "sensor.flat_upstairs_energy_import", "0.1")
    for tariff in ("t1", "t2"):
        books.steps("from two tariffs to the total", f"sensor.flat_upstairs_energy_import_{tariff}", "0.1")
    with session.pause():
        flat.is_total = False
    session.boundary()
    books.steps("and back", "sensor.flat_upstairs_energy_import", "0.1")

    last = house.values["Ei"]
    with session.pause():
        house.serial, house.values["Ei"], house.values["Eo"] = "NEW2", Decimal("7.25"), Decimal(0)
    session.boundary()
    session.boundary()
    books.steps("an electricity meter", "sensor.house_energy_import", "0.2")
    books.shown("an electricity meter", "sensor.house_energy_import", Decimal(0), last)
    books.steps("an electricity meter", "sensor.house_new2_energy_import", "0.2")
    books.shown("an electricity meter", "sensor.house_new2_energy_import", Decimal("7.25"), Decimal(9))
    books.expect("an electricity meter", "sensor.house_new2_energy_import", first(home, "sensor.house_new2_energy_import"))
    session.expect("what Home Assistant complains of", home.complaints(), [])


# A sensor for the publications of a bridge without guards: it proves that the comparison can fail.
UNGUARDED = """\
mqtt:
  sensor:
    - name: unguarded
      unique_id: unguarded
      state_topic: unguarded/v1/meter/abc1/obis/1-0:1.8.0
      unit_of_measurement: kWh
      device_class: energy
      state_class: total_increasing
"""
OFF = "fixes: {counter.zero: off, counter.decrease: off, counter.jump: off}"


def zero(session):
    """one zero between two readings: what the bridge prevents, and what Home Assistant books where its guards are off"""
    session.clock.move(START)
    source = "sources: {gplug: {adapter: gplug, labels: gplug-d, subscribe: " + HOUSE
    session.bridge(source + ", meter: house}}\n" + f"outputs: [harmonized, {session.output}]\n")
    session.bridge(source + f", {OFF}}}}}\nprofile: {{topics: {{root: unguarded/v1}}}}\n", name="unguarded")
    home = session.home(UNGUARDED)
    home.launch()
    house = GPlug(HOUSE, "ABC1", Ei=("12345.678", "0"))
    for counter, guarded, unguarded in [
        ("12345.678", "12345.678", "12345.678"), ("0", "12345.678", "0"), ("12345.700", "12345.7", "12345.7")
    ]:
        house.values["Ei"] = Decimal(counter)
        session.send(house)
        session.eventually(f"{counter} kWh without guards", lambda: home.state("sensor.unguarded"), unguarded)
        session.eventually(f"{counter} kWh", lambda: home.state("sensor.house_energy_import"), guarded)
        session.clock.sleep(11)
    session.run(SPEED, home)
    session.boundary()
    booked = {name: round(home.statistics(f"sensor.{name}")[-1]["sum"], 3) for name in ("house_energy_import", "unguarded")}
    session.expect("booked, kWh", booked, {"house_energy_import": 0.022, "unguarded": 12345.7})
