# %% [markdown]
r"""
# 14 The gated recurrent unit and relatives

The LSTM carries two states and needs four products for each step. What of that can go, and what is lost with it?

**You will be able to** take a step of the GRU forward and backward by hand; recognise which of its conventions a formula or a library uses, and convert weights where that can be done; choose its biases; write down its whole derivative; compare cells at equal parameters and at equal time; and say what four relatives are good for.

**You need** chapter [13](13_lstm.ipynb), and [11](11_vanishing_gradients.ipynb) for the microscope; for one comparison the n-grams of [03](03_ngrams.ipynb).

Run time: about 30 s.
"""

# %% tags=["setup"]
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

from rnncourse import figures, numpy_gru
from rnncourse.claims import claim
from rnncourse.experiments.store import load_results
from rnncourse.knob import Knob
from rnncourse.published import published

figures.use_style()
torch.set_num_threads(1)

# %% [markdown]
r"""
## 14.1 What can go?

Chapter 13 took the LSTM apart, one piece at a time. Two of these stored runs point at savings: **coupled gates**, where the input gate is $i = 1 - f$, so that a cell lets in as much as it lets go; and a cell *without an output gate*, $h_t = \tanh(c_t)$. Adding with $T = 50$, updates until solved, three starts:
"""

# %%
def column(rows, name, **key):
    return np.array([row[name] for row in rows if all(row[k] == v for k, v in key.items())], dtype=float)  # None becomes NaN

# %%
variants = load_results("lstm_variants").rows
needed = {name: column(variants, "updates", variant=name, task="adding, T = 50") for name in ("LSTM", "coupled gates", "no output gate")}
for name, row in needed.items():
    print(f"{name:15}", row.astype(int), "parameters", int(column(variants, "parameters", variant=name)[0]))

# %% tags=["claim"]
claim("14.1", "With coupled gates, and a quarter fewer weights, adding is learnt in at most 0.7 times the updates.", needed["coupled gates"] / needed["LSTM"], at_most=0.7, seeds=[1, 2, 3])

# %% [markdown]
r"""
So one gate can do the work of two. The output gate does help a little here. But it has a price: with it, there must be two rows of numbers, $c$ to keep and $h$ to show. Without it there is one, and the cell can be the output. That is the **gated recurrent unit** (GRU): coupled gates, one state. To compensate, it gets another gate, for what it *looks at* when it makes a new candidate.

## 14.2 One state, three products

The state is $h_t$, $(H,)$; the input $x_t$, $(D,)$. The **reset gate** $r_t$ decides how much of the old state the candidate $n_t$ sees. The **update gate** $z_t$ decides how much of the old state is kept. All are $(H,)$, and `*` is unit by unit:

$$r_t = \sigma(x_t W_{xr} + h_{t-1} W_{hr} + b_r), \qquad z_t = \sigma(x_t W_{xz} + h_{t-1} W_{hz} + b_z), \tag{14.1}$$
$$n_t = \tanh(x_t W_{xn} + b_n + r_t * (h_{t-1} W_{hn} + b_{hn})), \tag{14.2}$$
$$h_t = (1 - z_t) * n_t + z_t * h_{t-1}. \tag{14.3}$$

$\sigma$ is the sigmoid, each $W_{x\cdot}$ is $(D, H)$, each $W_{h\cdot}$ $(H, H)$, each $b$ $(H,)$. In (14.3) the weights $1 - z_t$ and $z_t$ add up to 1: a mean of old and new. So $h$ stays between $-1$ and 1 (claim 14.31), and cannot drift as the cell of 1997 did.
"""

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(7, 2.9))
places = {"old h": (0, 2), "times z": (3.2, 2), "plus": (6.6, 2), "new h": (8.4, 2), "times r": (1.6, 0.9), "tanh: n": (4, 0.9), "times 1 - z": (6.6, 0.9), "x": (4, -0.3)}
for name, (x, y) in places.items():
    ax.text(x, y, name, ha="center", va="center", bbox={"boxstyle": "round", "facecolor": "#e69f00" if name.startswith("times") else "#b5dfd2", "edgecolor": "none"})
for start, end in (("old h", "times z"), ("times z", "plus"), ("plus", "new h"), ("old h", "times r"), ("times r", "tanh: n"), ("tanh: n", "times 1 - z"), ("times 1 - z", "plus"), ("x", "tanh: n")):
    ax.annotate("", places[end], places[start], arrowprops={"arrowstyle": "->", "shrinkA": 24, "shrinkB": 38 if end == "times 1 - z" else 26})
ax.set(xlim=(-0.6, 9), ylim=(-0.7, 2.5))
ax.axis("off")
plt.show()

# %% [markdown]
r"""
**Figure 14.1.** *The old state reaches the new one on a straight path, through the update gate alone.* Orange: where a gate multiplies (all gates read x and the old h). Compare with figure 13.3: no second state, no output gate; instead the reset gate on the way into the candidate.

The three products share one, in the order r z n: $W_{xh} = [W_{xr}\,W_{xz}\,W_{xn}]$ is $(D, 3H)$, $W_{hh}$ is $(H, 3H)$, $b_h$ $(3H,)$. The bias $b_{hn}$ stands alone, for it is inside the product with $r$; the code calls the bracket, $h_{t-1} W_{hn} + b_{hn}$, `recalled`.
"""

# %%
from rnncourse.numpy_gates import sigmoid


# %%
def gru_step(x, h, W_xh, W_hh, b_h, b_hn):
    xr, xz, xn = np.split(x @ W_xh + b_h, 3, axis=-1)  # (..., H) each
    hr, hz, hn = np.split(h @ W_hh, 3, axis=-1)  # (..., H) each
    r, z, recalled = sigmoid(xr + hr), sigmoid(xz + hz), hn + b_hn
    n = np.tanh(xn + r * recalled)
    return (1 - z) * n + z * h, (r, z, n, recalled)

# %% [markdown]
r"""
**By hand**, one unit, one input: $x = 1$, $h = 0.5$, no biases. Weights such that the sum for $r$ is 0, so $r = 0.5$; that for $z$ is $0.5 + 0.5 = 1$, so $z = 0.731$; the recalled part is $2 \cdot 0.5 = 1$, so $n = \tanh(0.5 + 0.5 \cdot 1) = 0.762$. New state: $0.269 \cdot 0.762 + 0.731 \cdot 0.5 = 0.570$.
"""

# %%
h, (r, z, n, recalled) = gru_step(np.ones(1), np.array([0.5]), np.array([[0, 0.5, 0.5]]), np.array([[0, 1, 2]]), np.zeros(3), np.zeros(1))
print("r", r.round(3), " z", z.round(3), " n", n.round(3), " h", h.round(3))

# %% [markdown]
r"""
The package has it as `GRUCell`, here in full. `project` does for all steps at once what needs no state, $x_t W_{xh} + b_h$; `step` does the rest (chapter 06). `uniform` draws weights, `gate_biases` sets each gate's bias where it is to begin, `times` multiplies:
"""

# %%
from rnncourse.cells.cell import Cell
from rnncourse.cells.weights import copy_from_torch, gate_biases, times, uniform


