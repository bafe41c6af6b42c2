# %% [markdown]
r"""
# 02 Autoregressive models

How far does one get by predicting the next value from the last few? And when a forecast fails many steps ahead, what is at fault?

**You will be able to** fit an autoregressive model in two ways and choose its order; read from its roots whether it is stationary and how fast it forgets; forecast with intervals; and find out why a forecast fails instead of guessing.

**You need** [chapter 01](01_sequences.ipynb), linear least squares, the mean and the variance of a random variable, complex numbers in polar form, and that a neural network is a chain of dense layers.

Run time: about 15 s.
"""

# %% tags=["setup"]
import matplotlib.pyplot as plt
import numpy as np
import torch

from rnncourse import figures, training
from rnncourse.autoregressive import AutoregressiveModel
from rnncourse.batches import windows
from rnncourse.claims import claim
from rnncourse.datasets.series import co2, prices, sunspots
from rnncourse.datasets.synthetic import ar_process, first_symbol, noisy_sine
from rnncourse.knob import Knob

figures.use_style()
torch.set_num_threads(1)

# %% [markdown]
r"""
## 2.1 A series that swings

The sun has dark spots. They have been counted for more than three centuries, and their number rises and falls.
"""

# %%
sun = sunspots()
spots = sun.values  # (T,)
print(sun.name, sun.times[0], "to", sun.times[-1], spots.shape)

# %% tags=["figure"]
figure, ax = plt.subplots()
ax.plot(sun.times, spots, **figures.style_of("data"), linewidth=1)
ax.set(xlabel="year", ylabel="sunspot number")
plt.show()

# %% [markdown]
r"""
**Figure 2.1.** *Sunspots come and go about every eleven years, but no two swings are alike.* One value a year from 1700 to 2008. Neither the time between two peaks nor their height is constant, so a sine wave of fixed period soon runs out of step.

We want next year's number. Two forecasts cost nothing: the mean of all years so far, and the value of this year again, which is called *persistence*. We measure an error by its root mean square (RMS), which has the unit of the series.
"""

# %%
def rms(errors):
    return float(np.sqrt(np.mean(np.square(errors))))

# %%
start = 200  # fit on the first 200 years, score on the rest
print("mean       ", round(rms(spots[start:] - spots[:start].mean()), 1))
print("persistence", round(rms(spots[start:] - spots[start - 1 : -1]), 1))

# %% [markdown]
r"""
Persistence is better, because neighbours are alike. To say "we are past the peak" a forecast would have to see two years.

## 2.2 A weighted sum of the last values

Chapter 01 wrote the probability of a whole sequence as a product of factors $p(x_t \mid x_1, \dots, x_{t-1})$. The number of inputs of a factor grows with $t$, so a formula with a fixed number of coefficients cannot weigh them all. This chapter takes the first way out, a *window* of fixed length; section 2.12 has a look at the other, a *summary* that is updated step by step.

The simplest function of a window is a weighted sum. An **autoregressive model** of order $p$, in short AR($p$), says

$$x_t = c + \varphi_1 x_{t-1} + \varphi_2 x_{t-2} + \dots + \varphi_p x_{t-p} + \varepsilon_t, \tag{2.1}$$

where $x_t$ is the value at step $t$, $c$ is the *intercept*, $\varphi_1, \dots, \varphi_p$ are the *coefficients* (all of them numbers), and $\varepsilon_t$ is *white noise*: independent of all that came before, with mean 0 and variance $\sigma^2$. *Autoregressive* means that the series is regressed on itself. Engineers call the past values *taps*, as on a pipe that delays the signal.
"""

# %% tags=["figure"]
figure, ax = plt.subplots(figsize=(6, 2.4))
heights = [1.0, 0.5, 0.7, 1.2, 1.5, 1.3]
ax.plot(range(5), heights[:5], "ko", label="known")
ax.plot(5, heights[5], "o", markerfacecolor="white", **figures.style_of("forecast"), label="forecast")
for lag in (1, 2, 3):
    arrow = {"arrowstyle": "->", "connectionstyle": "arc3,rad=-0.3", "shrinkA": 6, "shrinkB": 6}
    ax.annotate("", (5, heights[5]), (5 - lag, heights[5 - lag]), arrowprops=arrow)
    ax.text(5 - lag, heights[5 - lag] - 0.35, rf"$\varphi_{lag}$", ha="center")
ax.set(xlabel="step", ylabel="value", ylim=(0, 2.3))
ax.set_xticks(range(6), ["t-5", "t-4", "t-3", "t-2", "t-1", "t"])
ax.legend(loc="upper left", ncols=2)
plt.show()

# %% [markdown]
r"""
**Figure 2.2.** *An AR(3) forecast is a weighted sum of the last three values; whatever lies further back has no say.* Each arrow carries a known value to the forecast at step $t$, multiplied by its coefficient.

By hand. Take 1, 1, 2, 3, 5, 8, 13, 21. One row for each prediction: the value at lag 1, the value at lag 2, and the value to predict. Mind the order: `lag_matrix` puts the *newest* value first, as (2.1) does, while the windows of chapter 01 and of `predict` below put the *oldest* first.
"""

# %%
from rnncourse.autoregressive_fit import fit_yule_walker, lag_matrix

# %%
fibonacci = np.array([1.0, 1, 2, 3, 5, 8, 13, 21])
print(np.column_stack([lag_matrix(fibonacci, 2), fibonacci[2:]]).astype(int))

# %% [markdown]
r"""
Every row satisfies $x_t = x_{t-1} + x_{t-2}$, so the answer is $c = 0$, $\varphi_1 = \varphi_2 = 1$ without any noise. With noise no choice fits all rows. Then **least squares** takes the one whose squared errors have the smallest sum:

$$\min_{c, \varphi} \sum_{t=p+1}^{T} \bigl(x_t - c - \varphi_1 x_{t-1} - \dots - \varphi_p x_{t-p}\bigr)^2, \tag{2.2}$$

where $T$ is the length of the series. NumPy solves that in one call.
"""

# %%
def fit_naive(series, order):
    lags = lag_matrix(series, order)  # (T - p, p)
    inputs = np.column_stack([np.ones(len(lags)), lags])  # (T - p, 1 + p)
    solution = np.linalg.lstsq(inputs, series[order:])[0]  # (1 + p,)
    return solution[0], solution[1:]

# %%
print(np.round(fit_naive(fibonacci, 2)[1], 6))

# %% [markdown]
r"""
## 2.3 Least squares, as the package has it

Our version copies every value into $p$ columns. `fit_least_squares` of the package does not. Setting the derivative of (2.2) by each coefficient to zero says that the errors have zero covariance with every lag. These are $p$ linear equations, the *normal equations*, whose matrix holds only the covariances between the lags: $p \times p$ numbers, however long the series is. `lag_covariance` computes them and `solve_least_squares` solves the equations. `lag_matrix` is a mere view of the series, so nothing is copied.
"""

