"""The training loop, against the same steps written out and against a closed form."""

import numpy as np
import pytest
import torch
from torch import nn

from rnncourse.batches import contiguous_batches
from rnncourse.cells.elman import ElmanCell
from rnncourse.evaluation import cross_entropy
from rnncourse.models import LanguageModel, SequenceClassifier
from rnncourse.training import History, fit


def problem():
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(35, 3, generator=generator, dtype=torch.float64)
    targets = inputs @ torch.tensor([[1.0], [-2.0], [0.5]], dtype=torch.float64) + 0.25
    return inputs, targets


def linear():
    torch.manual_seed(1)
    return nn.Linear(3, 1, dtype=torch.float64)


def test_finds_the_closed_form_solution():
    inputs, targets = problem()
    model = linear()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.2)
    history = fit(model, [(inputs, targets)], nn.functional.mse_loss, optimizer, epochs=400)
    ones = torch.ones(35, 1, dtype=torch.float64)
    exact = torch.linalg.lstsq(torch.cat([inputs, ones], 1), targets).solution[:, 0]
    found = torch.cat([model.weight[0], model.bias]).detach()
    assert torch.allclose(found, exact, atol=1e-9)
    assert history.losses[-1] < 1e-16 < history.losses[0]


def test_takes_the_steps_that_are_written_out():
    inputs, targets = problem()
    batches = list(zip(inputs.split(7), targets.split(7), strict=True))
    model, twin = linear(), linear()
    history = fit(
        model, batches, nn.functional.mse_loss, torch.optim.SGD(model.parameters(), lr=0.1), 2
    )
    losses = []
    for x, y in batches * 2:
        loss = ((twin(x) - y) ** 2).mean()
        gradients = torch.autograd.grad(loss, list(twin.parameters()))
        with torch.no_grad():
            for p, g in zip(twin.parameters(), gradients, strict=True):
                p -= 0.1 * g
        losses.append(loss.item())
    assert history.losses == pytest.approx(losses, abs=1e-14)
    assert torch.allclose(model.weight, twin.weight, atol=1e-14)
    assert history.steps_per_epoch == 5
    assert history.epoch_means() == pytest.approx([sum(losses[:5]) / 5, sum(losses[5:]) / 5])


def test_hook_sees_gradients_and_can_change_them():
    inputs, targets = problem()
    model, seen = linear(), []
    before = model.weight.detach().clone()

    def hook(step, loss):
        seen.append((step, loss))
        for p in model.parameters():
            p.grad.zero_()

    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    history = fit(model, [(inputs, targets)], nn.functional.mse_loss, optimizer, 3, hook=hook)
    assert seen == list(enumerate(history.losses))
    assert torch.equal(model.weight, before)


@pytest.mark.parametrize(
    "change, error, message",
    [
        ({"epochs": 0}, ValueError, "epochs must be at least 1"),
        ({"epochs": 1.5}, TypeError, "epochs must be a whole number"),
        ({"batches": []}, ValueError, "batches must hold at least one batch"),
        ({"batches": iter([problem()])}, TypeError, "batches must allow one loop an epoch"),
        ({"loss_fn": lambda p, y: p - y}, ValueError, "loss must be a finite scalar"),
        ({"loss_fn": lambda p, y: p.sum() * float("nan")}, ValueError, "at step 0"),
    ],
)
def test_bad_input(change, error, message):
    model = linear()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    good = {"batches": [problem()], "loss_fn": nn.functional.mse_loss, "epochs": 1}
    with pytest.raises(error, match=message):
        fit(model, optimizer=optimizer, **{**good, **change})


def test_empty_history_has_no_epochs():
    assert History().epoch_means() == []


# Sequences: carried state, masks, going on


def corpus(length=151, vocab_size=5):
    return np.random.default_rng(0).integers(vocab_size, size=length)


def language_model(vocab_size=5):
    torch.manual_seed(2)
    return LanguageModel(ElmanCell(vocab_size, 7), vocab_size).double()


def sgd(model):
    return torch.optim.SGD(model.parameters(), lr=0.3, momentum=0.5)


