# %% [markdown]
r"""
# 08 Backpropagation through time

One line, `loss.backward()`, trains a recurrent network in torch. What does it compute, and what does it cost in time and in memory?

**You will be able to** derive the gradient of a recurrent network and check every formula; write it as one sweep back through time; say what truncation keeps and what it can no longer learn; trade memory for time; and compute the same gradient forwards in time.

**You need** [chapter 01](01_sequences.ipynb), the recurrence of chapter 06, the chain rule, the gradient of a dense layer, and a little torch.

Run time: about 25 s.
"""

# %% tags=["setup"]
import tracemalloc
from timeit import timeit

import matplotlib.pyplot as plt
import numpy as np
import torch

from rnncourse import figures
from rnncourse.claims import claim
from rnncourse.knob import Knob
from rnncourse.numpy_rnn import cross_entropy, forward, initialise, loss_and_gradients

figures.use_style()
torch.set_num_threads(1)

# %% [markdown]
r"""
## 8.1 Two forward passes for every weight

The network of this chapter reads symbols and predicts the next one. With row vectors, at step $t = 1, \dots, T$:

$$a_t = x_t W_{xh} + h_{t-1} W_{hh} + b_h, \quad h_t = \tanh(a_t), \quad o_t = h_t W_{hy} + b_y, \quad p_t = \mathrm{softmax}(o_t). \tag{8.1}$$

Here $x_t$ $(D,)$ is the input, a one-hot row; $h_t$ $(H,)$ the state, with $h_0 = 0$; $o_t$ $(V,)$ the logits and $p_t$ $(V,)$ the probabilities. The weights are $W_{xh}$ $(D, H)$, $W_{hh}$ $(H, H)$, $W_{hy}$ $(H, V)$, the biases $b_h$ $(H,)$ and $b_y$ $(V,)$. Let $y_t$ be the one-hot target. The loss $L$ is a sum over the steps (many slides call it $E$):

$$L = \sum_{t=1}^T L_t, \qquad L_t = -\ln p_t[\text{target}_t], \qquad \frac{\partial L}{\partial W} = \sum_{t=1}^T \frac{\partial L_t}{\partial W}. \tag{8.2}$$

One sequence is one example, with many losses. The simplest way to its gradient needs no calculus: move one weight a little up and a little down, and see what the loss does.

**Predict first.** For $V = D = 65$ characters and $H = 100$, how many forward passes does that take? (`case` draws random weights, $T$ random symbols to read, and as targets the symbols that follow each of them. `SEEDS` are the cases on which we test.)
"""

# %%
def case(seed, T=11, H=7, V=5):
    ids = np.random.default_rng(seed).integers(V, size=T + 1)  # (T + 1,)
    return initialise(V, H, V, seed, scale=H**-0.5), ids[:-1], ids[1:]

# %% tags=["settings"]
SEEDS = [0, 1, 2]

# %%
large, *sequence = case(0, T=25, H=100, V=65)
print(2 * sum(w.size for w in large), "forward passes")

# %% [markdown]
r"""
And that for *one* step of training. On a smaller network we can wait for it. The package's `loss_and_gradients` computes the gradient as section 8.6 will explain (of the mean loss, $L / T$). `times` lets functions take turns and returns the shortest time of each. `relative_error`, used below, compares gradients array by array: the length of the difference over that of the longer one, and of these the largest.
"""

# %%
from rnncourse.numpy_rnn import Forward, Parameters
from rnncourse.numpy_rnn_numerical import numerical_gradient, relative_error


# %%
def times(*functions, rounds=4):
    return np.min([[timeit(f, number=1) for f in functions] for _ in range(rounds)], axis=0)

# %%
def by_moving(parameters, inputs, targets):
    loss = lambda moved: cross_entropy(forward(moved, inputs).logits, targets)[0].sum()
    return numerical_gradient(loss, parameters)

# %% tags=["claim"]
slow, fast = times(lambda: by_moving(*case(0)), lambda: loss_and_gradients(*case(0)))
claim("8.1", "With 131 weights, moving each of them takes at least 20 times as long as one sweep.", slow / fast, at_least=20)

# %% [markdown]
r"""
So measured slopes are for checking, not for training.

## 8.2 The paths

$W_{hh}$ is *one* matrix, used at every step. To move it is to move all its uses at once. A loss feels each of them, along a path of its own.
"""

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(6.5, 2.5))
arrow = {"arrowstyle": "->", "shrinkA": 15, "shrinkB": 15}
for t in range(4):
    ax.plot(t, 0, "o", markersize=27, color="#b5dfd2")
    ax.text(t, 0, f"$h_{t}$", ha="center", va="center")
    if t:
        ax.annotate("", (t, 0), (t - 1, 0), arrowprops=arrow)
        ax.text(t - 0.5, -0.28, "$W_{hh}$", ha="center")
ax.plot(3.1, 1.5, "s", markersize=25, color="#cccccc")
ax.text(3.1, 1.5, "$L_3$", ha="center", va="center")
for k, color, style in ((3, "#0072b2", "-"), (2, "#d55e00", "--"), (1, "#cc79a7", "-.")):
    x, y = 3 + 0.1 * (k - 1), 1.25 - 0.27 * k
    ax.plot(range(k, 4), [y] * (4 - k), "o", color=color, markersize=6)
    ax.plot([k - 0.5, k - 0.5, x, x], [0.03, y, y, 1.2], color=color, linestyle=style, label=f"k = {k}")
ax.set(xlim=(-0.3, 3.6), ylim=(-0.4, 1.8))
ax.legend(loc="upper left")
ax.axis("off")
plt.show()

# %% [markdown]
r"""
**Figure 8.1.** *The third loss depends on $W_{hh}$ along three paths, one for each time that the matrix was used.* Green: the states of the unrolled network; the inputs are left out. Each line leads from the use at step $k$ to $L_3$; its dots are the states on the way, $h_k, \dots, h_3$. A use at step 4 would be in no path: it comes too late.

We check everything with the word "hello" ($V = 4$ letters, $T = 4$, $H = 3$), with random cases, and with torch (`steps` picks which losses are added, `slice(None)` is all):
"""

# %%
word = np.array([0, 1, 2, 2, 3])  # h e l l o
hello = initialise(4, 3, 4, seed=0, scale=0.7), word[:-1], word[1:]

# %%
def torch_losses(weights, inputs, targets, copies=None):
    W_xh, W_hh, b_h, W_hy, b_y = weights
    h, losses = torch.zeros_like(b_h), []
    for t, (x, y) in enumerate(zip(inputs, targets, strict=True)):
        h = torch.tanh(W_xh[x] + h @ (W_hh if copies is None else copies[t]) + b_h)
        losses.append(-torch.log_softmax(h @ W_hy + b_y, 0)[y])
    return torch.stack(losses)  # (T,)

# %%
def by_autograd(parameters, inputs, targets, steps=slice(None)):
    weights = [torch.from_numpy(w).requires_grad_() for w in parameters]
    loss = torch_losses(weights, inputs, targets)[steps].sum()
    return Parameters(*(g.numpy() for g in torch.autograd.grad(loss, weights)))

