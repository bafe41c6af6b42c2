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
    markov               Markov chains of any order: fit, sample, likelihood, order by held-out text
    transitions          their table: counting it, and its stationary distribution
    ngrams               n-gram models of characters and words: scores, perplexity, samples
    ngram_counts         their counts, as sorted arrays
    smoothing            add-k and Witten-Bell: probabilities for what was never seen
    kneser_ney           Kneser-Ney smoothing
    interpolation        linear interpolation, with weights from held-out text
    hmm                  hidden Markov models over symbols and vectors
    hmm_model            what both models can do
    hmm_recursions       every path, the naive and the scaled forward and backward recursion
    hmm_log_space        the same on logarithms, and Viterbi
    hmm_emissions        what the states emit: symbols or vectors
    hmm_covariances      full, diagonal and spherical
    hmm_fit              Baum-Welch
    hmm_inference        likelihood, posteriors and decoding of many sequences
    hmm_packing          sequences and chunks of them side by side
    hmm_scan             the recursions over all chunks at once, exactly
    hmm_inputs           what the models accept
    kalman               linear dynamical systems: filter, smooth, forecast, sample, fit
    kalman_filter        its two steps, predict and update, and the run over a series
    kalman_smoother      the Rauch-Tung-Striebel smoother
    kalman_em            expectation maximisation for its matrices
    kalman_forecast      looking ahead, and intervals
    kalman_steady        settled covariances; a linear recurrence without a loop
    kalman_input         checks of its matrices, series and masks

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
