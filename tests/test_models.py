"""Language model and classifier: against torch's modules, invariants, counted parameters."""

import math

import pytest
import torch
from torch import nn

from rnncourse.cells.elman import ElmanCell
from rnncourse.cells.jordan import JordanCell
from rnncourse.cells.torch_cell import TorchCell
from rnncourse.cells.unroll import unroll
from rnncourse.cells.weights import copy_to_torch
from rnncourse.models import LanguageModel, SequenceClassifier, last_step, mean_over_time

T, B, D, H, V, K = 11, 5, 3, 7, 13, 2


def ids(seed=0):
    return torch.randint(V, (T, B), generator=torch.Generator().manual_seed(seed))


def ragged():
    return torch.arange(T)[:, None] < torch.tensor([11, 2, 7, 1, 5])  # (T, B)


def same(one, other, atol=1e-6):
    torch.testing.assert_close(one, other, atol=atol, rtol=0)


@pytest.mark.parametrize("size", [D, V], ids=["embedding", "one-hot"])
def test_language_model_is_torch_modules_in_a_row(size):
    torch.manual_seed(0)
    model, rnn = LanguageModel(ElmanCell(size, H), V), nn.RNN(size, H)
    copy_to_torch(model.cell, rnn)
    one_hot = nn.functional.one_hot(ids(), V).float()
    xs = one_hot if size == V else one_hot @ model.embedding.weight
    theirs, end = rnn(xs)
    logits, state = model(ids())
    same(logits, theirs @ model.readout.weight.T + model.readout.bias)
    same(state, end[0])
    assert logits.shape == (T, B, V)


def test_one_hot_models_have_no_embedding_unless_it_is_asked_for():
    assert LanguageModel(ElmanCell(V, H), V).embedding is None
    table = nn.Embedding(V, V)
    model = LanguageModel(ElmanCell(V, H), V, embedding=table)
    assert model.embedding is table
    same(model(ids())[0], model.readout(unroll(model.cell, table(ids()))[0]))


def test_the_parameters_of_the_word_model_of_the_lecture():
    """C = 8,000 words, H = 100 units: 2 H C + H^2 weights, beside the biases."""
    model = LanguageModel(ElmanCell(8000, 100), 8000)
    weights = sum(p.numel() for p in model.parameters() if p.ndim == 2)
    biases = sum(p.numel() for p in model.parameters() if p.ndim == 1)
    assert (weights, biases) == (1_610_000, 8_100)


def test_the_first_loss_is_that_of_guessing():
    torch.manual_seed(0)
    model = LanguageModel(ElmanCell(500, 31, scale=0.01), 500)
    words = torch.randint(500, (19, 23))
    loss = nn.functional.cross_entropy(model(words)[0].flatten(0, 1), words.flatten())
    assert loss.item() == pytest.approx(math.log(500), abs=0.05)


@pytest.mark.parametrize(
    "cell",
    [
        lambda: ElmanCell(D, H),
        lambda: JordanCell(D, H, K),
        lambda: TorchCell(nn.LSTM(D, H, num_layers=2)),
    ],
    ids=["Elman", "Jordan", "torch LSTM"],
)
def test_models_take_any_cell(cell):
    torch.manual_seed(0)
    model = LanguageModel(cell(), V)
    whole, end = model(ids())
    first, middle = model(ids()[:4])
    second, last = model(ids()[4:], middle)
    same(torch.cat((first, second)), whole)
    same(last, end)
    torch.manual_seed(0)
    classifier = SequenceClassifier(cell(), K, V)
    assert classifier(ids(), mask=ragged()).shape == (B, K)


@pytest.mark.parametrize("pool", [last_step, mean_over_time])
def test_padding_does_not_change_the_class(pool):
    torch.manual_seed(0)
    model, mask = SequenceClassifier(ElmanCell(D, H), K, V, pool=pool), ragged()
    logits = model(ids(), mask)
    for b, length in enumerate(mask.sum(0).tolist()):
        same(logits[b], model(ids()[:length, b : b + 1])[0])
    other_padding = torch.where(mask, ids(), ids(seed=1))
    assert torch.equal(logits, model(other_padding, mask))


def test_padding_does_not_change_the_state_of_a_language_model():
    model, mask = LanguageModel(ElmanCell(D, H), V), ragged()
    _, state = model(ids(), mask=mask)
    for b, length in enumerate(mask.sum(0).tolist()):
        same(state[b], model(ids()[:length, b : b + 1])[1][0])


def test_classifier_reads_vectors_or_one_hot_symbols_too():
    model, xs = SequenceClassifier(ElmanCell(D, H), K), torch.randn(T, B, D)
    same(model(xs), model.readout(unroll(model.cell, xs)[0][-1]))
    model = SequenceClassifier(ElmanCell(V, H), K)
    same(model(ids()), model(nn.functional.one_hot(ids(), V).float()))


def test_pooling_by_brute_force():
    outputs, mask = torch.randn(T, B, H), ragged()
    for b in range(B):
        real = outputs[mask[:, b], b]
        assert torch.equal(last_step(outputs, mask)[b], real[-1])
        same(mean_over_time(outputs, mask)[b], real.mean(0))
    assert torch.equal(last_step(outputs), outputs[-1])
    same(mean_over_time(outputs), outputs.mean(0))
    assert torch.equal(last_step(outputs, mask.flip(0)), outputs[-1])  # padding in front


@pytest.mark.parametrize(
    "ids, error, message",
    [
        (torch.tensor([[V]]), ValueError, "ids must be from 0 to 12, but one is 13"),
        (torch.tensor([[-1]]), ValueError, "ids must be from 0 to 12, but one is -1"),
        (torch.tensor([[0.5]]), TypeError, "ids must be whole numbers"),
        (torch.tensor([1, 2]), ValueError, r"ids must have 2 dimension\(s\)"),
        (torch.zeros(0, B).long(), ValueError, "T and B at least 1"),
        (torch.zeros(T, 0).long(), ValueError, "T and B at least 1"),
    ],
)
@pytest.mark.parametrize("size", [D, V], ids=["embedding", "one-hot"])
def test_language_model_refuses(size, ids, error, message):
    with pytest.raises(error, match=message):
        LanguageModel(ElmanCell(size, H), V)(ids)


@pytest.mark.parametrize(
    "make, error, message",
    [
        (lambda: LanguageModel(ElmanCell(D, H), 0), ValueError, "vocab_size must be at least 1"),
        (lambda: LanguageModel(ElmanCell(D, H), 2.5), TypeError, "vocab_size must be a whole"),
        (
            lambda: LanguageModel(ElmanCell(D, H), V, embedding=nn.Embedding(D, V)),
            ValueError,
            r"embedding must be \(V, D\) = \(13, 3\), but is \(3, 13\)",
        ),
        (lambda: SequenceClassifier(ElmanCell(D, H), 0), ValueError, "num_classes must be at"),
    ],
)
def test_models_refuse(make, error, message):
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize("pool", [last_step, mean_over_time])
def test_pooling_refuses(pool):
    outputs, mask = torch.randn(T, B, H), ragged()
    mask[:, 3] = False
    with pytest.raises(ValueError, match="every sequence a step, but sequence 3 has none"):
        pool(outputs, mask)
    with pytest.raises(ValueError, match=r"mask must be \(11, 5\)"):
        pool(outputs, mask.T)
    with pytest.raises(TypeError, match="booleans"):
        pool(outputs, mask.float())
