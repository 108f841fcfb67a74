"""What the hidden tests run beside the student's code: networks, losses and other callbacks."""

import contextlib
import sys

import torch
from torch import nn
from torch.nn import functional as F


@contextlib.contextmanager
def parameters(student, W, b):
    """Give the module these parameters: in place where that is possible, else as new tensors."""
    kept = {}
    for name, value in (("W", W), ("b", b)):
        old = getattr(student, name, None)
        kept[name] = old, None
        if isinstance(old, torch.Tensor) and old.is_leaf and old.shape == value.shape:
            kept[name] = old, old.detach().clone()
            old.data.copy_(value)
            old.grad = None
        else:
            setattr(student, name, value.detach().clone().requires_grad_())
    try:
        yield student.W, student.b
    finally:
        for name, (old, values) in kept.items():
            if values is not None:
                old.data.copy_(values)
                old.grad = None
            setattr(student, name, old)


@contextlib.contextmanager
def replaced(student, **stand_ins):
    """Put stand-ins in the place of some of the module's functions, and matplotlib out of reach."""
    kept = {name: getattr(student, name, None) for name in stand_ins}
    plotting = sys.modules.get("matplotlib", sys)
    sys.modules["matplotlib"] = None
    for name, stand_in in stand_ins.items():
        setattr(student, name, stand_in)
    try:
        yield
    finally:
        for name, value in kept.items():
            setattr(student, name, value)
        del sys.modules["matplotlib"]
        if plotting is not sys:
            sys.modules["matplotlib"] = plotting


def run_net(student, W, b, batches):
    """Call net on each batch with these parameters and with torch's softmax for the student's."""
    softmax = replaced(student, softmax=lambda X: torch.softmax(X, dim=1))
    with parameters(student, W, b), softmax:
        return [student.net(X).detach() for X in batches]


def net_gradients(student, W, b, X, weights):
    """Give the gradients of a weighted sum of net(X) with respect to W and b."""
    softmax = replaced(student, softmax=lambda X: torch.softmax(X, dim=1))
    with parameters(student, W, b) as (own_W, own_b), softmax:
        (student.net(X) * weights).sum().backward()
        return [None if p.grad is None else p.grad.clone() for p in (own_W, own_b)]


class Watched(nn.Module):
    """A linear layer that notes the mode it is called in."""

    def __init__(self, W, b):
        """Take the weights."""
        super().__init__()
        self.W, self.b = nn.Parameter(W.clone()), nn.Parameter(b.clone())
        self.modes, self.recording = [], []

    def forward(self, X):
        """Give the scores."""
        self.modes.append(self.training)
        self.recording.append(torch.is_grad_enabled())
        return X @ self.W + self.b


@contextlib.contextmanager
def afresh():
    """Let no later test suffer from gradients that were switched off and never on again."""
    try:
        yield
    finally:
        torch.set_grad_enabled(True)


def evaluate_function(student, W, b, batches, *, once):
    """Evaluate a plain function on a list of batches, or on a generator that gives them once."""
    recording = []

    def net(X):
        recording.append(torch.is_grad_enabled())
        return X @ W + b

    data = (batch for batch in batches) if once else batches
    with afresh():
        result = student.evaluate_accuracy(net, data)
    return {"result": result, "recording": recording}


def evaluate_module(student, W, b, batches):
    """Evaluate a module that is in training mode."""
    net = Watched(W, b).train()
    with afresh():
        result = student.evaluate_accuracy(net, batches)
        after = torch.is_grad_enabled()
    return {"result": result, "modes": net.modes, "recording": net.recording, "after": after}


def none(y_hat, y):
    """Give one loss per example."""
    return F.cross_entropy(y_hat, y, reduction="none")


def mean(y_hat, y):
    """Give the mean loss of the batch."""
    return F.cross_entropy(y_hat, y)


def train_with_function(student, W, b, batches, lr):
    """Train a plain function for an epoch with an updater that is a function."""
    params = [p.detach().clone().requires_grad_() for p in (W, b)]
    sizes, gradients = [], []

    def net(X):
        return X @ params[0] + params[1]

    def updater(batch_size):
        sizes.append(batch_size)
        gradients.append([p.grad.clone() for p in params])
        with torch.no_grad():
            for p in params:
                p.sub_(p.grad, alpha=lr / batch_size)
                p.grad.zero_()

    result = student.train_epoch_ch3(net, batches, none, updater)
    return {
        "result": result,
        "params": [p.detach() for p in params],
        "sizes": sizes,
        "gradients": gradients,
    }


