"""Known mistakes of softmax regression from scratch.

Two mistakes that are known from other courses are left out of `softmax`, because here they are
right: `no_maxsub` (no maximum subtracted) is the book's own definition, and the docstring keeps
the logits between -80 and 80; `dim1_fixed` (dim=1 instead of the last one) is the book's too, and
the docstring asks for matrices only. Both belong to `softmax_stable` of section 3.7.
"""


import torch
from torch.nn import functional as F

from grader.course.catalogue import mistake

# --- softmax --------------------------------------------------------------------------------


@mistake(
    task="softmax",
    label="normalises over the rows of the batch (dim 0): each column sums to 1",
    hint="One row is one example. Which dimension runs along a row?",
)
def dim0(X):
    X_exp = torch.exp(X)
    return X_exp / X_exp.sum(0, keepdim=True)


@mistake(
    task="softmax",
    label="divides by the sum of the whole matrix instead of the sum of each row",
    hint="A sum without a dimension runs over everything. Each row needs a sum of its own.",
)
def dim_all(X):
    X_exp = torch.exp(X)
    return X_exp / X_exp.sum()


@mistake(
    task="softmax",
    label="subtracts the maximum of each column, which changes the result",
    hint="A softmax stays the same only if one and the same number is taken off a whole row.",
)
def maxsub_dim0(X):
    X_exp = torch.exp(X - X.max(0, keepdim=True).values)
    return X_exp / X_exp.sum(1, keepdim=True)


@mistake(
    task="softmax",
    label="subtracts the minimum of each row instead of the maximum, so that exp overflows",
    hint="What is the largest exponent after your subtraction? It should not grow.",
)
def sub_min(X):
    X_exp = torch.exp(X - X.min(1, keepdim=True).values)
    return X_exp / X_exp.sum(1, keepdim=True)


@mistake(
    task="softmax",
    label="forgets keepdim=True: the sums are broadcast along the wrong axis",
    hint="Compare the shapes (n, q) and (n,). Along which axis does broadcasting lay out (n,)?",
)
def no_keepdim(X):
    X_exp = torch.exp(X)
    return X_exp / X_exp.sum(1)


@mistake(
    task="softmax",
    label="does not divide the exponentials by their sum",
    hint="Add up a row of your result. Probabilities add up to 1.",
)
def no_normalise(X):
    return torch.exp(X)


@mistake(
    task="softmax",
    label="divides by the mean: each row sums to the number of classes",
    hint="Add up a row of your result. What did you divide by?",
)
def norm_mean(X):
    X_exp = torch.exp(X)
    return X_exp / X_exp.mean(1, keepdim=True)


@mistake(
    task="softmax",
    label="divides by the Euclidean norm of the exponentials instead of their sum",
    hint="Probabilities add up to 1; it is not their squares that do.",
)
def norm_l2(X):
    X_exp = torch.exp(X)
    return X_exp / X_exp.norm(dim=1, keepdim=True)


@mistake(
    task="softmax",
    label="divides the raw logits by their sum, the exponential forgotten",
    hint="What happens to a negative logit? A probability cannot be negative.",
)
def no_exp(X):
    return X / X.sum(1, keepdim=True)


@mistake(
    task="softmax",
    label="uses powers of 2 instead of powers of e",
    hint="Which base does the definition have?",
)
def base2(X):
    powers = 2**X
    return powers / powers.sum(1, keepdim=True)


@mistake(
    task="softmax",
    label="applies the sigmoid to each entry, without looking at the rest of the row",
    hint="Should one probability change when another logit of the same row grows?",
)
def sigmoid(X):
    return torch.sigmoid(X)


@mistake(
    task="softmax",
    label="returns log-probabilities instead of probabilities",
    hint="Is every entry of your result between 0 and 1?",
)
def log_softmax(X):
    return X - torch.exp(X).sum(1, keepdim=True).log()


@mistake(
    task="softmax",
    label="uses exp(-x): the largest logit gets the smallest probability",
    hint="Which class should be the most probable one?",
)
def negated(X):
    X_exp = torch.exp(-X)
    return X_exp / X_exp.sum(1, keepdim=True)


@mistake(
    task="softmax",
    label="returns 1 for the largest logit and 0 for all others",
    hint="That is an argmax. The soft version gives every class its share.",
)
def hardmax(X):
    return F.one_hot(X.argmax(1), X.shape[1]).to(X.dtype)


