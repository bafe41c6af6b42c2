"""Helper package of the course on recurrent neural networks: every definition lives here once.

Import by module, for example ``from rnncourse.autoregressive import AutoregressiveModel``.

Data
    datasets.series      real time series that are already on the reader's machine
    datasets.corpora     English text and Python source that are already on the reader's machine
    datasets.synthetic   generators that take a seed and return their ground truth
    datasets.classics    optional downloads: tiny Shakespeare, IMDb and others
    text                 tokenisers and the vocabulary
    batches              windows, batches, padding and masks, splits in time

Models
    autoregressive       AR(p) by least squares and by Yule-Walker

Training
    training             one training loop and its history (the only module here that needs torch)

The book itself
    figures              style sheet, palette by concept, plots
    knob                 a figure with one knob: live in JupyterLab, a slider on a static page
    claims               assert, print and record a claim of the book
    checks               the checks that exercises run on an answer
    validate             bad input becomes an error that names the argument
    doctor               is this machine ready for the course?
"""

__version__ = "0.1.0"
