# %% [markdown]
r"""
# 11 Vanishing and exploding gradients

Why does a recurrent network learn what lies three steps back, and not what lies sixteen steps back? And why does its training, all of a sudden, fall apart?

**You will be able to** write the gradient over a distance as a product of Jacobians and bound it; say which spectra and which non-linearities make it vanish or explode, and which popular conditions are only half true; point a microscope at the gradients of any network; read a learning curve that waits at chance; and detect an explosion and explain it. Remedies are the subject of chapter 12.

**You need** chapters [06](06_recurrence.ipynb) and [08](08_backpropagation_through_time.ipynb), and singular values of a matrix.

Run time: about 30 s.
"""

# %% tags=["setup"]
from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

from rnncourse import figures, training
from rnncourse.claims import claim
from rnncourse.knob import Knob
from rnncourse.published import published

figures.use_style()
torch.set_num_threads(1)

# %% [markdown]
r"""
## 11.1 The missing last word

*The clouds are in the* **sky**. *I grew up in France. I speak fluent* **French**. *John walked into the room, Jane walked in too, John said hi to* **Jane**. One early word, the **cue**, decides the last one. The **gap** is the number of words between them, and `sentences_with_gap` stretches it with words that say nothing.
"""

# %%
from rnncourse.tasks_sentences import CLOUDS, GREETING, LANGUAGES, sentence, sentences_with_gap

# %%
for template in (CLOUDS, LANGUAGES, GREETING):
    print(sentence(sentences_with_gap(template, 9, 1, seed=3), 0))

# %% [markdown]
r"""
Each has five possible answers. Whoever has forgotten the cue is right with probability 1/5. (Of the greeting 1/4: the speaker is known, and greets somebody else.)

We train the RNN of chapter 06 from five random starts. To save time, the five networks run side by side as one module: one array holds all $W_{hh}$, of shape $(5, H, H)$, and `baddbmm` multiplies each state by its own. (For symbols, `W_xh[:, xs]` looks up a row in each.) They share nothing but the sentences. So in the sum of the five losses each weight finds only its own network's loss, and Adam treats every weight by itself: each network learns as if it were alone. (With one output, $K = 1$, the loss is the squared error; section 11.8 needs it.)
"""

# %% tags=["settings"]
SEEDS, GAPS = [0, 1, 2, 3, 4], [3, 5, 8, 16]

# %%
from rnncourse.cells.elman import ElmanCell
from rnncourse.evaluation import cross_entropy


# %%
class SideBySide(nn.Module):
    def __init__(self, D, K, H=32):
        super().__init__()
        parts = []
        for seed in SEEDS:
            torch.manual_seed(seed)
            cell, readout = ElmanCell(D, H), nn.Linear(H, K)
            parts.append((cell.W_xh, cell.W_hh, cell.b_h, readout.weight.T, readout.bias))
        self.weights = nn.ParameterList(torch.stack(some).detach() for some in zip(*parts, strict=True))

    def forward(self, xs):  # ids (T, B) or vectors (T, B, D)
        W_xh, W_hh, b_h, W_hy, b_y = self.weights
        drives = (W_xh[:, xs] if xs.ndim == 2 else xs @ W_xh[:, None]) + b_h[:, None, None]  # (S, T, B, H)
        h = torch.zeros_like(drives[:, 0])
        for drive in drives.unbind(1):
            h = torch.tanh(torch.baddbmm(drive, h, W_hh))
        return h @ W_hy + b_y[:, None]  # (S, B, K), S = 5 starts

# %%
def train(draw, D, K, steps, lr):  # draw(seed) is a batch of 32
    batches = [[torch.as_tensor(part) for part in draw(seed)[:2]] for seed in range(steps)]
    model, curves = SideBySide(D, K), []

    def loss(outputs, targets):  # (S, B, K) and (B,): one loss a start
        each = torch.stack([cross_entropy(out, targets) if K > 1 else ((out[:, 0] - targets) ** 2).mean() for out in outputs])
        curves.append(each.detach().numpy())
        return each.sum()

    training.fit(model, batches, loss, torch.optim.Adam(model.parameters(), lr), epochs=1)
    return model, np.array(curves)  # (steps, S)

# %%
def right(template, gap):
    test = sentences_with_gap(template, gap, 500, seed=99_999)
    V = len(test.tokens)
    model, _ = train(lambda seed: sentences_with_gap(template, gap, 32, seed), V, V, steps=250, lr=5e-3)
    return (model(torch.tensor(test.ids)).argmax(-1).numpy() == test.answers).mean(axis=1)  # (S,)

# %% [markdown]
r"""
**Predict first.** 250 steps with batches of 32 suffice for a gap of 3. For which gaps do they not? (In `KINDS`, as in all figures below, names such as `"AR"` only choose a colour and a line style.)
"""

# %%
KINDS = {"sky": (CLOUDS, GAPS, "AR"), "French": (LANGUAGES, GAPS, "n-gram"), "hi to": (GREETING, [7, 16], "HMM")}
found = {kind: np.array([right(template, gap) for gap in gaps]).T for kind, (template, gaps, _) in KINDS.items()}

# %% tags=["figure", "nbval-ignore-output"]
fig, ax = plt.subplots(figsize=(6, 3))
for kind, (_, gaps, look) in KINDS.items():
    figures.plot_seeds(ax, gaps, found[kind], look, kind)
ax.axhline(0.2, **figures.style_of("chance"), label="chance, 1/5")
ax.set(xlabel="gap (words between cue and answer)", ylabel="right (share)", ylim=(0, 1.05))
ax.legend()
plt.show()

# %% [markdown]
r"""
**Figure 11.1.** *With equal effort, the plain RNN learns short gaps and not long ones.* Thin: five starts; bold: median. The sentences with a gap of 3 and of 16 differ in nothing but words that may be ignored. A greeting has at least 7 words between the two names; it is not learnt reliably here at all.
"""

# %% tags=["claim"]
claim("11.1", "With a gap of 3, the sky is found at least 99 % of the time from each of five starts.", found["sky"][:, 0], at_least=0.99, seeds=SEEDS)

# %% tags=["claim"]
claim("11.2", "With a gap of 16, sky and French are found at most 35 % of the time.", np.maximum(found["sky"], found["French"])[:, 3], at_most=0.35, seeds=SEEDS)

# %% tags=["claim"]
claim("11.3", "The greeting is right at most 60 % of the time with both gaps, in the mean of five starts.", found["hi to"].mean(axis=0), at_most=0.6)

# %% [markdown]
r"""
What does the gradient say about it? $\partial L / \partial h_t$, with $L$ the loss, tells how the loss would change if the state $h_t$ were moved a little. `microscope` computes it for every $t$, for any model, batch and loss, as an array $(T, B, H)$ under the name of the state; `norm_by_step` takes the length of each.
"""

# %%
from rnncourse.diagnostics import microscope, state_gradients
from rnncourse.diagnostics_norms import norm_by_step, saturation
from rnncourse.diagnostics_plots import plot_exponents, plot_gradient_log, plot_gradient_norms
from rnncourse.models import SequenceClassifier


