# %% [markdown]
r"""
# 06 Recurrence

How can a network with a fixed number of weights read a sequence of any length? And what can it keep in mind while it reads?

**You will be able to** write the recurrence with every symbol and shape, take steps of it by hand and in code, and unroll it; say what shared weights buy and what they do not; tell Elman's network from Jordan's and both from a tree; set weights by hand so that a network counts, stores a bit or computes a parity; and measure what a hidden state remembers.

**You need** chapters [02](02_autoregressive.ipynb) and [04](04_hidden_markov.ipynb), the eigenvalues of a matrix, torch modules, and that a network learns by following the gradient of its loss.

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

figures.use_style()
torch.set_num_threads(1)

# %% [markdown]
r"""
## 6.1 Two letters that look alike

Read the word "hello" letter by letter, and after each letter name the next. The alphabet is h, e, l, o, and each letter is its place in it.
"""

# %%
LETTERS, SEEDS = "helo", [0, 1, 2, 3, 4]
read, wanted = (torch.tensor([[LETTERS.index(c)] for c in word]) for word in ("hell", "ello"))  # (T, B) = (4, 1)

# %%
def trained(make, seed, batches, loss, epochs, lr=0.01, decay=0.0):
    torch.manual_seed(seed)  # the first weights are random
    model = make()
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=decay)
    training.fit(model, batches, loss, optimizer, epochs)
    return model

# %%
def accuracy(logits, targets):
    return (logits.argmax(-1) == targets).float().mean().item()

# %% [markdown]
r"""
The simplest model is a table: a row of four *logits* for each letter, which a softmax turns into the probabilities of what follows. (`trained` runs AdamW, gradient descent with a step size of its own for every weight; `decay` is used in section 6.4.)
"""

# %%
from rnncourse.evaluation import cross_entropy


# %%
def on_hello(make, epochs):
    return [trained(make, seed, [(read, wanted)], cross_entropy, epochs, lr=0.05) for seed in SEEDS]

# %% tags=["claim"]
claim("6.1", "A trained table gets exactly three of the four letters right.",
      [accuracy(table(read), wanted) for table in on_hello(lambda: nn.Embedding(4, 4), 200)], equals=0.75, tolerance=0, seeds=SEEDS)

# %% [markdown]
r"""
No training helps. Both l are the same input, so they get the same answer, but l follows the first and o the second. A window of two letters would do here. For other questions no window is long enough. *Has the number of ones so far been odd?* That is the **parity** of the bits. List all words of 9 bits, and group them by their last 8 (any other number would do):
"""

# %% tags=["claim"]
words = np.array(list(np.ndindex(*[2] * 9)))  # (512, 9), the first bit changes last
odd = (words.sum(axis=1) % 2).reshape(2, 256)  # one column for each ending of 8 bits
claim("6.2", "Whatever the last 8 of 9 bits are, half of the words are odd.", odd.mean(axis=0), equals=0.5, tolerance=0)

# %% [markdown]
r"""
Chapter 02 lost what lay before its window (claim 2.26). The hidden Markov model of chapter 04 had a state in place of a window, but a state that is one of $N$ symbols: $K$ bits took $2^K$ of them (claims 4.24 to 4.26), while a row of $K$ numbers, updated at each step, held 100 bits (4.29). This chapter is about such rows.

## 6.2 The recurrence

A **recurrent neural network** (RNN) keeps a **hidden state** $h_t$, a row of $H$ numbers, one for each **hidden unit**. At each step it makes a new one from the input and the old one, by one and the same rule:

$$a_t = x_t W_{xh} + h_{t-1} W_{hh} + b_h, \qquad h_t = \tanh(a_t), \tag{6.1}$$

$$o_t = h_t W_{hy} + b_y. \tag{6.2}$$

| symbol | shape | what it is |
| --- | --- | --- |
| $x_t$ | $(D,)$ | input at step $t = 1, \dots, T$ |
| $h_t$ | $(H,)$ | hidden state after $x_t$ was read; $h_0 = 0$ |
| $a_t$ | $(H,)$ | the sum that goes into $\tanh$, entry by entry |
| $W_{xh}$ | $(D, H)$ | first set of weights: input to state |
| $W_{hh}$ | $(H, H)$ | second set: old state to new state |
| $W_{hy}$ | $(H, V)$ | the **read-out**: state to output |
| $b_h$, $b_y$ | $(H,)$, $(V,)$ | biases |
| $o_t$ | $(V,)$ | output; for symbols, the logits of $V$ symbols |

Nothing in the weights carries an index $t$. In short, $h_t = f_W(h_{t-1}, x_t)$, where $W$ stands for all weights. With $B$ sequences side by side, $x_t$ is $(B, D)$ and $h_t$ is $(B, H)$. $\tanh$ keeps every number between -1 and 1.
"""

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(7, 2.9))
arrow = {"arrowstyle": "->", "shrinkA": 15, "shrinkB": 15}
for t in range(5):
    for y, letter in enumerate("xho") if t else [(1, "h")]:
        ax.plot(t, y, "o", markersize=28, color=("#dddddd", "#f6d5b8", "#cfe3f2")[y])
        ax.text(t, y, f"${letter}_{t}$", ha="center", va="center")
    for x, y, end, name in ((t, 0, (t, 1), "xh"), (t, 1, (t, 2), "hy"), (t - 1, 1, (t, 1), "hh")) if t else ():
        ax.annotate("", end, (x, y), arrowprops=arrow)
        ax.text((x + end[0]) / 2 + 0.06, (y + end[1]) / 2 + 0.08, f"$W_{{{name}}}$", fontsize=9)
ax.set(xlim=(-0.4, 4.5), ylim=(-0.4, 2.4))
ax.axis("off")
plt.show()

# %% [markdown]
r"""
**Figure 6.1.** *Unrolled over four steps, a recurrent network is a network of four layers in which every layer has the same weights and an input of its own.* Grey: inputs; orange: states; blue: outputs. The same name on two arrows means the same numbers. Every path from the past leads through the states: what $h_{t-1}$ does not hold is lost at step $t$.

By hand, with $D = H = 2$, the inputs $x_1 = (1, 0)$ and $x_2 = (0, 1)$, and

$$W_{xh} = \begin{pmatrix} 0.5 & -1 \\ 1 & 0.5 \end{pmatrix}, \quad W_{hh} = \begin{pmatrix} 1 & 0 \\ 2 & -1 \end{pmatrix}, \quad b_h = (0, 0.5).$$

$x_1$ picks the first row of $W_{xh}$, and $h_0$ adds nothing: $a_1 = (0.5, -0.5)$, so $h_1 = (0.462, -0.462)$. Then $h_1 W_{hh} = (0.462 - 0.924,\ 0.462) = (-0.462, 0.462)$, and $a_2 = (1, 0.5) + (-0.462, 0.462) + (0, 0.5) = (0.538, 1.462)$, so $h_2 = (0.491, 0.898)$.

