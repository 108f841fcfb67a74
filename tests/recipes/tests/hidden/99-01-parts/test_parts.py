"""Each recipe without an exercise of its own, trained with its reference parts."""

import pytest


@pytest.mark.task("linear_regression")
@pytest.mark.points(1)
@pytest.mark.training("linear-regression")
def test_linear_regression(training):
    """Linear regression finds the line."""
    training.run()


@pytest.mark.task("weight_decay")
@pytest.mark.points(1)
@pytest.mark.training("weight-decay")
def test_weight_decay(training):
    """Weight decay keeps the weights short."""
    training.run()


@pytest.mark.task("lenet")
@pytest.mark.points(1)
@pytest.mark.training("lenet")
def test_lenet(training):
    """LeNet learns to tell clothes apart."""
    training.run()


@pytest.mark.task("residual")
@pytest.mark.points(1)
@pytest.mark.training("residual-net")
def test_residual_net(training):
    """A small residual network learns to tell clothes apart."""
    training.run()


@pytest.mark.task("rnn")
@pytest.mark.points(1)
@pytest.mark.training("character-rnn")
def test_character_rnn(training):
    """A recurrent network learns to guess characters."""
    training.run()


@pytest.mark.task("lstm")
@pytest.mark.points(1)
@pytest.mark.training("character-lstm")
def test_character_lstm(training):
    """An LSTM learns to guess characters."""
    training.run()
