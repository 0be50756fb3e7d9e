"""Damage to proofs, most of which stays well-formed."""

from __future__ import annotations

import random


def damaged(rng: random.Random, proof: str, highest: int) -> str:
    """A proof with one to three changes, in lines or numbers; new numbers are at most `highest`."""
    lines = [line.split() for line in proof.splitlines()]
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        at = rng.randrange(len(lines) + 1)
        if rng.random() < 0.4 or not lines[at:] or not lines[at]:
            lines = _with_other_lines(rng, lines, highest)
        else:
            lines[at] = _with_other_numbers(rng, lines[at], highest)
    return "".join(f"{' '.join(tokens)}\n" for tokens in lines)


def _with_other_lines(rng: random.Random, lines: list[list[str]], highest: int) -> list[list[str]]:
    lines = list(lines)
    kind = rng.randrange(7)
    if kind == 0 or not lines:
        clause = [str(rng.choice([-1, 1]) * rng.randint(1, highest)) for _ in range(rng.randrange(3))]
        lines.insert(rng.randint(0, len(lines)), [*["d"][: rng.randrange(2)], *clause, "0"])
        return lines
    at, to = rng.randrange(len(lines)), rng.randrange(len(lines))
    if kind == 1:
        del lines[at]
    elif kind == 2:
        lines[at], lines[to] = lines[to], lines[at]
    elif kind == 3:
        lines.insert(to, lines.pop(at))
    elif kind == 4:
        lines.insert(to, lines[at])
    elif kind == 5:
        del lines[at:]
    elif "d" in lines[at]:
        lines[at] = [token for token in lines[at] if token != "d"]
    else:
        lines.insert(at, ["d", *lines[at]])
    return lines


def _with_other_numbers(rng: random.Random, tokens: list[str], highest: int) -> list[str]:
    tokens = list(tokens)
    at = rng.randrange(len(tokens))
    token = tokens[at]
    kind = rng.randrange(6)
    if kind == 0:
        tokens.insert(at, str(rng.choice([-1, 1]) * rng.randint(1, highest + 1)))
    elif kind == 1 and (token != "0" or rng.random() < 0.1):
        del tokens[at]
    elif kind == 2 and token not in {"0", "d"}:
        tokens[at] = str(rng.choice([-1, 1]) * rng.randint(1, highest))
    elif kind == 3 and token not in {"0", "d"}:
        tokens[at] = str(-int(token))
    elif kind == 4:
        to = rng.randrange(len(tokens))
        if {token, tokens[to]}.isdisjoint({"0", "d"}) or rng.random() < 0.1:
            tokens[at], tokens[to] = tokens[to], token
    elif kind == 5 and token not in {"0", "d"}:
        tokens.insert(at, token)
    return tokens