In code, a **cell** is one step. `times` is the product with $W_{xh}$; given a whole number $k$ it looks up row $k$, which is what a row with a single 1 at place $k$ would pick. `project` does what needs no state, for all steps at once.
"""

# %%
from rnncourse.cells.cell import Cell
from rnncourse.cells.weights import copy_from_torch, times, uniform


# %% tags=["mirror:rnncourse.cells.elman.ElmanCell"]
class ElmanCell(Cell):
    """h_t = f(x_t W_xh + h_{t-1} W_hh + b_h); the output and the state are both h_t.

    Args:
        input_size: D.
        hidden_size: H.
        nonlinearity: f, a function of a tensor.
        scale: weights are drawn from -scale to scale; None for 1 / sqrt(H), as torch does.

    Source:
        Elman (1990), Finding structure in time; his context units hold h_{t-1}.
    """

    def __init__(self, input_size, hidden_size, nonlinearity=torch.tanh, scale=None):
        super().__init__(input_size, hidden_size)
        self.nonlinearity = nonlinearity
        scale = hidden_size**-0.5 if scale is None else scale
        self.W_xh = uniform(scale, input_size, hidden_size)  # (D, H)
        self.W_hh = uniform(scale, hidden_size, hidden_size)  # (H, H)
        self.b_h = uniform(scale, hidden_size)  # (H,)

    def project(self, xs):
        return times(xs, self.W_xh) + self.b_h  # (..., H)

    def step(self, projected, h):
        h = self.nonlinearity(projected + h @ self.W_hh)  # (B, H)
        return h, h

# %% [markdown]
r"""
And `unroll` is the loop. (`checked` refuses inputs that do not fit, and fills in a state of zeros. A `mask` marks steps that are mere padding; there `freeze` keeps the old state.)
"""

# %%
from rnncourse.cells.state import freeze
from rnncourse.cells.unroll import checked


# %% tags=["mirror:rnncourse.cells.unroll.unroll"]
def unroll(cell, xs, state=None, mask=None):
    """Run a cell over a whole sequence: the same weights at every step.

    Args:
        cell: any cell, ``output, state = cell(x, state)``.
        xs: inputs (T, B, D), or whole numbers (T, B) that stand for one-hot rows.
        state: the state to begin with, or None for ``cell.initial_state(B)``.
        mask: booleans (T, B), False where a step is padding, or None. There the state stays as it
            is, and the output is zero.

    Returns:
        outputs (T, B, H), and the state after the last step.
    """
    xs, state, mask = checked(cell, xs, state, mask)
    if mask is None and hasattr(cell, "run"):  # a cell that needs no loop
        return cell.run(xs, state)
    inputs, step = (cell.project(xs), cell.step) if hasattr(cell, "project") else (xs, cell)
    outputs = []
    for t, x in enumerate(inputs.unbind()):
        output, new = step(x, state)
        if mask is not None:
            new, output = freeze(mask[t], new, state), freeze(mask[t], output, output * 0)
        outputs.append(output)
        state = new
    return torch.stack(outputs), state

# %%
def set_weights(cell, **weights):
    for name, values in weights.items():
        getattr(cell, name).data = torch.tensor(values, dtype=cell.b_h.dtype)
    return cell

# %%
by_hand = set_weights(ElmanCell(2, 2), W_xh=[[0.5, -1], [1, 0.5]], W_hh=[[1, 0], [2, -1]], b_h=[0, 0.5])
print(unroll(by_hand, torch.eye(2)[:, None])[0][:, 0].detach().numpy().round(3))  # xs is (2, 1, 2); h_1 and h_2

# %% [markdown]
r"""
The oracle is `torch.nn.RNN`. It has columns where we have rows, and two biases where one is enough; `copy_from_torch` sees to that.
"""

# %%
def distance_to_torch(seed):
    torch.manual_seed(seed)
    theirs, cell, xs = nn.RNN(3, 5), ElmanCell(3, 5), torch.randn(11, 2, 3)
    copy_from_torch(theirs, cell)
    return (theirs(xs)[0] - unroll(cell, xs)[0]).abs().max().item()

# %% tags=["claim"]
claim("6.3", "With the same weights, our cell and torch.nn.RNN have the same states.",
      [distance_to_torch(seed) for seed in SEEDS], at_most=1e-6, seeds=SEEDS)

# %% [markdown]
r"""
Now "hello" again, with $H = 4$. `LanguageModel` puts a read-out behind any cell.
"""

# %%
from rnncourse.models import LanguageModel, SequenceClassifier

# %%
start, readers, stop = perf_counter(), on_hello(lambda: LanguageModel(ElmanCell(4, 4), 4), 100), perf_counter()

# %% tags=["nbval-ignore-output"]
print(readers[0](read)[0][:, 0].softmax(-1).detach().numpy().round(2))  # a row for each letter read: h, e, l, o next

# %% tags=["claim"]
right = [model(read)[0].softmax(-1).gather(2, wanted[..., None]).min().item() for model in readers]
claim("6.4", "After each letter of hell, the next letter of hello gets at least 90 %.", right, at_least=0.9, seeds=SEEDS)

# %% tags=["claim"]
claim("6.5", "To train it on hello takes at most two seconds, in the mean of five runs.", (stop - start) / len(SEEDS), at_most=2)

# %% [markdown]
r"""
So $p(\mathrm{l} \mid \mathrm{h, e, l})$ and $p(\mathrm{o} \mid \mathrm{h, e, l, l})$ are both near 1. The input was the same; what differs is the state.
"""

# %% tags=["claim"]
claim("6.6", "The states after the first and the second l lie at least 0.5 apart.",
      [unroll(model.cell, read)[0][2:].diff(dim=0).norm().item() for model in readers], at_least=0.5, seeds=SEEDS)

# %% [markdown]
r"""
## 6.3 Unrolled, there is no cycle

$h_t$ is defined by $h_{t-1}$, as the Fibonacci numbers are by $f_n = f_{n-1} + f_{n-2}$. This is no circle: going back, one arrives at the beginning. Fibonacci's rule is itself a recurrent network, without $\tanh$ and with two units for the last two numbers, for $f_n$ needs both:

$$(f_{n+1}, f_n) = (f_n, f_{n-1}) \begin{pmatrix} 1 & 1 \\ 1 & 0 \end{pmatrix}, \qquad \text{hence} \quad (f_{n+1}, f_n) = (1, 0) \begin{pmatrix} 1 & 1 \\ 1 & 0 \end{pmatrix}^{n}. \tag{6.3}$$
"""

# %%
rabbits = set_weights(ElmanCell(1, 2, nn.Identity()).double(), W_xh=[[0, 0]], W_hh=[[1, 1], [1, 0]], b_h=[0, 0])
states = unroll(rabbits, torch.zeros(70, 1, 1).double(), torch.tensor([[1.0, 0.0]]).double())[0]  # (70, 1, 2), 16 digits each

# %% tags=["claim"]
f = states[:, 0, 1].detach().numpy()  # f_1 to f_70
claim("6.7", "Seventy steps of a linear network give the Fibonacci numbers f_1 to f_70 exactly.",
      np.append(f[:2] - 1, f[2:] - f[1:-1] - f[:-2]), equals=0, tolerance=0)

# %% [markdown]
r"""
Unrolled, a network that reads five words is a network of five layers. torch records what was computed on the way to a result. We walk that record back from $h_T$: each `node` is an operation, `next_functions` lists where its inputs came from, and a parameter is a node with a `variable`. We count the tanh and collect the parameters.
"""

# %%
def unrolled_graph(result):
    seen, waiting = set(), [result.grad_fn]
    while waiting:
        node = waiting.pop()
        seen.add(node)
        waiting += [below for below, _ in node.next_functions if below is not None and below not in seen]
    parameters = {id(node.variable) for node in seen if hasattr(node, "variable")}
    return sum(node.name() == "TanhBackward0" for node in seen), parameters

# %%
cell = ElmanCell(3, 5)
depths, parameters = zip(*[unrolled_graph(unroll(cell, torch.randn(T, 1, 3))[1]) for T in (1, 5, 50)], strict=True)

# %% tags=["claim"]
claim("6.8", "For T = 1, 5, 50 the unrolled network has T layers of tanh.", np.subtract(depths, (1, 5, 50)), equals=0, tolerance=0)

# %% tags=["claim"]
claim("6.9", "All layers read the same three parameter objects.",
      [len(parameters[0] | some) for some in parameters], equals=3, tolerance=0)

# %% [markdown]
r"""
So a recurrent network is as deep as its input is long: $T$ layers, with **tied weights**.

