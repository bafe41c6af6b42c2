"""Claims: every number or comparison in the text stands on a cell that asserts it.

``claim`` compares what was measured with a bound, prints one line and records the measured values
in the metadata of the cell's output. The line carries no measured digits, so it reads the same on
every machine; the record lets a ledger of all claims be made (``rnncourse.ledger``).
"""

import math
import numbers
import time

METADATA_KEY = "rnncourse_claim"


def claim(
    number,
    sentence,
    measured,
    *,
    at_least=None,
    at_most=None,
    equals=None,
    tolerance=None,
    seeds=None,
):
    """Assert a claim of the book, print it and record it.

    Args:
        number: chapter and index, such as ``"2.4"``.
        sentence: the claim as the text makes it, a full sentence.
        measured: a number, or a sequence of shape (S,), one number for each seed; every one of
            them must keep the bound.
        at_least: lower bound, or None.
        at_most: upper bound, or None; with ``at_least`` it makes a range.
        equals: the exact value, with ``tolerance``; not together with the two bounds.
        tolerance: largest allowed distance from ``equals``.
        seeds: the seeds behind ``measured``, shape (S,), or None where nothing is random.

    Raises:
        AssertionError: a measured value breaks the bound; the message names it and its seed.
        TypeError: ``number`` or ``sentence`` is no text, or ``measured`` holds no numbers.
        ValueError: the bound is missing or contradicts itself, the number is not of the form
            chapter.index, the sentence does not end in a full stop, there are not as many seeds
            as measured values, or one of these is infinite, which no record can hold.
    """
    _check_wording(number, sentence)
    values, seeds = as_values(measured, seeds)
    bound = as_bound(at_least, at_most, equals, tolerance)
    for index, value in enumerate(values):
        if not holds(value, bound):
            where = "" if seeds is None else f" with seed {seeds[index]}"
            raise AssertionError(
                f"claim {number} fails: {value:.6g}{where} is not {describe_bound(bound)}. "
                f"It says: {sentence}"
            )
        if math.isinf(value):
            raise ValueError("measured must be finite, but is infinite: claim what is recorded")
    over = "" if seeds is None else f" ({len(seeds)} seed{'s' if len(seeds) > 1 else ''})"
    line = f"Claim {number} holds{over}: {sentence} [{describe_bound(bound)}]"
    record = {
        "number": number,
        "sentence": sentence,
        "measured": [float(f"{value:.4g}") for value in values],
        "bound": bound,
        "seeds": seeds,
    }
    show(line, record, METADATA_KEY)


def describe_bound(bound):
    """Return a bound in words.

    Args:
        bound: the ``bound`` of a claim's record, a dict.

    Returns:
        str, such as ``"at most 0.25"``.
    """
    if "equals" in bound:
        if not bound["tolerance"]:
            return f"exactly {bound['equals']:g}"
        return f"{bound['equals']:g} to within {bound['tolerance']:g}"
    words = {"at_least": "at least", "at_most": "at most"}
    return " and ".join(f"{words[key]} {value:g}" for key, value in bound.items())


def as_values(measured, seeds):
    """Check what was measured.

    Args:
        measured: a number, or numbers (S,).
        seeds: whole numbers (S,), or None.

    Returns:
        list of floats (S,), and list of int (S,) or None.

    Raises:
        TypeError: ``measured`` holds something that is no number.
        ValueError: nothing is measured, or the seeds are not as many as the values.
    """
    values = measured.tolist() if hasattr(measured, "tolist") else measured
    values = list(values) if isinstance(values, (list, tuple)) else [values]
    if not values:
        raise ValueError("measured must hold at least one number, but is empty")
    for value in values:
        if not isinstance(value, numbers.Real) and not hasattr(value, "__float__"):
            raise TypeError(f"measured must hold numbers, but holds {value!r}")
    if seeds is not None:
        seeds = [int(seed) for seed in seeds]
        if len(seeds) != len(values):
            raise ValueError(f"seeds must have one entry a value: {len(seeds)} for {len(values)}")
    return [float(value) for value in values], seeds


def as_bound(at_least, at_most, equals, tolerance):
    """Check a bound, and keep what is given of it.

    Args:
        at_least: lower bound, or None.
        at_most: upper bound, or None.
        equals: exact value, or None.
        tolerance: largest distance from it, or None.

    Returns:
        dict of floats.

    Raises:
        ValueError: nothing is given, or what is given contradicts itself.
    """
    given = {"at_least": at_least, "at_most": at_most, "equals": equals, "tolerance": tolerance}
    bound = {key: float(value) for key, value in given.items() if value is not None}
    if any(math.isnan(value) for value in bound.values()):
        raise ValueError(f"a bound must be a number, but is NaN: {bound}")
    ranged = "at_least" in bound or "at_most" in bound
    if ("equals" in bound) != ("tolerance" in bound) or ranged == ("equals" in bound):
        raise ValueError("give at_least or at_most or both, or else equals with tolerance")
    if bound.get("tolerance", 0) < 0:
        raise ValueError(f"tolerance must not be negative, but is {tolerance!r}")
    if at_least is not None and at_most is not None and at_least > at_most:
        raise ValueError(f"at_least ({at_least}) must not be larger than at_most ({at_most})")
    return bound


def holds(value, bound):
    """Tell whether a value keeps a bound.

    Args:
        value: a number.
        bound: a dict as ``as_bound`` returns it.

    Returns:
        bool; NaN keeps none.
    """
    if "equals" in bound:
        return abs(value - bound["equals"]) <= bound["tolerance"]
    return bound.get("at_least", -math.inf) <= value <= bound.get("at_most", math.inf)


def show(line, record, key):
    """Print one line, and in a notebook record what stands behind it in the output's metadata.

    The record gets one key more, ``cpu_seconds``: what the kernel has computed so far. The
    difference between two records is what the way from one to the other costs.

    Args:
        line: text without digits that depend on the machine.
        record: a dict that JSON can hold.
        key: its name in the metadata.
    """
    record = {**record, "cpu_seconds": round(time.process_time(), 2)}
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:  # pragma: no cover - IPython comes with jupyterlab
        get_ipython = None
    if get_ipython is None or get_ipython() is None:
        print(line)
    else:
        display({"text/plain": line}, raw=True, metadata={key: record})


def _check_wording(number, sentence):
    if not isinstance(number, str) or not isinstance(sentence, str):
        raise TypeError(f"number and sentence must be text, but are {number!r} and {sentence!r}")
    chapter, _, index = number.partition(".")
    if not (chapter.isdigit() and index.isdigit()):
        raise ValueError(f"number must be chapter.index such as '2.4', but is {number!r}")
    if not sentence.strip().endswith("."):
        raise ValueError(f"sentence must end in a full stop, but is {sentence!r}")
