"""Wrong answers to the exercises of chapter 11, and what their checks say about them.

Each entry: exercise, the mistake, the answer cell, a part of the message.
"""

JACOBIAN = """
def step_jacobian(x, h, W_xh, W_hh, b_h):
    a = x @ W_xh + h @ W_hh + b_h
    slopes = 1 - np.tanh(a) ** 2
    return W_hh * slopes


def one_step_back(d_h, jacobian):
    return d_h @ jacobian.T
"""

BOUND = """
BOUND = dict.fromkeys("ABDEF", "open") | {"C": "vanishes"}
TRUTH = dict.fromkeys("ABCD", "vanishes") | {"E": "explodes", "F": "keeps"}
"""

PRODUCT = """
def log_gradient_lengths(jacobians, d_last):
    logs, direction, log_length = [], np.array(d_last, float), 0.0
    for jacobian in jacobians[::-1]:
        direction = direction @ jacobian.T
        length = np.linalg.norm(direction)
        if length == 0:
            break
        log_length += np.log(length)
        direction = direction / length
        logs.append(log_length)
    return np.array(logs + [-np.inf] * (len(jacobians) - len(logs)))


def growth_rates(jacobians):
    Q, growth = np.eye(jacobians.shape[1]), np.zeros(jacobians.shape[1])
    for jacobian in jacobians:
        Q, R = np.linalg.qr(jacobian.T @ Q)
        growth += np.log(np.abs(np.diag(R)))
    return np.sort(growth / len(jacobians))[::-1]
"""

MULTIPLIED_OUT = """
def log_gradient_lengths(jacobians, d_last):
    d, logs = d_last, []
    for jacobian in jacobians[::-1]:
        d = d @ jacobian.T
        logs.append(np.log(np.linalg.norm(d)))
    return np.array(logs)


def growth_rates(jacobians):
    product = np.eye(jacobians.shape[1])
    for jacobian in jacobians:
        product = product @ jacobian
    return np.log(np.linalg.svd(product, compute_uv=False)) / len(jacobians)
"""

MICROSCOPE = """
LINES = (7, 8)


def gradient_lengths(cell, xs, loss_fn):
    h, states = torch.zeros(xs.shape[1], cell.hidden_size, dtype=xs.dtype), []
    for x in xs:
        h = cell(x, h)
        states.append(h)
    hs = torch.stack(states)
    loss = loss_fn(hs)
    gradients = torch.stack(torch.autograd.grad(loss, states))
    return gradients.pow(2).sum(dim=(1, 2)).sqrt().numpy()
"""

BY_BACKWARD = """
LINES = (7, 8)


def gradient_lengths(cell, xs, loss_fn):
    h, states = torch.zeros(xs.shape[1], cell.hidden_size, dtype=xs.dtype), []
    for x in xs:
        h = cell(x, h)
        h.retain_grad()
        states.append(h)
    loss_fn(torch.stack(states)).backward()
    return torch.stack([h.grad for h in states]).pow(2).sum(dim=(1, 2)).sqrt().numpy()
"""

CHANCE = """
def adding_chance_level(a, b):
    return 2 * (b - a) ** 2 / 12


def copy_chance_level(num_symbols, num_items, num_blanks):
    return num_items * np.log(num_symbols) / (2 * num_items + num_blanks + 1)


def greeting_chance(num_names):
    return 1 / (num_names - 1), np.log(num_names - 1)


LEARNT = {"A": False, "B": True, "C": False, "D": False}
"""

REACH = """
def accuracy_after_training(gap, radius, seed, steps=STEPS):
    model, rng = new_model(radius, seed), np.random.default_rng(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    for _ in range(steps):
        ids, answers = draw(gap, 32, rng)
        loss = torch.nn.functional.cross_entropy(model(ids), answers)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    ids, answers = draw(gap, 500, np.random.default_rng(10_000 + seed))
    with torch.no_grad():
        return (model(ids).argmax(dim=1) == answers).double().mean().item()


def reach(accuracies):
    largest = 0
    for gap in sorted(accuracies):
        if np.median(accuracies[gap]) < 0.9:
            break
        largest = gap
    return largest


TABLE = {radius: {gap: [1.0, 1.0, 1.0] for gap in GAPS} for radius in RADII}
TABLE[0.5] |= {16: [0.25, 0.25, 0.25], 32: [0.25, 0.25, 0.25]}
REACH, ARRIVES = {0.5: 8, 1.0: 32}, "C"
"""

