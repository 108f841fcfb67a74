"""Questions by which the known mistakes of softmax regression are told apart."""

import torch

from grader.judge.inputs import tensors
from grader.judge.observe import snap
from grader.judge.probes import example, probe

# --- softmax --------------------------------------------------------------------------------

WIDE = torch.tensor([[0.0, 1.0, -2.0], [3.0, 0.5, 0.25]])
SQUARE = torch.tensor([[1.0, 2.0], [-1.0, 0.5]])
FAR = torch.tensor([[0.0, 60.0, -60.0]])
EQUAL = torch.zeros(2, 4)


@probe("softmax", (WIDE,), (SQUARE,), (EQUAL,), (WIDE * 3,), (torch.tensor([[2.0]]),))
@probe("softmax", (FAR,), (torch.tensor([[-70.0, 70.0]]),), (WIDE.double(),))
def of(student, X):
    return student.softmax(X)


@probe("softmax")
def gradient(student):
    X = WIDE.clone().requires_grad_()
    (student.softmax(X) * torch.tensor([1.0, 2.0, -1.0])).sum().backward()
    return X.grad


def logits():
    yield from tensors((1, 1), (1, 2), (2, 1), (2, 2), values=((0, 1),))
    # Nothing is promised beyond 80, but between these is further than exp reaches in float32.
    yield from tensors((1, 2), values=((0, 50, -50),))


@example("softmax", call="softmax({})", inputs=logits)
def softmax_of(student, X):
    return student.softmax(X)


# --- softmax_params -------------------------------------------------------------------------


@probe("softmax_params")
def form(student):
    return [(tuple(p.shape), p.requires_grad, p.is_leaf) for p in student.softmax_params()]


@probe("softmax_params")
def bias(student):
    return student.softmax_params()[1]


@probe("softmax_params")
def spread(student):
    W = student.softmax_params()[0].detach()
    return snap(W.std(), (0.0, 0.001, 0.01, 0.1, 1.0), 0.0004 if W.std() < 0.02 else 0.02)


@probe("softmax_params")
def shape_of_the_distribution(student):
    W = student.softmax_params()[0].detach().reshape(-1)
    if W.std() == 0:
        return "constant"
    Z = (W - W.mean()) / W.std()
    return snap((Z**4).mean(), (1.8, 3.0), 0.4), snap(W.mean() / W.std(), (0.0, 1.73), 0.06)


@probe("softmax_params")
def drawn_anew(student):
    first, second = student.softmax_params()[0], student.softmax_params()[0]
    return torch.equal(first.detach(), second.detach())


# --- softmax_net ----------------------------------------------------------------------------

_rng = torch.Generator().manual_seed(36)
W784, B10 = torch.randn(784, 10, generator=_rng) * 0.05, torch.arange(10.0) / 4
IMAGES = torch.rand(2, 1, 28, 28, generator=_rng)


@probe("softmax_net", (IMAGES,), (IMAGES.reshape(2, 784),), (IMAGES.reshape(2, 28, 28),))
@probe("softmax_net", (torch.zeros(1, 1, 28, 28),))
def net_of(student, X, driver):
    return driver.run_net(W784, B10, [X])[0]


@probe("softmax_net")
def net_gradient(student, driver):
    weights = torch.arange(20.0).reshape(2, 10)
    W_grad, b_grad = driver.net_gradients(W784, B10, IMAGES, weights)
    return W_grad if W_grad is None else W_grad.sum(0), b_grad


# --- select_by_index ------------------------------------------------------------------------

TABLE = torch.tensor([[0.1, 0.3, 0.6], [0.5, 0.2, 0.3], [0.25, 0.7, 0.05], [0.4, 0.15, 0.45]])
LABELS = torch.tensor([0, 2, 1, 2])


@probe("select_by_index", (TABLE, LABELS), (TABLE[:2], LABELS[:2]), (TABLE[1:], LABELS[1:]))
@probe("select_by_index", (TABLE[:1], LABELS[:1]), (-TABLE, LABELS))
def entries(student, y_hat, y):
    return student.select_by_index(y_hat, y)


@probe("select_by_index")
def entries_gradient(student):
    y_hat = TABLE.clone().requires_grad_()
    (student.select_by_index(y_hat, LABELS) * torch.arange(1.0, 5.0)).sum().backward()
    return y_hat.grad


def tables():
    labels = {1: ([0], [1]), 2: ([0, 0], [0, 1], [1, 0]), 3: ([0, 1, 1],)}
    for n in labels:
        y_hat = torch.arange(2.0 * n).reshape(n, 2)
        yield from ((y_hat, torch.tensor(y)) for y in labels[n])


