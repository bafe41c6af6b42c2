"""What every cell can do, written down once."""

from torch import nn

from rnncourse.cells.state import check_state
from rnncourse.validate import as_integer


class Cell(nn.Module):
    """One step of a recurrence: ``output, state = cell(x, state)``.

    A step falls into two parts. What it does with the input alone needs no state, so it can be done
    for all steps of a sequence at once, in one large product: ``project``. The rest has to wait for
    the state of the step before: ``step``. A new cell defines these two.

    Every loop of the book asks for no more than ``cell(x, state)`` and ``initial_state``; a cell
    without ``project`` and ``step`` works too, only slower. One that can do all steps at once
    without a loop may offer ``run(xs, state)``, which returns outputs (T, B, ...) and the state.

    Args:
        input_size: D, numbers in one input.
        hidden_size: H, hidden units.
        output_size: numbers in one output, or None for H.

    Raises:
        TypeError: a size is not a whole number.
        ValueError: a size is less than 1.
    """

    def __init__(self, input_size, hidden_size, output_size=None):
        super().__init__()
        self.input_size = as_integer(input_size, "input_size", minimum=1)
        self.hidden_size = as_integer(hidden_size, "hidden_size", minimum=1)
        output_size = hidden_size if output_size is None else output_size
        self.output_size = as_integer(output_size, "output_size", minimum=1)

    def initial_state(self, batch_size):
        """Return the state before the first step: zeros.

        Args:
            batch_size: B.

        Returns:
            state; here a tensor (B, H), for other cells a tensor or a tuple.

        Raises:
            TypeError: ``batch_size`` is not a whole number.
            ValueError: ``batch_size`` is less than 1.
        """
        batch_size = as_integer(batch_size, "batch_size", minimum=1)
        return next(self.parameters()).new_zeros(batch_size, self.hidden_size)  # (B, H)

    def project(self, xs):
        """Do with the inputs what needs no state.

        Args:
            xs: inputs (..., D), or whole numbers (...): k stands for the one-hot row with a 1 at k.

        Returns:
            tensor (..., K) that ``step`` takes, row by row.

        Raises:
            NotImplementedError: the cell does not define it.
        """
        raise NotImplementedError(f"{type(self).__name__} must define project(xs)")

    def step(self, projected, state):
        """Do the rest of one step.

        Args:
            projected: one step of what ``project`` returned, (B, K).
            state: state after the step before.

        Returns:
            output (B, output_size), and the new state.

        Raises:
            NotImplementedError: the cell does not define it.
        """
        raise NotImplementedError(f"{type(self).__name__} must define step(projected, state)")

    def forward(self, x, state):
        """Take one step.

        Args:
            x: inputs (B, D), or whole numbers (B,) that stand for one-hot rows.
            state: state after the step before; ``initial_state(B)`` at the beginning.

        Returns:
            output (B, output_size), and the new state.

        Raises:
            TypeError: ``state`` is built otherwise than this cell's states.
            ValueError: ``x`` or ``state`` has a wrong shape.
        """
        if x.ndim != 1 + x.is_floating_point() or (x.ndim == 2 and x.shape[1] != self.input_size):
            raise ValueError(f"x must be (B, {self.input_size}), but has shape {tuple(x.shape)}")
        check_state(state, self.initial_state(len(x)))
        return self.step(self.project(x), state)
