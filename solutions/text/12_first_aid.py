# %% [markdown]
r"""
# Exercises to chapter 12: first aid

These go with [chapter 12](../../chapters/12_first_aid.ipynb). Six exercises, 15 points, about 85 minutes.

Write your answer where the cell says so and run the check below it. A check that passes prints nothing; one that fails says what is probably wrong. When an instructor grades the notebook, some more checks of the same kind run on other data.

States are rows, and $h_t = f(x_t W_{xh} + h_{t-1} W_{hh} + b_h)$, with $D$ numbers in $x_t$ and $H$ in $h_t$. The threshold of a clip is $\theta$, above 0.
"""

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
import itertools

import numpy as np
import torch

from rnncourse import checks
from rnncourse.cells.elman import ElmanCell
from rnncourse.cells.initialisation import irnn_
from rnncourse.cells.skip import path_length
from rnncourse.cells.wrapped import clip_gradient_of
from rnncourse.models import SequenceClassifier
from rnncourse.tasks_recall import delayed_recall

torch.set_num_threads(1)

# %% [markdown]
r"""
## Exercise 12.1 One length for the whole gradient (implement, easy, 10 minutes, 2 points)

Clip by norm. Take all gradients together as one long vector $g$. If it is longer than $\theta$, shorten it to length $\theta$; else leave it alone. Use no clipping function of torch or of the package.

- `gradients`: a list of torch tensors of any shapes, as `p.grad` gives them. A parameter that was not used has `None`; it stays `None` and counts for nothing.
- `max_norm`: $\theta$.
- `clip_gradients` returns a list of *new* tensors of the same shapes, and the length *before* clipping as a float. The arguments stay as they were.
- A threshold that is not above 0 and a gradient that is NaN or infinite are a `ValueError`: a silent NaN would go into every weight.

<details><summary>Hint 1</summary>
The square of the whole length is the sum of the squares of all numbers of all tensors.
</details>
<details><summary>Hint 2</summary>
The factor is the smaller one of 1 and max_norm / length. What if the length is 0?
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "ex1-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def clip_gradients(gradients, max_norm):
    """Return the clipped gradients, a list, and the length before, a float."""
    ### BEGIN SOLUTION
    if not max_norm > 0:
        raise ValueError(f"max_norm must be above 0, but is {max_norm}")
    length = sum(g.pow(2).sum().item() for g in gradients if g is not None) ** 0.5
    if not np.isfinite(length):
        raise ValueError(f"gradients must be finite, but their length is {length}")
    factor = max_norm / length if length > max_norm else 1.0
    return [None if g is None else g * factor for g in gradients], length
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex1-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def by_torch(gradients, max_norm):
    """Return what torch makes of the same gradients."""
    parameters = [torch.nn.Parameter(torch.zeros_like(g)) for g in gradients]
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient.clone()
    length = torch.nn.utils.clip_grad_norm_(parameters, max_norm)
    return [p.grad for p in parameters], length.item()


def random_gradients(seed, scale=1.0):
    generator = torch.Generator().manual_seed(seed)
    return [scale * torch.randn(shape, generator=generator) for shape in ((3, 5), (5, 5), (5,))]


def call(gradients, max_norm):
    """Run the answer; see that the arguments stay as they were."""
    kept = [None if g is None else g.clone() for g in gradients]
    answer = clip_gradients(gradients, max_norm)
    pair = isinstance(answer, tuple) and len(answer) == 2
    assert pair, "return two things: the list of clipped gradients, and the length before"
    same = all(g is None or torch.equal(g, k) for g, k in zip(gradients, kept, strict=True))
    assert same, "you overwrite the gradients that you were given: return new tensors"
    return answer


def check_clip(gradients, max_norm):
    found, length = call(gradients, max_norm)
    expected, before = by_torch(gradients, max_norm)
    scaled_up = before < max_norm and not np.isclose(before, 0) and torch.allclose(found[0], gradients[0] * max_norm / before)
    assert not scaled_up, "a gradient shorter than the threshold was made longer: leave it as it is"
    assert before <= max_norm or not np.isclose(length, max_norm), "return the length before clipping: after it, one sees nothing but the threshold"
    lengths = [g.norm().item() for g in gradients]
    single = all(torch.allclose(f, g * min(1, max_norm / n)) for f, g, n in zip(found, gradients, lengths, strict=True))
    assert not single or before <= max_norm, "each tensor was clipped by itself: that turns the gradient; take one length for all"
    moved = [g.clamp(-max_norm, max_norm) for g in gradients]
    by_value = all(torch.allclose(f, m) for f, m in zip(found, moved, strict=True))
    assert not by_value or before <= max_norm, "this clips each number by itself, which turns the gradient; shorten the whole vector"
    checks.check_close(length, before, "the length before", tolerance=1e-5)
    for k, (mine, theirs) in enumerate(zip(found, expected, strict=True)):
        checks.check_close(mine, theirs, f"gradient {k} against torch", tolerance=1e-4)


# By hand: (3, 4) has the length 5.
found, length = call([torch.tensor([3.0]), torch.tensor([[4.0]])], 1.0)
sum_of_lengths = np.isclose(length, 7)
assert not sum_of_lengths, "the length of the whole is not the sum of the lengths: add up squares"
for seed, max_norm in ((0, 1.0), (1, 0.01), (2, 1000.0)):
    check_clip(random_gradients(seed), max_norm)
checks.check_close([found[0].item(), found[1].item()], [0.6, 0.8], "(3, 4) clipped to 1", tolerance=1e-6)
# What may happen in real life.
try:
    with_none = call([torch.tensor([3.0]), None, torch.tensor([4.0])], 1.0)[0]
except (TypeError, AttributeError):
    raise AssertionError("a gradient may be None: skip it, and keep its place in the list") from None
assert len(with_none) == 3 and with_none[1] is None, "a gradient that is None keeps its place"
zero = call([torch.zeros(3)], 1.0)[0][0]
assert torch.equal(zero, torch.zeros(3)), "a gradient of length 0 became NaN: do not divide by it"
for bad, threshold, words in (
    ([torch.ones(2)], 0.0, "a threshold of 0"),
    ([torch.ones(2)], -1.0, "a negative threshold"),
    ([torch.tensor([1.0, np.nan])], 1.0, "a NaN among the gradients"),
    ([torch.tensor([1.0, np.inf])], 1.0, "an infinite gradient"),
):
    try:
        clip_gradients(bad, threshold)
    except ValueError:
        continue
    raise AssertionError(f"{words} must raise a ValueError")

# Hidden: other sizes and thresholds.
### BEGIN HIDDEN TESTS
for seed, max_norm in ((3, 0.5), (4, 7.0)):
    check_clip(random_gradients(seed, scale=0.3), max_norm)
    check_clip(random_gradients(seed, scale=30.0), max_norm)
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 12.2 Which way after clipping? (predict, medium, 10 minutes, 2 points)

The threshold is $\theta = 1$ throughout. The cosine between two vectors is $a \cdot b / (\lVert a \rVert \lVert b \rVert)$: 1 for the same direction, 0 for a right angle, negative if they point apart. Predict with paper and pencil; two digits are enough.

1. The gradient is $g = (100, 1)$. `COS_NORM`: the cosine between $g$ and $g$ clipped by *norm*. `COS_VALUE`: between $g$ and $g$ clipped by *value* (each number is moved into $-1 \dots 1$).
2. A linear network of one unit: $h_t = w h_{t-1} + u x_t$ with $h_0 = 0$, $w = 2$, $u = 1$, the inputs $1, -1, -1$ and the loss $L = h_3$. So $h_1 = 1$, $h_2 = 1$, $h_3 = 1$. With $d_t = \partial L / \partial h_t$ the gradient is $\left(\frac{\partial L}{\partial w}, \frac{\partial L}{\partial u}\right) = \left(\sum_t d_t h_{t-1}, \sum_t d_t x_t\right)$. `FULL`: this gradient, two numbers.
3. Now each $d_t$ is clipped on the way back, *before* it goes on to step $t - 1$. `PER_STATE`: the two sums with the clipped $d_t$. `COS_STATE`: the cosine between `FULL` and `PER_STATE`.
4. `UPHILL`: against *which* clipped gradients may a step lead uphill, that is, raise the loss however small the step is? `True` or `False` for `"norm"`, `"value"` and `"state"`, for any network and any data.

<details><summary>Hint to 3</summary>
Without clipping, d_3 = 1, d_2 = 2, d_1 = 4. With it, no d_t is above 1.
</details>
<details><summary>Hint to 4</summary>
A small step against c lowers the loss if g . c is positive. What is the sign of g_i c_i for each single number, if c is g clipped by value? And is there such a rule for sums?
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex2-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
COS_NORM = None
COS_VALUE = None
FULL = None  # two numbers: for w and for u
PER_STATE = None  # two numbers: for w and for u
COS_STATE = None
UPHILL = {"norm": None, "value": None, "state": None}  # True or False
### BEGIN SOLUTION
COS_NORM = 1
COS_VALUE = 101 / (10_001 * 2) ** 0.5
FULL = (2 * 1 + 1 * 1, 4 - 2 - 1)
PER_STATE = (1 * 1 + 1 * 1, 1 - 1 - 1)
COS_STATE = (3 * 2 - 1 * 1) / (10 * 5) ** 0.5
UPHILL = {"norm": False, "value": False, "state": True}
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex2-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def cosine(a, b):
    return float(np.dot(a, b) / (np.linalg.norm(a) * np.linalg.norm(b)))


def one_unit_gradient(inputs, max_norm=None):
    """Return dL/dw and dL/du at w = 2, u = 1 for L = h_3, by autograd."""
    w, u = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (2.0, 1.0))
    h = torch.zeros(1, 1, dtype=torch.float64)
    for x in inputs:
        h = w * h + u * x
        h = h if max_norm is None else clip_gradient_of(h, max_norm)
    return np.array([float(g) for g in torch.autograd.grad(h.sum(), (w, u))])


gradient, by_value = np.array([100.0, 1]), np.array([1.0, 1])
checks.check_shape(COS_NORM, (), "COS_NORM")
checks.check_shape(COS_VALUE, (), "COS_VALUE")
checks.check_close(COS_NORM, 1, "COS_NORM", tolerance=0.01, hint="One factor for all numbers changes no direction")
assert not np.isclose(COS_VALUE, 1, atol=0.01), "COS_VALUE: 100 becomes 1 and 1 stays 1: both now weigh the same"
checks.check_close(COS_VALUE, cosine(gradient, by_value), "COS_VALUE", tolerance=0.01)
checks.check_shape(FULL, (2,), "FULL")
full, per_state = one_unit_gradient((1, -1, -1)), one_unit_gradient((1, -1, -1), max_norm=1)
late = np.allclose(FULL, [4 + 2 + 1, full[1]])
assert not late, "FULL: the partner of d_t in the sum for w is the state before, h_{t-1}"
checks.check_close(FULL, full, "FULL", tolerance=0.01)
checks.check_shape(PER_STATE, (2,), "PER_STATE")
shortened = np.allclose(PER_STATE, full / np.linalg.norm(full), atol=0.02)
assert not shortened, "PER_STATE: here each d_t is clipped by itself, not the gradient of the weights"
unclipped = np.allclose(PER_STATE, full)
assert not unclipped, "PER_STATE: d_2 = 2 and d_1 = 4 are longer than 1"
checks.check_close(PER_STATE, per_state, "PER_STATE", tolerance=0.01, hint="d_1, d_2 and d_3 are all 1 after clipping")
checks.check_shape(COS_STATE, (), "COS_STATE")
checks.check_close(COS_STATE, cosine(full, per_state), "COS_STATE", tolerance=0.02)
answered = set(UPHILL) == {"norm", "value", "state"} and all(answer in (True, False) for answer in UPHILL.values())
assert answered, 'UPHILL: say True or False for "norm", "value" and "state"'
assert not UPHILL["norm"], "UPHILL: g and a shorter g point the same way, so their product is positive"
rng = np.random.default_rng(0)
draws = rng.normal(size=(1000, 7)) * rng.exponential(3, (1000, 7))
assert (np.sum(draws * draws.clip(-1, 1), axis=1) > 0).all()
assert not UPHILL["value"], "UPHILL: by value no number changes its sign, so every g_i c_i is positive, and so is the sum"
inputs = (1, -3.5, 2.75)
full, per_state = one_unit_gradient(inputs), one_unit_gradient(inputs, max_norm=1)
assert UPHILL["state"], (
    f"UPHILL: take the inputs {inputs}. The gradient is {full}, and with clipped states it is {per_state}: "
    f"their cosine is {cosine(full, per_state):.0f}"
)

# Hidden: the answers fit together.
### BEGIN HIDDEN TESTS
checks.check_close(COS_STATE, cosine(FULL, PER_STATE), "COS_STATE from FULL and PER_STATE", tolerance=0.02)
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 12.3 A start that remembers (implement, medium, 15 minutes, 3 points)

Two starts for $W_{hh}$, and four predictions.

1. `orthogonal_start(normal)`: from a matrix $(H, H)$ of normal random numbers make the orthogonal matrix $Q$ of $\text{normal} = Q R$, where $R$ is upper triangular with *positive* numbers on its diagonal. There is just one such $Q$. (`np.linalg.qr` chooses the signs on the diagonal as it likes. With its $Q$ as it is, not all orthogonal matrices would be equally likely.)
2. `irnn_start(D, H, input_sd, seed)`: return `W_xh` $(D, H)$ with normal numbers of mean 0 and standard deviation `input_sd`, `W_hh` $(H, H)$ the identity, and `b_h` $(H,)$ zeros. The same seed gives the same numbers.
3. `KEPT`: a state of positive numbers between 0.5 and 1.5, and then 100 steps with inputs of 0 and no bias. For each pair below, what is left of it: `"state"` (the state itself), `"length"` (its length, but not the state), or `"neither"`?

Use NumPy alone.

<details><summary>Hint to 1</summary>
Q R stays the same if column j of Q and row j of R are both multiplied by -1.
</details>
<details><summary>Hint to 3</summary>
A rotation of a positive state: can all its numbers stay positive? And which slope does tanh have where a number is 0.7?
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "ex3-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def orthogonal_start(normal):
    """Return the orthogonal Q (H, H) of normal (H, H) = Q R, R with a positive diagonal."""
    ### BEGIN SOLUTION
    Q, R = np.linalg.qr(normal)
    return Q * np.sign(np.diag(R))
    ### END SOLUTION


def irnn_start(D, H, input_sd, seed):
    """Return W_xh (D, H), W_hh (H, H) and b_h (H,)."""
    ### BEGIN SOLUTION
    W_xh = np.random.default_rng(seed).normal(0, input_sd, (D, H))
    return W_xh, np.eye(H), np.zeros(H)
    ### END SOLUTION


KEPT = {  # "state", "length" or "neither"
    "identity, ReLU": None,
    "orthogonal, linear": None,
    "orthogonal, ReLU": None,
    "orthogonal, tanh": None,
}
### BEGIN SOLUTION
KEPT = {
    "identity, ReLU": "state",
    "orthogonal, linear": "length",
    "orthogonal, ReLU": "neither",
    "orthogonal, tanh": "neither",
}
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex3-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def by_cholesky(normal):
    """Return Q another way: R^T R = normal^T normal with a positive diagonal, then Q = normal R^-1."""
    return normal @ np.linalg.inv(np.linalg.cholesky(normal.T @ normal).T)


def check_orthogonal(H, seed):
    normal = np.random.default_rng(seed).normal(size=(H, H))
    found = orthogonal_start(normal.copy())
    checks.check_shape(found, (H, H), "orthogonal_start(...)")
    found = np.array(found)
    lengths = np.allclose(found / np.linalg.norm(found, axis=0), normal / np.linalg.norm(normal, axis=0))
    assert not lengths or H == 1, "the columns have length 1, but they are not at right angles"
    wrong_part = H > 1 and np.allclose(np.tril(found, -1), 0)
    assert not wrong_part, "this is R, the triangular matrix: the orthogonal one is Q"
    checks.check_close(found @ found.T, np.eye(H), "Q Q^T", tolerance=1e-9)
    R = found.T @ normal
    signs = np.allclose(np.tril(R, -1), 0, atol=1e-9) and (np.diag(R) < 0).any()
    assert not signs, (
        "R has negative numbers on its diagonal: multiply column j of Q by the sign of R[j, j]. Otherwise "
        "the program chooses the signs, and not all orthogonal matrices are equally likely"
    )
    hint = "Signs belong to columns of Q, not to its rows"
    checks.check_close(found, by_cholesky(normal), "orthogonal_start(...)", tolerance=1e-6, hint=hint)


for H, seed in ((2, 0), (5, 1), (7, 2)):
    check_orthogonal(H, seed)
# All orthogonal matrices are equally likely: rotations and reflections, plus and minus at each place.
rng = np.random.default_rng(3)
drawn = np.array([orthogonal_start(rng.normal(size=(3, 3))) for _ in range(400)])  # (400, 3, 3)
half = abs((np.linalg.det(drawn) > 0).mean() - 0.5) < 0.1 and (np.abs((drawn > 0).mean(axis=0) - 0.5) < 0.1).all()
assert half, "over many draws, each sign should be plus half of the time, that of the determinant too"
# The IRNN.
start = irnn_start(50, 40, 0.1, seed=0)
assert isinstance(start, tuple) and len(start) == 3, "irnn_start returns three arrays: W_xh, W_hh, b_h"
for part, name, shape in zip(start, ("W_xh", "W_hh", "b_h"), ((50, 40), (40, 40), (40,)), strict=True):
    checks.check_shape(part, shape, name)
W_xh, W_hh, b_h = (np.array(part) for part in start)
checks.check_close(W_hh, np.eye(40), "W_hh", tolerance=1e-12)
assert not b_h.any(), "b_h must be zero: any bias would be added 100 times in 100 steps"
variance = np.isclose(W_xh.std(), 0.1**0.5, rtol=0.1)
assert not variance, "input_sd is the standard deviation, and you use it as the variance"
uniform = np.abs(W_xh).max() <= 0.1 * 3**0.5 + 1e-9
assert not uniform, "W_xh should be normal, not uniform"
normal_size = abs(W_xh.std() - 0.1) < 0.01 and abs(W_xh.mean()) < 0.01
assert normal_size, f"W_xh has standard deviation {W_xh.std():.3f} and mean {W_xh.mean():.3f}, not 0.1 and 0"
again, other = irnn_start(50, 40, 0.1, seed=0), irnn_start(50, 40, 0.1, seed=1)
assert np.array_equal(again[0], W_xh), "the same seed gives other numbers: draw from np.random.default_rng(seed)"
assert not np.array_equal(other[0], W_xh), "another seed gives the same numbers"
# What is left after 100 steps: measured.
FUNCTIONS = {"ReLU": lambda a: np.maximum(a, 0), "linear": lambda a: a, "tanh": np.tanh}


def what_is_left(pair, seed, H=20):
    matrix, function = pair.split(", ")
    rng = np.random.default_rng(seed)
    W = irnn_start(3, H, 0.01, seed)[1] if matrix == "identity" else orthogonal_start(rng.normal(size=(H, H)))
    first = h = rng.uniform(0.5, 1.5, H)
    for _ in range(100):
        h = FUNCTIONS[function](h @ W)
    share = np.linalg.norm(h) / np.linalg.norm(first)
    return ("state" if np.allclose(h, first) else "length" if np.isclose(share, 1) else "neither"), share


assert isinstance(KEPT, dict) and set(KEPT) == {"identity, ReLU", "orthogonal, linear", "orthogonal, ReLU", "orthogonal, tanh"}, "KEPT must have the four pairs"
for pair, answer in KEPT.items():
    assert answer in ("state", "length", "neither"), f'KEPT: say "state", "length" or "neither" for "{pair}"'
reasons = {
    "identity, ReLU": "each unit copies itself, and ReLU leaves a positive number alone",
    "orthogonal, linear": "a rotation moves the state and changes no length",
    "orthogonal, ReLU": "a rotation makes some numbers negative, and ReLU cuts these off, in each step again",
    "orthogonal, tanh": "tanh makes every number smaller, and the matrix makes none of them longer",
}
for pair, answer in KEPT.items():
    truth, share = what_is_left(pair, seed=0)
    assert answer == truth, f"KEPT, {pair}: {reasons[pair]}. Measured: {share:.2g} of the length is left"

# Hidden: larger matrices, and other seeds.
### BEGIN HIDDEN TESTS
for H, seed in ((1, 4), (3, 5), (31, 6)):
    check_orthogonal(H, seed)
assert all(what_is_left(pair, seed)[0] == KEPT[pair] for pair in KEPT for seed in (1, 2, 3))
assert np.isclose(irnn_start(100, 30, 0.003, seed=5)[0].std(), 0.003, rtol=0.1)
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 12.4 A truncation that leaks (find the bug, medium, 15 minutes, 2 points)

A stream of steps is read in chunks. The state is to be carried on from chunk to chunk, and no gradient is to go back into an earlier chunk. A colleague's loop adds the gradients of all chunks up; `loss_fn(hs, start)` makes one number of the states `(n, B, H)` of the chunk that begins at step `start`. First torch complained, "Trying to backward through the graph a second time". The colleague found out how to silence it, and now the loop runs. But it becomes slower with each chunk.
"""


