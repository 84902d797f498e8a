"""What a stage begins with: what base images certainly have, and certainly have not."""

from __future__ import annotations

import pytest

from tests.test_image_model import model, state
from tests.told import told

PATHS = [
    "/root",
    "/root/.venv",
    "/root/.local",
    "/root/app",
    "/root/venv",
    "/root/miniconda3",
    "/root/.bashrc",
    "/home/node",
    "/home/ubuntu",
    "/home/x",
    "/tmp",
    "/opt/x",
    "/srv/x",
    "/mnt",
    "/media",
    "/app",
    "/lib",
    "/lib64",
    "/bin/sh",
    "/bin/bash",
    "/usr/bin/curl",
    "/usr/bin/git",
    "/usr/bin/wget",
    "/usr/bin/perl",
    "/usr/bin/python3",
    "/usr/bin/python",
    "/usr/bin/pip3",
    "/usr/bin/gunicorn",
    "/usr/bin/make",
    "/usr/bin/apt-get",
    "/sbin/apk",
    "/usr/sbin/nginx",
    "/usr/sbin/gunicorn",
    "/sbin/tini",
    "/usr/local/bin/python",
    "/usr/local/bin/python3.12",
    "/usr/local/bin/python3.11",
    "/usr/local/bin/pip",
    "/usr/local/bin/pip3.12",
    "/usr/local/bin/gunicorn",
    "/usr/local/bin/uv",
    "/usr/local/bin/node",
    "/usr/local/bin/yarn",
    "/usr/local/sbin/x",
    "/usr/local/lib/python3.10",
    "/usr/local/lib/python3.12/site-packages/setuptools-*.dist-info",
    "/usr/local/lib/python3.12/site-packages/pip-*.dist-info",
    "/usr/local/lib/python3.12/site-packages/flask-*.dist-info",
    "/uv",
    "/uvx",
    "/etc/passwd",
    "/proc",
    "/sys",
    "/dev",
    "/opt/conda",
]
# An image, which of these paths are certainly there, and which are certainly not; the rest is not known.
BASES = [
    ("python:3.12-slim", "/root /tmp /mnt /media /lib /bin/sh /bin/bash /usr/bin/perl /usr/bin/apt-get /usr/local/bin/python /usr/local/bin/python3.12 /usr/local/bin/pip /usr/local/lib/python3.12/site-packages/pip-*.dist-info /proc /sys /dev", "/root/.venv /root/.local /root/app /root/venv /root/miniconda3 /home/node /home/ubuntu /home/x /opt/x /srv/x /app /usr/bin/curl /usr/bin/git /usr/bin/wget /usr/bin/python3 /usr/bin/python /usr/bin/pip3 /usr/bin/gunicorn /usr/bin/make /sbin/apk /usr/sbin/nginx /usr/sbin/gunicorn /sbin/tini /usr/local/bin/gunicorn /usr/local/bin/node /usr/local/bin/yarn /usr/local/sbin/x /usr/local/lib/python3.10 /usr/local/lib/python3.12/site-packages/setuptools-*.dist-info /usr/local/lib/python3.12/site-packages/flask-*.dist-info /uv /uvx /opt/conda"),
    ("python:3.12", "/root /tmp /mnt /media /lib /bin/sh /bin/bash /usr/bin/curl /usr/bin/git /usr/bin/wget /usr/bin/perl /usr/bin/make /usr/bin/apt-get /usr/local/bin/python /usr/local/bin/python3.12 /usr/local/bin/pip /usr/local/lib/python3.12/site-packages/pip-*.dist-info /proc /sys /dev", "/root/.venv /root/.local /root/app /root/venv /root/miniconda3 /home/node /home/ubuntu /home/x /opt/x /srv/x /app /usr/bin/gunicorn /sbin/apk /usr/sbin/gunicorn /usr/local/bin/gunicorn /usr/local/bin/node /usr/local/bin/yarn /usr/local/sbin/x /usr/local/lib/python3.12/site-packages/setuptools-*.dist-info /usr/local/lib/python3.12/site-packages/flask-*.dist-info /uv /uvx /opt/conda"),
    ("python:3.11-alpine", "/root /tmp /mnt /media /lib /bin/sh /usr/bin/wget /sbin/apk /usr/local/bin/python /usr/local/bin/python3.11 /usr/local/bin/pip /proc /sys /dev", "/root/.venv /root/.local /root/app /root/venv /root/miniconda3 /home/node /home/ubuntu /home/x /opt/x /srv/x /app /bin/bash /usr/bin/curl /usr/bin/git /usr/bin/python3 /usr/bin/python /usr/bin/pip3 /usr/bin/gunicorn /usr/bin/make /usr/bin/apt-get /usr/sbin/nginx /usr/sbin/gunicorn /sbin/tini /usr/local/bin/gunicorn /usr/local/bin/node /usr/local/bin/yarn /usr/local/sbin/x /usr/local/lib/python3.10 /usr/local/lib/python3.12/site-packages/setuptools-*.dist-info /usr/local/lib/python3.12/site-packages/pip-*.dist-info /usr/local/lib/python3.12/site-packages/flask-*.dist-info /uv /uvx /opt/conda"),
    ("python:3-slim", "/root /tmp /mnt /media /lib /bin/sh /bin/bash /usr/bin/perl /usr/bin/apt-get /usr/local/bin/python /usr/local/bin/pip /proc /sys /dev", "/root/.venv /root/.local /root/app /root/venv /root/miniconda3 /home/node /home/ubuntu /home/x /opt/x /srv/x /app /usr/bin/curl /usr/bin/git /usr/bin/wget /usr/bin/python3 /usr/bin/python /usr/bin/pip3 /usr/bin/gunicorn /usr/bin/make /sbin/apk /usr/sbin/nginx /usr/sbin/gunicorn /sbin/tini /usr/local/bin/gunicorn /usr/local/bin/node /usr/local/bin/yarn /usr/local/sbin/x /uv /uvx /opt/conda"),
    ("debian:bookworm-slim", "/root /tmp /mnt /media /lib /bin/sh /bin/bash /usr/bin/perl /usr/bin/apt-get /proc /sys /dev", "/root/.venv /root/.local /root/app /root/venv /root/miniconda3 /home/node /home/ubuntu /home/x /opt/x /srv/x /app /usr/bin/curl /usr/bin/git /usr/bin/wget /usr/bin/python3 /usr/bin/python /usr/bin/pip3 /usr/bin/gunicorn /usr/bin/make /sbin/apk /usr/sbin/nginx /usr/sbin/gunicorn /sbin/tini /usr/local/bin/python /usr/local/bin/python3.12 /usr/local/bin/python3.11 /usr/local/bin/pip /usr/local/bin/pip3.12 /usr/local/bin/gunicorn /usr/local/bin/uv /usr/local/bin/node /usr/local/bin/yarn /usr/local/sbin/x /uv /uvx /opt/conda"),
    ("debian:bookworm", "/root /tmp /mnt /media /lib /bin/sh /bin/bash /usr/bin/perl /usr/bin/apt-get /proc /sys /dev", "/root/.venv /root/.local /root/app /root/venv /root/miniconda3 /home/node /home/ubuntu /home/x /opt/x /srv/x /app /usr/bin/curl /usr/bin/git /usr/bin/wget /usr/bin/python3 /usr/bin/python /usr/bin/pip3 /usr/bin/gunicorn /usr/bin/make /sbin/apk /usr/sbin/nginx /usr/sbin/gunicorn /sbin/tini /usr/local/bin/python /usr/local/bin/python3.12 /usr/local/bin/python3.11 /usr/local/bin/pip /usr/local/bin/pip3.12 /usr/local/bin/gunicorn /usr/local/bin/uv /usr/local/bin/node /usr/local/bin/yarn /usr/local/sbin/x /uv /uvx /opt/conda"),
    ("ubuntu:24.04", "/root /home/ubuntu /tmp /mnt /media /lib /bin/sh /bin/bash /usr/bin/perl /usr/bin/apt-get /proc /sys /dev", "/root/.venv /root/.local /root/app /root/venv /root/miniconda3 /home/node /home/x /opt/x /srv/x /app /usr/bin/curl /usr/bin/git /usr/bin/wget /usr/bin/python3 /usr/bin/python /usr/bin/pip3 /usr/bin/gunicorn /usr/bin/make /sbin/apk /usr/sbin/nginx /usr/sbin/gunicorn /sbin/tini /usr/local/bin/python /usr/local/bin/python3.12 /usr/local/bin/python3.11 /usr/local/bin/pip /usr/local/bin/pip3.12 /usr/local/bin/gunicorn /usr/local/bin/uv /usr/local/bin/node /usr/local/bin/yarn /usr/local/sbin/x /uv /uvx /opt/conda"),
    ("alpine:3.22", "/root /tmp /mnt /media /lib /bin/sh /usr/bin/wget /sbin/apk /proc /sys /dev", "/root/.venv /root/.local /root/app /root/venv /root/miniconda3 /home/node /home/ubuntu /home/x /opt/x /srv/x /app /bin/bash /usr/bin/curl /usr/bin/git /usr/bin/python3 /usr/bin/python /usr/bin/pip3 /usr/bin/gunicorn /usr/bin/make /usr/bin/apt-get /usr/sbin/nginx /usr/sbin/gunicorn /sbin/tini /usr/local/bin/python /usr/local/bin/python3.12 /usr/local/bin/python3.11 /usr/local/bin/pip /usr/local/bin/pip3.12 /usr/local/bin/gunicorn /usr/local/bin/uv /usr/local/bin/node /usr/local/bin/yarn /usr/local/sbin/x /uv /uvx /opt/conda"),
    ("node:22-slim", "/root /home/node /tmp /mnt /media /lib /bin/sh /bin/bash /usr/bin/perl /usr/bin/apt-get /usr/local/bin/node /proc /sys /dev", "/root/.venv /root/.local /root/app /root/venv /root/miniconda3 /home/ubuntu /home/x /app /usr/bin/curl /usr/bin/git /usr/bin/wget /usr/bin/python3 /usr/bin/python /usr/bin/pip3 /usr/bin/gunicorn /usr/bin/make /sbin/apk /usr/sbin/nginx /usr/sbin/gunicorn /sbin/tini /usr/local/bin/python /usr/local/bin/python3.12 /usr/local/bin/python3.11 /usr/local/bin/pip /usr/local/bin/pip3.12 /usr/local/bin/gunicorn /usr/local/bin/uv /usr/local/sbin/x /uv /uvx"),
    ("fedora:42", "/bin/sh /bin/bash", "/usr/bin/apt-get /sbin/apk"),
    ("scratch", "", "/root /root/.venv /root/.local /root/app /root/venv /root/miniconda3 /root/.bashrc /home/node /home/ubuntu /home/x /tmp /opt/x /srv/x /mnt /media /app /lib /lib64 /bin/sh /bin/bash /usr/bin/curl /usr/bin/git /usr/bin/wget /usr/bin/perl /usr/bin/python3 /usr/bin/python /usr/bin/pip3 /usr/bin/gunicorn /usr/bin/make /usr/bin/apt-get /sbin/apk /usr/sbin/nginx /usr/sbin/gunicorn /sbin/tini /usr/local/bin/python /usr/local/bin/python3.12 /usr/local/bin/python3.11 /usr/local/bin/pip /usr/local/bin/pip3.12 /usr/local/bin/gunicorn /usr/local/bin/uv /usr/local/bin/node /usr/local/bin/yarn /usr/local/sbin/x /usr/local/lib/python3.10 /usr/local/lib/python3.12/site-packages/setuptools-*.dist-info /usr/local/lib/python3.12/site-packages/pip-*.dist-info /usr/local/lib/python3.12/site-packages/flask-*.dist-info /uv /uvx /opt/conda"),
    ("ghcr.io/astral-sh/uv:0.9", "/uv /uvx", "/root /root/.venv /root/.local /root/app /root/venv /root/miniconda3 /root/.bashrc /home/node /home/ubuntu /home/x /tmp /opt/x /srv/x /mnt /media /app /lib /lib64 /bin/sh /bin/bash /usr/bin/curl /usr/bin/git /usr/bin/wget /usr/bin/perl /usr/bin/python3 /usr/bin/python /usr/bin/pip3 /usr/bin/gunicorn /usr/bin/make /usr/bin/apt-get /sbin/apk /usr/sbin/nginx /usr/sbin/gunicorn /sbin/tini /usr/local/bin/python /usr/local/bin/python3.12 /usr/local/bin/python3.11 /usr/local/bin/pip /usr/local/bin/pip3.12 /usr/local/bin/gunicorn /usr/local/bin/uv /usr/local/bin/node /usr/local/bin/yarn /usr/local/sbin/x /usr/local/lib/python3.10 /usr/local/lib/python3.12/site-packages/setuptools-*.dist-info /usr/local/lib/python3.12/site-packages/pip-*.dist-info /usr/local/lib/python3.12/site-packages/flask-*.dist-info /opt/conda"),
    ("ghcr.io/astral-sh/uv:python3.12-bookworm-slim", "/root /tmp /mnt /media /lib /bin/sh /bin/bash /usr/bin/perl /usr/bin/apt-get /usr/local/bin/python /usr/local/bin/python3.12 /usr/local/bin/pip /usr/local/bin/uv /usr/local/lib/python3.12/site-packages/pip-*.dist-info /proc /sys /dev", "/root/.venv /root/.local /root/app /root/venv /root/miniconda3 /home/node /home/ubuntu /home/x /opt/x /srv/x /app /usr/bin/curl /usr/bin/git /usr/bin/wget /usr/bin/python3 /usr/bin/python /usr/bin/pip3 /usr/bin/gunicorn /usr/bin/make /sbin/apk /usr/sbin/nginx /usr/sbin/gunicorn /sbin/tini /usr/local/bin/gunicorn /usr/local/bin/node /usr/local/bin/yarn /usr/local/sbin/x /usr/local/lib/python3.10 /usr/local/lib/python3.12/site-packages/setuptools-*.dist-info /usr/local/lib/python3.12/site-packages/flask-*.dist-info /uv /uvx /opt/conda"),
    ("gcr.io/distroless/python3-debian12", "/root /tmp /mnt /media /lib /usr/bin/python3 /proc /sys /dev", "/root/.venv /root/.local /root/app /root/venv /root/miniconda3 /opt/x /srv/x /app /bin/sh /bin/bash /usr/bin/curl /usr/bin/git /usr/bin/wget /usr/bin/pip3 /usr/bin/gunicorn /usr/bin/make /usr/bin/apt-get /sbin/apk /usr/sbin/nginx /usr/sbin/gunicorn /sbin/tini /usr/local/bin/python /usr/local/bin/python3.12 /usr/local/bin/python3.11 /usr/local/bin/pip /usr/local/bin/pip3.12 /usr/local/bin/gunicorn /usr/local/bin/uv /usr/local/bin/node /usr/local/bin/yarn /usr/local/sbin/x /uv /uvx /opt/conda"),
    ("continuumio/miniconda3", "", ""),
    ("example.org/x", "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("image", "there", "absent"), BASES)
def test_what_an_image_has(image: str, there: str, absent: str) -> None:
    images = model(f"FROM {image}\n")
    found = {path: state(images, path) for path in PATHS}
    assert [path for path in PATHS if found[path] not in ("no", "?")] == there.split()
    assert [path for path in PATHS if found[path] == "no"] == absent.split()


THINGS = [
    ("python:3.12-slim", "/root", "folder root 700 @base"),
    ("python:3.12-slim", "/tmp", "folder root 1777 @base"),
    ("python:3.12-slim", "/bin", "folder root 755 at /usr/bin @base"),
    ("python:3.12-slim", "/usr/local/bin/python", "program root 755 PYTHON @base"),
    ("python:3.12-slim", "/usr/local/bin/pip", "program root 755 #!/usr/local/bin/python3 [pip] @base"),
    ("python:3.12-slim", "/usr/local/lib/python3.12/site-packages", "folder root 755 PYTHON @base"),
    ("python:3.11-alpine", "/usr/local/bin/python3", "program root 755 (system 3.11 musl None /usr/local/bin/python3 /usr/local) @base"),
    ("python:3.11-alpine", "/usr/local/lib/python3.11/site-packages/setuptools-*.dist-info", "package ? ? [setuptools] (system 3.11 musl None /usr/local/bin/python3 /usr/local) @base"),
    ("python:3-slim", "/usr/local/bin/python3", "program root 755 (system None glibc trixie /usr/local/bin/python3 /usr/local) @base"),
    ("python:2.7-slim", "/usr/local/bin/python", "program root 755 (system 2.7 glibc buster /usr/local/bin/python /usr/local) @base"),
    ("node:22-slim", "/home/node", "folder node ? @base"),
    ("node:22-slim", "/usr/local/bin/node", "program root 755 @base"),
    ("ubuntu:24.04", "/home/ubuntu", "folder ubuntu ? @base"),
    ("ghcr.io/astral-sh/uv:python3.12-bookworm-slim", "/usr/local/bin/python3", "program root 755 (system 3.12 glibc bookworm /usr/local/bin/python3 /usr/local) @base"),
    ("ghcr.io/astral-sh/uv:python3.12-bookworm-slim", "/usr/local/bin/uv", "program root 755 @base"),
    ("ghcr.io/astral-sh/uv:0.9", "/uv", "program root 755 @base"),
    ("gcr.io/distroless/python3-debian12", "/usr/bin/python3", "program root 755 (system 3.11 glibc bookworm /usr/bin/python3 /usr) @base"),
    ("continuumio/miniconda3", "/opt/conda/bin/python", "? @base: it may come with the base image"),
    ("example.org/x", "/bin/sh", "? @unknown: the base image is not known"),
    ("debian:bookworm-slim", "/etc/passwd", "? @base: it may come with the base image"),
]  # fmt: skip


@pytest.mark.parametrize(("image", "path", "expected"), THINGS)
def test_what_is_known_of_a_thing(image: str, path: str, expected: str) -> None:
    assert told(model(f"FROM {image}\n"), path) == expected
