"""The grade in a terminal: readable at 80 columns, through a pipe, and without colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.report.build import build_view
from grader.report.language import Say

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from grader.model import Grade, Standing
    from grader.report.view import (
        BarView,
        ChangesView,
        ComparisonView,
        DiagnosisView,
        ExerciseView,
        GradeView,
        NoteView,
        TableView,
        TaskView,
        TestView,
        TrainingView,
    )

STYLES = {"good": "green", "bad": "bold red", "warn": "yellow", "quiet": "dim", "ours": "magenta"}
PLAIN_SYMBOLS = {"good": "+", "bad": "x", "warn": "-", "quiet": ".", "ours": "?"}
"""For a terminal whose encoding lacks the real ones."""
STATUS_WIDTH, SIDE_WIDTH = 11, 9
"""Columns of what stands before a test's points, and before a value."""
MIN_WIDTH = 12
DETAIL = 6
"""Columns by which what belongs to a test is indented."""


def print_grade(
    grade: Grade,
    console: Console,
    say: Say = Say(),  # noqa: B008 - it is immutable
    since: Grade | None = None,
    counts: Standing | None = None,
) -> None:
    """Print one grade: every exercise with its tests, then one line that sums it up.

    Args:
        grade: The grade of one submission, fresh or read back.
        console: Where to print. Whether it shows colour is its own affair (NO_COLOR).
        say: Says it in the reader's language.
        since: The attempt before, to tell what changed.
        counts: What counts of it in a class.
    """
    _Printer(console, say).grade(build_view(grade, say, since, counts))


