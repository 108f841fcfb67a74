"""Hidden tests of D2L section 9.1: a GRU by hand, its parameters, its built-in counterpart.

The yardstick is `by_hand`, one cell written out number by number: `torch.nn.GRU` places the
reset gate elsewhere and is right only for `gru_concise`. Values are compared in float64, where
two orders of summation over at most 8 terms differ by about 1e-15: 1e-9 leaves room for any
style and none for a wrong formula. Sizes differ from one another (steps 4, batch 3,
vocabulary 5, hidden 2), so that no exchanged axis can go unseen.
"""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional as F

from grader.judge import expect

STEPS, BATCH, VOCAB, HIDDEN = 4, 3, 5, 2
SHAPES = [(VOCAB, HIDDEN), (HIDDEN, HIDDEN), (HIDDEN,)] * 3 + [(HIDDEN, VOCAB), (VOCAB,)]
B_Z, B_R, B_H = 2, 5, 8
TIGHT = {"rtol": 1e-9, "atol": 1e-9}


def draw(size, rng, dtype=torch.float64):
    """Return normal numbers: gates neither shut nor open, candidates on the bend of tanh."""
    return torch.randn(size, generator=rng, dtype=dtype)


def problem(rng, steps=STEPS, batch=BATCH, dtype=torch.float64):
    """Return inputs, a state that is not zero, and parameters, all random."""
    params = [draw(shape, rng, dtype) for shape in SHAPES]
    return draw((steps, batch, VOCAB), rng, dtype), draw((batch, HIDDEN), rng, dtype), params


def sigmoid(x):
    """Return the logistic function of a Python number."""
    return 1 / (1 + math.exp(-x))


def product(row, matrix):
    """Return a row vector times a matrix, as Python numbers."""
    columns = zip(*matrix, strict=True)
    return [sum(x * w for x, w in zip(row, column, strict=True)) for column in columns]


def by_hand(inputs, H, params):
    """Return (outputs, state) of a GRU computed number by number.

    Args:
        inputs: (num_steps, batch_size, vocab_size)
        H: (batch_size, num_hiddens)
        params: The eleven parameters.
    """
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h, W_hq, b_q = (p.tolist() for p in params)
    states, outputs = H.tolist(), []
    for batch in inputs.tolist():
        for row, (x, h) in enumerate(zip(batch, states, strict=True)):
            add = zip(product(x, W_xz), product(h, W_hz), b_z, strict=True)
            z = [sigmoid(sum(terms)) for terms in add]
            add = zip(product(x, W_xr), product(h, W_hr), b_r, strict=True)
            r = [sigmoid(sum(terms)) for terms in add]
            reset = [a * b for a, b in zip(r, h, strict=True)]
            add = zip(product(x, W_xh), product(reset, W_hh), b_h, strict=True)
            c = [math.tanh(sum(terms)) for terms in add]
            states[row] = [u * a + (1 - u) * b for u, a, b in zip(z, h, c, strict=True)]
            outputs.append([y + b for y, b in zip(product(states[row], W_hq), b_q, strict=True)])
    return torch.tensor(outputs, dtype=inputs.dtype), torch.tensor(states, dtype=inputs.dtype)


def in_one_graph(inputs, H, params):
    """Return (outputs, state) of the same cell as tensors that autograd can follow."""
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h, W_hq, b_q = params
    outputs = []
    for X in inputs:
        Z = (X @ W_xz + H @ W_hz + b_z).sigmoid()
        R = (X @ W_xr + H @ W_hr + b_r).sigmoid()
        C = (X @ W_xh + (R * H) @ W_hh + b_h).tanh()
        H = Z * H + (1 - Z) * C
        outputs.append(H @ W_hq + b_q)
    return torch.cat(outputs), H


def run(student, inputs, H, params):
    """Return (outputs, H) of `student.gru`, having looked at how they are packed."""
    answer = student.gru(inputs, (H,), params)
    pair = isinstance(answer, (tuple, list)) and len(answer) == 2
    expect.that(pair, "gru must return the pair (outputs, state).")
    outputs, state = answer
    one = isinstance(state, (tuple, list)) and len(state) == 1
    expect.that(one, "The state that gru returns must be a tuple with one element: (H,).")
    return outputs, state[0]


