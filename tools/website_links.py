"""Links that the site adds to prose: to the glossary, to claims and figures, to DOIs."""

import re

# What is no prose: code, formulas, links, HTML, headings, bare addresses.
PROTECTED = re.compile(
    r"```.*?```|`[^`\n]*`|\$\$.*?\$\$|\$[^$]*\$|!?\[[^\]]*\]\([^)]*\)|<[^>]*>|^#.*?$|https?://\S+",
    re.DOTALL | re.MULTILINE,
)
NUMBERS = re.compile(r"\b((?:claim|figure)s?) (\d+\.\d+(?:(?:, | and |, and )\d+\.\d+)*)", re.I)


def slug(text):
    """Turn a name into what an address may hold.

    Args:
        text: such as ``"n-gram model"`` or ``"13.4"``.

    Returns:
        str, such as ``"n-gram-model"`` or ``"13-4"``.
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def in_prose(text, change):
    """Apply a function to the prose of a Markdown text and to nothing else.

    Args:
        text: Markdown.
        change: function from str to str.

    Returns:
        str.
    """
    parts, last = [], 0
    for match in PROTECTED.finditer(text):
        parts += [change(text[last : match.start()]), match[0]]
        last = match.end()
    return "".join([*parts, change(text[last:])])


class TermLinker:
    """Links the first occurrence of each term on a page to the glossary."""

    def __init__(self, terms):
        """Prepare for one page.

        Args:
            terms: list of dicts with ``name`` and ``also``, as the glossary has them.
        """
        forms = {f.casefold(): t["name"] for t in terms for f in [t["name"], *t["also"]]}
        longest_first = sorted(forms, key=len, reverse=True)
        self.forms, self.linked = forms, set()
        any_form = "|".join(map(_spaced, longest_first))
        self.pattern = re.compile(rf"(?<![\w-])({any_form})(?![\w-])", re.I)

    def link(self, text):
        """Link terms that the page has not had yet.

        Args:
            text: Markdown.

        Returns:
            str.
        """
        return in_prose(text, lambda prose: self.pattern.sub(self._replace, prose))

    def _replace(self, match):
        name = self.forms[" ".join(match[0].casefold().split())]
        if name in self.linked:
            return match[0]
        self.linked.add(name)
        return f"[{match[0]}](#term-{slug(name)})"


def link_numbers(text, known):
    """Link "claim 9.3" and "figures 9.1 and 9.2" to where these stand.

    Args:
        text: Markdown.
        known: set of targets, such as ``{"claim-9-3", "figure-9-1"}``; others stay as they are.

    Returns:
        str.
    """

    def replace(match):
        kind = match[1].lower().rstrip("s")

        def one(number):
            target = f"{kind}-{slug(number[0])}"
            return f"[{number[0]}](#{target})" if target in known else number[0]

        return f"{match[1]} {re.sub(r'[0-9]+[.][0-9]+', one, match[2])}"

    return in_prose(text, lambda prose: NUMBERS.sub(replace, prose))


def link_identifiers(text):
    """Turn DOIs and arXiv numbers of a list of references into links.

    Args:
        text: Markdown.

    Returns:
        str.
    """
    text = re.sub(r"DOI (10\.\S+?)(?=[.,;]?(?:\s|$))", r"DOI [\1](https://doi.org/\1)", text)
    return re.sub(r"arXiv:(\d{4}\.\d{4,5})", r"arXiv:[\1](https://arxiv.org/abs/\1)", text)


def _spaced(form):
    """A term may break over a line."""
    return r"\s+".join(map(re.escape, form.split()))