# %% nbgrader={"grade": false, "grade_id": "colleague", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def chunks_of_a_colleague(cell, xs, loss_fn, chunk):
    total = 0.0  # line 1
    h = torch.zeros(xs.shape[1], cell.hidden_size, dtype=xs.dtype)  # line 2
    for start in range(0, len(xs), chunk):  # line 3
        hs = []  # line 4
        for x in xs[start : start + chunk]:  # line 5
            h = cell(x, h)  # line 6
            hs.append(h)  # line 7
        loss = loss_fn(torch.stack(hs), start)  # line 8
        loss.backward(retain_graph=True)  # line 9
        total += loss.item()  # line 10
    return total


def stream(kind, T, B, D, H, seed):
    """Return a cell, inputs (T, B, D), and the squared error against random targets."""
    torch.manual_seed(seed)
    xs, targets = torch.randn(T, B, D, dtype=torch.float64), torch.randn(T, B, H, dtype=torch.float64)
    return kind(D, H).double(), xs, lambda hs, start: ((hs - targets[start : start + len(hs)]) ** 2).mean()


# %% [markdown]
r"""
- `LINE`: the line in which the colleague silenced torch.
- `STEPS_BACK`: a stream of 200 steps in chunks of 10. Each `backward` goes back over all steps that it can reach. Over how many steps do all 20 calls together go with the colleague's loop? (A right loop goes over 200.)
- `train_chunks(cell, xs, loss_fn, chunk)`: the loop as it should be. `cell(x, h)` takes `(B, D)` and `(B, H)`, as `nn.RNNCell` does; `xs` is `(T, B, D)`, and $T$ need not be a multiple of `chunk`. It adds to `.grad` of the cell's parameters what `backward` gives for each chunk, and returns the sum of the losses, a float.

<details><summary>Hint 1</summary>
The last state of a chunk is the first input of the next one. How do you hand on its numbers, but not its history?
</details>
<details><summary>Hint 2</summary>
Cut once per chunk, not once per step.
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex4-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
LINE = None  # a number from 1 to 10
STEPS_BACK = None
### BEGIN SOLUTION
LINE = 9
STEPS_BACK = 10 * sum(range(1, 21))
### END SOLUTION


def train_chunks(cell, xs, loss_fn, chunk):
    """Add the gradients of all chunks to .grad; return the sum of the losses."""
    ### BEGIN SOLUTION
    total = 0.0
    h = torch.zeros(xs.shape[1], cell.hidden_size, dtype=xs.dtype)
    for start in range(0, len(xs), chunk):
        h, hs = h.detach(), []
        for x in xs[start : start + chunk]:
            h = cell(x, h)
            hs.append(h)
        loss = loss_fn(torch.stack(hs), start)
        loss.backward()
        total += loss.item()
    return total
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex4-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def states_before(cell, xs):
    """Return the states before each step, h_0 to h_T, from one run without gradients."""
    states = [torch.zeros(xs.shape[1], cell.hidden_size, dtype=xs.dtype)]
    with torch.no_grad():
        for x in xs:
            states.append(cell(x, states[-1]))
    return states


def gradients_alone(cell, xs, loss_fn, borders, window=None):
    """Take each chunk by itself, from its known first state; a window cuts once more within it."""
    states, total = states_before(cell, xs), [torch.zeros_like(p) for p in cell.parameters()]
    for start, stop in itertools.pairwise(borders):
        h, hs = states[start], []
        for t in range(start, stop):
            h = states[t] if window == 1 else h
            h = cell(xs[t], h)
            hs.append(h)
        found = torch.autograd.grad(loss_fn(torch.stack(hs), start), list(cell.parameters()))
        total = [a + b for a, b in zip(total, found, strict=True)]
    return torch.cat([g.flatten() for g in total]).numpy()


def run_loop(loop, cell, xs, loss_fn, chunk):
    """Run a loop; return the sum of the losses, the gradients, and what arrives at the inputs."""
    cell.zero_grad()
    xs = xs.clone().requires_grad_()
    try:
        total = loop(cell, xs, loss_fn, chunk)
    except RuntimeError as error:
        text = f"torch says: {str(error)[:60]} ... The state that goes into the next chunk still has its history: detach it"
        raise AssertionError(text) from None
    assert all(p.grad is not None for p in cell.parameters()), "no gradient came to the weights: call backward for each chunk"
    return total, torch.cat([p.grad.flatten() for p in cell.parameters()]).numpy(), xs.grad


def check_chunks(kind, sizes, chunk, seed):
    cell, xs, loss_fn = stream(kind, *sizes, seed)
    T = len(xs)
    borders = [*range(0, T, chunk), T]
    # A loss in the last chunk alone: what of it arrives before that chunk?
    only_last = lambda hs, start: loss_fn(hs, start) if start == borders[-2] else 0 * hs.sum()
    _, found, arrived = run_loop(train_chunks, cell, xs, only_last, chunk)
    leak = arrived is not None and arrived[: borders[-2]].abs().max() > 0
    assert not leak, "a loss in the last chunk still sends a gradient into the chunks before: detach the state"
    # The whole.
    total, found, _ = run_loop(train_chunks, cell, xs, loss_fn, chunk)
    assert total is not None, "train_chunks returns None: return the sum of the losses"
    states = states_before(cell, xs)
    expected = sum(loss_fn(torch.stack(states[a + 1 : b + 1]), a).item() for a, b in itertools.pairwise(borders))
    with torch.no_grad():
        fresh = 0.0
        for a, b in itertools.pairwise(borders):
            fresh += loss_fn(torch.stack(states_before(cell, xs[a:b])[1:]), a).item()
    assert not np.isclose(total, fresh), "each chunk starts from zeros: carry the numbers of the last state on"
    cut = chunk > 1 and np.allclose(found, gradients_alone(cell, xs, loss_fn, borders, window=1))
    assert not cut, "you cut after every step: then nothing is learnt over time; cut once a chunk"
    checks.check_close(total, expected, "the sum of the losses", tolerance=1e-9)
    exact = gradients_alone(cell, xs, loss_fn, borders)
    last_only = np.allclose(found, gradients_alone(cell, xs, only_last, borders))
    assert not last_only, "only the last chunk's gradient is left: let .grad add up over the chunks"
    checks.check_close(found, exact, "the gradients", tolerance=1e-9, hint="They are added up over the chunks")


reasons = {
    1: "a sum begins with 0",
    2: "the stream begins with the zero state, once and for all chunks",
    3: "the chunks follow each other",
    4: "each chunk has its own list",
    5: "a slice may end beyond the stream",
    6: "the step itself is right",
    7: "the list keeps the states for the loss",
    8: "the loss is that of this chunk",
    10: "item() takes the number alone",
}
assert LINE in range(1, 11), "LINE must be a number from 1 to 10"
assert LINE == 9, f"line {LINE} is right: {reasons[LINE]}"
checks.check_shape(STEPS_BACK, (), "STEPS_BACK")
assert STEPS_BACK != 200, "STEPS_BACK: 200 is the number for the right loop"
assert STEPS_BACK != 4000, "STEPS_BACK: only the last call reaches back over all 200 steps"
reached = sum(len(range(0, start + 10)) for start in range(0, 200, 10))
assert STEPS_BACK == reached, "STEPS_BACK: the first call goes over 10 steps, the second over 20, and so on"
check_chunks(torch.nn.RNNCell, (12, 3, 2, 5), chunk=4, seed=0)
check_chunks(torch.nn.GRUCell, (11, 2, 3, 4), chunk=3, seed=1)

# Hidden: other lengths of chunks.
### BEGIN HIDDEN TESTS
check_chunks(torch.nn.RNNCell, (7, 2, 3, 2), chunk=5, seed=2)
check_chunks(torch.nn.GRUCell, (5, 1, 2, 3), chunk=1, seed=3)
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 12.5 The shortest way back (implement, medium, 15 minutes, 3 points)

With skip connections a state depends on several states before it: on $h_{t-k}$ for each $k$ in a set of skips, such as 1, 5 and 6. A gradient can then go back over a gap on many ways. Each is a chain of leaps that add up to the gap, and each leap is one product with a matrix.

1. `shortest_way(gap, skips)`: the smallest number of leaps that make up the gap exactly, or `None` if none do. `skips` is a set of positive whole numbers; 1 need not be among them. `gap` is at least 1.
2. `gradient_over(gap, weights)`: a linear network of one unit, $h_t = \sum_k w_k h_{t-k}$. `weights` is a dict from each skip $k$ to its $w_k$. Return $\partial h_t / \partial h_{t-\text{gap}}$, a float. It is the sum over *all* ways, short and long, of the product of the weights on the way. For a gap of 60 there are too many ways to list.

<details><summary>Hint 1</summary>
The best first leap is not always the longest one. Solve the gaps 1, 2, 3, ... one after the other: the last leap over gap n was some k, and before it came the best way over n - k.
</details>
<details><summary>Hint 2</summary>
The same with a sum in the place of the minimum: the gradient over n is the sum over k of w_k times the gradient over n - k. Over the gap 0 it is 1.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "ex5-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def shortest_way(gap, skips):
    """Return the smallest number of leaps that make up the gap, or None."""
    ### BEGIN SOLUTION
    fewest = [0] + [None] * gap
    for n in range(1, gap + 1):
        before = [fewest[n - k] for k in skips if k <= n and fewest[n - k] is not None]
        fewest[n] = min(before) + 1 if before else None
    return fewest[gap]
    ### END SOLUTION


def gradient_over(gap, weights):
    """Return dh_t/dh_{t-gap} for h_t = sum over k of w_k h_{t-k}; weights is a dict {k: w_k}."""
    ### BEGIN SOLUTION
    over = [1.0] + [0.0] * gap
    for n in range(1, gap + 1):
        over[n] = sum(w * over[n - k] for k, w in weights.items() if k <= n)
    return over[gap]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex5-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def all_ways(gap, skips):
    """List all chains of leaps that make up a small gap."""
    if gap == 0:
        return [()]
    return [(k, *rest) for k in skips if k <= gap for rest in all_ways(gap - k, skips)]


def greedy(gap, skips):
    count = 0
    for k in sorted(skips, reverse=True):
        count, gap = count + gap // k, gap % k
    return count if gap == 0 else None


def by_autograd(gap, weights):
    """Run the linear network from h = 1 at step 0, with zeros before; ask torch."""
    first = torch.ones((), dtype=torch.float64, requires_grad=True)
    states = [first]
    for t in range(1, gap + 1):
        states.append(sum((w * states[t - k] for k, w in weights.items() if k <= t), first * 0))
    return torch.autograd.grad(states[-1], first)[0].item()


def check_shortest(gap, skips):
    found, ways = shortest_way(gap, set(skips)), all_ways(gap, skips)
    expected = min(map(len, ways)) if ways else None
    where = f"gap {gap}, skips {sorted(skips)}"
    if found == expected:
        return
    if expected is None:
        raise AssertionError(f"{where}: no leaps make up this gap, so the answer is None, not {found}")
    best = min(ways, key=len)
    assert found is not None, f"{where}: you return None, but {best} does it"
    taken = found == greedy(gap, skips)
    assert not taken, f"{where}: taking the longest leap first gives {found}, but {best} are only {expected}"
    assert found != expected + 1, f"{where}: one too many: the states at both ends are not leaps. {best} are {expected}"
    raise AssertionError(f"{where}: {best} are {expected} leaps, and you say {found}")


for gap, skips in ((1, (1,)), (7, (1, 3)), (9, (2, 3)), (12, (1, 4, 5)), (5, (2, 4)), (1, (2, 3)), (10, (1, 5, 6))):
    check_shortest(gap, skips)
for gap, skip in ((50, 10), (53, 10), (200, 7)):
    checks.check_close(shortest_way(gap, {1, skip}), path_length(gap, skip), f"gap {gap}, skips 1 and {skip}")
found = gradient_over(4, {1: 0.5, 3: 2.0})
checks.check_shape(found, (), "gradient_over(...)")
by_hand = 0.5**4 + 2 * 0.5 * 2  # one way of four ones; 1 + 3 and 3 + 1
assert not np.isclose(found, 0.5 * 2), "1 then 3 and 3 then 1 are two ways, and the long way 1, 1, 1, 1 counts, too"
assert not np.isclose(found, 0.5 * 2 * 2), "the shortest ways alone: the gradient is the sum over all ways"
assert not np.isclose(found, 0.5**4 + 0.5 * 2), "the order counts: 1 then 3 and 3 then 1 are two ways"
assert not np.isclose(found, 3), "this counts the ways: multiply the weights along each"
checks.check_close(found, by_hand, "gradient_over(4, {1: 0.5, 3: 2.0})", tolerance=1e-9)
for gap, weights in ((1, {2: 0.7}), (11, {1: 0.9, 4: -0.3, 5: 0.2}), (60, {1: 0.6, 7: 0.5}), (60, {1: 0.5, 10: 0.5})):
    name = f"gradient_over({gap}, {weights}) against autograd"
    checks.check_close(gradient_over(gap, weights), by_autograd(gap, weights), name, tolerance=1e-9)

# Hidden: longer gaps.
### BEGIN HIDDEN TESTS
for gap, skips in ((14, (3, 5, 7)), (15, (1, 6, 9)), (11, (4, 6))):
    check_shortest(gap, skips)
assert shortest_way(1000, {1, 30, 31}) == 33 and shortest_way(997, {2}) is None
checks.check_close(gradient_over(200, {1: 0.5, 20: 0.5}), by_autograd(200, {1: 0.5, 20: 0.5}), "gap 200", tolerance=1e-9)
### END HIDDEN TESTS

# %% [markdown]
r"""
**To think about** (not graded). Compare `gradient_over(60, {1: 0.5})` with `gradient_over(60, {1: 0.5, 10: 0.5})` and with the product of weights on the shortest way alone, $0.5^6$. What do the other ways add? And why does this help less if the weights have different signs?
"""

# %% [markdown]
r"""
## Exercise 12.6 Choose the threshold (experiment, hard, 20 minutes, 3 points)

