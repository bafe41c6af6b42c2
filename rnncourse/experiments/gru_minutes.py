"""Text with minutes in place of seconds: the LSTM of the recipe beside n-grams."""

import time

from rnncourse import recipe
from rnncourse.datasets.corpora import english
from rnncourse.experiments.grid import Run
from rnncourse.kneser_ney import KneserNey
from rnncourse.ngrams import NGramModel
from rnncourse.recipe_settings import Settings
from rnncourse.text import Vocabulary

SEEDS = (1, 2, 3)
SETTINGS = {"hidden_size": 384, "dropout": 0.2, "epochs": 8, "n": 5}


def cells():
    """List the runs.

    Returns:
        list of Run.
    """
    return [Run({"cell": "LSTM", "seed": seed}, SETTINGS) for seed in SEEDS]


def run(cell, seed, n, characters=None, **settings):
    """Train the recipe's model on English, and let n-grams read the same.

    Both predict each character of the last tenth from what stands before it there; the network
    reads it in 16 columns, side by side.

    Args:
        cell: "LSTM", the name of the row.
        seed: whole number.
        n: of the n-grams.
        characters: how much of the text is read, or None for all.
        settings: what else ``Settings`` takes.

    Returns:
        dict for a row: the held-out losses ``loss`` and ``counted`` in nats per character, the
        ``updates``, and ``seconds`` of the processor.
    """
    text, start = english()[:characters], time.process_time()
    outcome = recipe.train(text, settings=Settings(seed=seed, **settings))
    seconds = time.process_time() - start
    row = {"loss": round(outcome.loss, 4), "counted": round(counted(text, n), 4)}
    return {**row, "updates": outcome.steps, "seconds": round(seconds, 1)}


def counted(text, n, held_out=0.1):
    """Compute the held-out loss of n-grams with Kneser-Ney smoothing.

    Args:
        text: str.
        n: of the n-grams.
        held_out: share of the text, its end, that is predicted.

    Returns:
        float, in nats per character.
    """
    cut = len(text) - round(held_out * len(text))
    vocabulary = Vocabulary(text[:cut], unknown="<unk>")
    model = NGramModel(n, KneserNey()).fit(vocabulary.encode(text[:cut]), len(vocabulary))
    return float(-model.log_probabilities(vocabulary.encode(text[cut:])).mean())
