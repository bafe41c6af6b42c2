# %% [markdown]
r"""
# Exercises to chapter 09: a character-level language model

These go with [chapter 09](../../chapters/09_character_language_model.ipynb). Six exercises, 15 points, about 95 minutes.

Write your answer where the cell says so and run the check below it. A check that passes prints nothing; one that fails says what is probably wrong. When an instructor grades the notebook, some more checks of the same kind run on other data.

Letters as in the chapter: $T$ steps, $B$ columns side by side, $V$ characters in the alphabet, $H$ numbers in the state. Losses are in nats unless a name says bits.
"""

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
import bz2
import gzip
import lzma

import numpy as np

from rnncourse import checks
from rnncourse.batches import contiguous_batches, split_in_time
from rnncourse.clipping import clip_by_value
from rnncourse.datasets import corpora
from rnncourse.numpy_rnn import Parameters, cross_entropy, forward, initialise, loss_and_gradients
from rnncourse.numpy_rnn_sweep import Sweep
from rnncourse.optimizers import SGD, Adagrad
from rnncourse.text import Vocabulary

# %% [markdown]
r"""
## Exercise 9.1 The smoothed loss (implement, easy, 10 minutes, 2 points)

The recipe reports

$$S_0 = 25 \ln V, \qquad S_i = 0.999\, S_{i-1} + 0.001\, L_i,$$

where $L_i$ is the sum of the losses of window $i$, in nats over 25 characters. Write it as a function of all losses.

- `losses`: $L_1, \dots, L_N$, shape `(N,)`, N may be 0.
- `V`: size of the alphabet.
- `keep`: the share that is kept, 0.999 in the recipe.
- Result: $S_0, \dots, S_N$, shape `(N + 1,)`.

<details><summary>Hint</summary>
Start a list with the first value, append in a loop, and turn it into an array at the end.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "ex1-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def smoothed(losses, V, keep=0.999):
    """Return the smoothed losses of the recipe, its start included, shape (N + 1,)."""
    ### BEGIN SOLUTION
    smooth = [25 * np.log(V)]
    for loss in losses:
        smooth.append(keep * smooth[-1] + (1 - keep) * loss)
    return np.array(smooth)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex1-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
start = smoothed(np.zeros(0), 8)
assert start is not None, "smoothed returns None: does it return its result?"
start = np.asarray(start, dtype=float)
assert start.shape == (1,), f"without any loss there is still S_0: shape (1,), not {start.shape}"
assert not np.isclose(start[0], 0), "it starts from 0, so it begins far below the true loss: S_0 is 25 ln V"
assert not np.isclose(start[0], np.log(8)), "the start is ln V, for one character: a window has 25"
assert not np.isclose(start[0], 75), "the start is in bits (log2): the recipe reports nats"
checks.check_close(start[0], 25 * np.log(8), "S_0")
# By hand: V = 1 makes S_0 = 0; keep = 0.75.
found = np.asarray(smoothed(np.array([8.0, 16.0]), 1, keep=0.75))
swapped = np.allclose(found[1:], [6.0, 13.5])
assert not swapped, "the weights are swapped: keep belongs to the old value, 1 - keep to the new loss"
checks.check_close(found, [0.0, 2.0, 5.5], "smoothed([8, 16], 1, keep=0.75)")
# A loss that never changes from its start stays; any other dies away as keep to the power i.
checks.check_close(smoothed(np.full(5, 25 * np.log(7)), 7), np.full(6, 25 * np.log(7)), "constant losses")
checks.check_close(smoothed(np.zeros(1000), 7)[-1], 0.999**1000 * 25 * np.log(7), "S after 1,000 zeros")

# Hidden: other losses, against the sum written out.
### BEGIN HIDDEN TESTS
draws = np.random.default_rng(0).uniform(40, 120, 37)
powers = 0.9 ** np.arange(37)[::-1]
written_out = 0.9**37 * 25 * np.log(11) + 0.1 * powers @ draws
checks.check_close(smoothed(draws, 11, keep=0.9)[-1], written_out, "the last of 37")
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 9.2 One-hot by row look-up, and the way back (implement, medium, 15 minutes, 3 points)

The product of a one-hot row with $W_{xh}$ is a row of $W_{xh}$. Do it for all characters of a batch, without making a one-hot array.

Then the way back. Let the gradient of the loss with respect to each product be given. The gradient with respect to row $k$ of $W_{xh}$ is the *sum* over all places where character $k$ was read; rows of characters that were not read get 0.

- `ids`: whole numbers, shape `(T, B)`.
- `W_xh`: shape `(V, H)`; the result of `look_up` has shape `(T, B, H)`.
- `d_products`: gradient of the products, shape `(T, B, H)`; the result of `look_up_backward` has shape `(V, H)`.

<details><summary>Hint</summary>
<code>gradient[ids] += d</code> does not add where an id occurs twice: NumPy reads, adds and writes once. <code>np.add.at(gradient, ids, d)</code> does.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "ex2-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def look_up(ids, W_xh):
    """Return the one-hot rows of ids times W_xh, shape (T, B, H)."""
    ### BEGIN SOLUTION
    return W_xh[ids]
    ### END SOLUTION


def look_up_backward(ids, d_products, V):
    """Return the gradient with respect to W_xh, shape (V, H)."""
    ### BEGIN SOLUTION
    gradient = np.zeros((V, d_products.shape[-1]))  # (V, H)
    np.add.at(gradient, ids, d_products)
    return gradient
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex2-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
rng = np.random.default_rng(0)
ids, W_xh, d_products = rng.integers(5, size=(7, 2)), rng.standard_normal((5, 3)), rng.standard_normal((7, 2, 3))
found = look_up(ids, W_xh)
checks.check_shape(found, (7, 2, 3), "look_up(ids, W_xh)")
checks.check_close(found, np.eye(5)[ids] @ W_xh, "look_up, against the one-hot product")
# By hand: character 1 is read three times.
by_hand = look_up_backward(np.array([[1], [1], [0], [1]]), np.array([[[1.0]], [[2.0]], [[4.0]], [[8.0]]]), 3)
checks.check_shape(by_hand, (3, 1), "look_up_backward(...)")
by_hand = np.asarray(by_hand, dtype=float)
assert by_hand[1, 0] != 8, "a character that was read three times counts once: add up all places (see the hint)"
assert not np.isclose(by_hand[1, 0], 11 / 3), "you take the mean over the places; the gradient is their sum"
checks.check_close(by_hand, [[4.0], [11.0], [0.0]], "look_up_backward by hand")
one_hot_way = np.eye(5)[ids].reshape(-1, 5).T @ d_products.reshape(-1, 3)
checks.check_close(look_up_backward(ids, d_products, 5), one_hot_way, "look_up_backward, against one-hot rows")
# The gradient is a derivative: of the sum of products times fixed numbers.
checks.check_gradient(lambda W: np.sum(look_up(ids, W) * d_products), look_up_backward(ids, d_products, 5), W_xh)
checks.check_shape(look_up_backward(ids, d_products, 9), (9, 3), "with four characters that were not read")

# Hidden: other sizes.
### BEGIN HIDDEN TESTS
ids, d_products = rng.integers(11, size=(13, 4)), rng.standard_normal((13, 4, 6))
one_hot_way = np.eye(11)[ids].reshape(-1, 11).T @ d_products.reshape(-1, 6)
checks.check_close(look_up_backward(ids, d_products, 11), one_hot_way, "look_up_backward, other sizes")
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 9.3 Before the first update (predict, then run, medium, 15 minutes, 3 points)

Answer first, without running anything.

1. `LOSS_65`: a text has $V = 65$ different characters. What does the recipe report before the first update, in nats per window of 25 characters? To within 0.1.
2. `BITS_256`: a network reads bytes, $V = 256$. What is its first loss in *bits per character*? To within 0.01.
3. `SCALE_1`: with initial weights of standard deviation 1 instead of 0.01, the first loss is `"smaller"`, `"equal"` or `"larger"`?
4. `LEARNS_FROM_0`: with all weights exactly 0, some of the five arrays `W_xh`, `W_hh`, `b_h`, `W_hy`, `b_y` have a gradient other than 0 and learn; the others never do. A list of the names of those that learn.

Then run `first_losses` (below) and see.

<details><summary>Hint to 4</summary>
The state is 0 as long as its weights are. The gradient of W_hy is made of states; what reaches the state from above passes through W_hy.
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "first", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def first_losses(V, scale, seeds=range(5)):
    """Return the loss of a window of 25 random characters, in nats, shape (5,)."""
    ids = np.random.default_rng(0).integers(V, size=26)
    networks = [initialise(V, 100, V, seed, scale) for seed in seeds]
    return np.array([25 * loss_and_gradients(p, ids[:-1], ids[1:])[0] for p in networks])


# %% nbgrader={"grade": false, "grade_id": "ex3-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
LOSS_65 = None  # nats per 25 characters
BITS_256 = None  # bits per character
SCALE_1 = None  # "smaller", "equal" or "larger"
LEARNS_FROM_0 = None  # list of names
### BEGIN SOLUTION
LOSS_65 = 25 * np.log(65)
BITS_256 = 8.0
SCALE_1 = "larger"
LEARNS_FROM_0 = ["b_y"]
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex3-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
answers = (LOSS_65, BITS_256, SCALE_1, LEARNS_FROM_0)
assert all(answer is not None for answer in answers), "set all four: LOSS_65, BITS_256, SCALE_1, LEARNS_FROM_0"
assert abs(LOSS_65 - np.log(65)) > 0.1, "LOSS_65 is the loss of one character: a window has 25"
assert abs(LOSS_65 - 25 * np.log2(65)) > 0.1, "LOSS_65 is in bits: nats have the natural logarithm"
measured = first_losses(65, 0.01).mean()
assert abs(LOSS_65 - measured) < 0.1, f"LOSS_65: equal logits give every character 1/65; measured {measured:.2f}"
assert abs(BITS_256 - np.log(256)) > 0.01, "BITS_256 is in nats: a bit is ln 2 nats"
measured = first_losses(256, 0.01).mean() / 25 / np.log(2)
assert abs(BITS_256 - measured) < 0.01, f"BITS_256: 256 equally likely bytes; measured {measured:.3f}"
ratio = first_losses(65, 1.0).mean() / first_losses(65, 0.01).mean()
right = "larger" if ratio > 1.05 else "equal" if ratio > 0.95 else "smaller"
text = f"SCALE_1: confident at random is worse than knowing nothing; measured {ratio:.1f} times the loss"
assert str(SCALE_1).strip().lower() == right, text
zeros = initialise(65, 100, 65, 0, scale=0.0)
ids = np.random.default_rng(1).integers(65, size=26)
gradients = loss_and_gradients(zeros, ids[:-1], ids[1:])[1]
learn = {name for name in Parameters._fields if np.any(getattr(gradients, name))}
wrong = set(LEARNS_FROM_0) - learn
text = f"LEARNS_FROM_0: {sorted(wrong)} have no gradient: with W_hy = 0 nothing reaches the state, and with h = 0 nothing W_hy"
assert not wrong, text
assert set(LEARNS_FROM_0) == learn, "LEARNS_FROM_0: one thing still learns, how frequent each character is"

# Hidden: the four again, from formulas.
### BEGIN HIDDEN TESTS
assert abs(LOSS_65 - 104.36) < 0.15
assert abs(BITS_256 - 8) < 0.011
assert list(LEARNS_FROM_0) == ["b_y"]
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 9.4 A loop with three mistakes (find the bug, medium, 20 minutes, 3 points)

A colleague wrote the loop below, with plain gradient steps in place of Adagrad. Her loss falls to nearly 0 within a few hundred windows, and the samples are rubbish.
"""

