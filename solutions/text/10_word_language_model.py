# %% [markdown]
r"""
# Exercises to chapter 10: a word-level language model

These go with [chapter 10](../../chapters/10_word_language_model.ipynb). Six exercises, 15 points, about 105 minutes.

Write your answer where the cell says so and run the check below it. A check that passes prints nothing; one that fails says what is probably wrong. When an instructor grades the notebook, some more checks of the same kind run on other data.

$V$ is the size of the vocabulary, marks included, $H$ the number of hidden units. Losses are in nats per token.
"""

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
import numpy as np
import torch
from torch import nn

from rnncourse import checks
from rnncourse.batches import contiguous_batches
from rnncourse.cells.elman import ElmanCell
from rnncourse.datasets.corpora import english
from rnncourse.evaluation import cross_entropy, evaluate
from rnncourse.kneser_ney import KneserNey
from rnncourse.models import LanguageModel
from rnncourse.ngrams import NGramModel
from rnncourse.text import Vocabulary, words
from rnncourse.training import fit

torch.set_num_threads(1)

# %% [markdown]
r"""
## Exercise 10.1 Count the numbers (by hand, easy, 10 minutes, 2 points)

A word model has $V$ = 5,000 and $H$ = 64. By hand, or with a pocket calculator:

- `MATRICES`: how many numbers do $W_{xh}$, $W_{hh}$ and $W_{hy}$ have together?
- `WITH_BIASES`: and with $b_h$ and $b_y$?
- `WITH_EMBEDDING`: now each word is first looked up in a table of shape $(V, D)$ with $D$ = 32, and the cell reads that row, so that $W_{xh}$ is $(D, H)$. How many numbers has the whole model now, the new table and the biases included?
- `MULTIPLICATIONS`: the first model reads one word, given as a whole number, and computes all logits. How many multiplications of two real numbers does it take? (Leave out tanh and softmax.)

<details><summary>Hint</summary>
A row of H numbers times a matrix (H, V) takes H V multiplications. A look-up takes none.
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex1-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
MATRICES = None
WITH_BIASES = None
WITH_EMBEDDING = None
MULTIPLICATIONS = None
### BEGIN SOLUTION
MATRICES = 2 * 5000 * 64 + 64**2
WITH_BIASES = MATRICES + 64 + 5000
WITH_EMBEDDING = 5000 * 32 + 32 * 64 + 64**2 + 64 + 64 * 5000 + 5000
MULTIPLICATIONS = 64**2 + 64 * 5000
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex1-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def count(model, matrices_only=False):
    return sum(w.numel() for w in model.parameters() if w.ndim == 2 or not matrices_only)


given = {
    "MATRICES": MATRICES,
    "WITH_BIASES": WITH_BIASES,
    "WITH_EMBEDDING": WITH_EMBEDDING,
    "MULTIPLICATIONS": MULTIPLICATIONS,
}
for name, number in given.items():
    assert number is not None, f"set {name} to a number"
plain = LanguageModel(ElmanCell(5000, 64), 5000)
embedded = LanguageModel(ElmanCell(32, 64), 5000, embedding=nn.Embedding(5000, 32))
assert MATRICES != 5000 * 64 + 64**2, "MATRICES: there are two tables of words, one in, one out"
assert count(plain) != MATRICES, "MATRICES: the biases are not asked for yet"
assert count(plain, True) == MATRICES, f"MATRICES: {MATRICES} is not V H + H H + H V"
two_biases = count(plain, True) + 2 * 64 + 5000
assert two_biases != WITH_BIASES, "WITH_BIASES: b_h is there once (torch.nn.RNN has it twice)"
missing = {count(plain, True) + 64: "b_y", count(plain, True) + 5000: "b_h"}
assert WITH_BIASES not in missing, f"WITH_BIASES: {missing.get(WITH_BIASES)} is missing"
assert count(plain) == WITH_BIASES, f"WITH_BIASES: {WITH_BIASES} is not MATRICES + H + V"
no_cell = count(embedded) - 32 * 64
assert no_cell != WITH_EMBEDDING, "WITH_EMBEDDING: W_xh is still there, with shape (D, H)"
third_table = count(plain) + 5000 * 32
assert third_table != WITH_EMBEDDING, "WITH_EMBEDDING: W_xh has D rows now, no longer V"
no_biases = count(embedded, True) == WITH_EMBEDDING
assert not no_biases, "WITH_EMBEDDING: biases are included this time"
no_table = count(embedded) - 5000 * 32
assert no_table != WITH_EMBEDDING, "WITH_EMBEDDING: the table (V, D) belongs to the model, too"
right = count(embedded) == WITH_EMBEDDING
why = "count the table (V, D), W_xh (D, H), W_hh, W_hy, b_h and b_y"
assert right, f"WITH_EMBEDDING: {WITH_EMBEDDING} is not right; {why}"
product = count(plain, True) == MULTIPLICATIONS
assert not product, "MULTIPLICATIONS: x_t W_xh is a look-up, it takes no multiplication"
assert MULTIPLICATIONS != 64 * 5000, "MULTIPLICATIONS: h_{t-1} W_hh takes some, too"
right = sum(w.numel() for w in (plain.cell.W_hh, plain.readout.weight)) == MULTIPLICATIONS
assert right, f"MULTIPLICATIONS: {MULTIPLICATIONS} is not what h_(t-1) W_hh and h_t W_hy take"

# Hidden: whole numbers.
### BEGIN HIDDEN TESTS
assert all(int(number) == number for number in given.values())
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 10.2 Sentences, marks and targets (implement, easy, 15 minutes, 2 points)

Turn sentences into what a language model is trained on. Put the sentences one after the other, each with the start mark before it and the end mark after it, as ids. A target is the id one step later. And say which losses count: all, apart from those where the target is the start mark.

- `sentences`: list of lists of str.
- `vocabulary`: a `Vocabulary`; `vocabulary.start` and `vocabulary.end` are its marks, each a str; `vocabulary.encode(tokens)` turns tokens into ids, unknown ones into the id of the unknown mark, `vocabulary.id_of(token)` gives one id.
- Result: `inputs`, `targets`, int arrays `(N - 1,)`, where $N$ is the number of all ids; and `counts`, booleans `(N - 1,)`.

<details><summary>Hint</summary>
Make one long list of tokens first, encode it once, then cut: all but the last, all but the first.
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex2-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def training_pairs(sentences, vocabulary):
    """Return inputs (N - 1,), targets (N - 1,) and which losses count, booleans (N - 1,)."""
    ### BEGIN SOLUTION
    stream = []
    for sentence in sentences:
        stream += [vocabulary.start, *sentence, vocabulary.end]
    ids = vocabulary.encode(stream)  # (N,)
    return ids[:-1], ids[1:], ids[1:] != vocabulary.id_of(vocabulary.start)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex2-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
marked = {"unknown": "<unk>", "start": "<s>", "end": "</s>"}
animals = Vocabulary(["a", "cat", "sat", "a", "a", "cat"], **marked)  # a is 3, cat 4, sat 5
found = training_pairs([["a", "cat"], ["a", "dog", "sat"]], animals)
assert found is not None and len(found) == 3, "return three arrays: inputs, targets, counts"
inputs, targets, counts = (np.asarray(part) for part in found)
assert len(inputs) != 4, "the marks are missing: start before each sentence, end after it"
assert len(inputs) != 6, "one of the marks is missing: each sentence has a start and an end"
no_unknown = len(inputs) == 7
assert not no_unknown, "dog is not in the vocabulary: it becomes <unk>, it is not left out"
uncut = len(inputs) == 9
assert not uncut, "the last id has no target, and the first is no target: N - 1 pairs"
checks.check_shape(inputs, (8,), "inputs")
checks.check_shape(targets, (8,), "targets")
checks.check_shape(counts, (8,), "counts")
assert not np.array_equal(inputs, targets), "you predict x_t from x_t: the target is one step later"
hint = "The ids are 1 3 4 2 1 3 0 5 2"
checks.check_close(inputs, [1, 3, 4, 2, 1, 3, 0, 5], "inputs", hint=hint)
checks.check_close(targets, [3, 4, 2, 1, 3, 0, 5, 2], "targets", hint=hint)
assert counts.dtype == bool, f"counts are booleans, but have dtype {counts.dtype}"
inverted = np.array_equal(~counts, targets == 1)
by_input = np.array_equal(counts, inputs != 1)
assert not by_input, "the first word of a sentence does count: look at the targets, not the inputs"
assert not np.array_equal(counts, targets == 1), "counts are the wrong way round"
assert not np.array_equal(counts, targets > 2), "only the start mark is left out of the losses"
assert inverted, f"counts are {counts}: False only where the target is the start mark"

# Hidden: other sentences.
### BEGIN HIDDEN TESTS
letters = Vocabulary("abracadabra", **marked)
inputs, targets, counts = training_pairs([list("abba"), [], list("zebra")], letters)
expected = letters.encode(["<s>", *"abba", "</s>", "<s>", "</s>", "<s>", *"zebra", "</s>"])
checks.check_close(inputs, expected[:-1], "inputs")
checks.check_close(targets, expected[1:], "targets")
checks.check_close(counts, expected[1:] != 1, "counts")
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 10.3 A sampler that ends (find the bug, medium, 25 minutes, 3 points)

Here is a tiny network, which knows three marks and three words, and a sampler with faults.
"""

