"""The stored experiments with orthogonal networks: complete, without contradictions, repeatable."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from rnncourse.cells.unroll import unroll
from rnncourse.datasets.digits import PixelDigits
from rnncourse.experiments import (
    orthogonal_copy,
    orthogonal_denoise,
    orthogonal_digits,
    orthogonal_text,
)
from rnncourse.experiments.grid import missing_runs
from rnncourse.experiments.orthogonal_cells import CELLS, SOFT, ModReLU, build, train
from rnncourse.experiments.store import load_results
from rnncourse.models import SequenceClassifier

D, H, T, B = 3, 16, 11, 5
MODULES = {
    "orthogonal_copy": orthogonal_copy,
    "orthogonal_denoise": orthogonal_denoise,
    "orthogonal_digits": orthogonal_digits,
    "orthogonal_text": orthogonal_text,
}


@pytest.fixture(scope="module", params=MODULES)
def experiment(request):
    return MODULES[request.param], load_results(request.param)


def same(one, other, atol=1e-5):
    torch.testing.assert_close(one, other, atol=atol, rtol=0)


def made(cell, longest_gradient=1.0, **changes):
    torch.manual_seed(3)
    return build(cell, D, H, {**CELLS[cell][1], **changes}, longest_gradient)


def after_backward(cell, **options):
    """A model and its gradients before and after the hook."""
    module, hook = made(cell, **options)
    torch.manual_seed(4)
    model = SequenceClassifier(module, 2)
    model(torch.randn(T, B, D)).square().sum().backward()
    before = [p.grad.clone() for p in model.parameters()]
    hook(model)
    return module, before, [p.grad for p in model.parameters()]


def length(tensors):
    return math.sqrt(sum(t.square().sum().item() for t in tensors))


# The cells


@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_runs_and_is_clipped(cell):
    module, hook = made(cell)
    outputs, _ = unroll(module, torch.randn(T, B, D))
    assert outputs.shape == (T, B, module.output_size)
    (1e4 * outputs).sum().backward()
    hook(module)
    assert length(p.grad for p in module.parameters() if p.requires_grad) == pytest.approx(1, 1e-3)


@pytest.mark.parametrize("cell", [name for name in CELLS if "orthogonal start" in name] + [SOFT])
def test_where_they_begin(cell):
    module, _ = made(cell)
    same(module.W_hh @ module.W_hh.T, torch.eye(H))
    a = torch.linspace(-2, 2, 9)
    expected = a if cell.startswith("linear") else a.tanh()
    assert torch.equal(module.nonlinearity(a), expected)
    torch.manual_seed(5)
    other, _ = build(cell, D, H, CELLS[cell][1], 1.0)
    assert (module.W_hh - other.W_hh).abs().max() > 0.1  # the seed of the run decides


@pytest.mark.parametrize(
    "cell", ["tanh, orthogonal", "modReLU, orthogonal", "modReLU, reflections"]
)
def test_what_stays_orthogonal(cell):
    module, _ = made(cell)
    optimizer = torch.optim.Adam(module.parameters(), 0.1)
    unroll(module, torch.randn(T, B, D))[0].square().sum().backward()
    before = module.W.detach().clone()
    optimizer.step()
    same(module.W @ module.W.T, torch.eye(H))
    assert (module.W - before).abs().max() > 0.01


def test_modrelu_has_learned_shifts():
    f = ModReLU(3)
    a = torch.tensor([[0.5, -0.5, 2.0]])
    same(f(a), a)
    with torch.no_grad():
        f.b.copy_(torch.tensor([-0.6, -0.2, 1.0]))
    same(f(a), torch.tensor([[0.0, -0.3, 3.0]]))
    assert all(
        "nonlinearity.b" in dict(made(c)[0].named_parameters()) for c in CELLS if "modR" in c
    )


def test_the_penalty_is_that_of_soft_orthogonality():
    changed = {"longest_gradient": 1e9}
    _, before, found = after_backward("tanh, orthogonal start", **changed)
    assert all(torch.equal(a, b) for a, b in zip(before, found, strict=True))
    module, hook = made(SOFT, **changed)
    with torch.no_grad():
        module.W_hh.mul_(1.1)
    hook(module)
    W = module.W_hh.detach()
    same(module.W_hh.grad, 0.1 * 4 * (W @ W.T - torch.eye(H)) @ W)


# Training


def test_an_overflow_ends_training():
    module, hook = made("tanh")
    model = SequenceClassifier(module, 2)
    batch = torch.randn(T, B, D), torch.zeros(B, dtype=torch.long)
    result = train(model, lambda epoch: [batch] * 2, 0.01, 3, hook)
    assert result["updates"] == 6 and not result["nan"]
    with torch.no_grad():
        model.readout.weight.fill_(math.inf)
    result = train(model, lambda epoch: [batch], 0.01, 3, hook)
    assert result["updates"] == 0 and result["nan"]


def test_pictures_are_shuffled_anew_in_each_epoch():
    xs = np.arange(13, dtype=np.float32)[None, :, None]  # (1, 13, 1)
    pictures = PixelDigits(xs, np.arange(13))
    orders = []
    for epoch in (0, 1):
        batches = list(orthogonal_digits.shuffled_batches(pictures, 5, 1, epoch))
        assert [len(labels) for _, labels in batches] == [5, 5]
        assert all((xs[0, :, 0] == labels).all() for xs, labels in batches)
        orders.append(torch.cat([labels for _, labels in batches]).tolist())
    assert len(set(orders[0])) == 10 and orders[0] != orders[1]


def test_symbols_among_noise():
    rng, K, S, length = np.random.default_rng(0), 5, 3, 7
    ids, targets = orthogonal_denoise.draw_denoising(length, 1000, K, S, rng)
    assert ids.shape == targets.shape == (length + 1 + S, 1000)
    for read, said in zip(ids.T, targets.T, strict=True):
        assert read[read < K].tolist() == said[said < K].tolist() == said[-S:].tolist()
        assert read[length] == K + 1 and (read[length + 1 :] == K).all()
    often = (ids[:length] < K).float().mean(1)  # each step holds a symbol in S of 7 sequences
    assert (often - S / length).abs().max() < 0.06
    counts = torch.bincount(targets[-S:].flatten())
    assert len(counts) == K and (counts / 3000 - 1 / K).abs().max() < 0.03


def test_the_chance_level_of_denoising():
    problem = orthogonal_denoise.denoising(7, 5, 3)
    _, targets = problem.draw(2000, np.random.default_rng(0))
    logits = torch.full((*targets.shape, 7), -1e9)
    logits[:-3, :, 5] = 0
    logits[-3:, :, :5] = 0
    assert problem.loss(logits, targets).item() == pytest.approx(problem.chance, rel=1e-5)
    assert problem.score(logits, targets) == pytest.approx(1 / 5, abs=0.03)
    right = nn.functional.one_hot(targets, 7).float()
    assert problem.score(right, targets) == 1 > problem.goal


def test_the_text_held_out_is_the_end():
    V, training, test = orthogonal_text.data(1000, 101, 3, 10)
    assert len(training) == 899 // 30 and len(test) == 100 // 30
    used = torch.tensor(training[0][0]).max() < V
    assert used and training[0][0].shape == test[0][1].shape == (10, 3)
    assert (training[1][0][0] == training[0][1][-1]).all()  # batches continue each other


# What is stored


def test_what_is_stored_is_complete_and_of_these_settings(experiment):
    module, stored = experiment
    assert missing_runs(module.cells(), stored.rows) == []
    assert len(stored.rows) == len(module.cells())
    assert stored.settings == module.SETTINGS


def rank(row):
    """Solved in few updates before unsolved, then by the loss on which choices are made."""
    loss = row.get("validation_loss", row["loss"])
    return (not row.get("solved"), row.get("updates") or 0, loss)


def test_the_rates_are_those_that_the_trials_chose(experiment):
    module, stored = experiment
    trials = stored.rows[: len(module.trials())]
    assert {row["seed"] for row in trials} == {module.TRIAL_SEED}
    for cell, rate in module.RATES.items():
        best = min((row for row in trials if row["cell"] == cell), key=rank)
        assert best["rate"] == rate, cell


def test_rows_do_not_contradict_themselves(experiment):
    _, stored = experiment
    for row in stored.rows:
        if row["cell"] == orthogonal_digits.LOGISTIC:
            assert row["parameters"] == 650 and 0.9 < row["accuracy"] < 1
            continue
        assert (row["loss"] is None) == row["nan"] and row["seconds"] > 0
        assert row["parameters"] > 1000
    for row in stored.rows if "solved" in stored.rows[0] else []:
        assert row["solved"] == (row["updates"] is not None) == (row["score"] >= 0.95)


def test_the_models_for_text_have_about_equal_sizes():
    sizes = [row["parameters"] for row in load_results("orthogonal_text").rows]
    assert max(sizes) / min(sizes) < 1.05


def test_parameters_of_the_unitary_network_for_copying():
    (size,) = {
        row["parameters"]
        for row in load_results("orthogonal_copy").rows
        if row["cell"] == "unitary"
    }
    V, H = 10, 64
    assert size == 2 * V * H + 10 * H + (2 * H + 1) * V


def test_both_gaps_have_the_same_runs():
    rates = orthogonal_copy.RATES
    short, long = (
        [
            (row["cell"], row["seed"])
            for row in load_results("orthogonal_copy").rows
            if row["gap"] == gap and row["seed"] > 0 and row["rate"] == rates[row["cell"]]
        ]
        for gap in orthogonal_copy.GAPS
    )
    assert short == long and {cell for cell, _ in short} == set(orthogonal_copy.NAMES)


def test_what_runs_again_at_a_slower_rate_was_not_solved_with_every_seed():
    rows = [row for row in load_results("orthogonal_copy").rows if row["gap"] == 200]
    for cell, rate in orthogonal_copy.SLOWER.items():
        chosen = orthogonal_copy.RATES[cell]
        before = [row for row in rows if row["cell"] == cell and row["rate"] == chosen]
        again = [row for row in rows if row["cell"] == cell and row["rate"] == rate]
        assert rate < chosen and len(before) == len(again) == len(orthogonal_copy.SEEDS)
        assert not all(row["solved"] for row in before)


CHEAP = {
    "orthogonal_copy": {"cell": "linear, orthogonal start", "gap": 100, "seed": 1},
    "orthogonal_denoise": {"cell": "tanh", "seed": 0, "rate": 0.01},
    "orthogonal_digits": {"cell": "logistic regression", "order": "shuffled"},
    "orthogonal_text": {"cell": "tanh", "seed": 0, "rate": 0.01},
}


def test_a_stored_run_can_be_repeated(experiment):
    module, stored = experiment
    wanted = CHEAP[stored.name].items()
    cell, row = next(
        (cell, row)
        for cell, row in zip(module.cells(), stored.rows, strict=True)
        if wanted <= row.items()
    )
    again = module.run(**cell.key, **cell.settings)
    for column in ("score", "accuracy", "loss"):
        if column in row:
            assert again[column] == pytest.approx(row[column], abs=0.03), column
    assert again["parameters"] == row["parameters"]
    if row.get("solved"):
        assert abs(again["updates"] - row["updates"]) <= 100