# %% [markdown]
r"""
(`copies` gives each step a $W_{hh}$ of its own. Section 8.7 needs it.)

## 8.3 The output weights: one path

$W_{hy}$ stands behind the state. It touches $L_3$ once, through $o_3$. Softmax and logarithm together have the well-known gradient $p_3 - y_3$, so

$$\frac{\partial L_3}{\partial o_3} = p_3 - y_3, \qquad \frac{\partial L_3}{\partial W_{hy}} = h_3^\top (p_3 - y_3), \tag{8.3}$$

the outer product of a state $(H,)$ and a row $(V,)$: entry $(i, v)$ is $h_3[i]\,(p_3[v] - y_3[v])$. In an array, `states[3]` is $h_3$, because `states[0]` is $h_0$; but row 2 of the logits belongs to step 3.
"""

# %%
result = forward(*hello[:2])
p = np.exp(result.logits) / np.exp(result.logits).sum(axis=1, keepdims=True)  # (T, V)
print(np.outer(result.states[3], p[2] - np.eye(4)[word[3]]).round(3))  # y_3 is the second l

# %%
def run_forward(parameters, inputs, targets):
    run = forward(parameters, inputs)
    return parameters, run, cross_entropy(run.logits, targets)[1]  # the last (T, V), p - y

# %%
def error_of_output_rule(seed, t):
    _, run, d_logits = run_forward(*case(seed))
    return np.abs(np.outer(run.states[t + 1], d_logits[t]) - by_autograd(*case(seed), steps=t).W_hy).max()

# %% tags=["claim"]
worst = [max(error_of_output_rule(seed, t) for t in range(11)) for seed in SEEDS]
claim("8.2", "Formula (8.3) equals autograd at every one of 11 steps.", worst, at_most=1e-10, seeds=SEEDS)

# %% [markdown]
r"""
## 8.4 The recurrent weights: every path once

**The Jacobian.** One step back, how does $h_t$ depend on $h_{t-1}$? The slope of $\tanh$ at $a_t$ is $1 - h_t^2$, so

$$J_t[i, j] = \frac{\partial h_t[j]}{\partial h_{t-1}[i]} = W_{hh}[i, j]\,(1 - h_t[j]^2), \qquad J_t = W_{hh}\,\mathrm{diag}(1 - h_t^2). \tag{8.4}$$

Rows are where we come from, columns where we go. A gradient is a row too, and goes back by $\partial L / \partial h_{t-1} = (\partial L / \partial h_t)\, J_t^\top$. With column vectors everything is transposed: the Jacobian is $\mathrm{diag}(1 - h_t^2)\, W$ with $W = W_{hh}^\top$, and later steps stand on the left. Both layouts are right, one at a time.

**The immediate derivative.** Let $\partial^+ h_k / \partial W_{hh}$ be the derivative of $h_k$ with $h_{k-1}$ *held fixed*, as if it were a number that fell from the sky:

$$\frac{\partial^+ h_k[j]}{\partial W_{hh}[i, l]} = h_{k-1}[i]\,(1 - h_k[j]^2) \text{ if } j = l, \text{ and 0 otherwise.} \tag{8.5}$$

It covers the use at step $k$ and no other. Then the three paths of figure 8.1 are the three terms of

$$\frac{\partial L_t}{\partial W_{hh}} = \sum_{k=1}^{t} \frac{\partial L_t}{\partial h_t}\, \frac{\partial h_t}{\partial h_k}\, \frac{\partial^+ h_k}{\partial W_{hh}}, \qquad \frac{\partial h_t}{\partial h_k} = J_{k+1} J_{k+2} \cdots J_t. \tag{8.6}$$

The product is the identity for $k = t$. The row $\partial L_t / \partial h_t$ goes through it backwards, multiplied first by $J_t^\top$ and last by $J_{k+1}^\top$.

**By hand.** One unit, as in chapter 00: $h_t = \tanh(w h_{t-1} + x_t)$, $w = 0.5$, inputs 1, 0, 0. The states are 0.762, 0.363, 0.180, the slopes $1 - h_t^2$ are 0.420, 0.868, 0.967. Take $h_3$ itself as the loss.
"""

# %%
w, h = 0.5, np.array([0, 0.7616, 0.3634, 0.1797])  # h_0 .. h_3
slopes = 1 - h**2
immediate = h[:-1] * slopes[1:]  # at k = 1, 2, 3
later = np.array([w * slopes[2] * w * slopes[3], w * slopes[3], 1])  # dh_3/dh_k
print("terms", (immediate * later).round(3), "sum", (immediate * later).sum().round(3))

# %% [markdown]
r"""
Many texts write a plain $\partial h_k / \partial W$ in (8.6). Read as what it says, the *total* derivative of $h_k$, it contains the earlier uses already, and the sum over $k$ counts them again. The total derivative of a state is immediate + $w \cdot$ slope $\cdot$ that of the state before. That of $h_3$ alone is already the answer:
"""

# %%
total = [immediate[0]]
for k in (1, 2):
    total.append(immediate[k] + w * slopes[k + 1] * total[-1])
print("total", np.round(total, 3), "over-counted", (np.array(total) * later).sum().round(3))

# %% tags=["claim"]
up, down = (np.tanh(w * np.tanh(w * np.tanh(1))) for w in (0.5 + 1e-5, 0.5 - 1e-5))  # h_3
measured = (up - down) / 2e-5
claim("8.3", "The sum over immediate derivatives is the measured slope of the third state.", (immediate * later).sum() - measured, equals=0, tolerance=1e-4)

# %% tags=["claim"]
claim("8.4", "With total derivatives in their place, the sum is at least 1.4 times the true slope.", (np.array(total) * later).sum() / measured, at_least=1.4)

# %% [markdown]
r"""
Now with matrices. `state_jacobians` is (8.4), `immediate_derivatives` (8.5), and `gradient_by_formula` (8.6). `sensitivities` gives total derivatives by all weights (with `real_time_recurrent_learning`, section 8.11); rows 5 to 11 are those of $W_{hh}$.
"""

# %%
from rnncourse.numpy_rnn_gradients import (
    gradient_by_formula,
    immediate_derivatives,
    state_jacobians,
)
from rnncourse.numpy_rnn_realtime import real_time_recurrent_learning, sensitivities


# %%
def errors_of_derivatives(parameters, inputs, t):
    run = forward(parameters, inputs)
    W, h = torch.from_numpy(parameters.W_hh), torch.from_numpy(run.states[t])
    from_input = torch.from_numpy(parameters.W_xh[inputs[t]] + parameters.b_h)  # (H,)
    by_W, by_h = torch.autograd.functional.jacobian(  # (H, H, H) and (H, H), output first
        lambda W, h: torch.tanh(from_input + h @ W), (W, h))
    jacobian_error = state_jacobians(parameters, run)[t] - by_h.numpy().T
    immediate_error = immediate_derivatives(run)[t] - np.moveaxis(by_W.numpy(), 0, -1)
    return max(np.abs(jacobian_error).max(), np.abs(immediate_error).max())

