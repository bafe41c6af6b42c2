# %% [markdown]
r"""
# 01 Sequences

What makes a list of numbers or letters a *sequence*, and how can one tell whether a model has understood its order? This chapter sets up the data, the targets and the scores that every later chapter uses, and it does so without any neural network.

*You will be able to*

- write the probability of a sequence as a product, and say what a model must leave out to keep it finite;
- cut a long sequence into inputs, targets and batches without being off by one;
- split a sequence in time, and show in numbers what a careless split pretends;
- pad sequences of different lengths so that the padding cannot change a loss;
- convert nats, bits and perplexity into each other, and name the baselines that a model has to beat.

*You need* Python, NumPy and the product rule of probability.

*Run time: about 10 s.*
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

A sequence is a list in which the place matters: $x_1, x_2, \dots, x_T$. The number of steps is $T$. One step $x_t$ can be a number, a vector of $D$ numbers, or one of $V$ symbols.

Two of the sequences below are made up. The DNA is a chain of the four letters A, C, G, T in which G seldom follows C. The pen stroke is a point that circles while it moves to the right.
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
fig, axes = plt.subplots(2, 4, figsize=(10, 5))
for ax, (title, xlabel, ylabel, xs, ys) in zip(axes.flat, panels, strict=False):
    ax.plot(xs, ys, color="black", linewidth=0.8, marker="." if len(xs) < 50 else "")
    ax.set(title=title, xlabel=xlabel, ylabel=ylabel)
axes[1, 3].imshow(series.digits().images[6], cmap="gray_r")
axes[1, 3].set(title="Digit, row by row", xlabel="pixel", ylabel="row t")
axes[1, 3].grid(False)
plt.show()

# %% [markdown]
r"""
**Figure 1.1.** *Very different things are sequences, and one index $t$ is what they share.* Top, from left: the daily price of a share ($T = 1047$), the voltage at one place of a head, yearly sunspots, weekly carbon dioxide in the air; each step is a number (all four channels of the head would be a vector). Bottom: letters, bases of DNA ($V = 4$ symbols), the path of a pen (two numbers a step), and a picture of a digit that is read one row of 8 pixels at a time.

Speech, music, film, earthquakes and weather are sequences too. A picture is not one by nature, but it can be *read* as one; section 1.11 does so.
"""

# %% [markdown]
r"""
## 1.2 Order carries meaning

A table of patients can be shuffled: each row stands for itself. A sequence cannot. To see it in numbers, fit a predictor and then shuffle what it is asked to predict.

The predictor for numbers is the simplest that looks back: a weighted sum of the last 9 values. It is fitted on windows, so the first tool is the one that cuts them.
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
Five values and a width of 2 make three windows. Each row holds two values, and its target is the value that comes next.
"""

# %%
inputs, targets = windows([10, 20, 30, 40, 50], width=2)
print(inputs, targets, sep="\n")

# %% [markdown]
r"""
The first 70 % of the sunspots choose the weights by least squares; the rest are for the test. A column of ones stands for a constant.
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
print(f"in order: {error(test):.1f} sunspots")

# %% [markdown]
r"""
Now a chosen share of the test values changes places. No value is lost and none is added.

*Predict first.* The test values scatter with a standard deviation of 48. What will the error be when all of them are shuffled: 18 as before, about 48, or more?
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
constant = np.sqrt(np.mean((test - train.mean()) ** 2))

# %%
def draw_shuffled(share):
    figure, (left, right) = plt.subplots(1, 2, figsize=(7, 2.8))
    left.plot(spots.times[-len(test) :], shuffled(test, share, 0), **figures.style_of("data"))
    left.set(title=f"{share:.0%} shuffled", xlabel="year", ylabel="sunspot number")
    figures.plot_seeds(right, SHARES, runs, "AR", "9 last values")
    right.axhline(constant, **figures.style_of("chance"), label="always the mean")
    right.plot(share, np.median(runs[:, SHARES.index(share)]), "ko")
    right.set(xlabel="share shuffled", ylabel="error (sunspot number)", ylim=(0, 110))
    right.legend(loc="lower right")
    return figure

# %% tags=["widget"]
alt = (
    "Left, the test years, the more ragged the more of them are shuffled. Right, the error of "
    "the fitted predictor rises from 18 past that of the constant mean."
)
Knob(draw_shuffled, "share shuffled", values=SHARES, default=0.4, alt=alt)

# %% [markdown]
r"""
**Figure 1.2.** *The values stay the same, and still the error more than triples: what the predictor had learnt was the order.* Left: the test years with the chosen share of values shuffled. Right: the error of the fitted predictor, one thin line for each of five shufflings and their median in bold; the dotted line is a predictor that always answers with the mean. A fully shuffled series is worse than no skill at all, because the weights insist on an order that is gone.
"""

# %% tags=["claim"]
says = "Shuffling the test values more than triples the error of the sunspot predictor."
claim("1.1", says, runs[:, -1] / runs[:, 0], at_least=3, seeds=SEEDS)

# %% [markdown]
r"""
Text behaves alike. Take 200,000 characters of English, keep the last fifth for the test, and count in the rest what follows what. With `n` characters of context, the predictor's probability of the next character is how often it followed these `n` characters, smoothed so that nothing gets probability 0:

