# %% [markdown]
r"""
# Exercises to chapter 11: vanishing and exploding gradients

These go with [chapter 11](../../chapters/11_vanishing_gradients.ipynb). Six exercises, 15 points, about 85 minutes.

Write your answer where the cell says so and run the check below it. A check that passes prints nothing; one that fails says what is probably wrong. When an instructor grades the notebook, some more checks of the same kind run on other data.

States are rows. One step is $h_t = f(a_t)$ with $a_t = x_t W_{xh} + h_{t-1} W_{hh} + b_h$, and its Jacobian has the layout $J_t[i, j] = \partial h_t[j] / \partial h_{t-1}[i]$: old units down, new units across. Products run forwards, $\partial h_t / \partial h_k = J_{k+1} \cdots J_t$. Here $t - k$ is the distance.
"""

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
import math

import numpy as np
import torch

from rnncourse import checks
from rnncourse.cells.elman import ElmanCell
from rnncourse.cells.initialisation import spectral_radius_
from rnncourse.diagnostics import microscope
from rnncourse.diagnostics_norms import norm_by_step
from rnncourse.diagnostics_spectra import log_product_norms
from rnncourse.models import SequenceClassifier
from rnncourse.tasks import copy_memory
from rnncourse.tasks_recall import delayed_recall
from rnncourse.tasks_sentences import GREETING, sentences_with_gap, tokens_of

torch.set_num_threads(1)

