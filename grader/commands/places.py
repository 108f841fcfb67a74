"""Which gradebook belongs to a folder of results, and who decides."""

from __future__ import annotations

import subprocess
from pathlib import Path

from sqlalchemy import URL, make_url

from grader.batch.request import read_request
from grader.errors import UsageError
from grader.gradebook import address_of
from grader.model import Course

_GIT_TIMEOUT_S = 10
_LONGEST = 200


def address(folder: Path, course: Course, asked: str | None) -> URL:
    """Tell where the gradebook of a folder is.

    Args:
        folder: What `autograde batch --out` wrote, or will write.
        course: The course.
        asked: URL on the command line; None if there was none.

    Returns:
        What was asked for now, else for this folder before, else by the course, else the file
        in the folder.

    Raises:
        UsageError: If it is no URL of a gradebook.
    """
    return address_of(asked or kept(folder, None) or course.gradebook or folder)


def kept(folder: Path, asked: str | None) -> str:
    """Give the URL to keep in a folder: the one named now or before, without its password."""
    if asked:
        address_of(asked)
        return make_url(asked)._replace(password=None).render_as_string()
    before = read_request(folder)
    return "" if before is None else before.gradebook


def author(named: str | None) -> str:
    """Tell who decides: who was named, else whom git knows.

    Raises:
        UsageError: If nobody is known.
    """
    name = named if named is not None else _git("user.name")
    email = "" if named is not None else _git("user.email")
    found = " ".join(f"{name} <{email}>".split() if name and email else name.split())
    if not found:
        what = "a decision has an author, and git does not know your name."
        raise UsageError("--by", what, "Pass --by NAME, or set it with `git config user.name`.")
    if len(found) > _LONGEST:
        raise UsageError("--by", f"a name has {_LONGEST} characters at most.", "Shorten it.")
    return found


def _git(key: str) -> str:
    try:
        done = subprocess.run(
            ["git", "config", "--get", key],  # noqa: S607 - the user's own git
            capture_output=True,
            text=True,
            check=False,
            timeout=_GIT_TIMEOUT_S,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()
