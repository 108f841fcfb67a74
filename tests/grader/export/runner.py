"""What GitHub Actions makes of the lines that a job prints."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_COMMAND = re.compile(r"\s*::(?P<name>[^\s:]+)(?: (?P<properties>[^\n]*?))?::(?P<text>.*)")


@dataclass
class Command:
    """One command that Actions obeyed, its escapes undone."""

    name: str
    text: str
    properties: dict[str, str] = field(default_factory=dict)


def obeyed(printed: str) -> list[Command]:
    """Read everything that a job printed, as the runner does: line by line."""
    found: list[Command] = []
    token = ""
    for line in re.split(r"\r\n|\r|\n", printed):
        if token:
            token = "" if line.strip() == f"::{token}::" else token
            continue
        match = _COMMAND.match(line)
        if match is None:
            assert "##[" not in line, f"an old-style command: {line}"
        elif match["name"] == "stop-commands":
            token = match["text"]
        else:
            pairs = (pair.partition("=") for pair in (match["properties"] or "").split(","))
            properties = {key.strip(): _plain(value) for key, _, value in pairs if key}
            found.append(Command(match["name"], _plain(match["text"]), properties))
    assert not token, "commands were never switched on again"
    return found


def _plain(text: str) -> str:
    for escape, character in (
        ("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%"),
    ):  # fmt: skip
        text = text.replace(escape, character)
    return text
