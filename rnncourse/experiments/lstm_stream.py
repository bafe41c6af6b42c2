"""A stream of embedded Reber strings, the state never reset: an LSTM without and with forgetting.

Both learn on parallel streams, a piece at a time; the state is carried from piece to piece. Then
they read on in the same streams, in the state that training left. Then they read a new stream,
from a fresh state on to its 20,000th symbol.
"""

import time
from math import log

import torch

from rnncourse.cells.lstm import LSTM1997Cell
from rnncourse.cells.state import detach
from rnncourse.datasets.reber import SYMBOLS, continual_reber
from rnncourse.evaluation import cross_entropy, evaluation_mode
from rnncourse.experiments.fast import fast_lstm, num_parameters
from rnncourse.experiments.grid import Run
from rnncourse.experiments.lstm_reber import Next, recall_accuracy
from rnncourse.models import LanguageModel

SEEDS = (1, 2, 3, 4, 5)
CELLS = {"LSTM of 1997": LSTM1997Cell, "LSTM": fast_lstm}
MARKS = (1_000, 10_000, 20_000)  # symbols read when the largest cell is noted
SETTINGS = {
    "hidden_size": 16,
    "batch_size": 16,
    "piece": 25,
    "updates": 2000,
    "rate": 0.005,
    "longest_gradient": 1.0,
    "more": 5000,
    "test_streams": 4,
}


def cells():
    """List the runs.

    Returns:
        list of Run.
    """
    return [Run({"cell": name, "seed": seed}, SETTINGS) for name in CELLS for seed in SEEDS]


def run(cell, seed, hidden_size, batch_size, piece, updates, more, test_streams, **training):
    """Train one network on streams, and let it read on, and read new ones.

    Args:
        cell: a name of ``CELLS``.
        seed: whole number.
        hidden_size: H.
        batch_size: number of streams B in training.
        piece: symbols in a piece; gradients do not go back into the piece before.
        updates: number of pieces.
        more: symbols to read on in these streams.
        test_streams: number of new streams.
        training: what else ``train`` takes.

    Returns:
        dict for a row: ``parameters``; ``max_c``, the largest absolute cell within the first 1,000,
        10,000 and 20,000 symbols of the new streams; ``loss``, ``excess`` and ``recall`` there, see
        ``read``; ``excess_on`` and ``recall_on``, the same while reading on; ``seconds`` of CPU
        time.
    """
    began = time.process_time()
    torch.manual_seed(seed)
    model = LanguageModel(CELLS[cell](len(SYMBOLS), hidden_size), len(SYMBOLS))
    trained = piece * updates  # symbols
    text = continual_reber(trained + more + 1, batch_size, seed)
    state = train(model, torch.from_numpy(text.ids[: trained + 1]), piece, **training)
    on, _ = read(model, text.ids[trained:], text.recall[trained:], state)
    text = continual_reber(MARKS[-1] + 1, test_streams, 1000 + seed)
    new, largest = read(model, text.ids, text.recall)
    return {
        "parameters": num_parameters(model),
        "max_c": [round(largest[mark - 1].item(), 2) for mark in MARKS],
        **new,
        "excess_on": on["excess"],
        "recall_on": on["recall"],
        "seconds": round(time.process_time() - began, 1),
    }


def train(model, ids, piece, rate, longest_gradient):
    """Train on streams that go on from piece to piece.

    Args:
        model: a LanguageModel.
        ids: whole numbers (T, B), T - 1 a multiple of ``piece``.
        piece: symbols in a piece.
        rate: Adam's learning rate.
        longest_gradient: longer gradients are shortened to this length.

    Returns:
        the last state.
    """
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    state = None
    for start in range(0, len(ids) - 1, piece):
        now = ids[start : start + piece + 1]  # (piece + 1, B)
        logits, state = model(now[:-1], state)
        optimizer.zero_grad()
        cross_entropy(logits, now[1:]).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), longest_gradient)
        optimizer.step()
        state = detach(state)
    return state


def read(model, ids, recall, state=None):
    """Let a model read streams, and look at its cells after each symbol.

    Args:
        model: a LanguageModel of an LSTM.
        ids: array (T, B).
        recall: array (T, B), True where a symbol repeats the second one of its string.
        state: the state to begin with, or None.

    Returns:
        dict: ``loss`` in nats per symbol; ``excess``, how far that is above 7 ln 2 / 12;
        ``recall``, how often of T and P the right one was the more probable. And the largest
        absolute cell up to each symbol but the last, tensor (T - 1,).
    """
    ids, recall = torch.from_numpy(ids), torch.from_numpy(recall)  # (T, B) each
    following = Next(ids[1:], torch.ones_like(recall[1:]), recall[1:])
    largest, logits = [], []
    with evaluation_mode(model):
        for symbol in ids[:-1]:
            scores, state = model(symbol[None], state)
            logits.append(scores[0])
            largest.append(state[1].abs().max())
    logits = torch.stack(logits)  # (T - 1, B, V)
    loss = cross_entropy(logits, following.ids).item()
    excess, recalled = loss - 7 * log(2) / 12, recall_accuracy(logits, following)
    result = {"loss": round(loss, 4), "excess": round(excess, 4), "recall": round(recalled, 4)}
    return result, torch.stack(largest).cummax(0).values
