"""Switches off what intake checks and what the report escapes, in this process."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from typing import Any
from unittest import mock

from grader.collect import archive, python_file, tree
from grader.collect.limits import IntakeLimits
from grader.report import html, text

LOOSE = {
    "intake: size of code": IntakeLimits(source_kib=1 << 20),
    "intake: number of files": IntakeLimits(archive_members=1 << 30, folder_entries=1 << 30),
}
"""What is read without a limit."""


def _followed_links() -> AbstractContextManager[Any]:
    stack = ExitStack()
    for name in ("_FILE", "_FOLDER"):
        flags = getattr(tree, name) & ~os.O_NOFOLLOW
        stack.enter_context(mock.patch.object(tree, name, flags))
    stack.enter_context(
        mock.patch.object(
            tree,
            "_kind",
            lambda entry: tree.Kind.FOLDER if entry.is_dir() else tree.Kind.FILE,
        )
    )
    return stack


def _unescaped() -> AbstractContextManager[Any]:
    made = html._environment().overlay()
    made.autoescape = False
    return mock.patch.object(html, "_environment", return_value=made)


def switched_off(name: str) -> AbstractContextManager[Any]:
    """Switch off a layer of intake or of the report."""
    off = mock.patch.object
    switches: dict[str, Callable[[], AbstractContextManager[Any]]] = {
        "intake: links": _followed_links,
        "intake: names in archives": lambda: off(
            archive, "check_name", lambda name, limits: tuple(name.split("/"))
        ),
        "intake: links in archives": lambda: off(archive, "_check_member", lambda member: None),
        "intake: nesting": lambda: off(python_file, "parse", ast.parse),
        "report: escaping": _unescaped,
        "report: cleaning": lambda: off(text, "_escape", lambda words: words),
    }
    return switches.get(name, nullcontext)()
