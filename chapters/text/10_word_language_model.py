# %% [markdown]
r"""
# 10 A word-level language model

What changes when the symbols are 8,000 words instead of a hundred characters? And does a recurrent network predict the next word better than counting does?

**You will be able to** turn text into sentences of known words with marks for start, end and unknown; count the parameters of a word model and say where its time goes; train it, and compare it with n-grams so that the comparison is fair; write a sampler whose sentences always end; and read the table of words that the network has made.

**You need** [chapter 03](03_ngrams.ipynb) (word n-grams, Kneser-Ney, perplexity), the network of [chapter 09](09_character_language_model.ipynb), and how it was trained there: `fit` on batches that continue each other, with a carried state and clipped gradients.

Run time: about 35 s.
"""

# %% tags=["setup"]
from itertools import pairwise
from pathlib import Path
from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np
import torch

from rnncourse import figures

figures.use_style()
torch.set_num_threads(1)

# %%
from rnncourse.batches import contiguous_batches
from rnncourse.cells.elman import ElmanCell
from rnncourse.claims import claim
from rnncourse.datasets import corpora
from rnncourse.evaluation import cross_entropy, evaluation_mode
from rnncourse.knob import Knob
from rnncourse.models import LanguageModel
from rnncourse.text import Vocabulary, sentences, words
from rnncourse.training import fit

# %% [markdown]
r"""
## 10.1 Sentences of 8,000 words

A model of characters spends most of its steps on spelling. Words skip that: the same sentence takes fewer steps, so what was said before is nearer. The price is a large vocabulary.

The text is what Python says about itself: the docstrings of its standard library, and its help pages. It lies on your disk already. `sentences` cuts it after full stops, question marks and exclamation marks, and at blank lines. Headings, tables and code rarely end in such a mark, so we keep what does. `words` turns a sentence into lower-case words and single punctuation marks; we keep sentences of 3 to 40 of them, since most of the others are scraps and lists. Libraries repeat themselves; each sentence is kept once (`dict.fromkeys`), or the held-out text would be full of sentences that were trained on.
"""

# %%
pieces = [piece for piece in sentences(corpora.documentation()) if piece.endswith((".", "?", "!"))]
cut = dict.fromkeys(tuple(words(piece)) for piece in pieces)
whole = [sentence for sentence in cut if 3 <= len(sentence) <= 40]

# %% tags=["nbval-ignore-output"]
print(f"{len(whole):,} sentences, {sum(map(len, whole)):,} words and punctuation marks")
print(" ".join(whole[4]))

# %% [markdown]
r"""
Neighbouring sentences belong to each other, so we deal them out in blocks of 50: of ten blocks, seven are for training, one for choosing (validation), one for the test. (One is left over, to save time.)
"""

# %%
blocks = [whole[i : i + 50] for i in range(0, len(whole), 50)]
parts = [
    [sentence for i, block in enumerate(blocks) if i % 10 in chosen for sentence in block]
    for chosen in (range(7), [8], [9])
]  # training, validation, test

# %% [markdown]
r"""
Three **marks** are added to the words. `<s>` stands before a sentence: from it the model draws the first word. `</s>` stands after it: by it the model says that it is done. And `<unk>` stands for every word that is not in the vocabulary. The words of a sentence never look like a mark, since `words` cuts `<s>` into three.
"""

# %% tags=["mirror:rnncourse.text.join_sentences"]
def join_sentences(sentences, start, end):
    """Put sentences one after the other, each between its marks.

    Args:
        sentences: an iterable of sentences, each an iterable of str.
        start: token that stands before each sentence.
        end: token that stands after each sentence.

    Returns:
        list of str.

    Raises:
        ValueError: ``start`` or ``end`` occurs in a sentence, where it could not be told apart.
    """
    joined = []
    for number, sentence in enumerate(sentences):
        tokens = list(sentence)
        if start in tokens or end in tokens:
            raise ValueError(f"sentences must not hold {start!r} or {end!r}, but no. {number} does")
        joined += [start, *tokens, end]
    return joined

# %%
MARKS = {"unknown": "<unk>", "start": "<s>", "end": "</s>"}
streams = [join_sentences(part, "<s>", "</s>") for part in parts]
vocabulary = Vocabulary(streams[0], max_size=8000, **MARKS)  # from the training part only
V = len(vocabulary)

# %%
training, validation, test = (vocabulary.encode(stream) for stream in streams)  # (N,) each
UNK, START, END = (vocabulary.id_of(mark) for mark in MARKS.values())
print(V, "tokens, the marks are", UNK, START, END)

# %% [markdown]
r"""
Each number is the place of a token in the vocabulary: the marks come first, then the words, the most frequent first. How many of the words does such a vocabulary know? A few words do most of the work: in any text the most frequent ones are very frequent, and the rare ones are many.

**Predict first.** With 1,000 words instead of 8,000, how much of the training text is known? And of the test text, which nobody counted?
"""

# %%
def known(part, size):
    tokens = [token for sentence in part for token in sentence]
    kept = set(vocabulary.tokens[:size])  # three of them are the marks
    return np.mean([token in kept for token in tokens])

# %% tags=["nbval-ignore-output"]
SIZES = [10, 30, 100, 300, 1000, 3000, 8000]
unknown = 1 - np.array([[known(part, size) for size in SIZES] for part in parts[::2]])  # (2, 7): training, test
print("1,000 words know {:.0%} of the training text, {:.0%} of the test text".format(*(1 - unknown[:, SIZES.index(1000)])))

