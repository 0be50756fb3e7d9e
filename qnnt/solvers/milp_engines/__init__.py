"""Solvers of integer programs in floating-point arithmetic, behind one protocol: see `engine`."""
