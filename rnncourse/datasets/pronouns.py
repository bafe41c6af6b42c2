"""Stories in which a pronoun must agree with a name that stands some sentences before it."""

from typing import NamedTuple

import numpy as np

from rnncourse.validate import as_generator, as_integer

NAMES = {"anna": "she", "lena": "she", "maria": "she", "ben": "he", "omar": "he", "paul": "he"}
ACTIONS = ("went home", "sat down", "read a book", "sang a song", "laughed")
SCENES = ("the rain fell", "a door opened", "the clock struck", "the tea was hot", "dogs barked")


class PronounText(NamedTuple):
    """Streams of stories, and who they are about at each step.

    Attributes:
        ids: indices into ``tokens``, (T, B).
        tokens: the words and the full stop.
        pronoun: True where the symbol is *he* or *she*, (T, B).
        gender: +1 where the newest name so far, this symbol included, is a *she*, else -1, (T, B).
        chance_loss: what is lost at each pronoun by who has forgotten the name, ln 2 nats.
    """

    ids: np.ndarray
    tokens: tuple
    pronoun: np.ndarray
    gender: np.ndarray
    chance_loss: float


def pronoun_stories(length, batch_size, scenes=2, seed=0):
    """Draw streams of sentences: *lena sat down . the rain fell . she laughed . ben went home .*

    A story names someone, then goes on with sentences about the same person and with scenes that
    name nobody, until the next name makes the old one worthless. So a reader has to keep the gender
    of the newest name through any number of scenes, and to let go of it at the next name.

    *Chance level.* All names are equally likely, and half of them are of either gender. Who sees
    that a pronoun stands here, but has forgotten the name, is right in 1/2 of all cases, at a loss
    of ln 2.

    Args:
        length: number of words T, full stops included; the stream may end inside a sentence.
        batch_size: number of streams B.
        scenes: mean number of scenes between two sentences about a person, 0 or more.
        seed: a whole number or a ``numpy.random.Generator``.

    Returns:
        PronounText: ``ids``, ``pronoun``, ``gender`` (T, B), ``tokens``, ``chance_loss``.

    Raises:
        TypeError: an argument is not a whole number.
        ValueError: an argument is too small.
    """
    length = as_integer(length, "length", minimum=1)
    batch_size = as_integer(batch_size, "batch_size", minimum=1)
    scenes = as_integer(scenes, "scenes", minimum=0)
    rng = as_generator(seed)
    number = {token: index for index, token in enumerate(tokens())}
    streams = [_stream(length, scenes, rng) for _ in range(batch_size)]
    words, names = (np.array(part).T for part in zip(*streams, strict=True))  # (T, B) each
    ids = np.vectorize(number.get)(words)  # (T, B)
    she = np.vectorize(NAMES.get)(names) == "she"  # (T, B)
    pronoun = (words == "he") | (words == "she")  # (T, B)
    return PronounText(ids, tokens(), pronoun, np.where(she, 1, -1), float(np.log(2)))


def tokens():
    """List the words of the stories, each once.

    Returns:
        tuple of str.
    """
    others = " ".join((*ACTIONS, *SCENES)).split()
    return tuple(dict.fromkeys((*NAMES, "he", "she", *others, ".")))


def _stream(length, scenes, rng):
    """One stream as its words (T,), and the newest name at each of them (T,)."""
    words, names, name = [], [], None
    while len(words) < length:
        if name is None or rng.random() < 0.4:
            name = subject = str(rng.choice(list(NAMES)))
        else:
            subject = NAMES[name]
        sentence = [subject, *rng.choice(ACTIONS).split(), "."]
        for scene in rng.choice(SCENES, size=rng.poisson(scenes)):
            sentence += [*scene.split(), "."]
        words += sentence
        names += [name] * len(sentence)
    return words[:length], names[:length]
