"""Answers to text preprocessing that diagnosis has not seen: see test_diagnosis_cases.py."""

import collections
import re

from grader.course.catalogue import mistake


def raw():
    with open(download("time_machine"), encoding="utf-8") as file:
        return file.read().splitlines()


def letters(line, keep="abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"):
    return "".join(c if c in keep else " " for c in line)


@mistake(task="read_time_machine", label="no lower()", hint="single: case_kept")
def a1():
    return [" ".join(letters(line).split()) for line in raw()]


@mistake(task="read_time_machine", label="filter(None)", hint="single: empty_lines_dropped")
def a2():
    return list(filter(None, (" ".join(letters(line).lower().split()) for line in raw())))


@mistake(
    task="read_time_machine",
    label="characters replaced one by one",
    hint="single: spaces_not_merged",
)
def a3():
    return [letters(line).strip().lower() for line in raw()]


@mistake(task="read_time_machine", label="letters and spaces kept", hint="single: words_joined")
def a4():
    return [
        "".join(c for c in line if c == " " or (c.isascii() and c.isalpha())).strip().lower()
        for line in raw()
    ]


@mistake(task="tokenize", label="re.split on a space", hint="single: split_single_space")
def t1(lines, token="word"):
    return {
        "word": [re.split(" ", line) for line in lines],
        "char": [[*line] for line in lines],
    }.get(token)


@mistake(task="tokenize", label="extend", hint="single: lines_lost")
def t2(lines, token="word"):
    if token not in ("word", "char"):
        raise ValueError(token)
    found = []
    for line in lines:
        found.extend(line.split() if token == "word" else line)
    return found


@mistake(task="tokenize", label="characters without blanks", hint="single: char_without_spaces")
def t3(lines, token="word"):
    if token == "word":
        return [line.split() for line in lines]
    if token == "char":
        return [[c for c in line if c != " "] for line in lines]
    print("unknown")


@mistake(task="count_corpus", label="tokens[0] counted", hint="single: first_line_only")
def c1(tokens):
    if tokens and isinstance(tokens[0], list):
        return collections.Counter(tokens[0])
    return collections.Counter(tokens)


@mistake(task="count_corpus", label="chain always", hint="single: always_flattened")
def c2(tokens):
    counter = collections.Counter()
    for line in tokens:
        counter.update(line)
    return counter


@mistake(task="flatten_lists", label="set in order", hint="single: repeats_dropped")
def f1(li):
    return list(dict.fromkeys(item for items in li for item in items))


@mistake(task="flatten_lists", label="list of the list", hint="single: still_nested")
def f2(li):
    return list(li)


def vocabulary(order, unk=0, lookup=None):
    class Built:
        def __init__(self, tokens=None, min_freq=0, reserved_tokens=None):
            counter = count_corpus(tokens or [])
            self.token_freqs = sorted(counter.items(), key=lambda x: -x[1])
            head = ["<unk>", *(reserved_tokens or [])]
            body = [t for t, n in order(counter) if n >= min_freq and t not in head]
            self.entries = head + body
            self.unk = 0

        def __len__(self):
            return len(self.entries)

        def __getitem__(self, key):
            if type(key) in (list, tuple):
                return [self[k] for k in key]
            if key in self.entries:
                return self.entries.index(key)
            return lookup(self, key) if lookup else 0

        def to_tokens(self, indices):
            if type(indices) in (list, tuple):
                return [self.entries[i] for i in indices]
            return self.entries[indices]

    return Built


def by_frequency(counter):
    return counter.most_common()


@mistake(task="vocab", replaces="Vocab", label="most_common reversed", hint="single: ascending")
class v1(vocabulary(lambda c: c.most_common()[::-1])):
    pass


@mistake(task="vocab", replaces="Vocab", label="sorted(counter)", hint="single: alphabetical")
class v2(vocabulary(lambda c: sorted(c.items(), key=lambda x: str(x[0])))):
    pass


@mistake(task="vocab", replaces="Vocab", label="items of the counter", hint="single: unordered")
class v3(vocabulary(lambda c: c.items())):
    pass


@mistake(task="vocab", replaces="Vocab", label="None for strangers", hint="single: unknown_none")
class v4(vocabulary(by_frequency, lookup=lambda self, key: None)):
    pass


@mistake(task="vocab", replaces="Vocab", label="length for strangers", hint="single: unknown_len")
class v5(vocabulary(by_frequency, lookup=lambda self, key: len(self.entries))):
    pass


@mistake(
    task="vocab", replaces="Vocab", label="minus one for strangers", hint="single: unknown_minus1"
)
class v6(vocabulary(by_frequency, lookup=lambda self, key: -1)):
    pass


@mistake(task="vocab", replaces="Vocab", label="len without unk", hint="single: len_off")
class v7(vocabulary(by_frequency)):
    def __len__(self):
        return sum(1 for token in self.entries if token != "<unk>")


