"""The training loop, against the same steps written out and against a closed form."""

import pytest
import torch
from torch import nn

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
