"""Known mistakes of D2L section 8.2; read as text, never imported.

Left out on purpose: `ties_alpha` (equal frequencies sorted alphabetically). The docstring of
`Vocab` lets ties stand in any order, so that is a right answer.
"""

from __future__ import annotations

import collections
import re

from grader.course.catalogue import mistake


def _file_lines():
    with open(download("time_machine"), encoding="utf-8") as file:
        return file.readlines()


def _words(line):
    return re.sub("[^A-Za-z]+", " ", line).strip().lower()


def _enter(vocab, names):
    """Make the names the entries of a vocabulary, in their order."""
    vocab.idx_to_token = list(names)
    vocab.token_to_idx = {token: idx for idx, token in enumerate(vocab.idx_to_token)}


def _whole_corpus():
    tokens = [char for line in read_time_machine() for char in line]
    vocab = Vocab(tokens)
    return vocab[tokens], vocab


# --- read_time_machine


@mistake(
    task="read_time_machine",
    label="keeps upper case letters as they are",
    hint="The book works with one case only. Which string method gives it?",
)
def case_kept():
    return [re.sub("[^A-Za-z]+", " ", line).strip() for line in _file_lines()]


@mistake(
    task="read_time_machine",
    label="changes the case but keeps digits, punctuation and signs",
    hint="Only letters may stay; what should stand where other characters were?",
)
def punctuation_kept():
    return [line.strip().lower() for line in _file_lines()]


@mistake(
    task="read_time_machine",
    label="deletes other characters instead of putting a space there: words grow together",
    hint="Look at what becomes of `way--marking`: it is two words.",
)
def words_joined():
    return [re.sub("[^A-Za-z ]+", "", line).strip().lower() for line in _file_lines()]


@mistake(
    task="read_time_machine",
    label="puts one space per removed character instead of one per run of them",
    hint="Your pattern matches one character. How do you say 'one or more'?",
)
def spaces_not_merged():
    return [re.sub("[^A-Za-z]", " ", line).strip().lower() for line in _file_lines()]


@mistake(
    task="read_time_machine",
    label="leaves spaces at the ends of the lines",
    hint="The line end turns into a space too. What removes spaces at both ends?",
)
def not_stripped():
    return [re.sub("[^A-Za-z]+", " ", line).lower() for line in _file_lines()]


@mistake(
    task="read_time_machine",
    label="drops the lines that have no letters",
    hint="Count the lines: the file and your list must have equally many.",
)
def empty_lines_dropped():
    return [words for words in map(_words, _file_lines()) if words]


@mistake(
    task="read_time_machine",
    label="keeps digits, underscores and accented letters as if they were letters (\\W)",
    hint="In a regular expression \\W means more than letters. Name the letters you want.",
)
def word_characters():
    return [re.sub(r"\W+", " ", line).strip().lower() for line in _file_lines()]


@mistake(
    task="read_time_machine",
    label="returns the whole text as one string instead of a list of lines",
    hint="The next function goes through a list, one string per line.",
)
def one_string():
    return _words("".join(_file_lines()))


# --- tokenize


@mistake(
    task="tokenize",
    label="splits at every single space, which gives empty words",
    hint="Try it on an empty line: how many words has it? Compare `split()` and `split(' ')`.",
)
def split_single_space(lines, token="word"):
    if token == "word":
        return [line.split(" ") for line in lines]
    return [list(line) for line in lines] if token == "char" else None


@mistake(
    task="tokenize",
    label="leaves the spaces out of the characters",
    hint="A space is a character of the text, and the language model must learn it too.",
)
def char_without_spaces(lines, token="word"):
    if token == "char":
        return [list(line.replace(" ", "")) for line in lines]
    return [line.split() for line in lines] if token == "word" else None


@mistake(
    task="tokenize",
    label="takes characters by default instead of words",
    hint="Look at the default of `token` in the signature.",
)
def char_by_default(lines, token="char"):
    if token == "char":
        return [list(line) for line in lines]
    return [line.split() for line in lines] if token == "word" else None


