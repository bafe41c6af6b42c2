# %% [markdown]
r"""
# Exercises to chapter 06: recurrence

These go with [chapter 06](../../chapters/06_recurrence.ipynb). Six exercises, 14 points, about 100 minutes.

Write your answer where the cell says so and run the check below it. A check that passes prints nothing; one that fails says what is probably wrong. When an instructor grades the notebook, some more checks of the same kind run on other data.

Vectors are rows, and time comes first: `xs` has shape `(T, B, D)` for $T$ steps of $B$ sequences with $D$ numbers a step. A state $h_t$ has $H$ numbers. Formulas count the steps as $t = 1, \dots, T$. In an array, row 0 belongs to step 1 and row $T - 1$ to step $T$.
"""

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
import itertools

import numpy as np
import torch

from rnncourse import checks
from rnncourse.cells.elman import ElmanCell

torch.set_num_threads(1)


def drawn(T, B, D, H, seed):
    """Draw xs (T, B, D), h0 (B, H) and the weights W_xh (D, H), W_hh (H, H), b_h (H,)."""
    rng = np.random.default_rng(seed)
    shapes = [(T, B, D), (B, H), (D, H), (H, H), (H,)]
    xs, h0, *weights = (rng.normal(0, 0.7, shape) for shape in shapes)
    return xs, h0, weights


def torch_states(xs, h0, W_xh, W_hh, b_h):
    """Return the states (T, B, H) that torch.nn.RNN computes with these weights."""
    rnn = torch.nn.RNN(*W_xh.shape, dtype=torch.float64)
    own = [rnn.weight_ih_l0, rnn.weight_hh_l0, rnn.bias_ih_l0, rnn.bias_hh_l0]
    with torch.no_grad():  # torch multiplies columns from the left and has two biases
        for theirs, ours in zip(own, [W_xh.T, W_hh.T, b_h, 0 * b_h], strict=True):
            theirs.copy_(torch.tensor(ours))
        return rnn(torch.tensor(xs), torch.tensor(h0)[None])[0].numpy()


# %% [markdown]
r"""
## Exercise 6.1 A recurrent step and its unrolled loop (implement, easy, 15 minutes, 2 points)

Elman's recurrence is

$$h_t = \tanh(x_t W_{xh} + h_{t-1} W_{hh} + b_h).$$

Write one step of it, and the loop that goes through a whole sequence. Use NumPy, and no network of the package or of torch.

- `x`: the inputs at one step, shape `(B, D)`; `xs`: those of all steps, shape `(T, B, D)`.
- `h`: the states $h_{t-1}$ before the step, shape `(B, H)`; `h0`: the states $h_0$ before the first step, likewise.
- `W_xh` `(D, H)`, `W_hh` `(H, H)`, `b_h` `(H,)`: the same at every step.
- `step` returns the states $h_t$ after the step, shape `(B, H)`.
- `unroll` returns the states $h_1, \dots, h_T$, shape `(T, B, H)`. So $h_0$ is not among them.

<details><summary>Hint 1</summary>
With row vectors the formula can be typed as it stands: <code>x @ W_xh</code> multiplies every row of x with the matrix.
</details>
<details><summary>Hint 2</summary>
A loop <code>for x in xs:</code> goes along the first axis, which is time. Collect the states in a list; <code>np.array(states)</code> joins them to (T, B, H).
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "ex1-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def step(x, h, W_xh, W_hh, b_h):
    """Return the states (B, H) after one step, from inputs x (B, D) and states h (B, H)."""
    ### BEGIN SOLUTION
    return np.tanh(x @ W_xh + h @ W_hh + b_h)
    ### END SOLUTION


def unroll(xs, h0, W_xh, W_hh, b_h):
    """Return the states (T, B, H) after each step, from inputs xs (T, B, D) and h0 (B, H)."""
    ### BEGIN SOLUTION
    h, hs = h0, []
    for x in xs:
        h = step(x, h, W_xh, W_hh, b_h)
        hs.append(h)
    return np.array(hs)  # (T, B, H)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex1-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
# One step by hand: unit 0 sees the input, and unit 1 sees what unit 0 was before.
x, h = np.array([[0.5]]), np.array([[0.3, 0.2]])
W_xh, W_hh, b_h = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0], [0.0, 0.0]]), np.array([0.0, 0.1])
found = step(x, h, W_xh, W_hh, b_h)
checks.check_shape(found, (1, 2), "step(...)")
found, by_hand = np.array(found), np.array([[0.5, 0.4]])  # 0.4 = 0.3 + 0.1
assert not np.allclose(found, by_hand), "tanh is missing: this is the sum inside it"
assert not np.allclose(found, np.tanh([[0.7, 0.1]])), (
    "W_hh is transposed: unit 0 sees what unit 1 was, and not the other way round. With states "
    "as rows it is h @ W_hh"
)
assert not np.allclose(found, np.tanh([[0.5, 0.1]])), "the state before the step does not enter"
assert not np.allclose(found, np.tanh([[0.5, 0.3]])), "the bias b_h is missing"
checks.check_close(found, np.tanh(by_hand), "step(...), the case by hand")
# A loop with as many steps as sequences: nothing crashes if they are mixed up.
xs, h0, weights = drawn(3, 3, 2, 4, seed=0)
before = xs.copy(), h0.copy()
found = unroll(xs, h0, *weights)
assert found is not None, "unroll returns None: does it return its result?"
last_only = np.shape(found) == (3, 4)
assert not last_only, "only the last states come back: return those after every step, (T, B, H)"
checks.check_shape(found, (3, 3, 4), "unroll(...)")
found, expected = np.array(found), torch_states(xs, h0, *weights)
untouched = np.array_equal(xs, before[0]) and np.array_equal(h0, before[1])
assert untouched, "you overwrite xs or h0: write into a new array"
across = torch_states(xs.swapaxes(0, 1), h0, *weights)
mixed_up = any(np.allclose(found, other) for other in (across, across.swapaxes(0, 1)))
assert not mixed_up, (
    "batch and time are swapped: the state goes from one sequence to the next; "
    "time is the first axis of xs"
)
fresh = np.array([torch_states(xs[t : t + 1], h0, *weights)[0] for t in range(3)])
assert not np.allclose(found, fresh), (
    "the state is not carried: every step starts from h0; the state after a step is the one "
    "before the next step"
)
zeros = torch_states(xs, 0 * h0, *weights)
assert not np.allclose(found, zeros), "you start from zeros: begin with h0"
assert not np.allclose(found, found[-1]), (
    "all T states are the same: you put one array into the list T times and change it in place"
)
checks.check_close(found, expected, "unroll(...) against torch.nn.RNN", hint="Row 0 is h_1")
# Sizes that are all different: the oracle, causality, two halves with the carried state.
xs, h0, weights = drawn(7, 3, 2, 5, seed=1)
found = unroll(xs, h0, *weights)
checks.check_close(found, torch_states(xs, h0, *weights), "unroll(...) against torch.nn.RNN")
checks.check_causal(lambda inputs: unroll(inputs, h0, *weights), xs, "unroll")


def run_on(inputs, state):
    """Run from a state, or from h0 at the start; return the states and the last of them."""
    hs = unroll(inputs, h0 if state is None else state, *weights)
    return hs, hs[-1]


checks.check_carried_state(run_on, xs, at=3, name="unroll")

# Hidden: other sizes.
### BEGIN HIDDEN TESTS
for sizes in ((1, 2, 3, 5), (11, 1, 3, 2), (5, 7, 1, 1)):
    xs, h0, weights = drawn(*sizes, seed=2)
    expected = torch_states(xs, h0, *weights)
    checks.check_close(unroll(xs, h0, *weights), expected, f"sizes T, B, D, H = {sizes}")
    checks.check_close(step(xs[0], h0, *weights), expected[0], f"a step, sizes {sizes}")
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 6.2 Counting by threes (construct and explain, hard, 20 minutes, 3 points)

Is the number of ones among the bits $x_1, \dots, x_t$ divisible by three? To keep up with it, one need not know the number. It is enough to remember the remainder so far, $r$, which is 0, 1 or 2: a one takes it from 0 to 1, from 1 to 2, and from 2 back to 0.

`run_bits` runs a recurrent network whose units are thresholds: 1 if the sum is above 0, and 0 otherwise.

$$h_t = \theta(x_t W_{xh} + h_{t-1} W_{hh} + b_h), \qquad y_t = \theta(h_t W_{hy} + b_y), \qquad h_0 = 0.$$
"""


