"""Files written as a whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from grader.errors import UsageError


def write_text(path: Path, text: str) -> None:
    """Write a file as a whole or not at all: a reader never meets half of it.

    Args:
        path: The file to write; its folder is made if it is missing.
        text: What it shall hold; its line ends stay as they are.

    Raises:
        UsageError: If it cannot be written.
    """
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file of any kind as a whole or not at all.

    Args:
        path: The file to write; its folder is made if it is missing.
        content: What it shall hold.

    Raises:
        UsageError: If it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise _cannot_write(path, error) from error
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp gives 0600; a page or a result is for whoever may read the folder.
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def _cannot_write(path: Path, error: OSError) -> UsageError:
    """Say that a file cannot be written, and why."""
    return UsageError(
        str(path),
        f"the file cannot be written: {error.strerror or error}.",
        "Free some space, or name another place with --out; what stood there before is intact.",
    )
