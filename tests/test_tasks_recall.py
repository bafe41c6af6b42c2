"""Parity and delayed recall: against their rules, and their chance levels drawn."""

import itertools

import numpy as np
import pytest

from rnncourse.tasks_recall import delayed_recall, prefix_parity

T, B, MANY = 11, 7, 60_013


def best_table(context, targets):
    """Accuracy of the best guess that knows the context only, and its loss in nats."""
    counts = np.zeros((context.max() + 1, targets.max() + 1))
    np.add.at(counts, (context, targets), 1)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return counts.max(axis=1).sum() / len(targets), -np.log(shares[context, targets]).mean()


def test_parity_is_counted():
    task = prefix_parity(T, B, seed=1)
    assert task.ids.shape == task.targets.shape == (T, B)
    for b in range(B):
        for t in range(T):
            assert task.targets[t, b] == list(task.ids[: t + 1, b]).count(1) % 2


def test_parity_chance_level():
    task = prefix_parity(T, MANY, seed=2)
    assert task.targets.mean() == pytest.approx(task.chance, abs=0.01) and task.chance == 0.5
    assert task.chance_loss == pytest.approx(0.693, abs=1e-3)
    seen = [best_table(x, y)[0] for x, y in zip(task.ids, task.targets, strict=True)]  # one bit
    np.testing.assert_allclose(seen, [1] + [0.5] * (T - 1), atol=0.01)
    alike = np.mean(task.ids == task.targets)
    assert alike == pytest.approx(1 / 2 + 1 / (2 * T), abs=0.01)


def test_parity_needs_every_bit():
    """Over all 32 sequences: whoever misses any one bit is right half the time, exactly."""
    words = np.array(list(itertools.product((0, 1), repeat=5)))  # (32, 5)
    parity = words.sum(axis=1) % 2
    for hidden in range(5):
        context = np.delete(words, hidden, axis=1) @ [1, 2, 4, 8]
        assert best_table(context, parity)[0] == 0.5
    assert best_table(words @ [1, 2, 4, 8, 16], parity)[0] == 1


def test_recall_follows_its_rules():
    task = delayed_recall(5, B, num_symbols=3, num_distractors=2, seed=1)
    assert task.ids.shape == (7, B) and task.vocab_size == 6
    np.testing.assert_array_equal(task.answers, task.ids[0])
    assert (task.ids[-1] == 5).all()
    many = delayed_recall(5, MANY, num_symbols=3, num_distractors=2, seed=2).ids
    assert set(np.unique(many[0])) == {0, 1, 2}
    assert set(np.unique(many[1:-1])) == {3, 4}


def test_recall_chance_level():
    task = delayed_recall(2, MANY, num_symbols=5, num_distractors=3, seed=3)
    later = task.ids[1:].T @ [1, 8, 64]  # all there is after step 0
    accuracy, loss = best_table(later, task.answers)
    assert task.chance == 1 / 5 and accuracy == pytest.approx(task.chance, abs=0.01)
    assert loss == pytest.approx(task.chance_loss, abs=2e-3)
    assert task.chance_loss == pytest.approx(np.log(5))
    assert best_table(task.ids[0], task.answers) == (1, 0)
    task.answers[:] = 99
    assert task.ids.max() < 99


@pytest.mark.parametrize(
    "draw", [lambda seed: prefix_parity(T, B, seed), lambda seed: delayed_recall(T, B, 3, 2, seed)]
)
def test_a_seed_makes_the_same_task_again(draw):
    np.testing.assert_array_equal(draw(3).ids, draw(np.random.default_rng(3)).ids)
    assert not np.array_equal(draw(3).ids, draw(4).ids)


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: prefix_parity(0, B), ValueError, "length must be at least 1"),
        (lambda: prefix_parity(T, 0), ValueError, "batch_size must be at least 1"),
        (lambda: delayed_recall(0, B, 3), ValueError, "gap must be at least 1, but is 0"),
        (lambda: delayed_recall(-2, B, 3), ValueError, "gap must be at least 1, but is -2"),
        (lambda: delayed_recall(1.5, B, 3), TypeError, "gap must be a whole number"),
        (lambda: delayed_recall(T, 0, 3), ValueError, "batch_size must be at least 1"),
        (lambda: delayed_recall(T, B, 1), ValueError, "num_symbols must be at least 2"),
        (lambda: delayed_recall(T, B, 3, 0), ValueError, "num_distractors must be at least 1"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
