# SPDX-License-Identifier: MIT
"""Aggregates in the language they are written in: folders and sources that -a builds, revisions of them, skeletons of
`refold new`. Each test is skipped where its language is not installed."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
import unittest

from support import (
    aggregate, expect, expect_status, FIXTURES, in_full, long, REFOLD, refold, ROOT, sampled, Scratch, slow, waits,
    write_bytes)

ORDERS = os.path.join(FIXTURES, "talk-orders", "events")
CRATES = "/usr/share/cargo/registry"


def need(*programs):
    for program in programs:
        if shutil.which(program) is None:
            raise unittest.SkipTest("there is no " + program)


def need_cargo(scratch):
    """Crates come from the distribution's sources, so that no network is needed."""
    need("cargo")
    if not os.path.isdir(os.path.join(CRATES)) or not [n for n in os.listdir(CRATES) if n.startswith("serde_json-")]:
        raise unittest.SkipTest("librust-serde-json-dev is not installed")
    write(os.path.join(scratch, ".cargo", "config.toml"),
          '[source.crates-io]\nreplace-with = "debian"\n[source.debian]\ndirectory = "%s"\n' % CRATES)


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    write_bytes(path, text.encode())


def read(path):
    with open(path, "rb") as f:
        return f.read()


def git(folder, *words):
    env = dict(os.environ, GIT_CONFIG_GLOBAL="/dev/null", GIT_AUTHOR_NAME="a", GIT_AUTHOR_EMAIL="a@example.com",
               GIT_COMMITTER_NAME="a", GIT_COMMITTER_EMAIL="a@example.com")
    subprocess.run(("git", "-C", folder) + words, check=True, env=env, stdout=subprocess.DEVNULL, timeout=60)


def commit(folder):
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "orders")


def clean(text, scratch):
    return text.replace(scratch, "SCRATCH")


# ---- skeletons ----


def check_skeleton(scratch, language, name="invoice", plugin="."):
    """It is green, its command handler too, and red where it is changed."""
    folder = os.path.join(scratch, language + "-" + name)
    made = refold("new", "--lang", language, name, folder, timeout=600)
    expect_status(made, 0, language)
    expect_status(refold("run", cwd=folder, timeout=600), 0, language)
    expect_status(refold("run", "-a", plugin, "history", cwd=folder, timeout=600), 0, language)
    expect_status(refold("scenario", name + ".scenario", cwd=folder, timeout=600), 0, language)
    return folder


def golden(folder, name="invoice"):
    return read(os.path.join(folder, "golden", name + ".ndjson"))


@sampled
@slow
def test_skeletons_in_c_and_cpp_are_one_aggregate():
    need("c++")
    with Scratch() as scratch:
        c = check_skeleton(scratch, "c", plugin="invoice.c")
        cpp = check_skeleton(scratch, "cpp", plugin="invoice.cpp")
        expect(golden(cpp), golden(c), "goldens")
        if not in_full():
            return
        done = subprocess.run(["make", "-s", "test", "WARNINGS=-Wall -Wextra -Werror"], cwd=cpp, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=120, check=False,
                              env=dict(os.environ, PATH=os.path.dirname(REFOLD) + ":" + os.environ["PATH"]))
        expect(done.returncode, 0, done.stdout.decode())


@slow
def test_a_skeleton_in_go_is_the_one_in_c():
    need("go")
    with Scratch() as scratch:
        c = check_skeleton(scratch, "c", plugin="invoice.c")
        folder = check_skeleton(scratch, "go")
        expect(golden(folder), golden(c), "goldens")
        for words in (["gofmt", "-l", "."], ["go", "vet", "./..."]):
            done = subprocess.run(words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300, check=True)
            expect(done.stdout, b"", " ".join(words))
        # Without refold's tree and without a network it still builds: all that it needs is in it.
        env = dict(os.environ, GOPROXY="off", GOFLAGS="-mod=mod")
        expect_status(refold("run", cwd=folder, env=env), 0, "offline")
        edit(os.path.join(folder, "main.go"), "state.Amount = sum", "state.Amount = -sum")
        expect_status(refold("run", cwd=folder), 1, "changed")


@slow
def test_names_that_are_words_elsewhere_make_skeletons():
    """Names of packages, keywords and numbers are no one's fault."""
    need("go")
    with Scratch() as scratch:
        for name in ("main", "fmt", "con", "7up", "a.b-c_d", "X", "go", "test"):
            check_skeleton(scratch, "go", name)


@slow
def test_a_skeleton_in_rust_is_the_one_in_c():
    with Scratch() as scratch:
        need_cargo(scratch)
        c = check_skeleton(scratch, "c", plugin="invoice.c")
        folder = check_skeleton(scratch, "rust")
        expect(golden(folder), golden(c), "goldens")
        # Its own target folder is used: what is compiled there is not compiled again.
        assert os.path.isdir(os.path.join(folder, "target", "release")), os.listdir(folder)
        check_rust_errors(folder)
        check_rust_revisions(folder)


# ---- Go ----


def edit(path, old, new):
    text = read(path).decode()
    assert old in text, (path, old)
    write(path, text.replace(old, new))


