# %% [markdown]
r"""
# 09 A character-level language model

Can a state of a hundred numbers do better than a table of all short contexts? We train the network of chapter 08 on text, character by character, watch it learn to write, and measure honestly how good it is.

**You will be able to** train a recurrent network on any text, in NumPy and in torch; say what its loss must be before the first update; tell which parts of a famous recipe matter; compare it with n-grams, compressors and a known floor; and train it on a text file of your own.

**You need** [chapter 03](03_ngrams.ipynb) for n-grams and bits per character, and from chapter 08 that the gradients of a sequence can be computed in one sweep back through time.

Run time: about 35 s.
"""

# %% tags=["setup"]
import re
from timeit import repeat

import matplotlib.pyplot as plt
import numpy as np
import torch

from rnncourse import checkpoints, evaluation, figures, generation
from rnncourse.claims import claim
from rnncourse.datasets import corpora, grammars
from rnncourse.knob import Knob

figures.use_style()
torch.set_num_threads(1)

# %% [markdown]
r"""
## 9.1 A language that no window knows

Here is a language of two kinds of brackets. At each step one is opened or the one that was opened last is closed, each with probability 1/2; either kind is opened equally often. With nothing open one must be opened, and with three open one must be closed.
"""

# %% tags=["settings"]
SEEDS = [0, 1, 2, 3, 4]

# %%
known = [grammars.brackets(120_000, seed=seed) for seed in SEEDS]  # each with its true losses
asked = [grammars.brackets(20_000, seed=100 + seed) for seed in SEEDS]
print(" ".join("()[]"[i] for i in asked[0].ids[:40]))

# %% [markdown]
r"""
Whoever remembers the open brackets knows the true probabilities. With none open there are two equally likely symbols: $\ln 2$ nats. With three open there is no choice: 0 nats. Between, the probabilities are 1/4, 1/4 and 1/2, which makes $\tfrac32 \ln 2$. The number of open brackets is a Markov chain on 0, 1, 2, 3 whose stationary distribution is 1/6, 1/3, 1/3, 1/6: from the two in the middle it moves either way with probability 1/2, from the ends back for sure. So the entropy rate (3.5), the floor of every loss, is $\tfrac16 \ln 2 + \tfrac23 \cdot \tfrac32 \ln 2 = \tfrac76 \ln 2$.
"""

# %% tags=["claim"]
claim("9.1", "The floor is 7/6 ln 2 nats, and the true losses of five texts have this mean to within 0.01.",
      [text.losses.mean() for text in asked], equals=7 / 6 * np.log(2), tolerance=0.01, seeds=SEEDS)

# %% [markdown]
r"""
An n-gram knows the last $n - 1$ symbols. But the bracket to be closed may have been opened long before. We fit Witten-Bell models of chapter 03 and note by how many nats they miss the floor.
"""

# %%
from rnncourse.ngrams import NGramModel
from rnncourse.smoothing import WittenBell

NS = [2, 4, 6, 8, 10, 12]

# %%
def excess(n, train, test):
    return np.mean(-NGramModel(n, WittenBell()).fit(train.ids, 4).log_probabilities(test.ids) - test.losses)

# %%
missed = np.array([[excess(n, *both) for n in NS] for both in zip(known[:3], asked[:3], strict=True)])  # (3, 6)
print(dict(zip(NS, missed.mean(axis=0).round(2).tolist(), strict=True)))

# %% tags=["claim"]
claim("9.2", "With 120,000 symbols to count, no n of 2, 4, 6, 8, 10, 12 comes closer than 0.08 nats, on three texts.",
      missed.min(axis=1), at_least=0.08, seeds=SEEDS[:3])

# %% [markdown]
r"""
A short context forgets, and a long one is too rarely seen to be counted. But there is little to remember: at most three open brackets, which is 15 cases in all. A *summary* that is updated step by step would do. Section 9.11 tries it.

## 9.2 The model, and its loss before it has learnt anything

The network reads one character at a time and keeps a state $h_t$, a row of $H$ numbers. Let $x_t \in \{0, \dots, V-1\}$ be the character at step $t$, $V$ the size of the alphabet and $e(x_t)$ the *one-hot* row with a 1 at place $x_t$ and 0 elsewhere, shape $(V,)$. Then

$$h_t = \tanh\bigl(e(x_t)\, W_{xh} + h_{t-1} W_{hh} + b_h\bigr), \qquad o_t = h_t W_{hy} + b_y, \qquad p_t = \mathrm{softmax}(o_t), \tag{9.1}$$

with weights $W_{xh}$ of shape $(V, H)$, $W_{hh}$ $(H, H)$, $W_{hy}$ $(H, V)$ and biases $b_h$ $(H,)$, $b_y$ $(V,)$. The *logits* $o_t$ $(V,)$ become probabilities $p_t$ $(V,)$ of the next character by $p_{t,k} = e^{o_{t,k}} / \sum_j e^{o_{t,j}}$.
"""

# %% tags=["figure"]
figure, ax = plt.subplots(figsize=(6.5, 3))
style = {"ha": "center", "va": "center", "bbox": {"boxstyle": "circle", "facecolor": "white"}}
ax.text(-1, 1, "$h_0$", **style)
for t, (read, wanted) in enumerate(zip("hell", "ello", strict=True)):
    for height, name in enumerate([read, f"$h_{t + 1}$", f"$p_{t + 1}$"]):
        ax.text(t, height, name, **style)
    for start, end in (((t, 0), (t, 1)), ((t, 1), (t, 2)), ((t - 1, 1), (t, 1))):
        ax.annotate("", end, start, arrowprops={"arrowstyle": "->", "shrinkA": 13, "shrinkB": 13})
    ax.text(t, 2.6, f"target {wanted}", ha="center")
ax.set(xlim=(-1.4, 3.5), ylim=(-0.4, 2.9))
ax.axis("off")
plt.show()

# %% [markdown]
r"""
**Figure 9.1.** *The target of each step is the character that is read at the next one.* Time runs to the right. Below: characters read. Middle: states. Above: probabilities, and the character that should get a large one.

A product with a one-hot row picks a row of $W_{xh}$, so nobody computes it: `W_xh[x]` is the same.
"""