The same thought settles another puzzle: derivatives "in terms of themselves". Take one unit, $h_t = \tanh(w x_t + u h_{t-1})$, and ask for the derivative by $u$. The slope of $\tanh$ at $h_t$ is $1 - h_t^2$. Inside, $u$ acts directly, and through the old state:

$$\frac{d h_t}{d u} = (1 - h_t^2) \Bigl( h_{t-1} + u\, \frac{d h_{t-1}}{d u} \Bigr), \qquad \frac{d h_0}{d u} = 0. \tag{6.4}$$

On the right stands the derivative *of the step before*. The chain ends at $h_0$.
"""

# %%
def last_state(u):
    h = slope = torch.zeros(1, dtype=torch.float64)
    for x in torch.linspace(-1, 1, 12):
        new = torch.tanh(0.7 * x + u * h)
        h, slope = new, (1 - new**2) * (h + u * slope)
    return h, slope

# %% [markdown]
r"""
The oracle moves $u$ a little to both sides. torch, as a third opinion, applies the chain rule to the unrolled graph.
"""

# %%
u = torch.tensor(0.9, dtype=torch.float64, requires_grad=True)
last_state(u)[0].backward()
measured = (last_state(0.9 + 1e-5)[0] - last_state(0.9 - 1e-5)[0]) / 2e-5

# %% tags=["claim"]
claim("6.10", "The slope by (6.4), and torch's gradient of the unrolled graph, are what one measures, to seven digits.",
      [(last_state(0.9)[1] / measured).item(), (u.grad / measured).item()], equals=1, tolerance=1e-7)

# %% [markdown]
r"""
[Chapter 08](08_backpropagation_through_time.ipynb) turns this into an algorithm.

## 6.4 The same weights at every position

"I went to Paris in 2012." "In 2012, I went to Paris." The year is word 6 or word 2. A feed-forward network that reads the whole sentence has a weight for each word *at each position*: what it learns about 2012 as word 2, it has to learn again for word 6. A recurrent network reads every word with the same $W_{xh}$. Let us test that. The sentences have six words. "in" and one of ten years stand after 0, 1, 2 or 4 of the other words, so the year is word 2, 3, 4 or 6. (As word 5 it would part "to" from the city.)
"""

# %%
CHOICES = [["I", "we", "they", "she"], ["went", "flew", "drove", "moved"], ["to"], ["Paris", "Rome", "Lima", "Oslo"]]
YEARS = [str(year) for year in range(2005, 2015)]
VOCABULARY = sorted({"in", *YEARS, *(word for some in CHOICES for word in some)})  # 24 words

# %%
def sentence(rng, place):  # place: how many words come before "in"
    words, year = [rng.choice(some) for some in CHOICES], rng.integers(len(YEARS))
    words[place:place] = ["in", YEARS[year]]
    return [VOCABULARY.index(word) for word in words], int(year)

# %%
def sentences(number, places, seed):
    rng = np.random.default_rng(seed)
    ids, years = zip(*[sentence(rng, rng.choice(places)) for _ in range(number)], strict=True)
    return torch.tensor(ids).T, torch.tensor(years)  # (T, B), (B,)

# %%
print(*[" ".join(VOCABULARY[word] for word in row) for row in sentences(3, [0, 2, 4], seed=5)[0].T], sep="\n")

# %%
class PerPosition(nn.Sequential):
    def forward(self, ids):
        return super().forward(ids.T + 24 * torch.arange(len(ids)))  # word k at position t picks row 24 t + k

# %% [markdown]
r"""
(`EmbeddingBag` adds up one row of weights for each word: the product of a long one-hot input with its weights.)

**Predict first.** Each network has 32 hidden units and trains on 960 sentences with the year as word 2, 3 or 4; the recurrent one answers from its last state. How often does it find the year when it is word 6?

We vary two things. *Broken off*: every other batch ends after four words, with the year among them. *Decay*: each training step also pulls all weights a little towards 0, which holds down what the task does not need.
"""

# %% tags=["settings"]
TRAINED_PLACES = [0, 1, 2]

# %%
NETWORKS = {"MLP": lambda: PerPosition(nn.EmbeddingBag(6 * 24, 32, mode="sum"), nn.Tanh(), nn.Linear(32, 10)),
            "RNN": lambda: SequenceClassifier(ElmanCell(24, 32), 10)}

# %%
def by_position(seed, network, cuts, decay, epochs=12):
    ids, years = sentences(960, TRAINED_PLACES, seed)
    batches = [(ids[: cuts[k % len(cuts)], k::30], years[k::30]) for k in range(30)]
    model = trained(NETWORKS[network], seed, batches, cross_entropy, epochs, decay=decay)
    tests = [sentences(300, [place], seed + 100) for place in (0, 1, 2, 4)]
    return [accuracy(model(ids), years) for ids, years in [*tests, (tests[2][0][:4], tests[2][1])]]  # last: broken off after word 4

# %%
RUNS = {"feed-forward, broken off, decay": ("MLP", [4, 6], 0.3), "RNN, whole": ("RNN", [6], 0.0),
        "RNN, broken off": ("RNN", [4, 6], 0.0), "RNN, broken off, decay": ("RNN", [4, 6], 0.3)}
found = {name: np.array([by_position(seed, *run) for seed in SEEDS]) for name, run in RUNS.items()}  # (5, 5) each
found["RNN, whole, decay, 40 epochs"] = np.array([by_position(seed, "RNN", [6], 0.3, 40) for seed in SEEDS[:3]])

# %%
def draw_shares(xs, curves, xlabel, ylabel, bottom=0.4):
    fig, ax = plt.subplots(figsize=(6, 3))
    for name, (look, runs) in curves.items():
        figures.plot_seeds(ax, xs, runs, look, name)
    ax.set(xlabel=xlabel, ylabel=ylabel, ylim=(bottom, 1.03))
    ax.legend()
    return fig

# %% tags=["figure", "nbval-ignore-output"]
curves = {name: (look, found[name][:, :4]) for name, look in zip(found, ("MLP", "reference", "n-gram", "RNN", "AR"), strict=True)}
draw_shares([2, 3, 4, 6], curves, "position of the year", "years found (share)", bottom=0)
plt.xticks([2, 3, 4, 6])
plt.show()

# %% [markdown]
r"""
**Figure 6.2.** *Trained on years at positions 2 to 4, the recurrent network that had to answer early, with decay, finds the year at position 6; the others do not, or not reliably.* Thin: five seeds; bold: median; 12 epochs. The long training of 40 epochs has three seeds. Position 6 is new.
"""

# %% tags=["claim"]
claim("6.11", "At position 6 the feed-forward network finds at most a quarter of the years, broken sentences and decay notwithstanding.",
      found["feed-forward, broken off, decay"][:, 3], at_most=0.25, seeds=SEEDS)

# %% tags=["claim"]
claim("6.12", "Trained on whole sentences, the recurrent network finds at least 98 % at the old positions, at position 6 at most 40 %.",
      [min(row[:3].min() - 0.98, 0.4 - row[3]) for row in found["RNN, whole"]], at_least=0, seeds=SEEDS)

# %% tags=["claim"]
claim("6.13", "If a sentence breaks off right after the year as word 4, an old position, this network finds at most half.",
      found["RNN, whole"][:, 4], at_most=0.5, seeds=SEEDS)

# %% tags=["claim"]
claim("6.14", "Trained with broken sentences, it finds at least half of the years at position 6; with decay as well, at least 95 %.",
      np.minimum(found["RNN, broken off"][:, 3] - 0.5, found["RNN, broken off, decay"][:, 3] - 0.95), at_least=0, seeds=SEEDS)

# %% tags=["claim"]
claim("6.15", "Whole sentences with decay, 40 epochs long, bring it to somewhere between 40 and 97 %.",
      found["RNN, whole, decay, 40 epochs"][:, 3], at_least=0.4, at_most=0.97, seeds=SEEDS[:3])

# %% [markdown]
r"""
Told plainly: trained on whole sentences, the recurrent network *fails* at the new position, nearly as badly as the feed-forward one. Shared weights mean that a year is *read* alike wherever it stands, not that the answer is ready. In whole sentences at least two more words had gone through $W_{hh}$ before anyone asked; right after the year, the network cannot name it even at a position that it knows (claim 6.13).