# %% [markdown]
r"""
## Exercise 11.1 The Jacobian of one step (implement, easy, 10 minutes, 2 points)

Write the Jacobian of one tanh step by its formula, and send a gradient back through it. Use NumPy alone.

- `x` `(D,)`: the input at step $t$; `h` `(H,)`: the state $h_{t-1}$ *before* the step; `W_xh` `(D, H)`, `W_hh` `(H, H)`, `b_h` `(H,)`.
- `step_jacobian` returns $J_t$ `(H, H)` in the layout above.
- `one_step_back` returns $\partial L / \partial h_{t-1}$ `(H,)`, given $\partial L / \partial h_t$ `(H,)` and $J_t$, where $h_{t-1}$ acts on the loss through $h_t$ alone.

<details><summary>Hint 1</summary>
Unit j of the new state is tanh of its sum a[j], and a[j] holds h[i] times W_hh[i, j]. What is its derivative with respect to h[i]?
</details>
<details><summary>Hint 2</summary>
The old unit i reaches the loss through all new units j. So its gradient is the sum over j of dL/dh_t[j] times J[i, j].
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "ex1-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def step_jacobian(x, h, W_xh, W_hh, b_h):
    """Return J (H, H), J[i, j] = dh_t[j] / dh_{t-1}[i], from x (D,) and the state h (H,) before."""
    ### BEGIN SOLUTION
    new = np.tanh(x @ W_xh + h @ W_hh + b_h)  # (H,)
    return W_hh * (1 - new**2)  # (H, H), the slopes go across
    ### END SOLUTION


def one_step_back(d_h, jacobian):
    """Return dL/dh_{t-1} (H,) from d_h = dL/dh_t (H,) and the Jacobian (H, H) of step t."""
    ### BEGIN SOLUTION
    return d_h @ jacobian.T
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex1-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def random_step(D, H, seed):
    """Draw x (D,), h (H,), W_xh (D, H), W_hh (H, H), b_h (H,)."""
    rng = np.random.default_rng(seed)
    return [rng.normal(0, 0.6, shape) for shape in ((D,), (H,), (D, H), (H, H), (H,))]


def by_autograd(x, h, W_xh, W_hh, b_h):
    """Return dh_t/dh_{t-1} as torch finds it, turned into the layout of the book."""
    x, W_xh, W_hh, b_h = (torch.tensor(array) for array in (x, W_xh, W_hh, b_h))
    step = lambda h: torch.tanh(x @ W_xh + h @ W_hh + b_h)
    outputs_down = torch.autograd.functional.jacobian(step, torch.tensor(h))  # new down, old across
    return outputs_down.numpy().T


def check_jacobian(case):
    x, h, W_xh, W_hh, b_h = case
    found = step_jacobian(*[array.copy() for array in case])
    checks.check_shape(found, W_hh.shape, "step_jacobian(...)")
    sums = x @ W_xh + h @ W_hh + b_h
    slopes, H = 1 - np.tanh(sums) ** 2, len(h)
    assert not np.allclose(found, W_hh), "the slope of tanh is missing: this is W_hh alone"
    rows = slopes[:, np.newaxis] * W_hh
    assert H == 1 or not np.allclose(found, rows), (
        "the slope belongs to the new unit j, so it multiplies column j of W_hh; you multiply row i"
    )
    turned = H > 1 and np.allclose(found, (W_hh * slopes).T)
    assert not turned, "transposed: this has new units down. Here J[i, j] is dh_t[j] / dh_{t-1}[i]"
    before = W_hh * (1 - h**2)
    assert not np.allclose(found, before), "the slope is taken at h_{t-1}: take it at the new state h_t"
    square = W_hh * (1 - sums**2)
    assert not np.allclose(found, square), "the slope is 1 - h_t^2 with h_t = tanh(a_t), not 1 - a_t^2"
    expected = by_autograd(*case)
    checks.check_close(found, expected, "step_jacobian(...) against autograd", tolerance=1e-9)


def check_back(case, seed):
    """Let L = v . h_t with some v: then dL/dh_t is v, and dL/dh_{t-1} can be measured."""
    x, h, W_xh, W_hh, b_h = case
    v = np.random.default_rng(seed).normal(size=len(h))
    found = one_step_back(v.copy(), by_autograd(*case))
    checks.check_shape(found, h.shape, "one_step_back(...)")
    forwards = len(h) > 1 and np.allclose(found, v @ by_autograd(*case))
    assert not forwards, "this pushes a change of h_{t-1} forwards. Backwards it is the transposed J_t"
    loss = lambda h: np.tanh(x @ W_xh + h @ W_hh + b_h) @ v
    checks.check_gradient(loss, found, h, "one_step_back(...)")


# By hand: unit 0 feeds unit 1 with the weight 2, and nothing else happens.
found = step_jacobian(np.zeros(1), np.array([0.5, 0.3]), np.zeros((1, 2)), np.array([[0.0, 2], [0, 0]]), np.zeros(2))
checks.check_shape(found, (2, 2), "step_jacobian(...)")
entry = np.array(found)[1, 0]
assert entry == 0, "transposed: this has new units down. Here J[i, j] is dh_t[j] / dh_{t-1}[i]"
for sizes in ((3, 5, 0), (2, 7, 1)):
    check_jacobian(random_step(*sizes))
checks.check_close(found, [[0, 2 * (1 - np.tanh(1.0) ** 2)], [0, 0]], "the case by hand")
check_back(random_step(3, 5, 2), seed=0)

# Hidden: other sizes, and a single unit.
### BEGIN HIDDEN TESTS
for sizes in ((1, 1, 3), (5, 2, 4), (2, 11, 5)):
    check_jacobian(random_step(*sizes))
    check_back(random_step(*sizes), seed=1)
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 11.2 Bound or truth (predict, medium, 10 minutes, 2 points)

Let $\gamma_W$ be the largest singular value of $W_{hh}$ and $\gamma_f$ the largest slope of $f$. The bound of the chapter is $\lVert \partial h_t / \partial h_k \rVert \le (\gamma_W \gamma_f)^{t-k}$.

Below are six networks of two units. They have no input and no bias: $h_t = f(h_{t-1} W_{hh})$, from the given $h_0$. For each, predict two things *before* you compute anything.

- `BOUND[name]`: what does the bound prove? `"vanishes"` if $\gamma_W \gamma_f$ is below 1, and `"open"` if it is not.
- `TRUTH[name]`: what does $\lVert \partial h_t / \partial h_k \rVert$ do as the distance grows? `"vanishes"`: it falls exponentially. `"explodes"`: it rises exponentially. `"keeps"`: neither; it stays between two positive numbers.

`turn(degrees)` is a rotation matrix: both of its singular values are 1.

<details><summary>Hint 1</summary>
A rise over the first few steps says nothing about a hundred steps. Which number of a matrix says how its powers grow in the long run?
</details>
<details><summary>Hint 2</summary>
Follow the state of B, D and E for three steps on paper. Where are the slopes 0, where below 1, where 1?
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "networks", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def turn(degrees):
    angle = np.deg2rad(degrees)
    return np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


ACTIVATIONS = {  # f, its slope as a function of the sum a, its largest slope
    "linear": (lambda a: a, lambda a: np.ones_like(a), 1),
    "tanh": (np.tanh, lambda a: 1 - np.tanh(a) ** 2, 1),
    "sigmoid": (lambda a: 1 / (1 + np.exp(-a)), lambda a: 1 / (2 + np.exp(a) + np.exp(-a)), 1 / 4),
    "ReLU": (lambda a: np.maximum(a, 0), lambda a: (a > 0) * 1.0, 1),
}
NETWORKS = {  # W_hh, f, h_0
    "A": (np.array([[0.9, 4], [0, 0.9]]), "tanh", np.array([0.0, 0])),
    "B": (turn(60), "ReLU", np.array([1, 0.5])),
    "C": (2.5 * turn(90), "sigmoid", np.array([0.5, 0.5])),
    "D": (1.5 * np.eye(2), "tanh", np.array([0.5, 0.5])),
    "E": (1.5 * np.eye(2), "tanh", np.array([0.0, 0])),
    "F": (turn(60), "linear", np.array([1, 0.5])),
}

# %% nbgrader={"grade": false, "grade_id": "ex2-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
BOUND = dict.fromkeys("ABCDEF")  # "vanishes" or "open" for each name
TRUTH = dict.fromkeys("ABCDEF")  # "vanishes", "explodes" or "keeps" for each name
### BEGIN SOLUTION
BOUND = dict.fromkeys("ABDEF", "open") | {"C": "vanishes"}
TRUTH = dict.fromkeys("ABCD", "vanishes") | {"E": "explodes", "F": "keeps"}
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex2-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def jacobians_of(name, steps, scale=1.0):
    """Return the Jacobians (T, H, H) along the way of a network's state."""
    W, f, h = NETWORKS[name]
    function, slope, _ = ACTIVATIONS[f]
    found = []
    for _ in range(steps):
        a = h @ (scale * W)
        found.append(scale * W * slope(a))
        h = function(a)
    return np.array(found)


def what_happens(name, scale=1.0):
    """Tell from the norms of the products over 100 to 200 steps."""
    logs = log_product_norms(jacobians_of(name, 200, scale))
    per_step = (logs[199] - logs[99]) / 100 if np.isfinite(logs[199]) else -np.inf
    return "keeps" if abs(per_step) < 1e-3 else "vanishes" if per_step < 0 else "explodes"


def what_is_proved(name, scale=1.0):
    W, f, _ = NETWORKS[name]
    return "vanishes" if scale * np.linalg.norm(W, 2) * ACTIVATIONS[f][2] < 1 else "open"


