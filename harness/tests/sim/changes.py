# SPDX-License-Identifier: MIT
"""What goes wrong, or only on, between the bless and the run: in the history. Each takes (rng, world) and changes
world.head; it returns whether there was something to change."""

import lives
import packing
import times
from world import HOUR

FIELDS = {"order": ["Qty", "PriceCents", "AmountCents", "note"], "file": ["blob", "commit", "mode", "note"]}


def _plans(world):
    return [plan for plan in world.head.values() if plan.events]


def _events(world):
    """All events that are placed, each once."""
    found = {}
    for plan in world.head.values():
        for event in plan.events:
            if event is not None:
                found[id(event)] = event
    return list(found.values())


def _replace(rng, world, old, new, once=False):
    """Puts `new` in the places of `old`; only in the first, or in all."""
    for plan in world.head.values():
        for at, event in enumerate(plan.events):
            if event is old:
                plan.events[at] = new
                plan.records[at] = packing.text_of(rng, packing.record_of(rng, new, plan.style))
                if once:
                    return


def _alter(rng, event):
    """The event as it was not."""
    roll = rng.random()
    data = dict(event.data)
    if roll < 0.15:
        return event.altered(at=event.at + rng.choice([1, 10**9, -1, HOUR]))
    if roll < 0.3:
        return event.altered(type=rng.choice(["OrderApproved", "FileDeleted", "Check", "Unknown"]))
    if roll < 0.6:
        data["note"] = lives.noise(rng)
        return event.altered(data=data)
    key = rng.choice(FIELDS.get(event.aggregate, ["user"]))
    if key in data and type(data[key]) is int:
        data[key] += rng.choice([1, -1, 1000])
    elif key in data and rng.random() < 0.3:
        del data[key]
    else:
        data[key] = "altered"
    return event.altered(data=data)


def _place(rng, world, event, late=None):
    """Adds the event to some object of the head."""
    world.plans = world.head
    world.plan_for(event, rng.choice([0, 0, 1, 5]) if late is None else late).add(rng, event)


def altered_event(rng, world):
    event = rng.choice(_events(world))
    _replace(rng, world, event, _alter(rng, event))
    return True


def altered_copy(rng, world):
    event = rng.choice(_events(world))
    _replace(rng, world, event, _alter(rng, event), once=True)
    return True


def conflict(rng, world):
    for _ in range(rng.randint(1, 2)):
        _place(rng, world, _alter(rng, rng.choice(_events(world))))
    return True


def duplicates(rng, world):
    for _ in range(rng.randint(1, 4)):
        _place(rng, world, rng.choice(_events(world)))
    return True


def dropped_event(rng, world):
    gone = rng.choice(_events(world))
    for plan in world.head.values():
        plan.drop(lambda event: event is gone)
    return True


def dropped_tail(rng, world):
    """The last events of an instance never came."""
    one = rng.choice(_events(world))
    for plan in world.head.values():
        plan.drop(lambda event: (event.aggregate, event.id) == (one.aggregate, one.id) and event.at >= one.at)
    return True


def dropped_object(rng, world):
    if len(world.head) < 2:
        return False
    del world.head[rng.choice(sorted(world.head))]
    return True


def dropped_instance(rng, world):
    one = rng.choice(_events(world))
    for plan in world.head.values():
        plan.drop(lambda event: (event.aggregate, event.id) == (one.aggregate, one.id))
    return True


def new_events(rng, world):
    """Life goes on."""
    for _ in range(rng.randint(1, 3)):
        own = rng.choice(world.events)
        last = own[-1]
        more = lives.life(rng, last.aggregate, last.id, last.at + lives.later(rng), (last.version or 0) + 1)
        for event in more:
            if last.version is None:
                event.version, event.eid = None, None if last.eid is None else "%012x" % rng.getrandbits(48)
            _place(rng, world, event)
        world.events[world.events.index(own)] = own + more
    return True


def new_instance(rng, world):
    for identity in lives.pick_ids(rng, rng.randint(1, 3)):
        events = world._life(rng.choice(world.aggregates), identity)
        for event in events:
            _place(rng, world, event)
    return True


def without_version(rng, world):
    """"an event without one among events that have one is malformed\""""
    event = rng.choice(_events(world))
    _place(rng, world, event.altered(version=None, eid=event.eid))
    return True


def below_first(rng, world):
    event = rng.choice(_events(world))
    if event.version is None:
        return False
    _place(rng, world, event.altered(version=rng.choice([0, 0, 1])))
    return True


def far_version(rng, world):
    event = rng.choice(_events(world))
    if event.version is None:
        return False
    _place(rng, world, event.altered(version=rng.choice([event.version + 100, (1 << 63) - 1, 1 << 62])))
    return True


def twin_id(rng, world):
    """An event moves to an id that looks the same."""
    event = rng.choice(_events(world))
    other = rng.choice([event.id + " ", " " + event.id, event.id.upper(), event.id + "\u0000", "0" + event.id,
                        event.id.replace("é", "e\u0301"), event.id + "\u200b"])
    if other == event.id:
        return False
    _replace(rng, world, event, event.altered(id=other))
    return True