# %% tags=["figure", "nbval-ignore-output"]
fig, ax = plt.subplots(figsize=(6, 2.8))
ax.plot(SIZES, unknown[0], **figures.style_of("training"), marker="o", label="training text")
ax.plot(SIZES, unknown[1], **figures.style_of("held out"), marker="s", label="test text")
ax.set(xscale="log", yscale="log", xlabel="size of the vocabulary", ylabel="share of unknown words")
ax.legend()
plt.show()

# %% [markdown]
r"""
**Figure 10.1.** *The larger the vocabulary, the more of the text that chose it is known, and the less this tells about other text.* Share of the running words and punctuation marks that do not stand in the vocabulary, against its size; both axes are logarithmic. The two curves part where words become rare.
"""

# %% tags=["claim"]
claim("10.1", "8,000 tokens cover at least 99 % of the training words, and at least 96 % of the test words.", (1 - unknown[:, -1]) / [0.99, 0.96], at_least=1)

# %% tags=["claim"]
claim("10.2", "Of the test words, at least three times as large a share is unknown as of the training words.", unknown[1, -1] / unknown[0, -1], at_least=3)

# %% [markdown]
r"""
So the share of unknown words is measured on text that did not choose the vocabulary. Now the failure that calls for a network. A trigram model asks what followed the last two words. How often has it seen the three words together?
"""

# %%
def new_share(n):
    seen = set(zip(*(training[i:] for i in range(n)), strict=False))
    asked = list(zip(*(test[i:] for i in range(n)), strict=False))
    return np.mean([gram not in seen for gram in asked if gram[-1] != START])

# %% tags=["nbval-ignore-output"]
print("new in the test text:", *(f"{new_share(n):.0%} of the {n}-grams" for n in (2, 3)))

# %% tags=["claim"]
claim("10.3", "More than half of the trigrams of the test text were never seen.", new_share(3), at_least=0.51)

# %% [markdown]
r"""
For these the model falls back to pairs and single words. Plain counting cannot do better, because to it all words are equally different: what was learnt about "returns a list" says nothing about "returns a tuple". A network may learn that the two words are alike.

## 10.2 The model, and 1,610,000 numbers

With $x_t$ the one-hot row of word number $t$, of shape $(V,)$, and $H$ hidden units,

$$h_t = \tanh(x_t W_{xh} + h_{t-1} W_{hh} + b_h), \qquad p_t = \operatorname{softmax}(h_t W_{hy} + b_y), \tag{10.1}$$

where $W_{xh}$ is $(V, H)$, $W_{hh}$ is $(H, H)$ and $W_{hy}$ is $(H, V)$; $b_h$ is $(H,)$, $b_y$ is $(V,)$. $h_0$ is zeros. $p_t$, of shape $(V,)$, says how probable each word is as the next one. Much of the literature writes $C$ for the size of the vocabulary. The three matrices together have

$$V H + H^2 + H V = 2 V H + H^2 \tag{10.2}$$

numbers.
"""

# %% tags=["settings"]
H = 100  # hidden units
SEED = 0  # of the initial weights
B, T = 16, 20  # sequences side by side, steps in a batch
RATE = 0.01  # of Adam, at the start

# %%
torch.manual_seed(SEED)
model = LanguageModel(ElmanCell(V, H), V)
sizes = {name: weight.numel() for name, weight in model.named_parameters()}
print(sizes)

# %% tags=["claim"]
matrices = sum(weight.numel() for weight in model.parameters() if weight.ndim == 2)
claim("10.4", "With 8,000 words and 100 units, the three matrices have 1,610,000 numbers.", matrices, equals=1_610_000, tolerance=0)

# %% tags=["claim"]
claim("10.5", "The biases add 8,100.", sum(sizes.values()) - matrices, equals=V + H, tolerance=0)

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(7, 2.6))
shapes = [("$W_{xh}$", 800, "word in: one row each", "training"), ("$W_{hh}$", 10, "", "RNN"),
          ("$W_{hy}$", 800, "word out: one column each", "held out")]
left = 0
for name, thousands, what, look in shapes:
    ax.barh(0, thousands, left=left, color=figures.style_of(look)["color"])
    ax.text(left + thousands / 2, 0.5, f"{name}\n{thousands},000", ha="center", va="bottom")
    ax.text(left + thousands / 2, 0, what, ha="center", va="center")
    left += thousands
ax.set(xlabel="thousands of numbers", yticks=[], ylim=(-0.5, 1.3))
ax.grid(False)
plt.show()

# %% [markdown]
r"""
**Figure 10.2.** *Nearly all of a word model is its two tables of words; the recurrence is the thin line between them.* Numbers in each matrix for $V$ = 8,000 and $H$ = 100.

## 10.3 A product that is a look-up

$x_t W_{xh}$ multiplies a row of 8,000 numbers, all 0 but one, by a matrix of 800,000. All products but 100 are zero. What is left is one row of $W_{xh}$, the row of the word. So nobody makes one-hot rows: one *looks the row up*.
"""

# %% tags=["mirror:rnncourse.numpy_rnn_lookup.input_products"]
def input_products(inputs, W_xh):
    """Compute x_t W_xh for all steps.

    Args:
        inputs: ids (T, B) or vectors (T, B, D), with or without the axis B.
        W_xh: (D, H).

    Returns:
        (T, B, H) products.
    """
    return W_xh[inputs] if inputs.dtype.kind in "iu" else inputs @ W_xh

# %% [markdown]
r"""
In `initialise` the weights are normal random numbers of standard deviation 0.1, the biases are zero.
"""

# %%
from rnncourse.numpy_rnn import forward, initialise, loss_and_gradients

weights = initialise(V, H, V, seed=0, scale=0.1, dtype=np.float32)
sentence = training[:20]  # (T,)
one_hot = np.eye(V, dtype=np.float32)[sentence]  # (T, V)

