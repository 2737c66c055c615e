# SPDX-License-Identifier: Apache-2.0
"""Follows pages on a bare Debian, up to a Home Assistant with the page's numbers. Called by Scripts/first-minutes."""

import argparse
import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zoneinfo
from datetime import datetime
from decimal import Decimal

import paho.mqtt.client as mqtt

from home_assistant import HomeAssistant
from session import Clock, end, free_port

# The equivalent of systemd for these two units, and of sudo.
COMMANDS = {
    "sudo": 'exec "$@"\n',
    "journalctl": 'tail -n 20 /var/log/obis-bridge.log\n',
    "systemctl": """\
end() { [ ! -e /run/$1.pid ] || { kill "$(cat /run/$1.pid)" 2>/dev/null; for _ in $(seq 100); do kill -0 "$(cat /run/$1.pid)" 2>/dev/null || break; sleep 0.1; done; }; }
case "$1 ${2%.service}" in
"reload mosquitto") kill -HUP "$(cat /run/mosquitto.pid)"; sleep 1 ;;
"restart mosquitto")
    end mosquitto
    mkdir -p /run/mosquitto && chown mosquitto: /run/mosquitto
    setsid /usr/sbin/mosquitto -c /etc/mosquitto/mosquitto.conf >>/var/log/mosquitto.out 2>&1 </dev/null &
    echo $! >/run/mosquitto.pid; sleep 1 ;;
"stop obis-bridge") end obis-bridge ;;
"restart obis-bridge")
    end obis-bridge
    mkdir -p /run/obis-bridge /var/lib/obis-bridge && chown obis-bridge: /run/obis-bridge /var/lib/obis-bridge
    command=$(sed -n 's/^ExecStart=//p' /lib/systemd/system/obis-bridge.service)
    export RUNTIME_DIRECTORY=/run/obis-bridge STATE_DIRECTORY=/var/lib/obis-bridge
    cd /
    setsid setpriv --reuid obis-bridge --regid obis-bridge --init-groups $command >>/var/log/obis-bridge.log 2>&1 </dev/null &
    echo $! >/run/obis-bridge.pid; sleep 3 ;;
*) echo "systemctl: no $*" >&2; exit 1 ;;
esac
""",
}
# "The broker reads that list when a file in /etc/mosquitto/conf.d/ says ...".
PASSWORDS = "password_file /etc/mosquitto/passwords\nallow_anonymous false\n"
LOGINS = {"reader": "made-up-1", "home-assistant": "made-up-2"}
# The time zone of all pages here.
ZONE = zoneinfo.ZoneInfo("Europe/Zurich")


class Page:
    """The blocks of a page, each with language, file, section and text."""

    def __init__(self, path: str):
        self.path = path
        text = pathlib.Path(path).read_text()
        self.blocks, section = [], ""
        for part in re.finditer(r"^(#+ .*)$|^```(\w*) ?(.*)\n((?:.*\n)*?)```$", text, re.MULTILINE):
            if part[1]:
                section = part[1].lstrip("# ")
            else:
                self.blocks.append((part[2], part[3], section, part[4]))

    def block(self, section: str) -> str:
        return next((text for language, _, where, text in self.blocks if where == section and language == "text"), "")


