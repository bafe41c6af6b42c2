# %% [markdown]
r"""
# Exercises to chapter 05: linear dynamical systems

These go with [chapter 05](../../chapters/05_linear_dynamical_systems.ipynb). Six exercises, 14 points, about 95 minutes.

Write your answer in place of the lines `raise NotImplementedError(...)`, run the cell, then run the check below it. A check that passes prints nothing; one that fails says what is probably wrong. When an instructor grades the notebook, some more checks of the same kind run on other data.

The letters are those of the chapter. The state $z_t$ holds $D$ numbers, the observation $y_t$ holds $M$:

$$z_t = z_{t-1} A^\top + w_t, \qquad y_t = z_t C^\top + v_t,$$

where the noises $w_t$ and $v_t$ are Gaussian with covariances $Q$, shape $(D, D)$, and $R$, shape $(M, M)$. $A$ has shape $(D, D)$ and $C$ has shape $(M, D)$. Vectors are rows, in the formulas and in the code: a mean $m$ has shape `(D,)` and moves by `m @ A.T`.
"""

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
import numpy as np
from statsmodels.tsa.stattools import acf

from rnncourse import checks
from rnncourse.kalman import LinearGaussianModel
from rnncourse.kalman_filter import predict, update
from rnncourse.kalman_steady import linear_recurrence


def log_normal(x, mean, variance):
    """Return the logarithm of the Gaussian density at x."""
    return -0.5 * (np.log(2 * np.pi * variance) + (x - mean) ** 2 / variance)


# %% [markdown]
r"""
## Exercise 5.1 Two measurements of one number (by hand and in code, easy, 10 minutes, 2 points)

Two thermometers hang in one room. The first reads 20 degrees, and its error has variance 1. The second reads 23 degrees, and its error has variance 2. The errors are Gaussian, independent, with mean 0; before you looked, every temperature seemed equally likely to you.

*By hand.* What is the mean of the temperature, given both readings, and what is its variance? The mean can also be written as $20 + K\,(23 - 20)$: what is $K$? Fill in the three numbers.

*In code.* Write `combine` for any two readings and variances above 0. It returns two numbers, the mean and the variance.

<details><summary>Hint 1</summary>

The precision is one divided by the variance. Precisions of independent measurements add up.

</details>
<details><summary>Hint 2</summary>

In the mean, each reading is weighted by its precision. Do not forget to divide by the sum of the weights.

</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex1-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
mean_by_hand = None  # in degrees
variance_by_hand = None  # in degrees squared
gain_by_hand = None  # K
### BEGIN SOLUTION
mean_by_hand = 21  # (20 / 1 + 23 / 2) / (1 / 1 + 1 / 2) = 31.5 / 1.5
variance_by_hand = 2 / 3  # 1 / (1 / 1 + 1 / 2)
gain_by_hand = 1 / 3  # 1 / (1 + 2)
### END SOLUTION


def combine(reading_1, variance_1, reading_2, variance_2):
    """Return mean and variance of the number that was measured twice."""
    ### BEGIN SOLUTION
    precision_1, precision_2 = 1 / variance_1, 1 / variance_2
    variance = 1 / (precision_1 + precision_2)
    return variance * (precision_1 * reading_1 + precision_2 * reading_2), variance
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex1-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def check_thermometers(mean, variance, whose):
    assert not np.isclose(mean, 21.5), f"{whose}: the better thermometer must count for more"
    message = "the weights are exchanged: the smaller variance gets the larger weight"
    assert not np.isclose(mean, 22.0), f"{whose}: {message}"
    message = "divide by the variance, not by the standard deviation"
    roots = np.isclose(mean, np.average([20, 23], weights=[1, np.sqrt(0.5)]))
    assert not roots, f"{whose}: {message}"
    checks.check_close(mean, 21.0, f"{whose}: the mean", tolerance=1e-3)
    message = "two readings know more than one: the variance must fall below the smaller one"
    assert not variance >= 1, f"{whose}: {message}"
    assert not np.isclose(variance, 0.75), f"{whose}: 3 / 4 is the variance of the plain average"
    hint = "The precisions add up: 1 / 1 + 1 / 2"
    checks.check_close(variance, 2 / 3, f"{whose}: the variance", tolerance=0.01, hint=hint)


missing = None in (mean_by_hand, variance_by_hand, gain_by_hand)
assert not missing, "set mean_by_hand, variance_by_hand and gain_by_hand"
check_thermometers(mean_by_hand, variance_by_hand, "by hand")
other_end = np.isclose(gain_by_hand, 2 / 3, atol=0.01)
assert not other_end, "2 / 3 is the weight of the first reading: K is that of the second"
hint = "K is the share of the way from 20 to 23 that the mean goes"
checks.check_close(gain_by_hand, 1 / 3, "gain_by_hand", tolerance=0.01, hint=hint)
found = combine(20.0, 1.0, 23.0, 2.0)
checks.check_shape(found, (2,), "combine(...), mean and variance,")
check_thermometers(*found, "combine")
exchanged = combine(23.0, 2.0, 20.0, 1.0)
checks.check_close(exchanged, [21, 2 / 3], "combine, when the thermometers change places")
checks.check_close(combine(5.0, 4.0, 9.0, 4.0), [7, 2], "combine of two equally good readings")
hint = "a thermometer with a huge variance must not move the mean"
checks.check_close(combine(5.0, 4.0, 9.0, 1e12), [5, 4], "combine", tolerance=1e-6, hint=hint)


def by_the_package(reading_1, variance_1, reading_2, variance_2):
    one = np.ones((1, 1))
    mean, variance, _, _ = update(
        np.array([reading_1]), variance_1 * one, np.array([reading_2]), one, variance_2 * one
    )
    return mean[0], variance[0, 0]


readings = (-3.0, 0.7, 1.1, 0.2)
checks.check_close(combine(*readings), by_the_package(*readings), f"combine{readings}")

# Hidden: other readings, against the same oracle.
### BEGIN HIDDEN TESTS
for readings in ((1.0, 3.0, 2.0, 5.0), (0.0, 0.01, 10.0, 0.5)):
    checks.check_close(combine(*readings), by_the_package(*readings), f"combine{readings}")
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 5.2 A Kalman filter that survives a missing stretch (implement, medium, 30 minutes, 4 points)

A train drives into a tunnel, and for a while no measurement arrives. Write one function that filters the whole series all the same.

- `ys`: array of shape `(T, M)`. A row is either measured, all of it, or missing, all of it; a missing row holds NaN.
- `A`, `C`, `Q`, `R`: the matrices. `m0`, shape `(D,)`, and `P0`, shape `(D, D)`: mean and covariance of the *first* state $z_1$, before $y_1$ is seen.
- Result: `means` of shape `(T, D)` and `covariances` of shape `(T, D, D)` of each state, given the rows up to it, that one included; and `log_likelihood`, one number, in nats.

For each row, begin with the predicted mean $m^-$ and covariance $P^-$, which are $m_0$ and $P_0$ for the first row, and $m A^\top$ and $A P A^\top + Q$ later, with $m$ and $P$ of the row before. If the row is measured, correct them:

$$e = y - m^- C^\top, \quad S = C P^- C^\top + R, \quad K = P^- C^\top S^{-1}, \quad m = m^- + e K^\top, \quad P = P^- - K C P^-,$$

and add the log density of $e$ to the log-likelihood, $-\tfrac12 \left( e S^{-1} e^\top + \ln\det S + M \ln 2\pi \right)$. (The short form of $P$ will do: nothing here is so sharp that it needs Joseph's.) A missing row changes nothing of what was predicted, and adds nothing. Use NumPy alone.

<details><summary>Hint 1</summary>

`np.isnan(y).any()` tells whether a row is missing. In the loop the prediction stands outside of the `if`, and the correction inside.

</details>
<details><summary>Hint 2</summary>

`np.linalg.slogdet(S)[1]` is $\ln\det S$. `np.linalg.solve(S, C @ P).T` is the gain, as $S$ and $P$ are symmetric.

</details>

The next cell makes a train to test with, and a slow oracle without any recursion: it writes down the covariance of *all* states and observations at once and conditions that one large Gaussian on the rows that were measured.
"""

