"""Wrong answers to the exercises of chapter 15, and what their checks say about them.

Each entry: exercise, the mistake, the answer cell, a part of the message.
"""

REFLECT = """
def reflect(h, v):
    square = np.sum(np.abs(v) ** 2)
    if square == 0:
        return h.copy()
    return h - 2 / square * (h @ v.conj())[:, None] * v


def reflect_all(h, V):
    for v in V:
        h = reflect(h, v)
    return h
"""

MATRIX = """
def reflect(h, v):
    if not np.any(v):
        return h.copy()
    return h @ (np.eye(len(v)) - 2 * np.outer(v.conj(), v) / np.sum(np.abs(v) ** 2))


def reflect_all(h, V):
    for v in V:
        h = reflect(h, v)
    return h
"""

MAPS = """
LENGTH = {
    "orthogonal": "same",
    "orthogonal, tanh": "shorter",
    "fft": "longer",
    "modReLU": "shorter",
    "phases": "same",
    "permutation, reflection": "same",
}
FFT_FACTOR = 4**10
BACK = {name: LENGTH[name] == "same" for name in LENGTH}
"""

ROTATE = """
def rotate(z, phases, vectors, order):
    D_1, D_2, D_3 = np.exp(1j * phases)
    z = reflect(np.fft.fft(z * D_1, norm="ortho"), vectors[0])[:, order]
    return reflect(np.fft.ifft(z * D_2, norm="ortho"), vectors[1]) * D_3


def rotate_back(z, phases, vectors, order):
    E_1, E_2, E_3 = np.exp(-1j * phases)
    z = np.fft.fft(reflect(z * E_3, vectors[1]), norm="ortho") * E_2
    return np.fft.ifft(reflect(z[:, np.argsort(order)], vectors[0]), norm="ortho") * E_1
"""

DENSE = """
def matrix(phases, vectors, order):
    W, (v_1, v_2) = np.diag(np.exp(1j * phases[0])), vectors
    W = np.fft.fft(W, norm="ortho")
    W = (W - 2 / np.sum(np.abs(v_1) ** 2) * np.outer(W @ v_1.conj(), v_1))[:, order]
    W = np.fft.ifft(W * np.exp(1j * phases[1]), norm="ortho")
    W = W - 2 / np.sum(np.abs(v_2) ** 2) * np.outer(W @ v_2.conj(), v_2)
    return W * np.exp(1j * phases[2])


def rotate(z, phases, vectors, order):
    return z @ matrix(phases, vectors, order)


def rotate_back(z, phases, vectors, order):
    return z @ matrix(phases, vectors, order).conj().T
"""

MODRELU = """
VALUE = {"first": "nan", "second": "0", "third": "0"}
GRADIENT = {"first": "nan", "second": "nan", "third": "0"}
LOST = 0.08


def modrelu(z, b):
    size = z.abs()
    return torch.relu(size + b) / torch.where(size > 0, size, 1) * (size > 0) * z
"""

COUNTS = """
COUNT = {
    "phases": lambda n: n,
    "reflection": lambda n: 2 * n,
    "fixed": lambda n: 0,
    "W": lambda n: 7 * n,
    "dense": lambda n: 2 * n * n,
    "freedom": lambda n: n * (n - 1) / 2,
}
HOUSEHOLDER = lambda n, k: k * n
FROM = 16
TRUE = {"A": False, "B": False, "C": True}
"""

SCORES = """
def accuracy(logits, targets, last):
    return (logits.argmax(-1) == targets)[-last:].double().mean().item()


MUTE = (0.897, 0)
SCORES = {
    "copy": {"rotation": [0.99] * 3, "tanh": [0.25] * 3, "LSTM": [0.1] * 3},
    "parity": {"rotation": [0.54] * 3, "tanh": [0.56] * 3, "LSTM": [0.99] * 3},
}
for task, kind, seed, last in (("copy", "tanh", 0, 4), ("parity", "rotation", 1, 12)):
    ids, targets = test_set(task)
    SCORES[task][kind][seed] = accuracy(train(task, kind, seed)(ids)[0], targets, last)
WINNER, WHY = {"copy": "rotation", "parity": "LSTM"}, "B"
"""

