"""A recursive network: one cell applied bottom-up along a tree instead of along time."""

from typing import NamedTuple

import torch
from torch import nn

from rnncourse.cells.state import map_state
from rnncourse.models import output_size_of, table_for, vectors
from rnncourse.validate import as_integer


class PackedTrees(NamedTuple):
    """Trees side by side: all nodes in one list, leaves first, a parent after its children.

    Args:
        labels: the number on each node, (N,).
        children: places of a node's children in the list, (N, C); N where there is no child.
        levels: how many nodes have height 0, 1, 2 ...; nodes of one height are neighbours.
        roots: place of each tree's root, (B,).
    """

    labels: torch.Tensor
    children: torch.Tensor
    levels: list
    roots: torch.Tensor


def pack_trees(trees, id_of, num_children=2):
    """Put trees side by side, so that all nodes of one height are computed at once.

    Args:
        trees: list of B trees. A tree is a tuple (label, child, child, ...) of a label and trees; a
            leaf has no child and may be written as its label alone.
        id_of: function from a label to its number, such as ``vocabulary.id_of``.
        num_children: C, the largest number of children that a node may have.

    Returns:
        PackedTrees: ``labels`` (N,), ``children`` (N, C), ``levels``, ``roots`` (B,).

    Raises:
        TypeError: ``num_children`` is not a whole number.
        ValueError: no trees, an empty tuple, or a node with too many children.
    """
    num_children = as_integer(num_children, "num_children", minimum=1)
    nodes = []  # (height, label, numbers of the children), children before parents
    roots = [_number_nodes(tree, nodes, num_children) for tree in trees]
    if not roots:
        raise ValueError("trees must hold at least one tree, but is empty")
    order = sorted(range(len(nodes)), key=lambda number: nodes[number][0])
    place = {number: at for at, number in enumerate(order)}
    labels, children, levels = [], [], [0] * (1 + nodes[order[-1]][0])
    for height, label, below in (nodes[number] for number in order):
        missing = [len(nodes)] * (num_children - len(below))
        labels.append(id_of(label))
        children.append([place[number] for number in below] + missing)
        levels[height] += 1
    at_roots = torch.tensor([place[number] for number in roots])  # (B,)
    return PackedTrees(torch.tensor(labels), torch.tensor(children), levels, at_roots)


class TreeClassifier(nn.Module):
    """A network that computes a state for every node of a tree and classifies the root.

    A node's cell reads the node's label as its input. In place of the state of the step before it
    gets the sum of the children's states, each but the first times a matrix of its place, so that
    3 - 5 is not 5 - 3. In a tree where every node has one child, that is recurrence along time.

    Args:
        cell: any cell whose state is made of tensors (B, ..., H).
        num_classes: number of classes K.
        vocab_size: V, number of different labels.
        num_children: C, the largest number of children.

    Raises:
        TypeError: a size is not a whole number.
        ValueError: a size is less than 1.

    Source:
        Goller & Küchler (1996), Learning task-dependent distributed representations by
        backpropagation through structure: a node's state from its label and its children's states.
    """

    def __init__(self, cell, num_classes, vocab_size, num_children=2):
        super().__init__()
        self.cell, self.vocab_size = cell, vocab_size
        self.embedding = table_for(cell, vocab_size)
        self.num_children = as_integer(num_children, "num_children", minimum=1)
        size = cell.initial_state(1)
        size = (size[0] if isinstance(size, tuple) else size).shape[-1]
        places = torch.eye(size).repeat(num_children - 1, 1, 1)
        self.W_place = nn.Parameter(places)  # (C - 1, H, H), the identity at first
        num_classes = as_integer(num_classes, "num_classes", minimum=1)
        self.readout = nn.Linear(output_size_of(cell), num_classes)

    def forward(self, trees):
        """Return logits (B, K) for each tree.

        Args:
            trees: PackedTrees.
        """
        return self.readout(self.outputs(trees)[trees.roots])  # (B, K)

    def outputs(self, trees):
        """Compute every node, from the leaves up, one height at a time.

        Args:
            trees: PackedTrees.

        Returns:
            outputs (N, H), in the order of ``trees.labels``.
        """
        xs = vectors(trees.labels[:, None], self.vocab_size, self.embedding)[:, 0]  # (N, D)
        outputs, states, start = [], None, 0
        for count in trees.levels:
            level = slice(start, start + count)
            before = self._before(states, trees.children[level], start)
            output, after = self.cell(xs[level], before)
            outputs.append(output)
            states = after if states is None else map_state(_append, states, after)
            start += count
        return torch.cat(outputs)  # (N, H)

    def _before(self, states, children, known):
        """What the nodes of one level get from their children (n, C); states of ``known`` nodes."""
        if states is None:  # leaves
            return self.cell.initial_state(len(children))
        states = map_state(_append, states, self.cell.initial_state(1))  # no child: the last row
        places = children.clamp(max=known)  # (n, C)

        def combine(state):
            of_children = state[places]  # (n, C, ..., H)
            others = torch.einsum("nc...h,chk->n...k", of_children[:, 1:], self.W_place)
            return of_children[:, 0] + others  # (n, ..., H)

        return map_state(combine, states)


def _append(first, second):
    return torch.cat((first, second))


def _number_nodes(tree, nodes, num_children):
    """Append a tree's nodes to ``nodes``, children first; return the root's number."""
    if tree == ():
        raise ValueError("trees must be tuples (label, child, ...), but one is ()")
    label, *children = tree if isinstance(tree, tuple) else (tree,)
    if len(children) > num_children:
        raise ValueError(f"trees must have at most {num_children} children a node, but {tree} has")
    below = [_number_nodes(child, nodes, num_children) for child in children]
    height = 1 + max((nodes[number][0] for number in below), default=-1)
    nodes.append((height, label, below))
    return len(nodes) - 1
