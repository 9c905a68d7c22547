# SPDX-License-Identifier: MIT
"""The aggregate `order` in C, C++, Go and Rust as `make` builds it, and copies of each with the same bug, for tests that hold
them against each other. A copy is built once a build folder and source; where a language's compiler is not there,
`installed` leaves it out."""

import fcntl
import glob
import hashlib
import os
import shlex
import shutil
import subprocess
import unittest

from support import BUILD, ROOT, objects, read_bytes, write_bytes

MADE = os.path.join(BUILD, "tests", "languages")
CRATES = "/usr/share/cargo/registry"  # of the distribution, where it has the crates that ours needs

# What `make` builds of each.
MADE_BY_MAKE = {"c": "aggregates/order.so", "cpp": "aggregates/cpp/order.so", "go": "aggregates-go/order", "rust": "aggregates-rust/order"}

# What is read of each, and the file in it that is the order.
SOURCES = {
    "c": ("aggregates/order.c", "aggregates/order.c"),
    "cpp": ("aggregates/cpp/order.cpp", "aggregates/cpp/order.cpp"),
    "go": ("aggregates/go", "aggregates/go/order/order.go"),
    "rust": ("aggregates/rust", "aggregates/rust/src/bin/order.rs"),
}

# name: what is put in the place of what, in each language.
BUGS = {
    "an item counts for two": {
        "c": ("order->items++;", "order->items += 2;"),
        "cpp": ("items_++;", "items_ += 2;"),
        "go": ("order.Items++", "order.Items += 2"),
        "rust": ("self.items += 1;", "self.items += 2;"),
    },
    "the fifth event's item is forgotten": {
        "c": ("order->items++;", "order->items += event->version != 5;"),
        "cpp": ("items_++;", "items_ += event.version() != 5;"),
        "go": ("order.Items++", "if event.Version != 5 { order.Items++ }"),
        "rust": ("self.items += 1;", "self.items += i64::from(event.version() != 5);"),
    },
    "createdAt is not set": {
        "c": ("        order->created_at = event->at;\n", ""),
        "cpp": ("            created_at_ = event.at();\n", ""),
        "go": ("\t\torder.CreatedAt = event.When()\n", ""),
        "rust": ("                self.created_at = event.at();\n", ""),
    },
    "shipped is delivered": {
        "c": ("order->status = STATUS_SHIPPED;", "order->status = STATUS_DELIVERED;"),
        "cpp": ("status_ = status::shipped;", "status_ = status::delivered;"),
        "go": ('"OrderShipped":   Shipped', '"OrderShipped":   Delivered'),
        "rust": ('"OrderShipped" => Status::Shipped', '"OrderShipped" => Status::Delivered'),
    },
    "a refund is added": {
        "c": ("__builtin_sub_overflow(order->", "__builtin_add_overflow(order->"),
        "cpp": ("__builtin_sub_overflow(", "__builtin_add_overflow("),
        "go": ("!subtract(&order.TotalCents, amount)", "!add(&order.TotalCents, amount)"),
        "rust": ("checked_sub(amount_cents)", "checked_add(amount_cents)"),
    },
    "cancelling is refused": {
        "c": ("order->status = STATUS_CANCELLED;", 'return refold_reject(event, "is not cancelled");'),
        "cpp": ("status_ = status::cancelled;", 'throw refusal("is not cancelled");'),
        "go": ('\tcase "OrderPaid":\n', '\tcase "OrderCancelled":\n\t\treturn errors.New("is not cancelled")\n\tcase "OrderPaid":\n'),
        "rust": ('"OrderCancelled" => Status::Cancelled', '"OrderCancelled" => return Err("is not cancelled".into())'),
    },
}


def lack(language):
    """What is missing to build it, or None."""
    if language == "cpp" and shutil.which("c++") is None:
        return "no C++ compiler"
    if language == "go" and shutil.which("go") is None:
        return "no go"
    if language == "rust" and shutil.which("cargo") is None:
        return "no cargo"
    if language == "rust" and not glob.glob(CRATES + "/serde_json-*"):
        return "no crates of the distribution (librust-serde-json-dev, librust-serde-derive-dev)"
    return None


