"""Known mistakes of D2L section 9.1; read as text, never imported."""

from __future__ import annotations

import torch
from torch import nn

from grader.course.catalogue import mistake


def _shapes(vocab_size, num_hiddens):
    v, h = vocab_size, num_hiddens
    return [(v, h), (h, h), (h,)] * 3 + [(h, v), (v,)]


def _drawn(vocab_size, num_hiddens, device, weight):
    """Return parameters whose weights `weight(shape)` draws."""
    params = [
        torch.zeros(shape, device=device) if len(shape) == 1 else weight(shape)
        for shape in _shapes(vocab_size, num_hiddens)
    ]
    return [param.requires_grad_(True) for param in params]


def _gate(X, H, W_x, W_h, b):
    return torch.sigmoid(X @ W_x + H @ W_h + b)


def _unrolled(inputs, state, params, step):
    """Run a GRU whose new state is `step(X, H, Z, R, W_xh, W_hh, b_h)`."""
    (H,) = state
    states = []
    for X in inputs:
        H = step(X, H, _gate(X, H, *params[0:3]), _gate(X, H, *params[3:6]), *params[6:9])
        states.append(H)
    return torch.cat([H @ params[9] + params[10] for H in states]), (H,)


def _right(X, H, Z, R, W_xh, W_hh, b_h):
    return Z * H + (1 - Z) * torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)


# --- gru_params


@mistake(
    task="gru_params",
    label="does not scale the weights: their standard deviation is 1 instead of 0.01",
    hint="`randn` has a standard deviation of 1. By which factor does the book multiply it?",
)
def not_scaled(vocab_size, num_hiddens, device):
    return _drawn(vocab_size, num_hiddens, device, lambda s: torch.randn(s, device=device))


@mistake(
    task="gru_params",
    label="draws the weights from a uniform distribution instead of a normal one",
    hint="`rand` draws evenly between 0 and 1. What does `randn` draw from?",
)
def uniform(vocab_size, num_hiddens, device):
    draw = lambda s: (torch.rand(s, device=device) * 2 - 1) * 0.01 * 3**0.5
    return _drawn(vocab_size, num_hiddens, device, draw)


@mistake(
    task="gru_params",
    label="does not ask for gradients: requires_grad is missing",
    hint="Without it a backward pass leaves `grad` empty, and nothing is learnt.",
)
def no_requires_grad(vocab_size, num_hiddens, device):
    draw = lambda s: torch.randn(s, device=device) * 0.01
    return [p.detach() for p in _drawn(vocab_size, num_hiddens, device, draw)]


@mistake(
    task="gru_params",
    label="returns weights that are results of a computation (requires_grad first, then * 0.01)",
    hint="The gradient lands in the tensor before the product. Ask for gradients last.",
)
def not_leaves(vocab_size, num_hiddens, device):
    draw = lambda s: torch.randn(s, device=device, requires_grad=True) * 0.01
    return _drawn(vocab_size, num_hiddens, device, draw)


@mistake(
    task="gru_params",
    label="draws one set of weights and uses it for both gates and the candidate",
    hint="Each of the three needs parameters of its own: how often is your function called?",
)
def shared(vocab_size, num_hiddens, device):
    draw = lambda s: torch.randn(s, device=device) * 0.01
    params = _drawn(vocab_size, num_hiddens, device, draw)
    return params[0:3] * 3 + params[9:11]


@mistake(
    task="gru_params",
    label="draws the biases at random instead of starting them at zero",
    hint="Only the weights are random. Where do the biases start?",
)
def random_biases(vocab_size, num_hiddens, device):
    params = [torch.randn(s, device=device) * 0.01 for s in _shapes(vocab_size, num_hiddens)]
    return [param.requires_grad_(True) for param in params]


@mistake(
    task="gru_params",
    label="leaves out the output layer: nine parameters instead of eleven",
    hint="The hidden state must still become one number per token.",
)
def no_output_layer(vocab_size, num_hiddens, device):
    draw = lambda s: torch.randn(s, device=device) * 0.01
    return _drawn(vocab_size, num_hiddens, device, draw)[:9]


@mistake(
    task="gru_params",
    label="transposes the weights: (outputs, inputs), as nn.Linear stores them",
    hint="In this book X stands on the left: X @ W. Which shape must W have then?",
)
def transposed(vocab_size, num_hiddens, device):
    draw = lambda s: torch.randn(s[::-1], device=device) * 0.01
    return _drawn(vocab_size, num_hiddens, device, draw)


