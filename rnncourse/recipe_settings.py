"""The numbers that a character model is trained with, and how fast it learns when."""

import math
from dataclasses import asdict, dataclass

from torch import nn

from rnncourse.validate import as_integer, as_real

MINUTE = 60  # seconds
RNNS = {"lstm": nn.LSTM, "gru": nn.GRU}


@dataclass(frozen=True)
class Settings:
    """How to train a character model; each number stands for itself in the command line too.

    The numbers that are filled in were chosen on English of half a million and of a million
    characters, by the held-out loss after 20, 80 and 180 seconds on one core. Whoever trains for
    longer than a minute reads the text often, and would learn it by heart: there more units, of
    which a fifth is left out in each step, do better. For hours of training a still larger
    ``hidden_size`` and a smaller ``learning_rate`` do.

    Args:
        rnn: ``nn.LSTM`` or ``nn.GRU``.
        hidden_size: H, units of each layer; None for 256 up to a minute of training, else 384.
        embedding_size: D, numbers that stand for one character.
        num_layers: L.
        dropout: share of each layer's outputs that a step leaves out on the way up; None for 0 up
            to a minute of training, else 0.2.
        batch_size: B, stretches of the text that are read side by side.
        steps: T, characters between two updates; gradients go back no further.
        learning_rate: the largest one that the schedule reaches.
        warm_up: share of the training during which the learning rate rises.
        weight_decay: of AdamW, on weights and not on biases; against learning by heart.
        clip_norm: largest length of the gradient.
        held_out: share of the text, its end, that is not trained on; 200,000 characters at most.
        patience: training stops after so many evaluations without a better held-out loss.
        epochs: how often the text is read, if ``seconds`` is None.
        seconds: time that training may take, evaluations included, or None.
        seed: of the first weights, the dropout and the cuts between batches.
        threads: of torch. Two make a small network slower, not faster.
        bfloat16: whether the recurrent layers may take numbers of 16 bits in training, where the
            processor has instructions for them; that is twice as fast. Weights keep 32 bits.

    Raises:
        TypeError: a number of the wrong kind, or ``rnn`` is neither class.
        ValueError: a number out of range.
    """

    rnn: type = nn.LSTM
    hidden_size: int | None = None
    embedding_size: int = 32
    num_layers: int = 1
    dropout: float | None = None
    batch_size: int = 16
    steps: int = 64
    learning_rate: float = 0.008
    warm_up: float = 0.05
    weight_decay: float = 0.1
    clip_norm: float = 1.0
    held_out: float = 0.1
    patience: int = 5
    epochs: int = 10
    seconds: float | None = None
    seed: int = 0
    threads: int = 1
    bfloat16: bool = True

    def __post_init__(self):
        is_short = self.seconds is not None and as_real(self.seconds, "seconds") <= MINUTE
        for name, short, long in (("hidden_size", 256, 384), ("dropout", 0.0, 0.2)):
            if getattr(self, name) is None:
                object.__setattr__(self, name, short if is_short else long)
        if not isinstance(self.bfloat16, bool):
            raise TypeError(f"bfloat16 must be True or False, but is {self.bfloat16!r}")
        if self.rnn not in RNNS.values():
            raise TypeError(f"rnn must be nn.LSTM or nn.GRU, but is {self.rnn!r}")
        for name in ("hidden_size", "embedding_size", "num_layers", "batch_size", "steps"):
            as_integer(getattr(self, name), name, minimum=1)
        for name in ("patience", "epochs", "threads"):
            as_integer(getattr(self, name), name, minimum=1)
        as_integer(self.seed, "seed", minimum=0)
        as_real(self.weight_decay, "weight_decay", minimum=0)
        as_real(self.warm_up, "warm_up", minimum=0, maximum=0.9)
        as_real(self.held_out, "held_out", minimum=0.001, maximum=0.9)
        as_real(self.dropout, "dropout", minimum=0, maximum=0.95)
        for name in ("learning_rate", "clip_norm", "seconds"):
            value = getattr(self, name)
            if (name, value) != ("seconds", None) and as_real(value, name) <= 0:
                raise ValueError(f"{name} must be positive, but is {value}")

    def as_notes(self):
        """Return the settings as numbers and names, such as a checkpoint can hold.

        Returns:
            dict; ``from_notes`` makes the settings again.
        """
        names = {kind: name for name, kind in RNNS.items()}
        return asdict(self) | {"rnn": names[self.rnn]}

    @staticmethod
    def from_notes(notes):
        """Make the settings again that ``as_notes`` wrote down.

        Args:
            notes: the dict.

        Returns:
            Settings.
        """
        return Settings(**notes | {"rnn": RNNS[notes["rnn"]]})


def schedule(progress, warm_up):
    """Compute the share of the largest learning rate: a straight rise, then half a cosine to zero.

    Large steps first, while the way is long and clear; small ones at the end, so that the noise of
    single batches averages out.

    Args:
        progress: how much of the training is over, from 0 to 1; later it counts as 1.
        warm_up: share of the training during which the learning rate rises, less than 1.

    Returns:
        float from 0 to 1.

    Raises:
        TypeError: an argument is not a number.
        ValueError: ``progress`` is negative, or ``warm_up`` is not from 0 to below 1.

    Source:
        The half cosine: Loshchilov & Hutter (2017), SGDR: stochastic gradient descent with warm
        restarts; here without restarts.
    """
    progress = min(as_real(progress, "progress", minimum=0), 1.0)
    warm_up = as_real(warm_up, "warm_up", minimum=0, maximum=math.nextafter(1, 0))
    if progress < warm_up:
        return progress / warm_up
    return (1 + math.cos(math.pi * (progress - warm_up) / (1 - warm_up))) / 2
