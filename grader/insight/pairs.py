"""Hand-ins that are alike beyond what was handed out: evidence for a person, never a verdict.

The order of work is near-linear in the class: texts that are equal once names are made alike
become one; runs of tokens that were handed out, or that many have, are set aside; an index from
fingerprint to texts yields the pairs worth a closer look.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

from grader.insight.lexer import Tokens, packed_codes, tokens_of
from grader.insight.winnowing import covered, fingerprints_of, hashes_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from grader.insight.winnowing import Hashes

FEWEST_OWN = 60
"""Tokens that a hand-in must have beyond the handed-out and the common; shorter ones agree by
nature."""
FEWEST_SHARED = 40
LEAST_SHARE = 0.6
"""Share of the smaller hand-in's own tokens that must be found in the other."""
FEWEST_COMMON = 5
"""What more hand-ins than this have is common, in a class of up to a hundred..."""
COMMON_SHARE = 20
"""...and what more than one in twenty have in a larger one..."""
MOST_COMMON = 20
"""...but never more than this, which bounds the work for each fingerprint."""
FEWEST_FINGERPRINTS = 3
MOST_PAIRS = 100
MOST_SHOWN = 10
"""Pairs whose texts are shown."""
MOST_LINES = 40
MOST_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class Document:
    """What somebody handed in for one exercise; `people` are several for a group.

    `read` gives the text, which is wanted once, and once more if it is shown.
    """

    people: tuple[int, ...]
    read: Callable[[], str]