# %% nbgrader={"grade": false, "grade_id": "thresholds", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def threshold(sums):
    return (sums > 0).astype(float)


def steep(sums):
    """A smooth curve from 0 to 1 that is nearly a threshold."""
    return (1 + np.tanh(20 * sums)) / 2


def run_bits(network, bits, f=threshold):
    """Run the columns of bits (T, B) through a network; return its outputs (T, B)."""
    W_xh, W_hh, b_h, W_hy, b_y = (np.asarray(part, dtype=float) for part in network)
    h, ys = np.zeros((bits.shape[1], len(b_h))), []  # (B, H)
    for x in bits[:, :, np.newaxis]:  # (B, 1)
        h = f(x @ W_xh + h @ W_hh + b_h)
        ys.append(f(h @ W_hy + b_y)[:, 0])
    return np.array(ys)  # (T, B)


# %% [markdown]
r"""
**Part 1.** Set the weights so that $y_t$ is 1 if the number of ones among $x_1, \dots, x_t$ is divisible by three (0 is), and 0 otherwise, at every step and for sequences of any length. Three hidden units are enough. Keep every sum well away from 0, half a unit for example: then a steep tanh does as well as a threshold.

- `threes_network()` returns `W_xh` `(1, H)`, `W_hh` `(H, H)`, `b_h` `(H,)`, `W_hy` `(H, 1)` and `b_y` `(1,)`, as lists or arrays. You choose $H$.

<details><summary>Hint 1</summary>
The parity machine of section 6.6 asks two questions about x + p. Here x + r is 0, 1, 2 or 3. Which three questions about it, each answered by one threshold, settle the new remainder?
</details>
<details><summary>Hint 2</summary>
The units ask whether x + r is at least 1, at least 2, and 3. So 0, 1, 2 or all 3 of them fire, and the new remainder must be 0, 1, 2 or 0. Find weights for the three states so that their sum is just that, and let every unit use the sum in place of r.
</details>
<details><summary>Hint 3</summary>
The weights are 1, 1 and -2. And y asks whether the remainder is below one half.
</details>

**Part 2.** The parity machine of section 6.6 has two units. Why does one hidden unit not suffice, even for parity? Let its state be

$$h_t = f(w x_t + u h_{t-1} + b),$$

with any $f$ that never falls: a threshold, tanh, or even a straight line. The output is $y_t = 1$ if $h_t > c$, and 0 otherwise. Suppose that it computed parity. Take a state $e$ after an even number of ones and a state $o$ after an odd number. Then $e \le c < o$.

1. The next bit is 0, and the parity stays. So $f(u e + b) \le c < f(u o + b)$. As $e < o$, the weight $u$ must be `"positive"`, `"negative"` or `"zero"`?
2. The next bit is 1, and the parity turns over. So $f(w + u o + b) \le c < f(w + u e + b)$. What must $u$ be now?
3. No $u$ is both. (With $y_t = 1$ below $c$ instead of above it, the argument is the same.) Which change makes one unit enough?
    - A: a steeper $f$
    - B: a larger $w$
    - C: a bias of its own for each bit, $b + b' x_t$
    - D: the product of bit and state as a further input, with a weight: $v x_t h_{t-1}$
"""


# %% nbgrader={"grade": false, "grade_id": "ex2-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def threes_network():
    """Return W_xh (1, H), W_hh (H, H), b_h (H,), W_hy (H, 1) and b_y (1,)."""
    ### BEGIN SOLUTION
    W_xh = [[1, 1, 1]]  # all units see the bit ...
    W_hh = [[1, 1, 1], [1, 1, 1], [-2, -2, -2]]  # ... and the remainder before
    b_h = [-0.5, -1.5, -2.5]  # at least 1? at least 2? 3?
    return W_xh, W_hh, b_h, [[-1], [-1], [2]], [0.5]
    ### END SOLUTION


WEIGHT_IF_THE_BIT_IS_0 = None  # "positive", "negative" or "zero"
WEIGHT_IF_THE_BIT_IS_1 = None
WAY_OUT = None  # "A", "B", "C" or "D"
### BEGIN SOLUTION
WEIGHT_IF_THE_BIT_IS_0 = "positive"
WEIGHT_IF_THE_BIT_IS_1 = "negative"
WAY_OUT = "D"
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex2-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
network = threes_network()
assert network is not None and len(network) == 5, "return five things: W_xh, W_hh, b_h, W_hy, b_y"
units = np.size(network[2])
shapes = {"W_xh": (1, units), "W_hh": (units, units), "b_h": (units,)}
shapes |= {"W_hy": (units, 1), "b_y": (1,)}
for part, (name, shape) in zip(network, shapes.items(), strict=True):
    checks.check_shape(part, shape, f"{name}, with {units} units in b_h,")
