"""Stories in which a pronoun must agree with a name: an RNN and an LSTM as language models."""

import time

import numpy as np
import torch

from rnncourse.datasets.pronouns import NAMES, pronoun_stories
from rnncourse.evaluation import evaluation_mode
from rnncourse.experiments.fast import fast_lstm, fast_rnn, num_parameters
from rnncourse.experiments.grid import Run
from rnncourse.experiments.lstm_stream import train
from rnncourse.models import LanguageModel

SEEDS = (1, 2, 3)
CELLS = {"tanh RNN": fast_rnn, "LSTM": fast_lstm}
BINS = (1, 6, 11, 16, 1000)  # words back to the newest word that shows the gender: 1 to 5, ...
SETTINGS = {
    "hidden_size": 16,
    "batch_size": 16,
    "scenes": 1,
    "piece": 40,
    "updates": 2500,
    "rate": 0.02,
    "longest_gradient": 1.0,
    "test_length": 2000,
}


def cells():
    """List the runs.

    Returns:
        list of Run.
    """
    return [Run({"cell": name, "seed": seed}, SETTINGS) for name in CELLS for seed in SEEDS]


def run(cell, seed, hidden_size, batch_size, scenes, piece, updates, test_length, **training):
    """Train one language model on stories, and see how well its pronouns agree.

    Args:
        cell: a name of ``CELLS``.
        seed: whole number.
        hidden_size: H.
        batch_size: number of streams B.
        scenes: mean number of sentences without a person between two with one.
        piece: words in a piece; gradients do not go back into the piece before.
        updates: number of pieces.
        test_length: words of each new stream.
        training: what else ``lstm_stream.train`` takes.

    Returns:
        dict for a row: ``parameters``; ``agreement``, how often the right one of *he* and *she* was
        the more probable where one of them stands; ``by_distance``, the same by the distance to the
        newest word that shows the gender, a list as ``BINS`` cuts them; ``counts``, how many
        pronouns these are; ``seconds`` of CPU time.
    """
    began = time.process_time()
    torch.manual_seed(seed)
    stories = pronoun_stories(piece * updates + 1, batch_size, scenes, seed)
    size = len(stories.tokens)
    model = LanguageModel(CELLS[cell](size, hidden_size), size)
    train(model, torch.from_numpy(stories.ids), piece, **training)
    test = pronoun_stories(test_length + 1, batch_size, scenes, 1000 + seed)
    with evaluation_mode(model):
        logits, _ = model(torch.from_numpy(test.ids[:-1]))  # (T, B, V)
    he, she = test.tokens.index("he"), test.tokens.index("she")
    says_she = (logits[:, :, she] > logits[:, :, he]).numpy()  # (T, B)
    right = (says_she == (test.ids[1:] == she))[test.pronoun[1:]]  # (M,)
    counts, _ = np.histogram(distances(test), BINS)
    hits, _ = np.histogram(distances(test)[right], BINS)
    return {
        "parameters": num_parameters(model),
        "agreement": round(float(right.mean()), 4),
        "by_distance": [round(float(share), 4) for share in hits / counts],
        "counts": counts.tolist(),
        "seconds": round(time.process_time() - began, 1),
    }


def distances(stories):
    """How many words lie between each pronoun and the newest word before it that shows the gender.

    Args:
        stories: PronounText; its first word is a name.

    Returns:
        array (M,) for the pronouns from the second step on, step by step: 1 where the word stands
        right before.
    """
    shows = np.isin(stories.ids, [stories.tokens.index(name) for name in NAMES]) | stories.pronoun
    steps = np.arange(len(stories.ids))[:, None]  # (T, 1)
    newest = np.maximum.accumulate(np.where(shows, steps, 0))  # (T, B)
    return (steps[1:] - newest[:-1])[stories.pronoun[1:]]  # (M,)
