"""Several reports from one run, each to its place."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from dflint.config import ConfigError, load_config
from dflint.outputs import Output, OutputError, check_outputs, chosen_outputs, parse_output
from tests.test_cli import BAD, CLEAN, SELECT, check, run, write

FULL, SARIF = Output("full"), Output("sarif", Path("a.sarif"))


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FORCE_COLOR", raising=False)


@pytest.mark.parametrize(
    ("text", "output"),
    [
        ("github", Output("github")),
        ("sarif=a.sarif", SARIF),
        ("sarif=/x/a=b", Output("sarif", Path("/x/a=b"))),
    ],
)
def test_an_output(text: str, output: Output) -> None:
    assert parse_output(text) == output


def test_a_path_may_be_meant_from_a_folder() -> None:
    assert parse_output("sarif=a.sarif", Path("x")) == Output("sarif", Path("x/a.sarif"))
    assert parse_output("sarif=/a.sarif", Path("x")) == Output("sarif", Path("/a.sarif"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sarf=a", "unknown format `sarf`: did you mean `sarif`?"),
        ("out.sarif", "unknown format `out.sarif`: did you mean `sarif`?"),
        ("sarif=", "`sarif=` has no path after the `=`"),
        ("", "unknown format ``: one of full, "),
    ],
)
def test_wrong_outputs(text: str, message: str) -> None:
    with pytest.raises(OutputError) as caught:
        parse_output(text)
    assert str(caught.value).startswith(message)


def test_two_reports_cannot_go_to_one_place() -> None:
    check_outputs([FULL, SARIF, Output("json", Path("b"))])
    with pytest.raises(OutputError, match="`full` and `github` cannot both go to standard output"):
        check_outputs([FULL, SARIF, Output("github")])
    with pytest.raises(OutputError, match=r"`sarif` and `json` cannot both go to `a\.sarif`"):
        check_outputs([SARIF, Output("json", Path("a.sarif"))])


@pytest.mark.parametrize(
    ("configured", "wanted", "standard", "chosen"),
    [
        ([], [], None, (FULL,)),
        ([], [], "json", (Output("json"),)),
        ([FULL, SARIF], [], None, (FULL, SARIF)),
        ([FULL, SARIF], [], "json", (Output("json"), SARIF)),
        ([FULL, SARIF], [Output("json")], None, (Output("json"),)),
        ([FULL], [SARIF], None, (SARIF,)),
        ([FULL], [SARIF], "json", (Output("json"), SARIF)),
    ],
)
def test_the_command_line_goes_before_the_configuration(
    configured: list[Output],
    wanted: list[Output],
    standard: str | None,
    chosen: tuple[Output, ...],
) -> None:
    assert chosen_outputs(configured, wanted, standard) == chosen


def test_two_formats_for_standard_output_are_wrong() -> None:
    with pytest.raises(OutputError, match="standard output"):
        chosen_outputs([], [Output("json")], "full")


def test_reports_go_to_files_and_to_standard_output() -> None:
    write("Dockerfile", BAD)
    result = check(*SELECT, "--output", "sarif=out.sarif", "--output", "concise")
    assert result.exit_code == 1
    assert result.stdout == check(*SELECT, "--output-format", "concise").stdout != ""
    log = json.loads(Path("out.sarif").read_bytes())
    assert log["runs"][0]["results"][0]["ruleId"] == "DF201"


def test_with_files_alone_one_line_sums_up() -> None:
    write("Dockerfile", BAD)
    result = check(*SELECT, "--output", "json=out.json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "Found 1 problem (1 warning) in 1 file; --fix mends 1\n"


def test_a_clean_run_writes_its_files_too() -> None:
    write("Dockerfile", CLEAN)
    write("out.json", "old")
    assert check(*SELECT, "--output", "json=out.json").exit_code == 0
    assert Path("out.json").read_text() == "[]\n"


def test_files_have_no_colours() -> None:
    write("Dockerfile", BAD)
    result = check(*SELECT, "--color", "always", "--output", "full=a", "--output", "full")
    assert "\x1b" in result.stdout
    assert "\x1b" not in Path("a").read_text()


def test_fixed_standard_input_goes_out_beside_a_report() -> None:
    result = check(*SELECT, "--fix", "--output", "json=out.json", "-", stdin=BAD)
    assert result.stdout == CLEAN.replace("app", "flask")
    assert json.loads(Path("out.json").read_bytes()) == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--output", "xml"], "unknown format `xml`"),
        (["--output", "full", "--output", "json"], "cannot both go to standard output"),
        (["--output", "full", "--output-format", "json"], "cannot both go to standard output"),
        (["--output", "json=no/such/a"], "no/such/a: there is no such folder to write to"),
        (["--output", "json=folder"], "folder: cannot be written: Is a directory"),
    ],
)
def test_wrong_use(words: list[str], message: str) -> None:
    write("Dockerfile", CLEAN)
    Path("folder").mkdir()
    result = check(*SELECT, *words)
    assert result.exit_code == 2
    assert message in result.stderr


def test_what_is_no_file_stays_what_it_is() -> None:
    write("Dockerfile", BAD)
    os.mkfifo("pipe")
    reader = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert check(*SELECT, "--output", "json=pipe").exit_code == 1
        assert json.loads(os.read(reader, 10**5))[0]["rule"] == "DF201"
    finally:
        os.close(reader)
    assert Path("pipe").is_fifo()


def test_the_configuration_names_reports() -> None:
    write("project/Dockerfile", BAD)
    write(
        "project/dflint.toml", 'output = ["concise", "json=out.json"]\nselect = ["pip-no-cache"]\n'
    )
    result = run("check", "project")
    assert result.stdout.startswith("project/Dockerfile:2:5: warning[DF201]")
    assert json.loads(Path("project/out.json").read_bytes())[0]["rule"] == "DF201"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('\noutput = ["full", "xml"]', 2, "unknown format `xml`: one of full"),
        ('output = ["full", "json"]', 1, "`full` and `json` cannot both go to standard output"),
        ('output-format = "full"\noutput = ["json"]', 2, "`full` and `json` cannot both go"),
        ("output = 1", 1, "`output` must be a list of texts, not a number"),
    ],
)
def test_wrong_configuration(text: str, line: int, message: str) -> None:
    write("dflint.toml", text)
    with pytest.raises(ConfigError) as caught:
        load_config(Path("dflint.toml"))
    assert caught.value.line == line
    assert message in caught.value.message


def test_messages_pass_nothing_on() -> None:
    write("Dockerfile", CLEAN)
    result = run("check", "--config", "a\n::error::b\x1b[2J ##[c]\udcff")
    assert result.exit_code == 2
    assert "dflint: a\n\\x3a:error::b\\x1b[2J #\\x23[c]\\xff: " in result.stderr
