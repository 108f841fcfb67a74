"""Nothing of a hidden test reaches its student, in no output and no file, however it is tried.

A course whose hidden suite is full of marks is graded by the real command. Every byte that the
command produces is searched for each mark, as it is and in the disguises that a report, a page
or a student could give it. The wrong and hostile hand-ins try to carry what they are given out
through everything that a hidden test says about them.
"""

from __future__ import annotations

import base64
import html
import json
import subprocess
import sys
import urllib.parse
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.patience import PATIENCE_S

TEXT = 'Kestrel<"7&\u00fc>'
"""A word that every escaping would disguise."""
WORDS = ("mark_of_helper", "MARK-COMMENT", "MARK-ID", "MARK-REFERENCE", "MARK-DRIVER", "MARK-JUDGE",
         "MARK-PRINTED", "MARK-TABLE")  # fmt: skip
NUMBERS = ("731246", "7.31246", "482715", "4.82715", "265358", "2.65358")
"""The first digits of inputs and expected values, however they are written."""

CHANNELS = ("right", "wrong", "class", "shape", "many", "exception", "function", "line",
            "unwritten", "print", "text", "nan", "nothing", "ended")  # fmt: skip
SUITE = '''\
"""MARK-COMMENT in the docstring of the suite."""
import logging, sys, warnings
import pytest, torch
from grader.judge import expect

# MARK-COMMENT: the trick is to hand over 731246.25
X = torch.tensor([731246.25, 482715.5])
WORD = {text!r}
TABLE = {{"MARK-TABLE": 265358}}
CHANNELS = [pytest.param(name, id="MARK-ID-" + name) for name in {channels!r}]

def mark_of_helper(value):
    if type(value) is not torch.Tensor or value.shape != (2,):
        raise LookupError(f"MARK-JUDGE {{X.tolist()}} {{WORD}}")
    return TABLE["MARK-TABLE"] * float(value.sum())

@pytest.mark.task("work")
@pytest.mark.points(0.1)
@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("check", ["close", "equal", "number", "finite", "use", "raises", "assert"])
def test_values(student, reference, channel, check):
    """The work is done."""
    print("MARK-PRINTED", X, file=sys.stderr)
    print("MARK-PRINTED", WORD)
    warnings.warn("MARK-PRINTED")
    logging.getLogger("suite").warning("MARK-PRINTED %s", WORD)
    came = student.work(X, WORD, channel)
    expected = reference.work(X, WORD, channel)
    listed = expected if channel == "right" else [265358]
    match check:
        case "close": expect.close(came, expected, what="work(X)")
        case "equal": expect.equal(came, listed, what="work(X)")
        case "number": expect.number(came, 265358.5, what="work(X)")
        case "finite": expect.finite(came, what="work(X)")
        case "use": mark_of_helper(came)
        case "raises":
            with pytest.raises(KeyError, match="MARK-JUDGE"):
                student.work(X, WORD, channel)
        case "assert": assert bool((came == X).all())

@pytest.mark.task("work")
@pytest.mark.points(0.1)
def test_driven(driver):
    """The work is driven."""
    if driver.drive(X) != "driven":
        raise OSError(f"MARK-JUDGE {{X}}")

@pytest.mark.task("work")
@pytest.mark.points(0.1)
@pytest.mark.visibility("public")
def test_seen(student):
    """What was seen before is not told later."""
    expect.equal(student.later(), 0, what="later()")
'''
DRIVER = '# MARK-DRIVER\ndef drive(student, X):\n    return student.driven(X) or "MARK-DRIVER"\n'
PUBLIC = '''\
import pytest
from grader.judge import expect

@pytest.mark.task("work")
@pytest.mark.points(0.1)
def test_first(student):
    """Zero is zero."""
    expect.equal(student.later(), 0, what="later()")
'''
REFERENCE = '''\
import torch
def work(X, word, channel):
    """Do it."""
    ### BEGIN SOLUTION
    MARK_REFERENCE = "MARK-REFERENCE"
    return X * 2 + 265358
    ### END SOLUTION
def later():
    return 0
def driven(X):
    return "driven"
'''
HOSTILE = """\
import os, sys, types, warnings
import torch
print("loaded")
kept = []

def renamed(function, **changes):
    return types.FunctionType(function.__code__.replace(**changes), globals(), "f")

def fail():
    raise ValueError("no")

def unwritten():
    raise NotImplementedError("later")

def later():
    print("kept:", kept)
    return 0 if not kept else f"kept {kept}"

def driven(X):
    kept.append(X)
    print(X)
    raise type(f"Leak{X.tolist()}", (OSError,), {})(str(X))

def work(X, word, channel):
    told = f"{X.tolist()} {word}"
    kept.append(told)
    for stream in (sys.stdout, sys.stderr):
        print(told, file=stream)
    os.write(2, told.encode())
    warnings.warn(told)
    number = int(X[0])
    match channel:
        case "right": return X * 2 + 265358
        case "wrong": return X
        case "class": return type(told, (), {"__repr__": lambda self: told})()
        case "shape": return torch.empty(0, number)
        case "many": return torch.empty(0, *(int(digit) for digit in str(number)), number)
        case "exception": raise type(told, (KeyError,), {})(told)
        case "function": return renamed(fail, co_name=told, co_qualname=told)()
        case "line": return renamed(fail, co_firstlineno=number)()
        case "unwritten": return renamed(unwritten, co_name=f"f_{number}", co_qualname="f")()
        case "print": print(told, flush=True); raise SystemExit(told)
        case "text": return told
        case "nan": return torch.full((number,), float("nan"))
        case "nothing": return None
        case "ended": os._exit(number % 200)
"""
HAND_INS = {
    "right": REFERENCE.replace("MARK", "OWN").replace("265358", "20 * 13267 + 18"),
    "wrong": "def work(X, word, channel):\n    return X + 1\ndef later():\n    return 1\n",
    "crashing": "import os\ndef work(*a):\n    os.abort()\ndef later():\n    raise ValueError\n",
    "hostile": HOSTILE.replace("265358", "1"),
}
TESTS = len(CHANNELS) * 7 + 3