@mistake(
    task="gru_params",
    label="sets a seed inside, so that the weights are always the same",
    hint="A seed belongs to the experiment, not into a function that draws weights.",
)
def seeded(vocab_size, num_hiddens, device):
    torch.manual_seed(0)
    return _drawn(vocab_size, num_hiddens, device, lambda s: torch.randn(s, device=device) * 0.01)


@mistake(
    task="gru_params",
    label="puts the parameters on the CPU whatever device is asked for",
    hint="Where does each tensor live? Every call that makes one can be told.",
)
def params_on_cpu(vocab_size, num_hiddens, device):
    return _drawn(vocab_size, num_hiddens, "cpu", lambda s: torch.randn(s) * 0.01)


# --- init_gru_state


@mistake(
    task="init_gru_state",
    label="returns the tensor itself instead of a tuple around it",
    hint="A pair of parentheses does not make a tuple; a comma does.",
)
def bare_tensor(batch_size, num_hiddens, device):
    return torch.zeros((batch_size, num_hiddens), device=device)


@mistake(
    task="init_gru_state",
    label="returns two tensors, as an LSTM needs them",
    hint="A GRU has no memory cell beside its hidden state.",
)
def two_states(batch_size, num_hiddens, device):
    size = (batch_size, num_hiddens)
    return torch.zeros(size, device=device), torch.zeros(size, device=device)


@mistake(
    task="init_gru_state",
    label="exchanges batch and hidden units",
    hint="One row per sequence of the batch.",
)
def state_transposed(batch_size, num_hiddens, device):
    return (torch.zeros((num_hiddens, batch_size), device=device),)


@mistake(
    task="init_gru_state",
    label="starts from random numbers instead of zeros",
    hint="Before the first step nothing has been read yet.",
)
def random_state(batch_size, num_hiddens, device):
    return (torch.randn((batch_size, num_hiddens), device=device) * 0.01,)


@mistake(
    task="init_gru_state",
    label="adds an axis for layers in front, as nn.GRU wants it",
    hint="This state is for your own `gru`: how many axes has its H?",
)
def layer_axis(batch_size, num_hiddens, device):
    return (torch.zeros((1, batch_size, num_hiddens), device=device),)


@mistake(
    task="init_gru_state",
    label="puts the state on the CPU whatever device is asked for",
    hint="The state must live where the parameters are.",
)
def state_on_cpu(batch_size, num_hiddens, device):
    return (torch.zeros((batch_size, num_hiddens)),)


# --- gru: the cell


@mistake(
    task="gru",
    label="exchanges the two terms of the update: (1-Z)*H + Z*candidate",
    hint="In this book Z near 1 keeps the old state. Which term does your Z multiply?",
)
def swap_update(inputs, state, params):
    def step(X, H, Z, R, W_xh, W_hh, b_h):
        return (1 - Z) * H + Z * torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)

    return _unrolled(inputs, state, params, step)


@mistake(
    task="gru",
    label="does not multiply the candidate by 1-Z",
    hint="Old state and candidate share the new state: their weights add up to 1.",
)
def no_complement(inputs, state, params):
    def step(X, H, Z, R, W_xh, W_hh, b_h):
        return Z * H + torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)

    return _unrolled(inputs, state, params, step)


@mistake(
    task="gru",
    label="multiplies both terms by Z",
    hint="Old state and candidate share the new state: their weights add up to 1.",
)
def z_both(inputs, state, params):
    def step(X, H, Z, R, W_xh, W_hh, b_h):
        return Z * H + Z * torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)

    return _unrolled(inputs, state, params, step)


@mistake(
    task="gru",
    label="does not use the update gate: H is the candidate",
    hint="What happens to Z after you computed it?",
)
def no_update(inputs, state, params):
    def step(X, H, Z, R, W_xh, W_hh, b_h):
        return torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)

    return _unrolled(inputs, state, params, step)


@mistake(
    task="gru",
    label="does not use the reset gate",
    hint="What happens to R after you computed it?",
)
def no_reset(inputs, state, params):
    def step(X, H, Z, R, W_xh, W_hh, b_h):
        return Z * H + (1 - Z) * torch.tanh(X @ W_xh + H @ W_hh + b_h)

    return _unrolled(inputs, state, params, step)


