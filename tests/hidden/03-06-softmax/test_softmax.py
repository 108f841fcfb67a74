"""The hidden suite of 03-06-softmax.

Tolerances: the default of `expect.close` (1e-5 relative, 1e-6 absolute) is some hundred units in
the last place of float32, for a handful of operations an entry; a test that needs another one
says why. Statistical bounds are six standard errors wide: one right answer in 500 million fails.
"""

import math

import pytest
import torch
from torch.nn import functional as F

from grader.judge import expect


def as_float(value):
    """Let a numpy float pass for a Python float, and leave everything else as it is."""
    return float(value) if isinstance(value, float) else value


def batches_of(sizes, rng, features=3, classes=4):
    """Draw batches of the given sizes: inputs and labels."""
    return [
        (
            torch.randn(n, features, generator=rng),
            torch.randint(classes, (n,), generator=rng),
        )
        for n in sizes
    ]


# --- softmax --------------------------------------------------------------------------------


@pytest.mark.task("softmax")
@pytest.mark.points(0.25)
@pytest.mark.parametrize("shape", [(4, 4), (2, 7)], ids=["square", "wide"])
def test_softmax_values(student, rng, shape):
    """Every entry is exp of its logit divided by the sum of exp over its row."""
    X = 2 * torch.randn(shape, generator=rng)
    expect.close(student.softmax(X), torch.softmax(X, dim=1), what="softmax(X)")


@pytest.mark.task("softmax")
@pytest.mark.points(0.25)
@pytest.mark.hint("Two rows of one matrix must not influence each other.")
def test_softmax_rows_are_independent(student, rng):
    """A row gets the same probabilities alone as in the company of other rows."""
    X = torch.randn(3, 5, generator=rng)
    X[1] += 20  # another scale, so that statistics over columns or over all would show
    together = student.softmax(X)
    alone = torch.cat([student.softmax(row[None]) for row in X])
    expect.close(alone, torch.softmax(X, dim=1), what="softmax of single rows")
    expect.close(together, alone, what="softmax(X)", because="Each row stands for itself.")


@pytest.mark.task("softmax")
@pytest.mark.points(0.25)
@pytest.mark.hint("Subtracting something first is allowed, but it must not make numbers larger.")
def test_softmax_of_wide_logits(student):
    """Logits that lie far apart still give finite probabilities."""
    # exp(60) = 1e26 and its sum over the row are finite in float32; exp(120) is not.
    X = torch.tensor([[-60.0, 0.0, 60.0], [60.0, 60.0, -60.0]])
    expect.close(student.softmax(X), torch.softmax(X, dim=1), what="softmax(X)")


@pytest.mark.task("softmax")
@pytest.mark.points(0.25)
@pytest.mark.hint("Work on a copy: methods that end in an underscore change the tensor itself.")
def test_softmax_leaves_its_input_alone(student, rng):
    """X is the same after the call as before."""
    X = torch.randn(3, 4, generator=rng)
    before = X.clone()
    student.softmax(X)
    expect.unchanged(X, before, what="the argument X")


@pytest.mark.task("softmax")
@pytest.mark.points(0.25)
@pytest.mark.hint("Let the result take its dtype from X.")
def test_softmax_keeps_float64(student, rng):
    """A float64 input gives a float64 result with its full precision."""
    X = torch.randn(3, 6, generator=rng, dtype=torch.float64)
    # 1e-12 is 5000 units in the last place of float64; a detour through float32 costs 1e-8.
    expect.close(
        student.softmax(X), torch.softmax(X, dim=1), what="softmax(X)", rtol=1e-12, atol=1e-14
    )


@pytest.mark.task("softmax")
@pytest.mark.points(0.125)
@pytest.mark.parametrize("shape", [(1, 4), (4, 1)], ids=["one row", "one column"])
def test_softmax_of_thin_matrices(student, rng, shape):
    """One row alone, or one column of ones: a distribution over a single class is certain."""
    X = torch.randn(shape, generator=rng)
    expect.close(student.softmax(X), torch.softmax(X, dim=1), what="softmax(X)")


@pytest.mark.task("softmax")
@pytest.mark.points(0.25)
@pytest.mark.hint("Compute with tensors all the way; .data, .item() and numpy cut the graph.")
def test_softmax_gradient(student, rng):
    """Gradients flow through softmax and agree with finite differences."""
    X = torch.randn(2, 3, generator=rng, dtype=torch.float64, requires_grad=True)
    Y = student.softmax(X)
    expect.that(Y.requires_grad, "softmax(X) does not require gradients although X does.")
    # gradcheck's default tolerances are made for float64.
    right = torch.autograd.gradcheck(student.softmax, (X,), raise_exception=False)
    expect.that(right, "The gradient of softmax(X) is not the one of finite differences.")


