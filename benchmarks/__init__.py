"""Speed against a reference, as ratios: ``python -m benchmarks`` prints every one of them."""
