"""Whose repository is which, exactly, or an error that names the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.batch.repositories import Address, read_addresses
from grader.errors import UsageError


def test_a_list_names_repositories(tmp_path: Path) -> None:
    """Comments and empty lines aside; the last part is the key."""
    listed = tmp_path / "class.txt"
    listed.write_text("# the class\norg/hw1-ada\n\n other-org/x.y_z # late\n", "utf-8")
    assert read_addresses(listed, "") == (
        Address("hw1-ada", "org/hw1-ada"),
        Address("x.y_z", "other-org/x.y_z"),
    )


def test_a_roster_and_a_pattern_name_them_too(tmp_path: Path) -> None:
    """By the username."""
    roster = tmp_path / "roster.csv"
    roster.write_text("email,username\na@x.edu,ada\n", "utf-8")
    assert read_addresses(roster, "org/dl-{username}") == (Address("ada", "org/dl-ada"),)
    with pytest.raises(UsageError, match="has no single"):
        read_addresses(roster, "org/dl")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("org/a\n../x\n", r"class.txt:2.*no name of a repository"),
        ("org/..\n", "no name"),
        ("org/.git\n", "no name"),
        ("https://github.com/org/a\n", "no name"),
        ("-u/a\n", "no name"),
        ("org/-a\n", "no name"),
        ("org/a::error::x\n", "no name"),
        ("org/ada\nother/Ada\n", r"class.txt:2.*are both Ada"),
        ("\n", "no repository is listed"),
    ],
)
def test_what_is_no_repository_is_refused(tmp_path: Path, text: str, what: str) -> None:
    """It would become a folder, an address and a part of a request."""
    listed = tmp_path / "class.txt"
    listed.write_text(text, "utf-8")
    with pytest.raises(UsageError, match=what):
        read_addresses(listed, "")
    with pytest.raises(UsageError, match="no list can be read"):
        read_addresses(tmp_path / "missing", "")
