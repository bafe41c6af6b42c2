# %% [markdown]
r"""
# 01 Sequences

What makes a list of numbers or letters a *sequence*, and how can one tell whether a model has understood its order? This chapter sets up the data, the targets and the scores of all later chapters, without training any neural network.

**You will be able to** write the probability of a sequence as a product, and say what a model must leave out to keep it finite; cut a long sequence into inputs, targets and batches without being off by one; split a sequence in time, and show in numbers what a careless split pretends; pad sequences of different lengths so that the padding cannot change a loss; convert nats, bits and perplexity into each other, and name the baselines that a model has to beat.

**You need** Python, NumPy and the product rule of probability.

Run time: about 10 s.
"""

# %% tags=["setup"]
import matplotlib.pyplot as plt
import numpy as np

from rnncourse import checks, figures
from rnncourse.batches import contiguous_batches, pad, split_in_time
from rnncourse.claims import claim
from rnncourse.datasets import corpora, series, synthetic
from rnncourse.knob import Knob
from rnncourse.text import Vocabulary
from rnncourse.validate import as_array, as_integer

figures.use_style()

# %% [markdown]
r"""
## 1.1 A gallery

A sequence is a list in which the place matters: $x_1, x_2, \dots, x_T$. The number of steps is $T$. One step $x_t$ can be a number, a vector of $D$ numbers, or one of $V$ symbols. The text counts steps from 1; code and figures count from 0.

Two of the sequences below are made up. The DNA is drawn from the table `follows`, in which G almost never follows C. The pen stroke is a point that circles while it moves to the right.
"""

# %%
follows = [[0.25] * 4, [0.35, 0.35, 0.02, 0.28], [0.25] * 4, [0.25] * 4]  # after A, C, G, T
dna = ["ACGT"[i] for i in synthetic.markov_chain(follows, 40, seed=0).ids]
angle = np.linspace(0, 8 * np.pi, 200)

# %%
share, spots, head, air = series.prices(), series.sunspots(), series.eeg(), series.co2()
panels = [
    ("Price of a share", "trading day", share.unit, range(1047), share.values),
    ("EEG, 1 of 4 channels", "time (s)", "voltage (std)", head.times[:240], head.values[:240, 0]),
    ("Sunspots", "year", spots.unit, spots.times, spots.values),
    ("Carbon dioxide", "week", air.unit, range(2284), air.values),
    ("Text", "position t", "letter", range(21), list("order␣carries␣meaning")),
    ("DNA (made up)", "position t", "base", range(40), dna),
    ("Pen stroke (made up)", "pen x", "pen y", angle / 6 + np.sin(angle), np.cos(angle)),
]

# %% tags=["figure"]
digits = series.digits()
fig, axes = plt.subplots(2, 4, figsize=(10, 5))
for ax, (title, xlabel, ylabel, xs, ys) in zip(axes.flat, panels, strict=False):
    ax.plot(xs, ys, "k." if len(xs) < 50 else "k-", linewidth=0.8)
    ax.set(title=title, xlabel=xlabel, ylabel=ylabel)
axes[1, 3].imshow(digits.images[6], cmap="gray_r")
axes[1, 3].set(title="Digit, row by row", xlabel="pixel", ylabel="row t")
axes[1, 3].grid(False)
plt.show()

# %% [markdown]
r"""
**Figure 1.1.** *Very different things are sequences, and one index $t$ is what they share.* Top: each step is a number (all four channels of the EEG would be a vector). Bottom: letters, bases of DNA ($V = 4$ symbols), the path of a pen (two numbers a step), and a digit, read one row of 8 pixels at a time. A picture is not a sequence by nature, but it can be *read* as one; section 1.11 does so.
"""

# %% [markdown]
r"""
## 1.2 Order carries meaning

The rows of a table can be shuffled; the steps of a sequence cannot. To see it in numbers, fit a predictor and then shuffle what it is asked to predict.

The predictor for numbers is a simple one that looks back: a weighted sum of the last 9 values. It is fitted on windows, so the first tool is the one that cuts them.
"""

# %% tags=["mirror:rnncourse.batches.windows"]
def windows(series, width):
    """Cut a series into overlapping windows, each with the value that follows it.

    Args:
        series: numbers (T,).
        width: how many past values a window holds, from 1 to T - 1.

    Returns:
        inputs (N, width) with N = T - width, oldest value first, and targets (N,).

    Raises:
        TypeError: ``series`` does not hold real numbers, or ``width`` is not a whole number.
        ValueError: ``series`` is not one-dimensional, is too short or holds NaN.
    """
    as_array(series, "series", ndim=1, min_length=2)
    series = np.asarray(series)  # (T,), whole numbers stay whole
    width = as_integer(width, "width", minimum=1, maximum=len(series) - 1)
    inputs = np.lib.stride_tricks.sliding_window_view(series[:-1], width)  # (N, width)
    return inputs.copy(), series[width:].copy()

# %% [markdown]
r"""
Five values and a width of 2 make three windows, each with the value that comes next as its target.
"""

# %%
inputs, targets = windows([10, 20, 30, 40, 50], width=2)
print(inputs, targets, sep="\n")

# %% [markdown]
r"""
`split_in_time` of the package cuts a series into parts that follow each other. The first 70 % of the sunspots choose the weights by least squares; the rest are for the test. A column of ones stands for a constant.
"""

# %%
def design(values):
    inputs, targets = windows(values, width=9)
    return np.column_stack([inputs, np.ones(len(inputs))]), targets  # (N, 10), (N,)

# %%
train, test = split_in_time(spots.values, (0.7, 0.3))
weights = np.linalg.lstsq(*design(train), rcond=None)[0]  # (10,)

# %% [markdown]
r"""
The error is the root of the mean square, one step ahead.
"""

# %%
def error(values):
    inputs, targets = design(values)
    return np.sqrt(np.mean((inputs @ weights - targets) ** 2))

# %%
constant = np.sqrt(np.mean((test - train.mean()) ** 2))
print(f"fitted {error(test):.1f}, always the training mean {constant:.1f}; std {test.std():.1f}")

