"""Questions by which the known mistakes of dropout are told apart.

What is drawn at random is looked at through statistics that fall on few levels: the share of
zeros, the size of what is kept, and whether entries are dropped one by one.
"""

import torch

from grader.judge.observe import snap
from grader.judge.probes import probe

LARGE = torch.full((200, 200), 2.0)
SMALL = torch.arange(1.0, 25.0).reshape(4, 6) / 4
TENTHS = tuple(n / 10 for n in range(11))
TWENTIETHS = tuple(n / 20 for n in range(21))

# --- dropout_layer --------------------------------------------------------------------------


@probe("dropout_layer", (0.2,), (0.5,))
def zeros(student, p):
    """Share of zeros; a reversed mask and a mask of normal numbers have shares of their own."""
    normal = float(torch.special.ndtr(torch.tensor(p)))
    Y = student.dropout_layer(LARGE.clone(), p)
    return snap((Y == 0).float().mean(), tuple({0.0, p, round(1 - p, 3), normal, 1.0}), 0.09)


@probe("dropout_layer", (0.2,), (0.4,), (0.7,))
def kept(student, p):
    """By what the kept entries are multiplied."""
    Y = student.dropout_layer(LARGE.clone(), p) / 2
    kept = Y[Y != 0]
    if kept.numel() == 0:
        return "nothing"
    if kept.max() - kept.min() > 1e-3:
        return "not one number"
    return kept[0]


@probe("dropout_layer", (0.4,))
def pattern(student, p):
    mask = student.dropout_layer(LARGE.clone(), p) != 0
    if mask.all() or not mask.any():
        return "all alike"
    if (mask == mask[:, :1]).all():
        return "rows"
    return "columns" if (mask == mask[:1]).all() else "entries"


@probe("dropout_layer", (0.4,))
def always_as_many(student, p):
    counts = {int((student.dropout_layer(LARGE.clone(), p) == 0).sum()) for _ in range(3)}
    return len(counts) == 1


@probe("dropout_layer", (0.4,))
def twice_the_same(student, p):
    return torch.equal(student.dropout_layer(LARGE.clone(), p), student.dropout_layer(LARGE.clone(), p))


@probe("dropout_layer", (0,), (1,), (0.0,), (1.0,))
def extremes(student, p):
    return student.dropout_layer(SMALL.clone(), p)


@probe("dropout_layer", (-0.1,), (1.1,))
def outside(student, p):
    try:
        student.dropout_layer(SMALL.clone(), p)
    except (AssertionError, ValueError):
        return "refused"
    return "accepted"


@probe("dropout_layer", (0.5,))
def input_afterwards(student, p):
    X = SMALL.clone()
    student.dropout_layer(X, p)
    return X


@probe("dropout_layer", (0.5,), (0.2,))
def gradient(student, p):
    X = SMALL.clone().requires_grad_()
    Y = student.dropout_layer(X, p)
    Y.sum().backward()
    return "none" if X.grad is None else bool(torch.allclose(X.grad * X.detach(), Y.detach()))


@probe("dropout_layer", (torch.float32,), (torch.float64,))
def dtype(student, kind):
    return str(student.dropout_layer(SMALL.to(kind), 0.5).dtype)


@probe("dropout_layer", ((5,),), ((2, 3, 4),), ((2, 1, 3, 3),))
def shape(student, size):
    return tuple(student.dropout_layer(torch.ones(size), 0.5).shape)


# --- dropout_mlp ----------------------------------------------------------------------------
# One unit a layer, and biases that tell from each output which of the two units was dropped.

ONE_UNIT = [torch.ones(1, 1), torch.zeros(1), torch.ones(1, 1), torch.tensor([10.0])]
ONE_UNIT += [torch.ones(1, 1), torch.tensor([100.0])]
MANY = torch.ones(20000, 1)
_rng = torch.Generator().manual_seed(46)
SHAPES = [(5, 4), (5,), (3, 5), (3,), (2, 3), (2,)]
VALUES = [torch.randn(size, generator=_rng) for size in SHAPES]
INPUTS = torch.randn(6, 4, generator=_rng)


def shares(Y, levels, tolerance):
    """The different outputs, and which share of all outputs each of them has."""
    values, counts = torch.unique((Y.detach() * 100).round() / 100, return_counts=True)
    if len(values) > 6:
        return "many"
    return [(float(v), snap(int(c) / Y.numel(), levels, tolerance)) for v, c in zip(values, counts)]


