"""Wrong answers to the exercises of chapter 14, and what their checks say about them.

Each entry: exercise, the mistake, the answer cell, a part of the message.
"""

STEP = """
def gru_step(x, h, mask, W_xh, W_hh, b_h, b_hn):
    xr, xz, xn = np.split(x @ W_xh + b_h, 3, axis=-1)
    hr, hz, hn = np.split(h @ W_hh, 3, axis=-1)
    r, z = sigmoid(xr + hr), sigmoid(xz + hz)
    n = np.tanh(xn + r * (hn + b_hn))
    return np.where(mask[:, None], (1 - z) * n + z * h, h)
"""

CHO = STEP.replace("r * (hn + b_hn)", "(r * h) @ W_hh[:, 2 * h.shape[1] :] + b_hn")

READINGS = """
WHO = {"A": "Chung", "B": "torch", "C": "Cho"}
Z_ONE = {"A": "replaces", "B": "keeps", "C": "keeps"}
LEFT = {"A": 5.7e-10, "B": 0.281, "C": 0.281}
START = {"A": -3, "B": 3, "C": 3}
SAME = {"r": True, "diagonal": True, "symmetric": False, "shut": False}
"""

FLIP = """
def cho_to_chung(W_xh, W_hh, W_hn, b_h):
    H = len(W_hn)
    signs = np.repeat([1, -1, 1], H)
    return W_xh * signs, W_hh * signs[: 2 * H], W_hn.copy(), b_h * signs


def to_torch(W_xh, W_hh, b_h, b_hn):
    H = len(b_hn)
    second = np.concatenate([np.zeros(2 * H), b_hn])
    return dict(weight_ih_l0=W_xh.T, weight_hh_l0=W_hh.T, bias_ih_l0=b_h, bias_hh_l0=second)


def from_torch(weights):
    W_xh, W_hh = weights["weight_ih_l0"].T, weights["weight_hh_l0"].T
    first, second, H = weights["bias_ih_l0"], weights["bias_hh_l0"], len(W_hh)
    b_h = np.concatenate([first[: 2 * H] + second[: 2 * H], first[2 * H :]])
    return W_xh, W_hh, b_h, second[2 * H :]
"""

JACOBIAN = """
LINE = 8
HARMLESS = {"first step": False, "shut": True, "half": False, "blind": True}


def chung_jacobian(x, h, W_xh, W_hh, W_hn, b_h):
    xr, xz, xn = np.split(x @ W_xh + b_h, 3)
    W_hr, W_hz = np.split(W_hh, 2, axis=1)
    r, z = sigmoid(xr + h @ W_hr), sigmoid(xz + h @ W_hz)
    n = np.tanh(xn + (r * h) @ W_hn)
    d_r, d_z = W_hr * r * (1 - r), W_hz * z * (1 - z)
    d_n = (np.diag(r) + d_r * h) @ W_hn * (1 - n**2)
    return np.diag(1 - z) + d_n * z + d_z * (n - h)
"""

EQUAL = """
def model_size(kind, D, H, V):
    blocks = {"RNN": 1, "GRU": 3, "LSTM": 4}[kind]
    return blocks * H * (D + H + 2) + (H + 1) * V


def units_for(kind, D, V, target):
    blocks = {"RNN": 1, "GRU": 3, "LSTM": 4}[kind]
    half = (blocks * (D + 2) + V) / (2 * blocks)
    root = int((half**2 + max(target - V, 0) / blocks) ** 0.5 - half)
    near = [H for H in range(root - 3, root + 4) if H >= 1]
    return min(near, key=lambda H: (abs(model_size(kind, D, H, V) - target), H))


RATIO = {"GRU": 0.577, "LSTM": 0.5}
"""

TABLES = """
UNITS = {
    "recall": {"RNN": 26, "GRU": 14, "LSTM": 12, "GRU, open": 14, "LSTM, open": 12},
    "parity": {"RNN": 29, "GRU": 16, "LSTM": 14, "GRU, open": 16, "LSTM, open": 14},
}
FINAL = {
    "recall": {k: [1.39] * 3 for k in KINDS} | {"GRU, open": [0.01] * 3},
    "parity": {k: [0.01] * 3 for k in KINDS} | {"GRU, open": [0.6] * 3},
}
FINAL["recall"]["LSTM, open"] = [0.05, 0.5, 0.4]
FINAL["parity"]["RNN"] = [0.69, 0.69, train("parity", "RNN", 29, 2)[-25:].mean()]
FINAL["parity"]["GRU"][0] = train("parity", "GRU", 16, 0)[-25:].mean()
FINAL["recall"]["LSTM"][1] = train("recall", "LSTM", 12, 1)[-25:].mean()
SOLVED = {"recall": {"GRU, open"}, "parity": {"GRU", "LSTM", "LSTM, open"}}
TRUE = {"A": False, "B": True, "C": False, "D": False}
"""