# %%
from rnncourse.autocorrelation import check_series
from rnncourse.autoregressive_fit import lag_covariance, solve_least_squares
from rnncourse.validate import as_array, as_integer


# %% tags=["mirror:rnncourse.autoregressive_fit.fit_least_squares"]
def fit_least_squares(series, order):
    """Choose the coefficients that make the mean squared one-step error smallest.

    Args:
        series: (T,) finite numbers that are not all the same, T >= 2 p + 2.
        order: p, the number of past values that a prediction sees, 0 or more.

    Returns:
        intercept (float), coefficients (p,) with lag 1 first, noise_variance (float): the mean
        squared error of the T - p predictions.

    Raises:
        TypeError: ``series`` does not hold real numbers, or ``order`` is not a whole number.
        ValueError: the series is too short, not 1-D, not finite or constant; negative order.

    Source:
        Box & Jenkins (1970), Time Series Analysis: Forecasting and Control, chapter 7.
    """
    order = as_integer(order, "order", minimum=0)
    series, order = check_series(series, order, min_length=2 * order + 2)
    centred = series - series.mean()  # (T,)
    lags, targets = lag_matrix(centred, order), centred[order:]  # (T - p, p), (T - p,)
    coefficients = solve_least_squares(lags, targets, lag_covariance(centred, order))  # (p,)
    errors = targets - lags @ coefficients  # (T - p,)
    intercept = series.mean() * (1 - coefficients.sum()) + errors.mean()
    return float(intercept), coefficients, float(errors.var())

# %% [markdown]
r"""
The result must agree with somebody else's code: statsmodels, a library of statistics.
"""

# %%
from statsmodels.tsa.ar_model import AutoReg

# %% tags=["claim"]
claim("2.1", "On the sunspots, least squares gives the AR(9) of statsmodels.",
      np.abs(np.append(*fit_least_squares(spots, 9)[:2]) - AutoReg(spots, lags=9).fit().params), at_most=1e-8)

# %% [markdown]
r"""
How far does that get us? `AutoregressiveModel` keeps what a fit finds, and its `residuals` are the errors of its one-step predictions. As in section 2.1 we fit on the first 200 years and score on the rest.
"""

# %%
def one_year_error(order, start):
    return rms(AutoregressiveModel(order).fit(spots[:start]).residuals(spots[start - order :]))

# %%
print("AR(p):", {order: round(one_year_error(order, start), 1) for order in (1, 2, 9)})

# %% tags=["claim"]
claim("2.2", "AR(9), fitted on the first 180, 200, 220 or 250 years, errs by at most 0.65 of persistence.",
      [one_year_error(9, s) / rms(np.diff(spots)[s - 1 :]) for s in (180, 200, 220, 250)], at_most=0.65)

# %% [markdown]
r"""
## 2.4 Yule-Walker: the same from averages

There is a second, older way. Multiply (2.1) by $x_{t-k}$, take the mean of the series off every value, and average over time. The noise drops out, for it has nothing to do with the past. What remains are the **Yule-Walker equations**

$$\gamma_k = \varphi_1 \gamma_{k-1} + \varphi_2 \gamma_{k-2} + \dots + \varphi_p \gamma_{k-p}, \qquad k = 1, \dots, p, \tag{2.3}$$

where $\gamma_k$ is the **autocovariance** at lag $k$: the average product of two values that lie $k$ steps apart, counted from the mean $\bar x$,

$$\gamma_k = \frac{1}{T} \sum_{t=k+1}^{T} (x_t - \bar x)(x_{t-k} - \bar x), \qquad \gamma_{-k} = \gamma_k. \tag{2.4}$$

These are $p$ equations for $p$ coefficients. Their matrix has the same number all along each diagonal, and Levinson (1947) saw that such equations can be solved order by order. Let $v_k$ be the noise variance that is left at order $k$, with $v_0 = \gamma_0$. Order $k$ corrects the solution of order $k - 1$ by one new number, the *reflection* $\rho_k$:

$$\rho_k = \frac{\gamma_k - \sum_{i=1}^{k-1} \varphi_i\, \gamma_{k-i}}{v_{k-1}}, \qquad \varphi_i \leftarrow \varphi_i - \rho_k\, \varphi_{k-i}, \qquad \varphi_k = \rho_k, \qquad v_k = v_{k-1}\,(1 - \rho_k^2), \tag{2.5}$$

for $i = 1, \dots, k-1$. By hand, with $\gamma = (2, 1, 0)$:

- Order 1: $\rho_1 = 1/2$, and the variance falls from 2 to $2\,(1 - 1/4) = 3/2$.
- Order 2: $\rho_2 = (0 - \tfrac12 \cdot 1)\,/\,\tfrac32 = -\tfrac13$. Then $\varphi_1 = \tfrac12 + \tfrac13 \cdot \tfrac12 = \tfrac23$ and $\varphi_2 = -\tfrac13$, and the variance falls to $\tfrac32\,(1 - \tfrac19) = \tfrac43$.
"""

# %%
from rnncourse.autocorrelation import Levinson, autocovariance, partial_autocorrelation


# %% tags=["mirror:rnncourse.autocorrelation.levinson"]
def levinson(autocovariances):
    """Solve the Yule-Walker equations for the orders 1 .. p, each from the one before.

    Args:
        autocovariances: (p + 1,) autocovariances at the lags 0 .. p; the first is the variance.

    Returns:
        Levinson: coefficients (p,), variances (p + 1,), partial (p,).

    Raises:
        TypeError, ValueError: they are not numeric, not finite, not 1-D, or of no series.

    Source:
        Levinson (1947), The Wiener RMS error criterion in filter design and prediction.
    """
    gamma = as_array(autocovariances, "autocovariances", ndim=1)  # (p + 1,)
    coefficients, variances, partial = np.zeros(0), [gamma[0]], []
    for k in range(1, len(gamma)):
        unexplained = gamma[k] - coefficients @ gamma[k - 1 : 0 : -1]
        if not abs(unexplained) <= variances[-1] > 0:
            raise ValueError(f"autocovariances must be those of a series, but not at lag {k}")
        reflection = unexplained / variances[-1]
        shorter = coefficients - reflection * coefficients[::-1]  # (k - 1,)
        coefficients = np.append(shorter, reflection)  # (k,)
        variances.append(variances[-1] * (1 - reflection**2))
        partial.append(reflection)
    return Levinson(coefficients, np.array(variances), np.array(partial))

# %%
print(*(numbers.round(4) for numbers in levinson([2.0, 1.0, 0.0])))  # coefficients, variances, reflections

