"""A Python in which layers are missing: what only a test can make, and no option of the product.

It is a virtual environment of four files. Its one module takes the layers out of whatever is
started by its interpreter, the box and the warm process included.
"""

from __future__ import annotations

import re
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

SOURCE = Path(__file__).with_name("weakened.py")


@contextmanager
def lacking(layers: Iterable[str]) -> Iterator[str]:
    """Give the interpreter of an environment that lacks layers; it is gone on leaving.

    It has a folder of its own: every run of pytest shuts the folder that all of them share, and
    a cell, which is another user, could not read it any more.

    Args:
        layers: Keys of `weakened.PATCHES`.
    """
    with tempfile.TemporaryDirectory(prefix="autograde-layers-") as place:
        yield _build(Path(place) / "env", layers)


def _build(folder: Path, layers: Iterable[str]) -> str:
    base = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = folder / "lib" / version / "site-packages"
    packages.mkdir(parents=True)
    (folder / "bin").mkdir()
    (folder / "pyvenv.cfg").write_text(f"home = {base.parent}\n", "utf-8")
    python = folder / "bin" / "python"
    python.symlink_to(base)
    text = SOURCE.read_text("utf-8")
    places = (sysconfig.get_path("purelib"),)
    for name, value in (("OFF", frozenset(layers)), ("PACKAGES", places)):
        line = f"\\1 = {value!r}"
        text, count = re.subn(rf"^({name}: .*?) = .*$", line, text, flags=re.MULTILINE)
        assert count == 1
    (packages / "weakened.py").write_text(text, "utf-8")
    (packages / "weakened.pth").write_text("import weakened; weakened.install()\n", "ascii")
    for place in (folder, folder.parent, *folder.rglob("*")):
        if not place.is_symlink():
            place.chmod(place.stat().st_mode | (0o755 if place.is_dir() else 0o644))
    return str(python)
