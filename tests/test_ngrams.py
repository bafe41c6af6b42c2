"""N-gram models and their counts: against dictionaries, a known source, and bad input."""

from collections import Counter

import numpy as np
import pytest

from benchmarks import ngrams as benchmark
from rnncourse.datasets.corpora import english
from rnncourse.datasets.synthetic import markov_chain
from rnncourse.interpolation import Interpolation
from rnncourse.kneser_ney import KneserNey
from rnncourse.markov import MarkovChain
from rnncourse.ngram_counts import continuation_counts, count_ngrams, find_contexts, gather_all
from rnncourse.ngrams import NGramModel
from rnncourse.smoothing import AddK, WittenBell
from rnncourse.text import Vocabulary, characters, words

METHODS = [AddK(0.1), WittenBell(), KneserNey()]


def counted(tables, length, context):
    """Counts of all symbols after one context, as the tables have them."""
    rows = find_contexts(tables, np.array([context], dtype=np.int64).reshape(1, length))
    return gather_all(tables[length], rows[length][0]).counts


# ---------------------------------------------------------------- counts


@pytest.mark.parametrize(("num_symbols", "low"), [(5, 0), (8_000, 7_993), (2**31, 2**31 - 7)])
def test_counts_equal_dictionaries_and_never_overflow(num_symbols, low):
    ids = np.random.default_rng(0).integers(low, num_symbols, 503)
    tables = count_ngrams(ids, 5, num_symbols)
    for length, table in enumerate(tables):
        expected = Counter(tuple(ids[i : i + length + 1]) for i in range(503 - length))
        contexts = Counter()
        for gram, count in expected.items():
            contexts[gram[:-1]] += count
        assert sorted(table.counts) == sorted(expected.values())
        assert sorted(table.totals) == sorted(contexts.values())
        assert table.types.sum() == len(table.ngrams) == len(expected)
        if num_symbols > 10_000:
            continue
        for gram, count in list(expected.items())[:29]:
            assert counted(tables, length, gram[:-1])[gram[-1]] == count


def test_continuations_by_hand():
    """In 0 1 0 1 1 2: 0 stands after 1; 1 after 0 and 1; 2 after 1; the pair 0 1 after 1."""
    tables = count_ngrams([0, 1, 0, 1, 1, 2], 3, 3)
    assert counted(tables, 0, []).tolist() == [2, 3, 1]
    shorter = [continuation_counts(tables[0], tables[1]), continuation_counts(*tables[1:])]
    assert counted(shorter, 0, []).tolist() == [1, 2, 1]
    assert counted(shorter, 1, [0]).tolist() == [0, 1, 0]
    assert counted(shorter, 1, [1]).tolist() == [1, 1, 1]


# ---------------------------------------------------------------- the model


@pytest.mark.parametrize("n", [1, 2, 3])
def test_without_smoothing_it_is_a_markov_chain(n):
    ids = np.random.default_rng(0).choice(5, size=211, p=[0.4, 0.3, 0.15, 0.1, 0.05])
    model, chain = NGramModel(n, AddK(0)).fit(ids, 5), MarkovChain(n - 1).fit(ids, 5)
    for context in np.ndindex(chain.transition.shape[:-1]):
        np.testing.assert_allclose(model.probabilities(context), chain.transition[context])
    scores = model.log_probabilities(ids)[n - 1 :]
    np.testing.assert_allclose(scores, chain.log_probabilities(ids), atol=1e-12)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_scores_are_the_probabilities_one_by_one(method, n):
    rng = np.random.default_rng(0)
    model = NGramModel(n, method).fit(rng.integers(0, 6, 307) ** 2 % 7, 7)
    new = rng.integers(0, 7, 23)
    one_by_one = [model.probabilities(new[:t])[symbol] for t, symbol in enumerate(new)]
    np.testing.assert_allclose(np.exp(model.log_probabilities(new)), one_by_one, rtol=1e-12)
    for length in (1, 2, 4):
        few = model.log_probabilities(new[:length])
        np.testing.assert_allclose(few, model.log_probabilities(new)[:length], rtol=1e-12)