# %% [markdown]
r"""
The check: NumPy's general method, which knows nothing of the diagonals.
"""

# %%
gamma = autocovariance(spots, 9)  # (10,)
distance = np.abs(np.subtract.outer(range(9), range(9)))  # (9, 9)

# %% tags=["claim"]
claim("2.3", "Levinson's recursion solves the Yule-Walker equations.",
      np.abs(levinson(gamma).coefficients - np.linalg.solve(gamma[distance], gamma[1:])), at_most=1e-10)

# %% [markdown]
r"""
Yule (1927) invented the model for this very series, and printed $\varphi_1 = 1.34254$ and $\varphi_2 = -0.65504$ for the years 1749 to 1924. It matters how one averages at the ends of the series. Three ways, one a row: (2.4), least squares, and the plain correlations of the overlapping parts.
"""

# %%
yules_years = spots[(sun.times >= 1749) & (sun.times <= 1924)]  # (176,)
yule, by_squares = (fit(yules_years, 2)[1] for fit in (fit_yule_walker, fit_least_squares))
parts = [np.corrcoef(yules_years[lag:], yules_years[:-lag])[0, 1] for lag in (1, 2)]
print(np.round([yule, by_squares, levinson([1.0, *parts]).coefficients], 3))

# %% tags=["claim"]
claim("2.4", "Today's record of Yule's years gives his two coefficients to within 0.02.",
      np.abs(yule - [1.34254, -0.65504]), at_most=0.02)

# %% [markdown]
r"""
The third row comes closest; besides, some counts have been revised since. (2.4) treats the series as if it stood at its mean beyond its ends. In return, shocks die out in every model that it gives: it is always *stationary* (section 2.6).

## 2.5 How many past values?

The reflection $\rho_k$ says what lag $k$ adds once all shorter lags are in use. So it has a second name: **partial autocorrelation**. For a true AR($p$) it is zero beyond lag $p$. What is estimated from $T$ values of pure noise scatters around zero with a standard deviation of about $1/\sqrt T$, and a Gaussian number lies within 1.96 standard deviations in 95 of 100 cases.
"""

# %% tags=["figure"]
partial = partial_autocorrelation(spots, 20)[1:]  # (20,)
figure, ax = plt.subplots()
ax.bar(range(1, 21), partial, width=0.4, color=figures.style_of("AR")["color"])
ax.axhspan(-1.96 / len(spots) ** 0.5, 1.96 / len(spots) ** 0.5, color="#767676", alpha=0.25)
ax.set(xlabel="lag in years", ylabel="partial autocorrelation", xticks=range(1, 21))
plt.show()

# %% [markdown]
r"""
**Figure 2.3.** *Two lags carry most of what the past of the sunspots says, and lags 6 to 9 add a little more.* One bar for each lag, sunspots from 1700 to 2008. Bars within the grey band are what one would see in 95 of 100 lags of pure noise; lags 3 and 17 stick out a little, too.

How much is a little? The share of the variance that is left with 2, 5 and 9 lags:
"""

# %%
print(np.round(levinson(autocovariance(spots, 9)).variances[[2, 5, 9]] / spots.var(), 2))

# %% [markdown]
r"""
More coefficients always fit the training data better. To choose the order one adds a price for each of them. Let $n$ be the number of one-step predictions, $s^2$ their mean squared error, and $m = p + 2$ the number of estimated numbers (coefficients, intercept, variance). With the Gaussian log-likelihood $L = -\tfrac n2 \bigl(\ln(2\pi s^2) + 1\bigr)$, in nats,

$$\mathrm{AIC} = -2L + 2m, \qquad \mathrm{BIC} = -2L + m \ln n. \tag{2.6}$$

Smaller is better. Akaike (1974) aims at good predictions, Schwarz (1978) at the true order. Both need the same $n$ predictions for every order; `compare_orders` takes care of that. A test with a known answer: series of 2,000 values from an AR(3).
"""

# %% tags=["settings"]
TRUE_COEFFICIENTS = [0.5, -0.4, 0.3]
SEEDS = [0, 1, 2, 3, 4]

# %%
from rnncourse.order_selection import compare_orders

# %%
drawn = [ar_process(TRUE_COEFFICIENTS, 2000, seed=seed).values for seed in SEEDS]
chosen = [compare_orders(values, 15) for values in drawn]
print("AIC", [c.order_by_aic for c in chosen], "BIC", [c.order_by_bic for c in chosen])

# %% tags=["claim"]
claim("2.5", "In each of five series of 2,000 values, BIC finds the true order 3 among 0 to 15.",
      [c.order_by_bic for c in chosen], equals=3, tolerance=0, seeds=SEEDS)

# %%
print("sunspots: order", compare_orders(spots, 20).order_by_bic)

# %% [markdown]
r"""
## 2.6 Roots: does it settle, and how fast?

Leave the noise and the intercept out of (2.1) and try $x_t = z^t$. It is a solution exactly if

$$z^p - \varphi_1 z^{p-1} - \dots - \varphi_p = 0. \tag{2.7}$$

The $p$ **roots** of this polynomial, real or complex, are (if they differ) all that the model can do by itself: a root $z = r e^{i\omega}$, with modulus $r$ and angle $\omega$, moves like $r^t \cos(\omega t)$. It swings with a period of $2\pi/\omega$ steps and shrinks by the factor $r$ at every step. Half of it is gone after $\ln 2 / (-\ln r)$ steps, its *half-life*. If every root lies inside the unit circle, $r < 1$, then every shock dies out and the model is **stationary**: it has one mean and one variance for all times, and covariances that depend on the lag only. With a root on the circle or outside, a shock stays or grows. (Many books use $1/z$; there stationary roots lie *outside*.)

By hand: $x_t = 1.5\,x_{t-1} - 0.56\,x_{t-2} + \varepsilon_t$ has $z^2 - 1.5 z + 0.56 = (z - 0.8)(z - 0.7)$. Both roots are inside, and the slower one halves in $\ln 2 / 0.223 = 3.1$ steps.
"""

# %%
hand = AutoregressiveModel.from_parameters(0.0, [1.5, -0.56], 1.0)
print(np.round(hand.roots.real, 3), hand.is_stationary)

# %% tags=["claim"]
claim("2.6", "Yule-Walker models of order 1, 2, 9 and 20 of CO2, log price and sunspots are stationary.",
      [abs(AutoregressiveModel(p).fit(values, fit_yule_walker).roots[0]) for p in (1, 2, 9, 20)
       for values in (co2().values, np.log(prices().values), spots)], at_most=0.9999)

# %%
print("Yule: period", round(2 * np.pi / abs(np.angle(np.roots([1, -1.34254, 0.65504])[0])), 1), "years")

