"""Wrong answers to the exercises of chapter 10, and a fragment of what the check says to each.

Each entry: exercise, what the answer does wrong, the answer cell, the fragment.
"""

TRAINING = """
def train_words(ids, vocab_size, seed):
    torch.manual_seed(seed)
    model = LanguageModel(ElmanCell(vocab_size, 64), vocab_size)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    batches = list(contiguous_batches(ids, 16, 20))
    fit(model, batches, cross_entropy, optimizer, 1, carry_state=True)
    return model
"""

SAMPLER = """
def write_sentence(network, rng, min_length, max_length):
    p, state = network.step(START, None)
    sentence = []
    while len(sentence) < max_length:
        allowed = p.copy()
        allowed[[UNKNOWN, START]] = 0
        if len(sentence) < min_length:
            allowed[END] = 0
        word = int(rng.choice(6, p=allowed / allowed.sum()))
        if word == END:
            break
        sentence.append(word)
        p, state = network.step(word, state)
    return sentence
"""

PAIRS = """
def training_pairs(sentences, vocabulary):
    stream = []
    for sentence in sentences:
        stream += [vocabulary.start, *sentence, vocabulary.end]
    ids = vocabulary.encode(stream)
    return ids[:-1], ids[1:], ids[1:] != vocabulary.id_of(vocabulary.start)
"""

MIXTURE = """
def mixed(log_p, log_q, weight):
    if weight in (0, 1):
        return log_p if weight else log_q
    return np.logaddexp(np.log(weight) + log_p, np.log(1 - weight) + log_q)


def best_weight(log_p, log_q):
    weights = np.linspace(0, 1, 101)
    return weights[np.argmax([mixed(log_p, log_q, weight).mean() for weight in weights])]
"""


def changed(answer, old, new):
    """Return the right answer with one thing changed."""
    assert old in answer, old
    return answer.replace(old, new)


def numbers(matrices=644_096, biases=649_160, embedding=491_208, multiplications=324_096):
    return (
        f"MATRICES, WITH_BIASES = {matrices}, {biases}\n"
        f"WITH_EMBEDDING, MULTIPLICATIONS = {embedding}, {multiplications}\n"
    )


def losses(fresh=7.6, twice=8.29, shares=1.213, loud="larger"):
    return f"FRESH, TWICE, SHARES, LOUD = {fresh}, {twice}, {shares}, {loud!r}\n"


