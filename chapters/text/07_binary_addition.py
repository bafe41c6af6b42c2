# %% [markdown]
r"""
# 07 Binary addition

Can a network learn a procedure from short examples and carry it out on numbers eighty times as long? And can we open the network afterwards and read the procedure in it?

**You will be able to** write addition as an automaton with four states; set the weights of a recurrent network by hand so that it adds exactly; train three hidden units to do the same, and tell runs that succeed from runs that do not; read the automaton back out of the hidden states; and say what a delay in a network is, and what it is not.

**You need** the recurrent network of [chapter 06](06_recurrence.ipynb) ($h_t$ from $x_t$ and $h_{t-1}$), the torch training loop, and binary numbers.

Run time: about 25 s.
"""

# %% tags=["setup"]
from itertools import permutations

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

from rnncourse import figures
from rnncourse.claims import claim
from rnncourse.knob import Knob

figures.use_style()
torch.set_num_threads(1)

# %% [markdown]
r"""
## 7.1 A window has an end

The task: two binary numbers come in, one *column* at a time, and their sum is to come out. A column holds one digit of each number. We begin with the ones, as one does on paper. So in every array of this chapter the *least significant bit stands first*. `addition_problems` draws pairs at random and adds an empty column at the end, where the last carry goes: numbers of 12 bits make $T = 13$ columns.
"""

# %%
from rnncourse.datasets.addition import add_columns, addition_problems, from_bits, to_bits

# %%
print("52 =", to_bits(52, 8), " 77 =", to_bits(77, 8))  # the ones first

# %% [markdown]
r"""
A feed-forward network has a fixed number of inputs. Take two numbers of six bits: 12 inputs, 64 hidden units, and 7 outputs for the digits of the sum. The output is the *logit* of its digit, the $u$ in $p = 1 / (1 + e^{-u})$, the probability of a 1; so the digit is 1 if the logit is positive. The loss is the mean of $-\ln p(\text{right digit})$, in nats. There are only $2^{12} = 4096$ such pairs. We train on three quarters of them and test on the rest.
"""

# %%
PAIRS = np.array(list(np.ndindex(*[2] * 12))).reshape(-1, 6, 2).swapaxes(0, 1)  # (6, 4096, 2)
SUMS = add_columns(np.pad(PAIRS, ((0, 1), (0, 0), (0, 0)))).targets  # (7, 4096)
SEEDS = list(range(10))

# %%
def as_rows(columns):  # (6, B, 2) columns become (B, 12) inputs
    return torch.tensor(columns.swapaxes(0, 1).reshape(-1, 12), dtype=torch.float32)

# %%
def train_feed_forward(chosen, seed, steps=600):
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(12, 64), nn.Tanh(), nn.Linear(64, 7))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    xs, targets = as_rows(PAIRS[:, chosen]), torch.tensor(SUMS.T[chosen], dtype=torch.float32)
    for _ in range(steps):
        optimizer.zero_grad()
        nn.functional.binary_cross_entropy_with_logits(net(xs), targets).backward()
        optimizer.step()
    return net

# %%
def digits_of(net, columns):
    with torch.no_grad():
        return (net(as_rows(columns)) > 0).numpy().T  # (7, B)

# %%
order = np.random.default_rng(0).permutation(4096)
windows = [train_feed_forward(order[:3072], seed) for seed in SEEDS[:3]]
unseen = [(digits_of(net, PAIRS) == SUMS)[:, order[3072:]].all(axis=0).mean() for net in windows]

# %% tags=["claim"]
claim("7.1", "A feed-forward net gets at least 95 % of unseen sums of six bits entirely right.", unseen, at_least=0.95, seeds=SEEDS[:3])

# %% [markdown]
r"""
So far, so good. Now let the training pairs have four bits only: the two upper digits of each number are always 0.

**Predict first.** The net has learnt to add the four lower columns. Will it add the two upper ones?
"""

# %%
short = ~PAIRS[4:].any(axis=(0, 2))  # (4096,) pairs whose upper digits are all 0
narrow = [train_feed_forward(short, seed) for seed in SEEDS[:3]]
by_column = np.array([(digits_of(net, PAIRS) == SUMS).mean(axis=1) for net in narrow])  # (3, 7)
print(by_column.mean(axis=0).round(2))

# %% tags=["claim"]
claim("7.2", "Trained on four bits, it has none of the three upper digits of six-bit sums right in more than 60 %.", by_column[:, 4:].max(axis=1), at_most=0.6, seeds=SEEDS[:3])

# %% [markdown]
r"""
A coin would have half of the upper digits right. Each column has *its own weights*. What the weights of one end have learnt, those of the other end do not know; here they never saw an input other than 0.

There is a way to use one set of weights everywhere: slide the six-bit net along a long number, and keep the digit of each window's last column. It has one flaw: a carry that starts below the window is not seen.
"""

# %%
def slide(net, inputs):
    padded = np.pad(inputs, ((5, 0), (0, 0), (0, 0)))  # five empty columns below the ones
    return np.array([digits_of(net, padded[t : t + 6])[5] for t in range(len(inputs))])  # (T, B), the sixth digit

# %%
thousand = addition_problems(100, 1000, seed=1)  # 100 pairs of 1,000 bits
slid = np.array([slide(net, thousand.inputs) == thousand.targets for net in windows])  # (3, T, B)
print("digits right:", slid.mean(axis=(1, 2)).round(3), " sums right:", slid.all(axis=1).sum(axis=1))

# %% tags=["claim"]
claim("7.3", "Slid along 1,000 bits, the net gets at most 5 of 100 sums entirely right.", slid.all(axis=1).sum(axis=1), at_most=5, seeds=SEEDS[:3])