The cure is to ask early. Broken sentences alone help, how much depends on the seed; with decay they suffice. Decay and a long training on whole sentences go a part of the way (6.15). Sharing makes it *possible* that a few positions teach all; the training has to make it happen.

What does sharing cost and save? With $D$ inputs and $H$ outputs a step:

| network | weights, without biases | reach | shares weights over |
| --- | --- | --- | --- |
| feed-forward | $T D H$ | all $T$ steps, no more | nothing |
| convolutional (CNN), one layer, $k$ wide | $k D H$ | $k$ steps | places, in an image or a sequence |
| recurrent | $D H + H^2$ | all steps so far | steps |

A CNN uses one set of weights, a *filter*, at all places, as the RNN uses one cell at all steps. But a filter's outputs do not depend on each other, while a cell's weights have to suit the input *and* what the same weights made of the past, step by step. Counted with biases, for $D = 24$, $H = 32$, $k = 3$:
"""

# %%
for T in (6, 60):
    print(f"T = {T:2}:", [sum(p.numel() for p in m.parameters()) for m in (nn.Linear(T * 24, 32), nn.Conv1d(24, 32, 3), ElmanCell(24, 32))])

# %% [markdown]
r"""
## 6.5 Elman and Jordan

Early papers speak of **context units** $c_t$ that stand beside the input. In general there are two blocks and a read-out,

$$h_t = F(x_t, c_{t-1}), \qquad c_t = G(x_t, c_{t-1}), \qquad o_t = R(h_t, c_t), \tag{6.5}$$

with three functions $F$, $G$, $R$. Elman (1990) copies the hidden units: $G = F$, so $c_t = h_t$. Jordan (1986) feeds the *output* back: $c_t = y_t$, where in our cell $h_t = \tanh(x_t W_{xh} + y_{t-1} W_{yh} + b_h)$ and $y_t = \sigma(h_t W_{hy} + b_y)$, with the logistic function $\sigma$. (His own context units also kept a part of their last value.) The moving average of chapter 02 is $c_t = \lambda c_{t-1} + (1 - \lambda) x_t$.
"""

# %%
from rnncourse.cells.jordan import JordanCell


# %%
def two_blocks(F, G, R, xs, c):
    outputs = []
    for x in xs:
        h, c = F(x, c), G(x, c)
        outputs.append(R(h, c))
    return torch.stack(outputs)

# %%
torch.manual_seed(0)
elman, jordan, xs = ElmanCell(3, 5), JordanCell(3, 5, 2), torch.randn(7, 1, 3)
copied = two_blocks(lambda x, c: elman(x, c)[0], lambda x, c: elman(x, c)[0], lambda h, c: h, xs, torch.zeros(1, 5))
feedback = two_blocks(lambda x, c: torch.tanh(x @ jordan.W_xh + c @ jordan.W_yh + jordan.b_h),
                      lambda x, c: jordan(x, c)[0], lambda h, c: c, xs, torch.zeros(1, 2))

# %% tags=["claim"]
claim("6.16", "With these F, G and R, (6.5) is Elman's cell, and Jordan's.",
      [(copied - unroll(elman, xs)[0]).abs().max().item(), (feedback - unroll(jordan, xs)[0]).abs().max().item()], at_most=1e-6)

# %% [markdown]
r"""
Jordan's network remembers what its output shows. Two tasks on a stream of single numbers:

- **Latch**: +1 switches a lamp on, -1 off, 0 leaves it. Say whether it is on. Here the output *is* what must be remembered.
- **Change**: say whether this bit differs from the last one. One needs the last bit, and the output hides it:
"""

# %% tags=["claim"]
older, last, now = np.array(list(np.ndindex(2, 2, 2))).T  # (8,) each: all cases of three bits
case = 2 * (older ^ last) + now  # all that a Jordan network has: its last output, and the new bit
claim("6.17", "Given the last output and the new bit, change and no change are equally likely.",
      np.bincount(case, last ^ now) / np.bincount(case), equals=0.5, tolerance=0)

# %%
class Tagger(nn.Module):  # an answer after every step
    def __init__(self, cell, readout):
        super().__init__()
        self.cell, self.readout = cell, readout

    def forward(self, xs):
        return self.readout(unroll(self.cell, xs)[0])

# %%
def switched(pulses):
    last = torch.where(pulses != 0, torch.arange(len(pulses))[:, None, None], 0).cummax(0).values  # step of the last pulse
    return (pulses.gather(0, last) > 0).float()

# %%
def changed(bits):
    return torch.cat([bits[:1], (bits[1:] != bits[:-1]).float()])

# %%
def draw(values, T, B, seed):
    return torch.tensor(np.random.default_rng(seed).choice(values, (T, B, 1)), dtype=torch.float32)

# %%
def tag(make, values, task, seed):
    streams = [draw(values, 12, 32, 1000 * seed + k) for k in range(20)]
    model = trained(make, seed, [(xs, task(xs)) for xs in streams], nn.functional.binary_cross_entropy, 8, lr=0.02)
    test = draw(values, 50, 200, seed + 99_999)
    return ((model(test) > 0.5) == task(test)).float().mean().item()

# %%
MODELS = {"Elman": lambda: Tagger(ElmanCell(1, 8), nn.Sequential(nn.Linear(8, 1), nn.Sigmoid())),
          "Jordan": lambda: Tagger(JordanCell(1, 8, 1), nn.Identity())}
TASKS = {"latch": ([-1, 0, 0, 0, 1], switched), "change": ([0, 1], changed)}
tagged = {(m, t): [tag(MODELS[m], *TASKS[t], seed) for seed in SEEDS] for m in MODELS for t in TASKS}

# %% tags=["nbval-ignore-output"]
print(*[f"{' '.join(names):13} {np.round(shares, 2)}" for names, shares in tagged.items()], sep="\n")

# %% tags=["claim"]
claim("6.18", "Both learn the latch, and Elman's network the change: at least 99 % right.",
      np.min([tagged["Elman", "latch"], tagged["Jordan", "latch"], tagged["Elman", "change"]], axis=0), at_least=0.99, seeds=SEEDS)

# %% tags=["claim"]
claim("6.19", "Jordan's network is right about the change at most 75 % of the time.", tagged["Jordan", "change"], at_most=0.75, seeds=SEEDS)

# %% [markdown]
r"""
Guessing gives a half, and some seeds get more: the output is a probability, and 0.6 and 0.9 are the same answer. In such shades of certainty a part of the last bit gets through.

