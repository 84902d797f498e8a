"""The facts behind the rules about images: what is left behind, missing, moved, or not writable."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from dflint.context import memory_context
from dflint.finding import Finding, Severity
from dflint.lint import Linter, lint_source, make_linter
from dflint.model import make_build
from dflint.reader import read
from dflint.scripts import make_scripts
from dflint.source import make_source
from dflint.subjects import SUBJECTS
from dflint.subjects.base import UNKNOWN, Facts

TODAY = date(2026, 11, 21)
SLIM = "FROM python:3.13-slim\n"
BUILDER = "FROM python:3.13-slim AS builder\n"


def facts_of(text: str, files: dict[str, str] | None = None) -> Facts:
    build = make_build(read(make_source("Dockerfile", text)))
    context = None if files is None else memory_context(files, None)
    return Facts(build, make_scripts(build), context, TODAY)


def answers(
    subject: str, attribute: str, text: str, files: dict[str, str] | None = None
) -> list[object]:
    """An attribute's values for all things of a subject in a Dockerfile."""
    kind = SUBJECTS[subject]
    get = kind.attributes[attribute].get
    things: Iterator[object] = iter(kind.each(facts_of(text, files)))
    return [get(each) for each in things]


@pytest.fixture(scope="module")
def linter() -> Linter:
    return make_linter(today=TODAY)


def found(
    linter: Linter, text: str, rule: str, files: dict[str, str] | None = None
) -> list[Finding]:
    context = None if files is None else memory_context(files, None)
    findings = lint_source(make_source("Dockerfile", text), linter, context).findings
    return [each for each in findings if each.name == rule]


# --- starts ---


def test_a_missing_script_names_its_stage_and_both_causes(linter: Linter) -> None:
    text = (
        BUILDER
        + "RUN pip install gunicorn==23.0.0\n"
        + SLIM
        + "COPY --from=builder /usr/local/lib/python3.13/site-packages"
        + " /usr/local/lib/python3.13/site-packages\n"
        + 'CMD ["gunicorn"]\n'
    )
    (one,) = found(linter, text, "start-program-missing")
    source = make_source("Dockerfile", text)
    assert "stage `builder`" in one.message
    assert [source.slice(each.span)[:15] for each in one.related] == [
        "pip install gun",
        "COPY --from=bui",
    ]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("RUN pip install flask==3.1.2\nCMD gunicorn app:app\n", 1),
        ("RUN pip install thing\nCMD gunicorn app:app\n", 0),
        ("RUN pip install -r requirements.txt\nCMD gunicorn app:app\n", 0),
        ("CMD . ./activate && gunicorn app:app\n", 0),
        ("CMD PATH=/opt/bin:$PATH gunicorn app:app\n", 0),
        ("ONBUILD RUN pip install gunicorn\nCMD gunicorn app:app\n", 0),
        ("RUN curl https://example.com/x | sh\nCMD gunicorn app:app\n", 0),
    ],
)
def test_only_what_is_certainly_missing(linter: Linter, lines: str, told: int) -> None:
    assert len(found(linter, SLIM + lines, "start-program-missing")) == told


def test_an_entrypoint_script_may_change_the_path(linter: Linter) -> None:
    text = SLIM + 'COPY start.sh /\nENTRYPOINT ["sh", "/start.sh"]\n'
    plain = {"start.sh": "exec gunicorn app:app\n"}
    changed = {"start.sh": "source /env\nexec gunicorn app:app\n"}
    assert len(found(linter, text, "start-program-missing", plain)) == 1
    assert found(linter, text, "start-program-missing", changed) == []


def test_left_packages_are_told_once(linter: Linter) -> None:
    text = (
        BUILDER
        + "WORKDIR /app\nRUN pip install gunicorn==23.0.0\nCOPY . .\n"
        + SLIM
        + "WORKDIR /app\nCOPY --from=builder /app /app\n"
        + 'CMD ["gunicorn", "app:app"]\n'
    )
    assert len(found(linter, text, "packages-left-behind")) == 1
    assert found(linter, text, "start-program-missing") == []


# --- packages left behind ---

LEFT = (
    BUILDER
    + "WORKDIR /app\nRUN pip install flask==3.1.2\nCOPY . .\n"
    + "FROM python:3.13-slim\nWORKDIR /app\n{lines}"
)