$$p(x_t \mid x_{t-n}, \dots, x_{t-1}) = \frac{\mathrm{count}(x_{t-n}, \dots, x_{t-1}, x_t) + a}{\mathrm{count}(x_{t-n}, \dots, x_{t-1}) + a V}, \qquad a = 0.01. \tag{1.1}$$

Two small functions are enough. The first gives each window of characters one whole number as its code, the second counts codes.
"""

# %%
def codes(ids, width, V):
    return np.lib.stride_tricks.sliding_window_view(ids, width) @ V ** np.arange(width)

# %%
def count(known, wanted):
    values, counts = np.unique(known, return_counts=True)
    places = np.searchsorted(values, wanted).clip(max=len(values) - 1)
    return np.where(values[places] == wanted, counts[places], 0)

# %%
def probabilities(train, test, n, V, a=0.01):
    pairs = count(codes(train, n + 1, V), codes(test, n + 1, V))  # (N - n,)
    contexts = count(codes(train[:-1], n, V), codes(test[:-1], n, V))
    return (pairs + a) / (contexts + a * V)

# %% [markdown]
r"""
The score is the mean of $-\log_2 p$, in *bits per character*; section 1.9 says why. Lower is better. Now the words of the test part are shuffled, while each word stays whole. The first 8 characters are left out, so that every `n` is scored on the same ones.
"""

# %%
def bits(train, test, n, V):
    return -np.log2(probabilities(train, test, n, V)[8 - n :]).mean()

# %%
def excerpt(seed, length=200_000):
    text = corpora.english()
    start = np.random.default_rng(seed).integers(len(text) - length)
    train, test = split_in_time(text[start : start + length], (0.8, 0.2))
    return train, test, Vocabulary(train, unknown="<unk>")

# %% tags=["nbval-ignore-output"]
text_runs = np.zeros((len(SEEDS), 2, 2))  # (seeds, context 0 or 4, in order or shuffled)
for row, seed in zip(text_runs, SEEDS, strict=True):
    before, after, vocabulary = excerpt(seed)
    mixed = " ".join(shuffled(after.split(" "), 1.0, seed))
    for column, part in enumerate([after, mixed]):
        ids = [vocabulary.encode(before), vocabulary.encode(part)]
        row[:, column] = [bits(*ids, n, len(vocabulary)) for n in (0, 4)]
print(np.median(text_runs, axis=0).round(1))

# %% [markdown]
r"""
Each row is a context of 0 or 4 characters, each column in order and shuffled.
"""

# %% tags=["claim"]
says = "A predictor without context pays the same for shuffled words, to a hundredth of a bit."
claim("1.2", says, np.abs(text_runs[:, 0, 1] - text_runs[:, 0, 0]), at_most=0.01, seeds=SEEDS)

# %% tags=["claim"]
says = "With 4 characters of context, shuffled words cost at least half a bit per character."
claim("1.3", says, text_runs[:, 1, 1] - text_runs[:, 1, 0], at_least=0.5, seeds=SEEDS)

# %% [markdown]
r"""
That is the failure that the rest of the book works on: a model that only knows *how often* symbols occur is blind to everything that their order says.

## 1.3 One probability for the whole

A model of sequences should give every sequence a probability. The product rule of probability does it exactly, for any sequence whatever:

$$p(x_1, \dots, x_T) = p(x_1)\, p(x_2 \mid x_1)\, p(x_3 \mid x_1, x_2) \cdots = \prod_{t=1}^{T} p(x_t \mid x_{<t}). \tag{1.2}$$

Here $x_{<t}$ stands for all that came before step $t$; for $t = 1$ that is nothing. Each factor is a *prediction of the next step*. So whoever can predict the next step can score whole sequences, and can write new ones: draw $x_1$, then $x_2$ given $x_1$, and so on.

By hand: three symbols from $\{0, 1\}$ make eight sequences, and the table `joint` holds their probabilities.
"""

# %%
joint = np.random.default_rng(0).dirichlet(np.ones(8)).reshape(2, 2, 2)  # (x1, x2, x3)
first = joint.sum(axis=(1, 2))  # p(x1)
second = joint.sum(axis=2) / first[:, None]  # p(x2 | x1)
third = joint / joint.sum(axis=2, keepdims=True)  # p(x3 | x1, x2)

# %%
factors = first[1], second[1, 0], third[1, 0, 1]
print("p(1) p(0|1) p(1|1,0) =", " * ".join(f"{p:.3f}" for p in factors))
print(f"= {np.prod(factors):.4f}, and the table says {joint[1, 0, 1]:.4f}")

# %% tags=["claim"]
product = first[:, None, None] * second[:, :, None] * third
says = "The product of next-step predictions is the probability of the sequence, for all eight."
claim("1.4", says, np.abs(product - joint).max(), at_most=1e-15)

# %% [markdown]
r"""
The catch is in the sign $x_{<t}$: the list of inputs grows with every step. A table with one row for each possible past of $t - 1$ symbols has $V^{t-1}$ rows. With $V = 27$ (letters and space):
"""

# %%
for t in (1, 2, 3, 6, 11):
    print(f"step {t:2d}: {27 ** (t - 1):,} possible pasts")

# %% [markdown]
r"""
## 1.4 Window or summary

