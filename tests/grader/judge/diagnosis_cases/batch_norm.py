"""Answers to batch normalization that diagnosis has not seen: see test_diagnosis_cases.py."""

import torch
from torch import nn

from grader.course.catalogue import mistake


def built(
    axes=lambda X: (0,) if X.dim() == 2 else (0, 2, 3),
    root=lambda v, eps: (v + eps) ** 0.5,
    affine=lambda h, g, b: h * g + b,
    keep=lambda m: m,
    variance=None,
    moving=None,
    checks=True,
):
    """A batch norm in another style, with a part exchanged."""

    def batch_norm(X, gamma, beta, moving_mean, moving_var, eps, momentum):
        if not torch.is_grad_enabled():
            return (
                affine((X - moving_mean) / root(moving_var, eps), gamma, beta),
                moving_mean,
                moving_var,
            )
        if checks and X.dim() not in (2, 4):
            raise ValueError("shape")
        m = torch.mean(X, axes(X), keepdim=True)
        v = variance(X, axes(X)) if variance else torch.var(X, axes(X), correction=0, keepdim=True)
        moved = moving(X, axes(X)) if moving else v
        a = keep(momentum)
        new_mean = torch.lerp(m.detach(), moving_mean, a)
        new_var = torch.lerp(moved.detach(), moving_var, a)
        return affine((X - m) / root(v, eps), gamma, beta), new_mean, new_var

    return batch_norm


def delegate(*arguments, **changes):
    return built(**changes)(*arguments)


