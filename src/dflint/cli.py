"""The command line: parse, call, print, exit. Nothing else prints or reads the environment."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from dflint import __version__

if TYPE_CHECKING:
    from dflint.baseline import Baseline
    from dflint.checking import Checked, Plan, Sieve, Task
    from dflint.config import Config
    from dflint.finding import FileReport, Safety
    from dflint.fixing import Mended
    from dflint.lint import Linter
    from dflint.outputs import Output
    from dflint.report import RuleInfo, Run
    from dflint.rules import Rule
    from dflint.shellcheck import Tool
    from dflint.source import Source

FINDINGS, USAGE = 1, 2
RESULTS, ANSWERS = "results", "shellcheck"  # parts of the cache, as folders
WIDTH = 100  # columns where there is no terminal to ask

app = typer.Typer(
    name="dflint",
    help="Lint Dockerfiles with rules that know what the build puts into the image.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
rules_app = typer.Typer(
    help="List the rules, test them by their examples, or print the rule format's schema.",
    rich_markup_mode=None,
)
app.add_typer(rules_app, name="rules")
cache_app = typer.Typer(
    help="What earlier runs have found, kept to be quicker.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(cache_app, name="cache")


class Format(StrEnum):
    """How findings are printed."""

    full = "full"
    concise = "concise"
    gnu = "gnu"
    json = "json"
    jsonl = "jsonl"
    github = "github"
    gitlab = "gitlab"
    sarif = "sarif"
    junit = "junit"
    checkstyle = "checkstyle"
    sonarqube = "sonarqube"
    rdjson = "rdjson"
    markdown = "markdown"
    html = "html"


class ImageFormat(StrEnum):
    """How the image model is printed."""

    text = "text"
    json = "json"


class GraphFormat(StrEnum):
    """How the graph of stages is drawn."""

    mermaid = "mermaid"
    dot = "dot"
    svg = "svg"


class Level(StrEnum):
    """A severity."""

    error = "error"
    warning = "warning"
    info = "info"
    style = "style"


class Color(StrEnum):
    """When to colour."""

    auto = "auto"
    always = "always"
    never = "never"


def fail(message: str) -> NoReturn:
    """Say what is wrong on standard error and exit with 2."""
    _tell(message)
    raise typer.Exit(USAGE)


def _tell(message: str) -> None:
    """Say something on standard error; a path in it may hold anything."""
    from dflint.report.terminal import opening, visible

    text = "\n".join(opening(visible(line)) for line in message.split("\n"))
    typer.echo(f"dflint: {text}", err=True)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"dflint {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Lint Dockerfiles with rules that know what the build puts into the image."""


Paths = Annotated[
    list[str] | None,
    typer.Argument(
        help="Dockerfiles, folders to look in, Compose and Bake files; `-` is standard input. "
        "[default: .]"
    ),
]
Selectors = list[str] | None
ConfigPath = Annotated[
    Path | None, typer.Option("--config", help="Use this configuration file.", metavar="FILE")
]
NoConfig = Annotated[bool, typer.Option("--no-config", help="Use no configuration file.")]
Day = Annotated[
    str | None,
    typer.Option("--today", help="Hold end-of-life dates against this day.", metavar="YYYY-MM-DD"),
]


