# %% [markdown]
r"""
# Exercises to chapter 13: long short-term memory

These go with [chapter 13](../../chapters/13_lstm.ipynb). Six exercises, 15 points, about 85 minutes.

Write your answer where the cell says so and run the check below it. A check that passes prints nothing; one that fails says what is probably wrong. When an instructor grades the notebook, some more checks of the same kind run on other data.

Rows, with $D$ numbers in $x_t$ and $H$ in $h_t$ and $c_t$. With `*` unit by unit and $\sigma(a) = 1 / (1 + e^{-a})$:

$$i_t, f_t, o_t = \sigma(\dots), \quad g_t = \tanh(\dots), \qquad c_t = f_t * c_{t-1} + i_t * g_t, \qquad h_t = o_t * \tanh(c_t).$$

The four sums in the brackets stand side by side in $x_t W_{xh} + h_{t-1} W_{hh} + b_h$, $(4H,)$, in the order i f g o.
"""

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
import numpy as np
import torch

from rnncourse import checks
from rnncourse.cells.elman import ElmanCell
from rnncourse.cells.lstm import CoupledLSTMCell, LSTM1997Cell, LSTMCell
from rnncourse.cells.peephole import FullPeepholeLSTMCell, PeepholeLSTMCell
from rnncourse.experiments.fast import fast_lstm
from rnncourse.models import SequenceClassifier
from rnncourse.tasks_recall import delayed_recall

torch.set_num_threads(1)


def sigmoid(a):
    """Compute 1 / (1 + e^-a), for large |a| as well."""
    return 0.5 + 0.5 * np.tanh(0.5 * np.asarray(a))


def torch_cell(W_xh, W_hh, b_h):
    """Return an nn.LSTMCell with these weights, in double precision."""
    D, H = len(W_xh), len(W_hh)
    cell = torch.nn.LSTMCell(D, H).double()
    with torch.no_grad():
        for own, given in zip(cell.parameters(), (W_xh, W_hh, b_h, 0 * b_h), strict=True):
            own.copy_(torch.tensor(given.T))
    return cell


def reordered(weights, order):
    """Put the four blocks of each weight array into another order."""
    return [np.concatenate([np.split(w, 4, axis=-1)[k] for k in order], axis=-1) for w in weights]


