# %% [markdown]
r"""
# Exercises to chapter 07: binary addition

These go with [chapter 07](../../chapters/07_binary_addition.ipynb). Six exercises, 15 points, about 105 minutes.

Write your answer where the cell says so and run the check below it. A check that passes prints nothing; one that fails says what is probably wrong. When an instructor grades the notebook, some more checks of the same kind run on other data.

As in the chapter, the least significant bit stands first, inputs have the shape `(T, B, 2)`, and an automaton is a pair of arrays: `table` with one row for each state and one column for each input $2a + b$ (00, 01, 10, 11), whose entries are the next states, and `prints` with the digit that each state prints when it is entered. It starts in state 0.
"""

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
import numpy as np
import torch
from torch import nn
from torch.func import functional_call, stack_module_state, vmap

from rnncourse import checks
from rnncourse.cells.elman import ElmanCell
from rnncourse.cells.unroll import unroll
from rnncourse.datasets.addition import add_columns, addition_problems, from_bits, to_bits

torch.set_num_threads(1)
ADD_PRINTS = np.array([0, 1, 0, 1])
ADD_TABLE = np.array([[0, 1, 1, 2], [0, 1, 1, 2], [1, 2, 2, 3], [1, 2, 2, 3]])


def run_automaton(table, prints, inputs):
    """Return the digits (T, B) that an automaton prints for inputs (T, B, 2)."""
    state, printed = np.zeros(inputs.shape[1], dtype=int), []
    for x in inputs:
        state = table[state, 2 * x[:, 0] + x[:, 1]]
        printed.append(prints[state])
    return np.array(printed)


def run_network(weights, inputs, delay=0):
    """Run logistic units, h_0 = 0, and return the digits (T, B), `delay` steps late."""
    W_xh, W_hh, b_h, W_hy, b_y = (np.asarray(w, dtype=float) for w in weights)
    h, digits = np.zeros((inputs.shape[1], len(b_h))), []
    for x in np.pad(inputs, ((0, delay), (0, 0), (0, 0))):
        h = 1 / (1 + np.exp(-np.clip(x @ W_xh + h @ W_hh + b_h, -500, 500)))
        digits.append((h @ W_hy + b_y)[:, 0] > 0)
    return np.array(digits[delay:])


def share_exact(weights, problems, delay=0):
    """Return the share of sums with every digit right."""
    return (run_network(weights, problems.inputs, delay) == problems.targets).all(axis=0).mean()


def check_weights(weights, units, name):
    """Check the five shapes of a network with so many hidden units."""
    assert weights is not None and len(weights) == 5, f"{name} must return five arrays"
    shapes = [(2, units), (units, units), (units,), (units, 1), (1,)]
    for part, shape, of in zip(weights, shapes, ("W_xh", "W_hh", "b_h", "W_hy", "b_y"), strict=True):
        checks.check_shape(part, shape, of)


