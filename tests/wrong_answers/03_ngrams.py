"""Plausible wrong answers to the exercises of chapter 03, and what each must be told."""

BY_HAND = "p_b, p_b_after_a, p_r_after_a = 3 / 16, 41 / 112, 9 / 112\n"

TEN_WORDS = """
continuation = {"the": 2, "cat": 1, "sat": 1, "on": 1, "mat": 1, "ate": 1, "fish": 1}
p_the, p_cat, p_cat_after_the, p_fish_after_the = 2 / 8, 1 / 8, 13 / 24, 1 / 24
p_sat_after_cat, p_the_after_fish = 5 / 16, 1 / 4
"""

VERDICT = 'VERDICT = {"a": "seen", "b": "sum", "c": "unknown", "d": "honest"}\n'

HONEST_BITS = """
def honest_bits(log_probabilities, ids, unknown, num_unknown):
    named = log_probabilities - np.log(num_unknown) * (ids == unknown)
    return -named.mean() / np.log(2)
"""

HELD_OUT_BITS = """
def held_out_bits(training, held_out, num_symbols, max_n):
    models = [NGramModel(n, WittenBell()).fit(training, num_symbols) for n in range(1, max_n + 1)]
    return [model.bits_per_symbol(held_out) for model in models]


curves = [held_out_bits(training, held_out, len(alphabet), 8) for training in (little, much)]
PREDICTION, BEST = (5, 5), tuple(np.argmin(curves, axis=1) + 1)
"""

