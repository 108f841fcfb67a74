"""One hand-in, read with trust and run beside its tests, in the process that scores it.

This is what the grader is not: it opens whatever lies there, unpacks as archives say, loads what
comes along, believes exit status, printed score and a file in the working directory, and shows
on its page what it was given.
"""

from __future__ import annotations

import ast
import importlib
import io
import json
import ntpath
import os
import pickle
import sys
import tarfile
import traceback
import types
import zipfile
from pathlib import Path
from typing import Any

import jinja2
import pytest
import rich.console
import torch

from tests.security.weak import suite

PLUGINS = ("conftest", "sitecustomize", "usercustomize")
WEIGHTS = (".pt", ".pkl")
SCORE_FILE = "results.json"
TERMINAL_WIDTH = 400
SHOWN_ON_TERMINAL = 10_000


def grade(path: Path, other_drive: Path, page: Path, phase: Path) -> int:
    """Grade a hand-in.

    Args:
        path: Folder or archive.
        other_drive: Stands for what an archive calls `C:` or a network share.
        page: Where the page is written.
        phase: Where it stands how far this came.

    Returns:
        The exit status, 0 if all tests passed.
    """
    phase.write_text("reader", "ascii")
    folder = path if path.is_dir() else _unpacked(path, other_drive)
    found = _found(folder)
    source = _source(found) if found else ""
    phase.write_text("score", "ascii")
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    for plugin in PLUGINS:
        if Path(f"{plugin}.py").is_file():
            importlib.import_module(plugin)
    for weights in folder.iterdir():
        if weights.suffix in WEIGHTS:
            pickle.loads(weights.read_bytes())
    torch.manual_seed(suite.SEED)
    student = types.ModuleType("target")
    sys.modules["target"] = student
    exec(compile(source, "target.py", "exec", dont_inherit=True), student.__dict__)
    lines, score, kept = run(student, list(folder.iterdir()))
    lines += suite.signatures(student)
    write_page(page, lines)
    keep(pickle.loads(pickle.dumps(kept)))  # as a queue between processes hands them over
    total = score["score"]
    Path(os.environ.get("RESULT_FILE", SCORE_FILE)).write_text(
        json.dumps({"score": total}), "ascii"
    )
    return int(total < suite.POINTS)


def keep(answers: list[Any]) -> None:
    """Turn answers into what a store of results would keep."""
    for answer in answers:
        if isinstance(answer, torch.Tensor):
            answer.detach().contiguous().numpy()
        elif isinstance(answer, (int, str, list)):
            json.dumps(answer, default=str)
            str(answer)


def run(student: Any, files: list[Path]) -> tuple[list[str], dict[str, int], list[Any]]:
    """Run all tests; return the lines of the page, the score and the answers."""
    score = {"score": 0}
    lines = [path.name for path in files]
    kept: list[Any] = []
    for name, points in suite.TESTS.items():
        try:
            suite.tests()[name](student, kept)
        except pytest.skip.Exception as reason:
            lines.append(f"{name}: skipped, {reason}")
        except pytest.exit.Exception:
            raise
        except Exception as error:
            lines.append(f"{name}: failed\n{''.join(traceback.format_exception(error))}")
            continue
        score["score"] += points
    return lines, score, kept


def write_page(page: Path, lines: list[str]) -> None:
    """Write the page: a template filled by joining texts, and what a terminal would show."""
    text = "\n".join(lines)
    if "{{" in text:
        text = jinja2.Template(text).render()
    terminal = rich.console.Console(file=io.StringIO(), width=TERMINAL_WIDTH)
    terminal.print(text[:SHOWN_ON_TERMINAL])
    shown = terminal.file.getvalue()
    page.write_text(f"<pre>{text}</pre>\n{shown}", "utf-8")


def _found(folder: Path) -> Path | None:
    for place, _, names in os.walk(folder, followlinks=True):
        for name in ("target.py", "target.ipynb"):
            if name in names:
                return Path(place, name)
    return None


def _source(path: Path) -> bytes | str:
    if path.suffix == ".ipynb":
        cells = json.loads(path.read_text("utf-8"))["cells"]
        return "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
    data = path.read_bytes()
    ast.NodeVisitor().visit(ast.parse(data))  # as whoever looks for forbidden names
    return data


def _unpacked(path: Path, other_drive: Path) -> Path:
    folder = path.parent / "unpacked"
    folder.mkdir()
    if path.suffix == ".tar":
        with tarfile.open(path) as archive:
            archive.extractall(folder, filter="fully_trusted")
        return folder
    with zipfile.ZipFile(path) as archive:
        contents = {entry: archive.read(entry) for entry in archive.infolist()}
    for entry, data in contents.items():
        drive, name = ntpath.splitdrive(entry.filename)
        place = Path(other_drive, ntpath.basename(name)) if drive else Path(folder, name)
        place.parent.mkdir(parents=True, exist_ok=True)
        if (entry.external_attr >> 16) & 0o170000 == 0o120000:
            place.symlink_to(data.decode())
        else:
            place.write_bytes(data)
    return folder
