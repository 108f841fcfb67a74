"""The gradebook: who handed in what, what it was worth, and what people decided since.

    database.py    where it is, how it is opened, what its errors mean to a person
    migrations.py  the schema, step by step     tables.py  the same as SQLAlchemy tables
    store.py       what is written and read

It keeps points and decisions; what counts in the end is worked out from them by `score`. The
same code serves SQLite, a file beside the results, and PostgreSQL, by URL.
"""

from __future__ import annotations

from grader.gradebook.database import FILE_NAME, address_of, shown
from grader.gradebook.store import Event, Gradebook, Recorded, Snapshot

__all__ = ["FILE_NAME", "Event", "Gradebook", "Recorded", "Snapshot", "address_of", "shown"]
