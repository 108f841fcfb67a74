"""Texts that are filled in: the students' README, and the files of a new exercise."""

from __future__ import annotations


def render(name: str, **values: object) -> str:
    """Fill in one template of this folder.

    Args:
        name: File name of the template.
        values: What it asks for; a missing value is an error, not an empty text.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(  # noqa: S701 - Markdown and Python, never HTML
        loader=PackageLoader("grader.course", "templates"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name).render(**values)