# All 1,024 sequences of ten bits; their beginnings are all the shorter ones.
bits = np.array(list(itertools.product((0, 1), repeat=10))).T  # (10, 1024)
counts = bits.cumsum(axis=0)
divisible = counts % 3 == 0
found = run_bits(network, bits)
mistakes = {
    "once a 1 was seen, your output stays 0: the third one must bring it back": counts == 0,
    "after the third one your output stays 1: there the remainder starts again at 0": (
        (counts == 0) | (counts >= 3)
    ),
    "your output depends on the last bit alone: the state before does not enter": 1 - bits,
    "this is the parity: count by threes": counts % 2,
    "your output is 1 where the number of ones is even: count by threes": 1 - counts % 2,
    "your output is 1 where the number is not divisible by three: turn it over": ~divisible,
    "your output is 1 where the remainder is 1": counts % 3 == 1,
    "your output is 1 where the remainder is 2": counts % 3 == 2,
    "your output never changes": np.full(bits.shape, found[0, 0]),
}
swapped = (network[0], np.transpose(network[1]), *network[2:])
turned = np.array_equal(run_bits(swapped, bits), divisible) and (found != divisible).any()
assert not turned, "W_hh is transposed: W_hh[i, j] is the weight from unit i to unit j"
for words, outputs in mistakes.items():
    assert not np.array_equal(found, outputs), words
t = int((found != divisible).any(axis=1).argmax())  # the first step with a wrong output
example = int((found[t] != divisible[t]).argmax())
assert np.array_equal(found, divisible), (
    f"after the bits {' '.join(map(str, bits[: t + 1, example]))} the number of ones is "
    f"{counts[t, example]}, but the output is {found[t, example]:.0f}"
)
bits = np.random.default_rng(0).integers(0, 2, (1000, 31))
divisible = bits.cumsum(axis=0) % 3 == 0
wrong = (run_bits(network, bits) != divisible).any(axis=1)
assert not wrong.any(), (
    f"right for ten bits, but wrong after {wrong.argmax() + 1}: does your network count the ones? "
    "A count needs ever more room, the remainder so far needs none"
)
room = np.abs(run_bits(network, bits, steep) - divisible).max() < 0.25
assert room, (
    "right with thresholds, but a steep tanh in their place goes wrong: some sum is too close "
    "to 0; put the biases half way between the sums that must be told apart"
)
# One unit.
first, second = (str(x).strip().lower() for x in (WEIGHT_IF_THE_BIT_IS_0, WEIGHT_IF_THE_BIT_IS_1))
known = {first, second} <= {"positive", "negative", "zero"} and WAY_OUT is not None
assert known, 'answer the three questions: "positive", "negative" or "zero", and a letter'
assert first == "positive", (
    "question 1: e < o, and f(u e + b) < f(u o + b). As f never falls, u e < u o"
)
assert second == "negative", (
    "question 2: e < o, but f(w + u o + b) < f(w + u e + b). As f never falls, u o < u e"
)
reasons = {
    "A": "the argument holds for every f that never falls, however steep it is",
    "B": "w stands on both sides of question 2 and does not change the sign of u",
    "C": "b' x_t only adds to w x_t: it moves both states alike, as w does",
}
letter = str(WAY_OUT).strip().upper()
reason = reasons.get(letter, "the answer is one of the letters A, B, C, D")
assert letter == "D", f"question 3: {reason}"

# Hidden: longer sequences.
### BEGIN HIDDEN TESTS
bits = np.random.default_rng(1).integers(0, 2, (5000, 7))
bits[:, 0], bits[:, 1] = 0, 1
divisible = bits.cumsum(axis=0) % 3 == 0
assert np.array_equal(run_bits(network, bits), divisible)
assert np.abs(run_bits(network, bits, steep) - divisible).max() < 0.25
### END HIDDEN TESTS

# %% [markdown]
r"""
**To think about** (not graded). With the product $v x_t h_{t-1}$, which $w$, $u$, $v$, $b$ and $c$ give parity with one threshold? And where does the argument of part 2 break down if the output may be *any* function of the state, such as $\sin^2(\pi h_t / 2)$?

<details><summary>One answer</summary>

The weight of the state is then $u + v x_t$: it may be positive for the bit 0 and negative for the bit 1. For example $w = 1$, $u = 1$, $v = -2$, $b = -0.5$ and $c = 0.5$. With a straight line for $f$ and $w = u = 1$, $b = 0$, the state is the number of ones, and the sine reads the parity off. Then no single $c$ parts even from odd, so that $e \le c < o$ does not hold. But the count grows for ever, and so does the precision that it takes to read it.

</details>
"""

# %% [markdown]
r"""
## Exercise 6.3 The same weights at every step (predict, then run, easy, 10 minutes, 2 points)

Two networks read a sequence $x_1, \dots, x_T$ of rows with $D$ numbers each. Both have $H$ hidden units and $K$ outputs.

- The *recurrent* network: $h_t = \tanh(x_t W_{xh} + h_{t-1} W_{hh} + b_h)$ and $o_t = h_t W_{hy} + b_y$.
- The *feed-forward* network puts all inputs side by side into one long row $x = (x_1, \dots, x_T)$ with $T D$ numbers: $h = \tanh(x W_1 + b_1)$ and $o = h W_2 + b_2$.

**How many parameters?** *Predict first*, for $D = 8$, $H = 16$, $K = 3$: by how many parameters does each network grow when $T$ doubles from 20 to 40? Then write `count_parameters(T, D, H, K)`. It returns a pair of whole numbers: all weights and biases of the recurrent network, and of the feed-forward one.

**A word one step later.** The cell below says a word of four steps at positions 3 to 6, and then the same word one step later, with zeros before and after it. The weights are drawn at random. It compares what the hidden units hold after the word: for the recurrent network, the state right after the word's last step; for the feed-forward network, $h$. *Predict first*, with `"same"` (apart from rounding) or `"different"`:

1. the recurrent network without a bias, $b_h = 0$, that starts from $h_0 = 0$;
2. the recurrent network with a bias, from $h_0 = 0$;
3. the feed-forward network, $b_1 = 0$.

Then run `word_one_step_later(seed)` with some seeds in a cell of your own.

<details><summary>Hint</summary>
In which state is each network when the word begins? The one without a bias has read nothing but zeros so far, and tanh(0) is 0.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "shift", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def said_at(word, start, length=10):
    """Return zeros (length, D) with the word (T, D) in them; start counts from 0."""
    xs = np.zeros((length, word.shape[1]))  # (10, D)
    xs[start : start + len(word)] = word
    return xs


def word_one_step_later(seed, D=3, H=5):
    """Return how far the hidden values after a word move if the word moves by one step."""
    rng = np.random.default_rng(seed)
    word, W_xh, W_hh = (rng.normal(0, 0.7, shape) for shape in ((4, D), (D, H), (H, H)))
    b_h, W_1 = rng.normal(0, 0.7, H), rng.normal(0, 0.7, (10 * D, H))

    def recurrent(start, bias):
        xs = said_at(word, start)[: start + len(word)]  # up to the word's last step
        return torch_states(xs[:, np.newaxis], np.zeros((1, H)), W_xh, W_hh, bias)[-1, 0]

    def feedforward(start):
        return np.tanh(said_at(word, start).reshape(-1) @ W_1)

    differences = {
        "recurrent, no bias": recurrent(3, 0 * b_h) - recurrent(2, 0 * b_h),
        "recurrent, bias": recurrent(3, b_h) - recurrent(2, b_h),
        "feed-forward": feedforward(3) - feedforward(2),
    }
    return {name: round(float(np.abs(moved).max()), 6) for name, moved in differences.items()}


# %% nbgrader={"grade": false, "grade_id": "ex3-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
RECURRENT_GROWS_BY = None  # parameters more at T = 40 than at T = 20
FEEDFORWARD_GROWS_BY = None
RECURRENT_WITHOUT_BIAS = None  # "same" or "different"
RECURRENT_WITH_BIAS = None
FEEDFORWARD = None
### BEGIN SOLUTION
RECURRENT_GROWS_BY = 0
FEEDFORWARD_GROWS_BY = 20 * 8 * 16
RECURRENT_WITHOUT_BIAS = "same"
RECURRENT_WITH_BIAS = "different"
FEEDFORWARD = "different"
### END SOLUTION


def count_parameters(T, D, H, K):
    """Return the number of parameters of the recurrent and of the feed-forward network."""
    ### BEGIN SOLUTION
    readout = H * K + K
    return D * H + H * H + H + readout, T * D * H + H + readout
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex3-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def counted(*modules):
    """Return how many numbers the parameters of torch's modules hold."""
    return sum(p.numel() for module in modules for p in module.parameters())


