# %% [markdown]
r"""
# Exercises to chapter 15: orthogonal and unitary networks

These go with [chapter 15](../../chapters/15_unitary.ipynb). Six exercises, 14 points, about 80 minutes.

Write your answer where the cell says so and run the check below it. A check that passes prints nothing; one that fails says what is probably wrong. When an instructor grades the notebook, some more checks of the same kind run on other data.

Vectors are rows; a real matrix $W$ is orthogonal if $W W^\top = I$, a complex one unitary if $W W^H = I$, where $W^H$ is the transpose with all numbers conjugated. The length of a complex row $z$ is $\sqrt{\sum_j |z_j|^2}$.
"""

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
import tracemalloc

import numpy as np
import torch

from rnncourse import checks
from rnncourse.cells.elman import ElmanCell
from rnncourse.cells.initialisation import orthogonal_
from rnncourse.cells.orthogonal import OrthogonalCell
from rnncourse.experiments.fast import fast_lstm
from rnncourse.models import LanguageModel
from rnncourse.tasks import copy_memory
from rnncourse.tasks_recall import prefix_parity

torch.set_num_threads(1)


def complex_normal(*shape, seed):
    """Draw complex normal numbers."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


def megabytes(function, *arguments):
    """Return the largest memory that a call takes, in MB."""
    tracemalloc.start()
    try:
        function(*arguments)
        return tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()


def check_complex(found, expected, name, hint):
    """Compare complex arrays, real and imaginary parts beside each other."""
    found, expected = np.asarray(found, dtype=complex), np.asarray(expected, dtype=complex)
    both = lambda array: np.concatenate([array.real, array.imag], axis=-1)
    checks.check_shape(found.real, expected.shape, name)
    checks.check_close(both(found), both(expected), name, tolerance=1e-9, hint=hint)


# %% [markdown]
r"""
## Exercise 15.1 A reflection (implement, easy, 10 minutes, 2 points)

The Householder matrix of a row $v$ is $I - 2 v^H v / (v v^H)$. It is never built: a row $h$ times this matrix costs a few operations for each number.

1. `reflect(h, v)`: rows `h` $(B, n)$ times the matrix of `v` $(n,)$. Both may be real or complex; `v` may have any length. If `v` is 0, nothing is reflected.
2. `reflect_all(h, V)`: `V` is $(k, n)$; rows times the product $R_1 R_2 \cdots R_k$ of the matrices of its rows.

Return new arrays. Build no $(n, n)$ matrix: the check measures the memory.

<details><summary>Hint 1</summary>
h v^H is one number for each row of h: how much of v is in it. In NumPy, h @ v.conj().
</details>
<details><summary>Hint 2</summary>
h R_1 R_2 = (h R_1) R_2: which reflection comes first?
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "ex1-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def reflect(h, v):
    """Return h (B, n) times the Householder matrix of v (n,)."""
    ### BEGIN SOLUTION
    square = np.sum(np.abs(v) ** 2)
    if square == 0:
        return h.copy()
    return h - 2 / square * (h @ v.conj())[:, None] * v
    ### END SOLUTION


def reflect_all(h, V):
    """Return h (B, n) times R_1 R_2 ... R_k, the matrices of the rows of V (k, n)."""
    ### BEGIN SOLUTION
    for v in V:
        h = reflect(h, v)
    return h
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex1-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def householder(v):
    """Return the matrix (n, n), entry by entry as it is written."""
    n, square = len(v), sum(abs(x) ** 2 for x in v)
    return np.array([[(i == j) - 2 * np.conj(v[i]) * v[j] / square for j in range(n)] for i in range(n)])


def check_reflect(h, v):
    kept = h.copy(), v.copy()
    found, expected = reflect(h, v), h @ householder(v)
    same = np.array_equal(h, kept[0]) and np.array_equal(v, kept[1])
    assert same, "you overwrite an argument: return a new array"
    assert found is not None, "reflect returns None"
    checks.check_shape(np.real(found), h.shape, "reflect(h, v)")
    once = np.allclose(found, (h + expected) / 2)
    assert not once, "you take the part along v away once: that projects; taken away twice it is turned round"
    square = np.sum(np.abs(v) ** 2)
    unscaled = not np.isclose(square, 1) and np.allclose(found - h, (expected - h) * square)
    assert not unscaled, "v may have any length: divide by v v^H"
    root = not np.isclose(square, 1) and np.allclose(found - h, (expected - h) * square**0.5)
    assert not root, "divide by the square of the length of v, not by the length"
    no_conjugate = np.iscomplexobj(v) and np.allclose(found - h, -2 * np.outer(h @ v, v) / square)
    assert not no_conjugate, "for complex numbers the transpose is conjugated: h v^H, not h v^T"
    other = np.iscomplexobj(v) and np.allclose(found - h, -2 * np.outer(h @ v, v.conj()) / square)
    assert not other, "the conjugate belongs to the first v, the one that h is multiplied with"
    check_complex(found, expected, "reflect(h, v)", "Compared with the matrix")


rng = np.random.default_rng(0)
# By hand: (1, 2) reflected at the diagonal: v = (1, -1) exchanges the two numbers.
check_reflect(np.array([[1.0, 2.0]]), np.array([1.0, -1.0]))
check_complex(reflect(np.array([[1.0, 2.0]]), np.array([1.0, -1.0])), [[2, 1]], "(1, 2) reflected along (1, -1)", "")
check_reflect(rng.normal(size=(3, 5)), rng.normal(size=5))
check_reflect(complex_normal(4, 7, seed=1), complex_normal(7, seed=2))
check_reflect(rng.normal(size=(2, 3)), complex_normal(3, seed=3))
with np.errstate(all="ignore"):
    zero = reflect(rng.normal(size=(2, 3)), np.zeros(3))
