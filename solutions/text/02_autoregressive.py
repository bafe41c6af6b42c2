# %% [markdown]
r"""
# Exercises to chapter 02: autoregressive models

These go with [chapter 02](../../chapters/02_autoregressive.ipynb). Six exercises, 12 points, about 90 minutes.

Write your answer where the cell says so and run the check below it. A check that passes prints nothing; one that fails says what is probably wrong. When an instructor grades the notebook, some more checks of the same kind run on other data.
"""

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
import numpy as np
from statsmodels.tsa.ar_model import AutoReg

from rnncourse import checks
from rnncourse.autocorrelation import autocovariance
from rnncourse.autoregressive import AutoregressiveModel
from rnncourse.autoregressive_fit import fit_least_squares
from rnncourse.datasets.series import sunspots
from rnncourse.datasets.synthetic import ar_process
from rnncourse.order_selection import compare_orders

spots = sunspots().values

# %% [markdown]
r"""
## Exercise 2.1 The lag matrix by hand (implement, easy, 15 minutes, 2 points)

Fit an AR(2) by least squares: $x_t = c + \varphi_1 x_{t-1} + \varphi_2 x_{t-2}$. Build the matrix of inputs yourself, one row for each value that has two values before it, and solve with `np.linalg.lstsq`. Do it with NumPy alone: a ready-made fit teaches you nothing here.

- `series`: array of shape `(T,)`.
- Result: array of shape `(3,)` with $c$, $\varphi_1$ (lag 1) and $\varphi_2$ (lag 2), in this order.

<details><summary>Hint 1</summary>
There are T - 2 rows. The values to predict are <code>series[2:]</code>. Which slice, of the same length, holds the value one step before each of them?
</details>
<details><summary>Hint 2</summary>
<code>np.column_stack</code> puts columns side by side. The first column belongs to c: it is 1 everywhere.
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex1-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def fit_ar2(series):
    """Return c, phi_1 and phi_2 of the least-squares AR(2), array of shape (3,)."""
    ### BEGIN SOLUTION
    inputs = np.column_stack([np.ones(len(series) - 2), series[1:-1], series[:-2]])  # (T - 2, 3)
    return np.linalg.lstsq(inputs, series[2:])[0]
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex1-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
recurrence = [1.0, 3.0]
for _ in range(20):
    recurrence.append(2.0 + 1.2 * recurrence[-1] - 0.9 * recurrence[-2])
found, expected = fit_ar2(np.array(recurrence)), np.array([2.0, 1.2, -0.9])
tuple_hint = "np.linalg.lstsq returns four things: the solution is the first, so append [0]"
assert not isinstance(found, tuple) or len(found) != 4, tuple_hint
no_intercept = "the intercept is missing: c needs a column of ones among the inputs"
assert np.shape(found) != (2,), no_intercept
checks.check_shape(found, (3,), "fit_ar2(series)")
found = np.asarray(found)
assert found[0] != 0, no_intercept
swapped = np.allclose(found[[0, 2, 1]], expected)
assert not swapped, "phi_1 and phi_2 are swapped: phi_1 belongs to the value one step before"
itself = np.allclose(found[1:], [1, 0], atol=1e-6) or np.allclose(found[1:], [0, 1], atol=1e-6)
assert not itself, "you predict x_t from x_t itself: the target is one step later"
checks.check_close(found, expected, "fit_ar2(series)", tolerance=1e-6)
oracle = AutoReg(spots, lags=2).fit().params
hint = "Do you use all T - 2 rows, and is phi_1 the coefficient of the value one step before?"
checks.check_close(fit_ar2(spots), oracle, "fit_ar2(spots)", hint=hint)

# Hidden: other series, against the same oracle.
### BEGIN HIDDEN TESTS
for seed in (0, 1):
    other = ar_process([0.7, -0.2], 211, seed=seed, intercept=5.0).values
    checks.check_close(fit_ar2(other), AutoReg(other, lags=2).fit().params, "fit_ar2(other)")
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 2.2 One step of Levinson (implement, medium, 15 minutes, 2 points)

You have the solution of the Yule-Walker equations for order $k-1$. Make that for order $k$ out of it, as in section 2.4:

1. what is left unexplained at lag $k$: $u = \gamma_k - \sum_{i=1}^{k-1} \varphi_i\, \gamma_{k-i}$;
2. the reflection $\rho = u / v$, where $v$ is the noise variance so far;
3. the old coefficients, each corrected by the one at the other end: $\varphi_i - \rho\, \varphi_{k-i}$; then $\rho$ itself as the last;
4. the new variance $v\,(1 - \rho^2)$.

- `coefficients`: shape `(k - 1,)`, lag 1 first; empty for $k = 1$.
- `variance`: the number $v$.
- `gamma`: shape `(k + 1,)`, autocovariances at the lags 0 to $k$.
- Result: the new coefficients, shape `(k,)`, and the new variance.

<details><summary>Hint</summary>
With k = len(gamma) - 1, the numbers gamma at the lags k - 1, k - 2, ..., 1 are <code>gamma[k - 1 : 0 : -1]</code>.
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex2-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def levinson_step(coefficients, variance, gamma):
    """Return the coefficients (k,) and the variance of order k, from those of order k - 1."""
    ### BEGIN SOLUTION
    k = len(gamma) - 1
    reflection = (gamma[k] - coefficients @ gamma[k - 1 : 0 : -1]) / variance
    corrected = coefficients - reflection * coefficients[::-1]  # (k - 1,)
    return np.append(corrected, reflection), variance * (1 - reflection**2)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex2-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
first, left = levinson_step(np.zeros(0), 2.0, np.array([2.0, 1.0]))
checks.check_close(first, [0.5], "the coefficients of order 1")
assert left != 1.0, "the variance shrinks by 1 - rho squared, not by 1 - rho"
checks.check_close(left, 1.5, "the variance of order 1")
second, left = levinson_step(np.array([0.5]), 1.5, np.array([2.0, 1.0, 0.0]))
checks.check_shape(second, (2,), "the coefficients of order 2")
assert second[0] != 0.5, "the old coefficients have to be corrected when a lag is added"
hint = "Reverse the old coefficients when you correct them, and gamma in the sum"
checks.check_close(second, [2 / 3, -1 / 3], "the coefficients of order 2", hint=hint)
hint = "The variance shrinks again at every order: multiply what you were given"
checks.check_close(left, 4 / 3, "the variance of order 2", hint=hint)


def solve_by_steps(gamma):
    found, left = np.zeros(0), gamma[0]
    for k in range(1, len(gamma)):
        found, left = levinson_step(found, left, gamma[: k + 1])
    return found


gamma = autocovariance(spots, 5)
distance = np.abs(np.subtract.outer(np.arange(5), np.arange(5)))
general = np.linalg.solve(gamma[distance], gamma[1:])
hint = "Each old coefficient is corrected by the one at the other end: reverse them; "
hint += "or gamma is not reversed in the sum, or the variance is not carried on"
checks.check_close(solve_by_steps(gamma), general, "order 5 on the sunspots", hint=hint)

# Hidden: other autocovariances, against the same oracle.
### BEGIN HIDDEN TESTS
other = autocovariance(ar_process([0.5, -0.4, 0.3], 307, seed=3).values, 5)
general = np.linalg.solve(other[distance], other[1:])
checks.check_close(solve_by_steps(other), general, "order 5 on another series")
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 2.3 Stationary or not, and how slow? (explain, medium, 10 minutes, 2 points)

Four models, with pencil and paper. Their roots solve $z^p - \varphi_1 z^{p-1} - \dots - \varphi_p = 0$.

- A: $x_t = 0.9\,x_{t-1} + \varepsilon_t$
- B: $x_t = 0.5\,x_{t-1} + 0.5\,x_{t-2} + \varepsilon_t$
- C: $x_t = x_{t-1} - 0.5\,x_{t-2} + \varepsilon_t$
- D: $x_t = -1.1\,x_{t-1} + \varepsilon_t$

Which of them are stationary? After how many steps is half of a shock gone in A? With what period, in steps, does C swing, and what is its half-life? The answer cell starts with the names to fill. A formula such as `np.log(2) / 3` is welcome; numbers count as right to within 1 %.

<details><summary>Hint</summary>
The quadratic equation of C has two complex roots. Draw them: how long is the arrow from 0 to the root, and which angle has it? A full turn is one period.
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex3-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
stationary = set()  # letters, such as {"A", "B"}
half_life_a = None  # in steps, not rounded
period_c = None  # in steps
half_life_c = None  # in steps
### BEGIN SOLUTION
stationary = {"A", "C"}  # roots 0.9; 1 and -0.5; 0.5 + 0.5i and 0.5 - 0.5i; -1.1
half_life_a = np.log(2) / -np.log(0.9)  # 6.58
period_c = 8.0  # the angle of 0.5 + 0.5i is an eighth of a turn
half_life_c = 2.0  # the modulus is 1 / sqrt(2): two steps make 1 / 2
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex3-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
answer = {letter.upper() for letter in stationary}
assert "B" not in answer, "B has a root at exactly 1: a shock stays for ever"
assert "D" not in answer, "D has the root -1.1: what counts is the modulus, with or without a sign"
assert "C" in answer, "C has complex roots of modulus 0.71: its shocks swing and die out"
assert answer == {"A", "C"}, "A has the root 0.9, inside the unit circle"
missing = None in (half_life_a, period_c, half_life_c)
assert not missing, "set half_life_a, period_c and half_life_c: each is a number of steps"
assert abs(half_life_a * 0.9 - 1) > 0.05, "1 / 0.9 is no half-life: solve 0.9 ** steps = 1 / 2"
to_one_e = abs(half_life_a * np.log(0.9) + 1) < 0.01
assert not to_one_e, "this is the time to 1/e: for one half, multiply it by ln 2"
checks.check_close(half_life_a, np.log(2) / -np.log(0.9), "half_life_a", tolerance=0.01)
quarter = "The period is a full turn, 2 pi, divided by the angle of the root"
checks.check_close(period_c, 8.0, "period_c", tolerance=0.01, hint=quarter)
checks.check_close(half_life_c, 2.0, "half_life_c", tolerance=0.01)

# Hidden: the same answers, looked at through the package.
### BEGIN HIDDEN TESTS
models = {"A": [0.9], "B": [0.5, 0.5], "C": [1.0, -0.5], "D": [-1.1]}
inside = {name: np.abs(np.roots([1, *np.negative(phi)])).max() < 0.999 for name, phi in models.items()}
assert answer == {name for name in models if inside[name]}
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 2.4 A roll-out that peeks (find the bug, medium, 15 minutes, 2 points)

A colleague forecasts 64 steps of the noisy sine with four taps and finds an error that hardly grows with the horizon. Here is the code. `predict` maps one window of shape `(order,)`, oldest value first, to the next value; `start` is the index of the first value to forecast.
"""