@app.command()
def check(
    paths: Paths = None,
    select: Annotated[
        Selectors,
        typer.Option(
            help="Rules to run: ids, names, categories, aliases, other tools (hadolint), or ALL "
            "(comma-separated)."
        ),
    ] = None,
    ignore: Annotated[Selectors, typer.Option(help="Rules to leave out.")] = None,
    extend_select: Annotated[
        Selectors, typer.Option(help="Rules to run beside those already chosen.")
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option(
            help="Leave out the known problems that this file holds (see `dflint baseline`).",
            metavar="FILE",
            show_default=False,
        ),
    ] = None,
    diff_base: Annotated[
        str | None,
        typer.Option(
            help="Report only what came since this commit, branch or tag of git.",
            metavar="REF",
            show_default=False,
        ),
    ] = None,
    severity: Annotated[
        Level, typer.Option(help="Report findings of this severity or worse.")
    ] = Level.style,
    fail_on: Annotated[
        Level | None,
        typer.Option(
            help="Exit with 1 from this severity on. [default: warning]", show_default=False
        ),
    ] = None,
    exit_zero: Annotated[
        bool, typer.Option("--exit-zero", help="Exit with 0 in spite of findings.")
    ] = False,
    output_format: Annotated[
        Format | None,
        typer.Option(help="How to print findings. [default: full]", show_default=False),
    ] = None,
    output: Annotated[
        list[str] | None,
        typer.Option(
            help="A report to print, or to write to a file; may be given several times.",
            metavar="FORMAT[=PATH]",
            show_default=False,
        ),
    ] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Make the safe fixes.")] = False,
    unsafe_fixes: Annotated[
        bool,
        typer.Option("--unsafe-fixes", help="Make also fixes that could change what is built."),
    ] = False,
    diff: Annotated[
        bool,
        typer.Option("--diff", help="Show what fixes would change, and write nothing."),
    ] = False,
    statistics: Annotated[
        bool, typer.Option("--statistics", help="Count findings by rule instead.")
    ] = False,
    color: Annotated[Color, typer.Option(help="When to colour the full report.")] = Color.auto,
    target: Annotated[
        str | None,
        typer.Option(
            "--target",
            "--stage",
            help="The stage that is built. [default: the last]",
            metavar="NAME",
            show_default=False,
        ),
    ] = None,
    context: Annotated[
        Path | None,
        typer.Option(
            help="The build context. [default: each Dockerfile's folder]",
            metavar="DIR",
            show_default=False,
        ),
    ] = None,
    stdin_filename: Annotated[
        str | None, typer.Option(help="The name to report for standard input.", metavar="PATH")
    ] = None,
    no_shellcheck: Annotated[
        bool, typer.Option("--no-shellcheck", help="Do not ask ShellCheck about scripts.")
    ] = False,
    jobs: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="How many processes may work side by side. [default: one a core]",
            show_default=False,
        ),
    ] = None,
    no_cache: Annotated[
        bool,
        typer.Option("--no-cache", help="Neither use nor keep what earlier runs have found."),
    ] = False,
    today: Day = None,
    config: ConfigPath = None,
    no_config: NoConfig = False,
) -> None:
    """Lint Dockerfiles: files, folders, or standard input.

    Exit codes: 0 nothing found, 1 findings at or above --fail-on, 2 wrong usage, a broken
    configuration or rule file, or a file that cannot be read.
    """  # fmt: skip
    from dflint.checking import Plan
    from dflint.config import command_line

    names = paths or ["."]
    settings = _configured(config, no_config, names)
    settings = command_line(
        settings,
        select=_split(select),
        ignore=_split(ignore),
        extend_select=_split(extend_select),
        context=None if context is None else str(context),
        today=_day(today),
        baseline=None if baseline is None else str(baseline),
    )
    if context is not None and not context.is_dir():
        fail(f"{context}: there is no such folder to take as the build context")
    known = _known(settings)
    outputs = _outputs(settings, output or (), output_format)
    linter = _linter(settings)
    for note in linter.config.notes:
        _tell(note)
    cache = None if no_cache else _cache_folder()
    tool = None if no_shellcheck or not linter.shell else _shellcheck(settings, cache)
    fixing = fix or unsafe_fixes or diff
    fixes: tuple[Safety, ...] = ("safe", "unsafe") if unsafe_fixes else ("safe",)
    plan = Plan(
        fixes if fixing else (),
        write=not diff,
        tool=tool,
        jobs=jobs or _cores(),
        results=None if cache is None else cache / RESULTS,
    )
    stage = target or settings.target
    tasks, absent = _tasks(names, linter, stage, stdin_filename)
    sieves = _sieves(known, diff_base, tasks, linter, plan)
    done = _check_all(tasks, absent, linter, replace(plan, sieves=tuple(sieves.values())), stage)
    _tell_outdated(known, done, linter, tool)
    wanted, left_out = _sifted(done, sieves)
    reports = _at_least(wanted, severity)
    mended = [each.mended for each in done if each.mended is not None]
    if fixing:
        _tell_fixes(mended, diff, _colored(color))
        if diff:
            raise typer.Exit(FINDINGS if any(each.changed for each in mended) else 0)
    run = replace(_run(reports, linter, color), left_out=left_out, target=stage)
    _write_reports(run, outputs)
    if fixing and "-" in names:
        _print_mended_input(mended)
    else:
        _print_run(run, outputs, statistics)
    broken = any(each.failed for each in done)
    _exit(reports, settings, fail_on, exit_zero or settings.exit_zero, broken)


