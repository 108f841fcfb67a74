"""Known mistakes of convolutions for images."""

import torch
from torch import nn
from torch.nn import functional as F

from grader.course.catalogue import mistake

# --- corr2d ---------------------------------------------------------------------------------


def slide(X, K, combine=lambda window, K: (window * K).sum()):
    """Put what `combine` makes of each window at the window's place."""
    h, w = K.shape
    rows = range(X.shape[0] - h + 1)
    columns = range(X.shape[1] - w + 1)
    return torch.stack(
        [torch.stack([combine(X[i : i + h, j : j + w], K) for j in columns]) for i in rows]
    )


@mistake(
    task="corr2d",
    label="flips the kernel: this is true convolution, not cross-correlation",
    hint="The top left cell of the kernel meets the top left cell of the window.",
)
def flipped(X, K):
    return slide(X, K.flip(0, 1))


@mistake(
    task="corr2d",
    label="transposes the kernel",
    hint="Rows of the kernel belong to rows of the image.",
)
def k_transposed(X, K):
    return slide(X, K.T)


@mistake(
    task="corr2d",
    label="makes the output one row and one column too small (h - k instead of h - k + 1)",
    hint="In how many places does a kernel of width 2 fit into an image of width 3?",
)
def off_by_one(X, K):
    return slide(X, K)[:-1, :-1]


@mistake(
    task="corr2d",
    label="leaves out the last row of the output",
    hint="In how many places does a kernel of height 2 fit into an image of height 3?",
)
def off_by_one_rows(X, K):
    return slide(X, K)[:-1]


@mistake(
    task="corr2d",
    label="leaves out the last column of the output",
    hint="In how many places does a kernel of width 2 fit into an image of width 3?",
)
def off_by_one_cols(X, K):
    return slide(X, K)[:, :-1]


