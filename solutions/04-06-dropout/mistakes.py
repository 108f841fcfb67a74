"""Known mistakes of dropout: each must lose points, and each is recognised by how it behaves."""

import torch
from torch import nn

from grader.course.catalogue import mistake

# --- dropout_layer -----------------------------------------------------------------------------


@mistake(
    task="dropout_layer",
    label="does not rescale the kept entries, so that the mean of the result shrinks",
    hint="Compare the mean of the result with the mean of X. By which factor is it too small, "
    "and who could make up for it?",
)
def no_rescale(X, dropout):
    assert 0 <= dropout <= 1
    return (torch.rand(X.shape) >= dropout).to(X.dtype) * X


@mistake(
    task="dropout_layer",
    label="divides the kept entries by the probability of being dropped",
    hint="An entry survives with probability 1 - p. Work out the expected value of your result "
    "for p = 0.2.",
)
def rescale_p(X, dropout):
    assert 0 <= dropout <= 1
    if dropout == 0:
        return X
    return (torch.rand(X.shape) >= dropout).to(X.dtype) * X / dropout


@mistake(
    task="dropout_layer",
    label="multiplies the kept entries by 1 - p, where it should divide by it",
    hint="Dropping makes the mean smaller. Do your kept entries get larger to make up for that, "
    "or smaller still?",
)
def rescale_mul(X, dropout):
    assert 0 <= dropout <= 1
    return (torch.rand(X.shape) >= dropout).to(X.dtype) * X * (1.0 - dropout)


@mistake(
    task="dropout_layer",
    label="drops entries with probability 1 - p: the comparison in the mask is reversed",
    hint="A uniform random number lies below p with probability p. Which entries should those be, "
    "the kept ones or the dropped ones?",
)
def mask_swapped(X, dropout):
    assert 0 <= dropout <= 1
    if dropout == 1:
        return torch.zeros_like(X)
    if dropout == 0:
        return X
    return (torch.rand(X.shape) < dropout).to(X.dtype) * X / (1.0 - dropout)


@mistake(
    task="dropout_layer",
    label="reads `dropout` as the probability of keeping an entry",
    hint="In the book p is the probability of dropping. Some other libraries name the "
    "probability of keeping; which one does your code use?",
)
def mask_swapped_p(X, dropout):
    assert 0 <= dropout <= 1
    if dropout == 1:
        return torch.zeros_like(X)
    if dropout == 0:
        return X
    return (torch.rand(X.shape) < dropout).to(X.dtype) * X / dropout


@mistake(
    task="dropout_layer",
    label="draws one random number for each example: whole rows are dropped together",
    hint="Print the mask for X of shape (2, 8). Which shape must it have, so that each entry is "
    "drawn for itself?",
)
def mask_per_row(X, dropout):
    assert 0 <= dropout <= 1
    if dropout == 1:
        return torch.zeros_like(X)
    mask = torch.rand(X.shape[:1] + (1,) * (X.dim() - 1)) >= dropout
    return mask.to(X.dtype) * X / (1.0 - dropout)


@mistake(
    task="dropout_layer",
    label="draws one mask for the whole minibatch: the same units are dropped in every row",
    hint="Look at a column of the result: it is all zero or not zero at all. "
    "Compare the shape of the mask with that of X.",
)
def mask_per_col(X, dropout):
    assert 0 <= dropout <= 1
    if dropout == 1:
        return torch.zeros_like(X)
    return (torch.rand(X.shape[-1:]) >= dropout).to(X.dtype) * X / (1.0 - dropout)


@mistake(
    task="dropout_layer",
    label="compares normal random numbers with p, which needs uniform ones",
    hint="How often is a random number of your kind above 0.5, and how often above 0.2? "
    "Look up what `randn` and `rand` draw from.",
)
def randn(X, dropout):
    assert 0 <= dropout <= 1
    if dropout == 1:
        return torch.zeros_like(X)
    if dropout == 0:
        return X
    return (torch.randn(X.shape) > dropout).to(X.dtype) * X / (1.0 - dropout)


@mistake(
    task="dropout_layer",
    label="changes its input in place",
    hint="Print X before and after the call. Which operation of yours writes into X instead of "
    "making a new tensor?",
)
def inplace(X, dropout):
    assert 0 <= dropout <= 1
    with torch.no_grad():
        mask = torch.rand(X.shape) >= dropout
        X *= mask
        if dropout < 1:
            X /= 1.0 - dropout
    return X


