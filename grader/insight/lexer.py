"""Python text to tokens, for comparison only: whatever it is, it is never compiled or run.

The standard `tokenize` stops at broken text, splits f-strings in one way before 3.12 and in
another since, and takes ten times as long. Here every text has tokens, the same ones everywhere.
"""

from __future__ import annotations

import re
import zlib
from array import array
from dataclasses import dataclass
from functools import lru_cache

SOURCE_LIMIT = 64 * 1024
"""Characters of a hand-in that are compared; ten times the longest reference."""
_TRIPLE = r'"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*(?:"""|\Z)'
_SINGLE = r'"(?:[^"\\\n]|\\.)*"?'
_STRINGS = "|".join((_TRIPLE, _TRIPLE.replace('"', "'"), _SINGLE, _SINGLE.replace('"', "'")))
_TOKEN = re.compile(
    rf"""
    (?:[ \t\r\n\f\\]+|\#[^\n]*)*+
    (?:(?P<string>[A-Za-z]{{0,2}}(?:{_STRINGS}))
    |(?P<number>\.?\d[\w.]*(?:(?<=[eE])[-+]\d+)?)
    |(?P<name>\w+)
    |(?P<sign>\*\*=?|//=?|>>=?|<<=?|->|:=|[-+*/%&|^@=<>!]=|.)|(?P<end>\Z))
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
_STEPS = dict.fromkeys("([{", 1) | dict.fromkeys(")]}", -1)
"""How much deeper a bracket leads."""


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
    codes, places = [], []
    depth = 0
    in_signature = False
    last = before = ""
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or ""
        word = found[kind]
        place = found.start(kind)
        if kind == "name":
            in_signature = in_signature or word == "def"
            is_attribute = last == "." and before != "self"
            is_argument = depth and not in_signature and _is_assigned(text, found.end())
            if not (word in _WORDS or is_attribute or is_argument):
                word = "name"
        elif kind == "sign":
            depth = max(0, depth + _STEPS.get(word, 0))
            in_signature = in_signature and (word != ":" or depth > 0)
        elif kind == "string":
            # Alone on its line it is a docstring, or text that stands there as a comment.
            if not depth and not text[text.rfind("\n", 0, place) + 1 : place].strip():
                continue
            word = "text"
        elif kind == "number":
            word = "number"
        else:
            break
        before, last = last, word
        codes.append(_code(word))
        places.append(place)
    return Tokens(tuple(codes), tuple(places))


def packed_codes(source: str) -> bytes:
    """Give the codes of a text's tokens as C's unsigned integers."""
    return array("I", tokens_of(source).codes).tobytes()


def _is_assigned(text: str, end: int) -> bool:
    return text[end : end + 1] == "=" and text[end + 1 : end + 2] != "="


@lru_cache(maxsize=4096)
def _code(word: str) -> int:
    return zlib.crc32(word.encode("utf-8", "surrogatepass"))
