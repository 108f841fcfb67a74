"""Fixed questions to the student's code, from which a mistake is recognised.

`solutions/<exercise>/probes.py` is trusted, never published, and uses the proxies of the tests:

    @probe("softmax", (torch.tensor([[0.0, 1.0]]),), (torch.tensor([[0.0], [3.0]]),))
    def small(student, X):
        return student.softmax(X)

    @example("softmax", call="softmax({})", inputs=lambda: tensors((1, 2), (2, 2)))
    def smallest(student, X):
        return student.softmax(X)

A probe is run once for each of its inputs, or once without any; one that names a parameter
`driver` gets the functions of the hidden suite's driver. What it returns is seen as `observe.py`
says. An example looks for the smallest input whose answer is wrong; it is shown to the student.
"""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from grader.errors import CourseError
from grader.judge.source import without_docstrings
from grader.model import Exercise

Function = TypeVar("Function", bound=Callable[..., Any])
Arguments = tuple[Any, ...]
_MARK = "_autograde_probes"


@dataclass(frozen=True, slots=True)
class Probe:
    """One fixed question.

    Attributes:
        task: The task that it asks about.
        name: Name of the function, with the number of the input if it has several.
        function: Called with the student's module and the input.
        arguments: The input.
        with_driver: Whether it wants the driver too.
    """

    task: str
    name: str
    function: Callable[..., Any]
    arguments: Arguments
    with_driver: bool


@dataclass(frozen=True, slots=True)
class Example:
    """Where to look for the smallest input that shows what is wrong.

    Attributes:
        task: The task that it looks at.
        function: Called with the student's module, or the reference, and one input.
        call: How to write the call down: `{}`, or `{0}` and `{1}`, stand for the arguments.
        inputs: Gives the inputs, small ones first.
        with_driver: Whether it wants the driver too.
    """

    task: str
    function: Callable[..., Any]
    call: str
    inputs: Callable[[], Iterable[Arguments]]
    with_driver: bool


@dataclass(frozen=True, slots=True)
class Probes:
    """What `probes.py` of one exercise holds."""

    probes: tuple[Probe, ...]
    examples: tuple[Example, ...]

    def of(self, task: str) -> tuple[Probe, ...]:
        """Return the probes of a task, in their order."""
        return tuple(found for found in self.probes if found.task == task)


def probe(task: str, *inputs: Arguments) -> Callable[[Function], Function]:
    """Make a function a probe of a task.

    Args:
        task: The task.
        *inputs: One tuple of arguments for each time it is asked.
    """

    def mark(function: Function) -> Function:
        wants = "driver" in inspect.signature(function).parameters
        name, earlier = function.__name__, _marked(function)
        cases = [(f"{name}[{n}]", given) for n, given in enumerate(inputs, 1 + len(earlier))] or [
            (name, ())
        ]
        earlier.extend(Probe(task, n, function, given, wants) for n, given in cases)
        return function

    return mark


def example(
    task: str, *, call: str, inputs: Callable[[], Iterable[Arguments]]
) -> Callable[[Function], Function]:
    """Make a function the search for a task's smallest counter-example.

    Args:
        task: The task.
        call: How to write the call down for the student.
        inputs: Gives tuples of arguments, small ones first; see `inputs.py`.
    """

    def mark(function: Function) -> Function:
        wants = "driver" in inspect.signature(function).parameters
        _marked(function).append(Example(task, function, call, inputs, wants))
        return function

    return mark


def _marked(function: Callable[..., Any]) -> list[Probe | Example]:
    found: list[Probe | Example] = function.__dict__.setdefault(_MARK, [])
    return found


def probes_file(exercise: Exercise) -> Path:
    """Return where the probes of an exercise stand."""
    return exercise.solution_dir / "probes.py"


def load_probes(exercise: Exercise) -> Probes | None:
    """Import the probes of an exercise; None if it has none.

    Raises:
        CourseError: If they cannot be imported, or ask about a task that is not there.
    """
    path = probes_file(exercise)
    if not path.is_file():
        return None
    module = import_trusted(path, f"probes_{exercise.module}")
    found = [
        item
        for value in vars(module).values()
        for item in getattr(value, "__dict__", {}).get(_MARK, ())
    ]
    known = {task.name for task in exercise.tasks}
    for item in found:
        if item.task not in known:
            where = f"{path}:{item.function.__code__.co_firstlineno}"
            what_now = f"Its tasks are {', '.join(sorted(known))}."
            raise CourseError(where, f"exercise.yml has no task {item.task!r}", what_now)
    return Probes(
        tuple(item for item in found if isinstance(item, Probe)),
        tuple(item for item in found if isinstance(item, Example)),
    )


def import_trusted(path: Path, name: str) -> Any:
    """Import a file of the course that is ours.

    Raises:
        CourseError: If that fails.
    """
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise CourseError(str(path), "it cannot be imported")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        what = f"it cannot be imported: {type(error).__name__}: {error}"
        raise CourseError(str(path), what, "Mend it.") from error
    return module


def driver_file(exercise: Exercise) -> Path:
    """Return where the driver of the hidden suite, which probes use too, would stand."""
    return exercise.hidden_dir / "driver.py"


def digest_of(exercise: Exercise) -> str:
    """Return a hash over what the fingerprints of an exercise follow from.

    Docstrings are not, so that a better sentence in a stub makes no fingerprint old. Nor is the
    driver, because most of it is for tests; whether it changed an answer is seen when
    `autograde verify` takes the fingerprints anew.
    """
    digest = hashlib.sha256()
    names = (probes_file(exercise), exercise.solution_dir / "mistakes.py", exercise.reference)
    for path in names:
        data = without_docstrings(path.read_bytes()) if path.is_file() else b""
        digest.update(f"{path.name} {len(data)}\n".encode())
        digest.update(data)
    return digest.hexdigest()
