"""Hidden tests of batch normalization.

Values of `batch_norm` are compared in float64, where right code in any order of operations
agrees to 1e-9; the layer and the network work in float32, where it agrees to about 1e-5.
"""

import itertools

import pytest
import torch
from torch.nn import functional as F

from grader.judge import expect

FLOAT32 = {"rtol": 1e-4, "atol": 2e-5}
SIZES = pytest.mark.parametrize("size", [(6, 5), (3, 4, 5, 2)], ids=["2-D", "4-D"])


def axes_of(X):
    """All axes but that of the features or channels."""
    return [axis for axis in range(X.dim()) if axis != 1]


def moments(X):
    """Mean and biased variance of each feature or channel, shaped like gamma."""
    axes = axes_of(X)
    return X.mean(axes, keepdim=True), X.var(axes, unbiased=False, keepdim=True)


def normalised(X, gamma, beta, mean, var, eps):
    """Equation of batch normalization for given statistics."""
    return gamma * (X - mean) / torch.sqrt(var + eps) + beta


def inputs(rng, size):
    """Draw X, gamma, beta, moving_mean and moving_var in float64, no two channels alike."""
    shape = [1] * len(size)
    shape[1] = size[1]
    draw = {"generator": rng, "dtype": torch.float64}
    X = torch.randn(size, **draw) * (0.5 + 2 * torch.rand(shape, **draw))
    X = X + 4 * torch.rand(shape, **draw) - 1
    gamma, beta = 0.5 + torch.rand(shape, **draw), torch.randn(shape, **draw)
    return X, gamma, beta, torch.randn(shape, **draw), 0.5 + 3 * torch.rand(shape, **draw)


# --- batch_norm --------------------------------------------------------------------------------

EPS = 1e-8  # so small that only the tests of eps tell where it is added


@pytest.mark.task("batch_norm")
@pytest.mark.points(0.625)
@SIZES
def test_training_normalises_the_minibatch(student, rng, size):
    """While training, each feature or channel is normalised with its own statistics."""
    X, gamma, beta, mean, var = inputs(rng, size)
    expected = normalised(X, gamma, beta, *moments(X), EPS)
    Y, _, _ = student.batch_norm(X, gamma, beta, mean, var, EPS, 0.9)
    expect.close(
        Y,
        expected,
        what="Y",
        because="Statistics run over all axes but the second; then come gamma and beta.",
    )


@pytest.mark.task("batch_norm")
@pytest.mark.points(0.25)
@pytest.mark.hint("The root is taken of variance plus eps.")
@SIZES
def test_eps_stands_under_the_root(student, driver, rng, size):
    """The variance gets eps added before the root is taken, in both modes."""
    X, gamma, beta, mean, var = inputs(rng, size)
    arguments = (X, gamma, beta, mean, var, 0.25, 0.9)
    expected = normalised(X, gamma, beta, mean, var, 0.25)
    Y, _, _ = driver.predict(*arguments)
    expect.close(Y, expected, what="Y while predicting, with a large eps")
    expected = normalised(X, gamma, beta, *moments(X), 0.25)
    Y, _, _ = student.batch_norm(*arguments)
    expect.close(Y, expected, what="Y while training, with a large eps")


@pytest.mark.task("batch_norm")
@pytest.mark.points(0.25)
def test_constant_features_give_the_shift(student, rng):
    """A feature that is the same in all examples becomes beta, not nan."""
    X, gamma, beta, mean, var = inputs(rng, (5, 3))
    X[:, 1] = 2.0
    expected = normalised(X, gamma, beta, *moments(X), 1e-5)
    Y, _, _ = student.batch_norm(X, gamma, beta, mean, var, 1e-5, 0.9)
    expect.finite(Y, what="Y for a minibatch with a constant feature")
    expect.close(
        Y, expected, what="Y for a minibatch with a constant feature", rtol=1e-3, atol=1e-3
    )