# %% nbgrader={"grade": false, "grade_id": "train", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
# State: position, speed, and the slow drift of the second sensor. Both sensors measure the position.
train = (
    np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.8]]),  # A (3, 3)
    np.array([[1.0, 0.0, 0.0], [1.0, 0.0, 1.0]]),  # C (2, 3)
    np.array([[0.10, 0.05, 0.0], [0.05, 0.10, 0.0], [0.0, 0.0, 0.3]]),  # Q (3, 3)
    np.array([[1.0, 0.3], [0.3, 0.5]]),  # R (2, 2)
    np.array([0.0, 1.0, 0.0]),  # m0 (3,)
    np.diag([4.0, 1.0, 0.5]),  # P0 (3, 3)
)
tunnel_ys = LinearGaussianModel(*train).sample(13, seed=5)[1]  # (13, 2)
tunnel_ys[5:9] = np.nan


def all_at_once(ys, until, A, C, Q, R, m0, P0):
    """Return means (T, D) and covariances (T, D, D) of the states, given ys[:until].

    And the log density of ys[:until]; slow, for short series.
    """
    T, D = len(ys), len(A)
    zero = np.zeros((D, D))
    powers = [np.linalg.matrix_power(A, k) for k in range(T)]
    from_noise = np.block([[powers[t - s] if s <= t else zero for s in range(T)] for t in range(T)])
    noise = np.kron(np.eye(T), Q)  # (T D, T D)
    noise[:D, :D] = P0
    prior = from_noise @ noise @ from_noise.T  # (T D, T D) covariance of all states
    rows = ~np.isnan(ys[:until]).ravel()
    observation = np.kron(np.eye(T), C)[: len(rows)][rows]  # from all states to what was measured
    spread = observation @ prior @ observation.T + np.kron(np.eye(until), R)[np.ix_(rows, rows)]
    mean = from_noise[:, :D] @ m0  # (T D,)
    error = ys[:until].ravel()[rows] - observation @ mean
    gain = np.linalg.solve(spread, observation @ prior).T
    posterior = (prior - gain @ observation @ prior).reshape(T, D, T, D)
    covariances = posterior[np.arange(T), :, np.arange(T)]  # (T, D, D)
    density = error @ np.linalg.solve(spread, error) + np.linalg.slogdet(2 * np.pi * spread)[1]
    return (mean + gain @ error).reshape(T, D), covariances, -0.5 * density


# %% nbgrader={"grade": false, "grade_id": "ex2-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def kalman_filter(ys, A, C, Q, R, m0, P0):
    """Return means (T, D), covariances (T, D, D) and the log-likelihood of a series (T, M)."""
    ### BEGIN SOLUTION
    means, covariances, log_likelihood = [], [], 0.0
    m, P = m0, P0  # of the state that comes next, before its observation
    for y in ys:
        if not np.isnan(y).any():
            e = y - m @ C.T  # (M,)
            S = C @ P @ C.T + R  # (M, M)
            K = np.linalg.solve(S, C @ P).T  # (D, M)
            quadratic = e @ np.linalg.solve(S, e)
            log_likelihood -= 0.5 * (quadratic + np.linalg.slogdet(2 * np.pi * S)[1])
            m, P = m + e @ K.T, P - K @ C @ P
        means.append(m)
        covariances.append(P)
        m, P = m @ A.T, A @ P @ A.T + Q
    return np.array(means), np.array(covariances), log_likelihood
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex2-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def run_filter(ys, matrices):
    given = ys.copy()
    found = kalman_filter(given, *matrices)
    assert found is not None, "kalman_filter returns None: does it return its result?"
    assert len(found) == 3, "return three things: means, covariances, log_likelihood"
    assert np.array_equal(given, ys, equal_nan=True), "you overwrite the caller's ys: use a copy"
    means, covariances, log_likelihood = found
    checks.check_shape(means, (len(ys), len(matrices[0])), "means")
    checks.check_shape(covariances, (len(ys), *matrices[0].shape), "covariances")
    finite = np.isfinite(means).all() and np.isfinite(covariances).all()
    assert finite, "NaN comes out: a missing row must not enter the correction"
    message = "the log-likelihood is NaN: a missing row must add nothing to it"
    assert np.isfinite(log_likelihood), message
    return np.asarray(means), np.asarray(covariances), float(log_likelihood)


