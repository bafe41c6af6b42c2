"""From text to whole numbers and back: tokenisers and the vocabulary."""

import re
from collections import Counter

import numpy as np

from rnncourse.validate import as_ids, as_integer

_WORD = re.compile(r"\w+(?:['\u2019]\w+)*|[^\w\s]")
_BETWEEN_SENTENCES = re.compile(r"(?<=[.!?])\s+|\n\s*\n")


def characters(text):
    """Cut a text into its characters.

    Args:
        text: a string.

    Returns:
        list of str, each of length 1; joined without a separator they are the text again.

    Raises:
        TypeError: ``text`` is not a string.
    """
    return list(_as_text(text))


def words(text, lowercase=True):
    """Cut a text into words, numbers and single punctuation marks.

    White space only separates. An apostrophe inside a word belongs to it: ``don't`` is one token.

    Args:
        text: a string.
        lowercase: whether ``The`` and ``the`` become the same token.

    Returns:
        list of str.

    Raises:
        TypeError: ``text`` is not a string.
    """
    text = _as_text(text)
    return _WORD.findall(text.lower() if lowercase else text)


def sentences(text):
    """Cut a text into sentences.

    A sentence ends at a full stop, question mark or exclamation mark that white space follows, and
    at a blank line. So headings and tables are cut off too, though they are no sentences; they are
    told apart by the mark that they lack. ``e.g. this`` is cut in two.

    Args:
        text: a string.

    Returns:
        list of str without white space around them; none is empty.

    Raises:
        TypeError: ``text`` is not a string.
    """
    pieces = (piece.strip() for piece in _BETWEEN_SENTENCES.split(_as_text(text)))
    return [piece for piece in pieces if piece]


def join_sentences(sentences, start, end):
    """Put sentences one after the other, each between its marks.

    Args:
        sentences: an iterable of sentences, each an iterable of str.
        start: token that stands before each sentence.
        end: token that stands after each sentence.

    Returns:
        list of str.

    Raises:
        ValueError: ``start`` or ``end`` occurs in a sentence, where it could not be told apart.
    """
    joined = []
    for number, sentence in enumerate(sentences):
        tokens = list(sentence)
        if start in tokens or end in tokens:
            raise ValueError(f"sentences must not hold {start!r} or {end!r}, but no. {number} does")
        joined += [start, *tokens, end]
    return joined


class Vocabulary:
    """The tokens that a model knows, numbered from 0.

    Build it from the training part only: whoever counts tokens of the test part has looked at it.
    The special tokens come first (unknown, start, end, as far as they are wanted), then the tokens
    of the text, the most frequent first and equally frequent ones in alphabetical order.

    Args:
        tokens: the training part as an iterable of str; a string counts as its characters.
        unknown: token that stands for every token that is not in the vocabulary, or None.
        start: token that stands before a sequence, or None.
        end: token that stands after a sequence, or None.
        max_size: largest number of tokens, special ones included, or None for no limit.
        min_count: how often a token must occur to be taken in.

    Attributes:
        tokens: list of str, the token of each id.
        counts: list of int, how often each token occurred in the training part; all 0 where the
            vocabulary was rebuilt from its tokens.
        unknown, start, end: the special tokens, or None.

    Raises:
        TypeError: a token is not a string, or ``max_size`` or ``min_count`` is not a whole number.
        ValueError: no tokens, equal special tokens, or a limit that is too small.
    """

    def __init__(self, tokens, *, unknown=None, start=None, end=None, max_size=None, min_count=1):
        self.unknown, self.start, self.end = unknown, start, end
        special = [token for token in (unknown, start, end) if token is not None]
        counts = _count(tokens)
        min_count = as_integer(min_count, "min_count", minimum=1)
        if len(set(special)) < len(special):
            raise ValueError(f"unknown, start and end must differ, but are {special}")
        kept = [t for t, count in counts.items() if count >= min_count and t not in special]
        kept.sort(key=lambda token: (-counts[token], token))
        if max_size is not None:
            kept = kept[: as_integer(max_size, "max_size", minimum=len(special) + 1) - len(special)]
        self.tokens = special + kept
        self.counts = [counts[token] for token in self.tokens]
        self._ids = {token: number for number, token in enumerate(self.tokens)}

    @staticmethod
    def from_tokens(tokens, *, unknown=None, start=None, end=None):
        """Rebuild a vocabulary, such as the one whose tokens a checkpoint holds.

        Args:
            tokens: list of str, the token of each id.
            unknown, start, end: the special tokens, each one of ``tokens``, or None.

        Returns:
            Vocabulary that numbers the tokens in the given order; its counts are 0.

        Raises:
            TypeError: a token is not a string.
            ValueError: no tokens, one that occurs twice, or a special token that is none of them.
        """
        tokens = list(tokens)
        for token, count in _count(tokens).items():
            if count > 1:
                raise ValueError(f"tokens must differ, but {token!r} is there {count} times")
        for name, token in (("unknown", unknown), ("start", start), ("end", end)):
            if token is not None and token not in tokens:
                raise ValueError(f"{name} must be one of the tokens, but is {token!r}")
        vocabulary = Vocabulary(tokens, unknown=unknown, start=start, end=end)
        vocabulary.tokens, vocabulary.counts = tokens, [0] * len(tokens)
        vocabulary._ids = {token: number for number, token in enumerate(tokens)}
        return vocabulary

    def __len__(self):
        """Number of tokens, special ones included."""
        return len(self.tokens)

    def __contains__(self, token):
        """Whether ``token`` has a number of its own."""
        return token in self._ids

    def id_of(self, token):
        """Return the number of one token.

        Args:
            token: a string.

        Returns:
            int; the number of the unknown token where ``token`` is not in the vocabulary.

        Raises:
            ValueError: ``token`` is not in the vocabulary, which has no unknown token.
        """
        number = self._ids.get(token, self._ids.get(self.unknown))
        if number is None:
            raise ValueError(
                f"tokens must be in the vocabulary of {len(self)}, but {token!r} is not; "
                "build the vocabulary with unknown='<unk>' to let one token stand for all others"
            )
        return number

    def encode(self, tokens):
        """Turn tokens into numbers.

        Args:
            tokens: an iterable of str; a string counts as its characters.

        Returns:
            int64 array (N,) with the number of each token.

        Raises:
            ValueError: a token is not in the vocabulary, which has no unknown token.
        """
        return np.fromiter((self.id_of(token) for token in tokens), dtype=np.int64)  # (N,)

    def decode(self, ids):
        """Turn numbers into tokens.

        Args:
            ids: whole numbers (N,) from 0 to ``len(self) - 1``.

        Returns:
            list of N str; of characters, ``"".join`` makes a text again.

        Raises:
            TypeError: ``ids`` are not whole numbers.
            ValueError: ``ids`` is not one-dimensional, or a number has no token.
        """
        return [self.tokens[number] for number in as_ids(ids, len(self))]


def _as_text(text):
    if not isinstance(text, str):
        raise TypeError(f"text must be a string, but is {type(text).__name__}")
    return text


def _count(tokens):
    counts = Counter(tokens)
    if not counts:
        raise ValueError("tokens must hold at least one token, but is empty")
    for token in counts:
        if not isinstance(token, str):
            raise TypeError(f"tokens must be strings, but one is {token!r}")
    return counts
