"""Helper package of the course on recurrent neural networks: every definition lives here once.

Import by module, for example ``from rnncourse.autoregressive import AutoregressiveModel``.

Data
    datasets.series      real time series that are already on the reader's machine
    datasets.corpora     English text and Python source that are already on the reader's machine
    datasets.synthetic   generators that take a seed and return their ground truth
    datasets.classics    optional downloads: tiny Shakespeare, IMDb and others; listed in
                         datasets.catalogue, fetched by datasets.download
    text                 tokenisers and the vocabulary
    batches              windows, batches, padding and masks, splits in time

Models
    autoregressive       AR(p): fit, forecast, roots, information criteria
    autoregressive_fit   its two estimators, least squares and Yule-Walker
    autocorrelation      autocovariance, Levinson's recursion, partial autocorrelation
    forecasting          roll-out, impulse response, intervals, roots
    order_selection      AIC and BIC over the orders, on the same predictions

Training
    training             one training loop and its history (the only module here that needs torch)

The book itself
    figures              style sheet, palette by concept, plots
    knob                 a figure with one knob: live in JupyterLab, a slider on a static page
    claims               assert, print and record a claim of the book
    checks               the checks that exercises run on an answer
    diagnosis            what these checks guess about a wrong answer
    validate             bad input becomes an error that names the argument
    doctor               is this machine ready for the course?

Commands: ``python -m rnncourse doctor``, ``claims`` and ``data`` (datasets.commands).
"""

__version__ = "0.1.0"
