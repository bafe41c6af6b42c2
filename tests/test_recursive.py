"""The tree network: a chain is recurrence, trees by plain recursion, exact expressions."""

import pytest
import torch

from rnncourse.cells.elman import ElmanCell
from rnncourse.cells.torch_cell import TorchCell
from rnncourse.cells.unroll import unroll
from rnncourse.datasets.expressions import boolean_expressions
from rnncourse.evaluation import cross_entropy
from rnncourse.models import SequenceClassifier
from rnncourse.recursive import TreeClassifier, pack_trees
from rnncourse.training import fit

H, V, K = 7, 5, 3
TREES = ["a", ("b", "c"), ("d", ("e", "a", ("b", "c", "a")), "a"), ("a", "b", ("c", "d", "e"))]


def id_of(label):
    return "abcde".index(label)


def model_of(cell, **sizes):
    torch.manual_seed(0)
    model = TreeClassifier(cell, K, V, **sizes).double()
    with torch.no_grad():
        model.W_place.add_(0.3 * torch.randn_like(model.W_place))
    return model


def by_recursion(model, tree):
    """Elman's state of a node, from the formula."""
    label, *children = tree if isinstance(tree, tuple) else (tree,)
    x = model.cell.W_xh[id_of(label)] if model.embedding is None else None
    if x is None:
        x = model.embedding.weight[id_of(label)] @ model.cell.W_xh
    below = torch.zeros(H, dtype=torch.float64)
    for place, child in enumerate(children):
        state = by_recursion(model, child)
        below = below + (state if place == 0 else state @ model.W_place[place - 1])
    return torch.tanh(x + below @ model.cell.W_hh + model.cell.b_h)


@pytest.mark.parametrize("size", [2, V], ids=["embedding", "one-hot"])
def test_batched_trees_are_plain_recursion(size):
    model = model_of(ElmanCell(size, H), num_children=3)
    trees = [*TREES, ("a", "b", "c", ("d", "e"))]
    packed = pack_trees(trees, id_of, num_children=3)
    states = torch.stack([by_recursion(model, tree) for tree in trees])  # (B, H)
    torch.testing.assert_close(model.outputs(packed)[packed.roots], states, atol=1e-12, rtol=0)
    logits = states @ model.readout.weight.T + model.readout.bias
    torch.testing.assert_close(model(packed), logits, atol=1e-12, rtol=0)


def chain(labels):
    """The last label on top, the first one at the bottom."""
    tree = labels[0]
    for label in labels[1:]:
        tree = (label, tree)
    return tree


@pytest.mark.parametrize(
    "cell", [lambda: ElmanCell(V, H), lambda: TorchCell(torch.nn.RNN(V, H))], ids=["own", "torch"]
)
def test_a_chain_is_recurrence_along_time(cell):
    model = model_of(cell())
    labels = "abcadebcaadee"
    packed = pack_trees([chain(labels)], id_of)
    outputs, _ = unroll(model.cell, packed.labels[:, None])
    torch.testing.assert_close(model.outputs(packed), outputs[:, 0], atol=1e-12, rtol=0)
    assert packed.labels.tolist() == [id_of(label) for label in labels]
    sequence = SequenceClassifier(model.cell, K).double()
    sequence.readout = model.readout
    torch.testing.assert_close(model(packed), sequence(packed.labels[:, None]))


def test_a_pair_of_states_goes_up_the_tree_too():
    cell = TorchCell(torch.nn.LSTM(V, H))
    model = model_of(cell)
    packed = pack_trees([chain("abcad")], id_of)
    outputs, _ = unroll(cell, packed.labels[:, None])
    torch.testing.assert_close(model.outputs(packed), outputs[:, 0])


def test_each_tree_of_a_batch_is_on_its_own():
    model = model_of(ElmanCell(V, H))
    alone = [model(pack_trees([tree], id_of)) for tree in TREES]
    torch.testing.assert_close(model(pack_trees(TREES, id_of)), torch.cat(alone))


def test_the_order_of_children_counts_once_their_places_differ():
    left, right = ("a", "b", "c"), ("a", "c", "b")
    packed = pack_trees([left, right], id_of)
    one, other = model_of(ElmanCell(V, H))(packed)
    assert (one - other).abs().max() > 1e-3
    torch.manual_seed(0)
    at_first = TreeClassifier(ElmanCell(V, H), K, V)(packed)
    torch.testing.assert_close(at_first[0], at_first[1])


def test_packing():
    packed = pack_trees([("a", "b", ("c", "d")), "e"], id_of)
    assert packed.labels.tolist() == [1, 3, 4, 2, 0]  # b d e | c | a
    assert packed.children.tolist() == [[5, 5], [5, 5], [5, 5], [1, 5], [0, 3]]
    assert packed.levels == [3, 1, 1] and packed.roots.tolist() == [4, 2]


@pytest.mark.parametrize(
    "trees, sizes, error, message",
    [
        ([], {}, ValueError, "trees must hold at least one tree"),
        ([("a", "b", "c", "d")], {}, ValueError, "trees must have at most 2 children a node"),
        ([("a", ())], {}, ValueError, r"one is \(\)"),
        (["z"], {}, ValueError, "substring not found"),
        (["a"], {"num_children": 0}, ValueError, "num_children must be at least 1"),
        (["a"], {"num_children": 2.0}, TypeError, "num_children must be a whole number"),
    ],
)
def test_packing_refuses(trees, sizes, error, message):
    with pytest.raises(error, match=message):
        pack_trees(trees, id_of, **sizes)


def test_it_refuses_unknown_labels_and_impossible_sizes():
    packed = pack_trees(["a"], lambda label: V)
    with pytest.raises(ValueError, match="ids must be from 0 to 4, but one is 5"):
        model_of(ElmanCell(V, H))(packed)
    with pytest.raises(ValueError, match="num_classes must be at least 1"):
        TreeClassifier(ElmanCell(V, H), 0, V)
    with pytest.raises(ValueError, match="num_children must be at least 1"):
        TreeClassifier(ElmanCell(V, H), K, V, num_children=0)


def test_it_learns_to_evaluate_expressions_deeper_than_it_saw():
    labels = ["0", "1", "not", "and", "or", "xor"]
    parts = [boolean_expressions(500, depth, seed=depth) for depth in (1, 2, 3)]
    batches = [
        (pack_trees(part.trees[k : k + 100], labels.index), part.values[k : k + 100])
        for k in range(0, 500, 100)
        for part in parts
    ]
    torch.manual_seed(0)
    model = TreeClassifier(ElmanCell(6, 32), 2, 6)
    fit(model, batches, cross_entropy, torch.optim.Adam(model.parameters(), lr=0.01), epochs=30)
    test = boolean_expressions(500, 5, seed=99)
    right = model(pack_trees(test.trees, labels.index)).argmax(1).numpy() == test.values
    assert right.mean() > 0.85 and test.chance < 0.6
