"""Simpler activations and losses: of a simpler type, or of the same type with less in it."""

from __future__ import annotations

from collections.abc import Iterator

from qnnt.activations import Activation, Clip, Identity, Polynomial, Relu, Step, Table, Threshold
from qnnt.documents.functions import activation_document, activation_from, loss_document, loss_from
from qnnt.errors import InputError
from qnnt.exact import to_json_number, to_number
from qnnt.fuzzing.reductions.blocks import blocks
from qnnt.fuzzing.reductions.numbers import simpler_numbers
from qnnt.fuzzing.reductions.sizes import activation_rank, is_name
from qnnt.instance import Instance, Problem
from qnnt.losses import Absolute, Accept, Loss, Mismatch, TableLoss

_SIMPLE: tuple[Activation, ...] = (Identity(), Relu(), Threshold(), Clip(0, 1))


def simpler_activations(instance: Instance) -> Iterator[Instance]:
    """With a simple activation in the place of a block of others, or with a shorter one."""
    if instance.problem is Problem.D_QNNT:
        return
    old = instance.activations
    for simple in _SIMPLE:
        larger = [v for v in old if old[v] != simple and activation_rank(old[v]) >= activation_rank(simple)]
        for block in blocks(len(larger)):
            changed: dict[str, Activation] = dict.fromkeys((larger[k] for k in block), simple)
            yield instance.derive(activations={**old, **changed})
    for v, activation in old.items():
        for shorter in _shorter_activations(activation):
            yield instance.derive(activations={**old, v: shorter})


def simpler_loss(instance: Instance) -> Iterator[Instance]:
    """With the mismatch or the absolute loss, or with a shorter one."""
    if instance.problem is Problem.D_QNNT:
        return
    for loss in (Mismatch(), Absolute(), *_shorter_losses(instance.loss)):
        if loss != instance.loss:
            yield instance.derive(loss=loss)


def simpler_function_numbers(instance: Instance) -> Iterator[Instance]:
    """With a simpler number in an activation or in the loss."""
    if instance.problem is Problem.D_QNNT:
        return
    for v, activation in instance.activations.items():
        for simpler in _with_simpler_number(activation):
            yield instance.derive(activations={**instance.activations, v: simpler})
    for loss in _losses_with_simpler_number(instance):
        yield instance.derive(loss=loss)


def _shorter_activations(activation: Activation) -> Iterator[Activation]:
    match activation:
        case Polynomial(coefficients=coefficients):
            for length in dict.fromkeys((1, len(coefficients) - 1)):
                if 0 < length < len(coefficients):
                    yield Polynomial(coefficients[:length])
        case Table(entries=entries):
            for block in blocks(len(entries)):
                if len(block) < len(entries):
                    yield Table(tuple(entry for k, entry in enumerate(entries) if k not in block))
        case Step(breaks=breaks, values=values):
            for k in range(len(breaks)):
                fewer = (*breaks[:k], *breaks[k + 1 :])
                yield Step(fewer, (*values[:k], *values[k + 1 :]))
                yield Step(fewer, (*values[: k + 1], *values[k + 2 :]))


def _shorter_losses(loss: Loss) -> Iterator[Loss]:
    match loss:
        case TableLoss(entries=triples):
            for block in blocks(len(triples)):
                yield TableLoss(tuple(triple for k, triple in enumerate(triples) if k not in block))
        case Accept(sets=sets):
            for block in blocks(len(sets)):
                yield Accept(tuple(pair for k, pair in enumerate(sets) if k not in block))
            listed = [
                (label, j, value) for label, accepted in sets for j, values in enumerate(accepted) for value in values
            ]
            for block in blocks(len(listed)):
                yield _without_values(loss, {listed[k] for k in block})


def _without_values(loss: Accept, dropped: set[tuple[object, int, object]]) -> Accept:
    return Accept(
        tuple(
            (
                label,
                tuple(
                    tuple(value for value in values if (label, j, value) not in dropped)
                    for j, values in enumerate(accepted)
                ),
            )
            for label, accepted in loss.sets
        )
    )


def _with_simpler_number(activation: Activation) -> Iterator[Activation]:
    for document in _one_number_simpler(activation_document(activation)):
        try:
            yield activation_from(document, "")
        except InputError:  # such as a clip upside down
            continue


def _losses_with_simpler_number(instance: Instance) -> Iterator[Loss]:
    for document in _one_number_simpler(loss_document(instance.loss)):
        try:
            yield loss_from(document, "", len(instance.network.outputs))
        except InputError:  # such as a label listed twice
            continue


def _one_number_simpler(document: object) -> Iterator[object]:
    """The document of a function with a simpler number in one place."""
    if isinstance(document, dict):
        for key, value in document.items():
            if key != "type":
                yield from ({**document, key: simpler} for simpler in _one_number_simpler(value))
    elif isinstance(document, list):
        for k, value in enumerate(document):
            yield from ([*document[:k], simpler, *document[k + 1 :]] for simpler in _one_number_simpler(value))
    elif not is_name(document):
        yield from map(to_json_number, simpler_numbers(to_number(document)))