# %% nbgrader={"grade": false, "grade_id": "colleague", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def loop_of_a_colleague(ids, start, updates, rate, limit):
    parameters, optimizer, losses = Parameters(*map(np.copy, start)), SGD(rate), []
    for i in range(updates):
        state = np.zeros(len(parameters.b_h))
        inputs = ids[25 * i : 25 * i + 25]
        targets = ids[25 * i : 25 * i + 25]
        loss, gradients, state = loss_and_gradients(parameters, inputs, targets, state)
        losses.append(loss)
        optimizer.update(parameters, gradients)
        gradients = clip_by_value(gradients, limit)
    return parameters, losses


# %% [markdown]
r"""
There are three mistakes. Find them and write the loop as it should be: the state carried from window to window, from zeros at the beginning; each character predicted from those before it; gradients clipped to `limit`.

- `ids`: shape `(N,)`, N at least `25 * updates + 1`; `start`: Parameters, which must stay as they are.
- Result: the trained Parameters, and the list of the losses of the windows, nats per character.

<details><summary>Hint 1</summary>
What is predicted from what? Compare the two slices with Figure 9.1.
</details>
<details><summary>Hint 2</summary>
Which line uses what the last line makes? And what happens to <code>state</code> at the beginning of each turn?
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "ex4-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def right_loop(ids, start, updates, rate, limit):
    """Return the trained Parameters and the losses of the windows, list of length updates."""
    ### BEGIN SOLUTION
    parameters, optimizer, losses = Parameters(*map(np.copy, start)), SGD(rate), []
    state = np.zeros(len(parameters.b_h))
    for i in range(updates):
        inputs = ids[25 * i : 25 * i + 25]
        targets = ids[25 * i + 1 : 25 * i + 26]
        loss, gradients, state = loss_and_gradients(parameters, inputs, targets, state)
        losses.append(loss)
        optimizer.update(parameters, clip_by_value(gradients, limit))
    return parameters, losses
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex4-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
rng = np.random.default_rng(0)
ids, start = rng.integers(7, size=126), initialise(7, 5, 7, seed=0, scale=0.5)
before = [array.copy() for array in start]
answer = right_loop(ids, start, 5, rate=1.0, limit=0.01)
assert answer is not None, "right_loop returns None: does it return parameters and losses?"
parameters, losses = answer
kept = all(np.array_equal(a, b) for a, b in zip(start, before, strict=True))
assert kept, "you change the parameters that were handed in: copy them first"
assert len(losses) == 5, f"five updates make five losses, not {len(losses)}"
# The first loss: nothing has been learnt yet, and the state is zero.
itself = loss_and_gradients(start, ids[:25], ids[:25])[0]
assert not np.isclose(losses[0], itself), "you predict x_t from x_t itself: the target is one step later"
checks.check_close(losses[0], loss_and_gradients(start, ids[:25], ids[1:26])[0], "the first loss")
# One update: no entry may move by more than rate times limit.
one, _ = right_loop(ids, start, 1, rate=1.0, limit=0.01)
farthest = max(np.abs(a - b).max() for a, b in zip(one, start, strict=True))
assert farthest > 0, "the parameters do not change"
text = f"an entry moves by {farthest:.3f} where limit * rate = 0.01: you clip after the update, when it is too late, or do not use what clip_by_value returns"
assert farthest < 0.0101, text
# Without learning (rate 0) the losses are those of one pass over the text with the state carried.
still = right_loop(ids, start, 5, rate=0.0, limit=1.0)[1]
whole = cross_entropy(forward(start, ids[:125]).logits, ids[1:126])[0].reshape(5, 25).mean(axis=1)
alone = [loss_and_gradients(start, ids[25 * i : 25 * i + 25], ids[25 * i + 1 : 25 * i + 26])[0] for i in range(5)]
assert not np.allclose(still, alone), "each window starts from zeros: carry the state on from the window before"
checks.check_close(still, whole, "losses at rate 0, against one pass over the text")

# Hidden: a longer run, against the steps one by one.
### BEGIN HIDDEN TESTS
ids, start = rng.integers(11, size=251), initialise(11, 3, 11, seed=1, scale=0.3)
found, losses = right_loop(ids, start, 10, rate=0.5, limit=0.05)
mine, state = Parameters(*map(np.copy, start)), None
for i in range(10):
    window = ids[25 * i : 25 * i + 26]
    loss, gradients, state = loss_and_gradients(mine, window[:-1], window[1:], state)
    checks.check_close(losses[i], loss, f"loss {i}")
    mine = Parameters(*(p - 0.5 * np.clip(g, -0.05, 0.05) for p, g in zip(mine, gradients, strict=True)))
for name, a, b in zip(Parameters._fields, found, mine, strict=True):
    checks.check_close(a, b, name)
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 9.5 Bits from a compressor (implement and explain, easy, 15 minutes, 2 points)

How many bits does a compressor need for each *character* of a text, when it has read another text before? As in the chapter: compress the text before, then both together, and count the difference. If there is no text before, count all bytes of the compressed text, its header included.

- `compress`: a function from bytes to bytes, such as `gzip.compress`.
- `text`, `before`: strings; encode them with UTF-8, where a letter like é takes two bytes.
- Result: bits per character of `text`, a number.

Then explain. With the training text before it, gzip saves much less than xz on the held-out text. The main reason (`WHY_GZIP`):

- A: gzip works on bytes, xz on characters
- B: gzip looks back 32,768 bytes at most, so nearly all of the training text is out of its sight
- C: gzip is made for speed and does not look for repetitions
- D: the training text is already compressed when the held-out text comes

<details><summary>Hint</summary>
<code>text.encode()</code> gives bytes; <code>len</code> of a string counts characters, <code>len</code> of bytes counts bytes.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "ex5-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def compressed_bits(compress, text, before=""):
    """Return the bits per character of text when it follows before."""
    ### BEGIN SOLUTION
    known = len(compress(before.encode())) if before else 0
    return 8 * (len(compress((before + text).encode())) - known) / len(text)
    ### END SOLUTION


WHY_GZIP = None  # "A", "B", "C" or "D"
### BEGIN SOLUTION
WHY_GZIP = "B"
### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex5-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def no_compression(data):
    """A compressor whose size is known: a header of 10 bytes, and the data."""
    return bytes(10) + data


found = compressed_bits(no_compression, "abcde", "xyz")
assert found is not None, "compressed_bits returns None: does it return its result?"
assert not np.isclose(found, 1), "you count bytes: a byte has 8 bits"
assert not np.isclose(found, 8 * 18 / 5), "you count the text before, too: subtract what it takes alone"
assert not np.isclose(found, 8 * 18 / 8), "you divide by the characters of both texts, and count both"
checks.check_close(found, 8.0, "five letters that follow three, not compressed")
found = compressed_bits(no_compression, "abcde")
assert not np.isclose(found, 8), "even an empty text before is compressed to a header: subtract nothing if before is empty"
checks.check_close(found, 8 * 15 / 5, "five letters alone, with the header")
found = compressed_bits(no_compression, "été", "hiver")
assert not np.isclose(found, 8), "you divide by bytes: three characters are five bytes here"
checks.check_close(found, 8 * 5 / 3, "three characters of five bytes")
# Real compressors: a copy is cheap, but not for one that has forgotten the original.
training, held_out = split_in_time(corpora.english(), (0.9, 0.1))
page = training[:2000]
near, far = (compressed_bits(gzip.compress, page, training[:length]) for length in (2000, 200_000))
assert near < 0.2 < 1 < far, "gzip should copy a page that it has just read, but not one from 200,000 characters ago"
assert compressed_bits(lzma.compress, page, training[:200_000]) < 0.5, "xz should still see that page"
assert WHY_GZIP is not None, "set WHY_GZIP to a letter"
why_not = {
    "A": "both work on bytes",
    "C": "both look for repetitions, and gzip copies a page that it has just read (see the check above)",
    "D": "both compress in one go; nothing is compressed when the held-out text comes",
}
letter = str(WHY_GZIP).strip().upper()
assert letter == "B", "WHY_GZIP: " + why_not.get(letter, "one of the letters A, B, C, D")

# Hidden: the held-out text, and another compressor.
### BEGIN HIDDEN TESTS
after = {c: compressed_bits(c.compress, held_out, training) for c in (gzip, bz2, lzma)}
alone = {c: compressed_bits(c.compress, held_out) for c in (gzip, bz2, lzma)}
assert alone[gzip] - after[gzip] < 0.4 < alone[lzma] - after[lzma]
checks.check_close(alone[bz2], 8 * len(bz2.compress(held_out.encode())) / len(held_out), "bz2 alone")
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 9.6 How long is its memory? (experiment, medium, 20 minutes, 2 points)

The cell below trains a network on English for a few seconds. If its state is set back to zeros every $k$ characters, it can use at most the last $k$. How many does it need?
"""

