"""Plausible wrong answers to the exercises of chapter 06, and what each must be told."""

STEP = """
def step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)

"""

UNROLL = """
def unroll(xs, h0, W_xh, W_hh, b_h):
    h, hs = h0, []
    for x in xs:
        h = step(x, h, W_xh, W_hh, b_h)
        hs.append(h)
    return np.array(hs)
"""

ONE_UNIT = """
WEIGHT_IF_THE_BIT_IS_0, WEIGHT_IF_THE_BIT_IS_1, WAY_OUT = "positive", "negative", "D"
"""

THREES = """
def threes_network():
    W_hh = [[1, 1, 1], [1, 1, 1], [-2, -2, -2]]
    return [[1, 1, 1]], W_hh, [-0.5, -1.5, -2.5], [[-1], [-1], [2]], [0.5]

"""

PREDICTIONS = """
RECURRENT_GROWS_BY, FEEDFORWARD_GROWS_BY = 0, 2560
RECURRENT_WITHOUT_BIAS, RECURRENT_WITH_BIAS, FEEDFORWARD = "same", "different", "different"

"""

COUNTS = """
def count_parameters(T, D, H, K):
    return D * H + H * H + H + H * K + K, T * D * H + H + H * K + K
"""

MACHINE_ANSWERS = """
FAULTY_LINE, WHOSE, OTHER_WEIGHTS_HELP, POSSIBLE_TASK = 5, "Jordan", "no", "B"

"""

ELMAN = """
def elman(weights, xs, f):
    W_xh, W_hh, b_h, W_hy, b_y = weights
    h, ys = np.zeros((xs.shape[1], len(b_h))), []
    for x in xs:
        h = f(x @ W_xh + h @ W_hh + b_h)
        ys.append(f(h @ W_hy + b_y))
    return np.array(ys)
"""

PROBE = """
def remembered(hs, xs, k):
    rows = np.column_stack([hs[k:], np.ones(len(hs) - k)])
    targets = xs[: len(xs) - k]
    half = len(rows) // 2
    coefficients = np.linalg.lstsq(rows[:half], targets[:half])[0]
    errors = targets[half:] - rows[half:] @ coefficients
    return 1 - (errors**2).mean() / targets[half:].var()

"""

MEMORY_ANSWERS = """
BEST_SCALE, REMEMBERED_AT_SCALE_0, WHY_SO_LITTLE_AT_4 = 1, 1, "B"
"""

EVALUATE = """
def evaluate(tree, combine):
    if not isinstance(tree, list):
        return tree
    left, right = tree
    return combine(evaluate(left, combine), evaluate(right, combine))

"""

CHAIN = """
def chain(leaves):
    tree = leaves[0]
    for leaf in leaves[1:]:
        tree = [tree, leaf]
    return tree

"""

BALANCED = """
def balanced(leaves):
    if len(leaves) == 1:
        return leaves[0]
    middle = len(leaves) // 2
    return [balanced(leaves[:middle]), balanced(leaves[middle:])]

"""

DEPTH = """
def depth(tree):
    return 1 + max(map(depth, tree)) if isinstance(tree, list) else 0

"""

DEPTHS = """
DEPTH_OF_CHAIN, DEPTH_OF_BALANCED = 1024, 10
"""