# %% [markdown]
r"""
## Exercise 13.1 One step of the LSTM (implement, easy, 10 minutes, 2 points)

Write one step for a whole batch, in NumPy.

- `x` $(B, D)$; `h` and `c` $(B, H)$, the state before the step.
- `W_xh` $(D, 4H)$, `W_hh` $(H, 4H)$, `b_h` $(4H,)$, with the blocks in the order i f g o.
- Return the new `h` and the new `c`, in this order, $(B, H)$ each. The arguments stay as they were.

`sigmoid` is given.

<details><summary>Hint 1</summary>
One sum of shape (B, 4H) serves all four. np.split(sums, 4, axis=-1) cuts it into four blocks of H columns.
</details>
<details><summary>Hint 2</summary>
Which of the four is not a gate? It may be negative.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "ex1-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def lstm_step(x, h, c, W_xh, W_hh, b_h):
    """Return the new h (B, H) and the new c (B, H)."""
    ### BEGIN SOLUTION
    i, f, g, o = np.split(x @ W_xh + h @ W_hh + b_h, 4, axis=-1)  # (B, H) each
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex1-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def by_torch(x, h, c, *weights):
    """Return what torch makes of it."""
    with torch.no_grad():
        state = torch_cell(*weights)(torch.tensor(x), (torch.tensor(h), torch.tensor(c)))
    return [part.numpy() for part in state]


def call(*arguments):
    """Run the answer on copies; see that they stay as they were."""
    copies = [np.array(argument, dtype=float) for argument in arguments]
    answer = lstm_step(*copies)
    pair = isinstance(answer, (tuple, list)) and len(answer) == 2
    assert pair, "return two arrays: the new h and the new c"
    same = all(np.array_equal(a, b) for a, b in zip(copies, arguments, strict=True))
    assert same, "you overwrite an argument: make new arrays"
    return answer


def case(B, D, H, seed):
    """Draw x, h, c and weights."""
    rng = np.random.default_rng(seed)
    return [rng.normal(size=s) for s in ((B, D), (B, H), (B, H), (D, 4 * H), (H, 4 * H), (4 * H,))]


def check_order():
    """See that h comes first, and that the blocks are read as they stand."""
    x, h, c, *weights = case(2, 3, 5, 0)
    found, expected = call(x, h, c, *weights), by_torch(x, h, c, *weights)
    turned = np.allclose(found[0], expected[1]) and np.allclose(found[1], expected[0])
    assert not turned, "you return c and h: h comes first"
    for order, name in (((0, 1, 3, 2), "i f o g"), ((1, 0, 2, 3), "f i g o"), ((0, 2, 1, 3), "i g f o")):
        read_so = np.allclose(found[1], by_torch(x, h, c, *reordered(weights, order))[1])
        assert not read_so, f"you read the blocks in the order {name}; they stand in the order i f g o"


def check_step(B, D, H, seed):
    x, h, c, *weights = case(B, D, H, seed)
    found, expected = call(x, h, c, *weights), by_torch(x, h, c, *weights)
    for part, name in zip(found, "hc", strict=True):
        checks.check_shape(part, (B, H), f"the new {name}")
    nothing_from_h = np.allclose(found[1], by_torch(x, 0 * h, c, *weights)[1])
    assert not nothing_from_h, "h of the step before is not used: each of the four sums has a part h W_hh"
    checks.check_close(found[1], expected[1], "the new c", tolerance=1e-9, hint="Compared with torch.nn.LSTMCell")
    bare = np.allclose(found[0], expected[0] / np.tanh(expected[1]) * expected[1])
    assert not bare, "h is o * c: squash c by tanh before the output gate multiplies it"
    old = np.allclose(found[0], expected[0] / np.tanh(expected[1]) * np.tanh(c))
    assert not old, "h is made from the old c: use the new one"
    checks.check_close(found[0], expected[0], "the new h", tolerance=1e-9, hint="Compared with torch.nn.LSTMCell")


def from_sums(i, f, g, o, c):
    """One unit without weights: the biases are the four sums."""
    h, c = call(np.ones((1, 1)), np.zeros((1, 1)), np.full((1, 1), c), np.zeros((1, 4)), np.zeros((1, 4)), np.array([i, f, g, o], dtype=float))
    return float(np.squeeze(h)), float(np.squeeze(c))


check_order()
# By hand: gates that are wide open or shut.
for c in (0.3, -2.0):
    kept = from_sums(-50, 50, 1, -50, c)[1]
    checks.check_close(kept, c, "c with the forget gate open and the input gate shut", tolerance=1e-6)
written = from_sums(50, -50, -50, 50, 0.7)[1]
assert abs(written) > 1e-6, "a candidate far below 0 writes 0: g is squashed by tanh to between -1 and 1, not by the sigmoid"
checks.check_close(written, -1, "c with the input gate open, the forget gate shut and g = -1", tolerance=1e-6)
for sizes, seed in (((5, 3, 7), 0), ((1, 2, 3), 1), ((11, 2, 1), 2)):
    check_step(*sizes, seed)
with np.errstate(all="ignore"):
    far = from_sums(1000, -1000, 1000, 1000, 0.5)
assert np.isfinite(far).all(), "sums of 1000 give NaN: use the sigmoid that is given"
checks.check_close(far[1], 1, "c with sums of 1000 and -1000", tolerance=1e-9)

# Hidden: other sizes.
### BEGIN HIDDEN TESTS
for sizes, seed in (((2, 5, 4), 3), ((3, 1, 13), 4)):
    check_step(*sizes, seed)
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 13.2 Gates by hand (implement, medium, 15 minutes, 3 points)

One unit, $H = 1$, is to be a memory that obeys five commands. They come as one-hot inputs, $D = 5$, in the order of `COMMANDS` below. Choose the weights; nothing is trained. With your numbers, for any sequence of commands that begins with a zero state:

- `"write +"` and `"write -"` make $c$ equal to 1 or $-1$, whatever it was before;
- `"keep"` leaves $c$ alone, for 1,000 steps in a row; `"erase"` makes it 0;
- `"release"` leaves $c$ alone, and $h = \tanh(c)$; at all other commands $h = 0$.

All this to within 0.01. No weight is larger than 50 in absolute value.

1. `W_xh` $(5, 4)$, `W_hh` $(1, 4)$, `b_h` $(4,)$, blocks (here columns) in the order i f g o.
2. `SMALLEST`: the forget gate's sum is $a$ at each of 1,000 steps, the input gate is shut. Which is the smallest *whole* number $a$ with which at least 99 % of $c$ is left?

<details><summary>Hint 1</summary>
Make a table with a row for each command and a column for each of i f g o: open (+), shut (-), any (0).
</details>
<details><summary>Hint 2</summary>
sigmoid(5) is 0.993. What is 0.993 to the power 1,000? And what does a gate do that is open by 0.007 at each of 1,000 steps?
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "commands", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
COMMANDS = ["write +", "write -", "keep", "release", "erase"]

# %% nbgrader={"grade": false, "grade_id": "ex2-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
W_xh = None  # (5, 4), a list of rows or an array
W_hh = None  # (1, 4)
b_h = None  # (4,)
SMALLEST = None
### BEGIN SOLUTION
W_xh = 20.0 * np.array(
    [
        [1, -1, 1, -1],  # write +
        [1, -1, -1, -1],  # write -
        [-1, 1, 0, -1],  # keep
        [-1, 1, 0, 1],  # release
        [-1, -1, 0, -1],  # erase
    ]
)
W_hh, b_h = np.zeros((1, 4)), np.zeros(4)
SMALLEST = next(a for a in range(50) if sigmoid(a) ** 1000 >= 0.99)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex2-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def obey(script, weights):
    """Let torch's LSTMCell run a script; return h and c after each command."""
    cell, h, c = torch_cell(*weights), torch.zeros(1, 1).double(), torch.zeros(1, 1).double()
    hs, cs = [], []
    with torch.no_grad():
        for command in script:
            x = torch.zeros(1, 5).double()
            x[0, COMMANDS.index(command)] = 1
            h, c = cell(x, (h, c))
            hs.append(h.item()), cs.append(c.item())
    return np.array(hs), np.array(cs)


def wanted(script):
    """Return h and c as they should be."""
    hs, cs, c = [], [], 0.0
    for command in script:
        c = {"write +": 1.0, "write -": -1.0, "erase": 0.0}.get(command, c)
        hs.append(np.tanh(c) if command == "release" else 0.0), cs.append(c)
    return np.array(hs), np.array(cs)


def obeys(script, weights):
    return all(np.abs(a - b).max() <= 0.01 for a, b in zip(obey(script, weights), wanted(script), strict=True))


def shown(script, name, value):
    return f'after {", ".join(script)}: {name} is {value:.3g}'


def check_script(script, c_says, h_says):
    """Check the last c, then the last h of a short script."""
    (hs, cs), (h_goal, c_goal) = obey(script, weights), wanted(script)
    assert abs(cs[-1] - c_goal[-1]) <= 0.01, f"{shown(script, 'c', cs[-1])}. {c_says}"
    assert abs(hs[-1] - h_goal[-1]) <= 0.01, f"{shown(script, 'h', hs[-1])}. {h_says}"


