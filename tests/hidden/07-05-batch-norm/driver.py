"""What the hidden suite of batch normalization does beside the student's code."""

import copy

import torch


def predict(student, *arguments):
    """Call batch_norm while no gradients are recorded."""
    with torch.no_grad():
        return student.batch_norm(*arguments)


def predict_with(student, layer, X):
    """Call a layer or network in evaluation mode while no gradients are recorded."""
    layer.eval()
    with torch.no_grad():
        Y = layer(X)
    layer.train()
    return Y


def parameters(student, net):
    """Return names (the part behind the last dot) and copies of the parameters of a module."""
    return [
        (name.rpartition(".")[2], parameter.detach().clone())
        for name, parameter in net.named_parameters()
    ]


def fill(student, net, values):
    """Copy the values into the parameters of a module, in its own order."""
    with torch.no_grad():
        for parameter, value in zip(net.parameters(), values, strict=True):
            parameter.copy_(value)


def gradients(student, net, X, weights):
    """Return the gradients of the parameters for a weighted sum of the outputs."""
    (net(X) * weights).sum().backward()
    return [parameter.grad for parameter in net.parameters()]


def lockstep(student, net, batches, rate, X):
    """Train a network on the batches; give the loss of each, and what it predicts for X then.

    It predicts twice, and the second time tells whether predicting changes anything.
    """
    losses = []
    for inputs, y in batches:
        loss = torch.nn.functional.cross_entropy(net(inputs), y)
        net.zero_grad()
        loss.backward()
        losses.append(float(loss.detach()))
        with torch.no_grad():
            for parameter in net.parameters():
                parameter.sub_(parameter.grad, alpha=rate)
    predict_with(student, net, X)
    return losses, predict_with(student, net, X)


def norm_lockstep(student, mix, gamma, beta, statistics, batches, settings, rate):
    """Train a mixture of features behind batch_norm to give targets, then predict twice.

    Returns the losses, mix, gamma, beta and the moving statistics after the last step, and what
    is predicted for the last batch the second time.
    """
    leaves = [tensor.clone().requires_grad_() for tensor in (mix, gamma, beta)]
    mean, var = (tensor.clone() for tensor in statistics)
    losses = []
    for X, target in batches:
        mixed = torch.einsum("nc...,cd->nd...", X, leaves[0])
        Y, mean, var = student.batch_norm(mixed, *leaves[1:], mean, var, *settings)
        loss = ((Y - target) ** 2).mean()
        grads = torch.autograd.grad(loss, leaves)
        losses.append(float(loss.detach()))
        with torch.no_grad():
            for leaf, grad in zip(leaves, grads, strict=True):
                leaf.sub_(grad, alpha=rate)
    mixed = torch.einsum("nc...,cd->nd...", batches[-1][0], leaves[0])
    _, *after = predict(student, mixed, *leaves[1:], mean, var, *settings)
    Y, _, _ = predict(student, mixed, *leaves[1:], *after, *settings)
    return losses, [leaf.detach() for leaf in leaves], [mean, var], Y.detach()


def can_be_copied(student, layer, X):
    """Train a layer on inputs that need gradients; say whether deepcopy takes the layer."""
    for _ in range(3):
        layer(X.clone().requires_grad_())
    try:
        copy.deepcopy(layer)
    except RuntimeError:
        return False
    return True
