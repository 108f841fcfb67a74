"""Finding hand-ins: every layout in which the usual systems put them on a disk.

    <assignment>-submissions/<assignment>-<login>/     repositories of GitHub Classroom
    <folder with scores.csv>/<...-login>/              a download of Classroom 50
    Full Name_123_assignsubmission_file[_...]          Moodle, folders and flat files
    submission_metadata.yml + submission_<id>/         an export of Gradescope
    submitted/<student>/<assignment>/                  nbgrader, with timestamp.txt
    student+assignment+timestamp+random/               the exchange of JupyterHub
    <student>/  <student>.zip  <student>.py            anything else, one per student

The first kind and Gradescope's may also stand one level below the folder that is named, but
never in one another: what stands in any of these folders is somebody's, whatever its name ends
in. What lies inside a hand-in never decides how it is read: a student who adds a file `scores.csv`
changes nothing. Nothing is opened but lists of names and the files that say who and when; links
are not followed. What cannot be understood is listed as a trouble and never dropped in silence,
and neither is what the system does not let us look at.

A name need not be UTF-8. Paths stay as the system gives them, to be opened; every other text that
leaves this module can be stored and shown (`as_text`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path

from grader.batch.gradescope import METADATA, read_metadata
from grader.batch.moments import read_moment
from grader.batch.names import as_text, exchange_name, is_ignored, moodle_name, without_prefix
from grader.batch.plan import Attempt, Layout, Plan, Trouble
from grader.batch.roster import read_scores
from grader.errors import UsageError
from grader.model import Exercise, Person

_GITHUB_ENDING = "-submissions"
_SUBMITTED, _INBOUND = "submitted", "inbound"
_FILES = frozenset({".zip", ".py", ".ipynb"})
_SCORES = "scores.csv"
_TIMESTAMP = "timestamp.txt"
_EXPORT = re.compile(r"assignment_\d+_export")
_TIMESTAMP_LIMIT = 200
_OPEN = "See that you may read it and that its disk answers, then run the same command again."


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
        UsageError: If there is no such folder, it cannot be opened, or it is a single hand-in.
    """
    finder = _Finder({_resolved(path) for path in leave_out})
    try:
        if not root.is_dir():
            what_now = (
                "Name the folder that holds one hand-in per student; unpack an archive first."
            )
            raise UsageError(str(root), "there is no such folder.", what_now)
        own = {exercise.id for exercise in exercises} & {entry.name for entry in _listed(root)}
        if own:
            what = f"this is one hand-in, not a class: it holds {min(own)}."
            raise UsageError(str(root), what, "Use `autograde grade`, or name the folder above it.")
        finder.walk_root(root)
    except OSError as error:
        # An empty class would say of everybody that they handed in nothing.
        what = f"the folder cannot be opened ({error.strerror or error})."
        raise UsageError(str(error.filename or root), what, _OPEN) from None
    attempts = sorted(finder.attempts, key=lambda attempt: str(attempt.path))
    return Plan(tuple(map(_in_text, attempts)), tuple(finder.troubles))


@dataclass(frozen=True, slots=True)
class _Place:
    """A folder in which hand-ins stand side by side.

    Attributes:
        folder: Where it is.
        name: What it is called.
        people: Who hands in there, and when, by username; None if the place does not say.
    """

    folder: Path
    name: str
    people: dict[str, tuple[Person, str]] | None = None

    @property
    def holds_people_only(self) -> bool:
        """Whether everything in it is somebody's: a login may end in `-submissions`, too."""
        return self.people is not None or _tells_layout(self.name)


