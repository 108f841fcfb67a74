"""Dropout from scratch (D2L 4.6)."""

import torch
from torch import nn

# The probabilities of the two dropout layers in `Net` and in `dropout_concise`.
dropout1, dropout2 = 0.2, 0.5


def dropout_layer(X, dropout):
    """Set each entry to 0 with probability `dropout` and rescale the others.

    Every entry is drawn independently of all others, and every call draws anew. Kept entries
    are divided by 1 - dropout, so that the expected value of the result is X.

    Args:
        X: any shape, the activations (float32 or float64); stays as it is.
        dropout: a number, the probability of setting an entry to 0.

    Returns:
        A tensor of X's shape and dtype. `dropout` 0 gives the values of X (X itself will do),
        `dropout` 1 gives zeros. Gradients reach X through the kept entries.

    Raises:
        AssertionError: `dropout` is not in [0, 1] (a ValueError is as good).

    Source:
        Srivastava et al. 2014, section 4, in the rescaled form of D2L 4.6.
    """
    ### BEGIN SOLUTION
    assert 0 <= dropout <= 1
    if dropout == 1:
        return torch.zeros_like(X)
    mask = torch.rand(X.shape) >= dropout
    return mask * X / (1.0 - dropout)
    ### END SOLUTION


class Net(nn.Module):
    """A multilayer perceptron with two hidden layers and dropout after each of them.

    Linear, ReLU, dropout (probability `dropout1` = 0.2), linear, ReLU, dropout (probability
    `dropout2` = 0.5), linear. The dropout is your `dropout_layer`, and it acts only while the
    network is in training mode: `net.train()` switches it on, `net.eval()` switches it off.

    Its parameters are those of three `nn.Linear` layers `lin1`, `lin2`, `lin3`, made in this
    order, and no others.

    Once your tests of this part pass, the grader trains the network in a loop of its own (README.md
    says how). An accuracy of 79.4 % earns all of the 0.75 points, 74.4 % or less none, evenly
    between; the reference reached 80.5 to 82.5 %.

    Args:
        num_inputs: number of inputs of one example.
        num_outputs: number of outputs.
        num_hiddens1: number of units in the first hidden layer.
        num_hiddens2: number of units in the second hidden layer.
        is_training: the mode in which the new network starts; True is training.

    Source:
        D2L 4.6.
    """

    def __init__(self, num_inputs, num_outputs, num_hiddens1, num_hiddens2, is_training=True):
        super().__init__()
        ### BEGIN SOLUTION
        self.num_inputs = num_inputs
        self.lin1 = nn.Linear(num_inputs, num_hiddens1)
        self.lin2 = nn.Linear(num_hiddens1, num_hiddens2)
        self.lin3 = nn.Linear(num_hiddens2, num_outputs)
        self.train(is_training)
        ### END SOLUTION

    def forward(self, X):
        """Return the outputs for a minibatch.

        Args:
            X: (n, ...), n examples with num_inputs numbers each, in any shape, for instance
                (n, 1, 28, 28) for 784 inputs.

        Returns:
            (n, num_outputs), the outputs of the last linear layer, without an activation.
        """
        ### BEGIN SOLUTION
        H1 = torch.relu(self.lin1(X.reshape(-1, self.num_inputs)))
        if self.training:
            H1 = dropout_layer(H1, dropout1)
        H2 = torch.relu(self.lin2(H1))
        if self.training:
            H2 = dropout_layer(H2, dropout2)
        return self.lin3(H2)
        ### END SOLUTION


def dropout_concise():
    """Build the network for Fashion-MNIST from PyTorch's own layers.

    784 inputs, 256 and 256 hidden units with ReLU, 10 outputs; `nn.Dropout` with probability
    `dropout1` = 0.2 after the first hidden layer and `dropout2` = 0.5 after the second. The
    parameters are those of the three linear layers, from input to output. How they are
    initialised is up to you.

    Returns:
        An `nn.Module` (for instance an `nn.Sequential`), in training mode, which maps
        (n, 1, 28, 28) to (n, 10).

    Source:
        D2L 4.6, concise implementation.
    """
    ### BEGIN SOLUTION
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(784, 256),
        nn.ReLU(),
        nn.Dropout(dropout1),
        nn.Linear(256, 256),
        nn.ReLU(),
        nn.Dropout(dropout2),
        nn.Linear(256, 10),
    )
    ### END SOLUTION


def gaussian_noise_layer(X, sigma, is_training=True):
    """Add noise from the normal distribution N(0, sigma^2) to each entry while training.

    Every entry gets a number of its own, and every call draws anew.

    Args:
        X: any shape, the activations (float32 or float64); stays as it is.
        sigma: a number, 0 or more, the standard deviation of the noise.
        is_training: False while predicting: then nothing is added.

    Returns:
        A tensor of X's shape and dtype. `sigma` 0 or `is_training` False gives the values of X
        (X itself will do). Gradients reach X.

    Source:
        D2L 4.6, exercises.
    """
    ### BEGIN SOLUTION
    if not is_training:
        return X
    return X + sigma * torch.randn_like(X)
    ### END SOLUTION
