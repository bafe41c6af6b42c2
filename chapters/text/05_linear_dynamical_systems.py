# %% [markdown]
r"""
# 05 Linear dynamical systems

What if the hidden state is not one of $N$ symbols but a position, a speed, a level? This chapter keeps a Gaussian belief about numbers that nobody sees, brings it up to date with every noisy measurement, and turns out to run the forward algorithm of chapter 04.

**You will be able to** write a moving system with noise as a few matrices; run a Kalman filter by hand and in code; bridge gaps, smooth and forecast with intervals; tell from a model's own errors whether it is wrong; learn the matrices from data; and say in one formula what a Kalman filter shares with a recurrent network.

**You need** [chapter 01](01_sequences.ipynb), the autocovariance of [chapter 02](02_autoregressive.ipynb), the forward algorithm of [chapter 04](04_hidden_markov.ipynb), and the product and the inverse of matrices.

Run time: about 15 s.
"""

# %% tags=["setup"]
import matplotlib.pyplot as plt
import numpy as np

from rnncourse import figures, hmm_recursions
from rnncourse.autocorrelation import autocovariance
from rnncourse.claims import claim
from rnncourse.datasets.series import nile
from rnncourse.kalman import LinearGaussianModel
from rnncourse.kalman_forecast import interval
from rnncourse.knob import Knob

figures.use_style()

# %% [markdown]
r"""
## 5.1 A place is not one of N states

A boat drifts along a canal. Its first place $z_1$ (in metres) is Gaussian with mean 0 and variance 1. Each minute it changes by a Gaussian step of variance 1, and a radar reports $y_t$: $z_t$ plus a Gaussian error of variance 4. Where is the boat?

A hidden Markov model (HMM) can answer if we cut the canal into $N$ cells. Start, transition matrix and likelihoods come from Gaussian densities between the middles of cells (`bell` leaves out their constant factor, which cancels). `forward` of chapter 04 returns the probability of each cell given the reports so far; our answer is the mean place under these.
"""

# %%
def bell(distance, variance):
    return np.exp(-0.5 * distance**2 / variance)

# %%
def grid_model(ys, cells):
    start, moves = bell(cells, 1.0), bell(cells - cells[:, None], 1.0)  # (N,), (N, N)
    likelihoods = bell(ys - cells, 4.0)  # (T, N)
    return start / start.sum(), moves / moves.sum(axis=1, keepdims=True), likelihoods

# %%
def rms(errors):
    return float(np.sqrt(np.mean(np.square(errors))))

# %% tags=["settings"]
CELLS = [10, 20, 40, 80, 160]
SEEDS = [0, 1, 2, 3, 4]

# %% [markdown]
r"""
`LinearGaussianModel` draws the boat and its reports; the next section names its arguments. The canal reaches from -60 to 60 metres.
"""

# %%
boat = LinearGaussianModel([[1.0]], [[1.0]], [[1.0]], [[4.0]], [0.0], [[1.0]])
drifts = [boat.sample(200, seed) for seed in SEEDS]  # places (T, 1), reports (T, 1)

# %%
def grid_error(places, reports, n):
    cells = np.linspace(-60, 60, n)  # (N,)
    alphas = hmm_recursions.forward(*grid_model(reports, cells)).alphas  # (T, N)
    return rms(alphas @ cells - places[:, 0])

# %%
grid_errors = np.array([[grid_error(*drift, n) for n in CELLS] for drift in drifts])  # (5, 5)
raw = [rms(reports - places) for places, reports in drifts]

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(6, 3))
figures.plot_seeds(ax, CELLS, grid_errors, "HMM", "HMM on a grid")
ax.axhline(np.median(raw), **figures.style_of("baseline"), label="radar alone")
ax.set(xscale="log", xlabel="number of cells N", ylabel="RMS error (m)", ylim=(0, 6))
ax.set_xticks(CELLS, [f"{n}\n{n * n:,}" for n in CELLS])
ax.legend()
plt.show()

# %% [markdown]
r"""
**Figure 5.1.** *A coarse grid is worse than no model at all; 160 cells are no better than 80.* Root mean square (RMS) error of the place in 200 minutes, thin for each of five seeds, bold for their median. Second row under the axis: $N^2$, the multiplications of a step. With 10 cells the middles lie 13 m apart, and a boat that moves about 1 m a minute seems nailed to its cell.
"""

# %% tags=["claim"]
claim("5.1", "With 10 cells the error of the grid is at least 1.5 times that of the radar alone.",
      grid_errors[:, 0] / raw, at_least=1.5, seeds=SEEDS)

# %% tags=["claim"]
claim("5.2", "From 80 to 160 cells the error changes by less than 1 %.", grid_errors[:, 3] / grid_errors[:, 4],
      equals=1, tolerance=0.01, seeds=SEEDS)

# %% [markdown]
r"""
A boat on a lake that also has a speed needs four numbers; 80 cells for each make $80^4$, about 41 million states. And yet the belief over cells is only a bell: a mean and a width would do.

## 5.2 The model

A **linear dynamical system** has a *state* $z_t$, a row of $D$ numbers that nobody sees, and an *observation* $y_t$, a row of $M$ numbers:

$$z_t = z_{t-1} A^\top + w_t, \quad w_t \sim \mathcal N(0, Q), \qquad\qquad y_t = z_t C^\top + v_t, \quad v_t \sim \mathcal N(0, R). \tag{5.1}$$

$A$, the *transition*, is $(D, D)$: how the state moves by itself. $C$, the *observation matrix*, is $(M, D)$: what can be seen of it. $w_t$ (a row of $D$) is *process noise*, the pushes that nobody foresaw; $\mathcal N(0, Q)$ is the Gaussian with mean 0 and covariance $Q$, $(D, D)$. $v_t$ (a row of $M$) is *measurement noise* with covariance $R$, $(M, M)$. All noises are independent of each other. The first state is Gaussian, too: $z_1 \sim \mathcal N(m_1^-, P_1^-)$ with a row $m_1^-$ of $D$ numbers and a covariance $P_1^-$, $(D, D)$; the $^-$ means "before the observation". (Most books write columns, $z_t = A z_{t-1} + w_t$. With rows the same $A$ gets a $^\top$.)
"""

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(6, 2.3))
arrow = {"arrowstyle": "->", "shrinkA": 16, "shrinkB": 16}
for t, name in enumerate(["t-1", "t", "t+1"]):
    for height, letter, colour in ((1, "z", "white"), (0, "y", "#d5d5d5")):
        ax.plot(t, height, "o", markersize=30, markerfacecolor=colour, markeredgecolor="black")
        ax.text(t, height, f"${letter}_{{{name}}}$", ha="center", va="center")
    ax.annotate("", (t, 0), (t, 1), arrowprops=arrow)
    ax.annotate("", (t + 1, 1), (t, 1), arrowprops=arrow)
    ax.text(t + 0.42, 1.12, "A, Q")
    ax.text(t + 0.05, 0.45, "C, R")
