"""Answers with an array of a dtype that NumPy lacks."""

import grader.cell.guest as guest
import grader.cell.wire as wire
import torch

LOOKED_UP = guest.Guest._do_get


def forged(self, frame, body):
    packer = wire.Packer(self._handle, self._limit_bytes)
    packer.add_tensor(torch.ones(2, dtype=torch.bfloat16))
    return packer.frame(frame.seq, "ok", {"value": ["N", 0], "changed": []})


guest.Guest._do_call = forged


def curve(X):
    return X
