# SPDX-License-Identifier: MIT
"""The aggregates that ship, and builds of them with a bug, by the contract's words ("Aggregates that ship")."""

import hashes
import times
from jsontext import is_integer

INT64 = range(-(1 << 63), 1 << 63)


class Refused(Exception):
    """apply refuses an event: its text."""


class Fallen(Exception):
    """The worker died, or hung: "crashed" or "hung"."""


def _stamp(state, key, at):
    """A time that the event lacks is not set."""
    if at is None:
        state.pop(key, None)
    else:
        state[key] = times.show(at)


def _member(event, name):
    return event.data.get(name) if isinstance(event.data, dict) else None


def _int(event, name, text=None):
    value = _member(event, name)
    if not is_integer(value) or int(value) not in INT64:
        raise Refused(text or name + " is not an integer")
    return int(value)


def _text(event, name):
    value = _member(event, name)
    if type(value) is not str:
        raise Refused(name + " is not a string")
    return value


class Order:
    name = "order"
    types = {"OrderCreated", "OrderItemAdded", "OrderApproved", "OrderPaid", "OrderShipped", "OrderDelivered",
             "OrderCancelled", "OrderRefunded"}

    def begin(self):
        return {"items": 0, "totalCents": 0}

    def add_item(self, state, event):
        cents = _int(event, "Qty") * _int(event, "PriceCents")
        self.add_cents(state, cents)
        state["items"] += 1

    def add_cents(self, state, cents):
        if cents not in INT64 or state["totalCents"] + cents not in INT64:
            raise Refused("totalCents would overflow")
        state["totalCents"] += cents

    def pay(self, state, event):
        _int(event, "AmountCents")
        state["status"] = "paid"

    def refund(self, state, event):
        total = state["totalCents"] - _int(event, "AmountCents")
        if total not in INT64:
            raise Refused("totalCents would overflow")
        state["totalCents"] = total
        state["status"] = "refunded"

    def apply(self, state, event):
        if event.type == "OrderItemAdded":
            self.add_item(state, event)
        elif event.type == "OrderPaid":
            self.pay(state, event)
        elif event.type == "OrderRefunded":
            self.refund(state, event)
        else:
            state["status"] = event.type[len("Order"):].lower()
            if event.type == "OrderCreated":
                _stamp(state, "createdAt", event.at)
        _stamp(state, "updatedAt", event.at)


class OrderPrice(Order):
    """Forgets the quantity."""

    def add_item(self, state, event):
        _int(event, "Qty")
        self.add_cents(state, _int(event, "PriceCents"))
        state["items"] += 1


class OrderPaid(Order):
    """Forgets that a paid order is paid."""

    def pay(self, state, event):
        _int(event, "AmountCents")


class OrderRefuses(Order):
    """Refuses what it folded before."""

    def refund(self, state, event):
        raise Refused("refunds are closed")


class OrderText(Order):
    """Says another thing of the same fault."""

    def add_item(self, state, event):
        _int(event, "Qty", "Qty is wrong")
        super().add_item(state, event)


class OrderUndeclared(Order):
    """No longer knows a type."""
    types = Order.types - {"OrderShipped"}


class OrderRenamed(Order):
    """Writes a field under another name."""

    def begin(self):
        return {"count": 0, "totalCents": 0}

    def add_item(self, state, event):
        self.add_cents(state, _int(event, "Qty") * _int(event, "PriceCents"))
        state["count"] += 1


class OrderLenient(Order):
    """Folds what it should refuse."""

    def add_item(self, state, event):
        try:
            super().add_item(state, event)
        except Refused:
            pass


class OrderNan(Order):
    """Has a state that is no JSON, for as long as an order is cancelled."""

    def apply(self, state, event):
        super().apply(state, event)
        state["#nan"] = state.get("status") == "cancelled"


class OrderCrashes(Order):
    """Dies of one quantity."""
    ending = "crashed"

    def add_item(self, state, event):
        super().add_item(state, event)
        if _int(event, "Qty") == 13:
            raise Fallen(self.ending)


class OrderHangs(OrderCrashes):
    ending = "hung"


class File:
    name = "file"
    types = {"FileAdded", "FileModified", "FileModeChanged", "FileDeleted"}

    def begin(self):
        return {"changes": 0, "present": False}

    def apply(self, state, event):
        if event.type in ("FileAdded", "FileModified"):
            state["blob"] = _text(event, "blob")
        if event.type in ("FileAdded", "FileModeChanged"):
            state["mode"] = _text(event, "mode")
        state["commit"] = _text(event, "commit")
        state["present"] = event.type != "FileDeleted"
        state["changes"] += 1


class FileForgets(File):
    """Keeps the first content for ever."""

    def apply(self, state, event):
        before = state.get("blob")
        super().apply(state, event)
        if event.type == "FileModified" and before is not None:
            state["blob"] = before


class Case:
    name = "case"
    types = None  # "*"

    def begin(self):
        return {"counts": {}, "events": 0}

    def apply(self, state, event):
        path = state.setdefault("#path", [])
        path.append(event.type)
        if len(path) == 1:
            _stamp(state, "first", event.at)
        state["counts"] = dict(state["counts"])
        state["counts"][event.type] = state["counts"].get(event.type, 0) + 1
        state["events"] += 1
        _stamp(state, "last", event.at)
        state["lastType"] = event.type
        joined = " > ".join(path)
        state["path"] = joined if len(hashes.utf8(joined)) <= 512 else hashes.xxh64(joined)


class CaseCounts(Case):
    """Counts a type that comes twice in a row once."""

    def apply(self, state, event):
        again = state.get("lastType") == event.type
        super().apply(state, event)
        if again:
            state["counts"][event.type] -= 1


#: name of a shared object -> what it does
BUILDS = {
    "order": Order(), "order_price": OrderPrice(), "order_paid": OrderPaid(), "order_refuses": OrderRefuses(),
    "order_text": OrderText(), "order_undeclared": OrderUndeclared(), "order_renamed": OrderRenamed(),
    "order_lenient": OrderLenient(), "order_crashes": OrderCrashes(), "order_exits": OrderCrashes(),
    "order_hangs": OrderHangs(), "order_nan": OrderNan(), "file": File(), "file_forgets": FileForgets(), "case": Case(),
    "case_counts": CaseCounts(),
}


class Fold:
    """One instance folded: the states behind each event, and how it ended.

    ending: "folded", "rejected", "crashed" or "hung"; `at` is the number of the step that ended it."""

    def __init__(self, build, events, start=None):
        state = build.begin() if start is None else start
        self.states = [state]
        self.ending = "folded"
        self.text = None
        for event in events:
            if build.types is not None and event.type not in build.types:
                self.ending, self.text = "rejected", "unhandled type " + event.type
                break
            state = dict(state)
            if "#path" in state:
                state["#path"] = list(state["#path"])
            try:
                build.apply(state, event)
            except Refused as refusal:
                self.ending, self.text = "rejected", "%s: %s" % (event.type, refusal)
                break
            except Fallen as fall:
                self.ending = str(fall)
                break
            self.states.append(state)
        self.at = len(self.states) - 1  # events that were folded

    def state(self, steps):
        """None: it holds NaN."""
        state = self.states[steps]
        return None if state.get("#nan") else {key: value for key, value in state.items() if key[:1] != "#"}
