"""Standard library building blocks: chain, most_common, dict.fromkeys, pathlib, translate."""

from collections import Counter
from itertools import chain
from pathlib import Path
from string import ascii_letters


class Letters(dict):
    """A table for `str.translate` that turns every other character into a space."""

    def __missing__(self, code):
        return " "


LETTERS = Letters({ord(letter): letter.lower() for letter in ascii_letters})
READERS = {"word": str.split, "char": list}


def read_time_machine():
    text = Path("timemachine.txt").read_text()
    lines = text.removesuffix("\n").split("\n") if text else []
    return [" ".join(line.translate(LETTERS).split()) for line in lines]


def tokenize(lines, token="word"):
    if (reader := READERS.get(token)) is None:
        return print(f"unknown token type: {token}")
    return list(map(reader, lines))


def count_corpus(tokens):
    nested = any(isinstance(item, list) for item in tokens)
    return Counter(chain.from_iterable(tokens) if nested else tokens)


def flatten_lists(li):
    return list(chain.from_iterable(li))


class Vocab(dict):
    """The dictionary from token to index itself, with its inverse beside it."""

    def __init__(self, tokens=None, min_freq=0, reserved_tokens=None):
        self.token_freqs = count_corpus([] if tokens is None else tokens).most_common()
        frequent = (token for token, freq in self.token_freqs if freq >= min_freq)
        # a dict keeps the order in which its keys came, and each only once
        names = dict.fromkeys(chain(["<unk>"], reserved_tokens or (), frequent))
        self.names = tuple(names)
        super().__init__(zip(self.names, range(len(names))))

    unk = property(lambda self: dict.__getitem__(self, "<unk>"))

    def __getitem__(self, tokens):
        if isinstance(tokens, (list, tuple)):
            return [self[token] for token in tokens]
        return self.get(tokens, self.unk)

    def to_tokens(self, indices):
        if isinstance(indices, int):
            return self.names[indices]
        return [self.names[index] for index in indices]


def load_corpus_time_machine(max_tokens=-1):
    lines = read_time_machine()
    vocab = Vocab(list("".join(lines)))
    corpus = [dict.__getitem__(vocab, char) for char in "".join(lines)]
    return corpus[: max_tokens if max_tokens > 0 else None], vocab