@mistake(
    task="corr2d",
    label="adds a border of zeros, so that the output has the size of the input",
    hint="Padding is the subject of the next section. Here the kernel stays inside the image.",
)
def same_padding(X, K):
    h, w = K.shape
    return slide(F.pad(X, (w // 2, (w - 1) // 2, h // 2, (h - 1) // 2)), K)


@mistake(
    task="corr2d",
    label="takes the mean of the products in the window instead of their sum",
    hint="Try a kernel of ones on an image of ones.",
)
def mean(X, K):
    return slide(X, K, lambda window, K: (window * K).mean())


@mistake(
    task="corr2d",
    label="takes the maximum of the products in the window (pooling) instead of their sum",
    hint="Try a kernel of ones on an image of ones.",
)
def maximum(X, K):
    return slide(X, K, lambda window, K: (window * K).max())


@mistake(
    task="corr2d",
    label="exchanges height and width of the kernel",
    hint="K.shape gives the number of rows first.",
)
def swap_hw(X, K):
    w, h = K.shape
    Y = torch.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1), dtype=X.dtype)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


@mistake(
    task="corr2d",
    label="jumps from window to window by the size of the kernel, so that none overlap",
    hint="The kernel moves on by one cell at a time.",
)
def strided(X, K):
    h, w = K.shape
    return slide(X, K)[::h, ::w]


@mistake(
    task="corr2d",
    label="gives the output the shape of the input and leaves the border cells 0",
    hint="In how many places does the kernel fit? There is one output for each.",
)
def full_out(X, K):
    Y = torch.zeros_like(X)
    inner = slide(X, K)
    Y[: inner.shape[0], : inner.shape[1]] = inner
    return Y


@mistake(
    task="corr2d",
    label="flips the rows of the kernel",
    hint="The top row of the kernel meets the top row of the window.",
)
def flip_rows(X, K):
    return slide(X, K.flip(0))


@mistake(
    task="corr2d",
    label="uses the matrix product of window and kernel instead of the element-wise product",
    hint="Each cell of the window is multiplied by the one cell of the kernel that lies on it.",
)
def matmul(X, K):
    return slide(X, K, lambda window, K: (window @ K).sum())


@mistake(
    task="corr2d",
    label="cuts the results off to integers",
    hint="Which dtype has the tensor that takes the results?",
)
def int_trunc(X, K):
    return slide(X, K).long().to(X.dtype)


@mistake(
    task="corr2d",
    label="returns the transposed output",
    hint="The row index of the output runs down the image.",
)
def transposed_out(X, K):
    return slide(X, K).T


@mistake(
    task="corr2d",
    label="cuts the gradient, by .item(), .data or numpy, so that a kernel cannot be learned",
    hint="Assign the sum itself, as a tensor.",
)
def no_gradient(X, K):
    return slide(X.detach(), K.detach())


@mistake(
    task="corr2d",
    label="changes the image while sliding over it",
    hint="window *= K writes into X, because a slice shares its memory.",
)
def in_place(X, K):
    Y = slide(X, K).clone()
    with torch.no_grad():
        X[: K.shape[0], : K.shape[1]] *= K
    return Y


# --- Conv2D ---------------------------------------------------------------------------------


@mistake(
    task="conv2d_layer",
    label="does not add the bias",
    hint="The layer has two parameters, and both take part.",
)
class no_bias(Conv2D):
    def forward(self, x):
        return corr2d(x, self.weight)


@mistake(
    task="conv2d_layer",
    label="keeps plain tensors instead of nn.Parameter, so that no optimizer finds them",
    hint="What does layer.parameters() list?",
)
class plain_tensors(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = torch.rand(kernel_size, requires_grad=True)
        self.bias = torch.zeros(1, requires_grad=True)

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias


@mistake(
    task="conv2d_layer",
    label="uses weight.data, so that the weight gets no gradient",
    hint="self.weight itself belongs to the graph; .data does not.",
)
class data_of_weight(Conv2D):
    def forward(self, x):
        return corr2d(x, self.weight.data) + self.bias


@mistake(
    task="conv2d_layer",
    label="starts from a weight that is the same everywhere",
    hint="A random start is asked for.",
)
class constant_weight(Conv2D):
    def __init__(self, kernel_size):
        super().__init__(kernel_size)
        self.weight = nn.Parameter(torch.ones(kernel_size))


@mistake(
    task="conv2d_layer",
    label="starts from a random bias instead of 0",
    hint="Only the weight is random.",
)
class random_bias(Conv2D):
    def __init__(self, kernel_size):
        super().__init__(kernel_size)
        self.bias = nn.Parameter(1 + torch.rand(1))


@mistake(
    task="conv2d_layer",
    label="draws a new weight at each call instead of once",
    hint="What is made in forward is forgotten after the call.",
)
class fresh_weight(Conv2D):
    def forward(self, x):
        return corr2d(x, torch.rand(self.weight.shape)) + self.bias


@mistake(
    task="conv2d_layer",
    label="subtracts the bias",
    hint="Which sign has the bias in the definition?",
)
class minus_bias(Conv2D):
    def forward(self, x):
        return corr2d(x, self.weight) - self.bias


# --- learn_edge_kernel ----------------------------------------------------------------------


def descend(X, Y, num_steps, lr, *, clear=True, reduce=torch.sum, sign=-1, bias=False, after=False):
    """Learn like the reference, except for what the keywords say."""
    conv2d = nn.Conv2d(1, 1, kernel_size=(1, 2), bias=bias)
    losses = []
    for _ in range(num_steps):
        l = reduce((conv2d(X[None, None])[0, 0] - Y) ** 2)
        if clear:
            conv2d.zero_grad()
        l.backward()
        for param in conv2d.parameters():
            param.data += sign * lr * param.grad
        if after:
            l = reduce((conv2d(X[None, None])[0, 0] - Y) ** 2)
        losses.append(float(l))
    return conv2d.weight.detach().reshape((1, 2)), losses


@mistake(
    task="learn_edge_kernel",
    label="never clears the gradient, so that the steps add up",
    hint="backward() adds to the gradient that is there.",
)
def no_zero_grad(X, Y, num_steps=10, lr=3e-2):
    return descend(X, Y, num_steps, lr, clear=False)


@mistake(
    task="learn_edge_kernel",
    label="uses the mean of the squared differences, which makes the steps much too short",
    hint="The loss is a sum here.",
)
def mean_loss(X, Y, num_steps=10, lr=3e-2):
    return descend(X, Y, num_steps, lr, reduce=torch.mean)


@mistake(
    task="learn_edge_kernel",
    label="moves along the gradient instead of against it, so that the loss grows",
    hint="Does the loss grow or shrink in the direction of its gradient?",
)
def uphill(X, Y, num_steps=10, lr=3e-2):
    return descend(X, Y, num_steps, lr, sign=1)


@mistake(
    task="learn_edge_kernel",
    label="learns a bias too",
    hint="nn.Conv2d has a bias unless you say otherwise.",
)
def with_bias(X, Y, num_steps=10, lr=3e-2):
    return descend(X, Y, num_steps, lr, bias=True)


@mistake(
    task="learn_edge_kernel",
    label="records the losses after the updates instead of before",
    hint="The first loss is the one of the random start.",
)
def losses_after(X, Y, num_steps=10, lr=3e-2):
    return descend(X, Y, num_steps, lr, after=True)


@mistake(
    task="learn_edge_kernel",
    label="always takes ten steps, whatever num_steps says",
    hint="num_steps says how often the loop runs.",
)
def always_ten(X, Y, num_steps=10, lr=3e-2):
    return descend(X, Y, 10, lr)


@mistake(
    task="learn_edge_kernel",
    label="always uses the rate 0.03, whatever lr says",
    hint="lr is an argument.",
)
def fixed_rate(X, Y, num_steps=10, lr=3e-2):
    return descend(X, Y, num_steps, 3e-2)


@mistake(
    task="learn_edge_kernel",
    label="returns the kernel in nn.Conv2d's shape (1, 1, 1, 2)",
    hint="The docstring asks for two dimensions.",
)
def four_dimensions(X, Y, num_steps=10, lr=3e-2):
    kernel, losses = descend(X, Y, num_steps, lr)
    return kernel.reshape(1, 1, 1, 2), losses


@mistake(
    task="learn_edge_kernel",
    label="keeps the losses as tensors instead of Python floats",
    hint="float(...) or .item() turns a tensor with one element into a number.",
)
def tensor_losses(X, Y, num_steps=10, lr=3e-2):
    kernel, losses = descend(X, Y, num_steps, lr)
    return kernel, [torch.tensor(loss) for loss in losses]


# --- diagonal_edges -------------------------------------------------------------------------


@mistake(
    task="diagonal_edges",
    label="applies the same kernel twice, without transposing it",
    hint="The second kernel has two rows and one column.",
)
def not_transposed(n=8):
    Y = corr2d(torch.eye(n), torch.tensor([[1.0, -1.0]]))
    return Y, Y


@mistake(
    task="diagonal_edges",
    label="exchanges the two results",
    hint="The first result has one column less than the image, the second one row less.",
)
def exchanged(n=8):
    X, K = torch.eye(n), torch.tensor([[1.0, -1.0]])
    return corr2d(X, K.T), corr2d(X, K)


@mistake(
    task="diagonal_edges",
    label="has the signs of the kernel the wrong way round",
    hint="The kernel is [[1, -1]], in this order.",
)
def opposite_signs(n=8):
    X, K = torch.eye(n), torch.tensor([[-1.0, 1.0]])
    return corr2d(X, K), corr2d(X, K.T)


@mistake(
    task="diagonal_edges",
    label="always uses an image of size 8, whatever n says",
    hint="n is the size of the image.",
)
def always_eight(n=8):
    X, K = torch.eye(8), torch.tensor([[1.0, -1.0]])
    return corr2d(X, K), corr2d(X, K.T)


@mistake(
    task="diagonal_edges",
    label="uses an image of ones, which has no edge at all",
    hint="The image has ones on its diagonal only.",
)
def image_of_ones(n=8):
    X, K = torch.ones(n, n), torch.tensor([[1.0, -1.0]])
    return corr2d(X, K), corr2d(X, K.T)
