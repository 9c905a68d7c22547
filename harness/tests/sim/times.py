# SPDX-License-Identifier: MIT
"""Instants as nanoseconds since 1970, and how they are written."""

import datetime
import re

from jsontext import Num, is_integer

_RFC3339 = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d)(?::?(\d\d))?)(?:\[[A-Za-z0-9_.+/=-]+\])*", re.A)
_EPOCH = datetime.date(1970, 1, 1).toordinal()
DAY = 86400
BEGIN = -62135596800 * 10**9  # of year 1: a zone may lead out of it
END = 253402300800 * 10**9  # of year 9999


def parse(text):
    """Nanoseconds, or None where the text is no time."""
    found = _RFC3339.fullmatch(text)
    if not found:
        return None
    year, month, day, hour, minute, second, fraction, sign, off_hours, off_minutes = found.groups()
    try:
        days = datetime.date(int(year), int(month), int(day)).toordinal() - _EPOCH
    except ValueError:
        return None
    if int(hour) > 23 or int(minute) > 59 or int(second) > 59:
        return None
    seconds = days * DAY + int(hour) * 3600 + int(minute) * 60 + int(second)
    if sign:
        if int(off_hours) > 23 or int(off_minutes or 0) > 59:
            return None
        offset = int(off_hours) * 3600 + int(off_minutes or 0) * 60
        seconds -= offset if sign == "+" else -offset
    nanos = seconds * 10**9 + int(((fraction or "") + "000000000")[:9])
    return nanos if BEGIN <= nanos < END else None


def of_value(value):
    """An event's `at`: RFC 3339, or a number: seconds where its magnitude is below 1e11, else the largest unit (milliseconds,
    micro-, nano-; before 1970 only the first) with which it is in front of year 10,000. None: neither."""
    if type(value) is str:
        return parse(value)
    if isinstance(value, Num) and is_integer(value):
        number = int(value)
        units = (10**9,) if abs(number) < 10**11 else (10**6, 10**3, 1) if number > 0 else (10**6,)
        return next((number * unit for unit in units if BEGIN <= number * unit < END), None)
    return None


def show(nanos):
    """RFC 3339 in UTC, no trailing zeros in the fraction."""
    seconds, fraction = divmod(nanos, 10**9)
    days, rest = divmod(seconds, DAY)
    text = "%sT%02d:%02d:%02d" % (datetime.date.fromordinal(days + _EPOCH).isoformat(), rest // 3600, rest // 60 % 60,
                                  rest % 60)
    return text + ((".%09d" % fraction).rstrip("0") if fraction else "") + "Z"


def show_at(nanos, minutes, digits, form="%s%s%02d:%02d"):
    """The same instant as a clock `minutes` ahead of UTC shows it, with at least so many digits of a fraction."""
    text = show(nanos + minutes * 60 * 10**9)[:-1]
    if digits:
        front, _, fraction = text.partition(".")
        text = front + "." + fraction.ljust(digits, "0")
    return form % (text, "-" if minutes < 0 else "+", abs(minutes) // 60, abs(minutes) % 60)


def hours_of(year, month, day, hour):
    """A folder's hour as a number, or None where there is no such day."""
    try:
        return (datetime.date(year, month, day).toordinal() - _EPOCH) * 24 + hour if hour < 24 else None
    except ValueError:
        return None


def folder(hours):
    """(year, month, day, hour) of an hour's number."""
    day = datetime.date.fromordinal(hours // 24 + _EPOCH)
    return day.year, day.month, day.day, hours % 24