assert np.isfinite(zero).all(), "v = 0 gives NaN: nothing is reflected then"
# Several.
h, V = rng.normal(size=(3, 5)), rng.normal(size=(2, 5))
found, expected = reflect_all(h.copy(), V), h @ householder(V[0]) @ householder(V[1])
backwards = np.allclose(found, h @ householder(V[1]) @ householder(V[0]))
assert not backwards, "h meets R_1 first: h R_1 R_2 = (h R_1) R_2"
check_complex(found, expected, "reflect_all(h, V)", "Compared with the matrices")
h, V = complex_normal(2, 11, seed=4), complex_normal(6, 11, seed=5)
expected = h
for v in V:
    expected = expected @ householder(v)
check_complex(reflect_all(h.copy(), V), expected, "reflect_all(h, V)", "Compared with the matrices")
# Memory: a matrix (1500, 1500) takes 17 MB.
used = megabytes(reflect, rng.normal(size=(2, 1500)), rng.normal(size=1500))
assert used < 4, f"reflect takes {used:.0f} MB for n = 1500: do not build the matrix"

# Hidden: other sizes.
### BEGIN HIDDEN TESTS
check_reflect(complex_normal(1, 2, seed=6), complex_normal(2, seed=7))
h, V = rng.normal(size=(4, 6)), rng.normal(size=(6, 6))
lengths = np.linalg.norm(reflect_all(h, V), axis=1) / np.linalg.norm(h, axis=1)
checks.check_close(lengths, np.ones(4), "the lengths after six reflections", tolerance=1e-9)
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 15.2 Does it keep the length? (predict, medium, 10 minutes, 2 points)

A random complex row $z$ (or a real row $h$) of $n = 16$ numbers goes through a map, ten times in a row. Predict what becomes of its length.

- `"orthogonal"`: $h \to h W$ with $W$ orthogonal.
- `"orthogonal, tanh"`: $h \to \tanh(h W)$ with the same $W$.
- `"fft"`: $z \to$ `np.fft.fft(z)`, the discrete Fourier transform as NumPy has it.
- `"modReLU"`: each number becomes $\max(|z_j| + b, 0)\, z_j / |z_j|$ with $b = -0.02$; a unitary matrix comes before it.
- `"phases"`: $z_j \to e^{i w_j} z_j$ with any real numbers $w_j$.
- `"permutation, reflection"`: the numbers change places, then a Householder reflection.

1. `LENGTH`: for each, `"same"`, `"shorter"` or `"longer"`.
2. `FFT_FACTOR`: by which factor has `"fft"` changed the length after the ten steps?
3. `BACK`: one step back. Going through *which* of these maps does the *gradient* of the loss keep its length, whatever the row is? `True` or `False` for each.

<details><summary>Hint to 2</summary>
The transform of (1, 0, 0, ..., 0) is a row of n ones.
</details>
<details><summary>Hint to 3</summary>
A linear map sends a gradient back through its transpose. If W W^T = I, what is W^T W? And tanh multiplies by its slope.
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex2-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
NAMES = ["orthogonal", "orthogonal, tanh", "fft", "modReLU", "phases", "permutation, reflection"]
LENGTH = dict.fromkeys(NAMES)  # "same", "shorter" or "longer"
FFT_FACTOR = None
BACK = dict.fromkeys(NAMES)  # True or False
### BEGIN SOLUTION
LENGTH = dict(zip(NAMES, ["same", "shorter", "longer", "shorter", "same", "same"], strict=True))
FFT_FACTOR = 4.0**10
BACK = dict(zip(NAMES, [True, False, False, False, True, True], strict=True))
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex2-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def the_maps(n, seed):
    """Return the six maps as functions of a torch row of n numbers."""
    rng = np.random.default_rng(seed)
    W = torch.tensor(np.linalg.qr(rng.normal(size=(n, n)))[0])
    U = torch.tensor(np.linalg.qr(complex_normal(n, n, seed=seed))[0])
    turn = torch.polar(torch.ones(n).double(), torch.tensor(rng.normal(size=n)))
    order, v = torch.tensor(rng.permutation(n)), torch.tensor(complex_normal(n, seed=seed + 1))
    R = torch.eye(n) - 2 * torch.outer(v.conj(), v) / v.abs().pow(2).sum()
    shrink = lambda z: z * torch.relu(z.abs() - 0.02) / z.abs()
    return {
        "orthogonal": lambda h: h @ W,
        "orthogonal, tanh": lambda h: torch.tanh(h @ W),
        "fft": torch.fft.fft,
        "modReLU": lambda z: shrink(z @ U),
        "phases": lambda z: z * turn,
        "permutation, reflection": lambda z: z[order] @ R,
    }


def first_row(name, n, seed):
    rows = complex_normal(n, seed=seed)
    return torch.tensor(rows.real if name.startswith("orthogonal") else rows)


def share_after(name, steps, n=16, seed=0):
    """Return the length after some steps over the length at first."""
    z = first_row(name, n, seed)
    before, function = z.abs().pow(2).sum(), the_maps(n, seed)[name]
    for _ in range(steps):
        z = function(z)
    return (z.abs().pow(2).sum() / before).sqrt().item()


