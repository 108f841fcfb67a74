"""The worker: the trusted process that joins `judge` and `cell`.

    light process --Job--> worker --fork--> judge of one submission --wire--> cell
                  <-Judged--       <--pipe--

It imports torch and pytest and collects the suites once. Where there is `fork` and the cells
are jailed, the jobs of one submission are judged in a forked child, so that nothing they do stays
behind. At level 0 (any system, no fork) jobs are judged in the worker itself.

Its standard input and output are the line protocol of `orders.py`; the descriptors are moved
away at once, so that nothing printed by accident can be taken for an answer.
"""

from __future__ import annotations

import contextlib
import os
import platform
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import IO, TYPE_CHECKING

import msgspec

from grader import __version__, orders, relay, shared_pages
from grader.errors import AutogradeError, CellError, CourseError
from grader.model import CPU, Device, Exercise, Finding, Isolation, Limits, TrainingMode

if TYPE_CHECKING:
    import pytest

    from grader.cell.card import Card
    from grader.cell.cell import CellHost
    from grader.judge.diagnosis import Knowledge
    from grader.judge.plugin import Plugin
    from grader.judge.run import Pair
    from grader.judge.site import Site

GRACE_S = 30.0
"""What a judge may need beyond its exercise's own wall time before it counts as stuck."""
CARD_PATIENCE_S = 900.0
"""What three attempts on a graphics card may wait for their shares, beyond that."""


