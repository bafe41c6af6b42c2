# %% [markdown]
r"""
# 04 Hidden Markov models

What if the thing that has a memory is never seen, and shows itself only through noise? And how much can a memory hold that is in one of $N$ states?

**You will be able to** compute the probability of a sequence by a sum over all hidden paths, and the same sum in $T N^2$ steps; say what was probably hidden at each step, and which whole path was the most probable; learn all parameters from observations alone; and say exactly what such a model can never remember.

**You need** [chapter 01](01_sequences.ipynb), the Markov chains of [chapter 03](03_ngrams.ipynb), conditional probability, matrix products, the Gaussian density, and the rank of a matrix.

Run time: about 20 s.
"""

# %% tags=["setup"]
from timeit import repeat

import matplotlib.pyplot as plt
import numpy as np

from rnncourse import figures
from rnncourse.claims import claim
from rnncourse.hmm import CategoricalHMM, GaussianHMM
from rnncourse.hmm_inputs import as_chain, as_distribution, as_likelihoods, as_scales
from rnncourse.hmm_recursions import Forward, enumerate_paths
from rnncourse.knob import Knob

figures.use_style()

# %% [markdown]
r"""
## 4.1 The dishonest casino

A casino uses a fair die, but now and then swaps it for a loaded one that shows a six half of the time. After each roll the fair die goes with probability 0.05, and the loaded one with probability 0.1. (The example is from Durbin et al. (1998), a book on proteins and DNA.) The toss of a coin decides which die comes first. We see the rolls and never the die. A single roll says little; a run with many sixes says much.

The faces 1 to 6 are the symbols 0 to 5, so symbol 5 is a six. Dice below: 0 fair, 1 loaded.
"""

# %%
START = np.array([0.5, 0.5])  # (N,) fair, loaded
MOVES = np.array([[0.95, 0.05], [0.1, 0.9]])  # (N, N) from the row's die to the column's die
DICE = np.array([[1 / 6] * 6, [0.1] * 5 + [0.5]])  # (N, V) faces of each die

# %%
casino = CategoricalHMM.from_parameters(START, MOVES, DICE)
sample = casino.sample(25, seed=5)
print(np.stack([sample.observations + 1, sample.states]))  # rolls, and the die behind each

# %% [markdown]
r"""
Chapter 03 would fit a chain of order $p$ to the rolls: the next roll depends on the last $p$. We fit on 20,000 rolls, with 1 added to every count, and score on the next 20,000, in nats per roll.

**Predict first.** Which order $p$ from 0 to 5 predicts best?
"""

# %%
from rnncourse.markov import MarkovChain

# %% tags=["settings"]
SEEDS = [0, 1, 2, 3, 4]
ORDERS = [0, 1, 2, 3, 4, 5]

# %%
rolls = [casino.sample(40_000, seed=seed).observations for seed in SEEDS]  # 5 arrays (T,)

# %%
def chain_loss(x, order):
    chain = MarkovChain(order).fit(x[:20_000], num_symbols=6, pseudocount=1)
    return -chain.log_probabilities(x[20_000 - order :]).mean()  # the first p are context only

# %%
chains = np.array([[chain_loss(x, order) for order in ORDERS] for x in rolls])  # (5, 6)
print(chains.mean(axis=0).round(3))

# %% tags=["claim"]
says = "On the casino, chains of order 3 to 5 lose to order 0, which counts the faces and no more."
claim("4.1", says, chains[:, 3:].min(axis=1) - chains[:, 0], at_least=0.005, seeds=SEEDS)

# %% [markdown]
r"""
Order 1 or 2 helps by a few thousandths of a nat, and then it gets worse: a chain of order $p$ has $6^p$ contexts, and soon each is too rare to count. Yet the last twenty rolls say more about the die than the last two. What carries the memory is not in the window. It is hidden.

## 4.2 The model

A **hidden Markov model** (HMM) has two layers. Below runs a Markov chain that nobody sees: at step $t$ it is in **state** $s_t$, one of $N$. Above, each state **emits** an observation $x_t$ that depends on this state alone.

| symbol | shape | what it is |
| --- | --- | --- |
| $s_t$ | a number in $\{0, \dots, N-1\}$ | hidden state at step $t$, from $t = 1$ to $T$ |
| $x_t$ | a symbol in $\{0, \dots, V-1\}$, or a vector | observation |
| $\pi$ `startprob` | $(N,)$ | $p(s_1 = j)$ |
| $A$ `transmat` | $(N, N)$ | $A_{ij} = p(s_t = j \mid s_{t-1} = i)$; rows sum to 1 |
| $B$ `emissionprob` | $(N, V)$ | $B_{jv} = p(x_t = v \mid s_t = j)$; rows sum to 1 |
| $b_t(j)$ `likelihoods` | $(T, N)$ | $p(x_t \mid s_t = j)$ for what was really seen |

Together, for a path $s = s_1, \dots, s_T$ and a sequence $x = x_1, \dots, x_T$:

$$p(x, s) = \pi_{s_1}\, b_1(s_1) \prod_{t=2}^{T} A_{s_{t-1} s_t}\, b_t(s_t). \tag{4.1}$$
"""

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(6, 2.2))
arrow = {"arrowstyle": "->", "shrinkA": 15, "shrinkB": 15}
for t in range(4):
    for y, marker, name in ((0, "o", f"$s_{t + 1}$"), (1, "s", f"$x_{t + 1}$")):
        ax.plot(t, y, marker, markersize=27, color="#cccccc" if y else "#b5dfd2")
        ax.text(t, y, name, ha="center", va="center")
    ax.annotate("", (t, 1), (t, 0), arrowprops=arrow)
    ax.text(t + 0.08, 0.45, "$B$")
    ax.annotate("", (t, 0), (t - 1, 0), arrowprops=arrow)
    ax.text(t - 0.5, 0.1, "$A$" if t else r"$\pi$", ha="center")
ax.set(xlim=(-1, 3.5), ylim=(-0.5, 1.5))
ax.axis("off")
plt.show()

# %% [markdown]
r"""
**Figure 4.1.** *Each observation hangs on the hidden state of its own step, and each state on the one before: there is no arrow from one observation to the next.* Green circles: hidden. Grey squares: seen. All arrows with one letter use the same table.

## 4.3 The sum over all paths

What is the probability of the rolls, whatever the dice were? Add (4.1) over all paths:

$$p(x) = \sum_{s_1} \cdots \sum_{s_T} p(x, s). \tag{4.2}$$

Three rolls, two dice, $2^3 = 8$ paths. The rolls are 6, 6, 1. The first path by hand, fair all the time: $0.5 \cdot \tfrac16 \cdot 0.95 \cdot \tfrac16 \cdot 0.95 \cdot \tfrac16 = 0.00209$.
"""

# %%
seen = np.array([6, 6, 1]) - 1  # (T,)
likelihoods = DICE[:, seen].T  # (T, N)

# %%
paths, probabilities = enumerate_paths(START, MOVES, likelihoods)  # (8, T), (8,)
for path, probability in zip(paths, probabilities, strict=True):
    print(path, f"{probability:.5f}")
print("sum    ", f"{probabilities.sum():.5f}")

# %% [markdown]
r"""
A hundred rolls would have $2^{100}$ paths. But most of the work is done again and again: all paths that are in state $j$ at step $t$ go on in the same way. So keep one number for each state, the **forward** variable $\alpha_t(j) = p(x_1, \dots, x_t, s_t = j)$, the sum over all paths that end there. Each of them was in some state $i$ one step before, so $\alpha_t(j) = \sum_i \alpha_{t-1}(i)\, A_{ij}\, b_t(j)$. In row vectors, with $*$ entry by entry:

$$\alpha_1 = \pi * b_1, \qquad \alpha_t = (\alpha_{t-1} A) * b_t, \qquad p(x) = \sum_j \alpha_T(j). \tag{4.3}$$

A step multiplies a vector by an $N \times N$ matrix, so the whole costs $T N^2$ multiplications in place of $N^T$ paths. (In the code, functions named `as_...` check arguments.)
"""

