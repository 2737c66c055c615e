# SPDX-License-Identifier: Apache-2.0
"""The output of obis-bridge's `convert` command for a telegram."""

import json
import subprocess
import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal


@dataclass
class Outcome:
    """Readings as published, with numbers as exact decimals, and the rejections."""

    readings: list = field(default_factory=list)
    rejected: list = field(default_factory=list)
    log: str = ""

    def values(self, obis: str) -> list:
        """The registers of that code, in every reading."""
        return [reading["registers"][obis] for reading in self.readings if obis in reading["registers"]]

    def rules(self) -> set:
        """The repairs of all readings."""
        return {fix["rule"] for reading in self.readings for fix in reading["fixes"]}


def read(bridge: str, path: str, received: str, checks_crc: bool = True) -> Outcome:
    """Runs `convert` on a file."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(f"zone: Europe/Amsterdam\nsources: {{p1: {{adapter: p1, crc: {'repair' if checks_crc else 'off'}}}}}\n")
        file.flush()
        run = subprocess.run(
            [bridge, "convert", "--source", "p1", "--config", file.name, "--topic", "dsmr/raw", "--received", received, path],
            capture_output=True, text=True, check=False)
    if run.returncode not in (0, 1):
        raise RuntimeError(f"{path}: exit {run.returncode}: {run.stderr}")
    outcome = Outcome(log=run.stderr)
    for line in run.stdout.splitlines():
        publication = json.loads(line)
        if publication["topic"].endswith("/reading"):
            outcome.readings.append(json.loads(publication["payload"], parse_float=Decimal, parse_int=Decimal))
        elif publication["topic"].endswith("/reject"):
            outcome.rejected.append(json.loads(publication["payload"]))
    return outcome


def instant(text: str) -> datetime:
    """A time of a reading."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