@pytest.mark.parametrize(
    ("lines", "needed"),
    [
        ("COPY --from=builder /app .\nCMD python app.py\n", [True]),
        ("COPY --from=builder /app .\nCMD python -m shop\n", [True]),
        ("COPY --from=builder /app .\nCMD flask run\n", [True]),
        ("COPY --from=builder /app .\nCMD python -m http.server\n", [False]),
        ("COPY --from=builder /app/dist /dist\nCMD python app.py\n", [UNKNOWN]),
        ("COPY --from=builder /app .\nCMD ./start\n", [UNKNOWN]),
        ("COPY --from=builder / /\nCMD python app.py\n", []),
        ("COPY --from=builder /usr/local /usr/local\nCMD python app.py\n", []),
        ("CMD python app.py\n", []),
    ],
)
def test_what_the_product_needs_of_a_stage(lines: str, needed: list[object]) -> None:
    assert answers("left-behind", "needed", LEFT.format(lines=lines)) == needed


@pytest.mark.parametrize(
    ("line", "installs"),
    [
        ("RUN pip install flask\n", True),
        ("RUN pip install --upgrade pip\n", False),
        ("RUN ./setup.sh\n", True),
        ("RUN --mount=type=bind,from=builder,source=/usr,target=/x true\n", True),
        ("RUN apt-get update && apt-get install -y python3-flask\n", True),
        ("RUN apt-get update && apt-get install -y curl\n", False),
        ("", False),
    ],
)
def test_whether_the_product_may_install_itself(line: str, installs: bool) -> None:
    lines = line + "COPY --from=builder /app .\nCMD python app.py\n"
    assert answers("left-behind", "product.installs", LEFT.format(lines=lines)) == [installs]


# --- versions, libraries of C ---


@pytest.mark.parametrize(
    ("base", "source", "target", "fits"),
    [
        ("3.13-slim", "/usr/local/lib/python3.12", "/usr/local/lib/python3.12", False),
        ("3.12-slim", "/usr/local/lib/python3.12", "/usr/local/lib/python3.12", True),
        ("3.12-slim", "/usr/local/lib/python3.12", "/usr/local/lib/python3.11", False),
        ("3.13-slim", "/usr/local", "/usr/local", UNKNOWN),
        ("${VERSION}", "/usr/local/lib/python3.12", "/usr/local/lib/python3.12", UNKNOWN),
    ],
)
def test_whether_packages_fit(base: str, source: str, target: str, fits: object) -> None:
    text = (
        "ARG VERSION\nFROM python:3.12-slim AS builder\nRUN pip install flask==3.1.2\n"
        f"FROM python:{base}\nCOPY --from=builder {source} {target}\n"
    )
    assert answers("stage-copy", "python.fits", text) == [fits]


@pytest.mark.parametrize(
    ("package", "told"), [("numpy==2.3.0", 1), ("flask==3.1.2", 0), ("-r requirements.txt", 0)]
)
def test_only_compiled_packages_mind_the_library_of_c(
    linter: Linter, package: str, told: int
) -> None:
    text = (
        f"FROM python:3.13-alpine AS builder\nRUN pip install --prefix=/install {package}\n"
        + SLIM
        + "COPY --from=builder /install /usr/local\n"
    )
    assert len(found(linter, text, "libc-mismatch")) == told


@pytest.mark.parametrize(
    ("image", "told"),
    [
        ("node:22-alpine", 1),
        ("node:22-trixie-slim", 1),
        ("node:22-bookworm-slim", 0),
        ("node:22-bullseye-slim", 0),
        ("registry.example.com/node:22", 0),
    ],
)
def test_programs_of_other_images(linter: Linter, image: str, told: int) -> None:
    text = (
        "FROM python:3.13-slim-bookworm\n"
        f"COPY --from={image} /usr/local/bin/node /usr/local/bin/node\n"
    )
    assert len(found(linter, text, "libc-mismatch")) == told


# --- environments ---

MOVED = (
    BUILDER
    + "RUN python -m venv /opt/venv && /opt/venv/bin/pip install gunicorn==23.0.0\n"
    + SLIM
    + "COPY --from=builder /opt/venv /venv\n"
)


@pytest.mark.parametrize(
    ("lines", "severity"),
    [
        ('CMD ["/venv/bin/gunicorn", "a:b"]\n', Severity.ERROR),
        ('CMD ["/venv/bin/python", "-m", "gunicorn", "a:b"]\n', Severity.INFO),
        ("ENV PATH=/venv/bin:$PATH\nCMD python app.py\n", Severity.INFO),
        ("ENV PATH=/venv/bin:$PATH\nCMD ls\n", Severity.WARNING),
    ],
)
def test_how_bad_a_moved_environment_is(linter: Linter, lines: str, severity: Severity) -> None:
    (one,) = found(linter, MOVED + lines, "venv-moved")
    assert one.severity is severity


# --- folders that variables name ---


