from __future__ import annotations

import pytest

from qnnt.benchmarking.comparison.gate import changes_between
from qnnt.benchmarking.comparison.markdown import LONGEST, LONGEST_CELL, MOST_ROWS, markdown_of
from qnnt.verdicts import Verdict
from tests.benchmarking.recordings import measurement, recording, times, unsolved, without_result


def test_nothing_changed() -> None:
    same = recording(measurement())
    lines = markdown_of(changes_between(same, same)).splitlines()
    assert lines[0] == "### ✅ cccccccccc -> cccccccccc: no regression (1 pair of instance and setup)"
    assert not any("<details>" in line or "🔺" in line for line in lines)


def test_the_verdict_comes_first_and_details_are_folded() -> None:
    base = [
        *(measurement(instance=name, counters={"conflicts": 1000}) for name in "abc"),
        measurement(instance="lost"),
        unsolved(instance="open"),
    ]
    slow = times(cpu=4.0, wall=4.1)
    new = [
        *(measurement(instance=name, seconds=slow, counters={"conflicts": 3000}) for name in "abc"),
        unsolved(instance="lost"),
        unsolved(instance="open", lower_bound=2),
        measurement(instance="born"),
    ]
    text = markdown_of(changes_between(recording(*base), recording(*new)))
    main, details = text.split("<details>")
    assert main.startswith("### ❌ cccccccccc -> cccccccccc: 4 regressions (5 pairs")
    assert "| 🔺 regression | lost | sat | solved | unsolved | time limit |" in main
    assert "| 🔺 regression | cpu | sat | all | 4 |" in main
    assert "| 🔺 regression | conflicts | sat | 3 | 3.000 | 3 | 1000 -> 3000 | a |  |" in main
    assert "|  | open | sat | 1..4 | 2..4 |" in details
    assert "|  | born | sat | only in NEW |" in details
    assert main.index("lost") < main.index("cpu") < main.index("conflicts")


def test_labels_of_any_characters_break_no_table() -> None:
    nasty = "a|b`c\n<script>*x*_y_[z](u) @someone #1"
    crashed = without_result(Verdict.CRASHED, instance=nasty, problem="x" * 9999)
    text = markdown_of(changes_between(recording(measurement(instance=nasty)), recording(crashed)))
    (line,) = (line for line in text.splitlines() if "script" in line)
    assert "a\\|b\\`c &lt;script>\\*x\\*\\_y\\_\\[z\\](u) @&#8203;someone #&#8203;1" in line
    assert line.replace("\\|", "").count("|") == 7
    assert len(line) < 3 * LONGEST_CELL


def test_what_github_and_terminals_interpret() -> None:
    nasty = "&lt; $x$ http://a www.b \x1b[31m \u202e \udcff"
    text = markdown_of(changes_between(recording(measurement(instance=nasty)), recording()))
    (line,) = (line for line in text.splitlines() if "lt;" in line)
    for told in (
        "&amp;lt; ",
        "<span>$</span>x<span>$</span>",
        "http:&#8203;//a",
        "www&#8203;.b",
        r"\\x1b\[31m",
        r"\\u202e",
        r"\\udcff",
    ):
        assert told in line


def test_long_tables_are_cut() -> None:
    base = recording(*(measurement(instance=str(i)) for i in range(MOST_ROWS + 5)))
    text = markdown_of(changes_between(base, recording()))
    assert text.startswith("### ⚠️")
    assert text.count("only in BASE") == MOST_ROWS
    assert "... and 5 rows more" in text


def test_regressions_stand_first_and_are_not_cut() -> None:
    number = MOST_ROWS + 20
    base = [measurement(instance=str(i), repetition=j) for i in range(number + 5) for j in range(3)]
    new = [unsolved(instance=str(i), repetition=j) for i in range(5, number + 5) for j in range(3)]
    new += [unsolved(instance=str(i)) for i in range(5)]
    new += [measurement(instance=str(i), repetition=j) for i in range(5) for j in (1, 2)]
    text = markdown_of(changes_between(recording(*base), recording(*new)))
    lines = [line for line in text.splitlines() if "| sat | solved |" in line]
    assert len(lines) == number  # what is only noted is cut, though it comes first in NEW and has the least numbers
    assert all(line.startswith("| 🔺 regression |") for line in lines)
    assert "... and 5 rows more" in text


@pytest.mark.parametrize("number", [150, 300, 2000])
def test_the_whole_is_no_longer_than_a_comment_may_be(number: int) -> None:
    label = "é" * LONGEST_CELL
    base = [measurement(instance=f"{i}{label}") for i in range(number)]
    base += [unsolved(instance=f"open {i}{label}") for i in range(MOST_ROWS)]
    new = [unsolved(instance=f"{i}{label}") for i in range(number)]
    new += [unsolved(instance=f"open {i}{label}", lower_bound=2) for i in range(MOST_ROWS)]
    text = markdown_of(changes_between(recording(*base), recording(*new)))
    assert LONGEST / 3 < len(text.encode()) <= LONGEST
    assert "<details>" not in text
    listed = sum("| 🔺 regression | " in line and "time limit" in line for line in text.splitlines())
    assert listed == number if number == 150 else 0 < listed < number
    assert ("Listed:" in text) == (number != 150)


@pytest.mark.parametrize("yardstick", [None, "plain"])
def test_the_speed_of_the_machine_is_told(yardstick: str | None) -> None:
    base, new = (
        recording(
            *(measurement(instance=name) for name in "abc"),
            *(measurement(instance=name, setup="plain", seconds=times(cpu=cpu)) for name in "abc"),
            yardstick=yardstick,
        )
        for cpu in (0.95, 1.9)
    )
    text = markdown_of(changes_between(base, new))
    assert ("took 2.00 times the processor time" in text) == (yardstick is not None)
    assert ("no yardstick that tells" in text) == (yardstick is None)