# %% nbgrader={"grade": false, "grade_id": "network", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
english_training, english_held_out = split_in_time(corpora.english(), (0.9, 0.1))
vocabulary = Vocabulary(english_training, unknown="<unk>")
test_ids = vocabulary.encode(english_held_out)[:20_001]
network = initialise(len(vocabulary), 100, len(vocabulary), 0, dtype=np.float32)
optimizer, sweep, state = Adagrad(0.05, eps=1e-8), Sweep(), None
for inputs, targets in contiguous_batches(vocabulary.encode(english_training), 16, 25):
    _, gradients, state = sweep(network, inputs, targets, state)
    optimizer.update(network, clip_by_value(gradients, 0.2))


# %% [markdown]
r"""
Write the function, and try $k$ = 1, 2, 5, 10, 20, 50, 100. Then set `MEMORY` to the smallest of these at which the network is less than 0.1 bits worse than with the state carried through the whole text ($k$ = 20,000).

- `ids`: shape `(N,)`; use only whole stretches: the first $\lfloor (N-1)/k \rfloor \cdot k$ predictions.
- Result: mean loss in *bits per character*, where the state is zero before characters $0, k, 2k, \dots$ are read.

<details><summary>Hint 1</summary>
Stretches that start from zeros know nothing of each other. So they can be read side by side: inputs of shape (k, number of stretches).
</details>
<details><summary>Hint 2</summary>
<code>ids[:n * k].reshape(n, k).T</code>, and the same for the targets, one character later.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "ex6-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def bits_with_memory(parameters, ids, k):
    """Return the mean loss in bits per character with the state set to zeros every k characters."""
    ### BEGIN SOLUTION
    n = (len(ids) - 1) // k
    inputs, targets = (ids[shift : shift + n * k].reshape(n, k).T for shift in (0, 1))  # (k, n)
    losses, _ = cross_entropy(forward(parameters, inputs).logits, targets)
    return losses.mean() / np.log(2)
    ### END SOLUTION


MEMORY = None  # one of 1, 2, 5, 10, 20, 50, 100
### BEGIN SOLUTION
carried = bits_with_memory(network, test_ids, 20_000)
MEMORY = next(k for k in (1, 2, 5, 10, 20, 50, 100) if bits_with_memory(network, test_ids, k) < carried + 0.1)
### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex6-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def bits_step_by_step(parameters, ids, k):
    """The slow way: one window after the other."""
    starts = range(0, (len(ids) - 1) // k * k, k)
    windows = [(ids[s : s + k], ids[s + 1 : s + k + 1]) for s in starts]
    losses = [cross_entropy(forward(parameters, x).logits, y)[0].mean() for x, y in windows]
    return np.mean(losses) / np.log(2)


small = initialise(7, 5, 7, seed=0, scale=0.8)
small_ids = np.random.default_rng(0).integers(7, size=102)
found, expected = bits_with_memory(small, small_ids, 4), bits_step_by_step(small, small_ids, 4)
assert found is not None, "bits_with_memory returns None: does it return its result?"
carried_on = bits_step_by_step(small, small_ids[:101], 100)
assert not np.isclose(found, expected * np.log(2)), "the result is in nats: divide by ln 2"
assert not np.isclose(found, carried_on), "the state is never set back: every k gives the same loss"
mixed = cross_entropy(forward(small, small_ids[:100].reshape(4, 25)).logits, small_ids[1:101].reshape(4, 25))[0]
text = "the stretches are cut across: reshape to (n, k) first, then transpose, or the network reads every 25th character"
assert not np.isclose(found, mixed.mean() / np.log(2)), text
checks.check_close(found, expected, "bits_with_memory(..., 4), against one window after the other")
checks.check_close(bits_with_memory(small, small_ids, 101), bits_step_by_step(small, small_ids, 101), "k = N - 1")
assert MEMORY is not None, "set MEMORY to one of 1, 2, 5, 10, 20, 50, 100"
assert MEMORY in (1, 2, 5, 10, 20, 50, 100), f"MEMORY is one of 1, 2, 5, 10, 20, 50, 100, not {MEMORY}"
worse = {k: bits_step_by_step(network, test_ids, k) - bits_with_memory(network, test_ids, 20_000) for k in (5, 100)}
assert MEMORY > 5, f"with k = 5 the network is {worse[5]:.2f} bits worse than with the state carried"
assert MEMORY < 100, f"a smaller k will do: with k = 100 the network is only {worse[100]:.2f} bits worse"
loss_at = bits_with_memory(network, test_ids, MEMORY) - bits_with_memory(network, test_ids, 20_000)
assert loss_at < 0.1, f"with k = {MEMORY} the network is still {loss_at:.2f} bits worse"

# Hidden: the one before is not enough.
### BEGIN HIDDEN TESTS
choices = [1, 2, 5, 10, 20, 50, 100]
shorter = choices[choices.index(MEMORY) - 1]
assert bits_with_memory(network, test_ids, shorter) - bits_with_memory(network, test_ids, 20_000) >= 0.1
checks.check_close(bits_with_memory(small, small_ids, 7), bits_step_by_step(small, small_ids, 7), "k = 7")
### END HIDDEN TESTS
