# SPDX-License-Identifier: MIT
"""compare: the first event at which two builds part, against programs that know the answer.

Twenty bugs are planted into copies of the order aggregate, one each, and into a Python twin of it. For every
order of a made history the twin says whether the builds part, behind which event, what differs there, and where
they meet again; refold must say the same of every order. REFOLD_ORDERS=202000 does it on so many;
the default is what `make test` has time for.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from hostile_test import check_schema
from support import (
    aggregate, BUILD, check_sums, expect, expect_status, in_full, lines_of, objects, parallel, parse, patched, plugin,
    read_bytes, REFOLD, refold, ROOT, sampled, Scratch, slow, write_bytes)

ORDERS = int(os.environ.get("REFOLD_ORDERS", "6000"))
LISTED = 10000  # differences that a report lists
EVENTS_EACH = 9.2  # of scripts/make-orders, about
SOURCE = os.path.join(ROOT, "aggregates", "order.c")


# ---- the twin ----------------------------------------------------------------------------------------------------

class Refused(Exception):
    """The event is not folded; the state is that before it."""


class Crashed(Exception):
    """The build falls at this event."""


class Order:
    """An order, as the contract has it. Bugs override one method each."""

    def __init__(self):
        self.state = {"items": 0, "totalCents": 0}

    def apply(self, event):
        kind, data = event
        self.touch(data)
        getattr(self, kind)(data)

    def touch(self, data):
        self.state["updatedAt"] = data["At"]

    def OrderCreated(self, data):
        self.state["status"] = "created"
        self.state["createdAt"] = data["At"]

    def OrderItemAdded(self, data):
        self.state["items"] += 1
        self.state["totalCents"] += data["Qty"] * data["PriceCents"]

    def OrderApproved(self, _):
        self.state["status"] = "approved"

    def OrderPaid(self, _):
        self.state["status"] = "paid"

    def OrderShipped(self, _):
        self.state["status"] = "shipped"

    def OrderDelivered(self, _):
        self.state["status"] = "delivered"

    def OrderCancelled(self, _):
        self.state["status"] = "cancelled"

    def OrderRefunded(self, data):
        self.state["status"] = "refunded"
        self.state["totalCents"] -= data["AmountCents"]


def nothing(_self, _data):
    pass


def wrong_sign(self, data):
    self.state["items"] += 1
    self.state["totalCents"] -= data["Qty"] * data["PriceCents"]


def sum_for_product(self, data):
    self.state["items"] += 1
    self.state["totalCents"] += data["Qty"] + data["PriceCents"]


def no_created_at(self, _):
    self.state["status"] = "created"


def nine_items_at_most(self, data):
    Order.OrderItemAdded(self, data)
    self.state["items"] = min(self.state["items"], 9)


def approved_is_paid(self, _):
    self.state["status"] = "paid"


def no_refund(self, _):
    self.state["status"] = "refunded"


def refund_keeps_status(self, data):
    self.state["totalCents"] -= data["AmountCents"]


def price_of_16_bits(self, data):
    price = (data["PriceCents"] + 0x8000) % 0x10000 - 0x8000
    self.state["items"] += 1
    self.state["totalCents"] += data["Qty"] * price


def total_of_20_bits(self, data):
    Order.OrderItemAdded(self, data)
    self.state["totalCents"] &= 0xFFFFF


def no_nine(self, data):
    if data["Qty"] > 8:
        raise Refused("OrderItemAdded: Qty is not an integer")
    Order.OrderItemAdded(self, data)


def cancelled_costs_nothing(self, _):
    self.state["status"] = "cancelled"
    self.state["totalCents"] = 0


def price_in_tens(self, data):
    self.state["items"] += 1
    self.state["totalCents"] += data["Qty"] * (data["PriceCents"] // 10 * 10)


def touched_once_a_second(self, data):
    if self.state.get("updatedAt", "")[:19] != data["At"][:19]:
        self.state["updatedAt"] = data["At"]


def paid_is_the_total(self, data):
    self.state["status"] = "paid"
    self.state["totalCents"] = data["AmountCents"]


def shipped_is_delivered(self, _):
    self.state["status"] = "delivered"


def no_refunds_known(_self, _data):
    raise Refused("unhandled type OrderRefunded")


def unlucky_price(self, data):
    if data["PriceCents"] % 1000 == 777:
        raise Crashed()
    Order.OrderItemAdded(self, data)


ADD = "__builtin_add_overflow(order->total_cents, cents, &order->total_cents)"
MUL = "__builtin_mul_overflow(quantity, price_cents, &cents)"
SUB = "__builtin_sub_overflow(order->total_cents, amount_cents, &order->total_cents)"

# (name, text of order.c, what stands there instead, what the twin overrides and with what)
BUGS = [
    ("wrong sign", ADD, ADD.replace("_add_", "_sub_"), "OrderItemAdded", wrong_sign),
    ("sum for product", MUL, MUL.replace("_mul_", "_add_"), "OrderItemAdded", sum_for_product),
    ("forgotten updatedAt", "    order->updated_at = event->at;\n", "", "touch", nothing),
    ("forgotten createdAt", "        order->created_at = event->at;\n", "", "OrderCreated", no_created_at),
    ("nine items at most", "order->items++;", "order->items += order->items < 9;", "OrderItemAdded", nine_items_at_most),
    ("approved is paid", "order->status = STATUS_APPROVED;", "order->status = STATUS_PAID;", "OrderApproved",
     approved_is_paid),
    ("shipped taken for delivered", 'REFOLD_TYPE("OrderShipped", ORDER_SHIPPED)',
     'REFOLD_TYPE("OrderShipped", ORDER_DELIVERED)', "OrderShipped", shipped_is_delivered),
    ("lost status of paid", "    order->status = STATUS_PAID;\n", "", "OrderPaid", nothing),
    ("lost status of refunded", "    order->status = STATUS_REFUNDED;\n", "", "OrderRefunded", refund_keeps_status),
    ("lost refund", SUB, SUB.replace("&order->total_cents", "&amount_cents"), "OrderRefunded", no_refund),
    ("price of 16 bits", MUL, MUL.replace("price_cents,", "(int16_t)price_cents,"), "OrderItemAdded",
     price_of_16_bits),
    ("total of 20 bits", "order->items++;", "order->items++, order->total_cents &= 0xFFFFF;", "OrderItemAdded",
     total_of_20_bits),
    ("refuses nine", '"Qty", &quantity)', '"Qty", &quantity) || quantity > 8', "OrderItemAdded", no_nine),
    ("cancelled costs nothing", "order->status = STATUS_CANCELLED;",
     "order->status = STATUS_CANCELLED, order->total_cents = 0;", "OrderCancelled", cancelled_costs_nothing),
    ("price in tens", MUL, MUL.replace("price_cents,", "price_cents / 10 * 10,"), "OrderItemAdded", price_in_tens),
    ("touched once a second", "    order->updated_at = event->at;\n",
     "    if (event->at.seconds != order->updated_at.seconds) order->updated_at = event->at;\n", "touch",
     touched_once_a_second),
    ("paid is the total", "order->status = STATUS_PAID;", "order->status = STATUS_PAID, order->total_cents = amount_cents;",
     "OrderPaid", paid_is_the_total),
    ("delivered never comes", "order->status = STATUS_DELIVERED;", "", "OrderDelivered", nothing),
    ("refunds not declared", 'REFOLD_TYPE("OrderRefunded"', 'REFOLD_TYPE("OrderReturned"', "OrderRefunded",
     no_refunds_known),
    ("falls at a price", "order->items++;", "if (price_cents % 1000 == 777) __builtin_trap(); order->items++;",
     "OrderItemAdded", unlucky_price),
]

# Whose differences are not one cluster, and why: a cluster's key holds the type of the event, and this bug shows at
# whatever event comes in the same second as the one before.
MORE_CLUSTERS = {"touched once a second"}


def states_of(twin, events):
    """The state before the first and behind each event, until an event is not folded; and what ended it."""
    states = [dict(twin.state)]
    for event in events:
        try:
            twin.apply(event)
        except (Refused, Crashed) as end:
            return states, end
        states.append(dict(twin.state))
    return states, None


def changes_of(old, new):
    """The members that differ, as refold's report has them."""
    changes = []
    for key in sorted(set(old) | set(new)):
        if old.get(key) == new.get(key):
            continue
        change = {"path": "/" + key, "op": "replace" if key in old and key in new else "add" if key in new else "remove"}
        if key in new:
            change["value"] = new[key]
        if key in old:
            change["old"] = old[key]
        changes.append(change)
    return changes


