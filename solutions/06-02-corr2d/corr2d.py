"""Convolutions for images (Dive into Deep Learning, section 6.2).

Write the body of each function where `NotImplementedError` stands now, from top to bottom: the
later ones use the earlier ones. Names, arguments and their order are the book's. Only torch,
numpy and the standard library may be imported.
"""

import torch
from torch import nn


def corr2d(X, K):
    """Compute the two-dimensional cross-correlation of an image with a kernel.

    The kernel slides over the image one cell at a time, never beyond its border, and each output
    is the sum of the products of the kernel with the window below it. The kernel is not flipped:
    this is what deep learning calls a convolution.

    Args:
        X: (n_h, n_w), the image; float32 or float64.
        K: (k_h, k_w), the kernel, no larger than X in either direction; of X's dtype.

    Returns:
        (n_h - k_h + 1, n_w - k_w + 1), of X's dtype; float32 will do for float64 too, as in the
        book. X and K are not changed, and gradients reach both.

    Source:
        D2L 6.2, "The Cross-Correlation Operation".
    """
    ### BEGIN SOLUTION
    h, w = K.shape
    Y = torch.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1), dtype=X.dtype)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y
    ### END SOLUTION


class Conv2D(nn.Module):
    """A convolutional layer for one image and one kernel.

    Once your other tests of this part pass, the grader also trains a layer to find edges, in a
    loop of its own (README.md says how). An error of 0.105 earns all of the 0.5 points, 0.131 or
    more none, evenly between; the reference reached 0.0981 to 0.102.

    Attributes:
        weight: (k_h, k_w), the kernel, an nn.Parameter.
        bias: (1,), added to every output, an nn.Parameter.
    """

    def __init__(self, kernel_size):
        """Make the two parameters: a random weight and a bias of 0.

        Args:
            kernel_size: The pair (k_h, k_w). The book draws the weight with torch.rand; any other
                random start is as good.
        """
        ### BEGIN SOLUTION
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))
        ### END SOLUTION

    def forward(self, x):
        """Cross-correlate with the weight and add the bias.

        Args:
            x: (n_h, n_w), the image.

        Returns:
            (n_h - k_h + 1, n_w - k_w + 1); gradients reach weight, bias and x.

        Source:
            D2L 6.2, "Convolutional Layers".
        """
        ### BEGIN SOLUTION
        return corr2d(x, self.weight) + self.bias
        ### END SOLUTION


def learn_edge_kernel(X, Y, num_steps=10, lr=3e-2):
    """Learn the kernel that turns X into Y by gradient descent.

    The model is a convolution with a kernel of shape (1, 2) and no bias, such as
    nn.Conv2d(1, 1, (1, 2), bias=False), which is allowed here. Its weights start at random
    between -1 and 1. Every step uses the whole image: the loss is the SUM of squared
    differences, and weight becomes weight - lr * gradient.

    Args:
        X: (n_h, n_w), float32, the image.
        Y: (n_h, n_w - 1), float32, what the kernel should make of it.
        num_steps: How many steps to take.
        lr: Learning rate.

    Returns:
        The pair (kernel, losses). kernel: (1, 2), after the last step. losses: list of num_steps
        Python floats, the loss that each step started from (before its update).

    Source:
        D2L 6.2, "Learning a Kernel".
    """
    ### BEGIN SOLUTION
    conv2d = nn.Conv2d(1, 1, kernel_size=(1, 2), bias=False)
    losses = []
    for _ in range(num_steps):
        l = ((conv2d(X[None, None]) - Y) ** 2).sum()
        conv2d.zero_grad()
        l.backward()
        conv2d.weight.data -= lr * conv2d.weight.grad
        losses.append(float(l))
    return conv2d.weight.detach().reshape((1, 2)), losses
    ### END SOLUTION


def diagonal_edges(n=8):
    """Apply the edge detector [[1, -1]] and its transpose to an image with a diagonal line.

    Args:
        n: Size of the image, torch.eye(n); at least 2.

    Returns:
        The pair (across, down): across: (n, n - 1), the image cross-correlated with the kernel
        [[1, -1]] of shape (1, 2); down: (n - 1, n), the same with the transposed kernel (2, 1).

    Source:
        D2L 6.2, "Object Edge Detection in Images" and the first exercise of the section.
    """
    ### BEGIN SOLUTION
    X = torch.eye(n)
    K = torch.tensor([[1.0, -1.0]])
    return corr2d(X, K), corr2d(X, K.T)
    ### END SOLUTION
