"""Recurrent cells: one step of a recurrence each, and the loop that runs any of them.

    cell            what every cell can do: ``output, state = cell(x, state)``
    state           states of any make: zip, check, freeze, detach
    unroll          one cell over a whole sequence
    weights         random weights, the row look-up, copies from and to torch
    elman           the state is fed back
    jordan          the output is fed back
    lstm            LSTM: with a forget gate, of 1997, and with f = 1 - i
    fused           the LSTM over a whole sequence by hand: the same numbers, faster
    peephole        gates that look into the cell
    layer_norm_lstm LSTM with layer normalisation
    phased_lstm     LSTM with a clock in each unit
    gru             GRU in three conventions
    mgu             one gate
    scrn            slow context units
    multiplicative  each input chooses its own recurrent matrix
    orthogonal      the recurrent matrix stays orthogonal
    unitary         its complex relative, a product of factors
    unitary_dense   the same over a whole sequence by hand, where units are few: faster
    goru            an orthogonal matrix inside a GRU
    skip            skip connections in time, around any cell
    wrapped         cells around a cell: one records it, one clips dL/dh_t
    initialisation  identity, orthogonal, spectral radius: where W_hh begins
    torch_cell      torch's own recurrent modules as a cell

Import by module, for example ``from rnncourse.cells.elman import ElmanCell``.
"""
