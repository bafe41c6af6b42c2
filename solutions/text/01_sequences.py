# %% [markdown]
r"""
# Exercises to chapter 01: Sequences

Six exercises on [chapter 01](../../chapters/01_sequences.ipynb): 13 points, about 65 minutes.

*How it is graded.* Write your answer in place of the line `raise NotImplementedError(...)`, run the cell, then run the check below it. A check that prints nothing has passed; a failing one says what is probably wrong. When the notebook is graded, a few hidden checks of the same ideas run on other data.
"""

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
import hashlib

import numpy as np

from rnncourse import checks
from rnncourse.batches import split_in_time, windows
from rnncourse.datasets import series, synthetic

# %% [markdown]
r"""
## Exercise 1.1 Batches that continue each other (implement, medium, 10 minutes, 2 points)

Cut one long sequence `ids`, a NumPy array of shape $(N,)$, into batches for a model of the next symbol.

- Column $b$ of the first batch begins the $b$-th of $B$ stretches; each stretch is $L = \lfloor (N-1)/B \rfloor$ steps long. It is $N - 1$ because every input needs a target after it, so the last symbol can only be a target.
- Each batch holds $T$ steps: inputs $(T, B)$ and targets $(T, B)$. The target is the input one step later in the sequence.
- The next batch goes on where the last one stopped, column by column. A last batch of fewer than $T$ steps is left out.

Return a list of pairs `(inputs, targets)`. Do not use `rnncourse.batches.contiguous_batches`.

<details><summary>Hint 1</summary>

`ids[: B * L].reshape(B, L)` has one stretch in each row.

</details>
<details><summary>Hint 2</summary>

The targets are made in the same way from `ids[1 : B * L + 1]`.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "ex1-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def make_batches(ids, batch_size, steps):
    """Return a list of pairs inputs (T, B), targets (T, B) with T = steps, B = batch_size."""
    ### BEGIN SOLUTION
    length = (len(ids) - 1) // batch_size
    inputs = ids[: batch_size * length].reshape(batch_size, length).T
    targets = ids[1 : batch_size * length + 1].reshape(batch_size, length).T
    starts = range(0, length - steps + 1, steps)
    return [(inputs[t : t + steps], targets[t : t + steps]) for t in starts]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex1-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def as_arrays(pairs):
    assert pairs is not None, "make_batches returns None: does it return its result?"
    return [(np.asarray(inputs), np.asarray(targets)) for inputs, targets in pairs]


# By hand: the numbers 0 to 13 in two stretches, 3 steps at a time.
pairs = as_arrays(make_batches(np.arange(14), 2, 3))
assert len(pairs) == 2, f"there are {len(pairs)} batches, but 14 numbers make 2 batches here"
for number, (inputs, targets) in enumerate(pairs):
    checks.check_shape(inputs, (3, 2), f"inputs of batch {number}")
    checks.check_shape(targets, (3, 2), f"targets of batch {number}")
    assert not np.array_equal(inputs, targets), (
        "targets equal inputs: you predict x_t from x_t itself; the target is one step later"
    )
    checks.check_close(targets - inputs, np.ones((3, 2)), "target minus input (counting up)")
# What a carried state needs: the last targets of a batch are the first inputs of the next.
assert np.array_equal(pairs[0][1][-1], pairs[1][0][0]), (
    "a batch does not go on where the one before stopped: its state cannot be carried over"
)
checks.check_close(pairs[0][0], [[0, 6], [1, 7], [2, 8]], "inputs of batch 0")
# An oracle that goes through every place.
ids = np.random.default_rng(0).integers(0, 50, 101)
pairs = as_arrays(make_batches(ids, 7, 5))
assert len(pairs) == 2, f"there are {len(pairs)} batches, but 101 numbers make 2 batches of 5 by 7"
for number, (inputs, targets) in enumerate(pairs):
    for t in range(5):
        for b in range(7):
            place = b * 14 + number * 5 + t
            assert inputs[t, b] == ids[place], f"input [{t}, {b}] of batch {number} is misplaced"
            assert targets[t, b] == ids[place + 1], f"target [{t}, {b}] of batch {number} is off"
# Hidden checks use other sizes.
### BEGIN HIDDEN TESTS
ids = np.random.default_rng(1).integers(0, 50, 200)
pairs = as_arrays(make_batches(ids, 3, 11))
assert len(pairs) == 6
for number, (inputs, targets) in enumerate(pairs):
    for b in range(3):
        start = b * 66 + number * 11
        assert np.array_equal(inputs[:, b], ids[start : start + 11])
        assert np.array_equal(targets[:, b], ids[start + 1 : start + 12])
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 1.2 Bits per symbol under a mask (implement, easy, 10 minutes, 2 points)

A model has given the right symbols the probabilities $p$. You get `log_probs` of shape $(T, B)$, the *natural* logarithms $\ln p$, and `mask` of shape $(T, B)$, true where a symbol is real. Return the mean cost in *bits* per real symbol. It must not depend on what stands in the padded places, nor on how far the sequences are padded.

<details><summary>Hint</summary>

`log_probs[mask]` is a vector of the real ones. One nat is $1 / \ln 2$ bits.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "ex2-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def bits_per_symbol(log_probs, mask):
    """Return the mean of -log2(p) over the places where the mask is true."""
    ### BEGIN SOLUTION
    return -log_probs[mask].mean() / np.log(2)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex2-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
# The invariant: padding does not change the loss.
rng = np.random.default_rng(0)
mask = np.arange(7)[:, None] < np.array([7, 2, 5, 3, 1])  # (T, B)
log_probs = np.log(rng.uniform(0.1, 0.9, size=(7, 5)))
checks.check_padding(bits_per_symbol, [log_probs], mask, "bits_per_symbol")
# By hand: probabilities 1/2, 1/4 and 1/16 cost 1, 2 and 4 bits; the fourth place is padding.
p = np.array([[1 / 2, 1 / 4], [1 / 16, 1 / 3]])
real = np.array([[True, True], [True, False]])
checks.check_close(bits_per_symbol(np.log(p), real), 7 / 3, "the mean of 1, 2 and 4 bits")
# An oracle that goes through every place.
total = sum(-np.log2(np.exp(x)) for x, m in zip(log_probs.flat, mask.flat, strict=True) if m)
checks.check_close(bits_per_symbol(log_probs, mask), total / 18, "bits per symbol")
# Hidden checks use other data.
### BEGIN HIDDEN TESTS
mask = np.arange(11)[:, None] < np.array([3, 11, 8])
log_probs = np.log(rng.uniform(0.01, 0.99, size=(11, 3)))
total = -(log_probs * mask).sum() / np.log(2)
checks.check_close(bits_per_symbol(log_probs, mask), total / 22, "bits per symbol")
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 1.3 A perplexity that is wrong (find the bug, easy, 10 minutes, 2 points)

A colleague hands you this function. `p` of shape $(N,)$ holds the probabilities that a model gave to the right symbols.

```python
def perplexity(p):
    surprise = -np.log2(p)
    single = np.exp(surprise)
    return single.mean()
```

For a uniform guess among 27 symbols it should return 27; it returns about 116. Two things are wrong. Write the function as it should be.

<details><summary>Hint 1</summary>

Which function undoes `np.log2`?

</details>
<details><summary>Hint 2</summary>

Try $p = (1/2, 1/4, 1/8)$. The mean cost is 2 bits, so the perplexity must be 4.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "ex3-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def perplexity(p):
    """Return the perplexity of the probabilities p (N,) given to the right symbols."""
    ### BEGIN SOLUTION
    return np.exp(-np.log(p).mean())
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex3-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
# A uniform guess among V symbols has perplexity V.
hint = "log2 is undone by 2**x, ln by exp(x): do not mix them"
for size in (3, 27, 100):
    value = perplexity(np.full(10, 1 / size))
    checks.check_close(value, size, "perplexity of a uniform guess", hint=hint)
# By hand: 1, 2 and 3 bits.
p = np.array([1 / 2, 1 / 4, 1 / 8])
value = perplexity(p)
assert not np.isclose(value, np.mean(1 / p)), (
    "you take the mean of the single perplexities 1/p: the mean comes before the exponential"
)
checks.check_close(value, 4.0, "perplexity of 1/2, 1/4 and 1/8")
# An oracle: one over the geometric mean.
p = np.random.default_rng(0).uniform(0.1, 0.9, size=20)
checks.check_close(perplexity(p), np.prod(p) ** (-1 / 20), "perplexity")
# Hidden checks use other data.
### BEGIN HIDDEN TESTS
p = np.random.default_rng(1).uniform(0.01, 0.5, size=50)
checks.check_close(perplexity(p), 2 ** np.mean(-np.log2(p)), "perplexity")
checks.check_close(perplexity(np.ones(5)), 1.0, "perplexity of certainty")
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 1.4 Split and scale without leakage (implement, medium, 15 minutes, 3 points)

Prepare a series of shape $(T,)$ for a predictor on windows, so that the training part knows nothing of the test part.

- The first `round(share * T)` values are the training part, the rest is the test part.
- Both parts are scaled with the mean and the standard deviation *of the training part*: subtract the one, divide by the other. The standard deviation is the one of `np.std`, which divides by the number of values.
- Each part is then cut into windows of `width` values by itself, so that no window reaches across the cut. `windows(part, width)` from `rnncourse.batches` does that.

Return `train_inputs, train_targets, test_inputs, test_targets`, and leave `values` as they were.

<details><summary>Hint</summary>

The order of work is: split, then measure mean and standard deviation on the first part, then scale both, then cut windows.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "ex4-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def prepare(values, width, share):
    """Return train_inputs (N, width), train_targets (N,), test_inputs (M, width), test_targets."""
    ### BEGIN SOLUTION
    cut = round(share * len(values))
    train, test = values[:cut], values[cut:]
    mean, std = train.mean(), train.std()
    train_inputs, train_targets = windows((train - mean) / std, width)
    test_inputs, test_targets = windows((test - mean) / std, width)
    return train_inputs, train_targets, test_inputs, test_targets
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex4-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
# By hand: the training part 1, 5 has mean 3 and standard deviation 2.
given = np.array([1.0, 5.0, 9.0, 7.0])
tiny = prepare(given, 1, 0.5)
assert tiny is not None, "prepare returns None: does it return its four arrays?"
assert np.array_equal(given, [1.0, 5.0, 9.0, 7.0]), (
    "prepare changes the series that it was given: make a scaled copy instead of -= or /="
)
# The lengths of both parts.
values = series.sunspots().values  # (309,)
train_inputs, train_targets, test_inputs, test_targets = prepare(values, 5, 0.7)
for part, targets, length in [("train", train_targets, 216), ("test", test_targets, 93)]:
    assert len(targets) != length, (
        f"the {part} part gives {length} windows, one for each of its values: some reach across "
        "the cut. Split first, then cut windows"
    )
checks.check_shape(train_inputs, (211, 5), "train_inputs")
checks.check_shape(test_inputs, (88, 5), "test_inputs")
number = len(prepare(np.arange(10.0), 1, 0.66)[0])
assert number == 6, (
    f"0.66 of 10 values, rounded, are 7, which make 6 windows of width 1, but you have {number}: "
    "round() is wanted, not int()"
)
# The invariant: what happens later does not move the training part.
changed = values.copy()
changed[216:] = 1000.0 + np.arange(93)
same = prepare(changed, 5, 0.7)
assert np.allclose(same[0], train_inputs), (
    "train_inputs change when only the test part changes: mean or standard deviation know the test "
    "part, or the split is not in time"
)
# The numbers of the case by hand.
hint = "(1 - 3) / 2 = -1: subtract the mean and divide by np.std, both of the training part"
checks.check_close(tiny[0], [[-1.0]], "train_inputs of 1, 5 | 9, 7", hint=hint)
checks.check_close(tiny[1], [1.0], "train_targets of 1, 5 | 9, 7", hint=hint)
hint = "scale the test part with the mean and the standard deviation of the training part"
checks.check_close(tiny[2], [[3.0]], "test_inputs of 1, 5 | 9, 7", hint=hint)
checks.check_close(tiny[3], [2.0], "test_targets of 1, 5 | 9, 7", hint=hint)
# The windows must be made of neighbours in time.
checks.check_close(train_inputs[1:, -1], train_targets[:-1], "last column of train_inputs")
# Hidden checks use another series.
### BEGIN HIDDEN TESTS
values = series.nile().values
a, b, c, d = prepare(values, 7, 0.6)
mean, std = values[:60].mean(), values[:60].std()
checks.check_close(a, windows((values[:60] - mean) / std, 7)[0], "train_inputs")
checks.check_close(b, windows((values[:60] - mean) / std, 7)[1], "train_targets")
checks.check_close(c, windows((values[60:] - mean) / std, 7)[0], "test_inputs")
checks.check_close(d, windows((values[60:] - mean) / std, 7)[1], "test_targets")
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 1.5 Which of the five? (explain, easy, 5 minutes, 1 point)

Make a dict `answers` that holds for each task, `"a"` to `"f"`, the scheme that fits: `"one to one"`, `"one to many"`, `"many to one"`, `"after reading"` (many to many, the output begins when the input is over) or `"step by step"` (many to many, one output for each input).

- **a** A review of a film goes in, its mood comes out.
- **b** A photograph goes in as one vector, a sentence that describes it comes out.
- **c** A sentence goes in, its translation comes out.
- **d** A film goes in, each frame gets a label.
- **e** A text goes in, and at each character the next one is predicted.
- **f** A photograph goes in as one vector, the name of the animal on it comes out.

<details><summary>Hint</summary>

Count the steps of the input, then the steps of the output. If both are many: are they equally many, and may the first output wait for the last input?

</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex5-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
# answers = {"a": "one to one", "b": ..., and so on up to "f"}
### BEGIN SOLUTION
answers = {
    "a": "many to one",
    "b": "one to many",
    "c": "after reading",
    "d": "step by step",
    "e": "step by step",
    "f": "one to one",
}
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex5-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
names = {"one to one", "one to many", "many to one", "after reading", "step by step"}
hints = {
    "a": "a review has many words, a mood is one answer",
    "b": "the photograph is one vector; the sentence has many words",
    "c": "a translation has its own length and can need the end of the sentence first",
    "d": "there are as many labels as frames",
    "e": "there is one prediction for each character, and none may wait for later ones",
    "f": "one vector in, one name out: nothing here is a sequence",
}
# The right answers are kept as fingerprints, so that they cannot be read by accident.
right = {"a": "98e4", "b": "2beb", "c": "821b", "d": "f37e", "e": "56d1", "f": "6b3d"}
assert isinstance(answers, dict), f"answers must be a dict, but is {answers!r}"
for task, hint in hints.items():
    assert task in answers, f"answers has no entry for task {task}"
    given = answers[task]
    assert given in names, f"task {task}: {given!r} is none of the five schemes"
    fingerprint = hashlib.sha256(f"{task} {given}".encode()).hexdigest()[:4]
    assert fingerprint == right[task], f"task {task} is not {given!r}: {hint}"
# The hidden check asks for nothing else.
### BEGIN HIDDEN TESTS
assert set(answers) == set("abcdef")
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 1.6 How long a context is worth it? (predict, then experiment, medium, 15 minutes, 3 points)

`bits(train, test, n, V)` below is the predictor of chapter 01, equation (1.1): it counts in `train` what follows each context of `n` symbols and returns the mean bits per symbol on `test`, over all symbols that have `n` before them. The data come from a chain in which each of $V = 5$ symbols depends on exactly the *two* before it.
"""