# %% nbgrader={"grade": false, "grade_id": "toy", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
UNKNOWN, START, END = 0, 1, 2  # the words are 3, 4 and 5


class TinyNetwork:
    """What comes next depends on the last word and on how many words were read."""

    def __init__(self, seed=0, ends=True):
        table = np.random.default_rng(seed).dirichlet([6, 2, 6 if ends else 1e-9, 4, 4, 4], (2, 6))
        self.table = table / table.sum(axis=-1, keepdims=True)  # (2, 6, 6)
        self.read = []  # all words that were read, in order

    def step(self, word, state):
        """Read one word; return the probabilities (6,) of the next one, and the new state."""
        assert len(self.read) < 2000, "2,000 words were read: does your loop stop at max_length?"
        self.read.append(int(word))
        state = (*(state or ()), int(word))
        return self.table[len(state) % 2, word], state


def sentence_of_a_colleague(network, rng, min_length, max_length):
    sentence = [START]
    while sentence[-1] != END and len(sentence) < max_length:
        state = None
        for known in sentence:  # read all, to be sure
            p, state = network.step(known, state)
        word = UNKNOWN
        while word == UNKNOWN:
            word = rng.choice(6, p=p)
            sentence.append(word)
        return sentence[1:-1]


rng = np.random.default_rng(0)
print([sentence_of_a_colleague(TinyNetwork(), rng, 2, 20) for _ in range(5)])

