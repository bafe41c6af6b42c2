"""Text that is already on the reader's machine: it comes with Python.

Both texts differ a little from one Python version to the next, so what is measured on them
should be stated with a margin.
"""

import io
import sys
import sysconfig
import tokenize
from pathlib import Path

from rnncourse.validate import as_integer


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
    folder = Path(sysconfig.get_path("stdlib"))
    paths = [path for path in folder.glob("*.py") if path.stem in sys.stdlib_module_names]
    if not paths:
        raise FileNotFoundError(
            f"no source files of the standard library in {folder}; this Python seems to be "
            "packed without them: install a complete Python"
        )
    in_order = sorted(paths, key=lambda path: path.name)[:file_limit]
    return "\n".join(_read_source(path) for path in in_order)[:limit]


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