# %%
def untrained_norms(seed, gap=40):
    task = sentences_with_gap(CLOUDS, gap, 32, seed)
    torch.manual_seed(seed)
    model = SequenceClassifier(ElmanCell(len(task.tokens), 32), len(task.tokens))
    view = microscope(model, (torch.tensor(task.ids), torch.tensor(task.answers)), cross_entropy)
    return norm_by_step(view.gradients["cell.state"])  # (T,)

# %%
norms = np.array([untrained_norms(seed) for seed in SEEDS])  # (5, T)

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(6, 2.8))
for row in norms:
    plot_gradient_norms(ax, row, label="_")
ax.axvline(2, **figures.style_of("truth"), label="the cue")
ax.legend()
plt.show()

# %% [markdown]
r"""
**Figure 11.2.** *On its way back from the last word, the gradient loses the same factor at each step.* Five untrained networks on *the clouds are in the ... sky* with a gap of 40; the vertical axis is logarithmic, so a straight line is an exponential. Hardly anything reaches the word that decides.
"""

# %% tags=["claim"]
claim("11.4", "The gradient at the cue is at most 1e-6 of that at the last state.", norms[:, 1] / norms[:, -1], at_most=1e-6, seeds=SEEDS)

# %% [markdown]
r"""
## 11.2 A product of Jacobians

The state is $h_t = f(a_t)$ with $a_t = x_t W_{xh} + h_{t-1} W_{hh} + b_h$ (chapter 06), for any non-linearity $f$, applied entry by entry. As in chapter 08, the Jacobian of one step has a row for each old unit and a column for each new one. The old unit $i$ enters the sum $a_t[j]$ with the weight $W_{hh}[i, j]$, and $f$ multiplies by its slope there. So

$$J_t[i, j] = \frac{\partial h_t[j]}{\partial h_{t-1}[i]}, \qquad J_t = W_{hh}\,\mathrm{diag}(f'(a_t)), \qquad \frac{\partial h_t}{\partial h_k} = J_{k+1} J_{k+2} \cdots J_t. \tag{11.1}$$

All are $(H, H)$. A gradient is a row and goes back by $\partial L/\partial h_{t-1} = (\partial L/\partial h_t) J_t^\top$, plus what an output at $t - 1$ adds. (Texts with columns write $\mathrm{diag}(f') W$ and multiply in the opposite order.) The number of factors, $t - k$, is the **distance**. With one unit a factor is the number $w f'(a)$. If the slope is about the same at each step, the product is near $|w|^{t-k}\, |f'|^{t-k}$, the power of one number:
"""

# %%
print("to the power of 100:", {factor: f"{factor**100:.1e}" for factor in (0.25, 0.9, 1.0, 1.1)})

# %% [markdown]
r"""
Only a factor very close to 1 survives a hundred steps. We say that the gradient **vanishes** if the norm of $\partial h_t / \partial h_k$ falls exponentially with the distance, and that it **explodes** if it rises exponentially. The norm $\|\cdot\|$ is the **spectral norm**, the largest singular value: the most by which the matrix stretches any row.

**By hand.** Chapter 06 took two steps with $W_{hh} = \begin{pmatrix} 1 & 0 \\ 2 & -1 \end{pmatrix}$ and came to $h_2 = (0.491, 0.898)$. The slopes of tanh there are $1 - h_2^2 = (0.759, 0.194)$. They multiply the columns of $W_{hh}$: a change of the first old unit reaches the first new one by 0.759, the second by 0; one of the second old unit reaches them by 1.518 and -0.194.
"""

# %%
print((np.array([[1, 0], [2, -1]]) * (1 - np.array([0.491, 0.898]) ** 2)).round(3))

# %% [markdown]
r"""
Now for whole networks. Four non-linearities, each with $f$, its slope as a function of $h = f(a)$, the same $f$ for torch, and a style for the figures:
"""

# %%
F = {"linear": (lambda a: a, lambda h: np.ones_like(h), nn.Identity(), "data"),
     "tanh": (np.tanh, lambda h: 1 - h**2, torch.tanh, "RNN"),
     "sigmoid": (lambda a: 1 / (1 + np.exp(-a)), lambda h: h * (1 - h), torch.sigmoid, "AR"),
     "ReLU": (lambda a: np.maximum(a, 0), lambda h: (h > 0) * 1.0, torch.relu, "HMM")}

# %% [markdown]
r"""
`elman_jacobians` is the formula of (11.1). `step_jacobians` asks autograd, for any cell. They must agree:
"""

# %%
from rnncourse.cells.unroll import unroll
from rnncourse.diagnostics_jacobians import step_jacobians
from rnncourse.diagnostics_spectra import _as_jacobians, elman_jacobians


# %%
def formula_error(name, seed):
    torch.manual_seed(seed)
    cell, xs = ElmanCell(3, 7, F[name][2]).double(), torch.randn(11, 2, 3).double()
    hs = unroll(cell, xs)[0].detach().numpy()  # (11, 2, 7)
    return np.abs(elman_jacobians(cell.W_hh.detach().numpy(), F[name][1](hs)) - step_jacobians(cell, xs)).max()

# %% tags=["claim"]
claim("11.5", "The Jacobians by formula are those of autograd, for all four non-linearities.", [max(formula_error(name, seed) for name in F) for seed in SEEDS], at_most=1e-12, seeds=SEEDS)

# %% [markdown]
r"""
The norm of a product is at most the product of the norms. Let $\gamma_W = \|W_{hh}\|$ and $\gamma_f$ be the largest slope of $f$. A diagonal matrix stretches by no more than its largest entry, so $\|J_j\| \le \gamma_W \gamma_f$, and

$$\Big\| \frac{\partial h_t}{\partial h_k} \Big\| \le \prod_{j=k+1}^{t} \|J_j\| \le (\gamma_W\, \gamma_f)^{t-k}. \tag{11.2}$$
"""

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(6, 2.6))
a = np.linspace(-6, 6, 601)
for name in ("sigmoid", "tanh", "ReLU"):
    ax.plot(a, F[name][1](F[name][0](a)), **figures.style_of(F[name][3]), label=name)
ax.set(xlabel="a", ylabel="slope f'(a)", ylim=(-0.03, 1.1))
ax.legend(loc="center left")
plt.show()

# %% [markdown]
r"""
**Figure 11.3.** *The slopes of sigmoid and tanh are largest in the middle, and nearly 0 at both ends; that of ReLU is 0 or 1.* So $\gamma_f$ is 1/4 for the sigmoid, and 1 for the others. Where a slope is nearly 0, the unit is **saturated**, and passes hardly any gradient on.

A product of a thousand Jacobians may be far too small, or too large, for a floating-point number. So one divides by its norm after each step, and keeps the logarithms (`_as_jacobians` checks the shape):
"""

