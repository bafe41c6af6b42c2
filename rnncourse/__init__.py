"""Helper package of the course on recurrent neural networks: every definition lives here once.

Import by module, for example ``from rnncourse.autoregressive import AutoregressiveModel``.

Data
    datasets.series      real time series that are already on the reader's machine
    datasets.digits      written digits read pixel by pixel, in order or shuffled
    datasets.corpora     English text and Python source that are already on the reader's machine
    datasets.synthetic   generators that take a seed and return their ground truth
    datasets.grammars    nested brackets whose entropy is known
    datasets.reber       Reber's grammar, plain, embedded and as a stream
    datasets.pronouns    stories whose pronouns agree with a name far back
    datasets.polyphony   music-like data: notes of hidden chords
    datasets.events      sine waves sampled at irregular times
    datasets.addition    sums of binary numbers, column by column
    tasks                long-term tasks: adding problem, copy memory, temporal order
    tasks_recall         parity of all bits so far, a symbol to name after a gap
    tasks_sentences      sentences whose last word an early word decides
    datasets.expressions nested expressions with their values, as trees and as tokens
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
    transitions          their table: counting it, walking by it, and where it leads
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
    em                   the learning curve of expectation maximisation, which never falls
    kalman               linear dynamical systems: filter, smooth, forecast, sample, fit
    kalman_filter        its two steps, predict and update, and the run over a series
    kalman_smoother      the Rauch-Tung-Striebel smoother
    kalman_em            expectation maximisation for its matrices
    kalman_forecast      looking ahead, and intervals
    kalman_steady        settled covariances; a linear recurrence without a loop
    kalman_input         checks of its matrices, series and masks

Recurrent networks by hand, in NumPy
    numpy_rnn            forward pass, cross-entropy, backpropagation through time in one sweep
    numpy_rnn_sweep      the same for training: a whole batch, fast
    numpy_rnn_gradients  slower readings of the formula; truncation, checkpoints
    numpy_rnn_realtime   real-time recurrent learning
    numpy_rnn_numerical  the gradient check
    numpy_rnn_lookup     ids times weights: a row look-up, and its way back
    numpy_rnn_inputs     what the network accepts
    numpy_lstm           the LSTM by hand, with its backward pass
    numpy_gru            the GRU by hand, with its backward pass
    numpy_gates          what these two share: weights of several gates, sigmoid, mean loss
    optimizers           SGD, momentum, Adagrad, Adam
    clipping             gradients clipped by value and by norm
    parameter_trees      dicts, lists and named tuples of arrays

Recurrent networks (these modules need torch)
    cells.elman          the cell most people call an RNN: the hidden state is fed back
    cells.jordan         the output is fed back
    cells.lstm           LSTM: with a forget gate, of 1997, and with f = 1 - i
    cells.lstm_variants  LSTMs with one thing left out or added
    cells.fused          the LSTM over a whole sequence by hand: the same numbers, faster
    cells.peephole       gates that look into the cell, by one weight a unit or by matrices
    cells.layer_norm_lstm
                         LSTM with layer normalisation
    cells.phased_lstm    LSTM with a clock in each unit, for events at any time
    cells.gru            GRU in the three conventions in use, and the way between two of them
    cells.mgu            the minimal gated unit: one gate
    cells.scrn           slow context units beside the hidden ones
    cells.multiplicative each input chooses its own recurrent matrix
    cells.torch_cell     torch's own recurrent modules as a cell
    cells.skip           skip connections in time, around any cell
    cells.wrapped        cells around a cell: one records it, one clips dL/dh_t
    cells.orthogonal     the recurrent matrix stays orthogonal: reflections, an exponential
    cells.unitary        the complex relative, whose matrix is never built
    cells.unitary_dense  the same over a whole sequence by hand, where units are few: faster
    cells.goru           an orthogonal matrix inside a GRU
    cells.initialisation identity, orthogonal, spectral radius: where W_hh begins
    cells.unroll         one cell over a whole sequence
    cells.cell           what every cell can do
    cells.state          states of any make: check, freeze, detach
    cells.weights        random weights, the row look-up, copies from and to torch
    models               language model, sequence classifier
    recursive            a cell along a tree instead of along time
    generation           text from a language model, symbol by symbol
    tensors              bad tensors become an error that names the argument

Training
    training             one training loop and its history
    evaluation           the loss of a batch, and its mean without training
    regularizers         soft orthogonality, and the Omega that keeps gradients' length
    checkpoints          save a run in one file, and go on with it to the last bit
    recipe               a character model of any text: train, stop, resume, keep the best
    recipe_settings      its numbers, and the schedule of the learning rate
    recipe_model         its model, and the text that the model writes
    recipe_run           what a run consists of, and its files
    recipe_command       the commands train and sample

Looking at gradients
    diagnostics          the gradient microscope: dL/dh_t by step, layer and unit, for any module
    diagnostics_watch    the states of a module while it runs
    diagnostics_states   what a step returned; torch's own modules layer by layer
    diagnostics_jacobians
                         Jacobians of any cell by autograd
    diagnostics_spectra  the same by formula; norms, singular values, exponents of products
    diagnostics_norms    lengths by step and unit, saturation, spikes
    diagnostics_log      the gradient's length during training, as a hook
    diagnostics_plots    a plot for each of them

Experiments that are too long for a chapter
    experiments.store    read what they gave, median and failures as a table
    experiments.grid     many runs over several processes, each stored as soon as it is done
    experiments.commands which experiments there are, and the command that runs them
    experiments.problems the long-term tasks with loss, score, and what counts as solved
    experiments.runs     one run: train until solved, or until the budget is spent
    experiments.remedies the remedies of chapter 12 on all tasks; experiments.remedies_rates chooses
                         their learning rates, experiments.remedies_cells builds them
    experiments.lstm_reber
                         chapter 13: experiments.lstm_stream, experiments.lstm_biases,
                         experiments.lstm_variants, experiments.lstm_lags,
                         experiments.lstm_pronouns, experiments.lstm_timing
    experiments.gru_comparison
                         chapter 14: RNN, GRU, LSTM on what experiments.gru_tasks makes;
                         experiments.gru_relatives, experiments.gru_minutes
    experiments.gates    one run of a cell with clipped gradients
    experiments.fast     torch's own RNN, LSTM and GRU with the weights of the course's cells
    experiments.sizes    hidden sizes that give equally many parameters
    experiments.orthogonal_copy
                         copy memory with networks that turn their state, of chapter 15; likewise
                         experiments.orthogonal_denoise, experiments.orthogonal_digits and
                         experiments.orthogonal_text; experiments.orthogonal_cells builds them all

The book itself
    figures              style sheet, palette by concept, plots
    knob                 a figure with one knob: live in JupyterLab, a slider on a static page
    claims               assert, print and record a claim of the book
    ledger               read what the executed notebooks record of them
    published            judge the claim of a paper: reproduced, direction only, not reproduced
    checks               the checks that exercises run on an answer
    diagnosis            what these checks guess about a wrong answer
    validate             bad input becomes an error that names the argument
    doctor               is this machine ready for the course?

Commands: ``python -m rnncourse doctor``, ``claims``, ``data`` (datasets.commands), ``train`` and
``sample`` (recipe_command), ``experiments`` (experiments.commands).
"""

__version__ = "0.1.0"