# %% [markdown]
r"""
## Exercise 7.1 Subtraction by an automaton (implement, easy, 15 minutes, 2 points)

Write the automaton that subtracts: $a - b$, where the first number is at least as large as the second. It goes from right to left as well. Where a column would become negative, it *borrows* 1 from the next column, which is worth 2 here.

State $2 \cdot \text{borrow} + \text{digit}$: borrow is 1 if the column that was just read had to borrow, and digit is what it printed. So `prints` is the same as for addition. Return `table`, shape `(4, 4)`, and `prints`, shape `(4,)`, whole numbers.

<details><summary>Hint</summary>
With the borrow of the column before, d = a - b - borrow is 1, 0, -1 or -2. Which digit and which new borrow belong to each of them? In Python, <code>-1 % 2</code> is 1.
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex1-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def subtraction_automaton():
    """Return table (4, 4) and prints (4,) of the automaton that subtracts."""
    ### BEGIN SOLUTION
    table = np.empty((4, 4), dtype=int)
    for state, a, b in np.ndindex(4, 2, 2):
        d = a - b - state // 2
        table[state, 2 * a + b] = 2 * (d < 0) + d % 2
    return table, np.array([0, 1, 0, 1])
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex1-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
found = subtraction_automaton()
assert found is not None and len(found) == 2, "return table and prints"
table, prints = (np.asarray(part) for part in found)
checks.check_shape(table, (4, 4), "table")
checks.check_close(prints, [0, 1, 0, 1], "prints", hint="State 2 * borrow + digit prints its digit")
assert not np.array_equal(table, ADD_TABLE), "this is addition: 0 - 1 prints 1 and borrows"
checks.check_close(table[0, 0], 0, "the state after 0 - 0, nothing borrowed")
backwards = table[0, 1] == 1 and table[0, 2] == 3
assert not backwards, "you compute b - a: the first digit of a column belongs to the first number"
checks.check_close(table[0, 1], 3, "the state after 0 - 1", hint="It prints 1, and has borrowed")
checks.check_close(table[0, 2], 1, "the state after 1 - 0", hint="It prints 1, and borrows nothing")
ignored = np.array_equal(table[:2], table[2:])
assert not ignored, "the borrow of the column before is ignored: rows 2 and 3 must differ from 0 and 1"
added = table[2, 0] == 1
assert not added, "0 - 0 with a borrow is -1: the borrow is subtracted as well, not added"
checks.check_close(table[2, 1], 2, "the state after 0 - 1 with a borrow", hint="0 - 1 - 1 = -2")
checks.check_close(table[0], table[1], "row 1 (the same borrow as row 0)")
checks.check_close(table[2], table[3], "row 3 (the same borrow as row 2)")


def subtract(first, second, length):
    inputs = np.stack([to_bits(first, length), to_bits(second, length)], axis=1)[:, np.newaxis]
    return from_bits(run_automaton(table, prints, inputs)[:, 0])


checks.check_close(subtract(129, 52, 8), 77, "129 - 52")
checks.check_close(subtract(2**40, 1, 41), 2**40 - 1, "2 ** 40 - 1: the borrow runs all the way")

# Hidden: other numbers, against Python.
### BEGIN HIDDEN TESTS
problems = addition_problems(50, 200, seed=4)
for b in range(50):
    first, second = sorted((from_bits(problems.inputs[:, b, k]) for k in (0, 1)), reverse=True)
    assert subtract(first, second, 201) == first - second
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 7.2 A sum that comes out wrong (find the bug, easy, 10 minutes, 2 points)

A colleague has an adder that is exact on every test of the chapter. With the function below, which turns two numbers into columns, and with the digits of the answer written from left to right in the order in which they come, it says 3 + 1 = 2 and 52 + 77 = 123. He thinks the adder is broken. It is not.
"""

# %% nbgrader={"grade": false, "grade_id": "colleague", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def columns_of_a_colleague(first, second):
    width = max(first.bit_length(), second.bit_length())
    rows = [[int(digit) for digit in format(number, f"0{width}b")] for number in (first, second)]
    return np.array(rows).T[:, np.newaxis]  # (T, 1, 2)


