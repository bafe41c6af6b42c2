"""The classic data sets that can be downloaded: what they are and where they are kept.

A checksum stands here only where it is published; the one of IMDb is in the list of checksums of
TensorFlow Datasets.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """One data set that can be downloaded.

    Args:
        file: name of the file in the data folder and on a mirror.
        url: where its authors or keepers offer it.
        about_bytes: its size; exact where ``sha256`` is given.
        licence: under what terms it may be used.
        title: what it is.
        sha256: published checksum, or None where none is known.
        must_hold: bytes that every whole copy holds; tells a page of excuses from the file.
    """

    file: str
    url: str
    about_bytes: int
    licence: str
    title: str
    sha256: str | None = None
    must_hold: bytes = b""


_GUTENBERG = {
    "licence": "public domain in the USA; Project Gutenberg License",
    "must_hold": b"*** END OF THE PROJECT GUTENBERG EBOOK",
}

ENTRIES = {
    "shakespeare": Entry(
        file="tinyshakespeare.txt",
        url="https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
        about_bytes=1_115_394,
        licence="public domain text",
        title="tiny Shakespeare, from Karpathy's char-rnn (2015)",
        sha256="86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
    ),
    "sonnets": Entry(
        file="pg1041.txt",
        url="https://www.gutenberg.org/cache/epub/1041/pg1041.txt",
        about_bytes=100_000,
        title="Shakespeare's sonnets, Project Gutenberg 1041",
        **_GUTENBERG,
    ),
    "war-and-peace": Entry(
        file="pg2600.txt",
        url="https://www.gutenberg.org/cache/epub/2600/pg2600.txt",
        about_bytes=3_300_000,
        title="Tolstoy, War and Peace, Project Gutenberg 2600",
        **_GUTENBERG,
    ),
    "imdb": Entry(
        file="aclImdb_v1.tar.gz",
        url="https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
        about_bytes=84_125_825,
        licence="none stated; cite Maas et al., 2011, ACL",
        title="IMDb reviews with sentiment, Maas et al. (2011)",
        sha256="c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe",
    ),
    "linux": Entry(
        file="linux-6.6-sched-core.c",
        url="https://raw.githubusercontent.com/torvalds/linux/v6.6/kernel/sched/core.c",
        about_bytes=300_000,
        licence="GPL-2.0",
        title="Linux 6.6, kernel/sched/core.c: one large source file",
        must_hold=b"SPDX-License-Identifier: GPL-2.0",
    ),
}