@mistake(
    task="softmax",
    label="applies softmax twice, which makes the probabilities nearly equal",
    hint="The result of a softmax is no longer made of logits.",
)
def twice(X):
    for _ in range(2):
        X = torch.exp(X) / torch.exp(X).sum(1, keepdim=True)
    return X


@mistake(
    task="softmax",
    label="changes its argument X in place",
    hint="Methods that end in an underscore, and operators such as /=, write into the tensor.",
)
def in_place(X):
    X_exp = X.detach().exp_()
    return X_exp / X_exp.sum(1, keepdim=True)


@mistake(
    task="softmax",
    label="computes with numpy or detached values, so that no gradient flows back",
    hint="Training needs the gradient of every step. Stay with tensors, without .data or .detach().",
)
def no_gradient(X):
    X_exp = X.detach().exp()
    return X_exp / X_exp.sum(1, keepdim=True)


@mistake(
    task="softmax",
    label="turns the result into float32, whatever dtype the input has",
    hint="Is there a .float() that takes away digits?",
)
def to_float32(X):
    X_exp = torch.exp(X.float())
    return X_exp / X_exp.sum(1, keepdim=True)


# --- softmax_params -------------------------------------------------------------------------


@mistake(
    task="softmax_params",
    label="draws W with a standard deviation of 1 instead of 0.01",
    hint="torch.randn has a standard deviation of 1.",
)
def wide_weights():
    W = torch.randn(num_inputs, num_outputs, requires_grad=True)
    return W, torch.zeros(num_outputs, requires_grad=True)


@mistake(
    task="softmax_params",
    label="draws W from a uniform distribution instead of a normal one",
    hint="torch.rand and torch.normal draw from different distributions.",
)
def uniform_weights():
    W = (torch.rand(num_inputs, num_outputs) - 0.5) * 0.02 * 3**0.5
    return W.requires_grad_(), torch.zeros(num_outputs, requires_grad=True)


@mistake(
    task="softmax_params",
    label="fills W with zeros, so that nothing is random",
    hint="Only the bias starts at zero.",
)
def zero_weights():
    W = torch.zeros(num_inputs, num_outputs, requires_grad=True)
    return W, torch.zeros(num_outputs, requires_grad=True)


@mistake(
    task="softmax_params",
    label="scales W after asking for gradients, so that W is no leaf and W.grad stays None",
    hint="requires_grad must be set on the finished tensor, not on one that W is computed from.",
)
def not_a_leaf():
    W = torch.randn(num_inputs, num_outputs, requires_grad=True) * 0.01
    return W, torch.zeros(num_outputs, requires_grad=True)


@mistake(
    task="softmax_params",
    label="does not ask for gradients",
    hint="Without requires_grad=True, backward() has nothing to fill.",
)
def without_gradients():
    return torch.normal(0, 0.01, size=(num_inputs, num_outputs)), torch.zeros(num_outputs)


@mistake(
    task="softmax_params",
    label="exchanges the two sizes of W: (outputs, inputs)",
    hint="X has shape (n, 784). What must W look like for X @ W?",
)
def transposed_weights():
    W = torch.normal(0, 0.01, size=(num_outputs, num_inputs), requires_grad=True)
    return W, torch.zeros(num_outputs, requires_grad=True)


# --- net ------------------------------------------------------------------------------------


@mistake(
    task="softmax_net",
    label="leaves out the bias b",
    hint="The model is an affine function, not just a linear one.",
)
def no_bias(X):
    return softmax(torch.matmul(X.reshape((-1, W.shape[0])), W))


@mistake(
    task="softmax_net",
    label="returns the logits, the softmax forgotten",
    hint="The rows of net(X) are probabilities.",
)
def logits_only(X):
    return torch.matmul(X.reshape((-1, W.shape[0])), W) + b


@mistake(
    task="softmax_net",
    label="does not flatten the images",
    hint="Which shape has X when it comes, and which does the matrix product need?",
)
def not_flattened(X):
    return softmax(torch.matmul(X, W) + b)


@mistake(
    task="softmax_net",
    label="uses W.data, so that no gradient reaches W",
    hint="Use W itself: .data takes it out of the graph.",
)
def data_of_weights(X):
    return softmax(torch.matmul(X.reshape((-1, W.shape[0])), W.data) + b)


