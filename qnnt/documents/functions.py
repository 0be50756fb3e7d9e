"""Activations and losses as documents: a name, or an object with a type and its fields."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from qnnt import activations as act
from qnnt import digit_activations as digits
from qnnt import losses
from qnnt.documents.fields import as_integer, as_list, as_numbers, as_object, as_text, below
from qnnt.errors import InputError
from qnnt.exact import shown, to_json_number, to_number

_PLAIN_ACTIVATIONS: Mapping[str, act.Activation] = {
    a.name: a
    for a in (
        *(act.Identity(), act.Relu(), act.Threshold(), act.Sign()),
        *(digits.SlpShift(), digits.SlpMul(), digits.SlpShiftGuard(), digits.SlpMulGuard()),
    )
}
_ACTIVATION_FIELDS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(_PLAIN_ACTIVATIONS, ()),
    "relu_d": ("d",),
    "clip": ("low", "high"),
    "polynomial": ("coefficients",),
    "table": ("values",),
    "step": ("breaks", "values"),
    "leaky": ("negative", "positive"),
    "constant": ("value",),
}
_PLAIN_LOSSES: Mapping[str, losses.Loss] = {
    loss.name: loss
    for loss in (
        *(losses.Mismatch(), losses.Hamming(), losses.Absolute(), losses.Squared(), losses.Linf()),
        losses.Positive(),
    )
}
_LOSS_FIELDS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(_PLAIN_LOSSES, ()),
    "hinge": ("margin",),
    "table": ("values",),
    "accept": ("sets",),
}


def _typed(value: object, path: str, fields: Mapping[str, tuple[str, ...]]) -> tuple[str, Mapping[str, Any]]:
    """The type and the object of a function given by name or as an object."""
    if isinstance(value, str):
        value = {"type": value}
    if not isinstance(value, Mapping):
        raise InputError(f"expected a name or an object with a type, got {shown(value)}", path)
    if "type" not in value:
        raise InputError("the key 'type' is missing", path)
    name = as_text(value["type"], below(path, "type"))
    if name not in fields:
        raise InputError(f"unknown type {shown(name)}; known: {', '.join(sorted(fields))}", path)
    return name, as_object(value, path, ("type", *fields[name]), ("type", *fields[name]))


def activation_from(value: object, path: str) -> act.Activation:
    """Read an activation."""
    name, body = _typed(value, path, _ACTIVATION_FIELDS)
    if name in _PLAIN_ACTIVATIONS:
        return _PLAIN_ACTIVATIONS[name]
    if name == "relu_d":
        return act.ReluD(as_integer(body["d"], below(path, "d"), 2, 2**62))
    if name == "polynomial":
        coefficients = as_numbers(body["coefficients"], below(path, "coefficients"))
        if not coefficients:
            raise InputError("expected at least one coefficient", below(path, "coefficients"))
        return act.Polynomial(coefficients)
    if name == "table":
        return _table_activation(body["values"], below(path, "values"))
    if name == "step":
        return _step(body, path)
    numbers = {key: to_number(body[key], below(path, key)) for key in _ACTIVATION_FIELDS[name]}
    if name == "clip":
        if numbers["low"] > numbers["high"]:
            raise InputError(f"low {numbers['low']} is above high {numbers['high']}", path)
        return act.Clip(numbers["low"], numbers["high"])
    if name == "leaky":
        return act.Leaky(numbers["negative"], numbers["positive"])
    return act.Constant(numbers["value"])


def _table_activation(value: object, path: str) -> act.Table:
    entries = {}
    for i, entry in enumerate(as_list(value, path)):
        pair = as_numbers(entry, f"{path}[{i}]")
        if len(pair) != 2:
            raise InputError(f"expected [t, value], got {len(pair)} numbers", f"{path}[{i}]")
        if pair[0] in entries:
            raise InputError(f"t = {pair[0]} is listed twice", f"{path}[{i}]")
        entries[pair[0]] = pair[1]
    if not entries:
        raise InputError("expected at least one [t, value]", path)
    return act.Table(tuple(sorted(entries.items())))


def _step(body: Mapping[str, Any], path: str) -> act.Step:
    breaks = as_numbers(body["breaks"], below(path, "breaks"))
    values = as_numbers(body["values"], below(path, "values"))
    if any(a >= b for a, b in itertools.pairwise(breaks)):
        raise InputError("breaks must be strictly increasing", below(path, "breaks"))
    if len(values) != len(breaks) + 1:
        raise InputError(
            f"expected one value more than breaks ({len(breaks) + 1}), got {len(values)}", below(path, "values")
        )
    return act.Step(breaks, values)


def loss_from(value: object, path: str, outputs: int) -> losses.Loss:
    """Read a loss for a network with this many outputs."""
    name, body = _typed(value, path, _LOSS_FIELDS)
    if name in _PLAIN_LOSSES:
        return _PLAIN_LOSSES[name]
    if name == "hinge":
        return losses.Hinge(to_number(body["margin"], below(path, "margin")))
    if name == "table":
        return _table_loss(body["values"], below(path, "values"), outputs)
    return _accept(body["sets"], below(path, "sets"), outputs)


def _table_loss(value: object, path: str, outputs: int) -> losses.TableLoss:
    if outputs != 1:
        raise InputError(f"a table loss is for one output, the network has {outputs}", path)
    entries = {}
    for i, entry in enumerate(as_list(value, path)):
        triple = as_numbers(entry, f"{path}[{i}]")
        if len(triple) != 3:
            raise InputError(f"expected [output, label, loss], got {len(triple)} numbers", f"{path}[{i}]")
        if triple[2] < 0:
            raise InputError(f"the loss {triple[2]} is negative", f"{path}[{i}][2]")
        if triple[:2] in entries:
            raise InputError(f"output {triple[0]} with label {triple[1]} is listed twice", f"{path}[{i}]")
        entries[triple[:2]] = triple
    return losses.TableLoss(tuple(sorted(entries.values())))


def _accept(value: object, path: str, outputs: int) -> losses.Accept:
    sets = {}
    for i, entry in enumerate(as_list(value, path)):
        at = f"{path}[{i}]"
        pair = as_list(entry, at)
        if len(pair) != 2:
            raise InputError(f"expected [label, accepted values per output], got {shown(entry)}", at)
        label = to_number(pair[0], f"{at}[0]")
        accepted = as_list(pair[1], f"{at}[1]")
        if len(accepted) != outputs:
            raise InputError(f"expected {outputs} lists of values, one per output, got {len(accepted)}", f"{at}[1]")
        if label in sets:
            raise InputError(f"label {label} is listed twice", at)
        sets[label] = tuple(tuple(sorted(set(as_numbers(a, f"{at}[1][{j}]")))) for j, a in enumerate(accepted))
    return losses.Accept(tuple(sorted(sets.items())))


def activation_document(activation: act.Activation) -> str | dict[str, Any]:
    """The inverse of `activation_from`."""
    name = activation.name
    match activation:
        case act.ReluD(d=d):
            return {"type": name, "d": d}
        case act.Clip(low=low, high=high):
            return {"type": name, "low": to_json_number(low), "high": to_json_number(high)}
        case act.Polynomial(coefficients=coefficients):
            return {"type": name, "coefficients": [to_json_number(c) for c in coefficients]}
        case act.Table(entries=entries):
            return {"type": name, "values": [[to_json_number(t), to_json_number(v)] for t, v in entries]}
        case act.Step(breaks=breaks, values=values):
            return {
                "type": name,
                "breaks": [to_json_number(b) for b in breaks],
                "values": [to_json_number(v) for v in values],
            }
        case act.Leaky(negative=negative, positive=positive):
            return {"type": name, "negative": to_json_number(negative), "positive": to_json_number(positive)}
        case act.Constant(constant=constant):
            return {"type": name, "value": to_json_number(constant)}
    return name


def loss_document(loss: losses.Loss) -> dict[str, Any]:
    """The inverse of `loss_from`."""
    match loss:
        case losses.Hinge(margin=margin):
            return {"type": loss.name, "margin": to_json_number(margin)}
        case losses.TableLoss(entries=entries):
            return {"type": loss.name, "values": [[to_json_number(n) for n in entry] for entry in entries]}
        case losses.Accept(sets=sets):
            return {
                "type": loss.name,
                "sets": [
                    [to_json_number(label), [[to_json_number(n) for n in values] for values in accepted]]
                    for label, accepted in sets
                ],
            }
    return {"type": loss.name}
