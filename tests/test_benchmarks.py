"""The timer behind the ratios; each promised ratio is asserted beside its module's tests."""

import time

import pytest

from benchmarks import timing


def test_the_timer_tells_slow_from_fast():
    ratio = timing.compare("sleep", lambda: time.sleep(0.02), lambda: time.sleep(0.002), 0.5, 3)
    assert ratio.of_minima > 2
    assert not ratio.holds
    assert "MISSED" in timing.table([ratio])


def test_a_ratio_without_a_promise_always_holds():
    ratio = timing.compare("nothing", lambda: None, lambda: None, rounds=3)
    assert ratio.holds
    assert ratio.seconds == pytest.approx((0, 0), abs=0.1)
