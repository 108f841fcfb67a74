"""Takes layers out of the processes of a host: imported by every Python of an environment.

`environment.py` writes this text with the names of layers in `OFF` into the environment that it
makes. Nothing of the program knows of it. Standard library only: it runs before all else.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import os
import site
import sys
import types
from collections.abc import Callable, Sequence
from typing import Any

OFF: frozenset[str] = frozenset()
PACKAGES: tuple[str, ...] = ()
"""Folders with what the environment lacks: it has no packages of its own."""


def _no_filter(calls: Any) -> None:
    calls.load_filter = lambda program: None


def _no_landlock(jail: Any) -> None:
    jail._restrict_files = lambda *_: None


def _no_limit(kind: str) -> Callable[[Any], None]:
    def patch(jail: Any) -> None:
        real = jail.resource

        def setrlimit(which: int, value: tuple[int, int]) -> None:
            if which != getattr(real, kind):
                real.setrlimit(which, value)

        jail.resource = types.SimpleNamespace(**vars(real) | {"setrlimit": setrlimit})

    return patch


def _no_measuring(scratch: Any) -> None:
    # The warm process itself runs as `__main__`, which no loader of ours loads.
    scratch.excess = lambda *_: None


def _no_namespaces(jail: Any) -> None:
    real = jail.jail_calls

    def only_users(flags: int) -> None:
        # Without one of its own the next step would write the map of the box.
        if flags & real.CLONE_NEWUSER:
            real.unshare(flags)

    jail.jail_calls = types.SimpleNamespace(
        **vars(real)
        | {"unshare": only_users, "mount": lambda *_: None, "drop_capabilities": lambda: None}
    )


def _more_to_see(view: Any) -> None:
    """Let a cell read the packages, which lie elsewhere here."""
    of_prefix = view._of_prefix
    view._of_prefix = lambda prefix: [*of_prefix(prefix), *PACKAGES]


PATCHES: dict[str, tuple[str, Callable[[Any], None]]] = {
    "namespaces": ("grader.cell.jail", _no_namespaces),
    "seccomp": ("grader.cell.jail_calls", _no_filter),
    "landlock": ("grader.cell.jail", _no_landlock),
    "watch: scratch": ("grader.cell.scratch", _no_measuring),
} | {
    f"rlimit: {kind}": ("grader.cell.jail", _no_limit(f"RLIMIT_{kind}"))
    for kind in ("AS", "CPU", "FSIZE", "NOFILE", "NPROC", "STACK", "CORE")
}


class _Loader(importlib.abc.Loader):
    """Loads a module as ever and then takes something out of it."""

    def __init__(self, real: Any, patches: list[Callable[[Any], None]]) -> None:
        self._real, self._patches = real, patches

    def create_module(self, spec: Any) -> Any:
        return self._real.create_module(spec)

    def exec_module(self, module: Any) -> None:
        self._real.exec_module(module)
        for patch in self._patches:
            patch(module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)  # runpy asks for the code of a main module


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the modules to be weakened."""

    def __init__(self) -> None:
        self._wanted: dict[str, list[Callable[[Any], None]]] = {}
        for layer in OFF:
            name, patch = PATCHES[layer]
            self._wanted.setdefault(name, []).append(patch)
        self._wanted.setdefault("grader.cell.jail_view", []).append(_more_to_see)

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name not in self._wanted:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, self._wanted[name])
        return spec


def install() -> None:
    """Make the packages importable and weaken what will be imported."""
    for folder in PACKAGES:
        if os.path.isdir(folder):  # noqa: PTH112 - pathlib is not imported yet
            site.addsitedir(folder)
    sys.meta_path.insert(0, _Finder())
