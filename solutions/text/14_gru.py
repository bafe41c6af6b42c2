# %% [markdown]
r"""
# Exercises to chapter 14: the gated recurrent unit and relatives

These go with [chapter 14](../../chapters/14_gru.ipynb). Six exercises, 14 points, about 85 minutes.

Write your answer where the cell says so and run the check below it. A check that passes prints nothing; one that fails says what is probably wrong. When an instructor grades the notebook, some more checks of the same kind run on other data.

Rows, with $D$ numbers in $x_t$ and $H$ in $h_t$. Where nothing else is said, the GRU is torch's, with `*` unit by unit and $\sigma(a) = 1 / (1 + e^{-a})$:

$$r_t = \sigma(x_t W_{xr} + h_{t-1} W_{hr} + b_r), \quad z_t = \sigma(x_t W_{xz} + h_{t-1} W_{hz} + b_z),$$
$$n_t = \tanh(x_t W_{xn} + b_n + r_t * (h_{t-1} W_{hn} + b_{hn})), \qquad h_t = (1 - z_t) * n_t + z_t * h_{t-1}.$$

Blocks stand side by side in the order r z n: `W_xh` $(D, 3H)$, `W_hh` $(H, 3H)$, `b_h` $(3H,)$; and `b_hn` $(H,)$.
"""

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
import numpy as np
import torch

from rnncourse import checks
from rnncourse.cells.gru import ChoGRUCell, ChungGRUCell, GRUCell
from rnncourse.cells.unroll import unroll
from rnncourse.experiments.fast import fast_gru, fast_lstm, fast_rnn, num_parameters
from rnncourse.models import LanguageModel, SequenceClassifier
from rnncourse.tasks_recall import delayed_recall, prefix_parity

torch.set_num_threads(1)


def sigmoid(a):
    """Compute 1 / (1 + e^-a), for large |a| as well."""
    return 0.5 + 0.5 * np.tanh(0.5 * np.asarray(a))


def draw(*shapes, seed):
    """Draw arrays of normal numbers."""
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape) for shape in shapes]


def filled(cell, **weights):
    """Put weights into a cell of the course, in double precision."""
    cell = cell.double()
    with torch.no_grad():
        for name, value in weights.items():
            getattr(cell, name).copy_(torch.tensor(value))
    return cell