# --- softmax_params -------------------------------------------------------------------------


def params(student):
    """Get W and b from softmax_params, or from the top of the module as the book has them."""
    try:
        W, b = student.softmax_params()
    except (NotImplementedError, AttributeError):
        W, b = getattr(student, "W", None), getattr(student, "b", None)
        if not (isinstance(W, torch.Tensor) and isinstance(b, torch.Tensor)):
            raise
    expect.shape(W, (784, 10), what="W")
    expect.shape(b, (10,), what="b")
    return W, b


def require_drawn(student):
    """Hold W and b to their distribution."""
    W, b = params(student)
    W = W.detach()
    count = W.numel()
    expect.that(abs(float(W.mean())) < 6 * 0.01 / math.sqrt(count), "The mean of W is not 0.")
    spread = float(W.std())
    text = "The standard deviation of W is not 0.01."
    expect.that(abs(spread - 0.01) < 6 * 0.01 / math.sqrt(2 * count), text)
    # A normal variable is beyond 2 deviations in 4.55 % of all cases, a uniform one never.
    share = float((W.abs() > 0.02).float().mean())
    bound = 6 * math.sqrt(0.0455 * 0.9545 / count)
    expect.that(abs(share - 0.0455) < bound, "W is not drawn from a normal distribution.")
    expect.close(b, torch.zeros(10), what="b")


@pytest.mark.task("softmax_params")
@pytest.mark.points(0.25)
@pytest.mark.hint("Mean 0 and standard deviation 0.01, a fresh number for every entry.")
def test_params_are_drawn_as_asked(student):
    """W is normal with mean 0 and standard deviation 0.01, and b is zero."""
    require_drawn(student)


@pytest.mark.task("softmax_params")
@pytest.mark.points(0.25)
@pytest.mark.hint("Arithmetic after requires_grad=True makes a result, not a parameter.")
def test_params_are_leaves(student):
    """W and b are float32 leaf tensors, so that backward() fills their .grad."""
    for name, param in zip("Wb", params(student), strict=True):
        expect.dtype(param, torch.float32, what=name)
        expect.that(param.requires_grad, f"{name} does not require gradients.")
        expect.that(param.is_leaf, f"{name} is computed from another tensor: it has no .grad.")


# --- net ------------------------------------------------------------------------------------


def net_inputs(rng):
    """Draw parameters and a batch of images."""
    W, b = 0.1 * torch.randn(784, 10, generator=rng), torch.randn(10, generator=rng)
    return W, b, torch.rand(4, 1, 28, 28, generator=rng)


@pytest.mark.task("softmax_net")
@pytest.mark.points(0.25)
@pytest.mark.parametrize("shape", [(4, 1, 28, 28), (4, 784)], ids=["images", "rows"])
def test_net_values(driver, rng, shape):
    """net(X) is the softmax of X W + b, for images and for flat rows."""
    W, b, X = net_inputs(rng)
    expected = torch.softmax(X.reshape(4, 784) @ W + b, dim=1)
    (got,) = driver.run_net(W, b, [X.reshape(shape)])
    # Sums of 784 products may be added up in another order.
    expect.close(got, expected, what="net(X)", rtol=1e-4)


@pytest.mark.task("softmax_net")
@pytest.mark.points(0.25)
@pytest.mark.hint("Read W and b of the module when net is called; keep no copy.")
def test_net_reads_the_current_parameters(driver, rng):
    """After W and b have changed, net computes with the new values, for any batch size."""
    for n in (1, 3):
        W, b, X = net_inputs(rng)
        (got,) = driver.run_net(W, b, [X[:n]])
        expected = torch.softmax(X[:n].reshape(n, 784) @ W + b, dim=1)
        expect.close(got, expected, what="net(X)", rtol=1e-4)


