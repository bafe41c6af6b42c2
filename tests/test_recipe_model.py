"""The character model: where its weights begin, dropout, made again from a file, writing."""

import numpy as np
import pytest
import torch
from torch import nn

from rnncourse import recipe_model
from rnncourse.cells.elman import ElmanCell
from rnncourse.checkpoints import save_checkpoint
from rnncourse.models import LanguageModel
from rnncourse.recipe_model import CharacterModel, load_model, new_model, write
from rnncourse.recipe_settings import Settings
from rnncourse.text import Vocabulary

TEXT = "she sells sea shells\non the sea shore\n"
VOCABULARY = Vocabulary(TEXT, unknown="<unk>")


def made(rnn=nn.LSTM, layers=1, seed=0):
    torch.manual_seed(seed)
    settings = Settings(rnn=rnn, hidden_size=13, embedding_size=7, num_layers=layers, dropout=0.3)
    return new_model(settings, VOCABULARY)


@pytest.fixture
def path(tmp_path):
    save_checkpoint(tmp_path / "best.ckpt", made(), vocabulary=VOCABULARY)
    return tmp_path / "best.ckpt"


@pytest.mark.parametrize("layers", [1, 2])
def test_forget_gates_start_open(layers):
    rnn = made(layers=layers).cell.rnn
    for layer in range(layers):
        bias = getattr(rnn, f"bias_ih_l{layer}") + getattr(rnn, f"bias_hh_l{layer}")
        assert bias.tolist() == [0.0] * 13 + [1.0] * 13 + [0.0] * 26


def test_the_first_guess_is_how_often_each_character_stands_there():
    model = made()
    with torch.no_grad():
        model.readout.weight.zero_()
        logits, _ = model(torch.tensor([[3]]))
    wanted = np.array(VOCABULARY.counts) + 1
    np.testing.assert_allclose(logits[0, 0].softmax(0), wanted / wanted.sum(), rtol=1e-5)


def test_dropout_is_for_training_only():
    model, ids = made(), torch.arange(15).view(5, 3) % 11
    one, two = (model(ids)[0] for _ in range(2))
    assert not torch.equal(one, two)
    model.eval()
    one, two = (model(ids)[0] for _ in range(2))
    assert torch.equal(one, two) and one.shape == (5, 3, len(VOCABULARY))


@pytest.mark.parametrize("rnn", [nn.LSTM, nn.GRU])
def test_numbers_of_16_bits_are_for_training_only_and_nearly_the_same(rnn, monkeypatch):
    monkeypatch.setattr(recipe_model, "has_bfloat16", lambda: True)
    torch.manual_seed(0)
    settings = Settings(rnn=rnn, hidden_size=37, dropout=0.0)
    model, ids = new_model(settings, VOCABULARY), torch.arange(55).view(11, 5) % 11
    gradients, logits = {}, {}
    for short in (True, False):
        model.bfloat16 = short
        logits[short], state = model(ids)
        assert {part.dtype for part in flatten(state)} == {logits[short].dtype} == {torch.float32}
        model.zero_grad()
        logits[short].logsumexp(2).mean().backward()
        gradients[short] = torch.cat([p.grad.ravel() for p in model.parameters()])
    assert not torch.equal(logits[True], logits[False])
    assert (logits[True] - logits[False]).abs().max() < 0.01
    assert torch.cosine_similarity(gradients[True], gradients[False], dim=0) > 0.999
    model.eval()
    assert torch.equal(model(ids)[0], logits[False])


def flatten(state):
    return state if isinstance(state, tuple) else (state,)


def test_two_halves_with_the_carried_state_equal_the_whole():
    model, ids = made(nn.GRU, 2).eval(), torch.arange(35).view(7, 5) % 11
    whole, _ = model(ids)
    first, state = model(ids[:3])
    second, _ = model(ids[3:], state)
    torch.testing.assert_close(torch.cat([first, second]), whole)


@pytest.mark.parametrize("rnn", [nn.LSTM, nn.GRU])
@pytest.mark.parametrize("layers", [1, 3])
def test_a_model_is_made_again_from_its_file(tmp_path, rnn, layers):
    model = made(rnn, layers).eval()
    save_checkpoint(tmp_path / "model", model, vocabulary=VOCABULARY)
    again, vocabulary = load_model(tmp_path / "model")
    ids = torch.arange(15).view(5, 3) % 11
    assert torch.equal(again.eval()(ids)[0], model(ids)[0])
    assert vocabulary.tokens == VOCABULARY.tokens and vocabulary.unknown == "<unk>"


def test_checkpoints_of_another_kind(tmp_path):
    size = len(VOCABULARY)
    for model, vocabulary in (
        (LanguageModel(ElmanCell(7, 13), size), VOCABULARY),
        (made(), None),
        (nn.Linear(3, 5), VOCABULARY),
        (CharacterModel(nn.RNN(7, 13), size), VOCABULARY),
        (made(), Vocabulary("abc")),
    ):
        save_checkpoint(tmp_path / "model", model, vocabulary=vocabulary)
        with pytest.raises(
            ValueError, match="path must be a character model of train, but .*model"
        ):
            load_model(tmp_path / "model")


def test_no_checkpoint(tmp_path):
    (tmp_path / "text").write_text(TEXT)
    with pytest.raises(ValueError, match="path must be a checkpoint"):
        load_model(tmp_path / "text")
    with pytest.raises(FileNotFoundError):
        load_model(tmp_path / "absent")


def test_writes_by_the_seed_and_ends(path):
    one, same, other = (write(path, "she", 47, seed=s) for s in (3, 3, 4))
    assert one == same != other and one.startswith("she") and len(one) == 50
    assert set(one) <= set(TEXT)
    assert len(write(path, length=5)) == 5


def test_never_writes_the_unknown_character(path):
    assert "<unk>" not in write(path, "she", 600, temperature=5.0)


def test_low_temperature_takes_the_likeliest(path):
    model, vocabulary = load_model(path)
    text = write(path, "sea", 9, temperature=1e-6)
    with torch.no_grad():
        logits, _ = model.eval()(torch.tensor(vocabulary.encode(text))[:, None])
    chosen = logits[2:-1, 0].argmax(1)
    assert vocabulary.decode(chosen.numpy()) == list(text[3:])


@pytest.mark.parametrize(
    "changes, error, message",
    [
        ({"prompt": "sea\u00e9x"}, ValueError, r"prompt must hold .*'x', '\u00e9'"),
        ({"prompt": "<unk>"}, ValueError, "prompt must hold"),
        ({"prompt": 3}, TypeError, "prompt must be a string, but is int"),
        ({"length": 0}, ValueError, "length must be at least 1"),
        ({"temperature": 0.0}, ValueError, "temperature must be positive"),
        ({"seed": -1}, ValueError, "seed must be at least 0"),
    ],
)
def test_bad_input(path, changes, error, message):
    with pytest.raises(error, match=message):
        write(path, **changes)
