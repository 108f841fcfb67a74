"""What misbehaves as a file misbehaves as a notebook and in an archive, and gains nothing by it.

The corpus is handed in as files (`test_corpus.py`); one of each kind comes here in other forms.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.cell import levels
from tests.security import forms
from tests.security.canaries import plant, variable
from tests.security.corpus import entries
from tests.security.slowness import slowness
from tests.security.target import write_target
from tests.security.ward import Ward, complaints

ENTRIES = {entry.id: entry for entry in entries()}
CHOSEN = (
    *("crash-segfault", "escape-exec", "exhaust-address-space", "exit-at-import"),
    *("forge-comparisons-patched", "game-forbidden-by-name", "hang-at-import"),
    *("inject-builtins", "net-every-family", "others-signals", "protocol-bad-utf8"),
    *("read-frames", "report-markup"),
)


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    """Return a warm session of the best level that there is here."""
    level = levels.best_level().level
    if not level:
        pytest.skip("no jail is available here")
    scratch = tmp_path_factory.mktemp("forms")
    (scratch / "course").mkdir()
    with contextlib.ExitStack() as stack:
        stack.enter_context(variable())
        canaries = stack.enter_context(plant())
        course = write_target(scratch / "course", slowness())
        yield stack.enter_context(Ward(course, level, canaries, scratch))


@pytest.mark.parametrize("form", [forms.as_notebook, forms.as_zip], ids=["notebook", "zip"])
@pytest.mark.parametrize("name", CHOSEN)
def test_another_form_of_a_hand_in_gains_nothing(
    name: str, form: Callable[[Path], Path], ward: Ward
) -> None:
    """Points, outcome and message are those of the file, and outputs of cells are nowhere."""
    found = ward.examine(ENTRIES[name], form)
    assert not complaints(ENTRIES[name], found)
    assert found.read == "submitted"
    assert forms.PICTURE not in found.shown


def test_every_kind_that_carries_code_comes_in_other_forms() -> None:
    """Nobody adds a kind and forgets the notebook."""
    kinds = {entry.category for entry in ENTRIES.values()} - {"intake"}
    assert {ENTRIES[name].category for name in CHOSEN} == kinds
