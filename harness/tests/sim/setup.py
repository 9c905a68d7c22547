# SPDX-License-Identifier: MIT
"""How refold is called: what a seed chose, as options, as a config, and for the model."""

import dataclasses
import json

import aggregates
import times
from events import pointers as pointers_of

#: where --ids finds them, beside the config
IDS_FILE = "ids.txt"


@dataclasses.dataclass
class Setup:
    builds: list = dataclasses.field(default_factory=list)  # names of shared objects, in order
    envelope: str = "auto"
    streams: list = dataclasses.field(default_factory=list)  # (pattern "x*" or "x", aggregate)
    skip: dict = dataclasses.field(default_factory=dict)  # aggregate -> types
    first: dict = dataclasses.field(default_factory=dict)  # aggregate -> version
    ignore: list = dataclasses.field(default_factory=list)  # (aggregate or None, pointer)
    config_ignore: dict = dataclasses.field(default_factory=dict)  # aggregate -> pointers
    policy: dict = dataclasses.field(default_factory=dict)
    until: int = None  # an hour
    until_text: str = None
    as_of: int = None  # nanoseconds
    ids: list = None
    ids_file: bool = False  # whether these stand in a file
    layout: str = None
    at_head: bool = False
    require_golden: bool = False
    no_compare: bool = False
    keep_partial: bool = False
    timeout: float = None
    # These change nothing of what comes out:
    jobs: int = 1
    memory: str = None

    def claims(self):
        """aggregate -> its build"""
        return {aggregates.BUILDS[name].name: aggregates.BUILDS[name] for name in self.builds}

    def ignores_of(self, aggregate):
        return [pointer for name, pointer in self.ignore if name in (None, aggregate)] + \
            self.config_ignore.get(aggregate, [])

    def waives(self, kind):
        return self.policy.get(kind, "error") != "error"

    def config(self):
        """refold.json"""
        found = {}
        if self.streams:
            found["streams"] = [{"match": match, "aggregate": name} for match, name in self.streams]
        of = {}
        for name, types in self.skip.items():
            of.setdefault(name, {})["skip"] = [{"type": t, "reason": "the seed says so"} for t in sorted(types)]
        for name, version in self.first.items():
            of.setdefault(name, {})["first"] = version
        for name, pointers in self.config_ignore.items():
            of.setdefault(name, {})["ignore"] = pointers
        if of:
            found["aggregates"] = of
        if self.layout is not None:
            found["layout"] = self.layout
        if self.policy:
            found["policy"] = self.policy
        if self.envelope != "auto":
            found["envelope"] = pointers_of("custom") if self.envelope == "custom" else self.envelope
        return json.dumps(found)

    def options(self, folder_of_builds):
        found = []
        for name in self.builds:
            found += ["-a", folder_of_builds(name)]
        for name, pointer in self.ignore:
            found += ["--ignore", (name + ":" if name else "") + pointer]
        if self.until is not None:
            found += ["--until", self.until_text]
        if self.as_of is not None:
            found += ["--as-of", times.show(self.as_of)]
        if self.timeout is not None:
            found += ["--timeout", str(self.timeout)]
        if self.memory is not None:
            found += ["--memory", self.memory]
        for flag in ("at_head", "require_golden", "no_compare", "keep_partial"):
            if self.no_compare and flag in ("at_head", "require_golden"):
                continue  # who compares nothing cannot ask how
            if getattr(self, flag):
                found.append("--" + flag.replace("_", "-"))
        if self.ids and self.ids_file:
            found += ["--ids", IDS_FILE]
        elif self.ids:
            found += ["--id=" + identity for identity in self.ids]
        return found + ["-j", str(self.jobs)]
