# SPDX-License-Identifier: MIT
"""aggregate.hpp: order in C++ against the one in C, the README's example, and what misbehaves. Without a C++ compiler there
is nothing to try."""

import base64
import json
import os
import re
import shutil
import subprocess
import unittest

from alike import check_hostile, check_orders
from support import BUILD, ROOT, Scratch, expect, expect_status, plugin, refold, run_json, slow, write_bytes

HEADERS = os.path.join(ROOT, "harness/include")
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror", "-fsyntax-only", "-I", HEADERS]


def built(path):
    if not os.path.exists(path):
        raise unittest.SkipTest("there is no C++ compiler (apt-get install g++)")
    return path


ORDER = os.path.join(BUILD, "aggregates/cpp/order.so")


@slow
def test_order_gives_the_goldens_of_c():
    check_orders(built(ORDER))


def test_order_refuses_what_c_refuses():
    check_hostile(built(ORDER))


def example():
    with open(os.path.join(ROOT, "aggregates/cpp/README.md"), encoding="utf-8") as f:
        return re.search(r"```cpp\n(.*?)```", f.read(), re.DOTALL).group(1)


def events(ident, *rows):
    return "".join(json.dumps({"aggregateId": ident, "version": n, "type": kind, "at": "2020-01-01T00:00:0%dZ" % n, "data": data}) + "\n"
                   for n, (kind, data) in enumerate(rows, 1))


def check_compiles(*ways):
    built(ORDER)
    with Scratch() as scratch:
        readme = os.path.join(scratch, "cart.cpp")
        write_bytes(readme, example().encode("utf-8"))
        plugins = os.path.join(ROOT, "harness/tests/worker/plugins")
        sources = [readme, os.path.join(ROOT, "aggregates/cpp/order.cpp"), os.path.join(plugins, "shelf.cpp"), os.path.join(plugins, "tree.cpp")]
        for compiler, standard in ways:
            if shutil.which(compiler):
                done = subprocess.run([compiler, "-std=" + standard, *STRICT, *sources], capture_output=True, text=True, check=False)
                expect((done.returncode, done.stderr), (0, ""), "%s -std=%s" % (compiler, standard))


def test_the_examples_compile_without_a_warning():
    check_compiles(("g++", "c++11"))


@slow
def test_the_examples_compile_everywhere():
    check_compiles(("g++", "c++20"), ("clang++", "c++11"), ("clang++", "c++17"), ("clang++", "c++20"))


def test_the_readmes_example_folds():
    built(ORDER)
    with Scratch() as scratch:
        source = os.path.join(scratch, "cart.cpp")
        build = os.path.join(scratch, "cart.so")
        write_bytes(source, example().encode("utf-8"))
        subprocess.run(["c++", "-std=c++11", "-O2", "-shared", "-fPIC", "-fvisibility=hidden", "-I", HEADERS, source, "-o", build], check=True)
        write_bytes(os.path.join(scratch, "h/a.json"), (
            events("c1", ("Added", {"Sku": "a", "Qty": 2}), ("Noted", {"Sku": "a", "Note": "gift"}))
            + events("c2", ("Added", {"Sku": "a", "Qty": "2"}))
            + events("c3", ("Noted", {"Sku": "a"}))).encode())
        golden = os.path.join(scratch, "g")
        expect_status(refold("bless", "-a", build, "-g", golden, "-e", "flat", os.path.join(scratch, "h")), 0, "bless")
        with open(os.path.join(golden, "cart.ndjson"), encoding="utf-8") as f:
            lines = [json.loads(line) for line in f]
    expect(lines[0]["state"], {"changed": "2020-01-01T00:00:02Z", "lines": {"a": {"notes": ["gift"], "quantity": 2}}}, "c1")
    expect([line["rejected"]["message"] for line in lines[1:]], ["Added: Qty is not an integer", "Noted: there is no note"], "refused")


