# %% [markdown]
r"""
# Exercises to chapter 04: hidden Markov models

These go with [chapter 04](../../chapters/04_hidden_markov.ipynb). Six exercises, 14 points, about 110 minutes.

Write your answer where the cell says so and run the check below it. A check that passes prints nothing; one that fails says what is probably wrong. When an instructor grades the notebook, some more checks of the same kind run on other data.

Formulas count the steps as $t = 1, \dots, T$. In an array, row 0 belongs to step 1 and row $T - 1$ to step $T$.
"""

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
import itertools
import warnings

import numpy as np

from rnncourse import checks
from rnncourse.hmm import CategoricalHMM
from rnncourse.hmm_emissions import CategoricalEmissions
from rnncourse.hmm_log_space import safe_log
from rnncourse.hmm_recursions import backward, enumerate_paths, forward, naive_forward


def random_chain(num_states, length, seed):
    """Draw startprob (N,), transmat (N, N) and likelihoods (T, N) at random."""
    rng = np.random.default_rng(seed)
    startprob, *transmat = rng.dirichlet(np.ones(num_states), 1 + num_states)
    return startprob, np.array(transmat), rng.uniform(0.05, 0.95, (length, num_states))


# %% [markdown]
r"""
## Exercise 4.1 The backward recursion (derive and implement, medium, 25 minutes, 3 points)

The forward recursion collects what was seen *up to* step $t$. The backward recursion collects what is seen *after* it:

$$\beta_t(i) = p(x_{t+1}, \dots, x_T \mid s_t = i).$$

Derive it in three questions. As in the chapter, $\pi_i$ is the probability to start in state $i$, $A_{ij} = p(s_{t+1} = j \mid s_t = i)$ is an entry of the transition matrix $A$, and $b_t(j) = p(x_t \mid s_t = j)$.

**Question 1: where does it start?** After step $T$ there is nothing more to be seen. So $\beta_T(i) =$

- A: $b_T(i)$
- B: $1$
- C: $1/N$
- D: $\pi_i$

**Question 2: one step.** Go through all states $j$ that may come next. By the product rule,

$$\beta_t(i) = \sum_j p(s_{t+1} = j \mid s_t = i)\; p(x_{t+1} \mid s_{t+1} = j, s_t = i)\; p(x_{t+2}, \dots, x_T \mid x_{t+1}, s_{t+1} = j, s_t = i).$$

The first factor is $A_{ij}$. Who knows the state at step $t+1$ learns nothing more about the steps after it from what came before. So the second factor is $b_{t+1}(j)$, and the third is

- A: $\beta_t(j)$
- B: $\beta_{t+1}(i)$
- C: $\beta_{t+1}(j)$
- D: $\beta_{t+2}(j)$

**Question 3: put it together.** $\beta_t(i) =$

- A: $\sum_i A_{ij}\, b_{t+1}(j)\, \beta_{t+1}(j)$
- B: $\sum_j A_{ij}\, b_{t+1}(j)\, \beta_{t+1}(j)$
- C: $b_t(i) \sum_j A_{ij}\, \beta_{t+1}(j)$
- D: $\sum_j A_{ij}\, \beta_{t+1}(j)$

Then write it as code, for one short sequence and without scaling. Use NumPy alone, not `backward` of the package.

- `transmat`: $A$, shape `(N, N)`; row $i$ holds the probabilities of the states that follow state $i$.
- `likelihoods`: entry $(t, j)$ is $b_t(j)$, shape `(T, N)`.
- Result: all $\beta_t(i)$, shape `(T, N)`.

<details><summary>Hint 1</summary>
Start from <code>np.ones_like(likelihoods)</code> and fill the rows from the last but one to the first: <code>range(T - 2, -1, -1)</code>.
</details>
<details><summary>Hint 2</summary>
The sum over j of A_ij v_j, for all i at once, is <code>transmat @ v</code>.
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex1-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
QUESTION_1 = None  # "A", "B", "C" or "D"
QUESTION_2 = None
QUESTION_3 = None
### BEGIN SOLUTION
QUESTION_1 = "B"
QUESTION_2 = "C"
QUESTION_3 = "B"
### END SOLUTION


def backward_by_hand(transmat, likelihoods):
    """Return p(observations after t | state i at t) for all t and i, array of shape (T, N)."""
    ### BEGIN SOLUTION
    betas = np.ones_like(likelihoods)  # (T, N)
    for t in range(len(likelihoods) - 2, -1, -1):
        betas[t] = transmat @ (likelihoods[t + 1] * betas[t + 1])
    return betas
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex1-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
answers = [str(answer).strip().upper() for answer in (QUESTION_1, QUESTION_2, QUESTION_3)]
assert "NONE" not in answers, "set QUESTION_1, QUESTION_2 and QUESTION_3, each to a letter"
why_not = {
    "1A": "b_T looks at x_T, but beta_T is about what comes after step T",
    "1C": "nothing more is to be seen, and that is certain; it is no choice among N states",
    "1D": "pi belongs to the first step; at the end nothing more is to be seen, which is certain",
    "2A": "beta_t(j) also holds x_{t+1}, which the second factor has counted already",
    "2B": "the state at step t+1 is j, not i",
    "2D": "beta_{t+2} leaves x_{t+2} out: which beta begins with x_{t+2}?",
    "3A": "the sum over i is over the state where you are; sum over the next state j",
    "3C": "b_t(i) looks at x_t, but beta_t begins with x_{t+1}",
    "3D": "x_{t+1} is missing: nothing here asks how probable it is in state j",
}
for number, (letter, right) in enumerate(zip(answers, "BCB", strict=True), start=1):
    reason = why_not.get(f"{number}{letter}", "the answer is one of the letters A, B, C, D")
    assert letter == right, f"question {number}: {reason}"
# By hand: two states, three steps.
transmat = np.array([[0.9, 0.1], [0.4, 0.6]])
likelihoods = np.array([[0.5, 0.2], [0.1, 0.8], [0.3, 0.6]])
before = transmat.copy(), likelihoods.copy()
found = backward_by_hand(transmat, likelihoods)
checks.check_shape(found, (3, 2), "backward_by_hand(...)")
found = np.array(found)
kept = np.array_equal(transmat, before[0]) and np.array_equal(likelihoods, before[1])
assert kept, "you overwrite an argument: write into a new array"
end = "the last row must be 1: that nothing more is to be seen is certain (question 1)"
assert np.allclose(found[-1], 1), end
assert not np.allclose(found[1], 1), "the likelihoods do not enter, or only the last row is filled"
transposed = np.allclose(found[1], likelihoods[2] @ transmat)
assert not transposed, "the transition matrix is transposed: sum over the next state j"
own = [likelihoods[1], transmat @ likelihoods[1]]
same_step = any(np.allclose(found[1], row) for row in own)
assert not same_step, "row t uses the observation at t itself; beta_t begins with that at t + 1"
checks.check_close(found[1], [0.33, 0.48], "the row before the last")
hint = "Each row builds on the row after it: beta_{t+1} stands inside the sum over j"
checks.check_close(found[0], [0.0681, 0.2436], "the first row", hint=hint)
# Brute force: start in state i, and add up all paths through the steps that are left.
startprob, transmat, likelihoods = random_chain(3, 5, seed=0)
found = np.array(backward_by_hand(transmat, likelihoods))
for t, i in itertools.product(range(4), range(3)):
    paths = enumerate_paths(transmat[i], transmat, likelihoods[t + 1 :])
    checks.check_close(found[t, i], paths[1].sum(), f"row {t}, state {i}, against all paths")
# What must hold on any chain.
likelihood = enumerate_paths(startprob, transmat, likelihoods)[1].sum()
first = startprob * likelihoods[0] * found[0]
checks.check_close(first.sum(), likelihood, "sum over i of pi_i b_1(i) beta_1(i)")
products = (naive_forward(startprob, transmat, likelihoods) * found).sum(axis=1)  # (5,)
checks.check_close(products, np.full(5, likelihood), "sum over i of alpha_t(i) beta_t(i)")
for t in range(5):
    other_past = likelihoods.copy()
    other_past[: t + 1] = 0.123
    moved = not np.allclose(backward_by_hand(transmat, other_past)[t], found[t])
    assert not moved, f"row {t} changes with what was seen up to it: beta looks ahead only"

# Hidden: another chain, against the package.
### BEGIN HIDDEN TESTS
for seed in (1, 2):
    startprob, transmat, likelihoods = random_chain(5, 11, seed=seed)
    expected = backward(transmat, likelihoods, np.ones(11))
    checks.check_close(backward_by_hand(transmat, likelihoods), expected, "another chain")
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 4.2 A Viterbi that forgets (find the bug, medium, 15 minutes, 2 points)

Somebody walks about a house: room 0, a corridor, state 1, and room 2. There is no door between the two rooms: from room 0 to room 2 the way leads through the corridor, and nobody stays there for two steps. A colleague looks for the most probable path with this code.
"""

