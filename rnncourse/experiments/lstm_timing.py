"""Timing: an LSTM without and with peepholes measures the distance of two spikes, or makes spikes.

*Measure*: two spikes come 41 to 50 steps apart, and at the second one the network says how far.
*Generate*: without any input the network makes a spike at every tenth step. Learning rates were
chosen for each cell and task on a seed of their own: those runs are stored too.
"""

import time
from typing import NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from rnncourse.cells.peephole import FullPeepholeLSTMCell, PeepholeLSTMCell
from rnncourse.cells.unroll import unroll
from rnncourse.experiments.fast import fast_lstm, num_parameters
from rnncourse.experiments.grid import Run

MEASURE, GENERATE = "measure", "generate"
LSTM, DIAGONAL, FULL = "LSTM", "peepholes", "full peepholes"
CELLS = {LSTM: fast_lstm, DIAGONAL: PeepholeLSTMCell, FULL: FullPeepholeLSTMCell}
SEEDS, RATE_SEED, RATES = (1, 2, 3, 4, 5), 0, (0.003, 0.01, 0.03)
RATE = {  # of the runs on RATE_SEED, the one with the largest share right, then the smallest loss
    MEASURE: {LSTM: 0.003, DIAGONAL: 0.03, FULL: 0.03},
    GENERATE: {LSTM: 0.01, DIAGONAL: 0.01, FULL: 0.003},
}
ALWAYS = {"updates": 1500, "longest_gradient": 1.0}
SIZES = {
    MEASURE: {"hidden_size": 8, "forget_bias": 3.0, "batch_size": 32}
    | {"latest_first": 4, "shortest": 41, "longest": 50},
    GENERATE: {"hidden_size": 16, "forget_bias": 1.0}
    | {"distance": 10, "spikes": 8, "test_spikes": 20, "spike_weight": 3.0},
}
SETTINGS = {**ALWAYS, **SIZES, "optimizer": "Adam", "rates": list(RATES), "rate_seed": RATE_SEED}


def cells():
    """List the runs: all rates on one seed, and the chosen one on the others.

    Returns:
        list of Run.
    """
    tried = [(RATE_SEED, rate) for rate in RATES]
    return [
        Run({"task": task, "cell": cell, "seed": seed, "rate": rate}, {**ALWAYS, **SIZES[task]})
        for task, chosen in RATE.items()
        for cell in CELLS
        for seed, rate in [*tried, *((seed, chosen[cell]) for seed in SEEDS)]
    ]


def run(task, cell, seed, rate, hidden_size, forget_bias, updates, longest_gradient, **task_sizes):
    """Train one network; Adam's learning rate falls to 0 in a straight line.

    Args:
        task: ``MEASURE`` or ``GENERATE``.
        cell: a name of ``CELLS``.
        seed: whole number.
        rate: learning rate to begin with.
        hidden_size: H.
        forget_bias: where the forget gates' biases begin.
        updates: how many.
        longest_gradient: longer gradients are shortened to this length.
        task_sizes: what else ``Measure`` or ``Generate`` takes.

    Returns:
        dict for a row: ``parameters``; ``loss`` on new data; ``right``, the share that is right,
        see ``Measure.right`` and ``Generate.right``; ``seconds`` of CPU time.
    """
    began, rng = time.process_time(), np.random.default_rng(seed)
    torch.manual_seed(seed)
    problem = {MEASURE: Measure, GENERATE: Generate}[task](**task_sizes)
    model = _Timer(CELLS[cell](1, hidden_size, forget_bias=forget_bias))
    optimizer = torch.optim.Adam(model.parameters(), rate)
    fall = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, updates)
    for _ in range(updates):
        xs, targets = problem.draw(rng)
        optimizer.zero_grad()
        problem.loss(model(xs), targets).backward()
        nn.utils.clip_grad_norm_(model.parameters(), longest_gradient)
        optimizer.step()
        fall.step()
    xs, targets = problem.test()
    with torch.no_grad():
        outputs = model(xs)
    return {
        "parameters": num_parameters(model),
        "loss": float(f"{problem.loss(outputs, targets).item():.4g}"),
        "right": round(problem.right(outputs, targets), 4),
        "seconds": round(time.process_time() - began, 1),
    }


class _Timer(nn.Module):
    """A cell and one number that is read out of it at each step."""

    def __init__(self, cell):
        super().__init__()
        self.cell, self.readout = cell, nn.Linear(cell.hidden_size, 1)

    def forward(self, xs):
        return self.readout(unroll(self.cell, xs)[0])[..., 0]  # (T, B)


