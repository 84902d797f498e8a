"""`python -m porthole.health`: exit code 0 when the service of this container answers, else 1."""

from __future__ import annotations

import os
import sys
from http.client import HTTPException
from urllib.request import ProxyHandler, build_opener

from porthole import settings


def problem(port: int, timeout: float = 2.0) -> str | None:
    """Why the service is not healthy, or None when it is."""
    opener = build_opener(ProxyHandler({}))  # a proxy of the environment is not for this
    try:
        with opener.open(f"http://127.0.0.1:{port}/healthz", timeout=timeout) as answer:
            answer.read()
    except (OSError, HTTPException) as error:
        return f"port {port}: {error}"
    return None


def main() -> int:
    try:
        found = problem(settings.port(os.environ))
    except settings.SettingError as error:
        found = str(error)
    if found is None:
        return 0
    sys.stderr.write(f"unhealthy: {found}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
