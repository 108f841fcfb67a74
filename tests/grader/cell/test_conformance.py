"""What every level of isolation has to do, as far as it promises it: one suite for all."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import psutil
import pytest

from grader.model import Limits, Outcome

if TYPE_CHECKING:
    from conftest import Ward

SMALL = Limits(
    wall_time_s=20.0,
    memory_mib=256,
    output_kib=64,
    threads=16,
    processes=2,
    open_files=100,
    scratch_mib=4,
    scratch_files=500,
)


# --- life -------------------------------------------------------------------------------------


def test_a_cell_runs_code_and_keeps_what_it_prints(ward: Ward) -> None:
    """Standard output and standard error both arrive."""
    with ward.cell() as cell:
        said = cell.say("import sys, torch; print(torch.ones(2).sum().item(), file=sys.stderr)")
        assert said == "2.0"
        assert cell.say("print('out')") == "out"


def test_a_cell_says_which_level_it_has(ward: Ward) -> None:
    """The host, its cells and the level asked for agree."""
    with ward.cell() as cell:
        assert cell.cell.isolation.level == ward.host.isolation.level == ward.level


def test_an_exception_leaves_the_cell_alive(ward: Ward) -> None:
    """What the student raises is an answer, even if it is meant to end the process."""
    with ward.cell() as cell:
        assert cell.refusal("raise SystemExit(0)") == "SystemExit"
        assert cell.refusal("def f(:") == "SyntaxError"
        assert cell.say("print(1)") == "1"


def test_input_is_at_its_end(ward: Ward) -> None:
    """Waiting for input does not hang."""
    with ward.cell() as cell:
        assert cell.refusal("input()") == "EOFError"


def test_cells_do_not_see_what_others_did(ward: Ward) -> None:
    """A module that one cell patched is whole in the next."""
    with ward.cell() as first:
        first.say("import torch; torch.softmax = None; open('left', 'w').close()")
    with ward.cell() as second:
        said = second.say("import os, torch; print(torch.softmax is None, os.path.exists('left'))")
        assert said == "False False"


def test_two_cells_live_side_by_side(ward: Ward) -> None:
    """Ending one leaves the other alone."""
    with ward.cell() as one, ward.cell() as other:
        one.say("x = 1")
        other.ending("import os; os._exit(0)")
        assert one.say("print(2)") == "2"


# --- endings ----------------------------------------------------------------------------------


def test_leaving_the_process_is_told_with_its_status(ward: Ward) -> None:
    """An exit ends the cell and earns nothing, whatever its status."""
    for status in (0, 3):
        with ward.cell() as cell:
            ending = cell.ending(f"import os; os._exit({status})")
            assert ending.outcome is Outcome.CRASHED
            assert ending.message == f"Your code ended the process (exit status {status})."


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to crash with")
def test_a_crash_is_told_with_its_signal(ward: Ward) -> None:
    """A segmentation fault is named."""
    with ward.cell() as cell:
        ending = cell.ending("import ctypes; ctypes.string_at(0)")
        assert ending.outcome is Outcome.CRASHED
        assert "SIGSEGV" in ending.message


def test_a_loop_that_ignores_all_signals_is_ended(ward: Ward) -> None:
    """The deadline holds against code that wants to stay."""
    source = """
import signal
for number in set(signal.Signals) - {9, 19, 17}:
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
while True: pass
"""
    with ward.cell(replace(SMALL, wall_time_s=1.0)) as cell:
        ending = cell.ending(source)
        assert ending.outcome is Outcome.TIMEOUT
        assert ending.message == "Your code did not finish within 1 seconds."


def test_a_loop_in_c_is_ended(ward: Ward) -> None:
    """A loop that never returns to Python is no refuge."""
    with ward.cell(replace(SMALL, wall_time_s=1.0)) as cell:
        assert cell.ending("sum(range(10**18))").outcome is Outcome.TIMEOUT


def test_closing_the_channel_is_no_fault_of_the_grader(ward: Ward) -> None:
    """Code that hangs up on the judge loses its points; nobody else does."""
    with ward.cell() as cell:
        ending = cell.ending("import os; os.closerange(3, 64)")
        assert ending.outcome is Outcome.CRASHED


def test_the_next_cell_is_good_after_a_bad_one(ward: Ward) -> None:
    """A host outlives what its cells do."""
    with ward.cell() as cell:
        cell.ending("import os, signal; os.close(2); os._exit(1)")
    with ward.cell() as cell:
        assert cell.say("print('good')") == "good"


# --- limits -----------------------------------------------------------------------------------


def test_too_much_output_ends_the_cell(ward: Ward) -> None:
    """Output is counted, cut at the limit, and the student is told."""
    with ward.cell() as cell:
        ending = cell.ending("while True: print('x' * 1000)")
        assert ending.outcome is Outcome.CRASHED
        assert ending.message == "Your code printed more than 64 KiB."
        assert len(cell.cell.take_output()) <= 64 << 10


def test_output_up_to_the_limit_arrives_whole(ward: Ward) -> None:
    """A pipe's own size is no limit."""
    with ward.cell(replace(SMALL, output_kib=512)) as cell:
        assert cell.say("print('x' * 400_000)") == "x" * 400_000


