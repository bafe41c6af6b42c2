"""Sampling: against re-reading the prefix, against exact probabilities; a text of one's own."""

import numpy as np
import pytest
import torch
from torch import nn

from rnncourse.batches import contiguous_batches
from rnncourse.cells.elman import ElmanCell
from rnncourse.cells.torch_cell import TorchCell
from rnncourse.evaluation import cross_entropy, evaluate
from rnncourse.generation import next_probabilities, sample
from rnncourse.models import LanguageModel
from rnncourse.text import Vocabulary, characters
from rnncourse.training import fit

V, H = 13, 7


def elman():
    return ElmanCell(V, H, scale=1.5)


def lstm():
    cell = TorchCell(nn.LSTM(V, H))
    for weight in cell.parameters():
        nn.init.normal_(weight, std=2)
    return cell


def model_of(cell=elman):
    torch.manual_seed(0)
    return LanguageModel(cell(), V)


class Fixed(nn.Module):
    """A model whose next-symbol probabilities never change, and which counts what it reads."""

    def __init__(self, probabilities):
        super().__init__()
        self.logits, self.read = torch.tensor(probabilities).log(), []

    def forward(self, ids, state=None):
        self.read.append(ids.shape)
        return self.logits.expand(*ids.shape, -1), state


def by_rereading(model, prompt, length, seed, **choice):
    """The slow way: the whole prefix from the start for every symbol."""
    generator, ids = torch.Generator().manual_seed(seed), list(prompt)
    with torch.no_grad():
        for _ in range(length):
            logits = model(torch.tensor(ids)[:, None])[0][-1, 0]
            chances = next_probabilities(logits, **choice)
            ids.append(torch.multinomial(chances, 1, generator=generator).item())
    return ids[len(prompt) :]


@pytest.mark.parametrize(
    "choice", [{}, {"top_k": 1}, {"temperature": 0.3, "top_k": 4}, {"forbidden": [0, 5]}]
)
@pytest.mark.parametrize("cell", [elman, lstm])
def test_carrying_the_state_is_rereading_the_prefix(choice, cell):
    model, prompt = model_of(cell), [3, 1, 4, 1, 5]
    found = sample(model, prompt, 40, seed=2, **choice)
    assert found.tolist() == by_rereading(model, prompt, 40, 2, **choice)
    assert found.dtype == np.int64 and len(set(found.tolist())) > 1


def test_every_symbol_is_read_once():
    model = Fixed([0.5, 0.25, 0.25])
    sample(model, [0, 1, 2, 0, 1], 30)
    assert model.read == [(5, 1)] + [(1, 1)] * 29


def test_greedy_is_the_likeliest_every_time():
    model, ids = model_of(), [2]
    with torch.no_grad():
        for _ in range(25):
            ids.append(model(torch.tensor(ids)[:, None])[0][-1, 0].argmax().item())
    for seed in range(3):
        assert sample(model, [2], 25, top_k=1, seed=seed).tolist() == ids[1:]
    cold = sample(model, [2], 25, temperature=1e-6)
    assert cold.tolist() == ids[1:]


def test_probabilities_by_hand():
    logits = torch.tensor([0.0, 1.0, 2.0, 2.0]).mul(np.log(2))  # 1 : 2 : 4 : 4

    def close(found, wanted):
        torch.testing.assert_close(found, torch.tensor(wanted).double(), atol=1e-6, rtol=0)

    close(next_probabilities(logits), [1 / 11, 2 / 11, 4 / 11, 4 / 11])
    close(next_probabilities(logits, temperature=0.5), [1 / 37, 4 / 37, 16 / 37, 16 / 37])
    close(next_probabilities(logits, top_k=1), [0, 0, 1, 0])
    close(next_probabilities(logits, top_k=3), [0, 0.2, 0.4, 0.4])
    close(next_probabilities(logits, forbidden=[2, 2]), [1 / 7, 2 / 7, 0, 4 / 7])
    close(next_probabilities(logits, top_k=1, forbidden=[2]), [0, 0, 0, 1])
    close(next_probabilities(logits, top_k=3, forbidden=[2, 3]), [1 / 3, 2 / 3, 0, 0])
    close(next_probabilities(logits * 1e5, temperature=1e-3, forbidden=[3]), [0, 0, 1, 0])


def test_symbols_come_as_often_as_they_should():
    chances = [0.5, 0.3, 0.15, 0.05]
    found = sample(Fixed(chances), [0], 5000, seed=1)
    spread = np.sqrt(5000 * np.array(chances) * (1 - np.array(chances)))
    assert (np.abs(np.bincount(found) - 5000 * np.array(chances)) < 4 * spread).all()


