"""A solver's place in the registry: all that is known of it before it runs."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qnnt.errors import UnsupportedError


@dataclass(frozen=True)
class Entry:
    """A solver's place.

    Attributes
    ----------
    home
        ``module:class``; imported only when it runs.
    encodings
        The encodings it can be given; empty for algorithms, which build no model.
    options
        Further choices by their names; the first of each is the default.
    replaced_by_command
        Options that mean nothing where a foreign solver's command line takes their place.
    packages
        Distribution names, with the module to look for, that it needs.
    preload
        Modules that its processes import once, before the first job.
    """

    name: str
    home: str
    summary: str
    replaced_by_command: tuple[str, ...] = ()
    encodings: tuple[str, ...] = ()
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    packages: tuple[tuple[str, str], ...] = ()
    preload: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()

    @property
    def missing(self) -> list[str]:
        """Distributions that are not installed."""
        return [name for name, module in self.packages if importlib.util.find_spec(module) is None]

    def create(self, **settings: Any) -> Any:
        """The backend or algorithm; without settings, with all of its defaults.

        Raises
        ------
        UnsupportedError
            If a package is missing; says how to install it.
        """
        if self.missing:
            raise UnsupportedError(f"the solver {self.name} needs: pip install {' '.join(self.missing)}")
        module, _, kind = self.home.partition(":")
        return getattr(importlib.import_module(module), kind)(**settings)