def check_counts(T, D, H, K):
    found = count_parameters(T, D, H, K)
    checks.check_shape(found, (2,), "count_parameters(...), a pair of numbers,")
    recurrent, feedforward = (int(number) for number in found)
    readout, where = torch.nn.Linear(H, K), f"T, D, H, K = {T, D, H, K}"
    wanted = counted(ElmanCell(D, H), readout)
    every_step = recurrent in (T * wanted, T * (wanted - H * K - K) + H * K + K)
    assert not every_step or T == 1, "the recurrent network has one set of weights, not one a step"
    assert recurrent != wanted - H * H, "W_hh is missing: H x H weights from state to state"
    assert recurrent != wanted - H - K, "the biases b_h and b_y are missing"
    assert recurrent != wanted + H, "one bias b_h, of H numbers, is enough (torch has two)"
    assert recurrent == wanted, f"{where}: the recurrent network has {wanted}, not {recurrent}"
    wanted = counted(torch.nn.Linear(T * D, H), readout)
    once = feedforward == counted(torch.nn.Linear(D, H), readout) and T > 1
    assert not once, "W_1 reads all T steps at once: it has T D rows"
    assert feedforward != wanted - H - K, "the biases b_1 and b_2 are missing"
    assert feedforward == wanted, f"{where}: feed-forward has {wanted}, not {feedforward}"


predictions = [RECURRENT_WITHOUT_BIAS, RECURRENT_WITH_BIAS, FEEDFORWARD]
numbers = [RECURRENT_GROWS_BY, FEEDFORWARD_GROWS_BY]
assert None not in predictions + numbers, "predict all five: two numbers, and three times a word"
check_counts(7, 2, 5, 3)
check_counts(1, 3, 2, 1)
more = np.subtract(count_parameters(40, 8, 16, 3), count_parameters(20, 8, 16, 3))
assert more[0] == RECURRENT_GROWS_BY, (
    f"the recurrent network grows by {more[0]}, not {RECURRENT_GROWS_BY}: T does not occur in "
    "the shape of any of its weights"
)
assert more[1] == FEEDFORWARD_GROWS_BY, (
    f"the feed-forward network grows by {more[1]}, not {FEEDFORWARD_GROWS_BY}: each of the 20 new "
    "positions has D weights to each hidden unit, and nothing else changes"
)
moves = np.array([list(word_one_step_later(seed).values()) for seed in range(5)])  # (5, 3)
assert moves[:, 0].max() == 0 and moves[:, 1:].min() > 0.001
least = moves.min(axis=0)
words = [str(word).strip().lower() for word in predictions]
assert set(words) <= {"same", "different"}, 'say "same" or "different"'
assert words[0] == "same", (
    "1: from h = 0, zeros leave the state at 0 if there is no bias, so the word always meets the "
    "same state and the same weights"
)
assert words[1] == "different", (
    f"2: the state moves by {least[1]:.3f} or more: with a bias it leaves 0 even while the inputs "
    "are 0, so one step later the word meets another state"
)
assert words[2] == "different", (
    f"3: a hidden value moves by {least[2]:.3f} or more: one position later, the word meets other "
    "rows of W_1"
)

# Hidden: other sizes.
### BEGIN HIDDEN TESTS
for sizes in ((11, 5, 3, 2), (100, 13, 7, 1), (2, 1, 1, 1)):
    check_counts(*sizes)
### END HIDDEN TESTS

# %% [markdown]
r"""
**To think about** (not graded). A feed-forward network can learn to answer alike at every position. What must its training data hold for that? And why does the bias of question 2 do little harm in a network whose state settles while it reads zeros?
"""

# %% [markdown]
r"""
## Exercise 6.4 Jordan or Elman? (find the bug, medium, 15 minutes, 2 points)

A little answering machine hears one symbol a step: `yes`, `no`, `.` (nothing) or `?`. At each `?` it shall repeat the last `yes` or `no` that it heard. At all other steps, and if it heard none so far, it shall say `wait`.

A colleague has set the weights by hand. The three hidden units mean "the last one was yes", "the last one was no" and "I am asked". The first two keep what they know with a weight of 1 to themselves. The three outputs stand for yes, no and wait. "This is an Elman network", the colleague says, "and the weights are right. I have checked them twice." The weights *are* right.
"""

# %% nbgrader={"grade": false, "grade_id": "machine", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
HEARS, SAYS = ["yes", "no", ".", "?"], ["yes", "no", "wait"]
MACHINE = (
    np.array([[2, -2, 0], [-2, 2, 0], [0, 0, 0], [0, 0, 1]]),  # W_xh (4, 3)
    np.diag([1, 1, 0]),  # W_hh (3, 3)
    np.array([-0.5, -0.5, -0.5]),  # b_h (3,)
    np.array([[1, 0, -1], [0, 1, -1], [1, 1, -1]]),  # W_hy (3, 3)
    np.array([-1.5, -1.5, 1.5]),  # b_y (3,)
)


