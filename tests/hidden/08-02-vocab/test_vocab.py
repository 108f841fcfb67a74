"""Hidden tests of D2L section 8.2: text files, tokens, counts and the vocabulary.

Everything here is plain data, so every comparison is exact. Wherever the order of entries is
asked for, all frequencies differ: ties may stand in any order.
"""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from grader.judge import expect


def entries_of(vocab):
    """Return all entries of a vocabulary by index."""
    return vocab.to_tokens(list(range(len(vocab))))


def text_with(counts, rng):
    """Return a shuffled list in which each token occurs as often as `counts` says."""
    tokens = [token for token, count in counts.items() for _ in range(count)]
    return [tokens[i] for i in torch.randperm(len(tokens), generator=rng).tolist()]


def distinct_counts(names, rng):
    """Give each name a frequency of its own, from 1 to the number of names."""
    ranks = torch.randperm(len(names), generator=rng).tolist()
    return {name: rank + 1 for name, rank in zip(names, ranks, strict=True)}


def by_frequency(counts):
    """Return the tokens, the most frequent first."""
    return sorted(counts, key=counts.get, reverse=True)


# --- read_time_machine


@pytest.mark.task("read_time_machine")
@pytest.mark.points(0.5)
@pytest.mark.hint("Words on both sides of a dash or a full stop are two words.")
def test_other_characters_become_one_space(driver):
    """A run of other characters between two words becomes exactly one space."""
    text = "way--marking the\tpoints\n(with_a 12 lean)  fore-finger?!...as we sat\n"
    expect.equal(
        driver.read_lines(text),
        ["way marking the points", "with a lean fore finger as we sat"],
        what="the list of lines",
    )


@pytest.mark.task("read_time_machine")
@pytest.mark.points(0.5)
def test_lines_without_letters_stay(driver):
    """A line without letters stays in the list as an empty string."""
    text = "\n\nI\n  1898 \n\n[--]\nEnd\n"
    expect.equal(
        driver.read_lines(text),
        ["", "", "i", "", "", "", "end"],
        what="the list of lines",
        because="There is one string per line of the file.",
    )


@pytest.mark.task("read_time_machine")
@pytest.mark.points(0.5)
def test_only_the_letters_a_to_z(driver):
    """Only the letters A to Z count as letters, in both cases."""
    text = "AZ az \u00c9clair na\u00efve @[`{ x2y\nZzAa"
    expect.equal(
        driver.read_lines(text),
        ["az az clair na ve x y", "zzaa"],
        what="the list of lines",
        because="Accented letters, digits and signs become spaces.",
    )


@pytest.mark.task("read_time_machine")
@pytest.mark.points(0.5)
def test_the_file_is_read_anew(driver):
    """Each call reads the file; an empty file has no lines."""
    expect.equal(driver.read_lines("One\n"), ["one"], what="the list of lines of one file")
    expect.equal(
        driver.read_lines("Two\nThree\n"),
        ["two", "three"],
        what="the list of lines of the next file",
    )
    expect.equal(driver.read_lines(""), [], what="the list of lines of an empty file")


# --- tokenize


@pytest.mark.task("tokenize")
@pytest.mark.points(0.5)
def test_default_splits_into_words(student, driver):
    """Words are the default, and an empty line or double spaces give no token."""
    lines = ["i  am", "", " a \tman "]
    expected = [["i", "am"], [], ["a", "man"]]
    expect.equal(student.tokenize(lines), expected, what="tokenize(lines)")
    expect.equal(
        student.tokenize(lines=lines, token="word"),
        expected,
        what="the list of words, asked for by keyword,",
    )
    expect.equal(
        student.tokenize(lines, token="char"),
        [list(line) for line in lines],
        what="the list of characters of the same lines",
        because="Every character is a token, an empty line has none.",
    )
    _, after = driver.with_arguments("tokenize", lines)
    expect.equal(after, [lines], what="the caller's list afterwards")
    expect.equal(student.tokenize([], "char"), [], what="tokenize of no lines")