# %% [markdown]
r"""
There are two mistakes. Write the function as it should be. The result has the shape `(T, 1, 2)`: place `[t, 0, 0]` is the digit of the first number in column $t$, and `[t, 0, 1]` that of the second. $T$ must be large enough for the sum.

<details><summary>Hint</summary>
<code>format(6, "05b")</code> is "00110". Which of its digits should come first, and how many columns does 3 + 1 need?
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex2-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def columns_of(first, second):
    """Return two numbers as columns, (T, 1, 2), the ones first, with room for their sum."""
    ### BEGIN SOLUTION
    width = max(first.bit_length(), second.bit_length()) + 1
    rows = [[int(digit) for digit in format(number, f"0{width}b")] for number in (first, second)]
    return np.array(rows).T[::-1, np.newaxis]
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex2-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
found = columns_of(5, 1)
checks.check_shape(found, (None, 1, 2), "columns_of(5, 1)")
bits = [np.asarray(found)[:, 0, k].astype(int) for k in (0, 1)]
numbers = [from_bits(row) for row in bits]
assert numbers != [1, 5], "the two numbers have changed places: reverse the columns, not the pairs"
first_digit = "the most significant bit still comes first: column 0 must hold the ones"
assert bits[1][0] == 1, first_digit
checks.check_close(numbers, [5, 1], "the numbers in the columns of 5 and 1")
for first, second in ((3, 1), (52, 77), (0, 0), (1, 1), (2**64 - 1, 1)):
    columns = np.asarray(columns_of(first, second))
    assert len(columns), f"{first} + {second}: there must be at least one column"
    digits = [from_bits(columns[:, 0, k]) for k in (0, 1)]
    assert digits == [first, second], f"the columns of {first} and {second} hold {digits}"
    total = from_bits(run_automaton(ADD_TABLE, ADD_PRINTS, columns)[:, 0])
    assert total == first + second, (
        f"{first} + {second} gives {total}: the last carry has no column to go to. The sum can be "
        "one digit longer than the numbers"
    )

# Hidden: other numbers, against Python.
### BEGIN HIDDEN TESTS
for first, second in ((12345, 678), (2**100, 2**100), (7, 2**50 - 7), (0, 9)):
    columns = columns_of(first, second)
    assert from_bits(add_columns(columns).targets[:, 0]) == first + second
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 7.3 Do two automata agree? (implement, medium, 20 minutes, 3 points)

The chapter compares two smallest automata by trying every renaming of the states. That takes 24 trials for four states, and 3,628,800 for ten. There is a better way, which needs neither a smallest automaton nor the same number of states: *run both side by side*.

Start with the pair (0, 0): both are in state 0. Each input leads to another pair. There are only finitely many pairs, so make a list of those that can be reached. If the two automata ever print different digits on entering a pair, they disagree.

Write `disagreement(first, second)`, where each is a pair `(table, prints)`. It returns `None` if they print the same digits for every sequence of inputs. Otherwise it returns a *shortest* list of inputs, numbers from 0 to 3, after whose last one they print different digits. The start state prints nothing, so its digit does not count.

<details><summary>Hint 1</summary>
Go breadth first: all pairs that one input reaches, then all new pairs that two inputs reach, and so on. Then the first difference that you meet is a shortest one.
</details>
<details><summary>Hint 2</summary>
Keep a list <code>waiting</code> of (pair, inputs that led to it) and a set <code>seen</code> of pairs. Take from the front of the list, append at the end.
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex3-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def disagreement(first, second):
    """Return a shortest list of inputs on which two automata differ, or None."""
    ### BEGIN SOLUTION
    waiting, seen = [((0, 0), [])], {(0, 0)}
    while waiting:
        (one, other), inputs = waiting.pop(0)
        for code in range(first[0].shape[1]):
            pair = (int(first[0][one, code]), int(second[0][other, code]))
            if first[1][pair[0]] != second[1][pair[1]]:
                return [*inputs, code]
            if pair not in seen:
                seen.add(pair)
                waiting.append((pair, [*inputs, code]))
    return None
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex3-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def renamed(table, prints, names):
    """Return the same automaton, state s called names[s]; names[0] must be 0."""
    names = np.asarray(names)
    back = np.argsort(names)
    return names[table[back]], prints[back]


def tired(limit):
    """Return an adder that forgets a carry after it was handed on `limit` times in a row."""
    rows, digits = [[0, 1, 1, 2], [0, 1, 1, 2]], [0, 1]
    for k in range(limit + 1):  # states 2 + 2 k and 3 + 2 k: a carry, handed on k times
        on = 2 + 2 * (k + 1) if k < limit else 0
        rows += [[1, on, on, 3]] * 2
        digits += [0, 1]
    return np.array(rows), np.array(digits)


def print_differently(one, other, word):
    codes = np.array(word, dtype=int)
    inputs = np.stack([codes // 2, codes % 2], axis=1)[:, np.newaxis]
    digits = [run_automaton(*automaton, inputs)[:, 0] for automaton in (one, other)]
    return digits[0][-1] != digits[1][-1]


addition = (ADD_TABLE, ADD_PRINTS)
assert disagreement(addition, addition) is None, "an automaton agrees with itself: return None"
other_names = renamed(*addition, [0, 3, 1, 2])
assert disagreement(addition, other_names) is None, (
    "you compare names: the second automaton does the same, its states are only called otherwise"
)
spare = (np.vstack([ADD_TABLE, ADD_TABLE]) + 4 * np.arange(2).repeat(4)[:, None], np.tile(ADD_PRINTS, 2))
spare[0][:4, 3] += 4  # eight states, of which four are copies
assert disagreement(addition, spare) is None, (
    "the second automaton has copies of its states, but does the same: only what is printed counts"
)
unused = (np.vstack([ADD_TABLE, [[4, 4, 4, 4]]]), np.array([0, 1, 0, 1, 1]))
assert disagreement(addition, unused) is None, "state 4 can never be reached: it must not count"
two_thresholds = (np.array([[0, 1, 1, 2], [0, 1, 1, 2], [1, 2, 2, 2]]), np.array([0, 1, 0]))
found = disagreement(addition, two_thresholds)
assert found is not None, "the second automaton takes three ones for two: they differ after 11, 11"
checks.check_close(list(found), [3, 3], "the inputs that show the difference", hint="Two inputs are enough")
shortcut = np.array([[6, 0, 0, 1], *([k] * 4 for k in (2, 3, 4, 5, 5, 7, 7))])  # 0, 6, 7 or 0, 1, .., 5
marks = np.array([0, 0, 0, 0, 0, 1, 0, 1])
found = disagreement((shortcut, 0 * marks), (shortcut, marks))
assert found is not None and len(found) == 2, (
    f"two inputs are enough to show a difference, and you give {found}: take the pairs in the "
    "order in which they were reached, the first one first"
)
for limit in (1, 3, 12):
    weak = tired(limit)
    found = disagreement(addition, weak)
    assert found is not None, (
        f"one of them loses a carry after it was handed on {limit} times, and you do not see it: "
        "go on until no new pair is reached, however many inputs that takes"
    )
    assert print_differently(addition, weak, found), f"after {found} both print the same digit"
    assert len(found) <= limit + 3, (
        f"you found {len(found)} inputs, but {limit + 3} are enough: take the pairs in the order "
        "in which they were reached"
    )

# Hidden: other automata, against all words.
### BEGIN HIDDEN TESTS
import itertools

rng = np.random.default_rng(0)
for _ in range(30):
    pair = [(rng.integers(n, size=(n, 4)), rng.integers(2, size=n)) for n in (3, 2)]
    words = itertools.chain.from_iterable(itertools.product(range(4), repeat=k) for k in (1, 2, 3, 4))
    shortest = next((len(word) for word in words if print_differently(*pair, word)), None)
    found = disagreement(*pair)
    if shortest is not None:
        assert len(found) == shortest and print_differently(*pair, found)
assert len(disagreement(addition, tired(40))) == 43
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 7.4 Storing digits (explain and set weights by hand, medium, 20 minutes, 3 points)

**Question 1.** In a network where each connection takes one step, the signal goes from the input to a first hidden layer, from there to a second one, and from there to the output. How many steps late is the digit of a column? Put the number into `LATE`.

**Question 2.** Now the output is read from $h_t$ at once, and the target is the digit $d$ steps ago. How many different situations must $h_t$ tell apart, for $d = 0, 1, 2$? Two situations are different if some future makes a difference between them. Fill in `SITUATIONS`.

**Question 3.** Set the weights of *five* logistic units that are exact with $d = 2$ and a read-out from $h_t$. Units 1, 2, 3 are those of section 7.3. In row vectors, $h_t = \sigma(x_t W_{xh} + h_{t-1} W_{hh} + b_h)$ and the digit is 1 if $h_t W_{hy} + b_y > 0$. `late_adder(gain)` returns $W_{xh}$ (2, 5), $W_{hh}$ (5, 5), $b_h$ (5,), $W_{hy}$ (5, 1), $b_y$ (1,).

<details><summary>Hint to question 2</summary>
For d = 0: the carry decides what comes later, and the digit is to be shown now. That makes four.
</details>
<details><summary>Hint to question 3</summary>
Unit 4 looks at the old pattern of units 1, 2, 3 and fires if the digit of that column was 1. Unit 5 copies the old unit 4. How old is the digit that unit 5 holds?
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex4-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
LATE = None  # number of steps
SITUATIONS = {0: None, 1: None, 2: None}
### BEGIN SOLUTION
LATE = 3
SITUATIONS = {0: 4, 1: 8, 2: 16}  # the carry and d + 1 digits
### END SOLUTION


def late_adder(gain):
    """Return W_xh, W_hh, b_h, W_hy, b_y of five units that show the digit of two steps ago."""
    ### BEGIN SOLUTION
    W_xh = np.array([[1.0, 1, 1, 0, 0]] * 2)
    W_hh = np.zeros((5, 5))
    W_hh[1, :3] = 1  # the carry, to the three thresholds
    W_hh[:3, 3] = 1, -1, 1  # the digit of the column before
    W_hh[3, 4] = 1  # and its copy
    b_h = -np.array([0.5, 1.5, 2.5, 0.5, 0.5])
    return gain * W_xh, gain * W_hh, gain * b_h, gain * np.eye(5)[:, 4:], np.array([-gain / 2])
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex4-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
assert LATE is not None, "fill in LATE"
assert LATE != 2, "2 is right for one hidden layer: here the signal passes three connections"
checks.check_close(LATE, 3, "LATE", hint="Count the connections from the input to the output")
sizes = [SITUATIONS.get(d) for d in (0, 1, 2)]
assert None not in sizes, "fill in SITUATIONS for d = 0, 1 and 2"
assert sizes != [2, 4, 8], "the digit to be shown now counts as well as the carry: 2 * 2 = 4 for d = 0"
assert sizes != [4, 6, 8], "digits multiply the number of situations, they do not add to it"
checks.check_close(sizes, [4, 8, 16], "SITUATIONS", hint="Each digit that must be kept doubles them")
weights = late_adder(20.0)
check_weights(weights, 5, "late_adder")
W_xh, W_hh, b_h, W_hy, b_y = (np.asarray(part, dtype=float) for part in weights)
problems = addition_problems(100, 50, seed=0)
with_transpose = share_exact((W_xh, W_hh.T, b_h, W_hy, b_y), problems, 2) == 1
assert not with_transpose or share_exact(weights, problems, 2) == 1, (
    "W_hh is transposed: with row vectors, row i holds the votes of the old unit i"
)
for early in (0, 1):
    assert share_exact(weights, problems, early) < 1, (
        f"your digits come {2 - early} step(s) too early, {early} late: which unit do you read out?"
    )
single = run_network(weights, add_columns(np.array([[[1, 0]], [[0, 0]], [[0, 0]]])).inputs, 2)[:, 0]
checks.check_close(single.astype(int), [1, 0, 0], "the digits of 1 + 0", hint="Look at units 4 and 5")
right = (run_network(weights, problems.inputs, 2) == problems.targets).mean()
assert right == 1, (
    f"{right:.0%} of the digits are right: does unit 2 alone feed back to units 1, 2, 3, and does "
    "unit 4 get h1 - h2 + h3 of the old pattern?"
)

# Hidden: long numbers and other gains.
### BEGIN HIDDEN TESTS
for gain in (12.0, 30.0):
    assert share_exact(late_adder(gain), addition_problems(20, 1000, seed=5), 2) == 1
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 7.5 Two units are enough (set weights by hand, hard, 25 minutes, 3 points)

In the chapter three threshold units tell the counts 0, 1, 2, 3 apart. Two are enough, if one of them is *no* threshold.

Unit 1 is the carry unit, as in the chapter. Unit 2 gets the same sum, but through small weights. Near 0 the logistic function is nearly a straight line, $\sigma(u) \approx \tfrac12 + u / 4$, so unit 2 *measures* the count $n_t$. And $y_t = n_t - 2 c_t$ by (7.1), which a read-out can compute.

Find the weights. `two_units()` returns $W_{xh}$ (2, 2), $W_{hh}$ (2, 2), $b_h$ (2,), $W_{hy}$ (2, 1), $b_y$ (1,) of a network with $h_t = \sigma(x_t W_{xh} + h_{t-1} W_{hh} + b_h)$, $h_0 = 0$, whose digit is 1 if $h_t W_{hy} + b_y > 0$.

<details><summary>Hint 1</summary>
Let unit 2 compute sigma(e (n - 1.5)) with a small e, such as 0.4. Solve for n.
</details>
<details><summary>Hint 2</summary>
The digit is 1 if n - 2 c > 1/2. Put in n = 1.5 + (4 / e) (h_2 - 1/2) and c = h_1.
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex5-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def two_units():
    """Return W_xh, W_hh, b_h, W_hy, b_y of two logistic units that add exactly."""
    ### BEGIN SOLUTION
    gain, small = 30.0, 0.4
    each = np.array([gain, small])
    W_hh = np.array([each, [0.0, 0.0]])  # only the carry feeds back
    return np.array([each, each]), W_hh, -1.5 * each, np.array([[-2.0], [4 / small]]), np.array([1.0 - 2 / small])
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex5-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
weights = two_units()
check_weights(weights, 2, "two_units")
assert np.isfinite(np.concatenate([np.ravel(part) for part in weights])).all(), "weights must be finite"


def digit_after(carry, a, b):
    """Return the digit of a column with this carry, which a first column makes."""
    return int(run_network(weights, np.array([[[carry, carry]], [[a, b]]]))[-1, 0])


wrong = {}
for carry, a, b in np.ndindex(2, 2, 2):
    if digit_after(carry, a, b) != (carry + a + b) % 2:
        wrong.setdefault(carry + a + b, []).append(f"{carry}+{a}{b}")
assert set(wrong) != {3}, (
    "three ones print 0, all other columns are right: two thresholds tell 0, 1 and more apart. "
    "The second unit must tell 3 from 2 as well: make its weights small"
)
assert set(wrong) != {0, 1, 2, 3}, "every digit is the opposite of what it should be: a sign of the read-out"
fed_back = wrong and abs(np.asarray(weights[1])[1]).max() > 0
assert not fed_back, f"wrong: {wrong}. Does unit 2 feed back? Only unit 1, the carry, should"
lost = bool(wrong) and all(case.startswith("1") for cases in wrong.values() for case in cases)
assert not lost, (
    f"wrong: {wrong}, all of them with a carry: row 1 of W_hh must give the carry to both units, "
    "with the same weight as a digit"
)
assert not wrong, f"these columns (carry + digits) are wrong: {wrong}. Check the read-out with hint 2"
hold = add_columns(np.stack([to_bits(2**300 - 1, 301), to_bits(1, 301)], axis=1)[:, np.newaxis])
assert share_exact(weights, hold) == 1, (
    "the carry is lost on the long way through 11...1 + 1: the gain of unit 1 must exceed 4, and "
    "unit 2 must not feed back"
)
assert share_exact(weights, addition_problems(50, 200, seed=1)) == 1, "a random sum of 200 bits is wrong"

# Hidden: longer numbers.
### BEGIN HIDDEN TESTS
assert share_exact(weights, addition_problems(50, 1000, seed=6)) == 1
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 7.6 How many units does learning need? (predict, then run, medium, 15 minutes, 2 points)

`successes(num_units)` trains six nets as in section 7.4, with so many tanh units, and returns how many of them are exact on 100 sums of 50 bits. It takes a few seconds.
"""