No model can keep a row for every past. There are two ways out, and they divide this book in two.

- **Window.** Look at the last $n$ steps only and forget the rest: $p(x_t \mid x_{<t}) \approx p(x_t \mid x_{t-n}, \dots, x_{t-1})$. The number of inputs is fixed. Chapters 02 and 03 do this.
- **Summary.** Keep a state $h_t$ of fixed size and bring it up to date at every step: $h_t = g(h_{t-1}, x_t)$ and $p(x_t \mid x_{<t}) \approx p(x_t \mid h_{t-1})$. Nothing has to be forgotten, but everything has to fit into $h$. Chapter 04 and all recurrent networks from chapter 06 on do this.

How long should a window be? Equation (1.1) can be tried for every $n$.

*Predict first.* On the text that was counted, does a longer context help? And on text that was held out?
"""

# %% tags=["settings"]
LENGTHS = [0, 1, 2, 3, 4, 5, 6, 7, 8]
PROMPT = "using the"

# %%
training, held_out = np.zeros((2, len(SEEDS), len(LENGTHS)))
for row, seed in enumerate(SEEDS):
    *parts, vocabulary = excerpt(seed)
    (train_ids, test_ids), V = map(vocabulary.encode, parts), len(vocabulary)
    training[row] = [bits(train_ids, train_ids, n, V) for n in LENGTHS]
    held_out[row] = [bits(train_ids, test_ids, n, V) for n in LENGTHS]

# %% [markdown]
r"""
The probabilities of the next character after the last $n$ characters of the prompt come from the same counts:
"""

# %%
def after_prompt(n):
    context = codes(vocabulary.encode(PROMPT[len(PROMPT) - n :]), n, V)  # (1,)
    pairs = count(codes(train_ids, n + 1, V), context + np.arange(V) * V**n)  # (V,)
    return (pairs + 0.01) / (pairs.sum() + 0.01 * V)

# %%
after = {n: after_prompt(n) for n in LENGTHS}
checks.check_distribution(list(after.values()), "p")

# %%
def draw_bars(ax, n):
    best = [i for i in np.argsort(-after[n], kind="stable")[:6] if after[n][i] > 0.005]
    ax.bar(range(len(best)), after[n][best], color=figures.style_of("baseline")["color"])
    names = [repr(vocabulary.tokens[i])[1:-1].replace(" ", "␣") for i in best]
    ax.set_xticks(range(6), (names + [""] * 6)[:6])
    seen = PROMPT[len(PROMPT) - n :].replace(" ", "␣") or "nothing"
    ax.set(title=f"after: {seen}", xlabel="next character", ylabel="probability", ylim=(0, 1))

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
alt = (
    "Left, the probabilities of the next character, the sharper the longer the context. Right, "
    "bits per character: on training text they fall with n, on held-out text only up to 3."
)
Knob(draw_context, "context length n", values=LENGTHS, default=3, alt=alt)

# %% [markdown]
r"""
**Figure 1.3.** *A longer window always looks better on the text it was counted on, and past about three characters it gets worse on text it has not seen.* Left: the six most probable characters after the last $n$ characters of the prompt "using the" (␣ is a space, \n the end of a line). Right: bits per character against $n$ for five pieces of text (thin) and their median (bold). With eight characters of context most pasts of the held-out text never occurred in training, so the counts have nothing to say about them. Chapter 03 repairs much of this.
"""

# %% tags=["claim"]
says = "The best context on held-out text is 2 to 4 characters long."
claim("1.5", says, held_out.argmin(axis=1), at_least=2, at_most=4, seeds=SEEDS)

# %% tags=["claim"]
says = "8 characters of context cost at least 0.8 bits more on held-out text than the best n."
claim("1.6", says, held_out[:, 8] - held_out.min(axis=1), at_least=0.8, seeds=SEEDS)

# %% tags=["claim"]
says = "On the training text, one more character of context never costs anything, up to 8."
claim("1.7", says, np.diff(training, axis=1).max(axis=1), at_most=0, seeds=SEEDS)

# %% [markdown]
r"""
## 1.5 Five shapes of a task