def test_carried_state_is_truncated_backpropagation_written_out():
    batches = list(contiguous_batches(corpus(), 3, 11))
    model, twin = language_model(), language_model()
    history = fit(model, batches, cross_entropy, sgd(model), 2, carry_state=True)
    optimizer, losses = sgd(twin), []
    for _ in range(2):
        h = torch.zeros(3, 7, dtype=torch.float64)
        for xs, ys in batches:
            logits, h = twin(torch.tensor(xs), h.detach())
            loss = nn.functional.cross_entropy(logits.flatten(0, 1), torch.tensor(ys).flatten())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    assert history.losses == pytest.approx(losses, abs=1e-13)
    assert torch.allclose(model.cell.W_hh, twin.cell.W_hh, atol=1e-13)
    assert torch.allclose(history.state, h, atol=1e-13) and not history.state.requires_grad
    other = language_model()
    forgetful = fit(other, batches, cross_entropy, sgd(other), 1)
    assert forgetful.state is None and abs(forgetful.losses[1] - losses[1]) > 1e-6


def test_a_function_of_the_epoch_gives_the_batches():
    pairs, asked = list(contiguous_batches(corpus(), 3, 11)), []

    def batches(epoch):
        asked.append(epoch)
        return iter(pairs[::-1] if epoch % 2 else pairs)

    one, other = language_model(), language_model()
    found = fit(one, batches, cross_entropy, sgd(one), 2).losses
    twice = fit(other, pairs + pairs[::-1], cross_entropy, sgd(other), 1).losses
    assert asked == [0, 1] and found == twice


def test_masks_reach_model_and_loss():
    ids, targets = torch.randint(5, (11, 3)), torch.randint(5, (11, 3))
    mask = torch.arange(11)[:, None] < torch.tensor([11, 4, 7])
    one, other = language_model(), language_model()
    losses = fit(one, [(ids, targets, mask)], cross_entropy, sgd(one), 3).losses
    changed = (torch.where(mask, ids, 0), torch.where(mask, targets, -1), mask)
    assert losses == fit(other, [changed], cross_entropy, sgd(other), 3).losses
    classifier = SequenceClassifier(ElmanCell(5, 7), 2)
    batch = (ids, torch.tensor([0, 1, 1]), mask)
    losses = fit(classifier, [batch], cross_entropy, sgd(classifier), 20).losses
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("carry", [True, False])
@pytest.mark.parametrize("stops", [[1], [3], [4], [5, 6], [8], [0, 9, 10]])
def test_a_run_that_stops_and_goes_on_is_one_run(stops, carry):
    """Four batches an epoch, three epochs: stops in the middle and at the ends of epochs."""
    batches = list(contiguous_batches(corpus(), 3, 11))
    assert len(batches) == 4
    model, whole = language_model(), language_model()
    wanted = fit(whole, batches, cross_entropy, sgd(whole), 3, carry_state=carry)
    optimizer, history = sgd(model), None
    for stop in [*stops, None]:
        history = fit(
            model,
            batches,
            cross_entropy,
            optimizer,
            epochs=3,
            hook=lambda step, loss, stop=stop: step == stop,
            carry_state=carry,
            history=history,
        )
        assert len(history.losses) == (12 if stop is None else stop + 1)
    assert history.losses == wanted.losses and history.epoch_means() == wanted.epoch_means()
    for one, other in zip(model.parameters(), whole.parameters(), strict=True):
        assert torch.equal(one, other)
    again = fit(model, batches, cross_entropy, optimizer, 3, history=history)
    assert len(again.losses) == 12  # nothing is left to do


def test_only_true_stops():
    model = linear()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

    def clip(step, loss):
        return nn.utils.clip_grad_norm_(model.parameters(), 1.0)  # a tensor that is not zero

    history = fit(model, [problem()], nn.functional.mse_loss, optimizer, 3, hook=clip)
    assert len(history.losses) == 3 and history.position() == (3, 0)


def test_a_run_that_breaks_keeps_its_history():
    history, model = History(), language_model()

    def interrupt(step, loss):
        if step == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        batches = list(contiguous_batches(corpus(), 3, 11))
        fit(model, batches, cross_entropy, sgd(model), 1, interrupt, history=history)
    assert len(history.losses) == 2 and history.position() == (0, 2)


def test_nothing_to_carry_and_epochs_that_differ():
    with pytest.raises(ValueError, match="carry_state=True needs a model that returns"):
        fit(linear(), [problem()], nn.functional.mse_loss, sgd(linear()), 1, carry_state=True)
    with pytest.raises(ValueError, match="batches must be 1 in every epoch, but epoch 1 has 2"):
        fit(
            linear(),
            lambda epoch: [problem()] * (1 + epoch),
            nn.functional.mse_loss,
            sgd(linear()),
            2,
        )
    with pytest.raises(ValueError, match="steps must be .*at most 50"):
        fit(
            language_model(),
            lambda epoch: contiguous_batches(corpus(), 3, 51),  # a window longer than the text
            cross_entropy,
            sgd(language_model()),
            1,
        )