def share_back(name, n=16, seed=0):
    """Return the length of a gradient before one step over that after it."""
    z = first_row(name, n, seed).requires_grad_()
    new = the_maps(n, seed)[name](z)
    arriving = first_row(name, n, seed + 5)
    (gradient,) = torch.autograd.grad(new, z, arriving)
    return (gradient.abs().pow(2).sum() / arriving.abs().pow(2).sum()).sqrt().item()


names = {"orthogonal", "orthogonal, tanh", "fft", "modReLU", "phases", "permutation, reflection"}
assert isinstance(LENGTH, dict) and set(LENGTH) == names, "LENGTH must have the six names"
assert isinstance(BACK, dict) and set(BACK) == names, "BACK must have the six names"
reasons = {
    "orthogonal": "h W W^T h^T = h h^T",
    "orthogonal, tanh": "tanh makes every number smaller that is not 0",
    "fft": "NumPy's transform has no factor: norm='ortho' would divide by sqrt(n)",
    "modReLU": "b < 0 takes something off each number",
    "phases": "|e^{iw}| = 1",
    "permutation, reflection": "both are unitary, and so is their product",
}
for name in LENGTH:
    assert LENGTH[name] in ("same", "shorter", "longer"), f'LENGTH: say "same", "shorter" or "longer" for "{name}"'
    share = share_after(name, 10)
    truth = "same" if abs(share - 1) < 1e-9 else "shorter" if share < 1 else "longer"
    assert LENGTH[name] == truth, f"LENGTH, {name}: {reasons[name]}. Measured: after ten steps {share:.4g} of the length"
checks.check_shape(FFT_FACTOR, (), "FFT_FACTOR")
assert not np.isclose(FFT_FACTOR, 4), "FFT_FACTOR: that is one step; each step multiplies again"
assert not np.isclose(FFT_FACTOR, 16.0**10), "FFT_FACTOR: a step makes the *square* of the length 16 times larger"
assert not np.isclose(FFT_FACTOR, 40), "FFT_FACTOR: factors multiply"
checks.check_close(FFT_FACTOR, share_after("fft", 10), "FFT_FACTOR", tolerance=0.01)
slopes = {
    "orthogonal, tanh": "the slope of tanh is below 1 where a number is not 0",
    "fft": "back it goes through the transpose, which stretches as much",
    "modReLU": "a shift changes the direction's part: |z| + b over |z| is below 1",
}
for name in BACK:
    assert BACK[name] in (True, False), f'BACK: say True or False for "{name}"'
    share = share_back(name)
    why = slopes.get(name, "its transpose is unitary, too")
    assert BACK[name] == (abs(share - 1) < 1e-9), f"BACK, {name}: {why}. Measured: {share:.4g} of the length"

# Hidden: other draws.
### BEGIN HIDDEN TESTS
for seed in (1, 2):
    for name in names:
        assert (LENGTH[name] == "same") == (abs(share_after(name, 10, seed=seed) - 1) < 1e-9)
        assert BACK[name] == (abs(share_back(name, seed=seed) - 1) < 1e-9)
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 15.3 Rotate with the FFT (implement, medium, 20 minutes, 3 points)

The unitary network of Arjovsky et al. turns its state by a product of cheap unitary factors. For rows:

$$z W = z\, D_1\, F\, R_1\, P\, D_2\, F^{-1}\, R_2\, D_3.$$

- $D_k$: number $j$ is multiplied by $e^{i w_{kj}}$, with `phases` $(3, n)$ holding $w_1, w_2, w_3$.
- $F$: the *unitary* discrete Fourier transform of each row, $F^{-1}$ its inverse.
- $R_k$: the reflection $I - 2 v_k^H v_k / (v_k v_k^H)$, with `vectors` $(2, n)$ holding $v_1, v_2$, complex.
- $P$: place $j$ of the new row holds number `order[j]` of the old one.

1. `rotate(z, phases, vectors, order)`: rows `z` $(B, n)$ times $W$.
2. `rotate_back(z, phases, vectors, order)`: rows times $W^H$, so that it undoes `rotate`. This is the way that gradients go.

Both in $O(n \log n)$: no $(n, n)$ matrix. You may use your `reflect`.

<details><summary>Hint 1</summary>
The factor that stands next to z acts first: from left to right. np.fft.fft has an argument norm.
</details>
<details><summary>Hint 2</summary>
Back: undo each factor, the last one first. A reflection undoes itself. np.argsort(order) is the way back of a permutation.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "ex3-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def rotate(z, phases, vectors, order):
    """Return z (B, n) times W."""
    ### BEGIN SOLUTION
    D_1, D_2, D_3 = np.exp(1j * phases)
    z = reflect(np.fft.fft(z * D_1, norm="ortho"), vectors[0])[:, order]
    return reflect(np.fft.ifft(z * D_2, norm="ortho"), vectors[1]) * D_3
    ### END SOLUTION


