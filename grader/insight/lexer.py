"""Python text to tokens, for comparison only: whatever it is, it is never compiled or run.

The standard `tokenize` stops at broken text, splits f-strings in one way before 3.12 and in
another since, and takes ten times as long. Here every text has tokens, the same ones everywhere.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from functools import lru_cache

SOURCE_LIMIT = 64 * 1024
"""Characters of a hand-in that are compared; ten times the longest reference."""
_TRIPLE = r'"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*(?:"""|\Z)'
_SINGLE = r'"(?:[^"\\\n]|\\.)*"?'
_STRINGS = "|".join((_TRIPLE, _TRIPLE.replace('"', "'"), _SINGLE, _SINGLE.replace('"', "'")))
_TOKEN = re.compile(
    rf"""
    (?P<gap>[ \t\r\n\f\\]+|\#[^\n]*)
    |(?P<string>[A-Za-z]{{0,2}}(?:{_STRINGS}))
    |(?P<number>\.?\d[\w.]*(?:(?<=[eE])[-+]\d+)?)
    |(?P<name>\w+)
    |(?P<sign>\*\*=?|//=?|>>=?|<<=?|->|:=|[-+*/%&|^@=<>!]=|.)
    """.replace("\n    ", ""),
    re.DOTALL,
)
# Names that nobody can rename say what the code does; all others are one and the same name.
_KEYWORDS = (
    "False None True and as assert async await break class continue def del elif else except "
    "finally for from global if import in is lambda nonlocal not or pass raise return try while "
    "with yield"
)
_BUILTINS = (
    "self super abs all any dict enumerate float int isinstance len list map max min print range "
    "reversed round set sorted str sum tuple zip"
)
_WORDS = frozenset(f"{_KEYWORDS} {_BUILTINS}".split(" "))
_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one text.

    Attributes:
        codes: What each is once names and literals are made alike; equal tokens, equal codes.
        places: Where each begins in the text.
    """

    codes: tuple[int, ...]
    places: tuple[int, ...]


def tokens_of(source: str) -> Tokens:
    """Split a text into tokens that renaming, comments, docstrings and layout do not change.

    Args:
        source: Anything; what lies beyond `SOURCE_LIMIT` is left out.
    """
    text = source[:SOURCE_LIMIT]
    reader = _Reader(text)
    codes, places = [], []
    for found in _TOKEN.finditer(text):
        word = reader.word(found)
        if word:
            codes.append(_code(word))
            places.append(found.start())
    return Tokens(tuple(codes), tuple(places))


class _Reader:
    """Walks through a text and knows as much of its grammar as comparing takes."""

    def __init__(self, text: str) -> None:
        """Begin outside of all brackets."""
        self._text = text
        self._depth = 0
        self._in_signature = False
        self._last = self._before = ""

    def word(self, found: re.Match[str]) -> str:
        """Give the token that counts, names and literals made alike; empty for none."""
        match found.lastgroup:
            case "name":
                word = self._name(found)
            case "string":
                # Alone on its line it is a docstring, or text that stands there as a comment.
                word = "" if self._stands_alone(found.start()) else "text"
            case "number":
                word = "number"
            case "sign":
                word = self._sign(found.group())
            case _:
                word = ""
        if word:
            self._before, self._last = self._last, word
        return word

    def _name(self, found: re.Match[str]) -> str:
        word = found.group()
        self._in_signature = self._in_signature or word == "def"
        is_attribute = self._last == "." and self._before != "self"
        is_argument = self._depth and not self._in_signature and self._is_assigned(found.end())
        return word if word in _WORDS or is_attribute or is_argument else "name"

    def _sign(self, sign: str) -> str:
        if sign in _OPEN:
            self._depth += 1
        elif sign in _CLOSE:
            self._depth = max(0, self._depth - 1)
        elif sign == ":" and not self._depth:
            self._in_signature = False
        return sign

    def _stands_alone(self, place: int) -> bool:
        start = self._text.rfind("\n", 0, place) + 1
        return not self._depth and not self._text[start:place].strip()

    def _is_assigned(self, end: int) -> bool:
        return self._text[end : end + 1] == "=" and self._text[end + 1 : end + 2] != "="


@lru_cache(maxsize=4096)
def _code(word: str) -> int:
    return zlib.crc32(word.encode("utf-8", "surrogatepass"))
