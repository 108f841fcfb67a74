"""Gradebooks in both databases, each empty."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.gradebook import address_of

if TYPE_CHECKING:
    from sqlalchemy import URL


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> URL:
    """An empty database of either kind."""
    if request.param == "sqlite":
        return address_of(tmp_path)
    found: URL = request.getfixturevalue("postgres")
    return found