# %% tags=["mirror:rnncourse.diagnostics_spectra.log_product_norms"]
def log_product_norms(jacobians):
    """Compute how much a gradient can grow on its way back from the last step, by distance.

    Entry k - 1 is ln ||J_{T-k+1} ... J_T||, the largest singular value of dh_T/dh_{T-k}: no
    gradient at the last step arrives k steps earlier with a length multiplied by more.
    Cost: T products and T singular value decompositions of (H, H).

    Args:
        jacobians: (T, H, H) J_1 ... J_T of one sequence.

    Returns:
        (T,) natural logarithms of the norms at the distances 1 ... T.

    Raises:
        TypeError: ``jacobians`` does not hold numbers.
        ValueError: it is not (T, H, H) with T and H at least 1, or not finite.
    """
    jacobians = _as_jacobians(jacobians)
    product, log_scale = np.eye(jacobians.shape[1]), 0.0  # (H, H)
    logs = np.full(len(jacobians), -np.inf)  # (T,)
    for k, jacobian in enumerate(jacobians[::-1]):
        product = jacobian @ product
        norm = np.linalg.norm(product, 2)
        if norm == 0.0:
            break  # and it stays 0
        product, log_scale = product / norm, log_scale + np.log(norm)
        logs[k] = log_scale
    return logs

# %% [markdown]
r"""
By hand: with one unit, $J_1 = 2$ and $J_2 = 3$, the norm is 3 at distance 1 and 6 at distance 2.
"""

# %%
print(np.exp(log_product_norms(np.array([[[2.0]], [[3.0]]]))).round(6))

# %% [markdown]
r"""
## 11.3 Which spectrum, which non-linearity?

We draw $W_{hh}$ with normal entries and scale it to a **spectral radius** $\rho$, the largest modulus of an eigenvalue; feed 100 steps of normal noise with standard deviation 0.3 into 30 units; and measure the norm by distance. `powers` returns its powers of ten.

**Predict first.** At which radius does each of the four networks turn from vanishing to exploding?
"""

# %% tags=["settings"]
RADII, T, H = [0.5, 0.7, 0.9, 1.0, 1.1, 1.3, 1.5, 2.0], 100, 30
distances = np.arange(1, T + 1)

# %%
def matrix(rho, seed, size=H):
    W = np.random.default_rng(seed).normal(size=(size, size))
    return W * rho / np.abs(np.linalg.eigvals(W)).max()

# %%
def jacobians(name, W, seed, steps=T):
    (f, slope, _, _), h, hs = F[name], np.zeros(len(W)), []
    for x in np.random.default_rng(seed + 100).normal(size=(steps, len(W))):
        h = f(0.3 * x + h @ W)
        hs.append(h)
    return elman_jacobians(W, slope(np.array(hs)))  # (steps, H, H)

# %%
def powers(name, W, seed):
    return log_product_norms(jacobians(name, W, seed)) / np.log(10)  # (T,) for the distances 1 .. T

# %%
measured = {(rho, name): np.array([powers(name, matrix(rho, seed), seed) for seed in SEEDS]) for rho in RADII for name in F}  # (5, T)
gammas = {rho: np.array([np.linalg.norm(matrix(rho, seed), 2) for seed in SEEDS]) for rho in RADII}  # (5,)

# %% tags=["widget"]
def draw_powers(rho):
    fig, ax = plt.subplots(figsize=(6, 3))
    for name, (_, _, _, look) in F.items():
        ax.plot(distances, np.median(measured[rho, name], axis=0), **figures.style_of(look), label=name)
    ax.plot(distances, distances * np.log10(np.median(gammas[rho])), **figures.style_of("reference"), label="bound, slopes up to 1")
    ax.set(xlabel="distance (steps)", ylabel="norm (power of ten)", ylim=(-60, 75))
    ax.legend(loc="upper left", ncols=2)
    return fig

Knob(draw_powers, "spectral radius", values=RADII, default=0.9, alt="Norm of the product of Jacobians against distance, as powers of ten. All lines are nearly straight. They rise as the radius grows; sigmoid is always far below the others, and the bound far above.")

# %% [markdown]
r"""
**Figure 11.4.** *The norm changes exponentially with the distance, at a rate that spectrum and non-linearity set together.* Median of five matrices; 0 on the vertical axis is a norm of 1, -20 one of $10^{-20}$. Turn the knob: the linear network turns from vanishing to exploding at 1; tanh and ReLU only between 1.3 and 2, and at 1.5 the matrix decides; sigmoid vanishes throughout. The bound (11.2), drawn for slopes up to 1, lies above all of them, and soon far above.
"""

# %%
for rho in RADII:
    print(rho, {name: round(float(np.median(measured[rho, name][:, -1]))) for name in F})

# %% tags=["claim"]
claim("11.6", "In the linear network, at distance 100, the gradient vanishes below 1e-3 for radius 0.9, and explodes above 1e3 for 1.1.", np.minimum(-measured[0.9, "linear"], measured[1.1, "linear"])[:, -1], at_least=3, seeds=SEEDS)

# %% tags=["claim"]
claim("11.7", "With sigmoid it vanishes at all eight radii: below 1e-30 at distance 100.", np.max([measured[rho, "sigmoid"][:, -1] for rho in RADII], axis=0), at_most=-30, seeds=SEEDS)

# %% tags=["claim"]
claim("11.8", "At distance 100, with tanh and with ReLU, it vanishes below 1e-5 for radius 1; for radius 2 it explodes above 10 in the median.",
      [min(-5 - measured[1.0, name][:, -1].max(), np.median(measured[2.0, name][:, -1]) - 1) for name in ("tanh", "ReLU")], at_least=0)

# %% tags=["claim"]
claim("11.9", "It is an exponential: for tanh and radius 0.9, the power of ten at distance 100 is twice that at 50, to 25 %.", [row[-1] / row[49] for row in measured[0.9, "tanh"]], at_least=1.5, at_most=2.5, seeds=SEEDS)

# %% [markdown]
r"""
Why did the network of section 11.1 vanish so fast? The usual random start of torch's cells and ours, uniform between $-1/\sqrt H$ and $1/\sqrt H$, has entries of variance $s^2 = 1/(3H)$. The radius of a large random matrix is near $s \sqrt H$, here $1/\sqrt 3 = 0.58$ (compare claim 11.18). And $0.58^{40} = 3 \cdot 10^{-10}$.

## 11.4 Bound and truth

The bound is **sufficient**: if $\gamma_W \gamma_f < 1$, the gradient vanishes, whatever the inputs. In the other direction it proves nothing. $\gamma_W \gamma_f > 1$ is **necessary** for an explosion, not sufficient. Counter-examples to "norm above 1, so it explodes", and to "norm 1, so it stays": a random matrix, a rotation, and a *nilpotent* matrix, which hands unit 1 to 2, 2 to 3, 3 to 4, and 4 to nobody.
"""

# %%
rotations = [np.linalg.qr(matrix(1.0, seed))[0] for seed in SEEDS]
turned = {name: np.array([powers(name, Q, seed) for seed, Q in enumerate(rotations)]) for name in F}

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(6, 3))
lines = {"bound, random W of radius 0.9": ("reference", distances * np.log10(gammas[0.9][0])), "truth, the same W, tanh": ("RNN", measured[0.9, "tanh"][0]),
         "bound and truth, rotation, linear": ("data", turned["linear"][0]), "truth, rotation, ReLU": ("HMM", turned["ReLU"][0])}
for label, (look, row) in lines.items():
    ax.plot(distances, row, **figures.style_of(look), label=label)
ax.set(xlabel="distance (steps)", ylabel="norm (power of ten)", ylim=(-35, 45))
ax.legend(loc="upper left")
plt.show()