@mistake(
    task="dropout_layer",
    label="sets a seed inside, so that every mask is the same",
    hint="Call the function twice with the same X. What makes the two results equal?",
)
def seeded(X, dropout):
    assert 0 <= dropout <= 1
    torch.manual_seed(0)
    if dropout == 1:
        return torch.zeros_like(X)
    return (torch.rand(X.shape) >= dropout).to(X.dtype) * X / (1.0 - dropout)


@mistake(
    task="dropout_layer",
    label="gives nan for p = 1, because 0 is divided by 0",
    hint="What is 1 - p for p = 1, and what becomes of a zero that is divided by it?",
)
def p1_nan(X, dropout):
    assert 0 <= dropout <= 1
    return (torch.rand(X.shape) >= dropout).to(X.dtype) * X / (1.0 - dropout)


@mistake(
    task="dropout_layer",
    label="drops nothing and gives X back",
    hint="Count the zeros in the result for p = 0.5. Is the mask ever used?",
)
def identity(X, dropout):
    assert 0 <= dropout <= 1
    return X if dropout < 1 else torch.zeros_like(X)


@mistake(
    task="dropout_layer",
    label="drops everything and gives zeros",
    hint="Count the zeros in the result for p = 0.2. What does your mask hold?",
)
def zero_all(X, dropout):
    assert 0 <= dropout <= 1
    return torch.zeros_like(X) if dropout > 0 else X


@mistake(
    task="dropout_layer",
    label="adds noise, but drops no entry",
    hint="Dropout multiplies by a mask of zeros and ones. How many exact zeros does your result "
    "hold?",
)
def noise(X, dropout):
    assert 0 <= dropout <= 1
    return X + dropout * torch.randn(X.shape, dtype=X.dtype)


@mistake(
    task="dropout_layer",
    label="drops entries with probability 1 - p and does not rescale the kept ones",
    hint="Two things to look at: which side of the comparison is kept, and whether the mean of "
    "the result is that of X.",
)
def bernoulli_1mp_swapped_noscale(X, dropout):
    assert 0 <= dropout <= 1
    if dropout in (0, 1):
        return X * (1 - dropout)
    return torch.bernoulli(torch.full_like(X, dropout)) * X


@mistake(
    task="dropout_layer",
    label="always drops the first columns, not random entries",
    hint="Dropout draws for each entry anew. Where in your function is something random?",
)
def drop_exact(X, dropout):
    assert 0 <= dropout <= 1
    if dropout == 1:
        return torch.zeros_like(X)
    Y = X / (1.0 - dropout)
    Y[..., : round(dropout * X.shape[-1])] = 0
    return Y


@mistake(
    task="dropout_layer",
    label="drops exactly a share p of the entries in every call",
    hint="The entries should be independent of each other, so the number of zeros is random too. "
    "What would happen if each entry tossed its own coin?",
)
def exact_number(X, dropout):
    assert 0 <= dropout <= 1
    if dropout == 1:
        return torch.zeros_like(X)
    mask = torch.ones(X.numel(), dtype=X.dtype)
    mask[torch.randperm(X.numel())[: round(dropout * X.numel())]] = 0
    return mask.reshape(X.shape) * X / (1.0 - dropout)


@mistake(
    task="dropout_layer",
    label="accepts probabilities outside [0, 1]",
    hint="What should happen for dropout = -0.1 or 1.1? The docstring names the exception.",
)
def no_range_check(X, dropout):
    if dropout == 1:
        return torch.zeros_like(X)
    return (torch.rand(X.shape) >= dropout).to(X.dtype) * X / (1.0 - dropout)


@mistake(
    task="dropout_layer",
    label="cuts the result off from autograd: no gradient reaches X",
    hint="Which step leaves the graph: `.data`, `.detach()`, `.numpy()`, `no_grad`? "
    "Layers below this one would learn nothing.",
)
def detached(X, dropout):
    assert 0 <= dropout <= 1
    if dropout == 1:
        return torch.zeros_like(X)
    return (torch.rand(X.shape) >= dropout).to(X.dtype) * X.detach() / (1.0 - dropout)


@mistake(
    task="dropout_layer",
    label="always gives float32, whatever the dtype of X",
    hint="Try it with a float64 tensor. Where does another dtype come in?",
)
def float32_only(X, dropout):
    assert 0 <= dropout <= 1
    if dropout == 1:
        return torch.zeros(X.shape)
    return (torch.rand(X.shape) >= dropout).float() * X.float() / (1.0 - dropout)


