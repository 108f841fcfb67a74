"""A gated recurrent unit from scratch and its built-in counterpart (D2L section 9.1)."""

import torch
from torch import nn


def get_params(vocab_size: int, num_hiddens: int, device: torch.device | str) -> list[torch.Tensor]:
    """Return the parameters of a GRU with an output layer, ready to be trained.

    Args:
        vocab_size: The number of inputs and of outputs of the network.
        num_hiddens: The number of hidden units.
        device: Where all the parameters live.

    Returns:
        A list (or tuple) of 11 float32 tensors in this order, with v for `vocab_size` and h for
        `num_hiddens`:

        W_xz: (v, h), W_hz: (h, h), b_z: (h,), the update gate;
        W_xr: (v, h), W_hr: (h, h), b_r: (h,), the reset gate;
        W_xh: (v, h), W_hh: (h, h), b_h: (h,), the candidate state;
        W_hq: (h, v), b_q: (v,), the output layer.

        Every weight is drawn anew from a normal distribution with mean 0 and standard deviation
        0.01 (set no seed), every bias is 0. All are leaves of the graph that require a gradient,
        and no two share memory.

    Source:
        D2L 9.1, "Initializing Model Parameters".
    """
    ### BEGIN SOLUTION
    num_inputs = num_outputs = vocab_size

    def normal(shape: tuple[int, int]) -> torch.Tensor:
        return torch.randn(size=shape, device=device) * 0.01

    def three() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        return (
            normal((num_inputs, num_hiddens)),
            normal((num_hiddens, num_hiddens)),
            torch.zeros(num_hiddens, device=device),
        )

    output = (normal((num_hiddens, num_outputs)), torch.zeros(num_outputs, device=device))
    params = [*three(), *three(), *three(), *output]
    for param in params:
        param.requires_grad_(True)
    return params
    ### END SOLUTION


def init_gru_state(
    batch_size: int, num_hiddens: int, device: torch.device | str
) -> tuple[torch.Tensor]:
    """Return the state before the first time step.

    Args:
        batch_size: The number of sequences in a batch.
        num_hiddens: The number of hidden units.
        device: Where the state lives.

    Returns:
        A tuple with one element, the hidden state: (batch_size, num_hiddens), float32 zeros.

    Source:
        D2L 9.1, "Defining the Model".
    """
    ### BEGIN SOLUTION
    return (torch.zeros((batch_size, num_hiddens), device=device),)
    ### END SOLUTION


def gru(
    inputs: torch.Tensor,
    state: tuple[torch.Tensor],
    params: list[torch.Tensor],
) -> tuple[torch.Tensor, tuple[torch.Tensor]]:
    """Run a GRU and its output layer over a batch of sequences.

    In each time step, with the step's input X and the previous hidden state H:

        Z = sigmoid(X W_xz + H W_hz + b_z)              the update gate
        R = sigmoid(X W_xr + H W_hr + b_r)              the reset gate
        C = tanh(X W_xh + (R * H) W_hh + b_h)           the candidate
        H = Z * H + (1 - Z) * C                         the new hidden state
        Y = H W_hq + b_q                                the output

    where `*` is element by element. The reset gate acts on H *before* the product with W_hh;
    `torch.nn.GRU` applies it afterwards and gives other numbers.

    Once your tests of this part pass, the grader trains it in a loop of its own (README.md says
    how). A perplexity of 10.16 earns all of the 1 point, 12.71 or more none, evenly between; the
    reference reached 9.55 to 9.74.

    Args:
        inputs: (num_steps, batch_size, vocab_size), at least one time step.
        state: A tuple with one element, the hidden state (batch_size, num_hiddens); any values.
        params: The 11 tensors of `get_params`, in its order. Of one floating point dtype, which
            `inputs` and `state` share and the results have too.

    Returns:
        The pair (outputs, state). outputs: (num_steps * batch_size, vocab_size), the Y of all
        steps below each other, the first step's batch first. state: a tuple with one element,
        the hidden state after the last step. Gradients flow through all steps to the inputs, to
        the initial state and to every parameter; the arguments are left as they are.

    Source:
        D2L 9.1, "Gated Hidden State"; Cho et al. 2014, "Learning Phrase Representations using
        RNN Encoder-Decoder for Statistical Machine Translation", section 2.3.
    """
    ### BEGIN SOLUTION
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h, W_hq, b_q = params
    (H,) = state
    outputs = []
    for X in inputs:
        Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
        R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
        C = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
        H = Z * H + (1 - Z) * C
        outputs.append(H @ W_hq + b_q)
    return torch.cat(outputs, dim=0), (H,)
    ### END SOLUTION


def gru_concise(num_inputs: int, num_hiddens: int) -> nn.GRU:
    """Return the built-in GRU layer: one layer, one direction, time steps first.

    Args:
        num_inputs: The size of the input of one time step.
        num_hiddens: The number of hidden units.

    Returns:
        An `nn.GRU`. Called with inputs (num_steps, batch_size, num_inputs) and a state
        (1, batch_size, num_hiddens), it gives the hidden states of all steps
        (num_steps, batch_size, num_hiddens) and the last state (1, batch_size, num_hiddens).

    Source:
        D2L 9.1, "Concise Implementation".
    """
    ### BEGIN SOLUTION
    return nn.GRU(num_inputs, num_hiddens)
    ### END SOLUTION