@mistake(
    task="tokenize",
    label="returns one flat list of tokens instead of one list per line",
    hint="The lines must still be told apart: the result is a list of lists.",
)
def lines_lost(lines, token="word"):
    if token == "word":
        return [word for line in lines for word in line.split()]
    return [char for line in lines for char in line] if token == "char" else None


@mistake(
    task="tokenize",
    label="treats an unknown token type as if characters were asked for",
    hint="A misspelt type should be noticed. What does the docstring say about other values?",
)
def unknown_type_is_char(lines, token="word"):
    return [line.split() if token == "word" else list(line) for line in lines]


# --- count_corpus


@mistake(
    task="count_corpus",
    label="always flattens: a flat list of words is counted letter by letter",
    hint="First find out whether the list holds lines or tokens.",
)
def always_flattened(tokens):
    return collections.Counter(token for line in tokens for token in line)


@mistake(
    task="count_corpus",
    label="counts whole lines instead of the tokens in them",
    hint="If the items are lists, it is their items that are to be counted.",
)
def lines_counted(tokens):
    return collections.Counter(tuple(t) if isinstance(t, list) else t for t in tokens)


@mistake(
    task="count_corpus",
    label="counts every token once, however often it occurs",
    hint="A set has lost the frequencies before you count.",
)
def each_once(tokens):
    if len(tokens) == 0 or isinstance(tokens[0], list):
        tokens = [token for line in tokens for token in line]
    return collections.Counter(set(tokens))


@mistake(
    task="count_corpus",
    label="counts the tokens of the first line only",
    hint="Go through all the lines. Is a return standing inside the loop?",
)
def first_line_only(tokens):
    if len(tokens) > 0 and isinstance(tokens[0], list):
        tokens = tokens[0]
    return collections.Counter(tokens)


@mistake(
    task="count_corpus",
    label="takes a tuple for a line: bigrams are counted word by word",
    hint="A bigram is a tuple and one token. Which types make a line?",
)
def tuples_flattened(tokens):
    if len(tokens) == 0 or isinstance(tokens[0], (list, tuple)):
        tokens = [token for line in tokens for token in line]
    return collections.Counter(tokens)


# --- flatten_lists


@mistake(
    task="flatten_lists",
    label="returns the lists as they are, still nested",
    hint="Appending a list adds one item, the list itself.",
)
def still_nested(li):
    return [items for items in li]


@mistake(
    task="flatten_lists",
    label="exchanges the two loops: takes the items by columns",
    hint="Read the two `for` parts of your comprehension from left to right, like nested loops.",
)
def by_columns(li):
    longest = max(map(len, li), default=0)
    return [items[i] for i in range(longest) for items in li if i < len(items)]


@mistake(
    task="flatten_lists",
    label="flattens every level, so nested items and tuples lose their shape",
    hint="Only one level goes. What should become of an item that is a list itself?",
)
def all_levels(li):
    flat = []
    for item in li:
        flat.extend(all_levels(item) if isinstance(item, (list, tuple)) else [item])
    return flat


@mistake(
    task="flatten_lists",
    label="extends the caller's first list instead of making a new one",
    hint="Start from an empty list of your own.",
)
def first_list_extended(li):
    if not li:
        return []
    for items in li[1:]:
        li[0].extend(items)
    return li[0]


@mistake(
    task="flatten_lists",
    label="drops repeated items",
    hint="A corpus needs every occurrence, not the distinct tokens.",
)
def repeats_dropped(li):
    flat = []
    for items in li:
        flat.extend(item for item in items if item not in flat)
    return flat


# --- vocab


@mistake(
    task="vocab",
    replaces="Vocab",
    label="has no <unk>",
    hint="One entry stands for all tokens that the text does not hold. Which index has it?",
)
class no_unk(Vocab):
    def __init__(self, tokens=None, min_freq=0, reserved_tokens=None):
        super().__init__(tokens, min_freq, reserved_tokens)
        _enter(self, self.idx_to_token[1:])