# By hand: a random walk, all variances 1, measured as 2, then missing, then 4.
one = np.ones((1, 1))
walk = (one, one, one, one, np.zeros(1), one)
walk_ys = np.array([[2.0], [np.nan], [4.0]])
means, covariances, log_likelihood = run_filter(walk_ys, walk)
too_early = np.isclose(covariances[0, 0, 0], 2 / 3)
assert not too_early, "m0 and P0 already belong to the first row: correct first, then predict"
as_zero = np.allclose(means[1], 0.4) and np.allclose(covariances[1], 0.6)
assert not as_zero, "you read the missing row as a measurement of 0: skip the correction"
shrinks = np.allclose(covariances[1], 0.6)
assert not shrinks, "the missing row makes the variance smaller: skip the whole correction"
no_noise = np.allclose(covariances[1], 0.5)
assert not no_noise, "in the gap you carry P on without adding Q: predict at every row"
hint = "Each row begins with a prediction, also the one after a missing row"
expected = [1 / 2, 3 / 2, 5 / 7]
checks.check_close(covariances.ravel(), expected, "the variances of the random walk", hint=hint)
checks.check_close(means.ravel(), [1, 1, 22 / 7], "the means of the random walk")
expected = log_normal(2, 0, 2) + log_normal(4, 1, 3.5)
counted = np.isclose(log_likelihood, expected + log_normal(0, 0, 2.5))
assert not counted, "the missing row adds to the log-likelihood: only measured rows count"
no_pi = np.isclose(log_likelihood, expected + np.log(2 * np.pi))
assert not no_pi, "the term M ln(2 pi) of the log density is missing"
hint = "Add, for each measured row, -(e S^-1 e + ln det S + M ln 2 pi) / 2"
checks.check_close(log_likelihood, expected, "the log-likelihood of the random walk", hint=hint)

# As many measurements as states: here a transposed gain raises no error, so look for it.
rng = np.random.default_rng(0)
root, C, R = rng.normal(size=(2, 2)), rng.normal(size=(2, 2)), np.diag([0.5, 2.0])
square = (np.eye(2), C, np.eye(2), R, np.zeros(2), root @ root.T + np.eye(2))
y = np.array([1.0, -2.0])
mean, covariance, gain, _ = update(square[4], square[5], y, C, R)
found = run_filter(y[np.newaxis], square)
transposed = np.allclose(found[0][0], y @ gain)
assert not transposed, "the gain is transposed: a row e moves the mean by e @ K.T"
checks.check_close(found[0][0], mean, "the mean after one row, D = M = 2")
hint = "P - K C P has this order"
checks.check_close(found[1][0], covariance, "the covariance after one row, D = M = 2", hint=hint)

# The train, against conditioning of one large Gaussian: gaps inside, at the start, at the end.
for gap in (slice(0, 0), slice(5, 9), slice(0, 3), slice(10, 13)):
    ys = LinearGaussianModel(*train).sample(13, seed=5)[1]
    ys[gap] = np.nan
    means, covariances, log_likelihood = run_filter(ys, train)
    oracles = [all_at_once(ys, t + 1, *train) for t in range(len(ys))]
    where = f"of the train, {gap.stop - gap.start} rows missing from row {gap.start} on"
    hint = "Each prediction moves the mean by A, in a gap too"
    expected = [oracle[0][t] for t, oracle in enumerate(oracles)]
    checks.check_close(means, expected, f"the means {where}", hint=hint)
    expected = [oracle[1][t] for t, oracle in enumerate(oracles)]
    hint = "Each prediction makes A P A^T + Q, in a gap too; is A transposed in one place?"
    checks.check_close(covariances, expected, f"the covariances {where}", hint=hint)
    checks.check_close(log_likelihood, oracles[-1][2], f"the log-likelihood {where}")

# What has to hold for any filter.
means, covariances, _ = run_filter(tunnel_ys, train)
assert (np.diff(covariances[4:9, 0, 0]) > 0).all(), "the variance must grow inside the tunnel"
gap_to_transpose = np.abs(covariances - np.swapaxes(covariances, 1, 2)).max()
assert gap_to_transpose < 1e-9, "a covariance is not symmetric"
assert np.linalg.eigvalsh(covariances).min() > 0, "a covariance is not positive definite"
checks.check_causal(lambda ys: run_filter(ys, train)[0], tunnel_ys, "kalman_filter")


def run_with_belief(ys, belief):
    matrices = train if belief is None else (*train[:4], *belief)
    means, covariances, _ = run_filter(ys, matrices)
    return means, predict(means[-1], covariances[-1], train[0], train[2])


checks.check_carried_state(run_with_belief, tunnel_ys, at=7, name="kalman_filter")

# Hidden: another model and longer series, against the package.
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(7)
roots = [rng.normal(size=(n, n)) for n in (2, 3, 2)]
noises = [root @ root.T + 0.1 * np.eye(len(root)) for root in roots]
spiral = np.array([[0.9, 0.3], [-0.4, 0.8]])
other = (spiral, rng.normal(size=(3, 2)), *noises[:2], np.ones(2), noises[2])
for seed in (0, 1):
    ys = LinearGaussianModel(*other).sample(97, seed=seed)[1]
    ys[np.random.default_rng(seed).random(97) < 0.3] = np.nan
    expected = LinearGaussianModel(*other).filter(ys)
    means, covariances, log_likelihood = run_filter(ys, other)
    checks.check_close(means, expected.means, "the means of another model")
    checks.check_close(covariances, expected.covariances, "the covariances of another model")
    total = expected.log_likelihoods.sum()
    checks.check_close(log_likelihood, total, "the log-likelihood of another model")
### END HIDDEN TESTS

# %% [markdown]
r"""
**To think about** (not graded). What would have to change for a row in which only *one* of the sensors is missing?

## Exercise 5.3 Which noise is wrong? (predict then run, medium, 15 minutes, 2 points)

A number wanders with $q = 0.1$, the variance of each of its steps, and is measured with the variance $R = 1$. Three filters follow it. All have the right $R$, but they differ in $q$:

- filter A has $q = 0.001$, too small;
- filter B has $q = 0.1$, the right one;
- filter C has $q = 10$, too large.

The innovation $e_t$ is the measurement minus its prediction, and $S_t$ is the variance that the filter expects of it. The *normalised* innovation is $u_t = e_t / \sqrt{S_t}$. It can be computed where the truth is not known.

*Predict first*, with pencil and paper or in words:

- Which filter lags behind the track (`lags`)? Which one jitters, jumping with each measurement (`jitters`)?
- The autocorrelation of $u_t$ at lag 1: is it positive `"+"`, negative `"-"`, or about zero `"0"` (`sign`)?
- The mean square of $u_t$: is it `"above 1"`, `"below 1"` or `"near 1"` (`size`)?

*Then write* `report(innovations, variances)` for two arrays of shape `(T,)`, $e_t$ and $S_t$. It returns two numbers:

$$r_1 = \frac{\sum_{t=2}^{T} u_t u_{t-1}}{\sum_{t=1}^{T} u_t^2}, \qquad \text{mean square} = \frac{1}{T} \sum_{t=1}^{T} u_t^2.$$

*At last, the detective's question.* Filter D follows the same track. One of its two noises is right, the other one is wrong by a factor of ten. It shows $r_1 \approx 0.3$ and a mean square of about $0.14$. Set `wrong_noise` to `"q too small"`, `"q too large"`, `"R too small"` or `"R too large"`.

<details><summary>Hint 1</summary>

A filter with too small a $q$ believes that the number hardly moves. If the number has gone up, on which side of the prediction do the next measurements lie, again and again?

</details>
<details><summary>Hint 2</summary>

Once it has settled, the gain depends on $q / R$ alone. So the sign tells you whether the ratio is too small or too large, and the mean square whether the filter expects too large or too small an error.

</details>
"""

