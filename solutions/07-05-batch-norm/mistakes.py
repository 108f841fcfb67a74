"""Known mistakes of batch normalization: each must lose points."""

import torch
from torch import nn

from grader.course.catalogue import mistake


def _axes(X):
    """All axes but that of the features or channels."""
    assert X.dim() in (2, 4)
    return [axis for axis in range(X.dim()) if axis != 1]


def _moments(X, axes):
    """Mean and biased variance over some axes."""
    mean = X.mean(axes, keepdim=True)
    return mean, ((X - mean) ** 2).mean(axes, keepdim=True)


def _hat(X, mean, var, eps):
    """X, normalised."""
    return (X - mean) / torch.sqrt(var + eps)


def _moved(old, new, momentum):
    """The moving average after one minibatch."""
    return (momentum * old + (1 - momentum) * new).detach()


def _over(axes_of, X, gamma, beta, moving_mean, moving_var, eps, momentum):
    """Batch norm with statistics over the axes that `axes_of(X)` names."""
    if not torch.is_grad_enabled():
        return gamma * _hat(X, moving_mean, moving_var, eps) + beta, moving_mean, moving_var
    assert X.dim() in (2, 4)
    mean, var = _moments(X, axes_of(X))
    moving_mean, moving_var = _moved(moving_mean, mean, momentum), _moved(moving_var, var, momentum)
    return gamma * _hat(X, mean, var, eps) + beta, moving_mean, moving_var


def _formula(normalise, affine, X, gamma, beta, moving_mean, moving_var, eps, momentum):
    """Batch norm with another way to normalise or to scale and shift, in both modes."""
    if not torch.is_grad_enabled():
        X_hat = normalise(X, moving_mean, moving_var, eps)
        return affine(X_hat, gamma, beta), moving_mean, moving_var
    mean, var = _moments(X, _axes(X))
    X_hat = normalise(X, mean, var, eps)
    moving_mean, moving_var = _moved(moving_mean, mean, momentum), _moved(moving_var, var, momentum)
    return affine(X_hat, gamma, beta), moving_mean, moving_var


def _scale_shift(X_hat, gamma, beta):
    return gamma * X_hat + beta


# --- batch_norm: statistics over the wrong axes ------------------------------------------------


