# SPDX-License-Identifier: MIT
"""Programs are held as shared objects are: what hostile ones try fails and is told, what those of all languages need
works. held_tool.c starts them as refold does, and speaks no protocol with them. Go and Rust are skipped where they are
not installed."""

import json
import os
import shutil
import subprocess
import unittest

from support import BUILD, expect, long, part_of, refold, ROOT, run_json, sampled, Scratch, slow, waits, write_bytes

SOURCES = os.path.join(ROOT, "harness/tests/worker/held")
TOOL = os.path.join(BUILD, "tests/held_tool")
WORKER = os.path.join(BUILD, "refold-worker")
SECRET = b"SECRET=1\n"


class Held:
    """What became of a program."""

    def __init__(self, path, memory=256, timeout=20000, lacks=""):
        done = subprocess.run([TOOL, WORKER, path, str(memory), str(timeout)], stdout=subprocess.PIPE,
                              stdin=subprocess.DEVNULL, timeout=300, check=True,
                              env={**os.environ, "REFOLD_SANDBOX_LACKS": lacks})
        lines = [line.split(": ", 1) for line in done.stdout.decode("utf-8", "replace").splitlines() if ": " in line]
        self.out = [text for what, text in lines if what == "out"]
        self.tried = [text for what, text in lines if what == "tried"]
        self.lacks = [text for what, text in lines if what == "held"][0]
        self.end = [text for what, text in lines if what == "end"][0]


def need(*tools):
    for tool in tools:
        if shutil.which(tool) is None:
            raise unittest.SkipTest("there is no " + tool)


def is_held(scratch):
    build(scratch, "int main(void) { return 0; }", "probe")
    return Held(os.path.join(scratch, "probe")).lacks == "0"