# %% nbgrader={"grade": false, "grade_id": "track", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def wanderer(q, R):
    """Return the model of a number that wanders and is measured."""
    return LinearGaussianModel([[1.0]], [[1.0]], [[q]], [[R]], [0.0], [[1.0]])


track, track_ys = wanderer(0.1, 1.0).sample(1000, seed=3)  # (1000, 1) each
filters = {"A": wanderer(0.001, 1.0), "B": wanderer(0.1, 1.0), "C": wanderer(10.0, 1.0)}

# %% nbgrader={"grade": false, "grade_id": "ex3-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
lags = None  # a letter
jitters = None  # a letter
sign = {"A": None, "B": None, "C": None}  # each "+", "-" or "0"
size = {"A": None, "B": None, "C": None}  # each "above 1", "below 1" or "near 1"
wrong_noise = None  # of filter D
### BEGIN SOLUTION
lags, jitters = "A", "C"
sign = {"A": "+", "B": "0", "C": "-"}
size = {"A": "above 1", "B": "near 1", "C": "below 1"}
wrong_noise = "R too large"
### END SOLUTION


def report(innovations, variances):
    """Return r_1 and the mean square of the normalised innovations."""
    ### BEGIN SOLUTION
    u = innovations / np.sqrt(variances)
    return np.sum(u[1:] * u[:-1]) / np.sum(u**2), np.mean(u**2)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex3-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def report_of(model, ys):
    filtered = model.filter(ys)
    return report(filtered.innovations[:, 0], filtered.innovation_covariances[:, 0, 0])


found = report(np.array([2.0, -2.0, 2.0, -2.0]), np.full(4, 4.0))
assert found is not None, "report returns None: does it return its result?"
assert len(found) == 2, "report returns two numbers: r_1 and the mean square"
by_variance = np.isclose(found[1], 1 / 4)
assert not by_variance, "divide each innovation by the square root of its variance"
assert not np.isclose(found[1], 4), "normalise: divide each innovation by its own deviation"
checks.check_close(found[1], 1.0, "the mean square of 1, -1, 1, -1")
mean_of_pairs = np.isclose(found[0], -1)
assert not mean_of_pairs, "r_1 is a ratio of sums: three products above, four squares below"
checks.check_close(found[0], -0.75, "r_1 of 1, -1, 1, -1")
errors = wanderer(0.1, 1.0).filter(track_ys).innovations[:, 0]
errors = errors - errors.mean()
oracle = acf(errors, nlags=1)[1], errors.var() / 2.5
found = report(errors, np.full(1000, 2.5))
checks.check_close(found, oracle, "report, against the autocorrelation of statsmodels")

choices = [lags, jitters, *sign.values(), *size.values(), wrong_noise]
assert None not in choices, "set lags, jitters, sign, size and wrong_noise, each part of them"
means = {name: model.filter(track_ys).means[:, 0] for name, model in filters.items()}
jumps = {name: np.abs(np.diff(mean)).mean() for name, mean in means.items()}
delays = {
    name: min(range(60), key=lambda k, m=mean: np.mean((m[60:] - track[60 - k : 1000 - k, 0]) ** 2))
    for name, mean in means.items()
}
message = "a filter that thinks the number hardly moves gives little weight to each measurement"
assert str(lags).strip().upper() == max(delays, key=delays.get), f"lags: {message}"
message = "a filter that thinks the number may be anywhere believes each measurement, noise and all"
assert str(jitters).strip().upper() == max(jumps, key=jumps.get), f"jitters: {message}"
why_sign = {
    "A": "a filter that stays behind errs to the same side several times in a row",
    "B": "the innovations of the right model hold nothing that could be predicted",
    "C": "a filter that follows an error up must come down again at the next measurement",
}
why_size = {
    "A": "it expects small errors, but makes large ones",
    "B": "with the right noises the errors are as large as expected",
    "C": "it expects far larger errors than it makes",
}
for name, model in filters.items():
    r_1, mean_square = report_of(model, track_ys)
    truth = "0" if abs(r_1) < 0.1 else "+" if r_1 > 0 else "-"
    assert str(sign[name]).strip() == truth, f"sign of {name}: {why_sign[name]}"
    truth = "near 1" if abs(mean_square - 1) < 0.1 else "above 1" if mean_square > 1 else "below 1"
    assert str(size[name]).strip().lower() == truth, f"size of {name}: {why_size[name]}"
named = str(wrong_noise).strip()
message = 'wrong_noise must be "q too small", "q too large", "R too small" or "R too large"'
assert named in ("q too small", "q too large", "R too small", "R too large"), message
ratio = "r_1 above 0 says that q / R is too small: compare filter A"
assert named not in ("q too large", "R too small"), f"filter D: {ratio}"
message = "a mean square below 1 says that it expects larger errors than it makes; A does not"
assert named == "R too large", f"filter D: {message}"

# Hidden: the same answers, on other tracks.
### BEGIN HIDDEN TESTS
for seed in (11, 12):
    ys = wanderer(0.1, 1.0).sample(1000, seed=seed)[1]
    reports = [report_of(filters[name], ys) for name in "ABC"]
    assert reports[0][0] > 0.2 and reports[2][0] < -0.2 and abs(reports[1][0]) < 0.1
    assert reports[0][1] > 1.1 and reports[2][1] < 0.9 and abs(reports[1][1] - 1) < 0.15
### END HIDDEN TESTS