why_bound = {
    "A": "the largest singular value of a matrix is at least as large as its entries, so above 1",
    "B": "a rotation has singular values 1, ReLU has slopes up to 1: the product is not below 1",
    "C": "the slope of the sigmoid is at most 1/4, so 2.5 x 1/4 is what counts",
    "D": "1.5 x 1 is above 1",
    "E": "1.5 x 1 is above 1",
    "F": "1 x 1 is not below 1: then the bound excludes an explosion, and leaves the rest open",
}
why_truth = {
    "A": "a norm of 4 makes it rise at first. But both eigenvalues are 0.9, and in the long run these decide",
    "B": "the rotation turns one unit below 0 in the second step. Its slope is 0, and the other unit loses half its length with each turn of 60 degrees",
    "C": "the bound proves it, and a bound holds whatever the singular values of W_hh alone are",
    "D": "the states run to where tanh(1.5 h) = h; there the slope is 0.26, and 1.5 x 0.26 is below 1",
    "E": "at h = 0 tanh has the slope 1, and from h_0 = 0 the state stays there: each step multiplies by 1.5",
    "F": "a linear network has slope 1 everywhere, and a rotation changes no length",
}
for answer, name, words in ((BOUND, "BOUND", {"vanishes", "open"}), (TRUTH, "TRUTH", {"vanishes", "explodes", "keeps"})):
    assert isinstance(answer, dict) and set(answer) == set(NETWORKS), f"{name} must have the names A to F"
    missing = [key for key, value in answer.items() if value not in words]
    assert not missing, f"{name}: say one of {sorted(words)} for {', '.join(missing)}"
for name in NETWORKS:
    assert BOUND[name] == what_is_proved(name), f"BOUND of {name}: {why_bound[name]}"
norm_alone = all(TRUTH[name] == ("keeps" if name in "BF" else "explodes") for name in "ABDEF")
assert not norm_alone, (
    "TRUTH: you read all answers off the norm of W_hh. A norm above 1 does not make a gradient "
    "explode, and a norm of 1 does not keep it: look at the eigenvalues and at the slopes"
)
for name in NETWORKS:
    assert TRUTH[name] == what_happens(name), f"TRUTH of {name}: {why_truth[name]}"

# Hidden: the answers stay the same if every W_hh is a little larger or smaller, apart from F.
### BEGIN HIDDEN TESTS
for scale in (0.98, 1.02):
    for name in "ABCDE":
        assert TRUTH[name] == what_happens(name, scale)
    assert BOUND["C"] == what_is_proved("C", scale)
assert what_happens("F", 0.98) == "vanishes" and what_happens("F", 1.02) == "explodes"
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 11.3 A product that never overflows (implement, medium, 15 minutes, 3 points)

A product of 10,000 Jacobians fits into no float. Its logarithm does. Write two functions with natural logarithms. Use NumPy alone.

1. `log_gradient_lengths(jacobians, d_last)`: send $d_T = \partial L / \partial h_T$ `(H,)` back through `jacobians` `(T, H, H)`, which are $J_1, \dots, J_T$. Return an array `(T,)`: entry $k - 1$ is $\ln \lVert d_{T-k} \rVert$ for the distances $k = 1, \dots, T$. Where the gradient is exactly 0, the entry is `-np.inf`, without a warning.
2. `growth_rates(jacobians)`: send $H$ orthogonal directions through the steps, one after the other, and make them orthogonal again after each. Return the mean logarithms of the lengths by which they grow in one step, an array `(H,)`, the largest first. (All matrices are invertible here.)

<details><summary>Hint to 1</summary>
Keep a vector of length 1 and the logarithm of the length that you took away. After each step measure the length, add its logarithm, divide.
</details>
<details><summary>Hint to 2</summary>
With the directions as the columns of Q: <code>Q, R = np.linalg.qr(J.T @ Q)</code>. The lengths are the sizes of the numbers on the diagonal of R.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "ex3-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def log_gradient_lengths(jacobians, d_last):
    """Return ln ||dL/dh_{T-k}|| for k = 1 .. T, shape (T,), from J_1 .. J_T and dL/dh_T (H,)."""
    ### BEGIN SOLUTION
    logs, direction, log_length = np.full(len(jacobians), -np.inf), np.array(d_last, float), 0.0
    for k, jacobian in enumerate(jacobians[::-1]):
        direction = direction @ jacobian.T
        length = np.linalg.norm(direction)
        if length == 0:
            break
        log_length += np.log(length)
        direction = direction / length
        logs[k] = log_length
    return logs
    ### END SOLUTION


def growth_rates(jacobians):
    """Return the mean growth per step of H directions, in nats, (H,), the largest first."""
    ### BEGIN SOLUTION
    Q, growth = np.eye(jacobians.shape[1]), np.zeros(jacobians.shape[1])
    for jacobian in jacobians:
        Q, R = np.linalg.qr(jacobian.T @ Q)
        growth += np.log(np.abs(np.diag(R)))
    return np.sort(growth / len(jacobians))[::-1]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex3-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def whole_matrices(steps, size, seed):
    """Draw invertible matrices of whole numbers: their products are exact in Python's integers."""
    rng, found = np.random.default_rng(seed), []
    while len(found) < steps:
        matrix = rng.integers(-3, 4, (size, size))
        if abs(np.linalg.det(matrix)) > 0.5:
            found.append(matrix)
    return np.array(found)  # (T, H, H)


def exact_log_lengths(matrices, d_last, distances):
    """Return the exact ln ||d_{T-k}||; whole numbers of any size, so nothing overflows."""
    d, found = d_last.astype(object), []
    for k, matrix in enumerate(matrices[::-1], start=1):
        d = matrix.astype(object) @ d
        if k in distances:
            square = int((d * d).sum())
            found.append(math.log(square) / 2 if square else -math.inf)
    return np.array(found)


def exact_rates(matrices):
    """Return the exact logarithms of both singular values of a product of (2, 2), divided by T."""
    product = np.eye(2, dtype=int).astype(object)
    for matrix in matrices:
        product = product @ matrix.astype(object)
    squares = int((product * product).sum())  # s1^2 + s2^2
    determinant = int(product[0, 0] * product[1, 1] - product[0, 1] * product[1, 0])  # s1 s2
    largest = math.log(squares + math.isqrt(squares**2 - 4 * determinant**2)) - math.log(2)
    return np.array([largest / 2, math.log(abs(determinant)) - largest / 2]) / len(matrices)


