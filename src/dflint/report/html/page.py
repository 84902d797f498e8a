"""The page as a whole: its head, the counts and filters, a section a file, and the rules."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from dflint.document import Document
from dflint.finding import FileReport, Finding, Fix, Severity
from dflint.graph import Graph, make_graph
from dflint.model import Build, UnknownTargetError, make_build
from dflint.reader import read
from dflint.report.change import change
from dflint.report.html.code import code
from dflint.report.html.prose import inline, paragraphs
from dflint.report.layout import lay_out
from dflint.report.markup import escape
from dflint.report.run import RuleInfo, Run, each_report, rules_of
from dflint.report.svg import svg_element
from dflint.source import Source

OPEN = 4  # files that are open when the page is
NARROW = 460  # a drawing of at most so many pixels stands beside the source
DRAWN = 40  # in a run over more files, clean ones get no drawing
SEVERITIES = tuple(sorted(Severity, reverse=True))


def page(run: Run) -> str:
    """The whole page as text."""
    reports = list(each_report(run))
    bad = [report for report in reports if report.findings]
    clean = [report for report in reports if not report.findings]
    rules = {rule.id: rule for rule in rules_of(run)}
    found = [finding for report in bad for finding in report.findings]
    sections = [
        _file(report, f"f{number}", number < OPEN, rules, run.target)
        for number, report in enumerate(bad)
    ]
    css, script = _asset("page.css"), _asset("page.js")
    head = _head(_title(bad, reports), css, script)
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n{head}</head>\n'
        f"<body>\n{_top(bad, reports, found, run.left_out)}{_filters(bad, found)}<main>\n"
        f"{''.join(sections)}"
        '<p class="none" hidden>No finding fits. '
        '<button type="button" data-reset>Show all</button></p>\n'
        f"{_clean(clean, len(reports), run.target)}{_rules(found, rules)}</main>\n"
        f"<footer>dflint {escape(run.version)}</footer>\n"
        f"<script>{script}</script>\n</body>\n</html>\n"
    )


@cache
def _asset(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return "'sha256-" + b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def _head(title: str, css: str, script: str) -> str:
    policy = (
        f"default-src 'none'; style-src {_digest(css)}; script-src {_digest(script)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    return (
        f'<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<link rel="icon" href="data:,">\n'
        f"<title>dflint: {escape(title)}</title>\n<style>{css}</style>\n"
    )


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _title(bad: Sequence[FileReport], reports: Sequence[FileReport]) -> str:
    problems = sum(len(report.findings) for report in bad)
    if not reports:
        return "No Dockerfiles found"
    if not problems:
        return f"No problems in {_count(len(reports), 'file', 'files')}"
    return f"{_count(problems, 'problem', 'problems')} in {_count(len(bad), 'file', 'files')}"


def _top(
    bad: Sequence[FileReport],
    reports: Sequence[FileReport],
    found: Sequence[Finding],
    left_out: Sequence[str],
) -> str:
    facts = []
    if found and len(reports) > len(bad):
        facts.append(f"{_count(len(reports) - len(bad), 'file', 'files')} without problems")
    safeties = Counter(each.fix.safety for each in found if each.fix is not None)
    if safeties["safe"]:
        facts.append(f"<code>--fix</code> mends {safeties['safe']:,}")
    if safeties["unsafe"]:
        facts.append(f"<code>--unsafe-fixes</code> mends {safeties.total():,}")
    facts += [f"{escape(words)} left out" for words in left_out]
    return (
        '<header class="top">\n<p class="mark">dflint</p>\n'
        f"<h1>{escape(_title(bad, reports))}</h1>\n"
        f'<p class="facts">{" · ".join(facts)}</p>\n{_bar(found)}'
        '<button type="button" class="theme" data-theme-button hidden '
        'aria-label="Change between light and dark">◐</button>\n</header>\n'
    )


def _bar(found: Sequence[Finding]) -> str:
    """The severities as one line, each as long as its share."""
    if not found:
        return ""
    counts = Counter(each.severity for each in found)
    rects, x = [], 0.0
    for severity in SEVERITIES:
        width = 1000 * counts[severity] / len(found)
        if width:
            rects.append(
                f'<rect class="{severity.label}" x="{x:.1f}" width="{width:.1f}" height="6"/>'
            )
        x += width
    words = ", ".join(f"{counts[each]} {each.label}" for each in SEVERITIES if counts[each])
    return (
        f'<svg class="bar" viewBox="0 0 1000 6" preserveAspectRatio="none" role="img" '
        f'aria-label="{words}">{"".join(rects)}</svg>\n'
    )


def _filters(bad: Sequence[FileReport], found: Sequence[Finding]) -> str:
    """The line of filters, which a script shows because it does their work."""
    if not found:
        return ""
    counts = Counter(each.severity for each in found)
    buttons = "".join(
        f'<button type="button" class="{each.label}" data-severity="{each.label}" '
        f'aria-pressed="true">{each.label} <b>{counts[each]:,}</b></button>'
        for each in SEVERITIES
        if counts[each]
    )
    categories = Counter(each.category for each in found)
    options = [(name, f"{name} ({categories[name]:,})") for name in sorted(categories)]
    files = [(f"f{number}", report.source.path) for number, report in enumerate(bad)]
    return (
        '<nav class="filters" aria-label="Filters" hidden>\n'
        f'<div class="severities" role="group" aria-label="Severities">{buttons}</div>\n'
        f"{_select('category', 'Category', 'every category', options)}"
        f"{_select('file', 'File', 'every file', files) if len(files) > 1 else ''}"
        '<input type="search" data-search placeholder="Search  /" aria-label="Search findings" '
        'autocomplete="off" spellcheck="false">\n'
        '<div class="walk"><span data-place aria-live="polite"></span>'
        f"{_step('previous', 'k or p', '↑')}{_step('next', 'j or n', '↓')}</div>\n</nav>\n"
    )


def _step(name: str, keys: str, sign: str) -> str:
    label = f"{name.capitalize()} finding"
    return f'<button type="button" data-{name} aria-label="{label}" title="{keys}">{sign}</button>'


def _select(name: str, label: str, every: str, options: Sequence[tuple[str, str]]) -> str:
    rows = "".join(
        f'<option value="{escape(value)}">{escape(text)}</option>' for value, text in options
    )
    return (
        f'<select data-{name} aria-label="{label}"><option value="">{every}</option>'
        f"{rows}</select>\n"
    )


def _file(
    report: FileReport,
    key: str,
    opened: bool,
    rules: Mapping[str, RuleInfo],
    target: str | None,
) -> str:
    source, findings = report.source, report.findings
    document = read(source)
    drawing, narrow = _drawing(
        make_graph(_build(document, target)), source, key, opened, f"#{key}-L"
    )
    listing = code(
        document,
        findings,
        key,
        lambda number: _finding(source, findings[number], key, number, rules),
    )
    counts = Counter(each.severity for each in findings)
    chips = "".join(
        f'<span class="chip {each.label}">{_count(counts[each], each.label, _many(each))}</span>'
        for each in SEVERITIES
        if counts[each]
    )
    path = escape(source.path)
    beside = " beside" if drawing and narrow else ""
    return (
        f'<details class="file" id="{key}"{" open" if opened else ""}>\n'
        f'<summary><h2>{path}</h2><span class="chips">{chips}</span></summary>\n'
        f'<div class="body{beside}">\n{drawing}'
        f'<div class="code" role="region" aria-label="Source of {path}" tabindex="0">'
        f"{listing}</div>\n</div>\n</details>\n"
    )


def _build(document: Document, target: str | None) -> Build:
    """The build, of the last stage where the file has none of the name."""
    try:
        return make_build(document, target)
    except UnknownTargetError:
        return make_build(document)


def _many(severity: Severity) -> str:
    return severity.label + ("s" if severity >= Severity.WARNING else "")


def _drawing(
    graph: Graph, source: Source, key: str, opened: bool, lines: str | None = None
) -> tuple[str, bool]:
    """The stages, and whether the drawing is narrow; nothing where there is one stage alone."""
    if sum(node.kind == "stage" for node in graph.nodes) < 2:
        return "", False
    layout = lay_out(graph)
    drawn = svg_element(graph, layout, f"Stages of {source.path}", "", f"{key}-g", lines)
    html = (
        f'<details class="stages"{" open" if opened else ""}><summary>Stages</summary>'
        f'<div class="scroll" role="region" aria-label="Stages of {escape(source.path)}" '
        f'tabindex="0">{drawn}</div></details>\n'
    )
    return html, layout.width <= NARROW


def _finding(
    source: Source, finding: Finding, key: str, number: int, rules: Mapping[str, RuleInfo]
) -> str:
    line, column = source.position(finding.span.start)
    severity = finding.severity.label
    name = escape(finding.name)
    rule = f"#rule-{escape(finding.rule)}"
    return (
        f'<article class="finding {severity}" id="{key}-{number}" tabindex="-1" '
        f'data-category="{escape(finding.category)}" data-rule="{escape(finding.rule)}">'
        f'<div class="box"><p class="what"><span class="sev">{severity}</span> '
        f'<a class="rule" href="{rule}">{name}</a> '
        f'<span class="id">{escape(finding.rule)} · {escape(finding.category)}</span>'
        f'<span class="at">{line}:{column}</span></p>'
        f'<p class="message">{inline(finding.message)}</p>{_related(source, finding, key)}'
        f"{_more(source, finding, rules)}</div></article>"
    )


def _related(source: Source, finding: Finding, key: str) -> str:
    """The places that belong to a finding, with what is to be seen there."""
    rows = []
    if finding.related and finding.label:
        rows.append(f"<li>here: {inline(finding.label)}</li>")
    for each in finding.related:
        line = source.position(each.span.start)[0]
        rows.append(f'<li><a href="#{key}-L{line}">line {line}</a>: {inline(each.label)}</li>')
    return f'<ul class="related">{"".join(rows)}</ul>' if rows else ""


def _more(source: Source, finding: Finding, rules: Mapping[str, RuleInfo]) -> str:
    """What opens below a message: what to do, what a fix would change, and why it matters."""
    parts = []
    if finding.advice.strip():
        parts.append(f'<p class="advice">{inline(finding.advice)}</p>')
    if finding.fix is not None:
        parts.append(_fix(source, finding.fix))
    rule = rules[finding.rule]
    if rule.why:
        parts.append(
            f'<p class="why"><a href="#rule-{escape(rule.id)}">Why {escape(rule.name)}?</a></p>'
        )
    if not parts:
        return ""
    return f"<details><summary>What to do</summary>{''.join(parts)}</details>"


def _fix(source: Source, fix: Fix) -> str:
    rows = "".join(
        f"<{'del' if sign == '-' else 'ins'}>{sign} {escape(line.removesuffix(chr(13)))}\n"
        f"</{'del' if sign == '-' else 'ins'}>"
        for sign, line in change(source, fix)
    )
    diff = f'<pre class="diff" tabindex="0"><code>{rows}</code></pre>' if rows else ""
    flag = "--fix" if fix.safety == "safe" else "--unsafe-fixes"
    return f'<p class="fix"><b>Fix</b> {inline(fix.title)} <code>{flag}</code></p>{diff}'


def _clean(clean: Sequence[FileReport], total: int, target: str | None) -> str:
    """The files without findings: by name, and with their stages where there are few."""
    if not clean:
        return ""
    rows = []
    for number, report in enumerate(clean):
        drawing = ""
        if total <= DRAWN:
            graph = make_graph(_build(read(report.source), target))
            drawing, _ = _drawing(graph, report.source, f"c{number}", total <= OPEN)
        rows.append(f"<li>{escape(report.source.path)}{drawing}</li>")
    opened = " open" if total <= OPEN else ""
    return (
        f'<details class="clean"{opened}><summary><h2>'
        f"{_count(len(clean), 'file', 'files')} without problems</h2></summary>"
        f"<ul>{''.join(rows)}</ul></details>\n"
    )


def _rules(found: Sequence[Finding], rules: Mapping[str, RuleInfo]) -> str:
    """The rules that found something, each once, with why it matters."""
    counts = Counter(each.rule for each in found)
    if not counts:
        return ""
    shown = [rules[rule] for rule, _ in sorted(counts.items(), key=_most)]
    rows = "".join(_rule(rule, counts[rule.id]) for rule in shown)
    return f'<section class="rules" aria-label="Rules"><h2>Rules</h2>\n{rows}</section>\n'


def _most(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]


def _rule(rule: RuleInfo, count: int) -> str:
    pages = dict.fromkeys(filter(None, (rule.url, *rule.references)))
    links = "".join(f'<li><a href="{escape(page)}">{escape(page)}</a></li>' for page in pages)
    link = f"<ul>{links}</ul>" if links else ""
    names = ", ".join(alias.replace(":", " ") for alias in rule.aliases)
    also = f'<p class="also">Elsewhere: {escape(names)}</p>' if names else ""
    identity = f'<b>{escape(rule.name)}</b> <span class="id">{escape(rule.id)}</span>'
    return (
        f'<details class="about" id="rule-{escape(rule.id)}"><summary>'
        f"<span>{identity} {inline(rule.summary)}</span>"
        f'<span class="times">{count:,}×</span></summary>'
        f'<div class="reason">{paragraphs(rule.why)}{link}{also}</div></details>\n'
    )
