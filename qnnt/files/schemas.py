"""The published JSON Schemas (draft 2020-12) of instance and result files."""

from __future__ import annotations

from importlib.resources import files
from typing import Literal


def schema_text(name: Literal["instance", "result"]) -> str:
    """The text of a schema, as `qnnt schema` prints it."""
    return files(__package__).joinpath(f"{name}.schema.json").read_text("utf-8")