# %% tags=["claim"]
claim("2.7", "An AR(2) fitted to the sunspots has a period of 10 to 11.5 years.",
      2 * np.pi / np.angle(AutoregressiveModel(2).fit(spots).roots[0]), at_least=10, at_most=11.5)

# %% [markdown]
r"""
What a single shock does later is the *impulse response* $\psi_0 = 1, \psi_1, \psi_2, \dots$: run (2.1) with one unit of noise at step 0 and none afterwards. The half-life is that of one root's share. The sum of two roots may rise first; only in the long run does it halve every 3.1 steps.
"""

# %%
from rnncourse.forecasting import impulse_response

# %%
print(np.round(impulse_response(hand.coefficients, 8), 3))

# %% [markdown]
r"""
## 2.7 Forecasts and their intervals

A forecast of several steps replaces what is not known yet by its own forecast. This is a **roll-out**.
"""

# %% tags=["mirror:rnncourse.forecasting.roll_out"]
def roll_out(predict, windows, steps):
    """Predict several steps ahead: each prediction enters the window of the next one.

    Args:
        predict: function from windows (N, p), oldest value first, to the next values (N,).
        windows: (N, p) the last known values, one row for each of N forecasts.
        steps: how many steps to predict, 1 or more.

    Returns:
        (N, steps) predictions.

    Raises:
        TypeError: ``windows`` does not hold numbers, or ``steps`` is not a whole number.
        ValueError: ``windows`` is not 2-D or not finite, ``steps`` is below 1, or ``predict``
            does not return one value for each window.
    """
    windows = as_array(windows, "windows", ndim=2)
    predictions = np.empty((len(windows), as_integer(steps, "steps", minimum=1)))
    for k in range(steps):
        values = np.asarray(predict(windows))  # (N,)
        if values.shape != (len(windows),):
            raise ValueError(
                f"predict must return shape {(len(windows),)}, but gave {values.shape}"
            )
        predictions[:, k] = values
        windows = np.column_stack([windows, values])[:, 1:]  # the oldest value leaves
    return predictions

# %% [markdown]
r"""
`predict` may be any function from windows to next values, so the same roll-out serves a neural network later. How sure is it? Let $\hat x_{t+k}$ be the forecast, made at step $t$, of the value $k$ steps later. Its error is the sum of the noises in between, each as far as it still rings:

$$x_{t+k} - \hat x_{t+k} = \sum_{j=0}^{k-1} \psi_j\, \varepsilon_{t+k-j}, \qquad \text{variance } \sigma^2 \sum_{j=0}^{k-1} \psi_j^2. \tag{2.8}$$

For Gaussian noise, 95 % of the true values lie within 1.96 standard deviations of the forecast. `AutoregressiveModel.forecast` returns `mean`, `lower` and `upper`.
"""

# %% tags=["figure"]
known = sun.times <= 1984
forecast = AutoregressiveModel(9).fit(spots[known]).forecast(spots[known], 24)
figure, ax = plt.subplots()
figures.plot_forecast(ax, sun.times[220:], spots[220:], sun.times[~known], *forecast, level=0.95)
ax.set(xlabel="year", ylabel="sunspot number", ylim=(-70, 280))
ax.legend(loc="upper left", ncols=3)
plt.show()

# %% [markdown]
r"""
**Figure 2.4.** *Fitted on the years to 1984, AR(9) foresees when the next two swings come; the interval shows how uncertain their height is.* Black: observed. Orange: forecast from 1984, and its 95 % interval. It also reaches below zero, where no sunspot number can be: Gaussian noise does not know that a count is not negative.
"""

# %%
inside = (forecast.lower < spots[~known]) & (spots[~known] < forecast.upper)  # (24,)
print(inside.sum(), "of", len(inside), "years lie in the interval")

# %% [markdown]
r"""
And where the model is right? Draw 2,000 futures from a known model and count.
"""

# %%
def coverage(seed):
    rng, past = np.random.default_rng(seed), [1.0, 4.0, 2.0]
    model = AutoregressiveModel.from_parameters(3.0, TRUE_COEFFICIENTS, 0.7)
    futures = np.array([model.simulate(10, rng, history=past) for _ in range(2000)])  # (2000, 10)
    expected = model.forecast(past, 10)
    return np.mean((expected.lower < futures) & (futures < expected.upper))


# %% tags=["claim"]
claim("2.8", "Of the values 1 to 10 steps ahead, the 95 % interval holds 94 to 96 %.",
      [coverage(seed) for seed in SEEDS], at_least=0.94, at_most=0.96, seeds=SEEDS)

# %% [markdown]
r"""
## 2.8 Prices

Here is what everybody tries first: the price of a share, one value for each trading day.

**Predict first.** We fit AR models to the first 700 daily returns (changes of the logarithm of the price) of the Google share, 2004 to 2008, and predict the rest, one day ahead. A series whose every change is fresh noise is a *random walk*; its best forecast is its last value, that is, a return of 0. By how much will AR(5) beat that forecast?
"""

# %%
log_price = np.log(prices().values)  # (T,)
returns = np.diff(log_price)  # (T - 1,)

# %%
def price_ratio(order, split):
    model = AutoregressiveModel(order).fit(returns[:split])
    return rms(model.residuals(returns[split - order :])) / rms(returns[split:])

# %% tags=["claim"]
claim("2.9", "AR(1), AR(2), AR(5), AR(20) lose to the random walk on returns after day 500, 600, 700, 800.",
      [price_ratio(order, split) for order in (1, 2, 5, 20) for split in (500, 600, 700, 800)], at_least=1.001)

# %% [markdown]
r"""
All of them lose, and that is no failure of the method. If yesterday's returns foretold today's, people would trade on it until they no longer did. The trap is to plot the *price*: persistence is wrong by one day only, and on paper its curve hugs the data.
"""

# %% tags=["claim"]
claim("2.10", "Persistence explains at least 95 % of the variance of the log price after day 700.",
      1 - np.mean(returns[700:] ** 2) / log_price[701:].var(), at_least=0.95)

# %% [markdown]
r"""
Never judge a forecast by how well it follows the curve. Compare it with what costs nothing.

## 2.9 Carbon dioxide: how much of the year must the window hold?

The air at Mauna Loa has been measured every week. Its carbon dioxide rises by the year and breathes with the seasons. We fit on the first 1,500 weeks and forecast from every later week, 1 to 52 weeks ahead. Weeks without a measurement are filled by straight lines in the inputs; the score leaves them out.

**Predict first.** AR(4) sees a month, AR(60) sees fourteen months. One week ahead AR(4) is a fifth worse. And half a year ahead?
"""

# %%
from numpy.lib.stride_tricks import sliding_window_view

# %% [markdown]
r"""
From each of $N$ starting points we need a forecast of `steps` values and what really came, both of shape `(N, steps)`.
"""