@mistake(task="batch_norm", label="mean over axis 0 only", hint="single: axis_batch")
def a1(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    return delegate(X, gamma, beta, moving_mean, moving_var, eps, momentum, axes=lambda X: (0,))


@mistake(task="batch_norm", label="layer norm", hint="single: axis_sample")
def a2(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    return delegate(
        X,
        gamma,
        beta,
        moving_mean,
        moving_var,
        eps,
        momentum,
        axes=lambda X: tuple(range(1, X.dim())),
    )


@mistake(task="batch_norm", label="torch.var default", hint="single: unbiased")
def a3(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    return delegate(
        X,
        gamma,
        beta,
        moving_mean,
        moving_var,
        eps,
        momentum,
        variance=lambda X, a: X.var(a, keepdim=True),
        moving=lambda X, a: X.var(a, keepdim=True, correction=0),
    )


@mistake(task="batch_norm", label="std + eps", hint="single: eps_outside")
def a4(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    return delegate(
        X, gamma, beta, moving_mean, moving_var, eps, momentum, root=lambda v, eps: v**0.5 + eps
    )


@mistake(task="batch_norm", label="eps not used", hint="single: no_eps")
def a5(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    return delegate(X, gamma, beta, moving_mean, moving_var, 0.0, momentum)


@mistake(task="batch_norm", label="over the variance", hint="single: no_sqrt")
def a6(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    return delegate(
        X, gamma, beta, moving_mean, moving_var, eps, momentum, root=lambda v, eps: v + eps
    )


@mistake(task="batch_norm", label="scale only", hint="single: no_beta")
def a7(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    return delegate(
        X, gamma, beta, moving_mean, moving_var, eps, momentum, affine=lambda h, g, b: g.mul(h)
    )


@mistake(task="batch_norm", label="one minus momentum", hint="single: momentum_swapped")
def a8(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    return delegate(X, gamma, beta, moving_mean, moving_var, eps, momentum, keep=lambda m: 1 - m)


@mistake(task="batch_norm", label="nothing moves", hint="single: never_updated")
def a9(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    return delegate(X, gamma, beta, moving_mean, moving_var, eps, momentum, keep=lambda m: 1.0)


@mistake(task="batch_norm", label="raw second moment", hint="single: not_centered")
def a10(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    return delegate(
        X,
        gamma,
        beta,
        moving_mean,
        moving_var,
        eps,
        momentum,
        variance=lambda X, a: X.square().mean(a, keepdim=True),
    )


@mistake(task="batch_norm", label="nn.BatchNorm's moving variance", hint="single: moving_unbiased")
def a11(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    return delegate(
        X,
        gamma,
        beta,
        moving_mean,
        moving_var,
        eps,
        momentum,
        moving=lambda X, a: X.var(a, keepdim=True),
    )


@mistake(
    task="batch_norm", label="scale and shift taken for each other", hint="single: swapped_affine"
)
def a12(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    return delegate(X, beta, gamma, moving_mean, moving_var, eps, momentum)


class Layer(nn.Module):
    """A right layer in another style, to be spoilt."""

    eps, momentum = 1e-5, 0.9

    def __init__(self, num_features, num_dims):
        super().__init__()
        size = [1, num_features, 1, 1][:num_dims]
        self.gamma, self.beta = nn.Parameter(torch.ones(size)), nn.Parameter(torch.zeros(size))
        self.register_buffer("moving_mean", torch.zeros(size))
        self.register_buffer("moving_var", torch.ones(size))

    def forward(self, X):
        Y, self.moving_mean, self.moving_var = built()(
            X, self.gamma, self.beta, self.moving_mean, self.moving_var, self.eps, self.momentum
        )
        return Y


@mistake(
    task="batchnorm_layer", replaces="BatchNorm", label="a tenth", hint="single: momentum_tenth"
)
class l1(Layer):
    momentum = 0.1


@mistake(
    task="batchnorm_layer",
    replaces="BatchNorm",
    label="eps of a thousandth",
    hint="single: large_eps",
)
class l2(Layer):
    eps = 1e-3


@mistake(
    task="batchnorm_layer",
    replaces="BatchNorm",
    label="result only",
    hint="single: statistics_dropped",
)
class l3(Layer):
    def forward(self, X):
        return built()(X, self.gamma, self.beta, self.moving_mean, self.moving_var, 1e-5, 0.9)[0]


@mistake(
    task="batchnorm_layer",
    replaces="BatchNorm",
    label="gamma starts at 0",
    hint="single: gamma_zero",
)
class l4(Layer):
    def __init__(self, num_features, num_dims):
        super().__init__(num_features, num_dims)
        self.gamma = nn.Parameter(torch.zeros_like(self.gamma))


@mistake(
    task="batchnorm_layer",
    replaces="BatchNorm",
    label="mean and variance exchanged",
    hint="single: statistics_swapped",
)
class l5(Layer):
    def forward(self, X):
        Y, v, m = built()(X, self.gamma, self.beta, self.moving_mean, self.moving_var, 1e-5, 0.9)
        self.moving_mean, self.moving_var = m, v
        return Y


def lenet(act=nn.ReLU, norm=True, order=1, pool=nn.MaxPool2d):
    def behind(c, d):
        parts = ([BatchNorm(c, d)] if norm else []) + [act()]
        return parts[::order]

    return nn.Sequential(
        nn.Conv2d(1, 6, 5),
        *behind(6, 4),
        pool(2),
        nn.Conv2d(6, 16, 5),
        *behind(16, 4),
        pool(2),
        nn.Flatten(),
        nn.Linear(256, 120),
        *behind(120, 2),
        nn.Linear(120, 84),
        *behind(84, 2),
        nn.Linear(84, 10),
    )


@mistake(task="bn_lenet", label="ReLU, none normalised", hint="single: plain_lenet")
def n1():
    return lenet(norm=False)


@mistake(task="bn_lenet", label="ReLU, then norm", hint="single: norm_after_activation")
def n2():
    return lenet(order=-1)


@mistake(task="bn_lenet", label="identity, maxima", hint="single: no_activation")
def n3():
    return lenet(act=nn.Identity)


@mistake(task="bn_lenet", label="ReLU and softmax", hint="single: softmax_at_the_end")
def n4():
    return nn.Sequential(lenet(), nn.Softmax(-1))


@mistake(task="batch_norm", label="layer norm without beta", hint="double: axis_sample, no_beta")
def d1(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    return delegate(
        X,
        gamma,
        beta,
        moving_mean,
        moving_var,
        eps,
        momentum,
        axes=lambda X: tuple(range(1, X.dim())),
        affine=lambda h, g, b: h * g,
    )


@mistake(
    task="batch_norm", label="momentum swapped, no eps", hint="double: momentum_swapped, no_eps"
)
def d2(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    return delegate(X, gamma, beta, moving_mean, moving_var, 0.0, momentum, keep=lambda m: 1 - m)


@mistake(
    task="batchnorm_layer",
    replaces="BatchNorm",
    label="both numbers",
    hint="double: momentum_tenth, large_eps",
)
class d3(Layer):
    eps, momentum = 1e-3, 0.1


@mistake(task="batch_norm", label="mean absolute deviation", hint="unknown")
def x1(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    return delegate(
        X,
        gamma,
        beta,
        moving_mean,
        moving_var,
        eps,
        momentum,
        variance=lambda X, a: (X - X.mean(a, keepdim=True)).abs().mean(a, keepdim=True) ** 2,
    )


@mistake(task="batch_norm", label="half the shift", hint="unknown")
def x2(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    return delegate(
        X, gamma, beta, moving_mean, moving_var, eps, momentum, affine=lambda h, g, b: h * g + b / 2
    )


@mistake(task="batch_norm", label="momentum squared", hint="unknown")
def x3(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    return delegate(X, gamma, beta, moving_mean, moving_var, eps, momentum, keep=lambda m: m * m)


@mistake(task="batchnorm_layer", replaces="BatchNorm", label="another momentum", hint="unknown")
class x4(Layer):
    momentum = 0.5


@mistake(task="bn_lenet", label="seven channels", hint="unknown")
def x5():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 10))


@mistake(task="batch_norm", label="lerp and correction", hint="right")
def r1(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    return delegate(X, gamma, beta, moving_mean, moving_var, eps, momentum)


@mistake(task="batchnorm_layer", replaces="BatchNorm", label="buffers", hint="right")
class r2(Layer):
    pass


@mistake(task="bn_lenet", label="ReLU and maxima", hint="right")
def r3():
    return lenet()


@mistake(task="bn_lenet", label="sigmoid and maxima", hint="right")
def r4():
    return lenet(act=nn.Sigmoid)


@mistake(task="batch_norm", label="random numbers", hint="random")
def z1(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    return torch.rand_like(X), torch.rand_like(moving_mean), torch.rand_like(moving_var)


@mistake(task="batchnorm_layer", replaces="BatchNorm", label="noise", hint="random")
class z2(Layer):
    def forward(self, X):
        return torch.rand_like(X)
