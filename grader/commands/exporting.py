"""`autograde export`: stored results in the formats of other systems; nothing is run."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from grader import report, score
from grader.commands import common
from grader.errors import UsageError
from grader.export.marks import Filled, Mark
from grader.model import ClassRow, Grade
from grader.points import points_number
from grader.report.text import clean_line

FORMATS = ("csv", "junit", "canvas", "moodle", "moodle-feedback", "gradescope", "classroom50")
_RESULT_LIMIT_BYTES = 4 * 2**20
_OPEN = "a fault of the grader leaves this score open"
_NO_RESULT = "points were decided, but nothing was graded: enter them there by hand"


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for.

    Attributes:
        source: What `autograde batch --out` wrote.
        into: The other system's own file or folder; None if the format needs none.
        out: Where to write; None for standard output, or for `into` itself.
        exercise: Part of the name of the exercise that counts; empty for the total.
        column: Title or number of the column to fill.
        headers: Names of columns, by what they are for.
        scale: Whether points may be scaled.
    """

    source: Path
    into: Path | None
    out: Path | None
    exercise: str
    column: str
    headers: dict[str, str]
    scale: bool

    def sheet_path(self, kind: str) -> Path:
        """Return the other system's file.

        Raises:
            UsageError: If none was named.
        """
        if self.into is None:
            what = f"the format {kind} edits a file that the other system wrote."
            raise UsageError("export", what, "Name it with --into.")
        return self.into


def register(app: typer.Typer) -> None:
    """Add the command of this module to the command line."""
    app.command()(export)


def export(
    kind: Annotated[str, typer.Argument(metavar="FORMAT", help=f"{', '.join(FORMATS)}.")],
    source: Annotated[
        Path, typer.Option("--from", metavar="DIR", help="What `autograde batch --out` wrote.")
    ],
    into: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The file of the other system that is filled: the gradebook that Canvas exported, "
            "Moodle's grading worksheet; for classroom50 its download folder.",
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help="Default: standard output; a filled file in its place."
        ),
    ] = None,
    exercise: Annotated[
        str, typer.Option("--exercise", "-e", help="The points of this one. Default: the total.")
    ] = "",
    column: Annotated[
        str, typer.Option(help="canvas: title or number of the assignment to fill.")
    ] = "",
    header: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ROLE=NAME",
            help="moodle: what a column is called on your site, such as grade=Bewertung.",
        ),
    ] = None,
    scale: Annotated[
        bool, typer.Option("--scale", help="Scale points to the maximum that the file names.")
    ] = False,
    as_json: common.AsJson = False,
) -> None:
    """Write stored results in the format of another system; nothing is run."""
    if kind not in _WRITERS:
        names = f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}"
        raise UsageError("export", f"{kind!r} is no format", f"Use {names}.")
    request = Request(source, into, file, exercise, column, _headers(header or []), scale)
    filled = _WRITERS[kind](request)
    if filled is None:
        return
    if as_json:
        left = [{"who": key, "why": why} for key, why in filled.left]
        common.print_json({"written": list(filled.filled), "left_out": left})
    else:
        typer.echo(f"{len(filled.filled)} written, {len(filled.left)} left out.", err=True)
        for key, why in filled.left:
            typer.echo(f"left out: {clean_line(key)}: {why}", err=True)
    raise typer.Exit(common.FAILED if filled.left else common.OK)


def _headers(words: Sequence[str]) -> dict[str, str]:
    from grader.export.moodle import HEADERS

    found = {}
    for word in words:
        role, equals, name = word.partition("=")
        if not equals or role not in HEADERS or not name.strip():
            what = f"{word!r} is not one of {', '.join(HEADERS)}, `=` and a name."
            raise UsageError("--header", what, "Write for instance --header grade=Bewertung.")
        found[role] = name.strip()
    return found


def _write_csv(request: Request) -> None:
    from grader.batch.book import read_rows
    from grader.export.gradebook import gradebook_text

    exercises, rows = read_rows(request.source)
    _write(request, gradebook_text(rows, exercises))


def _write_junit(request: Request) -> None:
    from grader.batch.book import read_rows
    from grader.export.junit import junit_text

    _write(request, junit_text(read_rows(request.source)[1]))


def _write(request: Request, text: str) -> None:
    if request.out is None:
        typer.echo(text, nl=False)
    else:
        report.write_text(request.out, text)


def _fill_canvas(request: Request) -> Filled:
    from grader.export.canvas import fill_canvas
    from grader.export.sheet import read_sheet

    sheet = read_sheet(request.sheet_path("canvas"))
    filled = fill_canvas(sheet, _marks(request), request.column, scale=request.scale)
    report.write_text(request.out or request.sheet_path("canvas"), sheet.text)
    return filled


def _fill_moodle(request: Request) -> Filled:
    from grader.export.moodle import fill_moodle
    from grader.export.sheet import read_sheet

    sheet = read_sheet(request.sheet_path("moodle"))
    filled = fill_moodle(sheet, _marks(request), request.headers, scale=request.scale)
    report.write_text(request.out or request.sheet_path("moodle"), sheet.text)
    return filled