def require_right(student, inputs, H, params, because):
    """Compare outputs and new state of `student.gru` with the cell by hand."""
    expected_outputs, expected_state = by_hand(inputs, H, params)
    outputs, state = run(student, inputs, H, params)
    expect.close(outputs, expected_outputs, what="`outputs` of gru", because=because, **TIGHT)
    expect.close(state, expected_state, what="the new state of gru", because=because, **TIGHT)


# --- gru_params


def require_drawn(student):
    """Hold new parameters to their distribution."""
    # 40 x 60 numbers at least per matrix: the standard deviation of a sample is within 1.5 % of
    # the true one (one sigma), its mean within 2e-4; the bounds below are 10 sigma away.
    params = student.get_params(40, 60, "cpu")
    for index, shape in enumerate([(40, 60), (60, 60), (60,)] * 3 + [(60, 40), (40,)]):
        param = params[index].detach()
        if len(shape) == 1:
            expect.close(param, torch.zeros(shape), what=f"bias {index} of 0 to 10")
            continue
        expect.shape(param, shape, what=f"weight {index} of 0 to 10")
        expect.dtype(param, torch.float32, what=f"weight {index} of 0 to 10")
        expect.that(
            0.0085 < float(param.std()) < 0.0115 and abs(float(param.mean())) < 0.002,
            f"Weight {index} of 0 to 10 is not spread around 0 with a standard deviation of 0.01.",
        )
        # 4.6 % of normal numbers lie beyond 2 sigma; of uniform ones with this spread, none
        far = float((param.abs() > 0.02).float().mean())
        expect.that(far > 0.005, f"Weight {index} of 0 to 10 is not normally distributed.")


@pytest.mark.task("gru_params")
@pytest.mark.points(1)
@pytest.mark.hint("The book multiplies standard normal numbers by 0.01; biases start at 0.")
def test_initial_values(student):
    """Weights are normal with a standard deviation of 0.01, biases are zero."""
    require_drawn(student)


@pytest.mark.task("gru_params")
@pytest.mark.points(0.75)
@pytest.mark.hint("Is the tensor that you return the one that was told to require a gradient?")
def test_a_backward_pass_fills_every_gradient(driver):
    """All parameters are leaves, and a backward pass gives each a gradient."""
    shapes = [(5, 3), (3, 3), (3,)] * 3 + [(3, 5), (5,)]
    for index, (found, shape) in enumerate(zip(driver.after_backward(5, 3), shapes, strict=True)):
        needs, leaf, grad = found
        expect.that(needs, f"Parameter {index} of 0 to 10 does not require a gradient.")
        expect.that(
            leaf, f"Parameter {index} of 0 to 10 is the result of a computation, not a leaf."
        )
        expect.equal(grad, shape, what=f"the shape of the gradient of parameter {index}")


def require_own(student, driver):
    """Hold parameters to be drawn each by itself, anew in each call, in memory of their own."""
    first, second = student.get_params(6, 6, "cpu"), student.get_params(6, 6, "cpu")
    weights = [param.detach() for param in (*first, *second) if param.dim() == 2]
    expect.equal(len(weights), 14, what="the number of weight matrices of two calls")
    for index, one in enumerate(weights):
        for other in weights[index + 1 :]:
            expect.that(
                not torch.equal(one, other),
                "Two weight matrices hold the same numbers; draw each on its own, set no seed.",
            )
    expect.equal(len(set(driver.storages(6, 6))), 11, what="the number of separate tensors")


@pytest.mark.task("gru_params")
@pytest.mark.points(0.75)
def test_every_weight_is_drawn_on_its_own(student, driver):
    """No two parameters share memory or numbers, and each call draws new ones."""
    require_own(student, driver)