## 6.6 Weights set by hand

What can a recurrent network do at all? Three small machines.

**A counter.** One unit without $\tanh$, $h_t = h_{t-1} + x_t W_{xh}$: an opening bracket adds 1, a closing one takes it off. **A latch.** One unit with a strong connection to itself, $h_t = \tanh(3 h_{t-1} + 6 x_t)$. Near 1 it stays near 1, since $\tanh(3 \cdot 0.995) = 0.995$, and likewise near -1; a pulse is twice as strong and switches it. **Parity.** Let $p$ be the parity so far and $x$ the new bit; the new parity is "$p$ or $x$, but not both". Two threshold units, 1 where their sum is positive, else 0, do that: $h^{(1)}$ fires if $p + x > 0.5$, $h^{(2)}$ if $p + x > 1.5$, and $p = h^{(1)} - h^{(2)}$ can be read off the state and fed back with the weights $(1, -1)$.
"""

# %%
counter = set_weights(ElmanCell(2, 1, nn.Identity()), W_xh=[[1], [-1]], W_hh=[[1]], b_h=[0])
latch = set_weights(ElmanCell(1, 1), W_xh=[[6]], W_hh=[[3]], b_h=[0])
parity = set_weights(ElmanCell(1, 2, lambda a: (a > 0).float()), W_xh=[[1, 1]], W_hh=[[1, 1], [-1, -1]], b_h=[-0.5, -1.5])

# %%
bits, pulses = draw([0, 1], 10_000, 5, seed=0), draw([-1, 0, 0, 0, 1], 10_000, 5, seed=1)  # (T, 5, 1)
pulses[0] = -1  # switch all lamps off first
with torch.no_grad():
    counts = unroll(counter, bits[:, :, 0].long())[0]  # ids: 0 opens, 1 closes
    lamps, gates = unroll(latch, pulses)[0] > 0, unroll(parity, bits)[0]  # (T, 5, 1), (T, 5, 2)

# %%
wrong = torch.stack([(counts - (1 - 2 * bits).cumsum(0)).abs(), (lamps != switched(pulses)).float(),
                     (gates @ torch.tensor([[1.0], [-1.0]]) - bits.cumsum(0) % 2).abs()])  # (3, T, 5, 1)

# %% tags=["claim"]
claim("6.20", "Counter, latch and parity are right at every one of 10,000 steps, on five random streams.",
      wrong.amax((0, 1))[:, 0], equals=0, tolerance=0)

# %% [markdown]
r"""
No window can do any of the three. That such weights *exist* does not mean that training finds them; [chapter 07](07_binary_addition.ipynb) counts how often it does.

"RNNs can compute anything," one often reads. What Siegelmann and Sontag (1995) proved is this: a *finite* network with *rational* weights, units that clip their sum to between 0 and 1, numbers of *unlimited precision* and *as many steps as it takes* can simulate any Turing machine. The trick is to keep a stack of bits in a single number. To push the bit $b$: $s \leftarrow (s + 2b + 1)/4$. To pop: $b = 1$ if $s \ge \tfrac12$, and $s \leftarrow 4s - 2b - 1$. On a computer a number has 53 binary digits, and each push uses up two.
"""

# %%
def stack(bits):
    s = 0.0
    for bit in bits:
        s = (s + 2 * bit + 1) / 4
    return s

# %% tags=["claim"]
secrets = [np.random.default_rng(seed).integers(2, size=40) for seed in SEEDS]
claim("6.21", "With 40 more bits on top, a 0 and a 1 at the bottom of the stack are the same number; with 20 they are not.",
      [stack([0, *s]) == stack([1, *s]) and stack([0, *s[:20]]) != stack([1, *s[:20]]) for s in secrets], at_least=1, seeds=SEEDS)

# %% [markdown]
r"""
So a real network is a finite machine, and the theorem speaks neither of $\tanh$ in single precision nor of learning.

## 6.7 What two units do by themselves

Take the input away. Two units with

$$W_{hh} = \begin{pmatrix} 0.7 & 0.9 \\ k & 0.7 \end{pmatrix}, \qquad h_t = \tanh(h_{t-1} W_{hh}), \tag{6.6}$$

push each other about. Unit 1 excites unit 2 with weight 0.9; what unit 2 does in return is $k$. Near 0, where $\tanh(a) \approx a$, a step multiplies by $W_{hh}$, whose eigenvalues are $0.7 \pm \sqrt{0.9 k}$. If both have a modulus below 1, small states die out. So it is between $k = -0.57$, where $0.49 + 0.9\,|k| = 1$, and $k = 0.1$, where $0.7 + \sqrt{0.9k} = 1$.