# %% [markdown]
r"""
All are numbers of sunspots; `std` is the standard deviation of the test values. The constant misses by more than that, because the mean of the training years is not that of the test years.

Now a chosen share of the test values changes places. No value is lost and none is added.

**Predict first.** What will the error be when all test values are shuffled: 18 as before, about 48 (their standard deviation), or more?
"""

# %%
def shuffled(values, share, seed):
    rng, values = np.random.default_rng(seed), np.array(values)
    places = rng.permutation(len(values))[: round(share * len(values))]
    values[places] = values[rng.permutation(places)]
    return values

# %% tags=["settings"]
SHARES = [0.0, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0]
SEEDS = [0, 1, 2, 3, 4]

# %%
runs = np.array([[error(shuffled(test, s, seed)) for s in SHARES] for seed in SEEDS])

# %%
def draw_shuffled(share):
    figure, (left, right) = plt.subplots(1, 2, figsize=(7, 2.8))
    left.plot(spots.times[-len(test) :], shuffled(test, share, 0), **figures.style_of("data"))
    left.set(title=f"{share:.0%} shuffled", xlabel="year", ylabel="sunspot number")
    figures.plot_seeds(right, SHARES, runs, "AR", "9 last values")
    right.axhline(constant, **figures.style_of("chance"), label="training mean")
    right.plot(share, np.median(runs[:, SHARES.index(share)]), "ko")
    right.set(xlabel="share shuffled", ylabel="error (sunspot number)", ylim=(0, 110))
    right.legend(loc="lower right")
    return figure

# %% tags=["widget"]
alt = "Left, the test years, ever more ragged. Right, the error, which rises past the training mean."
Knob(draw_shuffled, "share shuffled", values=SHARES, default=0.4, alt=alt)

# %% [markdown]
r"""
**Figure 1.2.** *The values stay the same, and still the error more than triples: what the predictor had learnt was the order.* Left: the test years with the chosen share of values shuffled. Right: the error of the fitted predictor, thin for each of five shufflings and bold for their median; dotted, always answering with the training mean. A fully shuffled series is worse than no skill at all, because the weights insist on an order that is gone.
"""

# %% tags=["claim"]
says = "Shuffling the test values more than triples the error of the sunspot predictor."
claim("1.1", says, runs[:, -1] / runs[:, 0], at_least=3.5, seeds=SEEDS)

# %% tags=["claim"]
says = "On fully shuffled values its error is at least a fifth above that of the training mean."
claim("1.2", says, runs[:, -1] / constant, at_least=1.2, seeds=SEEDS)

# %% [markdown]
r"""
Text behaves alike. The text here are the help pages that come with Python: English with some code in it, about 100 different symbols. Take 200,000 characters, keep the last fifth for the test, and count in the rest what follows what. With $n$ characters of context, the probability of the next character is how often it followed them, smoothed so that nothing gets probability 0:

$$p(x_t \mid x_{t-n}, \dots, x_{t-1}) = \frac{\mathrm{count}(x_{t-n}, \dots, x_{t-1}, x_t) + a}{\mathrm{count}(x_{t-n}, \dots, x_{t-1}) + a V}, \qquad a = 0.01. \tag{1.1}$$

Below, $\mathrm{count}$ is how often the context occurred with a symbol after it. Each window of characters gets one whole number as its code: its ids are the digits of a number in base $V$, the last one worth most. Up to 9 characters fit into 64 bits as long as $V < 128$. In base 10, the ids 3, 1, 4 make 413:
"""

# %%
def codes(ids, width, V):
    return np.lib.stride_tricks.sliding_window_view(ids, width) @ V ** np.arange(width)

# %%
print(codes(np.array([3, 1, 4, 1]), width=3, V=10))

# %%
def count(known, wanted):
    values, counts = np.unique(known, return_counts=True)
    places = np.searchsorted(values, wanted).clip(max=len(values) - 1)
    return np.where(values[places] == wanted, counts[places], 0)

# %% [markdown]
r"""
The score is the mean of $-\log_2 p$, in *bits per character*; section 1.9 says why. Lower is better. The first 8 characters are left out, so that every $n$ is scored on the same ones.
"""

# %%
def bits(train, test, n, V, a=0.01):
    pairs = count(codes(train, n + 1, V), codes(test, n + 1, V))  # (N - n,)
    contexts = count(codes(train[:-1], n, V), codes(test[:-1], n, V))
    return -np.log2((pairs + a) / (contexts + a * V))[8 - n :].mean()

# %% [markdown]
r"""
Five excerpts begin at random places and overlap. Their words are shuffled too, while each word stays whole. A `Vocabulary` numbers the characters of the training part; its token `<unk>` stands for every other.
"""

# %%
def excerpt(seed, length=200_000):
    text = corpora.english()
    start = np.random.default_rng(seed).integers(len(text) - length)
    train, test = split_in_time(text[start : start + length], (0.8, 0.2))
    vocabulary = Vocabulary(train, unknown="<unk>")
    mixed = " ".join(shuffled(test.split(" "), 1.0, seed))
    return vocabulary, *map(vocabulary.encode, (train, test, mixed))

# %% tags=["settings"]
LENGTHS = [0, 1, 2, 3, 4, 5, 6, 7, 8]

# %%
def curve(v, train, test):
    return [bits(train, test, n, len(v)) for n in LENGTHS]

# %% tags=["nbval-ignore-output"]
excerpts = [excerpt(seed) for seed in SEEDS]
held_out = np.array([curve(v, train, test) for v, train, test, _ in excerpts])  # (seeds, lengths)
mixed_up = np.array([curve(v, train, mixed) for v, train, _, mixed in excerpts])
print(np.median([held_out, mixed_up], axis=1)[:, [0, 4]].round(1))

# %% [markdown]
r"""
The rows are in order and shuffled, the columns contexts of 0 and 4 characters.
"""

# %% tags=["claim"]
says = "A predictor without context pays the same for shuffled words, to 0.002 bits a character."
claim("1.3", says, np.abs(mixed_up - held_out)[:, 0], at_most=0.002, seeds=SEEDS)

# %% tags=["claim"]
says = "With 4 characters of context, shuffled words cost at least 0.75 bits more per character."
claim("1.4", says, (mixed_up - held_out)[:, 4], at_least=0.75, seeds=SEEDS)