# %% [markdown]
r"""
The next cell prints what your function measures: filter D is the last one.
"""

# %% nbgrader={"grade": false, "grade_id": "look3", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
for name, model in {**filters, "D": wanderer(0.1, 10.0)}.items():
    filtered = model.filter(track_ys)
    r_1, mean_square = report(filtered.innovations[:, 0], filtered.innovation_covariances[:, 0, 0])
    print(f"filter {name}: r_1 = {r_1:5.2f}, mean square = {mean_square:5.2f}")

# %% [markdown]
r"""
## Exercise 5.4 A smoother that looks the wrong way (find the bug, medium, 15 minutes, 2 points)

A colleague wrote the smoother of Rauch, Tung and Striebel. It takes the filter's `means`, shape `(T, D)`, and `covariances`, shape `(T, D, D)`, and should return mean and covariance of each state, given the *whole* series. The result is nearer to the true track than the filter's, so nobody looked at it again. It should be nearer still.
"""

# %% nbgrader={"grade": false, "grade_id": "colleague", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def smoother_of_a_colleague(means, covariances, A, Q):
    means, covariances = means.copy(), covariances.copy()
    for t in range(len(means) - 1):
        predicted = A @ covariances[t] @ A.T + Q  # (D, D)
        gain = covariances[t] @ A.T @ np.linalg.inv(predicted)  # (D, D)
        means[t] += (means[t + 1] - means[t] @ A.T) @ gain.T
        covariances[t] += gain @ (covariances[t + 1] - predicted) @ gain.T
    return means, covariances


long_states, long_ys = LinearGaussianModel(*train).sample(500, seed=1)  # (500, 3), (500, 2)
filtered = LinearGaussianModel(*train).filter(long_ys)
theirs, _ = smoother_of_a_colleague(filtered.means, filtered.covariances, train[0], train[2])
for name, found in {"filter": filtered.means, "colleague": theirs}.items():
    error = np.sqrt(np.mean((found - long_states)[:, 0] ** 2))
    print(f"{name}: the position is off by {error:.2f} (root mean square)")

# %% [markdown]
r"""
First say what goes wrong: how many observations *after* step $t$ enter the colleague's mean at step $t$, for a step far from the end? Put that number into `later_observations`. Then write `smooth` as it should be; it must leave the filter's arrays as they are.

<details><summary>Hint 1</summary>

The loop's body is right. At the step $t = 0$ it uses `means[1]`. What does the formula want there, and what stands there at that moment?

</details>
<details><summary>Hint 2</summary>

Only the last state is known from the whole series at once: there, the filter has already seen everything. Begin beside it.

</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex4-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
later_observations = None  # a number
### BEGIN SOLUTION
later_observations = 1
### END SOLUTION


def smooth(means, covariances, A, Q):
    """Return means (T, D) and covariances (T, D, D), given the whole series."""
    ### BEGIN SOLUTION
    means, covariances = means.copy(), covariances.copy()
    for t in reversed(range(len(means) - 1)):
        predicted = A @ covariances[t] @ A.T + Q  # (D, D)
        gain = covariances[t] @ A.T @ np.linalg.inv(predicted)  # (D, D)
        means[t] += (means[t + 1] - means[t] @ A.T) @ gain.T
        covariances[t] += gain @ (covariances[t + 1] - predicted) @ gain.T
    return means, covariances
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex4-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def run_smoother(means, covariances, A, Q):
    given = means.copy(), covariances.copy()
    found = smooth(*given, A, Q)
    assert found is not None, "smooth returns None: does it return its result?"
    assert len(found) == 2, "return two things: means and covariances"
    kept = np.array_equal(given[0], means) and np.array_equal(given[1], covariances)
    assert kept, "you overwrite the filter's arrays: work on copies"
    checks.check_shape(found[0], means.shape, "means")
    checks.check_shape(found[1], covariances.shape, "covariances")
    return np.asarray(found[0]), np.asarray(found[1])


# By hand: a random walk with Q = R = 1, measured as 2, then missing, then 4.
one = np.ones((1, 1))
walk_means = np.array([[1.0], [1.0], [22 / 7]])
walk_covariances = np.array([1 / 2, 3 / 2, 5 / 7]).reshape(3, 1, 1)
means, covariances = run_smoother(walk_means, walk_covariances, one, one)
hint = "At the last step the filter has seen the whole series: nothing changes there"
checks.check_close(means[-1], walk_means[-1], "the last mean", hint=hint)
checks.check_close(covariances[-1], walk_covariances[-1], "the last covariance", hint=hint)
unchanged = np.allclose(means, walk_means)
assert not unchanged, "nothing is smoothed: this is what the filter knew"
after = np.isclose(means[1, 0], 5.5)
message = "the gain needs the covariance of the next state before its observation"
assert not after, f"{message}: A P_t A^T + Q, with P_t of the filter"
no_noise = np.isclose(means[1, 0], 22 / 7)
assert not no_noise, "Q is missing in the predicted covariance: the walk does move in between"
forwards = np.isclose(means[1, 0], 16 / 7) and np.isclose(means[0, 0], 1)
message = "the last observation does not reach the first state: news must travel back"
assert not forwards, f"{message}, from the end to the start"
checks.check_close(means.ravel(), [10 / 7, 16 / 7, 22 / 7], "the means of the random walk")
hint = "The correction is J (P_s - P') J^T: smoothed of the next state minus predicted"
expected = [3 / 7, 6 / 7, 5 / 7]
checks.check_close(covariances.ravel(), expected, "the variances of the random walk", hint=hint)

# The train with its tunnel, against conditioning of one large Gaussian.
filtered = LinearGaussianModel(*train).filter(tunnel_ys)
means, covariances = run_smoother(filtered.means, filtered.covariances, train[0], train[2])
expected = all_at_once(tunnel_ys, len(tunnel_ys), *train)
hint = "What the filter predicts for t + 1 is m_t @ A.T, and the news move by J.T"
checks.check_close(means, expected[0], "the means of the train", tolerance=1e-7, hint=hint)
checks.check_close(covariances, expected[1], "the covariances of the train", tolerance=1e-7)
falls = np.diagonal(covariances - filtered.covariances, axis1=1, axis2=2) < 1e-9
assert falls.all(), "more data must not make a state less certain"

assert later_observations is not None, "set later_observations: a number"
moved = []
for t in range(10, 20):
    changed = long_ys[:30].copy()
    changed[t] += 1.0
    both = [LinearGaussianModel(*train).filter(ys) for ys in (long_ys[:30], changed)]
    both = [smoother_of_a_colleague(f.means, f.covariances, train[0], train[2])[0] for f in both]
    moved.append(not np.allclose(both[0][10], both[1][10]))
message = "change y_t, y_{t+1}, y_{t+2} in turn: which ones move the colleague's mean at step t?"
assert later_observations == sum(moved[1:]), f"later_observations: {message}"

# Hidden: a long series, against the package.
### BEGIN HIDDEN TESTS
filtered = LinearGaussianModel(*train).filter(long_ys)
expected = LinearGaussianModel(*train).smooth(long_ys)
means, covariances = run_smoother(filtered.means, filtered.covariances, train[0], train[2])
checks.check_close(means, expected.means, "the means of a long series", tolerance=1e-7)
checks.check_close(covariances, expected.covariances, "the covariances", tolerance=1e-7)
### END HIDDEN TESTS

# %% [markdown]
r"""
Your smoother on the series of 500 steps:
"""

# %% nbgrader={"grade": false, "grade_id": "look4", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
filtered = LinearGaussianModel(*train).filter(long_ys)
found, _ = smooth(filtered.means, filtered.covariances, train[0], train[2])
error = np.sqrt(np.mean((found - long_states)[:, 0] ** 2))
print(f"smoother: the position is off by {error:.2f} (root mean square)")

# %% [markdown]
r"""
## Exercise 5.5 The settled gain (implement, medium, 15 minutes, 2 points)

