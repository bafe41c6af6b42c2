# %% [markdown]
r"""
# Exercises to chapter 08: backpropagation through time

These go with [chapter 08](../../chapters/08_backpropagation_through_time.ipynb). Six exercises, 14 points, about 105 minutes.

Write your answer where the cell says so and run the check below it. A check that passes prints nothing; one that fails says what is probably wrong. When an instructor grades the notebook, some more checks of the same kind run on other data.

Formulas count the steps as $t = 1, \dots, T$. In an array of inputs, targets or logits, row 0 belongs to step 1. An array of states has one row more: row 0 is $h_0$, row $t$ is $h_t$.
"""

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
import tracemalloc

import numpy as np

from rnncourse import checks
from rnncourse.numpy_rnn import Parameters, backward, cross_entropy, forward, initialise
from rnncourse.numpy_rnn_gradients import truncated_backward


def random_case(steps, units, seed, symbols=5):
    """Draw parameters, inputs (T,) and targets (T,)."""
    ids = np.random.default_rng(seed).integers(symbols, size=steps + 1)  # (T + 1,)
    return initialise(symbols, units, symbols, seed, scale=units**-0.5), ids[:-1], ids[1:]


# %% [markdown]
r"""
## Exercise 8.1 The immediate derivative by hand (derive, easy, 15 minutes, 2 points)

One unit, one weight: $h_t = \tanh(w\, h_{t-1} + x_t)$ with $h_0 = 0.5$, which does not depend on $w$. Let $w = -0.8$ and the inputs be 0.6, 1.0, -0.4. Then, to four digits,

| step $t$ | 0 | 1 | 2 | 3 |
| --- | --- | --- | --- | --- |
| $h_t$ | 0.5 | 0.1974 | 0.6869 | -0.7396 |
| $1 - h_t^2$ | | 0.9610 | 0.5281 | 0.4530 |

Take $h_3$ itself as the loss. With pencil and a calculator (or Python as one), find

- `IMMEDIATE`: the immediate derivatives $\partial^+ h_k / \partial w$ for $k = 1, 2, 3$: $h_{k-1}$ is held fixed;
- `LATER`: the factors $\partial h_3 / \partial h_k$ for $k = 1, 2, 3$;
- `GRADIENT`: the derivative of $h_3$ with respect to $w$.

Three digits are enough.

<details><summary>Hint 1</summary>
The derivative of tanh(a) with respect to a is 1 - tanh(a)^2. Inside, the factor of w is the state before.
</details>
<details><summary>Hint 2</summary>
One step back is worth w (1 - h_t^2), with the slope of the later of the two states. From h_3 to h_3 there is no step.
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex1-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
IMMEDIATE = None  # three numbers, for k = 1, 2, 3
LATER = None  # three numbers, for k = 1, 2, 3
GRADIENT = None  # one number
### BEGIN SOLUTION
IMMEDIATE = [0.5 * 0.9610, 0.1974 * 0.5281, 0.6869 * 0.4530]
LATER = [(-0.8 * 0.5281) * (-0.8 * 0.4530), -0.8 * 0.4530, 1]
GRADIENT = sum(i * j for i, j in zip(IMMEDIATE, LATER, strict=True))
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex1-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def three_states(w, h0=0.5, xs=(0.6, 1.0, -0.4)):
    """Return h_0 .. h_3."""
    hs = [h0]
    for x in xs:
        hs.append(np.tanh(w * hs[-1] + x))
    return np.array(hs)


def slope_of(function, at):
    return (function(at + 1e-6) - function(at - 1e-6)) / 2e-6


def close(found, expected):
    return np.allclose(np.array(found, dtype=float), expected, atol=0.003)


h = three_states(-0.8)
checks.check_shape(IMMEDIATE, (3,), "IMMEDIATE")
checks.check_shape(LATER, (3,), "LATER")
checks.check_shape(GRADIENT, (), "GRADIENT")
# Measured: move w at one step only, from the true state before it.
immediate = [slope_of(lambda w, k=k: np.tanh(w * h[k - 1] + [0.6, 1.0, -0.4][k - 1]), -0.8) for k in (1, 2, 3)]
total = [slope_of(lambda w, k=k: three_states(w)[k], -0.8) for k in (1, 2, 3)]
assert not close(IMMEDIATE, total), (
    "IMMEDIATE holds total derivatives, which move all earlier states too: hold h_{k-1} fixed"
)
assert not close(IMMEDIATE, h[1:] * (1 - h[1:] ** 2)), "IMMEDIATE: the factor of w is h_{k-1}, not h_k"
assert not close(IMMEDIATE, h[:-1]), "IMMEDIATE: the slope of tanh is missing"
checks.check_close(IMMEDIATE, immediate, "IMMEDIATE", tolerance=0.005)
# Measured: start at h_k, moved a little, and run the steps that are left.
later = [slope_of(lambda x, k=k: three_states(-0.8, x, [0.6, 1.0, -0.4][k:])[-1], h[k]) for k in (1, 2, 3)]
slopes = 1 - h**2
without_w = [slopes[2] * slopes[3], slopes[3], 1]
assert not close(LATER, without_w), "LATER: one step back also multiplies by w"
shifted = [0.64 * slopes[1] * slopes[2], -0.8 * slopes[2], 1]
assert not close(LATER, shifted), "LATER: the slope belongs to the later state of each pair"
checks.check_close(LATER, later, "LATER", tolerance=0.005, hint="For k = 3 it is 1")
over = float(np.dot(total, later))
assert abs(GRADIENT - over) > 0.003, "GRADIENT: early uses of w are counted more than once"
assert abs(GRADIENT - immediate[-1]) > 0.003, "GRADIENT: this is the use at step 3 alone; add the others"
hint = "It is the sum over k of IMMEDIATE times LATER"
checks.check_close(GRADIENT, total[-1], "GRADIENT", tolerance=0.01, hint=hint)

# Hidden: the three answers fit together.
### BEGIN HIDDEN TESTS
checks.check_close(np.dot(IMMEDIATE, LATER), GRADIENT, "IMMEDIATE times LATER", tolerance=0.01)
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 8.2 One sweep for a tiny network (implement, medium, 25 minutes, 3 points)

A network for numbers in place of symbols: no biases, a linear output, and the squared error. With rows,

$$h_t = \tanh(x_t W_{xh} + h_{t-1} W_{hh}), \quad h_0 = 0, \qquad L = \frac12 \sum_{t=1}^T \lVert h_t W_{hy} - y_t \rVert^2 .$$

Derive the sweep on paper, then write it. With $e_t = h_t W_{hy} - y_t$, only the first factor differs from the chapter: $\partial L_t / \partial o_t = e_t$.

- `W_xh` `(D, H)`, `W_hh` `(H, H)`, `W_hy` `(H, M)`, `xs` `(T, D)`, `ys` `(T, M)`.
- Result: the loss (a number) and the gradients of `W_xh`, `W_hh`, `W_hy`, in this order. Use NumPy alone.

<details><summary>Hint 1</summary>
Keep all states in an array of T + 1 rows, the first of zeros.
</details>
<details><summary>Hint 2</summary>
Going back, the gradient of h_t is e_t W_hy^T plus what comes from step t + 1. Times the slope, it is the gradient d_t of the sum inside tanh; d_t W_hh^T goes on to step t - 1.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "ex2-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def one_sweep(W_xh, W_hh, W_hy, xs, ys):
    """Return the loss and the gradients of W_xh (D, H), W_hh (H, H) and W_hy (H, M)."""
    ### BEGIN SOLUTION
    states = np.zeros((len(xs) + 1, len(W_hh)))  # (T + 1, H)
    for t in range(len(xs)):
        states[t + 1] = np.tanh(xs[t] @ W_xh + states[t] @ W_hh)
    errors = states[1:] @ W_hy - ys  # (T, M)
    d_sums, d_carried = np.zeros((len(xs), len(W_hh))), np.zeros(len(W_hh))  # (T, H), (H,)
    for t in reversed(range(len(xs))):
        d_sums[t] = (errors[t] @ W_hy.T + d_carried) * (1 - states[t + 1] ** 2)
        d_carried = d_sums[t] @ W_hh.T
    loss = (errors**2).sum() / 2
    return loss, xs.T @ d_sums, states[:-1].T @ d_sums, states[1:].T @ errors
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex2-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def tiny_case(D, H, M, T, seed, symmetric=False):
    rng = np.random.default_rng(seed)
    W_xh, W_hh, W_hy = rng.normal(size=(D, H)), rng.normal(size=(H, H)), rng.normal(size=(H, M))
    W_hh = (W_hh + W_hh.T) / 2 if symmetric else W_hh
    return [0.6 * W_xh, 0.6 * W_hh, 0.6 * W_hy, rng.normal(size=(T, D)), rng.normal(size=(T, M))]


def true_loss(W_xh, W_hh, W_hy, xs, ys):
    h, loss = np.zeros(len(W_hh)), 0.0
    for x, y in zip(xs, ys, strict=True):
        h = np.tanh(x @ W_xh + h @ W_hh)
        loss += ((h @ W_hy - y) ** 2).sum() / 2
    return loss


def passes(case, place):
    """Tell whether the gradient of the matrix at this place is right."""
    try:
        check_sweep(case, [place])
    except AssertionError:
        return False
    return True


def check_sweep(case, places=(0, 1, 2)):
    """Compare gradients with central differences."""
    found = one_sweep(*[array.copy() for array in case])
    for place in places:
        name = f"the gradient of {('W_xh', 'W_hh', 'W_hy')[place]}"
        checks.check_shape(found[1 + place], case[place].shape, name)
        moved = lambda array, place=place: true_loss(*case[:place], array, *case[place + 1 :])
        checks.check_gradient(moved, found[1 + place], case[place], name, tolerance=1e-6)


case = tiny_case(D=3, H=5, M=2, T=7, seed=0)
answer = one_sweep(*[array.copy() for array in case])
assert isinstance(answer, tuple) and len(answer) == 4, "return the loss and three gradients"
hint = "It is half of the sum of squares over all steps, not a mean"
checks.check_close(answer[0], true_loss(*case), "the loss", hint=hint)
check_sweep(case, [2])
# One step: h_0 = 0, so W_hh cannot matter, and nothing is carried.
single = tiny_case(D=3, H=5, M=2, T=1, seed=1)
unused = np.allclose(one_sweep(*single)[2], 0)
assert unused, "with one step the gradient of W_hh is 0, for h_0 = 0: use h_{t-1} there, not h_t"
assert passes(single, 0), "the gradient of W_xh is wrong for a single step: check (1 - h_t^2) and h_t = states[t]"
# A symmetric matrix cannot tell W_hh from its transpose.
if not passes(case, 0) and passes(tiny_case(D=3, H=5, M=2, T=7, seed=2, symmetric=True), 0):
    raise AssertionError("right only when W_hh is symmetric: backwards, multiply by W_hh.T")
# Only the last error counts: then everything early must come through the carried gradient.
late = tiny_case(D=3, H=5, M=2, T=4, seed=3)
hs, late[4] = np.zeros(5), late[4].copy()
for t in range(3):
    hs = np.tanh(late[3][t] @ late[0] + hs @ late[1])
    late[4][t] = hs @ late[2]  # the first three targets are met exactly
rank = np.linalg.matrix_rank(one_sweep(*late)[1], tol=1e-9)  # 1 if one step alone has taught
assert rank > 1, "an error at the end teaches only the last step: carry d_t W_hh^T on to step t - 1"
check_sweep(case)

# Hidden: other sizes and lengths.
### BEGIN HIDDEN TESTS
check_sweep(tiny_case(D=2, H=3, M=5, T=11, seed=5))
check_sweep(tiny_case(D=1, H=2, M=1, T=2, seed=6))
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 8.3 A sweep that is almost right (find the bug, medium, 15 minutes, 2 points)

A colleague wrote the sweep of the chapter for one sequence. It runs, the loss falls, and with small states the gradients look good. But they fail the numerical check.
"""

