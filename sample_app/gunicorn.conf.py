"""gunicorn's configuration: https://docs.gunicorn.org/en/stable/settings.html"""

import os

from porthole.logs import CONFIG
from porthole.settings import SettingError, port, whole_number

try:
    bind = f"0.0.0.0:{port(os.environ)}"
    workers = whole_number(os.environ, "WEB_CONCURRENCY", default=2, lowest=1, highest=64)
    timeout = whole_number(
        os.environ, "HTTP_SERVE_TIMEOUT_SECONDS", default=30, lowest=1, highest=3600
    )
except SettingError as error:
    raise SystemExit(f"porthole: {error}") from None

worker_class = "gthread"
threads = 4
keepalive = 90  # longer than the idle time of the usual load balancers, so that they close first

# `docker stop` kills after ten seconds, and nothing here takes one.
graceful_timeout = 1

# Heartbeats in memory: on a disk they can block, and the root file system may be read-only.
worker_tmp_dir = "/dev/shm"

# The control socket would be one more file to write, and one more thing to guard.
control_socket_disable = True

accesslog = "-"
logconfig_dict = CONFIG
raw_env = [f"PORTHOLE_WORKER_CLASS={worker_class}"]
