# SPDX-License-Identifier: Apache-2.0
"""Differences between obis-bridge and other parsers, each explained by a rule, or a fault of one of the two."""

from collections import Counter


class Rules:
    """Rules by name. `@rule("explanation")` registers a function that decides whether it explains a difference."""

    def __init__(self):
        self.all = []

    def __call__(self, explanation):
        def register(function):
            self.all.append((function.__name__.replace("_", "-"), explanation, function))
            return function
        return register

    def explain(self, difference):
        """The first rule that applies, as its name and its explanation, or None."""
        for name, explanation, applies in self.all:
            if applies(difference):
                return name, explanation
        return None


class Tally:
    """The comparisons and their results. A difference has a `file` and a text."""

    def __init__(self, rule, verbose):
        self.rule, self.verbose = rule, verbose
        self.totals, self.explained, self.unexplained = Counter(), Counter(), 0

    def take(self, differences):
        for difference in differences:
            reason = self.rule.explain(difference)
            if reason is None:
                self.unexplained += 1
                print(f"UNEXPLAINED {difference.file}: {difference}")
            else:
                self.explained[reason] += 1
                if self.verbose:
                    print(f"{reason[0]} {difference.file}: {difference}")

    def report(self):
        """Prints everything; returns 1 when a difference is not explained."""
        for name, count in self.totals.items():
            print(f"{count:6} {name}")
        for (name, explanation), count in sorted(self.explained.items()):
            print(f"{count:6} {name}: {explanation}")
        print(f"{self.unexplained:6} unexplained")
        return 1 if self.unexplained else 0