def rotate_back(z, phases, vectors, order):
    """Return z (B, n) times W^H."""
    ### BEGIN SOLUTION
    D_1, D_2, D_3 = np.exp(-1j * phases)
    z = np.fft.fft(reflect(z * D_3, vectors[1]), norm="ortho") * D_2
    return np.fft.ifft(reflect(z[:, np.argsort(order)], vectors[0]), norm="ortho") * D_1
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex3-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def factors(phases, vectors, order):
    """Return the eight factors as matrices (n, n), each from its definition."""
    n = len(order)
    j = np.arange(n)
    F = np.exp(-2j * np.pi * np.outer(j, j) / n) / n**0.5
    D_1, D_2, D_3 = (np.diag(np.exp(1j * w)) for w in phases)
    R_1, R_2 = (np.eye(n) - 2 * np.outer(v.conj(), v) / np.sum(np.abs(v) ** 2) for v in vectors)
    return D_1, F, R_1, np.eye(n)[:, order], D_2, F.conj().T, R_2, D_3


def product(matrices):
    W = np.eye(len(matrices[0]))
    for matrix in matrices:
        W = W @ matrix
    return W


def numbers(n, seed):
    rng = np.random.default_rng(seed)
    return rng.uniform(-np.pi, np.pi, (3, n)), complex_normal(2, n, seed=seed + 1), rng.permutation(n)


def check_rotate(B, n, seed):
    z, given = complex_normal(B, n, seed=seed), numbers(n, seed)
    parts = factors(*given)
    found, kept = rotate(z.copy(), *given), np.linalg.norm(z, axis=1)
    assert found is not None, "rotate returns None"
    checks.check_shape(np.real(found), (B, n), "rotate(...)")
    share = np.linalg.norm(found, axis=1) / kept
    assert not np.allclose(share, n**0.5), f"the rows become {share[0]:.3g} times longer, sqrt(n): fft needs norm='ortho'"
    assert not np.allclose(share, n**-0.5), "the rows become shorter by sqrt(n): ifft needs norm='ortho', as fft does"
    right = np.allclose(found, z @ product(parts))
    wrong_way = not right and np.allclose(found, z @ product(parts[::-1]))
    assert not wrong_way, "you apply the factors from right to left: a row meets the left one first"
    D_1, F, R_1, P, D_2, F_inverse, R_2, D_3 = parts
    for name, other in (
        ("you permute the other way round: place j holds number order[j]", (D_1, F, R_1, P.T, D_2, F_inverse, R_2, D_3)),
        ("F^-1 is the inverse transform: ifft", (D_1, F, R_1, P, D_2, F, R_2, D_3)),
        ("the permutation is missing", (D_1, F, R_1, D_2, F_inverse, R_2, D_3)),
        ("D_3 is missing", (D_1, F, R_1, P, D_2, F_inverse, R_2)),
        ("the reflections are missing", (D_1, F, P, D_2, F_inverse, D_3)),
        ("the permutation comes after R_1, not before it", (D_1, F, P, R_1, D_2, F_inverse, R_2, D_3)),
    ):
        assert right or not np.allclose(found, z @ product(other)), name
    check_complex(found, z @ product(parts), "rotate(...)", "Compared with the product of the matrices")
    back, goal = rotate_back(z.copy(), *given), z @ product(parts).conj().T
    assert back is not None, "rotate_back returns None"
    checks.check_shape(np.real(back), (B, n), "rotate_back(...)")
    right = np.allclose(back, goal)
    plain = not right and np.allclose(back, z @ product(parts).T)
    assert not plain, "these are the factors transposed, but not conjugated: phases change their sign on the way back"
    same_order = not right and np.allclose(back, z @ product([part.conj().T for part in parts]))
    assert not same_order, "each factor is undone, but in the same order: undo the last one first"
    order_kept = not right and np.allclose(back, z @ product([D_1, F, R_1, P.T, D_2, F_inverse, R_2, D_3]).conj().T)
    assert not order_kept, "on the way back the permutation is undone: np.argsort(order)"
    check_complex(back, goal, "rotate_back(...)", "Compared with the matrix W^H")
    check_complex(rotate_back(found, *given), z, "rotate_back(rotate(z))", "It must be z again")


check_rotate(3, 8, 0)
check_rotate(2, 16, 1)
check_rotate(1, 7, 2)
# A length that lasts.
z, given = complex_normal(1, 32, seed=3), numbers(32, 3)
before = np.linalg.norm(z)
for _ in range(1000):
    z = rotate(z, *given)
assert abs(np.linalg.norm(z) / before - 1) < 1e-9, "after 1,000 steps the length is not what it was"
# Memory: a complex matrix (1024, 1024) takes 16 MB.
for function in (rotate, rotate_back):
    used = megabytes(function, complex_normal(2, 1024, seed=4), *numbers(1024, 4))
    assert used < 4, f"{function.__name__} takes {used:.0f} MB for n = 1024: do not build matrices"

# Hidden: other sizes.
### BEGIN HIDDEN TESTS
check_rotate(5, 4, 5)
check_rotate(2, 13, 6)
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 15.4 modReLU at zero (find the bug, medium, 10 minutes, 2 points)

$\text{modReLU}(z) = \max(|z| + b, 0)\, z / |z|$ keeps the direction of each complex number. At $z = 0$ there is none, and we define the value as 0, and the gradient that is passed on to $z$ as 0. A colleague tried three programs:
"""


# %% nbgrader={"grade": false, "grade_id": "colleague", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def first_try(z, b):
    size = z.abs()
    return torch.relu(size + b) * z / size


def second_try(z, b):
    size = z.abs()
    return torch.where(size > 0, torch.relu(size + b) * z / size, 0)


def third_try(z, b):
    size = z.abs()
    return torch.relu(size + b) * z / (size + 1e-5)


# %% [markdown]
r"""
1. `VALUE` and `GRADIENT`: what does each of the tries return at $z = 0$ with $b = -0.1$: `"0"` or `"nan"`? And what is the gradient that it passes on to $z$? (`torch.where` computes *both* branches; the gradient of the one that is not taken is multiplied by 0. What is 0 times infinity?)
2. `LOST`: the third try is right at 0. But a number with $|z| = 1/8$ goes through it 1,000 times with $b = 0$ (a unitary matrix in between changes nothing about the size). Which share of its length is lost? One digit is enough.
3. `modrelu(z, b)`: a program that is right: `z` complex $(B, n)$, `b` real $(n,)$. At 0 value and gradient are 0, also for $b > 0$; elsewhere the value is exact to $10^{-9}$, and so are the gradients.

