"""Print every ratio and every time, and fail where one misses what is promised."""

import os
import sys

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy loads

from benchmarks import autoregressive, cells, hmm, kalman, ngrams, numpy_rnn, timing, unitary

modules = [autoregressive, cells, hmm, kalman, numpy_rnn, unitary]
ratios = [ratio for module in modules for ratio in module.ratios()]
print(timing.table(ratios), end="\n\n")
seconds = ngrams.timings()
print(ngrams.table(seconds))
sys.exit(0 if all(item.holds for item in [*ratios, *seconds]) else 1)