@pytest.mark.task("batch_norm")
@pytest.mark.points(0.5)
@pytest.mark.hint("new = momentum * old + (1 - momentum) * of this minibatch.")
@SIZES
def test_moving_statistics_follow_the_minibatches(student, rng, size):
    """Moving mean and variance follow several minibatches with the weight momentum."""
    _, gamma, beta, mean, var = inputs(rng, size)
    expected_mean, expected_var = mean.clone(), var.clone()
    for _ in range(3):
        X = inputs(rng, size)[0]
        batch_mean, batch_var = moments(X)
        expected_mean = 0.7 * expected_mean + 0.3 * batch_mean
        expected_var = 0.7 * expected_var + 0.3 * batch_var
        _, mean, var = student.batch_norm(X, gamma, beta, mean, var, 1e-5, momentum=0.7)
    expect.close(mean, expected_mean, what="moving_mean after three minibatches")
    expect.close(
        var,
        expected_var,
        what="moving_var after three minibatches",
        because="It is the moving average of biased variances.",
    )


@pytest.mark.task("batch_norm")
@pytest.mark.points(0.25)
@pytest.mark.hint("Divide the sum of the squared deviations by their number.")
def test_momentum_zero_gives_the_statistics_of_the_minibatch(student, rng):
    """With momentum 0 the moving statistics are the mean and biased variance of X."""
    X, gamma, beta, mean, var = inputs(rng, (2, 4))
    expected_mean, expected_var = moments(X)
    _, mean, var = student.batch_norm(X, gamma, beta, mean, var, 1e-5, 0)
    expect.close(mean, expected_mean, what="moving_mean with momentum 0")
    expect.close(var, expected_var, what="moving_var with momentum 0")


@pytest.mark.task("batch_norm")
@pytest.mark.points(0.5)
@SIZES
def test_prediction_keeps_the_moving_statistics(student, driver, rng, size):
    """While predicting, the moving statistics are used, even for one example, and stay."""
    X, gamma, beta, mean, var = inputs(rng, size)
    old_mean, old_var = mean.clone(), var.clone()
    for part in (X, X[:1]):
        expected = normalised(part, gamma, beta, old_mean, old_var, EPS)
        Y, new_mean, new_var = driver.predict(part, gamma, beta, mean, var, EPS, 0.9)
        expect.close(Y, expected, what="Y while predicting")
        expect.close(new_mean, old_mean, what="moving_mean while predicting")
        expect.close(new_var, old_var, what="moving_var while predicting")


@pytest.mark.task("batch_norm")
@pytest.mark.points(0.5)
@pytest.mark.hint("Mean and variance depend on X too: do not cut them off from autograd.")
@SIZES
def test_gradients_reach_all_three(student, rng, size):
    """Gradients reach X (through mean and variance too), gamma and beta."""
    X, gamma, beta, mean, var = inputs(rng, size)
    weights = torch.randn(size, generator=rng, dtype=torch.float64)
    leaves = [tensor.clone().requires_grad_() for tensor in (X, gamma, beta)]
    copies = [tensor.clone().requires_grad_() for tensor in (X, gamma, beta)]
    (normalised(*copies, *moments(copies[0]), EPS) * weights).sum().backward()
    Y, _, _ = student.batch_norm(*leaves, mean, var, EPS, 0.9)
    expect.that(Y.requires_grad, "Y does not depend on X, gamma and beta in autograd's eyes.")
    (Y * weights).sum().backward()
    for name, leaf, copy in zip(("X", "gamma", "beta"), leaves, copies, strict=True):
        expect.that(leaf.grad is not None, f"No gradient reached {name}.")
        expect.close(leaf.grad, copy.grad, what=f"the gradient of {name}")


@pytest.mark.task("batch_norm")
@pytest.mark.points(0.5)
@pytest.mark.hint("Return the moving statistics with `.detach()` (or `.data`).")
def test_moving_statistics_hold_no_graph(student, rng):
    """The returned moving statistics do not require gradients, even if X does."""
    X, gamma, beta, mean, var = inputs(rng, (4, 3))
    _, mean, var = student.batch_norm(X.requires_grad_(), gamma, beta, mean, var, 1e-5, 0.9)
    expect.that(
        not mean.requires_grad and not var.requires_grad,
        "The moving statistics still hang on the graph of this minibatch, "
        "so memory would grow with every step.",
    )