@pytest.mark.task("softmax_net")
@pytest.mark.points(0.25)
@pytest.mark.hint("Use W and b themselves, not .data or .detach().")
def test_net_gradients_reach_the_parameters(driver, rng):
    """A backward pass through net(X) gives W and b their gradients."""
    W, b, X = net_inputs(rng)
    weights = torch.randn(4, 10, generator=rng)
    grads = driver.net_gradients(W, b, X, weights)
    leaves = W.requires_grad_(), b.requires_grad_()
    Y = torch.softmax(X.reshape(4, 784) @ leaves[0] + leaves[1], dim=1)
    (Y * weights).sum().backward()
    for name, leaf, grad in zip("Wb", leaves, grads, strict=True):
        expect.that(grad is not None, f"{name} gets no gradient.")
        expect.close(grad, leaf.grad, what=f"the gradient of {name}", rtol=1e-4, atol=1e-5)


# --- select_by_index ------------------------------------------------------------------------


@pytest.mark.task("select_by_index")
@pytest.mark.points(0.25)
@pytest.mark.hint("The rows are 0, 1, 2, ...: how many there are depends on y_hat.")
def test_select_any_number_of_rows(student, rng):
    """Each of any number of rows gives the entry that its own label names."""
    for n, q in ((1, 3), (5, 5), (6, 4)):
        y_hat = torch.randn(n, q, generator=rng, dtype=torch.float64)
        y = torch.randint(q, (n,), generator=rng)
        expected = torch.stack([y_hat[i, y[i]] for i in range(n)])
        expect.close(student.select_by_index(y_hat, y), expected, what="select_by_index(y_hat, y)")


@pytest.mark.task("select_by_index")
@pytest.mark.points(0.25)
def test_select_passes_gradients(student, rng):
    """The gradient of the sum is 1 at the picked entries and 0 elsewhere."""
    y_hat = torch.randn(3, 4, generator=rng, requires_grad=True)
    y = torch.randint(4, (3,), generator=rng)
    picked = student.select_by_index(y_hat, y)
    expect.that(picked.requires_grad, "The result does not require gradients although y_hat does.")
    picked.sum().backward()
    expect.close(y_hat.grad, F.one_hot(y, 4).float(), what="the gradient of y_hat")


# --- cross_entropy --------------------------------------------------------------------------


def probabilities(n, q, rng, dtype=torch.float32):
    """Draw rows of probabilities, none of them near 0."""
    return torch.softmax(torch.randn(n, q, generator=rng, dtype=dtype), dim=1)


@pytest.mark.task("cross_entropy")
@pytest.mark.points(0.125)
@pytest.mark.hint("Return the vector of losses; averaging is the business of the training loop.")
@pytest.mark.parametrize("n", [1, 5])
def test_cross_entropy_is_per_example(student, rng, n):
    """As many losses come back as there are examples, in a vector."""
    y = torch.randint(4, (n,), generator=rng)
    losses = student.cross_entropy(probabilities(n, 4, rng), y)
    expect.shape(losses, (n,), what=f"cross_entropy(y_hat, y) for {n} examples")


@pytest.mark.task("cross_entropy")
@pytest.mark.points(0.25)
@pytest.mark.hint("The natural logarithm, of the true class alone, with a minus.")
@pytest.mark.parametrize("shape", [(4, 4), (6, 3)], ids=["square", "tall"])
def test_cross_entropy_values(student, rng, shape):
    """Each loss is -log of the probability that the row gives to its true class."""
    y_hat = probabilities(*shape, rng)
    y = torch.randint(shape[1], (shape[0],), generator=rng)
    expected = F.nll_loss(y_hat.log(), y, reduction="none")
    expect.close(student.cross_entropy(y_hat, y), expected, what="cross_entropy(y_hat, y)")


@pytest.mark.task("cross_entropy")
@pytest.mark.points(0.25)
@pytest.mark.hint("How much surprise is there in what was certain?")
def test_cross_entropy_of_certainty(student):
    """A class predicted with probability 1 costs nothing, and 1/e costs 1."""
    y_hat = torch.tensor([[1.0 - 2e-30, 1e-30, 1e-30], [0.5, 1 / math.e, 0.5 - 1 / math.e]])
    losses = student.cross_entropy(y_hat, torch.tensor([0, 1]))
    expect.close(losses, torch.tensor([0.0, 1.0]), what="cross_entropy(y_hat, y)")


