"""Characters of English text: what gates are better at, with about equal numbers of parameters.

Text asks for much that is near and little that is far, and to forget. Short runs on seed 0 come
first, three learning rates for each cell; ``RATES`` is what they chose.
"""

from functools import cache

import torch

from rnncourse.batches import contiguous_batches
from rnncourse.datasets.corpora import english
from rnncourse.evaluation import cross_entropy, evaluate
from rnncourse.experiments.fast import num_parameters
from rnncourse.experiments.grid import Run
from rnncourse.experiments.orthogonal_cells import CELLS, ORTHOGONAL_START, TANH, build, train
from rnncourse.models import LanguageModel
from rnncourse.text import Vocabulary, characters

HIDDEN = {  # hidden sizes with which all models have about 20,000 parameters, 75 characters given
    TANH: 84,
    ORTHOGONAL_START: 84,
    "modReLU, orthogonal": 84,
    "unitary": 64,
    "GORU": 48,
    "LSTM": 38,
    "GRU": 45,
}
TRIED = (0.01, 0.003, 0.001)
TRIAL_SEED, TRIAL_EPOCHS = 0, 2
EPOCHS = 10
SEEDS = dict.fromkeys(HIDDEN, (1, 2, 3))
RATES = dict.fromkeys(HIDDEN, 0.01)
SETTINGS = {
    "num_characters": 200_000,
    "num_test": 20_000,
    "batch_size": 32,
    "steps": 50,
    "longest_gradient": 1.0,
}


def trials():
    """List the short runs that choose the learning rates.

    Returns:
        list of Run.
    """
    return [_run(name, TRIAL_SEED, rate, TRIAL_EPOCHS) for name in HIDDEN for rate in TRIED]


def cells():
    """List the runs.

    Returns:
        list of Run.
    """
    return trials() + [
        _run(name, seed, RATES[name], EPOCHS) for name, seeds in SEEDS.items() for seed in seeds
    ]


def run(cell, seed, rate, numbers, epochs, hidden_size, longest_gradient, **text):
    """Train one network, and compute its loss on the end of the text.

    Args:
        cell: a name of ``CELLS``.
        seed: whole number, for the first weights.
        rate: Adam's learning rate.
        numbers: dict, what else the cell is built with.
        epochs: how often the text is read; the state is carried from piece to piece.
        hidden_size: H.
        longest_gradient: longer gradients are shortened to this length.
        text: what ``data`` takes.

    Returns:
        dict for a row: ``parameters``, ``loss`` in nats per character on the text
        held out, None after an overflow, and what ``train`` returns.
    """
    V, training, test = data(**text)
    torch.manual_seed(seed)
    made, hook = build(cell, V, hidden_size, numbers, longest_gradient)
    model = LanguageModel(made, V)
    result = train(model, lambda epoch: training, rate, epochs, hook, carry_state=True)
    loss = None if result["nan"] else round(evaluate(model, test, cross_entropy, True), 4)
    return {"parameters": num_parameters(model), "loss": loss, **result}


@cache
def data(num_characters, num_test, batch_size, steps):
    """Cut the text into batches that continue each other; capitals become small letters.

    Args:
        num_characters: length of the text.
        num_test: how many characters at its end are held out.
        batch_size: B.
        steps: T.

    Returns:
        number of different characters V, list of batches for training, list of batches held out.
    """
    tokens = characters(english(num_characters).lower())
    vocabulary = Vocabulary.from_tokens(sorted(set(tokens)))
    ids = vocabulary.encode(tokens)  # (N,)
    parts = ids[:-num_test], ids[-num_test:]
    batches = [list(contiguous_batches(part, batch_size, steps)) for part in parts]
    return len(vocabulary), *batches


def _run(cell, seed, rate, epochs):
    key = {"cell": cell, "seed": seed, "rate": rate}
    own = {"hidden_size": HIDDEN[cell], "epochs": epochs, "numbers": CELLS[cell][1]}
    return Run(key, {**SETTINGS, **own})
