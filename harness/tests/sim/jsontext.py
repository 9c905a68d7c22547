# SPDX-License-Identifier: MIT
"""JSON as the contract reads it: number tokens as they are written, repeated keys remembered; and canonical text."""

import json
import re
from json.encoder import encode_basestring as quote


class Num(str):
    """A number's token: 1, 1.0 and 1e0 are three."""


class Obj(dict):
    """An object that knows which of its keys occur twice."""
    repeated = ()


def _pairs(pairs):
    found = Obj(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        found.repeated = {key for key in keys if keys.count(key) > 1}
    return found


def _constant(text):
    raise ValueError("no JSON: " + text)


_DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_int=Num, parse_float=Num, parse_constant=_constant)


#: an escape that may be half of a pair; a half alone is no character
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_ALONE = re.compile("[\ud800-\udbff\udc00-\udfff]")


def read_at(text, at):
    """(value, where it ends). ValueError: no JSON stands there; json.JSONDecodeError tells where it stops."""
    value, end = _DECODER.raw_decode(text, at)
    if _HALF.search(text, at, end) and _ALONE.search(canonical(value)):
        raise json.JSONDecodeError("half a character", text, at)
    return value, end


def read_whole(text):
    """The one value of a text, blanks around it. ValueError"""
    value, end = read_at(text.lstrip(" \t\r\n"), 0)
    if text.lstrip(" \t\r\n")[end:].strip(" \t\r\n"):
        raise ValueError("more than one value")
    return value


def canonical(value):
    """Keys sorted, no white space, number tokens as they are. Sorting by code points is sorting by UTF-8."""
    kind = type(value)
    if kind is str:
        return quote(value)
    if kind is Num:
        return str.__str__(value)
    if kind is Obj or kind is dict:
        return "{" + ",".join([quote(key) + ":" + canonical(value[key]) for key in sorted(value)]) + "}"
    if kind is list:
        return "[" + ",".join([canonical(item) for item in value]) + "]"
    return json.dumps(value)


def write(value):
    """As canonical, in the order in which the keys stand: how records are written."""
    kind = type(value)
    if kind is Num:
        return str.__str__(value)
    if isinstance(value, dict):
        return "{" + ",".join([quote(key) + ":" + write(item) for key, item in value.items()]) + "}"
    if kind is list:
        return "[" + ",".join([write(item) for item in value]) + "]"
    return quote(value) if kind is str else json.dumps(value)


def is_integer(value):
    return type(value) is Num and "." not in value and "e" not in value and "E" not in value
