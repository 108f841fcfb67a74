"""The tables as SQLAlchemy sees them; `migrations.py` makes them.

Points are text ("8.5"), because no number of SQLite is exact. Times are UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
)

if TYPE_CHECKING:
    from sqlalchemy import Dialect

METADATA = MetaData()
_Number = BigInteger().with_variant(Integer, "sqlite")


def decimal(points: Fraction) -> str:
    """Write points as the decimal that they are: `8`, `2.5`.

    Raises:
        ValueError: If they have no decimal form.
    """
    text = f"{Decimal(points.numerator) / points.denominator:f}"
    if Fraction(text) != points:
        msg = f"{points} points cannot be written as a decimal"
        raise ValueError(msg)
    return text


class Points(TypeDecorator[Fraction]):
    """Points, exact in both directions."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Fraction | None, dialect: Dialect) -> str | None:
        """Write a decimal."""
        del dialect  # text is text in both
        return None if value is None else decimal(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Fraction | None:
        """Read it back."""
        del dialect
        return None if value is None else Fraction(value)


class Moment(TypeDecorator[datetime]):
    """A moment, aware and in UTC in the program, whatever the database keeps."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn it into UTC; SQLite keeps no zone."""
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give it its zone."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


VERSIONS = Table(
    "autograde_schema",
    METADATA,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("applied_at", Moment, nullable=False),
)
PEOPLE = Table(
    "people",
    METADATA,
    Column("person", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("email", String, nullable=False),
    Column("section", String, nullable=False),
    Column("github_id", String, nullable=False),
)
SUBMISSIONS = Table(
    "submissions",
    METADATA,
    Column("id", _Number, primary_key=True),
    Column("owner", String, nullable=False),
    Column("origin", String, nullable=False),
    Column("sha256", String, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("commit_id", String, nullable=False),
    UniqueConstraint("owner", "origin", "sha256"),
)
ATTEMPTS = Table(
    "attempts",
    METADATA,
    Column("id", _Number, primary_key=True),
    Column("person", String, ForeignKey("people.person"), nullable=False),
    Column("exercise", String, nullable=False),
    Column("verdicts", String, nullable=False),
    Column("submission", _Number, ForeignKey("submissions.id"), nullable=False),
    Column("status", String, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("may_count", Boolean, nullable=False),
    UniqueConstraint("person", "exercise", "verdicts"),
)
RESULTS = Table(
    "results",
    METADATA,
    Column("attempt", _Number, ForeignKey("attempts.id"), primary_key=True),
    Column("points", Points),
    Column("max_points", Points, nullable=False),
)
OVERRIDES = Table(
    "overrides",
    METADATA,
    Column("id", _Number, primary_key=True),
    Column("person", String, ForeignKey("people.person"), nullable=False),
    Column("exercise", String, nullable=False),
    Column("points", Points),
    Column("author", String, nullable=False),
    Column("at", Moment, nullable=False),
    Column("reason", String, nullable=False),
)
EXTENSIONS = Table(
    "extensions",
    METADATA,
    Column("id", _Number, primary_key=True),
    Column("person", String, ForeignKey("people.person"), nullable=False),
    Column("exercise", String, nullable=False),
    Column("due", Moment),
    Column("author", String, nullable=False),
    Column("at", Moment, nullable=False),
    Column("reason", String, nullable=False),
)
AUDIT = Table(
    "audit_log",
    METADATA,
    Column("id", _Number, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("author", String, nullable=False),
    Column("action", String, nullable=False),
    Column("person", String, nullable=False),
    Column("exercise", String, nullable=False),
    Column("before", String, nullable=False),
    Column("after", String, nullable=False),
    Column("reason", String, nullable=False),
)
GROW_ONLY = ("audit_log", "overrides", "extensions")
"""Tables from which nothing is ever changed or removed; triggers hold it."""
