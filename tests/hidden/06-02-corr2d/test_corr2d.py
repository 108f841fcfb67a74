"""The hidden suite of 06-02-corr2d.

Tolerances: the default of `expect.close` (1e-5 relative, 1e-6 absolute) is some hundred units in
the last place of float32. Sums of up to twenty products of size 1, added up in any order, stay
within 1e-5. The book's corr2d computes in float32 even for float64 input, so no test asks for
more than float32 can give, nor for a float64 result.
"""

import pytest
import torch
from torch.nn import functional as F

from grader.judge import expect


def correlate(X, K):
    """Compute the cross-correlation with torch's own convolution."""
    return F.conv2d(X[None, None], K[None, None])[0, 0]


def close(actual, expected, what, because=""):
    """Compare to float32 precision, in any floating point dtype."""
    expect.close(actual, expected, what=what, because=because, atol=1e-5, dtype=False)


# --- corr2d ---------------------------------------------------------------------------------

SIZES = [((5, 7), (2, 3)), ((7, 4), (3, 1)), ((4, 4), (2, 2)), ((3, 5), (3, 5))]
NAMES = ["wide", "tall", "square", "kernel as large as the image"]


@pytest.mark.task("corr2d")
@pytest.mark.points(0.25)
@pytest.mark.hint("Work out by hand what belongs into the top left cell of the output.")
@pytest.mark.parametrize(("size", "kernel"), SIZES, ids=NAMES)
def test_corr2d_values(student, rng, size, kernel):
    """Each output is the sum of the products of the kernel with the window below it."""
    X, K = torch.randn(size, generator=rng), torch.randn(kernel, generator=rng)
    close(student.corr2d(X, K), correlate(X, K), "corr2d(X, K)")


@pytest.mark.task("corr2d")
@pytest.mark.points(0.5)
@pytest.mark.hint("Does the first cell of the kernel meet the first cell of the window?")
def test_corr2d_does_not_flip_the_kernel(student, rng):
    """A kernel that changes when it is flipped or transposed tells correlation from convolution."""
    X = torch.randn(5, 6, generator=rng)
    for K in ([[1.0, -1.0]], [[1.0], [-1.0]], [[0.0, 1.0], [-1.0, 2.0]]):
        kernel = torch.tensor(K)
        close(
            student.corr2d(X, kernel),
            correlate(X, kernel),
            "corr2d(X, K)",
            "The kernel is used as it stands, neither flipped nor transposed.",
        )


@pytest.mark.task("corr2d")
@pytest.mark.points(0.5)
@pytest.mark.hint("Each cell of the window is multiplied by the kernel cell that lies on it.")
def test_corr2d_with_a_single_one_cuts_out(student, rng):
    """A kernel with a single 1 gives the part of the image that its place points to."""
    X = torch.randn(4, 6, generator=rng)
    for i in range(2):
        for j in range(3):
            K = torch.zeros(2, 3)
            K[i, j] = 1
            text = "corr2d(X, K) for a K with a single 1"
            close(student.corr2d(X, K), X[i : i + 3, j : j + 4], text)


@pytest.mark.task("corr2d")
@pytest.mark.points(0.25)
def test_corr2d_leaves_its_arguments_alone(student, rng):
    """X and K are the same after the call as before."""
    X, K = torch.randn(4, 5, generator=rng), torch.randn(2, 2, generator=rng)
    before = X.clone(), K.clone()
    student.corr2d(X, K)
    expect.unchanged(X, before[0], what="the argument X")
    expect.unchanged(K, before[1], what="the argument K")


def gradients(function, X, K, weights):
    """Give the gradients of a weighted sum of function(X, K) with respect to both."""
    X, K = (t.clone().requires_grad_() for t in (X, K))
    Y = function(X, K)
    expect.shape(Y, tuple(weights.shape), what="corr2d(X, K)")
    expect.that(Y.requires_grad, "corr2d(X, K) requires no gradients although X and K do.")
    (Y * weights).sum().backward()
    return X.grad, K.grad


