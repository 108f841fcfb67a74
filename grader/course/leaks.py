"""What must never reach a student, and the search for it.

Secret are the bodies between solution markers, the hidden tests, the catalogue of mistakes,
and every file of `solutions/` and `tests/hidden/`. Text is compared line by line without
indentation, blank lines and comments, so that moving code to a cell does not hide it.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.course.catalogue import read_catalogue
from grader.course.markers import BEGIN, END, find_regions, lines_of, parse_module
from grader.course.stub import SOURCE_LIMIT_BYTES
from grader.course.yamlpos import read_text
from grader.model import Exercise

_SECRET_NAMES = {"solutions", "hidden", "mistakes.py", "survivors.yml"}
_TELLING_LINES = 3
"""Shorter pieces of code occur by themselves; in an exercise's own folder one line tells."""
_TELLING_CHARACTERS = 20


@dataclass(frozen=True, slots=True)
class Secret:
    """One text that must not be found.

    Attributes:
        text: Its lines, stripped, with a newline before and behind; or any text.
        where: Where it comes from.
        only_in: Exercise whose folder is searched; empty for all files.
    """

    text: str
    where: str
    only_in: str = ""


@dataclass(frozen=True, slots=True)
class Secrets:
    """Everything that must not be found."""

    texts: tuple[Secret, ...]
    hashes: Mapping[str, str]


def secrets_of(exercises: Sequence[Exercise]) -> Secrets:
    """Gather what is secret about some exercises.

    Raises:
        CourseError: If a reference, suite or catalogue cannot be read.
    """
    texts: list[Secret] = []
    hashes: dict[str, str] = {}
    public = {name for entry in exercises for name, _ in _tests(entry.public_suite)}
    for exercise in exercises:
        texts += _solution_bodies(exercise)
        texts += _hidden_tests(exercise, public)
        for found in read_catalogue(exercise):
            texts.append(Secret(found.label, f"{found.where} (label of a mistake)"))
        for folder in (exercise.solution_dir, exercise.hidden_dir):
            hashes |= _hashes(folder)
    return Secrets(tuple(texts), hashes)


def find_leaks(files: Mapping[str, bytes], secrets: Secrets, *, ours: bool = False) -> list[str]:
    """Search files for secrets.

    Args:
        files: Bytes by path, relative, with `/`.
        secrets: What must not be found.
        ours: True for the grader's own code, which may speak of markers and catalogues.

    Returns:
        One sentence for each finding, naming the file and where the secret comes from.
    """
    return [leak for path, raw in files.items() for leak in _leaks(path, raw, secrets, ours=ours)]


def _leaks(path: str, raw: bytes, secrets: Secrets, *, ours: bool) -> Iterator[str]:
    parts = PurePosixPath(path).parts
    telling = sorted(_SECRET_NAMES & set(parts))
    if telling:
        yield f"{path}: {telling[0]} does not belong there."
    origin = secrets.hashes.get(hashlib.sha256(raw).hexdigest())
    if origin:
        yield f"{path}: this is {origin}."
    text = _plain_text(path, raw)
    if not ours and (BEGIN in text or END in text):
        yield f"{path}: it holds a solution marker."
    flat = _flat(text)
    for secret in secrets.texts:
        if secret.only_in and secret.only_in not in parts:
            continue
        if secret.text in (flat if secret.text.startswith("\n") else text):
            yield f"{path}: it holds a part of {secret.where}."


def _plain_text(path: str, raw: bytes) -> str:
    """Decode a file; a notebook gives the text of its cells and outputs."""
    text = raw.decode("utf-8", errors="replace")
    if not path.endswith(".ipynb"):
        return text
    try:
        return "\n".join(_strings(json.loads(text)))
    except (ValueError, RecursionError):
        return text


def _strings(value: object) -> Iterator[str]:
    """Give the strings of JSON data, those of a list joined as notebooks split them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        if all(isinstance(inner, str) for inner in value):
            yield "".join(value)
        else:
            for inner in value:
                yield from _strings(inner)


def _flat(text: str) -> str:
    """Strip every line, leaving out empty ones and comments."""
    lines = (line.strip() for line in lines_of(text))
    return "\n" + "\n".join(line for line in lines if line and not line.startswith("#")) + "\n"


def _solution_bodies(exercise: Exercise) -> Iterator[Secret]:
    source = read_text(exercise.reference, SOURCE_LIMIT_BYTES)
    lines = lines_of(source)
    for region in find_regions(source, exercise.reference):
        body = _flat("\n".join(lines[region.first : region.last - 1]))
        where = f"{exercise.reference}:{region.first} (solution of {region.qualname})"
        if body.count("\n") > _TELLING_LINES:
            yield Secret(body, where)
        elif len(body) >= _TELLING_CHARACTERS:
            yield Secret(body, where, only_in=exercise.id)


def _hidden_tests(exercise: Exercise, public: Iterable[str]) -> Iterator[Secret]:
    path = exercise.hidden_suite
    known = set(public)
    for name, body in _tests(path):
        where = f"{path} ({name})"
        if name not in known:
            yield Secret(f"def {name}(", where)
        if body.count("\n") > _TELLING_LINES:
            yield Secret(body, where)


def _tests(path: Path) -> Iterator[tuple[str, str]]:
    """Give each test of a suite: its name, and its body without the docstring."""
    if not path.is_file():
        return
    source = read_text(path, SOURCE_LIMIT_BYTES)
    lines = lines_of(source)
    for node in ast.walk(parse_module(source, path)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
            first = node.body[1 if ast.get_docstring(node) and node.body[1:] else 0]
            yield node.name, _flat("\n".join(lines[first.lineno - 1 : node.end_lineno]))


def _hashes(folder: Path) -> dict[str, str]:
    """Hash the files of a secret folder; drivers hold no secret and may stand in both."""
    return {
        hashlib.sha256(path.read_bytes()).hexdigest(): str(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "driver.py" and path.stat().st_size
    }