@mistake(
    task="vocab",
    replaces="Vocab",
    label="puts <unk> last, where it must have index 0",
    hint="Start the list of entries with the unknown token, then add the others.",
)
class unk_last(Vocab):
    def __init__(self, tokens=None, min_freq=0, reserved_tokens=None):
        super().__init__(tokens, min_freq, reserved_tokens)
        _enter(self, self.idx_to_token[1:] + self.idx_to_token[:1])

    @property
    def unk(self):
        return len(self.idx_to_token) - 1


@mistake(
    task="vocab",
    replaces="Vocab",
    label="does not flatten a list of lines",
    hint="The tokens may come as lines. `count_corpus` already knows what to do with them.",
)
class not_flattened(Vocab):
    def __init__(self, tokens=None, min_freq=0, reserved_tokens=None):
        whole = [tuple(t) if isinstance(t, list) else t for t in tokens or []]
        super().__init__(whole, min_freq, reserved_tokens)


@mistake(
    task="vocab",
    replaces="Vocab",
    label="puts the rarest token first",
    hint="`sorted` puts the smallest first unless you tell it otherwise.",
)
class ascending(Vocab):
    def __init__(self, tokens=None, min_freq=0, reserved_tokens=None):
        super().__init__(tokens, min_freq, reserved_tokens)
        head = 1 + len(reserved_tokens or [])
        _enter(self, self.idx_to_token[:head] + self.idx_to_token[head:][::-1])


@mistake(
    task="vocab",
    replaces="Vocab",
    label="sorts alphabetically instead of by frequency",
    hint="The index should tell how frequent a token is. What is your sorting key?",
)
class alphabetical(Vocab):
    def __init__(self, tokens=None, min_freq=0, reserved_tokens=None):
        super().__init__(tokens, min_freq, reserved_tokens)
        head = 1 + len(reserved_tokens or [])
        _enter(self, self.idx_to_token[:head] + sorted(self.idx_to_token[head:]))


@mistake(
    task="vocab",
    replaces="Vocab",
    label="keeps the order of first appearance instead of sorting by frequency",
    hint="A Counter keeps the order in which tokens came. Something must sort it.",
)
class unordered(Vocab):
    def __init__(self, tokens=None, min_freq=0, reserved_tokens=None):
        super().__init__(tokens, min_freq, reserved_tokens)
        head = 1 + len(reserved_tokens or [])
        came = list(count_corpus([] if tokens is None else tokens))
        _enter(self, self.idx_to_token[:head] + sorted(self.idx_to_token[head:], key=came.index))


@mistake(
    task="vocab",
    replaces="Vocab",
    label="compares with min_freq by > instead of >=",
    hint="A token that occurs exactly `min_freq` times: does it stay in yours?",
)
class min_freq_strict(Vocab):
    def __init__(self, tokens=None, min_freq=0, reserved_tokens=None):
        super().__init__(tokens, min_freq + 1, reserved_tokens)


@mistake(
    task="vocab",
    replaces="Vocab",
    label="ignores min_freq",
    hint="Rare tokens must be left out. Where does your code look at `min_freq`?",
)
class min_freq_ignored(Vocab):
    def __init__(self, tokens=None, min_freq=0, reserved_tokens=None):
        super().__init__(tokens, 0, reserved_tokens)


@mistake(
    task="vocab",
    replaces="Vocab",
    label="ignores reserved_tokens",
    hint="The third argument lists tokens that always get an entry.",
)
class reserved_ignored(Vocab):
    def __init__(self, tokens=None, min_freq=0, reserved_tokens=None):
        super().__init__(tokens, min_freq)


