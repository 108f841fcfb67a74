"""Questions by which the known mistakes of batch normalization are told apart.

The tensors that hold the moving statistics may be written to or not, so they are made inside
each probe. The activation and the pooling of LeNet are free, so it is asked for what holds with
any of them.
"""

import torch

from grader.judge.probes import example, probe

_rng = torch.Generator().manual_seed(75)
FLAT = torch.randn(5, 3, generator=_rng) * torch.tensor([1.0, 2.0, 0.5]) + torch.tensor([0.0, 3.0, -1.0])
MAPS = torch.randn(3, 2, 2, 3, generator=_rng) * 1.5 + 0.5
CONSTANT = torch.tensor([[1.0, 2.0], [1.0, 4.0], [1.0, -3.0]])

# --- batch_norm -----------------------------------------------------------------------------


def tensors_for(X):
    """Scale, shift and moving statistics, all different from each other and from their starts."""
    size = (1, X.shape[1]) if X.dim() == 2 else (1, X.shape[1]) + (1,) * (X.dim() - 2)
    ramp = torch.arange(1.0, 1.0 + X.shape[1]).reshape(size).to(X.dtype)
    return ramp * 0.5, ramp - 3, ramp * 0.25, ramp * 1.5


@probe("batch_norm", (FLAT, 1e-5, 0.9), (MAPS, 1e-5, 0.9), (FLAT, 0.5, 0.25), (MAPS, 0.5, 0.25))
@probe("batch_norm", (CONSTANT, 1e-3, 0.5), (FLAT[:2], 1e-5, 0.0), (FLAT.double(), 1e-5, 0.9))
def training(student, X, eps, momentum):
    return student.batch_norm(X, *tensors_for(X), eps, momentum)


@probe("batch_norm", (FLAT, 1e-5, 0.9), (MAPS, 1e-5, 0.9), (FLAT, 0.5, 0.25), (FLAT[:1], 0.1, 0.5))
@probe("batch_norm", (MAPS, 0.5, 0.25))
def predicting(student, X, eps, momentum, driver):
    return driver.predict(X, *tensors_for(X), eps, momentum)


@probe("batch_norm", (FLAT,), (MAPS,))
def gradients_of_all(student, X):
    X = X.clone().requires_grad_()
    gamma, beta, mean, var = tensors_for(X)
    gamma.requires_grad_(), beta.requires_grad_()
    Y, mean, var = student.batch_norm(X, gamma, beta, mean, var, 1e-2, 0.9)
    needing = mean.requires_grad, var.requires_grad
    (Y * torch.arange(float(Y.numel())).reshape(Y.shape)).sum().backward()
    return X.grad, gamma.grad, beta.grad, needing


@probe("batch_norm", (torch.ones(4),), (torch.ones(2, 3, 4),), (torch.ones(2, 3, 2, 2, 2),))
def other_shapes(student, X):
    size = (1, 3, *(1,) * (X.dim() - 2)) if X.dim() > 1 else (4,)
    try:
        student.batch_norm(X, *(torch.ones(size) for _ in range(4)), 1e-5, 0.9)
    except (AssertionError, ValueError):
        return "refused"
    return "accepted"


def minibatches():
    for values in ([[0, 0]], [[0], [1]], [[0], [2]], [[0, 1], [2, 1]], [[1, 5], [3, 1]]):
        X = torch.tensor(values, dtype=torch.float32)
        yield X, 1.0, 0.0
        yield X, 2.0, 1.0
    X = torch.arange(8.0).reshape(2, 2, 1, 2)
    yield X, 1.0, 0.0


@example(
    "batch_norm",
    call=(
        "batch_norm({}, gamma filled with {}, beta with {}, moving_mean with 0, moving_var with 1, "
        "eps=0.01, momentum=0.9)"
    ),
    inputs=minibatches,
)
def batch_norm_of(student, X, scale, shift):
    size = (1, X.shape[1]) if X.dim() == 2 else (1, X.shape[1], 1, 1)
    filled = (torch.full(size, value) for value in (scale, shift, 0.0, 1.0))
    return student.batch_norm(X, *filled, 0.01, 0.9)


# --- batchnorm_layer ------------------------------------------------------------------------


@probe("batchnorm_layer", (3, 2), (2, 4))
def parameters_at_the_start(student, features, dims, driver):
    return sorted(driver.parameters(student.BatchNorm(features, dims)), key=lambda pair: pair[0])


