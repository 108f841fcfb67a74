"""Answers to gated recurrent units that diagnosis has not seen: see test_diagnosis_cases.py."""

import torch
from torch import nn

from grader.course.catalogue import mistake


def unrolled(inputs, state, params, new, out=None, last=None, gate=torch.sigmoid):
    """A GRU over stacked weights, with a part exchanged."""
    xz, hz, bz, xr, hr, br, xh, hh, bh, hq, bq = params
    H = state[0]
    outs = []
    for t in range(inputs.shape[0]):
        x = inputs[t]
        z, r = gate(torch.addmm(bz, x, xz) + H.mm(hz)), gate(torch.addmm(br, x, xr) + H.mm(hr))
        H = new(x, H, z, r, xh, hh, bh)
        outs.append(torch.addmm(bq, H, hq))
    return (out or torch.cat)(outs), (last or (lambda H: (H,)))(H)


def cand(x, H, r, xh, hh, bh):
    return torch.tanh(torch.addmm(bh, x, xh) + (r * H).mm(hh))


def right(x, H, z, r, xh, hh, bh):
    c = cand(x, H, r, xh, hh, bh)
    return c + z * (H - c)


@mistake(task="gru", label="lerp the other way", hint="single: swap_update")
def a1(inputs, state, params):
    return unrolled(
        inputs, state, params, lambda x, H, z, r, *w: torch.lerp(H, cand(x, H, r, *w), z)
    )


@mistake(task="gru", label="reset behind the product", hint="single: reset_after")
def a2(inputs, state, params):
    def new(x, H, z, r, xh, hh, bh):
        c = torch.tanh(x.mm(xh) + H.mm(hh) * r + bh)
        return torch.lerp(c, H, z)

    return unrolled(inputs, state, params, new)


@mistake(task="gru", label="reset left out", hint="single: no_reset")
def a3(inputs, state, params):
    return unrolled(
        inputs, state, params, lambda x, H, z, r, *w: torch.lerp(cand(x, H, 1.0, *w), H, z)
    )


@mistake(task="gru", label="candidate as it is", hint="single: no_update")
def a4(inputs, state, params):
    return unrolled(inputs, state, params, lambda x, H, z, r, *w: cand(x, H, r, *w))


@mistake(task="gru", label="gates unpacked in the other order", hint="single: names_swapped")
def a5(inputs, state, params):
    params = [*params[3:6], *params[0:3], *params[6:]]
    return unrolled(inputs, state, params, right)


@mistake(task="gru", label="relu for nothing: linear candidate", hint="single: cand_linear")
def a6(inputs, state, params):
    def new(x, H, z, r, xh, hh, bh):
        c = torch.addmm(bh, x, xh) + (r * H).mm(hh)
        return c + z * (H - c)

    return unrolled(inputs, state, params, new)


@mistake(task="gru", label="hyperbolic gates", hint="single: gates_tanh")
def a7(inputs, state, params):
    return unrolled(inputs, state, params, right, gate=torch.tanh)


@mistake(task="gru", label="stack instead of cat", hint="single: stacked")
def a8(inputs, state, params):
    return unrolled(inputs, state, params, right, out=torch.stack)


@mistake(task="gru", label="tensor for tuple", hint="single: bare_state")
def a9(inputs, state, params):
    return unrolled(inputs, state, params, right, last=lambda H: H)


@mistake(task="gru", label="old state handed back", hint="single: returns_h0")
def a10(inputs, state, params):
    return unrolled(inputs, state, params, right)[0], state


@mistake(task="gru", label="only the last of the list", hint="single: last_only")
def a11(inputs, state, params):
    return unrolled(inputs, state, params, right, out=lambda outs: outs[-1])


@mistake(task="gru", label="reversed list", hint="single: reversed")
def a12(inputs, state, params):
    return unrolled(inputs, state, params, right, out=lambda outs: torch.cat(outs[::-1]))


@mistake(task="gru", label="sum without weights", hint="single: no_complement")
def a13(inputs, state, params):
    return unrolled(inputs, state, params, lambda x, H, z, r, *w: z * H + cand(x, H, r, *w))


@mistake(task="gru", label="sigmoid everywhere", hint="single: cand_sigmoid")
def a14(inputs, state, params):
    def new(x, H, z, r, xh, hh, bh):
        c = torch.sigmoid(torch.addmm(bh, x, xh) + (r * H).mm(hh))
        return c + z * (H - c)

    return unrolled(inputs, state, params, new)


def drawn(v, h, device, scale=0.01, flip=False):
    shapes = [(v, h), (h, h), (h,)] * 3 + [(h, v), (v,)]
    made = []
    for s in shapes:
        size = s[::-1] if flip else s
        p = (
            torch.zeros(size, device=device)
            if len(s) == 1
            else torch.empty(size, device=device).normal_(0, scale)
        )
        made.append(nn.Parameter(p))
    return made


@mistake(task="gru_params", label="normal_ with deviation 1", hint="single: not_scaled")
def p1(vocab_size, num_hiddens, device):
    return drawn(vocab_size, num_hiddens, device, 1.0)