# %% tags=["mirror:rnncourse.cells.gru.GRUCell"]
class GRUCell(Cell):
    """The GRU of ``torch.nn.GRU``: gates in the order r z n, r after the product, z keeps h.

    Args:
        input_size, hidden_size: D and H.
        reset_bias, update_bias: where b_r and b_z begin, a number or (H,); a high b_z keeps more.
        scale: weights are drawn from -scale to scale; None for 1 / sqrt(H), as torch does.

    Source:
        Cho et al. (2014), arXiv:1406.1078, first version; the documentation of ``torch.nn.GRU``.
    """

    def __init__(self, input_size, hidden_size, reset_bias=0.0, update_bias=0.0, scale=None):
        super().__init__(input_size, hidden_size)
        scale = hidden_size**-0.5 if scale is None else scale
        self.W_xh = uniform(scale, input_size, 3 * hidden_size)  # (D, 3 H)
        self.W_hh = uniform(scale, hidden_size, 3 * hidden_size)  # (H, 3 H)
        self.b_h = gate_biases(hidden_size, reset_bias, update_bias, 0.0)  # (3 H,)
        self.b_hn = gate_biases(hidden_size, 0.0)  # (H,)

    def project(self, xs):
        return times(xs, self.W_xh) + self.b_h  # (..., 3 H)

    def step(self, projected, h):
        xr, xz, xn = projected.chunk(3, dim=1)  # (B, H) each
        hr, hz, hn = (h @ self.W_hh).chunk(3, dim=1)  # (B, H) each
        r, z = (xr + hr).sigmoid(), (xz + hz).sigmoid()
        n = (xn + r * (hn + self.b_hn)).tanh()
        h = (1 - z) * n + z * h
        return h, h

# %% [markdown]
r"""
`copy_from_torch` moves the weights of an `nn.GRU` into it: matrices transposed, and of torch's two biases the sum, but for the two of $n$, which are different things here. `parameters()` yields the weights in the order in which they were made: `W_xh`, `W_hh`, `b_h`, `b_hn`.
"""

# %% tags=["settings"]
SEEDS = [0, 1, 2, 3, 4]

# %%
from rnncourse.cells.gru import ChoGRUCell, ChungGRUCell, flip_update_gate
from rnncourse.cells.unroll import unroll


# %%
def three_ways(seed):
    torch.manual_seed(seed)
    rnn, cell, xs = nn.GRU(3, 7).double(), GRUCell(3, 7).double(), torch.randn(11, 5, 3).double()
    copy_from_torch(rnn, cell)
    weights, h = [p.detach().numpy() for p in cell.parameters()], np.zeros((5, 7))
    for x in xs.numpy():
        h, _ = gru_step(x, h, *weights)
    return [h, *(outputs[-1].detach().numpy() for outputs in (unroll(cell, xs)[0], rnn(xs)[0]))]

# %% tags=["claim"]
claim("14.2", "After 11 steps our step, GRUCell and torch's nn.GRU have the same state.", [np.ptp(three_ways(seed), axis=0).max() for seed in SEEDS], at_most=1e-12, seeds=SEEDS)

# %% [markdown]
r"""
**How many numbers?** Three matrices from the input, three from $h$, three biases and $b_{hn}$: $3H(D + H + 1) + H$. That is little more than three quarters of an LSTM's $4H(D + H + 1)$. In torch each has another row of biases.
"""

# %%
from rnncourse.cells.elman import ElmanCell
from rnncourse.cells.lstm import LSTMCell

# %% tags=["claim"]
count = lambda module: sum(weight.numel() for weight in module.parameters())
claim("14.3", "With D = 53 and H = 97 the GRU has 3H(D + H + 1) + H numbers, the LSTM 4H(D + H + 1), nn.GRU 3H(D + H + 2).",
      [count(GRUCell(53, 97)) - 3 * 97 * 151 - 97, count(LSTMCell(53, 97)) - 4 * 97 * 151, count(nn.GRU(53, 97)) - 3 * 97 * 152], equals=0, tolerance=0)

# %% [markdown]
r"""
## 14.3 Whose z is it?

Look up the GRU in several places, and you find three cells.

| where | what $z_t = 1$ does | where the reset stands | biases |
|---|---|---|---|
| torch, `GRUCell`; Cho et al. (2014), first version | keeps $h_{t-1}$ | after the product: $r * (h W_{hn} + b_{hn})$ | torch: two rows; paper: none |
| Cho et al. (2014), as printed; `ChoGRUCell` | keeps $h_{t-1}$ | before: $(r * h) W_{hn}$ | none |
| Chung et al. (2014), Bahdanau et al. (2015), many slides; `ChungGRUCell` | lets $n_t$ in: $h_t = (1 - z_t) * h_{t-1} + z_t * n_t$ | before | none |

(Both of our relatives have one row of biases all the same.) In our example by hand, the third would give $0.269 \cdot 0.5 + 0.731 \cdot 0.762 = 0.691$ instead of 0.570. Nothing warns you: the shapes agree, and only the numbers differ.

**The meaning of z** is easily turned over. $1 - \sigma(a) = \sigma(-a)$, so one convention's gate is the other's with all signs changed: $W_{xz}, W_{hz}, b_z \to -W_{xz}, -W_{hz}, -b_z$. The converter `flip_update_gate` does that, and the result is exact:
"""

# %%
def largest_difference(one, other, xs):
    return (unroll(one, xs)[0] - unroll(other, xs)[0]).abs().max().item()

# %%
def flipped(seed):
    torch.manual_seed(seed)
    cho, chung, back, xs = ChoGRUCell(3, 7).double(), ChungGRUCell(3, 7).double(), ChoGRUCell(3, 7).double(), torch.randn(20, 5, 3).double()
    chung.load_state_dict(cho.state_dict())
    same_weights = largest_difference(cho, chung, xs)
    flip_update_gate(cho, chung), flip_update_gate(chung, back)
    return same_weights, max(largest_difference(cho, chung, xs), largest_difference(cho, back, xs))

# %%
flips = np.array([flipped(seed) for seed in SEEDS])  # (5, 2)

# %% tags=["claim"]
claim("14.4", "With the same weights the two meanings of z differ by more than 0.1 over 20 random inputs.", flips[:, 0], at_least=0.1, seeds=SEEDS)

# %% tags=["claim"]
claim("14.5", "After flip_update_gate they agree to rounding, and flipped back it is the cell we began with.", flips[:, 1], at_most=1e-14, seeds=SEEDS)

# %% [markdown]
r"""
**The place of the reset** is another matter. Before the product, $(r * h) W_{hn}$: $r$ has one number for each unit that is *read*. After it, $r * (h W_{hn})$: one for each unit that *reads*. In the first, unit $j$ of the candidate sums $r_i h_i W_{ij}$ over $i$; in the second, $r_j \sum_i h_i W_{ij}$. No choice of weights turns one into the other in general, so there is no exact converter. They agree where $W_{hn}$ is diagonal, or where all units have the same $r$. The second form has one advantage: $h W_{hh}$ is one product for all three, while the first must wait for $r$.
"""

# %%
def moved(seed, diagonal=False):
    torch.manual_seed(seed)
    after, before, xs = GRUCell(3, 7).double(), ChoGRUCell(3, 7).double(), torch.randn(20, 5, 3).double()
    with torch.no_grad():
        after.W_hh[:, 14:] *= torch.eye(7) if diagonal else 1
        before.W_xh.copy_(after.W_xh), before.W_hh.copy_(after.W_hh[:, :14]), before.W_hn.copy_(after.W_hh[:, 14:])
        return largest_difference(after, before, xs)

# %% tags=["claim"]
claim("14.6", "Reset after or before the product, same random weights: states differ by at least 0.02 within 20 steps.", [moved(seed) for seed in SEEDS], at_least=0.02, seeds=SEEDS)

# %% tags=["claim"]
claim("14.7", "With a diagonal W_hn the two agree to rounding.", [moved(seed, diagonal=True) for seed in SEEDS], at_most=1e-14, seeds=SEEDS)