def check_lengths(steps, size, seed):
    matrices, d_last = whole_matrices(steps, size, seed), np.arange(1, size + 1)
    distances = sorted({k for k in (1, 2, 3, 5, 100, 1000, steps) if k <= steps})
    with np.errstate(all="ignore"):
        found = log_gradient_lengths(matrices.astype(float), d_last.astype(float))
    checks.check_shape(found, (steps,), "log_gradient_lengths(...)")
    found = np.array(found)[np.array(distances) - 1]
    overflow = (~np.isfinite(found)).any()
    assert not overflow, f"NaN or infinite after {steps} steps: take the length out after every step"
    expected = exact_log_lengths(matrices, d_last, distances)
    other = exact_log_lengths(matrices.transpose(0, 2, 1), d_last, distances)
    assert not np.allclose(found, other), "a gradient goes back as d J^T: you multiply by J itself"
    other = exact_log_lengths(matrices[::-1], d_last, distances)
    assert not np.allclose(found, other), "you begin with J_1: a gradient begins at the end, with J_T"
    alone = np.allclose(found[1:3], np.diff(expected[:3]))
    assert not alone, "this is the growth of single steps: add their logarithms up"
    missing = np.log(np.linalg.norm(d_last))
    hint = "Keep the length of d_last" if np.allclose(found, expected - missing) else ""
    checks.check_close(found, expected, "log_gradient_lengths(...), exact", tolerance=1e-9, hint=hint)


check_lengths(3, 3, seed=0)
check_lengths(10_000, 3, seed=1)
# A matrix that forgets: after two steps nothing is left.
with np.errstate(all="raise"):
    try:
        found = np.array(log_gradient_lengths(np.array([[[0.0, 5], [0, 0]]] * 4), np.array([1.0, 1])))
    except FloatingPointError:
        raise AssertionError("a gradient of 0: take no logarithm of 0, and divide nothing by 0") from None
forgotten = found[0] == np.log(5) and (found[1:] == -np.inf).all()
assert forgotten, f"here only 0 is left after two steps, so ln 5, -inf, -inf, -inf; not {found}"
# Rates: a diagonal case by hand, then the exact product of 10,000 matrices.
diagonal = np.array([np.diag([0.5, 3, 1]), np.diag([0.25, 1 / 3, 2])])
found, by_hand = growth_rates(diagonal), np.array([np.log(2), 0, np.log(1 / 8)]) / 2
checks.check_shape(found, (3,), "growth_rates(...)")
assert not np.allclose(found, 2 * by_hand), "divide by the number of steps: the mean growth is asked for"
unsorted = np.allclose(np.sort(found), np.sort(by_hand)) and not np.allclose(found, by_hand)
assert not unsorted, "the largest rate comes first"
checks.check_close(found, by_hand, "growth_rates(...), diagonal matrices", tolerance=1e-9)
matrices = whole_matrices(10_000, 2, seed=2)
with np.errstate(all="ignore"):
    found = np.array(growth_rates(matrices.astype(float)))
overflow = (~np.isfinite(found)).any()
assert not overflow, "NaN or infinite after 10,000 steps: make the directions orthogonal after every step"
expected = exact_rates(matrices)
same = abs(found[0] - found[1]) < 0.01 < abs(expected[0] - expected[1])
assert not same, (
    "all directions have turned into the strongest one: dividing them by their lengths is not "
    "enough, make them orthogonal"
)
backwards = np.allclose(found, exact_rates(matrices[::-1]), atol=1e-3)
assert not backwards, "this is the product J_T ... J_1: with columns, the next Q comes from J.T @ Q"
determinants = np.log(np.abs(np.linalg.det(matrices))).mean()
close = np.allclose(found, expected, atol=1e-3)
assert close, f"growth_rates(...) is {found.round(4)}, but the exact product says {expected.round(4)}"
hint = "Together they are the mean of ln |det J|"
checks.check_close(found.sum(), determinants, "the sum of the rates", tolerance=1e-9, hint=hint)

# Hidden: other sizes, and very small numbers.
### BEGIN HIDDEN TESTS
check_lengths(2000, 5, seed=3)
small = growth_rates(1e-3 * whole_matrices(3000, 2, seed=4))
assert np.allclose(small, exact_rates(whole_matrices(3000, 2, seed=4)) - np.log(1000), atol=3e-3)
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 11.4 A microscope that lies (find the bug, medium, 15 minutes, 2 points)

A colleague has built a microscope of eight lines. `cell(x, h)` takes `(B, D)` and `(B, H)` and returns the next state, as `nn.RNNCell` and `nn.GRUCell` do. `loss_fn` makes one number of all states `(T, B, H)`. Here the loss looks at the last state only. "The gradient is gone after a single step", the colleague reports, "for the plain network and even for the GRU."
"""


# %% nbgrader={"grade": false, "grade_id": "colleague", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def microscope_of_a_colleague(cell, xs, loss_fn):
    h, states = torch.zeros(xs.shape[1], cell.hidden_size, dtype=xs.dtype), []  # line 1
    for x in xs:  # line 2
        h = cell(x, h)  # line 3
        states.append(h)  # line 4
    hs = torch.stack(states)  # line 5
    loss = loss_fn(hs)  # line 6
    (gradients,) = torch.autograd.grad(loss, [hs])  # line 7
    return gradients.sum(dim=(1, 2)).abs().numpy()  # line 8


def cell_and_inputs(kind, T, B, D, H, seed):
    torch.manual_seed(seed)
    return kind(D, H).double(), torch.randn(T, B, D, dtype=torch.float64)


for kind in (torch.nn.RNNCell, torch.nn.GRUCell):
    found = microscope_of_a_colleague(*cell_and_inputs(kind, 7, 3, 2, 5, seed=0), lambda hs: (hs[-1] ** 2).sum())
    print(kind.__name__, found.round(3))

# %% [markdown]
r"""
Two lines are wrong. The first makes everything vanish that comes by way of later states. The second can make a gradient look small that is long.

