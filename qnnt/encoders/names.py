"""The names of counting encodings, apart from the code behind them, so that listing them loads nothing."""

from __future__ import annotations

TREES = ("totalizer", "gte", "seqcounter", "bdd")
"""Trees of unary numbers."""
GATES = ("adder", "sortnetwrk", "cardnetwrk", "mtotalizer")
"""Circuits of gates."""
PYSAT = ("seqcounter", "sortnetwrk", "cardnetwrk", "totalizer", "mtotalizer", "kmtotalizer")
"""PySAT's own cardinality encodings, which stand here as ``pysat-NAME``."""

ENCODINGS = ("auto", *TREES, *GATES, "native", *(f"pysat-{name}" for name in PYSAT), "pindakaas")
