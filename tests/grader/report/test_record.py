"""The published JSON Schema is the one that the reader follows."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import get_args, get_type_hints

from grader.report.record import ResultRecord, json_schema
from grader.report.result import SCHEMA

FILE = Path(__file__).parents[3] / "docs" / "schemas" / "result.schema.json"


def test_the_published_schema_is_up_to_date() -> None:
    """`AUTOGRADE_ACCEPT=1` writes it anew."""
    text = json.dumps(json_schema(), indent=2) + "\n"
    if os.environ.get("AUTOGRADE_ACCEPT"):
        FILE.write_text(text, "utf-8")
    assert FILE.read_text("utf-8") == text


def test_writer_and_reader_name_the_same_version() -> None:
    """The version stands in two modules, which agree."""
    assert get_args(get_type_hints(ResultRecord)["schema"]) == (SCHEMA,)
