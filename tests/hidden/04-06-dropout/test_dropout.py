"""Hidden tests of dropout.

Counting tests draw from fresh seeds. Their bounds follow from Hoeffding's inequality: the share
of n independent draws with values in an interval of length w misses its expectation by t or more
with probability at most 2 exp(-2 n t^2 / w^2). Each bound below keeps that under 1e-9.
"""

import pytest
import torch

from grader.judge import expect

SIDE = (160, 125)  # 20,000 entries
SHARE = 0.025  # n = 20,000, w = 1: 2 exp(-25) = 3e-11


def positive(rng, shape, dtype=torch.float32):
    """Inputs between 1 and 2, so that a zero in the result is a dropped entry."""
    return 1 + torch.rand(shape, generator=rng, dtype=dtype)


def mlp(X, parameters):
    """What a network of three linear layers with ReLU gives without dropout."""
    W1, b1, W2, b2, W3, b3 = parameters
    H = torch.relu(X.reshape(len(X), -1) @ W1.T + b1)
    return torch.relu(H @ W2.T + b2) @ W3.T + b3


def share_of_zeros(Y):
    """Share of the entries that are exactly 0."""
    return float((Y == 0).double().mean())


# --- dropout_layer -----------------------------------------------------------------------------


@pytest.mark.task("dropout_layer")
@pytest.mark.points(0.25)
@pytest.mark.parametrize(
    ("shape", "dtype"),
    [((2, 3, 4, 5), torch.float32), ((9,), torch.float64)],
    ids=["4-D", "vector"],
)
def test_shape_and_dtype(student, rng, shape, dtype):
    """The result has the shape and the dtype of X, float32 or float64."""
    X = positive(rng, shape, dtype)
    for p in (0, 0.3, 1):
        Y = student.dropout_layer(X, p)
        expect.shape(Y, shape, what="the result of dropout_layer")
        expect.dtype(Y, dtype, what="the result of dropout_layer")


@pytest.mark.task("dropout_layer")
@pytest.mark.points(0.5)
@pytest.mark.hint("`dropout` is the probability that an entry becomes 0.")
@pytest.mark.parametrize("p", [0.2, 0.5, 0.8], ids=["few", "half", "most"])
def test_share_of_dropped_entries(student, rng, p):
    """In a large tensor the share of zeros is close to `dropout`."""
    Y = student.dropout_layer(positive(rng, SIDE), p)
    expect.shape(Y, SIDE, what="the result of dropout_layer")
    expect.that(
        abs(share_of_zeros(Y) - p) < SHARE,
        "The share of entries that became 0 is too far from `dropout`: "
        "each should be dropped with exactly that probability.",
    )


@pytest.mark.task("dropout_layer")
@pytest.mark.points(0.25)
@pytest.mark.parametrize("p", [0.2, 0.5], ids=["few", "half"])
def test_mean_is_preserved(student, p):
    """The mean over a large tensor stays what it was."""
    Y = student.dropout_layer(torch.ones(SIDE), p)
    expect.shape(Y, SIDE, what="the result of dropout_layer")
    # Entries lie in [0, 1 / (1 - p)], w <= 2: with t = 0.05 it is 2 exp(-25) = 3e-11.
    expect.that(
        abs(float(Y.mean()) - 1) < 0.05,
        "The mean of the result should be close to the mean of X, and is not: "
        "the kept entries must make up for the dropped ones.",
    )


@pytest.mark.task("dropout_layer")
@pytest.mark.points(0.5)
@pytest.mark.parametrize("p", [0.2, 0.75], ids=["few", "most"])
def test_kept_entries_are_rescaled(student, rng, p):
    """Each kept entry, negative ones too, is X / (1 - dropout), and none is anything else."""
    X = positive(rng, (30, 20)) * torch.where(torch.rand(30, 20, generator=rng) < 0.5, -1.0, 1.0)
    Y = student.dropout_layer(X, p)
    expect.shape(Y, (30, 20), what="the result of dropout_layer")
    # 600 draws with p = 0.2 are all 0 with probability 0.2^600, with p = 0.75 1e-75.
    expect.that(bool((Y != 0).any()), "Every entry became 0.")
    expect.close(
        Y,
        torch.where(Y == 0, torch.zeros(()), X / (1 - p)),
        what="the kept entries",
        because="They are divided by the probability of being kept.",
    )


