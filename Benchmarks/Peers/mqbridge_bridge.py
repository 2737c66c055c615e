# SPDX-License-Identifier: Apache-2.0
"""The same with mq-bridge (Rust) and a mapping in its configuration: one output topic, no wildcards.  mqbridge_bridge.py PORT"""
import sys

from mq_bridge import Route

from labels import CODES

url = f"tcp://localhost:{sys.argv[1]}"
mapping = {code.replace(".", "_"): f"$.z.{label}" for label, (code, _) in CODES.items()}
mapping["time"] = "$.Time"
route = Route.from_config({
    "input": {"mqtt": {"url": url, "topic": "tele/+/SENSOR", "client_id": "mqbridge-in", "qos": 1, "max_inflight": 200}},
    "output": {
        "mqtt": {"url": url, "topic": "out/mqbridge", "client_id": "mqbridge-out", "qos": 1, "max_inflight": 200},
        "middlewares": [{"transform": {"mapping": mapping}}],
    },
})
route.start()
print("subscribed", file=sys.stderr, flush=True)
route.join()
