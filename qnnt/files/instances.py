"""Instance files."""

from __future__ import annotations

import dataclasses
import hashlib

from qnnt.documents.reader import instance_from
from qnnt.documents.writer import document_of
from qnnt.errors import InputError
from qnnt.files.streams import STANDARD_INPUT
from qnnt.files.text import compact, pretty, read_json, write_text
from qnnt.instance import Instance


def load(path: str) -> Instance:
    """Read and validate an instance file (``.json``, ``.json.gz``, or '-' for standard input).

    Raises
    ------
    InputError
        One line: the file, the JSON path, what was expected.
    """
    path = str(path)
    document = read_json(path)
    try:
        instance = instance_from(document)
    except InputError as error:
        raise error.within("standard input" if path == STANDARD_INPUT else path) from None
    return dataclasses.replace(instance, sha256=_digest(compact(document)))


def save(instance: Instance, path: str) -> None:
    """Write an instance file; '-' is standard output, ``.gz`` is packed."""
    write_text(str(path), pretty(document_of(instance)))


def sha256_of(instance: Instance) -> str:
    """The SHA-256 of the canonical form (sorted keys, no spaces) of the instance's file.

    For instances that were not read from a file: of the document that `save` would write.
    """
    return instance.sha256 or _digest(compact(document_of(instance)))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
