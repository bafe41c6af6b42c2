"""Sine waves that are sampled at irregular times: is the period one of the wanted ones?"""

from typing import NamedTuple

import numpy as np

from rnncourse.validate import as_generator, as_integer

WANTED = (5.0, 6.0)  # milliseconds; other periods lie between 1 and 100
LONGEST = 125.0  # milliseconds


class SineEvents(NamedTuple):
    """Samples of sine waves.

    Args:
        xs: value and time (in milliseconds) of each sample, single precision, (T, B, 2).
        targets: 1 where the period lies between 5 and 6 milliseconds, else 0, (B,).
        periods: the periods, (B,).
        chance: accuracy of the best constant, 1/2.
    """

    xs: np.ndarray
    targets: np.ndarray
    periods: np.ndarray
    chance: float


def sine_events(length, batch_size, seed=0):
    """Draw sine waves of random period, phase, start and duration, sampled at random times.

    For half of them, on average, the period is uniform from 5 to 6 milliseconds. For the others it
    is uniform from 1 to 5 or from 6 to 100, one as often as the other. A wave lasts for 15 to 125
    milliseconds, somewhere in the first 125; the times of its samples are uniform in between. So
    the values alone say little: two samples side by side may be any time apart.

    Args:
        length: number of samples T of each wave. (In the paper it differs from wave to wave.)
        batch_size: number of waves B.
        seed: a whole number or a ``numpy.random.Generator``.

    Returns:
        SineEvents: ``xs`` (T, B, 2), ``targets`` (B,), ``periods`` (B,), ``chance = 1/2``.

    Raises:
        TypeError: an argument is not a whole number.
        ValueError: an argument is less than 1.

    Source:
        Neil, Pfeiffer & Liu (2016), Phased LSTM: accelerating recurrent network training for long
        or event-based sequences, arXiv:1610.09513, the frequency discrimination task.
    """
    length = as_integer(length, "length", minimum=1)
    B = as_integer(batch_size, "batch_size", minimum=1)
    rng = as_generator(seed)
    targets = rng.integers(2, size=B)  # (B,)
    others = np.where(rng.random(B) < 0.5, rng.uniform(1, 5, B), rng.uniform(6, 100, B))  # (B,)
    periods = np.where(targets == 1, rng.uniform(*WANTED, B), others)  # (B,)
    durations = rng.uniform(15, LONGEST, B)  # (B,)
    starts = rng.uniform(0, LONGEST - durations)  # (B,)
    times = starts + durations * np.sort(rng.random((length, B)), axis=0)  # (T, B)
    values = np.sin(2 * np.pi * (times / periods + rng.random(B)))  # (T, B)
    xs = np.stack((values, times), axis=2).astype(np.float32)  # (T, B, 2)
    return SineEvents(xs, targets, periods, 1 / 2)
