"""Real time series that are already on the reader's machine.

They come with statsmodels, matplotlib and scikit-learn, so nothing is downloaded. Every call
reads the data anew: what a caller changes in a result, the next call does not see.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


@dataclass(frozen=True, eq=False)
class Series:
    """One measured series and what a figure or a reader must know about it.

    Args:
        times: when each value was measured, (T,); numbers or ``datetime64``.
        values: what was measured, (T,), or (T, D) for D channels.
        name: what the series is called.
        unit: unit of ``values``.
        source: who measured it and which package brings it here.
        time_unit: unit of ``times``: ``"year"``, ``"date"`` or ``"s"``.
        observed: True where the value was measured, False where it was filled in, (T,).
        channels: the names of the D channels; empty for a series with one channel.
    """

    times: np.ndarray
    values: np.ndarray
    name: str
    unit: str
    source: str
    time_unit: str
    observed: np.ndarray
    channels: tuple = ()


class Digits(NamedTuple):
    """Small pictures of written digits.

    Args:
        images: brightness from 0 (paper) to 16 (ink), (N, 8, 8).
        labels: the digit that was written, 0 to 9, (N,).
    """

    images: np.ndarray
    labels: np.ndarray


def sunspots():
    """Yearly mean sunspot numbers, 1700 to 2008: 309 values, nothing missing.

    A sunspot number counts dark spots and groups of spots on the sun. It rises and falls with a
    period of about eleven years, which is what makes the series a classic of autoregression.

    Returns:
        Series: ``times`` years (309,), ``values`` sunspot numbers (309,).

    Source:
        National Geophysical Data Center, in ``statsmodels.datasets.sunspots``. An earlier part of
        this record is the subject of Yule, 1927, On a method of investigating periodicities in
        disturbed series.
    """
    from statsmodels.datasets import sunspots as dataset

    table = dataset.load_pandas().data
    return _yearly(
        table["YEAR"],
        table["SUNACTIVITY"],
        name="Sunspots",
        unit="sunspot number",
        source="National Geophysical Data Center; statsmodels.datasets.sunspots",
    )


def nile():
    """Yearly flow of the Nile at Aswan, 1871 to 1970: 100 values, nothing missing.

    Returns:
        Series: ``times`` years (100,), ``values`` flow in 10^8 cubic metres a year (100,).

    Source:
        Cobb, 1978, The problem of the Nile: conditional solution to a changepoint problem,
        Biometrika 65(2), 243-251; in ``statsmodels.datasets.nile``.
    """
    from statsmodels.datasets import nile as dataset

    table = dataset.load_pandas().data
    return _yearly(
        table["year"],
        table["volume"],
        name="Nile at Aswan",
        unit="10^8 m^3 per year",
        source="Cobb (1978); statsmodels.datasets.nile",
    )


def co2():
    """Weekly carbon dioxide in the air at Mauna Loa, Hawaii, March 1958 to December 2001.

    There is one value a week (Saturdays), 2,284 weeks, and 59 of them are missing, in gaps of up
    to 18 weeks. Each gap is filled by the straight line between its two neighbours, and
    ``observed`` is False there. Leave the filled weeks out of any score: a straight line is easy
    to forecast.

    Returns:
        Series: ``times`` days as ``datetime64[D]`` (2284,), ``values`` parts per million by
        volume (2284,), ``observed`` (2284,).

    Source:
        Keeling & Whorf, 2004, Atmospheric CO2 concentrations derived from flask air samples at
        sites in the SIO network, Carbon Dioxide Information Analysis Center; in
        ``statsmodels.datasets.co2``.
    """
    from statsmodels.datasets import co2 as dataset

    column = dataset.load_pandas().data["co2"]
    raw = column.to_numpy(dtype=np.float64, copy=True)  # (T,)
    observed = np.isfinite(raw)  # (T,)
    weeks = np.arange(len(raw))  # (T,)
    return Series(
        times=column.index.to_numpy().astype("datetime64[D]"),
        values=np.interp(weeks, weeks[observed], raw[observed]),
        name="Carbon dioxide at Mauna Loa",
        unit="ppm by volume",
        source="Keeling & Whorf (2004); statsmodels.datasets.co2",
        time_unit="date",
        observed=observed,
    )


def prices():
    """Daily closing price of the Google share, 19 August 2004 to 14 October 2008.

    There are 1,047 trading days. Days without trade (weekends, holidays) have no entry, so the
    steps are trading days and not days of the calendar.

    Returns:
        Series: ``times`` days as ``datetime64[D]`` (1047,), ``values`` US dollars (1047,).

    Source:
        Column ``adj_close`` of the file ``goog.npz`` in matplotlib's sample data; matplotlib's
        examples give Yahoo as its origin.
    """
    table = np.load(_sample_file("goog.npz"))["price_data"]
    return Series(
        times=table["date"].astype("datetime64[D]"),
        values=table["adj_close"].astype(np.float64),
        name="Google share",
        unit="US dollars",
        source="matplotlib sample data, goog.npz",
        time_unit="date",
        observed=np.ones(len(table), dtype=bool),
    )


def eeg():
    """Ten seconds of electroencephalogram, four channels at 80 samples a second.

    The voltage on the scalp at four places. The original unit is not recorded: each channel has a
    standard deviation of 1, so read the values in standard deviations. The time axis (800 samples
    are 10 s) and the channels' names are those of matplotlib's example.

    Returns:
        Series: ``times`` seconds (800,), ``values`` (800, 4), ``channels`` their names.

    Source:
        The file ``eeg.dat`` in matplotlib's sample data, and matplotlib's example "MRI with EEG".
    """
    values = np.fromfile(_sample_file("eeg.dat"), dtype="<f8").reshape(800, 4)  # (T, D)
    return Series(
        times=np.arange(800) / 80,
        values=values.astype(np.float64),
        name="EEG",
        unit="standard deviations",
        source="matplotlib sample data, eeg.dat",
        time_unit="s",
        observed=np.ones(800, dtype=bool),
        channels=("PG3", "PG5", "PG7", "PG9"),
    )


def digits():
    """Written digits as pictures of 8 by 8 pixels: 1,797 pictures by 13 people.

    Each pixel counts the inked points in a block of 4 by 4 points of the scan: 0 to 16.

    Returns:
        Digits: ``images`` (1797, 8, 8), ``labels`` (1797,).

    Source:
        Alpaydin & Kaynak, 1998, Optical recognition of handwritten digits, UCI Machine Learning
        Repository (its test set); in ``sklearn.datasets.load_digits``.
    """
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return Digits(images=bunch.images.copy(), labels=bunch.target.copy())


def _yearly(years, values, name, unit, source):
    """A series with one value a year, all of them measured."""
    return Series(
        times=years.to_numpy(dtype=np.int64, copy=True),
        values=values.to_numpy(dtype=np.float64, copy=True),
        name=name,
        unit=unit,
        source=source,
        time_unit="year",
        observed=np.ones(len(values), dtype=bool),
    )


def _sample_file(name):
    from matplotlib import cbook

    return cbook.get_sample_data(name, asfileobj=False)