# %% [markdown]
r"""
**Figure 11.5.** *A bound above 1 says nothing about what happens.* Grey: by (11.2) the norm might exceed $10^{20}$; orange: it vanishes. A rotation has all singular values 1, and its bound is 1 for ever (black); with ReLU it vanishes all the same (green).
"""

# %% tags=["claim"]
factors = {(rho, name): gammas[rho] * (0.25 if name == "sigmoid" else 1) for rho, name in measured}  # gamma_W gamma_f, (5,) each
claim("11.10", "The bound holds for all radii, non-linearities, distances and five matrices.",
      np.min([distances * np.log10(factors[key])[:, None] - measured[key] for key in measured]), at_least=-1e-9)

# %% [markdown]
r"""
Among these networks, does one with a factor below 1 *not* vanish? And so: does one explode without a factor above 1? `exceptions` counts, for each seed, those whose norm is not below 1 at distance 50, or not smaller still at 100. A claim of a paper gets a computed verdict:
"""

# %%
exceptions = sum((factors[key] < 1) & ~((rows[:, 99] < rows[:, 49]) & (rows[:, 49] < 0)) for key, rows in measured.items())  # (5,)
published("Pascanu, Mikolov & Bengio (2013)", "A norm of W times largest slope below 1 is sufficient for vanishing, so above 1 is necessary for exploding.", there="a proof, for all networks of this kind",
          here=f"exceptions among {sum((f < 1).sum() for f in factors.values())} networks whose factor is below 1", measured=exceptions, reproduced={"equals": 0, "tolerance": 0}, seeds=SEEDS)

# %% tags=["claim"]
claim("11.11", "At radius 0.9 the norm is at least 1.3, the bound at distance 100 above 1e11; with tanh the gradient vanishes below 1e-5.", np.minimum(gammas[0.9] - 1.3, -5 - measured[0.9, "tanh"][:, -1]), at_least=0, seeds=SEEDS)

# %%
handed_on = np.exp(log_product_norms(np.tile(5 * np.eye(4, k=1), (9, 1, 1))))  # the nilpotent matrix, nine steps
print(handed_on.round(6))

# %% tags=["claim"]
claim("11.12", "A linear network whose W has norm 5 has a gradient that is exactly 0 from distance 4 on.", handed_on[3:], equals=0, tolerance=0)

# %% tags=["claim"]
claim("11.13", "With an orthogonal W the linear norm stays 1 to ten digits over 100 steps.", 10 ** turned["linear"][:, -1], equals=1, tolerance=1e-10, seeds=SEEDS)

# %% tags=["claim"]
claim("11.14", "With the same W the gradient vanishes for ReLU below 1e-10, and for tanh below 1e-4.", np.maximum(turned["ReLU"] + 10, turned["tanh"] + 4)[:, -1], at_most=0, seeds=SEEDS)

# %% [markdown]
r"""
The nilpotent matrix first *grows* a gradient, by 5, 25, 125, and then loses it: all its eigenvalues are 0. And ReLU's diagonal matrix of zeros and ones is a projection. Each step turns what the last one spared, and strikes out about half of it.

So what does decide? Not one matrix, but what the product does in the long run. Send $H$ orthogonal rows through $J_1, \dots, J_T$, make them orthogonal again after each step, and average the logarithm of each one's growth over the steps. For large $T$ these means are the **Lyapunov exponents**: $H$ rates, largest first. Below 0 a direction vanishes, above 0 it explodes. (In a linear network every $J_t$ is $W_{hh}$, whatever the input. Then they are $\ln |\lambda|$ of its eigenvalues $\lambda$: there the spectrum alone decides.) All is logarithms, so $T = 10{,}000$ is no problem, where a plain product ends in 0 or in overflow:
"""

# %%
from rnncourse.diagnostics_spectra import log_singular_values, lyapunov_spectrum

# %%
small = {rho: matrix(rho, 0, size=20) for rho in (0.5, 1.0, 3.0)}
print("a plain product, radius 0.5: all exactly 0:", not np.linalg.matrix_power(small[0.5], 10_000).any())

# %% tags=["claim"]
logs = np.sort(np.log(np.abs(np.linalg.eigvals(small[3.0]))))[::-1]
claim("11.15", "Over 10,000 linear steps, the Lyapunov exponents are the logarithms of the eigenvalues' moduli.", lyapunov_spectrum(np.broadcast_to(small[3.0], (10_000, 20, 20))) - logs, equals=0, tolerance=2e-3)

# %%
chains = {rho: jacobians("tanh", W, 0, steps=10_000) for rho, W in small.items()}
spectra = {rho: lyapunov_spectrum(chain) for rho, chain in chains.items()}

# %% tags=["figure", "nbval-ignore-output"]
fig, ax = plt.subplots(figsize=(6, 2.8))
for (rho, exponents), look in zip(spectra.items(), ("AR", "RNN", "HMM"), strict=True):
    plot_exponents(ax, exponents, look, label=f"radius {rho}")
ax.set_xticks(range(2, 21, 2))
ax.legend()
plt.show()

# %% [markdown]
r"""
**Figure 11.6.** *Each network has a whole spectrum of rates: most directions die fast even where some explode.* Twenty units with tanh, 10,000 steps with noise. An exponent of -0.7 halves a gradient at each step. Above the grey line gradients grow. For tanh even the radius is no verdict: of two matrices with radius 3, one explodes, and the other drives its units into saturation and vanishes (claim 11.16).
"""

# %% tags=["claim"]
claim("11.16", "With radius 3 at least one direction of this network explodes, with radius 1 all vanish; another network, of 10 units, vanishes in spite of radius 3.",
      [spectra[3.0][0], -spectra[1.0][0], -lyapunov_spectrum(jacobians("tanh", matrix(3.0, 0, size=10), 0, steps=2000))[0]], at_least=0.01)

# %% tags=["claim"]
claim("11.17", "T = 10,000 times the exponents are the logarithms of the singular values of the product, to 2 %.", log_singular_values(chains[1.0]) / (10_000 * spectra[1.0]), equals=1, tolerance=0.02)

# %% [markdown]
r"""
## 11.5 While it learns

All that was before training. Temporal order is a task with four classes: two symbols, each X or Y, stand somewhere among distractors, and the class is their order (`temporal_order`). At $T = 10$ our network learns it. We look through the microscope every 20 steps, with a batch of length 10 and one of length 60, and log the length of the whole gradient, all weights taken as one vector (`GradientLog`). One batch, at step 220, is a surprise, for section 11.9. (With `every=None` nobody looks; section 11.7 compares.)
"""

# %%
from rnncourse.diagnostics_log import GradientLog
from rnncourse.tasks import adding_problem, temporal_order


# %%
def order(length, B, seed):
    return [torch.tensor(part) for part in temporal_order(length, B, seed)[:2]]

# %% tags=["settings"]
STEPS, SURPRISE = 260, 220