A network of ReLUs starts as an IRNN and reads one of four symbols, a gap of 10 other symbols, and a question mark, at which it has to name the first symbol. It is trained by plain gradient descent. Without clipping it stays at chance, $\ln 4 = 1.39$ nats. Which threshold helps? *Predict first:* of 10, 1, 0.1 and 0.01, which ones train the network?

`train(threshold, seed)` returns the losses and the lengths of the gradient *before* clipping, two arrays of 250 numbers each, and the model. `np.inf` stands for no clipping.
"""

# %% nbgrader={"grade": false, "grade_id": "training", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
THRESHOLDS, SEEDS = (np.inf, 10.0, 1.0, 0.1, 0.01), (0, 1, 2)


def train(threshold, seed, steps=250):
    """Train a new network; return losses (S,), gradient lengths before clipping (S,), the model."""
    torch.manual_seed(seed)
    model = SequenceClassifier(irnn_(ElmanCell(8, 16, torch.relu), 0.1, seed), 4)
    optimizer, rng = torch.optim.SGD(model.parameters(), lr=0.07), np.random.default_rng(seed)
    losses, norms = [], []
    for _ in range(steps):
        task = delayed_recall(10, 16, num_symbols=4, seed=rng)
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(torch.tensor(task.ids)), torch.tensor(task.answers))
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), threshold).item())
        losses.append(loss.item())
        optimizer.step()
    return np.array(losses), np.array(norms), model


# %% [markdown]
r"""
- `share_clipped(norms, threshold)`: the share of all steps whose gradient is longer than the threshold, a number from 0 to 1. Lengths that are NaN or infinite count as longer.
- `threshold_for(norms, share)`: the smallest length *out of the log* that, taken as threshold, leaves at most this share of the steps to be clipped. (`share` is a number from 0 to 1. The log holds at least one finite length; if even the largest finite one leaves too many, return that.)
- `FINAL`: a dict from each threshold to the mean loss of the last 30 steps, for each seed (15 runs, about 8 s).
- `CLIPPED`: a dict from each threshold to the *median* over the seeds of the share of clipped steps.
- `BEST`: the highest threshold at which *all* seeds end below 0.1 nats.
- `WHY`: without clipping, the lengths at the end of the log are small, about 0.25, while the loss is that of chance. Why?
    - `"A"`: gradient descent has come to the solution, where gradients are small.
    - `"B"`: a few long steps have thrown the weights to where most units are off, and a ReLU that is off passes nothing.
    - `"C"`: the spectral radius of $W_{hh}$ has become small, and so the gradient vanishes on its way.

