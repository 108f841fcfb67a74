"""The command `autograde`: arguments in, text and exit codes out.

Exit codes: 0 all required passed, 1 graded and something failed, 2 usage or course error,
3 infrastructure (ours), 130 interrupted. Results go to stdout, progress and complaints to
stderr. This is the only module that turns an exception into text.
"""

from __future__ import annotations

import sys
from typing import NoReturn

import typer
from rich.console import Console

from grader import __version__
from grader.commands import author, instructor, student
from grader.errors import AutogradeError

INTERRUPTED = 130

app = typer.Typer(
    name="autograde",
    help="Grade the exercises of Dive into Deep Learning, with the verdict out of reach.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _show_version(*, wanted: bool) -> None:
    if wanted:
        typer.echo(f"autograde {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(  # noqa: ARG001 - handled by its callback
        False, "--version", callback=lambda wanted: _show_version(wanted=wanted), is_eager=True,
        help="Print the version and end.",
    ),
) -> None:
    """Options that stand before a command."""


for _room in (student, instructor, author):
    _room.register(app)


def main() -> NoReturn:
    """Run the command line and end the process with its exit code."""
    try:
        code = app(standalone_mode=False)
    except typer.Exit as ending:
        code = ending.exit_code
    except typer.Abort:
        code = INTERRUPTED
    except KeyboardInterrupt:
        code = INTERRUPTED
    except AutogradeError as error:
        _complain(str(error))
        code = error.exit_code
    except typer_usage_error() as error:
        error.show()
        code = error.exit_code
    except BrokenPipeError:
        # `autograde list | head`: the reader has seen enough.
        sys.stderr.close()
        code = 0
    sys.exit(code if isinstance(code, int) else 0)


def typer_usage_error() -> type[Exception]:
    """Return the exception that typer raises for a wrong command line."""
    from click import ClickException

    return ClickException


def _complain(text: str) -> None:
    Console(stderr=True, highlight=False).print(f"[bold red]error[/] {_escaped(text)}", soft_wrap=True)


def _escaped(text: str) -> str:
    from rich.markup import escape

    return escape(text)
