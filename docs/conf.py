"""How the site is built. The sources of its pages are gathered by ``tools/website.py``."""

import os
import re

import rnncourse

project = "rnncourse"
author = copyright = "The rnncourse authors"
release = version = rnncourse.__version__
language = "en"
highlight_language = "text"  # of what is no notebook: commands and formulas

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "sphinxcontrib.bibtex",
]
exclude_patterns = ["parts"]

# Pages: Markdown and notebooks. Outputs come from the notebooks; nothing runs while building.
nb_execution_mode = "off"
nb_merge_streams = True
nb_mime_priority_overrides = [("html", "text/html", 5)]  # the slider, which needs no kernel
myst_enable_extensions = ["amsmath", "attrs_inline", "deflist", "dollarmath"]
myst_heading_anchors = 4
myst_heading_slug_func = "website_notebooks.anchor"  # the anchors that JupyterLab makes
myst_links_external_new_tab = False
bibtex_bibfiles = ["references.bib"]
bibtex_default_style = "unsrtalpha"

# The reference of the package, from its docstrings.
autoclass_content = "both"
autodoc_default_options = {"members": True, "show-inheritance": True}
autodoc_member_order = "bysource"
napoleon_custom_sections = [("Source", "notes_style"), ("Attributes", "params_style")]
napoleon_numpy_docstring = False
napoleon_use_rtype = False  # what is returned is said in words
python_use_unqualified_type_names = True
nitpick_ignore_regex = [("py:.*", r"(torch|numpy|nn|collections|typing|enum|abc|pathlib)\b.*")]

html_theme = "sphinx_book_theme"
html_title = "rnncourse"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_copy_source = True  # the download button of a page; the notebooks are put there as they are
html_show_sourcelink = False
html_context = {"default_mode": "auto"}  # light or dark, as the reader's system has it
html_theme_options = {
    "navbar_persistent": [],  # else a second, empty header
    "use_download_button": True,
    "show_toc_level": 2,
    "max_navbar_depth": 2,
    "collapse_navbar": True,  # only the branch that is open: a page is made in half the time
    "home_page_in_toc": True,
    "logo": {"text": "rnncourse"},
}
mathjax_path = "mathjax/tex-chtml.js"
mathjax3_config = {"options": {"enableMenu": True}}
copybutton_selector = "div.cell_input div.highlight pre, div.highlight pre"


def launch_options(setting):
    """Turn the one setting of the launch buttons into options of the theme.

    Args:
        setting: such as ``"repository=https://github.com/OWNER/NAME binder=https://mybinder.org
            hub=https://hub.example.edu"``; ``binder`` and ``hub`` may be left out; "" means no
            button.

    Returns:
        dict.

    Raises:
        ValueError: an unknown name, or a button without the repository that it needs.
    """
    if not setting.strip():
        return {}
    given = dict(item.partition("=")[::2] for item in setting.split())
    if not {"repository"} < set(given) <= {"repository", "binder", "hub"}:
        raise ValueError(
            "RNNCOURSE_LAUNCH must name a repository, and binder or hub or both, such as "
            f"'repository=https://github.com/OWNER/NAME binder=https://mybinder.org': {setting!r}"
        )
    buttons = {"binderhub_url": given.get("binder"), "jupyterhub_url": given.get("hub")}
    return {
        "repository_url": given["repository"],
        "repository_branch": "main",
        "launch_buttons": {name: url for name, url in buttons.items() if url},
    }


html_theme_options |= launch_options(os.environ.get("RNNCOURSE_LAUNCH", ""))


def setup(app):
    """Read our docstrings as they are meant."""
    app.connect("autodoc-skip-member", _leave_out_fields)
    app.connect("autodoc-process-docstring", _keep_formulas, priority=400)  # before napoleon
    app.connect("html-page-context", _drop_roles)


def _keep_formulas(app, what, name, obj, options, lines):
    """An indented paragraph is code or a formula; a capital and a full stop number no list."""
    for index in range(len(lines) - 1, 0, -1):
        lines[index] = re.sub(r"(: [A-Z])\.$", r"\1\\.", lines[index])
        indented = re.match(r" {4,}\S", lines[index]) and not lines[index - 1].strip()
        before = next((line for line in reversed(lines[:index]) if line.strip()), "")
        if indented and not before.startswith(" ") and not before.endswith("::"):
            lines[index:index] = ["::", ""]


def _drop_roles(app, pagename, templatename, context, doctree):
    """A list of references whose entries have roles that browsers no longer know."""
    body = context.get("body", "").replace(' role="doc-biblioentry"', "")
    context["body"] = body.replace(' role="list" class="citation-list"', ' class="citation-list"')


def _leave_out_fields(app, what, name, member, skip, options):
    # What named tuples say of their fields is said by the class.
    return True if str(member.__doc__).startswith("Alias for field number") else None
