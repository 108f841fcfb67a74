"""Which file of a hand-in answers which exercise.

For the exercise `03-06-softmax` with the module `softmax` these places are looked at, and the
first one that holds anything is taken:

    assignments/03-06-softmax/softmax.py      the course's own layout
    03-06-softmax/softmax.py
    solutions/03-06-softmax/softmax.py
    softmax.py                                flat, or the folder is the exercise

If the top holds none of these for any exercise and has exactly one folder, as an unpacked
repository has, the same places are looked at inside it. `softmax.ipynb` may stand for, or beside,
`softmax.py` in each place. Spelling counts, but not upper and lower case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.collect.names import same
from grader.collect.tree import Kind, Tree
from grader.model import Exercise

_NEVER_A_WRAPPER = frozenset({"__MACOSX", "__pycache__"})


@dataclass(frozen=True, slots=True)
class Found:
    """What stands for one exercise, in one place.

    Attributes:
        python: Name of the Python file inside the hand-in; empty if none.
        notebook: The same for the notebook.
        blocked: Name of something in that place that is not a file (a link, say).
        blocked_kind: What it is; None if nothing is blocked.
    """

    python: str = ""
    notebook: str = ""
    blocked: str = ""
    blocked_kind: Kind | None = None


def find(tree: Tree, exercises: Sequence[Exercise], folder_name: str) -> dict[str, Found]:
    """Look for every exercise.

    Args:
        tree: The hand-in.
        exercises: Those asked for.
        folder_name: Name of the hand-in's own folder, which may be an exercise.

    Returns:
        Exercise id to what stands for it; exercises without anything are absent.
    """
    lister = _Lister(tree)
    itself = [exercise for exercise in exercises if same(exercise.id) == same(folder_name)]
    found = _find_below(lister, "", exercises, itself or exercises)
    wrapper = lister.only_folder()
    if not found and wrapper:
        itself = [exercise for exercise in exercises if same(exercise.id) == same(wrapper)]
        found = _find_below(lister, wrapper, exercises, itself or exercises)
    return found


def places_of(exercise: Exercise, *, flat: bool) -> list[list[str]]:
    """Give the folders in which an exercise is looked for, each as its parts.

    Args:
        exercise: Which.
        flat: Whether its file may stand at the top.
    """
    places = [["assignments", exercise.id], [exercise.id], ["solutions", exercise.id]]
    return [*places, []] if flat else places


def _find_below(
    lister: _Lister, base: str, exercises: Sequence[Exercise], flat: Sequence[Exercise]
) -> dict[str, Found]:
    result = {}
    for exercise in exercises:
        for place in places_of(exercise, flat=exercise in flat):
            if there := lister.look(base, place, exercise.module):
                result[exercise.id] = there
                break
    return result


class _Lister:
    """Lists each folder at most once."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._known: dict[str, Mapping[str, Kind]] = {}

    def _entries(self, folder: str) -> Mapping[str, Kind]:
        if folder not in self._known:
            self._known[folder] = self._tree.entries(folder)
        return self._known[folder]

    def only_folder(self) -> str:
        """Give the one folder at the top that can be a wrapper, or nothing."""
        folders = [
            name
            for name, kind in self._entries("").items()
            if kind is Kind.FOLDER and not name.startswith(".") and name not in _NEVER_A_WRAPPER
        ]
        return folders[0] if len(folders) == 1 else ""

    def look(self, base: str, place: list[str], module: str) -> Found | None:
        """Look for a module and its notebook in one place."""
        folder = base
        for part in place:
            name, kind = self._spelled(folder, part)
            if kind is None:
                return None
            folder = f"{folder}/{name}" if folder else name
            if kind is not Kind.FOLDER:
                return Found(blocked=folder, blocked_kind=kind)
        names = {"": "", ".py": "", ".ipynb": ""}
        blocked_kind = None
        for suffix in (".ipynb", ".py"):
            name, kind = self._spelled(folder, module + suffix)
            if kind is not None:
                at = f"{folder}/{name}" if folder else name
                names[suffix if kind is Kind.FILE else ""] = at
                blocked_kind = blocked_kind if kind is Kind.FILE else kind
        if not any(names.values()):
            return None
        return Found(names[".py"], names[".ipynb"], names[""], blocked_kind)

    def _spelled(self, folder: str, wanted: str) -> tuple[str, Kind | None]:
        """Find a name: as it is spelled, else the only one that differs in case alone."""
        entries = self._entries(folder)
        if wanted in entries:
            return wanted, entries[wanted]
        alike = [name for name in entries if same(name) == same(wanted)]
        return (alike[0], entries[alike[0]]) if len(alike) == 1 else ("", None)
