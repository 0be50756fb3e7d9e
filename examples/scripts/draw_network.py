"""A small network as a picture: levels from left to right, the sets of its weights, and the first samples.

Edges with a choice are blue, fixed ones grey with their value (none for 1). A neuron shows its activation and its
biases where they are not the commonest ones, which the last line names.

    python examples/scripts/draw_network.py examples/xor.json -o xor.svg
    python examples/scripts/draw_network.py three-sat:variables=3,clauses=2 -o three_sat.svg
"""

from __future__ import annotations

import argparse
import html
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import qnnt
from qnnt.solvers.instance_sets import instances_of

COLUMN = 170
ROW = 62
RADIUS = 20
LINE = 17
MOST_SAMPLES = 8
MOST_NEURONS = 120
FEW = 3
"""Edges from one place that all have their words, alike or not."""
CHOICE = "#2b5fb0"
FIXED = "#9a9a9a"


def main() -> None:
    """Read the instance, write the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("instance", help="instance file, or one of a family as in qnnt compare")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE.svg")
    arguments = parser.parse_args()
    instance = instances_of([arguments.instance])[0].instance
    size = len(instance.network.inputs) + len(instance.network.neurons)
    if size > MOST_NEURONS:
        parser.error(f"a picture of {size} inputs and neurons would show nothing: at most {MOST_NEURONS}")
    arguments.output.write_text(drawn(instance))


def drawn(instance: qnnt.Instance) -> str:
    """The picture as SVG."""
    network = instance.network
    place = places(instance)
    named = _shown_words(instance)
    usual_weights = Counter(instance.weights.values()).most_common(1)[0][0] if instance.weights else ()
    usual_bias = Counter(instance.biases.values()).most_common(1)[0][0]
    usual_activation = Counter(a.name for a in instance.activations.values()).most_common(1)[0][0]
    found: list[str] = []
    for (u, v), values in instance.weights.items():
        (x1, y1), (x2, y2) = place[u], place[v]
        colour = FIXED if len(values) == 1 else CHOICE
        bend = _bend(place[u], place[v])
        path = f"M {x1} {y1} Q {(x1 + x2) / 2} {(y1 + y2) / 2 - 2 * bend} {x2} {y2}"
        found.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="1.3"/>')
        word = named.get((u, v))
        if word:
            near = 0.3 + 0.12 * (network.predecessors[v].index(u) % 3)  # labels of neighbours do not meet
            x, y = x1 + near * (x2 - x1), y1 + near * (y2 - y1) - bend
            found.append(_text(x, y - 3, word, 10, colour, halo=True))
    for name, (x, y) in place.items():
        neuron = name in instance.activations
        fill = "#eef4ff" if neuron else "#f4f4f4"
        stroke = "#c77d1a" if name in network.outputs else "#3b6fb6" if neuron else "#888"
        found.append(f'<circle cx="{x}" cy="{y}" r="{RADIUS}" fill="{fill}" stroke="{stroke}" stroke-width="1.5"/>')
        found.append(_text(x, y + 4, name, 11 if len(name) <= 5 else 9 if len(name) <= 8 else 7, "#111"))
        if neuron:
            own = [] if instance.activations[name].name == usual_activation else [instance.activations[name].name]
            own += [] if instance.biases[name] == usual_bias else [f"bias {_set(instance.biases[name])}"]
            found.append(_text(x, y + RADIUS + 11, ", ".join(own), 9, "#555"))
    bottom = max(y for _, y in place.values()) + ROW
    lines = [
        f"weights {_set(usual_weights)} unless shown; neurons {usual_activation}, bias {_set(usual_bias)} unless shown",
        *_samples(instance),
    ]
    found += [_text(20, bottom + i * LINE, line, 12, "#333", anchor="start") for i, line in enumerate(lines)]
    height = bottom + len(lines) * LINE
    width = max(max(x for x, _ in place.values()) + COLUMN / 2, 40 + 6.4 * max(map(len, lines)))
    size = f'viewBox="0 0 {width:g} {height:g}" font-family="system-ui, sans-serif"'
    view = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>'
    return "\n".join([view, f'<rect width="{width:g}" height="{height:g}" fill="white"/>', *found, "</svg>", ""])


def places(instance: qnnt.Instance) -> dict[str, tuple[float, float]]:
    """The centre of each input and neuron; a level is a column, ordered by the neighbours to its left."""
    network = instance.network
    levels: defaultdict[int, list[str]] = defaultdict(list)
    for name in (*network.inputs, *network.neurons):
        levels[network.level[name]].append(name)
    tallest = max(map(len, levels.values()))
    found: dict[str, tuple[float, float]] = {}
    for level in sorted(levels):
        names = levels[level]
        if level:
            height = {v: _mean(found[u][1] for u in network.predecessors[v] if u in found) for v in names}
            names = sorted(names, key=lambda v: height[v])
        top = (tallest - len(names)) * ROW / 2
        found.update({v: (COLUMN / 2 + level * COLUMN, top + i * ROW) for i, v in enumerate(names)})
    above = ROW / 2 + RADIUS / 2 + max((_bend(found[u], found[v]) for u, v in network.edges), default=0.0)
    return {name: (x, y + above) for name, (x, y) in found.items()}


def _bend(start: tuple[float, float], end: tuple[float, float]) -> float:
    """How far an edge past a level rises, so that it does not run through the neurons between."""
    levels = round(abs(end[0] - start[0]) / COLUMN)
    return 0.0 if levels <= 1 or start[1] != end[1] else ROW * (0.35 + 0.15 * levels)


def _shown_words(instance: qnnt.Instance) -> dict[tuple[str, str], str]:
    """The words at edges; where many edges from one place have the same, only the first has it."""
    usual = Counter(instance.weights.values()).most_common(1)[0][0] if instance.weights else ()
    found: dict[tuple[str, str], str] = {}
    for u in (*instance.network.inputs, *instance.network.neurons):
        words = {(u, v): _edge_word(instance.weights[u, v], usual) for v in instance.network.successors[u]}
        alike = len(words) > FEW and len(set(words.values())) == 1
        found |= dict(list(words.items())[:1]) if alike else words
    return found


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return math.fsum(listed) / len(listed) if listed else 0.0


def _edge_word(values: Sequence[object], usual: Sequence[object]) -> str:
    if len(values) == 1:
        return "" if str(values[0]) == "1" or values == usual else str(values[0])
    return "" if values == usual else _set(values)


def _set(values: Sequence[object]) -> str:
    words = [str(value) for value in values]
    if len(words) > 5:
        words = [*words[:2], "...", words[-1]]
    return "{" + ", ".join(words) + "}"


def _samples(instance: qnnt.Instance) -> list[str]:
    data = instance.dataset
    lines = []
    for x, y, weight in zip(data.x[:MOST_SAMPLES], data.y, data.weight, strict=False):
        labels = ", ".join("?" if label is None else str(label) for label in y)
        times = f" ({weight} times)" if weight > 1 else ""
        lines.append(_short(f"({', '.join(map(str, x))}) -> ({labels}){times}"))
    if len(data) > MOST_SAMPLES:
        lines.append(f"and {len(data) - MOST_SAMPLES} more samples")
    bound = "" if instance.bound is None else f" at most {instance.bound}"
    return [f"loss {instance.loss.name}{bound}; samples:", *lines]


def _short(text: str, most: int = 90) -> str:
    return text if len(text) <= most else text[: most - 3] + "..."


def _text(x: float, y: float, text: str, size: int, fill: str, *, anchor: str = "middle", halo: bool = False) -> str:
    around = ' stroke="white" stroke-width="3" paint-order="stroke"' if halo else ""
    return (
        f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-size="{size}" fill="{fill}"{around}>'
        f"{html.escape(text)}</text>"
    )


if __name__ == "__main__":
    main()
