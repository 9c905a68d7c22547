# SPDX-License-Identifier: MIT
"""Answers over HTTP that are none, byte by byte as no server library would send them."""

import socket
import threading

from net_test import history, keys_of, ORDER
from support import expect, expect_status, parallel, run_json, Scratch


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
