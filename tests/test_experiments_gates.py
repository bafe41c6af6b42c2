"""Experiments with gated cells: their parts, and whether the stored results are in step."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from rnncourse.cells.elman import ElmanCell
from rnncourse.cells.gru import GRUCell
from rnncourse.cells.lstm import LSTMCell
from rnncourse.cells.unroll import unroll
from rnncourse.datasets.corpora import english
from rnncourse.datasets.pronouns import pronoun_stories
from rnncourse.datasets.reber import continual_reber, embedded_reber
from rnncourse.evaluation import cross_entropy
from rnncourse.experiments import (
    gru_comparison,
    gru_minutes,
    gru_relatives,
    lstm_biases,
    lstm_lags,
    lstm_pronouns,
    lstm_reber,
    lstm_stream,
    lstm_timing,
    lstm_variants,
)
from rnncourse.experiments.commands import EXPERIMENTS
from rnncourse.experiments.fast import fast_gru, fast_lstm, fast_rnn, num_parameters
from rnncourse.experiments.gates import train_cell
from rnncourse.experiments.grid import missing_runs
from rnncourse.experiments.gru_tasks import adding_task, music_task, text_task
from rnncourse.experiments.problems import adding
from rnncourse.experiments.sizes import units_for
from rnncourse.experiments.store import load_results
from rnncourse.models import LanguageModel
from rnncourse.text import Vocabulary

MODULES = {
    "lstm_reber": lstm_reber,
    "lstm_stream": lstm_stream,
    "lstm_biases": lstm_biases,
    "lstm_variants": lstm_variants,
    "lstm_lags": lstm_lags,
    "lstm_pronouns": lstm_pronouns,
    "lstm_timing": lstm_timing,
    "gru_comparison": gru_comparison,
    "gru_minutes": gru_minutes,
    "gru_relatives": gru_relatives,
}
UNTIL_SOLVED = ("lstm_reber", "lstm_biases", "lstm_variants", "lstm_lags", "gru_relatives")
T, B, D, H = 11, 5, 3, 7
FAST = {fast_rnn: ElmanCell, fast_lstm: LSTMCell, fast_gru: GRUCell}


# torch's own cells as the course's


@pytest.mark.parametrize("make", FAST)
def test_a_fast_cell_begins_like_the_plain_one(make):
    torch.manual_seed(1)
    plain = FAST[make](D, H)
    torch.manual_seed(1)
    fast = make(D, H)
    xs = torch.randn(T, B, D)
    torch.testing.assert_close(unroll(fast, xs)[0], unroll(plain, xs)[0])
    assert num_parameters(fast) == num_parameters(plain)


@pytest.mark.parametrize("make", FAST)
def test_a_fast_cell_trains_like_the_plain_one(make):
    xs, outputs = torch.randn(T, B, D), []
    for kind in (make, FAST[make]):
        torch.manual_seed(1)
        cell = kind(D, H)
        optimizer = torch.optim.SGD(cell.parameters(), lr=0.1)
        for _ in range(5):
            optimizer.zero_grad()
            unroll(cell, xs)[0].square().mean().backward()
            optimizer.step()
        outputs.append(unroll(cell, xs)[0])
    torch.testing.assert_close(*outputs)


def test_biases_reach_the_fast_lstm():
    biases = {"forget_bias": [1.0] * H, "input_bias": -2.0, "output_bias": 0.5}
    b = fast_lstm(D, H, **biases).rnn.bias_ih_l0
    assert b.tolist() == [-2.0] * H + [1.0] * H + [0.0] * H + [0.5] * H


def test_units_for_come_as_near_as_they_can():
    problem = adding(50)
    for make in FAST:
        units = units_for(make, problem, 4000)
        sizes = [num_parameters(problem.model(make(2, n))) for n in range(max(1, units - 2), 99)]
        found = num_parameters(problem.model(make(2, units)))
        assert abs(found - 4000) == min(abs(size - 4000) for size in sizes)


def test_no_cell_has_so_few_parameters():
    with pytest.raises(ValueError, match="parameters must be at least 1[0-9], but is 3"):
        units_for(fast_lstm, adding(50), 3)


def test_long_gradients_are_shortened():
    seen = []

    def make(input_size, hidden_size):
        cell = ElmanCell(input_size, hidden_size)
        cell.W_hh.register_hook(lambda d: 1e6 * d)
        seen.append(cell)
        return cell

    training = {"hidden_size": H, "batch_size": B, "updates": 1, "check_every": 1, "check_size": 9}
    result = train_cell(make, adding(13), 1, 1e-3, {"rate": 0.0, **training})
    model = adding(13).model(ElmanCell(2, H))
    assert seen[0].W_hh.grad.norm() == pytest.approx(1e-3, rel=0.01)
    assert result["parameters"] == num_parameters(model)


# Tasks


def test_recall_of_a_model_that_knows_the_string():
    text = embedded_reber(40, 1)
    problem = lstm_reber.embedded_reber_problem()
    inputs, following = problem.draw(40, np.random.default_rng(3))
    perfect = nn.functional.one_hot(following.ids, 7).float()
    assert problem.score(perfect, following) == 1
    assert problem.score(-perfect, following) == 0
    assert following.recall.sum() == 40 and len(inputs) == len(following.ids)
    assert text.recall[0].sum() == 0


def test_the_optimum_of_embedded_strings_is_reached_by_the_truth():
    text = embedded_reber(4000, 2)
    ids, mask = torch.from_numpy(text.ids[1:]), torch.from_numpy(text.mask[1:])
    logits = torch.from_numpy(text.probabilities[1:]).clamp(min=1e-9).log()
    following = lstm_reber.Next(ids, mask, torch.from_numpy(text.recall[1:]))
    loss = lstm_reber.embedded_reber_problem().loss(logits, following)
    assert float(loss) == pytest.approx(7 * math.log(2) / 11, abs=0.004)


def test_reading_a_stream_bit_by_bit_is_reading_it_whole():
    torch.manual_seed(2)
    model = LanguageModel(LSTMCell(7, H), 7)
    text = continual_reber(60, B, 1)
    result, largest = lstm_stream.read(model, text.ids, text.recall)
    ids = torch.from_numpy(text.ids)
    with torch.no_grad():
        logits, (_, c) = model(ids[:-1])
    assert result["loss"] == pytest.approx(cross_entropy(logits, ids[1:]).item(), abs=1e-4)
    assert result["excess"] == pytest.approx(result["loss"] - 7 * math.log(2) / 12, abs=2e-4)
    assert largest.shape == (59,) and (largest.diff() >= 0).all() and largest[-1] >= c.abs().max()


def test_state_goes_on_where_training_stopped():
    torch.manual_seed(2)
    model = LanguageModel(LSTMCell(7, H), 7)
    ids = torch.from_numpy(continual_reber(41, B, 1).ids)
    state = lstm_stream.train(model, ids, 10, rate=0.0, longest_gradient=1.0)
    with torch.no_grad():
        _, expected = model(ids[:-1])
    torch.testing.assert_close(state, expected)


def test_distances_of_pronouns():
    stories = pronoun_stories(400, 3, 1, 5)
    words = np.array(stories.tokens)[stories.ids]
    expected = []
    for t in range(1, 400):
        for b in range(3):
            if words[t, b] in ("he", "she"):
                back = 1
                while words[t - back, b] not in ("he", "she", *lstm_pronouns.NAMES):
                    back += 1
                expected.append(back)
    assert lstm_pronouns.distances(stories).tolist() == expected


def test_distance_of_two_spikes():
    problem = lstm_timing.Measure(batch_size=B, latest_first=3, shortest=11, longest=13)
    xs, targets = problem.draw(np.random.default_rng(1))
    assert xs.shape == (17, B, 1) and targets.shape == (17, B)
    first, second = xs[:, :, 0].argmax(0), 16 - xs[:, :, 0].flip(0).argmax(0)
    assert (first <= 3).all() and (xs.sum((0, 2)) == 2).all()
    distance = targets[second, torch.arange(B)] * 13
    torch.testing.assert_close(distance, (second - first).float())
    assert (~targets.isnan()).sum() == B
    assert problem.right(targets + 0.49 / 13, targets) == 1
    assert problem.right(targets - 0.51 / 13, targets) == 0


def test_distances_are_drawn_from_the_whole_range():
    problem = lstm_timing.Measure(batch_size=200, latest_first=3, shortest=11, longest=13)
    _, targets = problem.draw(np.random.default_rng(1))
    assert set((targets[~targets.isnan()] * 13).round().tolist()) == {11, 12, 13}


def test_a_spike_at_every_third_step():
    problem = lstm_timing.Generate(distance=3, spikes=2, test_spikes=5, spike_weight=2.0)
    xs, targets = problem.draw()
    assert xs.shape == (6, 1, 1) and not xs.any()
    assert targets[:, 0].tolist() == [0, 0, 1, 0, 0, 1]
    logits = torch.full((6, 1), 0.7)
    no, yes = (nn.functional.softplus(torch.tensor(sign * 0.7)) for sign in (1, -1))
    assert problem.loss(logits, targets).item() == pytest.approx((4 * no + 2 * 2 * yes).item() / 6)


def test_what_comes_before_the_first_wrong_step_is_right():
    problem = lstm_timing.Generate(distance=3, spikes=2, test_spikes=5, spike_weight=2.0)
    _, targets = problem.test()
    outputs = 2 * targets - 1  # (15, 1)
    assert problem.right(outputs, targets) == 1
    outputs[8] = -1  # the third spike is missing
    assert problem.right(outputs, targets) == pytest.approx(2 / 5)
    outputs[0] = 1
    assert problem.right(outputs, targets) == 0


def test_gers_began_blocks_half_a_step_apart():
    begin = lstm_biases.blockwise(8)
    assert begin["forget_bias"] == [0.5, 0.5, 1.0, 1.0, 1.5, 1.5, 2.0, 2.0]
    assert begin["input_bias"] == begin["output_bias"] == [-b for b in begin["forget_bias"]]


def test_held_out_text_is_not_trained_on():
    task, text = text_task(), english()
    cut = len(text) * 9 // 10
    tokens = Vocabulary(text[:cut], unknown="\0").tokens
    drawn, _ = task.draw(500, np.random.default_rng(1))
    windows = ["".join(tokens[i] for i in column) for column in drawn.T.tolist()]
    assert all(window in text[:cut] for window in windows)
    inputs, targets = task.test
    held_out = ["".join(tokens[i] for i in column) for column in inputs.T.tolist()]
    assert all("\0" in window or window in text[cut:] for window in held_out)
    assert sum("\0" in window for window in held_out) < 10
    assert torch.equal(inputs[1:], targets[:-1]) and inputs.shape[0] == 60


def test_optimum_of_the_music_is_its_loss():
    task = music_task()
    independent = nn.functional.binary_cross_entropy(
        task.test[1].mean((0, 1)).expand_as(task.test[1]), task.test[1], reduction="none"
    ).sum(2)
    assert 2.5 < task.optimum < 0.6 * independent.mean()
    assert torch.equal(task.test[0][1:], task.test[1][:-1])


def test_chance_of_the_adding_task():
    task = adding_task(20)
    loss = task.loss(lambda xs: torch.ones(xs.shape[1], 1), *task.test)
    assert loss.item() == pytest.approx(1 / 6, abs=0.02) and task.optimum == 0


def test_gaps_of_sines_add_up_to_their_times():
    rngs = (np.random.default_rng(1) for _ in range(2))
    (times, one), (gaps, two) = (
        gru_relatives.sines(9, flag).draw(B, rng)
        for flag, rng in zip((False, True), rngs, strict=True)
    )
    assert torch.equal(one, two) and torch.equal(times[:, :, 0], gaps[:, :, 0])
    passed = times[:, :, 1] - times[0, :, 1]
    torch.testing.assert_close(gaps[:, :, 1].cumsum(0), passed, atol=1e-4, rtol=1e-4)


# What is stored


@pytest.mark.parametrize("name", MODULES)
def test_stored_results_are_complete_and_of_these_settings(name):
    stored, cells = load_results(name), MODULES[name].cells()
    assert missing_runs(cells, stored.rows) == []
    assert len(stored.rows) == len(cells)
    assert stored.settings == MODULES[name].SETTINGS
    assert EXPERIMENTS[name] == MODULES[name].__name__


@pytest.mark.parametrize("name", UNTIL_SOLVED)
def test_stored_rows_do_not_contradict_themselves(name):
    budget = {(*c.key.values(),): c.settings["updates"] for c in MODULES[name].cells()}
    keys = MODULES[name].cells()[0].key
    for row in load_results(name).rows:
        assert row["solved"] == (row["updates"] is not None)
        assert (row["loss"] is None) == row["nan"]
        if row["solved"]:
            assert 0 < row["updates"] <= budget[tuple(row[key] for key in keys)]
            assert row["score"] >= 0.94


def test_cells_have_equal_parameters_where_they_should():
    for name in ("gru_comparison", "gru_relatives"):
        wanted = {cell.key["task"]: cell.settings["parameters"] for cell in MODULES[name].cells()}
        for row in load_results(name).rows:
            assert row["parameters"] == pytest.approx(wanted[row["task"]], rel=0.05)


def test_no_loss_is_below_the_optimum():
    for row in load_results("gru_comparison").rows:
        losses = [loss for _, _, loss in row["curve"]]
        assert row["at_updates"] in losses and row["at_seconds"] in losses
        assert row["optimum"] is None or min(losses) > row["optimum"]


def test_rates_for_timing_were_the_best_on_another_seed():
    rows = load_results("lstm_timing").rows
    for task, chosen in lstm_timing.RATE.items():
        for cell, rate in chosen.items():
            tried = [row for row in rows if (row["task"], row["cell"]) == (task, cell)]
            first = [row for row in tried if row["seed"] == lstm_timing.RATE_SEED]
            assert {row["rate"] for row in first} == set(lstm_timing.RATES)
            best = max(first, key=lambda row: (row["right"], -row["loss"]))
            assert best["rate"] == rate
            later = [row for row in tried if row not in first]
            assert {row["rate"] for row in later} == {rate}


def test_a_stored_run_of_timing_can_be_repeated():
    (cell,) = (
        run
        for run in lstm_timing.cells()
        if (*run.key.values(),) == (lstm_timing.GENERATE, lstm_timing.LSTM, 0, 0.01)
    )
    (row,) = (row for row in load_results("lstm_timing").rows if cell.key.items() <= row.items())
    again = lstm_timing.run(**cell.key, **cell.settings)
    assert again["parameters"] == row["parameters"]
    assert again["right"] == row["right"] == 1
    assert again["loss"] < 0.01 and row["loss"] < 0.01


def test_one_stored_run_can_be_repeated():
    row = min(load_results("lstm_reber").rows, key=lambda row: (row["updates"], row["seconds"]))
    (cell,) = (c for c in lstm_reber.cells() if c.key.items() <= row.items())
    again = lstm_reber.run(**cell.key, **cell.settings)
    assert again["solved"] and abs(again["updates"] - row["updates"]) <= 100
    assert again["parameters"] == row["parameters"]
    assert again["loss"] == pytest.approx(row["loss"], rel=0.1)


def test_n_grams_lose_nothing_on_a_text_that_repeats_and_ln_v_on_noise():
    assert gru_minutes.counted("ab" * 1000, 3) < 0.01
    noise = "".join(np.random.default_rng(0).choice(list("abcdefg"), 20_000))
    assert gru_minutes.counted(noise, 2) == pytest.approx(np.log(7), abs=0.01)


def test_minutes_of_text_in_small():
    small = {"hidden_size": 13, "dropout": 0.0, "epochs": 1, "n": 2, "characters": 20_000}
    row = gru_minutes.run("LSTM", 1, **small)
    assert row == {**gru_minutes.run("LSTM", 1, **small), "seconds": row["seconds"]}
    assert row["counted"] < row["loss"] < np.log(100)  # an epoch of so little text is no training
