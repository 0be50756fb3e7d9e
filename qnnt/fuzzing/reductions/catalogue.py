"""All reductions, coarse to fine, and the smaller neighbours of an instance that they lead to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from qnnt.documents.reader import instance_from
from qnnt.documents.writer import document_of
from qnnt.errors import InputError
from qnnt.fuzzing.reductions.bounds import at_the_same_distance, simpler_bound, without_bound
from qnnt.fuzzing.reductions.data import simpler_inputs, simpler_labels
from qnnt.fuzzing.reductions.everywhere import simpler_everywhere, smaller_together
from qnnt.fuzzing.reductions.folding import constant_edges, neurons_as_inputs
from qnnt.fuzzing.reductions.functions import simpler_activations, simpler_function_numbers, simpler_loss
from qnnt.fuzzing.reductions.network import (
    bypassed_neurons,
    contracted_chains,
    fewer_edges,
    fewer_hidden_neurons,
    fewer_inputs,
    fewer_outputs,
    plain_names,
)
from qnnt.fuzzing.reductions.samples import fewer_labels, fewer_samples, lighter_samples, merged_samples
from qnnt.fuzzing.reductions.sizes import size_of
from qnnt.fuzzing.reductions.values import fewer_values, simpler_values, smaller_d
from qnnt.instance import Instance, Problem
from qnnt.simplification.general_form import general_form


@dataclass(frozen=True)
class Reduction:
    """One way to make instances smaller.

    Attributes
    ----------
    propose
        Drafts of smaller instances, in a fixed order; some may be illegal or no smaller.
    """

    name: str
    propose: Callable[[Instance], Iterator[Instance]]

    def neighbours(self, instance: Instance) -> Iterator[Instance]:
        """The drafts that are legal and of smaller size, and have no more parameter settings."""
        return (candidate for _, candidate in self.numbered(instance))

    def numbered(self, instance: Instance, first: int = 0) -> Iterator[tuple[int, Instance]]:
        """The neighbours with the numbers of their drafts, from this number on."""
        size = size_of(instance)
        for number, draft in enumerate(islice(self.propose(instance), first, None), first):
            candidate = _legal(draft)
            if candidate is not None and size_of(candidate) < size and candidate.settings <= instance.settings:
                yield number, candidate


def _legal(draft: Instance) -> Instance | None:
    """The instance that its file would be read as; None if that would be refused."""
    try:
        return instance_from(document_of(draft))
    except InputError:
        return None


def _in_general_form(instance: Instance) -> Iterator[Instance]:
    """A d-QNNT instance as the d-NNT that it is, with one thing made smaller that only d-NNT can say."""
    if instance.problem is Problem.D_QNNT:
        general = general_form(instance).instance
        yield from constant_edges(general)
        for reduction in FINE:
            yield from reduction.propose(general)


def _with_moved_bound(instance: Instance) -> Iterator[Instance]:
    """One thing made smaller, and the bound moved so that it is as tight as before."""
    if instance.bound is not None:
        drafts = (draft for reduction in (*COARSE, *FINE) for draft in reduction.propose(instance))
        legal = (_legal(draft) for draft in drafts)
        yield from at_the_same_distance(instance, (draft for draft in legal if draft is not None))


COARSE: tuple[Reduction, ...] = tuple(
    Reduction(propose.__name__, propose)
    for propose in (
        without_bound,
        fewer_samples,
        fewer_outputs,
        fewer_hidden_neurons,
        fewer_edges,
        fewer_inputs,
        smaller_d,
        bypassed_neurons,
        contracted_chains,
        neurons_as_inputs,
        constant_edges,
        merged_samples,
    )
)
"""An easier question, fewer parts."""
FINE: tuple[Reduction, ...] = tuple(
    Reduction(propose.__name__, propose)
    for propose in (
        fewer_values,
        simpler_loss,
        simpler_activations,
        lighter_samples,
        fewer_labels,
        simpler_inputs,
        simpler_labels,
        simpler_values,
        simpler_everywhere,
        smaller_together,
        simpler_bound,
        simpler_function_numbers,
        plain_names,
    )
)
"""The same parts with less in them."""
MOVED = Reduction("moved_bound", _with_moved_bound)
"""Both, where the bound has to follow."""
GENERAL = Reduction("general_form", _in_general_form)
"""The way out of d-QNNT."""
REDUCTIONS = (*COARSE, *FINE, MOVED, GENERAL)


def neighbours(instance: Instance) -> Iterator[Instance]:
    """All smaller neighbours of an instance."""
    for reduction in REDUCTIONS:
        yield from reduction.neighbours(instance)
