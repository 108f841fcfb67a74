"""The public tests: `autograde check softmax` runs them on your file."""

import math

import pytest
import torch

from grader.judge import expect


def as_float(value):
    """Let a numpy float pass for a Python float, and leave everything else as it is."""
    return float(value) if isinstance(value, float) else value


@pytest.mark.task("softmax")
@pytest.mark.points(0.5)
@pytest.mark.hint("Exponentials first; then divide each by the sum of its own row.")
def test_softmax_of_known_logits(student):
    """The logits log 1, log 2, log 5 give the probabilities 1/8, 2/8, 5/8."""
    X = torch.tensor([[1.0, 2.0, 5.0], [4.0, 4.0, 8.0]]).log()
    expected = torch.tensor([[0.125, 0.25, 0.625], [0.25, 0.25, 0.5]])
    expect.close(
        student.softmax(X),
        expected,
        what="softmax(X)",
        because="Each entry is exp(x) divided by the sum of exp over its row.",
    )


@pytest.mark.task("softmax")
@pytest.mark.points(0.5)
@pytest.mark.hint("Which dimension do you sum over, and does keepdim keep it?")
def test_softmax_rows_sum_to_one(student, rng):
    """Each row of the result sums to 1 and has no negative entry."""
    Y = student.softmax(torch.randn(2, 5, generator=rng))
    expect.shape(Y, (2, 5), what="softmax(X) for X of shape (2, 5)")
    expect.close(Y.sum(1), torch.ones(2), what="the row sums of softmax(X)")
    expect.that(Y.min() >= 0, "softmax(X) has a negative entry; a probability is at least 0.")


@pytest.mark.task("softmax_params")
@pytest.mark.points(0.5)
@pytest.mark.hint("requires_grad=True can be given to torch.normal and torch.zeros.")
def test_params_have_the_right_shapes(student):
    """W is (784, 10), b is (10,), and both require gradients."""
    try:
        W, b = student.softmax_params()
    except (NotImplementedError, AttributeError):
        # The book assigns W and b at the top of the module instead.
        W, b = getattr(student, "W", None), getattr(student, "b", None)
        if not (isinstance(W, torch.Tensor) and isinstance(b, torch.Tensor)):
            raise
    expect.shape(W, (784, 10), what="W")
    expect.shape(b, (10,), what="b")
    expect.that(W.requires_grad and b.requires_grad, "W and b must both require gradients.")


@pytest.mark.task("softmax_net")
@pytest.mark.points(0.5)
@pytest.mark.hint("Flatten each image to a row of 784, multiply by W, add b, apply softmax.")
def test_net_of_two_images(driver, rng):
    """Two 28 x 28 images become two rows of ten probabilities."""
    X = torch.rand(2, 1, 28, 28, generator=rng)
    W, b = 0.1 * torch.randn(784, 10, generator=rng), torch.randn(10, generator=rng)
    expected = torch.softmax(X.reshape(2, 784) @ W + b, dim=1)
    # Sums of 784 products may be added up in another order.
    expect.close(driver.run_net(W, b, X), expected, what="net(X)", rtol=1e-4)


@pytest.mark.task("select_by_index")
@pytest.mark.points(0.5)
@pytest.mark.hint("A tensor can be indexed with a list of rows and a tensor of columns.")
def test_select_the_book_example(student):
    """From [[0.1, 0.3, 0.6], [0.3, 0.2, 0.5]] the classes [0, 2] pick [0.1, 0.5]."""
    y_hat = torch.tensor([[0.1, 0.3, 0.6], [0.3, 0.2, 0.5]])
    picked = student.select_by_index(y_hat, torch.tensor([0, 2]))
    expect.close(picked, torch.tensor([0.1, 0.5]), what="select_by_index(y_hat, y)")


@pytest.mark.task("cross_entropy")
@pytest.mark.points(0.75)
@pytest.mark.hint("Take the probability of the true class, its logarithm, and mind the sign.")
def test_cross_entropy_of_the_book_example(student):
    """Probabilities 0.1 and 0.5 of the true classes cost 2.3026 and 0.6931."""
    y_hat = torch.tensor([[0.1, 0.3, 0.6], [0.3, 0.2, 0.5]])
    expect.close(
        student.cross_entropy(y_hat, torch.tensor([0, 2])),
        torch.tensor([-math.log(0.1), -math.log(0.5)]),
        what="cross_entropy(y_hat, y)",
        because="The loss of an example is -log of the probability of its true class.",
    )


@pytest.mark.task("accuracy")
@pytest.mark.points(0.75)
@pytest.mark.hint("The prediction is the position of the largest score in each row.")
def test_accuracy_counts(student):
    """Three of four predictions are right: the answer is 3.0, not 0.75."""
    y_hat = torch.tensor([[0.1, 0.3, 0.6], [0.7, 0.2, 0.1], [0.2, 0.5, 0.3], [0.4, 0.3, 0.3]])
    count = student.accuracy(y_hat, torch.tensor([2, 0, 1, 2]))
    expect.number(as_float(count), 3.0, what="accuracy(y_hat, y)", because="It is a count.")