def orders(scratch):
    """A repository with the talk's orders: unmodified code, and a main beside it."""
    repo = os.path.join(scratch, "repo")
    module = os.path.join(ROOT, "aggregates", "go")
    shutil.copytree(os.path.join(module, "examples", "talk"), os.path.join(repo, "orders"))
    write(os.path.join(repo, "go.mod"), "module shop\n\ngo 1.19\n\nrequire refold v0.0.0\n\nreplace refold => %s\n" % module)
    edit(os.path.join(repo, "orders", "main.go"), "refold/examples/talk/orders", "shop/orders/orders")
    commit(repo)
    return repo


def report(*words, **keywords):
    done = refold(*words, "-r", "json", **keywords)
    return done, json.loads(done.stdout)


@sampled
def test_a_go_folder_and_its_revisions_are_compared():
    need("go", "git")
    with Scratch() as scratch:
        repo = orders(scratch)
        same, told = report("compare", "main:./orders", "./orders", ORDERS, cwd=repo)
        expect_status(same, 0, "unchanged")
        expect({build["file"] for build in told["proof"]["builds"]}, {"main:./orders", "./orders"}, "files")
        expect(len({build["sha256"] for build in told["proof"]["builds"]}), 1, "the same sources are the same bytes")
        # An uncommitted change counts; from the repository's root, and from below.
        edit(os.path.join(repo, "orders", "orders", "orders.go"), 'o.State = "paid"', 'o.State = "approved"')
        changed, told = report("compare", "main:orders", "orders", ORDERS, cwd=repo)
        expect((changed.status, told["differences_total"] > 0), (1, True), changed.stderr)
        count = told["differences_total"]
        if in_full():
            below, told = report("compare", "HEAD:./orders", "../repo/orders", ORDERS, cwd=repo)
            expect((below.status, told["differences_total"]), (1, count), below.stderr)
        same, told = report("compare", "HEAD:../orders", "main:./", ORDERS, cwd=os.path.join(repo, "orders"))
        expect_status(same, 0, "from below")
        # C folds the same history; the same planted bug changes the same orders, there under its own name.
        edit_of_c = read(os.path.join(ROOT, "aggregates", "order.c")).decode()
        write(os.path.join(repo, "order.c"), edit_of_c.replace("status = STATUS_PAID;", "status = STATUS_APPROVED;"))
        in_c, told = report("compare", aggregate("order"), "order.c", ORDERS, cwd=repo)
        expect((in_c.status, told["differences_total"]), (1, count), in_c.stderr)
        if in_full():
            same = refold("compare", "HEAD:.", "main:./", ORDERS, cwd=os.path.join(repo, "orders"))
            expect_status(same, 0, "a folder as everyone but git names it")
        git(repo, "status", "--porcelain")


@slow
def test_cgo_is_as_go_has_it():
    """Files of cgo are built as for production; without a C compiler a program is built without them."""
    need("go", "cc")
    os.environ.pop("CC", None)  # whoever names a compiler has one
    with Scratch() as scratch:
        repo = orders(scratch)
        folder = os.path.join(repo, "orders")
        write(os.path.join(folder, "with.go"), 'package main\n\n// static int one(void) { return 1; }\nimport "C"\n\n'
              'func init() {\n\tif C.one() == 1 {\n\t\tpanic("C code")\n\t}\n}\n')
        done = refold("run", "--no-compare", "-a", "orders", ORDERS, cwd=repo)
        assert done.status == 2 and "panic: C code" in done.stderr, done.stderr
        edit(os.path.join(folder, "with.go"), "== 1", "!= 1")
        expect_status(refold("compare", "main:orders", "orders", ORDERS, cwd=repo), 0, "cgo is folded with")
        # go alone on the path: what is of cgo is left out, and go's own packages need none.
        os.makedirs(os.path.join(scratch, "bin"))
        os.symlink(shutil.which("go"), os.path.join(scratch, "bin", "go"))
        alone = {"PATH": os.path.join(scratch, "bin")}
        edit(os.path.join(folder, "with.go"), "!= 1", "== 1")
        expect_status(refold("run", "--no-compare", "-a", "orders", ORDERS, cwd=repo, env=alone), 0, "no compiler")
        done = refold("run", "--no-compare", "-a", "orders", ORDERS, cwd=repo, env=dict(alone, CGO_ENABLED="1"))
        assert done.status == 2 and "does not compile" in done.stderr, done.stderr


def go_error(scratch, name, files, *words, **keywords):
    """What -a says of a folder that is no aggregate."""
    folder = os.path.join(scratch, name)
    for path, text in files.items():
        write(os.path.join(folder, path), text)
    done = refold("run", "--no-compare", "-a", name, *words, ORDERS, cwd=scratch, **keywords)
    expect(done.status, 2, name + ": " + done.stderr)
    return clean(done.stderr, scratch).strip()


MOD = "module a\n\ngo 1.19\n"


