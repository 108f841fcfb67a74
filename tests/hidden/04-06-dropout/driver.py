"""What the hidden suite of dropout does beside the student's code."""

import torch


def parameters(student, net):
    """Return copies of the parameters of a network, in its own order."""
    return [parameter.detach().clone() for parameter in net.parameters()]


def fill(student, net, values):
    """Copy the values into the parameters of a network, in its own order."""
    with torch.no_grad():
        for parameter, value in zip(net.parameters(), values, strict=True):
            parameter.copy_(value)


def lockstep(student, sizes, values, batches, rate):
    """Train a network that does not drop, from these parameters; give losses and parameters."""
    net = student.Net(*sizes)
    fill(student, net, values)
    net.eval()
    losses = []
    for X, y in batches:
        loss = torch.nn.functional.cross_entropy(net(X), y)
        net.zero_grad()
        loss.backward()
        losses.append(float(loss.detach()))
        with torch.no_grad():
            for parameter in net.parameters():
                parameter.sub_(parameter.grad, alpha=rate)
    return losses, parameters(student, net)


def dropping_lockstep(student, values, batches, rate):
    """Take one training step per batch, each from its own parameters.

    Returns, for each batch, the outputs, the loss, and the parameters after the step.
    """
    found = []
    for start, (X, y) in zip(values, batches, strict=True):
        size = len(start[1])
        net = student.Net(X.shape[1], size, size, size)
        fill(student, net, start)
        net.train()
        outputs = net(X)
        loss = torch.nn.functional.cross_entropy(outputs, y)
        loss.backward()
        with torch.no_grad():
            for parameter in net.parameters():
                parameter.sub_(parameter.grad, alpha=rate)
        found.append([outputs.detach(), float(loss.detach()), parameters(student, net)])
    return found


def gradients(student, net, X):
    """Return the gradients of the parameters after one backward pass; None where none came."""
    (net(X) ** 2).sum().backward()
    return [parameter.grad for parameter in net.parameters()]
