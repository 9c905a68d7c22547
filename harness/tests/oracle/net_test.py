# SPDX-License-Identifier: MIT
"""Many objects over HTTP: they come ahead of who reads them, in whatever way servers fail; and Ctrl-C ends all. Faults one
by one are those of network_fault_test.py."""

import asyncio
import hashlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import threading
import time

import scripted
import servers
from support import (
    aggregate, expect, expect_status, parallel, part_of, REFOLD, refold, run_json, sampled, Scratch, without_timing,
    write_bytes)

ORDER = aggregate("order")
PATIENT = {"REFOLD_PATIENCE": "0.01"}


def order(number):
    """An order of three events."""
    lines = [b'{"t":"OrderCreated","d":{"ID":"o%d","Version":1,"At":"2017-03-01T00:00:00Z"}}\n' % number]
    for version in (2, 3):
        lines.append(b'{"t":"OrderItemAdded","d":{"ID":"o%d","Version":%d,"At":"2017-03-01T00:00:0%dZ","Qty":%d,'
                     b'"PriceCents":7}}\n' % (number, version, version, number))
    return b"".join(lines)


def history(count, bytes_each=0):
    """key -> bytes; each is filled up with events of other orders to about so many bytes."""
    found = {}
    for n in range(count):
        parts = [order(n)]
        more = n + 1000000
        while len(parts) * len(parts[0]) < bytes_each:
            parts.append(order(more))
            more += 1000000
        found["2017/03/%02d/%02d/orders-1-2017-03-%02d-%02d-00-00-00000000-0000-4000-8000-%012d" % (
            1 + n // 24 % 28, n % 24, 1 + n // 24 % 28, n % 24, n)] = b"".join(parts)
    return found


class Server(scripted.Server):
    """`answer(server, path, n, headers)` is called for the n-th request of a path, and gives (status, headers, bytes that are
    sent, whether the connection goes on), or None: hang up."""

    def __init__(self, answer, delay=0):
        super().__init__({})
        self.answer, self.pause = answer, delay
        self.at_once = self.most_at_once = 0
        self.base += "/"

    @property
    def paths(self):
        return [path for path, _ in self.requests]

    async def respond(self, answer):
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(self.pause() if callable(self.pause) else self.pause)
        finally:
            self.at_once -= 1
        headers = {name.lower(): value for name, value in answer.headers.items()}
        found = self.answer(self, answer.path, self.seen[answer.path], headers)
        if found is None:
            answer.close = True
            return
        status, more, data, goes_on = found
        answer.head(status, None, **more)
        await answer.send(data)
        answer.close = not goes_on


def whole(members):
    def answer(server, path, number, headers):
        data = members[path[1:]]
        return 200, {"Content-Length": len(data), "ETag": etag(data)}, data, True
    return answer


def etag(data):
    return '"%s"' % hashlib.md5(data, usedforsecurity=False).hexdigest()


def keys_of(folder, members):
    path = os.path.join(folder, "keys")
    write_bytes(path, b"".join(k.encode() + b"\n" for k in members))
    return path


def comparable(report):
    return json.dumps(dict(without_timing(report), proof=None), sort_keys=True)


def test_two_threads_do_not_wait_for_one_thousand_round_trips():
    members = history(1000)
    with Scratch() as scratch, Server(whole(members), delay=0.05) as server:
        started = time.monotonic()
        result = run_json("--no-compare", "-a", ORDER, "-j", 2, "--keys", keys_of(scratch, members), server.base)
        seconds = time.monotonic() - started
        expect_status(result, 0, "run")
        expect(result.report["history"]["folded"], 3000, "folded")
        expect(len(server.paths), 1000, "requests")
        network = result.report["timing"]["network"]
        expect(network, {"requests": 1000, "retries": 0, "bytes": sum(map(len, members.values()))}, "network")
        # By two threads alone they would take 25 seconds; by 32 at a time 1.6.
        assert seconds < 10, seconds
        assert 16 < server.most_at_once <= 32 and server.connections <= 32, (server.most_at_once, server.connections)
        # They are asked for in the order in which they are read, as far as connections arrive in order.
        expect(set(server.paths[:32]) - set("/" + key for key in sorted(members)[:96]), set(), "the first ones")


def test_a_pack_is_compared_with_its_objects_ahead_too():
    members = history(200)
    with Scratch() as scratch, Server(whole(members), delay=0.05) as server:
        keys, pack = keys_of(scratch, members), os.path.join(scratch, "h.pack")
        expect_status(refold("pack", "-q", "-o", pack, "--keys", keys, server.base), 0, "pack")
        expect(len(server.paths), 200, "requests of the pack")
        server.most_at_once = 0
        result = run_json("--no-compare", "-a", ORDER, "-j", 2, "--keys", keys, pack, server.base)
        expect_status(result, 0, "both")
        expect((result.report["history"]["folded"], len(server.paths)), (600, 400), "each was read once more")
        assert server.most_at_once > 16, server.most_at_once


def test_rates_and_connections_are_as_the_user_says():
    members = history(30)
    with Scratch() as scratch, Server(whole(members), delay=0.02) as server:
        keys = keys_of(scratch, members)
        started = time.monotonic()
        result = run_json("--no-compare", "-a", ORDER, "--connections", 2, "--requests-per-second", 20, "--keys", keys,
                          server.base)
        expect_status(result, 0, "run")
        assert time.monotonic() - started > 1.3, "30 requests, of which two are free"
        assert server.most_at_once <= 2 and server.connections <= 2, (server.most_at_once, server.connections)


class Chances:
    """For each request by chance what a server or a network may do; from the fourth of an object on it is well."""

    def __init__(self, members, seed):
        self.members, self.random = members, random.Random(seed)

    def __call__(self, server, path, number, headers):
        data = self.members[path[1:]]
        tag = {"ETag": etag(data)}
        kind = self.random.choice("wwwwwsohcrl") if number < 4 else "w"
        if kind == "s":
            return 503, {"Content-Length": 4}, b"slow", True
        if kind == "o":
            return self.random.choice([408, 500, 502, 504, 429]), {"Content-Length": 0}, b"", True
        if kind == "h":
            return None
        if kind == "l":
            return 200, {"Content-Length": 5}, b"", False
        at = 0
        status, more = 200, {}
        if "range" in headers and headers.get("if-range") == tag["ETag"] and self.random.random() < 0.7:
            at = int(headers["range"].removeprefix("bytes=").removesuffix("-"))
            status, more = 206, {"Content-Range": "bytes %d-%d/%d" % (at, len(data) - 1, len(data))}
        rest = data[at:]
        if kind == "c":
            return status, {"Content-Length": len(rest), **tag, **more}, rest[:self.random.randrange(len(rest))], False
        if kind == "r" and status == 200:
            body = b"".join(b"%x\r\n%s\r\n" % (len(rest[i:i + 999]), rest[i:i + 999]) for i in range(0, len(rest), 999))
            return status, {"Transfer-Encoding": "chunked", **tag}, body + b"0\r\n\r\n", True
        return status, {"Content-Length": len(rest), **tag, **more}, rest, True


@sampled
def test_whatever_servers_do_it_is_the_report_of_the_folder_or_exit_4():
    members = history(40, 20000)
    with Scratch() as scratch:
        folder = os.path.join(scratch, "h")
        for key, data in members.items():
            write_bytes(os.path.join(folder, key), data)
        wanted = run_json("--no-compare", "-a", ORDER, folder)
        expect_status(wanted, 0, "folder")
        keys = keys_of(scratch, members)

        def one(seed):
            chance = random.Random(seed)
            with Server(Chances(members, seed), delay=lambda: chance.random() * 0.01) as server:
                result = run_json("--no-compare", "-a", ORDER, "-j", chance.choice([1, 2, 5]), "--connections",
                                  chance.choice([1, 3, 32]), "--keys", keys, server.base, env=PATIENT)
                assert len(server.paths) <= 3 * len(members), (seed, len(server.paths))
            if result.status == 0:
                expect(comparable(result.report), comparable(wanted.report), "seed %d" % seed)
            else:
                expect_status(result, 4, "seed %d" % seed)
            return result.status

        statuses = parallel(one, part_of(range(24), 3))
        # Budgets of time end where most of all is failure; half of the runs get through, on a busy machine too.
        assert statuses.count(0) >= len(statuses) // 2, statuses


class Raw:
    """Sends the same bytes to whoever asks: `front`, and then `more` for ever."""

    def __init__(self, front, more=b""):
        self.front, self.more = front, more
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.base = "http://127.0.0.1:%d/" % self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        try:
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self.talk, args=(connection,), daemon=True).start()
        except OSError:
            pass

    def talk(self, connection):
        try:
            with connection:
                connection.recv(65536)
                connection.sendall(self.front)
                while self.more:
                    connection.sendall(self.more)
        except OSError:
            pass


def test_answers_that_are_none_neither_hang_nor_fill_memory():
    ok = b"HTTP/1.1 200 OK\r\n"
    rows = [
        ("headers without an end", ok, b"X: y\r\n" * 500, "cannot be fetched"),
        ("a header without an end", ok + b"X: ", b"y" * 9000, "cannot be fetched"),
        ("100 for ever", b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 50, "cannot be fetched"),
        ("an error without an end", b"HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n",
         b"1000\r\n" + b"<" * 4096 + b"\r\n", "HTTP status 403"),
        ("a body without an end", ok + b"Transfer-Encoding: chunked\r\n\r\n", b"1000\r\n" + b" " * 4096 + b"\r\n",
         "more than --max-bytes 64M allows"),
        ("a length that is no number", ok + b"Content-Length: -5\r\n\r\nx", b"", "cannot be fetched"),
        ("a length beyond all", ok + b"Content-Length: 99999999999999999999999\r\n\r\nx", b"", "neither its length"),
        ("two lengths", ok + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n     ", b"", "cannot be fetched"),
        ("a NUL", ok + b'ETag: "a\0b"\r\nContent-Length: 1\r\n\r\n ', b"", "cannot be fetched"),
        ("no head", b'{"t":"OrderCreated"}', b"", "cannot be fetched"),
        ("a chunk beyond all", ok + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nx", b"", "cannot be fetched"),
        ("a status that is none", b"HTTP/1.1 999 X\r\nContent-Length: 0\r\n\r\n", b"", "HTTP status 999"),
        ("control characters", b"HTTP/1.1 302 X\r\nLocation: http://e\x1b[31m.example/\x07\r\nContent-Length: 0\r\n\r\n", b"",
         "http://e\\x1B[31m.example/"),
    ]
    with Scratch() as scratch:
        keys = keys_of(scratch, history(2))

        def one(row):
            what, front, more, says = row
            server = Raw(front, more)
            result = run_json("--no-compare", "-a", ORDER, "--max-bytes", "64M", "--keys", keys, server.base,
                              env={"REFOLD_PATIENCE": "0.03"})
            server.listener.close()
            expect_status(result, 4, what)
            expect(says in result.stderr, True, what + ": " + result.stderr)
            assert "\x1b" not in result.stderr, what
            assert result.report["timing"]["peak_bytes"] < 256 << 20, what

        parallel(one, rows)


def test_over_http_2_what_memory_does_not_hold_is_gone_on_with():
    members = history(10, 1 << 20)
    nginx = servers.nginx()
    nginx.put({"large/" + key: data for key, data in members.items()})
    few = ["--no-compare", "-a", ORDER, "-j", 1, "--memory", "2M"]
    with Scratch() as scratch:
        wanted = run_json(*few, os.path.join(nginx.folder, "large"))
        expect_status(wanted, 0, "folder")
        before = len(nginx.requests())
        result = run_json(*few, "--keys", keys_of(scratch, members), nginx.tls_base + "/plain/large/",
                          env={"SSL_CERT_FILE": nginx.certificate})
        expect_status(result, 0, "over HTTP/2")
        expect(comparable(result.report), comparable(wanted.report), "the same report")
        asked = [(protocol, status) for _, _, status, protocol, *_ in nginx.requests()[before:]]
        expect(asked.count(("HTTP/2.0", "200")), 10, repr(asked))
        # Half a MiB is fetched ahead: of the rest some is broken off, and asked for from there on.
        assert asked.count(("HTTP/2.0", "206")) > 0, asked
    shutil.rmtree(os.path.join(nginx.folder, "large"))


def interrupt_after(seconds, arguments, env):
    process = subprocess.Popen([REFOLD, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env={**os.environ, **env})
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    sent = time.monotonic()
    _, said = process.communicate(timeout=60)
    return process.returncode, time.monotonic() - sent, said.decode()


def test_ctrl_c_ends_transfers_within_two_seconds():
    members = history(200)
    well = whole(members)

    def stalls(server, path, number, headers):
        data = members[path[1:]]
        return 200, {"Content-Length": len(data) + 1}, data, True

    def wants_a_pause(server, path, number, headers):
        return 503, {"Content-Length": 0, "Retry-After": "30"}, b"", True

    def hides(server, path, number, headers):
        server.pause = 30
        return well(server, path, number, headers)

    with Scratch() as scratch:
        keys = keys_of(scratch, members)
        for what, answer, more in (("a stall", stalls, []), ("Retry-After", wants_a_pause, []),
                                   ("no answer", hides, ["-j", 1, "--connections", 1]),
                                   ("a rate", well, ["--requests-per-second", "0.01"]),
                                   ("a bandwidth", well, ["--bandwidth", "1K"])):
            with Server(answer) as server:
                status, seconds, said = interrupt_after(
                    1, ["run", "--no-compare", "-a", ORDER, "--keys", keys, *more, server.base], {})
                expect(status, -signal.SIGINT, what + ": " + said)
                assert seconds < 2, (what, seconds)
                expect("ended by signal 2" in said, True, what + ": " + said)