@pytest.mark.task("batch_norm")
@pytest.mark.points(0.25)
def test_arguments_are_not_written_to(student, driver, rng):
    """X, gamma and beta stay as they are, in both modes."""
    tensors = inputs(rng, (3, 2, 4, 4))
    before = [tensor.clone() for tensor in tensors]
    student.batch_norm(*tensors, 1e-5, 0.9)
    driver.predict(*tensors, 1e-5, 0.9)
    for name, tensor, old in zip(("X", "gamma", "beta"), tensors, before, strict=False):
        expect.unchanged(tensor, old, what=name)


@pytest.mark.task("batch_norm")
@pytest.mark.points(0.25)
def test_other_shapes_are_refused(student):
    """While training, a 3-D tensor raises AssertionError (or ValueError)."""
    one, zero = torch.ones(1, 3, 1), torch.zeros(1, 3, 1)
    expect.raises(
        (AssertionError, ValueError),
        lambda: student.batch_norm(torch.rand(2, 3, 4), one, zero, zero, one, 1e-5, 0.9),
        what="batch_norm for a 3-D tensor",
    )


@pytest.mark.task("batch_norm")
@pytest.mark.points(0.25)
@pytest.mark.depends_on(
    "test_training_normalises_the_minibatch",
    "test_eps_stands_under_the_root",
    "test_moving_statistics_follow_the_minibatches",
    "test_gradients_reach_all_three",
)
@pytest.mark.hint("Each part is right by itself? Then look at what goes from one step to the next.")
def test_batch_norm_trains_in_lockstep(driver, rng):
    """From the same start, three steps and a prediction give the numbers of the formulas."""
    settings, rate = (1e-2, 0.7), 0.3
    for size in ((6, 5), (3, 4, 5, 2)):
        _, gamma, beta, mean, var = inputs(rng, size)
        mix = torch.randn(size[1], size[1], generator=rng, dtype=torch.float64)
        batches = [(inputs(rng, size)[0], inputs(rng, size)[0]) for _ in range(3)]
        seen = driver.norm_lockstep(mix, gamma, beta, [mean, var], batches, settings, rate)
        leaves = [tensor.clone().requires_grad_() for tensor in (mix, gamma, beta)]
        for (X, target), loss in zip(batches, seen[0], strict=True):
            mixed = torch.einsum("nc...,cd->nd...", X, leaves[0])
            now = moments(mixed)
            Y = normalised(mixed, *leaves[1:], *now, settings[0])
            expected = ((Y - target) ** 2).mean()
            expect.number(loss, float(expected), what="the loss of a batch", rtol=1e-9)
            grads = torch.autograd.grad(expected, leaves)
            mean, var = (0.7 * o + 0.3 * n.detach() for o, n in zip((mean, var), now, strict=True))
            with torch.no_grad():
                for leaf, grad in zip(leaves, grads, strict=True):
                    leaf.sub_(grad, alpha=rate)
        for name, got, leaf in zip(("the weights", "gamma", "beta"), seen[1], leaves, strict=True):
            expect.close(got, leaf.detach(), what=f"{name} after three steps")
        for name, got, value in zip(("mean", "var"), seen[2], (mean, var), strict=True):
            expect.close(got, value, what=f"moving_{name} after three steps")
        mixed = torch.einsum("nc...,cd->nd...", batches[-1][0], leaves[0])
        Y = normalised(mixed, *leaves[1:], mean, var, settings[0])
        expect.close(seen[3], Y.detach(), what="Y while predicting after three steps")


# --- batchnorm_layer ---------------------------------------------------------------------------

LAYERS = pytest.mark.parametrize("size", [(8, 3), (4, 3, 2, 5)], ids=["2-D", "4-D"])


