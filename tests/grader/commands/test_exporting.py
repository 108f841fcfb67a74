"""`autograde export`, as it is typed."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner, Result

from grader.cli import app
from grader.errors import UsageError
from tests.grader.export.classes import IDS, write_class
from tests.grader.export.test_canvas import EXPORT
from tests.grader.export.test_classroom50 import SCHEMA
from tests.grader.export.test_moodle import SHEET


@pytest.fixture
def graded(tmp_path: Path) -> Path:
    """Return the folder of a graded class."""
    write_class(tmp_path / "graded")
    return tmp_path / "graded"


def _export(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["export", *map(str, words)])


def test_a_canvas_gradebook_is_filled_in_its_place(graded: Path, tmp_path: Path) -> None:
    """Doing it twice changes nothing more."""
    file = tmp_path / "canvas.csv"
    file.write_text(EXPORT, "utf-8")
    words = ("canvas", "--from", graded, "--into", file, "--column", "HW2 CNN")
    done = _export(*words, "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"written": ["ada", "bob"], "left_out": []}
    once = file.read_bytes()
    assert once != EXPORT.encode()
    assert _export(*words).exit_code == 0
    assert file.read_bytes() == once


def test_a_class_of_an_earlier_version_keeps_its_points(graded: Path) -> None:
    """Where no standing is stored, what was earned counts."""
    book = json.loads((graded / "class.json").read_text("utf-8"))
    for person in book["people"]:
        del person["standing"]
    (graded / "class.json").write_text(json.dumps(book), "utf-8")
    assert "ada,Ada Lovelace,ada@example.edu,,12,0,12,24" in _export("csv", "--from", graded).stdout


def test_a_filled_file_may_go_elsewhere(graded: Path, tmp_path: Path) -> None:
    """Line ends and the instructor's own file stay."""
    file, out = tmp_path / "canvas.csv", tmp_path / "new.csv"
    file.write_bytes(EXPORT.replace("\n", "\r\n").encode())
    done = _export("canvas", "--from", graded, "--into", file, "--column", "HW2", "--out", out)
    assert done.exit_code != 0
    assert not out.exists()
    done = _export("canvas", "--from", graded, "--into", file, "--column", "HW2 CNN", "--out", out)
    assert done.exit_code == 0, done.output
    assert out.read_bytes().count(b"\r\n") == EXPORT.count("\n")
    assert file.read_bytes() == EXPORT.replace("\n", "\r\n").encode()


def test_who_has_no_row_is_told_and_the_exit_code_says_so(graded: Path, tmp_path: Path) -> None:
    """A person who vanishes from a gradebook must be noticed."""
    file = tmp_path / "moodle.csv"
    file.write_text("".join(SHEET.splitlines(keepends=True)[:2]), "utf-8")
    done = _export("moodle", "--from", graded, "--into", file)
    assert done.exit_code == 1
    assert "left out: bob: no row has this username, address or name" in done.stderr


def test_pages_go_back_to_moodle(graded: Path, tmp_path: Path) -> None:
    """Each in the folder of its participant."""
    file, out = tmp_path / "moodle.csv", tmp_path / "feedback.zip"
    file.write_text(SHEET, "utf-8")
    done = _export("moodle-feedback", "--from", graded, "--into", file, "--out", out)
    assert done.exit_code == 0, done.output
    with zipfile.ZipFile(out) as archive:
        name = "Bob Builder_123457_assignsubmission_file/report.html"
        assert archive.read(name) == b"<html>bob</html>"


def test_gradescope_gets_a_file_a_person(graded: Path, tmp_path: Path) -> None:
    """Whose score is open is left out, and told."""
    done = _export("gradescope", "--from", graded, "--out", tmp_path / "gs")
    assert done.exit_code == 1
    assert "left out: cleo: a fault of the grader" in done.stderr
    assert json.loads((tmp_path / "gs/ada/results.json").read_text("utf-8"))["score"] == 12
    single = _export("gradescope", "--from", graded / "results" / "bob")
    assert json.loads(single.stdout)["score"] == 4.5


def _clone(folder: Path, name: str, owner: str) -> Path:
    """Write a clone of a download of Classroom 50, with its result."""
    earlier = {
        "schema": "classroom50/result/v1", "classroom": "dl", "assignment": "hw",
        "assignment_type": "individual", "owner": owner, "submission": "submit/x",
        "commit": "https://x/c", "release": "https://x/r", "review": "https://x/v",
        "datetime": "2026-03-01T20:15:00Z", "graded_at": "2026-03-01T20:20:00Z", "score": 0,
        "max-score": 0, "tests": [], "submitted_by": {"username": owner, "id": 7},
    }  # fmt: skip
    clone = folder / "download" / name
    clone.mkdir(parents=True)
    (clone / "result.json").write_text(json.dumps(earlier), "utf-8")
    return clone


