"""Expectation maximisation, whatever the model: its likelihood never falls, apart from rounding."""

import math

ROUNDING = 1e-9  # relative fall of the log-likelihood that rounding may cause


def rise(curve, value, advice=""):
    """Append a log-likelihood to a learning curve, and return how far it has risen.

    Args:
        curve: list of the log-likelihoods so far, in nats; it is changed.
        value: the new log-likelihood.
        advice: what the message of the error says after the two numbers.

    Returns:
        float, in nats; infinity for the first value. It is 0 or more, apart from rounding.

    Raises:
        RuntimeError: the log-likelihood fell by more than rounding can cause, or is NaN.

    Source:
        Dempster, Laird & Rubin (1977), Maximum likelihood from incomplete data via the EM
        algorithm, theorem 1.
    """
    before = curve[-1] if curve else None
    curve.append(value)
    gain = math.inf if before is None else value - before
    if not gain >= -ROUNDING * (1 + abs(value)):
        raise RuntimeError(f"the log-likelihood fell from {before!r} to {value!r}{advice}")
    return gain
