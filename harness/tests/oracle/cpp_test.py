# SPDX-License-Identifier: MIT
"""aggregate.hpp: order in C++ against the one in C, the README's example, and what misbehaves. Without a C++ compiler there
is nothing to try."""

import json
import os
import re
import shutil
import subprocess
import unittest

from alike import check_hostile, check_orders
from support import BUILD, ROOT, Scratch, expect, expect_status, plugin, refold, run_json, write_bytes

HEADERS = os.path.join(ROOT, "harness/include")
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror", "-fsyntax-only", "-I", HEADERS]


def built(path):
    if not os.path.exists(path):
        raise unittest.SkipTest("there is no C++ compiler (apt-get install g++)")
    return path


ORDER = os.path.join(BUILD, "aggregates/cpp/order.so")


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


def test_the_examples_compile_without_a_warning():
    built(ORDER)
    compilers = [name for name in ("g++", "clang++") if shutil.which(name)]
    with Scratch() as scratch:
        readme = os.path.join(scratch, "cart.cpp")
        write_bytes(readme, example().encode("utf-8"))
        plugins = os.path.join(ROOT, "harness/tests/worker/plugins")
        sources = [readme, os.path.join(ROOT, "aggregates/cpp/order.cpp"), os.path.join(plugins, "shelf.cpp"), os.path.join(plugins, "tree.cpp")]
        for compiler in compilers:
            for standard in ("c++11", "c++20"):
                done = subprocess.run([compiler, "-std=" + standard, *STRICT, *sources], capture_output=True, text=True, check=False)
                expect((done.returncode, done.stderr), (0, ""), "%s -std=%s" % (compiler, standard))


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


def shelf(scratch, *rows):
    """The report of an instance of these events, beside ones that are fine."""
    write_bytes(os.path.join(scratch, "h/a.json"), "".join(
        [events("a-fine", ("Set", {"width": 1})), events("odd", *rows)] + [events("z-fine%d" % n, ("Set", {"width": n})) for n in range(50)]).encode())
    golden = os.path.join(scratch, "g")
    write_bytes(os.path.join(golden, "shelf.ndjson"), b"")
    return run_json("--no-compare", "--timeout", "0.5", "--aggregate-memory", "64M", "-a", plugin("shelf"), "-e", "flat", "-g", golden,
                    os.path.join(scratch, "h"))


def check_deed(deed, kind, message):
    built(plugin("shelf"))
    with Scratch() as scratch:
        done = shelf(scratch, ("Set", {"width": 1}), ("Done", {"deed": deed}))
    found = [(row["class"], row["id"], row.get("message", "")) for row in done.report["instances"]]
    expect(len(found), 1, "one instance is told of: %s" % found)
    expect(found[0][:2], (kind, "odd"), deed)
    expect(re.search(message, found[0][2]) is not None, True, "%s: %s" % (deed, found[0][2]))
    return done


def test_an_exception_is_a_crash_with_its_type_and_words():
    check_deed("throw", "crashed", r"SIGABRT.*std::runtime_error")