**Predict first.** What happens to a state if $k$ is 0, positive, or negative?
"""

# %% tags=["settings"]
K = [-1.2, -0.9, -0.7, -0.5, 0.0, 0.3, 0.6, 0.9]

# %%
def flow(k, h, steps):
    path = [h]
    for _ in range(steps):
        path.append(np.tanh(path[-1] @ np.array([[0.7, 0.9], [k, 0.7]])))
    return np.array(path)  # (1 + steps, number, 2)

# %%
def draw_flow(k):
    fig, ax = plt.subplots(figsize=(3.6, 3.2))
    h = np.stack(np.meshgrid(*[np.linspace(-1, 1, 11)] * 2), axis=-1).reshape(-1, 2)  # (121, 2)
    ax.quiver(*h.T, *(flow(k, h, 1)[1] - h).T, angles="xy", scale_units="xy", scale=2, color="#999999", width=0.004)
    ax.plot(*flow(k, np.array([[0.9, 0.2], [-0.9, 0.1], [0.1, -0.9]]), 60).transpose(2, 0, 1), "o-", markersize=2.5, linewidth=0.8)
    ax.set(xlabel="unit 1", ylabel="unit 2", xlim=(-1.05, 1.05), ylim=(-1.05, 1.05))
    return fig

# %% tags=["widget"]
Knob(draw_flow, "weight k", values=K, default=0.6,
     alt="The plane of two units with arrows. For k from -0.5 to 0 all paths end in the middle, for k above 0.1 in "
     "one of two opposite corners, for k below -0.57 they go round for ever.")

# %% [markdown]
r"""
**Figure 6.3.** *One weight decides whether the state forgets, decides or swings.* Each arrow shows half of one step; coloured lines are three states followed for 60 steps. For $k = 0$ and a little below, everything ends at 0. For $k = 0.3$ and more there are two **attractors**, opposite points, and the start decides: a latch. For $k = -0.7$ and less the state circles.
"""

# %%
ends = {k: flow(k, np.random.default_rng(0).uniform(-1, 1, (200, 2)), 500)[-40:] for k in K}  # (40, 200, 2), the last 40 steps of each

# %% tags=["claim"]
claim("6.22", "Fixed point: for k = -0.5 and 0, all of 200 starts end at 0.",
      [np.abs(ends[k]).max() for k in (-0.5, 0.0)], at_most=1e-5)

# %% tags=["claim"]
claim("6.23", "Bistable: for k = 0.3, 0.6 and 0.9, all starts come to rest at one of two points, and both are reached.",
      [len(np.unique(ends[k].reshape(-1, 2).round(4), axis=0)) for k in (0.3, 0.6, 0.9)], equals=2, tolerance=0)

# %% tags=["claim"]
claim("6.24", "Oscillation: for k = -1.2, -0.9 and -0.7, unit 1 still changes its sign at least 8 times in 40 steps, and reaches 0.3.",
      [min(np.sum(h[1:] * h[:-1] < 0, axis=0).min() / 8, np.abs(h).max(axis=0).min() / 0.3)
       for h in (ends[k][:, :, 0] for k in (-1.2, -0.9, -0.7))], at_least=1)

# %% [markdown]
r"""
## 6.8 What does the state remember?

The state is a summary of $x_1, \dots, x_t$. We feed random bits, take $h_t$, and try to read off the bit of $k$ steps ago (the **lag**) by a linear function, fitted by least squares on half of the sequences and tested on the other half. Such a reader is called a **linear probe**. We begin with random weights, and multiply $W_{hh}$ by a number so that the largest modulus of its eigenvalues, the **spectral radius**, is $\rho$. (In `probe`, `pad` adds a column of ones for the constant, and the first 40 steps do not count.)
"""

# %% tags=["settings"]
LAGS, RADII = range(16), [0.1, 0.2, 0.5, 0.8, 0.95, 1.1, 1.5, 2.0, 3.0]

# %%
def probe(cell, seed):
    ids = draw([0, 1], 120, 20, seed + 500)[:, :, 0].long()  # (T, B)
    with torch.no_grad():
        hs = nn.functional.pad(unroll(cell, ids)[0][40:], (0, 1), value=1.0).numpy()  # (80, B, H + 1)
    scores = []
    for lag in LAGS:
        signs = 2 * ids[40 - lag : 120 - lag].numpy() - 1  # (80, B)
        weights = np.linalg.lstsq(hs[:, :10].reshape(800, -1), signs[:, :10].ravel())[0]
        scores.append(np.mean((hs[:, 10:] @ weights > 0) == (signs[:, 10:] > 0)))
    return scores

# %%
def random_cell(rho, seed):
    torch.manual_seed(seed)
    cell = ElmanCell(2, 20)
    cell.W_hh.data *= rho / torch.linalg.eigvals(cell.W_hh.data).abs().max()
    return cell

# %%
memory = {rho: np.array([probe(random_cell(rho, seed), seed) for seed in SEEDS]) for rho in RADII}  # (5, 16)

# %%
def draw_memory(rho):
    fig = draw_shares(LAGS, {"random weights": ("RNN", memory[rho])}, "lag (steps ago)", "bits read right (share)")
    fig.axes[0].axhline(0.5, **figures.style_of("chance"))
    return fig

# %% tags=["widget", "nbval-ignore-output"]
Knob(draw_memory, "spectral radius", values=RADII, default=0.95,
     alt="Bits read right against the lag: from 1 to a half, steeply at lag 7 for radius 0.1, slowly for 0.95, at once for 2 and 3.")

# %% [markdown]
r"""
**Figure 6.4.** *A random network remembers the recent past and forgets gradually; longest with a spectral radius near 1.* Thin: five seeds; bold: median; dotted: chance. With a small radius each step shrinks the trace of an old bit, until newer traces cover it. With a large one many units sit near the ends of $\tanh$, and the bits are stirred until no linear function can tell them apart.
"""

# %% tags=["claim"]
claim("6.25", "At radius 0.95, lags 0 to 4 are read to 99 % or more, lag 15 to 80 % or less.",
      np.minimum(memory[0.95][:, :5].min(axis=1) - 0.99, 0.8 - memory[0.95][:, 15]), at_least=0, seeds=SEEDS)

# %% tags=["claim"]
claim("6.26", "Averaged over lags 0 to 15, radius 0.95 beats 0.1 and 2.0 by at least 0.1.",
      memory[0.95].mean(axis=1) - np.maximum(memory[0.1].mean(axis=1), memory[2.0].mean(axis=1)), at_least=0.1, seeds=SEEDS)

# %% [markdown]
r"""
Training changes what is kept. Two networks with 12 units each have to repeat the bit of 1, or of 4 steps ago.
"""

# %%
def untrained(seed):
    torch.manual_seed(seed)
    return LanguageModel(ElmanCell(2, 12), 2)

# %%
def echo(lag, seed):
    streams = [draw([0, 1], 20, 32, 1000 * seed + k)[:, :, 0].long() for k in range(30)]
    return trained(lambda: untrained(seed), seed, [(ids, ids.roll(lag, 0)) for ids in streams],
                   lambda logits, targets: cross_entropy(logits[lag:], targets[lag:]), 5)

# %%
before = np.array([probe(untrained(seed).cell, seed) for seed in SEEDS])  # (5, 16)
kept, short = (np.array([probe(echo(lag, seed).cell, seed) for seed in SEEDS]) for lag in (4, 1))

# %% tags=["figure", "nbval-ignore-output"]
draw_shares(LAGS, {"before training": ("chance", before), "trained to repeat lag 4": ("RNN", kept),
                   "trained to repeat lag 1": ("LSTM", short)}, "lag (steps ago)", "bits read right (share)")
plt.show()

# %% [markdown]
r"""
**Figure 6.5.** *A trained state keeps what its task needs, and lets go of the rest sooner than random weights do.* Thin: five seeds; bold: median. To repeat lag 4 one has to hold lags 0 to 4.
"""

# %% tags=["claim"]
claim("6.27", "Averaged over all lags, the network for lag 1 reads at least 0.04 less than before, and 0.01 less than that for lag 4.",
      np.minimum((before - short).mean(axis=1) - 0.04, (kept - short).mean(axis=1) - 0.01), at_least=0, seeds=SEEDS)

# %% tags=["claim"]
claim("6.28", "The network for lag 4 holds lags 0 to 4 to 99 %; lag 6 is read to 65 % or more before training, to 62 % or less for lag 1.",
      np.min([kept[:, :5].min(axis=1) - 0.99, before[:, 6] - 0.65, 0.62 - short[:, 6]], axis=0), at_least=0, seeds=SEEDS)

# %% [markdown]
r"""
So a hidden state is an abstraction of the past *for a task*.