# %% [markdown]
r"""
So weights of one form are of no use in the other. Which form one *trains* hardly matters (claim 14.21).

## 14.4 Where the update gate begins

Before training, sums are near 0 and $z \approx 0.5$: half of the state is gone at each step. With a bias $b_z$ the gate begins at $\sigma(b_z)$, and what was written fades as $\sigma(b_z)^t$. Its **time constant**, the time after which $1/e$ is left, is $-1 / \ln \sigma(b_z)$ steps. With $b_z = 0$ that is 1.4 (the table below figure 14.2 has more).

In the convention of Chung et al. it is $-1/\ln(1 - \sigma(b_z))$. There the *low* bias remembers.

**Predict first.** A cell gets one input, then silence, $b_z = 2$. What is left after 10 steps with torch, and what with Chung?
"""

# %%
def fading(kind, bias):
    torch.manual_seed(0)
    cell, xs = kind(1, 8, update_bias=bias, scale=0.2).double(), torch.zeros(40, 1, 1).double()
    xs[0] = 5.0
    lengths = unroll(cell, xs)[0].norm(dim=(1, 2)).detach().numpy()  # (T,)
    return lengths / lengths[0]

# %% tags=["widget"]
def draw_fading(bias):
    fig, ax = plt.subplots(figsize=(6, 3))
    ax.plot(fading(GRUCell, bias), **figures.style_of("GRU"), label="torch: z keeps")
    ax.plot(fading(ChungGRUCell, bias), **figures.style_of("RNN"), label="Chung: z lets in")
    for value, look in ((bias, "reference"), (-bias, "chance")):
        ax.plot(sigmoid(value) ** np.arange(40), **figures.style_of(look), label=f"$\\sigma({value})^t$")
    ax.set(xlabel="steps after the input", ylabel="length of the state, first = 1", ylim=(-0.03, 1.1))
    ax.legend(loc="upper right")
    return fig

Knob(draw_fading, "update bias", values=[-4, -2, -1, 0, 1, 2, 3, 4], default=2, alt="Length of the state after one input. With bias 2 the state of torch's GRU fades over some ten steps and Chung's is gone after two. With bias -2 it is the other way round, with 0 both fade alike within a few steps.")

# %% [markdown]
r"""
**Figure 14.2.** *The same bias makes one convention remember and the other forget.* Untrained cells with 8 units and small weights (up to 0.2), an input of 5 at the first step and zeros after. Grey: the pure powers; the state follows them roughly, as $h$ also acts on gates and candidate.
"""

# %%
for b in (-2, 0, 2, 4):
    print(f"bias {b:2}: time constant {-1 / np.log(sigmoid(b)):4.1f} steps with torch, {-1 / np.log(sigmoid(-b)):4.1f} with Chung")

# %% tags=["claim"]
claim("14.8", "Ten steps after the input, torch's GRU with bias 2 still has at least 20 % of its state, Chung's at most 0.01 %; with bias -2 it is the reverse.",
      np.min([[fading(keeps, b)[10] / 0.2, 1e-4 / fading(forgets, b)[10]] for keeps, forgets, b in ((GRUCell, ChungGRUCell, 2), (ChungGRUCell, GRUCell, -2))], axis=1), at_least=1)

# %% [markdown]
r"""
Does that decide whether anything is learnt? Delayed recall (chapter 12): one of four symbols, 30 distractors, then name the symbol. 8 different symbols, 12 units, batches of 16, 140 updates, torch's convention. Chance is $\ln 4 = 1.39$ nats.
"""

# %%
from rnncourse.evaluation import cross_entropy
from rnncourse.experiments.fast import fast_gru, fast_lstm, fast_rnn
from rnncourse.models import LanguageModel, SequenceClassifier
from rnncourse.tasks_recall import delayed_recall, prefix_parity


# %%
def train(model, draw, updates, clip=1.0):
    optimizer, losses = torch.optim.Adam(model.parameters(), lr=0.01), []
    for step in range(updates):
        task = draw(step)
        outputs = model(torch.from_numpy(task[0]))
        losses.append(cross_entropy(outputs[0] if isinstance(outputs, tuple) else outputs, torch.from_numpy(task[1])))
        optimizer.zero_grad()
        losses[-1].backward()
        nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
    return np.array([loss.item() for loss in losses])  # (updates,)

# %%
def recall(bias, seed):
    torch.manual_seed(seed)
    return train(SequenceClassifier(fast_gru(8, 12, update_bias=bias), 4), lambda step: delayed_recall(30, 16, 4, seed=100_000 * seed + step), 140)

# %% [markdown]
r"""
(`fast_gru` is an `nn.GRU` that begins with the weights of a `GRUCell`; the same numbers, faster.)
"""

# %%
recalled_by = {bias: np.array([recall(bias, seed) for seed in SEEDS]) for bias in (-2, 0, 2)}

# %% tags=["figure", "nbval-ignore-output"]
fig, ax = plt.subplots(figsize=(6, 2.8))
for (bias, runs), look in zip(recalled_by.items(), ("RNN", "LSTM", "GRU"), strict=True):
    figures.plot_seeds(ax, range(140), runs, look, f"update bias {bias}")
ax.axhline(np.log(4), **figures.style_of("chance"), label="chance")
ax.set(xlabel="update", ylabel="loss (nats)", ylim=(0, 2))
ax.legend(loc="lower left")
plt.show()

# %% [markdown]
r"""
**Figure 14.3.** *Over 30 steps only the GRU that begins with $b_z = 2$ has learnt anything.* Thin: five starts; bold: median. With bias 0, or near it, as libraries begin, the direct path keeps $2^{-30}$ of the gradient.
"""

# %% tags=["claim"]
ends = {bias: runs[:, -20:].mean(axis=1) for bias, runs in recalled_by.items()}
claim("14.9", "With bias 2 the last 20 losses are on average at most 0.6 nats; with 0 and -2 they are at chance, at least 1.3.", np.min([0.6 / ends[2], ends[0] / 1.3, ends[-2] / 1.3], axis=0), at_least=1, seeds=SEEDS)

# %% [markdown]
r"""
(Not every task with long gaps needs it: a GRU with bias 0 learns *adding*, where some gaps are short, section 14.8.) With `ChungGRUCell` the bias to begin with would be $-2$. A paper that recommends "a high bias for the update gate" must be read together with its formula.

## 14.5 The whole derivative

How does $h_{t-1}$ act on $h_t$? Straight through $z_t$, and through the candidate, and through the gates. Let $J_t$ be $(H, H)$ with $\partial h_{t,j} / \partial h_{t-1,i}$ in row $i$ and column $j$. Differentiate (14.3), product rule and all, with $D(v)$ the diagonal matrix of a row $v$ (a plain $D$ is still the input's size):

$$J_t = \underbrace{D(z_t)}_{\text{direct path}} + \frac{\partial n_t}{\partial h_{t-1}} D(1 - z_t) + \underbrace{\frac{\partial z_t}{\partial h_{t-1}} D(h_{t-1} - n_t)}_{\text{often left out}}, \tag{14.4}$$

$$\frac{\partial z_t}{\partial h_{t-1}} = W_{hz} D(z_t * (1 - z_t)), \qquad \frac{\partial r_t}{\partial h_{t-1}} = W_{hr} D(r_t * (1 - r_t)), \tag{14.5}$$
$$\frac{\partial n_t}{\partial h_{t-1}} = \Bigl(W_{hn} D(r_t) + \frac{\partial r_t}{\partial h_{t-1}} D(h_{t-1} W_{hn} + b_{hn})\Bigr) D(1 - n_t^2). \tag{14.6}$$

Multiplying by $D(v)$ from the right multiplies column $j$ by $v_j$; in NumPy that is `* v`. The check is `step_jacobians` of chapter 11, which asks autograd.
"""

# %%
def gru_jacobian(h, W_hh, parts):
    (r, z, n, recalled), (W_hr, W_hz, W_hn) = parts, np.split(W_hh, 3, axis=-1)
    dz, dr = W_hz * z * (1 - z), W_hr * r * (1 - r)
    dn = (W_hn * r + dr * recalled) * (1 - n**2)
    return np.diag(z), dn * (1 - z), dz * (h - n)  # direct, through n, through z

