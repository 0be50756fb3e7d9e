"""The parameters of an instance, and which theorems' regimes it lies in."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Sequence
from typing import Any

import pytest

from qnnt.activations import Identity
from qnnt.algorithms.graphs.treewidth import treewidth
from qnnt.documents.reader import FORMAT, instance_from
from qnnt.errors import CertificateError
from qnnt.evaluation import outputs_at
from qnnt.fuzzing.tiny import all_parameters, random_instance
from qnnt.instance import Instance, Problem, z_d
from qnnt.network import Network
from qnnt.regimes import Regime, log2_bag, regimes
from qnnt.structure import degree, edges_past_levels, log2_sums, neuron_graph, structure, treewidth_bounds

Body = dict[str, Any]


def d_qnnt(d: int, layers: list[int], samples: int, bound: int | None = 0, **fields: Any) -> Instance:
    """Zeros as data, one sample like the other unless given."""
    data = {"x": [[0] * layers[0]] * samples, "y": [[0] * layers[-1]] * samples}
    body: Body = {"format": FORMAT, "problem": "d-qnnt", "d": d, "network": {"layers": layers}, "data": data}
    return instance_from({**body, **({} if bound is None else {"error_bound": bound}), **fields})


def d_nnt(network: Body | list[int], x: list[list[int]], y: list[list[int]], **fields: Any) -> Instance:
    """Identity, weights {0, 1} and no biases unless given; squared loss 0 is asked."""
    body: Body = {
        "format": FORMAT,
        "problem": "d-nnt",
        "network": {"layers": network} if isinstance(network, list) else network,
        "defaults": {"weights": [0, 1], "bias": [0], "activation": "identity"},
        "data": {"x": x, "y": y},
        "loss": "squared",
        "margin": 0,
    }
    return instance_from({**body, **fields})


def regime(instance: Instance, theorem: str) -> Regime:
    (found,) = [entry for entry in regimes(instance, structure(instance)) if entry.theorem == theorem]
    return found


def ladder(length: int, skip: int) -> Network:
    """A chain in which every neuron also reads those up to `skip` before it."""
    names = ["x", *(f"h{i}" for i in range(1, length)), "o"]
    edges = [(names[i - k], names[i]) for i in range(1, length + 1) for k in range(1, skip + 1) if i >= k]
    return Network.from_edges(["x"], ["o"], edges)


# --- structure -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("network", "width"),
    [
        (Network.layered([3, 1]), 0),
        (Network.layered([3, 4]), 0),  # inputs are no part of the graph
        (Network.layered([3, 5, 1]), 1),
        (Network.layered([*[2] * 20, 1]), 3),
        (Network.layered([1, *[3] * 6, 1]), 5),
        (Network.layered([2, 1, 1, 1, 1]), 1),
        (ladder(30, 1), 1),
        (ladder(30, 2), 2),
        (ladder(30, 3), 3),
    ],
)
def test_treewidth_of_known_networks(network: Network, width: int) -> None:
    assert treewidth_bounds(network) == (width, width)


def test_treewidth_stands_in_the_structure() -> None:
    found = structure(d_qnnt(2, [2, 2, 2, 2, 2], 1))
    assert (found.treewidth_lower, found.treewidth_upper) == (3, 3)
    assert (found.width, found.depth, found.in_degree, found.out_degree) == (2, 4, 2, 2)


def random_dag(rng: random.Random, count: int, degree: int) -> Network:
    edges = {("x", "h0")}
    for v in range(1, count):
        edges |= {(f"h{rng.randrange(v)}", f"h{v}") for _ in range(degree)}
    read = {u for u, _ in edges}
    return Network.from_edges(["x"], [f"h{v}" for v in range(count) if f"h{v}" not in read], edges)


@pytest.mark.parametrize("count", [1, 2, 5, 9, 14, 30])
def test_treewidth_bounds_of_random_networks(count: int) -> None:
    rng = random.Random(count)
    for _ in range(10):
        network = random_dag(rng, count, 2)
        found = treewidth(neuron_graph(network), seed=1)
        lower, upper = treewidth_bounds(network)
        assert lower <= found.upper
        assert found.lower <= upper
        assert lower <= upper < count


@pytest.mark.parametrize(
    ("network", "lower", "upper"),
    [
        (Network.layered([2, *[2] * 2000, 1]), 3, 3),
        (Network.layered([2, *[50] * 20, 1]), 99, 99),
        (Network.layered([2, 400, 400, 1]), 400, 400),  # too many edges for better bounds than the obvious ones
        (random_dag(random.Random(0), 3000, 2), 1, 2999),
    ],
)
def test_treewidth_of_large_networks_takes_no_time(network: Network, lower: int, upper: int) -> None:
    start = time.process_time()
    found = treewidth_bounds(network)
    assert time.process_time() - start < 10  # about one where the machine is free
    assert lower <= found[0] <= found[1] <= upper


def test_edges_past_levels() -> None:
    assert edges_past_levels(Network.layered([3, 2, 2, 1])) == 0
    edges = [("x", "a"), ("a", "b"), ("b", "o"), ("a", "o"), ("x", "o")]
    assert edges_past_levels(Network.from_edges(["x"], ["o"], edges)) == 1  # a -> o; x is no neuron


def test_degree() -> None:
    square: Body = {"type": "polynomial", "coefficients": [0, 1, 1]}
    neurons: Body = {"h1_1": {"activation": square}, "h2_1": {"activation": square}}
    deep = d_nnt({"layers": [1, 1, 1, 1], "neurons": neurons}, [[1]], [[1]])
    assert degree(deep) == 4
    assert degree(d_nnt([1, 1, 1], [[1]], [[1]])) == 1
    neurons["h2_1"] = {"activation": "sign"}
    assert degree(d_nnt({"layers": [1, 1, 1, 1], "neurons": neurons}, [[1]], [[1]])) == 1
    neurons["h2_1"] = {"activation": {"type": "polynomial", "coefficients": [3, 0, 0]}}
    assert degree(d_nnt({"layers": [1, 1, 1, 1], "neurons": neurons}, [[1]], [[1]])) == 1


def test_degree_of_products_by_digits() -> None:
    neurons: Body = {"h1_1": {"activation": "slp_mul"}, "h2_1": {"activation": "slp_shift"}}
    neurons["o1"] = {"activation": "slp_mul_guard"}
    assert degree(d_nnt({"layers": [1, 1, 1, 1], "neurons": neurons}, [[1]], [[1]])) == 4


def test_output_sums_of_digits_are_not_bounded() -> None:
    neurons: Body = {"h1_1": {"activation": "slp_shift"}}
    assert log2_sums(d_nnt({"layers": [1, 1, 1], "neurons": neurons}, [[1]], [[1]])) == math.inf
    instance = d_nnt({"layers": [1, 1, 1], "neurons": neurons}, [], [])
    assert log2_sums(instance) == 0
    assert "not under the 2^" in regime(instance.derive(dataset=subset_sum().dataset), "Theorem 1.6").says


def test_output_sums_of_subset_sum() -> None:
    edges = [{"from": "x", "to": f"h{a}", "weights": [0, a]} for a in (3, 5, 9)]
    edges += [{"from": f"h{a}", "to": "o", "weights": [1]} for a in (3, 5, 9)]
    instance = d_nnt({"inputs": ["x"], "outputs": ["o"], "edges": edges}, [[1]], [[8]])
    assert log2_sums(instance) == math.log2(17 + 1)


def test_output_sums_are_bounded() -> None:
    """Counted by enumeration, at identity outputs, for all hidden activations and rational numbers."""
    checked = 0
    for seed in range(400):
        instance = random_instance(random.Random(seed), problem=Problem.D_NNT, most_settings=400)
        outputs = instance.network.outputs
        if instance.network.depth > 2 or not len(instance.dataset):
            continue
        if any(set(instance.network.predecessors[o]) & set(outputs) for o in outputs):
            continue  # sums of outputs that others read would be changed here
        plain = instance.derive(activations={**instance.activations, **dict.fromkeys(outputs, Identity())})
        try:
            seen = {outputs_at(plain, parameters, instance.dataset.x[0]) for parameters in all_parameters(plain)}
        except CertificateError:
            continue
        assert math.log2(len(seen)) <= log2_sums(instance) + 1e-9
        checked += 1
    assert checked > 100


# --- d-QNNT --------------------------------------------------------------------------------------


def exact_cover() -> Instance:
    """Theorem 1: {1, 2} by {1}, {2} and {1, 2}."""
    x, y = [[0, 0, 0, 1]], [[0]]
    for row in ([1, 0, 1], [0, 1, 1]):
        x += [[*row, 0], [*row, 1]]
        y += [[0], [1]]
    return d_qnnt(2, [4, 1], 0, data={"x": x, "y": y})


def hitting_set() -> Instance:
    """Theorem 3: {1, 2} and {2, 3} by one element: k = 1, l = k * (3 - 1)."""
    x = [[0, 1], [1, 0], [1, 0], [1, 0], [1, 0]]
    y = [[1, 1], [1, 1], [1, 0], [1, 1], [0, 1]]
    return d_qnnt(2, [2, 2], 0, 2, data={"x": x, "y": y})


def satisfiability() -> Instance:
    """Theorem 4: (v or w or not w); literals v, -v, w, -w."""
    hidden = ["v", "-v", "w", "-w"]
    edges = [{"from": x, "to": h} for x in "PQ" for h in hidden]
    edges += [{"from": h, "to": "c"} for h in ("v", "w", "-w")]
    edges += [{"from": h, "to": f"n_{h[-1]}"} for h in hidden]
    network = {"inputs": ["P", "Q"], "outputs": ["c", "n_v", "n_w"], "edges": edges}
    return d_qnnt(2, [2, 3], 0, network=network, data={"x": [[1, 0], [0, 1]], "y": [[1, 0, 0], [0, 1, 1]]})


def test_the_proofs_instances_lie_in_their_regimes() -> None:
    for theorem, instance in (
        ("Theorem 1", exact_cover()),
        ("Theorem 3", hitting_set()),
        ("Theorem 4", satisfiability()),
    ):
        found = regime(instance, theorem)
        assert (found.kind, found.applies) == ("hard", True)
        assert "but" not in found.says


WIDER = "(wider, so no easier)"


@pytest.mark.parametrize(
    ("theorem", "instance", "says"),
    [
        ("Theorem 1", d_qnnt(2, [3, 1], 5), "d = 2, depth = 1, omega = 1, l = 0"),
        ("Theorem 1", d_qnnt(2, [3, 1], 5, None), "d = 2, depth = 1, omega = 1, smallest l asked"),
        ("Theorem 2a", d_qnnt(2, [2, 3, 3], 2), "d = 2, depth = 2, in-degree = 3, out-degree = 3, |D| = 2, l = 0"),
        ("Theorem 2b", d_qnnt(4, [2, 2, 3], 3), "d = 4, depth = 2, in-degree = 2, out-degree = 3, |D| = 3, l = 0"),
        ("Theorem 2c", d_qnnt(2, [2, 2, 3], 9), "d = 2, depth = 2, in-degree = 2, |D| = 9 with l = 0"),
        ("Theorem 2c", d_qnnt(2, [2, 2, 3], 4, None), "d = 2, depth = 2, in-degree = 2, |D| = 4 with l open"),
        ("Theorem 3", d_qnnt(2, [3, 2], 5, 4), "(omega = 2, l = 4): d = 2, depth = 1, alpha = 3"),
        ("Theorem 4", d_qnnt(2, [2, 4, 3], 3), "d = 2, depth = 2, alpha = 2, |D| = 3, l = 0"),
    ],
)
def test_inside_a_regime(theorem: str, instance: Instance, says: str) -> None:
    found = regime(instance, theorem)
    assert found.applies
    assert found.says.endswith(says)


@pytest.mark.parametrize(
    ("theorem", "instance", "says"),
    [
        ("Theorem 1", d_qnnt(3, [3, 1], 5), ": but d = 3, not 2"),
        ("Theorem 1", d_qnnt(2, [3, 2, 1], 5), ": but depth = 2, not 1"),
        ("Theorem 1", d_qnnt(2, [3, 2], 5, 1), f": but omega = 2, not 1; l = 1, not 0 {WIDER}"),
        ("Theorem 2a", d_qnnt(2, [3, 2, 2], 1), ": but |D| = 1, not 2"),
        ("Theorem 2a", d_qnnt(2, [2, 2, 2], 2), ": but in-degree = 2, not 3"),
        ("Theorem 2a", d_qnnt(2, [4, 4, 1], 2), f"in-degree = 4, not 3; out-degree = 4, not at most 3 {WIDER}"),
        ("Theorem 2b", d_qnnt(2, [2, 2, 3], 3), ": but d = 2, not 4"),
        ("Theorem 2b", d_qnnt(4, [3, 2, 3], 4), f": but in-degree = 3, not 2; |D| = 4, not 3 {WIDER}"),
        ("Theorem 2c", d_qnnt(3, [2, 2, 3], 4), ": but d = 3, not 2"),
        ("Theorem 2c", d_qnnt(2, [2, 2, 2, 2], 4), ": but depth = 3, not at most 2"),
        ("Theorem 2c", d_qnnt(2, [3, 2, 3], 4), ": but in-degree = 3, not at most 2"),
        ("Theorem 2c", d_qnnt(2, [2, 2, 3], 5, 1), ": but |D| = 5 with l = 1, not |D| <= 4 or l = 0"),
        ("Theorem 3", d_qnnt(2, [1, 2], 5), ": but alpha = 1, not at least 2"),
        ("Theorem 3", d_qnnt(3, [2, 2, 2], 5), ": but d = 3, not 2; depth = 2, not 1"),
        ("Theorem 4", d_qnnt(2, [1, 3, 3], 2), ": but alpha = 1, not 2"),
        ("Theorem 4", d_qnnt(2, [9, 3, 1], 111, None), f": but alpha = 9, not 2; |D| = 111, not 2 or 3 {WIDER}"),
        ("Theorem 4", d_qnnt(2, [2, 3, 3, 1], 3), ": but depth = 3, not 2"),
    ],
)
def test_outside_a_regime(theorem: str, instance: Instance, says: str) -> None:
    found = regime(instance, theorem)
    assert not found.applies
    assert found.says.endswith(says)


@pytest.mark.parametrize("layers", [[2, 3, 3], [2, 2, 3], [3, 2, 3], [1, 1, 1], [2, 1]])
def test_hard_and_polynomial_exclude_each_other(layers: list[int]) -> None:
    for samples in (1, 2, 3, 4):
        found = regimes(given := d_qnnt(2, layers, samples), structure(given))
        applying = {entry.theorem for entry in found if entry.applies}
        assert not applying >= {"Theorem 2a", "Theorem 2c"}


def grid(d: int, layers: Sequence[int], bound: int | None = None, **fields: Any) -> Instance:
    """All inputs, labels 0."""
    values = z_d(d)
    x = [[]] if not layers[0] else [[v] for v in values]
    for _ in range(layers[0] - 1):
        x = [[*row, v] for row in x for v in values]
    data = {"x": x, "y": [[0] * layers[-1]] * len(x)}
    return d_qnnt(d, list(layers), 0, bound, **{"data": data, **fields})


FIXED = ["Theorem 5", "Theorem 6", "Corollary 1", "Corollary 2"]


def test_deep_narrow_networks_are_fixed_parameter() -> None:
    deep = grid(3, [2, *[2] * 32, 1])
    assert {theorem: regime(deep, theorem).applies for theorem in FIXED} == {
        "Theorem 5": True,
        "Theorem 6": True,
        "Corollary 1": False,  # needs the depth to be small, too
        "Corollary 2": True,
    }
    says = regime(deep, "Theorem 5").says
    assert says.startswith("FPT in tw <= 3, omega = 1, d = 3, alpha = 2 (p = 9): at most 2^")
    assert says.endswith("states by counting patterns (2^178 per bag), under the 2^309 settings")


def test_shallow_networks_have_fewer_settings_than_states() -> None:
    """Where a run at loss 0 meets no live sets but the full one, counted patterns are fewer still."""
    small = grid(3, [2, 2, 1])
    assert {theorem: regime(small, theorem).applies for theorem in FIXED} == {
        "Theorem 5": False,
        "Theorem 6": True,
        "Corollary 1": False,
        "Corollary 2": False,
    }
    assert (
        "at most 2^18 states by counting patterns (2^94 per bag), not under the 2^14" in regime(small, "Theorem 5").says
    )
    assert regime(small, "Theorem 6").says.endswith(
        "at most 2^9 states by counting patterns (2^85 per bag), under the 2^14 settings"
    )


def test_bounded_width_and_depth() -> None:
    wide = d_qnnt(3, [40, 2, 1], 1)
    assert regime(wide, "Corollary 1").applies
    assert "width = 2, depth = 2" in regime(wide, "Corollary 1").says


def test_few_errors_help_where_outputs_are_many() -> None:
    many = [2, *[2] * 20, 2]
    found = grid(3, many, 0)
    seen, met = regime(found, "Theorem 5"), regime(found, "Theorem 6")
    assert bits_of(seen.says) - bits_of(met.says) == 2 * 9  # a label in {0, 1}^2 at 9 inputs, or the only one
    assert "tw <= 3, l = 0," in met.says
    assert bits_of(regime(grid(3, many, 2), "Theorem 6").says) - bits_of(met.says) == 9 * 2


def bits_of(says: str) -> int:
    return int(says.split("at most 2^")[1].split(maxsplit=1)[0])


def test_theorem_6_takes_the_certain_errors_and_no_masks() -> None:
    data = {"x": [[0], [0], [1]], "y": [[0], [1], [1]]}
    assert "l >= 1" in regime(d_qnnt(2, [1, 1], 0, None, data=data), "Theorem 6").says
    masked = {"x": [[0]], "y": [[None]]}
    found = regime(d_qnnt(2, [1, 1], 0, data=masked), "Theorem 6")
    assert not found.applies
    assert found.says.endswith(": but masked labels = 1, not 0")


def test_corollary_2_is_for_layers() -> None:
    network = {"inputs": ["x"], "outputs": ["o"], "edges": [{"from": u, "to": v} for u, v in ladder(40, 2).edges]}
    skipping = d_qnnt(2, [1, 1], 2, network=network)
    found = regime(skipping, "Corollary 2")
    assert not found.applies
    assert found.says.endswith(": but edges past a level = 38, not 0")
    assert regime(skipping, "Theorem 5").applies


def test_states_of_a_bag() -> None:
    """One neuron, d = 3, alpha = 1, p = 3: values 0 and 1; two summands of size up to 2."""
    found = structure(grid(3, [1, 1]))
    assert log2_bag(found, 3, 0) == pytest.approx(3 * math.log2(2 * 9))
    assert log2_bag(found, 3, 4) == pytest.approx(5 * 3 * math.log2(2 * 9))


def test_without_samples_there_is_one_state() -> None:
    assert all(regime(d_qnnt(2, [1, 1], 0), theorem).applies for theorem in FIXED)


# --- D-NNT ---------------------------------------------------------------------------------------


def subset_sum(size: int = 3, scale: int = 1) -> Instance:
    """Theorem 1.3, with weights {0, a} into hidden neurons that are summed up."""
    edges = [{"from": "x", "to": f"h{i}", "weights": [0, scale * (i + 2)]} for i in range(size)]
    edges += [{"from": f"h{i}", "to": "o", "weights": [1]} for i in range(size)]
    return d_nnt({"inputs": ["x"], "outputs": ["o"], "edges": edges}, [[1]], [[5 * scale]])


def two_csp(**fields: Any) -> Instance:
    """Theorem 1.4: two variables over {0, 1, 2} that differ."""
    edges: list[Body] = [{"from": "x", "to": v, "weights": [0, 1, 2]} for v in "uv"]
    edges += [{"from": "u", "to": "t", "weights": [1]}, {"from": "v", "to": "t", "weights": [3]}]
    accepted = [a + 3 * b for a in range(3) for b in range(3) if a != b]
    loss = {"type": "accept", "sets": [[0, [accepted]]]}
    network = {"inputs": ["x"], "outputs": ["t"], "edges": edges}
    return d_nnt(network, [[1]], [[0]], **{"loss": loss, **fields})


def cover_by_one_neuron(hidden: int = 1) -> Instance:
    """Theorem 1.5."""
    return d_nnt([3, hidden, 1], [[1, 0, 1], [0, 1, 1], [1, 1, 1]], [[1], [1], [2]])


def straight_line(depth: int, coefficients: list[int]) -> Instance:
    """Theorem 1.1: a chain of polynomials."""
    neurons = {f"h{i}_1": {"activation": {"type": "polynomial", "coefficients": coefficients}} for i in range(1, depth)}
    return d_nnt({"layers": [1] * (depth + 1), "neurons": neurons}, [[2]], [[1]])


@pytest.mark.parametrize(
    ("theorem", "instance", "says"),
    [
        (
            "Theorem 1.1",
            straight_line(5, [0, 0, 1]),
            "depth = 5, polynomial degree = 16, alpha = 1, |D| = 1, omega = 1",
        ),
        ("Theorem 1.3", subset_sum(), "|D| = 1, omega = 1, loss squared, gamma = 0"),
        ("Theorem 1.4", two_csp(), "identity, alpha = 1, |D| = 1, in-degree = 2, loss accept"),
        ("Theorem 1.5", cover_by_one_neuron(), "hidden = 1, omega = 1, loss squared, gamma = 0"),
        ("Theorem 1.6", subset_sum(30), "p = 1, omega = 1: at most 2^9 output sums, under the 2^30 settings"),
    ],
)
def test_inside_a_regime_of_d_nnt(theorem: str, instance: Instance, says: str) -> None:
    found = regime(instance, theorem)
    assert (found.kind, found.applies) == ("tractable" if theorem == "Theorem 1.6" else "hard", True)
    assert found.says.endswith(says)


@pytest.mark.parametrize(
    ("theorem", "instance", "says"),
    [
        ("Theorem 1.1", straight_line(2, [0, 0, 1]), ": but depth = 2, not at least 3"),
        ("Theorem 1.1", straight_line(5, [0, 1]), ": but polynomial degree = 1, not at least 2"),
        ("Theorem 1.2", straight_line(5, [0, 0, 1]), ": but 10 finite sets of up to 2 values, not all reals"),
        ("Theorem 1.3", cover_by_one_neuron(), f": but alpha = 3, not 1; |D| = 3, not 1 {WIDER}"),
        ("Theorem 1.3", d_nnt([1, 3, 1], [[1]], [[1]], loss={"type": "hinge", "margin": 1}), "not 0 at the label only"),
        ("Theorem 1.3", d_nnt([1, 3, 1], [[1]], [[1]], margin="1/2"), f": but gamma = 1/2, not 0 {WIDER}"),
        ("Theorem 1.4", two_csp(loss="mismatch"), ": but loss mismatch, not accept"),
        ("Theorem 1.4", d_nnt([1, 1, 1, 1], [[1]], [[1]]), ": but depth = 3, not 2; loss squared, not accept"),
        ("Theorem 1.5", cover_by_one_neuron(2), f": but hidden = 2, not 1 {WIDER}"),
        (
            "Theorem 1.5",
            d_nnt([1, 1, 1], [[1]], [[1]], defaults={"weights": [1], "bias": [0], "activation": "sign"}),
            ": but largest set = 1, not at least 2; sign, not identity or relu",
        ),
        ("Theorem 1.6", straight_line(3, [0, 0, 1]), ": but depth = 3, not at most 2"),
        ("Theorem 1.6", subset_sum(8, 10**9), "at most 2^35 output sums, not under the 2^8 settings"),
    ],
)
def test_outside_a_regime_of_d_nnt(theorem: str, instance: Instance, says: str) -> None:
    found = regime(instance, theorem)
    assert not found.applies
    assert found.says.endswith(says)


def test_numbers_with_many_digits_are_shown_short() -> None:
    assert "polynomial degree = 2^40" in regime(straight_line(41, [0, 0, 1]), "Theorem 1.1").says


def test_every_theorem_is_listed_once_for_any_instance() -> None:
    for seed in range(60):
        instance = random_instance(random.Random(seed))
        found = [entry.theorem for entry in regimes(instance, structure(instance))]
        if instance.d is None:
            assert found == [f"Theorem 1.{i}" for i in range(1, 7)]
        else:
            hard = ["Theorem 1", "Theorem 2a", "Theorem 2b", "Theorem 2c", "Theorem 3", "Theorem 4"]
            assert found == hard + FIXED
