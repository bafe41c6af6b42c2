"""A language model of characters with dropout; made new, and made again from its weights."""

import torch
from torch import nn

from rnncourse.cells.state import map_state
from rnncourse.cells.torch_cell import TorchCell
from rnncourse.cells.unroll import unroll
from rnncourse.checkpoints import read_checkpoint
from rnncourse.generation import sample
from rnncourse.models import LanguageModel, vectors
from rnncourse.text import Vocabulary
from rnncourse.validate import as_integer

UNKNOWN = "<unk>"


class CharacterModel(LanguageModel):
    """A language model that leaves some of its cell's outputs out by chance.

    Args:
        rnn: an ``nn.LSTM`` or ``nn.GRU``.
        vocab_size: V.
        dropout: share of the outputs that each training step leaves out; the rest is scaled up.
        bfloat16: whether training takes numbers of 16 bits inside ``rnn``, on a CPU that can.

    Source:
        Dropout on the way up, never from one time step to the next: Zaremba, Sutskever & Vinyals
        (2014), Recurrent neural network regularization. There the inputs are dropped too.
    """

    def __init__(self, rnn, vocab_size, dropout=0.0, bfloat16=False):
        super().__init__(TorchCell(rnn), vocab_size, nn.Embedding(vocab_size, rnn.input_size))
        self.dropout = nn.Dropout(dropout)
        self.bfloat16 = bfloat16 and has_bfloat16()

    def forward(self, ids, state=None, mask=None):
        """Return logits (T, B, V) for what follows each symbol, and the state after the last.

        Args:
            ids: whole numbers (T, B).
            state, mask: as in ``unroll``.
        """
        xs = vectors(ids, self.vocab_size, self.embedding)  # (T, B, D)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bfloat16 and self.training):
            outputs, state = unroll(self.cell, xs, state, mask)  # (T, B, H)
        outputs, state = outputs.float(), map_state(torch.Tensor.float, state)
        return self.readout(self.dropout(outputs)), state  # (T, B, V)


def has_bfloat16():
    """Tell whether the processor has instructions for matrix products of 16-bit numbers.

    Returns:
        bool.
    """
    can = torch.cpu.get_capabilities()
    return bool(can.get("amx_bf16") or can.get("avx512_bf16"))


def new_model(settings, vocabulary):
    """Make a model whose first guess is how often each character stands in the training part.

    The forget gates of an LSTM start open: their biases are 1, all others 0.

    Args:
        settings: Settings.
        vocabulary: the Vocabulary of the training part.

    Returns:
        CharacterModel with random weights, drawn from torch's global generator.

    Source:
        Forget bias 1: Jozefowicz, Zaremba & Sutskever (2015), An empirical exploration of recurrent
        network architectures.
    """
    layers, between = settings.num_layers, settings.dropout if settings.num_layers > 1 else 0.0
    rnn = settings.rnn(settings.embedding_size, settings.hidden_size, layers, dropout=between)
    model = CharacterModel(rnn, len(vocabulary), settings.dropout, settings.bfloat16)
    counts = torch.tensor(vocabulary.counts) + 1.0  # (V,)
    with torch.no_grad():
        model.readout.bias.copy_((counts / counts.sum()).log())
        for layer in range(layers if isinstance(rnn, nn.LSTM) else 0):
            getattr(rnn, f"bias_hh_l{layer}").zero_()
            gates = getattr(rnn, f"bias_ih_l{layer}").zero_().view(4, -1)  # (4, H): i f g o
            gates[1] = 1
    return model


def load_model(path):
    """Read a model that ``recipe.train`` saved.

    Args:
        path: the file.

    Returns:
        CharacterModel, and its Vocabulary.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is damaged, or a checkpoint of something else.
    """
    content = read_checkpoint(path)
    weights, saved = content["model"], content["vocabulary"]
    try:
        hidden_size = weights["cell.rnn.weight_hh_l0"].shape[1]
        rows, input_size = weights["cell.rnn.weight_ih_l0"].shape
        kind = {4: nn.LSTM, 3: nn.GRU}[rows // hidden_size]
        layers = sum(name.startswith("cell.rnn.weight_hh_l") for name in weights)
        model = CharacterModel(kind(input_size, hidden_size, layers), len(saved["tokens"]))
        model.load_state_dict(weights)
        special = dict(zip(("unknown", "start", "end"), saved["special"], strict=True))
        return model, Vocabulary.from_tokens(saved["tokens"], **special)
    except (KeyError, TypeError, RuntimeError) as error:
        raise ValueError(f"path must be a character model of train, but {path} is not") from error


def write(path, prompt="", length=500, *, temperature=1.0, seed=0):
    """Let a saved model write.

    Args:
        path: the checkpoint of the model.
        prompt: text to go on with; the model begins a line of its own where it is empty.
        length: number of characters to write.
        temperature: below 1 likely characters become likelier still, above 1 less so.
        seed: a whole number; the same one gives the same text.

    Returns:
        str: the prompt, and what the model wrote.

    Raises:
        FileNotFoundError: there is no such file.
        TypeError: an argument of the wrong kind.
        ValueError: not a character model, a number out of range, or the prompt holds a character
            that was not in the model's training text.
    """
    model, vocabulary = load_model(path)
    if not isinstance(prompt, str):
        raise TypeError(f"prompt must be a string, but is {type(prompt).__name__}")
    foreign = sorted(set(prompt) - set(vocabulary.tokens))
    if foreign:
        raise ValueError(f"prompt must hold characters of the training text, but holds {foreign}")
    length = as_integer(length, "length", minimum=1)
    known = [token for token in vocabulary.tokens if token != vocabulary.unknown]
    start = prompt or ("\n" if "\n" in vocabulary else known[0])
    forbidden = [] if vocabulary.unknown is None else [vocabulary.id_of(vocabulary.unknown)]
    options = {"temperature": temperature, "forbidden": forbidden, "seed": seed}
    found = sample(model, vocabulary.encode(start), length, **options)  # (length,)
    return prompt + "".join(vocabulary.decode(found))
