"""Networks that turn their state, and their rivals: how the experiments of chapter 15 build them.

Every function takes D, H and its own numbers, and returns a cell.
"""

import time

import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_

from rnncourse.cells.elman import ElmanCell
from rnncourse.cells.goru import GORUCell
from rnncourse.cells.initialisation import irnn_, orthogonal_
from rnncourse.cells.orthogonal import HouseholderCell, OrthogonalCell
from rnncourse.cells.unitary import UnitaryCell, modrelu
from rnncourse.evaluation import cross_entropy
from rnncourse.experiments.fast import fast_gru, fast_lstm, num_parameters
from rnncourse.experiments.runs import finite, train_until_solved, without_denormals
from rnncourse.regularizers import soft_orthogonality
from rnncourse.training import History, fit
from rnncourse.validate import as_integer


class ModReLU(nn.Module):
    """modReLU with learned shifts, which begin at 0, for real states.

    Args:
        size: H.

    Raises:
        TypeError: ``size`` is not a whole number.
        ValueError: ``size`` is less than 1.
    """

    def __init__(self, size):
        super().__init__()
        self.b = nn.Parameter(torch.zeros(as_integer(size, "size", minimum=1)))  # (H,)

    def forward(self, a):
        """Apply it.

        Args:
            a: tensor (B, H).

        Returns:
            tensor (B, H).
        """
        return modrelu(a, self.b)


def orthogonal_start(D, H, nonlinearity=torch.tanh):
    """Build a cell whose W_hh begins orthogonal and is free from then on.

    Args:
        D, H: sizes.
        nonlinearity: f.

    Returns:
        cell.
    """
    return orthogonal_(ElmanCell(D, H, nonlinearity=nonlinearity), seed=_seed())


def linear_start(D, H):
    """Build the same without a non-linearity.

    Args:
        D, H: sizes.

    Returns:
        cell.
    """
    return orthogonal_start(D, H, nn.Identity())


def identity_start(D, H, input_sd):
    """Build a ReLU cell whose W_hh begins as the identity: the IRNN.

    Args:
        D, H: sizes.
        input_sd: standard deviation of the input weights.

    Returns:
        cell.
    """
    return irnn_(ElmanCell(D, H, nonlinearity=torch.relu), input_sd, _seed())


def orthogonal_modrelu(D, H):
    """Build an orthogonal cell with modReLU.

    Args:
        D, H: sizes.

    Returns:
        cell.
    """
    return OrthogonalCell(D, H, nonlinearity=ModReLU(H))


def reflections_modrelu(D, H, reflections):
    """Build a cell whose matrix is a product of reflections, with modReLU.

    Args:
        D, H: sizes.
        reflections: how many.

    Returns:
        cell.
    """
    return HouseholderCell(D, H, reflections, nonlinearity=ModReLU(H))


TANH, ORTHOGONAL_START, SOFT = "tanh", "tanh, orthogonal start", "tanh, soft orthogonality"
CELLS = {  # the function that builds it, and its numbers; "penalty" is that of soft orthogonality
    TANH: (ElmanCell, {}),
    ORTHOGONAL_START: (orthogonal_start, {}),
    SOFT: (orthogonal_start, {"penalty": 0.1}),
    "tanh, orthogonal": (OrthogonalCell, {}),
    "linear, orthogonal start": (linear_start, {}),
    "modReLU, orthogonal": (orthogonal_modrelu, {}),
    "modReLU, reflections": (reflections_modrelu, {"reflections": 16}),
    "IRNN": (identity_start, {"input_sd": 0.1}),
    "unitary": (UnitaryCell, {}),
    "GORU": (GORUCell, {"reflections": 16}),
    "LSTM": (fast_lstm, {}),
    "GRU": (fast_gru, {}),
}


def build(cell, D, H, numbers, longest_gradient):
    """Build a cell and its hook: the gradient of its penalty where it has one, then clipping.

    Args:
        cell: a name of ``CELLS``.
        D, H: sizes.
        numbers: dict, what else the cell is built with.
        longest_gradient: longer gradients are shortened to this length.

    Returns:
        cell, and a function ``hook(model)`` to be called between the backward pass and the
        optimizer's step.
    """
    own = {name: value for name, value in numbers.items() if name != "penalty"}
    made = CELLS[cell][0](D, H, **own)

    def hook(model):
        if "penalty" in numbers:
            (numbers["penalty"] * soft_orthogonality(made.W_hh)).backward()
        clip_grad_norm_(model.parameters(), longest_gradient)

    return made, hook


def solve(problem, cell, seed, rate, numbers, longest_gradient, training):
    """Train a cell on a task until it is solved or the budget is spent.

    Args:
        problem: a Problem.
        cell: a name of ``CELLS``.
        seed: whole number.
        rate: Adam's learning rate.
        numbers: dict, what else the cell is built with.
        longest_gradient: longer gradients are shortened to this length.
        training: dict of what else ``train_until_solved`` takes.

    Returns:
        dict for a row: ``parameters``, and what ``train_until_solved`` returns.
    """
    sizes = []

    def make(input_size, hidden_size, seed):
        made, hook = build(cell, input_size, hidden_size, numbers, longest_gradient)
        sizes.append(num_parameters(problem.model(made)))
        return made, lambda model, optimizer, step: hook(model)

    result = train_until_solved(problem, make, seed, rate, **training)
    return {"parameters": sizes[0], **result}


def train(model, batches, rate, epochs, hook, carry_state=False):
    """Train a model with Adam.

    Args:
        model: a model around a cell.
        batches: function of the epoch's number that returns its batches.
        rate: learning rate.
        epochs: how many.
        hook: what ``build`` returned.
        carry_state: whether each batch begins with the state of the one before.

    Returns:
        dict for a row: ``updates``, how many there were, ``nan``, whether a loss or a gradient that
        is not finite ended the run, ``seconds`` of processor time.

    Raises:
        ValueError: a bad argument.
    """
    optimizer = torch.optim.Adam(model.parameters(), rate)
    history, began, nan = History(), time.process_time(), False
    with without_denormals():
        try:
            fit(
                model,
                batches,
                finite(cross_entropy),
                optimizer,
                epochs,
                lambda step, loss: hook(model),
                carry_state=carry_state,
                history=history,
            )
        except FloatingPointError:
            nan = True
    seconds = round(time.process_time() - began, 1)
    return {"updates": len(history.losses), "nan": nan, "seconds": seconds}


def _seed():
    """A seed for those who ask for one, from torch's own generator, which the run has seeded."""
    return int(torch.randint(2**31, ()))