# %% [markdown]
r"""
## Exercise 14.1 One step of the GRU (implement, easy, 10 minutes, 2 points)

Write one step for a whole batch in NumPy, with a mask: sequences that have already ended keep their state.

- `x` $(B, D)$; `h` $(B, H)$, the state before; `mask` $(B,)$, booleans, `False` where the sequence has ended.
- `W_xh`, `W_hh`, `b_h`, `b_hn` as above.
- Return the new `h` $(B, H)$. The arguments stay as they were.

`sigmoid` is given.

<details><summary>Hint 1</summary>
Keep x W_xh + b_h and h W_hh apart: r multiplies the last block of the second alone.
</details>
<details><summary>Hint 2</summary>
np.where(mask[:, None], new, old) chooses row by row.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "ex1-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def gru_step(x, h, mask, W_xh, W_hh, b_h, b_hn):
    """Return the new h (B, H); rows with mask False stay."""
    ### BEGIN SOLUTION
    xr, xz, xn = np.split(x @ W_xh + b_h, 3, axis=-1)  # (B, H) each
    hr, hz, hn = np.split(h @ W_hh, 3, axis=-1)  # (B, H) each
    z = sigmoid(xz + hz)
    n = np.tanh(xn + sigmoid(xr + hr) * (hn + b_hn))
    return np.where(mask[:, None], (1 - z) * n + z * h, h)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex1-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def by_torch(x, h, W_xh, W_hh, b_h, b_hn):
    """Return what torch.nn.GRUCell makes of it."""
    cell = torch.nn.GRUCell(x.shape[1], h.shape[1]).double()
    second = np.concatenate([np.zeros(2 * len(b_hn)), b_hn])
    with torch.no_grad():
        for own, given in zip(cell.parameters(), (W_xh, W_hh, b_h, second), strict=True):
            own.copy_(torch.tensor(given.T))
        return cell(torch.tensor(x), torch.tensor(h)).numpy()


def call(*arguments):
    """Run the answer on copies; see that they stay as they were."""
    copies = [np.array(argument) for argument in arguments]
    found = gru_step(*copies)
    same = all(np.array_equal(a, b) for a, b in zip(copies, arguments, strict=True))
    assert same, "you overwrite an argument: make new arrays"
    return found


def case(B, D, H, seed):
    """Draw x, h and weights."""
    return draw((B, D), (B, H), (D, 3 * H), (H, 3 * H), (3 * H,), (H,), seed=seed)


def check_step(B, D, H, seed):
    x, h, *weights = case(B, D, H, seed)
    found = call(x, h, np.full(B, True), *weights)
    checks.check_shape(found, (B, H), "the new h")
    expected = by_torch(x, h, *weights)
    for order, name in (((1, 0, 2), "z r n"), ((0, 2, 1), "r n z"), ((2, 1, 0), "n z r")):
        others = [np.concatenate([np.split(w, 3, axis=-1)[k] for k in order], axis=-1) for w in weights[:3]]
        assert not np.allclose(found, by_torch(x, h, *others, weights[3])), f"you read the blocks in the order {name}; they stand in the order r z n"
    turned = [np.concatenate([w[..., :H], -w[..., H : 2 * H], w[..., 2 * H :]], axis=-1) for w in weights[:3]]
    assert not np.allclose(found, by_torch(x, h, *turned, weights[3])), "your z lets the new state in; here z keeps the old one"
    W_xh, W_hh, b_h, b_hn = weights
    outside = b_h + np.concatenate([np.zeros(2 * H), b_hn])
    assert not np.allclose(found, by_torch(x, h, W_xh, W_hh, outside, 0 * b_hn)), "b_hn stands inside the bracket that r multiplies"
    cho = filled(ChoGRUCell(D, H), W_xh=W_xh, W_hh=W_hh[:, : 2 * H], W_hn=W_hh[:, 2 * H :], b_h=outside)
    before = cho(torch.tensor(x), torch.tensor(h))[0].detach().numpy()
    without = by_torch(x, h, W_xh, W_hh, b_h, 0 * b_hn)
    assert not np.allclose(found, before), "you reset h before the product, r * h; here r multiplies the product"
    assert not np.allclose(found, without), "b_hn is missing"
    checks.check_close(found, expected, "the new h", tolerance=1e-9, hint="Compared with torch.nn.GRUCell")


# By hand: one unit, the sums 0 for r, 1 for z; the recalled part is 2 * 0.5 = 1.
one = [np.array(part, dtype=float) for part in ([[1]], [[0.5]], [[0, 0.5, 0.5]], [[0, 1, 2]], [0, 0, 0], [0])]
with np.errstate(all="ignore"):
    found = call(*one[:2], np.array([True]), *one[2:])
checks.check_shape(found, (1, 1), "the new h")
assert not np.isclose(found[0, 0], 0.691, atol=0.001), "your z lets the new state in; here z keeps the old one"
for sizes, seed in (((5, 3, 7), 0), ((2, 5, 3), 1)):
    check_step(*sizes, seed)
checks.check_close(found, [[0.570]], "the new h of the step by hand", tolerance=0.001)
# Sequences that have ended.
x, h, *weights = case(4, 3, 5, 2)
mask = np.array([True, False, True, False])
found, expected = call(x, h, mask, *weights), by_torch(x, h, *weights)
assert not np.allclose(found, expected), "the mask is not used: a row with False keeps its state"
assert not np.allclose(found[~mask], 0), "a sequence that has ended keeps its state; you set it to 0"
assert not np.allclose(found[mask], h[mask]), "True and False are exchanged: True goes on"
checks.check_close(found[~mask], h[~mask], "the rows that have ended", tolerance=1e-12)
checks.check_close(found[mask], expected[mask], "the rows that go on", tolerance=1e-9)

# Hidden: other sizes.
### BEGIN HIDDEN TESTS
check_step(3, 2, 11, 3)
check_step(1, 1, 2, 4)
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 14.2 Whose z is it? (explain, medium, 10 minutes, 2 points)

Three readings of "the GRU". $m_t$ is what stands in front of $W_{hn}$.

| reading | new state | candidate |
|---|---|---|
| `"A"` | $h_t = (1 - z_t) * h_{t-1} + z_t * n_t$ | $n_t = \tanh(x_t W_{xn} + (r_t * h_{t-1}) W_{hn} + b_n)$ |
| `"B"` | $h_t = (1 - z_t) * n_t + z_t * h_{t-1}$ | $n_t = \tanh(x_t W_{xn} + b_n + r_t * (h_{t-1} W_{hn} + b_{hn}))$ |
| `"C"` | $h_t = z_t * h_{t-1} + (1 - z_t) * n_t$ | $n_t = \tanh(x_t W_{xn} + (r_t * h_{t-1}) W_{hn} + b_n)$ |

1. `WHO`: for each of A, B, C one of `"torch"`, `"Cho"` (Cho et al. 2014, as printed), `"Chung"` (Chung et al. 2014).
2. `Z_ONE`: for each, what $z_t = 1$ does: `"keeps"` the old state or `"replaces"` it.
3. `LEFT`: for each, the share of the old state that is left on the direct path after 10 steps, if $z_t = \sigma(2)$ at each step (a relative 1 % is near enough).
4. `START`: for each, the bias $b_z$ to begin with, $-3$ or 3, if the cell is to remember over 40 steps from the start.
5. `SAME`: can B compute *exactly* what C computes, with the same $W$ and $b$, and $b_{hn} = 0$? `True` or `False` if
    - `"r"`: the reset gate is the same number for all units;
    - `"diagonal"`: $W_{hn}$ is diagonal;
    - `"symmetric"`: $W_{hn}$ is symmetric;
    - `"shut"`: the update gate is 0 everywhere.

<details><summary>Hint to 5</summary>
Unit j of the candidate sums r_i h_i W_ij over i in C, and is r_j times the sum of h_i W_ij in B.
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex2-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
WHO = {"A": None, "B": None, "C": None}
Z_ONE = {"A": None, "B": None, "C": None}
LEFT = {"A": None, "B": None, "C": None}
START = {"A": None, "B": None, "C": None}
SAME = {"r": None, "diagonal": None, "symmetric": None, "shut": None}
### BEGIN SOLUTION
WHO = {"A": "Chung", "B": "torch", "C": "Cho"}
Z_ONE = {"A": "replaces", "B": "keeps", "C": "keeps"}
LEFT = {"A": sigmoid(-2) ** 10, "B": sigmoid(2) ** 10, "C": sigmoid(2) ** 10}
START = {"A": -3, "B": 3, "C": 3}
SAME = {"r": True, "diagonal": True, "symmetric": False, "shut": False}
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex2-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
CELLS = {"torch": GRUCell, "Cho": ChoGRUCell, "Chung": ChungGRUCell}


def share_left(kind, bias, steps):
    """Let a cell without weights fade; its gate z is the sigmoid of the bias."""
    cell, h = CELLS[kind](1, 1, update_bias=bias, scale=0).double(), torch.ones(1, 1).double()
    for _ in range(steps):
        _, h = cell(torch.zeros(1, 1).double(), h)
    return h.item()


def differ(condition, seed):
    """Return how far torch's and Cho's cell are apart under a condition."""
    x, h, W_xh, W_hh = draw((5, 3), (5, 4), (3, 12), (4, 12), seed=seed)
    if condition == "diagonal":
        W_hh[:, 8:] *= np.eye(4)
    if condition == "symmetric":
        W_hh[:, 8:] += W_hh[:, 8:].T.copy()
    W_xh, W_hh = (np.concatenate([w[:, :4] * (condition != "r"), w[:, 4:]], axis=1) for w in (W_xh, W_hh))
    b_h = np.array([0.5] * 4 + [-60.0 if condition == "shut" else 0.2] * 4 + [0.1] * 4)
    after = filled(GRUCell(3, 4), W_xh=W_xh, W_hh=W_hh, b_h=b_h)
    before = filled(ChoGRUCell(3, 4), W_xh=W_xh, W_hh=W_hh[:, :8], W_hn=W_hh[:, 8:], b_h=b_h)
    outputs = [cell(torch.tensor(x), torch.tensor(h))[0] for cell in (after, before)]
    return (outputs[0] - outputs[1]).abs().max().item()


for table, name in ((WHO, "WHO"), (Z_ONE, "Z_ONE"), (LEFT, "LEFT"), (START, "START")):
    assert isinstance(table, dict) and set(table) == set("ABC"), f"{name} must have A, B and C"
    assert all(table[k] is not None for k in "ABC"), f"{name}: an answer is still None"
assert set(WHO.values()) == set(CELLS), "WHO: each of torch, Cho and Chung is the answer once"
assert WHO["B"] == "torch", "WHO: torch has a bias of its own inside the bracket that r multiplies"
assert WHO["A"] == "Chung", "WHO: Cho et al. have z beside the old state"
for k, kind in (("A", "Chung"), ("B", "torch"), ("C", "Cho")):
    assert Z_ONE[k] in ("keeps", "replaces"), 'Z_ONE: say "keeps" or "replaces"'
    left = share_left(kind, 50, 1)
    assert (Z_ONE[k] == "keeps") == (left > 0.5), f"Z_ONE, {k}: put z = 1 into the formula: {left:.0f} times the old state is left"
    truth = share_left(kind, 2.0, 10)
    checks.check_shape(LEFT[k], (), f'LEFT["{k}"]')
    once = np.isclose(LEFT[k], share_left(kind, 2.0, 1), rtol=0.02)
    assert not once, f"LEFT, {k}: this is left after one step; each step multiplies again"
    other = np.isclose(LEFT[k], share_left("Cho" if k == "A" else "Chung", 2.0, 10), rtol=0.02)
    assert not other, f"LEFT, {k}: this holds for the other meaning of z"
    checks.check_close(LEFT[k], truth, f'LEFT["{k}"]', tolerance=0.02)
    assert START[k] in (-3, 3), "START: -3 or 3"
    kept = share_left(kind, float(START[k]), 40)
    assert kept > 0.1, f"START, {k}: with {START[k]} a share of {kept:.1g} is left after 40 steps"
conditions = {"r", "diagonal", "symmetric", "shut"}
answered = isinstance(SAME, dict) and set(SAME) == conditions and all(v in (True, False) for v in SAME.values())
assert answered, 'SAME: say True or False for "r", "diagonal", "symmetric" and "shut"'
reasons = {
    "r": "a single number can be taken out of the sum",
    "diagonal": "then the sum has one term, and r_i is r_j",
    "symmetric": "r_i and r_j stand at different places of the same sum, whatever W is",
    "shut": "then h is n alone, and it is in n that the two differ",
}
for condition, answer in SAME.items():
    apart = differ(condition, seed=0)
    assert answer == (apart < 1e-9), f"SAME, {condition}: {reasons[condition]}. Measured: they are {apart:.1g} apart"

# Hidden: other draws.
### BEGIN HIDDEN TESTS
for seed in (1, 2):
    assert all(SAME[condition] == (differ(condition, seed) < 1e-9) for condition in conditions)
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 14.3 Convert the weights (implement, medium, 15 minutes, 3 points)

Somebody gives you a trained GRU as NumPy arrays, and your program speaks another dialect.

1. `cho_to_chung(W_xh, W_hh, W_hn, b_h)`: the weights of Cho's GRU, `W_xh` $(D, 3H)$ and `b_h` $(3H,)$ in the order r z n, `W_hh` $(H, 2H)$ in the order r z, `W_hn` $(H, H)$. Return four *new* arrays with which Chung's GRU computes the same.
2. `to_torch(W_xh, W_hh, b_h, b_hn)`: our row-vector GRU. Return a dict with NumPy arrays for `torch.nn.GRU`: `weight_ih_l0` $(3H, D)$, `weight_hh_l0` $(3H, H)$, `bias_ih_l0` and `bias_hh_l0`, $(3H,)$ each. torch multiplies columns from the left, $W x$, and adds both biases: for n, the second one stands inside the bracket that r multiplies.
3. `from_torch(weights)`: such a dict back to `W_xh`, `W_hh`, `b_h`, `b_hn`, for *any* values of torch's two biases.

<details><summary>Hint 1</summary>
1 - sigmoid(a) = sigmoid(-a), and a is a sum of three terms.
</details>
<details><summary>Hint 2</summary>
x W and W^T x are the same numbers. For r and z only the sum of torch's two biases counts; for n they are two different things.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "ex3-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def cho_to_chung(W_xh, W_hh, W_hn, b_h):
    """Return the weights of a Chung GRU that computes the same, four new arrays."""
    ### BEGIN SOLUTION
    H = len(W_hn)
    flipped = [w.copy() for w in (W_xh, W_hh, b_h)]
    for w in flipped:
        w[..., H : 2 * H] *= -1
    return flipped[0], flipped[1], W_hn.copy(), flipped[2]
    ### END SOLUTION


def to_torch(W_xh, W_hh, b_h, b_hn):
    """Return the four arrays of torch.nn.GRU, a dict."""
    ### BEGIN SOLUTION
    second = np.concatenate([np.zeros(2 * len(b_hn)), b_hn])
    return {"weight_ih_l0": W_xh.T, "weight_hh_l0": W_hh.T, "bias_ih_l0": b_h, "bias_hh_l0": second}
    ### END SOLUTION


def from_torch(weights):
    """Return W_xh (D, 3H), W_hh (H, 3H), b_h (3H,) and b_hn (H,)."""
    ### BEGIN SOLUTION
    W_xh, W_hh = weights["weight_ih_l0"].T, weights["weight_hh_l0"].T
    first, second, H = weights["bias_ih_l0"], weights["bias_hh_l0"], len(W_hh)
    b_h = np.concatenate([(first + second)[: 2 * H], first[2 * H :]])
    return W_xh, W_hh, b_h, second[2 * H :]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex3-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def outputs_of(cell, xs):
    return unroll(cell, torch.tensor(xs))[0].detach().numpy()


def torch_gru(weights, D, H):
    """Return an nn.GRU with these arrays."""
    rnn = torch.nn.GRU(D, H).double()
    rnn.load_state_dict({name: torch.tensor(np.array(value)) for name, value in weights.items()})
    return rnn


def check_flip(T, B, D, H, seed):
    xs, *weights = draw((T, B, D), (D, 3 * H), (H, 2 * H), (H, H), (3 * H,), seed=seed)
    copies = [w.copy() for w in weights]
    found = cho_to_chung(*copies)
    assert all(np.array_equal(a, b) for a, b in zip(copies, weights, strict=True)), "cho_to_chung overwrites its arguments: return new arrays"
    four = isinstance(found, (tuple, list)) and len(found) == 4
    assert four, "cho_to_chung returns four arrays: W_xh, W_hh, W_hn, b_h"
    names = ("W_xh", "W_hh", "W_hn", "b_h")
    for part, own, name in zip(found, weights, names, strict=True):
        checks.check_shape(part, own.shape, name)
    goal = outputs_of(filled(ChoGRUCell(D, H), **dict(zip(names, weights, strict=True))), xs)
    mine = outputs_of(filled(ChungGRUCell(D, H), **dict(zip(names, found, strict=True))), xs)
    changed = [name for part, own, name in zip(found, weights, names, strict=True) if not np.allclose(part, own)]
    assert changed, "nothing was changed: the same weights compute something else, as z means the opposite"
    assert "W_hn" not in changed, "W_hn belongs to the candidate n; only what makes z changes its sign"
    r_and_n = any(not np.allclose(np.delete(part, np.s_[H : 2 * H], axis=-1), np.delete(own, np.s_[H : 2 * H], axis=-1)) for part, own in zip(found, weights, strict=True) if part.shape[-1] > H)
    assert not r_and_n, "you changed the blocks of r or n: the order is r z n, and z is in the middle"
    assert changed == ["W_xh", "W_hh", "b_h"], f"you changed only {' and '.join(changed)}: all three terms of the sum of z change their sign"
    checks.check_close(mine, goal, "the outputs of the converted GRU", tolerance=1e-9)


def check_to_torch(T, B, D, H, seed):
    xs, *weights = draw((T, B, D), (D, 3 * H), (H, 3 * H), (3 * H,), (H,), seed=seed)
    made = to_torch(*[w.copy() for w in weights])
    shapes = {"weight_ih_l0": (3 * H, D), "weight_hh_l0": (3 * H, H), "bias_ih_l0": (3 * H,), "bias_hh_l0": (3 * H,)}
    assert isinstance(made, dict) and set(made) == set(shapes), f"to_torch returns a dict with {', '.join(shapes)}"
    for name, shape in shapes.items():
        checks.check_shape(made[name], shape, name)
    reshaped = np.allclose(made["weight_ih_l0"], weights[0].reshape(3 * H, D))
    assert not reshaped, "reshape fills the rows in another order: transpose"
    goal = outputs_of(filled(GRUCell(D, H), W_xh=weights[0], W_hh=weights[1], b_h=weights[2], b_hn=weights[3]), xs)
    total = made["bias_ih_l0"] + made["bias_hh_l0"]
    assert not np.allclose(total, weights[2]), "b_hn is missing"
    assert not np.allclose(made["bias_hh_l0"][2 * H :], 0), "b_hn belongs into torch's second bias, inside the bracket that r multiplies"
    twice = np.allclose(made["bias_hh_l0"][: 2 * H], weights[2][: 2 * H]) and np.allclose(made["bias_ih_l0"], weights[2])
    assert not twice, "b_r and b_z stand in both biases: torch adds them up"
    with torch.no_grad():
        mine = torch_gru(made, D, H)(torch.tensor(xs))[0].numpy()
    checks.check_close(mine, goal, "the outputs of nn.GRU", tolerance=1e-9)


def check_from_torch(T, B, D, H, seed):
    torch.manual_seed(seed)
    rnn, (xs,) = torch.nn.GRU(D, H).double(), draw((T, B, D), seed=seed)
    weights = {name: value.detach().numpy().copy() for name, value in rnn.named_parameters()}
    answer = from_torch(weights)
    four = isinstance(answer, (tuple, list)) and len(answer) == 4
    assert four, "from_torch returns four arrays: W_xh, W_hh, b_h, b_hn"
    names = ("W_xh", "W_hh", "b_h", "b_hn")
    for part, name, shape in zip(answer, names, ((D, 3 * H), (H, 3 * H), (3 * H,), (H,)), strict=True):
        checks.check_shape(part, shape, name)
    first, second = weights["bias_ih_l0"], weights["bias_hh_l0"]
    assert not np.allclose(answer[2], first), "b_h: for r and z, torch's second bias counts as well"
    assert not np.allclose(answer[2], first + second), "b_h: for n, the second bias is b_hn and is not added to the first"
    mine = outputs_of(filled(GRUCell(D, H), **dict(zip(names, answer, strict=True))), xs)
    with torch.no_grad():
        checks.check_close(mine, rnn(torch.tensor(xs))[0].numpy(), "the outputs with from_torch", tolerance=1e-9)


for check in (check_flip, check_to_torch, check_from_torch):
    for sizes, seed in (((5, 2, 3, 7), 0), ((3, 1, 5, 4), 1)):
        check(*sizes, seed)

# Hidden: other sizes.
### BEGIN HIDDEN TESTS
for check in (check_flip, check_to_torch, check_from_torch):
    check(4, 3, 2, 5, 2)
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 14.4 The missing term (find the bug, medium, 15 minutes, 2 points)

A colleague wrote down the derivative of *Chung's* GRU, $h_t = (1 - z_t) * h_{t-1} + z_t * n_t$ with $n_t = \tanh(x_t W_{xn} + (r_t * h_{t-1}) W_{hn} + b_n)$, as a matrix: $\partial h_{t,j} / \partial h_{t-1,i}$ in row $i$ and column $j$. In NumPy, `M * v` with a matrix $(H, H)$ and a row $(H,)$ multiplies column $j$ of `M` by $v_j$. The matrix passes no check.
"""


