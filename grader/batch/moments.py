"""Times as the systems write them into file names and files."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)[ T_](\d\d)[:_-](\d\d)[:_-](\d\d)(?:[.,](\d{1,9}))?[ _]*(.*)", re.DOTALL
)
_MICROSECOND_DIGITS = 6
_OFFSET = re.compile(r"[+-]\d\d(?::?\d\d)?")
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_/+-]*")
# What `%Z` writes where the time zone database has no entry of that name. CST, IST and AST are
# left out: each is written in countries that are hours apart.
_HOURS = {
    "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MET": 1, "CEST": 2, "MEST": 2,
    "EET": 2, "EEST": 3, "SAST": 2, "EAT": 3, "MSK": 3, "HKT": 8, "AWST": 8, "JST": 9, "KST": 9,
    "ACST": 9.5, "AEST": 10, "ACDT": 10.5, "AEDT": 11, "NZST": 12, "NZDT": 13, "NST": -3.5,
    "NDT": -2.5, "ADT": -3, "EDT": -4, "EST": -5, "CDT": -5, "MDT": -6, "MST": -7, "PDT": -7,
    "PST": -8, "AKDT": -8, "AKST": -9, "HST": -10,
}  # fmt: skip


def read_moment(text: str) -> datetime | None:
    """Read a time such as `2026-10-01 14:32:05.123456789 Z` or `... Europe/Vienna`.

    Args:
        text: What stands in the file or the name.

    Returns:
        The moment (aware, UTC), or None if it is none, or in a zone that nobody knows. Without a
        zone it is taken as UTC.
    """
    match = _MOMENT.fullmatch(text.strip().strip("'\""))
    if match is None:
        return None
    day, hour, minute, second, fraction, zone = match.groups()
    micro = (fraction or "0")[:_MICROSECOND_DIGITS].ljust(_MICROSECOND_DIGITS, "0")
    try:
        offset = _OFFSET.fullmatch(zone.strip())
        if offset:
            written = f"{day}T{hour}:{minute}:{second}.{micro}{offset.group()}"
            return datetime.fromisoformat(written).astimezone(UTC)
        moment = datetime.fromisoformat(f"{day}T{hour}:{minute}:{second}.{micro}")
        return moment.replace(tzinfo=_zone(zone.strip())).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def is_moment(text: str) -> bool:
    """Tell whether a text is a time, also in a zone that nobody knows, as `... CST`."""
    match = _MOMENT.fullmatch(text.strip())
    if match is None:
        return False
    zone = match.groups()[-1]
    there = text.strip().removesuffix(zone) if _ZONE.fullmatch(zone) else text
    return read_moment(there) is not None


def _zone(name: str) -> tzinfo:
    if name in {"", "Z"}:
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:  # unknown; on some systems a folder's name
        if name in _HOURS:
            return timezone(timedelta(hours=_HOURS[name]))
        msg = f"{name} is no time zone"
        raise ValueError(msg) from error
