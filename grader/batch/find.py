"""Finding hand-ins: every layout in which the usual systems put them on a disk.

    <assignment>-submissions/<assignment>-<login>/     repositories of GitHub Classroom
    <folder with scores.csv>/<...-login>/              a download of Classroom 50
    Full Name_123_assignsubmission_file[_...]          Moodle, folders and flat files
    submission_metadata.yml + submission_<id>/         an export of Gradescope
    submitted/<student>/<assignment>/                  nbgrader, with timestamp.txt
    student+assignment+timestamp+random/               the exchange of JupyterHub
    <student>/  <student>.zip  <student>.py            anything else, one per student

The first kind and Gradescope's may also stand one level below the folder that is named. What
lies inside a hand-in never decides how it is read: a student who adds a file `scores.csv`
changes nothing. Nothing is opened but lists of names and the files that say who and when; links
are not followed. What cannot be understood is listed as a trouble and never dropped in silence.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Sequence
from pathlib import Path

from grader.batch.gradescope import METADATA, read_metadata
from grader.batch.moments import read_moment
from grader.batch.names import exchange_name, is_ignored, moodle_name, without_prefix
from grader.batch.plan import Attempt, Layout, Plan, Trouble
from grader.batch.roster import read_scores
from grader.errors import UsageError
from grader.model import Exercise, Person

_GITHUB_ENDING = "-submissions"
_FILES = frozenset({".zip", ".py", ".ipynb"})
_SCORES = "scores.csv"
_TIMESTAMP = "timestamp.txt"
_EXPORT = re.compile(r"assignment_\d+_export")
_TIMESTAMP_LIMIT = 200


def find_submissions(
    root: Path, exercises: Sequence[Exercise], *, leave_out: Collection[Path] = ()
) -> Plan:
    """Find every hand-in below a folder.

    Args:
        root: The folder.
        exercises: Those of the course; a folder that holds them is one hand-in, not a class.
        leave_out: Folders to pass by, for instance the output if it stands inside.

    Returns:
        What was found, in the order of the paths.

    Raises:
        UsageError: If there is no such folder, or it is a single hand-in.
    """
    if not root.is_dir():
        what_now = "Name the folder that holds one hand-in per student; unpack an archive first."
        raise UsageError(str(root), "there is no such folder.", what_now)
    own = {exercise.id for exercise in exercises} & {entry.name for entry in _listed(root)}
    if own:
        what = f"this is one hand-in, not a class: it holds {min(own)}."
        raise UsageError(str(root), what, "Use `autograde grade`, or name the folder above it.")
    finder = _Finder({path.resolve() for path in leave_out})
    finder.walk_root(root)
    attempts = sorted(finder.attempts, key=lambda attempt: str(attempt.path))
    return Plan(tuple(attempts), tuple(finder.troubles))


class _Finder:
    """Walks containers and collects what stands in them."""

    def __init__(self, leave_out: set[Path]) -> None:
        self.attempts: list[Attempt] = []
        self.troubles: list[Trouble] = []
        self._leave_out = leave_out

    def walk_root(self, root: Path) -> None:
        """Take everything in the folder that the user named."""
        for inner in ("submitted", "inbound"):
            # The other folders beside them hold sources, feedback and copies.
            if (root / inner).is_dir():
                self._walk(root / inner, None)
                return
        if (root / METADATA).is_file():
            self._take_export(root)
            return
        people = read_scores(root / _SCORES) if (root / _SCORES).is_file() else None
        self._walk(root, people)

    def _walk(self, folder: Path, people: dict[str, tuple[Person, str]] | None) -> None:
        for entry in _listed(folder):
            path = Path(entry.path)
            if is_ignored(entry.name) or path.resolve() in self._leave_out:
                continue
            if entry.is_symlink():
                self._trouble(path, "this is a link, and links are not followed.")
            elif _EXPORT.fullmatch(entry.name) and (path / METADATA).is_file():
                self._take_export(path)
            elif entry.name.endswith(_GITHUB_ENDING) and path.is_dir():
                self._walk(path, None)
            elif not self._take_known(path):
                self._take_plain(folder, path, people)

    def _take_known(self, path: Path) -> bool:
        """Take what its own name explains."""
        if moodle := moodle_name(path.name):
            person = Person(f"{moodle.name}_{moodle.number}", moodle.name)
            if moodle.kind != "file":
                self._trouble(path, "text typed into the form is not graded.")
            elif path.is_dir():
                self._add(path, Layout.MOODLE, person)
            else:
                found = Attempt(path, Layout.MOODLE, (person,), file_name=moodle.file or path.name)
                self.attempts.append(found)
            return True
        if exchange := exchange_name(path.name):
            person = Person(exchange.student)
            found = Attempt(
                path, Layout.JUPYTERHUB, (person,), exchange.received_at, exchange.assignment
            )
            self.attempts.append(found)
            return True
        return False

    def _take_plain(
        self, folder: Path, path: Path, people: dict[str, tuple[Person, str]] | None
    ) -> None:
        """Take a folder or file that stands for one student, or whose student owns it."""
        if people is not None and path.is_dir():
            self._take_clone(path, people)
        elif folder.name.endswith(_GITHUB_ENDING) and path.is_dir():
            assignment = folder.name.removesuffix(_GITHUB_ENDING)
            person = Person(without_prefix(path.name, assignment))
            self.attempts.append(Attempt(path, Layout.GITHUB, (person,), assignment=assignment))
        elif path.is_dir() and folder.name == "submitted":
            self._take_nbgrader(path)
        elif path.is_dir():
            self._add(path, Layout.PLAIN, Person(path.name))
        elif path.is_file() and path.suffix.lower() in _FILES:
            self._add(path, Layout.PLAIN, Person(path.stem))
        else:
            self._trouble(path, "this is no hand-in: neither a folder nor a .py, .ipynb or .zip.")

    def _take_clone(self, path: Path, people: dict[str, tuple[Person, str]]) -> None:
        """Take a repository of Classroom 50, named `...-username`."""
        fits = [key for key in people if path.name == key or path.name.endswith(f"-{key}")]
        key = max(fits, key=len, default="")
        person, moment = people.get(key, (Person(path.name), ""))
        self.attempts.append(Attempt(path, Layout.CLASSROOM50, (person,), read_moment(moment)))

    def _take_nbgrader(self, student: Path) -> None:
        """Take the assignments of one student, each with its own time."""
        folders = [Path(e.path) for e in _listed(student) if e.is_dir(follow_symlinks=False)]
        for folder in folders:
            received_at = read_moment(_first_line(folder / _TIMESTAMP))
            person = (Person(student.name),)
            found = Attempt(folder, Layout.NBGRADER, person, received_at, folder.name)
            self.attempts.append(found)
        if not folders:
            self._trouble(student, "the folder holds no assignment.")

    def _take_export(self, folder: Path) -> None:
        """Take an export of Gradescope."""
        listed = read_metadata(folder / METADATA)
        for one in listed:
            path = folder / Path(one.folder).name
            members = tuple(
                Person(
                    who.get("sid") or who.get("email") or who.get("name") or one.folder,
                    who.get("name", ""),
                    who.get("email", ""),
                )
                for who in one.submitters
            ) or (Person(one.folder),)
            if not path.is_dir() or path.is_symlink():
                names = ", ".join(person.name or person.key for person in members)
                self._trouble(path, f"the folder of this submission is missing ({names}).")
                continue
            received_at = read_moment(one.created_at)
            self.attempts += [
                Attempt(part, Layout.GRADESCOPE, members, received_at) for part in _parts(path)
            ]
        known = {Path(one.folder).name for one in listed} | {METADATA}
        for entry in _listed(folder):
            if entry.name not in known and not is_ignored(entry.name):
                self._trouble(Path(entry.path), f"{METADATA} does not list it.")

    def _add(self, path: Path, layout: Layout, person: Person) -> None:
        self.attempts += [Attempt(part, layout, (person,)) for part in _parts(path)]

    def _trouble(self, path: Path, what: str) -> None:
        self.troubles.append(Trouble(str(path), what))


def _parts(path: Path) -> list[Path]:
    """Give the hand-ins in one student's place: the folder, or the archives lying in it."""
    if not path.is_dir():
        return [path]
    entries = [entry for entry in _listed(path) if not is_ignored(entry.name)]
    archives = [Path(e.path) for e in entries if e.name.lower().endswith(".zip") and e.is_file()]
    others = [
        entry
        for entry in entries
        if entry.is_dir(follow_symlinks=False) or entry.name.lower().endswith((".py", ".ipynb"))
    ]
    return archives if archives and not others else [path, *archives]


def _listed(folder: Path) -> list[os.DirEntry[str]]:
    """List a folder by name; one that cannot be opened counts as empty."""
    try:
        with os.scandir(folder) as scan:
            return sorted(scan, key=lambda entry: entry.name)
    except OSError:
        return []


def _first_line(path: Path) -> str:
    if path.is_symlink() or not path.is_file():
        return ""
    try:
        with path.open("rb") as file:
            return file.read(_TIMESTAMP_LIMIT).decode("utf-8", "replace").split("\n")[0]
    except OSError:
        return ""
