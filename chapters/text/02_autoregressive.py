# %% [markdown]
r"""
# 02 Autoregressive models

How far does one get by predicting the next value from the last few? And when a forecast fails many steps ahead, what is at fault?

**You will be able to** fit an autoregressive model in two ways and choose its order; read from its roots whether it is stationary and how fast it forgets; forecast with intervals; and find out why a forecast fails instead of guessing.

**You need** [chapter 01](01_sequences.ipynb), linear least squares, the mean and the variance of a random variable.

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
**Figure 2.1.** *Sunspots come and go about every eleven years, but no two swings are alike.* One value a year from 1700 to 2008. The time between two peaks varies by years, and their height by a factor of four, so a sine wave of fixed period soon runs out of step.

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
Persistence is better, because neighbours are alike. But it can never say "we are past the peak". For that it would have to see two years: where the sun is, and where it was heading.

## 2.2 A weighted sum of the last values

Chapter 01 wrote the probability of a whole sequence as a product of factors $p(x_t \mid x_1, \dots, x_{t-1})$. The number of inputs of a factor grows with $t$, so no fixed formula can hold them all. There are two ways out: a *window* of fixed length, or a *summary* that is updated step by step. This chapter takes the window, and in section 2.12 it has a first look at the summary.

The simplest function of a window is a weighted sum. An **autoregressive model** of order $p$, in short AR($p$), says

$$x_t = c + \varphi_1 x_{t-1} + \varphi_2 x_{t-2} + \dots + \varphi_p x_{t-p} + \varepsilon_t, \tag{2.1}$$

where $x_t$ is the value at step $t$, $c$ is the *intercept*, $\varphi_1, \dots, \varphi_p$ are the *coefficients* (all of them numbers), and $\varepsilon_t$ is *white noise*: independent of all that came before, with mean 0 and variance $\sigma^2$. The word means that the series is regressed on itself. Engineers call the past values *taps*, as on a pipe that delays the signal.
"""

# %% tags=["figure"]
figure, ax = plt.subplots(figsize=(6, 2.4))
heights = np.array([1.0, 0.5, 0.7, 1.2, 1.5, 1.3])
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

By hand. Take 1, 1, 2, 3, 5, 8, 13, 21. To predict each value from the two before it, write one row for each prediction: the value at lag 1, the value at lag 2, and after them the value to predict.
"""

# %%
from rnncourse.autoregressive_fit import lag_matrix

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

The naive version stores every value $p$ times. The package avoids that. Where (2.2) is smallest, the errors have zero covariance with every lag. This gives $p$ linear equations, the *normal equations*, whose matrix holds only the covariances between the lags: $p \times p$ numbers, however long the series is. `lag_covariance` computes them by running along the diagonals, and `solve_least_squares` solves the equations, solves them once more for what rounding has left, and turns to a slower method where the lags are nearly copies of each other.
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
It must agree with the naive version, and with somebody else's code. On the sunspots we ask statsmodels, a library of statistics.
"""

# %%
from statsmodels.tsa.ar_model import AutoReg

# %%
intercept, coefficients, noise_variance = fit_least_squares(spots, 9)
print(np.allclose(coefficients, fit_naive(spots, 9)[1], rtol=0, atol=1e-10))

# %% tags=["claim"]
claim("2.1", "On the sunspots, least squares gives the AR(9) of statsmodels.",
      np.abs([intercept, *coefficients] - AutoReg(spots, lags=9).fit().params).max(), at_most=1e-8)

