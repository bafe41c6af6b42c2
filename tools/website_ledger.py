"""The ledger: every claim of the book, and the verdict on every claim of a paper.

All of it comes from what the executed notebooks record; nothing is typed here.
"""

import math

from rnncourse import claims, published
from rnncourse.ledger import read_records
from website_links import slug

HEAD = (
    "| no. | claim | bound | measured | margin | seeds | time |\n"
    "| --- | --- | --- | --- | --- | --- | --- |"
)
PAPERS_HEAD = (
    "| paper and claim | there | here | measured | seeds | verdict |\n"
    "| --- | --- | --- | --- | --- | --- |"
)


def records(path):
    """Read a chapter's records, each with what it cost.

    Args:
        path: of an executed notebook.

    Returns:
        list of pairs of key and record; the record has ``seconds``, the processor's time since
        the record before it.
    """
    found, before = [], 0.0
    for key, record in read_records(path):
        found.append((key, {**record, "seconds": record["cpu_seconds"] - before}))
        before = record["cpu_seconds"]
    return found


def margin(values, bound):
    """Return how far the worst value is inside its bound.

    Args:
        values: numbers (S,).
        bound: dict of a claim's record.

    Returns:
        float, 0 or more where the claim holds.
    """
    if "equals" in bound:
        return bound["tolerance"] - max(abs(value - bound["equals"]) for value in values)
    above = min(values) - bound.get("at_least", -math.inf)
    return min(above, bound.get("at_most", math.inf) - max(values))


def claim_row(record):
    """Return a claim's row of the ledger, as Markdown.

    Args:
        record: of a claim, with ``seconds``.

    Returns:
        str.
    """
    inside = margin(record["measured"], record["bound"])
    exact = "equals" in record["bound"] and record["bound"]["tolerance"] == 0
    cells = [
        f"[{record['number']}](#claim-{slug(record['number'])})",
        escaped(record["sentence"]),
        claims.describe_bound(record["bound"]),
        interval(record["measured"]),
        "exact" if exact else f"{inside:.2g}",
        seeds(record),
        f"{record['seconds']:.1f} s",
    ]
    return f"| {' | '.join(cells)} |"


def published_row(record, chapter):
    """Return the row of a paper's claim, as Markdown.

    Args:
        record: of ``published``.
        chapter: stem of the chapter's notebook.

    Returns:
        str.
    """
    note = f" {escaped(record['note'])}" if record["note"] else ""
    bounds = f"reproduced if {claims.describe_bound(record['reproduced'])}"
    if "direction" in record:
        bounds += f"; direction if {claims.describe_bound(record['direction'])}"
    where = f"[chapter {chapter[:2]}](../chapters/{chapter}.ipynb)"
    cells = [
        f"{escaped(record['source'])}: {escaped(record['statement'])} ({where})",
        escaped(record["there"]),
        f"{escaped(record['here'])}.{note}",
        f"{interval(record['measured'])} ({bounds})",
        seeds(record),
        f"**{record['verdict']}**",
    ]
    return f"| {' | '.join(cells)} |"


def interval(values):
    """Return the smallest and the largest of some numbers in words.

    Args:
        values: numbers (S,).

    Returns:
        str, such as ``"0.12 to 0.3"``.
    """
    low, high = (f"{value:.3g}" for value in (min(values), max(values)))
    return low if low == high else f"{low} to {high}"


def seeds(record):
    """Return a record's seeds in words."""
    given = record["seeds"]
    if not given:
        return "none"
    in_a_row = len(given) > 5 and given == list(range(given[0], given[-1] + 1))
    listed = f"{given[0]} to {given[-1]}" if in_a_row else ", ".join(map(str, given))
    return f"{len(given)}: {listed}"


def escaped(text):
    """Keep Markdown from reading marks in a sentence that was written as plain text.

    Args:
        text: plain text.

    Returns:
        str.
    """
    for mark in "\\`*_{}[]<>|$#":
        text = text.replace(mark, "\\" + mark)
    return text


def pages(chapters, titles):
    """Make the pages of the ledger.

    Args:
        chapters: paths of the executed notebooks.
        titles: dict of their titles by stem.

    Returns:
        dict of Markdown by the page's name in the folder ``ledger``.
    """
    made, overview, papers, count = {}, [], [], 0
    for path in chapters:
        found = records(path)
        own = [record for key, record in found if key == claims.METADATA_KEY]
        told = [record for key, record in found if key == published.METADATA_KEY]
        title, count = titles[path.stem], count + len(own)
        rows = "\n".join(map(claim_row, own))
        made[path.stem] = (
            f"# Claims of chapter {title}\n\nFrom [the chapter](../chapters/{path.name}); "
            f"how to read the table is said [on the first page](index.md).\n\n{HEAD}\n{rows}\n"
        )
        overview.append(
            f"| [{title}]({path.stem}.md) | {len(own)} | "
            f"{sum(bool(r['seeds']) for r in own)} | {found[-1][1]['cpu_seconds']:.0f} s |"
        )
        papers += [(record, path.stem) for record in told]
    made["index"] = _overview(overview, count, made)
    made["papers"] = _papers(papers)
    return made


def _overview(rows, count, pages):
    listing = "\n".join(pages)
    return f"""# The ledger of claims

The book makes {count} claims. Each stands on a cell that fails when its sentence is false, and all
of them are listed here with what was measured when the chapters were last run. Nothing on these
pages is typed by hand. What became of the claims of papers stands
[on a page of its own](papers.md).

| chapter | claims | over seeds | time |
| --- | --- | --- | --- |
{chr(10).join(rows)}

How to read the tables. **Bound**: what the cell asserts, for each seed. **Measured**: the smallest
and the largest value. **Margin**: how far the worst value is inside the bound; at 0 the cell would
just still pass. **Seeds**: over which random starts; "none" where nothing is random or all cases
are counted. **Time**: what the processor computed since the claim before it, on one core. Where
long runs were made beforehand and stored, their time is not in it.

The same as a list, from a checkout: `.venv/bin/python -m rnncourse claims`.

```{{toctree}}
:hidden:
:titlesonly:

{listing}
papers
```
"""


def _papers(records):
    rows = "\n".join(published_row(record, chapter) for record, chapter in records)
    count = {}
    for record, _ in records:
        count[record["verdict"]] = count.get(record["verdict"], 0) + 1
    summary = ", ".join(f"{number} *{verdict}*" for verdict, number in sorted(count.items()))
    return f"""# Claims of papers, and what became of them

What a paper reports, in which setting, and what the book measures, in its own. The verdict is
computed by the chapter's cell from results of several seeds: a bound is met where more than half of
the values keep it. A claim that is not reproduced here may well hold there: our settings are
smaller, and often other optimizers train better than those of the time. Of {len(records)} claims:
{summary}.

{PAPERS_HEAD}
{rows}
"""
