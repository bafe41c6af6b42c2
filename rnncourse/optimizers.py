"""Optimisers in NumPy: what to do with a gradient.

Parameters and gradients are trees of arrays of the same structure: a dict, a list or a named tuple
of arrays of any shape. ``update`` changes the parameters in place. Names, defaults and results are
those of ``torch.optim``; ``Momentum`` is its ``SGD`` with momentum.
"""

import numpy as np

from rnncourse.parameter_trees import map_tree
from rnncourse.validate import as_integer, as_real


class Optimizer:
    """What all optimisers share: the walk through the arrays, and a memory for each of them.

    A subclass names its memories in ``remembers`` and says in ``change`` what happens to one array;
    ``steps`` counts the updates.
    """

    remembers = ()

    def __init__(self, lr=1e-3):
        """Set the learning rate.

        Args:
            lr: learning rate, 0 or more.

        Raises:
            TypeError, ValueError: ``lr`` is not a number, or negative.
        """
        self.lr = as_real(lr, "lr", minimum=0)
        self.steps = 0
        self._memory = None  # one tuple of arrays for each array of the parameters

    def change(self, p, g):
        """Change one array of parameters in place.

        Args:
            p: array of parameters of any shape.
            g: its gradient, same shape; then one array for each name in ``remembers``.

        Raises:
            NotImplementedError: always; subclasses say what to do.
        """
        raise NotImplementedError(f"{type(self).__name__} must define change")

    def update(self, parameters, gradients):
        """Make one step: change all parameters in place.

        Args:
            parameters: tree of float arrays of any shape.
            gradients: tree of arrays of the same shapes.

        Raises:
            TypeError: parameters that are not floating-point arrays.
            ValueError: trees or shapes that do not fit, or gradients that are not finite.
        """
        pairs = []
        map_tree(lambda p, g: pairs.append((p, g)), parameters, gradients)
        for p, g in pairs:
            _check_pair(p, g)
        if self._memory is None:
            self._memory = [tuple(np.zeros_like(p) for _ in self.remembers) for p, _ in pairs]
        self._check_memory([p for p, _ in pairs])
        self.steps += 1
        for (p, g), remembered in zip(pairs, self._memory, strict=True):
            self.change(p, g, *remembered)

    def state_dict(self):
        """Copy what the optimiser remembers, so that training can be resumed exactly.

        Returns:
            dict: ``steps``, and for each name in ``remembers`` a list of arrays of the parameters'
            shapes.
        """
        memory = self._memory or []
        lists = {n: [arrays[i].copy() for arrays in memory] for i, n in enumerate(self.remembers)}
        return {"steps": self.steps, **lists}

    def load_state_dict(self, state):
        """Go back to a state that was copied before.

        Args:
            state: what ``state_dict`` returned.

        Raises:
            TypeError: ``steps`` is not a whole number.
            ValueError: other names than this optimiser's, or lists of different lengths.
        """
        names = ["steps", *self.remembers]
        if not isinstance(state, dict) or sorted(state) != sorted(names):
            found = sorted(state) if isinstance(state, dict) else type(state).__name__
            raise ValueError(f"state must hold {names}, but holds {found}")
        steps = as_integer(state["steps"], "state['steps']", minimum=0)
        lists = [state[name] for name in self.remembers]
        if len({len(arrays) for arrays in lists}) > 1:
            raise ValueError("state must hold equally many arrays under each name")
        copies = [tuple(np.array(a) for a in group) for group in zip(*lists, strict=True)]
        self.steps, self._memory = steps, copies or None

    def _check_memory(self, arrays):
        expected = [a.shape for a in arrays for _ in self.remembers]
        found = [m.shape for remembered in self._memory for m in remembered]
        if len(arrays) != len(self._memory) or found != expected:
            raise ValueError(f"parameters must keep their shapes {found}, but have {expected}")


class SGD(Optimizer):
    """Stochastic gradient descent: ``p = p - lr g``."""

    def change(self, p, g):
        """Change one array in place.

        Args:
            p, g: array of parameters of any shape, and its gradient.
        """
        p -= self.lr * g


