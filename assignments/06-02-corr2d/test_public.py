"""The public tests: `autograde check corr2d` runs them on your file."""

import pytest
import torch

from grader.judge import expect


@pytest.mark.task("corr2d")
@pytest.mark.points(0.75)
@pytest.mark.hint("Top left: 0*0 + 1*1 + 3*2 + 4*3 = 19.")
def test_corr2d_of_the_book_example(student):
    """The image 0 to 8 and the kernel 0 to 3 give [[19, 25], [37, 43]]."""
    X, K = torch.arange(9.0).reshape(3, 3), torch.arange(4.0).reshape(2, 2)
    expected = torch.tensor([[19.0, 25.0], [37.0, 43.0]])
    expect.close(student.corr2d(X, K), expected, what="corr2d(X, K)", dtype=False)


@pytest.mark.task("corr2d")
@pytest.mark.points(0.75)
@pytest.mark.hint("1 - 0 where bright becomes dark, 0 - 1 where dark becomes bright.")
def test_corr2d_finds_edges(student):
    """The kernel [[1, -1]] marks a bright-to-dark edge with 1 and a dark-to-bright one with -1."""
    X = torch.tensor([[1.0, 1.0, 0.0, 0.0, 1.0]] * 2)
    expected = torch.tensor([[0.0, 1.0, 0.0, -1.0]] * 2)
    Y = student.corr2d(X, torch.tensor([[1.0, -1.0]]))
    expect.close(Y, expected, what="corr2d(X, [[1, -1]])", dtype=False)


@pytest.mark.task("conv2d_layer")
@pytest.mark.points(0.5)
@pytest.mark.hint("An attribute that is an nn.Parameter is registered by itself.")
def test_layer_has_two_parameters(student, driver):
    """Conv2D((2, 3)) is an nn.Module with a weight of shape (2, 3) and a bias of shape (1,)."""
    layer = student.Conv2D((2, 3))
    expect.that("Module" in layer.type_names, "Conv2D must be an nn.Module.")
    found = driver.parameters(layer)
    expect.equal(sorted(found), ["bias", "weight"], what="the names of the layer's parameters")
    expect.shape(found["weight"], (2, 3), what="weight")
    expect.shape(found["bias"], (1,), what="bias")


@pytest.mark.task("conv2d_layer")
@pytest.mark.points(0.5)
@pytest.mark.hint("If `corr2d` fails too, mend that first.")
def test_layer_adds_its_bias(driver):
    """With the weight [[1, -1]] and the bias 0.5 the layer gives the edges plus 0.5."""
    layer = driver.layer_with(torch.tensor([[1.0, -1.0]]), torch.tensor([0.5]))
    Y = layer(torch.tensor([[1.0, 1.0, 0.0, 0.0]]))
    expect.close(Y, torch.tensor([[0.5, 1.5, 0.5]]), what="the output of the layer", dtype=False)


@pytest.mark.task("conv2d_layer")
@pytest.mark.points(0)
@pytest.mark.training("edge-kernel")
def test_layer_learns_a_little(training):
    """A short training run of your layer goes downhill; it counts for nothing."""
    training.run()


@pytest.mark.task("learn_edge_kernel")
@pytest.mark.points(0.75)
@pytest.mark.hint("Sum of squares, backward(), step, and a cleared gradient, ten times.")
def test_learning_finds_the_edge_detector(student):
    """On the book's image the kernel comes near [1, -1] in ten steps, and the loss below 1.2."""
    # From a start in [-1, 1] neither bound can be missed: the errors shrink by 0.8 and 0.64 a
    # step along the two principal directions, which leaves 0.13 and 1.1 in the worst case.
    X = torch.ones(6, 8)
    X[:, 2:6] = 0
    Y = X[:, :-1] - X[:, 1:]
    kernel, losses = student.learn_edge_kernel(X, Y)
    expect.that(len(losses) == 10, "There must be one loss for each of the ten steps.")
    expect.that(losses[-1] < 1.2, f"The loss is still {float(losses[-1]):.3f} after ten steps.")
    wanted = torch.tensor([[1.0, -1.0]])
    expect.close(kernel, wanted, what="the kernel", rtol=0, atol=0.15)


@pytest.mark.task("diagonal_edges")
@pytest.mark.points(0.75)
def test_diagonal_edges_of_a_small_image(student):
    """For n = 3 the diagonal's edges are [[1, 0], [-1, 1], [0, -1]], and their transpose."""
    across, down = student.diagonal_edges(3)
    expected = torch.tensor([[1.0, 0.0], [-1.0, 1.0], [0.0, -1.0]])
    expect.close(across, expected, what="the first result", dtype=False)
    expect.close(down, expected.T, what="the second result", dtype=False)