class _Finder:
    """Walks containers and collects what stands in them."""

    def __init__(self, leave_out: set[Path]) -> None:
        self.attempts: list[Attempt] = []
        self.troubles: list[Trouble] = []
        self._leave_out = leave_out

    def walk_root(self, root: Path) -> None:
        """Take everything in the folder that the user named."""
        for inner in (_SUBMITTED, _INBOUND):
            # The other folders beside them hold sources, feedback and copies.
            if (root / inner).is_dir():
                self._walk(_Place(root / inner, inner))
                return
        if (root / METADATA).is_file():
            self._take_export(root)
            return
        people = read_scores(root / _SCORES) if (root / _SCORES).is_file() else None
        # The user may have named it as `.`, or by a link to it.
        names = (root.name, _resolved(root).name)
        self._walk(_Place(root, next(filter(_tells_layout, names), root.name), people))

    def _walk(self, place: _Place) -> None:
        for entry in _listed(place.folder):
            path = Path(entry.path)
            if is_ignored(entry.name) or _resolved(path) in self._leave_out:
                continue
            try:
                self._take(place, entry)
            except OSError as error:
                self._not_seen(path, error)

    def _take(self, place: _Place, entry: os.DirEntry[str]) -> None:
        """Take one hand-in, or a folder of them."""
        path = Path(entry.path)
        if entry.is_symlink():
            self._trouble(path, "this is a link, and links are not followed.")
        elif _EXPORT.fullmatch(entry.name) and (path / METADATA).is_file():
            if place.holds_people_only:
                what = "this is an export of Gradescope among hand-ins; name it on the command line"
                self._trouble(path, f"{what} to grade it.")
            else:
                self._take_export(path)
        elif entry.name.endswith(_GITHUB_ENDING) and not place.holds_people_only and path.is_dir():
            self._walk(_Place(path, path.name))
        elif not self._take_known(path):
            self._take_plain(place, path)

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

    def _take_plain(self, place: _Place, path: Path) -> None:
        """Take a folder or file that stands for one student, or whose student owns it."""
        if place.people is not None and path.is_dir():
            self._take_clone(path, place.people)
        elif place.name.endswith(_GITHUB_ENDING) and path.is_dir():
            assignment = place.name.removesuffix(_GITHUB_ENDING)
            person = Person(without_prefix(path.name, assignment))
            self.attempts.append(Attempt(path, Layout.GITHUB, (person,), assignment=assignment))
        elif path.is_dir() and place.name == _SUBMITTED:
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
        person = (Person(student.name),)
        try:
            folders = [Path(e.path) for e in _listed(student) if e.is_dir(follow_symlinks=False)]
        except OSError as error:
            # Whoever reads it says of the student that something is there.
            self._not_seen(student, error)
            self.attempts.append(Attempt(student, Layout.NBGRADER, person))
            return
        for folder in folders:
            received_at = read_moment(_first_line(folder / _TIMESTAMP))
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
                Attempt(part, Layout.GRADESCOPE, members, received_at)
                for part in self._parts_of(path)
            ]
        known = {Path(one.folder).name for one in listed} | {METADATA}
        for entry in _listed(folder):
            if entry.name not in known and not is_ignored(entry.name):
                self._trouble(Path(entry.path), f"{METADATA} does not list it.")

    def _add(self, path: Path, layout: Layout, person: Person) -> None:
        self.attempts += [Attempt(part, layout, (person,)) for part in self._parts_of(path)]

    def _parts_of(self, path: Path) -> list[Path]:
        """Give the hand-ins in one student's place, and the place itself if it does not open."""
        try:
            return _parts(path)
        except OSError as error:
            self._not_seen(path, error)
            return [path]

    def _trouble(self, path: Path, what: str) -> None:
        self.troubles.append(Trouble(as_text(str(path)), as_text(what)))

    def _not_seen(self, path: Path, error: OSError) -> None:
        """Tell of what the system does not let us look at."""
        what = f"this cannot be opened ({error.strerror or error}). {_OPEN}"
        self.troubles.append(Trouble(as_text(str(path)), what, is_ours=True))


def _tells_layout(name: str) -> bool:
    """Tell whether a folder of this name is one of hand-ins."""
    return name.endswith(_GITHUB_ENDING) or name in {_SUBMITTED, _INBOUND}


def _in_text(attempt: Attempt) -> Attempt:
    """Make every text of an attempt one that can be stored; its path stays what it is."""
    return replace(
        attempt,
        members=tuple(Person(*map(as_text, astuple(person))) for person in attempt.members),
        assignment=as_text(attempt.assignment),
        file_name=as_text(attempt.file_name),
    )


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
    """List a folder by name."""
    with os.scandir(folder) as scan:
        return sorted(scan, key=lambda entry: entry.name)


def _resolved(path: Path) -> Path:
    """Follow every link on the way; a path whose links lead nowhere stays what it is."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # a loop
        return path


def _first_line(path: Path) -> str:
    try:
        if path.is_symlink() or not path.is_file():
            return ""
        with path.open("rb") as file:
            return file.read(_TIMESTAMP_LIMIT).decode("utf-8", "replace").split("\n")[0]
    except OSError:
        return ""
