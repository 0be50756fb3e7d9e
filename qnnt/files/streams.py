"""Files as streams: written whole or not at all, read line by line, packed where the name or the content says so."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import sys
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from qnnt.errors import InputError

STANDARD_INPUT = "-"
"""Also stands for standard output."""
COMPRESSION = 4
"""Several times faster than 9, for files a few percent larger."""


def write_blocks(path: str, blocks: Iterable[bytes]) -> None:
    """Write a whole file or none of it: a neighbour is written first and then renamed.

    '-' is standard output; ``.gz`` is packed, the same bytes each time; devices and pipes are written in
    place.

    Raises
    ------
    InputError
        If the place cannot be written.
    """
    if path == STANDARD_INPUT:
        sys.stdout.flush()
        if hasattr(sys.stdout, "buffer"):
            sys.stdout.buffer.writelines(blocks)  # UTF-8 whatever the terminal's encoding
            sys.stdout.buffer.flush()
        else:
            sys.stdout.writelines(block.decode() for block in blocks)
        return
    try:
        _write(Path(path), blocks)
    except OSError as error:
        raise InputError(f"cannot write: {(error.strerror or str(error)).lower()}", source=path) from None
    except ValueError as error:  # a path with a null byte
        raise InputError(f"cannot write: {error}", source=path) from None


def _write(target: Path, blocks: Iterable[bytes]) -> None:
    packed = target.name.endswith(".gz")
    if target.exists():
        if not target.is_file():
            with target.open("wb") as file:
                _fill(file, blocks, packed)
            return
        target = target.resolve()  # what a link leads to is replaced, not the link
    handle, neighbour = tempfile.mkstemp(dir=target.parent, prefix=".qnnt.")
    try:
        with os.fdopen(handle, "wb") as file:
            _fill(file, blocks, packed)
        mask = os.umask(0)
        os.umask(mask)
        Path(neighbour).chmod(0o666 & ~mask)
        Path(neighbour).replace(target)
    except BaseException:
        Path(neighbour).unlink(missing_ok=True)
        raise


def _fill(file: io.BufferedWriter, blocks: Iterable[bytes], packed: bool) -> None:
    if not packed:
        file.writelines(blocks)
        return
    # neither name nor time, which would make the bytes differ
    with gzip.GzipFile("", "wb", COMPRESSION, file, mtime=0) as packing:
        packing.writelines(blocks)


def lines_of(path: str) -> Iterator[str]:
    r"""The lines of a text, ends included, without holding it all.

    '-' is standard input; packed files are unpacked. Bytes that are no UTF-8 come as ``\ufffd``.

    Raises
    ------
    InputError
        If the file cannot be read; without its name.
    """
    try:
        with contextlib.ExitStack() as stack:
            file: io.BytesIO | io.BufferedReader
            if path == STANDARD_INPUT:
                start = sys.stdin.buffer.read()
                file = io.BytesIO(start)
            else:
                file = stack.enter_context(Path(path).open("rb"))
                start = file.peek(2)  # a pipe cannot go back
            packed = start.startswith(b"\x1f\x8b")
            if path.endswith(".gz") and not packed:
                raise InputError("not a gzip file, though its name ends in .gz")
            for line in stack.enter_context(gzip.GzipFile(fileobj=file)) if packed else file:
                yield line.decode(errors="replace")
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"damaged gzip file: {error}") from None
    except OSError as error:
        raise InputError(f"cannot read: {(error.strerror or str(error)).lower()}") from None
    except ValueError as error:  # a path with a null byte
        raise InputError(f"cannot read: {error}") from None