# %% nbgrader={"grade": false, "grade_id": "training", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
class Adder(nn.Module):
    def __init__(self, hidden_size):
        super().__init__()
        self.cell, self.readout = ElmanCell(2, hidden_size), nn.Linear(hidden_size, 1)
        self.double()

    def forward(self, xs):
        return self.readout(unroll(self.cell, xs)[0]).squeeze(-1)  # logits (T, B)


def successes(num_units, num_nets=6, steps=700):
    nets = []
    for seed in range(num_nets):
        torch.manual_seed(seed)
        nets.append(Adder(num_units))
    weights, _ = stack_module_state(nets)
    run_all = vmap(lambda own, xs: functional_call(nets[0], own, (xs,)), in_dims=(0, None))
    optimizer, rng = torch.optim.Adam(weights.values(), lr=0.03), np.random.default_rng(0)
    for _ in range(steps):
        problems = addition_problems(32, 12, rng)
        logits = run_all(weights, torch.tensor(problems.inputs).double())  # (nets, T, B)
        targets = torch.tensor(problems.targets).double().expand_as(logits)
        loss = nn.functional.binary_cross_entropy_with_logits(logits, targets) * num_nets
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    test = addition_problems(100, 50, seed=1)
    with torch.no_grad():
        right = (run_all(weights, torch.tensor(test.inputs).double()) > 0).numpy() == test.targets
    return int(right.all(axis=(1, 2)).sum())


