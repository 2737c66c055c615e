# SPDX-License-Identifier: Apache-2.0
"""The two blueprints, used like a person would."""

import pathlib
import time

from entities import SOURCES
from meters import GPlug

FOLDER = pathlib.Path(__file__).parents[2] / "Examples/home-assistant"


def blueprints(session):
    """imported, listed, made automations of, and set off: a silent meter, a problem, a counter that is held"""
    session.bridge(SOURCES + f"outputs: [harmonized, {session.output}]\n")
    home = session.home()
    home.launch()
    # The equivalent of "Import blueprint" with a fetched file.
    for file in FOLDER.glob("*.yaml"):
        home.call("blueprint/save", domain="automation", path=f"obis-bridge/{file.stem}", yaml=file.read_text())
    found = home.call("blueprint/list", domain="automation")
    ours = {name: blueprint.get("error") for name, blueprint in found.items() if name.startswith("obis-bridge/")}
    session.expect("listed without an error", ours, {"obis-bridge/counter-held.yaml": None, "obis-bridge/meter-silent.yaml": None})

    house = GPlug("tele/house/SENSOR", "ABC1", Ei=("12345.678", "0"))
    session.send(house)
    session.eventually("the meter", lambda: home.state("binary_sensor.house_problem"), "off")
    home.write_automations([
        {"id": "held", "alias": "Counter held", "use_blueprint": {"path": "obis-bridge/counter-held.yaml", "input": {}}},
        {"id": "silent", "alias": "Meter silent", "use_blueprint": {
            "path": "obis-bridge/meter-silent.yaml", "input": {"problem": "binary_sensor.house_problem", "minutes": 1}}},
    ])
    for name in ("counter_held", "meter_silent"):
        session.eventually(f"automation.{name}", lambda name=name: home.state(f"automation.{name}"), "on")

    # Home Assistant subscribes a moment after an automation is switched on.
    time.sleep(3)
    house.once = {"Ei": 3}
    session.send(house)
    told = session.wait("word of the held counter", lambda: [text for text in home.notifications() if "accept" in text])
    session.expect(
        "what it says", told[0], "house: 1-0:1.8.0 is held, sent 3. If the display of the meter shows the same: obis-bridge accept house")

    def believed() -> list[str]:
        house.once = {"Ei": 3}
        session.send(house)
        time.sleep(5)
        return [text for text in home.notifications() if "believed" in text]

    session.eventually("a problem of a minute", believed, ["Electricity meter ABC1 sends a value that is not believed."], 90)
    session.eventually(
        "a meter that is silent for a minute", lambda: [text for text in home.notifications() if "nothing" in text],
        ["Electricity meter ABC1 sends nothing: look at its reader."], 240)
    session.expect("what Home Assistant complains of", home.complaints(), [])