@pytest.mark.task("tokenize")
@pytest.mark.points(0.5)
@pytest.mark.hint("An unknown type must not quietly do something else.")
def test_unknown_token_type_is_an_error(student):
    """A token type other than word and char is refused."""
    for token in ("sentence", "words", ""):
        try:
            result = student.tokenize(["a b", "c"], token)
        except ValueError:
            continue
        expect.that(
            result is None,
            "An unknown token type must give None (after a printed message) or raise a "
            "ValueError; it returned something else.",
        )


# --- count_corpus


@pytest.mark.task("count_corpus")
@pytest.mark.points(0.5)
def test_flat_and_nested_counts_agree(student, driver, rng):
    """A flat list of words and the same words in lines give the same counts."""
    counts = distinct_counts(["the", "time", "machine", "t", "The"], rng)
    tokens = text_with(counts, rng)
    lines = [[], tokens[:4], [], tokens[4:5], tokens[5:]]
    expect.equal(dict(student.count_corpus(tokens)), counts, what="the Counter of a flat list")
    found, after = driver.with_arguments("count_corpus", lines)
    expect.equal(dict(found), counts, what="the Counter of lines")
    expect.equal(after, [lines], what="the caller's list of lines afterwards")
    for empty in ([], [[]], [[], []]):
        expect.equal(dict(student.count_corpus(empty)), {}, what="the Counter of no tokens")


@pytest.mark.task("count_corpus")
@pytest.mark.points(0.5)
@pytest.mark.hint("Only lists are lines; a tuple is a token.")
def test_tuples_are_counted_whole(student):
    """A tuple is one token: bigrams are counted as pairs."""
    pairs = [("of", "the"), ("in", "the"), ("of", "the")]
    expected = {("of", "the"): 2, ("in", "the"): 1}
    expect.equal(dict(student.count_corpus(pairs)), expected, what="the Counter of bigrams")
    nested = [pairs[:1], pairs[1:]]
    expect.equal(dict(student.count_corpus(nested)), expected, what="the Counter of bigram lines")


# --- flatten_lists


@pytest.mark.task("flatten_lists")
@pytest.mark.points(0.5)
def test_one_level_is_removed_and_nothing_else(student, driver):
    """Exactly one level goes; order, repeats and the caller's lists stay."""
    li = [["b", "a"], [], ["b", ["c", ["d"]]], [("e", "f"), "gh"]]
    flat, after = driver.with_arguments("flatten_lists", li)
    expect.equal(flat, ["b", "a", "b", ["c", ["d"]], ("e", "f"), "gh"], what="the flattened list")
    expect.equal(after, [li], what="the content of the caller's lists afterwards")
    expect.equal(student.flatten_lists([]), [], what="flatten_lists of no lists")
    expect.equal(student.flatten_lists([[], []]), [], what="flatten_lists of empty lists")


# --- vocab


@pytest.mark.task("vocab")
@pytest.mark.points(1)
@pytest.mark.hint("Which key are the tokens sorted by, and which end comes first?")
def test_entries_fall_in_frequency(student, rng):
    """After `<unk>` the tokens stand by falling frequency."""
    counts = distinct_counts([f"w{i}" for i in range(12)], rng)
    vocab = student.Vocab(text_with(counts, rng))
    expected = ["<unk>", *by_frequency(counts)]
    expect.equal(len(vocab), len(expected), what="len(vocab)")
    expect.equal(entries_of(vocab), expected, what="the list of entries by index")
    expect.equal(vocab[expected], list(range(13)), what="the list of indices of all entries")
    for index in (0, 1, 5, 12):
        expect.equal(vocab[expected[index]], index, what="the index of one token")


