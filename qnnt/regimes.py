"""What the theorems say of an instance: which of them it lies in the regime of, and by which numbers.

For d-QNNT they are those on the parameterised complexity of training d-quantised ReLU networks: hardness
by exact set cover (1), with constant degrees (2), by hitting set (3) and by 3-SAT (4), and fixed-parameter
algorithms over tree decompositions (5, 6, corollaries). For D-NNT they are those of "On the Hardness of
Training Deep Neural Networks Discretely" (AAAI 2025, arXiv 2412.13057): PosSLP (1.1, 1.2), subset sum
(1.3), 2-CSP (1.4), exact cover (1.5), and the pseudo-polynomial algorithm for two layers (1.6).

A theorem of hardness applies where the instances that its proof makes have the shape of this one: its
depth, its d, and whatever else they hold constant. Where that is smaller than here, the instances of this
shape are a wider class, which is no easier. Where it does not apply otherwise, the theorem says nothing.
A theorem of tractability applies where its bound is below the number of parameter settings. The bounds of
the fixed-parameter theorems are sharpened: patterns that neurons can have are counted, not all vectors.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from qnnt.errors import UnsupportedError
from qnnt.instance import Instance
from qnnt.simplification.pipeline import simplify
from qnnt.structure import Structure, degree, edges_past_levels, log2_sums

FEW_SAMPLES = 4
"""Samples of which every set can be tried as those that are to be right."""
ZERO_AT_LABEL_ONLY = ("absolute", "hamming", "linf", "mismatch", "positive", "squared")
"""The losses that are 0 exactly where outputs equal labels, as the proofs for D-NNT have it."""


@dataclass(frozen=True)
class Regime:
    """What one theorem says of an instance.

    Attributes
    ----------
    kind
        "hard" or "tractable".
    applies
        Whether the instance lies in the theorem's regime.
    says
        The theorem in a few words, and the numbers that decide.
    """

    theorem: str
    kind: str
    applies: bool
    says: str


@dataclass(frozen=True)
class _Need:
    """A condition of a theorem.

    Attributes
    ----------
    found, wanted
        What there is, and what there should be instead if the condition does not hold.
    wider
        Whether instances that meet it can be padded until they have what is found: with inputs that
        nothing reads, for example.
    """

    holds: bool
    found: str
    wanted: str
    wider: bool = False


def regimes(instance: Instance, found: Structure) -> list[Regime]:
    """All theorems on the instance's problem; `found` is its structure. Complexity: linear in the file."""
    if instance.d is None:
        return [*_hard_for_d_nnt(instance, found), _pseudo_polynomial(instance, found)]
    layered = _up_to("edges past a level", edges_past_levels(instance.network), 0)
    tractable = _fixed_parameter(found, instance.d, layered, _swept_states(instance))
    return [*_hard_for_d_qnnt(found, instance.d), *tractable]


def _swept_states(instance: Instance) -> float:
    """The logarithm of the pattern tuples that a sweep over the neurons can meet; infinite where not counted."""
    from qnnt.algorithms.states.integer_view import integer_view
    from qnnt.algorithms.states.pattern_counts import log2_swept

    simplified = simplify(instance).instance
    if not len(simplified.dataset):
        return 0.0
    try:
        return log2_swept(integer_view(simplified))
    except UnsupportedError:
        return math.inf


def _regime(theorem: str, kind: str, claim: str, *needs: _Need) -> Regime:
    missing = [need for need in needs if not need.holds]
    if not missing:
        return Regime(theorem, kind, True, f"{claim}: {', '.join(need.found for need in needs)}")
    says = f"{claim}: but {'; '.join(f'{need.found}, not {need.wanted}' for need in missing)}"
    if kind == "hard" and all(need.wider for need in missing):
        says += " (wider, so no easier)"
    return Regime(theorem, kind, False, says)


def _hard(theorem: str, claim: str, *needs: _Need) -> Regime:
    return _regime(theorem, "hard", claim, *needs)