# %% tags=["claim"]
worst = [max(errors_of_derivatives(*case(seed)[:2], t) for t in range(11)) for seed in SEEDS]
claim("8.5", "Formulas (8.4) and (8.5) equal autograd's Jacobians at each of 11 steps.", worst, at_most=1e-10, seeds=SEEDS)

# %%
def readings(seed):
    parameters, run, d_logits = run_forward(*case(seed))
    total = np.stack([s[5:12] for _, s in sensitivities(parameters, run.inputs)])  # (T, H, H, H)
    right, wrong = (gradient_by_formula(parameters, run, d_logits, d) for d in (immediate_derivatives(run), total))
    true = [by_autograd(*case(seed), steps=t).W_hh for t in range(11)]
    return relative_error(list(right), true), relative_error(wrong.sum(axis=0), sum(true))

# %% tags=["claim"]
right, wrong = np.array([readings(seed) for seed in SEEDS]).T
claim("8.6", "Formula (8.6) with immediate derivatives gives autograd's gradient of each of 11 losses.", right, at_most=1e-10, seeds=SEEDS)

# %% tags=["claim"]
claim("8.7", "With total derivatives, the sum over the losses is wrong by 0.4 of the larger gradient's length or more.", wrong, at_least=0.4, seeds=SEEDS)

# %% [markdown]
r"""
How much of a gradient arrives from far away? With $\|\cdot\|$ the largest factor by which a matrix stretches a vector (the spectral norm),

$$\Big\|\frac{\partial h_t}{\partial h_k}\Big\| \;\le\; \prod_{j=k+1}^{t} \|J_j\| \;\le\; \|W_{hh}\|^{t-k}. \tag{8.7}$$

The norm of a product is at most the product of the norms, and no slope exceeds 1. These are inequalities. Slides that write "=" treat matrices as if they were numbers: two matrices seldom stretch most in the same direction.
"""

# %%
def norms(seed):
    parameters, inputs, _ = case(seed)
    jacobians = state_jacobians(parameters, forward(parameters, inputs))[1:]  # J_2 .. J_11
    single = np.linalg.norm(jacobians, 2, axis=(1, 2))  # (10,)
    return np.linalg.norm(np.linalg.multi_dot(jacobians), 2), single.prod(), np.linalg.norm(parameters.W_hh, 2) ** 10

# %% tags=["claim"]
truth, bound, outer_bound = np.array([norms(seed) for seed in SEEDS]).T
claim("8.8", "Over ten steps of a random network, each side of (8.7) is at most half of the next.", np.maximum(truth / bound, bound / outer_bound), at_most=0.5, seeds=SEEDS)

# %% [markdown]
r"""
What such products do to learning is the subject of chapter 11.

## 8.5 The double loop

Formula (8.6), taken at its word, is two loops: over the losses, and from each of them back. The inner loop carries `d_h`, the gradient of this one loss with respect to $h_k$. If it stops after `window` states, that is **truncated** backpropagation through time.
"""

# %%
def double_loop(parameters, run, d_logits, window):
    d_W_hh, inner_steps = np.zeros_like(parameters.W_hh), 0
    for t in range(len(d_logits)):
        d_h = d_logits[t] @ parameters.W_hy.T  # (H,)
        for k in range(t, max(t - window, -1), -1):
            d_sum = d_h * (1 - run.states[k + 1] ** 2)  # (H,) with respect to a
            d_W_hh += np.outer(run.states[k], d_sum)
            d_h = d_sum @ parameters.W_hh.T
            inner_steps += 1
    return d_W_hh, inner_steps

# %% [markdown]
r"""
**Predict first.** How many inner steps for $T = 400$, without truncation and with a window of 5?
"""

# %%
long = run_forward(*case(0, T=400))
print([double_loop(*long, window)[1] for window in (400, 5)])

# %% [markdown]
r"""
$400 \cdot 401 / 2 = 80{,}200$, against 5 each, fewer for the first four losses. (What is often called `bptt_truncate = 4` looks at the own step and four more, which is our window of 5.)

This loop is in many tutorials, and in lecture slides we saw it with faults. Three of them, in small. *An accumulator that is the number 0, and is then indexed like an array:*
"""

# %% tags=["raises-exception"]
delta = 0
delta[np.arange(4), word[1:]] -= 1

# %% [markdown]
r"""
*The probabilities under a second name.* `delta = p` makes no copy. The subtraction changes `p` as well, which is then no distribution any more. Write `p.copy()`.
"""

# %%
delta = p
delta[np.arange(4), word[1:]] -= 1
print("sums of the rows of the probabilities:", p.sum(axis=1).round(12) + 0)

# %% [markdown]
r"""
*A transpose that does nothing.* `.T` of a vector is the same vector. Between two vectors, `@` then gives a number where an outer product was meant.
"""

# %%
row = result.states[3]  # (H,)
print(row.T.shape, "- with @ a shape of", np.shape(row.T @ row), "- outer product", np.outer(row, row).shape)

# %% [markdown]
r"""
## 8.6 One sweep

The double loop multiplies by the same matrices again and again: at step $k$, all losses from $k$ on go the same way back. So add them *before* they go. Let $g_t = \partial L / \partial h_t$ and $d_t = \partial L / \partial a_t$, both $(H,)$, for the *whole* loss. With $d_{T+1} = 0$, for $t = T, \dots, 1$:

$$g_t = (p_t - y_t)\, W_{hy}^\top + d_{t+1} W_{hh}^\top, \qquad d_t = g_t * (1 - h_t^2). \tag{8.8}$$

The first term is what $h_t$ does to its own loss; the second is what it does to all later ones. At step $t$, the weights into the state touch $a_t$ alone: there $W_{hh}$ multiplies $h_{t-1}$, and $W_{xh}$ multiplies $x_t$. So

$$\frac{\partial L}{\partial W_{hh}} = \sum_t h_{t-1}^\top d_t, \quad \frac{\partial L}{\partial W_{xh}} = \sum_t x_t^\top d_t, \quad \frac{\partial L}{\partial b_h} = \sum_t d_t, \quad \frac{\partial L}{\partial W_{hy}} = \sum_t h_t^\top (p_t - y_t), \quad \frac{\partial L}{\partial b_y} = \sum_t (p_t - y_t). \tag{8.9}$$

This is **backpropagation through time** (BPTT): one step back for each step forward. By hand, on the unit of section 8.4, whose only loss is $h_3$ itself (so $\partial L_3 / \partial h_3 = 1$):
"""

# %%
d = np.zeros(5)  # d_1 .. d_3 stand at 1 .. 3; d_4 = 0
for t in (3, 2, 1):
    d[t] = ((t == 3) + w * d[t + 1]) * slopes[t]