WRONG = [
    (
        "ex1",
        "transposes W_hh",
        """
def step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh.T + b_h)
"""
        + UNROLL,
        "W_hh is transposed",
    ),
    (
        "ex1",
        "forgets tanh",
        """
def step(x, h, W_xh, W_hh, b_h):
    return x @ W_xh + h @ W_hh + b_h
"""
        + UNROLL,
        "tanh is missing",
    ),
    (
        "ex1",
        "forgets the bias",
        """
def step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh)
"""
        + UNROLL,
        "the bias b_h is missing",
    ),
    (
        "ex1",
        "forgets the state before",
        """
def step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + b_h)
"""
        + UNROLL,
        "the state before the step does not enter",
    ),
    (
        "ex1",
        "swaps batch and time",
        STEP
        + """
def unroll(xs, h0, W_xh, W_hh, b_h):
    h, hs = h0, []
    for t in range(xs.shape[1]):
        h = step(xs[:, t], h, W_xh, W_hh, b_h)
        hs.append(h)
    return np.array(hs)
""",
        "batch and time are swapped",
    ),
    (
        "ex1",
        "swaps batch and time, and turns the result round",
        STEP
        + """
def unroll(xs, h0, W_xh, W_hh, b_h):
    h, hs = h0, []
    for t in range(xs.shape[1]):
        h = step(xs[:, t], h, W_xh, W_hh, b_h)
        hs.append(h)
    return np.stack(hs, axis=1)
""",
        "batch and time are swapped",
    ),
    (
        "ex1",
        "puts the batch first in the result",
        STEP
        + """
def unroll(xs, h0, W_xh, W_hh, b_h):
    h, hs = h0, []
    for x in xs:
        h = step(x, h, W_xh, W_hh, b_h)
        hs.append(h)
    return np.stack(hs, axis=1)
""",
        "the first two axes are swapped",
    ),
    (
        "ex1",
        "does not carry the state",
        STEP
        + """
def unroll(xs, h0, W_xh, W_hh, b_h):
    return np.array([step(x, h0, W_xh, W_hh, b_h) for x in xs])
""",
        "the state is not carried",
    ),
    (
        "ex1",
        "starts from zeros",
        STEP
        + """
def unroll(xs, h0, W_xh, W_hh, b_h):
    h, hs = np.zeros_like(h0), []
    for x in xs:
        h = step(x, h, W_xh, W_hh, b_h)
        hs.append(h)
    return np.array(hs)
""",
        "begin with h0",
    ),
    (
        "ex1",
        "returns the state before each step",
        STEP
        + """
def unroll(xs, h0, W_xh, W_hh, b_h):
    h, hs = h0, []
    for x in xs:
        hs.append(h)
        h = step(x, h, W_xh, W_hh, b_h)
    return np.array(hs)
""",
        "what you have at t belongs to t - 1",
    ),
    (
        "ex1",
        "keeps h_0 in the result",
        STEP
        + """
def unroll(xs, h0, W_xh, W_hh, b_h):
    hs = [h0]
    for x in xs:
        hs.append(step(x, hs[-1], W_xh, W_hh, b_h))
    return np.array(hs)
""",
        "off by one along axis 0",
    ),
    (
        "ex1",
        "changes one array in place",
        STEP
        + """
def unroll(xs, h0, W_xh, W_hh, b_h):
    h, hs = h0.copy(), []
    for x in xs:
        h[:] = step(x, h, W_xh, W_hh, b_h)
        hs.append(h)
    return np.array(hs)
""",
        "all T states are the same",
    ),
    (
        "ex1",
        "overwrites h0",
        STEP
        + """
def unroll(xs, h0, W_xh, W_hh, b_h):
    h, hs = h0, []
    for x in xs:
        h[:] = step(x, h, W_xh, W_hh, b_h)
        hs.append(h.copy())
    return np.array(hs)
""",
        "you overwrite xs or h0",
    ),
    (
        "ex1",
        "returns the last states only",
        STEP
        + """
def unroll(xs, h0, W_xh, W_hh, b_h):
    h = h0
    for x in xs:
        h = step(x, h, W_xh, W_hh, b_h)
    return h
""",
        "only the last states come back",
    ),
    (
        "ex2",
        "remembers whether there was a 1",
        """
def threes_network():
    return [[1]], [[1]], [-0.5], [[-1]], [0.5]
"""
        + ONE_UNIT,
        "the third one must bring it back",
    ),
    (
        "ex2",
        "has no recurrence",
        """
def threes_network():
    return [[1, 1, 1]], np.zeros((3, 3)), [-0.5, -1.5, -2.5], [[-1], [-1], [2]], [0.5]
"""
        + ONE_UNIT,
        "depends on the last bit alone",
    ),
    (
        "ex2",
        "hands in the parity machine of the chapter",
        """
def threes_network():
    return [[1, 1]], [[1, 1], [-1, -1]], [-0.5, -1.5], [[1], [-1]], [-0.5]
"""
        + ONE_UNIT,
        "this is the parity",
    ),
    (
        "ex2",
        "turns the parity machine over",
        """
def threes_network():
    return [[1, 1]], [[1, 1], [-1, -1]], [-0.5, -1.5], [[-1], [1]], [0.5]
"""
        + ONE_UNIT,
        "where the number of ones is even",
    ),
    (
        "ex2",
        "says 1 where the number is not divisible",
        """
def threes_network():
    W_hh = [[1, 1, 1], [1, 1, 1], [-2, -2, -2]]
    return [[1, 1, 1]], W_hh, [-0.5, -1.5, -2.5], [[1], [1], [-2]], [-0.5]
"""
        + ONE_UNIT,
        "turn it over",
    ),
    (
        "ex2",
        "says 1 where the remainder is 2",
        """
def threes_network():
    W_hh = [[1, 1, 1], [1, 1, 1], [-2, -2, -2]]
    return [[1, 1, 1]], W_hh, [-0.5, -1.5, -2.5], [[1], [1], [-2]], [-1.5]
"""
        + ONE_UNIT,
        "the remainder is 2",
    ),
    (
        "ex2",
        "counts to three and stays there",
        """
def threes_network():
    return [[1, 1, 1]], np.ones((3, 3)), [-0.5, -1.5, -2.5], [[-1], [-1], [2]], [0.5]
"""
        + ONE_UNIT,
        "starts again at 0",
    ),
    (
        "ex2",
        "transposes the recurrent weights",
        """
def threes_network():
    W_hh = [[1, 1, -2], [1, 1, -2], [1, 1, -2]]
    return [[1, 1, 1]], W_hh, [-0.5, -1.5, -2.5], [[-1], [-1], [2]], [0.5]
"""
        + ONE_UNIT,
        "W_hh is transposed",
    ),
    (
        "ex2",
        "takes 1 in place of 2 from the third unit",
        """
def threes_network():
    W_hh = [[1, 1, 1], [1, 1, 1], [-1, -1, -1]]
    return [[1, 1, 1]], W_hh, [-0.5, -1.5, -2.5], [[-1], [-1], [2]], [0.5]
"""
        + ONE_UNIT,
        "the number of ones is",
    ),
    (
        "ex2",
        "writes the weights as columns",
        """
def threes_network():
    W_hh = [[1, 1, 1], [1, 1, 1], [-2, -2, -2]]
    return [[1], [1], [1]], W_hh, [-0.5, -1.5, -2.5], [[-1], [-1], [2]], [0.5]
"""
        + ONE_UNIT,
        "W_xh, with 3 units in b_h, has shape (3, 1)",
    ),
    (
        "ex2",
        "counts to ten",
        """
def threes_network():
    size = 10  # unit k: at least k + 1 ones so far
    W_hh = 2 * np.eye(size) + np.eye(size, k=1)
    b_h = [-0.5] + [-1.5] * (size - 1)
    W_hy = [[(-1, 0, 1)[k % 3]] for k in range(size)]
    return np.ones((1, size)), W_hh, b_h, W_hy, [0.5]
"""
        + ONE_UNIT,
        "does your network count the ones?",
    ),
    (
        "ex2",
        "leaves no room at the thresholds",
        """
def threes_network():
    W_hh = [[1, 1, 1], [1, 1, 1], [-2, -2, -2]]
    return [[1, 1, 1]], W_hh, [0, -1, -2], [[-1], [-1], [2]], [0.5]
"""
        + ONE_UNIT,
        "some sum is too close",
    ),
    (
        "ex2",
        "takes the wrong sign for the bit 0",
        THREES
        + """
WEIGHT_IF_THE_BIT_IS_0, WEIGHT_IF_THE_BIT_IS_1, WAY_OUT = "zero", "negative", "D"
""",
        "As f never falls, u e < u o",
    ),
    (
        "ex2",
        "takes the wrong sign for the bit 1",
        THREES
        + """
WEIGHT_IF_THE_BIT_IS_0, WEIGHT_IF_THE_BIT_IS_1, WAY_OUT = "positive", "positive", "D"
""",
        "As f never falls, u o < u e",
    ),
    (
        "ex2",
        "hopes for a bias",
        THREES
        + """
WEIGHT_IF_THE_BIT_IS_0, WEIGHT_IF_THE_BIT_IS_1, WAY_OUT = "positive", "negative", "C"
""",
        "it moves both states alike",
    ),
    (
        "ex2",
        "leaves a question out",
        THREES
        + """
WEIGHT_IF_THE_BIT_IS_0, WEIGHT_IF_THE_BIT_IS_1, WAY_OUT = "positive", None, "D"
""",
        "answer the three questions",
    ),
    (
        "ex3",
        "makes no prediction",
        """
RECURRENT_GROWS_BY = FEEDFORWARD_GROWS_BY = None
RECURRENT_WITHOUT_BIAS = RECURRENT_WITH_BIAS = FEEDFORWARD = None
"""
        + COUNTS,
        "predict all five",
    ),
    (
        "ex3",
        "gives the recurrent network weights for every step",
        PREDICTIONS
        + """
def count_parameters(T, D, H, K):
    return T * (D * H + H * H + H) + H * K + K, T * D * H + H + H * K + K
""",
        "one set of weights, not one a step",
    ),
    (
        "ex3",
        "forgets W_hh",
        PREDICTIONS
        + """
def count_parameters(T, D, H, K):
    return D * H + H + H * K + K, T * D * H + H + H * K + K
""",
        "W_hh is missing",
    ),
    (
        "ex3",
        "forgets the biases",
        PREDICTIONS
        + """
def count_parameters(T, D, H, K):
    return D * H + H * H + H * K, T * D * H + H * K
""",
        "the biases b_h and b_y are missing",
    ),
    (
        "ex3",
        "counts two biases, as torch does",
        PREDICTIONS
        + """
def count_parameters(T, D, H, K):
    return D * H + H * H + 2 * H + H * K + K, T * D * H + H + H * K + K
""",
        "one bias b_h",
    ),
    (
        "ex3",
        "lets the feed-forward network read one step",
        PREDICTIONS
        + """
def count_parameters(T, D, H, K):
    return D * H + H * H + H + H * K + K, D * H + H + H * K + K
""",
        "it has T D rows",
    ),
    (
        "ex3",
        "lets the recurrent network grow with T",
        """
RECURRENT_GROWS_BY, FEEDFORWARD_GROWS_BY = 400, 2560
RECURRENT_WITHOUT_BIAS, RECURRENT_WITH_BIAS, FEEDFORWARD = "same", "different", "different"
"""
        + COUNTS,
        "T does not occur in the shape",
    ),
    (
        "ex3",
        "lets the whole feed-forward network double",
        """
RECURRENT_GROWS_BY, FEEDFORWARD_GROWS_BY = 0, 2627
RECURRENT_WITHOUT_BIAS, RECURRENT_WITH_BIAS, FEEDFORWARD = "same", "different", "different"
"""
        + COUNTS,
        "each of the 20 new positions",
    ),
    (
        "ex3",
        "overlooks what a bias does while nothing is said",
        """
RECURRENT_GROWS_BY, FEEDFORWARD_GROWS_BY = 0, 2560
RECURRENT_WITHOUT_BIAS, RECURRENT_WITH_BIAS, FEEDFORWARD = "same", "same", "different"
"""
        + COUNTS,
        "with a bias it leaves 0",
    ),
    (
        "ex3",
        "thinks that a recurrent network never answers alike",
        """
RECURRENT_GROWS_BY, FEEDFORWARD_GROWS_BY = 0, 2560
RECURRENT_WITHOUT_BIAS, RECURRENT_WITH_BIAS, FEEDFORWARD = "different", "different", "different"
"""
        + COUNTS,
        "zeros leave the state at 0",
    ),
    (
        "ex3",
        "thinks that a feed-forward network does not mind the position",
        """
RECURRENT_GROWS_BY, FEEDFORWARD_GROWS_BY = 0, 2560
RECURRENT_WITHOUT_BIAS, RECURRENT_WITH_BIAS, FEEDFORWARD = "same", "different", "same"
"""
        + COUNTS,
        "the word meets other rows of W_1",
    ),
    (
        "ex4",
        "keeps the colleague's function",
        MACHINE_ANSWERS
        + """
def elman(weights, xs, f):
    return network_of_a_colleague(weights, xs, f)
""",
        "the output is still fed back",
    ),
    (
        "ex4",
        "renames the output, and feeds it back all the same",
        MACHINE_ANSWERS
        + """
def elman(weights, xs, f):
    W_xh, W_hh, b_h, W_hy, b_y = weights
    h, ys = np.zeros((xs.shape[1], len(b_h))), []
    for x in xs:
        h = f(x @ W_xh + h @ W_hh + b_h)
        y = f(h @ W_hy + b_y)
        ys.append(y)
        h = y
    return np.array(ys)
""",
        "the output is still fed back",
    ),
    (
        "ex4",
        "returns the states",
        MACHINE_ANSWERS
        + """
def elman(weights, xs, f):
    W_xh, W_hh, b_h, W_hy, b_y = weights
    h, hs = np.zeros((xs.shape[1], len(b_h))), []
    for x in xs:
        h = f(x @ W_xh + h @ W_hh + b_h)
        hs.append(h)
    return np.array(hs)
""",
        "these are the hidden states",
    ),
    (
        "ex4",
        "carries the sum on",
        MACHINE_ANSWERS
        + """
def elman(weights, xs, f):
    W_xh, W_hh, b_h, W_hy, b_y = weights
    h, ys = np.zeros((xs.shape[1], len(b_h))), []
    for x in xs:
        h = x @ W_xh + h @ W_hh + b_h
        ys.append(f(f(h) @ W_hy + b_y))
    return np.array(ys)
""",
        "after f, and before the output layer",
    ),
    (
        "ex4",
        "computes the output from the state before",
        MACHINE_ANSWERS
        + """
def elman(weights, xs, f):
    W_xh, W_hh, b_h, W_hy, b_y = weights
    h, ys = np.zeros((xs.shape[1], len(b_h))), []
    for x in xs:
        ys.append(f(h @ W_hy + b_y))
        h = f(x @ W_xh + h @ W_hh + b_h)
    return np.array(ys)
""",
        "what you have at t belongs to t - 1",
    ),
    (
        "ex4",
        "blames the line that appends",
        """
FAULTY_LINE, WHOSE, OTHER_WEIGHTS_HELP, POSSIBLE_TASK = 6, "Jordan", "no", "B"
"""
        + ELMAN,
        "in line 5, the state is already lost",
    ),
    (
        "ex4",
        "blames Elman's formula",
        """
FAULTY_LINE, WHOSE, OTHER_WEIGHTS_HELP, POSSIBLE_TASK = 4, "Jordan", "no", "B"
"""
        + ELMAN,
        "line 4 is Elman's formula",
    ),
    (
        "ex4",
        "believes the colleague",
        """
FAULTY_LINE, WHOSE, OTHER_WEIGHTS_HELP, POSSIBLE_TASK = 5, "Elman", "no", "B"
"""
        + ELMAN,
        "that is Jordan's network",
    ),
    (
        "ex4",
        "hopes for other weights",
        """
FAULTY_LINE, WHOSE, OTHER_WEIGHTS_HELP, POSSIBLE_TASK = 5, "Jordan", "yes", "B"
"""
        + ELMAN,
        "No weights can tell the two apart",
    ),
    (
        "ex4",
        "picks a task with a hidden bit",
        """
FAULTY_LINE, WHOSE, OTHER_WEIGHTS_HELP, POSSIBLE_TASK = 5, "Jordan", "no", "A"
"""
        + ELMAN,
        "while it says wait",
    ),
    (
        "ex4",
        "leaves a question out",
        """
FAULTY_LINE, WHOSE, OTHER_WEIGHTS_HELP, POSSIBLE_TASK = 5, "Jordan", None, "B"
"""
        + ELMAN,
        "answer all four questions",
    ),
    (
        "ex5",
        "cuts with xs[:-k]",
        """
def remembered(hs, xs, k):
    rows = np.column_stack([hs[k:], np.ones(len(hs) - k)])
    targets = xs[:-k]
    half = len(rows) // 2
    coefficients = np.linalg.lstsq(rows[:half], targets[:half])[0]
    errors = targets[half:] - rows[half:] @ coefficients
    return 1 - (errors**2).mean() / targets[half:].var()
"""
        + MEMORY_ANSWERS,
        "For k = 0, xs[:-k] is empty",
    ),
    (
        "ex5",
        "pairs the state with a later input",
        """
def remembered(hs, xs, k):
    rows = np.column_stack([hs[: len(hs) - k], np.ones(len(hs) - k)])
    targets = xs[k:]
    half = len(rows) // 2
    coefficients = np.linalg.lstsq(rows[:half], targets[:half])[0]
    errors = targets[half:] - rows[half:] @ coefficients
    return 1 - (errors**2).mean() / targets[half:].var()
"""
        + MEMORY_ANSWERS,
        "you pair h_t with x_{t+k}",
    ),
    (
        "ex5",
        "does not shift",
        """
def remembered(hs, xs, k):
    rows = np.column_stack([hs, np.ones(len(hs))])
    half = len(rows) // 2
    coefficients = np.linalg.lstsq(rows[:half], xs[:half])[0]
    errors = xs[half:] - rows[half:] @ coefficients
    return 1 - (errors**2).mean() / xs[half:].var()
"""
        + MEMORY_ANSWERS,
        "knows nothing of the one before them",
    ),
    (
        "ex5",
        "forgets the constant",
        """
def remembered(hs, xs, k):
    rows, targets = hs[k:], xs[: len(xs) - k]
    half = len(rows) // 2
    coefficients = np.linalg.lstsq(rows[:half], targets[:half])[0]
    errors = targets[half:] - rows[half:] @ coefficients
    return 1 - (errors**2).mean() / targets[half:].var()
"""
        + MEMORY_ANSWERS,
        "your probe has no constant",
    ),
    (
        "ex5",
        "tests on the half that it was fitted to",
        """
def remembered(hs, xs, k):
    rows = np.column_stack([hs[k:], np.ones(len(hs) - k)])
    targets = xs[: len(xs) - k]
    half = len(rows) // 2
    coefficients = np.linalg.lstsq(rows[:half], targets[:half])[0]
    errors = targets[:half] - rows[:half] @ coefficients
    return 1 - (errors**2).mean() / targets[:half].var()
"""
        + MEMORY_ANSWERS,
        "tested on steps that it was fitted to",
    ),
    (
        "ex5",
        "fits on everything",
        """
def remembered(hs, xs, k):
    rows = np.column_stack([hs[k:], np.ones(len(hs) - k)])
    targets = xs[: len(xs) - k]
    half = len(rows) // 2
    coefficients = np.linalg.lstsq(rows, targets)[0]
    errors = targets[half:] - rows[half:] @ coefficients
    return 1 - (errors**2).mean() / targets[half:].var()
"""
        + MEMORY_ANSWERS,
        "tested on steps that it was fitted to",
    ),
    (
        "ex5",
        "returns the share that is lost",
        """
def remembered(hs, xs, k):
    rows = np.column_stack([hs[k:], np.ones(len(hs) - k)])
    targets = xs[: len(xs) - k]
    half = len(rows) // 2
    coefficients = np.linalg.lstsq(rows[:half], targets[:half])[0]
    errors = targets[half:] - rows[half:] @ coefficients
    return (errors**2).mean() / targets[half:].var()
"""
        + MEMORY_ANSWERS,
        "return 1 - error / variance",
    ),
    (
        "ex5",
        "returns the correlation",
        """
def remembered(hs, xs, k):
    rows = np.column_stack([hs[k:], np.ones(len(hs) - k)])
    targets = xs[: len(xs) - k]
    half = len(rows) // 2
    coefficients = np.linalg.lstsq(rows[:half], targets[:half])[0]
    return np.corrcoef(targets[half:], rows[half:] @ coefficients)[0, 1]
"""
        + MEMORY_ANSWERS,
        "R^2 is asked for",
    ),
    (
        "ex5",
        "expects the largest weights to remember most",
        PROBE
        + """
BEST_SCALE, REMEMBERED_AT_SCALE_0, WHY_SO_LITTLE_AT_4 = 4, 1, "B"
""",
        "inputs are remembered",
    ),
    (
        "ex5",
        "forgets that the input of this step counts",
        PROBE
        + """
BEST_SCALE, REMEMBERED_AT_SCALE_0, WHY_SO_LITTLE_AT_4 = 1, 0, "B"
""",
        "it still sees x_t",
    ),
    (
        "ex5",
        "thinks that the input shrinks at scale 4, too",
        PROBE
        + """
BEST_SCALE, REMEMBERED_AT_SCALE_0, WHY_SO_LITTLE_AT_4 = 1, 1, "A"
""",
        "that is what happens with scale 0.3",
    ),
    (
        "ex5",
        "thinks that the units stand still",
        PROBE
        + """
BEST_SCALE, REMEMBERED_AT_SCALE_0, WHY_SO_LITTLE_AT_4 = 1, 1, "C"
""",
        "of the units change their sign",
    ),
    (
        "ex5",
        "makes no prediction",
        PROBE
        + """
BEST_SCALE, REMEMBERED_AT_SCALE_0, WHY_SO_LITTLE_AT_4 = None, None, None
""",
        "answer the three questions",
    ),
    (
        "ex6",
        "takes the leaves as a chain",
        """
def evaluate(tree, combine):
    leaves = []

    def collect(part):
        if isinstance(part, list):
            for child in part:
                collect(child)
        else:
            leaves.append(part)

    collect(tree)
    value = leaves[0]
    for leaf in leaves[1:]:
        value = combine(value, leaf)
    return value
"""
        + CHAIN
        + BALANCED
        + DEPTH
        + DEPTHS,
        "ignore the inner lists",
    ),
    (
        "ex6",
        "swaps left and right",
        """
def evaluate(tree, combine):
    if not isinstance(tree, list):
        return tree
    left, right = tree
    return combine(evaluate(right, combine), evaluate(left, combine))
"""
        + CHAIN
        + BALANCED
        + DEPTH
        + DEPTHS,
        "left and right are swapped",
    ),
    (
        "ex6",
        "evaluates the left child only",
        """
def evaluate(tree, combine):
    if not isinstance(tree, list):
        return tree
    left, right = tree
    return combine(evaluate(left, combine), right)
"""
        + CHAIN
        + BALANCED
        + DEPTH
        + DEPTHS,
        "a child that is a list must be evaluated",
    ),
    (
        "ex6",
        "evaluates each child twice",
        """
def evaluate(tree, combine):
    if not isinstance(tree, list):
        return tree
    values = [evaluate(child, combine) for child in tree]
    return combine(evaluate(tree[0], combine), values[1])
"""
        + CHAIN
        + BALANCED
        + DEPTH
        + DEPTHS,
        "eight leaves have seven nodes",
    ),
    (
        "ex6",
        "begins the chain at the wrong end",
        EVALUATE
        + """
def chain(leaves):
    if len(leaves) == 1:
        return leaves[0]
    return [leaves[0], chain(leaves[1:])]
"""
        + BALANCED
        + DEPTH
        + DEPTHS,
        "your chain begins at the wrong end",
    ),
    (
        "ex6",
        "takes every other leaf",
        EVALUATE
        + CHAIN
        + """
def balanced(leaves):
    if len(leaves) == 1:
        return leaves[0]
    return [balanced(leaves[::2]), balanced(leaves[1::2])]
"""
        + DEPTH
        + DEPTHS,
        "balanced changes the order",
    ),
    (
        "ex6",
        "pairs the leaves and leaves the rest a chain",
        EVALUATE
        + CHAIN
        + """
def balanced(leaves):
    pairs = [list(leaves[i : i + 2]) for i in range(0, len(leaves) - 1, 2)]
    if len(leaves) % 2:
        pairs.append(leaves[-1])
    return chain(pairs)
"""
        + DEPTH
        + DEPTHS,
        "is possible",
    ),
    (
        "ex6",
        "counts the leaf as a level",
        EVALUATE
        + CHAIN
        + BALANCED
        + """
def depth(tree):
    return 1 + max(map(depth, tree)) if isinstance(tree, list) else 1
"""
        + DEPTHS,
        "a leaf has depth 0",
    ),
    (
        "ex6",
        "follows the left child only",
        EVALUATE
        + CHAIN
        + BALANCED
        + """
def depth(tree):
    return 1 + depth(tree[0]) if isinstance(tree, list) else 0
"""
        + DEPTHS,
        "you follow one child only",
    ),
    (
        "ex6",
        "counts all nodes",
        EVALUATE
        + CHAIN
        + BALANCED
        + """
def depth(tree):
    return 1 + sum(map(depth, tree)) if isinstance(tree, list) else 0
"""
        + DEPTHS,
        "you count all nodes",
    ),
    (
        "ex6",
        "forgets h_0 in the chain",
        EVALUATE
        + CHAIN
        + BALANCED
        + DEPTH
        + """
DEPTH_OF_CHAIN, DEPTH_OF_BALANCED = 1023, 10
""",
        "are 1,025 leaves",
    ),
    (
        "ex6",
        "takes half of the steps for the balanced tree",
        EVALUATE
        + CHAIN
        + BALANCED
        + DEPTH
        + """
DEPTH_OF_CHAIN, DEPTH_OF_BALANCED = 1024, 512
""",
        "how often can 1,024 be halved?",
    ),
]