@pytest.mark.task("gru_params")
@pytest.mark.points(0.5)
def test_parameters_live_on_the_device(driver):
    """Every parameter lives on the device that was asked for."""
    found = driver.params_elsewhere()
    expect.equal(len(found), 11, what="the number of parameters")
    for index, there in enumerate(found):
        expect.that(there, f"Parameter {index} of 0 to 10 is not on the device asked for.")


# --- init_gru_state


@pytest.mark.task("init_gru_state")
@pytest.mark.points(0.25)
@pytest.mark.parametrize(("batch", "hidden"), [(1, 6), (5, 2)])
def test_state_is_zeros_of_batch_by_hidden(student, batch, hidden):
    """The state has one row per sequence and one column per hidden unit, all 0."""
    state = student.init_gru_state(batch, hidden, "cpu")
    expect.that(type(state) is tuple and len(state) == 1, "The state must be the tuple (H,).")
    expect.close(state[0], torch.zeros(batch, hidden), what="H of init_gru_state")


@pytest.mark.task("init_gru_state")
@pytest.mark.points(0.5)
def test_state_lives_on_the_device(driver):
    """The state lives on the device that was asked for."""
    expect.that(driver.state_elsewhere() == [True], "The state is not on the device asked for.")


# --- gru


@pytest.mark.task("gru")
@pytest.mark.points(0.75)
@pytest.mark.hint("Which part of the new state does Z keep, and which part does 1 - Z take?")
def test_update_gate_keeps_its_share(student, rng):
    """The update gate keeps its share of the old state, and the candidate fills the rest."""
    inputs, H, params = problem(rng)
    # no weights but those of gate and output: the candidate is tanh(b_h), the same in all steps
    for index in (3, 4, 5, 6, 7):
        params[index] = torch.zeros_like(params[index])
    require_right(student, inputs, H, params, "H is Z * H + (1 - Z) * candidate.")


@pytest.mark.task("gru")
@pytest.mark.points(0.75)
def test_candidate_is_tanh_of_input_and_state(student, rng):
    """With the reset gate open, the candidate is tanh of input, state and bias together."""
    inputs, H, params = problem(rng)
    for index in (0, 1, 3, 4):
        params[index] = torch.zeros_like(params[index])
    params[B_Z] = torch.full_like(params[B_Z], -40)
    params[B_R] = torch.full_like(params[B_R], 40)
    require_right(student, inputs, H, params, "Here Z is 0 and R is 1, so H is the candidate.")


@pytest.mark.task("gru")
@pytest.mark.points(0.75)
@pytest.mark.hint("Does R meet H before or after the product with W_hh?")
def test_reset_gate_acts_before_the_product(student, rng):
    """The reset gate scales the old state before the product with W_hh."""
    inputs, H, params = problem(rng)
    for index in (0, 1):
        params[index] = torch.zeros_like(params[index])
    params[B_Z] = torch.full_like(params[B_Z], -40)
    require_right(student, inputs, H, params, "The candidate uses (R * H) @ W_hh.")


@pytest.mark.task("gru")
@pytest.mark.points(1.25)
def test_all_steps_agree_with_a_cell_by_hand(student, rng):
    """Outputs and state of several steps agree with a cell computed number by number."""
    inputs, H, params = problem(rng)
    require_right(student, inputs, H, params, "Every part of the cell is at work here.")


@pytest.mark.task("gru")
@pytest.mark.points(0.5)
def test_one_step_of_one_sequence(student, rng):
    """A single step of a single sequence works like any other."""
    inputs, H, params = problem(rng, steps=1, batch=1)
    require_right(student, inputs, H, params, "One step, a batch of one.")
    one_hot = torch.eye(VOCAB, dtype=torch.float64)[:, None, :]
    require_right(student, one_hot, H, params, "One-hot inputs, as a language model has them.")