def test_go_folders_that_are_no_aggregate_are_told_why():
    need("go")
    with Scratch() as scratch:
        said = go_error(scratch, "wrong", {"go.mod": MOD, "main.go": """package main

type T interface{ On() }
type S struct{}

func main() {
	total = 3
	var t T = S{}
	return 5
}
"""})
        assert said.startswith("refold: wrong: does not compile: ./main.go:7:2: undefined: total; ./main.go:8:12: cannot use S{}"), said
        assert "missing On method" in said and "main.go:9:9" in said, said
        said = go_error(scratch, "library", {"go.mod": MOD, "a.go": "package a\n"})
        expect(said, "refold: library: is a Go package, but no program: refold runs a 'package main' that serves it", "library")
        said = go_error(scratch, "module", {"go.mod": MOD, "cmd/main.go": "package main\n\nfunc main() {}\n"})
        expect(said, "refold: module: does not compile: no Go files in SCRATCH/module", "a module whose program lies below")
        said = go_error(scratch, "moduleless", {"main.go": "package main\n\nfunc main() {}\n"})
        assert "does not compile: go: go.mod file not found" in said, said
        said = go_error(scratch, "needy", {"go.mod": MOD, "main.go": 'package main\n\nimport "example.com/x"\n\nfunc main() { x.Y() }\n'},
                        env={"GOFLAGS": "-mod=mod", "GOPROXY": "off"})
        assert "does not compile: main.go:3:8: " in said and "example.com/x" in said, said
        for path in ("refold", "refold/eventsource"):
            said = go_error(scratch, "needs", {"go.mod": MOD, "main.go": 'package main\n\nimport _ "%s"\n\nfunc main() {}\n' % path})
            assert "does not compile: main.go:3:8: " in said and "needs two lines, 'require refold v0.0.0' and 'replace refold => FOLDER'" in said, said
        done = refold("run", "--no-compare", "-a", "needs/main.go", ORDERS, cwd=scratch)
        expect((done.status, done.stderr), (2, "refold: needs/main.go: is one file of a Go program: name the folder that it lies in\n"), "a file")
        expect(left_of(scratch), [], "left in TMPDIR")


@waits  # ten seconds for a HELLO
@long
@slow
def test_go_programs_that_do_not_speak_are_told_so():
    need("go")
    with Scratch() as scratch:
        main = "package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\nfunc main() {\n\t%s\n\tfmt.Fprint(os.Stderr)\n}\n"
        wants = {
            "prints": ('fmt.Println("listening on :8080")', 'it wrote "listening on :8080" to its standard output'),
            "endless": ('for { fmt.Println("x") }', 'it wrote "x" to its standard output'),
            "exits": ("os.Exit(3)", "it gave no answer, and ended with exit status 3"),
            "panics": ('panic("no database")', "panic: no database"),
        }
        for name, (code, wanted) in wants.items():
            said = go_error(scratch, name, {"go.mod": MOD, "main.go": main % code})
            assert said.startswith("refold: %s: does not speak the worker protocol: " % name) and wanted in said, said
        began = time.monotonic()
        said = go_error(scratch, "waits", {"go.mod": MOD, "main.go": main % "for len(os.Args) > 0 {\n\t}"})
        expect(said, "refold: waits: does not speak the worker protocol: no answer within 10 s", "waits")
        assert time.monotonic() - began < 40, "ten seconds, and a build"


def left_of(scratch):
    return [name for name in os.listdir(scratch) if name.startswith("refold-")]


def test_a_foreign_machines_program_is_not_tried():
    need("go")
    with Scratch() as scratch:
        machine = "arm" if os.uname().machine != "armv7l" else "386"
        said = go_error(scratch, "foreign", {"go.mod": MOD, "main.go": "package main\n\nfunc main() {}\n"}, env={"GOARCH": machine})
        assert re.match(r"refold: foreign: is built for another machine \((ARM|x86), 32 bits\), and refold is for ", said), said


# ---- Rust ----


def check_rust_errors(folder):
    scratch = os.path.dirname(folder)
    main = os.path.join(folder, "src", "main.rs")
    good = read(main).decode()
    write(main, good.replace("self.title = Some(opened.title);", "self.title = opened.titel;\n        let x: u32 = 1 + \"a\";"))
    done = refold("run", cwd=folder, timeout=600)
    expect(done.status, 2, done.stderr)
    assert re.search(r"does not compile: src/main\.rs:\d+:\d+: error\[E0609\]: no field `titel`.*; src/main\.rs:\d+:", done.stderr), done.stderr
    write(main, good)
    # Two programs and no default-run; then with one.
    write(os.path.join(folder, "src", "bin", "other.rs"), "fn main() {}\n")
    done = refold("run", cwd=folder, timeout=600)
    expect(done.status, 2, done.stderr)
    assert "has several programs (invoice-aggregate, other), and its Cargo.toml no default-run" in done.stderr, done.stderr
    edit(os.path.join(folder, "Cargo.toml"), 'publish = false\n', 'publish = false\ndefault-run = "invoice-aggregate"\n')
    expect_status(refold("run", cwd=folder, timeout=600), 0, "default-run")
    shutil.rmtree(os.path.join(folder, "src", "bin"))
    library = os.path.join(scratch, "library")
    write(os.path.join(library, "Cargo.toml"), '[package]\nname = "library"\nversion = "0.1.0"\nedition = "2021"\n')
    write(os.path.join(library, "src", "lib.rs"), "")
    said = refold("run", "--no-compare", "-a", library, ORDERS, timeout=600)
    assert said.status == 2 and "is a Cargo package without a program" in said.stderr, said.stderr
    write(os.path.join(library, "Cargo.toml"), "[package\n")
    said = refold("run", "--no-compare", "-a", library, ORDERS, timeout=600)
    assert said.status == 2 and "does not compile: error: " in said.stderr, said.stderr