# %%
def follow(seed, every=20):
    torch.manual_seed(seed)
    model = SequenceClassifier(ElmanCell(8, 24), 4)
    log, seen, probes = GradientLog(model), {}, [order(length, 64, seed + 99_999) for length in (10, 60)]

    def hook(step, loss):
        log(step, loss)
        if every and step % every == 0:
            seen[step] = model.cell.W_hh.detach().numpy().copy(), *(microscope(model, probe, cross_entropy) for probe in probes)

    batches = [order(60 if k == SURPRISE else 10, 32, 1000 * seed + k) for k in range(STEPS)]
    start = perf_counter()
    training.fit(model, batches, cross_entropy, torch.optim.Adam(model.parameters(), 5e-3), 1, hook)
    return log, seen, perf_counter() - start

# %%
runs, unwatched = zip(*[(follow(seed), follow(seed, every=None)) for seed in SEEDS], strict=True)
LOOKS = range(0, SURPRISE + 1, 20)
radius = np.array([[np.abs(np.linalg.eigvals(seen[k][0])).max() for k in LOOKS] for _, seen, _ in runs])  # (5, 12)

# %%
reach = lambda view: np.divide(*norm_by_step(view.gradients["cell.state"])[[0, -1]])  # first length over last
reaches = np.log10([[reach(seen[k][1]) for k in LOOKS] for _, seen, _ in runs])  # (5, 12)

# %% tags=["figure", "nbval-ignore-output"]
fig, axes = plt.subplots(1, 2, figsize=(7, 2.8))
for ax, rows, label in zip(axes, (radius, reaches), ("spectral radius", "first / last step (power of ten)"), strict=True):
    figures.plot_seeds(ax, LOOKS, rows, "RNN")
    ax.set(xlabel="training step", ylabel=label)
plt.show()

# %% [markdown]
r"""
**Figure 11.7.** *While it learns, the network raises its own spectrum, until the gradient arrives whole.* Thin: five starts; bold: median. Left: the radius of $W_{hh}$ grows from 0.6 to far above 1. Right: what arrives at the first of ten steps, compared with the last, rises from about a hundredth to about 1.
"""

# %% tags=["claim"]
claim("11.18", "The radius lies between 0.5 and 0.75 before training, and above 1.4 after 220 steps.", np.minimum(0.125 - abs(radius[:, 0] - 0.625), radius[:, -1] - 1.4), at_least=0, seeds=SEEDS)

# %% tags=["claim"]
claim("11.19", "The gradient at the first step is at most 3 % of the last before training, at least 30 % after.", np.minimum(np.log10(0.03) - reaches[:, 0], reaches[:, -1] - np.log10(0.3)), at_least=0, seeds=SEEDS)

# %% [markdown]
r"""
With a radius of 1.8, why does it not explode? Because units saturate, and their slopes pull the product down again:
"""

# %%
slopes = {k: np.concatenate([1 - seen[k][1].states["cell.state"].ravel() ** 2 for _, seen, _ in runs]) for k in (0, SURPRISE)}

# %% tags=["figure", "nbval-ignore-output"]
fig, ax = plt.subplots(figsize=(6, 2.6))
ax.hist([slopes[0], slopes[SURPRISE]], bins=np.linspace(0, 1, 11), weights=[np.full(len(s), 1 / len(s)) for s in slopes.values()],
        color=["#b0b0b0", "#d55e00"], label=["before training", "after 220 steps"])
ax.set(xlabel="slope f'(a)", ylabel="share of units and steps")
ax.legend(loc="upper left")
plt.show()

# %% [markdown]
r"""
**Figure 11.8.** *Training spreads the slopes from near 1 over the whole range.* All units, steps and sequences of five networks. Slopes below 0.1 belong to saturated units.
"""

# %% tags=["claim"]
shares = [[saturation(seen[k][1].states["cell.state"]).share for k in (0, SURPRISE)] for _, seen, _ in runs]
claim("11.20", "The share of states beyond 0.95 is below 0.5 % before training and at least 5 % after.", [min(0.005 - a, b - 0.05) for a, b in shares], at_least=0, seeds=SEEDS)

# %% [markdown]
r"""
## 11.6 Deep networks have it too

An RNN over $T$ steps is a network of $T$ layers with **tied** weights. What about an ordinary deep network, with a matrix of its own in each layer? We give 60 layers of 50 tanh units normal entries with standard deviation $g / \sqrt{50}$, and follow a random gradient from the last layer back.
"""

# %%
def deep(gain, tied, seed, depth=60, width=50):
    rng = np.random.default_rng(seed)
    Ws = np.broadcast_to(rng.normal(size=(1 if tied else depth, width, width)) * gain / width**0.5, (depth, width, width))
    h, gradients, chain = rng.normal(size=width), [rng.normal(size=width)], []
    for W in Ws:
        h = np.tanh(h @ W)
        chain.append(W * (1 - h**2))
    for J in chain[::-1]:
        gradients.append(gradients[-1] @ J.T)
    lengths = np.linalg.norm(gradients[::-1], axis=1)
    return np.log10(lengths / lengths[-1])  # (depth + 1,) by layer

# %%
GAINS = {0.5: "AR", 1.0: "RNN", 3.0: "HMM"}
layers = {(gain, tied): np.array([deep(gain, tied, seed) for seed in SEEDS]) for gain in GAINS for tied in (True, False)}

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(6, 3))
for (gain, tied), rows in layers.items():
    style = {"color": figures.style_of(GAINS[gain])["color"], "linestyle": "-" if tied else "--"}
    ax.plot(range(61), np.median(rows, axis=0), **style, label=f"g = {gain}, {'tied' if tied else 'untied'}")
ax.set(xlabel="layer", ylabel="gradient (power of ten)", ylim=(-33, 12))
ax.legend(loc="lower right", ncols=2)
plt.show()

# %% [markdown]
r"""
**Figure 11.9.** *Depth is enough: with or without tied weights, the gradient vanishes or explodes on its way to the first layers.* Median of five networks. The gradient begins at layer 60 with length 1 (power 0). For g = 1 it shrinks far more slowly.
"""

# %% tags=["claim"]
both = [np.minimum(-10 - layers[0.5, tied][:, 0], layers[3.0, tied][:, 0] - 3) for tied in (True, False)]
claim("11.21", "Tied and untied, the gradient vanishes over 60 layers below 1e-10 for g = 0.5, and explodes above 1e3 for g = 3.", np.min(both, axis=0), at_least=0, seeds=SEEDS)

# %% [markdown]
r"""
One thing differs. In the deep network a first layer without gradient does not learn at all. In the RNN the gradient of the *one* matrix is a sum over the steps, $\sum_t h_{t-1}^\top d_t$ with $d_t = (\partial L / \partial h_t) * f'(a_t)$ (chapter 08). That sum does not vanish. Only its far terms do, and so the network learns what is near:
"""

# %%
def far_share(seed, length=40, near=10):
    torch.manual_seed(seed)
    view = microscope(SequenceClassifier(ElmanCell(8, 24), 4), order(length, 1, seed), cross_entropy)
    h, g = view.states["cell.state"][:, 0], view.gradients["cell.state"][:, 0]  # (T, H) each
    terms = np.linalg.norm(h[:-1], axis=1) * np.linalg.norm(g[1:] * (1 - h[1:] ** 2), axis=1)  # steps 2 .. T
    return terms[:-near].sum() / terms.sum()