# %%
from rnncourse.diagnostics_jacobians import step_jacobians


# %%
def terms(seed):
    torch.manual_seed(seed)
    cell, x, h = GRUCell(3, 7, scale=1.0).double(), torch.randn(1, 1, 3).double(), torch.rand(1, 7).double() * 2 - 1
    weights = [p.detach().numpy() for p in cell.parameters()]
    _, parts = gru_step(x[0, 0].numpy(), h[0].numpy(), *weights)
    return *gru_jacobian(h[0].numpy(), weights[1], parts), step_jacobians(cell, x, h)[0, 0]

# %%
jacobians = [terms(seed) for seed in SEEDS]

# %% tags=["claim"]
claim("14.10", "The sum of the three terms is autograd's derivative.", [np.abs(direct + by_n + by_z - true).max() for direct, by_n, by_z, true in jacobians], at_most=1e-14, seeds=SEEDS)

# %% tags=["claim"]
claim("14.11", "Without the third, the derivative is off by at least a tenth of its length (weights up to 1, random states).", [np.linalg.norm(by_z) / np.linalg.norm(true) for *_, by_z, true in jacobians], at_least=0.1, seeds=SEEDS)

# %% tags=["figure"]
fig, axes = plt.subplots(1, 4, figsize=(7.6, 2.4), sharey=True)
for ax, matrix, title in zip(axes, jacobians[0], ("direct path", "through n", "through z", "all of it"), strict=True):
    image = ax.imshow(matrix, cmap="RdBu_r", vmin=-1, vmax=1)
    ax.set(title=title, xlabel="unit of new h", xticks=range(7), yticks=range(7))
    ax.grid(False)
axes[0].set(ylabel="unit of old h")
fig.colorbar(image, ax=axes[-1])
plt.show()

# %% [markdown]
r"""
**Figure 14.4.** *The way through the update gate is no small correction.* The three terms of (14.4) and their sum for one cell with 7 units. The third is small where old state and candidate nearly agree, so that it hardly matters what $z$ does, and where $z$ is near 0 or 1.

## 14.6 Back through the unit

Write $\delta v$ for $\partial L / \partial v$, and let $\delta h$ have arrived at step $t$. From (14.3), then through the slopes of $\tanh$ and $\sigma$:

$$\delta a_n = \delta h * (1 - z) * (1 - n^2), \qquad \delta a_z = \delta h * (h_{t-1} - n) * z * (1 - z), \tag{14.7}$$
$$\delta a_r = \delta a_n * (h_{t-1} W_{hn} + b_{hn}) * r * (1 - r), \qquad \delta h_{t-1} = \delta h * z + [\delta a_r \;\; \delta a_z \;\; \delta a_n * r] W_{hh}^\top. \tag{14.8}$$

$a_r, a_z, a_n$ are the sums inside the three functions. Note the $r$ beside $\delta a_n$ in the last bracket: the product with $W_{hn}$ sits inside $r * (\dots)$.
"""

# %%
def gru_step_back(d_h, h, parts, W_hh):
    r, z, n, recalled = parts
    d_n, d_z = d_h * (1 - z) * (1 - n**2), d_h * (h - n) * z * (1 - z)
    d_r = d_n * recalled * r * (1 - r)
    d_products = np.concatenate([d_r, d_z, d_n * r], axis=-1)  # (..., 3H) of h W_hh
    return d_h * z + d_products @ W_hh.T, d_products

# %% [markdown]
r"""
The gradient of $W_{hh}$ is the sum of $h_{t-1}^\top\,$`d_products` over the steps. We check one step against autograd. Then `numpy_gru`, which sends gradients back like this through a whole network with read-out and loss, must pass the numerical check of chapter 08.
"""

# %%
def back_by_hand(seed):
    torch.manual_seed(seed)
    cell, x, h, d_h = GRUCell(3, 7).double(), *(torch.randn(5, n).double() for n in (3, 7, 7))
    true = torch.autograd.grad(cell(x, h.requires_grad_())[0], [h, cell.W_hh], d_h)  # (B, H) and (H, 3H)
    x, h, d_h, *weights = (v.detach().numpy() for v in (x, h, d_h, *cell.parameters()))
    d_before, d_products = gru_step_back(d_h, h, gru_step(x, h, *weights)[1], weights[1])
    return max(np.abs(d_before - true[0].numpy()).max(), np.abs(h.T @ d_products - true[1].numpy()).max())

# %% tags=["claim"]
claim("14.12", "One step back by hand: the gradients of the old state and of W_hh are autograd's.", [back_by_hand(seed) for seed in SEEDS], at_most=1e-13, seeds=SEEDS)

# %%
from rnncourse.numpy_rnn_numerical import numerical_gradient, relative_error


# %%
def checked(seed):
    parameters = numpy_gru.initialise(3, 5, 4, seed, scale=0.5)
    data = np.random.default_rng(seed).integers(3, size=(2, 7))  # inputs and targets, (T,) each
    loss = lambda moved: numpy_gru.loss_and_gradients(moved, *data)[0]
    return relative_error(numpy_gru.loss_and_gradients(parameters, *data)[1], numerical_gradient(loss, parameters))

# %% tags=["claim"]
claim("14.13", "All gradients of numpy_gru pass the numerical check.", [checked(seed) for seed in SEEDS], at_most=1e-7, seeds=SEEDS)

# %% [markdown]
r"""
## 14.7 Under the microscope

Temporal order over 100 steps, as in chapters 11 and 13: untrained classifiers around RNN, GRU and LSTM, and the length of the gradient that reaches each step. Update gate (GRU) and forget gate (LSTM) begin with the same bias.

**Predict first.** At bias 0, does either begin better than the plain RNN?
"""

# %%
from rnncourse.diagnostics import microscope
from rnncourse.diagnostics_norms import norm_by_step
from rnncourse.tasks import temporal_order


# %%
def flow(make, seed, **biases):
    torch.manual_seed(seed)
    batch = [torch.from_numpy(part) for part in temporal_order(100, 8, seed)[:2]]
    view = microscope(SequenceClassifier(make(8, 24, **biases), 4).double(), batch, cross_entropy)
    norms = norm_by_step(list(view.gradients.values())[-1])  # (T,) of h; of c for the LSTM
    return norms[::-1] / norms[-1]

# %%
START = [0, 1, 2, 3, 5]
flows = {"RNN": np.array([flow(ElmanCell, seed) for seed in SEEDS])}  # (5, T)
flows |= {("GRU", b): np.array([flow(GRUCell, seed, update_bias=b) for seed in SEEDS]) for b in START}
flows |= {("LSTM", b): np.array([flow(LSTMCell, seed, forget_bias=b) for seed in SEEDS]) for b in START}

# %% tags=["widget"]
def draw_flow(bias):
    fig, ax = plt.subplots(figsize=(6, 3))
    for key, look in (("RNN", "RNN"), (("GRU", bias), "GRU"), (("LSTM", bias), "LSTM")):
        figures.plot_seeds(ax, range(100), flows[key], look)
    ax.set(yscale="log", xlabel="distance in steps", ylabel="length of the gradient, last = 1", ylim=(1e-26, 1e3))
    ax.legend(loc="lower left")
    return fig

Knob(draw_flow, "bias of z or f", values=START, default=1, alt="Gradient by distance for RNN, GRU and LSTM. With bias 0 all three fall to about 1e-20 over 100 steps. With 2 the GRU falls to 1e-4 and the LSTM to 1e-2; with 5 both stay near 1.")

# %% [markdown]
r"""
**Figure 14.5.** *With bias 0 the gated cells begin as blind as the RNN; what they have is a bias that can be raised.* Thin: five starts; bold: median. The gradient is that of $h$, for the LSTM of $c$.
"""

