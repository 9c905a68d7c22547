# SPDX-License-Identifier: MIT
"""JSON pointers: values left out, and JSON Patches applied (RFC 6901, 6902)."""

import copy


def _steps(pointer):
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def _drop(value, steps):
    if isinstance(value, dict):
        for key in list(value):
            if steps[0] in ("*", key):
                if len(steps) == 1:
                    del value[key]
                else:
                    _drop(value[key], steps[1:])


def without(value, pointers):
    """The value without what the pointers name; "*" stands for any one step."""
    found = copy.deepcopy(value)
    for pointer in pointers:
        _drop(found, _steps(pointer))
    return found


def get(value, pointer):
    """What stands there, or None."""
    for step in _steps(pointer):
        if not isinstance(value, dict) or step not in value:
            return None
        value = value[step]
    return value


def patch(value, changes):
    """The value behind a patch of objects; KeyError where it does not fit."""
    found = copy.deepcopy(value)
    for change in changes:
        steps = _steps(change["path"])
        if not steps:
            found = change["value"]
            continue
        place = found
        for step in steps[:-1]:
            place = place[step]
        if change["op"] in ("remove", "replace") and steps[-1] not in place:
            raise KeyError(change["path"])
        if change["op"] == "remove":
            del place[steps[-1]]
        else:
            place[steps[-1]] = change["value"]
    return found