# %% [markdown]
r"""
That is the failure that the book works on: a model that only knows *how often* symbols occur is blind to their order.

## 1.3 One probability for the whole

A model of sequences should give every sequence a probability. The product rule of probability does it exactly, for any sequence whatever:

$$p(x_1, \dots, x_T) = p(x_1)\, p(x_2 \mid x_1)\, p(x_3 \mid x_1, x_2) \cdots = \prod_{t=1}^{T} p(x_t \mid x_{<t}). \tag{1.2}$$

Here $x_{<t}$ stands for all that came before step $t$; for $t = 1$ that is nothing. Each factor is a *prediction of the next step*. So whoever can predict the next step can score whole sequences, and can write new ones, symbol by symbol.

By hand: three symbols from $\{0, 1\}$ make eight sequences, and the table `joint` holds their probabilities. Take the sequence 1, 0, 1.
"""

# %%
joint = np.random.default_rng(0).dirichlet(np.ones(8)).reshape(2, 2, 2)  # (x1, x2, x3)
first = joint.sum(axis=(1, 2))  # p(x1)
second = joint.sum(axis=2) / first[:, None]  # p(x2 | x1)
third = joint / joint.sum(axis=2, keepdims=True)  # p(x3 | x1, x2)

# %%
factors = first[1], second[1, 0], third[1, 0, 1]
print("p(1) p(0|1) p(1|1,0) =", " * ".join(f"{factor:.3f}" for factor in factors))
print(f"= {np.prod(factors):.4f}, and the table says {joint[1, 0, 1]:.4f}")

# %% tags=["claim"]
product = first[:, None, None] * second[:, :, None] * third
says = "The product of next-step predictions is the probability of the sequence, for all eight."
claim("1.5", says, np.abs(product - joint).max(), at_most=1e-14)

# %% [markdown]
r"""
The catch is in $x_{<t}$: the list of inputs grows with every step. A table with one row for each possible past has $V^{t-1}$ rows. With $V = 27$ (letters and space):
"""

# %%
for t in (1, 2, 3, 6, 11):
    print(f"step {t:2d}: {27 ** (t - 1):,} possible pasts")

# %% [markdown]
r"""
## 1.4 Window or summary

No model can keep a row for every past. There are two ways to keep it of fixed size, and they divide this book in two.

- **Window.** Look at the last $n$ steps only and forget the rest: $p(x_t \mid x_{<t}) \approx p(x_t \mid x_{t-n}, \dots, x_{t-1})$. Chapters 02 and 03 do this.
- **Summary.** Keep a state $h_t$ of fixed size. A fixed function $g$, the same at every step, brings it up to date: $h_t = g(h_{t-1}, x_t)$ and $p(x_t \mid x_{<t}) \approx p(x_t \mid h_{t-1})$. Nothing has to be forgotten, but everything has to fit into $h$. Chapters 04 and 05 and all recurrent networks do this.

How long should a window be? Equation (1.1) can be tried for every $n$.

**Predict first.** On the text that was counted, does a longer context help? And on text that was held out?
"""

# %% tags=["settings"]
PROMPT = "using the"

# %%
training = np.array([curve(v, train, train) for v, train, *_ in excerpts])  # (seeds, lengths)

# %% [markdown]
r"""
The probabilities of the next character after the last $n$ characters of the prompt come from the same counts, in the last excerpt:
"""

# %%
vocabulary, train_ids, *_ = excerpts[-1]
V = len(vocabulary)

# %%
def after_prompt(n):
    context = codes(vocabulary.encode(PROMPT[len(PROMPT) - n :]), n, V)  # (1,)
    pairs = count(codes(train_ids, n + 1, V), context + np.arange(V) * V**n)  # (V,)
    return (pairs + 0.01) / (pairs.sum() + 0.01 * V)

# %%
def draw_bars(ax, n):
    p, seen = after_prompt(n), PROMPT[len(PROMPT) - n :].replace(" ", "␣") or "nothing"
    best = [i for i in np.argsort(-p, kind="stable")[:6] if p[i] > 0.005]
    names = [repr(vocabulary.tokens[i])[1:-1].replace(" ", "␣") for i in best]
    ax.bar(names, p[best], color=figures.style_of("baseline")["color"])
    ax.set(title=f"after: {seen}", xlabel="next character", ylabel="probability")
    ax.set(xlim=(-0.6, 5.6), ylim=(0, 1))

# %%
def draw_context(n):
    figure, (left, right) = plt.subplots(1, 2, figsize=(7, 2.8))
    draw_bars(left, n)
    for name, losses in [("training", training), ("held out", held_out)]:
        figures.plot_seeds(right, LENGTHS, losses, name)
        right.plot(n, np.median(losses[:, n]), "ko")
    right.set(xlabel="context length n", ylabel="bits per character", ylim=(0, 5.5))
    right.legend(loc="lower left")
    return figure

# %% tags=["widget", "nbval-ignore-output"]
alt = "Left, the next character, ever surer. Right, bits: training falls, held out only up to n = 3."
Knob(draw_context, "context length n", values=LENGTHS, default=3, alt=alt)

# %% [markdown]
r"""
**Figure 1.3.** *A longer window always looks better on the text it was counted on, and past about three characters it gets worse on text it has not seen.* Left: the most probable characters, at most six, after the last $n$ characters of the prompt "using the" (␣ is a space, \n the end of a line). Right: bits per character against $n$ for five excerpts (thin) and their median (bold). With eight characters of context, about half of the held-out pasts never occurred in training. There, equation (1.1) can only say $1/V$, which costs $\log_2 V$ bits. Chapter 03 repairs much of this.
"""

# %% tags=["claim"]
says = "With this smoothing, the best context on held-out text is 2 to 4 characters long."
claim("1.6", says, held_out.argmin(axis=1), at_least=2, at_most=4, seeds=SEEDS)

# %% tags=["claim"]
says = "8 characters of context cost at least 0.9 bits more on held-out text than the best n."
claim("1.7", says, held_out[:, 8] - held_out.min(axis=1), at_least=0.9, seeds=SEEDS)

# %%
def unseen(v, train, test, n=8):
    return np.mean(count(codes(train[:-1], n, len(v)), codes(test[:-1], n, len(v))) == 0)

