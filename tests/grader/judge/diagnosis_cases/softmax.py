"""Answers to softmax regression that diagnosis has not seen: see test_diagnosis_cases.py."""

import math

import numpy as np
import torch

from grader.course.catalogue import mistake

# --- single mistakes, written in other styles


@mistake(task="softmax", label="column sums by loop", hint="single: dim0")
def a1(X):
    Y = torch.zeros_like(X)
    for j in range(X.shape[1]):
        column = [math.exp(float(v)) for v in X[:, j]]
        for i, e in enumerate(column):
            Y[i, j] = e / sum(column)
    return Y


@mistake(task="softmax", label="torch.softmax over axis 0", hint="single: dim0")
def a2(X):
    return torch.softmax(X, 0)


@mistake(task="softmax", label="flattened before softmax", hint="single: dim_all")
def a3(X):
    return torch.softmax(X.reshape(-1), 0).reshape(X.shape)


@mistake(task="softmax", label="exponentials by numpy power", hint="single: base2")
def a4(X):
    E = torch.pow(torch.tensor(2.0, dtype=X.dtype), X)
    return E / torch.einsum("ij->i", E)[:, None]


@mistake(task="softmax", label="logistic function spelt out", hint="single: sigmoid")
def a5(X):
    return 1 / (1 + torch.exp(-X))


@mistake(task="softmax", label="log of the right result", hint="single: log_softmax")
def a6(X):
    return torch.log_softmax(X, -1)


@mistake(task="softmax", label="softmin", hint="single: negated")
def a7(X):
    E = torch.exp(X) ** -1
    return E / E.sum(1, keepdim=True)


@mistake(task="softmax", label="largest entry by comparison", hint="single: hardmax")
def a8(X):
    Y = torch.zeros_like(X)
    for i, row in enumerate(X):
        Y[i, int(row.argmax())] = 1
    return Y


@mistake(task="softmax", label="torch.softmax twice", hint="single: twice")
def a9(X):
    return torch.softmax(torch.softmax(X, 1), 1)


@mistake(task="softmax", label="normalize with p=2", hint="single: norm_l2")
def a10(X):
    return torch.nn.functional.normalize(X.exp(), p=2, dim=1)


@mistake(task="softmax", label="divided by the mean of the row", hint="single: norm_mean")
def a11(X):
    return torch.stack([row.exp() / (row.exp().sum() / len(row)) for row in X])


@mistake(task="softmax", label="logits over their sum", hint="single: no_exp")
def a12(X):
    return torch.stack([row / row.sum() for row in X])


@mistake(task="softmax", label="sum without keepdim, by einsum", hint="single: no_keepdim")
def a13(X):
    E = X.exp()
    return E / torch.einsum("ij->i", E)


@mistake(task="softmax", label="result by numpy", hint="single: no_gradient")
def a14(X):
    E = np.exp(X.detach().numpy())
    return torch.from_numpy(E / E.sum(1, keepdims=True))


@mistake(task="softmax", label="exp_ on the data of X", hint="single: in_place")
def a15(X):
    E = X.data
    E.exp_()
    return E / E.sum(-1, keepdim=True)


@mistake(task="softmax_params", label="randn without a factor", hint="single: wide_weights")
def p1():
    W = torch.empty(784, 10).normal_()
    return W.requires_grad_(True), torch.zeros(10, requires_grad=True)


@mistake(task="softmax_params", label="shape of nn.Linear", hint="single: transposed_weights")
def p2():
    W = (0.01 * torch.randn(10, 784)).requires_grad_()
    return W, torch.zeros((10,), requires_grad=True)


@mistake(task="softmax_params", label="zeros for both", hint="single: zero_weights")
def p3():
    return [torch.zeros(s, requires_grad=True) for s in ((784, 10), (10,))]


@mistake(task="softmax_params", label="multiplied afterwards", hint="single: not_a_leaf")
def p4():
    W = torch.randn((784, 10), requires_grad=True)
    return W / 100, torch.zeros(10).requires_grad_()


@mistake(task="softmax_net", replaces="net", label="matmul only", hint="single: no_bias")
def n1(X):
    return torch.softmax(X.flatten(1).reshape(-1, 784) @ W, 1)


@mistake(task="softmax_net", replaces="net", label="affine only", hint="single: logits_only")
def n2(X):
    return torch.addmm(b, X.reshape(-1, 784), W)


@mistake(task="select_by_index", label="gather over all labels", hint="single: whole_columns")
def s1(y_hat, y):
    return torch.index_select(y_hat, 1, y)


@mistake(task="select_by_index", label="amax", hint="single: largest_entry")
def s2(y_hat, y):
    return torch.amax(y_hat, dim=1)


@mistake(task="select_by_index", label="index_select on rows", hint="single: whole_rows")
def s3(y_hat, y):
    return torch.index_select(y_hat, 0, y)