@pytest.mark.task("cross_entropy")
@pytest.mark.points(0.25)
def test_cross_entropy_keeps_float64_and_its_inputs(student, rng):
    """A float64 input gives a float64 result, and y_hat and y stay as they are."""
    y_hat = probabilities(5, 3, rng, torch.float64)
    y = torch.randint(3, (5,), generator=rng)
    before = y_hat.clone(), y.clone()
    expected = F.nll_loss(y_hat.log(), y, reduction="none")
    # Loose enough for a guard such as log(p + 1e-8), which is no mistake.
    losses = student.cross_entropy(y_hat, y)
    expect.close(losses, expected, what="cross_entropy(y_hat, y)", rtol=1e-6)
    expect.unchanged(y_hat, before[0], what="the argument y_hat")
    expect.unchanged(y, before[1], what="the argument y")


@pytest.mark.task("cross_entropy")
@pytest.mark.points(0.5)
@pytest.mark.hint("Compute with tensors all the way; .item() and numpy cut the graph.")
def test_cross_entropy_gradient(student, rng):
    """Behind a softmax its gradient is the famous one: probabilities minus one-hot labels."""
    logits = torch.randn(4, 3, generator=rng, requires_grad=True)
    y = torch.randint(3, (4,), generator=rng)
    losses = student.cross_entropy(torch.softmax(logits, dim=1), y)
    expect.that(losses.requires_grad, "The losses do not require gradients although y_hat does.")
    losses.sum().backward()
    expected = torch.softmax(logits.detach(), dim=1) - F.one_hot(y, 3)
    expect.close(logits.grad, expected, what="the gradient of the logits")


# --- accuracy -------------------------------------------------------------------------------