print("d", d[1:4].round(3), " sum of h_(t-1) d_t", (h[:3] * d[1:4]).sum().round(3))

# %% [markdown]
r"""
The terms are those of section 8.4, found without a product of Jacobians. Now with matrices:
"""

# %%
def state_gradients(parameters, run, d_logits, stop=0):
    g, carried = np.full(run.states[1:].shape, np.nan), 0.0  # (T, H)
    for t in range(len(g) - 1, stop - 1, -1):
        g[t] = d_logits[t] @ parameters.W_hy.T + carried
        carried = (g[t] * (1 - run.states[t + 1] ** 2)) @ parameters.W_hh.T
    return g

# %% tags=["widget"]
def draw_sweep(t):
    fig, ax = plt.subplots(figsize=(6, 2.6))
    g = state_gradients(*run_forward(*case(1, T=10)), stop=t - 1)
    ax.set_facecolor("#dddddd")
    ax.imshow(g.T, cmap="RdBu_r", vmin=-1.25, vmax=1.25, aspect="auto", extent=(0.5, 10.5, 7.5, 0.5))
    ax.grid(visible=False)
    ax.set(xlabel="step t", ylabel="unit", xticks=range(1, 11), title=f"after the step back to t = {t}")
    return fig

Knob(draw_sweep, "t", list(range(10, 0, -1)), default=5, alt="A table of units by steps, filled column by column from the last step to the first.")

# %% [markdown]
r"""
**Figure 8.2.** *The sweep fills the gradients of the states from the end, and touches each step once.* Colour: $\partial L / \partial h_t$ for each unit (red positive, blue negative; grey: not yet known). Turn the knob: a column is final as soon as it is there, because everything that depends on this state has spoken.

The package has it for batches: `d_last` is a gradient that comes from beyond the end (section 8.8). `as_shaped` and `as_state` check shapes; `gradient_of_input_weights` adds each $d_t$ to the row of $W_{xh}$ that $x_t$ picked.
"""

# %%
from rnncourse.numpy_rnn_inputs import as_shaped, as_state
from rnncourse.numpy_rnn_lookup import gradient_of_input_weights


# %% tags=["mirror:rnncourse.numpy_rnn.backward"]
def backward(parameters, result, d_logits, d_last=None):
    """Go back through time once: the gradients of all parameters and of the first state.

    Args:
        parameters, result: Parameters, and what ``forward`` returned for them.
        d_logits: (T, B, V) gradient of the loss with respect to the logits.
        d_last: (B, H) gradient that reaches the last state from later steps; None for zeros.

    Returns:
        gradients (Parameters) and the gradient (B, H) of h_0.

    Raises:
        TypeError, ValueError: an argument of the wrong kind, shapes that do not fit, NaN.

    Source:
        Werbos (1990), Backpropagation through time, Proceedings of the IEEE 78(10).
    """
    inputs, states, logits = result
    d_logits = as_shaped(d_logits, "d_logits", logits.shape, states.dtype)
    d_carried = as_state(d_last, "d_last", states.shape[1:], states.dtype)  # (B, H)
    d_hs = d_logits @ parameters.W_hy.T  # (T, B, H) through the logits of the same step
    for t in reversed(range(len(d_hs))):
        d_hs[t] += d_carried  # through all later steps
        d_hs[t] *= 1 - states[t + 1] ** 2  # now the gradient of the sum inside tanh
        d_carried = d_hs[t] @ parameters.W_hh.T  # (B, H)
    arrays = states[:-1], states[1:], d_hs, d_logits  # now time and batch become one axis
    before, hs, d_sums, d_rows = (a.reshape(-1, a.shape[-1]) for a in arrays)  # (T B, ...)
    d_W_xh = gradient_of_input_weights(inputs, d_sums, len(parameters.W_xh))
    into_state = d_W_xh, before.T @ d_sums, d_sums.sum(axis=0)
    return Parameters(*into_state, hs.T @ d_rows, d_rows.sum(axis=0)), d_carried

# %% [markdown]
r"""
The line `d_hs = d_logits @ W_hy.T` does all steps in one product, since it waits for nobody. Only the carried part must go step by step. Two oracles:
"""

# %%
def sweep(parameters, inputs, targets):
    return backward(*run_forward(parameters, inputs, targets))[0]

# %% tags=["claim"]
worst = [relative_error(sweep(*case(seed)), by_moving(*case(seed))) for seed in SEEDS]
claim("8.9", "All five gradients of the sweep are the measured slopes.", worst, at_most=1e-7, seeds=SEEDS)

# %% tags=["claim"]
worst = [relative_error(sweep(*case(seed)), by_autograd(*case(seed))) for seed in SEEDS]
claim("8.10", "All five gradients of the sweep are autograd's.", worst, at_most=1e-10, seeds=SEEDS)

# %% [markdown]
r"""
So this is what `loss.backward()` does. While the forward pass runs, autograd writes down every operation and keeps its results; then it goes through the list from the end, adding up what arrives at each. It knows nothing of time. On a recurrent network, that *is* BPTT.

The double loop has the same gradients, too. At $T = 400$ the sweep takes 400 steps in place of 80,200, and its steps are cheaper: the outer products are left to one large product at the end. `truncated_backward` is the double loop of the package, for all parameters. (`checkpointed_gradients` is for section 8.10.)
"""

# %%
from rnncourse.numpy_rnn_gradients import checkpointed_gradients, truncated_backward

# %% tags=["claim"]
gap = np.abs(double_loop(*long, 400)[0] - backward(*long)[0].W_hh).max()
gap = max(gap, relative_error(truncated_backward(*long, window=400)[0], backward(*long)[0]))
claim("8.11", "At T = 400 without truncation, both double loops give the gradients of the sweep.", gap, at_most=1e-10)

# %% tags=["claim"]
slow, fast = times(lambda: truncated_backward(*long, window=400), lambda: backward(*long), rounds=3)
claim("8.12", "At T = 400 the double loop takes at least 50 times as long as the sweep.", slow / fast, at_least=50)

# %% [markdown]
r"""
## 8.7 Copies of the weights

Another way to see it. Give each of the $U = T$ steps its own copy of $W_{hh}$, all equal at first. Now it is a feed-forward network of $T$ layers, and ordinary backpropagation gives $T$ gradients, one for each copy. Whoever moves the shared matrix moves all copies, so its gradient is their **sum**.

| what | a deep feed-forward network, such as a CNN | a recurrent network |
| --- | --- | --- |
| losses | one, at the end | one a step, or one at the end |
| layers | each has its own weights | each step has the same weights |
| gradient of a weight | from its own layer | sum over the steps |

(A CNN shares weights too, but over the places of one layer.)
"""

# %%
def copy_gradients(parameters, inputs, targets):
    weights = [torch.from_numpy(w) for w in parameters]
    copies = [torch.from_numpy(parameters.W_hh).clone().requires_grad_() for _ in inputs]
    loss = torch_losses(weights, inputs, targets, copies).sum()
    return np.stack([g.numpy() for g in torch.autograd.grad(loss, copies)])  # (U, H, H)