# %% tags=["claim"]
difference = input_products(one_hot, weights.W_xh) - input_products(sentence, weights.W_xh)
claim("10.6", "On 20 words, product and look-up give the same numbers, to the last bit.", np.abs(difference).max(), equals=0, tolerance=0)

# %%
def seconds(*functions, rounds=15):
    """Median time of each function; the functions take turns."""
    times = np.empty((rounds, len(functions)))
    for k, i in np.ndindex(times.shape):
        start = perf_counter()
        functions[i]()
        times[k, i] = perf_counter() - start
    return np.median(times, axis=0)

# %% tags=["claim"]
by_product, by_look_up = seconds(lambda: one_hot @ weights.W_xh, lambda: weights.W_xh[sentence])
claim("10.7", "For 20 words, the look-up is at least 10 times as fast.", by_product / by_look_up, at_least=10)

# %% [markdown]
r"""
The table $W_{xh}$ has another name: an **embedding**, since it gives every word a place in a space of $H$ dimensions. Backwards, only the rows that were read get a gradient. In one batch, of 320 words at most, that is a small part of the table of 8,000.
"""

# %%
batches = list(contiguous_batches(training, B, T))  # pairs (T, B), each goes on where the last stopped
inputs, targets = batches[0]
_, gradients, _ = loss_and_gradients(weights, inputs, targets)
touched = np.flatnonzero(np.abs(gradients.W_xh).max(axis=1))

# %% tags=["claim"]
claim("10.8", "Exactly the rows of the words in the batch have a gradient.", len(np.setxor1d(touched, inputs)), equals=0, tolerance=0)

# %% [markdown]
r"""
## 10.4 A state before the first word

$h_0$ is zeros. One often sees that written in a way that looks wrong. (The bias is left out: it is zero here.)
"""

# %%
def states_into(s, ids):
    """Write the states of a sentence into the rows of s."""
    for t, word in enumerate(ids):
        s[t] = np.tanh(weights.W_xh[word] + s[t - 1] @ weights.W_hh)
    return s

# %%
s = states_into(np.zeros((len(sentence) + 1, H), dtype=np.float32), sentence)  # (T + 1, H)

# %% [markdown]
r"""
At `t = 0` this reads `s[-1]`. In Python that is not the row before the first, it is the *last* row. The array has one row more than the sentence has words, nobody writes into that row, so it is still zeros. It works because of the extra row.
"""

# %% tags=["claim"]
true_states = forward(weights, sentence).states[1:]  # (T, H), h_1 to h_20; the biases are zero
claim("10.9", "With the extra row, the states are those of the package.", np.abs(s[:-1] - true_states).max(), at_most=1e-6)

# %% [markdown]
r"""
It is a trap, twice. Who wants the last state to go on with, and takes `s[-1]`, gets zeros; $h_T$ is in `s[-2]`. And who leaves out the extra row sees nothing wrong at first, since a new array is zeros everywhere. But when the array is used again, the second sentence starts from the last state of the first.
"""

# %%
short = states_into(np.zeros((len(sentence), H), dtype=np.float32), sentence)
once = np.abs(short - true_states).max()
twice = np.abs(states_into(short, sentence) - true_states).max()  # the same sentence again

# %% tags=["claim"]
claim("10.10", "Without the extra row: right the first time, and wrong by at least 0.01 the second.", [once < 1e-6, twice / 0.01], at_least=1)

# %% tags=["claim"]
claim("10.11", "With it, s[-1] after the sentence is not h_T but zeros.", np.abs(s[-1]).max(), equals=0, tolerance=0)

# %% [markdown]
r"""
The package keeps $h_0, h_1, \dots, h_T$ in the rows 0 to $T$. Then no index is negative.

## 10.5 The first loss, before any training

Small weights make small logits, so all words are about equally probable: $p \approx 1/V$. The loss $-\ln p$ is then close to $\ln V$, whatever the text. A model that starts elsewhere has a mistake in it, or very large weights.
"""

# %%
SEEDS = [0, 1, 2, 3, 4]
xs, ys = torch.tensor(inputs), torch.tensor(targets)  # (T, B)

# %%
def first_loss(seed):
    torch.manual_seed(seed)
    return cross_entropy(LanguageModel(ElmanCell(V, H), V)(xs)[0], ys).item()

# %%
print(f"ln {V:,} = {np.log(V):.3f}")

# %% tags=["claim"]
claim("10.12", "The first loss is ln 8,000 = 8.987 to within 0.05.", [first_loss(seed) for seed in SEEDS], equals=np.log(8000), tolerance=0.05, seeds=SEEDS)

# %% [markdown]
r"""
The first few hundred steps of training learn little more than that some words are frequent. We can tell the network right away. Set the bias $b_y$ to the logarithm of each word's share of the training text: as long as the rest is small, the softmax gives these shares back, since $e^{\ln q} = q$ and the shares $q$ add up to 1. (No share is 0: every token of the vocabulary occurs in the training text. So does `<unk>`, since some words found no room.)
"""

# %%
shares = np.bincount(training, minlength=V) / len(training)  # (V,)
with torch.no_grad():
    model.readout.bias.copy_(torch.tensor(np.log(shares)))

# %% tags=["claim"]
told = cross_entropy(model(xs)[0], ys).item()
claim("10.13", "Knowing the shares saves at least 2.5 nats before the first step.", np.log(V) - told, at_least=2.5)

# %% [markdown]
r"""
## 10.6 What a word costs

Count the multiplications for one word: the look-up takes none, the recurrence $H^2$, the output $H V$.
"""

# %% tags=["claim"]
claim("10.14", "At least 98 % of the multiplications of a step are in the output.", H * V / (H * V + H * H), at_least=0.98)