- `LINES`: the numbers of the two faulty lines, as a pair such as `(1, 2)`.
- `gradient_lengths(cell, xs, loss_fn)`: the lengths $\lVert \partial L / \partial h_t \rVert$ for $t = 1, \dots, T$, a NumPy array `(T,)`. The derivative is the whole one, by way of all later states. The length is that of all $B \cdot H$ numbers of a step taken as one vector. Looking must change nothing: no `.grad` of a weight may be touched. Do not use `rnncourse.diagnostics`.

<details><summary>Hint 1</summary>
From which tensor was h at step 4 computed: from row 3 of hs, or from the third tensor in states? Draw the arrows.
</details>
<details><summary>Hint 2</summary>
torch.autograd.grad takes a list of tensors and returns one gradient for each.
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex4-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
LINES = None  # two numbers from 1 to 8
### BEGIN SOLUTION
LINES = (7, 8)
### END SOLUTION


def gradient_lengths(cell, xs, loss_fn):
    """Return ||dL/dh_t|| for t = 1 .. T, an array (T,); xs is (T, B, D)."""
    ### BEGIN SOLUTION
    h, states = torch.zeros(xs.shape[1], cell.hidden_size, dtype=xs.dtype), []
    for x in xs:
        h = cell(x, h)
        states.append(h)
    loss = loss_fn(torch.stack(states))
    gradients = torch.stack(torch.autograd.grad(loss, states))  # (T, B, H)
    return gradients.pow(2).sum(dim=(1, 2)).sqrt().numpy()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex4-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
@torch.no_grad()
def nudged(cell, xs, loss_fn, t, nudge):
    """Run a cell; add a little to the state after step t (from 0); go on. Return the loss."""
    h, states = torch.zeros(xs.shape[1], cell.hidden_size, dtype=xs.dtype), []
    for s, x in enumerate(xs):
        h = cell(x, h) + (nudge if s == t else 0)
        states.append(h)
    return loss_fn(torch.stack(states)).item()


def measured_gradients(cell, xs, loss_fn, size=1e-5):
    """Return dL/dh_t (T, B, H) by central differences: what the words mean, without autograd."""
    found = np.zeros((*xs.shape[:2], cell.hidden_size))
    for index in np.ndindex(found.shape):
        nudge = torch.zeros(found.shape[1:], dtype=torch.float64)
        nudge[index[1:]] = size
        up, down = (nudged(cell, xs, loss_fn, index[0], sign * nudge) for sign in (1, -1))
        found[index] = (up - down) / (2 * size)
    return found


def check_lengths_of(kind, sizes, loss_fn, seed):
    cell, xs = cell_and_inputs(kind, *sizes, seed)
    found = gradient_lengths(cell, xs, loss_fn)
    clean = all(p.grad is None for p in cell.parameters())
    assert clean, "the weights now have a .grad: torch.autograd.grad leaves them alone, backward does not"
    checks.check_shape(found, sizes[:1], "gradient_lengths(...)")
    found, true = np.array(found, dtype=float), measured_gradients(cell, xs, loss_fn)
    T, B, H = true.shape
    states = true.reshape(T, -1)
    expected = np.sqrt((states**2).sum(axis=1))
    asked = np.array(microscope_of_a_colleague(cell, xs, loss_fn))
    assert not np.allclose(found, asked), "these are still the colleague's numbers: nothing has changed"
    silent = np.allclose(found[-1], expected[-1]) and not np.allclose(found[:-1], expected[:-1])
    assert not silent, (
        "the last step is right, but what comes by way of later states is missing: hs is a copy that "
        "nothing later was computed from; ask for the gradients of the tensors in the list states"
    )
    signed = np.allclose(found, np.abs(states.sum(axis=1)), atol=1e-7)
    assert not signed, "plus and minus cancel: square before you add up, and then take the root"
    sizes_summed = np.allclose(found, np.abs(states).sum(axis=1), atol=1e-7)
    assert not sizes_summed, "this is the sum of the sizes: the length is the root of the sum of squares"
    per_number = np.allclose(found * np.sqrt(B * H), expected)
    assert not per_number, "this is a mean: the length is the root of the sum over all B H numbers"
    per_row = B > 1 and np.allclose(found, np.sqrt((true**2).sum(axis=2)).mean(axis=1), atol=1e-7)
    assert not per_row, "the mean of the lengths of the sequences: take all B H numbers as one vector"
    checks.check_close(found, expected, "gradient_lengths(...) against nudges", tolerance=1e-6)


reasons = {
    1: "the state before the first step is zero, and no gradient of it is asked for",
    2: "the loop goes through time",
    3: "the state goes on to the next step with its history",
    4: "the list keeps the very tensors that the next steps are computed from",
    5: "to put the states side by side for the loss is right: no number changes",
    6: "the loss is that of the states",
}
pair = set(LINES) if isinstance(LINES, (tuple, list, set)) else {LINES}
assert len(pair) == 2 and pair <= set(range(1, 9)), "LINES must be a pair of numbers from 1 to 8"
for number in sorted(pair - {7, 8}):
    raise AssertionError(f"line {number} is right: {reasons[number]}")
last, every = (lambda hs: (hs[-1] ** 2).sum()), (lambda hs: torch.sin(3 * hs).sum())
check_lengths_of(torch.nn.RNNCell, (7, 3, 2, 5), last, seed=0)
check_lengths_of(torch.nn.GRUCell, (5, 2, 3, 4), every, seed=1)

# Hidden: other sizes.
### BEGIN HIDDEN TESTS
check_lengths_of(torch.nn.GRUCell, (4, 1, 2, 3), last, seed=2)
check_lengths_of(torch.nn.RNNCell, (3, 5, 2, 1), every, seed=3)
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 11.5 What is chance? (explain, medium, 15 minutes, 3 points)