WRONG = [
    (
        "ex1",
        "uses the layout of torch",
        JACOBIAN.replace("return W_hh * slopes", "return (W_hh * slopes).T"),
        "transposed: this has new units down",
    ),
    (
        "ex1",
        "multiplies the rows with the slopes",
        JACOBIAN.replace("W_hh * slopes", "np.diag(slopes) @ W_hh"),
        "it multiplies column j",
    ),
    (
        "ex1",
        "takes the slope at the state before",
        JACOBIAN.replace("np.tanh(a) ** 2", "h**2"),
        "take it at the new state",
    ),
    (
        "ex1",
        "forgets tanh in the slope",
        JACOBIAN.replace("np.tanh(a) ** 2", "a**2"),
        "not 1 - a_t^2",
    ),
    (
        "ex1",
        "forgets the slope",
        JACOBIAN.replace("W_hh * slopes", "W_hh.copy()"),
        "the slope of tanh is missing",
    ),
    (
        "ex1",
        "sends the gradient forwards",
        JACOBIAN.replace("d_h @ jacobian.T", "d_h @ jacobian"),
        "Backwards it is the transposed J_t",
    ),
    (
        "ex2",
        "reads everything off the norm",
        'BOUND = dict.fromkeys("ABDEF", "open") | {"C": "vanishes"}\n'
        'TRUTH = dict.fromkeys("ADE", "explodes") | {"B": "keeps", "C": "vanishes", "F": "keeps"}',
        "off the norm of W_hh",
    ),
    (
        "ex2",
        "forgets the slope of the sigmoid",
        BOUND.replace('"C": "vanishes"', '"C": "open"'),
        "the slope of the sigmoid is at most 1/4",
    ),
    (
        "ex2",
        "thinks that an orthogonal matrix helps ReLU",
        BOUND.replace('"F": "keeps"', '"F": "keeps", "B": "keeps"'),
        "the rotation turns one unit below 0",
    ),
    (
        "ex2",
        "forgets saturation",
        BOUND.replace('"E": "explodes"', '"E": "explodes", "D": "explodes"'),
        "tanh(1.5 h) = h",
    ),
    (
        "ex2",
        "thinks that tanh never lets a gradient grow",
        BOUND.replace('"E": "explodes"', '"E": "vanishes"'),
        "each step multiplies by 1.5",
    ),
    (
        "ex2",
        "looks at the first steps only",
        BOUND.replace('"F": "keeps"', '"F": "keeps", "A": "explodes"'),
        "in the long run these decide",
    ),
    ("ex3", "multiplies out", MULTIPLIED_OUT, "take the length out after every step"),
    (
        "ex3",
        "does not add the logarithms up",
        PRODUCT.replace("log_length += np.log", "log_length = np.log"),
        "add their logarithms up",
    ),
    (
        "ex3",
        "multiplies by J itself",
        PRODUCT.replace("direction @ jacobian.T", "direction @ jacobian"),
        "a gradient goes back as d J^T",
    ),
    (
        "ex3",
        "begins with the first step",
        PRODUCT.replace("jacobians[::-1]:", "jacobians:"),
        "begins at the end",
    ),
    (
        "ex3",
        "begins with a gradient of length 1",
        PRODUCT.replace(
            "np.array(d_last, float), 0.0", "np.array(d_last) / np.linalg.norm(d_last), 0.0"
        ),
        "Keep the length of d_last",
    ),
    (
        "ex3",
        "divides by a length of 0",
        PRODUCT.replace("        if length == 0:\n            break\n", ""),
        "take no logarithm of 0",
    ),
    (
        "ex3",
        "stops at 0 without filling the rest",
        PRODUCT.replace("[-np.inf] *", "[0.0] *"),
        "here only 0 is left after two steps",
    ),
    (
        "ex3",
        "only divides the directions by their lengths",
        PRODUCT.replace(
            """        Q, R = np.linalg.qr(jacobian.T @ Q)
        growth += np.log(np.abs(np.diag(R)))
""",
            """        Q = jacobian.T @ Q
        growth += np.log(np.linalg.norm(Q, axis=0))
        Q = Q / np.linalg.norm(Q, axis=0)
""",
        ),
        "turned into the strongest one",
    ),
    (
        "ex3",
        "forgets to divide by the number of steps",
        PRODUCT.replace("growth / len(jacobians)", "growth"),
        "divide by the number of steps",
    ),
    (
        "ex3",
        "returns the smallest rate first",
        PRODUCT.replace(
            "np.sort(growth / len(jacobians))[::-1]", "np.sort(growth / len(jacobians))"
        ),
        "the largest rate comes first",
    ),
    (
        "ex3",
        "goes through the steps the other way round",
        PRODUCT.replace(
            "    for jacobian in jacobians:\n        Q, R = np.linalg.qr(jacobian.T @ Q)",
            "    for jacobian in jacobians:\n        Q, R = np.linalg.qr(jacobian @ Q)",
        ),
        "this is the product J_T ... J_1",
    ),
    ("ex4", "blames the copy", MICROSCOPE.replace("(7, 8)", "(4, 8)"), "line 4 is right"),
    (
        "ex4",
        "names the lines but still asks the copy",
        MICROSCOPE.replace(
            "torch.stack(torch.autograd.grad(loss, states))", "torch.autograd.grad(loss, hs)[0]"
        ),
        "hs is a copy that nothing later was computed from",
    ),
    (
        "ex4",
        "leaves all as it is",
        MICROSCOPE.replace(
            "torch.stack(torch.autograd.grad(loss, states))", "torch.autograd.grad(loss, hs)[0]"
        ).replace("gradients.pow(2).sum(dim=(1, 2)).sqrt()", "gradients.sum(dim=(1, 2)).abs()"),
        "nothing has changed",
    ),
    (
        "ex4",
        "lets plus and minus cancel",
        MICROSCOPE.replace(
            "gradients.pow(2).sum(dim=(1, 2)).sqrt()", "gradients.sum(dim=(1, 2)).abs()"
        ),
        "plus and minus cancel",
    ),
    (
        "ex4",
        "adds up the sizes",
        MICROSCOPE.replace(
            "gradients.pow(2).sum(dim=(1, 2)).sqrt()", "gradients.abs().sum(dim=(1, 2))"
        ),
        "the sum of the sizes",
    ),
    (
        "ex4",
        "takes a mean",
        MICROSCOPE.replace(".pow(2).sum(", ".pow(2).mean("),
        "this is a mean",
    ),
    (
        "ex4",
        "takes the mean of the sequences' lengths",
        MICROSCOPE.replace(".sum(dim=(1, 2)).sqrt()", ".sum(dim=2).sqrt().mean(dim=1)"),
        "take all B H numbers as one vector",
    ),
    ("ex4", "fills the gradients of the weights", BY_BACKWARD, "the weights now have a .grad"),
    (
        "ex5",
        "takes the variance of one number",
        CHANCE.replace("2 * (b - a) ** 2 / 12", "(b - a) ** 2 / 12"),
        "two are added",
    ),
    (
        "ex5",
        "takes 1/6 for all numbers",
        CHANCE.replace("2 * (b - a) ** 2 / 12", "1 / 6"),
        "1/6 holds for numbers from 0 to 1",
    ),
    (
        "ex5",
        "takes the width and not its square",
        CHANCE.replace("2 * (b - a) ** 2 / 12", "(b - a) / 6"),
        "grows with the square",
    ),
    (
        "ex5",
        "forgets that most steps are certain",
        CHANCE.replace(
            "num_items * np.log(num_symbols) / (2 * num_items + num_blanks + 1)",
            "np.log(num_symbols)",
        ),
        "Take the mean over all steps",
    ),
    (
        "ex5",
        "takes blank and delimiter for answers",
        CHANCE.replace("np.log(num_symbols)", "np.log(num_symbols + 2)"),
        "K choices, not K + 2",
    ),
    (
        "ex5",
        "forgets the steps of reading",
        CHANCE.replace("(2 * num_items + num_blanks + 1)", "(num_items + num_blanks + 1)"),
        "the steps at which the symbols are read",
    ),
    (
        "ex5",
        "forgets that nobody greets himself",
        CHANCE.replace(
            "1 / (num_names - 1), np.log(num_names - 1)", "1 / num_names, np.log(num_names)"
        ),
        "nobody greets himself",
    ),
    (
        "ex5",
        "is deceived by a small loss",
        CHANCE.replace('"C": False', '"C": True'),
        "a small loss, and nothing learnt",
    ),
    (
        "ex5",
        "compares with the wrong chance level",
        CHANCE.replace('"B": True', '"B": False'),
        "chance is 4 times as large",
    ),
    (
        "ex6",
        "trains on one batch",
        REACH.replace("draw(gap, 32, rng)", "draw(gap, 32, np.random.default_rng(seed))"),
        "every step draws the same sequences",
    ),
    (
        "ex6",
        "tests on sequences of the training",
        REACH.replace(
            "    ids, answers = draw(gap, 500, np.random.default_rng(10_000 + seed))\n",
            "    ids, answers = draw(gap, 32, np.random.default_rng(seed))\n",
        ),
        "test on 500 new sequences",
    ),
    (
        "ex6",
        "forgets to change the weights",
        REACH.replace("        optimizer.step()\n", ""),
        "does every step change the weights",
    ),
    (
        "ex6",
        "makes another model",
        REACH.replace("new_model(radius, seed)", "new_model(radius, seed + 1)"),
        "Is the model new_model(radius, seed)",
    ),
    (
        "ex6",
        "takes the mean over the seeds",
        REACH.replace("np.median(", "np.mean("),
        "the reach is 8, not 4",
    ),
    (
        "ex6",
        "takes any gap that succeeds",
        REACH.replace("            break\n", "            continue\n"),
        "may succeed by luck",
    ),
    (
        "ex6",
        "makes the table up",
        REACH.replace("TABLE[0.5] |= {", "TABLE[0.5] |= {4: [0.9, 0.9, 0.9], "),
        "fill the table with its results",
    ),
    (
        "ex6",
        "takes the reach from elsewhere",
        REACH.replace("{0.5: 8, 1.0: 32}", "{0.5: 16, 1.0: 32}"),
        "REACH does not follow from TABLE",
    ),
    ("ex6", "expects a tenth", REACH.replace('"C"', '"A"'), "Each of the 17 steps back"),
]