<details><summary>Hint 1</summary>
np.sort the finite lengths and try them one by one with your own share_clipped: the first that fits is the smallest.
</details>
<details><summary>Hint 2</summary>
Run train(np.inf, 0) and look: at the loss, at <code>torch.linalg.eigvals(model.cell.W_hh).abs().max()</code>, and at how many states are above 0. <code>unroll(model.cell, ids)</code> of rnncourse.cells.unroll returns the states.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "ex6-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def share_clipped(norms, threshold):
    """Return the share of steps that are longer than the threshold, or not finite."""
    ### BEGIN SOLUTION
    norms = np.asarray(norms, dtype=float)
    return float(np.mean((norms > threshold) | ~np.isfinite(norms)))
    ### END SOLUTION


def threshold_for(norms, share):
    """Return the smallest length in the log with which at most this share is clipped."""
    ### BEGIN SOLUTION
    finite = np.sort([norm for norm in norms if np.isfinite(norm)])
    for threshold in finite:
        if share_clipped(norms, threshold) <= share:
            return float(threshold)
    return float(finite[-1])
    ### END SOLUTION


FINAL, CLIPPED, BEST, WHY = None, None, None, None
### BEGIN SOLUTION
runs = {threshold: [train(threshold, seed) for seed in SEEDS] for threshold in THRESHOLDS}
FINAL = {threshold: [losses[-30:].mean() for losses, _, _ in of] for threshold, of in runs.items()}
CLIPPED = {
    threshold: float(np.median([share_clipped(norms, threshold) for _, norms, _ in of]))
    for threshold, of in runs.items()
}
BEST = max(threshold for threshold in THRESHOLDS if max(FINAL[threshold]) < 0.1)
WHY = "B"
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex6-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def check_threshold_for(norms, share):
    """Try every length of the log."""
    found = threshold_for(np.array(norms), share)
    checks.check_shape(found, (), "threshold_for(...)")
    inside = [norm for norm in norms if np.isfinite(norm)]
    assert found in inside, f"threshold_for returned {found}, which is not in the log: do not go between two lengths"
    longer = lambda threshold: sum(not norm <= threshold for norm in norms) / len(norms)
    fits = [norm for norm in inside if longer(norm) <= share] or [max(inside)]
    turned = [norm for norm in inside if longer(norm) <= 1 - share]
    other_end = bool(turned) and found == min(turned) != min(fits)
    assert not other_end, f"with {found} a share of {longer(found):.2f} is clipped: you took the share that is left alone"
    assert found >= min(fits), f"with {found} a share of {longer(found):.2f} is clipped, and at most {share} is asked for"
    assert found == min(fits), f"{min(fits)} is smaller than {found} and clips at most {share}, too"