# %% tags=["mirror:rnncourse.hmm_recursions.naive_forward"]
def naive_forward(startprob, transmat, likelihoods):
    """Run the forward recursion as it stands in the books; long sequences underflow to 0.

    Args:
        startprob: (N,) probability of each state at the first step.
        transmat: (N, N) row i holds the probabilities of the states that follow state i.
        likelihoods: (T, N) probability of each observation in each state.

    Returns:
        (T, N) entry (t, j) is P(observations up to t, state j at t); the last row sums to the
        likelihood.

    Raises:
        TypeError: an argument does not hold real numbers.
        ValueError: arguments that are no distributions, or shapes that do not fit.

    Source:
        Rabiner (1989), A tutorial on hidden Markov models, section III.A.
    """
    startprob, transmat = as_chain(startprob, transmat)
    likelihoods = as_likelihoods(likelihoods, len(startprob))
    alphas = np.empty_like(likelihoods)  # (T, N)
    alphas[0] = startprob * likelihoods[0]
    for t in range(1, len(likelihoods)):
        alphas[t] = alphas[t - 1] @ transmat * likelihoods[t]
    return alphas

# %%
print(naive_forward(START, MOVES, likelihoods).round(5))

# %% [markdown]
r"""
The last row adds up to the sum over the eight paths. Now a thousand rolls:
"""

# %%
long = casino.sample(1_000, seed=0).observations  # (1000,)
alphas = naive_forward(START, MOVES, DICE[:, long].T)
print("p(x) =", alphas[-1].sum(), "and all is zero from row", np.argmax(alphas.sum(axis=1) == 0))
print("ln p(x) as the package has it:", round(casino.log_likelihood(long)))

# %% [markdown]
r"""
The smallest number that the computer holds is about $e^{-745}$; what is smaller **underflows** to 0. There are two cures. The first divides each row by its sum $c_t$, the **scale**:

$$a_t = (\hat\alpha_{t-1} A) * b_t, \qquad c_t = \sum_j a_t(j), \qquad \hat\alpha_t = a_t / c_t, \qquad \ln p(x) = \sum_{t=1}^T \ln c_t, \tag{4.4}$$

where $\pi$ stands for $\hat\alpha_{t-1} A$ at $t = 1$. Undo the divisions, and $\alpha_t = c_1 \cdots c_t\, \hat\alpha_t$; the row $\hat\alpha_T$ sums to 1, so $p(x) = c_1 \cdots c_T$. $\hat\alpha_t(j) = p(s_t = j \mid x_1, \dots, x_t)$, the **filtered** probability, is what is known of the state so far. It is a *summary* as in section 1.4: a row of fixed size, brought up to date by each $x_t$. And $c_t = p(x_t \mid x_{<t})$ is the next-step prediction.
"""

# %% tags=["mirror:rnncourse.hmm_recursions.forward"]
def forward(startprob, transmat, likelihoods):
    """Run the forward recursion and divide each row by its sum, so that nothing underflows.

    Args:
        startprob: (N,) probability of each state at the first step.
        transmat: (N, N) row i holds the probabilities of the states that follow state i.
        likelihoods: (T, N) probability of each observation in each state.

    Returns:
        Forward: alphas (T, N), scales (T,) and the log-likelihood.

    Raises:
        TypeError, ValueError: no distributions, shapes that do not fit, or observations of
            probability 0.

    Source:
        Rabiner (1989), A tutorial on hidden Markov models, section V.A.
    """
    startprob, transmat = as_chain(startprob, transmat)
    likelihoods = as_likelihoods(likelihoods, len(startprob))
    alphas, scales = np.empty_like(likelihoods), np.empty(len(likelihoods))  # (T, N), (T,)
    predicted = startprob  # (N,) what is known about the state before it is seen
    for t, likelihood in enumerate(likelihoods):
        joint = predicted * likelihood  # (N,)
        scales[t] = joint.sum()
        if scales[t] == 0:
            raise ValueError(f"likelihoods leave no state possible at step {t}")
        alphas[t] = joint / scales[t]
        predicted = alphas[t] @ transmat
    return Forward(alphas, scales, float(np.log(scales).sum()))

# %% [markdown]
r"""
The second cure keeps logarithms and adds with $\ln \sum_i e^{v_i} = m + \ln \sum_i e^{v_i - m}$, where $m$ is the largest $v_i$. It works even where a single $b_t(j)$ underflows. The package calls it `log_forward`; exercise 4.4 builds it. `safe_log` is $\ln$, with $\ln 0 = -\infty$. The check, against every path:
"""

# %%
from rnncourse.hmm_log_space import Decoding, as_log_likelihoods, log_forward, log_sum_exp, safe_log


# %%
def random_chain(N, T, seed):
    rng = np.random.default_rng(seed)
    return rng.dirichlet(np.ones(N)), rng.dirichlet(np.ones(N), N), rng.random((T, N))

# %%
def disagreement(start, moves, likelihoods):
    truth = np.log(enumerate_paths(start, moves, likelihoods)[1].sum())
    naive = np.log(naive_forward(start, moves, likelihoods)[-1].sum())
    scaled = forward(start, moves, likelihoods).log_likelihood
    logs = log_sum_exp(log_forward(start, moves, safe_log(likelihoods))[-1])
    return np.abs([naive - truth, scaled - truth, logs - truth]).max()

# %% tags=["claim"]
cases = [random_chain(N, T, seed) for seed in SEEDS for N in (2, 3, 5) for T in (1, 3, 6)]
says = "For N = 2, 3, 5 and T = 1, 3, 6, five chains each, all three recursions agree with the sum over paths."
claim("4.2", says, max(disagreement(*case) for case in cases), at_most=1e-12)

# %% [markdown]
r"""
Back to the failure. By (4.4), the loss on later steps is a difference of two log-likelihoods:
"""

# %%
def later_loss(model, past, later):  # nats per step, each predicted from all steps before it
    whole = model.log_likelihood(np.concatenate([past, later]))
    return (model.log_likelihood(past) - whole) / len(later)

# %%
hidden = np.array([later_loss(casino, x[:20_000], x[20_000:]) for x in rolls])  # (5,)
print("order 0, best chain, HMM:", *np.mean([chains[:, 0], chains.min(axis=1), hidden], axis=1).round(4))

# %% tags=["claim"]
says = "Over order 0, an HMM with the casino's parameters gains at least twice what the best chain gains."
gains = (chains[:, 0] - hidden) / (chains[:, 0] - chains.min(axis=1))
claim("4.3", says, gains, at_least=2.0, seeds=SEEDS)

# %% [markdown]
r"""
The HMM *knew* the parameters; section 4.6 learns them. Both gains are small, because dice are mostly noise. But the HMM also answers what no chain on rolls can: *which die was it?*

## 4.4 Looking back

What comes later is evidence, too. The **backward** variable $\beta_t(i) = p(x_{t+1}, \dots, x_T \mid s_t = i)$ collects it from the end. (Exercise 4.1 derives how.) Divided by $c_{t+1} \cdots c_T$ it is

$$\hat\beta_T(i) = 1, \qquad \hat\beta_{t}(i) = \frac{1}{c_{t+1}} \sum_j A_{ij}\, b_{t+1}(j)\, \hat\beta_{t+1}(j). \tag{4.5}$$

Now $\alpha_t(j)\, \beta_t(j) = p(x, s_t = j)$, past times future. Divided by $p(x)$, the product of all scales, it is the **posterior**, the probability of each state given *all* observations:

$$\gamma_t(j) = p(s_t = j \mid x_1, \dots, x_T) = \hat\alpha_t(j)\, \hat\beta_t(j). \tag{4.6}$$
"""

