# %% [markdown]
r"""
# Exercises to chapter 03: Markov chains and n-grams

These go with [chapter 03](../../chapters/03_ngrams.ipynb). Six exercises, 12 points, about 90 minutes.

Write your answer where the cell says so and run the check below it. A check that passes prints nothing; one that fails says what is probably wrong. When an instructor grades the notebook, some more checks of the same kind run on other data.

Symbols are whole numbers from 0 to $V - 1$, where $V$ is the size of the alphabet. For a context $u$ and a symbol $v$, $c(u, v)$ is how often $v$ followed $u$, $c(u)$ is the sum of these counts over all $v$, and $N(u)$ is how many *different* symbols followed $u$.
"""

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
import numpy as np

from rnncourse import checks
from rnncourse.datasets.corpora import english
from rnncourse.kneser_ney import KneserNey
from rnncourse.markov import MarkovChain
from rnncourse.ngrams import NGramModel
from rnncourse.smoothing import AddK, WittenBell
from rnncourse.text import Vocabulary, words

# %% [markdown]
r"""
## Exercise 3.1 The stationary distribution (implement, medium, 15 minutes, 2 points)

In the long run, how often is a Markov chain in each of its states? Let $P$ be its transition matrix, $P_{ij} = p(\text{next} = j \mid \text{now} = i)$. The stationary distribution is the row vector $\pi$, shape $(V,)$, that one step leaves as it is:

$$\pi P = \pi, \qquad \pi_0 + \dots + \pi_{V-1} = 1.$$

Find it with one call of `np.linalg.solve`. No powers of $P$, no simulation.

- `transition`: array of shape `(V, V)`; every row sums to 1. From every state, every other can be reached.
- Result: array of shape `(V,)`.

<details><summary>Hint 1</summary>
<code>np.linalg.solve(A, b)</code> finds a column x with A x = b. Transpose: the V equations are (P.T - I) x = 0, where I is the identity matrix.
</details>
<details><summary>Hint 2</summary>
These V equations say V - 1 things: each follows from the others, and x = 0 solves them all. Replace one of them by the equation that the x sum to 1.
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex1-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def stationary(transition):
    """Return the stationary distribution, array of shape (V,)."""
    ### BEGIN SOLUTION
    balance = transition.T - np.eye(len(transition))  # (V, V)
    balance[-1] = 1.0
    known = np.zeros(len(transition))  # (V,)
    known[-1] = 1.0
    return np.linalg.solve(balance, known)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex1-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def try_stationary(matrix):
    singular = "the matrix is singular: its rows say the same thing twice; replace one row (hint 2)"
    try:
        found = stationary(matrix.copy())
    except np.linalg.LinAlgError:
        raise AssertionError(singular) from None
    assert not np.iscomplexobj(found), "complex numbers, as from np.linalg.eig: use np.linalg.solve"
    return found


weather = np.array([[0.9, 0.1], [0.5, 0.5]])
found = try_stationary(weather)
checks.check_shape(found, (2,), "stationary(weather)")
found = np.asarray(found)
zero = np.allclose(found, 0, atol=1e-6)
assert not zero, "all zeros: that solves pi P = pi too; one equation must say that the sum is 1"
column = np.isclose(found[0], found[1])
assert not column, "all states equally likely: that solves P x = x; pi stands to the left of P: transpose"
scaled = np.allclose(found / found.sum(), [5 / 6, 1 / 6]) and not np.isclose(found.sum(), 1)
assert not scaled, "the proportions are right, but the sum is not 1: divide by the sum"
checks.check_close(found, [5 / 6, 1 / 6], "stationary(weather)")

swing = np.array([[0.0, 1.0], [1.0, 0.0]])
found = np.asarray(try_stationary(swing))
power = "this chain changes sides at every step, so its powers never settle: solve the equations"
assert np.isfinite(found).all() and not np.isclose(found.max(), 1), power
checks.check_close(found, [0.5, 0.5], "stationary(swing)")
star = np.array([[0.0, 0.5, 0.5], [1.0, 0.0, 0.0], [1.0, 0.0, 0.0]])  # away from 0 and back
checks.check_close(try_stationary(star), [0.5, 0.25, 0.25], "stationary(star)", hint=power)

seven = np.random.default_rng(0).dirichlet(np.ones(7), size=7)  # (7, 7)
found = try_stationary(seven)
checks.check_distribution(found, "stationary(seven)")
checks.check_close(found @ seven, found, "pi P")
checks.check_close(found, np.linalg.matrix_power(seven, 200)[0], "stationary(seven)")
walk = MarkovChain.from_transition(seven).sample(20_000, seed=0)
seen = np.bincount(walk, minlength=7) / len(walk)
assert np.abs(found - seen).max() < 0.02, "does not fit how often a long walk is in each state"

# Hidden: other chains, one of them with period 3.
### BEGIN HIDDEN TESTS
checks.check_close(try_stationary(np.eye(3)[[1, 2, 0]]), np.full(3, 1 / 3), "a circle of three")
for seed, size in ((1, 5), (2, 11)):
    other = np.random.default_rng(seed).dirichlet(np.ones(size), size=size)
    expected = np.linalg.matrix_power(other, 200)[0]
    checks.check_close(try_stationary(other), expected, "stationary(other)")
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 3.2 Counting without loops over the alphabet (implement, easy, 15 minutes, 2 points)

Fit a bigram model with add-$k$:

$$P_{uv} = \frac{c(u, v) + k}{c(u) + k V}.$$

A symbol $u$ that nothing ever followed gets the uniform distribution, also for $k = 0$, where the formula says $0/0$. Use no loop over the alphabet: with 8,000 words, $V^2$ is 64 million. NumPy can count all pairs of the text in one call.

- `ids`: whole numbers of shape `(T,)`.
- `num_symbols`: $V$. Some symbols may not occur in `ids`.
- `k`: a number of 0 or more.
- Result: array of shape `(V, V)`, row = the symbol now, column = the next one.

<details><summary>Hint 1</summary>
<code>np.add.at(counts, (rows, columns), 1)</code> adds 1 at every place (rows[i], columns[i]), also where a place comes twice. Which slice of ids holds the rows, and which the columns?
</details>
<details><summary>Hint 2</summary>
<code>np.where</code> computes both of its alternatives, so it would still divide by 0. One way around: give a row whose sum is 0 a 1 in every place before you divide.
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex2-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def fit_bigram(ids, num_symbols, k):
    """Return the probabilities of add-k, array of shape (V, V) whose rows sum to 1."""
    ### BEGIN SOLUTION
    counts = np.full((num_symbols, num_symbols), float(k))  # (V, V)
    np.add.at(counts, (ids[:-1], ids[1:]), 1)
    counts[counts.sum(axis=1) == 0] = 1.0
    return counts / counts.sum(axis=1, keepdims=True)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex2-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
tiny = np.array([0, 1, 0, 2, 0, 1, 3])  # 0 is followed by 1, 2, 1; 3 and 4 by nothing
pairs = np.zeros((5, 5))
pairs[[0, 0, 1, 1, 2], [1, 2, 0, 3, 0]] = [2, 1, 1, 1, 1]
with np.errstate(all="ignore"):
    found = fit_bigram(tiny, 5, 1)
checks.check_shape(found, (5, 5), "fit_bigram(tiny, 5, 1)")
found = np.asarray(found)
turned = (pairs.T + 1) / (pairs.T + 1).sum(axis=1, keepdims=True)
transposed = np.allclose(found, turned) or np.allclose(found.T, (pairs + 1) / (pairs.sum(1)[:, None] + 5))
assert not transposed, "transposed: the row is the symbol now, the column the one that comes next"
once = (np.minimum(pairs, 1) + 1) / (np.minimum(pairs, 1).sum(axis=1, keepdims=True) + 5)
assert not np.allclose(found, once), "a pair seen twice counts once: counts[a, b] += 1 does so; use np.add.at"
bare = np.allclose(found[0], (pairs[0] + 1) / 4)
assert not bare, "k is added V times in a row: divide by c(u) + k V, not by c(u) + k"
unseen = np.isclose(found[0, 0], 0)
assert not unseen, "k is added to every count, also to those that are 0"
columns = np.allclose(found, (pairs + 1) / (pairs.sum(axis=1) + 5))
assert not columns, "each row must be divided by its own sum: add up with keepdims=True"
ring = np.isclose(found[3, 0], 2 / 6)
assert not ring, "the last symbol of the text is followed by nothing, not by the first symbol"
checks.check_distribution(found, "fit_bigram(tiny, 5, 1)", axis=1)
checks.check_close(found, (pairs + 1) / (pairs.sum(axis=1, keepdims=True) + 5), "fit_bigram(tiny, 5, 1)")

with np.errstate(all="ignore"):
    found = np.asarray(fit_bigram(tiny, 5, 0))
assert np.isfinite(found).all(), "k = 0 gives NaN: a row without counts must become uniform"
empty = np.allclose(found[3:], 0)
assert not empty, "a row without counts holds zeros: it must become uniform, 1 / V in every place"
checks.check_close(found[3:], np.full((2, 5), 0.2), "the rows of 3 and 4 for k = 0")
checks.check_distribution(found, "fit_bigram(tiny, 5, 0)", axis=1)

text = np.random.default_rng(0).integers(0, 7, 211)
for k in (0, 0.1, 2):
    before = text.copy()
    oracle = MarkovChain(1).fit(text, 11, pseudocount=k).transition
    checks.check_close(fit_bigram(text, 11, k), oracle, f"211 symbols of 11, k = {k}")
    assert np.array_equal(text, before), "fit_bigram changes the caller's ids"
long = np.random.default_rng(1).integers(0, 499, 20_011)  # if this takes seconds, you loop
checks.check_close(fit_bigram(long, 499, 1).sum(axis=1), np.ones(499), "the sums of 499 rows")

# Hidden: other texts, against an n-gram model.
### BEGIN HIDDEN TESTS
for k in (0.5, 3):
    model = NGramModel(2, AddK(k)).fit(long, 503)
    found = fit_bigram(long, 503, k)
    for symbol in (0, 17, 498, 502):
        checks.check_close(found[symbol], model.probabilities([symbol]), f"row {symbol}, k = {k}")
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 3.3 Witten-Bell by hand and in code (by hand, then implement, medium, 20 minutes, 2 points)

Witten-Bell mixes what followed the context $u$ with a distribution $p_{\text{lower}}$ from a shorter context. Each first sight of a symbol counts as a vote for something new:

$$p(v \mid u) = \frac{c(u, v) + N(u)\, p_{\text{lower}}(v)}{c(u) + N(u)}.$$

If $u$ was never seen, all of these counts are 0 and $p_{\text{lower}}$ stays as it is.

*By hand.* The text is `abracadabra`, the alphabet is a, b, c, d, r, so $V = 5$. Begin with the empty context: its counts are those of the 11 letters, and below it stands the uniform distribution $1/5$. Go on to the context a. (The last a has no letter after it.) Fill in $p(\text{b})$, $p(\text{b} \mid \text{a})$ and $p(\text{r} \mid \text{a})$, as fractions such as `5 / 16`.

*In code.* Write one step from the shorter context to the longer one:

- `counts`: shape `(V,)`, $c(u, v)$ for every symbol $v$; all 0 for a context never seen.
- `lower`: shape `(V,)`, the distribution after the shorter context.
- Result: shape `(V,)`.

The next cell counts what followed a context, for you and for the check.

<details><summary>Hint 1</summary>
After a came b, c, d and b once more. So c(a) = 4 and N(a) = 3.
</details>
<details><summary>Hint 2</summary>
<code>np.count_nonzero(counts)</code> is N(u).
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "following", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def counts_after(ids, context, num_symbols):
    """Count the symbols that follow a context in ids; shape (V,)."""
    ids, size = list(ids), len(context)
    starts = range(len(ids) - size)
    followers = [ids[i + size] for i in starts if ids[i : i + size] == list(context)]
    return np.bincount(np.array(followers, dtype=int), minlength=num_symbols)


abracadabra = np.array(["abcdr".index(letter) for letter in "abracadabra"])  # a is 0, ... r is 4
print(counts_after(abracadabra, [], 5), counts_after(abracadabra, [0], 5))

# %% nbgrader={"grade": false, "grade_id": "ex3-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
p_b = None  # p(b), after the empty context
p_b_after_a = None  # p(b | a)
p_r_after_a = None  # p(r | a)
### BEGIN SOLUTION
p_b = 3 / 16  # (2 + 5/5) / (11 + 5)
p_b_after_a = 41 / 112  # (2 + 3 * 3/16) / (4 + 3)
p_r_after_a = 9 / 112  # (0 + 3 * 3/16) / (4 + 3)
### END SOLUTION


def witten_bell_step(counts, lower):
    """Return the probability of every symbol after the longer context, array of shape (V,)."""
    ### BEGIN SOLUTION
    types = np.count_nonzero(counts)
    if types == 0:
        return lower
    return (counts + types * lower) / (counts.sum() + types)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex3-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
missing = None in (p_b, p_b_after_a, p_r_after_a)
assert not missing, "set p_b, p_b_after_a and p_r_after_a: each is a number"
p_b, p_b_after_a, p_r_after_a = map(float, (p_b, p_b_after_a, p_r_after_a))  # from fractions, too
assert not np.isclose(p_b, 2 / 11), "2/11 is the relative frequency of b: the votes for something new are missing"
checks.check_close(p_b, 3 / 16, "p_b", hint="5 different letters: (2 + 5 * 1/5) / (11 + 5)")
once_more = np.isclose(p_b_after_a, (2 + 3 / 5) / 7) or np.isclose(p_r_after_a, (3 / 5) / 7)
assert not once_more, "below the context a stands p(v) of the empty context, not the uniform 1/5"
five = np.isclose(p_b_after_a, (2 + 3 * 3 / 16) / 8)
assert not five, "a is followed by 4 letters: the last a of the text has nothing after it"
checks.check_close(p_b_after_a, 41 / 112, "p_b_after_a", hint="c(a) = 4 and N(a) = 3")
checks.check_close(p_r_after_a, 9 / 112, "p_r_after_a", hint="r never followed a: only N(a) p(r) is left")

some, below = np.array([3, 0, 1, 0, 0]), np.array([0.1, 0.2, 0.3, 0.25, 0.15])
with np.errstate(all="ignore"):
    unseen = witten_bell_step(np.zeros(5, dtype=int), below)
    found = witten_bell_step(some, below)
checks.check_shape(found, (5,), "witten_bell_step(some, below)")
found = np.asarray(found)
only_new = np.isclose(found[0], 3 / 6) and np.isclose(found[1], 2 * 0.2 / 6)
assert not only_new, "symbols that were seen get their share of N(u) p_lower too, not only the new ones"
total = np.allclose(found, (some + 4 * below) / 8)
assert not total, "N(u) is how many different symbols followed, not how many: count each once"
alphabet = np.allclose(found, (some + 5 * below) / 9)
assert not alphabet, "N(u) counts the symbols that followed u, not all V symbols of the alphabet"
bare = np.allclose(found, (some + below) / 6)
assert not bare, "p_lower must be multiplied by N(u): without it the sum is less than 1"
checks.check_distribution(found, "witten_bell_step(some, below)")
checks.check_close(found, (some + 2 * below) / 6, "witten_bell_step(some, below)")
checks.check_shape(unseen, (5,), "witten_bell_step(zeros, below)")
fallback = "after a context that was never seen, the lower distribution stays as it is"
assert np.isfinite(unseen).all() and np.allclose(unseen, below), fallback

text = np.random.default_rng(0).integers(0, 7, 211)
model = NGramModel(3, WittenBell()).fit(text, 11)
for context in ([1, 5], [6, 6], [0, 10], [10, 9]):
    p = np.full(11, 1 / 11)
    for size in range(3):
        p = witten_bell_step(counts_after(text, context[2 - size :], 11), p)
    checks.check_close(p, model.probabilities(context), f"after {context}, in three steps")

# Hidden: another text and longer contexts.
### BEGIN HIDDEN TESTS
other = np.random.default_rng(5).integers(0, 3, 307)
model = NGramModel(5, WittenBell()).fit(other, 5)
for context in ([1, 0, 2, 2], [0, 0, 0, 0], [2, 4, 1, 1]):
    p = np.full(5, 1 / 5)
    for size in range(5):
        p = witten_bell_step(counts_after(other, context[4 - size :], 5), p)
    checks.check_close(p, model.probabilities(context), f"after {context}, in five steps")
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 3.4 Kneser-Ney on ten words (by hand, medium, 15 minutes, 2 points)

Pencil and paper. The text has ten words, seven different ones:

> the cat sat on the mat the cat ate fish

The model is a bigram with Kneser-Ney and the discount $D = 1/2$. The shorter context asks not how often a word stands in the text, but in how many places. Let $N(\cdot\, v)$ be the number of different words that stand *before* $v$ (its continuation count). Then

$$p(v) = \frac{N(\cdot\, v)}{\sum_w N(\cdot\, w)}, \qquad p(v \mid u) = \frac{\max(c(u, v) - D,\ 0) + D\, N(u)\, p(v)}{c(u)}.$$

If $u$ was never followed by anything, $p(v \mid u) = p(v)$.

Fill in the continuation count of each word, then the probabilities. Numbers such as `5 / 8` and fractions such as `Fraction(5, 8)` are both fine.

(`KneserNey(0.5)` takes the discount off the continuation counts as well and spreads it evenly over the alphabet. All seven words have a continuation count, so each gives $1/2$ and gets $1/2$ back: the numbers are the same.)

<details><summary>Hint 1</summary>
List the pairs of neighbours: the cat, cat sat, sat on, ... There are nine, and one of them comes twice.
</details>
<details><summary>Hint 2</summary>
For p(cat | the): "the" is followed by something three times, c(the) = 3, and by two different words, N(the) = 2.
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex4-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
continuation = {"the": None, "cat": None, "sat": None, "on": None, "mat": None, "ate": None, "fish": None}
p_the = None  # p(the)
p_cat = None  # p(cat)
p_cat_after_the = None  # p(cat | the)
p_fish_after_the = None  # p(fish | the): a pair that the text does not have
p_sat_after_cat = None  # p(sat | cat)
p_the_after_fish = None  # p(the | fish)
### BEGIN SOLUTION
continuation = {"the": 2, "cat": 1, "sat": 1, "on": 1, "mat": 1, "ate": 1, "fish": 1}
p_the = 2 / 8  # after "on" and "mat"; there are 8 different pairs
p_cat = 1 / 8
p_cat_after_the = 13 / 24  # (2 - 1/2 + 1/2 * 2 * 1/8) / 3
p_fish_after_the = 1 / 24  # (0 + 1/2 * 2 * 1/8) / 3
p_sat_after_cat = 5 / 16  # (1 - 1/2 + 1/2 * 2 * 1/8) / 2
p_the_after_fish = 1 / 4  # nothing follows "fish", so p(the)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex4-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
ten_words = ["the", "cat", "sat", "on", "the", "mat", "the", "cat", "ate", "fish"]
seven_words = ["the", "cat", "sat", "on", "mat", "ate", "fish"]
assert set(continuation) == set(seven_words), "continuation needs one entry for each of the seven words"
places = [continuation[word] for word in seven_words]
assert None not in places, "fill in all seven continuation counts"
how_often = [ten_words.count(word) for word in seven_words]
assert places != how_often, "you used counts instead of places: how many different words stand before it?"
after = [2, 2, 1, 1, 1, 1, 0]
assert places != after, "you counted the words that come after; the continuation count looks at those before"
checks.check_close(places, [2, 1, 1, 1, 1, 1, 1], "the seven continuation counts", hint="the pair 'the cat' comes twice, but is one place")

numbers = (p_the, p_cat, p_cat_after_the, p_fish_after_the, p_sat_after_cat, p_the_after_fish)
assert None not in numbers, "fill in all six probabilities"
numbers = dict(zip(("the", "cat", "the cat", "the fish", "cat sat", "fish the"), map(float, numbers), strict=True))
frequency = np.isclose(numbers["the"], 3 / 10) or np.isclose(numbers["cat"], 2 / 10)
assert not frequency, "p(v) is made from counts instead of places: use the continuation counts"
nine = np.isclose(numbers["the"], 2 / 9) or np.isclose(numbers["cat"], 1 / 9)
assert not nine, "you divided by 9: the continuation counts sum to 8, the number of different pairs"
hint = "the continuation count of the word, divided by the sum of all seven"
checks.check_close(numbers["the"], 1 / 4, "p_the", hint=hint)
checks.check_close(numbers["cat"], 1 / 8, "p_cat", hint=hint)
told = {
    2 / 3: "2/3 is the relative frequency: nothing is left for words that never followed 'the'",
    1 / 2: "you forgot the discount mass: what was taken off, D N(the) = 1, goes to p(cat)",
    17 / 24: "you forgot to subtract the discount from the count: 2 - 1/2",
    25 / 48: "D is taken off each of the N(the) = 2 pairs, so the mass is D N(the), not D",
    17 / 30: "p(cat) is made from counts instead of places: it is 1/8, not 2/10",
    13 / 8: "this is above 1: divide by c(the) = 3",
    13 / 16: "divide by c(the), how often 'the' is followed by something: 3, not N(the)",
}
for wrong, message in told.items():
    assert not np.isclose(numbers["the cat"], wrong), message
checks.check_close(numbers["the cat"], 13 / 24, "p_cat_after_the")
nothing = "the pair 'the fish' was never seen, but gets its share of the discount mass"
assert numbers["the fish"] > 0, nothing
below = "max(c - D, 0): a count of 0 is not discounted below 0"
assert not np.isclose(numbers["the fish"], (-1 / 2 + 1 / 8) / 3), below
checks.check_close(numbers["the fish"], 1 / 24, "p_fish_after_the", hint=nothing)
hint = "c(cat) = 2, and two different words follow: sat and ate"
checks.check_close(numbers["cat sat"], 5 / 16, "p_sat_after_cat", hint=hint)
hint = "nothing follows 'fish' in the text: p(v | u) = p(v)"
checks.check_close(numbers["fish the"], 1 / 4, "p_the_after_fish", hint=hint)

# Hidden: the same numbers from the package.
### BEGIN HIDDEN TESTS
model = NGramModel(2, KneserNey(0.5)).fit([seven_words.index(word) for word in ten_words], 7)
for key, value in numbers.items():
    *context, word = (seven_words.index(word) for word in key.split())
    if context:
        checks.check_close(value, model.probabilities(context)[word], key)
    else:
        checks.check_close(value, model.probabilities([])[word], key)
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 3.5 Which score is honest? (find the bug, medium, 10 minutes, 2 points)

Four colleagues each score a bigram model of words on the same test text, in bits per word, and the lower score wins the prize. All agree beforehand on the list of the $W$ words that can occur, `all_words`, as one agrees on the keys of a keyboard: using this list is no fault. Three of the four scores are worth nothing.
"""

