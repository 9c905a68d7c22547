# SPDX-License-Identifier: MIT
"""The Go module: its own tests, and its aggregates against those in C. Without go there is nothing to try."""

import base64
import json
import os
import shutil
import subprocess
import unittest

from support import (
    aggregate, BUILD, expect, expect_status, FIXTURES, lines_of, read_golden, refold, ROOT, run_json, Scratch,
    slow, write_bytes)

MODULE = os.path.join(ROOT, "aggregates/go")
ORDER = aggregate("order")


def program(name):
    path = os.path.join(BUILD, "aggregates-go", name)
    if shutil.which("go") is None or not os.path.exists(path):
        raise unittest.SkipTest("there is no go, or %s was not built (make go)" % name)
    return path


def go(*arguments):
    program("order")
    done = subprocess.run(("go",) + arguments, cwd=MODULE, capture_output=True, text=True,
                          env={**os.environ, "GOFLAGS": "-mod=mod", "GOPROXY": "off"})
    if done.returncode != 0:
        raise AssertionError("go %s: %d\n%s%s" % (" ".join(arguments), done.returncode, done.stdout, done.stderr))


@slow
def test_the_module_passes_its_own_tests():
    """What it folds, refuses and tells stays in `make test`: the orders below, the zoo."""
    go("vet", "./...")
    go("test", "./...")


def test_the_module_is_formatted():
    program("order")
    done = subprocess.run(("gofmt", "-l", "."), cwd=MODULE, capture_output=True, text=True)
    expect((done.returncode, done.stdout), (0, ""), "gofmt -l")


def test_the_module_has_no_dependency():
    with open(os.path.join(MODULE, "go.mod")) as f:
        expect([line for line in f.read().split("\n") if line], ["module refold", "go 1.19"], "go.mod")


def bless(build, history, golden):
    expect_status(refold("bless", "-q", "-a", build, "-g", golden, history), 0, build)
    return {name: open(os.path.join(golden, name), "rb").read() for name in sorted(os.listdir(golden))}


def check_alike(history):
    with Scratch() as scratch:
        wanted = bless(ORDER, history, os.path.join(scratch, "c"))
        found = bless(program("order"), history, os.path.join(scratch, "go"))
    expect(sorted(wanted), ["order.meta.json", "order.ndjson"], "the goldens of C")
    expect(found, wanted, "the goldens of Go")
    return wanted["order.ndjson"]


def test_its_goldens_of_the_talks_orders_are_those_of_c():
    check_alike(os.path.join(FIXTURES, "talk-orders/events"))


# What an integer may not be, and what just is one.
TOKENS = ["3", "-3", "0", "-0", "3.0", "1e2", "1E2", "1.5", '"3"', "null", "true", "[]", "{}", "[1]", '""', "9223372036854775807",
          "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "18446744073709551615",
          "123456789012345678901234567890", "3037000500", "-3037000500", "4611686018427387904", "-1", "2"]
NAMES = ["Qty", "qty", "QTY", "Q\\u0074y", "Qty ", ""]


def odd_orders():
    """Own data of the events behind an order's OrderCreated: ((type, members), ...)"""
    for a in TOKENS:
        for b in TOKENS:
            yield ("OrderItemAdded", '"Qty":%s,"PriceCents":%s' % (a, b)), ("OrderItemAdded", '"Qty":1,"PriceCents":1')
            yield (("OrderItemAdded", '"Qty":%s,"PriceCents":2,"Qty":%s' % (a, b)),)
        for kind in ("OrderPaid", "OrderRefunded"):
            for before in ("1", "9223372036854775807", "-9223372036854775807"):
                yield ("OrderItemAdded", '"Qty":%s,"PriceCents":1' % before), (kind, '"AmountCents":%s' % a)
    for name in NAMES:
        for members in ('"%s":2,"PriceCents":3', '"PriceCents":3,"%s":2,"Qty":5', '"Qty":5,"PriceCents":3,"%s":2'):
            yield (("OrderItemAdded", members % name),)
    yield ("OrderItemAdded", '"In":{"Qty":1,"PriceCents":2}'),
    yield ("OrderItemAdded", ' "Qty" : 5 , "S":"a\\"},{\\\\" , "PriceCents" : 3 '),
    yield ("OrderShipped", '"x":"\\u0000\\ud83d\\ude00"'), ("OrderUnknown", ""), ("OrderPaid", '"AmountCents":1')