@app.command("baseline")
def write_baseline(
    paths: Paths = None,
    output: Annotated[
        Path | None,
        typer.Option(
            help="The file to write. [default: the configured one, else .dflint-baseline.json]",
            metavar="FILE",
            show_default=False,
        ),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(help="The stage that is built. [default: the last]", metavar="NAME"),
    ] = None,
    no_shellcheck: Annotated[
        bool, typer.Option("--no-shellcheck", help="Do not ask ShellCheck about scripts.")
    ] = False,
    today: Day = None,
    config: ConfigPath = None,
    no_config: NoConfig = False,
) -> None:
    """Write down all present findings as known problems, which `check --baseline` leaves out."""
    from dflint.baseline import NAME, baseline_json, make_baseline
    from dflint.checking import Plan
    from dflint.config import command_line

    names = paths or ["."]
    if "-" in names:
        fail("a baseline is of files, not of standard input")
    settings = command_line(_configured(config, no_config, names), today=_day(today))
    linter = _linter(settings)
    tool = None if no_shellcheck or not linter.shell else _shellcheck(settings, _cache_folder())
    tasks, absent = _tasks(names, linter, target or settings.target, None)
    plan = Plan(tool=tool, jobs=_cores())
    done = _check_all(tasks, absent, linter, plan, target or settings.target)
    for each in done:
        if each.failed:
            fail(f"{each.report.source.path}: cannot be read")
    path = output or Path(settings.baseline or NAME)
    made = make_baseline(path, [each.report for each in done])
    _write(path, baseline_json(made))
    count = len(made.entries)
    typer.echo(f"Wrote {count} known {'problem' if count == 1 else 'problems'} to {path}", err=True)


def _split(values: Selectors) -> tuple[str, ...] | None:
    if values is None:
        return None
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(f"--today takes a day as YYYY-MM-DD, not `{text}`")


def _configured(path: Path | None, no_config: bool, names: Sequence[str]) -> Config:
    from dflint.config import ConfigError, default_config, find_config, load_config

    if no_config:
        return default_config()
    if path is None:
        first = Path(names[0]) if names[0] != "-" else Path()
        found = find_config(first if first.is_dir() else first.parent)
        if found is None:
            return default_config()
        path = found
    try:
        return load_config(path)
    except ConfigError as error:
        fail(str(error))
    except OSError as error:
        fail(f"{path}: cannot be read: {error.strerror}")


def _linter(settings: Config) -> Linter:
    from dflint.config import ConfigError
    from dflint.lint import make_linter
    from dflint.rules import RuleError
    from dflint.selection import SelectorError

    try:
        return make_linter(settings)
    except (ConfigError, SelectorError, RuleError) as error:
        fail(str(error))


