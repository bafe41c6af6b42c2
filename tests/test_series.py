"""Bundled series: the published facts about each of them."""

import dataclasses
import subprocess
import sys

import numpy as np
import pytest

from rnncourse.datasets import series

ALL = [series.sunspots, series.co2, series.nile, series.prices, series.eeg]


@pytest.mark.parametrize("load", ALL)
def test_is_complete_and_in_order(load):
    data = load()
    assert data.times.ndim == 1 and len(data.times) == len(data.values) == len(data.observed)
    assert data.values.dtype == np.float64 and np.all(np.isfinite(data.values))
    assert np.all(data.times[1:] > data.times[:-1])
    assert data.observed.dtype == bool and data.name and data.unit and data.source
    assert (data.time_unit == "date") == (data.times.dtype.kind == "M")
    assert len(data.channels) == (data.values.shape[1] if data.values.ndim == 2 else 0)


@pytest.mark.parametrize("load", ALL)
def test_caller_cannot_change_the_next_call(load):
    first, kept = load(), load()
    for name in ("times", "values", "observed"):
        getattr(first, name)[:] = getattr(first, name)[::-1].copy()
    first.values[:] = -1
    again = load()
    for name in ("times", "values", "observed"):
        np.testing.assert_array_equal(getattr(again, name), getattr(kept, name))
    with pytest.raises(dataclasses.FrozenInstanceError):
        first.name = "other"


def test_sunspots():
    data = series.sunspots()
    assert data.times.tolist() == list(range(1700, 2009)) and data.observed.all()
    power = np.abs(np.fft.rfft(data.values - data.values.mean())) ** 2
    period = len(data.values) / np.argmax(power)
    assert 10 < period < 12  # the eleven-year cycle
    assert data.times[np.argmax(data.values)] == 1957  # the highest yearly mean on this record


def test_nile():
    """Cobb (1978): the flow falls from about 1100 to about 850 after 1898."""
    data = series.nile()
    assert data.times.tolist() == list(range(1871, 1971)) and data.observed.all()
    early, late = data.values[data.times <= 1898], data.values[data.times > 1898]
    assert early.mean() == pytest.approx(1100, abs=10) and late.mean() == pytest.approx(850, abs=10)


def test_co2():
    from statsmodels.datasets import co2

    data, raw = series.co2(), co2.load_pandas().data["co2"]
    assert len(data.values) == 2284 and np.count_nonzero(~data.observed) == 59
    assert str(data.times[0]) == "1958-03-29" and str(data.times[-1]) == "2001-12-29"
    assert np.all(np.diff(data.times) == np.timedelta64(7, "D"))
    np.testing.assert_array_equal(data.observed, raw.notna().to_numpy())
    np.testing.assert_array_equal(data.values[data.observed], raw.dropna().to_numpy())
    np.testing.assert_allclose(data.values, raw.interpolate("linear").to_numpy(), rtol=1e-12)


def test_prices():
    data = series.prices()
    assert data.values.shape == (1047,)
    assert str(data.times[0]) == "2004-08-19" and str(data.times[-1]) == "2008-10-14"
    assert data.values[0] == 100.34 and data.values[-1] == 362.71
    assert not np.any(np.is_busday(data.times) == 0)  # no weekend


def test_eeg():
    data = series.eeg()
    assert data.values.shape == (800, 4)
    np.testing.assert_allclose(np.diff(data.times), 1 / 80)
    np.testing.assert_allclose(data.values.std(axis=0), 1, atol=0.003)
    np.testing.assert_allclose(data.values.mean(axis=0), 0, atol=0.1)


def test_digits():
    images, labels = series.digits()
    assert images.shape == (1797, 8, 8) and labels.shape == (1797,)
    assert images.min() == 0 and images.max() == 16
    assert set(labels.tolist()) == set(range(10))
    images[:], labels[:] = -1, -1
    assert series.digits().images.min() == 0 and series.digits().labels.min() == 0


def test_import_is_light():
    code = (
        "import sys; import rnncourse.datasets.series, rnncourse.datasets.corpora, "
        "rnncourse.datasets.synthetic, rnncourse.datasets.classics, rnncourse.datasets.commands; "
        "print({'torch', 'statsmodels', 'sklearn', 'pandas', 'requests'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
