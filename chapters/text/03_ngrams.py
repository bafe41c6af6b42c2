# %% [markdown]
r"""
# 03 Markov chains and n-grams

How does one predict the next *symbol*, when symbols are names and not numbers? Count what followed before, and decide what to believe about what was never seen.

**You will be able to** fit a Markov chain by counting, and say where it leads and how well anyone can predict it; choose its order on text that it has not seen; smooth the counts of an n-gram model in four ways, by hand and in code; and compare language models by bits and perplexity without being cheated.

**You need** [chapter 01](01_sequences.ipynb) (product rule, bits, perplexity), eigenvectors of a small matrix, and a Lagrange multiplier. [Chapter 02](02_autoregressive.ipynb) is the same idea for numbers.

Run time: about 15 s.
"""

# %% tags=["setup"]
import re
import time
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np

from rnncourse import figures
from rnncourse.claims import claim
from rnncourse.datasets import corpora, synthetic
from rnncourse.knob import Knob
from rnncourse.text import Vocabulary, words

figures.use_style()

# %% [markdown]
r"""
## 3.1 Names are not numbers

Chapter 02 predicted the next number from the last ones. Text looks ready for that, since a computer stores letters as numbers anyway. Let a be 0, b be 1, c be 2 and x be 3. In the text below, every x is followed by a or by c, at random. The best forecast in the sense of least squares is the mean of what followed.
"""

# %% tags=["settings"]
SEEDS = [0, 1, 2, 3, 4]

# %%
def text_with_x(seed):
    follows = np.random.default_rng(seed).choice([0, 2], size=2000)  # a or c
    return np.column_stack([np.full(2000, 3), follows]).ravel()  # x ? x ? ...

# %%
forecasts = [text_with_x(seed)[1::2].mean() for seed in SEEDS]
print("after x:", "abcx"[round(forecasts[0])], "; how often b occurs:", np.sum(text_with_x(0) == 1))

# %% tags=["claim"]
claim("3.1", "The least squares forecast after x is the number of b, to within 0.1.",
      np.abs(np.array(forecasts) - 1), at_most=0.1, seeds=SEEDS)

# %% [markdown]
r"""
The mean of two names means nothing, and another numbering would give another answer. What one can say about a name is how probable it is. So a model of symbols gives $V$ numbers at each step: a probability for each symbol of the alphabet, where $V$ is the size of the alphabet. It is a *classifier*, whose classes are the symbols.

## 3.2 A Markov chain

A cat sleeps (S), eats (E) or plays (P). The simplest model that knows of order says: what comes next depends on what is now, on nothing before, and in the same way at every step. Such a sequence is a **Markov chain**. Its numbers form the **transition matrix** $P$ of shape $(V, V)$,

$$P_{ij} = p(x_{t+1} = j \mid x_t = i), \qquad \sum_{j} P_{ij} = 1, \tag{3.1}$$

where $x_t \in \{0, \dots, V-1\}$ is the symbol at step $t$. Row $i$ is the distribution after symbol $i$. With the product rule of chapter 01, the probability of a whole sequence of length $T$ is

$$p(x_1, \dots, x_T) = p(x_1) \prod_{t=2}^{T} P_{x_{t-1} x_t}. \tag{3.2}$$

By hand: twelve moments of the cat's day have eleven steps. After S came S twice, E once, P twice; after E three times S; after P twice E and once P.
"""

# %%
day = np.array(["SEP".index(letter) for letter in "SSPESESSPPES"])  # (T,)
counts = np.zeros((3, 3), dtype=int)
for now, following in pairwise(day):
    counts[now, following] += 1
print(counts, np.round(counts / counts.sum(axis=1, keepdims=True), 2), sep="\n")

# %% [markdown]
r"""
Dividing each row by its sum is more than common sense. Let $c(i, j)$ be how often $j$ followed $i$, and $c(i)$ the sum over $j$. The logarithm of (3.2), without its first factor, is $\sum_{ij} c(i,j) \ln P_{ij}$. Make it as large as possible while each row sums to 1. With a multiplier $\mu_i$ for row $i$, the derivative of $\sum_j c(i,j) \ln P_{ij} + \mu_i (1 - \sum_j P_{ij})$ is $c(i,j)/P_{ij} - \mu_i$. It is zero if row $i$ is proportional to its counts, and as the row sums to 1,

$$P_{ij} = \frac{c(i, j)}{c(i)}. \tag{3.3}$$

So **counting is maximum likelihood**: no other matrix makes the text more probable. The package's function can look back at more than one symbol (`order`, $p$ in section 3.4); here $p = 1$. `table_shape` gives the shape; `as_ids` and `as_real` check the input. `windows` has a row of $p + 1$ symbols for each place in the text, `np.add.at` adds 1 for each row, also where rows repeat, and `divide_or` takes the third argument where it would divide by 0.
"""

# %%
from rnncourse.smoothing import divide_or
from rnncourse.transitions import table_shape
from rnncourse.validate import as_ids, as_real


# %% tags=["mirror:rnncourse.transitions.count_transitions"]
def count_transitions(ids, order, num_symbols, pseudocount=0.0):
    """Count which symbol follows which context, and divide.

    Args:
        ids: (T,) whole numbers from 0 to V - 1, T > p.
        order: p, how many symbols a context has, 0 or more.
        num_symbols: V, the size of the alphabet.
        pseudocount: k, 0 or more, added to each count; 0 is maximum likelihood.

    Returns:
        (V, ..., V) with p + 1 axes; the last one sums to 1. A context that was never seen gets
        the uniform distribution.

    Raises:
        TypeError, ValueError: an argument is not what is said above, or the table too large.
    """
    shape = table_shape(order, num_symbols)
    ids = as_ids(ids, num_symbols, min_length=len(shape))
    windows = np.lib.stride_tricks.sliding_window_view(ids, len(shape))  # (T - p, p + 1)
    counts = np.full(shape, as_real(pseudocount, "pseudocount", minimum=0))  # (V, ..., V)
    np.add.at(counts, tuple(windows.T), 1)
    return divide_or(counts, counts.sum(axis=-1, keepdims=True), 1 / num_symbols)

# %%
loss = -np.log(count_transitions(day, 1, 3)[day[:-1], day[1:]]).sum()
others = np.random.default_rng(0).dirichlet(np.ones(3), size=(5000, 3))  # (5000, 3, 3), rows sum to 1
other_losses = -np.log(others[:, day[:-1], day[1:]]).sum(axis=1)  # (5000,)

# %% tags=["claim"]
claim("3.2", "None of 5,000 random matrices makes the cat's day as probable as the counts do.",
      other_losses - loss, at_least=0.001)

# %% [markdown]
r"""
From here on, we know the cat: its true matrix is $P$ below.
"""

# %%
from rnncourse.markov import MarkovChain

P = np.array([[0.6, 0.1, 0.3], [0.7, 0.1, 0.2], [0.2, 0.5, 0.3]])  # (V, V), order S, E, P
cat = MarkovChain.from_transition(P)
print("".join("SEP"[i] for i in cat.sample(60, seed=0)))

