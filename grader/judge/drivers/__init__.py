"""What the judge sends into the cell to train: loops and models of the grader, not of a suite.

    loop      the same for every recipe
    images    models of images
    text      models of text
    drawn     models of data that are drawn anew in each attempt

`text_of` cuts out what one model needs. So a cell holds nothing else, and the hash of a recipe
does not change when another recipe does.
"""

from __future__ import annotations

from pathlib import Path

from grader.judge import source

FILES = tuple(
    Path(__file__).with_name(name) for name in ("images.py", "text.py", "drawn.py", "loop.py")
)
ENTRIES = ("begin", "advance", "predict")
"""The functions that the judge calls."""


def text_of(model: str) -> str:
    """Return the Python text that trains one model.

    Args:
        model: A class of one of the files.

    Returns:
        The imports, and every definition that the class and the loop refer to, as they stand.
    """
    imports = "\n".join(source.imports(FILES, but="grader"))
    return f"{imports}\n\n\n{source.closure(FILES, (model, *ENTRIES))}"
