# SPDX-License-Identifier: MIT
"""What an object's key tells: whether a packer named it, its stream, its hour, an error prefix."""

import functools
import re

from times import hours_of

_FIREHOSE = re.compile(r"(?P<stream>[A-Za-z0-9_.-]+?)(?:-\d+)?-\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d"
                       r"-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:\.[0-9a-z!_.*'()-]+)?")
_SUFFIXES = (".json", ".jsonl", ".jsonlines", ".ndjson", ".gz", ".gzip", ".zip", ".snappy", ".hsnappy", ".zst", ".zstd",
             ".bz2", ".xz", ".lz4")
_ERRORS = ("processing-failed", "format-conversion-failed", "elasticsearch-failed", "splunk-failed",
           "http-endpoint-failed")
_HOURS = (re.compile(r"(\d{4})/(\d\d)/(\d\d)/(\d\d)$"),
          re.compile(r"year=(\d{4})/month=(\d\d)/day=(\d\d)/hour=(\d\d)$"))


class Key:
    def __init__(self, key):
        folders, _, name = key.rpartition("/")
        found = _FIREHOSE.fullmatch(name)
        self.firehose = found is not None
        self.stream = found.group("stream") if found else None
        self.packer = self.firehose or name.endswith(_SUFFIXES)
        self.hidden = any(part.startswith(("_", ".")) for part in key.split("/"))
        self.errors = any(part in _ERRORS for part in folders.split("/"))
        self.hour = None
        for form in _HOURS:
            hour = form.search(folders)
            if hour:
                self.hour = hours_of(*map(int, hour.groups()))


#: folders that only the config's "layout" explains
OWN_LAYOUT = "d!{timestamp:yyyyMMdd}T!{timestamp:HH}/"
_OWN = re.compile(r"(?:^|.*/)d(\d{4})(\d\d)(\d\d)T(\d\d)/[^/]*$", re.S)


def hour_of(key, layout):
    """The hour that an object's folders tell, or None."""
    usual = of(key)
    if layout is None or usual.errors and usual.hour is not None:
        return usual.hour
    found = _OWN.match(key)
    return hours_of(*map(int, found.groups())) if found else None


of = functools.lru_cache(maxsize=None)(Key)
