"""Wrong answers to the exercises of chapter 12, and what their checks say about them.

Each entry: exercise, the mistake, the answer cell, a part of the message.
"""

CLIP = """
def clip_gradients(gradients, max_norm):
    if not max_norm > 0:
        raise ValueError(f"max_norm must be above 0, but is {max_norm}")
    length = sum(g.pow(2).sum().item() for g in gradients if g is not None) ** 0.5
    if not np.isfinite(length):
        raise ValueError(f"gradients must be finite, but their length is {length}")
    factor = max_norm / length if length > max_norm else 1.0
    return [None if g is None else g * factor for g in gradients], length
"""

PREDICTED = """
COS_NORM, COS_VALUE = 1, 0.71
FULL, PER_STATE, COS_STATE = (3, 1), (2, -1), 0.71
UPHILL = {"norm": False, "value": False, "state": True}
"""

STARTS = """
def orthogonal_start(normal):
    Q, R = np.linalg.qr(normal)
    return Q * np.sign(np.diag(R))


def irnn_start(D, H, input_sd, seed):
    W_xh = np.random.default_rng(seed).normal(0, input_sd, (D, H))
    return W_xh, np.eye(H), np.zeros(H)


KEPT = {
    "identity, ReLU": "state",
    "orthogonal, linear": "length",
    "orthogonal, ReLU": "neither",
    "orthogonal, tanh": "neither",
}
"""

CHUNKS = """
LINE, STEPS_BACK = 9, 2100


def train_chunks(cell, xs, loss_fn, chunk):
    total = 0.0
    h = torch.zeros(xs.shape[1], cell.hidden_size, dtype=xs.dtype)
    for start in range(0, len(xs), chunk):
        h = h.detach()
        hs = []
        for x in xs[start : start + chunk]:
            h = cell(x, h)
            hs.append(h)
        loss = loss_fn(torch.stack(hs), start)
        loss.backward()
        total += loss.item()
    return total
"""

WAYS = """
def shortest_way(gap, skips):
    fewest = [0] + [None] * gap
    for n in range(1, gap + 1):
        before = [fewest[n - k] for k in skips if k <= n and fewest[n - k] is not None]
        fewest[n] = min(before) + 1 if before else None
    return fewest[gap]


def gradient_over(gap, weights):
    over = [1.0] + [0.0] * gap
    for n in range(1, gap + 1):
        over[n] = sum(w * over[n - k] for k, w in weights.items() if k <= n)
    return over[gap]
"""

GREEDY = """
def shortest_way(gap, skips):
    count = 0
    for k in sorted(skips, reverse=True):
        count, gap = count + gap // k, gap % k
    return count if gap == 0 else None
"""

ANY_ORDER = """
def gradient_over(gap, weights):
    over = [1.0] + [0.0] * gap
    for k, w in weights.items():
        for n in range(k, gap + 1):
            over[n] += w * over[n - k]
    return over[gap]
"""

THRESHOLD = """
def share_clipped(norms, threshold):
    norms = np.asarray(norms, dtype=float)
    return float(np.mean((norms > threshold) | ~np.isfinite(norms)))


def threshold_for(norms, share):
    finite = np.sort([norm for norm in norms if np.isfinite(norm)])
    for threshold in finite:
        if share_clipped(norms, threshold) <= share:
            return float(threshold)
    return float(finite[-1])


FINAL = {threshold: [0.5, 0.5, 0.5] for threshold in THRESHOLDS} | {1.0: [0.0, 0.0, 0.0]}
FINAL[np.inf][0] = train(np.inf, 0)[0][-30:].mean()
FINAL[0.1][2] = train(0.1, 2)[0][-30:].mean()
CLIPPED = {np.inf: 0.0, 10.0: 0.01, 1.0: 0.35, 0.1: 1.0, 0.01: 1.0}
BEST, WHY = 1.0, "B"
"""