@pytest.mark.task("accumulator")
@pytest.mark.points(0.5)
def test_accumulator_adds(student):
    """Adding (1, 2) and (3, 4.5) gives the sums 4.0 and 6.5."""
    metric = student.Accumulator(2)
    metric.add(1, 2)
    metric.add(3, 4.5)
    expect.number(as_float(metric[0]), 4.0, what="metric[0]")
    expect.number(as_float(metric[1]), 6.5, what="metric[1]")


@pytest.mark.task("evaluate_accuracy")
@pytest.mark.points(0.5)
@pytest.mark.hint("If `accuracy` fails too, mend that first.")
def test_evaluate_accuracy_on_two_batches(driver):
    """Two of three predictions in one batch and one of one in the next make 0.75."""
    first = torch.tensor([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]), torch.tensor([0, 1, 1])
    second = torch.tensor([[0.3, 0.7]]), torch.tensor([1])
    fraction = driver.evaluate([first, second])
    expect.number(
        as_float(fraction),
        0.75,
        what="evaluate_accuracy(net, data_iter)",
        because="Every example counts the same, whatever batch it is in.",
    )


@pytest.mark.task("train_epoch_ch3")
@pytest.mark.points(0.75)
@pytest.mark.hint("Sum the losses, call backward(), then updater(number of examples).")
def test_an_epoch_with_an_updater_function(driver):
    """One batch: the loss and accuracy before the update come back, and the update is made."""
    w = torch.zeros(2, requires_grad=True)
    X, y = torch.tensor([[1.0, 0.0], [0.0, 2.0], [3.0, 0.0]]), torch.tensor([0, 1, 1])
    losses = torch.nn.functional.cross_entropy(X * w, y, reduction="none")
    losses.sum().backward()
    seen = driver.train_with_function(w, [(X, y)], 0.3)
    expect.equal(seen["batch_sizes"], [3], what="the arguments of the calls of updater")
    expect.close(seen["w"], w.detach() - 0.1 * w.grad, what="the parameters after the epoch")
    result = seen["result"]
    expect.that(isinstance(result, tuple) and len(result) == 2, "Return the pair (loss, accuracy).")
    expect.number(as_float(result[0]), math.log(2), what="the loss of the epoch")
    expect.number(as_float(result[1]), 1 / 3, what="the accuracy of the epoch")


@pytest.mark.task("updater")
@pytest.mark.points(0.5)
@pytest.mark.hint("p - lr * p.grad / batch_size, for W and for b, with lr = 0.1.")
def test_updater_takes_a_step(driver):
    """A gradient of 4 summed over 2 examples moves a parameter by 0.1 * 4 / 2 = 0.2."""
    W, b = torch.ones(784, 10), torch.zeros(10)
    seen = driver.step(W, b, torch.full((784, 10), 4.0), torch.full((10,), -8.0), 2)
    expect.close(seen["W"], torch.full((784, 10), 0.8), what="W after updater(2)")
    expect.close(seen["b"], torch.full((10,), 0.4), what="b after updater(2)")


@pytest.mark.task("animator")
@pytest.mark.points(0.25)
def test_animator_keeps_the_points(driver):
    """Two points for two curves are kept curve by curve."""
    X, Y = driver.curves([[1, [0.5, 0.6]], [2, [0.4, 0.7]]])
    expect.equal(X, [[1.0, 2.0], [1.0, 2.0]], what="animator.X")
    expect.equal(Y, [[0.5, 0.4], [0.6, 0.7]], what="animator.Y")


@pytest.mark.task("train_ch3")
@pytest.mark.points(0.25)
def test_train_ch3_runs_every_epoch(driver):
    """Two epochs: train, test, train, test, and one point after each."""
    seen = driver.train([[0.6, 0.7, 0.72], [0.4, 0.8, 0.75]])
    expect.equal(seen["calls"], ["train", "test"] * 2, what="the order of the calls")
    expect.equal(
        seen["points"],
        [[1.0, [0.6, 0.7, 0.72]], [2.0, [0.4, 0.8, 0.75]]],
        what="the points given to Animator.add",
    )


@pytest.mark.task("train_ch3")
@pytest.mark.points(0)
@pytest.mark.training("softmax-regression")
def test_your_parts_learn_a_little(training):
    """A short training run with your parts goes downhill; it counts for nothing."""
    training.run()


@pytest.mark.task("predict_ch3")
@pytest.mark.points(0.25)
def test_predict_ch3_writes_the_titles(driver):
    """Each title is the true label, a newline, and the predicted label."""
    X, y = torch.zeros(3, 1, 28, 28), torch.tensor([9, 0, 2])
    scores = torch.eye(10)[[9, 6, 2]]
    titles = ["ankle boot\nankle boot", "t-shirt\nshirt"]
    shown = driver.predict(X, y, scores, 2)
    expect.equal(shown, [[2, 1, 2, titles]], what="the arguments of show_images")