# %% nbgrader={"grade": false, "grade_id": "forgetful", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
HOUSE_START = np.array([0.5, 0.0, 0.5])  # (3,)
HOUSE = np.array([[0.85, 0.15, 0.0], [0.5, 0.0, 0.5], [0.0, 0.15, 0.85]])  # (3, 3)


def viterbi_of_a_colleague(startprob, transmat, likelihoods):
    deltas = np.empty(likelihoods.shape)  # (T, N) probability of the best path to each state
    pointers = np.zeros(likelihoods.shape, dtype=int)  # (T, N) the state that it came from
    deltas[0] = startprob * likelihoods[0]
    for t in range(1, len(likelihoods)):
        arrivals = deltas[t - 1][:, np.newaxis] * transmat  # (N, N) from i to j
        pointers[t] = arrivals.argmax(axis=0)
        deltas[t] = arrivals.max(axis=0) * likelihoods[t]
    return deltas.argmax(axis=1)


def log_joint(startprob, transmat, likelihoods, states):
    """Return ln p(path, observations) of the path states (T,); minus infinity if impossible."""
    states = np.asarray(states)
    moves = transmat[states[:-1], states[1:]]  # (T - 1,)
    seen = likelihoods[np.arange(len(states)), states]  # (T,)
    return float(safe_log(np.concatenate([startprob[states[:1]], moves, seen])).sum())


three_steps = np.array([[0.9, 0.05, 0.05], [0.5, 0.3, 0.2], [0.01, 0.04, 0.95]])  # (3, 3)
path = viterbi_of_a_colleague(HOUSE_START, HOUSE, three_steps)
print("path", path, "with probability", np.exp(log_joint(HOUSE_START, HOUSE, three_steps, path)))

