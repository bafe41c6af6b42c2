"""Models: a cell with something before it and something after it."""

import torch
from torch import nn

from rnncourse.cells.unroll import unroll
from rnncourse.tensors import as_ids, as_mask
from rnncourse.validate import as_integer


class LanguageModel(nn.Module):
    """A cell that reads symbols and says, after each, how probable every symbol is as the next.

    Args:
        cell: any cell. Reads it V numbers, symbols are one-hot rows, else they have an embedding.
        vocab_size: V.
        embedding: an ``nn.Embedding`` (V, D) to use in any case, or None.

    Source:
        Mikolov et al. (2010), Recurrent neural network based language model.
    """

    def __init__(self, cell, vocab_size, embedding=None):
        super().__init__()
        self.cell, self.vocab_size = cell, as_integer(vocab_size, "vocab_size", minimum=1)
        self.embedding = table_for(cell, vocab_size, embedding)
        self.readout = nn.Linear(output_size_of(cell), vocab_size)

    def forward(self, ids, state=None, mask=None):
        """Return logits (T, B, V) for what follows each symbol, and the state after the last.

        Args:
            ids: whole numbers (T, B).
            state, mask: as in ``unroll``.
        """
        xs = vectors(ids, self.vocab_size, self.embedding)
        outputs, state = unroll(self.cell, xs, state, mask)  # (T, B, H)
        return self.readout(outputs), state  # (T, B, V)


class SequenceClassifier(nn.Module):
    """A cell that reads a sequence and then says to which class it belongs.

    Args:
        cell: any cell.
        num_classes: number of classes K.
        vocab_size: V, where sequences are symbols with an embedding; None where they are vectors,
            or symbols as one-hot rows.
        pool: ``pool(outputs, mask)`` makes one vector (B, H) of the outputs (T, B, H).
    """

    def __init__(self, cell, num_classes, vocab_size=None, pool=None):
        super().__init__()
        self.cell, self.vocab_size = cell, vocab_size
        self.pool = last_step if pool is None else pool
        self.embedding = None if vocab_size is None else table_for(cell, vocab_size)
        num_classes = as_integer(num_classes, "num_classes", minimum=1)
        self.readout = nn.Linear(output_size_of(cell), num_classes)

    def forward(self, xs, mask=None):
        """Return logits (B, K) for each sequence.

        Args:
            xs: vectors (T, B, D), or whole numbers (T, B).
            mask: booleans (T, B), or None.
        """
        if self.vocab_size is not None:
            xs = vectors(xs, self.vocab_size, self.embedding)
        outputs, _ = unroll(self.cell, xs, mask=mask)  # (T, B, H)
        return self.readout(self.pool(outputs, mask))  # (B, K)


def last_step(outputs, mask=None):
    """Take each sequence's last output that is no padding.

    Args:
        outputs: tensor (T, B, H).
        mask: booleans (T, B), or None where all steps are real.

    Returns:
        tensor (B, H).

    Raises:
        TypeError: ``mask`` does not hold booleans.
        ValueError: ``mask`` has another shape, or a sequence has no step.
    """
    steps = torch.arange(len(outputs))  # (T,)
    last = (_real_steps(outputs, mask) * steps[:, None]).amax(0)  # (B,)
    return outputs[last, torch.arange(outputs.shape[1])]  # (B, H)


def mean_over_time(outputs, mask=None):
    """Take the mean of each sequence's outputs that are no padding.

    Args:
        outputs: tensor (T, B, H).
        mask: booleans (T, B), or None where all steps are real.

    Returns:
        tensor (B, H).

    Raises:
        TypeError: ``mask`` does not hold booleans.
        ValueError: ``mask`` has another shape, or a sequence has no step.
    """
    mask = _real_steps(outputs, mask)
    return (outputs * mask[:, :, None]).sum(0) / mask.sum(0)[:, None]  # (B, H)


def table_for(cell, vocab_size, embedding=None):
    """Make the embedding that a cell needs to read symbols.

    Args:
        cell: any cell.
        vocab_size: V.
        embedding: an ``nn.Embedding`` to take in any case, or None.

    Returns:
        ``nn.Embedding`` (V, D), or None where the cell reads one-hot rows: D equals V.

    Raises:
        TypeError: ``vocab_size`` is not a whole number.
        ValueError: ``vocab_size`` is less than 1, or ``embedding`` is not (V, D).
    """
    shape = (as_integer(vocab_size, "vocab_size", minimum=1), cell.input_size)
    if embedding is None:
        return None if vocab_size == cell.input_size else nn.Embedding(*shape)
    found = (embedding.num_embeddings, embedding.embedding_dim)
    if found != shape:
        raise ValueError(f"embedding must be (V, D) = {shape}, but is {found}")
    return embedding


def vectors(ids, vocab_size, embedding):
    """Turn symbols into what a cell reads.

    Args:
        ids: whole numbers (T, B) from 0 to V - 1.
        vocab_size: V.
        embedding: an ``nn.Embedding`` (V, D), or None.

    Returns:
        tensor (T, B, D); without an embedding, the whole numbers, which stand for one-hot rows.

    Raises:
        TypeError: ``ids`` are not whole numbers.
        ValueError: ``ids`` is not (T, B), or holds a number outside 0 .. V - 1.
    """
    ids = as_ids(ids, "ids", vocab_size, ndim=2)
    return ids if embedding is None else embedding(ids)


def output_size_of(cell):
    """How many numbers one output of a cell has: ``output_size``, or else ``hidden_size``.

    Args:
        cell: any cell.

    Returns:
        int.
    """
    return getattr(cell, "output_size", None) or cell.hidden_size


def _real_steps(outputs, mask):
    """The mask, all True where there is none; every sequence needs a step."""
    if mask is None:
        return torch.ones(outputs.shape[:2], dtype=torch.bool)
    mask = as_mask(mask, "mask", outputs.shape[:2])
    if not mask.any(0).all():
        empty = int((~mask.any(0)).nonzero()[0])
        raise ValueError(f"mask must leave every sequence a step, but sequence {empty} has none")
    return mask