# --- select_by_index ------------------------------------------------------------------------


@mistake(
    task="select_by_index",
    label="takes whole columns: the result is a matrix instead of one entry per row",
    hint="A colon takes all rows for each label. Each label belongs to one row only.",
)
def whole_columns(y_hat, y):
    return y_hat[:, y]


@mistake(
    task="select_by_index",
    label="takes whole rows instead of one entry per row",
    hint="The first index chooses the row, the second the column.",
)
def whole_rows(y_hat, y):
    return y_hat[y]


@mistake(
    task="select_by_index",
    label="works for the first two rows only, as in the book's example",
    hint="How many rows are there? The answer stands in y_hat.",
)
def first_two_rows(y_hat, y):
    return y_hat[[0, 1], y]


@mistake(
    task="select_by_index",
    label="takes the largest entry of each row, whatever y says",
    hint="What does y stand for?",
)
def largest_entry(y_hat, y):
    return y_hat.max(1).values


@mistake(
    task="select_by_index",
    label="builds a new tensor out of Python numbers, so that gradients are cut",
    hint="torch.tensor makes a fresh tensor without a past. Index instead.",
)
def from_numbers(y_hat, y):
    return torch.tensor([float(y_hat[i, y[i]]) for i in range(len(y))], dtype=y_hat.dtype)


# --- cross_entropy --------------------------------------------------------------------------


@mistake(
    task="cross_entropy",
    label="forgets the minus: the losses are negative",
    hint="Is a logarithm of a probability positive or negative?",
)
def no_minus(y_hat, y):
    return torch.log(y_hat[range(len(y_hat)), y])


@mistake(
    task="cross_entropy",
    label="forgets the logarithm: returns minus the probability",
    hint="What should a certain and right prediction cost?",
)
def no_log(y_hat, y):
    return -y_hat[range(len(y_hat)), y]


@mistake(
    task="cross_entropy",
    label="averages over the batch instead of giving one loss per example",
    hint="The result has as many entries as there are examples.",
)
def mean_loss(y_hat, y):
    return -torch.log(y_hat[range(len(y_hat)), y]).mean()


@mistake(
    task="cross_entropy",
    label="sums over the batch instead of giving one loss per example",
    hint="The result has as many entries as there are examples.",
)
def sum_loss(y_hat, y):
    return -torch.log(y_hat[range(len(y_hat)), y]).sum()


@mistake(
    task="cross_entropy",
    label="expects one-hot labels instead of class numbers",
    hint="y holds one integer per example.",
)
def one_hot_labels(y_hat, y):
    return -(y * torch.log(y_hat)).sum(1)


@mistake(
    task="cross_entropy",
    label="indexes with a colon: the result is an n by n matrix",
    hint="A colon takes all rows for each label. Each label belongs to one row only.",
)
def every_row_with_every_label(y_hat, y):
    return -torch.log(y_hat[:, y])


@mistake(
    task="cross_entropy",
    label="uses the logarithm to base 2 instead of the natural one",
    hint="torch.log and torch.log2 are not the same.",
)
def base2_log(y_hat, y):
    return -torch.log2(y_hat[range(len(y_hat)), y])


@mistake(
    task="cross_entropy",
    label="treats the probabilities as logits and applies softmax once more",
    hint="y_hat has been through a softmax already. torch's cross_entropy starts from logits.",
)
def softmax_again(y_hat, y):
    return F.cross_entropy(y_hat, y, reduction="none")


@mistake(
    task="cross_entropy",
    label="adds a noticeable constant inside the logarithm, which falsifies the loss",
    hint="A constant of 0.01 changes the loss of every example.",
)
def large_eps(y_hat, y):
    return -torch.log(y_hat[range(len(y_hat)), y] + 1e-2)


# --- accuracy -------------------------------------------------------------------------------


@mistake(
    task="accuracy",
    label="returns the fraction of right predictions instead of their number",
    hint="The caller adds up counts of several batches and divides at the end.",
)
def fraction(y_hat, y):
    if len(y_hat.shape) > 1 and y_hat.shape[1] > 1:
        y_hat = y_hat.argmax(axis=1)
    return float((y_hat.type(y.dtype) == y).float().mean())


