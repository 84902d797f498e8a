"""COPY and ADD: what they bring, whose it is, and with which mode."""

from __future__ import annotations

import pytest

from tests.test_image_model import model
from tests.told import told

DEBIAN = "FROM debian:bookworm-slim\n"
BUILDER = (
    "FROM python:3.12-slim AS b\nWORKDIR /w\nCOPY --chown=app src s\n"
    "RUN mkdir -p data && touch data/f && echo x > top.txt && ln -s data/f l\n"
    "FROM debian:bookworm-slim\n"
)
FILES = {
    "a.py": "x",
    "src/m.py": "",
    "src/deep/n.py": "",
    "run.sh": "#!/bin/sh\n",
    "crlf.sh": "#!/bin/sh\r\n",
    "env.sh": "#!/usr/bin/env -S python3 -u\n",
    "secret.txt": "",
    "x.tar.gz": "",
    "d/run.d/x": "",
}
Case = tuple[
    str, str, dict[str, str]
]  # where a stage begins, what stands there, what is told of paths
COPIES: list[Case] = [
    (DEBIAN, "COPY a.py /x/", {
        "/x": "folder ? 755 @2 context",
        "/x/a.py": "file root 644 <a.py> @2 context",
    }),
    (DEBIAN, "COPY --chown=app:grp src /x/", {
        "/x": "folder app 755 <src> @2 context",
        "/x/m.py": "file app 644 <src/m.py> @2 context",
        "/x/deep": "folder app 755 <src/deep> @2 context",
        "/x/deep/n.py": "file app 644 <src/deep/n.py> @2 context",
        "/x/src": "no",
    }),
    (DEBIAN, "COPY --chown=$U src /x/", {
        "/x/m.py": "file ? 644 <src/m.py> @2 context",
    }),
    (DEBIAN, "COPY --chown=:grp src /x/", {
        "/x/m.py": "file ? 644 <src/m.py> @2 context",
    }),
    (DEBIAN, "COPY --chmod=750 . /x", {
        "/x": "folder root 750 <.> @2 context",
        "/x/src": "folder root 750 <src> @2 context",
        "/x/src/m.py": "file root 750 <src/m.py> @2 context",
        "/x/secret.txt": "no",
    }),
    (DEBIAN, "COPY --chmod=u+x run.sh src /x/", {
        "/x/run.sh": "file root ? #!/bin/sh <run.sh> @2 context",
        "/x/m.py": "file root ? <src/m.py> @2 context",
        "/x/deep": "folder root ? <src/deep> @2 context",
    }),
    (DEBIAN, "COPY --chmod=u+x . /x/", {
        "/x/run.sh": "file root ? #!/bin/sh <run.sh> @2 context",
        "/x/src": "folder root ? <src> @2 context",
    }),
    (DEBIAN, "COPY crlf.sh env.sh /x/", {
        "/x/crlf.sh": "file root 644 #!/bin/sh\r <crlf.sh> @2 context",
        "/x/env.sh": "file root 644 #!env python3 <env.sh> @2 context",
    }),
    (DEBIAN, "COPY *.sh /x/", {
        "/x/crlf.sh": "file root 644 #!/bin/sh\r <crlf.sh> @2 context",
        "/x/env.sh": "file root 644 #!env python3 <env.sh> @2 context",
        "/x/a.py": "no",
    }),
    (DEBIAN, "COPY src/* /x/", {
        "/x/m.py": "file root 644 <src/m.py> @2 context",
        "/x/n.py": "file root 644 <src/deep/n.py> @2 context",
        "/x/deep": "no",
        "/x/src": "no",
    }),
    (DEBIAN, "COPY src* /x/", {
        "/x/m.py": "file root 644 <src/m.py> @2 context",
        "/x/src": "no",
    }),
    (DEBIAN, "COPY nowhere* /x/", {
        "/x": "no",
    }),
    ("FROM debian:bookworm-slim\nWORKDIR /x\n", "COPY a.py .\nCOPY src sub/\nCOPY run.sh ../other", {
        "/x/a.py": "file root 644 <a.py> @3 context",
        "/x/sub/m.py": "file root 644 <src/m.py> @4 context",
        "/other": "file root 644 #!/bin/sh <run.sh> @5 context",
    }),
    ("FROM debian:bookworm-slim\nWORKDIR /x\n", "COPY . .", {
        "/x/a.py": "file root 644 <a.py> @3 context",
        "/x/x.tar.gz": "file root 644 <x.tar.gz> @3 context",
        "/x/Dockerfile": "no",
    }),
    ("FROM debian:bookworm-slim\nWORKDIR $X\n", "COPY a.py .", {
        "/a.py": "? @3 context: it is not known where a COPY puts things",
        "/etc": "folder root 755 @base",
    }),
    (DEBIAN, "RUN mkdir /d\nCOPY a.py /d", {
        "/d": "folder root 755 @2",
        "/d/a.py": "file root 644 <a.py> @3 context",
    }),
    (DEBIAN, "RUN mkdir /d && ln -s /d /e\nCOPY a.py /e/", {
        "/e/a.py": "file root 644 at /d/a.py <a.py> @3 context",
        "/d/a.py": "file root 644 <a.py> @3 context",
    }),
    (DEBIAN, "RUN mkdir /d && ln -s /d /e\nCOPY src /e", {
        "/e/m.py": "file root 644 at /d/m.py <src/m.py> @3 context",
        "/d/m.py": "file root 644 <src/m.py> @3 context",
    }),
    (DEBIAN, "COPY a.py /usr/lib/thing", {
        "/usr/lib/thing": "? @2 context: it lies here, or in it where this is a folder",
    }),
    (DEBIAN, "COPY src /usr/lib/thing", {
        "/usr/lib/thing": "folder ? ? <src> @2 context",
        "/usr/lib/thing/m.py": "file root 644 <src/m.py> @2 context",
        "/usr/lib/thing/other": "? @base: it may come with the base image",
    }),
    (DEBIAN, "COPY --parents src/deep/n.py src/m.py /x/", {
        "/x/src/deep/n.py": "file root 644 <src/deep/n.py> @2 context",
        "/x/src/deep": "folder ? 755 @2 context",
        "/x/n.py": "no",
    }),
    (DEBIAN, "COPY --parents src/./deep/n.py /x/", {
        "/x/deep/n.py": "file root 644 <src/deep/n.py> @2 context",
        "/x/src": "no",
    }),
    (DEBIAN, "COPY --parents $X /x/", {
        "/x/src": "? @2 context: what was copied is not known",
        "/y": "no",
    }),
    (DEBIAN, "COPY --exclude=m.py src /x/", {
        "/x": "folder root 755 <src> @2 context",
        "/x/m.py": "? @2 context: --exclude may have left it out",
        "/x/deep/n.py": "? @2 context: --exclude may have left it out",
    }),
    (DEBIAN, "COPY --exclude=m.py a.py /x/", {
        "/x/a.py": "? @2 context: --exclude may have left it out",
    }),
    (DEBIAN, "ADD x.tar.gz /x/", {
        "/x": "folder root 755 @2 context",
        "/x/y": "? @2 context: what the archive holds is not known",
    }),
    (DEBIAN, "ADD --chown=7 x.tar.gz /x/", {
        "/x": "folder 7 755 @2 context",
        "/x/y": "? @2 context: what the archive holds is not known",
    }),
    (DEBIAN, "COPY x.tar.gz /x/", {
        "/x": "folder ? 755 @2 context",
        "/x/x.tar.gz": "file root 644 <x.tar.gz> @2 context",
    }),
    (DEBIAN, "ADD https://x.example/t.tgz?v=1#frag /x/", {
        "/x": "folder root 755 @2 context",
        "/x/t.tgz": "? @2 context: what is fetched is not known",
    }),
    (DEBIAN, "ADD --chmod=755 --chown=app https://x.example/t /x/u", {
        "/x/u": "file app 755 @2 context",
    }),
    (DEBIAN, "ADD https://x.example/r.git /x/", {
        "/x": "folder root 755 @2 context",
        "/x/y": "? @2 context: what is fetched is not known",
    }),
    (DEBIAN, "ADD https://x.example/r.git#main /x/", {
        "/x": "folder root 755 @2 context",
        "/x/y": "? @2 context: what is fetched is not known",
    }),
    (DEBIAN, "ADD git@github.com:a/b.git /x/", {
        "/x": "folder root 755 @2 context",
        "/x/y": "? @2 context: what is fetched is not known",
    }),
    (DEBIAN, "ADD https://x.example/ /x/", {
        "/x": "folder root 755 @2 context",
        "/x/y": "? @2 context: what is fetched is not known",
    }),
    (DEBIAN, "COPY --chown=app --chmod=600 <<EOF <<G /x/\nhello\nEOF\n#!/bin/dash -x\nG", {
        "/x": "folder ? 755 @2 context",
        "/x/EOF": "file app 600 @2 context",
        "/x/G": "file app 600 #!/bin/dash @2 context",
    }),
    (BUILDER, "COPY --from=b /w /x", {
        "/x": "folder root 755 @2 copied @6",
        "/x/s": "folder root 755 <src> @3 context copied @6",
        "/x/s/m.py": "file root 644 <src/m.py> @3 context",
        "/x/s/deep/n.py": "file root 644 <src/deep/n.py> @3 context",
        "/x/data": "folder root 755 @4 copied @6",
        "/x/data/f": "file root 644 @4 copied @6",
        "/x/top.txt": "file root 644 @4 copied @6",
        "/x/l": "file root 644 at /x/data/f @4 copied @6",
        "/x/other": "no",
    }),
    (BUILDER, "COPY --from=b --chown=me --chmod=700 /w /x", {
        "/x": "folder me 700 @2 copied @6",
        "/x/s": "folder me 700 <src> @3 context copied @6",
        "/x/s/m.py": "file me 700 <src/m.py> @3 context",
        "/x/s/deep/n.py": "file me 700 <src/deep/n.py> @3 context",
        "/x/data/f": "file me 700 @4 copied @6",
        "/x/l": "file me 700 at /x/data/f @4 copied @6",
    }),
    (BUILDER, "COPY --from=b --chmod=u+x /w /x", {
        "/x": "folder root ? @2 copied @6",
        "/x/s": "folder root ? <src> @3 context copied @6",
        "/x/s/m.py": "file root ? <src/m.py> @3 context",
        "/x/data/f": "file root ? @4 copied @6",
    }),
    (BUILDER, "COPY --from=b /w/*.txt /w/data /x/", {
        "/x/top.txt": "file root 644 @4 copied @6",
        "/x/f": "file root 644 @4 copied @6",
        "/x/data": "no",
    }),
    (BUILDER, "COPY --from=b /w/t?p.txt /x/", {
        "/x/top.txt": "file root 644 @4 copied @6",
        "/x/y": "no",
    }),
    (BUILDER, "COPY --from=b /w/* /x/", {
        "/x/top.txt": "file root 644 @4 copied @6",
        "/x/f": "file root 644 @4 copied @6",
        "/x/m.py": "file root 644 <src/m.py> @3 context",
        "/x/data": "no",
    }),
    (BUILDER, "COPY --from=b /w/*/f /x/", {
        "/x/f": "file root 644 @4 copied @6",
        "/x/y": "? @6 context: what a wildcard matches is not known",
    }),
    (BUILDER, "COPY --from=b /w/l /x/", {
        "/x/l": "file root 644 @4 copied @6",
    }),
    (BUILDER, "COPY --from=b /nowhere /x/", {
        "/x": "no",
        "/x/nowhere": "no",
    }),
    (BUILDER, "COPY --from=b $X /x/", {
        "/x": "folder root 755 @6 context",
        "/x/y": "? @6 context: it is not known what is copied",
    }),
    (BUILDER, "COPY --from=b w/top.txt /x/", {
        "/x/top.txt": "file root 644 @4 copied @6",
    }),
    (BUILDER, "COPY --from=b --parents /w/data/f /x/", {
        "/x/w/data/f": "file root 644 @4 copied @6",
    }),
    (BUILDER, "COPY --from=b --parents /w/./data/f /x/", {
        "/x/data/f": "file root 644 @4 copied @6",
        "/x/w": "no",
    }),
    (BUILDER, "COPY --from=nginx:1 /etc/nginx /x", {
        "/x": "? @6 context: it may come with the base image",
        "/x/y": "? @6 context: it may come with the base image",
    }),
    (BUILDER, "COPY --from=python:3.12-slim /usr/local/bin/python3.12 /x/", {
        "/x/python3.12": "program root 755 PYTHON @base copied @6",
    }),
    (BUILDER, "COPY --from=scratch /y /x", {
        "/x": "? @6 context: what that image holds is not known",
    }),
    (BUILDER, "COPY --from=$X /y /x", {
        "/x": "? @6 context: what that image holds is not known",
        "/x/y": "? @6 context: what that image holds is not known",
    }),
    (BUILDER, "COPY --from=b /usr/local/lib/python3.*/site-packages /x", {
        "/x": "folder root 755 PYTHON @base copied @6",
        "/x/pip-*.dist-info": "package root ? [pip] PYTHON @base copied @6",
    }),
    (BUILDER, "COPY --from=b /usr/[ /x/", {
        "/x": "folder root 755 @6 context",
        "/x/y": "? @6 context: what a wildcard matches is not known",
    }),
    (BUILDER, "COPY --from=b /usr/*/[ /x/", {
        "/x": "folder root 755 @6 context",
        "/x/y": "? @6 context: what a wildcard matches is not known",
    }),
]  # fmt: skip


@pytest.mark.parametrize(("start", "steps", "expected"), COPIES)
def test_what_a_copy_brings(start: str, steps: str, expected: dict[str, str]) -> None:
    images = model(start + steps + "\n", FILES, "secret.txt")
    assert {path: told(images, path) for path in expected} == expected
