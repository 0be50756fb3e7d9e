"""The names of engines, search orders and methods, apart from the code behind them."""

from __future__ import annotations

ENGINES = ("cadical195", "cadical153", "glucose4", "maplechrono", "lingeling", "mergesat", "minicard", "gluecard")
"""The solvers of PySAT on offer; the first is the default."""
NATIVE_ENGINES = ("minicard", "gluecard")
"""Those that take cardinality constraints as they are."""
PROOF_ENGINES = ("cadical195", "cadical153", "glucose4", "maplechrono", "lingeling", "gluecard")
"""Those that write proofs."""
RC2_ENGINES = ("cadical195", "cadical153", "glucose4", "maplechrono", "mergesat", "minicard", "gluecard")
"""Those that core-guided search works with."""

CP_SAT_PACES = ("whole", "sliced")
"""One search, or many that begin anew from what others found; the first is the default."""

LOCAL_SEARCH_STARTS = ("at-once", "compiled")
"""In NumPy as long as there is no machine code, or only with it; the first is the default."""

ORDERS = ("turns", "above", "below", "halves")
"""In which order the costs are tried; the first is the default."""

MILP_ENGINES = ("scip", "highs", "highspy", "pyscipopt")
"""Two that come with OR-Tools, and the same two with more control, from packages of their own."""
PB_ENGINES = ("exact",)
"""Those that take pseudo-Boolean constraints; solver commands besides."""

PYSAT_NAMES = {"mergesat": "mergesat3", "gluecard": "gluecard4"}
"""Where PySAT has another name."""

PSEUDO_METHODS = ("auto", "plain", "middle", "scan")
"""Of the pseudo-polynomial dynamic program; the first is the default."""
SUMSET_ENGINES = ("mixed", "sparse", "mark", "bitset", "fft", "wide")
"""How it adds sets of sums; the first is the default."""

SCHEDULES = ("race", "lockstep")
"""Of a portfolio: by the clock, or by equal shares of work, which any machine repeats; the first is the default."""
