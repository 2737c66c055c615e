# SPDX-License-Identifier: Apache-2.0
"""Runs the bridge against several brokers, one after the other; see Scripts/brokers."""

import argparse
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import paho.mqtt.client as paho

MAIN_JOB = '{"Time":"2026-11-21T00:27:09","z":{"SMid":"3130303030303231","Pi":0.412,"Po":0.000}}'


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait(seconds, condition, pause=0.05):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(pause)
    return condition()


def accepts(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Broker:
    """A broker on a free port, with its files in a folder that is removed with it."""

    # The broker's MQTT version, and the bridge's `protocol`.
    version = "5"
    protocol = "auto"

    def __init__(self, name):
        self.name = name
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="obis-broker-"))
        self.process = None

    def start(self):
        self.process = self.launch()
        if not wait(90, lambda: accepts(self.port) or self.process.poll() is not None) or self.process.poll() is not None:
            raise RuntimeError(f"{self.name} does not start: {(self.folder / 'log').read_text(errors='replace')[-2000:]}")
        time.sleep(self.settling)

    settling = 0.1

    def run(self, command, **options):
        log = open(self.folder / "log", "ab")
        return subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True, **options)

    def stop(self):
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Mosquitto(Broker):
    def __init__(self, version, program):
        super().__init__(f"mosquitto {version}")
        self.program = program

    def launch(self):
        file = self.folder / "mosquitto.conf"
        file.write_text(
            f"user root\nlistener {self.port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 1000000\n"
        )
        return self.run([self.program, "-c", str(file)])


class RabbitMQ(Broker):
    """Runs in a system of its own: Erlang needs its files where they were installed."""

    settling = 3

    def __init__(self, version, root):
        super().__init__(f"RabbitMQ {version}")
        if version.startswith("3.10"):
            self.version = "3.1.1"
        self.root = Path(root)

    def launch(self):
        home = self.root / "root/broker"
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        (home / "plugins").write_text("[rabbitmq_mqtt].\n")
        (home / "rabbitmq.conf").write_text(
            f"listeners.tcp.default = 127.0.0.1:{free_port()}\nmqtt.listeners.tcp.1 = 127.0.0.1:{self.port}\n"
        )
        environment = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root/broker", "LC_ALL": "C.UTF-8",
            "RABBITMQ_NODENAME": f"broker{self.port}@localhost", "RABBITMQ_CONFIG_FILE": "/root/broker/rabbitmq",
            "RABBITMQ_MNESIA_BASE": "/root/broker/data", "RABBITMQ_LOG_BASE": "/root/broker/log",
            "RABBITMQ_ENABLED_PLUGINS_FILE": "/root/broker/plugins", "RABBITMQ_DIST_PORT": str(free_port()),
            "ERL_EPMD_ADDRESS": "127.0.0.1", "ERL_EPMD_PORT": str(free_port()),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 -kernel inet_dist_use_interface {127,0,0,1}",
        }
        (self.root / "etc/hosts").write_text("127.0.0.1 localhost\n")
        if not os.path.ismount(self.root / "proc"):
            subprocess.run(["mount", "-t", "proc", "proc", str(self.root / "proc")], check=True)
        return self.run(["chroot", str(self.root), "/usr/lib/rabbitmq/bin/rabbitmq-server"], env=environment)

    def stop(self):
        super().stop()
        # epmd and helpers of Erlang run in the system's folder.
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if os.readlink(entry / "root").startswith(str(self.root)):
                    os.kill(int(entry.name), signal.SIGKILL)
            except OSError:
                pass
        subprocess.run(["umount", "-l", str(self.root / "proc")], check=False, capture_output=True)


class AMQTT(Broker):
    version = "3.1.1"
    protocol = "3.1.1"

    def __init__(self):
        super().__init__("amqtt 0.12.1")

    def launch(self):
        file = self.folder / "amqtt.yaml"
        file.write_text(
            f"listeners:\n  default:\n    type: tcp\n    bind: 127.0.0.1:{self.port}\n"
            "plugins:\n  amqtt.plugins.authentication.AnonymousAuthPlugin:\n    allow_anonymous: true\n"
        )
        return self.run([str(Path(sys.executable).parent / "amqtt"), "-c", str(file)])