@pytest.mark.task("dropout_layer")
@pytest.mark.points(0.5)
@pytest.mark.hint("Draw one random number for each entry: the mask has the shape of X.")
def test_every_entry_is_drawn_for_itself(student, rng):
    """No row, column or channel is dropped or kept as a whole."""
    dropped = student.dropout_layer(positive(rng, (64, 64)), 0.5) == 0
    expect.shape(dropped, (64, 64), what="the result of dropout_layer")
    # 128 lines of 64 entries: one is uniform with probability 128 * 2^-63 = 1e-17.
    for dim, name in ((1, "rows"), (0, "columns")):
        count = dropped.sum(dim)
        expect.that(
            bool(((count > 0) & (count < 64)).all()),
            f"Whole {name} of a matrix were dropped or kept together.",
        )
    dropped = student.dropout_layer(positive(rng, (6, 5, 8, 8)), 0.5) == 0
    expect.shape(dropped, (6, 5, 8, 8), what="the result of dropout_layer for a 4-D tensor")
    count = dropped.sum((2, 3))  # 30 channels of 64 entries: 30 * 2^-63 = 3e-18
    expect.that(
        bool(((count > 0) & (count < 64)).all()),
        "Whole channels of a 4-D tensor were dropped or kept together.",
    )
    expect.that(
        not torch.equal(dropped[0], dropped[1]),
        "All examples of a 4-D minibatch got the same mask.",
    )


@pytest.mark.task("dropout_layer")
@pytest.mark.points(0.25)
def test_number_of_dropped_entries_varies(student, rng):
    """How many entries are dropped is itself random."""
    X = positive(rng, (48, 48))
    counts = {int((student.dropout_layer(X, 0.5) == 0).sum()) for _ in range(8)}
    # The likeliest count of 2,304 fair draws has probability 0.017: 0.017^7 = 4e-13.
    expect.that(
        len(counts) > 1,
        "Eight calls dropped exactly the same number of entries: "
        "each entry should be drawn independently.",
    )


@pytest.mark.task("dropout_layer")
@pytest.mark.points(0.25)
@pytest.mark.hint("A seed inside the function makes every mask the same.")
def test_every_call_draws_anew(student, rng):
    """Two calls drop different entries."""
    X = positive(rng, (48, 48))
    first, second = student.dropout_layer(X, 0.5) == 0, student.dropout_layer(X, 0.5) == 0
    expect.that(  # equal with probability 2^-2304
        not torch.equal(first, second),
        "Two calls dropped exactly the same entries.",
    )


@pytest.mark.task("dropout_layer")
@pytest.mark.points(0.25)
def test_gradient_flows_through_kept_entries(student, rng):
    """The gradient is 1 / (1 - dropout) for kept entries and 0 for dropped ones."""
    X = positive(rng, (20, 20), torch.float64).requires_grad_()
    Y = student.dropout_layer(X, 0.3)
    expect.that(Y.requires_grad, "The result does not depend on X in autograd's eyes.")
    Y.sum().backward()
    expect.that(X.grad is not None, "No gradient reached X.")
    expect.close(
        X.grad,
        (Y.detach() != 0) / torch.tensor(0.7, dtype=torch.float64),
        what="the gradient of the sum",
    )


@pytest.mark.task("dropout_layer")
@pytest.mark.points(0.25)
def test_input_is_not_written_to(student, rng):
    """X stays as it is, for probabilities 0 and 1 too."""
    X = positive(rng, (12, 12))
    before = X.clone()
    for p in (0, 0.4, 1):
        student.dropout_layer(X, p)
        expect.unchanged(X, before, what="X")