# %% tags=["figure"]
PLACES = np.array([[0.0, 0.0], [4.0, 0.0], [2.0, 2.6]])
LOOPS = PLACES + np.array([[-0.45, -0.2], [0.45, -0.2], [0.0, 0.45]])  # where a state goes to itself
white = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
figure, ax = plt.subplots(figsize=(5, 3.6))
for i, j in np.ndindex(3, 3):
    start, end = PLACES[i], PLACES[j]
    on_arc = (start + end) / 2 + 0.1 * np.array([start[1] - end[1], end[0] - start[0]])
    arrow = {"arrowstyle": "->", "connectionstyle": "arc3,rad=-0.2", "shrinkA": 14, "shrinkB": 14}
    if i == j:
        ax.add_patch(plt.Circle(LOOPS[i], 0.35, fill=False))
        on_arc = LOOPS[i] + (LOOPS[i] - start) * 0.8
    else:
        ax.annotate("", end, start, arrowprops=arrow)
    ax.text(*on_arc, f"{P[i, j]:.1f}", ha="center", va="center", bbox=white)
for name, place in zip("SEP", PLACES, strict=True):
    ax.text(*place, name, ha="center", va="center", bbox={"boxstyle": "circle", "facecolor": "white"})
ax.set(xlim=(-1.3, 5.3), ylim=(-0.9, 3.7), aspect="equal")
ax.axis("off")
plt.show()

# %% [markdown]
r"""
**Figure 3.1.** *A Markov chain is a walk on a graph: the next move depends on where one stands, not on how one got there.* S sleeps, E eats, P plays. Each arrow carries the probability of that move; the large ring beside a state is the move back to itself. What leaves a state sums to 1.

A long enough text gives the matrix back.
"""

# %% tags=["claim"]
claim("3.3", "From 20,000 symbols of the cat, counting finds each entry of P to within 0.03.",
      [np.abs(count_transitions(cat.sample(20_000, s), 1, 3) - P).max() for s in SEEDS],
      at_most=0.03, seeds=SEEDS)

# %% [markdown]
r"""
## 3.3 Where the chain leads, and what nobody can predict

Let the row vector $\pi_t$ of shape $(V,)$ be the distribution of $x_t$. One step later it is $\pi_{t+1} = \pi_t P$, and $k$ steps later $\pi_t P^k$. A distribution that a step does not change is called **stationary**:

$$\pi P = \pi, \qquad \sum_i \pi_i = 1. \tag{3.4}$$

So $\pi$ is a *left* eigenvector of $P$ with eigenvalue 1. NumPy finds right eigenvectors, so we hand it the transpose. The other two eigenvalues say how fast the start is forgotten: here both have modulus 0.2, so on average a step leaves a fifth of the difference.
"""

# %%
values, vectors = np.linalg.eig(P.T)
pi = vectors[:, np.argmax(values.real)].real
pi = pi / pi.sum()  # (V,), and the sign is right, too
print(np.round(pi, 4), "moduli", np.round(np.sort(np.abs(values)), 2))
print(np.round(np.linalg.matrix_power(P, 8), 4))

# %% tags=["claim"]
claim("3.4", "The eigenvector, the rows of the 30th power, and the package agree on the cat.",
      [np.abs(np.linalg.matrix_power(P, 30) - pi).max(), np.abs(cat.stationary - pi).max()], at_most=1e-10)

# %% [markdown]
r"""
Markov (1913) counted by hand: of 20,000 letters of *Eugene Onegin*, 8,638 were vowels. A vowel followed 1,104 of the vowels and 7,534 of the 11,362 consonants. The chain of these counts gives the share of vowels back. It must: but for its ends, a text enters a symbol as often as it leaves it.
"""

# %% tags=["claim"]
after_vowel, after_consonant = 1104 / 8638, 7534 / 11362
onegin = [[after_vowel, 1 - after_vowel], [after_consonant, 1 - after_consonant]]
claim("3.5", "Markov's transitions lead to his share of vowels, 43.2 %.",
      MarkovChain.from_transition(onegin).stationary[0], equals=0.4319, tolerance=0.0005)

# %% [markdown]
r"""
Two kinds of chain behave otherwise. A *periodic* one goes round and round: $P^t$ never settles, although $\pi$ exists and is the share of time in each state. A *reducible* one has states that some others never reach. If it has two parts that are never left again, the start decides where it ends, and there is more than one $\pi$.
"""

# %%
periodic = np.array([[0, 1, 0], [0, 0, 1], [1, 0, 0]])
reducible = np.array([[1, 0, 0], [0, 1, 0], [0.3, 0.1, 0.6]])

# %% tags=["figure"]
fig, axes = plt.subplots(1, 3, figsize=(9, 2.6), sharey=True)
for ax, name, matrix in zip(axes, ["the cat", "periodic", "reducible"], [P, periodic, reducible], strict=True):
    powers = np.array([np.linalg.matrix_power(matrix, t) for t in range(10)])  # (10, V, V)
    for start, line in enumerate(["k-", "k--", "k:"]):
        ax.plot(powers[:, start, 0], line, label=f"start in {start}")
    ax.set(title=name, xlabel="steps t", ylabel="probability of state 0", ylim=(-0.05, 1.05))
axes[0].legend(loc="upper right")
plt.show()

# %% [markdown]
r"""
**Figure 3.2.** *The cat forgets where it started; the periodic chain never settles, and the reducible one never forgets.* Probability of state 0 (for the cat: asleep) after $t$ steps, one line for each start.

Asked for *the* stationary distribution of this reducible chain, the package refuses:
"""

# %% tags=["raises-exception"]
MarkovChain.from_transition(reducible).stationary

# %% [markdown]
r"""
How well can the cat be predicted? After state $i$, whoever knows $P$ pays $-\ln P_{ij}$ nats when $j$ comes, which happens with probability $P_{ij}$. On average, and over all states,

$$H = -\sum_i \pi_i \sum_j P_{ij} \ln P_{ij} \quad \text{nats per symbol.} \tag{3.5}$$

This is the **entropy rate**. No model, however large, has a smaller expected loss: as in (3.3), $-\sum_j P_{ij} \ln q_j$ is smallest where $q_j = P_{ij}$. A loss near it leaves nothing to learn.
"""

# %%
H = -np.sum(pi * np.sum(P * np.log(P), axis=1))
print(f"{H:.4f} nats, {H / np.log(2):.4f} bits; without any memory {-np.sum(pi * np.log(pi)):.4f} nats")

# %% tags=["claim"]
claim("3.6", "On 20,000 symbols, the loss of one who knows P is the entropy rate to within 0.02 nats.",
      [-cat.log_probabilities(cat.sample(20_000, s)).mean() for s in SEEDS], equals=H, tolerance=0.02, seeds=SEEDS)

# %% [markdown]
r"""
## 3.4 How much past?

A chain of **order** $p$ looks at the last $p$ symbols:

$$p(x_t \mid x_1, \dots, x_{t-1}) = p(x_t \mid x_{t-p}, \dots, x_{t-1}) \qquad \text{for all } t > p. \tag{3.6}$$

The left side has the whole past, the right side $p$ steps of it; that is what is assumed. Now the table has a row for each **context** $u = (x_{t-p}, \dots, x_{t-1})$: $V^p$ rows of $V$ numbers, $V^{p+1}$ in all. With 104 symbols, about as many as the text of the next section has:
"""

# %%
for order in range(6):
    print(f"order {order}: {104 ** (order + 1):>17,} numbers")

# %% [markdown]
r"""
A larger table can say all that a smaller one can. So on the counted text the loss never rises with the order, and the counted text cannot choose it. Text that was *held out* can. The package adds a *pseudocount* of 1 to every count here, so that nothing has probability 0, and scores the same symbols for each order:
"""