# %% [markdown]
r"""
The path goes through a wall: its probability is 0. Find out why, and write the function as it should be. The recursion for `deltas` and `pointers` is right; you may copy it. The sequences are short, so that you need no logarithms.

- `startprob`: shape `(N,)`; `transmat`: shape `(N, N)`; `likelihoods`: shape `(T, N)`.
- Result: the most probable path, states of shape `(T,)`.

<details><summary>Hint 1</summary>
The largest entry of <code>deltas[t]</code> tells where the best path <em>up to t</em> ends. Is that where the best path of the whole sequence passes?
</details>
<details><summary>Hint 2</summary>
Only the last state can be read off at once. <code>pointers[t, j]</code> is the state at step t - 1 of the best path that is in state j at step t.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "ex2-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def best_path(startprob, transmat, likelihoods):
    """Return the most probable path through the states, array of shape (T,)."""
    ### BEGIN SOLUTION
    deltas = np.empty(likelihoods.shape)  # (T, N)
    pointers = np.zeros(likelihoods.shape, dtype=int)  # (T, N)
    deltas[0] = startprob * likelihoods[0]
    for t in range(1, len(likelihoods)):
        arrivals = deltas[t - 1][:, np.newaxis] * transmat  # (N, N) from i to j
        pointers[t] = arrivals.argmax(axis=0)
        deltas[t] = arrivals.max(axis=0) * likelihoods[t]
    states = np.empty(len(likelihoods), dtype=int)  # (T,)
    states[-1] = deltas[-1].argmax()
    for t in range(len(likelihoods) - 1, 0, -1):
        states[t - 1] = pointers[t, states[t]]
    return states
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex2-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def check_path(startprob, transmat, likelihoods):
    """Compare best_path with the best of all paths; a tie may go either way."""
    found = best_path(startprob, transmat, likelihoods)
    checks.check_shape(found, (len(likelihoods),), "best_path(...)")
    found = np.asarray(found)
    whole = found.dtype.kind in "iu" and found.min() >= 0 and found.max() < len(startprob)
    assert whole, f"a path holds states, whole numbers from 0 to {len(startprob) - 1}"
    paths, probabilities = enumerate_paths(startprob, transmat, likelihoods)
    best, probability = paths[probabilities.argmax()], np.log(probabilities.max())
    mine = log_joint(startprob, transmat, likelihoods, found)
    if np.isclose(mine, probability):
        return
    backwards = np.isclose(log_joint(startprob, transmat, likelihoods, found[::-1]), probability)
    assert not backwards, "your path runs backwards: the pointers lead from the end to the start"
    forgets = np.array_equal(found, viterbi_of_a_colleague(startprob, transmat, likelihoods))
    assert not forgets, (
        "you take the best entry of each delta_t by itself, so that neighbours need not belong "
        "to one path: take only the last state so, and follow the pointers back"
    )
    gammas = naive_forward(startprob, transmat, likelihoods)
    gammas = gammas * backward(transmat, likelihoods, np.ones(len(found)))
    single = np.array_equal(found, gammas.argmax(axis=1))
    assert not single, "these are the states most probable one by one (posterior), not a path"
    raise AssertionError(
        f"ln p of your path {found} is {mine:.4g}, that of {best} is {probability:.4g}: begin at "
        "the largest entry of the last delta; then the state before states[t] stands in row t of "
        "the pointers, in the column of states[t]"
    )


check_path(HOUSE_START, HOUSE, three_steps)
for seed in range(20):  # chains where everything is allowed, and the house
    check_path(*random_chain(3, 6, seed=seed))
    check_path(HOUSE_START, HOUSE, random_chain(3, 7, seed=seed)[2])

# Hidden: more states, some moves forbidden.
### BEGIN HIDDEN TESTS
ring = 0.5 * np.eye(5) + 0.5 * np.roll(np.eye(5), 1, axis=1)  # stay, or go one further
for seed in range(10):
    startprob, _, likelihoods = random_chain(5, 6, seed=100 + seed)
    check_path(startprob, ring, likelihoods)
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 4.3 Posterior or path? (predict, then run, easy, 10 minutes, 2 points)

There are two ways to name a hidden state for every step. *Posterior decoding* takes, at each step by itself, the state with the largest posterior $\gamma_t(j) = p(s_t = j \mid x_1, \dots, x_T)$. *Viterbi* takes the single most probable path.

The house again: a sensor says 0 or 1 at each step. In room 0 it says 0 with probability 0.7, in room 2 it says 1 with probability 0.7, and in the corridor it tosses a coin.
"""

# %% nbgrader={"grade": false, "grade_id": "house", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
SENSOR = np.array([[0.7, 0.3], [0.5, 0.5], [0.3, 0.7]])  # (3, 2)
house = CategoricalHMM.from_parameters(HOUSE_START, HOUSE, SENSOR)
walks = [house.sample(200, seed=seed) for seed in range(60)]  # 60 pairs (observations, states)