log = [1.0, 2.0, 3.0, 4.0, 10.0]
found = share_clipped(np.array(log), 3.0)
checks.check_shape(found, (), "share_clipped(...)")
assert found != 2, "this is the number of the steps: the share is asked for"
assert not np.isclose(found, 0.6), "that is the share which is not clipped, or 3.0 counted as longer than 3.0"
checks.check_close(found, 0.4, "share_clipped(1, 2, 3, 4, 10; 3)", tolerance=1e-9)
with np.errstate(all="ignore"):
    found = share_clipped(np.array([1.0, np.nan, np.inf, 2.0]), 5.0)
assert not np.isclose(found, 0.25), "NaN > 5 is False: count lengths that are not finite, too"
checks.check_close(found, 0.5, "share_clipped(1, NaN, inf, 2; 5)", tolerance=1e-9)
for share in (0.0, 0.2, 0.25, 0.4, 0.8):
    check_threshold_for(log, share)
check_threshold_for([4.0, 1.0, np.nan, 2.0], 0.25)
check_threshold_for([4.0, 1.0, np.nan, np.inf], 0.1)
# The runs.
for name, table, shape in (("FINAL", FINAL, (3,)), ("CLIPPED", CLIPPED, ())):
    whole = isinstance(table, dict) and set(table) == set(THRESHOLDS)
    assert whole, f"{name} must be a dict with the five thresholds"
    for threshold in THRESHOLDS:
        checks.check_shape(table[threshold], shape, f"{name}[{threshold}]")
