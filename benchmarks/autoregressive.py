"""Autoregressive models against statsmodels."""

import numpy as np
from statsmodels.regression.linear_model import yule_walker
from statsmodels.tsa.ar_model import AutoReg, ar_select_order
from statsmodels.tsa.stattools import pacf

from benchmarks.timing import compare
from rnncourse.autocorrelation import partial_autocorrelation
from rnncourse.autoregressive import AutoregressiveModel
from rnncourse.autoregressive_fit import fit_yule_walker
from rnncourse.order_selection import compare_orders


def ratios(rounds=7):
    """Time each estimator on one series of 100,000 values.

    Args:
        rounds: how often each function is timed.

    Returns:
        list of Ratio.
    """
    series = AutoregressiveModel.from_parameters(5.0, [0.6, -0.3, 0.2], 1.0).simulate(100_000, 0)
    return [
        compare(
            "AR(20), 100,000 values, least squares / AutoReg",
            lambda: AutoregressiveModel(20).fit(series),
            lambda: AutoReg(series, lags=20).fit(),
            at_most=0.1,
            rounds=rounds,
        ),
        compare(
            "AR(20), 100,000 values, Yule-Walker / yule_walker",
            lambda: fit_yule_walker(series, 20),
            lambda: yule_walker(series, 20, method="mle", result_object=True),
            rounds=rounds,
        ),
        compare(
            "partial autocorrelation, 40 lags / pacf",
            lambda: partial_autocorrelation(series, 40),
            lambda: pacf(series, nlags=40, method="ldb"),
            rounds=rounds,
        ),
        compare(
            "orders 0..12 on 5,000 values / ar_select_order",
            lambda: compare_orders(series[:5_000], 12),
            lambda: ar_select_order(series[:5_000], maxlag=12),
            rounds=rounds,
        ),
        compare(
            "forecast, 1,000 steps of AR(20) / AutoReg.forecast",
            *_forecasts(series[:5_000]),
            rounds=rounds,
        ),
    ]


def _forecasts(series):
    ours = AutoregressiveModel(20).fit(series)
    reference = AutoReg(series, lags=20).fit()
    assert np.allclose(ours.forecast(series, 1_000).mean, reference.forecast(1_000))
    return lambda: ours.forecast(series, 1_000), lambda: reference.forecast(1_000)