# %%
from rnncourse.markov import OrderLosses
from rnncourse.validate import as_integer


# %% tags=["mirror:rnncourse.markov.compare_orders"]
def compare_orders(ids, held_out, max_order, num_symbols, pseudocount=1.0):
    """Fit chains of the orders 0 .. P and compare them on text that they have not seen.

    Every order predicts the same symbols, or the losses could not be compared.

    Args:
        ids: (T,) the text to count, whole numbers from 0 to V - 1, T > P.
        held_out: (S,) another text, S > P.
        max_order: P, the largest order, 0 or more.
        num_symbols: V, the size of the alphabet.
        pseudocount: k, 0 or more, added to each count; with 0 a loss can be infinite.

    Returns:
        OrderLosses: training (P + 1,), held_out (P + 1,), order.

    Raises:
        TypeError, ValueError: an argument is not what is said above.
    """
    max_order = as_integer(max_order, "max_order", minimum=0)
    num_symbols = as_integer(num_symbols, "num_symbols", minimum=1)
    ids = as_ids(ids, num_symbols, min_length=max_order + 1)
    held_out = as_ids(held_out, num_symbols, "held_out", min_length=max_order + 1)
    losses = np.empty((2, max_order + 1))
    for order in range(max_order + 1):
        chain = MarkovChain(order).fit(ids, num_symbols, pseudocount)
        same = [text[max_order - order :] for text in (ids, held_out)]  # same predictions
        losses[:, order] = [-chain.log_probabilities(text).mean() for text in same]
    return OrderLosses(*losses, int(losses[1].argmin()))

# %% [markdown]
r"""
**Predict first.** We draw texts from a random chain of order 2 with $V = 4$. Which order has the smallest loss on the counted text, and which on the held-out text?
"""

# %% tags=["settings"]
LENGTH, MAX_ORDER = 4000, 5
TRUTH = np.random.default_rng(3).dirichlet(np.full(4, 0.5), size=(4, 4))  # (V, V, V)

# %%
drawn = [synthetic.markov_chain(TRUTH, 2 * LENGTH, seed=seed) for seed in SEEDS]
halves = [(chain.ids[:LENGTH], chain.ids[LENGTH:]) for chain in drawn]
fitted = [compare_orders(*both, MAX_ORDER, 4) for both in halves]
counted = np.array([compare_orders(*both, MAX_ORDER, 4, pseudocount=0.0).training for both in halves])
rate = drawn[0].entropy_rate

# %% tags=["figure"]
figure, ax = plt.subplots()
figures.plot_seeds(ax, range(6), counted, "training", "counted text")
figures.plot_seeds(ax, range(6), np.array([f.held_out for f in fitted]), "held out", "held-out text")
ax.axhline(rate, **figures.style_of("reference"), label="entropy rate")
ax.set(xlabel="order p", ylabel="nats per symbol", ylim=(0.6, 1.5))
ax.legend()
plt.show()

# %% [markdown]
r"""
**Figure 3.3.** *On the counted text a longer memory always looks better; held-out text finds the true order 2.* Five texts of 4,000 counted and 4,000 held-out symbols, thin, and their medians, bold. Blue: plain counts; orange: with the pseudocount. Where the blue line falls below the entropy rate, it has learnt accidents by heart.
"""

# %% tags=["claim"]
claim("3.7", "In each of five texts, the held-out loss is smallest at the true order, 2.",
      [f.order for f in fitted], equals=2, tolerance=0, seeds=SEEDS)

# %% tags=["claim"]
claim("3.8", "With plain counts, the loss on the counted text never rises with the order.",
      np.diff(counted, axis=1).max(axis=1), at_most=0.0, seeds=SEEDS)

# %% tags=["claim"]
claim("3.9", "The best held-out loss is within 0.05 nats of the entropy rate.",
      [f.held_out.min() for f in fitted], equals=rate, tolerance=0.05, seeds=SEEDS)

# %% [markdown]
r"""
## 3.5 Characters: most contexts never come

Now real text, the help pages of chapter 01. (They differ a little between versions of Python, so the claims leave a margin.) The last tenth is held out. A window of $n$ symbols is called an **n-gram**: a context of $n - 1$ symbols and the one that follows, so $p = n - 1$. A text of $T$ symbols has at most $T$ different ones, so one stores only those that occur. A dictionary does; the package uses sorted arrays. Its `gather_text` looks up every n-gram of a text; the last entry of what it returns is about the longest context.
"""

# %%
from collections import Counter

from rnncourse.batches import split_in_time
from rnncourse.ngram_counts import count_ngrams, find_contexts, gather_all, gather_text

# %%
training_text, held_out_text = split_in_time(corpora.english(), (0.9, 0.1))
vocabulary = Vocabulary(training_text, unknown="<unk>")  # from the training part only
training, held_out = vocabulary.encode(training_text), vocabulary.encode(held_out_text)
V = len(vocabulary)

# %%
windows = list(zip(training_text, training_text[1:], training_text[2:], strict=False))
trigrams = Counter(windows)
tables = count_ngrams(training, 10, V)  # n-grams of all lengths up to 10

# %% tags=["claim"]
ours = [trigrams[window] for window in windows]
claim("3.10", "At each place of the training text, dictionary and package have the same count of its trigram.",
      np.abs(gather_text(tables[:3], training)[-1].counts - ours).max(), at_most=0)

# %% [markdown]
r"""
Now the held-out n-grams. Each row below: the $V^{n-1}$ possible contexts, the share of them that ever occurred, and the share of held-out n-grams that never occurred in training.
"""

# %% tags=["nbval-ignore-output"]
new = [np.mean(gather_text(tables[:n], held_out)[-1].counts == 0) for n in range(1, 7)]
share = [len(tables[n - 1].contexts) / V ** (n - 1) for n in range(1, 7)]
for n in range(1, 7):
    print(f"n = {n}: {V ** (n - 1):>14,} contexts, {share[n - 1]:.2g} seen; {new[n - 1]:.1%} of n-grams new")

# %% tags=["claim"]
claim("3.11", "At n = 5 at most a thousandth of the contexts ever occurred.", share[4], at_most=0.001)

# %% tags=["claim"]
claim("3.12", "Yet at least 1 in 20 of the held-out 5-grams never occurred in training.", new[4], at_least=0.05)

# %% [markdown]
r"""
Maximum likelihood gives those the probability 0, and one is enough to make the loss infinite.
"""

# %%
from rnncourse.ngrams import NGramModel
from rnncourse.smoothing import AddK, WittenBell

# %% tags=["claim"]
plain = [NGramModel(n, AddK(0)).fit(training, V).perplexity(held_out) for n in (3, 4, 5, 6)]
claim("3.13", "Without smoothing, the held-out loss is infinite for n = 3, 4, 5 and 6.",
      np.isinf(plain).sum(), equals=4, tolerance=0)

# %% [markdown]
r"""
## 3.6 Smoothing: four answers

What is never seen is not impossible. **Smoothing** takes a little probability from what was seen and gives it to what was not. All methods need the same evidence: $c(u, v)$, how often symbol $v$ followed context $u$; $c(u) = \sum_v c(u, v)$; and $N(u)$, how many *different* symbols followed $u$. `find_contexts` finds a context in the tables, and `gather_all` gets this evidence for all symbols at once. Eleven words serve for all hand calculations. The alphabet has six words: "sun" is known, but does not occur.
"""

