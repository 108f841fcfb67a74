"""The pytest plugin: collects suites once, gives tests their fixtures, keeps what ended them.

pytest is used as it is, through its public hooks. The plugin takes over the run loop
(`pytest_runtestloop`), where it hands the collected items to the worker and runs single items
when the worker asks for them.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import pytest
import torch

from grader import vision
from grader.errors import CourseError
from grader.judge.proxy import Module
from grader.judge.session import Session
from grader.judge.suite import MARKERS

if TYPE_CHECKING:
    from grader.judge.training import Training

INI = Path(__file__).with_name("pytest.ini")


def derived_seed(run_seed: int, *parts: str) -> int:
    """Return a seed that follows from the run's seed and a purpose, below 2**63."""
    text = "\0".join((str(run_seed), *parts))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


class Driver:
    """The functions of the `driver.py` beside a suite; they run inside the cell."""

    def __init__(self, session: Session) -> None:
        """Speak for the driver loaded in the session's cell."""
        self._session = session

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Return a function that runs in the cell with the student's module as first argument."""
        if name.startswith("__"):
            raise AttributeError(name)

        def call(*args: Any, **kwargs: Any) -> Any:
            return self._session.evaluate("drive", {"name": name}, args=list(args), kwargs=kwargs)

        return call


class Plugin:
    """One pytest session that serves many submissions.

    Attributes:
        session: The cell of the test that runs now, set by the worker.
        seed: The seed of the test that runs now.
        error: What ended the last item, None if nothing did.
        trainer: What the fixture `training` gives to the test that runs now.
    """

    def __init__(self, serve: Callable[[Sequence[pytest.Function]], None]) -> None:
        """Prepare to hand the collected items to `serve`."""
        self._serve = serve
        self.session: Session | None = None
        self.seed = 0
        self.error: BaseException | None = None
        self.trainer: Training | None = None
        self.reference_path: Path | None = None
        self._references: dict[Path, Any] = {}
        self.broken: list[str] = []

    # --- hooks ----------------------------------------------------------------------------

    def pytest_configure(self, config: pytest.Config) -> None:
        """Register the marks of suites."""
        for marker in MARKERS:
            config.addinivalue_line("markers", marker)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep what made a suite impossible to collect."""
        if report.failed:
            self.broken.append(f"{report.nodeid}: {report.longreprtext[-2000:]}")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Hand over instead of running; a suite that is broken in part is not served at all."""
        if not self.broken:
            self._serve([item for item in session.items if isinstance(item, pytest.Function)])
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> pytest.TestReport:
        """Keep the first exception of an item's setup, call or teardown.

        pytest's own report would hold the source of every frame, for which it parses the whole
        suite; nobody reads it, and it took longer than the tests.
        """
        if call.excinfo is not None and self.error is None:
            self.error = call.excinfo.value
        outcome: Literal["passed", "failed"] = "passed" if call.excinfo is None else "failed"
        when = cast("Literal['setup', 'call', 'teardown']", call.when)
        return pytest.TestReport(item.nodeid, item.location, {}, outcome, None, when)

    # --- fixtures -------------------------------------------------------------------------

    @pytest.fixture
    def student(self) -> Module:
        """The student's module, in its cell."""
        return Module(self._open_session())

    @pytest.fixture
    def driver(self) -> Driver:
        """The functions of the driver beside the suite, in the student's cell."""
        return Driver(self._open_session())

    @pytest.fixture
    def reference(self) -> Any:
        """The reference solution as a module of the judge; for hidden suites."""
        path = self.reference_path
        if path is None:
            raise CourseError(
                "reference", "this run has no reference", "Use it in hidden suites only."
            )
        if path not in self._references:
            self._references[path] = _import_file(path)
        return self._references[path]

    @pytest.fixture
    def training(self) -> Training:
        """Train by the recipe of the test's mark, and judge what was measured."""
        if self.trainer is None:
            what_now = "Give the test the mark `training` with the name of its recipe."
            raise CourseError("training", "this test has no recipe", what_now)
        return self.trainer

    @pytest.fixture(name="seed")
    def seed_fixture(self) -> int:
        """A seed that is fresh in each run and differs from the cell's."""
        return self.seed

    @pytest.fixture
    def rng(self) -> torch.Generator:
        """A generator with the test's seed."""
        return torch.Generator().manual_seed(self.seed)

    # --- for the worker -------------------------------------------------------------------

    def run(self, item: pytest.Function) -> BaseException | None:
        """Run one item with its fixtures and return what ended it, None if nothing did."""
        self.error = None
        torch.default_generator.manual_seed(self.seed)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        return self.error

    def _open_session(self) -> Session:
        if self.session is None:
            raise CourseError("student", "no cell is open", "Use the fixture inside a test.")
        return self.session


def _import_file(path: Path) -> Any:
    name = f"reference_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise CourseError(str(path), "the reference cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def collect(
    paths: Sequence[Path], root: Path, serve: Callable[[Plugin, Sequence[pytest.Function]], None]
) -> None:
    """Collect suites and hand their items to `serve`; returns when `serve` does.

    Args:
        paths: Suite files.
        root: The course's folder.
        serve: Gets the plugin and the items, in the order of `paths`.

    Raises:
        CourseError: If a suite cannot be collected.
    """
    failure: list[BaseException] = []

    def guarded(items: Sequence[pytest.Function]) -> None:
        try:
            serve(plugin, items)
        except BaseException as error:  # noqa: BLE001 - pytest would print it and go on
            failure.append(error)

    if any(b"torchvision" in path.read_bytes() for path in paths):
        vision.import_torchvision()  # a plain import fails beside a torch without CUDA
    plugin = Plugin(guarded)
    arguments = ["-c", str(INI), "--rootdir", str(root), "--assert=plain", "--noconftest"]
    # What a hidden test prints or logs may be its input, and logs of a run are read by students.
    arguments += ["--capture=sys", "-p", "no:logging"]
    arguments += ["-p", "no:terminal", "-p", "no:cacheprovider", *map(str, paths)]
    pytest.main(arguments, plugins=[plugin])
    if failure:
        raise failure[0]
    if plugin.broken:
        raise CourseError("suite", f"cannot be collected: {plugin.broken[0]}", "Mend the suite.")