# %% tags=["nbval-ignore-output"] nbgrader={"grade": false, "grade_id": "colleagues", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
tokens = words(english(200_000))
train, test = tokens[:-4000], tokens[-4000:]
all_words = Vocabulary(tokens)


def score_of_a():
    model = NGramModel(2, WittenBell()).fit(all_words.encode(train + test), len(all_words))
    return model.bits_per_symbol(all_words.encode(test))


def score_of_b():
    ids, size = all_words.encode(train), len(all_words)
    counts = np.zeros((size, size))  # (W, W)
    np.add.at(counts, (ids[:-1], ids[1:]), 1)
    after = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)  # (W, W)
    single = (np.bincount(ids, minlength=size) + 1) / (len(ids) + size)  # (W,)
    p = np.where(counts > 0, after, 0.4 * single)  # (W, W)
    ids = all_words.encode(train[-1:] + test)
    return -np.log2(p[ids[:-1], ids[1:]]).mean()


common = Vocabulary(train, unknown="<unk>", min_count=20)


def score_of_c():
    model = NGramModel(2, WittenBell()).fit(common.encode(train), len(common))
    return model.bits_per_symbol(common.encode(test))


def score_of_d():
    model = NGramModel(2, WittenBell()).fit(all_words.encode(train), len(all_words))
    return model.bits_per_symbol(all_words.encode(test))