# %% tags=["claim"]
claim("11.22", "Before training on 40 steps of temporal order, all but the last 10 make up at most 3 % of the terms' lengths.", [far_share(seed) for seed in SEEDS], at_most=0.03, seeds=SEEDS)

# %% [markdown]
r"""
## 11.7 A microscope for your own network

The microscope is not bound to our cells. Here is a module of one's own, a leaky unit. What matters is that one step is a module that returns its new state.
"""

# %%
class Leaky(nn.RNNCell):
    def forward(self, x, h):
        return 0.8 * h + 0.2 * super().forward(x, h)

# %%
class Own(nn.Module):
    def __init__(self):
        super().__init__()
        self.step, self.readout = Leaky(8, 24), nn.Linear(24, 4)

    def forward(self, ids):
        h = torch.zeros(ids.shape[1], 24)
        for x in nn.functional.one_hot(ids, 8).float():
            h = self.step(x, h)
        return self.readout(h)

# %% [markdown]
r"""
Three lines:
"""

# %%
from rnncourse.diagnostics_watch import watch

torch.manual_seed(0)
model, (ids, classes) = Own(), order(30, 2, 0)

# %%
with watch(model.step) as states:
    loss = cross_entropy(model(ids), classes)
gradients = state_gradients(loss, states)["state"]  # (T, B, H)

# %% [markdown]
r"""
To check them, take the other road: the last gradient, sent back through the Jacobians.
"""

# %% tags=["claim"]
steps = step_jacobians(model.step, nn.functional.one_hot(ids, 8).float(), torch.zeros(2, 24))  # (T, B, H, H)
back = [gradients[-1, b] @ np.linalg.multi_dot(steps[1:, b]).T for b in (0, 1)]
claim("11.23", "The gradient at the first state is that at the last, sent back through 29 Jacobians.", np.abs(back / gradients[0] - 1).max(), at_most=1e-3)

# %% [markdown]
r"""
With torch's own `nn.RNN`, `nn.GRU` and `nn.LSTM` there is a trap: they return outputs, and the gradient of the outputs is *not* $\partial L / \partial h_t$, for the way from $h_t$ to $h_{t+1}$ does not pass through what was returned. `microscope` knows, and runs them layer by layer. (In exercise 11.4 you meet the trap.)

Watching must not change what is watched, and it costs something. The runs of section 11.5 were made twice, in turns, with the microscope and without:
"""

# %% tags=["claim"]
pairs = [(a.losses, b.losses) for (a, *_), (b, *_) in zip(runs, unwatched, strict=True)]
claim("11.24", "With and without the microscope, all 260 losses are the same to the last bit.", [np.abs(np.subtract(*pair)).max() for pair in pairs], equals=0, tolerance=0, seeds=SEEDS)

# %% tags=["claim"]
claim("11.25", "Two looks every 20 steps make the training take at most 2 times as long.", min(run[2] for run in runs) / min(run[2] for run in unwatched), at_most=2)

# %% [markdown]
r"""
## 11.8 What it does to learning

In the **adding problem** each step brings a number, uniform between 0 and 1, and a mark. Two numbers are marked, one in each half. At the end, say their sum. (For its origin see `adding_problem`.)

What is chance? Who knows nothing says the mean, 1, and errs by the variance. A uniform number has variance $\int_0^1 (u - \tfrac12)^2 du = \tfrac1{12}$; the two are independent, so it is $\tfrac1{12} + \tfrac1{12} = \tfrac16 = 0.1667$. We try it, and compare the value 0.1767 that is often quoted:
"""

# %% tags=["claim"]
errors = [np.mean((adding_problem(50, 200_000, seed).targets.astype(float) - 1) ** 2) for seed in SEEDS]
claim("11.26", "The simulated error of the constant 1 is 1/6 to within 0.002.", errors, equals=1 / 6, tolerance=0.002, seeds=SEEDS)

# %%
published("Bai, Kolter & Koltun (2018)", "Who always says 1 in the adding problem has a squared error of about 0.1767.", there="a note in the authors' program",
          here="200,000 sequences of 50 steps", measured=errors, reproduced={"equals": 0.1767, "tolerance": 0.005}, seeds=SEEDS)

# %% [markdown]
r"""
So a curve that lies at 0.167 has learnt nothing. Now five networks at each of three lengths, for both tasks:
"""

# %%
adding = {length: train(lambda seed, T=length: adding_problem(T, 32, seed), 2, 1, 400, 1e-2)[1] for length in (5, 10, 30)}
ordering = {length: train(lambda seed, T=length: temporal_order(T, 32, seed), 8, 4, 300, 5e-3)[1] for length in (10, 20, 50)}

# %% tags=["figure", "nbval-ignore-output"]
fig, axes = plt.subplots(1, 2, figsize=(7.4, 3))
panels = (axes[0], adding, 1 / 6, "squared error", "adding"), (axes[1], ordering, np.log(4), "loss (nats)", "temporal order")
for ax, curves, chance, label, title in panels:
    for (length, rows), look in zip(curves.items(), ("AR", "n-gram", "HMM"), strict=True):
        smooth = rows.reshape(-1, 20, 5).mean(axis=1).T  # (5, steps / 20)
        figures.plot_seeds(ax, 20 * np.arange(1, 1 + smooth.shape[1]), smooth, look, f"T = {length}")
    ax.axhline(chance, **figures.style_of("chance"))
    ax.set(xlabel="training step", ylabel=label, title=title, ylim=(0, 1.6 * chance))
    ax.legend(loc="upper right", ncols=2)
plt.show()

# %% [markdown]
r"""
**Figure 11.10.** *A learning curve that lies on the chance line is what a vanished gradient looks like from outside.* Thin: five starts, means over 20 steps; bold: median; dotted: chance. Between "learns" and "does not" there is a length at which the start decides.
"""

# %% tags=["claim"]
short, long = (adding[length][-100:].mean(axis=0) for length in (5, 30))
claim("11.27", "In the last 100 of 400 steps, adding with T = 5 errs at most 0.06, with T = 30 between 0.155 and 0.185.", np.maximum(short / 0.06, abs(long - 0.17) / 0.015), at_most=1, seeds=SEEDS)

# %% tags=["claim"]
short, long = (ordering[length][-100:].mean(axis=0) for length in (10, 50))
claim("11.28", "In the last 100 of 300 steps, temporal order with T = 10 has a loss of at most 0.1, with T = 50 within 0.05 of chance, ln 4.", np.maximum(short / 0.1, abs(long - np.log(4)) / 0.05), at_most=1, seeds=SEEDS)

# %% [markdown]
r"""
The network is *able* to represent the answer (the same cell learns the short task); what is missing is the signal (claims 11.4, 11.22).

## 11.9 Explosions: provoke, detect, explain

The runs of section 11.5 have learnt sequences of length 10. At step 220 comes one batch of length 60.

**Predict first.** The radius is about 1.8. What happens to the gradient, and what to the loss *after* it?
"""

# %% tags=["figure", "nbval-ignore-output"]
fig, axes = plt.subplots(1, 2, figsize=(7.4, 2.8))
log = runs[0][0]
plot_gradient_log(axes[0], log.steps, log.norms, log.spikes())
axes[0].legend(loc="upper left")
axes[1].semilogy(log.steps, log.losses, **figures.style_of("training"))
axes[1].set(xlabel="training step", ylabel="loss (nats)")
plt.show()

