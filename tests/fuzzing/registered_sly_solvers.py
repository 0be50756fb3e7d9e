"""Imported by the workshop alone: there, the sly solvers stand in the registry."""

from __future__ import annotations

from qnnt.solvers.registry import SOLVERS
from tests.fuzzing.sly_solvers import SLY

SOLVERS.update(SLY)