for score in (score_of_a, score_of_b, score_of_c, score_of_d):
    print(score.__name__, round(score(), 2))

# %% [markdown]
r"""
Give each colleague one verdict:

- `"seen"`: the model has counted the text on which it is tested;
- `"sum"`: the numbers are no probabilities, as those after most contexts sum to more than 1;
- `"unknown"`: words that the model does not know share one name, and guessing this name counts as guessing the word;
- `"honest"`.

Then repair the score that gets unknown words for free. Say that $U$ of the agreed words are unknown to the model. Its $p(\langle\text{unk}\rangle)$ is the probability of all of them together. Someone who has guessed that an unknown word comes still has to say *which one*: take them as equally likely.

- `log_probabilities`: shape `(T,)`, nats, what the model says of each of the $T$ tokens;
- `ids`: shape `(T,)`, the tokens; `unknown`: the number of the token that stands for every unknown word;
- `num_unknown`: $U$;
- Result: a number, bits per word.

<details><summary>Hint 1</summary>
In b, add up a row of p: what was seen has probability 1 in total already.
</details>
<details><summary>Hint 2</summary>
An unknown word has the probability of the token, divided by U. What does that do to its logarithm?
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex5-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
VERDICT = {"a": None, "b": None, "c": None, "d": None}  # "seen", "sum", "unknown" or "honest"
### BEGIN SOLUTION
VERDICT = {"a": "seen", "b": "sum", "c": "unknown", "d": "honest"}
### END SOLUTION


def honest_bits(log_probabilities, ids, unknown, num_unknown):
    """Return the mean loss in bits per word, where an unknown word has to be named, too."""
    ### BEGIN SOLUTION
    named = log_probabilities - np.where(ids == unknown, np.log(num_unknown), 0.0)  # (T,)
    return -named.mean() / np.log(2)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex5-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
verdict = {str(letter).lower(): answer for letter, answer in VERDICT.items()}
assert set(verdict) == set("abcd") and None not in verdict.values(), "give each of a, b, c, d a verdict"
told = {
    "a": "a: look at what its model was fitted on",
    "b": "b: where a pair was not seen, 0.4 times something is added to a row that had sum 1 already",
    "c": "c: how many words have the same token <unk>, and what does it cost to say which one it was?",
    "d": "d: it counts the training text alone, sums to 1 and knows all words: what is wrong with that?",
}
for letter, right in zip("abcd", ("seen", "sum", "unknown", "honest"), strict=True):
    assert str(verdict[letter]).strip().lower() == right, told[letter]

logs, ids = np.log([0.5, 0.25, 0.5, 0.125]), np.array([3, 0, 7, 0])
found = honest_bits(logs.copy(), ids.copy(), 0, 16)
checks.check_shape(found, (), "honest_bits(...)")
free = np.isclose(found, 7 / 4)
assert not free, "the unknown words are still free: 16 words share the token, which one was it?"
left_out = np.isclose(found, 1.0)
assert not left_out, "unknown words must cost something: leaving them out makes them free again"
cheaper = np.isclose(found, (7 - 8) / 4)
assert not cheaper, "you made unknown words cheaper: p(<unk>) is divided by U, so log p gets smaller"
everywhere = np.isclose(found, (7 + 16) / 4)
assert not everywhere, "only the unknown words pay for being named: ids == unknown"
checks.check_close(found, (7 + 8) / 4, "honest_bits(...)", hint="It is (1 + (2 + 4) + 1 + (3 + 4)) / 4 bits; log_probabilities are nats, so take ln U")
found = honest_bits(np.log([0.5, 0.25]), np.array([2, 5]), 2, 1)
checks.check_close(found, 1.5, "with one unknown word, whose name is 2,", hint="ids == unknown, not ids == 0")
everything = honest_bits(np.zeros(11), np.zeros(11, dtype=int), 0, 997)
hint = "a model that says <unk> for every word knows nothing: it must pay log2 W each time"
checks.check_close(everything, np.log2(997), "the score without any known word", hint=hint)
model = NGramModel(2, WittenBell()).fit(common.encode(train), len(common))
ids = common.encode(test)
named = len(common) - 1  # without the token <unk>
repaired = honest_bits(model.log_probabilities(ids), ids, 0, len(all_words) - named)
assert repaired > score_of_c() + 0.5, "the score of c must rise: naming its unknown words costs bits"

# Hidden: probabilities of all words must sum to 1, on other data.
### BEGIN HIDDEN TESTS
p = np.random.default_rng(0).dirichlet(np.ones(5))  # four known words, then the unknown ones
of_each = [honest_bits(np.log(p[[v]]), np.array([v]), 4, 13) for v in range(5)]
checks.check_close(np.exp2(-np.array(of_each)) @ [1, 1, 1, 1, 13], 1.0, "the sum over all words")
### END HIDDEN TESTS

# %% [markdown]
r"""
**To think about** (not graded). Use `honest_bits` on c with the limits `min_count` = 3, 20 and 200, and beside it the dishonest score. Which of the two would you rather be judged by if you may choose the limit yourself?
"""

# %% [markdown]
r"""
## Exercise 3.6 How long is the memory of English? (predict, then run, medium, 15 minutes, 2 points)