# %%
def terms(seed):
    parameters, run, d_logits = run_forward(*case(seed))
    d = state_gradients(parameters, run, d_logits) * (1 - run.states[1:] ** 2)  # (T, H)
    return run.states[:-1, :, None] * d[:, None]  # (T, H, H)

# %% tags=["claim"]
worst = [relative_error(list(terms(seed)), list(copy_gradients(*case(seed)))) for seed in SEEDS]
claim("8.13", "The gradient of the copy of step t is the t-th term of (8.9), for all 11 steps.", worst, at_most=1e-10, seeds=SEEDS)

# %% tags=["claim"]
worst = [relative_error(copy_gradients(*case(seed)).sum(axis=0), sweep(*case(seed)).W_hh) for seed in SEEDS]
claim("8.14", "The gradients of 11 copies add up to that of the shared matrix.", worst, at_most=1e-10, seeds=SEEDS)

# %% [markdown]
r"""
The *mean* of the copies' gradients is the sum divided by $U$: the right direction, but with a learning rate $U$ times too small; with sequences of different lengths the factor differs from one to the next.

## 8.8 Truncation

Is a short window a good stand-in for the whole past? That depends on how far the network's memory reaches. Take $W_{hh} = r Q$ with a random rotation $Q$, which stretches every direction by $r$, and compare truncated and true gradient: the cosine of the angle between them, and the ratio of their lengths.
"""

# %% tags=["settings"]
WINDOWS = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32]

# %%
def compare_windows(r, seed=0):
    parameters, inputs, targets = case(seed, T=60, H=16)
    rotation = parameters._replace(W_hh=r * np.linalg.qr(parameters.W_hh)[0])
    arguments = run_forward(rotation, inputs, targets)
    exact = backward(*arguments)[0].W_hh
    found = np.array([truncated_backward(*arguments, window)[0].W_hh for window in WINDOWS])
    lengths = np.linalg.norm(found, axis=(1, 2)) / np.linalg.norm(exact)
    cosines = (found * exact).sum(axis=(1, 2)) / np.linalg.norm(exact) ** 2 / lengths
    return cosines, lengths

# %% tags=["widget"]
def draw_windows(r):
    fig, ax = plt.subplots(figsize=(6, 2.8))
    cosines, lengths = compare_windows(r)
    ax.plot(WINDOWS, cosines, "o-", color="#0072b2", label="cosine")
    ax.plot(WINDOWS, lengths, "s--", color="#e69f00", label="length / true length")
    ax.axhline(1, **figures.style_of("reference"))
    ax.set(xlabel="window (steps)", ylabel="cosine, ratio", ylim=(-0.3, 1.15))
    ax.legend(loc="lower right")
    return fig

Knob(draw_windows, "r", [0.3, 0.5, 0.7, 0.9, 1.1, 1.3, 1.5, 2], default=0.9, alt="Cosine and length ratio against the window. With small r both are 1 from a window of a few steps on; with large r much wider windows are needed, and with r = 2 none is good.")

# %% [markdown]
r"""
**Figure 8.3.** *A network that forgets fast loses little by truncation; one that remembers can lose most of the gradient.* $T = 60$, $H = 16$, random weights. Where both curves reach 1, the truncated gradient is the true one. At $r = 2$ none of these windows comes near.
"""

# %% tags=["claim"]
claim("8.15", "With r = 0.5, a window of 4 has a cosine of at least 0.99.", [compare_windows(0.5, seed)[0][3] for seed in SEEDS], at_least=0.99, seeds=SEEDS)

# %% tags=["claim"]
worst = [max(both[3] for both in compare_windows(1.5, seed)) for seed in SEEDS]
claim("8.16", "With r = 1.5, the gradient of a window of 4 has a cosine of at most 0.75, and at most 0.75 of the length.", worst, at_most=0.75, seeds=SEEDS)

# %% [markdown]
r"""
In practice nobody runs the double loop. A long sequence is cut into **contiguous windows**, also called chunks. The state is *carried* from each to the next, so the forward pass knows nothing of the cuts. Each gradient ends at its window's border. What is lost is exactly the second result of `backward`, $\partial L / \partial h_0$ of the window. Hand it on as `d_last` of the window before, and nothing is lost:
"""

# %%
def in_windows(parameters, run, d_logits, length, hand_back):
    total, d_last = Parameters(*map(np.zeros_like, parameters)), None
    for start in reversed(range(0, len(d_logits), length)):
        own = slice(start, start + length)
        part = Forward(run.inputs[own], run.states[start : start + length + 1], run.logits[own])
        gradients, d_first = backward(parameters, part, d_logits[own], d_last)
        d_last = d_first if hand_back else None
        total = Parameters(*map(np.add, total, gradients))
    return total.W_hh

# %%
def border_loss(seed, hand_back):
    arguments = run_forward(*case(seed, T=24))
    return relative_error(in_windows(*arguments, 4, hand_back), backward(*arguments)[0].W_hh)

# %% tags=["claim"]
lost = [border_loss(seed, hand_back=False) for seed in SEEDS]
claim("8.17", "Six windows of 4 with carried states miss the gradient by at least a fifth.", lost, at_least=0.2, seeds=SEEDS)

# %% tags=["claim"]
lost = [border_loss(seed, hand_back=True) for seed in SEEDS]
claim("8.18", "With the gradient handed back over the borders, it is exact.", lost, at_most=1e-12, seeds=SEEDS)

# %% [markdown]
r"""
## 8.9 What truncation cannot learn

A stream: one of four symbols, then nine steps of noise, then a question mark, at which the symbol must be named; two steps of noise, and the next round. The gap from symbol to question is 10 steps. A chunk of $k$ steps whose state is carried sees everything in its forward pass. But only if symbol and question fall into the *same* chunk does a gradient lead from one to the other: never for $k \le 10$, in $k - 10$ of $k$ places for larger $k$.

**Predict first.** Which of these chunk lengths learn the task? All read the same stream, so short chunks make more updates. Training uses the package's fast sweep (section 8.12), Adam (an optimiser that gives each weight a step size of its own), and `clip_by_norm`, which shortens gradients longer than 1 to length 1.
"""

# %% tags=["settings"]
GAP, CHUNKS, STARTS = 10, [2, 5, 8, 10, 12, 15, 20, 40], [0, 1, 2, 3, 4]

# %%
from rnncourse.clipping import clip_by_norm
from rnncourse.numpy_rnn_sweep import Sweep
from rnncourse.optimizers import Adam


# %%
def stream(rounds, seed, B=32):
    rng = np.random.default_rng(seed)
    inputs = rng.integers(5, 7, (rounds, GAP + 3, B))  # noise: ids 5 and 6
    secrets = rng.integers(4, size=(rounds, B))
    inputs[:, 0], inputs[:, GAP] = secrets, 4  # id 4 is the question mark
    asked = np.broadcast_to(np.arange(GAP + 3)[:, None] == GAP, inputs.shape)
    targets = np.where(asked, secrets[:, None], 0)
    return [a.reshape(-1, B) for a in (inputs, targets, asked)]  # each (T, B)