# %% [markdown]
r"""
Write the sampler as it should be. It draws from the network's probabilities, but

- never the unknown word nor the start mark, and the end mark only when the sentence has at least `min_length` words: these get probability 0, and the rest is divided by its sum;
- it stops when the end mark is drawn, or when the sentence has `max_length` words; the end mark is not part of the sentence;
- every word is read once: `network.step` is called with the state that it returned before, and with `None` for the start mark.

`rng` is a NumPy generator; take all randomness from it. Result: list of whole numbers.

<details><summary>Hint 1</summary>
Before the loop: <code>p, state = network.step(START, None)</code>. At its end: <code>p, state = network.step(word, state)</code>.
</details>
<details><summary>Hint 2</summary>
<code>p = p.copy()</code>, then set entries to 0, then <code>rng.choice(6, p=p / p.sum())</code>. Without the copy you change the network.
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex3-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def write_sentence(network, rng, min_length, max_length):
    """Return the words of one sentence, list of int."""
    ### BEGIN SOLUTION
    p, state = network.step(START, None)
    sentence = []
    while len(sentence) < max_length:
        allowed = p.copy()  # (6,)
        allowed[[UNKNOWN, START]] = 0
        if len(sentence) < min_length:
            allowed[END] = 0
        word = int(rng.choice(6, p=allowed / allowed.sum()))
        if word == END:
            break
        sentence.append(word)
        p, state = network.step(word, state)
    return sentence
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex3-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def check_sentence(seed, min_length, max_length, ends=True):
    """Write one sentence with a fresh network, and look at all that may be wrong with it."""
    network, rng = TinyNetwork(seed, ends), np.random.default_rng(seed)
    before = network.table.copy()
    found = write_sentence(network, rng, min_length, max_length)
    assert found is not None, "write_sentence returns nothing"
    found = [int(word) for word in found]
    assert np.array_equal(network.table, before), "you change the network's own table: copy p first"
    assert UNKNOWN not in found, "an unknown word is kept: give it probability 0 before you draw"
    assert START not in found, "the start mark is drawn, or left in: it is no word"
    assert END not in found, "the end mark is in the sentence: it only says that it is over"
    short = f"{len(found)} words where min_length is {min_length}: "
    why = "forbid the end until then, and return after the loop, not inside it"
    assert len(found) >= min_length, short + why
    assert len(found) <= max_length, f"{len(found)} words where max_length is {max_length}"
    assert network.read[:1] == [START], "the network has to read the start mark first"
    anew = "the sentence is read anew for each word: carry the state, and read each word once"
    assert len(network.read) <= len(found) + 2, f"{len(network.read)} readings: {anew}"
    inside = network.read[: len(found) + 1] == [START, *found][: len(network.read)]
    assert inside, f"the network read {network.read}, but the sentence is {found}"
    return found


for seed in range(30):
    check_sentence(seed, 3, 12)
    check_sentence(seed, 0, 5)
endless = check_sentence(0, 0, 9, ends=False)
assert len(endless) == 9, "a network that never ends has to be stopped at max_length, not before"


class Strict(TinyNetwork):
    """Refuses a state that is not the one it returned last."""

    def step(self, word, state):
        expected = tuple(self.read) or None
        why = "the state that step returned last has to be handed to the next step"
        assert state == expected, f"step got the state {state}: {why}"
        return super().step(word, state)


write_sentence(Strict(3), np.random.default_rng(0), 4, 10)
# The shares of the first words, against the network's own probabilities.
many = [write_sentence(TinyNetwork(7), np.random.default_rng(seed), 1, 1) for seed in range(3000)]
shares = np.bincount([sentence[0] for sentence in many], minlength=6) / len(many)  # (6,)
wanted = TinyNetwork(7).table[1, START] * [0, 0, 0, 1, 1, 1]  # (6,)
greedy = shares.max() == 1
assert not greedy, "the first word is the same every time: draw from p, do not take the largest"
wrong = f"words 3 to 5 come first with shares {shares[3:].round(2)}, "
wrong += f"but should with {(wanted / wanted.sum())[3:].round(2)}"
assert np.abs(shares - wanted / wanted.sum()).max() < 0.05, wrong + ": divide p by its sum"

# Hidden: other networks.
### BEGIN HIDDEN TESTS
for seed in range(100, 160):
    check_sentence(seed, 5, 6)
many = [write_sentence(TinyNetwork(11), np.random.default_rng(seed), 0, 1) for seed in range(3000)]
p = TinyNetwork(11).table[1, START]
empty = np.mean([not sentence for sentence in many])
assert abs(empty - p[END] / p[END:].sum()) < 0.05, "the end may be drawn at once if min_length is 0"
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 10.4 The first loss (predict, then run, easy, 10 minutes, 2 points)

Four networks that have learnt nothing yet. What is their mean loss per token, in nats, before the first step? Two digits after the point are enough.

- `FRESH`: a new network with $V$ = 2,000 and small random weights.
- `TWICE`: another new one, with $V$ = 4,000.
- `SHARES`: $V$ = 4, all weights zero, the bias of the output is the logarithm of the words' shares, which are 1/2, 1/4, 1/8, 1/8. The text has these shares.
- `LOUD`: is the first loss of the first network, with $W_{hy}$ multiplied by 50, `"smaller"`, `"the same"` or `"larger"`?

<details><summary>Hint</summary>
SHARES: half of the tokens cost ln 2, a quarter costs ln 4, and so on.
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex4-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
FRESH = None
TWICE = None
SHARES = None
LOUD = None
### BEGIN SOLUTION
FRESH = np.log(2000)
TWICE = np.log(4000)
SHARES = 0.5 * np.log(2) + 0.25 * np.log(4) + 2 * 0.125 * np.log(8)
LOUD = "larger"
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex4-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def first_loss(vocab_size, factor=1.0):
    torch.manual_seed(0)
    model = LanguageModel(ElmanCell(vocab_size, 32), vocab_size)
    ids = torch.randint(vocab_size, (21, 8))  # (T, B)
    with torch.no_grad():
        model.readout.weight.mul_(factor)
        return cross_entropy(model(ids[:-1])[0], ids[1:]).item()


assert None not in (FRESH, TWICE, SHARES, LOUD), "set all four predictions"
for name, guess, size in (("FRESH", FRESH, 2000), ("TWICE", TWICE, 4000)):
    bits = abs(guess - np.log2(size)) < 0.05
    assert not bits, f"{name}: these are bits; a loss in nats takes the natural logarithm"
    true = first_loss(size)
    why = f"{name}: {guess} is off; all {size} words are about equally probable at first"
    assert abs(guess - true) < 0.1, why
bits = abs(SHARES - 1.75) < 0.02
assert not bits, "SHARES: these are bits; a loss in nats takes the natural logarithm"
assert abs(SHARES - np.log(4)) > 0.05, "SHARES: ln 4 is the loss when all four words are alike"
unweighted = np.mean(-np.log([1 / 2, 1 / 4, 1 / 8, 1 / 8]))
why = "SHARES: this counts each word once; frequent words count more often"
assert abs(SHARES - unweighted) > 0.05, why
text = torch.tensor([0, 0, 0, 0, 1, 1, 2, 3])  # (8,)
biases = torch.log(torch.tensor([1 / 2, 1 / 4, 1 / 8, 1 / 8])).expand(8, 4)  # (8, 4)
assert abs(SHARES - cross_entropy(biases, text).item()) < 0.02, f"SHARES: {SHARES} is off"
assert LOUD in ("smaller", "the same", "larger"), "LOUD is 'smaller', 'the same' or 'larger'"
loud = first_loss(2000, 50.0) - first_loss(2000)
said = {"smaller": loud < -0.1, "the same": abs(loud) <= 0.1, "larger": loud > 0.1}[LOUD]
assert said, "LOUD: large weights make the network sure of something, and it has learnt nothing yet"

# Hidden: the same predictions once more, more closely.
### BEGIN HIDDEN TESTS
assert abs(TWICE - FRESH - np.log(2)) < 0.1
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 10.5 The best mixture (implement, medium, 20 minutes, 3 points)

Two models have read the same text. Of each you have $\ln p$ of every token, arrays of shape $(N,)$. Write two functions.

`mixed(log_p, log_q, weight)` returns $\ln(\lambda p + (1 - \lambda) q)$ of every token, shape $(N,)$, where `weight` is $\lambda$, between 0 and 1, ends included. Tokens can be as improbable as $e^{-1000}$, which the computer cannot hold: never leave the logarithms. And NumPy must not warn.

`best_weight(log_p, log_q)` returns the $\lambda$ with the smallest mean loss, right to 0.01.

<details><summary>Hint 1</summary>
<code>np.logaddexp(a, b)</code> is ln(exp(a) + exp(b)) without overflow. ln of a product is a sum.
</details>
<details><summary>Hint 2</summary>
ln 0 makes NumPy warn: treat weight 0 and weight 1 apart.
</details>
<details><summary>Hint 3</summary>
For the best weight, 101 trials from 0 to 1 are enough.
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex5-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def mixed(log_p, log_q, weight):
    """Return ln of the mixture's probability of each token, (N,)."""
    ### BEGIN SOLUTION
    if weight in (0, 1):
        return log_p if weight else log_q
    return np.logaddexp(np.log(weight) + log_p, np.log(1 - weight) + log_q)
    ### END SOLUTION