def check_rust_revisions(folder):
    need("git")
    # A checkout lies elsewhere: cargo's config is the repository's, or that of the home.
    shutil.copytree(os.path.join(os.path.dirname(folder), ".cargo"), os.path.join(folder, ".cargo"))
    commit(folder)
    # One target folder for both would make one program of the two, by the times of their files.
    env = {"CARGO_TARGET_DIR": os.path.join(folder, "target")}
    same = refold("compare", "main:./", ".", "history", cwd=folder, env=env, timeout=600)
    expect_status(same, 0, "unchanged")
    edit(os.path.join(folder, "src", "main.rs"), "Some(Status::Closed),", "Some(Status::Open),")
    changed = refold("compare", "main:./", ".", "history", cwd=folder, env=env, timeout=600)
    expect(changed.status, 1, changed.stderr)


# ---- C++ ----


@slow
def test_cpp_sources_and_their_revisions_are_compared():
    need("c++", "git")
    with Scratch() as scratch:
        write(os.path.join(scratch, "order.cc"), read(os.path.join(ROOT, "aggregates", "cpp", "order.cpp")).decode())
        commit(scratch)
        expect_status(refold("compare", aggregate("order"), "HEAD:./order.cc", ORDERS, cwd=scratch), 0, "C and C++")
        edit(os.path.join(scratch, "order.cc"), "status_ = status::paid;", "status_ = status::approved;")
        expect_status(refold("compare", "main:order.cc", "order.cc", ORDERS, cwd=scratch), 1, "changed")
        edit(os.path.join(scratch, "order.cc"), "status_ = status::approved;", "status_ = status::nowhere;")
        done = refold("compare", "main:order.cc", "order.cc", ORDERS, cwd=scratch)
        expect(done.status, 2, done.stderr)
        assert re.match(r"refold: order\.cc: does not compile: order\.cc:\d+:\d+: error: .nowhere. is not a member", done.stderr), done.stderr
        done = refold("run", "--no-compare", "-a", "order.cc", ORDERS, cwd=scratch, env={"CXX": "no-such-compiler"})
        expect(done.stderr.strip(), "refold: order.cc: the compiler no-such-compiler cannot be started", "no compiler")


# ---- revisions that are built of the working tree ----


def refuses_working_tree(done, file):
    expect(done.status, 2, done.stderr)
    wanted = "is built of %s, which is the working tree's and not the revision's" % os.path.realpath(file)
    assert wanted in done.stderr, (wanted, done.stderr)


@slow
def test_a_go_revision_takes_nothing_of_the_working_tree():
    """A replace with an absolute path, or a link, leads out of the checkout: both sides would be one code."""
    need("go", "git")
    with Scratch() as scratch:
        repo = orders(scratch)
        shutil.move(os.path.join(repo, "orders", "orders"), os.path.join(repo, "lib", "orders"))
        write(os.path.join(repo, "lib", "go.mod"), "module lib\n\ngo 1.19\n")
        edit(os.path.join(repo, "orders", "main.go"), "shop/orders/orders", "lib/orders")
        mod = read(os.path.join(repo, "go.mod")).decode()
        # The library's own requirements come by the main module's replace.
        add = "\nrequire lib v0.0.0\n\nreplace lib => %s\n"
        write(os.path.join(repo, "go.mod"), mod + add % os.path.join(repo, "lib"))
        commit(repo)
        refuses_working_tree(refold("compare", "HEAD:./orders", "./orders", ORDERS, cwd=repo), os.path.join(repo, "lib", "orders", "orders.go"))
        write(os.path.join(repo, "go.mod"), mod + add % "./lib")
        commit(repo)
        expect_status(refold("compare", "HEAD:./orders", "./orders", ORDERS, cwd=repo), 0, "relative")
        # The cache of modules and the checkout may lie in the working tree.
        inside = {"GOMODCACHE": os.path.join(repo, ".mod"), "TMPDIR": os.path.join(repo, "tmp")}
        os.mkdir(inside["TMPDIR"])
        expect_status(refold("compare", "HEAD:./orders", "./orders", ORDERS, cwd=repo, env=inside), 0, "caches")
        # A file that is a link, then a folder.
        own = os.path.join(repo, "lib", "orders", "orders.go")
        os.rename(own, os.path.join(repo, "kept.txt"))
        os.symlink(os.path.join(repo, "kept.txt"), own)
        commit(repo)
        refuses_working_tree(refold("compare", "HEAD:./orders", "./orders", ORDERS, cwd=repo), os.path.join(repo, "kept.txt"))
        os.rename(os.path.join(repo, "kept.txt"), own)
        os.symlink(os.path.join(repo, "orders"), os.path.join(repo, "linked"))
        commit(repo)
        refuses_working_tree(refold("compare", "HEAD:linked", "./orders", ORDERS, cwd=repo), os.path.join(repo, "lib", "orders", "orders.go"))