# %%
def learn(chunk, seed):
    inputs, targets, asked = stream(615, seed)
    parameters, state = initialise(7, 24, 4, seed, scale=0.2), np.zeros((32, 24))
    optimizer, one_sweep = Adam(lr=3e-3), Sweep()
    for start in range(0, len(inputs), chunk):
        own = slice(start, start + chunk)
        if not asked[own].any():
            state = forward(parameters, inputs[own], state).states[-1]
            continue
        _, gradients, state = one_sweep(parameters, inputs[own], targets[own], state, asked[own])
        optimizer.update(parameters, clip_by_norm(gradients, 1.0)[0])
    inputs, targets, asked = stream(100, 1000 + seed)
    return np.mean((forward(parameters, inputs).logits.argmax(axis=-1) == targets)[asked])

# %% tags=["nbval-ignore-output"]
accuracy = np.array([[learn(chunk, seed) for seed in STARTS] for chunk in CHUNKS])  # (8, 5)
for chunk, row in zip(CHUNKS, accuracy.round(2), strict=True):
    print(f"{chunk:3d}", *row, " successes:", np.sum(row >= 0.95), "of 5")

# %% tags=["figure", "nbval-ignore-output"]
fig, ax = plt.subplots(figsize=(6, 3))
dots = ax.plot(CHUNKS, accuracy, "o", color="#56b4e9", markersize=4)
dots[0].set_label("accuracy, one dot a seed")
ax.plot(CHUNKS, (accuracy >= 0.95).mean(axis=1), "s-", color=figures.style_of("RNN")["color"], label="share of 5 seeds that succeed")
ax.axhline(0.25, **figures.style_of("chance"), label="chance")
ax.axvline(GAP + 0.5, **figures.style_of("reference"))
ax.set(xlabel="chunk length (steps)", ylabel="accuracy, success rate", ylim=(0, 1.05), xscale="log")
ax.set_xticks(CHUNKS, CHUNKS)
ax.minorticks_off()
ax.legend(loc="upper left")
plt.show()

# %% [markdown]
r"""
**Figure 8.4.** *Chunks too short for the gap never succeed, longer ones always do.* Success: at least 95 % right on new data. Dash-dotted: from here on a gradient can lead from the question to the symbol.
"""

# %% tags=["claim"]
claim("8.19", "With a gap of 10, chunks of 2, 5, 8 and 10 steps stay below 90 % on each seed.", accuracy[:4].max(axis=0), at_most=0.9, seeds=STARTS)

# %% tags=["claim"]
claim("8.20", "Chunks of 12, 15, 20 and 40 steps get at least 95 % right on each seed.", accuracy[4:].min(axis=0), at_least=0.95, seeds=STARTS)

# %% [markdown]
r"""
Look at the dots, too. On average, all short chunks do better than chance (0.25), although with them *no* gradient ever joined a question to its symbol. Where does that come from? A *random* network, whose state is carried, still holds a trace of the symbol ten steps later. To read it, no long gradient is needed: least squares on the states of an untrained network will do.
"""

# %% tags=["claim"]
claim("8.21", "Chunks of 2, 5, 8 and 10 steps are each, on average over 5 seeds, at least 0.05 above chance.", accuracy[:4].mean(axis=1) - 0.25, at_least=0.05)

# %%
def read_untrained(seed):
    inputs, targets, asked = stream(200, seed)
    states = forward(initialise(7, 24, 4, seed, scale=0.2), inputs).states[1:][asked]  # (6400, H)
    fitted = np.linalg.lstsq(states[:3200], np.eye(4)[targets[asked][:3200]], rcond=None)[0]  # (H, 4)
    return np.mean((states[3200:] @ fitted).argmax(axis=1) == targets[asked][3200:])

# %% tags=["claim"]
claim("8.22", "From untrained states, least squares names the symbol in at least 35 % of all cases.", [read_untrained(seed) for seed in STARTS], at_least=0.35, seeds=STARTS)

# %% [markdown]
r"""
So truncation is no absolute wall. But what lies behind it is learnt in part at best, and by luck: nothing teaches the network to *keep* the symbol.
"""

# %% [markdown]
r"""
## 8.10 Memory, and how to save it

The sweep needs all the states, so memory grows with $T$. **Checkpointing** keeps only some of them: the state before each segment of $S$ steps. On the way back it runs each segment forward once more. In memory are then $T / S$ kept states and the $S$ states of one segment, least when $S = \sqrt T$. It is section 8.8's trick, windows that hand their gradient back.

**Predict first.** A sequence four times as long: how much more memory, with and without?
"""

# %%
def peak(function, *arguments):
    tracemalloc.start()
    function(*arguments)
    kilobytes = tracemalloc.get_traced_memory()[1] / 1000
    tracemalloc.stop()
    return kilobytes

# %% tags=["nbval-ignore-output"]
LENGTHS = [64, 256, 1024, 4096]
plain = np.array([peak(loss_and_gradients, *case(0, T, H=64)) for T in LENGTHS])
saving = np.array([peak(checkpointed_gradients, *case(0, T, H=64), int(T**0.5)) for T in LENGTHS])
print("kB:", plain.round(), saving.round())

# %% tags=["figure", "nbval-ignore-output"]
fig, ax = plt.subplots(figsize=(6, 3))
ax.loglog(LENGTHS, plain, "o-", color="#d55e00", label="one sweep")
ax.loglog(LENGTHS, saving, "s--", color="#0072b2", label="with checkpoints")
ax.set(xlabel="steps T", ylabel="peak memory (kB)")
ax.set_xticks(LENGTHS, LENGTHS)
ax.minorticks_off()
ax.legend(loc="upper left")
plt.show()

# %% [markdown]
r"""
**Figure 8.5.** *Without checkpoints, memory grows with the length; with them, hardly at all here.* $H = 64$, segments of $\sqrt T$ steps, both axes logarithmic. The floor of the blue line is made by the gradients themselves, whose size does not depend on $T$.
"""

# %% tags=["claim"]
claim("8.23", "From 1,024 to 4,096 steps, the sweep's memory grows by a factor of 3.5 to 4.5.", plain[3] / plain[2], at_least=3.5, at_most=4.5)

# %% tags=["claim"]
claim("8.24", "With checkpoints the memory grows by a factor of at most 2, that of the root of T.", saving[3] / saving[2], at_most=2)

# %%
long_case = case(0, T=4096, H=64)

# %% tags=["claim"]
gap = relative_error(checkpointed_gradients(*long_case, 64)[1], loss_and_gradients(*long_case)[1])
claim("8.25", "With and without checkpoints, the gradients of 4,096 steps are the same.", gap, at_most=1e-10)

# %% tags=["claim"]
kept, again = times(lambda: loss_and_gradients(*long_case), lambda: checkpointed_gradients(*long_case, 64))
claim("8.26", "The second forward pass makes the sweep at most 3 times as slow.", again / kept, at_most=3)