def installed():
    """C, and what else there is a compiler of; a test for them all is skipped where there is nothing but C."""
    found = [language for language in SOURCES if lack(language) is None]
    if len(found) == 1:
        raise unittest.SkipTest("one language only: " + ", ".join(filter(None, map(lack, SOURCES))))
    return found


def need(language):
    if lack(language) is not None:
        raise unittest.SkipTest(lack(language))


def files_of(language):
    """What it is built of, by paths in the project."""
    listed = subprocess.run(["git", "ls-files", "-z", SOURCES[language][0], "harness/include"], cwd=ROOT, stdout=subprocess.PIPE,
                            check=True).stdout.decode()
    return [name for name in listed.split("\0") if name and os.path.exists(os.path.join(ROOT, name))]


def write_source(path, text):
    """Where it is not there already: what builds goes by the times of files."""
    if not os.path.exists(path) or read_bytes(path) != text:
        write_bytes(path, text)


def copy_sources(language, bug, folder):
    names = files_of(language)
    for path in objects(os.path.join(folder, SOURCES[language][0])):
        if os.path.relpath(path, folder) not in names and os.path.basename(path) != "Cargo.lock":
            os.unlink(path)
    for name in names:
        text = read_bytes(os.path.join(ROOT, name))
        if bug is not None and name == SOURCES[language][1]:
            old, new = (part.encode() for part in BUGS[bug][language])
            if text.count(old) != 1:
                raise AssertionError("%s has %d times: %s" % (name, text.count(old), old))
            text = text.replace(old, new)
        write_source(os.path.join(folder, name), text)


def command_of(language, folder, target):
    """The words that build it, the folder that they are run in, and what is added to the environment."""
    includes = os.path.join(folder, "harness", "include")
    source = os.path.join(folder, SOURCES[language][1])
    if language == "c":
        return [*shlex.split(os.environ.get("CC", "cc")), "-shared", "-fPIC", "-O2", "-I", includes, "-o", target, source], folder, {}
    if language == "cpp":
        return ["c++", "-std=c++17", "-shared", "-fPIC", "-O2", "-I", includes, "-o", target, source], folder, {}
    if language == "go":
        return ["go", "build", "-trimpath", "-o", target, "./cmd/order"], os.path.join(folder, "aggregates", "go"), {
            "CGO_ENABLED": "0", "GOFLAGS": "-mod=mod", "GOPROXY": "off", "GOWORK": "off"}
    words = ["cargo", "build", "--release", "--offline", "--bin", "order", "--target-dir", folder + "-target",
             "--config", 'source.crates-io.replace-with="debian"', "--config", 'source.debian.directory="%s"' % CRATES]
    return words, os.path.join(folder, "aggregates", "rust"), {}


def order(language, bug=None):
    """The file that refold is given."""
    made = os.path.join(BUILD, MADE_BY_MAKE[language])
    if bug is None and os.path.exists(made):
        return made
    content = [str(bug and BUGS[bug][language]).encode()] + [read_bytes(os.path.join(ROOT, name)) for name in files_of(language)]
    target = os.path.join(MADE, "%s-%s" % (language, hashlib.sha256(b"\0".join(content)).hexdigest()[:16]))
    os.makedirs(MADE, exist_ok=True)
    with open(os.path.join(MADE, language + ".lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests run side by side: one makes it
        if not os.path.exists(target):
            build(language, bug, target)
    return target


def build(language, bug, target):
    folder = os.path.join(MADE, language)
    copy_sources(language, bug, folder)
    if language == "rust" and not os.path.exists(folder + "-target") and os.path.exists(os.path.join(BUILD, "cargo")):
        shutil.copytree(os.path.join(BUILD, "cargo"), folder + "-target")  # the crates that ours needs are built there
    words, inside, environment = command_of(language, folder, target + ".new")
    done = subprocess.run(words, cwd=inside, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False)
    if done.returncode != 0:
        raise AssertionError("%s does not build:\n%s" % (language, done.stdout.decode("utf-8", "replace")[-4000:]))
    if language == "rust":
        shutil.copy(os.path.join(folder + "-target", "release", "order"), target + ".new")
    os.rename(target + ".new", target)