# %% [markdown]
r"""
The flaw has a size. A column that holds a 0 and a 1 hands on whatever carry it gets. The five lower columns of a window all do so with probability $2^{-5}$, and half of the time a carry came: one digit in 64 is wrong. A wider window makes it rarer. No window makes it impossible.

## 7.2 Four states

On paper one needs no window. One goes from right to left and remembers a single thing: the carry. Let $a_t$ and $b_t$ be the digits in column $t$, and $c_t$ the carry that this column hands on, with $c_0 = 0$. Count the ones, and call the count $n_t$:

$$n_t = a_t + b_t + c_{t-1}, \qquad c_t = 1 \text{ if } n_t \ge 2, \text{ else } 0, \qquad y_t = n_t - 2 c_t, \tag{7.1}$$

where $y_t$ is the digit of the sum. This is a **finite-state automaton**: a finite number of *states*, and a table that says for each state and each input which state comes next. Ours prints a digit each time it *enters* a state, after the transition. So a state must know both the carry and the digit to print: $2 \times 2 = 4$ states. We number them $s_t = 2 c_t + y_t$.
"""

# %%
from rnncourse.datasets.addition import AdditionProblems, as_digits


# %% tags=["mirror:rnncourse.datasets.addition.add_columns"]
def add_columns(inputs):
    """Add two numbers as one learns it at school: column by column, with a carry.

    Args:
        inputs: the two digits of each column, (T, B, 2), least significant first.

    Returns:
        AdditionProblems: ``inputs`` (T, B, 2), ``targets`` (T, B), ``carries`` (T, B). A carry out
        of the last column is lost.

    Raises:
        TypeError: ``inputs`` does not hold numbers.
        ValueError: another shape, or digits other than 0 and 1.
    """
    inputs = as_digits(inputs, "inputs", 3)
    if inputs.shape[2] != 2:
        raise ValueError(f"inputs must have shape (T, B, 2), but has shape {inputs.shape}")
    carries = np.empty_like(inputs[:, :, 0])  # (T, B)
    targets = np.empty_like(carries)  # (T, B)
    carry = 0
    for t, ones in enumerate(inputs.sum(axis=2)):
        carries[t], targets[t] = np.divmod(ones + carry, 2)
        carry = carries[t]
    return AdditionProblems(inputs, targets, carries)

