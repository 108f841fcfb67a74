"""Runs beside your code: lets the file `timemachine.txt` hold the text of a test.

No file is written. While your function runs, opening any path that ends in `timemachine.txt`
(with `open` or `pathlib`) gives the text of the test.
"""

from __future__ import annotations

import builtins
import io
import os
from contextlib import contextmanager
from pathlib import Path

import torch
import torch.nn.functional as F

FILE_NAME = "timemachine.txt"


@contextmanager
def file_holding(text):
    """Let every path that ends in `timemachine.txt` read as the text."""
    real_open = builtins.open

    def fake_open(file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, **more):
        is_path = isinstance(file, (str, os.PathLike))
        if not is_path or Path(file).name != FILE_NAME:
            return real_open(file, mode, buffering, encoding, errors, newline, **more)
        data = io.BytesIO(text.encode())
        if "b" in mode:
            return data
        named = None if encoding == "locale" else encoding
        return io.TextIOWrapper(data, named or "utf-8", errors, newline)

    builtins.open = io.open = fake_open
    try:
        yield
    finally:
        builtins.open = io.open = real_open


def read_lines(student, text):
    """Return what `read_time_machine()` makes of a file with this text."""
    with file_holding(text):
        return student.read_time_machine()


def load_corpus(student, lines, *args, **kwargs):
    """Return corpus and entries of `load_corpus_time_machine` for a text with these lines."""
    own = student.read_time_machine
    student.read_time_machine = lambda: list(lines)
    try:
        with file_holding("".join(f"{line}\n" for line in lines)):
            corpus, vocab = student.load_corpus_time_machine(*args, **kwargs)
    finally:
        student.read_time_machine = own
    return corpus, vocab.to_tokens(list(range(len(vocab))))


def with_arguments(student, name, *args):
    """Return what a function gives, and its arguments as they are afterwards."""
    result = getattr(student, name)(*args)
    return result, list(args)


def two_vocabularies(student, lines, tokens, reserved):
    """Return the entries of two vocabularies and of an empty one, and the lists afterwards."""
    first = student.Vocab(lines, reserved_tokens=reserved)
    second = student.Vocab(tokens, reserved_tokens=reserved)
    entries = [v.to_tokens(list(range(len(v)))) for v in (first, second, student.Vocab())]
    return entries, [lines, tokens, reserved]


def lockstep(student, lines, pieces, table, rate):
    """Train a table of scores to guess, from each token of a piece of text, the next one.

    Returns the loss of each piece, and the table after the last step.
    """
    vocab = student.Vocab(lines)
    losses = []
    for piece in pieces:
        numbers = torch.tensor(vocab[piece])
        leaf = table.clone().requires_grad_()
        loss = F.cross_entropy(leaf[numbers[:-1]], numbers[1:])
        (grad,) = torch.autograd.grad(loss, [leaf])
        losses.append(float(loss.detach()))
        table = table - rate * grad
    return losses, table
