"""Public tests of dropout: run them with `autograde check dropout`."""

import pytest
import torch

from grader.judge import expect


@pytest.mark.task("dropout_layer")
@pytest.mark.points(0.5)
def test_probability_zero_keeps_everything(student):
    """dropout_layer(X, 0) gives X back."""
    X = torch.arange(8.0).reshape(2, 4)
    expect.close(student.dropout_layer(X, 0.0), X, what="dropout_layer(X, 0)")


@pytest.mark.task("dropout_layer")
@pytest.mark.points(0.5)
@pytest.mark.hint("What becomes of 1 / (1 - dropout) here? Treat this probability first.")
def test_probability_one_drops_everything(student):
    """dropout_layer(X, 1) gives zeros."""
    X = torch.arange(8.0).reshape(2, 4)
    expect.close(student.dropout_layer(X, 1.0), torch.zeros(2, 4), what="dropout_layer(X, 1)")


@pytest.mark.task("dropout_layer")
@pytest.mark.points(1)
def test_half_are_zero_and_the_others_doubled(student):
    """dropout_layer(X, 0.5) sets entries to 0 and doubles all others."""
    X = torch.arange(1.0, 101.0).reshape(10, 10)
    Y = student.dropout_layer(X, dropout=0.5)
    expect.shape(Y, (10, 10), what="dropout_layer(X, 0.5)")
    zeros = int((Y == 0).sum())
    # Of 100 fair draws fewer than 10 or more than 90 fall on one side once in 3e17 runs.
    expect.that(
        10 <= zeros <= 90,
        f"About half of the 100 entries should be 0, but {zeros} of them are.",
    )
    expect.close(
        Y,
        torch.where(Y == 0, 0.0, 2 * X),
        what="dropout_layer(X, 0.5)",
        because="An entry that is kept is divided by 1 - 0.5.",
    )


@pytest.mark.task("dropout_layer")
@pytest.mark.points(0.5)
def test_input_stays_as_it_is(student):
    """dropout_layer returns a new tensor and leaves X alone."""
    X = torch.arange(1.0, 101.0).reshape(10, 10)
    before = X.clone()
    student.dropout_layer(X, 0.5)
    expect.unchanged(X, before, what="X")


@pytest.mark.task("dropout_layer")
@pytest.mark.points(0.5)
def test_what_is_no_probability_is_refused(student):
    """dropout_layer raises AssertionError (or ValueError) for -0.1 and for 1.1."""
    X = torch.ones(2, 2)
    wrong = (AssertionError, ValueError)
    expect.raises(wrong, lambda: student.dropout_layer(X, -0.1), what="dropout_layer(X, -0.1)")
    expect.raises(wrong, lambda: student.dropout_layer(X, 1.1), what="dropout_layer(X, 1.1)")


@pytest.mark.task("dropout_mlp")
@pytest.mark.points(0.5)
def test_net_maps_images_to_outputs(student, rng):
    """Net gives one row of outputs for each example, whatever the shape of an example."""
    net = student.Net(16, 3, 32, 24)
    expect.shape(net(torch.randn(5, 16, generator=rng)), (5, 3), what="net(X) for X (5, 16)")
    images = torch.randn(5, 1, 4, 4, generator=rng)
    expect.shape(net(images), (5, 3), what="net(X) for X (5, 1, 4, 4)")


@pytest.mark.task("dropout_mlp")
@pytest.mark.points(0.5)
@pytest.mark.hint("Dropout acts in training mode only; `self.training` tells the mode.")
def test_net_predicts_the_same_twice(student, rng):
    """After net.eval() the network gives the same outputs for the same inputs."""
    net = student.Net(16, 3, 64, 64)
    net.eval()
    X = torch.randn(5, 16, generator=rng)
    expect.close(net(X), net(X), what="the second net(X) after net.eval()")


@pytest.mark.task("dropout_mlp")
@pytest.mark.points(0.5)
def test_net_drops_units_while_training(student, rng):
    """In training mode two passes over the same inputs differ."""
    net = student.Net(16, 3, 64, 64)
    X = torch.randn(5, 16, generator=rng)
    expect.that(
        not torch.equal(net(X), net(X)),
        "Two passes in training mode gave exactly the same outputs: no unit was dropped.",
    )


@pytest.mark.task("dropout_mlp")
@pytest.mark.points(0)
@pytest.mark.training("mlp-dropout")
def test_net_learns_a_little(training):
    """A short training run of your network goes downhill; it counts for nothing."""
    training.run()


@pytest.mark.task("dropout_concise")
@pytest.mark.points(0.5)
def test_concise_net_maps_images_to_ten_outputs(student, rng):
    """dropout_concise() maps (n, 1, 28, 28) to (n, 10)."""
    net = student.dropout_concise()
    expect.shape(net(torch.rand(2, 1, 28, 28, generator=rng)), (2, 10), what="net(X)")


@pytest.mark.task("dropout_concise")
@pytest.mark.points(0.5)
def test_concise_net_has_the_parameters_of_three_layers(student):
    """dropout_concise() has 269,322 parameters: 784 to 256 to 256 to 10."""
    count = sum(parameter.numel() for parameter in student.dropout_concise().parameters())
    expect.equal(count, 269322, what="the number of parameters")


@pytest.mark.task("gaussian_noise_layer")
@pytest.mark.points(0.5)
def test_no_noise_while_predicting(student):
    """gaussian_noise_layer(X, sigma, is_training=False) gives X back."""
    X = torch.arange(8.0).reshape(2, 4)
    expect.close(
        student.gaussian_noise_layer(X, 1.0, is_training=False),
        X,
        what="gaussian_noise_layer(X, 1.0, is_training=False)",
    )


@pytest.mark.task("gaussian_noise_layer")
@pytest.mark.points(0.5)
def test_sigma_zero_adds_nothing(student):
    """gaussian_noise_layer(X, 0) gives X back, and with sigma 1 it does not."""
    X = torch.arange(8.0).reshape(2, 4)
    expect.close(student.gaussian_noise_layer(X, 0.0), X, what="gaussian_noise_layer(X, 0)")
    expect.that(
        not torch.equal(student.gaussian_noise_layer(X, 1.0), X),
        "gaussian_noise_layer(X, 1.0) gave exactly X: no noise was added.",
    )