Fit n-gram models of characters with Witten-Bell smoothing for $n = 1, \dots, 8$ and measure the bits per character on 20,000 characters that they have not seen. Once with 2,000 characters of training text, once with 200,000: those that stand right before the held-out ones.
"""

# %% nbgrader={"grade": false, "grade_id": "english", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
text = english()
before, after = text[-220_000:-20_000], text[-20_000:]
alphabet = Vocabulary(before, unknown="<unk>")  # one token for what only the held-out text has
much, held_out = alphabet.encode(before), alphabet.encode(after)
little = much[-2_000:]

# %% [markdown]
r"""
*Predict first.* Which $n$ has the lowest held-out loss with `little`, and which with `much`? Put your two guesses into `PREDICTION`. Any two whole numbers from 1 to 8 will pass; the point is to have made up your mind before you look.

Then write `held_out_bits` with `NGramModel(n, WittenBell())` and look at what it gives for `little` and for `much`. Put the best $n$ of each into `BEST` and choose your `CONCLUSION`:

- `"A"`: The best $n$ with much text is the memory of English: letters further back do not matter.
- `"B"`: The best $n$ says how long a context these counts can make use of: with more text, longer contexts have been seen often enough.
- `"C"`: The best $n$ belongs to the language and the method: more text lowers the loss, but leaves the best $n$ where it is.

