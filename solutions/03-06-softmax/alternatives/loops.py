"""One number at a time, as far as that is possible."""

import math

import torch

lr = 0.1
TEXT_LABELS = (
    "t-shirt", "trouser", "pullover", "dress", "coat",
    "sandal", "shirt", "sneaker", "bag", "ankle boot",
)
W = b = None


def softmax(X):
    rows = []
    for row in X:
        powers = [torch.exp(x - row.max().detach()) for x in row]
        total = sum(powers)
        rows.append(torch.stack([power / total for power in powers]))
    return torch.stack(rows)


def softmax_params():
    W = torch.zeros(784, 10)
    for i in range(784):
        W[i] = torch.randn(10) * 0.01
    W.requires_grad = True
    return W, torch.zeros((10,)).requires_grad_(True)


def net(X):
    return softmax(torch.stack([image.reshape(784) @ W + b for image in X]))


def select_by_index(y_hat, y):
    return torch.stack([row[label] for row, label in zip(y_hat, y)])


def cross_entropy(y_hat, y):
    losses = []
    for i in range(len(y)):
        losses.append(0 - y_hat[i, int(y[i])].log())
    return torch.stack(losses)


def accuracy(y_hat, y):
    count = 0.0
    for guess, label in zip(y_hat, y):
        if guess.dim() == 1 and len(guess) > 1:
            scores = guess.tolist()
            guess = scores.index(max(scores))
        if int(guess) == int(label):
            count += 1
    return count


class Accumulator(list):
    def __init__(self, n):
        super().__init__(0.0 for _ in range(n))

    def add(self, *args):
        for i, value in enumerate(args):
            self[i] += value.item() if isinstance(value, torch.Tensor) else float(value)

    def reset(self):
        for i in range(len(self)):
            self[i] = 0.0


def evaluate_accuracy(net, data_iter):
    if isinstance(net, torch.nn.Module):
        net.eval()
    right = total = 0
    for X, y in data_iter:
        with torch.no_grad():
            scores = net(X)
        right += accuracy(scores, y)
        total += len(y)
    return right / total


def train_epoch_ch3(net, train_iter, loss, updater):
    if isinstance(net, torch.nn.Module):
        net.train()
    total_loss, right, total = 0.0, 0.0, 0
    for X, y in train_iter:
        if isinstance(updater, torch.optim.Optimizer):
            updater.zero_grad()
        y_hat = net(X)
        values = loss(y_hat, y)
        if isinstance(updater, torch.optim.Optimizer):
            (sum(values) / len(values)).backward()
            updater.step()
        else:
            sum(values).backward()
            updater(len(X))
        total_loss += math.fsum(values.tolist())
        right += accuracy(y_hat, y)
        total += len(y)
    return total_loss / total, right / total


def updater(batch_size):
    for param in (W, b):
        param.data -= param.grad * (lr / batch_size)
        param.grad = None


class Animator:
    def __init__(self, xlabel=None, ylabel=None, legend=None, xlim=None, ylim=None,
                 xscale="linear", yscale="linear", fmts=("-", "m--", "g-.", "r:"),
                 nrows=1, ncols=1, figsize=(3.5, 2.5)):
        self.X, self.Y = [], []

    def add(self, x, y):
        if not isinstance(y, (list, tuple)):
            y = [y]
        if not isinstance(x, (list, tuple)):
            x = [x for _ in y]
        while len(self.X) < len(y):
            self.X.append([])
            self.Y.append([])
        for i in range(len(y)):
            if x[i] is None or y[i] is None:
                continue
            self.X[i].append(float(x[i]))
            self.Y[i].append(float(y[i]))


def train_ch3(net, train_iter, test_iter, loss, num_epochs, updater):
    curves = Animator(legend=["train loss", "train acc", "test acc"])
    epoch = 0
    while epoch < num_epochs:
        epoch += 1
        train_loss, train_acc = train_epoch_ch3(net, train_iter, loss, updater)
        test_acc = evaluate_accuracy(net, test_iter)
        curves.add(epoch, [train_loss, train_acc, test_acc])
    assert train_loss < 0.5
    assert train_acc > 0.7 and test_acc > 0.7
    assert max(train_acc, test_acc) <= 1


def show_images(imgs, num_rows, num_cols, titles=None, scale=1.5):
    print(titles)


def predict_ch3(net, test_iter, n=6):
    for X, y in test_iter:
        scores = net(X)
        titles, images = [], []
        for i in range(n):
            titles.append(TEXT_LABELS[y[i]] + "\n" + TEXT_LABELS[scores[i].argmax()])
            images.append(X[i, 0])
        show_images(images, 1, n, titles)
        return