# %% [markdown]
r"""
*Predict first.* Before you write code, answer three questions, each with `"posterior"` or `"viterbi"`:

1. Over many sequences together, which of the two names more states correctly?
2. Which of the two sequences of states has the higher joint probability $p(s_1, \dots, s_T, x_1, \dots, x_T)$?
3. Which of the two may go through the wall, so that its joint probability is 0?

Then write `compare` and look at some of the 60 walks with it.

- `model`: a `CategoricalHMM`. `model.posteriors(observations)` has shape `(T, N)`; `model.viterbi(observations).states` has shape `(T,)`.
- `observations`, `states`: what was seen, and where the person really was; both of shape `(T,)`.
- Result: array of shape `(2, 2)`. First row posterior decoding, second row Viterbi; first column the number of correct states, second column $\ln p(\text{path}, \text{observations})$.

<details><summary>Hint</summary>
The function <code>log_joint</code> of the exercise before needs the likelihoods. They are <code>model.emissionprob.T[observations]</code>, shape (T, N).
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex3-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
MORE_CORRECT_STATES = None  # "posterior" or "viterbi"
HIGHER_JOINT_PROBABILITY = None
MAY_BE_IMPOSSIBLE = None
### BEGIN SOLUTION
MORE_CORRECT_STATES = "posterior"
HIGHER_JOINT_PROBABILITY = "viterbi"
MAY_BE_IMPOSSIBLE = "posterior"
### END SOLUTION


def compare(model, observations, states):
    """Return correct states and ln p(path, observations), posterior decoding first, (2, 2)."""
    ### BEGIN SOLUTION
    likelihoods = model.emissionprob.T[observations]  # (T, N)
    scores = []
    for path in (
        model.posteriors(observations).argmax(axis=1),
        model.viterbi(observations).states,
    ):
        joint = log_joint(model.startprob, model.transmat, likelihoods, path)
        scores.append([(path == states).sum(), joint])
    return np.array(scores)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex3-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def compare_by_brute_force(model, observations, states):
    likelihoods = model.emissionprob.T[observations]
    paths, probabilities = enumerate_paths(model.startprob, model.transmat, likelihoods)
    gammas = [probabilities @ (paths == j) for j in range(model.num_states)]  # N times (T,)
    scores = []
    for path in (np.argmax(gammas, axis=0), paths[probabilities.argmax()]):
        joint = log_joint(model.startprob, model.transmat, likelihoods, path)
        scores.append([(path == states).sum(), joint])
    return np.array(scores)


startprob, transmat, _ = random_chain(3, 1, seed=0)
emissionprob = np.random.default_rng(4).dirichlet(np.ones(5), 3)  # (3, 5)
model = CategoricalHMM.from_parameters(startprob, transmat, emissionprob)
for seed in range(10):
    observations, states = model.sample(7, seed=seed)
    found = compare(model, observations, states)
    checks.check_shape(found, (2, 2), "compare(...)")
    found, expected = np.array(found), compare_by_brute_force(model, observations, states)
    turned = np.allclose(found, expected[::-1]) and not np.allclose(*expected)
    assert not turned, "the rows are swapped: posterior decoding comes first"
    share = np.allclose(found[:, 0] * 7, expected[:, 0]) and expected[:, 0].any()
    assert not share, "this is the share of correct states: the number is asked for"
    hint = "Is it the posterior, which knows the whole sequence? And are the logarithms natural?"
    checks.check_close(found[0], expected[0], f"posterior decoding, sequence {seed}", hint=hint)
    checks.check_close(found[1], expected[1], f"Viterbi, sequence {seed}", hint=hint)
answers = [str(x) for x in (MORE_CORRECT_STATES, HIGHER_JOINT_PROBABILITY, MAY_BE_IMPOSSIBLE)]
answers = [answer.strip().lower().removesuffix(" decoding") for answer in answers]
known = all(answer in ("posterior", "viterbi") for answer in answers)
assert known, 'answer each of the three questions with "posterior" or "viterbi"'
results = np.array([compare(house, *walk) for walk in walks])  # (60, 2, 2)
correct, joint = results[:, :, 0].sum(axis=0), results[:, :, 1]  # (2,), (60, 2)
assert correct[0] > correct[1] and (joint[:, 0] <= joint[:, 1] + 1e-9).all()
assert np.isneginf(joint[:, 0]).any() and np.isfinite(joint[:, 1]).all()
assert answers[0] == "posterior", (
    f"question 1: in {60 * 200:,} steps, posterior decoding has {correct[0]:.0f} states right, "
    f"Viterbi {correct[1]:.0f}; a choice step by step is best step by step"
)
assert answers[1] == "viterbi", (
    "question 2: no path has a higher joint probability than that of Viterbi, by definition"
)
assert answers[2] == "posterior", (
    f"question 3: posterior decoding goes through the wall in {np.isneginf(joint[:, 0]).sum()} of "
    "60 walks; it chooses each state by itself and never asks whether a move is possible"
)

# Hidden: another model.
### BEGIN HIDDEN TESTS
startprob, transmat, _ = random_chain(4, 1, seed=7)
emissionprob = np.random.default_rng(8).dirichlet(np.ones(3), 4)  # (4, 3)
model = CategoricalHMM.from_parameters(startprob, transmat, emissionprob)
for seed in range(5):
    observations, states = model.sample(6, seed=seed)
    expected = compare_by_brute_force(model, observations, states)
    checks.check_close(compare(model, observations, states), expected, f"sequence {seed}")
### END HIDDEN TESTS

# %% [markdown]
r"""
**To think about** (not graded). In how many of the 60 walks does Viterbi have more states right? Why is that no contradiction? Which of the two would you take to count how often the person changed rooms?
"""

# %% [markdown]
r"""
## Exercise 4.4 Underflow (implement, medium, 15 minutes, 2 points)

The plain forward recursion multiplies one number below 1 after the other. How far does it get?
"""

# %% nbgrader={"grade": false, "grade_id": "vanish", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
long_chain = random_chain(3, 5000, seed=0)  # startprob, transmat, likelihoods
alphas = naive_forward(*long_chain)  # (5000, 3)
print("the first row in which every alpha is 0:", np.flatnonzero(alphas.sum(axis=1) == 0)[0])

# %% [markdown]
r"""
On logarithms nothing vanishes. A product of probabilities becomes a sum of logarithms. A sum of probabilities becomes a *log-sum-exp*:

$$\ln \sum_i e^{v_i} = m + \ln \sum_i e^{v_i - m}, \qquad m = \max_i v_i.$$

Both sides are equal for every $m$. With the largest $v_i$ as $m$, the largest term is $e^0 = 1$, and the sum can neither vanish nor overflow.

Write two functions. The logarithm of probability 0 is minus infinity, `-np.inf`. It may stand anywhere, even in a whole column, and must cause neither a NaN nor a warning. Do the log-sum-exp by hand, without `np.logaddexp`.

- `log_sum(values)`: `values` has shape `(K, N)`; the result, shape `(N,)`, has the log-sum-exp of each *column*.
- `log_forward_by_hand(log_startprob, log_transmat, log_likelihoods)`: logarithms, of shapes `(N,)`, `(N, N)` and `(T, N)`. The result, shape `(T, N)`, holds $\ln \alpha_t(j)$.

<details><summary>Hint 1</summary>
In a column of minus infinities the largest entry is minus infinity, too, and minus infinity less minus infinity is NaN. Put 0 in its place: <code>np.where(np.isfinite(largest), largest, 0.0)</code>.
</details>
<details><summary>Hint 2</summary>
np.log(0) is -inf, which is right here, but it warns. <code>with np.errstate(divide="ignore"):</code> keeps it quiet.
</details>
<details><summary>Hint 3</summary>
The sum over the state i before, for all j at once: <code>log_alphas[t - 1][:, np.newaxis] + log_transmat</code> has shape (N, N), from i (row) to j (column).
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "ex4-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def log_sum(values):
    """Return ln(sum(exp(values))) of each column: values (K, N), result (N,)."""
    ### BEGIN SOLUTION
    largest = values.max(axis=0)  # (N,)
    largest = np.where(np.isfinite(largest), largest, 0.0)
    with np.errstate(divide="ignore"):
        return largest + np.log(np.exp(values - largest).sum(axis=0))
    ### END SOLUTION