def network_of_a_colleague(weights, xs, f):
    W_xh, W_hh, b_h, W_hy, b_y = weights
    h = np.zeros((xs.shape[1], len(b_h)))  # line 1
    ys = []  # line 2
    for x in xs:  # line 3
        h = f(x @ W_xh + h @ W_hh + b_h)  # line 4
        h = f(h @ W_hy + b_y)  # line 5
        ys.append(h)  # line 6
    return np.array(ys)  # line 7


def talk(network, heard):
    """Return what a network says to a text such as "yes . ?"; "..." if no one lamp is on."""
    xs = np.eye(4)[[HEARS.index(word) for word in heard.split()]]  # (T, 4)
    lamps = network(MACHINE, xs[:, np.newaxis], lambda sums: (sums > 0) * 1.0)[:, 0]  # (T, 3)
    return " ".join(SAYS[row.argmax()] if row.sum() == 1 else "..." for row in lamps)


print("hears:  yes  .    .    ?   no   ?  .    ?")
print("says:  ", talk(network_of_a_colleague, "yes . . ? no ? . ?"))
print("should: wait wait wait yes wait no wait no")

# %% [markdown]
r"""
Find out why, mend the function, and answer four questions.

- `FAULTY_LINE`: the number of the line in `network_of_a_colleague` that has to change first. (Another line then has to follow.)
- `WHOSE`: whose network did the colleague write, `"Elman"` or `"Jordan"`?
- `OTHER_WEIGHTS_HELP`: could other weights, or more units, make the colleague's function do this task with thresholds, `"yes"` or `"no"`? Think of `yes . . ?` and `no . . ?`. Before the `?`, a machine that does the task has said the same in both cases.
- `POSSIBLE_TASK`: which of these tasks can be done by the colleague's function, with thresholds and suitable weights?
    - A: at each `?` say whether the *first* symbol of the sequence was yes or no, else wait
    - B: at *every* step say the last yes or no
    - C: at each `?` say whether there were more yes or more no so far, else wait
- `elman(weights, xs, f)`: the network as it should be. `weights` are `W_xh` `(D, H)`, `W_hh` `(H, H)`, `b_h` `(H,)`, `W_hy` `(H, K)` and `b_y` `(K,)`; `xs` has shape `(T, B, D)`; `f` is applied to the sums of hidden units and outputs alike. The first state is zero. The result are the outputs, shape `(T, B, K)`. The number of outputs, $K$, need not be $H$.

<details><summary>Hint 1</summary>
After the first step, write down by hand what h is after line 4 and after line 5. Which of the two goes into line 4 at the next step?
</details>
<details><summary>Hint 2</summary>
If H and K were different, the colleague's function would have crashed. Here both are 3, so nothing warns.
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex4-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
FAULTY_LINE = None  # a number from 1 to 7
WHOSE = None  # "Elman" or "Jordan"
OTHER_WEIGHTS_HELP = None  # "yes" or "no"
POSSIBLE_TASK = None  # "A", "B" or "C"
### BEGIN SOLUTION
FAULTY_LINE = 5
WHOSE = "Jordan"
OTHER_WEIGHTS_HELP = "no"
POSSIBLE_TASK = "B"
### END SOLUTION


def elman(weights, xs, f):
    """Return the outputs (T, B, K) of Elman's network for inputs xs (T, B, D)."""
    ### BEGIN SOLUTION
    W_xh, W_hh, b_h, W_hy, b_y = weights
    h = np.zeros((xs.shape[1], len(b_h)))  # (B, H)
    ys = []
    for x in xs:
        h = f(x @ W_xh + h @ W_hh + b_h)
        ys.append(f(h @ W_hy + b_y))
    return np.array(ys)  # (T, B, K)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex4-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def random_network(T, B, D, H, K, seed):
    """Draw inputs and weights; return them, and torch's states and outputs with tanh."""
    xs, h0, weights = drawn(T, B, D, H, seed)
    rng = np.random.default_rng(seed + 100)
    weights = (*weights, rng.normal(0, 0.7, (H, K)), rng.normal(0, 0.7, K))
    states = torch_states(xs, 0 * h0, *weights[:3])  # (T, B, H)
    return xs, weights, states, np.tanh(states @ weights[3] + weights[4])


def should_say(heard):
    """Return what the machine should say, by the rules in the statement."""
    said, last = [], "wait"
    for word in heard.split():
        last = word if word in ("yes", "no") else last
        said.append(last if word == "?" else "wait")
    return " ".join(said)


# As many hidden units as outputs: nothing crashes, whatever is fed back.
xs, weights, states, expected = random_network(7, 2, 5, 3, 3, seed=0)
found = elman(weights, xs, np.tanh)
assert found is not None, "elman returns None: does it return its result?"
still = np.shape(found) == (7, 2, 3)
still = still and np.allclose(found, network_of_a_colleague(weights, xs, np.tanh))
assert not still, (
    "the output is still fed back: keep the output in a variable of its own, so that h goes "
    "unchanged into the next step"
)
unread = np.shape(found) == np.shape(states) and np.allclose(found, states)
assert not unread, "these are the hidden states: the outputs f(h_t W_hy + b_y) are asked for"
hint = "What goes into the next step is h_t: after f, and before the output layer"
checks.check_close(found, expected, "elman(...), K = H, against torch.nn.RNN", hint=hint)
# Other sizes, and the task.
xs, weights, states, expected = random_network(11, 2, 3, 7, 5, seed=1)
checks.check_close(elman(weights, xs, np.tanh), expected, "elman(...), K = 5 and H = 7", hint=hint)
rng = np.random.default_rng(0)
for _ in range(30):
    heard = " ".join(rng.choice(HEARS, 23, p=[0.1, 0.1, 0.6, 0.2]))
    assert talk(elman, heard) == should_say(heard), f"wrong words for: {heard}"
# The questions.
words = [str(x).strip().lower() for x in (WHOSE, OTHER_WEIGHTS_HELP, POSSIBLE_TASK)]
line = str(FAULTY_LINE).strip()
assert "none" not in [line.lower(), *words], "answer all four questions"
assert line != "6", "line 6 may append what it likes: in line 5, the state is already lost"
assert line != "4", "line 4 is Elman's formula; look what h holds when it is used again"
assert line == "5", "which line takes the state away before the next step needs it?"
assert words[0] == "jordan", (
    "in the colleague's function the output of the step before goes back into the hidden units, "
    "and that is Jordan's network"
)
assert words[1] == "no", (
    "yes . . ? and no . . ?: a machine that does the task says wait three times in both, so the "
    "same is fed back, and at ? the same comes out. No weights can tell the two apart"
)
assert words[2] == "b", (
    "while it says wait, the colleague's network can keep nothing. Which task lets it say aloud "
    "what it has to remember?"
)