@mistake(
    task="vocab",
    replaces="Vocab",
    label="puts the reserved tokens before <unk>",
    hint="Index 0 belongs to the unknown token in every vocabulary.",
)
class reserved_before_unk(Vocab):
    def __init__(self, tokens=None, min_freq=0, reserved_tokens=None):
        super().__init__(tokens, min_freq, reserved_tokens)
        head = 1 + len(reserved_tokens or [])
        _enter(self, [*(reserved_tokens or []), "<unk>", *self.idx_to_token[head:]])

    @property
    def unk(self):
        return self.token_to_idx["<unk>"]


@mistake(
    task="vocab",
    replaces="Vocab",
    label="enters reserved tokens twice",
    hint="A reserved token may occur in the text as well. Is it entered already?",
)
class reserved_duplicated(Vocab):
    def __init__(self, tokens=None, min_freq=0, reserved_tokens=None):
        super().__init__(tokens, min_freq)
        _enter(self, ["<unk>", *(reserved_tokens or []), *self.idx_to_token[1:]])


@mistake(
    task="vocab",
    replaces="Vocab",
    label="changes the tokens to lower case",
    hint="The vocabulary takes tokens as they are; cleaning the text is another function's work.",
)
class lowercased(Vocab):
    def __init__(self, tokens=None, min_freq=0, reserved_tokens=None):
        counts = count_corpus([] if tokens is None else tokens).elements()
        lower = [token.lower() if isinstance(token, str) else token for token in counts]
        super().__init__(lower, min_freq, reserved_tokens)


@mistake(
    task="vocab",
    replaces="Vocab",
    label="raises KeyError for an unknown token",
    hint="A dictionary can be asked with a default for keys that it does not hold.",
)
class unknown_raises(Vocab):
    def __getitem__(self, tokens):
        if isinstance(tokens, (list, tuple)):
            return [self[token] for token in tokens]
        return self.token_to_idx[tokens]


@mistake(
    task="vocab",
    replaces="Vocab",
    label="gives None for an unknown token",
    hint="`get` without a second argument gives None. Which index stands for the unknown?",
)
class unknown_none(Vocab):
    def __getitem__(self, tokens):
        if isinstance(tokens, (list, tuple)):
            return [self[token] for token in tokens]
        return self.token_to_idx.get(tokens)


@mistake(
    task="vocab",
    replaces="Vocab",
    label="gives -1 for an unknown token",
    hint="As an index, -1 means the last entry. Which index stands for the unknown?",
)
class unknown_minus1(Vocab):
    def __getitem__(self, tokens):
        if isinstance(tokens, (list, tuple)):
            return [self[token] for token in tokens]
        return self.token_to_idx.get(tokens, -1)


@mistake(
    task="vocab",
    replaces="Vocab",
    label="gives len(vocab) for an unknown token",
    hint="An embedding has no row `len(vocab)`. Which index stands for the unknown?",
)
class unknown_len(Vocab):
    def __getitem__(self, tokens):
        if isinstance(tokens, (list, tuple)):
            return [self[token] for token in tokens]
        return self.token_to_idx.get(tokens, len(self))


@mistake(
    task="vocab",
    replaces="Vocab",
    label="cannot look up a list of tokens",
    hint="A list is not a key of the dictionary. Look up its items one by one.",
)
class no_list_index(Vocab):
    def __getitem__(self, tokens):
        return self.token_to_idx.get(tokens, self.unk)


@mistake(
    task="vocab",
    replaces="Vocab",
    label="gives a len() that is one too small",
    hint="Does your length count <unk>?",
)
class len_off(Vocab):
    def __len__(self):
        return len(self.idx_to_token) - 1


@mistake(
    task="vocab",
    replaces="Vocab",
    label="does not accept a single index in to_tokens",
    hint="A single int cannot be looped over. Ask for its type first.",
)
class to_tokens_list_only(Vocab):
    def to_tokens(self, indices):
        return [self.idx_to_token[index] for index in indices]