def _tell_fixes(mended: Sequence[Mended], diff: bool, color: bool) -> None:
    """Say what was fixed, and whose fixes were thrown away; the changes themselves for `--diff`."""
    from dflint.report import unified_diff

    for each in mended:
        if each.blamed:
            rules = ", ".join(each.blamed)
            typer.echo(
                f"dflint: {each.before.path}: left as it was, because a fix of {rules} would have "
                "broken it: this is a bug of the rule, please report it",
                err=True,
            )
        if diff and each.changed:
            _print(unified_diff(each.before.path, each.before.text, each.text, color))
            if each.beside is not None and each.ignore_changed:
                text = each.ignore or ""
                _print(unified_diff(str(each.beside.path), each.beside.text, text, color))
    count = sum(len(each.fixed) for each in mended)
    files = sum(each.changed for each in mended)
    if count:
        problems = "1 problem" if count == 1 else f"{count} problems"
        where = "1 file" if files == 1 else f"{files} files"
        typer.echo(f"{'Would fix' if diff else 'Fixed'} {problems} in {where}", err=True)


def _print_mended_input(mended: Sequence[Mended]) -> None:
    """Standard input goes to standard output, mended."""
    for each in mended:
        sys.stdout.buffer.write(each.text.encode("utf-8", "surrogateescape"))
    sys.stdout.flush()


def _tasks(
    names: Sequence[str], linter: Linter, target: str | None, stdin_filename: str | None
) -> tuple[list[Task], tuple[Path, ...]]:
    """The files that the names stand for, and the names of nothing."""
    from dflint.buildfiles import expand
    from dflint.checking import Task
    from dflint.discover import discover

    base = Path(linter.config.path).parent if linter.config.path else None
    folders = [Path(name) for name in names if name != "-"]
    found = discover(folders, exclude=linter.config.exclude, base=base)
    tasks = expand(found.files, folders, target)
    if "-" in names:
        source = _standard_input(stdin_filename)
        tasks.insert(0, Task(Path(source.path), source, target=target))
    return tasks, found.missing


def _check_all(
    tasks: Sequence[Task],
    absent: Sequence[Path],
    linter: Linter,
    plan: Plan,
    target: str | None,
) -> list[Checked]:
    """What comes of all files."""
    from dflint.checking import check, missing, together

    linter = _aimless(linter)
    done = [missing(path, linter) for path in absent]
    done += check(tasks, linter, plan)
    told = [each.stages for each in done[len(absent) :]]
    if target is not None and told and None not in told:
        fail(_no_stage(target, [name for stages in told for name in stages or ()]))
    for note in dict.fromkeys(note for each in done for note in each.notes):
        _tell(note)
    return together(done)


def _aimless(linter: Linter) -> Linter:
    """The linter without a target: each task knows its own, and one without is built whole."""
    return replace(linter, config=replace(linter.config, target=None))


def _known(settings: Config) -> Baseline | None:
    if settings.baseline is None:
        return None
    from dflint.baseline import BaselineError, load_baseline

    try:
        return load_baseline(Path(settings.baseline))
    except BaselineError as error:
        fail(str(error))


def _sieves(
    known: Baseline | None,
    diff_base: str | None,
    tasks: Sequence[Task],
    linter: Linter,
    plan: Plan,
) -> dict[str, Sieve]:
    """What leaves findings out, by the word for what it leaves out."""
    from functools import partial

    sieves: dict[str, Sieve] = {}
    if known is not None:
        from dflint.baseline import unknown

        sieves["known"] = partial(unknown, known)
    if diff_base is not None:
        sieves["older"] = _since(diff_base, tasks, linter, plan)
    return sieves


def _since(reference: str, tasks: Sequence[Task], linter: Linter, plan: Plan) -> Sieve:
    """What leaves out the findings that were there before a change."""
    from dflint.changes import brought, changes_since
    from dflint.repository import Git, GitError

    program = shutil.which("git")
    if program is None:
        fail("--diff-base needs git, and there is none")
    if any(task.source is not None and task.source.path == "-" for task in tasks):
        fail("--diff-base needs --stdin-filename to know which file standard input is")
    git = Git(program, dict(os.environ))
    try:
        changes = changes_since(reference, tasks, _aimless(linter), plan, git)
    except GitError as error:
        fail(str(error))

    def since(report: FileReport) -> Sequence[bool]:
        try:
            return brought(changes, report)
        except GitError as error:
            fail(str(error))

    return since