# %% [markdown]
r"""
## 2.4 Yule-Walker: the same from averages

There is a second way, older and as useful. Multiply (2.1) by $x_{t-k}$, take the mean of the series off every value, and average over time. The noise drops out, for it has nothing to do with the past. What remains are the **Yule-Walker equations**

$$\gamma_k = \varphi_1 \gamma_{k-1} + \varphi_2 \gamma_{k-2} + \dots + \varphi_p \gamma_{k-p}, \qquad k = 1, \dots, p, \tag{2.3}$$

where $\gamma_k$ is the **autocovariance** at lag $k$: the average product of two values that lie $k$ steps apart, counted from the mean $\bar x$,

$$\gamma_k = \frac{1}{T} \sum_{t=k+1}^{T} (x_t - \bar x)(x_{t-k} - \bar x), \qquad \gamma_{-k} = \gamma_k. \tag{2.4}$$

These are $p$ equations for $p$ coefficients. Their matrix has the same number all along each diagonal, and Levinson (1947) saw that such equations can be solved order by order: the solution for order $k$ is that for order $k-1$, corrected by one new number, the *reflection* $\rho_k$. By hand, with $\gamma = (2, 1, 0)$:

- Order 1: $\rho_1 = \gamma_1 / \gamma_0 = 1/2$. The noise variance falls from 2 to $2\,(1 - \rho_1^2) = 3/2$.
- Order 2: the forecast so far expects a covariance of $\varphi_1 \gamma_1 = 1/2$ at lag 2, but the series has 0. So $\rho_2 = (0 - 1/2)\,/\,(3/2) = -1/3$. The first coefficient becomes $1/2 - \rho_2 \cdot 1/2 = 2/3$, the second is $\rho_2$ itself, and the variance falls to $3/2 \cdot (1 - 1/9) = 4/3$.
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
by_hand = levinson([2.0, 1.0, 0.0])
print(np.round(by_hand.coefficients, 4), np.round(by_hand.variances, 4))

# %% [markdown]
r"""
The check solves the same equations with NumPy's general method, which knows nothing of the diagonals.
"""

# %%
gamma = autocovariance(spots, 9)  # (10,)
distance = np.abs(np.subtract.outer(np.arange(9), np.arange(9)))  # (9, 9)
general = np.linalg.solve(gamma[distance], gamma[1:])  # (9,)

# %% tags=["claim"]
claim("2.2", "Levinson's recursion solves the Yule-Walker equations.",
      np.abs(levinson(gamma).coefficients - general).max(), at_most=1e-10)

# %% [markdown]
r"""
Yule (1927) invented the model for this very series. He printed $\varphi_1 = 1.34254$ and $\varphi_2 = -0.65504$ for the years 1749 to 1924, and computed them without a machine. Some of the counts have been revised since.
"""

# %%
from rnncourse.autoregressive_fit import fit_yule_walker

# %%
yules_years = (sun.times >= 1749) & (sun.times <= 1924)
_, yule, _ = fit_yule_walker(spots[yules_years], 2)
print(np.round(yule, 3))

# %% tags=["claim"]
claim("2.3", "Today's record of Yule's years gives his two coefficients to within 0.02.",
      np.abs(yule - [1.34254, -0.65504]), at_most=0.02)

# %% [markdown]
r"""
Least squares and Yule-Walker differ a little, because (2.4) treats the ends of the series as if zeros lay beyond them. In return a Yule-Walker model is always stationary (section 2.6).

## 2.5 How many past values?

The reflection $\rho_k$ says what lag $k$ adds once all shorter lags are in use. So it has a second name: **partial autocorrelation**. For a true AR($p$) it is zero beyond lag $p$. What is estimated from $T$ values of pure noise scatters around zero with a standard deviation of about $1/\sqrt T$.
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
**Figure 2.3.** *Two lags carry most of what the past of the sunspots says, and lags 6 to 9 add a little more.* One bar for each lag, sunspots from 1700 to 2008. Bars within the grey band are what one would see in 95 of 100 lags of pure noise.

More coefficients always fit the training data better. To choose the order one adds a price for each of them. With the log-likelihood $L$ (in nats) of $n$ one-step predictions, and $k = p + 2$ estimated numbers (coefficients, intercept, variance),

$$\mathrm{AIC} = -2L + 2k, \qquad \mathrm{BIC} = -2L + k \ln n. \tag{2.5}$$

Smaller is better. Akaike (1974) aims at good predictions, Schwarz (1978) at the true order. Both need the same $n$ predictions for every order, or the sums do not compare. `compare_orders` takes care of that. A test with a known answer: series of 2,000 values from an AR(3).
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
claim("2.4", "BIC finds the true order 3 among 0 to 15.",
      [c.order_by_bic for c in chosen], equals=3, tolerance=0, seeds=SEEDS)

# %%
print("sunspots: order", compare_orders(spots, 20).order_by_bic)