# %% [markdown]
r"""
And the softmax needs an exponential and a sum over all 8,000 words to say how probable a *single* one is. So the time of a word model is the size of its vocabulary.

**Predict first.** One sentence of 20 words, forward and backward: in NumPy by hand, with torch, and with torch as one of 16 sentences side by side. Which is fastest? And how much does a vocabulary of 1,000 save?
"""

# %%
def one_step(net, xs, ys):
    net.zero_grad()
    cross_entropy(net(xs)[0], ys).backward()

# %%
small = LanguageModel(ElmanCell(1000, H), 1000)  # it reads ids modulo 1,000: only the time matters
jobs = [lambda: loss_and_gradients(weights, inputs[:, 0], targets[:, 0]), lambda: one_step(model, xs[:, :1], ys[:, :1]),
        lambda: one_step(model, xs, ys), lambda: one_step(small, xs % 1000, ys % 1000)]

# %% tags=["nbval-ignore-output"]
numpy_one, torch_one, torch_16, small_16 = 1000 * seconds(*jobs, rounds=7)
print(f"a sentence of 20 words: NumPy {numpy_one:.1f} ms, torch {torch_one:.1f} ms")
print(f"in a batch of 16: torch {torch_16 / 16:.1f} ms, with 1,000 words {small_16 / 16:.1f} ms")

# %% tags=["claim"]
claim("10.15", "Eight times as many words take at least three times as long.", torch_16 / small_16, at_least=3)

# %% [markdown]
r"""
NumPy and torch do the same arithmetic, and there is little else to do. A batch helps some, since the large matrix is then fetched once for 16 sentences. To escape, one has to avoid the full softmax: first predict a class of words, then the word in its class (Goodman, 2001), or use pieces of words, so that there are fewer symbols.

## 10.7 Training

One pass through the training text is what our minute allows. Batches continue each other, and the state is carried, also from the end of a sentence into the next one. `fit` calls the function `clip_and_slow_down` after each backward pass, before Adam's step: it shortens a gradient whose norm exceeds 1 to norm 1, and lets the step size fall in a straight line to zero, so that a short run settles.
"""

# %%
optimizer = torch.optim.Adam(model.parameters(), lr=RATE, fused=True)  # fused: one pass over the numbers

# %%
def clip_and_slow_down(step, loss):
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.param_groups[0]["lr"] = RATE * (1 - step / len(batches))

# %% tags=["nbval-ignore-output"]
start = perf_counter()
history = fit(model, batches, cross_entropy, optimizer, 1, clip_and_slow_down, carry_state=True)
print(f"{len(batches)} batches, {B * T * len(batches):,} words in {perf_counter() - start:.0f} s")

# %% tags=["figure", "nbval-ignore-output"]
fig, ax = plt.subplots(figsize=(6, 2.8))
smooth = np.convolve(history.losses, np.ones(20) / 20, mode="valid")  # mean over 20 batches
figures.plot_history(ax, np.arange(len(smooth)) + 20, smooth, label="mean of 20 batches")
ax.axhline(np.log(V), **figures.style_of("chance"), label="ln V: all words alike")
ax.axhline(told, **figures.style_of("baseline"), label="shares of the words")
ax.set(ylim=(4, 9.3))
ax.legend(loc="center right")
plt.show()

# %% [markdown]
r"""
**Figure 10.3.** *The curve starts where the shares of the words put it, and in one pass it falls much further.* Loss in nats per token against the training step. No batch is read twice: each loss is measured before the step that learns from this batch. Only the shares of the words come from the whole text.

## 10.8 Against counting

The n-grams of chapter 03 with Kneser-Ney smoothing read the same training text with the same vocabulary, and both models predict the same tokens. One is left out: after `</s>` comes `<s>`, always, and nobody should be praised for knowing it. The same vocabulary matters: `<unk>` is predicted as one token, and the more words hide in it, the easier it is. Perplexities with different vocabularies cannot be compared. `read` goes through a text in pieces of 500, with the state carried, and picks the probability of each target; `scored` leaves out the targets `<s>`.
"""

# %%
from rnncourse.kneser_ney import KneserNey
from rnncourse.ngrams import NGramModel


# %%
def read(ids):
    """ln p of each token of a text given all before it, by the network; (N - 1,)."""
    found, state = [], None
    with evaluation_mode(model):
        for inputs, targets in contiguous_batches(ids, 1, 500, drop_last=False):
            logits, state = model(torch.tensor(inputs), state)  # (T, 1, V)
            found.append(logits[:, 0].log_softmax(1)[range(len(targets)), targets[:, 0]])
    return torch.cat(found).numpy()

# %%
def scored(log_p, ids):
    return log_p[ids[1:] != START]

# %%
ORDERS = [1, 2, 3, 4]
counters = {n: NGramModel(n, KneserNey()).fit(training, V) for n in ORDERS}
kn = {n: [scored(counters[n].log_probabilities(ids)[1:], ids) for ids in (validation, test)] for n in ORDERS}
rnn = [scored(read(ids), ids) for ids in (validation, test)]  # two arrays of ln p

# %% [markdown]
r"""
**Predict first.** Which $n$ does the network beat: 1, 2, 3?
"""

# %%
def perplexity(log_p):
    return float(np.exp(-np.mean(log_p)))

# %% tags=["nbval-ignore-output"]
for n in ORDERS:
    print(f"{n}-grams: perplexity {perplexity(kn[n][1]):6.1f}")
print(f"network: perplexity {perplexity(rnn[1]):6.1f}")

# %% [markdown]
r"""
One training run is all we can afford here, so we ask whether the order is the same on each fifth of the test text. (Change `SEED` above to see another run: with the seeds 1 to 4, the claims of this chapter hold as well.)
"""

# %%
def fifths(log_p):
    return np.array([perplexity(part) for part in np.array_split(log_p, 5)])

