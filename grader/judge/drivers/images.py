"""Models of images, joined from the student's parts. Runs in the cell beside the student."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional as F

from grader.judge.drivers.loop import Batches, descend


def scaled(images: torch.Tensor) -> torch.Tensor:
    """Return images (n, 28, 28) of bytes as (n, 1, 28, 28) of floats from 0 to 1."""
    return images.float().div_(255).unsqueeze(1)


def batches(data: list[torch.Tensor], settings: dict[str, Any]) -> Batches:
    """Return batches of images (n, 28, 28) of bytes, scaled, with their labels (n,) of bytes."""
    return Batches([scaled(data[0]), data[1].long()], settings)


def draw_after_xavier(net: torch.nn.Module) -> None:
    """Draw all weights anew, as the book's `train_ch6` does."""
    for module in net.modules():
        if isinstance(module, torch.nn.Linear | torch.nn.Conv2d):
            torch.nn.init.xavier_uniform_(module.weight)


def draw_after_he(net: torch.nn.Module) -> None:
    """Draw all weights anew so that ReLU leaves the variance as it is, and set biases to 0.

    He et al., 2015, arXiv:1502.01852, section 2.2, equation 10. After Xavier each of ten layers
    halves it: the loss of a network that deep stands still for hundreds of steps, and how many
    depends on the seed.
    """
    for module in net.modules():
        if isinstance(module, torch.nn.Linear | torch.nn.Conv2d):
            torch.nn.init.kaiming_uniform_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                torch.nn.init.zeros_(module.bias)


class SoftmaxRegression:
    """The student's parameters, model, loss and update."""

    def __init__(self, student: Any, data: list[torch.Tensor], settings: dict[str, Any]) -> None:
        """Draw the parameters, or take those that the module has already."""
        self.student = student
        self.batches = batches(data, settings)
        if hasattr(student, "softmax_params"):
            student.W, student.b = student.softmax_params()

    def step(self, rate: float) -> float:
        """Take one step and return the mean loss of its batch."""
        X, y = self.batches.next()
        loss = self.student.cross_entropy(self.student.net(X), y).sum()
        loss.backward()
        self.student.lr = rate
        self.student.updater(len(X))
        return float(loss.detach()) / len(X)

    def scores(self, images: torch.Tensor) -> torch.Tensor:
        """Return (n, 10) scores of images (n, 28, 28)."""
        scores: torch.Tensor = self.student.net(scaled(images))
        return scores


class Network:
    """A classifier of the student's, trained with the cross-entropy of its scores."""

    def __init__(self, student: Any, data: list[torch.Tensor], settings: dict[str, Any]) -> None:
        """Build the network."""
        self.net = self.build(student)
        self.batches = batches(data, settings)

    def build(self, student: Any) -> torch.nn.Module:
        """Return the network."""
        raise NotImplementedError

    def step(self, rate: float) -> float:
        """Take one step and return the mean loss of its batch."""
        self.net.train()
        X, y = self.batches.next()
        loss = F.cross_entropy(self.net(X), y)
        loss.backward()
        descend(list(self.net.parameters()), rate)
        return float(loss.detach())

    def scores(self, images: torch.Tensor) -> torch.Tensor:
        """Return (n, 10) scores of images (n, 28, 28)."""
        self.net.eval()
        scores: torch.Tensor = self.net(scaled(images))
        return scores


class DropoutMlp(Network):
    """The student's perceptron with dropout, `Net`."""

    def build(self, student: Any) -> torch.nn.Module:
        """Return the network."""
        net: torch.nn.Module = student.Net(784, 10, 256, 256)
        return net


class BatchNormLeNet(Network):
    """The student's LeNet with batch normalization, `bn_lenet`."""

    def build(self, student: Any) -> torch.nn.Module:
        """Return the network."""
        net: torch.nn.Module = student.bn_lenet()
        return net


class LeNet(Network):
    """The student's LeNet, `lenet`, with the start that the book's `train_ch6` gives it."""

    def build(self, student: Any) -> torch.nn.Module:
        """Return the network, its weights drawn after Xavier."""
        net: torch.nn.Module = student.lenet()
        draw_after_xavier(net)
        return net


class ResidualNet(Network):
    """Two of the student's blocks, `Residual`, between a convolution and a linear layer."""

    def build(self, student: Any) -> torch.nn.Module:
        """Return the network."""
        return torch.nn.Sequential(
            torch.nn.Conv2d(1, 16, 3, stride=2, padding=1),
            torch.nn.BatchNorm2d(16),
            torch.nn.ReLU(),
            student.Residual(16, 16),
            student.Residual(16, 32, use_1x1conv=True, strides=2),
            torch.nn.AdaptiveAvgPool2d(1),
            torch.nn.Flatten(),
            torch.nn.Linear(32, 10),
        )


class ResNet18(Network):
    """ResNet-18 of the student's blocks, `Residual`, on images with an edge of 32."""

    STAGES = ((64, 64), (64, 128), (128, 256), (256, 512))

    def build(self, student: Any) -> torch.nn.Module:
        """Return the network: a convolution, four stages of two blocks, and a linear layer."""
        blocks: list[torch.nn.Module] = []
        for first, last in self.STAGES:
            shrinks = first != last
            blocks.append(
                student.Residual(first, last, use_1x1conv=True, strides=2)
                if shrinks
                else student.Residual(first, last)
            )
            blocks.append(student.Residual(last, last))
        return torch.nn.Sequential(
            torch.nn.ZeroPad2d(2),
            torch.nn.Conv2d(1, 64, 7, stride=2, padding=3),
            torch.nn.BatchNorm2d(64),
            torch.nn.ReLU(),
            torch.nn.MaxPool2d(3, stride=2, padding=1),
            *blocks,
            torch.nn.AdaptiveAvgPool2d(1),
            torch.nn.Flatten(),
            torch.nn.Linear(512, 10),
        )


class Vgg11(Network):
    """VGG-11 of the student's blocks, `vgg_block`, with a quarter of the channels.

    Its images have an edge of 32, which five blocks halve to 1.
    """

    STAGES = ((1, 16), (1, 32), (2, 64), (2, 128), (2, 128))
    WIDTH = 512

    def build(self, student: Any) -> torch.nn.Module:
        """Return the network."""
        blocks: list[torch.nn.Module] = []
        channels = 1
        for convolutions, wide in self.STAGES:
            blocks.append(student.vgg_block(convolutions, channels, wide))
            channels = wide
        net = torch.nn.Sequential(
            torch.nn.ZeroPad2d(2),
            *blocks,
            torch.nn.Flatten(),
            torch.nn.Linear(channels, self.WIDTH),
            torch.nn.ReLU(),
            torch.nn.Dropout(0.5),
            torch.nn.Linear(self.WIDTH, 10),
        )
        draw_after_he(net)
        return net