# %% tags=["claim"]
says = "At least 3 in 10 of the held-out pasts of 8 characters never occurred in training."
claim("1.8", says, [unseen(*parts[:3]) for parts in excerpts], at_least=0.3, seeds=SEEDS)

# %% tags=["claim"]
says = "On the training text, each further character helps by at least 0.01 bits, up to 8."
claim("1.9", says, np.diff(training, axis=1).max(axis=1), at_most=-0.01, seeds=SEEDS)

# %% [markdown]
r"""
## 1.5 Five shapes of a task

A sequence can go in, come out, or both. One recurrent cell serves all these tasks. It takes one step $x_t$ of shape $(B, D)$ for a batch of $B$ sequences and the old state $h_{t-1}$ of shape $(B, H)$, where $H$ is the size of the state, and returns the new state; chapter 06 says why it looks like this:

$$h_t = \tanh(x_t W_{xh} + h_{t-1} W_{hh} + b_h). \tag{1.3}$$

The weights $W_{xh}$ $(D, H)$ and $W_{hh}$ $(H, H)$ are random here, and the bias $b_h$ $(H,)$ is 0. Dividing by about the root of the number of rows keeps the sums small, where $\tanh$ is not yet flat.
"""

# %%
D, H, B = 64, 7, 5
rng = np.random.default_rng(0)
CELL = rng.normal(size=(D, H)) / 8, rng.normal(size=(H, H)) / 3, np.zeros(H)

# %%
def run(xs, cell, h=None):
    W_xh, W_hh, b_h = cell
    hs, h = [], np.zeros((xs.shape[1], len(b_h))) if h is None else h  # h (B, H)
    for x in xs:
        h = np.tanh(x @ W_xh + h @ W_hh + b_h)
        hs.append(h)
    return np.array(hs), h  # (T, B, H), (B, H)

# %% [markdown]
r"""
Axes are in the order time, batch, features: $(T, B, D)$. Four small generators make data for five schemes. Symbols go in as *one-hot* vectors: row `i` of `ONE_HOT` is 1 at place `i` and 0 elsewhere. The function `pad` is explained in section 1.8.
"""

# %%
ONE_HOT = np.eye(D)
NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
LETTERS = Vocabulary("".join(NAMES))

# %%
def picture_to_class(rng):  # one to one
    pick = rng.integers(len(digits.labels), size=(1, B))
    return digits.images[pick].reshape(1, B, D) / 16, digits.labels[pick]  # (1, B, D), (1, B)

# %%
def number_to_name(rng):  # one to many: (1, B, D), (T, B)
    numbers = rng.integers(10, size=(1, B))
    return ONE_HOT[numbers], pad([LETTERS.encode(NAMES[n]) for n in numbers[0]])[0]

# %%
def backwards(rng, T=3):  # many to many, after reading
    ids = rng.integers(D, size=(T, B))
    return ONE_HOT[ids], ids[::-1]  # (T, B, D), (T, B)

# %%
def parity(rng, T=4):  # many to many, step by step: is the number of ones so far odd?
    ids = rng.integers(2, size=(T, B))
    return ONE_HOT[ids], ids.cumsum(axis=0) % 2  # (T, B, D), (T, B)

# %% [markdown]
r"""
A task is then its inputs, its targets, and the step of its first output. The last target of `parity` alone makes a task many to one.
"""

# %%
xs, ys = parity(rng)
TASKS = {"one to one": (*picture_to_class(rng), 0), "one to many": (*number_to_name(rng), 0)}
TASKS |= {"many to one": (xs, ys[-1:], len(xs) - 1), "after reading": (*backwards(rng), 3)}
TASKS["step by step"] = xs, ys, 0

# %% tags=["figure"]
fig, axes = plt.subplots(1, 5, figsize=(10, 2.7), sharex=True, sharey=True)
for ax, (name, (xs, ys, start)) in zip(axes, TASKS.items(), strict=True):
    read, states, written = (np.arange(n) for n in (len(xs), start + len(ys), len(ys)))
    ax.vlines(read, 0, 1, color="black")
    ax.vlines(start + written, 1, 2, color="black")
    ax.plot(read, 0 * read, "ko", markersize=10, markerfacecolor="white")
    ax.plot(states, 0 * states + 1, "ks-", markersize=10, markerfacecolor="#d55e00")
    ax.plot(start + written, 0 * written + 2, "k^", markersize=10)
    ax.set(title=name, xlabel="step t", xlim=(-0.5, 5.5), ylim=(-0.4, 2.4), xticks=range(6))
    ax.set_yticks(range(3), ["input", "state", "output"])
plt.show()

# %% [markdown]
r"""
**Figure 1.4.** *One and the same recurrent cell (squares) serves all five schemes; they differ only in which steps get an input (circles) and at which steps an output (triangles) is read.* Time runs to the right. From left: a picture gets a class; a number gets its name, letter by letter (as a picture gets a caption); bits get one parity (a sentence gets a mood); symbols come back in reverse, once they are read (a sentence gets translated); each bit gets the parity so far (each frame of a film gets a label).

All five run through the cell with the same weights. Where no input is left, it goes on with zeros. `check_shape` demands one state for each target.
"""

# %%
for name, (xs, ys, start) in TASKS.items():
    filled = np.concatenate([xs, np.zeros((start + len(ys) - len(xs), B, D))])  # (T, B, D)
    checks.check_shape(run(filled, CELL)[0][start:], (*ys.shape, H), name)

# %% [markdown]
r"""
## 1.6 Targets for free

Labels are usually made by hand, and that is expensive. A sequence brings its own: the target of every step is the input one step later. This is called *self-supervised learning*.
"""

# %%
ids = LETTERS.encode("onetwothree")
print("inputs ", " ".join(LETTERS.decode(ids[:-1])))
print("targets", " ".join(LETTERS.decode(ids[1:])))

# %% [markdown]
r"""
A long text is read in $B$ stretches side by side, a piece of $T$ steps at a time, so that a model can hand its state from one batch to the next. ($T$ is now the length of a piece.) `contiguous_batches` of the package does it. Here 14 numbers make $B = 2$ stretches of 6; 12 is only a target, and 13 is left over:
"""

# %%
for inputs, targets in contiguous_batches(np.arange(14), batch_size=2, steps=3):
    print("inputs", inputs.T.tolist(), "targets", targets.T.tolist())