def test_memory_is_limited(ward: Ward) -> None:
    """Taking more memory than allowed raises or ends; twice the limit is never reached."""
    source = """
import time
kept = []
for _ in range(64):
    kept.append(bytearray(b'x') * (8 << 20))
    time.sleep(0.01)
"""
    with ward.cell() as cell:
        assert cell.fate(source) in {"MemoryError", "memory"}


def test_a_tensor_larger_than_the_limit_is_refused_by_torch(jailed: Ward) -> None:
    """The student reads torch's own sentence, and the cell lives on."""
    with jailed.cell() as cell:
        problem = cell.load("import torch; torch.empty(1 << 30)")
        assert problem["type"] == "RuntimeError"
        assert "can't allocate memory" in problem["text"]
        assert cell.say("print(1)") == "1"


def test_endless_recursion_costs_only_its_own_memory(jailed: Ward) -> None:
    """A raised recursion limit runs into the memory limit."""
    source = "import sys; sys.setrecursionlimit(10**9)\ndef f(): f()\nf()"
    with jailed.cell() as cell:
        # CPython 3.11.2 loses the exception on the way up, which is a SystemError.
        raised = {"MemoryError", "RecursionError", "SystemError"}
        assert cell.fate(source) in raised | {"memory", "crashed"}


def test_cpu_time_is_limited(jailed: Ward) -> None:
    """CPU time is counted apart from wall time, and the student is told which ran out."""
    with jailed.cell(replace(SMALL, cpu_time_s=1)) as cell:
        ending = cell.ending("while True: pass")
        assert ending.outcome is Outcome.TIMEOUT
        assert ending.message == "Your code used more than 1 seconds of CPU time."


def test_threads_are_there_but_limited(jailed: Ward) -> None:
    """A few threads work; a bomb of them does not."""
    with jailed.cell() as cell:
        assert (
            cell.say("""
import threading, torch
torch.set_num_threads(2)
threads = [threading.Thread(target=lambda: torch.ones(300, 300).mm(torch.ones(300, 300)))
           for _ in range(4)]
[t.start() for t in threads]; [t.join() for t in threads]
print('done')
""")
            == "done"
        )


def test_a_process_bomb_does_not_start(jailed: Ward) -> None:
    """One cell is one process."""
    with jailed.cell() as cell:
        assert cell.refusal("import os; os.fork()") == "PermissionError"
        assert cell.refusal("import subprocess; subprocess.run(['true'])") in {
            "PermissionError", "FileNotFoundError",
        }  # fmt: skip


def test_files_can_be_written_and_read_in_the_private_folder(ward: Ward) -> None:
    """The current folder is private, writable, and where temporary files go."""
    with ward.cell() as cell:
        said = cell.say("""
import os, pathlib, tempfile, torch
torch.save({'w': torch.ones(3)}, 'weights.pt')
os.makedirs('a/b'); pathlib.Path('a/b/c').write_text('text')
print(torch.load('weights.pt')['w'].sum().item(), pathlib.Path('a/b/c').read_text())
print(os.path.samefile(os.getcwd(), os.path.expanduser('~')))
with tempfile.NamedTemporaryFile(delete=False) as file: file.write(b'x')
""")
        assert said.split() == ["3.0", "text", "True"]