@slow
def test_flags_for_cgo_name_nothing_of_the_working_tree():
    """Of a compiler below go nobody tells what it read."""
    need("go", "git", "cc")
    with Scratch() as scratch:
        repo = orders(scratch)
        write(os.path.join(repo, "inc", "step.h"), "#define STEP 1\n")
        write(os.path.join(repo, "over.json"), "{}")
        plain = '\n// #include <step.h>\n// static int step(void) { return STEP; }\nimport "C"\n\nvar _ = C.step()\n'
        write(os.path.join(repo, "orders", "with.go"), "package main\n\n// #cgo CFLAGS: -I${SRCDIR}/../inc" + plain)
        commit(repo)
        include = os.path.join(repo, "inc")

        def compare(**env):
            return refold("compare", "HEAD:./orders", "./orders", ORDERS, cwd=repo, env=env)

        def is_refused(done, variable, named):
            expect(done.status, 2, done.stderr)
            wanted = "is built with %s, which names %s: that is the working tree's" % (variable, os.path.realpath(named))
            assert wanted in done.stderr, (wanted, done.stderr)

        expect_status(compare(), 0, "relative")
        expect_status(compare(CGO_CFLAGS="-O1 -I/usr/include"), 0, "elsewhere")
        for variable, value in (("CGO_CFLAGS", "-O1 -I" + include), ("CGO_LDFLAGS", "-L'%s'" % include), ("CPATH", "/usr/include:" + include),
                                ("LIBRARY_PATH", include)):
            is_refused(compare(**{variable: value}), "$" + variable, include)
        is_refused(compare(GOFLAGS="-overlay=%s/over.json" % repo), "$GOFLAGS", os.path.join(repo, "over.json"))
        write(os.path.join(repo, "orders", "with.go"), "package main\n\n// #cgo CFLAGS: -I" + include + plain)
        commit(repo)
        is_refused(compare(), "a #cgo line", include)


def test_a_c_revision_takes_nothing_of_the_working_tree():
    need("cc", "git")
    with Scratch() as scratch:
        repo = os.path.join(scratch, "a repo $")
        header = os.path.join(repo, "step.h")
        write(header, "#define STEP 1\n")
        text = read(os.path.join(ROOT, "aggregates", "order.c")).decode()
        write(os.path.join(repo, "order.c"), text.replace("#include <refold/", '#include "%s"\n#include <refold/' % header, 1))
        os.symlink(os.path.join(repo, "order.c"), os.path.join(repo, "link.c"))
        write(os.path.join(repo, "good.c"), text.replace("#include <refold/", '#include "step.h"\n#include <refold/', 1))
        commit(repo)
        refuses_working_tree(refold("compare", "HEAD:order.c", "order.c", ORDERS, cwd=repo), header)
        refuses_working_tree(refold("compare", "HEAD:link.c", "order.c", ORDERS, cwd=repo), os.path.join(repo, "order.c"))
        expect_status(refold("compare", "HEAD:good.c", "good.c", ORDERS, cwd=repo), 0, "relative")
        # Git takes a folder elsewhere for the working tree; another working tree of the repository.
        elsewhere = {"GIT_DIR": os.path.join(repo, ".git")}
        refuses_working_tree(refold("compare", "HEAD:order.c", aggregate("order"), ORDERS, cwd=scratch, env=elsewhere), header)
        git(repo, "worktree", "add", "-q", os.path.join(scratch, "linked"))
        refuses_working_tree(refold("compare", "HEAD:order.c", "order.c", ORDERS, cwd=os.path.join(scratch, "linked")), header)
        # What is built, and refold's headers, may lie there.
        shutil.copytree(os.path.join(ROOT, "harness", "include"), os.path.join(repo, "include"))
        inside = {"TMPDIR": repo, "REFOLD_INCLUDE": os.path.join(repo, "include")}
        expect_status(refold("compare", "HEAD:good.c", "good.c", ORDERS, cwd=repo, env=inside), 0, "headers")
        # What lies beside refold's headers is no header of refold's.
        for name in ("beside.h", "refold/beside.h"):
            beside = os.path.join(repo, "include", name)
            write(beside, "#define STEP 1\n")
            write(os.path.join(repo, "beside.c"), text.replace("#include <refold/", "#include <%s>\n#include <refold/" % name, 1))
            commit(repo)
            refuses_working_tree(refold("compare", "HEAD:beside.c", "beside.c", ORDERS, cwd=repo, env=inside), beside)


def embedding(file):
    """An order whose steps are what an assembler reads."""
    text = read(os.path.join(ROOT, "aggregates", "order.c")).decode()
    assembly = '__asm__(".section .rodata\\nstep: .incbin \\"%s\\"\\n.previous");\nextern const char step[];\n#include <refold/' % file
    return text.replace("#include <refold/", assembly, 1).replace("order->items++", "order->items += step[0] - '0'")


