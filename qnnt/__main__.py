"""`python -m qnnt`: the command line of this very package, wherever it lies."""

from __future__ import annotations

from qnnt.cli.main import main

if __name__ == "__main__":
    main()
