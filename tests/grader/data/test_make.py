"""The embedded sets are what the script makes of their sources."""

from __future__ import annotations

import numpy as np

from grader.data.make import balanced, four_books, houses


def test_the_first_of_each_class_are_taken_in_their_order() -> None:
    """Two of each class, wherever they stand."""
    labels = np.array([1, 1, 0, 1, 0, 0], dtype=np.uint8)

    assert balanced(labels, 2).tolist() == [0, 1, 2, 4]


def test_the_poem_ends_after_four_books() -> None:
    """Spaces at the ends of lines are gone, and what follows the fourth book too."""
    poem = "BOOK I. \n  Of Man \n     THE END OF THE FOURTH BOOK. \nBOOK V. \n"

    assert four_books(poem) == "BOOK I.\n  Of Man\n"


def test_what_is_unknown_is_blank() -> None:
    """Placeholders become empty cells; whole numbers lose their point, texts their spaces."""
    columns = {
        "Lot_Frontage": [0.0, 80.0],
        "Fence": ["No_Fence", "Good "],
        "Pool_Area": [0, 12],
        "Latitude": [42.054035, 42.0],
    }

    assert houses(columns) == (
        "Lot_Frontage,Fence,Pool_Area,Latitude\n,,0,42.054035\n80,Good,12,42\n"
    )
