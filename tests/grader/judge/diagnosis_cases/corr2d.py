"""Answers to convolutions that diagnosis has not seen: see test_diagnosis_cases.py."""

import torch
from torch import nn
from torch.nn import functional as F

from grader.course.catalogue import mistake


def conv(X, K):
    return F.conv2d(X[None, None], K[None, None])[0, 0]


@mistake(task="corr2d", label="conv2d with a rotated kernel", hint="single: flipped")
def a1(X, K):
    return conv(X, torch.rot90(K, 2))


@mistake(task="corr2d", label="flipud", hint="single: flip_rows")
def a2(X, K):
    return conv(X, torch.flipud(K))


@mistake(task="corr2d", label="kernel.T in unfold", hint="single: k_transposed")
def a3(X, K):
    K = K.t().contiguous()
    patches = F.unfold(X[None, None], K.shape)
    size = (X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1)
    return (K.reshape(1, -1) @ patches[0]).reshape(size)


@mistake(task="corr2d", label="loops one short", hint="single: off_by_one")
def a4(X, K):
    h, w = K.shape
    Y = torch.zeros(X.shape[0] - h, X.shape[1] - w)
    for i in range(X.shape[0] - h):
        for j in range(X.shape[1] - w):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


@mistake(task="corr2d", label="mean by division", hint="single: mean")
def a5(X, K):
    return conv(X, K) / K.numel()


@mistake(task="corr2d", label="stride of the kernel", hint="single: strided")
def a6(X, K):
    return F.conv2d(X[None, None], K[None, None], stride=tuple(K.shape))[0, 0]


@mistake(task="corr2d", label="written into zeros_like(X)", hint="single: full_out")
def a7(X, K):
    Y = torch.zeros_like(X)
    h, w = K.shape
    for i in range(X.shape[0] - h + 1):
        for j in range(X.shape[1] - w + 1):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


@mistake(task="corr2d", label="Y[j, i]", hint="single: transposed_out")
def a8(X, K):
    h, w = K.shape
    Y = torch.zeros(X.shape[1] - w + 1, X.shape[0] - h + 1)
    for i in range(X.shape[0] - h + 1):
        for j in range(X.shape[1] - w + 1):
            Y[j, i] = (X[i : i + h, j : j + w] * K).sum()
    return Y


@mistake(task="corr2d", label="float() of each sum", hint="single: no_gradient")
def a9(X, K):
    h, w = K.shape
    rows = range(X.shape[0] - h + 1)
    columns = range(X.shape[1] - w + 1)
    return torch.tensor(
        [[float((X[i : i + h, j : j + w] * K).sum()) for j in columns] for i in rows], dtype=X.dtype
    )


@mistake(task="corr2d", label="amax of products", hint="single: maximum")
def a10(X, K):
    windows = X.unfold(0, K.shape[0], 1).unfold(1, K.shape[1], 1)
    return (windows * K).amax((-1, -2))


@mistake(task="corr2d", label="last column lost", hint="single: off_by_one_cols")
def a11(X, K):
    return conv(X, K)[..., :-1]


