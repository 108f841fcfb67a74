"""`request.json`: what was asked of a folder of results, for the commands that follow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import msgspec

from grader import report
from grader.batch.intake import Policy
from grader.errors import UsageError
from grader.model import Device

FILE_NAME = "request.json"
SCHEMA = "autograde/request/v1"
_LIMIT_BYTES = 2**20

Text = Annotated[str, msgspec.Meta(max_length=4096)]


class StoredRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `autograde batch` was asked for, as far as it matters later.

    Attributes:
        root: The folder of the class.
        exercises: Ids of those to grade, in course order.
        roster: Who is in the class; empty to look in `root`.
        policy: Which of several attempts counts.
        level: Isolation asked for by name; None for the best of the host.
        language: Of the page of the class; None for the course's own.
        pseudonyms: Whether that page names nobody.
        gradebook: URL asked for by name, without a password; empty for the usual one.
        training: Whether the tests that train are run.
        device: Where they may do so.
        schema: Always `SCHEMA`.
    """

    root: Text
    exercises: tuple[Text, ...]
    roster: Text
    policy: Policy
    level: int | None
    language: Text | None
    pseudonyms: bool
    gradebook: Text
    training: bool = True
    device: Device = Device.AUTO
    schema: Text = SCHEMA


def write_request(folder: Path, request: StoredRequest) -> None:
    """Keep a request beside its results.

    Raises:
        UsageError: If it cannot be written.
    """
    text = json.dumps(msgspec.to_builtins(request), indent=1, ensure_ascii=False)
    report.write_text(folder / FILE_NAME, text + "\n")


def read_request(folder: Path) -> StoredRequest | None:
    """Read it back; None if nothing was asked there, or only by an earlier version.

    Raises:
        UsageError: If the file is damaged, or of another version.
    """
    path = folder / FILE_NAME
    what_now = "Run `autograde batch ROOT --out DIR` again; it repeats nothing that is graded."
    try:
        with path.open("rb") as file:
            found = msgspec.json.decode(file.read(_LIMIT_BYTES), type=StoredRequest)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        what = f"the file cannot be read ({error.strerror})."
        raise UsageError(str(path), what, what_now) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(str(path), f"the file is damaged ({error}).", what_now) from None
    if found.schema != SCHEMA:
        raise UsageError(str(path), "it is of another version of autograde.", what_now)
    return found
