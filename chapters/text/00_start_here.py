# %% [markdown]
r"""
# 00 Start here

How is this book read, run and graded, and does it run on your machine? This chapter answers both,
and ends with a small recurrent network that learns to write while you watch.

**You will be able to** tell that your installation works; read a claim, a figure with a knob and a
mirrored cell; read the notation of the book, and translate that of other sources into it.

**You need** Python, NumPy, a little probability, and the gradient of a dense layer.
No graphics card, and no internet connection once the course is installed.

Run time: about 20 s.

To run a cell, press Shift+Enter. To run the whole chapter, choose *Run*, *Run All Cells*.
"""

# %% tags=["setup"]
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

from rnncourse import doctor, figures
from rnncourse.batches import contiguous_batches
from rnncourse.claims import claim
from rnncourse.datasets.corpora import english
from rnncourse.figures import LOOKS
from rnncourse.knob import Knob

figures.use_style()
torch.set_num_threads(1)

# %% [markdown]
r"""
The cell above is the *set-up cell*. Every chapter has one. It holds the imports and two settings.
`figures.use_style()` gives all figures the same look. `torch.set_num_threads(1)` asks torch for a
single thread, because the matrices of a small recurrent network are too small to share out: the
threads would spend their time waiting for each other.

## 0.1 Does it run here?

Before you read on, see whether everything is in place. The next cell prints what the course needs
and what it found. For each line that begins with `WRONG`, a line below the table says what to do.
The same table comes from `python -m rnncourse doctor` in a terminal, with the course's own Python:
`.venv/bin/python`, on Windows `.venv\Scripts\python`.
"""

# %% tags=["nbval-ignore-output"]
status = doctor.main()

# %% [markdown]
r"""
The status is 0 where all is well and 1 where something has to be mended. It can be asserted like
any other number, and the next cell does so.
"""

# %% tags=["claim"]
claim("0.1", "This machine has all that the course needs.", status, equals=0, tolerance=0)

# %% [markdown]
r"""
## 0.2 How a chapter is read

What you have just seen is a **claim**. What this book claims about its subject never stands in the
text alone. Below it is a cell that measures it, compares it with a bound, and stops with an error
where the bound does not hold. The printed line ends in that bound. Where chance plays a part, the
line says how many random seeds were tried, and the bound holds for each of them.
`python -m rnncourse claims` lists every claim of the book with the values that were measured.

A claim that cannot fail would be worth nothing. Here is a false one. It stops with an error, as it
should.
"""

# %% tags=["raises-exception"]
claim("0.0", "Two and two make five.", measured=2 + 2, equals=5, tolerance=0)

# %% [markdown]
r"""
The other parts of a chapter are these.

- **Predict first.** Before an experiment runs, the text asks what will come out. Write your guess
  down. A wrong guess that you remember teaches more than a right answer that you read.
- **Settings.** The numbers that you may want to change stand in a cell of their own. Change them,
  run the cell and those below it, and see which claims break.
- **Knobs.** Some figures have a slider. In JupyterLab it is live after the cell has been run. On a
  web page it works without Python.
- **Exercises.** Each chapter from 01 on has a set that checks itself. Section 0.6 shows how.
- **Mirrored cells.** A definition that later chapters use lives once, in the package `rnncourse`.
  Small one-off functions stand in the chapter alone. Where a chapter explains a definition, its
  cell holds the same text as the package, and a test compares the two. You can change the cell and
  run it; the package stays as it was.

Here is a mirrored cell. It gives each concept the colour and the line style that it has in all
figures.
"""

# %% tags=["mirror:rnncourse.figures.style_of"]
def style_of(concept):
    """Return the colour and the line style that a concept has in the whole book.

    Args:
        concept: a key of ``LOOKS``, such as ``"LSTM"`` or ``"held out"``.

    Returns:
        dict with ``color`` and ``linestyle``, to be passed on to ``Axes.plot``.

    Raises:
        ValueError: the concept has no look.
    """
    if concept not in LOOKS:
        raise ValueError(f"concept must be one of {', '.join(LOOKS)}, but is {concept!r}")
    color, linestyle = LOOKS[concept]
    return {"color": color, "linestyle": linestyle}

# %%
print(style_of("RNN"))

