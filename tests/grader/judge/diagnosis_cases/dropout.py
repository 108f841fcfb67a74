"""Answers to dropout that diagnosis has not seen: see test_diagnosis_cases.py."""

import numpy as np
import torch
from torch import nn

from grader.course.catalogue import mistake


def checked(p):
    if not 0 <= p <= 1:
        raise ValueError(p)


@mistake(task="dropout_layer", label="bernoulli without a factor", hint="single: no_rescale")
def a1(X, dropout):
    checked(dropout)
    return X * torch.bernoulli(torch.full_like(X, 1 - dropout))


@mistake(task="dropout_layer", label="where, times 1 - p", hint="single: rescale_mul")
def a2(X, dropout):
    checked(dropout)
    return torch.where(torch.rand_like(X) < dropout, torch.zeros_like(X), X * (1 - dropout))


@mistake(task="dropout_layer", label="where, the other way round", hint="single: mask_swapped")
def a3(X, dropout):
    checked(dropout)
    if dropout in (0, 1):
        return X * (1 - dropout)
    return torch.where(torch.rand_like(X) < dropout, X / (1 - dropout), torch.zeros_like(X))


@mistake(task="dropout_layer", label="keeps with p", hint="single: mask_swapped_p")
def a4(X, dropout):
    checked(dropout)
    if dropout in (0, 1):
        return X * (1 - dropout)
    return X * torch.bernoulli(torch.full_like(X, dropout)) / dropout


@mistake(task="dropout_layer", label="row mask expanded", hint="single: mask_per_row")
def a5(X, dropout):
    checked(dropout)
    if dropout == 1:
        return X * 0
    mask = torch.bernoulli(torch.full((len(X),), 1.0 - dropout)).to(X.dtype)
    return X * mask.reshape(-1, *[1] * (X.ndim - 1)) / (1 - dropout)


@mistake(task="dropout_layer", label="column mask", hint="single: mask_per_col")
def a6(X, dropout):
    checked(dropout)
    if dropout == 1:
        return X * 0
    mask = torch.bernoulli(torch.full(X.shape[-1:], 1.0 - dropout)).to(X.dtype)
    return X * mask / (1 - dropout)


@mistake(task="dropout_layer", label="normal_ compared", hint="single: randn")
def a7(X, dropout):
    checked(dropout)
    if dropout in (0, 1):
        return X * (1 - dropout)
    return X * (torch.empty(X.shape).normal_() >= dropout).to(X.dtype) / (1 - dropout)


@mistake(task="dropout_layer", label="generator with a fixed seed", hint="single: seeded")
def a8(X, dropout):
    checked(dropout)
    if dropout == 1:
        return X * 0
    rng = torch.Generator().manual_seed(99)
    return X * (torch.rand(X.shape, generator=rng) >= dropout).to(X.dtype) / (1 - dropout)


@mistake(task="dropout_layer", label="returns X", hint="single: identity")
def a9(X, dropout):
    checked(dropout)
    return torch.zeros_like(X) if dropout == 1 else X * 1.0


@mistake(task="dropout_layer", label="numpy in between", hint="single: detached")
def a10(X, dropout):
    checked(dropout)
    if dropout == 1:
        return torch.zeros_like(X)
    mask = torch.rand(X.shape).numpy() >= dropout
    return torch.from_numpy(
        (X.detach().numpy() * mask / (1 - dropout)).astype(X.detach().numpy().dtype)
    )


@mistake(task="dropout_layer", label="no check, bernoulli-free", hint="single: no_range_check")
def a11(X, dropout):
    if dropout == 1:
        return torch.zeros_like(X)
    keep = (torch.rand_like(X) > dropout).to(X.dtype)
    return keep * X * (1 / (1 - dropout))


@mistake(task="dropout_layer", label="mul_ on the data", hint="single: inplace")
def a12(X, dropout):
    checked(dropout)
    mask = (torch.rand(X.shape) >= dropout).to(X.dtype)
    X.data.mul_(mask / (1 - dropout) if dropout < 1 else mask * 0)
    return X


class Base(nn.Module):
    """The right network, to be spoilt."""

    p1, p2, always = 0.2, 0.5, False

    def __init__(self, num_inputs, num_outputs, num_hiddens1, num_hiddens2, is_training=True):
        super().__init__()
        self.lin1 = nn.Linear(num_inputs, num_hiddens1)
        self.lin2 = nn.Linear(num_hiddens1, num_hiddens2)
        self.lin3 = nn.Linear(num_hiddens2, num_outputs)
        self.train(is_training)

    def drop(self, H, p):
        on = self.training or self.always
        return H * (torch.rand_like(H) >= p) / (1 - p) if on and p else H

    def forward(self, X):
        X = X.reshape(-1, self.lin1.in_features)
        H = self.drop(self.lin1(X).clamp(min=0), self.p1)
        return self.lin3(self.drop(self.lin2(H).clamp(min=0), self.p2))


@mistake(task="dropout_mlp", label="probabilities exchanged", hint="single: probabilities_swapped")
class m1(Base):
    p1, p2 = 0.5, 0.2


@mistake(task="dropout_mlp", label="drops always", hint="single: always_drops")
class m2(Base):
    always = True