@example("select_by_index", call="select_by_index({}, {})", inputs=tables)
def entry_of(student, y_hat, y):
    return student.select_by_index(y_hat, y)


# --- cross_entropy --------------------------------------------------------------------------

RARE = torch.tensor([[0.001, 0.999], [0.75, 0.25]])


@probe("cross_entropy", (TABLE, LABELS), (TABLE[:3], LABELS[:3]), (TABLE[:1], LABELS[:1]))
@probe("cross_entropy", (RARE, torch.tensor([0, 0])), (RARE, torch.tensor([1, 1])))
@probe("cross_entropy", (torch.full((2, 4), 0.25), torch.tensor([3, 1])))
def losses(student, y_hat, y):
    return student.cross_entropy(y_hat, y)


@probe("cross_entropy")
def losses_gradient(student):
    y_hat = TABLE.clone().requires_grad_()
    (student.cross_entropy(y_hat, LABELS) * torch.arange(1.0, 5.0)).sum().backward()
    return y_hat.grad


def predictions():
    for rows in ([[1.0]], [[0.5, 0.5]], [[0.25, 0.75]], [[0.5, 0.5], [0.25, 0.75]]):
        for label in range(len(rows[0])):
            yield torch.tensor(rows), torch.full((len(rows),), label)


@example("cross_entropy", call="cross_entropy({}, {})", inputs=predictions)
def loss_of(student, y_hat, y):
    return student.cross_entropy(y_hat, y)


# --- accuracy -------------------------------------------------------------------------------

CLASSES = torch.tensor([0, 2, 1, 1])
# A count is a small number, which many wrong ways hit by chance: these are large enough.
MANY_SCORES = torch.randn(40, 5, generator=_rng)
MANY_LABELS = torch.where(torch.rand(40, generator=_rng) < 0.6, MANY_SCORES.argmax(1), 2)


@probe("accuracy", (TABLE, LABELS), (TABLE[:3], LABELS[:3]), (TABLE, TABLE.argmax(1)))
@probe("accuracy", (CLASSES, LABELS), (CLASSES.reshape(4, 1), LABELS.reshape(4, 1)))
@probe("accuracy", (CLASSES.float(), LABELS), (TABLE, LABELS.to(torch.int32)))
@probe("accuracy", (CLASSES, LABELS.float()), (TABLE[:1], LABELS[:1]))
@probe("accuracy", *((MANY_SCORES[i : i + n], MANY_LABELS[i : i + n]) for i, n in ((0, 40), (3, 17), (20, 11))))
def right(student, y_hat, y):
    return student.accuracy(y_hat, y)


def guesses():
    for rows in ([[0.0, 1.0]], [[1.0, 0.0]], [[0.0, 1.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]]):
        for y in ([1, 1], [0, 1], [1, 0]):
            yield torch.tensor(rows), torch.tensor(y[: len(rows)])
    for classes in ([1], [0], [2, 1]):
        yield torch.tensor(classes), torch.tensor([1, 1][: len(classes)])
    yield torch.tensor([[1], [0]]), torch.tensor([[1], [1]])


@example("accuracy", call="accuracy({}, {})", inputs=guesses)
def accuracy_of(student, y_hat, y):
    return student.accuracy(y_hat, y)


# --- accumulator ----------------------------------------------------------------------------


@probe("accumulator")
def fresh(student):
    acc = student.Accumulator(3)
    return [acc[0], acc[1], acc[2]]


@probe("accumulator")
def two_additions(student):
    acc = student.Accumulator(2)
    acc.add(1, 2.5)
    acc.add(10, 20)
    return [acc[0], acc[1]]


@probe("accumulator")
def of_tensors(student):
    acc = student.Accumulator(2)
    acc.add(torch.tensor(1.5), torch.tensor([4]))
    return [acc[0], acc[1]]


@probe("accumulator")
def after_reset(student):
    acc = student.Accumulator(2)
    acc.add(1, 2)
    acc.reset()
    return [acc[0], acc[1]]


@probe("accumulator")
def after_reset_and_more(student):
    acc = student.Accumulator(2)
    acc.add(1, 2)
    acc.reset()
    acc.add(5, 7)
    return [acc[0], acc[1]]


@probe("accumulator")
def two_objects(student):
    one, other = student.Accumulator(1), student.Accumulator(1)
    before = other[0]
    one.add(3)
    return other[0] - before


@probe("accumulator")
def large(student):
    acc = student.Accumulator(1)
    acc.reset()
    acc.add(2**24)
    acc.add(1)
    return acc[0] - 2**24


def scripts():
    for n in (1, 2):
        yield from ((n, [[v] * n for v in values]) for values in ([], [1], [1, 2]))
    yield 1, [[1.0], "reset"]
    yield 1, [[1.0], "reset", [2.0]]
    yield 1, [[torch.tensor(1.0)]]