def test_a_c_revision_embeds_its_own_files():
    """Names in assembly are seen from where the compiler works, and no rule of a compiler's tells of them."""
    need("cc", "git")
    with Scratch() as scratch:
        repo = os.path.join(scratch, "repo")
        key = os.path.join(repo, "a key")
        write(key, "1")
        write(os.path.join(repo, "order.c"), embedding("a key"))
        write(os.path.join(repo, "sub", "below.c"), embedding("../a key"))
        write(os.path.join(repo, "absolute.c"), embedding(key))
        commit(repo)
        expect_status(refold("compare", "HEAD:order.c", "order.c", ORDERS, cwd=repo), 0, "same")
        write(key, "2")
        os.mkdir(os.path.join(repo, "new"))
        for name, folder in (("order.c", ""), ("below.c", "sub"), ("below.c", "new")):
            file = os.path.join(repo, "sub" if folder else "", name)
            done = refold("compare", "HEAD:%s" % os.path.relpath(file, repo), file, ORDERS, cwd=os.path.join(repo, folder))
            expect(done.status, 1, (name, folder, done.stderr))
        refuses_working_tree(refold("compare", "HEAD:absolute.c", "order.c", ORDERS, cwd=repo), key)
        # Beside refold's headers, where an assembler looks too.
        shutil.copytree(os.path.join(ROOT, "harness", "include"), os.path.join(repo, "include"))
        write(os.path.join(repo, "include", "beside"), "1")
        write(os.path.join(repo, "order.c"), embedding("beside"))
        commit(repo)
        done = refold("compare", "HEAD:order.c", "order.c", ORDERS, cwd=repo, env={"REFOLD_INCLUDE": "include"})
        refuses_working_tree(done, os.path.join(repo, "include", "beside"))
        # Parts that are assembled one by one: what was told is written over.
        done = refold("compare", "HEAD:absolute.c", "order.c", ORDERS, cwd=repo, env={"CC": "cc -flto"})
        expect(done.status, 2, done.stderr)
        assert "may have its assembler read a file (in absolute.c)" in done.stderr, done.stderr


def test_a_compiler_that_does_not_tell_all_is_none_for_a_revision():
    """clang's assembler, and one that tells nothing at all."""
    need("cc", "git")
    with Scratch() as scratch:
        repo = os.path.join(scratch, "repo")
        compiler = os.path.join(scratch, "bin", "compiler")
        write(compiler, '#!/bin/sh\nfor word do case $word in -Wa,--MD*) echo "error: no --MD" >&2; exit 1;; esac; done\nexec cc "$@"\n')
        write(os.path.join(scratch, "bin", "mute"), '#!/bin/sh\ncc "$@" && rm "${12#-Wa,--MD,}"\n')
        for name in ("compiler", "mute"):
            os.chmod(os.path.join(scratch, "bin", name), 0o755)
        # One that tells of a file that is not there.
        write(os.path.join(scratch, "bin", "vague"), '#!/bin/sh\ncc "$@" && sed -i "s|^[^ ]*:|& gone.h|" "${11}"\n')
        os.chmod(os.path.join(scratch, "bin", "vague"), 0o755)
        write(os.path.join(repo, "key"), "1")
        write(os.path.join(repo, "plain.c"), read(os.path.join(ROOT, "aggregates", "order.c")).decode())
        write(os.path.join(repo, "order.c"), embedding("key"))
        commit(repo)
        env = {"CC": compiler}
        expect_status(refold("compare", "HEAD:plain.c", "plain.c", ORDERS, cwd=repo, env=env), 0, "plain")
        done = refold("compare", "HEAD:order.c", "plain.c", ORDERS, cwd=repo, env=env)
        expect(done.status, 2, done.stderr)
        assert "may have its assembler read a file (in order.c)" in done.stderr, done.stderr
        done = refold("compare", "HEAD:plain.c", "plain.c", ORDERS, cwd=repo, env={"CC": os.path.join(scratch, "bin", "mute")})
        expect(done.status, 2, done.stderr)
        assert "its compiler does not tell what went in" in done.stderr, done.stderr
        done = refold("compare", "HEAD:plain.c", "plain.c", ORDERS, cwd=repo, env={"CC": os.path.join(scratch, "bin", "vague")})
        expect(done.status, 2, done.stderr)
        assert "is built of gone.h, so its tool says, and nobody knows" in done.stderr, done.stderr


def test_words_for_a_compiler_name_nothing_of_the_working_tree():
    need("cc", "git")
    with Scratch() as scratch:
        repo = os.path.join(scratch, "repo")
        text = read(os.path.join(ROOT, "aggregates", "order.c")).decode()
        write(os.path.join(repo, "order.c"), text)
        for name in ("util.c", "lib/util.c", "inc/step.h"):
            write(os.path.join(repo, name), "")
        commit(repo)
        os.symlink(repo, os.path.join(scratch, "link"))
        for words, named in (("cc util.c", "util.c"), ("cc -O1 %s/lib/util.c" % repo, "lib/util.c"), ("cc -L%s/lib" % repo, "lib"),
                             ("cc -Wl,-rpath,/usr:../link/lib/util.c", "lib/util.c"), ("cc -I %s/link/inc" % scratch, "inc"),
                             ("cc @util.c", "util.c"), ("cc -specs=lib/util.c", "lib/util.c")):
            done = refold("compare", "HEAD:order.c", "order.c", ORDERS, cwd=repo, env={"CC": words})
            expect(done.status, 2, (words, done.stderr))
            wanted = "is built with $CC, which names %s: that is the working tree's" % os.path.realpath(os.path.join(repo, named))
            assert wanted in done.stderr, (wanted, done.stderr)
        done = refold("compare", "HEAD:order.c", "order.c", ORDERS, cwd=repo, env={"LIBRARY_PATH": "/usr/lib:%s/lib" % repo})
        assert "is built with $LIBRARY_PATH, which names" in done.stderr, done.stderr
        # What comes of a system's folder is not told then.
        done = refold("compare", "HEAD:order.c", "order.c", ORDERS, cwd=repo, env={"CC": "cc -MMD", "C_INCLUDE_PATH": repo})
        expect(done.status, 2, done.stderr)
        assert "is built with $CC, whose -MM has the compiler leave out" in done.stderr, done.stderr
        # A folder that is named as the repository's is the revision's own.
        fine = {"CC": "cc -Iinc -L lib -DSTEP=1"}
        expect_status(refold("compare", "HEAD:order.c", "order.c", ORDERS, cwd=repo, env=fine), 0, "relative")