A sequence can go in, come out, or both. That makes five schemes:
"""

# %%
SCHEMES = {  # name: steps that get an input, steps at which an output is read
    "one to one": ([0], [0]),
    "one to many": ([0], [0, 1, 2]),
    "many to one": ([0, 1, 2], [2]),
    "many to many,\nafter reading": ([0, 1], [2, 3]),
    "many to many,\nstep by step": ([0, 1, 2], [0, 1, 2]),
}

# %% tags=["figure"]
fig, axes = plt.subplots(1, 5, figsize=(10, 2.7), sharey=True)
for ax, (name, (read, written)) in zip(axes, SCHEMES.items(), strict=True):
    steps = range(max(read + written) + 1)
    ax.vlines(read, 0, 1, color="black")
    ax.vlines(written, 1, 2, color="black")
    ax.plot(read, [0] * len(read), "ko", markersize=13, markerfacecolor="white")
    ax.plot(steps, [1] * len(steps), "ks-", markersize=13, markerfacecolor="#d55e00")
    ax.plot(written, [2] * len(written), "k^", markersize=13)
    ax.set(title=name, xlabel="step t", xlim=(-0.5, 3.5), ylim=(-0.4, 2.4), xticks=range(4))
    ax.set_yticks(range(3), ["input", "state", "output"])
plt.show()

# %% [markdown]
r"""
**Figure 1.4.** *One and the same recurrent cell (squares) serves all five schemes; they differ only in which steps get an input (circles) and at which steps an output (triangles) is read.* Time runs to the right. From left: a picture gets a class; a picture gets a caption; a sentence gets a mood; a sentence becomes a sentence in another language, once it is read; every frame of a film gets a label.

The cell is a few lines. It takes one step $x$ of shape $(B, D)$ for a batch of $B$ sequences and the old state $h$ of shape $(B, H)$, and returns the new state; chapter 06 says why it looks like this:

$$h_t = \tanh(x_t W_{xh} + h_{t-1} W_{hh} + b_h). \tag{1.3}$$
"""

# %%
D, H, B = 64, 7, 5
rng = np.random.default_rng(0)
W_xh, W_hh, b_h = rng.normal(size=(D, H)) / 8, rng.normal(size=(H, H)) / 3, np.zeros(H)

# %%
def run(xs, h=None):
    hs = []
    h = np.zeros((xs.shape[1], len(b_h))) if h is None else h  # (B, H)
    for x in xs:
        h = np.tanh(x @ W_xh + h @ W_hh + b_h)
        hs.append(h)
    return np.array(hs), h  # (T, B, H), (B, H)

# %% [markdown]
r"""
Axes are in the order time, batch, features: $(T, B, D)$. Now three small generators that make data for all five schemes. Symbols go in as *one-hot* vectors: row `i` of `ONE_HOT` is 1 at place `i` and 0 elsewhere.
"""

# %%
ONE_HOT = np.eye(D)
NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
LETTERS = Vocabulary("".join(NAMES))

# %%
def picture_to_class(rng):  # one to one
    images, labels = series.digits()
    pick = rng.integers(len(labels), size=B)
    return images[pick].reshape(1, B, 64), labels[pick]  # (1, B, D), (B,)

# %%
def number_to_name(rng, T_in=1):  # one to many; with T_in > 1 many to many, after reading
    numbers = rng.integers(10, size=(T_in, B))
    letters, _ = pad([LETTERS.encode("".join(NAMES[n] for n in column)) for column in numbers.T])
    return ONE_HOT[numbers], letters  # (T_in, B, D), (T, B)

# %%
def bits_to_parity(rng, T=11):  # step by step: is the number of ones so far odd?
    ids = rng.integers(2, size=(T, B))  # the last row of the targets alone: many to one
    return ONE_HOT[ids], ids.cumsum(axis=0) % 2  # (T, B, D), (T, B)

# %% [markdown]
r"""
All five run through the same cell with the same weights, and `check_shape` compares the shapes. What differs is the part of the states that is read out, and its first axes must be those of the targets. Where the output is longer than the input, the cell goes on with inputs of zeros.
"""

# %%
def more(h, T):
    return run(np.zeros((T, B, D)), h)[0]

# %%
xs, y = picture_to_class(rng)
checks.check_shape(run(xs)[1], (*y.shape, H), "one to one")
for T_in in (1, 3):
    xs, ys = number_to_name(rng, T_in)
    checks.check_shape(more(run(xs)[1], len(ys)), (*ys.shape, H), f"{T_in} to many")
xs, ys = bits_to_parity(rng)
checks.check_shape(run(xs)[1], (*ys[-1].shape, H), "many to one")
checks.check_shape(run(xs)[0], (*ys.shape, H), "step by step")

# %% [markdown]
r"""
In a variant of the last scheme the answer stays the same and only becomes surer: a drawing is guessed while it is drawn, one stroke after the other.

## 1.6 Targets for free

Labels are usually made by hand, and that is expensive. A sequence brings its own: the target of every step is the input one step later.
"""

# %%
ids = LETTERS.encode("onetwothree")
print("inputs ", " ".join(LETTERS.decode(ids[:-1])))
print("targets", " ".join(LETTERS.decode(ids[1:])))

# %% [markdown]
r"""
Is this supervised learning? There are targets, and yet nobody labelled anything; the border is blurred. Predicting the *next* step is also a more natural task than predicting one pixel from the others: time gives the order for free.

