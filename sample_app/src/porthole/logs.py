"""Logs as JSON, one object a line, on standard output: the application's and gunicorn's."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON; line breaks in messages and traces are escaped by JSON."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "pid": record.process,
        }
        entry |= self.body(record)
        return json.dumps(entry, ensure_ascii=True)

    def body(self, record: logging.LogRecord) -> dict[str, object]:
        body: dict[str, object] = {"message": record.getMessage()}
        if record.exc_info:
            body["trace"] = self.formatException(record.exc_info)
        return body


class AccessFormatter(JsonFormatter):
    """gunicorn's access records: their arguments are a mapping of its access log's atoms."""

    def body(self, record: logging.LogRecord) -> dict[str, object]:
        atoms = record.args
        if not isinstance(atoms, Mapping):
            return super().body(record)
        return {
            "message": "request",
            "client": atoms["h"],
            "method": atoms["m"],
            "path": atoms["U"],
            "status": int(str(atoms["s"])),
            "bytes": atoms["B"],
            "milliseconds": int(str(atoms["D"])) / 1000,
            "agent": atoms["a"],
        }


# Both for logging.config.dictConfig and for gunicorn's `logconfig_dict`.
CONFIG: dict[str, object] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "porthole.logs.JsonFormatter"},
        "access": {"()": "porthole.logs.AccessFormatter"},
    },
    "handlers": {
        "stdout": {
            "class": "logging.StreamHandler",
            "formatter": "json",
            "stream": "ext://sys.stdout",
        },
        "access": {
            "class": "logging.StreamHandler",
            "formatter": "access",
            "stream": "ext://sys.stdout",
        },
    },
    "root": {"level": "INFO", "handlers": ["stdout"]},
    "loggers": {
        "gunicorn.error": {"level": "INFO", "handlers": ["stdout"], "propagate": False},
        "gunicorn.access": {"level": "INFO", "handlers": ["access"], "propagate": False},
    },
}