The covariances of the filter do not depend on the data. With nothing missing they settle after a while, and the gain with them. Then the filter is a plain linear recurrence. Write three short functions.

1. `settled_gain(A, C, Q, R)`: begin with $P = Q$ as the predicted covariance and repeat

   $$S = C P C^\top + R, \qquad K = P C^\top S^{-1}, \qquad P \leftarrow A\,(P - K C P)\,A^\top + Q$$

   until no entry of $P$ moves by more than $10^{-12}$. Return the gain $K$, shape `(D, M)`, that belongs to the last $P$. If the check runs for ever, interrupt it: $P$ never settles where a part of the formula is missing.

2. `local_level_gain(q, r)`: the same as a formula, for one number that wanders: $A = C = 1$, $Q = q$, $R = r$. Where $P$ has settled, $P = P - P^2 / (P + r) + q$. Solve this for $P$ with pencil and paper and return the number $K = P / (P + r)$.

3. `as_recurrence(A, C, K)`: return two matrices, $F$ of shape `(D, D)` and $G$ of shape `(D, M)`, such that the filter's means after each observation obey

   $$m_t = m_{t-1} F^\top + y_t G^\top.$$

<details><summary>Hint for 2</summary>

Multiply by $P + r$: a quadratic equation in $P$ is left, and its positive root is wanted. For $q = 1$, $r = 2$ it is $P = 2$.

</details>
<details><summary>Hint for 3</summary>

Put $m_t^- = m_{t-1} A^\top$ into $m_t = m_t^- + (y_t - m_t^- C^\top)\, K^\top$ and collect what stands behind $m_{t-1}$: that is $F^\top$.

</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex5-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def settled_gain(A, C, Q, R):
    """Return the gain (D, M) at which the filter settles."""
    ### BEGIN SOLUTION
    P, moved = Q, np.inf
    while moved > 1e-12:
        K = np.linalg.solve(C @ P @ C.T + R, C @ P).T  # (D, M)
        following = A @ (P - K @ C @ P) @ A.T + Q  # (D, D)
        moved, P = np.abs(following - P).max(), following
    return np.linalg.solve(C @ P @ C.T + R, C @ P).T
    ### END SOLUTION


def local_level_gain(q, r):
    """Return the settled gain, a number, of the model with A = C = 1, Q = q, R = r."""
    ### BEGIN SOLUTION
    P = (q + np.sqrt(q**2 + 4 * q * r)) / 2
    return P / (P + r)
    ### END SOLUTION


def as_recurrence(A, C, K):
    """Return F (D, D) and G (D, M) such that m_t = m_{t-1} F^T + y_t G^T."""
    ### BEGIN SOLUTION
    return (np.eye(len(A)) - K @ C) @ A, K
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex5-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
found = local_level_gain(1.0, 2.0)
assert found is not None, "local_level_gain returns None: does it return its result?"
assert not np.isclose(found, 2.0), "local_level_gain returns P: the gain is P / (P + r)"
after = np.isclose(found, 1 / 3)
message = "the covariance after the observation; the gain needs the one before it, q larger"
assert not after, f"local_level_gain: your P is {message}"
other_root = np.isclose(found, -1.0)
assert not other_root, "local_level_gain: this is the negative root, but P is a variance"
checks.check_close(found, 0.5, "local_level_gain(1, 2)")
golden = (np.sqrt(5) - 1) / 2
checks.check_close(local_level_gain(1.0, 1.0), golden, "local_level_gain(1, 1), the golden ratio")

one = np.ones((1, 1))
found = settled_gain(one, one, one, 2 * one)
checks.check_shape(found, (1, 1), "settled_gain(...) for D = M = 1")
message = "the gain belongs to the covariance before the observation, A (P - K C P) A^T + Q"
assert not np.allclose(found, 1 / 3, atol=1e-4), f"settled_gain: {message}"
hint = "Go on until no entry of P moves by more than 1e-12"
checks.check_close(found, [[0.5]], "settled_gain for q = 1, r = 2", hint=hint)
half = (0.25 + np.sqrt(0.0625 + 4)) / 2  # P = P / (4 (P + 1)) + 1
hint = "The transition multiplies P from both sides: A (...) A^T"
found = settled_gain(one / 2, one, one, one)
checks.check_close(found, [[half / (half + 1)]], "settled_gain for A = 1 / 2", hint=hint)
found = settled_gain(one, one, 1e-4 * one, one)
formula = (1e-4 + np.sqrt(1e-8 + 4e-4)) / 2
hint = "A slow filter settles late: go on until P no longer moves, not for a fixed number of rounds"
expected = [[formula / (formula + 1)]]
checks.check_close(found, expected, "settled_gain for q = 1e-4, r = 1", tolerance=1e-6, hint=hint)
checks.check_close(local_level_gain(1e-4, 1.0), expected[0][0], "local_level_gain(1e-4, 1)")