def verdict_of(base, twin, events):
    """None where they are the same; else the facts of the difference."""
    head, end = states_of(twin, events)
    if isinstance(end, Crashed):
        return {"kind": "crashed", "version": len(head)}
    parted = next((v for v, state in enumerate(head) if state != base[v]), None)
    if parted is None:
        return None if end is None else {"kind": "rejected", "version": len(head),
                                         "message": "BASE folds it, HEAD refuses it (%s)" % end}
    facts = {"kind": "changed", "version": parted, "changes": changes_of(base[parted], head[parted])}
    if end is None and head[-1] == base[-1]:
        meets = len(head)
        while head[meets - 1] == base[meets - 1]:
            meets -= 1
        facts["meets_again"] = meets
    return facts


# ---- the history -------------------------------------------------------------------------------------------------

def made_orders():
    """A history of so many orders; made once a build folder."""
    folder = os.path.join(BUILD, "tests", "orders-compare-%d" % ORDERS)
    if os.path.exists(folder):
        return folder
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    making = tempfile.mkdtemp(prefix=".orders-", dir=os.path.dirname(folder))
    subprocess.run([sys.executable, os.path.join(ROOT, "scripts", "make-orders"), making, "--events",
                    str(int(ORDERS * EVENTS_EACH) + 100), "--objects", str(4 + ORDERS // 5000), "--level", "1"],
                   check=True, stdout=subprocess.DEVNULL)
    try:
        os.rename(making, folder)
    except OSError:  # another test was faster
        shutil.rmtree(making)
    return folder


def read_orders(events):
    """id -> [(type, its data)], in the order of versions; copies of an event are one. And id -> the objects that
    hold its events."""
    found, places = {}, {}
    for path in objects(events):
        for record in parse(read_bytes(path)):
            data = record["d"]
            kept = {key: data[key] for key in ("At", "Qty", "PriceCents", "AmountCents") if key in data}
            found.setdefault(data["ID"], {})[data["Version"]] = (sys.intern(record["t"]), kept)
            places.setdefault(data["ID"], set()).add(path)
    for identity, versions in found.items():
        assert sorted(versions) == list(range(1, len(versions) + 1)), identity
    return {identity: [versions[v] for v in sorted(versions)] for identity, versions in sorted(found.items())}, places


def parts_of(orders, places):
    """[(ids, objects)]: at most so many ids as a report lists, and the objects that hold all of their events."""
    ids = sorted(orders, key=lambda identity: (min(places[identity]), identity))
    parts = []
    for at in range(0, len(ids), LISTED):
        part = ids[at:at + LISTED]
        parts.append((part, sorted(set().union(*(places[identity] for identity in part)))))
    return parts


def facts_of_report(difference):
    """A difference as verdict_of has it."""
    facts = {key: difference[key] for key in ("kind", "version", "meets_again") if key in difference}
    if facts["kind"] == "changed":
        facts["changes"] = sorted(difference["changes"], key=lambda change: change["path"])
        assert "message" not in difference, difference
    elif facts["kind"] == "rejected":
        facts["message"] = difference["message"]
    return facts


def compare_part(scratch, head, sources, ids):
    """The report on these ids: all others are left out, so that all of their differences are listed."""
    with tempfile.NamedTemporaryFile("w", dir=scratch) as f:
        f.write("".join(i + "\n" for i in ids))
        f.flush()
        result = refold("compare", "-r", "json", "--ids", f.name, aggregate("order"), head, *sources, timeout=1200)
    report = result.report
    expect_status(result, 1 if report["differences_total"] else 0, head)
    check_sums(report, head)
    tally = report["aggregates"][0]
    expect(tally["instances"], len(ids), head + ": instances")
    expect(tally["same"] + report["differences_total"], len(ids), head + ": same and different")
    expect(len(report["differences"]), report["differences_total"], head + ": listed")
    return report


def check_listed(name, orders, wanted, listed, ids):
    """What a report lists of these ids is what the twin says; who is not listed is the same."""
    found = {d["id"]: d for d in listed}
    expect(len(found), len(listed), name + ": each is listed once")
    for identity in ids:
        facts = facts_of_report(found[identity]) if identity in found else None
        expect(facts, wanted.get(identity), "%s: %s" % (name, identity))
        if facts is not None and facts["version"] > 0:
            kind = orders[identity][facts["version"] - 1][0]
            suspect = found[identity]["suspect"]
            expect((suspect["version"], suspect["type"]), (facts["version"], kind), "%s: %s" % (name, identity))


def check_bug(scratch, number, orders, bases, parts, events):
    """Every order of one bug. Returns (name, differences, clusters, how many met again, were refused or fell)."""
    name, old, new, method, function = BUGS[number]
    head = patched(SOURCE, os.path.join(scratch, "head-%d.c" % number), old, new)
    twin = type("Bug", (Order,), {method: function})
    wanted = {identity: verdict_of(bases[identity], twin(), life) for identity, life in orders.items()}
    wanted = {identity: facts for identity, facts in wanted.items() if facts is not None}
    assert wanted, "%s changes nothing" % name
    for ids, sources in parts:
        report = compare_part(scratch, head, sources, ids)
        check_listed(name, orders, wanted, report["differences"], ids)
    if len(parts) > 1:
        whole = refold("compare", "-r", "json", aggregate("order"), head, events, timeout=1200)
        expect_status(whole, 1, name)
        report = whole.report
        check_sums(report, name)
        expect(report["aggregates"][0]["instances"], len(orders), name + ": instances")
        check_listed(name, orders, wanted, report["differences"], sorted(wanted)[:LISTED])
    expect(report["differences_total"], len(wanted), name + ": all differences")
    clusters = report["clusters"]
    expect(sum(c["count"] for c in clusters), len(wanted), name + ": in clusters")
    met = sum("meets_again" in facts for facts in wanted.values())
    ended = sum(facts["kind"] != "changed" for facts in wanted.values())
    return name, len(wanted), len(clusters), met, ended


@slow
def test_the_first_event_of_20_bugs_is_the_twins_for_every_order():
    folder = made_orders()
    events = os.path.join(folder, "events")
    orders, places = read_orders(events)
    parts = parts_of(orders, places)
    bases = {identity: states_of(Order(), life)[0] for identity, life in orders.items()}
    expect(len(BUGS), 20, "bugs")
    assert len(orders) > ORDERS * 0.95, len(orders)
    with open(os.path.join(folder, "golden", "order.ndjson"), encoding="utf-8") as f:
        for line in f:  # what made the history knows it too
            known = json.loads(line)
            expect(bases[known["id"]][-1], known["state"], known["id"])
    with Scratch() as scratch:
        rows = parallel(lambda number: check_bug(scratch, number, orders, bases, parts, events), range(len(BUGS)))
    if "REFOLD_ORDERS" in os.environ:
        print("%d orders; bug: differences, clusters, met again, refused or fallen" % len(orders))
        for row in rows:
            print("  %-28s %7d %3d %7d %7d" % row)
    several = {name for name, _, clusters, *_ in rows if clusters != 1}
    assert len(several) <= 2, several
    expect(several, MORE_CLUSTERS, "bugs of several clusters")


# ---- extremes ----------------------------------------------------------------------------------------------------

def write_events(folder, lives):
    """lives: (id, number of OrderItemAdded)"""
    values = ({"t": "OrderItemAdded", "d": {"ID": identity, "Version": v, "At": "2020-01-01T00:00:00Z", "Qty": 1,
                                            "PriceCents": 1}} for identity, count in lives for v in range(1, count + 1))
    path = os.path.join(folder, "events.json")
    write_bytes(path, lines_of(values))
    return path


@slow
def test_one_instance_of_300000_events_parts_at_the_right_one():
    with Scratch() as scratch:
        events = write_events(scratch, [("long", 300000)])
        for wrong, meets in (("order->items += order->items < 250000;", None),
                             ("order->items += event->version == 123456 ? 2 : event->version == 123457 ? 0 : 1;", 123457)):
            head = patched(SOURCE, os.path.join(scratch, "head.c"), "order->items++;", wrong)
            result = refold("compare", "-r", "json", aggregate("order"), head, events)
            expect_status(result, 1, wrong)
            difference, = result.report["differences"]
            expect(difference["version"], 250001 if meets is None else 123456, wrong)
            expect(difference.get("meets_again"), meets, wrong)
            expect([c["path"] for c in difference["changes"]], ["/items"], wrong)
        expect_status(refold("compare", "-q", aggregate("order"), SOURCE, events), 0, "the same build twice")


def test_100000_instances_of_one_event_are_all_compared():
    with Scratch() as scratch:
        events = write_events(scratch, [("%06d" % i, 1) for i in range(100000)])
        head = patched(SOURCE, os.path.join(scratch, "head.c"), "order->items++;", "order->items += event->id.ptr[5] != '7';")
        result = refold("compare", "-r", "json", aggregate("order"), head, events)
        expect_status(result, 1, "one in ten")
        report = result.report
        expect(report["differences_total"], 10000, "differences")
        expect([d["id"] for d in report["differences"]], ["%06d" % i for i in range(7, 100000, 10)], "ids")
        expect(report["aggregates"][0]["same"], 90000, "same")
        expect([c["count"] for c in report["clusters"]], [10000], "clusters")


@sampled
def test_an_interrupt_is_heard_at_any_time():
    """Also while a worker is being started: one that is not known yet when all others are killed must not be waited
    for, as two in a hundred of these were."""
    rng = random.Random(1)
    with Scratch() as scratch:
        path = os.path.join(scratch, "events.json")
        write_bytes(path, lines_of([two("a", 1, "add", "hang")]))
        for i in range(250 if in_full() else 80):
            run = subprocess.Popen([REFOLD, "compare", "-q", "--timeout", "60", plugin("twin_base"), plugin("twin_head"),
                                    path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                time.sleep(rng.uniform(0.004, 0.025))
                run.send_signal(signal.SIGINT)
                expect(run.wait(timeout=20), -signal.SIGINT, "interrupt %d" % i)
            finally:
                run.kill()


# ---- reports -----------------------------------------------------------------------------------------------------

def two(identity, version, base, head, kind="Do"):
    return {"t": kind, "d": {"ID": identity, "Version": version, "At": "2020-01-01T00:00:00Z", "Base": base, "Head": head}}


def test_reports_are_what_their_schema_says():
    lives = [("add", "take"), ("nan", "add"), ("add", "refuse"), ("refuse", "deny"), ("segv", "add"), ("add", "segv"),
             ("hang", "add"), ("add", "hang"), ("broken", "add"), ("\u0000", "take"), ("add", "add")]
    values = [two("id\u0000\u00e4%d" % i, v, *pair) for i, pair in enumerate(lives) for v in (1, 2)]
    values += [two("only", 1, "", "", "OnlyBase"), two("others", 1, "", "", "OnlyHead")]
    with Scratch() as scratch:
        path = os.path.join(scratch, "events.json")
        write_bytes(path, lines_of(values))
        write_bytes(os.path.join(scratch, "damaged.json"), lines_of(values[:2]) + b"no record\n" + lines_of(values[2:4]))
        calls = {
            "all kinds": (1, [plugin("twin_base"), plugin("twin_head"), path]),
            "the same": (0, [plugin("twin_base"), plugin("twin_base"), "--id", "only", path]),
            "damaged": (3, [plugin("twin_base"), plugin("twin_head"), os.path.join(scratch, "damaged.json")]),
            "nothing": (2, [plugin("twin_base"), plugin("twin_head"), "--id", "nobody", path]),
            "no build": (2, [plugin("twin_base"), "nowhere.so", path]),
            "no revision": (2, ["nowhere:order.c", plugin("twin_head"), path]),
        }
        reports = {}
        for what, (status, arguments) in calls.items():
            result = refold("compare", "-r", "json", "--timeout", "0.3", *arguments)
            expect_status(result, status, what)
            reports[what] = result.report
        check_schema("report.schema.json", reports)
    report = reports["all kinds"]
    expect([b["role"] for b in report["proof"]["builds"]], ["base", "head"], "roles")
    expect(sorted({d["kind"] for d in report["differences"]}), ["changed", "crashed", "hung", "rejected"], "kinds")
    check_sums(report, "all kinds")


# ---- two builds that define the same symbols ---------------------------------------------------------------------

SHARED = """// SPDX-License-Identifier: MIT
#include <refold/aggregate.h>
int rate_of_all = RATE;
struct rates { static int of_a_class; };
int rates::of_a_class = RATE;
template <class T> struct templated { static int rate; };
template <class T> int templated<T>::rate = RATE;
inline int rate_of_a_function() { static int rate = RATE; return rate; }
inline int &count_of_calls() { static int calls = 0; return calls; }
extern "C" REFOLD_EXPORT int rate_by_static() { return rate_of_a_function(); }
extern "C" REFOLD_EXPORT int rate_by_global() { return rate_of_all; }
struct sums { int64_t by_static, by_global, by_class, by_template, calls; };
static int32_t apply(void *state, const refold_event *event)
{
    sums *self = static_cast<sums *>(state);
    (void)event;
    self->by_static += rate_of_a_function();
    self->by_global += rate_of_all;
    self->by_class += rates::of_a_class;
    self->by_template += templated<int>::rate;
    self->calls += (count_of_calls() += RATE) > 1000000 ? 1 : 0;
    return REFOLD_OK;
}
static const refold_type types[] = {REFOLD_TYPE("Add", 1)};
static const refold_field fields[] = {
    REFOLD_INT(sums, by_static, "static"), REFOLD_INT(sums, by_global, "global"), REFOLD_INT(sums, by_class, "class"),
    REFOLD_INT(sums, by_template, "template"), REFOLD_INT(sums, calls, "calls")};
REFOLD_AGGREGATE("rates", sums, types, fields, apply)
"""

ONE_PROCESS = """/* SPDX-License-Identifier: MIT */
/* What becomes of two builds in one process. */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
int main(int count, char **arguments)
{
    int how = strcmp(arguments[1], "local") == 0 ? RTLD_LOCAL : RTLD_GLOBAL;
    for (int i = 3; i < count; i++) {
        void *library = dlopen(arguments[i], RTLD_NOW | how);
        int (*rate)(void) = library == NULL ? NULL : (int (*)(void))dlsym(library, arguments[2]);
        if (rate == NULL) {
            return 1;
        }
        printf("%d ", rate());
    }
    return 0;
}
"""


def build_rates(scratch, name, rate):
    """As a user may build it: with nothing hidden."""
    path = os.path.join(scratch, name + ".so")
    subprocess.run(["c++", "-std=c++11", "-O1", "-fPIC", "-shared", "-DRATE=%d" % rate, "-I",
                    os.path.join(ROOT, "harness", "include"), "-o", path, os.path.join(scratch, "rates.cpp")], check=True)
    return path


def test_builds_with_the_same_symbols_never_influence_each_other():
    with Scratch() as scratch:
        write_bytes(os.path.join(scratch, "rates.cpp"), SHARED.encode())
        write_bytes(os.path.join(scratch, "one.c"), ONE_PROCESS.encode())
        base, head = build_rates(scratch, "base", 3), build_rates(scratch, "head", 5)
        one = os.path.join(scratch, "one")
        subprocess.run(["cc", "-o", one, os.path.join(scratch, "one.c"), "-ldl"], check=True)

        def say(*arguments):
            return subprocess.run([one, *arguments], check=True, stdout=subprocess.PIPE).stdout.split()

        # The premise: in one process the second build would have the first one's rate, even where it is loaded for
        # itself alone. So this test fails where the two share a process.
        expect(say("local", "rate_by_static", base, head), [b"3", b"3"], "inline statics in one process")
        expect(say("local", "rate_by_static", head, base), [b"5", b"5"], "inline statics in one process, turned round")
        expect(say("global", "rate_by_global", base, head), [b"3", b"3"], "globals in one process")
        expect(say("local", "rate_by_static", head), [b"5"], "a process of its own")

        values = [{"t": "Add", "d": {"ID": "%04d" % i, "Version": v, "At": "2020-01-01T00:00:00Z"}}
                  for i in range(2000) for v in (1, 2)]
        events = os.path.join(scratch, "events.json")
        write_bytes(events, lines_of(values))
        for builds, rates in (((base, head), (3, 5)), ((head, base), (5, 3))):
            for jobs in ("1", "4"):
                result = refold("compare", "-r", "json", "-j", jobs, *builds, events)
                expect_status(result, 1, "rates")
                wanted = [{"op": "replace", "path": "/" + n, "value": rates[1], "old": rates[0]}
                          for n in ("class", "global", "static", "template")]
                expect(result.report["differences_total"], 2000, "differences")
                for difference in result.report["differences"]:
                    expect((difference["version"], difference["changes"]), (1, wanted), difference["id"])
        expect_status(refold("compare", "-q", base, base, events), 0, "the same build twice")
