"""torch's own recurrent modules as a cell, for full speed and for comparisons."""

from torch import nn

from rnncourse.cells.cell import Cell
from rnncourse.cells.state import map_state
from rnncourse.validate import as_integer


class TorchCell(Cell):
    """A ``torch.nn.RNN``, ``LSTM`` or ``GRU`` of L layers that runs all steps at once.

    Args:
        rnn: the module; one direction, time first, no projection.

    Raises:
        TypeError: ``rnn`` is none of torch's recurrent modules.
        ValueError: ``rnn`` reads both ways, has the batch first, or projects.
    """

    def __init__(self, rnn):
        if not isinstance(rnn, nn.RNNBase):
            raise TypeError(f"rnn must be a torch.nn.RNN, LSTM or GRU, but is {type(rnn).__name__}")
        if rnn.bidirectional or rnn.batch_first or rnn.proj_size:
            raise ValueError(f"rnn must be one-directional, time first, unprojected, but is {rnn}")
        super().__init__(rnn.input_size, rnn.hidden_size)
        self.rnn = rnn

    def initial_state(self, batch_size):
        batch_size = as_integer(batch_size, "batch_size", minimum=1)
        shape = (batch_size, self.rnn.num_layers, self.hidden_size)
        zeros = next(self.parameters()).new_zeros(shape)  # (B, L, H)
        return (zeros, zeros) if isinstance(self.rnn, nn.LSTM) else zeros

    def project(self, xs):
        if xs.is_floating_point():
            return xs  # (..., D)
        return nn.functional.one_hot(xs, self.input_size).to(self.rnn.weight_ih_l0)  # (..., D)

    def step(self, projected, state):
        outputs, state = self.run(projected[None], state)  # (1, B, H)
        return outputs[0], state

    def run(self, xs, state):
        """Run over a whole sequence.

        Args:
            xs: inputs (T, B, D), or whole numbers (T, B) that stand for one-hot rows.
            state: tensor (B, L, H), or a pair of them for the LSTM.

        Returns:
            outputs (T, B, H) of the last layer, and the new state.
        """
        outputs, state = self.rnn(self.project(xs), map_state(_swap, state))  # (T, B, H)
        return outputs, map_state(_swap, state)


def _swap(tensor):
    """Between the course's (B, L, H) and torch's (L, B, H)."""
    return tensor.transpose(0, 1).contiguous()