class Newcomer:
    def __init__(self, debian: pathlib.Path):
        self.debian = debian
        self.failures = self.typed = 0
        for name, text in COMMANDS.items():
            file = debian / "usr/local/bin" / name
            file.write_text("#!/bin/sh\n" + text)
            file.chmod(0o755)

    def process(self, command: str, folder: str, **options) -> subprocess.Popen:
        """A command line of a user who is logged in there."""
        inside = ('mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$0" env -i HOME=/root LC_ALL=C.UTF-8 '
                  'PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive bash -c "cd $1 && $2"')
        return subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", inside, str(self.debian), folder, command],
            start_new_session=True, text=True, **options)

    def type(self, command: str, folder: str, answers: str = "") -> str:
        """Types a command and waits for its end, which must be a success."""
        self.typed += 1
        process = self.process(command, folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            output, _ = process.communicate(answers, timeout=300)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
            output += "\n(no end after 300 s)"
        self.judge(f"$ {command}", process.returncode == 0, "\n".join(output.splitlines()[-12:]))
        return output

    def judge(self, what: str, is_right: bool, otherwise: str = ""):
        print(f"  {'ok   ' if is_right else 'WRONG'} {what}", flush=True)
        if not is_right:
            self.failures += 1
            print("        " + otherwise.replace("\n", "\n        "), flush=True)

    def run(self, command: str, folder: str) -> subprocess.Popen:
        """Types a command that runs until Ctrl-C, and returns when it reads."""
        self.typed += 1
        log = self.debian / "tmp/run.log"
        with log.open("w") as output:
            process = self.process("exec " + command, folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        for _ in range(300):
            if "subscribed to" in log.read_text() or process.poll() is not None:
                break
            time.sleep(0.1)
        self.judge(f"$ {command}", process.poll() is None and "subscribed to" in log.read_text(), log.read_text()[-1500:])
        return process

    def interrupt(self, process: subprocess.Popen):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        self.judge("Ctrl-C", process.wait(30) == 0, f"it ends with {process.returncode}")


class Reader(threading.Thread):
    """Sends the page's message every ten seconds, with the current time and rising counters."""

    def __init__(self, message: str):
        super().__init__(daemon=True)
        self.topic, self.message = message.split(" ", 1)
        self.rise, self.step = 0, Decimal(0)

    def payload(self) -> str:
        data = json.loads(self.message, parse_float=Decimal)
        data["Time"] = datetime.now(ZONE).strftime("%Y-%m-%dT%H:%M:%S")
        for name in ("Ei", "Eo"):
            if name in data["z"]:
                data["z"][name] += self.rise * self.step
        return json.dumps(data, default=float)

    def run(self):
        client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
        client.username_pw_set("reader", LOGINS["reader"])
        client.reconnect_delay_set(1, 2)
        client.connect_async("127.0.0.1", 1883)
        client.loop_start()
        while True:
            client.publish(self.topic, self.payload(), qos=1)
            self.rise += 1
            time.sleep(10 if self.step else 1)


def follow(newcomer: Newcomer, page: Page):
    """Types the page. A command that runs until Ctrl-C is ended after its block, or before the service uses its file."""
    folder = "/root/" + pathlib.Path(page.path).stem
    place = newcomer.debian / folder[1:]
    (place / "Scripts").mkdir(parents=True)
    package = place / "Scripts/package"
    package.write_text("#!/bin/sh\nmkdir -p packages && cp /srv/*.deb packages/\n")
    package.chmod(0o755)
    for language, file, section, text in page.blocks:
        if section == "Try it":
            continue  # from source, with Swift: the package replaces it
        if file:
            (place / file).write_text(text)
        if language != "sh":
            continue
        running = None
        for line in text.splitlines():
            command = re.sub(r"\s+#.*$", "", line)
            if not command:
                continue
            if command == "sudo systemctl reload mosquitto":
                for name, password in LOGINS.items():
                    newcomer.type(f"sudo mosquitto_passwd -b /etc/mosquitto/passwords {name} {password}", folder)
                (newcomer.debian / "etc/mosquitto/conf.d/passwords.conf").write_text(PASSWORDS)
            if command.startswith("obis-bridge run"):
                running = newcomer.run(command, folder)
                continue
            if command.startswith("mosquitto_sub") and "-C" not in command:
                command = f"timeout 20 {command} -C 12"
            # Setup gets no input beyond its proposals.
            output = newcomer.type(
                command, folder, answers="y\n" if " apt " in command else "\n" * 8 if command.startswith("obis-bridge setup") else "")
            if command.startswith("mosquitto_sub") or "mosquitto_sub" in command and "harmonized" in command:
                newcomer.judge("messages come", output.strip() != "", "none")
            if " apt install " in command:
                # A Debian with systemd starts both.
                newcomer.type("systemctl restart mosquitto && systemctl restart obis-bridge", folder)
        if running:
            newcomer.interrupt(running)
    return folder


def home_assistant(newcomer: Newcomer, page: Page, reader: Reader, root: str, version: str):
    """Step 5 of the page."""
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="first-minutes-")))

        def start(name, command):
            log = stack.enter_context(open(folder / f"{name}.log", "wb"))
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
            stack.callback(end, process)
            return process

        home = HomeAssistant(root, version, folder / "config", free_port(), None, start, Clock())
        home.launch()
        flow = home.rest("/api/config/config_entries/flow", {"handler": "mqtt"})
        fields = {field["name"] for field in flow["data_schema"]}
        # The last one is sent by the frontend for the closed part of the form.
        login = {"broker": "127.0.0.1", "port": 1883, "username": "home-assistant", "password": LOGINS["home-assistant"],
                 "other_settings": {"set_client_cert": False, "set_ca_cert": "off"}}
        flow = home.rest(f"/api/config/config_entries/flow/{flow['flow_id']}", {key: value for key, value in login.items() if key in fields})
        newcomer.judge("Add integration, MQTT", flow["type"] == "create_entry", json.dumps(flow)[:1000])

        wanted = {}
        for line in page.block("What comes out").splitlines():
            topic, value = line.split(" ")
            _, _, _, serial, _, code = topic.split("/")
            wanted[f"obis_{serial}_{code.replace(':', '_')}"] = value
        deadline = time.monotonic() + 60
        while True:
            states = home.states()
            entities = {entry["unique_id"]: entry for entry in home.entities().values()}
            found = {name: states.get(entities.get(name, {}).get("entity_id"), {}).get("state") for name in wanted}
            if found == wanted or time.monotonic() > deadline:
                break
            time.sleep(1)
        newcomer.judge(f"{len(wanted)} numbers of the page are those of Home Assistant", found == wanted, f"{found}\nnot {wanted}")

        device = next(iter(wanted)).rsplit("_", 2)[0]
        named = {entry["original_name"]: entry["entity_id"] for entry in entities.values() if entry["unique_id"].startswith(device + "_")}
        nothing = {"stat_cost": None, "entity_energy_price": None, "number_energy_price": None}
        chosen = [named.get(name) for name in ("Energy import", "Energy export", "Power")]
        newcomer.judge("Energy import, Energy export and Power can be chosen", None not in chosen, f"{sorted(map(str, named))}")
        grid = {"type": "grid", "stat_energy_from": chosen[0], "stat_energy_to": chosen[1], "stat_rate": chosen[2], **nothing,
                "stat_compensation": None, "entity_energy_price_export": None, "number_energy_price_export": None, "cost_adjustment_day": 0.0}
        home.call("energy/save_prefs", energy_sources=[grid])
        first = {entity: Decimal(states[entity]["state"]) for entity in chosen[:2]}
        reader.step = Decimal("0.001")
        for _ in range(2):
            time.sleep(300 - time.time() % 300 + 20)
        faults = home.call("energy/validate")["energy_sources"]
        newcomer.judge("energy/validate reports nothing", faults == [[]], f"{faults}")
        for entity in chosen[:2]:
            row = home.statistics(entity)[-1]
            booked, counted = round(row["sum"], 3), float(round(Decimal(str(row["state"])) - first[entity], 3))
            newcomer.judge(f"{entity}: {booked} kWh are booked, {counted} kWh were counted", booked == counted and counted > 0)
        newcomer.judge("Home Assistant complains of nothing", home.complaints() == [], "\n".join(home.complaints()))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--debian", type=pathlib.Path, required=True)
    parser.add_argument("--root", required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("pages", nargs="+")
    options = parser.parse_args()
    pages = [Page(path) for path in options.pages]
    # The reader is that of the last page, from the start.
    newcomer, reader = Newcomer(options.debian), Reader(pages[-1].block("What the gPlug sends").strip())
    reader.start()
    try:
        for page in pages:
            print(page.path, flush=True)
            follow(newcomer, page)
        print(f"Home Assistant {options.version}", flush=True)
        home_assistant(newcomer, pages[-1], reader, options.root, options.version)
    finally:
        if newcomer.failures:
            with contextlib.suppress(OSError):
                print((options.debian / "var/log/obis-bridge.log").read_text()[-6000:])
        for name in ("obis-bridge", "mosquitto"):
            with contextlib.suppress(OSError, ValueError):
                os.kill(int((options.debian / f"run/{name}.pid").read_text()), signal.SIGTERM)
        time.sleep(2)
    print(f"{newcomer.typed} commands typed, " + ("everything as expected" if newcomer.failures == 0 else f"{newcomer.failures} wrong"))
    return 0 if newcomer.failures == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