# %% tags=["mirror:rnncourse.hmm_recursions.backward"]
def backward(transmat, likelihoods, scales):
    """Run the backward recursion with the scales of the forward one.

    ``alphas * betas`` is then the probability of each state given *all* observations.

    Args:
        transmat: (N, N) row i holds the probabilities of the states that follow state i.
        likelihoods: (T, N) probability of each observation in each state.
        scales: (T,) from ``forward``.

    Returns:
        (T, N) entry (t, i) is P(observations after t | state i at t), divided by the product of
        the scales after t.

    Raises:
        TypeError, ValueError: arguments that are no distributions, or shapes that do not fit.

    Source:
        Rabiner (1989), A tutorial on hidden Markov models, sections III.A and V.A.
    """
    num_states = len(transmat)
    transmat = as_distribution(transmat, "transmat", (num_states, num_states))
    likelihoods = as_likelihoods(likelihoods, num_states)
    scales = as_scales(scales, len(likelihoods))
    betas = np.ones_like(likelihoods)  # (T, N)
    for t in range(len(likelihoods) - 2, -1, -1):
        betas[t] = transmat @ (likelihoods[t + 1] * betas[t + 1]) / scales[t + 1]
    return betas

# %% tags=["mirror:rnncourse.hmm_recursions.posteriors"]
def posteriors(startprob, transmat, likelihoods):
    """Compute the probability of each state at each step, given the whole sequence.

    Args:
        startprob: (N,) probability of each state at the first step.
        transmat: (N, N) row i holds the probabilities of the states that follow state i.
        likelihoods: (T, N) probability of each observation in each state.

    Returns:
        (T, N) rows sum to 1.

    Raises:
        TypeError, ValueError: what ``forward`` refuses.

    Source:
        Rabiner (1989), A tutorial on hidden Markov models, section III.B, equation 27.
    """
    alphas, scales, _ = forward(startprob, transmat, likelihoods)
    return alphas * backward(transmat, likelihoods, scales)

# %%
def by_enumeration(start, moves, likelihoods):
    paths, p = enumerate_paths(start, moves, likelihoods)
    there = paths[:, :, np.newaxis] == np.arange(len(start))  # (N^T, T, N) is path k in j at t?
    return np.tensordot(p, there, axes=1) / p.sum()  # (T, N) weighted with p and summed over k

# %% tags=["claim"]
trials = [random_chain(3, 6, seed) for seed in SEEDS]
says = "For N = 3, T = 6, five chains, alpha-hat times beta-hat is the share of p(x) that runs through each state."
claim("4.4", says, [np.abs(posteriors(*m) - by_enumeration(*m)).max() for m in trials], at_most=1e-12, seeds=SEEDS)

# %% [markdown]
r"""
To use the past only is to *filter*; to use the future as well is to **smooth**. For 6, 6, 1, the probability of the loaded die:
"""

# %%
print("filtered and smoothed:", forward(START, MOVES, likelihoods).alphas[:, 1].round(3),
      posteriors(START, MOVES, likelihoods)[:, 1].round(3))

# %% [markdown]
r"""
**Predict first.** Which of the two is surer of the die, measured by the mean entropy $-\sum_j p_j \ln p_j$ of its answers $p$? Is it so at every single step?
"""

# %%
stretch = casino.sample(10_000, seed=3)
filtered = forward(START, MOVES, DICE[:, stretch.observations].T).alphas  # (T, N)
smoothed = casino.posteriors(stretch.observations)  # (T, N), the fast version in the package

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(8, 3))
shown, steps = slice(200, 450), range(200, 450)
ax.fill_between(steps, 0, stretch.states[shown], step="mid", color="#dddddd", label="loaded die in use")
ax.plot(steps, filtered[shown, 1], **figures.style_of("one step"), linewidth=1, label="filtered")
ax.plot(steps, smoothed[shown, 1], **figures.style_of("forecast"), label="smoothed")
ax.set(xlabel="roll t", ylabel="p(loaded)", ylim=(0, 1.4), yticks=[0, 0.5, 1])
ax.legend(loc="upper left", ncols=3)
plt.show()

# %% [markdown]
r"""
**Figure 4.2.** *The filter reacts late and nervously; the smoother knows what came next.* 250 rolls. Grey: the loaded die was really in use. Green, dashed: probability of it from the rolls so far. Orange: from all rolls. Short visits of either die are missed by both.
"""

# %%
def unsure(p):
    return -(p * np.log(p)).sum(axis=1)  # (T,) entropy in nats

# %%
before = np.array([unsure(forward(START, MOVES, DICE[:, x[:10_000]].T).alphas) for x in rolls])  # (5, T)
after = np.array([unsure(casino.posteriors(x[:10_000])) for x in rolls])  # (5, T)

# %% tags=["claim"]
says = "Over 10,000 rolls of the casino, smoothing cuts the mean entropy of the die by at least 10 %."
claim("4.5", says, after.mean(axis=1) / before.mean(axis=1), at_most=0.9, seeds=SEEDS)

# %% tags=["claim"]
says = "Yet at a fifth of the steps or more, the smoothed answer is less sure than the filtered one."
claim("4.6", says, (after > before).mean(axis=1), at_least=0.2, seeds=SEEDS)

# %% [markdown]
r"""
More evidence makes surer on average, not always: what comes later may contradict.

## 4.5 The best path

Posteriors judge each step by itself. Often one wants a whole path, the one with the largest $p(x, s)$. The recursion of **Viterbi** is the forward recursion with a maximum in place of the sum. Let $\delta_t(j)$ be the largest $\ln p(x_1, \dots, x_t, s_1, \dots, s_t)$ of all paths that end in $s_t = j$. If such a best path comes from state $i$, its beginning is the best path to $i$: a better one would improve the whole. The **back-pointer** $\psi_t(j)$ remembers this $i$. With $\delta_1(j) = \ln \pi_j + \ln b_1(j)$:

$$\delta_t(j) = \max_i \bigl[\delta_{t-1}(i) + \ln A_{ij}\bigr] + \ln b_t(j), \qquad \psi_t(j) = \arg\max_i \bigl[\delta_{t-1}(i) + \ln A_{ij}\bigr]. \tag{4.7}$$

At the end take the best last state, and follow the back-pointers.
"""

# %% tags=["mirror:rnncourse.hmm_log_space.best_scores"]
def best_scores(startprob, transmat, log_likelihoods):
    """Run the forward recursion with a maximum in place of the sum, and note where it was.

    Args:
        startprob: (N,) probability of each state at the first step.
        transmat: (N, N) row i holds the probabilities of the states that follow state i.
        log_likelihoods: (T, N) logarithms; minus infinity is allowed.

    Returns:
        deltas (T, N): ln P(path, observations) of the best path to each state; and back-pointers
        (T, N): the state before, on this path. Of equals it is the one with the lowest number.

    Raises:
        TypeError, ValueError: arguments that do not fit.

    Source:
        Viterbi (1967), Error bounds for convolutional codes; Rabiner (1989), section III.B.
    """
    startprob, transmat = as_chain(startprob, transmat)
    log_likelihoods = as_log_likelihoods(log_likelihoods, len(startprob))
    moves, deltas = safe_log(transmat), np.empty(log_likelihoods.shape)  # (N, N), (T, N)
    pointers = np.zeros(deltas.shape, dtype=int)  # (T, N)
    deltas[0] = safe_log(startprob) + log_likelihoods[0]
    for t in range(1, len(deltas)):
        arrivals = deltas[t - 1][:, np.newaxis] + moves  # (N, N) from i to j
        pointers[t] = arrivals.argmax(axis=0)
        deltas[t] = arrivals.max(axis=0) + log_likelihoods[t]
    return deltas, pointers