WRONG = [
    (
        "ex1",
        "clips each tensor by itself",
        CLIP.replace(
            "g * factor for g", "g * min(1.0, max_norm / max(g.norm().item(), 1e-30)) for g"
        ),
        "each tensor was clipped by itself",
    ),
    (
        "ex1",
        "clips each number by itself",
        CLIP.replace("g * factor for g", "g.clamp(-max_norm, max_norm) for g"),
        "this clips each number by itself",
    ),
    (
        "ex1",
        "stretches short gradients",
        CLIP.replace("if length > max_norm else", "if length > 0 else"),
        "was made longer",
    ),
    (
        "ex1",
        "adds up the lengths",
        CLIP.replace("g.pow(2).sum().item() for", "g.norm().item() for").replace(") ** 0.5", ")"),
        "add up squares",
    ),
    (
        "ex1",
        "returns the length after clipping",
        CLIP.replace("for g in gradients], length", "for g in gradients], length * factor"),
        "return the length before clipping",
    ),
    (
        "ex1",
        "overwrites the gradients",
        CLIP.replace("g * factor for", "g.mul_(factor) for"),
        "you overwrite the gradients",
    ),
    (
        "ex1",
        "does not expect None",
        CLIP.replace(" if g is not None", ""),
        "a gradient may be None",
    ),
    (
        "ex1",
        "drops None from the list",
        CLIP.replace(
            "None if g is None else g * factor for g in gradients",
            "g * factor for g in gradients if g is not None",
        ),
        "keeps its place",
    ),
    (
        "ex1",
        "divides by a length of 0",
        CLIP.replace(
            "max_norm / length if length > max_norm else 1.0",
            "torch.tensor(max_norm) / torch.tensor(length)",
        )
        .replace("    return [", "    factor = factor if not factor > 1 else 1.0\n    return [")
        .replace(
            "factor = factor if not factor > 1", "factor = factor if length == 0 or factor < 1"
        ),
        "became NaN",
    ),
    (
        "ex1",
        "lets NaN pass",
        CLIP.replace("if not np.isfinite(length):", "if False:"),
        "a NaN among the gradients must raise",
    ),
    (
        "ex1",
        "accepts a threshold of 0",
        CLIP.replace("if not max_norm > 0:", "if max_norm < 0:"),
        "a threshold of 0 must raise",
    ),
    (
        "ex2",
        "thinks that clipping by value keeps the direction",
        PREDICTED.replace("0.71\nFULL", "1\nFULL"),
        "both now weigh the same",
    ),
    (
        "ex2",
        "pairs the gradient with the state of the same step",
        PREDICTED.replace("(3, 1)", "(7, 1)"),
        "the state before, h_{t-1}",
    ),
    (
        "ex2",
        "clips the gradient of the weights",
        PREDICTED.replace("(2, -1)", "(0.95, 0.32)"),
        "here each d_t is clipped by itself",
    ),
    (
        "ex2",
        "clips nothing",
        PREDICTED.replace("(2, -1)", "(3, 1)"),
        "d_2 = 2 and d_1 = 4 are longer than 1",
    ),
    (
        "ex2",
        "thinks that clipping by value may lead uphill",
        PREDICTED.replace('"value": False', '"value": True'),
        "by value no number changes its sign",
    ),
    (
        "ex2",
        "thinks that clipped states always lead downhill",
        PREDICTED.replace('"state": True', '"state": False'),
        "their cosine is -1",
    ),
    (
        "ex3",
        "leaves the signs to the program",
        STARTS.replace("return Q * np.sign(np.diag(R))", "return Q"),
        "multiply column j of Q by the sign",
    ),
    (
        "ex3",
        "changes the signs of rows",
        STARTS.replace("Q * np.sign(np.diag(R))", "np.diag(np.sign(np.diag(R))) @ Q"),
        "Signs belong to columns of Q",
    ),
    (
        "ex3",
        "only divides columns by their lengths",
        STARTS.replace(
            "return Q * np.sign(np.diag(R))", "return normal / np.linalg.norm(normal, axis=0)"
        ),
        "not at right angles",
    ),
    (
        "ex3",
        "returns the triangular matrix",
        STARTS.replace("return Q * np.sign(np.diag(R))", "return R"),
        "the orthogonal one is Q",
    ),
    (
        "ex3",
        "takes the standard deviation for the variance",
        STARTS.replace("input_sd, (D, H)", "input_sd**0.5, (D, H)"),
        "you use it as the variance",
    ),
    (
        "ex3",
        "draws a bias",
        STARTS.replace("np.zeros(H)", "np.full(H, 0.1)"),
        "b_h must be zero",
    ),
    (
        "ex3",
        "draws without the seed",
        STARTS.replace("default_rng(seed)", "default_rng()"),
        "the same seed gives other numbers",
    ),
    (
        "ex3",
        "trusts ReLU with an orthogonal matrix",
        STARTS.replace('"orthogonal, ReLU": "neither"', '"orthogonal, ReLU": "length"'),
        "a rotation makes some numbers negative",
    ),
    (
        "ex3",
        "takes a length for a state",
        STARTS.replace('"length"', '"state"'),
        "a rotation moves the state",
    ),
    (
        "ex4",
        "blames the state",
        CHUNKS.replace("LINE, STEPS_BACK = 9", "LINE, STEPS_BACK = 6"),
        "line 6 is right",
    ),
    (
        "ex4",
        "thinks that each call goes over all steps",
        CHUNKS.replace("2100", "4000"),
        "only the last call reaches back",
    ),
    (
        "ex4",
        "only takes retain_graph away",
        CHUNKS.replace("        h = h.detach()\n", ""),
        "still has its history",
    ),
    (
        "ex4",
        "keeps the leak",
        CHUNKS.replace("        h = h.detach()\n", "").replace(
            "backward()", "backward(retain_graph=True)"
        ),
        "still sends a gradient into the chunks before",
    ),
    (
        "ex4",
        "starts each chunk from zeros",
        CHUNKS.replace("h = h.detach()", "h = torch.zeros_like(h)"),
        "each chunk starts from zeros",
    ),
    (
        "ex4",
        "detaches at every step",
        CHUNKS.replace("cell(x, h)", "cell(x, h.detach())"),
        "you cut after every step",
    ),
    (
        "ex4",
        "sets the gradients to zero for each chunk",
        CHUNKS.replace(
            "        loss.backward()\n", "        cell.zero_grad()\n        loss.backward()\n"
        ),
        "only the last chunk's gradient is left",
    ),
    (
        "ex5",
        "takes the longest leap first",
        GREEDY + WAYS[WAYS.index("\n\ndef gradient_over") :],
        "taking the longest leap first",
    ),
    (
        "ex5",
        "counts states and not leaps",
        WAYS.replace("fewest = [0]", "fewest = [1]"),
        "one too many",
    ),
    (
        "ex5",
        "returns something where there is no way",
        WAYS.replace("return fewest[gap]", "return fewest[gap] or gap"),
        "no leaps make up this gap",
    ),
    (
        "ex5",
        "follows the shortest ways alone",
        WAYS.replace("return over[gap]", "return 2 * 0.5 * 2.0"),
        "the shortest ways alone",
    ),
    (
        "ex5",
        "forgets that the order counts",
        WAYS[: WAYS.index("\n\ndef gradient_over")] + ANY_ORDER,
        "the order counts",
    ),
    (
        "ex5",
        "counts the ways",
        WAYS.replace("sum(w * over", "sum(over"),
        "multiply the weights along each",
    ),
    (
        "ex6",
        "returns a number of steps",
        THRESHOLD.replace("float(np.mean((", "float(np.sum(("),
        "the share is asked for",
    ),
    (
        "ex6",
        "counts the threshold itself as clipped",
        THRESHOLD.replace("norms > threshold", "norms >= threshold"),
        "3.0 counted as longer than 3.0",
    ),
    (
        "ex6",
        "overlooks NaN",
        THRESHOLD.replace(" | ~np.isfinite(norms)", ""),
        "count lengths that are not finite",
    ),
    (
        "ex6",
        "goes between two lengths",
        THRESHOLD.replace(
            "    for threshold in finite:\n",
            "    return float(np.quantile(finite, 1 - share))\n    for threshold in finite:\n",
        ),
        "do not go between two lengths",
    ),
    (
        "ex6",
        "leaves the share alone that should be clipped",
        THRESHOLD.replace(
            "share_clipped(norms, threshold) <= share",
            "share_clipped(norms, threshold) <= 1 - share",
        ),
        "you took the share that is left alone",
    ),
    (
        "ex6",
        "takes the mean of all losses",
        THRESHOLD.replace("train(np.inf, 0)[0][-30:].mean()", "train(np.inf, 0)[0].mean()"),
        "take the last 30",
    ),
    (
        "ex6",
        "chooses the threshold that clips few steps",
        THRESHOLD.replace("BEST, WHY = 1.0", "BEST, WHY = 10.0"),
        "long enough to do the damage",
    ),
    (
        "ex6",
        "chooses the lowest",
        THRESHOLD.replace("BEST, WHY = 1.0", "BEST, WHY = 0.01"),
        "it learns, but slowly",
    ),
    (
        "ex6",
        "takes small gradients for a solution",
        THRESHOLD.replace('1.0, "B"', '1.0, "A"'),
        "nothing is solved",
    ),
    (
        "ex6",
        "thinks of vanishing",
        THRESHOLD.replace('1.0, "B"', '1.0, "C"'),
        "not small",
    ),
]
