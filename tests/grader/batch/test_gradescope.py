"""`submission_metadata.yml`, read without building anything that Ruby wrote."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.batch.gradescope import read_metadata
from grader.errors import UsageError

EXPORT = """\
---
submission_1:
  :submitters:
  - :name: Solo Student
    :sid: '100'
    :email: solo@example.edu
  :created_at: &1 2026-10-01 14:32:05.100000000 Z
  :score: 73.3
  :results: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
    tests:
    - {name: conv, score: 40.0, output: &2 x}
    - *2
  :history:
  - :created_at: 2026-09-30 10:00:00 Z
submission_2:
  :submitters:
  - :name: First
    :sid: '1'
  - :sid: '2'
    :email: !!python/object:os.system second@example.edu
  :created_at: *1
submission_3: null
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An export as Ruby writes it: symbols, tags, anchors, aliases."""
    path = tmp_path / "submission_metadata.yml"
    path.write_text(EXPORT, "utf-8")
    return path


def test_who_and_when_are_read_and_nothing_else(file: Path) -> None:
    """Results and history are passed over, tags are not followed, an alias is its scalar."""
    first, second = read_metadata(file)
    assert first.folder == "submission_1"
    assert first.submitters == (
        {"name": "Solo Student", "sid": "100", "email": "solo@example.edu"},
    )
    assert [who["sid"] for who in second.submitters] == ["1", "2"]
    assert second.submitters[1]["email"] == "second@example.edu"
    assert first.created_at == second.created_at == "2026-10-01 14:32:05.100000000 Z"


@pytest.mark.parametrize("text", ["", "- a\n", "a: [", "{" * 500, "\x00", "a: &x {b: *x}\nc"])
def test_another_file_is_refused_in_words(file: Path, text: str) -> None:
    """It says what to do about it."""
    file.write_text(text, "utf-8")
    with pytest.raises(UsageError, match="no such export"):
        read_metadata(file)


@given(st.text(max_size=80))
def test_any_file_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Nothing but a UsageError is raised."""
    path = tmp_path_factory.mktemp("export") / "submission_metadata.yml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with contextlib.suppress(UsageError):
        read_metadata(path)
