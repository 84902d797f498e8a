"""Build images before and after their Dockerfiles are fixed: they differ in what the fix is for alone.

tests/image/run PYTHON tests.image.fixes
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from msgspec.structs import replace

from dflint.config import command_line, default_config
from dflint.finding import Safety
from dflint.fixing import mend
from dflint.lint import lint_source, make_linter
from dflint.source import make_source
from tests.image.engine import Engine, Unavailable, engine, make_base
from tests.image.ground_truth import PYTHON
from tests.image.sample_app import Checks, Kept, tree

FLASK = "flask==3.1.2\n"
# Compiled files hold the time of their source, and the engine writes two files of its own.
NOT_COMPARED = (".pyc", "__pycache__", "etc/hostname", "etc/resolv.conf")


@dataclass(frozen=True, slots=True)
class Before:
    """A Dockerfile to fix. `rule` is fixed; `files` may differ, and `settings` of the image.

    `files` is a regular expression over paths; compiled files and folders' sizes never count.
    """

    rule: str
    text: str
    files: str = r"(?!)"
    settings: tuple[str, ...] = ()
    safety: Safety = "safe"
    options: dict[str, object] = field(default_factory=dict)
    context: dict[str, str] = field(
        default_factory=lambda: {"requirements.txt": FLASK, "app.py": "import sys\n"}
    )


CASES = (
    Before("pip-no-cache", "FROM PYTHON\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\n", r"root/\.cache"),
    Before("uv-cache-left", "FROM PYTHON\nRUN pip install --no-cache-dir uv==0.13.8\nRUN uv venv /opt/venv --no-cache\nENV VIRTUAL_ENV=/opt/venv\nRUN uv pip install flask==3.1.2\n", r"root/\.cache|opt/venv/\.lock|tmp/"),
    Before("add-instead-of-copy", "FROM PYTHON\nADD app.py /app/\nADD requirements.txt /app/list.txt\n"),
    Before("legacy-env-format", "FROM PYTHON\nENV GREETING good morning\nENV MODE fast\nRUN echo \"$GREETING $MODE\" > /greeting\n"),
    Before("maintainer-deprecated", "FROM PYTHON\nMAINTAINER Ada <ada@example.org>\nCOPY app.py /\n", settings=("Labels", "Author")),
    Before("shell-form-cmd", "FROM PYTHON\nCOPY app.py /\nCMD python /app.py --port 8000\n", settings=("Cmd",)),
    Before("multiple-cmd", "FROM PYTHON\nCMD [\"python\"]\nCOPY app.py /\nCMD [\"python\", \"/app.py\"]\n"),
    Before("pip-no-cache", "FROM PYTHON\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\n", r"root/\.cache", options={"prefer": "cache-mount"}),
    Before("relative-workdir", "FROM PYTHON\nWORKDIR srv/app\nCOPY app.py .\n"),
    Before("relative-copy-destination", "FROM PYTHON\nCOPY app.py lib/app.py\nCOPY requirements.txt .\n", safety="unsafe"),
    Before("consecutive-runs", "FROM PYTHON\nRUN mkdir /data\n# what it holds\nRUN python -c \"open('/data/big', 'wb').write(bytes(5_000_000))\"\nRUN chmod 600 /data/big\nRUN chown 1000:1000 /data/big\n", r"(?!)", safety="unsafe"),
    Before("copy-before-dependencies", "FROM PYTHON\nWORKDIR /srv/app\n# the source\nCOPY . .\nRUN pip install --no-cache-dir -r requirements.txt -r more/extra.txt\n", r"srv/app/Dockerfile$", safety="unsafe", context={"requirements.txt": FLASK, "more/extra.txt": "click>=8\n", "app.py": "import sys\n"}),
    Before("apt-lists-left", "FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y --no-install-recommends tini\n", r"var/lib/apt/lists|var/log|var/cache|var/lib/dpkg", safety="unsafe"),
    Before("venv-activate-lost", "FROM PYTHON\nRUN python -m venv /opt/venv\nRUN . /opt/venv/bin/activate\nCOPY requirements.txt .\nRUN pip install --no-cache-dir -r requirements.txt\n", r"opt/venv|usr/local/(lib/python[\d.]+/site-packages|bin)|root/\.cache", ("Env",), "unsafe"),
    Before("root-user", "FROM PYTHON\nCOPY app.py /\nCMD [\"python\", \"/app.py\"]\n", r"home/app|etc/(passwd|shadow|group|gshadow|subuid|subgid)|var/log", ("User",), "unsafe"),
    Before("unquoted-requirement", "FROM PYTHON\nRUN pip install --no-cache-dir flask>=3\n", r"=3$", safety="unsafe"),
)  # fmt: skip


def fixed(case: Before, text: str) -> tuple[str, list[str]]:
    """The Dockerfile with the case's rule fixed, and the names of what was."""
    config = replace(default_config(), rule_options={case.rule: case.options})
    linter = make_linter(command_line(config, select=(case.rule,)), date(2026, 11, 21))
    safeties: tuple[Safety, ...] = ("safe", "unsafe") if case.safety == "unsafe" else ("safe",)
    made = mend(
        make_source("Dockerfile", text), lambda source: lint_source(source, linter), safeties
    )
    return made.text, [each.name for each in made.fixed]


