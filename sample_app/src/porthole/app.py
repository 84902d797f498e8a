"""The routes, and what every answer has in common: headers, errors, the count of requests."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

from flask import Flask, Response, abort, current_app, jsonify, render_template, request
from werkzeug.exceptions import HTTPException, InternalServerError

from porthole import facts, promises
from porthole.text import duration, show

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "object-src 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

FIELDS = ("promises", "user", "python", "worker", "system", "version", "folders")


def create_app(environ: Mapping[str, str] = os.environ) -> Flask:
    """The application; `environ` stands for the process's environment."""
    app = Flask(__name__, static_folder=_static_folder(environ), static_url_path="/static")
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.add_template_filter(duration)
    app.add_template_filter(show)
    app.extensions["porthole"] = facts.Tally()
    app.config["PORTHOLE_VERSION_FILE"] = Path(
        environ.get("PORTHOLE_VERSION_FILE", "/app/version.json")
    )
    app.config["PORTHOLE_WORKER_CLASS"] = environ.get("PORTHOLE_WORKER_CLASS")
    app.config["PORTHOLE_ENVIRON"] = environ

    app.add_url_rule("/", view_func=page)
    app.add_url_rule("/api/facts", view_func=api_facts)
    app.add_url_rule("/healthz", view_func=healthz)
    app.add_url_rule("/version", view_func=version)
    app.register_error_handler(HTTPException, json_error)
    app.before_request(count)
    app.after_request(common_headers)
    return app


def _static_folder(environ: Mapping[str, str]) -> str:
    """Where the built front end is: in the image, or in the checkout while developing."""
    folder = Path(environ.get("PORTHOLE_STATIC", "/app/static"))
    if "PORTHOLE_STATIC" not in environ and not folder.is_dir():
        folder = Path(__file__).resolve().parents[2] / "frontend" / "dist"
    return str(folder)


def page() -> str:
    return render_template("page.html", facts=_collect(FIELDS))


def api_facts() -> Response:
    return jsonify(_collect(_asked_fields()))


def healthz() -> Response:
    return jsonify(status="ok")


def version() -> Response:
    return jsonify(asdict(_version()))


def _asked_fields() -> tuple[str, ...]:
    """The fields that the query names, all without a query; aborts with 400 on anything else."""
    if set(request.args) - {"fields"}:
        abort(400, "the only parameter is: fields")
    values = request.args.getlist("fields")
    if not values:
        return FIELDS
    asked = tuple(dict.fromkeys(values[0].split(",")))
    # The answer names what is known and does not repeat what was sent.
    if len(values) > 1 or not set(asked) <= set(FIELDS):
        abort(400, f"fields takes names from this list, with commas between: {', '.join(FIELDS)}")
    return asked


def _collect(fields: tuple[str, ...]) -> dict[str, object]:
    collectors: dict[str, Callable[[], object]] = {
        "promises": lambda: [asdict(promise) for promise in _promises()],
        "user": lambda: asdict(facts.user()),
        "python": lambda: asdict(facts.python()),
        "worker": lambda: asdict(_worker()),
        "system": lambda: asdict(facts.system()),
        "version": lambda: asdict(_version()),
        "folders": lambda: [asdict(folder) for folder in facts.folders(facts.user().home)],
    }
    return {field: collectors[field]() for field in fields}


def _promises() -> tuple[promises.Promise, ...]:
    environ = current_app.config["PORTHOLE_ENVIRON"]
    around = promises.look(environ, _version().known, _server(), current_app.debug)
    return promises.check(around)


def _worker() -> facts.Worker:
    tally = current_app.extensions["porthole"]
    return facts.worker(tally, _server(), current_app.config["PORTHOLE_WORKER_CLASS"])


def _version() -> facts.Version:
    return facts.version(current_app.config["PORTHOLE_VERSION_FILE"])


def _server() -> str:
    return str(request.environ.get("SERVER_SOFTWARE", facts.UNKNOWN))


def count() -> None:
    current_app.extensions["porthole"].count()


def common_headers(response: Response) -> Response:
    response.headers.update(HEADERS)
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response


def json_error(error: HTTPException) -> Response:
    """Any error as JSON, without a path or a trace: those are in the log alone."""
    if isinstance(error, InternalServerError):
        error = InternalServerError()  # drops what the exception said
    answer = jsonify(error={"status": error.code, "message": error.description})
    answer.status_code = error.code or 500
    for name, value in error.get_headers():
        if name.lower() != "content-type":
            answer.headers[name] = value
    return answer