WRONG = [
    (
        "ex1",
        "forgets to transpose",
        """
def stationary(transition):
    balance = transition - np.eye(len(transition))
    balance[-1] = 1.0
    return np.linalg.solve(balance, np.eye(len(transition))[-1])
""",
        "pi stands to the left of P: transpose",
    ),
    (
        "ex1",
        "forgets that the probabilities sum to 1",
        """
def stationary(transition):
    return np.linalg.solve(transition.T - np.eye(len(transition)), np.zeros(len(transition)))
""",
        "one equation must say that the sum is 1",
    ),
    (
        "ex1",
        "solves equations of which one says nothing new",
        """
def stationary(transition):
    exact = np.round(transition.T - np.eye(len(transition)), 12)
    return np.linalg.solve(exact, np.zeros(len(transition)))
""",
        "the matrix is singular",
    ),
    (
        "ex1",
        "does not divide by the sum",
        """
def stationary(transition):
    values, vectors = np.linalg.eig(transition.T)
    return vectors[:, np.argmax(values.real)].real
""",
        "divide by the sum",
    ),
    (
        "ex1",
        "keeps the complex numbers of eig",
        """
def stationary(transition):
    values, vectors = np.linalg.eig(transition.T)
    vector = vectors[:, np.argmax(values.real)].astype(complex)
    return vector / vector.sum()
""",
        "use np.linalg.solve",
    ),
    (
        "ex1",
        "takes a high power",
        """
def stationary(transition):
    return np.linalg.matrix_power(transition, 1000)[0]
""",
        "its powers never settle",
    ),
    (
        "ex1",
        "takes the mean over all starts after many steps",
        """
def stationary(transition):
    return np.linalg.matrix_power(transition, 1000).mean(axis=0)
""",
        "its powers never settle",
    ),
    (
        "ex2",
        "adds k only to what was seen",
        """
def fit_bigram(ids, num_symbols, k):
    counts = np.zeros((num_symbols, num_symbols))
    np.add.at(counts, (ids[:-1], ids[1:]), 1)
    counts[counts > 0] += k
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1e-12)
""",
        "also to those that are 0",
    ),
    (
        "ex2",
        "divides the columns by the sums of the rows",
        """
def fit_bigram(ids, num_symbols, k):
    counts = np.full((num_symbols, num_symbols), float(k))
    np.add.at(counts, (ids[:-1], ids[1:]), 1)
    return counts / counts.sum(axis=1)
""",
        "keepdims=True",
    ),
    (
        "ex2",
        "counts the transposed pairs",
        """
def fit_bigram(ids, num_symbols, k):
    counts = np.full((num_symbols, num_symbols), float(k))
    np.add.at(counts, (ids[1:], ids[:-1]), 1)
    return counts / counts.sum(axis=1, keepdims=True)
""",
        "transposed: the row is the symbol now",
    ),
    (
        "ex2",
        "returns the transposed table",
        """
def fit_bigram(ids, num_symbols, k):
    counts = np.full((num_symbols, num_symbols), float(k))
    np.add.at(counts, (ids[1:], ids[:-1]), 1)
    return counts / counts.sum(axis=0)
""",
        "transposed: the row is the symbol now",
    ),
    (
        "ex2",
        "counts a pair once only",
        """
def fit_bigram(ids, num_symbols, k):
    counts = np.full((num_symbols, num_symbols), float(k))
    counts[ids[:-1], ids[1:]] += 1
    return counts / counts.sum(axis=1, keepdims=True)
""",
        "a pair seen twice counts once",
    ),
    (
        "ex2",
        "adds k once to the sum",
        """
def fit_bigram(ids, num_symbols, k):
    counts = np.zeros((num_symbols, num_symbols))
    np.add.at(counts, (ids[:-1], ids[1:]), 1)
    return (counts + k) / (counts.sum(axis=1, keepdims=True) + k)
""",
        "divide by c(u) + k V",
    ),
    (
        "ex2",
        "lets the text bite its tail",
        """
def fit_bigram(ids, num_symbols, k):
    counts = np.full((num_symbols, num_symbols), float(k))
    np.add.at(counts, (ids, np.roll(ids, -1)), 1)
    return counts / counts.sum(axis=1, keepdims=True)
""",
        "the last symbol of the text is followed by nothing",
    ),
    (
        "ex2",
        "divides by the number of all pairs",
        """
def fit_bigram(ids, num_symbols, k):
    counts = np.full((num_symbols, num_symbols), float(k))
    np.add.at(counts, (ids[:-1], ids[1:]), 1)
    return counts / counts.sum()
""",
        "a joint distribution",
    ),
    (
        "ex2",
        "divides zero by zero",
        """
def fit_bigram(ids, num_symbols, k):
    counts = np.full((num_symbols, num_symbols), float(k))
    np.add.at(counts, (ids[:-1], ids[1:]), 1)
    return counts / counts.sum(axis=1, keepdims=True)
""",
        "k = 0 gives NaN",
    ),
    (
        "ex2",
        "leaves the rows without counts empty",
        """
def fit_bigram(ids, num_symbols, k):
    counts = np.full((num_symbols, num_symbols), float(k))
    np.add.at(counts, (ids[:-1], ids[1:]), 1)
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1e-12)
""",
        "a row without counts holds zeros",
    ),
    (
        "ex3",
        "gives the relative frequency",
        "p_b, p_b_after_a, p_r_after_a = 2 / 11, 41 / 112, 9 / 112",
        "the votes for something new are missing",
    ),
    (
        "ex3",
        "skips the empty context",
        "p_b, p_b_after_a, p_r_after_a = 3 / 16, 2.6 / 7, 0.6 / 7",
        "not the uniform 1/5",
    ),
    (
        "ex3",
        "counts the last letter as a context",
        "p_b, p_b_after_a, p_r_after_a = 3 / 16, (2 + 9 / 16) / 8, 9 / 128",
        "the last a of the text has nothing after it",
    ),
    (
        "ex3",
        "leaves a number out",
        "p_b, p_b_after_a, p_r_after_a = 3 / 16, 41 / 112, None",
        "set p_b, p_b_after_a and p_r_after_a",
    ),
    (
        "ex3",
        "counts symbols instead of types",
        BY_HAND
        + """
def witten_bell_step(counts, lower):
    types = counts.sum()
    return (counts + types * lower) / (counts.sum() + types)
""",
        "how many different symbols followed",
    ),
    (
        "ex3",
        "takes the alphabet for the types",
        BY_HAND
        + """
def witten_bell_step(counts, lower):
    return (counts + len(counts) * lower) / (counts.sum() + len(counts))
""",
        "not all V symbols of the alphabet",
    ),
    (
        "ex3",
        "backs off instead of mixing",
        BY_HAND
        + """
def witten_bell_step(counts, lower):
    types = np.count_nonzero(counts)
    return np.where(counts > 0, counts, types * lower) / (counts.sum() + types)
""",
        "symbols that were seen get their share",
    ),
    (
        "ex3",
        "does not weigh the lower distribution",
        BY_HAND
        + """
def witten_bell_step(counts, lower):
    return (counts + lower) / (counts.sum() + np.count_nonzero(counts))
""",
        "p_lower must be multiplied by N(u)",
    ),
    (
        "ex3",
        "divides zero by zero after an unseen context",
        BY_HAND
        + """
def witten_bell_step(counts, lower):
    types = np.count_nonzero(counts)
    return (counts + types * lower) / (counts.sum() + types)
""",
        "the lower distribution stays as it is",
    ),
    (
        "ex3",
        "gives the uniform distribution after an unseen context",
        BY_HAND
        + """
def witten_bell_step(counts, lower):
    types = np.count_nonzero(counts)
    if types == 0:
        return np.full(len(counts), 1 / len(counts))
    return (counts + types * lower) / (counts.sum() + types)
""",
        "the lower distribution stays as it is",
    ),
    (
        "ex4",
        "counts how often each word stands in the text",
        TEN_WORDS + 'continuation = {**continuation, "the": 3, "cat": 2}',
        "you used counts instead of places",
    ),
    (
        "ex4",
        "counts the words that follow",
        TEN_WORDS + 'continuation = {**continuation, "cat": 2, "fish": 0}',
        "those before",
    ),
    (
        "ex4",
        "makes the lower distribution from counts",
        TEN_WORDS + "p_the, p_cat = 3 / 10, 2 / 10",
        "p(v) is made from counts instead of places",
    ),
    (
        "ex4",
        "divides by all neighbours, repeated ones included",
        TEN_WORDS + "p_the, p_cat = 2 / 9, 1 / 9",
        "the number of different pairs",
    ),
    (
        "ex4",
        "uses the counts inside the formula",
        TEN_WORDS + "p_cat_after_the = 17 / 30",
        "it is 1/8, not 2/10",
    ),
    (
        "ex4",
        "forgets the discount mass",
        TEN_WORDS + "p_cat_after_the = 1 / 2",
        "you forgot the discount mass",
    ),
    (
        "ex4",
        "forgets the discount",
        TEN_WORDS + "p_cat_after_the = 17 / 24",
        "you forgot to subtract the discount",
    ),
    (
        "ex4",
        "takes the mass of one pair",
        TEN_WORDS + "p_cat_after_the = 25 / 48",
        "the mass is D N(the), not D",
    ),
    (
        "ex4",
        "gives an unseen pair nothing",
        TEN_WORDS + "p_fish_after_the = 0",
        "gets its share of the discount mass",
    ),
    (
        "ex4",
        "gives an unseen context the uniform distribution",
        TEN_WORDS + "p_the_after_fish = 1 / 7",
        "nothing follows 'fish' in the text",
    ),
    (
        "ex5",
        "takes the smallest score for honest",
        VERDICT + 'VERDICT["a"], VERDICT["d"] = "honest", "seen"' + HONEST_BITS,
        "look at what its model was fitted on",
    ),
    (
        "ex5",
        "takes the back-off for probabilities",
        VERDICT + 'VERDICT["b"] = "honest"' + HONEST_BITS,
        "a row that had sum 1 already",
    ),
    (
        "ex5",
        "overlooks the unknown words",
        VERDICT + 'VERDICT["c"] = "honest"' + HONEST_BITS,
        "how many words have the same token",
    ),
    (
        "ex5",
        "leaves the unknown words free",
        VERDICT
        + """
def honest_bits(log_probabilities, ids, unknown, num_unknown):
    return -log_probabilities.mean() / np.log(2)
""",
        "the unknown words are still free",
    ),
    (
        "ex5",
        "leaves the unknown words out",
        VERDICT
        + """
def honest_bits(log_probabilities, ids, unknown, num_unknown):
    return -log_probabilities[ids != unknown].mean() / np.log(2)
""",
        "leaving them out makes them free again",
    ),
    (
        "ex5",
        "pays for every word",
        VERDICT
        + """
def honest_bits(log_probabilities, ids, unknown, num_unknown):
    return -(log_probabilities - np.log(num_unknown)).mean() / np.log(2)
""",
        "only the unknown words pay",
    ),
    (
        "ex5",
        "gives nats",
        VERDICT
        + """
def honest_bits(log_probabilities, ids, unknown, num_unknown):
    return -(log_probabilities - np.log(num_unknown) * (ids == unknown)).mean()
""",
        "nats and bits",
    ),
    (
        "ex6",
        "has not guessed",
        HELD_OUT_BITS + 'PREDICTION, CONCLUSION = None, "B"\n',
        "set PREDICTION to two guesses",
    ),
    (
        "ex6",
        "makes no prediction",
        HELD_OUT_BITS + 'PREDICTION, CONCLUSION = (None, None), "B"',
        "set PREDICTION",
    ),
    (
        "ex6",
        "scores the training text",
        'PREDICTION, BEST, CONCLUSION = (3, 6), (8, 8), "C"\n'
        + """
def held_out_bits(training, held_out, num_symbols, max_n):
    models = [NGramModel(n, WittenBell()).fit(training, num_symbols) for n in range(1, max_n + 1)]
    return [model.bits_per_symbol(training) for model in models]
""",
        "this is the loss on the training text",
    ),
    (
        "ex6",
        "gives nats",
        'PREDICTION, BEST, CONCLUSION = (3, 6), (3, 6), "B"\n'
        + """
def held_out_bits(training, held_out, num_symbols, max_n):
    models = [NGramModel(n, WittenBell()).fit(training, num_symbols) for n in range(1, max_n + 1)]
    return [-model.log_probabilities(held_out).mean() for model in models]
""",
        "nats and bits",
    ),
    (
        "ex6",
        "stops one n too early",
        'PREDICTION, BEST, CONCLUSION = (3, 6), (3, 6), "B"\n'
        + """
def held_out_bits(training, held_out, num_symbols, max_n):
    models = [NGramModel(n, WittenBell()).fit(training, num_symbols) for n in range(1, max_n)]
    return [model.bits_per_symbol(held_out) for model in models]
""",
        "off by one",
    ),
    (
        "ex6",
        "takes the index for n",
        HELD_OUT_BITS + 'BEST, CONCLUSION = tuple(np.argmin(curves, axis=1)), "B"',
        "argmin + 1",
    ),
    (
        "ex6",
        "takes the best n for the memory of English",
        HELD_OUT_BITS + 'CONCLUSION = "a"',
        "then the memory of English was shorter",
    ),
    (
        "ex6",
        "believes that the best n stays",
        HELD_OUT_BITS + 'CONCLUSION = "C"',
        "did the best n stay where it was?",
    ),
]