# %% tags=["claim"]
claim("10.16", "On each fifth, the network needs at most 0.96 of the perplexity of bigrams.", fifths(rnn[1]) / fifths(kn[2][1]), at_most=0.96)

# %% tags=["claim"]
claim("10.17", "On the whole test text it loses to trigrams and to 4-grams, by at least 3 %.",
      [perplexity(rnn[1]) / perplexity(kn[n][1]) for n in (3, 4)], at_least=1.03)

# %% [markdown]
r"""
So the plain network loses, at this size and after one pass. But a mean hides where. Sort the test tokens by what the counts know: the trigram was seen; it was not, but the pair was; not even the pair was.
"""

# %%
pairs = set(pairwise(training))
triples = set(zip(training, training[1:], training[2:], strict=False))
pair_seen = np.array([pair in pairs for pair in pairwise(test)])  # (N - 1,)
triple_seen = np.array([False, *(t in triples for t in zip(test, test[1:], test[2:], strict=False))])

# %%
group = scored(np.where(triple_seen, 0, np.where(pair_seen, 1, 2)), test)
gains = [(rnn[1] - kn[3][1])[group == k] for k in range(3)]  # in nats, positive: the network is better

# %% tags=["nbval-ignore-output"]
for name, gain in zip(["triple seen", "only the pair seen", "pair never seen"], gains, strict=True):
    print(f"{name:<18}: {len(gain) / len(group):.0%} of the tokens, network gains {gain.mean():+.2f} nats")

# %% tags=["claim"]
claim("10.18", "Where the pair is new, the network gains at least 0.5 nats a token on trigrams.", gains[2].mean(), at_least=0.5)

# %% tags=["claim"]
claim("10.19", "Where the triple was seen, it loses at least 0.4.", gains[0].mean(), at_most=-0.4)

# %% [markdown]
r"""
Counting remembers what it saw, word for word. The network generalises, and its 100 numbers blur what counting keeps exactly. They are good at different things, so mix them:

$$p = \lambda\, p_{\text{network}} + (1 - \lambda)\, p_{\text{n-gram}}, \qquad 0 \le \lambda \le 1. \tag{10.3}$$

This is a distribution again: both parts add up to 1 over all words. The weight $\lambda$ is chosen on the validation text. On the test text it would be a peek.
"""

# %%
LAMBDAS = np.linspace(0, 1, 21)

def mixed(n, part, weight):
    return np.log(weight * np.exp(rnn[part]) + (1 - weight) * np.exp(kn[n][part]))

# %%
curves = {n: np.array([[perplexity(mixed(n, part, w)) for w in LAMBDAS] for part in (0, 1)]) for n in ORDERS}
best = {n: LAMBDAS[curves[n][0].argmin()] for n in ORDERS}  # on the validation text

# %%
def draw_mixture(n):
    fig, ax = plt.subplots(figsize=(6, 3))
    ax.plot(LAMBDAS, curves[n][0], **figures.style_of("reference"), label="validation")
    ax.plot(LAMBDAS, curves[n][1], **figures.style_of("held out"), label="test")
    ax.axvline(best[n], ymax=0.8, **figures.style_of("truth"), label=f"chosen: {best[n]:.2f}")
    ax.set(xlabel=f"weight of the network (0: only {n}-grams)", ylabel="perplexity", ylim=(70, 130))
    ax.legend(loc="upper center", ncols=3)
    return fig

# %% tags=["widget", "nbval-ignore-output"]
Knob(draw_mixture, "n of the n-grams", values=[2, 3, 4], default=3,
     alt="Perplexity against the weight of the network in a mixture with n-grams; a bowl for every n")

# %% [markdown]
r"""
**Figure 10.4.** *A mixture is better than both of its parts, with every n.* Perplexity against $\lambda$: at the left end only n-grams, at the right end only the network. The dashed line is the $\lambda$ that the validation text chose. Turn from $n = 2$ to 4: the better the n-grams are alone, the further left the lowest point.
"""

# %% tags=["claim"]
gain = [fifths(mixed(n, 1, best[n])) / np.minimum(fifths(rnn[1]), fifths(kn[n][1])) for n in (2, 3, 4)]  # 3 x (5,)
claim("10.20", "With n = 2, 3 and 4, on each fifth, the mixture needs at most 0.94 of the perplexity of the better one alone.",
      np.ravel(gain), at_most=0.94)

# %% [markdown]
r"""
Mikolov et al. (2010) report the same on much more text: networks mixed with each other and with n-grams. More units, more passes and better cells help the network alone; later chapters turn to them.

## 10.9 Writing sentences

Start from `<s>`, draw a word, read it, and go on until `</s>` comes. An unknown word is drawn again, and sentences of fewer than seven words are thrown away. Here is a program for this in a form that is often taught. It has four faults. (We begin each sentence with a state of zeros; in training the state came from the sentence before. `<s>` has to tell the network to start afresh.) First comes a forward pass that returns two results, probabilities and states:
"""

# %%
from rnncourse.cells.unroll import unroll


def read_all(ids):
    with torch.no_grad():
        states, _ = unroll(model.cell, torch.tensor(ids)[:, None])  # (T, 1, H)
        return [model.readout(states)[:, 0].softmax(1), states[:, 0]]  # (T, V), (T, H)

# %% [markdown]
r"""
**First fault.** "The last probabilities" are written `read_all(ids)[-1]`. But the last of two *results* is the states.
"""

# %% tags=["raises-exception"]
torch.multinomial(read_all([START])[-1], 1)

# %% [markdown]
r"""
We were lucky: states can be negative, and the draw fails. With positive states it would draw nonsense without a word. The row wanted is `read_all(ids)[0][-1]`. With that mended:
"""

