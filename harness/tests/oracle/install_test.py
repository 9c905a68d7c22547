# SPDX-License-Identifier: MIT
"""make install, from a fresh clone to a team that knows refold only as installed."""

import os
import stat

from support import expect, ROOT, Scratch, slow
from tables import verbs
from trees import command, fresh_tree

NEWCOMER = os.path.join(ROOT, "harness", "tests", "install", "newcomer.sh")
WANTED = """
bin/refold libexec/refold/refold-worker include/refold/aggregate.h include/refold/aggregate.hpp lib/pkgconfig/refold.pc
lib/refold/aggregates/case.so lib/refold/aggregates/file.so lib/refold/aggregates/order.so
share/refold/schema/refold.schema.json share/refold/schema/report.schema.json
share/man/man1/refold.1 share/man/man3/refold-aggregate.3 share/man/man5/refold.json.5
share/bash-completion/completions/refold share/zsh/site-functions/_refold share/fish/vendor_completions.d/refold.fish
share/doc/refold/LICENSE share/doc/refold/CHANGELOG.md share/doc/refold/contract.md
share/refold/go/go.mod share/refold/go/refold.go share/refold/go/eventsource/eventsource.go share/refold/rust/Cargo.toml share/refold/rust/README.md
share/refold/rust/src/lib.rs
share/doc/refold/examples/case.c share/doc/refold/examples/file.c share/doc/refold/examples/order.c share/doc/refold/examples/order.cpp
share/doc/refold/examples/github-refold.yml share/doc/refold/examples/gitlab-refold.yml
share/doc/refold/examples/refold-read-only-policy.json
""".split()
PROGRAMS = {"bin/refold", "libexec/refold/refold-worker"}


def make(tree, *words):
    """As someone does it who keeps all to himself (umask), and in no other make's way."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS", "REFOLD_", "PROFILE"))}
    return command("make", "-C", tree, "-j2", "NO_SETUP=1", *words, env=env, preexec_fn=lambda: os.umask(0o077))


def files_below(folder):
    return {os.path.relpath(os.path.join(here, name), folder): os.stat(os.path.join(here, name)).st_mode
            for here, folders, names in os.walk(folder) for name in names + folders}


def newcomer(prefix, **variables):
    env = {k: v for k, v in os.environ.items() if not k.startswith("REFOLD_")}
    env.update(variables, PATH=os.path.join(prefix, "bin") + ":" + os.environ["PATH"])
    assert command(NEWCOMER, env=env).endswith("newcomer: all as it should be\n")


def check_stage(tree, scratch):
    """DESTDIR, as a packager has it; the profile of the call is not that of what is installed."""
    stage = os.path.join(scratch, "stage")
    make(tree, "install", "DESTDIR=" + stage, "PREFIX=/usr", "PROFILE=debug")
    expect(os.path.exists(os.path.join(tree, "build", "debug")), False, "a build of another profile")
    found = files_below(os.path.join(stage, "usr"))
    wanted = set(WANTED) | {"share/man/man1/refold-%s.1" % verb for verb in verbs()}
    for name, mode in found.items():
        allowed = 0o755 if stat.S_ISDIR(mode) or name in PROGRAMS else 0o644
        expect(oct(stat.S_IMODE(mode)), oct(allowed), "mode of " + name)
    files = {name for name, mode in found.items() if not stat.S_ISDIR(mode)}
    expect(sorted(wanted - files), [], "files that are not installed")
    allowed = ("share/doc/refold/examples/", "share/refold/schema/", "share/refold/go/", "share/refold/rust/", "lib/refold/aggregates/")
    expect(sorted(n for n in files - wanted if not n.startswith(allowed)), [], "files that nobody expects")
    with open(os.path.join(stage, "usr", "lib", "pkgconfig", "refold.pc"), encoding="utf-8") as f:
        text = f.read()
    assert "prefix=/usr\n" in text and "@" not in text and scratch not in text, text
    newcomer(os.path.join(stage, "usr"), PKG_CONFIG_SYSROOT_DIR=stage,
             PKG_CONFIG_PATH=os.path.join(stage, "usr", "lib", "pkgconfig"))
    make(tree, "uninstall", "DESTDIR=" + stage, "PREFIX=/usr")
    left = {name for name, mode in files_below(stage).items() if not stat.S_ISDIR(mode) or "refold" in name}
    expect(left, set(), "left by uninstall")


def check_moved(tree, scratch):
    """Folders that are no neighbours: refold still finds its worker and its header."""
    prefix = os.path.join(scratch, "prefix")
    places = ["PREFIX=" + prefix, "libexecdir=" + os.path.join(scratch, "elsewhere"),
              "includedir=" + os.path.join(prefix, "deep", "include"), "libdir=" + os.path.join(prefix, "lib64")]
    make(tree, "install", *places)
    newcomer(prefix, PKG_CONFIG_PATH=os.path.join(prefix, "lib64", "pkgconfig"))
    own = os.path.join(prefix, "lib64", "refold", "aggregates", "own.so")
    with open(own, "wb"):
        pass
    make(tree, "uninstall", *places)
    left = [name for name, mode in files_below(prefix).items() if not stat.S_ISDIR(mode)]
    expect(left, [os.path.relpath(own, prefix)], "left by uninstall")


@slow
def test_a_fresh_clone_installs_and_is_used():
    with Scratch() as scratch:
        tree = fresh_tree(os.path.join(scratch, "tree"))
        check_stage(tree, scratch)
        check_moved(tree, scratch)