<details><summary>Hint to 2</summary>
Each step takes about |z| * 1e-5 / |z| off.
</details>
<details><summary>Hint to 3</summary>
Two ways: a much smaller constant beside the size, or torch.where around the *divisor*, so that nothing is ever divided by 0. And what is the slope at 0 for b > 0, either way? A factor (size > 0) helps.
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex4-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
VALUE = {"first": None, "second": None, "third": None}  # "0" or "nan"
GRADIENT = {"first": None, "second": None, "third": None}
LOST = None
### BEGIN SOLUTION
VALUE = {"first": "nan", "second": "0", "third": "0"}
GRADIENT = {"first": "nan", "second": "nan", "third": "0"}
LOST = 1000 * 1e-5 / (1 / 8)
### END SOLUTION


def modrelu(z, b):
    """Return modReLU of z (B, n) with shifts b (n,)."""
    ### BEGIN SOLUTION
    size = z.abs()  # (B, n)
    divisor = torch.where(size > 0, size, 1)
    return torch.relu(size + b) / divisor * (size > 0) * z
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ex4-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def at_zero(function, shift):
    """Return value and gradient at z = 0, as complex numbers."""
    z = torch.zeros(1, 1, dtype=torch.complex128, requires_grad=True)
    new = function(z, torch.full((1,), shift).double())
    (gradient,) = torch.autograd.grad(torch.view_as_real(new).sum(), z)
    return new.item(), gradient.item()


def in_words(number):
    return "nan" if np.isnan(number) else "0" if number == 0 else "another"


tries = {"first": first_try, "second": second_try, "third": third_try}
for table, name in ((VALUE, "VALUE"), (GRADIENT, "GRADIENT")):
    assert isinstance(table, dict) and set(table) == set(tries), f'{name} must have "first", "second" and "third"'
    assert all(answer in ("0", "nan") for answer in table.values()), f'{name}: say "0" or "nan"'
for key, function in tries.items():
    value, gradient = (in_words(number) for number in at_zero(function, -0.1))
    assert VALUE[key] == value, f"VALUE, {key}: it is {value}; 0 / 0 is not 0"
    assert GRADIENT[key] == gradient, f"GRADIENT, {key}: it is {gradient}. torch.where hides the value of the branch that is not taken, but not its gradient: 0 times infinity is NaN"
checks.check_shape(LOST, (), "LOST")
z = torch.full((1, 1), 0.125 + 0j, dtype=torch.complex128)
for _ in range(1000):
    z = third_try(z, torch.zeros(1).double())
lost = 1 - z.abs().item() / 0.125
assert not np.isclose(LOST, 1 - lost, atol=0.01), "LOST: this is what is left"
assert not np.isclose(LOST, 0.01, atol=1e-3), "LOST: 0.01 is taken off, but of 1/8: which share of it is that?"
checks.check_close(LOST, lost, "LOST", tolerance=0.1)
# Away from 0.
z = torch.tensor(complex_normal(5, 3, seed=0), requires_grad=True)
b = torch.tensor([-0.5, 0.0, 0.3], dtype=torch.float64)
found, size = modrelu(z, b), z.detach().numpy()
exact = np.maximum(np.abs(size) + b.numpy(), 0) * np.exp(1j * np.angle(size))
assert found is not None, "modrelu returns None"
blunt = np.abs(found.detach().numpy() - exact).max()
assert blunt < 1e-9 or blunt > 1e-4, f"the value is off by {blunt:.1g}: the constant in the divisor is too large"
check_complex(found.detach().numpy(), exact, "modrelu(z, b)", "Size and direction: |z| + b, at least 0, times e^(i angle)")
for shift in (-0.1, 0.0, 0.2):
    value, gradient = at_zero(modrelu, shift)
    assert value == 0, f"with b = {shift} the value at 0 is {value}, but should be 0"
    assert not np.isnan(gradient), f"with b = {shift} the gradient at 0 is NaN: no division by 0 may be in the graph, not even in a branch that is not taken"
    assert gradient == 0, f"with b = {shift} the gradient at 0 is {gradient:.3g}, but should be 0: a factor (size > 0) makes it so"


def slope(point, shift, way, step=1e-6):
    """Central difference of the real part along a direction."""
    at = lambda w: (max(abs(w) + shift, 0) * w / abs(w)).real
    return (at(point + step * way) - at(point - step * way)) / (2 * step)


found.real.sum().backward()
for (row, column), point in np.ndenumerate(size):
    goal = [slope(point, b[column].item(), way) for way in (1, 1j)]
    mine = z.grad[row, column].item()
    checks.check_close([mine.real, mine.imag], goal, "the gradient of the real part", tolerance=1e-5, hint="Compared with central differences")