@pytest.mark.parametrize("method", [*METHODS, Interpolation([0.01, 0.04, 0.15, 0.8])])
def test_the_loss_comes_down_to_the_entropy_rate(method):
    transition = np.random.default_rng(3).dirichlet(np.full(5, 0.3), size=(5, 5))
    chain = markov_chain(transition, 40_000, seed=1)
    model = NGramModel(3, method).fit(chain.ids[:30_000], 5)
    loss = np.log(model.perplexity(chain.ids[30_000:]))
    best = -MarkovChain.from_transition(transition).log_probabilities(chain.ids[30_000:]).mean()
    assert best < loss < best + 0.1
    assert loss == pytest.approx(chain.entropy_rate, abs=0.1)
    lower = Interpolation([0.01, 0.04, 0.95]) if isinstance(method, Interpolation) else method
    blind = NGramModel(2, lower).fit(chain.ids[:30_000], 5)
    assert np.log(blind.perplexity(chain.ids[30_000:])) > loss + 0.2


def test_perplexity_and_bits_by_hand():
    model = NGramModel(1, AddK(0)).fit([0, 0, 1, 2], 3)  # probabilities 1/2, 1/4, 1/4
    np.testing.assert_allclose(model.log_probabilities([0, 2]), np.log([0.5, 0.25]))
    assert model.bits_per_symbol([0, 1, 0, 2]) == pytest.approx(1.5)
    assert model.perplexity([0, 1, 0, 2]) == pytest.approx(2**1.5)
    uniform = NGramModel(3, AddK(1e15)).fit([0, 1, 0], 13)
    assert uniform.perplexity([5, 7, 11, 2]) == pytest.approx(13)


def test_what_was_never_seen_is_impossible_without_smoothing():
    model = NGramModel(2, AddK(0)).fit([0, 1, 0, 1], 3)
    assert model.log_probabilities([0, 0]).tolist() == [np.log(0.5), -np.inf]
    assert model.perplexity([0, 0]) == model.bits_per_symbol([0, 0]) == np.inf


def test_sampled_symbols_follow_the_model():
    model = NGramModel(2, WittenBell()).fit([0, 1, 0, 1, 2, 0, 0, 2, 1], 3)
    ids = model.sample(12_000, seed=0)
    for symbol in range(3):
        followers = ids[1:][ids[:-1] == symbol]
        frequencies = np.bincount(followers, minlength=3) / len(followers)
        np.testing.assert_allclose(frequencies, model.probabilities([symbol]), atol=0.03)


def test_sampling_obeys_seed_and_context():
    model = NGramModel(3, AddK(0)).fit([0, 1, 2, 3] * 5, 5)
    assert model.sample(7, seed=0, context=[1, 2]).tolist() == [3, 0, 1, 2, 3, 0, 1]
    smooth = NGramModel(3, KneserNey()).fit([0, 1, 2, 3] * 5, 5)
    assert np.array_equal(smooth.sample(50, seed=4), smooth.sample(50, seed=4))
    assert not np.array_equal(smooth.sample(50, seed=4), smooth.sample(50, seed=5))
    rng = np.random.default_rng(4)
    assert np.array_equal(smooth.sample(50, seed=rng), smooth.sample(50, seed=4))
    assert not np.array_equal(smooth.sample(50, seed=rng), smooth.sample(50, seed=4))


# ---------------------------------------------------------------- real text


@pytest.fixture(scope="module")
def text():
    tokens = characters(english(200_000))
    vocabulary = Vocabulary(tokens[:160_000], unknown="\0")
    return vocabulary.encode(tokens), len(vocabulary)


def test_kneser_ney_beats_witten_bell_beats_add_k_on_characters(text):
    ids, size = text
    models = [NGramModel(5, method) for method in (KneserNey(), WittenBell(), AddK(1))]
    bits = [m.fit(ids[:160_000], size).bits_per_symbol(ids[160_000:]) for m in models]
    assert bits[0] < bits[1] - 0.05 < bits[2] - 0.5


def test_a_longer_context_helps_at_first(text):
    ids, size = text
    models = [NGramModel(n, WittenBell()).fit(ids[:160_000], size) for n in (1, 2, 3, 4)]
    bits = [model.bits_per_symbol(ids[160_000:]) for model in models]
    assert np.all(np.diff(bits) < -0.2)


