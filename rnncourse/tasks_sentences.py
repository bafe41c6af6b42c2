"""Sentences whose last word one early word decides, with as many words between as one likes.

*The clouds are in the ... sky. I grew up in France ... I speak fluent French.* A model reads the
sentence without its last word and has to name that word. The words between are drawn by chance and
say nothing about it.
"""

from math import log
from typing import NamedTuple

import numpy as np

from rnncourse.validate import as_generator, as_integer

CUE = "<cue>"  # stands in a template where the deciding word goes
SPEAKER = "<speaker>"  # stands where the name goes that is not the answer


class Template(NamedTuple):
    """What the sentences of one kind have in common.

    Args:
        opening: words before the gap, with one ``CUE``.
        closing: words after the gap, up to the word that is asked for.
        answers: dict from each cue to its answer. Where there is a ``SPEAKER``, cues are names and
            the speaker is another one of them.
        fillers: words that may stand in the gap.
    """

    opening: tuple
    closing: tuple
    answers: dict
    fillers: tuple


class SentenceTask(NamedTuple):
    """Sentences without their last word, and that word.

    Args:
        ids: indices into ``tokens``, (T, B).
        answers: index of the missing last word, (B,).
        tokens: all words of the template, the same for every gap and seed.
        cue_step: the step of the word that decides; T - 1 - cue_step is the gap.
        chance: accuracy of the best predictor that has forgotten the opening.
        chance_loss: its loss in nats.
    """

    ids: np.ndarray
    answers: np.ndarray
    tokens: tuple
    cue_step: int
    chance: float
    chance_loss: float


CLOUDS = Template(
    opening=("the", CUE, "are", "in", "the"),
    closing=(),
    answers={"clouds": "sky", "fish": "sea", "trees": "forest", "cars": "street", "cows": "barn"},
    fillers=("wide", "cold", "quiet", "old", "dark", "wonderful", "great"),
)

LANGUAGES = Template(
    opening=("i", "grew", "up", "in", CUE),
    closing=("i", "speak", "fluent"),
    answers={
        "france": "french",
        "spain": "spanish",
        "japan": "japanese",
        "poland": "polish",
        "turkey": "turkish",
    },
    fillers=("now", "still", "today", "often", "here", "gladly", "always"),
)

GREETING = Template(
    opening=(SPEAKER, "walked", "into", "the", "room", CUE, "walked", "in", "too"),
    closing=(SPEAKER, "said", "hi", "to"),
    answers={name: name for name in ("jane", "john", "mary", "peter", "susan")},
    fillers=("quickly", "late", "quietly", "finally", "happily", "softly", "again"),
)


def sentences_with_gap(template, gap, batch_size, seed=0):
    """Draw sentences of one kind; the gap counts the words between cue and missing word.

    *The clouds are in the* has a gap of 3: *are in the* stand between *clouds* and *sky*. A longer
    gap is filled with words drawn by chance.

    *Chance level.* All K cues are equally likely and each has its own answer. The fillers are drawn
    without a look at the cue. So who has forgotten the opening is right with probability 1 / K, at
    a loss of ln K. With a ``SPEAKER`` in the closing it is 1 / (K - 1) and ln (K - 1): the closing
    says who speaks, nobody greets himself, and the K - 1 others are equally likely.

    Args:
        template: a Template, such as ``CLOUDS``, ``LANGUAGES`` or ``GREETING``.
        gap: words between the cue and the missing word; at least those that the template has there,
            and at least 1.
        batch_size: number of sentences B.
        seed: a whole number or a ``numpy.random.Generator``.

    Returns:
        SentenceTask: ``ids`` (T, B), ``answers`` (B,), ``tokens``, ``cue_step``, ``chance``,
        ``chance_loss``.

    Raises:
        TypeError: ``template`` is none, or a number is not whole.
        ValueError: the template has other than one cue, fewer than two answers to choose from, or
            two equal ones, or a number is too small.
    """
    opening, closing, answers, fillers = _checked(template)
    choices = len(answers) - (SPEAKER in closing)
    cue_step = opening.index(CUE)
    fixed = len(opening) - cue_step - 1 + len(closing)
    num_fillers = as_integer(gap, "gap", minimum=max(fixed, 1)) - fixed
    batch_size = as_integer(batch_size, "batch_size", minimum=1)
    rng, tokens = as_generator(seed), tokens_of(template)
    number = {token: index for index, token in enumerate(tokens)}
    cues = np.array([number[cue] for cue in answers])  # (K,)
    replies = np.array([number[answer] for answer in answers.values()])  # (K,)
    chosen = rng.integers(len(cues), size=batch_size)  # (B,)
    others = (chosen + rng.integers(1, len(cues), size=batch_size)) % len(cues)  # (B,)
    slots = {CUE: cues[chosen], SPEAKER: cues[others]}
    known = np.array([number[filler] for filler in fillers])
    between = rng.choice(known, size=(num_fillers, batch_size))  # (gap - fixed, B)
    before, after = (
        [slots.get(word, np.full(batch_size, number.get(word, -1))) for word in words]
        for words in (opening, closing)
    )
    ids = np.stack([*before, *between, *after])  # (T, B)
    return SentenceTask(ids, replies[chosen], tokens, cue_step, 1 / choices, log(choices))


def tokens_of(template):
    """List the words of a template, each once: cues, answers, fillers, then all others.

    Args:
        template: a Template.

    Returns:
        tuple of str.
    """
    others = [w for w in (*template.opening, *template.closing) if w not in (CUE, SPEAKER)]
    words = (*template.answers, *template.answers.values(), *template.fillers, *others)
    return tuple(dict.fromkeys(words))


def sentence(task, column):
    """Write one sentence out, with its last word.

    Args:
        task: a SentenceTask.
        column: which sentence, from 0 to B - 1.

    Returns:
        str.

    Raises:
        TypeError: ``column`` is not a whole number.
        ValueError: ``column`` is out of range.
    """
    column = as_integer(column, "column", minimum=0, maximum=task.ids.shape[1] - 1)
    return " ".join(task.tokens[i] for i in [*task.ids[:, column], task.answers[column]])


def _checked(template):
    """The four parts of a template that a task can be made of."""
    if not isinstance(template, Template):
        raise TypeError(f"template must be a Template, but is {template!r}")
    opening, closing, answers, fillers = template
    if [*opening, *closing].count(CUE) != 1 or CUE not in opening:
        raise ValueError(f"template must have one {CUE!r}, in its opening, but is {template}")
    if len(answers) < 2 + (SPEAKER in closing) or len(set(answers.values())) < len(answers):
        raise ValueError(f"template must leave two answers that differ, but has {answers}")
    if not fillers or set(fillers) & {*answers, *answers.values(), CUE, SPEAKER}:
        raise ValueError(f"template must have fillers that tell nothing, but has {fillers}")
    return template