# Hidden: a long way at a small size.
### BEGIN HIDDEN TESTS
z = torch.full((1, 1), 0.001 + 0j, dtype=torch.complex128)
for _ in range(1000):
    z = modrelu(z, torch.zeros(1).double())
assert abs(z.abs().item() / 0.001 - 1) < 1e-5, "a small number fades"
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 15.5 Count to 7n (explain, easy, 10 minutes, 2 points)

How many *real* numbers does each of these hold? A complex number is two. Write functions of $n$ (and $k$).

1. `COUNT`: a dict of functions of $n$:
    - `"phases"`: one of the diagonals $D_k$ of exercise 15.3;
    - `"reflection"`: one of its reflections $R_k$, stored as its complex vector;
    - `"fixed"`: the factors $F$, $F^{-1}$ and $P$ together, of which nothing is learnt;
    - `"W"`: the whole product;
    - `"dense"`: any complex $(n, n)$ matrix;
    - `"freedom"`: the numbers that one may choose freely in an *orthogonal* $(n, n)$ matrix: $n^2$ numbers, and one equation for each entry of $W W^\top = I$ that is not a repetition of another.
2. `HOUSEHOLDER`: a function of $n$ and $k$: the numbers stored for $k$ *real* reflections.
3. `FROM`: the smallest $n$ from which on $W$ holds fewer numbers than a real orthogonal matrix has freedom.
4. `TRUE`: `True` or `False`:
    - `"A"`: every unitary matrix can be written as such a product, for any $n$;
    - `"B"`: a row times $W$ takes $O(n)$ operations;
    - `"C"`: with $k = 1$ a real reflection turns round one direction and leaves $n - 1$ alone.

<details><summary>Hint</summary>
W W^T is symmetric: entry (i, j) and entry (j, i) are the same equation. How many different ones are there, with the diagonal?
</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ex5-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
COUNT = {
    "phases": lambda n: None,
    "reflection": lambda n: None,
    "fixed": lambda n: None,
    "W": lambda n: None,
    "dense": lambda n: None,
    "freedom": lambda n: None,
}
HOUSEHOLDER = lambda n, k: None
FROM = None
TRUE = {"A": None, "B": None, "C": None}
### BEGIN SOLUTION
COUNT = {
    "phases": lambda n: n,
    "reflection": lambda n: 2 * n,
    "fixed": lambda n: 0,
    "W": lambda n: 3 * n + 2 * 2 * n,
    "dense": lambda n: 2 * n**2,
    "freedom": lambda n: n * (n - 1) // 2,
}
HOUSEHOLDER = lambda n, k: k * n
FROM = 16
TRUE = {"A": False, "B": False, "C": True}
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex5-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
from rnncourse.cells.orthogonal import HouseholderCell
from rnncourse.cells.unitary import UnitaryMatrix


def free_numbers(n):
    """Count how many of the n^2 directions the equations W W^T = I leave, at W = I, by a rank."""
    equations = []
    for i in range(n):
        for j in range(n):
            gradient = np.zeros((n, n))
            gradient[i, j] += 1
            gradient[j, i] += 1
            equations.append(gradient.ravel())
    return n * n - np.linalg.matrix_rank(np.array(equations))


assert isinstance(COUNT, dict) and set(COUNT) == {"phases", "reflection", "fixed", "W", "dense", "freedom"}, "COUNT must have the six names"
for n in (2, 4, 8, 16):
    W = UnitaryMatrix(n)
    truth = {
        "phases": W.phases[0].numel(),
        "reflection": W.reflections[0].numel(),
        "fixed": 0,
        "W": sum(p.numel() for p in W.parameters()),
        "dense": torch.view_as_real(torch.zeros(n, n, dtype=torch.complex64)).numel(),
        "freedom": free_numbers(n),
    }
    for name, goal in truth.items():
        found = COUNT[name](n)
        label = f'COUNT["{name}"]({n})'
        checks.check_shape(found, (), label)
        assert name != "phases" or found != 2 * n, f"{label}: e^(iw) is complex, but w is one real number"
        assert name != "reflection" or found != n, f"{label}: n complex numbers are 2n real ones"
        assert name != "W" or found != 5 * n, f"{label}: the vectors of the reflections are complex"
        assert name != "dense" or found != n * n, f"{label}: each of the n^2 entries is complex"
        assert name != "freedom" or found != n * n, f"{label}: W W^T = I takes freedom away"
        assert name != "freedom" or found != 0, f"{label}: of the n^2 equations many are the same: W W^T is symmetric"
        assert name != "freedom" or found != n * (n + 1) // 2, f"{label}: this is the number of equations"
        assert name != "fixed" or found == 0, f"{label}: a transform and a fixed order hold nothing that is learnt"
        assert found == goal, f"{label} is {found}, but should be {goal}"
for n, k in ((5, 1), (7, 3), (8, 8)):
    goal, found = HouseholderCell(2, n, reflections=k).V.numel(), HOUSEHOLDER(n, k)
    checks.check_shape(found, (), f"HOUSEHOLDER({n}, {k})")
    assert found != 2 * k * n, f"HOUSEHOLDER({n}, {k}): these are real"
    assert found == goal, f"HOUSEHOLDER({n}, {k}) is {found}, but {k} vectors of {n} numbers are {goal}"
