"""What a constant gain allows: to notice that a covariance has settled, and to run without a loop.

The covariances of a Kalman filter do not depend on the data. With constant matrices and nothing
missing they soon stop changing, and the means become a plain linear recurrence.
"""

import numpy as np

from rnncourse.validate import as_array

SETTLED = 1e-14  # relative change in one step below which a covariance counts as constant
NEGLIGIBLE = 1e-40  # entries of a matrix power below which earlier steps no longer matter


def has_settled(covariance, previous):
    """Say whether a covariance has stopped changing, whatever the units of its coordinates.

    Args:
        covariance: (D, D) covariance now.
        previous: (D, D) covariance one step before.

    Returns:
        bool: whether no entry (i, j) moved by more than 1e-14 sqrt(v_i v_j), v the variances.
    """
    scale = np.sqrt(np.diagonal(covariance))  # (D,)
    return bool((np.abs(covariance - previous) <= SETTLED * np.outer(scale, scale)).all())


def linear_recurrence(matrix, start, inputs):
    """Run x_t = x_{t-1} A^T + u_t for all t at once.

    After the first round each row holds the sum over its last 2 inputs, then over the last 4,
    then 8: log2(T) rounds, or fewer where the powers of A die out.

    Args:
        matrix: (D, D) A, as a textbook writes it for columns: x_t = A x_{t-1} + u_t.
        start: (D,) x_0.
        inputs: (T, D) u_1 ... u_T.

    Returns:
        (T, D) x_1 ... x_T.

    Raises:
        TypeError: an argument does not hold real numbers.
        ValueError: the shapes do not fit, or an argument is not finite.

    Source:
        Hillis & Steele (1986), Data parallel algorithms, on sums of all prefixes.
    """
    matrix = as_array(matrix, "matrix", ndim=2)
    start = as_array(start, "start", ndim=1)
    inputs = as_array(inputs, "inputs", ndim=2, min_length=0)
    size = len(start)
    if matrix.shape != (size, size) or inputs.shape[1] != size:
        raise ValueError(
            f"matrix must have shape ({size}, {size}) and inputs (T, {size}) for a start of size "
            f"{size}, but they have shapes {matrix.shape} and {inputs.shape}"
        )
    states = inputs.copy()  # (T, D)
    states[:1] += start @ matrix.T
    power, reach = matrix.T, 1  # A^reach, transposed
    while reach < len(states) and np.abs(power).max() > NEGLIGIBLE:
        states[reach:] += states[:-reach] @ power
        power, reach = power @ power, 2 * reach
    return states