# %% nbgrader={"grade": false, "grade_id": "colleague", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def jacobian_of_a_colleague(x, h, W_xh, W_hh, W_hn, b_h):
    """Return dh_t / dh_{t-1} (H, H); x is (D,), h is (H,)."""
    xr, xz, xn = np.split(x @ W_xh + b_h, 3)  # line 1
    W_hr, W_hz = np.split(W_hh, 2, axis=1)  # line 2
    r, z = sigmoid(xr + h @ W_hr), sigmoid(xz + h @ W_hz)  # line 3
    n = np.tanh(xn + (r * h) @ W_hn)  # line 4
    d_r = W_hr * r * (1 - r)  # line 5: dr / dh
    d_m = np.diag(r) + d_r * h  # line 6: d(r * h) / dh
    d_n = d_m @ W_hn * (1 - n**2)  # line 7: dn / dh
    return np.diag(1 - z) + d_n * z  # line 8


# %% [markdown]
r"""
- `LINE`: the line in which something is missing.
- `chung_jacobian(x, h, W_xh, W_hh, W_hn, b_h)`: the matrix as it should be.
- `HARMLESS`: is the colleague's matrix right (to 1e-9) under each of these conditions, with all else random? `True` or `False`.
    - `"first step"`: $h_{t-1} = 0$;
    - `"shut"`: $b_z = -60$;
    - `"half"`: $z_t = 0.5$ for all units, because $W_{xz}$ and $b_z$ are 0 and so is $h_{t-1} W_{hz}$ (by chance: $W_{hz}$ is not 0);
    - `"blind"`: $W_{hz} = 0$.

<details><summary>Hint 1</summary>
The product rule. Which three things in the formula of h_t depend on the old state?
</details>
<details><summary>Hint 2</summary>
h_t = h_{t-1} + z_t * (n_t - h_{t-1}): so dh_{t,j} / dz_{t,j} is n - h here. In torch's convention it has the other sign.
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex4-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
LINE = None  # a number from 1 to 8
HARMLESS = {"first step": None, "shut": None, "half": None, "blind": None}
### BEGIN SOLUTION
LINE = 8
HARMLESS = {"first step": False, "shut": True, "half": False, "blind": True}
### END SOLUTION


def chung_jacobian(x, h, W_xh, W_hh, W_hn, b_h):
    """Return dh_t / dh_{t-1} (H, H)."""
    ### BEGIN SOLUTION
    xr, xz, xn = np.split(x @ W_xh + b_h, 3)
    W_hr, W_hz = np.split(W_hh, 2, axis=1)
    r, z = sigmoid(xr + h @ W_hr), sigmoid(xz + h @ W_hz)
    n = np.tanh(xn + (r * h) @ W_hn)
    d_r, d_z = W_hr * r * (1 - r), W_hz * z * (1 - z)
    d_n = (np.diag(r) + d_r * h) @ W_hn * (1 - n**2)
    return np.diag(1 - z) + d_n * z + d_z * (n - h)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex4-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def by_autograd(x, h, W_xh, W_hh, W_hn, b_h):
    """Return the matrix from autograd."""
    cell = filled(ChungGRUCell(len(x), len(h)), W_xh=W_xh, W_hh=W_hh, W_hn=W_hn, b_h=b_h)
    step = lambda state: cell(torch.tensor(x)[None], state[None])[0][0]
    return torch.autograd.functional.jacobian(step, torch.tensor(h)).T.numpy()


def situation(D, H, seed):
    return draw((D,), (H,), (D, 3 * H), (H, 2 * H), (H, H), (3 * H,), seed=seed)


def check_jacobian(D, H, seed):
    case = situation(D, H, seed)
    found, expected, theirs = chung_jacobian(*case), by_autograd(*case), jacobian_of_a_colleague(*case)
    checks.check_shape(found, (H, H), "chung_jacobian(...)")
    assert not np.allclose(found, theirs), "this is the colleague's matrix: h_t depends on h_{t-1} through z_t as well"
    turned = np.allclose(found - theirs, theirs - expected)
    assert not turned, "the new term has the wrong sign: here z lets n in, so it is n - h"
    z = sigmoid((case[0] @ case[2] + case[5])[H : 2 * H] + case[1] @ case[3][:, H:])
    no_slope = np.allclose((found - theirs) * z * (1 - z), expected - theirs)
    assert not no_slope, "the slope z (1 - z) of the sigmoid is missing in the new term"
    rows = np.allclose(found - theirs, (expected - theirs).T)
    assert not rows, "the new term is transposed: row i is the old unit, column j the new one"
    checks.check_close(found, expected, "chung_jacobian(...)", tolerance=1e-9, hint="Compared with autograd")


reasons = {
    1: "these are the parts of the sums that come from x",
    2: "W_hh holds r and z side by side",
    3: "both gates are right",
    4: "Chung's reset stands before the product",
    5: "column j of W_hr times the slope of r_j",
    6: "the product rule for r * h",
    7: "through the matrix, then through tanh",
}
assert LINE in range(1, 9), "LINE must be a number from 1 to 8"
assert LINE == 8, f"line {LINE} is right: {reasons[LINE]}"
for sizes, seed in (((3, 5), 0), ((2, 7), 1), ((1, 2), 2)):
    check_jacobian(*sizes, seed)


def harmless(condition, seed):
    """Compare the colleague's matrix with autograd under a condition."""
    x, h, W_xh, W_hh, W_hn, b_h = situation(3, 4, seed)
    if condition == "first step":
        h = 0 * h
    if condition == "shut":
        b_h[4:8] = -60
    if condition == "half":
        W_xh[:, 4:8], b_h[4:8] = 0, 0
        W_hh[:, 4:] -= np.outer(h, h @ W_hh[:, 4:]) / (h @ h)
    if condition == "blind":
        W_hh[:, 4:] = 0
    case = (x, h, W_xh, W_hh, W_hn, b_h)
    return np.abs(jacobian_of_a_colleague(*case) - by_autograd(*case)).max()


