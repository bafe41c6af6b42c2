"""Plausible wrong answers to the exercises of chapter 04, and what each must be told."""

WRONG = [
    (
        "ex1",
        "starts from the last likelihood",
        """
QUESTION_1, QUESTION_2, QUESTION_3 = "A", "C", "B"


def backward_by_hand(transmat, likelihoods):
    betas = np.ones_like(likelihoods)
    for t in range(len(likelihoods) - 2, -1, -1):
        betas[t] = transmat @ (likelihoods[t + 1] * betas[t + 1])
    return betas
""",
        "beta_T is about what comes after step T",
    ),
    (
        "ex1",
        "leaves a question out",
        """
QUESTION_1, QUESTION_2, QUESTION_3 = "b", None, "b"


def backward_by_hand(transmat, likelihoods):
    betas = np.ones_like(likelihoods)
    for t in range(len(likelihoods) - 2, -1, -1):
        betas[t] = transmat @ (likelihoods[t + 1] * betas[t + 1])
    return betas
""",
        "set QUESTION_1, QUESTION_2 and QUESTION_3",
    ),
    (
        "ex1",
        "sums over the wrong state",
        """
QUESTION_1, QUESTION_2, QUESTION_3 = "B", "C", "A"


def backward_by_hand(transmat, likelihoods):
    betas = np.ones_like(likelihoods)
    for t in range(len(likelihoods) - 2, -1, -1):
        betas[t] = transmat @ (likelihoods[t + 1] * betas[t + 1])
    return betas
""",
        "sum over the next state j",
    ),
    (
        "ex1",
        "looks at the observation of the same step",
        """
QUESTION_1, QUESTION_2, QUESTION_3 = "b", "c", "c"


def backward_by_hand(transmat, likelihoods):
    betas = np.ones_like(likelihoods)
    for t in range(len(likelihoods) - 2, -1, -1):
        betas[t] = transmat @ (likelihoods[t + 1] * betas[t + 1])
    return betas
""",
        "b_t(i) looks at x_t",
    ),
    (
        "ex1",
        "starts from zeros",
        """
QUESTION_1, QUESTION_2, QUESTION_3 = "B", "C", "B"


def backward_by_hand(transmat, likelihoods):
    betas = np.zeros_like(likelihoods)
    for t in range(len(likelihoods) - 2, -1, -1):
        betas[t] = transmat @ (likelihoods[t + 1] * betas[t + 1])
    return betas
""",
        "the last row must be 1",
    ),
    (
        "ex1",
        "transposes the transition matrix",
        """
QUESTION_1, QUESTION_2, QUESTION_3 = "B", "C", "B"


def backward_by_hand(transmat, likelihoods):
    betas = np.ones_like(likelihoods)
    for t in range(len(likelihoods) - 2, -1, -1):
        betas[t] = (likelihoods[t + 1] * betas[t + 1]) @ transmat
    return betas
""",
        "the transition matrix is transposed",
    ),
    (
        "ex1",
        "uses the observation of the same step",
        """
QUESTION_1, QUESTION_2, QUESTION_3 = "B", "C", "B"


def backward_by_hand(transmat, likelihoods):
    betas = np.ones_like(likelihoods)
    for t in range(len(likelihoods) - 2, -1, -1):
        betas[t] = likelihoods[t] * (transmat @ betas[t + 1])
    return betas
""",
        "row t uses the observation at t itself",
    ),
    (
        "ex1",
        "forgets the likelihoods",
        """
QUESTION_1, QUESTION_2, QUESTION_3 = "B", "C", "B"


def backward_by_hand(transmat, likelihoods):
    betas = np.ones_like(likelihoods)
    for t in range(len(likelihoods) - 2, -1, -1):
        betas[t] = transmat @ betas[t + 1]
    return betas
""",
        "the likelihoods do not enter",
    ),
    (
        "ex1",
        "forgets the rest of the sequence",
        """
QUESTION_1, QUESTION_2, QUESTION_3 = "B", "C", "B"


def backward_by_hand(transmat, likelihoods):
    betas = np.ones_like(likelihoods)
    for t in range(len(likelihoods) - 2, -1, -1):
        betas[t] = transmat @ likelihoods[t + 1]
    return betas
""",
        "Each row builds on the row after it",
    ),
    (
        "ex1",
        "scales each row",
        """
QUESTION_1, QUESTION_2, QUESTION_3 = "B", "C", "B"


def backward_by_hand(transmat, likelihoods):
    betas = np.ones_like(likelihoods)
    for t in range(len(likelihoods) - 2, -1, -1):
        betas[t] = transmat @ (likelihoods[t + 1] * betas[t + 1])
    return betas / betas.sum(axis=1, keepdims=True)
""",
        "the last row must be 1",
    ),
    (
        "ex2",
        "forgets the pointers, as the colleague does",
        """
def best_path(startprob, transmat, likelihoods):
    deltas = np.empty(likelihoods.shape)
    pointers = np.zeros(likelihoods.shape, dtype=int)
    deltas[0] = startprob * likelihoods[0]
    for t in range(1, len(likelihoods)):
        arrivals = deltas[t - 1][:, np.newaxis] * transmat
        pointers[t] = arrivals.argmax(axis=0)
        deltas[t] = arrivals.max(axis=0) * likelihoods[t]
    return deltas.argmax(axis=1)
""",
        "you take the best entry of each delta_t by itself",
    ),
    (
        "ex2",
        "does not turn the path round",
        """
def best_path(startprob, transmat, likelihoods):
    deltas = np.empty(likelihoods.shape)
    pointers = np.zeros(likelihoods.shape, dtype=int)
    deltas[0] = startprob * likelihoods[0]
    for t in range(1, len(likelihoods)):
        arrivals = deltas[t - 1][:, np.newaxis] * transmat
        pointers[t] = arrivals.argmax(axis=0)
        deltas[t] = arrivals.max(axis=0) * likelihoods[t]
    states = [deltas[-1].argmax()]
    for t in range(len(likelihoods) - 1, 0, -1):
        states.append(pointers[t, states[-1]])
    return np.array(states)
""",
        "your path runs backwards",
    ),
    (
        "ex2",
        "reads the pointers one row too early",
        """
def best_path(startprob, transmat, likelihoods):
    deltas = np.empty(likelihoods.shape)
    pointers = np.zeros(likelihoods.shape, dtype=int)
    deltas[0] = startprob * likelihoods[0]
    for t in range(1, len(likelihoods)):
        arrivals = deltas[t - 1][:, np.newaxis] * transmat
        pointers[t] = arrivals.argmax(axis=0)
        deltas[t] = arrivals.max(axis=0) * likelihoods[t]
    states = np.empty(len(likelihoods), dtype=int)
    states[-1] = deltas[-1].argmax()
    for t in range(len(likelihoods) - 1, 0, -1):
        states[t - 1] = pointers[t - 1, states[t]]
    return states
""",
        "stands in row t of the pointers",
    ),
    (
        "ex2",
        "starts at the best first state and goes forwards",
        """
def best_path(startprob, transmat, likelihoods):
    deltas = np.empty(likelihoods.shape)
    pointers = np.zeros(likelihoods.shape, dtype=int)
    deltas[0] = startprob * likelihoods[0]
    for t in range(1, len(likelihoods)):
        arrivals = deltas[t - 1][:, np.newaxis] * transmat
        pointers[t] = arrivals.argmax(axis=0)
        deltas[t] = arrivals.max(axis=0) * likelihoods[t]
    states = np.empty(len(likelihoods), dtype=int)
    states[0] = deltas[0].argmax()
    for t in range(1, len(likelihoods)):
        states[t] = pointers[t, states[t - 1]]
    return states
""",
        "begin at the largest entry of the last delta",
    ),
    (
        "ex2",
        "takes the states that are most probable one by one",
        """
def best_path(startprob, transmat, likelihoods):
    alphas = naive_forward(startprob, transmat, likelihoods)
    betas = backward(transmat, likelihoods, np.ones(len(likelihoods)))
    return (alphas * betas).argmax(axis=1)
""",
        "one by one (posterior), not a path",
    ),
    (
        "ex3",
        "expects the most probable path to be right most often",
        """
answers = "viterbi", "viterbi", "posterior"
MORE_CORRECT_STATES, HIGHER_JOINT_PROBABILITY, MAY_BE_IMPOSSIBLE = answers


def compare(model, observations, states):
    likelihoods = model.emissionprob.T[observations]
    single = model.posteriors(observations).argmax(axis=1)
    path = model.viterbi(observations).states
    scores = []
    for found in (single, path):
        joint = log_joint(model.startprob, model.transmat, likelihoods, found)
        scores.append([(found == states).sum(), joint])
    return np.array(scores)
""",
        "a choice step by step is best step by step",
    ),
    (
        "ex3",
        "expects the most probable states to make the most probable path",
        """
answers = "Posterior", "Posterior", "Posterior"
MORE_CORRECT_STATES, HIGHER_JOINT_PROBABILITY, MAY_BE_IMPOSSIBLE = answers


def compare(model, observations, states):
    likelihoods = model.emissionprob.T[observations]
    single = model.posteriors(observations).argmax(axis=1)
    path = model.viterbi(observations).states
    scores = []
    for found in (single, path):
        joint = log_joint(model.startprob, model.transmat, likelihoods, found)
        scores.append([(found == states).sum(), joint])
    return np.array(scores)
""",
        "no path has a higher joint probability than that of Viterbi",
    ),
    (
        "ex3",
        "expects Viterbi to walk through walls",
        """
answers = "posterior", "viterbi", "viterbi"
MORE_CORRECT_STATES, HIGHER_JOINT_PROBABILITY, MAY_BE_IMPOSSIBLE = answers


def compare(model, observations, states):
    likelihoods = model.emissionprob.T[observations]
    single = model.posteriors(observations).argmax(axis=1)
    path = model.viterbi(observations).states
    scores = []
    for found in (single, path):
        joint = log_joint(model.startprob, model.transmat, likelihoods, found)
        scores.append([(found == states).sum(), joint])
    return np.array(scores)
""",
        "never asks whether a move is possible",
    ),
    (
        "ex3",
        "makes no prediction",
        """
answers = None, None, None
MORE_CORRECT_STATES, HIGHER_JOINT_PROBABILITY, MAY_BE_IMPOSSIBLE = answers


def compare(model, observations, states):
    likelihoods = model.emissionprob.T[observations]
    single = model.posteriors(observations).argmax(axis=1)
    path = model.viterbi(observations).states
    scores = []
    for found in (single, path):
        joint = log_joint(model.startprob, model.transmat, likelihoods, found)
        scores.append([(found == states).sum(), joint])
    return np.array(scores)
""",
        "answer each of the three questions",
    ),
    (
        "ex3",
        "swaps the rows",
        """
answers = "posterior", "viterbi", "posterior"
MORE_CORRECT_STATES, HIGHER_JOINT_PROBABILITY, MAY_BE_IMPOSSIBLE = answers


def compare(model, observations, states):
    likelihoods = model.emissionprob.T[observations]
    single = model.posteriors(observations).argmax(axis=1)
    path = model.viterbi(observations).states
    scores = []
    for found in (path, single):
        joint = log_joint(model.startprob, model.transmat, likelihoods, found)
        scores.append([(found == states).sum(), joint])
    return np.array(scores)
""",
        "posterior decoding comes first",
    ),
    (
        "ex3",
        "gives the share of correct states",
        """
answers = "posterior", "viterbi", "posterior"
MORE_CORRECT_STATES, HIGHER_JOINT_PROBABILITY, MAY_BE_IMPOSSIBLE = answers


def compare(model, observations, states):
    likelihoods = model.emissionprob.T[observations]
    single = model.posteriors(observations).argmax(axis=1)
    path = model.viterbi(observations).states
    scores = []
    for found in (single, path):
        joint = log_joint(model.startprob, model.transmat, likelihoods, found)
        scores.append([(found == states).mean(), joint])
    return np.array(scores)
""",
        "this is the share of correct states",
    ),
    (
        "ex3",
        "uses the past only",
        """
answers = "posterior", "viterbi", "posterior"
MORE_CORRECT_STATES, HIGHER_JOINT_PROBABILITY, MAY_BE_IMPOSSIBLE = answers


def compare(model, observations, states):
    likelihoods = model.emissionprob.T[observations]
    single = forward(model.startprob, model.transmat, likelihoods).alphas.argmax(axis=1)
    path = model.viterbi(observations).states
    scores = []
    for found in (single, path):
        joint = log_joint(model.startprob, model.transmat, likelihoods, found)
        scores.append([(found == states).sum(), joint])
    return np.array(scores)
""",
        "Is it the posterior, which knows the whole sequence?",
    ),
    (
        "ex4",
        "does not subtract the largest",
        """
def log_sum(values):
    with np.errstate(all="ignore"):
        return np.log(np.exp(values).sum(axis=0))


def log_forward_by_hand(log_startprob, log_transmat, log_likelihoods):
    log_alphas = np.empty_like(log_likelihoods)
    log_alphas[0] = log_startprob + log_likelihoods[0]
    for t in range(1, len(log_likelihoods)):
        arrivals = log_alphas[t - 1][:, np.newaxis] + log_transmat
        log_alphas[t] = log_sum(arrivals) + log_likelihoods[t]
    return log_alphas
""",
        "subtract the largest entry first",
    ),
    (
        "ex4",
        "subtracts the largest of all columns",
        """
def log_sum(values):
    largest = values.max()
    largest = np.where(np.isfinite(largest), largest, 0.0)
    with np.errstate(divide="ignore"):
        return largest + np.log(np.exp(values - largest).sum(axis=0))


def log_forward_by_hand(log_startprob, log_transmat, log_likelihoods):
    log_alphas = np.empty_like(log_likelihoods)
    log_alphas[0] = log_startprob + log_likelihoods[0]
    for t in range(1, len(log_likelihoods)):
        arrivals = log_alphas[t - 1][:, np.newaxis] + log_transmat
        log_alphas[t] = log_sum(arrivals) + log_likelihoods[t]
    return log_alphas
""",
        "subtract from each column its own largest entry",
    ),
    (
        "ex4",
        "forgets to add the largest again",
        """
def log_sum(values):
    largest = values.max(axis=0)
    largest = np.where(np.isfinite(largest), largest, 0.0)
    with np.errstate(divide="ignore"):
        return np.log(np.exp(values - largest).sum(axis=0))


def log_forward_by_hand(log_startprob, log_transmat, log_likelihoods):
    log_alphas = np.empty_like(log_likelihoods)
    log_alphas[0] = log_startprob + log_likelihoods[0]
    for t in range(1, len(log_likelihoods)):
        arrivals = log_alphas[t - 1][:, np.newaxis] + log_transmat
        log_alphas[t] = log_sum(arrivals) + log_likelihoods[t]
    return log_alphas
""",
        "Add the largest entry again",
    ),
    (
        "ex4",
        "gets NaN from minus infinity",
        """
def log_sum(values):
    largest = values.max(axis=0)
    with np.errstate(all="ignore"):
        return largest + np.log(np.exp(values - largest).sum(axis=0))


def log_forward_by_hand(log_startprob, log_transmat, log_likelihoods):
    log_alphas = np.empty_like(log_likelihoods)
    log_alphas[0] = log_startprob + log_likelihoods[0]
    for t in range(1, len(log_likelihoods)):
        arrivals = log_alphas[t - 1][:, np.newaxis] + log_transmat
        log_alphas[t] = log_sum(arrivals) + log_likelihoods[t]
    return log_alphas
""",
        "a column of minus infinities gives NaN",
    ),
    (
        "ex4",
        "lets NumPy warn",
        """
def log_sum(values):
    largest = values.max(axis=0)
    largest = np.where(np.isfinite(largest), largest, 0.0)
    return largest + np.log(np.exp(values - largest).sum(axis=0))


def log_forward_by_hand(log_startprob, log_transmat, log_likelihoods):
    log_alphas = np.empty_like(log_likelihoods)
    log_alphas[0] = log_startprob + log_likelihoods[0]
    for t in range(1, len(log_likelihoods)):
        arrivals = log_alphas[t - 1][:, np.newaxis] + log_transmat
        log_alphas[t] = log_sum(arrivals) + log_likelihoods[t]
    return log_alphas
""",
        "NumPy warns",
    ),
    (
        "ex4",
        "sums the rows",
        """
def log_sum(values):
    largest = values.max(axis=1)
    largest = np.where(np.isfinite(largest), largest, 0.0)
    with np.errstate(divide="ignore"):
        return largest + np.log(np.exp(values - largest[:, np.newaxis]).sum(axis=1))


def log_forward_by_hand(log_startprob, log_transmat, log_likelihoods):
    log_alphas = np.empty_like(log_likelihoods)
    log_alphas[0] = log_startprob + log_likelihoods[0]
    for t in range(1, len(log_likelihoods)):
        arrivals = log_alphas[t - 1][:, np.newaxis] + log_transmat
        log_alphas[t] = log_sum(arrivals) + log_likelihoods[t]
    return log_alphas
""",
        "one number a column",
    ),
    (
        "ex4",
        "adds the state before along the wrong axis",
        """
def log_sum(values):
    largest = values.max(axis=0)
    largest = np.where(np.isfinite(largest), largest, 0.0)
    with np.errstate(divide="ignore"):
        return largest + np.log(np.exp(values - largest).sum(axis=0))


def log_forward_by_hand(log_startprob, log_transmat, log_likelihoods):
    log_alphas = np.empty_like(log_likelihoods)
    log_alphas[0] = log_startprob + log_likelihoods[0]
    for t in range(1, len(log_likelihoods)):
        arrivals = log_alphas[t - 1] + log_transmat
        log_alphas[t] = log_sum(arrivals) + log_likelihoods[t]
    return log_alphas
""",
        "The state before, i, is the row",
    ),
    (
        "ex4",
        "forgets the first observation",
        """
def log_sum(values):
    largest = values.max(axis=0)
    largest = np.where(np.isfinite(largest), largest, 0.0)
    with np.errstate(divide="ignore"):
        return largest + np.log(np.exp(values - largest).sum(axis=0))


def log_forward_by_hand(log_startprob, log_transmat, log_likelihoods):
    log_alphas = np.empty_like(log_likelihoods)
    log_alphas[0] = log_startprob
    for t in range(1, len(log_likelihoods)):
        arrivals = log_alphas[t - 1][:, np.newaxis] + log_transmat
        log_alphas[t] = log_sum(arrivals) + log_likelihoods[t]
    return log_alphas
""",
        "ln alpha at step 1",
    ),
    (
        "ex4",
        "goes back to probabilities in the recursion",
        """
def log_sum(values):
    largest = values.max(axis=0)
    largest = np.where(np.isfinite(largest), largest, 0.0)
    with np.errstate(divide="ignore"):
        return largest + np.log(np.exp(values - largest).sum(axis=0))


def log_forward_by_hand(log_startprob, log_transmat, log_likelihoods):
    log_alphas = np.empty_like(log_likelihoods)
    log_alphas[0] = log_startprob + log_likelihoods[0]
    for t in range(1, len(log_likelihoods)):
        with np.errstate(divide="ignore"):
            predicted = np.log(np.exp(log_alphas[t - 1]) @ np.exp(log_transmat))
        log_alphas[t] = predicted + log_likelihoods[t]
    return log_alphas
""",
        "do you go back to probabilities",
    ),
    (
        "ex5",
        "averages the rows of the untied M-step",
        """
def tied_emissions(posteriors, observations, tie, num_symbols):
    counts = np.array([posteriors[observations == v].sum(axis=0) for v in range(num_symbols)]).T
    rows = counts / counts.sum(axis=1, keepdims=True)
    return np.array([rows[tie == g].mean(axis=0) for g in tie])
""",
        "you average the rows of the untied M-step",
    ),
    (
        "ex5",
        "does not tie",
        """
def tied_emissions(posteriors, observations, tie, num_symbols):
    counts = np.array([posteriors[observations == v].sum(axis=0) for v in range(num_symbols)]).T
    return counts / counts.sum(axis=1, keepdims=True)
""",
        "the tie is not used",
    ),
    (
        "ex5",
        "returns a row for each group",
        """
def tied_emissions(posteriors, observations, tie, num_symbols):
    counts = np.array([posteriors[observations == v].sum(axis=0) for v in range(num_symbols)]).T
    pooled = np.array([counts[tie == g].sum(axis=0) for g in range(max(tie) + 1)])
    return pooled / pooled.sum(axis=1, keepdims=True)
""",
        "return one row for each state",
    ),
    (
        "ex5",
        "takes the first state of a group",
        """
def tied_emissions(posteriors, observations, tie, num_symbols):
    counts = np.array([posteriors[observations == v].sum(axis=0) for v in range(num_symbols)]).T
    rows = counts / counts.sum(axis=1, keepdims=True)
    return np.array([rows[tie == g][0] for g in tie])
""",
        "the counts of all its states enter",
    ),
    (
        "ex5",
        "does not divide by the sum of the group",
        """
def tied_emissions(posteriors, observations, tie, num_symbols):
    counts = np.array([posteriors[observations == v].sum(axis=0) for v in range(num_symbols)]).T
    pooled = np.array([counts[tie == g].sum(axis=0) for g in tie])
    return pooled / len(observations)
""",
        "does not sum to 1 along axis 1",
    ),
    (
        "ex5",
        "counts only the most probable state",
        """
def tied_emissions(posteriors, observations, tie, num_symbols):
    groups = np.asarray(tie)[posteriors.argmax(axis=1)]
    pooled = np.zeros((max(tie) + 1, num_symbols))
    np.add.at(pooled, (groups, observations), 1)
    return (pooled / pooled.sum(axis=1, keepdims=True))[tie]
""",
        "counts as 0.8 of an observation",
    ),
    (
        "ex5",
        "expects the groups side by side",
        """
def tied_emissions(posteriors, observations, tie, num_symbols):
    counts = np.array([posteriors[observations == v].sum(axis=0) for v in range(num_symbols)]).T
    edges = np.flatnonzero(np.diff(tie)) + 1
    pooled = [part.sum(axis=0) for part in np.split(counts, edges)]
    rows = np.repeat(pooled, np.diff([0, *edges, len(tie)]), axis=0)
    return rows / rows.sum(axis=1, keepdims=True)
""",
        "the groups need not lie side by side",
    ),
    (
        "ex6",
        "takes a state for each riddle",
        """
SMALLEST, CULPRIT = {1: 2, 2: 4, 3: 8}, "search"


def exact_model(num_bits):
    starts = [bits + bits[::-1] for bits in itertools.product((0, 1), repeat=num_bits)]
    words = sorted({word[r:] + word[:r] for word in starts for r in range(2 * num_bits)})
    startprob = np.array([(word in starts) / len(starts) for word in words])
    following = [words.index(word[1:] + word[:1]) for word in words]
    emissionprob = np.eye(2)[[word[0] for word in words]]
    return startprob, np.eye(len(words))[following], emissionprob
""",
        "but not where in the word they are",
    ),
    (
        "ex6",
        "takes a state for each riddle and place",
        """
SMALLEST, CULPRIT = {1: 4, 2: 16, 3: 48}, "search"


def exact_model(num_bits):
    starts = [bits + bits[::-1] for bits in itertools.product((0, 1), repeat=num_bits)]
    words = sorted({word[r:] + word[:r] for word in starts for r in range(2 * num_bits)})
    startprob = np.array([(word in starts) / len(starts) for word in words])
    following = [words.index(word[1:] + word[:1]) for word in words]
    emissionprob = np.eye(2)[[word[0] for word in words]]
    return startprob, np.eye(len(words))[following], emissionprob
""",
        "some states have the same future",
    ),
    (
        "ex6",
        "leaves a size out",
        """
SMALLEST, CULPRIT = {1: 2, 2: 6}, "search"


def exact_model(num_bits):
    starts = [bits + bits[::-1] for bits in itertools.product((0, 1), repeat=num_bits)]
    words = sorted({word[r:] + word[:r] for word in starts for r in range(2 * num_bits)})
    startprob = np.array([(word in starts) / len(starts) for word in words])
    following = [words.index(word[1:] + word[:1]) for word in words]
    emissionprob = np.eye(2)[[word[0] for word in words]]
    return startprob, np.eye(len(words))[following], emissionprob
""",
        "fill in SMALLEST",
    ),
    (
        "ex6",
        "guesses too few states for three bits",
        """
SMALLEST, CULPRIT = {1: 2, 2: 6, 3: 12}, "search"


def exact_model(num_bits):
    starts = [bits + bits[::-1] for bits in itertools.product((0, 1), repeat=num_bits)]
    words = sorted({word[r:] + word[:r] for word in starts for r in range(2 * num_bits)})
    startprob = np.array([(word in starts) / len(starts) for word in words])
    following = [words.index(word[1:] + word[:1]) for word in words]
    emissionprob = np.eye(2)[[word[0] for word in words]]
    return startprob, np.eye(len(words))[following], emissionprob
""",
        "too few: there are more different futures",
    ),
    (
        "ex6",
        "guesses too many states for three bits",
        """
SMALLEST, CULPRIT = {1: 2, 2: 6, 3: 24}, "search"


def exact_model(num_bits):
    starts = [bits + bits[::-1] for bits in itertools.product((0, 1), repeat=num_bits)]
    words = sorted({word[r:] + word[:r] for word in starts for r in range(2 * num_bits)})
    startprob = np.array([(word in starts) / len(starts) for word in words])
    following = [words.index(word[1:] + word[:1]) for word in words]
    emissionprob = np.eye(2)[[word[0] for word in words]]
    return startprob, np.eye(len(words))[following], emissionprob
""",
        "more than needed: count the different futures",
    ),
    (
        "ex6",
        "trusts the search",
        """
SMALLEST, CULPRIT = {1: 2, 2: 6, 3: 20}, "model"


def exact_model(num_bits):
    starts = [bits + bits[::-1] for bits in itertools.product((0, 1), repeat=num_bits)]
    words = sorted({word[r:] + word[:r] for word in starts for r in range(2 * num_bits)})
    startprob = np.array([(word in starts) / len(starts) for word in words])
    following = [words.index(word[1:] + word[:1]) for word in words]
    emissionprob = np.eye(2)[[word[0] for word in words]]
    return startprob, np.eye(len(words))[following], emissionprob
""",
        "Baum-Welch ended in local maxima",
    ),
    (
        "ex6",
        "starts anywhere in a word",
        """
SMALLEST, CULPRIT = {1: 2, 2: 6, 3: 20}, "search"


def exact_model(num_bits):
    starts = [bits + bits[::-1] for bits in itertools.product((0, 1), repeat=num_bits)]
    words = sorted({word[r:] + word[:r] for word in starts for r in range(2 * num_bits)})
    startprob = np.full(len(words), 1 / len(words))
    following = [words.index(word[1:] + word[:1]) for word in words]
    emissionprob = np.eye(2)[[word[0] for word in words]]
    return startprob, np.eye(len(words))[following], emissionprob
""",
        "no sequence starts in the middle of a word",
    ),
    (
        "ex6",
        "lets any state follow",
        """
SMALLEST, CULPRIT = {1: 2, 2: 6, 3: 20}, "search"


def exact_model(num_bits):
    starts = [bits + bits[::-1] for bits in itertools.product((0, 1), repeat=num_bits)]
    words = sorted({word[r:] + word[:r] for word in starts for r in range(2 * num_bits)})
    startprob = np.array([(word in starts) / len(starts) for word in words])
    following = [words.index(word[1:] + word[:1]) for word in words]
    emissionprob = np.eye(2)[[word[0] for word in words]]
    return startprob, np.full((len(words), len(words)), 1 / len(words)), emissionprob
""",
        "exactly one state may follow",
    ),
    (
        "ex6",
        "repeats the bits, as the riddle of the chapter does",
        """
SMALLEST, CULPRIT = {1: 2, 2: 6, 3: 20}, "search"


def exact_model(num_bits):
    words = list(itertools.product((0, 1), repeat=num_bits))
    following = [words.index(word[1:] + word[:1]) for word in words]
    emissionprob = np.eye(2)[[word[0] for word in words]]
    return np.full(len(words), 1 / len(words)), np.eye(len(words))[following], emissionprob
""",
        "where in the word it is",
    ),
    (
        "ex6",
        "builds a model with a state for each riddle and place",
        """
SMALLEST, CULPRIT = {1: 2, 2: 6, 3: 20}, "search"


def exact_model(num_bits):
    startprob, following, bits = [], [], []
    for word in itertools.product((0, 1), repeat=num_bits):
        for place, bit in enumerate(word + word[::-1]):
            startprob.append((place == 0) / 2**num_bits)
            last = place == 2 * num_bits - 1
            following.append(len(bits) + (1 - 2 * num_bits if last else 1))
            bits.append(bit)
    return np.array(startprob), np.eye(len(bits))[following], np.eye(2)[bits]
""",
        "such states can be one",
    ),
]
