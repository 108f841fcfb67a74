"""Without a check of intake or a cleaning of the report, at least one attack turns red.

`layers/table.py` names each layer and its witnesses; `layers_of_cells.py` does the same for cells.
"""

from __future__ import annotations

import io
from contextlib import ExitStack
from pathlib import Path

import pytest
from rich.console import Console

from grader import collect, report
from grader.collect.limits import IntakeLimits
from grader.errors import SubmissionError
from tests.security.corpus import Entry, entries
from tests.security.layers.around import LOOSE, switched_off
from tests.security.layers.table import LAYERS, Layer
from tests.security.target import write_target
from tests.security.test_fuzz_report import filled

ENTRIES = {entry.id: entry for entry in entries()}
AT_INTAKE = [layer for layer in LAYERS if layer.where == "intake" and layer.witnesses]
IN_REPORTS = [layer for layer in LAYERS if layer.where == "report"]


def _read(entry: Entry, layer: Layer | None, place: Path) -> str:
    """Return what intake says of a hand-in without a layer."""
    (place / "course").mkdir(parents=True)
    course = write_target(place / "course")
    path = entry.lay_out(place / "hand-in", {"COURSE": str(course.root), "TOKEN": "token"})
    limits = LOOSE.get(layer.name, IntakeLimits()) if layer else IntakeLimits()
    with ExitStack() as stack:
        if layer:
            stack.enter_context(switched_off(layer.name))
        try:
            found = collect.read_submission(path, course.exercises, limits=limits)
        except SubmissionError:
            return "refused"
        except (RecursionError, MemoryError, SyntaxError):
            return "broken"
    return found.hand_ins[0].status.value


@pytest.mark.parametrize("layer", AT_INTAKE, ids=lambda layer: layer.name)
def test_a_hand_in_is_read_once_a_check_of_intake_is_off(layer: Layer, tmp_path: Path) -> None:
    """With the check it is refused or unreadable; without, something else becomes of it."""
    for name in layer.witnesses:
        entry = ENTRIES[name]
        assert _read(entry, None, tmp_path / "on") == entry.read
        assert _read(entry, layer, tmp_path / "off") != entry.read


def _shown(entry: Entry) -> tuple[str, str]:
    """Return the page and all that is shown of a grade full of what a hand-in raises."""
    names: dict[str, object] = {}
    exec((entry.folder / "target.py").read_text("utf-8"), names)
    with pytest.raises(ValueError) as raised:  # noqa: PT011 - whatever it says
        names["curve"](None)  # type: ignore[operator]
    grade = filled(str(raised.value))
    out = io.StringIO()
    report.print_grade(grade, Console(file=out, width=100, highlight=False))
    page = report.render_html(grade)
    return page, page + out.getvalue()


@pytest.mark.parametrize("layer", IN_REPORTS, ids=lambda layer: layer.name)
def test_text_acts_on_its_reader_once_a_layer_of_the_report_is_off(layer: Layer) -> None:
    """With it, nothing of what may not be shown is; without it, some of it is."""
    for name in layer.witnesses:
        entry = ENTRIES[name]

        def bad(entry: Entry = entry) -> bool:
            page, shown = _shown(entry)
            return any(text in page for text in entry.absent_page) or any(
                text in shown for text in entry.absent
            )

        assert not bad()
        with switched_off(layer.name):
            assert bad()


def test_a_layer_without_a_witness_says_why_it_is_there() -> None:
    """Nobody may switch off a layer, see nothing happen, and be left without a reason."""
    for layer in LAYERS:
        assert bool(layer.witnesses) != bool(layer.why), layer.name
