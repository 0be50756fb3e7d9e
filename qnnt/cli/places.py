"""Places to write to: complaints before hours of search, not after.

With functions of `os.path`, which take any string, however long.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from os import path


def check_writable(place: str) -> None:
    """Complain about a file that cannot be written.

    Raises
    ------
    InputError
        Says why.
    """
    from qnnt.errors import InputError

    folder = path.dirname(place) or "."  # noqa: PTH120
    if path.isdir(place or "."):  # noqa: PTH112
        raise InputError("cannot write: is a directory", source=place)
    if not path.isdir(folder):  # noqa: PTH112
        raise InputError(f"cannot write: there is no directory {folder}", source=place)
    if not os.access(place if path.exists(place) else folder, os.W_OK):  # noqa: PTH110
        raise InputError("cannot write: permission denied", source=place)


def check_apart(written: Iterable[str], read: Iterable[str]) -> None:
    """Complain about a file that would overwrite another one, or what is read, however the places are spelled.

    A - is no place.

    Raises
    ------
    InputError
        Names the file to write.
    """
    from qnnt.errors import InputError

    used = {path.realpath(place) for place in read if place != "-"}
    for place in written:
        if place != "-":
            real = path.realpath(place)
            if real in used:
                raise InputError("cannot write: it is named twice, or read from a folder", source=place)
            used.add(real)


def check_folder(place: str) -> None:
    """Complain about a folder that cannot be made or written into.

    Raises
    ------
    InputError
        Says why.
    """
    from qnnt.errors import InputError

    nearest = place
    while not path.lexists(nearest):
        nearest = path.dirname(nearest) or "."  # noqa: PTH120
    if not path.isdir(nearest):  # noqa: PTH112
        raise InputError(f"cannot write: {nearest} is no directory", source=place)
    if not os.access(nearest, os.W_OK):
        raise InputError("cannot write: permission denied", source=place)