@mistake(task="conv2d_layer", replaces="Conv2D", label="bias forgotten", hint="single: no_bias")
class l1(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(*kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return conv(x, self.weight)


@mistake(
    task="conv2d_layer", replaces="Conv2D", label="detached weight", hint="single: data_of_weight"
)
class l2(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(*kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return conv(x, self.weight.detach()) + self.bias


@mistake(
    task="conv2d_layer",
    replaces="Conv2D",
    label="ones at the start",
    hint="single: constant_weight",
)
class l3(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.full(tuple(kernel_size), 0.5))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return conv(x, self.weight) + self.bias


def learn(X, Y, steps, lr, gradient=lambda g, n: g, loss=lambda d: (d**2).sum()):
    w = (torch.rand(1, 2) * 2 - 1).requires_grad_()
    losses = []
    for n in range(steps):
        l = loss(conv(X, w) - Y)
        (g,) = torch.autograd.grad(l, w)
        with torch.no_grad():
            w -= lr * gradient(g, n)
        losses.append(float(l))
    return w.detach(), losses


@mistake(task="learn_edge_kernel", label="by hand, with the mean", hint="single: mean_loss")
def e1(X, Y, num_steps=10, lr=3e-2):
    return learn(X, Y, num_steps, lr, loss=lambda d: (d**2).mean())


@mistake(task="learn_edge_kernel", label="by hand, uphill", hint="single: uphill")
def e2(X, Y, num_steps=10, lr=3e-2):
    return learn(X, Y, num_steps, -lr)


@mistake(task="learn_edge_kernel", label="by hand, gradients added up", hint="single: no_zero_grad")
def e3(X, Y, num_steps=10, lr=3e-2):
    total = torch.zeros(1, 2)

    def gradient(g, n):
        total.add_(g)
        return total

    return learn(X, Y, num_steps, lr, gradient)


@mistake(task="learn_edge_kernel", label="by hand, rate fixed", hint="single: fixed_rate")
def e4(X, Y, num_steps=10, lr=3e-2):
    return learn(X, Y, num_steps, 0.03)


@mistake(task="learn_edge_kernel", label="by hand, ten steps", hint="single: always_ten")
def e5(X, Y, num_steps=10, lr=3e-2):
    return learn(X, Y, 10, lr)


@mistake(task="diagonal_edges", label="swapped by name", hint="single: exchanged")
def g1(n=8):
    X = torch.eye(n)
    down = X[:, :-1] - X[:, 1:]
    across = X[:-1] - X[1:]
    return across, down


@mistake(task="diagonal_edges", label="differences the other way", hint="single: opposite_signs")
def g2(n=8):
    X = torch.eye(n)
    return X[:, 1:] - X[:, :-1], X[1:] - X[:-1]


@mistake(task="corr2d", label="flipped and mean", hint="double: flipped, mean")
def d1(X, K):
    return conv(X, K.flip(0, 1)) / K.numel()


@mistake(task="corr2d", label="transposed twice", hint="double: k_transposed, transposed_out")
def d2(X, K):
    return conv(X, K.T).T


@mistake(task="learn_edge_kernel", label="uphill with the mean", hint="double: uphill, mean_loss")
def d3(X, Y, num_steps=10, lr=3e-2):
    return learn(X, Y, num_steps, -lr, loss=lambda d: (d**2).mean())


@mistake(task="corr2d", label="minimum", hint="unknown")
def x1(X, K):
    windows = X.unfold(0, K.shape[0], 1).unfold(1, K.shape[1], 1)
    return (windows * K).amin((-1, -2))


@mistake(task="corr2d", label="squared products", hint="unknown")
def x2(X, K):
    windows = X.unfold(0, K.shape[0], 1).unfold(1, K.shape[1], 1)
    return ((windows * K) ** 2).sum((-1, -2))


@mistake(task="corr2d", label="columns flipped", hint="unknown")
def x3(X, K):
    return conv(X, K.flip(1))


@mistake(task="corr2d", label="first row lost", hint="unknown")
def x4(X, K):
    return conv(X, K)[1:]


@mistake(task="learn_edge_kernel", label="with momentum", hint="unknown")
def x5(X, Y, num_steps=10, lr=3e-2):
    velocity = torch.zeros(1, 2)

    def gradient(g, n):
        velocity.mul_(0.5).add_(g)
        return velocity

    return learn(X, Y, num_steps, lr, gradient)


@mistake(task="learn_edge_kernel", label="half the gradient", hint="unknown")
def x6(X, Y, num_steps=10, lr=3e-2):
    return learn(X, Y, num_steps, lr / 4)


@mistake(task="learn_edge_kernel", label="absolute differences", hint="unknown")
def x7(X, Y, num_steps=10, lr=3e-2):
    return learn(X, Y, num_steps, lr, loss=lambda d: d.abs().sum())


@mistake(task="conv2d_layer", replaces="Conv2D", label="bias doubled", hint="unknown")
class x8(Conv2D):
    def forward(self, x):
        return corr2d(x, self.weight) + 2 * self.bias


@mistake(task="corr2d", label="unfolded views", hint="right")
def r1(X, K):
    windows = X.unfold(0, K.shape[0], 1).unfold(1, K.shape[1], 1)
    return torch.einsum("ijkl,kl->ij", windows, K)


@mistake(task="learn_edge_kernel", label="by hand, right", hint="right")
def r2(X, Y, num_steps=10, lr=3e-2):
    return learn(X, Y, num_steps, lr)


@mistake(task="corr2d", label="random numbers", hint="random")
def z1(X, K):
    return torch.rand(X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1)


@mistake(task="learn_edge_kernel", label="random kernel", hint="random")
def z2(X, Y, num_steps=10, lr=3e-2):
    return torch.rand(1, 2), [float(torch.rand(())) for _ in range(num_steps)]


@mistake(task="corr2d", label="zeros", hint="random")
def z3(X, K):
    return torch.zeros(X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1)
