"""Several arrays under one name: a dict, a list or a named tuple of arrays, also nested.

A model's parameters are such a *tree*, and so are its gradients. The functions here walk through
a tree, so that an optimiser or a gradient check need not know the model.
"""


def map_tree(function, tree, *others):
    """Apply a function to every array of a tree.

    Args:
        function: what to apply; it takes one array of each tree.
        tree: an array of any shape, or a dict, list, tuple or named tuple of trees.
        *others: trees of the same structure.

    Returns:
        a tree of the same structure and types that holds what the function returned.

    Raises:
        ValueError: the trees differ in structure.
    """
    if isinstance(tree, dict):
        if any(not isinstance(other, dict) or other.keys() != tree.keys() for other in others):
            raise ValueError(f"trees must have the same keys as the first: {list(tree)}")
        return {key: map_tree(function, tree[key], *(o[key] for o in others)) for key in tree}
    if isinstance(tree, (list, tuple)):
        if any(not isinstance(other, (list, tuple)) or len(other) != len(tree) for other in others):
            raise ValueError(f"trees must have as many parts as the first: {len(tree)}")
        parts = [map_tree(function, *group) for group in zip(tree, *others, strict=True)]
        return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)
    if any(isinstance(other, (dict, list, tuple)) for other in others):
        raise ValueError(
            "trees must have the same structure: one has parts where the first has an array"
        )
    return function(tree, *others)


def leaves(tree):
    """List the arrays of a tree in order.

    Args:
        tree: an array of any shape, or a dict, list, tuple or named tuple of trees.

    Returns:
        list of the arrays themselves, not copies.
    """
    found = []
    map_tree(found.append, tree)
    return found