names = {"first step", "shut", "half", "blind"}
answered = isinstance(HARMLESS, dict) and set(HARMLESS) == names and all(v in (True, False) for v in HARMLESS.values())
assert answered, "HARMLESS: say True or False for the four conditions"
why = {
    "first step": "n - h is n there, and not 0",
    "shut": "a sigmoid at its end has no slope",
    "half": "at 0.5 the slope of the sigmoid is at its largest; that the sum is 0 does not make its derivative 0",
    "blind": "then z does not depend on h",
}
for condition, answer in HARMLESS.items():
    off = harmless(condition, seed=0)
    assert answer == (off < 1e-9), f"HARMLESS, {condition}: {why[condition]}. Measured: the matrix is off by {off:.1g}"

# Hidden: other draws.
### BEGIN HIDDEN TESTS
check_jacobian(4, 3, 5)
assert all(HARMLESS[condition] == (harmless(condition, 1) < 1e-9) for condition in names)
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 14.5 Equal parameters (implement, medium, 15 minutes, 2 points)

A fair comparison of cells may give each the same number of parameters. A language model of torch's modules is `nn.RNN(D, H)`, `nn.GRU(D, H)` or `nn.LSTM(D, H)`, each with *two* rows of biases, and a read-out `nn.Linear(H, V)` with a bias.