# %% nbgrader={"grade": false, "grade_id": "colleague", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def sweep_of_a_colleague(parameters, result, d_logits):
    inputs, states, _ = result
    d_W_xh, d_W_hh = np.zeros_like(parameters.W_xh), np.zeros_like(parameters.W_hh)  # line 1
    d_carried = np.zeros(len(parameters.b_h))  # line 2
    for t in reversed(range(len(d_logits))):  # line 3
        d_h = d_logits[t] @ parameters.W_hy.T + d_carried  # line 4
        d_sum = d_h * (1 - states[t + 1] ** 2)  # line 5
        d_W_xh[inputs[t]] += d_sum  # line 6
        d_W_hh += np.outer(states[t], d_sum)  # line 7
        d_carried = d_h @ parameters.W_hh.T  # line 8
    return d_W_xh, d_W_hh


def sum_of_losses(parameters, inputs, targets):
    return cross_entropy(forward(parameters, inputs).logits, targets)[0].sum()


def gap_of(sweep, seed, scale=None):
    """Return how far a sweep's gradient of W_hh is from backward's, relative to its length."""
    parameters, inputs, targets = random_case(7, 5, seed)
    if scale is not None:
        parameters = Parameters(*(scale * p for p in parameters))
    result = forward(parameters, inputs)
    d_logits = cross_entropy(result.logits, targets)[1]
    exact = backward(parameters, result, d_logits)[0].W_hh
    return np.linalg.norm(sweep(parameters, result, d_logits)[1] - exact) / np.linalg.norm(exact)


