"""From a pydantic complaint to a sentence with `file:line:column`."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

    from grader.course.yamlpos import Document, Place, Trail
    from grader.errors import CourseError

ModelT = TypeVar("ModelT", bound=BaseModel)

_KINDS = {
    "string_type": "text",
    "int_type": "a whole number",
    "float_type": "a number",
    "list_type": "a list",
    "dict_type": "a map of keys",
    "model_type": "a map of keys",
    "bool_type": "true or false",
}
_SHOWN_CHARACTERS = 60


def validate(model: type[ModelT], document: Document) -> ModelT:
    """Check a document against a model.

    Args:
        model: What may stand in the file.
        document: The file's data and places.

    Raises:
        CourseError: For the first thing in the file that is wrong.
    """
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        details = error.errors(include_url=False)
    raise _explain(model, document, min(details, key=lambda detail: _order(document, detail)))


def _order(document: Document, detail: ErrorDetails) -> tuple[bool, Place]:
    """Sort in reading order, missing keys last: a misspelt key is also a missing one."""
    return detail["type"] == "missing", document.place(_trail(detail), key=True)


def near_miss(word: str, known: Iterable[str]) -> str:
    """Give the sentence `Did you mean ...?`, or nothing if no known word is near."""
    near = difflib.get_close_matches(word, list(known), n=3, cutoff=0.6)
    if not near:
        return ""
    return f"Did you mean {either(near)}?"


def either(words: Sequence[str]) -> str:
    """Write `a`, `b` or `c`."""
    quoted = [f"`{word}`" for word in words]
    if len(quoted) == 1:
        return quoted[0]
    return f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def _trail(detail: ErrorDetails) -> Trail:
    return tuple(part for part in detail["loc"] if part != "[key]")


def _explain(model: type[BaseModel], document: Document, detail: ErrorDetails) -> CourseError:
    """Write the sentence for one complaint."""
    trail, kind = _trail(detail), detail["type"]
    name = f"`{trail[-1]}`" if trail else "the file"
    if trail and isinstance(trail[-1], int):
        name = f"item {trail[-1] + 1} of `{trail[-2]}`"
    if kind == "extra_forbidden":
        known = _known_keys(model, trail[:-1])
        what_now = near_miss(str(trail[-1]), known) or f"Known here: {either(sorted(known))}."
        return document.error(trail, f"the key {name} is unknown.", what_now, key=True)
    if kind == "missing":
        return document.error(trail, f"the key {name} is missing.", f"Add {name}.")
    if kind in _KINDS:
        what_now = "Put it in quotes." if kind == "string_type" else ""
        if isinstance(detail["input"], dict | list):
            what_now = ""
        what = f"{name} must be {_KINDS[kind]}, not {_shown(detail['input'])}."
        return document.error(trail, what, what_now or f"Write {_KINDS[kind]}.")
    if kind == "too_short":
        return document.error(trail, f"{name} is empty.", "Write at least one entry.")
    if kind == "value_error":
        what = f"{name} {detail['ctx']['error']}."
        return document.error(trail, what, "Change it.", key="[key]" in detail["loc"])
    reason = detail["msg"].removeprefix("Input should be ")
    return document.error(trail, f"{name} must be {reason}.", "Change it.")


def _shown(value: object) -> str:
    """Show a value as it was written, shortened."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, list):
        return "a list"
    text = str(getattr(value, "text", value))
    if isinstance(value, bool):
        text = text.lower()
    if len(text) > _SHOWN_CHARACTERS:
        text = text[:_SHOWN_CHARACTERS] + "..."
    return f"`{text}`"


def _known_keys(model: type[BaseModel], trail: Trail) -> set[str]:
    """List the keys that may stand in the map at `trail`."""
    kind: Any = model
    for part in trail:
        kind = _inner(kind, part)
    return set(kind.model_fields) if _is_model(kind) else set()


def _inner(kind: Any, part: str | int) -> Any:
    """Step from a model, or from a map or list of something, to what it holds."""
    if _is_model(kind):
        found: FieldInfo | None = kind.model_fields.get(str(part))
        return found.annotation if found else None
    return get_args(kind)[-1] if get_origin(kind) in {dict, list} else None


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
