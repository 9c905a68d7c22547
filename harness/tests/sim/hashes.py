# SPDX-License-Identifier: MIT
"""The contract's hashes ("Hashes"). XXH3 itself is the library's: no Python package is needed for it."""

import ctypes
import struct

from jsontext import Num

_LIBRARY = ctypes.CDLL("libxxhash.so.0")
_XXH3 = _LIBRARY.XXH3_64bits_withSeed
_XXH64 = _LIBRARY.XXH64
for _function in (_XXH3, _XXH64):
    _function.argtypes = (ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64)
    _function.restype = ctypes.c_uint64

_U64 = struct.Struct("<Q").pack
_TWO = struct.Struct("<QQ").pack
_EVENT = struct.Struct("<qqqQQ").pack
_MASK = (1 << 64) - 1
NO_TIME = -(1 << 63)


def xxh3(data, seed):
    return _XXH3(data, len(data), seed)


def utf8(text):
    return text.encode("utf-8", "surrogateescape")


def hash_value(value):
    """H of the contract."""
    if isinstance(value, Num):
        return xxh3(utf8(value), 1)
    if isinstance(value, str):
        return xxh3(utf8(value), 2)
    if isinstance(value, dict):
        total = sum(xxh3(_TWO(xxh3(utf8(key), 2), hash_value(item)), 5) for key, item in value.items())
        return xxh3(_TWO(total & _MASK, len(value)), 6)
    if isinstance(value, list):
        found = 4
        for item in value:
            found = xxh3(_U64(hash_value(item)), found)
        return found
    return xxh3(b"null" if value is None else b"true" if value else b"false", 3)


def next_digest(digest, version, at, kind, data_hash):
    """The digest of an instance's events, one event further. `at` in nanoseconds, or None."""
    seconds, nanos = (NO_TIME, 0) if at is None else divmod(at, 10**9)
    return xxh3(_EVENT(version, seconds, nanos, xxh3(utf8(kind), 7), data_hash), digest)


def xxh64(text):
    """16 hex digits."""
    data = utf8(text)
    return "%016x" % _XXH64(data, len(data), 0)