def test_its_goldens_of_odd_orders_are_those_of_c():
    lines = []
    for number, events in enumerate(odd_orders()):
        for version, (kind, members) in enumerate((("OrderCreated", ""),) + events, 1):
            lines.append('{"t":"%s","d":{"ID":"o-%05d","Version":%d,"At":"2020-01-01T00:00:%02d.5+05:30"%s}}' %
                         (kind, number, version, version, members and "," + members))
    with Scratch() as scratch:
        write_bytes(os.path.join(scratch, "h/2020/01/01/00/x"), "\n".join(lines).encode())
        golden = check_alike(os.path.join(scratch, "h"))
    rejected = [json.loads(line)["rejected"]["message"] for line in golden.splitlines() if b'"rejected"' in line]
    expect(len(rejected) > 1000 and sorted(set(rejected)), [
        "OrderItemAdded: PriceCents is not an integer", "OrderItemAdded: Qty is not an integer",
        "OrderItemAdded: totalCents would overflow", "OrderPaid: AmountCents is not an integer",
        "OrderRefunded: AmountCents is not an integer", "OrderRefunded: totalCents would overflow",
        "unhandled type OrderUnknown"], "what is refused")


def test_its_order_plays_the_scenarios():
    folder = os.path.join(FIXTURES, "scenarios")
    files = [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
    wanted, found = (refold("scenario", "-a", build, *files) for build in (ORDER, program("order")))
    expect_status(found, 0, "Go")
    expect(found.stdout, wanted.stdout, "as C does")


def test_code_as_the_talk_has_it_folds_the_talks_orders():
    states = {}
    with open(os.path.join(FIXTURES, "talk-orders/oracle/states.tsv")) as f:
        for line in f:
            identity, version, status, items, cents, created, updated = line.rstrip("\n").split("\t")
            states[identity] = {"ID": identity, "Version": int(version), "State": status, "Items": int(items),
                                "TotalCents": int(cents), "CreatedAt": created, "UpdatedAt": updated}
    with Scratch() as scratch:
        golden = bless(program("talk"), os.path.join(FIXTURES, "talk-orders/events"), os.path.join(scratch, "g"))
    found = {line["id"]: line["state"] for line in map(json.loads, golden["order.ndjson"].splitlines())}
    expect(found, states, "as the talk's library loads them")
    with open(os.path.join(MODULE, "examples/talk/main.go")) as f:
        main = f.read().split("func main()")[1].strip().split("\n")
    expect(len(main) <= 10, True, "lines of main")


def beasts(*ids):
    """Three events for each id, as the zoo (aggregates/go/zoo) takes them."""
    return lines_of([{"id": "%s/%d" % (i, v), "aggregateType": "beast", "aggregateId": i, "version": v, "type": "Added",
                      "at": "2020-01-01T00:00:%02dZ" % v, "data": {"By": v}} for v in (1, 2, 3) for i in ids])


def test_large_states_stay_within_the_memory_that_is_granted():
    with Scratch() as scratch:
        write_bytes(os.path.join(scratch, "h/2020/01/01/00/x"), beasts("fine", "large@apply-1"))
        done = refold("run", "--no-compare", "--purity=off", "--aggregate-memory", "512M", "-a", program("zoo"),
                      os.path.join(scratch, "h"))
        expect_status(done, 0, "200 MiB held, 2,000 thrown away")


def test_a_state_that_depends_on_the_zone_is_told():
    with Scratch() as scratch:
        write_bytes(os.path.join(scratch, "h/2020/01/01/00/x"), beasts("fine", "zone@apply-1"))
        done = run_json("--no-compare", "--purity=all", "-a", program("zoo"), os.path.join(scratch, "h"))
    expect([(d["id"], d["kind"], "it depends on the time zone" in d["message"]) for d in done.report["differences"]],
           [("zone@apply-1", "impure", True)], "differences")


TWO_SERIALIZERS = """package main

import (
	"fmt"
	"time"

	"refold"
)

type event struct{ kind, id string; version int }

func (e event) AggregateID() string { return e.id }
func (e event) EventVersion() int   { return e.version }
func (e event) EventAt() time.Time  { return time.Unix(1, 0) }
func (e event) EventType() string   { return "Added" }

type record struct {
	Version int
	Data    []byte
}

type counter struct{ Count int }

func (c *counter) On(event) error {
	c.Count++
	return nil
}

func of(kind string) *refold.Aggregate {
	read := func(r record) (e event, err error) {
		if _, err = fmt.Sscan(string(r.Data), &e.kind, &e.id, &e.version); err == nil && e.kind != kind {
			err = fmt.Errorf("it is no %s", kind)
		}
		return e, err
	}
	return refold.Sourced(kind, (*counter).On, read, refold.Types("Added"), refold.Payloads(read))
}

func main() { refold.Main(of("cat"), of("dog")) }
"""

NEWCOMER = """package main

import "refold"

type order struct {
	%s int64
	total int64 `json:"total"`
}

func apply(o *order, event refold.Event) error {
	o.%s++
	o.total++
	return nil
}

func main() { refold.Main(refold.Func("beast", apply, refold.Types("Added")%s)) }
"""


def run_module(scratch, main, history):
    """A run of a module of this one file."""
    program("order")
    folder = os.path.join(scratch, "module")
    write_bytes(os.path.join(scratch, "h/2020/01/01/00/x"), history)
    write_bytes(os.path.join(folder, "main.go"), main.encode())
    write_bytes(os.path.join(folder, "go.mod"),
                ("module m\n\ngo 1.19\n\nrequire refold v0.0.0\n\nreplace refold => %s\n" % MODULE).encode())
    return run_json("--no-compare", "-a", folder, os.path.join(scratch, "h"))


def newcomers_run(scratch, field, option=""):
    """A run of a module whose state has this field beside one that JSON does not show."""
    return run_module(scratch, NEWCOMER % (field, field, option), beasts("a"))


def test_payloads_of_two_serializers_in_one_history():
    payloads = ["cat tom 1", "dog rex 1", "cat tom 2", "cow elsa 1", "dog rex 2"]
    with Scratch() as scratch:
        done = run_module(scratch, TWO_SERIALIZERS, b"".join(base64.b64encode(p.encode()) + b"\n" for p in payloads))
    expect_status(done, 3, "a cow is nobody's")
    expect({a["name"]: (a["instances"], a["events"]) for a in done.report["aggregates"]}, {"cat": (1, 2), "dog": (1, 2)}, "aggregates")
    expect([d["message"] for d in done.report["damage"] if d["kind"] == "malformed"],
           ["the line is base64, but not of a JSON object: expected a value, found 'c'; cat: it is no cat; dog: it is no dog"], "damage")


def test_fields_that_json_does_not_show_are_told_in_the_report():
    told = ("refold: aggregate beast: not in the state's JSON, and so not compared: main.order.total; export these fields, or write a "
            "MarshalJSON; where it is meant, tag them json:\"-\", or name them in refold.Hidden\n")
    with Scratch() as scratch:
        done = newcomers_run(scratch, "Items")
        expect_status(done, 0, "one field is hidden")
        expect([c["printed"] for c in done.report["conduct"]], [told], "conduct")
        silenced = newcomers_run(scratch, "Items", ', refold.Hidden("main.order.total")')
        expect_status(silenced, 0, "it is meant")
        expect(silenced.report.get("conduct", []), [], "conduct where it is meant")


def test_a_state_that_shows_nothing_is_not_folded():
    with Scratch() as scratch:
        done = newcomers_run(scratch, "items")
        expect_status(done, 2, "all fields are hidden")
        expect("aggregate beast: the JSON of its state, main.order, shows no field, so all states would be the same: export the "
               "fields (begin them with a capital letter) and give them json tags, or write its MarshalJSON" in done.stderr, True,
               done.stderr)


ROOTS = """package main

import "refold"

func main() {
	refold.Main(
		refold.Func("bytype", func(s *map[string]int, e refold.Event) error {
			if *s == nil {
				*s = map[string]int{}
			}
			(*s)[e.Type] += %(by)d
			return nil
		}, refold.Types("Added", "Removed", "Kept")),
		refold.Func("listed", func(s *[]string, e refold.Event) error {
			*s = append(*s, e.Type)
			return nil
		}, refold.Types("Added", "Removed", "Kept")),
		refold.Func("counted", func(s *int, e refold.Event) error {
			*s++
			return nil
		}, refold.Types("Added", "Removed", "Kept")))
}
"""


def test_states_that_are_no_structs_are_folded():
    """A map, a slice and a number: what encoding/json makes of them is blessed, and a difference in a map is told by its keys."""
    types = {"a": ["Added", "Added"], "b": ["Added", "Removed"], "c": ["Kept"]}
    events = [{"id": "%s-%s/%d" % (name, i, v), "aggregateType": name, "aggregateId": i, "version": v, "type": kind,
               "at": "2020-01-01T00:00:%02dZ" % v, "data": {}}
              for name in ("bytype", "listed", "counted") for i, kinds in types.items() for v, kind in enumerate(kinds, 1)]
    with Scratch() as scratch:
        golden = os.path.join(scratch, "g")
        expect_status(run_module(scratch, ROOTS % {"by": 1}, lines_of(events)), 0, "folds")
        module, history = os.path.join(scratch, "module"), os.path.join(scratch, "h")
        bless(module, history, golden)
        states = {name: {i: line["state"] for i, line in read_golden(os.path.join(golden, name + ".ndjson")).items()}
                  for name in ("bytype", "listed", "counted")}
        write_bytes(os.path.join(module, "main.go"), (ROOTS % {"by": 2}).encode())
        changed = run_json("-a", module, "-g", golden, history)
    expect(states, {"bytype": {i: {kind: kinds.count(kind) for kind in kinds} for i, kinds in types.items()}, "listed": types,
                    "counted": {i: len(kinds) for i, kinds in types.items()}}, "states")
    expect_status(changed, 1, "the map is another")
    expect({(c["aggregate"], *c["paths"]) for c in changed.report["clusters"]}, {("bytype", "/*")}, "clusters")
    expect(sum(c["count"] for c in changed.report["clusters"]), 3, "instances in them")


@slow
def test_worker_check_finds_nothing_wrong_with_its_programs():
    for name in ("order", "nothing", "talk", "protobuf", "zoo"):
        expect_status(refold("worker-check", "-q", program(name), timeout=600), 0, name)