@mistake(task="cross_entropy", label="log_loss without sign", hint="single: no_minus")
def c1(y_hat, y):
    return y_hat.log().gather(1, y[:, None]).squeeze(1)


@mistake(task="cross_entropy", label="nll_loss with mean", hint="single: mean_loss")
def c2(y_hat, y):
    return torch.nn.functional.nll_loss(y_hat.log(), y)


@mistake(task="cross_entropy", label="nll_loss with sum", hint="single: sum_loss")
def c3(y_hat, y):
    return torch.nn.functional.nll_loss(torch.log(y_hat), y, reduction="sum")


@mistake(
    task="cross_entropy", label="CrossEntropyLoss on probabilities", hint="single: softmax_again"
)
def c4(y_hat, y):
    Z = torch.log_softmax(y_hat, 1)
    return torch.stack([-Z[i, int(k)] for i, k in enumerate(y)])


@mistake(task="cross_entropy", label="log over log 2", hint="single: base2_log")
def c5(y_hat, y):
    return -(y_hat[range(len(y)), y].log() / math.log(2))


@mistake(task="accuracy", label="mean of hits", hint="single: fraction")
def y1(y_hat, y):
    if y_hat.dim() == 2 and y_hat.shape[1] > 1:
        y_hat = y_hat.max(1).indices
    return (y_hat == y).double().mean().item()


@mistake(task="accuracy", label="sum left as a tensor", hint="single: tensor_count")
def y2(y_hat, y):
    guess = torch.argmax(y_hat, 1) if y_hat.ndim > 1 and y_hat.shape[1] > 1 else y_hat
    return torch.sum(guess == y)


@mistake(task="accuracy", label="counts misses", hint="single: counts_errors")
def y3(y_hat, y):
    guess = torch.argmax(y_hat, 1) if y_hat.ndim > 1 and y_hat.shape[1] > 1 else y_hat
    return float(len(y) - int((guess == y).sum()))


@mistake(
    task="accumulator", replaces="Accumulator", label="assignment in add", hint="single: overwrites"
)
class u1:
    def __init__(self, n):
        self.sums = [0.0 for _ in range(n)]

    def add(self, *args):
        for i, arg in enumerate(args):
            self.sums[i] = float(arg)

    def reset(self):
        self.sums = [0.0 for _ in self.sums]

    def __getitem__(self, i):
        return self.sums[i]


@mistake(
    task="accumulator", replaces="Accumulator", label="reset that returns", hint="single: no_reset"
)
class u2:
    def __init__(self, n):
        self.d = {i: 0.0 for i in range(n)}

    def add(self, *args):
        for i, arg in enumerate(args):
            self.d[i] += float(arg)

    def reset(self):
        return

    def __getitem__(self, i):
        return self.d[i]


@mistake(
    task="accumulator",
    replaces="Accumulator",
    label="a class attribute",
    hint="single: shared_sums",
)
class u3:
    totals = [0.0] * 50

    def __init__(self, n):
        self.n = n

    def add(self, *args):
        for i, arg in enumerate(args):
            self.totals[i] += float(arg)

    def reset(self):
        self.totals = [0.0] * self.n

    def __getitem__(self, i):
        return self.totals[i]


@mistake(
    task="evaluate_accuracy", label="statistics.mean of batches", hint="single: mean_of_batches"
)
def e1(net, data_iter):
    if hasattr(net, "eval"):
        net.eval()
    rates = []
    with torch.no_grad():
        for X, y in data_iter:
            rates.append(float((net(X).argmax(1) == y).float().mean()))
    return sum(rates) / len(rates)


@mistake(task="evaluate_accuracy", label="without no_grad", hint="single: with_gradients")
def e2(net, data_iter):
    if hasattr(net, "eval"):
        net.eval()
    hits = total = 0
    for X, y in data_iter:
        hits += int((net(X).argmax(1) == y).sum())
        total += len(y)
    return hits / total


@mistake(task="updater", label="gradient ascent", hint="single: uphill")
def v1(batch_size):
    for p in (W, b):
        p.data.add_(p.grad, alpha=lr / batch_size)
        p.grad = None


@mistake(task="updater", label="whole gradient", hint="single: no_division")
def v2(batch_size):
    for p in (W, b):
        p.data.sub_(lr * p.grad)
        p.grad.zero_()


@mistake(task="updater", label="gradients stay", hint="single: keeps_gradients")
def v3(batch_size):
    with torch.no_grad():
        W.sub_(lr * W.grad / batch_size)
        b.sub_(lr * b.grad / batch_size)


