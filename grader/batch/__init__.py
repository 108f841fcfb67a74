"""Many submissions: found, graded side by side, resumed, never lost.

    names.py moments.py gradescope.py roster.py   what the systems write
    find.py        every hand-in below a folder                      -> Plan
    reading.py     reads each, by several processes                  -> Submission
    texts.py       keeps their texts      people.py  whose it is     intake.py  which attempt counts
    keys.py        what a verdict depends on
    journal.py     verdicts on disk, and who holds the folder
    cache.py       the results of one hand-in from one push to the next
    repositories.py   which repository is whose
    work.py        what is left to judge, and who waits for it
    capacity.py    how many workers       judging.py one task after another
    engine.py      workers side by side
    cluster.py     the same on nodes, by Parsl; with cluster_file.py, providers.py, node.py
                   (what runs there) and tether.py (so that nothing is left there)
    classroom.py   one run: who is finished, what counts, what is written
    ahead.py       other processes read, draw, compare    attention.py what is left to a person
    book.py        `class.json`, which exports and class pages start from
    overview.py    `class.html`, and what it shows beyond the results

How one exercise is graded is the business of `pipeline.Session` alone.
"""

from __future__ import annotations