def log_forward_by_hand(log_startprob, log_transmat, log_likelihoods):
    """Return the logarithms of the forward probabilities, array of shape (T, N)."""
    ### BEGIN SOLUTION
    log_alphas = np.empty_like(log_likelihoods)  # (T, N)
    log_alphas[0] = log_startprob + log_likelihoods[0]
    for t in range(1, len(log_likelihoods)):
        arrivals = log_alphas[t - 1][:, np.newaxis] + log_transmat  # (N, N) from i to j
        log_alphas[t] = log_sum(arrivals) + log_likelihoods[t]
    return log_alphas
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex4-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def watched(function, *arguments):
    """Return a result, and what NumPy warned of on the way."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = function(*[np.array(argument) for argument in arguments])
    return result, sorted({str(warning.message) for warning in caught})


found, _ = watched(log_sum, np.log([[0.2, 0.5, 0.1], [0.3, 0.25, 0.1]]))
checks.check_shape(found, (3,), "log_sum of a (2, 3) array: one number a column, so it")
no_log = np.allclose(found, [0.5, 0.75, 0.2])
assert not no_log, "this is the sum itself: its logarithm is wanted"
hint = "Add the largest entry again after the logarithm"
checks.check_close(found, np.log([0.5, 0.75, 0.2]), "log_sum of logarithms", hint=hint)
found, _ = watched(log_sum, [[-1000.0], [-1000.0]])
assert np.isfinite(found).all(), "exp(-1000) is 0 in the computer: subtract the largest entry first"
checks.check_close(found, [-1000 + np.log(2)], "log_sum of -1000 and -1000", hint=hint)
found, _ = watched(log_sum, [[-1000.0, 0.0], [-1000.0, -3.0]])
own = np.isfinite(found).all()
assert own, "one column is far below the other: subtract from each column its own largest entry"
checks.check_close(found, [-1000 + np.log(2), np.log1p(np.exp(-3))], "log_sum of two columns")
found, _ = watched(log_sum, [[1000.0], [1000.0]])
checks.check_close(found, [1000 + np.log(2)], "log_sum of 1000 and 1000", hint=hint)
found, _ = watched(log_sum, [[-np.inf], [-1.0]])
checks.check_close(found, [-1.0], "log_sum of minus infinity and -1")
found, words = watched(log_sum, [[-np.inf, -1.0], [-np.inf, -1.0]])
assert not np.isnan(found[0]), "a column of minus infinities gives NaN: see the first hint"
assert found[0] == -np.inf, "the sum of two zeros is 0, and its logarithm minus infinity"
assert not words, f"NumPy warns ({words[0]}) at a column of minus infinities: see the second hint"
# The recursion: against all paths, on chains with and without forbidden moves.
for transitions in (HOUSE, random_chain(3, 1, seed=5)[1]):
    seen = random_chain(3, 6, seed=1)[2]
    found, words = watched(
        log_forward_by_hand, safe_log(HOUSE_START), safe_log(transitions), np.log(seen)
    )
    checks.check_shape(found, (6, 3), "log_forward_by_hand(...)")
    assert not np.isnan(found).any(), "there is a NaN: is minus infinity treated in log_sum?"
    hint = "The state before, i, is the row of the transition matrix: see the third hint"
    first = "ln alpha at step 1: it is ln pi plus the first row of log-likelihoods"
    checks.check_close(np.exp(found[0]), HOUSE_START * seen[0], first)
    expected = naive_forward(HOUSE_START, transitions, seen)
    checks.check_close(np.exp(found), expected, "exp of ln alpha", hint=hint)
    total = enumerate_paths(HOUSE_START, transitions, seen)[1].sum()
    checks.check_close(np.exp(found[-1]).sum(), total, "the likelihood, against all paths")
    assert not words, f"NumPy warns in the recursion: {words[0]}"
impossible = np.log(seen)
impossible[3] = -np.inf
found, words = watched(log_forward_by_hand, safe_log(HOUSE_START), safe_log(HOUSE), impossible)
assert np.isneginf(found[3:]).all(), "after an impossible observation every alpha is minus infinity"
# A long sequence: against the scaled recursion.
for chain in (long_chain, (HOUSE_START, HOUSE, long_chain[2])):
    found, _ = watched(log_forward_by_hand, *(safe_log(part) for part in chain))
    back = "every alpha vanishes: do you go back to probabilities somewhere in the recursion?"
    assert np.isfinite(found[-1]).any(), back
    largest = found[-1].max()
    total = largest + np.log(np.exp(found[-1] - largest).sum())
    expected = forward(*chain).log_likelihood
    checks.check_close(total, expected, "the log-likelihood of 5,000 steps")

# Hidden: another size, and more states.
### BEGIN HIDDEN TESTS
values = np.random.default_rng(0).normal(0, 300, (7, 5))
values[:, 2] = -np.inf
values[3, 4] = -np.inf
found, words = watched(log_sum, values)
checks.check_close(found[[0, 1, 3, 4]], np.logaddexp.reduce(values)[[0, 1, 3, 4]], "log_sum")
assert np.isneginf(found[2]) and not words
chain = random_chain(5, 700, seed=8)
found, words = watched(log_forward_by_hand, *(safe_log(part) for part in chain))
total = np.logaddexp.reduce(found[-1])
checks.check_close(total, forward(*chain).log_likelihood, "a chain of 5 states")
assert not words
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 4.5 Baum-Welch with tied emissions (implement, hard, 30 minutes, 3 points)

A casino has two dice, and it never changes them quickly: a die that comes into play stays for three throws or more. A single state a die cannot say that, as it may be left after one step. Three states can: the die enters at the first, goes on to the second, and may stay in the third. (We come in at any moment, so the first die that we see may go sooner.)

$$\underbrace{0 \to 1 \to 2}_{\text{die } 0} \to \underbrace{3 \to 4 \to 5}_{\text{die } 1} \to 0, \qquad 2 \to 2, \quad 5 \to 5.$$

The three states of a die throw the *same* die. So their rows of the emission matrix $B$ must stay equal while the model learns: the emissions are **tied**. `tie`, shape `(N,)`, says to which group each state belongs, here `[0, 0, 0, 1, 1, 1]`. It changes the M-step, and only for $B$. If the states were known, $B$ would have to maximise $\sum_t \ln B_{s_t, x_t}$. They are not, so each state counts with its posterior $\gamma_t(j)$, and the M-step maximises

$$Q(B) = \sum_{t=1}^{T} \sum_{j=0}^{N-1} \gamma_t(j)\, \ln B_{j, x_t}$$

among all matrices with equal rows within each group. First work out on paper: with $B_{jv} = C_{gv}$ for all states $j$ of group $g$, which number stands in front of $\ln C_{gv}$? Without ties you know the answer: the row of state $j$ is its expected counts $\sum_{t:\, x_t = v} \gamma_t(j)$, divided by their sum.

- `posteriors`: $\gamma_t(j)$, shape `(T, N)`; each row sums to 1.
- `observations`: symbols from 0 to $V - 1$, shape `(T,)`.
- `tie`: shape `(N,)`, groups numbered $0, \dots, G - 1$, in any order. Every group has some weight.
- `num_symbols`: $V$.
- Result: the new $B$, shape `(N, V)`; equal rows within a group, and each row sums to 1.

<details><summary>Hint 1</summary>
In front of ln C_gv stands the sum of gamma_t(j) over all steps with x_t = v and over all states j of the group: the pooled counts.
</details>
<details><summary>Hint 2</summary>
Expected counts of all states: <code>np.array([posteriors[observations == v].sum(axis=0) for v in range(num_symbols)]).T</code>, shape (N, V).
</details>
<details><summary>Hint 3</summary>
<code>counts[tie == g].sum(axis=0)</code> pools the counts of a group. A table (G, V), indexed with <code>tie</code>, has shape (N, V).
</details>

The cell below goes once through Baum-Welch with *your* function in it. Read it: everything but the emissions is as in the chapter. A move of probability 0 keeps it, so the six states stay in their order.
"""