A loss means little until you know what a model reaches that remembers nothing. Derive three such levels on paper, and enter them as formulas.

1. `adding_chance_level(a, b)`: in an adding problem all numbers are uniform between $a$ and $b$. Two of them, far apart, are marked. The target is their sum. What is the mean squared error of the best constant?
2. `copy_chance_level(num_symbols, num_items, num_blanks)`: read $S$ symbols (`num_items`), each one of $K$ (`num_symbols`), then $G$ blanks (`num_blanks`), a delimiter, and $S$ more blanks. Say blanks all the time, and in the last $S$ steps the symbols. So there are $2 S + G + 1$ steps. What is the mean loss per step, in nats, of the best predictor that has forgotten the symbols, but still knows what time it is?
3. `greeting_chance(num_names)`: *Jane walked into the room. John walked in too. ... Jane said hi to* ... who? Two of $K$ names, always different, all equally likely. Return the accuracy and the loss in nats of the best predictor that has forgotten the opening, but has just read who speaks.

Then judge four reports: did this model learn to carry anything? `LEARNT` holds `True` or `False` for each.

- `"A"`: adding, numbers from 0 to 1, error 0.166.
- `"B"`: adding, numbers from -1 to 1, error 0.166.
- `"C"`: copying, $K = 8$, $S = 10$, $G = 200$, mean loss 0.094 nats per step.
- `"D"`: greeting with five names, accuracy 25 %.

<details><summary>Hint to 1</summary>
The best constant is the mean of the target, and its squared error is the variance. Variances of independent numbers add. A uniform number has the variance (b - a)^2 / 12.
</details>
<details><summary>Hint to 2</summary>
At which steps is anything uncertain, and how uncertain? Divide by all steps.
</details>
<details><summary>Hint to 3</summary>
Nobody greets himself.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "ex5-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def adding_chance_level(a, b):
    """Return the mean squared error of the best constant."""
    ### BEGIN SOLUTION
    return 2 * (b - a) ** 2 / 12
    ### END SOLUTION


def copy_chance_level(num_symbols, num_items, num_blanks):
    """Return the mean loss per step in nats."""
    ### BEGIN SOLUTION
    return num_items * np.log(num_symbols) / (2 * num_items + num_blanks + 1)
    ### END SOLUTION


def greeting_chance(num_names):
    """Return the accuracy, and the loss in nats."""
    ### BEGIN SOLUTION
    return 1 / (num_names - 1), np.log(num_names - 1)
    ### END SOLUTION


LEARNT = {"A": None, "B": None, "C": None, "D": None}  # True or False
### BEGIN SOLUTION
LEARNT = {"A": False, "B": True, "C": False, "D": False}
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex5-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def simulated_adding(a, b, seed, trials=400_000):
    """Draw sums of two numbers; return the error of their own mean, the best constant."""
    sums = np.random.default_rng(seed).uniform(a, b, (trials, 2)).sum(axis=1)
    return ((sums - sums.mean()) ** 2).mean()


def entropy(counts):
    """Return the entropy in nats of what was counted."""
    p = counts[counts > 0] / counts.sum()
    return -(p * np.log(p)).sum()


def simulated_copy(num_symbols, num_items, num_blanks, seed):
    """Predict each step from how often each symbol was the target at that step: no memory at all."""
    task = copy_memory(num_blanks, 20_000, num_symbols, num_items, seed)
    return np.mean([entropy(np.bincount(row)) for row in task.targets])


def simulated_greeting(num_names, seed):
    """Read who speaks; guess from how often each name is greeted by this speaker."""
    names = [f"name{k}" for k in range(num_names)]
    template = GREETING._replace(answers=dict(zip(names, names, strict=True)))
    task = sentences_with_gap(template, 20, 60_000, seed)
    speaker = task.ids[-4]  # "... <speaker> said hi to"
    assert set(np.unique(speaker)) <= {tokens_of(template).index(name) for name in names}
    right, nats = 0.0, 0.0
    for name in np.unique(speaker):
        counts = np.bincount(task.answers[speaker == name])
        right, nats = right + counts.max(), nats + counts.sum() * entropy(counts)
    return right / len(speaker), nats / len(speaker)


def check_adding(a, b, seed):
    found, simulated = adding_chance_level(a, b), simulated_adding(a, b, seed)
    checks.check_shape(found, (), "adding_chance_level(...)")
    one = (b - a) ** 2 / 12
    assert not np.isclose(found, one), "that is the variance of one number, but two are added: variances add"
    assert not np.isclose(found, np.sqrt(2 * one)), "that is the root of the error: the squared error is asked for"
    assert not np.isclose(found, 4 * one), "twice one number would have 4 times its variance; these two are independent"
    fixed = np.isclose(found, 1 / 6) and not np.isclose(one, 1 / 12)
    assert not fixed, "1/6 holds for numbers from 0 to 1: how does a variance grow with the width b - a?"
    power = np.isclose(found, (b - a) / 6) and not np.isclose(b - a, 1)
    assert not power, "a variance grows with the square of the width b - a"
    checks.check_close(found, simulated, f"adding_chance_level({a}, {b}) against a simulation", tolerance=0.01)


def check_copy(num_symbols, num_items, num_blanks, seed):
    found = copy_chance_level(num_symbols, num_items, num_blanks)
    checks.check_shape(found, (), "copy_chance_level(...)")
    simulated = simulated_copy(num_symbols, num_items, num_blanks, seed)
    steps, nats = 2 * num_items + num_blanks + 1, np.log(num_symbols)
    assert not np.isclose(found, nats), "ln K is the loss of a step at which a symbol is asked for. Take the mean over all steps: at most of them nothing is uncertain"
    assert not np.isclose(found, num_items * nats), "that is the sum over the sequence: divide by the number of steps"
    assert not np.isclose(found, np.log(num_symbols + 2) * num_items / steps), "blank and delimiter are never the answer in the last S steps: K choices, not K + 2"
    without = steps - num_items
    assert not np.isclose(found, num_items * nats / without), "the steps at which the symbols are read count, too: T = 2 S + G + 1"
    name = f"copy_chance_level{(num_symbols, num_items, num_blanks)} against a simulation"
    checks.check_close(found, simulated, name, tolerance=0.01)


