"""Coverage-guided bytes for the reader of frames: a value or a `WireError`, nothing else."""

from __future__ import annotations

from typing import Any

import atheris
import torch
from common import start

with atheris.instrument_imports(include=["grader.cell.wire"]):
    from grader.cell import wire

LIMIT_BYTES = 1 << 20


def one_input(data: bytes) -> None:
    """Read bytes as a whole frame, and again as a head whose prefix is right."""
    size = wire.PREFIX.size
    read(data.ljust(size, b"\0"))
    # The prefix is twelve bytes that a fuzzer would have to guess anew for each length.
    payload_bytes = min(len(data) // 2, data[0] * 16 if data else 0)
    head_bytes = len(data) - payload_bytes
    read(wire.PREFIX.pack(wire.MAGIC, head_bytes, payload_bytes) + data)


def read(data: bytes) -> None:
    """Take the way of the judge: prefix, head, payload, value."""
    size = wire.PREFIX.size
    try:
        head_bytes, payload_bytes = wire.parse_prefix(data[:size], LIMIT_BYTES)
        end = size + head_bytes
        frame = wire.parse_frame(data[size:end], bytearray(data[end : end + payload_bytes]))
        frame.unpack(frame.body, _unknown)
    except wire.WireError:
        pass


def _unknown(tree: list[Any]) -> Any:
    raise wire.WireError(str(tree[:1]))


def seeds() -> list[bytes]:
    """Real frames, whole and without their prefix."""
    weight = torch.nn.Parameter(torch.ones(2, 2))
    weight.grad = torch.zeros(2, 2)
    values: list[Any] = [
        None, [1, 2.5, "three", b"4", True], {"a": (1, 2), 3: {4, 5}}, [2**70, 1j, slice(1, None)],
        [range(3), torch.Size([2]), torch.float16, torch.device("cpu"), ...], torch.ones(3),
        [weight, torch.tensor([True, False])], torch.ones(2).numpy(), [torch.ones(1).numpy()[0]],
    ]  # fmt: skip
    frames = []
    for value in values:
        packer = wire.Packer(_unknown, LIMIT_BYTES)
        frames.append(b"".join(map(bytes, packer.frame(1, "ok", packer.pack(value)))))
    return frames + [frame[wire.PREFIX.size :] for frame in frames]


if __name__ == "__main__":
    start(one_input, seeds())