# %% [markdown]
r"""
## 2.6 Roots: does it settle, and how fast?

Leave the noise and the intercept out of (2.1) and try $x_t = z^t$. It is a solution exactly if

$$z^p - \varphi_1 z^{p-1} - \dots - \varphi_p = 0. \tag{2.6}$$

The $p$ **roots** of this polynomial, real or complex, are all that the model can do by itself: a root $z = r e^{i\omega}$ moves like $r^t \cos(\omega t)$. It swings with a period of $2\pi/\omega$ steps and shrinks by the factor $r$ at every step. Half of it is gone after $\ln 2 / (-\ln r)$ steps, its *half-life*. If every root lies inside the unit circle, $r < 1$, then every shock dies out and the model is **stationary**: it has one mean and one variance for all times. With a root on the circle or outside, a shock stays or grows. (Many books use $1/z$; there stationary roots lie *outside*.)

By hand: $x_t = 1.5\,x_{t-1} - 0.56\,x_{t-2} + \varepsilon_t$ has $z^2 - 1.5 z + 0.56 = (z - 0.8)(z - 0.7)$. Both roots are inside, and the slower one halves in $\ln 2 / 0.223 = 3.1$ steps.
"""

# %%
hand = AutoregressiveModel.from_parameters(0.0, [1.5, -0.56], 1.0)
print(np.round(hand.roots.real, 3), hand.is_stationary)

# %%
short = AutoregressiveModel(2).fit(spots)
period = 2 * np.pi / np.angle(short.roots[0])
print("period", round(period, 1), "years; largest root", round(abs(short.roots[0]), 2))

# %% tags=["claim"]
claim("2.5", "Two coefficients fitted to next year hold a cycle of 10 to 11.5 years.",
      period, at_least=10, at_most=11.5)

# %% [markdown]
r"""
What a single shock does later is the *impulse response* $\psi_0 = 1, \psi_1, \psi_2, \dots$: run (2.1) with one unit of noise at step 0 and none afterwards. In the model by hand it swells to 1.695 at step 3 before it decays:
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
`predict` may be any function from windows to next values, so the same roll-out serves a neural network later. How sure is it? The error $k$ steps ahead is the sum of the noises in between, each as far as it still rings:

$$x_{t+k} - \hat x_{t+k} = \sum_{j=0}^{k-1} \psi_j\, \varepsilon_{t+k-j}, \qquad \text{variance } \sigma^2 \sum_{j=0}^{k-1} \psi_j^2. \tag{2.7}$$

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
**Figure 2.4.** *Fitted on the years to 1984, AR(9) foresees the next two swings, and its interval tells how little that is.* Black: observed. Red: forecast from 1984. The band should hold 95 % of the years. It also reaches below zero, where no sunspot number can be: Gaussian noise does not know that a count is not negative.

Is the interval right where the model is right? Draw 2,000 futures from a known model and count.
"""

# %%
def coverage(seed):
    rng, past = np.random.default_rng(seed), [1.0, 4.0, 2.0]
    model = AutoregressiveModel.from_parameters(3.0, TRUE_COEFFICIENTS, 0.7)
    futures = np.array([model.simulate(10, rng, history=past) for _ in range(2000)])  # (2000, 10)
    expected = model.forecast(past, 10)
    return np.mean((expected.lower < futures) & (futures < expected.upper))


# %% tags=["claim"]
claim("2.6", "Of the values 1 to 10 steps ahead, the 95 % interval holds 94 to 96 %.",
      [coverage(seed) for seed in SEEDS], at_least=0.94, at_most=0.96, seeds=SEEDS)

# %% [markdown]
r"""
## 2.8 Prices

Here is what everybody tries first: the price of a share, one value for each trading day.

*Predict first.* We fit AR models to the first 700 daily returns (changes of the logarithm of the price) and predict the rest, one day ahead. The rival says that tomorrow's price is today's, so that every return is 0. Such a series, where each step is fresh noise, is a *random walk*. By how much will AR(5) win?
"""

# %%
log_price = np.log(prices().values)  # (T,)
returns = np.diff(log_price)  # (T - 1,)

# %%
def price_ratio(order, split):
    model = AutoregressiveModel(order).fit(returns[:split])
    return rms(model.residuals(returns[split - order :])) / rms(returns[split:])