@probe("dropout_mlp", ("as made",), ("eval",), ("train",), ("made for prediction",), ("then train",))
def outputs(student, mode, driver):
    args = (False,) if mode in ("made for prediction", "then train") else ()
    net = student.Net(1, 1, 1, 1, *args)
    driver.fill(net, ONE_UNIT)
    if mode == "eval":
        net.eval()
    elif mode in ("train", "then train"):
        net.eval()
        net.train()
    return shares(net(MANY), TWENTIETHS, 0.02)


@probe("dropout_mlp", (INPUTS,), (INPUTS.reshape(6, 1, 2, 2),), (-INPUTS,))
def predictions(student, X, driver):
    net = student.Net(4, 2, 5, 3)
    driver.fill(net, VALUES)
    net.eval()
    return net(X)


@probe("dropout_mlp")
def parameters(student, driver):
    return [tuple(p.shape) for p in driver.parameters(student.Net(4, 2, 5, 3))]


# --- dropout_concise ------------------------------------------------------------------------

IMAGES = torch.zeros(200, 1, 28, 28)


def filled(student, driver, first, second, negative=False):
    """A network whose hidden units are all `first`, and then `second` more."""
    net = student.dropout_concise()
    values = [torch.zeros(256, 784), torch.full((256,), first), torch.eye(256)]
    values += [torch.full((256,), second), torch.eye(256)[:10], torch.full((10,), 100.0)]
    driver.fill(net, values)
    return net


@probe("dropout_concise", (1.0, 10.0))
def concise_outputs(student, first, second, driver):
    return shares(filled(student, driver, first, second)(IMAGES), TENTHS, 0.045)


@probe("dropout_concise", (1.0, 10.0), (-1.0, 0.5), (-1.0, -2.0), (2.0, -1.0))
def concise_predictions(student, first, second, driver):
    net = filled(student, driver, first, second)
    net.eval()
    return net(IMAGES[:2])


@probe("dropout_concise", (1.0, 10.0))
def concise_in_training(student, first, second, driver):
    net = filled(student, driver, first, second)
    net.train()
    return shares(net(IMAGES), TENTHS, 0.045)


@probe("dropout_concise")
def concise_parameters(student, driver):
    return [tuple(p.shape) for p in driver.parameters(student.dropout_concise())]


# --- gaussian_noise_layer -------------------------------------------------------------------

GRID = torch.zeros(100, 100)


@probe("gaussian_noise_layer", (0.0, 0.5), (3.0, 0.5), (0.0, 2.0))
def noise(student, value, sigma):
    """Size, mean and form of the noise, relative to sigma."""
    X = GRID + value
    D = (student.gaussian_noise_layer(X.clone(), sigma) - X) / sigma
    if D.std() < 1e-4:
        return "none" if D.abs().max() < 1e-4 else "one number"
    Z = (D - D.mean()) / D.std()
    levels = {1.0, sigma**0.5 / sigma, sigma, 12**-0.5, value}
    return (
        snap(D.std(), tuple(sorted(levels)), 0.04),
        snap(D.mean(), (0.0, 0.5), 0.05),
        snap((Z**4).mean(), (1.8, 3.0), 0.3),
    )


@probe("gaussian_noise_layer", (SMALL, 0.5, False), (SMALL, 0.0), (SMALL, 0, True))
def without_noise(student, X, *args):
    return student.gaussian_noise_layer(X, *args)


@probe("gaussian_noise_layer", (0.5,))
def noise_again(student, sigma):
    first, second = (student.gaussian_noise_layer(GRID.clone(), sigma) for _ in range(2))
    return torch.equal(first, second)


@probe("gaussian_noise_layer", (0.5,))
def noise_and_input(student, sigma):
    X = SMALL.clone()
    student.gaussian_noise_layer(X, sigma)
    return torch.equal(X, SMALL)


@probe("gaussian_noise_layer", (torch.float32,), (torch.float64,))
def noise_dtype(student, kind):
    Y = student.gaussian_noise_layer(SMALL.to(kind), 0.5)
    return str(Y.dtype), tuple(Y.shape)


@probe("gaussian_noise_layer")
def noise_gradient(student):
    X = SMALL.clone().requires_grad_()
    student.gaussian_noise_layer(X, 0.5).sum().backward()
    return "none" if X.grad is None else bool(torch.allclose(X.grad, torch.ones(4, 6)))