ax.set(xlim=(-0.4, 3), ylim=(-0.45, 1.45))
ax.axis("off")
plt.show()

# %% [markdown]
r"""
**Figure 5.2.** *One graph, two models: each hidden state depends on the one before, each observation on its state, and on nothing else.* With symbols in the white (hidden) circles and tables on the arrows this is the HMM of chapter 04; with rows of numbers and (5.1), a linear dynamical system. Both are dynamic Bayesian networks.

The boat has $D = M = 1$ and, in the order of the arguments above, $A = 1$, $C = 1$, $Q = 1$, $R = 4$, $m_1^- = 0$, $P_1^- = 1$. A number that wanders and is seen with noise is called the **local level model**.

## 5.3 By hand: two opinions about one number

Before the radar speaks, the model believes that the boat is at $m^-$ with variance $P^-$. The radar says $y$, with variance $R$. To combine them, multiply the two bells, as the forward algorithm multiplies belief and likelihood. Their exponents are parabolas in the place $z$, and so is the sum of these; thus the product is a bell again. The coefficient of $z^2$ gives its variance $P$, that of $z$ its mean $m$:

$$\frac1P = \frac1{P^-} + \frac1R, \qquad m = \frac{m^-/P^- + y/R}{1/P^- + 1/R} = m^- + K\,(y - m^-), \qquad K = \frac{P^-}{P^- + R}. \tag{5.2}$$

One over a variance is called **precision**. Precisions add, and the mean is an average of the two opinions, weighted by precision. The **gain** $K$ is the trust in the measurement: near 1 for a sharp radar (small $R$), near 0 for a sure belief (small $P^-$). Between two measurements the boat moves: the mean stays, and the variance grows by $Q$.

Three steps with $Q = 1$, $R = 2$, a first belief of mean 0 and variance 6, and the reports 4, 12 and 11.7. With a pencil: $K = 6/8$, so $m = 3$ and $P = 1/(1/6 + 1/2) = 3/2$; then $P^- = 5/2$, and so on.
"""

# %%
mean, variance = 0.0, 6.0
for y in (4.0, 12.0, 11.7):
    gain = variance / (variance + 2)
    mean, after = mean + gain * (y - mean), 1 / (1 / variance + 1 / 2)
    print(f"before {variance:.3f}  gain {gain:.3f}  mean {mean:.3f}  after {after:.3f}")
    variance = after + 1

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(6, 2.8))
line = np.linspace(-8, 12, 401)
for name, look, m, P in (("belief before", "baseline", 0, 6), ("report", "data", 4, 2), ("belief after", "filter", 3, 1.5)):
    ax.plot(line, bell(line - m, P) / np.sqrt(2 * np.pi * P), **figures.style_of(look), label=name)
ax.set(xlabel="place (m)", ylabel="density (1/m)")
ax.legend()
plt.show()

# %% [markdown]
r"""
**Figure 5.3.** *The combined belief is narrower than either opinion and lies nearer to the surer one.* The first step above; the black bell is what the report 4 says about the place.
"""

# %% tags=["claim"]
product = bell(line, 6) * bell(line - 4, 2)  # (401,)
claim("5.3", "The product of the two bells, scaled, is the bell with mean 3 and variance 1.5.",
      np.abs(product / product.max() - bell(line - 3, 1.5)).max(), at_most=1e-12)

# %% [markdown]
r"""
## 5.4 Predict, update

Now with $D$ numbers. Let $m_{t-1}$ (a row of $D$) and $P_{t-1}$, $(D, D)$, be mean and covariance of the state after the observation $y_{t-1}$. To **predict** is to push the belief through the first half of (5.1):

$$m_t^- = m_{t-1} A^\top, \qquad P_t^- = A P_{t-1} A^\top + Q. \tag{5.3}$$

To **update** is to combine it with the observation. The **innovation** $e_t$ is what was not foreseen, $S_t$, $(M, M)$, its covariance, and $K_t$ the gain, $(D, M)$:

$$e_t = y_t - m_t^- C^\top, \qquad S_t = C P_t^- C^\top + R, \qquad K_t = P_t^- C^\top S_t^{-1}, \tag{5.4}$$

$$m_t = m_t^- + e_t K_t^\top, \qquad P_t = (I - K_t C)\, P_t^-\, (I - K_t C)^\top + K_t R K_t^\top. \tag{5.5}$$

$I$ is the identity matrix. Why this gain? Given the past, state and observation are jointly Gaussian; the covariance between them is $P_t^- C^\top$, that of the observation $S_t$. Seeing a part of a Gaussian moves the mean of the rest by *covariance over variance* times the surprise, as in a regression. And (5.5) holds because the new error $z_t - m_t$ is $(z_t - m_t^-)(I - K_t C)^\top - v_t K_t^\top$: two independent parts, whose covariances add.

The pair of steps, over and over, is the **Kalman filter**. Mind that no covariance depends on the data.
"""

# %% tags=["mirror:rnncourse.kalman_filter.predict"]
def predict(mean, covariance, transition, process_covariance):
    """Move what is known about the state one step into the future.

    Args:
        mean: (D,) mean of the state.
        covariance: (D, D) its covariance.
        transition: (D, D) A.
        process_covariance: (D, D) Q.

    Returns:
        mean (D,) and covariance (D, D) one step later.

    Source:
        Kalman (1960), A new approach to linear filtering and prediction problems.
    """
    covariance = transition @ covariance @ transition.T + process_covariance  # (D, D)
    return mean @ transition.T, (covariance + covariance.T) / 2

# %% tags=["mirror:rnncourse.kalman_filter.update"]
def update(mean, covariance, y, observation, measurement_covariance):
    """Let an observation correct what is known about the state.

    The new covariance is a sum of two squares (Joseph's form), so that rounding cannot make it
    negative; the shorter P - K C P can.

    Args:
        mean: (D,) predicted mean of the state.
        covariance: (D, D) its covariance P.
        y: (M,) the observation.
        observation: (M, D) C.
        measurement_covariance: (M, M) R.

    Returns:
        mean (D,), covariance (D, D), gain K (D, M), innovation covariance S (M, M).

    Source:
        Kalman (1960), A new approach to linear filtering and prediction problems; the covariance
        as in Bucy & Joseph (1968), Filtering for Stochastic Processes.
    """
    seen_part = observation @ covariance  # (M, D) covariance of observation and state
    innovation_covariance = seen_part @ observation.T + measurement_covariance  # (M, M)
    gain = np.linalg.solve(innovation_covariance, seen_part).T  # (D, M)
    mean = mean + (y - mean @ observation.T) @ gain.T  # (D,)
    kept = np.eye(len(mean)) - gain @ observation  # (D, D)
    covariance = kept @ covariance @ kept.T + gain @ measurement_covariance @ gain.T  # (D, D)
    return mean, (covariance + covariance.T) / 2, gain, innovation_covariance