# %%
def taught(generator):
    sentence = [START]
    while sentence[-1] != END:
        word = UNK
        while word == UNK:
            p = read_all(sentence)[0][-1]  # (V,)
            word = torch.multinomial(p, 1, generator=generator).item()
            sentence.append(word)
        return sentence[1:-1]

# %% [markdown]
r"""
**Predict first.** What comes back? How often do you have to call it for seven words?
"""

# %%
generator = torch.Generator().manual_seed(0)
attempts = [taught(generator) for _ in range(1000)]
longest = max(map(len, attempts))

# %% tags=["nbval-ignore-output"]
print(f"{sum(len(a) > 0 for a in attempts)} of 1,000 attempts hold a word; the longest has {longest}")

# %% tags=["claim"]
claim("10.21", "In 1,000 attempts the longest has at most two words; seven are never reached.", longest, at_most=2)

# %% tags=["claim"]
claim("10.22", "All words that come back are unknown ones.", sum(word != UNK for a in attempts for word in a), equals=0, tolerance=0)

# %% [markdown]
r"""
**Second fault:** `return` stands inside the outer loop, so the sentence ends after one known word, which `[1:-1]` then takes for the end mark and cuts off. **Third fault:** `append` stands inside the loop that draws unknown words again, so each unknown word is kept before it is replaced. What comes back is exactly what should not. **Fourth fault:** each word reads the whole sentence anew, although the state after it is known.

The cure for all: set the probability of `<unk>` to zero and divide by the rest. That is the same as drawing again until a known word comes, without the waiting. Forbid `</s>` as long as the sentence is too short. Carry the state. In essence:

```
read <s>
repeat: take the last logits; forbid <unk>, <s>, and while too short </s>; draw
        if </s> came, or the length is reached: stop
        read the new word, from the state that is there
```

That is `sample` of the package.
"""

# %%
from rnncourse.generation import next_probabilities, sample


# %%
def write(seed, **how):
    return sample(model, [START], 40, stop=END, forbidden=[UNK, START], min_length=7, seed=seed, **how)

# %% tags=["nbval-ignore-output"]
for seed in range(10):
    print(" ".join(vocabulary.decode(write(seed, temperature=0.7))))

# %% [markdown]
r"""
Ten sentences, as they came. They are grammatical for some words at a time. The *temperature* divides the logits: below 1, likely words become likelier. `how` passes such options on to `sample`.
"""

# %%
sample_ids = [write(seed) for seed in range(50)]

# %% tags=["claim"]
claim("10.23", "50 sentences all stop, with 7 to 40 words.", [len(ids) for ids in sample_ids], at_least=7, at_most=40)

# %% tags=["claim"]
claim("10.24", "None of their words is unknown, and none is a mark.", np.isin(np.concatenate(sample_ids), [UNK, START, END]).sum(), equals=0, tolerance=0)

# %% [markdown]
r"""
(Forbidding the end is not the same as throwing short sentences away: it makes a sentence go on that wanted to stop. One may prefer either; this one cannot loop for ever, since the length is limited to 40.) Does the carried state change the distribution? For each beginning of a sentence, once with the state, once read anew:
"""

# %%
ids, state, gap = torch.tensor([START, *sample_ids[0]]), None, 0.0
with evaluation_mode(model):
    for t in range(len(ids)):
        carried, state = model(ids[t : t + 1, None], state)
        anew, _ = model(ids[: t + 1, None])
        gap = max(gap, (next_probabilities(carried[-1, 0]) - next_probabilities(anew[-1, 0])).abs().max().item())

# %% tags=["claim"]
claim("10.25", "At every step of a sentence, the probabilities agree to within 0.00001.", gap, at_most=1e-5)

# %% [markdown]
r"""
So nothing is lost. What is gained? With the state, each word is read once. Without it, the first draw reads one word, the second two, and so on: $1 + 2 + \dots + n = n (n + 1) / 2$ readings for $n$ words. To count them, we hang a function on the output layer; torch calls it (a *forward hook*) each time the layer is used.
"""

# %%
def with_state(length):
    return lambda: sample(model, [START], length, forbidden=[UNK, START, END], seed=0)

def reading_anew(length):
    def run():
        sentence = [START]
        while len(sentence) <= length:
            sentence.append(int(read_all(sentence)[0][-1].argmax()))
    return run

# %%
def readings(job):
    count = []  # how many words each call of the output layer reads
    hook = model.readout.register_forward_hook(lambda layer, states, logits: count.append(len(logits)))
    job()
    hook.remove()
    return sum(count)

# %% tags=["claim"]
found = np.array([readings(with_state(100)), readings(reading_anew(100))])
claim("10.26", "For 100 words, the state needs 100 readings, and reading anew 5,050.", found - [100, 5050], equals=0, tolerance=0)

# %% tags=["claim"]
times = seconds(with_state(20), with_state(100), reading_anew(20), reading_anew(100), rounds=3)
claim("10.27", "From 20 to 100 words, the time of reading anew grows at least 1.5 times as much as that with the state.",
      (times[3] / times[2]) / (times[1] / times[0]), at_least=1.5)

# %% [markdown]
r"""
How the next word is chosen is a matter of its own. The likeliest (`top_k=1`, the *argmax*) gives the same sentence every time; a draw from the ten likeliest (`top_k=10`) leaves the long tail out; a *multinomial* draw takes the model at its word. Chapter 18 compares them.
"""

# %% tags=["nbval-ignore-output"]
for top_k in (1, 10, None):
    print(top_k, "|", " ".join(vocabulary.decode(write(3, top_k=top_k))))

# %%
from textwrap import fill