@pytest.mark.task("gru")
@pytest.mark.points(0.75)
@pytest.mark.hint("The state that you return must be the one after the last step.")
def test_a_text_may_be_cut_in_two(student, rng):
    """Two calls, the second from the state of the first, give what one call gives."""
    inputs, H, params = problem(rng, steps=5)
    whole, end = run(student, inputs, H, params)
    first, between = run(student, inputs[:2], H, params)
    second, resumed = run(student, inputs[2:], between, params)
    expect.close(torch.cat([first, second]), whole, what="`outputs` of the two halves", **TIGHT)
    expect.close(resumed, end, what="the state after the second half", **TIGHT)
    expect.close(
        whole[-BATCH:],
        end @ params[9] + params[10],
        what="the outputs of the last step",
        because="They are computed from the state that is returned.",
        **TIGHT,
    )
    unmoved = between.shape == H.shape and torch.allclose(between.detach(), H)
    expect.that(not unmoved, "The state after two steps is the one before them.")


@pytest.mark.task("gru")
@pytest.mark.points(1)
@pytest.mark.hint("`detach`, `.data` or `no_grad` between two steps cuts the gradient.")
def test_gradients_reach_everything(student, rng):
    """Gradients flow through all steps to inputs, initial state and every parameter."""
    inputs, H, params = problem(rng)
    weight_outputs, weight_state = draw((STEPS * BATCH, VOCAB), rng), draw((BATCH, HIDDEN), rng)
    found = []
    for compute in (lambda *leaves: run(student, *leaves), in_one_graph):
        leaves = [tensor.clone().requires_grad_() for tensor in (inputs, H, *params)]
        outputs, state = compute(leaves[0], leaves[1], leaves[2:])
        expect.shape(outputs, (STEPS * BATCH, VOCAB), what="`outputs` of gru")
        expect.shape(state, (BATCH, HIDDEN), what="the new state")
        attached = outputs.requires_grad and state.requires_grad
        expect.that(attached, "The results of gru are cut off from the graph.")
        ((outputs * weight_outputs).sum() + (state * weight_state).sum()).backward()
        found.append([leaf.grad for leaf in leaves])
    names = ["inputs", "the initial state", *(f"parameter {i} of 0 to 10" for i in range(11))]
    for name, came, wanted in zip(names, *found, strict=True):
        expect.that(came is not None, f"No gradient reaches {name}.")
        expect.close(came, wanted, what=f"the gradient of {name}", **TIGHT)


@pytest.mark.task("gru")
@pytest.mark.points(0.5)
def test_the_arguments_stay(student, rng):
    """Inputs, state and parameters are left as they are."""
    inputs, H, params = problem(rng)
    before = [tensor.clone() for tensor in (inputs, H, *params)]
    student.gru(inputs, (H,), params)
    expect.equal(len(params), 11, what="the number of parameters afterwards")
    names = ["inputs", "the initial state", *(f"parameter {i} of 0 to 10" for i in range(11))]
    for name, tensor, copy in zip(names, (inputs, H, *params), before, strict=True):
        expect.unchanged(tensor, copy, what=name)


@pytest.mark.task("gru")
@pytest.mark.points(0.5)
def test_float32_stays_float32(student, rng):
    """The results have the dtype of the parameters, here float32."""
    inputs, H, params = problem(rng, dtype=torch.float32)
    outputs, state = run(student, inputs, H, tuple(params))
    expected_outputs, expected_state = by_hand(inputs, H, params)
    # float32 numbers carry 6e-8; four steps of sums of eight terms stay below 1e-5
    expect.close(outputs, expected_outputs, what="`outputs` of gru", rtol=1e-4, atol=1e-5)
    expect.close(state, expected_state, what="the new state", rtol=1e-4, atol=1e-5)