def test_folders_of_variables() -> None:
    text = (
        "FROM python:3.13-slim\nWORKDIR /app\nVOLUME /plugins\n"
        "ENV PYTHONPATH=/app:/nowhere:/plugins:$MORE VIRTUAL_ENV=/opt/venv PATH=/bin:/opt/x/bin:$PATH\n"
    )
    assert answers("search-path", "folder", text) == [
        "/opt/x/bin",
        "/app",
        "/nowhere",
        "/plugins",
        "/opt/venv",
    ]
    assert answers("search-path", "found", text)[1:3] == ["there", "missing"]
    assert answers("search-path", "mounted", text) == [False, False, False, True, False]


# --- what starts write ---


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("USER app\nCMD gunicorn --access-logfile /srv/log a:b\n", [("/srv/log", "denied")]),
        ("USER app\nCMD gunicorn --access-logfile /none/log a:b\n", [("/none/log", "no-folder")]),
        ("CMD gunicorn --access-logfile /srv/log a:b\n", [("/srv/log", "writable")]),
        ("USER app\nCMD gunicorn --access-logfile - a:b\n", []),
        ("USER app\nCMD gunicorn --pid /tmp/pid a:b\n", []),
        ("VOLUME /srv\nUSER app\nCMD gunicorn --pid /srv/p a:b\n", [("/srv/p", UNKNOWN)]),
        ("RUN chmod 777 /srv\nUSER app\nCMD gunicorn --pid /srv/p a:b\n", [("/srv/p", UNKNOWN)]),
        ("USER app\nENV DATABASE_URL=sqlite:////srv/a.db\nCMD x\n", [("/srv/a.db", "denied")]),
        ("USER app\nENV DATABASE_URL=sqlite://\nCMD x\n", []),
        ("USER app\nCMD python a.py > /srv/out\n", [("/srv/out", "denied")]),
    ],
)
def test_what_a_start_writes(lines: str, told: list[tuple[str, object]]) -> None:
    text = SLIM + "RUN useradd app\n" + lines
    paths = answers("write", "path", text)
    assert list(zip(paths, answers("write", "state", text), strict=True)) == told


# --- libraries ---


@pytest.mark.parametrize(
    ("base", "before", "state"),
    [
        ("python:3.13-slim", "", ["missing"]),
        ("python:3.13-slim", "RUN apt-get update && apt-get install -y libgomp1\n", ["there"]),
        ("python:3.13-slim", "RUN apt-get update && apt-get install -y curl\n", ["missing"]),
        ("python:3.13-slim", "RUN apt-get update && apt-get install -y octave\n", [UNKNOWN]),
        ("python:3.13-slim", "RUN apt-get update && apt-get install -y $MORE\n", [UNKNOWN]),
        ("python:3.13-slim", "RUN ./setup\n", [UNKNOWN]),
        ("python:3.13-slim", "COPY lib /usr/lib\n", [UNKNOWN]),
        ("python:3.13-slim", "COPY app /app\n", ["missing"]),
        ("python:3.13", "", [UNKNOWN]),
        ("python:3.13-alpine", "", [UNKNOWN]),
        ("registry.example.com/python:3.13-slim", "", []),
    ],
)
def test_libraries(base: str, before: str, state: list[object]) -> None:
    text = f"FROM {base}\n{before}RUN pip install lightgbm==4.6.0\n"
    assert answers("library", "found", text) == state


def test_a_package_that_does_the_same_without_the_library() -> None:
    text = SLIM + "RUN pip install opencv-python opencv-python-headless\n"
    assert answers("library", "package", text) == []


# --- editable installs ---

EDITABLE = (
    BUILDER
    + "RUN python -m venv /opt/venv\nWORKDIR /src\nCOPY . .\n"
    + "RUN /opt/venv/bin/pip install {word}\n"
    + SLIM
    + "COPY --from=builder /opt/venv /opt/venv\n{lines}"
)


@pytest.mark.parametrize(
    ("word", "lines", "state"),
    [
        ("-e .", "", ["missing"]),
        ("--editable=/src[extra]", "", ["missing"]),
        ("-e git+https://example.com/x.git#egg=x", "", []),
        (".", "", []),
        ("-e .", "COPY --from=builder /src /src\n", [UNKNOWN]),
        ("-e .", "COPY . /src\n", [UNKNOWN]),
    ],
)
def test_editable_installs(word: str, lines: str, state: list[object]) -> None:
    assert answers("editable", "found", EDITABLE.format(word=word, lines=lines)) == state


def test_source_at_another_path_may_do(linter: Linter) -> None:
    text = EDITABLE.format(word="-e .", lines="COPY . /app\nWORKDIR /app\nCMD python -m thing\n")
    assert found(linter, text, "editable-install-left") == []


