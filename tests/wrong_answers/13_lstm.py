"""Wrong answers to the exercises of chapter 13, and what their checks say about them.

Each entry: exercise, the mistake, the answer cell, a part of the message.
"""

STEP = """
def lstm_step(x, h, c, W_xh, W_hh, b_h):
    i, f, g, o = np.split(x @ W_xh + h @ W_hh + b_h, 4, axis=-1)
    new = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(new), new
"""

HAND = """
rows = [[1, -1, 1, -1], [1, -1, -1, -1], [-1, 1, 0, -1], [-1, 1, 0, 1], [-1, -1, 0, -1]]
W_xh = 20.0 * np.array(rows)
W_hh, b_h = np.zeros((1, 4)), np.zeros(4)
SMALLEST = 12
"""

DRIFT = """
OLD, NEW = (200, 2000), (2, 2)
SLOPE = (0, 0.0707)
LIMIT = {"A": np.inf, "B": 25, "C": 1, "D": 9}
RANDOM = 10
"""

BACK = """
LINES, ONE_STEP = [8, 15], 15


def lstm_backward(d_hs, hs, cs, gates, W_hh):
    d_h, d_c = np.zeros_like(hs[0]), np.zeros_like(cs[0])
    d_sums = np.zeros_like(gates)
    for t in reversed(range(len(gates))):
        i, f, g, o = np.split(gates[t], 4, axis=-1)
        tanh_c = np.tanh(cs[t + 1])
        d_h = d_h + d_hs[t]
        d_c = d_c + d_h * o * (1 - tanh_c**2)
        d_i = d_c * g * i * (1 - i)
        d_f = d_c * cs[t] * f * (1 - f)
        d_g = d_c * i * (1 - g**2)
        d_o = d_h * tanh_c * o * (1 - o)
        d_sums[t] = np.concatenate([d_i, d_f, d_g, d_o], axis=-1)
        d_h, d_c = d_sums[t] @ W_hh.T, d_c * f
    return d_sums, sum(hs[t].T @ d_sums[t] for t in range(len(gates))), d_h, d_c
"""

NUMBERS = """
NUMBERS = {
    "RNN": lambda D, H: H * (D + H + 1),
    "1997": lambda D, H: 3 * H * (D + H + 1),
    "LSTM": lambda D, H: 4 * H * (D + H + 1),
    "torch": lambda D, H: 4 * H * (D + H + 2),
    "coupled": lambda D, H: 3 * H * (D + H + 1),
    "peephole": lambda D, H: 4 * H * (D + H + 1) + 3 * H,
    "full": lambda D, H: 4 * H * (D + H + 1) + 3 * H * H,
}
TRUE = {"A": False, "B": True, "C": False, "D": False}
"""

BIAS = """
def share_left(bias, steps):
    return float(sigmoid(bias) ** steps)


def bias_for(share, steps):
    log_gate = np.log(share) / steps
    return float(log_gate - np.log(-np.expm1(log_gate)))


def updates_until(losses, level, window):
    for k in range(window, len(losses) + 1):
        if np.mean(losses[k - window : k]) < level:
            return k
    return None


RUNS = {-1: [None] * 3, 0: [None] * 3}
RUNS[3] = [updates_until(train(3, seed), 1.0, 20) for seed in SEEDS]
SUCCESS = {-1: 0.0, 0: 0.0, 3: 1.0}
WHY = "B"
"""