A long text is read in $B$ stretches side by side, $T$ steps at a time, so that a model can hand its state from one batch to the next. `contiguous_batches` of the package does it; with $B = 2$ stretches of 14 numbers and $T = 3$:
"""

# %%
for inputs, targets in contiguous_batches(np.arange(14), batch_size=2, steps=3):
    print("inputs", inputs.T.tolist(), "targets", targets.T.tolist())

# %% [markdown]
r"""
Printed is one stretch a row: 0, 1, 2 is followed by 3, 4, 5 in the next batch. Because the batches continue each other, reading two of them with the carried state is the same as reading once through:
"""

# %% tags=["claim"]
(one, _), (two, _) = contiguous_batches(np.arange(54), B, 5)
half, state = run(ONE_HOT[one])
halves = np.concatenate([half, run(ONE_HOT[two], state)[0]])
whole, _ = run(ONE_HOT[np.concatenate([one, two])])
says = "Two batches with the carried state give the states of one long batch."
claim("1.8", says, np.abs(halves - whole).max(), at_most=1e-12)

# %% [markdown]
r"""
Two mistakes are so common that a check exists for each. If the target is *not* advanced, the model has only to copy its input; it scores wonderfully and has learnt nothing. The check `check_causal` with `strict=True` changes the inputs from step $t$ on and demands that the prediction of $x_t$ stays. Three predictors of a series: one answers with the value before, one copies, one peeks at the value after.
"""

# %%
predictors = {
    "honest": lambda xs: np.append(0, xs[:-1]),
    "copying": lambda xs: xs,
    "peeking": lambda xs: np.append(xs[1:], 0),
}

# %%
for name, predictor in predictors.items():
    try:
        checks.check_causal(predictor, test, name, strict=True)
        print(name, "passes")
    except AssertionError as problem:
        print(problem)

# %% [markdown]
r"""
## 1.7 Splits in time

A score counts only on data that the model has not seen. With a table one draws the test rows at random. With a sequence that is wrong, and the mistake can be measured where the truth is known: on a *random walk*, where each step goes up or down by pure chance. Nobody can predict whether it will stand higher in 20 steps; every method is right half of the time.

The method here answers with the nearest neighbour: among the training windows of 20 values it finds the most similar one and repeats what happened after it.
"""

# %%
def examples(walk, width=20, ahead=20):
    inputs, _ = windows(walk[: len(walk) - ahead + 1], width)  # (N, width)
    return inputs, walk[width + ahead - 1 :] > inputs[:, -1]  # is it higher later? (N,)

# %%
def accuracy(train, test):
    (known, answers), (asked, truth) = train, test
    nearest = [np.argmin(((known - window) ** 2).sum(axis=1)) for window in asked]
    return np.mean(answers[nearest] == truth)

# %% [markdown]
r"""
The wrong split cuts the windows first and then deals them out at random. The right one cuts the walk itself, in time; `split_in_time` of the package does it for anything that can be sliced.
"""

# %%
def random_split(walk, rng):
    inputs, answers = examples(walk)
    order = rng.permutation(len(inputs))
    cut = len(order) * 4 // 5
    return [(inputs[part], answers[part]) for part in (order[:cut], order[cut:])]

# %%
at_random, in_time = [], []
for seed in SEEDS:
    rng = np.random.default_rng(seed)
    walk = rng.normal(size=4000).cumsum()
    at_random.append(accuracy(*random_split(walk, rng)))
    in_time.append(accuracy(*map(examples, split_in_time(walk, (0.8, 0.2)))))

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(6, 2.2))
ax.plot(in_time, [0] * len(SEEDS), "ko")
ax.plot(at_random, [1] * len(SEEDS), "ko", markerfacecolor="white")
ax.axvline(0.5, **figures.style_of("chance"), label="pure chance")
ax.set_yticks([0, 1], ["split in time", "random split"])
ax.set(xlabel="share of right answers on the test part", xlim=(0, 1), ylim=(-0.5, 1.5))
ax.legend(loc="center left")
plt.show()

# %% [markdown]
r"""
**Figure 1.5.** *A random split turns a coin into a crystal ball.* One dot for each of five random walks of 4,000 steps: the share of right answers on the test part, for windows dealt out at random (top) and for a split in time (bottom); the dotted line is pure chance, and nothing better is possible in the long run. With the random split the nearest window is mostly the one that begins one step earlier or later. It shares 19 of its 20 values and nearly all of its future with the test window: the answer has *leaked* into the training part.
"""

# %% tags=["claim"]
says = "On a random walk, a random split of windows pretends at least 70 % right answers."
claim("1.9", says, at_random, at_least=0.7, seeds=SEEDS)

# %% tags=["claim"]
says = "On a random walk, a split in time gives at least 15 points less than a random split."
claim("1.10", says, np.subtract(at_random, in_time), at_least=0.15, seeds=SEEDS)

# %% [markdown]
r"""
So: split first, then do everything else. Vocabulary, mean and standard deviation come from the training part only; whoever computes them from everything has looked at the test part.