# %% [markdown]
r"""
`np.linalg.solve(S, C P)` is $S^{-1} C P$, and its transpose is the gain, because $P$ and $S$ are symmetric. The last line wipes out what rounding does to the symmetry.

The check needs an answer that knows nothing of predictions and updates. All equations $z_t - z_{t-1} A^\top = w_t$ together are one linear system, whose inverse (`effect`) turns all noises into all states. So all is one big Gaussian, and covariance over variance gives all means at once, for $T^3$ operations. `np.kron(np.eye(T), C)` repeats $C$ along the diagonal of a big matrix; with `k=-1` the copies stand below it.
"""

# %%
def condition(model, ys):
    T, A, C = len(ys), model.transition, model.observation
    effect = np.linalg.inv(np.eye(T * len(A)) - np.kron(np.eye(T, k=-1), A))  # noise -> states
    noise = np.kron(np.eye(T), model.process_covariance)  # (T D, T D)
    noise[: len(A), : len(A)] = model.initial_covariance
    prior, start = effect @ noise @ effect.T, effect[:, : len(A)] @ model.initial_mean
    see = np.kron(np.eye(T), C)  # (T M, T D)
    spread = see @ prior @ see.T + np.kron(np.eye(T), model.measurement_covariance)
    share, surprise = np.linalg.solve(spread, see @ prior).T, ys.ravel() - see @ start
    density = -0.5 * (surprise @ np.linalg.solve(spread, surprise) + np.linalg.slogdet(2 * np.pi * spread)[1])
    return (start + share @ surprise).reshape(T, -1), prior - share @ see @ prior, density

# %%
def random_model(seed):
    rng = np.random.default_rng(seed)
    noises = [np.diag(rng.uniform(0.5, 2, size=n)) for n in (3, 2, 3)]
    weights = 0.25 * rng.normal(size=(3, 3)), rng.normal(size=(2, 3))
    return LinearGaussianModel(*weights, *noises[:2], rng.normal(size=3), noises[2])

# %% [markdown]
r"""
And the loop, for any kind of belief: `predict` and `update` are handed in.
"""

# %%
def bayes_filter(belief, observations, predict, update):
    beliefs = []
    for y in observations:
        belief = update(belief, y)
        beliefs.append(belief)
        belief = predict(belief)
    return beliefs

# %%
def kalman_loop(m, ys):
    return bayes_filter((m.initial_mean, m.initial_covariance), ys,
                        lambda b: predict(*b, m.transition, m.process_covariance),
                        lambda b, y: update(*b, y, m.observation, m.measurement_covariance)[:2])

# %%
def gap_to_conditioning(model, ys):
    mean, covariance = kalman_loop(model, ys)[-1]
    means, covariances, _ = condition(model, ys)
    return max(np.abs(mean - means[-1]).max(), np.abs(covariance - covariances[-3:, -3:]).max())

# %% tags=["claim"]
short = [(random_model(seed), random_model(seed).sample(7, seed)[1]) for seed in SEEDS]
claim("5.4", "After 7 steps of random models, predicting and updating equals conditioning one big Gaussian.",
      [gap_to_conditioning(*pair) for pair in short], at_most=1e-8, seeds=SEEDS)

# %% [markdown]
r"""
`LinearGaussianModel.filter` does the same over a whole series. For the boat, two numbers do the work of 160 cells:
"""

# %% tags=["claim"]
boat_errors = [rms(boat.filter(reports).means - places) for places, reports in drifts]
claim("5.5", "The error of the Kalman filter is that of the HMM with 160 cells, to within 1 %.",
      np.divide(boat_errors, grid_errors[:, -1]), equals=1, tolerance=0.01, seeds=SEEDS)

# %% [markdown]
r"""
**Joseph's form.** On paper the covariance in (5.5) equals the shorter $P^- - K C P^-$, in floating point a difference of large numbers. Take a vague belief and two sharp instruments that measure nearly the same thing. The exact answer adds precisions, $P^{-1} = (P^-)^{-1} + C^\top R^{-1} C$:
"""

# %%
def variances(tilt):
    P, C, R = 1e12 * np.eye(2), np.array([[1.0, 1.0], [1.0, 1.0 + tilt]]), 1e-6 * np.eye(2)
    _, joseph, gain, _ = update(np.zeros(2), P, np.zeros(2), C, R)
    exact = np.linalg.inv(np.linalg.inv(P) + C.T @ np.linalg.inv(R) @ C)
    return [np.diag(matrix) for matrix in (joseph, P - gain @ C @ P, exact)]

# %%
cases = np.array([variances(tilt) for tilt in np.linspace(0.001, 0.002, 50)])  # (50, 3, 2)

# %% tags=["claim"]
claim("5.6", "In 50 such updates, at least 20 of the 100 variances of the short form are negative.",
      (cases[:, 1] < 0).sum(), at_least=20)

# %% tags=["claim"]
claim("5.7", "In the same updates Joseph's form is off by at most 0.01 %.",
      np.abs(cases[:, 0] / cases[:, 2] - 1).max(), at_most=1e-4)

# %% [markdown]
r"""
## 5.5 Tracking in the plane

Now a target with a speed. The state holds the two coordinates of its place and its two velocities, so $D = 4$. At each step the place moves on by the velocity, and an unknown push $a$ (a Gaussian acceleration with standard deviation $s$, constant for the step) adds $a/2$ to the place and $a$ to the velocity. Only the place is measured, with standard deviation $r$. This is the **constant velocity model**.
"""

# %% tags=["settings"]
PUSH, NOISE, STEPS = 0.1, 2.0, 3000  # s in m per step squared, r in m

# %%
def tracker(s, r):
    push = np.vstack([np.eye(2) / 2, np.eye(2)])  # (4, 2) what a adds to the state
    move = np.eye(4) + np.eye(4, k=2)  # place + velocity
    first = [0.0, 0.0, 1.0, 0.5], r**2 * np.diag([1, 1, 1 / 16, 1 / 16])  # the first belief
    return LinearGaussianModel(move, np.eye(2, 4), s**2 * push @ push.T, r**2 * np.eye(2), *first)

# %%
tracked = tracker(PUSH, NOISE)

# %% [markdown]
r"""
In every hundred steps the target passes behind a hill for 20. Where $y_t$ is missing (NaN) there is nothing to combine, so the filter skips the update.

**Predict first.** What happens to the 95 % region of the place during the gap, and what right after it?
"""

# %%
runs = [tracked.sample(STEPS, seed) for seed in SEEDS]  # states (T, 4), places (T, 2)
hidden = (np.arange(STEPS) % 100 >= 50) & (np.arange(STEPS) % 100 < 70)  # (T,)
seen = [np.where(hidden[:, None], np.nan, ys) for _, ys in runs]
known = [tracked.filter(ys) for ys in seen]