class Worker:
    """One set of suites and one cell host, serving jobs until its input ends."""

    def __init__(self, setup: orders.Setup, orders_in: relay.Lines, out: IO[bytes]) -> None:
        """Start the cell host at once; torch is imported while it comes up.

        Args:
            setup: What to serve.
            orders_in: Where jobs come from.
            out: Where answers go.

        Raises:
            CellError: If no cell host of the wanted level can be started.
        """
        from grader import cell
        from grader.cell.doctor import Examination

        self._setup = setup
        self._in = orders_in
        self._out = out
        self._examination = Examination()  # before the host, which might inherit what it plants
        self._cards, self._no_card = _cards(setup)
        # From here on nothing of the judge finds a card: it forks, which CUDA does not survive.
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
        limits = _widest(setup.exercises)
        self._host: CellHost = cell.open_host(setup.level, limits, self._cards)
        self._apart: relay.Apart | None = None
        self._read: set[str] = set()
        self._knowledge: dict[str, Knowledge | None] = {}

    def serve(self) -> None:
        """Collect the suites, then answer jobs until the input ends."""
        from grader.judge import plugin, suite

        setup = self._setup
        paths = [
            path
            for exercise in setup.exercises
            for path in suite.suites_of(exercise, public_only=setup.public_only)
        ]
        try:
            plugin.collect(paths, setup.root, self._serve_items)
        finally:
            if self._apart is not None:
                self._apart.end()
            self._examination.close()
            self._host.close()

    def _serve_items(self, plugin: Plugin, items: Sequence[pytest.Function]) -> None:
        from grader.judge import suite

        pairs: dict[str, tuple[Pair, ...]] = {}
        for exercise in self._setup.exercises:
            own = [i for i in items if i.path in (exercise.public_suite, exercise.hidden_suite)]
            public_only = self._setup.public_only
            pairs[exercise.id] = suite.cases_of(
                exercise, own, public_only=public_only, probes=self._setup.probes
            )
        cases = {name: tuple(case for case, _ in found) for name, found in pairs.items()}
        self._read_knowledge()
        work = partial(self._work, plugin, pairs)
        isolation = self._host.isolation
        if isolation.level > 0:
            self._apart = relay.Apart(work, self._in, self._out, _prepare_to_fork())
            isolation = self._examined(isolation)
        else:
            self._in = relay.WatchedLines(self._in, GRACE_S)
        self._site = self._found_site(isolation)
        self._answer(orders.Ready(cases, isolation, _environment(self._site)))
        while (line := self._in.next_line()) is not None:
            order = orders.read_order(line)
            if isinstance(order, orders.Setup):
                continue
            trained: tuple[str, ...] = ()
            if isinstance(order, orders.Job) and order.training is not TrainingMode.OFF:
                trained = tuple(c.training for c in cases[order.exercise.id] if c.training)
                self._read_data(trained)
            if self._apart is None:
                trouble = self._judge_here(order, work)
            else:
                trouble = self._judge_apart(order, self._apart, trained)
            self._answer(trouble or orders.Done())

    def _read_data(self, trained: Iterable[str]) -> None:
        """Read once what every judge that trains by some recipes would read anew.

        A set that is not on this machine is told of by the test that needs it.
        """
        from grader.judge import recipes

        for name in sorted({*trained} & recipes.RECIPES.keys() - self._read):
            self._read.add(name)
            with contextlib.suppress(AutogradeError):
                recipes.problem(recipes.RECIPES[name], 0)
            if self._apart is not None:
                self._apart.end()  # it was forked before this was read

    def _found_site(self, isolation: Isolation) -> Site:
        """Return where recipes can be trained here.

        Raises:
            CellError: If a card is asked for by name and cells can have none.
        """
        from grader.judge.site import Site

        wanted, why_not = self._setup.device, self._no_card
        if self._cards and isolation.level == 0:
            why_not = _refused(wanted, "only cells of level 2 and 3 can have a graphics card")
        if why_not:
            return Site(wanted, why_not=why_not)
        return Site(wanted, self._cards[0].name, self._cards[0].driver, "")

    def _examined(self, isolation: Isolation) -> Isolation:
        """Attack the cells that will be graded with, before anything is.

        Raises:
            CellError: If a promise of the level does not hold.
        """
        from grader.cell.attacks import QUICK

        probes = self._examination.probes(self._host, QUICK)
        self._examination.close()
        for probe in probes:
            if probe.finding is Finding.FAIL:
                what = f"level {isolation.level} does not hold here: {probe.title} ({probe.detail})"
                raise CellError("isolation", what, "Run `autograde doctor`; it names what helps.")
        return replace(isolation, probes=tuple(probes))

    def _read_knowledge(self) -> None:
        from grader.judge.diagnosis import read_knowledge

        for exercise in self._setup.exercises:
            self._knowledge[exercise.id] = read_knowledge(exercise)

    def _work(
        self, plugin: Plugin, pairs: Mapping[str, Sequence[Pair]], order: orders.Order
    ) -> Iterator[orders.Answer]:
        if isinstance(order, orders.Job):
            yield from self._judge(plugin, order, pairs[order.exercise.id])
        elif isinstance(order, orders.Fingerprint):
            yield from self._fingerprint(order)

    def _judge(
        self, plugin: Plugin, job: orders.Job, pairs: Sequence[Pair]
    ) -> Iterator[orders.Answer]:
        from grader.judge.diagnosis import diagnose, failing_tasks
        from grader.judge.run import Options, Run

        plugin.reference_path = job.exercise.reference
        run = Run(plugin, self._host.open, job.exercise, job.hand_in, job.seed, self._site)
        options = Options(job.stop_at_first_loss, job.tasks_first, job.training)
        verdicts = []
        for verdict in run.verdicts(pairs, options):
            verdicts.append(verdict)
            yield orders.Judged(verdict)
        knowledge = self._knowledge.get(job.exercise.id)
        if knowledge is None or job.stop_at_first_loss:
            return
        failing = failing_tasks(job.exercise, verdicts)
        try:
            for found in diagnose(knowledge, self._host.open, job.exercise, job.hand_in, failing):
                yield orders.Diagnosed(found)
        except Exception as error:  # noqa: BLE001 - an explanation that fails must cost no grade
            sys.stderr.write(f"diagnosis: {type(error).__name__}: {error}\n")

    def _fingerprint(self, order: orders.Fingerprint) -> Iterator[orders.Answer]:
        from grader.judge.fingerprinting import Entry, take_fingerprints
        from grader.judge.fingerprints import is_current

        entries = [Entry(**msgspec.structs.asdict(entry)) for entry in order.entries]
        text, findings = take_fingerprints(order.exercise, entries, self._host.open)
        current = is_current(order.exercise, text)
        yield orders.Fingerprinted(text, current, tuple((f.where, f.what) for f in findings))

    def _judge_here(self, order: orders.Order, work: relay.Work) -> orders.Trouble | None:
        try:
            for answer in work(order):
                self._answer(answer)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is our fault and is told
            return orders.Trouble("fault", "judge", f"{type(error).__name__}: {error}")
        self._host.prepare()
        return None

    def _judge_apart(
        self, order: orders.Job | orders.Fingerprint, apart: relay.Apart, trained: Iterable[str]
    ) -> orders.Trouble | None:
        hand_in_s = order.exercise.limits.exercise_wall_time_s
        grace_s = GRACE_S + (CARD_PATIENCE_S if self._cards else 0.0) + _references_s(trained)
        if isinstance(order, orders.Fingerprint):
            # Each entry is run as a hand-in.
            return apart.do(order, hand_in_s * max(1, len(order.entries)) + grace_s)
        whole = order.submission
        return apart.do(order, hand_in_s + grace_s, submission=whole, is_last=order.is_last)

    def _answer(self, answer: orders.Answer) -> None:
        self._out.write(orders.to_line(answer))
        self._out.flush()