1. `model_size(kind, D, H, V)`: the number of parameters; `kind` is `"RNN"`, `"GRU"` or `"LSTM"`. A formula: build no module.
2. `units_for(kind, D, V, target)`: the $H \geq 1$ whose model has the number of parameters *closest* to `target`; of two that are equally close, the smaller. Targets go up to $10^{14}$, so trying one $H$ after the other takes too long.
3. `RATIO`: for very large targets and fixed $D$ and $V$, what do the ratios of units come to? A dict: `"GRU"` for $H$ of the GRU over $H$ of the RNN, `"LSTM"` likewise (two digits).

<details><summary>Hint 1</summary>
The size is a H^2 + b H + c with numbers a, b, c that you know, and it grows with H. Solve the quadratic equation, and look at the whole numbers on both sides of the root.
</details>
<details><summary>Hint 2</summary>
Rounding the root is not the same as taking the closest size: the size grows faster above than below.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "ex5-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def model_size(kind, D, H, V):
    """Return the number of parameters of cell and read-out, an int."""
    ### BEGIN SOLUTION
    blocks = {"RNN": 1, "GRU": 3, "LSTM": 4}[kind]
    return blocks * H * (D + H + 2) + (H + 1) * V
    ### END SOLUTION


def units_for(kind, D, V, target):
    """Return the number of units H whose model is closest to the target, an int."""
    ### BEGIN SOLUTION
    low, high = 1, 2
    while model_size(kind, D, high, V) < target:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if model_size(kind, D, middle, V) <= target else (low, middle)
    return min((low, high), key=lambda H: (abs(model_size(kind, D, H, V) - target), H))
    ### END SOLUTION