# %% tags=["mirror:rnncourse.hmm_log_space.trace_back"]
def trace_back(pointers, last):
    """Follow the back-pointers from the last state to the first.

    Args:
        pointers: (T, N) entry (t, j): the state before, on the best path to state j at step t.
        last: the state at the last step.

    Returns:
        (T,) states.
    """
    states = np.empty(len(pointers), dtype=int)  # (T,)
    states[-1] = last
    for t in range(len(states) - 1, 0, -1):
        states[t - 1] = pointers[t, states[t]]
    return states

# %% tags=["mirror:rnncourse.hmm_log_space.viterbi"]
def viterbi(startprob, transmat, log_likelihoods):
    """Find the most probable path.

    Args:
        startprob: (N,) probability of each state at the first step.
        transmat: (N, N) row i holds the probabilities of the states that follow state i.
        log_likelihoods: (T, N) logarithms; minus infinity is allowed.

    Returns:
        Decoding: states (T,) and the logarithm of the path's probability. Of several best paths
        it takes, from the last step backwards, the states with the lowest numbers.

    Raises:
        TypeError, ValueError: arguments that do not fit, or no path of positive probability.

    Source:
        Viterbi (1967), Error bounds for convolutional codes; Rabiner (1989), section III.B.
    """
    deltas, pointers = best_scores(startprob, transmat, log_likelihoods)
    if deltas[-1].max() == -np.inf:
        raise ValueError("log_likelihoods leave no path possible")
    return Decoding(trace_back(pointers, deltas[-1].argmax()), float(deltas[-1].max()))

# %%
def agrees(start, moves, likelihoods):
    paths, p = enumerate_paths(start, moves, likelihoods)
    return (viterbi(start, moves, safe_log(likelihoods)).states == paths[p.argmax()]).all()

# %% tags=["claim"]
says = "On five chains with N = 3, T = 6, Viterbi's path is the best of all 729."
claim("4.7", says, [agrees(*m) for m in trials], equals=1, tolerance=0, seeds=SEEDS)

# %% [markdown]
r"""
The path of the most probable single states is called **posterior decoding**. Is it not the same? Take another casino. With probability 0.4 the croupier is honest and keeps a fair die all evening. Otherwise she cheats: she begins with a *heavy* die (six: 0.3), and before each new roll picks the heavy or a *light* one (six: 0.1) by the toss of a coin. The rolls are 3, 1, 6, 4.
"""

# %%
HONEST = np.array([0.4, 0.6, 0.0])  # (N,) fair, heavy, light
SWAPS = np.array([[1, 0, 0], [0, 0.5, 0.5], [0, 0.5, 0.5]])  # (N, N)
SIXES = np.array([[1 / 6] * 6, [0.14] * 5 + [0.3], [0.18] * 5 + [0.1]])  # (N, V)
evening = SIXES[:, np.array([3, 1, 6, 4]) - 1].T  # (T, N)

# %%
gammas = posteriors(HONEST, SWAPS, evening)  # (T, N)
print(gammas.round(3))
print("posterior", gammas.argmax(axis=1), "Viterbi", viterbi(HONEST, SWAPS, safe_log(evening)).states)

# %% [markdown]
r"""
Posterior decoding says heavy, fair, heavy, fair. But a cheat never takes the fair die: that path has probability 0. Viterbi says fair all along, and such a path exists. Yet the croupier is honest with probability 0.42 only. Her *one* honest path beats each of the cheat's eight paths, and together these beat it. Neither answer is wrong; they answer different questions. Posterior decoding has the most right states on average. Viterbi has the best chance of a path without any error.
"""

# %%
listed, p = enumerate_paths(HONEST, SWAPS, evening)  # (81, T), (81,)
def expected_right(path):  # agreements with each possible path, weighted with its probability
    return p @ (listed == path).sum(axis=1) / p.sum()

# %% tags=["claim"]
claim("4.8", "The posterior path of this evening has probability 0.", p[(listed == [1, 0, 1, 0]).all(axis=1)], equals=0, tolerance=0)

# %% tags=["claim"]
says = "Still it has the largest expected number of right states of all 81 paths."
claim("4.9", says, max(map(expected_right, listed)) - expected_right([1, 0, 1, 0]), equals=0, tolerance=1e-12)

# %%
def shares_right(model, length, seed):  # posterior decoding, Viterbi
    x, states = model.sample(length, seed)
    by_step, path = model.posteriors(x).argmax(axis=1), model.viterbi(x).states
    return np.mean(by_step == states), np.mean(path == states)

# %% tags=["claim"]
ahead = [np.subtract(*shares_right(casino, 10_000, seed)) for seed in SEEDS]
says = "On 10,000 rolls of the first casino, posterior decoding gets 1 to 5 more in a hundred right than Viterbi."
claim("4.10", says, ahead, at_least=0.01, at_most=0.05, seeds=SEEDS)

# %% [markdown]
r"""
All three recursions run on the same picture, a **trellis**: one column for each step, one row for each state. A frame below is a table of numbers, the columns to fill, the moves to draw, and the path to colour.
"""

# %%
alphas, scales, _ = forward(HONEST, SWAPS, evening)  # (T, N), (T,)
betas = backward(SWAPS, evening, scales)  # (T, N)
deltas, pointers = best_scores(HONEST, SWAPS, safe_log(evening))  # (T, N) each

# %%
MOVES_OF = [[(t, i, j) for i, j in np.argwhere(SWAPS)] for t in range(3)]  # allowed, after row t
BEST_OF = [[(t, pointers[t + 1, j], j) for j in range(3)] for t in range(3)]  # back-pointers
frames = {f"forward {t}": (alphas, range(t), MOVES_OF[t - 2 : t - 1], []) for t in (1, 2, 3, 4)}
frames |= {f"backward {t}": (betas, range(t - 1, 4), MOVES_OF[t - 1 : t], []) for t in (3, 2, 1)}
frames["posterior"] = gammas, range(4), MOVES_OF, gammas.argmax(axis=1)
frames |= {f"Viterbi {t}": (deltas, range(t), BEST_OF[: t - 1], []) for t in (2, 3, 4)}
frames["trace back"] = deltas, range(4), BEST_OF, trace_back(pointers, deltas[-1].argmax())

# %%
def draw_trellis(frame):
    table, filled, moves, path = frames[frame]
    fig, ax = plt.subplots(figsize=(6, 3))
    for t, i, j in [move for column in moves for move in column]:
        ax.plot([t + 1, t + 2], [-i, -j], color="#d55e00")
    for t, j in np.ndindex(4, 3):
        ax.plot(t + 1, -j, "o", markersize=34, color="#f0b48a" if (t, j) in enumerate(path) else "#e3e3e3")
        text = f"{table[t, j]:.2f}".replace("-inf", "-∞") if t in filled else ""
        ax.text(t + 1, -j, text, ha="center", va="center")
    ax.set(xlim=(0.6, 4.4), ylim=(-2.5, 0.5), xlabel="step t", xticks=range(1, 5), title=frame)
    ax.set_yticks([0, -1, -2], ["fair", "heavy", "light"])
    ax.grid(False)
    return fig

# %% tags=["widget"]
Knob(draw_trellis, "frame", list(frames), default="forward 3",
     alt="A grid of 4 steps by 3 states, filled from the left, from the right, and with best paths.")

# %% [markdown]
r"""
**Figure 4.3.** *Forward, backward and Viterbi walk over the same grid; they differ in direction, and in sum or maximum.* Circles: a state at a step. In them: $\hat\alpha$ from the left, $\hat\beta$ from the right, their product $\gamma$, then $\delta$. Lines: the moves that the frame uses; for Viterbi, the back-pointers. Coloured: the answer. At *posterior* it is the largest number of each column, and no line leads from heavy to fair.

**Predict first.** Let both dice of the first casino stay, on average, for the same number of rolls. With 2 rolls the next die is a coin toss. How many dice can one get right then, and with 160?
"""

# %% tags=["settings"]
STAYS = [2, 3, 5, 8, 12, 20, 40, 80, 160]  # mean number of rolls before a swap

