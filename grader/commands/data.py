"""`autograde data`: which data sets are here, are they right, and how to get them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from grader.commands import common
from grader.data import find
from grader.data.fetch import fetch
from grader.data.sets import EMBEDDED, SETS, DataSet

SetNames = Annotated[
    list[str] | None,
    typer.Argument(metavar="[SET]...", help="Names as `list` shows them.", show_default=False),
]


def register(app: typer.Typer) -> None:
    """Add `data` and its three commands to the command line."""
    group = typer.Typer(help="Data sets: list, fetch, verify.", no_args_is_help=True)
    group.command("list")(list_sets)
    group.command("fetch")(fetch_sets)
    group.command("verify")(verify_sets)
    app.add_typer(group, name="data")


def list_sets(as_json: common.AsJson = False) -> None:
    """List the data sets, where each was found, and its licence."""
    rows = [_row(entry) for entry in SETS]
    if as_json:
        common.print_json(rows)
        return
    table = Table(box=None, pad_edge=False)
    for name in ("set", "where", "MB", "licence"):
        table.add_column(
            name, justify="right" if name == "MB" else "left", no_wrap=name in ("set", "where")
        )
    for row in rows:
        megabytes = f"{float(str(row['bytes'])) / 1e6:.1f}"
        where = str(row["where"] or "not here")
        table.add_row(str(row["name"]), where, megabytes, str(row["licence"]), str(row["title"]))
    Console(highlight=False).print(table)


def verify_sets(names: SetNames = None, as_json: common.AsJson = False) -> None:
    """Check every byte of the data sets that are here; end with 1 if a file is damaged."""
    rows = [_row(entry) for entry in _chosen(names)]
    if as_json:
        common.print_json(rows)
    bad = False
    for row in rows:
        damaged = row["damaged"]
        bad = bad or bool(damaged) or (row["where"] is None and bool(names))
        if not as_json:
            typer.echo(f"{row['name']}: {'right' if row['where'] else 'not here'}")
            for item in damaged if isinstance(damaged, list) else []:
                typer.echo(f"    {item['path']}: {item['why']}; it is not used")
    raise typer.Exit(common.FAILED if bad else common.OK)


def fetch_sets(names: SetNames = None) -> None:
    """Fetch data sets from their homes; a broken transfer goes on where it ended."""
    for entry in _chosen(names):
        if entry.is_embedded:
            typer.echo(f"{entry.name}: comes with autograde")
            continue
        folder = fetch(entry, _show)
        if sys.stderr.isatty():
            typer.echo(err=True)
        typer.echo(f"{entry.name}: {folder}")


def _chosen(names: Sequence[str] | None) -> list[DataSet]:
    return [find.known(name) for name in names] if names else list(SETS)


def _row(entry: DataSet) -> dict[str, object]:
    found = find.find(entry)
    embedded = found.folder is not None and found.folder.is_relative_to(EMBEDDED)
    where = "with autograde" if embedded else str(found.folder or "") or None
    return {
        "name": entry.name,
        "title": entry.title,
        "licence": entry.licence,
        "bytes": sum(file.size for file in entry.files),
        "sha256": entry.sha256,
        "where": where,
        "damaged": [{"path": str(item.path), "why": item.why} for item in found.damaged],
    }


def _show(name: str, here: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{name}: {here / 1e6:.1f} MB")
        sys.stderr.flush()