# %% nbgrader={"grade": false, "grade_id": "iteration", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def one_iteration(startprob, transmat, emissionprob, observations, tie):
    """Return the parameters after one iteration, and the log-likelihood before it."""
    likelihoods = emissionprob.T[observations]  # (T, N)
    alphas, scales, log_likelihood = forward(startprob, transmat, likelihoods)
    betas = backward(transmat, likelihoods, scales)  # (T, N)
    posteriors = alphas * betas  # (T, N)
    arrivals = likelihoods[1:] * betas[1:] / scales[1:, np.newaxis]  # (T - 1, N)
    moves = transmat * (alphas[:-1].T @ arrivals)  # (N, N) expected moves from i to j
    new_transmat = moves / moves.sum(axis=1, keepdims=True)  # (N, N)
    new_emissionprob = tied_emissions(posteriors, observations, tie, emissionprob.shape[1])
    return posteriors[0], new_transmat, new_emissionprob, log_likelihood


dice = np.array([0, 0, 0, 1, 1, 1])  # (6,) the tie
die = np.array([[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 5]]) / [[6], [10]]  # (2, 6) fair, loaded
slow = np.roll(np.eye(6), 1, axis=1)  # (6, 6) from each state to the next
slow[[2, 5]] = 0.9 * np.eye(6)[[2, 5]] + 0.1 * slow[[2, 5]]  # stay, or change the die
casino = CategoricalHMM.from_parameters(np.full(6, 1 / 6), slow, die[dice])
throws = casino.sample(1000, seed=0).observations  # (1000,)


# %% nbgrader={"grade": false, "grade_id": "ex5-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def tied_emissions(posteriors, observations, tie, num_symbols):
    """Return the emission matrix (N, V) that maximises Q with equal rows in each group."""
    ### BEGIN SOLUTION
    tie = np.asarray(tie)
    counts = np.array([posteriors[observations == v].sum(axis=0) for v in range(num_symbols)]).T
    pooled = np.array([counts[tie == g].sum(axis=0) for g in range(tie.max() + 1)])  # (G, V)
    return (pooled / pooled.sum(axis=1, keepdims=True))[tie]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex5-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def untied_emissions(posteriors, observations, num_symbols):
    """Return the M-step of the package, where every state has its own row."""
    start = np.full((posteriors.shape[1], num_symbols), 1 / num_symbols)
    return CategoricalEmissions(start).estimate(observations, posteriors).emissionprob


