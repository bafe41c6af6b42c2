"""Products of many Jacobians: norms, singular values and Lyapunov exponents, without overflow.

Vectors are rows. The Jacobian J_t has the entries J_t[i, j] = dh_t[j] / dh_{t-1}[i]: old units
down, new units across. So

    dh_t/dh_k = J_{k+1} ... J_t,      dL/dh_k = dL/dh_t (J_{k+1} ... J_t)^T,

and a product of a thousand of them is soon too small or too large for any float. Everything here
returns natural logarithms: -inf stands for a value of 0.
"""

import numpy as np

from rnncourse.validate import as_array

DECOUPLED = 1e-8  # what couples two singular values changes them by the square of it


def elman_jacobians(W_hh, slopes):
    """Write down the Jacobians of h_t = f(x_t W_xh + h_{t-1} W_hh + b_h): W_hh diag(f'(a_t)).

    Cost: T H^2 multiplications, far less than to let autograd find them.

    Args:
        W_hh: (H, H) recurrent weights.
        slopes: (T, H) or (T, B, H) numbers f'(a_t), where a_t is what f is applied to. For tanh
            they are 1 - h_t^2, for the sigmoid h_t (1 - h_t), for ReLU 1 where h_t > 0 and 0
            elsewhere.

    Returns:
        (T, H, H) or (T, B, H, H); entry (t, ..., i, j) is dh_t[j] / dh_{t-1}[i].

    Raises:
        TypeError: an argument does not hold numbers.
        ValueError: shapes that do not fit, no step, or NaN.

    Source:
        Pascanu, Mikolov & Bengio (2013), On the difficulty of training recurrent neural networks,
        equation 5, arXiv:1211.5063; there with columns for rows, and f is applied before W_hh.
    """
    W_hh, slopes = as_array(W_hh, "W_hh", ndim=2), as_array(slopes, "slopes")
    if W_hh.shape[0] != W_hh.shape[1]:
        raise ValueError(f"W_hh must be square, (H, H), but has shape {W_hh.shape}")
    if slopes.ndim not in (2, 3) or slopes.shape[-1] != len(W_hh):
        allowed = f"(T, {len(W_hh)}) or (T, B, {len(W_hh)})"
        raise ValueError(f"slopes must be {allowed}, but has shape {slopes.shape}")
    return W_hh * slopes[..., np.newaxis, :]  # (T, ..., H, H)


def log_product_norms(jacobians):
    """Compute how much a gradient can grow on its way back from the last step, by distance.

    Entry k - 1 is ln ||J_{T-k+1} ... J_T||, the largest singular value of dh_T/dh_{T-k}: no
    gradient at the last step arrives k steps earlier with a length multiplied by more.
    Cost: T products and T singular value decompositions of (H, H).

    Args:
        jacobians: (T, H, H) J_1 ... J_T of one sequence.

    Returns:
        (T,) natural logarithms of the norms at the distances 1 ... T.

    Raises:
        TypeError: ``jacobians`` does not hold numbers.
        ValueError: it is not (T, H, H) with T and H at least 1, or not finite.
    """
    jacobians = _as_jacobians(jacobians)
    product, log_scale = np.eye(jacobians.shape[1]), 0.0  # (H, H)
    logs = np.full(len(jacobians), -np.inf)  # (T,)
    for k, jacobian in enumerate(jacobians[::-1]):
        product = jacobian @ product
        norm = np.linalg.norm(product, 2)
        if norm == 0.0:
            break  # and it stays 0
        product, log_scale = product / norm, log_scale + np.log(norm)
        logs[k] = log_scale
    return logs


@np.errstate(divide="ignore")  # ln 0 = -inf is meant
def lyapunov_spectrum(jacobians):
    """Compute the mean growth per step of H directions, the largest first, by QR.

    H orthogonal rows are sent through one Jacobian after the other. After each they are made
    orthogonal again, the first keeping its direction, and their lengths are noted and set to 1.
    The exponents are the means of the logarithms of these lengths. For T to infinity they are the
    Lyapunov exponents, and those times T the logarithms of the singular values of the product; at
    small T the two differ, see ``log_singular_values``. Cost: T QR decompositions of (H, H).
    Like eigenvalues, exponents of Jacobians that are far from normal are sensitive to rounding.

    Args:
        jacobians: (T, H, H) J_1 ... J_T of one sequence.

    Returns:
        (H,) exponents in nats per step, falling; -inf where a direction is lost altogether in one
        step, and for all where the product is 0.

    Raises:
        TypeError: ``jacobians`` does not hold numbers.
        ValueError: it is not (T, H, H) with T and H at least 1, or not finite.

    Source:
        Benettin, Galgani, Giorgilli & Strelcyn (1980), Lyapunov characteristic exponents for smooth
        dynamical systems and for Hamiltonian systems; a method for computing all of them,
        Meccanica 15.
    """
    jacobians = _as_jacobians(jacobians)
    Q, growth = np.eye(jacobians.shape[1]), np.zeros(jacobians.shape[1])  # (H, H), (H,)
    if _is_zero(jacobians):
        return growth - np.inf
    for jacobian in jacobians:
        Q, R = _qr(jacobian.T @ Q)  # columns here are the rows of the text
        growth += np.log(np.abs(np.diag(R)))
    return np.sort(growth / len(jacobians))[::-1]


