"""Questions by which the known mistakes of text preprocessing are told apart."""

from grader.judge.inputs import token_lists
from grader.judge.probes import example, probe

# --- read_time_machine ----------------------------------------------------------------------

TEXTS = [
    "The Time Machine, by H. G. Wells [1898]\n\n\nI\n\nhis pale-grey eyes\n",
    "way--marking 42 caf\u00e9_bar\n  Two  spaces \n",
    "",
    "One line",
    "1234\n---\nA\n",
]


@probe("read_time_machine", *((text,) for text in TEXTS))
def lines(student, text, driver):
    return driver.read_lines(text)


def texts():
    pieces = ("", "a", "A", "a b", "a1", "a1b", "a--b", " a", "\u00e9", "a_b")
    yield from ((piece,) for piece in pieces)
    yield from ((f"{piece}\n",) for piece in pieces)
    yield from ((f"a\n{piece}\nb\n",) for piece in pieces)


@example("read_time_machine", call="read_time_machine() of a file that holds {}", inputs=texts)
def lines_of(student, text, driver):
    return driver.read_lines(text)


# --- tokenize -------------------------------------------------------------------------------


@probe("tokenize", (["the time  machine", "", " by h g wells "],), (["one"],), ([],))
@probe("tokenize", (["the time  machine", "", " by"], "word"), (["a bc", ""], "char"))
@probe("tokenize", (["a\tb"], "word"))
def tokens(student, *args):
    return student.tokenize(*args)


@probe("tokenize", ("words",), ("chars",))
def unknown_kind(student, kind):
    try:
        return student.tokenize(["a bc"], kind)
    except ValueError:
        return None  # as good as None


def pieces():
    for lines in (["a"], ["a b"], [""], ["a  b"], ["a b", "c"]):
        yield from ((lines, kind) for kind in ("word", "char"))


@example("tokenize", call="tokenize({}, {})", inputs=pieces)
def tokens_of(student, lines, kind):
    return student.tokenize(lines, kind)


# --- count_corpus ---------------------------------------------------------------------------


def counted(found):
    """A Counter as sorted pairs: its order does not count."""
    return sorted(((str(key), value) for key, value in found.items()), key=str)


@probe("count_corpus", (["the", "time", "the", "a"],), ([["the", "time"], [], ["the", "a"]],))
@probe("count_corpus", ([],), ([[], []],), ([("a", "b"), ("b", "c"), ("a", "b")],))
@probe("count_corpus", ([[("a", "b")], [("a", "b"), ("c", "d")]],), ([["a"]],))
def counts(student, tokens):
    return counted(student.count_corpus(tokens))


def corpora():
    yield from ((tokens,) for tokens in token_lists(("a", "bc"), 2))
    yield from (([["a"]],), ([["a"], ["a"]],), ([["a", "bc"], ["a"]],), ([("a", "b")],))


@example("count_corpus", call="count_corpus({})", inputs=corpora)
def counts_of(student, tokens):
    return dict(student.count_corpus(tokens))


# --- flatten_lists --------------------------------------------------------------------------


@probe("flatten_lists", ([[1, 2], [3], [], [4, 5, 6]],), ([],), ([["a"]],), ([["a", "b"], ["a"]],))
@probe("flatten_lists", ([[[1, 2], 3], [(4, 5)]],), ([[1, 1], [1]],))
def flat(student, li):
    return student.flatten_lists(li)


@probe("flatten_lists")
def arguments_afterwards(student, driver):
    return driver.with_arguments("flatten_lists", [["a", "b"], ["c"]])


def nested():
    yield from ((li,) for li in ([], [[]], [[1]], [[1], [2]], [[1, 2], [3]], [[1], [1]], [[[1]]]))
    yield ([[(1, 2)]],)


@example("flatten_lists", call="flatten_lists({})", inputs=nested)
def flat_of(student, li):
    return student.flatten_lists(li)


# --- vocab ----------------------------------------------------------------------------------
# Frequencies differ, so that the order is unique; it is neither that of first appearance nor
# the alphabet's.

WORDS = ["y", "x", "z", "x", "The", "z", "x", "z", "x", "y", "the", "the", "z", "The", "z", "y", "y", "y", "y", "w"]
LINES = [WORDS[:7], [], WORDS[7:12], WORDS[12:]]
RESERVED = ["<pad>", "x"]


def entries(vocab):
    return vocab.to_tokens(list(range(len(vocab))))