class Bridge:
    def __init__(self, program, configuration):
        self.program = program
        self.folder = Path(tempfile.mkdtemp(prefix="obis-bridge-"))
        self.file = self.folder / "bridge.yaml"
        self.file.write_text(configuration)
        self.log = self.folder / "log"
        self.process = None

    def start(self, seconds=60):
        before = self.text.count("subscribed to")
        self.process = subprocess.Popen(
            [self.program, "run", "--config", str(self.file)], stderr=open(self.log, "ab"), stdin=subprocess.DEVNULL)
        return wait(seconds, lambda: self.text.count("subscribed to") > before or self.text.count("session resumed") > 0
                    and "input connected" in self.text or self.process.poll() is not None)

    @property
    def text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def end(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        return self.process.wait(timeout=60)

    def gone(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Client:
    """A publisher that repeats until it is acknowledged, and a subscriber that keeps all messages."""

    def __init__(self, broker, name, topics=(), persistent=False):
        protocol = paho.MQTTv5 if broker.version == "5" else paho.MQTTv311
        options = {} if broker.version == "5" else {"clean_session": not persistent}
        self.client = paho.Client(
            paho.CallbackAPIVersion.VERSION2, client_id=name, protocol=protocol, **options)
        self.messages = []
        self.lock = threading.Lock()
        self.ready = threading.Event()
        self.topics = topics

        def connected(client, _, __, reason, ___):
            if self.topics:
                client.subscribe([(topic, 1) for topic in self.topics])
            else:
                self.ready.set()

        def received(_, __, message):
            with self.lock:
                self.messages.append((message.topic, message.payload.decode(errors="replace"), message.retain))

        self.client.on_connect = connected
        self.client.on_subscribe = lambda *_: self.ready.set()
        self.client.on_message = received
        self.client.connect("127.0.0.1", broker.port, keepalive=60)
        self.client.loop_start()
        if not self.ready.wait(20):
            raise RuntimeError(f"{broker.name}: {name} cannot connect")

    def publish(self, topic, payload, retain=False):
        self.client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(30)

    def has(self, predicate, seconds=15):
        return wait(seconds, lambda: any(predicate(*message) for message in list(self.messages)))

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()


def configuration(broker, sources):
    return f"""bridge: check
broker: {{url: "mqtt://127.0.0.1:{broker.port}", protocol: "{broker.protocol}"}}
zone: Europe/Zurich
sources:
{sources}
"""


def main_job(broker, program):
    """The first message of the README, and what consumers receive."""
    bridge = Bridge(program, configuration(
        broker, "  romande: {adapter: gplug, labels: gplug-d, subscribe: tele/gPlug11/SENSOR, meter: romande-1}"))
    sink = Client(broker, "sink", ["harmonized/v1/meter/romande-1/#"])
    try:
        if not bridge.start():
            return "no start", "", bridge.text
        source = Client(broker, "reader")
        source.publish("tele/gPlug11/SENSOR", MAIN_JOB)
        reading = sink.has(lambda topic, payload, _: topic.endswith("/reading") and '"1-0:1.7.0":{"value":412' in payload)
        exact = sink.has(lambda topic, payload, _: topic.endswith("/obis/1-0:1.7.0") and payload == "412", 3)
        changed = [topic for topic, payload, _ in sink.messages if payload == "412" and "/obis/" in topic and not exact]
        late = Client(broker, "late", ["harmonized/v1/meter/romande-1/#"])
        wildcard = late.has(lambda topic, _, retained: topic.endswith("/state") and retained, 3)
        late.close()
        source.close()
        topics = "kept" if exact else f"changed: {changed[0].split('/obis/')[-1] if changed else 'nothing came'}"
        retained = "yes" if wildcard else "exact topics only"
        return ("yes" if reading else "NO"), (topics, retained), bridge.text
    finally:
        sink.close()
        if bridge.process and bridge.process.poll() is None:
            bridge.end()
        bridge.gone()


def falling_counter(broker, program):
    """A counter that falls after a restart is held only if the bridge reads its own state back."""
    bridge = Bridge(program, configuration(
        broker, "  aew: {adapter: smartmeter-datacollector, subscribe: smartmeter/12345/#, meter: aew-1}"))
    source = Client(broker, "reader")
    try:
        now = int(time.time())
        bridge.start()
        sink = Client(broker, "sink", ["harmonized/v1/meter/aew-1/reading"])
        source.publish("smartmeter/12345/ACTIVE_ENERGY_P", json.dumps({"value": 12345700, "timestamp": now - 60}))
        if not sink.has(lambda _, payload, __: "12345.7" in payload):
            return "nothing came", bridge.text
        time.sleep(1)
        bridge.end()
        bridge.start()
        source.publish("smartmeter/12345/ACTIVE_ENERGY_P", json.dumps({"value": 5000, "timestamp": now - 30}))
        held = sink.has(lambda _, payload, __: "counter." in payload and '"1-0:1.8.0":{"value":5,' not in payload, 10)
        fell = sink.has(lambda _, payload, __: '"1-0:1.8.0":{"value":5,' in payload, 0.2)
        sink.close()
        return ("held" if held and not fell else "FELL" if fell else "nothing came"), bridge.text
    finally:
        source.close()
        if bridge.process and bridge.process.poll() is None:
            bridge.end()
        bridge.gone()


def connection_check(broker, program):
    """The remarks of `check --connect` about the broker, as the two words of the table."""
    bridge = Bridge(program, configuration(
        broker, "  romande: {adapter: gplug, labels: gplug-d, subscribe: tele/gPlug11/SENSOR, meter: romande-1}"))
    try:
        check = subprocess.Popen(
            [program, "check", "--connect", "--for", "5s", "--config", str(bridge.file)], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        lines = []
        for line in check.stdout:
            lines.append(line)
            if line.startswith("Listening for"):
                source = Client(broker, "reader")
                source.publish("tele/gPlug11/SENSOR", MAIN_JOB)
                source.close()
        text = "".join(lines)
        if check.wait(timeout=60) != 0 or "1 reading of 1 meter" not in text:
            return f"FAILED: {' '.join(text.split())[-200:]}"
        remarks = [word for word, sentence in
                   [("topics", "remark: the broker changes topics"),
                    ("retained", "remark: the broker sends retained messages for exact topics only")] if sentence in text]
        return ", ".join(remarks) or "nothing"
    finally:
        bridge.gone()


def unreadable(broker, program):
    """A message on a topic with a control character, which libmosquitto refuses to read, and a message after it."""
    bridge = Bridge(program, configuration(
        broker, "  romande: {adapter: gplug, labels: gplug-d, subscribe: tele/+/SENSOR, meter: romande-1}"))
    sink = Client(broker, "sink", ["harmonized/v1/meter/romande-1/reading", "harmonized/v1/bridge/check/reject"])
    source = Client(broker, "reader")
    try:
        if not bridge.start():
            return "no start", bridge.text
        intruder = Client(broker, "intruder")
        sent = intruder.client.publish("tele/g\x01/SENSOR", "intruder", qos=1)
        try:
            sent.wait_for_publish(3)
        except (RuntimeError, ValueError):
            pass
        is_taken = sent.is_published()
        intruder.close()
        passes = False
        # More than once: a broker that keeps no messages for an absent client drops those in between.
        for _ in range(3):
            source.publish("tele/gPlug11/SENSOR", MAIN_JOB)
            passes = passes or sink.has(
                lambda topic, payload, _: topic.endswith("/reading") and '"value":412' in payload, 20)
        if not is_taken:
            return ("refused" if passes else "BLOCKED"), bridge.text
        rejected = sink.has(lambda topic, payload, _: topic.endswith("/reject") and "intruder" in payload, 20)
        return ("to `reject`" if passes and rejected else "BLOCKED" if not passes else "dropped"), bridge.text
    finally:
        source.close()
        sink.close()
        if bridge.process and bridge.process.poll() is None:
            bridge.end()
        bridge.gone()


def kills(broker, program, count):
    """Counts lost and duplicate messages among those acknowledged to their publisher, while the bridge is killed."""
    bridge = Bridge(program, configuration(
        broker, "  meter: {adapter: gplug, labels: gplug-e-as3000, subscribe: tele/g/SENSOR, meter: haus}"))
    sink = Client(broker, "sink", ["harmonized/v1/meter/haus/reading"])
    source = Client(broker, "reader")
    published = 0
    done = threading.Event()

    def publish():
        nonlocal published
        while not done.is_set():
            number = published + 1
            source.publish("tele/g/SENSOR", json.dumps({"Time": "2026-11-20T22:40:00", "z": {"Pi": number}}))
            published = number
            time.sleep(0.002)

    try:
        if not bridge.start():
            return None, None, None, bridge.text
        worker = threading.Thread(target=publish)
        worker.start()
        # amqtt keeps no messages for an absent client, so there the bridge is stopped cleanly: a loss would be the
        # broker's.
        for _ in range(count):
            before = published
            time.sleep(random.uniform(0.3, 0.8))
            # On a busy machine too, messages are in transit at each kill.
            wait(10, lambda: published >= before + 100)
            bridge.end(signal.SIGKILL)
            bridge.start()
        time.sleep(0.5)
        done.set()
        worker.join()
        number = re.compile(r'"1-0:1\.7\.0":\{"value":(\d+)')
        identifier = re.compile(r'"id":"([0-9a-f]+)"')

        def seen():
            return {int(found[1]) for _, payload, _ in list(sink.messages) if (found := number.search(payload))}

        def missing():
            return set(range(1, published + 1)) - seen()

        wait(60, lambda: not missing(), 0.5)
        ids = [found[1] for _, payload, _ in list(sink.messages) if (found := identifier.search(payload))]
        return published, len(missing()), len(ids) - len(set(ids)), bridge.text
    finally:
        done.set()
        source.close()
        sink.close()
        if bridge.process and bridge.process.poll() is None:
            bridge.end()
        bridge.gone()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bridge", required=True)
    parser.add_argument("--kills", type=int, default=15)
    parser.add_argument("--only", default="")
    parser.add_argument("--mosquitto", action="append", default=[])
    parser.add_argument("--rabbitmq", action="append", default=[])
    options = parser.parse_args()
    makers = [lambda pair=pair: Mosquitto(*pair.split("=", 1)) for pair in options.mosquitto]
    makers += [lambda pair=pair: RabbitMQ(*pair.split("=", 1)) for pair in options.rabbitmq]
    makers.append(AMQTT)
    failed = False
    print("| broker | MQTT | main job | topics with dots | retained for wildcards | falling counter after a restart "
          "| `check --connect` remarks | control character in a topic | messages | kills | lost | twice |")
    print("|" + " --- |" * 12, flush=True)
    for make in makers:
        broker = make()
        if options.only not in broker.name:
            shutil.rmtree(broker.folder, ignore_errors=True)
            continue
        try:
            broker.start()
            job, seen, log = main_job(broker, options.bridge)
            topics, retained = seen or ("", "")
            counter, _ = falling_counter(broker, options.bridge)
            remarks = connection_check(broker, options.bridge)
            expected = ", ".join(["topics"] * (topics != "kept") + ["retained"] * (retained != "yes")) or "nothing"
            intruder, intruder_log = unreadable(broker, options.bridge)
            published, lost, twice, log = kills(broker, options.bridge, options.kills)
            print(
                f"| {broker.name} | {broker.version} | {job} | {topics} | {retained} | {counter} | {remarks} | {intruder} "
                f"| {published} | {options.kills} | {lost} | {twice} |", flush=True)
            # amqtt drops messages for an absent client; docs/brokers.md says so, and it is the broker's limitation.
            if job != "yes" or counter != "held" or (lost != 0 and not isinstance(broker, AMQTT)):
                failed = True
                print(log[-3000:], file=sys.stderr)
            promised = ["refused", "to `reject`"] + ["dropped"] * isinstance(broker, AMQTT)
            if remarks != expected or intruder not in promised:
                failed = True
                print(f"{broker.name}: check --connect: {remarks}; {intruder_log[-3000:]}", file=sys.stderr)
        except Exception as error:  # a broker that does not start is reported, and the others are still run
            failed = True
            print(f"| {broker.name} | not run: {' '.join(str(error).split())[-300:]} |", flush=True)
        finally:
            broker.stop()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