# %% [markdown]
r"""
**Figure 11.11.** *One bad batch, a spike of the gradient, and the loss stays high for many steps after it.* Left: length of the whole gradient, with the steps that `find_spikes` marks. Right: the loss of the same steps. First start of five.

`find_spikes` compares the logarithm of each length with the median of the 50 before, in units of their scatter. It marks what lies more than 6 of them above; NaN always counts.
"""

# %% tags=["claim"]
claim("11.29", "From step 100 on, the first spike found is the surprise, step 220.", [min(step for step in log.spikes() if step >= 100) for log, *_ in runs], equals=SURPRISE, tolerance=0, seeds=SEEDS)

# %% tags=["claim"]
jumps = [log.norms[SURPRISE] / np.median(log.norms[190:SURPRISE]) for log, *_ in runs]
claim("11.30", "There the gradient is at least 100 times as long as the median of the 30 steps before.", jumps, at_least=100, seeds=SEEDS)

# %% tags=["claim"]
damage = [np.mean(log.losses[221:230]) / np.mean(log.losses[210:SURPRISE]) for log, *_ in runs]
claim("11.31", "In the nine steps after it the loss on ordinary batches is at least 1.5 times that of the ten before from each start, and 10 times in the median.", [min(damage) / 1.5, np.median(damage) / 10], at_least=1)

# %% [markdown]
r"""
Where does it come from? In part from the loss, which is high on these strange sequences (its first peak). In part from the distance, as the microscope shows at the same weights: over ten steps the gradient arrives about whole; over sixty it has grown.
"""

# %% tags=["claim"]
claim("11.32", "Just before the surprise, the gradient grows from last to first step at least 1.5 times as much over 60 steps as over 10.", [reach(seen[SURPRISE][2]) / reach(seen[SURPRISE][1]) for _, seen, _ in runs], at_least=1.5, seeds=SEEDS)

# %% [markdown]
r"""
With tanh the states, and so the loss, stay in bounds. ReLU has nothing that saturates. With $W_{hh}$ the identity at first, plain gradient descent on the adding problem with $T = 50$:
"""

# %%
from rnncourse.cells.initialisation import identity_


# %%
def blow_up(seed, steps=4):
    torch.manual_seed(seed)
    model = SequenceClassifier(identity_(ElmanCell(2, 20, torch.relu)), 1)
    log, optimizer = GradientLog(model), torch.optim.SGD(model.parameters(), lr=0.05)
    for step in range(steps):
        xs, sums = (torch.tensor(part) for part in adding_problem(50, 16, 1000 * seed + step)[:2])
        optimizer.zero_grad()
        loss = ((model(xs)[:, 0] - sums) ** 2).mean()
        loss.backward()
        log(step, loss.item())
        optimizer.step()
    return log, model

# %% tags=["nbval-ignore-output"]
log, model = blow_up(0)
print("losses", log.losses, "\nlengths", log.norms, "\nfirst not finite:", log.first_nonfinite())

# %% tags=["claim"]
after = [np.nan_to_num(blow_up(seed, 2)[0].losses[1], nan=1e99, posinf=1e99) for seed in SEEDS]  # 1e99 stands for both
claim("11.33", "One step later the loss is above 1e10, infinite or NaN.", after, at_least=1e10, seeds=SEEDS)

# %% tags=["claim"]
claim("11.34", "From then on, all recurrent weights of the first network are NaN.", np.isnan(model.cell.W_hh.detach().numpy()).mean(), equals=1, tolerance=0)

# %% [markdown]
r"""
The radius was 1, the gradient 350 long; one step with learning rate 0.05 moved the weights by more than 17. Fifty products of *such* a matrix overflow. Infinity minus infinity is NaN, and NaN spreads to every weight. Three signs, then: a loss that jumps, a spike in the log of lengths, and NaN. `training.fit` refuses to go on with a loss that is not finite, and names the step.

## 11.10 The cliff

What does an explosion look like from above? The smallest network has one unit without input,

$$h_t = \tanh(w h_{t-1} + b), \qquad h_0 = \tfrac12, \qquad L(w, b) = (h_{50} - 0.6)^2. \tag{11.3}$$

The gradient goes along with the state (chapter 08, forwards in time): `by_w` and `by_b` are $\partial h_t / \partial w$ and $\partial h_t / \partial b$, and `chain` is $\partial h_t / \partial h_0$, the product of the factors.
"""

# %%
def loss_and_slope(w, b):
    h, by_w, by_b, chain = 0.5 + 0 * w, 0 * w, 0 * w, 1.0
    for _ in range(50):
        new = np.tanh(w * h + b)
        slope = 1 - new**2
        h, by_w, by_b, chain = new, slope * (h + w * by_w), slope * (1 + w * by_b), chain * w * slope
    return (h - 0.6) ** 2, np.stack([2 * (h - 0.6) * by_w, 2 * (h - 0.6) * by_b]), chain

# %%
grid = np.meshgrid(np.linspace(0.6, 2.2, 300), np.linspace(-0.5, 0.5, 300))  # w, b
surface, slopes, chain = loss_and_slope(*grid)  # chain is dh_50 / dh_0

# %% tags=["claim"]
claim("11.35", "On this grid dh_50/dh_0 vanishes below 1e-3 in at least 90 % of all places, and explodes above 1e3 in some.", [np.mean(chain < 1e-3) / 0.9, chain.max() / 1e3], at_least=1)

# %% [markdown]
r"""
On both sides of the cliff the surface is tame: there $h$ runs into one fixed point or another, and the product of the fifty factors $w f'$ vanishes. On the edge the state cannot decide, and it explodes.

A descent that comes too near is thrown. The one line that prevents it shortens the gradient to a given length. This is **clipping**; chapter 12 studies it.
"""

# %%
def descend(w, b, lr, limit=np.inf, steps=100):
    path = [np.array([w, b])]
    for _ in range(steps):
        slope = loss_and_slope(*path[-1])[1]
        slope = slope * min(1, limit / max(np.hypot(*slope), 1e-12))  # clipping
        path.append(path[-1] - lr * slope)
    return np.array(path)  # (steps + 1, 2)

# %% tags=["widget", "nbval-ignore-output"]
def draw_descent(lr):
    fig, ax = plt.subplots(figsize=(6, 3.2))
    fig.colorbar(ax.pcolormesh(*grid, surface, cmap="Greys", rasterized=True), label="loss")
    for limit, look, label, size in ((np.inf, "RNN", "as it is", 5), (1.0, "LSTM", "clipped to 1", 2)):
        ax.plot(*descend(1.5, 0.3, lr, limit).T, "o", **figures.style_of(look), markersize=size, label=label)
    ax.set(xlabel="weight w", ylabel="bias b", xlim=(0.6, 2.2), ylim=(-0.5, 0.5))
    ax.legend(loc="upper right")
    return fig

Knob(draw_descent, "learning rate", values=[0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.5], default=0.2, alt="The loss over weight and bias: a plain, and a cliff along a bent line. Two paths of gradient descent lead from the plain to the cliff; from 0.2 on the one without clipping leaves the picture.")

