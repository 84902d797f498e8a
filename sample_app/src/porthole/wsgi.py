"""What a server imports: the application, with its logs set up."""

from __future__ import annotations

import logging.config

from porthole import logs
from porthole.app import create_app

logging.config.dictConfig(logs.CONFIG)
app = create_app()
