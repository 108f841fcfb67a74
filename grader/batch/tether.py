"""A leash for what Parsl starts: a family of processes that ends as one, and with its parent.

    python -P -m grader.batch.tether COMMAND...

The command is killed when the process that started this one ends, whatever ends it. When the
command ends, everything that it left behind is killed too: Parsl's pool of workers keeps helper
processes that would outlive a pool that was killed. Ctrl-C is for the head of the batch alone.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

from grader.cell import jail_calls


def main() -> None:
    """Run the command to its end and pass its exit code on."""
    jail_calls.die_with_parent(signal.SIGTERM)
    jail_calls.adopt_orphans()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    child = os.fork()
    if child == 0:
        jail_calls.die_with_parent(signal.SIGKILL)
        os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606 - no shell is wanted

    def end(number: int, frame: FrameType | None) -> None:
        del number, frame
        os.kill(child, signal.SIGKILL)

    signal.signal(signal.SIGTERM, end)
    code = _wait_for(child)
    _end_the_rest()
    sys.exit(code if code >= 0 else 128 - code)


def _wait_for(child: int) -> int:
    """Collect whoever ends, until it is this child."""
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == child:
            # From now on there is nobody to pass a signal on to.
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            return os.waitstatus_to_exitcode(status)


def _end_the_rest() -> None:
    """Kill and collect all that was left behind; orphans of orphans come here as well."""
    import psutil

    while True:
        for process in psutil.Process().children(recursive=True):
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


if __name__ == "__main__":
    main()