def disguises(mark: str) -> set[bytes]:
    """Return the bytes of a mark, and of its usual disguises."""
    raw = mark.encode()
    found = {
        mark,
        html.escape(mark),
        urllib.parse.quote(mark),
        json.dumps(mark)[1:-1],
        mark.encode("unicode_escape").decode(),
        raw.hex(),
        mark[::-1],
    }
    for shift in range(3):
        # Only whole groups of three bytes are the same wherever the mark stands.
        text = base64.b64encode(bytes(shift) + raw).decode().rstrip("=")
        found.add(text[4 if shift else 0 : -2])
    return {one.encode() for one in found}


MARKS = {mark: disguises(mark) for mark in (TEXT, *WORDS)} | {n: {n.encode()} for n in NUMBERS}


def marks_in(data: bytes) -> list[str]:
    """Return the marks that some bytes hold."""
    return [mark for mark, needles in MARKS.items() if any(needle in data for needle in needles)]


@dataclass(frozen=True)
class Output:
    """Everything that one grading produced."""

    code: int
    parts: dict[str, bytes]

    @property
    def result(self) -> dict[str, object]:
        """The result file."""
        return dict(json.loads(self.parts["result.json"]))


@pytest.fixture(scope="module")
def marked_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course whose hidden files are full of marks."""
    root = tmp_path_factory.mktemp("marked")
    name = "01-01-leak"
    points = f"{TESTS / 10:g}"
    task = f"tasks:\n  work:\n    title: Work\n    points: {points}\n    defines: [work]\n"
    head = f'title: Leaks\nsection: "1.1"\nmodule: leak\npoints: {points}\n'
    solution = REFERENCE.partition("    ### BEGIN")[0] + '    raise NotImplementedError("work")\n'
    files = {
        "autograde.yml": 'title: Marked\nexercises: ["*"]\n',
        f"assignments/{name}/exercise.yml": f"{head}limits: {{wall_time_s: 5}}\n{task}",
        f"assignments/{name}/leak.py": solution + "def later():\n    return 0\n",
        f"assignments/{name}/test_public.py": PUBLIC,
        f"assignments/{name}/README.md": "# Leaks\n",
        f"solutions/{name}/leak.py": REFERENCE,
        f"tests/hidden/{name}/test_leak.py": SUITE.format(text=TEXT, channels=CHANNELS),
        f"tests/hidden/{name}/driver.py": DRIVER,
    }
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    return root


@pytest.fixture(scope="module", params=HAND_INS)
def graded(
    request: pytest.FixtureRequest, marked_course: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Output]:
    """One hand-in, graded by the command at the best level, and reported again."""
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "leak.py").write_text(HAND_INS[request.param], "utf-8")
    page, stored = folder / "page.html", folder / "out" / "result.json"
    done = command(
        ["grade", str(folder / "leak.py"), "--json", "--out", str(stored), "--html", str(page)],
        marked_course,
    )
    assert stored.is_file(), done.stderr.decode()
    again = command(["report", str(stored), "--html", str(folder / "again.html")], marked_course)
    parts = {"json": done.stdout, "stderr": done.stderr, "terminal": again.stdout}
    parts |= {file.name: file.read_bytes() for file in (page, stored, folder / "again.html")}
    return request.param, Output(done.returncode, parts)


def command(words: list[str], course: Path) -> subprocess.CompletedProcess[bytes]:
    """Run the command line in the course."""
    program = [sys.executable, "-m", "grader", *words]
    return subprocess.run(program, cwd=course, capture_output=True, check=False, timeout=PATIENCE_S)


def test_no_byte_of_a_grading_holds_a_mark(graded: tuple[str, Output]) -> None:
    """Terminal, JSON, result, pages and stderr, for right, wrong, crashing and hostile code."""
    _, output = graded
    found = {part: marks for part, data in output.parts.items() if (marks := marks_in(data))}
    assert found == {}


def test_each_hand_in_was_really_judged(graded: tuple[str, Output]) -> None:
    """The right one earns what it can, the hostile one meets every test and is told why."""
    name, output = graded
    (exercise,) = json.loads(output.parts["result.json"])["exercises"]
    outcomes = [test["outcome"] for test in exercise["tests"]]
    assert len(outcomes) == TESTS
    assert "not_run" not in outcomes
    if name == "hostile":
        assert {"failed", "error", "crashed", "passed"} <= set(outcomes)
        assert b"ValueError" in output.parts["json"]


def test_what_is_printed_in_a_hidden_test_is_withheld(graded: tuple[str, Output]) -> None:
    """Neither output nor values nor class names of the student's own making are kept."""
    _, output = graded
    (exercise,) = json.loads(output.parts["result.json"])["exercises"]
    for test in exercise["tests"]:
        if test["visibility"] == "hidden":
            assert test["output"] == ""
            assert test["comparison"] is None


