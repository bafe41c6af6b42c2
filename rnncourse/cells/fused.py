"""The LSTM over a whole sequence, forward and backward by hand: the same numbers in less time.

Left to itself, autograd notes a dozen small operations a step and forms dL/dW_hh step by step, as T
small products that it adds up. Here all steps are one operation to it. Forward keeps the gates,
h_t and c_t. Backward goes through the steps once, from the last to the first, and collects dL/da_t,
the gradients of the gates' inputs a_t = x_t W_xh + h_{t-1} W_hh + b_h. The sum of the products
h_{t-1}^T dL/da_t over all steps is dL/dW_hh: one large product at the end.
"""

from functools import partial
from types import SimpleNamespace

import torch

from rnncourse.cells.lstm import LSTMCell
from rnncourse.cells.weights import times


class FusedLSTMCell(LSTMCell):
    """An ``LSTMCell`` that ``unroll`` runs faster where there is no padding.

    Weights, arguments and numbers are those of ``LSTMCell``. What looks at single steps, such as
    the gradient microscope, and gradients of gradients still go by ``step``; so does a subclass
    that changes it.
    """

    def run(self, xs, state):
        """Run over a whole sequence.

        Args:
            xs: inputs (T, B, D), or whole numbers (T, B) that stand for one-hot rows.
            state: pair h, c of tensors (B, H).

        Returns:
            outputs (T, B, H), and the new state.
        """
        if self._is_changed():
            return step_by_step(self.step, self.project(xs), state)
        hs, h, c = LSTMLoop.apply(times(xs, self.W_xh), self.b_h, self.W_hh, *state)
        return hs, (h, c)

    def _is_changed(self):
        """Whether a subclass, or somebody who watches, has put another project or step here."""
        methods = [(getattr(self, name), getattr(LSTMCell, name)) for name in ("project", "step")]
        return any(getattr(here, "__func__", None) is not plain for here, plain in methods)


class LSTMLoop(torch.autograd.Function):
    """All steps of the LSTM as one operation, with the derivatives of the formulas beside them."""

    @staticmethod
    def forward(ctx, products, b_h, W_hh, h, c):
        """Compute every h_t and c_t.

        Args:
            ctx: where torch keeps what the backward pass needs.
            products: x_t W_xh of all steps, (T, B, 4 H), gates in the order i f g o.
            b_h: biases (4 H,).
            W_hh: recurrent weights (H, 4 H).
            h: output (B, H) before the first step.
            c: cells (B, H) before the first step.

        Returns:
            all outputs (T, B, H), the last h (B, H), the last c (B, H).
        """
        T, B, H = *products.shape[:2], h.shape[1]
        gates = products + b_h  # (T, B, 4 H), becomes a_t and then the gates themselves
        hs, cs = products.new_empty(2, T + 1, B, H)  # (T + 1, B, H) each
        hs[0], cs[0] = h, c
        steps = zip(gates, hs[:-1], cs[:-1], hs[1:], cs[1:], strict=True)
        for a, h_old, c_old, h_new, c_new in steps:
            a.addmm_(h_old, W_hh)  # (B, 4 H)
            i, f, g, o = a.chunk(4, dim=1)  # (B, H) each, parts of a
            a[:, : 2 * H].sigmoid_(), g.tanh_(), o.sigmoid_()
            torch.mul(f, c_old, out=c_new).addcmul_(i, g)
            torch.tanh(c_new, out=h_new).mul_(o)
        ctx.save_for_backward(products, b_h, W_hh, h, c, gates, hs, cs)
        return hs[1:], hs[-1].clone(), cs[-1].clone()

    @staticmethod
    def backward(ctx, d_hs, d_h, d_c):
        """Compute the gradients of what ``forward`` was given.

        Args:
            ctx: what ``forward`` kept.
            d_hs: dL/dh_t of all steps, from the outputs alone, (T, B, H).
            d_h: dL/dh of the last step, from whatever read the last state, (B, H).
            d_c: dL/dc of the last step, (B, H).

        Returns:
            gradients of ``products``, ``b_h``, ``W_hh``, ``h`` and ``c``, in their shapes.
        """
        *inputs, gates, hs, cs = ctx.saved_tensors
        if torch.is_grad_enabled():  # the gradients will be differentiated
            return _gradients_step_by_step(inputs, ctx.needs_input_grad, (d_hs, d_h, d_c))
        W_T = inputs[2].T.contiguous()  # (4 H, H), laid out once as the products will read it
        d_gates = torch.empty_like(gates)  # (T, B, 4 H), dL/da_t
        steps = zip(gates, d_gates, cs[:-1], cs[1:], d_hs, strict=True)
        for a, d_a, c_old, c_new, d_out in reversed(list(steps)):
            i, f, g, o = a.chunk(4, dim=1)  # (B, H) each
            d_i, d_f, d_g, d_o = d_a.chunk(4, dim=1)  # (B, H) each, parts of d_a
            tanh_c = c_new.tanh()
            d_h = d_h + d_out
            d_c = d_c + d_h * o * _one_minus_square(tanh_c)
            torch.mul(d_c, g, out=d_i), torch.mul(d_c, c_old, out=d_f)
            torch.mul(d_h, tanh_c, out=d_o)
            d_a.mul_(torch.addcmul(a, a, a, value=-1))  # sigmoid's slope, a (1 - a): not for g,
            torch.mul(d_c * i, _one_minus_square(g), out=d_g)  # which gets that of tanh
            d_h, d_c = d_a @ W_T, d_c * f
        d_W = hs[:-1].flatten(0, 1).T @ d_gates.flatten(0, 1)  # (H, 4 H)
        return d_gates, d_gates.sum((0, 1)), d_W, d_h, d_c


def step_by_step(step, projected, state):
    """Run the plain loop.

    Args:
        step: ``output, state = step(projected[t], state)``.
        projected: what ``project`` gave for all steps, (T, B, K).
        state: state before the first step.

    Returns:
        outputs (T, B, H), and the new state.
    """
    outputs = []
    for one in projected.unbind():
        output, state = step(one, state)
        outputs.append(output)
    return torch.stack(outputs), state  # (T, B, H)


def _one_minus_square(y):
    """The slope of tanh where it is y, in one operation."""
    return torch.addcmul(y.new_ones(()), y, y, value=-1)


def _gradients_step_by_step(inputs, needed, d_outputs):
    """The same gradients by autograd through the plain loop, which can be differentiated again."""
    products, b_h, W_hh, *state = inputs
    cell = SimpleNamespace(W_hh=W_hh)  # all that the step of an LSTM asks of its cell
    step = partial(LSTMCell.step, cell)
    hs, last = step_by_step(step, products + b_h, tuple(state))
    wanted = [one for one, need in zip(inputs, needed, strict=True) if need]
    found = iter(torch.autograd.grad((hs, *last), wanted, d_outputs, create_graph=True))
    return tuple(next(found) if need else None for need in needed)
