"""The command `autograde`: arguments in, text and exit codes out.

Exit codes: 0 all required passed, 1 graded and something failed, 2 usage or course error,
3 infrastructure (ours), 130 interrupted. Results go to stdout, progress and complaints to
stderr. This is the only module that turns an exception into text.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from grader import __version__
from grader.commands import (
    author,
    central,
    classroom,
    continuous,
    data,
    exporting,
    gradebook,
    instructor,
    student,
)
from grader.errors import AutogradeError

app = typer.Typer(
    name="autograde",
    help="Grade the exercises of Dive into Deep Learning, with the verdict out of reach.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"autograde {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    del version


_GROUPS = (
    student,
    instructor,
    continuous,
    classroom,
    central,
    gradebook,
    exporting,
    author,
    data,
)
for _group in _GROUPS:
    _group.register(app)


def main() -> None:
    """Run the command line and end the process with its exit code."""
    try:
        app()
    except AutogradeError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
