"""Plausible wrong answers to the exercises of chapter 05, and what each must be told."""

BY_HAND = """
mean_by_hand, variance_by_hand, gain_by_hand = 21, 2 / 3, 1 / 3
"""

COMBINE = """

def combine(reading_1, variance_1, reading_2, variance_2):
    variance = 1 / (1 / variance_1 + 1 / variance_2)
    return variance * (reading_1 / variance_1 + reading_2 / variance_2), variance
"""

FILTER = """
def kalman_filter(ys, A, C, Q, R, m0, P0):
    means, covariances, log_likelihood = [], [], 0.0
    m, P = m0, P0
    for y in ys:
        if not np.isnan(y).any():
            e = y - m @ C.T
            S = C @ P @ C.T + R
            K = P @ C.T @ np.linalg.inv(S)
            quadratic = e @ np.linalg.inv(S) @ e
            log_likelihood -= 0.5 * (quadratic + np.linalg.slogdet(2 * np.pi * S)[1])
            m, P = m + e @ K.T, P - K @ C @ P
        means.append(m)
        covariances.append(P)
        m, P = m @ A.T, A @ P @ A.T + Q
    return np.array(means), np.array(covariances), log_likelihood
"""

NOISES = """
lags, jitters, wrong_noise = "A", "C", "R too large"
sign = {"A": "+", "B": "0", "C": "-"}
size = {"A": "above 1", "B": "near 1", "C": "below 1"}


def report(innovations, variances):
    u = innovations / np.sqrt(variances)
    return u[1:] @ u[:-1] / (u @ u), np.mean(u**2)
"""

SMOOTHER = """
later_observations = 1


def smooth(means, covariances, A, Q):
    means, covariances = means.copy(), covariances.copy()
    for t in range(len(means) - 2, -1, -1):
        predicted = A @ covariances[t] @ A.T + Q
        J = covariances[t] @ A.T @ np.linalg.inv(predicted)
        means[t] += (means[t + 1] - means[t] @ A.T) @ J.T
        covariances[t] += J @ (covariances[t + 1] - predicted) @ J.T
    return means, covariances
"""

SETTLED = """
def settled_gain(A, C, Q, R):
    P, moved = Q, 1.0
    while moved > 1e-12:
        K = P @ C.T @ np.linalg.inv(C @ P @ C.T + R)
        following = A @ (P - K @ C @ P) @ A.T + Q
        moved, P = np.abs(following - P).max(), following
    return P @ C.T @ np.linalg.inv(C @ P @ C.T + R)


def local_level_gain(q, r):
    P = q / 2 + np.sqrt(q**2 / 4 + q * r)
    return P / (P + r)


def as_recurrence(A, C, K):
    return A - K @ C @ A, K
"""

LINES = """
match = {1: "d", 2: "f", 3: "e", 4: "a", 5: "b", 6: "c"}
true_statements = {"A", "C", "F"}
"""


def changed(source, *pairs):
    """Return a right answer with some parts replaced; each part must stand in it."""
    for old, new in pairs:
        if old not in source:
            raise ValueError(f"{old!r} stands nowhere in the answer")
        source = source.replace(old, new)
    return source


CORRECTION = """            e = y - m @ C.T
            S = C @ P @ C.T + R"""

