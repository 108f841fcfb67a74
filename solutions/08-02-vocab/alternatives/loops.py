"""Plain loops and dictionaries: no regular expression, no Counter, no comprehension."""

import os
from collections import defaultdict
from pathlib import Path

DATA_DIR = Path(os.environ.get("AUTOGRADE_DATA", Path("..") / "data"))
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def download(name):
    return str(DATA_DIR / "timemachine.txt")


def read_time_machine():
    result = []
    file = open(download("time_machine"), "rb")
    for raw in file:
        words = [""]
        for char in raw.decode("utf-8"):
            if char in LETTERS or char in LETTERS.upper():
                words[-1] += char.lower()
            elif words[-1]:
                words.append("")
        if not words[-1]:
            words.pop()
        result.append(" ".join(words))
    file.close()
    return result


def tokenize(lines, token="word"):
    if token not in ("word", "char"):
        raise ValueError(f"token must be word or char, not {token!r}")
    result = []
    for line in lines:
        if token == "word":
            result.append(line.split())
        else:
            characters = []
            for char in line:
                characters.append(char)
            result.append(characters)
    return result


def count_corpus(tokens):
    counts = defaultdict(int)
    for item in tokens:
        if isinstance(item, list):
            for token in item:
                counts[token] += 1
        else:
            counts[item] += 1
    return counts


def flatten_lists(li):
    flat = []
    for items in li:
        for item in items:
            flat.append(item)
    return flat


class Vocab:
    def __init__(self, tokens=None, min_freq=0, reserved_tokens=None):
        counts = count_corpus(tokens or [])
        self.unk = 0
        self.token_freqs = []
        for token in sorted(counts, key=lambda token: -counts[token]):
            self.token_freqs.append((token, counts[token]))
        self.tokens = ["<unk>"]
        for token in reserved_tokens or []:
            self.tokens.append(token)
        for token, freq in self.token_freqs:
            if freq >= min_freq and token not in self.tokens:
                self.tokens.append(token)

    def __len__(self):
        return len(self.tokens)

    def __getitem__(self, tokens):
        if type(tokens) in (list, tuple):
            result = []
            for token in tokens:
                result.append(self[token])
            return result
        if tokens in self.tokens:
            return self.tokens.index(tokens)
        return self.unk

    def to_tokens(self, indices):
        if type(indices) in (list, tuple):
            result = []
            for index in indices:
                result.append(self.tokens[index])
            return result
        return self.tokens[indices]


def load_corpus_time_machine(max_tokens=-1):
    lines = read_time_machine()
    vocab = Vocab(tokenize(lines, "char"))
    corpus = []
    for line in lines:
        for char in line:
            if max_tokens > 0 and len(corpus) == max_tokens:
                return corpus, vocab
            corpus.append(vocab[char])
    return corpus, vocab
