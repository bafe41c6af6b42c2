"""Plausible wrong answers to the exercises of chapter 01, and what the checks must say."""

WRONG = [
    (
        "ex1",
        "copies the input as its target",
        """
def make_batches(ids, batch_size, steps):
    length = (len(ids) - 1) // batch_size
    inputs = ids[: batch_size * length].reshape(batch_size, length).T
    starts = range(0, length - steps + 1, steps)
    return [(inputs[t : t + steps], inputs[t : t + steps]) for t in starts]
""",
        "you predict x_t from x_t itself",
    ),
    (
        "ex1",
        "advances the target by two steps",
        """
def make_batches(ids, batch_size, steps):
    length = (len(ids) - 2) // batch_size
    inputs = ids[: batch_size * length].reshape(batch_size, length).T
    targets = ids[2 : batch_size * length + 2].reshape(batch_size, length).T
    starts = range(0, length - steps + 1, steps)
    return [(inputs[t : t + steps], targets[t : t + steps]) for t in starts]
""",
        "target minus input (counting up)[0, 0] is 2, but should be 1",
    ),
    (
        "ex1",
        "puts the batch first",
        """
def make_batches(ids, batch_size, steps):
    length = (len(ids) - 1) // batch_size
    inputs = ids[: batch_size * length].reshape(batch_size, length)
    targets = ids[1 : batch_size * length + 1].reshape(batch_size, length)
    starts = range(0, length - steps + 1, steps)
    return [(inputs[:, t : t + steps], targets[:, t : t + steps]) for t in starts]
""",
        "transposed",
    ),
    (
        "ex1",
        "begins a new stretch with each batch",
        """
def make_batches(ids, batch_size, steps):
    size = batch_size * steps
    pairs = []
    for start in range(0, len(ids) - size, size):
        inputs = ids[start : start + size].reshape(batch_size, steps).T
        targets = ids[start + 1 : start + size + 1].reshape(batch_size, steps).T
        pairs.append((inputs, targets))
    return pairs
""",
        "its state cannot be carried over",
    ),
    (
        "ex1",
        "does not return its result",
        """
def make_batches(ids, batch_size, steps):
    length = (len(ids) - 1) // batch_size
    inputs = ids[: batch_size * length].reshape(batch_size, length).T
""",
        "does it return its result",
    ),
    (
        "ex2",
        "averages over the padding too",
        """
def bits_per_symbol(log_probs, mask):
    return -log_probs.mean() / np.log(2)
""",
        "with what stands in the padded places",
    ),
    (
        "ex2",
        "divides by the number of all places",
        """
def bits_per_symbol(log_probs, mask):
    return -(log_probs * mask).mean() / np.log(2)
""",
        "divide by the number of real steps",
    ),
    (
        "ex2",
        "stays in nats",
        """
def bits_per_symbol(log_probs, mask):
    return -log_probs[mask].mean()
""",
        "nats divided by ln 2 are bits",
    ),
    (
        "ex2",
        "forgets the minus sign",
        """
def bits_per_symbol(log_probs, mask):
    return log_probs[mask].mean() / np.log(2)
""",
        "the sign is wrong",
    ),
    (
        "ex3",
        "is the function as it was handed over",
        """
def perplexity(p):
    surprise = -np.log2(p)
    single = np.exp(surprise)
    return single.mean()
""",
        "log2 is undone by 2**x, ln by exp(x)",
    ),
    (
        "ex3",
        "corrects the base but not the order",
        """
def perplexity(p):
    return (2 ** -np.log2(p)).mean()
""",
        "the mean comes before the exponential",
    ),
    (
        "ex3",
        "corrects the order but not the base",
        """
def perplexity(p):
    return np.exp(-np.log2(p).mean())
""",
        "log2 is undone by 2**x, ln by exp(x)",
    ),
    (
        "ex3",
        "stops at the bits",
        """
def perplexity(p):
    return -np.log2(p).mean()
""",
        "a logarithm (base 2) where 2 to the power of it is wanted",
    ),
    (
        "ex4",
        "scales with the whole series",
        """
def prepare(values, width, share):
    values = (values - values.mean()) / values.std()
    cut = round(share * len(values))
    return *windows(values[:cut], width), *windows(values[cut:], width)
""",
        "mean or standard deviation know the test part",
    ),
    (
        "ex4",
        "cuts windows before it splits",
        """
def prepare(values, width, share):
    cut = round(share * len(values))
    values = (values - values[:cut].mean()) / values[:cut].std()
    inputs, targets = windows(values, width)
    first = cut - width
    return inputs[:first], targets[:first], inputs[first:], targets[first:]
""",
        "some reach across the cut",
    ),
    (
        "ex4",
        "scales the test part by itself",
        """
def prepare(values, width, share):
    cut = round(share * len(values))
    parts = []
    for part in (values[:cut], values[cut:]):
        parts += windows((part - part.mean()) / part.std(), width)
    return parts
""",
        "scale the test part with the mean and the standard deviation of the training part",
    ),
    (
        "ex4",
        "divides by the variance",
        """
def prepare(values, width, share):
    cut = round(share * len(values))
    mean, std = values[:cut].mean(), values[:cut].var()
    parts = []
    for part in (values[:cut], values[cut:]):
        parts += windows((part - mean) / std, width)
    return parts
""",
        "divide by np.std",
    ),
    (
        "ex4",
        "subtracts the mean only",
        """
def prepare(values, width, share):
    cut = round(share * len(values))
    mean, std = values[:cut].mean(), 1.0
    parts = []
    for part in (values[:cut], values[cut:]):
        parts += windows((part - mean) / std, width)
    return parts
""",
        "divide by np.std",
    ),
    (
        "ex4",
        "divides by the number of values less one",
        """
def prepare(values, width, share):
    cut = round(share * len(values))
    mean, std = values[:cut].mean(), values[:cut].std(ddof=1)
    parts = []
    for part in (values[:cut], values[cut:]):
        parts += windows((part - mean) / std, width)
    return parts
""",
        "divide by np.std",
    ),
    (
        "ex4",
        "does not scale at all",
        """
def prepare(values, width, share):
    cut = round(share * len(values))
    mean, std = 0.0, 1.0
    parts = []
    for part in (values[:cut], values[cut:]):
        parts += windows((part - mean) / std, width)
    return parts
""",
        "subtract the mean and divide by np.std",
    ),
    (
        "ex4",
        "scales the training part only",
        """
def prepare(values, width, share):
    cut = round(share * len(values))
    train, test = values[:cut], values[cut:]
    return *windows((train - train.mean()) / train.std(), width), *windows(test, width)
""",
        "scale the test part with the mean and the standard deviation of the training part",
    ),
    (
        "ex4",
        "changes the series in place",
        """
def prepare(values, width, share):
    cut = round(share * len(values))
    mean, std = values[:cut].mean(), values[:cut].std()
    values -= mean
    values /= std
    return *windows(values[:cut], width), *windows(values[cut:], width)
""",
        "changes the series that it was given",
    ),
    (
        "ex4",
        "cuts off instead of rounding",
        """
def prepare(values, width, share):
    cut = int(share * len(values))
    mean, std = values[:cut].mean(), values[:cut].std()
    parts = []
    for part in (values[:cut], values[cut:]):
        parts += windows((part - mean) / std, width)
    return parts
""",
        "round() is wanted, not int()",
    ),
    (
        "ex5",
        "takes a caption for one answer",
        """
answers = {
    "a": "many to one",
    "b": "one to one",
    "c": "after reading",
    "d": "step by step",
    "e": "step by step",
    "f": "one to one",
}
""",
        "task b is not 'one to one': the photograph is one vector; the sentence has many words",
    ),
    (
        "ex5",
        "translates word by word",
        """
answers = {
    "a": "many to one",
    "b": "one to many",
    "c": "step by step",
    "d": "step by step",
    "e": "step by step",
    "f": "one to one",
}
""",
        "a translation has its own length",
    ),
    (
        "ex5",
        "leaves a task out",
        """
answers = {
    "a": "many to one",
    "b": "one to many",
    "c": "after reading",
    "d": "step by step",
    "e": "step by step",
}
""",
        "answers has no entry for task f",
    ),
    (
        "ex6",
        "chooses on the part that it counted",
        """
def best_context(train, held_out, V, longest):
    return int(np.argmin([bits(train, train, n, V) for n in range(longest + 1)]))


found, limit = {100: 5, 1000: 5, 50_000: 5}, 5
""",
        "did you choose on the part that was counted",
    ),
    (
        "ex6",
        "takes the most bits for the best",
        """
def best_context(train, held_out, V, longest):
    return int(np.argmax([bits(train, held_out, n, V) for n in range(longest + 1)]))


found, limit = {100: 3, 1000: 4, 50_000: 0}, 2
""",
        "is it the one with the fewest bits",
    ),
    (
        "ex6",
        "believes that the best context goes on growing",
        """
def best_context(train, held_out, V, longest):
    return int(np.argmin([bits(train, held_out, n, V) for n in range(longest + 1)]))


train, held_out = chain(0)
found = {size: best_context(train[:size], held_out, V, 5) for size in (100, 1000, 50_000)}
limit = 5
""",
        "each symbol of this chain depends on how many before it",
    ),
    (
        "ex6",
        "leaves the longest context out",
        """
def best_context(train, held_out, V, longest):
    return int(np.argmin([bits(train, held_out, n, V) for n in range(longest)]))


found, limit = {100: 0, 1000: 2, 50_000: 2}, 2
""",
        "the length `longest` itself is one of the choices",
    ),
    (
        "ex6",
        "returns the last of equals",
        """
def best_context(train, held_out, V, longest):
    losses = [bits(train, held_out, n, V) for n in range(longest + 1)]
    return max(n for n, loss in enumerate(losses) if loss == min(losses))


found, limit = {100: 0, 1000: 2, 50_000: 2}, 2
""",
        "the shortest is wanted",
    ),
    (
        "ex6",
        "knows the answer by heart",
        """
def best_context(train, held_out, V, longest):
    return 0 if len(train) <= 100 else 2


found, limit = {100: 0, 1000: 2, 50_000: 2}, 2
""",
        "on a chain of order 1 you choose 2",
    ),
    (
        "ex6",
        "leaves a size out",
        """
def best_context(train, held_out, V, longest):
    return int(np.argmin([bits(train, held_out, n, V) for n in range(longest + 1)]))


found, limit = {100: 0, 1000: 2}, 2
""",
        "found has no entry for 50000",
    ),
]