# --- dropout_mlp -------------------------------------------------------------------------------


@pytest.mark.task("dropout_mlp")
@pytest.mark.points(0.5)
def test_net_has_three_linear_layers(student, driver):
    """The parameters of Net are those of three linear layers, from input to output."""
    shapes = [tuple(value.shape) for value in driver.parameters(student.Net(12, 3, 7, 5))]
    expect.that(
        shapes == [(7, 12), (7,), (5, 7), (5,), (3, 5), (3,)],
        "The shapes of the parameters are not those of three linear layers "
        "num_inputs - num_hiddens1 - num_hiddens2 - num_outputs, in this order.",
    )


@pytest.mark.task("dropout_mlp")
@pytest.mark.points(0.25)
@pytest.mark.depends_on("test_net_has_three_linear_layers")
def test_net_predicts_like_a_perceptron(student, driver, rng):
    """In evaluation mode Net is a multilayer perceptron with ReLU, without any dropout."""
    net = student.Net(12, 3, 40, 30)
    net.eval()
    X = torch.randn(6, 2, 6, generator=rng)
    expect.close(
        net(X),
        mlp(X, driver.parameters(net)),
        what="net(X) after net.eval()",
        because="Linear, ReLU, linear, ReLU, linear; nothing is dropped while predicting.",
        rtol=1e-4,  # sums of 40 float32 products, in any order
        atol=1e-5,
    )


@pytest.mark.task("dropout_mlp")
@pytest.mark.points(0.5)
def test_net_starts_in_the_mode_asked_for(student, rng):
    """A new Net drops units, unless it was made with is_training=False."""
    X = torch.randn(6, 12, generator=rng)
    net = student.Net(12, 3, 64, 64)
    # 768 units are dropped or not in each pass: two passes never agree by chance.
    expect.that(not torch.equal(net(X), net(X)), "A new Net should start in training mode.")
    net = student.Net(12, 3, 64, 64, is_training=False)
    expect.that(
        torch.equal(net(X), net(X)),
        "A Net made with is_training=False should drop nothing.",
    )


@pytest.mark.task("dropout_mlp")
@pytest.mark.points(0.25)
@pytest.mark.hint("`net.train()` and `net.eval()` set `self.training`; ask it in `forward`.")
def test_net_switches_between_modes(student, rng):
    """net.eval() switches dropout off, net.train() on again, as often as one likes."""
    X = torch.randn(6, 12, generator=rng)
    for is_training in (True, False):
        net = student.Net(12, 3, 64, 64, is_training=is_training)
        for _ in range(2):
            net.eval()
            expect.that(torch.equal(net(X), net(X)), "After net.eval() two passes differ.")
            net.train()
            expect.that(not torch.equal(net(X), net(X)), "After net.train() two passes agree.")


HIDDEN, BATCH = 100, 200  # 20,000 units in all, so that SHARE applies


def see_through(driver, net, *, first):
    """Give a net weights that show which units were dropped, as zeros of its output.

    With `first` the second hidden layer repeats the first one; without it, it is 1 whatever
    the first one gives. The output repeats the second hidden layer.
    """
    one, zero, eye = torch.ones(HIDDEN), torch.zeros(HIDDEN), torch.eye(HIDDEN)
    W2, b2 = (eye, zero) if first else (torch.zeros(HIDDEN, HIDDEN), one)
    driver.fill(net, [torch.zeros(HIDDEN, 4), one, W2, b2, eye, zero])


@pytest.mark.task("dropout_mlp")
@pytest.mark.points(0.5)
@pytest.mark.depends_on("test_net_has_three_linear_layers")
def test_net_drops_half_of_the_second_layer(student, driver):
    """While training, dropout with probability 0.5 follows the second hidden layer."""
    net = student.Net(4, HIDDEN, HIDDEN, HIDDEN)
    see_through(driver, net, first=False)
    zeros = share_of_zeros(net(torch.ones(BATCH, 4)))
    expect.that(
        abs(zeros - 0.5) < SHARE,
        "The share of dropped units after the second hidden layer is not 0.5.",
    )


