# SPDX-License-Identifier: Apache-2.0
"""What a user would write with paho: labels to OBIS codes, QoS 1 both ways.  paho_bridge.py PORT"""
import json
import sys

import paho.mqtt.client as mqtt

from labels import harmonised

client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, "paho-bridge", clean_session=False)
client.max_inflight_messages_set(200)
client.on_connect = lambda c, *_: c.subscribe("tele/+/SENSOR", 1)
client.on_subscribe = lambda *_: print("subscribed", file=sys.stderr, flush=True)
client.on_message = lambda c, _, m: c.publish(
    "out/" + m.topic, json.dumps(harmonised(json.loads(m.payload), m.topic)), 1)
client.connect("localhost", int(sys.argv[1]))
client.loop_forever()