@pytest.mark.task("vocab")
@pytest.mark.points(0.25)
def test_lines_and_flat_lists_give_the_same_vocabulary(student, rng):
    """A list of lines gives the same vocabulary as its tokens in one list."""
    counts = distinct_counts(["time", "the", "traveller", "i", "said", "a"], rng)
    tokens = text_with(counts, rng)
    lines = [[], tokens[:1], tokens[1:6], [], tokens[6:]]
    expected = ["<unk>", *by_frequency(counts)]
    expect.equal(entries_of(student.Vocab(lines)), expected, what="the list of entries from lines")
    expect.equal(
        entries_of(student.Vocab(tokens)), expected, what="the list of entries from a flat list"
    )


@pytest.mark.task("vocab")
@pytest.mark.points(0.25)
@pytest.mark.hint("A token that occurs exactly min_freq times stays.")
@pytest.mark.parametrize("min_freq", [1, 3, 6, 7])
def test_min_freq_keeps_tokens_at_the_limit(student, rng, min_freq):
    """Tokens that occur `min_freq` times or more stay, rarer ones go."""
    counts = distinct_counts(list("abcdef"), rng)
    vocab = student.Vocab(text_with(counts, rng), min_freq=min_freq)
    kept = [token for token in by_frequency(counts) if counts[token] >= min_freq]
    expect.equal(entries_of(vocab), ["<unk>", *kept], what="the list of entries that stay")
    for token in counts:
        index = kept.index(token) + 1 if token in kept else 0
        expect.equal(vocab[token], index, what="the index of a token")


@pytest.mark.task("vocab")
@pytest.mark.points(0.5)
def test_reserved_tokens_follow_unk(student, rng):
    """Reserved tokens have the indices from 1 on, in the order given, however rare."""
    counts = distinct_counts(list("vwxyz"), rng)
    reserved = ["<pad>", "<eos>", "<bos>"]
    vocab = student.Vocab(text_with(counts, rng), 3, reserved)
    kept = [token for token in by_frequency(counts) if counts[token] >= 3]
    expect.equal(
        entries_of(vocab), ["<unk>", *reserved, *kept], what="the list of entries by index"
    )
    expect.equal(vocab[reserved], [1, 2, 3], what="the list of indices of the reserved tokens")
    only = student.Vocab(reserved_tokens=["<pad>"])
    expect.equal(entries_of(only), ["<unk>", "<pad>"], what="the list of entries without any text")


@pytest.mark.task("vocab")
@pytest.mark.points(0.5)
def test_no_token_is_entered_twice(student):
    """A reserved token or `<unk>` in the text gets no second entry."""
    text = ["<eos>", "a", "<eos>", "<unk>", "a", "a", "<unk>", "b", "<eos>", "<eos>", "a", "a"]
    vocab = student.Vocab(text, reserved_tokens=["<pad>", "<eos>"])
    expect.equal(
        entries_of(vocab), ["<unk>", "<pad>", "<eos>", "a", "b"], what="the list of entries"
    )
    expect.equal(len(vocab), 5, what="len(vocab)")
    expect.equal(vocab[["<eos>", "<unk>", "b"]], [2, 0, 4], what="the list of indices")


@pytest.mark.task("vocab")
@pytest.mark.points(0.5)
@pytest.mark.hint("What does your lookup do with a token it has never seen?")
def test_unknown_tokens_have_index_zero(student):
    """A token that the vocabulary does not hold has the index 0, alone or in a list."""
    vocab = student.Vocab(["b", "a", "a"], reserved_tokens=["<pad>"])
    expect.equal(vocab["zebra"], 0, what="the index of an unknown token")
    expect.equal(vocab[""], 0, what="the index of an empty string")
    expect.equal(vocab["<unk>"], 0, what="the index of <unk>")
    expect.equal(vocab.unk, 0, what="vocab.unk")
    expect.equal(
        vocab[["zebra", "a", "yak", "b"]],
        [0, 2, 0, 3],
        what="the list of indices of a list of tokens",
    )
    expect.equal(vocab[[]], [], what="the list of indices of an empty list")


