"""Written digits read pixel by pixel: 64 steps a picture, line by line or in a shuffled order.

In reading order neighbours in the picture are near in time, too, or one line (8 steps) apart. A
shuffle, the same for all pictures, takes this order away: what belongs together may now be up to
63 steps apart, and nothing can be learned from the last few pixels alone.
"""

from typing import NamedTuple

import numpy as np

from rnncourse.datasets.series import digits
from rnncourse.validate import as_generator, as_integer

STEPS = 64  # 8 by 8 pixels


class PixelDigits(NamedTuple):
    """Pictures as sequences.

    Args:
        xs: brightness from 0 (paper) to 1 (ink), single precision, (64, B, 1).
        labels: the digit that was written, 0 to 9, (B,).
    """

    xs: np.ndarray
    labels: np.ndarray


class PixelSplit(NamedTuple):
    """Pictures for training, for choosing and for testing, no picture in two of them.

    Args:
        train: PixelDigits.
        validation: PixelDigits.
        test: PixelDigits.
        order: the order in which the 64 pixels are read, (64,).
        chance: accuracy on the test pictures of the best constant: the commonest digit of training.
    """

    train: PixelDigits
    validation: PixelDigits
    test: PixelDigits
    order: np.ndarray
    chance: float


def pixel_digits(num_validation=300, num_test=450, permutation=None, seed=0):
    """Split the bundled pictures at random and read them pixel by pixel.

    The pictures come in the order in which people wrote them, so they are shuffled before they are
    split, and each part holds pictures by all writers: the test asks for new pictures, not for new
    writers. The split depends on ``seed`` alone, the order of the pixels on ``permutation`` alone.

    Args:
        num_validation: pictures for choosing, at least 1.
        num_test: pictures for testing, at least 1.
        permutation: None to read line by line; else a whole number or a
            ``numpy.random.Generator``, which draws one order of the pixels for all pictures.
        seed: for the split, a whole number or a ``numpy.random.Generator``.

    Returns:
        PixelSplit: of 1,797 pictures, ``xs`` (64, B, 1) and ``labels`` (B,) in each part.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: a part has no picture, or too few are left for training.

    Source:
        Le, Jaitly & Hinton (2015), A simple way to initialize recurrent networks of rectified
        linear units, arXiv:1504.00941: the task, plain and permuted, with the 784 pixels of MNIST.
        The pictures here: see ``rnncourse.datasets.series.digits``.
    """
    images, labels = digits()
    num_validation = as_integer(num_validation, "num_validation", 1, len(labels) - 2)
    num_test = as_integer(num_test, "num_test", 1, len(labels) - num_validation - 1)
    order = np.arange(STEPS)  # (64,)
    if permutation is not None:
        if not isinstance(permutation, np.random.Generator):
            permutation = as_integer(permutation, "permutation", minimum=0)
        order = as_generator(permutation).permutation(STEPS)
    shuffled = as_generator(seed).permutation(len(labels))  # (N,)
    xs = (images.reshape(-1, STEPS)[:, order] / 16).astype(np.float32)  # (N, 64)
    cuts = [len(labels) - num_test - num_validation, len(labels) - num_test]
    parts = [
        PixelDigits(np.ascontiguousarray(xs[rows].T)[:, :, None], labels[rows])
        for rows in np.split(shuffled, cuts)
    ]
    commonest = np.bincount(parts[0].labels).argmax()
    return PixelSplit(*parts, order, float((parts[2].labels == commonest).mean()))


def as_images(xs, order=None):
    """Turn sequences back into pictures, to look at them.

    Args:
        xs: (64, B, 1), as in ``PixelDigits``.
        order: the order in which the pixels were read, (64,); None shows the sequences as they are
            read, 8 steps a line.

    Returns:
        array (B, 8, 8).

    Raises:
        ValueError: ``xs`` is not (64, B, 1), or ``order`` does not hold each pixel once.
    """
    xs = np.asarray(xs)
    if xs.ndim != 3 or xs.shape[::2] != (STEPS, 1):
        raise ValueError(f"xs must have shape ({STEPS}, B, 1), but have {xs.shape}")
    order = np.arange(STEPS) if order is None else np.asarray(order)
    if sorted(order.tolist()) != list(range(STEPS)):
        raise ValueError(f"order must hold each whole number from 0 to {STEPS - 1} once")
    pixels = np.empty_like(xs[:, :, 0])  # (64, B)
    pixels[order] = xs[:, :, 0]
    return pixels.T.reshape(-1, 8, 8)
