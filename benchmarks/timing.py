"""An alternating timer: two functions take turns, so that a busy machine slows both alike."""

import statistics
import time
from typing import NamedTuple


class Ratio(NamedTuple):
    """Time of ours over time of the reference, in the same run.

    Attributes:
        name: what was timed.
        of_minima: shortest time of ours over the shortest time of the reference.
        of_medians: median over median.
        at_most: what the ratio may be, or None where nothing is promised.
        seconds: shortest times of ours and of the reference.
    """

    name: str
    of_minima: float
    of_medians: float
    at_most: float | None
    seconds: tuple[float, float]

    @property
    def holds(self):
        """Whether both ratios keep the promise."""
        return self.at_most is None or max(self.of_minima, self.of_medians) <= self.at_most


def compare(name, ours, reference, at_most=None, rounds=7):
    """Time two functions in turns.

    Args:
        name: what is timed, for the table.
        ours: function without arguments.
        reference: function without arguments that does the same work.
        at_most: what the ratio may be, or None.
        rounds: how often each is timed, after one round that does not count.

    Returns:
        Ratio of the times, ours over the reference.
    """
    times = [(_seconds(ours), _seconds(reference)) for _ in range(rounds + 1)][1:]
    ours_times, reference_times = zip(*times, strict=True)
    shortest = min(ours_times), min(reference_times)
    medians = statistics.median(ours_times), statistics.median(reference_times)
    return Ratio(name, shortest[0] / shortest[1], medians[0] / medians[1], at_most, shortest)


def table(ratios):
    """Format ratios as a table in plain text.

    Args:
        ratios: list of Ratio.

    Returns:
        str, a heading and one line for each ratio.
    """
    lines = [f"{'ours / reference':<52} {'min':>7} {'median':>7} {'allowed':>8} {'ours':>9}"]
    for ratio in ratios:
        allowed = "-" if ratio.at_most is None else f"{ratio.at_most:g}"
        verdict = "" if ratio.holds else "  MISSED"
        lines.append(
            f"{ratio.name:<52} {ratio.of_minima:7.3f} {ratio.of_medians:7.3f} {allowed:>8} "
            f"{ratio.seconds[0] * 1e3:6.1f} ms{verdict}"
        )
    return "\n".join(lines)


def _seconds(function):
    start = time.perf_counter()
    function()
    return time.perf_counter() - start
