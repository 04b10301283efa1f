"""One JSON line per happening, on stderr: each names its service and, within a piece of work, its trace."""

import logging
import re
import sys
import threading
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any

import structlog
from pydantic_core import to_json
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import Processor

from services.chassis import tracing

QUIET = {"httpx": logging.WARNING, "uvicorn.access": logging.CRITICAL}
"""What others say too often; uvicorn's own line of a request has the query string, in which tokens may stand."""
MADE = re.compile("/[0-9a-f]{8}-[0-9a-f-]{27}$")
OURS: list[Processor] = []
"""What every line of ours goes through; one list, which loggers that were used before keep."""
logger = structlog.get_logger(__name__)


class Writer(structlog.WriteLogger):
    """Where our own lines end, by the name of their module; the standard library's way takes five times as long."""

    name = ""


def setup(service: str, level: str = "INFO") -> None:
    """Every logger of the process, ours or a library's, writes JSON lines; so does an exception that nobody caught."""
    stream = sys.stderr

    def named(_: object, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        line.setdefault("service", service)
        return line

    def writer(*names: str) -> Writer:
        made = Writer(stream)
        made.name = "".join(names)
        return made

    first: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        named,
        by_machine,
        tracing.on_line,
    ]
    handler = logging.StreamHandler(stream)
    strip = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=[strip, *LAST], foreign_pre_chain=first))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    plain()
    OURS[:] = [*first, *LAST]
    structlog.configure(
        processors=OURS,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=writer,
        cache_logger_on_first_use=True,
    )


def written(line: MutableMapping[str, Any], **_: object) -> str:
    """Pydantic's writer takes a tenth of the time of json's; what is no JSON is written as Python shows it."""
    return to_json(line, fallback=repr).decode()


def by_machine(_: object, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An aggregate is named by its id where a machine made it: another may be a person's."""
    if (aggregate := line.get("aggregate")) and not MADE.search(aggregate):
        line["aggregate"] = aggregate.partition("/")[0]
    return line


def without_rows(_: object, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """PostgreSQL's DETAIL quotes keys and whole rows."""
    for part in line.get("exception") or ():
        part["exc_value"] = part["exc_value"].partition("\nDETAIL:")[0]
    return line


LAST: list[Processor] = [
    structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
    without_rows,
    structlog.processors.JSONRenderer(written),
]
"""Of an exception neither local variables nor the row it is about is written: they are persons' data."""


def plain() -> None:
    """No library writes past our handler; what Python itself would print becomes a line too."""
    for name in list(logging.root.manager.loggerDict):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    for name, level in QUIET.items():
        logging.getLogger(name).setLevel(level)
    logging.captureWarnings(True)
    sys.excepthook = uncaught
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = lambda args: uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def uncaught(kind: type[BaseException], error: BaseException | None, traceback: TracebackType | None) -> None:
    """What nobody caught."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error or kind(), traceback)
    else:
        logger.critical("nobody caught this", exc_info=(kind, error, traceback))
