"""Public tests of D2L section 9.1: run them with `autograde check gru`."""

from __future__ import annotations

import pytest
import torch

from grader.judge import expect


def tiny_params(**values):
    """Return the parameters of a GRU with one input, one hidden unit and one output.

    All are 0 except W_hq, which is 1, and those given by name: so Y = H + b_q.
    """
    names = ["W_xz", "W_hz", "b_z", "W_xr", "W_hr", "b_r", "W_xh", "W_hh", "b_h", "W_hq", "b_q"]
    values = {"W_hq": 1.0, **values}
    return [
        torch.full((1,) if name.startswith("b") else (1, 1), float(values.get(name, 0.0)))
        for name in names
    ]


@pytest.mark.task("gru_params")
@pytest.mark.points(1)
def test_shapes_of_the_parameters(student):
    """There are eleven parameters, three for each gate and candidate, two for the output."""
    params = student.get_params(7, 4, torch.device("cpu"))
    expect.equal(len(params), 11, what="len(get_params(7, 4, device))")
    expect.equal(
        [tuple(param.shape) for param in params],
        [(7, 4), (4, 4), (4,)] * 3 + [(4, 7), (7,)],
        what="the list of shapes of get_params(7, 4, device)",
    )


@pytest.mark.task("init_gru_state")
@pytest.mark.points(1)
def test_initial_state(student):
    """The initial state is a tuple with one tensor of zeros."""
    state = student.init_gru_state(2, 3, torch.device("cpu"))
    expect.that(
        isinstance(state, tuple) and len(state) == 1,
        "init_gru_state must return a tuple with one element: (H,).",
    )
    expect.close(state[0], torch.zeros(2, 3), what="H of init_gru_state(2, 3, device)")


@pytest.mark.task("gru")
@pytest.mark.points(1)
def test_shapes_of_the_results(student, rng):
    """Three steps of a batch of two give six rows, and a state of the same shape as before."""
    sizes = [(5, 4), (4, 4), (4,)] * 3 + [(4, 5), (5,)]
    params = [torch.randn(size, generator=rng) for size in sizes]
    inputs = torch.randn(3, 2, 5, generator=rng)
    outputs, state = student.gru(inputs, (torch.zeros(2, 4),), params)
    expect.shape(outputs, (6, 5), what="`outputs` of gru for 3 steps, batch 2, vocabulary 5")
    expect.that(
        isinstance(state, tuple) and len(state) == 1,
        "The second result of gru must be a tuple with one element: (H,).",
    )
    expect.shape(state[0], (2, 4), what="the new state H")


@pytest.mark.task("gru")
@pytest.mark.points(1)
def test_half_of_the_state_is_kept(student):
    """With all gates at one half and a candidate of 0, the state halves in each step."""
    inputs = torch.ones(3, 1, 1)
    outputs, (H,) = student.gru(inputs, (torch.tensor([[8.0]]),), tiny_params())
    expect.close(
        outputs,
        torch.tensor([[4.0], [2.0], [1.0]]),
        what="`outputs` of three steps from H = 8",
        because="Z is sigmoid(0) = 0.5 and the candidate is tanh(0) = 0.",
    )
    expect.close(H, torch.tensor([[1.0]]), what="the state after three steps")


@pytest.mark.task("gru")
@pytest.mark.points(1)
@pytest.mark.hint("Z = 1 keeps the old state, Z = 0 takes the candidate.")
def test_update_gate_shut_and_open(student):
    """An update gate of 1 keeps the state; one of 0 replaces it by the candidate."""
    inputs, state = torch.ones(2, 1, 1), (torch.tensor([[0.25]]),)
    outputs, _ = student.gru(inputs, state, tiny_params(b_z=30, b_h=0.5))
    expect.close(
        outputs, torch.tensor([[0.25], [0.25]]), what="`outputs` with b_z = 30, from H = 0.25"
    )
    outputs, _ = student.gru(inputs, state, tiny_params(b_z=-30, b_h=0.5))
    expect.close(
        outputs,
        torch.tensor([[0.46211716], [0.46211716]]),
        what="`outputs` with b_z = -30, b_h = 0.5",
        because="The candidate is tanh(0.5) = 0.4621.",
    )


@pytest.mark.task("gru")
@pytest.mark.points(0)
@pytest.mark.training("character-gru")
def test_gru_learns_a_little(training):
    """A short training run of your GRU goes downhill; it counts for nothing."""
    training.run()


@pytest.mark.task("gru_concise")
@pytest.mark.points(1)
def test_concise_layer_runs(student):
    """The built-in layer gives the hidden states of all steps and the last one."""
    layer = student.gru_concise(5, 4)
    outputs, state = layer(torch.ones(3, 2, 5), torch.zeros(1, 2, 4))
    expect.shape(outputs, (3, 2, 4), what="`outputs` of gru_concise(5, 4) for 3 steps, batch 2")
    expect.shape(state, (1, 2, 4), what="the last state")
