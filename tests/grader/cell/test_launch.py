"""The launcher: gives up root, reaches Python in closed folders, and works without root."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.cell import jail_view, launch
from grader.cell.card_view import CardView

if TYPE_CHECKING:
    from conftest import Ward

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give up root")
AS_ANOTHER = """
import os, sys
from grader.cell import jail_view, launch
launch.stage(jail_view.readable().paths)
launch.give_up_root(65001)
os.execve(sys.executable, [sys.executable, "-I", "-c", sys.argv[1]], {"HOME": "/"})
"""
EXAMINE = """
from grader.cell import doctor
print([p for p in doctor.examine(LEVEL) if p.finding != "PASS"])
"""
CONTAINED = """
import errno, os, sys
from seccompy import Filter
refused = Filter()
for name in ("unshare", "mount", "setns", "clone3"):
    refused.errno(name, errno.ENOSYS if name == "clone3" else errno.EPERM)
refused.errno("clone", errno.EPERM, args=[(0, 6, 0x10000000, 0x10000000)])
refused.load()
os.execv(sys.executable, [sys.executable, "-I", "-c", sys.argv[1]])
"""
SHOW = "import os; print(os.getresuid(), os.getgroups(), os.listdir(CLOSED), open(FILE).read())"


def test_a_box_shows_a_card_that_it_was_told_of_and_no_other() -> None:
    """The nodes come into /dev before that becomes read-only, the libraries read-only."""
    view = jail_view.View(("/usr/lib",), ())
    if shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed")
    card = CardView(("/dev/nvidiactl", "/dev/nvidia0"), ("/opt/driver",))
    call = " ".join(launch.box_command(view, ["true"], card))

    assert "--dev-bind /dev/nvidiactl /dev/nvidiactl --dev-bind /dev/nvidia0 /dev/nvidia0" in call
    assert call.index("--dev /dev") < call.index("/dev/nvidia0") < call.index("--remount-ro /dev")
    assert "--ro-bind /opt/driver /opt/driver" in call
    assert "nvidia" not in " ".join(launch.box_command(view, ["true"]))


def _run(source: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", source, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_closed_folder_is_found_from_outside_in() -> None:
    """The outermost folder that others may not enter is the one to cover."""
    # Not below tmp_path, whose own parents are closed.
    with tempfile.TemporaryDirectory() as place:
        inner = Path(place, "a", "b")
        inner.mkdir(parents=True)
        Path(place).chmod(0o755)
        assert launch.closed_folder(str(inner / "c")) == ""
        inner.chmod(0o700)
        assert launch.closed_folder(str(inner / "c")) == str(inner)
        Path(place).chmod(0o700)
        assert launch.closed_folder(str(inner / "c")) == place


@needs_root
def test_root_is_given_up_and_closed_folders_show_only_what_is_needed(tmp_path: Path) -> None:
    """A plain user reads the shown file, and its neighbours are gone."""
    closed = tmp_path / "closed"
    shown = closed / "shown"
    shown.mkdir(parents=True)
    (shown / "file").write_text("text", encoding="ascii")
    (closed / "secret").write_text("secret", encoding="ascii")
    closed.chmod(0o700)
    source = f"""
import os
from grader.cell import launch
launch.stage([{str(shown)!r}])
launch.give_up_root()
CLOSED, FILE = {str(closed)!r}, {str(shown / "file")!r}
{SHOW}
try: os.setuid(0)
except PermissionError: print("not root again")
"""
    said = _run(source)
    user = launch.PLAIN_ID
    assert said.splitlines() == [
        f"({user}, {user}, {user}) [] ['shown'] text",
        "not root again",
    ]
    assert (closed / "secret").exists()


@needs_root
@pytest.mark.parametrize("level", [3, 2])
def test_an_ordinary_user_gets_the_same_cells(level: int, ward_of: Callable[[int], Ward]) -> None:
    """Every probe passes without root, too."""
    ward_of(level)  # skips where there is none
    assert _run(AS_ANOTHER, EXAMINE.replace("LEVEL", str(level))) == "[]"


@needs_root
def test_a_plain_container_gives_level_2(ward_of: Callable[[int], Ward]) -> None:
    """An ordinary user who may make no namespace gets flat cells, which hold, and a reason."""
    ward_of(2)  # skips where there is none
    inner = "from grader.cell import levels; print(levels.best_level())" + EXAMINE
    outer = f"import sys; sys.argv[1:] = [{inner.replace('LEVEL', '2')!r}]\n{CONTAINED}"
    said = _run(AS_ANOTHER, outer).splitlines()
    assert said[0].startswith("Isolation(level=2, reason='bwrap: ")
    assert said[1] == "[]"


@needs_root
def test_a_root_that_cannot_stop_being_root_gets_no_jail() -> None:
    """Cells never run as root, so a root without powers is sent away with advice."""
    drop = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
    if shutil.which("setpriv") is None:
        pytest.skip("setpriv is not installed")
    source = "from grader.cell import levels; print(levels.best_level())"
    done = subprocess.run(
        [*drop, sys.executable, "-c", source], capture_output=True, text=True, check=True
    )
    assert "Isolation(level=0" in done.stdout
    assert "Python lies below" in done.stdout or "run the grader as an ordinary" in done.stdout


def test_the_box_never_shows_a_course(ward_of: Callable[[int], Ward]) -> None:
    """The file system of a cell holds no suite, no reference, no home folder, no account."""
    root = jail_view.PACKAGE.parent
    shown = jail_view.readable().paths
    # Python may lie below one of them; then the path to it is there, and nothing else.
    private = ("/etc/passwd", "/home", "/sys", "/run", "/var", "/bin/sh")
    absent = [path for path in private if not any(one.startswith(f"{path}/") for one in shown)]
    with ward_of(3).cell() as cell:
        said = cell.say(f"""
import os
for path in ("solutions", "tests", "assignments", ".git", "grader/judge"):
    assert not os.path.exists(os.path.join({str(root)!r}, path)), path
for path in {absent!r}:
    assert not os.path.exists(path), path
print(sorted(name for name in os.listdir("/proc") if name.isdigit()))
""")
        assert said == "['1']"