def best_weight(log_p, log_q):
    """Return the weight of the first model with the smallest mean loss, a number from 0 to 1."""
    ### BEGIN SOLUTION
    weights = np.linspace(0, 1, 101)
    return weights[np.argmax([mixed(log_p, log_q, weight).mean() for weight in weights])]
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex5-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def two_models(number, seed):
    """Two models that are good at different tokens."""
    rng = np.random.default_rng(seed)
    return np.log(rng.beta(0.7, 1.5, number)), np.log(rng.beta(0.5, 1.5, number))


def mixed_quietly(*arguments):
    with np.errstate(all="raise", under="ignore"):
        try:
            return mixed(*arguments)
        except FloatingPointError as error:
            reason = f"{error}: never leave the logarithms, and treat weight 0 and 1 apart"
        raise AssertionError(f"NumPy would warn, {reason}")


hand = np.log([0.5, 0.1]), np.log([0.1, 0.3])  # 0.25 * 0.5 + 0.75 * 0.1 = 0.2, and 0.25
found = mixed_quietly(*hand, 0.25)
checks.check_shape(found, (2,), "mixed(...)")
geometric = np.allclose(found, 0.25 * hand[0] + 0.75 * hand[1])
assert not geometric, "you mix the logarithms: that is no distribution; mix the probabilities"
swapped = np.allclose(found, np.log([0.4, 0.15]))
assert not swapped, "the weight belongs to the first model, p"
checks.check_close(found, np.log([0.2, 0.25]), "mixed(...)")
far = np.array([-1000.0, -2.0]), np.array([-1001.0, -900.0])
found = mixed_quietly(*far, 0.5)
lost = "e to the -1000 underflows to 0, and its logarithm is lost: stay with logarithms"
assert np.isfinite(found).all(), lost
wanted = [-1000 + np.log((1 + np.exp(-1)) / 2), -2 + np.log(0.5)]
checks.check_close(found, wanted, "mixed(...) of very improbable tokens")
for weight, alone in ((0, far[1]), (1, far[0])):
    found = mixed_quietly(*far, weight)
    checks.check_close(found, alone, f"mixed(...) with weight {weight}")