print("usual states:", gap_of(sweep_of_a_colleague, 0).round(2))
print("small states:", gap_of(sweep_of_a_colleague, 0, scale=0.1).round(4))

# %% [markdown]
r"""
Find the line, and write the function as it should be.

- `LINE`: the number of the faulty line, 1 to 8.
- `repaired_sweep(parameters, result, d_logits)`: the gradients of $W_{xh}$ `(D, H)` and $W_{hh}$ `(H, H)`, for ids `(T,)`, as above. You may copy what is right. Do not use `backward`.

<details><summary>Hint</summary>
Why would small states hide the fault? What is 1 - h^2 for a small h? Which quantity must be multiplied by it before it goes anywhere?
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex3-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
LINE = None  # a number from 1 to 8
### BEGIN SOLUTION
LINE = 8
### END SOLUTION


def repaired_sweep(parameters, result, d_logits):
    """Return the gradients of W_xh (D, H) and W_hh (H, H)."""
    ### BEGIN SOLUTION
    inputs, states, _ = result
    d_W_xh, d_W_hh = np.zeros_like(parameters.W_xh), np.zeros_like(parameters.W_hh)
    d_carried = np.zeros(len(parameters.b_h))  # (H,)
    for t in reversed(range(len(d_logits))):
        d_h = d_logits[t] @ parameters.W_hy.T + d_carried  # (H,)
        d_sum = d_h * (1 - states[t + 1] ** 2)  # (H,)
        d_W_xh[inputs[t]] += d_sum
        d_W_hh += np.outer(states[t], d_sum)
        d_carried = d_sum @ parameters.W_hh.T
    return d_W_xh, d_W_hh
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex3-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def check_repaired(steps, units, seed):
    """Compare the repaired sweep with central differences; name what is wrong."""
    parameters, inputs, targets = random_case(steps, units, seed)
    result = forward(parameters, inputs)
    d_logits = cross_entropy(result.logits, targets)[1]
    kept = [array.copy() for array in (*parameters, result.states, d_logits)]
    d_W_xh, d_W_hh = repaired_sweep(parameters, result, d_logits)
    same = [np.array_equal(a, b) for a, b in zip(kept, (*parameters, result.states, d_logits), strict=True)]
    assert all(same), "you overwrite an argument: write into new arrays"
    checks.check_shape(d_W_hh, (units, units), "the gradient of W_hh")
    as_before = np.allclose(d_W_hh, sweep_of_a_colleague(parameters, result, d_logits)[1])
    assert not as_before, "these are still the colleague's gradients: nothing has changed"
    window_of_one = truncated_backward(parameters, result, d_logits, window=1)[0].W_hh
    forgets = np.allclose(d_W_hh, window_of_one)
    assert not forgets, "now nothing is carried at all: an error must also reach the steps before"
    moved = lambda W: sum_of_losses(parameters._replace(W_hh=W), inputs, targets)
    checks.check_gradient(moved, d_W_hh, parameters.W_hh, "the gradient of W_hh")
    moved = lambda W: sum_of_losses(parameters._replace(W_xh=W), inputs, targets)
    checks.check_gradient(moved, d_W_xh, parameters.W_xh, "the gradient of W_xh")


reasons = {
    1: "zeros of the right shape are what a sum starts with",
    2: "at the end nothing comes from later steps",
    3: "the sweep does go from the last step to the first",
    4: "the own loss plus what comes from later steps: that is the gradient of h_t",
    5: "states[t + 1] is the state that logits[t] were made from, and this is its slope",
    6: "the input is a one-hot row, so only one row of W_xh gets this gradient",
    7: "states[t] is the state before: the right partner of the sum inside tanh",
}
assert LINE in range(1, 9), "LINE must be a number from 1 to 8"
assert LINE == 8, f"line {LINE} is right: {reasons[LINE]}"
check_repaired(7, 5, seed=0)
check_repaired(4, 3, seed=1)

# Hidden: another case.
### BEGIN HIDDEN TESTS
check_repaired(11, 3, seed=2)
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 8.4 How far does a window reach? (predict, then run, easy, 10 minutes, 2 points)

Four predictions. Write them down first. Then check what you can with a few lines of your own; `truncated_backward(parameters, result, d_logits, window)` is the double loop of the chapter, where `window` counts the states that a loss reaches, its own included.

1. `INNER_STEPS`: how many inner steps does the double loop make for $T = 50$ and a window of 8?
2. `SAME_CHUNK`: a long stream is cut into chunks of 12 steps. A symbol must be named 10 steps after it was read. In what share of all places of the question does a gradient lead from the question back to its symbol? (A number between 0 and 1; a fraction such as `3 / 7`, or two digits.)
3. `EXACT`: which gradient is exact for *every* window? One of `"W_xh"`, `"W_hh"`, `"W_hy"`, `"b_h"`.
4. `SMALLEST_WINDOW`: for $T = 20$ and $W_{hh} = 0$, what is the smallest window with which *all* gradients are exact?

<details><summary>Hint to 1</summary>
How many states are there behind the first loss, the second, the third?
</details>
<details><summary>Hint to 2</summary>
Let the question stand at place 1, 2, ..., 12 of its chunk. Where is the symbol?
</details>
<details><summary>Hint to 4</summary>
By what is a gradient multiplied on its way from h_t to h_{t-1}?
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex4-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
INNER_STEPS = None
SAME_CHUNK = None
EXACT = None
SMALLEST_WINDOW = None
### BEGIN SOLUTION
INNER_STEPS = 50 * 8 - (7 + 6 + 5 + 4 + 3 + 2 + 1)
SAME_CHUNK = 2 / 12
EXACT = "W_hy"
SMALLEST_WINDOW = 1
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex4-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def exact_with(window, name, recurrent=1.0, steps=20, seed=0):
    """Tell whether a truncated gradient is that of the full sweep."""
    parameters, inputs, targets = random_case(steps, 5, seed)
    parameters = parameters._replace(W_hh=recurrent * parameters.W_hh)
    result = forward(parameters, inputs)
    d_logits = cross_entropy(result.logits, targets)[1]
    cut = getattr(truncated_backward(parameters, result, d_logits, window)[0], name)
    return np.allclose(cut, getattr(backward(parameters, result, d_logits)[0], name), atol=1e-12)


steps = sum(1 for t in range(50) for k in range(50) if t - 8 < k <= t)
assert INNER_STEPS != 50 * 8, "INNER_STEPS: the first losses have fewer than 8 states behind them"
assert INNER_STEPS != 50 * 51 // 2, "INNER_STEPS: that is without truncation"
assert INNER_STEPS == steps, f"INNER_STEPS: count the states that each loss reaches, not {INNER_STEPS}"
together = np.mean([place - 10 >= 1 for place in range(1, 13)])
checks.check_shape(SAME_CHUNK, (), "SAME_CHUNK")
assert not np.isclose(SAME_CHUNK, 1), (
    "SAME_CHUNK: a chunk longer than the gap is not enough; both must fall into the same chunk"
)
assert not np.isclose(SAME_CHUNK, 0), "SAME_CHUNK: is there no place where both fall into one chunk?"
not_three = "SAME_CHUNK: with the question at place 10 its symbol is at place 0, in the chunk before"
assert not np.isclose(SAME_CHUNK, 3 / 12), not_three
checks.check_close(SAME_CHUNK, together, "SAME_CHUNK", tolerance=0.03)
names = ("W_xh", "W_hh", "W_hy", "b_h")
assert EXACT in names, f"EXACT is one of {', '.join(names)}"
why = f"EXACT: with a window of 1 the gradient of {EXACT} is not exact: it works through the states"
assert exact_with(1, EXACT), why
enough = [w for w in range(1, 21) if all(exact_with(w, name, recurrent=0.0) for name in names)]
not_more = "SMALLEST_WINDOW: with W_hh = 0 no gradient ever leaves its own state"
checks.check_shape(SMALLEST_WINDOW, (), "SMALLEST_WINDOW")
assert not SMALLEST_WINDOW > enough[0], not_more
assert SMALLEST_WINDOW == enough[0], "SMALLEST_WINDOW: the own state counts, so a window is at least 1"

# Hidden: W_hy is exact for wider windows, too.
### BEGIN HIDDEN TESTS
assert all(exact_with(window, EXACT, seed=3) for window in (1, 3, 7))
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 8.5 Checkpoints (implement, hard, 25 minutes, 3 points)

Compute the gradients of a long sequence without keeping all its states. Use `forward`, `cross_entropy` and `backward` of the package on one segment at a time:

- go forward through all segments, and keep *only* the state before each;
- go back through the segments, the last one first: run the segment forward again from its kept state, then backward, with `d_last` from the segment after it.

Remember: `forward(parameters, inputs, h0).states[-1]` is the state to carry on with (copy it, or the whole array stays in memory); `backward(parameters, result, d_logits, d_last)` returns the gradients and the gradient of the segment's first state.

- `parameters`: `Parameters`; `inputs`, `targets`: ids `(T,)`; `segment`: steps in a segment. $T$ need not be a multiple of it.
- Result: `Parameters` with the gradients of the *sum* of the losses, $h_0 = 0$.

<details><summary>Hint 1</summary>
<code>starts = range(0, len(inputs), segment)</code>, and a slice from each start to start + segment. A slice may end beyond the sequence.
</details>
<details><summary>Hint 2</summary>
<code>Parameters(*map(np.add, total, gradients))</code> adds two sets of gradients.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "ex5-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def with_checkpoints(parameters, inputs, targets, segment):
    """Return the gradients (Parameters) of the sum of the losses."""
    ### BEGIN SOLUTION
    pieces = [slice(start, start + segment) for start in range(0, len(inputs), segment)]
    kept = [np.zeros(len(parameters.b_h))]
    for piece in pieces[:-1]:
        kept.append(forward(parameters, inputs[piece], kept[-1]).states[-1].copy())
    total, d_last = Parameters(*map(np.zeros_like, parameters)), None
    for piece, h0 in zip(reversed(pieces), reversed(kept), strict=True):
        result = forward(parameters, inputs[piece], h0)
        d_logits = cross_entropy(result.logits, targets[piece])[1]
        gradients, d_last = backward(parameters, result, d_logits, d_last)
        total = Parameters(*map(np.add, total, gradients))
    return total
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex5-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def in_chunks(parameters, inputs, targets, segment, carry_state, hand_back):
    """Return gradients with or without the state carried on, the gradient handed back."""
    h0, pieces = None, []
    for start in range(0, len(inputs), segment):
        result = forward(parameters, inputs[start : start + segment], h0)
        pieces.append((result, cross_entropy(result.logits, targets[start : start + segment])[1]))
        h0 = result.states[-1] if carry_state else None
    d_last, total = None, np.zeros_like(parameters.W_hh)
    for result, d_logits in reversed(pieces):
        gradients, d_first = backward(parameters, result, d_logits, d_last)
        d_last = d_first if hand_back else None
        total += gradients.W_hh
    return total


def check_checkpoints(steps, units, segment, seed):
    case = random_case(steps, units, seed)
    found = with_checkpoints(*case, segment)
    named = isinstance(found, Parameters)
    assert named, "return Parameters: the sum over the segments of what backward returns first"
    result = forward(*case[:2])
    exact = backward(case[0], result, cross_entropy(result.logits, case[2])[1])[0]
    for hand_back in (False, True):
        fresh = np.allclose(found.W_hh, in_chunks(*case, segment, False, hand_back))
        zeros = "each segment starts from zeros: start it from the kept state"
        assert segment >= steps or not fresh, zeros
    cut = np.allclose(found.W_hh, in_chunks(*case, segment, True, hand_back=False))
    assert segment >= steps or not cut, (
        "the gradient ends at every border: give backward the d_last that came out of the segment after"
    )
    mean = np.allclose(np.array(found.W_hh) * steps, exact.W_hh)
    assert steps == 1 or not mean, "you computed the mean over the steps; the sum is asked for"
    for name, mine, expected in zip(Parameters._fields, found, exact, strict=True):
        checks.check_close(mine, expected, f"the gradient of {name}", tolerance=1e-9)


def peak_kilobytes(function, *arguments):
    tracemalloc.start()
    function(*arguments)
    kilobytes = tracemalloc.get_traced_memory()[1] / 1000
    tracemalloc.stop()
    return kilobytes


check_checkpoints(12, 5, segment=4, seed=0)
check_checkpoints(13, 3, segment=5, seed=1)
check_checkpoints(6, 3, segment=10, seed=2)
check_checkpoints(5, 3, segment=1, seed=3)
long_case = random_case(1600, 23, seed=4)
all_states = long_case[0].W_hh.itemsize * 1601 * 23 / 1000  # kB
used = peak_kilobytes(with_checkpoints, *long_case, 40)
assert used < all_states, (
    f"1,600 steps took {used:.0f} kB, more than all states together ({all_states:.0f} kB): run "
    "forward and backward on one segment at a time, and keep copies of single states"
)

# Hidden: another length.
### BEGIN HIDDEN TESTS
check_checkpoints(29, 7, segment=6, seed=5)
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 8.6 Forwards in time for one weight (implement, medium, 15 minutes, 2 points)

One unit again, $h_t = \tanh(w\, h_{t-1} + x_t)$ with $h_0 = 0$, and the loss $L = \frac12 \sum_t (h_t - y_t)^2$. Compute the gradient *while the sequence runs*: beside $h_t$ carry its total derivative $s_t = d h_t / d w$. Derive how $s_t$ follows from $s_{t-1}$; there are two ways in which $w$ moves $h_t$.

- `w`: a number; `xs`, `ys`: arrays `(T,)`.
- Result: the gradient so far after every step, array `(T,)`: entry $t$ is the derivative of the losses of the first $t$ steps together. Nothing of the past but $h$, $s$ and the sum may be kept.

<details><summary>Hint</summary>
The derivative of w h_{t-1} with respect to w, when h_{t-1} depends on w too, is h_{t-1} + w s_{t-1}.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "ex6-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def gradients_so_far(w, xs, ys):
    """Return the derivative of the loss of the first t steps with respect to w, for every t."""
    ### BEGIN SOLUTION
    h, s, gradient, found = 0.0, 0.0, 0.0, []
    for x, y in zip(xs, ys, strict=True):
        before = h
        h = np.tanh(w * before + x)
        s = (before + w * s) * (1 - h**2)
        gradient += (h - y) * s
        found.append(gradient)
    return np.array(found)  # (T,)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex6-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def measured_so_far(w, xs, ys, immediate_only=False):
    """Return central differences of every prefix; the other way holds the state before fixed."""

    def losses(w, states=None):
        h, found = 0.0, []
        for t, (x, y) in enumerate(zip(xs, ys, strict=True)):
            h = np.tanh(w * (h if states is None or t == 0 else states[t - 1]) + x)
            found.append((h, (h - y) ** 2 / 2))
        return np.array(found)  # (T, 2)

    fixed = losses(w)[:, 0] if immediate_only else None
    return np.cumsum(losses(w + 1e-5, fixed)[:, 1] - losses(w - 1e-5, fixed)[:, 1]) / 2e-5


def check_so_far(w, length, seed):
    rng = np.random.default_rng(seed)
    xs, ys = rng.normal(size=length), rng.uniform(-1, 1, length)
    found = gradients_so_far(w, xs, ys)
    checks.check_shape(found, (length,), "gradients_so_far(...)")
    found, expected = np.array(found), measured_so_far(w, xs, ys)
    assert np.isclose(found[0], 0), "after one step the gradient is 0: h_0 = 0 does not depend on w"
    forgets = np.allclose(found, measured_so_far(w, xs, ys, immediate_only=True), atol=1e-7)
    assert not forgets, "only the immediate derivative: w moves h_t also through h_{t-1}, by w s_{t-1}"
    single = np.allclose(np.cumsum(found), expected, atol=1e-7)
    assert not single, "these are the gradients of single losses: add them up"
    hint = "s_t = (h_{t-1} + w s_{t-1}) (1 - h_t^2), and each loss adds (h_t - y_t) s_t"
    checks.check_close(found, expected, "the gradients", tolerance=1e-6, hint=hint)


for weight, seed in ((0.5, 0), (-0.8, 1), (1.5, 2)):
    check_so_far(weight, 11, seed)

# Hidden: another weight, and a longer sequence.
### BEGIN HIDDEN TESTS
check_so_far(0.9, 50, 3)
### END HIDDEN TESTS