# %%
def forecasts_and_futures(predict, order, series, start, steps):
    last_known = series[start - order : len(series) - steps + 1]  # each start has a full future
    inputs, _ = windows(last_known, order)  # (N, p), the oldest value first
    futures = sliding_window_view(series[start:], steps)  # (N, steps)
    return roll_out(predict, inputs, steps), futures

# %%
air = co2()
measured = sliding_window_view(air.observed[1500:], 52)  # (N, 52)

# %%
def air_errors(order):
    predict = AutoregressiveModel(order).fit(air.values[:1500]).predict
    forecasts, futures = forecasts_and_futures(predict, order, air.values, 1500, 52)
    squares = np.where(measured, (forecasts - futures) ** 2, np.nan)  # (N, 52)
    return np.sqrt(np.nanmean(squares, axis=0))  # (52,)

# %%
by_window = {order: air_errors(order) for order in (4, 26, 39, 60)}
for order, errors in by_window.items():
    print(f"AR({order}): {errors[0]:.2f} ppm after 1 week, {errors[25]:.2f} after 26")

# %% tags=["figure"]
figure, ax = plt.subplots()
for order, line in ((4, ":"), (26, "-."), (39, "--"), (60, "-")):
    look = {**figures.style_of("AR"), "linestyle": line}
    ax.plot(range(1, 53), by_window[order], **look, label=f"AR({order})")
ax.set(xlabel="weeks ahead", ylabel="RMS error, ppm", ylim=(0, None))
ax.legend()
plt.show()

# %% [markdown]
r"""
**Figure 2.5.** *Half a year ahead, four weeks are wrong by the whole season; 60 weeks are not.* RMS error of the roll-out against the number of weeks ahead, over all forecasts that start after week 1,500. A window of 39 weeks does nearly as well as one of 60, so it need not hold a whole year.
"""

# %% tags=["claim"]
claim("2.11", "Half a year ahead, AR(60) has at most a quarter of the error of AR(4).",
      by_window[60][25] / by_window[4][25], at_most=0.25)

# %% [markdown]
r"""
But is it the window alone? One can also forecast *directly*: regress the value $k$ steps ahead on the last $p$ real values, in one leap that feeds nothing back. For $k = 52$ four values should do: it will be as a year ago, plus the trend.
"""

# %%
def forecast_pairs(series, order, ahead):
    past, _ = windows(series[: len(series) - ahead + 1], order)
    return past, series[order + ahead - 1 :]  # (N, p), (N,)

# %%
def fit_direct(series, order, ahead):
    past, targets = forecast_pairs(series, order, ahead)
    inputs = np.column_stack([np.ones(len(past)), past])  # (N, 1 + p)
    weights = np.linalg.lstsq(inputs, targets)[0]  # (1 + p,)
    return lambda rows: weights[0] + rows @ weights[1:]

# %%
past, futures = forecast_pairs(air.values[1500 - 4 :], 4, ahead=52)  # (N, 4), (N,)
leap = rms((fit_direct(air.values[:1500], 4, ahead=52)(past) - futures)[air.observed[1551:]])
print(f"52 weeks ahead: direct {leap:.2f} ppm, roll-out {by_window[4][51]:.2f} ppm")

# %% tags=["claim"]
claim("2.12", "52 weeks ahead, a direct forecast from four values has a quarter of the roll-out's error or less.",
      leap / by_window[4][51], at_most=0.25)

# %% [markdown]
r"""
Here four values were enough, and feedback was at fault. Keep this in mind.

## 2.10 A noisy sine, and a small network

A well-known demonstration, in a similar form in Zhang et al. (2021), goes as follows. Take 1,000 values of a sine, 0.01 radians a step, with noise of standard deviation 0.2. Train on the first 600 values with windows of four, then roll out. Instead of a weighted sum the window may feed a small network: 10 units, 10 units, 1 output, with ReLU (the function $\max(0, a)$) in between, and starting weights after Glorot and Bengio, called *Xavier*. It is a nonlinear AR model. It learns by gradient steps, each on a *batch* of 16 windows, with the method *Adam*, whose step size is the *learning rate*; an *epoch* is one pass over all windows.
"""

# %% tags=["settings"]
LENGTH, TRAIN = 1000, 600
NOISE, FREQUENCY = 0.2, 0.01
EPOCHS, LEARNING_RATE = 20, 0.01

# %%
def new_network(num_inputs):
    layers = [torch.nn.Linear(*size) for size in ((num_inputs, 10), (10, 10), (10, 1))]
    for layer in layers:
        torch.nn.init.xavier_uniform_(layer.weight)
    return torch.nn.Sequential(layers[0], torch.nn.ReLU(), layers[1], torch.nn.ReLU(), layers[2])


# %%
def small_batches(series, order, ahead):
    pairs = forecast_pairs(series, order, ahead)
    inputs, targets = (torch.tensor(a, dtype=torch.float32) for a in pairs)
    parts = torch.randperm(len(inputs)).split(16)
    return [(inputs[part], targets[part, None]) for part in parts]  # (16, p), (16, 1)

# %%
def train_network(series, seed, epochs=EPOCHS, ahead=1, order=4):
    torch.manual_seed(seed)
    network = new_network(order)
    batches = small_batches(series, order, ahead)
    optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE)
    training.fit(network, batches, torch.nn.functional.mse_loss, optimizer, epochs)
    return lambda rows: network(torch.tensor(rows, dtype=torch.float32)).detach().numpy()[:, 0]


# %% [markdown]
r"""
**Predict first.** Nothing can predict the noise, so no expected error on new data can fall below its size, the **noise floor** of about 0.2. Where will AR(4) and the network be at $k = 1$, 4, 16 and 64 steps ahead?
"""

# %%
def horizon_errors(predict, order, values, start=TRAIN):
    forecasts, futures = forecasts_and_futures(predict, order, values, start, 64)
    return np.sqrt(np.mean((forecasts - futures) ** 2, axis=0))  # (64,)


# %%
sines = [noisy_sine(LENGTH, NOISE, FREQUENCY, seed) for seed in SEEDS]
floors = np.array([rms((sine.values - sine.clean)[TRAIN:]) for sine in sines])  # (5,)
linear = [AutoregressiveModel(4).fit(sine.values[:TRAIN]).predict for sine in sines]
networks = [train_network(sine.values[:TRAIN], seed) for seed, sine in enumerate(sines)]

# %%
def roll_out_errors(order, sequences, start):
    fits = [AutoregressiveModel(order).fit(s.values[:start]).predict for s in sequences]
    pairs = zip(fits, sequences, strict=True)
    return np.array([horizon_errors(fit, order, s.values, start) for fit, s in pairs])  # (5, 64)