def log_singular_values(jacobians):
    """Compute the singular values of J_1 ... J_T, the smallest as exactly as the largest.

    A product that is multiplied out loses every singular value below 1e-16 of the largest. Here it
    is kept as Q exp(diag(logs)) X with an orthogonal Q and an X of ordinary numbers, so that
    the huge range of sizes stands in ``logs`` alone. Cost: 3 T QR decompositions of (H, H).

    Args:
        jacobians: (T, H, H) J_1 ... J_T of one sequence.

    Returns:
        (H,) natural logarithms, falling; -inf for a singular value of 0, which is one that the
        rounding of a single Jacobian cannot tell from 0, and for all where the product is 0. One
        that is 0 only because several steps cancel may show as some 1e-16 of its neighbours.

    Raises:
        TypeError: ``jacobians`` does not hold numbers.
        ValueError: it is not (T, H, H) with T and H at least 1, or not finite.
    """
    jacobians = _as_jacobians(jacobians)
    size = jacobians.shape[1]
    Q, X, logs = np.eye(size), np.eye(size), np.zeros(size)  # (H, H), (H, H), (H,)
    if _is_zero(jacobians):
        return logs - np.inf
    for jacobian in jacobians:
        Q, R = _qr(jacobian.T @ Q)
        ratios = _ratios(logs)
        X = (R * ratios) @ X  # for R exp(diag(logs)) = exp(diag(logs)) (R * ratios)
        Q, logs, X = _flip_twice(Q, logs, X, ratios)
    return np.sort(_by_blocks(logs, X))[::-1]


def _ratios(logs):
    """exp(logs[j] - logs[i]) at (i, j), at most 1: what takes diag(exp(logs)) past a matrix."""
    with np.errstate(invalid="ignore"):
        differences = np.nan_to_num(logs - logs[:, np.newaxis], nan=-np.inf, neginf=-np.inf)
    return np.exp(np.minimum(differences, 0.0))  # (H, H)


@np.errstate(divide="ignore")
def _flip_twice(Q, logs, X, ratios):
    """Bring X nearer to a diagonal: Q D X = (Q Q') D' X' up to a rotation from the right.

    With D = exp(diag(logs)): X^T = Q2 R2 gives D X = (R2 D)^T Q2^T = (D X2)^T Q2^T, and Q2 is of no
    interest, for it does not change singular values. The same once more leads back to a D X'.
    """
    X = _qr(X.T)[1] * ratios
    Q3, R = _qr(X.T)
    X = R * ratios
    sizes = np.abs(X).max(axis=1)  # (H,)
    logs = logs + np.log(sizes)
    order = np.argsort(-logs, kind="stable")
    X = X / np.where(sizes == 0.0, 1.0, sizes)[:, np.newaxis]
    return (Q @ Q3)[:, order], logs[order], X[np.ix_(order, order)]


@np.errstate(divide="ignore")
def _by_blocks(logs, X):
    """Singular values of diag(exp(logs)) X, where those that differ much are uncoupled by now."""
    values, start, coupling = [], 0, np.abs(X) >= DECOUPLED
    for stop in range(1, len(logs) + 1):
        if coupling[:stop, stop:].any() or coupling[stop:, :stop].any():
            continue
        block, top = slice(start, stop), logs[start]
        if top == -np.inf:
            values += [top] * (stop - start)
        else:
            scaled = np.exp(logs[block] - top)[:, np.newaxis] * X[block, block]
            values += list(top + np.log(np.linalg.svd(scaled, compute_uv=False)))
        start = stop
    return np.array(values)


def _is_zero(jacobians):
    """Whether the product is exactly 0, which after rotations by rounded numbers cannot be seen."""
    product = np.eye(jacobians.shape[1])
    for jacobian in jacobians:
        product = product @ jacobian
        largest = np.abs(product).max()
        if largest == 0.0:
            return True
        product /= largest
    return False


def _qr(matrix):
    """QR decomposition; what rounding cannot tell from 0 in R is 0."""
    Q, R = np.linalg.qr(matrix)
    R[np.abs(R) <= len(R) * np.finfo(float).eps * np.abs(R).max()] = 0.0
    return Q, R


def _as_jacobians(jacobians):
    jacobians = as_array(jacobians, "jacobians", ndim=3)
    if jacobians.shape[1] != jacobians.shape[2] or jacobians.shape[1] == 0:
        raise ValueError(f"jacobians must be (T, H, H), but has shape {jacobians.shape}")
    return jacobians
