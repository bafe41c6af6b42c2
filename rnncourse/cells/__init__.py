"""Recurrent cells: one step of a recurrence each, and the loop that runs any of them.

    cell            what every cell can do: ``output, state = cell(x, state)``
    state           states of any make: zip, check, freeze, detach
    unroll          one cell over a whole sequence
    weights         random weights, the row look-up, copies from and to torch
    elman           the state is fed back
    jordan          the output is fed back
    skip            skip connections in time, around any cell
    wrapped         cells around a cell: one records it, one clips dL/dh_t
    initialisation  identity, orthogonal, spectral radius: where W_hh begins
    torch_cell      torch's own recurrent modules as a cell

Import by module, for example ``from rnncourse.cells.elman import ElmanCell``.
"""