# %%
four_taps = roll_out_errors(4, sines, TRAIN)
network_errors = np.array([horizon_errors(f, 4, s.values) for f, s in zip(networks, sines, strict=True)])

# %% tags=["nbval-ignore-output"]
print("median over 5 seeds   k =   1     4    16    64")
for name, errors in (("AR(4)", four_taps), ("network 10-10-1", network_errors)):
    print(f"{name:<22}", *np.round(np.median(errors[:, [0, 3, 15, 63]], axis=0), 2))

# %%
def draw_horizon(k):
    figure, ax = plt.subplots(figsize=(6.5, 3))
    values, steps = sines[0].values, np.arange(TRAIN + k - 1, LENGTH - 64 + k)
    ax.plot(range(TRAIN, LENGTH), values[TRAIN:], ".", color="#b0b0b0", markersize=3, label="data")
    ax.plot(range(TRAIN, LENGTH), sines[0].clean[TRAIN:], "k-", label="sine")
    for predict, look, name in ((linear[0], "AR", "AR(4)"), (networks[0], "MLP", "network")):
        forecasts, _ = forecasts_and_futures(predict, 4, values, TRAIN, 64)
        ax.plot(steps, forecasts[:, k - 1], **figures.style_of(look), linewidth=1.1, label=name)
    ax.set(xlabel="step", ylabel="value", ylim=(-1.7, 2.6), title=f"k = {k}")
    ax.legend(ncols=4, loc="upper center")
    return figure


# %% tags=["widget", "nbval-ignore-output"]
Knob(draw_horizon, "horizon k", values=[1, 2, 4, 8, 16, 32, 64], default=64,
     alt="Noisy sine and the forecasts of AR(4) and of the network, made k steps before. At k = 1 "
     "both follow the sine; at k = 64 AR(4) is late and flat, and the network jumps between constants.")

# %% [markdown]
r"""
**Figure 2.6.** *One step ahead both models follow the sine; 64 steps ahead AR(4) is late and flat, and the network is stuck at one of two constants.* Grey dots: the 400 values after training, seed 0. Black: the sine without noise. Blue: AR(4). Pink: the network. Every value of a coloured line was forecast $k$ steps before it, from four real values.
"""

# %% tags=["claim"]
claim("2.13", "With four linear taps, the 64-step error is at least twice the noise floor.",
      four_taps[:, 63] / floors, at_least=2.0, seeds=SEEDS)

# %% tags=["claim"]
claim("2.14", "At 64 steps the network is not even 5 % better than four linear taps.",
      network_errors[:, 63] / four_taps[:, 63], at_least=0.95, seeds=SEEDS)

# %% [markdown]
r"""
## 2.11 What is at fault?

The usual verdict: *errors build up, because predictions take the place of data*. The figure seems to show it, and the network fares worse than four linear taps. But a verdict must be tested. If feedback were the fault, a direct forecast, which feeds nothing back, would come near the floor from the same four values.
"""

# %%
def direct_error(predict, order, values, start=TRAIN, ahead=64):
    past, targets = forecast_pairs(values[start - order :], order, ahead)  # scored as the roll-out is
    return rms(predict(past) - targets)

# %%
direct = [direct_error(fit_direct(s.values[:TRAIN], 4, 64), 4, s.values) for s in sines]  # 5 numbers

# %% tags=["claim"]
claim("2.15", "With four linear taps, a direct forecast saves at most a tenth of the 64-step error.",
      direct / four_taps[:, 63], at_least=0.9, seeds=SEEDS)

# %% [markdown]
r"""
For linear taps the suspect is cleared. And for the network? To give the direct one a fair chance, both now learn from 2,000 values, more than three periods of the sine.
"""

# %% tags=["settings"]
LONG, LONG_TRAIN = 3000, 2000

# %%
longer = [noisy_sine(LONG, NOISE, FREQUENCY, seed) for seed in SEEDS]
long_floors = np.array([rms((s.values - s.clean)[LONG_TRAIN:]) for s in longer])  # (5,)

# %%
def two_networks(values, seed):
    known = values[:LONG_TRAIN]
    one_step, leap = (train_network(known, seed, epochs=8, ahead=ahead) for ahead in (1, 64))
    rolled = horizon_errors(one_step, 4, values, LONG_TRAIN)[63]
    return rolled, direct_error(leap, 4, values, LONG_TRAIN)

# %%
pairs = np.array([two_networks(s.values, seed) for seed, s in enumerate(longer)])  # (5, 2)
rolled_network, direct_network = pairs.T / long_floors  # (5,) each

# %% tags=["nbval-ignore-output"]
print("roll-out", np.round(rolled_network, 1), "direct", np.round(direct_network, 1), "times the floor")

# %% tags=["claim"]
claim("2.16", "After 2,000 values, a direct network's 64-step error is at least 3 % below its roll-out's.",
      direct_network / rolled_network, at_most=0.97, seeds=SEEDS)

# %% [markdown]
r"""
So feedback does hurt the network: its own forecasts drive it to one of a few values, as in Figure 2.6. But without feedback it is only as good as linear taps. We compute these at once for many orders $p$, in both ways.
"""

# %% tags=["settings"]
ORDERS, LEAPS = [2, 4, 8, 16, 32, 64, 128], [8, 16, 32, 64]

# %%
def leap_errors(order, values):
    fits = [fit_direct(values[:LONG_TRAIN], order, k) for k in LEAPS]
    return [direct_error(fit, order, values, LONG_TRAIN, k) for fit, k in zip(fits, LEAPS, strict=True)]

# %%
by_order = {p: roll_out_errors(p, longer, LONG_TRAIN) / long_floors[:, None] for p in ORDERS}  # (5, 64)
leaps = {p: np.array([leap_errors(p, s.values) for s in longer]) / long_floors[:, None] for p in ORDERS}

# %% tags=["claim"]
at_64 = [by_order[4][:, 63], leaps[4][:, 3], rolled_network, direct_network]
claim("2.17", "At 64 steps, four noisy values give 2.2 times the floor or more: AR or network, rolled out or direct.",
      np.min(at_64, axis=0), at_least=2.2, seeds=SEEDS)

# %% [markdown]
r"""
Next test: take away the noise. A sine obeys exactly

$$\sin(\omega t) = 2\cos(\omega)\,\sin(\omega(t-1)) - \sin(\omega(t-2)), \tag{2.9}$$

which is an AR(2) with both roots *on* the unit circle. Now even 400 predictions in a row, each built on the ones before, should do no harm.
"""

# %%
clean = sines[0].clean
two_taps = AutoregressiveModel(2).fit(clean[:TRAIN])
free_run = two_taps.forecast(clean[:TRAIN], LENGTH - TRAIN).mean  # (400,)

