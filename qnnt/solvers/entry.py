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
    option_packages
        What single options need besides.
    preload
        Modules that its processes import once, before the first job.
    warm_up
        Sources of small instances (see `qnnt.solvers.instance_sets`) on which all its machine code gets compiled,
        where that happens at the first use.
    proves
        Whether it answers every question that it takes, given time; otherwise it looks for good solutions.
    """

    name: str
    home: str
    summary: str
    replaced_by_command: tuple[str, ...] = ()
    encodings: tuple[str, ...] = ()
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    packages: tuple[tuple[str, str], ...] = ()
    option_packages: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    preload: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    warm_up: tuple[str, ...] = ()
    proves: bool = True

    def packages_with(self, settings: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
        """What it needs with these settings, and its defaults for those that are not among them."""
        replaced = self.replaced_by_command if "command" in settings else ()
        chosen = [settings.get(kind, names[0]) for kind, names in self.options.items() if kind not in replaced]
        return (*self.packages, *(package for option in chosen for package in self.option_packages.get(option, ())))

    def missing_for(self, option: str) -> list[str]:
        """Distributions that are not installed, and needed for a single option."""
        return _absent(self.option_packages.get(option, ()))

    def missing_with(self, settings: Mapping[str, Any]) -> list[str]:
        """Distributions that are not installed, and needed with these settings."""
        return _absent(self.packages_with(settings))

    @property
    def missing(self) -> list[str]:
        """Distributions that are not installed, and needed with all of its defaults."""
        return self.missing_with({})

    def create(self, **settings: Any) -> Any:
        """The backend or algorithm; without settings, with all of its defaults.

        Raises
        ------
        UnsupportedError
            If a package is missing; says how to install it.
        """
        missing = self.missing_with(settings)
        if missing:
            raise UnsupportedError(f"the solver {self.name} needs: pip install {' '.join(missing)}")
        module, _, kind = self.home.partition(":")
        return getattr(importlib.import_module(module), kind)(**settings)


def _absent(packages: tuple[tuple[str, str], ...]) -> list[str]:
    return [name for name, module in packages if importlib.util.find_spec(module) is None]