## 1.8 Different lengths: padding and masks

A dense layer reads inputs of one fixed size and takes the parts of its input as unordered. A recurrent cell reads any length. But a batch is an array, and the columns of an array are equally long. So the short sequences are filled up, and a *mask* of shape $(T, B)$ says which places are real.
"""

# %%
padded, mask = pad([LETTERS.encode(name) for name in ("zero", "one", "three")])  # (T, B) twice
print(padded.T, mask.astype(int).T, sep="\n")

# %% [markdown]
r"""
Each row printed is one name: zero, one, three. The mean loss has to be taken over the real places. Suppose a model pays $-\ln p$ for each letter, where $p$ is the share of that letter in the ten names:
"""

# %%
def masked_mean(losses, mask):
    return losses[mask].sum() / mask.sum()

# %%
shares = np.array(LETTERS.counts) / sum(LETTERS.counts)  # (V,)
for T in (5, 10, 20, 40):
    padded, mask = pad([LETTERS.encode(name) for name in NAMES], length=T)
    losses = -np.log(shares[padded])  # (T, B)
    print(f"T = {T:2d}: plain mean {losses.mean():.3f}, masked {masked_mean(losses, mask):.3f}")

# %% [markdown]
r"""
The plain mean falls with every row of padding, although the model is the same: id 0 is the most frequent letter, so padding is easy to predict. `check_padding` finds such a loss; the masked mean passes.
"""

# %% tags=["claim"]
checks.check_padding(masked_mean, [losses], mask)
alone = np.concatenate([-np.log(shares[LETTERS.encode(name)]) for name in NAMES]).mean()
says = "The masked mean is the mean over the sequences without any padding."
claim("1.11", says, abs(masked_mean(losses, mask) - alone), at_most=1e-12)

# %% [markdown]
r"""
The state needs the same care: after its last real step a sequence must keep its state, or the cell reads padding on. `np.where(mask, new, old)` does it, or reading the state off at the last real step.

## 1.9 Nats, bits, perplexity

Equation (1.2) is a product of many small numbers. Its logarithm is a sum, and with a minus sign it is a cost per symbol, the *cross-entropy*:

$$L = -\frac{1}{T} \sum_{t=1}^{T} \ln p(x_t \mid x_{<t}) \quad \text{nats per symbol.} \tag{1.4}$$

With $\log_2$ in place of $\ln$ the unit is the *bit*: what a perfect compressor would spend. And the *perplexity* $e^{L}$ is the number of equally likely symbols between which one would be just as unsure:

$$L_{\text{bits}} = \frac{L}{\ln 2}, \qquad \text{perplexity} = e^{L} = 2^{L_{\text{bits}}}. \tag{1.5}$$

By hand, with three predictions that gave the right symbol 1/2, 1/4 and 1/8:
"""

# %%
p = np.array([1 / 2, 1 / 4, 1 / 8])
nats, in_bits = -np.log(p).mean(), -np.log2(p).mean()
print(f"{nats:.4f} nats = {in_bits:.4f} bits; perplexity {np.exp(nats):.4f} = {2**in_bits:.4f}")
print(f"not the mean of 1/p: {np.mean(1 / p):.4f}")

# %% [markdown]
r"""
The bits are 1, 2 and 3, so their mean is 2 and the perplexity is 4. The mean must come *before* the exponential. Taking the mean of the single perplexities $1/p$ gives 4.67 here, and far more where a few symbols are very improbable. A uniform guess among $V$ symbols has perplexity $V$, which is a good test of any code:
"""

# %% tags=["claim"]
perplexity = np.exp(-np.log(np.full(1000, 1 / 27)).mean())
says = "The perplexity of a uniform guess among 27 symbols is 27."
claim("1.12", says, perplexity, equals=27, tolerance=1e-9)

# %% [markdown]
r"""
## 1.10 Baselines

A loss by itself says little. Compare it with what costs nothing. For symbols: *uniform* ($\log_2 V$ bits) and *unigram* (the frequencies alone). For numbers: the *mean*, the *last value*, and the *seasonal* value, which is the last one from the same place in the cycle.