# By hand: states 0 and 1 share a row. Their counts are 0.8 + 0.1 + 0.6 + 0.1 = 1.6 of symbol 0
# and 0.3 + 0.1 + 0.1 + 0.2 = 0.7 of symbol 1.
gammas = np.array([[0.8, 0.1, 0.1], [0.6, 0.1, 0.3], [0.3, 0.1, 0.6], [0.1, 0.2, 0.7]])
symbols, tie = np.array([0, 0, 1, 1]), np.array([0, 0, 1])
found = np.asarray(tied_emissions(gammas, symbols, tie, 2))
one_a_state = "return one row for each state, (N, V): each state gets a copy of its group's row"
assert found.shape != (2, 2), one_a_state
checks.check_shape(found, (3, 2), "tied_emissions(...)")
checks.check_distribution(found, "tied_emissions(...)", axis=1)
untied = untied_emissions(gammas, symbols, 2)
assert not np.allclose(found, untied), "each state has its own row: the tie is not used"
averaged = np.array([untied[tie == g].mean(axis=0) for g in tie])
assert not np.allclose(found, averaged), (
    "you average the rows of the untied M-step, so a state that is hardly ever visited weighs as "
    "much as a busy one: add up the counts of the group first, then divide"
)
assert np.allclose(found[0], found[1]), "states 0 and 1 are one group: their rows must be equal"
one_only = np.allclose(found[0], untied[0]) or np.allclose(found[0], untied[1])
assert not one_only, "you take one state's row for the group: the counts of all its states enter"
hint = "A step with posterior 0.8 counts as 0.8 of an observation, not as a whole one"
expected = [[1.6 / 2.3, 0.7 / 2.3], [1.6 / 2.3, 0.7 / 2.3], [0.4 / 1.7, 1.3 / 1.7]]
checks.check_close(found, expected, "tied_emissions(...), the case by hand", hint=hint)
# Every state its own group: the untied M-step. One group: how often each symbol was seen.
rng = np.random.default_rng(0)
gammas, symbols = rng.dirichlet(np.full(5, 0.3), 97), rng.integers(0, 4, 97)
found = tied_emissions(gammas, symbols, np.arange(5), 4)
checks.check_close(found, untied_emissions(gammas, symbols, 4), "every state its own group")
found = tied_emissions(gammas, symbols, np.zeros(5, dtype=int), 4)
frequencies = np.tile(np.bincount(symbols, minlength=4) / 97, (5, 1))
checks.check_close(found, frequencies, "all states in one group: the frequencies of the symbols")
# Groups whose states do not lie side by side; no tied matrix nearby may have a higher Q.
tie = np.array([0, 1, 0, 2, 1])
found = np.asarray(tied_emissions(gammas, symbols, tie, 4))
hint = "the groups need not lie side by side: use tie == g"
for g in range(3):
    rows = found[tie == g]
    assert np.allclose(rows, rows[0]), f"the rows of group {g} differ: {hint}"
best = (gammas * np.log(found.T[symbols])).sum()
for _ in range(300):
    nearby = found[[0, 1, 3]] * np.exp(rng.normal(0, 0.02, (3, 4)))  # (G, V)
    nearby = (nearby / nearby.sum(axis=1, keepdims=True))[tie]
    higher = (gammas * np.log(nearby.T[symbols])).sum() > best
    assert not higher, f"a tied matrix nearby has a higher Q: {hint}"
# The whole algorithm: the likelihood never falls, and the dice stay dice.
start = die * [[1, 2, 1, 2, 1, 2], [2, 1, 2, 1, 2, 3]]  # (2, 6) wrong on purpose
start = start / start.sum(axis=1, keepdims=True)
parameters, curve = [np.full(6, 1 / 6), slow, start[dice]], []
for _ in range(40):
    *parameters, log_likelihood = one_iteration(*parameters, throws, dice)
    curve.append(log_likelihood)
falls = np.diff(curve).min() < -1e-8
assert not falls, "the likelihood falls in an iteration: the rows do not maximise Q"
assert np.allclose(parameters[2], parameters[2][[0, 0, 0, 3, 3, 3]]), "the dice came apart"
message = "after 40 iterations the likelihood is below that of the casino itself"
assert curve[-1] >= casino.log_likelihood(throws), message

# Hidden: other posteriors and ties, against counts in a loop.
### BEGIN HIDDEN TESTS
for seed, tie in ((3, [2, 0, 1, 0, 2, 2, 1]), (4, [1, 1, 0, 1, 1, 1, 0])):
    rng = np.random.default_rng(seed)
    gammas, symbols = rng.dirichlet(np.ones(7), 31), rng.integers(0, 3, 31)
    counts = np.zeros((max(tie) + 1, 3))
    for t, j in itertools.product(range(31), range(7)):
        counts[tie[j], symbols[t]] += gammas[t, j]
    expected = np.array([counts[g] / counts[g].sum() for g in tie])
    found = tied_emissions(gammas, symbols, np.array(tie), 3)
    checks.check_close(found, expected, "other posteriors and ties")
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 4.6 How many states for a riddle? (experiment, hard, 15 minutes, 2 points)

In the chapter, a riddle of $K$ bits repeats them for ever, and $2^K$ states are just enough. Here is another one, *there and back*: draw $K$ bits with a fair coin; then say them forwards, backwards, forwards, backwards, and so on. For $K = 2$ the four possible sequences are

00 00 00 00 ..., 01 10 01 10 ..., 10 01 10 01 ..., and 11 11 11 11 ...

Whoever has seen the first $K$ bits knows all the rest. So the best possible model pays $K$ bits for a whole sequence, however long it is: it gives each of the $2^K$ sequences the probability $2^{-K}$.

`missing_bits` fits hidden Markov models to all sequences of a riddle with Baum-Welch, and tells by how many bits a sequence the best of 20 runs misses this.
"""


# %% nbgrader={"grade": false, "grade_id": "riddle", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def riddles(num_bits, length):
    """Return all 2^K sequences of a riddle, each of shape (length,)."""
    choices = itertools.product((0, 1), repeat=num_bits)
    return [np.resize(bits + bits[::-1], length) for bits in choices]


def missing_bits(num_bits, num_states, seed=0):
    """Return by how many bits a sequence the best of 20 runs misses the best possible model."""
    sequences = riddles(num_bits, 8 * num_bits)
    model = CategoricalHMM(num_states, 2).fit(sequences, seed=seed, restarts=20)
    bits = -model.log_likelihoods[-1] / len(sequences) / np.log(2)
    return abs(round(float(bits - num_bits), 3))


# %% [markdown]
r"""
1. *Predict first.* What is the smallest number of states with which a hidden Markov model can be as good as possible, for $K = 1$, $2$ and $3$? Put your answers into `SMALLEST`. For $K = 3$ a guess will do at first.
2. Try it: call `missing_bits(1, N)` and `missing_bits(2, N)` for $N = 1, 2, 3, \dots$ in a cell of your own, and correct `SMALLEST` if you have to. Why this number for $K = 2$?
3. Build a model that is as good as possible, with as few states as possible, for any $K$. `exact_model(num_bits)` returns `startprob` `(N,)`, `transmat` `(N, N)` and `emissionprob` `(N, 2)`. Now you know the answer for $K = 3$, too.
4. Call `missing_bits(3, N)` with the $N$ of your exact model. Bits are missing, with other seeds, too. Is a `"model"` of this size too small, or did the `"search"` get stuck? Put the answer into `CULPRIT`.