def _edit(graded: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change each entry of `class.json`."""
    book = json.loads((graded / "class.json").read_text("utf-8"))
    for person in book["people"]:
        change(person)
    (graded / "class.json").write_text(json.dumps(book), "utf-8")


def _decide(graded: Path, points: dict[str, str]) -> None:
    """Let a person have decided on the first exercise of these people."""

    def change(person: dict[str, Any]) -> None:
        if person["key"] in points:
            plain = {
                "exercise": IDS[0], "key": "", "raw": None, "max_points": "12", "days_late": 0,
                "grace_days": 0, "is_extended": False, "is_dropped": False,
            }  # fmt: skip
            counts = person["standing"] or {"max_points": "24", "exercises": [plain]}
            one, *others = counts["exercises"]
            one |= {"points": points[person["key"]], "is_overridden": True}
            person["standing"] = counts | {
                "points": points[person["key"]], "exercises": [one, *others]
            }  # fmt: skip

    _edit(graded, change)


def test_classroom50_gets_what_counts(graded: Path, tmp_path: Path) -> None:
    """A decision is the score, also on what a fault left open; who has no result is told."""
    _decide(graded, {"ada": "0", "cleo": "15/2", "dan": "3"})
    for who in ("ada", "bob", "cleo", "dan"):
        _clone(tmp_path, f"dl-hw-{who}", who)
    out = tmp_path / "out"
    done = _export(
        "classroom50", "--from", graded, "--into", tmp_path / "download", "--out", out, "--json"
    )
    told = json.loads(done.stdout)
    assert told["written"] == ["ada", "bob", "cleo"]
    assert [(one["who"], "by hand" in one["why"]) for one in told["left_out"]] == [("dan", True)]
    found = {
        who: json.loads((out / f"dl-hw-{who}" / "result.json").read_text("utf-8"))
        for who in told["written"]
    }
    for result in found.values():
        jsonschema.validate(result, SCHEMA)
    scores = {who: (result["score"], result["max-score"]) for who, result in found.items()}
    assert scores == {"ada": (0, 240), "bob": (45, 240), "cleo": (75, 240)}
    assert "ada: the score is what counts, its tests add up to 12 points." in done.stderr
    assert "bob: the score" not in done.stderr


def test_points_of_a_class_have_one_scale(graded: Path, tmp_path: Path) -> None:
    """What one person's need, so that everybody is out of the same."""
    _decide(graded, {"ada": "7251/1000"})
    for who in ("ada", "bob"):
        _clone(tmp_path, f"dl-hw-{who}", who)
    out = tmp_path / "out"
    _export("classroom50", "--from", graded, "--into", tmp_path / "download", "--out", out)
    found = [
        json.loads((out / f"dl-hw-{w}/result.json").read_text("utf-8")) for w in ("ada", "bob")
    ]
    assert [(one["score"], one["max-score"]) for one in found] == [(7251, 24000), (4500, 24000)]


@pytest.mark.parametrize("other", ["li-ada", "li-bob"])
def test_a_clone_is_never_of_whom_it_only_ends_like(
    other: str, graded: Path, tmp_path: Path
) -> None:
    """Ada's clone has no result: the one of li-ada is not hers, in the class or not."""
    _edit(graded, lambda person: person.update(key=person["key"].replace("bob", other)))
    _clone(tmp_path, "dl-hw-li-ada", "li-ada")
    out = tmp_path / "out"
    done = _export(
        "classroom50", "--from", graded, "--into", tmp_path / "download", "--out", out, "--json"
    )
    told = json.loads(done.stdout)
    assert "ada" in [one["who"] for one in told["left_out"]]
    assert told["written"] == (["li-ada"] if other == "li-ada" else [])
    written = [path.parent.name for path in out.glob("*/result.json")]
    assert written == (["dl-hw-li-ada"] if told["written"] else [])


def test_classroom50_results_keep_whose_they_are(graded: Path, tmp_path: Path) -> None:
    """Identity from the download, points from here, in the schema of the classroom."""
    clone = _clone(tmp_path, "dl-hw-ada", "ada")
    out = tmp_path / "out"
    words = ("classroom50", "--from", graded, "--into", tmp_path / "download", "--out", out)
    done = _export(*words)
    assert done.exit_code == 1  # Bob has no clone, Cleo no score
    result = json.loads((out / "dl-hw-ada" / "result.json").read_text("utf-8"))
    jsonschema.validate(result, SCHEMA)
    assert result["score"] / result["max-score"] == 0.5
    assert result["submitted_by"] == {"username": "ada", "id": 7}
    (clone / "result.json").write_text('{"schema": "other"}', "utf-8")
    assert "left out: ada: its schema is not" in _export(*words).stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["csvv"], "'csvv' is no format"),
        (["canvas"], "Name it with --into"),
        (["gradescope"], "Name a folder for them with --out"),
        (["moodle", "--header", "mark=Note"], "is not one of identifier"),
        (["canvas", "--into", "none.csv"], "cannot be read"),
        (["canvas", "-e", "0", "--into", "CANVAS"], "'0' names 2 of"),
        (["moodle-feedback"], "an archive is not printed"),
        (["classroom50", "--into", "."], "no folder in it holds a result.json"),
    ],
)
def test_what_is_asked_wrongly_is_told(
    words: list[str], said: str, graded: Path, tmp_path: Path
) -> None:
    """Where, what, what now; exit code 2."""
    (tmp_path / "canvas.csv").write_text(EXPORT, "utf-8")
    words = [word.replace("CANVAS", str(tmp_path / "canvas.csv")) for word in words]
    done = _export(*words, "--from", graded)
    assert isinstance(done.exception, UsageError)
    assert said in str(done.exception)
