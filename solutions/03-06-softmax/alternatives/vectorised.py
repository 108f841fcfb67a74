"""Short forms: einsum, gather, losses of torch.nn, torch's SGD, numpy sums."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

lr = 0.1
TEXT_LABELS = "t-shirt,trouser,pullover,dress,coat,sandal,shirt,sneaker,bag,ankle boot".split(",")
W = b = None


def softmax(X):
    return torch.exp(X - torch.logsumexp(X, dim=-1, keepdim=True))


def softmax_params():
    W = nn.Parameter(torch.empty(784, 10))
    nn.init.normal_(W, std=0.01)
    return [W, nn.Parameter(torch.zeros(10))]


def net(X):
    return softmax(torch.einsum("ni,io->no", X.flatten(1), W) + b[None])


def select_by_index(y_hat, y):
    return torch.gather(y_hat, 1, y.unsqueeze(1)).squeeze(1)


def cross_entropy(y_hat, y):
    return F.nll_loss(torch.log(y_hat), y, reduction="none")


def accuracy(y_hat, y):
    if y_hat.shape != y.shape:
        y_hat = torch.max(y_hat, dim=-1).indices
    return torch.eq(y_hat, y).sum().float().item()


class Accumulator:
    def __init__(self, n):
        self.sums = np.zeros(n)

    def add(self, *values):
        self.sums += [float(value) for value in values]

    def reset(self):
        self.sums[:] = 0

    def __getitem__(self, i):
        return self.sums[i]


@torch.inference_mode()
def evaluate_accuracy(net, data_iter):
    was_training = isinstance(net, nn.Module) and net.training
    if was_training:
        net.train(False)
    pairs = [(accuracy(net(X), y), len(y)) for X, y in data_iter]
    if was_training:
        net.train()
    hits, counts = zip(*pairs)
    return sum(hits) / sum(counts)


def train_epoch_ch3(net, train_iter, loss, updater):
    if hasattr(net, "train"):
        net.train()
    sums = Accumulator(3)
    for X, y in train_iter:
        y_hat = net(X)
        losses = loss(y_hat, y)
        if hasattr(updater, "step"):
            losses.sum().div(len(y)).backward()
            updater.step()
            updater.zero_grad()
        else:
            losses.backward(torch.ones_like(losses))
            updater(len(y))
        sums.add(losses.detach().sum(), accuracy(y_hat, y), len(y))
    return sums[0] / sums[2], sums[1] / sums[2]


def updater(batch_size):
    optimizer = torch.optim.SGD([W, b], lr=lr / batch_size)
    optimizer.step()
    optimizer.zero_grad()


class Animator:
    def __init__(self, *args, **kwargs):
        self.points = None

    def add(self, x, y):
        ys = y if isinstance(y, (list, tuple)) else (y,)
        xs = x if isinstance(x, (list, tuple)) else (x,) * len(ys)
        if self.points is None:
            self.points = tuple([] for _ in ys)
        for curve, point in zip(self.points, zip(xs, ys)):
            if None not in point:
                curve.append(point)

    @property
    def X(self):
        return [[x for x, _ in curve] for curve in self.points]

    @property
    def Y(self):
        return [[y for _, y in curve] for curve in self.points]


def train_ch3(net, train_iter, test_iter, loss, num_epochs, updater):
    progress = Animator("epoch", None, ["train loss", "train acc", "test acc"])
    for epoch in range(1, num_epochs + 1):
        result = [*train_epoch_ch3(net, train_iter, loss, updater=updater)]
        result.append(evaluate_accuracy(net, data_iter=test_iter))
        progress.add(epoch, result)
    if result[0] >= 0.5:
        raise AssertionError("loss")
    for share in result[1:]:
        if not 0.7 < share <= 1:
            raise AssertionError("accuracy")


def show_images(imgs, num_rows, num_cols, titles=None, scale=1.5):
    print(titles)


def predict_ch3(net, test_iter, n=6):
    X, y = next(iter(test_iter))
    X, y = X[:n], y[:n]
    names = [[TEXT_LABELS[i] for i in rows.tolist()] for rows in (y, net(X).argmax(1))]
    show_images(X.squeeze(1), 1, n, ["\n".join(pair) for pair in zip(*names)])