Arguments and result of `held_out_bits`:

- `training`, `held_out`: whole numbers of shapes `(T,)` and `(S,)`; `num_symbols`: $V$; `max_n`: the largest $n$.
- Result: shape `(max_n,)`, bits per character for $n = 1, \dots,$ `max_n`, in this order.

<details><summary>Hint</summary>
<code>model.bits_per_symbol(ids)</code> is the mean loss in bits. The first entry of the result belongs to n = 1, so the best n is one more than what <code>np.argmin</code> says.
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex6-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
PREDICTION = (None, None)  # your guesses of the best n: with little, with much text
### BEGIN SOLUTION
PREDICTION = (3, 6)
### END SOLUTION


def held_out_bits(training, held_out, num_symbols, max_n):
    """Return the bits per character on held_out for n = 1, ..., max_n; shape (max_n,)."""
    ### BEGIN SOLUTION
    models = [NGramModel(n, WittenBell()).fit(training, num_symbols) for n in range(1, max_n + 1)]
    return np.array([model.bits_per_symbol(held_out) for model in models])
    ### END SOLUTION


BEST = (None, None)  # the best n as you measured it: with little, with much text
CONCLUSION = None  # "A", "B" or "C"
### BEGIN SOLUTION
curves = [held_out_bits(training, held_out, len(alphabet), 8) for training in (little, much)]
BEST = tuple(int(np.argmin(curve)) + 1 for curve in curves)
CONCLUSION = "B"
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex6-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
assert np.shape(PREDICTION) == (2,) and None not in PREDICTION, "set PREDICTION to two guesses, before you look"
in_range = all(guess in range(1, 9) for guess in PREDICTION)
assert in_range, "PREDICTION holds two whole numbers from 1 to 8"