def train_batch(rng, size):
    """Draw a minibatch in float32 whose features differ in mean and spread.

    Deviations are 0.5 to 2 and means -2 to 2, so that float32 also suffices for right code that
    computes a variance as the difference of two moments.
    """
    X = torch.randn(size, generator=rng)
    mean, var = moments(X)
    scale, shift = torch.rand(2, *mean.shape, generator=rng)
    return (X - mean) / var.sqrt() * (0.5 + 1.5 * scale) + 4 * shift - 2


@pytest.mark.task("batchnorm_layer")
@pytest.mark.points(0.5)
@LAYERS
def test_scale_and_shift_are_the_parameters(student, driver, size):
    """The parameters are gamma, all ones, and beta, all zeros, and no others."""
    shape = (1, 3) if len(size) == 2 else (1, 3, 1, 1)
    layer = student.BatchNorm(3, len(size))
    found = dict(driver.parameters(layer))
    expect.that(
        sorted(found) == ["beta", "gamma"],
        "The parameters of the layer should be gamma and beta, and nothing else.",
    )
    expect.close(found["gamma"], torch.ones(shape), what="gamma of a new layer")
    expect.close(found["beta"], torch.zeros(shape), what="beta of a new layer")


@pytest.mark.task("batchnorm_layer")
@pytest.mark.points(0.5)
def test_layer_uses_eps_1e_5(student, rng):
    """The layer normalises with eps = 1e-5."""
    X = 3e-3 * torch.randn(16, 4, generator=rng)  # variances of the size of eps
    X = X - X.mean(0)
    expect.close(
        student.BatchNorm(4, 2)(X),
        X / torch.sqrt((X**2).mean(0) + 1e-5),
        what="Y for a minibatch with tiny variance",
        **FLOAT32,
    )


@pytest.mark.task("batchnorm_layer")
@pytest.mark.points(0.5)
@pytest.mark.depends_on("test_scale_and_shift_are_the_parameters")
def test_layer_scales_and_shifts(student, driver, rng):
    """The layer scales by gamma and shifts by beta, and both get gradients."""
    layer = student.BatchNorm(3, 4)
    X = train_batch(rng, (4, 3, 2, 5))
    names = [name for name, _ in driver.parameters(layer)]
    new = {"gamma": 0.5 + torch.rand(1, 3, 1, 1, generator=rng)}
    new["beta"] = torch.randn(1, 3, 1, 1, generator=rng)
    driver.fill(layer, [new[name] for name in names])
    expect.close(
        layer(X),
        normalised(X, new["gamma"], new["beta"], *moments(X), 1e-5),
        what="Y after gamma and beta were changed",
        **FLOAT32,
    )
    weights = torch.randn(X.shape, generator=rng)
    wanted = {
        "gamma": (weights * normalised(X, 1, 0, *moments(X), 1e-5)).sum((0, 2, 3), keepdim=True),
        "beta": weights.sum((0, 2, 3), keepdim=True),
    }
    grads = driver.gradients(layer, X, weights)
    for name, grad in zip(names, grads, strict=True):
        expect.that(grad is not None, f"No gradient reached {name}.")
        expect.close(grad, wanted[name], what=f"the gradient of {name}", rtol=1e-3, atol=1e-4)


@pytest.mark.task("batchnorm_layer")
@pytest.mark.points(0.5)
@LAYERS
def test_layer_collects_moving_statistics(student, rng, size):
    """Each minibatch moves moving_mean and moving_var with momentum 0.9."""
    layer = student.BatchNorm(3, len(size))
    mean, var = torch.zeros(3), layer.moving_var.detach().flatten().clone()
    expect.that(
        layer.moving_mean.numel() == 3 and bool((layer.moving_mean == 0).all()),
        "moving_mean of a new layer should be zeros, one for each feature.",
    )
    expect.that(
        var.numel() == 3 and (bool((var == 1).all()) or bool((var == 0).all())),
        "moving_var of a new layer should be ones, one for each feature.",
    )
    for _ in range(3):
        X = train_batch(rng, size)
        layer(X)
        batch_mean, batch_var = moments(X)
        mean = 0.9 * mean + 0.1 * batch_mean.flatten()
        var = 0.9 * var + 0.1 * batch_var.flatten()
    expect.close(layer.moving_mean.flatten(), mean, what="moving_mean", **FLOAT32)
    expect.close(layer.moving_var.flatten(), var, what="moving_var", **FLOAT32)