# %%
def sticky(stay):
    return CategoricalHMM.from_parameters(START, [[1 - 1 / stay, 1 / stay], [1 / stay, 1 - 1 / stay]], DICE)

# %%
accuracy = np.array([[shares_right(sticky(stay), 4_000, seed) for stay in STAYS] for seed in SEEDS])

# %%
def draw_sticky(stay):
    fig, (left, right) = plt.subplots(1, 2, figsize=(7, 2.8))
    x, states = sticky(stay).sample(200, seed=1)
    left.fill_between(range(200), 0, states, step="mid", color="#dddddd")
    left.plot(sticky(stay).posteriors(x)[:, 1], **figures.style_of("forecast"), linewidth=1)
    left.set(xlabel="roll t", ylabel="p(loaded)", title=f"a die stays {stay} rolls", ylim=(0, 1))
    figures.plot_seeds(right, STAYS, accuracy[:, :, 0], "HMM", "posterior")
    figures.plot_seeds(right, STAYS, accuracy[:, :, 1], "baseline", "Viterbi")
    right.plot(stay, np.median(accuracy[:, STAYS.index(stay), 0]), "ko")
    right.set(xscale="log", xlabel="rolls that a die stays", ylabel="share of right dice", ylim=(0.6, 1))
    right.set_xticks(STAYS[::2], STAYS[::2])
    right.legend(loc="lower right")
    return fig

# %% tags=["widget"]
Knob(draw_sticky, "rolls that a die stays", STAYS, default=20,
     alt="Left, dice and posterior, which agree for long stays. Right, the share of right dice, which rises.")

# %% [markdown]
r"""
**Figure 4.4.** *The longer a die stays, the better it is recognised, though each roll tells no more than before.* Left: grey, loaded die in use; orange, posterior. Right: share of right dice on 4,000 rolls, five seeds thin, median bold. With 2 rolls a die, neighbours say nothing, and two thirds are right, as from single rolls.
"""

# %% tags=["claim"]
says = "With stays of 160 rolls, at least 20 more dice in a hundred are recognised than with stays of 2."
claim("4.11", says, accuracy[:, -1, 0] - accuracy[:, 0, 0], at_least=0.2, seeds=SEEDS)

# %% tags=["claim"]
says = "With stays of 3, 5, 8 or 12 rolls, posterior decoding gets at least 5 more in a thousand right than Viterbi."
claim("4.12", says, (accuracy[:, 1:5, 0] - accuracy[:, 1:5, 1]).min(axis=1), at_least=0.005, seeds=SEEDS)

# %% [markdown]
r"""
## 4.6 Learning what was never seen

If the states were known, learning would be counting, as in chapter 03. They are not, but their probabilities are. **Baum-Welch** counts with these. It also needs the pairs of states,

$$\xi_t(i, j) = p(s_{t} = i, s_{t+1} = j \mid x) = \hat\alpha_t(i)\, A_{ij}\, b_{t+1}(j)\, \hat\beta_{t+1}(j) \,/\, c_{t+1}, \tag{4.8}$$

and takes the expected frequencies as new parameters:

$$\pi_j \leftarrow \gamma_1(j), \qquad A_{ij} \leftarrow \frac{\sum_{t=1}^{T-1} \xi_t(i, j)}{\sum_{t=1}^{T-1} \gamma_t(i)}, \qquad B_{jv} \leftarrow \frac{\sum_{t:\, x_t = v} \gamma_t(j)}{\sum_{t=1}^{T} \gamma_t(j)}. \tag{4.9}$$

With several sequences, of whatever lengths, the sums run over all of them, and $\pi$ is the mean over the first steps. Computing the expectations is called the *E-step*, (4.9) the *M-step*; the two take turns. This is the EM of chapter 03.
"""

# %% tags=["mirror:rnncourse.hmm_recursions.pair_posteriors"]
def pair_posteriors(startprob, transmat, likelihoods):
    """Compute the probability of each pair of neighbouring states, given the whole sequence.

    Args:
        startprob: (N,) probability of each state at the first step.
        transmat: (N, N) row i holds the probabilities of the states that follow state i.
        likelihoods: (T, N) probability of each observation in each state.

    Returns:
        (T - 1, N, N) entry (t, i, j): state i at step t and state j one step later.

    Raises:
        TypeError, ValueError: what ``forward`` refuses.

    Source:
        Rabiner (1989), A tutorial on hidden Markov models, section III.C, equation 37.
    """
    alphas, scales, _ = forward(startprob, transmat, likelihoods)
    betas, transmat = backward(transmat, likelihoods, scales), np.asarray(transmat)
    arrivals = np.asarray(likelihoods)[1:] * betas[1:] / scales[1:, np.newaxis]  # (T - 1, N)
    return alphas[:-1, :, np.newaxis] * transmat * arrivals[:, np.newaxis, :]

# %%
from rnncourse.hmm_emissions import normalised
from rnncourse.hmm_inference import Expected, Parameters


# %% tags=["mirror:rnncourse.hmm_fit.maximise"]
def maximise(parameters, observations, expected):
    """Take expected frequencies as probabilities: the M-step.

    Args:
        parameters: Parameters that the expectations come from.
        observations: (T, ...) in the order of the rows of ``expected.posteriors``.
        expected: Expected states and moves.

    Returns:
        Parameters; a state that is never visited, or never left, keeps what it had.

    Source:
        Rabiner (1989), A tutorial on hidden Markov models, section III.C.
    """
    return Parameters(
        expected.starts / expected.starts.sum(),
        normalised(expected.transitions, parameters.transmat),
        parameters.emissions.estimate(observations, expected.posteriors),
    )

# %% [markdown]
r"""
`Expected` holds the log-likelihood and the expected states, starts and moves. `normalised` divides rows by their sums, and `emissions.estimate` finds $B$. One iteration on 200 rolls from a guess, in our readable form and in the package:
"""

# %%
few = casino.sample(200, seed=0).observations  # (T,)
GUESS = [0.5, 0.5], [[0.8, 0.2], [0.3, 0.7]], [[1 / 6] * 6, [0.15] * 5 + [0.25]]
guess = CategoricalHMM.from_parameters(*GUESS)
arguments = guess.startprob, guess.transmat, guess.emissionprob[:, few].T
gamma, xi = posteriors(*arguments), pair_posteriors(*arguments)  # (T, N), (T - 1, N, N)
expected = Expected(forward(*arguments).log_likelihood, gamma, gamma[0], xi.sum(axis=0))
ours = maximise(guess.parameters, few, expected)

# %% tags=["claim"]
theirs = guess.fit(few, max_iterations=1)
gap = np.append(ours.transmat - theirs.transmat, ours.emissions.emissionprob - theirs.emissionprob)
claim("4.13", "One readable iteration gives the package's A and B.", np.abs(gap).max(), at_most=1e-12)

# %% [markdown]
r"""
Each iteration raises the likelihood, or leaves it as it is (Baum et al. (1970) proved it). But it may end in a **local maximum**, where no small change helps and a large one would. Take a clock with five hidden states that shows a, b, a, b, c. At each tick it stands still with probability 0.1, and with probability 0.05 it shows one of the two wrong letters. From three sequences of 100, 150 and 250 letters, we learn five states, from 10 random starts.

**Predict first.** How many of the 10 end at the best maximum found?
"""

# %%
shows = np.full((5, 3), 0.025)
shows[range(5), [0, 1, 0, 1, 2]] = 0.95
ticks = 0.1 * np.eye(5) + 0.9 * np.roll(np.eye(5), 1, axis=1)  # stay, or go on to the next
clock = CategoricalHMM.from_parameters(np.full(5, 0.2), ticks, shows)

# %%
def restarts(seed):
    texts = [clock.sample(T, seed=10 * seed + T).observations for T in (100, 150, 250)]
    model = CategoricalHMM(5, 3).fit(texts, seed=seed, restarts=10, tolerance=0.05)
    return model, clock.log_likelihood(texts)