# %%
SENTENCE = ["the", "sea", "sees", "the", "sky", "and", "the", "sky", "sees", "the", "sea"]
SIX = ["the", "sea", "sees", "sky", "and", "sun"]
ids = np.array([SIX.index(word) for word in SENTENCE])  # (T,)
small = count_ngrams(ids, 2, 6)  # tables for contexts of 0 and 1 words

# %%
def after(word, tables=small):
    rows = find_contexts(tables, np.array([[SIX.index(word)]]))  # where the tables have it
    return [gather_all(table, row[0]) for table, row in zip(tables, rows, strict=True)]

# %%
nothing, the = after("the")  # evidence after the empty context, and after "the"
print(SIX, "\n all", nothing.counts, nothing.totals, nothing.types, "\n the", the.counts, the.totals, the.types)

# %% [markdown]
r"""
After "the" came "sea" twice and "sky" twice: $c(u) = 4$, $N(u) = 2$. In the four definitions `seen` is such evidence, with the fields `counts`, `totals`, `types` for $c(u, v)$, $c(u)$, $N(u)$.

**Add-k** pretends that every symbol was seen $k$ times more:

$$p(v \mid u) = \frac{c(u, v) + k}{c(u) + kV}. \tag{3.7}$$
"""

# %% tags=["mirror:rnncourse.smoothing.add_k"]
def add_k(seen, k, num_symbols):
    """Add k to every count, those of symbols that were never seen included.

    With k = 0 it is maximum likelihood. A context that was never seen gets the uniform
    distribution: with every k > 0, and with k = 0 by convention.

    Args:
        seen: Evidence about N symbols after a context.
        k: what is added, 0 or more.
        num_symbols: V, the size of the alphabet.

    Returns:
        (N,) probabilities (c(u, v) + k) / (c(u) + k V).
    """
    return divide_or(seen.counts + k, seen.totals + k * num_symbols, 1 / num_symbols)

# %% [markdown]
r"""
By hand, $k = 1$: $p(\text{sea} \mid \text{the}) = (2 + 1)/(4 + 6) = 0.3$, and $p(\text{sun} \mid \text{the}) = 1/10$. All words that did not follow get the same, whether they are frequent or not.
"""

# %%
print(np.round(add_k(the, 1, 6), 3))

# %% [markdown]
r"""
**Interpolation** asks the shorter contexts, too. Let $u_m$ be the newest $m$ symbols of the context, $f(v \mid u_m) = c(u_m, v)/c(u_m)$, and $\lambda_0, \dots, \lambda_n$ weights that sum to 1:

$$p(v \mid u) = \frac{\lambda_0}{V} + \sum_{m=0}^{n-1} \lambda_{m+1}\, f(v \mid u_m). \tag{3.8}$$

One can also go one length at a time and mix with what the shorter ones have said; the share of a step is its $\lambda$ over the sum of $\lambda$ so far. Where a context was never seen, the step leaves things as they are, here and in all that follows.
"""

# %% tags=["mirror:rnncourse.interpolation.interpolate"]
def interpolate(seen, lower, share):
    """Go from the probabilities after a shorter context to those after the next longer one.

    Args:
        seen: Evidence about N symbols after the longer context u.
        lower: (N,), or one number for all, their probabilities after the shorter context.
        share: the part that the longer context gets of the mixture, from 0 to 1.

    Returns:
        (N,) probabilities share c(u, v) / c(u) + (1 - share) lower.

    Source:
        Jelinek & Mercer (1980), Interpolated estimation of Markov source parameters from sparse
        data.
    """
    return divide_or(share * seen.counts + (1 - share) * seen.totals * lower, seen.totals, lower)

# %% [markdown]
r"""
By hand with $\lambda = (0.1, 0.3, 0.6)$: $p(\text{sea} \mid \text{the}) = 0.1/6 + 0.3 \cdot 2/11 + 0.6 \cdot 2/4 = 0.371$. The shares are $0.3/0.4$ and $0.6/1$.
"""

# %%
one_word = interpolate(nothing, 1 / 6, 0.3 / 0.4)
print(np.round(interpolate(the, one_word, 0.6), 3))

# %% [markdown]
r"""
Which weights? Those under which *held-out* text is most probable. **Expectation maximisation** (EM) finds them: ask for each held-out symbol which share of its probability each term of (3.8) has, and take the mean shares as the new weights. No step makes the held-out text less probable.
"""

# %%
def improve(weights, terms):  # (n + 1,), (N, n + 1): 1 / V and f of each held-out symbol
    shares = weights * terms  # (N, n + 1)
    return np.mean(shares / shares.sum(axis=1, keepdims=True), axis=0)  # (n + 1,)

# %%
from rnncourse.interpolation import Interpolation, held_out_weights

# %%
first, second = halves[0]
past, now = second[:-1], second[1:]
terms = np.column_stack([np.full(len(now), 0.25), count_transitions(first, 0, 4)[now],
                         count_transitions(first, 1, 4)[past, now]])  # (N, 3)
weights, em_losses = np.full(3, 1 / 3), []
for _ in range(50):
    em_losses.append(-np.log(terms @ weights).mean())
    weights = improve(weights, terms)

# %% tags=["claim"]
claim("3.14", "On the chain of section 3.4, 50 such steps give the weights of the package.",
      np.abs(weights - held_out_weights(first, second, 2, 4, iterations=50)), at_most=1e-9)

# %% tags=["claim"]
claim("3.15", "No step makes the held-out text less probable.", np.diff(em_losses), at_most=1e-12)

# %% [markdown]
r"""
**Witten-Bell** counts surprises. After $u$, something new was seen $N(u)$ times: each first sight was one. So add $N(u)$ to the total, and spend it as the shorter context $u'$ (without its oldest symbol) says. Below the empty context stands $1/V$.

$$p(v \mid u) = \frac{c(u, v) + N(u)\, p(v \mid u')}{c(u) + N(u)}. \tag{3.9}$$
"""

# %% tags=["mirror:rnncourse.smoothing.witten_bell"]
def witten_bell(seen, lower):
    """Go from the probabilities after a shorter context to those after the next longer one.

    Args:
        seen: Evidence about N symbols after the longer context u.
        lower: (N,), or one number for all, their probabilities after the shorter context.

    Returns:
        (N,) probabilities (c(u, v) + N(u) lower) / (c(u) + N(u)).

    Source:
        Witten & Bell (1991), The zero-frequency problem (their method C).
    """
    return divide_or(seen.counts + seen.types * lower, seen.totals + seen.types, lower)

# %% [markdown]
r"""
By hand: five different words occur, so $p(\text{sea}) = (2 + 5/6)/(11 + 5) = 0.177$, and $p(\text{sea} \mid \text{the}) = (2 + 2 \cdot 0.177)/(4 + 2) = 0.392$.
"""

# %%
print(np.round(witten_bell(the, witten_bell(nothing, 1 / 6)), 3))

# %% [markdown]
r"""
**Kneser-Ney** takes a discount $D$ between 0 and 1 off every count, and spends the sum:

$$p(v \mid u) = \frac{\max(c(u, v) - D,\, 0) + D\, N(u)\, p(v \mid u')}{c(u)}. \tag{3.10}$$

Its second idea is the better one. The shorter context is only asked when the longer one is unsure. So $c$ in the shorter contexts should not say how *often* $v$ stands there, but in how many different *places*: $c(u', v)$ becomes the number of different symbols that were seen before $u' v$. In our sentence "sea" and "sees" both occur twice. But "sea" only ever stands after "the", where the bigrams know about it. "sees" stands after two different words, and may well stand after a third.
"""