def test_a_revision_loads_no_library_of_the_working_tree():
    """A relative run path is the linker's in the checkout, and the loader's where refold runs: without a sandbox HEAD's
    library came into BASE."""
    need("cc", "git")
    with Scratch() as scratch:
        repo = os.path.join(scratch, "repo")
        library = os.path.join(repo, "lib", "libstep.so")

        def make_library(step):
            write(os.path.join(scratch, "step.c"), "int step(void) { return %d; }\n" % step)
            os.makedirs(os.path.dirname(library), exist_ok=True)
            subprocess.run(["cc", "-shared", "-fPIC", "-Wl,-soname,libstep.so", "-o", library, os.path.join(scratch, "step.c")], check=True)

        text = read(os.path.join(ROOT, "aggregates", "order.c")).decode()
        text = text.replace("#include <refold/", "extern int step(void);\n#include <refold/", 1)
        write(os.path.join(repo, "order.c"), text.replace("order->items++", "order->items += step()"))
        make_library(1)
        commit(repo)
        make_library(2)
        link = "cc -Wl,--no-as-needed -Llib -lstep"
        for env in ({"CC": link + " -Wl,-rpath,lib"}, {"CC": link, "LD_RUN_PATH": "/usr/lib:lib"},
                    {"CC": link + " -Wl,-rpath,./lib -Wl,--disable-new-dtags"}):
            done = refold("compare", "HEAD:order.c", "order.c", ORDERS, "--sandbox=off", cwd=repo, env=env)
            expect(done.status, 2, (env, done.stderr))
            assert "is built to load libraries from the folder that refold runs in" in done.stderr, done.stderr


def test_flags_for_rust_name_nothing_of_the_working_tree():
    need("git")
    with Scratch() as scratch:
        repo = os.path.join(scratch, "repo")
        write(os.path.join(repo, "Cargo.toml"), "[package]\n")
        write(os.path.join(repo, "lib", "util.c"), "")
        commit(repo)
        lib = os.path.join(repo, "lib")
        for name, value in (("RUSTFLAGS", "-O -L" + lib), ("CARGO_BUILD_RUSTFLAGS", "-Clink-arg=" + lib),
                            ("CARGO_ENCODED_RUSTFLAGS", "-L\x1f%s\x1f-O" % lib)):
            done = refold("compare", "HEAD:./", ".", ORDERS, cwd=repo, env={name: value})
            expect(done.status, 2, done.stderr)
            assert "is built with $%s, which names %s: that is the working tree's" % (name, os.path.realpath(lib)) in done.stderr, done.stderr


@slow
def test_a_rust_revision_takes_nothing_of_the_working_tree():
    need("git")
    with Scratch() as scratch:
        need_cargo(scratch)
        folder = check_skeleton(scratch, "rust")
        shutil.copytree(os.path.join(scratch, ".cargo"), os.path.join(folder, ".cargo"))
        write(os.path.join(folder, ".gitignore"), "target\n")
        commit(folder)
        expect_status(refold("compare", "HEAD:./", ".", "history", cwd=folder, timeout=600), 0, "relative")
        edit(os.path.join(folder, "Cargo.toml"), 'path = "refold"', 'path = "%s"' % os.path.join(folder, "refold"))
        commit(folder)
        done = refold("compare", "HEAD:./", ".", "history", cwd=folder, timeout=600)
        expect(done.status, 2, done.stderr)
        assert os.path.join(folder, "refold") in done.stderr and "which is the working tree's" in done.stderr, done.stderr


# ---- tools that are not there, or take for ever ----


def test_a_tool_that_is_not_there_is_named():
    with Scratch() as scratch:
        os.makedirs(os.path.join(scratch, "bin"))
        for name, file, wanted in (("go", "go.mod", "install golang-go"), ("cargo", "Cargo.toml", "install cargo")):
            write(os.path.join(scratch, name, file), "")
            done = refold("run", "--no-compare", "-a", name, ORDERS, cwd=scratch, env={"PATH": os.path.join(scratch, "bin")})
            expect(done.status, 2, done.stderr)
            assert done.stderr.startswith("refold: %s: is built by %s, which is not found: " % (name, name)) and wanted in done.stderr, done.stderr


def test_crates_that_no_registry_gives_are_told_of():
    with Scratch() as scratch:
        write(os.path.join(scratch, "orders", "Cargo.toml"), "[package]\n")
        env = dict(os.environ, PATH=os.path.join(scratch, "bin") + ":" + os.environ["PATH"])
        lacking = "failed to get `serde` as a dependency of package `p`\\n\\nCaused by:\\n  download of config.json failed"
        for words, told in ((lacking, True), ("expected a semicolon", False)):
            write(os.path.join(scratch, "bin", "cargo"), "#!/bin/sh\nprintf '%%b' 'error: %s\\n' >&2\nexit 101\n" % words)
            os.chmod(os.path.join(scratch, "bin", "cargo"), 0o755)
            done = refold("run", "--no-compare", "-a", "orders", ORDERS, cwd=scratch, env=env)
            expect(done.status, 2, done.stderr)
            expect("librust-serde-json-dev" in done.stderr, told, done.stderr)