# %%
learnt = [restarts(seed) for seed in SEEDS]
curves = [[run.log_likelihoods for run in model.runs] for model, _ in learnt]
ends = np.array([[curve[-1] for curve in runs] for runs in curves])  # (5, 10)

# %% tags=["nbval-ignore-output"]
print("within 5 nats of the best:", (ends > ends.max(axis=1, keepdims=True) - 5).sum(axis=1), "of 10")

# %% tags=["figure", "nbval-ignore-output"]
fig, ax = plt.subplots(figsize=(6, 3))
for curve in curves[1]:
    ax.plot(curve, **figures.style_of("training"), linewidth=1)
ax.axhline(learnt[1][1], **figures.style_of("truth"), label="true parameters")
ax.set(xlabel="iteration", ylabel="ln p(x) (nats)")
ax.legend(loc="lower right")
plt.show()

# %% [markdown]
r"""
**Figure 4.5.** *Every curve rises, but some of them to a maximum that is far too low.* Log-likelihood of the three sequences against the iteration, a line for each of 10 starts (second data set). A plateau looks like convergence and may not be. Dashed: the parameters that drew the data. The best start ends above them, as it also fits the noise.
"""

# %% tags=["claim"]
falls = [min(np.diff(curve).min() for curve in runs) for runs in curves]
claim("4.14", "In 50 runs on the clock, the log-likelihood never falls by more than rounding.", falls, at_least=-1e-6, seeds=SEEDS)

# %% tags=["claim"]
says = "Of 10 starts on each of five data sets, at least 12 of the 50 end 30 nats or more below the best."
claim("4.15", says, np.sum(ends < ends.max(axis=1, keepdims=True) - 30), at_least=12)

# %% tags=["claim"]
says = "The best of 10 starts ends at least 1 nat above the true parameters."
claim("4.16", says, ends.max(axis=1) - [truth for _, truth in learnt], at_least=1, seeds=SEEDS)

# %% [markdown]
r"""
So start often and keep the best; `fit(..., seed=0, restarts=10)` does. A rough idea is a good start, too. Back to the casino: from `GUESS`, and from the 20,000 rolls that the chains had, 60 iterations find both dice.
"""

# %%
players = [CategoricalHMM.from_parameters(*GUESS).fit(x[:20_000], max_iterations=60) for x in rolls]

# %% tags=["nbval-ignore-output"]
print(players[0].emissionprob.round(2))

# %% tags=["claim"]
known = [later_loss(model, x[:20_000], x[20_000:]) for model, x in zip(players, rolls, strict=True)]
gains = (chains[:, 0] - known) / (chains[:, 0] - chains.min(axis=1))
claim("4.17", "The learnt HMM, too, gains at least twice what the best chain gains.", gains, at_least=2.0, seeds=SEEDS)

# %% [markdown]
r"""
Do not expect state 1 of one run to be state 1 of the next. **States have no names**: renumbering them changes nothing that can be seen.
"""

# %%
swapped = CategoricalHMM.from_parameters(START[::-1], MOVES[::-1, ::-1], DICE[::-1])
change = swapped.log_likelihood(long) - casino.log_likelihood(long)

# %% tags=["claim"]
claim("4.18", "With the two dice renumbered, 1,000 rolls are as likely as before.", abs(change), at_most=1e-9)

# %% [markdown]
r"""
## 4.7 States that emit numbers

For vectors $x_t$ of $D$ numbers, let each state have a mean $\mu_j$ $(D,)$ and a covariance $\Sigma_j$ of Gaussian noise. Only $b_t(j)$ changes: it is a density. The M-step weights with $\gamma$, $\mu_j \leftarrow \sum_t \gamma_t(j)\, x_t / \sum_t \gamma_t(j)$, and likewise the covariance. `FullCovariance` holds all $D \times D$ entries, `DiagonalCovariance` $D$ variances, `SphericalCovariance` a single one.

A density can be as large as it likes: at the mean it is proportional to $1/\sqrt{\text{variance}}$. A state that sits on one single observation drives its variance to 0 and the likelihood to infinity. So variances need a floor, `min_covar`. Below, state 1 starts on one point out of 40 daily returns, and the floor sinks.
"""

# %%
from rnncourse.datasets.series import prices

# %%
returns = 100 * np.diff(np.log(prices().values))[:, None]  # (T, D) = (1046, 1) in per cent
points = returns[:40]

# %%
def collapsed(floor):
    means, covars = [points.mean(axis=0), points[7]], [[points.var(axis=0)], [[floor]]]  # (N, D), (N, D, D)
    two = GaussianHMM.from_parameters([1, 0], [[0.9, 0.1]] * 2, means, covars, min_covar=floor)
    return two.fit(points, max_iterations=30).log_likelihoods[-1]

# %% tags=["claim"]
says = "On 40 returns, a floor 10,000 times lower lets the collapsed model gain ln 100 = 4.6 nats."
claim("4.19", says, np.diff([collapsed(floor) for floor in (1e-6, 1e-10, 1e-14)]), equals=np.log(100), tolerance=0.05)

# %% [markdown]
r"""
It has learnt one point by heart. A sensible floor is a small part of the variance of the data.

**A real series.** Chapter 02 could not forecast the daily returns of the Google share, 2004 to 2008. But how *large* will they be? We fit two states to the first 500, 700 or 900 returns, from five seeds, and score the days after. A single state is a plain Gaussian.

**Predict first.** Are two states better on the held-out days than one?
"""

# %%
def fitted(N, split, seed):
    return GaussianHMM(N, 1, min_covar=0.01).fit(returns[:split], seed=seed, restarts=2, tolerance=0.01)

# %%
SPLITS = [500, 700, 900]
models = [[fitted(2, split, seed) for split in SPLITS] for seed in SEEDS]
plain = [later_loss(fitted(1, k, 0), returns[:k], returns[k:]) for k in SPLITS]  # nats per day

# %%
def day_losses(row, days):  # of three models, one a split, on the days after
    return [later_loss(m, returns[:k], d) for m, k, d in zip(row, SPLITS, days, strict=True)]

# %%
held_out = [returns[k:] for k in SPLITS]
losses = np.array([day_losses(row, held_out) for row in models])  # (5, 3)

# %% tags=["claim"]
says = "After 500, 700 and 900 days, two states gain at least 0.1 nats per held-out day over one Gaussian."
claim("4.20", says, (plain - losses).min(axis=1), at_least=0.1, seeds=SEEDS)

# %% [markdown]
r"""
Is it spells, or only that two Gaussians fit leaps better than one? Then the order of the held-out days would not matter. So we shuffle them.
"""

# %%
def shuffled(seed):
    return [np.random.default_rng(seed).permutation(days) for days in held_out]

# %%
costs = [day_losses(row, shuffled(seed)) for row, seed in zip(models, SEEDS, strict=True)] - losses  # (5, 3)

# %% tags=["claim"]
says = "After 500, 700 and 900 days, shuffling the days that follow costs at least 0.01 nats per day."
claim("4.21", says, costs.min(axis=1), at_least=0.01, seeds=SEEDS)

# %% [markdown]
r"""
The order matters. We fit two states to all days, and number them by their variance.
"""

# %%
regimes = GaussianHMM(2, 1, min_covar=0.01).fit(returns, seed=0, restarts=4)
order = np.argsort(regimes.covars[:, 0, 0])
states = np.argsort(order)[regimes.viterbi(returns).states]  # (T,) 0 is the calmer

# %% tags=["figure", "nbval-ignore-output"]
fig, ax = plt.subplots(figsize=(8, 3))
for j, (look, color, name) in enumerate([("o", "#56b4e9", "calm"), ("^", "#d55e00", "rough")]):
    days, spread = np.flatnonzero(states == j), regimes.covars[order[j], 0, 0] ** 0.5
    ax.plot(prices().times[1:][days], returns[days, 0], look, color=color, markersize=3, label=f"{name}: sd {spread:.1f} %")
