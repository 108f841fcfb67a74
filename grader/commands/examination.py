"""`autograde doctor`: the isolation of this host, found by attacking real cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.cell import card, cgroup, levels
from grader.cell.card import Card
from grader.cell.doctor import examine as attack
from grader.commands import common
from grader.errors import UsageError
from grader.model import Finding, Isolation, Probe

STYLES = {Finding.PASS: "green", Finding.FAIL: "bold red", Finding.NOT_ENFORCED: "yellow"}


def examine(require: int | None, *, as_json: bool) -> int:
    """Attack cells of the best level, print what holds, and return the exit code.

    Args:
        require: The level below which the host is unfit; None asks for no level.
        as_json: Print JSON instead of a table.

    Raises:
        UsageError: If `require` is no level.
        CellError: If no cell can be opened at all.
    """
    if require not in (None, 0, 2, 3):
        raise UsageError("--require", f"{require} is no isolation level", "Use 3, 2 or 0.")
    typer.echo("Opening real cells and attacking them; this takes some seconds.", err=True)
    isolation = levels.best_level()
    probes = attack(isolation.level)
    place, why_none = _control_group()
    cards, why_no_card = card.find()
    if as_json:
        found = {"place": place, "reason": why_none, "remedy": cgroup.REMEDY if why_none else ""}
        isolated = asdict(replace(isolation, probes=tuple(probes)))
        told = {"cards": [asdict(one) for one in cards], "no_card": why_no_card}
        common.print_json(isolated | {"control_group": found} | told)
    else:
        _print(isolation, probes)
        _print_control_group(place, why_none)
        _print_cards(cards, why_no_card)
    broken = any(probe.finding is Finding.FAIL for probe in probes)
    too_low = require is not None and isolation.level < require
    return common.FAULT if broken or too_low else common.OK


def _control_group() -> tuple[str, str]:
    """Return where cells get a control group, or nothing and why they get none."""
    groups, why_none = cgroup.find()
    if groups is None:
        return "", why_none
    groups.close()
    return str(groups.memory), ""


def _print_control_group(place: str, why_none: str) -> None:
    if place:
        typer.echo(f"Behind the watch, a control group holds each cell: {place}")
        return
    typer.echo(f"No control group stands behind the watch: {why_none}.")
    typer.echo(f"What would give one: {cgroup.REMEDY}")


def _print_cards(cards: Sequence[Card], why_none: str) -> None:
    if not cards:
        typer.echo(f"Training takes place on the CPU: {why_none}.")
    for one in cards:
        size = f"{one.memory_mib} MiB, driver {one.driver}"
        typer.echo(f"Cells that train can have a share of {one.name} ({size}).")


def _print(isolation: Isolation, probes: Sequence[Probe]) -> None:
    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False)
    table.add_column("finding", no_wrap=True)
    table.add_column("what should hold")
    table.add_column("what was seen")
    for probe in probes:
        finding = Text(probe.finding.value, style=STYLES[probe.finding])
        table.add_row(finding, probe.title, Text(probe.detail))
    console.print(table)
    for probe in probes:
        if probe.remedy:
            typer.echo(f"{probe.title} {probe.remedy}")
    typer.echo(f"\nIsolation level of this host: {isolation.level}")
    if isolation.reason:
        typer.echo(f"Not higher, because {isolation.reason}.")
    if isolation.remedy:
        typer.echo(f"What would raise it: {isolation.remedy}")
