"""Sentences with a gap: what they say, who decides, and chance levels by brute force."""

import numpy as np
import pytest

from rnncourse.tasks_sentences import (
    CLOUDS,
    CUE,
    GREETING,
    LANGUAGES,
    SPEAKER,
    sentence,
    sentences_with_gap,
    tokens_of,
)

B, MANY = 7, 40_009
KINDS = {"clouds": (CLOUDS, 3), "languages": (LANGUAGES, 3), "greeting": (GREETING, 7)}


@pytest.fixture(params=KINDS)
def kind(request):
    return KINDS[request.param]


def best_table(contexts, answers):
    """Accuracy and loss of the best guess that knows the context only."""
    _, rows = np.unique(contexts, axis=1, return_inverse=True)
    counts = np.zeros((rows.max() + 1, answers.max() + 1))
    np.add.at(counts, (rows.ravel(), answers), 1)
    shares = counts / counts.sum(axis=1, keepdims=True)
    loss = -np.log(shares[rows.ravel(), answers]).mean()
    return counts.max(axis=1).sum() / len(answers), loss


def test_shortest_sentences_read_as_told():
    assert any(
        sentence(sentences_with_gap(CLOUDS, 3, 97), b) == "the clouds are in the sky"
        for b in range(97)
    )
    task = sentences_with_gap(LANGUAGES, 3, 97)
    texts = {sentence(task, b) for b in range(97)}
    assert "i grew up in france i speak fluent french" in texts and len(texts) == 5
    task = sentences_with_gap(GREETING, 7, 997)
    texts = {sentence(task, b) for b in range(997)}
    assert "jane walked into the room john walked in too jane said hi to john" in texts
    assert len(texts) == 5 * 4


@pytest.mark.parametrize("more", [0, 1, 13])
def test_the_gap_counts_the_words_between(kind, more):
    template, least = kind
    task = sentences_with_gap(template, least + more, B, seed=1)
    assert len(task.ids) - 1 - task.cue_step == least + more
    assert task.ids.shape[1] == B and task.answers.shape == (B,)
    for b in range(B):
        words = sentence(task, b).split()
        cue, last = words[task.cue_step], words[-1]
        assert template.answers[cue] == last
        assert len(words[task.cue_step + 1 : -1]) == least + more
        assert sum(word in template.fillers for word in words) == more
        speakers = {words[i] for i, w in enumerate(template.opening) if w == SPEAKER}
        assert cue not in speakers and len(speakers) == (SPEAKER in template.opening)


def test_the_early_word_decides_and_nothing_else_does(kind):
    template, least = kind
    task = sentences_with_gap(template, least + 1, MANY, seed=2)
    others = task.ids[task.cue_step + 1 :]
    accuracy, loss = best_table(others, task.answers)
    assert accuracy == pytest.approx(task.chance, abs=0.02)
    assert loss == pytest.approx(task.chance_loss, abs=0.01)
    assert best_table(task.ids[[task.cue_step]], task.answers) == (1, 0)


def test_chance_levels():
    chances = {k: sentences_with_gap(t, least, B).chance for k, (t, least) in KINDS.items()}
    assert chances == {"clouds": 1 / 5, "languages": 1 / 5, "greeting": 1 / 4}
    assert sentences_with_gap(GREETING, 7, B).chance_loss == pytest.approx(np.log(4))


def test_a_speaker_in_the_opening_alone_is_forgotten_with_it():
    template = GREETING._replace(closing=("she", "said", "hi", "to"))
    task = sentences_with_gap(template, 7, MANY)
    assert task.chance == 1 / 5
    assert best_table(task.ids[task.cue_step + 1 :], task.answers)[0] == pytest.approx(
        0.2, abs=0.01
    )


def test_all_cues_fillers_and_speakers_are_equally_frequent():
    task = sentences_with_gap(GREETING, 9, MANY, seed=3)
    for step, share in ((task.cue_step, 1 / 5), (0, 1 / 5), (task.cue_step + 4, 1 / 7)):
        counts = np.bincount(task.ids[step])
        np.testing.assert_allclose(counts[counts > 0] / MANY, share, atol=0.01)
    assert (task.ids[0] == task.ids[-4]).all()  # who came first speaks


def test_words_and_numbers_are_one_to_one_for_every_gap(kind):
    template, least = kind
    short, long = (sentences_with_gap(template, gap, B) for gap in (least, least + 5))
    assert short.tokens == long.tokens == tokens_of(template)
    assert len(set(short.tokens)) == len(short.tokens)
    assert not {CUE, SPEAKER} & set(short.tokens)
    assert min(short.ids.min(), long.ids.min()) >= 0
    assert long.ids.max() < len(long.tokens)


def test_a_seed_makes_the_same_sentences_again():
    def ids(seed):
        return sentences_with_gap(CLOUDS, 11, B, seed).ids

    np.testing.assert_array_equal(ids(3), ids(np.random.default_rng(3)))
    assert not np.array_equal(ids(3), ids(4))


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ((CLOUDS, 2, B), ValueError, "gap must be at least 3, but is 2"),
        ((GREETING, 6, B), ValueError, "gap must be at least 7, but is 6"),
        ((CLOUDS, 0, B), ValueError, "gap must be at least 3, but is 0"),
        ((CLOUDS._replace(opening=("the", CUE)), 0, B), ValueError, "gap must be at least 1"),
        ((CLOUDS, -1, B), ValueError, "gap must be at least 3, but is -1"),
        ((CLOUDS, 3.0, B), TypeError, "gap must be a whole number"),
        ((CLOUDS, 5, 0), ValueError, "batch_size must be at least 1"),
        (("clouds", 5, B), TypeError, "template must be a Template, but is 'clouds'"),
        ((CLOUDS._replace(opening=("the",)), 5, B), ValueError, "must have one '<cue>'"),
        ((CLOUDS._replace(closing=(CUE,)), 5, B), ValueError, "must have one '<cue>'"),
        ((CLOUDS._replace(answers={"clouds": "sky"}), 5, B), ValueError, "two answers that differ"),
        (
            (CLOUDS._replace(answers={"fish": "sea", "ship": "sea"}), 5, B),
            ValueError,
            "two answers that differ",
        ),
        (
            (GREETING._replace(answers={"jane": "jane", "john": "john"}), 9, B),
            ValueError,
            "two answers that differ",
        ),
        ((CLOUDS._replace(fillers=()), 5, B), ValueError, "fillers that tell nothing"),
        ((CLOUDS._replace(fillers=("sky",)), 5, B), ValueError, "fillers that tell nothing"),
    ],
)
def test_bad_input(arguments, error, message):
    with pytest.raises(error, match=message):
        sentences_with_gap(*arguments)


def test_sentence_refuses_a_column_that_is_not_there():
    with pytest.raises(ValueError, match="column must be .*at most 6, but is 7"):
        sentence(sentences_with_gap(CLOUDS, 5, B), B)