@pytest.mark.task("vocab")
@pytest.mark.points(0.25)
def test_to_tokens_takes_an_index_or_a_list(student):
    """`to_tokens` gives one token for an index and a list for a list or tuple."""
    vocab = student.Vocab(["b", "a", "a"])
    expect.equal(vocab.to_tokens(0), "<unk>", what="the token of index 0")
    expect.equal(vocab.to_tokens(2), "b", what="the token of an index")
    expect.equal(vocab.to_tokens([2]), ["b"], what="to_tokens of a list of one index")
    expect.equal(vocab.to_tokens([1, 0, 1]), ["a", "<unk>", "a"], what="to_tokens of a list")
    expect.equal(list(vocab.to_tokens((2, 1))), ["b", "a"], what="to_tokens of a tuple")
    expect.equal(vocab.to_tokens([]), [], what="to_tokens of an empty list")


@pytest.mark.task("vocab")
@pytest.mark.points(0.25)
def test_the_empty_vocabulary_holds_unk(student):
    """A vocabulary without text has one entry, `<unk>`."""
    for vocab in (student.Vocab(), student.Vocab([]), student.Vocab([[], []], min_freq=2)):
        expect.equal(len(vocab), 1, what="the length of an empty vocabulary")
        expect.equal(vocab.to_tokens(0), "<unk>", what="its only entry")
        expect.equal(vocab["a"], 0, what="the index of any token in it")
        expect.equal(list(vocab.token_freqs), [], what="its token_freqs")


@pytest.mark.task("vocab")
@pytest.mark.points(0.25)
def test_the_callers_lists_stay(driver):
    """The caller's lists are not changed, and vocabularies share nothing."""
    lists = [[["b", "a"], ["a"]], ["c", "c", "d"], ["<pad>"]]
    (first, second, empty), after = driver.two_vocabularies(*lists)
    expect.equal(after, lists, what="the content of the caller's lists afterwards")
    expect.equal(first, ["<unk>", "<pad>", "a", "b"], what="the first vocabulary")
    expect.equal(second, ["<unk>", "<pad>", "c", "d"], what="the second vocabulary")
    expect.equal(empty, ["<unk>"], what="an empty vocabulary after them")


@pytest.mark.task("vocab")
@pytest.mark.points(0.25)
def test_token_freqs_lists_every_token(student, rng):
    """`token_freqs` pairs every token of the text with its count, the largest first."""
    counts = distinct_counts(["the", "i", "and", "<pad>", "of"], rng)
    vocab = student.Vocab(text_with(counts, rng), min_freq=4, reserved_tokens=["<pad>"])
    expect.equal(
        [tuple(pair) for pair in vocab.token_freqs],
        [(token, counts[token]) for token in by_frequency(counts)],
        what="token_freqs",
        because="It describes the whole text, tokens below min_freq included.",
    )


@pytest.mark.task("vocab")
@pytest.mark.points(0.25)
@pytest.mark.hint("Tokens are taken as they are.")
def test_tokens_are_taken_as_they_are(student):
    """Case and spaces belong to a token."""
    vocab = student.Vocab(["The", "the", "The", " ", "the", "The", " ", " ", " ", "the "])
    expect.equal(
        entries_of(vocab)[:4],
        ["<unk>", " ", "The", "the"],
        what="the list of the first four entries",
    )
    expect.equal(
        vocab[["The", "the", "THE", " ", "the "]],
        [2, 3, 0, 1, 4],
        what="the list of indices of variants",
    )


@pytest.mark.task("vocab")
@pytest.mark.points(0.25)
@pytest.mark.hint("The docstring of the lookup says what a tuple means.")
def test_bigrams_can_be_entries(student):
    """Pairs can be entries; a tuple that is looked up is taken item by item."""
    pairs = [("in", "the"), ("of", "the"), ("of", "the")]
    vocab = student.Vocab(pairs)
    expect.equal(
        entries_of(vocab),
        ["<unk>", ("of", "the"), ("in", "the")],
        what="the list of entries of bigrams",
    )
    expect.equal(list(vocab[("of", "the")]), [0, 0], what="the lookup of a tuple")
    words = student.Vocab(["the", "of", "the"])
    expect.equal(list(words[("of", "the", "in")]), [2, 1, 0], what="the lookup of three words")