# %% tags=["claim"]
claim("14.14", "Over 99 steps at most 1e-15 of the gradient arrives in all three at bias 0; at bias 5 at least a tenth in GRU and LSTM.",
      np.min([1e-15 / flows["RNN"][:, -1], 1e-15 / flows["GRU", 0][:, -1], 1e-15 / flows["LSTM", 0][:, -1], flows["GRU", 5][:, -1] / 0.1, flows["LSTM", 5][:, -1] / 0.1], axis=0), at_least=1, seeds=SEEDS)

# %% [markdown]
r"""
## 14.8 RNN, GRU or LSTM?

A fair comparison needs a rule. *Equal units* favours the cell with most parameters. **Equal parameters** asks which form uses its numbers best; **equal time** asks what you get for your patience, and depends on the machine and on the program. Stored runs, three starts each, Adam with the best learning rate of a few for each cell and task (found on another start): characters of English text (about 40,000 parameters), adding with $T = 100$ (4,500), and *music*, random pieces of chords whose smallest possible loss is known (6,000). Forget bias 1, update bias 0. "Equal updates" are 300, 400 and 200; "equal time" is 5, 6 and 3 seconds.
"""

# %%
comparison = load_results("gru_comparison")
STARTS, THREE, TEXT, ADDING, MUSIC = [1, 2, 3], ["tanh RNN", "GRU", "LSTM"], "text", "adding, T = 100", "music"

# %%
def losses(task, cell, name="at_updates"):
    return column(comparison.rows, name, task=task, cell=cell)  # (3,)

# %%
def table(task, cells):
    for cell in cells:
        units, size = (int(losses(task, cell, name)[0]) for name in ("units", "parameters"))
        print(f"{task:16} {cell:18} {units:4} units {size:6} parameters   equal updates", losses(task, cell).round(3), "  equal time", losses(task, cell, "at_seconds").round(3))

# %%
for task in (TEXT, ADDING, MUSIC):
    table(task, THREE)

# %% tags=["figure"]
fig, axes = plt.subplots(1, 3, figsize=(8, 2.9))
for ax, (task, unit) in zip(axes, {TEXT: "nats per character", ADDING: "squared error", MUSIC: "nats per step"}.items(), strict=True):
    for cell in THREE:
        for row in (row for row in comparison.rows if (row["task"], row["cell"]) == (task, cell)):
            ax.plot(*np.array(row["curve"]).T[1:], **figures.style_of(cell.removeprefix("tanh ")), linewidth=1, label=cell if row["seed"] == 1 else None)
    ax.set(title=task, xlabel="seconds of training", ylabel=unit)
axes[0].set(ylim=(None, 2.6)), axes[1].set(ylim=(0, 0.3)), axes[2].set(ylim=(None, 4.2))
axes[2].axhline(losses(MUSIC, "GRU", "optimum")[0], **figures.style_of("reference"), label="optimum")
axes[2].legend(loc="upper right")
plt.show()

# %% [markdown]
r"""
**Figure 14.6.** *Which cell is best depends on the task, and on whether one counts updates or seconds.* Held-out loss against CPU seconds of training at equal parameters, one line a start. All three are torch's own kernels, one thread.
"""

# %% tags=["claim"]
claim("14.15", "Adding, equal updates: after 400 the GRU's error is below 0.002; RNN and LSTM are not yet below 0.1.",
      np.min([0.002 / losses(ADDING, "GRU"), losses(ADDING, "tanh RNN") / 0.1, losses(ADDING, "LSTM") / 0.1], axis=0), at_least=1, seeds=STARTS)

# %% tags=["claim"]
claim("14.16", "Text, equal updates: after 300 GRU and LSTM are ahead of the RNN by at least 0.1 nats.", losses(TEXT, "tanh RNN") - np.maximum(losses(TEXT, "GRU"), losses(TEXT, "LSTM")), at_least=0.1, seeds=STARTS)

# %% tags=["claim"]
claim("14.17", "Text, equal time: after 5 seconds the LSTM is ahead of the GRU, by at least 0.01 nats.", losses(TEXT, "GRU", "at_seconds") - losses(TEXT, "LSTM", "at_seconds"), at_least=0.01, seeds=STARTS)

# %% tags=["claim"]
pace = {key: np.array([row["curve"][-1][1] / row["curve"][-1][0] for row in comparison.rows if row["cell"] == key]) for key in ("GRU", "LSTM")}
claim("14.18", "In torch, on the processor that ran this, an update of the LSTM takes at most 0.75 of the GRU's time.", pace["LSTM"] / pace["GRU"], at_most=0.75, seeds=STARTS * 3)

# %%
published("Chung et al. (2014)", "Gated units are better than tanh units.", there="polyphonic music and speech, parameters matched",
          here="music, equal parameters and updates: loss of the RNN minus that of the worse of GRU and LSTM", seeds=STARTS,
          measured=losses(MUSIC, "tanh RNN") - np.maximum(losses(MUSIC, "GRU"), losses(MUSIC, "LSTM")), reproduced={"at_least": 0.02}, direction={"at_least": 0.0})

# %%
published("Chung et al. (2014)", "The GRU is comparable to the LSTM.", there="polyphonic music and speech, parameters matched",
          here="music, equal parameters and updates: loss of the GRU minus that of the LSTM, nats per step", seeds=STARTS,
          measured=losses(MUSIC, "GRU") - losses(MUSIC, "LSTM"), reproduced={"at_least": -0.02, "at_most": 0.02}, direction={"at_least": -0.1, "at_most": 0.1})

# %% [markdown]
r"""
On text and on adding both gated cells are ahead of the plain RNN, on adding once they have had their time. Which of the two gated cells is ahead depends on the rule: torch's LSTM is programmed so much better for a processor that its updates cost less, with as many parameters. Whoever compares at equal time compares programs as well. On music all end near the optimum (right panel), the plain RNN too: a chord lasts four steps, and little of what is further back matters. All this is short training: what is behind now need not stay behind.

Are 1.6 nats a character good, then? Mikolov et al. (2010) found mixtures of plain recurrent networks, on words, far ahead of counting. Let n-grams with Kneser-Ney smoothing (chapter 03) read the same nine tenths of the text, and predict the same 400 windows of 60 held-out characters. Both begin each window without a memory.

**Predict first.** Which $n$ do the networks beat?
"""

# %%
from rnncourse.datasets.corpora import english
from rnncourse.kneser_ney import KneserNey
from rnncourse.ngrams import NGramModel
from rnncourse.text import Vocabulary

text = english()
cut = len(text) * 9 // 10
vocabulary = Vocabulary(text[:cut], unknown="\0")
windows = vocabulary.encode(text[cut:])[: 400 * 61].reshape(400, 61)

# %%
def counting(n):
    model = NGramModel(n, KneserNey()).fit(vocabulary.encode(text[:cut]), len(vocabulary.tokens))
    return -np.mean([model.log_probabilities(window)[1:] for window in windows])

# %% tags=["nbval-ignore-output"]
counted = {n: counting(n) for n in (2, 3, 4, 5, 8)}
print(*(f"{n}-grams {loss:.2f}" for n, loss in counted.items()), sep="   ")

# %% tags=["claim"]
in_time = np.array([losses(TEXT, cell, "at_seconds") for cell in THREE])  # (3, 3): RNN, GRU, LSTM
claim("14.19", "Text, equal time: GRU and LSTM beat trigrams, and all three lose to 4-grams, by at least 0.05 nats.", np.minimum(counted[3] - in_time[1:].max(axis=0), in_time.min(axis=0) - counted[4]), at_least=0.05, seeds=STARTS)

# %% [markdown]
r"""
In seconds, counting wins. The paper's networks had weeks. So here is one with a minute or two, stored: an LSTM with 384 units and dropout reads the same text eight times, by the recipe of this book (`python -m rnncourse train`). Network and 5-grams predict the whole last tenth.
"""