@pytest.mark.task("dropout_mlp")
@pytest.mark.points(0.5)
@pytest.mark.depends_on("test_net_has_three_linear_layers")
def test_net_drops_a_fifth_of_the_first_layer(student, driver):
    """While training, dropout with probability 0.2 follows the first hidden layer."""
    net = student.Net(4, HIDDEN, HIDDEN, HIDDEN)
    see_through(driver, net, first=True)
    zeros = share_of_zeros(net(torch.ones(BATCH, 4)))
    # A unit passes both layers with probability 0.8 * 0.5.
    expect.that(
        abs(zeros - 0.6) < SHARE,
        "With dropout 0.2 after the first and 0.5 after the second hidden layer, "
        "another share of the units would pass both.",
    )


@pytest.mark.task("dropout_mlp")
@pytest.mark.points(0.25)
@pytest.mark.depends_on("test_net_has_three_linear_layers")
def test_net_expects_the_same_in_both_modes(student, driver):
    """On average a hidden unit is as large while training as while predicting."""
    net = student.Net(4, HIDDEN, HIDDEN, HIDDEN)
    see_through(driver, net, first=True)
    mean = float(net(torch.ones(BATCH, 4)).mean())
    # Outputs lie in [0, 2.5]: t = 0.06 gives 2 exp(-2 * 20,000 * 0.0036 / 6.25) = 2e-10.
    expect.that(
        abs(mean - 1) < 0.06,
        "The mean output while training differs from the output while predicting.",
    )


@pytest.mark.task("dropout_mlp")
@pytest.mark.points(0.5)
@pytest.mark.depends_on("test_net_has_three_linear_layers")
def test_every_parameter_of_net_learns(student, driver, rng):
    """A backward pass in training mode reaches all parameters."""
    net = student.Net(12, 3, 64, 64)
    # 64 units in 20 rows are never all dropped or dead at once.
    for gradient in driver.gradients(net, torch.randn(20, 12, generator=rng)):
        expect.that(gradient is not None, "A parameter of Net got no gradient.")
        expect.finite(gradient, what="the gradient of a parameter")
        expect.that(bool(gradient.any()), "The gradient of a parameter is 0 everywhere.")


@pytest.mark.task("dropout_mlp")
@pytest.mark.points(0.25)
@pytest.mark.depends_on("test_net_has_three_linear_layers")
def test_net_trains_in_lockstep_with_a_perceptron(driver, rng):
    """Without dropout (in evaluation mode) three steps give a perceptron's losses."""
    shapes = [(7, 12), (7,), (5, 7), (5,), (3, 5), (3,)]
    leaves = [torch.randn(shape, generator=rng).requires_grad_() for shape in shapes]
    batches = [
        (torch.randn(6, 12, generator=rng), torch.randint(3, (6,), generator=rng)) for _ in range(3)
    ]
    start = [leaf.detach().clone() for leaf in leaves]
    losses, params = driver.lockstep((12, 3, 7, 5), start, batches, 0.01)
    for (X, y), loss in zip(batches, losses, strict=True):
        expected = torch.nn.functional.cross_entropy(mlp(X, leaves), y)
        grads = torch.autograd.grad(expected, leaves)
        # Three layers of a dozen terms in float32 carry 1e-6.
        expect.number(loss, float(expected), what="the loss of a batch", rtol=1e-5, atol=1e-5)
        with torch.no_grad():
            for leaf, grad in zip(leaves, grads, strict=True):
                leaf.sub_(grad, alpha=0.01)
    for number, (got, leaf) in enumerate(zip(params, leaves, strict=True)):
        what = f"parameter {number} of 0 to 5 after three steps"
        expect.close(got, leaf.detach(), what=what, rtol=1e-4, atol=1e-5)