# %% tags=["claim"]
claim("2.18", "Without noise, two taps run free for 400 steps with an error below 1e-6.",
      np.abs(free_run - clean[TRAIN:]).max(), at_most=1e-6)

# %% [markdown]
r"""
So it is the noise *together with* the short window. Four values of the sine span 0.03 radians: on that stretch it is a straight line. To continue a line one needs its slope, and the slope here is at most 0.01 a step. A straight line fitted to $p$ values with noise $\sigma$ has a slope that is uncertain by

$$\mathrm{sd} = \sigma \Big/ \sqrt{\textstyle\sum_{i=1}^{p} (i - \bar\imath)^2} = \sigma \sqrt{\frac{12}{p\,(p^2 - 1)}}, \tag{2.10}$$

where $\bar\imath$ is the mean of $1, \dots, p$.
"""

# %%
for p in (4, 16, 64):
    print(f"{p:2} taps: slope uncertain by {NOISE * np.sqrt(12 / (p * (p**2 - 1))):.4f}")

# %% [markdown]
r"""
With four taps the uncertainty is nine times the largest slope, with 16 it is as large as the slope, with 64 it is a seventh. Where the slope is not to be trusted, least squares falls back on an average that decays. If this diagnosis is right, more taps must help, with the same roll-out, the same linear model, and the same 600 training values.
"""

# %% tags=["claim"]
claim("2.19", "After 600 values, 64 linear taps have at most three quarters of the 64-step error of 4.",
      roll_out_errors(64, sines, TRAIN)[:, 63] / four_taps[:, 63], at_most=0.75, seeds=SEEDS)

# %% [markdown]
r"""
With 2,000 training values more taps can be learnt well.
"""

# %%
def draw_order(p):
    figure, ax = plt.subplots(figsize=(6, 3))
    figures.plot_seeds(ax, range(1, 65), by_order[p], "AR", label=f"AR({p}), rolled out")
    ax.plot(LEAPS, np.median(leaps[p], axis=0), "o", color="#d55e00", label="direct")
    ax.axhline(1, **figures.style_of("chance"), label="noise floor")
    ax.set(xlabel="steps ahead k", ylabel="RMS error / noise floor", ylim=(0, 3.6))
    ax.legend(loc="upper left", ncols=3)
    return figure


# %% tags=["widget"]
Knob(draw_order, "order p", values=ORDERS, default=4,
     alt="RMS error over the floor against steps ahead. The roll-out rises to 3.2 with 2 taps, to 2.5 with "
     "4 to 16, to 2.2 with 32, to 1.2 with 64; near 1 with 128. Direct gains with 2, 16 and 32.")

# %% [markdown]
r"""
**Figure 2.7.** *From 4 to 16 taps nothing changes; from 32 on the curve flattens, and with 128 a forecast of 64 steps is nearly as good as one of a single step.* RMS error divided by the noise floor (dotted) against the number of steps ahead. Thin: roll-outs, five seeds. Bold: their median. Orange dots: direct forecasts, median. With 2, 16 and 32 taps the last dot lies clearly below the line: what 16 and 32 taps know of the slope, a roll-out fitted to single steps loses on the way.
"""

# %% tags=["claim"]
claim("2.20", "After 2,000 values, a direct forecast from 16 or 32 taps saves at least 8 % at 64 steps.",
      np.max([leaps[p][:, 3] / by_order[p][:, 63] for p in (16, 32)], axis=0), at_most=0.92, seeds=SEEDS)

# %% tags=["claim"]
claim("2.21", "After 2,000 values, 64 linear taps, rolled out 64 steps, are within 30 % of the floor.",
      by_order[64][:, 63], at_most=1.3, seeds=SEEDS)

# %% tags=["claim"]
claim("2.22", "After 2,000 values, 128 linear taps, rolled out 64 steps, are within 10 % of the floor.",
      by_order[128][:, 63], at_most=1.1, seeds=SEEDS)

# %% [markdown]
r"""
The largest root says the same (seed 0). With 4 and 16 taps it is real: pure decay. With 64 and 128 it has the angle of the sine, 0.01 radians a step.
"""

# %%
for p in (4, 16, 64, 128):
    root = AutoregressiveModel(p).fit(longer[0].values[:LONG_TRAIN]).roots[0]
    print(f"AR({p}): modulus {abs(root):.4f}, angle {abs(np.angle(root)):.4f}")

# %% [markdown]
r"""
**Verdict.** Feedback hurts the network, and 16 or 32 linear taps. But four noisy values do not hold the slope, and no method gets out of a window what is not in it. Where the window holds enough, a linear roll-out will do.

## 2.12 A summary instead of a window

A longer window is one cure. The other is a number that remembers. An *exponential moving average*

$$h_t = \lambda h_{t-1} + (1 - \lambda)\, x_t, \qquad h_0 = x_0, \tag{2.11}$$

keeps a state $h_t$ (one number) and mixes a little of each new value $x_t$ into it; $\lambda$ between 0 and 1 says how slowly it forgets. Written out, value $x_{t-j}$ gets the weight $(1-\lambda)\lambda^j$, and $x_0$ the rest, $\lambda^t$. A model that predicts from a state like this is called a *latent* autoregressive model. Of six $\lambda$ we take the best on the training part, and compare with four linear taps: four remembered values against one. Both are scored one step ahead against the sine without noise.
"""

# %%
def moving_average(values, keep):
    states = np.empty(len(values))  # (T,)
    h = values[0]
    for t, x in enumerate(values):
        states[t] = h = keep * h + (1 - keep) * x
    return states

# %%
def best_state(x):
    states = {keep: moving_average(x, keep) for keep in (0.5, 0.7, 0.8, 0.85, 0.9, 0.95)}
    best = min(states, key=lambda keep: rms(x[1:TRAIN] - states[keep][: TRAIN - 1]))
    return best, states[best]

# %%
keeps, states = zip(*[best_state(sine.values) for sine in sines], strict=True)
print("lambda:", keeps)

# %%
state_errors = [rms(h[TRAIN - 1 : -1] - s.clean[TRAIN:]) for h, s in zip(states, sines, strict=True)]
pairs = zip(linear, sines, strict=True)
window_errors = [rms(f(windows(s.values[TRAIN - 4 :], 4)[0]) - s.clean[TRAIN:]) for f, s in pairs]

# %% tags=["claim"]
claim("2.23", "One number of state has at most 85 % of the error of a window of four.",
      np.divide(state_errors, window_errors), at_most=0.85, seeds=SEEDS)

# %% [markdown]
r"""
This cures one half of the trouble, the noisy level. The state does not know the slope, so 64 steps ahead it fails as the four taps do. A state of two numbers could hold both.
"""

# %% tags=["claim"]
late = [rms(h[TRAIN - 1 : -64] - s.values[TRAIN + 63 :]) for h, s in zip(states, sines, strict=True)]
claim("2.24", "64 steps ahead, the error of one number of state is at least 2.2 times the floor.",
      late / floors, at_least=2.2, seeds=SEEDS)

