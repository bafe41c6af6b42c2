"""English text and Python source that come with Python."""

import ast
import sys
import types

import pytest

from rnncourse.datasets import corpora


def test_english():
    text = corpora.english()
    assert 300_000 < len(text) < 1_000_000 and 90 < len(set(text)) < 200
    assert text.startswith('The "assert" statement')
    assert text == corpora.english()
    words = text.lower().split()
    assert words.count("the") / len(words) > 0.04  # English: its most frequent word
    assert corpora.english(max_characters=101) == text[:101]


def test_english_is_sorted_by_key(monkeypatch):
    module = types.ModuleType("pydoc_data.topics")
    module.topics = {"b": "two", "c": "three", "a": "one"}
    monkeypatch.setitem(sys.modules, "pydoc_data.topics", module)
    assert corpora.english() == "one\ntwo\nthree"


def test_english_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "pydoc_data.topics", None)
    with pytest.raises(ImportError, match=r"no pydoc_data.topics.* install a complete Python"):
        corpora.english()


def test_python_source():
    text = corpora.python_source()
    assert 3_000_000 < len(text) < 8_000_000 and text == corpora.python_source()
    assert "_sysconfigdata" not in corpora.python_source(max_files=7)
    some = corpora.python_source(max_files=13)
    assert text.startswith(some) and len(some) < len(text) / 2
    assert len(ast.parse(some.replace("from __future__", "from abc")).body) > 100  # it is Python
    assert corpora.python_source(max_files=2, max_characters=53) == text[:53]


def library(monkeypatch, folder):
    monkeypatch.setattr(corpora.sysconfig, "get_path", lambda name: str(folder))


def test_python_source_order_and_encodings(monkeypatch, tmp_path):
    files = {
        "zipfile.py": b"last = 1\r\n",
        "abc.py": b"# -*- coding: latin-1 -*-\n# \xe9t\xe9\n",
        "ast.py": b"# \xff is not UTF-8\n",
        "bisect.py": b"# coding: no-such-code\nx = 1\n",
        "sitecustomize.py": b"secret = 1\n",
        "_sysconfigdata_x.py": b"secret = 2\n",
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    library(monkeypatch, tmp_path)
    assert corpora.python_source().split("\n\n") == [
        "# -*- coding: latin-1 -*-\n# été",
        "# � is not UTF-8",
        "# coding: no-such-code\nx = 1",
        "last = 1\n",
    ]
    assert corpora.python_source(max_files=1) == "# -*- coding: latin-1 -*-\n# été\n"


def test_python_source_is_missing(monkeypatch, tmp_path):
    library(monkeypatch, tmp_path)
    with pytest.raises(FileNotFoundError, match="no source files of the standard library"):
        corpora.python_source()


@pytest.mark.parametrize("value, error", [(0, ValueError), (-3, ValueError), (2.0, TypeError)])
def test_bad_limits(value, error):
    with pytest.raises(error, match=r"max_characters must be .* but is"):
        corpora.english(max_characters=value)
    with pytest.raises(error, match=r"max_characters must be .* but is"):
        corpora.python_source(max_characters=value)
    with pytest.raises(error, match=r"max_files must be .* but is"):
        corpora.python_source(max_files=value)