@mistake(
    task="batch_norm",
    label="takes statistics of images over the batch axis only, not over height and width",
    hint="For (n, c, h, w) there is one mean for each channel. How many numbers does your mean "
    "hold?",
)
def axis_batch(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    return _over(lambda X: [0], X, gamma, beta, moving_mean, moving_var, eps, momentum)


@mistake(
    task="batch_norm",
    label="takes statistics of each image by itself: the batch axis is missing",
    hint="That is instance normalization. Should one image of the minibatch influence how "
    "another one is normalised?",
)
def axis_spatial(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    def axes(X):
        return [0] if X.dim() == 2 else [2, 3]

    return _over(axes, X, gamma, beta, moving_mean, moving_var, eps, momentum)


@mistake(
    task="batch_norm",
    label="takes one mean and one variance for all features or channels together",
    hint="How many numbers should the mean of a minibatch with three channels hold?",
)
def axis_all(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    def axes(X):
        return list(range(X.dim()))

    return _over(axes, X, gamma, beta, moving_mean, moving_var, eps, momentum)


@mistake(
    task="batch_norm",
    label="takes statistics over the features of each example",
    hint="That is layer normalization. Batch normalization looks at one feature in all examples: "
    "which axis is that?",
)
def axis_sample(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    def axes(X):
        return list(range(1, X.dim()))

    return _over(axes, X, gamma, beta, moving_mean, moving_var, eps, momentum)


# --- batch_norm: the formula -------------------------------------------------------------------


@mistake(
    task="batch_norm",
    label="divides the variance by n - 1 when it normalises",
    hint="What does `torch.var` divide by unless told otherwise? The docstring says which "
    "variance is meant.",
)
def unbiased(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    if not torch.is_grad_enabled():
        return gamma * _hat(X, moving_mean, moving_var, eps) + beta, moving_mean, moving_var
    mean, var = _moments(X, _axes(X))
    Y = gamma * _hat(X, mean, X.var(_axes(X), keepdim=True), eps) + beta
    return Y, _moved(moving_mean, mean, momentum), _moved(moving_var, var, momentum)


@mistake(
    task="batch_norm",
    label="adds eps after the square root",
    hint="Write down the denominator of the book's formula. What stands under the root?",
)
def eps_outside(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    def normalise(X, mean, var, eps):
        return (X - mean) / (torch.sqrt(var) + eps)

    return _formula(normalise, _scale_shift, X, gamma, beta, moving_mean, moving_var, eps, momentum)


@mistake(
    task="batch_norm",
    label="leaves eps out, so that constant features divide by zero",
    hint="What is the variance of a feature that is the same in all examples? Which argument of "
    "the function have you not used?",
)
def no_eps(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    def normalise(X, mean, var, eps):
        return (X - mean) / torch.sqrt(var)

    return _formula(normalise, _scale_shift, X, gamma, beta, moving_mean, moving_var, eps, momentum)


@mistake(
    task="batch_norm",
    label="divides by the variance: the square root is missing",
    hint="If all inputs double, the result should stay the same. Does yours?",
)
def no_sqrt(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    def normalise(X, mean, var, eps):
        return (X - mean) / (var + eps)

    return _formula(normalise, _scale_shift, X, gamma, beta, moving_mean, moving_var, eps, momentum)


@mistake(
    task="batch_norm",
    label="applies neither gamma nor beta",
    hint="Two of the arguments do not appear in your result. What are they for?",
)
def no_affine(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    def affine(X_hat, gamma, beta):
        return X_hat

    return _formula(_hat, affine, X, gamma, beta, moving_mean, moving_var, eps, momentum)


@mistake(
    task="batch_norm",
    label="does not add the shift beta",
    hint="What mean does each feature of the result have, and what mean should it have?",
)
def no_beta(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    def affine(X_hat, gamma, beta):
        return gamma * X_hat

    return _formula(_hat, affine, X, gamma, beta, moving_mean, moving_var, eps, momentum)


@mistake(
    task="batch_norm",
    label="does not multiply by the scale gamma",
    hint="What spread does each feature of the result have, and what spread should it have?",
)
def no_gamma(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    def affine(X_hat, gamma, beta):
        return X_hat + beta

    return _formula(_hat, affine, X, gamma, beta, moving_mean, moving_var, eps, momentum)


@mistake(
    task="batch_norm",
    label="exchanges gamma and beta",
    hint="Which of the two is the scale and which the shift? Try gamma = 2 and beta = 0.",
)
def swapped_affine(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    def affine(X_hat, gamma, beta):
        return beta * X_hat + gamma

    return _formula(_hat, affine, X, gamma, beta, moving_mean, moving_var, eps, momentum)


@mistake(
    task="batch_norm",
    label="computes the variance without subtracting the mean",
    hint="Add 100 to all inputs: should the variance change?",
)
def not_centered(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    if not torch.is_grad_enabled():
        return gamma * _hat(X, moving_mean, moving_var, eps) + beta, moving_mean, moving_var
    mean, var = X.mean(_axes(X), keepdim=True), (X**2).mean(_axes(X), keepdim=True)
    Y = gamma * _hat(X, mean, var, eps) + beta
    return Y, _moved(moving_mean, mean, momentum), _moved(moving_var, var, momentum)


# --- batch_norm: moving statistics and modes ---------------------------------------------------


def _moving(update, X, gamma, beta, moving_mean, moving_var, eps, momentum):
    """Batch norm with another update of the moving statistics."""
    if not torch.is_grad_enabled():
        return gamma * _hat(X, moving_mean, moving_var, eps) + beta, moving_mean, moving_var
    mean, var = _moments(X, _axes(X))
    Y = gamma * _hat(X, mean, var, eps) + beta
    return Y, *update(moving_mean, mean, moving_var, var)


@mistake(
    task="batch_norm",
    label="exchanges momentum and 1 - momentum in the moving averages",
    hint="With momentum 0.9, should one minibatch move the average far or only a little?",
)
def momentum_swapped(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    def update(old_mean, mean, old_var, var):
        return _moved(old_mean, mean, 1 - momentum), _moved(old_var, var, 1 - momentum)

    return _moving(update, X, gamma, beta, moving_mean, moving_var, eps, momentum)


@mistake(
    task="batch_norm",
    label="normalises with the moving statistics while training",
    hint="Which statistics belong to training, and which to prediction?",
)
def moving_in_train(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    Y = gamma * _hat(X, moving_mean, moving_var, eps) + beta
    if torch.is_grad_enabled():
        mean, var = _moments(X, _axes(X))
        moving_mean = _moved(moving_mean, mean, momentum)
        moving_var = _moved(moving_var, var, momentum)
    return Y, moving_mean, moving_var


@mistake(
    task="batch_norm",
    label="normalises with the statistics of the minibatch while predicting",
    hint="What would your function answer for a single example, whose variance is 0?",
)
def batch_in_eval(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    mean, var = _moments(X, _axes(X))
    if torch.is_grad_enabled():
        moving_mean = _moved(moving_mean, mean, momentum)
        moving_var = _moved(moving_var, var, momentum)
    return gamma * _hat(X, mean, var, eps) + beta, moving_mean, moving_var


@mistake(
    task="batch_norm",
    label="updates the moving statistics while predicting",
    hint="Should a prediction change what the next prediction gives?",
)
def update_in_eval(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    mean, var = _moments(X, _axes(X))
    used = (mean, var) if torch.is_grad_enabled() else (moving_mean, moving_var)
    Y = gamma * _hat(X, *used, eps) + beta
    return Y, _moved(moving_mean, mean, momentum), _moved(moving_var, var, momentum)


@mistake(
    task="batch_norm",
    label="never updates the moving statistics",
    hint="The second and third result come back as they went in. Who should learn from the "
    "minibatches, and when?",
)
def never_updated(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    def update(old_mean, mean, old_var, var):
        return old_mean, old_var

    return _moving(update, X, gamma, beta, moving_mean, moving_var, eps, momentum)


@mistake(
    task="batch_norm",
    label="updates the moving mean, but never the moving variance",
    hint="Compare the third result with what went in.",
)
def var_not_updated(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    def update(old_mean, mean, old_var, var):
        return _moved(old_mean, mean, momentum), old_var

    return _moving(update, X, gamma, beta, moving_mean, moving_var, eps, momentum)


@mistake(
    task="batch_norm",
    label="averages the standard deviation where the variance is asked for",
    hint="What is done with moving_var while predicting? Would the root be taken twice?",
)
def moving_std(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    def update(old_mean, mean, old_var, var):
        return _moved(old_mean, mean, momentum), _moved(old_var, var.sqrt(), momentum)

    return _moving(update, X, gamma, beta, moving_mean, moving_var, eps, momentum)


# nn.BatchNorm2d does this, but the docstring says that the moving variance is biased too.
@mistake(
    task="batch_norm",
    label="averages the variance with n - 1, as nn.BatchNorm2d does",
    hint="PyTorch's own layer and the book differ here. Which variance does the docstring ask for?",
)
def moving_unbiased(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    def update(old_mean, mean, old_var, var):
        var = X.var(_axes(X), keepdim=True)
        return _moved(old_mean, mean, momentum), _moved(old_var, var, momentum)

    return _moving(update, X, gamma, beta, moving_mean, moving_var, eps, momentum)


@mistake(
    task="batch_norm",
    label="returns moving statistics that hang on the graph of the minibatch",
    hint="Ask the second result whether it requires gradients. What does that keep in memory "
    "after a thousand steps?",
)
def graph_kept(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    def update(old_mean, mean, old_var, var):
        mean = momentum * old_mean + (1 - momentum) * mean
        return mean, momentum * old_var + (1 - momentum) * var

    return _moving(update, X, gamma, beta, moving_mean, moving_var, eps, momentum)


@mistake(
    task="batch_norm",
    label="cuts the mean and variance of the minibatch off from autograd",
    hint="Mean and variance depend on X. What is missing from the gradient of X if they count as "
    "constants?",
)
def detached_statistics(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    if not torch.is_grad_enabled():
        return gamma * _hat(X, moving_mean, moving_var, eps) + beta, moving_mean, moving_var
    mean, var = _moments(X.detach(), _axes(X))
    Y = gamma * _hat(X, mean, var, eps) + beta
    return Y, _moved(moving_mean, mean, momentum), _moved(moving_var, var, momentum)


@mistake(
    task="batch_norm",
    label="writes the normalised values into its input",
    hint="Print X before and after the call. Which operation changes it?",
)
def inplace(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    if not torch.is_grad_enabled():
        return gamma * _hat(X, moving_mean, moving_var, eps) + beta, moving_mean, moving_var
    mean, var = _moments(X.clone(), _axes(X))
    moving_mean, moving_var = _moved(moving_mean, mean, momentum), _moved(moving_var, var, momentum)
    Y = gamma * _hat(X, mean, var, eps) + beta
    X.data.copy_(_hat(X, mean, var, eps))
    return Y, moving_mean, moving_var


@mistake(
    task="batch_norm",
    label="accepts inputs that are neither 2-D nor 4-D",
    hint="Which shapes does the docstring allow while training, and what does it ask for "
    "otherwise?",
)
def any_shape(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    if not torch.is_grad_enabled():
        return gamma * _hat(X, moving_mean, moving_var, eps) + beta, moving_mean, moving_var
    mean, var = _moments(X, [axis for axis in range(X.dim()) if axis != 1])
    Y = gamma * _hat(X, mean, var, eps) + beta
    return Y, _moved(moving_mean, mean, momentum), _moved(moving_var, var, momentum)


# --- batchnorm_layer ---------------------------------------------------------------------------


def _in_one_place():
    """An attribute whose value all objects share that have the same shape of gamma."""
    values = {}

    def read(layer):
        return values[layer.gamma.shape]

    def write(layer, value):
        values[layer.gamma.shape] = value

    return property(read, write)


@mistake(
    task="batchnorm_layer",
    label="keeps gamma and beta as plain tensors, so that no optimizer finds them",
    hint="List the parameters of the layer. What makes a tensor a parameter of a module?",
)
class plain_tensors(BatchNorm):
    def __init__(self, num_features, num_dims):
        super().__init__(num_features, num_dims)
        gamma, beta = self.gamma.data, self.beta.data
        del self.gamma, self.beta
        self.gamma, self.beta = gamma, beta


@mistake(
    task="batchnorm_layer",
    label="makes parameters of the moving statistics too",
    hint="Should an optimizer change the moving mean? List the parameters of the layer.",
)
class statistics_as_parameters(BatchNorm):
    def __init__(self, num_features, num_dims):
        super().__init__(num_features, num_dims)
        mean, var = self.moving_mean, self.moving_var
        del self.moving_mean, self.moving_var
        self.moving_mean = nn.Parameter(mean)
        self.moving_var = nn.Parameter(var)

    def forward(self, X):
        Y, mean, var = batch_norm(
            X, self.gamma, self.beta, self.moving_mean, self.moving_var, 1e-5, 0.9
        )
        self.moving_mean.data, self.moving_var.data = mean, var
        return Y


@mistake(
    task="batchnorm_layer",
    label="starts gamma as zeros, so that every output is 0",
    hint="What does a new layer give, and what should it give before anything is learnt?",
)
class gamma_zero(BatchNorm):
    def __init__(self, num_features, num_dims):
        super().__init__(num_features, num_dims)
        nn.init.zeros_(self.gamma)


@mistake(
    task="batchnorm_layer",
    label="uses the shape (1, num_features) for images too",
    hint="How does (1, c) broadcast against (n, c, h, w)?",
)
class flat_shape(BatchNorm):
    def __init__(self, num_features, num_dims):
        super().__init__(num_features, 2)


@mistake(
    task="batchnorm_layer",
    label="has a single gamma and beta for all features",
    hint="How many scales does a layer with three features need?",
)
class scalar_affine(BatchNorm):
    def __init__(self, num_features, num_dims):
        super().__init__(num_features, num_dims)
        self.gamma, self.beta = nn.Parameter(torch.ones(1)), nn.Parameter(torch.zeros(1))


@mistake(
    task="batchnorm_layer",
    label="throws the new moving statistics away",
    hint="`batch_norm` returns three things. What becomes of the last two in `forward`?",
)
class statistics_dropped(BatchNorm):
    def forward(self, X):
        return batch_norm(
            X, self.gamma, self.beta, self.moving_mean.clone(), self.moving_var.clone(), 1e-5, 0.9
        )[0]


@mistake(
    task="batchnorm_layer",
    label="stores the moving mean and the moving variance the wrong way round",
    hint="In which order does `batch_norm` return its results?",
)
class statistics_swapped(BatchNorm):
    def forward(self, X):
        Y, self.moving_var, self.moving_mean = batch_norm(
            X, self.gamma, self.beta, self.moving_mean, self.moving_var, 1e-5, 0.9
        )
        return Y


@mistake(
    task="batchnorm_layer",
    label="uses momentum 0.1, which is PyTorch's convention for the same layer",
    hint="In the book momentum is the weight of the old statistics. How far should one minibatch "
    "move them?",
)
class momentum_tenth(BatchNorm):
    def forward(self, X):
        Y, self.moving_mean, self.moving_var = batch_norm(
            X, self.gamma, self.beta, self.moving_mean, self.moving_var, 1e-5, 0.1
        )
        return Y


@mistake(
    task="batchnorm_layer",
    label="uses a larger eps than 1e-5",
    hint="Which eps does the docstring name?",
)
class large_eps(BatchNorm):
    def forward(self, X):
        Y, self.moving_mean, self.moving_var = batch_norm(
            X, self.gamma, self.beta, self.moving_mean, self.moving_var, 1e-3, 0.9
        )
        return Y


@mistake(
    task="batchnorm_layer",
    label="predicts with the statistics of the minibatch, because it switches gradients on",
    hint="What does `batch_norm` ask in order to know the mode, and who decides that?",
)
class always_training(BatchNorm):
    def forward(self, X):
        with torch.enable_grad():
            return super().forward(X)


@mistake(
    task="batchnorm_layer",
    label="shares its moving statistics with all layers of the same size",
    hint="Where do the moving statistics live: in the object, or in the class?",
)
class shared_statistics(BatchNorm):
    moving_mean, moving_var = _in_one_place(), _in_one_place()


@mistake(
    task="batchnorm_layer",
    label="keeps the graph of every minibatch in its moving statistics",
    hint="After training, copy.deepcopy refuses the layer. Which of its tensors still require "
    "gradients?",
)
class layer_keeps_graph(BatchNorm):
    def forward(self, X):
        Y = super().forward(X)
        self.moving_mean = self.moving_mean + 0 * X.sum()
        return Y


# --- bn_lenet ----------------------------------------------------------------------------------


def _lenet(conv, dense, pool=nn.AvgPool2d):
    """LeNet whose hidden layers are followed by what conv(c) and dense(c) make."""
    return nn.Sequential(
        nn.Conv2d(1, 6, kernel_size=5),
        *conv(6),
        pool(2, 2),
        nn.Conv2d(6, 16, kernel_size=5),
        *conv(16),
        pool(2, 2),
        nn.Flatten(),
        nn.Linear(256, 120),
        *dense(120),
        nn.Linear(120, 84),
        *dense(84),
        nn.Linear(84, 10),
    )


@mistake(
    task="bn_lenet",
    label="has no batch normalization at all",
    hint="How many parameters has your network, and how many should it have?",
)
def plain_lenet():
    return _lenet(lambda c: [nn.Sigmoid()], lambda c: [nn.Sigmoid()])


@mistake(
    task="bn_lenet",
    label="lacks the batch normalization after the linear layer with 84 outputs",
    hint="Which hidden layer has no BatchNorm behind it? The number of parameters tells.",
)
def last_norm_missing():
    def dense(c):
        return [BatchNorm(c, 2), nn.Sigmoid()] if c == 120 else [nn.Sigmoid()]

    return _lenet(lambda c: [BatchNorm(c, 4), nn.Sigmoid()], dense)


@mistake(
    task="bn_lenet",
    label="normalises after the convolutions only",
    hint="Which hidden layers have no BatchNorm behind them?",
)
def convolutions_only():
    return _lenet(lambda c: [BatchNorm(c, 4), nn.Sigmoid()], lambda c: [nn.Sigmoid()])


@mistake(
    task="bn_lenet",
    label="normalises after the activation, where it should do so before it",
    hint="In which order do layer, batch norm and activation stand in the book?",
)
def norm_after_activation():
    return _lenet(
        lambda c: [nn.Sigmoid(), BatchNorm(c, 4)], lambda c: [nn.Sigmoid(), BatchNorm(c, 2)]
    )


@mistake(
    task="bn_lenet",
    label="has no activation",
    hint="What do linear layers without anything between them amount to?",
)
def no_activation():
    return _lenet(lambda c: [BatchNorm(c, 4)], lambda c: [BatchNorm(c, 2)])


@mistake(
    task="bn_lenet",
    label="normalises the ten outputs as well",
    hint="What do the outputs stand for? The book leaves the last layer alone.",
)
def norm_on_outputs():
    net = _lenet(
        lambda c: [BatchNorm(c, 4), nn.Sigmoid()], lambda c: [BatchNorm(c, 2), nn.Sigmoid()]
    )
    return net.append(BatchNorm(10, 2))


@mistake(
    task="bn_lenet",
    label="gives probabilities: a softmax follows the last layer",
    hint="The loss of the book takes logits. What does nn.CrossEntropyLoss do with its inputs?",
)
def softmax_at_the_end():
    net = _lenet(
        lambda c: [BatchNorm(c, 4), nn.Sigmoid()], lambda c: [BatchNorm(c, 2), nn.Sigmoid()]
    )
    return net.append(nn.Softmax(dim=1))