def _bounded(theorem: str, claim: str, bits: float, what: str, found: Structure, *needs: _Need) -> Regime:
    """An algorithm for the instances that meet the needs: its bound against the number of settings."""
    if not all(need.holds for need in needs):
        return _regime(theorem, "tractable", claim, *needs)
    applies = bits < found.log2_settings
    against = f"{'under' if applies else 'not under'} the 2^{found.log2_settings:.0f} settings"
    return Regime(theorem, "tractable", applies, f"{claim}: at most 2^{bits:.0f} {what}, {against}")


def _is(name: str, value: int, wanted: int) -> _Need:
    return _Need(value == wanted, f"{name} = {_rounded(value)}", str(wanted), value > wanted)


def _exactly(name: str, value: int, wanted: int) -> _Need:
    """As `_is`, where larger values make other instances, not more."""
    return _Need(value == wanted, f"{name} = {value}", str(wanted))


def _up_to(name: str, value: int, most: int) -> _Need:
    return _Need(value <= most, f"{name} = {value}", f"at most {most}" if most else "0", True)


def _from(name: str, value: int, least: int) -> _Need:
    return _Need(value >= least, f"{name} = {_rounded(value)}", f"at least {least}")


def _zero(name: str, found: Structure) -> _Need:
    """Bound 0; who asks for the smallest loss asks for that too."""
    shown = f"smallest {name} asked" if found.bound is None else f"{name} = {found.bound}"
    return _Need(found.bound in (None, 0), shown, "0", True)


def _rounded(number: int) -> str:
    return str(number) if number < 10**6 else f"2^{math.log2(number):.0f}"


def _hard_for_d_qnnt(found: Structure, d: int) -> list[Regime]:
    binary, zero, samples = _exactly("d", d, 2), _zero("l", found), found.samples
    flat, hidden = _exactly("depth", found.depth, 1), _exactly("depth", found.depth, 2)
    in_2, in_3 = (_is("in-degree", found.in_degree, wanted) for wanted in (2, 3))
    out_3 = _up_to("out-degree", found.out_degree, 3)
    errors = "l open" if found.bound is None else f"l = {found.bound}"
    few = found.bound == 0 or samples <= FEW_SAMPLES
    return [
        _hard("Theorem 1", "NP-hard by exact set cover", binary, flat, _is("omega", found.omega, 1), zero),
        _hard("Theorem 2a", "NP-hard by 3-SAT", binary, hidden, in_3, out_3, _is("|D|", samples, 2), zero),
        _hard("Theorem 2b", "NP-hard by 3-SAT", _exactly("d", d, 4), hidden, in_2, out_3, _is("|D|", samples, 3), zero),
        _regime(
            "Theorem 2c",
            "tractable",
            "polynomial by consistency",
            *(binary, _up_to("depth", found.depth, 2), _up_to("in-degree", found.in_degree, 2)),
            _Need(few, f"|D| = {samples} with {errors}", f"|D| <= {FEW_SAMPLES} or l = 0"),
        ),
        _hard(
            "Theorem 3",
            f"W[2]-hard in alpha alone by hitting set (omega = {found.omega}, {errors})",
            *(binary, flat, _from("alpha", found.alpha, 2)),
        ),
        _hard(
            "Theorem 4",
            "NP-hard by 3-SAT",
            *(binary, hidden, _is("alpha", found.alpha, 2)),
            _Need(samples in (2, 3), f"|D| = {samples}", "2 or 3", samples > 3),
            zero,
        ),
    ]


