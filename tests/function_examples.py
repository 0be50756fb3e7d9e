"""At least one of every activation and loss, with whole and with rational parameters."""

from __future__ import annotations

from fractions import Fraction

from qnnt.activations import (
    Activation,
    Clip,
    Constant,
    Identity,
    Leaky,
    Polynomial,
    Relu,
    ReluD,
    Sign,
    Step,
    Table,
    Threshold,
)
from qnnt.digit_activations import SlpMul, SlpMulGuard, SlpShift, SlpShiftGuard
from qnnt.exact import Number
from qnnt.losses import Absolute, Accept, Hamming, Hinge, Linf, Loss, Mismatch, Positive, Squared, TableLoss

HALF, THIRD = Fraction(1, 2), Fraction(1, 3)

EVERY_ACTIVATION: tuple[Activation, ...] = (
    Identity(),
    Relu(),
    *(ReluD(d) for d in (2, 3, 4, 5, 9)),
    Threshold(),
    Sign(),
    Clip(-1, 2),
    Clip(0, 0),
    Clip(THIRD, HALF),
    Clip(-HALF, Fraction(7, 4)),
    Clip(-5, -3),
    Polynomial((3,)),
    Polynomial((0, -1, 1)),
    Polynomial((HALF, 0, Fraction(-2, 3))),
    Polynomial((0, -6, 11, -6, 1)),  # 0 at 0, 1, 2 and 3
    Table(((0, 5),)),
    Table(((-1, 2), (0, 2), (1, 2), (2, HALF))),
    Table(((-HALF, 0), (THIRD, 1), (1, 1))),
    Step((), (4,)),
    Step((0,), (-1, 1)),
    Step((-1, 0, 2), (0, 0, 3, 3)),
    Step((-HALF, -THIRD, Fraction(1, 7)), (1, HALF, -1, 0)),
    Leaky(0, 1),
    Leaky(Fraction(1, 10), 1),
    Leaky(-2, HALF),
    Leaky(1, 0),
    Leaky(0, 0),
    Constant(0),
    Constant(HALF),
    SlpShift(),
    SlpMul(),
    SlpShiftGuard(),
    SlpMulGuard(),
)

EVERY_LOSS: tuple[Loss, ...] = (
    Mismatch(),
    Hamming(),
    Absolute(),
    Squared(),
    Linf(),
    Positive(),
    Hinge(1),
    Hinge(-1),
    Hinge(HALF),
    Accept(((-1, ((0, 1), ())), (0, ((HALF,), (-1, 0))), (HALF, ((), (2,))), (2, ((2,), (2, -1))))),
)
TABLE_LOSS = TableLoss(((-1, 0, 3), (0, 0, HALF), (0, 2, 0), (HALF, HALF, 1)))

NUMBERS: tuple[Number, ...] = (-1, 0, HALF, 2)
"""Outputs and labels at which the losses above are compared."""
