"""Copies are found, independent answers are not, and any text at all is compared."""

from __future__ import annotations

import io
import random
import tokenize
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.insight.lexer import SOURCE_LIMIT, tokens_of
from grader.insight.pairs import Document, Pair, similar_pairs
from grader.insight.winnowing import GRAM, WINDOW, fingerprints_of, hashes_of

ROOT = Path(__file__).parents[3]
SOLUTIONS = sorted((ROOT / "solutions").iterdir())
KEPT = frozenset(
    """torch nn np math random collections self super len range sum max min float int list tuple
    dict set sorted zip enumerate print isinstance abs any all str""".split()  # noqa: SIM905
)
PUBLISHED = {"07-05-batch-norm": 1}
"""Pairs of alternatives that come from one text: two editions of the book."""


def renamed(source: str, seed: int) -> str:
    """A copy in which every name that can be renamed is, with comments and blank lines added."""
    rng = random.Random(seed)
    names: dict[str, str] = {}
    tokens = []
    last = ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        text = token.string
        own = token.type == tokenize.NAME and not text.istitle() and text not in KEPT
        if own and last != "." and text not in _keywords():
            text = names.setdefault(text, f"v{len(names)}_{rng.randrange(99)}")
        tokens.append((token.type, text))
        last = token.string
    return "# my own work\n\n" + tokenize.untokenize(tokens)


def _keywords() -> frozenset[str]:
    import keyword

    return frozenset(keyword.kwlist)


def given_of(exercise: Path) -> list[str]:
    """What everybody may have: the stub and the reference."""
    modules = [p for p in exercise.glob("*.py") if p.name not in ("mistakes.py", "probes.py")]
    stub = ROOT / "assignments" / exercise.name / modules[0].name
    return [stub.read_text("utf-8"), modules[0].read_text("utf-8")]


def _document(text: str, *people: int) -> Document:
    return Document(people, lambda: text)


def found(exercise: Path, sources: list[str]) -> tuple[Pair, ...]:
    """The pairs among these hand-ins."""
    documents = [_document(source, n) for n, source in enumerate(sources)]
    return similar_pairs({exercise.name: documents}, {exercise.name: given_of(exercise)})


def alternatives(exercise: Path) -> list[str]:
    """Right answers that were written independently."""
    return [p.read_text("utf-8") for p in sorted((exercise / "alternatives").glob("*.py"))]


@pytest.mark.parametrize("exercise", SOLUTIONS, ids=lambda path: path.name)
def test_copies_are_found_and_independent_answers_are_not(exercise: Path) -> None:
    """Each alternative and its renamed copy are a pair, and hardly any others are."""
    own = alternatives(exercise)
    pairs = found(exercise, [*own, *(renamed(text, n) for n, text in enumerate(own))])
    hits = {(p.sides[0].people[0], p.sides[1].people[0]) for p in pairs}
    copies = {(n, n + len(own)) for n in range(len(own))}
    assert copies <= hits
    wrong = {tuple(sorted((a % len(own), b % len(own)))) for a, b in hits - copies}
    assert len(wrong) <= PUBLISHED.get(exercise.name, 0)


def test_what_was_handed_out_is_no_evidence() -> None:
    """Two untouched stubs, and two references, are not alike beyond what everybody has."""
    exercise = SOLUTIONS[0]
    for text in given_of(exercise):
        assert found(exercise, [text, renamed(text, 1), text]) == ()


def test_what_many_have_is_no_evidence() -> None:
    """Seven answers that share most of their lines but differ in some have a common source."""
    exercise = SOLUTIONS[2]
    common = alternatives(exercise)[0]
    some = [common + f"\nz{n} = {'+'.join(['f(1)'] * (n + 2))}\n" for n in range(7)]
    assert len(found(exercise, some[:3])) == 3
    assert found(exercise, some) == ()


def test_a_short_answer_accuses_nobody() -> None:
    """Five equal lines are below what is compared at all."""
    short = (
        "def f(x, y):\n    total = 0\n    for a in x:\n        total += a * y\n    return total\n"
    )
    assert similar_pairs({"e": [_document(short, 0), _document(short, 1)]}, {}) == ()


def test_a_group_is_not_alike_with_itself() -> None:
    """Its members handed one text in; somebody outside who has it too is named."""
    text = alternatives(SOLUTIONS[0])[0]
    group = _document(text, 0, 1)
    assert similar_pairs({"e": [group]}, {}) == ()
    (pair,) = similar_pairs({"e": [group, _document(text, 2)]}, {})
    assert [side.people for side in pair.sides] == [(0, 1), (2,)]
    assert pair.is_equal
    assert any(line.is_shared for line in pair.sides[1].lines)


def test_evidence_shows_lines_of_both_texts_by_their_numbers() -> None:
    """Numbers are those of the file; lines between are said to be left out."""
    exercise = SOLUTIONS[2]
    text = alternatives(exercise)[0]
    copy = renamed(text, 3)
    pair = found(exercise, [text, copy])[0]
    for side, source in zip(pair.sides, (text, copy), strict=True):
        lines = source.split("\n")
        assert any(line.is_shared for line in side.lines)
        for line in side.lines:
            assert line.text == (lines[line.number - 1][:120] if line.number else "")


@given(st.text(max_size=400))
def test_any_text_has_tokens(text: str) -> None:
    """Whatever stands in a hand-in, its tokens lie in order inside of it."""
    tokens = tokens_of(text)
    assert len(tokens.codes) == len(tokens.places)
    assert list(tokens.places) == sorted({*tokens.places})
    assert all(0 <= place < len(text) for place in tokens.places)


@pytest.mark.parametrize(
    "unit", ['"""', "'", "(", "\\", "f'{", "a.", "# ", "1e", "\x00", "'''\"\"\""]
)
def test_a_hostile_text_takes_no_longer_than_its_length(unit: str) -> None:
    """Cut at a limit, and read in one pass: megabytes of it are done at once."""
    text = unit * (2**21 // len(unit))
    assert tokens_of(text) == tokens_of(text[:SOURCE_LIMIT])


def test_layout_comments_and_names_change_no_token() -> None:
    """But what nobody can rename does: methods, arguments by name, operators."""
    one = 'def f(x):\n    """Say."""\n    return x.sum(1, keepdim=True) + 2\n'
    other = "def g(  y ):  # ha\n  return y.sum( 7,\n keepdim=False if 0 else True)+2\n"
    same = "def h(z):\n\n    # why\n    return z.sum(3, keepdim=True) + 5\n\n# 0.5 (later)\n"
    assert tokens_of(one).codes == tokens_of(same).codes
    assert tokens_of(one).codes != tokens_of(other).codes
    assert tokens_of(one).codes != tokens_of(one.replace("sum", "mean")).codes


@given(st.lists(st.integers(0, 3), max_size=30), st.lists(st.integers(0, 3), max_size=30),
       st.lists(st.integers(4, 9), min_size=GRAM + WINDOW - 1, max_size=40))  # fmt: skip
def test_a_long_shared_run_leaves_a_common_fingerprint(
    before: list[int], after: list[int], run: list[int]
) -> None:
    """The guarantee of winnowing: `GRAM + WINDOW - 1` shared tokens are never missed."""
    nothing = hashes_of(())
    one = fingerprints_of(hashes_of((*before, *run)), nothing)
    other = fingerprints_of(hashes_of((*run, *after)), nothing)
    assert {*one.tolist()} & {*other.tolist()}