assert FROM is not None, "FROM is None"
assert FROM != 15, "FROM: with n = 15 both are 105: fewer is asked for"
first = next(n for n in range(2, 100) if 7 * n < free_numbers(n))
assert FROM == first, f"FROM: with n = {FROM} it is {7 * FROM} against {FROM * (FROM - 1) // 2}; find the first n where 7n is smaller"
assert isinstance(TRUE, dict) and set(TRUE) == set("ABC") and all(v in (True, False) for v in TRUE.values()), "TRUE: say True or False for A, B and C"
assert not TRUE["A"], "TRUE, A: there are far more unitary matrices (n^2 free numbers) than 7n numbers can tell apart"
assert not TRUE["B"], "TRUE, B: the Fourier transforms take O(n log n)"
assert TRUE["C"], "TRUE, C: all rows at right angles to v stay as they are"

# Hidden: a larger n.
### BEGIN HIDDEN TESTS
assert COUNT["W"](1024) == 7168 and COUNT["freedom"](101) == 5050 and HOUSEHOLDER(64, 16) == 1024
assert COUNT["dense"](100) == 20_000 and COUNT["reflection"](100) == 200 and COUNT["phases"](100) == 100
### END HIDDEN TESTS

# %% [markdown]
r"""
## Exercise 15.6 Rotation against gates (experiment, hard, 20 minutes, 3 points)

Two tasks, three cells with 48 units, 200 updates.

- `"copy"`: four symbols out of four are shown, then 30 blanks and a delimiter; then the four symbols are to be said in their order. $T = 39$, all other targets are blanks.
- `"parity"`: 12 random bits; after each, is the number of ones so far odd?

The cells: `"rotation"`, $h_t = x_t W_{xh} + h_{t-1} W + b_h$ with $W$ orthogonal at all times and *no* nonlinearity; `"tanh"`, a plain RNN that begins with an orthogonal matrix; and the `"LSTM"` (forget bias 1). *Predict first:* which cell does which task?

`train(task, kind, seed)` returns a trained model, and `test_set(task)` ids $(T, B)$ and targets $(T, B)$, tensors. `model(ids)` returns logits $(T, B, V)$ and a state.
"""

# %% nbgrader={"grade": false, "grade_id": "training", "locked": true, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
SEEDS, SYMBOLS, ITEMS, BLANKS = (0, 1, 2), 4, 4, 30
RATES, SIZES = {"copy": 3e-3, "parity": 1e-2}, {"copy": SYMBOLS + 2, "parity": 2}
KINDS = {
    "rotation": lambda D, seed: OrthogonalCell(D, 48, lambda a: a),
    "tanh": lambda D, seed: orthogonal_(ElmanCell(D, 48), seed=seed),
    "LSTM": lambda D, seed: fast_lstm(D, 48),
}


def draw(task, batch_size, seed):
    """Draw ids (T, B) and targets (T, B)."""
    if task == "copy":
        data = copy_memory(BLANKS, batch_size, num_symbols=SYMBOLS, num_items=ITEMS, seed=seed)
    else:
        data = prefix_parity(12, batch_size, seed=seed)
    return torch.tensor(data.ids), torch.tensor(data.targets)


def test_set(task):
    return draw(task, 300, seed=1_000_000)