ax.set(xlabel="year", ylabel="daily return (%)", ylim=(-16, 28))
ax.legend(loc="upper left", ncols=2)
plt.show()

# %% [markdown]
r"""
**Figure 4.6.** *The size of the returns comes in spells.* Each day in the colour of its state on Viterbi's path. The names are ours; the model knows numbers only. Nobody told it of the year 2008, whose beginning and end it marks as rough.

So the size of tomorrow's return can be foretold a little: it says how wide an interval must be.

## 4.8 What it costs

A step multiplies a vector by an $N \times N$ matrix: the time should grow with $T$ and with $N^2$. The package is fastest on chains that *mix*, that is, forget where they started, as the random ones below do.
"""

# %%
def seconds(function, *arguments):
    return min(repeat(lambda: function(*arguments), number=1, repeat=3))

# %%
def mixing(N):
    rng = np.random.default_rng(N)
    return CategoricalHMM.from_parameters(np.full(N, 1 / N), rng.dirichlet(np.ones(N), N), rng.dirichlet(np.ones(4), N))

# %%
noise = np.random.default_rng(0).integers(4, size=64_000)  # (T,) symbols
SIZES, LENGTHS = [8, 16, 32, 64, 128, 256, 512], [4_000, 8_000, 16_000, 32_000, 64_000]
by_size = np.array([seconds(mixing(N).log_likelihood, noise[:4_000]) for N in SIZES])
by_length = np.array([seconds(mixing(64).log_likelihood, noise[:T]) for T in LENGTHS])

# %% tags=["figure", "nbval-ignore-output"]
fig, axes = plt.subplots(1, 2, figsize=(8, 3), sharey=True)
for ax, xs, times, power in zip(axes, (SIZES, LENGTHS), (by_size, by_length), (2, 1), strict=True):
    ax.loglog(xs, 1000 * times, "o-", color=figures.style_of("HMM")["color"], label="measured")
    ax.loglog(xs, 1000 * times[-1] * (np.array(xs) / xs[-1]) ** power, **figures.style_of("reference"), label=f"slope {power}")
    ax.legend(loc="upper left")
    ax.set_xticks(xs[::2], [f"{x:,}" for x in xs[::2]])
    ax.minorticks_off()
axes[0].set(xlabel="states N (T = 4,000)", ylabel="time (ms)")
axes[1].set(xlabel="steps T (N = 64)")
plt.show()

# %% [markdown]
r"""
**Figure 4.7.** *The time grows in proportion to $T$, and with many states towards $N^2$; with few, the overhead of Python hides the arithmetic.* Time for one log-likelihood, both axes logarithmic. Dash-dotted: the slopes that the count of multiplications predicts, through the last point.
"""

# %% tags=["claim"]
claim("4.22", "16 times the multiplications, from 128 to 512 states, cost 4 to 40 times the time.", by_size[-1] / by_size[-3], at_least=4, at_most=40)

# %% tags=["claim"]
claim("4.23", "A sequence 16 times as long costs 5 to 50 times the time.", by_length[-1] / by_length[0], at_least=5, at_most=50)

# %% [markdown]
r"""
## 4.9 How much can it remember?

In an HMM the past reaches the future only through the present state, one of $N$. So the two can share at most $\log_2 N$ bits, however exactly $\hat\alpha_t$ is computed: it is only what we believe about that state. Here is a source that needs $K$ bits: *draw $K$ random bits, then repeat them for ever*. The best possible loss is $K \ln 2$ nats for the whole sequence, however long: $K$ coin tosses, and no doubt afterwards.

With $2^K$ states it is easy. A state is the word of the next $K$ bits. It emits the first bit, and moves to the word rotated by one.
"""

# %%
def words(K):
    return np.array(list(np.ndindex(*[2] * K)))  # (2^K, K) every word of K bits

# %%
def rotation(K):
    rotated = np.roll(words(K), -1, axis=1) @ 2 ** np.arange(K)[::-1]  # (2^K,) as numbers
    moves, emissions = np.eye(2**K)[rotated], np.eye(2)[words(K)[:, 0]]
    return CategoricalHMM.from_parameters(np.full(2**K, 0.5**K), moves, emissions)

# %%
def repeated(K, length):
    return [np.resize(word, length) for word in words(K)]  # 2^K words, each again and again

# %% tags=["claim"]
BITS = [1, 2, 3, 4, 5]
above = [-rotation(K).log_likelihood(x) - K * np.log(2) for K in BITS for x in repeated(K, 60)]
claim("4.24", "For K = 1 to 5, 2^K states give every sequence of 60 bits the loss K ln 2.", np.abs(above), at_most=1e-9)

# %% [markdown]
r"""
No HMM with fewer states can do it. Let $F$ be the $2^K \times 2^K$ table with one row for each past (the first $K$ bits) and one column for each future (the next $K$ bits): $F_{uv} = p(v \mid u)$. For the source, $v$ must equal $u$, so $F$ is the identity, and its rank is $2^K$. In an HMM, the state at the border stands between them:

$$F_{uv} = \sum_{j=0}^{N-1} p(s_{K+1} = j \mid u)\; p(v \mid s_{K+1} = j), \qquad F = G R, \quad G\ (2^K, N), \quad R\ (N, 2^K). \tag{4.10}$$

A product through $N$ dimensions has at most the rank $N$. Hence $N \ge 2^K$, as soon as sequences are $2K$ long.
"""

# %%
def rank_of_table(model, K):
    joint = np.exp([[model.log_likelihood(np.append(u, v)) for v in words(K)] for u in words(K)])
    return np.linalg.matrix_rank(joint / joint.sum(axis=1, keepdims=True), tol=1e-10)  # of F

# %% tags=["claim"]
claim("4.25", "For K = 1 to 5, the rank of F is 2^K.", [rank_of_table(rotation(K), K) - 2**K for K in BITS], equals=0, tolerance=0)

# %%
def random_hmm(N, seed):
    return CategoricalHMM.from_parameters(*random_chain(N, 1, seed)[:2], np.random.default_rng(seed).dirichlet([1, 1], N))

# %% tags=["claim"]
excess = [max(rank_of_table(random_hmm(N, seed), 3) - N for N in (1, 2, 3, 5, 7)) for seed in SEEDS]
claim("4.26", "For random HMMs with N = 1, 2, 3, 5, 7, the 8 x 8 table has at most rank N.", excess, at_most=0, seeds=SEEDS)

# %% [markdown]
r"""
How much do fewer states lose? Let Baum-Welch learn all $2^K$ sequences of 12 bits, from 20 starts, three times. We plot the loss above $K \ln 2$.
"""

# %%
def shortfalls(K, N, seed):
    model = CategoricalHMM(N, 2).fit(repeated(K, 12), seed=seed, restarts=20, max_iterations=150, tolerance=1e-3)
    return [-run.log_likelihoods[-1] / 2**K - K * np.log(2) for run in model.runs]  # 20 numbers

# %%
tried = {K: range(1, 2**K + 1) for K in (1, 2, 3)}
found = {K: np.array([[shortfalls(K, N, seed) for N in tried[K]] for seed in SEEDS[:3]]) for K in tried}  # (3, 2^K, 20)

# %% tags=["figure", "nbval-ignore-output"]
fig, ax = plt.subplots(figsize=(6, 3))
for K, color in zip(found, ("#0072b2", "#e69f00", "#d55e00"), strict=True):
    ax.plot(tried[K], found[K].min(axis=(0, 2)), "o--", color=color, label=f"K = {K}, learnt")
    ax.plot(2**K, 0, "*", color=color, markersize=14)
ax.set(xlabel="states N", ylabel="loss above K ln 2 (nats)", ylim=(-0.5, 9))
ax.legend(loc="upper right")
plt.show()