# %% nbgrader={"grade": false, "grade_id": "peeking", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def roll_out_of_a_colleague(predict, series, order, start, steps):
    forecasts = []
    for k in range(steps):
        window = series[start + k - order : start + k]
        forecasts.append(predict(window))
    return np.array(forecasts)


# %% [markdown]
r"""
Find what is wrong and write the function as it should be. The result has shape `(steps,)`. Nothing in `series` from index `start` on may be looked at.

<details><summary>Hint</summary>
For k = 0 the window is right. What does it hold for k = 1, and who could know that value at the time of the forecast?
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex4-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def roll_out_from(predict, series, order, start, steps):
    """Forecast series[start], ..., series[start + steps - 1] from what lies before start."""
    ### BEGIN SOLUTION
    known = list(series[start - order : start])
    for _ in range(steps):
        known.append(predict(np.array(known[-order:])))
    return np.array(known[order:])
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex4-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def fibonacci_rule(window):
    return window[-1] + window[-2]


short = np.array([1.0, 1, 2, 3, 5, 8])
found = roll_out_from(fibonacci_rule, short, 2, 4, 2)
checks.check_shape(found, (2,), "roll_out_from(...)")
assert found[0] != found[1], "every step gives the same: a forecast has to enter the next window"
hint = "The newest value, your own forecast, belongs at the end of the window; the oldest leaves"
checks.check_close(found, [5, 8], "the forecast of two steps from 1, 1, 2, 3", hint=hint)
truth = np.sin(0.3 * np.arange(60))
known, other_future = truth.copy(), np.where(np.arange(60) < 50, truth, 1e6)
sine_rule = AutoregressiveModel(2).fit(truth[:50])
forecasts = [
    roll_out_from(lambda w: sine_rule.predict(np.asarray(w)[np.newaxis])[0], series, 2, 50, 10)
    for series in (known, other_future)
]
assert np.array_equal(known, truth), "you overwrite the caller's series: work on a copy"
same = np.allclose(forecasts[0], forecasts[1])
assert same, "the forecast changes with the future: from the second step on you use real values"
checks.check_close(forecasts[0], truth[50:], "ten steps of a sine", tolerance=1e-6, hint=hint)

# Hidden: another model and another start.
### BEGIN HIDDEN TESTS
model = AutoregressiveModel(5).fit(spots)
found = roll_out_from(
    lambda w: model.predict(np.asarray(w)[np.newaxis])[0], spots.copy(), 5, 200, 30
)
checks.check_close(found, model.forecast(spots[:200], 30).mean, "30 years of sunspots")
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 2.5 How wide is the interval? (implement, medium, 15 minutes, 2 points)

Compute the standard deviation of the forecast error 1, 2, ..., `steps` steps ahead by equation (2.8). The impulse response follows from $\psi_0 = 1$ and $\psi_j = \varphi_1 \psi_{j-1} + \dots + \varphi_p \psi_{j-p}$, where $\psi_j = 0$ for $j < 0$.

- `coefficients`: shape `(p,)`, lag 1 first.
- `noise_variance`: the number $\sigma^2$.
- Result: shape `(steps,)`.

Before you write: what must come out for a random walk, $\varphi_1 = 1$?

<details><summary>Hint</summary>
<code>np.cumsum</code> adds up the squares of psi. At j, only the first j coefficients meet a psi that is not zero: <code>min(j, p)</code> of them.
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex5-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def forecast_deviation(coefficients, noise_variance, steps):
    """Return the standard deviation of the forecast error, array of shape (steps,)."""
    ### BEGIN SOLUTION
    psi = [1.0]
    for j in range(1, steps):
        psi.append(sum(phi * psi[j - 1 - i] for i, phi in enumerate(coefficients[:j])))
    return np.sqrt(noise_variance * np.cumsum(np.square(psi)))
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex5-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
found = np.asarray(forecast_deviation([0.5], 4.0, 3))
checks.check_shape(found, (3,), "forecast_deviation(...)")
root_missing = np.isclose(found[0], 4.0)
assert not root_missing, "this is the variance: the standard deviation is its square root"
constant = np.allclose(found, 2.0)
assert not constant, "one step is right, but the errors of several steps add up: see (2.8)"
walk = np.allclose(found, 2 * np.sqrt([1, 2, 3]))
assert not walk, "this grows like a random walk: weigh each noise by psi before you add squares"
checks.check_close(found, [2.0, np.sqrt(4 + 1), np.sqrt(4 + 1 + 0.25)], "AR(1), three steps")
found = forecast_deviation([1.0], 1.0, 9)
checks.check_close(found, np.sqrt(np.arange(1, 10)), "the random walk, nine steps")
hint = "Every coefficient enters psi, lag 1 first: is psi reversed against phi?"
by_hand = np.sqrt(np.cumsum(np.square([1, 1.5, 1.69, 1.695])))  # psi as in section 2.6
found = forecast_deviation([1.5, -0.56], 1.0, 4)
checks.check_close(found, by_hand, "the model of section 2.6", hint=hint)
by_hand = np.sqrt(np.cumsum(np.square([1, 0.5, -0.15, 0.025, 0.2225])))
found = forecast_deviation([0.5, -0.4, 0.3], 1.0, 5)
checks.check_close(found, by_hand, "an AR(3), five steps", hint=hint)
model = AutoregressiveModel.from_parameters(0.0, [0.5, -0.4, 0.3], 0.7)
rng = np.random.default_rng(0)
futures = np.array([model.simulate(8, rng, history=[1.0, 4.0, 2.0]) for _ in range(4000)])
deviation = forecast_deviation(model.coefficients, 0.7, 8)
message = "does not fit what 4,000 simulated futures do"
assert np.abs(futures.std(axis=0) / deviation - 1).max() < 0.05, message

# Hidden: other models, against the package.
### BEGIN HIDDEN TESTS
for phi in ([0.9, -0.5], [1.2, -0.3, -0.2, 0.1]):
    ours = forecast_deviation(phi, 2.0, 11)
    theirs = AutoregressiveModel.from_parameters(0.0, phi, 2.0).forecast(np.zeros(4), 11)
    checks.check_close(ours * 1.959963985, theirs.upper - theirs.mean, "the half-width")
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 2.6 What is the right price of a coefficient? (predict, then experiment, hard, 20 minutes, 2 points)

AIC and BIC are alike but for the price of a coefficient: 2 for AIC, $\ln n$ for BIC, where $n$ is the number of predictions. Up to numbers that are the same for every order, both minimise

$$n \ln s_p^2 + \text{price} \cdot p,$$

where $s_p^2$ is the noise variance of the least-squares AR($p$).

*Predict first.* Put your answer into `PREDICTION`: does a *higher* price choose `"larger"` or `"smaller"` orders?

Then write `choose_order`. Take care that every order predicts the same $n = T - P$ values, where $P$ is `max_order`: an order $p < P$ must leave out the first $P - p$ values of the series. Use `fit_least_squares(series, order)`; its third result is $s_p^2$.

- `series`: shape `(T,)`; `max_order`: $P$; `price`: a number.
- Result: the order, 0 to $P$.

<details><summary>Hint</summary>
Order p uses the series <code>series[max_order - p :]</code>. Collect one criterion for each order and take <code>np.argmin</code>.
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex6-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
PREDICTION = None  # "larger" or "smaller"
### BEGIN SOLUTION
PREDICTION = "smaller"
### END SOLUTION


def choose_order(series, max_order, price):
    """Return the order 0 .. max_order that minimises n ln s_p^2 + price * p."""
    ### BEGIN SOLUTION
    n = len(series) - max_order
    criterion = []
    for p in range(max_order + 1):
        variance = fit_least_squares(series[max_order - p :], p)[2]
        criterion.append(n * np.log(variance) + price * p)
    return int(np.argmin(criterion))
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex6-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
series = ar_process([0.5, -0.4, 0.3], 400, seed=2).values
free = choose_order(series, 12, price=0)
fewer = "does every order predict the same values? Leave out series[: max_order - p]"
assert free == 12, f"with price 0 the largest order must win, as it fits them best: {fewer}"
dear = choose_order(series, 12, price=1000)
assert dear != 12, "the price has no effect or the wrong sign: add price * p"
assert dear == 0, "at a price of 1000 no coefficient is worth its money: order 0 must win"
assert PREDICTION is not None, 'set PREDICTION to "larger" or "smaller"'
guess = str(PREDICTION).strip().lower()
assert guess == "smaller", "try it: what you have to pay for, you take less of"
details = "check n = T - P, the natural logarithm, s_p^2, and that order P is included"
for length, max_order in ((60, 20), (90, 20), (120, 25), (150, 25)):
    for seed in range(6):
        short = ar_process([0.5, -0.4, 0.3], length, seed=seed).values
        expected = compare_orders(short, max_order)
        by_aic = choose_order(short, max_order, price=2)
        assert by_aic == expected.order_by_aic, f"AIC chooses {expected.order_by_aic}: {fewer}; {details}"
        by_bic = choose_order(short, max_order, price=np.log(length - max_order))
        assert by_bic == expected.order_by_bic, f"BIC chooses {expected.order_by_bic}: {fewer}; {details}"

# Hidden: real series.
### BEGIN HIDDEN TESTS
assert choose_order(spots, 20, price=np.log(len(spots) - 20)) == 9
assert choose_order(spots, 20, price=2) == compare_orders(spots, 20).order_by_aic
### END HIDDEN TESTS

# %% [markdown]
r"""
**To think about** (not graded). Draw 100 series of 400 values from the AR(3) above. How often does AIC choose an order above 3, and how often does BIC choose one below? Which mistake would cost you more in a forecast?
"""