# %% [markdown]
r"""
Printed is one stretch a row: 0, 1, 2 is followed by 3, 4, 5. So reading two batches with the carried state is the same as reading once through:
"""

# %% tags=["claim"]
(one, _), (two, _) = contiguous_batches(np.arange(54), B, 5)
carried = run(ONE_HOT[two], CELL, run(ONE_HOT[one], CELL)[1])[0]
whole = run(ONE_HOT[np.concatenate([one, two])], CELL)[0]
says = "A second batch with the carried state gives the states of one long batch."
claim("1.10", says, np.abs(carried - whole[5:]).max(), at_most=1e-12)

# %% [markdown]
r"""
Two mistakes are common, and one check finds both: the target is not advanced, so that the model has only to copy its input; the prediction peeks at inputs after its target.

The check is `check_causal` with `strict=True`. Here, for once, output $t$ is the prediction of $x_t$ itself, so it may use $x_1, \dots, x_{t-1}$ only. The check changes later inputs and demands that the output stays. Three predictors of a series: one answers with the value before, one copies, one peeks.
"""

# %%
def verdict(check, function, *arguments, **options):
    try:
        return check(function, *arguments, **options) or "passes"
    except AssertionError as problem:
        return problem

# %%
print("honest:", verdict(checks.check_causal, lambda xs: np.append(0, xs[:-1]), test, strict=True))
print("copying:", verdict(checks.check_causal, lambda xs: xs, test, strict=True))
print("peeking:", verdict(checks.check_causal, lambda xs: np.append(xs[1:], 0), test, strict=True))

# %% [markdown]
r"""
## 1.7 Splits in time

A score counts only on data that the model has not seen. With a table one draws the test rows at random. With a sequence that is wrong. The mistake can be measured on a *random walk*, where each step goes up or down by pure chance. Nobody can predict whether it will stand higher in 20 steps; every method is right half of the time, in the long run.

The method finds, among the training windows of 20 values, the most similar one and repeats what happened after it.
"""

# %%
def examples(walk, width=20, ahead=20):
    inputs, _ = windows(walk[: len(walk) - ahead + 1], width)  # (N, width)
    return inputs, walk[width + ahead - 1 :] > inputs[:, -1]  # is it higher later? (N,)

# %%
def nearest(known, asked):  # for each asked window, the place of the most similar known one
    return np.array([np.argmin(((known - window) ** 2).sum(axis=1)) for window in asked])

# %% [markdown]
r"""
The wrong split cuts windows first and then deals them out at random. (The second result is how often the nearest window is just one step away.)
"""