for threshold, seed in ((np.inf, 0), (0.1, 2)):
    losses, noted = train(threshold, seed)[0], FINAL[threshold][seed]
    assert abs(noted - losses.mean()) > 1e-6, f"FINAL[{threshold}] is the mean of all steps: take the last 30"
    hint = "It is the mean of the last 30 losses"
    checks.check_close(noted, losses[-30:].mean(), f"FINAL[{threshold}][{seed}]", tolerance=0.01, hint=hint)
assert CLIPPED[np.inf] == 0, "CLIPPED: without a threshold nothing is clipped"
assert CLIPPED[10.0] < 0.1 < 0.2 < CLIPPED[1.0], "CLIPPED: with 10 few steps are clipped, with 1 many: which lengths did you count?"
good = [threshold for threshold in THRESHOLDS if max(FINAL[threshold]) < 0.1]
assert BEST is not None, "BEST is None: which thresholds have all three runs below 0.1 nats?"
assert BEST != np.inf, "BEST: without clipping the runs stay at chance"
assert BEST != 10.0, "BEST: at 10 few steps are clipped, but a step of length 10 is long enough to do the damage"
assert BEST not in (0.1, 0.01), (
    f"BEST: {BEST} clips every step, so that all have the same short length: it learns, but slowly. Take the "
    "highest threshold that works"
)
assert good and max(good) == BEST, f"BEST does not follow from FINAL: all seeds are below 0.1 at {good}"