for array, name, shape in ((W_xh, "W_xh", (5, 4)), (W_hh, "W_hh", (1, 4)), (b_h, "b_h", (4,))):
    checks.check_shape(array, shape, name)
weights = [np.array(array, dtype=float) for array in (W_xh, W_hh, b_h)]
largest = max(np.abs(w).max() for w in weights)
assert largest <= 50, f"a weight of {largest:.3g} is not allowed: at most 50"
everything = ["write +", "keep", "release", "write -", "keep", "release", "erase", "release", "write -", "write +", "keep", "release"]
other_order = obeys(everything, reordered(weights, (0, 1, 3, 2)))
assert not other_order, "this would be right with the order i f o g; here it is i f g o"
shut = "Which gate lets c out? It is shut at this command"
check_script(["write +"], "The input gate is wide open at a write, and the candidate g far from 0", shut)
check_script(["write -"], "The input gate is wide open at a write, and the candidate g is -1", shut)
check_script(["write -", "write +"], "The old content is still in there: shut the forget gate at a write", shut)
check_script(["write +", "write -"], "The old content is still in there: shut the forget gate at a write", shut)
check_script(["write +", "keep"], "To keep, the forget gate is open and the input gate shut", shut)
check_script(["write -", "release"], "A release only shows c: i and f as at keep", "The output gate is wide open at a release")
check_script(["write +", "erase"], "To erase, shut the forget gate and the input gate", shut)
for sign in "+-":
    script = [f"write {sign}", *["keep"] * 1000, "release"]
    hs, cs = obey(script, weights)
    left = cs[1000] * wanted(script)[1][0]
    assert left > 0.99, f"after 1,000 steps only {left:.3g} of c is left: the forget gate is not open enough, or the input gate not shut enough"
    assert left < 1.01, f"after 1,000 steps c has grown to {left:.3g}: the input gate is not shut enough, each step adds a little"
    assert obeys(script, weights), "h is not 0 at keep, or not tanh(c) at the release after 1,000 steps"
assert obeys(everything, weights), "single commands are right, but a longer script is not: what does h do to the gates through W_hh?"
checks.check_shape(SMALLEST, (), "SMALLEST")
assert SMALLEST == round(float(SMALLEST)), "SMALLEST is a whole number"
found = sigmoid(float(SMALLEST)) ** 1000
assert found >= 0.99, f"SMALLEST: with {SMALLEST} only {found:.3g} is left after 1,000 steps: it is the gate to the power 1,000"
below = sigmoid(float(SMALLEST) - 1) ** 1000
assert below < 0.99, f"SMALLEST: {SMALLEST - 1} is smaller and still leaves {below:.3g}"

# Hidden: other scripts.
### BEGIN HIDDEN TESTS
for seed in (0, 1):
    assert obeys(list(np.random.default_rng(seed).choice(COMMANDS, 200)), weights)
assert obeys(["keep"] * 1000 + ["release"], weights), "a memory that was never written to does not stay 0"
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 13.3 A state that drifts (predict, easy, 10 minutes, 2 points)

In the cell of 1997, $c_t = c_{t-1} + i_t * g_t$. With a forget gate, $c_t = f_t * c_{t-1} + i_t * g_t$. One unit, $c_0 = 0$. Predict with paper and pencil; 1 % is near enough.

1. $i_t = 0.5$ and $g_t = 0.4$ at every step. `OLD`: the $c$ of the 1997 cell after 1,000 steps and after 10,000. `NEW`: the same two with $f_t = 0.9$ at every step.
2. The gradient that comes from $h_t$ into $c_t$ is multiplied by $o_t * (1 - \tanh^2 c_t)$. `SLOPE`: with $o_t = 1$, this factor after 1,000 steps, in the 1997 cell and in the one with $f_t = 0.9$.
3. `LIMIT`: what $|c_t|$ can never exceed, however long the sequence and whatever the candidates between $-1$ and 1 are; `np.inf` where there is no such bound. The smallest number that is right, for
    - `"A"`: the 1997 cell, $i_t = 0.5$;
    - `"B"`: $f_t = 0.98$ and $i_t = 0.5$;
    - `"C"`: coupled gates, $f_t = 0.98$ and $i_t = 1 - f_t$;
    - `"D"`: the 1997 cell, where the input gate is open by $i_t = 0.9^t$ at step $t = 1, 2, \dots$
4. `RANDOM`: in the 1997 cell with $i_t = 1$, the candidates are $+0.5$ and $-0.5$ like throws of a fair coin. By which factor is a typical $|c|$ after 10,000 steps larger than one after 100 steps?

<details><summary>Hint to 1 and 3</summary>
1 + f + f^2 + ... + f^(n-1) = (1 - f^n) / (1 - f).
</details>
<details><summary>Hint to 4</summary>
The variance of a sum of independent numbers is the sum of their variances. Take the standard deviation as "typical".
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex3-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
OLD = None  # two numbers: after 1,000 and 10,000 steps
NEW = None  # two numbers
SLOPE = None  # two numbers: 1997, with forget gate
LIMIT = {"A": None, "B": None, "C": None, "D": None}
RANDOM = None
### BEGIN SOLUTION
OLD = (1000 * 0.5 * 0.4, 10_000 * 0.5 * 0.4)
NEW = (0.5 * 0.4 / (1 - 0.9), 0.5 * 0.4 / (1 - 0.9))
SLOPE = tuple(1 - np.tanh((OLD[0], NEW[0])) ** 2)
LIMIT = {"A": np.inf, "B": 0.5 / 0.02, "C": 1.0, "D": 0.9 / (1 - 0.9)}
RANDOM = (10_000 / 100) ** 0.5
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex3-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def cell_after(steps, f, i, g):
    """Run one unit; f, i and g are numbers or functions of the step."""
    at = lambda value, t: value(t) if callable(value) else value
    c = 0.0
    for t in range(1, steps + 1):
        c = at(f, t) * c + at(i, t) * at(g, t)
    return c