# %%
from rnncourse.numpy_rnn import Parameters, cross_entropy, forward, initialise, loss_and_gradients

# %% tags=["claim"]
W_xh = initialise(7, 5, 7, seed=0).W_xh  # V = 7, H = 5
claim("9.3", "For each of seven characters, the one-hot product and the row are the same numbers.",
      [np.abs(np.eye(7)[k] @ W_xh - W_xh[k]).max() for k in range(7)], at_most=0)

# %% [markdown]
r"""
The loss of a window of 25 characters is the sum over its steps,

$$L = \sum_{t=1}^{25} -\ln p_t[x_{t+1}], \tag{9.2}$$

where $p_t[k]$ is entry $k$ of $p_t$. **Predict first.** The weights start as small random numbers, with standard deviation 0.01, the biases at 0. What is $L$ for our English text, the help pages of chapter 03, before any training?
"""

# %%
from rnncourse.batches import split_in_time
from rnncourse.text import Vocabulary

# %%
training_text, held_out_text = split_in_time(corpora.english(), (0.9, 0.1))
vocabulary = Vocabulary(training_text, unknown="<unk>")  # from the training part only
training, held_out = vocabulary.encode(training_text), vocabulary.encode(held_out_text)
V = len(vocabulary)

# %% tags=["claim"]
firsts = [25 * loss_and_gradients(initialise(V, 100, V, seed), training[:25], training[1:26])[0] for seed in SEEDS]
claim("9.4", "The first loss is 25 ln V to within a tenth of a per cent.",
      np.array(firsts) / (25 * np.log(V)), equals=1, tolerance=0.001, seeds=SEEDS)

# %% [markdown]
r"""
Small weights make small logits, equal logits make equal probabilities $1/V$, and each step costs $\ln V$. Remember this number. A first loss far above it says that the weights are too large; one below it, that something is counted wrongly, say a mean for a sum. A target that leaks into the input does not show yet: equal logits make no use of it. It shows later, in a loss that falls to nearly 0 (exercise 9.4).

## 9.3 The recipe

Karpathy (2015) published a program of about a hundred lines that made character models popular. Its recipe, in our words:

- $H = 100$ units, weights with standard deviation 0.01;
- read 25 characters, go back through these 25 (chapter 08), update; the next window starts from the state that this one ended with (the state is *carried*, its gradient is not);
- move every entry of the gradient that lies outside $\pm 5$ to the nearer end (*clipping*);
- update with Adagrad (Duchi, Hazan and Singer, 2011): let $g$ be an entry of the gradient and $s$ the sum of its squares so far, then

$$s \leftarrow s + g^2, \qquad w \leftarrow w - \eta\, \frac{g}{\sqrt{s} + 10^{-8}}, \qquad \eta = 0.1; \tag{9.3}$$

- report a loss that is smoothed over about 1,000 windows,

$$S_0 = 25 \ln V, \qquad S_i = 0.999\, S_{i-1} + 0.001\, L_i, \tag{9.4}$$

where $L_i$ is the loss (9.2) of window $i$;
- every so often, print a sample.

(His program takes the root of $s + 10^{-8}$, which differs only where $s$ is tiny. At the end of the text it starts again with a zero state.)

To *sample*, draw a character from $p_t$ and read it as the next input. `write` does so for several texts side by side. Dividing the logits by a *temperature* will be of use in section 9.5; 1 changes nothing. A draw is made as in chapter 03: where does a uniform random number fall among the cumulated probabilities? Every text begins after a line break.
"""

# %%
def write(parameters, vocabulary, length=1000, texts=20, temperature=1.0, seed=0):
    rng = np.random.default_rng(seed)
    ids, state, written = np.full(texts, vocabulary.id_of("\n")), None, []
    for _ in range(length):
        result = forward(parameters, ids[None], state)  # one step of all texts
        state = result.states[-1]  # (B, H)
        scores = result.logits[0].astype(float) / temperature  # (B, V)
        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        limits = np.cumsum(p / p.sum(axis=1, keepdims=True), axis=1)[:, :-1]  # (B, V - 1)
        ids = (limits < rng.random((texts, 1))).sum(axis=1)  # (B,)
        written.append(ids)
    return ["".join(vocabulary.decode(column)) for column in np.array(written).T]

# %%
def shown(text):
    return " ".join(text.encode("ascii", "replace").decode().split())  # in one line

# %% [markdown]
r"""
And the program. `loss_and_gradients` is that of chapter 08: it runs a window forward and back, and returns the mean loss, its gradients with respect to all five arrays, and the last state. We multiply by 25 to get the sum (9.2). `Adagrad.update` changes the weights in place.
"""

# %%
from rnncourse.clipping import clip_by_value, global_norm
from rnncourse.optimizers import Adagrad


# %%
def recipe(ids, vocabulary, updates, seed=0, sample_every=None):
    V = len(vocabulary)
    parameters, optimizer = initialise(V, 100, V, seed, scale=0.01), Adagrad(lr=0.1, eps=1e-8)
    state, smooth, losses = np.zeros(100), [25 * np.log(V)], []
    for i in range(updates):
        inputs, targets = ids[25 * i : 25 * i + 25], ids[25 * i + 1 : 25 * i + 26]
        loss, gradients, state = loss_and_gradients(parameters, inputs, targets, state)
        gradients = Parameters(*(25 * g for g in gradients))  # of the sum (9.2)
        losses.append(25 * loss)
        smooth.append(0.999 * smooth[-1] + 0.001 * losses[-1])
        optimizer.update(parameters, clip_by_value(gradients, 5))
        if sample_every and (i + 1) % sample_every == 0:
            print(f"{i + 1:5} {smooth[-1]:.1f}", shown(write(parameters, vocabulary, 70, 1)[0]))
    return parameters, np.array(losses), np.array(smooth)

# %% tags=["nbval-ignore-output"]
_, losses, smooth = recipe(training, vocabulary, updates=3000, sample_every=750)

# %% tags=["claim"]
claim("9.5", "After 1,000 updates 0.999^1000, or 37 %, of the smoothed loss is still its start 25 ln V; the losses have the rest.",
      smooth[1000] - 0.001 * 0.999 ** np.arange(1000)[::-1] @ losses[:1000] - 0.37 * 25 * np.log(V), equals=0, tolerance=0.5)

