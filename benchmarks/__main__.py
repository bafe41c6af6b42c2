"""Print every ratio and fail where one misses what is promised."""

import os
import sys

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy loads

from benchmarks import autoregressive, timing

measured = autoregressive.ratios()
print(timing.table(measured))
sys.exit(0 if all(ratio.holds for ratio in measured) else 1)
