"""One run of a cell with clipped gradients, and the number of its parameters."""

from torch.nn.utils import clip_grad_norm_

from rnncourse.experiments.fast import num_parameters
from rnncourse.experiments.runs import train_until_solved


def train_cell(make, problem, seed, longest_gradient, training):
    """Train a cell on a task until it is solved or the budget is spent.

    Args:
        make: ``make(input_size, hidden_size)`` returns a cell.
        problem: a Problem.
        seed: whole number; it decides the first weights and all sequences.
        longest_gradient: longer gradients are shortened to this length.
        training: dict of what else ``train_until_solved`` takes.

    Returns:
        dict for a row: ``parameters``, and what ``train_until_solved`` returns.
    """
    sizes = []

    def build(input_size, hidden_size, seed):
        cell = make(input_size, hidden_size)
        sizes.append(num_parameters(problem.model(cell)))
        return cell, clip

    def clip(model, optimizer, step):
        clip_grad_norm_(model.parameters(), longest_gradient)

    result = train_until_solved(problem, build, seed, **training)
    return {"parameters": sizes[0], **result}