For the text of section 1.4, in bits per character:
"""

# %% tags=["nbval-ignore-output"]
rows = np.median(held_out, axis=0)
print(f"uniform {np.log2(V):.1f}, unigram {rows[0]:.1f}, 1 character {rows[1]:.1f}")

# %% [markdown]
r"""
For numbers, the root mean square error `ahead` steps ahead, on the last 30 % of the series:
"""

# %%
def baselines(data, season, ahead):
    values, cut = data.values, round(0.7 * len(data.values))
    t = np.arange(cut, len(values))[data.observed[cut:]]
    guesses = [np.full(len(t), values[:cut].mean()), values[t - ahead], values[t - season]]
    return [np.sqrt(np.mean((values[t] - guess) ** 2)) for guess in guesses]

# %%
on_sun, on_air = baselines(spots, 11, 1), baselines(air, 52, 26)
for name, row in [("sunspots, 1 year ahead", on_sun), ("CO2, 26 weeks ahead", on_air)]:
    print(f"{name}: mean {row[0]:.1f}, last {row[1]:.1f}, seasonal {row[2]:.1f}")

# %% [markdown]
r"""
Which baseline is hard to beat depends on the series. The air breathes with the year, so half a year ahead the value of last year is the better guess. The sun's cycle of about 11 years is not regular enough for that.
"""

# %% tags=["claim"]
says = "Half a year ahead, the seasonal value has at most half the error of the last value on CO2."
claim("1.13", says, on_air[2] / on_air[1], at_most=0.5)

# %% tags=["claim"]
says = "One year ahead, the last value beats the value of 11 years ago on the sunspots."
claim("1.14", says, on_sun[1] / on_sun[2], at_most=0.95)

# %% [markdown]
r"""
## 1.11 Reading what is not a sequence

A picture of a digit can be read as a sequence of 8 rows of 8 pixels. Then the cell sees only one row at a time, and its state has to remember the others. Does it? The weights of the cell below are random and stay so. Only the readout is fitted, by least squares, from the state after each row; 1,200 pictures are for fitting and 597 for the test.
"""

# %%
def readout(features, labels, cut=1200):
    features = np.column_stack([features, np.ones(len(features))])  # (N, F + 1)
    train, wanted = features[:cut], np.eye(10)[labels[:cut]]
    gram = train.T @ train + 0.1 * np.eye(train.shape[1])  # 0.1: a little ridge
    answers = features[cut:] @ np.linalg.solve(gram, train.T @ wanted)  # (N, 10)
    return np.mean(answers.argmax(axis=1) == labels[cut:])

# %%
images, labels = series.digits()
rows = images.transpose(1, 0, 2) / 16  # (T, N, D) = (8, 1797, 8)
by_row = [readout(row, labels) for row in rows]

# %%
by_state = []
for seed in SEEDS:
    rng = np.random.default_rng(seed)
    W_xh, b_h = rng.normal(size=(8, 100)) / 2, rng.normal(size=100) / 10
    W_hh = 0.95 * np.linalg.qr(rng.normal(size=(100, 100)))[0]
    by_state.append([readout(state, labels) for state in run(rows)[0]])

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(6, 2.8))
figures.plot_seeds(ax, range(1, 9), np.array(by_state), "RNN", "state after the row")
ax.plot(range(1, 9), by_row, **figures.style_of("baseline"), label="that row alone")
ax.set(xlabel="rows read", ylabel="share of right digits", ylim=(0, 1))
ax.legend(loc="lower right")
plt.show()

# %% [markdown]
r"""
**Figure 1.6.** *The guess sharpens row by row: even a cell with random weights carries a summary of what it has read.* Share of right digits on 597 test pictures, read from the state after 1 to 8 rows (five random cells thin, their median bold; chance is 0.1), against the same readout from that one row of pixels.
"""

# %% tags=["claim"]
says = "After the last row, a state of 100 random units gives at least 85 % of the digits."
claim("1.15", says, [shares[-1] for shares in by_state], at_least=0.85, seeds=SEEDS)

# %% tags=["claim"]
says = "That state gives at least 30 points more right digits than the best single row."
claim("1.16", says, np.array(by_state)[:, -1] - max(by_row), at_least=0.3, seeds=SEEDS)

# %% [markdown]
r"""
## 1.12 Where what is built

| Task | In and out | Chapter |
| --- | --- | --- |
| forecast of a series | step by step | 02, 05, 06 |
| language model, letters or words | step by step | 03, 09, 10, 18 |
| hidden causes of what is seen | step by step | 04, 05 |
| adding binary numbers | step by step | 07 |
| mood of a sentence; digit from its pixels | many to one | 20 |
| parts of speech; labels of frames | step by step | 16, 20, 26 |
| guessing a sketch by the stroke | step by step | 20 |
| speech, printed lines, handwriting to text | many to many, order known | 21 |
| translation; numbers and dates in words | many to many, after reading | 22, 23 |
| writing by hand | step by step | 24 |
| captions for a picture | one to many | 25 |
| describing a clip; questions about pictures | many to many, many to one | 25 |
| looking at a picture piece by piece | fixed input, read as a sequence | 27 |

## Often told wrong

