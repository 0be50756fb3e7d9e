"""The parameters of an instance that decide how hard it is, and what the theorems say of them.

For d-QNNT the theorems are those on the parameterised complexity of training d-quantised ReLU networks:
hardness by exact set cover (1), with constant degrees (2), by hitting set (3) and by 3-SAT (4), and
fixed-parameter algorithms over tree decompositions (5, 6). For D-NNT they are those of "On the Hardness
of Training Deep Neural Networks Discretely" (AAAI 2025, arXiv 2412.13057): subset sum (1.3), 2-CSP (1.4),
exact cover (1.5), and the pseudo-polynomial algorithm for two layers (1.6).
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from qnnt.exact import to_json_number
from qnnt.instance import Instance
from qnnt.simplification.samples import certain_loss, labels_by_input


@dataclass(frozen=True)
class Structure:
    """What `qnnt info` tells of an instance.

    Attributes
    ----------
    alpha, omega
        Inputs and outputs.
    width, depth
        The largest number of neurons at one level, and the longest path.
    in_degree, out_degree
        Largest over neurons, and over inputs and neurons.
    log2_settings
        Logarithm of the number of parameter settings.
    distinct_inputs
        The p of the theorems.
    conflicting_inputs
        Distinct inputs with labels that exclude each other.
    certain_loss
        Mismatches that no parameters avoid, as an integer or rational string.
    """

    problem: str
    d: int | None
    alpha: int
    omega: int
    hidden: int
    width: int
    depth: int
    edges: int
    in_degree: int
    out_degree: int
    parameters: int
    log2_settings: float
    largest_set: int
    activations: tuple[str, ...]
    loss: str
    samples: int
    total_weight: int
    distinct_inputs: int
    conflicting_inputs: int
    certain_loss: int | str
    masked_labels: int
    bound: int | str | None

    def document(self) -> dict[str, Any]:
        """The fields, for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Regime:
    """What one theorem says of an instance: `kind` is "hard" or "tractable"."""

    theorem: str
    kind: str
    says: str


def structure(instance: Instance) -> Structure:
    """The parameters of an instance. Complexity: linear in the file."""
    network, data = instance.network, instance.dataset
    groups = labels_by_input(data)
    sets = [*instance.weights.values(), *instance.biases.values()]
    return Structure(
        problem=str(instance.problem),
        d=instance.d,
        alpha=len(network.inputs),
        omega=len(network.outputs),
        hidden=len(network.hidden),
        width=network.width,
        depth=network.depth,
        edges=len(network.edges),
        in_degree=max((len(us) for us in network.predecessors.values()), default=0),
        out_degree=max((len(vs) for vs in network.successors.values()), default=0),
        parameters=len(sets),
        log2_settings=round(sum(math.log2(len(values)) for values in sets), 2),
        largest_set=max(map(len, sets)),
        activations=tuple(sorted({a.name for a in instance.activations.values()})),
        loss=instance.loss.name,
        samples=len(data),
        total_weight=data.total_weight,
        distinct_inputs=len(groups),
        conflicting_inputs=sum(_conflict(list(labels)) for labels in groups.values()),
        certain_loss=to_json_number(certain_loss(instance)),
        masked_labels=sum(label is None for y in data.y for label in y),
        bound=None if instance.bound is None else to_json_number(instance.bound),
    )


def _conflict(labels: list[tuple[Any, ...]]) -> bool:
    return any(len({label for label in column if label is not None}) > 1 for column in zip(*labels, strict=True))


def regimes(instance: Instance) -> list[Regime]:
    """The theorems whose regime the instance lies in, treewidth left aside."""
    found = structure(instance)
    return _d_qnnt_regimes(instance, found) if instance.d is not None else _d_nnt_regimes(instance, found)


def _d_qnnt_regimes(instance: Instance, found: Structure) -> list[Regime]:
    d = instance.d or 2
    regimes = []
    if d == 2 and found.hidden == 0:
        regimes.append(Regime("Theorem 1", "hard", "NP-hard without hidden neurons, for one output and bound 0"))
        regimes.append(Regime("Theorem 3", "hard", f"W[2]-hard in alpha = {found.alpha} alone, without hidden neurons"))
    if d == 2 and found.depth == 2:
        says = "NP-hard with one hidden layer even for alpha = 2, three samples and bound 0"
        regimes.append(Regime("Theorem 4", "hard", says))
    if found.depth == 2 and found.out_degree <= 3 and (d, found.in_degree) in ((2, 3), (4, 2)):
        regimes.append(Regime("Theorem 2", "hard", "NP-hard with these degrees, one hidden layer and bound 0"))
    parameter = f"omega = {found.omega}" + ("" if instance.bound is None else f" or the bound {found.bound}")
    bits = found.width * found.distinct_inputs * math.log2(d // 2 + 1)
    says = (
        f"fixed-parameter in treewidth, d = {d}, p = {found.distinct_inputs} and {parameter}; "
        f"a layer of width {found.width} has at most 2^{bits:.0f} states"
    )
    regimes.append(Regime("Theorems 5 and 6", "tractable", says))
    return regimes


def _d_nnt_regimes(instance: Instance, found: Structure) -> list[Regime]:
    if instance.settings == 1:
        return [Regime("one setting", "tractable", "nothing to choose: evaluate it")]
    if found.depth > 2:
        return []
    says = (
        f"pseudo-polynomial with two layers: a table over p * omega = {found.distinct_inputs * found.omega} "
        "coordinates, each as wide as the sums reach"
    )
    return [
        Regime("Theorem 1.3", "hard", "two layers and one sample hold subset sum"),
        Regime("Theorem 1.4", "hard", "two layers and one sample hold 2-CSP"),
        Regime("Theorem 1.5", "hard", "two layers and one hidden neuron with sets {0, 1} hold exact cover"),
        Regime("Theorem 1.6", "tractable", says),
    ]