RATIO = None  # {"GRU": ..., "LSTM": ...}
### BEGIN SOLUTION
RATIO = {"GRU": (1 / 3) ** 0.5, "LSTM": (1 / 4) ** 0.5}
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex5-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
MODULES = {"RNN": torch.nn.RNN, "GRU": torch.nn.GRU, "LSTM": torch.nn.LSTM}


def counted(kind, D, H, V):
    """Count the parameters of the modules."""
    parts = MODULES[kind](D, H), torch.nn.Linear(H, V)
    return sum(p.numel() for part in parts for p in part.parameters())


def check_units(kind, D, V, target):
    """Try all H up to 60."""
    found = units_for(kind, D, V, target)
    checks.check_shape(found, (), f'units_for("{kind}", {D}, {V}, {target})')
    sizes = {H: counted(kind, D, H, V) for H in range(1, 60)}
    best = min(sizes, key=lambda H: (abs(sizes[H] - target), H))
    assert found in sizes, f'units_for("{kind}", {D}, {V}, {target}) is {found}: a whole number, at least 1'
    text = f'units_for("{kind}", {D}, {V}, {target}): with {found} units there are {sizes[found]}, with {best} there are {sizes[best]}'
    tie = abs(sizes[found] - target) == abs(sizes[best] - target)
    assert found == best or not tie, f"{text}: equally close, so take the smaller"
    below = best == found + 1 and sizes[best] > target
    assert not below, f"{text}: the closest may be larger than the target"
    assert found == best, f"{text}, which is closer"


