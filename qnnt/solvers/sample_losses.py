"""The loss of parameters at every distinct input, and what of it no parameters avoid."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from qnnt.array_evaluation import applies, outputs_of
from qnnt.errors import CertificateError
from qnnt.evaluation import outputs_at, sample_loss
from qnnt.exact import Number, reduced
from qnnt.instance import Dataset, Instance, Parameters
from qnnt.losses import Absolute, Accept, Hamming, Hinge, Linf, Mismatch, Positive, Squared, TableLoss
from qnnt.simplification.samples import Labels, certain_mismatch, labels_by_input

Outputs = tuple[Number, ...]


class SampleLosses:
    """The samples of an instance by distinct input, numbered from 0 on.

    Parameters
    ----------
    instance
        In general form.
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        groups = labels_by_input(instance.dataset)
        self._inputs = list(groups)
        kinds: dict[tuple[tuple[Labels, int], ...], int] = {}
        self._kind = [kinds.setdefault(tuple(labels.items()), len(kinds)) for labels in groups.values()]
        self._labels = list(kinds)
        mismatch = isinstance(instance.loss, Mismatch)  # other losses have none to be sure of
        floors = [certain_mismatch(dict(labels)) if mismatch else 0 for labels in self._labels]
        self.certain: list[int] = [floors[kind] for kind in self._kind]
        """Per distinct input: a loss that no parameters avoid."""
        self._seen: dict[tuple[Outputs, int], Number | None] = {}

    def __len__(self) -> int:
        return len(self._inputs)

    def samples_at(self, numbers: Sequence[int]) -> Dataset:
        """All samples of some distinct inputs."""
        rows = [(self._inputs[i], y, weight) for i in numbers for y, weight in self._labels[self._kind[i]]]
        return Dataset(tuple(x for x, _, _ in rows), tuple(y for _, y, _ in rows), tuple(w for _, _, w in rows))

    def of(self, parameters: Parameters) -> list[Number | None]:
        """The loss at each distinct input; None where an activation or the loss is undefined.

        All inputs at once in NumPy where 64 bits hold everything, else one by one in exact numbers.

        Raises
        ------
        BudgetError
            If a value is too large.
        """
        return [
            None if outputs is None else self._loss(outputs, kind)
            for outputs, kind in zip(self._outputs(parameters), self._kind, strict=True)
        ]

    def _loss(self, outputs: Outputs, kind: int) -> Number | None:
        if (outputs, kind) not in self._seen:
            try:
                shares = (weight * sample_loss(self._instance.loss, outputs, y) for y, weight in self._labels[kind])
                self._seen[outputs, kind] = reduced(sum(shares, start=0))
            except CertificateError:
                self._seen[outputs, kind] = None
        return self._seen[outputs, kind]

    def _outputs(self, parameters: Parameters) -> list[Outputs | None]:
        if self._integral and applies(self._corners, parameters):
            return list(map(tuple, outputs_of(self._instance, parameters, self._array).tolist()))
        return [self._outputs_at(parameters, x) for x in self._inputs]

    def _outputs_at(self, parameters: Parameters, x: tuple[Number, ...]) -> Outputs | None:
        try:
            return outputs_at(self._instance, parameters, x)
        except CertificateError:
            return None

    @cached_property
    def _integral(self) -> bool:
        return all(isinstance(value, int) and abs(value) < 2**62 for x in self._inputs for value in x)

    @cached_property
    def _array(self) -> np.typing.NDArray[np.int64]:
        return np.array(self._inputs, np.int64).reshape(len(self), len(self._instance.network.inputs))

    @cached_property
    def _corners(self) -> Instance:
        """The least and the largest value of each column are all that bounds of the network's numbers depend on."""
        columns = list(zip(*self._inputs, strict=True))
        ends = (tuple(map(min, columns)), tuple(map(max, columns))) if columns else ()
        unlabelled = (None,) * len(self._instance.network.outputs)
        return self._instance.derive(dataset=Dataset(ends, (unlabelled,) * len(ends), (1,) * len(ends)))


def never_negative(instance: Instance) -> bool:
    """Whether no sample can have a loss below 0, so that what some samples cost, all cost."""
    loss = instance.loss
    if isinstance(loss, TableLoss):
        return all(value >= 0 for _, _, value in loss.entries)
    return isinstance(loss, Mismatch | Linf | Hamming | Absolute | Squared | Hinge | Positive | Accept)
