# SPDX-License-Identifier: MIT
"""From a seed to a case: what was blessed, what is run, and what the model expects of that."""

import copy

import changes
import edits
import goldens
from blessing import BlessTrial
from closing import ClosingTrial
from digest import DigestTrial
from replay import Replay
from trial import Trial
from world import World, files_of

#: how a case is tried; the first as often as it stands there
HOW = ["run"] * 16 + ["bless"] * 3 + ["again", "from", "from", "since", "since"] + ["shards"] * 2 + ["pack", "delta", "digest"]
#: what the bless was asked for, now and then: then the golden ends earlier than the history
BLESSED = [edits.until, edits.as_of]


class Case:
    """One seed, whole."""

    def __init__(self, seed):
        self.seed = seed
        self.world = world = World(seed)
        rng = world.rng
        self.features = []
        self.base_setup = copy.deepcopy(world.setup)
        if rng.random() < 0.25:
            self._note("bless ", rng.choice(BLESSED))(rng, world, self.base_setup)
        self.base = files_of(world.plans)
        self.blessed = Replay(self.base, self.base_setup)
        self.golden = self._bless()
        self.how = rng.choice(HOW)
        if self.how in ("from", "since"):
            self._close(rng)
        if self.how == "digest" and (self.blessed.error or self.blessed.damage or not self.golden):
            self.how = "run"
        self._change(rng)
        self.files = files_of(world.head)
        self.packed_golden = rng.random() < 0.1

    def _note(self, front, what):
        self.features.append(front + what.__name__)
        return what

    def _bless(self):
        if self.blessed.error:
            return {}
        return {name: edits.GoldenFile(name, lines) for name, lines in goldens.lines_of(self.blessed).items()}

    def _close(self, rng):
        """The base is closed at some hour; the golden is of all of it."""
        world = self.world
        setup = copy.deepcopy(world.setup)
        edits.until(rng, world, setup)
        closed = Replay(self.base, setup)
        whole = Replay(self.base, world.setup)
        goes = not (closed.error or whole.error or closed.damage) and closed.instances and "case" not in setup.builds
        if not goes or any(line is None for line in map(goldens.line_of, closed.instances.values())):
            self.how = "run"
            return
        self.base_setup, self.blessed = setup, whole
        self.golden = self._bless()

    def _change(self, rng):
        world = self.world
        world.head = {place: plan.copy() for place, plan in world.plans.items()}
        self.setup = copy.deepcopy(world.setup)
        self.setup.jobs = rng.choice([1, 1, 1, 2, 3, 8])
        self.setup.memory = rng.choice([None, None, None, "1"])
        if world.calm:
            self.features.append("calm")
            return
        for _ in range(rng.choice([0, 1, 1, 2, 2, 3, 4])):
            change = rng.choice(changes.HISTORY)
            if any(changes._events(world)) and change(rng, world):
                self._note("history ", change)
        for _ in range(rng.choice([0, 0, 0, 1, 2]) if self.how != "digest" else 0):
            edit = rng.choice(edits.GOLDEN)
            if edit(rng, self.golden):
                self._note("golden ", edit)
        for _ in range(rng.choice([0, 0, 1, 1, 2])):
            asked = edits.ASKED_FROM if self.how in ("from", "since") else edits.ASKED
            self._note("asked ", rng.choice(asked))(rng, world, self.setup)

    def trial(self):
        golden = {name: (one.text, one.meta) for name, one in self.golden.items()}
        if self.how == "bless":
            return BlessTrial(self.files, golden, self.setup, self.packed_golden)
        if self.how in ("from", "since"):
            return ClosingTrial(self.files, golden, self.setup, self.packed_golden, self.how,
                                (self.base, self.base_setup))
        if self.how == "digest":
            return DigestTrial(self.files, golden, self.setup, base=(self.base, self.base_setup))
        return Trial(self.files, golden, self.setup, self.packed_golden, self.how)