# %%
from rnncourse.kneser_ney import KneserNey, absolute_discount


# %% tags=["mirror:rnncourse.kneser_ney.kneser_ney"]
def kneser_ney(seen, lower):
    """Go from the probabilities after a shorter context to those after the next longer one.

    Args:
        seen: Evidence about N symbols after the longer context u, with its discount D.
        lower: (N,), or one number for all, their probabilities after the shorter context.

    Returns:
        (N,) probabilities (max(c(u, v) - D, 0) + D N(u) lower) / c(u).

    Source:
        Kneser & Ney (1995), Improved backing-off for m-gram language modeling;
        interpolated as in Chen & Goodman (1999).
    """
    kept = np.maximum(seen.counts - seen.discount, 0)  # (N,)
    return divide_or(kept + seen.discount * seen.types * lower, seen.totals, lower)

# %% [markdown]
r"""
By hand, $D = 0.5$: the places are 2, 1, 2, 1, 1, 0, seven in all, of five words. $p(\text{sea}) = (0.5 + 0.5 \cdot 5/6)/7 = 0.131$, and $p(\text{sea} \mid \text{the}) = (1.5 + 0.5 \cdot 2 \cdot 0.131)/4 = 0.408$. `prepare` counts the places and sets $D$ in every table.
"""

# %%
places, the_too = after("the", KneserNey(0.5).prepare(small))
print(places.counts, np.round(kneser_ney(the_too, kneser_ney(places, 1 / 6)), 3))

# %% [markdown]
r"""
Without a given $D$ the package estimates one for each length: $D = n_1/(n_1 + 2 n_2)$, where $n_1$ and $n_2$ are how many n-grams were seen once and twice (Ney, Essen and Kneser, 1994). The classes `AddK`, `Interpolation`, `WittenBell` and `KneserNey` run these steps inside an `NGramModel`. After the unseen context "sun" the two words part:
"""

# %%
after_sun = [NGramModel(2, method).fit(ids, 6).probabilities([5]) for method in (WittenBell(), KneserNey(0.5))]
print("sea and sees after sun:", *(np.round(p[[1, 2]], 3) for p in after_sun))

# %% tags=["claim"]
claim("3.16", "After an unseen context, Kneser-Ney gives 'sees' at least twice the probability of 'sea'.",
      after_sun[1][2] / after_sun[1][1], at_least=2)

# %% tags=["claim"]
claim("3.17", "There, Witten-Bell gives both the same probability.", after_sun[0][2] / after_sun[0][1], equals=1, tolerance=1e-12)

# %% [markdown]
r"""
A distribution has to sum to 1 after every context. We try all contexts of up to two words, seen or not:
"""

# %%
METHODS = [AddK(1), Interpolation([0.1, 0.2, 0.3, 0.4]), WittenBell(), KneserNey()]
small_models = [NGramModel(3, method).fit(ids, 6) for method in METHODS]
contexts = [[], *([i] for i in range(6)), *np.ndindex(6, 6)]  # 43 contexts

# %% tags=["claim"]
sums = [model.probabilities(list(u)).sum() for model in small_models for u in contexts]
claim("3.18", "Each method sums to 1 after each of the 43 contexts.", sums, equals=1, tolerance=1e-12)

# %% [markdown]
r"""
## 3.7 Bits per character against n

Perplexity was $e^{L}$ with $L$ the mean loss in nats; bits per character are $L / \ln 2$. We score the held-out tenth, and the first 100,000 characters of the training part. The weights of the interpolation come from a twentieth of the training part that is left out for that.

**Predict first.** For $n = 1, \dots, 6$: which curves fall all the way on the training text, and which on the held-out text?
"""

# %% tags=["settings"]
NS = [1, 2, 3, 4, 5, 6]

# %%
most, rest = split_in_time(training, (0.95, 0.05))
weights_of = {n: held_out_weights(most, rest, n, V, iterations=20) for n in NS}  # n + 1 weights each

# %%
SMOOTHINGS = {
    "add 1": lambda n: AddK(1),
    "add 0.01": lambda n: AddK(0.01),
    "interpolation": lambda n: Interpolation(weights_of[n]),
    "Witten-Bell": lambda n: WittenBell(),
    "Kneser-Ney": lambda n: KneserNey(),
}

# %% [markdown]
r"""
All methods share the counts, so we count once. `score` does what `NGramModel` does inside, and leaves out the first $n - 1$ symbols, whose context is not complete.
"""

# %%
def score(prepared, smoothing, asked):
    evidence = gather_text(prepared, asked)
    return -np.log2(smoothing.probabilities(evidence, prepared[0].num_symbols)).mean()

# %%
def bits(n, smoothing):
    prepared = smoothing.prepare(tables[:n])
    return [score(prepared, smoothing, text) for text in (training[:100_000], held_out)]

# %%
curves = {name: np.array([bits(n, make(n)) for n in NS]) for name, make in SMOOTHINGS.items()}  # (6, 2)

# %% tags=["nbval-ignore-output"]
for name, both in curves.items():
    print(f"{name:<14}", np.round(both[:, 1], 2), f"perplexity at n = 5: {2 ** both[4, 1]:.2f}")

# %%
def draw_smoothing(name):
    figure, ax = plt.subplots(figsize=(6, 3))
    for other in curves.values():
        ax.plot(NS, other[:, 1], color="#d0d0d0", linewidth=1)
    ax.plot(NS, curves[name][:, 0], "o", **figures.style_of("training"), label="training")
    ax.plot(NS, curves[name][:, 1], "s", **figures.style_of("held out"), label="held out")
    ax.set(xlabel="n", ylabel="bits per character", ylim=(0.8, 5), title=name)
    ax.legend()
    return figure

# %% tags=["widget", "nbval-ignore-output"]
Knob(draw_smoothing, "smoothing", values=list(SMOOTHINGS), default="Witten-Bell",
     alt="Bits per character against n. Training falls to about 1 bit, but with add 1 it turns up "
     "after n = 4. Held out, add-k turns up after 4, Witten-Bell after 5, the others still fall at 6.")

# %% [markdown]
r"""
**Figure 3.4.** *More context pays on held-out text only as far as the smoothing can handle what is new: at n = 6 add 1 is far past its best, and Kneser-Ney still gains.* Blue circles: training text. Orange squares: held-out text, with the chosen smoothing; grey: held-out text, the other four. At $n = 2$ the held-out tenth happens to be the easier text; what counts is how the two curves part as $n$ grows.
"""

# %% tags=["claim"]
add_one = curves["add 1"][:, 1]
claim("3.19", "With add 1, n = 6 costs at least 0.5 bits more than the best n.", add_one[5] - add_one.min(), at_least=0.5)

# %% tags=["claim"]
good = [curves[name] for name in ("interpolation", "Witten-Bell", "Kneser-Ney")]
claim("3.20", "With interpolation, Witten-Bell or Kneser-Ney, each further symbol saves at least 0.1 bits on the training text.",
      [np.diff(both[:, 0]).max() for both in good], at_most=-0.1)