# %% [markdown]
r"""
**Figure 4.8.** *Each riddle of $K$ bits is out of reach until there are $2^K$ states.* Mean loss per sequence of 12 bits above the best possible; the best of 60 starts. Stars: the rotating chain, set by hand. With 8 states for $K = 3$ it exists, but hardly any start finds it.
"""

# %% tags=["claim"]
says = "With 2^K - 1 states, the best of 20 starts is at least 0.5 nats above K ln 2, for K = 1, 2, 3."
claim("4.27", says, [min(found[K][k, -2].min() for K in found) for k in range(3)], at_least=0.5, seeds=SEEDS[:3])

# %% tags=["claim"]
says = "With 8 states for K = 3, at most 1 start in 10 comes within 0.1 nats of 3 ln 2."
claim("4.28", says, np.mean(found[3][:, -1] < 0.1, axis=1), at_most=0.1, seeds=SEEDS[:3])

# %% [markdown]
r"""
Half a sentence of context may well be worth 100 bits. An HMM would need $2^{100} \approx 10^{30}$ states for it. The way out is another kind of state. Take a *row of $K$ numbers*, all $\tfrac12$ at first. At each step shift the row by one and write the new bit in front; the last number is the probability that the next bit is 1.
"""

# %%
def register_loss(bits, K):
    h, loss = np.full(K, 0.5), 0.0  # (K,) the state
    for bit in bits:
        loss -= np.log(h[-1] if bit else 1 - h[-1])
        h = np.append(bit, h[:-1])  # shift, and write in front
    return loss

# %% tags=["claim"]
secrets = [np.resize(np.random.default_rng(seed).integers(2, size=100), 1_000) for seed in SEEDS]
says = "100 numbers repeat 100 random bits, over 1,000 steps, at the best possible loss 100 ln 2."
claim("4.29", says, [register_loss(x, 100) - 100 * np.log(2) for x in secrets], equals=0, tolerance=1e-9, seeds=SEEDS)

# %% [markdown]
r"""
This is a recurrent network, with weights set by hand. A chain of order $K$ also sees the last $K$ bits, but needs a table with $2^K$ rows. The register has $K$ numbers, and $2^K$ states only as their combinations. That is a *distributed* state; chapter 06 starts from here.

## 4.10 Limits and common mistakes

*What starts at zero stays at zero.* Expected counts contain $A_{ij}$ as a factor. Good for building structure in, bad by accident.
"""

# %%
stuck = CategoricalHMM.from_parameters(START, [[1, 0], [0.1, 0.9]], DICE).fit(long, max_iterations=50)
print("fair to loaded after 50 iterations:", stuck.transmat[0, 1])

# %% [markdown]
r"""
*A symbol that was never seen is impossible.* Here, after learning from rolls without a 3. A pseudocount, as in chapter 03, helps.
"""

# %%
no_three = CategoricalHMM(2, 6).fit(long[long != 2], seed=0)
eased = CategoricalHMM.from_parameters(no_three.startprob, no_three.transmat, (no_three.emissionprob + 0.01) / 1.06)
print("ln p of a 3:", no_three.log_likelihood([2]), "and with a pseudocount:", round(eased.log_likelihood([2]), 2))

# %% [markdown]
r"""
*Equal states stay equal.* From a start where all states are the same, Baum-Welch cannot tell them apart:
"""

# %%
same = CategoricalHMM.from_parameters(START, np.full((2, 2), 0.5), np.full((2, 6), 1 / 6)).fit(long)
print("largest difference of the two rows of B:", np.ptp(same.emissionprob, axis=0).max().round(12))

# %% [markdown]
r"""
## Often told wrong

*"A hidden Markov model is $\prod_{t=1}^T p(x_t \mid x_{t-1})$."* That is a chain that is seen, without emissions and without $p(x_1)$. An HMM's observations are no chain of order 1: after one and the same last roll, a six, the next six has different probabilities.
"""

# %%
def six_after(past):
    last = forward([2 / 3, 1 / 3], MOVES, DICE[:, past].T).alphas[-1]  # two rolls of three are fair
    return (last @ MOVES @ DICE)[5]

# %% tags=["claim"]
says = "Rolls 1, 1, 6 and 6, 6, 6 end alike, but the next six differs by at least 0.1."
claim("4.30", says, six_after([5, 5, 5]) - six_after([0, 0, 5]), at_least=0.1)

# %% [markdown]
r"""
*"$N$ states remember $\log N$ bits."* Only with the logarithm to base 2: the 32 states of $K = 5$ hold 5 bits (claim 4.25). The natural logarithm, 3.5, is in nats.

## Where it came from

- Baum and Petrie (1966) studied what can be learnt of a finite chain that is seen only through random functions of its states.
- Viterbi (1967) gave his algorithm to decode convolutional codes.
- Baum et al. (1970) proved that re-estimation by expected counts never lowers the likelihood.
- Rabiner (1989) wrote the tutorial from which most people have learnt it, scaling included.
- Ghahramani and Jordan (1997) said that 30 bits of history would take $2^{30}$ states, and distributed the state over several chains.

## Summary

- A chain on what is seen loses old evidence; on the casino the HMM gains at least twice as much, with known and with learnt parameters (claims 4.1, 4.3, 4.17).
- The sum over $N^T$ paths costs $T N^2$ by the forward recursion, scaled or on logarithms (4.2). Measured times fit that (4.22, 4.23).
- Forward times backward are the posteriors (4.4). Smoothing is surer than filtering on average, not always (4.5, 4.6).
- Viterbi finds the best path (4.7). Posterior decoding has more states right, but its path may be impossible (4.8 to 4.10, 4.12). Long stays help both (4.11).
- Baum-Welch counts with probabilities (4.13) and never falls (4.14), but may end in a poor local maximum (4.15). States have no names (4.18). Observations of an HMM are no chain of order 1 (4.30).
- Gaussian states need a floor (4.19). In the returns of a share they find spells (4.20, 4.21).
- $N$ states remember at most $\log_2 N$ bits: $K$ bits need $2^K$ states, which learning may not find (4.24 to 4.28), or $K$ numbers in a row (4.29).

## Exercises

All in [one notebook](../exercises/04_hidden_markov/04_hidden_markov.ipynb), which checks itself.

- 4.1 The backward recursion (derive and implement, 25 minutes)
- 4.2 A Viterbi that forgets (find the bug, 15 minutes)
- 4.3 Posterior or path? (predict, then run, 10 minutes)
- 4.4 Underflow (implement, 15 minutes)
- 4.5 Baum-Welch with tied emissions (implement, 30 minutes)
- 4.6 How many states for a riddle? (experiment, 15 minutes)

## References

- L. E. Baum and T. Petrie (1966). Statistical inference for probabilistic functions of finite state Markov chains. *The Annals of Mathematical Statistics* 37(6), 1554-1563. DOI 10.1214/aoms/1177699147.
- L. E. Baum, T. Petrie, G. Soules and N. Weiss (1970). A maximization technique occurring in the statistical analysis of probabilistic functions of Markov chains. *The Annals of Mathematical Statistics* 41(1), 164-171. DOI 10.1214/aoms/1177697196.
- R. Durbin, S. R. Eddy, A. Krogh and G. Mitchison (1998). *Biological Sequence Analysis: Probabilistic Models of Proteins and Nucleic Acids*. Cambridge University Press. ISBN 0-521-62971-3.
- Z. Ghahramani and M. I. Jordan (1997). Factorial hidden Markov models. *Machine Learning* 29, 245-273. DOI 10.1023/A:1007425814087.
- L. R. Rabiner (1989). A tutorial on hidden Markov models and selected applications in speech recognition. *Proceedings of the IEEE* 77(2), 257-286. DOI 10.1109/5.18626.
- A. J. Viterbi (1967). Error bounds for convolutional codes and an asymptotically optimum decoding algorithm. *IEEE Transactions on Information Theory* 13(2), 260-269. DOI 10.1109/TIT.1967.1054010.
"""