class Momentum(Optimizer):
    """Gradient descent with momentum: ``v = momentum v + g``, then ``p = p - lr v``.

    Source:
        Polyak (1964), Some methods of speeding up the convergence of iteration methods.
    """

    remembers = ("velocity",)

    def __init__(self, lr=1e-3, momentum=0.9):
        """Set the two rates.

        Args:
            lr: learning rate, 0 or more.
            momentum: share of the velocity that is kept, 0 or more and below 1.

        Raises:
            TypeError, ValueError: an argument that is not a number, or out of range.
        """
        super().__init__(lr)
        self.momentum = _as_share(momentum, "momentum")

    def change(self, p, g, velocity):
        """Change one array in place.

        Args:
            p, g: array of parameters of any shape, and its gradient.
            velocity: sum of past gradients, same shape, older ones with less weight.
        """
        velocity *= self.momentum
        velocity += g
        p -= self.lr * velocity


class Adagrad(Optimizer):
    """A learning rate for each number, smaller where gradients were large.

    ``s = s + g^2``, then ``p = p - lr g / (sqrt(s) + eps)``.

    Source:
        Duchi, Hazan & Singer (2011), Adaptive subgradient methods for online learning and
        stochastic optimization, Journal of Machine Learning Research 12.
    """

    remembers = ("squares",)

    def __init__(self, lr=1e-2, eps=1e-10):
        """Set the learning rate and the constant that keeps the division from failing.

        Args:
            lr: learning rate, 0 or more.
            eps: added to the root, 0 or more.

        Raises:
            TypeError, ValueError: an argument that is not a number, or out of range.
        """
        super().__init__(lr)
        self.eps = as_real(eps, "eps", minimum=0)

    def change(self, p, g, squares):
        """Change one array in place.

        Args:
            p, g: array of parameters of any shape, and its gradient.
            squares: sum of past squared gradients, same shape.
        """
        squares += g * g
        p -= self.lr * g / (np.sqrt(squares) + self.eps)


class Adam(Optimizer):
    """Running means of gradients and of their squares, both corrected for their start at 0.

    Source:
        Kingma & Ba (2015), Adam: a method for stochastic optimization, arXiv:1412.6980,
        algorithm 1.
    """

    remembers = ("means", "squares")

    def __init__(self, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        """Set the learning rate, the two decay rates and the constant in the division.

        Args:
            lr: learning rate, 0 or more.
            betas: what is kept of the mean and of the mean square, each 0 or more and below 1.
            eps: added to the root, 0 or more.

        Raises:
            TypeError, ValueError: an argument that is not a number, or out of range.
        """
        super().__init__(lr)
        if not isinstance(betas, (tuple, list)) or len(betas) != 2:
            raise ValueError(f"betas must be two numbers, but are {betas!r}")
        self.betas = tuple(_as_share(beta, "betas") for beta in betas)
        self.eps = as_real(eps, "eps", minimum=0)

    def change(self, p, g, means, squares):
        """Change one array in place.

        Args:
            p, g: array of parameters of any shape, and its gradient.
            means: running mean of the gradients, same shape, not yet corrected.
            squares: running mean of their squares, same shape, not yet corrected.
        """
        keep_mean, keep_square = self.betas
        means += (1 - keep_mean) * (g - means)
        squares += (1 - keep_square) * (g * g - squares)
        mean = means / (1 - keep_mean**self.steps)
        square = squares / (1 - keep_square**self.steps)
        p -= self.lr * mean / (np.sqrt(square) + self.eps)


def _as_share(value, name):
    value = as_real(value, name, minimum=0)
    if value >= 1:
        raise ValueError(f"{name} must be less than 1, but is {value!r}")
    return value


def _check_pair(p, g):
    if not isinstance(p, np.ndarray) or p.dtype.kind != "f":
        kind = getattr(p, "dtype", type(p).__name__)
        raise TypeError(f"parameters must be floating-point arrays, but one is {kind}")
    if np.shape(g) != p.shape:
        raise ValueError(f"gradients must have the shape {p.shape}, but one has {np.shape(g)}")
    if not np.isfinite(g).all():
        raise ValueError(f"gradients must be finite, but one of shape {p.shape} is not")