# %%
print("AR(p) / random walk:", [round(price_ratio(order, 700), 3) for order in (1, 2, 5, 20)])

# %% [markdown]
r"""
A ratio above 1 means that the model loses. The claim looks at other days to split at, too.
"""

# %%
ratios = [price_ratio(order, split) for order in (1, 2, 5, 20) for split in (500, 600, 700, 800)]

# %% tags=["claim"]
claim("2.7",
      "No AR model of order 1, 2, 5 or 20 beats the random walk on the daily returns that "
      "follow day 500, 600, 700 or 800.",
      ratios, at_least=1.0)

# %%
print("orders by AIC and BIC:", compare_orders(returns, 20)[2:])

# %% [markdown]
r"""
Both criteria say that there is nothing to fit: order 0. That is no failure of the method. If yesterday's returns foretold today's, people would trade on it until they no longer did. The trap is to plot the *price*: persistence is wrong by one day only, and on paper its curve hugs the data.
"""

# %% tags=["claim"]
level, before = log_price[701:], log_price[700:-1]
claim("2.8", "Persistence explains 95 % of the variance of the log price.",
      1 - np.mean((level - before) ** 2) / level.var(), at_least=0.95)

# %% [markdown]
r"""
Never judge a forecast by how well it follows the curve. Compare it with the best thing that costs nothing.

## 2.9 Carbon dioxide: the window must hold the pattern

The air at Mauna Loa has been measured every week. Its carbon dioxide rises by the year and breathes with the seasons. We fit on the first 1,500 weeks and forecast from every later week, 1 to 52 weeks ahead. Weeks that were not measured are left out of the score.

*Predict first.* AR(4) sees a month, AR(60) sees fourteen months. One week ahead they are nearly alike. And half a year ahead?
"""

# %%
from numpy.lib.stride_tricks import sliding_window_view


# %%
def forecasts_and_futures(predict, order, series, start, steps):
    inputs, _ = windows(series[start - order : len(series) - steps + 1], order)  # (N, p)
    return roll_out(predict, inputs, steps), sliding_window_view(series[start:], steps)  # (N, steps)

# %%
air = co2()
measured = sliding_window_view(air.observed[1500:], 52)  # (N, 52)
models = {p: AutoregressiveModel(p).fit(air.values[:1500]) for p in (4, 60)}
paths = {p: forecasts_and_futures(models[p].predict, p, air.values, 1500, 52) for p in (4, 60)}
air_errors = {p: np.where(measured, mean - true, np.nan) for p, (mean, true) in paths.items()}

# %% tags=["figure"]
figure, ax = plt.subplots()
for p, look in ((4, "reference"), (60, "AR")):
    curve = np.sqrt(np.nanmean(air_errors[p] ** 2, axis=0))  # (52,)
    ax.plot(range(1, 53), curve, **figures.style_of(look), label=f"AR({p})")
ax.set(xlabel="weeks ahead", ylabel="RMS error, ppm", ylim=(0, None))
ax.legend()
plt.show()

# %% [markdown]
r"""
**Figure 2.5.** *A window of four weeks cannot tell spring from autumn, and half a year ahead it is wrong by the whole season; a window of 60 weeks has seen last year.* RMS error against the number of weeks ahead, over all forecasts that start after week 1,500.
"""

# %% tags=["claim"]
half_year = {p: np.sqrt(np.nanmean(air_errors[p][:, 25] ** 2)) for p in (4, 60)}
claim("2.9", "Half a year ahead, AR(60) has at most a quarter of the error of AR(4).",
      half_year[60] / half_year[4], at_most=0.25)

