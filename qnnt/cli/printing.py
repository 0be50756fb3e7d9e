"""Lines and tables on standard output, whatever the names in them are, and wherever it goes."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console
    from rich.table import Table


def printable(text: str, console: Console) -> str:
    """Without control characters, which terminals obey, and in the console's encoding; names may be any text."""
    from qnnt.reports import plain

    return plain(text).encode(console.encoding, errors="backslashreplace").decode(console.encoding)


@contextmanager
def status_line() -> Iterator[Callable[[str], None]]:
    """A line on a terminal's standard error that says how far it is; elsewhere nothing is shown."""
    if not sys.stderr.isatty():
        yield _nothing
        return
    from rich.console import Console
    from rich.markup import escape

    console = Console(stderr=True)
    with console.status("starting") as status:
        yield lambda text: status.update(escape(printable(text, console)))


def _nothing(_: str) -> None:
    """Where nobody looks."""


def print_line(text: str, console: Console) -> None:
    """One line, however long."""
    console.print(printable(text, console), markup=False, highlight=False, soft_wrap=True)


def print_table(table: Table, console: Console) -> None:
    """Within the width of a terminal; a file or a pipe is as wide as it takes."""
    width = console.width
    if not console.is_terminal:
        console.width = max(80, console.measure(table, options=console.options.update(max_width=100_000)).maximum)
    console.print(table)
    console.width = width
