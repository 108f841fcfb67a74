"""Defines a tensor and a module where functions are asked for."""

import torch

curve = torch.zeros(2)
words = torch.nn.Linear(2, 2)
parts = [torch.zeros(2)]
Tally = {"add": 1}
