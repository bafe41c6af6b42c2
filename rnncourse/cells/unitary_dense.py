"""The unitary network over a whole sequence, with W as a matrix: the same numbers in less time.

For few units one product with a matrix is faster than a chain of factors. And autograd, left to
itself, would note a dozen small operations a step; here all steps are one operation to it.
"""

import torch


class UnitaryLoop(torch.autograd.Function):
    """All steps z_t = modReLU(p_t + z_{t-1} W) as one operation, with their derivatives by hand.

    Let ``a_t = p_t + z_{t-1} W``, ``r = |a_t|`` and ``s = max(r + b, 0) / (r + epsilon)``, so that
    ``z_t = s a_t``. As in torch, the gradient d of a complex number u + iv is dL/du + i dL/dv. Then
    dL/ds is Re(d conj(a_t)), and a_t gets s d, and by way of r (dL/ds) (ds/dr) a_t / r.
    """

    @staticmethod
    def forward(ctx, projected, z, W, b, epsilon):
        """Compute every z_t.

        Args:
            ctx: where torch keeps what the backward pass needs.
            projected: p_t of all steps, complex (T, B, H).
            z: the state before the first step, complex (B, H).
            W: a complex matrix (H, H).
            b: shifts (H,).
            epsilon: that of ``modrelu``.

        Returns:
            all z_t, complex (T, B, H).
        """
        inputs, zs = (projected, z, W, b), []
        sums, sizes = [], []
        for p in projected.unbind():
            sums.append(torch.addmm(p, z, W))  # (B, H)
            sizes.append(sums[-1].abs())  # (B, H)
            z = sums[-1] * (torch.relu(sizes[-1] + b) / (sizes[-1] + epsilon))  # (B, H)
            zs.append(z)
        zs = torch.stack(zs)  # (T, B, H)
        ctx.save_for_backward(*inputs, zs, *sums, *sizes)
        ctx.epsilon = epsilon
        return zs

    @staticmethod
    def backward(ctx, d_zs):
        """Compute the gradients of what ``forward`` was given.

        Args:
            ctx: what ``forward`` kept.
            d_zs: dL/dz_t of all steps, from the outputs alone, complex (T, B, H).

        Returns:
            gradients of ``projected``, ``z``, ``W`` and ``b``, in their shapes, and None.
        """
        projected, z, W, b, zs, *kept = ctx.saved_tensors
        if torch.is_grad_enabled():  # the gradients will be differentiated
            return *_by_autograd((projected, z, W, b), ctx.epsilon, d_zs), None
        steps = list(zip(d_zs, kept[: len(zs)], kept[len(zs) :], strict=True))
        back, d_z, d_b, d_sums = W.mH.resolve_conj(), torch.zeros_like(z), torch.zeros_like(b), []
        for d_out, a, size in reversed(steps):
            divisor = size + ctx.epsilon
            rising = (torch.minimum(size, size + b) > 0) / divisor  # (B, H), 0 where the slope is
            scale = torch.relu(size + b) / divisor * (size > 0)  # (B, H), s
            d_z = d_z + d_out
            d_scale = d_z.real * a.real + d_z.imag * a.imag  # (B, H), dL/ds
            d_b = d_b + (d_scale * rising).sum(0)
            slope = (rising - scale / divisor) / torch.where(size > 0, size, 1)  # ds/dr / r
            d_sums.append(d_z * scale + a * (d_scale * slope))
            d_z = d_sums[-1] @ back
        d_sums = torch.stack(d_sums[::-1])  # (T, B, H)
        before = torch.cat((z[None], zs[:-1])).flatten(0, 1)  # (T * B, H)
        return d_sums, d_z, before.mH @ d_sums.flatten(0, 1), d_b, None


def _by_autograd(inputs, epsilon, d_zs):
    """The same gradients through the plain loop, which can be differentiated again."""
    projected, z, W, b = inputs
    zs = []
    for p in projected.unbind():
        a = p + z @ W  # (B, H)
        size = a.abs()
        z = a * (torch.relu(size + b) / (size + epsilon) * (size > 0))
        zs.append(z)
    wanted = [one for one in inputs if one.requires_grad]
    found = iter(torch.autograd.grad(torch.stack(zs), wanted, d_zs, create_graph=True))
    return tuple(next(found) if one.requires_grad else None for one in inputs)