def check_greeting(num_names, seed):
    found = greeting_chance(num_names)
    checks.check_shape(found, (2,), "greeting_chance(...), accuracy and loss,")
    accuracy, nats = simulated_greeting(num_names, seed)
    forgets = np.isclose(found[0], 1 / num_names) or np.isclose(found[1], np.log(num_names))
    assert not forgets, "the closing says who speaks, and nobody greets himself: one name is out"
    pairs = np.isclose(found[0], 1 / (num_names * (num_names - 1)))
    assert not pairs, "the speaker is known: only the other name must be guessed, not the pair"
    checks.check_close(found[0], accuracy, "the accuracy against a simulation", tolerance=0.06)
    checks.check_close(found[1], nats, "the loss against a simulation", tolerance=0.01)


check_adding(0, 1, seed=0)
check_adding(2, 5, seed=1)
check_adding(-1, 1, seed=2)
check_copy(8, 10, 200, seed=3)
check_copy(3, 5, 7, seed=4)
check_greeting(5, seed=5)
check_greeting(3, seed=6)
verdicts = {
    "A": "1/6 = 0.167 is the chance level: nothing was learnt",
    "B": "between -1 and 1 chance is 4 times as large, 0.667: 0.166 is far better",
    "C": "chance is 10 ln 8 / 221 = 0.0941: a small loss, and nothing learnt",
    "D": "with five names, chance is one in four: the speaker is out",
}
assert set(LEARNT) == set("ABCD"), "LEARNT must have the names A to D"
for name, words in verdicts.items():
    assert LEARNT[name] in (True, False), f"LEARNT: say True or False for {name}"
    assert LEARNT[name] == (name == "B"), f"report {name}: {words}"

# Hidden: other settings.
### BEGIN HIDDEN TESTS
check_adding(-3, -2.5, seed=7)
check_copy(2, 1, 30, seed=8)
check_greeting(7, seed=9)
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 11.6 How far does it reach? (experiment, hard, 20 minutes, 3 points)

A network reads one of four symbols, then a gap of other symbols, then a question mark, and has to name the first symbol. Over which gap does it learn that within 150 training steps? And does it matter where $W_{hh}$ begins? *Predict first:* let the spectral radius of $W_{hh}$ be 0.5 or 1.0 at the start. Which one reaches further, and by how much?
"""

# %% nbgrader={"grade": false, "grade_id": "recall", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
GAPS, RADII, SEEDS, STEPS = (4, 8, 16, 32), (0.5, 1.0), (0, 1, 2), 150


def new_model(radius, seed):
    """Return a tanh network whose W_hh has this spectral radius; ids (T, B) -> logits (B, 4)."""
    torch.manual_seed(seed)
    return SequenceClassifier(spectral_radius_(ElmanCell(8, 24), radius), 4)


def draw(gap, batch_size, rng):
    """Draw fresh sequences: ids (gap + 2, B) and the answers (B,)."""
    task = delayed_recall(gap, batch_size, num_symbols=4, seed=rng)
    return torch.tensor(task.ids), torch.tensor(task.answers)


def share_that_arrives(gap, radius, seed):
    """Return ||dL/dh_1|| / ||dL/dh_T|| before any training."""
    batch = draw(gap, 64, np.random.default_rng(seed))
    gradients = microscope(new_model(radius, seed), batch, torch.nn.functional.cross_entropy).gradients
    lengths = norm_by_step(gradients["cell.state"])  # (T,)
    return lengths[0] / lengths[-1]


# %% [markdown]
r"""
- `accuracy_after_training(gap, radius, seed, steps)`: make `new_model(radius, seed)`. Train it with Adam, learning rate 0.003, for `steps` steps; each step takes 32 fresh sequences from one generator `np.random.default_rng(seed)`. The loss is the mean cross-entropy. Then return the share of right answers on 500 new sequences, drawn with `np.random.default_rng(10_000 + seed)`.
- `reach(accuracies)`: `accuracies` is a dict from each gap to its list of accuracies, one a seed. Return the largest gap at which the *median* is at least 0.9, at it and at all shorter gaps; 0 if the shortest fails already.
- `TABLE`: a dict from each radius to a dict from each gap to the accuracies for the seeds. Make it with your function (24 runs, about 10 s).
- `REACH`: a dict from each radius to its reach.
- `ARRIVES`: before training, with radius 0.5 and a gap of 16, which share of the gradient's length at the end arrives at the first step? `"A"`: about a tenth. `"B"`: about a thousandth. `"C"`: less than a ten-thousandth.