def train(task, kind, seed, updates=200):
    """Train a new model; return it."""
    torch.manual_seed(seed)
    model = LanguageModel(KINDS[kind](SIZES[task], seed), SIZES[task])
    optimizer, rng = torch.optim.Adam(model.parameters(), lr=RATES[task]), np.random.default_rng(seed)
    for _ in range(updates):
        ids, targets = draw(task, 16, rng)
        loss = torch.nn.functional.cross_entropy(model(ids)[0].flatten(0, 1), targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    return model


# %% [markdown]
r"""
- `accuracy(logits, targets, last)`: the share of right answers (largest logit) in the *last* `last` steps, a float.
- `MUTE`: on `"copy"`, a network says "blank" at every step. Its accuracy over all 39 steps, and over the last 4 (two numbers).
- `SCORES`: `SCORES[task][kind]` is a list with the accuracies on `test_set(task)` for the seeds 0, 1, 2: over the last 4 steps of `"copy"`, over all 12 of `"parity"` (18 runs, about 10 s).
- `WINNER`: a dict from each task to the kind with the best median.
- `WHY`: the rotation does not get anywhere on parity. Why?
    - `"A"`: it needs more updates.
    - `"B"`: without a nonlinearity the logits are a fixed weighted sum of the bits, and no weighted sum tells even from odd.
    - `"C"`: over 12 steps it forgets the first bits.

<details><summary>Hint to WHY</summary>
Take two bits. Logits for 00, 01, 10 and 11: if they are a + b * bit1 + c * bit2, then those of 00 and 11 add up to the same as those of 01 and 10.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "ex6-answer", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def accuracy(logits, targets, last):
    """Return the share of right answers in the last steps, a float."""
    ### BEGIN SOLUTION
    return (logits.argmax(dim=-1) == targets)[-last:].double().mean().item()
    ### END SOLUTION


MUTE, SCORES, WINNER, WHY = None, None, None, None
### BEGIN SOLUTION
MUTE = (35 / 39, 0.0)
SCORES = {}
for task, last in (("copy", 4), ("parity", 12)):
    ids, targets = test_set(task)
    SCORES[task] = {
        kind: [accuracy(train(task, kind, seed)(ids)[0], targets, last) for seed in SEEDS] for kind in KINDS
    }
WINNER = {task: max(of, key=lambda kind: np.median(of[kind])) for task, of in SCORES.items()}
WHY = "B"
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ex6-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
def check_accuracy(T, B, V, last, seed):
    rng = np.random.default_rng(seed)
    logits, targets = rng.normal(size=(T, B, V)), rng.integers(V, size=(T, B))
    right = [[max(range(V), key=lambda v: logits[t, b, v]) == targets[t, b] for b in range(B)] for t in range(T)]
    found = accuracy(torch.tensor(logits), torch.tensor(targets), last)
    checks.check_shape(found, (), "accuracy(...)")
    for share, text in (
        (np.mean(right), "this is the accuracy over all steps: take the last ones"),
        (np.mean(right[:last]), "these are the first steps, not the last"),
        (np.mean([row[-last:] for row in right]), "you took the last sequences of the batch: time is the first axis"),
        (1 - np.mean(right[-last:]), "this is the share of wrong answers"),
        (np.sum(right[-last:]), "this is a number of answers: a share is asked for"),
    ):
        assert not np.isclose(found, share) or np.isclose(share, np.mean(right[-last:])), text
    checks.check_close(found, np.mean(right[-last:]), "accuracy(...)", tolerance=1e-6)


check_accuracy(7, 11, 5, 3, 0)
check_accuracy(13, 6, 2, 5, 1)
checks.check_shape(MUTE, (2,), "MUTE")
_, targets = test_set("copy")
mute = (targets == SYMBOLS).double().mean().item(), (targets[-4:] == SYMBOLS).double().mean().item()
assert not np.isclose(MUTE[1], 0.25, atol=0.01), "MUTE: who says blank is never right in the last four steps; 1/4 is for who guesses symbols"
checks.check_close(MUTE, mute, "MUTE", tolerance=0.01, hint="35 of the 39 targets are blanks: so take the last four steps alone")
two = isinstance(SCORES, dict) and set(SCORES) == {"copy", "parity"}
assert two and all(set(SCORES[task]) == set(KINDS) for task in SCORES), "SCORES: a dict of dicts, first the task, then the kind"
for task in SCORES:
    for kind in KINDS:
        checks.check_shape(SCORES[task][kind], (3,), f'SCORES["{task}"]["{kind}"]')
for task, kind, seed, last in (("copy", "tanh", 0, 4), ("parity", "rotation", 1, 12), ("copy", "rotation", 2, 4)):
    ids, targets = test_set(task)
    right = (train(task, kind, seed)(ids)[0].argmax(dim=-1) == targets).double()
    noted, label = SCORES[task][kind][seed], f'SCORES["{task}"]["{kind}"][{seed}]'
    whole = task == "copy" and abs(noted - right.mean().item()) < 1e-6 < abs(right.mean() - right[-4:].mean())
    assert not whole, f"{label} is over all steps, most of them blanks: take the last four"
    late = task == "parity" and abs(noted - right[-4:].mean().item()) < 1e-9 < abs(right.mean() - right[-4:].mean())
    assert not late, f"{label} is over the last four steps; on parity take all twelve"
    goal = right[-last:].mean().item()
    assert abs(noted - goal) < 0.02, f"{label} is {noted:.3f}, but train({task!r}, {kind!r}, {seed}) gets {goal:.3f}"
copy = {kind: np.median(SCORES["copy"][kind]) for kind in KINDS}
assert copy["rotation"] > 0.9 and max(copy["tanh"], copy["LSTM"]) < 0.6, f"SCORES: on copy we found the rotation above 0.9 and the others near chance, you {copy}"
parity = {kind: np.median(SCORES["parity"][kind]) for kind in KINDS}
assert parity["LSTM"] > 0.9 and parity["rotation"] < 0.65, f"SCORES: on parity we found the LSTM above 0.9 and the rotation near chance, you {parity}"
assert isinstance(WINNER, dict) and set(WINNER) == {"copy", "parity"}, 'WINNER must have "copy" and "parity"'
for task, scores in (("copy", copy), ("parity", parity)):
    best = max(scores, key=scores.get)
    assert WINNER[task] == best, f'WINNER["{task}"]: the medians are {scores}'
assert WHY in ("A", "B", "C"), 'WHY is one of "A", "B", "C"'
model = train("parity", "rotation", 0, updates=1)
logits = [model(torch.tensor([[a], [b]]))[0][-1, 0] for a, b in ((0, 0), (1, 1), (0, 1), (1, 0))]
gap = (logits[0] + logits[1] - logits[2] - logits[3]).abs().max().item()
assert gap < 1e-4
assert WHY != "A", f"WHY: for two bits, the logits of 00 and 11 add up to those of 01 and 10, off by {gap:.0e}: that holds for any weights, so no number of updates helps"
assert WHY != "C", f"WHY: on copy the same cell brings four symbols over 34 steps, with accuracy {copy['rotation']:.2f}"

# Hidden: other sizes, other entries of the table.
### BEGIN HIDDEN TESTS
check_accuracy(5, 3, 4, 5, 2)
check_accuracy(9, 4, 3, 1, 3)
ids, targets = test_set("parity")
goal = (train("parity", "tanh", 1)(ids)[0].argmax(dim=-1) == targets).double().mean().item()
assert abs(SCORES["parity"]["tanh"][1] - goal) < 0.02
### END HIDDEN TESTS

# %% [markdown]
r"""
**To think about** (not graded). Which cell would do both tasks? Give the rotation a modReLU, or read about the gated orthogonal unit in chapter 15, and try. And the LSTM on copy: does a forget bias of 3 help, or ten times as many updates?
"""