def other_aggregate(rng, world):
    """An event names an aggregate that is not loaded, or another one that is."""
    event = rng.choice(_events(world))
    place = event.altered(aggregate=rng.choice(["invoice", "order", "file", "Order", "case"]))
    _place(rng, world, place)
    return True


# ---- records and objects ---------------------------------------------------------------------------

MALFORMED = [
    b"\nnot an event\n", b"\nAAAA\n", b"\nAAAAAAA\n", b"\n////////\n", b'{"a":1}', b"{}", b'{"t":"OrderPaid","d":{}}',
    b'{"t":"OrderPaid","d":{"ID":"","Version":1,"At":"2017-03-01T00:00:00Z"}}',
    b'{"t":"OrderPaid","d":{"ID":"a","Version":-1,"At":"2017-03-01T00:00:00Z"}}',
    b'{"t":"OrderPaid","d":{"ID":"a","Version":1.5,"At":"2017-03-01T00:00:00Z"}}',
    b'{"t":"OrderPaid","d":{"ID":"a","Version":9223372036854775808,"At":"2017-03-01T00:00:00Z"}}',
    b'{"t":"OrderPaid","d":{"ID":"a","Version":1,"At":"yesterday"}}', b'{"t":"","d":{"ID":"a","Version":1,"At":0}}',
    b'{"t":"OrderPaid","d":{"ID":"a","ID":"b","Version":1,"At":"2017-03-01T00:00:00Z"}}',
    b'{"t":"OrderPaid","t":"OrderPaid","d":{"ID":"a","Version":1,"At":"2017-03-01T00:00:00Z"}}',
    b'{"t":"OrderPaid","d":{"ID":1.5,"Version":1,"At":"2017-03-01T00:00:00Z"}}', b'{"t":tru,"d":{}}',
    b'{"aggregateId":"a","type":"Check","aggregateType":"../x","version":1,"at":0,"data":{}}',
    b'{"aggregateId":{},"type":"Check","version":1,"at":0,"data":{}}', b'{"x":"\xff"}', b'{"t":"a\nb","d":{}}',
    b"[1,2]", b'[{"a":1},[]]', b"[[]]", b'{"t":01,"d":{}}', b'{"t":"}","d":{,}}', b'{"a":[1,2}',
]
#: brackets or a string that do not end: reading goes on at the next line, or nowhere
UNENDED = [b'\n{"t":"OrderPaid","d":{\n', b'\n{"t":"OrderPaid\n', b"\n[{\n"]


def malformed(rng, world):
    for _ in range(rng.randint(1, 3)):
        rng.choice(list(world.head.values())).add_raw(rng, rng.choice(MALFORMED))
    return True


def unended(rng, world):
    rng.choice(list(world.head.values())).add_raw(rng, rng.choice(UNENDED))
    return True


def empty_batch(rng, world):
    rng.choice(list(world.head.values())).add_raw(rng, rng.choice([b"[]", b"[ \n]"]))
    return True


def damaged_object(rng, world):
    for _ in range(rng.choice([1, 1, 2])):
        plan = rng.choice(list(world.head.values()))
        how = rng.choice([packing.flip, packing.flip, packing.flip_trailer, packing.cut, packing.garbage])
        plan.damage.append(how(rng))
    return True


def odd_object(rng, world):
    """Something between the objects."""
    world.plans = world.head
    hour = rng.choice(list(world.head.values())).hour
    folder = world.new_plan("x", world.envelope, True, hour)
    del world.head[folder.source, folder.key]
    front = folder.key.rpartition("/")[0] + "/"
    name, data = rng.choice([
        ("README", b"not an event\n"), ("notes.txt", b""), ("a.json", b""), ("a.gz", packing.compress(rng, b"", "gzip")),
        ("b.json", b"[]"), ("b", b"[]\n[]"), ("c.json", b"\nhello\n"), ("c", b'{"a":1}'), ("d.gz", b"\x1f"),
        ("d", b"{"), ("manifest", b'{"entries":[]}'), ("_manifest", b'{"entries":[]}'), ("g", b'"{}"\n'), ("h", b'"a","b"\n'), ("i", packing.compress(rng, b'{"a":1}', "gzip")), ("e.json", b"   \n"), ("_SUCCESS", b""), ("f.zip", b"x")])
    plan = world.new_plan("x", world.envelope, True, hour, front + name)
    plan.literal = data
    return True


def error_object(rng, world):
    world.plans = world.head
    hour = rng.choice(list(world.head.values())).hour
    kind = rng.choice(["processing-failed", "format-conversion-failed", "http-endpoint-failed"])
    plan = world.new_plan("x", world.envelope, True, hour, "%s/%s%s" % (kind, world.layout % times.folder(hour), "e.json"))
    plan.literal = b'{"rawData":"e30="}'
    return True


HISTORY = [altered_event, altered_copy, conflict, duplicates, dropped_event, dropped_tail, dropped_object,
           dropped_instance, new_events, new_events, new_instance, without_version, below_first, far_version, twin_id,
           other_aggregate, malformed, unended, empty_batch, damaged_object, damaged_object, odd_object, error_object]
#: those that make no damage
SOUND = [altered_event, altered_event, duplicates, new_events, new_events, new_instance, dropped_instance, empty_batch]
