"""What `doctor` makes a cell try: each attack is a few lines of a student's module.

An attack raises `Escaped` when it gets through. Any `OSError` means that it was refused, and
so does, where `ends` says so, the end of the cell. Anything else is a mistake in the attack.
The names in capitals are canaries that `doctor` plants before.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from grader.model import Limits, Outcome

JAILED = frozenset({3, 2})
EVERYWHERE = frozenset({3, 2, 0})
SMALL = Limits(
    memory_mib=256, output_kib=64, threads=32, open_files=64, scratch_files=200, wall_time_s=20.0
)

PRELUDE = """
import ctypes, os, signal, socket, subprocess, sys, threading, time
class Escaped(Exception): pass
def first_success(*tries):
    problem = OSError("nothing was tried")
    for attempt in tries:
        try:
            attempt()
        except OSError as error:
            problem = error
        else:
            raise Escaped(f"attempt {tries.index(attempt) + 1} of {len(tries)} worked")
    raise problem
def system_call(name, *arguments):
    from seccompy import syscall_nr
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(syscall_nr(name), *arguments) == -1:
        raise OSError(ctypes.get_errno(), name)
"""


@dataclass(frozen=True, slots=True)
class Attack:
    """One thing that student code must not be able to do.

    Attributes:
        title: What holds when it fails; a sentence for an instructor.
        source: The student's module, after `PRELUDE` and the canaries.
        promised: Levels that promise to stop it.
        ends: Outcomes by which ending the cell counts as stopping it.
        limits: For the cell that it runs in.
    """

    title: str
    source: str
    promised: frozenset[int] = JAILED
    ends: frozenset[Outcome] = field(default=frozenset())
    limits: Limits = SMALL


ATTACKS = (
    Attack(
        "Files of the grader cannot be read.",
        "first_success(lambda: open(SECRET_FILE).read(), lambda: os.listdir(SECRET_FOLDER))",
    ),
    Attack(
        "Nothing outside the private folder can be written.",
        """
first_success(*[
    lambda folder=folder: open(f"{folder}/autograde-doctor", "w").close()
    for folder in (SECRET_FOLDER, "/tmp", "/dev/shm", "/", os.path.dirname(os.__file__))
])
""",
    ),
    Attack(
        "Files of others cannot be changed in mode, time or owner.",
        """
first_success(
    lambda: os.chmod(SECRET_FILE, 0o640),
    lambda: os.utime(SECRET_FILE),
    lambda: os.chown(SECRET_FILE, os.getuid(), -1),
    lambda: os.truncate(SECRET_FILE, 0),
)
""",
    ),
    Attack(
        "The grader's environment is not inherited.",
        """
if any(SECRET_PREFIX in value for value in os.environ.values()):
    raise Escaped("a variable of the grader is there")
raise OSError("it is not there")
""",
        EVERYWHERE,
    ),
    Attack(
        "No open file of the grader is inherited.",
        """
for fd in range(4, 256):
    try:
        os.fstat(fd)
    except OSError:
        continue
    raise Escaped(f"descriptor {fd} is open")
raise OSError("only its own are open")
""",
    ),
    Attack(
        "The grader's memory cannot be read.",
        """
buffer = ctypes.create_string_buffer(8)
pair = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 8)
first_success(
    lambda: open(f"/proc/{GRADER_PID}/mem", "rb").close(),
    lambda: open(f"/proc/{GRADER_PID}/environ", "rb").close(),
    lambda: system_call("process_vm_readv", GRADER_PID, pair, 1, pair, 1, 0),
    lambda: system_call("ptrace", 16, GRADER_PID, 0, 0),
)
""",
    ),
    Attack(
        "Nothing of the grader's memory is inherited.",
        """
import gc
for thing in gc.get_objects():
    held = list(thing.values()) if isinstance(thing, dict) else []
    for secret in (value for value in held if isinstance(value, str)):
        if secret.startswith(SECRET_PREFIX) and secret != SECRET_PREFIX:
            raise Escaped("a secret of the grader is there")
raise OSError("it is not there")
""",
        EVERYWHERE,
    ),
    Attack(
        "Files and memory of another cell cannot be read.",
        """
first_success(
    lambda: os.listdir(f"/proc/{NEIGHBOUR_PID}/cwd"),
    lambda: open(f"/proc/{NEIGHBOUR_PID}/environ", "rb").close(),
    lambda: open(f"/proc/{NEIGHBOUR_PID}/mem", "rb").close(),
)
""",
    ),
    Attack(
        "No process outside the cell can be sent a signal.",
        """