@mistake(
    task="accuracy",
    label="takes the argmax over the batch (dim 0) instead of over the classes",
    hint="There is one prediction per row. Which dimension must disappear?",
)
def argmax_dim0(y_hat, y):
    if len(y_hat.shape) > 1 and y_hat.shape[1] > 1:
        y_hat = y_hat.argmax(axis=0)
    return float((y_hat[: len(y)].type(y.dtype) == y[: len(y_hat)]).sum())


@mistake(
    task="accuracy",
    label="returns a tensor instead of a Python float",
    hint="float(...) turns a tensor with one element into a number.",
)
def tensor_count(y_hat, y):
    if len(y_hat.shape) > 1 and y_hat.shape[1] > 1:
        y_hat = y_hat.argmax(axis=1)
    return (y_hat.type(y.dtype) == y).sum()


@mistake(
    task="accuracy",
    label="always takes the argmax, even if y_hat already holds classes",
    hint="A y_hat without a second dimension has nothing to choose from.",
)
def always_argmax(y_hat, y):
    return float((y_hat.argmax(-1).type(y.dtype) == y).sum())


@mistake(
    task="accuracy",
    label="takes the argmax of a column of classes, which is 0 everywhere",
    hint="A second dimension of size 1 holds classes, not scores to choose from.",
)
def argmax_of_columns(y_hat, y):
    if len(y_hat.shape) > 1:
        y_hat = y_hat.argmax(axis=1, keepdim=y.dim() > 1)
    return float((y_hat.type(y.dtype) == y).sum())


@mistake(
    task="accuracy",
    label="counts the wrong predictions instead of the right ones",
    hint="What does your count say when every prediction is right?",
)
def counts_errors(y_hat, y):
    if len(y_hat.shape) > 1 and y_hat.shape[1] > 1:
        y_hat = y_hat.argmax(axis=1)
    return float((y_hat.type(y.dtype) != y).sum())


# --- Accumulator ----------------------------------------------------------------------------


@mistake(
    task="accumulator",
    label="replaces the sums by the new values instead of adding to them",
    hint="What was there before must still count.",
)
class overwrites(Accumulator):
    def add(self, *args):
        self.data = [float(b) for b in args]


@mistake(
    task="accumulator",
    label="keeps tensors, and with them their graphs, instead of floats",
    hint="Turn each value into a Python number before you add it.",
)
class keeps_tensors(Accumulator):
    def add(self, *args):
        self.data = [a + b for a, b in zip(self.data, args)]


@mistake(
    task="accumulator",
    label="shares one list of sums among all objects",
    hint="A list at class level exists once. Each object needs its own.",
)
class shared_sums(Accumulator):
    sums = [0.0] * 100

    def __init__(self, n):
        self.data = shared_sums.sums

    def add(self, *args):
        for i, value in enumerate(args):
            self.data[i] += float(value)


@mistake(
    task="accumulator",
    label="leaves no sums behind after reset(), so that nothing can be added",
    hint="After reset() there are as many sums as before, each 0.",
)
class empty_after_reset(Accumulator):
    def reset(self):
        self.data = []


@mistake(
    task="accumulator",
    label="does nothing in reset()",
    hint="After reset() every sum is 0.",
)
class no_reset(Accumulator):
    def reset(self):
        pass


@mistake(
    task="accumulator",
    label="sums in float32, which cannot count beyond 2**24",
    hint="A float32 has 24 bits of precision, a Python float 53.",
)
class single_precision(Accumulator):
    def __init__(self, n):
        self.data = torch.zeros(n)

    def add(self, *args):
        self.data += torch.tensor([float(value) for value in args])

    def reset(self):
        self.data.zero_()

    def __getitem__(self, idx):
        return float(self.data[idx])


# --- evaluate_accuracy ----------------------------------------------------------------------


@mistake(
    task="evaluate_accuracy",
    label="averages the accuracies of the batches, so that small batches count too much",
    hint="Add up right predictions and examples, and divide once at the end.",
)
def mean_of_batches(net, data_iter):
    if isinstance(net, torch.nn.Module):
        net.eval()
    with torch.no_grad():
        shares = [accuracy(net(X), y) / y.numel() for X, y in data_iter]
    return sum(shares) / len(shares)