@mistake(
    task="gru",
    label="applies the reset gate after the matrix product (as cuDNN does, but not D2L 10.2)",
    hint="Here R acts on the old state itself. Mind what stands inside the parentheses.",
)
def reset_after(inputs, state, params):
    def step(X, H, Z, R, W_xh, W_hh, b_h):
        return Z * H + (1 - Z) * torch.tanh(X @ W_xh + R * (H @ W_hh) + b_h)

    return _unrolled(inputs, state, params, step)


@mistake(
    task="gru",
    label="applies the reset gate to H@W + b",
    hint="R acts on the old state only, not on a product and not on a bias.",
)
def reset_after_bias(inputs, state, params):
    def step(X, H, Z, R, W_xh, W_hh, b_h):
        return Z * H + (1 - Z) * torch.tanh(X @ W_xh + R * (H @ W_hh + b_h))

    return _unrolled(inputs, state, params, step)


@mistake(
    task="gru",
    label="uses 1-R in place of R",
    hint="R near 1 lets the old state through; R near 0 forgets it.",
)
def reset_one_minus(inputs, state, params):
    def step(X, H, Z, R, W_xh, W_hh, b_h):
        return _right(X, H, Z, 1 - R, W_xh, W_hh, b_h)

    return _unrolled(inputs, state, params, step)


@mistake(
    task="gru",
    label="multiplies everything inside the candidate's tanh by the reset gate",
    hint="The input must reach the candidate whatever R is.",
)
def reset_whole(inputs, state, params):
    def step(X, H, Z, R, W_xh, W_hh, b_h):
        return Z * H + (1 - Z) * torch.tanh(R * (X @ W_xh + H @ W_hh + b_h))

    return _unrolled(inputs, state, params, step)


@mistake(
    task="gru",
    label="leaves the previous state out of the candidate",
    hint="Which of the eleven parameters does your code never use?",
)
def no_prev(inputs, state, params):
    def step(X, H, Z, R, W_xh, W_hh, b_h):
        return Z * H + (1 - Z) * torch.tanh(X @ W_xh + b_h)

    return _unrolled(inputs, state, params, step)


@mistake(
    task="gru",
    label="exchanges the update gate and the reset gate",
    hint="Compare the order in which you unpack the parameters with the docstring.",
)
def names_swapped(inputs, state, params):
    def step(X, H, Z, R, W_xh, W_hh, b_h):
        return _right(X, H, R, Z, W_xh, W_hh, b_h)

    return _unrolled(inputs, state, params, step)


@mistake(
    task="gru",
    label="uses tanh in the gates instead of sigmoid",
    hint="A gate lies between 0 and 1. Which function has that range?",
)
def gates_tanh(inputs, state, params):
    def step(X, H, Z, R, W_xh, W_hh, b_h):
        # tanh(a) from sigmoid(a): the logit undoes the sigmoid
        return _right(X, H, torch.tanh(torch.logit(Z)), torch.tanh(torch.logit(R)), W_xh, W_hh, b_h)

    return _unrolled(inputs, state, params, step)


@mistake(
    task="gru",
    label="uses sigmoid for the candidate instead of tanh",
    hint="The candidate is a state and lies between -1 and 1.",
)
def cand_sigmoid(inputs, state, params):
    def step(X, H, Z, R, W_xh, W_hh, b_h):
        return Z * H + (1 - Z) * torch.sigmoid(X @ W_xh + (R * H) @ W_hh + b_h)

    return _unrolled(inputs, state, params, step)


@mistake(
    task="gru",
    label="applies no tanh to the candidate",
    hint="What keeps the state between -1 and 1?",
)
def cand_linear(inputs, state, params):
    def step(X, H, Z, R, W_xh, W_hh, b_h):
        return Z * H + (1 - Z) * (X @ W_xh + (R * H) @ W_hh + b_h)

    return _unrolled(inputs, state, params, step)


@mistake(
    task="gru",
    label="does not add the biases",
    hint="Four of the eleven parameters are biases. Where do you use them?",
)
def no_bias(inputs, state, params):
    bare = [torch.zeros_like(param) if param.dim() == 1 else param for param in params]
    return _unrolled(inputs, state, bare, _right)


# --- gru: the loop and what it returns


@mistake(
    task="gru",
    label="does not carry the state from step to step: every step starts from H0",
    hint="The new state must have the name that the next round of the loop reads.",
)
def not_carried(inputs, state, params):
    steps = [_unrolled(X[None], state, params, _right) for X in inputs]
    return torch.cat([outputs for outputs, _ in steps]), steps[-1][1]