# %% [markdown]
r"""
The chapters build on each other in words but not in code: each runs by itself.

## 0.3 The smallest recurrent network

A recurrent network reads a sequence one step at a time and keeps a **state**, a few numbers that
sum up what it has read. We start with a single number. Let $x_t$ be the input at step $t$, for
$t = 1, \dots, T$, and $h_t$ the state after step $t$. Both are real numbers here. Then

$$h_t = \tanh(w\,h_{t-1} + x_t), \qquad h_0 = 0, \tag{0.1}$$

where $w$ is the *recurrent weight*: how much of the old state goes into the new one. The function
$\tanh$ keeps the state between $-1$ and $1$. In code the equation is one line.
"""

# %%
def run(w, xs):
    h, hs = 0.0, []
    for x in xs:
        h = np.tanh(w * h + x)
        hs.append(h)
    return np.array(hs)  # (T,)


# %% [markdown]
r"""
One step by hand, to check with a pencil. The input is 1 at the first step and 0 afterwards: a
*pulse*. With $w = 0.5$ the first state is $\tanh(1) = 0.762$, the second is
$\tanh(0.5 \cdot 0.762) = 0.363$, the third is $\tanh(0.5 \cdot 0.363) = 0.180$.
"""

# %%
pulse = np.zeros(30)
pulse[0] = 1.0
print(np.round(run(0.5, pulse)[:3], 3))

# %% [markdown]
r"""
**Predict first.** The pulse is over after one step. What is left of it in the state after 30
steps, for $w = 0.5$, for $w = 1$ and for $w = 1.5$? And what does a negative $w$ do?
"""

# %% tags=["settings"]
weights = [-1.5, -1.1, -1.0, -0.5, 0.0, 0.5, 0.8, 0.9, 1.0, 1.1, 1.5]

# %% tags=["widget"]
def draw_pulse(w):
    figure, ax = plt.subplots(figsize=(6, 2.8))
    ax.plot(range(1, 31), run(w, pulse), marker="o", markersize=3, **figures.style_of("RNN"))
    ax.axhline(0, **figures.style_of("reference"), linewidth=0.8)
    ax.set(xlabel="step t", ylabel="state h", ylim=(-1.05, 1.05), title=f"w = {w}")
    return figure


Knob(
    draw_pulse,
    "recurrent weight w",
    weights,
    default=0.5,
    alt="State of a one-unit network after a pulse at step 1: it fades for weights below 1 in "
    "size and settles away from 0 above; negative weights make it alternate in sign.",
)

# %% [markdown]
r"""
**Figure 0.1.** *With a weight below 1 in size the network forgets the pulse; with one above 1 in
size it does not.* Each dot is the state after a step. Turn the knob from left to right: below $-1$
the state keeps swinging, between $-1$ and $1$ it dies away, at $1$ and $-1$ it fades very slowly,
above 1 it settles at a value that is not 0.

Nothing here is random, so the claims need no seeds.
"""

# %% tags=["claim"]
forgets = abs(run(0.5, pulse)[-1])
claim("0.2", "With w = 0.5 less than a millionth of the pulse is left after 30 steps.",
      forgets, at_most=1e-6)

# %% tags=["claim"]
remembers = [np.abs(run(w, pulse)).min() for w in (-1.5, -1.1, 1.1, 1.5)]
claim("0.3", "With a weight of size 1.1 or 1.5 the state is above 0.5 in size at all 30 steps.",
      remembers, at_least=0.5)

# %% tags=["claim"]
claim("0.4", "With w = 1 between a fifth and a quarter of the pulse is left after 30 steps.",
      run(1.0, pulse)[-1], at_least=0.2, at_most=0.25)

# %% [markdown]
r"""
Much of this book is about that one number. A weight that is too small forgets. One that is large
enough to remember has a price: it moves the unit towards the flat part of $\tanh$, where a change of
the input changes the state less. How much less is the slope of $\tanh$, which is $1 - h^2$ at the
state $h$.
"""

# %%
slopes = [1 - run(w, pulse)[-1] ** 2 for w in (0.5, 1.1, 1.5)]
print(np.round(slopes, 2))

# %% tags=["claim"]
claim("0.5", "From w = 0.5 to 1.1 to 1.5 the slope at the settled state falls by 0.2 or more each time.",
      -np.diff(slopes), at_least=0.2)