# %% [markdown]
r"""
The filter looks back only. Once the whole series is known, later measurements can correct earlier states. The **smoother** goes back from the end. With $^s$ for "given the whole series",

$$J_t = P_t A^\top (P_{t+1}^-)^{-1}, \qquad m_t^s = m_t + (m_{t+1}^s - m_{t+1}^-)\, J_t^\top, \qquad P_t^s = P_t + J_t (P_{t+1}^s - P_{t+1}^-) J_t^\top. \tag{5.6}$$

$J_t$, $(D, D)$, says how far a correction of the next state moves this one. It is covariance over variance again: $P_t A^\top$ is the covariance of the two states. $P_t^s$ has a form without a difference, too:
"""

# %% tags=["mirror:rnncourse.kalman_smoother.smooth_step"]
def smooth_step(covariance, gain, next_covariance, transition, process_covariance):
    """Compute the covariance of a state given the whole series, from that of the next state.

    It is a sum of squares, as in Joseph's form; the textbook's P + J (P_s - P') J^T is a
    difference, which rounding can make negative.

    Args:
        covariance: (D, D) P, of the state after its observation.
        gain: (D, D) J.
        next_covariance: (D, D) P_s, of the next state given the whole series.
        transition: (D, D) A.
        process_covariance: (D, D) Q.

    Returns:
        (D, D).
    """
    kept = np.eye(len(gain)) - gain @ transition  # (D, D)
    news = next_covariance + process_covariance  # (D, D)
    smoothed = kept @ covariance @ kept.T + gain @ news @ gain.T
    return (smoothed + smoothed.T) / 2

# %%
def go_back(model, filtered):
    means, covariances = filtered.means.copy(), filtered.covariances.copy()
    A, Q, ahead = model.transition, model.process_covariance, filtered.predicted_covariances
    for t in range(len(means) - 2, -1, -1):
        gain = covariances[t] @ A.T @ np.linalg.inv(ahead[t + 1])  # (D, D)
        means[t] += (means[t + 1] - filtered.predicted_means[t + 1]) @ gain.T
        covariances[t] = smooth_step(covariances[t], gain, covariances[t + 1], A, Q)
    return means, covariances

# %%
smoothed = [tracked.smooth(ys) for ys in seen]
looped = go_back(tracked, known[0])

# %% tags=["claim"]
claim("5.8", "The loop equals the package's smoother, and that equals conditioning on the whole series.",
      [np.abs(looped[0] - smoothed[0].means).max(), np.abs(looped[1] - smoothed[0].covariances).max(),
       *(np.abs(m.smooth(ys).means - condition(m, ys)[0]).max() for m, ys in short)], at_most=1e-8)

# %%
def draw_region(ax, mean, covariance, concept):
    circle = np.exp(1j * np.linspace(0, 2 * np.pi, 60))  # (60,)
    edge = np.column_stack([circle.real, circle.imag]) @ np.linalg.cholesky(5.991 * covariance[:2, :2]).T
    ax.plot(*(mean[:2] + edge).T, color=figures.style_of(concept)["color"], linewidth=0.8)

# %% [markdown]
r"""
A Gaussian point in the plane that lies $d$ (a row of 2) away from its mean has $d P^{-1} d^\top < -2 \ln 0.05 = 5.991$ in 95 % of cases, where $P$ is its covariance. So a root of $P$ (`cholesky`) turns a circle of radius $\sqrt{5.991}$ into the border of the 95 % region, an ellipse.
"""

# %% tags=["figure"]
fig, axes = plt.subplots(1, 2, figsize=(10, 3.6), sharex=True, sharey=True)
for ax, title, belief in zip(axes, ("filter", "smoother"), (known[1], smoothed[1]), strict=True):
    ax.plot(*seen[1][35:90].T, "k.", markersize=4, label="measured")
    ax.plot(*runs[1][0][35:90, :2].T, **figures.style_of("truth"), label="true path")
    ax.plot(*belief.means[35:90, :2].T, **figures.style_of(title), label=title)
    for t in range(49, 75, 4):
        draw_region(ax, belief.means[t], belief.covariances[t], title)
    ax.set(title=title, xlabel="x (m)", ylabel="y (m)", aspect="equal")
    ax.legend(fontsize=8)
plt.show()

# %% [markdown]
r"""
**Figure 5.4.** *In the gap the filter goes straight on and its region grows until the first measurement shrinks it at once; the smoother knows both ends of the gap.* Steps 35 to 89 of seed 1; nothing is measured at steps 50 to 69. Rings: 95 % regions at every fourth step from 49 to 73, circles because both coordinates have the same noises.
"""

# %%
def place_errors(beliefs, steps):
    return np.array([rms((b.means - zs)[steps, :2]) for b, (zs, _) in zip(beliefs, runs, strict=True)])

# %% tags=["claim"]
claim("5.9", "Where there are measurements, the error of the filter is at most 60 % of theirs.",
      place_errors(known, ~hidden) / [rms((ys - zs[:, :2])[~hidden]) for zs, ys in runs], at_most=0.6, seeds=SEEDS)

# %% tags=["claim"]
claim("5.10", "Where there are measurements, the error of the smoother is at most 65 % of the filter's.",
      place_errors(smoothed, ~hidden) / place_errors(known, ~hidden), at_most=0.65, seeds=SEEDS)

# %% tags=["claim"]
claim("5.11", "In the gaps, the error of the smoother is at most half of the filter's.",
      place_errors(smoothed, hidden) / place_errors(known, hidden), at_most=0.5, seeds=SEEDS)

# %%
def coverage(belief, zs):
    errors = (zs - belief.means)[:, :2]  # (T, 2)
    inverse = np.linalg.inv(belief.covariances[:, :2, :2])  # (T, 2, 2)
    return np.mean(np.einsum("ti,tij,tj->t", errors, inverse, errors) < 5.991)

# %% [markdown]
r"""
`np.einsum` sums over the repeated letters $i$ and $j$: one squared distance for each $t$. Are the regions honest?
"""

# %% tags=["claim"]
shares = [coverage(b, zs) for beliefs in (known, smoothed) for b, (zs, _) in zip(beliefs, runs, strict=True)]
claim("5.12", "The 95 % regions of filter and smoother hold 91 to 98 % of the true places.",
      shares, at_least=0.91, at_most=0.98, seeds=SEEDS * 2)

# %% [markdown]
r"""
## 5.6 Which noise is wrong?

Let the filter assume a wrong $s$ while the target keeps the true one (no gaps now).

**Predict first.** Too small an $s$: does the filter follow too slowly, or too nervously?
"""

# %%
FACTORS = [0.03, 0.1, 0.3, 0.5, 1, 2, 3, 10, 30]  # entry 4 is the truth

# %%
def try_factors(make):
    beliefs = [[make(f).filter(ys) for f in FACTORS] for _, ys in runs]
    errors = [[rms((b.means - zs)[:, :2]) for b in row] for row, (zs, _) in zip(beliefs, runs, strict=True)]
    shares = [[coverage(b, zs) for b in row] for row, (zs, _) in zip(beliefs, runs, strict=True)]
    return np.array(errors), np.array(shares)  # (5, 9) each