@mistake(
    task="gru",
    label="returns the initial state instead of the last one",
    hint="Which variable holds the state after the loop?",
)
def returns_h0(inputs, state, params):
    return _unrolled(inputs, state, params, _right)[0], state


@mistake(
    task="gru",
    label="returns the last output instead of the outputs of all steps",
    hint="Collect one output per step, then join them.",
)
def last_only(inputs, state, params):
    outputs, state = _unrolled(inputs, state, params, _right)
    return outputs[-inputs.shape[1] :], state


@mistake(
    task="gru",
    label="orders the rows of the outputs by sequence first, then by time step",
    hint="The rows of the first step come first, for all sequences of the batch.",
)
def batch_first(inputs, state, params):
    outputs, state = _unrolled(inputs, state, params, _right)
    steps = outputs.reshape(*inputs.shape[:2], -1)
    return steps.transpose(0, 1).reshape(outputs.shape), state


@mistake(
    task="gru",
    label="returns the outputs in reverse order",
    hint="The output of the first step stands at the top.",
)
def reversed(inputs, state, params):
    outputs, state = _unrolled(inputs, state, params, _right)
    steps = outputs.reshape(*inputs.shape[:2], -1)
    return steps.flip(0).reshape(outputs.shape), state


@mistake(
    task="gru",
    label="stacks the outputs to three axes instead of joining them to two",
    hint="The loss wants one row per token: (num_steps * batch_size, vocab_size).",
)
def stacked(inputs, state, params):
    outputs, state = _unrolled(inputs, state, params, _right)
    return outputs.reshape(*inputs.shape[:2], -1), state


@mistake(
    task="gru",
    label="returns the state as a bare tensor instead of the tuple (H,)",
    hint="The state goes in as a tuple and must come out as one.",
)
def bare_state(inputs, state, params):
    outputs, (H,) = _unrolled(inputs, state, params, _right)
    return outputs, H


@mistake(
    task="gru",
    label="cuts the gradient between the time steps",
    hint="Detaching belongs between two batches, not between two steps.",
)
def detached(inputs, state, params):
    def step(X, H, Z, R, W_xh, W_hh, b_h):
        return _right(X, H, Z, R, W_xh, W_hh, b_h).detach()

    return _unrolled(inputs, state, params, step)


@mistake(
    task="gru",
    label="writes the new state into the caller's tensor",
    hint="Operators such as `*=` change the tensor that you were given. Which ones make a new one?",
)
def state_in_place(inputs, state, params):
    outputs, (H,) = _unrolled(inputs, state, params, _right)
    state[0].data.copy_(H)
    return outputs, (H,)


@mistake(
    task="gru",
    label="computes in float32 whatever it is given",
    hint="Does your code name a dtype, or make a tensor without naming one?",
)
def float32_inside(inputs, state, params):
    return _unrolled(
        inputs.float(), (state[0].float(),), [param.float() for param in params], _right
    )


# --- gru_concise


@mistake(
    task="gru_concise",
    label="exchanges the two sizes that nn.GRU takes",
    hint="nn.GRU takes the size of the input first.",
)
def sizes_exchanged(num_inputs, num_hiddens):
    return nn.GRU(num_hiddens, num_inputs)


@mistake(
    task="gru_concise",
    label="uses a plain RNN instead of a GRU",
    hint="Which layer has the gates of this section?",
)
def plain_rnn(num_inputs, num_hiddens):
    return nn.RNN(num_inputs, num_hiddens)


@mistake(
    task="gru_concise",
    label="puts the batch first instead of the time steps",
    hint="The book keeps the default order of the axes.",
)
def axes_batch_first(num_inputs, num_hiddens):
    return nn.GRU(num_inputs, num_hiddens, batch_first=True)


@mistake(
    task="gru_concise",
    label="has two layers instead of one",
    hint="Deep networks come two sections later.",
)
def two_layers(num_inputs, num_hiddens):
    return nn.GRU(num_inputs, num_hiddens, 2)


@mistake(
    task="gru_concise",
    label="switches the biases off",
    hint="The default of `bias` is what the book uses.",
)
def layer_without_bias(num_inputs, num_hiddens):
    return nn.GRU(num_inputs, num_hiddens, bias=False)


@mistake(
    task="gru_concise",
    label="uses a cell for a single step instead of a layer",
    hint="nn.GRUCell knows no time axis; the layer runs over all steps.",
)
def single_cell(num_inputs, num_hiddens):
    return nn.GRUCell(num_inputs, num_hiddens)
