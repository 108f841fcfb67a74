"""Public tests of D2L section 8.2: run them with `autograde check vocab`."""

from __future__ import annotations

import pytest

from grader.judge import expect

TEXT = "The Time Machine, by H. G. Wells [1898]\n\n  'There I object,' said Filby.\n"
LINES = ["the time machine by h g wells", "", "there i object said filby"]


@pytest.mark.task("read_time_machine")
@pytest.mark.points(1)
def test_lines_hold_only_lower_case_letters(driver):
    """Each line keeps its letters in lower case, with single spaces between."""
    expect.equal(
        driver.read_lines(TEXT),
        LINES,
        what="read_time_machine() on a file of three lines",
        because="Digits, punctuation and line ends become spaces; an empty line stays.",
    )


@pytest.mark.task("tokenize")
@pytest.mark.points(0.5)
def test_words(student):
    """`"word"` splits a line at white space."""
    expect.equal(
        student.tokenize(["the time machine", "by h g wells"], "word"),
        [["the", "time", "machine"], ["by", "h", "g", "wells"]],
        what='tokenize(lines, "word")',
    )


@pytest.mark.task("tokenize")
@pytest.mark.points(0.5)
def test_characters(student):
    """`"char"` takes every character as a token, spaces too."""
    expect.equal(
        student.tokenize(["a b", "cd"], "char"),
        [["a", " ", "b"], ["c", "d"]],
        what='tokenize(["a b", "cd"], "char")',
    )


@pytest.mark.task("count_corpus")
@pytest.mark.points(1)
def test_count_of_lines(student):
    """Tokens are counted over all the lines."""
    expect.equal(
        dict(student.count_corpus([["a", "b"], ["a", "c", "a"]])),
        {"a": 3, "b": 1, "c": 1},
        what='count_corpus([["a", "b"], ["a", "c", "a"]])',
    )


@pytest.mark.task("flatten_lists")
@pytest.mark.points(0.5)
def test_flatten(student):
    """The items of the inner lists stand in one list."""
    expect.equal(
        student.flatten_lists([[3, 1], [], [2]]),
        [3, 1, 2],
        what="flatten_lists([[3, 1], [], [2]])",
    )


@pytest.mark.task("vocab")
@pytest.mark.points(1)
def test_frequent_tokens_come_first(student):
    """`<unk>` has index 0, the most frequent token index 1."""
    vocab = student.Vocab([["c", "a", "b", "a"], ["b", "a"]])
    expect.equal(len(vocab), 4, what="len(vocab)", because="<unk> counts as an entry.")
    expect.equal(
        [vocab.to_tokens(index) for index in range(4)],
        ["<unk>", "a", "b", "c"],
        what="the list of entries 0 to 3",
    )


@pytest.mark.task("vocab")
@pytest.mark.points(1)
def test_lookup(student):
    """A token gives its index, a list the list of indices, a stranger 0."""
    vocab = student.Vocab(["b", "a", "a"])
    expect.equal(vocab["b"], 2, what='vocab["b"]')
    expect.equal(vocab[["a", "b", "zebra"]], [1, 2, 0], what='vocab[["a", "b", "zebra"]]')
    expect.equal(vocab.unk, 0, what="vocab.unk")


@pytest.mark.task("vocab")
@pytest.mark.points(1)
def test_min_freq_and_reserved_tokens(student):
    """Reserved tokens follow `<unk>`; tokens rarer than `min_freq` are left out."""
    vocab = student.Vocab(
        ["a", "a", "a", "b", "b", "c"], min_freq=2, reserved_tokens=["<pad>", "<bos>"]
    )
    expect.equal(
        vocab.to_tokens(list(range(len(vocab)))),
        ["<unk>", "<pad>", "<bos>", "a", "b"],
        what="the list of all entries",
    )


@pytest.mark.task("vocab")
@pytest.mark.points(0)
@pytest.mark.training("vocabulary-model")
def test_a_model_learns_a_little(training):
    """A short training run through your vocabulary goes downhill; it counts for nothing."""
    training.run()


@pytest.mark.task("load_corpus_time_machine")
@pytest.mark.points(1)
def test_corpus_spells_the_text(driver):
    """The corpus, translated back, is the text without its line ends."""
    corpus, entries = driver.load_corpus(["time machine", "", "by h g wells"])
    expect.equal(
        "".join(entries[index] for index in corpus),
        "time machineby h g wells",
        what="the corpus of three lines, translated back to characters",
    )