# %% [markdown]
r"""
Keep this picture in mind for what comes next.

## 2.10 A noisy sine, and a small network

A well-known demonstration goes as follows (it is in Zhang et al. (2021), for one). Take 1,000 values of a sine, 0.01 radians a step, with noise of standard deviation 0.2. Train on the first 600 windows of four values, then roll out. Instead of a weighted sum the window may feed a small network: 10 units, 10 units, 1 output, with ReLU (the function $\max(0, a)$) in between, and starting weights after Glorot and Bengio, called *Xavier*. It is an AR model as well, only a nonlinear one.
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
def train_network(series, seed, order=4):
    torch.manual_seed(seed)
    network = new_network(order)
    inputs, targets = (torch.tensor(a, dtype=torch.float32) for a in windows(series, order))
    parts = torch.randperm(len(inputs)).split(16)
    batches = [(inputs[part], targets[part, None]) for part in parts]  # (16, p), (16, 1)
    optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE)
    training.fit(network, batches, torch.nn.functional.mse_loss, optimizer, EPOCHS)
    return lambda rows: network(torch.tensor(rows, dtype=torch.float32)).detach().numpy()[:, 0]


# %% [markdown]
r"""
*Predict first.* Nothing can predict the noise, so no RMS error can fall below its size, the **noise floor** of about 0.2. Where will AR(4) and the network be at $k = 1$, 4, 16 and 64 steps ahead?
"""

# %%
def horizon_errors(predict, order, values, start=TRAIN):
    forecasts, futures = forecasts_and_futures(predict, order, values, start, 64)
    return np.sqrt(np.mean((forecasts - futures) ** 2, axis=0))  # (64,)


# %%
sines = [noisy_sine(LENGTH, NOISE, FREQUENCY, seed) for seed in SEEDS]
floors = np.array([rms((sine.values - sine.clean)[TRAIN:]) for sine in sines])  # (5,)
linear = [AutoregressiveModel(4).fit(sine.values[:TRAIN]).predict for sine in sines]
networks = [train_network(sine.values[:TRAIN], seed) for seed, sine in zip(SEEDS, sines, strict=True)]

# %%
four_taps = np.array([horizon_errors(f, 4, s.values) for f, s in zip(linear, sines, strict=True)])  # (5, 64)
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
    ax.plot(range(TRAIN, LENGTH), sines[0].clean[TRAIN:], **figures.style_of("truth"), label="sine")
    for predict, look, name in ((linear[0], "AR", "AR(4)"), (networks[0], "MLP", "network")):
        forecasts, _ = forecasts_and_futures(predict, 4, values, TRAIN, 64)
        ax.plot(steps, forecasts[:, k - 1], **figures.style_of(look), linewidth=1.1, label=name)
    ax.set(xlabel="step", ylabel="value", ylim=(-1.7, 2.6), title=f"forecast made {k} step{'s' * (k > 1)} before")
    ax.legend(ncols=4, loc="upper center")
    return figure


# %% tags=["widget", "nbval-ignore-output"]
Knob(draw_horizon, "horizon k", values=[1, 2, 4, 8, 16, 32, 64], default=64,
     alt="Noisy sine and the forecasts of AR(4) and of the network, made k steps before. At k = 1 "
     "both follow the sine; at k = 64 both are late and far from it.")

# %% [markdown]
r"""
**Figure 2.6.** *One step ahead both models follow the sine; 64 steps ahead both have lost it.* Grey dots: the 400 values after training, seed 0. Black: the sine without noise. Blue: AR(4). Pink: the network. Every value of a coloured line was forecast $k$ steps before it, from four real values. Turn the knob to see it come apart.
"""

# %% tags=["claim"]
claim("2.10", "With four taps, the 64-step error is at least twice the noise floor.",
      four_taps[:, 63] / floors, at_least=2.0, seeds=SEEDS)

# %% tags=["claim"]
claim("2.11", "At 64 steps the network is at best a tenth better than four linear taps.",
      network_errors[:, 63] / four_taps[:, 63], at_least=0.9, seeds=SEEDS)

# %% [markdown]
r"""
## 2.11 What is at fault?

The usual verdict: *errors build up, because predictions take the place of data*. It sounds right, and the figure seems to show it. But a verdict must be tested. If feeding back predictions were the fault, a model that feeds nothing back would be far better. So we regress $x_{t+63}$ directly on the same four real values $x_{t-1}, \dots, x_{t-4}$: a 64-step forecast in one leap.
"""

# %%
def direct_error(values, order, start=TRAIN, steps=64):
    past, _ = windows(values[: len(values) - steps + 1], order)  # (N, p)
    inputs, targets = np.column_stack([np.ones(len(past)), past]), values[order + steps - 1 :]
    count = start - order - steps + 1  # pairs that lie in the training part
    weights = np.linalg.lstsq(inputs[:count], targets[:count])[0]  # (1 + p,)
    scored = slice(start - order, None)  # the same forecasts as in the roll-out
    return rms(inputs[scored] @ weights - targets[scored])

# %%
direct = np.array([direct_error(sine.values, 4) for sine in sines])  # (5,)
print("direct / roll-out:", np.round(direct / four_taps[:, 63], 2))

# %% tags=["claim"]
claim("2.12", "A direct 64-step forecast saves less than a tenth of the error.",
      direct / four_taps[:, 63], at_least=0.9, seeds=SEEDS)

# %% [markdown]
r"""
The suspect is cleared. Second test: take away the noise. A sine obeys exactly