for seed in range(5):
    log_p, log_q = two_models(500, seed)
    found = best_weight(log_p, log_q)
    checks.check_shape(found, (), "best_weight(...)")
    assert 0 <= found <= 1, f"best_weight is {found}, not between 0 and 1"
    p, q, grid = np.exp(log_p), np.exp(log_q), np.linspace(0, 1, 1001)[:, np.newaxis]
    scores = np.log(grid * p + (1 - grid) * q).mean(axis=1)  # (1001,) the larger the better
    best = grid[scores.argmax(), 0]
    assert abs(found - (1 - best)) > 0.015 or abs(best - 0.5) < 0.02, "this is the weight of q"
    assert found not in (0, 1), "you take the better model alone, or the worst weight of all"
    assert abs(found - best) < 0.0151, f"best_weight is {found:.3f}, but {best:.3f} is better"
alone = best_weight(np.full(9, -1.0), np.full(9, -2.0))
why = f"a model that is better at every token gets all the weight, not {alone}"
assert abs(alone - 1) < 0.0101, why

# Hidden: other models.
### BEGIN HIDDEN TESTS
log_p, log_q = two_models(3000, 77)
scores = [np.logaddexp(np.log(w) + log_p, np.log(1 - w) + log_q).mean() for w in grid[1:-1, 0]]
assert abs(best_weight(log_p, log_q) - grid[1 + np.argmax(scores), 0]) < 0.0151
assert abs(best_weight(np.full(9, -1002.0), np.full(9, -1001.0))) < 0.0101
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 10.6 A model of your own text (experiment, medium, 25 minutes, 3 points)