def _prepare_to_fork() -> Iterator[None]:
    from grader.judge.warm import warm  # imports torch

    warm()
    return shared_pages.freeze()


def _references_s(trained: Iterable[str]) -> float:
    """Return what runs of the references may need beside those of the hand-in."""
    from grader.judge.recipes import RECIPES
    from grader.judge.training import CHECK_RUNS

    return sum(CHECK_RUNS * RECIPES[name].limits.wall_time_s for name in trained if name in RECIPES)


def _widest(exercises: Sequence[Exercise]) -> Limits:
    return exercises[0].limits if exercises else Limits()


def _cards(setup: orders.Setup) -> tuple[Sequence[Card], str]:
    """Return the cards that cells may be given, or none and why.

    Raises:
        CellError: If one was asked for by name.
    """
    from grader.cell import card

    found, why_not = card.find(setup.device)
    return found, _refused(setup.device, why_not)


def _refused(device: Device, why_not: str) -> str:
    """Return why there is no card.

    Raises:
        CellError: If one was asked for by name.
    """
    if why_not and device is Device.CUDA:
        raise CellError("--device cuda", why_not, "Use `--device auto`, or another machine.")
    return why_not


def _environment(site: Site) -> dict[str, str]:
    import torch

    driver = {"driver": site.driver} if site.driver else {}
    return driver | {
        "grader": __version__,
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "device": site.card or CPU,
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
    }


def main() -> None:
    """Serve the line protocol on standard input and output."""
    orders_in = relay.Lines(os.dup(0))
    out = os.fdopen(os.dup(1), "wb")
    null_fd = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null_fd, 0)
    os.dup2(2, 1)
    line = orders_in.next_line()
    if line is None:
        return
    try:
        setup = orders.read_order(line)
        if not isinstance(setup, orders.Setup):
            msg = "the first message has to be a Setup"
            raise msgspec.ValidationError(msg)
        Worker(setup, orders_in, out).serve()
    except AutogradeError as error:
        kind = "course" if isinstance(error, CourseError) else "fault"
        trouble = orders.Trouble(kind, error.where, error.what, error.what_now)
        with contextlib.suppress(BrokenPipeError):
            out.write(orders.to_line(trouble))
            out.flush()
    except BrokenPipeError:
        # The light process has gone: nobody is left to be told anything, and the interpreter
        # would complain about the unsent rest.
        os._exit(0)


if __name__ == "__main__":
    main()