A, C, Q, R = train[:4]
full = LinearGaussianModel(*train).filter(long_ys)
found = settled_gain(A, C, Q, R)
checks.check_shape(found, (3, 2), "settled_gain(...) for D = 3, M = 2")
hint = "Compared with the gain of the package's filter after 500 steps"
checks.check_close(found, full.gains[-1], "settled_gain of the train", tolerance=1e-7, hint=hint)

K = full.gains[-1]
pair = as_recurrence(A, C, K)
assert pair is not None, "as_recurrence returns None: does it return its result?"
assert len(pair) == 2, "as_recurrence returns two matrices: F and G"
F, G = np.asarray(pair[0]), np.asarray(pair[1])
checks.check_shape(F, (3, 3), "F")
checks.check_shape(G, (3, 2), "G")
kept = np.eye(3) - K @ C
before = np.allclose(F, A @ kept) or np.allclose(G, A @ K)
message = "this moves the means before each observation; after it, A acts first and I - K C last"
assert not before, f"as_recurrence: {message}"
assert not np.allclose(F, kept), "F: the old mean moves by A before the observation corrects it"
assert not np.allclose(F, A), "F: the prediction is also part of the innovation, with - K C"
found = linear_recurrence(F, full.means[99], long_ys[100:] @ G.T)
hint = "Put m_t^- = m_{t-1} A^T into m_t = m_t^- + (y_t - m_t^- C^T) K^T"
checks.check_close(found, full.means[100:], "the recurrence from step 100 on", 1e-7, hint)

# Hidden: other models, against the package.
### BEGIN HIDDEN TESTS
for q, r in ((0.3, 5.0), (7.0, 0.2)):
    expected = wanderer(q, r).filter(np.zeros((2000, 1))).gains[-1]
    checks.check_close(settled_gain(one, one, q * one, r * one), expected, "settled_gain", 1e-7)
    checks.check_close(local_level_gain(q, r), expected[0, 0], "local_level_gain", 1e-7)
turn = np.array([[0.9, 0.4], [-0.4, 0.9]])
swing = (turn, np.array([[1.0, 0.5]]), np.diag([0.2, 0.4]), one, np.zeros(2), np.eye(2))
swing_ys = LinearGaussianModel(*swing).sample(300, seed=2)[1]
full = LinearGaussianModel(*swing).filter(swing_ys)
K = settled_gain(*swing[:4])
checks.check_close(K, full.gains[-1], "settled_gain of a swing", 1e-7)
F, G = as_recurrence(*swing[:2], K)
found = linear_recurrence(np.asarray(F), full.means[99], swing_ys[100:] @ np.asarray(G).T)
checks.check_close(found, full.means[100:], "the recurrence of a swing", 1e-7)
### END HIDDEN TESTS

# %% [markdown]
r"""
**To think about** (not graded). The matrix $A$ of the train has two eigenvalues of modulus 1: on its own, it never forgets. Look at `np.abs(np.linalg.eigvals(F))`. Why must the filter forget although the train does not?

## Exercise 5.6 The forward algorithm in Gaussian clothes (explain, medium, 10 minutes, 2 points)

The forward algorithm of chapter 04 and the Kalman filter do the same, one with a finite number of states and sums, the other with Gaussians and integrals. Match their lines. The forward algorithm at step $t$, for states $j = 0, \dots, N-1$:

| line | quantity |
| --- | --- |
| 1 | $\pi_j$, the distribution of the first state |
| 2 | $(\hat\alpha_{t-1} A)_j$ |
| 3 | $b_t(j)$, the likelihood of each state |
| 4 | $c_t$, the scale: the sum over $j$ of line 2 times line 3 |
| 5 | $\hat\alpha_t(j)$: line 2 times line 3, divided by $c_t$ |
| 6 | $\sum_t \ln c_t$ |

The Kalman filter, in another order. $\mathcal N(x; m, P)$ is the Gaussian density at $x$ with mean $m$ and covariance $P$:

| line | quantity |
| --- | --- |
| a | $\mathcal N(y_t;\ m_t^- C^\top,\ S_t)$ |
| b | $\mathcal N(z;\ m_t,\ P_t)$ |
| c | $\sum_t \ln \mathcal N(y_t;\ m_t^- C^\top,\ S_t)$ |
| d | $\mathcal N(z;\ m_0,\ P_0)$ |
| e | $\mathcal N(y_t;\ z C^\top,\ R)$ |
| f | $\mathcal N(z;\ m_{t-1} A^\top,\ A P_{t-1} A^\top + Q)$ |

Fill in `match`, such as `{1: "b", ...}`. Then put the letters of the true statements into `true_statements`:

- **A** $c_t$ and the density of line a answer the same question: how likely is this observation, given all the earlier ones?
- **B** The Kalman gain plays the role of the transition matrix of the hidden Markov model: it says how the state moves.
- **C** Where an observation is missing, both algorithms only predict; the step then counts as $c_t = 1$.
- **D** In both models, how sure we are of the state after $t$ steps depends on how many observations there were, but not on their values.
- **E** In both models, the most probable state of each step, given the whole series, taken together make up the most probable path.
- **F** The forward algorithm divides by $c_t$, and without this its numbers become too small in a long series. The Kalman filter needs no such division, since a mean and a covariance always describe a density whose integral is 1.

The next cell lets you try things out. It cuts the number line into $N = 401$ small pieces and makes of a wandering number a hidden Markov model with one state for each piece.

<details><summary>Hint</summary>

Ask of each line: is it a function of the state or a single number? Does it know $y_t$ already? A statement about both models is false as soon as one of them breaks it.

</details>
"""

# %% nbgrader={"grade": false, "grade_id": "grid", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def gaussian(x, mean, variance):
    return np.exp(log_normal(x, mean, variance))


def forward(startprob, transmat, likelihoods):
    """Return the predictions (T, N), scales (T,) and normalised alphas (T, N)."""
    predicted, scales, alphas = [startprob], [], []
    for b in likelihoods:
        joint = predicted[-1] * b  # (N,)
        scales.append(joint.sum())
        alphas.append(joint / scales[-1])
        predicted.append(alphas[-1] @ transmat)
    return np.array(predicted[:-1]), np.array(scales), np.array(alphas)


few_ys = np.array([0.5, 2.0, 1.0, 2.5])  # y_1 ... y_4, with q = 0.5, R = 1, m0 = 0, P0 = 2
grid = np.linspace(-15, 15, 401)  # (N,) the middle of each piece
piece = grid[1] - grid[0]
grid_start = gaussian(grid, 0.0, 2.0) * piece  # (N,) probabilities of the pieces
grid_moves = gaussian(grid, grid[:, np.newaxis], 0.5) * piece  # (N, N) row i: from piece i
grid_likelihoods = gaussian(few_ys[:, np.newaxis], grid, 1.0)  # (T, N)

