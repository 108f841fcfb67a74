"""Autograder for the exercises of Dive into Deep Learning."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"


def load_ipython_extension(shell: Any) -> None:
    """Offer `%grade` in IPython and Jupyter; `%load_ext grader` calls this."""
    # By name, because every room imports this package and none of them the magic.
    import_module("grader.magic").load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Take `%grade` back; `%unload_ext grader` calls this."""
    import_module("grader.magic").unload(shell)