WRONG = [
    ("ex1", "forgets a table", numbers(matrices=324_096), "two tables of words"),
    ("ex1", "adds the biases at once", numbers(matrices=649_160), "not asked for yet"),
    ("ex1", "counts torch's two biases", numbers(biases=649_224), "b_h is there once"),
    ("ex1", "forgets the bias of the output", numbers(biases=644_160), "b_y is missing"),
    ("ex1", "forgets the cell's input", numbers(embedding=489_160), "W_xh is still there"),
    ("ex1", "keeps the large input", numbers(embedding=809_160), "W_xh has D rows now"),
    ("ex1", "forgets the new table", numbers(embedding=331_208), "the table (V, D) belongs"),
    ("ex1", "multiplies by one-hot", numbers(multiplications=644_096), "is a look-up"),
    ("ex1", "forgets the recurrence", numbers(multiplications=320_000), "h_{t-1} W_hh takes some"),
    (
        "ex2",
        "forgets the marks",
        changed(PAIRS, "[vocabulary.start, *sentence, vocabulary.end]", "sentence"),
        "the marks are missing",
    ),
    (
        "ex2",
        "forgets the end",
        changed(PAIRS, ", vocabulary.end]", "]"),
        "one of the marks is missing",
    ),
    (
        "ex2",
        "does not shift",
        changed(PAIRS, "return ids[:-1], ids[1:],", "return ids[:-1], ids[:-1],"),
        "you predict x_t from x_t",
    ),
    (
        "ex2",
        "does not cut",
        changed(
            PAIRS,
            "return ids[:-1], ids[1:], ids[1:]",
            "return ids, np.roll(ids, -1), np.roll(ids, -1)",
        ),
        "the last id has no target",
    ),
    (
        "ex2",
        "looks at the inputs",
        changed(PAIRS, "ids[1:] !=", "ids[:-1] !="),
        "look at the targets, not the inputs",
    ),
    (
        "ex2",
        "counts the other way round",
        changed(PAIRS, "ids[1:] !=", "ids[1:] =="),
        "the wrong way round",
    ),
    (
        "ex2",
        "leaves all marks out",
        changed(PAIRS, "ids[1:] != vocabulary.id_of(vocabulary.start)", "ids[1:] > 2"),
        "only the start mark",
    ),
    (
        "ex2",
        "leaves unknown words out",
        changed(PAIRS, "*sentence,", "*(word for word in sentence if word in vocabulary),"),
        "it is not left out",
    ),
    (
        "ex3",
        "keeps unknown words",
        changed(SAMPLER, "[UNKNOWN, START]", "[START]"),
        "an unknown word is kept",
    ),
    (
        "ex3",
        "lets the start come again",
        changed(SAMPLER, "[UNKNOWN, START]", "[UNKNOWN]"),
        "the start mark is drawn",
    ),
    (
        "ex3",
        "returns inside the loop",
        changed(
            SAMPLER,
            "network.step(word, state)\n",
            "network.step(word, state)\n        return sentence\n",
        ),
        "return after the loop",
    ),
    (
        "ex3",
        "ignores the smallest length",
        changed(SAMPLER, "len(sentence) < min_length", "False"),
        "forbid the end until then",
    ),
    (
        "ex3",
        "keeps the end mark",
        changed(SAMPLER, "            break\n", "            return [*sentence, END]\n"),
        "the end mark is in the sentence",
    ),
    (
        "ex3",
        "never stops by itself",
        changed(SAMPLER, "len(sentence) < max_length", "True"),
        "words where max_length is",
    ),
    (
        "ex3",
        "forgets the state",
        changed(SAMPLER, "network.step(word, state)\n", "network.step(word, None)\n"),
        "has to be handed to the next step",
    ),
    ("ex3", "changes the network", changed(SAMPLER, "p.copy()", "p"), "copy p first"),
    (
        "ex3",
        "takes the largest",
        changed(SAMPLER, "int(rng.choice(6, p=allowed / allowed.sum()))", "int(allowed.argmax())"),
        "do not take the largest",
    ),
    (
        "ex3",
        "reads all anew",
        changed(
            SAMPLER,
            "        p, state = network.step(word, state)\n",
            "        p, state = network.step(START, None)\n"
            "        for known in sentence:\n"
            "            p, state = network.step(known, state)\n",
        ),
        "read each word once",
    ),
    (
        "ex3",
        "draws all words alike",
        changed(SAMPLER, "p=allowed / allowed.sum()", "p=(allowed > 0) / (allowed > 0).sum()"),
        "divide p by its sum",
    ),
    ("ex4", "answers in bits", losses(fresh=10.97, twice=11.97), "takes the natural logarithm"),
    ("ex4", "expects the same loss", losses(twice=7.6), "TWICE: 7.6 is off"),
    ("ex4", "takes all four words as alike", losses(shares=1.386), "when all four words are alike"),
    ("ex4", "does not weigh the words", losses(shares=1.56), "frequent words count more often"),
    ("ex4", "takes bits for the shares", losses(shares=1.75), "SHARES: these are bits"),
    ("ex4", "trusts large weights", losses(loud="smaller"), "it has learnt nothing yet"),
    (
        "ex5",
        "mixes logarithms",
        changed(
            MIXTURE,
            "np.logaddexp(np.log(weight) + log_p, np.log(1 - weight) + log_q)",
            "weight * log_p + (1 - weight) * log_q",
        ),
        "you mix the logarithms",
    ),
    (
        "ex5",
        "leaves the logarithms",
        changed(
            MIXTURE,
            "np.logaddexp(np.log(weight) + log_p, np.log(1 - weight) + log_q)",
            "np.log(weight * np.exp(log_p) + (1 - weight) * np.exp(log_q))",
        ),
        "never leave the logarithms",
    ),
    (
        "ex5",
        "forgets the two ends",
        changed(MIXTURE, "if weight in (0, 1):", "if False:"),
        "treat weight 0 and 1 apart",
    ),
    (
        "ex5",
        "swaps the models",
        changed(
            MIXTURE,
            "np.log(weight) + log_p, np.log(1 - weight) + log_q",
            "np.log(1 - weight) + log_p, np.log(weight) + log_q",
        ),
        "the weight belongs to the first model",
    ),
    (
        "ex5",
        "returns the other weight",
        changed(MIXTURE, "return weights[", "return 1 - weights["),
        "this is the weight of q",
    ),
    (
        "ex5",
        "looks for the worst",
        changed(MIXTURE, "np.argmax", "np.argmin"),
        "the worst weight of all",
    ),
    (
        "ex5",
        "tries three weights",
        changed(MIXTURE, "np.linspace(0, 1, 101)", "np.linspace(0, 1, 4)"),
        "is better",
    ),
    (
        "ex5",
        "never tries the ends",
        changed(MIXTURE, "np.linspace(0, 1, 101)", "np.linspace(0.05, 0.95, 91)"),
        "gets all the weight",
    ),
    ("ex6", "does not train", changed(TRAINING, "    fit(", "    # fit("), "is it trained?"),
    ("ex6", "takes tiny steps", changed(TRAINING, "lr=0.02", "lr=0.0001"), "a larger step size"),
    (
        "ex6",
        "predicts the input",
        changed(
            TRAINING,
            "list(contiguous_batches(ids, 16, 20))",
            "[(x, x) for x, _ in contiguous_batches(ids, 16, 20)]",
        ),
        "the word that it has just read",
    ),
    (
        "ex6",
        "takes large steps to the end",
        changed(TRAINING, "cross_entropy, optimizer, 1,", "cross_entropy, optimizer, 2,"),
        "steps that grow smaller",
    ),
    ("ex6", "stops after one pass", changed(TRAINING, "lr=0.02", "lr=0.005"), "a second pass"),
]