@mistake(
    task="evaluate_accuracy",
    label="leaves the module in training mode",
    hint="Dropout and batch normalisation behave differently in training mode.",
)
def no_eval_mode(net, data_iter):
    metric = Accumulator(2)
    with torch.no_grad():
        for X, y in data_iter:
            metric.add(accuracy(net(X), y), y.numel())
    return metric[0] / metric[1]


@mistake(
    task="evaluate_accuracy",
    label="records gradients that nobody needs",
    hint="torch.no_grad() saves the time and the memory of a graph.",
)
def with_gradients(net, data_iter):
    if isinstance(net, torch.nn.Module):
        net.eval()
    metric = Accumulator(2)
    for X, y in data_iter:
        metric.add(accuracy(net(X), y), y.numel())
    return metric[0] / metric[1]


@mistake(
    task="evaluate_accuracy",
    label="switches gradients off and never on again",
    hint="with torch.no_grad(): ends by itself; torch.set_grad_enabled(False) does not.",
)
def gradients_stay_off(net, data_iter):
    if isinstance(net, torch.nn.Module):
        net.eval()
    torch.set_grad_enabled(False)
    metric = Accumulator(2)
    for X, y in data_iter:
        metric.add(accuracy(net(X), y), y.numel())
    return metric[0] / metric[1]


@mistake(
    task="evaluate_accuracy",
    label="returns the number of right predictions instead of their fraction",
    hint="Divide by the number of examples.",
)
def count_only(net, data_iter):
    if isinstance(net, torch.nn.Module):
        net.eval()
    with torch.no_grad():
        return float(sum(accuracy(net(X), y) for X, y in data_iter))


@mistake(
    task="evaluate_accuracy",
    label="calls net.eval() on plain functions too",
    hint="A function has no mode. Ask first whether net is an nn.Module.",
)
def eval_of_functions(net, data_iter):
    net.eval()
    metric = Accumulator(2)
    with torch.no_grad():
        for X, y in data_iter:
            metric.add(accuracy(net(X), y), y.numel())
    return metric[0] / metric[1]


# --- train_epoch_ch3 ------------------------------------------------------------------------


def epoch(net, train_iter, loss, updater, *, reduce=torch.mean, clear=True, mode=True, per="example"):
    """Train like the reference, except for what the keywords say."""
    if isinstance(net, torch.nn.Module) and mode is not None:
        net.train(mode)
    total_loss = right = count = batches = 0.0
    for X, y in train_iter:
        y_hat = net(X)
        losses = loss(y_hat, y)
        if isinstance(updater, torch.optim.Optimizer):
            if clear:
                updater.zero_grad()
            reduce(losses).backward()
            updater.step()
        else:
            losses.sum().backward()
            updater(X.shape[0])
        total_loss += float(losses.sum()) if per == "example" else float(losses.mean())
        right += accuracy(y_hat, y) if per == "example" else accuracy(y_hat, y) / len(y)
        count += len(y)
        batches += 1
    divisor = count if per == "example" else batches
    return total_loss / divisor, right / divisor


@mistake(
    task="train_epoch_ch3",
    label="never clears the optimizer's gradients, so that they add up over the batches",
    hint="backward() adds to the gradients that are there. Who removes those of the last batch?",
)
def no_zero_grad(net, train_iter, loss, updater):
    return epoch(net, train_iter, loss, updater, clear=False)


@mistake(
    task="train_epoch_ch3",
    label="hands the optimizer the gradient of the sum of the losses instead of the mean",
    hint="With an optimizer, the length of a step should not depend on the batch size.",
)
def sum_for_optimizer(net, train_iter, loss, updater):
    return epoch(net, train_iter, loss, updater, reduce=torch.sum)


@mistake(
    task="train_epoch_ch3",
    label="does not put the module into training mode",
    hint="Whoever evaluated the module before left it in evaluation mode.",
)
def no_train_mode(net, train_iter, loss, updater):
    return epoch(net, train_iter, loss, updater, mode=None)


@mistake(
    task="train_epoch_ch3",
    label="averages over batches instead of examples",
    hint="The last batch may be smaller. Divide sums over examples by the number of examples.",
)
def averages_batches(net, train_iter, loss, updater):
    return epoch(net, train_iter, loss, updater, per="batch")


