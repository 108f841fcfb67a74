"""The jail: each layer holds something that no other layer does."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.cell import jail, jail_calls, jail_view, trial
from grader.model import Limits

LIMITS = Limits(memory_mib=64, cpu_time_s=5)
READ = "open(SECRET).read()"
FORK = "import os\nif os.fork() == 0: os._exit(0)"
MEMORY = "x = bytearray(512 << 20)"
ADDRESSES = "import mmap; mmap.mmap(-1, 8 << 30)"
NAME = "open('/proc/self/task/' + str(__import__('threading').get_native_id()) + '/comm', 'w')"
NET = "import socket; socket.socket(socket.AF_INET)"
KILL = "import os; os.kill(PARENT, 0)"
GROUP = "import os; os.killpg(GROUP, 0)"
MODE = "import os; os.chmod(SECRET, 0o600)"


def _succeeds(
    source: str,
    names: dict[str, object],
    without: str,
    folder: str,
    nodes: tuple[str, ...] = (),
) -> bool:
    """Run source in a flat jail that lacks one layer."""
    kind = jail.prepare(flat=True, readable=jail_view.readable().paths, nodes=nodes)
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            for module in (jail, jail_calls):
                if hasattr(module, without):
                    setattr(module, without, lambda *_, **__: None)
            jail.shut(kind, LIMITS, folder, parent_bytes=trial.address_space_bytes())
            exec(source, names)
            status = 0
        finally:
            os._exit(status)
    return os.waitpid(pid, 0)[1] == 0


def _beside_a_secret(place: Path) -> tuple[dict[str, object], str]:
    """Return what a source is told, and a private folder for it, beside a file not for it."""
    (place / "secret").write_text("42", encoding="ascii")
    (place / "private").mkdir()
    return {"SECRET": str(place / "secret")}, str(place / "private")


@pytest.mark.parametrize(
    ("layer", "source"),
    [
        ("_restrict_files", READ),
        ("load_filter", FORK),
        ("load_filter", MODE),
        ("_limit", MEMORY),
    ],
)
def test_each_layer_stops_what_no_other_does(layer: str, source: str, tmp_path: Path) -> None:
    """The attack fails in the whole jail and works in one without that layer."""
    names, folder = _beside_a_secret(tmp_path)
    assert not _succeeds(source, names, "nothing", folder)
    assert _succeeds(source, names, layer, folder)


@pytest.mark.parametrize(
    ("source", "opens"),
    [(ADDRESSES, True), (NAME, True), (READ, False), (FORK, False), (MODE, False), (NET, False)],
)
def test_a_jail_with_a_card_opens_what_cuda_needs_alone(
    source: str, opens: bool, tmp_path: Path
) -> None:
    """Addresses without end and names of threads; any node will do to see it."""
    names, folder = _beside_a_secret(tmp_path)
    assert not _succeeds(source, names, "nothing", folder)
    assert _succeeds(source, names, "nothing", folder, ("/dev/full",)) is opens


@pytest.mark.parametrize("source", [KILL, GROUP])
def test_signals_are_stopped_twice(source: str, tmp_path: Path) -> None:
    """Landlock alone and the filter alone both keep signals inside."""
    names: dict[str, object] = {"PARENT": os.getpid(), "GROUP": os.getpgid(0)}
    if jail.prepare(flat=True, readable=()).landlock_abi < 6:
        pytest.skip("this kernel's Landlock knows no signals (Linux 6.12 does)")
    for layer in ("load_filter", "_restrict_files", "nothing"):
        assert not _succeeds(source, names, layer, str(tmp_path))


def test_a_jail_without_landlock_needs_namespaces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing else would keep a flat jail from reading files."""
    monkeypatch.setattr("landlockpy.abi_version", lambda: 0)
    with pytest.raises(OSError, match="no Landlock"):
        jail.prepare(flat=True, readable=())
    assert jail.prepare(flat=False, readable=()).level == 3