@pytest.mark.parametrize("method", METHODS)
def test_words(method):
    tokens = words(english(100_000))
    vocabulary = Vocabulary(tokens, unknown="<unk>", max_size=1_009)
    ids = vocabulary.encode(tokens)
    model = NGramModel(5, method).fit(ids[:-1_000], len(vocabulary))
    assert model.probabilities(ids[:9]).sum() == pytest.approx(1)
    assert model.probabilities([3, 1, 4, 1, 5]).sum() == pytest.approx(1)
    assert 2 < model.perplexity(ids[-1_000:]) < len(vocabulary)
    assert vocabulary.decode(model.sample(5, seed=0))


def test_it_is_as_fast_as_promised():
    measured = benchmark.timings(rounds=1)
    assert all(timing.holds for timing in measured), benchmark.table(measured)
    assert "MISSED" in benchmark.table([measured[0]._replace(at_most=0.0)])


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("n", "method", "error", "message"),
    [
        (0, WittenBell(), ValueError, "n must be at least 1, but is 0"),
        (2.0, WittenBell(), TypeError, "n must be a whole number"),
        (2, WittenBell, TypeError, "smoothing must be an object"),
        (2, "witten-bell", TypeError, "smoothing must be an object"),
    ],
)
def test_bad_models_are_refused(n, method, error, message):
    with pytest.raises(error, match=message):
        NGramModel(n, method)


BAD_IDS = [
    ([0, 1, 3], ValueError, "ids must be from 0 to 2, but one is 3"),
    ([0, -1, 1], ValueError, "ids must be from 0 to 2, but one is -1"),
    ([0.0, 1.0, 2.0], TypeError, "ids must be whole numbers"),
    ([0, np.nan, 1], ValueError, "ids must be finite"),
    ([], ValueError, "ids must have at least"),
    ([[0, 1, 2]], ValueError, "ids must have 1 dimension"),
    (["a", "b", "c"], TypeError, "ids must hold real numbers"),
    ([True, False, True], TypeError, "ids must hold real numbers"),
]


@pytest.mark.parametrize(("ids", "error", "message"), BAD_IDS)
def test_bad_texts_are_refused(ids, error, message):
    with pytest.raises(error, match=message):
        NGramModel(2, WittenBell()).fit(ids, 3)
    with pytest.raises(error, match=message):
        NGramModel(2, WittenBell()).fit([0, 1, 2], 3).log_probabilities(ids)
    with pytest.raises(error, match=message):
        NGramModel(2, WittenBell()).fit([0, 1, 2], 3).perplexity(ids)


@pytest.mark.parametrize(("ids", "error", "message"), [bad for bad in BAD_IDS if bad[0]])
def test_bad_contexts_are_refused(ids, error, message):
    model = NGramModel(2, WittenBell()).fit([0, 1, 2], 3)
    with pytest.raises(error, match=message.replace("ids", "context")):
        model.probabilities(ids)
    with pytest.raises(error, match=message.replace("ids", "context")):
        model.sample(5, 0, context=ids)


def test_a_text_shorter_than_an_ngram_is_refused():
    with pytest.raises(ValueError, match="ids must have at least 4"):
        NGramModel(4, WittenBell()).fit([0, 1, 2], 3)


@pytest.mark.parametrize("size", [0, -3])
def test_an_empty_alphabet_is_refused(size):
    with pytest.raises(ValueError, match="num_symbols must be at least 1"):
        NGramModel(2, WittenBell()).fit([0, 1], size)


@pytest.mark.parametrize(
    ("length", "seed", "error", "message"),
    [
        (0, 0, ValueError, "length must be at least 1"),
        (2.5, 0, TypeError, "length must be a whole number"),
        (3, -1, ValueError, "seed must be at least 0"),
        (3, None, TypeError, "seed must be a whole number"),
    ],
)
def test_bad_samples_are_refused(length, seed, error, message):
    with pytest.raises(error, match=message):
        NGramModel(2, WittenBell()).fit([0, 1, 2], 3).sample(length, seed)


@pytest.mark.parametrize(
    "use",
    [
        lambda model: model.probabilities([0]),
        lambda model: model.log_probabilities([0]),
        lambda model: model.perplexity([0]),
        lambda model: model.bits_per_symbol([0]),
        lambda model: model.sample(3, 0),
    ],
)
def test_a_model_before_fit_says_so(use):
    with pytest.raises(RuntimeError, match="call fit"):
        use(NGramModel(2, WittenBell()))