## 6.9 A state in place of a window

Chapter 02 forecast a sine with noise from its last $p$ values, and ended with one number of state, set by hand (claim 2.23). Now the network learns its state, of four numbers: a latent autoregressive model. (`TorchCell` takes torch's own cell, which is faster.) It trains on stretches of 60 out of 2,000 values, and predicts the next value after each; the first 20, where it has read little, do not count. Errors are taken one step ahead, against the sine without noise, as root mean squares.
"""

# %%
from rnncourse.autoregressive import AutoregressiveModel
from rnncourse.batches import windows
from rnncourse.cells.torch_cell import TorchCell
from rnncourse.datasets.synthetic import noisy_sine

# %% tags=["settings"]
KNOWN = 2000

# %%
def state_error(sine, seed):
    values = torch.tensor(sine.values, dtype=torch.float32)
    stretches = values[:KNOWN].unfold(0, 61, 10).T[:, :, None]  # (61, 194, 1), a new one every 10 steps
    batches = [(stretches[:-1, k::5], stretches[1:, k::5]) for k in range(5)]
    model = trained(lambda: Tagger(TorchCell(nn.RNN(1, 4)), nn.Linear(4, 1)), seed, batches,
                    lambda ys, targets: nn.functional.mse_loss(ys[20:], targets[20:]), 60, lr=0.02)
    forecasts = model(values[:-1, None, None]).detach().numpy()[KNOWN - 1 :, 0, 0]
    return np.mean((forecasts - sine.clean[KNOWN:]) ** 2) ** 0.5

# %%
def window_error(sine, order):
    fit = AutoregressiveModel(order).fit(sine.values[:KNOWN])
    return np.mean((fit.predict(windows(sine.values[KNOWN - order :], order)[0]) - sine.clean[KNOWN:]) ** 2) ** 0.5

# %%
sines = [noisy_sine(KNOWN + 500, noise_sd=0.2, frequency=0.01, seed=seed) for seed in SEEDS]
learnt = np.array([state_error(sine, seed) for seed, sine in enumerate(sines)])  # (5,)
by_window = np.array([[window_error(sine, p) for p in (4, 16, 64)] for sine in sines])  # (5, 3)

# %% tags=["nbval-ignore-output"]
print("state of 4:", np.round(learnt, 3), " windows of 4, 16, 64:", np.median(by_window, axis=0).round(3))

# %% tags=["claim"]
claim("6.29", "Four learnt numbers err at most 0.95 times as much as a window of four.",
      learnt / by_window[:, 0], at_most=0.95, seeds=SEEDS)

# %% tags=["claim"]
claim("6.30", "In the mean of five seeds, a window of 64 errs at most 0.9 times as much as they do.",
      np.mean(by_window[:, 2] / learnt), at_most=0.9)

# %% [markdown]
r"""
Four numbers that are learnt beat four that are merely the last. To be fair: a window of 16 does as well, and one of 64 wins, though the state has read as much. Least squares weighs all 64 at once and exactly; the state has to squeeze them into four numbers, and learns how by small steps.

## 6.10 Recurrent is not recursive

A sentence has a time axis; an expression such as `( 1 and ( not 0 ) )` has another structure, a *tree*. A **recursive network** applies one cell along it, from the leaves to the root. The state of a node with label $x$ and the children's states $h_{\text{left}}$ and $h_{\text{right}}$ is

$$h = f\bigl(x W_{xh} + (h_{\text{left}} + h_{\text{right}} W_{\text{place}})\, W_{hh} + b_h\bigr), \tag{6.7}$$

where $W_{\text{place}}$, $(H, H)$, tells the right child from the left. A child that is missing counts as 0, so a leaf has $h = f(x W_{xh} + b_h)$. If every node has one child, the tree is a chain, and (6.7) is (6.1):
"""

# %%
from torch.nn.utils.rnn import pad_sequence

from rnncourse.datasets.expressions import boolean_expressions
from rnncourse.recursive import TreeClassifier, pack_trees


# %%
def chain_distance(seed):
    torch.manual_seed(seed)
    model, ids = TreeClassifier(ElmanCell(5, 7), 2, vocab_size=5), torch.randint(5, (11,))
    tree = int(ids[0])  # a leaf; each further symbol becomes the parent of all before it
    for symbol in ids[1:]:
        tree = (int(symbol), tree)
    return (model.outputs(pack_trees([tree], int)) - unroll(model.cell, ids[:, None])[0][:, 0]).abs().max().item()

# %% tags=["claim"]
claim("6.31", "On a chain of 11 nodes, the recursive network computes the states of the recurrent one.",
      [chain_distance(seed) for seed in SEEDS], at_most=1e-6, seeds=SEEDS)

# %% [markdown]
r"""
Now expressions with *not*, *and*, *or*, *xor* and exact values. Their **depth** is the number of operators on the longest way from the root to a leaf. The tree network gets the tree; a recurrent network gets the tokens, parentheses included. Both have 48 units of the same cell with $f(a) = \max(a, 0)$, and train on the same 900 expressions of depth 1 to 3. (Of depth 1 there are only 14, so these are all known from the training.) `pack_trees` lays many trees side by side.

**Predict first.** How many does each get right at depth 2? At depth 6?
"""

# %% tags=["settings"]
TOKENS, DEPTHS = ["0", "1", "not", "and", "or", "xor", "(", ")"], [1, 2, 3, 4, 5, 6]

# %%
def as_batch(parts):
    packed = pack_trees([tree for part in parts for tree in part.trees], TOKENS.index)
    rows = [torch.tensor([TOKENS.index(word) for word in some]) for part in parts for some in part.tokens]
    real = pad_sequence([torch.ones_like(row, dtype=torch.bool) for row in rows])  # (T, B)
    values = torch.tensor(np.concatenate([part.values for part in parts]))  # (B,)
    return (packed, values), (pad_sequence(rows), values, real)  # short rows are filled up with 0

# %%
def tree_and_chain(seed):
    drawn = [[boolean_expressions(30, depth, 1000 * seed + 20 * depth + k) for depth in (1, 2, 3)] for k in range(10)]
    for_tree, for_chain = zip(*[as_batch(parts) for parts in drawn], strict=True)
    tree = trained(lambda: TreeClassifier(ElmanCell(8, 48, torch.relu), 2, 8), seed, for_tree, cross_entropy, 20)
    chain = trained(lambda: SequenceClassifier(ElmanCell(8, 48, torch.relu), 2), seed, for_chain, cross_entropy, 20)
    tests = [as_batch([boolean_expressions(200, depth, seed + 70_000)]) for depth in DEPTHS]
    return [[accuracy(tree(packed), values), accuracy(chain(ids, mask=real), values)] for (packed, values), (ids, _, real) in tests]

# %%
on_trees, on_tokens = np.array([tree_and_chain(seed) for seed in SEEDS]).transpose(2, 0, 1)  # (5, 6) each

# %% tags=["figure", "nbval-ignore-output"]
draw_shares(DEPTHS, {"tree network": ("LSTM", on_trees), "RNN on tokens": ("RNN", on_tokens)}, "depth of the expression", "right (share)")
plt.axvspan(1, 3, color="#eeeeee", linewidth=0)
plt.show()

# %% [markdown]
r"""
**Figure 6.6.** *The tree network goes on beyond the depths of its training; the recurrent network falls to chance.* Thin: five seeds; bold: median; 200 expressions a point. Grey: depths of the training. At depth 3, the recurrent network does poorly with expressions that are new to it.
"""

# %% tags=["claim"]
claim("6.32", "At depth 6 the tree network is right at least 85 % of the time.", on_trees[:, 5], at_least=0.85, seeds=SEEDS)

# %% tags=["claim"]
claim("6.33", "The recurrent network is right at least 85 % of the time at depth 2, at most 80 % at depth 3, at most 65 % at depth 6.",
      np.min([on_tokens[:, 1] - 0.85, 0.8 - on_tokens[:, 2], 0.65 - on_tokens[:, 5]], axis=0), at_least=0, seeds=SEEDS)

# %% [markdown]
r"""
The comparison is not fair, and that is its point. The tree network was *given* the structure; the recurrent one has to find it, and to keep all open parentheses in its state.

## 6.11 Common mistakes

*The batch first.* Everything in this book is time first, $(T, B, D)$. Two sequences of three steps, given as $(B, T, D)$, raise no error: they are taken for three sequences of two steps.
"""

# %%
print("sequences:", len(unroll(ElmanCell(3, 5), torch.randn(2, 3, 3))[1]))

# %% [markdown]
r"""
*A state of another batch* is refused, before broadcasting makes it fit:
"""

# %% tags=["raises-exception"]
unroll(ElmanCell(3, 5), torch.randn(7, 4, 3), state=torch.zeros(1, 5))

# %% [markdown]
r"""
## Often told wrong

*"Unrolled, it is a feed-forward network of infinitely many layers."* It has $T$ layers, with tied weights (claims 6.8, 6.9).

*"$h_t = f(W x_t + W h_{t-1} + b)$."* Two products, two matrices: the shapes differ unless $D = H$. And step 3 reads $x_3$; an $x$ without its index would be read anew at each step.

*"$h_t$ is an abstraction of $x_1, \dots, x_{t-1}$."* It has read $x_t$. Change one input, and see which states move:
"""

# %%
others = xs + torch.eye(7)[:, :, None]  # (T, 7, 3): sequence t has another x_t
effects = (unroll(elman, others)[0] - unroll(elman, xs)[0]).abs().amax(2).T  # (changed input, state)

# %% tags=["claim"]
claim("6.34", "A changed x_t changes h_t, and no state before it.",
      torch.where(effects.tril(-1).sum(1) == 0, effects.diagonal(), 0), at_least=0.01)

# %% [markdown]
r"""
*"Recurrent and recursive are the same."* A chain is a special case of a tree (claim 6.31). On real trees the two differ (6.32, 6.33).

*"Jordan networks, 1997."* The technical report is of 1986; the chapter of 1997 is a reprint. Elman's paper of 1990 refers to it.

## Where it came from

McCulloch and Pitts (1943) built networks of threshold units, some with loops; Kleene (1956) showed that what such nets can recognise is what finite automata can, and the parity of section 6.6 is one of those. Jordan (1986) fed outputs back to produce orderly sequences of actions. Elman (1990) fed hidden units back and found that a network that predicts the next word sorts words into kinds. Siegelmann and Sontag (1995) gave the theorem of section 6.6; Siegelmann (1995) is about another thing, networks with real numbers as weights that would go beyond Turing machines. Goller and Küchler (1996) trained networks along trees. Karpathy (2015) explained recurrence with "hello". Alain and Bengio (2016) used linear probes to look into the layers of networks.

## Summary

- Two equal inputs can need two answers; a table fails (claims 6.1, 6.2), a state tells them apart (6.4 to 6.6).
- The recurrence is one rule with the same weights at each step. Unrolled, it has $T$ layers (6.8, 6.9) and ordinary gradients (6.10); $h_t$ has read $x_1, \dots, x_t$ (6.34).
- Shared weights carry over to new positions, if the training asks for the answer at once and holds the weights down; whole sentences alone teach it in part at best (6.11 to 6.15).
- Elman's network feeds back the state, Jordan's the output (6.16). What the output hides, Jordan's network loses (6.17 to 6.19).
- Weights set by hand count, store and compute parity without an error (6.20); precision limits the theorem about Turing machines (6.21).
- Two units settle, decide or swing (6.22 to 6.24). Memory fades with the lag (6.25, 6.26) and follows the task (6.27, 6.28).
- Four learnt numbers beat a window of four on the noisy sine; on average, a linear window of 64 beats both (6.29, 6.30).
- A tree network is given its structure and goes deeper; a chain is its special case (6.31 to 6.33).

## Exercises

All in [one notebook](../exercises/06_recurrence/06_recurrence.ipynb), which checks itself.

- 6.1 A recurrent step and its unrolled loop (implement, 15 minutes)
- 6.2 Counting by threes (set the weights, explain, 20 minutes)
- 6.3 The same weights at every step (predict, then run, 10 minutes)
- 6.4 Jordan or Elman? (find the bug, explain, 15 minutes)
- 6.5 What does the state remember? (experiment, 20 minutes)
- 6.6 A tree is not a chain (implement, 20 minutes)

## References

- G. Alain and Y. Bengio (2016). Understanding intermediate layers using linear classifier probes. arXiv:1610.01644.
- J. L. Elman (1990). Finding structure in time. *Cognitive Science* 14(2), 179-211. DOI 10.1207/s15516709cog1402_1.
- C. Goller and A. Küchler (1996). Learning task-dependent distributed representations by backpropagation through structure. *International Conference on Neural Networks (ICNN'96)* 1, 347-352. DOI 10.1109/ICNN.1996.548916.
- M. I. Jordan (1986). Serial order: a parallel distributed processing approach. Technical report 8604, Institute for Cognitive Science, University of California, San Diego. Reprint of 1997: *Advances in Psychology* 121, 471-495. DOI 10.1016/S0166-4115(97)80111-2.
- A. Karpathy (2015). The unreasonable effectiveness of recurrent neural networks. https://karpathy.github.io/2015/05/21/rnn-effectiveness/.
- S. C. Kleene (1956). Representation of events in nerve nets and finite automata. In C. E. Shannon and J. McCarthy (editors), *Automata Studies*, 3-42. Princeton University Press. ISBN 978-1-4008-8261-8.
- W. S. McCulloch and W. Pitts (1943). A logical calculus of the ideas immanent in nervous activity. *Bulletin of Mathematical Biophysics* 5, 115-133. DOI 10.1007/BF02478259.
- H. T. Siegelmann (1995). Computation beyond the Turing limit. *Science* 268, 545-548. DOI 10.1126/science.268.5210.545.
- H. T. Siegelmann and E. D. Sontag (1995). On the computational power of neural nets. *Journal of Computer and System Sciences* 50(1), 132-150. DOI 10.1006/jcss.1995.1013.
"""
