"""Written digits read pixel by pixel, line by line and in a shuffled order.

Short runs on seed 0 come first, some learning rates for each cell, judged by the validation
pictures read line by line; ``RATES`` is what they chose, for both orders. Logistic regression,
which sees all pixels at once, stands beside the networks.
"""

from functools import partial

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

from rnncourse.datasets.digits import pixel_digits
from rnncourse.evaluation import cross_entropy, evaluation_mode
from rnncourse.experiments.fast import num_parameters
from rnncourse.experiments.grid import Run
from rnncourse.experiments.orthogonal_cells import CELLS, ORTHOGONAL_START, TANH, build, train
from rnncourse.models import SequenceClassifier

LOGISTIC = "logistic regression"
NAMES = ["LSTM", ORTHOGONAL_START, TANH, "IRNN", "GRU", "unitary", "modReLU, orthogonal"]
ORDERS = {"line by line": None, "shuffled": 3}  # the argument ``permutation``
TRIED = {name: (0.01, 0.003, 0.001) for name in NAMES} | {"IRNN": (0.003, 0.001, 0.0003, 0.0001)}
TRIAL_SEED = 0
TRIAL_EPOCHS = {name: 8 for name in NAMES} | {"IRNN": 25}  # it has not moved after 8
EPOCHS = 25
SEEDS = {name: (1, 2, 3) for name in NAMES}
RATES = {
    TANH: 0.003,
    ORTHOGONAL_START: 0.003,
    "modReLU, orthogonal": 0.003,
    "IRNN": 0.001,
    "unitary": 0.003,
    "LSTM": 0.01,
    "GRU": 0.01,
}
SETTINGS = {"hidden_size": 64, "batch_size": 32, "longest_gradient": 1.0}


def trials():
    """List the short runs that choose the learning rates.

    Returns:
        list of Run.
    """
    order = next(iter(ORDERS))
    return [
        _run(name, order, TRIAL_SEED, rate, TRIAL_EPOCHS[name])
        for name in NAMES
        for rate in TRIED[name]
    ]


def cells():
    """List the runs.

    Returns:
        list of Run.
    """
    return [
        *trials(),
        *(
            Run({"cell": LOGISTIC, "order": order, "seed": 0}, {"permutation": ORDERS[order]})
            for order in ORDERS
        ),
        *(
            _run(name, order, seed, RATES[name], EPOCHS)
            for name in NAMES
            for seed in SEEDS[name]
            for order in ORDERS
        ),
    ]


def run(cell, order, seed, permutation, **network):
    """Train one network, or logistic regression.

    Args:
        cell: a name of ``CELLS``, or ``LOGISTIC``.
        order: a name of ``ORDERS``, for the row alone.
        seed: whole number; the first weights and the order of the pictures in training.
        permutation: as ``pixel_digits`` takes it.
        network: what else ``train_network`` takes.

    Returns:
        dict for a row, see ``train_network`` and ``logistic_regression``.
    """
    split = pixel_digits(permutation=permutation)
    return train_network(split, cell, seed, **network) if network else logistic_regression(split)


def train_network(split, cell, seed, rate, numbers, hidden_size, batch_size, epochs, **other):
    """Train one network for some epochs, and count its right answers.

    Args:
        split: PixelSplit.
        cell: a name of ``CELLS``.
        seed: whole number.
        rate: Adam's learning rate.
        numbers: dict, what else the cell is built with, such as ``reflections`` (16).
        hidden_size: H.
        batch_size: B.
        epochs: how often all training pictures are read, but those that fill no whole batch.
        other: ``longest_gradient``, for ``build``.

    Returns:
        dict for a row: ``parameters``, what ``train`` returns, and of the test pictures ``loss``
        in nats and ``accuracy``, of the validation pictures ``validation_loss``; None after an
        overflow.
    """
    torch.manual_seed(seed)
    made, hook = build(cell, 1, hidden_size, numbers, **other)
    model = SequenceClassifier(made, 10)
    batches = partial(shuffled_batches, split.train, batch_size, seed)
    result = train(model, batches, rate, epochs, hook)
    found = {"validation_loss": None, "loss": None, "accuracy": None}
    if not result["nan"]:
        validation, _ = score(model, split.validation)
        found = dict(zip(found, (validation, *score(model, split.test)), strict=True))
    return {"parameters": num_parameters(model), **found, **result}


def logistic_regression(split):
    """Fit logistic regression to all 64 pixels at once.

    Args:
        split: PixelSplit.

    Returns:
        dict for a row: ``parameters`` and ``accuracy`` on the test pictures.
    """
    model = LogisticRegression(max_iter=1000)
    model.fit(split.train.xs[:, :, 0].T, split.train.labels)
    accuracy = model.score(split.test.xs[:, :, 0].T, split.test.labels)
    parameters = model.coef_.size + model.intercept_.size
    return {"parameters": parameters, "accuracy": round(float(accuracy), 4)}


def shuffled_batches(pictures, batch_size, seed, epoch):
    """Put the pictures of an epoch into batches, in a new order each time.

    Args:
        pictures: PixelDigits.
        batch_size: B.
        seed: whole number.
        epoch: number of the epoch.

    Yields:
        tensors (T, B, 1) and (B,).
    """
    order = np.random.default_rng([seed, epoch]).permutation(len(pictures.labels))  # (N,)
    for start in range(0, len(order) - batch_size + 1, batch_size):
        rows = order[start : start + batch_size]  # (B,)
        yield torch.from_numpy(pictures.xs[:, rows]), torch.from_numpy(pictures.labels[rows])


def score(model, pictures):
    """Compute loss and accuracy of a model.

    Args:
        model: a SequenceClassifier.
        pictures: PixelDigits.

    Returns:
        two floats.
    """
    labels = torch.from_numpy(pictures.labels)  # (B,)
    with evaluation_mode(model):
        logits = model(torch.from_numpy(pictures.xs))  # (B, 10)
    accuracy = (logits.argmax(1) == labels).float().mean().item()
    return round(cross_entropy(logits, labels).item(), 4), round(accuracy, 4)


def _run(cell, order, seed, rate, epochs):
    key = {"cell": cell, "order": order, "seed": seed, "rate": rate}
    own = {"epochs": epochs, "permutation": ORDERS[order], "numbers": CELLS[cell][1]}
    return Run(key, {**SETTINGS, **own})