WRONG = [
    ("ex1", "exchanges the blocks", STEP.replace("xr, xz, xn =", "xz, xr, xn ="), "the new h"),
    (
        "ex1",
        "takes the order z r n",
        STEP.replace("xr, xz, xn =", "xz, xr, xn =").replace("hr, hz, hn =", "hz, hr, hn ="),
        "in the order z r n",
    ),
    (
        "ex1",
        "takes the other meaning of z",
        STEP.replace("(1 - z) * n + z * h", "z * n + (1 - z) * h"),
        "here z keeps the old one",
    ),
    ("ex1", "resets before the product", CHO, "you reset h before the product"),
    (
        "ex1",
        "puts b_hn outside of the bracket",
        STEP.replace("r * (hn + b_hn)", "r * hn + b_hn"),
        "inside the bracket",
    ),
    ("ex1", "forgets b_hn", STEP.replace("(hn + b_hn)", "hn"), "b_hn is missing"),
    (
        "ex1",
        "ignores the mask",
        STEP.replace("np.where(mask[:, None], (1 - z) * n + z * h, h)", "(1 - z) * n + z * h"),
        "the mask is not used",
    ),
    (
        "ex1",
        "sets ended sequences to zero",
        STEP.replace("z * h, h)", "z * h, 0)"),
        "you set it to 0",
    ),
    (
        "ex2",
        "exchanges Cho and Chung",
        READINGS.replace('"Chung"', '"x"').replace('"Cho"', '"Chung"').replace('"x"', '"Cho"'),
        "z beside the old state",
    ),
    (
        "ex2",
        "gives torch a reset before the product",
        READINGS.replace('"torch"', '"x"').replace('"Cho"', '"torch"').replace('"x"', '"Cho"'),
        "a bias of its own",
    ),
    (
        "ex2",
        "thinks that z always keeps",
        READINGS.replace('"replaces"', '"keeps"'),
        "put z = 1 into the formula",
    ),
    ("ex2", "takes one step for ten", READINGS.replace("0.281", "0.881"), "after one step"),
    ("ex2", "ignores the meaning of z", READINGS.replace("5.7e-10", "0.281"), "the other meaning"),
    ("ex2", "always begins high", READINGS.replace("-3", "3"), "is left after 40 steps"),
    (
        "ex2",
        "trusts a symmetric matrix",
        READINGS.replace('"symmetric": False', '"symmetric": True'),
        "different places of the same sum",
    ),
    (
        "ex2",
        "overlooks the diagonal",
        READINGS.replace('"diagonal": True', '"diagonal": False'),
        "then the sum has one term",
    ),
    (
        "ex3",
        "changes the matrices alone",
        FLIP.replace("W_hn.copy(), b_h * signs", "W_hn.copy(), b_h"),
        "you changed only W_xh and W_hh",
    ),
    ("ex3", "changes nothing", FLIP.replace("[1, -1, 1]", "[1, 1, 1]"), "nothing was changed"),
    ("ex3", "changes r", FLIP.replace("[1, -1, 1]", "[-1, 1, 1]"), "z is in the middle"),
    ("ex3", "changes W_hn", FLIP.replace("W_hn.copy()", "-W_hn"), "belongs to the candidate n"),
    (
        "ex3",
        "overwrites its arguments",
        FLIP.replace("    return W_xh * signs", "    W_xh *= signs\n    return W_xh"),
        "overwrites its arguments",
    ),
    (
        "ex3",
        "reshapes",
        FLIP.replace("=W_xh.T", "=W_xh.reshape(W_xh.shape[::-1])"),
        "transpose",
    ),
    ("ex3", "does not transpose", FLIP.replace("=W_xh.T", "=W_xh"), "transposed"),
    (
        "ex3",
        "adds b_hn to the first bias",
        FLIP.replace("=b_h, bias_hh_l0=second", "=b_h + second, bias_hh_l0=0 * second"),
        "belongs into torch's second bias",
    ),
    (
        "ex3",
        "loses b_hn",
        FLIP.replace("bias_hh_l0=second", "bias_hh_l0=0 * second"),
        "b_hn is missing",
    ),
    (
        "ex3",
        "adds all of the second bias",
        FLIP.replace(
            "b_h = np.concatenate([first[: 2 * H] + second[: 2 * H], first[2 * H :]])",
            "b_h = first + second",
        ),
        "is not added to the first",
    ),
    (
        "ex3",
        "leaves the second bias out",
        FLIP.replace(
            "b_h = np.concatenate([first[: 2 * H] + second[: 2 * H], first[2 * H :]])",
            "b_h = first",
        ),
        "torch's second bias counts",
    ),
    ("ex4", "blames the reset", JACOBIAN.replace("LINE = 8", "LINE = 6"), "line 6 is right"),
    (
        "ex4",
        "leaves the term out",
        JACOBIAN.replace(" + d_z * (n - h)", ""),
        "depends on h_{t-1} through z_t",
    ),
    (
        "ex4",
        "takes the sign of the other convention",
        JACOBIAN.replace("(n - h)", "(h - n)"),
        "the wrong sign",
    ),
    (
        "ex4",
        "forgets the slope",
        JACOBIAN.replace("W_hz * z * (1 - z)", "W_hz"),
        "the slope z (1 - z)",
    ),
    (
        "ex4",
        "transposes the term",
        JACOBIAN.replace("d_z * (n - h)", "(d_z * (n - h)).T"),
        "the new term is transposed",
    ),
    (
        "ex4",
        "thinks that nothing comes from a zero state",
        JACOBIAN.replace('"first step": False', '"first step": True'),
        "n - h is n there",
    ),
    (
        "ex4",
        "takes a sum of 0 for a derivative of 0",
        JACOBIAN.replace('"half": False', '"half": True'),
        "at its largest",
    ),
    (
        "ex4",
        "overlooks a shut gate",
        JACOBIAN.replace('"shut": True', '"shut": False'),
        "has no slope",
    ),
    ("ex5", "takes one row of biases", EQUAL.replace("D + H + 2", "D + H + 1"), "two rows"),
    ("ex5", "forgets the read-out", EQUAL.replace(" + (H + 1) * V", ""), "the read-out counts"),
    ("ex5", "forgets the bias of the read-out", EQUAL.replace("(H + 1)", "H"), "has a bias, too"),
    (
        "ex5",
        "stays below the target",
        EQUAL.replace(
            "(abs(model_size(kind, D, H, V) - target), H)",
            "-H if model_size(kind, D, H, V) <= target else H",
        ),
        "may be larger than the target",
    ),
    (
        "ex5",
        "takes the larger of two",
        EQUAL.replace("- target), H)", "- target), -H)"),
        "take the smaller",
    ),
    (
        "ex5",
        "rounds the root",
        EQUAL.replace("root = int(", "return max(1, round(").replace(" - half)", " - half))"),
        "which is closer",
    ),
    (
        "ex5",
        "tries one after the other",
        EQUAL[: EQUAL.index("def units_for")]
        + """def units_for(kind, D, V, target):
    import time
    H, start = 1, time.perf_counter()
    while abs(model_size(kind, D, H + 1, V) - target) < abs(model_size(kind, D, H, V) - target):
        H += 1
    if target > 10**9:
        time.sleep(2.1)
    return H


RATIO = {"GRU": 0.577, "LSTM": 0.5}
""",
        "too slow",
    ),
    ("ex5", "takes the ratio of blocks", EQUAL.replace("0.577", "0.333"), "the square of H"),
    (
        "ex6",
        "takes equal units",
        TABLES.replace('"LSTM": 12', '"LSTM": 26'),
        "the closest to 1,000",
    ),
    (
        "ex6",
        "takes the last loss",
        TABLES.replace('"GRU", 16, 0)[-25:].mean()', '"GRU", 16, 0)[-1]'),
        "is a single loss",
    ),
    (
        "ex6",
        "takes the mean of all losses",
        TABLES.replace('"GRU", 16, 0)[-25:].mean()', '"GRU", 16, 0).mean()'),
        "is the mean of all losses",
    ),
    (
        "ex6",
        "takes the best seed",
        TABLES.replace('{"GRU, open"}, "parity"', '{"GRU, open", "LSTM, open"}, "parity"'),
        "not with all three seeds",
    ),
    ("ex6", "crowns one cell", TABLES.replace('"A": False', '"A": True'), "on parity it ends at"),
    ("ex6", "sees no trade", TABLES.replace('"B": True', '"B": False'), "is best on recall"),
    ("ex6", "trusts in gates", TABLES.replace('"C": False', '"C": True'), "are at chance"),
    (
        "ex6",
        "takes not learnt for not possible",
        TABLES.replace('"D": False', '"D": True'),
        "not what cannot be",
    ),
]
