"""One JSON line per happening, on stderr, with the trace it belongs to."""

import logging
import re
import secrets
from contextvars import ContextVar

import structlog
from structlog.tracebacks import ExceptionDictTransformer

TRACE: ContextVar[str] = ContextVar("trace", default="")
"""The W3C traceparent of the command or event in hand."""
TRACEPARENT = re.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def trace(parent: str = "") -> str:
    """Go on with the trace of `parent`, or begin one where it is none; the traceparent to hand on."""
    started = parent if TRACEPARENT.fullmatch(parent) else f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
    TRACE.set(started)
    return started


def _traced(_: object, __: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    if parent := TRACE.get():
        line["trace_id"] = parent.split("-")[1]
    return line


def setup(service: str) -> None:
    """Every logger of the process, ours or a library's, writes JSON lines."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _traced,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),  # no person's data
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        foreign_pre_chain=shared,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
