"""Many submissions: found, graded side by side, resumed, never lost.

    names.py moments.py gradescope.py roster.py   what the systems write
    find.py        every hand-in below a folder                      -> Plan
    people.py      whose it is            intake.py  which attempt counts
    keys.py        what a verdict depends on
    journal.py     verdicts on disk, and who holds the folder
    cache.py       the results of one hand-in from one push to the next
    repositories.py   which repository is whose
    capacity.py    how many workers       engine.py  workers side by side
    classroom.py   one run: what is left, who is finished, what is written
    book.py        `class.json`, which exports and class pages start from
    overview.py    `class.html`, and what it shows beyond the results

How one exercise is graded is the business of `pipeline.Session` alone.
"""

from __future__ import annotations