# %% [markdown]
r"""
**Figure 11.12.** *Where the descent meets the cliff, one step without clipping leaves the map.* Grey: the loss; 100 steps from (1.5, 0.3). Small learning rates settle before; at 0.2 and 0.25 the unclipped path (orange) jumps far out, to a plain where everything is saturated and no gradient leads back. At 0.3 and 0.5 it happens to land where it can go on: at a cliff, luck decides.
"""

# %% tags=["claim"]
ends = [loss_and_slope(*descend(1.5, 0.3, 0.2, limit)[-1])[0] for limit in (np.inf, 1.0)]
claim("11.36", "At learning rate 0.2 the unclipped descent ends with a loss above 0.15; the clipped one ends below 0.001.", [ends[0] - 0.15, 0.001 - ends[1]], at_least=0)

# %%
starts = np.random.default_rng(0).uniform((1.4, 0.2), (1.6, 0.4), (100, 2))

# %% tags=["claim"]
thrown = {limit: np.mean([np.abs(descend(*start, 0.2, limit)).max() > 3 for start in starts]) for limit in (np.inf, 1.0)}
claim("11.37", "Of 100 starts nearby, at least 5 are thrown beyond 3 without clipping, and none with it.", [thrown[np.inf] - 0.05, -thrown[1.0]], at_least=0)

# %% [markdown]
r"""
## 11.11 Limits and common mistakes

*Norms of weights in place of gradients.* $\|W_{hh}\|$ alone proved nothing above; look at the product.

*A vanished gradient taken for a lost memory.* The gradient tells what a *small* change would do. A state may keep a trace of the cue although no gradient comes to strengthen it (claim 8.22), and a saturated unit keeps its bit just because nothing small can move it.

*Predictions $(B, 1)$ against targets $(B,)$.* They broadcast to $(B, B)$, no error is raised, and the best answer is the mean of the targets: the curve stays at chance as if gradients had vanished. Squeeze first.
"""

# %%
print(tuple((torch.zeros(5, 1) - torch.zeros(5)).shape))

# %% [markdown]
r"""
## Often told wrong

*"Small entries in the matrix make the gradient vanish."* The spectrum does it, not the entries. Many small numbers add up:
"""

# %% tags=["claim"]
tiny = [0.15 * np.sign(np.random.default_rng(seed).normal(size=(100, 100))) for seed in SEEDS]
claim("11.38", "In linear networks of 100 units no entry exceeds 0.15, and the gradient explodes above 1e10.", [log_product_norms(np.broadcast_to(W, (100, 100, 100)))[-1] / np.log(10) for W in tiny], at_least=10, seeds=SEEDS)

# %% [markdown]
r"""
And with entries of 5 it can be exactly 0 (claim 11.12).

*"Norm below 1: it vanishes. Norm above 1: it explodes."* The first is sufficient, once the largest slope is counted in. The second is only necessary (11.11, 11.12).

*"$|W| < 1$."* For one unit this is a number. For a matrix say which size is meant: the spectral norm gives the bound; the spectral radius gives the long run, in a linear network only.

*"ReLU is the cure: its slopes are 0 or 1."* The product still contains $W_{hh}$. It vanishes (11.8, 11.14) or ends in NaN (11.33, 11.34).

*"With an orthogonal $W$ the norm of the product is that of the slopes, so 1 for ReLU."* Only "at most" holds. Each diagonal of zeros and ones is a projection, and a product of projections and rotations shrinks (11.14).

*"The gradient vanishes, so the RNN does not train."* Its far part vanishes; the near part trains (11.22).

*"Bengio discovered it in 1994", "Mikolov and Bengio in 2013".* See below.

## Where it came from

Hochreiter (1991) showed, in a diploma thesis in German, that errors sent back through time shrink or grow exponentially. Bengio et al. (1994), independently, showed that a network which stores a bit robustly must have gradients that vanish, and compared ways to train without them. Hochreiter and Schmidhuber (1997) repeated the analysis in English and built the LSTM on it (chapter 13); the adding problem and temporal order are from that paper. Le et al. (2015) started ReLU networks from the identity. Pascanu, Mikolov and Bengio (2013) (three authors; the first is often left out) gave the bound, sufficient for vanishing and necessary for exploding, drew the cliff of one unit, and proposed to clip the norm.

## Summary

- With equal effort a plain RNN learns short gaps and stays near chance at long ones (claims 11.1 to 11.3). The gradient that reaches the cue is tiny (11.4).
- Over a distance the gradient is a product of Jacobians $W_{hh}\,\mathrm{diag}(f')$ (11.5); its norm changes exponentially (11.6 to 11.9).
- $(\gamma_W \gamma_f)^{t-k}$ bounds it (11.10). Below 1 it must vanish; above 1 it may do anything (11.11 to 11.14). No network that we tried is an exception to the paper's conditions. Lyapunov exponents tell the rates (11.15 to 11.17).
- Training itself raises the spectrum until gradients arrive, and units saturate (11.18 to 11.20).
- Deep networks share the problem (11.21); in an RNN the near terms hide it (11.22).
- Three lines put any module under the microscope, without changing a bit (11.23 to 11.25).
- Outside one sees a loss at chance: 1/6 in adding, ln 4 in temporal order (11.26 to 11.28).
- Explosions show as spikes, jumps of the loss, and NaN (11.29 to 11.34); seen from above they are a cliff (11.35 to 11.37).

## Exercises

All in [one notebook](../exercises/11_vanishing_gradients/11_vanishing_gradients.ipynb), which checks itself.

- 11.1 The Jacobian of one step (implement, 10 minutes)
- 11.2 Bound or truth (predict, 10 minutes)
- 11.3 A product that never overflows (implement, 15 minutes)
- 11.4 A microscope that lies (find the bug, 15 minutes)
- 11.5 What is chance? (explain, 15 minutes)
- 11.6 How far does it reach? (experiment, 20 minutes)

## References

- S. Bai, J. Z. Kolter and V. Koltun (2018). An empirical evaluation of generic convolutional and recurrent networks for sequence modeling. arXiv:1803.01271.
- Y. Bengio, P. Simard and P. Frasconi (1994). Learning long-term dependencies with gradient descent is difficult. *IEEE Transactions on Neural Networks* 5(2), 157-166. DOI 10.1109/72.279181.
- S. Hochreiter (1991). *Untersuchungen zu dynamischen neuronalen Netzen*. Diploma thesis, Technische Universität München. Described at https://people.idsia.ch/~juergen/fundamentaldeeplearningproblem.html.
- S. Hochreiter and J. Schmidhuber (1997). Long short-term memory. *Neural Computation* 9(8), 1735-1780. DOI 10.1162/neco.1997.9.8.1735.
- Q. V. Le, N. Jaitly and G. E. Hinton (2015). A simple way to initialize recurrent networks of rectified linear units. arXiv:1504.00941.
- R. Pascanu, T. Mikolov and Y. Bengio (2013). On the difficulty of training recurrent neural networks. *International Conference on Machine Learning (ICML)*, 1310-1318. arXiv:1211.5063.
"""