# %%
by_push = try_factors(lambda f: tracker(f * PUSH, NOISE))
by_noise = try_factors(lambda f: tracker(PUSH, f * NOISE))

# %%
def draw_wrong(model, f, curves, label, unit, limits):
    figure, (left, right) = plt.subplots(1, 2, figsize=(7, 3))
    belief, zs = model.filter(runs[0][1]), runs[0][0]
    left.plot(*runs[0][1][:60].T, "k.", markersize=3)
    left.plot(*zs[:60, :2].T, **figures.style_of("truth"))
    left.plot(*belief.means[:60, :2].T, **figures.style_of("filter"))
    left.set(title=f"{label} times {f}", xlabel="x (m)", ylabel="y (m)", xlim=(-5, 42), ylim=(-8, 30))
    figures.plot_seeds(right, FACTORS, curves, "filter")
    right.plot(f, np.median(curves[:, FACTORS.index(f)]), "ko")
    right.set(xscale="log", xlabel=f"assumed / true {label}", ylabel=unit, ylim=limits)
    return figure

# %% tags=["widget"]
Knob(lambda f: draw_wrong(tracker(f * PUSH, NOISE), f, by_push[0], "s", "RMS error (m)", (0, 9)),
     "assumed / true s", values=FACTORS, default=0.1,
     alt="Left a track and its filter: far too smooth for small s, jagged for large s. Right the error, lowest at 1.")

# %% [markdown]
r"""
**Figure 5.5.** *Assuming too little process noise makes the filter sluggish, too much makes it jump after every measurement; the truth errs least.* Left: 60 steps of seed 0, measurements as dots, the truth dashed, the filter purple. Right: RMS error over 3,000 steps against the factor by which $s$ is wrong, thin for five seeds, bold for their median.
"""

# %% tags=["claim"]
claim("5.13", "With the true s the filter errs at least 2 % less than with any of the eight wrong ones.",
      by_push[0][:, 4] / np.delete(by_push[0], 4, axis=1).min(axis=1), at_most=0.98, seeds=SEEDS)

# %% [markdown]
r"""
With the measurement noise it is the other way round: too large an $r$ makes the filter sluggish. And multiply $Q$, $R$ and the first covariance by one number: by (5.3) to (5.5) every covariance is multiplied, while gains and means stay. No mean shows such a fault; the regions do.
"""

# %% tags=["widget"]
Knob(lambda f: draw_wrong(tracker(PUSH, f * NOISE), f, by_noise[1], "r", "share inside 95 % region", (0, 1.05)),
     "assumed / true r", values=FACTORS, default=0.3,
     alt="Left a track and its filter, too smooth for large r. Right the share inside: near 0 for small r, then up to 1.")

# %% [markdown]
r"""
**Figure 5.6.** *A filter that believes its measurements too much is sure and wrong.* As in Figure 5.5, with a wrong $r$; right, the share of steps whose true place lies inside the region that should hold 95 %.
"""

# %% tags=["claim"]
claim("5.14", "With r assumed at 0.3 of the truth, at most 40 % of the true places lie inside their 95 % regions.",
      by_noise[1][:, 2], at_most=0.4, seeds=SEEDS)

# %% [markdown]
r"""
## 5.7 The gain settles

While nothing is missing, the covariances and gains of our models run towards a fixed point of (5.3) to (5.5), the *steady state*; its equation is the **Riccati equation**. For the local level model it can be solved by hand. There (5.2) makes it $P^- = P^- R/(P^- + R) + Q$, so $(P^-)^2 - Q P^- - QR = 0$ and

$$P^- = \tfrac12 \Bigl(Q + \sqrt{Q^2 + 4 Q R}\Bigr), \qquad K = \frac{P^-}{P^- + R}. \tag{5.7}$$

With $Q = 1$ and $R = 2$, as in section 5.3, $P^- = 2$ and $K = 1/2$: the gains 0.750, 0.556, 0.514 were on their way. One row for each $Q$, with $R = 1$: the gains at the steps 1, 2, 3, 6, 11 and 21 after a vague start.
"""

# %%
def settled(Q, R):
    predicted = (Q + np.sqrt(Q**2 + 4 * Q * R)) / 2
    return predicted / (predicted + R)

# %%
def level_model(Q, R):
    return LinearGaussianModel([[1.0]], [[1.0]], [[Q]], [[R]], [1000.0], [[1e7]])

# %%
ratios = [0.01, 0.1, 1.0, 10.0]  # Q for R = 1
gains = [level_model(Q, 1.0).filter(np.zeros((200, 1))).gains[:, 0, 0] for Q in ratios]  # any data would do
print(np.round([gain[[0, 1, 2, 5, 10, 20]] for gain in gains], 3))

# %% tags=["claim"]
claim("5.15", "After 200 steps the gain is that of the closed form, for the four ratios.",
      [gain[-1] - settled(Q, 1.0) for Q, gain in zip(ratios, gains, strict=True)], equals=0, tolerance=1e-12)

# %% [markdown]
r"""
## 5.8 What the innovations tell

Given the past, $y_t$ is Gaussian with mean $m_t^- C^\top$ and covariance $S_t$. So the product rule of chapter 01 gives the likelihood of the series:

$$\ln p(y_1, \dots, y_T) = \sum_{t=1}^{T} \ln \mathcal N(e_t;\, 0, S_t). \tag{5.8}$$
"""

# %% tags=["claim"]
claim("5.16", "The sum over innovations is the log density of one big Gaussian, for random models.",
      [m.log_likelihood(ys) - condition(m, ys)[2] for m, ys in short], equals=0, tolerance=1e-8, seeds=SEEDS)

# %% [markdown]
r"""
And if the model is right, innovations are *white*: each is uncorrelated with all others. Could one be foreseen from those before it, the filter would have done so. This test needs no truth. We leave out 20 steps in which the gain settles, divide by the standard deviation, and look at the autocorrelations (autocovariances divided by that at lag 0).
"""

# %%
def echoes(f, ys):
    run = tracker(f * PUSH, NOISE).filter(ys)
    scaled = run.innovations[20:, 0] / np.sqrt(run.innovation_covariances[20:, 0, 0])
    return autocovariance(scaled, 10) / autocovariance(scaled, 0)

# %%
correlations = {f: np.array([echoes(f, ys)[1:] for _, ys in runs]) for f in (0.1, 1, 10)}  # (5, 10) each

# %% tags=["figure"]
fig, axes = plt.subplots(1, 3, figsize=(9, 2.8), sharey=True)
for ax, (f, runs_of_f) in zip(axes, correlations.items(), strict=True):
    figures.plot_seeds(ax, range(1, 11), runs_of_f, "filter")
    ax.axhspan(-1.96 / STEPS**0.5, 1.96 / STEPS**0.5, color="#767676", alpha=0.3)
    ax.set(title=f"assumed s: {f:g} of true", xlabel="lag", xticks=range(1, 11), ylim=(-0.5, 1))
