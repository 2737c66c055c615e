# SPDX-License-Identifier: Apache-2.0
"""Compares the RL-DSP bundles of the bridge with those that smartmeter-datacollector publishes itself."""

import json


def faults(text: str) -> tuple:
    """The number of equal bundles of each group, and the faults, in words.

    TEXT has a bundle per line, `topic TAB payload`. The collector publishes on dt/building, bridges on dt/registers and
    dt/bundle. Two things cannot be equal: an id with slashes in it (the port of a meter without id) never becomes more than one
    topic level, and the messages of one register each have whole seconds only.
    """
    groups = {"building": {}, "registers": {}, "bundle": {}}
    for line in text.splitlines():
        topic, _, payload = line.partition("\t")
        _, group, *meter, _ = topic.split("/")
        if len(meter) == 1:
            meter_object = json.loads(payload)["meter"]
            groups[group].setdefault((meter[0], meter_object["ts"]), meter_object)
    own = {key: bundle for key, bundle in groups["building"].items() if len(bundle) > 1}
    counts, found = {}, []
    for group in ["registers", "bundle"]:
        wanted = {key: bundle for key, bundle in own.items() if group == "bundle" or "." not in key[1]}
        counts[group] = sum(groups[group].get(key) == bundle for key, bundle in wanted.items())
        if not wanted:
            found.append(f"{group}: nothing to compare with")
        for key, bundle in wanted.items():
            if groups[group].get(key) != bundle:
                found.append(f"{group}, {key}: {groups[group].get(key)} instead of {bundle}")
    return counts, found
