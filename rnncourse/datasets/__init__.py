"""Data of the course. Every chapter runs on what is already on the reader's machine.

    series      real series that come with statsmodels, matplotlib and scikit-learn
    corpora     English text and Python source that come with Python
    synthetic   generators that take a seed and return their ground truth
    digits      written digits read pixel by pixel
    reber       Reber's grammar, plain, embedded and as a stream
    pronouns    stories whose pronouns agree with a name far back
    polyphony   music-like data: notes of hidden chords
    classics    optional downloads: tiny Shakespeare, the sonnets, War and Peace, IMDb, Linux
    catalogue   what these downloads are: addresses, sizes, terms of use, checksums
    download    one file, whole and checked, or none at all
    commands    the commands ``python -m rnncourse data list | fetch | verify | path``

Import by module, for example ``from rnncourse.datasets.series import sunspots``.
"""