# %% [markdown]
r"""
## 8.11 Forwards in time

BPTT must wait for the end. **Real-time recurrent learning** (RTRL) does not. Beside the state it carries the *total* derivative of the state, the **sensitivity** $S_t[i, l, j] = d h_t[j] / d W_{hh}[i, l]$, which has grown with the state since step 1:

$$S_t = \text{immediate derivative of } h_t + S_{t-1} J_t, \qquad \frac{\partial L_t}{\partial W_{hh}} = S_t\, \Big(\frac{\partial L_t}{\partial h_t}\Big)^{\!\top}. \tag{8.10}$$

Here the total derivative is in its place: once, with no sum over $k$. After every step the gradient so far is known, nothing past is stored, and the sequence need never end.
"""

# %%
def worst_prefix(parameters, inputs, targets):
    prefixes = [(parameters, inputs[:t], targets[:t]) for t in range(1, len(inputs) + 1)]
    return max(relative_error(real_time_recurrent_learning(*prefix)[1], sweep(*prefix)) for prefix in prefixes)

# %% tags=["claim"]
worst = [worst_prefix(*case(seed)) for seed in SEEDS]
claim("8.27", "After each of 11 steps, RTRL has the gradients that BPTT has for the steps so far.", worst, at_most=1e-10, seeds=SEEDS)

# %% [markdown]
r"""
The price: with the weights from the input and the biases, $S_t$ has $(D + H + 1) H^2$ numbers, of the order $H^3$, and a step multiplies each of its rows by an $H \times H$ matrix, of the order $H^4$. A step of BPTT costs of the order $H^2$, forward and back.
"""

# %%
UNITS = [8, 16, 32, 64, 128]

# %%
def step_times(H):
    arguments = case(0, T=5, H=H)
    return times(lambda: real_time_recurrent_learning(*arguments), lambda: loss_and_gradients(*arguments)) / 5

# %% tags=["nbval-ignore-output"]
forwards, back = 1e6 * np.array([step_times(H) for H in UNITS]).T
print("microseconds a step: RTRL", forwards.round(), "BPTT", back.round())

# %% [markdown]
r"""
For few units the overhead of Python hides the arithmetic.
"""

# %% tags=["claim"]
claim("8.28", "With 128 units a step of RTRL takes at least 20 times as long as one of BPTT.", forwards[-1] / back[-1], at_least=20)

# %% [markdown]
r"""
## 8.12 Many sequences at once

Teaching scripts often train on one sequence, one character at a time, with column vectors. That is the sweep of this chapter in its plainest form, all matrices transposed:
"""

# %%
def with_columns(W_xh, W_hh, b_h, W_hy, b_y, xs):
    hs, ps, carried = [np.zeros_like(b_h)], [], np.zeros_like(b_h)
    for x in xs[:-1]:
        hs.append(np.tanh(W_xh @ x + W_hh @ hs[-1] + b_h))
        ps.append(np.exp(W_hy @ hs[-1] + b_y))  # divided by its sum below
    gradients = [np.zeros_like(w) for w in (W_xh, W_hh, b_h, W_hy, b_y)]
    for t in reversed(range(len(ps))):
        d_o = ps[t] / ps[t].sum() - xs[t + 1]  # the next character is the target
        d = (W_hy.T @ d_o + carried) * (1 - hs[t + 1] ** 2)
        carried = W_hh.T @ d
        for sum_so_far, term in zip(gradients, (d @ xs[t].T, d @ hs[t].T, d, d_o @ hs[t + 1].T, d_o), strict=True):
            sum_so_far += term
    return gradients

# %% [markdown]
r"""
A product of $B$ rows with a matrix takes little longer than that of one row. `Sweep`, the package's batched sweep, takes $B$ sequences side by side, makes its arrays once, and leaves everything that does not wait for the step before to large products.
"""

# %%
weights = initialise(65, 100, 65, seed=0, dtype=np.float32)
ids = np.random.default_rng(0).integers(65, size=(26, 32))  # (T + 1, B)
upright = [np.atleast_2d(w).T.copy() for w in weights]  # matrices transposed, biases as columns
one_hot = np.eye(65, dtype=np.float32)[ids.T][..., None]  # (B, T + 1, V, 1)
one_by_one = lambda: [with_columns(*upright, xs) for xs in one_hot]
one_sweep = Sweep()
side_by_side = lambda: one_sweep(weights, ids[:-1], ids[1:])[1]

# %% tags=["claim"]
sums = [sum(parts).T.reshape(w.shape) for w, *parts in zip(weights, *one_by_one(), strict=True)]
gap = relative_error(Parameters(*(total / ids[1:].size for total in sums)), side_by_side())
claim("8.29", "On 32 sequences of 25 characters, both ways give the same gradients in float32.", gap, at_most=1e-4)

# %% tags=["claim"]
slow, fast = times(one_by_one, side_by_side, rounds=7)
claim("8.30", "Column by column takes at least 10 times as long as the batched sweep.", slow / fast, at_least=10)

# %% [markdown]
r"""
How much more depends on the machine. `make bench`, which counts the optimiser too, asks the batched sweep for at least 30 times as many characters a second; of `torch.nn.RNN` with autograd it asks for 1.5 times as many.

## 8.13 Limits and common mistakes

*The state is carried together with its past.* In torch a carried state still hangs on the graph of the last chunk, whose memory is gone after the first `backward()`. Cut it with `.detach()`.
"""

# %% tags=["raises-exception"]
recurrent, state = torch.nn.RNN(3, 4), None
for _ in range(2):
    outputs, state = recurrent(torch.ones(5, 1, 3), state)
    outputs.sum().backward()

# %% [markdown]
r"""
*A gradient check in single precision* measures rounding. It is refused:
"""

# %% tags=["raises-exception"]
by_moving(weights, *sequence)

# %% [markdown]
r"""
## Often told wrong

*"$\partial E / \partial W = \sum_k \dots \partial h_k / \partial W$"*, with a plain derivative at the end. It must be the immediate one; otherwise early uses are counted several times (claims 8.4, 8.7). And mind the indices: the sum runs over $k$, not over $t$; $h_3$ reads $x_3$ and $h_2$.

*"Backpropagation through time costs $O(T^2)$, hence the truncation."* The double loop does. The sweep costs $O(T)$ (claims 8.11, 8.12). Truncation saves memory and waiting.

*"Average the copies: $V \leftarrow V - \frac{\eta}{U} \sum_u V_u$"*, with learning rate $\eta$. What is summed must be the *gradients* of the copies. As printed, the data play no part: equal copies only shrink the weights.
"""

# %%
eta, V = 0.1, case(0)[0].W_hh
as_printed = V - eta / 11 * sum(V for _ in range(11))

# %% tags=["claim"]
claim("8.31", "The printed rule multiplies the weights by 1 - eta, whatever the data.", np.abs(as_printed - (1 - eta) * V).max(), equals=0, tolerance=1e-12)