# --- dropout_mlp -------------------------------------------------------------------------------


def _forward(net, X, p1, p2):
    """The forward pass of Net with these probabilities."""
    H1 = dropout_layer(torch.relu(net.lin1(X.reshape(-1, net.num_inputs))), p1)
    H2 = dropout_layer(torch.relu(net.lin2(H1)), p2)
    return net.lin3(H2)


@mistake(
    task="dropout_mlp",
    label="drops units while predicting too",
    hint="Call net.eval() and compare two passes. Does `forward` ask in which mode the network is?",
)
class always_drops(Net):
    def forward(self, X):
        return _forward(self, X, 0.2, 0.5)


@mistake(
    task="dropout_mlp",
    label="never drops a unit",
    hint="Compare two passes in training mode. Where does `forward` call `dropout_layer`?",
)
class never_drops(Net):
    def forward(self, X):
        return _forward(self, X, 0, 0)


@mistake(
    task="dropout_mlp",
    label="drops units while predicting, and none while training",
    hint="When should dropout act? Look at the condition in `forward`.",
)
class modes_swapped(Net):
    def forward(self, X):
        return _forward(self, X, 0, 0) if self.training else _forward(self, X, 0.2, 0.5)


@mistake(
    task="dropout_mlp",
    label="exchanges the two probabilities: 0.5 after the first layer, 0.2 after the second",
    hint="A common choice is a low probability close to the input. Which one is `dropout1`?",
)
class probabilities_swapped(Net):
    def forward(self, X):
        return _forward(self, X, 0.5, 0.2) if self.training else _forward(self, X, 0, 0)


@mistake(
    task="dropout_mlp",
    label="has no dropout after the second hidden layer",
    hint="How many hidden layers are there, and after which of them do you call `dropout_layer`?",
)
class first_layer_only(Net):
    def forward(self, X):
        return _forward(self, X, 0.2 if self.training else 0, 0)


@mistake(
    task="dropout_mlp",
    label="has no dropout after the first hidden layer",
    hint="How many hidden layers are there, and after which of them do you call `dropout_layer`?",
)
class second_layer_only(Net):
    def forward(self, X):
        return _forward(self, X, 0, 0.5 if self.training else 0)


@mistake(
    task="dropout_mlp",
    label="fixes the mode when the network is made: train() and eval() change nothing",
    hint="`net.train()` and `net.eval()` set an attribute of every module. Do you read that one, "
    "or another of your own?",
)
class mode_frozen(Net):
    def __init__(self, num_inputs, num_outputs, num_hiddens1, num_hiddens2, is_training=True):
        super().__init__(num_inputs, num_outputs, num_hiddens1, num_hiddens2)
        self.is_training = is_training

    def forward(self, X):
        return _forward(self, X, 0.2, 0.5) if self.is_training else _forward(self, X, 0, 0)


@mistake(
    task="dropout_mlp",
    label="ignores the argument `is_training`",
    hint="In which mode does Net(..., is_training=False) start? Compare two of its passes.",
)
class is_training_ignored(Net):
    def __init__(self, num_inputs, num_outputs, num_hiddens1, num_hiddens2, is_training=True):
        super().__init__(num_inputs, num_outputs, num_hiddens1, num_hiddens2)


@mistake(
    task="dropout_mlp",
    label="lacks the ReLU after the hidden layers",
    hint="Without activations between them, what do three linear layers in a row amount to?",
)
class no_relu(Net):
    def forward(self, X):
        H1 = self.lin1(X.reshape(-1, self.num_inputs))
        H1 = dropout_layer(H1, 0.2) if self.training else H1
        H2 = self.lin2(H1)
        return self.lin3(dropout_layer(H2, 0.5) if self.training else H2)


@mistake(
    task="dropout_mlp",
    label="sends the outputs through a ReLU and a dropout as well",
    hint="What do the outputs stand for, and may they be negative?",
)
class output_activated(Net):
    def forward(self, X):
        if not self.training:
            return torch.relu(_forward(self, X, 0, 0))
        return dropout_layer(torch.relu(_forward(self, X, 0.2, 0.5)), 0.5)


@mistake(
    task="dropout_mlp",
    label="does not flatten images",
    hint="What shape has X for a minibatch of images, and what does a linear layer need?",
)
class not_flattened(Net):
    def forward(self, X):
        p1, p2 = (0.2, 0.5) if self.training else (0, 0)
        H1 = dropout_layer(torch.relu(self.lin1(X)), p1)
        H2 = dropout_layer(torch.relu(self.lin2(H1)), p2)
        return self.lin3(H2)


