"""Paths of other systems: Windows' drives and backslashes, macOS' links and letters' case."""

from __future__ import annotations

import ntpath
import posixpath
from pathlib import PurePosixPath, PureWindowsPath
from types import ModuleType
from typing import Any

import pytest

from dflint.context import memory_context, sources
from dflint.discover import is_dockerfile_name
from dflint.model import make_build
from dflint.reader import read
from dflint.report.run import portable
from dflint.source import decode, make_source
from dflint.tree import way


@pytest.mark.parametrize(
    ("path", "folder", "flavour", "found"),
    [
        (r"C:\code\app\Dockerfile", r"C:\code", ntpath, "app/Dockerfile"),
        (r"C:\code\Dockerfile", r"c:\CODE", ntpath, "Dockerfile"),
        (r"C:\other\Dockerfile", r"C:\code", ntpath, "../other/Dockerfile"),
        (r"D:\Dockerfile", r"C:\code", ntpath, None),
        (r"\\server\share\app\Dockerfile", r"\\server\share", ntpath, "app/Dockerfile"),
        ("/srv/app/Dockerfile", "/srv", posixpath, "app/Dockerfile"),
        (r"/srv/a\b", "/srv", posixpath, r"a\b"),
    ],
)
def test_the_way_from_a_folder(
    path: str, folder: str, flavour: ModuleType, found: str | None
) -> None:
    assert way(path, folder, flavour) == found


@pytest.mark.parametrize(
    ("path", "flavour", "shown"),
    [
        (r"app\Dockerfile", PureWindowsPath, "app/Dockerfile"),
        (r".\app\Dockerfile", PureWindowsPath, "app/Dockerfile"),
        (r"C:\app\Dockerfile", PureWindowsPath, "C:/app/Dockerfile"),
        (r"app\Dockerfile", PurePosixPath, r"app\Dockerfile"),
        ("./app/Dockerfile", PurePosixPath, "app/Dockerfile"),
    ],
)
def test_paths_in_reports_for_programs(path: str, flavour: Any, shown: str) -> None:
    assert portable(path, flavour) == shown


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r\r\n"])
def test_endings_of_other_systems(ending: str) -> None:
    text = f"FROM a AS b{ending}RUN x \\{ending}    y{ending}"
    document = read(decode("Dockerfile", text.encode()))
    assert [each.keyword for each in document.instructions] == ["FROM", "RUN"]
    assert document.problems == ()


def test_windows_paths_in_windows_images() -> None:
    text = "# escape=`\nFROM mcr.microsoft.com/windows/servercore:ltsc2025\nWORKDIR C:\\app\nCOPY . C:\\app\\\n"
    build = make_build(read(make_source("Dockerfile", text)))
    assert build.stages[0].windows
    assert [step.keyword for step in build.stages[0].steps] == ["WORKDIR", "COPY"]


def test_sources_are_found_by_their_exact_case() -> None:
    # Docker builds on Linux, whatever the disk of the one who wrote the file thinks of case.
    context = memory_context({"App.py": ""}, None)
    assert sources(context, "App.py").entries
    assert not sources(context, "app.py").entries


@pytest.mark.parametrize(
    "name", ["Dockerfile", "Dockerfile.prod", "api.Dockerfile", "Containerfile"]
)
def test_names_are_those_on_every_system(name: str) -> None:
    assert is_dockerfile_name(name)
    assert is_dockerfile_name(PureWindowsPath(r"C:\code", name).name)
