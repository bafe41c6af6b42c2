"""How many past values? Autoregressive models of every order, compared by information criteria."""

from typing import NamedTuple

import numpy as np

from rnncourse.autocorrelation import check_series
from rnncourse.autoregressive import AutoregressiveModel
from rnncourse.validate import as_integer


class OrderComparison(NamedTuple):
    """Information criteria of the orders 0 .. P, all on the same predictions.

    Attributes:
        aic: (P + 1,) Akaike's criterion; smaller is better.
        bic: (P + 1,) Schwarz's criterion; smaller is better.
        order_by_aic: the order with the smallest aic.
        order_by_bic: the order with the smallest bic.
    """

    aic: np.ndarray
    bic: np.ndarray
    order_by_aic: int
    order_by_bic: int


def compare_orders(series, max_order):
    """Fit the orders 0 .. P by least squares and compare them by information criteria.

    Every order predicts the same T - P values, or the criteria could not be compared.

    Args:
        series: (T,) finite numbers that are not all the same, T >= 2 P + 2.
        max_order: P, the largest order, 0 or more.

    Returns:
        OrderComparison: aic (P + 1,), bic (P + 1,), order_by_aic, order_by_bic.

    Raises:
        TypeError: ``series`` does not hold numbers, or ``max_order`` is not a whole number.
        ValueError: the series is too short, not 1-D, not finite or constant, or an order
            predicts it exactly; ``max_order`` is negative.

    Source:
        Akaike (1974); Schwarz (1978).
    """
    max_order = as_integer(max_order, "max_order", minimum=0)
    series, _ = check_series(series, max_order, min_length=2 * max_order + 2)
    criteria = np.empty((2, max_order + 1))
    for order in range(max_order + 1):
        same_targets = series[max_order - order :]
        model = AutoregressiveModel(order).fit(same_targets)
        criteria[:, order] = model.aic(same_targets), model.bic(same_targets)
    aic, bic = criteria
    return OrderComparison(aic, bic, int(aic.argmin()), int(bic.argmin()))
