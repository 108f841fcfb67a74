"""Right answers that the recipes without an exercise of their own are measured with.

Names and shapes are the book's, and those that a future exercise will ask for.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

# --- 3.2 linear regression


def linreg_params() -> tuple[torch.Tensor, torch.Tensor]:
    """Return w (2, 1), normal with standard deviation 0.01, and b (1,), zero."""
    w = torch.normal(0, 0.01, size=(2, 1), requires_grad=True)
    return w, torch.zeros(1, requires_grad=True)


def linreg(X: torch.Tensor, w: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Return X w + b."""
    return X @ w + b


def squared_loss(y_hat: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return half of the squared differences, of the shape of `y_hat`."""
    return (y_hat - y.reshape(y_hat.shape)) ** 2 / 2


def sgd(params: list[torch.Tensor], lr: float, batch_size: int) -> None:
    """Take one step against the gradients of a summed loss, and clear them."""
    with torch.no_grad():
        for param in params:
            if param.grad is not None:
                param.sub_(lr * param.grad / batch_size)
                param.grad.zero_()


# --- 4.5 weight decay


def init_params() -> list[torch.Tensor]:
    """Return w (200, 1), standard normal, and b (1,), zero."""
    w = torch.normal(0, 1, size=(200, 1), requires_grad=True)
    return [w, torch.zeros(1, requires_grad=True)]


def l2_penalty(w: torch.Tensor) -> torch.Tensor:
    """Return half of the squared norm."""
    return torch.sum(w.pow(2)) / 2


# --- 6.6 LeNet


def lenet() -> nn.Sequential:
    """Return LeNet-5 with ReLU and maximum pooling; 61,706 parameters."""
    return nn.Sequential(
        nn.Conv2d(1, 6, kernel_size=5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(kernel_size=2, stride=2),
        nn.Conv2d(6, 16, kernel_size=5),
        nn.ReLU(),
        nn.MaxPool2d(kernel_size=2, stride=2),
        nn.Flatten(),
        nn.Linear(16 * 5 * 5, 120),
        nn.ReLU(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, 10),
    )


# --- 7.6 residual networks


class Residual(nn.Module):
    """Two convolutions with batch normalization, beside which the input flows on."""

    def __init__(
        self,
        input_channels: int,
        num_channels: int,
        use_1x1conv: bool = False,
        strides: int = 1,
    ) -> None:
        """Make the layers."""
        super().__init__()
        self.conv1 = nn.Conv2d(
            input_channels, num_channels, kernel_size=3, padding=1, stride=strides
        )
        self.conv2 = nn.Conv2d(num_channels, num_channels, kernel_size=3, padding=1)
        self.conv3 = (
            nn.Conv2d(input_channels, num_channels, kernel_size=1, stride=strides)
            if use_1x1conv
            else None
        )
        self.bn1 = nn.BatchNorm2d(num_channels)
        self.bn2 = nn.BatchNorm2d(num_channels)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Return ReLU of the branch plus the input."""
        Y = F.relu(self.bn1(self.conv1(X)))
        Y = self.bn2(self.conv2(Y))
        return F.relu(Y + (self.conv3(X) if self.conv3 else X))


# --- 8.5 recurrent networks


def get_params(vocab_size: int, num_hiddens: int, device: str) -> list[torch.Tensor]:
    """Return W_xh, W_hh, b_h, W_hq, b_q; weights normal with standard deviation 0.01."""
    params = [
        _normal((vocab_size, num_hiddens), device),
        _normal((num_hiddens, num_hiddens), device),
        torch.zeros(num_hiddens, device=device),
        _normal((num_hiddens, vocab_size), device),
        torch.zeros(vocab_size, device=device),
    ]
    return [param.requires_grad_() for param in params]


def init_rnn_state(batch_size: int, num_hiddens: int, device: str) -> tuple[torch.Tensor]:
    """Return the hidden state before the first step."""
    return (torch.zeros((batch_size, num_hiddens), device=device),)


def rnn(
    inputs: torch.Tensor, state: tuple[torch.Tensor], params: list[torch.Tensor]
) -> tuple[torch.Tensor, tuple[torch.Tensor]]:
    """Run all time steps; return the outputs below each other, and the last state."""
    W_xh, W_hh, b_h, W_hq, b_q = params
    (H,) = state
    outputs = []
    for X in inputs:
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        outputs.append(H @ W_hq + b_q)
    return torch.cat(outputs), (H,)


# --- 9.2 long short-term memory


def get_lstm_params(vocab_size: int, num_hiddens: int, device: str) -> list[torch.Tensor]:
    """Return W_x, W_h, b of input, forget, output gate and candidate, then W_hq, b_q."""
    params = []
    for _ in range(4):
        params += [
            _normal((vocab_size, num_hiddens), device),
            _normal((num_hiddens, num_hiddens), device),
            torch.zeros(num_hiddens, device=device),
        ]
    params += [_normal((num_hiddens, vocab_size), device), torch.zeros(vocab_size, device=device)]
    return [param.requires_grad_() for param in params]


def init_lstm_state(
    batch_size: int, num_hiddens: int, device: str
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return hidden state and memory before the first step."""
    shape = (batch_size, num_hiddens)
    return torch.zeros(shape, device=device), torch.zeros(shape, device=device)


def lstm(
    inputs: torch.Tensor, state: tuple[torch.Tensor, torch.Tensor], params: list[torch.Tensor]
) -> tuple[torch.Tensor, tuple[torch.Tensor, torch.Tensor]]:
    """Run all time steps; return the outputs below each other, and the last state."""
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c, W_hq, b_q = params
    H, C = state
    outputs = []
    for X in inputs:
        In = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
        Forget = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
        Out = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
        C = Forget * C + In * torch.tanh(X @ W_xc + H @ W_hc + b_c)
        H = Out * torch.tanh(C)
        outputs.append(H @ W_hq + b_q)
    return torch.cat(outputs), (H, C)


def _normal(shape: tuple[int, int], device: str) -> torch.Tensor:
    return torch.randn(shape, device=device) * 0.01


# --- 7.2 networks of blocks


def vgg_block(num_convs: int, in_channels: int, out_channels: int) -> nn.Sequential:
    """Return convolutions of 3 x 3 with ReLU, and a maximum pooling that halves the edge."""
    layers: list[nn.Module] = []
    for _ in range(num_convs):
        layers += [nn.Conv2d(in_channels, out_channels, kernel_size=3, padding=1), nn.ReLU()]
        in_channels = out_channels
    return nn.Sequential(*layers, nn.MaxPool2d(kernel_size=2, stride=2))
