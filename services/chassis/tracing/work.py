"""One trace from what somebody does to all that follows from it.

The ids are made here, or by the SDK where it records: nowhere else. They travel with commands and events, stay
with an event in the log of its service, and stand in every log line. An event carries that of the span that wrote it.
"""

import re
import time
from collections.abc import Mapping, MutableMapping
from contextvars import ContextVar, Token
from random import getrandbits  # seeded anew in every fork
from typing import Any, Self

from structlog.typing import FilteringBoundLogger

from contracts.envelope import Event
from services.chassis.tracing import recording

TRACEPARENT = re.compile("(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


class Span:
    """A piece of work because of one cause: its `traceparent`, the events it wrote, and what an SDK records of it."""

    __slots__ = ("cause", "events", "recorded", "traceparent")

    def __init__(self, name: str, cause: str, began: int) -> None:
        """Below the span `cause`, or at the root of a new trace where that is none; `began`: Unix time, ns."""
        self.cause, self.events = cause if TRACEPARENT.fullmatch(cause) else "", 0
        self.recorded = recording.start(name, self.cause, began)
        if self.recorded:
            self.traceparent = recording.traceparent(self.recorded)
        elif self.cause:
            self.traceparent = f"{self.cause[:36]}{getrandbits(64):016x}{self.cause[52:]}"
        else:
            self.traceparent = f"00-{getrandbits(128):032x}-{getrandbits(64):016x}-01"

    @property
    def trace_id(self) -> str:
        """Thirty-two hexadecimal digits, for whoever asks for help; empty outside of any work."""
        return self.traceparent[3:35]

    @property
    def ids(self) -> dict[str, str]:
        """As they stand in a log line."""
        ids = {"trace_id": self.trace_id, "span_id": self.traceparent[36:52], "parent_id": self.cause[36:52]}
        return {name: id for name, id in ids.items() if id}


class Work:
    """What is being done, because of one cause or of many: each has a span once something comes of it."""

    token: Token["Work | None"]

    def __init__(self, name: str, cause: str = "", causes: Mapping[str, str] = {}, bulk: bool = False) -> None:
        """`causes`: traceparents by the order key of what is worked on; `cause`: of all else. Empty: a new trace.

        `bulk`: it has thousands of events, and one line in the log.
        """
        self.name, self.bulk, self.began = name, bulk, time.time_ns()
        self.spans, self.links = dict[str, Span](), list[str]()
        self.turn_to(cause, causes)

    def __enter__(self) -> Self:
        self.token = WORK.set(self)
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        WORK.reset(self.token)
        self.end(error)

    def end(self, error: BaseException | None = None) -> None:
        """Hand its spans to the SDK, if one records."""
        if recording.TRACER:
            for span in self.spans.values():
                recording.end(span.recorded, self.name, span.events, error)

    def turn_to(self, cause: str = "", causes: Mapping[str, str] = {}) -> None:
        """Go on with what these have caused: as at its begin."""
        self.cause, self.causes = cause, causes
        if recording.TRACER:
            for each in filter(None, {cause, *causes.values()}):
                self.below(each)

    def below(self, cause: str) -> Span:
        """The span of one cause."""
        if cause not in self.spans:
            self.spans[cause] = Span(self.name, cause, self.began)
        return self.spans[cause]

    @property
    def span(self) -> Span:
        """That of the one cause."""
        return self.below(self.cause)

    def span_of(self, event: Event) -> Span:
        """The span that writes an event, below what caused it."""
        return self.below(self.cause_of(event))

    def cause_of(self, event: Event) -> str:
        """The traceparent that came with an event in hand, and so of what caused an event that is emitted."""
        return self.causes.get(event.order_key, self.cause)

    def write(self, event: Event) -> str:
        """Count an event that is emitted; the traceparent that it carries."""
        span = self.span_of(event)
        span.events += 1
        return span.traceparent

    def link(self, traceparent: str) -> None:
        """It has to do with another trace that did not cause it, as a signature with its draft."""
        if TRACEPARENT.fullmatch(traceparent) and traceparent[3:35] != self.span.trace_id:
            self.links.append(traceparent)
            recording.link(self.span.recorded, traceparent)

    @property
    def events(self) -> int:
        """How many it wrote."""
        return sum(span.events for span in self.spans.values())

    @property
    def milliseconds(self) -> float:
        """Since it began."""
        return round((time.time_ns() - self.began) / 1e6, 1)

    @property
    def ids(self) -> dict[str, Any]:
        """For a log line; no span is made for it."""
        cause = {"trace_id": self.cause[3:35]} if TRACEPARENT.fullmatch(self.cause) else {}
        links = {"links": [traceparent[3:52] for traceparent in self.links]} if self.links else {}
        return (self.spans[self.cause].ids if self.cause in self.spans else cause) | links

    def report(self, logger: FilteringBoundLogger, words: str, **facts: Any) -> None:
        """A line for every cause of which came something; one for bulk work."""
        writing = [span for span in self.spans.values() if span.events]
        for span in writing[:1] if self.bulk else writing:
            events = self.events if self.bulk else span.events
            logger.info(words, work=self.name, events=events, ms=self.milliseconds, **facts, **span.ids)


class Again(Work):
    """Goes on with spans that were begun elsewhere: their traceparents are `cause` and `causes`."""

    parent: str = ""
    """What caused them, where there is one."""

    def below(self, cause: str) -> Span:
        """The span itself."""
        span = Span.__new__(Span)
        span.traceparent, span.cause, span.events, span.recorded = cause, self.parent, 0, None
        return self.spans.setdefault(cause, span)


WORK: ContextVar[Work | None] = ContextVar("work", default=None)
"""What is being done."""


def now() -> Work:
    """What is being done; outside of any work something whose traceparents are empty."""
    return WORK.get() or Again("")


def on_line(_: object, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The processor that writes the ids into every log line, unless it has them."""
    return {**now().ids, **line} if WORK.get() else line
