"""Reports of an assignment, read from the events that hold their text: no state repeats it."""

import json

from asyncpg import Record

from contracts.terms import ReportKind
from services.portal.task.shapes import ReportView


def report_view(row: Record) -> ReportView:
    """A report from its event; a completion has no id and no kind of its own."""
    body = json.loads(row["body"])
    own = {"report_id": row["event_id"], "kind": ReportKind.COMPLETION, "reported_at": row["time"]}
    return ReportView.model_validate({**own, **body, "person": body["actor"]})