Here is a text: the first 100,000 words of Python's help pages, with a vocabulary of 1,000. Two models that only count have read it; `COUNTED` holds their perplexities on the 6,000 words that follow.
"""

# %% nbgrader={"grade": false, "grade_id": "text", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
text = words(english())[:106_000]
small = Vocabulary(text[:100_000], unknown="<unk>", max_size=1000)
training, held_out = small.encode(text[:100_000]), small.encode(text[100_000:])  # (100000,), (6000,)
COUNTED = {n: NGramModel(n, KneserNey()).fit(training, len(small)).perplexity(held_out) for n in (1, 2)}

# %% [markdown]
r"""
`COUNTED[1]` belongs to single words, `COUNTED[2]` to bigrams. Write a function that trains a word model: `LanguageModel` with an `ElmanCell`, at most 64 hidden units, some seconds. It has to beat the bigrams. The same seed must give the same model.

- `ids`: array `(N,)`; `vocab_size`: $V$; `seed`: for `torch.manual_seed`.
- Result: a `LanguageModel`.

Then play: other step sizes, more units, fewer steps in a batch, a text of your own. What helps most?

<details><summary>Hint 1</summary>
As in the chapter: <code>batches = list(contiguous_batches(ids, 16, 20))</code>, Adam, and <code>fit(model, batches, cross_entropy, optimizer, 2, carry_state=True)</code> for two passes. A step size of 0.01 is good. 0.02 is too large at the end, unless you let it fall, as the chapter does.
</details>
<details><summary>Hint 2</summary>
<code>torch.manual_seed(seed)</code> has to come before the model is made: that is when the weights are drawn.
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex6-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def train_words(ids, vocab_size, seed):
    """Return a LanguageModel that was trained on ids."""
    ### BEGIN SOLUTION
    torch.manual_seed(seed)
    model = LanguageModel(ElmanCell(vocab_size, 64), vocab_size)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    batches = list(contiguous_batches(ids, 16, 20))

    def slow_down(step, loss):
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.param_groups[0]["lr"] = 0.02 * (1 - step / (2 * len(batches)))

    fit(model, batches, cross_entropy, optimizer, 2, slow_down, carry_state=True)
    return model
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex6-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def perplexity(model, ids):
    batches = contiguous_batches(ids, 1, 500, drop_last=False)
    return float(np.exp(evaluate(model, batches, cross_entropy, carry_state=True)))


