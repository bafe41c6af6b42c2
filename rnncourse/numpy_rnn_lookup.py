"""Inputs times weights: for ids, the product with a one-hot vector is a row look-up.

The way back is the transpose of that: each row of the gradient is a sum over the places where its
id was read.
"""

import numpy as np


def input_products(inputs, W_xh):
    """Compute x_t W_xh for all steps.

    Args:
        inputs: ids (T, B) or vectors (T, B, D), with or without the axis B.
        W_xh: (D, H).

    Returns:
        (T, B, H) products.
    """
    return W_xh[inputs] if inputs.dtype.kind in "iu" else inputs @ W_xh


def gradient_of_input_weights(inputs, d_sums, num_inputs):
    """Compute the gradient of W_xh.

    Args:
        inputs: ids (T, B) or vectors (T, B, D), with or without the axis B.
        d_sums: (T B, H) gradient with respect to the products.
        num_inputs: D.

    Returns:
        (D, H) gradient.
    """
    if inputs.dtype.kind == "f":
        return inputs.reshape(-1, num_inputs).T @ d_sums
    ids, sums = sum_rows_by_id(inputs, d_sums)
    gradient = np.zeros((num_inputs, d_sums.shape[1]), d_sums.dtype)  # (D, H)
    gradient[ids] = sums
    return gradient


def sum_rows_by_id(ids, rows):
    """Add up the rows that belong to the same id, by sorting them.

    Args:
        ids: N whole numbers, 0 or more, of any shape.
        rows: (N, H).

    Returns:
        the different ids (M,) in ascending order, and the sums (M, H) of their rows.
    """
    ids = ids.ravel().astype(np.min_scalar_type(ids.max()))  # small numbers are sorted faster
    order = np.argsort(ids, kind="stable")  # (N,) equal ids side by side
    in_order = ids[order]
    starts = np.flatnonzero(np.append(True, in_order[1:] != in_order[:-1]))  # (M,)
    return in_order[starts], np.add.reduceat(rows[order], starts, axis=0)