@example("accumulator", call="Accumulator({}), then {}", inputs=scripts)
def sums_after(student, n, steps):
    acc = student.Accumulator(n)
    for step in steps:
        acc.reset() if isinstance(step, str) else acc.add(*step)
    return [acc[i] for i in range(n)]


# --- evaluate_accuracy ----------------------------------------------------------------------

W32, B2 = torch.tensor([[1.0, -1.0], [0.5, 0.5], [-1.0, 1.0]]), torch.tensor([0.25, 0.0])
ROWS = torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1], [2, 0, 1]])
UNEVEN = [(ROWS[:3], torch.tensor([0, 0, 0])), (ROWS[3:4], torch.tensor([0])), (ROWS[4:], torch.tensor([1]))]
EVEN = [(ROWS[:2], torch.tensor([0, 1])), (ROWS[2:4], torch.tensor([1, 0]))]


@probe("evaluate_accuracy", (UNEVEN,), (EVEN,))
def of_a_function(student, batches, driver):
    return driver.evaluate_function(W32, B2, batches, once=True)


@probe("evaluate_accuracy", (UNEVEN,), (EVEN,))
def of_a_module(student, batches, driver):
    return driver.evaluate_module(W32, B2, batches)


# --- train_epoch_ch3 ------------------------------------------------------------------------


@probe("train_epoch_ch3", (UNEVEN, 0.5), (EVEN, 0.5), (EVEN[:1], 0.1))
def with_a_function(student, batches, lr, driver):
    return driver.train_with_function(W32, B2, batches, lr)


@probe("train_epoch_ch3", (UNEVEN, 0.5, 0.0), (EVEN, 0.5, 0.9), (EVEN[:1], 0.1, 0.0))
def with_an_optimizer(student, batches, lr, momentum, driver):
    return driver.train_with_optimizer(W32, B2, batches, lr, momentum)


# --- updater --------------------------------------------------------------------------------

G1 = [torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), torch.tensor([7.0, 8.0])]
G2 = [torch.ones(3, 2), torch.tensor([-1.0, 2.0])]


@probe("updater", ([G1], 1), ([G1], 4), ([G1, G2], 2), ([G2], 3))
def steps(student, gradients, batch_size, driver):
    return driver.step(W32, B2, gradients, batch_size)


# --- animator -------------------------------------------------------------------------------


@probe("animator", ([(1, (0.5, 0.6)), (2, (0.4, 0.7))],), ([(1, 0.5), (2, 0.25)],))
@probe("animator", ([(1, (0.5, None)), (2, (0.25, 0.75))],), ([([1, 2], [3, 4])],))
@probe("animator", ([(1, [0.5, 0.6, 0.7])],), ([(0, (0.5, 0.6)), (None, (1, 2))],))
def curves_of(student, points, driver):
    return driver.curves(points)


def points():
    yield ([(1, [2])],)
    yield ([(1, 2)],)
    yield ([(1, [2, 3])],)
    yield ([(1, [2]), (2, [3])],)
    yield ([(1, [2, 3]), (2, [4, 5])],)
    yield ([(1, [2, None])],)


@example("animator", call="Animator(), then add(x, y) for (x, y) in {}; its [X, Y]", inputs=points)
def curves_after(student, pairs, driver):
    return driver.curves(pairs)


# --- train_ch3 ------------------------------------------------------------------------------

GOOD, BAD = (0.4, 0.8, 0.75), (0.9, 0.5, 0.4)


@probe("train_ch3", ([GOOD],), ([BAD, GOOD],), ([GOOD, BAD],), ([BAD],), ([GOOD, GOOD],))
@probe("train_ch3", ([(0.6, 0.8, 0.8)],), ([(0.4, 0.6, 0.8)],), ([(0.4, 0.8, 0.6)],))
@probe("train_ch3", ([(0.4, 1.1, 0.8)],), ([(0.4, 0.8, 1.1)],))
def trained(student, epochs, driver):
    return driver.train(epochs)


# --- predict_ch3 ----------------------------------------------------------------------------

PICTURES = torch.rand(7, 1, 28, 28, generator=_rng)
ANSWERS = torch.tensor([3, 1, 4, 1, 5, 9, 2])
BATCHES = [(PICTURES, ANSWERS), (PICTURES.flip(0), ANSWERS.flip(0))]


@probe("predict_ch3", (BATCHES, None), (BATCHES, 2), (BATCHES, 7), (BATCHES[:1], 3))
def shown(student, batches, n, driver):
    return [
        (s["titles"], s["grid"], tuple(s["images"].shape), s["images"].reshape(-1, 784).sum(1))
        for s in driver.predict(batches, W784, n)
    ]
