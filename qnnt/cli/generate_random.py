"""`qnnt generate random` and `qnnt generate planted`."""

from __future__ import annotations

from typing import Annotated

import typer

Output = Annotated[str, typer.Option("-o", "--output", metavar="FILE", help="Instance file to write; - prints it.")]
Layers = Annotated[str, typer.Option(metavar="A,B,C", help="Layer sizes, inputs first, such as 3,3,2.")]
D = Annotated[int, typer.Option("--d", help="Weights, biases and data in Z_d.")]
Samples = Annotated[int, typer.Option(metavar="N", help="Number of samples.")]
Seed = Annotated[int, typer.Option(metavar="N", help="Same seed, same instance.")]
Bound = Annotated[int | None, typer.Option(metavar="L", help="Mismatches allowed; without it, minimise.")]


def random_command(
    layers: Layers, samples: Samples, d: D = 3, seed: Seed = 0, error_bound: Bound = None, output: Output = "-"
) -> None:
    """Distinct uniform inputs, uniform labels: conflicting data that no small network fits."""
    from qnnt.files.instances import save
    from qnnt.generation.families import random_labels

    save(random_labels(d, _sizes(layers), samples, seed, error_bound=error_bound), output)


def planted_command(
    layers: Layers,
    samples: Samples,
    d: D = 3,
    flip: Annotated[str, typer.Option(metavar="P", help="Probability that a label is redrawn: 0.2 or 1/5.")] = "0",
    seed: Seed = 0,
    error_bound: Bound = None,
    output: Output = "-",
) -> None:
    """Uniform inputs labelled by a random network of the same shape; --flip adds noise."""
    from fractions import Fraction

    from qnnt.errors import InputError
    from qnnt.files.instances import save
    from qnnt.generation.families import planted_labels

    try:
        probability = float(Fraction(flip))
    except (ValueError, ZeroDivisionError):
        raise InputError(f"--flip: expected a probability such as 0.2 or 1/5, got {flip!r}") from None
    if not 0 <= probability <= 1:
        raise InputError(f"--flip: expected a probability in 0..1, got {flip}")
    instance = planted_labels(d, _sizes(layers), samples, seed, flip=probability, error_bound=error_bound)
    save(instance, output)


def _sizes(text: str) -> list[int]:
    from qnnt.errors import InputError

    try:
        sizes = [int(part) for part in text.split(",")]
    except ValueError:
        raise InputError(f"--layers: expected sizes such as 3,3,2, got {text!r}") from None
    if len(sizes) < 2 or min(sizes) < 1:
        raise InputError(f"--layers: expected at least two positive sizes, got {text!r}")
    return sizes
