"""`submission_metadata.yml` of a Gradescope export: who handed in what, and when.

The file is written by Ruby: keys are symbols with a leading colon, and whole results of past
runs stand in it. So it is read event by event; no tag is followed, no object is built, and what
is not asked for is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.errors import UsageError

METADATA = "submission_metadata.yml"
LIMIT_BYTES = 256 * 2**20
_NAME_LIMIT = 200
_DEPTH_LIMIT = 64


@dataclass(frozen=True, slots=True)
class Listed:
    """One submission of the export.

    Attributes:
        folder: Its folder, for instance `submission_87184652`.
        submitters: One map each with `name`, `sid` and `email`, as far as they are known.
        created_at: The time as it is written; may be empty.
    """

    folder: str
    submitters: tuple[dict[str, str], ...]
    created_at: str


def read_metadata(path: Path) -> tuple[Listed, ...]:
    """Read who handed in what.

    Args:
        path: The file.

    Raises:
        UsageError: If it cannot be read or is no such file.
    """
    import yaml

    again = "Export the submissions once more, and unpack the whole archive."
    try:
        if path.stat().st_size > LIMIT_BYTES:
            raise UsageError(str(path), "the file is larger than any such export.", again)
        with path.open("rb") as file:
            events = yaml.parse(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
            return tuple(_Reader(iter(events)).submissions())
    except OSError as error:
        raise UsageError(str(path), f"the file cannot be read ({error.strerror}).", again) from None
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        reason = " ".join(str(error).split())[:_NAME_LIMIT]
        raise UsageError(str(path), f"this is no such export: {reason}.", again) from None


class _Reader:
    """Takes apart one stream of events."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._anchors: dict[str, str] = {}

    def submissions(self) -> Iterator[Listed]:
        """Walk the map at the top of the document."""
        for kind in ("StreamStart", "DocumentStart", "MappingStart"):
            event = next(self._events)
            if type(event).__name__ != f"{kind}Event":
                msg = f"it begins with {type(event).__name__} where a map of submissions should be"
                raise ValueError(msg)
        for folder, event in self._pairs():
            if type(event).__name__ == "MappingStartEvent":
                yield self._submission(folder)
            else:
                self._skip(event)

    def _submission(self, folder: str) -> Listed:
        submitters: list[dict[str, str]] = []
        created_at = ""
        for key, event in self._pairs():
            kind = type(event).__name__
            if key == "submitters" and kind == "SequenceStartEvent":
                submitters = list(self._people())
            elif key == "created_at":
                created_at = self._text(event)
            else:
                self._skip(event)
        return Listed(folder, tuple(submitters), created_at)

    def _people(self) -> Iterator[dict[str, str]]:
        while type(event := next(self._events)).__name__ != "SequenceEndEvent":
            if type(event).__name__ != "MappingStartEvent":
                self._skip(event)
                continue
            yield {key: self._text(value) for key, value in self._pairs()}

    def _pairs(self) -> Iterator[tuple[str, Any]]:
        """Yield key and first event of the value; the caller takes the rest of the value."""
        while type(event := next(self._events)).__name__ != "MappingEndEvent":
            yield self._text(event).removeprefix(":"), next(self._events)

    def _text(self, event: Any) -> str:
        """Read a scalar, or an alias of one; anything else is passed over and empty."""
        kind = type(event).__name__
        if kind == "AliasEvent":
            return self._anchors.get(event.anchor, "")
        if kind != "ScalarEvent":
            self._skip(event)
            return ""
        text = str(event.value)[:_NAME_LIMIT]
        if event.anchor:
            self._anchors[event.anchor] = text
        return text

    def _skip(self, event: Any) -> None:
        depth = 0
        while True:
            name = type(event).__name__
            depth += name.endswith("StartEvent")
            depth -= name.endswith("EndEvent")
            if name == "ScalarEvent" and event.anchor:
                self._anchors[event.anchor] = str(event.value)[:_NAME_LIMIT]
            if depth > _DEPTH_LIMIT:
                msg = "it is nested too deeply"
                raise ValueError(msg)
            if depth == 0:
                return
            event = next(self._events)
