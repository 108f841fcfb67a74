"""How the embedded sets were made: `python -m grader.data.make FASHION POEM HOUSES`.

FASHION is the folder of Debian's `dataset-fashion-mnist`, POEM the file of *Paradise Lost* in
the source distribution `shakespeare` 0.6, HOUSES the folder `modeldata/data` of Debian's
`r-cran-modeldata`. The result does not depend on time or machine.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.data import idx, rdata
from grader.data.sets import EMBEDDED, IMAGE_FILES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LIMIT_BYTES = 64 << 20
PER_CLASS = {"train": 500, "t10k": 200}
UNKNOWN = {("Electrical", "Unknown"), ("Lot_Frontage", "0"), ("Misc_Feature", "None")}
"""Cells, beside those that begin with `No_`, that say that nothing is known or there."""
LAST_LINE = "THE END OF THE FOURTH BOOK."


def balanced(labels: NDArray[np.uint8], per_class: int) -> NDArray[np.intp]:
    """Return the places of the first `per_class` examples of each class, in ascending order.

    Args:
        labels: (n,), a class per example.
        per_class: How many to take of each.
    """
    import numpy as np

    places = [np.flatnonzero(labels == kind)[:per_class] for kind in np.unique(labels)]
    return np.sort(np.concatenate(places))


def four_books(poem: str) -> str:
    """Return the first four books of the poem, without spaces at the ends of lines."""
    lines = [line.rstrip() for line in poem.splitlines()]
    end = next(number for number, line in enumerate(lines) if line.strip() == LAST_LINE)
    return "\n".join(lines[:end]).strip() + "\n"


def houses(columns: Mapping[str, Sequence[Any]]) -> str:
    """Return a table as CSV, blank where nothing is known, as in the files of the book.

    Args:
        columns: By name.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    cells = ([_cell(name, value) for value in values] for name, values in columns.items())
    writer.writerows(zip(*cells, strict=True))
    return out.getvalue()


def _cell(column: str, value: object) -> str:
    text = repr(value).removesuffix(".0") if isinstance(value, float) else str(value).strip()
    return "" if text.startswith("No_") or (column, text) in UNKNOWN else text


def main(fashion: Path, poem: Path, frames: Path) -> None:
    """Write the embedded sets into the package.

    Args:
        fashion: Folder with the four gzipped IDX files.
        poem: The whole poem, ASCII.
        frames: Folder with the data base that holds the frame `ames`.
    """
    folder = EMBEDDED / "fashion-mnist-small"
    for part, per_class in PER_CLASS.items():
        names = [name for name in IMAGE_FILES if name.startswith(part)]
        images, labels = (
            idx.read(idx.unpacked((fashion / f"{name}.gz").read_bytes(), LIMIT_BYTES))
            for name in names
        )
        chosen = balanced(labels, per_class)
        for name, array in zip(names, (images[chosen], labels[chosen]), strict=True):
            (folder / f"{name}.gz").write_bytes(idx.packed(idx.write(array)))
    text = four_books(poem.read_text(encoding="ascii"))
    (EMBEDDED / "paradise-lost" / "paradise-lost.txt").write_text(text, encoding="ascii")
    table = houses(rdata.read_frame(frames, "ames")).encode("ascii")
    (EMBEDDED / "ames" / "ames.csv.gz").write_bytes(idx.packed(table))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