@mistake(
    task="vocab",
    replaces="Vocab",
    label="appends the tokens to the caller's list of reserved tokens",
    hint="`x = y` gives a list a second name; build a new list instead.",
)
class reserved_list_changed(Vocab):
    def __init__(self, tokens=None, min_freq=0, reserved_tokens=None):
        super().__init__(tokens, min_freq, reserved_tokens)
        if reserved_tokens is not None:
            reserved_tokens[:] = self.idx_to_token


@mistake(
    task="vocab",
    replaces="Vocab",
    label="leaves the tokens below min_freq out of token_freqs",
    hint="`token_freqs` describes the text, not the entries of the vocabulary.",
)
class token_freqs_cut(Vocab):
    def __init__(self, tokens=None, min_freq=0, reserved_tokens=None):
        super().__init__(tokens, min_freq, reserved_tokens)
        self._token_freqs = [pair for pair in self._token_freqs if pair[1] >= min_freq]


@mistake(
    task="vocab",
    replaces="Vocab",
    label="looks a tuple up as a single token",
    hint="The docstring says how a tuple is looked up: like a list.",
)
class tuple_is_a_token(Vocab):
    def __getitem__(self, tokens):
        if isinstance(tokens, list):
            return [self[token] for token in tokens]
        return self.token_to_idx.get(tokens, self.unk)


# --- load_corpus_time_machine


@mistake(
    task="load_corpus_time_machine",
    label="takes words instead of characters",
    hint="Which type of token does the book use for its language models?",
)
def words_for_characters(max_tokens=-1):
    tokens = tokenize(read_time_machine())
    vocab = Vocab(tokens)
    corpus = [vocab[token] for line in tokens for token in line]
    return (corpus[:max_tokens] if max_tokens > 0 else corpus), vocab


@mistake(
    task="load_corpus_time_machine",
    label="slices with the default -1, which loses the last character",
    hint="What is `corpus[:-1]`? The slice belongs under a condition.",
)
def always_sliced(max_tokens=-1):
    corpus, vocab = _whole_corpus()
    return corpus[:max_tokens], vocab


@mistake(
    task="load_corpus_time_machine",
    label="ignores max_tokens",
    hint="Where does your code look at `max_tokens`?",
)
def limit_ignored(max_tokens=-1):
    return _whole_corpus()


@mistake(
    task="load_corpus_time_machine",
    label="returns one list of indices per line instead of one flat list",
    hint="A language model reads the text as one long sequence.",
)
def lines_kept(max_tokens=-1):
    tokens = tokenize(read_time_machine(), "char")
    vocab = Vocab(tokens)
    corpus = [vocab[line] for line in tokens]
    return (corpus[:max_tokens] if max_tokens > 0 else corpus), vocab


@mistake(
    task="load_corpus_time_machine",
    label="returns the characters instead of their indices",
    hint="The network needs numbers. What does the vocabulary give for a character?",
)
def characters_for_indices(max_tokens=-1):
    corpus, vocab = _whole_corpus()
    return vocab.to_tokens(corpus[:max_tokens] if max_tokens > 0 else corpus), vocab


@mistake(
    task="load_corpus_time_machine",
    label="builds the vocabulary from the cut corpus instead of the whole text",
    hint="Cut after the vocabulary is built, not before.",
)
def vocab_of_the_cut(max_tokens=-1):
    tokens = [char for line in read_time_machine() for char in line]
    if max_tokens > 0:
        tokens = tokens[:max_tokens]
    vocab = Vocab(tokens)
    return vocab[tokens], vocab


@mistake(
    task="load_corpus_time_machine",
    label="puts a space between the lines",
    hint="The docstring says what stands between two lines: nothing.",
)
def lines_spaced(max_tokens=-1):
    tokens = list(" ".join(read_time_machine()))
    vocab = Vocab(tokens)
    corpus = vocab[tokens]
    return (corpus[:max_tokens] if max_tokens > 0 else corpus), vocab