**The Markov condition.** It is often printed with the whole past on both sides: $p(x_t \mid x_{t-1}, \dots, x_1) = p(x_t \mid x_{t-1}, \dots, x_1)$. That is true of everything and says nothing. The right side must stop after $n$ steps: $p(x_t \mid x_{<t}) = p(x_t \mid x_{t-n}, \dots, x_{t-1})$. And $n$, the order, is not $T$, the length. The condition can fail: let the last of 6 symbols repeat the first. Whoever knows the whole past pays nothing for it; whoever knows the last two pays the full $\log_2 4 = 2$ bits.
"""

# %%
ids, answers, _ = synthetic.first_symbol(5, 20_000, num_symbols=4, seed=0)  # (T, B), (B,)
table = np.zeros((4, 4, 4))
np.add.at(table, (ids[-2], ids[-1], answers), 1)
p = (table / table.sum(axis=2, keepdims=True))[ids[-2], ids[-1], answers]  # (B,)
assert abs(-np.log2(p).mean() - 2) < 0.01 and np.array_equal(answers, ids[0])

# %% [markdown]
r"""
**The first factor.** The probability of a chain is often printed as $\prod_{t=1}^{T} p(x_t \mid x_{t-1})$. For $t = 1$ there is no $x_0$; the product needs $p(x_1)$ in front. Without it, the "probabilities" of all sequences add up to $V$ and not to 1. Nor is such a chain a *hidden* Markov model: there the states are not seen, and what is seen is emitted by them (chapter 04).
"""

# %%
first, step = np.array([0.5, 0.3, 0.2]), np.random.default_rng(0).dirichlet(np.ones(3), size=3)
without = step[:, :, None, None] * step[:, :, None] * step  # (x1, x2, x3, x4)
assert np.isclose(without.sum(), 3)
assert np.isclose((first[:, None, None, None] * without).sum(), 1)

# %% [markdown]
r"""
**One argument too many.** If $h_{t-1}$ has already read $x_{t-1}$, then $p(x_t \mid x_{t-1}, h_{t-1})$ names $x_{t-1}$ twice. This book keeps one convention: $h_t$ has read $x_1, \dots, x_t$, and $x_{t+1}$ is predicted from $h_t$ alone.

**Cross-entropy is a sum over classes.** The loss of one step is $-\sum_k y_k \ln \hat y_k$, with target $y$ and prediction $\hat y$, both of shape $(V,)$. Printed as $-y \log \hat y$ it is a vector of $V$ numbers. With a one-hot target, one term is left.

**The most probable symbol needs no softmax.** The softmax keeps the order of its inputs, so the largest input is the answer already. It is needed for probabilities.

**$N$ states hold $\log_2 N$ bits**, not $\log N$: the natural logarithm gives nats.
"""

# %%
logits = np.random.default_rng(0).normal(size=(1000, 27))
prediction = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
terms = -np.eye(27)[3] * np.log(prediction[0])  # (V,): not yet a loss
assert terms.shape == (27,) and np.isclose(terms.sum(), -np.log(prediction[0, 3]))
assert np.array_equal(logits.argmax(axis=1), prediction.argmax(axis=1))
assert not np.allclose(run(rows[:3])[1], run(rows[[0, 1, 4]])[1])  # h_3 has read x_3
assert np.log2(1024) == 10 and np.isclose(np.log(1024), 6.93, atol=0.01)  # 10 bits, 6.93 nats

# %% [markdown]
r"""
## Where it came from

- Markov (1913) counted vowels and consonants in 20,000 letters of *Eugene Onegin* and showed that a letter depends on the one before.
- Shannon (1948) measured a source of symbols by its entropy, and wrote English-looking text with windows of 0, 1 and 2 letters and of 0 and 1 words.
- Shannon (1951) let people guess the next letter to find how predictable English is. Counts that reach over at most eight letters put it at about 2.3 bits per letter; longer range brings it lower.
- Jelinek, Mercer, Bahl and Baker (1977) proposed perplexity as the measure of how hard a recognition task is, in place of the size of the vocabulary.
- Elman (1990) trained a recurrent network to predict the next word, with the sequence as its own teacher.
- Kaufman, Rosset, Perlich and Stitelman (2012) gave leakage its definition and a way to avoid it: separate learning from predicting.
- Karpathy (2015) drew the five schemes in the form that is used today.

## Summary

- What a sequence predictor learns is order: shuffling more than triples the error on the sunspots (claim 1.1), costs half a bit per character on text (1.3), and costs a model without context nothing (1.2).
- The probability of a sequence is exactly the product of next-step predictions (1.4), but their number of inputs grows. One keeps a window or a summary.
- A longer window is not always better: with plain counts, 2 to 4 characters are best on held-out text, while the training text always looks better (1.5 to 1.7).
- The target is the input one step later; batches that continue each other let a state be carried (1.8).
- Split in time. A random split of windows made pure chance look at least 70 % predictable (1.9, 1.10).
- Padding needs a mask (1.11); the mean comes before the exponential, and a uniform guess has perplexity $V$ (1.12).
- Compare with baselines; which one is strong depends on the series (1.13, 1.14).
- A state carries what was read: with random weights it tells 85 % of the digits row by row (1.15, 1.16).

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
- Shannon, C. E. (1948). A mathematical theory of communication. *Bell System Technical Journal* 27(3), 379-423. DOI 10.1002/j.1538-7305.1948.tb01338.x
- Shannon, C. E. (1951). Prediction and entropy of printed English. *Bell System Technical Journal* 30(1), 50-64. DOI 10.1002/j.1538-7305.1951.tb01366.x
"""