def draw_samples(temperature):
    fig, ax = plt.subplots(figsize=(7, 3))
    for row, seed in enumerate(range(20, 24)):
        text = " ".join(vocabulary.decode(write(seed, temperature=temperature)))
        ax.text(0, 1 - row / 4, fill(text, 85), va="top", fontsize=9, parse_math=False)
    ax.axis("off")
    return fig

# %% tags=["widget", "nbval-ignore-output"]
Knob(draw_samples, "temperature", values=[0.1, 0.3, 0.5, 0.7, 1.0, 1.5], default=0.7,
     alt="Four sentences drawn from the word model; colder ones repeat common phrases, hotter ones fall apart")

# %% [markdown]
r"""
**Figure 10.5.** *Cold sentences repeat the same few phrases; hot ones fall apart.* Four sentences for each temperature, with the same four seeds. Turn the knob down to 0.1 and compare the four with each other.

## 10.10 What the tables know

Two words are near each other if their rows of $W_{xh}$ point the same way. The measure is the **cosine**, $u v^\top / (|u| |v|)$: 1 for the same direction, 0 for a right angle, -1 for opposite directions. Nobody told the network what a word means. It only saw what followed.
"""

# %%
def directions(table):
    return table / np.linalg.norm(table, axis=1, keepdims=True)

# %%
TABLES = {
    "row of $W_{xh}$": directions(model.cell.W_xh.detach().numpy()),  # (V, H)
    "column of $W_{hy}$": directions(model.readout.weight.detach().numpy()),  # (V, H), torch keeps it turned
}

# %%
def nearest(table, word, count=7):
    likeness = table[:2000] @ table[vocabulary.id_of(word)]  # among the 2,000 most frequent
    order = np.argsort(-likeness)[1 : count + 1]  # the first is the word itself
    return vocabulary.decode(order), likeness[order]

# %%
def draw_neighbours(word):
    fig, axes = plt.subplots(1, 2, figsize=(7, 3), sharex=True)
    for ax, (name, table) in zip(axes, TABLES.items(), strict=True):
        names, likeness = nearest(table, word)
        ax.barh(range(len(names)), likeness, color=figures.style_of("RNN")["color"])
        ax.set_yticks(range(len(names)), names, parse_math=False)
        ax.set(title=name, xlabel=f"cosine with \"{word}\"", xlim=(0, 1))
        ax.invert_yaxis()
    return fig

# %% tags=["widget", "nbval-ignore-output"]
Knob(draw_neighbours, "word", values=["can", "returns", "list", "two", "raise", "("], default="can",
     alt="The seven nearest words of the chosen word in the table of inputs and in the table of outputs")

# %% [markdown]
r"""
**Figure 10.6.** *Words that lead to the same things have similar rows.* Left: nearest rows of the input table. Right: nearest columns of the output table. Look at "can", then at rarer words such as "two": with fewer examples, chance mixes in.

One finds what one looks for in such lists. So here is a test. Is the mean cosine within a group of words, named beforehand, larger than in groups of as many words drawn at random from the 500 most frequent? We divide by the cosine that only one in a hundred of 1,000 random groups exceeds: more than 1 is hardly chance.
"""

# %%
GROUPS = {
    "helping verbs": "can must should may will cannot would might",
    "prepositions": "in on at by for from with to into of",
    "determiners": "a an the this that any each every some all no",
    "numbers": "0 1 2 3 4 5 8 10 one two three",
    "brackets": "( ) [ ] { }",
}

# %%
def mean_cosine(table, ids):
    likeness = table[ids] @ table[ids].T
    return (likeness.sum() - len(ids)) / (len(ids) * (len(ids) - 1))  # without the diagonal

# %%
def against_chance(table, group):
    ids, rng = vocabulary.encode(group.split()), np.random.default_rng(0)
    random = [mean_cosine(table, rng.choice(np.arange(3, 503), len(ids), replace=False)) for _ in range(1000)]
    return mean_cosine(table, ids) / np.quantile(random, 0.99)

# %% tags=["nbval-ignore-output"]
ratios = {name: [against_chance(table, group) for table in TABLES.values()] for name, group in GROUPS.items()}
for name, (inward, outward) in ratios.items():
    print(f"{name:<14}: input table {inward:.1f}, output table {outward:.1f}")

# %% tags=["claim"]
values = [ratio for name in GROUPS if name != "brackets" for ratio in ratios[name]]
claim("10.28", "In both tables, the first four groups are at least 1.3 times as alike as 99 of 100 random groups.", values, at_least=1.3)

# %% tags=["claim"]
claim("10.29", "Brackets are alike in the output table only.", [ratios["brackets"][1] - 1.2, 0.9 - ratios["brackets"][0]], at_least=0)

# %% [markdown]
r"""
Brackets make the two tables understandable. A column of $W_{hy}$ says after which states a word comes: brackets stand in similar *places*, so their columns are alike. A row of $W_{xh}$ says what a word does to the state, and so to what follows. But what follows an opening one is not what follows a closing one, so their rows are not.

## 10.11 Keep it

A model without its vocabulary is useless: word 17 must stay word 17. A checkpoint holds both, and a checksum, so that a damaged file is refused. `Vocabulary.from_tokens` builds the vocabulary again.
"""

# %%
from tempfile import TemporaryDirectory

from rnncourse.checkpoints import load_checkpoint, read_checkpoint, save_checkpoint

with TemporaryDirectory() as folder:
    path, copy = Path(folder) / "words.pt", LanguageModel(ElmanCell(V, H), V)
    save_checkpoint(path, model, vocabulary=vocabulary)
    again = Vocabulary.from_tokens(read_checkpoint(path)["vocabulary"]["tokens"], **MARKS)
    load_checkpoint(path, copy, vocabulary=again)
    data = bytearray(path.read_bytes())
    data[-1000] ^= 1  # one bit
    path.write_bytes(data)
    try:
        load_checkpoint(path, copy, vocabulary=again)
    except ValueError as error:
        print(str(error).partition(",")[0])

