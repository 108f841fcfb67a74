"""Reading a hand-in: a folder, a repository, a zip, a Python file or a notebook.

The door is `read_submission`. Nothing of a hand-in is imported, compiled or run here, and of a
folder only those files are opened that can belong to an exercise that was asked for.

    names.py         what a name inside a hand-in may look like
    tree.py          folders, opened without following links
    archive.py       zips, inflated in memory and counted while they grow
    layout.py        which file answers which exercise
    python_file.py   bytes to Python text, with a syntax check that cannot hurt the grader
    notebook.py      code cells to Python text, magics set aside
    git.py           commit and commit time, without running anything the repository asks for
    history.py       every version of an exercise's file that a repository holds
    submission.py    all of it, in order
"""

from __future__ import annotations

from grader.collect.history import History, Version, names_of, read_history
from grader.collect.limits import IntakeLimits
from grader.collect.submission import read_submission

__all__ = ["History", "IntakeLimits", "Version", "names_of", "read_history", "read_submission"]
