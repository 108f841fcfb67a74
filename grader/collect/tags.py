"""Cells that their author took out of the grading with a tag.

A notebook is also a place to try things. A cell with the tag `autograde-ignore` is no part of
the hand-in; nbconvert knows how to take tagged cells out.
"""

from __future__ import annotations

from typing import Any

IGNORE_TAG = "autograde-ignore"
MAX_TAGS = 20


def kept_tags(cell: Any) -> list[str]:
    """Return the only tag of a raw cell that means anything here, if the cell has it."""
    metadata = cell.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    known = isinstance(tags, list) and IGNORE_TAG in tags[:MAX_TAGS]
    return [IGNORE_TAG] if known else []


def drop_ignored(book: Any) -> tuple[list[Any], list[int]]:
    """Take the tagged cells out of a validated notebook.

    Args:
        book: A notebook of format 4 whose cells have their `number` in their metadata.

    Returns:
        The cells that are left, and the numbers of those that are not.
    """
    ignored = [c.metadata["number"] for c in book.cells if IGNORE_TAG in c.metadata["tags"]]
    if not ignored:
        return list(book.cells), []
    # Importing nbconvert takes 0.24 s, which only a notebook with such a tag has to pay.
    from nbconvert.preprocessors import TagRemovePreprocessor

    remover: Any = TagRemovePreprocessor(  # type: ignore[no-untyped-call]
        remove_cell_tags={IGNORE_TAG}
    )
    left, _ = remover.preprocess(book, {})
    return list(left.cells), ignored