# %%
minutes = load_results("gru_minutes").rows
saved = [row["counted"] - row["loss"] for row in minutes]  # nats
published("Mikolov et al. (2010)", "Recurrent networks are better language models than n-grams, but take long to train.", there="words, for the Wall Street Journal speech task, up to 6.4 million of them and weeks of training: mixed networks have about half the perplexity of a backoff model",
          here="characters, LSTM with 384 units: loss of a Kneser-Ney 5-gram minus that of the network, nats",
          measured=saved, seeds=[row["seed"] for row in minutes], reproduced={"at_least": 0.05}, direction={"at_least": 0.0})

# %% tags=["claim"]
claim("14.20", "Text, one or two minutes: an LSTM saves at least 0.1 nats a character over 5-grams.", saved, at_least=0.1, seeds=[row["seed"] for row in minutes])

# %% [markdown]
r"""
And this text is kind to counting: its pages quote each other, letter for letter (chapter 09). What the paper mixed, networks and n-grams, was better than either in chapter 10, too.

## 14.9 Four relatives

**One gate.** Zhou et al. (2016) let one gate $f$ be both, $r = z = f$, in Chung's convention: the **minimal gated unit**, two thirds of the GRU's numbers:
"""

# %%
from inspect import getsource

from rnncourse.cells.mgu import MGUCell
from rnncourse.cells.multiplicative import MultiplicativeRNNCell
from rnncourse.cells.phased_lstm import PhasedLSTMCell, TimeGate
from rnncourse.cells.scrn import SCRNCell

print(getsource(MGUCell.step))

# %% [markdown]
r"""
Adding with $T = 50$, about 3,000 parameters for each, update bias 0, stored; the three conventions of section 14.3 beside it:
"""

# %%
relatives = load_results("gru_relatives").rows
ADD, SINES = "adding, T = 50", "sines, T = 50"


def show(task):
    for cell in dict.fromkeys(row["cell"] for row in relatives if row["task"] == task):
        rows = [row for row in relatives if (row["task"], row["cell"]) == (task, cell)]
        print(f"{cell:20} {rows[0]['units']:3} units   score", *(f"{row['score']:.2f}" for row in rows), "  updates", *(row["updates"] or "not solved" for row in rows))

# %%
show(ADD)
needed = {cell: column(relatives, "updates", task=ADD, cell=cell) for cell in ("GRU", "GRU of Cho et al.", "GRU of Chung et al.", "minimal gated unit")}

# %% tags=["claim"]
claim("14.21", "Cho's and Chung's forms take as many updates as torch's, to within 30 % (looked at every 50 updates).", np.concatenate([needed[f"GRU of {who} et al."] / needed["GRU"] for who in ("Cho", "Chung")]), at_least=0.7, at_most=1.3, seeds=STARTS * 2)

# %%
published("Zhou et al. (2016)", "The minimal gated unit is comparable to the GRU.", there="adding, sentiment, digits, words; equal units", here="adding, T = 50, equal parameters: its updates over those of torch's GRU",
          measured=needed["minimal gated unit"] / needed["GRU"], reproduced={"at_most": 1.2}, direction={"at_most": 2.0}, seeds=STARTS)

# %% [markdown]
r"""
**A slow half.** Mikolov et al. (2015) asked whether gates are needed at all. Their **structurally constrained network** (SCRN) has hidden units $h$ and context units $s$, which forget at a fixed rate, $\alpha = 0.95$:
"""

# %%
print(getsource(SCRNCell.step))

# %% [markdown]
r"""
$s_t = \alpha\, s_{t-1} + (1 - \alpha)\, x_t W_{xs}$ is (14.3) with an update gate that is *held* at $\alpha$, and a candidate that sees the input alone. In a GRU that is $W_{xz} = W_{hz} = 0$ and $b_z = \ln(\alpha / (1 - \alpha)) = 2.94$: a time constant of 19.5 steps, always. (The GRU also has a tanh, which is no matter for small numbers.)
"""

# %%
def held(seed, small=1e-4):
    torch.manual_seed(seed)
    slow, gru, xs = SCRNCell(3, 4, context_size=7).double(), GRUCell(3, 7, update_bias=np.log(0.95 / 0.05), scale=0).double(), torch.randn(60, 5, 3).double()
    with torch.no_grad():
        gru.W_xh[:, 14:] = small * slow.W_xs
        ours, theirs = unroll(gru, xs)[0] / small, unroll(slow, xs)[0][..., 4:]
    return ((ours - theirs).abs().max() / theirs.abs().max()).item()

# %% tags=["claim"]
claim("14.22", "Context units are a GRU whose update gate is held at 0.95 (small inputs, 60 steps, difference in parts of the largest).", [held(seed) for seed in SEEDS], at_most=1e-5, seeds=SEEDS)

# %% [markdown]
r"""
**A matrix for each input.** Sutskever et al. (2011) let each character choose its own recurrent matrix. That many matrices would be far too many numbers, so they share factors: $W_{hm} D(x_t W_{xm}) W_{mh}$, with $W_{hm}$ $(H, M)$, $W_{xm}$ $(D, M)$, $W_{mh}$ $(M, H)$ and $M$ factors. It is a gate of another kind: the input multiplies, without a sigmoid. This is the **multiplicative RNN**.
"""

# %%
print(getsource(MultiplicativeRNNCell.step))

# %%
def chosen_matrix(seed):
    torch.manual_seed(seed)
    cell, h, ids = MultiplicativeRNNCell(5, 7).double(), torch.randn(1, 7).double(), torch.tensor([3])
    W_of_3 = cell.W_hm @ cell.W_xm[3].diag() @ cell.W_mh  # (H, H)
    return ((h @ W_of_3 + cell.W_xh[3] + cell.b_h).tanh() - cell(ids, h)[0]).abs().max().item()

# %% tags=["claim"]
claim("14.23", "The cell's step is that of a plain RNN with the matrix that its input has chosen.", [chosen_matrix(seed) for seed in SEEDS], at_most=1e-14, seeds=SEEDS)

# %% [markdown]
r"""
SCRN and multiplicative RNN were both proposed for text. So, all cells on text, about 40,000 parameters, stored:
"""

# %%
table(TEXT, dict.fromkeys(row["cell"] for row in comparison.rows))

# %%
published("Mikolov et al. (2015)", "With slow context units, a simple network is similar to an LSTM.", there="words, Penn Treebank and text8, plain gradient descent, perplexity", here="characters, nats: SCRN minus LSTM, equal parameters, the larger of equal updates and equal time",
          measured=np.maximum(losses(TEXT, "SCRN") - losses(TEXT, "LSTM"), losses(TEXT, "SCRN", "at_seconds") - losses(TEXT, "LSTM", "at_seconds")), reproduced={"at_most": 0.02}, direction={"at_most": 0.1}, seeds=STARTS)

# %%
published("Sutskever, Martens & Hinton (2011)", "On characters the multiplicative RNN is better than the plain one.", there="Wikipedia, newspapers, papers; 1,500 units, second-order training", here="characters, nats: multiplicative minus plain RNN, equal parameters and updates",
          measured=losses(TEXT, "multiplicative RNN") - losses(TEXT, "tanh RNN"), reproduced={"at_most": -0.05}, direction={"at_most": 0.0}, seeds=STARTS)

# %% tags=["claim"]
others = np.max([losses(TEXT, cell) for cell in ("minimal gated unit", "multiplicative RNN", "SCRN")], axis=0)
claim("14.24", "Text, equal updates: after 300 all three relatives are ahead of the RNN by 0.1 nats and within 0.1 of the GRU.", np.minimum((losses(TEXT, "tanh RNN") - others) / 0.1, 0.1 / (others - losses(TEXT, "GRU"))), at_least=1, seeds=STARTS)