for kind in MODULES:
    for D, H, V in ((3, 7, 5), (11, 2, 1), (1, 13, 2)):
        found, truth = model_size(kind, D, H, V), counted(kind, D, H, V)
        label = f'model_size("{kind}", {D}, {H}, {V})'
        checks.check_shape(found, (), label)
        blocks = {"RNN": 1, "GRU": 3, "LSTM": 4}[kind]
        assert found != truth - blocks * H, f"{label}: torch has two rows of biases"
        assert found != truth - (H + 1) * V, f"{label}: the read-out counts, too"
        assert found != truth - V, f"{label}: the read-out has a bias, too"
        assert found == truth, f"{label} is {found}, but torch's modules have {truth}"
        for target in (50, 100, 365, 1000, truth, truth + 1):
            check_units(kind, D, V, target)
check_units("RNN", 1, 1, 1)
# Ties: the target is half-way between two sizes.
for kind, D, V, H in (("RNN", 3, 4, 5), ("GRU", 2, 2, 6), ("LSTM", 5, 3, 2)):
    pair = counted(kind, D, H, V) + counted(kind, D, H + 1, V)
    check_units(kind, D, V, pair // 2)
# Large targets, in no time.
import time

start = time.perf_counter()
for kind in MODULES:
    H = units_for(kind, 7, 11, 10**14)
    near = [abs(model_size(kind, 7, H + step, 11) - 10**14) for step in (-1, 0, 1)]
    assert min(near) == near[1], f"the target of 10^14, {kind}: {H} is not the closest"
    assert time.perf_counter() - start < 2, "too slow for a target of 10^14: do not try one H after the other"
assert isinstance(RATIO, dict) and set(RATIO) == {"GRU", "LSTM"}, 'RATIO must be a dict with "GRU" and "LSTM"'
for kind in ("GRU", "LSTM"):
    blocks = {"GRU": 3, "LSTM": 4}[kind]
    assert not np.isclose(RATIO[kind], 1 / blocks, atol=0.01), f"RATIO, {kind}: the size grows with the square of H"
    measured = units_for(kind, 7, 11, 10**14) / units_for("RNN", 7, 11, 10**14)
    checks.check_close(RATIO[kind], measured, f'RATIO["{kind}"]', tolerance=0.02)

# Hidden: many targets.
### BEGIN HIDDEN TESTS
for kind in MODULES:
    for target in np.random.default_rng(0).integers(10, 2000, 40).tolist():
        check_units(kind, 5, 3, target)
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 14.6 Which cell for which task? (experiment, hard, 20 minutes, 3 points)

Two small tasks, five cells, about 1,000 parameters each, three seeds.

- `"recall"`: one of four symbols, 40 other symbols, a question mark: name the first symbol. Chance is $\ln 4 = 1.39$ nats. 150 updates.
- `"parity"`: 12 random bits; after each, is the number of ones so far odd? Chance is $\ln 2 = 0.69$ nats. 200 updates.

The cells are in `KINDS`: the gates of `"GRU"` and `"LSTM"` begin half open (biases 0), those of `"GRU, open"` and `"LSTM, open"` begin with an update or forget bias of 3, so that nearly all is kept. *Predict first:* which cells solve which task?

`new_model(task, kind, units, seed)` makes a model, `train(task, kind, units, seed)` trains one and returns its losses, an array. `num_parameters(model)` counts what training changes.
"""

# %% nbgrader={"grade": false, "grade_id": "training", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
SEEDS, UPDATES = (0, 1, 2), {"recall": 150, "parity": 200}
KINDS = {
    "RNN": fast_rnn,
    "GRU": fast_gru,
    "LSTM": lambda D, H: fast_lstm(D, H, forget_bias=0.0),
    "GRU, open": lambda D, H: fast_gru(D, H, update_bias=3.0),
    "LSTM, open": lambda D, H: fast_lstm(D, H, forget_bias=3.0),
}


def new_model(task, kind, units, seed):
    """Make a classifier for "recall", or a model with an output at each step for "parity"."""
    torch.manual_seed(seed)
    if task == "recall":
        return SequenceClassifier(KINDS[kind](8, units), 4)
    return LanguageModel(KINDS[kind](2, units), 2)


def train(task, kind, units, seed):
    """Train a new model; return its losses."""
    model = new_model(task, kind, units, seed)
    optimizer, rng = torch.optim.Adam(model.parameters(), lr=0.01), np.random.default_rng(seed)
    losses = []
    for _ in range(UPDATES[task]):
        if task == "recall":
            ids, goals = delayed_recall(40, 16, num_symbols=4, seed=rng)[:2]
            logits = model(torch.tensor(ids))  # (B, 4)
        else:
            ids, goals = prefix_parity(12, 16, seed=rng)[:2]
            logits = model(torch.tensor(ids))[0].flatten(0, 1)  # (T B, 2)
        loss = torch.nn.functional.cross_entropy(logits, torch.tensor(goals).flatten())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    return np.array(losses)


# %% [markdown]
r"""
- `UNITS`: a dict of dicts, `UNITS[task][kind]`: the number of units whose model has the number of parameters closest to 1,000.
- `FINAL`: `FINAL[task][kind]` is a list with the mean of the last 25 losses for the seeds 0, 1, 2 (30 runs, about 20 s).
- `SOLVED`: a dict from each task to the *set* of the kinds of which all three runs end below 0.1 nats.
- `TRUE`: what do these runs show? For each sentence `True` or `False`.
    - `"A"`: a GRU with open gates is the best choice for both tasks.
    - `"B"`: the start that helps on one of the tasks delays learning on the other.
    - `"C"`: gated cells always do better than the RNN, however their gates begin.
    - `"D"`: an LSTM with 1,000 parameters cannot solve recall over 40 steps.

<details><summary>Hint</summary>
While you write, take one seed. For B: on parity the state has to turn over at each 1. How quickly can it, if 95 % of the old state is kept at every step?
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex6-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
UNITS, FINAL, SOLVED = None, None, None
TRUE = {"A": None, "B": None, "C": None, "D": None}
### BEGIN SOLUTION
off = lambda task, kind, units: abs(num_parameters(new_model(task, kind, units, 0)) - 1000)
UNITS = {
    task: {kind: min(range(5, 40), key=lambda units: off(task, kind, units)) for kind in KINDS}
    for task in UPDATES
}
FINAL = {
    task: {kind: [train(task, kind, units, seed)[-25:].mean() for seed in SEEDS] for kind, units in of.items()}
    for task, of in UNITS.items()
}
SOLVED = {task: {kind for kind, runs in of.items() if max(runs) < 0.1} for task, of in FINAL.items()}
TRUE = {"A": False, "B": True, "C": False, "D": False}
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex6-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
for table, name in ((UNITS, "UNITS"), (FINAL, "FINAL")):
    two = isinstance(table, dict) and set(table) == set(UPDATES)
    assert two, f'{name} must be a dict with "recall" and "parity"'
    assert all(set(table[task]) == set(KINDS) for task in table), f"{name}[task] must be a dict with the five kinds"
for task in UPDATES:
    for kind, units in UNITS[task].items():
        sizes = {H: num_parameters(new_model(task, kind, H, 0)) for H in range(max(1, units - 1), units + 2)}
        best = min(sizes, key=lambda H: abs(sizes[H] - 1000))
        text = f'UNITS["{task}"]["{kind}"]: {units} units make {sizes[units]} parameters, and {best} make {sizes[best]}'
        assert best == units, f"{text}: look for the closest to 1,000"
    for kind in KINDS:
        checks.check_shape(FINAL[task][kind], (3,), f'FINAL["{task}"]["{kind}"]')
for task, kind, seed in (("parity", "GRU", 0), ("recall", "LSTM", 1), ("parity", "RNN", 2)):
    losses, noted = train(task, kind, UNITS[task][kind], seed), FINAL[task][kind][seed]
    label = f'FINAL["{task}"]["{kind}"][{seed}]'
    assert abs(noted - losses[-1]) > 1e-9, f"{label} is a single loss: take the mean of the last 25"
    assert abs(noted - losses.mean()) > 1e-6, f"{label} is the mean of all losses: take the last 25"
    checks.check_close(noted, losses[-25:].mean(), label, tolerance=0.01, hint="It is the mean of the last 25 losses")
answered = isinstance(SOLVED, dict) and set(SOLVED) == set(UPDATES) and all(isinstance(v, (set, frozenset)) for v in SOLVED.values())
assert answered, 'SOLVED must be a dict with a set for "recall" and one for "parity"'
for task in UPDATES:
    fits = {kind for kind in KINDS if max(FINAL[task][kind]) < 0.1}
    lucky = {kind for kind in KINDS if min(FINAL[task][kind]) < 0.1} - fits
    assert not (SOLVED[task] & lucky), f'SOLVED["{task}"]: {", ".join(sorted(SOLVED[task] & lucky))} got there once, but not with all three seeds'
    assert SOLVED[task] == fits, f'SOLVED["{task}"] does not follow from FINAL: there all three are below 0.1 for {sorted(fits)}'
assert "GRU, open" in SOLVED["recall"] and not SOLVED["recall"] & {"RNN", "GRU", "LSTM"}, f"FINAL: on recall we found only cells that begin open, you {sorted(SOLVED['recall'])}"
assert {"GRU", "LSTM"} <= SOLVED["parity"] and not SOLVED["parity"] & {"RNN", "GRU, open"}, f"FINAL: on parity we found the cells that begin half open among the solved, you {sorted(SOLVED['parity'])}"
assert set(TRUE) == set("ABCD") and all(v in (True, False) for v in TRUE.values()), "TRUE: say True or False for A, B, C and D"
median = {task: {kind: np.median(runs) for kind, runs in of.items()} for task, of in FINAL.items()}
opened, half = median["parity"]["GRU, open"], median["parity"]["GRU"]
assert not TRUE["A"], f"TRUE, A: on parity it ends at {opened:.2f} nats, and the GRU that begins half open at {half:.3f}"
assert TRUE["B"], f"TRUE, B: the open GRU is best on recall; on parity it ends at {opened:.2f} nats, the half open one at {half:.3f}"
assert not TRUE["C"], f"TRUE, C: on recall GRU ({median['recall']['GRU']:.2f}) and LSTM ({median['recall']['LSTM']:.2f}) that begin half open are at chance, like the RNN"
assert not TRUE["D"], "TRUE, D: three seeds, one learning rate and 150 updates show what was not learnt, not what cannot be; with a few units more, exercise 13.6 had it"

# Hidden: other entries of the table.
### BEGIN HIDDEN TESTS
for task, kind, seed in (("parity", "LSTM", 1), ("recall", "RNN", 0)):
    checks.check_close(FINAL[task][kind][seed], train(task, kind, UNITS[task][kind], seed)[-25:].mean(), "FINAL", tolerance=0.01)
### END HIDDEN TESTS

# %% [markdown]
r"""
**To think about** (not graded). These were equal parameters. Measure the time of one run for each cell, and compare at equal *time* instead: does the order change? And how would you choose the biases for a task of which you do not know the time scale?
"""
