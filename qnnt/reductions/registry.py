"""The families by name: what the command line needs to know before anything heavy is imported."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

from qnnt.errors import InputError
from qnnt.exact import shown
from qnnt.reductions.reduction import Reduction


@dataclass(frozen=True)
class Size:
    """A number that says how large a random source is.

    Attributes
    ----------
    most
        The largest that is drawn.
    completes
        Whether source files leave it open, so that it is given beside them.
    """

    name: str
    default: int
    least: int
    help: str
    most: int = 100_000
    completes: bool = False


@dataclass(frozen=True)
class Family:
    """One family of instances.

    Attributes
    ----------
    module
        Where its reduction is: the file's ``REDUCTION``.
    summary
        One line for ``--help``.
    reads
        What source files are.
    forms
        Variants of the reduction, the default first.
    """

    name: str
    module: str
    summary: str
    reads: str
    sizes: tuple[Size, ...]
    forms: tuple[str, ...] = ("standard",)

    def reduction(self) -> Reduction[Any, Any]:
        """The reduction itself."""
        found = importlib.import_module(f"qnnt.reductions.{self.module}").REDUCTION
        assert isinstance(found, Reduction)
        return found


COUNTED_COVER = (
    Size("elements", 60, 1, "Elements.", 5000),
    Size("sets", 120, 1, "Sets.", 5000),
    Size("k", 20, 0, "Sets of the cover.", 5000, completes=True),
)
FAMILIES = (
    Family(
        "three-sat",
        "three_sat",
        "3-SAT as a binary network with two inputs and one hidden layer (Theorem 4).",
        "DIMACS CNF",
        (Size("variables", 20, 1, "Variables."), Size("clauses", 85, 1, "Clauses.")),
        ("two-samples", "three-samples"),
    ),
    Family(
        "three-sat-d2",
        "three_sat_d2",
        "3-SAT as a binary network of degree 3 with one hidden layer and two samples (Theorem 2a).",
        "DIMACS CNF",
        (Size("variables", 20, 1, "Variables."), Size("clauses", 85, 1, "Clauses.")),
    ),
    Family(
        "three-sat-d4",
        "three_sat_d4",
        "3-SAT as a network over Z_4 of in-degree 2 with one hidden layer and three samples (Theorem 2b).",
        "DIMACS CNF",
        (Size("variables", 4, 1, "Variables."), Size("clauses", 16, 1, "Clauses.")),
    ),
    Family(
        "exact-cover",
        "exact_cover",
        "Exact cover as a single binary neuron (Theorem 1).",
        "Knuth's DLX text",
        (Size("elements", 90, 1, "Elements.", 5000), Size("sets", 240, 1, "Sets.", 5000)),
    ),
    Family(
        "hitting-set",
        "hitting_set",
        "Hitting set as a binary network with k + 1 inputs and no hidden layer (Theorem 3).",
        "the format of PACE 2025",
        (
            Size("elements", 20, 1, "Elements.", 5000),
            Size("sets", 40, 1, "Sets.", 5000),
            Size("k", 6, 1, "Elements that may be chosen.", 1000, completes=True),
        ),
    ),
    Family(
        "subset-sum",
        "subset_sum",
        "Subset sum as linear neurons with two weights each, one input and one sample (D-NNT, Theorem 1.3).",
        "JSON",
        (Size("numbers", 24, 1, "Numbers."), Size("bits", 24, 1, "Bits of each number.", 61)),
    ),
    Family(
        "two-csp",
        "two_csp",
        "2-CSP and MAX-2-CSP as linear neurons with one input and one sample (D-NNT, Theorem 1.4).",
        "JSON",
        (
            Size("variables", 14, 1, "Variables."),
            Size("values", 3, 1, "Values of each variable.", 1000),
            Size("constraints", 26, 0, "Constraints."),
        ),
        ("accept", "indicator"),
    ),
    Family(
        "exact-k-cover",
        "exact_k_cover",
        "Exact cover by k sets as one linear hidden neuron (D-NNT, Theorem 1.5).",
        "Knuth's DLX text",
        COUNTED_COVER,
    ),
    Family(
        "at-most-k-cover",
        "at_most_k_cover",
        "Exact cover by at most k sets as one linear hidden neuron (D-NNT, Theorem 1.5 as repaired).",
        "Knuth's DLX text",
        COUNTED_COVER,
    ),
    Family(
        "etr-inv",
        "etr_inv",
        "Sums x + y = z and products x * y = 1 over finitely many rationals, as linear neurons with fixed weights.",
        "JSON",
        (
            Size("variables", 12, 1, "Variables to draw from.", 200),
            Size("sums", 10, 0, "Constraints x + y = z.", 200),
            Size("products", 4, 0, "Constraints x * y = 1.", 200),
            Size("height", 4, 1, "Largest numerator and denominator of values.", 12),
        ),
    ),
    Family(
        "one-in-three",
        "one_in_three",
        "Positive 1-in-3-SAT as two layers in the plane, of thresholds or ReLUs (Froese and Hertrich 2023).",
        "DIMACS CNF with clauses of three positive literals",
        (Size("variables", 3, 1, "Variables.", 1000), Size("clauses", 2, 1, "Clauses.", 1000)),
        ("threshold", "relu", "threshold-assigned", "relu-assigned"),
    ),
    Family(
        "two-hyperplanes",
        "two_hyperplanes",
        "2-hyperplane separability as two thresholds or four ReLUs (Froese and Hertrich 2023, Theorem 7).",
        "JSON",
        (
            Size("dimension", 2, 1, "Dimension of the points.", 50),
            Size("points", 3, 1, "Points inside, and as many outside.", 100),
            Size("grid", 1, 1, "Largest entry of the normals of planes.", 1000),
        ),
        ("threshold", "relu"),
    ),
    Family(
        "pos-slp",
        "pos_slp",
        "PosSLP as a deep network without a choice: is the number that a program computes positive (Lemma 3.5)?",
        "JSON",
        (Size("operations", 24, 0, "Sums, differences and products.", 200),),
        ("square", "guard"),
    ),
    Family(
        "pos-slp-literal",
        "pos_slp_literal",
        "PosSLP with tame products, with the digit activations as printed (Lemma 3.5).",
        "JSON",
        (Size("operations", 24, 0, "Sums, differences and products.", 60),),
    ),
)


def family(name: str, path: str = "") -> Family:
    """The family of this name.

    Raises
    ------
    InputError
        If there is none.
    """
    for entry in FAMILIES:
        if entry.name == name:
            return entry
    known = ", ".join(entry.name for entry in FAMILIES)
    raise InputError(f"no family {shown(name)}; known: {known}", path)