# %% tags=["claim"]
kneser, witten = curves["Kneser-Ney"][:, 1], curves["Witten-Bell"][:, 1]
claim("3.21", "With Kneser-Ney, each symbol up to n = 6 still saves at least 0.02 bits on held-out text.",
      np.diff(kneser).max(), at_most=-0.02)

# %% tags=["claim"]
claim("3.22", "Witten-Bell needs 4.67, 3.34, 2.47, 2.03, 1.91, 1.93 bits, to within 0.25, for n = 1 to 6.",
      np.abs(witten - [4.67, 3.34, 2.47, 2.03, 1.91, 1.93]), at_most=0.25)

# %% tags=["claim"]
claim("3.23", "At n = 5 Kneser-Ney needs at most 1.95 bits per character.", kneser[4], at_most=1.95)

# %% [markdown]
r"""
Is this ranking an accident of the last tenth? We hold out five other tenths in turn, at $n = 5$. And does it matter to count places? `CountTimes` is Kneser-Ney without its second idea: all contexts use plain counts.
"""

# %%
class CountTimes(KneserNey):
    def prepare(self, tables):  # the same tables, with another discount
        return [table._replace(discount=absolute_discount(table.counts)) for table in tables]

# %%
def on_tenth(tenth, methods, n=5):
    text = corpora.english()
    start, stop = (len(text) * k // 10 for k in (tenth, tenth + 1))
    others = text[:start] + text[stop:]
    v = Vocabulary(others, unknown="<unk>")
    counted, asked = count_ngrams(v.encode(others), n, len(v)), v.encode(text[start:stop])
    return [score(method.prepare(counted), method, asked) for method in methods]

# %%
tenths = np.array([on_tenth(t, [KneserNey(), WittenBell(), AddK(0.01), CountTimes()]) for t in (0, 2, 4, 6, 8)])

# %% tags=["claim"]
claim("3.24", "On each of five tenths, Kneser-Ney saves at least 0.02 bits over Witten-Bell.",
      tenths[:, 1] - tenths[:, 0], at_least=0.02)

# %% tags=["claim"]
claim("3.25", "On each, Witten-Bell saves at least 0.05 bits over add 0.01.", tenths[:, 2] - tenths[:, 1], at_least=0.05)

# %% tags=["claim"]
claim("3.26", "On each, counting places saves at least 0.05 bits over counting times.",
      tenths[:, 3] - tenths[:, 0], at_least=0.05)

# %% [markdown]
r"""
Counting is fast, too: it needs sorting, and no loop over symbols.
"""

# %%
long_text = np.resize(training, 510_000)  # repeats its beginning
started = time.perf_counter()
model = NGramModel(5, KneserNey()).fit(long_text[:460_000], V)
fitted_at = time.perf_counter()
model.log_probabilities(long_text[460_000:])
seconds = np.diff([started, fitted_at, time.perf_counter()])  # fitting, scoring

# %% tags=["claim"]
claim("3.27", "At n = 5, 460,000 characters are counted in 3 s and 50,000 scored in 1 s, or less.",
      seconds / [3, 1], at_most=1)

# %% [markdown]
r"""
## 3.8 What it writes

A model of the next symbol can write: draw a symbol, append it, repeat. Here are Kneser-Ney samples, unselected; seed 0, white space shown as a single blank. A *word* below is a run of at least three letters, and it is *real* if the training text has it.

**Predict first.** From which $n$ on are more than 7 in 10 words real? At $n = 6$ and at 10, how many stretches of 20 characters stand in the training text, too?
"""

# %%
known_words = set(re.findall(r"[A-Za-z]{3,}", training_text))

# %%
def write(n, length=1000):
    model = NGramModel(n, KneserNey()).fit(training, V)
    return ["".join(vocabulary.decode(model.sample(length, seed))) for seed in SEEDS[:3]]

# %%
def real_words(text):
    return np.mean([word in known_words for word in re.findall(r"[A-Za-z]{3,}", text)])

# %%
written = {n: write(n) for n in [*NS, 10]}
real = np.array([[real_words(text) for text in written[n]] for n in NS])  # (6, 3)

# %% tags=["nbval-ignore-output"]
print("share of real words:", dict(zip(NS, np.median(real, axis=1).round(2).tolist(), strict=True)))

# %%
def draw_text(n):
    figure, (left, right) = plt.subplots(1, 2, figsize=(7, 2.8), width_ratios=[3, 2])
    shown = " ".join(written[n][0].encode("ascii", "replace").decode().split())
    lines = "\n".join(shown[i : i + 40] for i in range(0, 400, 40))
    left.text(0, 1, lines, family="monospace", size=10, va="top", parse_math=False)
    left.axis("off")
    right.plot(NS, np.median(real, axis=1), **figures.style_of("n-gram"))
    right.plot(n, np.median(real[n - 1]), "ko")
    right.set(title=f"n = {n}", xlabel="n", ylabel="share of real words", ylim=(-0.05, 1.05))
    return figure

# %% tags=["widget", "nbval-ignore-output"]
Knob(draw_text, "n", values=NS, default=4,
     alt="Left, a sample: letter salad at n = 1, syllables at 3, mostly words at 5, phrases without sense at 6. "
     "Right, the share of real words, which rises from near 0 to about 0.9.")

# %% [markdown]
r"""
**Figure 3.5.** *From n = 2 to 5, each further symbol makes more of the words real.* Whether sense comes with them, read on the left. Left: the beginning of a sample; the line breaks are the figure's. Right: share of real words, median of three samples of 1,000 characters.
"""

# %% tags=["claim"]
claim("3.28", "The share of real words rises by at least 0.08 from n = 2 to 3, 3 to 4 and 4 to 5.",
      np.diff(real[1:5], axis=0).min(axis=0), at_least=0.08, seeds=SEEDS[:3])

# %% tags=["claim"]
claim("3.29", "At n = 4 fewer than 7 in 10 words are real, at n = 5 more.",
      np.minimum(0.7 - real[3], real[4] - 0.7), at_least=0.01, seeds=SEEDS[:3])

# %% [markdown]
r"""
Are long stretches copied? For comparison, the same share of the held-out text, which no model wrote.
"""

# %%
stretches = {training_text[i : i + 20] for i in range(len(training_text) - 19)}

# %%
def copied(text):
    return np.mean([text[i : i + 20] in stretches for i in range(0, len(text) - 19, 5)])

# %% tags=["nbval-ignore-output"]
six, ten = ([copied(text) for text in written[n]] for n in (6, 10))
natural = copied(held_out_text)
print(f"copied: {np.mean(six):.1%} at n = 6, {np.mean(ten):.1%} at n = 10; held-out text: {natural:.1%}")

# %% tags=["claim"]
claim("3.30", "At n = 6 the share of copied stretches is at most half of that in the held-out text.",
      np.divide(six, natural), at_most=0.5, seeds=SEEDS[:3])

# %% tags=["claim"]
claim("3.31", "At n = 10 it is at least 5 points higher than at n = 6.", np.subtract(ten, six), at_least=0.05, seeds=SEEDS[:3])

# %% [markdown]
r"""
The help pages quote each other, so even new text repeats a lot. Without the comparison one would call the samples at $n = 10$ copied.
"""

# %% [markdown]
r"""
## 3.9 Words and characters

Symbols may be words as well. `words` cuts a text into words, in lower case, numbers and single punctuation marks. The vocabulary holds those that the training part has at least twice; all others are one symbol, `<unk>`. Perplexities per word and per character do not compare, since words are longer. Bits on the *same text* do: here the words with single blanks between them, all of which both models pay for.

$$\text{bits per character} = \frac{\text{number of words}}{\text{number of characters}} \cdot \log_2(\text{perplexity per word}). \tag{3.11}$$
"""

# %%
words_known, words_asked = words(training_text), words(held_out_text)
letters_known, letters_asked = (" ".join(w) + " " for w in (words_known, words_asked))
letters = Vocabulary(letters_known, unknown="<unk>")

# %%
def word_model(n=3, **limit):
    v = Vocabulary(words_known, unknown="<unk>", **limit)
    return v, NGramModel(n, KneserNey()).fit(v.encode(words_known), len(v))

# %% [markdown]
r"""
But `<unk>` does not say *which* word it is. A fair score adds the bits that spell it, with a character 4-gram. It is fitted on the training words outside the vocabulary, each taken once (`dict.fromkeys`). The blank before a word is free (`[1:]`); its letters and the blank that ends it are paid.
"""

# %%
def spelling_bits(v):
    rare = " " + " ".join(dict.fromkeys(word for word in words_known if word not in v)) + " "
    speller = NGramModel(4, KneserNey()).fit(letters.encode(rare), len(letters))
    unknown = Counter(word for word in words_asked if word not in v)
    nats = [-speller.log_probabilities(letters.encode(f" {word} "))[1:].sum() for word in unknown]
    return np.dot(nats, list(unknown.values())) / np.log(2)

# %%
def letter_bits(n):
    model = NGramModel(n, KneserNey()).fit(letters.encode(letters_known), len(letters))
    return model.bits_per_symbol(letters.encode(letters_asked))

# %%
def word_scores(**limit):
    v, model = word_model(**limit)
    asked = v.encode(words_asked)
    paid = len(asked) * model.bits_per_symbol(asked)
    both = np.array([paid, paid + spelling_bits(v)]) / len(letters_asked)
    return model.perplexity(asked), *both  # per word; bits per character without, with spelling

# %% [markdown]
r"""
**Predict first.** The same text, the same trigrams of words: once with only the 99 most frequent words and `<unk>`, once with all words seen twice. Which has the smaller perplexity? Which really predicts better? And does either beat characters with $n = 6$, or with $n = 10$?
"""

# %% tags=["nbval-ignore-output"]
tiny, full = word_scores(max_size=100), word_scores(min_count=2)
by_letter, by_ten = letter_bits(6), letter_bits(10)
for name, scores in (("100 words", tiny), ("all seen twice", full)):
    print(f"{name:<14}: perplexity {scores[0]:.1f}, {scores[1]:.2f} bpc; with spelling {scores[2]:.2f} bpc")
print(f"characters    : {by_letter:.2f} bpc with n = 6, {by_ten:.2f} with n = 10")

# %% tags=["claim"]
claim("3.32", "With 100 words, the perplexity is at most half of that with all words.", tiny[0] / full[0], at_most=0.5)

# %% tags=["claim"]
claim("3.33", "With the spelling paid, 100 words cost at least 0.2 bits per character more.", tiny[2] - full[2], at_least=0.2)

# %% tags=["claim"]
claim("3.34", "Spelling included, word trigrams need at least 0.03 bits less per character than 6-grams of characters.",
      by_letter - full[2], at_least=0.03)

# %% tags=["claim"]
claim("3.35", "With n = 10, characters come to within 0.08 bits of the word trigrams.", by_ten, equals=full[2], tolerance=0.08)

# %% [markdown]
r"""
Three words are longer than six characters, so the last comparison is the fairer one: with contexts of about equal length, words and characters do equally well. Hiding words behind `<unk>` makes the perplexity as small as one likes, so perplexities with different vocabularies say nothing about each other. (Nor do these bits compare with those of section 3.7: that text has capital letters, line breaks and indents.)

## 3.10 Limits and common mistakes

**Scored on the counted text.** There a longer context looks better even where it does harm.
"""

# %% tags=["claim"]
long = bits(10, WittenBell())
claim("3.36", "From n = 5 to 10, Witten-Bell gains at least 0.5 bits on the training text, and loses 0.1 or more on held-out text.",
      [(curves["Witten-Bell"][4, 0] - long[0]) / 0.5, (long[1] - witten[4]) / 0.1], at_least=1)

# %% [markdown]
r"""
**Weights from the counted text.** There the longest context is nearly always right, so with every step EM gives it more of the weight.
"""

# %% tags=["claim"]
greedy = held_out_weights(most, most[:50_000], 5, V, iterations=50)
claim("3.37", "After 50 steps on counted text, the weights cost at least 1 bit per character on held-out text.",
      bits(5, Interpolation(greedy))[1] - curves["interpolation"][4, 1], at_least=1)

# %% [markdown]
r"""
**Scores that do not sum to 1.** A tempting shortcut: take $f(v \mid u)$ of the longest context that has seen $v$, and nothing off for backing off. (Brants et al. (2007) did nearly that on huge texts, and rightly wrote of scores, not of probabilities.) Its "bits" look splendid:
"""

# %%
def back_off(evidence):
    score = 0.0
    for seen in evidence:  # the shortest context first, so that the longest wins
        score = np.where(seen.counts > 0, seen.counts / np.maximum(seen.totals, 1), score)
    return score

# %%
def score_sum(u):
    rows = find_contexts(tables[:5], np.array([u]))
    return back_off([gather_all(table, row[0]) for table, row in zip(tables, rows, strict=False)]).sum()

# %%
scores = np.maximum(back_off(gather_text(tables[:5], held_out)), 1e-9)  # 0 for a new character
sums = [score_sum(held_out[t - 4 : t]) for t in range(4, 20_000, 100)]  # 200 contexts

# %% tags=["claim"]
claim("3.38", "By such scores, n = 5 needs at least 0.1 bits less than Kneser-Ney.",
      kneser[4] + np.log2(scores).mean(), at_least=0.1)

# %% tags=["claim"]
claim("3.39", "But over the alphabet they sum to 1.2 or more on average.", np.mean(sums), at_least=1.2)

# %% [markdown]
r"""
**The window forgets.** Chapter 02 ended with it, and counting does not change it. Four random symbols are followed by an answer, which repeats the first. A 5-gram sees it, a 4-gram does not.
"""

# %%
def question_and_answer(seed, number):
    ids, answers, _ = synthetic.first_symbol(4, number, 4, seed=seed)  # (T, B), (B,)
    return np.vstack([ids, answers + 4]).T  # (B, T + 1); answers are the symbols 4 to 7

# %%
def answered(n, seed):
    model = NGramModel(n, KneserNey()).fit(question_and_answer(seed, 4000).ravel(), 8)
    asked = question_and_answer(seed + 100, 500)
    guesses = [model.probabilities(row[:-1])[4:].argmax() + 4 for row in asked]
    return np.mean(guesses == asked[:, -1])

# %%
right = np.array([[answered(n, seed) for n in (3, 4, 5)] for seed in SEEDS])  # (5, 3)

# %% tags=["claim"]
claim("3.40", "With n = 3 and 4, the share of right answers is chance, 0.25, to within 0.08.",
      np.abs(right[:, :2] - 0.25).max(axis=1), at_most=0.08, seeds=SEEDS)

# %% tags=["claim"]
claim("3.41", "With n = 5, all are right.", right[:, 2], equals=1, tolerance=0, seeds=SEEDS)

# %% [markdown]
r"""
For a question of 20 symbols one would need $n = 21$, and a text in which that very question occurred. A summary, as in the next chapters, has no such wall.

## Often told wrong

*The Markov condition* with the whole past on both sides is a tautology (chapter 01). Rightly stated, (3.6) can be *false*, and text can tell. In section 3.4 order 1 is false: one symbol more pays. Order 2 is true: beyond it nothing is gained.
"""

# %% tags=["claim"]
gains = -np.diff([f.held_out for f in fitted], axis=1)  # (5, 5): by the 1st, 2nd, ... symbol of context
claim("3.42", "The second symbol of context saves at least 0.2 nats, the third nothing.",
      np.minimum(gains[:, 1] - 0.2, -gains[:, 2]), at_least=0, seeds=SEEDS)

# %% [markdown]
r"""
*One letter for order and length.* The order $p$ decides the size of the table, the length $T$ how well it is filled.
"""

# %%
def table_error(ids):
    return np.abs(count_transitions(ids, 2, 4) - TRUTH).mean()

# %% tags=["claim"]
claim("3.43", "At order 2, 8,000 symbols fill the 64 numbers with at most 0.6 of the mean error of 1,000.",
      [table_error(text.ids) / table_error(text.ids[:1000]) for text in drawn], at_most=0.6, seeds=SEEDS)

# %% [markdown]
r"""
*"Hidden Markov model"* over $\prod_{t=1}^{T} p(x_t \mid x_{t-1})$. Nothing is hidden in it: each $x_t$ is seen, so counting gives the best matrix in one step (claim 3.2). A hidden chain cannot be counted; chapter 04 shows what to do. And the first factor is missing. In short texts that is no detail. With three symbols each, leaving it out pretends a smaller loss:
"""

# %%
def share_of_first(seed):
    short = [cat.sample(3, rng) for rng in np.random.default_rng(seed).spawn(500)]
    without = np.sum([cat.log_probabilities(ids).sum() for ids in short])
    return 1 - without / np.sum([cat.log_likelihood(ids) for ids in short])

# %% tags=["claim"]
claim("3.44", "On texts of three symbols, the first factor is at least a quarter of the loss.",
      [share_of_first(seed) for seed in SEEDS], at_least=0.25, seeds=SEEDS)

# %% [markdown]
r"""
## Where it came from

- Markov (1913) counted pairs of letters to show that averages settle even where events depend on each other.
- Shannon (1948) defined the entropy rate of such a source, and wrote English-like text from tables of letters and words, as section 3.8 does. Shannon (1951) estimated about 2.3 bits per letter from statistics over at most eight letters; people who guess the next letter get lower.
- Jelinek and Mercer (1980) mixed orders with weights from held-out text. In their method the weights depend on the context, too; (3.8) is the simplest case. The steps that find them are a case of EM (Dempster, Laird and Rubin, 1977).
- Witten and Bell (1991) compared estimates of how probable something new is, for text compression; ours is their method C.
- Brown et al. (1992) bounded the entropy of printed English by 1.75 bits per character, with word trigrams that also paid for the spelling of unknown words.
- Kneser and Ney (1995) counted places instead of times, and reported about 10 % less perplexity. Chen and Goodman (1999) compared the methods on many texts, and gave Kneser-Ney the interpolated form that is used here.

## Summary

- A regression on names predicts nonsense (claim 3.1); a model of symbols gives a distribution. Counting is its maximum likelihood (3.2, 3.3).
- A chain that does not fall apart and is not periodic forgets its start (3.4, 3.5). Its entropy rate is the floor of every loss (3.6).
- Held-out text chooses the order; the counted text cannot (3.7 to 3.9, 3.36, 3.37).
- Most contexts never occur, and still many held-out n-grams are new: without smoothing the loss is infinite (3.11 to 3.13).
- Witten-Bell beats add 0.01, and Kneser-Ney beats Witten-Bell, on each of five tenths (3.24, 3.25). Counting places is what helps (3.16, 3.26).
- Real words come with $n$ (3.28, 3.29), and samples at $n = 6$ repeat less than new text does (3.30).
- Compare bits on the same text, with unknown words spelled (3.32 to 3.35), by scores that sum to 1 (3.18, 3.38, 3.39).
- What lies before the window is lost (3.40, 3.41).

## Exercises

All in [one notebook](../exercises/03_ngrams/03_ngrams.ipynb), which checks itself.

- 3.1 The stationary distribution (implement, 15 minutes)
- 3.2 Counting without loops over the alphabet: fit a bigram with add-k (implement, 15 minutes)
- 3.3 Witten-Bell by hand and in code (implement, 20 minutes)
- 3.4 Kneser-Ney on ten words (by hand, 15 minutes)
- 3.5 Which score is honest? (find the bug, 10 minutes)
- 3.6 How long is the memory of English? (predict then run, 15 minutes)

## References

- T. Brants, A. C. Popat, P. Xu, F. J. Och and J. Dean (2007). Large language models in machine translation. *EMNLP-CoNLL 2007*, 858-867. https://aclanthology.org/D07-1090/.
- P. F. Brown, V. J. Della Pietra, R. L. Mercer, S. A. Della Pietra and J. C. Lai (1992). An estimate of an upper bound for the entropy of English. *Computational Linguistics* 18(1), 31-40. https://aclanthology.org/J92-1002/.
- S. F. Chen and J. Goodman (1999). An empirical study of smoothing techniques for language modeling. *Computer Speech and Language* 13(4), 359-394. DOI 10.1006/csla.1999.0128.
- A. P. Dempster, N. M. Laird and D. B. Rubin (1977). Maximum likelihood from incomplete data via the EM algorithm. *Journal of the Royal Statistical Society B* 39(1), 1-38. DOI 10.1111/j.2517-6161.1977.tb01600.x.
- F. Jelinek and R. L. Mercer (1980). Interpolated estimation of Markov source parameters from sparse data. In E. S. Gelsema and L. N. Kanal (eds.), *Pattern Recognition in Practice*, North-Holland, 381-397. ISBN 0-444-86115-7.
- R. Kneser and H. Ney (1995). Improved backing-off for m-gram language modeling. *ICASSP 1995*, vol. 1, 181-184. DOI 10.1109/ICASSP.1995.479394.
- A. A. Markov (1913). An example of statistical investigation of the text *Eugene Onegin* concerning the connection of samples in chains. English translation: *Science in Context* 19(4), 591-600 (2006). DOI 10.1017/S0269889706001074.
- H. Ney, U. Essen and R. Kneser (1994). On structuring probabilistic dependences in stochastic language modelling. *Computer Speech and Language* 8(1), 1-38. DOI 10.1006/csla.1994.1001.
- C. E. Shannon (1948). A mathematical theory of communication. *Bell System Technical Journal* 27(3), 379-423. DOI 10.1002/j.1538-7305.1948.tb01338.x.
- C. E. Shannon (1951). Prediction and entropy of printed English. *Bell System Technical Journal* 30(1), 50-64. DOI 10.1002/j.1538-7305.1951.tb01366.x.
- I. H. Witten and T. C. Bell (1991). The zero-frequency problem: estimating the probabilities of novel events in adaptive text compression. *IEEE Transactions on Information Theory* 37(4), 1085-1094. DOI 10.1109/18.87000.
"""
