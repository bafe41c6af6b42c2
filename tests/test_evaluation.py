"""Losses and their means, against torch and brute force."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from rnncourse.batches import contiguous_batches
from rnncourse.cells.elman import ElmanCell
from rnncourse.evaluation import batch_loss, carried, cross_entropy, evaluate, evaluation_mode
from rnncourse.models import LanguageModel, SequenceClassifier

T, B, H, V, K = 11, 5, 7, 13, 2


def model_of():
    torch.manual_seed(0)
    return LanguageModel(ElmanCell(V, H), V).double()


def text(length=200, seed=0):
    return np.random.default_rng(seed).integers(V, size=length)


def ragged():
    return torch.arange(T)[:, None] < torch.tensor([11, 2, 7, 1, 5])  # (T, B)


def test_cross_entropy_is_the_mean_surprise():
    logits, targets = torch.randn(T, B, V), torch.randint(V, (T, B))
    surprises = [
        -math.log(logits[t, b].softmax(0)[targets[t, b]]) for t in range(T) for b in range(B)
    ]
    assert cross_entropy(logits, targets).item() == pytest.approx(np.mean(surprises), rel=1e-6)
    mask = ragged()
    real = [s for s, keep in zip(surprises, mask.flatten().tolist(), strict=True) if keep]
    assert cross_entropy(logits, targets, mask).item() == pytest.approx(np.mean(real), rel=1e-6)


def test_what_stands_in_the_padding_does_not_count():
    logits, targets, mask = torch.randn(T, B, V), torch.randint(V, (T, B)), ragged()
    loss = cross_entropy(logits, targets, mask)
    logits[~mask], targets[~mask] = torch.nan, -7
    assert cross_entropy(logits, targets, mask) == loss


@pytest.mark.parametrize(
    "targets, mask, error, message",
    [
        (torch.full((T, B), V), None, ValueError, "targets must be from 0 to 12, but one is 13"),
        (torch.zeros(B, T).long(), None, ValueError, r"one for each row of logits.*\(5, 11\)"),
        (torch.zeros(T, B), None, TypeError, "targets must be whole numbers"),
        (torch.zeros(T, B).long(), torch.ones(B, T).bool(), ValueError, r"mask must be \(11, 5\)"),
        (torch.zeros(T, B).long(), torch.ones(T, B), TypeError, "mask must be .*booleans"),
        (torch.zeros(T, B).long(), torch.zeros(T, B).bool(), ValueError, "targets must be one"),
    ],
)
def test_cross_entropy_refuses(targets, mask, error, message):
    with pytest.raises(error, match=message):
        cross_entropy(torch.zeros(T, B, V), targets, mask)


def test_evaluate_with_the_carried_state_is_one_long_sequence():
    model, ids = model_of(), text(1 + 5 * 37)
    long = torch.tensor(ids[:-1].reshape(5, 37).T)
    whole = cross_entropy(model(long)[0], torch.tensor(ids[1:].reshape(5, 37).T)).item()
    batches = list(contiguous_batches(ids, 5, 8, drop_last=False))  # the last one is shorter
    found = evaluate(model, batches, cross_entropy, carry_state=True)
    assert found == pytest.approx(whole, rel=1e-12)
    assert abs(evaluate(model, batches, cross_entropy) - whole) > 1e-6


def test_evaluate_counts_symbols_not_batches():
    model, mask = model_of(), ragged()
    ids, targets = torch.randint(V, (T, B)), torch.randint(V, (T, B))
    halves = [(ids[:, :2], targets[:, :2], mask[:, :2]), (ids[:, 2:], targets[:, 2:], mask[:, 2:])]
    whole = cross_entropy(model(ids, mask=mask)[0], targets, mask).item()
    assert evaluate(model, halves, cross_entropy) == pytest.approx(whole, rel=1e-12)


def test_evaluate_counts_one_target_a_sequence_for_a_classifier():
    torch.manual_seed(0)
    model, mask = SequenceClassifier(ElmanCell(V, H), K), ragged()
    ids, classes = torch.randint(V, (T, B)), torch.randint(K, (B,))
    parts = [(ids[:, :2], classes[:2], mask[:, :2]), (ids[:, 2:], classes[2:], mask[:, 2:])]
    whole = cross_entropy(model(ids, mask), classes).item()
    assert evaluate(model, parts, cross_entropy) == pytest.approx(whole, rel=1e-6)


def test_every_switch_is_put_back():
    model = nn.Sequential(nn.Linear(3, 3), nn.Dropout(0.5), nn.Sequential(nn.Dropout(0.5)))
    model[2].eval()
    modes = [module.training for module in model.modules()]
    xs = torch.ones(4, 3)
    with evaluation_mode(model):
        assert not model[1].training and torch.equal(model(xs), model(xs))
        assert not model(xs).requires_grad
    assert modes == [module.training for module in model.modules()] and model(xs).requires_grad
    with pytest.raises(RuntimeError), evaluation_mode(model):
        raise RuntimeError
    assert modes == [module.training for module in model.modules()]


def test_evaluate_leaves_no_gradient():
    model = model_of()
    evaluate(model, contiguous_batches(text(), 3, 7), cross_entropy)
    assert model.training and all(p.grad is None for p in model.parameters())


def test_batch_loss_hands_over_what_there_is():
    seen = []

    def model(*args, **names):
        seen.append((len(args), list(names)))
        return args[0].sum() + torch.zeros(T, B), "state"

    def loss_fn(predictions, targets, **names):
        seen.append(list(names))
        return predictions.sum()

    xs, mask = torch.zeros(T, B), ragged()
    assert batch_loss(model, (xs, xs), loss_fn)[1] == "state"
    batch_loss(model, (xs, xs, mask), loss_fn, "state")
    batch_loss(model, (xs, torch.zeros(B), mask), loss_fn)
    assert seen[:2] == [(1, []), []]
    assert seen[2:] == [(2, ["mask"]), ["mask"], (1, ["mask"]), []]


@pytest.mark.parametrize(
    "batches, carry, error, message",
    [
        ([], False, ValueError, "batches must hold at least one batch"),
        ([(torch.zeros(T, B),)], False, ValueError, "2 or 3 parts, but one has 1"),
        ([(torch.full((T, B), V), torch.zeros(T, B).long())], False, ValueError, "ids must be"),
    ],
)
def test_evaluate_refuses(batches, carry, error, message):
    with pytest.raises(error, match=message):
        evaluate(model_of(), batches, cross_entropy, carry)


def test_not_finite_and_nothing_to_carry():
    model, pairs = nn.Linear(3, 1), [(torch.ones(2, 3), torch.ones(2, 1))]
    with pytest.raises(ValueError, match="loss must be a finite scalar, but is nan at step 0"):
        evaluate(model, pairs, lambda p, y: p.sum() * torch.nan)
    with pytest.raises(ValueError, match="carry_state=True needs a model that returns"):
        evaluate(model, pairs, nn.functional.mse_loss, carry_state=True)
    with pytest.raises(ValueError, match="carry_state=True"):
        carried(None)