first_success(*[
    lambda pid=pid: os.kill(pid, 0)
    for pid in (GRADER_PID, NEIGHBOUR_PID, -1, os.getppid() or GRADER_PID) if pid != os.getpid()
])
""",
    ),
    Attack(
        "No process outside the cell can be slowed down or limited.",
        """
import resource
first_success(
    lambda: os.sched_setaffinity(GRADER_PID, {0}),
    lambda: os.setpriority(os.PRIO_PROCESS, GRADER_PID, 1),
    lambda: resource.prlimit(GRADER_PID, resource.RLIMIT_CORE, (0, 0)),
)
""",
    ),
    Attack(
        "A server on this machine cannot be reached.",
        'socket.create_connection(("127.0.0.1", OPEN_PORT), 2); raise Escaped("connected")',
    ),
    Attack(
        "A named socket on this machine cannot be reached.",
        """
end = socket.socket(socket.AF_UNIX)
end.connect("\\0" + OPEN_NAME)
raise Escaped("connected")
""",
    ),
    Attack(
        "Cells cannot signal each other through locks on shared files.",
        """
import fcntl
file = open(os.__file__)
first_success(
    lambda: fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB),
    lambda: fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB),
)
""",
    ),
    Attack(
        "No further process can be started.",
        """
def fork():
    if os.fork() == 0:
        os._exit(0)
first_success(fork, lambda: subprocess.run([sys.executable, "-c", ""]))
""",
    ),
    Attack(
        "The kernel's settings cannot be opened for writing.",
        """
first_success(*[
    lambda path=path: os.close(os.open(path, os.O_WRONLY))
    for path in ("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/self/oom_score_adj")
])
""",
    ),
    Attack(
        "Risky parts of the kernel are closed.",
        """
first_success(
    lambda: system_call("unshare", 0x10000000),
    lambda: system_call("memfd_create", b"x", 0),
    lambda: system_call("keyctl", 0, -3, 0),
    lambda: system_call("io_uring_setup", 1, ctypes.create_string_buffer(256)),
    lambda: system_call("userfaultfd", 1),
    lambda: system_call("shmget", 0, 4096, 0o1600),
)
""",
    ),
    Attack(
        "Threads are limited.",
        """
def wait():
    time.sleep(60)
try:
    for _ in range(3 * THREADS):
        threading.Thread(target=wait, daemon=True).start()
except RuntimeError:
    raise OSError("no more threads")
time.sleep(1)
raise Escaped(f"{threading.active_count()} threads")
""",
        ends=frozenset({Outcome.CRASHED}),
    ),
    Attack(
        "Open files are limited.",
        """
kept = [os.open(os.devnull, os.O_RDONLY) for _ in range(3 * OPEN_FILES)]
raise Escaped(f"{len(kept)} files are open")
""",
        ends=frozenset({Outcome.CRASHED}),
    ),
    Attack(
        "Files in the private folder are limited.",
        """
for number in range(3 * SCRATCH_FILES):
    open(f"file-{number}", "w").close()
time.sleep(1)
raise Escaped(f"{len(os.listdir())} files")
""",
        ends=frozenset({Outcome.CRASHED}),
    ),
    Attack(
        "Memory is limited.",
        """
kept = []
try:
    for _ in range(3 * MEMORY_MIB // 16):
        kept.append(bytearray(b"x") * (16 << 20))
        time.sleep(0.02)
except MemoryError:
    kept.clear()
    raise OSError("no more memory")
raise Escaped(f"{16 * len(kept)} MiB")
""",
        EVERYWHERE,
        frozenset({Outcome.MEMORY}),
    ),
    Attack(
        "Output is limited.",
        """
for _ in range(OUTPUT_KIB * 4):
    print("x" * 1023, flush=True)
time.sleep(1)
raise Escaped("all was printed")
""",
        EVERYWHERE,
        frozenset({Outcome.CRASHED}),
    ),
    Attack(
        "CPU time is limited.",
        """
while time.process_time() < 5:
    pass
raise Escaped("5 seconds were used")
""",
        ends=frozenset({Outcome.TIMEOUT}),
        limits=Limits(cpu_time_s=1, wall_time_s=30.0),
    ),
    Attack(
        "Code that ignores every signal is ended in time.",
        """
for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
    signal.signal(number, signal.SIG_IGN)
while True:
    time.sleep(1)
""",
        EVERYWHERE,
        frozenset({Outcome.TIMEOUT}),
        Limits(wall_time_s=1.0),
    ),
)
QUICK = tuple(attack for attack in ATTACKS if not attack.ends)
"""Those that need no more than some milliseconds: none of them waits for the end of its cell."""
