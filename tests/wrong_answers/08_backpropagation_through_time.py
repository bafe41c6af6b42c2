"""Wrong answers to the exercises of chapter 08, and what their checks say about them.

Each entry: exercise, the mistake, the answer cell, a part of the message.
"""

ONE_SWEEP = """
def one_sweep(W_xh, W_hh, W_hy, xs, ys):
    states = np.zeros((len(xs) + 1, len(W_hh)))
    for t in range(len(xs)):
        states[t + 1] = np.tanh(xs[t] @ W_xh + states[t] @ W_hh)
    errors = states[1:] @ W_hy - ys
    d_sums, d_carried = np.zeros((len(xs), len(W_hh))), np.zeros(len(W_hh))
    for t in reversed(range(len(xs))):
        d_sums[t] = (errors[t] @ W_hy.T + d_carried) * (1 - states[t + 1] ** 2)
        d_carried = d_sums[t] @ W_hh.T
    loss = (errors**2).sum() / 2
    return loss, xs.T @ d_sums, states[:-1].T @ d_sums, states[1:].T @ errors
"""

REPAIRED = """
LINE = 8


def repaired_sweep(parameters, result, d_logits):
    inputs, states, _ = result
    d_W_xh, d_W_hh = np.zeros_like(parameters.W_xh), np.zeros_like(parameters.W_hh)
    d_carried = np.zeros(len(parameters.b_h))
    for t in reversed(range(len(d_logits))):
        d_h = d_logits[t] @ parameters.W_hy.T + d_carried
        d_sum = d_h * (1 - states[t + 1] ** 2)
        d_W_xh[inputs[t]] += d_sum
        d_W_hh += np.outer(states[t], d_sum)
        d_carried = d_sum @ parameters.W_hh.T
    return d_W_xh, d_W_hh
"""

CHECKPOINTS = """
def with_checkpoints(parameters, inputs, targets, segment):
    pieces = [slice(start, start + segment) for start in range(0, len(inputs), segment)]
    kept = [np.zeros(len(parameters.b_h))]
    for piece in pieces[:-1]:
        kept.append(forward(parameters, inputs[piece], kept[-1]).states[-1].copy())
    total, d_last = Parameters(*map(np.zeros_like, parameters)), None
    for piece, h0 in zip(reversed(pieces), reversed(kept), strict=True):
        result = forward(parameters, inputs[piece], h0)
        d_logits = cross_entropy(result.logits, targets[piece])[1]
        gradients, d_last = backward(parameters, result, d_logits, d_last)
        total = Parameters(*map(np.add, total, gradients))
    return total
"""

FORWARDS = """
def gradients_so_far(w, xs, ys):
    h, s, gradient, found = 0.0, 0.0, 0.0, []
    for x, y in zip(xs, ys, strict=True):
        before = h
        h = np.tanh(w * before + x)
        s = (before + w * s) * (1 - h**2)
        gradient += (h - y) * s
        found.append(gradient)
    return np.array(found)
"""