def after_training(threshold, seed=0):
    """Return the loss, the share of units that are on, and the spectral radius."""
    losses, _, model = train(threshold, seed)
    ids = torch.tensor(delayed_recall(10, 200, num_symbols=4, seed=99).ids)
    with torch.no_grad():
        state, on = model.cell.initial_state(200), []
        for x in ids:
            _, state = model.cell(x, state)
            on.append((state > 0).double().mean().item())
        radius = torch.linalg.eigvals(model.cell.W_hh).abs().max().item()
    return losses[-30:].mean(), np.mean(on), radius


loss, on, radius = after_training(np.inf)
with_clip = after_training(1.0)[1]
assert WHY in ("A", "B", "C"), 'WHY is one of "A", "B", "C"'
assert WHY != "A", f"WHY: the loss at the end is {loss:.2f} nats, and chance is {np.log(4):.2f}: nothing is solved"
assert WHY != "C", f"WHY: the spectral radius at the end is {radius:.2f}, not small"
measured = f"units on: {on:.2f} without clipping, {with_clip:.2f} with a threshold of 1"
assert on < 0.3 < with_clip, measured

# Hidden: other logs, and another entry of the table.
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(5)
for share in (0.0, 0.1, 0.5, 1.0):
    check_threshold_for(list(rng.exponential(size=31)), share)
checks.check_close(FINAL[1.0][1], train(1.0, 1)[0][-30:].mean(), "FINAL[1.0][1]", tolerance=0.01)
### END HIDDEN TESTS

# %% [markdown]
r"""
**To think about** (not graded). With a threshold of 10 only one step in a hundred is clipped, and with 1 about every third: why is it not enough to take care of the few longest steps? And if all steps are clipped, as with 0.01, what does the threshold do to the learning rate?
"""