axes[0].set_ylabel("autocorrelation")
plt.show()

# %% [markdown]
r"""
**Figure 5.7.** *Innovations of the right model have no echo; those of a sluggish filter stay on one side, those of a nervous one change sides.* Autocorrelation of the innovations in $x$, 3,000 steps, thin for five seeds, bold for their median. Grey: where 95 of 100 values of white noise would lie.
"""

# %% tags=["claim"]
claim("5.17", "With the true s, no autocorrelation of the innovations at lags 1 to 10 exceeds 0.08 in size.",
      np.abs(correlations[1]).max(axis=1), at_most=0.08, seeds=SEEDS)

# %% tags=["claim"]
claim("5.18", "The autocorrelation at lag 1 is above 0.6 with s ten times too small, below -0.15 with s ten times too large.",
      np.minimum(correlations[0.1][:, 0] - 0.6, -0.15 - correlations[10][:, 0]), at_least=0, seeds=SEEDS)

# %% [markdown]
r"""
## 5.9 Learning the matrices: the Nile

The matrices come from data, by the idea of Baum-Welch in chapter 04, called **EM**. *Expectation*: smooth the series with the present matrices. *Maximisation*: fit them to the smoothed states, uncertainty included. For the yearly flow of the Nile at Aswan (in $10^8$ cubic metres) as a local level model, $R$ becomes the mean squared distance between observation and level:

$$R \leftarrow \frac1T \sum_{t=1}^{T} \bigl( (y_t - m_t^s)^2 + P_t^s \bigr). \tag{5.9}$$

$Q$ comes from a similar average. The likelihood never falls.
"""

# %%
river = nile()
flows, NOISES = river.values[:, None], ("process_covariance", "measurement_covariance")  # (100, 1)

# %%
fitted = level_model(5000.0, 5000.0).fit(flows, iterations=1000, learn=NOISES)
rises = np.diff(fitted.log_likelihoods)
print(len(rises), "iterations; the 1st, 10th and 100th gain", *rises[[0, 9, 99]].round(4), "nats")

# %% tags=["claim"]
belief, R = fitted.smooth(flows), fitted.measurement_covariance[0, 0]
claim("5.19", "At the end, (5.9) leaves R as it is, to within 0.01 %.",
      np.mean((flows - belief.means) ** 2 + belief.covariances[:, 0]) / R, equals=1, tolerance=1e-4)

# %% [markdown]
r"""
EM is slow: near the top its steps get short. Durbin and Koopman (2012) print $R = 15{,}099$ and $Q = 1{,}469.1$ for this series, found by another method.
"""

# %% tags=["claim"]
claim("5.20", "EM reaches the published variances of the Nile to within 1 %.",
      [fitted.measurement_covariance[0, 0] / 15099, fitted.process_covariance[0, 0] / 1469.1], equals=1, tolerance=0.01)

# %% [markdown]
r"""
Now hide the twenty years from 1891 to 1910, learn the variances anew without them, smooth, and forecast 15 years. The interval of a single flow adds $R$ to the variance of the level.
"""

# %%
holed = np.where((river.times >= 1891) & (river.times <= 1910), np.nan, river.values)[:, None]
unaware = level_model(5000.0, 5000.0).fit(holed, iterations=1000, learn=NOISES)
level, outlook = unaware.smooth(holed), unaware.forecast(holed, 15)

# %% tags=["figure"]
fig, ax = plt.subplots()
ax.plot(river.times[20:40], river.values[20:40], "o", markerfacecolor="white", color="#767676", markersize=4, label="hidden")
ahead, limits = 1970 + np.arange(1, 16), np.hstack(interval(outlook.means, outlook.covariances))
figures.plot_forecast(ax, river.times, holed[:, 0], ahead, outlook.means[:, 0], *limits.T, level=0.95)
low, high = interval(level.means, level.covariances)
ax.plot(river.times, level.means[:, 0], **figures.style_of("smoother"), label="level")
ax.fill_between(river.times, low[:, 0], high[:, 0], color="#0072b2", alpha=0.2, linewidth=0)
ax.set(xlabel="year", ylabel="flow ($10^8$ m$^3$ a year)")
ax.legend(ncols=5, fontsize=8, loc="lower left", bbox_to_anchor=(0, 1))
plt.show()

# %% [markdown]
r"""
**Figure 5.8.** *Without the years from 1891 to 1910 the level bridges the gap by a straight line; the band, widest in the middle, admits how little is known.* Blue: smoothed level with its 95 % band. Orange: forecast of single years with their 95 % interval.
"""

# %%
low, high = interval(level.means, level.covariances + unaware.measurement_covariance)  # (100, 1) each
print(((low < flows) & (flows < high))[np.isnan(holed)].sum(), "of 20 hidden years lie inside their intervals")

# %% [markdown]
r"""
All matrices can be learnt at once. But a state has no units of its own: with any invertible $G$, $(D, D)$, the states $z_t G^\top$ obey (5.1) with $G A G^{-1}$, $C G^{-1}$ and $G Q G^\top$, and give the same observations. So read no meaning into single entries.
"""

# %%
def in_other_units(m, G):
    back = np.linalg.inv(G)
    return LinearGaussianModel(G @ m.transition @ back, m.observation @ back, G @ m.process_covariance @ G.T,
                               m.measurement_covariance, m.initial_mean @ G.T, G @ m.initial_covariance @ G.T)

# %% tags=["claim"]
others = [in_other_units(tracked, np.random.default_rng(seed).normal(size=(4, 4))) for seed in SEEDS]
claim("5.21", "With its states in random other units, a model gives the same likelihood.",
      [m.log_likelihood(seen[0]) / tracked.log_likelihood(seen[0]) for m in others], equals=1, tolerance=1e-6, seeds=SEEDS)

# %% tags=["claim"]
learners = [random_model(seed + 10).fit(random_model(seed).sample(200, seed)[1], iterations=40) for seed in SEEDS]
claim("5.22", "From five random starts, none of 40 iterations that learn all matrices lowers the likelihood.",
      [np.diff(learner.log_likelihoods).min() for learner in learners], at_least=0, seeds=SEEDS)

# %% [markdown]
r"""
## 5.10 The forward algorithm in Gaussian clothes

| what | hidden Markov model | linear dynamical system |
| --- | --- | --- |
| state | one of $N$ symbols | $D$ numbers |
| belief | row $\hat\alpha$ of $N$ probabilities | mean $m$, covariance $P$ |
| predict: sum over the state before | $\hat\alpha A$ | $m A^\top$, $A P A^\top + Q$ |
| update: multiply by the likelihood | times $b_t$, divided by the sum | (5.4), (5.5) |
| likelihood of one observation | that sum | $\mathcal N(e_t; 0, S_t)$ |
| backwards, given the whole series | backward recursion | smoother |
| learning | Baum-Welch | EM |
| cost of a step | $N^2$ | $D^3 + M^3$, or $D^2 + DM$ once settled |

($A$ is the transition matrix of its column.) Both *sum or integrate over where the state was, then multiply by what was seen*. So `bayes_filter` of section 5.4 must run an HMM unchanged. The boat and its 160 cells:
"""

