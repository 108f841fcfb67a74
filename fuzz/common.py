"""What the targets share: a list of seeds written to a corpus folder, and the start of atheris."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import atheris

DEFAULTS = ("-rss_limit_mb=2048", "-timeout=25", "-print_final_stats=1", "-max_len=8192")


def start(one_input: Callable[[bytes], None], seeds: Iterable[bytes]) -> None:
    """Write the seeds into the corpus folder of the command line, then fuzz.

    Args:
        one_input: Gets the bytes; whatever it raises is a finding.
        seeds: Well-formed inputs to start from.
    """
    options = [arg for arg in sys.argv[1:] if arg.startswith("-")]
    folders = [Path(arg) for arg in sys.argv[1:] if not arg.startswith("-")]
    if folders:
        folders[0].mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(seeds):
            (folders[0] / f"seed-{number:02d}").write_bytes(seed)
    named = {option.split("=")[0] for option in options}
    missing = [option for option in DEFAULTS if option.split("=")[0] not in named]
    atheris.Setup([sys.argv[0], *options, *missing, *map(str, folders)], one_input)
    atheris.Fuzz()