def test_a_build_ends_when_refold_is_told_to():
    """go, with a compiler as its child that takes for ever: a signal ends all of it at once."""
    with Scratch() as scratch:
        pids = os.path.join(scratch, "pids")
        write(os.path.join(scratch, "bin", "go"), "#!/bin/sh\nsleep 600 &\necho $! $$ > %s\nwait\n" % pids)
        os.chmod(os.path.join(scratch, "bin", "go"), 0o755)
        write(os.path.join(scratch, "orders", "go.mod"), MOD)
        env = dict(os.environ, PATH=os.path.join(scratch, "bin") + ":" + os.environ["PATH"], TMPDIR=scratch)
        for number in (signal.SIGINT, signal.SIGTERM):
            run = subprocess.Popen([REFOLD, "run", "--no-compare", "-a", "orders", ORDERS], cwd=scratch, env=env,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            wait_for(lambda: os.path.exists(pids) and read(pids))
            run.send_signal(number)
            run.communicate(timeout=20)
            expect(run.returncode, -number, "exit")
            for pid in read(pids).split():
                wait_for(lambda pid=pid: not alive(int(pid)))
            expect(left_of(scratch), [], "left in TMPDIR")
            os.unlink(pids)


def files_below(folder):
    return [os.path.relpath(os.path.join(here, name), folder) for here, folders, names in os.walk(folder)
            for name in names + folders]


def check_cut_off(scratch, source, tmp, ready, sent, env=()):
    """A build that is ended by a signal once `ready` says that its tool keeps something in TMPDIR."""
    run = subprocess.Popen([REFOLD, "run", "--no-compare", "-a", source, ORDERS], cwd=scratch, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, env=dict(os.environ, TMPDIR=tmp, **dict(env)))
    try:
        wait_for(ready)
        run.send_signal(sent)
        _, said = run.communicate(timeout=20)
    finally:
        run.kill()
    expect(run.returncode, -sent, said.decode())
    expect(files_below(tmp), [], source + ": left in TMPDIR")


def test_a_compiler_that_is_cut_off_leaves_nothing():
    """Its own temporaries are files of $TMPDIR, and it is killed: it cannot remove them. It waits for a header here that
    nobody writes, with a file to assemble made already."""
    with Scratch() as scratch:
        tmp = os.path.join(scratch, "a folder of mine")
        os.makedirs(tmp)
        os.mkfifo(os.path.join(scratch, "slow.h"))
        for name in ("z.c", "z.cpp"):
            write(os.path.join(scratch, name), '#include "slow.h"\n')
            for sent in (signal.SIGTERM, signal.SIGINT):
                check_cut_off(scratch, name, tmp, lambda: [n for n in files_below(tmp) if n.endswith(".s")], sent)


def test_a_tool_that_is_cut_off_leaves_nothing():
    """Go's and cargo's as well, whose compilers are their children."""
    with Scratch() as scratch:
        tmp = os.path.join(scratch, "a folder of mine")
        os.makedirs(tmp)
        for tool, file in (("go", "go.mod"), ("cargo", "Cargo.toml"), ("cc", "z.c")):
            source = "z.c" if tool == "cc" else "of-" + tool
            write(os.path.join(scratch, file if tool == "cc" else os.path.join(source, file)), "")
            write(os.path.join(scratch, "bin", tool),
                  "#!/bin/sh\n(mkdir \"$TMPDIR/made\" && : > \"$TMPDIR/made/file\"; sleep 600) &\nwait\n")
            os.chmod(os.path.join(scratch, "bin", tool), 0o755)
            env = {"PATH": os.path.join(scratch, "bin") + ":" + os.environ["PATH"], "CC": ""}
            check_cut_off(scratch, source, tmp, lambda: [n for n in files_below(tmp) if n.endswith("made/file")],
                          signal.SIGTERM, env)


def test_what_a_tool_leaves_is_gone_with_the_build():
    """Of builds that succeed and that fail; and what the user keeps for them, as ccache's folder, is where it was."""
    with Scratch() as scratch:
        tmp = os.path.join(scratch, "a folder of mine")
        os.makedirs(tmp)
        write(os.path.join(scratch, "bin", "mine"), "#!/bin/sh\n: > \"$TMPDIR/left over\"\n: > \"$CACHE/kept\"\nexec cc \"$@\"\n")
        os.chmod(os.path.join(scratch, "bin", "mine"), 0o755)
        os.makedirs(os.path.join(scratch, "cache"))
        write(os.path.join(scratch, "bad.c"), "int a = b;\n")
        env = {"TMPDIR": tmp, "CC": os.path.join(scratch, "bin", "mine"), "CACHE": os.path.join(scratch, "cache")}
        shutil.copy(os.path.join(ROOT, "aggregates", "order.c"), scratch)
        for source, status in (("order.c", 0), ("bad.c", 2)):
            done = refold("run", "--no-compare", "-a", source, ORDERS, cwd=scratch, env=env)
            expect_status(done, status, source)
            expect(files_below(tmp), [], source + ": left in TMPDIR")
            expect(files_below(os.path.join(scratch, "cache")), ["kept"], "cache")


def wait_for(ready):
    end = time.monotonic() + 20
    while not ready():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.02)


def alive(pid):
    try:
        with open("/proc/%d/stat" % pid) as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