# %%
start, transmat, likelihoods = grid_model(drifts[0][1], np.linspace(-60, 60, 160))
discrete = bayes_filter(start, likelihoods, lambda b: b @ transmat, lambda b, seen_now: b * seen_now / (b @ seen_now))

# %% tags=["claim"]
claim("5.23", "Run with the two functions of an HMM, `bayes_filter` is the forward algorithm.",
      np.abs(discrete - hmm_recursions.forward(start, transmat, likelihoods).alphas).max(), at_most=1e-12)

# %% [markdown]
r"""
## 5.11 What a single bell cannot say

A lamp at place 0 tells the boat how far away it is, but not on which side: $y_t = |z_t| + v_t$. The right belief has two humps; a bell has one. A **particle filter** keeps a crowd of guesses instead: draw a new crowd in which guesses that explain $y_t$ appear more often (update), then move each at random (predict). Ours starts with standard deviation 8 and moves by 0.5; the boat itself starts at 6.
"""

# %%
def particles(ys, seed, count=2000):
    rng = np.random.default_rng(seed)
    crowd, history = rng.normal(0, 8, size=count), []
    for y in ys:
        weights = bell(y - np.abs(crowd), 1.0)
        crowd = rng.choice(crowd, size=count, p=weights / weights.sum())
        history.append(crowd)
        crowd = crowd + rng.normal(0, 0.5, size=count)
    return np.array(history)  # (T, count)

# %%
def drift_by_lamp(seed):
    rng = np.random.default_rng(seed)
    places = 6 + np.cumsum(rng.normal(0.1, 0.3, size=40))  # (T,)
    return places, particles(np.abs(places) + rng.normal(size=40), seed)

# %% tags=["figure"]
places, crowds = drift_by_lamp(0)
fig, ax = plt.subplots(figsize=(6, 3))
ax.imshow(np.array([np.histogram(crowd, 60, (-15, 15))[0] for crowd in crowds]).T, cmap="Blues", origin="lower",
          aspect="auto", extent=(0.5, 40.5, -15, 15))
ax.plot(range(1, 41), places, **figures.style_of("truth"), label="truth")
ax.plot(range(1, 41), crowds.mean(axis=1), **figures.style_of("filter"), label="mean of the crowd")
ax.set(xlabel="step t", ylabel="place (m)")
ax.legend(ncols=2, loc="lower right", bbox_to_anchor=(1, 1))
plt.show()

# %% [markdown]
r"""
**Figure 5.9.** *The belief has two humps, and its mean is where the boat surely is not.* The darker, the more of 2,000 particles are at this place; truth dashed. That one hump is darker is chance: the data cannot tell them apart.
"""

# %% tags=["claim"]
claim("5.24", "At the last step, at most 1 % of the particles lie within 1 m of their mean.",
      [np.mean(np.abs(crowd - crowd.mean()) < 1) for crowd in (drift_by_lamp(seed)[1][-1] for seed in SEEDS)],
      at_most=0.01, seeds=SEEDS)

# %% [markdown]
r"""
## 5.12 The bridge to recurrent networks

Put (5.3) into (5.5), with the settled gain $K$:

$$m_t = m_{t-1} A^\top (I - C^\top K^\top) + y_t K^\top. \tag{5.10}$$

The state times one fixed matrix, plus the input times another: a *linear recurrent network* with state $m_t$ and input $y_t$. Let it take over when the gain has settled:
"""

# %%
whole = tracked.filter(runs[0][1])
K, state, states = whole.gains[-1], whole.means[199], []  # (4, 2), (4,)
recurrent = tracked.transition.T @ (np.eye(4) - tracked.observation.T @ K.T)  # (4, 4)
for y in runs[0][1][200:]:
    state = state @ recurrent + y @ K.T
    states.append(state)

# %% tags=["claim"]
claim("5.25", "After 200 steps the linear recurrent network is the Kalman filter.",
      np.abs(states - whole.means[200:]).max(), at_most=1e-8)

# %% [markdown]
r"""
What the networks from chapter 06 on change:

| what | HMM | linear dynamical system | recurrent network |
| --- | --- | --- | --- |
| true state | random, one of $N$ | random, Gaussian | none is assumed |
| what is computed | exact belief | exact belief | a *deterministic* function of the inputs |
| representation | one symbol | $D$ numbers | *distributed*: many units, each a part of the story |
| update | fixed by the model | linear | *non-linear*, learnt for the task |

The beliefs of the first two are deterministic functions of the inputs, too. A recurrent network keeps such a function and gives up the model behind it. In return nothing must be linear, and nobody needs to know $Q$.

## 5.13 Limits and common mistakes

**A filter that does not listen.** With too little process noise it trusts itself, and can be worse than no filter.
"""

# %% tags=["claim"]
claim("5.26", "With s ten times too small, the filter errs at least 1.3 times as much as the bare measurements.",
      by_push[0][:, 1] / [rms(ys - zs[:, :2]) for zs, ys in runs], at_least=1.3, seeds=SEEDS)

# %% [markdown]
r"""
**Missing is not zero.** A 0 in place of a missing value is a measurement: "the target is at the origin, give or take 2 m".
"""

# %% tags=["claim"]
zeroed = [tracked.filter(np.nan_to_num(ys)) for ys in seen]
claim("5.27", "Zeros for missing values make the error at least ten times as large.",
      place_errors(zeroed, slice(None)) / place_errors(known, slice(None)), at_least=10, seeds=SEEDS)

# %% [markdown]
r"""
## Often told wrong

*"The Kalman filter needs Gaussian noise."* For Gaussian noise no filter has a smaller mean squared error. For *any* white noise with covariances $Q$ and $R$ it is the best *linear* one, and $P$ is still its mean squared error; only the 95 % regions need the bell. Two shapes of noise that are not Gaussian, on a local level with $Q = 1/4$ and $R = 1$, 20,000 steps:
"""

# %%
from rnncourse.kalman_steady import linear_recurrence  # m_t = m_{t-1} A^T + input_t for all t

# %%
SHAPES = {"Laplace": lambda rng, size: rng.laplace(scale=0.5**0.5, size=size),
          "a coin's +1 or -1": lambda rng, size: rng.choice([-1.0, 1.0], size=size)}

