"""Benchmarks: ours against a floor in the same run, as ratios, because machines are noisy.

.venv/bin/python -m tests.bench [--only NAME] [--json FILE]
"""