WRONG = [
    (
        "ex1",
        "reads the blocks in the order i f o g",
        STEP.replace("i, f, g, o", "i, f, o, g"),
        "in the order i f o g",
    ),
    (
        "ex1",
        "reads the blocks in the order f i g o",
        STEP.replace("i, f, g, o", "f, i, g, o"),
        "in the order f i g o",
    ),
    (
        "ex1",
        "makes a gate of the candidate",
        STEP.replace("np.tanh(g)", "sigmoid(g)"),
        "squashed by tanh to between -1 and 1",
    ),
    (
        "ex1",
        "shows c without tanh",
        STEP.replace("np.tanh(new)", "new"),
        "squash c by tanh",
    ),
    (
        "ex1",
        "shows the old c",
        STEP.replace("np.tanh(new)", "np.tanh(c)"),
        "made from the old c",
    ),
    (
        "ex1",
        "returns c first",
        STEP.replace(
            "return sigmoid(o) * np.tanh(new), new", "return new, sigmoid(o) * np.tanh(new)"
        ),
        "h comes first",
    ),
    ("ex1", "forgets h", STEP.replace(" + h @ W_hh", ""), "h of the step before is not used"),
    (
        "ex1",
        "overwrites c",
        STEP.replace("    new = sigmoid(f) * c +", "    c *= sigmoid(f)\n    new = c +"),
        "you overwrite an argument",
    ),
    (
        "ex1",
        "writes a sigmoid that overflows",
        STEP.replace("    i, f", "    sigmoid = lambda a: np.exp(a) / (1 + np.exp(a))\n    i, f"),
        "sums of 1000 give NaN",
    ),
    (
        "ex2",
        "takes another order of the gates",
        HAND.replace("(rows)", "(rows)[:, [0, 1, 3, 2]]"),
        "here it is i f g o",
    ),
    ("ex2", "opens gates too little", HAND.replace("20.0", "7.0"), "the forget gate is not open"),
    (
        "ex2",
        "shuts the input gate too little",
        HAND.replace("[-1, 1, 0, -1]", "[-0.3, 1, 1, -1]"),
        "each step adds a little",
    ),
    (
        "ex2",
        "adds to what was there",
        HAND.replace("[1, -1, -1, -1]", "[1, 1, -1, -1]"),
        "shut the forget gate at a write",
    ),
    (
        "ex2",
        "shows the cell at every step",
        HAND.replace("np.zeros(4)", "np.array([0, 0, 0, 40.0])"),
        "It is shut at this command",
    ),
    (
        "ex2",
        "leaves the output gate half open at a release",
        HAND.replace("[-1, 1, 0, 1]", "[-1, 1, 0, 0]"),
        "wide open at a release",
    ),
    (
        "ex2",
        "forgets what it shows",
        HAND.replace("[-1, 1, 0, 1]", "[-1, -1, 0, 1]"),
        "A release only shows c",
    ),
    (
        "ex2",
        "erases nothing",
        HAND.replace("[-1, -1, 0, -1]", "[-1, 1, 0, -1]"),
        "To erase, shut",
    ),
    (
        "ex2",
        "thinks of one step",
        HAND.replace("SMALLEST = 12", "SMALLEST = 5"),
        "to the power 1,000",
    ),
    (
        "ex2",
        "takes more than is needed",
        HAND.replace("SMALLEST = 12", "SMALLEST = 14"),
        "13 is smaller",
    ),
    ("ex3", "forgets the input gate", DRIFT.replace("(200, 2000)", "(400, 4000)"), "half open"),
    (
        "ex3",
        "applies the forget gate once",
        DRIFT.replace("(2, 2)", "(180, 1800)"),
        "at every step, not once",
    ),
    ("ex3", "lets everything fade", DRIFT.replace("(2, 2)", "(0, 0)"), "is still there"),
    (
        "ex3",
        "takes a small slope for none",
        DRIFT.replace("0.0707", "0"),
        "small, but not 0",
    ),
    (
        "ex3",
        "bounds the 1997 cell",
        DRIFT.replace("np.inf", "1000"),
        "and goes on",
    ),
    (
        "ex3",
        "thinks that any cell without forgetting drifts",
        DRIFT.replace('"D": 9', '"D": np.inf'),
        "an input gate that shuts fast enough",
    ),
    (
        "ex3",
        "begins the sum a step early",
        DRIFT.replace('"D": 9', '"D": 10'),
        "the sum begins with 0.9",
    ),
    ("ex3", "forgets the gate in a limit", DRIFT.replace("25", "50"), "LIMIT B"),
    (
        "ex3",
        "thinks of steady drift",
        DRIFT.replace("RANDOM = 10", "RANDOM = 100"),
        "mostly cancel",
    ),
    (
        "ex3",
        "thinks of the mean",
        DRIFT.replace("RANDOM = 10", "RANDOM = 1"),
        "its spread does not",
    ),
    ("ex4", "blames a right line", BACK.replace("[8, 15]", "[8, 10]"), "line 10 is right"),
    ("ex4", "blames the step back", BACK.replace("[8, 15]", "[14, 15]"), "line 14 is right"),
    ("ex4", "overlooks the wrap-around", BACK.replace("15], 15", "15], 8"), "gates[-1]"),
    (
        "ex4",
        "leaves the output gate out",
        BACK.replace("d_h * o * (1", "d_h * (1"),
        "the way from h_t into c_t",
    ),
    (
        "ex4",
        "keeps the gate of the step before",
        BACK.replace("d_c * f\n", "d_c * gates[t - 1, :, len(W_hh) : 2 * len(W_hh)]\n"),
        "handed on to c_{t-1}",
    ),
    (
        "ex4",
        "forgets the carried gradient of c",
        BACK.replace("d_c = d_c + d_h * o", "d_c = d_h * o"),
        "handed on to c_{t-1}",
    ),
    (
        "ex4",
        "returns three arrays",
        BACK.replace(", d_h, d_c\n", ", d_h\n"),
        "return four arrays",
    ),
    (
        "ex5",
        "leaves biases out",
        NUMBERS.replace(
            '"LSTM": lambda D, H: 4 * H * (D + H + 1)', '"LSTM": lambda D, H: 4 * H * (D + H)'
        ),
        "the biases are missing",
    ),
    (
        "ex5",
        "gives 1997 a forget gate",
        NUMBERS.replace('"1997": lambda D, H: 3', '"1997": lambda D, H: 4'),
        "there was no forget gate",
    ),
    ("ex5", "overlooks torch's second bias", NUMBERS.replace("+ 2)", "+ 1)"), "two rows of biases"),
    (
        "ex5",
        "gives the coupled gate weights",
        NUMBERS.replace('"coupled": lambda D, H: 3', '"coupled": lambda D, H: 4'),
        "f is computed from i",
    ),
    (
        "ex5",
        "makes matrices of peepholes",
        NUMBERS.replace("3 * H,\n", "3 * H * H,\n"),
        "the cell of their own unit only",
    ),
    (
        "ex5",
        "gives the candidate a peephole",
        NUMBERS.replace("3 * H * H", "4 * H * H"),
        "the candidate g has no peephole",
    ),
    ("ex5", "overrates a second bias", NUMBERS.replace('"A": False', '"A": True'), "only the sum"),
    (
        "ex5",
        "thinks that half the units are a quarter of the numbers",
        NUMBERS.replace('"C": False', '"C": True'),
        "W_xh only half",
    ),
    (
        "ex6",
        "adds biases",
        BIAS.replace("sigmoid(bias) ** steps", "sigmoid(bias * steps)"),
        "the biases do not add up",
    ),
    (
        "ex6",
        "thinks of one step",
        BIAS.replace("sigmoid(bias) ** steps", "sigmoid(bias)"),
        "the share after one step",
    ),
    (
        "ex6",
        "returns the gate",
        BIAS.replace("float(log_gate - np.log(-np.expm1(log_gate)))", "float(np.exp(log_gate))"),
        "is the gate that is wanted",
    ),
    (
        "ex6",
        "forgets the steps",
        BIAS.replace("np.log(share) / steps", "np.log(share)"),
        "leaves that share after one step",
    ),
    (
        "ex6",
        "returns where the window begins",
        BIAS.replace("return k\n", "return k - window\n"),
        "count the updates up to its end",
    ),
    (
        "ex6",
        "never looks at the last window",
        BIAS.replace("len(losses) + 1", "len(losses)"),
        "look there, too",
    ),
    (
        "ex6",
        "looks at single losses",
        BIAS.replace(
            "updates_until(train(3, seed), 1.0, 20) for",
            "int(np.argmax(train(3, seed) < 1)) + 1 for",
        ),
        "may be luck",
    ),
    (
        "ex6",
        "counts runs",
        BIAS.replace("3: 1.0}", "3: 3}"),
        "divide by the number of runs",
    ),
    ("ex6", "blames the rate", BIAS.replace('"B"', '"A"'), "the rate is the same"),
    ("ex6", "blames what can be learnt", BIAS.replace('"B"', '"C"'), "it is learnt"),
]
