"""The benchmark measures what it says it does; its figures are no tests."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from benchmarks.plot import plot
from benchmarks.run import Command, Figure, copies, measured, table, timed

FIGURES = [
    Figure("1 <file>", "dflint", 0.25, (0.2, 0.25, 0.3), 40.0),
    Figure("1 <file>", "hadolint", 0.1, (0.1, 0.1, 0.1), 80.0),
    Figure("alone", "dflint", 2.0, (2.0,), 60.0),
]


def test_the_table_compares_with_hadolint() -> None:
    rows = table(FIGURES).splitlines()[2:]
    assert rows[0] == "| 1 <file> | dflint | 0.250 | 2.50 | 40 |"
    assert rows[1] == "| 1 <file> | hadolint | 0.100 | 1.00 | 80 |"
    assert rows[2] == "| alone | dflint | 2.000 |  | 60 |"


def test_the_plot_shows_what_can_be_compared() -> None:
    root = ET.fromstring(plot(FIGURES))
    bars = [each for each in root if each.tag.endswith("rect")]
    assert [float(each.get("width", "")) for each in bars] == [440.0, 176.0]
    texts = ["".join(each.itertext()) for each in root if each.tag.endswith("text")]
    assert texts == ["1 <file>", "dflint", "250 ms", "hadolint", "100 ms"]


def test_the_plot_shows_what_one_of_many_costs() -> None:
    grown = [
        Figure("10 files", "dflint", 0.5, (0.5,), 40.0),
        Figure("1000 files", "dflint", 5.0, (5.0,), 40.0),
        Figure("one file of 100 lines", "dflint", 0.2, (0.2,), 40.0),
    ]
    root = ET.fromstring(plot(grown))
    texts = ["".join(each.itertext()) for each in root if each.tag.endswith("text")]
    assert texts[:5] == ["dflint, milliseconds a file", "10 files", "50 ms", "1000 files", "5 ms"]
    assert texts[5:] == ["dflint, milliseconds a line of one file", "100 lines", "2 ms"]
    bars = [each for each in root if each.tag.endswith("rect")]
    assert [float(each.get("width", "")) for each in bars] == [440.0, 44.0, 440.0]


def test_programs_take_turns_and_the_first_round_does_not_count(tmp_path: Path) -> None:
    log = tmp_path / "log"
    code = f"import sys; open({str(log)!r}, 'a').write(sys.argv[1])"
    commands = [Command(name, (sys.executable, "-c", code, name)) for name in "ab"]
    figures = measured("case", commands, 2)
    assert log.read_text() == "ababab"
    assert [(each.program, len(each.rounds)) for each in figures] == [("a", 2), ("b", 2)]
    assert all(each.seconds > 0 and each.mebibytes > 1 for each in figures)


def test_a_program_that_fails_stops_the_measurement() -> None:
    with pytest.raises(SystemExit, match="exit code 3"):
        timed(Command("x", (sys.executable, "-c", "raise SystemExit(3)")))


def test_copies_are_changed_below_every_stage(tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_bytes(b"FROM a AS b\nRUN x\nfrom \\\n  c\n\xff\n")
    names = copies([path], 3, tmp_path / "out", 'SHELL ["pwsh"]')
    assert len(names) == 3
    assert (
        Path(names[2]).read_bytes() == b'FROM a AS b\nSHELL ["pwsh"]\nRUN x\nfrom \\\n  c\n\xff\n'
    )
