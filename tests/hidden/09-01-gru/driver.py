"""Runs beside the student's code: what can only be seen where the tensors live."""

from __future__ import annotations

import torch
from torch.overrides import TorchFunctionMode

ELSEWHERE = torch.device("meta")


class Elsewhere(TorchFunctionMode):
    """Plays a second device on any machine.

    Whoever asks for the device `ELSEWHERE` gets memory of the CPU, which is noted together with
    all that is computed from it; such tensors say that they live there.
    """

    def __init__(self):
        super().__init__()
        self.kept = []  # keeps the memory from being given out again
        self.addresses = set()

    def holds(self, tensor):
        return tensor.untyped_storage().data_ptr() in self.addresses

    def __torch_function__(self, func, types, args=(), kwargs=None):
        values = [*args, *(kwargs or {}).values()]
        nested = [item for value in values if isinstance(value, (list, tuple)) for item in value]
        tensors = [value for value in values + nested if isinstance(value, torch.Tensor)]
        if func == torch.Tensor.device.__get__ and self.holds(args[0]):
            return ELSEWHERE
        asked = any(map(names_elsewhere, values)) or any(map(self.holds, tensors))
        result = func(
            *(torch.device("cpu") if names_elsewhere(value) else value for value in args),
            **{
                key: torch.device("cpu") if names_elsewhere(value) else value
                for key, value in (kwargs or {}).items()
            },
        )
        if asked:
            for tensor in result if isinstance(result, (list, tuple)) else (result,):
                if isinstance(tensor, torch.Tensor):
                    self.kept.append(tensor)
                    self.addresses.add(tensor.untyped_storage().data_ptr())
        return result


def names_elsewhere(value):
    """Tell whether an argument is the played device."""
    return isinstance(value, (str, torch.device)) and str(value) == str(ELSEWHERE)


def params_elsewhere(student):
    """Return, for each parameter made for another device, whether it lives there."""
    with Elsewhere() as device:
        params = student.get_params(4, 3, ELSEWHERE)
    return [device.holds(param) for param in params]


def state_elsewhere(student):
    """Return, for each tensor of a state made for another device, whether it lives there."""
    with Elsewhere() as device:
        state = student.init_gru_state(2, 3, ELSEWHERE)
    return [device.holds(H) for H in state]


def after_backward(student, vocab_size, num_hiddens):
    """Return, per parameter, whether it needs a gradient and which shape its gradient got."""
    params = student.get_params(vocab_size, num_hiddens, torch.device("cpu"))
    total = sum((param * param).sum() + param.sum() for param in params)
    if total.requires_grad:
        total.backward()
    grads = [param.grad if param.is_leaf else None for param in params]
    return [
        (param.requires_grad, param.is_leaf, None if grad is None else tuple(grad.shape))
        for param, grad in zip(params, grads, strict=True)
    ]


def storages(student, vocab_size, num_hiddens):
    """Return the address of each parameter's memory."""
    params = student.get_params(vocab_size, num_hiddens, torch.device("cpu"))
    return [param.data_ptr() for param in params]


def lockstep(student, start, batches, rate):
    """Train from these parameters on the batches, then write on from the inputs of the last.

    Returns the losses, the parameters then, and outputs and state for those inputs in two pieces.
    """
    params = [param.clone().requires_grad_() for param in start]
    losses = []
    for inputs, labels in batches:
        state = student.init_gru_state(inputs.shape[1], params[0].shape[1], torch.device("cpu"))
        outputs, _ = student.gru(inputs, state, params)
        loss = torch.nn.functional.cross_entropy(outputs, labels)
        grads = torch.autograd.grad(loss, params)
        losses.append(float(loss.detach()))
        with torch.no_grad():
            for param, grad in zip(params, grads, strict=True):
                param.sub_(grad, alpha=rate)
    inputs, _ = batches[-1]
    state = student.init_gru_state(inputs.shape[1], params[0].shape[1], torch.device("cpu"))
    with torch.no_grad():
        first, state = student.gru(inputs[:1], state, params)
        second, (H,) = student.gru(inputs[1:], state, params)
    return losses, [param.detach() for param in params], torch.cat([first, second]), H


def settings(student, num_inputs, num_hiddens):
    """Return class names and settings of the built-in layer."""
    layer = student.gru_concise(num_inputs, num_hiddens)
    names = ("input_size", "hidden_size", "num_layers", "bias", "batch_first", "bidirectional")
    found = {name: getattr(layer, name, None) for name in names}
    return [kind.__name__ for kind in type(layer).__mro__], found