$$\sin(\omega t) = 2\cos(\omega)\,\sin(\omega(t-1)) - \sin(\omega(t-2)), \tag{2.8}$$

which is an AR(2) with both roots *on* the unit circle. Now even 400 predictions in a row, each built on the ones before, should do no harm.
"""

# %%
clean = sines[0].clean
two_taps = AutoregressiveModel(2).fit(clean[:TRAIN])
free_run = two_taps.forecast(clean[:TRAIN], LENGTH - TRAIN).mean  # (400,)

# %% tags=["claim"]
claim("2.13", "Without noise, two taps run free for 400 steps with an error below 1e-6.",
      np.abs(free_run - clean[TRAIN:]).max(), at_most=1e-6)

# %% [markdown]
r"""
So it is the noise *together with* the short window. Four values of the sine span 0.03 radians: on that stretch it is a straight line. To continue a line one needs its slope, and the slope here is at most 0.01 a step. A straight line fitted to $n$ values with noise $\sigma$ has a slope that is uncertain by

$$\mathrm{sd} = \sigma \Big/ \sqrt{\textstyle\sum_{i=1}^{n} (i - \bar\imath)^2} = \sigma \sqrt{\frac{12}{n\,(n^2 - 1)}}, \tag{2.9}$$

where $\bar\imath$ is the mean of $1, \dots, n$.
"""

# %%
for n in (4, 16, 64):
    print(f"{n:2} taps: slope uncertain by {NOISE * np.sqrt(12 / (n * (n**2 - 1))):.4f}")

# %% [markdown]
r"""
With four taps the uncertainty is nine times the largest slope, with 16 it is as large as the slope. Least squares learns that the slope is not to be trusted, and falls back on an average that decays: the largest root of the fitted AR(4) is about 0.993, inside the circle, whereas a lasting sine needs roots on it. With 64 taps the uncertainty is a seventh of the slope. If this diagnosis is right, more taps must help, with the same roll-out, the same linear model, and the same 600 training values.
"""

# %%
def tap_errors(order, sequences, start):
    fits = [AutoregressiveModel(order).fit(sine.values[:start]) for sine in sequences]
    pairs = zip(fits, sequences, strict=True)
    return np.array([horizon_errors(fit.predict, order, s.values, start) for fit, s in pairs])

# %%
wide = tap_errors(64, sines, TRAIN)  # (5, 64)

# %% tags=["claim"]
claim("2.14", "With 64 taps instead of 4, the 64-step error falls by at least a quarter.",
      wide[:, 63] / four_taps[:, 63], at_most=0.75, seeds=SEEDS)

# %% [markdown]
r"""
More taps are more numbers to learn. With 2,000 training values instead of 600 they can be learnt well.
"""

# %%
ORDERS = [2, 4, 8, 16, 32, 64, 128]
longer = [noisy_sine(3000, NOISE, FREQUENCY, seed) for seed in SEEDS]
long_floors = np.array([rms((s.values - s.clean)[2000:]) for s in longer])  # (5,)
by_order = {p: tap_errors(p, longer, 2000) / long_floors[:, None] for p in ORDERS}  # (5, 64) each

# %%
def draw_order(p):
    figure, ax = plt.subplots(figsize=(6, 3))
    figures.plot_seeds(ax, range(1, 65), by_order[p], "AR", label=f"AR({p})")
    ax.axhline(1, **figures.style_of("chance"), label="noise floor")
    ax.set(xlabel="steps ahead k", ylabel="RMS error / noise floor", ylim=(0, 3.6))
    ax.legend(loc="upper left", ncols=2)
    return figure


# %% tags=["widget"]
Knob(draw_order, "order p", values=ORDERS, default=4,
     alt="RMS error over the noise floor against the number of steps ahead. With 2 to 16 taps it "
     "rises to 2.5 or more; with 64 it stays below 1.3 and with 128 near 1.")

# %% [markdown]
r"""
**Figure 2.7.** *The more taps, the flatter the curve: with 128 linear taps a forecast of 64 steps is nearly as good as one of a single step.* RMS error of the roll-out divided by the noise floor, which is the dotted line at 1, against the number of steps ahead. Thin: five seeds. Bold: their median. Sixteen taps gain nothing over four at 64 steps: their slope is still as uncertain as it is large.
"""

# %% tags=["claim"]
claim("2.15", "With 64 linear taps, the 64-step error is within 30 % of the floor.",
      by_order[64][:, 63], at_most=1.3, seeds=SEEDS)

# %% tags=["claim"]
claim("2.16", "With 128 linear taps, the 64-step error is within 10 % of the floor.",
      by_order[128][:, 63], at_most=1.1, seeds=SEEDS)

# %% [markdown]
r"""
Verdict: four noisy values that span 0.03 radians do not hold the answer. No roll-out, direct leap or deeper network can get out of a window what is not in it.