# %%
def split_at_random(walk, rng):
    inputs, answers = examples(walk)
    known, asked = np.split(rng.permutation(len(inputs)), [len(inputs) * 4 // 5])
    found = known[nearest(inputs[known], inputs[asked])]
    return np.mean(answers[found] == answers[asked]), np.mean(np.abs(found - asked) == 1)

# %% [markdown]
r"""
The right split cuts the walk itself, in time, and then each part into windows.
"""

# %%
def split_by_time(walk):
    (known, answers), (asked, truth) = map(examples, split_in_time(walk, (0.8, 0.2)))
    return np.mean(answers[nearest(known, asked)] == truth)

# %% [markdown]
r"""
**Predict first.** What share of right answers will each split report?
"""

# %%
at_random, neighbours, in_time = np.zeros((3, len(SEEDS)))
for k, seed in enumerate(SEEDS):
    rng = np.random.default_rng(seed)
    walk = rng.normal(size=4000).cumsum()
    at_random[k], neighbours[k] = split_at_random(walk, rng)
    in_time[k] = split_by_time(walk)

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(6, 2.2))
ax.plot([in_time, at_random], [[0], [1]], "ko", markerfacecolor="none")
ax.axvline(0.5, **figures.style_of("chance"), label="pure chance")
ax.set_yticks([0, 1], ["split in time", "random split"])
ax.set(xlabel="share of right answers on the test part", xlim=(0, 1), ylim=(-0.5, 1.5))
ax.legend(loc="center left")
plt.show()

# %% [markdown]
r"""
**Figure 1.5.** *A random split makes pure chance look predictable.* One dot for each of five random walks of 4,000 steps; the dotted line is pure chance. The lower dots scatter around it because windows that overlap share most of their future: hundreds of them are worth only a few dozen independent ones. With the random split, the nearest window is mostly one step earlier or later. It shares 19 of its 20 values and nearly all of its future with the test window: the answer has *leaked* into the training part.
"""

# %% tags=["claim"]
says = "On a random walk, a random split of windows pretends at least 70 % right answers."
claim("1.11", says, at_random, at_least=0.7, seeds=SEEDS)

# %% tags=["claim"]
says = "On a random walk, a split in time gives at least 15 points less than a random split."
claim("1.12", says, at_random - in_time, at_least=0.15, seeds=SEEDS)

# %% tags=["claim"]
says = "For at least half of the windows, the nearest one is one step earlier or later."
claim("1.13", says, neighbours, at_least=0.5, seeds=SEEDS)

# %% [markdown]
r"""
So: split first, then do everything else. Vocabulary, mean and standard deviation, too, come from the training part only.

## 1.8 Different lengths: padding and masks

A dense layer reads inputs of one fixed size and has separate weights for every place: it does not know which places are neighbours, and what it learns at one place does not help at another. A recurrent cell reads any length with the same weights. But a batch is an array with equally long columns. So short sequences are filled up, and a *mask* of shape $(T, B)$ says which places are real.
"""

# %%
padded, mask = pad([LETTERS.encode(name) for name in ("zero", "one", "three")])  # (T, B) twice
print(padded.T, mask.astype(int).T, sep="\n")

# %% [markdown]
r"""
Printed is one name a row. The mean loss has to be taken over the real places. Suppose a model pays $-\ln p$ for each letter, where $p$ is the share of that letter in the ten names.

**Predict first.** The names are padded further and further with id 0, the most frequent letter. What happens to the plain mean of the loss?
"""

# %%
def masked_mean(losses, mask):
    return losses[mask].sum() / mask.sum()

# %%
letter_losses = -np.log(np.array(LETTERS.counts) / sum(LETTERS.counts))  # (V,)
for T in (5, 10, 20, 40):
    letters, real = pad([LETTERS.encode(name) for name in NAMES], length=T)
    losses = letter_losses[letters]  # (T, B)
    print(f"T = {T:2d}: plain mean {losses.mean():.3f}, masked {masked_mean(losses, real):.3f}")

# %% [markdown]
r"""
The plain mean falls although the model is the same: padding is easy to predict. `check_padding` finds such a loss:
"""

# %%
print("plain:", verdict(checks.check_padding, lambda losses, mask: losses.mean(), [losses], real))
print("masked:", verdict(checks.check_padding, masked_mean, [losses], real))

# %% tags=["claim"]
alone = np.concatenate([letter_losses[LETTERS.encode(name)] for name in NAMES]).mean()
says = "The masked mean is the mean over the sequences without any padding."
claim("1.14", says, abs(masked_mean(losses, real) - alone), at_most=1e-12)

# %% [markdown]
r"""
The state needs the same care: after its last real step a sequence must keep its state, or the cell goes on reading padding. `np.where(mask[t][:, None], new, old)` does it, with `new` and `old` of shape $(B, H)$.
"""

# %%
h = np.zeros((3, H))  # zero, one, three
for x, is_real in zip(ONE_HOT[padded], mask, strict=True):
    h = np.where(is_real[:, None], run(x[None], CELL, h)[1], h)  # (B, H)

# %% tags=["claim"]
last = run(ONE_HOT[padded], CELL)[0][mask.sum(axis=0) - 1, range(3)]  # (B, H)
says = "With the mask, the state after the padding is the state at the last real step."
claim("1.15", says, np.abs(h - last).max(), at_most=1e-12)

# %% [markdown]
r"""
## 1.9 Nats, bits, perplexity

Equation (1.2) is a product of many small numbers. Minus its logarithm, per symbol, is the *cross-entropy*:

$$L = -\frac{1}{T} \sum_{t=1}^{T} \ln p(x_t \mid x_{<t}) \quad \text{nats per symbol.} \tag{1.4}$$

With $\log_2$ in place of $\ln$ the unit is the *bit*: what an ideal compressor would spend per symbol if it trusted this model's probabilities. And the *perplexity* $e^{L}$ is the number of equally likely symbols between which one would be just as unsure:

$$L_{\text{bits}} = \frac{L}{\ln 2}, \qquad \text{perplexity} = e^{L} = 2^{L_{\text{bits}}}. \tag{1.5}$$

By hand, with three predictions that gave the right symbol 1/2, 1/4 and 1/8:
"""

# %%
given = np.array([1 / 2, 1 / 4, 1 / 8])
nats, in_bits = -np.log(given).mean(), -np.log2(given).mean()
print(f"{nats:.4f} nats = {in_bits:.4f} bits; perplexity {np.exp(nats):.4f} = {2**in_bits:.4f}")
print(f"not the mean of 1/p: {np.mean(1 / given):.4f}")

# %% [markdown]
r"""
The bits are 1, 2 and 3, their mean is 2, and the perplexity is 4. The mean must come *before* the exponential; the mean of the single perplexities $1/p$ is something else, 4.67 here. A uniform guess among $V$ symbols has perplexity $V$, which is a good test of any code (exercise 1.3).

## 1.10 Baselines

A loss by itself says little. Compare it with what costs nothing to fit. For symbols: *uniform* ($\log_2 V$ bits) and *unigram* (the frequencies alone). For numbers: the *mean*, the *last value*, and the *seasonal* value, which is the last one from the same place in the cycle.

For the text of section 1.4, in bits per character:
"""

# %% tags=["nbval-ignore-output"]
unigram, bigram = np.median(held_out, axis=0)[:2]
print(f"uniform {np.log2(V):.1f}, unigram {unigram:.1f}, 1 character {bigram:.1f}")

# %% [markdown]
r"""
For numbers, the root mean square error `ahead` steps ahead, on the last 30 % of the series. `data.observed` is false in weeks without a measurement; they are not scored.

**Predict first.** Which is better, the last or the seasonal value: for the sunspots one year ahead (cycle: 11 years), and for carbon dioxide half a year ahead (cycle: 52 weeks)?
"""

# %%
def baselines(data, season, ahead):
    values, cut = data.values, round(0.7 * len(data.values))
    t = np.arange(cut, len(values))[data.observed[cut:]]
    guesses = [np.full(len(t), values[:cut].mean()), values[t - ahead], values[t - season]]
    return [np.sqrt(np.mean((values[t] - guess) ** 2)) for guess in guesses]

# %%
on_sun, on_air = baselines(spots, 11, 1), baselines(air, 52, 26)
for name, (mean, newest, seasonal) in [("sunspot number", on_sun), ("CO2 in ppm", on_air)]:
    print(f"{name}: mean {mean:.1f}, last {newest:.1f}, seasonal {seasonal:.1f}")

# %% [markdown]
r"""
The air breathes with the year, so half a year ahead the value of last year is the better guess. The sun's cycle drifts too much in length and height for that.
"""

# %% tags=["claim"]
says = "Half a year ahead, the seasonal value has at most half the error of the last value on CO2."
claim("1.16", says, on_air[2] / on_air[1], at_most=0.5)

# %% tags=["claim"]
says = "One year ahead, the last value beats the value of 11 years ago on the sunspots."
claim("1.17", says, on_sun[1] / on_sun[2], at_most=0.95)

# %% [markdown]
r"""
## 1.11 Reading what is not a sequence

A picture of a digit can be read as a sequence of 8 rows of 8 pixels. Then the state has to remember the rows before. Does it? The weights of the cell below are random and stay so; the factor 0.95 makes old rows fade slowly. Only the readout is fitted, by least squares; 1,200 pictures are for fitting and 597 for the test.
"""

# %%
def readout(features, cut=1200):
    features = np.column_stack([features, np.ones(len(features))])  # (N, F + 1)
    known, wanted = features[:cut], np.eye(10)[digits.labels[:cut]]
    gram = known.T @ known + 0.1 * np.eye(known.shape[1])  # 0.1: a little ridge
    answers = features[cut:] @ np.linalg.solve(gram, known.T @ wanted)  # (N, 10)
    return np.mean(answers.argmax(axis=1) == digits.labels[cut:])

# %% [markdown]
r"""
The rival has the same random weights and no memory: it sees each row from the zero state.

**Predict first.** How many digits will each get right after the last row? Chance is 0.1.
"""

# %%
rows = digits.images.transpose(1, 0, 2) / 16  # (T, N, D) = (8, 1797, 8)
by_state, by_row = np.zeros((2, len(SEEDS), 8))
for k, seed in enumerate(SEEDS):
    rng = np.random.default_rng(seed)
    W_xh, b_h = rng.normal(size=(8, 100)) / 2, rng.normal(size=100) / 10
    cell = W_xh, 0.95 * np.linalg.qr(rng.normal(size=(100, 100)))[0], b_h
    by_state[k] = [readout(h) for h in run(rows, cell)[0]]
    by_row[k] = [readout(run(row[None], cell)[1]) for row in rows]

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(6, 2.8))
figures.plot_seeds(ax, range(1, 9), by_state, "RNN", "state after the row")
figures.plot_seeds(ax, range(1, 9), by_row, "baseline", "that row alone")
ax.set(xlabel="rows read", ylabel="share of right digits", ylim=(0, 1))
ax.legend(loc="lower right")
plt.show()

