"""Published claims: what a paper reported, what is measured here, and a computed verdict.

A claim of the book (``rnncourse.claims``) must hold. A paper's claim need not: the setting here is
smaller, and a failure to reproduce is a finding. So the verdict is computed and printed, and no
word of it is typed by hand.
"""

from rnncourse.claims import as_bound, as_values, describe_bound, holds, show

METADATA_KEY = "rnncourse_published"
REPRODUCED, DIRECTION_ONLY, NOT_REPRODUCED = "reproduced", "direction only", "not reproduced"


def published(
    source, statement, *, there, here, measured, reproduced, direction=None, seeds=None, note=""
):
    """Compare a paper's claim with what is measured here, print the verdict and record it.

    Args:
        source: author and year, such as ``"Le, Jaitly & Hinton (2015)"``.
        statement: what the paper claims, a full sentence.
        there: the paper's setting and number.
        here: the setting in the book.
        measured: a number, or a sequence of shape (S,), one number for each seed.
        reproduced: the bound that makes it reproduced: a dict with ``at_least`` or ``at_most`` or
            both, or with ``equals`` and ``tolerance``.
        direction: the weaker bound of "direction only", likewise, or None.
        seeds: the seeds behind ``measured``, shape (S,), or None where nothing is random.
        note: what else to know, or "".

    A bound is met where more than half of the values keep it: the same as their median, but for
    ties and ranges. The printed line carries no measured digits.

    Raises:
        TypeError: a text is no text, a bound is no dict, or ``measured`` holds no numbers.
        ValueError: an empty text, a bound that is missing or contradicts itself, or another number
            of seeds than of values.
    """
    texts = {"source": source, "statement": statement, "there": there, "here": here}
    _check_texts(texts, note)
    values, seeds = as_values(measured, seeds)
    bounds = {"reproduced": _bound(reproduced, "reproduced")}
    if direction is not None:
        bounds["direction"] = _bound(direction, "direction")
    outcome = verdict(values, **bounds)
    over = "" if seeds is None else f", {len(seeds)} seed{'s' if len(seeds) > 1 else ''}"
    line = (
        f"{source}: {outcome.upper()}. {statement}\nThere: {there}.\n"
        f"Here: {here}{over} [{describe_bound(bounds['reproduced'])}]"
    )
    rounded = [float(f"{value:.4g}") for value in values]
    record = {**texts, "note": note, "measured": rounded, "seeds": seeds, **bounds}
    show(line, {**record, "verdict": outcome}, METADATA_KEY)


def verdict(values, reproduced, direction=None):
    """Judge measured values: a bound is met where more than half of them keep it.

    Args:
        values: numbers, (S,).
        reproduced: bound as a dict, of the kind that ``published`` takes.
        direction: the weaker bound, or None.

    Returns:
        str: ``"reproduced"``, ``"direction only"`` or ``"not reproduced"``.
    """
    for bound, outcome in ((reproduced, REPRODUCED), (direction, DIRECTION_ONLY)):
        if bound is not None and 2 * sum(holds(value, bound) for value in values) > len(values):
            return outcome
    return NOT_REPRODUCED


def _bound(value, name):
    if not isinstance(value, dict):
        raise TypeError(f"{name} must be a dict such as {{'at_most': 0.01}}, but is {value!r}")
    allowed = ("at_least", "at_most", "equals", "tolerance")
    unknown = sorted(set(value) - set(allowed))
    if unknown:
        raise ValueError(f"{name} may hold {allowed}, but holds {unknown}")
    return as_bound(*(value.get(key) for key in allowed))


def _check_texts(texts, note):
    for name, text in {**texts, "note": note}.items():
        if not isinstance(text, str):
            raise TypeError(f"{name} must be text, but is {text!r}")
    empty = [name for name, text in texts.items() if not text.strip()]
    if empty:
        raise ValueError(f"{' and '.join(empty)} must not be empty")
