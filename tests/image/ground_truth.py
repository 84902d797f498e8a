"""Hold the image model against real builds: build small Dockerfiles, start them, compare.

    tests/image/run PYTHON tests.image.ground_truth [CASE …]

Every path that the model says is there must be there, every path that it says is not there must not
be, every start that dflint calls broken must fail, and every start that it calls sound must work.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.image.cases import CASES, Case
from tests.image.engine import PODMAN, CommandError, Engine, Unavailable, engine, make_base
from tests.image.predicted import predicted
from tests.image.sample_app import Checks

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


def laid_out(case: Case, folder: Path) -> Path:
    """The case's context in a folder, and its Dockerfile there."""
    for name, text in case.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        path.chmod(case.modes.get(name, 0o644))
    dockerfile = folder / "Dockerfile"
    dockerfile.write_text(
        case.text.replace("PY-", f"{PYTHON}-").replace("pythonPY", f"python{PYTHON}")
    )
    return dockerfile


def main(names: list[str]) -> int:
    """Build, start and compare all cases, or those that are named."""
    kept = os.environ.get("IMAGES_FOLDER")
    chosen = [case for case in CASES if not names or case.name in names]
    try:
        with engine(Path(kept) if kept else None) as images:
            for base in (f"python:{PYTHON}-slim-bookworm", "debian:bookworm-slim"):
                make_base(images, base)
            check = Checks()
            started = time.monotonic()
            with ThreadPoolExecutor(2) as workers:
                for case, told in zip(
                    chosen, workers.map(lambda each: compared(images, each), chosen), strict=True
                ):
                    check(case.name, told == [], "\n        ".join(["", *told]))
            print(
                f"{len(chosen)} cases, {len(check.failed)} failed, {time.monotonic() - started:.0f} s"
            )
            return 1 if check.failed else 0
    except Unavailable as reason:
        print(f"the image model was not held against real builds: {reason}")
        return 0


def compared(images: Engine, case: Case) -> list[str]:
    """What differs between a case, its real image, and what dflint says."""
    with tempfile.TemporaryDirectory(dir=images.folder) as folder:
        dockerfile = laid_out(case, Path(folder))
        tag = f"case-{case.name}"
        try:
            images.build(Path(folder), tag)
        except CommandError as error:
            return [f"does not build: {error}"]
        done = images.run(
            *PODMAN,
            "run",
            "--rm",
            "--network",
            "none",
            "--cgroups",
            "disabled",
            "--ulimit",
            "nofile=4096:4096",
            "--ulimit",
            "nproc=4096:4096",
            "--pull",
            "never",
            tag,
            check=False,
            timeout=60,
        )
        told = []
        if (done.code == 0) is not case.sound:
            told.append(f"the container ends with {done.code}: {(done.out + done.err)[-300:]}")
        with images.mounted(tag) as root:
            told += predicted(dockerfile, root, case.sound)
        return told


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
