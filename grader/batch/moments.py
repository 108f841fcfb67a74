"""Times as the systems write them into file names and files."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)[ T_](\d\d)[:_-](\d\d)[:_-](\d\d)(?:[.,](\d{1,9}))?[ _]*(.*)", re.DOTALL
)
_MICROSECOND_DIGITS = 6


def read_moment(text: str) -> datetime | None:
    """Read a time such as `2026-10-01 14:32:05.123456789 Z` or `... Europe/Vienna`.

    Args:
        text: What stands in the file or the name.

    Returns:
        The moment (aware, UTC), or None if it is none. Without a zone it is taken as UTC.
    """
    match = _MOMENT.fullmatch(text.strip().strip("'\""))
    if match is None:
        return None
    day, hour, minute, second, fraction, zone = match.groups()
    micro = (fraction or "0")[:_MICROSECOND_DIGITS].ljust(_MICROSECOND_DIGITS, "0")
    try:
        offset = re.fullmatch(r"[+-]\d\d:?\d\d", zone.strip())
        if offset:
            written = f"{day}T{hour}:{minute}:{second}.{micro}{offset.group()}"
            return datetime.fromisoformat(written).astimezone(UTC)
        moment = datetime.fromisoformat(f"{day}T{hour}:{minute}:{second}.{micro}")
        return moment.replace(tzinfo=_zone(zone.strip())).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo("UTC" if name in {"", "Z"} else name)
    except (KeyError, OSError) as error:  # an unknown zone; on some systems a folder's name
        msg = f"{name} is no time zone"
        raise ValueError(msg) from error
