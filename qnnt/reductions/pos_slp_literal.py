r"""PosSLP with tame products becomes the evaluation of a deep network, by the literal Lemma 3.5.

As `qnnt.reductions.pos_slp`, with the activations as printed: `slp_shift` puts the digits of b behind the
point, `slp_mul` multiplies what stands before the point by what stands behind. They are right where every
right operand of a product is 0, or positive and not divisible by 10; sources that break this are refused.
"""

from __future__ import annotations

from typing import ClassVar

from qnnt.instance import Instance
from qnnt.reductions.pos_slp import GUARD, PosSlp
from qnnt.reductions.sources.straight_line import Program, TameProgram


class LiteralPosSlp(PosSlp):
    """Lemma 3.5 as printed, on the programs for which it holds."""

    theorem: ClassVar[str] = "Lemma 3.5, literally: deep networks with all parameters fixed decide PosSLP"
    source: ClassVar[type[Program]] = TameProgram
    shift: ClassVar[str] = "slp_shift"
    multiply: ClassVar[str] = "slp_mul"

    def to_instance(self, program: Program, form: str) -> Instance:
        """The instance: margin 1."""
        return super().to_instance(program, GUARD)


REDUCTION = LiteralPosSlp()
