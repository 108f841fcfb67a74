"""Names inside a hand-in: which are refused, which count as the same, how they are shown."""

from __future__ import annotations

import re
import unicodedata

from grader.collect.limits import IntakeLimits, Refused

SHOWN_LENGTH = 120
_DRIVE = re.compile(r"[A-Za-z]:")
# Reserved by Windows with any suffix: opening one there talks to a device.
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE)


def check_name(name: str, limits: IntakeLimits) -> tuple[str, ...]:
    """Split a name from an archive into its parts, or refuse it.

    Args:
        name: As it stands in the archive, with `/` between folders and after a folder.
        limits: For its length and depth.

    Raises:
        Refused: If the name could mean a place outside the folder that it is read from, on any
            system, or cannot be shown to people.
    """
    if len(name) > limits.name_length:
        raise Refused(f"has a name of {len(name)} characters; {limits.name_length} are allowed")
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in name):
        raise Refused("has a control character in its name")
    if "\\" in name:
        raise Refused("has a backslash in its name")
    if name.startswith("/"):
        raise Refused("has an absolute path for a name")
    if _DRIVE.match(name):
        raise Refused("has a drive letter in its name")
    parts = tuple(name.removesuffix("/").split("/"))
    if len(parts) > limits.depth:
        raise Refused(f"lies {len(parts)} folders deep; {limits.depth} are allowed")
    for part in parts:
        if part in {"", ".", ".."}:
            raise Refused(f"has {part!r} as a part of its name")
        if _DEVICE.match(part) or part != part.rstrip(" .") or ":" in part:
            raise Refused("has a name that means something else on Windows")
    return parts


def same(name: str) -> str:
    """Give the key under which two names are one file on some file system."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def shown(text: str, length: int = SHOWN_LENGTH) -> str:
    """Make a stranger's text safe to print: one line, no invisible characters, not too long."""
    cut = text if len(text) <= length else text[: length - 1] + "…"
    # Categories C*: control, format (bidi overrides, zero-width), surrogate, private, unassigned.
    return "".join(
        character
        if not unicodedata.category(character).startswith(("C", "Zl", "Zp"))
        else character.encode("unicode_escape", "backslashreplace").decode("ascii")
        for character in cut
    )
