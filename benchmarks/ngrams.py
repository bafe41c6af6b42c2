"""N-gram models: seconds to count 460,000 characters and to score 50,000."""

import time
from typing import NamedTuple

from rnncourse.datasets.corpora import english, python_source
from rnncourse.kneser_ney import KneserNey
from rnncourse.ngrams import NGramModel
from rnncourse.smoothing import WittenBell
from rnncourse.text import Vocabulary, characters


class Timing(NamedTuple):
    """Shortest time of some rounds.

    Attributes:
        name: what was timed.
        seconds: the shortest time.
        at_most: seconds that it may take.
    """

    name: str
    seconds: float
    at_most: float

    @property
    def holds(self):
        """Whether the promise is kept."""
        return self.seconds <= self.at_most


def timings(rounds=3):
    """Time fitting and scoring at n = 5.

    Args:
        rounds: how often each is timed.

    Returns:
        list of Timing.
    """
    text = characters((english() + python_source(max_files=30))[:510_000])
    vocabulary = Vocabulary(text)
    ids = vocabulary.encode(text)  # (510,000,)
    known, new, size = ids[:460_000], ids[460_000:], len(vocabulary)
    result = []
    for smoothing in (WittenBell(), KneserNey()):
        model, name = NGramModel(5, smoothing), type(smoothing).__name__
        fitting = shortest(lambda model=model: model.fit(known, size), rounds)
        scoring = shortest(lambda model=model: model.log_probabilities(new), rounds)
        result += [Timing(f"{name}, n = 5: fit 460,000 characters", fitting, 3.0)]
        result += [Timing(f"{name}, n = 5: score 50,000 characters", scoring, 1.0)]
    return result


def shortest(function, rounds):
    """Return the shortest time of a function in seconds.

    Args:
        function: function without arguments.
        rounds: how often it is timed.

    Returns:
        float.
    """
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def table(measured):
    """Format timings as a table in plain text.

    Args:
        measured: list of Timing.

    Returns:
        str, a heading and one line for each timing.
    """
    lines = [f"{'seconds':<52} {'shortest':>8} {'allowed':>8}"]
    for timing in measured:
        verdict = "" if timing.holds else "  MISSED"
        lines.append(f"{timing.name:<52} {timing.seconds:8.3f} {timing.at_most:8g}{verdict}")
    return "\n".join(lines)