def _fixed_parameter(found: Structure, d: int, layered: _Need, swept_states: float) -> list[Regime]:
    """`swept_states` is the logarithm of the pattern tuples that a sweep over the neurons can meet."""
    p, treewidth = found.distinct_inputs, found.treewidth_upper
    least = int(found.certain_loss if found.bound is None else found.bound)
    log2_met = p * math.log2(least + 2) if least else 0.0
    log2_seen = p * found.omega * math.log2(d // 2 + 1)
    neurons, swept = found.width * found.depth, 2 * found.width - 1

    def within(theorem: str, words: str, width: int, log2_live: float, *needs: _Need) -> Regime:
        claim = f"FPT in {words}, d = {d}, alpha = {found.alpha} (p = {p})"
        plain = log2_bag(found, d, width) + log2_live
        bits = min(plain, swept_states + log2_live) if width <= swept else plain
        what = "states per bag" if bits == plain else f"states by counting patterns (2^{plain:.0f} per bag)"
        return _bounded(theorem, claim, bits, what, found, *needs)

    errors = f"l = {least}" if found.bound is not None else f"l >= {least}"
    unmasked = _up_to("masked labels", found.masked_labels, 0)
    return [
        within("Theorem 5", f"tw <= {treewidth}, omega = {found.omega}", treewidth, log2_seen),
        within("Theorem 6", f"tw <= {treewidth}, {errors}", treewidth, log2_met, unmasked),
        within("Corollary 1", f"width = {found.width}, depth = {found.depth}", neurons - 1, log2_seen),
        within("Corollary 2", f"layers of width {found.width}, tw <= {swept}", swept, log2_seen, layered),
    ]


def log2_bag(found: Structure, d: int, treewidth: int) -> float:
    """The logarithm of the theorems' bound on the states of a bag, live labels left aside.

    Of each neuron of a bag a value in 0..A and a partial sum at p distinct inputs:
    ((A+1)^p * (2*D*M+1)^p)^(tw+1), for D summands of size up to M, the bias being one of them.
    """
    top = d // 2
    sums = 2 * (found.in_degree + 1) * max(top * top, 2 * top) + 1
    return (treewidth + 1) * found.distinct_inputs * (math.log2(top + 1) + math.log2(sums))


def _hard_for_d_nnt(instance: Instance, found: Structure) -> list[Regime]:
    one_row = (_is("alpha", found.alpha, 1), _is("|D|", found.samples, 1))
    one_output, zero = _is("omega", found.omega, 1), _zero("gamma", found)
    linear = _Need(set(found.activations) <= {"identity", "relu"}, ", ".join(found.activations), "identity or relu")
    exact = _Need(found.loss in ZERO_AT_LABEL_ONLY, f"loss {found.loss}", "0 at the label only")
    two_layers = (_exactly("depth", found.depth, 2), _from("largest set", found.largest_set, 2), linear)
    accept = _Need(found.loss == "accept", f"loss {found.loss}", "accept")
    deep = (_from("depth", found.depth, 3), _from("polynomial degree", degree(instance), 2))
    finite = _Need(False, f"{found.parameters} finite sets of up to {_rounded(found.largest_set)} values", "all reals")
    pairs, one_hidden = _up_to("in-degree", found.in_degree, 2), _is("hidden", found.hidden, 1)
    return [
        _hard("Theorem 1.1", "not in NP unless PosSLP is", *deep, *one_row, one_output),
        _hard("Theorem 1.2", "Theorem 1.1 for real parameters (C-NNT)", finite),
        _hard("Theorem 1.3", "NP-hard by subset sum", *two_layers, *one_row, one_output, exact, zero),
        _hard("Theorem 1.4", "NP-hard by 2-CSP", *two_layers, *one_row, pairs, accept),
        _hard("Theorem 1.5", "NP-hard by exact cover", *two_layers, one_hidden, one_output, exact, zero),
    ]


def _pseudo_polynomial(instance: Instance, found: Structure) -> Regime:
    shallow = _up_to("depth", found.depth, 2)
    sums = found.distinct_inputs * (log2_sums(instance) if shallow.holds else 0.0)
    claim = f"pseudo-polynomial for constant p = {found.distinct_inputs}, omega = {found.omega}"
    return _bounded("Theorem 1.6", claim, sums, "output sums", found, shallow)
