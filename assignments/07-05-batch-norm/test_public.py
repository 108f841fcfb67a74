"""Public tests of batch normalization: run them with `autograde check batch-norm`."""

import pytest
import torch

from grader.judge import expect


@pytest.mark.task("batch_norm")
@pytest.mark.points(1)
def test_small_example(student):
    """Two examples with two features are normalised, scaled and shifted."""
    X = torch.tensor([[0.0, 10.0], [4.0, 30.0]])  # means 2 and 20, variances 4 and 100
    gamma, beta = torch.tensor([[2.0, 3.0]]), torch.tensor([[1.0, -1.0]])
    Y, _, _ = student.batch_norm(X, gamma, beta, torch.zeros(1, 2), torch.ones(1, 2), 0.0, 0.9)
    expect.close(
        Y,
        torch.tensor([[-1.0, -4.0], [3.0, 2.0]]),
        what="Y",
        because="Each column becomes -1 and 1, then times gamma plus beta.",
    )


@pytest.mark.task("batch_norm")
@pytest.mark.points(1)
@pytest.mark.hint("Which axes of (n, c, h, w) belong to one channel?")
def test_channels_of_images_are_normalised(student, rng):
    """Each channel of images gets mean 0 and variance 1, and one moving mean and variance."""
    X = 5 + 3 * torch.randn(6, 3, 4, 5, generator=rng)
    one, zero = torch.ones(1, 3, 1, 1), torch.zeros(1, 3, 1, 1)
    Y, mean, var = student.batch_norm(X, one, zero, zero.clone(), one.clone(), 1e-5, 0.9)
    expect.shape(Y, (6, 3, 4, 5), what="Y")
    expect.shape(mean, (1, 3, 1, 1), what="moving_mean")
    expect.shape(var, (1, 3, 1, 1), what="moving_var")
    # float32 sums of 120 numbers; eps changes the variance by 1e-5 / 9.
    expect.close(Y.mean((0, 2, 3)), torch.zeros(3), what="mean of each channel", atol=1e-4)
    expect.close(
        Y.var((0, 2, 3), unbiased=False),
        torch.ones(3),
        what="variance of each channel",
        atol=1e-4,
    )


@pytest.mark.task("batch_norm")
@pytest.mark.points(1)
@pytest.mark.hint("momentum is the weight of the old value.")
def test_moving_statistics_move(student):
    """Training moves the moving mean and variance a tenth of the way for momentum 0.9."""
    X = torch.tensor([[0.0, 10.0], [4.0, 30.0]])
    one, zero = torch.ones(1, 2), torch.zeros(1, 2)
    _, mean, var = student.batch_norm(X, one, zero, torch.ones(1, 2), 10 * one, 1e-5, 0.9)
    expect.close(mean, torch.tensor([[1.1, 2.9]]), what="moving_mean")
    expect.close(var, torch.tensor([[9.4, 19.0]]), what="moving_var")


@pytest.mark.task("batch_norm")
@pytest.mark.points(0.5)
@pytest.mark.hint("`torch.is_grad_enabled()` is False under `torch.no_grad()`.")
def test_prediction_uses_moving_statistics(student, driver):
    """While gradients are off, the moving mean and variance are used."""
    X = torch.tensor([[3.0, 10.0], [5.0, 30.0]])
    one, zero = torch.ones(1, 2), torch.zeros(1, 2)
    mean, var = torch.tensor([[1.0, 10.0]]), torch.tensor([[4.0, 100.0]])
    Y, _, _ = driver.predict(X, one, zero, mean, var, 0.0, 0.9)
    expect.close(Y, torch.tensor([[1.0, 0.0], [2.0, 2.0]]), what="Y")


@pytest.mark.task("batchnorm_layer")
@pytest.mark.points(0.5)
def test_scale_and_shift_have_the_right_shape(student):
    """gamma and beta have the shape (1, C), or (1, C, 1, 1) after a convolution."""
    for num_dims, shape in ((2, (1, 7)), (4, (1, 7, 1, 1))):
        layer = student.BatchNorm(7, num_dims)
        expect.shape(layer.gamma, shape, what=f"gamma of BatchNorm(7, {num_dims})")
        expect.shape(layer.beta, shape, what=f"beta of BatchNorm(7, {num_dims})")


@pytest.mark.task("batchnorm_layer")
@pytest.mark.points(0.5)
def test_layer_normalises_a_minibatch(student, rng):
    """A new layer gives each feature mean 0 and variance 1."""
    layer = student.BatchNorm(num_features=3, num_dims=2)
    Y = layer(5 + 3 * torch.randn(20, 3, generator=rng))
    expect.shape(Y, (20, 3), what="Y")
    expect.close(Y.mean(0), torch.zeros(3), what="mean of each feature", atol=1e-4)
    expect.close(Y.var(0, unbiased=False), torch.ones(3), what="their variance", atol=1e-4)


@pytest.mark.task("batchnorm_layer")
@pytest.mark.points(0.5)
def test_layer_predicts_with_its_moving_statistics(student, driver, rng):
    """While predicting, a layer normalises with the statistics it has collected."""
    layer = student.BatchNorm(3, 2)
    for _ in range(2):
        layer(5 + 3 * torch.randn(20, 3, generator=rng))
    X = torch.randn(4, 3, generator=rng)
    mean, var = layer.moving_mean, layer.moving_var
    expect.close(
        driver.predict_with(layer, X),
        (X - mean) / (var + 1e-5) ** 0.5,
        what="Y",
        rtol=1e-4,  # (x - m) * s and x * s - m * s differ in the last bits of float32
        atol=1e-5,
    )


@pytest.mark.task("bn_lenet")
@pytest.mark.points(0.5)
def test_lenet_maps_images_to_ten_outputs(student, rng):
    """bn_lenet() maps (n, 1, 28, 28) to (n, 10)."""
    Y = student.bn_lenet()(torch.rand(2, 1, 28, 28, generator=rng))
    expect.shape(Y, (2, 10), what="net(X)")


@pytest.mark.task("bn_lenet")
@pytest.mark.points(0.5)
def test_lenet_has_the_right_number_of_parameters(student):
    """bn_lenet() has 44,878 parameters, 452 of them in the batch normalization."""
    count = sum(parameter.numel() for parameter in student.bn_lenet().parameters())
    expect.equal(count, 44878, what="the number of parameters")


@pytest.mark.task("bn_lenet")
@pytest.mark.points(0)
@pytest.mark.training("lenet-batch-norm")
def test_lenet_learns_a_little(training):
    """A short training run of your network goes downhill; it counts for nothing."""
    training.run()