# %% [markdown]
r"""
Here we chose $\lambda$ and the form of (2.11). A recurrent network, from chapter 06 on, *learns* what to keep in its state.

## 2.13 The window that forgets

What lies before the window does not exist for the model. To see it sharply: draw random symbols out of $V = 4$, read $T$ of them, and name the first. Let the model see the last 8, each as four indicator inputs, and fit a linear classifier by least squares, on $B = 4{,}000$ sequences at once.

**Predict first.** How many answers are right for $T = 8$, and for $T = 9$?
"""

# %% tags=["settings"]
WINDOW, LENGTHS = 8, [4, 6, 8, 9, 10, 12]

# %%
def indicators(ids):
    return np.eye(4)[ids[-WINDOW:].T].reshape(ids.shape[1], -1)  # (B, window * V)

# %%
def accuracy(length, seed):
    train = first_symbol(length, 4000, 4, seed=seed)
    test = first_symbol(length, 4000, 4, seed=seed + 100)
    weights = np.linalg.lstsq(indicators(train.ids), np.eye(4)[train.answers])[0]  # (8 V, V)
    guesses = (indicators(test.ids) @ weights).argmax(axis=1)  # (B,)
    return np.mean(guesses == test.answers)

# %%
right = np.array([[accuracy(length, seed) for length in LENGTHS] for seed in SEEDS])  # (5, 6)

# %%
print(dict(zip(LENGTHS, right.mean(axis=0).round(2).tolist(), strict=True)))

# %% tags=["claim"]
claim("2.25", "For every T up to 8, all answers are right.",
      right[:, :3].min(axis=1), equals=1.0, tolerance=0, seeds=SEEDS)

# %% tags=["claim"]
claim("2.26", "For every T above 8, the share of right answers is chance to within 0.03.",
      np.abs(right[:, 3:] - 0.25).max(axis=1), at_most=0.03, seeds=SEEDS)

# %% [markdown]
r"""
A state that stores the first symbol and is not overwritten would solve the task for every $T$; *learning* when to store and when to keep is the subject of chapter 13.

## 2.14 A mistake that the package does not let pass

A random walk has a root at 1. It has no long-run mean to start from, so one must say where it stands.
"""

# %% tags=["raises-exception"]
AutoregressiveModel.from_parameters(0.0, [1.0], 1.0).simulate(5, seed=0)

# %% [markdown]
r"""
## Often told wrong

*"Forecasts of many steps fail because predictions are used instead of real data."* Feedback can hurt; four noisy values hurt more. Test which it is. For carbon dioxide it was feedback (claim 2.12). On the noisy sine a direct forecast from the same four values fails, too (2.15, 2.17), and without noise 400 fed-back predictions do no harm (2.18).

*"So autoregression is the wrong idea."* It is the four noisy taps that fail. A *linear* autoregression with 128 taps, rolled out, comes within a tenth of the noise floor (claim 2.22).

## Where it came from

Yule (1927) replaced the fixed sine of earlier astronomers by a pendulum under random blows, which is an AR(2), and fitted it to the sunspots; his two coefficients mean a period of 10.6 years (section 2.6). Walker (1931) extended the equations to any order. Levinson (1947) solved them order by order for filters, and Durbin (1960) did so for series, whence the partial autocorrelation. Box and Jenkins (1970) made a method of it: identify, estimate, check. Akaike (1974) and Schwarz (1978) put a price on parameters. Glorot and Bengio (2010) proposed the starting weights of section 2.10.

## Summary

- An autoregressive model is a weighted sum of the last $p$ values. Least squares and Levinson's recursion fit it (claims 2.1, 2.3, 2.4), and it beats persistence on the sunspots (2.2).
- BIC finds the order where there is one (2.5). Roots tell stability and period (2.6, 2.7). The intervals hold what they promise if the model is right (2.8).
- The daily returns of the Google share, 2004 to 2008, leave an AR model nothing to win (2.9), although persistence follows its price closely (2.10).
- When a long forecast fails, test feedback and window apart. For carbon dioxide either a longer window or a direct forecast is a cure (2.11, 2.12).
- From four noisy values of a sine no method gets near the floor (2.13 to 2.17). Without noise, or with enough linear taps, a roll-out does (2.18 to 2.22).
- One number of state beats four taps one step ahead, but does not know the slope (2.23, 2.24).
- What lies before the window is lost (2.25, 2.26).

## Exercises

All in [one notebook](../exercises/02_autoregressive/02_autoregressive.ipynb), which checks itself.

- 2.1 The lag matrix by hand (implement, 15 minutes)
- 2.2 One step of Levinson (implement, 15 minutes)
- 2.3 Stationary or not, and how slow? (explain, 10 minutes)
- 2.4 A roll-out that peeks (find the bug, 15 minutes)
- 2.5 How wide is the interval? (implement, 15 minutes)
- 2.6 What is the right price of a coefficient? (predict, then experiment, 20 minutes)

## References

- H. Akaike (1974). A new look at the statistical model identification. *IEEE Transactions on Automatic Control* 19(6), 716-723. DOI 10.1109/TAC.1974.1100705.
- G. E. P. Box and G. M. Jenkins (1970). *Time Series Analysis: Forecasting and Control*. Holden-Day. Fifth edition with G. C. Reinsel and G. M. Ljung: ISBN 978-1-118-67502-1.
- J. Durbin (1960). The fitting of time-series models. *Revue de l'Institut International de Statistique* 28(3), 233-244. DOI 10.2307/1401322.
- X. Glorot and Y. Bengio (2010). Understanding the difficulty of training deep feedforward neural networks. *AISTATS 2010*, PMLR 9, 249-256. https://proceedings.mlr.press/v9/glorot10a.html.
- N. Levinson (1947). The Wiener (root mean square) error criterion in filter design and prediction. *Journal of Mathematics and Physics* 25, 261-278. DOI 10.1002/sapm1946251261.
- G. Schwarz (1978). Estimating the dimension of a model. *The Annals of Statistics* 6(2), 461-464. DOI 10.1214/aos/1176344136.
- G. Walker (1931). On periodicity in series of related terms. *Proceedings of the Royal Society A* 131, 518-532. DOI 10.1098/rspa.1931.0069.
- G. U. Yule (1927). On a method of investigating periodicities in disturbed series, with special reference to Wolfer's sunspot numbers. *Philosophical Transactions of the Royal Society A* 226, 267-298. DOI 10.1098/rsta.1927.0007.
- A. Zhang, Z. C. Lipton, M. Li and A. J. Smola (2021). *Dive into Deep Learning*. arXiv:2106.11342.
"""