def _pack_feedback(request: Request) -> Filled:
    from grader.batch.book import read_places
    from grader.export.moodle import PAGE, feedback_zip
    from grader.export.sheet import read_sheet

    if request.out is None:
        raise UsageError("export", "an archive is not printed.", "Name it with --out.")
    sheet = read_sheet(request.sheet_path("moodle-feedback"))
    pages = {}
    for key, place in read_places(request.source).items():
        if (place / PAGE).is_file():
            pages[key] = (place / PAGE).read_bytes()
    content, filled = feedback_zip(sheet, _marks(request), request.headers, pages)
    report.write_bytes(request.out, content)
    return filled


def _write_gradescope(request: Request) -> Filled | None:
    from grader.export.gradescope import gradescope_result

    rows, places = _worth_something(request)

    def result_of(row: ClassRow, grade: Grade) -> tuple[str, dict[str, Any]]:
        standing = row.standing or score.raw_standing(grade)
        name = f"{places[row.person.key].name}/results.json"
        return name, gradescope_result(grade, standing)

    grade = rows[0].grade if len(rows) == 1 else None
    if grade is not None and (request.source / "result.json").is_file():
        _write(request, _as_json(result_of(rows[0], grade)[1]))
        return None
    return _write_each(request, rows, result_of)


def _write_classroom50(request: Request) -> Filled:
    from grader.batch.book import read_rows
    from grader.export import classroom50

    rows, _ = _worth_something(request)
    root = request.sheet_path("classroom50")
    clones = sorted(path for path in root.glob("*/") if (path / "result.json").is_file())
    if not clones:
        what = "no folder in it holds a result.json of Classroom 50."
        raise UsageError(str(root), what, "Name what `gh teacher download` wrote.")
    keys = [row.person.key for row in read_rows(request.source)[1]]
    clones_of = classroom50.clones_by_owner(clones, keys)
    scales = [classroom50.scale_of(r.grade, r.standing) for r in rows if r.grade is not None]
    scale = max(scales, default=1)

    def result_of(row: ClassRow, grade: Grade) -> tuple[str, dict[str, Any]]:
        key, counts = row.person.key, row.standing or score.raw_standing(grade)
        own = clones_of.get(key, [])
        if len(own) != 1:
            what = f"{len(own) or 'no'} clones with a result.json are this person's."
            raise UsageError(key, what, "")
        file = own[0] / "result.json"
        identity = classroom50.identity_in(_read_json(file), str(file))
        if not classroom50.is_of(identity, key, own[0].name):
            what = f"the result.json of {own[0].name} is {identity.fields['owner']}'s."
            raise UsageError(key, what, "")
        result = classroom50.classroom50_result(
            grade, identity, grade.graded_at, counts=counts, scale=scale
        )
        judged = classroom50.points_of_tests(result, scale)
        if judged != counts.points:
            said = f"the score is what counts, its tests add up to {points_number(judged)} points"
            typer.echo(f"{clean_line(key)}: {said}.", err=True)
        return f"{own[0].name}/result.json", result

    return _write_each(request, rows, result_of)


def _write_each(
    request: Request,
    rows: Sequence[ClassRow],
    result_of: Callable[[ClassRow, Grade], tuple[str, dict[str, Any]]],
) -> Filled:
    """Write one file per person below --out."""
    if request.out is None:
        what = "there is one file per person."
        raise UsageError("export", what, "Name a folder for them with --out.")
    written, left = [], []
    for row in rows:
        key = row.person.key
        if row.grade is None:
            left.append((key, _NO_RESULT))
            continue
        if row.standing is None or row.standing.points is None:
            left.append((key, _OPEN))
            continue
        try:
            name, result = result_of(row, row.grade)
        except UsageError as error:
            left.append((key, error.what))
            continue
        report.write_text(request.out / name, _as_json(result))
        written.append(key)
    return Filled(tuple(written), tuple(left))


def _worth_something(request: Request) -> tuple[list[ClassRow], dict[str, Path]]:
    """Give the rows of those who were graded or decided on, and where their results are."""
    from grader.batch.book import read_places, read_rows

    _, rows = read_rows(request.source)
    found = [row for row in rows if row.grade is not None or row.standing is not None]
    return found, read_places(request.source)


def _marks(request: Request) -> tuple[Mark, ...]:
    from grader.batch.book import read_rows
    from grader.export.marks import marks

    exercises, rows = read_rows(request.source)
    if not request.exercise:
        return marks(rows)
    fits = [name for name in exercises if request.exercise in name]
    if len(fits) != 1:
        what = f"{request.exercise!r} names {len(fits) or 'none'} of {', '.join(exercises)}."
        raise UsageError("--exercise", what, "Write more of its name.")
    return marks(rows, fits[0])


def _read_json(file: Path) -> dict[str, Any]:
    again = "Download the submissions again with `gh teacher download`."
    try:
        with file.open("rb") as opened:
            found = json.loads(opened.read(_RESULT_LIMIT_BYTES))
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(str(file), f"it cannot be read ({error}).", again) from None
    if not isinstance(found, dict):
        raise UsageError(str(file), "this is no result.", again)
    return found


def _as_json(data: dict[str, Any]) -> str:
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


_WRITERS: dict[str, Callable[[Request], Filled | None]] = {
    "csv": _write_csv,
    "junit": _write_junit,
    "canvas": _fill_canvas,
    "moodle": _fill_moodle,
    "moodle-feedback": _pack_feedback,
    "gradescope": _write_gradescope,
    "classroom50": _write_classroom50,
}