def held(images: Engine, case: Before, check: Checks) -> tuple[int, int]:
    """Build a case before and after; the bytes that the fix saves, in files and in layers."""
    text = case.text.replace("PYTHON", f"python:{PYTHON}-slim-bookworm")
    after, names = fixed(case, text)
    trees, settings, sizes = [], [], []
    with tempfile.TemporaryDirectory(dir=images.folder) as folder:
        for name, content in case.context.items():
            (Path(folder) / name).parent.mkdir(parents=True, exist_ok=True)
            (Path(folder) / name).write_text(content)
        for tag, each in (("before", text), ("after", after)):
            (Path(folder) / "Dockerfile").write_text(each)
            images.build(Path(folder), f"fix-{tag}")
            settings.append(images.config(f"fix-{tag}"))
            # All layers: what is pulled, with what a later one covers.
            told = images.run("podman", "image", "inspect", "--format", "{{.Size}}", f"fix-{tag}")
            sizes.append(int(told.out))
            with images.mounted(f"fix-{tag}") as root:
                trees.append(dict(tree(root)))
    strangers = [
        path
        for path in _changed(*trees)
        if not re.search(rf"^({case.files})", path) and not re.search(case.files, path)
    ]
    others = [
        key
        for key in settings[0]
        if settings[0][key] != settings[1][key] and key not in (*case.settings, "Image", "Hostname")
    ]
    what = f"{case.rule}: fixed, and only what it is for is another"
    check(
        what,
        names == [case.rule] * len(names) and bool(names) and not strangers and not others,
        (names, strangers[:8], others, after),
    )
    bytes_before, bytes_after = (sum(each.size for each in files.values()) for files in trees)
    return bytes_before - bytes_after, sizes[0] - sizes[1]


def _changed(one: dict[str, Kept], other: dict[str, Kept]) -> list[str]:
    paths = sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path))
    return [path for path in paths if not path.endswith(NOT_COMPARED)]


def main() -> int:
    """Build all cases."""
    kept = os.environ.get("IMAGES_FOLDER")
    check = Checks()
    try:
        with engine(Path(kept) if kept else None) as images:
            for base in (f"python:{PYTHON}-slim-bookworm", "debian:bookworm-slim"):
                make_base(images, base)
            for case in CASES:
                files, layers = held(images, case, check)
                print(f"        {files:,} bytes saved in files, {layers:,} in layers")
    except Unavailable as reason:
        print(f"fixes were not held against real builds: {reason}")
        return 0
    print(f"{len(CASES)} fixes, {len(check.failed)} failed")
    return 1 if check.failed else 0


if __name__ == "__main__":
    sys.exit(main())
