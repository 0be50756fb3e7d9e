"""Random bounds on the loss: 0, the total, what parameters reach or just miss, and more than any loss."""

from __future__ import annotations

import random
from fractions import Fraction

from qnnt.errors import CertificateError
from qnnt.evaluation import evaluate
from qnnt.exact import LARGEST, Number, reduced
from qnnt.fuzzing.tiny import random_parameters
from qnnt.instance import Instance, Problem

BOUNDED_SHARE = 0.35
"""How often an instance asks for a decision."""
KINDS = ("zero", "reached", "reached", "reached", "below", "below", "total", "above")
STEPS: tuple[Number, ...] = (1, Fraction(1, 2), Fraction(1, 60))
"""How far a bound stays below what is reached; of d-QNNT bounds only the first."""
TRIES = 5
"""Random parameters of which the best says what is reached."""


def with_bound(rng: random.Random, instance: Instance) -> Instance:
    """The instance with a bound now and then, else as it is."""
    return bounded(rng, instance, rng.choice(KINDS)) if rng.random() < BOUNDED_SHARE else instance


def bounded(rng: random.Random, instance: Instance, kind: str) -> Instance:
    """The instance with a bound of one of the `KINDS`; without one where it would be no number for files."""
    bound: Number = 0
    if kind == "total":
        bound = instance.dataset.total_weight
    elif kind == "above":
        bound = rng.choice([10**9, LARGEST])
    elif kind in ("reached", "below"):
        bound = _reached(rng, instance)
        if kind == "below":
            steps = STEPS[:1] if instance.problem is Problem.D_QNNT else STEPS
            bound = reduced(max(0, bound - rng.choice(steps)))
    allowed = max(bound.numerator, bound.denominator) <= LARGEST
    return instance.derive(bound=bound if allowed else None)


def _reached(rng: random.Random, instance: Instance) -> Number:
    losses = []
    for _ in range(TRIES):
        try:
            losses.append(evaluate(instance, random_parameters(rng, instance)))
        except CertificateError:
            continue
    return min(losses, default=1)