def test_a_student_release_holds_no_mark(marked_course: Path, tmp_path: Path) -> None:
    """Every file and every member of the wheel, names included."""
    out = tmp_path / "release"
    stubs = command(["release", "--stubs"], marked_course)
    assert stubs.returncode == 0, stubs.stderr.decode()
    done = command(["release", str(out)], marked_course)
    assert done.returncode == 0, done.stderr.decode()
    files = [path for path in out.rglob("*") if path.is_file()]
    assert any(path.suffix == ".whl" for path in files)
    for path in files:
        assert marks_in(str(path.relative_to(out)).encode()) == []
        assert marks_in(path.read_bytes()) == [], path
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as wheel:
                for member in wheel.namelist():
                    assert marks_in(member.encode() + wheel.read(member)) == [], member


@pytest.mark.parametrize(
    "carrier",
    [
        lambda mark: mark,
        html.escape,
        urllib.parse.quote,
        lambda mark: base64.b64encode(f"a{mark}bc".encode()).decode(),
        lambda mark: base64.b64encode(f"{mark}".encode()).decode(),
        lambda mark: json.dumps({"x": mark}),
    ],
    ids=["plain", "html", "percent", "base64-shifted", "base64", "json"],
)
def test_the_search_finds_what_it_searches_for(carrier: object) -> None:
    """A search that finds nothing proves something only if it would have found it."""
    for mark in (TEXT, *WORDS):
        assert mark in marks_in(carrier(mark).encode())  # type: ignore[operator]