@pytest.mark.task("corr2d")
@pytest.mark.points(0.25)
@pytest.mark.hint("Compute with tensors all the way; .item(), .data and numpy cut the graph.")
@pytest.mark.parametrize("which", ["K", "X"])
def test_corr2d_gradient(student, rng, which):
    """Gradients flow back to the kernel and to the image."""
    X, K = torch.randn(4, 5, generator=rng), torch.randn(2, 3, generator=rng)
    weights = torch.randn(3, 3, generator=rng)
    position = "XK".index(which)
    got = gradients(student.corr2d, X, K, weights)[position]
    expected = gradients(correlate, X, K, weights)[position]
    expect.that(got is not None, f"{which} gets no gradient.")
    close(got, expected, f"the gradient of {which}")


@pytest.mark.task("corr2d")
@pytest.mark.points(0.25)
def test_corr2d_takes_float64(student, rng):
    """A float64 image and kernel are fine too."""
    X = torch.randn(3, 4, generator=rng, dtype=torch.float64)
    K = torch.randn(2, 2, generator=rng, dtype=torch.float64)
    Y = student.corr2d(X, K)
    close(Y, correlate(X, K), "corr2d(X, K) for float64")


@pytest.mark.task("corr2d")
@pytest.mark.points(0.5)
@pytest.mark.hint("A size of 1 is a size like any other; mind squeeze().")
def test_corr2d_of_thin_images(student, rng):
    """Images of one row or one column, and kernels of a single cell, keep two dimensions."""
    for size, kernel in (((1, 5), (1, 2)), ((4, 1), (3, 1)), ((3, 4), (1, 1)), ((1, 1), (1, 1))):
        X, K = torch.randn(size, generator=rng), torch.randn(kernel, generator=rng)
        text = f"corr2d(X, K) for shapes {size} and {kernel}"
        close(student.corr2d(X, K), correlate(X, K), text)


# --- Conv2D ---------------------------------------------------------------------------------


@pytest.mark.task("conv2d_layer")
@pytest.mark.points(0.25)
@pytest.mark.hint("torch.rand for the weight, torch.zeros for the bias, nn.Parameter around both.")
def test_layer_parameters(student, driver):
    """The weight starts at random, the bias at 0, and an optimizer finds both."""
    require_drawn(student, driver)


def require_drawn(student, driver):
    """Hold the parameters of new layers to what they must be."""
    first, second = (driver.parameters(student.Conv2D((3, 2))) for _ in range(2))
    for found in (first, second):
        names = sorted(found)
        expect.equal(names, ["bias", "weight"], what="the names of the layer's parameters")
        expect.shape(found["weight"], (3, 2), what="weight")
        close(found["bias"], torch.zeros(1), "bias at the start")
    same = torch.equal(first["weight"], second["weight"])
    expect.that(not same, "Two layers start with the same weight; it should be random.")
    flat = first["weight"].flatten()
    expect.that(not torch.equal(flat, flat[:1].expand(6)), "All cells of the weight are the same.")


@pytest.mark.task("conv2d_layer")
@pytest.mark.points(0.25)
@pytest.mark.hint("corr2d(x, weight) + bias; if corr2d fails too, mend that first.")
def test_layer_values(driver, rng):
    """The layer gives the cross-correlation with its weight plus its bias."""
    for size in ((2, 3), (3, 1)):
        weight, bias = torch.randn(size, generator=rng), torch.randn(1, generator=rng)
        layer = driver.layer_with(weight, bias)
        x = torch.randn(4, 5, generator=rng)
        close(layer(x), correlate(x, weight) + bias, "the output of the layer")


@pytest.mark.task("conv2d_layer")
@pytest.mark.points(0.25)
@pytest.mark.hint("Use self.weight and self.bias themselves, not .data.")
def test_layer_gradients(driver, rng):
    """A backward pass gives weight and bias their gradients."""
    weight, bias = torch.randn(2, 2, generator=rng), torch.randn(1, generator=rng)
    x, scale = torch.randn(3, 4, generator=rng), torch.randn(2, 3, generator=rng)
    layer = driver.layer_with(weight, bias)
    Y = layer(x)
    expect.shape(Y, (2, 3), what="the output of the layer")
    expect.that(Y.requires_grad, "The output of the layer requires no gradients.")
    (Y * scale).sum().backward()
    found = driver.gradients(layer)
    leaf = weight.requires_grad_()
    (correlate(x, leaf) * scale).sum().backward()
    expect.that(found["weight"] is not None, "The weight gets no gradient.")
    expect.that(found["bias"] is not None, "The bias gets no gradient.")
    close(found["weight"], leaf.grad, "the gradient of weight")
    close(found["bias"], scale.sum().reshape(1), "the gradient of bias")


