"""Servers, start files, cache mounts and what the context's project says: the facts behind rules."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

import pytest

from dflint.context import memory_context
from dflint.knowledge import load
from dflint.lint import lint_source, make_linter
from dflint.model import make_build
from dflint.reader import read
from dflint.scripts import make_scripts
from dflint.source import make_source
from dflint.subjects.base import UNKNOWN, Facts
from dflint.subjects.cache_mount import cache_mount_places
from dflint.subjects.context_origin import Origin, file_at
from dflint.subjects.context_project import copied_venv_places, excludes
from dflint.subjects.healthcheck import healthcheck_places, missing
from dflint.subjects.programs import certainly_missing
from dflint.subjects.requirements import installs, lacks
from dflint.subjects.server import address, exposed, listening, mismatch, server_places, settable
from dflint.subjects.start_file import start_file_places


def facts_of(
    text: str, files: Mapping[str, str] | None = None, executable: Collection[str] = ()
) -> Facts:
    build = make_build(read(make_source("Dockerfile", text)))
    context = None if files is None else memory_context(files, executable=executable)
    return Facts(build, make_scripts(build), context, date(2026, 11, 21))


# --- where servers listen ---


def where(
    start: str, before: str = "", files: Mapping[str, str] | None = None
) -> tuple[object, ...]:
    """Host and port of the server of a start, in an image of which all is known."""
    text = f"FROM python:3.13-slim\nWORKDIR /app\nCOPY app.py ./\n{before}\n{start}\n"
    found = [listening(at) for at in server_places(facts_of(text, files))]
    return tuple((each.host, each.port) for each in found)


@pytest.mark.parametrize(
    ("start", "host", "port"),
    [
        ("CMD gunicorn app:app", "127.0.0.1", 8000),
        ("CMD gunicorn -b :80 app:app", "", 80),
        ("CMD gunicorn -b0.0.0.0 app:app", "0.0.0.0", 8000),
        ("CMD gunicorn --bind=[::1]:90 app:app", "::1", 90),
        ("CMD gunicorn -b unix:/run/x.sock app:app", "unix", None),
        ("CMD gunicorn -b :80 -b :81 app:app", None, None),
        ("CMD gunicorn -b $HOST:80 app:app", None, None),
        ("CMD gunicorn -b 127.0.0.1:$PORT app:app", "127.0.0.1", None),
        ("CMD gunicorn $OPTIONS app:app", None, None),
        ("CMD gunicorn -c other.py app:app", None, None),
        ("CMD gunicorn --chdir src app:app", None, None),
        ("CMD PORT=81 gunicorn app:app", "0.0.0.0", 81),
        ("CMD uvicorn app:app", "127.0.0.1", 8000),
        ("CMD uvicorn app:app --host 0.0.0.0", "0.0.0.0", 8000),
        ("CMD uvicorn app:app --port 81", "127.0.0.1", 81),
        ("CMD uvicorn app:app --uds /run/x.sock", "unix", None),
        ("CMD python -m uvicorn app:app --host ::", "::", 8000),
        ("CMD hypercorn app:app -b 0.0.0.0:82", "0.0.0.0", 82),
        ("CMD daphne -b 0.0.0.0 -p 83 app:app", "0.0.0.0", 83),
        ("CMD granian app:app --host 0.0.0.0", "0.0.0.0", 8000),
        ("CMD waitress-serve app:app", "", 8080),
        ("CMD waitress-serve --listen=127.0.0.1:84 app:app", "127.0.0.1", 84),
        ("CMD flask run", "127.0.0.1", 5000),
        ("CMD flask --app x run -h 0.0.0.0 -p 85", "0.0.0.0", 85),
        ("CMD python manage.py runserver", "127.0.0.1", 8000),
        ("CMD python manage.py runserver 86", "127.0.0.1", 86),
        ("CMD python manage.py runserver 0:87", "0", 87),
        ("CMD python manage.py runserver -h 0.0.0.0", None, None),
        ("CMD fastapi run app.py", "0.0.0.0", 8000),
        ("CMD fastapi dev app.py", "127.0.0.1", 8000),
        ("CMD streamlit run app.py --server.port 88", "", 88),
        ("CMD python -m http.server 89", "", 89),
        ("CMD python -m http.server 89 --bind 127.0.0.1", "127.0.0.1", 89),
        ("CMD celery -A app flower --port=90", "", 90),
        ("CMD jupyter lab --ip 127.0.0.1", "127.0.0.1", None),
        ('CMD ["gunicorn", "-b", "0.0.0.0:$PORT", "app:app"]', "0.0.0.0", None),
        ('ENTRYPOINT ["tini", "--", "gunicorn"]\nCMD ["-b", ":91", "app:app"]', "", 91),
        ("CMD alembic upgrade head && exec uvicorn app:app", "127.0.0.1", 8000),
        ("CMD cd src && gunicorn app:app", None, None),
        ("CMD . ./env.sh && uvicorn app:app", None, None),
    ],
)
def test_where_servers_listen(start: str, host: str | None, port: int | None) -> None:
    assert where(start) == ((host, port),)


@pytest.mark.parametrize(
    "start",
    [
        "CMD python app.py",
        "CMD uvicorn a:app & uvicorn b:app",
        "CMD test -f x || gunicorn app:app",
        'ENTRYPOINT ["/start.sh"]\nCMD ["gunicorn", "app:app"]',
    ],
)
def test_no_single_server_is_no_server(start: str) -> None:
    assert where(start) == ()


@pytest.mark.parametrize(
    ("before", "start", "host", "port"),
    [
        ("ENV PORT=80", "CMD gunicorn app:app", "0.0.0.0", 80),
        ("ARG PORT=80", "CMD gunicorn -b 0.0.0.0:$PORT app:app", None, None),
        ("ENV PORT=80", "CMD gunicorn -b 0.0.0.0:$PORT app:app", "0.0.0.0", 80),
        ('ENV GUNICORN_CMD_ARGS="-b :80"', "CMD gunicorn app:app", None, None),
        ("ENV UVICORN_HOST=0.0.0.0 UVICORN_PORT=80", "CMD uvicorn app:app", "0.0.0.0", 80),
        ("ENV FLASK_RUN_PORT=80", "CMD flask run", "127.0.0.1", 80),
        ("RUN echo FLASK_RUN_HOST=0.0.0.0 > .flaskenv", "CMD flask run", None, None),
        ("COPY . .", "CMD gunicorn app:app", None, None),
        ("COPY . .", "CMD uvicorn app:app", "127.0.0.1", 8000),
    ],
)
def test_what_surrounds_a_server(
    before: str, start: str, host: str | None, port: int | None
) -> None:
    assert where(start, before) == ((host, port),)


@pytest.mark.parametrize(
    ("settings", "host", "port"),
    [
        ("workers = 4\n", "127.0.0.1", 8000),
        ("bind = '0.0.0.0:80'  # all\n", "0.0.0.0", 80),
        ('bind = "unix:/run/x"\n', "unix", None),
        ("bind = f'0.0.0.0:{port}'\n", None, None),
        ("if x:\n    bind = '0.0.0.0:80'\n", None, None),
        ("bind = '0.0.0.0:80'\nbind = '0.0.0.0:81'\n", None, None),
    ],
)
def test_gunicorn_s_settings_are_read(settings: str, host: str | None, port: int | None) -> None:
    files = {"app.py": "", "gunicorn.conf.py": settings, "conf/g.py": settings}
    for start in ("CMD gunicorn app:app", "CMD gunicorn -c conf/g.py app:app"):
        assert where(start, "COPY . .", files) == ((host, port),)


def test_nothing_is_certain_on_an_unknown_base() -> None:
    (at,) = server_places(facts_of("FROM example.com/base\nCMD uvicorn app:app\n"))
    assert (listening(at).host, listening(at).port) == (None, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.0.0.0:80", ("0.0.0.0", 80)),
        ("localhost", ("localhost", 0)),
        ("[::]:80", ("::", 80)),
        ("[::", (None, None)),
        ("a:b:c", (None, None)),
        ("8000", (None, None)),
        ("0:80", ("0", 80)),
        (":99999", ("", None)),
        ("fd://3", ("unix", None)),
        (None, (None, None)),
    ],
)
def test_addresses(text: str | None, expected: tuple[str | None, int | None]) -> None:
    assert address(text) == expected


@pytest.mark.parametrize(
    ("expose", "ports", "differs"),
    [
        ("", (), False),
        ("EXPOSE 80 443/tcp 53/udp", ((80, 80), (443, 443)), True),
        ("EXPOSE 7999-8001", ((7999, 8001),), False),
        ("EXPOSE 53/udp", (), False),
        ("EXPOSE $PORTS", UNKNOWN, UNKNOWN),
        ("ENV P=80\nEXPOSE $P", ((80, 80),), True),
    ],
)
def test_exposed_ports(expose: str, ports: object, differs: object) -> None:
    text = f"FROM python:3.13-slim\n{expose}\nCMD uvicorn app:app\n"
    (at,) = server_places(facts_of(text))
    assert exposed(at) == ports
    assert mismatch(at) == differs


def test_what_may_set_a_setting() -> None:
    head = "FROM python:3.13-slim\nWORKDIR /app\nCOPY app.py ./\n"
    (plain,) = server_places(facts_of(head + "CMD gunicorn app:app\n"))
    assert settable(plain, "worker-tmp-dir") is False
    (given,) = server_places(facts_of(head + "CMD gunicorn --worker-tmp-dir /x app:app\n"))
    assert settable(given, "worker-tmp-dir") is True
    (hidden,) = server_places(facts_of(head + "COPY . .\nCMD gunicorn app:app\n"))
    assert settable(hidden, "worker-tmp-dir") is UNKNOWN


def test_every_server_is_one_that_the_shell_reader_knows() -> None:
    for name in load("servers")["servers"]:
        tool, _, action = name.partition(" ")
        known = load("commands")["tools"][tool]
        assert known.get("actions", False) or "like" in known or not action, name


# --- files of the context in the image ---


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("COPY run.sh /run.sh", "run.sh"),
        ("COPY run.sh /", "run.sh"),
        ("COPY . /", "run.sh"),
        ("COPY bin/other.sh /run.sh", "bin/other.sh"),
        ("COPY bin /", None),
        ("COPY run.sh /usr/local/bin/", None),
        ("COPY *.sh /", "run.sh"),
        ("COPY run.sh /\nRUN apt-get update", "run.sh"),
        ("COPY run.sh /\nRUN chmod +x /run.sh", UNKNOWN),
        ("COPY run.sh /\nRUN ./unknown", UNKNOWN),
        ("COPY run.sh /\nRUN echo x > /run.sh", UNKNOWN),
        ("COPY run.sh /\nRUN echo x > /other.sh", "run.sh"),
        ("COPY run.sh /\nCOPY --from=x /a /", UNKNOWN),
        ("COPY run.sh /\nCOPY --from=x /a /b", "run.sh"),
        ("COPY $NAME /", UNKNOWN),
        ("ADD https://example.com/run.sh /", UNKNOWN),
        ("COPY <<EOF /run.sh\nx\nEOF", UNKNOWN),
    ],
)
def test_which_file_of_the_context_lies_at_a_path(lines: str, found: object) -> None:
    files = {"run.sh": "", "bin/other.sh": ""}
    facts = facts_of(f"FROM python:3.13-slim\n{lines}\n", files)
    stage = facts.build.stages[0]
    at = file_at(facts, stage, len(stage.steps), "/run.sh")
    assert (at.entry.path if isinstance(at, Origin) else at) == found


def test_a_base_stage_s_files_count_for_the_product() -> None:
    text = "FROM python:3.13-slim AS a\nCOPY run.sh /\nFROM a\nRUN pip install x\n"
    facts = facts_of(text, {"run.sh": ""})
    at = file_at(facts, facts.build.stages[1], 1, "/run.sh")
    assert isinstance(at, Origin)
    assert at.stage.index == 0


@pytest.mark.parametrize(
    ("lines", "executable"),
    [
        ("COPY run.sh /", False),
        ("COPY --chmod=0755 run.sh /", True),
        ("COPY --chmod=u+x run.sh /", None),
        ("COPY run.sh /\nRUN chmod 755 /run.sh", True),
        ("COPY run.sh /\nRUN chmod a+rx /run.sh", True),
        ("COPY run.sh /\nRUN cd / && chmod u=rwx run.sh", True),
        ("COPY run.sh /\nRUN chmod -R 755 /", True),
        ("COPY run.sh /\nRUN chmod +x /*.sh", None),
        ("COPY run.sh /\nRUN chmod +x $SCRIPTS", None),
        ("COPY run.sh /\nRUN chmod 644 /run.sh", None),
        ("COPY run.sh /\nRUN test -x /bin/y || chmod +x /run.sh", None),
        ("COPY run.sh /\nRUN chmod +x /other.sh", False),
        ("RUN touch /run.sh && chmod +x /run.sh\nCOPY run.sh /", False),
    ],
)
def test_whether_a_start_file_may_be_executed(lines: str, executable: bool | None) -> None:
    text = f'FROM python:3.13-slim\n{lines}\nENTRYPOINT ["/run.sh"]\n'
    (at,) = start_file_places(facts_of(text, {"run.sh": "#!/bin/sh\n"}))
    assert at.executable is executable


@pytest.mark.parametrize(
    "lines",
    [
        'COPY run.sh /\nENTRYPOINT ["sh", "/run.sh"]',
        'COPY run.sh /\nRUN sed -i s/a/b/ /run.sh\nENTRYPOINT ["/run.sh"]',
        'COPY run.sh /\nENTRYPOINT ["/$NAME"]',
        "COPY run.sh /\nCMD [ -f x ] || /run.sh",
        "COPY run.sh /\nCMD cd /app && ./run.sh",
        'COPY run.sh /app/\nENTRYPOINT ["/run.sh"]',
        "COPY run.sh /\nCMD python /run.sh",
    ],
)
def test_no_start_file_where_it_is_not_certain(lines: str) -> None:
    facts = facts_of(f"FROM python:3.13-slim\n{lines}\n", {"run.sh": "#!/bin/sh\n"})
    assert list(start_file_places(facts)) == []


# --- programs that are missing ---


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("", True),
        ("RUN apt-get update && apt-get install -y --no-install-recommends gcc libpq-dev", True),
        ("RUN pip install flask && python -m venv /venv", True),
        ("COPY --from=ghcr.io/astral-sh/uv /uv /uvx /bin/", True),
        ("COPY . /app", True),
        ("RUN apt-get install -y curl", UNKNOWN),
        ("RUN apt-get install -y gettext", UNKNOWN),
        ("RUN apt-get install -y $PACKAGES", UNKNOWN),
        ("RUN apt-get install -y never-heard-of", UNKNOWN),
        ("RUN ./setup.sh", UNKNOWN),
        ("RUN cp /tools/curl /usr/bin/curl", UNKNOWN),
        ("RUN cp /tools/x /usr/bin/x", True),
        ("RUN curl https://example.com", UNKNOWN),
        ("COPY --from=x /usr/bin /usr/bin", UNKNOWN),
        ("COPY --from=x /usr/bin/y /usr/bin/", True),
        ("COPY --from=x / /", UNKNOWN),
        ("ENV PATH=$UNKNOWN:/usr/bin", UNKNOWN),
    ],
)
def test_missing_programs(lines: str, expected: object) -> None:
    assert certainly_missing(facts_of(f"FROM python:3.13-slim\n{lines}\n"), "curl") is expected


def test_programs_of_the_base_are_not_missing() -> None:
    assert certainly_missing(facts_of("FROM python:3.13\n"), "curl") is False
    assert certainly_missing(facts_of("FROM example.com/x\n"), "curl") is UNKNOWN
    assert certainly_missing(facts_of("FROM python:3.13-slim\n"), "unheard") is UNKNOWN


@pytest.mark.parametrize(
    ("check", "programs"),
    [
        ("HEALTHCHECK CMD curl -f http://x || exit 1", ["curl"]),
        ('HEALTHCHECK CMD ["curl", "-f", "http://x"]', ["curl"]),
        ("HEALTHCHECK CMD curl http://x | grep ok", ["curl", "grep"]),
        ("HEALTHCHECK CMD curl http://x || wget http://x", []),
        ("HEALTHCHECK NONE", []),
        ("HEALTHCHECK CMD curl http://x\nHEALTHCHECK CMD wget http://x", ["wget"]),
    ],
)
def test_programs_of_health_checks(check: str, programs: list[str]) -> None:
    places = list(healthcheck_places(facts_of(f"FROM python:3.13-slim\n{check}\n")))
    assert [at.command.program for at in places] == programs
    assert all(missing(at) is not False or at.command.program == "grep" for at in places)


# --- cache mounts ---


@pytest.mark.parametrize(
    ("lines", "how"),
    [
        ('ENV PATH="/app/.venv/bin:$PATH"', "path"),
        ("CMD /app/.venv/bin/python -m app", "start"),
        ("RUN .venv/bin/python -m compileall .", "run"),
        ("RUN --mount=type=cache,target=/app/.venv .venv/bin/python -m compileall .", None),
        ("RUN uv sync\nCMD /app/.venv/bin/python", None),
        ("COPY --from=x /v /app/.venv\nCMD /app/.venv/bin/python", None),
        ("RUN ./fill\nCMD /app/.venv/bin/python", None),
        ("FROM python:3.13-slim\nCOPY --from=0 /app/.venv /v", "copy"),
        ("FROM python:3.13-slim\nCOPY --from=0 /app /srv\nCMD /srv/.venv/bin/python", "start"),
        ("FROM python:3.13-slim\nCOPY --from=0 /app/dist /srv", None),
        ("FROM x\nRUN --mount=type=bind,from=0,source=/app/.venv,target=/v true", "mount"),
        ("CMD python -m app", None),
    ],
)
def test_what_looks_for_the_content_of_a_cache_mount(lines: str, how: str | None) -> None:
    text = (
        "FROM python:3.13-slim\nWORKDIR /app\n"
        f"RUN --mount=type=cache,target=/app/.venv uv sync\n{lines}\n"
    )
    at = next(iter(cache_mount_places(facts_of(text))))
    assert (None if at.use is None else at.use.how) == how


def test_the_system_s_own_folders_are_left_alone() -> None:
    text = (
        "FROM rust:1.90\nRUN --mount=type=cache,target=/usr/local/cargo cargo build\n"
        "CMD /usr/local/cargo/bin/cargo\n"
    )
    (at,) = cache_mount_places(facts_of(text))
    assert at.use is None


# --- the project ---


@pytest.mark.parametrize(
    ("specifier", "python", "expected"),
    [
        (">=3.11", "3.9", True),
        (">=3.9.5", "3.9", False),
        (">3.9", "3.9", False),
        ("<3.12", "3.12", True),
        ("<3.12.1", "3.12", False),
        ("<4", "3.13", False),
        ("<=3.11", "3.12", True),
        ("==3.11.*", "3.12", True),
        ("==3.*", "3.12", False),
        ("3.11", "3.11", False),
        ("~=3.8", "3.12", False),
        ("~=3.8.1", "3.12", True),
        ("!=3.9.*,>=3.8", "3.9", True),
        ("^3.9", "3.12", False),
        ("^3.9,<3.12", "3.12", True),
        ("~3.9", "3.10", True),
        ("~3.9 || ^3.10", "3.12", False),
        (">=3.8 <3.10", "3.10", True),
        ("*", "3.9", False),
        ("", "3.9", False),
        (">=3.9a1", "3.8", None),
        ("latest", "3.8", None),
    ],
)
def test_what_requires_python_excludes(specifier: str, python: str, expected: bool | None) -> None:
    assert excludes(specifier, python) is expected


def test_the_host_s_environment_in_a_copied_folder() -> None:
    text = (
        "FROM python:3.13-slim\nRUN python -m venv /srv/api/venv\nCOPY services /srv\n"
        "RUN python -m venv /opt/venv\n"
    )
    (at,) = copied_venv_places(facts_of(text, {"services/api/venv/pyvenv.cfg": ""}))
    assert (at.path, at.file) == ("/srv/api/venv", "services/api/venv")
    again = text + "RUN python -m venv --clear /srv/api/venv\n"
    assert list(copied_venv_places(facts_of(again, {"services/api/venv/pyvenv.cfg": ""}))) == []


# --- what is installed ---


def installed(run: str, files: Mapping[str, str], server: str = "gunicorn") -> bool | None:
    text = f"FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\nRUN {run}\n"
    return lacks(facts_of(text, files), server)


@pytest.mark.parametrize(
    ("run", "files", "expected"),
    [
        ("pip install -r r.txt", {"r.txt": "django\n"}, True),
        ("pip install -r r.txt", {"r.txt": "Django>=5 ; python_version > '3'\n# x\n"}, True),
        ("pip install -r r.txt", {"r.txt": "celery[redis]==5.4 --hash=sha256:0\n"}, True),
        ("pip install -r r.txt", {"r.txt": "gunicorn\n"}, False),
        ("pip install -r r.txt", {"r.txt": "unheard-of\nGunicorn>=20\n"}, False),
        ("pip install -r r.txt", {"r.txt": "unheard-of\n"}, None),
        ("pip install -r r.txt", {"r.txt": "-r b.txt\n", "b.txt": "gunicorn\n"}, False),
        ("pip install -r r.txt", {"r.txt": "-r b.txt\n"}, None),
        ("pip install -r r.txt", {"r.txt": "-e .\n"}, None),
        ("pip install -r r.txt", {"r.txt": "x @ https://example.com/x.whl\n"}, None),
        ("pip install -r r.txt", {"r.txt": "django\n", ".venv/pyvenv.cfg": ""}, None),
        ("pip install django", {"r.txt": ""}, True),
        ("pip install poetry && pip install django", {"r.txt": ""}, True),
        ("pip install .", {"r.txt": ""}, None),
        ("pip install -r r.txt && ./more.sh", {"r.txt": "django\n"}, None),
        ("pip install -r r.txt && apt-get install -y python3-x", {"r.txt": "django\n"}, None),
        (
            "pip install -r r.txt",
            {"r.txt": "# autogenerated by pip-compile\nunheard-of==1\n    # via -r r.in\n"},
            True,
        ),
        ("uv sync", {"pyproject.toml": "", "uv.lock": 'name = "unheard-of"\n'}, True),
        ("uv sync", {"pyproject.toml": "", "uv.lock": 'name = "gunicorn"\n'}, False),
        ("uv sync", {"pyproject.toml": "['gunicorn']", "uv.lock": ""}, False),
        ("uv sync", {"pyproject.toml": ""}, None),
        ("pipenv sync", {"Pipfile.lock": '"default": {\n  "gunicorn": {\n'}, False),
    ],
)
def test_whether_anything_brings_a_server(
    run: str, files: Mapping[str, str], expected: bool | None
) -> None:
    assert installed(run, files) is expected


def test_requirements_are_known_by_their_files() -> None:
    text = "FROM python:3.13-slim\nCOPY r /r\nRUN pip install -r /r/a.txt\n"
    found = installs(facts_of(text, {"r/a.txt": "-r b.txt\nflask\n", "r/b.txt": "six\n"}))
    assert found is not None
    assert found.files == ("r/a.txt", "r/b.txt")
    assert found.names == {"flask", "six"}
    assert installs(facts_of(text)) is None


def test_packages_are_told_apart() -> None:
    known = load("requirements")
    names = known["none"].split()
    assert len(set(names)) == len(names)
    assert not set(names) & set(known["brings"])
    brought = {name for names in known["brings"].values() for name in names}
    assert brought <= {name for names in known["programs"].values() for name in names}
    assert set(known["programs"]) <= set(load("servers")["servers"])


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("Dockerfile", True),
        ("tests/Dockerfile", True),
        ("devices/Dockerfile.web", True),
        ("Dockerfile.dev", False),
        ("docker/dev.Dockerfile", False),
        ("docker\\Dockerfile.local-debug", False),
        ("x/.devcontainer/Dockerfile", False),
    ],
)
def test_a_file_for_development_may_start_a_development_server(path: str, told: bool) -> None:
    text = 'FROM python:3.13-slim\nCMD ["flask", "run"]\n'
    report = lint_source(make_source(path, text), make_linter(today=date(2026, 11, 21)), None)
    assert ("dev-server" in {each.name for each in report.findings}) == told