@probe("batchnorm_layer", (3, 2), (2, 4))
def statistics_at_the_start(student, features, dims):
    layer = student.BatchNorm(features, dims)
    return layer.moving_mean, tuple(layer.moving_var.shape)


@probe("batchnorm_layer", (FLAT, 2), (MAPS, 4), (FLAT * 0.005, 2))
def trains(student, X, dims):
    return student.BatchNorm(X.shape[1], dims)(X)


@probe("batchnorm_layer", (FLAT, 2), (MAPS, 4))
def statistics_after_training(student, X, dims):
    layer = student.BatchNorm(X.shape[1], dims)
    layer(X)
    first = layer.moving_mean.detach().clone()
    layer(X + 1)
    return first, layer.moving_mean.detach()


@probe("batchnorm_layer", (FLAT, 2), (MAPS, 4))
def variance_moves(student, X, dims):
    """By how much the moving variance moved, whatever it started from."""
    layer = student.BatchNorm(X.shape[1], dims)
    before = layer.moving_var.detach().clone()
    layer(X)
    return layer.moving_var.detach() - 0.9 * before


@probe("batchnorm_layer", (FLAT, 2), (MAPS, 4))
def predicts(student, X, dims, driver):
    """A prediction with given statistics, and the statistics afterwards."""
    layer = student.BatchNorm(X.shape[1], dims)
    _, _, mean, var = tensors_for(X)
    layer.moving_mean, layer.moving_var = mean, var
    Y = driver.predict_with(layer, X[:2])
    return Y, layer.moving_mean, layer.moving_var


@probe("batchnorm_layer", (FLAT, 2))
def another_layer(student, X, dims):
    """What a second layer holds after the first one was trained."""
    one, other = student.BatchNorm(X.shape[1], dims), student.BatchNorm(X.shape[1], dims)
    one(X)
    return other.moving_mean


@probe("batchnorm_layer", (FLAT, 2))
def copies(student, X, dims, driver):
    return driver.can_be_copied(student.BatchNorm(X.shape[1], dims), X)


# --- bn_lenet -------------------------------------------------------------------------------

IMAGES = torch.rand(4, 1, 28, 28, generator=_rng)


def filled(student, driver, bias=0.0):
    """A network with fixed weights; the biases of its hidden layers are `bias`."""
    net = student.bn_lenet()
    found = driver.parameters(net)
    rng = torch.Generator().manual_seed(7)
    values = []
    for name, value in found:
        if name in ("gamma", "beta"):
            values.append(torch.full_like(value, 1.0 if name == "gamma" else 0.25))
        elif name == "bias":
            hidden = value.numel() != 10
            values.append(torch.full_like(value, bias if hidden else 0.0))
        else:
            fan = value[0].numel()
            values.append(torch.randn(value.shape, generator=rng) * (2 / fan) ** 0.5)
    driver.fill(net, values)
    return net


@probe("bn_lenet")
def layers(student, driver):
    return [(name, tuple(value.shape)) for name, value in driver.parameters(student.bn_lenet())]


@probe("bn_lenet")
def biases_cancel(student, driver):
    """A normalisation right behind a layer takes its bias away."""
    plain, shifted = (filled(student, driver, bias)(IMAGES).detach() for bias in (0.0, 0.5))
    return torch.allclose(plain, shifted, 1e-2, 1e-3)


@probe("bn_lenet")
def straight(student, driver):
    """Whether a network without activations is there: blank images give points on a line."""
    net = filled(student, driver)
    Y = driver.predict_with(net, torch.linspace(0, 2, 3).reshape(3, 1, 1, 1).expand(3, 1, 28, 28).contiguous())
    return torch.allclose(Y[1], (Y[0] + Y[2]) / 2, 1e-3, 1e-5 * float(Y.abs().max()) + 1e-6)


@probe("bn_lenet")
def rows(student, driver):
    Y = filled(student, driver)(IMAGES).detach()
    return tuple(Y.shape), torch.allclose(Y.sum(1), torch.ones(len(Y)))


@probe("bn_lenet")
def columns(student, driver):
    """Outputs that were normalised have mean beta, which is 0.25 here."""
    Y = filled(student, driver)(IMAGES).detach()
    return torch.allclose(Y.mean(0), torch.full((10,), 0.25), atol=1e-3)
