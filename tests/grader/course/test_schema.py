"""The schemas that editors use are those of the reader."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from grader.course.schema import schemas, write_schemas

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("name", sorted(schemas()))
def test_the_schemas_in_docs_are_up_to_date(name: str) -> None:
    """`python -m grader.course.schema` writes them again."""
    assert (ROOT / "docs/schemas" / name).read_text(encoding="utf-8") == schemas()[name]


def test_a_right_exercise_fits_its_schema_and_a_misspelt_one_does_not(root: Path) -> None:
    """The schema is as strict about keys as the reader is."""
    schema = json.loads(schemas()["exercise.schema.json"])
    path = root / "assignments/03-06-softmax/exercise.yml"
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    jsonschema.validate(written, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(written | {"tittle": "A"}, schema)


def test_schemas_are_written_into_the_folder_asked_for(tmp_path: Path) -> None:
    """The folder is made if it is missing."""
    write_schemas(tmp_path / "docs")
    assert {path.name for path in (tmp_path / "docs").iterdir()} == set(schemas())