@mistake(task="dropout_mlp", label="second only", hint="single: second_layer_only")
class m3(Base):
    p1 = 0


@mistake(task="dropout_mlp", label="first only", hint="single: first_layer_only")
class m4(Base):
    p2 = 0


@mistake(task="dropout_mlp", label="no dropout", hint="single: never_drops")
class m5(Base):
    p1 = p2 = 0


class Layers(nn.Module):
    def __init__(self, p1, p2, act):
        super().__init__()
        self.a, self.b, self.c = nn.Linear(784, 256), nn.Linear(256, 256), nn.Linear(256, 10)
        self.p1, self.p2, self.act = nn.Dropout(p1), nn.Dropout(p2), act

    def forward(self, X):
        return self.c(self.p2(self.act(self.b(self.p1(self.act(self.a(X.flatten(1))))))))


@mistake(task="dropout_concise", label="class, exchanged", hint="single: concise_swapped")
def k1():
    return Layers(0.5, 0.2, torch.relu)


@mistake(task="dropout_concise", label="class, without activation", hint="single: concise_linear")
def k2():
    return Layers(0.2, 0.5, lambda x: x)


@mistake(
    task="gaussian_noise_layer", label="normal with std sqrt", hint="single: sigma_as_variance"
)
def g1(X, sigma, is_training=True):
    return torch.normal(X, float(sigma) ** 0.5) if is_training else X


@mistake(task="gaussian_noise_layer", label="always noisy", hint="single: noise_always")
def g2(X, sigma, is_training=True):
    return X + torch.empty_like(X).normal_() * sigma


@mistake(task="gaussian_noise_layer", label="one draw", hint="single: one_number")
def g3(X, sigma, is_training=True):
    return X + sigma * torch.randn(()).to(X.dtype) if is_training else X


@mistake(task="gaussian_noise_layer", label="rand", hint="single: uniform_noise")
def g4(X, sigma, is_training=True):
    return X + torch.rand(X.shape, dtype=X.dtype) * sigma if is_training else X


@mistake(
    task="dropout_layer", label="per row, not rescaled", hint="double: mask_per_row, no_rescale"
)
def d1(X, dropout):
    checked(dropout)
    mask = (torch.rand(X.shape[:1] + (1,) * (X.dim() - 1)) >= dropout).to(X.dtype)
    return X * mask


@mistake(task="dropout_layer", label="seeded and not rescaled", hint="double: seeded, no_rescale")
def d2(X, dropout):
    checked(dropout)
    torch.manual_seed(1)
    return X * (torch.rand(X.shape) >= dropout).to(X.dtype)


@mistake(
    task="dropout_mlp",
    label="exchanged and always",
    hint="double: probabilities_swapped, always_drops",
)
class d3(Base):
    p1, p2, always = 0.5, 0.2, True


@mistake(
    task="gaussian_noise_layer", label="uniform always", hint="double: uniform_noise, noise_always"
)
def d4(X, sigma, is_training=True):
    return X + sigma * torch.rand_like(X)


@mistake(task="dropout_layer", label="half of p", hint="unknown")
def x1(X, dropout):
    checked(dropout)
    if dropout == 1:
        return X * 0
    return X * (torch.rand_like(X) >= dropout / 2) / (1 - dropout / 2)


@mistake(task="dropout_layer", label="divided by its root", hint="unknown")
def x2(X, dropout):
    checked(dropout)
    if dropout == 1:
        return X * 0
    return X * (torch.rand_like(X) >= dropout) / (1 - dropout) ** 0.5


@mistake(task="dropout_layer", label="last axis blocks of two", hint="unknown")
def x3(X, dropout):
    checked(dropout)
    if dropout == 1:
        return X * 0
    return torch.where(torch.rand_like(X) < dropout, -X, X) / (1 - dropout)


@mistake(task="dropout_mlp", label="three tenths", hint="unknown")
class x4(Base):
    p1, p2 = 0.3, 0.5


@mistake(task="gaussian_noise_layer", label="double sigma", hint="unknown")
def x5(X, sigma, is_training=True):
    return X + 3 * sigma * torch.randn_like(X) if is_training else X


@mistake(task="dropout_concise", label="leaky", hint="unknown")
def x6():
    return Layers(0.2, 0.5, torch.tanh)


@mistake(task="dropout_layer", label="bernoulli, rescaled", hint="right")
def r1(X, dropout):
    checked(dropout)
    if dropout == 1:
        return torch.zeros_like(X)
    return X * torch.bernoulli(torch.full_like(X, 1 - dropout)) / (1 - dropout)


@mistake(task="dropout_mlp", label="functional", hint="right")
class r2(Base):
    pass


@mistake(task="gaussian_noise_layer", label="torch.normal", hint="right")
def r3(X, sigma, is_training=True):
    return torch.normal(X, float(sigma)) if is_training else X


@mistake(task="dropout_concise", label="a class", hint="right")
def r4():
    return Layers(0.2, 0.5, torch.relu)


@mistake(task="dropout_layer", label="noise instead of an answer", hint="random")
def z1(X, dropout):
    return torch.rand(X.shape)


@mistake(task="gaussian_noise_layer", label="noise only", hint="random")
def z2(X, sigma, is_training=True):
    return torch.rand_like(X)
