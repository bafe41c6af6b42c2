"""Text that is already on the reader's machine: it comes with Python.

All three texts differ a little from one Python version to the next, so what is measured on them
should be stated with a margin.
"""

import ast
import io
import sys
import sysconfig
import tokenize
import warnings
from pathlib import Path

from rnncourse.validate import as_integer

_TESTS = {"test", "tests", "idle_test"}
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_BLOCKS = ("body", "handlers", "orelse", "finalbody", "cases")  # where statements have statements


def english(max_characters=None):
    """English prose: the pages that Python shows on ``help("assert")`` and the like.

    The topics are joined in the order of their keys. The text is technical English with some
    examples of code in it: about half a million characters, some hundred different symbols. It
    differs between Python versions.

    Args:
        max_characters: keep only so many characters from the start; None keeps all.

    Returns:
        str.

    Raises:
        TypeError: ``max_characters`` is not a whole number.
        ValueError: ``max_characters`` is less than 1.
        ImportError: this Python was installed without its help texts.

    Source:
        ``pydoc_data.topics`` of the Python standard library (Python Software Foundation License).
    """
    limit = _as_limit(max_characters, "max_characters")
    try:
        from pydoc_data.topics import topics
    except ImportError as error:
        raise ImportError(
            "this Python has no pydoc_data.topics, the help texts that come with CPython; "
            "install a complete Python (python.org, conda, or your system's full package)"
        ) from error
    return "\n".join(topics[key] for key in sorted(topics))[:limit]


def python_source(max_files=None, max_characters=None):
    """Python source code: the single-file modules of the standard library.

    The files are the ``*.py`` at the top of the standard library, joined in the order of their
    names: some 160 files, four to five million characters. Files that a system adds there by
    itself are left out. The text differs between Python versions.

    Args:
        max_files: read only so many files; None reads all.
        max_characters: keep only so many characters from the start; None keeps all.

    Returns:
        str.

    Raises:
        TypeError: ``max_files`` or ``max_characters`` is not a whole number.
        ValueError: ``max_files`` or ``max_characters`` is less than 1.
        FileNotFoundError: this Python was installed without the source of its library.

    Source:
        The Python standard library (Python Software Foundation License).
    """
    file_limit = _as_limit(max_files, "max_files")
    limit = _as_limit(max_characters, "max_characters")
    in_order = _library_files("*.py")[:file_limit]
    return "\n".join(_read_source(path) for path in in_order)[:limit]


def documentation(max_files=None, max_characters=None):
    """What Python says about itself: the docstrings of its standard library, then ``english()``.

    The files are read as text: no module is imported, no code runs. They are those of the modules
    and packages of the library, tests left out, in the order of their names; inside a file, the
    docstrings follow each other as they stand there. A blank line stands between two of them. With
    Python 3.11 they are 8,601, and with the pages of ``english()`` the text has 2.3 million
    characters, half a million words and punctuation marks. It differs between Python versions.

    Args:
        max_files: read the docstrings of only so many files; None reads all.
        max_characters: keep only so many characters from the start; None keeps all.

    Returns:
        str.

    Raises:
        TypeError: ``max_files`` or ``max_characters`` is not a whole number.
        ValueError: ``max_files`` or ``max_characters`` is less than 1.
        FileNotFoundError: this Python was installed without the source of its library.
        ImportError: this Python was installed without its help texts.

    Source:
        The Python standard library (Python Software Foundation License).
    """
    file_limit = _as_limit(max_files, "max_files")
    limit = _as_limit(max_characters, "max_characters")
    in_order = _library_files("**/*.py")[:file_limit]
    texts = [text for path in in_order for text in _docstrings(_read_source(path))]
    return "\n\n".join([*texts, english()])[:limit]


def _library_files(pattern):
    """Source files of the standard library, in the order of their names, without its tests."""
    folder = Path(sysconfig.get_path("stdlib"))
    names = {path: path.relative_to(folder).with_suffix("").parts for path in folder.glob(pattern)}
    own = [path for path, parts in names.items() if parts[0] in sys.stdlib_module_names]
    found = [path for path in own if not _TESTS.intersection(names[path])]
    if not found:
        raise FileNotFoundError(
            f"no source files of the standard library in {folder}; this Python seems to be "
            "packed without them: install a complete Python"
        )
    return sorted(found, key=names.get)


def _docstrings(source):
    """Docstrings of a module, its classes and functions, as they follow each other."""
    with warnings.catch_warnings(action="ignore"):  # old spellings in the source
        nodes = [ast.parse(source)]
    while nodes:
        node = nodes.pop()
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node):
            yield ast.get_docstring(node)
        blocks = [getattr(node, field, []) for field in _BLOCKS]
        nodes += [statement for block in blocks for statement in block][::-1]


def _read_source(path):
    """Text of one source file in the encoding that it declares; odd bytes become U+FFFD."""
    data = path.read_bytes()
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError:  # declares an encoding that does not exist, or is not UTF-8 at the top
        encoding = "utf-8"
    return data.decode(encoding, errors="replace").replace("\r\n", "\n")


def _as_limit(value, name):
    return None if value is None else as_integer(value, name, minimum=1)
