"""Student text made safe to show: nothing in it may act on a terminal, a page or a reader.

Every renderer passes student text through `clean_text`. It is idempotent, so that text read
back from `result.json` is shown as it was the first time.
"""

from __future__ import annotations

import unicodedata

NAME_LIMIT = 200
"""Characters of a name, a path or a title."""
MESSAGE_LIMIT = 4_000
"""Characters of a message."""
OUTPUT_LIMIT = 16_000
"""Characters of printed output that a result keeps of one test."""
CELL_LIMIT = 24
"""Characters of one cell of a table."""
VALUE_LIMIT = 300
"""Characters of a value that stands alone."""

_GAP = "\n[... the middle is left out ...]\n"
# Control, format (bidi, zero width, tags), surrogate, private use, line and paragraph separator.
_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_NONCHARACTERS = frozenset(
    {
        *range(0xFDD0, 0xFDF0),
        *(plane << 16 | low for plane in range(17) for low in (0xFFFE, 0xFFFF)),
    }
)
_LATIN_1_END, _PLANE_0_END = 0x100, 0x10000


def clean_text(text: str, limit: int = MESSAGE_LIMIT) -> str:
    r"""Show what could act as what it is, and leave out the middle of what is too long.

    Args:
        text: Anything a student may have written or printed.
        limit: Most characters of the result; at least 60.

    Returns:
        The text with newlines and tabs kept, and every other control character, bidi control,
        invisible character and lone surrogate written as an escape such as `\x1b`.
    """
    if len(text) <= limit and _is_plain(text):
        return text
    text = text.replace("\r\n", "\n")
    if len(text) <= limit:
        escaped = _escape(text)
        if len(escaped) <= limit:
            return escaped
    room = max(0, limit - len(_GAP))
    tail_room = room // 3
    head_room = room - tail_room
    head = _escape(text[:head_room])[:head_room]
    tail = _escape(text[-tail_room:])[-tail_room:] if tail_room else ""
    return head + _GAP + tail


def clean_line(text: str, limit: int = NAME_LIMIT) -> str:
    r"""Clean text that stands on one line: newlines and tabs become escapes too.

    Args:
        text: A name, a path, a title or a table's cell.
        limit: Most characters of the result.

    Returns:
        One line; what is too long ends in an ellipsis.
    """
    if len(text) <= limit and _is_plain(text):
        return text
    line = _escape(text[: limit + 1]).replace("\n", "\\n").replace("\t", "\\t")
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _escape(text: str) -> str:
    """Write each unsafe character as its escape."""
    if _is_plain(text):
        return text
    return "".join(map(_escape_one, text))


def _is_plain(text: str) -> bool:
    """Tell at once, as of nearly every text, that nothing in it has to be escaped."""
    return text.isascii() and text.isprintable()


def _escape_one(character: str) -> str:
    """Write one character so that it can be seen."""
    if character in "\n\t":
        return character
    code = ord(character)
    harmless = unicodedata.category(character) not in _UNSAFE_CATEGORIES
    if harmless and code not in _NONCHARACTERS:
        return character
    if code < _LATIN_1_END:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < _PLANE_0_END else f"\\U{code:08x}"