<details><summary>Hint 1</summary>
List the different futures that there can be, at any step, for K = 2. It is not enough to know the two bits: it also matters where in 0110 one is. Two states with the same future can be one.
</details>
<details><summary>Hint 2</summary>
Let a state stand for the word of the 2K bits that come next. It emits the first of them. After that, which word comes next? And in which words may a sequence start?
</details>
<details><summary>Hint 3</summary>
With tuples, <code>word = bits + bits[::-1]</code> is there and back, and <code>word[r:] + word[:r]</code> the same word, started r places later. A set drops what is there twice; <code>sorted(...)</code> makes a list of it; <code>words.index(word)</code> finds a number again.
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex6-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
SMALLEST = {1: None, 2: None, 3: None}  # the number of states for each K
CULPRIT = None  # "model" or "search"
### BEGIN SOLUTION
SMALLEST = {1: 2, 2: 6, 3: 20}
CULPRIT = "search"
### END SOLUTION


def exact_model(num_bits):
    """Return startprob (N,), transmat (N, N) and emissionprob (N, 2) of the best model."""
    ### BEGIN SOLUTION
    starts = [bits + bits[::-1] for bits in itertools.product((0, 1), repeat=num_bits)]
    words = sorted({word[r:] + word[:r] for word in starts for r in range(2 * num_bits)})
    startprob = np.array([(word in starts) / len(starts) for word in words])  # (N,)
    following = [words.index(word[1:] + word[:1]) for word in words]
    emissionprob = np.eye(2)[[word[0] for word in words]]  # (N, 2)
    return startprob, np.eye(len(words))[following], emissionprob
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex6-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def num_futures(num_bits):
    """Count the different ways in which a riddle may go on at some step."""
    size = 2 * num_bits  # after as many bits, a riddle begins anew
    sequences = riddles(num_bits, 2 * size)
    return len({tuple(sequence[t : t + size]) for sequence in sequences for t in range(size)})


def check_exact_model(num_bits):
    parts = exact_model(num_bits)
    assert parts is not None, "exact_model returns None: does it return its three arrays?"
    model = CategoricalHMM.from_parameters(*parts)
    sequences = riddles(num_bits, 8 * num_bits)
    for sequence in sequences:
        text = "".join(map(str, sequence))
        assert np.isfinite(model.log_likelihood(sequence)), (
            f"K = {num_bits}: your model cannot produce {text}: may it start there, and does a "
            "state know not only the bits but also where in the word it is?"
        )
        other = sequence.copy()
        other[-1] = 1 - other[-1]
        assert np.isneginf(model.log_likelihood(other)), (
            f"K = {num_bits}: {text[:-1]}{other[-1]} is no riddle, but your model thinks it "
            "possible: after each state, exactly one state may follow"
        )
    for sequence in sequences:
        bits = -model.log_likelihood(sequence) / np.log(2)
        hint = "The 2^K riddles are all as probable; no sequence starts in the middle of a word"
        name = f"K = {num_bits}: the bits that {''.join(map(str, sequence))} costs"
        checks.check_close(bits, num_bits, name, hint=hint)
    assert model.num_states <= num_futures(num_bits), (
        f"K = {num_bits}: {model.num_states} states are more than needed: from several of them "
        "the same bits follow, and such states can be one"
    )


sizes = [SMALLEST.get(num_bits) for num_bits in (1, 2, 3)]
assert None not in sizes, "fill in SMALLEST for K = 1, 2 and 3"
assert sizes != [2, 4, 8], (
    "2^K states know the bits, but not where in the word they are: after 01 comes 10, and after "
    "that 01 again, so 0 1 1 0 needs a state at each place. Try missing_bits(2, 4)"
)
assert sizes != [4, 16, 48], (
    "with one state for each riddle and each place in it, some states have the same future: "
    "0110 at its third place goes on as 1001 at its first"
)
for num_bits, size in enumerate(sizes, start=1):
    fewer = f"K = {num_bits}: {size} states are too few: there are more different futures"
    assert size >= num_futures(num_bits), fewer
    message = f"K = {num_bits}: {size} states are more than needed: count the different futures"
    assert size == num_futures(num_bits), message
for num_bits in (1, 2, 3):
    check_exact_model(num_bits)
fewer = min(missing_bits(1, 1), missing_bits(2, 5))
assert fewer > 1, "with one state fewer, more than a bit should be missing"
assert CULPRIT is not None, 'set CULPRIT to "model" or "search"'
assert str(CULPRIT).strip().lower() == "search", (
    "your exact model of this size pays exactly K bits, so the model is large enough: "
    "Baum-Welch ended in local maxima, from every one of its starts"
)

# Hidden: longer riddles, and what the statement says of Baum-Welch.
### BEGIN HIDDEN TESTS
check_exact_model(4)
check_exact_model(5)
assert missing_bits(1, 2) < 0.01 and missing_bits(2, 6) < 0.01
assert min(missing_bits(3, 20, seed=seed) for seed in (0, 1)) > 0.1
### END HIDDEN TESTS

# %% [markdown]
r"""
**To think about** (not graded). An experiment in which no run succeeds proves nothing, as part 4 shows. So why can no smaller model be as good? And six states could tell $\log_2 6 \approx 2.58$ bits apart: what is in them besides the two bits?

<details><summary>One answer</summary>

A model that is as good as possible is certain of the future after the first $K$ bits. So every state in which it may be by then leads to one future only. Every future that occurs needs a state of its own, and for $K = 2$ these are six: 0000, 0110, 1100, 1001, 0011 and 1111, each repeated for ever. The states know the two bits and, where it makes a difference, the place in the word. A memory of the time is a memory, too, and it costs states.

</details>
"""