# Hidden: a longer talk, another size, and the colleague's network at the task that it can do.
### BEGIN HIDDEN TESTS
heard = "? . yes . " + ". " * 500 + "? no no yes . ? ?"
assert talk(elman, heard) == should_say(heard)
xs, weights, states, expected = random_network(13, 3, 1, 2, 7, seed=2)
checks.check_close(elman(weights, xs, np.tanh), expected, "elman(...), K = 7 and H = 2")
latch = (MACHINE[0], MACHINE[1], MACHINE[2], np.eye(3), np.array([-0.5, -0.5, -0.5]))
symbols = [0, 2, 3, 2, 1, 1, 2, 2, 0, 3, 2]
outputs = network_of_a_colleague(latch, np.eye(4)[symbols][:, None], threshold)[:, 0]
assert outputs[:, :2].argmax(axis=1).tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0]
assert (outputs[:, :2].sum(axis=1) == 1).all()
### END HIDDEN TESTS

# %% [markdown]
r"""
**To think about** (not graded). With tanh in place of thresholds, an output that says "wait" may be 0.98 after a yes and 0.99 after a no. Could Jordan's network use that as a memory? Would you trust it?
"""

# %% [markdown]
r"""
## Exercise 6.5 What does the state remember? (experiment, medium, 20 minutes, 3 points)

A recurrent network that has learnt nothing remembers something all the same. How much? We ask with a **linear probe**: a linear function of the state $h_t$, plus a constant, that is fitted by least squares to give the input $x_{t-k}$ of $k$ steps ago. If it does so well on steps that it was not fitted to, then $h_t$ holds $x_{t-k}$ in a form that is easy to read.

**Part 1.** Write the probe. `hs` has shape `(T, H)`, `xs` has shape `(T,)`, and $k \ge 0$.

1. Pair each state $h_t$ with the input $x_{t-k}$. There are $T - k$ pairs.
2. Fit on the first half of the pairs, `(T - k) // 2` of them, with a constant.
3. On the second half, return $R^2 = 1 - \text{mean squared error} / \text{variance of the inputs there}$. It is 1 if all is remembered, and about 0 if nothing is.

<details><summary>Hint 1</summary>
The states are <code>hs[k:]</code>, and their inputs are <code>xs[: len(xs) - k]</code>. (Beware of <code>xs[:-k]</code>: for k = 0 it is empty.)
</details>
<details><summary>Hint 2</summary>
A column of ones beside the states is the constant: <code>np.column_stack([states, np.ones(len(states))])</code>. The coefficients are <code>np.linalg.lstsq(rows, targets)[0]</code>.
</details>

**Part 2.** The cell below draws a network with $H = 50$ units and random weights, and feeds it a sequence of random numbers. The entries of $W_{hh}$ have the standard deviation $\text{scale} / \sqrt{H}$. So `scale` is about the factor by which $h_{t-1} W_{hh}$ is longer than $h_{t-1}$. The probe reads the states with two decimals. `inputs_remembered(scale, seed)` uses *your* probe: it counts for how many inputs, from $x_t$ backwards, $R^2$ is above one half before it falls below for the first time.

*Predict first*, for the scales 0, 0.3, 1 and 4. Then run `inputs_remembered` with some seeds in a cell of your own, and correct what you have to.

1. With which of the four scales are the most inputs remembered?
2. How many inputs are remembered with scale 0?
3. Why is so little remembered with scale 4?
    - A: what is left of an input shrinks from step to step, until it is lost in the decimals
    - B: small differences between states grow, so that each state depends on all the steps before, and no input stands out
    - C: all units stay at 1 or at -1 and do not move any more
"""


# %% nbgrader={"grade": false, "grade_id": "reservoir", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def untrained_states(scale, seed, start=0.0, T=2000, H=50):
    """Return random inputs (T,), and the states (T, H) of a random network that reads them."""
    rng = np.random.default_rng(seed)
    W_xh, W_hh = rng.normal(0, 0.5, (1, H)), rng.normal(0, scale / np.sqrt(H), (H, H))
    xs = rng.uniform(-1, 1, T)
    h0 = np.full((1, H), start)  # every unit starts from the same number
    hs = torch_states(xs[:, np.newaxis, np.newaxis], h0, W_xh, W_hh, np.zeros(H))
    return xs, hs[:, 0]


def inputs_remembered(scale, seed):
    """Return how many inputs, from x_t backwards, can be read from the state."""
    xs, hs = untrained_states(scale, seed)
    hs, k = hs.round(2), 0
    while k < 100 and remembered(hs, xs, k) > 0.5:
        k += 1
    return k


# %% nbgrader={"grade": false, "grade_id": "ex5-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def remembered(hs, xs, k):
    """Return R^2 of a linear probe that reads x_{t-k} from h_t, on the second half."""
    ### BEGIN SOLUTION
    rows = np.column_stack([hs[k:], np.ones(len(hs) - k)])  # (T - k, H + 1)
    targets = xs[: len(xs) - k]  # (T - k,)
    half = len(rows) // 2
    coefficients = np.linalg.lstsq(rows[:half], targets[:half])[0]  # (H + 1,)
    errors = targets[half:] - rows[half:] @ coefficients
    return 1 - (errors**2).mean() / targets[half:].var()
    ### END SOLUTION


BEST_SCALE = None  # 0, 0.3, 1 or 4
REMEMBERED_AT_SCALE_0 = None  # a number
WHY_SO_LITTLE_AT_4 = None  # "A", "B" or "C"
### BEGIN SOLUTION
BEST_SCALE = 1
REMEMBERED_AT_SCALE_0 = 1
WHY_SO_LITTLE_AT_4 = "B"
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex5-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
rng = np.random.default_rng(0)
xs = rng.normal(size=2003)
try:
    found = remembered(xs[:, np.newaxis], xs, 0)
except (ValueError, np.linalg.LinAlgError) as error:
    words = f"remembered(hs, xs, 0) fails ({error}). For k = 0, xs[:-k] is empty"
    raise AssertionError(words) from error
checks.check_shape(found, (), "remembered(...), one number,")
assert not np.isnan(found), "R^2 is not a number. For k = 0, xs[:-k] is empty"
assert abs(found) > 1e-6, "this looks like the error: return 1 - error / variance"
checks.check_close(found, 1.0, "R^2 for k = 0, if the state is the input itself", tolerance=1e-6)
# A state that sees the next input, and one that holds the last three.
found = remembered(np.roll(xs, -1)[:, np.newaxis], xs, 1)
assert found < 0.5, "you pair h_t with x_{t+k}, the input k steps later: x_{t-k} is wanted"
register = np.column_stack([np.roll(xs, lag) for lag in range(3)])  # (T, 3) x_t, x_{t-1}, x_{t-2}
for k in (1, 2):
    name = f"R^2 for k = {k}, if the state is (x_t, x_(t-1), x_(t-2))"
    checks.check_close(remembered(register, xs, k), 1.0, name, tolerance=1e-3)
