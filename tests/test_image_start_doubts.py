"""When what the image lacks may be there after all once the container has started, and when not."""

from __future__ import annotations

import pytest

from tests.test_image_model import model

SLIM = "FROM python:3.12-slim\n"
VENV = SLIM + "RUN python -m venv /v && /v/bin/pip install gunicorn\n"
TARGET = SLIM + "RUN pip install --target /srv gunicorn\n"
SCRIPT = 'COPY . /srv\nENTRYPOINT ["sh", "/srv/e.sh"]\n'
FILES = {"main.py": "", "requirements.txt": "gunicorn\n"}
# A Dockerfile, its start script, and the kinds of things that are certainly missing at the start.
STARTS = [
    # a folder of packages that Python is started in
    (TARGET + SLIM + "WORKDIR /srv\nCOPY --from=0 /srv .\nCMD python -m gunicorn", "", ""),
    (TARGET + "WORKDIR /srv\nCMD python -m gunicorn", "", ""),
    (TARGET + "WORKDIR /srv\nCMD python -m uvicorn", "", "module"),
    (TARGET + "WORKDIR /opt\nCMD python -m gunicorn", "", "module"),
    (TARGET + "CMD cd /srv && python -m gunicorn", "", ""),
    (SLIM + 'WORKDIR /srv\nCOPY . .\nCMD ["python", "-m", "gunicorn"]', "", "module"),
    (SLIM + 'WORKDIR /srv\nRUN tar xf a.tar\nCMD ["python", "-m", "gunicorn"]', "", ""),
    (SLIM + 'WORKDIR /srv\nRUN mkdir gunicorn\nCMD ["python", "-m", "gunicorn"]', "", ""),
    # the folder is changed before
    (SLIM + "COPY . /srv\nCMD cd /srv && python main.py", "", ""),
    (SLIM + "COPY . /srv\nCMD python main.py", "", "file"),
    (SLIM + SCRIPT, "cd /srv\nexec python main.py\n", ""),
    (SLIM + SCRIPT, "exec python main.py\n", "file"),
    (SLIM + SCRIPT + 'CMD ["python", "main.py"]', 'cd /srv\nexec "$@"\n', ""),
    (SLIM + SCRIPT + 'CMD ["python", "main.py"]', 'exec "$@"\n', "file"),
    (SLIM + "COPY . /srv\nCMD cd /srv && ./nowhere", "", ""),
    # it is put in place by the start itself
    (SLIM + SCRIPT, "pip install -r /srv/requirements.txt\nexec gunicorn a:b\n", ""),
    (SLIM + SCRIPT, "set -e\npython manage.py migrate\nexec gunicorn a:b\n", "program"),
    (SLIM + "CMD pip install gunicorn && gunicorn a:b", "", ""),
    (SLIM + "CMD echo hello && gunicorn a:b", "", "program"),
    (SLIM + "CMD curl -o /bin/tool https://x.example/tool && tool", "", ""),
    (SLIM + SCRIPT + 'CMD ["tool"]', 'cp /srv/tool /bin/\nexec "$@"\n', ""),
    (SLIM + 'CMD ["curl", "https://x.example"]', "", "program"),
    (SLIM + "CMD curl https://x.example", "", "program"),
    (SLIM + SCRIPT, "exec curl https://x.example\n", "program"),
    # the shell reads files that may set the PATH
    (VENV + 'CMD ["bash", "-lc", "gunicorn a:b"]', "", ""),
    (VENV + 'CMD ["bash", "--login", "-c", "gunicorn a:b"]', "", ""),
    (VENV + 'CMD ["bash", "-ic", "gunicorn a:b"]', "", ""),
    (VENV + 'CMD ["bash", "-c", "gunicorn a:b"]', "", "program"),
    (VENV + 'CMD ["bash", "-ec", "gunicorn a:b"]', "", "program"),
    (VENV + 'ENV BASH_ENV=/x\nCMD ["bash", "-c", "gunicorn a:b"]', "", ""),
    (VENV + 'ENV BASH_ENV=/x\nCMD ["sh", "-c", "gunicorn a:b"]', "", "program"),
    (VENV + 'SHELL ["/bin/bash", "-lc"]\nCMD gunicorn a:b', "", ""),
    (VENV + 'SHELL ["/bin/bash", "-c"]\nCMD gunicorn a:b', "", "program"),
    # a volume may hold it
    (SLIM + 'VOLUME /data\nCMD ["/data/start"]', "", ""),
    (SLIM + 'VOLUME /data\nWORKDIR /data/x\nCMD ["./start"]', "", ""),
    (SLIM + 'VOLUME /data\nCMD ["/opt/start"]', "", "program"),
    (SLIM + 'VOLUME /data\nCMD ["gunicorn"]', "", "program"),
    # what a login shell cannot bring
    ('FROM scratch\nCMD ["/bin/sh", "-lc", "gunicorn"]', "", "program"),
]


@pytest.mark.parametrize(("text", "script", "expected"), STARTS)
def test_what_is_certainly_missing(text: str, script: str, expected: str) -> None:
    start = model(text + "\n", {**FILES, "e.sh": script}).start
    assert start is not None
    assert " ".join(each.kind for each in start.missing) == expected
    assert not (start.missing and start.sound)


def test_a_python_under_another_name_runs_scripts() -> None:
    text = "FROM python:3.12-slim\nRUN pip install gunicorn\nFROM debian:trixie-slim\n"
    text += "COPY --from=0 /usr/local/lib /usr/local/lib\n"
    text += "COPY --from=0 /usr/local/bin/gunicorn {} /usr/local/bin/\n"
    text += 'CMD ["gunicorn"]\n'
    there = model(text.format("/usr/local/bin/python3.12")).start
    gone = model(text.format("/usr/local/bin/pip")).start
    assert there is not None
    assert gone is not None
    assert [each.kind for each in there.missing] == []
    assert [each.kind for each in gone.missing] == ["interpreter"]