@pytest.mark.task("conv2d_layer")
@pytest.mark.points(0.25)
def test_layers_are_independent(driver, rng):
    """Two layers keep their own parameters, and a call does not change them."""
    x = torch.randn(3, 3, generator=rng)
    weights = [torch.randn(2, 2, generator=rng) for _ in range(2)]
    layers = [driver.layer_with(weight, torch.ones(1)) for weight in weights]
    for _ in range(2):
        for layer, weight in zip(layers, weights, strict=True):
            close(layer(x), correlate(x, weight) + 1, "the output of the layer")


@pytest.mark.task("conv2d_layer")
@pytest.mark.points(0.25)
def test_layer_passes_gradients_to_its_input(driver, rng):
    """Gradients flow through the layer to the image, as a network needs it."""
    weight = torch.randn(2, 3, generator=rng)
    layer = driver.layer_with(weight, torch.zeros(1))
    images = [torch.randn(3, 4, generator=rng).requires_grad_()]
    images.append(images[0].detach().clone().requires_grad_())
    (layer(images[0]) ** 2).sum().backward()
    (correlate(images[1], weight) ** 2).sum().backward()
    expect.that(images[0].grad is not None, "The image gets no gradient.")
    close(images[0].grad, images[1].grad, "the gradient of the image")


@pytest.mark.task("conv2d_layer")
@pytest.mark.points(0.25)
@pytest.mark.hint("Each call must use the parameters as they are now.")
def test_layer_learns_in_lockstep(student, driver, rng):
    """From the start on, three images give the losses of the layer written out."""
    require_drawn(student, driver)
    # Two losses in float32 differ by 1e-6 at most; a gradient that is off by a tenth of a percent
    # shows in the next loss with more than 1e-4.
    weight, bias = torch.randn(2, 2, generator=rng), torch.randn(1, generator=rng)
    pairs = [(torch.randn(4, 5, generator=rng), torch.randn(3, 4, generator=rng)) for _ in range(3)]
    losses = driver.lockstep(weight, bias, pairs, 0.1)
    leaves = [weight.clone().requires_grad_(), bias.clone().requires_grad_()]
    for (x, target), loss in zip(pairs, losses, strict=True):
        expected = ((correlate(x, leaves[0]) + leaves[1] - target) ** 2).mean()
        expect.number(loss, float(expected), what="a loss", rtol=1e-5)
        grads = torch.autograd.grad(expected, leaves)
        with torch.no_grad():
            for leaf, grad in zip(leaves, grads, strict=True):
                leaf.sub_(grad, alpha=0.1)


@pytest.mark.task("conv2d_layer")
@pytest.mark.points(0.5)
@pytest.mark.training("edge-kernel")
@pytest.mark.hint("The loop is the grader's; the layer with its two parameters is yours.")
def test_layer_learns_edges(training):
    """Your layer learns to find edges in noisy examples."""
    training.run()


# --- learn_edge_kernel ----------------------------------------------------------------------


def check_pair(result, num_steps):
    """Check the form of what learn_edge_kernel returns, and give its parts."""
    form = isinstance(result, (tuple, list)) and len(result) == 2
    expect.that(form, "learn_edge_kernel must return the pair (kernel, losses).")
    kernel, losses = result
    expect.shape(kernel, (1, 2), what="the kernel")
    expect.that(isinstance(losses, list), "losses must be a list.")
    floats = all(isinstance(loss, float) for loss in losses)
    expect.that(floats, "losses must hold Python floats.")
    expect.that(len(losses) == num_steps, "There must be one loss for each step.")
    return kernel.detach(), [float(loss) for loss in losses]