def slow_bits(training, held_out, num_symbols, n):
    loss = 0.0
    for t, symbol in enumerate(held_out):
        p = 1 / num_symbols
        for size in range(min(n - 1, t) + 1):
            counts = counts_after(training, held_out[t - size : t], num_symbols)
            types, total = np.count_nonzero(counts), counts.sum()
            p = (counts[symbol] + types * p) / (total + types) if total else p
        loss -= np.log2(p) / len(held_out)
    return loss


some = np.random.default_rng(0).choice(5, 127, p=[0.5, 0.2, 0.2, 0.1, 0])
other = np.random.default_rng(1).choice(5, 31, p=[0.4, 0.2, 0.2, 0.1, 0.1])
found = held_out_bits(some, other, 5, 4)
checks.check_shape(found, (4,), "held_out_bits(some, other, 5, 4)")
itself = [slow_bits(some, some, 5, n) for n in (1, 2)]
assert not np.allclose(found[:2], itself), "this is the loss on the training text: score the held-out text"
by_hand = [slow_bits(other, some, 5, n) for n in (1, 2)]
assert not np.allclose(found[:2], by_hand), "the two texts are swapped: fit on training, score held_out"
oracle = [slow_bits(some, other, 5, n) for n in (1, 2, 3, 4)]
hint = "Witten-Bell, fitted on training; the first entry belongs to n = 1; bits, not nats"
checks.check_close(found, oracle, "held_out_bits(some, other, 5, 4)", hint=hint)

