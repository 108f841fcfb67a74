"""All layers, and which attacks turn red without each.

How a layer is switched off: those of the host are missing from an environment that
`environment.py` makes; those of the judge (`judge.py`), of intake and of the report
(`around.py`) are patched in the test's own process. None is an option of the program.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from grader.model import Limits

LIMITS = Limits(
    wall_time_s=60.0,
    cpu_time_s=2,
    memory_mib=150,
    output_kib=64,
    threads=32,
    frame_mib=32,
    frames=40,
    scratch_mib=8,
    scratch_files=200,
)
"""Room enough for a busy machine, where the layer that is off is not the one that counts."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of the boundary.

    Attributes:
        name: As the table has it.
        where: `host`, `judge`, `intake` or `report`.
        witnesses: Attacks that turn red without it.
        behind: Another layer that holds its attacks alone; `witnesses` turn red without both.
        why: Where nothing turns red: why it is there all the same.
        level: At which cells are tried; what only level 2 needs is tried there.
        limits: For the cells of its witnesses.
    """

    name: str
    where: str
    witnesses: tuple[str, ...] = ()
    behind: str = ""
    why: str = ""
    level: int = 3
    limits: Limits = LIMITS


QUICK = replace(LIMITS, wall_time_s=4.0)

LAYERS = (
    Layer("namespaces", "host", ("escape-dlopen",)),
    Layer("landlock", "host", ("read-secret-file", "escape-rename"), level=2),
    Layer("seccomp", "host", ("net-every-family", "others-file-locks")),
    Layer("rlimit: AS", "host", ("exhaust-address-space",)),
    Layer("rlimit: CPU", "host", ("exhaust-cpu-time",)),
    Layer("rlimit: FSIZE", "host", ("exhaust-sparse-file",)),
    Layer("rlimit: NOFILE", "host", ("exhaust-descriptors",), behind="watch: open files"),
    Layer("rlimit: NPROC", "host", ("exhaust-threads",), behind="watch: threads"),
    Layer("rlimit: STACK", "host", ("exhaust-stack",)),
    Layer(
        "rlimit: CORE",
        "host",
        why="A cell's memory is hidden (PR_SET_DUMPABLE), so the kernel writes no core of it; "
        "this limit is for a system whose `fs.suid_dumpable` writes one all the same.",
    ),
    Layer("watch: memory", "judge", ("exhaust-memory-bytes",), behind="rlimit: AS"),
    Layer("watch: output", "judge", ("exhaust-output",), limits=QUICK),
    Layer("watch: threads", "judge", ("exhaust-threads",), level=2),
    Layer("watch: open files", "judge", ("exhaust-descriptors",), behind="rlimit: NOFILE"),
    Layer("watch: folder", "judge", ("exhaust-inodes",), behind="namespaces"),
    Layer(
        "control group",
        "judge",
        why="The address space and the look at memory come before it; a test of cells takes so "
        "much from a group that it comes first. Where layers are switched off it is off as well.",
    ),
    Layer("watch: scratch", "host", ("exhaust-inodes",), level=2),
    Layer("watch: wall time", "judge", ("hang-sleep",), limits=replace(QUICK, wall_time_s=1.0)),
    Layer("wire: lengths", "judge", ("protocol-huge-payload",), limits=QUICK),
    Layer("wire: sequence", "judge", ("protocol-wrong-sequence",)),
    Layer("wire: shapes", "judge", ("protocol-negative-shape", "protocol-object-dtype")),
    Layer("wire: depth", "judge", ("protocol-value-too-deep",)),
    Layer("wire: keys", "judge", ("protocol-key-of-a-list",)),
    Layer("wire: kinds", "judge", ("protocol-bare-map",)),
    Layer("intake: links", "intake", ("intake-link-to-the-reference",)),
    Layer(
        "intake: kinds of files",
        "intake",
        why="What is no file is set aside when its folder is listed; the open file is asked once "
        "more, because a folder may change while it is read.",
    ),
    Layer("intake: size of code", "intake", ("intake-large-source",)),
    Layer("intake: names in archives", "intake", ("intake-zip-with-parent-names",)),
    Layer("intake: links in archives", "intake", ("intake-zip-with-a-link",)),
    Layer("intake: number of files", "intake", ("intake-zip-of-many",)),
    Layer("intake: nesting", "intake", ("intake-nested-source",)),
    Layer("report: escaping", "report", ("report-markup",)),
    Layer("report: cleaning", "report", ("report-escapes", "report-bidi")),
)
BY_NAME = {layer.name: layer for layer in LAYERS}