Each = Callable[[Callable[[Document], bytes], Sequence[Document]], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One line of a hand-in; `number` is 0 for lines left out."""

    number: int
    text: str
    is_shared: bool


@dataclass(frozen=True, slots=True)
class Side:
    """One of two hand-ins that are alike; `lines` is empty where the text is not shown."""

    people: tuple[int, ...]
    lines: tuple[SourceLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    """Two hand-ins that are alike.

    Attributes:
        exercise_id: Of which exercise.
        share: Of the smaller one's own tokens, those found in the other.
        tokens: How many these are.
        is_equal: Whether they are the same once names and literals are made alike.
        sides: Both.
    """

    exercise_id: str
    share: float
    tokens: int
    is_equal: bool
    sides: tuple[Side, Side]


def similar_pairs(
    handed_in: Mapping[str, Sequence[Document]],
    handed_out: Mapping[str, Iterable[str]],
    each: Each = map,
) -> tuple[Pair, ...]:
    """Find hand-ins that are alike.

    Args:
        handed_in: By exercise.
        handed_out: By exercise the texts that everybody may have: the stub, the book's answer.
        each: Does something with each document, in order, as `map` does; may share the work out.

    Returns:
        The most alike first, at most `MOST_PAIRS`; the first `MOST_SHOWN` with their texts.
    """
    found: list[_Hit] = []
    for name, documents in handed_in.items():
        found += _of_exercise(name, documents, handed_out.get(name, ()), each)
    found.sort(key=lambda hit: (-hit.pair.share, -hit.pair.tokens, hit.pair.sides[0].people))
    shown = [hit.with_lines() for hit in found[:MOST_SHOWN]]
    return (*shown, *(hit.pair for hit in found[MOST_SHOWN:MOST_PAIRS]))


@dataclass(frozen=True, slots=True)
class _Text:
    """Hand-ins that are the same once names and literals are made alike."""

    documents: tuple[Document, ...]
    hashes: Hashes
    own: int

    @property
    def side(self) -> Side:
        return Side(tuple(n for document in self.documents for n in document.people))


@dataclass(frozen=True, slots=True)
class _Hit:
    """A pair with what its evidence is made from."""

    pair: Pair
    documents: tuple[Document, Document]
    given: Hashes

    def with_lines(self) -> Pair:
        """Add both texts, cut to the lines that are alike and their neighbours."""
        texts = [document.read() for document in self.documents]
        tokens = [tokens_of(text) for text in texts]
        first_runs, second_runs = (hashes_of(one.codes) for one in tokens)
        marks = _shared(first_runs, second_runs, self.given)
        lines = [
            _lines(text, one, shared)
            for text, one, shared in zip(texts, tokens, marks, strict=True)
        ]
        first, second = self.pair.sides
        sides = (replace(first, lines=lines[0]), replace(second, lines=lines[1]))
        return replace(self.pair, sides=sides)


def _of_exercise(
    name: str, documents: Sequence[Document], handed_out: Iterable[str], each: Each
) -> list[_Hit]:
    import numpy as np

    groups: dict[bytes, list[Document]] = defaultdict(list)
    in_order = sorted(documents, key=lambda d: d.people)
    for document, codes in zip(in_order, each(_codes, in_order), strict=True):
        groups[codes].append(document)
    hashes = [hashes_of(np.frombuffer(codes, dtype=np.uintc)) for codes in groups]
    out = [hashes_of(tokens_of(text).codes) for text in handed_out]
    given = np.unique(np.concatenate([*out, _common(hashes)]))
    texts = [
        _Text(tuple(group), runs, int((~covered(runs, given)).sum()))
        for group, runs in zip(groups.values(), hashes, strict=True)
    ]
    texts = [text for text in texts if text.own >= FEWEST_OWN]
    index: dict[int, list[int]] = defaultdict(list)
    for number, text in enumerate(texts):
        for mark in fingerprints_of(text.hashes, given).tolist():
            index[mark].append(number)
    alike = Counter(pair for holders in index.values() for pair in combinations(holders, 2))
    hits = []
    for text in texts:
        if len(text.documents) > 1:
            pair = Pair(name, 1.0, text.own, is_equal=True, sides=_split(text))
            hits.append(_Hit(pair, (text.documents[0], text.documents[1]), given))
    for (one, other), fingerprints in alike.items():
        if fingerprints >= FEWEST_FINGERPRINTS:
            hits += _compared(name, texts[one], texts[other], given)
    return hits


def _codes(document: Document) -> bytes:
    return packed_codes(document.read())


def _split(text: _Text) -> tuple[Side, Side]:
    first, *others = text.documents
    return Side(first.people), Side(tuple(n for document in others for n in document.people))


def _compared(name: str, one: _Text, other: _Text, given: Hashes) -> list[_Hit]:
    tokens = min(int(marks.sum()) for marks in _shared(one.hashes, other.hashes, given))
    share = tokens / min(one.own, other.own)
    if tokens < FEWEST_SHARED or share < LEAST_SHARE:
        return []
    pair = Pair(name, share, tokens, is_equal=False, sides=(one.side, other.side))
    return [_Hit(pair, (one.documents[0], other.documents[0]), given)]


def _common(hashes: Sequence[Hashes]) -> Hashes:
    """Give the runs of tokens that many different hand-ins have."""
    import numpy as np

    if not hashes:
        return np.zeros(0, dtype=np.uint64)
    every = np.concatenate([np.unique(runs) for runs in hashes])
    runs, counts = np.unique(every, return_counts=True)
    most = max(FEWEST_COMMON, min(MOST_COMMON, len(hashes) // COMMON_SHARE))
    return runs[counts > most]


def _shared(one: Hashes, other: Hashes, given: Hashes) -> list[NDArray[np.bool_]]:
    """Mark in two texts the tokens of runs that both have, without those that are given."""
    import numpy as np

    both = np.setdiff1d(np.intersect1d(one, other), given)
    return [covered(runs, both) & ~covered(runs, given) for runs in (one, other)]


def _lines(source: str, tokens: Tokens, shared: NDArray[np.bool_]) -> tuple[SourceLine, ...]:
    """Cut a text to its shared lines, with one line around each."""
    starts = [place for place, is_shared in zip(tokens.places, shared, strict=False) if is_shared]
    marked = {source.count("\n", 0, place) for place in starts}
    text = source.split("\n")
    near = sorted({n for mark in marked for n in (mark - 1, mark, mark + 1) if 0 <= n < len(text)})
    lines: list[SourceLine] = []
    last = -1
    for number in near[:MOST_LINES]:
        if number != last + 1:
            lines.append(SourceLine(0, "", is_shared=False))
        lines.append(SourceLine(number + 1, text[number][:MOST_CHARACTERS], number in marked))
        last = number
    if last + 1 < len(text):
        lines.append(SourceLine(0, "", is_shared=False))
    return tuple(lines)
