"""The unitary matrix as a product of factors against the same matrix as n^2 numbers.

A row times the factors takes O(n log n) steps, a row times the matrix n^2. Both sides multiply 32
rows of n complex numbers in double precision, forwards; the factors, like the matrix, are ready.
"""

import torch

from benchmarks.timing import compare
from rnncourse.cells.unitary import UnitaryMatrix

SIZES = (64, 128, 256, 512, 1024, 2048)
B = 32
AT_MOST = {1024: 1 / 3, 2048: 1 / 6}  # promised; below, the factors may well be slower


def ratios(rounds=7, sizes=SIZES):
    """Time W by its factors over W as a matrix, for each size.

    Args:
        rounds: how often each side is timed.
        sizes: the values of n, powers of 2.

    Returns:
        list of Ratio, in the order of the sizes.
    """
    torch.set_num_threads(1)
    return [_ratio(n, rounds) for n in sizes]


def seconds_by_size(rounds=7, sizes=SIZES):
    """Time both ways, for a figure with n on the horizontal axis.

    Args:
        rounds: how often each way is timed; the shortest time counts.
        sizes: the values of n, powers of 2.

    Returns:
        dict from n to the seconds by factors and the seconds by the matrix, for 32 rows.
    """
    return {n: ratio.seconds for n, ratio in zip(sizes, ratios(rounds, sizes), strict=True)}


def _ratio(n, rounds):
    generator = torch.Generator().manual_seed(n)
    torch.manual_seed(n)
    W = UnitaryMatrix(n)
    z = torch.randn(B, n, generator=generator, dtype=torch.complex128)
    repeats = max(1, 2048 // n)
    with torch.no_grad():
        factors = W.factors()
        matrix = W(torch.eye(n, dtype=torch.complex128), factors)  # (n, n)

    @torch.no_grad()
    def by_factors():
        for _ in range(repeats):
            W(z, factors)

    @torch.no_grad()
    def by_matrix():
        for _ in range(repeats):
            z @ matrix

    name = f"unitary matrix, n = {n} / dense"
    ratio = compare(name, by_factors, by_matrix, AT_MOST.get(n), rounds)
    return ratio._replace(seconds=tuple(s / repeats for s in ratio.seconds))
