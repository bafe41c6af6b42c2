"""Text from a language model: one symbol at a time, each read again as the next input."""

import numpy as np
import torch

from rnncourse.evaluation import evaluation_mode
from rnncourse.tensors import as_ids, as_torch_generator
from rnncourse.validate import as_integer, as_real


def next_probabilities(logits, temperature=1.0, top_k=None, forbidden=()):
    """Turn the scores of the symbols into the probabilities to draw the next one from.

    Args:
        logits: scores (V,).
        temperature: the scores are divided by it. Below 1 likely symbols become likelier still,
            above 1 all become more alike.
        top_k: how many symbols, the likeliest ones, may be drawn; 1 is the greedy choice; None
            for all. Of equal ones the lower number goes first.
        forbidden: ids of symbols that get probability 0.

    Returns:
        tensor (V,) that sums to 1.

    Raises:
        TypeError: an argument is not a number of the right kind.
        ValueError: ``logits`` is not (V,) or holds NaN or infinity, ``temperature`` is not
            positive, ``top_k`` or ``forbidden`` is out of range, or every symbol is forbidden.
    """
    if logits.ndim != 1:
        raise ValueError(f"logits must be (V,), but have shape {tuple(logits.shape)}")
    if not torch.isfinite(logits).all():
        raise ValueError(f"logits must be finite, but are from {logits.min()} to {logits.max()}")
    temperature = as_real(temperature, "temperature")
    if temperature <= 0:
        raise ValueError(f"temperature must be positive, but is {temperature}; greedy is top_k=1")
    size = len(logits)
    banned = as_ids(list(forbidden), "forbidden", size, ndim=1).unique()
    if len(banned) == size:
        raise ValueError(f"forbidden must leave a symbol, but holds all {size}")
    scores = logits.double().index_fill(0, banned, -torch.inf)  # (V,)
    if top_k is not None:
        top_k = as_integer(top_k, "top_k", minimum=1, maximum=size)
        order = scores.sort(descending=True, stable=True).indices  # (V,)
        scores = scores.index_fill(0, order[top_k:], -torch.inf)
    return ((scores - scores.max()) / temperature).softmax(0)  # (V,)


def sample(
    model,
    prompt,
    max_length,
    *,
    temperature=1.0,
    top_k=None,
    stop=None,
    forbidden=(),
    min_length=0,
    seed=0,
):
    """Let a language model go on with a prompt.

    The prompt is read once, and the state goes on from symbol to symbol: twice the length takes
    twice the time.

    Args:
        model: ``logits, state = model(ids, state)``, such as a LanguageModel; ids (T, B).
        prompt: ids (N,) to begin with, at least one; for a sentence, the start token's.
        max_length: largest number of ids to draw.
        temperature: as in ``next_probabilities``.
        top_k: likewise; 1 takes the likeliest symbol every time, and nothing is drawn by chance.
        stop: id that ends the text, such as the end token's; it is not part of the text. None
            draws ``max_length`` ids.
        forbidden: ids that are never drawn, such as the unknown token's.
        min_length: number of ids to draw before ``stop`` is allowed.
        seed: a whole number or a ``torch.Generator``.

    Returns:
        int64 array (M,) of the ids that follow the prompt, M at most ``max_length``.

    Raises:
        TypeError: an argument is not a number of the right kind.
        ValueError: an argument is out of range, or every symbol is forbidden.
    """
    ids = torch.tensor(np.asarray(prompt))  # (N,)
    if ids.ndim != 1 or not len(ids):
        raise ValueError(f"prompt must be (N,) with at least one id, but has {tuple(ids.shape)}")
    max_length = as_integer(max_length, "max_length", minimum=1)
    min_length = as_integer(min_length, "min_length", minimum=0, maximum=max_length)
    stop = None if stop is None else as_integer(stop, "stop", minimum=0)
    generator, state, found = as_torch_generator(seed), None, []
    with evaluation_mode(model):
        while len(found) < max_length:
            logits, state = model(ids[:, None], state)  # (T, 1, V)
            early = [stop] if stop is not None and len(found) < min_length else []
            banned = [*forbidden, *early]
            chances = next_probabilities(logits[-1, 0], temperature, top_k, banned)  # (V,)
            ids = torch.multinomial(chances, 1, generator=generator)  # (1,)
            if ids.item() == stop:
                break
            found.append(ids.item())
    return np.array(found, dtype=np.int64)  # (M,)
