"""Index notation and `itertools.accumulate`; sigmoid by way of tanh, parameters by name."""

from collections import namedtuple
from itertools import accumulate

import numpy as np
import torch
from torch.nn import GRU

Params = namedtuple("Params", "W_xz W_hz b_z W_xr W_hr b_r W_xh W_hh b_h W_hq b_q")


def logistic(x):
    return (torch.tanh(x / 2) + 1) / 2


def affine(x, W, b):
    return torch.einsum("bi,ij->bj", x, W) + b


def get_params(vocab_size, num_hiddens, device):
    rows = {"x": vocab_size, "h": num_hiddens}
    params = []
    for name in Params._fields:
        columns = vocab_size if name.endswith("q") else num_hiddens
        if name.startswith("b"):
            values = np.zeros(columns)
        else:
            values = np.random.normal(0, 0.01, (rows[name[2]], columns))
        params.append(torch.tensor(values, dtype=torch.float32, device=device, requires_grad=True))
    return params


def init_gru_state(batch_size, num_hiddens, device):
    return (torch.tensor([[0.0] * num_hiddens] * batch_size).to(device),)


def gru(inputs, state, params):
    p = Params(*params)

    def step(H, X):
        Z = logistic(affine(X, p.W_xz, p.b_z) + torch.einsum("bh,hk->bk", H, p.W_hz))
        R = logistic(affine(X, p.W_xr, p.b_r) + torch.einsum("bh,hk->bk", H, p.W_hr))
        C = torch.tanh(affine(X, p.W_xh, p.b_h) + torch.einsum("bh,bh,hk->bk", R, H, p.W_hh))
        return C + Z * (H - C)

    states = list(accumulate(inputs, step, initial=state[0]))[1:]
    return torch.vstack([affine(H, p.W_hq, p.b_q) for H in states]), (states[-1],)


def gru_concise(num_inputs, num_hiddens):
    return GRU(num_inputs, num_hiddens, bias=True, batch_first=False, bidirectional=False)