# %%
def squared_errors(draw, seed):
    rng, K = np.random.default_rng(seed), settled(0.25, 1.0)
    places = np.cumsum(0.5 * draw(rng, size=20_000))  # (T,)
    ys = places + draw(rng, size=20_000)
    gains = np.array([0.75, 1.0, 1.25]) * K
    means = linear_recurrence(np.diag(1 - gains), np.zeros(3), ys[:, None] * gains)  # (T, 3)
    ahead, spread = np.append(0.0, means[:-1, 1]), K / (1 - K)  # m_t^- and P^- of the gain K
    means = np.column_stack([means, ys - np.tanh((ys - ahead) / spread)])  # (T, 4)
    return np.mean((means - places[:, None]) ** 2, axis=0) / K  # here P = K R = K

# %%
table = np.array([[squared_errors(draw, seed) for seed in SEEDS] for draw in SHAPES.values()])  # (2, 5, 4)
print(table.mean(axis=1).round(2))  # a row for each shape

# %% [markdown]
r"""
Mean squared error divided by $P$, with 3/4, 4/4 and 5/4 of the Kalman gain. The last filter is not linear. It takes a coin for granted: $z_t$ is $y_t - 1$ or $y_t + 1$; weighted by the bell around $m_t^-$, the mean of the two is $y_t - \tanh((y_t - m_t^-)/P_t^-)$. A better filter may exist, then, but it has to know more.
"""

# %% tags=["claim"]
claim("5.28", "With both shapes of noise, the mean squared error is P to within 4 %.",
      table[:, :, 1].ravel(), equals=1, tolerance=0.04, seeds=SEEDS * 2)

# %% tags=["claim"]
claim("5.29", "With both, a gain a quarter smaller or larger errs at least 3 % more.",
      (table[:, :, [0, 2]].min(axis=2) / table[:, :, 1]).ravel(), at_least=1.03, seeds=SEEDS * 2)

# %% tags=["claim"]
claim("5.30", "With the coin's noise, the filter that is not linear errs at least 10 % less than the Kalman filter.",
      table[1, :, 3] / table[1, :, 1], at_most=0.9, seeds=SEEDS)

# %% [markdown]
r"""
*"Predict $x_t$ from $x_{t-1}$ and the state $h_{t-1}$."* Whether $x_{t-1}$ is needed depends on what the state $h_{t-1}$, of a filter or a network, has read. $m_{t-1}$ has read $y_{t-1}$ and kept all that matters: naming it again is redundant. $m_{t-1}^-$ has not: there it is needed. Least squares predicts the next measured $x$ of the target from the state, with and without the last measurement:
"""

# %%
def naming(states, ys):
    both, targets = np.hstack([states, ys])[200:-1], ys[201:, 0]  # (T - 201, 6), (T - 201,)
    alone, named = (rms(targets - x @ np.linalg.lstsq(x, targets)[0]) for x in (both[:, :4], both))
    return named / alone

# %% tags=["claim"]
claim("5.31", "Beside a state that has read it, the last measurement lowers the error by less than 1 %.",
      [naming(tracked.filter(ys).means, ys) for _, ys in runs], at_least=0.99, seeds=SEEDS)

# %% tags=["claim"]
claim("5.32", "Beside a state that has not, it lowers the error by at least 3 %.",
      [naming(tracked.filter(ys).predicted_means, ys) for _, ys in runs], at_most=0.97, seeds=SEEDS)

# %% [markdown]
r"""
This book's convention: $h_t$ has read $x_1, \dots, x_t$.

## Where it came from

Kalman (1960) put filtering into the language of states and derived the recursion; Rauch, Tung and Striebel (1965) derived the smoother. The safe form of the covariance is that of Bucy and Joseph (1968). Shumway and Stoffer (1982) learnt the matrices by EM, with values missing; Ghahramani and Hinton (1996) learnt the observation matrix, too. Gordon, Salmond and Smith (1993) introduced the particle filter. Roweis and Ghahramani (1999) showed that factor analysis, mixtures, hidden Markov models and Kalman filters are one family.

## Summary

- A Gaussian belief needs a mean and a covariance where a grid needs cells without end (claims 5.1, 5.2, 5.5).
- Predict moves the belief and widens it; update weighs by precision (5.3, 5.4). Joseph's form survives rounding (5.6, 5.7).
- In a gap the filter only predicts; the smoother uses both sides (5.8 to 5.12).
- Wrong noises make a filter sluggish or nervous, and its regions false; innovations tell (5.13, 5.14, 5.17, 5.18, 5.26).
- Gains settle (5.15), and a settled filter is a linear recurrent network (5.25).
- EM learns the matrices, up to the units of the state (5.19 to 5.22).
- Filter and forward algorithm are one program (5.23). Two humps need another (5.24).
- The filter is the best linear one whatever the shape of the noise, not the best of all (5.28 to 5.30).

## Exercises

All in [one notebook](../exercises/05_linear_dynamical_systems/05_linear_dynamical_systems.ipynb), which checks itself.

- 5.1 Two measurements of one number (by hand and in code, 10 minutes)
- 5.2 A Kalman filter that survives a missing stretch (implement, 30 minutes)
- 5.3 Which noise is wrong? (predict then run, 15 minutes)
- 5.4 A smoother that looks the wrong way (find the bug, 15 minutes)
- 5.5 The settled gain (implement, 15 minutes)
- 5.6 The forward algorithm in Gaussian clothes (explain, 10 minutes)

## References

- R. S. Bucy and P. D. Joseph (1968). *Filtering for Stochastic Processes with Applications to Guidance*. Interscience. Reprint, AMS Chelsea: ISBN 978-0-8218-3782-5.
- J. Durbin and S. J. Koopman (2012). *Time Series Analysis by State Space Methods*, second edition. Oxford University Press. ISBN 978-0-19-964117-8.
- Z. Ghahramani and G. E. Hinton (1996). Parameter estimation for linear dynamical systems. Technical report CRG-TR-96-2, University of Toronto. https://mlg.eng.cam.ac.uk/zoubin/course04/tr-96-2.pdf.
- N. J. Gordon, D. J. Salmond and A. F. M. Smith (1993). Novel approach to nonlinear/non-Gaussian Bayesian state estimation. *IEE Proceedings F* 140(2), 107-113. DOI 10.1049/ip-f-2.1993.0015.
- R. E. Kalman (1960). A new approach to linear filtering and prediction problems. *Journal of Basic Engineering* 82(1), 35-45. DOI 10.1115/1.3662552.
- H. E. Rauch, F. Tung and C. T. Striebel (1965). Maximum likelihood estimates of linear dynamic systems. *AIAA Journal* 3(8), 1445-1450. DOI 10.2514/3.3166.
- S. Roweis and Z. Ghahramani (1999). A unifying review of linear Gaussian models. *Neural Computation* 11(2), 305-345. DOI 10.1162/089976699300016674.
- R. H. Shumway and D. S. Stoffer (1982). An approach to time series smoothing and forecasting using the EM algorithm. *Journal of Time Series Analysis* 3(4), 253-264. DOI 10.1111/j.1467-9892.1982.tb00349.x.
"""