for value, name in ((OLD, "OLD"), (NEW, "NEW"), (SLOPE, "SLOPE")):
    checks.check_shape(value, (2,), name)
assert not np.isclose(OLD[0], 400), "OLD: the input gate is half open, so half of each candidate is added"
old, new = ([cell_after(n, f, 0.5, 0.4) for n in (1000, 10_000)] for f in (1.0, 0.9))
checks.check_close(OLD, old, "OLD", tolerance=0.01, hint="Each step adds i g, and nothing is taken away")
assert not np.allclose(NEW, 0.9 * np.array(old), rtol=0.02), "NEW: f multiplies c at every step, not once at the end"
assert not np.allclose(NEW, 0, atol=0.02), "NEW: what is written at the last steps is still there, though older parts have faded"
checks.check_close(NEW, new, "NEW", tolerance=0.01, hint="Each step keeps 0.9 of c and adds 0.2: where does that come to rest?")
assert not np.allclose(SLOPE, [0, 0], atol=0.02), "SLOPE: tanh(2) is 0.964: its slope there is small, but not 0"
checks.check_close(SLOPE, [float(1 / np.cosh(min(c, 300)) ** 2) for c in (old[0], new[0])], "SLOPE", tolerance=0.01)
assert isinstance(LIMIT, dict) and set(LIMIT) == set("ABCD"), "LIMIT must have the four cells A to D"
assert all(LIMIT[name] is not None for name in "ABCD"), "LIMIT: an answer is still None"
settings = {"A": (1.0, 0.5), "B": (0.98, 0.5), "C": (0.98, 0.02), "D": (1.0, lambda t: 0.9**t)}
worst = {name: cell_after(20_000, f, i, 1.0) for name, (f, i) in settings.items()}
assert LIMIT["A"] == np.inf, f"LIMIT A: with g = 1 it is {worst['A']:.0f} after 20,000 steps, and goes on"
assert not np.isclose(LIMIT["B"], 50), "LIMIT B: the input gate is half open"
assert LIMIT["D"] != np.inf, f"LIMIT D: with g = 1 it is {worst['D']:.3f} after 20,000 steps: an input gate that shuts fast enough bounds it, too"
assert not np.isclose(LIMIT["D"], 10), "LIMIT D: the first step has t = 1, so the sum begins with 0.9 and not with 1"
for name in "BCD":
    assert LIMIT[name] > worst[name] * 0.99, f"LIMIT {name}: with g = 1 at each step it is {worst[name]:.3f} after 20,000 steps"
    checks.check_close(LIMIT[name], worst[name], f"LIMIT {name}", tolerance=0.01, hint="Take g = 1 at each step; is the sum any larger?")
checks.check_shape(RANDOM, (), "RANDOM")
assert RANDOM != 100, "RANDOM: steps up and down mostly cancel: 100 times the steps are not 100 times the distance"
assert RANDOM != 1, "RANDOM: the mean of c stays 0, but its spread does not"
walks = np.random.default_rng(0).choice((-0.5, 0.5), (10_000, 400)).cumsum(axis=0)  # (T, 400)
measured = walks[-1].std() / walks[99].std()
assert abs(RANDOM - measured) < 0.15 * measured, f"RANDOM: over 400 draws the factor is {measured:.1f}"

# Hidden: the answers fit together.
### BEGIN HIDDEN TESTS
checks.check_close(OLD[1] / OLD[0], 10, "the growth of OLD", tolerance=0.02)
checks.check_close(NEW[1], NEW[0], "NEW", tolerance=0.02)
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 13.4 A wrong turn in the backward pass (find the bug, hard, 20 minutes, 3 points)

`forward` below runs an LSTM and keeps what it needs. A colleague's `backward` goes back through time. `d_hs` holds for each step the part of $\partial L / \partial h_t$ that comes straight from the loss, and not from later steps. *Two* lines are wrong. The shapes are right, and training with it even works a little.
"""


# %% nbgrader={"grade": false, "grade_id": "colleague", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def forward(xs, W_xh, W_hh, b_h, h_0, c_0):
    """Return hs and cs (T + 1, B, H), with the first state in front, and gates (T, B, 4H)."""
    hs, cs, gates = [h_0], [c_0], []
    for x in xs:
        i, f, g, o = np.split(x @ W_xh + hs[-1] @ W_hh + b_h, 4, axis=-1)
        i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
        cs.append(f * cs[-1] + i * g)
        hs.append(o * np.tanh(cs[-1]))
        gates.append(np.concatenate([i, f, g, o], axis=-1))
    return np.array(hs), np.array(cs), np.array(gates)


def backward_of_a_colleague(d_hs, hs, cs, gates, W_hh):
    """Return the gradients of the sums (T, B, 4H), of W_hh (H, 4H), of h_0 and of c_0 (B, H)."""
    T, H = len(gates), len(W_hh)  # line 1
    d_h, d_c = np.zeros_like(hs[0]), np.zeros_like(cs[0])  # line 2
    d_sums = np.zeros_like(gates)  # line 3
    for t in reversed(range(T)):  # line 4
        i, f, g, o = np.split(gates[t], 4, axis=-1)  # line 5
        tanh_c = np.tanh(cs[t + 1])  # line 6
        d_h = d_h + d_hs[t]  # line 7
        d_c = d_c + d_h * (1 - tanh_c**2)  # line 8
        d_i = d_c * g * i * (1 - i)  # line 9
        d_f = d_c * cs[t] * f * (1 - f)  # line 10
        d_g = d_c * i * (1 - g**2)  # line 11
        d_o = d_h * tanh_c * o * (1 - o)  # line 12
        d_sums[t] = np.concatenate([d_i, d_f, d_g, d_o], axis=-1)  # line 13
        d_h = d_sums[t] @ W_hh.T  # line 14
        d_c = d_c * gates[t - 1, :, H : 2 * H]  # line 15
    d_W_hh = sum(hs[t].T @ d_sums[t] for t in range(T))  # line 16
    return d_sums, d_W_hh, d_h, d_c  # line 17


# %% [markdown]
r"""
- `LINES`: the two wrong lines.
- `ONE_STEP`: the colleague checked the pass against central differences, with sequences of $T = 1$. Only one of the two faults shows up there. Which line is the fault that does *not*?
- `lstm_backward(d_hs, hs, cs, gates, W_hh)`: the pass as it should be. It returns the same four things.