@pytest.mark.task("learn_edge_kernel")
@pytest.mark.points(0.5)
@pytest.mark.hint("Sum of squares, backward(), step, and a cleared gradient, ten times.")
def test_learning_finds_another_kernel(student):
    """Ten steps on a striped image come close to whatever kernel made the target."""
    # The errors shrink by 0.8 and 0.64 a step along the two principal directions, so from a start
    # within [-1, 1] the kernel is off by less than 0.2, and the last loss is below 2.7.
    X = torch.ones(6, 8)
    X[:, 2:6] = 0
    target = torch.tensor([[-1.0, 0.5]])
    Y = correlate(X, target)
    kernel, losses = check_pair(student.learn_edge_kernel(X, Y), 10)
    expect.that(losses[-1] < 2.7, "The loss is still large after ten steps.")
    close_enough = float((kernel - target).abs().max()) < 0.2
    expect.that(close_enough, "The kernel is not near the one that made Y.")


FITTING = "Each loss belongs to the kernel before its step, and the steps must fit the losses."


@pytest.mark.task("learn_edge_kernel")
@pytest.mark.points(0.75)
@pytest.mark.hint("weight - lr * gradient of the summed squares; note the loss before each step.")
def test_learning_is_gradient_descent(student, rng):
    """The losses are those of plain gradient descent on the sum of squares."""
    # The final kernel tells where the run must have been before each step, because a step of
    # gradient descent on a quadratic can be undone. Stretching factors stay above 0.4 for this
    # X, so undoing four steps magnifies float32's rounding by at most 40.
    X, lr, steps = torch.rand(5, 4, generator=rng), 0.015, 4
    Y = correlate(X, torch.tensor([[0.5, 2.0]])) + torch.rand(5, 3, generator=rng)
    kernel, losses = check_pair(student.learn_edge_kernel(X, Y, steps, lr), steps)
    P = torch.stack([X[:, :-1].flatten(), X[:, 1:].flatten()], dim=1).double()
    y, w = Y.flatten().double(), kernel.flatten().double()
    step = torch.eye(2, dtype=torch.float64) - 2 * lr * P.T @ P
    for loss in reversed(losses):
        w = torch.linalg.solve(step, w - 2 * lr * P.T @ y)
        wanted = float(((P @ w - y) ** 2).sum())
        expect.number(loss, wanted, what="a loss", because=FITTING, rtol=1e-3)


@pytest.mark.task("learn_edge_kernel")
@pytest.mark.points(0.5)
def test_learning_obeys_its_arguments(student, rng):
    """It takes num_steps steps with the rate lr, both also by name, and leaves X and Y alone."""
    X = torch.rand(3, 5, generator=rng)
    Y = X[:, :-1] - X[:, 1:]
    before = X.clone(), Y.clone()
    check_pair(student.learn_edge_kernel(X, Y, num_steps=3, lr=0.01), 3)
    expect.unchanged(X, before[0], what="the argument X")
    expect.unchanged(Y, before[1], what="the argument Y")
    # With a rate of 0 nothing moves, so that both losses belong to the kernel that comes back.
    kernel, losses = check_pair(student.learn_edge_kernel(X, Y, lr=0.0, num_steps=2), 2)
    wanted = float(((correlate(X, kernel) - Y) ** 2).sum())
    for loss in losses:
        expect.number(loss, wanted, what="the loss for lr=0", rtol=1e-4)


# --- diagonal_edges -------------------------------------------------------------------------


def band(n):
    """Give what the edge detector makes of a diagonal: 1 on it and -1 below it."""
    return torch.eye(n)[:, :-1] - torch.eye(n)[:, 1:]


@pytest.mark.task("diagonal_edges")
@pytest.mark.points(0.5)
def test_diagonal_edges_of_any_size(student):
    """Each column of the first result has a 1 on the diagonal and a -1 below it."""
    for n in (2, 5):
        across, _ = student.diagonal_edges(n)
        close(across, band(n), f"the first result for n = {n}")
    across, _ = student.diagonal_edges()
    close(across, band(8), "the first result")


@pytest.mark.task("diagonal_edges")
@pytest.mark.points(0.25)
def test_transposed_kernel_finds_the_transposed_edges(student):
    """The transposed kernel gives the transposed result, as the image is symmetric."""
    for n in (2, 6):
        _, down = student.diagonal_edges(n)
        close(down, band(n).T, f"the second result for n = {n}")
