"""Cells that a tag takes out of the grading."""

from __future__ import annotations

import json
from typing import Any

import pytest

from grader.collect.limits import IntakeLimits
from grader.collect.notebook import read_notebook
from grader.collect.python_file import Reading


def _read(*cells: dict[str, Any]) -> Reading:
    book = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": list(cells)}
    return read_notebook(json.dumps(book).encode(), "n.ipynb", IntakeLimits())


def _code(source: str, **metadata: Any) -> dict[str, Any]:
    cell = {"cell_type": "code", "execution_count": None, "outputs": []}
    return {**cell, "metadata": metadata, "source": source}


def test_a_tagged_cell_is_set_aside_and_the_others_keep_their_numbers() -> None:
    """A note names the cell, and lines after it are still told by their own cell."""
    reading = _read(_code("x = 1"), _code("1 / 0", tags=["autograde-ignore"]), _code("y = 2"))
    assert reading.source == "x = 1\ny = 2"
    assert reading.cell_of_line == ((1, 1), (2, 3))
    assert [(n.where, n.text) for n in reading.notes] == [
        ("n.ipynb, cell 2", "Set aside: tagged autograde-ignore.")
    ]


def test_a_tagged_cell_may_hold_anything() -> None:
    """What does not count cannot be a syntax error either."""
    reading = _read(_code("def broken(:", tags=["autograde-ignore", "other"]), _code("x = 1"))
    assert (reading.source, reading.problem) == ("x = 1", "")


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"tags": []},
        {"tags": ["remove_cell"]},
        {"tags": "autograde-ignore"},
        {"tags": {"autograde-ignore": 1}},
        {"tags": [["autograde-ignore"]]},
        {"tags": ["x"] * 10**5 + ["autograde-ignore"]},
    ],
    ids=lambda metadata: str(metadata)[:40],
)
def test_anything_but_the_tag_in_a_list_of_tags_means_nothing(metadata: dict[str, Any]) -> None:
    """Metadata is the author's, and only one word of it is ours."""
    assert _read(_code("x = 1", **metadata)).source == "x = 1"