# %%
PRINTS = np.array([0, 1, 0, 1])  # (4,) the digit that state 2 c + y prints
TABLE = np.array([[s // 2 + a + b for a in (0, 1) for b in (0, 1)] for s in range(4)])  # (4, 4) counts
TABLE = TABLE // 2 * 2 + TABLE % 2  # count to state: carry times 2, plus digit
print(TABLE)  # row: state; column: input 00, 01, 10, 11; entry: next state

# %% [markdown]
r"""
The next state depends on the count alone, and the count 0, 1, 2, 3 leads to the state 0, 1, 2, 3. Is that a coincidence? No: $n_t = 2 c_t + y_t$ is just what (7.1) says.
"""

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(7, 3))
for s, target in np.ndindex(4, 4):
    label = " ".join(f"{k // 2}{k % 2}" for k in range(4) if TABLE[s, k] == target)
    step = 2 * (target - s)  # how far the arrow goes, to the right
    if s == target:
        ax.plot(2 * s, 0, "o", markersize=46, color="#f5d5a8" if s // 2 else "#b5dfd2")
        ax.text(2 * s, 0, f"carry {s // 2}\nprint {PRINTS[s]}", ha="center", va="center", fontsize=9)
        ax.text(*[(-1, 0), (1.8, 0.47), (4.2, -0.47), (7, 0)][s], f"stay:\n{label}", ha="center", va="center", fontsize=9, color="#0072b2")
    elif label:
        bend = {"arrowstyle": "->", "connectionstyle": "arc3,rad=0.35", "shrinkA": 24, "shrinkB": 24}
        ax.annotate("", (2 * target, 0), (2 * s, 0), arrowprops=bend)
        ax.text(2 * s + step / 2, (-0.09 if abs(step) == 2 else -0.48) * np.sign(step), label, ha="center", va="center", fontsize=9, color="#0072b2")
ax.set(xlim=(-1.6, 7.6), ylim=(-0.9, 0.9))
ax.axis("off")
plt.show()

# %% [markdown]
r"""
**Figure 7.1.** *Addition is an automaton with four states.* Each circle is a state, with the carry that it remembers and the digit that it prints when it is entered. Blue: the two digits of the next column, at the bent arrow that they choose, between the short ones, outside the long ones. From left to right the count is 0, 1, 2, 3. The automaton begins on the left.
"""

# %%
def run_automaton(table, prints, inputs, start=0):
    state, printed = np.full(inputs.shape[1], start), []
    for x in inputs:  # (B, 2)
        state = table[state, 2 * x[:, 0] + x[:, 1]]
        printed.append(prints[state])
    return np.array(printed)  # (T, B)

# %%
by_hand = add_columns(np.stack([to_bits(52, 8), to_bits(77, 8)], axis=1)[:, np.newaxis])  # T = 8, B = 1
for name, bits in (("52", by_hand.inputs[:, 0, 0]), ("77", by_hand.inputs[:, 0, 1]), ("carry on", by_hand.carries[:, 0]),
                   ("printed", run_automaton(TABLE, PRINTS, by_hand.inputs)[:, 0])):
    print(f"{name:>8}  {''.join(map(str, bits[::-1]))}")  # written as on paper, the ones last

# %% [markdown]
r"""
From the right: 0 and 1 print 1, 0 and 0 print 0. Then 1 and 1 print 0 and make a carry. Four columns hand it on, until 0 and 0 take it in. The result 10000001 is $128 + 1 = 129$.
"""

# %% tags=["claim"]
truth = [sum(from_bits(thousand.inputs[:, b, k]) for k in (0, 1)) for b in range(100)]  # Python's own sums
printed = run_automaton(TABLE, PRINTS, thousand.inputs)  # (1001, 100)
claim("7.4", "The automaton adds 100 pairs of 1,000-bit numbers as Python does.", sum(from_bits(printed[:, b]) != truth[b] for b in range(100)), equals=0, tolerance=0)

# %% [markdown]
r"""
## 7.3 Weights set by hand

Now a recurrent network that does this. It has $H = 3$ hidden units and one output. With the *logistic function* $\sigma(u) = 1 / (1 + e^{-u})$, which goes from 0 to 1 and is $\tfrac12$ at $u = 0$:

$$h_t = \sigma(x_t W_{xh} + h_{t-1} W_{hh} + b_h), \qquad p_t = \sigma(h_t W_{hy} + b_y), \tag{7.2}$$

where $x_t = (a_t, b_t)$ is the column, $h_t$ has shape $(3,)$, the weights have the shapes $(2, 3)$, $(3, 3)$, $(3,)$, $(3, 1)$, $(1,)$, $h_0$ is zero, and $p_t$ is the probability that the digit is 1. We call it 1 if $p_t > \tfrac12$, that is, if the logit is positive.

One unit can tell whether a weighted sum of its inputs exceeds a threshold. No threshold tells an odd count from an even one. But three thresholds together do: let unit $k$ fire if $n_t \ge k$, for $k = 1, 2, 3$. Unit 2 *is* the carry, so it alone feeds back. And the digit is $y_t = h_1 - h_2 + h_3$:

| count $n_t$ | units $h_1, h_2, h_3$ | carry $h_2$ | digit $h_1 - h_2 + h_3$ |
| --- | --- | --- | --- |
| 0 | 0, 0, 0 | 0 | 0 |
| 1 | 1, 0, 0 | 0 | 1 |
| 2 | 1, 1, 0 | 1 | 0 |
| 3 | 1, 1, 1 | 1 | 1 |

All weights are multiplied by a *gain* $g$: unit $k$ computes $\sigma\bigl(g\,(a_t + b_t + h_{t-1,2} - k + \tfrac12)\bigr)$. The larger $g$, the sharper the threshold.
"""

# %%
from rnncourse.cells.elman import ElmanCell


# %%
class Adder(nn.Module):
    def __init__(self, hidden_size, nonlinearity=torch.tanh):
        super().__init__()
        self.cell = ElmanCell(2, hidden_size, nonlinearity)
        self.readout = nn.Linear(hidden_size, 1)
        self.double()  # 64-bit numbers: the same result on every computer

    def forward(self, xs, h=None):
        h, hs = self.cell.initial_state(xs.shape[1]) if h is None else h, []
        for projected in self.cell.project(xs).unbind():  # (B, H) what the column contributes
            h = self.cell.step(projected, h)[1]
            hs.append(h)
        return self.readout(torch.stack(hs)).squeeze(-1), torch.stack(hs)  # logits (T, B), states (T, B, H)

# %%
def set_by_hand(gain):
    net = Adder(3, torch.sigmoid).requires_grad_(False)  # nothing to train
    net.cell.W_xh[:] = gain  # both digits count for every unit
    net.cell.W_hh[:] = gain * torch.tensor([[0.0], [1], [0]])  # (3, 1): only unit 2, the carry, counts
    net.cell.b_h[:] = -gain * torch.tensor([0.5, 1.5, 2.5])
    net.readout.weight[:] = gain * torch.tensor([1.0, -1, 1])
    net.readout.bias[:] = -gain / 2
    return net

# %% [markdown]
r"""
One step by hand. In column 4 of 52 + 77 the digits are 0 and 1, and the pattern before it is (1, 1, 0): the column below had two ones. The next pattern is the outcome of a vote. Every hidden unit of the old pattern votes for or against every unit of the new one, through $W_{hh}$; the inputs vote through $W_{xh}$; and minus the bias is how many votes are needed. With the sum well above 0 a unit is at 1, well below at 0.
"""

# %%
hand, old, column = set_by_hand(20), torch.tensor([1.0, 1, 0]).double(), torch.tensor([0.0, 1]).double()
ballots = [column @ hand.cell.W_xh, old @ hand.cell.W_hh, hand.cell.b_h]  # three times (3,)
for name, votes in zip(["digits", "old pattern", "bias", "sum", "new pattern"], [*ballots, sum(ballots), sum(ballots).sigmoid()], strict=True):
    print(f"{name:>11}", votes.numpy().round(2))

# %%
def answers(net, inputs, delay=0):  # digits (T, B); with a delay, some empty columns come last
    xs = torch.tensor(np.pad(inputs, ((0, delay), (0, 0), (0, 0))), dtype=torch.float64)
    with torch.no_grad():
        return (net(xs)[0][delay:] > 0).numpy()

# %%
def share_exact(net, problems, delay=0):  # how many sums have every digit right
    return (answers(net, problems.inputs, delay) == problems.targets).all(axis=0).mean()

# %% [markdown]
r"""
The hardest sum of all is $11\dots1 + 1$: the first column makes a carry, and every other one has to hand it on.
"""

# %%
def long_carry(length):  # 11...1 + 1
    return add_columns(np.stack([to_bits(2**length - 1, length + 1), to_bits(1, length + 1)], axis=1)[:, np.newaxis])

# %% tags=["claim"]
says = "With gain 20, the net set by hand adds 100 pairs of 1,000 bits exactly, and 2^1000 - 1 and 1 as well."
claim("7.5", says, [share_exact(hand, thousand), share_exact(hand, long_carry(1000))], equals=1, tolerance=0)

# %% tags=["widget"]
with torch.no_grad():
    steps = hand(torch.tensor(by_hand.inputs, dtype=torch.float64))[1][:, 0].numpy()  # (8, 3)

def draw_step(column):
    t = column - 1
    fig, (left, right) = plt.subplots(1, 2, figsize=(6, 2.4), width_ratios=[2, 1])
    rows = {"carry in": np.append(0, by_hand.carries[:-1, 0]), "52": by_hand.inputs[:, 0, 0], "77": by_hand.inputs[:, 0, 1], "sum": by_hand.targets[:, 0]}
    for y, (name, bits) in enumerate(rows.items()):
        left.text(0.7, -y, name, ha="right", va="center")
        for k, bit in enumerate(bits if name in ("52", "77") else bits[: t + 1]):
            left.text(9 - k, -y, str(bit), ha="center", va="center", weight="bold" if k == t else "normal")
    left.axvspan(8.6 - t, 9.4 - t, color="#f5d5a8")
    left.set(xlim=(-1.2, 9.6), ylim=(-3.6, 0.6))
    left.axis("off")
    right.bar(["n≥1", "n≥2\ncarry", "n≥3"], steps[t], color=figures.style_of("RNN")["color"])
    right.set(ylim=(0, 1.05), ylabel="hidden unit")
    plt.close(fig)
    return fig

Knob(draw_step, "column", values=list(range(1, 9)), default=4, alt="The sum 52 + 77 up to the chosen column, and the three hidden units after it")

# %% [markdown]
r"""
**Figure 7.2.** *The three units show how many ones the column holds, and the second of them is the carry.* Left: 52 + 77, worked from the right up to the shaded column. Right: the hidden units after that column. Turn the knob: where does the middle bar fall back?

How steep must the units be? Look at the carry unit alone, in a column with one 1. It should copy its old value $c$, and computes

$$f(c) = \sigma\bigl(g\,(c - \tfrac12)\bigr). \tag{7.3}$$

Copying again and again leads to a *fixed point*, where $f(c) = c$. One is always $c = \tfrac12$. The slope there is $g / 4$, because $\sigma'(0) = \tfrac14$. If it is less than 1, everything ends at $\tfrac12$ and the carry is forgotten. If it is more than 1, two other fixed points appear, one near 0 and one near 1. Then the unit pulls a value that is slightly off *back* to where it should be, so errors do not add up.
"""

# %% tags=["widget"]
def draw_gain(gain):
    fig, ax = plt.subplots(figsize=(6, 3))
    c = np.linspace(0, 1, 201)
    ax.plot(c, c, **figures.style_of("reference"), label="unchanged")
    ax.plot(c, 1 / (1 + np.exp(-gain * (c - 0.5))), **figures.style_of("RNN"), label="f(c)")
    path = [1.0]
    for _ in range(12):
        path.append(1 / (1 + np.exp(-gain * (path[-1] - 0.5))))
    ax.plot(np.repeat(path, 2)[:-1], np.repeat(path, 2)[1:], color="black", linewidth=0.9, label="12 columns, from 1")
    ax.set(xlabel="carry before the column", ylabel="carry after it", xlim=(0, 1), ylim=(0, 1))
    ax.legend(loc="upper left")
    plt.close(fig)
    return fig

Knob(draw_gain, "gain g", values=[2, 3, 3.9, 4.5, 6, 20], default=3, alt="The map of the carry unit and the path of a carry that starts at 1")

# %% [markdown]
r"""
**Figure 7.3.** *Above a gain of 4 a carry is held for ever, below it fades.* The curve (7.3), and the staircase of a carry that starts at 1 and runs through columns that hand it on: up or down to the curve, across to the diagonal. Where curve and diagonal cross, it comes to rest.
"""

# %% tags=["claim"]
says = "On 11...1 + 1 with 1,000 bits, gains of 4.5, 5 and 20 are right in every digit, and 3 and 3.9 are not."
claim("7.6", says, [share_exact(set_by_hand(g), long_carry(1000)) - (g > 4) for g in (3, 3.9, 4.5, 5, 20)], equals=0, tolerance=0)

# %% [markdown]
r"""
## 7.4 Learning it

Can gradient descent find such weights? The network is the same, with tanh units: `ElmanCell(2, 3)` and a read-out, 22 numbers in all. It sees random sums of 12 bits. The loss is that of section 7.1.

One run proves nothing, so we train thirty nets, each from its own initial weights and on its own sums. They are so small that the computer would mostly wait for Python. `stack_module_state` lays their weights side by side along a new first axis, and `vmap` runs one piece of code for all of them at once. No net knows of the others: the sum of the losses has, for each weight, the gradient of its own net alone.

**Predict first.** How many of the thirty will be exact on 50-bit numbers?
"""

# %% tags=["settings"]
STEPS = 1500  # training steps
NETS = 30  # seeds 0 to 29

# %%
from torch.func import functional_call, stack_module_state, vmap


# %%
def new_nets(hidden_size, number):
    nets = []
    for seed in range(number):
        torch.manual_seed(seed)
        nets.append(Adder(hidden_size))
    return nets

# %%
def train(nets, delay=0, steps=STEPS):
    S, rng = len(nets), np.random.default_rng(0)
    weights, _ = stack_module_state(nets)  # each weight with a first axis of S nets
    optimizer = torch.optim.Adam(weights.values(), lr=0.03)
    run_all = vmap(lambda own, xs: functional_call(nets[0], own, (xs,))[0])
    losses = []
    for _ in range(steps):
        problems = addition_problems(S * 32, 12, rng)  # 32 sums for each net
        xs = torch.tensor(np.pad(problems.inputs, ((0, delay), (0, 0), (0, 0)))).double()
        xs = xs.unflatten(1, (S, 32)).movedim(1, 0)  # (S, T, 32, 2)
        targets = torch.tensor(problems.targets).double().unflatten(1, (S, 32)).movedim(1, 0)  # (S, 13, 32)
        logits = run_all(weights, xs)[:, delay:]
        loss = nn.functional.binary_cross_entropy_with_logits(logits, targets, reduction="none").mean(dim=(1, 2))  # (S,)
        optimizer.zero_grad()
        loss.sum().backward()
        optimizer.step()
        losses.append(loss.detach().numpy())
    for k, net in enumerate(nets):
        net.load_state_dict({name: values[k].detach() for name, values in weights.items()})
    return np.array(losses)  # (steps, S)

# %%
trained = new_nets(3, NETS)
losses = train(trained)
fifty = addition_problems(200, 50, seed=2)
on_fifty = np.array([share_exact(net, fifty) for net in trained])  # (30,)
on_thousand = np.array([share_exact(net, thousand) for net in trained])  # (30,)

# %% tags=["nbval-ignore-output"]
print("exact on 50 bits:", np.sum(on_fifty == 1), "of", NETS, " on 1,000 bits:", np.sum(on_thousand == 1))
print("the first ten, share of exact sums of 50 bits:", *(f"{share:.2f}" for share in on_fifty[:10]))

# %% tags=["figure", "nbval-ignore-output"]
fig, ax = plt.subplots(figsize=(7, 3))
for good, color, line in ((True, "#767676", "-"), (False, "#d55e00", "--")):
    chosen = losses[:, (on_fifty == 1) == good]  # (steps, nets)
    ax.semilogy(range(0, STEPS, 25), chosen.reshape(-1, 25, chosen.shape[1]).mean(axis=1), color=color, linestyle=line, linewidth=1)
    ax.plot([], [], color=color, linestyle=line, label="exact" if good else "not exact")
ax.set(xlabel="training step", ylabel="loss (nats per digit)")
ax.legend()
plt.show()

# %% [markdown]
r"""
**Figure 7.4.** *Most nets find addition within some 400 steps; one that has not by then rarely does later.* The loss of the thirty nets, means over 25 steps, logarithmic. Grey: nets that are exact on 200 sums of 50 bits. Orange, dashed: those that are not.
"""

# %% tags=["claim"]
claim("7.7", "Of thirty nets with three hidden units, trained on 12 bits, at least 16 add all of 200 pairs of 50 bits exactly.", np.sum(on_fifty == 1), at_least=16)

# %% tags=["claim"]
claim("7.8", "At least 16 have 100 sums of 1,000 bits right in every digit.", np.sum(on_thousand == 1), at_least=16)

# %% [markdown]
r"""
Hinton (2012) showed such a network in his course. What becomes of his statement here is not typed but computed, from the numbers that are passed on: *reproduced* if more than half of them are 1.
"""

# %%
from rnncourse.published import published

published("Hinton (2012)", "A recurrent network with three hidden units learns binary addition.",
          there="an example in a lecture: two inputs, three hidden units, the answer two steps late", here="is the net exact on 200 sums of 50 bits, trained on 12, the answer at once",
          measured=on_fifty == 1, reproduced={"equals": 1, "tolerance": 0}, seeds=range(30))

# %% [markdown]
r"""
The same weights serve every column: what a net has learnt in one, it knows in all.

What separates success from failure? Only eight things can happen in a column: two digits and a carry. Here is how often a net is right in each of them.
"""

# %%
carried = np.concatenate([np.zeros_like(fifty.carries[:1]), fifty.carries[:-1]])  # (T, B) the carry in
case = 4 * carried + 2 * fifty.inputs[..., 0] + fifty.inputs[..., 1]  # (T, B) from 0 to 7
failed = np.flatnonzero(on_fifty < 1)  # seeds
correct = [answers(trained[seed], fifty.inputs) == fifty.targets for seed in failed]
by_case = np.array([[right[case == k].mean() for k in range(8)] for right in correct])  # (nets, 8)

# %% tags=["nbval-ignore-output"]
print("carry + digits", *(f"{k // 4}+{k // 2 % 2}{k % 2}" for k in range(8)))
print(by_case.round(2))

# %% tags=["claim"]
claim("7.9", "At least two of three nets that fail are always right in 6 or 7 of the eight cases.", np.mean(np.sum(by_case == 1, axis=1) >= 6), at_least=2 / 3)

# %% [markdown]
r"""
Most nets that fail have learnt nearly everything, and stop one or two cases short. In most of them three ones share a pattern with two: the net has two thresholds out of three. To put another one where it is needed, a unit would have to cross cases that are right by now, and on the way the loss would rise. Figure 7.4 shows it: the loss stays level for a thousand steps. Such a place is called a *local minimum*, or a *plateau* if there is a slow way out; one of the grey curves found one. With a unit to spare there is mostly a way around it (exercise 7.6).

## 7.5 Exact, but for how long?

In random numbers a carry seldom has to be held for long: a column hands it on with probability $\tfrac12$. So a test on 1,000 random bits says less than it seems. A harder one: the first column sets the carry to 0 or 1, and the next 999 hold a 0 and a 1 each, so that they must hand it on. There are three kinds of them: always 01, always 10, or mixed.
"""

# %%
mixed = np.random.default_rng(0).integers(2, size=999)  # which of the two digits is 1
starts = np.repeat([[[0, 0]], [[1, 1]]], 3, axis=0).swapaxes(0, 1)  # (1, 6, 2)
runs = np.stack([0 * mixed, 0 * mixed + 1, mixed] * 2, axis=1)  # (999, 6)
holding = add_columns(np.concatenate([starts, np.stack([runs, 1 - runs], axis=2), 0 * starts]))  # T = 1001, B = 6

# %%
def columns_held(net):  # how many columns are right before the first wrong digit
    wrong = np.flatnonzero((answers(net, holding.inputs) != holding.targets).any(axis=1))
    return wrong[0] if len(wrong) else 1001

# %%
held = np.array([columns_held(net) for net in trained])  # (30,)
forgetful = (on_fifty == 1) & (held < 1001)

# %% tags=["nbval-ignore-output"]
print("exact on 50 bits:", np.sum(on_fifty == 1), " of these forget:", forgetful.sum(), " columns before the first wrong digit:", *held[forgetful])

# %% tags=["claim"]
claim("7.10", "Of the nets that are exact on 200 sums of 50 bits, at least one loses a carry within 100 columns.", np.sum(held[forgetful] <= 100), at_least=1)

# %% [markdown]
r"""
As in (7.3), columns that hand the carry on must leave *two* resting places for the state, one with a carry and one without. If there is only one, the state drifts there, and may take its time. So look at how far apart the states with and without a carry are after 999 such columns:
"""

# %%
def gap(net):  # the smallest of the three kinds of columns
    with torch.no_grad():
        h = net(torch.tensor(holding.inputs).double())[1][999]  # (6, 3) the first three without a carry
    return (h[:3] - h[3:]).abs().amax(dim=1).min().item()

# %%
exact = np.flatnonzero(on_fifty == 1)  # seeds
apart = np.array([gap(trained[seed]) for seed in exact])

# %% tags=["claim"]
claim("7.11", "An exact net holds a carry for 1,000 columns if, and only if, its two states are then still 0.1 apart.", (apart > 0.1) == (held[exact] == 1001), equals=1, tolerance=0)

# %% [markdown]
r"""
Short numbers hardly punish a slow drift, because they end before it does any harm.
"""

# %%
steady, drifting = (trained[pick(exact, key=lambda seed: held[seed])] for pick in (max, min))

# %%
def weakest(net):  # the smallest probability of a right digit, by column
    with torch.no_grad():
        logits = net(torch.tensor(holding.inputs).double())[0].numpy()  # (T, B)
    return (1 / (1 + np.exp(-logits * (2 * holding.targets - 1)))).min(axis=1)[:-1]  # (1000,)

# %% tags=["figure", "nbval-ignore-output"]
fig, ax = plt.subplots(figsize=(7, 3))
for name, net, concept in (("by hand, g = 20", hand, "truth"), ("by hand, g = 3", set_by_hand(3), "reference"), ("learnt, steady", steady, "GRU"), ("learnt, drifting", drifting, "RNN")):
    ax.semilogx(range(1, 1001), weakest(net), **figures.style_of(concept), label=name)
ax.axhline(0.5, **figures.style_of("chance"))
ax.set(xlabel="column", ylabel="p(right digit), smallest of six", ylim=(-0.03, 1.05))
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()

# %% [markdown]
r"""
**Figure 7.5.** *A net with two resting places holds a carry for ever; one without looks just as sure for a while, and then tips over.* The probability that each net gives to the right digit while a carry, or none, has to be held, column by column (logarithmic); the smallest of the six runs. Below the dotted line the digit is wrong; on it, where the grey curve ends, it is a guess.

On random numbers, a carry that fades shows as a curve that falls with the number of bits:
"""

# %%
LENGTHS = [6, 12, 25, 50, 100, 250, 500, 1000]
trials = [addition_problems(100, length, seed=3) for length in LENGTHS]
best = [trained[seed] for seed in exact if seed < 10]

# %%
curves = {"by hand, g = 3": ("reference", [share_exact(set_by_hand(3), p) for p in trials]),
    "learnt": ("RNN", [np.mean([share_exact(net, p) for net in best]) for p in trials]),
    "window of six": ("MLP", [(slide(windows[0], p.inputs) == p.targets).all(axis=0).mean() for p in trials])}

# %% tags=["figure", "nbval-ignore-output"]
fig, ax = plt.subplots(figsize=(7, 3))
for name, (concept, shares) in curves.items():
    ax.semilogx(LENGTHS, shares, **figures.style_of(concept), label=name, marker="o", markersize=4)
ax.set(xlabel="bits of each number", ylabel="share of exact sums")
ax.set_xticks(LENGTHS, [f"{length:,}" for length in LENGTHS])
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()

# %% [markdown]
r"""
**Figure 7.6.** *A carry that is held stays exact at any length; one that fades, or a window, loses more sums the longer they are.* Share of 100 random sums with every digit right, against the number of bits (logarithmic). Learnt: the mean of those of the first ten nets that are exact on 50 bits, after training on 12. The window is the feed-forward net of section 7.1.

## 7.6 Reading the automaton

A trained net has no names on its units. Still, if it adds, an automaton must be in it. To read it, feed the net random sums, and collect its hidden states: points in a cube, as each unit lies between -1 and 1. They form clouds. Then:

1. *Cluster* the points. Each column can be filled in eight ways, counting the carry, so eight clusters are enough. k-means puts eight centres where the points are dense, and each point belongs to the nearest.
2. *Count.* For each cluster and each of the four inputs, which cluster came next, and which digit did the net give? The majority goes into the table. The share of the minority says how far the clusters are from being states.
3. *Merge.* Two clusters are one state if no input ever tells them apart. Begin with two blocks, clusters that print 0 and clusters that print 1. Split a block when an input leads its members into different blocks. When nothing splits any more, each block is a state of the smallest automaton that does the same.
"""

# %%
from sklearn.cluster import KMeans

# %%
probes = addition_problems(100, 50, seed=5)
codes = 2 * probes.inputs[..., 0] + probes.inputs[..., 1]  # (T, B) which of the four inputs

# %%
def cluster_table(net, num_clusters):
    with torch.no_grad():
        logits, hs = net(torch.tensor(probes.inputs).double())
    means = KMeans(num_clusters, n_init=10, random_state=0).fit(hs.reshape(-1, 3).numpy())
    labels = means.labels_.reshape(codes.shape)  # (T, B)
    followers = np.zeros((num_clusters, 4, num_clusters))  # add.at adds 1 at each place, as often as it is listed
    np.add.at(followers, (labels[:-1], codes[1:], labels[1:]), 1)
    printed = np.zeros((num_clusters, 2))
    np.add.at(printed, (labels, (logits > 0).int().numpy()), 1)
    minority = 1 - followers.max(axis=2).sum() / followers.sum()
    return followers.argmax(axis=2), printed.argmax(axis=1), minority, means.cluster_centers_

# %%
def merge(table, prints):
    blocks = prints
    while True:
        seen = np.column_stack([blocks, blocks[table]])  # (clusters, 5) own block, block after each input
        finer = np.unique(seen, axis=0, return_inverse=True)[1]  # equal rows get the same number
        if finer.max() == blocks.max():
            return blocks
        blocks = finer

# %%
def smallest(table, prints):
    blocks = merge(table, prints)
    first = np.unique(blocks, return_index=True)[1]  # one member of each block
    return blocks[table[first]], prints[first]

# %%
def is_addition(table, prints):  # the same automaton, whatever its states are called?
    orders = [np.array(names) for names in permutations(range(4)) if len(prints) == 4]
    return any(np.array_equal(PRINTS[n], prints) and np.array_equal(TABLE[n], n[table]) for n in orders)

# %%
read = [cluster_table(net, 8) for net in trained]
automata = [smallest(*entry[:2]) for entry in read]

# %% tags=["nbval-ignore-output"]
for verdict in (True, False):
    print(f"addition: {verdict!s:5}  states:", *(len(a[1]) for a in automata if is_addition(*a) == verdict))

# %% tags=["claim"]
claim("7.12", "From every net that is exact on 50 bits, the automaton of addition is read.", [is_addition(*automata[seed]) for seed in exact], equals=1, tolerance=0)

# %% tags=["claim"]
claim("7.13", "From at least two of three nets that fail, another one is.", np.mean([not is_addition(*automata[seed]) for seed in failed]), at_least=2 / 3)

# %% [markdown]
r"""
Where three ones share a pattern with two, three states are left. But mind what a table is: what the net did, mostly, on the sums that we showed. A net that drifts passes, too.
"""

# %% tags=["widget", "nbval-ignore-output"]
VIEW = np.array([[1, -0.2], [0.5, 0.35], [0, 1]])  # (3, 2) the cube, seen from the side
CORNERS = np.array(list(np.ndindex(2, 2, 2))) * 2 - 1  # (8, 3)
COLORS = ["#0072b2", "#009e73", "#e69f00", "#d55e00", "#cc79a7", "#56b4e9", "#000000", "#767676"]

def draw_states(seed):
    table, prints, _, centres = read[seed]
    blocks, spots = merge(table, prints), centres @ VIEW
    fig, ax = plt.subplots(figsize=(5, 3.4))
    for one, other in ((a, b) for a in CORNERS for b in CORNERS if np.abs(a - b).sum() == 2):
        ax.plot(*np.array([one, other]).dot(VIEW).T, color="#cccccc", linewidth=0.8)
    for cluster, code in np.ndindex(table.shape):
        ax.annotate("", spots[table[cluster, code]], spots[cluster], arrowprops={"arrowstyle": "->", "color": "#999999", "linewidth": 0.7, "connectionstyle": "arc3,rad=0.12", "shrinkB": 7})
    states = sorted({(prints[table[k, 0]], prints[k], blocks[k]) for k in range(8)})  # on 00 a carry shows
    for (carry, digit, block), color in zip(states, COLORS, strict=False):
        ax.plot(*spots[blocks == block].T, "^" if digit else "o", color=color, markersize=11, label=f"carry {carry}, prints {digit}")
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), title="states of an exact net" if seed in exact else "states of a net that fails")
    ax.axis("off")
    plt.close(fig)
    return fig

Knob(draw_states, "seed", values=SEEDS, default=int(exact[1]), alt="Clusters of the hidden states of a trained net in a cube, joined by arrows, coloured by the state of the automaton that they are")

# %% [markdown]
r"""
**Figure 7.7.** *Some nets use four patterns and others up to eight, but it is the same automaton.* The cube of the three hidden units, for each of the first ten nets. Symbols: the eight cluster centres (some coincide). One colour: one state of the smallest automaton. Circles print 0, triangles 1; its carry is the digit that comes next if the next column is 00. Arrows: which cluster follows which, for the four inputs. A pattern and the input together vote for the next pattern; that is all that an arrow is.

It is often said that three hidden units learn the *four* patterns of the automaton. If that were so, four clusters would do. Here is the minority share of the exact nets with four clusters, first row, and with eight:
"""

# %%
minority = np.array([[cluster_table(net, k)[2] for net in best] for k in (4, 8)])  # (2, nets)

# %% tags=["nbval-ignore-output"]
print(minority.round(2))

# %% tags=["claim"]
claim("7.14", "At least two of the exact nets among the first ten need more than four patterns: with four, over 5 % of the transitions disagree.", np.sum(minority[0] > 0.05), at_least=2)

# %% [markdown]
r"""
## 7.7 The delay

The classical account of this experiment wants, at each step, the output for the column that came in *two time steps ago*. Why two? In the networks of that time **each connection takes one step**. At step $t$ all units look at what the others showed at step $t - 1$, and then all change at once:

$$h_t = f(x_{t-1}, h_{t-1}), \qquad y_t = g(h_{t-1}), \tag{7.4}$$

where $f$ and $g$ are the two halves of (7.2). One step from input to hidden, one from hidden to output. So $y_t$ is the digit of column $t - 2$. That is the travelling time of a signal, a **propagation delay**. Let us build it with the weights set by hand.
"""

# %%
def one_step_a_connection(net, inputs):
    xs = torch.tensor(np.pad(inputs, ((0, 2), (0, 0), (0, 0)))).double()  # two more steps, to see the end
    shown, h, digits = 0 * xs[0], net.cell.initial_state(xs.shape[1]), []
    for x in xs:
        y, h, shown = net.readout(h), net.cell(shown, h)[0], x  # all at once, from the values before
        digits.append((y[:, 0] > 0).numpy())
    return np.array(digits)  # (T + 2, B)

# %%
late = one_step_a_connection(hand, thousand.inputs)
print("right with delay 0, 1, 2:", *(round((late[d : d + 1001] == thousand.targets).mean(), 2) for d in (0, 1, 2)))

# %% tags=["claim"]
claim("7.15", "Where each connection takes a step, the net set by hand is exact on 100 sums of 1,000 bits, two steps late.", (late[2:] == thousand.targets).all(axis=0).mean(), equals=1, tolerance=0)

# %% [markdown]
r"""
A layer of today reads $h_t$ at once, as (7.2) does, so its delay is 0. Whoever keeps both, the "two steps ago" and the modern layer, asks for something else: now the net must *store* digits until they are due. With $h_t$ it must know the carry, the digit $y_t$, the digit $y_{t-1}$, and show $y_{t-2}$: $2^4 = 16$ different situations. Three on-off units have 8 patterns.

**Predict first.** Same training (1,000 steps), target two steps later, read-out from $h_t$. How many of ten nets succeed with 3, 5 and 8 hidden units?
"""

# %%
literal = {H: new_nets(H, 10) for H in (3, 5, 8)}
for nets in literal.values():
    train(nets, delay=2, steps=1000)
exact_late = {H: np.array([share_exact(net, fifty, delay=2) for net in nets]) for H, nets in literal.items()}

# %% tags=["nbval-ignore-output"]
for H, shares in exact_late.items():
    print(f"{H} units: {np.sum(shares == 1)} of 10 exact; shares:", *(f"{share:.2f}" for share in shares))

# %% tags=["claim"]
claim("7.16", "With the target two steps late and 3 units, none of ten nets is exact.", np.sum(exact_late[3] == 1), equals=0, tolerance=0)

# %% tags=["claim"]
claim("7.17", "With 8 units, at least 6 of ten are.", np.sum(exact_late[8] == 1), at_least=6)

# %% [markdown]
r"""
Five units could do it (exercise 7.4 sets their weights), but fewer nets find the way.

## 7.8 How many weights can go?

A net has 22 numbers; ours by hand leaves six of them at zero. *Pruning* sets weights of a trained net to zero, the smallest first, without more training, as long as it stays exact on 200 sums of 50 bits.
"""

# %%
def prunable(net):
    pruned = Adder(3)
    pruned.load_state_dict(net.state_dict())
    values = nn.utils.parameters_to_vector(pruned.parameters()).detach()  # (22,)
    for count, k in enumerate(values.abs().argsort()):
        values[k] = 0
        nn.utils.vector_to_parameters(values.clone(), pruned.parameters())
        if share_exact(pruned, fifty) < 1:
            return count
    return len(values)

# %%
gone = np.array([prunable(net) for net in best])

# %% tags=["nbval-ignore-output"]
print("weights that can go, of 22:", *gone)

# %% tags=["claim"]
claim("7.18", "No exact net of the first ten can spare more than half of its 22 numbers.", gone, at_most=11)

# %% [markdown]
r"""
Here most can spare a few, some none: so small a net has most of its weights in use.

## 7.9 Limits and common mistakes

*The wrong end first.* Written as on paper, most significant bit first, the first digit depends on the last column, which nobody has read yet.
"""

# %%
backwards = add_columns(fifty.inputs).targets == answers(hand, fifty.inputs[::-1])[::-1]
print("digits right, most significant bit first:", round(backwards.mean(), 2), " sums:", backwards.all(axis=0).sum())

# %% [markdown]
r"""
*No room for the last carry.* Without an empty column at the end the sum loses its top digit: $3 + 1$ in two columns is 0.
"""

# %%
print("3 + 1 =", from_bits(answers(hand, np.array([[[1, 1]], [[1, 0]]]))[:, 0].astype(int)))

# %% [markdown]
r"""
*The wrong start.* The state before the first column is a carry, too. Zeros mean "no carry" for our logistic units. Starting from the pattern $(1, 1, 0)$ adds one to every sum:
"""

# %%
logits, _ = hand(torch.tensor(by_hand.inputs).double(), torch.tensor([[1.0, 1, 0]]).double())
print("52 + 77 =", from_bits((logits[:, 0] > 0).int().numpy()))

# %% [markdown]
r"""
*Digits that are none* are refused:
"""

# %% tags=["raises-exception"]
add_columns([[[0, 2]]])

# %% [markdown]
r"""
## Often told wrong

*"The desired output is the output for the column provided two time steps ago."* Right for networks in which each connection takes a step (claim 7.15). Taken literally with a modern layer, it asks for a memory of digits, and three units fail (7.16).

*"The network needs a memory of two steps."* It needs one bit, the carry, but for as long as it takes. Whoever sees only the present column and the last two must fail on $11\dots1 + 1$: its first column decides the digit of column 1,000.
"""

# %% tags=["claim"]
ones, other = long_carry(1000), long_carry(1000).inputs.copy()
other[0] = [[0, 1]]  # no carry from the first column; all others stay as they are
says = "Columns 2 to 1,000 are the same, and every one of their digits differs, in the truth and in the net set by hand."
claim("7.19", says, [np.mean(answers(hand, ones.inputs)[1:] != answers(hand, other)[1:]), np.mean(ones.targets[1:] != add_columns(other).targets[1:])], equals=1, tolerance=0)

# %% [markdown]
r"""
*"It learns four patterns, one for each state."* It may. Often it learns more, and they are the four states only after merging (7.12, 7.14).

## Where it came from

- McCulloch and Pitts (1943) made logic from threshold units, also in circles.
- Kleene (1956) showed what nets of such units can do: exactly what finite automata can.
- Cleeremans et al. (1989) trained Elman's network on strings from a finite automaton and found its nodes in the hidden patterns, if there were few hidden units.
- Giles et al. (1992) divided the space of hidden states into cells, read automata from trained networks, and merged their states; some of these did better than the network itself.
- Omlin and Giles (1996) said how large the weights of a (second-order) network with sigmoid units must be to hold its states on strings of any length, the question of our gain.
- Hinton (2012) used binary addition in his course to show how a recurrent network and an automaton compare, with two inputs, three hidden units, one output and the delay of two.

## Summary

- A feed-forward net adds as many bits as it was built for; what it learns at one end it does not know at the other (claims 7.1, 7.2). A window misses long carries (7.3).
- Addition is an automaton with four states (7.4). Three threshold units do it, exactly, if their gain exceeds 4 (7.5, 7.6).
- Most nets with three units learn it from 12 bits and are exact on 50 and on 1,000; most of the rest miss one or two of eight cases for good (7.7 to 7.9).
- Random tests miss slow drift; a long carry finds it (7.10, 7.11).
- Clusters of hidden states, merged, are the automaton in every net that succeeds (7.12), and seldom in one that fails (7.13).
- Of the 22 numbers of a trained net more than half are in use (7.18).
- The delay of two is travelling time, no memory (7.15 to 7.17, 7.19).

## Exercises

All in [one notebook](../exercises/07_binary_addition/07_binary_addition.ipynb), which checks itself.

- 7.1 Subtraction by an automaton (implement, 15 minutes)
- 7.2 A sum that comes out wrong (find the bug, 10 minutes)
- 7.3 Do two automata agree? (implement, 20 minutes)
- 7.4 Storing digits (explain and set weights by hand, 20 minutes)
- 7.5 Two units are enough (set weights by hand, 25 minutes)
- 7.6 How many units does learning need? (predict, then run, 15 minutes)

## References

- A. Cleeremans, D. Servan-Schreiber and J. L. McClelland (1989). Finite state automata and simple recurrent networks. *Neural Computation* 1(3), 372-381. DOI 10.1162/neco.1989.1.3.372.
- C. L. Giles, C. B. Miller, D. Chen, H. H. Chen, G. Z. Sun and Y. C. Lee (1992). Learning and extracting finite state automata with second-order recurrent neural networks. *Neural Computation* 4(3), 393-405. DOI 10.1162/neco.1992.4.3.393.
- G. Hinton (2012). *Neural Networks for Machine Learning*, lecture 7: A toy example of training an RNN. Slides of an earlier version of the course: https://www.cs.toronto.edu/~hinton/csc321/notes/lec6_files/slide0010.htm.
- S. C. Kleene (1956). Representation of events in nerve nets and finite automata. In C. E. Shannon and J. McCarthy (editors), *Automata Studies*, 3-42. Princeton University Press. ISBN 978-1-4008-8261-8.
- W. S. McCulloch and W. Pitts (1943). A logical calculus of the ideas immanent in nervous activity. *Bulletin of Mathematical Biophysics* 5, 115-133. DOI 10.1007/BF02478259.
- C. W. Omlin and C. L. Giles (1996). Constructing deterministic finite-state automata in recurrent neural networks. *Journal of the ACM* 43(6), 937-972. DOI 10.1145/235809.235811.
"""