def build(scratch, source, name, *flags, compiler="cc", suffix=".c"):
    path = os.path.join(scratch, name)
    write_bytes(path + suffix, source.encode())
    done = subprocess.run([compiler, "-O", "-o", path, path + suffix, *flags], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        raise unittest.SkipTest("%s %s: %s" % (compiler, " ".join(flags), done.stdout.decode("utf-8", "replace")[-300:]))
    return path


def build_go(scratch, source, name, *flags, cgo="0"):
    need("go")
    folder = os.path.join(scratch, name + "-go")
    write_bytes(os.path.join(folder, "main.go"), source.encode())
    write_bytes(os.path.join(folder, "go.mod"), b"module held\n\ngo 1.19\n")
    path = os.path.join(scratch, name)
    done = subprocess.run(["go", "build", "-trimpath", *flags, "-o", path, "."], cwd=folder, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, env={**os.environ, "CGO_ENABLED": cgo, "GOFLAGS": "-mod=mod"})
    if done.returncode != 0:
        raise unittest.SkipTest("go build: " + done.stdout.decode("utf-8", "replace")[-300:])
    return path


def build_burglar(scratch, *flags):
    with open(os.path.join(SOURCES, "burglar.c"), encoding="utf-8") as f:
        source = f.read()
    secret, planted, self = (os.path.join(scratch, name) for name in (".env", "planted", "burglar"))
    write_bytes(secret, SECRET)
    return build(scratch, source, "burglar", "-pthread", "-D_GNU_SOURCE", '-DSECRET="%s"' % secret, '-DPLANTED="%s"' % planted,
                 '-DSELF="%s"' % self, *flags)


# ---- what it may not ----

FORBIDDEN = {
    "open /etc/passwd", "open SCRATCH/.env", "write SCRATCH/planted", "write SCRATCH/burglar", "change SCRATCH/.env",
    "look SCRATCH/.env", "change SCRATCH/planted", "write SCRATCH/.env", "open /proc/PID/environ", "write /proc/PID/mem",
    "socket AF_INET", "socket AF_INET6", "socket AF_UNIX", "socket AF_NETLINK", "program /bin/sh", "program SCRATCH/burglar",
    "process ", "signal signal 0 to another process", "signal signal 0 to refold", "intrusion ptrace", "intrusion process_vm_readv", "intrusion pidfd_open",
    "intrusion prlimit64", "call setpgid", "call setsid", "call prctl", "call unshare", "call bpf", "call io_uring_setup",
    "call memfd_create", "call chroot",
}


def check_burglar(*flags):
    for lacks in ("", "listener", "files", "files,listener"):
        with Scratch() as scratch:
            if not is_held(scratch):
                raise unittest.SkipTest("this system does not hold programs")
            held = Held(build_burglar(scratch, *flags), lacks=lacks)
            with open(os.path.join(scratch, ".env"), "rb") as f:
                expect(f.read(), SECRET, "the secret")
            expect(os.path.exists(os.path.join(scratch, "planted")), False, "planted")
        got = {line for line in held.out if line.startswith("got")}
        told = {line.replace(scratch, "SCRATCH") for line in held.tried}
        # Without a listener it may become what Landlock lets it execute: itself once more, which gets no "go". Without
        # that any program, and gains nothing: it is held by the same filter.
        if lacks != "files,listener":
            expect(held.end, "exit status 3" if "listener" in lacks else "exit status 0", "%s %s" % (lacks, held.out))
            expect(held.out[-1], "hello" if "listener" in lacks else "done", lacks)
        expect("no thread" in held.out or "no pipe" in held.out, False, held.out)
        if "listener" not in lacks:
            expect(got, set(), lacks)
            expect(FORBIDDEN - told, set(), "told of %s: %s" % (flags, sorted(told)))
        else:  # what the loader may, the program may: look at names, and without Landlock read files
            may = set() if "-static" in flags else {"stat", "readlink"} | ({"open", "open-env", "open-parent", "parent-environ", "shell"} if "files" in lacks else set())
            expect({line for line in got if line.split()[2] not in may}, set(), lacks)


def test_what_a_hostile_program_tries_fails_and_is_told():
    check_burglar()


def test_it_fails_without_a_loader_too():
    with Scratch() as scratch:
        build(scratch, "int main(void) { return 0; }", "a", "-static")
    check_burglar("-static")


def test_without_a_sandbox_a_file_is_read():
    with Scratch() as scratch:
        secret = os.path.join(scratch, ".env")
        write_bytes(secret, SECRET)
        source = '#include <stdio.h>\nint main(void) { puts(fopen("%s", "r") ? "read" : "not read"); return 0; }\n' % secret
        path = build(scratch, source, "reader")
        expect(Held(path, lacks="files,calls,listener").out, ["read"], "without a sandbox")
        if is_held(scratch):
            expect(Held(path).out, ["not read"], "with one")


# ---- what it may ----

GO = """
package main
import ("bufio"; "encoding/json"; "fmt"; "os"; "runtime"; "sync"; "syscall"; "time")
func main() {
	fd, err := syscall.Dup(1)
	if err != nil { panic(err) }
	if err := syscall.Dup3(2, 1, 0); err != nil { panic(err) }
	out := os.NewFile(uintptr(fd), "answers")
	fmt.Fprintln(out, "hello")
	in := bufio.NewReader(os.Stdin)
	in.ReadString('\\n')
	var wg sync.WaitGroup
	var mu sync.Mutex
	m := map[string]string{}
	ticks, ticker := 0, time.NewTicker(time.Millisecond)
	for g := 0; g < 100; g++ {
		wg.Add(1)
		go func(g int) {
			defer wg.Done()
			for i := 0; i < 500; i++ {
				b, _ := json.Marshal(map[string]int{"a": i, "b": g})
				mu.Lock()
				m[fmt.Sprint(g, "-", i)] = string(b)
				mu.Unlock()
				if i % 100 == 0 { time.Sleep(time.Millisecond); runtime.GC() }
			}
		}(g)
	}
	done := make(chan bool)
	go func() { wg.Wait(); close(done) }()
	for on := true; on; {
		select { case <-ticker.C: ticks++; case <-done: on = false }
	}
	fired := make(chan bool)
	time.AfterFunc(time.Millisecond, func() { close(fired) })
	<-fired
	fmt.Fprintln(out, "done", len(m), ticks > 0)
}
"""

RUST = """
use std::collections::HashMap; use std::io::{self, BufRead, Write}; use std::sync::{Arc, Mutex}; use std::thread;
fn main() {
    println!("hello"); io::stdout().flush().unwrap();
    let mut line = String::new(); io::stdin().lock().read_line(&mut line).unwrap();
    let m = Arc::new(Mutex::new(HashMap::new()));
    let all: Vec<_> = (0..8).map(|g| { let m = m.clone(); thread::Builder::new().name(format!("w{}", g)).spawn(move || {
        for i in 0..1000 { m.lock().unwrap().insert((g, i), vec![0u8; 100]); }
        thread::sleep(std::time::Duration::from_millis(1)); }).unwrap() }).collect();
    for one in all { one.join().unwrap(); }
    let caught = std::panic::catch_unwind(|| { let v: Vec<i32> = vec![]; v[std::env::args().count()] }).is_err();
    println!("done {} {}", m.lock().unwrap().len(), caught);
}
"""

CPP = """
#include <unistd.h>
#include <cstdio>
#include <future>
#include <iostream>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>
int main() {
    int out = dup(1); dup2(2, 1); dprintf(out, "hello\\n");
    std::string line; std::getline(std::cin, line);
    std::map<int, std::string> m; std::mutex lock; std::vector<std::thread> all;
    for (int g = 0; g < 8; g++) all.emplace_back([&, g] { for (int i = 0; i < 1000; i++) {
        std::lock_guard<std::mutex> held(lock); m[g * 1000 + i] = std::string(100, 'x'); } });
    for (auto &one : all) one.join();
    auto later = std::async(std::launch::async, [] { return std::thread::hardware_concurrency() > 0; });
    bool caught = false;
    try { throw std::runtime_error("x"); } catch (std::exception &) { caught = true; }
    dprintf(out, "done %zu %d %d\\n", m.size(), caught, later.get());
}
"""


def check_works(path, done):
    for lacks in ("", "listener", "files"):
        held = Held(path, lacks=lacks)
        expect(held.out, ["hello", done], "%s: %s %s" % (os.path.basename(path), lacks, held.end))
        expect(held.tried, [], os.path.basename(path))
        expect(held.end.startswith("exit status 0"), True, held.end)


def test_what_go_needs_works():
    with Scratch() as scratch:
        check_works(build_go(scratch, GO, "go"), "done 50000 true")


@slow
def test_what_go_needs_with_c_and_a_race_detector_works():
    """As test_what_go_needs_works; go compiles all of its packages anew for each. That cgo is folded with is
    builds:test_cgo_is_as_go_has_it."""
    need("go", "cc")
    with Scratch() as scratch:
        with_c = GO.replace('import ("bufio"', '// int f(void) { return 1; }\nimport "C"\nimport ("bufio"').replace(
            "len(m)", "len(m) + 0 * int(C.f())")
        check_works(build_go(scratch, with_c, "cgo", cgo="1"), "done 50000 true")
        check_works(build_go(scratch, GO, "race", "-race", cgo="1"), "done 50000 true")


def test_what_rust_needs_works():
    need("rustc")
    with Scratch() as scratch:
        check_works(build(scratch, RUST, "rust", compiler="rustc", suffix=".rs"), "done 8000 true")


def test_what_cpp_needs_works():
    need("c++")
    with Scratch() as scratch:
        check_works(build(scratch, CPP, "cpp", "-pthread", compiler="c++", suffix=".cpp"), "done 8000 1 1")


# ---- how it ends ----

def c_program(body):
    return """
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
static void *spin(void *x) { for (volatile long n = 0;; n++) { } return x; }
static void *rest(void *x) { sleep(1000); return x; }
int main(void) { pthread_t t; (void)t; (void)spin; (void)rest; puts("hello"); fflush(stdout); %s return 0; }
""" % body


ENDS = [
    # What is allocated and never touched costs nothing.
    ("reserves", "memset(malloc(1 << 20), 1, 1 << 20); (void)!malloc(256 << 20);", "exit status 0"),
    ("hog", "for (;;) { memset(malloc(1 << 20), 1, 1 << 20); }", "exceeded its memory (64 MiB)"),
    ("loop", "for (volatile long n = 0;; n++) { }", "hung"),
    ("sleep", "sleep(1000);", "hung"),
    ("stop", "kill(getpid(), SIGSTOP);", "hung: it was stopped"),
    # The first thread waits, another computes.
    ("other-loops", "pthread_create(&t, NULL, spin, NULL); pthread_join(t, NULL);", "hung"),
    ("first-gone", "pthread_create(&t, NULL, rest, NULL); syscall(SYS_exit, 0);", "hung"),
    ("signal", "raise(SIGSEGV);", "SIGSEGV (segmentation fault)"),
    ("abort", 'fputs("no way\\n", stderr); abort();', "SIGABRT (aborted): no way"),
    # Threads are the kernel's memory.
    ("threads", "for (;;) { pthread_attr_t a; pthread_attr_init(&a); pthread_attr_setstacksize(&a, 16384); "
                "if (pthread_create(&t, &a, rest, NULL) != 0) sleep(1000); }", "exceeded its memory (64 MiB)"),
]


@waits
@long
def test_how_it_ends_is_told():
    with Scratch() as scratch:
        for name, body, wanted in ENDS:
            held = Held(build(scratch, c_program(body), name, "-pthread", "-w"), memory=64, timeout=1000)
            expect(held.end, wanted, name)


def test_how_cpp_ends_is_told():
    need("c++")
    with Scratch() as scratch:
        for name, body, wanted in (
                ("alloc", "for (;;) { volatile char *p = new char[1 << 30]; p[0] = 1; }", "exceeded its memory (64 MiB)"),
                ("throw", 'throw std::runtime_error("boom");', "SIGABRT (aborted): terminate called after throwing an "
                 "instance of 'std::runtime_error'  what():  boom")):
            source = '#include <cstdio>\n#include <stdexcept>\nint main() { puts("hello"); fflush(stdout); %s }\n' % body
            held = Held(build(scratch, source, name, compiler="c++", suffix=".cpp"), memory=64, timeout=5000)
            expect(held.end, wanted, name)


def test_how_rust_ends_is_told():
    need("rustc")
    with Scratch() as scratch:
        for name, body, wanted in (
                ("alloc", "let mut v: Vec<Vec<u8>> = vec![]; loop { v.push(Vec::with_capacity(1 << 30)); }",
                 "exceeded its memory (64 MiB)"),
                ("panic", "let v: Vec<i32> = vec![]; println!(\"{}\", v[std::env::args().count()]);", "index out of bounds")):
            source = 'fn main() { println!("hello"); %s }\n' % body
            held = Held(build(scratch, source, name, compiler="rustc", suffix=".rs"), memory=64, timeout=5000)
            expect(wanted in held.end, True, held.end)
            if name == "panic":
                expect(held.end.startswith("exit status 101: thread 'main' panicked at ") and "panic.rs:1:" in held.end, True,
                       held.end)


GO_ENDS = [
    ("hog", "var all [][]byte; for { b := make([]byte, 1<<20); for i := range b { b[i] = 1 }; all = append(all, b) }",
     "exceeded its memory (64 MiB)"),
    ("slab", "b := make([]byte, 1<<40); fmt.Println(b[len(os.Args)])", "exceeded its memory (64 MiB)"),
    ("loop", "for n := 0; n >= 0; n &= 1 { n++ }", "hung"),
    ("goroutine", "go func() { panic(fmt.Sprint(\"boom\")) }(); select {}", "exit status 2: panic: boom, at main.go:"),
    ("deadlock", "var m sync.Mutex; m.Lock(); m.Lock()", "exit status 2: fatal error: all goroutines are asleep - deadlock!, "
     "at main.go:"),
    ("maps", "m := map[int]int{}; for i := 0; i < 4; i++ { go func() { for { m[1]++ } }() }; select {}",
     "exit status 2: fatal error: concurrent map writes, at main.go:"),
    ("nil", "var p *sync.Mutex; p.Lock()", "exit status 2: panic: runtime error: invalid memory address or nil pointer "
     "dereference, at main.go:"),
]


@sampled
def test_how_go_ends_is_told():
    with Scratch() as scratch:
        for name, body, wanted in part_of(GO_ENDS, 3):
            source = ('package main\nimport ("fmt"; "os"; "sync")\nvar _ = fmt.Sprint\nvar _ = os.Args\nvar _ sync.Mutex\n'
                      'func main() { fmt.Println("hello")\n%s }\n' % body)
            held = Held(build_go(scratch, source, name), memory=64, timeout=2000)
            expect(held.end.startswith(wanted), True, "%s: %s" % (name, held.end))


# ---- data races ----

RACE = """==================
WARNING: DATA RACE
Write at 0x00c0000ac008 by goroutine 7:
  main.touch()
      /home/x/race.go:11 +0x76

Previous read at 0x00c0000ac008 by main goroutine:
  main.look()
      /home/x/race.go:12 +0x88
==================
"""
TOLD = "data race: write at race.go:11, previous read at race.go:12"


def racer(scratch, apply="pass"):
    """A speaker that does so at each event."""
    path = os.path.join(scratch, "racer")
    source = """#!/usr/bin/env -S python3 -SE
import sys
sys.path.insert(0, %r)
import speaker
def tell():
    sys.stderr.write(%r); sys.stderr.flush()
class Racer(speaker.Counter):
    name = "racer"
    def apply(self, event):
        super().apply(event)
        %s
speaker.speak(Racer)
""" % (os.path.join(ROOT, "harness/tests/oracle"), RACE, apply)
    write_bytes(path, source.encode())
    os.chmod(path, 0o755)
    return path


def write_history(scratch, *ids):
    lines = [json.dumps({"t": "Added", "d": {"ID": i, "Version": v, "At": "2026-07-01T00:00:0%dZ" % v, "By": v}})
             for i in ids for v in (1, 2, 3)]
    write_bytes(os.path.join(scratch, "h/2026/07/01/00/orders-1-2026-07-01-00-00-01-00000000-0000-4000-8000-000000000001"),
                "\n".join(lines).encode())


def test_a_race_that_is_told_of_is_a_crash_of_its_instance():
    with Scratch() as scratch:
        write_history(scratch, "a", "b", "racy", "z")
        whole = refold("bless", "-q", "--sandbox=off", "--purity=off", "-a", racer(scratch), "-g", "g", "h", cwd=scratch)
        expect(whole.status, 0, whole.stderr)
        program = racer(scratch, apply='b"racy" in event.data and tell()')
        result = run_json("--sandbox=off", "-a", program, "-g", "g", "h", cwd=scratch)
    expect(result.status, 1, result.stderr)
    expect([(d["kind"], d["id"], d["message"]) for d in result.report["differences"]], [("crashed", "racy", TOLD)], "differences")
    expect(result.report["aggregates"][0]["compared"], 3, "all others")


@slow
def test_gos_race_detector_is_heard():
    """As test_a_race_that_is_told_of_is_a_crash_of_its_instance, told by go itself: it compiles all of its packages anew."""
    need("go", "cc")
    with Scratch() as scratch:
        program = os.path.join(scratch, "zoo")
        done = subprocess.run(["go", "build", "-race", "-trimpath", "-o", program, "./zoo"], cwd=os.path.join(ROOT, "aggregates/go"),
                              env={**os.environ, "CGO_ENABLED": "1", "GOFLAGS": "-mod=mod", "GOPROXY": "off"}, check=False)
        if done.returncode != 0:
            raise unittest.SkipTest("go build -race does not work here")
        write_history(scratch, "a", "race@apply", "z")
        result = run_json("--no-compare", "--purity=off", "-a", program, "h", cwd=scratch)
    expect(result.status, 1, result.stderr)
    found = [(d["kind"], d["id"]) for d in result.report["differences"]]
    expect(found, [("crashed", "race@apply")], "differences")
    message = result.report["differences"][0]["message"]
    expect(message.startswith("data race: ") and message.count(" at acts.go:") == 2, True, message)