def described(vocab):
    """Entries up to the order of those that are equally frequent."""
    freqs = dict((str(token), count) for token, count in vocab.token_freqs)
    return [(freqs.get(str(t), 0), "<" in str(t)) for t in entries(vocab)], sorted(map(str, entries(vocab)))


@probe("vocab", (WORDS,), (LINES,), (WORDS, 2), (WORDS, 3), (WORDS, 2, RESERVED), (None,), ([],))
@probe("vocab", (["a"],), (WORDS, 0, ["<pad>", "<bos>"]), ([("a", "b"), ("a", "b"), ("c", "d")],))
@probe("vocab", (None, 0, ["<pad>"]))
def contents(student, *args):
    return described(student.Vocab(*args))


@probe("vocab")
def entries_in_order(student):
    return entries(student.Vocab(["b", "a", "a", "c", "c", "c", "b", "c", "b", "c", "b"]))


@probe("vocab")
def lookups(student):
    vocab = student.Vocab(["b", "a", "a", "c", "c", "c"])
    return [vocab["a"], vocab["c"], vocab["<unk>"]]


@probe("vocab", ("zzz",), (["c", "zzz", "a"],), (("c", "a"),), (["c", "a"],), ([],), ([["c"], ["a"]],))
def lookup(student, key):
    return student.Vocab(["b", "a", "a", "c", "c", "c"])[key]


@probe("vocab")
def unknown(student):
    return student.Vocab(["a"]).unk


@probe("vocab")
def length(student):
    return [len(student.Vocab(tokens)) for tokens in ([], ["a"], ["a", "b", "a"])]


@probe("vocab", (0,), (2,), ([1, 2],), ((1, 2),), ([],))
def back(student, indices):
    return student.Vocab(["b", "a", "a", "c", "c", "c"]).to_tokens(indices)


@probe("vocab")
def frequencies(student):
    return student.Vocab(["b", "a", "a", "c", "c", "c"], 2).token_freqs


@probe("vocab")
def two_of_them(student, driver):
    return driver.two_vocabularies([["b", "a"], ["a"]], ["c", "c", "d"], ["<pad>"])[1]


def vocabularies():
    for tokens in token_lists(("a", "b"), 2):
        if len(set(tokens)) == len(tokens) == 2:
            continue  # either order is right
        yield tokens, 0, []
    yield ["a", "b", "b"], 0, []
    yield ["a", "b", "b"], 1, []
    yield ["a", "b", "b"], 2, []
    yield [["a"], ["b", "b"]], 0, []
    yield ["a"], 0, ["<pad>"]
    yield ["a"], 0, ["a"]
    yield ["A"], 0, []


@example("vocab", call="Vocab({}, {}, {}), its entries", inputs=vocabularies)
def entries_of(student, tokens, min_freq, reserved):
    return entries(student.Vocab(tokens, min_freq, reserved))


def keys():
    yield from ((["a", "b", "b"], key) for key in ("b", "z", ["b", "z"], ("b", "a"), []))


@example("vocab", call="Vocab({})[{}]", inputs=keys)
def index_of(student, tokens, key):
    return student.Vocab(tokens)[key]


@example("vocab", call="Vocab({}).to_tokens({})", inputs=lambda: ((["a"], i) for i in (0, [0, 1], (1,))))
def token_of(student, tokens, indices):
    return student.Vocab(tokens).to_tokens(indices)


@example("vocab", call="len(Vocab({}))", inputs=lambda: ((tokens,) for tokens in ([], ["a"], ["a", "a"])))
def length_of(student, tokens):
    return len(student.Vocab(tokens))


# --- load_corpus_time_machine ---------------------------------------------------------------

TEXT = ["aab c", "", "bab aa"]  # every character occurs another number of times


@probe("load_corpus_time_machine", (TEXT,), (TEXT, 3), (TEXT, 0), (TEXT, 7), (TEXT, 100))
@probe("load_corpus_time_machine", (["a"],), (["aa", "a", "b"],), (["aab a", "bbaa"], 2))
def corpus(student, lines, *args, driver):
    return driver.load_corpus(lines, *args)


def short_texts():
    for lines in (["a"], ["aa", "b"], ["aab"], ["aaa  b"]):
        yield from ((lines, limit) for limit in (-1, 1, 2))


@example(
    "load_corpus_time_machine",
    call="load_corpus_time_machine() for the lines {} and max_tokens={}: corpus, entries",
    inputs=short_texts,
)
def corpus_of(student, lines, limit, driver):
    return driver.load_corpus(lines, limit)