def test_stop_ends_the_text_and_is_no_part_of_it():
    model = Fixed([0.2, 0.3, 0.5])
    lengths = [len(sample(model, [1], 1000, stop=0, seed=seed)) for seed in range(300)]
    assert np.mean(lengths) == pytest.approx(4, abs=4 * np.sqrt(20 / 300))  # geometric: 0.8 / 0.2
    texts = [sample(model, [1], 1000, stop=0, min_length=7, seed=seed) for seed in range(300)]
    assert min(map(len, texts)) == 7 and all(0 not in text for text in texts)
    assert np.mean([len(text) for text in texts]) == pytest.approx(11, abs=1.1)
    assert len(sample(Fixed([1e-30, 1.0]), [1], 23, stop=0)) == 23
    assert len(sample(Fixed([1.0, 1e-9]), [1], 23, stop=0)) == 0


def test_forbidden_symbols_never_come():
    model = Fixed([0.9, 0.05, 0.05])
    assert 0 not in sample(model, [1], 500, forbidden=[0])
    assert set(sample(model, [1], 50, forbidden=[0, 2]).tolist()) == {1}


def test_ten_sentences_of_at_least_seven_words_end():
    """What the lecture's sampler never does."""
    unknown, start, end = 0, 1, 2
    model = Fixed([0.5, 0.01, 0.3, 0.1, 0.09])
    for seed in range(10):
        sentence = sample(
            model, [start], 100, stop=end, forbidden=[unknown, start], min_length=7, seed=seed
        )
        assert 7 <= len(sentence) < 100 and set(sentence.tolist()) <= {3, 4}


def test_the_seed_decides_and_a_generator_goes_on():
    model, generator = model_of(), torch.Generator().manual_seed(5)
    state = torch.get_rng_state()
    first = sample(model, [2], 50, seed=5)
    assert first.tolist() == sample(model, [2], 50, seed=generator).tolist()
    assert first.tolist() != sample(model, [2], 50, seed=generator).tolist()
    assert torch.equal(state, torch.get_rng_state())


def test_dropout_is_off_while_sampling_and_on_again():
    model = model_of()
    model.readout = nn.Sequential(nn.Dropout(0.9), model.readout)
    model.train()
    runs = [sample(model, [2], 30, top_k=1).tolist() for _ in range(2)]
    assert runs[0] == runs[1] and model.readout[0].training


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ({"prompt": []}, ValueError, "prompt must be .* at least one id"),
        ({"prompt": [[1]]}, ValueError, "prompt must be"),
        ({"prompt": [V]}, ValueError, "ids must be from 0 to 12, but one is 13"),
        ({"prompt": [0.5]}, TypeError, "ids must be whole numbers"),
        ({"max_length": 0}, ValueError, "max_length must be at least 1"),
        ({"temperature": 0}, ValueError, "temperature must be positive, but is 0"),
        ({"temperature": float("nan")}, ValueError, "temperature must be finite"),
        ({"top_k": 0}, ValueError, "top_k must be at least 1"),
        ({"top_k": V + 1}, ValueError, "top_k must be .*at most 13"),
        ({"top_k": 1.0}, TypeError, "top_k must be a whole number"),
        ({"forbidden": [V]}, ValueError, "forbidden must be from 0 to 12"),
        ({"forbidden": range(V)}, ValueError, "forbidden must leave a symbol, but holds all 13"),
        ({"stop": 1.0}, TypeError, "stop must be a whole number"),
        ({"stop": V, "min_length": 1}, ValueError, "from 0 to 12"),
        ({"min_length": 6}, ValueError, "min_length must be .*at most 5"),
        ({"seed": -1}, ValueError, "seed must be at least 0"),
    ],
)
def test_bad_input(arguments, error, message):
    with pytest.raises(error, match=message):
        sample(model_of(), **{"prompt": [1], "max_length": 5, **arguments})


def test_a_model_full_of_nan():
    model = model_of()
    nn.init.constant_(model.readout.weight, torch.nan)
    with pytest.raises(ValueError, match="logits must be finite, but are from nan"):
        sample(model, [1], 5)


def test_a_text_of_ones_own_in_a_few_lines(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text("In the beginning was the loop, and the loop was fed back.\n" * 60, "utf-8")

    text = path.read_text("utf-8")
    vocabulary = Vocabulary(characters(text))
    ids = vocabulary.encode(text)
    batches = list(contiguous_batches(ids, batch_size=8, steps=25))
    torch.manual_seed(0)
    model = LanguageModel(ElmanCell(len(vocabulary), 64), len(vocabulary))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    history = fit(model, batches, cross_entropy, optimizer, epochs=15, carry_state=True)
    written = vocabulary.decode(sample(model, vocabulary.encode("In the "), 50, top_k=1))

    assert history.losses[0] == pytest.approx(np.log(len(vocabulary)), abs=0.3)
    assert evaluate(model, batches, cross_entropy, carry_state=True) < 0.1
    assert "".join(written) == text[7:57]
