"""The gradebook: who handed in what, what it was worth, and what people decided since.

    database.py    where it is, how it is opened, what its errors mean to a person
    migrations.py  the schema, step by step     tables.py  the same as SQLAlchemy tables
    store.py       reading it, and what people decide
    saving.py      what a class handed in and earned     audit.py  the log of every change

It keeps points and decisions; what counts in the end is worked out from them by `score`. The
same code serves SQLite, a file beside the results, and PostgreSQL, by URL.
"""

from __future__ import annotations

from grader.gradebook.audit import Event
from grader.gradebook.database import FILE_NAME, address_of, shown
from grader.gradebook.saving import Recorded
from grader.gradebook.store import Gradebook, Snapshot

__all__ = ["FILE_NAME", "Event", "Gradebook", "Recorded", "Snapshot", "address_of", "shown"]