WRONG = [
    (
        "ex1",
        "puts total derivatives in the place of immediate ones",
        "IMMEDIATE, LATER, GRADIENT = [0.4805, -0.0988, 0.3470], [0.1531, -0.3624, 1], 0.456",
        "hold h_{k-1} fixed",
    ),
    (
        "ex1",
        "takes the state of the same step",
        "IMMEDIATE, LATER, GRADIENT = [0.1897, 0.3628, -0.3350], [0.1531, -0.3624, 1], -0.437",
        "the factor of w is h_{k-1}",
    ),
    (
        "ex1",
        "forgets the weight in the step back",
        "IMMEDIATE, LATER, GRADIENT = [0.4805, 0.1042, 0.3112], [0.2392, 0.4530, 1], 0.4733",
        "also multiplies by w",
    ),
    (
        "ex1",
        "adds the total derivatives up",
        "IMMEDIATE, LATER, GRADIENT = [0.4805, 0.1042, 0.3112], [0.1531, -0.3624, 1], 0.456",
        "more than once",
    ),
    (
        "ex2",
        "forgets the carried gradient",
        ONE_SWEEP.replace(" + d_carried)", ")"),
        "teaches only the last step",
    ),
    (
        "ex2",
        "multiplies by the matrix and not by its transpose",
        ONE_SWEEP.replace("d_sums[t] @ W_hh.T", "d_sums[t] @ W_hh"),
        "backwards, multiply by W_hh.T",
    ),
    (
        "ex2",
        "takes the state after the step for the recurrent weights",
        ONE_SWEEP.replace("states[:-1].T @ d_sums", "states[1:].T @ d_sums"),
        "use h_{t-1} there",
    ),
    (
        "ex2",
        "takes the slope at the state before",
        ONE_SWEEP.replace("1 - states[t + 1] ** 2", "1 - states[t] ** 2"),
        "check (1 - h_t^2)",
    ),
    (
        "ex2",
        "returns the mean loss",
        ONE_SWEEP.replace(".sum() / 2", ".mean() / 2"),
        "not a mean",
    ),
    (
        "ex3",
        "blames the slope",
        REPAIRED.replace("LINE = 8", "LINE = 5"),
        "line 5 is right",
    ),
    (
        "ex3",
        "names the line but leaves it as it is",
        REPAIRED.replace("d_sum @ parameters.W_hh.T", "d_h @ parameters.W_hh.T"),
        "nothing has changed",
    ),
    (
        "ex3",
        "removes the carried gradient",
        REPAIRED.replace("d_carried = d_sum @ parameters.W_hh.T", "pass"),
        "nothing is carried at all",
    ),
    (
        "ex4",
        "counts eight steps for every loss",
        'INNER_STEPS, SAME_CHUNK, EXACT, SMALLEST_WINDOW = 400, 1 / 6, "W_hy", 1',
        "the first losses have fewer than 8",
    ),
    (
        "ex4",
        "thinks that a chunk longer than the gap is enough",
        'INNER_STEPS, SAME_CHUNK, EXACT, SMALLEST_WINDOW = 372, 1, "W_hy", 1',
        "both must fall into the same chunk",
    ),
    (
        "ex4",
        "thinks that the input weights do not care",
        'INNER_STEPS, SAME_CHUNK, EXACT, SMALLEST_WINDOW = 372, 1 / 6, "W_xh", 1',
        "it works through the states",
    ),
    (
        "ex4",
        "wants the whole sequence",
        'INNER_STEPS, SAME_CHUNK, EXACT, SMALLEST_WINDOW = 372, 1 / 6, "W_hy", 20',
        "no gradient ever leaves its own state",
    ),
    (
        "ex4",
        "leaves one prediction out",
        'INNER_STEPS, SAME_CHUNK, EXACT, SMALLEST_WINDOW = 372, 0.17, "W_hy", None',
        "SMALLEST_WINDOW is None",
    ),
    (
        "ex5",
        "does not hand the gradient back",
        CHECKPOINTS.replace("gradients, d_last =", "gradients, _ ="),
        "ends at every border",
    ),
    (
        "ex5",
        "starts each segment from zeros",
        CHECKPOINTS.replace(
            "forward(parameters, inputs[piece], h0)", "forward(parameters, inputs[piece])"
        ).replace("gradients, d_last =", "gradients, _ ="),
        "each segment starts from zeros",
    ),
    (
        "ex5",
        "starts each segment from zeros, but hands the gradient back",
        CHECKPOINTS.replace(
            "forward(parameters, inputs[piece], h0)", "forward(parameters, inputs[piece])"
        ),
        "each segment starts from zeros",
    ),
    (
        "ex5",
        "keeps all states",
        """
def with_checkpoints(parameters, inputs, targets, segment):
    result = forward(parameters, inputs)
    return backward(parameters, result, cross_entropy(result.logits, targets)[1])[0]
""",
        "more than all states together",
    ),
    (
        "ex5",
        "divides by the number of steps",
        CHECKPOINTS.replace("d_logits, d_last)", "d_logits / len(inputs), d_last)"),
        "you computed the mean",
    ),
    (
        "ex6",
        "forgets that the state before depends on the weight",
        FORWARDS.replace("(before + w * s)", "before"),
        "only the immediate derivative",
    ),
    (
        "ex6",
        "takes the new state for the old one",
        FORWARDS.replace("(before + w * s)", "(h + w * s)"),
        "h_0 = 0 does not depend on w",
    ),
    (
        "ex6",
        "does not add up",
        FORWARDS.replace("gradient += ", "gradient = "),
        "add them up",
    ),
]
