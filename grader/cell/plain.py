"""Entry point of a level 0 cell: a plain Python process that serves requests over two pipes.

Started by `spawn.py` as `python -I -m grader.cell.plain FRAME_LIMIT_BYTES WARM`. Works on any
system. WARM is 1 for a process that waits for a later use, which then also does the warm-up.
"""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Keep the pipes for the wire, give print() the capture file, warm up and serve."""
    frame_limit_bytes = int(sys.argv[1])
    if os.name == "nt":
        import msvcrt

        for fd in (0, 1):
            msvcrt.setmode(fd, os.O_BINARY)  # type: ignore[attr-defined,unused-ignore]
    read_fd, write_fd = os.dup(0), os.dup(1)
    null_fd = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null_fd, 0)
    os.dup2(2, 1)
    import torch

    from grader.cell import guest, warmup

    torch.set_num_threads(1)
    if sys.argv[2] == "1":
        warmup.warm()
    guest.serve(read_fd, write_fd, frame_limit_bytes)


if __name__ == "__main__":
    main()