# %% tags=["claim"]
claim("14.25", "Text, equal time: after 5 seconds the SCRN is ahead of the GRU by at least 0.01 nats.", losses(TEXT, "GRU", "at_seconds") - losses(TEXT, "SCRN", "at_seconds"), at_least=0.01, seeds=STARTS)

# %% [markdown]
r"""
A win for a unit without a gate, though a small one, and against a slow program: in short training on this text, a slow path does what gates do. Where the time to keep something is not the same for all, as in chapter 13, a leak at a fixed rate will not do.

**A clock in each unit.** Some data come whenever something happens, not at regular steps. The **Phased LSTM** of Neil et al. (2016) reads the time $t$ of each event. Each unit has a period $\tau$ and a shift $s$, both learned. With $\phi = ((t - s) \bmod \tau) / \tau$, the part of the period that is over, its **time gate** $k$ opens and closes within the first share `ratio_on` of the period; for the rest it is 0 (in training a small leak). While $k = 0$ the unit keeps $c$ *and* $h$ as they are.
"""

# %%
print(getsource(PhasedLSTMCell.step))

# %%
def clock(ratio_on):
    gate = TimeGate(4, ratio_on=ratio_on).double().eval()
    with torch.no_grad():
        gate.log_period.copy_(torch.tensor([5.0, 10, 20, 40]).double().log()), gate.shift.copy_(torch.tensor([0.0, 2.0, 4.0, 8.0]))
    return gate

# %% tags=["widget"]
def draw_clock(ratio_on):
    fig, ax = plt.subplots(figsize=(6, 3))
    moments, events = np.linspace(0, 60, 1201), np.random.default_rng(0).uniform(0, 60, 40)
    k, at_events = (clock(ratio_on)(torch.from_numpy(t)[:, None]).detach().numpy() for t in (moments, events))
    for unit in range(4):
        ax.fill_between(moments, unit, unit + 0.8 * k[:, unit], color=figures.style_of("LSTM")["color"], alpha=0.35, linewidth=0)
        ax.scatter(events, np.full(40, unit - 0.12), marker="|", c=np.where(at_events[:, unit] > 0, "#d55e00", "#bbbbbb"))
    ax.set(xlabel="time (ms)", ylim=(-0.3, 4), yticks=range(4), yticklabels=[f"period {p} ms" for p in (5, 10, 20, 40)])
    return fig

Knob(draw_clock, "ratio_on", values=[0.02, 0.05, 0.1, 0.2, 0.5, 1.0], default=0.1, alt="Time gates of four units with periods 5, 10, 20 and 40 as triangles along 60 milliseconds, and 40 events at irregular times. With ratio_on 0.05 nearly all events fall where a unit's gate is closed; with 1 all are seen.")

# %% [markdown]
r"""
**Figure 14.7.** *With a small open share each unit sees few of the events, and keeps its state in between.* Triangles: how far the gate is open. Marks below: 40 events; orange where this unit takes part, grey where it sleeps.
"""

# %%
def asleep(seed):
    torch.manual_seed(seed)
    cell, state = PhasedLSTMCell(3, 7).eval(), (torch.randn(500, 7), torch.randn(500, 7))
    _, new = cell(torch.cat([torch.randn(500, 2), 60 * torch.rand(500, 1)], dim=1), state)  # the last input is the time
    return ((new[0] == state[0]) & (new[1] == state[1])).double().mean().item()

# %% tags=["claim"]
claim("14.26", "With ratio_on = 0.05 at least 90 % of all units keep h and c exactly when an event comes.", [asleep(seed) for seed in SEEDS], at_least=0.9, seeds=SEEDS)

# %% [markdown]
r"""
The paper's first task: a sine wave is sampled at 50 irregular times; is its period between 5 and 6 ms? GRU and LSTM get the time since the sample before; the Phased LSTM (`ratio_on` 0.25), and another LSTM, get the time itself. Chance is 1/2. Stored; solved means 95 % right:
"""

# %%
show(SINES)

# %%
score = {cell: column(relatives, "score", task=SINES, cell=cell) for cell in ("GRU", "LSTM, time stamps", "Phased LSTM")}
published("Neil, Pfeiffer & Liu (2016)", "On waves sampled at irregular times the Phased LSTM is better than the LSTM.", there="110 units, 15 to 125 samples, time as one more input, accuracy", here="T = 50, equal parameters and updates, time as one more input: difference in accuracy",
          measured=score["Phased LSTM"] - score["LSTM, time stamps"], reproduced={"at_least": 0.05}, direction={"at_least": 0.0}, seeds=STARTS)

# %% tags=["claim"]
claim("14.27", "A GRU that is told the gaps is right more often than the Phased LSTM, by at least 0.05.", score["GRU"] - score["Phased LSTM"], at_least=0.05, seeds=STARTS)

# %% [markdown]
r"""
With bare time stamps the LSTM learns nothing here, and the clock helps; with gaps the LSTM is ahead of the clock. *How* time is told matters more than the cell.

## 14.10 The hardest small test

**Parity of each prefix**: read bits, say after each whether the number of ones so far is even. One bit must be kept, and *no* input may be missed; whoever misses one is at chance. Here nothing is far away, and the way is long all the same: the state must be turned over or kept at every step. Is it gates that help, or would clipping do?
"""

# %%
def parity(make, seed, clip, updates):
    torch.manual_seed(seed)
    model = LanguageModel(make(2, 16), 2)
    return train(model, lambda step: prefix_parity(12, 32, seed=100_000 * seed + step), updates, clip), model

# %%
KINDS = {"RNN": (fast_rnn, 1.0, 400), "RNN, no clipping": (fast_rnn, 1e9, 400), "GRU": (fast_gru, 1.0, 200), "LSTM": (fast_lstm, 1.0, 200)}
parities = {name: [parity(make, seed, clip, updates) for seed in SEEDS] for name, (make, clip, updates) in KINDS.items()}

# %% tags=["figure", "nbval-ignore-output"]
fig, ax = plt.subplots(figsize=(6, 2.8))
for (name, runs), look in zip(parities.items(), ("RNN", "reference", "GRU", "LSTM"), strict=True):
    figures.plot_seeds(ax, range(KINDS[name][2]), [losses for losses, _ in runs], look, name)
ax.set(xlabel="update", ylabel="loss (nats)", ylim=(0, 0.9))
ax.legend(loc="upper center", ncols=4)
plt.show()

# %% [markdown]
r"""
**Figure 14.8.** *Gated cells learn parity long before the plain RNN; clipping makes no difference to it.* Sequences of 12 bits, 16 units. Thin: five starts; bold: median. Chance is $\ln 2 = 0.69$. The two curves of the RNN lie on one another; the gated cells stop after 200.
"""

# %% tags=["claim"]
first = {name: np.array([np.argmax(np.append(losses, 0) < 0.1) for losses, _ in runs]) for name, runs in parities.items()}
claim("14.28", "GRU and LSTM get below 0.1 nats in at most 0.6 of the updates that the RNN takes, clipped or not.",
      np.maximum(first["GRU"], first["LSTM"]) / np.minimum(first["RNN"], first["RNN, no clipping"]), at_most=0.6, seeds=SEEDS)

# %% tags=["claim"]
claim("14.29", "Without clipping the RNN takes as many updates as with it, to 15 %.", first["RNN, no clipping"] / first["RNN"], equals=1, tolerance=0.15, seeds=SEEDS)

# %% [markdown]
r"""
Learnt on 12 bits, does it hold for 200?
"""

# %%
def right_on(model):
    task = prefix_parity(200, 100, seed=7)
    return np.mean(model(torch.from_numpy(task.ids))[0].argmax(-1).numpy()[-1] == task.targets[-1])