gone = abs(remembered(register, xs, 3)) < 0.05
assert gone, "k = 3: a state that holds the last three inputs knows nothing of the one before them"
# Noise in the state: with variances 1 and 1/3, three quarters of the variance can be read.
noisy = rng.normal(size=20011)
found = remembered((noisy + rng.normal(0, 3**-0.5, noisy.shape))[:, np.newaxis], noisy, 0)
assert abs(found - 0.25) > 0.03, "this is the share that is lost: return 1 - error / variance"
assert abs(found - 0.75**0.5) > 0.03, "this is the correlation: R^2 is asked for"
message = f"with noise of a third of the variance, R^2 should be about 0.75, but is {found:.3f}"
assert abs(found - 0.75) < 0.03, message
# Inputs with a mean, and states that have nothing to do with the inputs.
found = remembered(xs[:, np.newaxis], xs + 5, 0)
assert found > 0.99, "the inputs have the mean 5, and your probe has no constant: add a column of 1"
found = np.mean([remembered(rng.normal(size=(200, 80)), xs[:200], 0) for _ in range(5)])
assert found < 0.1, (
    f"80 random numbers that know nothing of the input give R^2 = {found:.2f}: the probe is "
    "tested on steps that it was fitted to. Fit on the first half only, test on the second"
)
# The experiment.
answers = [BEST_SCALE, REMEMBERED_AT_SCALE_0, WHY_SO_LITTLE_AT_4]
assert None not in answers, "answer the three questions"
counts = np.array([[inputs_remembered(s, seed) for s in (0, 0.3, 1, 4)] for seed in range(5)])
sure = (counts[:, 2] > counts[:, 1] + 2).all() and (counts[:, 1] > counts[:, 0] + 2).all()
assert sure and (counts[:, 3] <= 1).all(), "the counts are odd: are the halves fitted as described?"
shown = ", ".join(f"{mean:.0f}" for mean in counts.mean(axis=0))
assert BEST_SCALE in (0, 0.3, 1, 4), "BEST_SCALE is one of 0, 0.3, 1 and 4"
assert BEST_SCALE == 1, f"with the scales 0, 0.3, 1, 4 about {shown} inputs are remembered"
assert REMEMBERED_AT_SCALE_0 != 0, (
    "with scale 0 the state knows nothing of earlier steps, but it still sees x_t, and x_t counts"
)
assert REMEMBERED_AT_SCALE_0 == 1, "with scale 0, h_t = tanh(x_t W_xh) depends on x_t alone"
letter = str(WHY_SO_LITTLE_AT_4).strip().upper()
apart = [np.subtract(untrained_states(s, 0, 1e-6)[1], untrained_states(s, 0)[1]) for s in (0.3, 4)]
apart = [np.abs(difference[199]).max() for difference in apart]  # after 200 steps
assert apart[0] < 1e-9 and apart[1] > 0.1
flips = (np.diff(np.sign(untrained_states(4, 0)[1]), axis=0) != 0).mean()
assert letter != "A", (
    "that is what happens with scale 0.3. Two runs that start 0.000001 apart are "
    f"{apart[1]:.1f} apart after 200 steps with scale 4: nothing shrinks there"
)
assert letter != "C", f"with scale 4, {flips:.0%} of the units change their sign at each step"
assert letter == "B", "WHY_SO_LITTLE_AT_4 is one of the letters A, B, C"

# Hidden: a moving average, which holds several inputs at once, and other lags.
### BEGIN HIDDEN TESTS
xs = np.random.default_rng(7).uniform(0, 2, 5003)
mixed = np.column_stack([np.roll(xs, 4) + np.roll(xs, 9), np.roll(xs, 4) - 2 * np.roll(xs, 9)])
for k in (4, 9):
    checks.check_close(remembered(mixed, xs, k), 1.0, f"two inputs mixed, k = {k}", tolerance=1e-6)
found = remembered(np.roll(xs, 4)[:, None] + np.roll(xs, 9)[:, None], xs, 4)
assert abs(found - 0.5) < 0.06
for k in (0, 3, 5):
    assert abs(remembered(mixed, xs, k)) < 0.05
### END HIDDEN TESTS

# %% [markdown]
r"""
**To think about** (not graded). With scale 4 the *linear* probe finds nothing. Does that prove that the state knows nothing of $x_t$? And what would a network that is trained for a task rather keep than the last ten inputs?
"""

