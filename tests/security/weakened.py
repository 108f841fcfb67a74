"""The grader with single layers taken out, for the tests of this folder alone.

It stands in for the three programs that the grader starts, patches them, and runs them:

    python weakened.py worker CONTROL              in place of `-m grader.worker`
    python -I weakened.py launch CONTROL OPTIONS   in place of `-m grader.cell.launch`
    python -I weakened.py zygote CONTROL OPTIONS   in place of `-m grader.cell.zygote`

The file `layers` in the folder CONTROL names the layers that are out just now. It is read by each
process forked for a hand-in, so that one warm session serves them all. Nothing of this can be
reached from the command line or a configuration of the product: it lives in other programs.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

HERE = str(Path(__file__).resolve())
RLIMITS = {
    "rlimit address space": resource.RLIMIT_AS,
    "rlimit CPU time": resource.RLIMIT_CPU,
    "rlimit file size": resource.RLIMIT_FSIZE,
    "rlimit open files": resource.RLIMIT_NOFILE,
    "rlimit threads": resource.RLIMIT_NPROC,
}


def out(control: str) -> frozenset[str]:
    """Return the layers that are out."""
    return frozenset(Path(control, "layers").read_text("ascii").split(","))


# --- the jail -------------------------------------------------------------------------------------


def weaken_jail(layers: frozenset[str]) -> None:
    """Take layers out of the jail that this fresh process is about to shut around itself."""
    from grader.cell import jail, jail_calls

    if "landlock" in layers:
        jail._restrict_files = lambda *args: None
    if "seccomp" in layers:
        jail_calls.load_filter = lambda program: None
    if "hidden memory" in layers:
        jail_calls.hide_memory = lambda: None
    kept_out = {kind for name, kind in RLIMITS.items() if name in layers}
    if kept_out:
        jail.resource = SimpleNamespace(**vars(resource))
        real = resource.setrlimit
        jail.resource.setrlimit = lambda k, bounds: None if k in kept_out else real(k, bounds)


def zygote(control: str) -> None:
    """Be the warm process, whose jails lack what is out."""
    from grader.cell import scratch, zygote

    become, exceeds = zygote._become_cell, scratch.exceeds

    def weakened(*args: Any) -> None:
        weaken_jail(out(control))
        become(*args)

    zygote._become_cell = weakened
    scratch.exceeds = lambda *args: "scratch measure" not in out(control) and exceeds(*args)
    zygote.main()


def launch(control: str) -> None:
    """Be the launcher, which starts the warm process above."""
    from grader.cell import jail_view, launch

    enter, readable = launch._enter, jail_view.readable

    def entered(command: list[str], environment: dict[str, str]) -> None:
        at = command.index("grader.cell.zygote")
        command[at - 1 : at + 1] = [HERE, "zygote", control]
        enter(command, environment)

    def seen() -> jail_view.View:
        view = readable()
        return jail_view.View((*view.paths, HERE, control), view.links)

    launch._enter, jail_view.readable = entered, seen
    launch.main()


# --- the judge ------------------------------------------------------------------------------------


def weaken_judge(layers: frozenset[str]) -> None:
    """Take layers out of this process, which was forked to judge one hand-in."""
    for layer, patch in JUDGE.items():
        if layer in layers:
            patch()


def _no_watch() -> None:
    from grader.cell.forking import JailedProcess

    JailedProcess.watch = lambda self: None


def _no_deadline() -> None:
    from grader.cell.cell import Cell

    real = Cell._remaining_s

    def endless(self: Any) -> float:
        self._deadline_s = float("inf")
        return real(self)

    Cell._remaining_s = endless


def _no_sequence() -> None:
    from grader.cell.cell import Cell

    real = Cell._receive_frame

    def believed(self: Any) -> Any:
        frame = real(self)
        frame.seq = self._seq
        return frame

    Cell._receive_frame = believed


def _no_prefix_checks() -> None:
    from grader.cell import wire

    wire.parse_prefix = lambda prefix, limit: wire.PREFIX.unpack(prefix)[1:]


def _no_frame_checks() -> None:
    import msgspec

    from grader.cell import wire

    wire._decoder = SimpleNamespace(decode=lambda data: wire.Head(*msgspec.msgpack.decode(data)))


def _no_guard() -> None:
    from grader.judge import proxy

    proxy._read = lambda step: step()


def _mirrors() -> None:
    from grader.judge import proxy

    proxy.Session.mirrors = property(lambda self: True, lambda self, value: None)


def _no_reading_of_names() -> None:
    from grader.judge import policy

    policy.find_shortcuts = lambda source, task: ()


def _no_operators() -> None:
    from grader.judge import proxy

    empty: frozenset[str] = frozenset()
    proxy.Session.forbidden = property(lambda self: empty, lambda self, value: None)


def _any_name() -> None:
    from grader.judge import proxy

    proxy.Session.is_common_name = lambda self, name: True


def _whole_messages() -> None:
    from grader.judge import verdicts

    verdicts._builtin_name = lambda error: f"{error.type_name}: {error.text}"


JUDGE: dict[str, Callable[[], None]] = {
    "watchdog": _no_watch,
    "deadline": _no_deadline,
    "sequence numbers": _no_sequence,
    "checks of lengths": _no_prefix_checks,
    "checks of heads": _no_frame_checks,
    "guarded reading": _no_guard,
    "unchanged questions": _mirrors,
    "reading of names": _no_reading_of_names,
    "watch on operators": _no_operators,
    "known names only": _any_name,
    "withheld messages": _whole_messages,
}


def worker(control: str) -> None:
    """Be the worker, whose cells and judges lack what is out."""
    import subprocess

    from grader import worker
    from grader.cell import warm

    start, judge = subprocess.Popen, worker.Worker._judge

    def started(command: list[str], **options: Any) -> Any:
        at = command.index("grader.cell.launch")
        command[at - 1 : at + 1] = [HERE, "launch", control]
        return start(command, **options)

    def judged(self: Any, *args: Any) -> Any:
        weaken_judge(out(control))
        return judge(self, *args)

    warm.subprocess = SimpleNamespace(**vars(subprocess) | {"Popen": started})
    worker.Worker._judge = judged
    worker.GRACE_S = 2.0
    worker.main()


if __name__ == "__main__":
    role, folder = sys.argv[1:3]
    sys.argv[1:3] = []
    os.umask(0o022)
    {"worker": worker, "launch": launch, "zygote": zygote}[role](folder)
