"""The launcher: gives up root, builds the box and becomes the warm process inside it.

Started by the host as `python -I -m grader.cell.launch OPTIONS`; it ends in exec, so it leaves
no process behind. What it does, in order:

    as root      hide folders that other users may not enter, but keep Python visible
    as root      become user 64000 for good: seen from outside, no cell is ever root
    level 3      exec bubblewrap: own mounts, processes, network, IPC, users; nothing of the
                 file system but `jail_view`; inside it, exec the warm process
    level 2      exec the warm process
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shutil
import stat
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

from grader.cell import card_view, jail_calls, jail_view
from grader.cell.card_view import CardView

PLAIN_ID = 64000
"""The user and group that root becomes; no account, owns no file."""

BOX_SCRATCH = "/cell"
"""No folder that a machine is likely to keep Python in; a mount there would hide it."""
ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "USER": "student",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
    "CUDA_VISIBLE_DEVICES": "",
    "PYTORCH_NVML_BASED_CUDA_CHECK": "1",
}


def main() -> NoReturn:
    """Do the steps above."""
    options = json.loads(sys.argv[1])
    view = jail_view.readable()
    try:
        card = card_view.read(view.paths) if options["card"] else CardView()
        if os.geteuid() == 0:
            stage((*view.paths, *card.folders))
            give_up_root()
        told = json.dumps(options | {"card": dataclasses.asdict(card)})
        python = [sys.executable, "-I", "-B", "-m", "grader.cell.zygote", told]
        environment = ENVIRONMENT | _libraries(card)
        if options["boxed"]:
            _enter(box_command(view, python, card), environment | _home(BOX_SCRATCH))
        kept = {name: os.environ[name] for name in ("TMPDIR",) if name in os.environ}
        _enter(python, environment | kept)
    except OSError as error:
        sys.exit(f"{error}")


def _enter(command: list[str], environment: dict[str, str]) -> NoReturn:
    os.chdir("/")
    os.execve(command[0], command, environment)  # noqa: S606 - no shell is wanted


def _libraries(card: CardView) -> dict[str, str]:
    """Say where the driver's libraries are, if not where every program looks."""
    return {"LD_LIBRARY_PATH": ":".join(card.folders)} if card.folders else {}


def _home(folder: str) -> dict[str, str]:
    return {"HOME": folder, "TMPDIR": folder}


def stage(paths: Iterable[str]) -> None:
    """Make paths reachable for a plain user, in a mount namespace of this process alone.

    A folder such as /root that only its owner may enter is covered by an empty one, in which
    the paths below it reappear. So what else it holds disappears for this process.

    Raises:
        OSError: If this is needed but the system refuses it.
    """
    closed = {path: folder for path in paths if (folder := closed_folder(path))}
    if not closed:
        return
    try:
        jail_calls.unshare(jail_calls.CLONE_NEWNS)
    except OSError as error:
        folders = ", ".join(sorted(set(closed.values())))
        message = (
            f"Python lies below {folders}, which only its owner may enter, and root may not "
            f"rearrange mounts here ({error.strerror}); install Python where every user can read it"
        )
        raise OSError(message) from error
    jail_calls.mount("none", "/", None, jail_calls.MS_REC | jail_calls.MS_PRIVATE)
    os.umask(0o022)
    sources = {path: os.open(path, os.O_PATH) for path in closed}
    for folder in jail_view.outermost(closed.values()):
        flags = jail_calls.MS_NOSUID | jail_calls.MS_NODEV
        jail_calls.mount("staged", folder, "tmpfs", flags, "mode=755")
    for path, fd in sources.items():
        _make_mount_point(path, is_folder=stat.S_ISDIR(os.fstat(fd).st_mode))
        flags = jail_calls.MS_BIND | jail_calls.MS_REC
        jail_calls.mount(f"/proc/self/fd/{fd}", path, None, flags)
        os.close(fd)


def closed_folder(path: str) -> str:
    """Return the outermost folder above a path that other users may not enter, or nothing."""
    for folder in reversed(Path(path).parents):
        if not folder.stat().st_mode & stat.S_IXOTH:
            return str(folder)
    return ""


def _make_mount_point(path: str, *, is_folder: bool) -> None:
    place = Path(path)
    (place if is_folder else place.parent).mkdir(parents=True, exist_ok=True)
    if not is_folder:
        place.touch()


def give_up_root(plain_id: int = PLAIN_ID) -> None:
    """Become a user without any privilege, for good.

    Raises:
        OSError: If the system refuses, for instance because the user is not mapped here.
    """
    with contextlib.suppress(PermissionError):  # no cell can gain privileges anyhow
        jail_calls.drop_bounding_set()
    try:
        os.setgroups([])
        os.setresgid(plain_id, plain_id, plain_id)
        os.setresuid(plain_id, plain_id, plain_id)
    except OSError as error:
        message = (
            f"root may not become another user here ({error.strerror}); "
            "run the grader as an ordinary user"
        )
        raise OSError(message) from error


def box_command(
    view: jail_view.View, command: list[str], card: CardView | None = None
) -> list[str]:
    """Return the bubblewrap call that runs a command in a box.

    Inside, the command is root of the box's own user namespace, with the two capabilities that
    it takes to give each cell namespaces of its own. Outside, it is the calling user.

    Args:
        view: What the box shows, read-only.
        command: What to run in it.
        card: What it shows of a graphics card; the nodes can be opened, as far as jails allow it.

    Raises:
        OSError: If bubblewrap is not installed.
    """
    program = shutil.which("bwrap")
    if program is None:
        message = "bubblewrap is not installed"
        raise FileNotFoundError(message)
    call: list[Any] = [program, "--die-with-parent", "--new-session", "--hostname", "cell"]
    call += [f"--unshare-{kind}" for kind in ("user", "pid", "net", "ipc", "uts", "cgroup-try")]
    call += ["--uid", "0", "--gid", "0", "--cap-drop", "ALL"]
    call += ["--cap-add", "CAP_SYS_ADMIN", "--cap-add", "CAP_SETFCAP"]
    card = card or CardView()
    for path in (*view.paths, *card.folders):
        call += ["--ro-bind", path, path]
    for path, target in view.links:
        call += ["--symlink", target, path]
    call += ["--proc", "/proc", "--dev", "/dev"]
    for node in card.nodes:
        call += ["--dev-bind", node, node]
    call += ["--remount-ro", "/dev"]
    call += ["--tmpfs", BOX_SCRATCH, "--remount-ro", "/", "--chdir", "/"]
    return [*call, "--", *command]


if __name__ == "__main__":
    main()