# %% [markdown]
r"""
**Figure 1.6.** *The guess sharpens row by row: even a cell with random weights carries a summary of what it has read.* The state after 1 to 8 rows against the state that has seen that row only; five random cells thin, their median bold.
"""

# %% tags=["claim"]
says = "After the last row, a state of 100 random units gives at least 85 % of the digits."
claim("1.18", says, by_state[:, -1], at_least=0.85, seeds=SEEDS)

# %% tags=["claim"]
says = "That state gives at least 25 points more right digits than the best row without memory."
claim("1.19", says, by_state[:, -1] - by_row.max(axis=1), at_least=0.25, seeds=SEEDS)

# %% [markdown]
r"""
For comparison, the same plain readout from all 64 pixels at once:
"""

# %% tags=["nbval-ignore-output"]
print(f"whole picture: {readout(digits.images.reshape(-1, 64) / 16):.3f}")

# %% [markdown]
r"""
## 1.12 Which chapter builds what

| Task | Scheme | Chapter |
| --- | --- | --- |
| forecast of a series | step by step | 02, 05, 06 |
| language model, letters or words | step by step | 03, 09, 10, 18 |
| hidden causes of what is seen | step by step | 04, 05 |
| adding binary numbers | step by step | 07 |
| mood of a sentence; digit from its pixels | many to one | 20 |
| parts of speech; labels of frames | step by step | 16, 20, 26 |
| guessing a sketch by the stroke | step by step | 20 |
| speech, printed lines, handwriting to text | step by step, repeats merged | 21 |
| translation; numbers and dates in words | after reading | 22, 23 |
| writing by hand | step by step | 24 |
| captions for a picture | one to many | 25 |
| describing a clip; questions about pictures | after reading; many to one | 25 |
| looking at a picture piece by piece | many to one | 27 |

## Often told wrong

**The Markov condition.** It is often printed with the whole past on both sides: $p(x_t \mid x_{t-1}, \dots, x_1) = p(x_t \mid x_{t-1}, \dots, x_1)$. That says nothing. The right side must stop after $n$ steps: $p(x_t \mid x_{<t}) = p(x_t \mid x_{t-n}, \dots, x_{t-1})$. And $n$, the order, is not $T$, the length. The condition can fail: let the last of 6 symbols repeat the first. With 4 symbols, whoever knows only the last two pays the full $\log_2 4 = 2$ bits for it.
"""

# %%
def bits_of_last(seed):
    ids, answers, _ = synthetic.first_symbol(5, 20_000, num_symbols=4, seed=seed)  # (T, B), (B,)
    context = 4 * ids[-2] + ids[-1]  # (B,)
    table = np.bincount(16 * answers + context, minlength=64).reshape(4, 16)
    return -np.log2((table / table.sum(axis=0))[answers, context]).mean()

# %% tags=["claim"]
says = "Knowing only the last two, one pays 2 bits for the symbol that repeats the first."
claim("1.20", says, [bits_of_last(s) for s in SEEDS], equals=2, tolerance=0.01, seeds=SEEDS)

# %% [markdown]
r"""
**The first factor.** The probability of a chain is often printed as $\prod_{t=1}^{T} p(x_t \mid x_{t-1})$. For $t = 1$ there is no $x_0$; the product needs $p(x_1)$ in front. Without it, the "probabilities" of all sequences add up to $V$ and not to 1.
"""

# %% tags=["claim"]
step = np.random.default_rng(0).dirichlet(np.ones(3), size=3)  # p(next | last), V = 3
without = step[:, :, None, None] * step[:, :, None] * step  # (x1, x2, x3, x4)
with_first = np.array([0.5, 0.3, 0.2])[:, None, None, None] * without
says = "Without p(x1) the sum over all sequences is V, with it 1."
claim("1.21", says, [abs(without.sum() - 3), abs(with_first.sum() - 1)], at_most=1e-12)

# %% [markdown]
r"""
**A visible chain is no hidden Markov model.** In a *hidden* one the chain runs over states that nobody sees; each state emits a symbol (chapter 04). Then the symbols are no chain: the one before does not tell all. Below, two states, summed over all hidden paths. `emission` holds the probability of each symbol in each state; with the identity, one sees the state itself.
"""

# %%
def use_of_x1(emission, stay=((0.9, 0.1), (0.1, 0.9))):  # how far x1 moves p(x3 | x2, x1)
    joint = np.zeros((2, 2, 2))  # (x1, x2, x3)
    for a, b, c in np.ndindex(2, 2, 2):
        path = 0.5 * stay[a][b] * stay[b][c]
        joint += path * np.einsum("i,j,k", emission[a], emission[b], emission[c])
    return np.ptp(joint / joint.sum(axis=2, keepdims=True), axis=0).max()

# %% tags=["claim"]
says = "With hidden states, x1 moves the prediction of x3 by at least 0.1 though x2 is known."
claim("1.22", says, use_of_x1(np.array([[0.8, 0.2], [0.2, 0.8]])), at_least=0.1)