def shelf(*rows):
    """What a run tells of an instance of these events, beside ones that are fine."""
    built(plugin("shelf"))
    fine = [events("%s-fine%d" % (side, n), ("Set", {"width": n})) for side in "az" for n in range(50)]
    with Scratch() as scratch:
        write_bytes(os.path.join(scratch, "a.json"), "".join(fine[:50] + [events("odd", *rows)] + fine[50:]).encode())
        done = run_json("--no-compare", "--timeout", "0.5", "--aggregate-memory", "64M", "-a", plugin("shelf"), "-e", "flat", scratch)
    report = done.report
    expect(report["aggregates"][0]["instances"], 101, "instances")
    expect([row["id"] for row in report["differences"] if row["id"] != "odd"], [], "others that are told of")
    return report


def check_deed(deed, kind, message):
    report = shelf(("Set", {"width": 1}), ("Done", {"deed": deed}))
    found = [(row["kind"], row["version"], row["message"]) for row in report["differences"]]
    expect(found[0][:2], (kind, 2), deed)
    expect(re.search(message, found[0][2]) is not None, True, "%s: %s" % (deed, found[0][2]))


def test_an_exception_is_a_crash_with_its_type_and_words():
    check_deed("throw", "crashed", r"^SIGABRT .*std::runtime_error.*the shelf fell")
    check_deed("throw 7", "crashed", r"^SIGABRT .*'int'")


def test_what_misbehaves_is_named():
    check_deed("exit", "crashed", r"^exit status 0")
    check_deed("loop", "hung", r"^no sign of life for 0.5 s")
    check_deed("hog", "crashed", r"^exceeded its memory \(64 MiB\)")


def test_what_it_prints_is_shown_and_does_no_harm():
    report = shelf(("Set", {"width": 1}), ("Done", {"deed": "print"}))
    expect((report["differences"], report["conduct"][0]["printed"]), ([], "shelf of 0\n"), "printed")


def test_what_is_not_finite_is_told_with_its_place():
    report = shelf(("Set", {"real": 1}), ("Scaled", {"by": 0}))
    expect([(row["kind"], row["message"]) for row in report["differences"]],
           [("rejected", "the state holds NaN or infinity at /real")], "a division by 0")


def test_a_refusal_names_what_is_wrong_with_it():
    report = shelf(("Added", {"book": {"title": "t", "weight": 1, "pages": 70000, "notes": []}}))
    expect([(row["kind"], row["message"]) for row in report["differences"]],
           [("rejected", "Added: book/pages is not a natural number")], "a number that does not fit")


def test_events_are_upcast_and_states_checked():
    report = shelf(("Old", {"w": 7}), ("Old", {"w": 1001}))
    expect([(row["kind"], row["version"], row["message"]) for row in report["differences"]],
           [("rejected", 2, "Old: version 2 makes it too wide")], "a shelf that is too wide")
    report = shelf(("Old", {"w": "7"}))
    expect([row["message"] for row in report["differences"]], ["Old: w is not an integer"], "an old event that is wrong")


def test_payloads_are_identified():
    built(plugin("shelf"))
    lines = [base64.b64encode(payload).decode() for payload in (b"shelf one", b"shelf two!", b"no shelf at all")]
    with Scratch() as scratch:
        write_bytes(os.path.join(scratch, "a.json"), "".join(line + "\n" for line in lines).encode())
        done = run_json("--no-compare", "-a", plugin("shelf"), scratch)
    expect(done.report["aggregates"][0]["instances"], 2, "instances")
    expect(done.report["history"]["malformed"], 1, "payloads that are no one's")


SCENARIOS = """scenario: a shelf can be copied
given Added {"book": %(book)s}
when Copy
then exactly Set {}
then exactly Added {"book": %(book)s}

scenario: a shelf cannot be cleared
when Clear
then refused "never"
"""


def test_commands_make_events_or_are_refused():
    built(plugin("shelf"))
    book = json.dumps({"title": "t", "weight": 0.5, "pages": 7, "notes": [{"text": "n", "page": 1}]})
    with Scratch() as scratch:
        path = os.path.join(scratch, "shelf.scenario")
        write_bytes(path, (SCENARIOS % {"book": book}).encode())
        expect_status(refold("scenario", "-a", plugin("shelf"), path), 0, "scenarios")
        write_bytes(path, b"scenario: it falls\nwhen Fall\nthen nothing\n")
        done = refold("scenario", "-a", plugin("shelf"), path)
        expect_status(done, 1, "a handler that throws")
        expect(b"fell over a command" in done.stdout, True, done.stdout.decode())