# %% nbgrader={"grade": false, "grade_id": "ex6-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
match = {1: None, 2: None, 3: None, 4: None, 5: None, 6: None}  # letters a to f
true_statements = set()  # letters, such as {"A", "B"}
### BEGIN SOLUTION
match = {1: "d", 2: "f", 3: "e", 4: "a", 5: "b", 6: "c"}
true_statements = {"A", "C", "F"}
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex6-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
chosen = {line: str(match.get(line)).strip().lower() for line in range(1, 7)}
complete = set(chosen.values()) <= set("abcdef")
assert complete, "match needs one of the letters a to f for each of the lines 1 to 6"
assert len(set(chosen.values())) == 6, "match uses a letter twice: each belongs to one line"
predicted, scales, alphas = forward(grid_start, grid_moves, grid_likelihoods)
t = 2  # the third observation
lines = {
    1: grid_start / piece,
    2: predicted[t] / piece,
    3: grid_likelihoods[t],
    4: scales[t],
    5: alphas[t] / piece,
    6: np.log(scales).sum(),
}
model = LinearGaussianModel([[1.0]], [[1.0]], [[0.5]], [[1.0]], [0.0], [[2.0]])
kalman = model.filter(few_ys[:, np.newaxis])
before = kalman.predicted_means[t, 0], kalman.predicted_covariances[t, 0, 0]
letters = {
    "a": gaussian(few_ys[t], before[0], before[1] + 1.0),
    "b": gaussian(grid, kalman.means[t, 0], kalman.covariances[t, 0, 0]),
    "c": kalman.log_likelihoods.sum(),
    "d": gaussian(grid, 0.0, 2.0),
    "e": gaussian(few_ys[t], grid, 1.0),
    "f": gaussian(grid, *before),
}
reasons = {
    1: "the belief before anything was seen",
    2: "the belief after the move and before y_t is seen",
    3: "how well each state explains y_t, and knows nothing of y_1 ... y_{t-1}",
    4: "a density of y_t, from which the state has been summed out",
    5: "the belief after y_t was seen",
    6: "a sum over all steps",
}
for line, letter in chosen.items():
    kind = "a single number" if np.ndim(lines[line]) == 0 else "a function of the state"
    alike = np.ndim(lines[line]) == np.ndim(letters[letter])
    assert alike, f"line {line} is {kind}, but line {letter} is not: line {line} is {reasons[line]}"
    equal = np.allclose(lines[line], letters[letter], atol=1e-6)
    message = f"line {line} is {reasons[line]}; on the grid its values are not those of {letter}"
    assert equal, message
answer = {str(letter).strip().upper() for letter in true_statements}
assert answer, "true_statements is empty: some of the statements are true"
assert answer <= set("ABCDEF"), "true_statements may hold the letters A to F"
message = "the gain weighs an observation; how the state moves stands in A and Q"
assert "B" not in answer, f"B: {message}"
message = "the Kalman filter's P_t does not depend on the values, but alpha does: try two states"
assert "D" not in answer, f"D: {message}"
message = "in a Markov model such a path can even be impossible: that is why there is Viterbi"
assert "E" not in answer, f"E: {message}"
message = "both are p(y_t | y_1 ... y_{t-1}): look at lines 4 and a on the grid"
assert "A" in answer, f"A: {message}"
message = "leaving out the product with b_t is the same as b_t = 1 for every state"
assert "C" in answer, f"C: {message}"
message = "products of many numbers below 1 leave the range of floating-point numbers"
assert "F" in answer, f"F: {message}"

# Hidden: the same answers, looked at through another step.
### BEGIN HIDDEN TESTS
assert match[2].strip().lower() == "f" and match[5].strip().lower() == "b"
assert np.allclose(alphas[3] @ grid, kalman.means[3, 0]) and answer == {"A", "C", "F"}
### END HIDDEN TESTS

# %% [markdown]
r"""
When you are done, see for yourself: one print for each statement that numbers can decide. A likelihood of 1 for every state stands for a missing observation.
"""

# %% nbgrader={"grade": false, "grade_id": "look6", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
model = LinearGaussianModel([[1.0]], [[1.0]], [[0.5]], [[1.0]], [0.0], [[2.0]])
kalman = model.filter(few_ys[:, np.newaxis])
_, scales, _ = forward(grid_start, grid_moves, grid_likelihoods)
print("A  the scales and the densities of line a:")
print("  ", np.round(scales, 4), np.round(np.exp(kalman.log_likelihoods), 4))

third_missing = np.array([[0.5], [2.0], [np.nan], [2.5]])
kalman = model.filter(third_missing)
hidden = np.where(np.isnan(third_missing), 1.0, grid_likelihoods)  # (T, N)
_, scales, alphas = forward(grid_start, grid_moves, hidden)
print("C  the third observation missing: scales, and the last mean of both")
print("  ", np.round(scales, 4), np.round([alphas[-1] @ grid, kalman.means[-1, 0]], 4))

other_ys = np.array([0.5, 7.0, -2.0, 3.5])
variances = [model.filter(ys[:, np.newaxis]).covariances[-1, 0, 0] for ys in (few_ys, other_ys)]
print("D  last variance of the Kalman filter, for two series:", np.round(variances, 4))
start, moves = np.array([0.5, 0.5]), np.array([[0.9, 0.1], [0.1, 0.9]])
emission = np.array([[0.8, 0.2], [0.2, 0.8]])  # rows: states; columns: symbols
surest = [forward(start, moves, emission[:, ys].T)[2][-1].max() for ys in ([0, 0], [0, 1])]
print("   a Markov model of two states, probability of the likelier one:", np.round(surest, 4))

start, no_news = np.array([0.4, 0.3, 0.3]), np.ones((2, 3))
moves = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0]])
best = forward(start, moves, no_news)[2].argmax(axis=1)  # nothing is seen, so nothing to smooth
print("E  most probable states of steps 1 and 2:", best)
print("   probability of this move:", moves[best[0], best[1]])

shares = np.full(1000, 0.4)  # c_t of 1,000 steps
print("F  a product of 1,000 scales and the sum of their logarithms:")
print("  ", np.prod(shares), np.round(np.log(shares).sum(), 1))
