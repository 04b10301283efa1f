"""An office's file on its way to the register: fetched, read, judged, and answered row by row (R12)."""

import asyncio
import json
from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import Any

from asyncpg import Connection
from pydantic import TypeAdapter

from contracts.commands.task import ImportLedger
from contracts.envelope import Event
from contracts.events.assignment import AssignmentIssued, AssignmentReported
from contracts.events.task import TaskAdvanced, TaskRegistered
from contracts.refusals import Refused
from services.chassis.service import Service
from services.tasks.assignments import store
from services.tasks.assignments.domain.draft import registered
from services.tasks.assignments.domain.issuing import issuer_of
from services.tasks.ledger import sheet
from services.tasks.ledger.domain import Ledger, read_ledger
from services.tasks.ledger.domain.intake import Conditions, Intake, Outcome, RowResult, drafted, taken_in
from services.tasks.refusals import Code, refuse
from services.tasks.register.domain import Register
from services.tasks.register.domain.timetable import Timetable
from services.tasks.register.store import posts_of
from services.tasks.register.store import register as units_of
from services.tasks.register.store import timetable as timetable_of

ORDER: list[type[Event]] = [TaskRegistered, AssignmentIssued, AssignmentReported, TaskAdvanced]
"""One kind after the other, so that each is applied as one run; every aggregate keeps its own order."""

ROW = TypeAdapter(RowResult)
CHUNK = 200
MOST_SHOWN = 600_000
"""Bytes of rows in one answer: a message holds 1 MB."""


async def intake_of(command: ImportLedger, db: Connection, now: datetime, service: Service) -> Intake | Refused:
    """Every row of the file judged against the register as it is now; nothing is changed."""
    register, timetable = await units_of(db), await timetable_of(db)
    issuer = issuer_of(command.actor, register)
    if isinstance(issuer, Refused):
        return issuer
    if not command.dry_run:
        await store.one_import(db, issuer.address)
    ledger = await _read(command, register, timetable, now, service)
    if isinstance(ledger, Refused):
        return ledger
    posts = tuple(await posts_of(db, issuer.place))
    conditions = Conditions(issuer, service.settings.node, now, command.historical_before or now, command.as_of, posts)
    drafts = await asyncio.to_thread(drafted, ledger, register, timetable, conditions)
    registered_titles = await store.titles(db, [draft.task_id for draft in drafts.values()])
    numbers = [draft.number for draft in drafts.values()]
    taken = await store.numbers(db, issuer.address, ledger.title, numbers)
    return taken_in(ledger, drafts, registered_titles, taken, register)


async def _read(
    command: ImportLedger, register: Register, timetable: Timetable, now: datetime, service: Service
) -> Ledger | Refused:
    """The ledger in the file; the reading takes seconds of work, so it takes them beside the loop."""
    try:
        content = await service.blobs.get(command.blob)
        sheets = await asyncio.to_thread(sheet.read, content, command.filename)
    except FileNotFoundError:
        return refuse(Code.BLOB_MISSING, "文件还没有上传成功，请重新上传", "/blob")
    except sheet.SheetUnreadable as why:
        return refuse(Code.UNREADABLE, str(why), "/blob")
    return await asyncio.to_thread(
        read_ledger,
        sheets,
        sheet.words(),
        register,
        timetable.calendar,
        timetable.policy(now),
        issuer=command.actor.unit,
    )


async def events_of(
    intake: Intake, command: ImportLedger, db: Connection, now: datetime, service: Service
) -> list[Event]:
    """The events of the new rows, kind by kind; `duban.progress.<command>` tells whoever waits how far it has come."""
    events: list[Event] = []
    register = await units_of(db)
    drafts = iter(intake.drafts)
    done = 0
    while chunk := list(islice(drafts, CHUNK)):
        done += len(chunk)
        for draft in chunk:
            events += registered(draft, command.actor.person, service.settings.node, now, register)
        progress = json.dumps({"done": done, "total": len(intake.drafts)})
        await service.nc.publish(f"duban.progress.{command.id}", progress.encode())
        await asyncio.sleep(0)  # or it would only be sent after the last row
    return sorted(events, key=lambda event: ORDER.index(type(event)))


def detail(intake: Intake) -> dict[str, Any]:
    """The answer's content: counts, and the rows, refused ones before all others where not all have room."""
    rows = list(_fitting(sorted(intake.results, key=lambda result: result.outcome is not Outcome.REFUSED)))
    counts = {outcome.value: intake.count(outcome) for outcome in Outcome}
    return {
        "counts": {
            "rows": len(intake.results),
            **counts,
            "warned": sum(bool(result.warnings) for result in intake.results),
            "assignments": sum(len(draft.parts) for draft in intake.drafts),
        },
        "rows": sorted(rows, key=lambda row: row["row"]),
        "left_out": len(intake.results) - len(rows),
    }


def _fitting(results: Iterable[RowResult]) -> Iterable[dict[str, Any]]:
    size = 0
    for result in results:
        size += len(ROW.dump_json(result))
        if size > MOST_SHOWN:
            return
        yield ROW.dump_python(result, mode="json")


def rows_refused(intake: Intake) -> Refused:
    """One bad row keeps all rows out: nothing is ever half-loaded."""
    bad = [str(result.row) for result in intake.results if result.outcome is Outcome.REFUSED]
    more = f" 等 {len(bad)} 行" if len(bad) > 5 else " 行"
    message = f"第 {'、'.join(bad[:5])}{more}有误，整份台账都没有导入；请按各行的说明改正后重新导入"
    return refuse(Code.ROWS_REFUSED, message, "/blob", **detail(intake))
