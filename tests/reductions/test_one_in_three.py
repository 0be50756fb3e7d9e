"""Positive 1-in-3-SAT: the reader, what the reduction claims, gadgets one by one, and hand-made formulas."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from fractions import Fraction

import pytest

import qnnt
from qnnt.array_evaluation import judge
from qnnt.errors import InputError
from qnnt.exact import Number
from qnnt.instance import Instance, Parameters
from qnnt.losses import Mismatch
from qnnt.reductions.making import draw
from qnnt.reductions.one_in_three import REDUCTION, TRUE
from qnnt.reductions.registry import family
from qnnt.reductions.selection_gadget import RELU_CORNERS, Gadget, Point
from qnnt.reductions.sources.one_in_three import PositiveFormula
from qnnt.reductions.sources.source import Variant
from qnnt.result import Status

FORMS = ("threshold", "relu", "threshold-assigned", "relu-assigned")
FOUR = PositiveFormula(4, ((1, 2, 3), (1, 2, 4), (1, 3, 4), (2, 3, 4)))


def random_formula(rng: random.Random, most_variables: int = 4, most_clauses: int = 3) -> PositiveFormula:
    """With repetitions, so that literals count more than once; sometimes without clauses."""
    n, m = rng.randint(1, most_variables), rng.randint(0, most_clauses)
    return PositiveFormula(n, tuple(tuple(rng.choices(range(1, n + 1), k=3)) for _ in range(m)))


def by_enumeration(formula: PositiveFormula) -> list[tuple[bool, ...]]:
    assignments = itertools.product((False, True), repeat=formula.variables)
    return [a for a in assignments if all(sum(a[v - 1] for v in clause) == 1 for clause in formula.clauses)]


def test_the_solver_of_the_source() -> None:
    rng = random.Random(1)
    answers: Counter[bool] = Counter()
    for _ in range(300):
        formula = random_formula(rng, 5, 5)
        solutions, found = by_enumeration(formula), formula.solve()
        answers[bool(solutions)] += 1
        assert (found in solutions) if solutions else found is None
        for assignment in itertools.product((False, True), repeat=formula.variables):
            assert bool(formula.complaint(assignment)) == (assignment not in solutions)
    assert min(answers.values()) > 50


@pytest.mark.parametrize("form", FORMS)
def test_what_the_theorem_claims(form: str) -> None:
    rng = random.Random(2)
    for _ in range(25):
        formula = random_formula(rng, 6, 5)
        n, m = formula.variables, len(formula.clauses)
        instance = REDUCTION.to_instance(formula, form)
        network = instance.network
        assert network.inputs == ("x1", "x2")
        assert len(network.outputs) == 1
        assert network.depth == 2
        neurons = (2 if form.startswith("threshold") else 4) * (m + n)
        assert len(network.hidden) == neurons
        assert all(network.predecessors[h] == ("x1", "x2") for h in network.hidden)
        assert {instance.activations[h].name for h in network.hidden} == {form.removesuffix("-assigned")}
        assert instance.activations["o"].name == "identity"
        assert Counter(instance.weights[h, "o"] for h in network.hidden) == {(1,): neurons // 2, (-1,): neurons // 2}
        assert {instance.weights["x2", h] for h in network.hidden} == {(1,)}
        assert instance.biases["o"] == (0,)
        assert len(instance.dataset) == (19 * m + 14 * n if form.startswith("threshold") else 38 * m + 33 * n)
        assert len(set(instance.dataset.x)) == len(instance.dataset)
        assert instance.loss == Mismatch()
        assert instance.bound == 0
        check_sets(instance, formula, form)


def check_sets(instance: Instance, formula: PositiveFormula, form: str) -> None:
    m = len(formula.clauses)
    hidden = instance.network.hidden
    slopes = {instance.weights["x1", h] for h in hidden}
    biases = {instance.biases[h] for h in hidden}
    if form.endswith("assigned"):
        assert {len(values) for values in slopes} <= {2, 3}
        assert {len(values) for values in biases} == {1}
        assert len(biases) == len(hidden)
    else:
        assert len(slopes) == len(biases) == 1
        assert len(min(slopes)) == 2 * m + 2 if m else 2
        assert len(min(biases)) == len(hidden)


def test_numbers_stay_small() -> None:
    sizes = {"variables": 60, "clauses": 40}
    formula = PositiveFormula.draw(random.Random(0), Variant.RANDOM, sizes).source
    for form in FORMS:
        instance = REDUCTION.to_instance(formula, form)
        numbers = [number for x in instance.dataset.x for number in x]
        assert max(max(abs(number.numerator), number.denominator) for number in numbers) < 10**11


def levee(point: Point, offset: int, slope: Number) -> Number:
    t = point.x2 - offset - slope * point.x1
    return sum(sign * max(0, t + corner) for corner, sign in RELU_CORNERS)


def test_a_gadget_takes_its_slopes_and_no_others() -> None:
    rng = random.Random(3)
    for _ in range(40):
        slopes = tuple(sorted(slope_of(rng) for _ in range(rng.randint(2, 4))))
        if len(set(slopes)) < len(slopes):
            continue
        gadget = Gadget("g", rng.randint(-9, 9), slopes)
        points = gadget.relu_points()
        assert len(points) == len({(p.x1, p.x2) for p in points}) == 31 + 2 * (len(slopes) - 1)
        for slope in (*slopes, *(slope_of(rng) for _ in range(20))):
            fits = all(levee(p, gadget.offset, slope) == p.label for p in points)
            assert fits == (slope in slopes)


def slope_of(rng: random.Random) -> Fraction:
    return Fraction(rng.randint(-12, 12), 12)


@pytest.mark.parametrize("form", FORMS)
def test_levees_fit_exactly_for_solutions(form: str) -> None:
    """All choices of a slope for each gadget: 2^n 3^m networks, of which those of solutions fit."""
    rng = random.Random(4)
    formulas = [PositiveFormula(*pair) for pair in ((1, ((1, 1, 1),)), (2, ((1, 2, 1), (2, 1, 1))), (3, ((1, 2, 3),)))]
    formulas.append(random_formula(rng, 3, 2))
    fitting = 0
    for formula in formulas:
        instance = REDUCTION.to_instance(formula, form)
        solutions = by_enumeration(formula)
        for assignment in itertools.product((False, True), repeat=formula.variables):
            for places in itertools.product(range(3), repeat=len(formula.clauses)):
                parameters = chosen(formula, form, instance, assignment, places)
                true = [[assignment[v - 1] for v in clause] for clause in formula.clauses]
                right = assignment in solutions and all(t[r] for t, r in zip(true, places, strict=True))
                assert (judge(instance, parameters) == 0) == right
                fitting += right
    assert fitting > 3


def chosen(
    formula: PositiveFormula, form: str, instance: Instance, assignment: tuple[bool, ...], places: tuple[int, ...]
) -> Parameters:
    """The levees of any assignment and of any literals."""
    assigned = REDUCTION.to_instance(formula, form.removesuffix("-assigned") + "-assigned")
    weights: dict[tuple[str, str], Number] = {}
    for edge in instance.network.edges:
        values = assigned.weights[edge]
        if edge[0] == "x1":
            gadget, number = edge[1][0], int(edge[1][1:].split("_")[0])
            # weights are minus slopes, so that the first slope is the last weight
            place = places[number - 1] if gadget == "c" else int(not assignment[number - 1])
            weights[edge] = values[len(values) - 1 - place]
        else:
            weights[edge] = values[0]
    return Parameters(weights, {v: assigned.biases[v][0] for v in instance.network.neurons})


@pytest.mark.parametrize("form", ["threshold", "relu"])
def test_neurons_may_change_places(form: str) -> None:
    """Whatever neuron takes up whichever corner, the assignment is read off its bias."""
    rng = random.Random(5)
    seen = 0
    while seen < 12:
        formula = random_formula(rng)
        solution = formula.solve()
        if solution is None:
            continue
        seen += 1
        instance = REDUCTION.to_instance(formula, form)
        parameters = REDUCTION.from_source_solution(formula, form, solution)
        to: dict[str, str] = {}
        for sign in (1, -1):
            alike = [h for h in instance.network.hidden if instance.weights[h, "o"] == (sign,)]
            to |= dict(zip(alike, rng.sample(alike, len(alike)), strict=True))
        moved = Parameters(
            {
                edge: parameters.weights[edge[0], to[edge[1]]] if edge[1] != "o" else w
                for edge, w in parameters.weights.items()
            },
            {v: parameters.biases[to.get(v, v)] for v in instance.network.neurons},
        )
        assert judge(instance, moved) == 0
        assert REDUCTION.to_source_solution(formula, form, moved) == solution


@pytest.mark.parametrize("form", FORMS)
def test_formulas_without_clauses_fit(form: str) -> None:
    formula = PositiveFormula(2, ())
    instance = REDUCTION.to_instance(formula, form)
    found = qnnt.solve(instance, solver="row-count")
    assert found.status is Status.YES
    assert found.solution is not None
    assert len(REDUCTION.to_source_solution(formula, form, found.solution.parameters)) == 2


@pytest.mark.parametrize("form", FORMS)
def test_no_variables_make_no_network(form: str) -> None:
    with pytest.raises(InputError, match="at least one variable"):
        REDUCTION.to_instance(PositiveFormula(0, ()), form)


@pytest.mark.parametrize("form", ["threshold", "threshold-assigned", "relu-assigned"])
def test_four_clauses_on_four_variables_contradict(form: str) -> None:
    assert FOUR.solve() is None
    assert qnnt.solve(REDUCTION.to_instance(FOUR, form), solver="row-count").status is Status.NO


@pytest.mark.full
@pytest.mark.parametrize("number", range(30))
def test_relus_with_two_clauses(number: int) -> None:
    rng = random.Random(number)
    n = rng.randint(1, 3)
    formula = PositiveFormula(n, tuple(tuple(rng.choices(range(1, n + 1), k=3)) for _ in range(2)))
    found = qnnt.solve(REDUCTION.to_instance(formula, "relu"), solver="row-count")
    assert (found.status is Status.YES) == (formula.solve() is not None)
    if found.solution is not None and found.status is Status.YES:
        assert not formula.complaint(REDUCTION.to_source_solution(formula, "relu", found.solution.parameters))


def test_the_slope_of_a_true_variable() -> None:
    formula = PositiveFormula(2, ((1, 1, 2),))
    assert formula.solve() == (False, True)
    parameters = REDUCTION.from_source_solution(formula, "relu", (False, True))
    assert parameters.weights["x1", "v2_1"] == -TRUE == 1
    assert parameters.weights["x1", "v1_1"] == -1


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("p cnf 3 1\n1 2 0\n", "clause 1: expected three positive literals, got 1 2"),
        ("p cnf 3 2\n1 2 3 0\n1 -2 3 0\n", "clause 2: expected three positive literals, got 1 -2 3"),
        ("p cnf 3 1\n0\n", "clause 1: expected three positive literals, got none"),
        ("p cnf 4 1\n1 2 3 4 0\n", "line 2: a clause of 4 literals, expected at most 3"),
        ("p cnf 2 1\n1 2 3 0\n", "line 2: the literal 3 is beyond the 2 variables"),
        ("", "no DIMACS CNF: expected a line 'p cnf VARIABLES CLAUSES'"),
    ],
)
def test_complaints_about_texts(text: str, complaint: str) -> None:
    with pytest.raises(InputError) as caught:
        PositiveFormula.from_text(text, {})
    assert str(caught.value) == complaint


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ({"variables": 3}, "$.p: the key 'clauses' is missing"),
        ({"variables": -1, "clauses": []}, "$.p.variables: expected an integer of at least 0, got -1"),
        ({"variables": 2, "clauses": [[1, 2]]}, "$.p.clauses[0]: expected three positive literals, got 1 2"),
        ({"variables": 2, "clauses": [[1, 2, -2]]}, "$.p.clauses[0]: expected three positive literals, got 1 2 -2"),
        ({"variables": 2, "clauses": [[1, 2, 3]]}, "$.p.clauses[0][2]: expected an integer of at most 2, got 3"),
    ],
)
def test_complaints_about_documents(document: dict[str, object], complaint: str) -> None:
    with pytest.raises(InputError) as caught:
        PositiveFormula.from_document(document, "p")
    assert str(caught.value) == complaint


def test_sizes_without_a_source() -> None:
    entry = family("one-in-three")
    with pytest.raises(InputError, match="2 are needed"):
        draw(entry, Variant.PLANTED, {"variables": 1, "clauses": 1}, 0)
    with pytest.raises(InputError, match="clauses: expected 1 to 1000, got 0"):
        draw(entry, Variant.NO, {"variables": 1, "clauses": 0}, 0)
    assert draw(entry, Variant.PLANTED, {"variables": 2, "clauses": 3}, 0).solution is not None