# %% nbgrader={"grade": false, "grade_id": "tools", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
V = 5


def codes(ids, width, V):
    return np.lib.stride_tricks.sliding_window_view(ids, width) @ V ** np.arange(width)


def bits(train, test, n, V, a=0.01):
    """Mean bits per symbol of the test part, with the last n symbols as context."""
    counts = np.bincount(codes(train, n + 1, V), minlength=V ** (n + 1))
    asked = codes(test, n + 1, V)
    contexts = counts.reshape(V, -1).sum(axis=0)[asked % V**n]
    return -np.log2((counts[asked] + a) / (contexts + a * V)).mean()


def chain(seed):
    """A chain of order 2: 50,000 symbols to count in, and 10,000 that are held out."""
    rng = np.random.default_rng(seed)
    ids = synthetic.markov_chain(rng.dirichlet(np.ones(V), size=(V, V)), 60_000, rng).ids
    return split_in_time(ids, (5 / 6, 1 / 6))


# %% [markdown]
r"""
**Predict first.** With 100, 1,000 and 50,000 symbols to count in: which context length will be best on held-out symbols? Does the best length go on growing with more data?

Then write `best_context`: of the lengths 0 to `longest`, return the one with the fewest bits on held-out symbols, the shortest where several are equally good. Run it on the chain of seed 0 with the *first* 100, 1,000 and 50,000 symbols to count in, and put what you find into the dict `found`. Set `limit` to the length at which the best context stops growing, however much data there is.

<details><summary>Hint</summary>

`[bits(train, held_out, n, V) for n in range(longest + 1)]` and `np.argmin`. The data come from `train, held_out = chain(0)`, and the first 100 symbols are `train[:100]`.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "ex6-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def best_context(train, held_out, V, longest):
    """Return the context length from 0 to longest with the fewest bits on held_out."""
    ### BEGIN SOLUTION
    losses = [bits(train, held_out, n, V) for n in range(longest + 1)]
    return int(np.argmin(losses))
    ### END SOLUTION


# found = {100: ..., 1000: ..., 50_000: ...} and limit = ...
### BEGIN SOLUTION
train, held_out = chain(0)
found = {size: best_context(train[:size], held_out, V, 5) for size in (100, 1000, 50_000)}
limit = 2
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex6-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
# Much data and a chain of order 2: there is one right choice.
train, held_out = chain(0)
chosen = best_context(train, held_out, V, 5)
assert chosen != 5, (
    "the longest context wins: did you choose on the part that was counted? There, longer always "
    "looks better"
)
assert chosen == 2, f"with 50,000 symbols you choose {chosen}: is it the one with the fewest bits?"
assert best_context(train, held_out, V, 2) == 2, (
    "with longest=2 you do not choose 2: the length `longest` itself is one of the choices"
)
# Little data: 100 symbols are not enough to fill a table of 5 rows, let alone 25.
few = best_context(train[:100], held_out, V, 5)
assert few == 0, f"with 100 symbols you choose {few}: look at the bits for each length"
# Another chain, in which each symbol depends on the one before it only.
table = np.random.default_rng(0).dirichlet(np.ones(V), size=V)
other = split_in_time(synthetic.markov_chain(table, 15_000, seed=0).ids, (1 / 3, 2 / 3))
chosen = best_context(*other, V, 4)
assert chosen == 1, f"on a chain of order 1 you choose {chosen}: measure the bits, for any data"
# Equally good: with a single symbol in the alphabet, every length costs 0 bits.
single = np.zeros(50, dtype=int)
assert best_context(single, single, 1, 3) == 0, (
    "where several lengths are equally good, the shortest is wanted"
)
for size in (100, 1000, 50_000):
    wanted = best_context(train[:size], held_out, V, 5)
    assert size in found, f"found has no entry for {size}"
    assert found[size] == wanted, (
        f"found[{size}] is {found[size]!r}, but your own function finds {wanted}"
    )
assert limit == 2, f"limit is {limit!r}: each symbol of this chain depends on how many before it?"
# Hidden checks use other chains.
### BEGIN HIDDEN TESTS
for seed in (1, 2, 3):
    train, held_out = chain(seed)
    losses = [bits(train[:5000], held_out, n, V) for n in range(5)]
    assert best_context(train[:5000], held_out, V, 4) == int(np.argmin(losses)) == 2
    table = np.random.default_rng(seed).dirichlet(np.ones(V), size=V)
    other = split_in_time(synthetic.markov_chain(table, 15_000, seed).ids, (1 / 3, 2 / 3))
    assert best_context(*other, V, 3) == 1
### END HIDDEN TESTS
