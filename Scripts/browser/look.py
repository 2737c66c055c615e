# SPDX-License-Identifier: Apache-2.0
"""Looks at the page in a browser: see Scripts/page."""
import argparse
import contextlib
import datetime
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zoneinfo

import paho.mqtt.client
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

import house
import ingress

ROOT = pathlib.Path(__file__).resolve().parents[2]
ZONE = zoneinfo.ZoneInfo("Europe/Zurich")
SIZES = {"phone": (390, 844), "desktop": (1280, 800)}
# The moment at which the page is checked, and how long the street has run before.
MOMENT = datetime.datetime(2026, 6, 16, 13, 40, tzinfo=ZONE)
LIVED = 38 * 3600


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(port: int, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if time.monotonic() > deadline:
            sys.exit(f"nobody listens on port {port}")
        time.sleep(0.05)


class Bridge:
    """A broker, a bridge with the page, and the street's readers; two days pass in a few minutes."""

    def __init__(self, program: str, folder: pathlib.Path, seconds: float, history: bool, is_app: bool = False):
        self.children = []
        self.broker, self.port = free_port(), free_port()
        self.start("mosquitto", "-p", str(self.broker))
        wait_for(self.broker)
        listen = ingress.LISTEN if is_app else self.port
        text = house.CONFIGURATION.format(broker=self.broker, http=listen, history=folder / "history.db")
        if not history:
            text = "".join(line + "\n" for line in text.splitlines() if not line.startswith("history:"))
        (folder / "bridge.yaml").write_text(text)
        self.clock = folder / "clock"
        self.begin = time.time()
        self.passed = threading.Event()
        self.log = (folder / "bridge.log").open("w")
        command = [program, "run", "--config", str(folder / "bridge.yaml")]
        if seconds:
            self.speed = LIVED / seconds
            self.first = MOMENT.timestamp() - LIVED
            first = datetime.datetime.fromtimestamp(self.first, datetime.UTC)
            self.clock.write_text(f"@{first:%Y-%m-%d %H:%M:%S} x{self.speed}")
            # The library alone would change the environment, whose position Swift uses to find the command line
            # arguments; the command changes it before the program starts.
            command = ["faketime", "-m", "-f", "+0", "env", "-u", "FAKETIME", "TZ=UTC",
                       f"FAKETIME_TIMESTAMP_FILE={self.clock}", "FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1",
                       "DONT_FAKE_MONOTONIC=1", *command]
        else:
            (self.offset, self.first) = (0, self.begin)
            self.passed.set()
        self.start(*command, stderr=self.log)
        if is_app:
            wait_for(ingress.PORT)
            self.start(*ingress.proxy(folder, self.port))
        wait_for(self.port)
        self.readers = threading.Thread(target=self.live, args=(seconds,), daemon=True)
        self.readers.start()

    def start(self, *command, **options):
        options = {"stderr": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "start_new_session": True, **options}
        self.children.append(subprocess.Popen(command, **options))

    def now(self) -> float:
        """The time of the bridge's clock."""
        if self.passed.is_set():
            return time.time() + self.offset
        return self.first + (time.time() - self.begin) * self.speed

    def live(self, seconds: float) -> None:
        client = paho.mqtt.client.Client(paho.mqtt.client.CallbackAPIVersion.VERSION2)
        client.connect("127.0.0.1", self.broker)
        client.loop_start()
        street = house.Street()
        moment = int(self.first) // house.STEP * house.STEP
        while True:
            if not self.passed.is_set() and moment >= MOMENT.timestamp():
                # From now on the clock runs at normal speed.
                self.offset = int(MOMENT.timestamp() - time.time())
                self.clock.write_text(f"{self.offset:+d} x1")
                self.passed.set()
            rest = moment - self.now()
            if rest > 0:
                time.sleep(rest / (1 if self.passed.is_set() else self.speed))
            local = datetime.datetime.fromtimestamp(moment, ZONE)
            for topic, payload in street.messages(moment, local.timetuple(), ""):
                client.publish(topic, payload, qos=0)
            moment += house.STEP

    def stop(self) -> None:
        for child in reversed(self.children):
            os.killpg(child.pid, signal.SIGTERM)
            child.wait(10)


class Look:
    """Clicks through every view, and collects faults."""

    def __init__(self, browser, base: str, pictures: pathlib.Path | None, is_quick: bool):
        self.browser, self.base, self.pictures, self.is_quick = browser, base, pictures, is_quick
        self.faults = []
        self.views = 0

    def at(self, size: str, scheme: str) -> None:
        width, height = SIZES[size]
        context = self.browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, has_touch=size == "phone",
            accept_downloads=True)
        page = context.new_page()
        where = f"{size}, {scheme}"
        page.on("console", lambda message: message.type in ("error", "warning") and "/history?" not in message.location["url"]
                and self.fault(where, page, message.text))
        page.on("pageerror", lambda error: self.fault(where, page, str(error)))
        page.on("request", lambda request: request.url.startswith((self.base, "blob:", "data:"))
                or self.fault(where, page, f"asks {request.url}"))
        page.goto(self.base)
        self.judge(page, where, "overview")
        self.gauges(page, where)
        for link in [link.get_attribute("href") for link in page.locator("nav a").all()][1:]:
            page.locator(f"nav a[href='{link}']").click()
            page.wait_for_load_state("load")
            self.judge(page, where, link.strip("./") or "overview")
        page.goto(self.base)
        names = page.locator("article.card h2 a").all_inner_texts()
        for name in names:
            page.goto(self.base)
            page.locator("article.card h2 a", has_text=name).first.click()
            page.wait_for_load_state("load")
            self.judge(page, where, "meter-" + name.lower().replace(" ", "-"))
        if scheme == "light":
            self.use(page, where)
        context.close()

    def gauges(self, page, where: str) -> None:
        """The quarter-hour demand of the meter that sends it, and after some hours of the meter for which the bridge computes it."""
        for meter in ["flat"] if self.is_quick else ["flat", "house"]:
            gauge = page.locator(f"[data-slot='m.{meter}.gauge']")
            if gauge.count() != 1 or not 0 <= int(gauge.get_attribute("value")) <= 1000:
                self.fault(where, page, f"no gauge of the quarter hour of {meter}")
                continue
            text = page.locator(f"[data-slot='m.{meter}.demand']").inner_text()
            if "on the way to" not in text or "the month’s highest" not in text:
                self.fault(where, page, f"the quarter hour of {meter} says: {text}")

    def use(self, page, where: str) -> None:
        """A person's actions: looks for a meter, tries another configuration, watches a plug-test, opens the other pages."""
        page.goto(self.base + "configuration")
        text = page.locator("#editor").input_value()
        page.locator("#editor").fill(text.replace("adapter: p1", "adaptr: p1"))
        page.locator("[data-check]").click()
        mistake = page.locator(".findings button.error", has_text="adaptr").first
        mistake.wait_for()
        if page.locator(".editor .lines .error").count() != 1:
            self.fault(where, page, "the mistake is not marked where it stands")
        mistake.click()
        page.locator("#editor").fill(text.replace("name: House", "name: Villa"))
        page.locator("[data-check]").click()
        page.locator(".findings details summary").first.click()
        if "Villa" not in page.locator(".findings mark.come").first.inner_text():
            self.fault(where, page, "the preview does not show the change")
        self.judge(page, where, "configuration-preview")
        page.goto(self.base + "plug-test")
        page.locator("[data-post='plug-test/start']").click()
        page.locator("[data-post='plug-test/stop']").wait_for()
        page.locator("table.matrix").wait_for(state="detached")
        page.locator("table.matrix tbody tr").nth(2).wait_for(timeout=40000)
        report = page.request.get(self.base + page.locator("a[href$='report.html']").get_attribute("href"))
        if "attachment" not in report.headers.get("content-disposition", "") or "<!doctype html>" not in report.text().lower():
            self.fault(where, page, f"the report is no page: {report.status} {report.text()[:80]}")
        self.judge(page, where, "plug-test-running")
        page.locator("[data-post='plug-test/stop']").click()
        page.locator("[data-post='plug-test/start']").wait_for()
        page.goto(self.base + "sources")
        if page.locator("[data-post='discover']").count():
            page.locator("[data-post='discover']").click()
        page.locator(".discovery progress").wait_for()
        self.judge(page, where, "sources-discovering")
        page.goto(self.base + "meters/house")
        page.locator("[data-order='forget']").click()
        page.locator("dialog button[value='no']").click()
        page.keyboard.press("Tab")
        for tab in page.locator("[data-tab]").all():
            tab.click()
            page.wait_for_timeout(300)

    def judge(self, page, where: str, name: str) -> None:
        self.views += 1
        page.wait_for_timeout(900)
        if page.locator(".pulse").get_attribute("data-state") != "live":
            self.fault(where, page, f"{name} is not live")
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wider > 0:
            self.fault(where, page, f"{name} is {wider} px wider than the window")
        for finding in Axe().run(page).response["violations"]:
            if finding["impact"] in ("serious", "critical"):
                nodes = "; ".join(node["html"][:160] for node in finding["nodes"][:3])
                self.fault(where, page, f"{name}: {finding['id']}: {finding['help']}: {nodes}")
        if self.pictures:
            self.pictures.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=self.pictures / f"{name}-{where.replace(', ', '-')}.png", full_page=True)

    def fault(self, where: str, page, text: str) -> None:
        self.faults.append(f"{where}: {page.url.removeprefix(self.base)}: {text}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--bridge", required=True)
    parser.add_argument("--pictures", type=pathlib.Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--ingress", action="store_true")
    parser.add_argument("--readme", action="store_true")
    parser.add_argument("--history", action="store_true")
    parser.add_argument("--seconds", type=float, default=120)
    arguments = parser.parse_args()
    arguments.quick |= arguments.ingress
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        bridge = Bridge(arguments.bridge, pathlib.Path(folder), 0 if arguments.quick else arguments.seconds,
                        arguments.history, arguments.ingress)
        look = None
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        try:
            if arguments.quick:
                time.sleep(25)
            else:
                bridge.passed.wait()
                time.sleep(12)
            base = f"http://127.0.0.1:{bridge.port}/" + (ingress.PATH[1:] if arguments.ingress else "")
            if arguments.readme:
                picture(browser, base)
                return
            look = Look(browser, base, arguments.pictures, arguments.quick)
            if arguments.ingress:
                look.faults += ingress.strangers()
            for size in SIZES:
                for scheme in ["light"] if arguments.quick else ["light", "dark"]:
                    look.at(size, scheme)
        finally:
            browser.close()
            bridge.stop()
            if look and look.faults:
                print((pathlib.Path(folder) / "bridge.log").read_text()[-2000:], file=sys.stderr)
    for fault in look.faults:
        print(fault)
    print(f"{look.views} looks, {len(look.faults)} faults")
    sys.exit(1 if look.faults else 0)


def picture(browser, base: str) -> None:
    """docs/page.png, the picture in the README."""
    context = browser.new_context(viewport={"width": 1240, "height": 540}, device_scale_factor=1.5)
    page = context.new_page()
    page.goto(base)
    page.wait_for_timeout(3000)
    page.screenshot(path=ROOT / "docs" / "page.png")


if __name__ == "__main__":
    main()
