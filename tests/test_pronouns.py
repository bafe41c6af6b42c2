"""Stories with pronouns: who is meant, the chance level, bad input."""

import numpy as np
import pytest

from rnncourse.datasets.pronouns import ACTIONS, NAMES, SCENES, pronoun_stories, tokens


def words_of(text, column):
    return [text.tokens[index] for index in text.ids[:, column]]


def test_a_pronoun_agrees_with_the_newest_name():
    text = pronoun_stories(1009, 5, seed=0)
    for column in range(5):
        name = None
        for step, word in enumerate(words_of(text, column)):
            name = word if word in NAMES else name
            assert (text.gender[step, column] == 1) == (NAMES[name] == "she")
            assert text.pronoun[step, column] == (word in ("he", "she"))
            if word in ("he", "she"):
                assert word == NAMES[name]


def test_sentences_are_actions_and_scenes():
    text = " ".join(words_of(pronoun_stories(2003, 1, seed=1), 0))
    for sentence in text.split(" . ")[:-1]:
        subject, _, rest = sentence.partition(" ")
        assert sentence in SCENES or (subject in (*NAMES, "he", "she") and rest in ACTIONS)


def test_genders_are_fair_and_the_name_is_often_far_away():
    text = pronoun_stories(499, 101, scenes=3, seed=2)
    at_pronouns = text.gender[text.pronoun]
    assert abs(at_pronouns.mean()) < 0.1
    assert text.chance_loss == pytest.approx(0.6931, abs=1e-4)
    starts = np.isin(text.ids, [tokens().index(name) for name in NAMES])
    newest = np.maximum.accumulate(np.where(starts, np.arange(499)[:, None], 0), axis=0)
    distances = (np.arange(499)[:, None] - newest)[text.pronoun]
    assert np.median(distances) > 15


def test_without_scenes_there_are_none():
    text = " ".join(words_of(pronoun_stories(503, 1, scenes=0, seed=3), 0))
    assert not any(scene in text for scene in SCENES)


def test_shapes_and_seed():
    text, again = pronoun_stories(17, 3, seed=4), pronoun_stories(17, 3, seed=4)
    assert text.ids.shape == text.pronoun.shape == text.gender.shape == (17, 3)
    assert (text.ids == again.ids).all()
    assert (text.ids != pronoun_stories(17, 3, seed=5).ids).any()


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ((0, 3), ValueError, "length must be at least 1, but is 0"),
        ((5, 0), ValueError, "batch_size must be at least 1, but is 0"),
        ((5, 3, -1), ValueError, "scenes must be at least 0, but is -1"),
        ((5, 3, 1.5), TypeError, "scenes must be a whole number"),
    ],
)
def test_bad_input(arguments, error, message):
    with pytest.raises(error, match=message):
        pronoun_stories(*arguments)