WRONG = [
    ("ex1", "projects", REFLECT.replace("h - 2 /", "h - 1 /"), "that projects"),
    ("ex1", "expects a v of length 1", REFLECT.replace("2 / square", "2"), "may have any length"),
    (
        "ex1",
        "divides by the length",
        REFLECT.replace("2 / square", "2 / square**0.5"),
        "by the square of the length",
    ),
    ("ex1", "does not conjugate", REFLECT.replace(".conj()", ""), "the transpose is conjugated"),
    (
        "ex1",
        "conjugates the other v",
        REFLECT.replace("(h @ v.conj())[:, None] * v", "(h @ v)[:, None] * v.conj()"),
        "belongs to the first v",
    ),
    ("ex1", "builds the matrix", MATRIX, "do not build the matrix"),
    (
        "ex1",
        "divides by 0",
        REFLECT.replace("    if square == 0:\n        return h.copy()\n", ""),
        "v = 0 gives NaN",
    ),
    ("ex1", "begins with the last", REFLECT.replace("in V:", "in V[::-1]:"), "h meets R_1 first"),
    (
        "ex2",
        "trusts an orthogonal matrix in spite of tanh",
        MAPS.replace('tanh": "shorter"', 'tanh": "same"'),
        "tanh makes every number smaller",
    ),
    (
        "ex2",
        "takes NumPy's transform for unitary",
        MAPS.replace('"longer"', '"same"'),
        "norm='ortho'",
    ),
    (
        "ex2",
        "thinks that modReLU keeps lengths",
        MAPS.replace('"modReLU": "shorter"', '"modReLU": "same"'),
        "takes something off",
    ),
    ("ex2", "takes the square", MAPS.replace("4**10", "16**10"), "the *square* of the length"),
    ("ex2", "counts one step", MAPS.replace("4**10", "4"), "that is one step"),
    (
        "ex2",
        "thinks that tanh lets gradients pass",
        MAPS + 'BACK["orthogonal, tanh"] = True\n',
        "the slope of tanh is below 1",
    ),
    (
        "ex2",
        "thinks that a reflection does something to gradients",
        MAPS + 'BACK["permutation, reflection"] = False\n',
        "its transpose is unitary, too",
    ),
    (
        "ex3",
        "takes NumPy's transform as it is",
        ROTATE.replace('fft(z * D_1, norm="ortho")', "fft(z * D_1)"),
        "fft needs norm='ortho'",
    ),
    (
        "ex3",
        "takes the inverse transform as it is",
        ROTATE.replace('ifft(z * D_2, norm="ortho")', "ifft(z * D_2)"),
        "ifft needs norm='ortho'",
    ),
    (
        "ex3",
        "transforms twice forwards",
        ROTATE.replace("np.fft.ifft(z * D_2", "np.fft.fft(z * D_2"),
        "the inverse transform: ifft",
    ),
    (
        "ex3",
        "permutes the other way round",
        ROTATE.replace("[:, order]", "[:, np.argsort(order)]"),
        "place j holds number order[j]",
    ),
    (
        "ex3",
        "forgets the last phases",
        ROTATE.replace("vectors[1]) * D_3", "vectors[1])"),
        "D_3 is missing",
    ),
    (
        "ex3",
        "does not change the phases on the way back",
        ROTATE.replace("-1j", "1j"),
        "rotate_back(...)",
    ),
    (
        "ex3",
        "keeps the permutation on the way back",
        ROTATE.replace("z[:, np.argsort(order)]", "z[:, order]"),
        "the permutation is undone",
    ),
    ("ex3", "builds the matrix", DENSE, "do not build matrices"),
    (
        "ex4",
        "trusts torch.where",
        MODRELU.replace('"second": "nan"', '"second": "0"'),
        "but not its gradient",
    ),
    ("ex4", "takes 0 / 0 for 0", MODRELU.replace('"first": "nan"', '"first": "0"'), "0 / 0 is not"),
    ("ex4", "forgets the size", MODRELU.replace("0.08", "0.01"), "but of 1/8"),
    ("ex4", "takes what is left", MODRELU.replace("0.08", "0.92"), "this is what is left"),
    (
        "ex4",
        "hides the value alone",
        MODRELU.replace("torch.where(size > 0, size, 1) * (size > 0) * z", "size * z").replace(
            "return torch.relu(size + b) / size * z",
            "return torch.where(size > 0, torch.relu(size + b) * z / size, 0)",
        ),
        "not even in a branch that is not taken",
    ),
    (
        "ex4",
        "takes a large constant",
        MODRELU.replace("torch.where(size > 0, size, 1)", "(size + 1e-5)"),
        "the constant in the divisor is too large",
    ),
    (
        "ex4",
        "lets positive shifts through at 0",
        MODRELU.replace(" * (size > 0) * z", " * z"),
        "a factor (size > 0) makes it so",
    ),
    (
        "ex4",
        "takes a small constant alone",
        MODRELU.replace("torch.where(size > 0, size, 1) * (size > 0)", "(size + 1e-12)"),
        "a factor (size > 0) makes it so",
    ),
    (
        "ex4",
        "shifts both parts",
        MODRELU.replace(
            "torch.relu(size + b) / torch.where(size > 0, size, 1) * (size > 0) * z",
            "torch.complex(torch.relu(z.real + b), torch.relu(z.imag + b))",
        ),
        "Size and direction",
    ),
    ("ex5", "takes e^(iw) for two numbers", COUNTS.replace("n: n,", "n: 2 * n,"), "w is one real"),
    (
        "ex5",
        "takes complex vectors for real ones",
        COUNTS.replace('"W": lambda n: 7', '"W": lambda n: 5'),
        "the vectors of the reflections are complex",
    ),
    (
        "ex5",
        "counts complex numbers once",
        COUNTS.replace("2 * n * n,", "n * n,"),
        "each of the n^2 entries is complex",
    ),
    (
        "ex5",
        "counts equations",
        COUNTS.replace("n * (n - 1) / 2", "n * (n + 1) / 2"),
        "the number of equations",
    ),
    (
        "ex5",
        "counts equations twice",
        COUNTS.replace("n * (n - 1) / 2", "0"),
        "W W^T is symmetric",
    ),
    ("ex5", "takes equal for fewer", COUNTS.replace("FROM = 16", "FROM = 15"), "both are 105"),
    (
        "ex5",
        "thinks that 7n numbers reach all",
        COUNTS.replace('"A": False', '"A": True'),
        "far more unitary matrices",
    ),
    ("ex5", "forgets log n", COUNTS.replace('"B": False', '"B": True'), "O(n log n)"),
    (
        "ex6",
        "takes all steps",
        SCORES.replace("[-last:]", ""),
        "this is the accuracy over all steps",
    ),
    (
        "ex6",
        "takes the first steps",
        SCORES.replace("[-last:]", "[:last]"),
        "the first steps, not the last",
    ),
    (
        "ex6",
        "cuts the batch",
        SCORES.replace("[-last:]", "[:, -last:]"),
        "time is the first axis",
    ),
    ("ex6", "lets the mute guess", SCORES.replace("(0.897, 0)", "(0.897, 0.25)"), "1/4 is for who"),
    (
        "ex6",
        "scores blanks",
        SCORES.replace('"tanh", 0, 4)', '"tanh", 0, 39)'),
        "most of them blanks",
    ),
    (
        "ex6",
        "scores parity over four steps",
        SCORES.replace('"rotation", 1, 12)', '"rotation", 1, 4)'),
        "on parity take all twelve",
    ),
    ("ex6", "crowns one cell", SCORES.replace('"LSTM"}, "B"', '"rotation"}, "B"'), "WINNER"),
    ("ex6", "wants more updates", SCORES.replace('}, "B"', '}, "A"'), "holds for any weights"),
    ("ex6", "thinks that it forgets", SCORES.replace('}, "B"', '}, "C"'), "brings four symbols"),
]