# %% tags=["figure", "nbval-ignore-output"]
figure, ax = plt.subplots()
ax.plot(losses, color="#c8dfee", linewidth=0.5, label="loss of a window")
ax.plot(range(200, 3001), np.convolve(losses, np.ones(200) / 200, "valid"), **figures.style_of("data"), label="mean of 200")
ax.plot(smooth, **figures.style_of("training"), label="smoothed (9.4)")
ax.set(xlabel="update", ylabel="nats per 25 characters", ylim=(0, 160))
ax.legend(ncols=3)
plt.show()

# %% [markdown]
r"""
**Figure 9.2.** *The smoothed loss is calm, but it comes late: it still falls from its start when the losses themselves have long been lower.* English, one window of 25 characters an update. Pale: each window. Black: mean of the last 200 windows. Blue: what the recipe prints.

Put (9.4) into itself $i$ times: $S_i = 0.999^i S_0 + \dots$, so the start fades slowly (claim 9.5). And each window is new text here, so these losses are measured on characters that the network has not yet learnt from.
"""

# %% tags=["claim"]
claim("9.6", "In this run, after 1,000 updates, the smoothed loss is at least 10 nats above the mean of the last 200 windows.",
      smooth[1000] - losses[800:1000].mean(), at_least=10)

# %% [markdown]
r"""
## 9.4 The same program, many characters at once

One window at a time uses a processor badly. So cut the text into $B = 32$ stretches and read them side by side. The state is carried as before, in each *column* for itself:
"""

# %%
from rnncourse.validate import as_array, as_integer


# %% tags=["mirror:rnncourse.batches.contiguous_batches"]
def contiguous_batches(ids, batch_size, steps, drop_last=True):
    """Cut one long sequence into batches that continue each other.

    Column b of a batch goes on where column b of the batch before stopped, so the state that a
    model ends one batch with is the state to begin the next one with.

    Args:
        ids: numbers (N,), one long sequence.
        batch_size: B, how many stretches of the sequence are read side by side.
        steps: T, how many steps a batch holds.
        drop_last: whether to leave out a last batch of fewer than T steps.

    Returns:
        iterator over pairs inputs (T, B), targets (T, B); targets are inputs one step later.

    Raises:
        TypeError: an argument is not numeric.
        ValueError: ``ids`` is not one-dimensional, or too short for one batch.
    """
    as_array(ids, "ids", ndim=1, min_length=2)
    ids = np.asarray(ids)  # (N,)
    batch_size = as_integer(batch_size, "batch_size", minimum=1, maximum=len(ids) - 1)
    length = (len(ids) - 1) // batch_size
    steps = as_integer(steps, "steps", minimum=1, maximum=length if drop_last else None)
    inputs = ids[: batch_size * length].reshape(batch_size, length).T  # (length, B)
    targets = ids[1 : batch_size * length + 1].reshape(batch_size, length).T  # (length, B)
    stop = length - length % steps if drop_last else length
    return ((inputs[t : t + steps], targets[t : t + steps]) for t in range(0, stop, steps))

# %% [markdown]
r"""
`Sweep` computes what `loss_and_gradients` does, faster. Our `train` is the recipe with switches, which we will need. It copies the weights that it starts from, returns a `SimpleNamespace` (a bag with names) and notes the largest entry and the length (*norm*) of each gradient. It goes through the text again when it is at the end. The gradient is now a mean over the 32 columns. The learning rate is 0.05, where nothing else is said.
"""

# %%
from types import SimpleNamespace

from rnncourse.numpy_rnn_sweep import Sweep


# %%
def train(ids, start, updates, rate=0.05, columns=32, clip=5, carry=True, keep=()):
    parameters, optimizer = Parameters(*map(np.copy, start)), Adagrad(rate, eps=1e-8)
    run, sweep = SimpleNamespace(parameters=parameters, losses=[], norms=[], peaks=[], kept={}), Sweep()
    while True:
        state = None  # the text begins
        for inputs, targets in contiguous_batches(ids, columns, 25):
            if len(run.losses) in keep:
                run.kept[len(run.losses)] = Parameters(*map(np.copy, parameters))
            loss, gradients, last = sweep(parameters, inputs, targets, state)
            state = last if carry else None
            gradients = Parameters(*(25 * g for g in gradients))
            run.losses.append(loss)
            run.norms.append(global_norm(gradients))
            run.peaks.append(max(np.abs(g).max() for g in gradients))
            optimizer.update(parameters, gradients if clip is None else clip_by_value(gradients, clip))
            if len(run.losses) == updates:
                return run

# %%
def weights(seed, scale=0.01, size=V):
    return initialise(size, 100, size, seed, scale, np.float32)  # float32 is faster

# %% tags=["claim"]
five = train(training[:126], initialise(V, 100, V, 0), 5, rate=0.1, columns=1).losses
claim("9.7", "With one column, the first five losses are those of the recipe, to 1e-6.",
      np.abs(25 * np.array(five) - losses[:5]), at_most=1e-6)

# %%
single = min(repeat(lambda: recipe(training, vocabulary, 200), number=1, repeat=3)) / 5000  # seconds a character
batched = min(repeat(lambda: train(training, weights(0), 50), number=1, repeat=3)) / 40_000

# %% tags=["claim"]
claim("9.8", "With 32 columns, `Sweep` and float32, a second trains at least three times as many characters.",
      single / batched, at_least=3)

# %% [markdown]
r"""
## 9.5 Learning to write

We train on English for 3,200 updates, about six times through the text. Here is the same network at four moments, unselected. A *word* is a run of at least three letters; it is *real* if the training text has it. (Chapter 03 used the same measure.)
"""

# %% tags=["settings"]
MOMENTS = [0, 50, 100, 200, 400, 800, 1600, 3200]

# %%
run = train(training, weights(0), 3201, keep=MOMENTS)
real_words = set(re.findall(r"[A-Za-z]{3,}", training_text))

# %%
def real(text):
    return np.mean([word in real_words for word in re.findall(r"[A-Za-z]{3,}", text)])

# %%
def bits(parameters, ids):
    losses, _ = cross_entropy(forward(parameters, ids[:-1]).logits, ids[1:])
    return losses.mean() / np.log(2)

