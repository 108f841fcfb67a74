"""Questions by which the known mistakes of gated recurrent units are told apart."""

import torch

from grader.judge.observe import snap
from grader.judge.probes import example, probe

CPU = torch.device("cpu")
_rng = torch.Generator().manual_seed(91)

# --- gru_params -----------------------------------------------------------------------------


@probe("gru_params", (4, 3), (3, 5))
def form(student, vocab_size, num_hiddens, driver):
    params = student.get_params(vocab_size, num_hiddens, CPU)
    return [(tuple(p.shape), str(p.dtype)) for p in params]


@probe("gru_params", (4, 3))
def gradients(student, vocab_size, num_hiddens, driver):
    return driver.after_backward(vocab_size, num_hiddens)


@probe("gru_params", (4, 3))
def memory(student, vocab_size, num_hiddens, driver):
    return len(set(driver.storages(vocab_size, num_hiddens)))


@probe("gru_params")
def device(student, driver):
    return all(driver.params_elsewhere())


def weights(params):
    return torch.cat([p.detach().reshape(-1) for p in params if p.dim() == 2])


@probe("gru_params")
def spread(student):
    W = weights(student.get_params(60, 50, CPU))
    return snap(W.std() * 100, (0.0, 1.0, 10.0, 100.0), 0.05 if W.std() < 0.05 else 4.0)


@probe("gru_params")
def distribution(student):
    W = weights(student.get_params(60, 50, CPU))
    if W.std() == 0:
        return "constant"
    Z = (W - W.mean()) / W.std()
    return snap((Z**4).mean(), (1.8, 3.0), 0.3), snap(W.mean() / W.std(), (0.0, 1.73), 0.06)


@probe("gru_params")
def biases(student):
    largest = max(float(p.detach().abs().max()) for p in student.get_params(4, 30, CPU) if p.dim() == 1)
    return "zero" if largest == 0 else "not zero"


@probe("gru_params")
def drawn_anew(student):
    first, second = (weights(student.get_params(4, 3, CPU)) for _ in range(2))
    return torch.equal(first, second)


# --- init_gru_state -------------------------------------------------------------------------


@probe("init_gru_state", (2, 3), (3, 2), (1, 4))
def state(student, batch_size, num_hiddens):
    return student.init_gru_state(batch_size, num_hiddens, CPU)


@probe("init_gru_state")
def state_device(student, driver):
    return all(driver.state_elsewhere())


@example(
    "init_gru_state",
    call="init_gru_state({}, {}, torch.device('cpu'))",
    inputs=lambda: iter([(1, 1), (1, 2), (2, 1), (2, 3)]),
)
def state_of(student, batch_size, num_hiddens):
    return student.init_gru_state(batch_size, num_hiddens, CPU)


# --- gru ------------------------------------------------------------------------------------

V, H = 3, 4
SHAPES = [(V, H), (H, H), (H,)] * 3 + [(H, V), (V,)]
PARAMS = [torch.randn(size, generator=_rng) * 0.8 for size in SHAPES]
STEPS = torch.randn(3, 2, V, generator=_rng)
START = torch.randn(2, H, generator=_rng)


def run(student, inputs, start, params):
    return student.gru(inputs, (start,), params)


@probe("gru", (STEPS, START, PARAMS), (STEPS[:1], START, PARAMS), (STEPS, START * 0, PARAMS))
@probe("gru", (STEPS[:2, :1], START[:1], PARAMS), (STEPS * 0, START, PARAMS))
@probe("gru", (STEPS, START, [p * 0.5 for p in PARAMS]))
@probe("gru", (STEPS, START * 2, [p if p.dim() == 2 else p * 0 for p in PARAMS]))
def of(student, inputs, start, params):
    return run(student, inputs, start, params)


@probe("gru")
def in_double(student):
    return run(student, STEPS.double(), START.double(), [p.double() for p in PARAMS])


@probe("gru")
def gradient(student):
    params = [p.clone().requires_grad_() for p in PARAMS]
    start = START.clone().requires_grad_()
    outputs, _ = run(student, STEPS, start, params)
    (outputs * torch.arange(float(outputs.numel())).reshape(outputs.shape)).sum().backward()
    return start.grad, [None if p.grad is None else p.grad.sum() for p in params]


def small():
    """One unit, one token, batch of one: the whole GRU in eleven numbers."""
    ones = [torch.ones(1, 1), torch.ones(1, 1), torch.zeros(1)] * 3 + [torch.ones(1, 1), torch.zeros(1)]
    for steps in (1, 2):
        for value in (0.0, 1.0):
            for start in (0.0, 1.0, -1.0):
                yield torch.full((steps, 1, 1), value), torch.full((1, 1), start), ones
    third = [p * 0.5 for p in ones]
    for places in ((2,), (5,), (8,), (10,), (0,), (3,)):
        changed = [p + 1.0 if n in places else p for n, p in enumerate(third)]
        yield torch.ones(2, 1, 1), torch.ones(1, 1), changed
    two = torch.tensor([[[1.0], [2.0]], [[0.0], [-1.0]]])
    yield two, torch.tensor([[1.0], [0.0]]), ones


@example("gru", call="gru({}, ({},), {})", inputs=small)
def gru_of(student, inputs, start, params):
    return run(student, inputs, start, params)


# --- gru_concise ----------------------------------------------------------------------------


@probe("gru_concise", (3, 5), (4, 2))
def settings(student, num_inputs, num_hiddens, driver):
    names, found = driver.settings(num_inputs, num_hiddens)
    return names[0], found


@probe("gru_concise")
def shapes(student):
    layer = student.gru_concise(3, 5)
    Y, state = layer(torch.zeros(4, 2, 3), torch.zeros(1, 2, 5))
    return tuple(Y.shape), tuple(state.shape)