## 2.12 A summary instead of a window

A longer window is one cure. The other is a number that remembers. An *exponential moving average*

$$h_t = \lambda h_{t-1} + (1 - \lambda)\, x_t, \qquad h_0 = x_0, \tag{2.10}$$

keeps a state $h_t$ (one number) and mixes a little of each new value $x_t$ into it; $\lambda$ between 0 and 1 says how slowly it forgets. Written out, it weighs all past values, with weights $(1-\lambda)\lambda^j$. A model that predicts from a state like this is called a *latent* autoregressive model. We take the $\lambda$ that is best on the training part, and compare with the four-tap window: four numbers against one. Both are scored one step ahead against the sine without noise.
"""

# %%
def moving_average(values, keep):
    states = np.empty(len(values))  # (T,)
    h = values[0]
    for t, x in enumerate(values):
        states[t] = h = keep * h + (1 - keep) * x
    return states


# %%
def one_step_errors(sine):
    x = sine.values
    states = [moving_average(x, keep) for keep in (0.5, 0.7, 0.8, 0.85, 0.9, 0.95)]
    best = min(states, key=lambda h: rms(x[1:TRAIN] - h[: TRAIN - 1]))
    window = AutoregressiveModel(4).fit(x[:TRAIN]).predict_one_step(x[TRAIN - 4 :])  # (400,)
    return rms(best[TRAIN - 1 : -1] - sine.clean[TRAIN:]), rms(window - sine.clean[TRAIN:])

# %%
state_errors, window_errors = np.array([one_step_errors(sine) for sine in sines]).T  # (5,) each

# %% tags=["claim"]
claim("2.17", "One number of state has at most 85 % of the error of a window of four.",
      state_errors / window_errors, at_most=0.85, seeds=SEEDS)

# %% [markdown]
r"""
Here $\lambda$ and the form of (2.10) were chosen by us. A recurrent network, from chapter 06 on, *learns* what to keep in its state. That is the plan of this book.

## 2.13 The window that forgets

What lies before the window does not exist for the model. To see it sharply: draw random symbols out of four, read $T$ of them, and name the first. Let the model see the last 8, each as four indicator inputs, and fit a linear classifier by least squares.

