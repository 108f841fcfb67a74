"""Says that an argument has a gradient of another dtype."""

import grader.cell.guest as guest
import grader.cell.wire as wire
import torch

LOOKED_UP = guest.Guest._do_get


def forged(self, frame, body):
    packer = wire.Packer(self._handle, self._limit_bytes)
    packer.add_tensor(torch.ones(2))
    packer.add_tensor(torch.ones(2, dtype=torch.float64))
    return packer.frame(frame.seq, "ok", {"value": True, "changed": [[0, 0, 1]]})


guest.Guest._do_call = forged


def curve(X):
    return X