@pytest.mark.parametrize(
    ("project", "sources"),
    [
        ('[project]\nname = "x"\n[build-system]\nrequires = []\n', ["/app"]),
        ('[project]\nname = "x"\n', []),
        ('[project]\nname = "x"\n[tool.uv]\npackage = true\n', ["/app"]),
        ('[project]\nname = "x"\n[tool.uv]\npackage = false\n[build-system]\n', []),
        ("not toml", []),
    ],
)
def test_uv_installs_projects_that_can_be_built(project: str, sources: list[str]) -> None:
    text = SLIM + "WORKDIR /app\nCOPY . .\nRUN uv sync\n"
    assert answers("editable", "source", text, {"pyproject.toml": project}) == sources


# --- what is certain although packages are not known ---

USER_INSTALL = (
    BUILDER
    + "COPY requirements.txt .\nRUN pip install --user -r requirements.txt\n"
    + SLIM
    + "RUN useradd app\nCOPY --from=builder /root/.local /root/.local\n"
    + "ENV PATH=/root/.local/bin:$PATH\n{lines}"
)


@pytest.mark.parametrize(
    ("lines", "barred"),
    [
        ("USER app\nCMD uvicorn a:b\n", ["/root"]),
        ("CMD uvicorn a:b\n", [None]),
        ("RUN chmod 755 /root\nUSER app\nCMD uvicorn a:b\n", [None]),
        ("USER app\nCMD python a.py\n", [None]),
        ("RUN pip install -r other.txt\nUSER app\nCMD uvicorn a:b\n", [None]),
        ("USER app\nENV PATH=$MORE:$PATH\nCMD uvicorn a:b\n", [None]),
    ],
)
def test_programs_below_a_folder_that_is_shut(lines: str, barred: list[object]) -> None:
    assert answers("resolved-start", "barred", USER_INSTALL.format(lines=lines)) == barred


UNKNOWN_PACKAGES = (
    BUILDER
    + "COPY requirements.txt .\nRUN python -m venv /opt/venv\n"
    + "RUN /opt/venv/bin/pip install -r requirements.txt\n{before}"
    + SLIM
    + "COPY --from=builder /opt/venv /venv\nENV PATH=/venv/bin:$PATH\n{lines}"
)


@pytest.mark.parametrize(
    ("before", "lines", "severity"),
    [
        ("", "CMD uvicorn a:b\n", Severity.ERROR),
        ("", "CMD something\n", Severity.WARNING),
        ("", "RUN /usr/local/bin/pip install -r x.txt\nCMD uvicorn a:b\n", Severity.WARNING),
        ("RUN sed -i s,/opt/venv,/venv, /opt/venv/bin/*\n", "CMD uvicorn a:b\n", None),
    ],
)
def test_programs_that_only_a_moved_environment_can_have(
    linter: Linter, before: str, lines: str, severity: Severity | None
) -> None:
    text = UNKNOWN_PACKAGES.format(before=before, lines=lines)
    told = [each.severity for each in found(linter, text, "venv-moved")]
    assert told == ([] if severity is None else [severity])


@pytest.mark.parametrize(
    ("copies", "stage"),
    [
        (["/usr/local/lib/python3.13/site-packages"], "builder"),
        (["/usr/local/lib"], "builder"),
        (["/usr/local/lib", "/usr/local/bin"], None),
        (["/usr/local/lib", "/usr/local/bin/uvicorn"], None),
        (["/usr/local"], None),
        (["/app"], None),
    ],
)
def test_modules_without_programs(copies: list[str], stage: str | None) -> None:
    lines = "".join(f"COPY --from=builder {path} {path}\n" for path in copies)
    text = BUILDER + "RUN pip install -r requirements.txt\n" + SLIM + lines + "CMD uvicorn a:b\n"
    assert answers("resolved-start", "modules.stage", text) == [stage]


def test_programs_copied_without_their_modules(linter: Linter) -> None:
    text = (
        BUILDER
        + "RUN pip install --user -r requirements.txt\n"
        + SLIM
        + "COPY --from=builder /root/.local/bin /usr/local/bin\nCOPY app.py /\n"
        + 'CMD ["python", "/app.py"]\n'
    )
    assert len(found(linter, text, "packages-left-behind")) == 1


def test_who_owns_a_workdir_depends_on_the_builder() -> None:
    text = SLIM + "RUN useradd app\nUSER app\nWORKDIR /srv/a\nCMD python a.py > ./log\n"
    assert answers("write", "state", text) == [UNKNOWN]
