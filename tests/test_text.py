"""Tokenisers and the vocabulary."""

import numpy as np
import pytest

from rnncourse.text import Vocabulary, characters, join_sentences, sentences, words

TEXT = "The cat, the dog; don't panic: 42 cats don\u2019t."


def test_characters_join_to_the_text_again():
    assert "".join(characters(TEXT)) == TEXT
    assert characters("") == []


def test_words_by_hand():
    assert words("The cat, the DOG -- don't\tpanic!\n42") == (
        ["the", "cat", ",", "the", "dog", "-", "-", "don't", "panic", "!", "42"]
    )
    assert words("don\u2019t 'quoted'") == ["don\u2019t", "'", "quoted", "'"]


def test_words_keeps_case_on_request():
    assert words("The THE", lowercase=False) == ["The", "THE"]


def test_words_loses_nothing_but_white_space():
    assert "".join(words(TEXT, lowercase=False)) == "".join(TEXT.split())


def test_sentences_by_hand():
    text = " A heading\n\nIt works.  Does it?\nYes!\n \t\nSee x.y, v1.2 and\nso on.  "
    assert sentences(text) == [
        "A heading",
        "It works.",
        "Does it?",
        "Yes!",
        "See x.y, v1.2 and\nso on.",
    ]
    assert sentences("") == sentences(" \n\n ") == []


def test_sentences_lose_nothing_but_white_space():
    text = "One. Two?! Three...\n\n  - item\n\n\nfour e.g. this. "
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


def test_join_sentences_by_hand():
    assert join_sentences([["a", "b"], [], ("c",)], "<s>", "</s>") == (
        ["<s>", "a", "b", "</s>", "<s>", "</s>", "<s>", "c", "</s>"]
    )
    assert join_sentences([], "<s>", "</s>") == []


@pytest.mark.parametrize("mark", ["<s>", "</s>"])
def test_join_sentences_refuses_a_mark_inside(mark):
    with pytest.raises(ValueError, match="sentences must not hold '<s>' or '</s>', but no. 1 does"):
        join_sentences([["a"], ["b", mark]], "<s>", "</s>")


@pytest.mark.parametrize("tokenise", [characters, words, sentences])
@pytest.mark.parametrize("bad", [None, 3, ["a"], b"bytes"])
def test_tokenisers_refuse_what_is_not_text(tokenise, bad):
    with pytest.raises(TypeError, match="text must be a string, but is"):
        tokenise(bad)


def test_order_is_by_count_then_by_alphabet():
    vocabulary = Vocabulary("ccbbbadd")
    assert vocabulary.tokens == ["b", "c", "d", "a"]
    assert vocabulary.counts == [3, 2, 2, 1]
    assert len(vocabulary) == 4


def test_order_does_not_depend_on_the_order_of_the_text():
    text = words(TEXT)
    assert Vocabulary(text).tokens == Vocabulary(sorted(text)).tokens
    assert Vocabulary(text).tokens == Vocabulary(text[::-1]).tokens


def test_encode_and_decode_are_inverse():
    vocabulary = Vocabulary(TEXT)
    ids = vocabulary.encode(TEXT)
    assert ids.dtype == np.int64 and ids.shape == (len(TEXT),)
    assert "".join(vocabulary.decode(ids)) == TEXT
    assert set(ids) == set(range(len(vocabulary)))


def test_encode_by_hand():
    assert Vocabulary("abba").encode("abb").tolist() == [0, 1, 1]
    assert Vocabulary("abba").encode([]).shape == (0,)


def test_special_tokens_come_first():
    vocabulary = Vocabulary(["b", "b", "a"], unknown="<unk>", start="<s>", end="</s>")
    assert vocabulary.tokens == ["<unk>", "<s>", "</s>", "b", "a"]
    assert vocabulary.encode(["<s>", "b", "never", "</s>"]).tolist() == [1, 3, 0, 2]
    assert vocabulary.decode([0, 4]) == ["<unk>", "a"]


