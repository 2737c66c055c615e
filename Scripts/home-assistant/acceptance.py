# SPDX-License-Identifier: Apache-2.0
"""One zero between two readings must not change the statistics of Home Assistant.

A meter sends 12345.678, 0 and 12345.700 kWh through a real mosquitto to two bridges: one as installed, one whose source
switches the guards of counters off. Both publish to one Home Assistant with a sensor for each. The first has to book
0.022 kWh. The second has to book the whole reading: that proves that the first could fail.
"""

import argparse
import decimal
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
from datetime import datetime, timezone

import paho.mqtt.client as mqtt

from home_assistant import HomeAssistant

SERIAL = "LGZ1030655900017"
READINGS = ["12345.678", "0", "12345.700"]
BRIDGE = """
bridge: {name}
broker: {{url: "mqtt://127.0.0.1:{port}", client_id: {name}}}
zone: UTC
sources:
  gplug: {{adapter: gplug, labels: gplug-d{fixes}}}
profile: {{topics: {{root: {root}}}}}
"""
# What makes the second bridge believe everything.
OFF = ", fixes: {counter.zero: off, counter.decrease: off, counter.jump: off}"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_bridge(program, folder, name, port, root, fixes):
    path = folder / f"{name}.yaml"
    path.write_text(BRIDGE.format(name=name, port=port, root=root, fixes=fixes))
    log = open(folder / f"{name}.log", "w")
    process = subprocess.Popen([program, "run", "--config", str(path)], stdout=log, stderr=subprocess.STDOUT)
    deadline = time.monotonic() + 30
    while "subscribed to" not in (folder / f"{name}.log").read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"the bridge does not start:\n{(folder / f'{name}.log').read_text()}")
        time.sleep(0.2)
    return process


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("bridge", help="the program obis-bridge")
    parser.add_argument("--keep", action="store_true", help="keep the folder with logs and data base")
    arguments = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="obis-home-assistant."))
    processes, home = [], None
    try:
        port = free_port()
        (folder / "mosquitto.conf").write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
        processes.append(subprocess.Popen(
            ["mosquitto", "-c", str(folder / "mosquitto.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        time.sleep(1)
        for name, root, fixes in [("guarded", "harmonized/v1", ""), ("unguarded", "unguarded/v1", OFF)]:
            processes.append(start_bridge(arguments.bridge, folder, name, port, root, fixes))
        meter = f"meter/{SERIAL.lower()}/obis/1-0:1.8.0"
        (folder / "ha").mkdir()
        home = HomeAssistant(
            folder / "ha", free_port(), port,
            {"guarded": f"harmonized/v1/{meter}", "unguarded": f"unguarded/v1/{meter}"})
        print(f"Home Assistant {home.ask('get_config')['version']}")
        home.wait(60, lambda: "missing" not in home.states().values(), "sensors")
        feed(home, port)
        statistics = home.wait(
            660, lambda: (rows := home.statistics()) and all(rows.values()) and rows, "five-minute statistics")
        raise SystemExit(judge(statistics))
    finally:
        if home:
            home.stop()
        for process in processes:
            process.terminate()
            process.wait(10)
        if arguments.keep:
            print(f"kept {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def feed(home, port):
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", port)
    client.loop_start()
    for reading in READINGS:
        now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
        payload = f'{{"Time":"{now}","z":{{"SMid":"{SERIAL}","Ei":{reading},"Pi":0.412}}}}'
        client.publish("tele/gPlugD_1/SENSOR", payload, qos=1).wait_for_publish(10)
        shown = decimal.Decimal(reading).normalize()
        wanted = str(shown)
        home.wait(30, lambda: home.states()["unguarded"] == wanted, f"{wanted} kWh")
        time.sleep(2)
        states = home.states()
        print(f"sent {reading:>9} kWh: guarded {states['guarded']}, unguarded {states['unguarded']}")
    client.loop_stop()


def judge(statistics):
    """0 when both booked what they must."""
    wanted = {"guarded": decimal.Decimal("0.022"), "unguarded": decimal.Decimal("12345.7")}
    code = 0
    for name, expected in wanted.items():
        booked = round(decimal.Decimal(statistics[name][-1]["sum"]), 3)
        verdict = "ok" if booked == expected else "WRONG"
        code |= booked != expected
        print(f"{name:>9}: Home Assistant booked {booked} kWh, expected {expected}: {verdict}")
    return int(code)


if __name__ == "__main__":
    main()
