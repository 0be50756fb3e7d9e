"""All simplification steps in their order."""

from __future__ import annotations

from collections.abc import Callable

from qnnt.instance import Instance
from qnnt.simplification.general_form import general_form
from qnnt.simplification.neurons import drop_unlabelled_outputs
from qnnt.simplification.samples import drop_masked_samples, merge_samples
from qnnt.simplification.steps import Simplified
from qnnt.simplification.weights import fix_irrelevant_parameters

STEPS: tuple[Callable[[Instance], Simplified], ...] = (
    general_form,
    merge_samples,
    drop_masked_samples,
    drop_unlabelled_outputs,
    fix_irrelevant_parameters,
)


def simplify(instance: Instance) -> Simplified:
    """A D-NNT instance with the same optimum, and the maps for parameters both ways."""
    simplified = Simplified(instance)
    for step in STEPS:
        simplified = simplified.then(step)
    return simplified
