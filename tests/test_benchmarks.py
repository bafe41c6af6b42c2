"""The ratios that the book promises hold in the run that tests everything else."""

import time

import pytest

from benchmarks import autoregressive, timing


def test_promised_ratios_hold():
    measured = autoregressive.ratios(rounds=5)
    promised = [ratio for ratio in measured if ratio.at_most is not None]
    assert promised
    assert all(ratio.of_minima <= ratio.at_most for ratio in promised), timing.table(measured)


def test_the_timer_tells_slow_from_fast():
    ratio = timing.compare("sleep", lambda: time.sleep(0.02), lambda: time.sleep(0.002), 0.5, 3)
    assert ratio.of_minima > 2
    assert not ratio.holds
    assert "MISSED" in timing.table([ratio])


def test_a_ratio_without_a_promise_always_holds():
    ratio = timing.compare("nothing", lambda: None, lambda: None, rounds=3)
    assert ratio.holds
    assert ratio.seconds == pytest.approx((0, 0), abs=0.1)