@pytest.mark.task("vocab")
@pytest.mark.points(0.25)
@pytest.mark.hint("Which index has each token, and which has a token that is not in the text?")
def test_a_language_model_trains_in_lockstep(driver, rng):
    """Three steps of a small model on your indices give the losses of the right ones."""
    counts = distinct_counts(["zither", "a", "model", "of", "tokens", "b"], rng)
    tokens = text_with(counts, rng)
    lines = [tokens[at : at + 4] for at in range(0, len(tokens), 4)]
    table = torch.randn(7, 7, generator=rng, dtype=torch.float64)
    pieces = [text_with(counts | {"unseen": 2}, rng) for _ in range(3)]
    losses, found = driver.lockstep(lines, pieces, table, 0.5)
    index = {token: number for number, token in enumerate(by_frequency(counts), 1)}
    for piece, loss in zip(pieces, losses, strict=True):
        numbers = torch.tensor([index.get(token, 0) for token in piece])
        leaf = table.clone().requires_grad_()
        expected = F.cross_entropy(leaf[numbers[:-1]], numbers[1:])
        expect.number(loss, float(expected.detach()), what="the loss of a piece of text", rtol=1e-9)
        (grad,) = torch.autograd.grad(expected, [leaf])
        table = table - 0.5 * grad
    expect.close(found, table, what="the table after three steps, a row an index")


@pytest.mark.task("vocab")
@pytest.mark.points(0.5)
@pytest.mark.training("vocabulary-model")
@pytest.mark.hint("Model and loop are the grader's; the vocabulary that it reads through is yours.")
def test_a_language_model_learns_through_the_vocabulary(training):
    """A model that reads and writes through your vocabulary learns to guess characters."""
    training.run()


# --- load_corpus_time_machine


@pytest.mark.task("load_corpus_time_machine")
@pytest.mark.points(0.75)
def test_all_characters_become_one_flat_list(driver):
    """The corpus is one flat list of indices of the characters of all lines."""
    lines = ["", "it is a time machine", "", "a b", "zzz"]
    text = "".join(lines)
    corpus, entries = driver.load_corpus(lines)
    expect.that(
        isinstance(corpus, list) and all(type(index) is int for index in corpus),
        "The corpus must be a flat list of int indices.",
    )
    expect.equal(len(corpus), len(text), what="the length of the corpus")
    expect.equal(
        "".join(entries[index] for index in corpus), text, what="the corpus, translated back"
    )
    expect.equal(
        sorted(entries[1:]),
        sorted(set(text)),
        what="the list of entries of the vocabulary after <unk>",
    )


@pytest.mark.task("load_corpus_time_machine")
@pytest.mark.points(0.25)
@pytest.mark.hint("A slice up to -1 leaves out the last item.")
@pytest.mark.parametrize("max_tokens", [-1, -3, 0])
def test_zero_or_less_keeps_all(driver, max_tokens):
    """A `max_tokens` of zero or less keeps the whole corpus."""
    lines = ["ab", "cd ef"]
    corpus, entries = driver.load_corpus(lines, max_tokens)
    expect.equal("".join(entries[index] for index in corpus), "abcd ef", what="the corpus")


@pytest.mark.task("load_corpus_time_machine")
@pytest.mark.points(0.5)
@pytest.mark.hint("Which text is the vocabulary built from?")
def test_the_limit_cuts_the_corpus_only(driver):
    """A positive `max_tokens` cuts the corpus and leaves the vocabulary whole."""
    lines = ["time", "machine wells"]
    for limit, kept in ((1, "t"), (6, "timema"), (17, "timemachine wells"), (99, "".join(lines))):
        corpus, entries = driver.load_corpus(lines, max_tokens=limit)
        expect.equal("".join(entries[index] for index in corpus), kept, what="the cut corpus")
        expect.equal(
            len(entries),
            1 + len(set("".join(lines))),
            what="the length of the vocabulary",
            because="The vocabulary is that of the whole text.",
        )
