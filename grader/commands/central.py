"""For a class that pushes: `clone` its repositories, and `publish` its results there."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.commands import common
from grader.model import Grade, Standing

if TYPE_CHECKING:
    from grader.commands.gh import Gh

List = Annotated[
    Path,
    typer.Argument(
        metavar="LIST", help="Repositories (owner/name), one a line; a roster with --repository."
    ),
]
Pattern = Annotated[
    str,
    typer.Option(
        "--repository", metavar="PATTERN", help="LIST is a roster; e.g. my-org/hw1-{username}."
    ),
]


class Form(StrEnum):
    """As what a result is published."""

    COMMENT = "comment"
    STATUS = "status"


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    app.command()(clone)
    app.command()(publish)


def clone(
    listed: List,
    into: Annotated[
        Path, typer.Option("--into", metavar="DIR", help="An empty folder; `batch` reads it.")
    ] = Path("hand-ins"),
    pattern: Pattern = "",
    server: Annotated[
        str,
        typer.Option(
            metavar="URL", envvar="GITHUB_SERVER_URL", help="What stands before /owner/name."
        ),
    ] = "https://github.com",
    as_json: common.AsJson = False,
) -> None:
    """Clone the repositories of a class; GH_TOKEN opens private ones."""
    from grader.batch.repositories import read_addresses
    from grader.commands.cloning import clone_all

    addresses = read_addresses(listed, pattern)
    done: dict[str, str] = {}
    for address, problem in clone_all(addresses, into, server, os.environ.get("GH_TOKEN", "")):
        done[address.repository] = problem
        if problem:
            typer.echo(f"{address.repository}: cannot be cloned: {problem}", err=True)
    failed = {name: problem for name, problem in done.items() if problem}
    _end("cloned", len(done) - len(failed), 0, failed, as_json=as_json)


def publish(
    listed: List,
    source: Annotated[
        Path, typer.Option("--from", metavar="DIR", help="What `autograde batch --out` wrote.")
    ] = Path("graded"),
    pattern: Pattern = "",
    form: Annotated[
        Form, typer.Option("--as", help="A comment on an issue, or a status of the commit.")
    ] = Form.COMMENT,
    as_json: common.AsJson = False,
) -> None:
    """Tell each student's repository its result, through gh; the same again changes nothing."""
    from grader.batch.book import read_rows
    from grader.batch.repositories import read_addresses
    from grader.commands.gh import Gh, Refused

    addresses = {one.key.casefold(): one for one in read_addresses(listed, pattern)}
    _, rows = read_rows(source)
    gh = Gh()
    tell = _teller(gh, form)
    counts = {True: 0, False: 0}
    failed: dict[str, str] = {}
    for row in rows:
        address = addresses.get(row.person.key.casefold())
        if address is None or row.grade is None or row.grade.score is None:
            continue  # nothing is known that could be told
        try:
            counts[tell(address.repository, row.grade, row.standing)] += 1
        except Refused as error:
            failed[address.repository] = str(error)
            typer.echo(f"{address.repository}: not published: {error}", err=True)
    _end("published", counts[True], counts[False], failed, as_json=as_json)


def _teller(gh: Gh, form: Form) -> Callable[[str, Grade, Standing | None], bool]:
    from grader.commands.delivery import Comments, tell_status

    if form is Form.COMMENT:
        return Comments(gh, gh.login()).tell
    return functools.partial(tell_status, gh)


def _end(verb: str, changed: int, unchanged: int, failed: dict[str, str], *, as_json: bool) -> None:
    if as_json:
        common.print_json({verb: changed, "unchanged": unchanged, "failed": failed})
    else:
        same = f", {unchanged} unchanged" if unchanged else ""
        typer.echo(f"{changed} {verb}{same}, {len(failed)} failed.")
    raise typer.Exit(common.FAILED if failed else common.OK)