class _Printer:
    """Places the view line by line; nothing is ever read as markup."""

    def __init__(self, console: Console, say: Say) -> None:
        """Keep the console, what its encoding can show, and the language."""
        self._console = console
        self._say = say
        self._encoding = console.encoding or "utf-8"

    def grade(self, view: GradeView) -> None:
        """Print the whole grade."""
        self._notes(view.notes, 0)
        for exercise in view.exercises:
            self._exercise(exercise)
        if view.changes is not None:
            self._changes(view.changes)
        style = "magenta" if view.is_fault else "bold"
        percent = f" ({view.bar.percent})" if view.bar.percent else ""
        score = self._say("terminal.score", points=self._points(view.bar)) + percent
        self._line(0, (score, style), (f"  {view.standing}", ""))
        if view.summary:
            self._line(0, (view.summary, ""))
        self._line(0, (view.standing_detail, "magenta" if view.is_fault else ""))
        if view.counts:
            self._line(0, (view.counts, "bold"))

    def _changes(self, changes: ChangesView) -> None:
        """Print what changed since the last attempt."""
        self._line(0, (changes.summary, "bold"))
        for part in changes.parts:
            before = (f"{part.word}  ", STYLES[part.tone])
            for test in part.tests:
                self._line(2, (test.title, ""), before=(before,))
            if part.more:
                self._line(2, (part.more, "dim"), before=(before,))
        self._console.print()

    def _exercise(self, exercise: ExerciseView) -> None:
        """Print one exercise: its score, its problem, its notes, its tests by task."""
        percent = f"  {exercise.bar.percent}" if exercise.bar.percent else ""
        self._line(
            0,
            (exercise.title, "bold"),
            (f"  {exercise.id}", "dim"),
        )
        self._line(0, (f"{self._points(exercise.bar)}{percent}  {exercise.state}", "bold"))
        if exercise.problem:
            self._line(2, (exercise.problem, STYLES["ours" if exercise.bar.is_open else "bad"]))
        if exercise.pass_line:
            self._line(2, (exercise.pass_line, "dim"))
        self._notes(exercise.notes, 2)
        if exercise.is_submitted:
            for task in exercise.tasks:
                self._task(task)
        self._console.print()

    def _task(self, task: TaskView) -> None:
        """Print one task; one without tests here has nothing to say."""
        if not task.tests:
            return
        self._line(2, (f"{task.title}  ", ""), (self._points(task.bar), "dim"))
        if task.diagnosis is not None:
            self._diagnosis(task.diagnosis)
        for test in task.tests:
            self._test(test, task.trainings)

    def _test(self, test: TestView, trainings: tuple[TrainingView, ...]) -> None:
        """Print one test, why it did not pass, and what it measured if it trained."""
        style = STYLES[test.words.tone]
        status = self._padded(f"{self._symbol(test)} {test.words.word}", STATUS_WIDTH)
        points = f"{test.points:>7}  "
        hidden = self._say("terminal.hidden") if test.is_hidden else ""
        self._line(4, (hidden, "dim"), (test.title, ""), before=((status, style), (points, "dim")))
        self._paragraph(DETAIL, test.message)
        if test.comparison is not None:
            self._comparison(test.comparison)
        for frame in test.frames:
            self._line(
                DETAIL, (f"{frame.place} {self._say('frame.in', function=frame.function)}", "dim")
            )
            if frame.text:
                self._line(DETAIL + 2, (frame.text, ""))
        if test.hint:
            self._paragraph(DETAIL, self._say("terminal.hint", hint=test.hint))
        for training in trainings:
            if training.test is test and training.line:
                self._paragraph(DETAIL, self._say("terminal.training", line=training.line))
        if test.output:
            self._line(DETAIL, (self._say("printed"), "dim"))
            self._paragraph(DETAIL + 2, test.output, "dim")

    def _diagnosis(self, found: DiagnosisView) -> None:
        """Print why a task failed, and the smallest example of it."""
        if found.text:
            self._line(
                4,
                (found.text, "bold"),
                before=((f"{self._say('terminal.why')}  ", STYLES["warn"]),),
            )
        if found.hint:
            self._paragraph(DETAIL, self._say("terminal.hint", hint=found.hint))
        if found.comparison is not None:
            self._line(DETAIL, (f"{self._say('example')}  ", "dim"), (found.call, ""))
            self._comparison(found.comparison)

    def _comparison(self, comparison: ComparisonView) -> None:
        """Print expected and actual; a wrong cell stands between angle brackets."""
        sides = [("expected", comparison.expected), ("yours", comparison.actual)]
        if comparison.is_scalar:
            for name, table in sides:
                value = table.rows[0].cells[0].text if table.rows and table.rows[0].cells else ""
                style = STYLES["bad"] if name == "yours" else ""
                self._line(
                    DETAIL,
                    (self._padded(self._say(f"terminal.{name}"), SIDE_WIDTH), "dim"),
                    (value, style),
                )
            return
        if comparison.difference is not None and not comparison.is_scalar:
            sides.append(("difference", comparison.difference))
        if comparison.shapes is not None:
            for name, shape in zip(("expected", "yours"), comparison.shapes, strict=True):
                self._line(
                    DETAIL,
                    (
                        self._say(f"shape.{name}", shape=shape.text),
                        STYLES["bad"] if name == "yours" else "",
                    ),
                )
        for name, table in sides:
            if not table.rows:
                continue
            note = f" ({self._say('table.part')})" if table.is_cut else ""
            heading = self._say(f"terminal.{name}.what", what=comparison.what)
            self._line(DETAIL, (heading + note, "dim"))
            self._table(table, mark=name == "yours")

    def _table(self, table: TableView, *, mark: bool) -> None:
        """Print the rows of one table, as many columns as the width holds."""
        texts = [
            [f"<{c.text}>" if mark and c.is_wrong else f" {c.text} " for c in row.cells]
            for row in table.rows
        ]
        width = max((len(text) for row in texts for text in row), default=1)
        room = max(1, (self._console.width - DETAIL - 4) // (width + 1))
        for row, line in zip(table.rows, texts, strict=True):
            parts = [
                (text.rjust(width) + " ", STYLES["bad"] if mark and cell.is_wrong else "")
                for cell, text in zip(row.cells[:room], line[:room], strict=True)
            ]
            more = [("...", "dim")] if len(line) > room else []
            self._line(DETAIL + 2, *parts, *more)

    def _notes(self, notes: tuple[NoteView, ...], indent: int) -> None:
        """Print notes."""
        before = (f"{self._say('terminal.note')}  ", "yellow")
        for note in notes:
            where = f"{note.where}{self._say('joint')}" if note.where else ""
            self._line(indent, (where, "dim"), (note.text, ""), before=(before,))

    def _points(self, bar: BarView) -> str:
        """Write `12 / 20 points`, or that they are open."""
        key = "terminal.points.open" if bar.is_open else "terminal.points"
        return self._say(key, score=bar.score, maximum=bar.maximum)

    def _padded(self, text: str, width: int) -> str:
        """Fill a text up with blanks; a Chinese character is two columns wide."""
        from rich.cells import cell_len

        return text + " " * max(0, width - cell_len(text))

    def _symbol(self, test: TestView) -> str:
        """Choose a symbol that the terminal can show."""
        try:
            test.words.symbol.encode(self._encoding)
        except (UnicodeEncodeError, LookupError):
            return PLAIN_SYMBOLS[test.words.tone]
        return test.words.symbol

    def _paragraph(self, indent: int, text: str, style: str = "") -> None:
        """Print a text of several lines, each indented."""
        for line in text.splitlines():
            self._line(indent, (line, style))

    def _line(
        self, indent: int, *parts: tuple[str, str], before: tuple[tuple[str, str], ...] = ()
    ) -> None:
        """Print one line; where it is too long it goes on beneath itself, right of `before`."""
        from rich.text import Text

        margin = Text(" " * indent).append_text(self._text(before))
        width = max(MIN_WIDTH, self._console.width - margin.cell_len)
        for piece in self._text(parts).wrap(self._console, width):
            piece.rstrip()
            self._console.print(margin + piece, soft_wrap=True, highlight=False)
            margin = Text(" " * margin.cell_len)

    def _text(self, parts: tuple[tuple[str, str], ...]) -> Text:
        """Join styled parts; nothing in them is read as markup."""
        from rich.text import Text

        text = Text()
        for part, style in parts:
            text.append(self._showable(part), style)
        return text

    def _showable(self, text: str) -> str:
        """Write what the terminal's encoding lacks as escapes, instead of failing on it."""
        try:
            return text.encode(self._encoding, "backslashreplace").decode(self._encoding)
        except LookupError:
            return text.encode("ascii", "backslashreplace").decode("ascii")