*Predict first.* How many answers are right for $T = 8$, and for $T = 9$?
"""

# %% tags=["settings"]
WINDOW = 8
LENGTHS = [4, 6, 8, 9, 10, 12]

# %%
def indicators(ids):
    return np.eye(4)[ids[-WINDOW:].T].reshape(ids.shape[1], -1)  # (B, window * V)

# %%
def accuracy(length, seed):
    train, test = (first_symbol(length, 4000, 4, seed=s) for s in (seed, seed + 100))
    weights = np.linalg.lstsq(indicators(train.ids), np.eye(4)[train.answers])[0]
    return np.mean((indicators(test.ids) @ weights).argmax(axis=1) == test.answers)

# %%
right = np.array([[accuracy(length, seed) for length in LENGTHS] for seed in SEEDS])  # (5, 6)

# %% tags=["figure"]
figure, ax = plt.subplots()
figures.plot_seeds(ax, LENGTHS, right, "AR", label="window of 8")
ax.axhline(0.25, **figures.style_of("chance"), label="chance")
ax.set(xlabel="length T of the sequence", ylabel="share of right answers", ylim=(0, 1.05))
ax.legend(loc="lower left")
plt.show()

# %% [markdown]
r"""
**Figure 2.8.** *Up to the length of the window every answer is right; one step beyond, the model can only guess.* Share of right answers on 4,000 new sequences against their length, five seeds. The dotted line is chance, one in four.
"""

# %% tags=["claim"]
claim("2.18", "Within the window every answer is right.",
      right[:, LENGTHS.index(8)], equals=1.0, tolerance=0, seeds=SEEDS)

# %% tags=["claim"]
claim("2.19", "One step beyond it, the share of right answers is chance to within 0.03.",
      right[:, LENGTHS.index(9)], equals=0.25, tolerance=0.03, seeds=SEEDS)

# %% [markdown]
r"""
No training can change that. A single state that stores the first symbol and is not overwritten would solve the task for every $T$; learning *when* to store and when to keep is the subject of chapter 13. Predicting symbols instead of numbers also has a classical answer, to count what followed each window: the n-grams of chapter 03.

## 2.14 Mistakes that the package does not let pass

A series with a hole gives no forecast, and it should not give a wrong one either.
"""

# %% tags=["raises-exception"]
AutoregressiveModel(2).fit([1.0, 2.0, float("nan"), 3.0, 2.0, 4.0, 1.0])

# %% [markdown]
r"""
A random walk has a root at 1. It has no long-run mean to start from, so one must say where it stands.
"""

# %% tags=["raises-exception"]
AutoregressiveModel.from_parameters(0.0, [1.0], 1.0).simulate(5, seed=0)

# %% [markdown]
r"""
## Often told wrong

*"Forecasts of many steps fail because predictions are used instead of real data."* On the noisy sine a direct forecast that uses real data only fails as badly (claim 2.12), and without noise 400 fed-back predictions do no harm (claim 2.13). Errors do add up, as (2.7) says, but here the window is at fault.

*"A deep architecture does not help, so autoregression is the wrong idea."* The network did not help (claim 2.11), but neither could it: it saw the same four values. A *linear* autoregression with 128 taps comes within a tenth of the noise floor (claim 2.16).

*"A forecast that follows the curve is good."* Persistence follows every price curve (claim 2.8) and knows nothing.

## Where it came from

Yule (1927) replaced the fixed sine of earlier astronomers by a pendulum under random blows, which is an AR(2), and fitted it to the sunspots; he found a period of 10.6 years. Walker (1931) extended the equations to any order. Levinson (1947) solved them order by order for filters, and Durbin (1960) did so for series, whence the partial autocorrelation. Box and Jenkins (1970) made a method of it: identify, estimate, check. Akaike (1974) and Schwarz (1978) put a price on parameters. Glorot and Bengio (2010) proposed the starting weights of section 2.10.

## Summary

An autoregressive model predicts the next value as a weighted sum of the last $p$. Least squares and Levinson's recursion fit it (claims 2.1 to 2.3), BIC finds its order where there is one (2.4), its roots tell period and half-life (2.5), and its intervals hold what they promise if the model is right (2.6). Daily returns leave nothing to predict (2.7). The window must span the pattern: a year for carbon dioxide (2.9), and a good part of the swing for a noisy sine (2.14 to 2.16); a deeper network on too short a window is no cure (2.11). One number of well-chosen state can replace several taps (2.17). What lies before the window is lost (2.19).

## Exercises

All in [one notebook](../exercises/02_autoregressive/02_autoregressive.ipynb), which checks itself.

- 2.1 The lag matrix by hand (implement, 15 minutes)
- 2.2 One step of Levinson (implement, 15 minutes)
- 2.3 Stationary or not, and how slow? (explain, 10 minutes)
- 2.4 A roll-out that peeks (find the bug, 15 minutes)
- 2.5 Does the interval hold? (implement, 20 minutes)
- 2.6 BIC against AIC (predict, then experiment, 15 minutes)

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