WRONG = [
    (
        "ex1",
        "takes the plain average by hand",
        changed(BY_HAND, ("21,", "21.5,")) + COMBINE,
        "by hand: the better thermometer must count for more",
    ),
    (
        "ex1",
        "leaves out the gain",
        changed(BY_HAND, ("1 / 3\n", "None\n")) + COMBINE,
        "set mean_by_hand, variance_by_hand and gain_by_hand",
    ),
    (
        "ex1",
        "takes the weight of the first reading for the gain",
        changed(BY_HAND, ("2 / 3, 1 / 3", "2 / 3, 2 / 3")) + COMBINE,
        "K is that of the second",
    ),
    (
        "ex1",
        "weighs by the variances",
        BY_HAND
        + """
def combine(reading_1, variance_1, reading_2, variance_2):
    total = variance_1 + variance_2
    return (variance_1 * reading_1 + variance_2 * reading_2) / total, 1 / total
""",
        "combine: the weights are exchanged",
    ),
    (
        "ex1",
        "weighs by the standard deviations",
        BY_HAND
        + """
def combine(reading_1, variance_1, reading_2, variance_2):
    weights = 1 / np.sqrt([variance_1, variance_2])
    return np.average([reading_1, reading_2], weights=weights), 1 / weights.sum()
""",
        "not by the standard deviation",
    ),
    (
        "ex1",
        "adds the variances",
        BY_HAND + changed(COMBINE, (", variance\n", ", variance_1 + variance_2\n")),
        "the variance must fall below the smaller one",
    ),
    (
        "ex1",
        "gives the variance of the plain average",
        BY_HAND + changed(COMBINE, (", variance\n", ", (variance_1 + variance_2) / 4\n")),
        "the variance of the plain average",
    ),
    (
        "ex1",
        "returns the mean alone",
        BY_HAND + changed(COMBINE, (", variance\n", "\n")),
        "mean and variance",
    ),
    (
        "ex2",
        "lets NaN through",
        changed(FILTER, ("if not np.isnan(y).any():", "if True:")),
        "NaN comes out",
    ),
    (
        "ex2",
        "replaces NaN by 0",
        changed(FILTER, ("if not np.isnan(y).any():", "y = np.nan_to_num(y)\n        if True:")),
        "a measurement of 0",
    ),
    (
        "ex2",
        "fills the gap with the prediction and believes it",
        changed(
            FILTER,
            (
                "if not np.isnan(y).any():",
                "y = np.where(np.isnan(y), m @ C.T, y)\n        if True:",
            ),
        ),
        "makes the variance smaller",
    ),
    (
        "ex2",
        "carries the gap without Q",
        changed(
            FILTER,
            (
                "m, P = m @ A.T, A @ P @ A.T + Q",
                "gap = np.isnan(ys[len(means) % len(ys)]).any()\n"
                "        m, P = m @ A.T, A @ P @ A.T + (0 if gap else Q)",
            ),
        ),
        "without adding Q",
    ),
    (
        "ex2",
        "stands still in the gap",
        changed(
            FILTER,
            (
                "m, P = m @ A.T, A @ P @ A.T + Q",
                "m, P = m if np.isnan(y).any() else m @ A.T, A @ P @ A.T + Q",
            ),
        ),
        "moves the mean by A, in a gap too",
    ),
    (
        "ex2",
        "does not predict after a missing row",
        changed(
            FILTER,
            (
                "m, P = m @ A.T, A @ P @ A.T + Q",
                "if not np.isnan(y).any():\n            m, P = m @ A.T, A @ P @ A.T + Q",
            ),
        ),
        "also the one after a missing row",
    ),
    (
        "ex2",
        "counts missing rows in the log-likelihood",
        changed(
            FILTER,
            (
                "        means.append(m)",
                "        else:\n"
                + CORRECTION.replace("y - m @ C.T", "0 * m @ C.T")
                + "\n            log_likelihood -= 0.5 * np.linalg.slogdet(2 * np.pi * S)[1]\n"
                + "        means.append(m)",
            ),
        ),
        "only measured rows count",
    ),
    (
        "ex2",
        "forgets 2 pi",
        changed(FILTER, ("slogdet(2 * np.pi * S)", "slogdet(S)")),
        "M ln(2 pi)",
    ),
    (
        "ex2",
        "transposes the gain",
        changed(FILTER, ("e @ K.T", "e @ K")),
        "the gain is transposed",
    ),
    (
        "ex2",
        "predicts before the first row",
        changed(
            FILTER,
            ("    for y in ys:\n", "    for y in ys:\n        m, P = m @ A.T, A @ P @ A.T + Q\n"),
            (
                "        covariances.append(P)\n        m, P = m @ A.T, A @ P @ A.T + Q\n",
                "        covariances.append(P)\n",
            ),
        ),
        "correct first, then predict",
    ),
    (
        "ex2",
        "overwrites the series of the caller",
        changed(FILTER, ("    m, P = m0, P0\n", "    m, P = m0, P0\n    ys -= 0.5\n")),
        "you overwrite the caller's ys",
    ),
    (
        "ex3",
        "thinks that too large a noise makes the filter lag",
        changed(NOISES, ('"A", "C", "R', '"C", "A", "R')),
        "gives little weight to each measurement",
    ),
    (
        "ex3",
        "exchanges the signs",
        changed(NOISES, ('"A": "+"', '"A": "-"'), ('"C": "-"', '"C": "+"')),
        "errs to the same side several times in a row",
    ),
    (
        "ex3",
        "thinks that the right filter has correlated errors",
        changed(NOISES, ('"B": "0"', '"B": "+"')),
        "hold nothing that could be predicted",
    ),
    (
        "ex3",
        "thinks that a jittering filter makes larger errors than it expects",
        changed(NOISES, ('"C": "below 1"', '"C": "above 1"')),
        "it expects far larger errors than it makes",
    ),
    (
        "ex3",
        "takes the process noise for the culprit",
        changed(NOISES, ("R too large", "q too small")),
        "a mean square below 1",
    ),
    (
        "ex3",
        "reads the sign the wrong way round",
        changed(NOISES, ("R too large", "q too large")),
        "q / R is too small",
    ),
    (
        "ex3",
        "leaves a choice out",
        changed(NOISES, ('"B": "near 1"', '"B": None')),
        "set lags, jitters, sign, size and wrong_noise",
    ),
    (
        "ex3",
        "does not normalise",
        changed(NOISES, ("innovations / np.sqrt(variances)", "innovations")),
        "divide each innovation by its own deviation",
    ),
    (
        "ex3",
        "divides by the variance",
        changed(NOISES, ("np.sqrt(variances)", "variances")),
        "by the square root of its variance",
    ),
    (
        "ex3",
        "takes means over different numbers of terms",
        changed(NOISES, ("u[1:] @ u[:-1] / (u @ u)", "np.mean(u[1:] * u[:-1]) / np.mean(u**2)")),
        "r_1 is a ratio of sums",
    ),
    (
        "ex4",
        "runs forwards, as the colleague does",
        changed(SMOOTHER, ("range(len(means) - 2, -1, -1)", "range(len(means) - 1)")),
        "news must travel back",
    ),
    (
        "ex4",
        "uses the next state's covariance after its observation",
        changed(SMOOTHER, ("A @ covariances[t] @ A.T + Q", "covariances[t + 1].copy()")),
        "before its observation",
    ),
    (
        "ex4",
        "forgets Q",
        changed(SMOOTHER, ("A @ covariances[t] @ A.T + Q", "A @ covariances[t] @ A.T")),
        "Q is missing",
    ),
    (
        "ex4",
        "compares the next mean with this one",
        changed(SMOOTHER, ("means[t + 1] - means[t] @ A.T", "means[t + 1] - means[t]")),
        "What the filter predicts for t + 1 is m_t @ A.T",
    ),
    (
        "ex4",
        "returns what the filter gave",
        changed(SMOOTHER, ("range(len(means) - 2, -1, -1)", "()")),
        "nothing is smoothed",
    ),
    (
        "ex4",
        "overwrites the filter's arrays",
        changed(SMOOTHER, ("means.copy(), covariances.copy()", "means, covariances")),
        "you overwrite the filter's arrays",
    ),
    (
        "ex4",
        "subtracts nothing from the covariance that comes back",
        changed(SMOOTHER, ("(covariances[t + 1] - predicted)", "covariances[t + 1]")),
        "smoothed of the next state minus predicted",
    ),
    (
        "ex4",
        "thinks that the colleague uses no later observation",
        changed(SMOOTHER, ("later_observations = 1", "later_observations = 0")),
        "which ones move the colleague's mean",
    ),
    (
        "ex4",
        "does not say what is wrong",
        changed(SMOOTHER, ("later_observations = 1", "later_observations = None")),
        "set later_observations",
    ),
    (
        "ex5",
        "stops after 100 rounds",
        changed(
            SETTLED,
            ("P, moved = Q, 1.0", "P = Q"),
            ("while moved > 1e-12", "for _ in range(100)"),
            ("moved, P = np.abs(following - P).max(), following", "P = following"),
        ),
        "go on until P no longer moves",
    ),
    (
        "ex5",
        "stops as soon as P moves little",
        changed(SETTLED, ("moved > 1e-12", "moved > 1e-3")),
        "no entry of P moves by more than 1e-12",
    ),
    (
        "ex5",
        "takes the gain from the covariance after the observation",
        changed(SETTLED, ("    return P @ C.T", "    P = P - K @ C @ P\n    return P @ C.T")),
        "settled_gain: the gain belongs to the covariance before the observation",
    ),
    (
        "ex5",
        "transposes the gain",
        changed(SETTLED, ("inv(C @ P @ C.T + R)\n\n", "inv(C @ P @ C.T + R).T @ C @ P\n\n")),
        "settled_gain",
    ),
    (
        "ex5",
        "forgets the transition",
        changed(SETTLED, ("A @ (P - K @ C @ P) @ A.T + Q", "P - K @ C @ P + Q")),
        "multiplies P from both sides",
    ),
    (
        "ex5",
        "solves for the variance after the observation",
        changed(SETTLED, ("q / 2 + np.sqrt", "-q / 2 + np.sqrt")),
        "your P is the covariance after the observation",
    ),
    (
        "ex5",
        "returns the variance for the gain",
        changed(SETTLED, ("return P / (P + r)", "return P")),
        "local_level_gain returns P",
    ),
    (
        "ex5",
        "takes the negative root",
        changed(SETTLED, ("q / 2 + np.sqrt", "q / 2 - np.sqrt")),
        "the negative root",
    ),
    (
        "ex5",
        "writes the recurrence of the predictions",
        changed(SETTLED, ("return A - K @ C @ A, K", "return A - A @ K @ C, A @ K")),
        "A acts first and I - K C last",
    ),
    (
        "ex5",
        "forgets that the mean moves",
        changed(SETTLED, ("return A - K @ C @ A, K", "return np.eye(len(A)) - K @ C, K")),
        "the old mean moves by A before",
    ),
    (
        "ex5",
        "forgets the prediction within the innovation",
        changed(SETTLED, ("return A - K @ C @ A, K", "return A, K")),
        "also part of the innovation",
    ),
    (
        "ex6",
        "exchanges what is known before and after the observation",
        changed(LINES, ('2: "f"', '2: "b"'), ('5: "b"', '5: "f"')),
        "after the move and before y_t is seen",
    ),
    (
        "ex6",
        "takes the density of the observation for a function of the state",
        changed(LINES, ('3: "e"', '3: "a"'), ('4: "a"', '4: "e"')),
        "line 3 is a function of the state",
    ),
    (
        "ex6",
        "takes one step's density for the sum over all",
        changed(LINES, ('4: "a"', '4: "c"'), ('6: "c"', '6: "a"')),
        "from which the state has been summed out",
    ),
    (
        "ex6",
        "uses a letter twice",
        changed(LINES, ('2: "f"', '2: "b"')),
        "match uses a letter twice",
    ),
    (
        "ex6",
        "leaves a line out",
        changed(LINES, ('6: "c"', "6: None")),
        "match needs one of the letters",
    ),
    (
        "ex6",
        "takes the gain for the transition",
        changed(LINES, ('{"A", "C", "F"}', '{"A", "B", "C", "F"}')),
        "the gain weighs an observation",
    ),
    (
        "ex6",
        "thinks that certainty never depends on the values",
        changed(LINES, ('{"A", "C", "F"}', '{"a", "c", "d", "f"}')),
        "but alpha does",
    ),
    (
        "ex6",
        "puts the best states together and calls them the best path",
        changed(LINES, ('{"A", "C", "F"}', '{"A", "C", "E", "F"}')),
        "that is why there is Viterbi",
    ),
    (
        "ex6",
        "does not see the scale in the density",
        changed(LINES, ('{"A", "C", "F"}', '{"C", "F"}')),
        "both are p(y_t | y_1 ... y_{t-1})",
    ),
    (
        "ex6",
        "marks nothing",
        changed(LINES, ('{"A", "C", "F"}', "set()")),
        "true_statements is empty",
    ),
]