# %% [markdown]
r"""
*"$\partial L / \partial b_x = \sum_t (p_t - y_t)$."* That is the gradient of the *output* bias $b_y$, and its shape says so: $(V,)$. The bias in front of the state has $(H,)$ numbers and gets all its gradient through the states, by (8.9).
"""

# %% tags=["claim"]
claim("8.32", "On hello, the sum of p - y is autograd's gradient of the output bias.", np.abs(run_forward(*hello)[2].sum(axis=0) - by_autograd(*hello).b_y).max(), at_most=1e-12)

# %% [markdown]
r"""
*One letter $W$ for two matrices.* $h_t = \tanh([x_t, h_{t-1}]\, W + b_h)$ with $W$ the two matrices one above the other, $(D + H, H)$, is right and common. But the Jacobian $\partial h_t / \partial h_{t-1}$ takes only the lower block. And $h_t = \tanh(W x_t + W h_{t-1})$, with one matrix twice, is another network: it needs $D = H$.
"""

# %%
stacked = np.concatenate([hello[0].W_xh, hello[0].W_hh])  # (D + H, H)
read = np.concatenate([np.eye(4)[word[2]], result.states[2]])  # (D + H,) x_3 and h_2

# %% tags=["claim"]
gap = np.abs(np.tanh(read @ stacked + hello[0].b_h) - result.states[3]).max()
gap = max(gap, np.abs(stacked[4:] * (1 - result.states[3] ** 2) - state_jacobians(hello[0], result)[2]).max())
claim("8.33", "The stacked matrix gives the third state, and its lower block the Jacobian.", gap, at_most=1e-12)

# %% [markdown]
r"""
And one matrix twice, where the sizes allow it? With $D = H = 5$:
"""

# %% tags=["claim"]
networks = [case(seed, H=5)[:2] for seed in SEEDS]
claim("8.34", "With D = H and one matrix in both places, the states are wrong by at least 0.5.", [np.abs(forward(p._replace(W_xh=p.W_hh), ids).states - forward(p, ids).states).max() for p, ids in networks], at_least=0.5, seeds=SEEDS)

# %% [markdown]
r"""
*"$\partial h_t / \partial h_{t-1} = W^\top \mathrm{diag}(1 - h_t^2)$"*, for columns $h_t = \tanh(W h_{t-1} + \dots)$. The Jacobian is $\mathrm{diag}(1 - h_t^2)\, W$. What is printed is its transpose, the matrix that takes a gradient back; as a Jacobian in a product, it comes out in the wrong order.
"""

# %%
def printed_against_jacobian(parameters, inputs):
    run = forward(parameters, inputs)
    W, slopes = parameters.W_hh.T, np.diag(1 - run.states[-1] ** 2)  # W of the columns
    assert np.allclose(slopes @ W, state_jacobians(parameters, run)[-1].T)
    return relative_error(W.T @ slopes, slopes @ W)

# %% tags=["claim"]
claim("8.35", "The printed matrix differs from the Jacobian by at least half of its length.", [printed_against_jacobian(*case(seed)[:2]) for seed in SEEDS], at_least=0.5, seeds=SEEDS)

# %% [markdown]
r"""
## Where it came from

- Rumelhart et al. (1986) made backpropagation known, and noted that a recurrent network run for some steps is a layered network with equal weights. They averaged the gradients of the copies, so that the copies stay equal.
- Robinson and Fallside (1987) described networks for sequences of a known finite length and, with derivatives carried forwards, for sequences of unknown, possibly infinite length.
- Williams and Zipser (1989) named real-time recurrent learning, with both sides of it: no training interval has to be defined, but the computation is expensive and not local.
- Werbos (1990) explained backpropagation through time in detail, with pseudocode, for far more than neural networks.
- Williams and Peng (1990) made it fit for streams: go back a limited number of steps, and not after every step.
- Griewank (1992) showed that with recursive checkpoints memory and extra time need grow only with the logarithm of the run's length. Chen et al. (2016) brought the root of the depth to deep networks, for the price of one more forward pass.

## Summary

- The loss of a sequence is a sum over steps; the gradient of a shared weight is a sum over its uses (8.13, 8.14).
- Each term takes the immediate derivative, with the state before held fixed (8.3 to 8.7). Products of Jacobians are bounded by products of norms, and are often far smaller (8.8).
- One sweep back gives all gradients (8.9, 8.10) for one step back a step, where the double loop takes $T^2/2$ (8.11, 8.12).
- A truncated gradient can be nearly right or far off (8.15, 8.16). With carried states, what is lost is the gradient at the borders (8.17, 8.18).
- A dependence longer than the chunk is learnt in part at best, as far as the state keeps a trace by luck (8.19 to 8.22).
- Checkpoints bring memory from $T$ to $\sqrt T$ for a second forward pass (8.23 to 8.26).
- Real-time recurrent learning gives the same gradients forwards, at order $H^4$ a step (8.27, 8.28).
- Batches and large products make the sweep fast (8.29, 8.30).

## Exercises

All in [one notebook](../exercises/08_backpropagation_through_time/08_backpropagation_through_time.ipynb), which checks itself.

- 8.1 The immediate derivative by hand (derive, 15 minutes)
- 8.2 One sweep for a tiny network (implement, 25 minutes)
- 8.3 A sweep that is almost right (find the bug, 15 minutes)
- 8.4 How far does a window reach? (predict, then run, 10 minutes)
- 8.5 Checkpoints (implement, 25 minutes)
- 8.6 Forwards in time for one weight (implement, 15 minutes)

## References

- T. Chen, B. Xu, C. Zhang and C. Guestrin (2016). Training deep nets with sublinear memory cost. arXiv:1604.06174.
- A. Griewank (1992). Achieving logarithmic growth of temporal and spatial complexity in reverse automatic differentiation. *Optimization Methods and Software* 1(1), 35-54. DOI 10.1080/10556789208805505.
- A. J. Robinson and F. Fallside (1987). *The utility driven dynamic error propagation network*. Technical report CUED/F-INFENG/TR.1, Cambridge University Engineering Department. https://gwern.net/doc/ai/nn/rnn/1987-robinson.pdf
- D. E. Rumelhart, G. E. Hinton and R. J. Williams (1986). Learning representations by back-propagating errors. *Nature* 323, 533-536. DOI 10.1038/323533a0.
- P. J. Werbos (1990). Backpropagation through time: what it does and how to do it. *Proceedings of the IEEE* 78(10), 1550-1560. DOI 10.1109/5.58337.
- R. J. Williams and J. Peng (1990). An efficient gradient-based algorithm for on-line training of recurrent network trajectories. *Neural Computation* 2(4), 490-501. DOI 10.1162/neco.1990.2.4.490.
- R. J. Williams and D. Zipser (1989). A learning algorithm for continually running fully recurrent neural networks. *Neural Computation* 1(2), 270-280. DOI 10.1162/neco.1989.1.2.270.
"""