assert np.shape(BEST) == (2,) and None not in BEST, "set BEST to the two values of n with the lowest loss"
measured = [np.array(held_out_bits(training, held_out, len(alphabet), 8)) for training in (little, much)]
index = [int(np.argmin(curve)) for curve in measured]
assert list(BEST) != index, "the first entry belongs to n = 1: the best n is argmin + 1"
for name, n, best in zip(("little", "much"), BEST, index, strict=True):
    assert n == best + 1, f"with {name} text, n = {n} does not have the lowest loss: look again"
choice = str(CONCLUSION).strip().upper()
assert choice != "A", "then the memory of English was shorter when you had less text: what did you measure?"
assert choice != "C", "compare the two entries of BEST: did the best n stay where it was?"
assert choice == "B", 'set CONCLUSION to "A", "B" or "C"'

# Hidden: the best n grows with the text; other data against the slow count.
### BEGIN HIDDEN TESTS
assert BEST[0] < BEST[1]
found = held_out_bits(other, some[:29], 7, 3)
checks.check_close(found, [slow_bits(other, some[:29], 7, n) for n in (1, 2, 3)], "other texts")
### END HIDDEN TESTS

# %% [markdown]
r"""
**To think about** (not graded). In 1951 Shannon let a person guess the next letter of English texts: with the 100 letters before it, the guesses were better than with 15. What would an n-gram model need in order to use 100 letters, and why will no amount of text be enough? Chapters 06 and 09 take another way.

And a warning: the help pages quote each other here and there, word for word. How would that move the best $n$ on a held-out text which repeats a page of the training text?
"""