<details><summary>Hint 1</summary>
Follow c_t in the forward pass: where is it read? Each of these ways comes back, with the derivative of that line.
</details>
<details><summary>Hint 2</summary>
c_t = f_t * c_{t-1} + i_t * g_t. Which gate multiplies c_{t-1}, by its index? And what is gates[t - 1] when t is 0?
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex4-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
LINES = None  # two numbers
ONE_STEP = None
### BEGIN SOLUTION
LINES = [8, 15]
ONE_STEP = 15
### END SOLUTION


def lstm_backward(d_hs, hs, cs, gates, W_hh):
    """Return the gradients of the sums (T, B, 4H), of W_hh (H, 4H), of h_0 and of c_0 (B, H)."""
    ### BEGIN SOLUTION
    d_h, d_c = np.zeros_like(hs[0]), np.zeros_like(cs[0])
    d_sums = np.zeros_like(gates)
    for t in reversed(range(len(gates))):
        i, f, g, o = np.split(gates[t], 4, axis=-1)
        tanh_c = np.tanh(cs[t + 1])
        d_h = d_h + d_hs[t]
        d_c = d_c + d_h * o * (1 - tanh_c**2)
        d_gates = d_c * g * i * (1 - i), d_c * cs[t] * f * (1 - f), d_c * i * (1 - g**2), d_h * tanh_c * o * (1 - o)
        d_sums[t] = np.concatenate(d_gates, axis=-1)
        d_h, d_c = d_sums[t] @ W_hh.T, d_c * f
    return d_sums, sum(h.T @ d for h, d in zip(hs, d_sums, strict=False)), d_h, d_c
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex4-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def problem(T, B, D, H, seed):
    """Draw weights, inputs, a first state, and weights of a loss on all h."""
    rng = np.random.default_rng(seed)
    shapes = (T, B, D), (D, 4 * H), (H, 4 * H), (4 * H,), (B, H), (B, H), (T, B, H)
    return [rng.normal(size=shape) for shape in shapes]


