"""The image model as text for a person and as JSON for a program: the same facts in both."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from dflint.image.build import Images
from dflint.image.files import Answer, NotThere, Origin, There, Unknown
from dflint.image.state import Missing, Package, PythonPlace, ResolvedStart, StageCopy
from dflint.model import Setting, Stage
from dflint.source import Span

# The variables that decide what is found where.
TELLING = (
    "PATH", "PYTHONPATH", "VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "UV_SYSTEM_PYTHON",
    "UV_PYTHON_INSTALL_DIR", "UV_TOOL_BIN_DIR", "PIP_TARGET", "PIP_PREFIX", "PIP_USER",
    "POETRY_VIRTUALENVS_CREATE", "POETRY_VIRTUALENVS_IN_PROJECT", "PYTHONUSERBASE", "PORT",
)  # fmt: skip
WIDTH = 12
LONGEST = 12


def description(images: Images) -> dict[str, Any]:
    """What the model says of a build, as plain values: `null` is what is not known."""
    build = images.build
    copies = images.stage_copies
    stages = []
    for stage in build.stages:
        if stage.index in build.reachable:
            mine = [each for each in copies if each.stage is stage]
            stages.append(_stage(images, stage, mine))
    start = images.start
    return {
        "path": build.source.path,
        "product": None if build.product is None else build.stages[build.product].label,
        "stages": stages,
        "unused": [each.label for each in build.stages if each.index not in build.reachable],
        "start": None if start is None else _start(images, start),
    }


def _stage(images: Images, stage: Stage, copies: Sequence[StageCopy]) -> dict[str, Any]:
    state = images[stage.index]
    base = stage.base
    parent = None if stage.parent is None else images.build.stages[stage.parent].label
    return {
        "name": stage.label,
        "line": _line(images, stage.start.span),
        "product": stage.index == images.build.product,
        "image": stage.image.value,
        "parent": parent,
        "base": None
        if base is None
        else {
            "family": base.family,
            "python": base.python,
            "distribution": base.distribution,
            "release": base.release,
            "libc": base.libc,
        },
        "user": _setting(stage.user),
        "workdir": _setting(stage.workdir),
        "environment": {
            name: stage.environment[name].partly
            for name in TELLING
            if name in stage.environment and stage.environment[name].kind != "arg"
        },
        "python": [_place(images, each) for each in state.places],
        "copies": [_copy(images, each) for each in copies],
    }


def _setting(setting: Setting) -> str | None:
    return setting.value


def _line(images: Images, span: Span | None) -> int | None:
    return None if span is None else images.build.source.position(span.start)[0]


def _origin(images: Images, origin: Origin | None) -> dict[str, Any] | None:
    if origin is None or origin.span is None:
        return None
    stage = None if origin.stage is None else images.build.stages[origin.stage].label
    return {"stage": stage, "line": _line(images, origin.span), "by": origin.text}


def _place(images: Images, place: PythonPlace) -> dict[str, Any]:
    return {
        "path": place.prefix,
        "kind": place.kind,
        "version": place.version,
        "libc": place.libc,
        "interpreter": place.interpreter,
        "made-at": place.home,
        "made": _origin(images, place.made),
        "copied": _origin(images, place.placed),
        "packages": {
            name: _origin(images, each.origin) for name, each in sorted(place.packages.items())
        },
        "complete": place.complete,
        "why": None if place.why is None else place.why.reason,
        "programs": sorted(place.scripts),
    }


def _copy(images: Images, copy: StageCopy) -> dict[str, Any]:
    source = copy.step.uses[0].text if copy.step.uses else None
    return {
        "line": _line(images, copy.word.span),
        "from": source if copy.source is None else images.build.stages[copy.source].label,
        "source": copy.path or copy.word.text,
        "to": copy.to,
        "found": _answer(copy.found),
        "brings": {"packages": sorted(copy.brings), "programs": sorted(copy.scripts)},
        "leaves": {"packages": sorted(copy.leaves), "programs": sorted(copy.left_scripts)},
        "moves": [{"from": place.home, "to": path} for place, path in copy.moved],
    }


def _answer(answer: Answer) -> str:
    if isinstance(answer, There):
        return "there"
    return "missing" if isinstance(answer, NotThere) else "unknown"


def _start(images: Images, start: ResolvedStart) -> dict[str, Any]:
    state = "missing" if start.missing else "there" if start.sound else "unknown"
    package = start.package
    why = start.found.reason if isinstance(start.found, Unknown) else None
    return {
        "line": _line(images, start.span),
        "program": start.program,
        "words": [word.value for word in start.words],
        "through": list(start.through),
        "shell": start.shell_form,
        "module": start.module,
        "user": start.user,
        "workdir": start.workdir,
        "script": None if start.script is None else start.script.source,
        "state": state,
        "path": start.path if isinstance(start.found, There) else None,
        "searched": list(start.searched),
        "why": why if state == "unknown" else None,
        "missing": [_missing(images, each) for each in start.missing],
        "package": start.package_name,
        "installed": None if package is None else _package(images, package),
    }


def _missing(images: Images, missing: Missing) -> dict[str, Any]:
    origin = _origin(images, missing.origin)
    return {"kind": missing.kind, "name": missing.name, "of": missing.of, "origin": origin}


def _package(images: Images, package: Package) -> dict[str, Any] | None:
    return _origin(images, package.origin)


# --- as text ---


def as_json(images: Images) -> str:
    """The model as JSON."""
    return json.dumps(description(images), indent=2, ensure_ascii=False) + "\n"


def as_text(images: Images) -> str:
    """The model as text: a paragraph a stage, and what the container starts."""
    facts = description(images)
    if not facts["stages"]:
        return f"{facts['path']}: no stages\n"
    lines = [facts["path"], *_graph(facts["stages"]), ""]
    for stage in facts["stages"]:
        lines += [*_stage_text(stage), ""]
    if facts["unused"]:
        lines += [f"not needed  {', '.join(facts['unused'])}", ""]
    lines += _start_text(facts["start"])
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _graph(stages: Sequence[Mapping[str, Any]]) -> list[str]:
    """One line a stage: what it stands on and what it copies from."""
    width = max(len(str(stage["name"])) for stage in stages)
    lines = []
    for stage in stages:
        stands = stage["parent"] or stage["image"]
        sources = list(dict.fromkeys(copy["from"] for copy in stage["copies"] if copy["from"]))
        copies = f", copies from {', '.join(sources)}" if sources else ""
        mark = "*" if stage["product"] else " "
        lines.append(f"{mark} {stage['name']:<{width}}  from {stands}{copies}")
    return lines


def _row(name: str, value: str) -> str:
    return f"  {name:<{WIDTH}}{value}"


def _stage_text(stage: Mapping[str, Any]) -> list[str]:
    mark = " (product)" if stage["product"] else ""
    lines = [f"stage {stage['name']}{mark}, line {stage['line']}"]
    lines.append(_row("base", _base_text(stage)))
    lines.append(_row("user", stage["user"] or "?"))
    lines.append(_row("workdir", stage["workdir"] or "?"))
    for number, (name, value) in enumerate(stage["environment"].items()):
        lines.append(_row("" if number else "environment", f"{name}={value}"))
    for place in stage["python"]:
        lines += _place_text(place)
    for copy in stage["copies"]:
        lines += _copy_text(copy)
    return lines


def _base_text(stage: Mapping[str, Any]) -> str:
    base = stage["base"]
    if base is None:
        return f"{stage['image']} (not known)"
    python = f"Python {base['python']}" if base["python"] else None
    system = " ".join(each for each in (base["distribution"], base["release"]) if each)
    known = ", ".join(each for each in (python, system, base["libc"]) if each)
    return f"{stage['image']} ({known})" if known else str(stage["image"])


def _listed(names: Sequence[str]) -> str:
    more = len(names) - LONGEST
    shown = ", ".join(names[:LONGEST])
    return f"{shown} and {more} more" if more > 0 else shown


def _place_text(place: Mapping[str, Any]) -> list[str]:
    version = f"Python {place['version']}" if place["version"] else "Python ?"
    moved = f", made at {place['made-at']}" if place["made-at"] != place["path"] else ""
    lines = [_row("python", f"{place['path']} ({place['kind']}, {version}{moved})")]
    by_origin: dict[str, list[str]] = {}
    for name, origin in place["packages"].items():
        by_origin.setdefault(_origin_text(origin), []).append(name)
    lines += [_row("", f"  {_listed(names)}  {where}") for where, names in by_origin.items()]
    if not place["complete"]:
        lines.append(_row("", f"  and perhaps others: {place['why']}"))
    return lines


def _origin_text(origin: Mapping[str, Any] | None) -> str:
    if origin is None:
        return "(base)"
    return f"({origin['stage']}, line {origin['line']})"


def _copy_text(copy: Mapping[str, Any]) -> list[str]:
    state = "" if copy["found"] == "there" else f", {copy['found']}"
    to = copy["to"] or "?"
    lines = [
        _row("copy", f"{copy['source']} from {copy['from']} to {to} (line {copy['line']}{state})")
    ]
    for label in ("brings", "leaves"):
        for kind, names in copy[label].items():
            if names:
                lines.append(_row("", f"  {label} {kind}: {_listed(names)}"))
    for move in copy["moves"]:
        lines.append(_row("", f"  moves an environment from {move['from']} to {move['to']}"))
    return lines


def _start_text(start: Mapping[str, Any] | None) -> list[str]:
    if start is None:
        return ["start       nothing: neither ENTRYPOINT nor CMD"]
    words = " ".join(start["words"]) or "?"
    carriers = f" (through {', '.join(start['through'])})" if start["through"] else ""
    lines = [f"start, line {start['line']}", _row("runs", words + carriers)]
    lines.append(_row("as", f"{start['user'] or '?'} in {start['workdir'] or '?'}"))
    if start["script"]:
        lines.append(_row("script", start["script"]))
    if start["state"] == "there":
        lines.append(_row("found", f"{start['path']}, and all that it needs"))
    elif start["path"]:
        lines.append(_row("found", start["path"]))
    for each in start["missing"]:
        lines.append(_row("missing", _missing_text(each)))
    if start["state"] == "unknown":
        lines.append(_row("unknown", start["why"] or "not all that it needs is known"))
    if start["package"] and start["installed"]:
        lines.append(_row("package", f"{start['package']} {_origin_text(start['installed'])}"))
    return lines


def _missing_text(each: Mapping[str, Any]) -> str:
    if each["kind"] == "interpreter":
        return f"{each['name']}, which {each['of']} needs"
    if each["kind"] == "barred":
        return f"{each['name']} cannot be reached: the user may not enter {each['of']}"
    if each["kind"] == "module":
        return f"the module {each['name']}, for {each['of']}"
    return f"the {each['kind']} {each['name']}"