# %% tags=["claim"]
with torch.no_grad():
    apart = (copy(xs)[0] - model(xs)[0]).abs().max().item()
claim("10.30", "The loaded model gives the same logits, to the last bit.", apart, equals=0, tolerance=0)

# %% [markdown]
r"""
For a text of your own, replace `corpora.documentation()` in section 10.1 by `Path("my.txt").read_text()`. The rest of the code stays as it is, but the claims are about this text, and some will fail: a short text has fewer than 8,000 different words.

## Often told wrong

*The sampler.* The four faults of section 10.9 are passed on together; a program that is never run is copied easily. Claims 10.21 to 10.27 show each and its cure.

*"$x_1$ could be the second word."* It could, if one counts from 0: then $x_0$ is the first. In this course $x_1$ is the first word, and it is read into $h_1$. In arrays, row 0 belongs to it. Mixing the two shifts targets by one: then the network learns to repeat its input, and the loss looks splendid.
"""

# %%
def shifted_loss(shift):
    torch.manual_seed(0)
    net = LanguageModel(ElmanCell(1000, 50), 1000)
    few = np.where(training < 1000, training, UNK)[: 16 * 20 * 60 + 3]  # only the 1,000 first words
    given = [(x, y if shift else x) for x, y in contiguous_batches(few, 16, 20)]
    return np.mean(fit(net, given, cross_entropy, torch.optim.Adam(net.parameters(), 0.01), 3).losses[-20:])

# %% tags=["claim"]
claim("10.31", "Trained to give back x_t itself, a small network soon has at most a fifth of the loss.", shifted_loss(0) / shifted_loss(1), at_most=0.2)

# %% [markdown]
r"""
*"The model has $2HC + H^2$ parameters."* That counts the matrices alone. With both biases it is 1,618,100 (claims 10.4 and 10.5).

*The softmax as `np.exp(o) / np.sum(np.exp(o))`.* Right in mathematics; in the computer, $e^{710}$ is infinite, and infinite by infinite is no number. Subtract the largest logit first: all probabilities stay the same, and the largest exponential is 1.
"""

# %%
def careless(o):
    with np.errstate(all="ignore"):  # NumPy would warn
        return np.exp(o) / np.sum(np.exp(o))

# %%
logits = np.array([1.0, 2.0, 3.0])
large = logits + 1000
print(careless(logits).round(4), careless(large), careless(large - large.max()).round(4))

# %% tags=["claim"]
claim("10.32", "Shifted by 1,000, the careless softmax gives no number; with the largest subtracted, nothing changes.",
      [np.isnan(careless(large)).all(), np.allclose(careless(large - large.max()), careless(logits), rtol=0, atol=1e-12)], equals=1, tolerance=0)

# %% [markdown]
r"""
## Where it came from

- Elman (1990) trained a recurrent network to predict the next word of made-up sentences, and found words of a kind grouped together in its hidden states.
- Bengio et al. (2003) learnt a table of words together with a feed-forward network on a window of words. They name the point of section 10.1: what is learnt about one word should serve its neighbours.
- Mikolov et al. (2010) used the recurrent network of this chapter on speech data. Their abstract reports about half the perplexity of a backoff n-gram model, for a mixture of several networks.
- Goodman (2001) split the prediction into class and word, and reports up to 35 times faster training of a related model.

## Summary

- 8,000 tokens cover 99 % of the text that chose them, and less of other text (10.1, 10.2). More than half of the trigrams of new text are new (10.3).
- $2VH + H^2$ = 1,610,000 numbers, nearly all in two tables (10.4, 10.5). One-hot times matrix is a look-up (10.6 to 10.8).
- `s[-1]` as $h_0$ works by an extra row, and is a trap (10.9 to 10.11).
- The first loss is $\ln V$ (10.12); a bias of log shares saves the first steps (10.13). The output is where the time goes (10.14, 10.15).
- In one pass, 100 units beat bigrams and lose to trigrams and 4-grams (10.16, 10.17). The network wins where counts are missing, and loses where they are not (10.18, 10.19), so a mixture beats both (10.20).
- A sampler forbids instead of drawing again, carries the state, and always ends; its time is linear in the length (10.21 to 10.27).
- Rows are alike where the same follows, columns where the places are the same (10.28, 10.29).

## Exercises

All in [one notebook](../exercises/10_word_language_model/10_word_language_model.ipynb), which checks itself.

- 10.1 Count the numbers (by hand, 10 minutes)
- 10.2 Sentences, marks and targets (implement, 15 minutes)
- 10.3 A sampler that ends (find the bug, 25 minutes)
- 10.4 The first loss (predict, then run, 10 minutes)
- 10.5 The best mixture (implement, 20 minutes)
- 10.6 A model of your own text (experiment, 25 minutes)

## References

- Y. Bengio, R. Ducharme, P. Vincent and C. Jauvin (2003). A neural probabilistic language model. *Journal of Machine Learning Research* 3, 1137-1155. https://www.jmlr.org/papers/v3/bengio03a.html.
- J. L. Elman (1990). Finding structure in time. *Cognitive Science* 14(2), 179-211. DOI 10.1207/s15516709cog1402_1.
- J. Goodman (2001). Classes for fast maximum entropy training. *ICASSP 2001*, vol. 1, 561-564. DOI 10.1109/ICASSP.2001.940893.
- T. Mikolov, M. Karafiát, L. Burget, J. Černocký and S. Khudanpur (2010). Recurrent neural network based language model. *Interspeech 2010*, 1045-1048. DOI 10.21437/Interspeech.2010-343.
"""