# %% [markdown]
r"""
1. *Predict first.* How many of six nets will succeed with 1, 2 and 4 units? Write your guesses into `GUESS`. They are not graded.
2. Call `successes` for 1, 2 and 4, and put what it returns into `FOUND`.
3. For 1 and 2 units: do weights exist that add exactly? Put `True` or `False` into `EXISTS`.
4. Why can a single unit not do it, whatever its weights are? Put a letter into `REASON`.
   - A: One number cannot hold a carry for long.
   - B: It would need more training data.
   - C: The digit is 1 if a weighted sum of $a_t$, $b_t$ and $h_{t-1}$ exceeds a threshold. For one and the same $h_{t-1}$ it would have to exceed it for 01 and 10, and not for 00 and 11.
   - D: tanh can be negative, and a digit cannot.

<details><summary>Hint to 4</summary>
Which of the four statements are true at all? Section 7.3 has one unit that holds a carry for 1,000 columns.
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex6-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
GUESS = {1: None, 2: None, 4: None}
FOUND = {1: None, 2: None, 4: None}
EXISTS = {1: None, 2: None}
REASON = None
### BEGIN SOLUTION
GUESS = {1: 0, 2: 3, 4: 6}
FOUND = {units: successes(units) for units in (1, 2, 4)}
EXISTS = {1: False, 2: True}
REASON = "C"
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex6-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
assert None not in GUESS.values(), "write down your guesses first"
assert None not in FOUND.values(), "fill in FOUND with what successes returns"
assert None not in EXISTS.values() and REASON is not None, "fill in EXISTS and REASON"
measured = {units: successes(units) for units in (1, 2, 4)}
for units in (1, 2, 4):
    hint = "Call successes(...) and copy its number; the guess belongs into GUESS"
    checks.check_close(FOUND[units], measured[units], f"FOUND[{units}]", hint=hint)
assert EXISTS[2], (
    "exercise 7.5 builds two units that add exactly. That no net finds such weights says something "
    "about the search, not about what exists"
)
assert not EXISTS[1], "one unit makes one threshold: then odd counts cannot be told from even ones"
letter = str(REASON).strip().upper()
assert letter != "A", "one unit can hold a carry for ever: the carry unit of section 7.3 does"
assert letter != "B", "no data help: the question is about all weights, found or not"
assert letter != "D", "the digit is read from a threshold on h, so the sign of h does not matter"
assert letter == "C", "REASON must be one of the letters A, B, C, D"

# Hidden: what the exercise says about four units.
### BEGIN HIDDEN TESTS
assert measured[1] == 0 and measured[4] > measured[2]
### END HIDDEN TESTS

# %% [markdown]
r"""
**To think about** (not graded). Two tanh units can add, and none of the six nets found out. Why is it so much easier to find a solution among four units than among two?

<details><summary>One answer</summary>

With two units there is little choice: one must hold the carry with a large gain, the other must measure the count with small weights, and until both do the loss does not show which way to go. Four units offer many different solutions, and a unit that took a useless threshold may keep it. A network is often made larger than the task needs, because larger ones are easier to train, not because the solution would not fit.

</details>
"""