@pytest.mark.task("gru")
@pytest.mark.points(0.25)
@pytest.mark.depends_on(
    "test_initial_values",
    "test_every_weight_is_drawn_on_its_own",
    "test_state_is_zeros_of_batch_by_hidden",
    "test_all_steps_agree_with_a_cell_by_hand",
    "test_a_text_may_be_cut_in_two",
)
@pytest.mark.hint("Each part is right by itself? Then look at what goes from one step to the next.")
def test_gru_trains_in_lockstep(student, driver, rng):
    """From the start on, losses, steps and predictions are those of the cell written out."""
    require_drawn(student)
    require_own(student, driver)
    leaves = [draw(shape, rng, torch.float32).requires_grad_() for shape in SHAPES]
    batches = [
        (
            F.one_hot(torch.randint(VOCAB, (STEPS, BATCH), generator=rng), VOCAB).float(),
            torch.randint(VOCAB, (STEPS * BATCH,), generator=rng),
        )
        for _ in range(3)
    ]
    start = [leaf.detach().clone() for leaf in leaves]
    losses, params, written, state = driver.lockstep(start, batches, 0.1)
    for (inputs, labels), loss in zip(batches, losses, strict=True):
        outputs, _ = in_one_graph(inputs, torch.zeros(BATCH, HIDDEN), leaves)
        expected = F.cross_entropy(outputs, labels)
        grads = torch.autograd.grad(expected, leaves)
        # Four steps of a small cell in float32 carry 1e-6.
        expect.number(loss, float(expected), what="the loss of a batch", rtol=1e-5, atol=1e-5)
        with torch.no_grad():
            for leaf, grad in zip(leaves, grads, strict=True):
                leaf.sub_(grad, alpha=0.1)
    for number, (got, leaf) in enumerate(zip(params, leaves, strict=True)):
        what = f"parameter {number} of 0 to 10 after three steps"
        expect.close(got, leaf.detach(), what=what, rtol=1e-4, atol=1e-5)
    with torch.no_grad():
        outputs, H = in_one_graph(batches[-1][0], torch.zeros(BATCH, HIDDEN), leaves)
    expect.close(written, outputs, what="`outputs` after three steps", rtol=1e-4, atol=1e-5)
    expect.close(state, H, what="the state after that", rtol=1e-4, atol=1e-5)


@pytest.mark.task("gru")
@pytest.mark.points(1)
@pytest.mark.training("character-gru")
@pytest.mark.depends_on("test_a_backward_pass_fills_every_gradient")
@pytest.mark.hint("The loop is the grader's; parameters, state and cell are yours.")
def test_gru_learns_to_write(training):
    """Your GRU learns to guess the next character of a text."""
    training.run()


# --- gru_concise


@pytest.mark.task("gru_concise")
@pytest.mark.points(1)
def test_settings_of_the_layer(driver):
    """The layer is an nn.GRU with one layer, one direction and time steps first."""
    kinds, found = driver.settings(6, 3)
    expect.that("GRU" in kinds, "gru_concise must return an nn.GRU.")
    for name, value in (
        ("input_size", 6),
        ("hidden_size", 3),
        ("num_layers", 1),
        ("bias", True),
        ("batch_first", False),
        ("bidirectional", False),
    ):
        expect.that(found[name] == value, f"`{name}` of the layer is not what was asked for.")


@pytest.mark.task("gru_concise")
@pytest.mark.points(1)
def test_layer_computes_a_gru(student, rng):
    """The layer computes the built-in form of the GRU, the reset gate after the product."""
    layer = student.gru_concise(5, 2)
    weights = layer.state_dict()
    inputs, H = draw((3, 4, 5), rng, torch.float32), draw((1, 4, 2), rng, torch.float32)
    outputs, state = layer(inputs, H)
    h, expected = H[0], []
    for X in inputs:
        from_input = X @ weights["weight_ih_l0"].T + weights["bias_ih_l0"]
        from_state = h @ weights["weight_hh_l0"].T + weights["bias_hh_l0"]
        (xr, xz, xn), (hr, hz, hn) = from_input.chunk(3, 1), from_state.chunk(3, 1)
        z = (xz + hz).sigmoid()
        h = (1 - z) * (xn + (xr + hr).sigmoid() * hn).tanh() + z * h
        expected.append(h)
    expect.close(
        outputs, torch.stack(expected), what="`outputs` of the layer", rtol=1e-4, atol=1e-5
    )
    expect.close(state, h[None], what="the last state of the layer", rtol=1e-4, atol=1e-5)