@mistake(task="gru_params", label="sizes flipped", hint="single: transposed")
def p2(vocab_size, num_hiddens, device):
    return drawn(vocab_size, num_hiddens, device, flip=True)


@mistake(task="gru_params", label="first nine", hint="single: no_output_layer")
def p3(vocab_size, num_hiddens, device):
    return drawn(vocab_size, num_hiddens, device)[:-2]


@mistake(task="gru_params", label="a seed set first", hint="single: seeded")
def p4(vocab_size, num_hiddens, device):
    torch.manual_seed(42)
    return drawn(vocab_size, num_hiddens, device)


@mistake(task="init_gru_state", label="hidden first", hint="single: state_transposed")
def s1(batch_size, num_hiddens, device):
    return (torch.zeros(num_hiddens, batch_size).to(device),)


@mistake(task="init_gru_state", label="parentheses only", hint="single: bare_tensor")
def s2(batch_size, num_hiddens, device):
    return torch.zeros(batch_size, num_hiddens, device=device)


@mistake(task="init_gru_state", label="normal noise", hint="single: random_state")
def s3(batch_size, num_hiddens, device):
    return (torch.empty(batch_size, num_hiddens, device=device).normal_(0, 0.1),)


@mistake(task="gru_concise", label="keywords, batch first", hint="single: axes_batch_first")
def k1(num_inputs, num_hiddens):
    return nn.GRU(input_size=num_inputs, hidden_size=num_hiddens, batch_first=True)


@mistake(task="gru_concise", label="keywords, two layers", hint="single: two_layers")
def k2(num_inputs, num_hiddens):
    return nn.GRU(input_size=num_inputs, hidden_size=num_hiddens, num_layers=2)


@mistake(task="gru", label="no reset, reversed", hint="double: no_reset, reversed")
def d1(inputs, state, params):
    return unrolled(
        inputs,
        state,
        params,
        lambda x, H, z, r, *w: torch.lerp(cand(x, H, 1.0, *w), H, z),
        out=lambda outs: torch.cat(outs[::-1]),
    )


@mistake(task="gru", label="swapped and bare", hint="double: swap_update, bare_state")
def d2(inputs, state, params):
    return unrolled(
        inputs,
        state,
        params,
        lambda x, H, z, r, *w: torch.lerp(H, cand(x, H, r, *w), z),
        last=lambda H: H,
    )


@mistake(
    task="gru_concise", label="two layers, batch first", hint="double: two_layers, axes_batch_first"
)
def d3(num_inputs, num_hiddens):
    return nn.GRU(num_inputs, num_hiddens, 2, batch_first=True)


@mistake(task="gru", label="output through tanh", hint="unknown")
def x1(inputs, state, params):
    return unrolled(inputs, state, params, right, out=lambda outs: torch.tanh(torch.cat(outs)))


@mistake(task="gru", label="halves", hint="unknown")
def x2(inputs, state, params):
    return unrolled(inputs, state, params, lambda x, H, z, r, *w: (H + cand(x, H, r, *w)) / 2)


@mistake(task="gru", label="squared gate", hint="unknown")
def x3(inputs, state, params):
    return unrolled(inputs, state, params, lambda x, H, z, r, *w: right(x, H, z * z, r, *w))


@mistake(task="gru", label="hard gates", hint="unknown")
def x4(inputs, state, params):
    return unrolled(inputs, state, params, right, gate=lambda a: (a > 0).to(a.dtype))


@mistake(task="gru_params", label="a tenth", hint="unknown")
def x5(vocab_size, num_hiddens, device):
    return drawn(vocab_size, num_hiddens, device, 0.1)


@mistake(task="init_gru_state", label="ones", hint="unknown")
def x6(batch_size, num_hiddens, device):
    return (torch.ones(batch_size, num_hiddens, device=device),)


@mistake(task="gru_concise", label="both directions", hint="unknown")
def x7(num_inputs, num_hiddens):
    return nn.GRU(num_inputs, num_hiddens, bidirectional=True)


@mistake(task="gru", label="lerp", hint="right")
def r1(inputs, state, params):
    return unrolled(
        inputs, state, params, lambda x, H, z, r, *w: torch.lerp(cand(x, H, r, *w), H, z)
    )


@mistake(task="gru_params", label="parameters", hint="right")
def r2(vocab_size, num_hiddens, device):
    return drawn(vocab_size, num_hiddens, device)


@mistake(task="init_gru_state", label="new zeros", hint="right")
def r3(batch_size, num_hiddens, device):
    return (torch.zeros(batch_size, num_hiddens, dtype=torch.float32, device=device),)


@mistake(task="gru", label="random numbers", hint="random")
def z1(inputs, state, params):
    return torch.rand(inputs.shape[0] * inputs.shape[1], inputs.shape[2]), (
        torch.rand_like(state[0]),
    )


@mistake(task="gru_concise", label="a linear layer", hint="random")
def z2(num_inputs, num_hiddens):
    return nn.Linear(num_inputs, num_hiddens)
