"""The services as forked copies of one process that has already imported what they share."""

import contextlib
import gc
import importlib
import importlib.util
import os
import pkgutil
from collections.abc import Iterable, Mapping
from pathlib import Path

import uvicorn

from deploy.local import process
from deploy.local.nats import http_answers, http_unready
from deploy.local.process import Child

SERVICES = {name: f"services.{name}.app" for name in ("tasks", "alerts", "notices", "ranking", "search", "portal")}
LIBRARIES = (
    "uvicorn.lifespan.on",
    "uvicorn.protocols.http.httptools_impl",
    "uvloop",
    "asyncpg",
    "fastapi",
    "faststream.nats",
    "jinja2",
    "services.chassis.app",
)
COMPOSED = {"app", "cli"}


def preload(apps: Iterable[str]) -> None:
    """Import the libraries and every module beside the `app` modules named (not these: they compose at import).

    The caller must have no thread, and has none afterwards, so that it may fork. What fails to import here is
    left to the service concerned, which fails the same way into its own log.
    """
    packages = {"services.chassis", *(app.rpartition(".")[0] for app in apps)}
    for name in (*LIBRARIES, *(module for package in sorted(packages) for module in _modules(package))):
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()


def _modules(package: str) -> list[str]:
    spec = importlib.util.find_spec(package)
    places = list(spec.submodule_search_locations or ()) if spec else []
    names = {module.name for module in pkgutil.iter_modules(places)} - COMPOSED
    return [f"{package}.{name}" for name in sorted(names)]


def child(name: str, app: str, port: int, env: Mapping[str, str], log: Path) -> Child:
    """The service `name`: the ASGI object `app` of the module `app`, on 127.0.0.1:port."""
    return Child(
        name=name,
        launch=lambda: process.fork(name, log, env, lambda: serve(app, port)),
        log=log,
        unready=lambda: http_unready(port),
        answers=lambda: http_answers(port),
    )


def serve(app: str, port: int) -> int:
    """Run the service until it is told to stop; 3 when it could not start."""
    config = uvicorn.Config(
        f"{app}:app",
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        http="httptools",
        lifespan="on",
        access_log=False,
        log_config=None,  # ours, as all else
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    server.run()
    return 0 if server.started else 3


def environment(pg_dsn: str, bus: Mapping[str, str], var: Path, http_port: int) -> dict[str, str]:
    """What every service is told, under the names its settings read; `bus`: where it is and by which credentials."""
    return {"DUBAN_PG_DSN": pg_dsn, **bus, "DUBAN_VAR": os.fspath(var), "DUBAN_HTTP_PORT": str(http_port)}