@pytest.mark.task("batchnorm_layer")
@pytest.mark.points(0.375)
@LAYERS
def test_layer_predicts_without_learning(student, driver, rng, size):
    """Predicting uses the moving statistics, even for one example, and leaves them alone."""
    layer = student.BatchNorm(3, len(size))
    for _ in range(2):
        layer(train_batch(rng, size))
    mean, var = layer.moving_mean.detach().clone(), layer.moving_var.detach().clone()
    shape = [1, 3] + [1] * (len(size) - 2)
    for count in (size[0], 1):
        X = train_batch(rng, size)[:count]
        expect.close(
            driver.predict_with(layer, X),
            normalised(X, 1, 0, mean.reshape(shape), var.reshape(shape), 1e-5),
            what="Y while predicting",
            **FLOAT32,
        )
        expect.close(layer.moving_mean, mean, what="moving_mean after predicting")
        expect.close(layer.moving_var, var, what="moving_var after predicting")
    X = train_batch(rng, size)
    expect.close(
        layer(X),
        normalised(X, 1, 0, *moments(X), 1e-5),
        what="Y when training goes on after predicting",
        **FLOAT32,
    )


@pytest.mark.task("batchnorm_layer")
@pytest.mark.points(0.5)
def test_trained_layer_can_be_copied(student, driver, rng):
    """After training a layer can be deep-copied: it holds on to no graph."""
    expect.that(
        driver.can_be_copied(student.BatchNorm(3, 2), train_batch(rng, (8, 3))) is True,
        "copy.deepcopy refuses the layer after training, because a tensor in it still hangs "
        "on the graph of a minibatch.",
    )


@pytest.mark.task("batchnorm_layer")
@pytest.mark.points(0.25)
def test_layers_do_not_share_statistics(student, rng):
    """Two layers keep their statistics apart."""
    first, second = student.BatchNorm(3, 2), student.BatchNorm(3, 2)
    before = second.moving_mean.detach().clone(), second.moving_var.detach().clone()
    first(train_batch(rng, (8, 3)))
    expect.close(second.moving_mean, before[0], what="moving_mean of the layer that did nothing")
    expect.close(second.moving_var, before[1], what="moving_var of the layer that did nothing")


# --- bn_lenet ----------------------------------------------------------------------------------

SHAPES = {
    ("weight", (6, 1, 5, 5)), ("bias", (6,)), ("gamma", (1, 6, 1, 1)), ("beta", (1, 6, 1, 1)),
    ("weight", (16, 6, 5, 5)), ("bias", (16,)), ("gamma", (1, 16, 1, 1)), ("beta", (1, 16, 1, 1)),
    ("weight", (120, 256)), ("bias", (120,)), ("gamma", (1, 120)), ("beta", (1, 120)),
    ("weight", (84, 120)), ("bias", (84,)), ("gamma", (1, 84)), ("beta", (1, 84)),
    ("weight", (10, 84)), ("bias", (10,)),
}  # fmt: skip
CHOICES = list(itertools.product((torch.sigmoid, torch.relu), (F.avg_pool2d, F.max_pool2d)))


