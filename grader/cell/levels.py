"""Which isolation level this machine gives, found by trying, and what would raise it."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from grader.cell.warm import WarmProcess
from grader.errors import CellError
from grader.model import Isolation

BOXED, FLAT, PLAIN = 3, 2, 0

SETTINGS = Path("/proc/sys")
_SWITCHES = (
    ("kernel/apparmor_restrict_unprivileged_userns", "1", "0"),
    ("kernel/unprivileged_userns_clone", "0", "1"),
    ("user/max_user_namespaces", "0", "65536"),
)
"""Kernel settings that keep a user from making namespaces: name, bad value, good value."""


def best_level() -> Isolation:
    """Return the highest level whose jail can be shut here, with the reason for not more."""
    if sys.platform != "linux":
        reason = "jails need Linux; this is another system"
        return Isolation(PLAIN, reason, "run the grader in Docker, Lima or WSL2")
    reason, remedy = why_not(BOXED)
    if not reason:
        return Isolation(BOXED)
    deeper, _ = why_not(FLAT)
    if not deeper:
        return Isolation(FLAT, reason, remedy)
    return Isolation(PLAIN, f"{deeper}; {reason}", remedy)


def why_not(level: int) -> tuple[str, str]:
    """Try a jail of a level.

    Args:
        level: 3 or 2.

    Returns:
        Why it cannot be had and the command that would change that; two empty texts if it can.
    """
    if level == BOXED and shutil.which("bwrap") is None:
        return "bubblewrap is not installed", "sudo apt-get install bubblewrap"
    warm = WarmProcess(boxed=level == BOXED, probe=True)
    try:
        hello = warm.hello()
    except CellError as error:
        lines = error.what_now.splitlines()
        return (lines[-1] if lines else error.what).removeprefix("it said: "), remedy(level)
    finally:
        warm.close()
    if hello["level"] < level:
        return hello["reason"], remedy(level)
    return "", ""


def remedy(level: int) -> str:
    """Return the command that lets users make namespaces; empty if none is known to help."""
    if level != BOXED:
        return ""
    for name, bad, good in _SWITCHES:
        file = SETTINGS / name
        if file.exists() and file.read_text(encoding="ascii").strip() == bad:
            return f"sudo sysctl -w {name.replace('/', '.')}={good}"
    return ""
