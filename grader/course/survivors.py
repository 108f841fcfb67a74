"""`survivors.yml`: the reviewed mutants that no test notices, each with its reason.

survivors:
  - mutant: "softmax: return a / b => return a / b / 1"
    reason: Dividing by 1 changes nothing.
    equivalent: true
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from grader.course.explain import near_miss, validate
from grader.course.shape import Line, Strict
from grader.course.yamlpos import read_document

if TYPE_CHECKING:
    from grader.model import Exercise

FILE = "survivors.yml"


class SurvivorFile(Strict):
    """One reviewed mutant."""

    mutant: str = Field(min_length=1, description="Its key, as `autograde verify` prints it.")
    reason: Line = Field(description="Why no test notices it.")
    equivalent: bool = Field(
        default=False, description="True if no input tells it apart; then it does not count."
    )


class SurvivorsFile(Strict):
    """The reviewed mutants of an exercise."""

    survivors: list[SurvivorFile] = Field(description="In any order.")


@dataclass(frozen=True, slots=True)
class Survivor:
    """One reviewed mutant.

    Attributes:
        key: The mutant's key.
        equivalent: True if it does the same as the reference on every input.
        where: `file:line:column` of the entry.
    """

    key: str
    equivalent: bool
    where: str


def survivors_file(exercise: Exercise) -> Path:
    """Give the place of the file; it need not exist."""
    return exercise.hidden_dir / FILE


def read_survivors(exercise: Exercise) -> dict[str, Survivor]:
    """Read the reviewed mutants by key; none if there is no file.

    Raises:
        CourseError: With the place of what is wrong.
    """
    path = survivors_file(exercise)
    if not path.is_file():
        return {}
    document = read_document(path)
    found: dict[str, Survivor] = {}
    for position, entry in enumerate(validate(SurvivorsFile, document).survivors):
        trail = ("survivors", position, "mutant")
        line, column = document.place(trail)
        if entry.mutant in found:
            what = f"this mutant stands already in {found[entry.mutant].where}."
            raise document.error(trail, what, "Keep one of the two.")
        where = f"{path}:{line}:{column}"
        found[entry.mutant] = Survivor(entry.mutant, entry.equivalent, where)
    return found


def unknown_survivors(
    listed: Mapping[str, Survivor], known: Iterable[str]
) -> list[tuple[Survivor, str]]:
    """Give the entries whose mutant does not exist, each with a near miss or nothing."""
    keys = set(known)
    return [(entry, near_miss(entry.key, keys)) for key, entry in listed.items() if key not in keys]
