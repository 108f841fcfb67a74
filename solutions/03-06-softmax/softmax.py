"""Softmax regression from scratch (Dive into Deep Learning, section 3.6).

Write the body of each function where `NotImplementedError` stands now, from top to bottom: the
later functions use the earlier ones. Names, arguments and their order are the book's. Only
torch, numpy and the standard library may be imported.
"""

import torch

num_inputs, num_outputs = 784, 10  # 28 x 28 pixels in, 10 kinds of clothing out
lr = 0.1  # learning rate, read by `updater`
TEXT_LABELS = (
    "t-shirt", "trouser", "pullover", "dress", "coat",
    "sandal", "shirt", "sneaker", "bag", "ankle boot",
)  # fmt: skip


def softmax(X):
    """Turn each row of logits into a probability distribution.

    Each row becomes exp(X_ij) / sum_k exp(X_ik). This is the book's plain definition: it may
    overflow when a logit exceeds 80 (in float32); making it safe is a task of section 3.7.

    Args:
        X: (n, q), the logits; float32 or float64, each between -80 and 80.

    Returns:
        A new tensor (n, q) of X's dtype: entries at least 0, each row sums to 1. X is not changed.

    Source:
        D2L 3.6, "Defining the Softmax Operation".
    """
    ### BEGIN SOLUTION
    X_exp = torch.exp(X)
    partition = X_exp.sum(1, keepdim=True)
    return X_exp / partition
    ### END SOLUTION


def softmax_params():
    """Draw the parameters of softmax regression.

    Returns:
        The pair (W, b), both float32 leaf tensors that require gradients:
        W: (num_inputs, num_outputs), drawn from a normal distribution with mean 0 and standard
        deviation 0.01; b: (num_outputs,), zeros.

    Source:
        D2L 3.6, "Initializing Model Parameters".
    """
    ### BEGIN SOLUTION
    W = torch.normal(0, 0.01, size=(num_inputs, num_outputs), requires_grad=True)
    b = torch.zeros(num_outputs, requires_grad=True)
    return W, b
    ### END SOLUTION


# `net` and `updater` read the parameters from these two names of the module. To train, fill
# them once `softmax_params` is written:  W, b = softmax_params()
W = b = None


def net(X):
    """Compute the class probabilities of a batch with the module's current W and b.

    Args:
        X: (n, 1, 28, 28) or any other shape with 784 values an example, the images.

    Returns:
        (n, 10), the softmax of each flattened image times W plus b; gradients reach W and b.

    Source:
        D2L 3.6, "Defining the Model".
    """
    ### BEGIN SOLUTION
    return softmax(torch.matmul(X.reshape((-1, W.shape[0])), W) + b)
    ### END SOLUTION


def select_by_index(y_hat, y):
    """Pick from each row of y_hat the entry that y names.

    Args:
        y_hat: (n, q), one score or probability per example and class.
        y: (n,), int64, a class from 0 to q - 1 per example.

    Returns:
        (n,), whose entry i is y_hat[i, y[i]], of y_hat's dtype; gradients reach y_hat.

    Source:
        D2L 3.6, "Defining the Loss Function".
    """
    ### BEGIN SOLUTION
    return y_hat[range(len(y_hat)), y]
    ### END SOLUTION


def cross_entropy(y_hat, y):
    """Give the negative log-probability of the true class, one value per example.

    Args:
        y_hat: (n, q), predicted probabilities (not logits), each more than 0.
        y: (n,), int64, the true class per example (not one-hot).

    Returns:
        (n,), the losses -log(y_hat[i, y[i]]), neither summed nor averaged, of y_hat's dtype.

    Source:
        D2L 3.6, "Defining the Loss Function".
    """
    ### BEGIN SOLUTION
    return -torch.log(y_hat[range(len(y_hat)), y])
    ### END SOLUTION


def accuracy(y_hat, y):
    """Count the right predictions.

    Args:
        y_hat: (n, q) with q > 1, scores whose largest entry is the prediction; or predicted
            classes themselves, in the same shape as y: (n,) or (n, 1).
        y: (n,), the true classes, of any integer or float dtype; (n, 1) if y_hat is.

    Returns:
        The number of right predictions as a Python float: a count, not a fraction.

    Source:
        D2L 3.6, "Classification Accuracy".
    """
    ### BEGIN SOLUTION
    if len(y_hat.shape) > 1 and y_hat.shape[1] > 1:
        y_hat = y_hat.argmax(axis=1)
    return float((y_hat == y).sum())
    ### END SOLUTION


