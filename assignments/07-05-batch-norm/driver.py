"""What the public tests do beside your code: predictions, for which gradients are switched off."""

import torch


def predict(student, *arguments):
    """Call batch_norm while no gradients are recorded."""
    with torch.no_grad():
        return student.batch_norm(*arguments)


def predict_with(student, layer, X):
    """Call a layer or network in evaluation mode while no gradients are recorded."""
    layer.eval()
    with torch.no_grad():
        return layer(X)