@mistake(task="train_ch3", label="range from zero", hint="single: from_zero")
def t1(net, train_iter, test_iter, loss, num_epochs, updater):
    animator = Animator()
    epoch = 0
    while epoch < num_epochs:
        train_loss, train_acc = train_epoch_ch3(net, train_iter, loss, updater)
        test_acc = evaluate_accuracy(net, test_iter)
        animator.add(epoch, (train_loss, train_acc, test_acc))
        epoch += 1
    assert train_loss < 0.5 and 0.7 < train_acc <= 1 and 0.7 < test_acc <= 1


# --- two mistakes at once


@mistake(task="softmax", label="base 2 over columns", hint="double: base2, dim0")
def d1(X):
    E = 2**X
    return E / E.sum(0)


@mistake(task="softmax", label="negated and not divided", hint="double: negated, no_normalise")
def d2(X):
    return torch.exp(-X)


@mistake(task="softmax", label="columns and in place", hint="double: dim0, in_place")
def d3(X):
    E = X.detach().exp_()
    return E / E.sum(0)


@mistake(task="cross_entropy", label="no minus and mean", hint="double: no_minus, mean_loss")
def d4(y_hat, y):
    return y_hat[range(len(y)), y].log().mean()


@mistake(task="accuracy", label="errors as a fraction", hint="double: counts_errors, fraction")
def d5(y_hat, y):
    if y_hat.dim() == 2 and y_hat.shape[1] > 1:
        y_hat = y_hat.argmax(1)
    return float((y_hat != y).float().mean())


@mistake(task="updater", label="uphill and not divided", hint="double: uphill, no_division")
def d6(batch_size):
    with torch.no_grad():
        for p in (W, b):
            p += lr * p.grad
            p.grad.zero_()


# --- mistakes that nobody has listed


@mistake(task="softmax", label="exp of half the logits", hint="unknown")
def x1(X):
    return torch.softmax(X / 2, 1)


@mistake(task="softmax", label="square in place of exp", hint="unknown")
def x2(X):
    return X**2 / (X**2).sum(1, keepdim=True)


@mistake(task="softmax", label="one added to the sum", hint="unknown")
def x3(X):
    E = X.exp()
    return E / (E.sum(1, keepdim=True) + 1)


@mistake(task="softmax", label="sorted rows", hint="unknown")
def x4(X):
    return torch.softmax(X.sort(1).values, 1)


@mistake(task="softmax", label="cumulative", hint="unknown")
def x5(X):
    return torch.softmax(X, 1).cumsum(1)


@mistake(task="cross_entropy", label="squared error", hint="unknown")
def x6(y_hat, y):
    return (1 - y_hat[range(len(y)), y]) ** 2


@mistake(task="cross_entropy", label="entropy of the prediction", hint="unknown")
def x7(y_hat, y):
    return -(y_hat * y_hat.log()).sum(1)


@mistake(task="accuracy", label="argmin", hint="unknown")
def x8(y_hat, y):
    if y_hat.dim() == 2 and y_hat.shape[1] > 1:
        y_hat = y_hat.argmin(1)
    return float((y_hat == y).sum())


@mistake(task="updater", label="momentum", hint="unknown")
def x9(batch_size):
    with torch.no_grad():
        for p in (W, b):
            p -= 0.9 * lr * p.grad / batch_size
            p.grad.zero_()


@mistake(task="accumulator", replaces="Accumulator", label="products", hint="unknown")
class x10(Accumulator):
    def add(self, *args):
        self.data = [(a or 1.0) * float(v) for a, v in zip(self.data, args)]


# --- right answers in other styles


@mistake(task="softmax", label="maximum subtracted", hint="right")
def r1(X):
    E = (X - X.amax(1, keepdim=True)).exp()
    return E / E.sum(1, keepdim=True)


@mistake(task="softmax", label="row by row in lists", hint="right")
def r2(X):
    return torch.stack([row.exp() / row.exp().sum() for row in X])


@mistake(task="cross_entropy", label="gather", hint="right")
def r3(y_hat, y):
    return -y_hat.gather(1, y.unsqueeze(1)).squeeze(1).log()


@mistake(task="softmax_params", label="normal_ and requires_grad_", hint="right")
def r4():
    return torch.zeros(784, 10).normal_(0, 0.01).requires_grad_(), torch.zeros(10).requires_grad_()


# --- answers out of nowhere


@mistake(task="softmax", label="random numbers", hint="random")
def z1(X):
    return torch.rand(X.shape)


@mistake(task="cross_entropy", label="random losses", hint="random")
def z2(y_hat, y):
    return torch.rand(len(y))


@mistake(task="accuracy", label="a random count", hint="random")
def z3(y_hat, y):
    return float(torch.randint(0, 100, ()))


@mistake(task="softmax", label="None", hint="random")
def z4(X):
    return None


@mistake(task="softmax", label="an exception", hint="random")
def z5(X):
    raise ValueError("no idea")