# --- dropout_concise ---------------------------------------------------------------------------


def _concise(p1, p2, activation=nn.ReLU, last=()):
    """The network with these probabilities and this activation."""
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(784, 256),
        activation(),
        nn.Dropout(p1),
        nn.Linear(256, 256),
        activation(),
        nn.Dropout(p2),
        nn.Linear(256, 10),
        *last,
    )


@mistake(
    task="dropout_concise",
    label="holds no dropout",
    hint="Two passes in training mode agree. Which kind of module is missing?",
)
def concise_without_dropout():
    return _concise(0, 0)


@mistake(
    task="dropout_concise",
    label="exchanges the probabilities of its two nn.Dropout layers",
    hint="Which probability belongs to the layer closer to the input?",
)
def concise_swapped():
    return _concise(0.5, 0.2)


@mistake(
    task="dropout_concise",
    label="takes the argument of nn.Dropout for the probability of keeping",
    hint="Look up what `p` means in the documentation of nn.Dropout.",
)
def concise_keep_probability():
    return _concise(0.8, 0.5)


@mistake(
    task="dropout_concise",
    label="has no activation between its linear layers",
    hint="What do three linear layers in a row amount to?",
)
def concise_linear():
    return _concise(0.2, 0.5, activation=nn.Identity)


@mistake(
    task="dropout_concise",
    label="ends in a softmax",
    hint="The loss of the book takes logits. What does nn.CrossEntropyLoss do with its inputs?",
)
def concise_softmax():
    return _concise(0.2, 0.5, last=[nn.Softmax(dim=1)])


@mistake(
    task="dropout_concise",
    label="comes in evaluation mode, so that it drops nothing",
    hint="In which mode does a fresh module start, and which call changed that?",
)
def concise_in_eval_mode():
    return _concise(0.2, 0.5).eval()


# --- gaussian_noise_layer ----------------------------------------------------------------------


@mistake(
    task="gaussian_noise_layer",
    label="takes sigma for the variance: the noise is scaled by its square root",
    hint="Measure the standard deviation of result minus X for sigma = 0.3.",
)
def sigma_as_variance(X, sigma, is_training=True):
    return X + sigma**0.5 * torch.randn_like(X) if is_training else X


@mistake(
    task="gaussian_noise_layer",
    label="scales the noise by sigma squared",
    hint="Measure the standard deviation of result minus X for sigma = 0.3.",
)
def sigma_squared(X, sigma, is_training=True):
    return X + sigma**2 * torch.randn_like(X) if is_training else X


@mistake(
    task="gaussian_noise_layer",
    label="adds uniform noise, not normal noise",
    hint="What does `rand` draw from, and what does `randn`? Look at the mean of the noise.",
)
def uniform_noise(X, sigma, is_training=True):
    return X + sigma * torch.rand_like(X) if is_training else X


@mistake(
    task="gaussian_noise_layer",
    label="adds noise while predicting too",
    hint="When should the layer leave X alone? Look at the third argument.",
)
def noise_always(X, sigma, is_training=True):
    return X + sigma * torch.randn_like(X)


@mistake(
    task="gaussian_noise_layer",
    label="multiplies the noise with X, so that small entries get little of it",
    hint="Which noise does an entry get that is 0?",
)
def multiplicative(X, sigma, is_training=True):
    return X * (1 + sigma * torch.randn_like(X)) if is_training else X


@mistake(
    task="gaussian_noise_layer",
    label="adds the same random number to all entries",
    hint="Print result minus X. How many random numbers do you draw?",
)
def one_number(X, sigma, is_training=True):
    return X + sigma * torch.randn(1, dtype=X.dtype) if is_training else X


@mistake(
    task="gaussian_noise_layer",
    label="writes the noise into its input",
    hint="Print X before and after the call. Which operation changes it?",
)
def noise_inplace(X, sigma, is_training=True):
    if is_training:
        X.data.add_(sigma * torch.randn_like(X))
    return X


@mistake(
    task="gaussian_noise_layer",
    label="sets a seed inside: the noise is always the same",
    hint="Call it twice with the same X. What makes the two results equal?",
)
def noise_seeded(X, sigma, is_training=True):
    torch.manual_seed(0)
    return X + sigma * torch.randn_like(X) if is_training else X