def _sifted(
    done: Sequence[Checked], sieves: Mapping[str, Sieve]
) -> tuple[list[FileReport], tuple[str, ...]]:
    """What is wanted of the reports, and in words how much is not."""
    from dflint.checking import sift

    made = [sift(each, tuple(sieves.values())) for each in done]
    told = []
    for place, word in enumerate(sieves):
        count = sum(counts[place] for _, counts in made)
        if count:
            told.append(f"{count} {word} {'problem' if count == 1 else 'problems'}")
    return [report for report, _ in made], tuple(told)


def _tell_outdated(
    known: Baseline | None, done: Sequence[Checked], linter: Linter, tool: Tool | None
) -> None:
    """Say which entries of a baseline match nothing any more."""
    if known is None:
        return
    from dflint.baseline import outdated, outdated_text
    from dflint.shellcodes import code_of

    reports = [each.report for each in done if not each.failed]
    found = outdated(
        known,
        reports,
        lambda rule: rule in linter.enabled or (tool is not None and code_of(rule) is not None),
    )
    if found:
        typer.echo(f"dflint: {outdated_text(known, found)}", err=True)


def _shellcheck(settings: Config, cache: Path | None) -> Tool | None:
    """The ShellCheck beside this Python (`pip install dflint[shell]`), or the one on the PATH."""
    from dflint.shellcheck import Tool

    if settings.shellcheck is False:
        return None
    path = shutil.which("shellcheck", path=str(Path(sys.executable).parent))
    path = path or shutil.which("shellcheck")
    if path is None:
        if settings.shellcheck:
            typer.echo(
                "dflint: there is no ShellCheck (`pip install dflint[shell]` brings it)", err=True
            )
        return None
    # What it says must not depend on who runs it.
    environment = {key: value for key, value in os.environ.items() if key != "SHELLCHECK_OPTS"}
    # Links are not followed: version managers have one program that goes by many names.
    whole = str(Path(path).absolute())
    return Tool(whole, None if cache is None else cache / ANSWERS, environment, _cores())


def _cores() -> int:
    """How many processors this process may use."""
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable is not None else os.cpu_count() or 1