model = train_words(training, len(small), seed=0)
assert isinstance(model, LanguageModel), f"return a LanguageModel, not {type(model).__name__}"
assert model.cell.hidden_size <= 64, "at most 64 hidden units"
with torch.no_grad():
    chances = model(torch.tensor(held_out[:500, None]))[0][:, 0].softmax(1)  # (500, V)
repeats = chances[range(500), held_out[:500]].mean().item()
why = "it says the word that it has just read: the target is one step later"
assert repeats < 0.3, f"the model gives {repeats:.0%} to its own input: {why}"
reached = perplexity(model, held_out)
untrained = reached > 0.8 * len(small)
assert not untrained, f"perplexity {reached:.0f}, as if all {len(small)} words were alike: is it trained?"
hardly = f"perplexity {reached:.0f}, about that of single words ({COUNTED[1]:.0f})"
assert reached < 0.8 * COUNTED[1], f"{hardly}: a larger step size (0.01 for Adam), or more steps"
close = f"perplexity {reached:.1f}, bigrams have {COUNTED[2]:.1f}"
assert reached < COUNTED[2], f"{close}: nearly there; a second pass, and steps that grow smaller"
pair = [train_words(training[:2000], len(small), seed=5) for _ in range(2)]
weights = [torch.cat([w.detach().flatten() for w in m.parameters()]) for m in pair]
why = "the same seed gives two models: call torch.manual_seed(seed) before the model is made"
assert torch.equal(*weights), why

# Hidden: another seed, another text.
### BEGIN HIDDEN TESTS
other = train_words(training[:50_000:-1].copy(), len(small), seed=1)
assert perplexity(other, held_out[::-1].copy()) < 0.6 * COUNTED[1]
### END HIDDEN TESTS