class Accumulator:
    """Keep n running sums."""

    def __init__(self, n):
        """Start n sums at 0.

        Args:
            n: How many sums are kept, an int of at least 1.
        """
        ### BEGIN SOLUTION
        self.data = [0.0] * n
        ### END SOLUTION

    def add(self, *args):
        """Add one value to each sum.

        Args:
            *args: n values, each a Python number or a tensor with one element; they are turned
                into Python floats, so that no tensor and no graph is kept.
        """
        ### BEGIN SOLUTION
        self.data = [a + float(b) for a, b in zip(self.data, args)]
        ### END SOLUTION

    def reset(self):
        """Set every sum back to 0."""
        ### BEGIN SOLUTION
        self.data = [0.0] * len(self.data)
        ### END SOLUTION

    def __getitem__(self, idx):
        """Return one sum.

        Args:
            idx: Its position, from 0 to n - 1.

        Returns:
            The sum, a Python float.

        Source:
            D2L 3.6, "Classification Accuracy".
        """
        ### BEGIN SOLUTION
        return self.data[idx]
        ### END SOLUTION


def evaluate_accuracy(net, data_iter):
    """Compute the fraction of right predictions on a whole data set.

    Args:
        net: A function or an nn.Module that maps X to (n, q) scores. A module is put into
            evaluation mode before its first call; what mode it has afterwards is up to you.
        data_iter: Yields batches (X, y), which may differ in size; it is walked through once.

    Returns:
        Right predictions divided by examples, a Python float. No gradients are recorded while
        net runs (`torch.no_grad()`), and recording is on again afterwards.

    Source:
        D2L 3.6, "Classification Accuracy".
    """
    ### BEGIN SOLUTION
    if isinstance(net, torch.nn.Module):
        net.eval()
    metric = Accumulator(2)
    with torch.no_grad():
        for X, y in data_iter:
            metric.add(accuracy(net(X), y), y.numel())
    return metric[0] / metric[1]
    ### END SOLUTION


def train_epoch_ch3(net, train_iter, loss, updater):
    """Train for one epoch: one update per batch.

    Args:
        net: A function or an nn.Module that maps X to (n, q) scores. A module is put into
            training mode before its first call.
        train_iter: Yields batches (X, y), which may differ in size.
        loss: Called as loss(y_hat, y); gives one loss per example, shape (n,), unreduced
            (reduction="none").
        updater: Either a torch.optim.Optimizer, which takes one step along the gradient of the
            batch's MEAN loss, its old gradients cleared first; or a function called as
            updater(batch_size) after the gradient of the batch's SUMMED loss is there, which
            divides by batch_size and clears the gradients itself.

    Returns:
        The pair (loss, accuracy) of Python floats: both averaged over all examples of the epoch,
        taken from the predictions made before each update.

    Source:
        D2L 3.6, "Training".
    """
    ### BEGIN SOLUTION
    if isinstance(net, torch.nn.Module):
        net.train()
    metric = Accumulator(3)
    for X, y in train_iter:
        y_hat = net(X)
        l = loss(y_hat, y)
        if isinstance(updater, torch.optim.Optimizer):
            updater.zero_grad()
            l.mean().backward()
            updater.step()
        else:
            l.sum().backward()
            updater(X.shape[0])
        metric.add(float(l.sum()), accuracy(y_hat, y), y.numel())
    return metric[0] / metric[2], metric[1] / metric[2]
    ### END SOLUTION


def updater(batch_size):
    """Take one step of minibatch stochastic gradient descent on the module's W and b.

    Each parameter p becomes p - lr * p.grad / batch_size, in place (the same tensor, no graph
    recorded), and its gradient is cleared (zeros or None) for the next batch.

    Args:
        batch_size: How many examples the gradients were summed over.

    Source:
        D2L 3.6, "Training", with `sgd` of section 3.2.
    """
    ### BEGIN SOLUTION
    with torch.no_grad():
        for param in (W, b):
            param -= lr * param.grad / batch_size
            param.grad.zero_()
    ### END SOLUTION


def draw_curves(X, Y, fmts, settings, figsize):
    """Draw the curves if matplotlib is installed; given, nothing to do here."""
    try:
        from matplotlib import pyplot
    except ImportError:
        return
    axes = pyplot.figure("Animator", figsize=figsize, clear=True).gca()
    for x, y, fmt in zip(X, Y, fmts):
        axes.plot(x, y, fmt)
    legend = settings.pop("legend")
    axes.set(**{name: value for name, value in settings.items() if value is not None})
    if legend:
        axes.legend(legend)
    pyplot.pause(0.001)