# %% tags=["claim"]
claim("14.30", "After 200 bits the LSTM still names the parity in at least 90 % of new sequences.", [right_on(model) for _, model in parities["LSTM"]], at_least=0.9, seeds=SEEDS)

# %% [markdown]
r"""
## 14.11 Limits and common mistakes

*Weights of another convention.* Whoever splits torch's arrays by hand and puts the blocks into a GRU of Cho or Chung gets no warning, only the wrong numbers of claims 14.4 and 14.6. `copy_from_torch` refuses:
"""

# %% tags=["raises-exception"]
copy_from_torch(nn.GRU(3, 7), ChoGRUCell(3, 7))

# %% [markdown]
r"""
*Setting torch's update bias twice.* `nn.GRU` adds `bias_ih` and `bias_hh` in both gates; 1 in both is 2. In $n$ they are not added: the second stands inside $r * (\dots)$.

*A GRU cannot count.* As $|h| < 1$, it has no place for a number that grows; an LSTM's cell can add 1 at every step (chapter 13):
"""

# %% tags=["claim"]
torch.manual_seed(0)
cell = GRUCell(1, 16, update_bias=3.0, scale=3.0)
largest = max(unroll(cell, 5 * torch.randn(1000, 1, 1))[0].abs().max().item() for _ in range(5))
claim("14.31", "Whatever it reads, |h| of a GRU that begins at 0 is at most 1, but for rounding (5 runs of 1,000 steps, weights up to 3).", largest, at_most=1.00001)

# %% [markdown]
r"""
## Often told wrong

*"$h_t = (1 - z_t) * h_{t-1} + z_t * \tilde h_t$ (Cho et al., 2014)."* That is the form of Chung et al. and of Bahdanau et al. The cited paper prints the other one, which torch has too. Either is fine; one must know which (claims 14.4, 14.5).

*"The update gate's bias should be high."* In the form in which $z$ keeps. In the other it should be low (claim 14.8).

*"torch's GRU is that of the paper."* Of its first version. As printed later, the reset gate acts before the product, and weights cannot be carried over (14.6).

*"$\partial h_t / \partial h_{t-1} = z_t + (1 - z_t)\, \partial n_t / \partial h_{t-1}$."* The product rule has one more term, (14.4). One unit with $w_{hz} = 2$, $w_{hn} = -1$, $r = 1$, $x = 0$ and $h = 0.8$, against a difference quotient:
"""

# %% tags=["claim"]
W_hh, old = np.array([[0.0, 2.0, -1.0]]), np.array([0.8])
step = lambda h: gru_step(np.zeros(1), h, np.zeros((1, 3)), W_hh, np.array([40.0, 0, 0]), np.zeros(1))
direct, by_n, by_z = (term.item() for term in gru_jacobian(old, W_hh, step(old)[1]))
slope = ((step(old + 1e-6)[0] - step(old - 1e-6)[0]) / 2e-6).item()
print(f"quotient {slope:.4f}, three terms {direct + by_n + by_z:.4f}, two terms {direct + by_n:.4f}")
claim("14.32", "The slope is above 1.1, that of two terms below 0.75: the one grows, the other seems to fade.", min(slope / 1.1, 0.75 / (direct + by_n)), at_least=1)

# %% [markdown]
r"""
*"The GRU is faster than the LSTM."* It has fewer numbers. The seconds are the program's: in torch, on our processor, its updates took longer (claim 14.18).

## Where it came from

Cho et al. (2014) introduced the unit, without a name, as part of an encoder and decoder for translation. Chung et al. (2014) named it, compared it with LSTM and tanh, and wrote $z$ the other way round, as Bahdanau et al. (2015) did. Jozefowicz et al. (2015) searched thousands of architectures and found close relatives of the GRU; a forget bias of 1 closed most of the LSTM's distance to it. Zhou et al. (2016) went down to one gate. From another side came Sutskever et al. (2011), with inputs that multiply, and Mikolov et al. (2015), with units that are merely slow. Neil et al. (2016) tied the gate to a clock.

## Summary

- One gate can do the work of input and forget gate (14.1). Without the output gate one state is enough: the GRU (14.2), about three quarters of the LSTM's numbers (14.3).
- Two meanings of $z$ are in use; a change of signs converts them exactly (14.4, 14.5). For the two places of the reset there is no converter (14.6, 14.7); trained, the forms are alike (14.21).
- A bias of the update gate towards keeping decides whether long gaps are learnt (14.8, 14.9).
- The derivative has three terms; one is often forgotten (14.10, 14.11). By hand, the gradients are right (14.12, 14.13).
- Without a bias gated cells begin as blind as an RNN (14.14). Trained, the winner depends on task and rule (14.15 to 14.18); on a small text 4-grams beat them all after seconds (14.19), not after minutes (14.20).
- The minimal gated unit is a GRU with one gate, SCRN's slow half a GRU whose gate is held fast (14.22); in the multiplicative RNN the input chooses the matrix (14.23). All three are near the GRU on text, one of them a little ahead of it in time (14.24, 14.25). In the Phased LSTM the clock chooses who takes part (14.26); but on the waves a GRU did better (14.27).
- Gates, not clipping, make parity easy (14.28 to 14.30).

## Exercises

All in [one notebook](../exercises/14_gru/14_gru.ipynb), which checks itself.

- 14.1 One step of the GRU (implement, 10 minutes)
- 14.2 Whose z is it? (explain, 10 minutes)
- 14.3 Convert the weights (implement, 15 minutes)
- 14.4 The missing term (find the bug, 15 minutes)
- 14.5 Equal parameters (implement, 15 minutes)
- 14.6 Which cell for which task? (experiment, 20 minutes)

## References

- D. Bahdanau, K. Cho and Y. Bengio (2015). Neural machine translation by jointly learning to align and translate. *International Conference on Learning Representations*. arXiv:1409.0473.
- K. Cho, B. van Merriënboer, C. Gulcehre, D. Bahdanau, F. Bougares, H. Schwenk and Y. Bengio (2014). Learning phrase representations using RNN encoder-decoder for statistical machine translation. *Conference on Empirical Methods in Natural Language Processing (EMNLP)*, 1724-1734. arXiv:1406.1078.
- J. Chung, C. Gulcehre, K. Cho and Y. Bengio (2014). Empirical evaluation of gated recurrent neural networks on sequence modeling. arXiv:1412.3555.
- R. Jozefowicz, W. Zaremba and I. Sutskever (2015). An empirical exploration of recurrent network architectures. *International Conference on Machine Learning (ICML)*, 2342-2350. https://proceedings.mlr.press/v37/jozefowicz15.html
- T. Mikolov, M. Karafiát, L. Burget, J. Černocký and S. Khudanpur (2010). Recurrent neural network based language model. *Interspeech 2010*, 1045-1048. DOI 10.21437/Interspeech.2010-343.
- T. Mikolov, A. Joulin, S. Chopra, M. Mathieu and M. Ranzato (2015). Learning longer memory in recurrent neural networks. *International Conference on Learning Representations, workshop*. arXiv:1412.7753.
- D. Neil, M. Pfeiffer and S.-C. Liu (2016). Phased LSTM: accelerating recurrent network training for long or event-based sequences. *Advances in Neural Information Processing Systems* 29, 3882-3890. arXiv:1610.09513.
- I. Sutskever, J. Martens and G. Hinton (2011). Generating text with recurrent neural networks. *Proceedings of the 28th International Conference on Machine Learning*, 1017-1024. ISBN 978-1-4503-0619-5.
- G.-B. Zhou, J. Wu, C.-L. Zhang and Z.-H. Zhou (2016). Minimal gated unit for recurrent neural networks. *International Journal of Automation and Computing* 13(3), 226-234. arXiv:1603.09420.
"""