# %%
samples = {n: write(run.kept[n], vocabulary) for n in MOMENTS}
shares = {n: real(" ".join(samples[n])) for n in MOMENTS}
stretches = held_out[: len(held_out) // 8 * 8].reshape(8, -1).T  # (N, 8), read side by side
scores = {n: bits(run.kept[n], stretches) for n in MOMENTS}

# %% tags=["nbval-ignore-output"]
for n in (0, 100, 800, 3200):
    print(f"{n:4} updates, {scores[n]:.1f} bits, {shares[n]:.0%} real:", shown(samples[n][0])[:170], "\n")

# %% tags=["claim"]
claim("9.9", "In this run at most 2 % of the words are real before training; after it at least 20 %, and at least 30 points less than in held-out text.",
      [0.02 - shares[0], shares[3200] - 0.2, real(held_out_text) - shares[3200] - 0.3], at_least=0)

# %%
def beside(text):  # the text to the left of an empty panel
    figure, (left, right) = plt.subplots(1, 2, figsize=(7, 2.8), width_ratios=[3, 2])
    lines = "\n".join(shown(text)[i : i + 40] for i in range(0, 400, 40))
    left.text(0, 1, lines, family="monospace", size=10, va="top", parse_math=False)
    left.axis("off")
    return figure, right

# %%
def draw_moment(n):
    figure, right = beside(samples[n][1])
    right.plot(range(len(MOMENTS)), list(scores.values()), **figures.style_of("RNN"))
    right.plot(MOMENTS.index(n), scores[n], "ko")
    right.set_xticks(range(len(MOMENTS)), MOMENTS, rotation=45)
    right.set(title=f"{shares[n]:.0%} real words", xlabel="updates", ylabel="bits per character", ylim=(0, 7))
    return figure

# %% tags=["widget", "nbval-ignore-output"]
Knob(draw_moment, "updates", values=MOMENTS, default=400,
     alt="Left, a sample, from letter salad to word-like strings. Right, held-out bits, falling from 6.7 to about 2.3.")

# %% [markdown]
r"""
**Figure 9.3.** *First come the frequent characters, then the lengths of words, then syllables and short words; sense does not come.* Turn the knob through the training. Left: a sample; the line breaks are the figure's. Right: bits per character on the held-out tenth, read as eight stretches side by side.

What would happen if probable characters were made more probable? Dividing the logits by a temperature below 1 does it.

**Predict first.** Will a temperature of 0.5 give more real words? And more *different* words?
"""

# %% tags=["settings"]
TEMPERATURES = [0.25, 0.5, 0.75, 1.0, 1.25, 1.5]

# %%
def variety(text):
    words = re.findall(r"[A-Za-z]{3,}", text)[:3000]
    return len(set(words)) / len(words)

# %%
heated = {T: write(run.parameters, vocabulary, temperature=T) for T in TEMPERATURES}
rightness = {T: real(" ".join(texts)) for T, texts in heated.items()}
varieties = {T: variety(" ".join(texts)) for T, texts in heated.items()}

# %%
def draw_temperature(T):
    figure, right = beside(heated[T][2])
    right.plot(TEMPERATURES, list(rightness.values()), "k-", label="real")
    right.plot(TEMPERATURES, list(varieties.values()), "k--", label="different")
    right.axvline(T, **figures.style_of("RNN"))
    right.set(xlabel="temperature", ylabel="share of the words", ylim=(0, 1))
    right.legend()
    return figure

# %% tags=["widget", "nbval-ignore-output"]
Knob(draw_temperature, "temperature", values=TEMPERATURES, default=0.5,
     alt="Left, a sample, from repeated phrases to letter salad. Right, real words fall and different words rise.")

# %% [markdown]
r"""
**Figure 9.4.** *Cold samples have mostly real words and repeat themselves, hot ones are varied and wrong.* Left: a sample at the chosen temperature. Right: share of real words, and of different words among the first 3,000. So a sample says little about a model unless its temperature is given. Ours are made at 1.
"""

# %% tags=["claim"]
claim("9.10", "From temperature 1 to 0.5, real words gain at least 20 points, and different words lose at least 20.",
      [rightness[0.5] - rightness[1.0], varieties[1.0] - varieties[0.5]], at_least=0.2)

# %% [markdown]
r"""
## 9.6 Python source

Nothing in the recipe knows English. We give it Python, and ask of the lines it writes (of at least ten characters): is the indent a multiple of four blanks? And do the brackets of a line that has some match? A 5-gram with Kneser-Ney, from the same text, answers the same questions.
"""

# %%
from rnncourse.kneser_ney import KneserNey

# %%
code, later_code = split_in_time(corpora.python_source(max_characters=600_000), (0.9, 0.1))
code_vocabulary = Vocabulary(code, unknown="<unk>")
code_ids, later_ids = code_vocabulary.encode(code), code_vocabulary.encode(later_code)

# %%
programmer = train(code_ids, weights(0, size=len(code_vocabulary)), 1000).parameters
counter = NGramModel(5, KneserNey()).fit(code_ids, len(code_vocabulary))

# %%
def balanced(line):
    brackets = re.sub(r"[^][(){}]", "", line)
    for _ in range(len(brackets)):
        brackets = re.sub(r"\(\)|\[\]|\{\}", "", brackets)  # innermost pairs first
    return not brackets

# %%
def form(text):
    lines = [line for line in text.split("\n")[1:-1] if len(line.strip()) >= 10]
    indents = [(len(line) - len(line.lstrip(" "))) % 4 == 0 for line in lines]
    return np.mean(indents), np.mean([balanced(line) for line in lines if set(line) & set("()[]{}")])

# %%
forms = np.array([form("\n".join(write(programmer, code_vocabulary))),
                  form("".join(code_vocabulary.decode(counter.sample(6000, seed=0)))), form(later_code)])

# %% tags=["nbval-ignore-output"]
print(write(programmer, code_vocabulary, length=300, texts=1)[0])
print("share of right indents and of matching brackets: RNN {}, 5-gram {}, held out {}".format(*forms.round(2)))

# %% tags=["claim"]
claim("9.11", "In bits, the 5-gram predicts Python better, by at least 0.2 bits per character.",
      bits(programmer, later_ids) - counter.bits_per_symbol(later_ids), at_least=0.2)

# %% tags=["claim"]
claim("9.12", "Yet the RNN indents right at least 25 points more often; both match brackets 25 points less often than held-out text.",
      [forms[0, 0] - forms[1, 0], *forms[2, 1] - forms[:2, 1]], at_least=0.25)

# %% [markdown]
r"""
A 5-gram cannot count eight blanks with a window of four. The network can, since it has learnt a state for it. It has not learnt one for brackets: there it is no better than counting.

## 9.7 In torch: ten lines

`ElmanCell` is (9.1) up to the state, `LanguageModel` adds the read-out, `fit` is the loop. We start from the weights that the recipe started from and take its first 40 windows, in float64.
"""

# %%
from rnncourse.cells.elman import ElmanCell
from rnncourse.models import LanguageModel
from rnncourse.training import fit

# %%
model = LanguageModel(ElmanCell(V, 100), V).double()
optimizer = torch.optim.Adagrad(model.parameters(), lr=0.1, eps=1e-8)
ours = initialise(V, 100, V, seed=0)
with torch.no_grad():  # parameters in the same order; nn.Linear keeps its matrix transposed
    for there, here in zip(model.parameters(), ours._replace(W_hy=ours.W_hy.T), strict=True):
        there.copy_(torch.from_numpy(here))

# %%
history = fit(model, list(contiguous_batches(training[:1001], 1, 25)),
              lambda logits, targets: 25 * evaluation.cross_entropy(logits, targets), optimizer, epochs=1,
              hook=lambda *_: torch.nn.utils.clip_grad_value_(model.parameters(), 5), carry_state=True)
apart = np.abs(np.array(history.losses) - losses[:40])  # (40,)

# %% tags=["claim"]
claim("9.13", "torch's first five losses are those of our program, to 1e-6.", apart[:5], at_most=1e-6)

# %% [markdown]
r"""
And the later ones? Here are the differences at updates 2, 5, 8, 11 and 14:
"""

# %% tags=["nbval-ignore-output"]
print(*[f"{difference:.0e}" for difference in apart[1:14:3]])

# %% tags=["claim"]
claim("9.14", "Within 40 updates the two programs differ by at least 0.1 nats on some window.", apart.max(), at_least=0.1)

# %% [markdown]
r"""
Nothing is wrong. Both round in the sixteenth digit, but not alike, and here a difference grows about tenfold with every update. Two correct programs agree at first, and later in their curves, not in their numbers. So compare the first losses when you check a program, and several seeds when you compare results.

## 9.8 Which parts of the recipe matter?

We take one thing away at a time: the clipping; the carried state (each window starts from zeros); or the initial scale 0.01, for 0.0001 or for 1. Each runs for 500 updates with one column, as in the recipe, from five seeds, each on another stretch of the text. We compare the mean loss of the last 250 windows with that of the full recipe on the same stretch.

**Predict first.** Which of the four does most harm?
"""

# %%
def attempt(seed, scale=0.01, **changes):
    return train(training[80_000 * seed :][:12_501], weights(seed, scale), 500, rate=0.1, columns=1, **changes)

# %%
CHANGES = {"the recipe": {}, "no clipping": {"clip": None}, "no carried state": {"carry": False},
           "scale 0.0001": {"scale": 1e-4}, "scale 1": {"scale": 1.0}}
trials = {name: [attempt(seed, **changes) for seed in SEEDS] for name, changes in CHANGES.items()}
late = {name: np.array([np.mean(t.losses[-250:]) for t in runs]) / np.log(2) for name, runs in trials.items()}

# %% tags=["figure", "nbval-ignore-output"]
figure, ax = plt.subplots()
ax.plot(list(late.values()), range(5), "o", markerfacecolor="none", color=figures.style_of("RNN")["color"])
ax.plot(np.median(list(late.values()), axis=1), range(5), "k|", markersize=18)
ax.axvline(np.log2(V), **figures.style_of("chance"), label="all characters equally likely")
ax.set(xlabel="bits per character, windows 251 to 500", xlim=(0, 18), ylim=(4.5, -0.5), yticks=range(5), yticklabels=late)
ax.legend()
plt.show()

# %% [markdown]
r"""
**Figure 9.5.** *Only a large initial scale does harm that can be seen; the other changes drown in the differences between seeds.* Each circle is a run, each bar a median of five.
"""

# %% tags=["claim"]
harmless = [late[name] / late["the recipe"] for name in ("no clipping", "no carried state", "scale 0.0001")]
claim("9.15", "Three of the changes leave the loss within a factor of 0.7 to 1.4, with each seed.",
      np.abs(np.log(harmless)).max(axis=0), at_most=np.log(1.4), seeds=SEEDS)

# %% tags=["claim"]
claim("9.16", "With scale 1 it is at least 1.5 times as large, with each seed.",
      late["scale 1"] / late["the recipe"], at_least=1.5, seeds=SEEDS)

# %% [markdown]
r"""
This is not what one reads about clipping. Is there nothing to clip?
"""

# %% tags=["nbval-ignore-output"]
for name, runs in trials.items():
    print(f"{name:<16} norm: median {np.median([t.norms for t in runs]):.2g}, largest {max(max(t.norms) for t in runs):.2g}")

# %% tags=["claim"]
claim("9.17", "With each seed, clipping changes at least 2 % of the recipe's updates, and the largest norm is at least 100.",
      [min(np.mean(np.array(t.peaks) > 5) / 0.02, max(t.norms) / 100) for t in trials["the recipe"]],
      at_least=1, seeds=SEEDS)

# %% [markdown]
r"""
There is. But look at (9.3): the current $g^2$ is part of $s$, so $|g| \le \sqrt{s}$ and

$$\left| \eta\, \frac{g}{\sqrt{s} + 10^{-8}} \right| \le \eta. \tag{9.5}$$

**Adagrad clips by itself**: no entry moves by more than 0.1, however large its gradient is. A plain gradient step has no such bound; chapter 12 returns to clipping. The same inequality explains the scales. At the first update $s = g^2$, so every weight whose gradient is not tiny moves by nearly 0.1. Beside such a step it makes no difference whether the weight was near 0.01 or 0.0001.
"""

# %%
def first_steps(scale, updates=100):
    parameters, optimizer, moves = initialise(V, 100, V, 0, scale), Adagrad(0.1, eps=1e-8), []
    for inputs, targets in contiguous_batches(training[: 25 * updates + 1], 1, 25):
        before = Parameters(*map(np.copy, parameters))
        optimizer.update(parameters, loss_and_gradients(parameters, inputs, targets)[1])
        moves.append([np.abs(new - old) for new, old in zip(parameters, before, strict=True)])
    return moves

# %% tags=["claim"]
claim("9.18", "Without clipping, no entry moves by more than 0.1 in any of 100 updates, from scale 0.01 or 1.",
      [max(m.max() for m in moves) for scale in (0.01, 1) for moves in first_steps(scale)], at_most=0.1 + 1e-9)

# %% tags=["claim"]
claim("9.19", "From 0.01 or 0.0001, the first update moves the median entry of W_hy by 0.09 to 0.1.",
      [np.median(first_steps(scale, 1)[0][3]) for scale in (0.01, 1e-4)], at_least=0.09, at_most=0.1)

# %% [markdown]
r"""
With scale 1, the sum $h_{t-1} W_{hh}$ of 100 terms has a standard deviation near 10, tanh saturates, the output is as wild, and gradients grow at every step back (chapter 11 says how). Then steps of 0.1 are too short to get out soon.

## 9.9 What the carried state is worth

In 500 updates from scratch, the carried state made no visible difference. For the trained network of section 9.5 we can see exactly what it does: score the held-out text once with the state carried all along, and once from a zero state every 25 characters, and average by place in the window.
"""

# %%
def by_place(ids, length=25):
    count = (len(ids) - 1) // length
    inputs, targets = (ids[k : k + count * length].reshape(count, length).T for k in (0, 1))  # (25, N)
    fresh = cross_entropy(forward(run.parameters, inputs).logits, targets)[0]
    carried = cross_entropy(forward(run.parameters, inputs.T.ravel()).logits, targets.T.ravel())[0]
    return np.stack([fresh, carried.reshape(count, length).T]).mean(axis=2) / np.log(2)  # (2, 25)

# %%
fifths = np.array([by_place(part) for part in np.array_split(held_out, 5)])  # (5, 2, 25)

# %% tags=["figure", "nbval-ignore-output"]
figure, ax = plt.subplots()
ax.plot(range(1, 26), fifths[:, 0].mean(axis=0), "k--", label="from zeros in every window")
ax.plot(range(1, 26), fifths[:, 1].mean(axis=0), **figures.style_of("RNN"), label="state carried")
ax.set(xlabel="place in the window", ylabel="bits per character", ylim=(0, 5))
ax.legend()
plt.show()

# %% [markdown]
r"""
**Figure 9.6.** *Without the carried state the first characters of each window are guesses; after about ten characters the network has caught up.* Held-out bits per character by place in a window of 25.
"""

# %% tags=["claim"]
claim("9.20", "In each fifth of the text, zeros cost at least 1.5 bits at the first place, 0.1 over all, and at most 0.06 from place 11.",
      [min(g[0] - 1.5, g.mean() - 0.1, 0.06 - g[10:].mean()) for g in fifths[:, 0] - fifths[:, 1]], at_least=0)

# %% [markdown]
r"""
So all that this network knows of the past it can learn anew from about ten characters: it keeps little from farther back, although its gradients reached back over up to 25.

## 9.10 Is it any good?

A dozen opinions about the same held-out text, in bits per character. Guessing uniformly costs $\log_2 V$. Then there are n-grams with Witten-Bell (WB) and Kneser-Ney (KN), and three compressors. A compressor that sees the held-out text alone must learn from it as it reads. The fair question is: how many *more* bytes does the training text need when the held-out text follows it? Two of the three can look back far enough to profit; gzip sees 32 kB.
"""

# %%
import bz2
import gzip
import lzma


# %%
def extra_bits(compress):
    first, second = training_text.encode(), held_out_text.encode()
    extra = len(compress(first + second)) - len(compress(first))
    return 8 * np.array([len(compress(second)), extra]) / len(held_out_text)  # 8 bits a byte

# %%
opinions = {"uniform": np.log2(V), "RNN": bits(run.parameters, held_out)}
for name, module in (("gzip", gzip), ("bz2", bz2), ("xz", lzma)):
    opinions[f"{name} alone"], opinions[f"{name} after training text"] = extra_bits(module.compress)
for name, n, smoothing in (("unigram", 1, WittenBell), ("3-gram WB", 3, WittenBell),
                           ("5-gram WB", 5, WittenBell), ("5-gram KN", 5, KneserNey)):
    opinions[name] = NGramModel(n, smoothing()).fit(training, V).bits_per_symbol(held_out)

# %% [markdown]
r"""
And one more: why should the network stop learning? Graves (2013) let his go on while it is tested: predict a window, pay for it, learn from it. The losses are honest, as those of Figure 9.2 were.
"""

# %%
dynamic = train(held_out, run.parameters, len(held_out) // 25 - 1, rate=0.01, columns=1).losses
opinions["RNN, goes on learning"] = np.mean(dynamic) / np.log(2)

# %% tags=["figure", "nbval-ignore-output"]
figure, ax = plt.subplots(figsize=(7, 4))
order = sorted(opinions, key=opinions.get)
colours = [figures.style_of("RNN" if "RNN" in name else "baseline")["color"] for name in order]
ax.bar_label(ax.barh(order, [opinions[name] for name in order], color=colours), fmt="%.2f", padding=3)
ax.set(xlabel="bits per character of the held-out tenth", xlim=(0, 7.5))
plt.show()

# %% [markdown]
r"""
**Figure 9.7.** *In this run the plain RNN beats the trigram, but neither the 5-grams nor the better compressors.* Shorter is better. Orange: our network, as trained in section 9.5.
"""

# %% tags=["claim"]
claim("9.21", "In this run, the RNN needs at least 0.1 bits less than the trigram, and at least 0.2 bits more than either 5-gram.",
      [opinions["3-gram WB"] - opinions["RNN"] + 0.1, *[opinions["RNN"] - opinions[f"5-gram {m}"] for m in ("WB", "KN")]],
      at_least=0.2)

# %% tags=["claim"]
claim("9.22", "bz2 and xz, after the training text, need at least 0.2 bits less than the better 5-gram.",
      [opinions["5-gram KN"] - opinions[f"{name} after training text"] for name in ("bz2", "xz")], at_least=0.2)

# %% tags=["claim"]
claim("9.23", "To go on learning saves this RNN at least 0.04 bits.",
      opinions["RNN"] - opinions["RNN, goes on learning"], at_least=0.04)

# %% [markdown]
r"""
Why do the compressors win? Cut the held-out text into pieces of 30 characters. How many stand in the training text, letter for letter?
"""

# %% tags=["nbval-ignore-output"]
pieces = re.findall(r"(?s).{30}", held_out_text)
print(f"{np.mean([piece in training_text for piece in pieces]):.0%}")

# %% [markdown]
r"""
The help pages quote each other, and copying is what a compressor does best. The plain RNN is not the end of the story: chapter 13 changes its cell.

## 9.11 How close to the floor?

Back to the brackets, where the floor is known. The network gets 1,000 updates on the 120,000 symbols that the n-grams counted.

**Predict first.** The best n-gram stayed 0.08 nats or more above the floor. Where will the network end?
"""

# %%
readers = [train(text.ids, weights(seed, size=4), 1000) for seed, text in zip(SEEDS, known, strict=True)]

# %%
left = [np.log(2) * bits(reader.parameters, text.ids) - text.losses[1:].mean()
        for reader, text in zip(readers, asked, strict=True)]

# %% tags=["figure", "nbval-ignore-output"]
figure, ax = plt.subplots()
figures.plot_seeds(ax, NS, missed, "n-gram", "n-gram, Witten-Bell")
ax.axhspan(min(left), max(left), color=figures.style_of("RNN")["color"], alpha=0.6, label="RNN, range of five seeds")
ax.set(xlabel="n", ylabel="nats above the floor", ylim=(0, 0.45))
ax.legend()
plt.show()

# %% [markdown]
r"""
**Figure 9.8.** *The network comes within a few hundredths of a nat of the floor; the n-grams turn back at n = 8.* Held-out loss minus that of one who knows the grammar. N-grams with three seeds and their median; the band of the network does not depend on $n$.
"""

# %% tags=["claim"]
claim("9.24", "With each of five seeds the network ends at most 0.05 nats above the floor.", left, at_most=0.05, seeds=SEEDS)

# %% [markdown]
r"""
On help pages a counting model won, on brackets the network does. Where what matters is *which* five characters stood just before, count them. Where it is something that must be kept up to date, learn a state.

## 9.12 Your own text

This cell takes any text file to a trained model, with a tenth held out. It writes a file first, so that there is one; put the path of your own in its place.
"""

# %%
import tempfile
from pathlib import Path

# %%
folder = tempfile.TemporaryDirectory()
path = Path(folder.name, "my_text.txt")
path.write_text(corpora.english(40_000), encoding="utf-8")

# %% tags=["nbval-ignore-output"]
mine, mine_held_out = split_in_time(path.read_text(encoding="utf-8"), (0.9, 0.1))
mine_vocabulary = Vocabulary(mine, unknown="<unk>")
batches, test = (list(contiguous_batches(mine_vocabulary.encode(part), 16, 25)) for part in (mine, mine_held_out))

def fresh():
    torch.manual_seed(0)
    model = LanguageModel(ElmanCell(len(mine_vocabulary), 100), len(mine_vocabulary))
    return model, torch.optim.Adam(model.parameters(), lr=0.005)

model, optimizer = fresh()
history = fit(model, batches, evaluation.cross_entropy, optimizer, epochs=2, carry_state=True)
checkpoints.save_checkpoint(path.with_suffix(".checkpoint"), model, optimizer, history, mine_vocabulary)
nats = evaluation.evaluate(model, test, evaluation.cross_entropy, carry_state=True)
print(f"{nats:.2f} nats = {nats / np.log(2):.2f} bits per character, perplexity {np.exp(nats):.1f}")

# %% [markdown]
r"""
The checkpoint holds all that training needs to go on, tomorrow or after a power cut: weights, Adam's memory, losses, vocabulary. We load it into a fresh model, train two more epochs, and compare with four in one go.
"""

# %%
resumed, its_optimizer = fresh()
its_history = checkpoints.load_checkpoint(path.with_suffix(".checkpoint"), resumed, its_optimizer, mine_vocabulary)
fit(resumed, batches, evaluation.cross_entropy, its_optimizer, epochs=4, carry_state=True, history=its_history)
in_one_go, optimizer = fresh()
whole = fit(in_one_go, batches, evaluation.cross_entropy, optimizer, epochs=4, carry_state=True)
folder.cleanup()

# %% tags=["claim"]
claim("9.25", "The resumed run has the losses of the uninterrupted one, to the last bit.",
      np.abs(np.subtract(its_history.losses, whole.losses)).max(), equals=0, tolerance=0)

# %% tags=["nbval-ignore-output"]
written = generation.sample(resumed, mine_vocabulary.encode("The "), max_length=200, seed=0)
print(shown("The " + "".join(mine_vocabulary.decode(written))))

# %% [markdown]
r"""
A text that is too short for one window is refused before any training:
"""

# %% tags=["raises-exception"]
contiguous_batches(mine_vocabulary.encode("too short"), 1, 25)

# %% [markdown]
r"""
## Often told wrong

*The listing.* Karpathy's program is copied onto slides with slips. `n == 8` instead of `n == 0`, in the line that makes the first state, and the program stops at once:
"""

# %% tags=["raises-exception"]
n = 0
if n == 8:  # should be 0
    hprev = np.zeros((100, 1))
print(hprev)

# %% [markdown]
r"""
`Why @ h * by` instead of `+ by` does not stop. As the bias starts at 0, all logits are 0 at first, and the network begins with a uniform guess whatever its weights are:
"""

# %% tags=["claim"]
start, h = initialise(V, 100, V, 0, scale=1.0), np.random.default_rng(0).standard_normal((25, 100))
claim("9.26", "With * for +, even with weights of scale 1, each first loss is ln V.",
      cross_entropy(h @ start.W_hy * start.b_y, training[:25])[0] - np.log(V), equals=0, tolerance=1e-12)

# %% [markdown]
r"""
Nor does a first state of shape (100,) in place of (100, 1): NumPy adds a row to a column, and makes a table of it:
"""

# %% tags=["claim"]
new = [np.tanh(start.W_xh.T @ np.eye(V)[:, :1] + start.W_hh.T @ h + start.b_h[:, None]) for h in (np.zeros(100), np.zeros((100, 1)))]
claim("9.27", "From a first state of shape (100,) in place of (100, 1) the next has 100 times as many numbers, and no error is raised.", new[0].size / new[1].size, equals=100, tolerance=0)

# %% [markdown]
r"""
`exp(y) / sum(exp(y))` is the softmax on paper. In a computer it overflows. Subtracting the largest logit first changes nothing on paper and repairs it:
"""

# %% tags=["claim"]
y = np.array([1000.0, 999.0, 0.0])
with np.errstate(all="ignore"):
    on_paper = np.exp(y) / np.sum(np.exp(y))
claim("9.28", "Without the subtraction two of the three are NaN; with it they sum to 1.",
      [np.isnan(on_paper).sum() / 2, np.sum(np.exp(y - y.max()) / np.sum(np.exp(y - y.max())))], equals=1, tolerance=1e-12)

# %% [markdown]
r"""
And a slide titled "backprop" shows the main loop again: the backward half, with the clipping in its last lines, is missing. Without it nothing can be trained; ours stands in section 9.3 and chapter 08.

*The wrong book.* Four samples of a network in training are often shown beside Shakespeare's sonnets, as if it had read those. They speak of Natasha and of a Prince Velzonski: Karpathy's network had read *War and Peace*. A network invents words, but what it repeats again and again, it has read. Here are the capitalised words in 200 texts of ours, at temperature 0.75:
"""

# %%
from collections import Counter

names = Counter(re.findall(r"\b[A-Z][a-z]{3,}\b", " ".join(write(run.parameters, vocabulary, texts=200, temperature=0.75))))
often, once = ([name for name, count in names.items() if low <= count <= high] for low, high in ((10, 10**6), (1, 1)))

# %% tags=["claim"]
claim("9.29", "Of those that it wrote 10 times or more, at least 8 in 10 stand in its training text; of those that it wrote once, at most 2 in 10.",
      [np.mean([name in real_words for name in often]), np.mean([name not in real_words for name in once])], at_least=0.8)

# %% [markdown]
r"""
*Units.* One loss has many faces: a sum over 25 characters in nats (the recipe), nats per character (torch), bits per character (papers), perplexity. "The loss is 42" and "the loss is 2.4" may be the same result.
"""

# %% tags=["claim"]
claim("9.30", "42 nats per 25 characters are 2.4 bits per character and a perplexity of 5.4, to within 0.05.",
      [42 / 25 / np.log(2) - 2.4, np.exp(42 / 25) - 5.4], equals=0, tolerance=0.05)

# %% [markdown]
r"""
## Where it came from

- Shannon (1951) let people guess the next letter of a text, and bounded the entropy of English from their guesses. His alphabet had 26 letters and the space; ours has capital letters, digits and line breaks, so the numbers do not compare.
- Sutskever, Martens and Hinton (2011) trained a recurrent network on characters, one whose transition matrix depends on the character that is read. They report that, after five days on eight graphics processors, it surpassed the best single method before it. They could not have used plain gradient descent, they say; a second-order method made it possible.
- Graves (2013) wrote text and handwriting with long short-term memory, and reports for Wikipedia 1.67 bits per character, or 1.33 if the network goes on learning as it is tested.
- Duchi, Hazan and Singer (2011) introduced Adagrad, with rare features in mind: what seldom has a gradient keeps a large step.
- Karpathy (2015) put the recipe on one page, and trained larger networks on plays, source code and mathematics.

## Summary

- Before training the loss is $25 \ln V$ (claim 9.4). The smoothed loss lags (9.5, 9.6).
- The same loop in NumPy and in torch gives the same first losses (9.7, 9.13), and later others (9.14). Many columns side by side are faster, with `Sweep` and float32 (9.8).
- Samples become word-like (9.9) and depend on the temperature (9.10). The network indents code better than a 5-gram that predicts it better (9.11, 9.12).
- Within 500 updates, clipping, carried state and a smaller scale make no visible difference; a large scale does (9.15, 9.16). Adagrad bounds its own steps (9.18, 9.19).
- The carried state saves what the first characters of each window would cost (9.20).
- In this run, of one seed, the plain RNN beats the trigram, not the 5-gram (9.21). On brackets it nearly reaches the floor, which no n-gram does (9.2, 9.24).
- Any text file will do, and training can be resumed (9.25).

## Exercises

All in [one notebook](../exercises/09_character_language_model/09_character_language_model.ipynb), which checks itself.

- 9.1 The smoothed loss (implement, 10 minutes)
- 9.2 One-hot by row look-up, and the way back (implement, 15 minutes)
- 9.3 Before the first update (predict, then run, 15 minutes)
- 9.4 A loop with three mistakes (find the bug, 20 minutes)
- 9.5 Bits from a compressor (implement and explain, 15 minutes)
- 9.6 How long is its memory? (experiment, 20 minutes)

## References

- J. Duchi, E. Hazan and Y. Singer (2011). Adaptive subgradient methods for online learning and stochastic optimization. *Journal of Machine Learning Research* 12, 2121-2159. https://jmlr.org/papers/v12/duchi11a.html.
- A. Graves (2013). Generating sequences with recurrent neural networks. arXiv:1308.0850.
- A. Karpathy (2015). The unreasonable effectiveness of recurrent neural networks. https://karpathy.github.io/2015/05/21/rnn-effectiveness/.
- C. E. Shannon (1951). Prediction and entropy of printed English. *Bell System Technical Journal* 30(1), 50-64. DOI 10.1002/j.1538-7305.1951.tb01366.x.
- I. Sutskever, J. Martens and G. Hinton (2011). Generating text with recurrent neural networks. *Proceedings of the 28th International Conference on Machine Learning*, 1017-1024. ISBN 978-1-4503-0619-5.
"""