class Replica:
    """LeNet with given parameters and its own moving statistics, for one choice of parts."""

    def __init__(self, parameters, activation, pool, moving_var):
        self.parameters = {(name, tuple(value.shape)): value for name, value in parameters}
        self.activation, self.pool = activation, pool
        self.moving = {}
        self.start = moving_var

    def norm(self, X, training):
        shape = (1, X.shape[1]) if X.dim() == 2 else (1, X.shape[1], 1, 1)
        old = self.moving.get(shape, (torch.zeros(shape), torch.full(shape, self.start)))
        now = moments(X) if training else old
        if training:
            pairs = zip(old, now, strict=True)
            self.moving[shape] = tuple(0.9 * o + 0.1 * n.detach() for o, n in pairs)
        gamma, beta = self.parameters["gamma", shape], self.parameters["beta", shape]
        return self.activation(normalised(X, gamma, beta, *now, 1e-5))

    def __call__(self, X, *, training):
        get = self.parameters.__getitem__
        for c, d in ((1, 6), (6, 16)):
            X = F.conv2d(X, get(("weight", (d, c, 5, 5))), get(("bias", (d,))))
            X = self.pool(self.norm(X, training), 2, 2)
        X = X.flatten(1)
        for c, d in ((256, 120), (120, 84)):
            X = F.linear(X, get(("weight", (d, c))), get(("bias", (d,))))
            X = self.norm(X, training)
        return F.linear(X, get(("weight", (10, 84))), get(("bias", (10,))))


def prepared(student, driver, rng):
    """Make a network with random scales and shifts; return it with its parameters."""
    net = student.bn_lenet()
    parameters = driver.parameters(net)
    values = [
        0.5 + torch.rand(value.shape, generator=rng) if name == "gamma"
        else torch.randn(value.shape, generator=rng) / 2 if name == "beta"
        else value
        for name, value in parameters
    ]  # fmt: skip
    driver.fill(net, values)
    return net, [(name, value) for (name, _), value in zip(parameters, values, strict=True)]


def agrees(Y, expected):
    """Tell whether outputs agree; batch norm spreads float32 noise over five layers."""
    return Y.shape == expected.shape and torch.allclose(Y.detach(), expected, rtol=1e-3, atol=1e-3)


@pytest.mark.task("bn_lenet")
@pytest.mark.points(0.5)
def test_lenet_has_all_layers(student, driver):
    """The parameters are those of five layers and of four batch normalizations."""
    found = [(name, tuple(value.shape)) for name, value in driver.parameters(student.bn_lenet())]
    expect.that(
        len(found) == len(SHAPES) and set(found) == SHAPES,
        "The names and shapes of the parameters are not those of two convolutions, three linear "
        "layers and one BatchNorm after each of them but the last.",
    )


@pytest.mark.task("bn_lenet")
@pytest.mark.points(0.75)
@pytest.mark.depends_on("test_lenet_has_all_layers")
@pytest.mark.hint("Layer, batch norm, activation, and pooling last: in this order.")
def test_lenet_trains_like_lenet(student, driver, rng):
    """In training the outputs are those of LeNet with batch norm before each activation."""
    net, parameters = prepared(student, driver, rng)
    X = torch.rand(16, 1, 28, 28, generator=rng)
    Y = net(X)
    expect.shape(Y, (16, 10), what="net(X)")
    expect.that(
        any(agrees(Y, Replica(parameters, *choice, 1.0)(X, training=True)) for choice in CHOICES),
        "The outputs are not those of LeNet with batch normalization, with sigmoid or ReLU and "
        "average or maximum pooling.",
    )


@pytest.mark.task("bn_lenet")
@pytest.mark.points(0.75)
@pytest.mark.depends_on("test_lenet_has_all_layers")
def test_lenet_predicts_with_moving_statistics(student, driver, rng):
    """After some minibatches the network predicts with what its layers have collected."""
    net, parameters = prepared(student, driver, rng)
    replicas = [Replica(parameters, *choice, start) for choice in CHOICES for start in (1.0, 0.0)]
    for _ in range(2):
        X = torch.rand(16, 1, 28, 28, generator=rng)
        net(X)
        for replica in replicas:
            replica(X, training=True)
    X = torch.rand(3, 1, 28, 28, generator=rng)
    Y = driver.predict_with(net, X)
    expect.shape(Y, (3, 10), what="net(X) while predicting")
    expect.that(
        any(agrees(Y, replica(X, training=False)) for replica in replicas),
        "The predictions are not those of LeNet with the moving statistics of its layers.",
    )