@mistake(
    task="train_epoch_ch3",
    label="hands the updater function the gradient of the mean, which it divides once more",
    hint="updater(batch_size) divides by batch_size itself.",
)
def mean_for_updater(net, train_iter, loss, updater):
    if isinstance(updater, torch.optim.Optimizer):
        return epoch(net, train_iter, loss, updater)
    return epoch(net, train_iter, lambda y_hat, y: loss(y_hat, y) / len(y), updater)


@mistake(
    task="train_epoch_ch3",
    label="calls the updater function with a fixed number instead of the size of the batch",
    hint="The last batch may be smaller. How many rows has this one?",
)
def fixed_batch_size(net, train_iter, loss, updater):
    if isinstance(updater, torch.optim.Optimizer):
        return epoch(net, train_iter, loss, updater)
    sizes = []

    def step(batch_size):
        sizes.append(batch_size)
        updater(sizes[0])

    return epoch(net, train_iter, loss, step)


@mistake(
    task="train_epoch_ch3",
    label="measures loss and accuracy again after each update",
    hint="Keep the predictions that the update was computed from.",
)
def measures_after_update(net, train_iter, loss, updater):
    train_iter = list(train_iter)
    total_loss = right = count = 0.0
    for X, y in train_iter:
        epoch(net, [(X, y)], loss, updater)
        with torch.no_grad():
            y_hat = net(X)
            total_loss += float(loss(y_hat, y).sum())
            right += accuracy(y_hat, y)
        count += len(y)
    return total_loss / count, right / count


@mistake(
    task="train_epoch_ch3",
    label="calls backward() on the vector of losses, which needs a single number",
    hint="A gradient belongs to one number. How does the vector of losses become one?",
)
def backward_of_a_vector(net, train_iter, loss, updater):
    metric = Accumulator(3)
    for X, y in train_iter:
        y_hat = net(X)
        l = loss(y_hat, y)
        if isinstance(updater, torch.optim.Optimizer):
            updater.zero_grad()
            l.backward()
            updater.step()
        else:
            l.backward()
            updater(X.shape[0])
        metric.add(float(l.sum()), accuracy(y_hat, y), y.numel())
    return metric[0] / metric[2], metric[1] / metric[2]


# --- updater --------------------------------------------------------------------------------


def descend(batch_size, *, sign=-1, divide=True, clear=True, names=("W", "b")):
    """Take the reference's step, except for what the keywords say."""
    with torch.no_grad():
        for name in names:
            param = globals()[name]
            param += sign * lr * param.grad / (batch_size if divide else 1)
            if clear:
                param.grad.zero_()


@mistake(
    task="updater",
    label="does not divide by the batch size",
    hint="The gradients are sums over the batch.",
)
def no_division(batch_size):
    descend(batch_size, divide=False)


@mistake(
    task="updater",
    label="moves along the gradient instead of against it",
    hint="Does the loss grow or shrink in the direction of its gradient?",
)
def uphill(batch_size):
    descend(batch_size, sign=1)


@mistake(
    task="updater",
    label="leaves the old gradients, which the next batch adds to",
    hint="backward() adds to what is there.",
)
def keeps_gradients(batch_size):
    descend(batch_size, clear=False)


@mistake(
    task="updater",
    label="updates W and forgets b",
    hint="Every parameter takes a step.",
)
def weights_only(batch_size):
    descend(batch_size, names=("W",))
    b.grad.zero_()


@mistake(
    task="updater",
    label="puts new tensors in the place of W and b instead of changing them",
    hint="Others hold on to the old tensors. Change their values in place.",
)
def new_tensors(batch_size):
    global W, b
    W = (W - lr * W.grad / batch_size).detach().requires_grad_()
    b = (b - lr * b.grad / batch_size).detach().requires_grad_()


# --- Animator -------------------------------------------------------------------------------


@mistake(
    task="animator",
    label="stores the points one after the other instead of curve by curve",
    hint="X[0] and Y[0] belong to the first curve.",
)
class point_by_point(Animator):
    def add(self, x, y):
        self.X = [*(self.X or []), [x] * len(y)]
        self.Y = [*(self.Y or []), list(y)]


@mistake(
    task="animator",
    label="keeps only the newest point of each curve",
    hint="The lists are made once, at the first call.",
)
class newest_only(Animator):
    def add(self, x, y):
        self.X = self.Y = None
        super().add(x, y)