# %% [markdown]
r"""
## Exercise 6.6 A tree is not a chain (implement, medium, 20 minutes, 2 points)

A *recurrent* network applies one function again and again along time. A *recursive* network applies one function again and again up a tree. We write a tree as nested lists: `["a", ["b", "c"]]` is a node with two children; the first is the leaf `"a"`, the second is a node with the leaves `"b"` and `"c"`. Every node has two children, and everything that is not a list is a leaf: a string, a number, an array.

Write four functions.

- `evaluate(tree, combine)`: the value of a tree, bottom-up. A leaf's value is the leaf itself. A node's value is `combine(left, right)` of its children's values. The function `combine` is the same at every node, and it is called once for each.
- `chain(leaves)`: a tree over a list of leaves whose evaluation is the loop `h = leaves[0]`, and then `h = combine(h, leaf)` for each further leaf.
- `balanced(leaves)`: a tree over a list of leaves, in their order, that is as shallow as possible. (Halve the list again and again.)
- `depth(tree)`: how many calls of `combine` lie on the longest way from a leaf to the root. A leaf alone has depth 0. This is how many steps must wait for each other, even if many can be done at the same time.

*Predict*: the chain over $h_0, x_1, \dots, x_{1024}$ is the recurrent network on 1,024 steps. What is its depth? What is the depth of the balanced tree over $x_1, \dots, x_{1024}$?

<details><summary>Hint 1</summary>
<code>isinstance(tree, list)</code> tells nodes from leaves. A function may call itself: the value of a node needs the values of its children first.
</details>
<details><summary>Hint 2</summary>
<code>left, right = tree</code> takes a node apart. The chain over a, b, c is <code>[["a", "b"], "c"]</code>: a and b first.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "ex6-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def evaluate(tree, combine):
    """Return the value of a tree, from the leaves up."""
    ### BEGIN SOLUTION
    if not isinstance(tree, list):
        return tree
    left, right = tree
    return combine(evaluate(left, combine), evaluate(right, combine))
    ### END SOLUTION


def chain(leaves):
    """Return the tree over the leaves that is a loop from left to right."""
    ### BEGIN SOLUTION
    tree = leaves[0]
    for leaf in leaves[1:]:
        tree = [tree, leaf]
    return tree
    ### END SOLUTION


def balanced(leaves):
    """Return a tree over the leaves, in their order, of the smallest depth."""
    ### BEGIN SOLUTION
    if len(leaves) == 1:
        return leaves[0]
    middle = len(leaves) // 2
    return [balanced(leaves[:middle]), balanced(leaves[middle:])]
    ### END SOLUTION


def depth(tree):
    """Return how many calls of combine lie on the longest way from a leaf to the root."""
    ### BEGIN SOLUTION
    return 1 + max(map(depth, tree)) if isinstance(tree, list) else 0
    ### END SOLUTION


DEPTH_OF_CHAIN = None  # over h_0 and 1,024 inputs
DEPTH_OF_BALANCED = None  # over 1,024 inputs
### BEGIN SOLUTION
DEPTH_OF_CHAIN = 1024
DEPTH_OF_BALANCED = 10
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex6-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
calls = []


def bracket(left, right):
    """Write down what is combined, and remember that we were called."""
    calls.append((left, right))
    return f"({left} {right})"


# evaluate: strings show what was combined with what.
assert evaluate("a", bracket) == "a", "the value of a leaf is the leaf itself"
tree, answer = ["a", ["b", "c"]], "(a (b c))"
calls.clear()
found = evaluate(tree, bracket)
assert tree == ["a", ["b", "c"]], "you change the tree: leave it as it is"
assert found is not None, "evaluate returns None: does it return the value of a node?"
assert found != "((a b) c)", (
    "you combine the leaves from left to right and ignore the inner lists: that is a chain, "
    "but b and c come first here"
)
assert found != "((c b) a)", "left and right are swapped: combine(left, right), not the other way"
assert found != "(a ['b', 'c'])", "a child that is a list must be evaluated before it is combined"
assert found == answer, f"evaluate({tree}, ...) is {found}, but should be {answer}"
deeper = [[["a", "b"], ["c", "d"]], ["e", [["f", "g"], "h"]]]
calls.clear()
found, answer = evaluate(deeper, bracket), "(((a b) (c d)) (e ((f g) h)))"
assert found == answer, f"evaluate({deeper}, ...) is {found}, but should be {answer}"
message = f"eight leaves have seven nodes, but combine was called {len(calls)} times"
assert len(calls) == 7, message
minus = [evaluate(tree, np.subtract) for tree in ([[8, 3], 2], [8, [3, 2]])]
assert minus == [3, 7], f"(8 - 3) - 2 is 3 and 8 - (3 - 2) is 7, but you find {minus}"
# chain: a loop, so a recurrent network.
found = evaluate(chain(list("abcd")), bracket)
assert found != "(a (b (c d)))", (
    "your chain begins at the wrong end: the loop combines a and b first, [[['a', 'b'], 'c'], 'd']"
)
answer = "(((a b) c) d)"
assert found == answer, f"the chain over a, b, c, d is {found}, but should be {answer}"
assert chain(["a"]) == "a", "a chain over one leaf is that leaf"
xs, h0, (W_xh, W_hh, b_h) = drawn(97, 1, 2, 5, seed=0)
found = evaluate(chain([h0, *xs]), lambda h, x: np.tanh(x @ W_xh + h @ W_hh + b_h))
expected = torch_states(xs, h0, W_xh, W_hh, b_h)[-1]
checks.check_close(found, expected, "a chain over h_0, x_1, ..., x_97 against torch.nn.RNN")
# depth: leaves are at 0, and the longer way counts.
found = [depth("a"), depth(["a", "b"]), depth(["a", ["b", "c"]]), depth([["b", "c"], "a"])]
assert found != [1, 2, 3, 3], "a leaf has depth 0: count the calls of combine, not the levels"
one_side = found in ([0, 1, 1, 2], [0, 1, 2, 1])
assert not one_side, "you follow one child only: the longest way may go through the other"
assert found == [0, 1, 2, 2], f"the depths of a, [a, b], [a, [b, c]], [[b, c], a] are not {found}"
found = depth(deeper)
assert found != 7, "you count all nodes: count those on the longest way only"
assert found == 4, f"the depth of {deeper} is 4, not {found}"
# balanced: all leaves, in their order, and as shallow as possible.
for number in range(1, 34):
    leaves = [str(i) for i in range(number)]
    tree = balanced(leaves)
    written = evaluate(tree, bracket).replace("(", "").replace(")", "").split()
    assert sorted(written) == sorted(leaves), f"of {number} leaves, balanced has {len(written)}"
    assert written == leaves, f"balanced changes the order: {leaves} becomes {written}"
    least = (number - 1).bit_length()  # the logarithm to base 2, rounded up
    message = f"balanced over {number} leaves has depth {depth(tree)}, but {least} is possible"
    assert depth(tree) == least, message
assert depth(chain(list(range(34)))) == 33
# The predictions.
assert None not in (DEPTH_OF_CHAIN, DEPTH_OF_BALANCED), "predict both depths"
assert DEPTH_OF_CHAIN == 1024, (
    "the chain waits at every step: h_0 and 1,024 inputs are 1,025 leaves, and each leaf after "
    "the first adds one call to the longest way"
)
assert DEPTH_OF_BALANCED == 10, (
    "1,024 leaves become 512 values, then 256, ... down to 1: how often can 1,024 be halved?"
)

# Hidden: other trees, and arithmetic that Python can do itself.
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(3)
for _ in range(20):
    trees = [int(n) for n in rng.integers(0, 9, 13)]
    while len(trees) > 1:
        at = int(rng.integers(len(trees) - 1))
        trees[at : at + 2] = [[trees[at], trees[at + 1]]]
    text = str(trees[0]).replace("[", "(").replace("]", ")").replace(",", " -")
    assert evaluate(trees[0], lambda left, right: left - right) == eval(text)
    deepest = max(text[:i].count("(") - text[:i].count(")") for i in range(len(text)))
    assert depth(trees[0]) == deepest
assert depth(balanced(list(range(1000)))) == 10 and depth(chain(list(range(200)))) == 199
### END HIDDEN TESTS

# %% [markdown]
r"""
**To think about** (not graded). The balanced tree needs ten rounds where the chain needs 1,024. What does the chain offer in return, if the symbols arrive one by one and the next one is to be predicted at each step? And for which `combine` do both trees give the same value?

<details><summary>One answer</summary>

The chain has a state after every step, made of all inputs so far, and the next input costs one call. The balanced tree has its value at the end, and who knows the last input only now must wait with a part of the work until now. Both give the same value for every list of leaves if `combine(combine(a, b), c)` equals `combine(a, combine(b, c))` for all a, b, c: if it is *associative*, as addition is and as tanh of a sum is not.

</details>
"""