MANY_FILES = "import time\nfor i in range(5000): open(f'f{i}', 'w').close()\ntime.sleep(9)"
MANY_BYTES = "import time\nwhile True: open(f'f{time.time()}', 'wb').write(bytes(1 << 20))"
OPEN_FILES = "kept = []\nwhile True: kept.append(open('/dev/null'))"
THREADS = """
import threading, time
for _ in range(100): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
time.sleep(9)
"""


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (MANY_BYTES, "Your code wrote more than 4 MiB."),
        (MANY_FILES, "Your code made more than 500 files."),
        (OPEN_FILES, "Your code had more than 100 files open at once."),
        (THREADS, "Your code started more than 16 threads."),
    ],
    ids=["bytes", "files", "open", "threads"],
)
def test_a_limit_of_number_is_told_in_its_own_words(source: str, words: str, jailed: Ward) -> None:
    """The kernel holds it, the judge sees it, and the student reads which one it was."""
    with jailed.cell() as cell:
        ending = cell.ending(source)
        assert (ending.outcome, ending.message) == (Outcome.CRASHED, words)


def test_what_stays_within_the_limits_of_number_is_left_alone(jailed: Ward) -> None:
    """As many as allowed are allowed: files, open ones, threads."""
    source = """
import threading, time
for i in range(500): open(f'f{i}', 'w').close()
kept = [open('/dev/null') for _ in range(96)]
for _ in range(15): threading.Thread(target=time.sleep, args=(1,), daemon=True).start()
time.sleep(0.2)
print('fine')
"""
    with jailed.cell() as cell:
        assert cell.say(source) == "fine"


def test_a_limit_that_the_code_survives_is_still_held(jailed: Ward) -> None:
    """Nobody has more than one file too many open, not for a moment."""
    source = """
import os
kept = []
try:
    while True: kept.append(os.open('/dev/null', os.O_RDONLY))
except OSError:
    count = len(kept)
    for fd in kept: os.close(fd)
print(count)
"""
    with jailed.cell() as cell:
        assert cell.fate(source) in {"nothing", "crashed"}
        if cell.cell.alive:
            assert int(cell.cell.take_output()) <= 97


def test_processes_are_counted_where_they_may_be_started(ward_of: Callable[[int], Ward]) -> None:
    """Level 0 cannot refuse them; it can end who starts too many."""
    source = """
import subprocess, sys, time
kept = [subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']) for _ in range(5)]
time.sleep(15)
"""
    with ward_of(0).cell() as cell:
        ending = cell.ending(source)
        assert (ending.outcome, ending.message) == (
            Outcome.CRASHED,
            "Your code started more than 2 processes.",
        )


def test_a_flat_cell_that_hides_its_files_is_ended(ward_of: Callable[[int], Ward]) -> None:
    """Without a file system of its own, a folder has to be measurable."""
    deep = "import os, time\nfor i in range(400): os.mkdir('d'); os.chdir('d')\ntime.sleep(9)"
    shut = "import os, time\nos.mkdir('d', 0)\ntime.sleep(9)"
    told = {
        deep: "Your code made more than 32 folders inside each other.",
        shut: "Your code made a folder that cannot be looked into.",
    }
    for source, words in told.items():
        with ward_of(2).cell() as cell:
            assert cell.ending(source).message == words


def test_a_cell_is_its_own_process_group(jailed: Ward) -> None:
    """A signal to the group would otherwise reach the warm process, namespaces or not."""
    with jailed.cell() as cell:
        assert cell.say("import os; print(os.getpgid(0) == os.getpid())") == "True"


def test_a_flat_cell_sees_nothing_of_any_process(ward_of: Callable[[int], Ward]) -> None:
    """Without a process namespace, /proc is that of the whole machine, so all of it is closed."""
    with ward_of(2).cell() as cell:
        for name in ("", "/self/mem", "/self/environ", "/self/status", "/1/cmdline"):
            problem = cell.load(f"import os; os.close(os.open('/proc{name}', os.O_RDONLY))")
            assert problem["type"] == "PermissionError"


def test_limits_cannot_be_raised(jailed: Ward) -> None:
    """A hard limit stays."""
    source = "import resource as r; r.setrlimit(r.RLIMIT_AS, (r.RLIM_INFINITY, r.RLIM_INFINITY))"
    with jailed.cell() as cell:
        assert cell.refusal(source) in {"ValueError", "PermissionError"}


# --- nothing is left --------------------------------------------------------------------------


def test_what_ran_in_a_closed_cell_is_gone(ward: Ward) -> None:
    """After `close` the process does not exist any more."""
    with ward.cell() as cell:
        cell.say("import threading, time\nthreading.Thread(target=time.sleep, args=(99,)).start()")
        process = cell.cell._process
        pid = process.popen.pid if ward.level == 0 else process.host_pid  # type: ignore[attr-defined]
        assert psutil.pid_exists(pid)
    try:
        assert psutil.Process(pid).status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.NoSuchProcess:
        return