@mistake(
    task="animator",
    label="stores None where a curve has no point",
    hint="A missing value leaves no trace, neither in X nor in Y.",
)
class keeps_none(Animator):
    def add(self, x, y):
        y = y if hasattr(y, "__len__") else [y]
        x = x if hasattr(x, "__len__") else [x] * len(y)
        self.X = self.X or [[] for _ in y]
        self.Y = self.Y or [[] for _ in y]
        for i, (a, b) in enumerate(zip(x, y)):
            self.X[i].append(a)
            self.Y[i].append(b)


@mistake(
    task="animator",
    label="cannot take a bare number as y",
    hint="A number has no length. Make it a list of one first.",
)
class lists_only(Animator):
    def add(self, x, y):
        len(y)
        super().add(x, y)


# --- train_ch3 ------------------------------------------------------------------------------


def several(net, train_iter, test_iter, loss, num_epochs, updater, *, first=1, tested=None, check=True):
    """Train like the reference, except for what the keywords say."""
    animator = Animator()
    for number in range(num_epochs):
        train_loss, train_acc = train_epoch_ch3(net, train_iter, loss, updater)
        test_acc = evaluate_accuracy(net, tested or test_iter)
        animator.add(number + first, (train_loss, train_acc, test_acc))
        if check:
            assert check == "last" or train_loss < 0.5
    if check:
        assert train_loss < 0.5
        assert 0.7 < train_acc <= 1
        assert 0.7 < test_acc <= 1


@mistake(
    task="train_ch3",
    label="does not check the result",
    hint="Three assert statements stand after the loop.",
)
def no_checks(net, train_iter, test_iter, loss, num_epochs, updater):
    several(net, train_iter, test_iter, loss, num_epochs, updater, check=False)


@mistake(
    task="train_ch3",
    label="checks after every epoch, so that a bad beginning is refused",
    hint="Only the numbers of the last epoch have to be good.",
)
def checks_every_epoch(net, train_iter, test_iter, loss, num_epochs, updater):
    several(net, train_iter, test_iter, loss, num_epochs, updater, check="every")


@mistake(
    task="train_ch3",
    label="counts epochs from 0",
    hint="The first point of the curves stands at 1.",
)
def from_zero(net, train_iter, test_iter, loss, num_epochs, updater):
    several(net, train_iter, test_iter, loss, num_epochs, updater, first=0, check="last")


@mistake(
    task="train_ch3",
    label="evaluates on the training data instead of the test data",
    hint="How well the net does on what it has seen is known already.",
)
def tests_on_train(net, train_iter, test_iter, loss, num_epochs, updater):
    several(
        net, train_iter, test_iter, loss, num_epochs, updater, tested=train_iter, check="last"
    )


# --- predict_ch3 ----------------------------------------------------------------------------


def show(net, X, y, n, *, swap=False, separator="\n"):
    """Show predictions like the reference, except for what the keywords say."""
    preds = net(X).argmax(axis=1)
    pairs = zip(preds, y) if swap else zip(y, preds)
    titles = [separator.join(TEXT_LABELS[label] for label in pair) for pair in pairs]
    show_images(X[:n].reshape((n, 28, 28)), 1, n, titles=titles[:n])


@mistake(
    task="predict_ch3",
    label="writes the predicted label above the true one",
    hint="The true label comes first.",
)
def swapped_titles(net, test_iter, n=6):
    show(net, *next(iter(test_iter)), n, swap=True)


@mistake(
    task="predict_ch3",
    label="shows the last batch instead of the first",
    hint="Leave the loop after the first batch.",
)
def last_batch(net, test_iter, n=6):
    for X, y in test_iter:
        pass
    show(net, X, y, n)


@mistake(
    task="predict_ch3",
    label="always shows six images, whatever n is",
    hint="n says how many.",
)
def always_six(net, test_iter, n=6):
    X, y = next(iter(test_iter))
    show(net, X, y, min(6, len(X)))


@mistake(
    task="predict_ch3",
    label="writes class numbers instead of names",
    hint="TEXT_LABELS knows the names.",
)
def numbers_as_titles(net, test_iter, n=6):
    X, y = next(iter(test_iter))
    preds = net(X).argmax(axis=1)
    titles = [f"{int(t)}\n{int(p)}" for t, p in zip(y, preds)]
    show_images(X[:n].reshape((n, 28, 28)), 1, n, titles=titles[:n])
