# SPDX-License-Identifier: MIT
"""A seed's history: instances, their events, and the objects in which these arrived."""

import random

import keys
import lives
import packing
import times
from setup import Setup

LOADED = [["order"], ["order"], ["file"], ["case"], ["order", "file"], ["order", "case"], ["file", "case"],
          ["order", "file", "case"]]
BEGIN = times.parse("2017-03-01T00:00:00Z")
HOUR = 3600 * 10**9
LAYOUTS = ["%04d/%02d/%02d/%02d/", "%04d/%02d/%02d/%02d/", "ev/%04d/%02d/%02d/%02d/",
           "year=%04d/month=%02d/day=%02d/hour=%02d/", "legacy%04d/%02d/%02d/%02d/", "d%04d%02d%02dT%02d/"]


class World:
    """What one seed says. `base` was blessed, `head` is run; both are plans of objects by (source, key)."""

    def __init__(self, seed):
        self.seed = seed
        self.rng = rng = random.Random(seed)
        self.features = []
        self.layout = rng.choice(LAYOUTS)
        self.sources = ["events", "more"] if rng.random() < 0.08 else ["events"]
        self.setup = Setup(builds=list(rng.choice(LOADED)))
        if rng.random() < 0.04:
            self.setup.envelope = "custom"
        self.envelope = "custom" if self.setup.envelope == "custom" else "flat"
        # Calm: nothing has changed. Sound: what differs is no damage. Wild: anything.
        self.mood = rng.choice(["calm"] * 4 + ["sound"] * 8 + ["wild"] * 8)
        if self.layout.startswith("d%04d") and rng.random() < 0.8:
            self.setup.layout = keys.OWN_LAYOUT
        self.plans = {}
        self.events = []
        self.streams = {}  # aggregate -> (stream, envelope, named)
        self.nameless = rng.choice([0] * 7 + [0.1, 0.3, 0.6])  # of the events of a named stream: without the name
        self._choose_aggregates()
        self._choose_config()
        self._live()
        self._arrive()

    # ---- which ----

    def _choose_aggregates(self):
        rng = self.rng
        names = list(self.setup.builds)
        if "case" in names and rng.random() < 0.7:
            names.remove("case")
            names += rng.sample(["loan", "claim", "case", "Loan"], rng.randint(1, 2))
        if "case" not in self.setup.builds and rng.random() < 0.1:
            names.append("invoice")
        self.aggregates = names
        for name in names:
            custom = self.setup.envelope == "custom"
            envelope = "custom" if custom else "eventsource" if name == "order" and rng.random() < 0.75 else "flat"
            known = name in self.setup.builds
            named = envelope != "eventsource" and (not known or rng.random() < 0.8)
            self.streams[name] = (name + "s", envelope, named)

    def _choose_config(self):
        rng, setup = self.rng, self.setup
        unnamed = [name for name, (_, _, named) in self.streams.items() if not named]
        if len(setup.builds) > 1 and unnamed and rng.random() < 0.5:
            setup.streams = [(self.streams[name][0] + rng.choice(["", "*"]), name) for name in unnamed]
        if rng.random() < 0.1:
            setup.first[rng.choice(self.aggregates)] = rng.choice([0, 0, 2, 1000])
        if rng.random() < 0.12:
            types = rng.sample(lives.UNKNOWN + ["OrderPaid", "Check", "FileModified"], 3)
            setup.skip[rng.choice(self.aggregates)] = set(types)
        flat = setup.envelope == "auto" and all(envelope == "flat" for _, envelope, _ in self.streams.values())
        if rng.random() < 0.05 and flat:
            setup.envelope = "flat"

    # ---- what happened ----

    def _live(self):
        rng = self.rng
        count = rng.choice([1, 2, 3, 5, 8, 8, 13, 13, 25])
        for identity in lives.pick_ids(rng, count):
            for name in self.aggregates:
                if rng.random() < 0.9 / len(self.aggregates) + 0.05:
                    self.events.append(self._life(name, identity))
        if not self.events:
            self.events.append(self._life(self.aggregates[0], "only"))

    def _life(self, name, identity):
        rng = self.rng
        begin = BEGIN + rng.choice([0, 0, 1, 2, 3, 5]) * HOUR
        events = lives.life(rng, name, identity, begin, self.setup.first.get(name, 1))
        if rng.random() < 0.06:
            told = rng.random() < 0.7
            for event in events:
                event.version = None
                event.eid = "%s-%012x" % (identity[:9], rng.getrandbits(48)) if told else None
        elif rng.random() < 0.3:
            for event in events:
                event.eid = "%012x" % rng.getrandbits(48)
        return events

    # ---- how it arrived ----

    def _arrive(self):
        rng = self.rng
        late = rng.choice([0, 0, 0.02, 0.1])
        twice = rng.choice([0, 0, 0.03, 0.15])
        for events in self.events:
            for event in events:
                hours = rng.choice([1, 1, 2, 30]) if rng.random() < late else 0
                self.plan_for(event, hours).add(rng, event)
                while rng.random() < twice:
                    self.plan_for(event, rng.choice([0, 0, 1, 5])).add(rng, event)
        for plan in self.plans.values():
            if rng.random() < 0.5:
                order = list(range(len(plan.records)))
                rng.shuffle(order)
                plan.records = [plan.records[i] for i in order]
                plan.events = [plan.events[i] for i in order]

    def plan_for(self, event, late=0):
        """An object in which this event may arrive."""
        rng = self.rng
        stream, envelope, named = self.streams.get(event.aggregate, (event.aggregate + "s", self.envelope, True))
        named = named and rng.random() >= self.nameless
        hour = event.at // HOUR + late
        taken = [plan for plan in self.plans.values()
                 if (plan.stream, plan.hour) == (stream, hour) and plan.style.named == named]
        if taken and rng.random() < 0.85:
            return rng.choice(taken)
        return self.new_plan(stream, envelope, named, hour)

    def new_plan(self, stream, envelope, named, hour, key=None):
        rng = self.rng
        style = packing.Style(rng, envelope, named)
        source = rng.choice(self.sources)
        key = key or self.layout % times.folder(hour) + self._object_name(stream, hour, style)
        self.plans[source, key] = packing.Plan(source, key, stream, hour, style)
        return self.plans[source, key]

    def _object_name(self, stream, hour, style):
        rng = self.rng
        roll = rng.random()
        if roll < 0.8:
            uuid = "%08x-%04x-4000-8000-%012x" % (rng.getrandbits(32), rng.getrandbits(16), rng.getrandbits(48))
            stamp = "%04d-%02d-%02d-%02d-" % times.folder(hour) + "%02d-00" % rng.randrange(60)
            return "%s-1-%s-%s%s" % (stream, stamp, uuid, "" if style.stored == "plain" else rng.choice([".gz", ""]))
        ending = rng.choice([".json", ".ndjson", ".gz", ".log", ""]) if roll < 0.95 else " ä&$.json"
        return "part-%06x%s" % (rng.getrandbits(24), ending)


def files_of(plans):
    """(source, key) -> stored bytes"""
    return {place: plan.stored(random.Random) for place, plan in plans.items()}
