# SPDX-License-Identifier: Apache-2.0
"""The same with aiomqtt.  aiomqtt_bridge.py PORT"""
import asyncio
import json
import sys

import aiomqtt

from labels import harmonised


async def main():
    async with aiomqtt.Client("localhost", int(sys.argv[1]), identifier="aiomqtt-bridge", clean_session=False) as client:
        await client.subscribe("tele/+/SENSOR", 1)
        print("subscribed", file=sys.stderr, flush=True)
        async for message in client.messages:
            topic = str(message.topic)
            await client.publish("out/" + topic, json.dumps(harmonised(json.loads(message.payload), topic)), 1)


asyncio.run(main())