def test_special_tokens_that_stand_in_the_text_keep_their_place():
    vocabulary = Vocabulary(["<s>", "a", "</s>", "<s>", "a", "</s>"], start="<s>", end="</s>")
    assert vocabulary.tokens == ["<s>", "</s>", "a"]
    assert vocabulary.counts == [2, 2, 2]


def test_unseen_token_without_unknown_is_an_error_that_names_it():
    with pytest.raises(ValueError, match=r"tokens must be in the vocabulary of 2, but 'z' is not"):
        Vocabulary("ab").encode("abz")


def test_limits():
    assert Vocabulary("aaabbc", max_size=2).tokens == ["a", "b"]
    assert Vocabulary("aaabbc", min_count=2).tokens == ["a", "b"]
    limited = Vocabulary("aaabbc", unknown="<unk>", max_size=2)
    assert limited.tokens == ["<unk>", "a"]
    assert limited.encode("abc").tolist() == [1, 0, 0]
    assert "b" not in limited and "a" in limited


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"max_size": 0}, ValueError, "max_size must be at least 1, but is 0"),
        ({"max_size": 1, "unknown": "?"}, ValueError, "max_size must be at least 2, but is 1"),
        ({"max_size": 2.5}, TypeError, "max_size must be a whole number"),
        ({"min_count": 0}, ValueError, "min_count must be at least 1"),
        ({"start": "|", "end": "|"}, ValueError, "unknown, start and end must differ"),
        ({"tokens": []}, ValueError, "tokens must hold at least one token"),
        ({"tokens": ["a", 3]}, TypeError, "tokens must be strings, but one is 3"),
    ],
)
def test_bad_vocabulary(options, error, message):
    with pytest.raises(error, match=message):
        Vocabulary(**{"tokens": "abc", **options})


@pytest.mark.parametrize(
    ("ids", "error", "message"),
    [
        ([0, 3], ValueError, "ids must be from 0 to 2, but one is 3"),
        ([-1], ValueError, "ids must be from 0 to 2, but one is -1"),
        ([0.0], TypeError, "ids must be whole numbers"),
        ([[0]], ValueError, r"ids must have 1 dimension\(s\)"),
        (["a"], TypeError, "ids must hold real numbers"),
    ],
)
def test_bad_ids(ids, error, message):
    with pytest.raises(error, match=message):
        Vocabulary("abc").decode(ids)


def test_from_tokens_is_the_same_vocabulary():
    marks = {"unknown": "<unk>", "start": "<s>", "end": "</s>"}
    vocabulary = Vocabulary(words(TEXT), **marks)
    again = Vocabulary.from_tokens(vocabulary.tokens, **marks)
    asked = ["<s>", *words(TEXT), "never", "</s>"]
    assert again.encode(asked).tolist() == vocabulary.encode(asked).tolist()
    assert again.tokens == vocabulary.tokens and len(again) == len(vocabulary)
    assert (again.unknown, again.start, again.end) == ("<unk>", "<s>", "</s>")


def test_from_tokens_keeps_the_order():
    vocabulary = Vocabulary.from_tokens(["b", "?", "a"], unknown="?")
    assert vocabulary.encode(["a", "b", "z"]).tolist() == [2, 0, 1]
    assert vocabulary.decode([2, 0]) == ["a", "b"]
    assert vocabulary.counts == [0, 0, 0]


@pytest.mark.parametrize(
    ("tokens", "special", "error", "message"),
    [
        ([], {}, ValueError, "tokens must hold at least one token"),
        (["a", 3], {}, TypeError, "tokens must be strings, but one is 3"),
        (["a", "b", "a"], {}, ValueError, "tokens must differ, but 'a' is there 2 times"),
        (["a"], {"unknown": "?"}, ValueError, r"unknown must be one of the tokens, but is '\?'"),
        (["a"], {"end": "z"}, ValueError, "end must be one of the tokens, but is 'z'"),
        (["a", "b"], {"start": "a", "end": "a"}, ValueError, "unknown, start and end must differ"),
    ],
)
def test_bad_tokens_of_a_rebuilt_vocabulary(tokens, special, error, message):
    with pytest.raises(error, match=message):
        Vocabulary.from_tokens(tokens, **special)
