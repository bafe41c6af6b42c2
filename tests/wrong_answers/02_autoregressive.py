"""Plausible wrong answers to the exercises of chapter 02, and what each must be told."""

WRONG = [
    (
        "ex1",
        "forgets the intercept",
        """
def fit_ar2(series):
    inputs = np.column_stack([series[1:-1], series[:-2]])
    return np.array([0.0, *np.linalg.lstsq(inputs, series[2:])[0]])
""",
        "the intercept is missing",
    ),
    (
        "ex1",
        "forgets the intercept altogether",
        """
def fit_ar2(series):
    inputs = np.column_stack([series[1:-1], series[:-2]])
    return np.linalg.lstsq(inputs, series[2:])[0]
""",
        "the intercept is missing",
    ),
    (
        "ex1",
        "returns all that lstsq gives",
        """
def fit_ar2(series):
    inputs = np.column_stack([np.ones(len(series) - 2), series[1:-1], series[:-2]])
    return np.linalg.lstsq(inputs, series[2:])
""",
        "append [0]",
    ),
    (
        "ex1",
        "leaves out the last row",
        """
def fit_ar2(series):
    inputs = np.column_stack([np.ones(len(series) - 3), series[1:-2], series[:-3]])
    return np.linalg.lstsq(inputs, series[2:-1])[0]
""",
        "all T - 2 rows",
    ),
    (
        "ex1",
        "swaps the lags",
        """
def fit_ar2(series):
    inputs = np.column_stack([np.ones(len(series) - 2), series[:-2], series[1:-1]])
    return np.linalg.lstsq(inputs, series[2:])[0]
""",
        "phi_1 and phi_2 are swapped",
    ),
    (
        "ex1",
        "predicts a value from itself",
        """
def fit_ar2(series):
    inputs = np.column_stack([np.ones(len(series) - 2), series[2:], series[1:-1]])
    return np.linalg.lstsq(inputs, series[2:])[0]
""",
        "you predict x_t from x_t itself",
    ),
    (
        "ex2",
        "does not reverse the coefficients",
        """
def levinson_step(coefficients, variance, gamma):
    k = len(gamma) - 1
    reflection = (gamma[k] - coefficients @ gamma[k - 1 : 0 : -1]) / variance
    corrected = coefficients - reflection * coefficients
    return np.append(corrected, reflection), variance * (1 - reflection**2)
""",
        "by the one at the other end: reverse them",
    ),
    (
        "ex2",
        "forgets the square",
        """
def levinson_step(coefficients, variance, gamma):
    k = len(gamma) - 1
    reflection = (gamma[k] - coefficients @ gamma[k - 1 : 0 : -1]) / variance
    corrected = coefficients - reflection * coefficients[::-1]
    return np.append(corrected, reflection), variance * (1 - reflection)
""",
        "by 1 - rho squared, not by 1 - rho",
    ),
    (
        "ex2",
        "leaves the old coefficients as they are",
        """
def levinson_step(coefficients, variance, gamma):
    k = len(gamma) - 1
    reflection = (gamma[k] - coefficients @ gamma[k - 1 : 0 : -1]) / variance
    return np.append(coefficients, reflection), variance * (1 - reflection**2)
""",
        "the old coefficients have to be corrected",
    ),
    (
        "ex2",
        "does not reverse gamma",
        """
def levinson_step(coefficients, variance, gamma):
    k = len(gamma) - 1
    reflection = (gamma[k] - coefficients @ gamma[1:k]) / variance
    corrected = coefficients - reflection * coefficients[::-1]
    return np.append(corrected, reflection), variance * (1 - reflection**2)
""",
        "gamma is not reversed",
    ),
    (
        "ex2",
        "starts from the variance of the series at every order",
        """
def levinson_step(coefficients, variance, gamma):
    k = len(gamma) - 1
    reflection = (gamma[k] - coefficients @ gamma[k - 1 : 0 : -1]) / variance
    corrected = coefficients - reflection * coefficients[::-1]
    return np.append(corrected, reflection), gamma[0] * (1 - reflection**2)
""",
        "multiply what you were given",
    ),
    (
        "ex3",
        "takes a root on the circle for one inside",
        """
stationary = {"A", "B", "C"}
half_life_a, period_c, half_life_c = 6.58, 8.0, 2.0
""",
        "a root at exactly 1",
    ),
    (
        "ex3",
        "forgets the modulus of a negative root",
        """
stationary = {"A", "C", "D"}
half_life_a, period_c, half_life_c = 6.58, 8.0, 2.0
""",
        "what counts is the modulus",
    ),
    (
        "ex3",
        "takes the reciprocal for the half-life",
        """
stationary = {"A", "C"}
half_life_a, period_c, half_life_c = 1 / 0.9, 8.0, 2.0
""",
        "is no half-life",
    ),
    (
        "ex3",
        "gives the time to 1/e",
        """
stationary = {"a", "c"}
half_life_a, period_c, half_life_c = -1 / np.log(0.9), 8.0, 2.0
""",
        "this is the time to 1/e",
    ),
    (
        "ex3",
        "leaves a number out",
        """
stationary = {"A", "C"}
half_life_a, period_c, half_life_c = 6.58, 8.0, None
""",
        "set half_life_a, period_c and half_life_c",
    ),
    (
        "ex3",
        "gives the angle instead of the period",
        """
stationary = {"A", "C"}
half_life_a, period_c, half_life_c = 6.58, np.pi / 4, 2.0
""",
        "2 pi, divided by the angle of the root",
    ),
    (
        "ex4",
        "peeks, as the colleague does",
        """
def roll_out_from(predict, series, order, start, steps):
    forecasts = []
    for k in range(steps):
        forecasts.append(predict(series[start + k - order : start + k]))
    return np.array(forecasts)
""",
        "from the second step on you use real values",
    ),
    (
        "ex4",
        "never moves the window",
        """
def roll_out_from(predict, series, order, start, steps):
    return np.array([predict(series[start - order : start]) for _ in range(steps)])
""",
        "a forecast has to enter the next window",
    ),
    (
        "ex4",
        "puts the forecast at the wrong end",
        """
def roll_out_from(predict, series, order, start, steps):
    window, forecasts = series[start - order : start], []
    for _ in range(steps):
        forecasts.append(predict(window))
        window = np.append(forecasts[-1], window[:-1])
    return np.array(forecasts)
""",
        "belongs at the end of the window",
    ),
    (
        "ex4",
        "overwrites the series of the caller",
        """
def roll_out_from(predict, series, order, start, steps):
    for k in range(steps):
        series[start + k] = predict(series[start + k - order : start + k])
    return np.array(series[start : start + steps])
""",
        "you overwrite the caller's series",
    ),
    (
        "ex5",
        "gives the variance",
        """
def forecast_deviation(coefficients, noise_variance, steps):
    psi = np.zeros(steps)
    psi[0] = 1.0
    for j in range(1, steps):
        psi[j] = sum(phi * psi[j - 1 - i] for i, phi in enumerate(coefficients[:j]))
    return noise_variance * np.cumsum(psi**2)
""",
        "this is the variance",
    ),
    (
        "ex5",
        "takes one step for all",
        """
def forecast_deviation(coefficients, noise_variance, steps):
    return np.full(steps, np.sqrt(noise_variance))
""",
        "the errors of several steps add up",
    ),
    (
        "ex5",
        "grows like a random walk",
        """
def forecast_deviation(coefficients, noise_variance, steps):
    return np.sqrt(noise_variance * np.arange(1, steps + 1))
""",
        "this grows like a random walk",
    ),
    (
        "ex5",
        "takes powers of the first coefficient",
        """
def forecast_deviation(coefficients, noise_variance, steps):
    psi = float(coefficients[0]) ** np.arange(steps)
    return np.sqrt(noise_variance * np.cumsum(psi**2))
""",
        "Every coefficient enters psi",
    ),
    (
        "ex5",
        "uses two coefficients only",
        """
def forecast_deviation(coefficients, noise_variance, steps):
    psi = [1.0]
    for j in range(1, steps):
        psi.append(sum(phi * psi[j - 1 - i] for i, phi in enumerate(coefficients[: min(j, 2)])))
    return np.sqrt(noise_variance * np.cumsum(np.square(psi)))
""",
        "an AR(3), five steps",
    ),
    (
        "ex6",
        "makes no prediction",
        """
PREDICTION = None


def choose_order(series, max_order, price):
    n = len(series) - max_order
    fits = [fit_least_squares(series[max_order - p :], p)[2] for p in range(max_order + 1)]
    return int(np.argmin(n * np.log(fits) + price * np.arange(max_order + 1)))
""",
        "set PREDICTION",
    ),
    (
        "ex6",
        "takes the logarithm to base 10",
        """
PREDICTION = "Smaller"


def choose_order(series, max_order, price):
    n = len(series) - max_order
    fits = [fit_least_squares(series[max_order - p :], p)[2] for p in range(max_order + 1)]
    return int(np.argmin(n * np.log10(fits) + price * np.arange(max_order + 1)))
""",
        "the natural logarithm",
    ),
    (
        "ex6",
        "forgets the price",
        """
PREDICTION = "smaller"


def choose_order(series, max_order, price):
    fits = [fit_least_squares(series[max_order - p :], p)[2] for p in range(max_order + 1)]
    return int(np.argmin(np.log(fits)))
""",
        "the price has no effect or the wrong sign",
    ),
    (
        "ex6",
        "lets every order predict other values",
        """
PREDICTION = "smaller"


def choose_order(series, max_order, price):
    n = len(series) - max_order
    fits = np.array([fit_least_squares(series, p)[2] for p in range(max_order + 1)])
    return int(np.argmin(n * np.log(fits) + price * np.arange(max_order + 1)))
""",
        "does every order predict the same values?",
    ),
    (
        "ex6",
        "expects a higher price to buy more",
        """
PREDICTION = "larger"


def choose_order(series, max_order, price):
    n = len(series) - max_order
    fits = [fit_least_squares(series[max_order - p :], p)[2] for p in range(max_order + 1)]
    return int(np.argmin(n * np.log(fits) + price * np.arange(max_order + 1)))
""",
        "what you have to pay for, you take less of",
    ),
]