UNITS = 60


def transparent(rng):
    """Draw parameters with which each output shows what became of its own hidden units.

    All numbers are positive and the upper layers diagonal: an output is 0 where the second
    dropout struck, and what the bias gives where only the first one did.
    """
    first = 0.5 + torch.rand(UNITS, 12, generator=rng), 0.5 + torch.rand(UNITS, generator=rng)
    diagonals = 0.5 + torch.rand(2, UNITS, generator=rng)
    second = torch.diag(diagonals[0]), 0.5 + torch.rand(UNITS, generator=rng)
    return [*first, *second, torch.diag(diagonals[1]), torch.zeros(UNITS)]


@pytest.mark.task("dropout_mlp")
@pytest.mark.points(0.25)
@pytest.mark.depends_on(
    "test_net_has_three_linear_layers",
    "test_share_of_dropped_entries",
    "test_kept_entries_are_rescaled",
    "test_every_entry_is_drawn_for_itself",
    "test_every_call_draws_anew",
)
@pytest.mark.hint("Which units were dropped is read off your outputs; the rest has to follow.")
def test_net_drops_in_lockstep_with_a_perceptron(driver, rng):
    """While training, losses and steps are those of a perceptron that drops the same units."""
    starts = [transparent(rng) for _ in range(5)]
    batches = [
        (torch.rand(100, 12, generator=rng), torch.randint(UNITS, (100,), generator=rng))
        for _ in range(5)
    ]
    kept = []
    steps = driver.dropping_lockstep(starts, batches, 0.01)
    for start, (X, y), (outputs, loss, params) in zip(starts, batches, steps, strict=True):
        leaves = [value.clone().requires_grad_() for value in start]
        W1, b1, W2, b2, W3, b3 = leaves
        expect.shape(outputs, (100, UNITS), what="net(X)")
        second = outputs != 0
        first = second & ((outputs - (2 * b2 * W3.diag()).detach()).abs() > 1e-3)
        kept.append((first, second))
        H1 = torch.relu(X @ W1.T + b1) * first / 0.8
        H2 = torch.relu(H1 @ W2.T + b2) * second / 0.5
        expected = torch.nn.functional.cross_entropy(H2 @ W3.T + b3, y)
        grads = torch.autograd.grad(expected, leaves)
        # Three layers of a dozen terms in float32 carry 1e-6.
        expect.number(loss, float(expected), what="the loss of a batch", rtol=1e-5, atol=1e-5)
        for number, (got, leaf, grad) in enumerate(zip(params, leaves, grads, strict=True)):
            what = f"parameter {number} of 0 to 5 after a step"
            pair = got, (leaf - 0.01 * grad).detach()
            if number == 2:
                # Elsewhere its gradient depends on units that the second dropout has hidden.
                pair = tuple(values.diagonal() for values in pair)
            expect.close(*pair, what=what, rtol=1e-4, atol=1e-5)
    firsts, seconds = (torch.stack(masks) for masks in zip(*kept, strict=True))
    # n = 30,000 and 14,000 at least: 2 exp(-2 * 14,000 * 0.04^2) = 7e-20.
    share = float(seconds.double().mean()), float(firsts[seconds].double().mean())
    expect.that(abs(share[0] - 0.5) < 0.04, "After the second layer not half of the units stay.")
    expect.that(abs(share[1] - 0.8) < 0.04, "After the first layer not 0.8 of the units stay.")
    # 800 lines of 60 fair draws or more: one is uniform with probability 800 * 2^-59 = 1e-15.
    uniform = [seconds.any(dim).eq(seconds.all(dim)).any() for dim in (1, 2)]
    expect.that(not any(uniform), "Whole rows or columns are dropped or kept together.")
    expect.that(not torch.equal(seconds[0], seconds[1]), "Two steps drop the same units.")
    # Of 6,000 fair draws 3,000 come out with probability 0.0103; five times in a row, 1e-10.
    exact = all(int(mask.sum()) == mask.numel() // 2 for mask in seconds)
    expect.that(not exact, "Exactly half of the units stay in every step; chance should decide.")


@pytest.mark.task("dropout_mlp")
@pytest.mark.points(0.75)
@pytest.mark.training("mlp-dropout")
@pytest.mark.depends_on("test_share_of_dropped_entries", "test_kept_entries_are_rescaled")
@pytest.mark.hint("The loop is the grader's; the network and its dropout are yours.")
def test_net_learns(training):
    """Your network with your dropout learns to tell clothes apart."""
    training.run()


# --- dropout_concise ---------------------------------------------------------------------------


@pytest.mark.task("dropout_concise")
@pytest.mark.points(0.5)
def test_concise_net_predicts_like_a_perceptron(student, driver, rng):
    """In evaluation mode the concise network is a perceptron with ReLU, without dropout."""
    net = student.dropout_concise()
    net.eval()
    X = torch.rand(4, 1, 28, 28, generator=rng)
    parameters = driver.parameters(net)
    shapes = [tuple(value.shape) for value in parameters]
    expect.that(
        shapes == [(256, 784), (256,), (256, 256), (256,), (10, 256), (10,)],
        "The parameters are not those of three linear layers 784-256-256-10.",
    )
    expect.close(
        net(X),
        mlp(X, parameters),
        what="net(X) after net.eval()",
        because="Linear, ReLU, linear, ReLU, linear; nothing is dropped while predicting.",
        rtol=1e-4,  # sums of 784 float32 products, in any order
        atol=1e-5,
    )


@pytest.mark.task("dropout_concise")
@pytest.mark.points(0.5)
def test_concise_net_starts_in_training_mode(student, driver, rng):
    """A new concise network is in training mode: two passes differ."""
    net = student.dropout_concise()
    X = torch.rand(4, 1, 28, 28, generator=rng)
    expect.that(not torch.equal(net(X), net(X)), "Two passes of a new network agree exactly.")


@pytest.mark.task("dropout_concise")
@pytest.mark.points(0.5)
@pytest.mark.depends_on("test_concise_net_predicts_like_a_perceptron")
@pytest.mark.parametrize("first", [False, True], ids=["second", "both"])
def test_concise_net_drops_the_right_shares(student, driver, first):
    """While training, 0.2 of the first and 0.5 of the second hidden layer are dropped."""
    net = student.dropout_concise()
    one, eye = torch.ones(256), torch.eye(256)
    W2, b2 = (eye, 0 * one) if first else (0 * eye, one)
    driver.fill(net, [torch.zeros(256, 784), one, W2, b2, eye[:10], torch.zeros(10)])
    Y = torch.cat([net(torch.zeros(200, 1, 28, 28)) for _ in range(5)])
    # n = 10,000 and t = 0.035: 2 exp(-24.5) = 5e-11. 0.8 * 0.5 is the chance to pass both.
    expect.that(
        abs(share_of_zeros(Y) - (0.6 if first else 0.5)) < 0.035,
        "The share of dropped units is not 0.2 after the first hidden layer "
        "and 0.5 after the second.",
    )


# --- gaussian_noise_layer ----------------------------------------------------------------------


def noise(student, X, sigma):
    """Return what the layer added to X."""
    Y = student.gaussian_noise_layer(X, sigma)
    expect.shape(Y, tuple(X.shape), what="the result of gaussian_noise_layer")
    expect.dtype(Y, X.dtype, what="the result of gaussian_noise_layer")
    return Y.detach() - X.detach()


@pytest.mark.task("gaussian_noise_layer")
@pytest.mark.points(0.25)
@pytest.mark.hint("sigma is the standard deviation, not the variance.")
@pytest.mark.parametrize("sigma", [0.3, 2.5], ids=["small", "large"])
def test_noise_has_mean_zero_and_deviation_sigma(student, rng, sigma):
    """Over a large tensor the noise has mean 0 and standard deviation sigma."""
    Z = noise(student, torch.randn(SIDE, generator=rng, dtype=torch.float64), sigma) / sigma
    # The mean of 20,000 normal draws misses 0 by 6.5 / sqrt(20,000) in 8e-11 of all runs.
    expect.that(abs(float(Z.mean())) < 6.5 / Z.numel() ** 0.5, "The mean of the noise is not 0.")
    # Chi-squared tails: P(|var - 1| >= t) <= 2 exp(-n t^2 / 8) for t <= 1, here 3e-11.
    expect.that(
        abs(float((Z**2).mean()) - 1) < 0.1,
        "The standard deviation of the noise is not sigma.",
    )


@pytest.mark.task("gaussian_noise_layer")
@pytest.mark.points(0.25)
def test_noise_is_normal(student):
    """The noise follows the normal distribution: 68 % of it lies within one sigma."""
    Z = noise(student, torch.zeros(SIDE), 2.0) / 2
    # 0.6827 for the normal distribution, 0.577 for the uniform, 0.757 for Laplace's.
    expect.that(
        abs(float((Z.abs() < 1).double().mean()) - 0.6827) < SHARE,
        "Another share than 68 % of the noise lies within one sigma: it is not normal.",
    )


@pytest.mark.task("gaussian_noise_layer")
@pytest.mark.points(0.25)
def test_noise_does_not_depend_on_the_input(student):
    """Small and large entries get noise of the same size, each its own."""
    X = torch.zeros(SIDE)
    X[:80] = 50.0
    Z = noise(student, X, 1.0)
    for part in (Z[:80], Z[80:]):  # n = 10,000 and t = 0.15: 2 exp(-28) = 1e-12
        expect.that(
            abs(float((part**2).mean()) - 1) < 0.15,
            "The size of the noise depends on the size of the entry.",
        )
    # Equal numbers have variance 0. For real noise, n = 124 or more degrees of freedom,
    # P(var <= 0.01) <= (0.01 exp(0.99))^(n / 2) = 4e-98.
    for dim in (0, 1):
        expect.that(
            bool((Z.var(dim) > 1e-2).all()),
            "Whole rows or columns got the same noise: every entry needs a number of its own.",
        )


@pytest.mark.task("gaussian_noise_layer")
@pytest.mark.points(0.25)
def test_noise_is_drawn_anew(student):
    """Two calls add different noise, by default in training mode."""
    X = torch.ones(10, 10)
    expect.that(
        not torch.equal(noise(student, X, 1.0), noise(student, X, 1.0)),
        "Two calls added exactly the same noise.",
    )


@pytest.mark.task("gaussian_noise_layer")
@pytest.mark.points(0.25)
def test_noise_leaves_the_input_alone(student, rng):
    """X stays as it is, in both modes, and the dtype is kept."""
    X = torch.randn(3, 4, 5, generator=rng, dtype=torch.float64)
    before = X.clone()
    for is_training in (True, False):
        Y = student.gaussian_noise_layer(X, 0.5, is_training)
        expect.dtype(Y, torch.float64, what="the result of gaussian_noise_layer")
        expect.unchanged(X, before, what="X")


@pytest.mark.task("gaussian_noise_layer")
@pytest.mark.points(0.5)
def test_gradient_passes_the_noise(student, rng):
    """The gradient passes the layer unchanged."""
    X = torch.randn(6, 5, generator=rng).requires_grad_()
    Y = student.gaussian_noise_layer(X, 0.7)
    expect.that(Y.requires_grad, "The result does not depend on X in autograd's eyes.")
    Y.sum().backward()
    expect.that(X.grad is not None, "No gradient reached X.")
    expect.close(X.grad, torch.ones(6, 5), what="the gradient of the sum")