def _cache_folder() -> Path | None:
    """Where the user keeps what can be made again; None where there is no such place.

    The XDG base directory specification ignores folders that are not absolute.
    """
    given = Path(os.environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_CACHE_HOME", ""))
    if given.is_absolute():
        return given / "dflint"
    try:
        return Path.home() / ".cache" / "dflint"
    except RuntimeError:  # a user without a home folder
        return None


def _no_stage(target: str, stages: Sequence[str]) -> str:
    names = ", ".join(dict.fromkeys(stages)) or "none"
    return f"there is no stage `{target}`; the stages are: {names}"


def _standard_input(name: str | None) -> Source:
    from dflint.source import decode

    return decode(name or "-", sys.stdin.buffer.read())


def _at_least(reports: Sequence[FileReport], level: Level) -> list[FileReport]:
    from dflint.finding import FileReport, Severity

    least = Severity[level.name.upper()]
    return [
        FileReport(each.source, tuple(f for f in each.findings if f.severity >= least))
        for each in reports
    ]


def _colored(color: Color) -> bool:
    if color is not Color.auto:
        return color is Color.always
    if os.environ.get("NO_COLOR"):
        return False
    return sys.stdout.isatty() or bool(os.environ.get("FORCE_COLOR"))


def _run(reports: Sequence[FileReport], linter: Linter, color: Color) -> Run:
    from dflint.report import RuleInfo, Run

    rules = tuple(
        RuleInfo(
            id=rule.id,
            name=rule.name,
            summary=rule.summary,
            why=rule.why,
            severity=rule.severity,
            category=rule.category,
            aliases=rule.aliases,
            url=rule.references[0] if rule.references else None,
            advice="" if "{" in rule.advice else rule.advice,  # facts go where a finding is
            references=rule.references,
        )
        for rule in linter.rules
        if rule.id in linter.enabled
    )
    rules += _code_infos(reports)
    width = shutil.get_terminal_size((WIDTH, 24)).columns
    return Run(tuple(reports), rules, __version__, _colored(color), width)


def _code_infos(reports: Sequence[FileReport]) -> tuple[RuleInfo, ...]:
    """What a report says of ShellCheck's codes, those that were found."""
    from dflint.report import RuleInfo
    from dflint.shellcodes import code_of, code_rule

    found = {each.rule for report in reports for each in report.findings if code_of(each.rule)}
    return tuple(
        RuleInfo(
            id=rule.id,
            name=rule.name,
            summary=rule.summary,
            why=rule.why,
            severity=rule.severity,
            category=rule.category,
            aliases=rule.aliases,
            url=rule.references[0],
        )
        for rule in map(code_rule, sorted(found))
    )


def _outputs(
    settings: Config, wanted: Sequence[str], standard: Format | None
) -> tuple[Output, ...]:
    """The reports to make; every file's folder is there."""
    from dflint.outputs import OutputError, chosen_outputs, parse_output

    try:
        given = [parse_output(text) for text in wanted]
        chosen = chosen_outputs(settings.outputs, given, standard and standard.value)
    except OutputError as error:
        fail(str(error))
    for each in chosen:
        if each.path is not None and not each.path.parent.is_dir():
            fail(f"{each.path}: there is no such folder to write to")
    return chosen


def _write_reports(run: Run, outputs: Sequence[Output]) -> None:
    """Write the reports that go to files, for no terminal."""
    from dataclasses import replace

    from dflint.report import FORMATS

    plain = replace(run, color=False, width=WIDTH)
    for each in outputs:
        if each.path is not None:
            _write(each.path, FORMATS[each.format](plain))


def _print_run(run: Run, outputs: Sequence[Output], statistics: bool) -> None:
    from dflint.report import FORMATS, statistics_table, summary

    printed = next((each.format for each in outputs if each.path is None), None)
    if statistics:
        _print(statistics_table(run))
    elif printed is None or (printed == "full" and not any(each.findings for each in run.reports)):
        # Standard output is for findings: a clean run leaves it empty, in a pipe or a hook too.
        typer.echo(summary(run), err=True)
    else:
        _print(FORMATS[printed](run))


def _print(text: str) -> None:
    """Print as UTF-8 whatever the terminal's encoding is, so that no character stops a report."""
    try:
        sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough (`dflint check | head`): no more output, and no traceback.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _exit(
    reports: Sequence[FileReport],
    settings: Config,
    fail_on: Level | None,
    exit_zero: bool,
    broken: bool,
) -> NoReturn:
    from dflint.finding import Severity

    least = Severity[fail_on.name.upper()] if fail_on else settings.fail_on
    if broken:
        raise typer.Exit(USAGE)
    found = any(each.severity >= least for report in reports for each in report.findings)
    raise typer.Exit(FINDINGS if found and not exit_zero else 0)


@rules_app.callback(invoke_without_command=True)
def rules(
    context: typer.Context,
    words: Annotated[
        Selectors,
        typer.Option(
            "--filter", help="Only rules whose id, name, category, alias or summary has this."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    config: ConfigPath = None,
    no_config: NoConfig = False,
) -> None:
    """List the rules: id, name, severity, category, whether on by default, what they find."""
    if context.invoked_subcommand is not None:
        return
    from dflint.catalog import rules_json, rules_table

    linter = _linter(_configured(config, no_config, ["."]))
    wanted = [rule for rule in linter.rules if _fits(rule, words)]
    _print(rules_json(wanted) if as_json else rules_table(wanted, linter.enabled))


def _fits(rule: Rule, words: Selectors) -> bool:
    facts = (rule.id, rule.name, rule.category, rule.summary, rule.severity.label, *rule.aliases)
    text = " ".join(facts).lower()
    return all(word.lower() in text for word in words or ())


@rules_app.command("test")
def test_rules(
    folder: Annotated[
        Path | None,
        typer.Argument(help="A folder of rules. [default: dflint's own]", metavar="DIR"),
    ] = None,
) -> None:
    """Run the examples of rules: every bad one must be found exactly where it says."""
    from dflint.examples import run_examples
    from dflint.lint import rules_folder
    from dflint.rules import RuleError, check_unique, load_folder

    try:
        found = load_folder(folder or rules_folder())
        check_unique(found)
    except RuleError as error:
        fail(str(error))
    failures = [failure for rule in found for failure in run_examples(rule)]
    for failure in failures:
        number = f"example {failure.number}" if failure.number else "examples"
        typer.echo(f"{failure.rule.path}: {failure.rule.name}: {number}: {failure.text}")
    examples = sum(len(rule.examples) for rule in found)
    typer.echo(f"{len(found)} rules, {examples} examples, {len(failures)} failures")
    raise typer.Exit(1 if failures or not found else 0)


@rules_app.command("schema")
def schema() -> None:
    """Print the JSON Schema of rule files, for editors."""
    from dflint.schema import schema_json

    _print(schema_json())


@app.command()
def migrate(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Dockerfiles and folders to look in. [default: .]", show_default=False),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write the files. [default: show a diff]")
    ] = False,
    color: Annotated[Color, typer.Option(help="When to colour the diff.")] = Color.auto,
) -> None:
    """Turn hadolint's configuration and comments into dflint's own.

    A .hadolint.yaml becomes a dflint.toml beside it, and comments such as `# hadolint ignore=…`
    become `# dflint: ignore[…]`. What cannot be carried over is listed on standard error.
    """
    from dflint.config import ConfigError, default_config
    from dflint.migrate import migrate as plan
    from dflint.report import unified_diff

    try:
        made = plan(paths or [Path()], _linter(default_config()).rules)
    except ConfigError as error:
        fail(str(error))
    for missing in made.missing:
        fail(f"{missing}: no such file or folder")
    for each in made.changes:
        if write:
            _write(each.path, each.after)
            typer.echo(f"Wrote {each.path}")
        else:
            _print(unified_diff(str(each.path), each.before, each.after, _colored(color)))
    for line in made.left:
        typer.echo(line, err=True)
    if not made.changes:
        typer.echo("Nothing to migrate", err=True)


def _write(path: Path, text: str) -> None:
    from dflint.writing import write_atomically

    try:
        write_atomically(path, text.encode("utf-8", "surrogateescape"))
    except OSError as error:
        fail(f"{path}: cannot be written: {error.strerror}")


@app.command()
def explain(
    rule: Annotated[str, typer.Argument(help="A rule's id, name, or another tool's name for it.")],
    color: Annotated[Color, typer.Option(help="When to colour.")] = Color.auto,
    config: ConfigPath = None,
    no_config: NoConfig = False,
) -> None:
    """Explain a rule: why it matters, how to mend it, a bad and a good example."""
    from dflint.catalog import explanation
    from dflint.lint import find_rules, nearest_rule
    from dflint.rules import load_file
    from dflint.shellcodes import code_of, code_rule

    linter = _linter(_configured(config, no_config, ["."]))
    code = code_of(rule)
    found = find_rules(linter.rules, rule) or (() if code is None else (code_rule(code),))
    if not found:
        hint = nearest_rule(linter.rules, rule)
        fail(f"there is no rule `{rule}`" + (f": did you mean `{hint}`?" if hint else ""))
    whole = [
        each if each.examples or not each.path else load_file(Path(each.path)) for each in found
    ]
    _print("\n".join(explanation(each, _colored(color)) for each in whole))


@app.command()
def image(
    dockerfile: Annotated[
        str, typer.Argument(help="A Dockerfile; `-` is standard input.")
    ] = "Dockerfile",
    target: Annotated[
        str | None,
        typer.Option(
            "--target",
            "--stage",
            help="The stage that is built. [default: the last]",
            metavar="NAME",
            show_default=False,
        ),
    ] = None,
    context: Annotated[
        Path | None,
        typer.Option(
            help="The build context. [default: the Dockerfile's folder]",
            metavar="DIR",
            show_default=False,
        ),
    ] = None,
    output_format: Annotated[ImageFormat, typer.Option(help="How to print it.")] = ImageFormat.text,
) -> None:
    """Show what a build puts into each stage, and whether what the container starts is there."""
    from dflint.context import open_context
    from dflint.image.describe import as_json, as_text
    from dflint.model import UnknownTargetError
    from dflint.source import decode
    from dflint.subjects.modelled import images_of

    path = None if dockerfile == "-" else Path(dockerfile)
    if context is not None and not context.is_dir():
        fail(f"{context}: there is no such folder to take as the build context")
    try:
        source = _standard_input(None) if path is None else decode(dockerfile, path.read_bytes())
        found = images_of(source, open_context(path, context), target)
    except OSError as error:
        fail(f"{dockerfile}: cannot be read: {error.strerror}")
    except UnknownTargetError as error:
        fail(_no_stage(error.target, error.names))
    _print(as_json(found) if output_format is ImageFormat.json else as_text(found))


@app.command()
def graph(
    dockerfile: Annotated[
        str, typer.Argument(help="A Dockerfile; `-` is standard input.")
    ] = "Dockerfile",
    target: Annotated[
        str | None,
        typer.Option(
            "--target",
            "--stage",
            help="The stage that is built. [default: the last]",
            metavar="NAME",
            show_default=False,
        ),
    ] = None,
    output_format: Annotated[
        GraphFormat, typer.Option(help="How to draw it.")
    ] = GraphFormat.mermaid,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write to this file.", metavar="FILE"),
    ] = None,
) -> None:
    """Draw the stages: what each stands on, and what it copies or mounts from where."""
    from dflint.graph import make_graph
    from dflint.model import UnknownTargetError, make_build
    from dflint.reader import read
    from dflint.report.dot import dot
    from dflint.report.mermaid import mermaid
    from dflint.report.svg import svg
    from dflint.source import decode

    try:
        source = (
            _standard_input(None)
            if dockerfile == "-"
            else decode(dockerfile, Path(dockerfile).read_bytes())
        )
        made = make_graph(make_build(read(source), target))
    except OSError as error:
        fail(f"{dockerfile}: cannot be read: {error.strerror}")
    except UnknownTargetError as error:
        fail(_no_stage(error.target, error.names))
    ways = {"mermaid": mermaid, "dot": dot, "svg": svg}
    drawn = ways[output_format.value](made)
    if output is None:
        _print(drawn)
    else:
        _write(output, drawn)


@cache_app.command("dir")
def cache_dir() -> None:
    """Print where the cache is."""
    folder = _cache_folder()
    if folder is None:
        fail("there is no cache: neither XDG_CACHE_HOME nor the home folder is known")
    typer.echo(folder)


@cache_app.command("clear")
def cache_clear() -> None:
    """Delete what dflint has kept."""
    folder = _cache_folder()
    for part in () if folder is None else (folder / RESULTS, folder / ANSWERS):
        if part.is_symlink() or not part.is_dir():
            continue
        try:
            shutil.rmtree(part)
        except OSError as error:
            fail(f"{part}: cannot be deleted: {error.strerror}")


def main() -> None:
    """The entry point of the `dflint` command."""
    app(prog_name="dflint")
