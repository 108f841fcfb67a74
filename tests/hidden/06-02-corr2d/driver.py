"""What the hidden tests run beside the student's code."""

import torch


def layer_with(student, weight, bias):
    """Make a Conv2D with these values in its parameters."""
    layer = student.Conv2D(tuple(weight.shape))
    with torch.no_grad():
        layer.weight.copy_(weight)
        layer.bias.copy_(bias)
    return layer


def parameters(student, layer):
    """Give what an optimizer would find in a layer."""
    return {name: param.detach().clone() for name, param in layer.named_parameters()}


def lockstep(student, weight, bias, pairs, rate):
    """Train what an optimizer finds, from these values, on one image after the other.

    Returns the losses.
    """
    layer = layer_with(student, weight, bias)
    losses = []
    for x, target in pairs:
        loss = ((layer(x) - target) ** 2).mean()
        layer.zero_grad()
        loss.backward()
        losses.append(float(loss.detach()))
        with torch.no_grad():
            for param in layer.parameters():
                param.sub_(param.grad, alpha=rate)
    return losses


def gradients(student, layer):
    """Give the gradients of weight and bias."""
    return {name: getattr(layer, name).grad for name in ("weight", "bias")}