class Animator:
    """Collect the points of several curves and draw them as they grow.

    Attributes:
        X: One list of x values per curve, once a point was added.
        Y: One list of y values per curve, once a point was added.
    """

    def __init__(self, xlabel=None, ylabel=None, legend=None, xlim=None, ylim=None,
                 xscale="linear", yscale="linear", fmts=("-", "m--", "g-.", "r:"),
                 nrows=1, ncols=1, figsize=(3.5, 2.5)):  # fmt: skip
        """Keep what the drawing needs; given, nothing to do here."""
        self.settings = {
            "xlabel": xlabel, "ylabel": ylabel, "legend": legend, "xlim": xlim, "ylim": ylim,
            "xscale": xscale, "yscale": yscale,
        }  # fmt: skip
        self.fmts, self.figsize = fmts, figsize
        self.X = self.Y = None

    def draw(self):
        """Draw all curves collected so far; given, nothing to do here."""
        draw_curves(self.X, self.Y, self.fmts, dict(self.settings), self.figsize)

    def add(self, x, y):
        """Append one point to each curve and draw them all.

        The first call fixes how many curves there are: as many as y has values.

        Args:
            x: One number for all curves, or a list or tuple with one number per curve.
            y: One number per curve as a list or tuple; a bare number if there is one curve.
                Where x or y is None, that curve gets no point.

        Source:
            D2L 3.6, "Training".
        """
        ### BEGIN SOLUTION
        if not hasattr(y, "__len__"):
            y = [y]
        if not hasattr(x, "__len__"):
            x = [x] * len(y)
        if not self.X:
            self.X = [[] for _ in y]
            self.Y = [[] for _ in y]
        for i, (a, b) in enumerate(zip(x, y)):
            if a is not None and b is not None:
                self.X[i].append(a)
                self.Y[i].append(b)
        ### END SOLUTION
        self.draw()


def train_ch3(net, train_iter, test_iter, loss, num_epochs, updater):
    """Train for several epochs, show the progress, and check that the result is usable.

    Every epoch calls train_epoch_ch3 once, then evaluate_accuracy on test_iter once, and adds the
    point (epoch, (train loss, train accuracy, test accuracy)) to animator; epochs count from 1.

    Once your tests of this part pass, the grader also trains softmax_params, net, cross_entropy
    and updater in a loop of its own (README.md says how). An accuracy of 74.5 % earns all of the
    0.5 points, 69.5 % or less none, evenly between; the reference reached 76.6 to 77.7 %.

    Args:
        net: As for train_epoch_ch3.
        train_iter: As for train_epoch_ch3; walked through once per epoch.
        test_iter: Batches (X, y) for evaluate_accuracy.
        loss: As for train_epoch_ch3.
        num_epochs: How many epochs, at least 1.
        updater: As for train_epoch_ch3.

    Raises:
        AssertionError: Unless, after the last epoch, the train loss is less than 0.5 and both
            accuracies are more than 0.7 and at most 1.

    Source:
        D2L 3.6, "Training".
    """
    animator = Animator(xlabel="epoch", xlim=[1, num_epochs], ylim=[0.3, 0.9],
                        legend=["train loss", "train acc", "test acc"])  # fmt: skip
    ### BEGIN SOLUTION
    for epoch in range(num_epochs):
        train_metrics = train_epoch_ch3(net, train_iter, loss, updater)
        test_acc = evaluate_accuracy(net, test_iter)
        animator.add(epoch + 1, (*train_metrics, test_acc))
    train_loss, train_acc = train_metrics
    assert train_loss < 0.5, train_loss
    assert 0.7 < train_acc <= 1, train_acc
    assert 0.7 < test_acc <= 1, test_acc
    ### END SOLUTION


def show_images(imgs, num_rows, num_cols, titles=None, scale=1.5):
    """Show images in a grid, or only their titles without matplotlib; given, nothing to do here."""
    try:
        from matplotlib import pyplot
    except ImportError:
        print(titles)
        return
    figsize = (num_cols * scale, num_rows * scale)
    grid = pyplot.subplots(num_rows, num_cols, figsize=figsize, squeeze=False)[1]
    for axes, img, title in zip(grid.flat, imgs, titles or [""] * len(imgs)):
        axes.imshow(img)
        axes.set(title=title, xticks=[], yticks=[])
    pyplot.show()


def predict_ch3(net, test_iter, n=6):
    """Show the first n images of the first batch with their true and their predicted labels.

    Calls show_images(imgs, 1, n, titles=titles) once, where imgs is (n, 28, 28) and titles holds
    n strings: the true label's name, a newline, the predicted label's name (see TEXT_LABELS).

    Args:
        net: Maps X: (batch, 1, 28, 28) to (batch, 10) scores.
        test_iter: Yields batches (X, y) of at least n examples; y: (batch,), int64.
        n: How many images to show.

    Source:
        D2L 3.6, "Prediction".
    """
    ### BEGIN SOLUTION
    X, y = next(iter(test_iter))
    preds = net(X).argmax(axis=1)
    titles = [f"{TEXT_LABELS[t]}\n{TEXT_LABELS[p]}" for t, p in zip(y[:n], preds[:n])]
    show_images(X[:n].reshape((n, 28, 28)), 1, n, titles=titles)
    ### END SOLUTION