# %% [markdown]
r"""
## 0.4 A taste: a network that writes

Now the same recurrence with 128 numbers instead of one, trained on text. The state $h_t$ becomes a
row of $H = 128$ numbers, the input $x_t$ a row of 32 numbers that stands for a character, and $w$
a matrix. The network reads a character and says how probable each character is as the next one.
Everything in this section is explained later, slowly. Here it only has to run.

The text is English that every Python brings along: its own help pages. We write each character as
a whole number. The first nine tenths are for training. Of the rest, 20,000 characters are held out.
"""

# %% tags=["nbval-ignore-output"]
text = english()
train, held_out = text[: len(text) * 9 // 10], text[len(text) * 9 // 10 :][:20_000]
alphabet = sorted(set(train))
V = len(alphabet)
print(f"{len(train):,} characters to learn from, {V} different ones")

# %%
number_of = {character: number for number, character in enumerate(alphabet)}


def encode(string):
    return np.array([number_of[c] for c in string if c in number_of])  # (N,)


# %% [markdown]
r"""
The model has three parts: a table that turns a character into 32 numbers, the recurrence, and a
layer that turns the state into a score for each of the $V$ characters.
"""

# %%
class Writer(nn.Module):
    def __init__(self):
        super().__init__()
        self.table, self.rnn, self.read = nn.Embedding(V, 32), nn.RNN(32, 128), nn.Linear(128, V)

    def forward(self, ids, h=None):
        hs, h = self.rnn(self.table(ids), h)  # (T, B, 128)
        return self.read(hs), h  # (T, B, V)


# %% [markdown]
r"""
Training means: show a stretch of text, compare what the network expected with what came, and move
every weight a little so that the surprise gets smaller. The surprise is the *cross-entropy*: minus
the natural logarithm of the probability that the network gave to the character that came. Divided
by $\ln 2$ it is counted in *bits*. A character that was given the probability 1/2 costs one bit.
"""

# %%
def surprise(model, ids):
    ids = torch.tensor(ids)[:, None]  # (T, 1)
    with torch.no_grad():
        logits, _ = model(ids[:-1])
    return nn.functional.cross_entropy(logits[:, 0], ids[1:, 0]).item() / np.log(2)


# %% [markdown]
r"""
While a network trains, we write down what it expects after the letters `th` and after `in`.
"""

# %%
PROMPTS = (" of th", " in")


def expectations(model):
    with torch.no_grad():
        logits = [model(torch.tensor(encode(prompt))[:, None])[0][-1, 0] for prompt in PROMPTS]
    return [row.softmax(-1).numpy() for row in logits]  # each (V,)


# %% [markdown]
r"""
`contiguous_batches` cuts the text into 32 stretches that are read side by side, 32 characters at a
time; the state goes on from one batch to the next. `detach` tells torch not to trace gradients back
into earlier batches.
"""

# %% tags=["settings"]
SEEDS = [0, 1, 2]
STEPS = 350  # at most 400: one pass through the text
WATCHED = [0, 5, 20, 50, 100, 200, STEPS]

# %%
def train_writer(seed, seen):
    torch.manual_seed(seed)
    model, h = Writer(), None
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for step, (xs, ys) in enumerate(contiguous_batches(encode(train), batch_size=32, steps=32)):
        if step in WATCHED:
            seen[step] = expectations(model)
        if step == STEPS:
            return model
        logits, h = model(torch.tensor(xs), None if h is None else h.detach())
        loss = nn.functional.cross_entropy(logits.reshape(-1, V), torch.tensor(ys).reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    raise ValueError(f"STEPS must be at most {step}, one pass through the text, but is {STEPS}")


# %% [markdown]
r"""
**Predict first.** A model that gives every character the same probability needs $\log_2 V$ bits a
character: between 6 and 7, for there are about a hundred. One that knows how often each character
occurs, but not what came before, needs fewer. How many bits will the network need after a few
seconds?
"""

# %%
expected = {seed: {} for seed in SEEDS}  # what each network expects after the watched steps
models = [train_writer(seed, expected[seed]) for seed in SEEDS]

# %%
counts = np.bincount(encode(train), minlength=V) + 1.0
single_letters = -np.log2(counts / counts.sum())[encode(held_out)[1:]].mean()
bits = [surprise(model, encode(held_out)) for model in models]

# %% tags=["nbval-ignore-output"]
print(f"bits: uniform {np.log2(V):.1f}, letter frequencies {single_letters:.1f}, networks", end=" ")
print(*np.round(bits, 1))

# %% tags=["claim"]
claim("0.6", "On text it has not seen the network needs at most two thirds of the bits of a model "
      "that knows letter frequencies only.",
      [b / single_letters for b in bits], at_most=2 / 3, seeds=SEEDS)

# %% tags=["widget", "nbval-ignore-output"]
letters = " aeiorstuy"


def draw_expectation(step):
    figure, ax = plt.subplots(figsize=(6, 2.8))
    after_th, _ = expected[SEEDS[0]][step]
    heights = [after_th[number_of[letter]] for letter in letters]
    ax.bar(["space", *letters[1:]], heights, color=figures.style_of("RNN")["color"])
    ax.set(ylim=(0, 1), ylabel="probability", title=f"after {step} training steps")
    ax.set_xlabel("next character after ' of th'")
    return figure


Knob(
    draw_expectation,
    "training step",
    WATCHED,
    default=STEPS,
    alt="Probabilities of ten characters after 'of th': small and alike before training; after 5 "
    "steps the space leads; at the end the e is far above the rest.",
)

# %% [markdown]
r"""
**Figure 0.2.** *The network learns first which characters are common, and then what follows `th`.*
Each bar is the probability of one character as the next one, for the first network. Turn the knob
through the training: at step 0 all bars are small, close to $1/V$; after 5 steps the space leads;
from step 50 on the vowels stand out, and at the end the `e` is far above the rest.

That the network first ignores what came before can be measured. Compare what it expects after `th`
with what it expects after `in`: half the sum of the absolute differences is 0 where the two agree
and 1 where they have nothing in common.
"""

# %%
def difference(step):
    pairs = [expected[seed][step] for seed in SEEDS]
    return [np.abs(after_th - after_in).sum() / 2 for after_th, after_in in pairs]


# %% tags=["claim"]
claim("0.7", "After 5 steps the network expects nearly the same after 'th' and after 'in'.",
      difference(5), at_most=0.25, seeds=SEEDS)

# %% tags=["claim"]
claim("0.8", "At the end it expects quite different characters after 'th' and after 'in'.",
      difference(STEPS), at_least=0.75, seeds=SEEDS)

# %% tags=["claim"]
claim("0.9", "At the end it gives the 'e' after 'th' a probability of more than a half.",
      [expected[seed][STEPS][0][number_of["e"]] for seed in SEEDS], at_least=0.5, seeds=SEEDS)

# %% [markdown]
r"""
And this is what the first network writes, one character at a time. Each character is drawn from
the probabilities and then fed back in as the next input. Look at the lengths and the endings of the
words: nobody told the program what a word is.
"""

# %% tags=["nbval-ignore-output"]
torch.manual_seed(1)
ids, h = torch.tensor(encode("The "))[:, None], None  # (4, 1)
written = "The "
for _ in range(200):
    logits, h = models[0](ids, h)
    ids = logits[-1:, 0].softmax(-1).multinomial(1)  # (1, 1)
    written += alphabet[ids.item()]
print(written)

# %% [markdown]
r"""
## 0.5 Notation on one page

These letters keep their meaning through the book. Where a section needs one of them for something
else, it says so. The models that are named here are explained in later chapters.

| letter | meaning | letter | meaning |
| --- | --- | --- | --- |
| $T$ | number of time steps | $V$ | size of the vocabulary |
| $B$ | batch size: sequences side by side | $D$ | input size: numbers in one step |
| $L$ | number of layers | $H$ | hidden size: numbers in the state |
| $N$ | states of a hidden Markov model | $p$ | order of an autoregressive model |

- **Time comes first.** A batch of sequences has the shape $(T, B, D)$. A *mask*, which says which
  steps are real where sequences differ in length, has the shape $(T, B)$.
- **One step is singular, a sequence plural.** `x` has the shape $(B, D)$, `xs` has $(T, B, D)$;
  likewise `h` and `hs`.
- **Vectors are rows**, in the formulas and in the code. The recurrence of the book is
  $$h_t = \tanh(x_t W_{xh} + h_{t-1} W_{hh} + b_h), \tag{0.2}$$
  with $x_t$ of shape $(D)$, $W_{xh}$ of shape $(D, H)$, $W_{hh}$ of shape $(H, H)$ and the bias
  $b_h$ of shape $(H)$. The index says from where to where: $xh$ is from input to hidden. A matrix
  $W_{hy}$ of shape $(H, K)$ reads $K$ outputs from the state.
- **Losses are in nats** in the code: natural logarithms, per symbol. Bits, and the *perplexity*
  ($e$ to the loss in nats), are derived where they are printed.
- **The parts of an LSTM** (long short-term memory) come in the order $i, f, g, o$, **those of a GRU**
  (gated recurrent unit) in the order $r, z, n$. Both orders are torch's. In the GRU, $z$ *keeps* the
  old state.

Other sources write the same network with other letters. In this table the letter $U$ alone stands
for three different matrices, so look here before you compare formulas. The numbers of the decks are
those of the [lecture map](lecture_map.md).

| source | input to hidden | hidden to hidden | hidden to output | state |
| --- | --- | --- | --- | --- |
| this book | $W_{xh}$ | $W_{hh}$ | $W_{hy}$ | $h_t$ |
| `torch.nn.RNN` (transposed) | `weight_ih_l0` | `weight_hh_l0` | a `Linear` of its own | `h` |
| deck 000, word-level model | $U$ | $W$ | $V$ | $s_t$ |
| deck 000, Elman's network | $W_h$ | $U_h$ | $W_y$ | $h_t$ |
| deck 003 | $V$ | $W$ | $U$ | $h_t$ |
| deck 004, training | $W_I$ | $W_R$ | $W_y$ | $h^{(t)}$ |

Most of them multiply columns from the left, for example $s_t = \tanh(U x_t + W s_{t-1})$, with $x_t$
a column of shape $(D, 1)$ and $s_t$ one of shape $(H, 1)$. To translate, match the *places* and
transpose the matrices. The next cells run one step of the same network three times: in the book's
rows, in columns, and in torch.
"""

# %%
rng = np.random.default_rng(0)
D, H = 3, 5
x, h_before = rng.normal(size=D), rng.normal(size=H)
W_xh, W_hh, b_h = rng.normal(size=(D, H)), rng.normal(size=(H, H)), rng.normal(size=H)

# %%
rows = np.tanh(x @ W_xh + h_before @ W_hh + b_h)  # (H,)
U, W = W_xh.T, W_hh.T  # (H, D), (H, H): the tutorials' letters
columns = np.tanh(U @ x[:, None] + W @ h_before[:, None] + b_h[:, None])  # (H, 1)

# %% [markdown]
r"""
`RNNCell` is one step of `RNN`; its names lack the `_l0`. torch adds two biases and the book has one,
so the second is set to 0.
"""

# %%
cell = nn.RNNCell(D, H).double()
with torch.no_grad():
    cell.weight_ih.copy_(torch.tensor(U))
    cell.weight_hh.copy_(torch.tensor(W))
    cell.bias_ih.copy_(torch.tensor(b_h))
    cell.bias_hh.zero_()
    in_torch = cell(torch.tensor(x)[None], torch.tensor(h_before)[None]).numpy()  # (1, H)

# %% tags=["claim"]
differences = [np.abs(columns[:, 0] - rows).max(), np.abs(in_torch[0] - rows).max()]
claim("0.10", "Rows, columns and torch give the same state, once the matrices are transposed.",
      differences, at_most=1e-12)

# %% [markdown]
r"""
Common mistake: to forget the transposition. With $D \ne H$ numpy stops with an error.
"""

# %% tags=["raises-exception"]
x @ U

# %% [markdown]
r"""
$W_{hh}$ is square in every network, so forgetting to transpose *it* never stops. Only a comparison
of numbers finds the mistake.
"""

# %% tags=["claim"]
forgotten = np.tanh(x @ W_xh + h_before @ W_hh.T + b_h)
claim("0.11", "With the recurrent matrix not transposed, the state is wrong by more than 0.1.",
      np.abs(forgotten - rows).max(), at_least=0.1)

# %% [markdown]
r"""
## 0.6 Exercises and grading

An exercise set is a notebook in the folder `exercises`. Each exercise has a statement, a cell for
your answer, and a cell that checks it. Run the check. If it says nothing, your answer passes. If it
stops with an error, the last line says what is probably wrong. You may run it as often as you like.
Hints fold out below the statement.

Your work is yours: no command of the course replaces an exercise notebook in which you have worked
without keeping a copy beside it. Instructors grade with nbgrader, and the graded version has a few
more checks of the same kind with other numbers.

## Often told wrong

**"The update gate $z$ says how much of the new state to take."** In a gated recurrent unit, which
a later chapter builds, the new state is a mixture of the old state $h_{t-1}$ and a proposal $n_t$,
with a gate $z_t$ between 0 and 1. Two ways to write it are in use:

$$h_t = z_t\,h_{t-1} + (1 - z_t)\,n_t \quad\text{(Cho et al. 2014; torch; this book)}, \tag{0.3}$$
$$h_t = (1 - z_t)\,h_{t-1} + z_t\,n_t \quad\text{(Chung et al. 2014)}. \tag{0.4}$$

So the sentence is right for one of them and wrong for the other. Neither is better. Here $h_t$,
$n_t$ and $z_t$ have the shape $(H)$, and products are taken number by number. The gate is a logistic
function, $z_t = \sigma(a_t)$ with $\sigma(a) = 1 / (1 + e^{-a})$, where $a_t$ is a weighted sum of the
input and the old state plus a bias. Now $1 - \sigma(a) = \sigma(-a)$. So turn the sign of the *gate's*
weights and bias and leave all others as they are: one form becomes the other. A lecture that draws
one form and cites the paper of the other teaches you to set the initial bias with the wrong sign.
"""

# %%
def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def gap(seed):
    a, old, new = np.random.default_rng(seed).normal(size=(3, 1000))
    keeps = sigmoid(a) * old + (1 - sigmoid(a)) * new  # equation 0.3
    takes = (1 - sigmoid(-a)) * old + sigmoid(-a) * new  # equation 0.4, sign of a turned
    return np.abs(keeps - takes).max()


# %% tags=["claim"]
claim("0.12", "With the sign of the gate's input turned, the two forms of the gate agree.",
      [gap(seed) for seed in SEEDS], at_most=1e-12, seeds=SEEDS)

# %% [markdown]
r"""
That torch's `GRUCell` keeps the old state for a large $z$ can be tried rather than believed. A bias
of 20 on the gate $z$ drives it to 1, and the state stays.
"""

# %%
def moved(seed):
    torch.manual_seed(seed)
    gru = nn.GRUCell(D, H)
    with torch.no_grad():
        gru.bias_ih[H : 2 * H] = 20.0  # the parts r, z, n lie one after the other
        x, h = torch.randn(7, D), torch.randn(7, H)
        return (gru(x, h) - h).abs().max().item()


# %% tags=["claim"]
claim("0.13", "In torch a large z keeps the old state.",
      [moved(seed) for seed in SEEDS], at_most=1e-4, seeds=SEEDS)

# %% [markdown]
r"""
## Where it came from

The recurrence (0.2) with a state that is fed back is Elman's (1990), who trained it to predict the
next word and looked at what the state had learnt; he used the logistic function in place of $\tanh$.
Cho et al. (2014) introduced the gated unit of
equation (0.3) for translation. Chung et al. (2014) compared it with the LSTM and wrote it as in
(0.4). The [lecture map](lecture_map.md) tells instructors which chapter goes with which topic of a
usual lecture, and what to correct when teaching from one.

## Summary

- The course runs on this machine (claim 0.1). A claim is a cell that fails when its sentence is
  false.
- One recurrent number forgets or remembers, depending on its weight (claims 0.2 to 0.4), and
  remembering has a price (claim 0.5).
- A network of 128 numbers, trained for a few seconds, predicts text better than letter frequencies
  can (claim 0.6), because it has learnt to heed what came before (claims 0.7 to 0.9).
- Letters differ between sources while the network is the same (claims 0.10 to 0.13).

## Exercises

This chapter has none of its own. The first set belongs to chapter 01:
[Sequences](../exercises/01_sequences/01_sequences.ipynb). Read on in
[01 Sequences](01_sequences.ipynb).

## References

- K. Cho, B. van Merriënboer, C. Gulcehre, D. Bahdanau, F. Bougares, H. Schwenk and Y. Bengio
  (2014). Learning phrase representations using RNN encoder-decoder for statistical machine
  translation. *EMNLP 2014*. arXiv:1406.1078.
- J. Chung, C. Gulcehre, K. Cho and Y. Bengio (2014). Empirical evaluation of gated recurrent
  neural networks on sequence modeling. arXiv:1412.3555.
- J. L. Elman (1990). Finding structure in time. *Cognitive Science* 14(2), 179-211.
  DOI 10.1207/s15516709cog1402_1.
"""
