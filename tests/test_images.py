"""Names of images, and what is known of the images behind them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dflint.images import PATH, Base, lookup, parse_image, scratch
from dflint.knowledge import load

DIGEST = "sha256:" + "1" * 64


def known(text: str) -> Base:
    """The facts of an image that must be known."""
    name = parse_image(text)
    assert name is not None
    base = lookup(name)
    assert base is not None
    return base


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("python", ("docker.io", "library/python", None, None)),
        ("python:3.12-slim", ("docker.io", "library/python", "3.12-slim", None)),
        ("tiangolo/uvicorn-gunicorn", ("docker.io", "tiangolo/uvicorn-gunicorn", None, None)),
        ("docker.io/python", ("docker.io", "library/python", None, None)),
        ("index.docker.io/a/b:c", ("docker.io", "a/b", "c", None)),
        ("localhost/x", ("localhost", "x", None, None)),
        ("localhost:5000/x", ("localhost:5000", "x", None, None)),
        (f"host:5000/x:tag@{DIGEST}", ("host:5000", "x", "tag", DIGEST)),
        (f"python@{DIGEST}", ("docker.io", "library/python", None, DIGEST)),
        ("Registry/x/y", ("Registry", "x/y", None, None)),
        ("[::1]:5000/x", ("[::1]:5000", "x", None, None)),
        ("a__b/c---d:_e", ("docker.io", "a__b/c---d", "_e", None)),
    ],
)
def test_names_are_taken_apart(text: str, parts: tuple[str | None, ...]) -> None:
    name = parse_image(text)
    assert name is not None
    assert (name.registry, name.repository, name.tag, name.digest) == parts
    assert name.text == text


@pytest.mark.parametrize(
    "text",
    [
        "", "Python", "python:", "python:-x", "python:a:b", "python@", "python@sha256:12",
        "python@sha256", "python:${TAG}", "$IMAGE", "a//b", "/a", "a/", "a_-b", "a___b", "-host.de/x",
        "host:port/x", "x y", "python:" + "a" * 129, "a" * 256, "1" * 64, "ex.de/" + "a" * 255,
        "pythön", "python\n",
    ],
)  # fmt: skip
def test_invalid_names_are_none(text: str) -> None:
    assert parse_image(text) is None


@given(st.text(alphabet="aA0:/@.-_$[]éx ", max_size=60) | st.text(max_size=80))
def test_any_text_is_a_name_or_none(text: str) -> None:
    name = parse_image(text)
    assert name is None or (name.registry and name.repository and name.text == text)
    if name is not None:
        lookup(name)


@given(
    st.sampled_from(["python", "node", "debian", "ubuntu", "alpine", "golang", "buildpack-deps"]),
    st.lists(
        st.sampled_from(
            ["3", "3.12", "3.12.4", "22", "slim", "bookworm", "alpine3.20", "alpine", "rc", "lts",
             "windowsservercore", "ltsc2022", "noble", "latest", "odd", "20240101", "3.13.0rc1", "v1_2"]
        ),
        min_size=1,
        max_size=4,
    ),
)  # fmt: skip
def test_any_tag_gives_facts(name: str, words: list[str]) -> None:
    assert known(f"{name}:{'-'.join(words)}").family == name


@pytest.mark.parametrize(
    ("text", "version", "variant", "distribution", "release"),
    [
        ("python", "3.15", "full", "debian", "trixie"),
        ("python:latest", "3.15", "full", "debian", "trixie"),
        ("python:3", "3.15", "full", "debian", "trixie"),
        ("python:2", "2.7", "full", "debian", "buster"),
        ("python:3.12", "3.12", "full", "debian", "trixie"),
        ("python:3.12.4", "3.12", "full", "debian", "bookworm"),
        ("python:3.12-slim", "3.12", "slim", "debian", "trixie"),
        ("python:3.12.4-slim-bookworm", "3.12", "slim", "debian", "bookworm"),
        ("python:3.12-alpine3.20", "3.12", "alpine", "alpine", "3.20"),
        ("python:3.12-alpine", "3.12", "alpine", "alpine", None),
        ("python:3.9-slim-buster", "3.9", "slim", "debian", "buster"),
        ("python:3.9.5", "3.9", "full", "debian", "buster"),
        ("python:3.9.6", "3.9", "full", "debian", "bullseye"),
        ("python:3.13.6", "3.13", "full", "debian", None),
        ("python:3.8-slim", "3.8", "slim", "debian", "bookworm"),
        ("python:3.7.1", "3.7", "full", "debian", None),
        ("python:3.6", "3.6", "full", "debian", "bullseye"),
        ("python:2.7", "2.7", "full", "debian", "buster"),
        ("python:3.13-rc-slim", "3.13", "slim", "debian", None),
        ("python:3.14.0b4", "3.14", "full", "debian", None),
        ("python:slim", "3.15", "slim", "debian", "trixie"),
        ("python:alpine", "3.15", "alpine", "alpine", None),
        ("python:bookworm", "3.15", "full", "debian", "bookworm"),
        ("python:rc", None, "full", "debian", None),
        ("python:3.12-windowsservercore-ltsc2022", "3.12", "windowsservercore", "windows", None),
        (f"python:3.12-slim@{DIGEST}", "3.12", "slim", "debian", "trixie"),
        (f"python@{DIGEST}", None, None, None, None),
        ("python:3.12-strange", None, None, None, None),
        ("python:3.12-3.13", None, None, None, None),
        ("python:3.12-bookworm-alpine", None, None, None, None),
        ("public.ecr.aws/docker/library/python:3.12.4", "3.12", "full", "debian", "bookworm"),
        ("harbor.example.com/hub/library/python:3.12-alpine", "3.12", "alpine", "alpine", None),
        ("arm64v8/python:3.12-slim", "3.12", "slim", "debian", "trixie"),
    ],
)
def test_python_tags(
    text: str, version: str | None, variant: str | None, distribution: str | None, release: str | None
) -> None:  # fmt: skip
    base = known(text)
    assert base.family == "python"
    found = (base.python, base.variant, base.distribution, base.release)
    assert found == (version, variant, distribution, release)


@pytest.mark.parametrize(
    ("text", "slim"),
    [
        ("python:3.12", "3.12-slim"),
        ("python:3.12-bookworm", "3.12-slim-bookworm"),
        ("python:bookworm", "slim-bookworm"),
        ("python:latest", "slim"),
        ("python", "slim"),
        ("python:3.13-rc", "3.13-rc-slim"),
        ("node:20", "20-slim"),
        ("node:20-bookworm", "20-bookworm-slim"),
        ("python:3.12-slim", None),
        ("python:3.12-alpine", None),
        ("python:3.12-windowsservercore", None),
        (f"python:3.12@{DIGEST}", None),
        (f"python@{DIGEST}", None),
        ("python:odd", None),
        ("golang:1.25", None),
        ("debian:bookworm", None),
    ],
)
def test_slim_tags(text: str, slim: str | None) -> None:
    assert known(text).slim_tag == slim


@pytest.mark.parametrize(
    ("text", "end", "name"),
    [
        ("debian:buster-slim", date(2024, 6, 30), "Debian 10 (buster)"),
        ("debian:10.3", date(2024, 6, 30), "Debian 10 (buster)"),
        ("debian:bookworm-20240101-slim", date(2028, 6, 30), "Debian 12 (bookworm)"),
        ("debian:oldstable", date(2028, 6, 30), "Debian 12 (bookworm)"),
        ("debian:sid", None, None),
        ("ubuntu:18.04", date(2023, 5, 31), "Ubuntu 18.04 (bionic)"),
        ("ubuntu:focal-20220316", date(2025, 5, 31), "Ubuntu 20.04 (focal)"),
        ("ubuntu", None, None),
        ("alpine:3.12.1", date(2022, 5, 1), "Alpine 3.12"),
        ("alpine:3", None, None),
        ("alpine:edge", None, None),
        ("alpine:3.24", None, None),
        ("node:16-slim", date(2023, 9, 11), "Node.js 16"),
        ("node:lts-hydrogen", date(2025, 4, 30), "Node.js 18"),
        ("node:lts-buster", date(2024, 6, 30), "Debian 10 (buster)"),
        ("node:lts", None, None),
        ("node:24-alpine3.16", date(2024, 5, 23), "Alpine 3.16"),
        ("python:3.12-slim-bullseye", date(2026, 8, 31), "Debian 11 (bullseye)"),
        ("python:3.12-windowsservercore-ltsc2022", None, None),
        ("centos:7.9.2009", date(2024, 6, 30), "CentOS 7"),
        ("centos:centos8", date(2021, 12, 31), "CentOS 8"),
        ("php:7.4-fpm", date(2022, 11, 28), "PHP 7.4"),
        ("postgres:11-alpine", date(2023, 11, 9), "PostgreSQL 11"),
        ("nvidia/cuda:11.8.0-cudnn8-devel-ubuntu20.04", date(2025, 5, 31), "Ubuntu 20.04 (focal)"),
        ("gcr.io/distroless/python3-debian11", date(2026, 8, 31), "Debian 11 (bullseye)"),
        ("buildpack-deps:22.04-curl", date(2027, 4, 30), "Ubuntu 22.04 (jammy)"),
    ],
)
def test_end_of_life(text: str, end: date | None, name: str | None) -> None:
    base = known(text)
    assert (base.end_of_life, base.eol_name) == (end, name)


def test_python_has_its_own_end_of_life() -> None:
    base = known("python:3.9-slim-bookworm")
    assert base.python_end_of_life == date(2025, 10, 31)
    assert base.end_of_life == date(2028, 6, 30)
    assert known("ghcr.io/astral-sh/uv:python3.10-alpine").python_end_of_life == date(2026, 10, 31)
    assert known("python:3").python_end_of_life is None


@pytest.mark.parametrize(
    ("text", "user"),
    [
        ("python:3.12", "root"),
        (f"python@{DIGEST}", "root"),
        ("python:3.12-windowsservercore", None),
        ("node:20", "root"),
        ("gcr.io/distroless/static", "root"),
        ("gcr.io/distroless/static:nonroot", "65532"),
        ("gcr.io/distroless/python3-debian12:debug-nonroot", "65532"),
        ("mambaorg/micromamba:2", "mambauser"),
        ("quay.io/jupyter/base-notebook", "1000"),
        ("jupyter/scipy-notebook:notebook-6.5.4", "1000"),
        ("registry.access.redhat.com/ubi9/ubi-minimal:9.6", "root"),
        ("registry.access.redhat.com/ubi9/python-312:1", "1001"),
        ("apache/airflow:2.10.2-python3.12", "50000"),
        ("nginxinc/nginx-unprivileged:alpine", "101"),
        ("mcr.microsoft.com/dotnet/aspnet:8.0", "root"),
        ("mcr.microsoft.com/dotnet/aspnet:8.0.30-jammy-chiseled", "1654"),
        ("cgr.dev/chainguard/python:latest-dev", "65532"),
        ("public.ecr.aws/lambda/python:3.12", None),
        ("mcr.microsoft.com/windows/nanoserver:ltsc2022", "ContainerUser"),
    ],
)
def test_default_users(text: str, user: str | None) -> None:
    assert known(text).user == user


@pytest.mark.parametrize(
    "text",
    [
        "example.com/python:3.6", "registry.example.com/team/python:3.13", "team/python", "ghcr.io/astral-sh/ruff",
        "library-of/x/y", "unheard-of", "mcr.microsoft.com/dotnet/monitor/base:8", "grafana/k6", "jupyter/x",
        "gcr.io/distroless/", "mcr.microsoft.com/devcontainers/universal",
    ],
)  # fmt: skip
def test_other_images_are_unknown(text: str) -> None:
    name = parse_image(text)
    assert name is None or lookup(name) is None


def test_slim_python() -> None:
    base = known("python:3.12.4-slim-bookworm")
    assert base.libc == "glibc"
    assert base.package_manager == "apt"
    assert base.has_build_tools is False
    assert {"python3", "pip", "bash", "apt-get"} <= base.programs
    assert {"curl", "wget", "gcc", "git"} <= base.absent
    assert base.python_path == "/usr/local/bin/python3"
    assert base.users_complete
    assert "www-data" in base.users
    assert base.environment == {
        "PATH": f"/usr/local/bin:{PATH}", "LANG": "C.UTF-8", "PYTHON_VERSION": "3.12.4",
    }  # fmt: skip
    assert base.workdir == "/"


def test_full_python_has_build_tools() -> None:
    base = known("python:3.13")
    assert base.has_build_tools is True
    assert {"gcc", "git", "curl", "wget", "make"} <= base.programs
    assert "sudo" in base.absent


def test_alpine_python() -> None:
    base = known("python:3.13-alpine")
    assert base.libc == "musl"
    assert {"bash", "curl", "useradd"} <= base.absent
    assert {"wget", "adduser", "sh", "pip"} <= base.programs


def test_python_2_has_no_python3() -> None:
    assert "python3" in known("python:2.7-slim").absent
    assert "python" in known("python:2.7-slim").programs


def test_kinds_of_buildpack_deps() -> None:
    assert "gcc" in known("buildpack-deps:bookworm").programs
    assert "gcc" in known("buildpack-deps:bookworm-scm").absent
    assert "git" in known("buildpack-deps:bookworm-scm").programs
    assert "git" in known("buildpack-deps:bookworm-curl").absent


def test_old_images_are_not_said_to_lack_anything() -> None:
    assert known("node:8-slim").absent == frozenset()
    assert known("debian:jessie").absent == frozenset()
    assert known("ubuntu:16.04").users_complete is False


def test_users_of_images() -> None:
    assert "node" in known("node:22-slim").users
    assert "ubuntu" in known("ubuntu:24.04").users
    assert "ubuntu" not in known("ubuntu:22.04").users
    assert known("ubuntu:22.04").users_complete
    assert {"app", "root"} <= known("mcr.microsoft.com/dotnet/sdk:8.0").users
    assert "app" not in known("mcr.microsoft.com/dotnet/sdk:6.0").users


@pytest.mark.parametrize(
    ("text", "shell"),
    [
        ("gcr.io/distroless/python3-debian12", None),
        ("ghcr.io/astral-sh/uv:latest", None),
        ("ghcr.io/astral-sh/uv:0.8.3", None),
        ("ghcr.io/astral-sh/uv:0.8-python3.12-alpine", ("/bin/sh", "-c")),
        ("gcr.io/distroless/static:debug", ("/busybox/sh", "-c")),
        ("python:odd", ("/bin/sh", "-c")),
    ],
)
def test_shells(text: str, shell: tuple[str, ...] | None) -> None:
    assert known(text).shell == shell


def test_distroless_python() -> None:
    base = known("gcr.io/distroless/python3-debian12:nonroot")
    assert (base.python, base.python_path, base.release) == ("3.11", "/usr/bin/python3", "bookworm")
    assert (base.variant, base.libc, base.package_manager) == ("distroless", "glibc", None)
    assert base.programs == frozenset({"python3"})
    assert {"sh", "pip", "apt-get"} <= base.absent
    assert base.users == frozenset({"root", "nobody", "nonroot"})


def test_uv_on_debian() -> None:
    base = known("ghcr.io/astral-sh/uv:0.9-python3.12-bookworm-slim")
    assert (base.family, base.variant, base.python, base.release) == (
        "uv",
        "slim",
        "3.12",
        "bookworm",
    )
    assert {"uv", "python3", "pip"} <= base.programs
    assert known("ghcr.io/astral-sh/uv:debian-slim").python is None
    assert "python3" in known("ghcr.io/astral-sh/uv:bookworm-slim").absent


def test_other_python_images() -> None:
    assert known("tiangolo/uvicorn-gunicorn-fastapi:python3.9-slim-2021-10-02").python == "3.9"
    assert known("mcr.microsoft.com/devcontainers/python:1-3.12-bullseye").python == "3.12"
    assert known("registry.access.redhat.com/ubi8/python-39").python == "3.9"
    assert known("public.ecr.aws/lambda/python:3.9").distribution == "amazonlinux"


def test_scratch_is_empty() -> None:
    base = scratch()
    assert (base.family, base.shell, base.user) == ("scratch", None, "root")
    assert base.programs == base.users == frozenset()


FACTS = {
    "like",
    "clear",
    "has",
    "variant",
    "python",
    "python-path",
    "distribution",
    "libc",
    "user",
    "users",
    "users-complete",
    "groups",
    "programs",
    "absent",
    "unsure",
    "package-manager",
    "build-tools",
    "workdir",
    "shell",
    "env",
    "system",
    "release",
}
ENTRY = {
    "family",
    "system",
    "tag",
    "runtime",
    "python",
    "undated",
    "revised",
    "words",
    "always",
    "facts",
    "variants",
    "slim",
    "sure-from",
    "since",
    "with-python",
    "without-system",
    "named",
}


def test_knowledge_has_no_stray_keys() -> None:
    data = load("images")
    systems = data["systems"]
    for facts in systems.values():
        assert set(facts) <= FACTS | {"old", "by-release"}
    for name, entry in data["images"].items():
        assert set(entry) <= ENTRY, name
        assert entry.get("system", "debian") in systems
        parts = [entry.get(key, {}) for key in ("always", "facts", "with-python", "without-system")]
        parts += [
            each for key in ("words", "variants", "since") for each in entry.get(key, {}).values()
        ]
        for facts in parts + entry.get("named", []):
            assert set(facts) <= FACTS, (name, facts)
            assert set(facts.get("like", "").split()) <= set(data["layers"]), name


def test_releases_are_named_by_text() -> None:
    data = load("releases")
    for system in data["systems"].values():
        assert all(isinstance(name, str) for name in system["releases"])
    for runtime in data["runtimes"].values():
        assert all(isinstance(name, str) for name in runtime["ends"])