@mistake(
    task="vocab", replaces="Vocab", label="min_freq not asked", hint="single: min_freq_ignored"
)
class v8(vocabulary(by_frequency)):
    def __init__(self, tokens=None, min_freq=0, reserved_tokens=None):
        super().__init__(tokens, reserved_tokens=reserved_tokens)


@mistake(
    task="vocab", replaces="Vocab", label="reserved not asked", hint="single: reserved_ignored"
)
class v9(vocabulary(by_frequency)):
    def __init__(self, tokens=None, min_freq=0, reserved_tokens=None):
        super().__init__(tokens, min_freq)


@mistake(task="load_corpus_time_machine", label="word tokens", hint="single: words_for_characters")
def l1(max_tokens=-1):
    words = " ".join(read_time_machine()).split()
    vocab = Vocab(words)
    found = [vocab[w] for w in words]
    return (found if max_tokens <= 0 else found[:max_tokens]), vocab


@mistake(task="load_corpus_time_machine", label="no cut", hint="single: limit_ignored")
def l2(max_tokens=-1):
    text = "".join(read_time_machine())
    vocab = Vocab(list(text))
    return [vocab[c] for c in text], vocab


@mistake(task="load_corpus_time_machine", label="always cut", hint="single: always_sliced")
def l3(max_tokens=-1):
    text = "".join(read_time_machine())
    vocab = Vocab(list(text))
    return [vocab[c] for c in text][:max_tokens], vocab


@mistake(
    task="vocab", replaces="Vocab", label="ascending, None", hint="double: ascending, unknown_none"
)
class d1(vocabulary(lambda c: c.most_common()[::-1], lookup=lambda self, key: None)):
    pass


@mistake(
    task="vocab",
    replaces="Vocab",
    label="alphabetical, short",
    hint="double: alphabetical, len_off",
)
class d2(vocabulary(lambda c: sorted(c.items(), key=lambda x: str(x[0])))):
    def __len__(self):
        return len(self.entries) - 1


@mistake(
    task="read_time_machine",
    label="case and empty lines",
    hint="double: case_kept, empty_lines_dropped",
)
def d3():
    return [words for words in (" ".join(letters(line).split()) for line in raw()) if words]


@mistake(task="read_time_machine", label="upper case", hint="unknown")
def x1():
    return [" ".join(letters(line).upper().split()) for line in raw()]


@mistake(task="tokenize", label="reversed lines", hint="unknown")
def x2(lines, token="word"):
    return [line.split()[::-1] if token == "word" else [*line] for line in lines]


@mistake(task="count_corpus", label="counted twice", hint="unknown")
def x3(tokens):
    if len(tokens) == 0 or isinstance(tokens[0], list):
        tokens = [t for line in tokens for t in line]
    return collections.Counter(tokens * 2)


@mistake(task="vocab", replaces="Vocab", label="by length", hint="unknown")
class x4(vocabulary(lambda c: sorted(c.items(), key=lambda x: (len(str(x[0])), str(x[0])[::-1])))):
    pass


@mistake(task="vocab", replaces="Vocab", label="one for strangers", hint="unknown")
class x5(vocabulary(by_frequency, lookup=lambda self, key: 1)):
    pass


@mistake(task="flatten_lists", label="first items", hint="unknown")
def x6(li):
    return [items[0] for items in li if items]


@mistake(task="load_corpus_time_machine", label="one too many", hint="unknown")
def x7(max_tokens=-1):
    text = "".join(read_time_machine())
    vocab = Vocab(list(text))
    found = [vocab[c] for c in text]
    return (found[: max_tokens + 1] if max_tokens > 0 else found), vocab


@mistake(task="vocab", replaces="Vocab", label="built from scratch", hint="right")
class r1(vocabulary(by_frequency)):
    pass


@mistake(task="vocab", replaces="Vocab", label="ties by the alphabet", hint="right")
class r2(vocabulary(lambda c: sorted(c.items(), key=lambda x: (-x[1], str(x[0]))))):
    pass


@mistake(task="tokenize", label="map", hint="right")
def r3(lines, token="word"):
    return (
        list(map({"word": str.split, "char": list}[token], lines))
        if token in ("word", "char")
        else None
    )


@mistake(task="read_time_machine", label="characters picked", hint="right")
def r4():
    return [" ".join(letters(line).lower().split()) for line in raw()]


@mistake(task="count_corpus", label="empty", hint="random")
def z1(tokens):
    return collections.Counter()


@mistake(task="vocab", replaces="Vocab", label="object", hint="random")
class z2:
    def __init__(self, *args, **kwargs):
        pass


@mistake(task="flatten_lists", label="shuffled", hint="random")
def z3(li):
    import random

    return random.sample(range(100), 7)
