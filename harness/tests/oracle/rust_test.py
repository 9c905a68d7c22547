# SPDX-License-Identifier: MIT
"""The Rust crate: its own tests, order in Rust against the one in C, and what misbehaves. Without cargo and the crates that
it needs there is nothing to try."""

import json
import os
import re
import shutil
import subprocess
import unittest

from alike import check_hostile, check_orders
from support import BUILD, expect, ROOT, run_json, Scratch, slow, write_bytes

CRATE = os.path.join(ROOT, "aggregates/rust")
CRATES = os.environ.get("CRATES", "/usr/share/cargo/registry")


def program(name):
    path = os.path.join(BUILD, "aggregates-rust", name)
    if shutil.which("cargo") is None or not os.path.exists(path):
        raise unittest.SkipTest("there is no cargo, or %s was not built (make rust; apt-get install cargo librust-serde-json-dev "
                                "librust-serde-derive-dev)" % name)
    return path


def cargo(*arguments):
    program("order")
    source = ["--config", 'source.crates-io.replace-with="crates"', "--config", 'source.crates.directory="%s"' % CRATES]
    words = ["cargo", arguments[0], "--offline", "--target-dir", os.path.join(BUILD, "cargo"), *source, *arguments[1:]]
    done = subprocess.run(words, cwd=CRATE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    expect(done.returncode, 0, "cargo %s: %s" % (" ".join(arguments), done.stdout[-3000:]))
    return done.stdout


@slow
def test_the_crate_passes_its_own_tests():
    """Its documents' examples among them. What it folds, refuses and tells stays in `make test`: the orders below, the zoo."""
    said = cargo("test", "--release")
    expect(len(re.findall(r"test result: ok", said)) >= 4, True, said)
    for test in ("a_panic_is_a_crash_with_its_place_and_stack", "what_is_not_finite_is_found_wherever_it_is", "src/lib.rs"):
        expect(re.search(r"test .*%s.* ok" % test, said) is not None, True, test)


def test_the_crate_is_formatted():
    program("order")
    if shutil.which("rustfmt") is None:
        raise unittest.SkipTest("there is no rustfmt")
    done = subprocess.run(["cargo", "fmt", "--check"], cwd=CRATE, capture_output=True, text=True, check=False)
    expect((done.returncode, done.stdout), (0, ""), "cargo fmt --check")


@slow
def test_clippy_has_nothing_to_say():
    program("order")
    if shutil.which("cargo-clippy") is None:
        raise unittest.SkipTest("there is no clippy")
    cargo("clippy", "--all-targets", "--", "-D", "warnings")


@slow
def test_order_gives_the_goldens_of_c():
    check_orders(program("order"))


@slow
def test_order_refuses_what_c_refuses():
    check_hostile(program("order"))


def events(ident, *deeds):
    rows = [("Counted", {})] + [("Done", {"deed": deed}) for deed in deeds] + [("Counted", {})]
    return "".join(json.dumps({"aggregateId": ident, "version": n, "type": kind, "at": "2020-01-01T00:00:00Z", "data": data}) + "\n"
                   for n, (kind, data) in enumerate(rows, 1))


def zoo(*deeds):
    """What a run tells of instances that do these, beside ones that are fine."""
    with Scratch() as scratch:
        lines = [events("fine%d" % n) for n in range(200)] + [events("odd-" + deed, deed) for deed in deeds]
        write_bytes(os.path.join(scratch, "a.json"), "".join(sorted(lines)).encode())
        report = run_json("--no-compare", "--timeout", "0.5", "--aggregate-memory", "64M", "-a", program("zoo"), "-e", "flat", scratch).report
    expect(report["aggregates"][0]["instances"], 200 + len(deeds), "instances")
    return report, {row["id"]: (row["kind"], row["version"], row["message"]) for row in report["differences"]}


# What is done, and what must be said of it.
DEEDS = {
    "panic": ("crashed", r"panicked at examples/zoo.rs:\d+|panic: 1 events, at examples/zoo.rs:\d+"),
    "assert": ("crashed", r"panicked at examples/zoo.rs:\d+|panic: assertion .*, at examples/zoo.rs:\d+"),
    "exit": ("crashed", r"exit status 0"),
    "abort": ("crashed", r"SIGABRT"),
    "stack": ("crashed", r"SIGABRT.*overflow"),
    "loop": ("hung", r"no sign of life for 0.5 s"),
    "hog": ("crashed", r"exceeded its memory \(64 MiB\)"),
}


def test_what_misbehaves_is_named_and_no_one_else():
    _, found = zoo(*DEEDS)
    expect(sorted(found), sorted("odd-" + deed for deed in DEEDS), "who is told of")
    for deed, (kind, message) in DEEDS.items():
        expect(found["odd-" + deed][:2], (kind, 2), deed)
        expect(re.search(message, found["odd-" + deed][2]) is not None, True, "%s: %s" % (deed, found["odd-" + deed][2]))


def test_a_panics_stack_is_shown_and_counts_for_no_try():
    report, _ = zoo("panic")
    conduct = report["conduct"][0]
    expect(conduct["tried"], [], "what the runtime looks for")
    expect("stack backtrace:" in conduct["printed"] and "zoo::Zoo::misbehave" in conduct["printed"], True, conduct["printed"])


def test_what_does_no_harm_is_the_same():
    report, found = zoo("catch", "thread", "print", "read")
    expect(found, {}, "who is told of")
    expect("counted 1\n" in report["conduct"][0]["printed"], True, "what it printed")


def test_what_is_not_finite_is_told_with_its_place():
    _, found = zoo("nan")
    expect(found, {"odd-nan": ("crashed", 3, "the state holds NaN or infinity at /real")}, "a NaN")