@pytest.mark.task("accuracy")
@pytest.mark.points(0.125)
@pytest.mark.hint("One prediction per row, and every right one counts.")
@pytest.mark.parametrize("shape", [(12, 3), (6, 6)], ids=["tall", "square"])
def test_accuracy_of_scores(student, rng, shape):
    """The largest score of each row is compared with that row's label."""
    n, q = shape
    for right in (0, n // 2, n):
        y = torch.randint(q, (n,), generator=rng)
        said = torch.where(torch.arange(n) < right, y, (y + 1) % q)
        scores = torch.rand(n, q, generator=rng) + 2 * F.one_hot(said, q)
        count = student.accuracy(scores - 5, y)
        expect.number(as_float(count), right, what="accuracy(y_hat, y)")


@pytest.mark.task("accuracy")
@pytest.mark.points(0.25)
@pytest.mark.hint("What has no second dimension needs no argmax.")
@pytest.mark.parametrize("column", [False, True], ids=["(n,)", "(n, 1)"])
def test_accuracy_of_predicted_classes(student, column):
    """y_hat may also hold the predicted classes themselves, in the shape of y."""
    y, y_hat = torch.tensor([3, 1, 0, 2, 2]), torch.tensor([3, 0, 0, 1, 2])
    if column:
        y, y_hat = y[:, None], y_hat[:, None]
    count = student.accuracy(y_hat, y)
    expect.number(as_float(count), 3, what="accuracy(y_hat, y)")
    count = student.accuracy(y_hat.float(), y)
    expect.number(as_float(count), 3, what="accuracy(y_hat, y) for float classes")


@pytest.mark.task("accuracy")
@pytest.mark.points(0.25)
@pytest.mark.hint("float(...) turns a tensor with one element into a Python number.")
def test_accuracy_is_a_float(student):
    """The count is a Python float, which adds up without a tensor behind it."""
    y_hat = torch.tensor([[0.2, 0.8], [0.9, 0.1]], requires_grad=True)
    count = student.accuracy(y_hat, torch.tensor([1, 1]))
    expect.that(isinstance(count, float), "accuracy(y_hat, y) is not a Python float.")


@pytest.mark.task("accuracy")
@pytest.mark.points(0.25)
@pytest.mark.hint("== compares numbers of any two dtypes; which of yours insists on one?")
def test_accuracy_for_any_dtype_of_labels(student, rng):
    """Labels may be int64, int32 or float32, and neither argument is changed."""
    y_hat = torch.rand(40, 3, generator=rng)
    said = y_hat.argmax(1)
    for dtype in (torch.int64, torch.int32, torch.float32):
        y = torch.where(torch.arange(40) % 4 == 0, (said + 1) % 3, said).to(dtype)
        before = y_hat.clone(), y.clone()
        count = student.accuracy(y_hat, y)
        name = str(dtype).removeprefix("torch.")
        expect.number(as_float(count), 30, what=f"the count for {name} labels")
        expect.unchanged(y_hat, before[0], what="the argument y_hat")
        expect.unchanged(y, before[1], what="the argument y")


# --- Accumulator ----------------------------------------------------------------------------


@pytest.mark.task("accumulator")
@pytest.mark.points(0.25)
def test_accumulator_resets(student):
    """reset() sets every sum back to 0, and the object can be used again."""
    metric = student.Accumulator(3)
    for value in (as_float(metric[i]) for i in range(3)):
        expect.number(value, 0, what="a sum of a fresh Accumulator")
    metric.add(1, 2, 3)
    metric.add(10, 20, 30)
    sums = [as_float(metric[i]) for i in range(3)]
    for value, wanted in zip(sums, (11, 22, 33), strict=True):
        expect.number(value, wanted, what="a sum before reset()")
    metric.reset()
    metric.add(0.5, 0, -1)
    for i, wanted in enumerate((0.5, 0, -1)):
        expect.number(as_float(metric[i]), wanted, what="a sum after reset()")


@pytest.mark.task("accumulator")
@pytest.mark.points(0.5)
@pytest.mark.hint("float(...) of what is added: a tensor would keep its whole graph alive.")
def test_accumulator_turns_tensors_into_floats(student):
    """Tensors are added as plain numbers; the sums are Python floats."""
    metric = student.Accumulator(2)
    metric.add(torch.tensor(2.5, requires_grad=True), torch.tensor([3]))
    metric.add(torch.tensor(1.0), 1)
    for i, wanted in enumerate((3.5, 4)):
        value = metric[i]
        expect.that(isinstance(value, float), "A sum is not a Python float.")
        expect.number(float(value), wanted, what="a sum of tensors")


@pytest.mark.task("accumulator")
@pytest.mark.points(0.25)
@pytest.mark.hint("Each object needs sums of its own, and they are Python floats (64 bits).")
def test_accumulators_are_independent_and_exact(student):
    """Two accumulators do not share sums, and large counts stay exact."""
    one, other = student.Accumulator(1), student.Accumulator(1)
    # 2**24 + 1 is the first integer that float32 cannot hold.
    one.add(2**24)
    one.add(1)
    expect.number(as_float(one[0]), 2**24 + 1, what="a large sum", rtol=0, atol=0)
    expect.number(as_float(other[0]), 0, what="the sum of another Accumulator")


# --- evaluate_accuracy ----------------------------------------------------------------------


def fraction_right(W, b, batches):
    """Compute the accuracy of a linear model over all examples."""
    hits = sum(int(((X @ W + b).argmax(1) == y).sum()) for X, y in batches)
    return hits / sum(len(y) for _, y in batches)


def linear(rng, features=3, classes=4):
    """Draw the parameters of a linear model."""
    W = torch.randn(features, classes, generator=rng)
    return W, torch.randn(classes, generator=rng)


@pytest.mark.task("evaluate_accuracy")
@pytest.mark.points(0.5)
@pytest.mark.hint("Add up the right ones and the examples, and divide once, at the end.")
def test_evaluate_accuracy_weighs_examples(driver, rng):
    """Batches of different sizes: every example counts the same."""
    W, b = linear(rng)
    # The small batch is all right and the large one all wrong, so that averages differ.
    batches = batches_of([9, 1, 2], rng)
    said = [(X @ W + b).argmax(1) for X, _ in batches]
    batches = [
        (batches[0][0], (said[0] + 1) % 4),
        (batches[1][0], said[1]),
        (batches[2][0], said[2]),
    ]
    seen = driver.evaluate_function(W, b, batches, once=False)
    expect.number(as_float(seen["result"]), 0.25, what="evaluate_accuracy(net, data_iter)")


@pytest.mark.task("evaluate_accuracy")
@pytest.mark.points(0.5)
@pytest.mark.hint("net.eval() before the first batch, but only for an nn.Module.")
def test_evaluate_accuracy_uses_evaluation_mode(driver, rng):
    """A module that was in training mode is evaluated in evaluation mode."""
    W, b = linear(rng)
    batches = batches_of([4, 4], rng)
    seen = driver.evaluate_module(W, b, batches)
    expect.equal(seen["modes"], [False, False], what="net.training at each call of net")
    expect.number(as_float(seen["result"]), fraction_right(W, b, batches), what="the accuracy")


@pytest.mark.task("evaluate_accuracy")
@pytest.mark.points(0.25)
@pytest.mark.hint("with torch.no_grad(): around the loop.")
def test_evaluate_accuracy_records_no_gradients(driver, rng):
    """No graph is recorded while net runs, and recording is on again afterwards."""
    W, b = linear(rng)
    seen = driver.evaluate_module(W, b, batches_of([3, 2], rng))
    expect.equal(seen["recording"], [False, False], what="torch.is_grad_enabled() inside net")
    expect.that(seen["after"], "Gradients are still switched off after the call.")


@pytest.mark.task("evaluate_accuracy")
@pytest.mark.points(0.25)
@pytest.mark.hint("One loop over data_iter; it may have neither a length nor a second round.")
def test_evaluate_accuracy_walks_once(driver, rng):
    """data_iter may be a generator, and the answer is a Python float."""
    W, b = linear(rng)
    batches = batches_of([5, 5, 3], rng)
    seen = driver.evaluate_function(W, b, batches, once=True)
    expect.number(as_float(seen["result"]), fraction_right(W, b, batches), what="the accuracy")
    expect.that(len(seen["recording"]) == 3, "net must be called once per batch.")
    expect.that(isinstance(seen["result"], float), "The accuracy is not a Python float.")


# --- train_epoch_ch3 ------------------------------------------------------------------------


def descend(W, b, batches, lr, momentum=0.0):
    """Train a linear model with mean gradients; give what a right epoch must show."""
    W, b = (p.detach().clone().requires_grad_() for p in (W, b))
    optimizer = torch.optim.SGD([W, b], lr=lr, momentum=momentum)
    total = hits = 0.0
    for X, y in batches:
        scores = X @ W + b
        losses = F.cross_entropy(scores, y, reduction="none")
        optimizer.zero_grad()
        losses.mean().backward()
        optimizer.step()
        total += float(losses.sum())
        hits += float((scores.argmax(1) == y).sum())
    count = sum(len(y) for _, y in batches)
    return [W.detach(), b.detach()], total / count, hits / count


def check_epoch(seen, expected):
    """Compare parameters, loss and accuracy after an epoch, to float32 precision."""
    result = seen["result"]
    expect.that(
        isinstance(result, (tuple, list)) and len(result) == 2,
        "train_epoch_ch3 must return the pair (loss, accuracy).",
    )
    params, loss, hits = expected
    for name, got, wanted in zip("Wb", seen["params"], params, strict=True):
        text = f"the parameters {name} after the epoch"
        # A few dozen float32 operations, in another order perhaps.
        expect.close(got, wanted, what=text, rtol=1e-4, atol=1e-5)
    expect.number(as_float(result[0]), loss, what="the loss of the epoch", rtol=1e-4)
    expect.number(as_float(result[1]), hits, what="the accuracy of the epoch")


@pytest.mark.task("train_epoch_ch3")
@pytest.mark.points(0.5)
@pytest.mark.hint(
    "zero_grad(), backward() of the mean loss, step(): once per batch, in that order."
)
def test_epoch_with_an_optimizer(driver, rng):
    """With torch's SGD the parameters go exactly where gradient descent on mean losses leads."""
    W, b = linear(rng)
    batches = batches_of([6, 6, 4], rng)
    seen = driver.train_with_optimizer(W, b, batches, 0.5, 0.9)
    check_epoch(seen, descend(W, b, batches, 0.5, 0.9))


@pytest.mark.task("train_epoch_ch3")
@pytest.mark.points(0.5)
@pytest.mark.hint("updater(n) divides by n itself: hand it the gradient of the SUM of the losses.")
def test_epoch_with_an_updater(driver, rng):
    """An updater function is called once per batch, with its size and summed gradients."""
    W, b = linear(rng)
    batches = batches_of([5, 5, 2], rng)
    seen = driver.train_with_function(W, b, batches, 0.2)
    expect.equal(seen["sizes"], [5, 5, 2], what="the arguments of the calls of updater")
    check_epoch(seen, descend(W, b, batches, 0.2))


@pytest.mark.task("train_epoch_ch3")
@pytest.mark.points(0.25)
@pytest.mark.hint("Sum over all examples first, divide by their number at the end.")
def test_epoch_averages_over_examples(driver, rng):
    """Loss and accuracy are averages over examples, not over batches, before each update."""
    W, b = linear(rng)
    batches = batches_of([8, 1], rng)
    said = [(X @ W + b).argmax(1) for X, _ in batches]
    # All right in the large batch and wrong in the small one: an average over batches says 0.5.
    batches = [(batches[0][0], said[0]), (batches[1][0], (said[1] + 1) % 4)]
    seen = driver.train_with_function(W, b, batches, 0.0)
    check_epoch(seen, descend(W, b, batches, 0.0))


@pytest.mark.task("train_epoch_ch3")
@pytest.mark.points(0.25)
@pytest.mark.hint("net.train() before the first batch, but only for an nn.Module.")
def test_epoch_uses_training_mode(driver, rng):
    """A module that was in evaluation mode is trained in training mode."""
    W, b = linear(rng)
    seen = driver.train_with_optimizer(W, b, batches_of([3, 3], rng), 0.1, 0.0)
    expect.equal(seen["modes"], [True, True], what="net.training at each call of net")


# --- updater --------------------------------------------------------------------------------


def updater_inputs(rng, steps):
    """Draw parameters and one pair of gradients per step."""
    W, b = torch.randn(784, 10, generator=rng), torch.randn(10, generator=rng)
    gradients = [
        [torch.randn(784, 10, generator=rng), torch.randn(10, generator=rng)] for _ in range(steps)
    ]
    return W, b, gradients


@pytest.mark.task("updater")
@pytest.mark.points(0.125)
@pytest.mark.hint("Change the tensors themselves, under torch.no_grad().")
def test_updater_works_in_place(driver, rng):
    """W and b are the same tensors as before, still leaves, with the values of one step."""
    W, b, gradients = updater_inputs(rng, 1)
    seen = driver.step(W, b, gradients, 5)
    expect.that(seen["same"], "W or b is another tensor after updater(batch_size).")
    expect.that(seen["leaves"], "W or b is no leaf that requires gradients any more.")
    for name, got, start, grad in zip("Wb", seen["params"], (W, b), gradients[0], strict=True):
        expect.close(got, start - 0.1 * grad / 5, what=f"{name} after updater(5)")


@pytest.mark.task("updater")
@pytest.mark.points(0.125)
@pytest.mark.hint("What would the next backward() add its gradient to?")
def test_updater_clears_the_gradients(driver, rng):
    """The gradients are zero or None afterwards, so that the next batch starts fresh."""
    W, b, gradients = updater_inputs(rng, 2)
    seen = driver.step(W, b, gradients, 4)
    expect.that(seen["left"] == 0, "A gradient is left after updater(batch_size).")
    for name, got, start, first, then in zip("Wb", seen["params"], (W, b), *gradients, strict=True):
        wanted = start - 0.1 * (first + then) / 4
        expect.close(got, wanted, what=f"{name} after two calls of updater(4)")


@pytest.mark.task("updater")
@pytest.mark.points(0.25)
@pytest.mark.depends_on(
    "test_softmax_values",
    "test_params_are_drawn_as_asked",
    "test_net_values",
    "test_cross_entropy_values",
)
@pytest.mark.hint("Each part is right by itself? Then look at what is left over between two steps.")
def test_three_steps_in_lockstep(student, driver, rng):
    """From the start on, three batches give the losses and parameters of softmax regression."""
    require_drawn(student)
    W = 0.1 * torch.randn(784, 10, generator=rng)
    b = 0.1 * torch.randn(10, generator=rng)
    batches = [
        (torch.rand(n, 1, 28, 28, generator=rng), torch.randint(10, (n,), generator=rng))
        for n in (6, 4, 5)
    ]
    losses, params = driver.lockstep(W, b, batches)
    leaves = [W.clone().requires_grad_(), b.clone().requires_grad_()]
    for (X, y), loss in zip(batches, losses, strict=True):
        expected = F.cross_entropy(X.reshape(len(X), -1) @ leaves[0] + leaves[1], y)
        grads = torch.autograd.grad(expected, leaves)
        # Sums over 784 pixels in float32 carry 1e-6; a wrong step moves the loss by 1e-2.
        expect.number(loss, len(X) * float(expected), what="the loss of a batch", rtol=1e-4)
        with torch.no_grad():
            for leaf, grad in zip(leaves, grads, strict=True):
                leaf.sub_(grad, alpha=0.1)
    for name, got, leaf in zip("Wb", params, leaves, strict=True):
        expect.close(got, leaf.detach(), what=f"{name} after three steps", rtol=1e-4, atol=1e-5)


# --- Animator -------------------------------------------------------------------------------


@pytest.mark.task("animator")
@pytest.mark.points(0.25)
@pytest.mark.hint("A bare number stands for a list of one; x stands for every curve.")
def test_animator_takes_numbers_lists_and_gaps(driver):
    """Takes a bare number as y, one x per curve, and leaves out a point where y is None."""
    seen = driver.curves([[1, 5.0], [2, 6.0]])
    expect.equal(seen, [[[1.0, 2.0]], [[5.0, 6.0]]], what="X and Y of one curve")
    seen = driver.curves([[1, (0.5, None)], [2, (0.4, 0.6)], [3, (None, 0.7)]])
    wanted = [[[1.0, 2.0], [2.0, 3.0]], [[0.5, 0.4], [0.6, 0.7]]]
    expect.equal(seen, wanted, what="X and Y where some values of y are None")
    seen = driver.curves([[[1, 10], [0.5, 0.6]], [[None, 20], [0.7, 0.8]]])
    wanted = [[[1.0], [10.0, 20.0]], [[0.5], [0.6, 0.8]]]
    expect.equal(seen, wanted, what="X and Y where x has a value per curve")


# --- train_ch3 ------------------------------------------------------------------------------


@pytest.mark.task("train_ch3")
@pytest.mark.points(0.25)
def test_train_ch3_passes_its_arguments_on(driver):
    """Each epoch trains on train_iter, then evaluates on test_iter, then adds a point."""
    epochs = [[0.9, 0.3, 0.2], [0.6, 0.6, 0.5], [0.3, 0.9, 0.8]]
    seen = driver.train(epochs)
    expect.equal(seen["calls"], ["train", "test"] * 3, what="the calls of the three epochs")
    points = [[float(i + 1), epoch] for i, epoch in enumerate(epochs)]
    expect.equal(seen["points"], points, what="the points given to Animator.add")
    expect.that(not seen["refused"], "A good result after the last epoch must not be refused.")


ACCEPTED = [[0.49, 0.71, 0.71], [0.0, 1.0, 1.0]]
REFUSED = [
    [0.5, 0.9, 0.9], [0.1, 0.7, 0.9], [0.1, 0.9, 0.7], [0.1, 1.01, 0.9], [0.1, 0.9, 1.01],
]  # fmt: skip


@pytest.mark.task("train_ch3")
@pytest.mark.points(0.25)
@pytest.mark.hint("Three assert statements after the loop; mind < and <=.")
def test_train_ch3_refuses_bad_results(driver):
    """AssertionError unless the last loss is below 0.5 and both accuracies in (0.7, 1]."""
    for last in ACCEPTED:
        seen = driver.train([[0.9, 0.2, 0.2], last])
        expect.that(not seen["refused"], "A result inside the bounds was refused.")
    for last in REFUSED:
        seen = driver.train([[0.2, 0.9, 0.9], last])
        expect.that(seen["refused"], "A result outside the bounds was not refused.")


@pytest.mark.task("train_ch3")
@pytest.mark.points(0.5)
@pytest.mark.training("softmax-regression")
@pytest.mark.depends_on(
    "test_softmax_values",
    "test_params_are_leaves",
    "test_net_values",
    "test_cross_entropy_values",
    "test_three_steps_in_lockstep",
)
@pytest.mark.hint("The loop is the grader's; parameters, model, loss and update are yours.")
def test_softmax_regression_learns(training):
    """Your parameters, model, loss and update together learn to tell clothes apart."""
    training.run()


# --- predict_ch3 ----------------------------------------------------------------------------

NAMES = (
    "t-shirt", "trouser", "pullover", "dress", "coat",
    "sandal", "shirt", "sneaker", "bag", "ankle boot",
)  # fmt: skip


@pytest.mark.task("predict_ch3")
@pytest.mark.points(0.25)
def test_predict_ch3_shows_the_first_images(driver, rng):
    """The first images of the first batch are shown: six unless told otherwise."""
    W = torch.randn(784, 10, generator=rng)
    images = [torch.rand(8, 1, 28, 28, generator=rng) for _ in range(2)]
    y = torch.randint(10, (8,), generator=rng)
    for n, count in ((None, 6), (3, 3)):
        shown = driver.predict([(images[0], y), (images[1], 9 - y)], W, n)
        expect.that(len(shown) == 1, "show_images must be called once.")
        said = (images[0].reshape(8, 784) @ W).argmax(1)
        titles = [f"{NAMES[t]}\n{NAMES[p]}" for t, p in zip(y[:count], said, strict=False)]
        expect.equal(shown[0]["titles"], titles, what="the titles given to show_images")
        expect.close(shown[0]["images"], images[0][:count, 0], what="the images")
        expect.equal(shown[0]["grid"], [1, count], what="num_rows and num_cols")