@pytest.mark.task("bn_lenet")
@pytest.mark.points(0.25)
@pytest.mark.depends_on("test_lenet_has_all_layers")
def test_every_parameter_of_lenet_learns(student, driver, rng):
    """A backward pass reaches all parameters."""
    net, parameters = prepared(student, driver, rng)
    weights = torch.randn(16, 10, generator=rng)
    grads = driver.gradients(net, torch.rand(16, 1, 28, 28, generator=rng), weights)
    for (name, _), grad in zip(parameters, grads, strict=True):
        expect.that(grad is not None, f"A parameter ({name}) got no gradient.")
        expect.finite(grad, what=f"the gradient of a parameter ({name})")
        # Batch norm cancels the bias before it, whose gradient is 0 but for rounding.
        expect.that(
            name == "bias" or bool(grad.any()),
            f"The gradient of a parameter ({name}) is 0 everywhere.",
        )


@pytest.mark.task("bn_lenet")
@pytest.mark.points(0.25)
@pytest.mark.depends_on(
    "test_lenet_trains_like_lenet",
    "test_lenet_predicts_with_moving_statistics",
    "test_scale_and_shift_are_the_parameters",
)
def test_lenet_trains_in_lockstep(student, driver, rng):
    """From the same parameters, three batches give LeNet's losses, and then its predictions."""
    batches = [
        (torch.rand(16, 1, 28, 28, generator=rng), torch.randint(10, (16,), generator=rng))
        for _ in range(3)
    ]
    X = torch.rand(5, 1, 28, 28, generator=rng)
    net = student.bn_lenet()
    fresh = [
        (name, value.fill_(name == "gamma") if name in {"gamma", "beta"} else value)
        for name, value in driver.parameters(net)
    ]
    Y = net(X)
    expect.that(
        any(agrees(Y, Replica(fresh, *choice, 1.0)(X, training=True)) for choice in CHOICES),
        "A new network does not start with every scale at 1 and every shift at 0.",
    )
    net, parameters = prepared(student, driver, rng)
    losses, Y = driver.lockstep(net, batches, 0.05, X)
    replicas = [
        Replica([(n, v.clone().requires_grad_()) for n, v in parameters], *choice, start)
        for choice in CHOICES
        for start in (1.0, 0.0)
    ]
    expect.that(
        any(in_lockstep(replica, batches, losses, X, Y) for replica in replicas),
        "The losses of three steps, or the predictions after them, are not those of LeNet with "
        "batch normalization.",
    )


def in_lockstep(replica, batches, losses, X, Y):
    """Tell whether the losses of its training and its predictions after it are these."""
    leaves = list(replica.parameters.values())
    for (inputs, y), loss in zip(batches, losses, strict=True):
        expected = F.cross_entropy(replica(inputs, training=True), y)
        # Five layers of batch norm in float32 carry 1e-5 of the loss; a wrong gradient of any
        # one parameter shows in the next loss with 1e-3 at least.
        if abs(loss - float(expected)) > 1e-4 * float(expected):
            return False
        grads = torch.autograd.grad(expected, leaves)
        with torch.no_grad():
            for value, grad in zip(leaves, grads, strict=True):
                value.sub_(grad, alpha=0.05)
    with torch.no_grad():
        return agrees(Y, replica(X, training=False))


@pytest.mark.task("bn_lenet")
@pytest.mark.points(0.5)
@pytest.mark.training("lenet-batch-norm")
@pytest.mark.depends_on("test_prediction_keeps_the_moving_statistics")
@pytest.mark.hint("The loop is the grader's; the network with its batch normalization is yours.")
def test_lenet_learns(training):
    """LeNet with your batch normalization learns to tell clothes apart."""
    training.run()