def by_autograd(xs, W_xh, W_hh, b_h, h_0, c_0, d_hs):
    """Return the same four gradients from torch, the sums' by one bias a step."""
    cell = torch_cell(W_xh, W_hh, 0 * b_h)
    rows = torch.tensor(np.broadcast_to(b_h, (*xs.shape[:2], len(b_h))).copy(), requires_grad=True)  # (T, B, 4H)
    h_0, c_0 = (torch.tensor(part, requires_grad=True) for part in (h_0, c_0))
    h, c, loss = h_0, c_0, 0.0
    W_in, W_rec = cell.weight_ih, cell.weight_hh
    for x, row, weight in zip(torch.tensor(xs), rows, torch.tensor(d_hs), strict=True):
        i, f, g, o = (x @ W_in.T + h @ W_rec.T + row).chunk(4, dim=1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
        loss = loss + (weight * h).sum()
    d_sums, d_W, d_h0, d_c0 = torch.autograd.grad(loss, (rows, W_rec, h_0, c_0))
    return [part.numpy() for part in (d_sums, d_W.T, d_h0, d_c0)]


def run_backward(function, xs, W_xh, W_hh, b_h, h_0, c_0, d_hs):
    hs, cs, gates = forward(xs, W_xh, W_hh, b_h, h_0, c_0)
    answer = function(d_hs.copy(), hs, cs, gates, W_hh)
    four = isinstance(answer, (tuple, list)) and len(answer) == 4
    assert four, "return four arrays: the gradients of the sums, of W_hh, of h_0 and of c_0"
    return answer


def check_backward(*sizes):
    case = problem(*sizes)
    found, expected = run_backward(lstm_backward, *case), by_autograd(*case)
    for part, goal, name in zip(found, expected, ("the sums", "W_hh", "h_0", "c_0"), strict=True):
        checks.check_shape(part, goal.shape, f"the gradient of {name}")
    last = np.allclose(found[0][-1], expected[0][-1])
    where = "already at the last step, where nothing comes from later: look at the way from h_t into c_t, h_t = o_t * tanh(c_t)"
    assert last, f"the gradient of the sums is wrong {where}"
    one_before = len(found[0]) < 2 or np.allclose(found[0][-2], expected[0][-2])
    where = "at the step before: look at what is handed on to c_{t-1}, c_t = f_t * c_{t-1} + i_t * g_t"
    assert one_before, f"the gradient of the sums is right at the last step and wrong {where}"
    for part, goal, name in zip(found, expected, ("the sums", "W_hh", "h_0", "c_0"), strict=True):
        checks.check_close(part, goal, f"the gradient of {name}", tolerance=1e-8, hint="Compared with autograd")


reasons = {
    1: "these are the sizes",
    2: "nothing comes from beyond the last step",
    3: "an array to be filled",
    4: "back in time, from the last step to the first",
    5: "gates[t] are those that made cs[t + 1] and hs[t + 1]",
    6: "cs has the first state in front, so cs[t + 1] was made at step t",
    7: "h_t reaches the loss directly and through later steps",
    9: "i_t multiplies g_t; then comes the slope of the sigmoid",
    10: "f_t multiplies c_{t-1}, and that is cs[t]",
    11: "g_t is multiplied by i_t; then comes the slope of tanh",
    12: "o_t multiplies tanh(c_t)",
    13: "the order is i f g o",
    14: "h_{t-1} is read by all four sums, through W_hh; d_hs[t - 1] is added in the next round",
    16: "hs[t] is h_{t-1}, which made the sums of step t",
    17: "the last d_h and d_c are those of h_0 and c_0",
}
named = isinstance(LINES, (list, tuple, set, np.ndarray)) and len(set(LINES)) == 2
assert named, "LINES must hold two numbers from 1 to 17"
for line in LINES:
    assert line in range(1, 18), "LINES must hold two numbers from 1 to 17"
    assert line in (8, 15), f"line {line} is right: {reasons[line]}"
# What does a check with T = 1 see?
case = problem(1, 2, 3, 4, 0)
seen, truth = run_backward(backward_of_a_colleague, *case), by_autograd(*case)
assert ONE_STEP in (8, 15), "ONE_STEP is one of the two lines"
text = "with T = 1 the gradient of the sums is off by up to"
assert ONE_STEP != 8, f"ONE_STEP: {text} {np.abs(seen[0] - truth[0]).max():.2f}. For t = 0, gates[t - 1] is gates[-1], the last step's, and that is step 0 itself"
# With one step, then with more.
check_backward(1, 3, 2, 5, 1)
check_backward(2, 3, 2, 5, 2)
check_backward(7, 2, 3, 5, 3)
# Central differences, which know no calculus.
xs, W_xh_, W_hh_, b_, h_0, c_0, d_hs = problem(4, 2, 3, 2, 4)
loss = lambda W: (forward(xs, W_xh_, W, b_, h_0, c_0)[0][1:] * d_hs).sum()
found = run_backward(lstm_backward, xs, W_xh_, W_hh_, b_, h_0, c_0, d_hs)[1]
checks.check_gradient(loss, found, W_hh_, "the gradient of W_hh")

# Hidden: other sizes.
### BEGIN HIDDEN TESTS
check_backward(5, 1, 1, 1, 5)
check_backward(11, 3, 5, 2, 6)
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 13.5 How many numbers? (explain, easy, 10 minutes, 2 points)

How many numbers are learnt in a cell with $D$ inputs and $H$ units?

1. `NUMBERS`: a dict from each name to a function of $D$ and $H$ that returns that number, for
    - `"RNN"`: the plain RNN of chapter 06;
    - `"1997"`: the LSTM of 1997, with input gate and output gate;
    - `"LSTM"`: the LSTM with a forget gate and four biases;
    - `"torch"`: `torch.nn.LSTM` with its two bias rows;
    - `"coupled"`: the LSTM with $f = 1 - i$;
    - `"peephole"`: the LSTM with peepholes as published, for i, f and o;
    - `"full"`: the same with full matrices $(H, H)$ in their place.
2. `TRUE`: for each sentence, `True` or `False`.
    - `"A"`: torch's second bias lets the LSTM compute something that one with a single bias cannot.
    - `"B"`: the direct path from $c_{t-1}$ to $c_t$ needs no weights of its own.
    - `"C"`: with $D = 100$, an LSTM of 50 units has fewer numbers than a plain RNN of 100 units.
    - `"D"`: with sequences of twice the length, the LSTM has more numbers.

Formulas without a loop; do not build the modules.

<details><summary>Hint</summary>
Count the blocks: each is H columns wide and has D + H rows and a bias. Which cell has how many? Peepholes have one number for each unit and gate.
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex5-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
NUMBERS = {
    "RNN": lambda D, H: None,
    "1997": lambda D, H: None,
    "LSTM": lambda D, H: None,
    "torch": lambda D, H: None,
    "coupled": lambda D, H: None,
    "peephole": lambda D, H: None,
    "full": lambda D, H: None,
}
TRUE = {"A": None, "B": None, "C": None, "D": None}
### BEGIN SOLUTION
NUMBERS = {
    "RNN": lambda D, H: H * (D + H + 1),
    "1997": lambda D, H: 3 * H * (D + H + 1),
    "LSTM": lambda D, H: 4 * H * (D + H + 1),
    "torch": lambda D, H: 4 * H * (D + H + 2),
    "coupled": lambda D, H: 3 * H * (D + H + 1),
    "peephole": lambda D, H: 4 * H * (D + H + 1) + 3 * H,
    "full": lambda D, H: 4 * H * (D + H + 1) + 3 * H**2,
}
TRUE = {"A": False, "B": True, "C": False, "D": False}
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex5-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
KINDS = {"RNN": ElmanCell, "1997": LSTM1997Cell, "LSTM": LSTMCell, "torch": torch.nn.LSTM, "coupled": CoupledLSTMCell, "peephole": PeepholeLSTMCell, "full": FullPeepholeLSTMCell}


def counted(name, D, H):
    return sum(weight.numel() for weight in KINDS[name](D, H).parameters())


def check_numbers(name, D, H):
    found, truth = NUMBERS[name](D, H), counted(name, D, H)
    checks.check_shape(found, (), f'NUMBERS["{name}"]({D}, {H})')
    label = f'NUMBERS["{name}"]'
    blocks = {"RNN": 1, "1997": 3, "coupled": 3}.get(name, 4)
    without = truth - blocks * H * (2 if name == "torch" else 1)
    assert found != without, f"{label}: the biases are missing, one for each unit and block"
    assert name != "torch" or found != counted("LSTM", D, H), f"{label}: torch has two rows of biases"
    assert name != "1997" or found != counted("LSTM", D, H), f"{label}: in 1997 there was no forget gate: three blocks, i g o"
    assert name != "coupled" or found != counted("LSTM", D, H), f"{label}: f is computed from i and needs no weights"
    assert name != "coupled" or found != truth - H * (D + H + 1), f"{label}: the candidate g and the output gate have weights, too"
    assert name != "peephole" or found != counted("full", D, H), f"{label}: as published, a unit's gates see the cell of their own unit only: H weights a gate"
    assert name != "full" or found != truth - H**2, f"{label}: the output gate has a peephole, too"
    assert name != "peephole" or found != truth - H, f"{label}: the output gate has a peephole, too"
    assert name not in ("peephole", "full") or found != truth + H * (1 if name == "peephole" else H), f"{label}: the candidate g has no peephole"
    assert found == truth, f"{label}: with D = {D} and H = {H} it is {found}, but the cell has {truth}"


assert isinstance(NUMBERS, dict) and set(NUMBERS) == set(KINDS), "NUMBERS must have the seven names"
for name in KINDS:
    for D, H in ((3, 7), (13, 5), (1, 2), (2, 11)):
        check_numbers(name, D, H)
answered = isinstance(TRUE, dict) and set(TRUE) == set("ABCD") and all(answer in (True, False) for answer in TRUE.values())
assert answered, "TRUE: say True or False for A, B, C and D"
assert not TRUE["A"], "TRUE, A: only the sum of the two biases is ever used"
assert TRUE["B"], "TRUE, B: c is multiplied by f, and f is made from x and h: there is no matrix between c and c"
sizes = counted("LSTM", 100, 50), counted("RNN", 100, 100)
assert not TRUE["C"], f"TRUE, C: with D = 100, {sizes[0]} in the LSTM of 50 units, {sizes[1]} in the RNN of 100. With half the units W_hh is a quarter, but W_xh only half"
assert not TRUE["D"], "TRUE, D: each step uses the same weights"

# Hidden: larger sizes.
### BEGIN HIDDEN TESTS
for name in KINDS:
    for D, H in ((31, 17), (4, 29)):
        check_numbers(name, D, H)
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 13.6 Success by bias (experiment, medium, 20 minutes, 3 points)

An LSTM of 16 units reads one of four symbols, 40 other symbols, and a question mark, at which it has to name the first symbol. Chance is $\ln 4 = 1.39$ nats. Only the forget bias $b_f$ to begin with differs. *Predict first:* with which of $-1$, 0 and 3 does the LSTM learn anything within 200 updates?

`train(bias, seed)` returns the losses of 200 updates, an array.
"""

# %% nbgrader={"grade": false, "grade_id": "training", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
BIASES, SEEDS, GAP = (-1, 0, 3), (0, 1, 2), 40


def train(bias, seed, updates=200):
    """Train a new LSTM that begins with this forget bias; return its losses (updates,)."""
    torch.manual_seed(seed)
    model = SequenceClassifier(fast_lstm(8, 16, forget_bias=bias), 4)
    optimizer, rng = torch.optim.Adam(model.parameters(), lr=0.01), np.random.default_rng(seed)
    losses = []
    for _ in range(updates):
        task = delayed_recall(GAP, 16, num_symbols=4, seed=rng)
        loss = torch.nn.functional.cross_entropy(model(torch.tensor(task.ids)), torch.tensor(task.answers))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    return np.array(losses)


# %% [markdown]
r"""
- `share_left(bias, steps)`: a unit whose forget gate has nothing but its bias: which share of $c$ is left after so many steps? A float.
- `bias_for(share, steps)`: the other way round: the bias with which this share is left, a float. `share` is between 0 and 1, both excluded, `steps` at least 1.
- `updates_until(losses, level, window)`: after how many updates is the mean of the *last* `window` losses below `level` for the first time? A whole number, at least `window`; `None` if never.
- `RUNS`: a dict from each bias to a list with `updates_until(losses, 1.0, 20)` for the seeds 0, 1 and 2 (nine runs, a few seconds).
- `SUCCESS`: a dict from each bias to the share of the three runs that get there.
- `WHY`: with $b_f = 0$ the loss does not move for 200 updates. Why?
    - `"A"`: the learning rate is too small.
    - `"B"`: of the first symbol next to nothing is left at the question mark, and next to nothing of the gradient arrives back there, so nothing tells the gates to open.
    - `"C"`: an LSTM that begins with $b_f = 0$ has no weights that solve this task.

<details><summary>Hint 1</summary>
p = sigmoid(b) means b = ln(p / (1 - p)). For a p very near to 1, np.expm1 keeps the digits of 1 - p.
</details>
<details><summary>Hint 2</summary>
After k updates, the last 20 losses are losses[k - 20 : k].
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "ex6-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def share_left(bias, steps):
    """Return the share of c that is left, a float."""
    ### BEGIN SOLUTION
    return float(sigmoid(bias) ** steps)
    ### END SOLUTION


def bias_for(share, steps):
    """Return the forget bias with which this share is left, a float."""
    ### BEGIN SOLUTION
    log_gate = np.log(share) / steps
    return float(log_gate - np.log(-np.expm1(log_gate)))
    ### END SOLUTION


def updates_until(losses, level, window):
    """Return the number of updates until the mean of the last losses is below the level, or None."""
    ### BEGIN SOLUTION
    for k in range(window, len(losses) + 1):
        if np.mean(losses[k - window : k]) < level:
            return k
    return None
    ### END SOLUTION


RUNS, SUCCESS, WHY = None, None, None
### BEGIN SOLUTION
RUNS = {bias: [updates_until(train(bias, seed), 1.0, 20) for seed in SEEDS] for bias in BIASES}
SUCCESS = {bias: sum(run is not None for run in runs) / len(runs) for bias, runs in RUNS.items()}
WHY = "B"
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex6-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def faded(bias, steps):
    """Let torch's LSTMCell fade: the input gate is shut, the forget gate has its bias."""
    weights = [np.zeros((1, 4)), np.zeros((1, 4)), np.array([-60.0, bias, 0, 0])]
    cell, state = torch_cell(*weights), (torch.zeros(1, 1).double(), torch.ones(1, 1).double())
    with torch.no_grad():
        for _ in range(steps):
            state = cell(torch.zeros(1, 1).double(), state)
    return state[1].item()


for bias, steps in ((1, 7), (0, 1), (0, 40), (-2, 3), (3, 100)):
    found = share_left(bias, steps)
    checks.check_shape(found, (), f"share_left({bias}, {steps})")
    assert steps == 1 or not np.isclose(found, sigmoid(bias)), "this is the share after one step: every step multiplies by the gate"
    assert steps == 1 or not np.isclose(found, sigmoid(bias * steps)), "the biases do not add up: the gates multiply"
    checks.check_close(found, faded(bias, steps), f"share_left({bias}, {steps})", tolerance=1e-9)
for share, steps in ((0.5, 1), (0.01, 40), (0.9, 1000), (0.001, 100), (0.5, 10**7)):
    with np.errstate(all="ignore"):
        found = bias_for(share, steps)
    checks.check_shape(found, (), f"bias_for({share}, {steps})")
    rate = np.isclose(found, share ** (1 / steps))
    assert not rate, f"bias_for({share}, {steps}) is the gate that is wanted; the bias is the number whose sigmoid that is"
    forgot = steps > 1 and np.isclose(found, np.log(share / (1 - share)))
    assert not forgot, f"bias_for({share}, {steps}) leaves that share after one step: think of all {steps}"
    assert np.isfinite(found), f"bias_for({share}, {steps}) is not finite"
    left = np.exp(-steps * np.log1p(np.exp(-found)))
    checks.check_close(left, share, f"what bias_for({share}, {steps}) leaves", tolerance=1e-5)
steps_down = [2.0, 2.0, 1.0, 1.0, 1.0, 5.0]
found = updates_until(np.array(steps_down), 1.4, 2)
assert found != 2, "updates_until returned the place where the window begins: count the updates up to its end"
assert found != 3, "updates_until: is the mean of losses 2 and 3 below 1.4? Count from 1, and take the mean over the window"
assert found == 4, f"the losses {steps_down} fall below 1.4 in a window of 2 after 4 updates, not {found}"
assert updates_until(np.array(steps_down), 1.0, 2) is None, "the mean must be *below* the level; return None where it never is"
assert updates_until(np.array(steps_down), 10.0, 3) == 3, "the first window ends after `window` updates: look there, too"
assert updates_until(np.array([3.0, 3.0, 0.0]), 2.5, 3) == 3, "the last window ends with the last loss: look there, too"
# The runs.
for table, name in ((RUNS, "RUNS"), (SUCCESS, "SUCCESS")):
    assert isinstance(table, dict) and set(table) == set(BIASES), f"{name} must be a dict with the three biases"
assert all(len(RUNS[bias]) == 3 for bias in BIASES), "RUNS: each bias needs a list of three runs, one for each seed"
assert SUCCESS[0] == 0 == SUCCESS[-1], "SUCCESS: with biases 0 and -1 no run leaves chance within 200 updates. Which losses did you look at?"
assert SUCCESS[3] != 3, "SUCCESS is a share: divide by the number of runs"
assert SUCCESS[3] == 1, "SUCCESS: with a bias of 3 all three runs fall below 1 nat"
again = train(3, 1)
first_below = int(np.argmax(again < 1.0)) + 1
assert RUNS[3][1] != first_below or first_below < 20, "RUNS: a single loss below 1 may be luck: take the mean of the last 20"
means = np.convolve(again, np.full(20, 1 / 20), mode="valid")
noted, there = RUNS[3][1], int(np.argmax(means < 1.0)) + 20
assert noted is not None and abs(noted - there) <= 15, f"RUNS[3][1] is {noted}, but train(3, 1) gets there after {there} updates"
assert RUNS[0] == [None] * 3 == RUNS[-1], "RUNS: a run that never gets there is None"
assert WHY in ("A", "B", "C"), 'WHY is one of "A", "B", "C"'
assert WHY != "A", "WHY: the rate is the same with a bias of 3, and there it is large enough"
assert WHY != "C", "WHY: the bias is only where b_f begins; it is learnt, and could become 3"

# Hidden: other numbers.
### BEGIN HIDDEN TESTS
for bias, steps in ((2, 11), (-1, 5)):
    checks.check_close(share_left(bias, steps), faded(bias, steps), "share_left", tolerance=1e-9)
    checks.check_close(bias_for(share_left(bias, steps), steps), bias, "bias_for", tolerance=1e-6)
losses = np.random.default_rng(0).normal(2, 0.1, 100) - 0.01 * np.arange(100)
means = np.convolve(losses, np.full(7, 1 / 7), mode="valid")
assert updates_until(losses, 1.5, 7) == int(np.argmax(means < 1.5)) + 7
### END HIDDEN TESTS

# %% [markdown]
r"""
**To think about** (not graded). Which bias leaves one hundredth of the gradient over your gap? Try it, and one less and one more, with `train`. A high bias helps here. For which task would it be a burden that every cell keeps everything at first?
"""