def train_with_optimizer(student, W, b, batches, lr, momentum):
    """Train a module for an epoch with torch's SGD, the module in evaluation mode before.

    The book has two versions of this loop: one for losses per example, an older one for a mean
    loss. The first is what the task asks for; code that cannot take it gets the second.
    """

    def run(loss):
        net = Watched(W, b).eval()
        optimizer = torch.optim.SGD(net.parameters(), lr=lr, momentum=momentum)
        result = student.train_epoch_ch3(net, batches, loss, optimizer)
        params = [p.detach() for p in (net.W, net.b)]
        return {"result": result, "params": params, "modes": net.modes}

    try:
        return run(none)
    except RuntimeError as error:
        if "scalar outputs" not in str(error):
            raise
        with contextlib.suppress(RuntimeError):
            return run(mean)
        raise


def step(student, W, b, gradients, batch_size):
    """Call updater once for each pair of gradients that is added to what is there."""
    with parameters(student, W, b) as own:
        for pair in gradients:
            for p, grad in zip(own, pair, strict=True):
                p.grad = grad.clone() if p.grad is None else p.grad + grad
            student.updater(batch_size)
        return {
            "same": student.W is own[0] and student.b is own[1],
            "leaves": all(p.is_leaf and p.requires_grad for p in own),
            "params": [p.detach().clone() for p in own],
            "left": max(0.0 if p.grad is None else float(p.grad.abs().max()) for p in own),
        }


def lockstep(student, W, b, batches):
    """Train on the batches from these parameters; give the losses and what became of them."""
    losses = []
    with parameters(student, W, b) as own:
        for X, y in batches:
            loss = student.cross_entropy(student.net(X), y).sum()
            loss.backward()
            student.updater(len(X))
            losses.append(float(loss.detach()))
        return losses, [p.detach().clone() for p in own]


def curves(student, points):
    """Add points to an Animator while matplotlib is out of reach."""
    with replaced(student):
        animator = student.Animator(
            xlabel="epoch", ylabel="y", legend=["a"], xlim=[1, 5], ylim=[0, 1]
        )
        for x, y in points:
            animator.add(x, y)
    return [[[float(v) for v in curve] for curve in axis] for axis in (animator.X, animator.Y)]


def train(student, epochs):
    """Call train_ch3 with stand-ins for an epoch, the evaluation and the Animator."""
    calls, points, script, now = [], [], iter(epochs), {}
    net, train_iter, test_iter = nn.Identity(), [(1,)], [(2,)]

    def updater(batch_size):
        """Do nothing; only its identity matters."""

    def train_epoch_ch3(*args, **kwargs):
        names = ("net", "train_iter", "loss", "updater")
        given = dict(zip(names, args, strict=False)) | kwargs
        wanted = {"net": net, "train_iter": train_iter, "loss": none, "updater": updater}
        right = given.keys() == wanted.keys() and all(given[n] is wanted[n] for n in names)
        calls.append("train" if right else "train with other arguments")
        now["metrics"] = next(script)
        return now["metrics"][0], now["metrics"][1]

    def evaluate_accuracy(*args, **kwargs):
        given = dict(zip(("net", "data_iter"), args, strict=False)) | kwargs
        right = given.get("net") is net and given.get("data_iter") is test_iter
        calls.append("test" if right else "test with other arguments")
        return now["metrics"][2]

    class Animator:
        def __init__(self, *args, **kwargs):
            """Take whatever the real one takes."""

        def add(self, x, y):
            points.append([float(x), [float(value) for value in y]])

    stand_ins = {
        "train_epoch_ch3": train_epoch_ch3,
        "evaluate_accuracy": evaluate_accuracy,
        "Animator": Animator,
    }
    refused = False
    with replaced(student, **stand_ins):
        try:
            student.train_ch3(net, train_iter, test_iter, none, len(epochs), updater)
        except AssertionError:
            refused = True
    return {"calls": calls, "points": points, "refused": refused}


def predict(student, batches, W, n):
    """Call predict_ch3 with a linear network and return what it would show."""
    shown = []

    def show_images(imgs, num_rows, num_cols, titles=None, scale=1.5):
        pixels = torch.stack([torch.as_tensor(img) for img in imgs])
        shown.append({"images": pixels, "grid": [num_rows, num_cols], "titles": list(titles)})

    with replaced(student, show_images=show_images):
        args = [] if n is None else [n]
        student.predict_ch3(lambda X: X.reshape(len(X), -1) @ W, iter(batches), *args)
    return shown