class Measure(NamedTuple):
    """Two spikes; at the second one the distance is asked.

    Args:
        batch_size: B.
        latest_first: the first spike comes at a step from 0 to this one.
        shortest: smallest distance in steps.
        longest: largest distance.

    Source:
        after Gers & Schmidhuber (2000), Recurrent nets that time and count. There the spikes follow
        one another in a stream.
    """

    batch_size: int
    latest_first: int
    shortest: int
    longest: int

    def draw(self, rng, size=None):
        """Draw sequences.

        Args:
            rng: a ``numpy.random.Generator``.
            size: B, or None for the batch size.

        Returns:
            inputs (T, B, 1), and targets (T, B): at the second spike the distance over the longest
            one, else NaN.
        """
        size = size or self.batch_size
        column = np.arange(size)
        first = rng.integers(self.latest_first + 1, size=size)  # (B,)
        distance = rng.integers(self.shortest, self.longest + 1, size=size)  # (B,)
        xs = np.zeros((self.latest_first + self.longest + 1, size), dtype=np.float32)  # (T, B)
        targets = np.full_like(xs, np.nan)  # (T, B)
        xs[first, column] = xs[first + distance, column] = 1
        targets[first + distance, column] = distance / self.longest
        return torch.from_numpy(xs)[..., None], torch.from_numpy(targets)

    def test(self):
        """Draw 1,000 sequences, always the same.

        Returns:
            inputs (T, B, 1) and targets (T, B).
        """
        return self.draw(np.random.default_rng(99), 1000)

    def loss(self, outputs, targets):
        """Compute the mean squared error where the distance is asked.

        Args:
            outputs: numbers that were read out, (T, B).
            targets: as ``draw`` returns them, (T, B).

        Returns:
            scalar tensor.
        """
        asked = ~targets.isnan()  # (T, B)
        return (outputs[asked] - targets[asked]).square().mean()

    def right(self, outputs, targets):
        """Compute the share of distances that are right when rounded to whole steps.

        Args:
            outputs: numbers that were read out, (T, B).
            targets: as ``draw`` returns them, (T, B).

        Returns:
            float.
        """
        asked = ~targets.isnan()  # (T, B)
        steps = self.longest * (outputs[asked] - targets[asked])
        return (steps.abs() < 0.5).float().mean().item()


class Generate(NamedTuple):
    """No input; a spike is wanted at every step whose number is a multiple of the distance.

    Args:
        distance: steps from spike to spike.
        spikes: how many there are in a training sequence.
        test_spikes: how many in the sequence on which networks are tested.
        spike_weight: what a step with a spike counts in the loss, where one without counts 1.

    Source:
        after Gers & Schmidhuber (2000), Recurrent nets that time and count.
    """

    distance: int
    spikes: int
    test_spikes: int
    spike_weight: float

    def draw(self, rng=None, spikes=None):
        """Make the one sequence that there is; nothing is random.

        Args:
            rng: ignored.
            spikes: how many there are in it, or None for as many as in training.

        Returns:
            inputs (T, 1, 1), all 0, and targets (T, 1), 1 at spikes, else 0.
        """
        targets = torch.zeros((spikes or self.spikes) * self.distance, 1)  # (T, 1)
        targets[self.distance - 1 :: self.distance] = 1
        return torch.zeros_like(targets)[..., None], targets

    def test(self):
        """Make the longer sequence that networks are tested on.

        Returns:
            inputs (T, 1, 1) and targets (T, 1).
        """
        return self.draw(spikes=self.test_spikes)

    def loss(self, outputs, targets):
        """Compute the mean cross-entropy, with spikes weighted.

        Args:
            outputs: numbers that were read out, (T, 1).
            targets: as ``draw`` returns them, (T, 1).

        Returns:
            scalar tensor.
        """
        weight = torch.tensor(self.spike_weight)
        return binary_cross_entropy_with_logits(outputs, targets, pos_weight=weight)

    def right(self, outputs, targets):
        """Compute the share of the sequence, in whole distances, before the first wrong step.

        Args:
            outputs: numbers that were read out, (T, 1).
            targets: as ``draw`` returns them, (T, 1).

        Returns:
            float.
        """
        wrong = ((outputs > 0) != (targets > 0))[:, 0]  # (T,)
        first = int(wrong.nonzero()[0]) if wrong.any() else len(wrong)
        return (first // self.distance) / (len(wrong) // self.distance)