<details><summary>Hint 1</summary>
A training step: draw, loss, zero_grad, backward, step. The predicted class is the largest logit, argmax along axis 1.
</details>
<details><summary>Hint 2</summary>
TABLE is a dict comprehension in a dict comprehension, with a list comprehension inside.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "ex6-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def accuracy_after_training(gap, radius, seed, steps=STEPS):
    """Train a new model on fresh sequences; return its accuracy on 500 others."""
    ### BEGIN SOLUTION
    model, rng = new_model(radius, seed), np.random.default_rng(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    for _ in range(steps):
        ids, answers = draw(gap, 32, rng)
        loss = torch.nn.functional.cross_entropy(model(ids), answers)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    ids, answers = draw(gap, 500, np.random.default_rng(10_000 + seed))
    with torch.no_grad():
        return (model(ids).argmax(dim=1) == answers).double().mean().item()
    ### END SOLUTION


def reach(accuracies):
    """Return the largest gap up to which the median accuracy is at least 0.9, or 0."""
    ### BEGIN SOLUTION
    largest = 0
    for gap in sorted(accuracies):
        if np.median(accuracies[gap]) < 0.9:
            break
        largest = gap
    return largest
    ### END SOLUTION


TABLE, REACH, ARRIVES = None, None, None
### BEGIN SOLUTION
TABLE = {
    radius: {gap: [accuracy_after_training(gap, radius, seed) for seed in SEEDS] for gap in GAPS}
    for radius in RADII
}
REACH = {radius: reach(TABLE[radius]) for radius in RADII}
ARRIVES = "C"
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex6-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
class Recorder:
    """Stands in for draw, and remembers what was drawn."""

    def __init__(self, draw):
        self.draw, self.sizes, self.batches = draw, [], []

    def __call__(self, gap, batch_size, rng):
        ids, answers = self.draw(gap, batch_size, rng)
        self.sizes.append((gap, batch_size))
        self.batches.append(ids.numpy().tobytes())
        return ids, answers


def recorded(gap, radius, seed, steps):
    """Run the answer; return its accuracy and what it drew."""
    global draw
    own, draw = draw, Recorder(draw)
    try:
        return accuracy_after_training(gap, radius, seed, steps), draw
    finally:
        draw = own


def untrained(gap, radius, seed):
    ids, answers = draw(gap, 500, np.random.default_rng(10_000 + seed))
    return (new_model(radius, seed)(ids).argmax(dim=1) == answers).double().mean().item()


# The function: what it draws, where it starts, whether it learns, and whether it repeats itself.
found, record = recorded(3, 0.5, 1, steps=9)
checks.check_shape(found, (), "accuracy_after_training(...)")
assert (3, 500) in record.sizes, "test on 500 new sequences, not on those of the training"
training = [batch for size, batch in zip(record.sizes, record.batches, strict=True) if size[1] == 32]
assert len(set(training)) > 1, "every step draws the same sequences: make one generator, before the loop"
assert len(training) == 9, f"9 training steps must draw 32 sequences 9 times, not {len(training)} times"
assert len(set(training)) == 9, "some training steps see the same sequences: draw fresh ones each time"
assert {size[0] for size in record.sizes} == {3}, "training and test must have the same gap"
found = accuracy_after_training(3, 0.5, 1, steps=0)
hint = "Is the model new_model(radius, seed), and the test drawn with the generator 10_000 + seed?"
checks.check_close(found, untrained(3, 0.5, 1), "the accuracy after 0 steps", tolerance=1e-4, hint=hint)
found = accuracy_after_training(2, 0.5, 0, steps=STEPS)
assert found > 0.9, f"a gap of 2 is easy, but your model reaches {found:.2f}: does every step change the weights?"
# The reach.
examples = [
    ({4: [1, 1, 1], 8: [1, 0.95, 0.2], 16: [0.3, 0.2, 0.3]}, 8),
    ({4: [1, 1, 1], 8: [0.3, 0.2, 0.3], 16: [1, 1, 1]}, 4),
    ({4: [0.5, 0.5, 1.0], 8: [0.3, 0.2, 0.3]}, 0),
    ({8: [0.3, 0.3, 0.3], 4: [0.9, 0.9, 0.9]}, 4),
]
for accuracies, expected in examples:
    gap, medians = reach(accuracies), {g: float(np.median(a)) for g, a in accuracies.items()}
    assert gap is not None, "reach returns None: return 0 where the shortest gap fails already"
    lucky = expected == 4 and gap == 16
    assert not lucky, "a longer gap may succeed by luck where a shorter one fails: stop at the first that fails"
    assert gap == expected, f"medians {medians}: the reach is {expected}, not {gap}"
# The table.
whole = isinstance(TABLE, dict) and set(TABLE) == set(RADII) and all(set(TABLE[r]) == set(GAPS) for r in RADII)
assert whole, "TABLE must have the two radii, and for each of them the four gaps"
for radius in RADII:
    for gap in GAPS:
        checks.check_shape(TABLE[radius][gap], (3,), f"TABLE[{radius}][{gap}]")
for radius, gap, seed in ((0.5, 4, 1), (1.0, 8, 0)):
    again, noted = accuracy_after_training(gap, radius, seed, steps=STEPS), TABLE[radius][gap][seed]
    assert abs(again - noted) < 0.02, (
        f"TABLE[{radius}][{gap}][{seed}] is {noted:.3f}, but your function now returns {again:.3f}: fill "
        "the table with its results, and let the seed decide everything"
    )
assert REACH == {r: reach(TABLE[r]) for r in RADII}, "REACH does not follow from TABLE: apply reach to each row"
assert 4 <= REACH[0.5] <= 8, f"with radius 0.5 the reach is usually 8, and yours is {REACH[0.5]}"
assert REACH[1.0] > REACH[0.5], "radius 1.0 should reach further: is the radius handed on to new_model?"
measured = np.median([share_that_arrives(16, 0.5, seed) for seed in range(5)])
assert ARRIVES in ("A", "B", "C"), 'ARRIVES is one of "A", "B", "C"'
truth = "C" if measured < 1e-4 else "B" if measured < 1e-2 else "A"
assert ARRIVES == truth, f"measured: {measured:.0e}. Each of the 17 steps back keeps about half, or less"

# Hidden: another seed.
### BEGIN HIDDEN TESTS
assert accuracy_after_training(2, 1.0, 5, steps=STEPS) > 0.9
assert reach({1: [0.9], 2: [0.89], 4: [1.0]}) == 1
### END HIDDEN TESTS

# %% [markdown]
r"""
**To think about** (not graded). Half of the gradient is lost per step, so that not even a ten-thousandth arrives over a gap of 16. Adam divides each weight's gradient by its usual size. Why does this not bring the long gap back? (Which part of the gradient of $W_{xh}$ and $W_{hh}$ comes from the last few steps, and which from the first?)
"""