# %% tags=["claim"]
claim("1.23", "In a visible chain, x1 does not move it.", use_of_x1(np.eye(2)), at_most=1e-14)

# %% [markdown]
r"""
**One argument too many.** If $h_{t-1}$ has already read $x_{t-1}$, then $p(x_t \mid x_{t-1}, h_{t-1})$ names $x_{t-1}$ twice. That is redundant rather than wrong. In this book $h_t$ has read $x_1, \dots, x_t$, and $x_{t+1}$ is predicted from $h_t$ alone.
"""

# %% tags=["claim"]
other_last = run(ONE_HOT[[[1], [2], [3]]], CELL)[1] - run(ONE_HOT[[[1], [2], [4]]], CELL)[1]
claim("1.24", "Another last input gives another state.", np.abs(other_last).max(), at_least=0.1)

# %% [markdown]
r"""
**Cross-entropy is a sum over classes.** The loss of one step is $-\sum_k y_k \ln \hat y_k$, with target $y$ and prediction $\hat y$, both of shape $(V,)$. Printed as $-y \log \hat y$ it is a vector of $V$ numbers. With a one-hot target, one term is left. The *softmax* below turns scores into probabilities: exponentials, divided by their sum.
"""

# %%
scores = np.random.default_rng(0).normal(size=(1000, 27))  # (N, V)
softmax = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)

# %% tags=["claim"]
terms = -np.eye(27)[3] * np.log(softmax[0])  # (V,): not yet a loss
says = "The sum of the 27 terms is minus the logarithm of the right one's probability."
claim("1.25", says, abs(terms.sum() + np.log(softmax[0, 3])), at_most=1e-12)

# %% [markdown]
r"""
**The most probable symbol needs no softmax.** The softmax keeps the order of its inputs, so the largest input is the answer already. It is needed for probabilities.
"""

# %% tags=["claim"]
says = "In 1,000 rows of scores, the largest score is always the most probable symbol."
claim("1.26", says, np.sum(scores.argmax(axis=1) != softmax.argmax(axis=1)), at_most=0)

# %% [markdown]
r"""
**Bits need the logarithm to base 2.** A memory that can be in one of $N$ states holds at most $\log_2 N$ bits, not $\log N$: the natural logarithm gives nats.
"""

# %% tags=["claim"]
claim("1.27", "1,024 states hold at most 10 bits.", np.log2(1024), equals=10, tolerance=0)

# %% [markdown]
r"""
## Where it came from

- Markov (1913) counted vowels and consonants in 20,000 letters of *Eugene Onegin* and showed that a letter depends on the one before.
- Shannon (1948) measured a source of symbols by its entropy, and wrote English-looking text with short windows of letters and of words.
- Shannon (1951) let people guess the next letter. His earlier estimate, with statistics over at most eight letters, was about 2.3 bits per letter; with up to 100 letters known it fell to the order of one bit.
- Jelinek, Mercer, Bahl and Baker (1977) proposed perplexity as the measure of how hard a recognition task is, in place of the size of the vocabulary.
- Elman (1990) trained a recurrent network to predict the next word, with the sequence as its own teacher.
- Kaufman, Rosset, Perlich and Stitelman (2012) gave leakage its definition and a way to avoid it: separate learning from predicting.
- Karpathy (2015) drew the five schemes in the form that is used today.

## Summary

- What a predictor learns is order: shuffling more than triples the error on the sunspots (claims 1.1, 1.2) and costs 0.75 bits per character on text (1.4); a model without context does not notice (1.3).
- The probability of a sequence is the product of next-step predictions (1.5), but their inputs grow. One keeps a window or a summary.
- A longer window is not always better: with plain counts, 2 to 4 characters are best on held-out text, because long contexts are often new (1.6 to 1.9).
- The target is the input one step later; batches that continue each other let a state be carried (1.10).
- Split in time. A random split made pure chance look at least 70 % predictable (1.11 to 1.13).
- Padding needs a mask, for the loss (1.14) and for the state (1.15). In a perplexity, the mean comes before the exponential.
- Compare with baselines; which one is strong depends on the series (1.16, 1.17).
- A state carries what was read: with random weights it tells 85 % of the digits (1.18, 1.19).

## Exercises

The notebook is [01_sequences](../exercises/01_sequences/01_sequences.ipynb).

1. Batches that continue each other (implement, 10 minutes)
2. Bits per symbol under a mask (implement, 10 minutes)
3. A perplexity that is wrong (find the bug, 10 minutes)
4. Split and scale without leakage (implement, 15 minutes)
5. Which of the five? (explain, 5 minutes)
6. How long a context is worth it? (predict, then experiment, 15 minutes)

## References

- Elman, J. L. (1990). Finding structure in time. *Cognitive Science* 14(2), 179-211. DOI 10.1207/s15516709cog1402_1
- Jelinek, F., Mercer, R. L., Bahl, L. R. & Baker, J. K. (1977). Perplexity: a measure of the difficulty of speech recognition tasks. *Journal of the Acoustical Society of America* 62(S1), S63. DOI 10.1121/1.2016299
- Karpathy, A. (2015). [The unreasonable effectiveness of recurrent neural networks](https://karpathy.github.io/2015/05/21/rnn-effectiveness/). Essay, 21 May 2015.
- Kaufman, S., Rosset, S., Perlich, C. & Stitelman, O. (2012). Leakage in data mining: formulation, detection, and avoidance. *ACM Transactions on Knowledge Discovery from Data* 6(4), 15. DOI 10.1145/2382577.2382579
- Markov, A. A. (1913). An example of statistical investigation of the text *Eugene Onegin* concerning the connection of samples in chains. English translation: *Science in Context* 19(4), 591-600 (2006). DOI 10.1017/S0269889706001074
- Shannon, C. E. (1948). A mathematical theory of communication. *Bell System Technical Journal* 27(3), 379-423, and 27(4), 623-656. DOI 10.1002/j.1538-7305.1948.tb01338.x and 10.1002/j.1538-7305.1948.tb00917.x
- Shannon, C. E. (1951). Prediction and entropy of printed English. *Bell System Technical Journal* 30(1), 50-64. DOI 10.1002/j.1538-7305.1951.tb01366.x
"""
