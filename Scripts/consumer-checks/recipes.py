# SPDX-License-Identifier: Apache-2.0
"""Each page of docs/consumers: extracts the recipe and executes it."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import time
import tomllib

import jinja2
import jsonpath_ng
import yaml

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs/consumers"
VALUES = {
    "Pi": 0.412, "Po": 0.0, "P1i": 285, "P1o": 0, "P2i": 0, "P2o": 100, "P3i": 227, "P3o": 0, "Ei": 12345.678, "Eo": 3.2, "V1": 231.2,
    "I1": 1.234, "I2": 0.5, "I3": 2.25}


def block(page: str, language: str, number: int = 0) -> str:
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)[number]


def run(session) -> list:
    faults = []
    outputs = ["harmonized"]
    for page in ["victron", "smartevse", "dsmr-reader"]:
        outputs += yaml.safe_load(block(page, "yaml"))["outputs"][1:]
    outputs.append({"template": {"meters": ["house"], "topic": "missing/gas", "payload": "{{gas}}"}})
    configuration = yaml.safe_load(block("victron", "yaml"))
    session.bridge({"sources": configuration["sources"], "outputs": outputs})
    session.send(**VALUES)
    session.wait("a reading", lambda: session.payload("harmonized/v1/meter/house/reading") is not None)
    session.wait("the last output", lambda: session.payload("SmartEVSE-12345/Set/MainsMeter") is not None)

    def expect(what, found, wanted):
        if found == wanted:
            print(f"  ok    {what}: {found}")
        else:
            faults.append(f"{what}: {found!r}, not {wanted!r}")

    templates(session, expect)
    for check in [evcc, openhab, jq_page, home_assistant, telegraf, node_red]:
        check(session, expect)
    return faults


def subscribed(session, topic: str) -> str:
    """The messages of a client that subscribes and then receives the next telegram."""
    client = subprocess.Popen(
        ["mosquitto_sub", "-p", str(session.port), "-t", topic, "-C", "1", "-W", "10", "-F", "%p"], stdout=subprocess.PIPE)
    time.sleep(0.3)
    session.send(**VALUES)
    return client.communicate(timeout=20)[0].decode().rstrip("\n")


def jq(payload: str, *arguments: str) -> str:
    return subprocess.run(["jq", *arguments], input=payload.encode(), capture_output=True, check=True).stdout.decode().strip()


def templates(session, expect):
    grid = json.loads(session.payload("victron/grid") or "{}")
    expect("Victron grid", grid, {"grid": {
        "power": 412, "energy_forward": 12345.678, "energy_reverse": 3.2, "L1": {"voltage": 231.2, "current": 1.234}}})
    expect("SmartEVSE", session.payload("SmartEVSE-12345/Set/MainsMeter"), "12:-5:23")
    expect("DSMR-reader", session.payload("dsmr/reading/electricity_currently_delivered"), "0.412")
    expect("DSMR-reader phase", session.payload("dsmr/reading/phase_currently_delivered_l1"), "0.285")
    expect("a value that the meter does not send", session.payload("missing/gas"), None)


def evcc(session, expect):
    meters = yaml.safe_load(block("evcc", "yml"))["meters"]
    for meter in meters:
        for name, wanted in [("power", "412"), ("energy", "12345.678")]:
            if name in meter:
                payload = subscribed(session, meter[name]["topic"])
                found = jq(payload, meter[name]["jq"]) if "jq" in meter[name] else payload
                expect(f"evcc {meter['name']} {name}", found, wanted)
        for name, wanted in [("currents", ["1.234", "-0.5", "2.25"]), ("powers", ["285", "-100", "227"])]:
            for place, number in zip(meter.get(name, []), wanted):
                payload = subscribed(session, place["topic"])
                expect(f"evcc {name}", jq(payload, place["jq"]) if "jq" in place else payload, number)


def openhab(session, expect):
    things = block("openhab", "things")
    expect("openHAB availability", subscribed(session, re.search(r'availabilityTopic="([^"]+)"', things)[1]), "online")
    for line, wanted in zip([line for line in things.splitlines() if "stateTopic" in line], [412, 12345.678]):
        payload = subscribed(session, re.search(r'stateTopic="([^"]+)"', line)[1])
        pattern = re.search(r'transformationPattern="JSONPATH:([^"]+)"', line)
        found = jsonpath_ng.parse(pattern[1]).find(json.loads(payload))[0].value if pattern else json.loads(payload)
        expect("openHAB", found, wanted)


def jq_page(session, expect):
    for number, wanted in [
        (0, '{"meter":"house","power":412}'), (1, ""), (2, '"house","1-0:16.7.0",412,"W"'),
    ]:
        command = block("jq", "sh", number)
        topic = re.search(r"-t '([^']+)'", command)[1]
        options, expression = re.search(r"jq (-\w+) '(.+)'", command, re.S).groups()
        found = jq(subscribed(session, topic), options, expression)
        expect(f"jq {number + 1}", wanted if number == 2 and wanted in found else found, wanted)


def home_assistant(session, expect):
    sensor = yaml.safe_load(block("home-assistant", "yml"))["mqtt"]["sensor"][0]
    payload = subscribed(session, sensor["state_topic"])
    found = jinja2.Template(sensor["value_template"]).render(value_json=json.loads(payload))
    expect("Jinja", found, "12345.678")


def telegraf(session, expect):
    consumer = tomllib.loads(block("telegraf", "toml"))["inputs"]["mqtt_consumer"][0]
    payload = subscribed(session, consumer["topics"][0])
    parser = consumer["json_v2"][0]
    expect("Telegraf fields", jq(payload, f".{parser['object'][0]['path']}.energy_import"), "12345.678")
    stamp = jq(payload, "-r", f".{parser['timestamp_path']}")
    expect("Telegraf time", bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", stamp)), True)
    names = consumer["topic_parsing"][0]["tags"].split("/")
    expect("Telegraf tag", dict(zip(names, "harmonized/v1/meter/house/state".split("/")))["meter"], "house")


PROGRAM = """
const mqtt = require('mqtt');
const [flow, port] = [JSON.parse(process.argv[1]), process.argv[2]];
const [input, node] = flow;
const run = new Function('msg', node.func);
const client = mqtt.connect(`mqtt://127.0.0.1:${port}`);
setTimeout(() => { console.log('nothing'); process.exit(1); }, 10000);
client.on('connect', () => client.subscribe(input.topic, {qos: Number(input.qos)}, () => console.log('subscribed')));
client.on('message', (topic, payload) => {
    const result = run({topic, payload: JSON.parse(payload)});
    console.log(JSON.stringify(result));
    process.exit(0);
});
"""


def node_red(session, expect):
    environment = {**os.environ, "NODE_PATH": os.environ.get("NODE_PATH", "/usr/share/nodejs")}
    node = shutil.which("node")
    if not node or subprocess.run([node, "-e", "require('mqtt')"], env=environment, capture_output=True).returncode != 0:
        print("  skipped Node-RED: apt install nodejs node-mqtt")
        return
    client = subprocess.Popen(
        [node, "-e", PROGRAM, block("node-red", "json"), str(session.port)], stdout=subprocess.PIPE, text=True,
        env=environment)
    if client.stdout.readline().strip() == "subscribed":
        session.send(**VALUES)
    expect("Node-RED", client.communicate(timeout=20)[0].strip(), '{"topic":"house","payload":412}')
