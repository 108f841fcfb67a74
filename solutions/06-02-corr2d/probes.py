"""Questions by which the known mistakes of convolutions are told apart."""

import torch

from grader.judge.inputs import one_hot
from grader.judge.probes import example, probe

X34 = torch.tensor([[0.5, 1.0, -2.0, 3.0], [4.0, -1.5, 2.0, 0.25], [1.0, 2.0, 5.0, -3.0]])
X33 = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.5], [-7.0, 8.0, 9.0]])
X56 = torch.arange(30.0).reshape(5, 6) ** 1.5 / 10
K22 = torch.tensor([[1.0, 2.0], [-0.5, 0.25]])
K12 = torch.tensor([[1.0, -1.0]])
K23 = torch.tensor([[1.0, 0.5, 0.25], [2.0, -1.0, 3.0]])

# --- corr2d ---------------------------------------------------------------------------------


@probe("corr2d", (X34, K22), (X33, K22), (X34, K12), (X34, K12.T), (X56, K23), (X56, K23.T))
@probe("corr2d", (X33, torch.tensor([[2.0]])), (X33, X34[:, :3]), (X34, K22 * 0.1))
def of(student, X, K):
    return student.corr2d(X, K)


@probe("corr2d")
def gradients_of_both(student):
    X, K = X34.clone().requires_grad_(), K22.clone().requires_grad_()
    Y = student.corr2d(X, K)
    (Y * torch.arange(1.0, 1.0 + Y.numel()).reshape(Y.shape)).sum().backward()
    return X.grad, K.grad


def images():
    ones = [torch.ones(size) for size in ((1, 1), (2, 2), (2, 3), (3, 3))]
    for X in ones:
        yield X, torch.ones(1, 1)
    for size in ((2, 2), (3, 3), (3, 4)):
        X = torch.arange(1.0, 1.0 + size[0] * size[1]).reshape(size)
        yield from ((X, K) for K in one_hot((1, 2), (2, 1), (2, 2)))
        yield X, torch.ones(2, 2)
        yield X, torch.full((1, 2), 0.5)


@example("corr2d", call="corr2d({}, {})", inputs=images)
def corr2d_of(student, X, K):
    return student.corr2d(X, K)


# --- conv2d_layer ---------------------------------------------------------------------------


@probe("conv2d_layer", (K22, torch.tensor([1.5])), (K12, torch.tensor([0.0])))
@probe("conv2d_layer", (K23, torch.tensor([-0.25])))
def forward(student, weight, bias, driver):
    return driver.layer_with(weight, bias)(X56)


@probe("conv2d_layer")
def starts_as(student, driver):
    found = driver.parameters(student.Conv2D((2, 3)))
    return {
        name: "constant" if name == "weight" and bool((value == value.reshape(-1)[0]).all())
        else tuple(value.shape)
        for name, value in found.items()
    }


@probe("conv2d_layer")
def bias_at_the_start(student):
    return student.Conv2D((2, 2)).bias


@probe("conv2d_layer")
def gradients_of_the_layer(student, driver):
    layer = driver.layer_with(K22, torch.tensor([0.5]))
    (layer(X33) * torch.tensor([[1.0, 2.0], [3.0, 4.0]])).sum().backward()
    return driver.gradients(layer)


# --- learn_edge_kernel ----------------------------------------------------------------------
# The weights start at random, so every fact has to hold whatever they were.

EDGES = torch.ones(6, 8)
EDGES[:, 2:6] = 0
WANTED = EDGES[:, :-1] - EDGES[:, 1:]
LEFT_ONLY = torch.tensor([[1.0, 0.0], [1.0, 0.0]])


@probe("learn_edge_kernel", (10,), (3,), (1,))
def form(student, num_steps):
    kernel, losses = student.learn_edge_kernel(EDGES, WANTED, num_steps, 0.01)
    return tuple(kernel.shape), len(losses), [type(loss).__name__ for loss in losses[:1]]


@probe("learn_edge_kernel", (0.03, 4), (0.1, 3))
def shrinks(student, lr, num_steps):
    """By which factors the losses fall where all goes to one weight: the start cancels out."""
    kernel, losses = student.learn_edge_kernel(LEFT_ONLY, torch.zeros(2, 1), num_steps, lr)
    losses = [float(loss) for loss in losses]
    last = 2 * float(kernel.detach().reshape(-1)[0]) ** 2
    return [loss / losses[0] for loss in losses], last / losses[-1]


@probe("learn_edge_kernel", (0.05, 4))
def blank(student, lr, num_steps):
    """Where the image is blank, only a bias could learn."""
    _, losses = student.learn_edge_kernel(torch.zeros(2, 3), torch.ones(2, 2), num_steps, lr)
    return [float(loss) / float(losses[0]) for loss in losses]


@probe("learn_edge_kernel")
def reaches(student):
    kernel, _ = student.learn_edge_kernel(EDGES, WANTED, 100, 0.02)
    near = (kernel.detach().reshape(-1) - torch.tensor([1.0, -1.0])).abs() < 0.02
    return near.tolist()


# --- diagonal_edges -------------------------------------------------------------------------


@probe("diagonal_edges", (2,), (3,), (8,))
def edges(student, n):
    return student.diagonal_edges(n)


@probe("diagonal_edges")
def default(student):
    return student.diagonal_edges()


@example("diagonal_edges", call="diagonal_edges({})", inputs=lambda: ((n,) for n in (2, 3, 8)))
def edges_of(student, n):
    return student.diagonal_edges(n)
