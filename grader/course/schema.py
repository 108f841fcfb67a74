"""The JSON Schemas of the course's files, for editors: `python -m grader.course.schema`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from grader.course.shape import CourseFile, ExerciseFile

if TYPE_CHECKING:
    from pydantic import BaseModel

_MODELS: dict[str, type[BaseModel]] = {
    "autograde.schema.json": CourseFile,
    "exercise.schema.json": ExerciseFile,
}


def schemas() -> dict[str, str]:
    """Give the text of each schema by file name."""
    return {
        name: json.dumps(
            {"$schema": "https://json-schema.org/draft/2020-12/schema"}
            | model.model_json_schema(mode="validation"),
            indent=2,
        )
        + "\n"
        for name, model in _MODELS.items()
    }


def write_schemas(folder: Path) -> None:
    """Write the schemas into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schemas().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_schemas(Path(*sys.argv[1:2] or ["docs/schemas"]))
