"""The import of a ledger."""

from collections.abc import Sequence
from datetime import datetime

from asyncpg import Connection

from contracts.commands.task import ImportLedger
from contracts.envelope import Done, Event
from contracts.refusals import Refused
from services.chassis import on_command
from services.chassis.service import Service
from services.tasks.ledger import importing
from services.tasks.ledger.domain.intake import Outcome

Result = tuple[Done | Refused, Sequence[Event]]


@on_command(ImportLedger, bulk=True, own_process=True)
async def import_ledger(command: ImportLedger, db: Connection, now: datetime, service: Service) -> Result:
    """An office's whole ledger: a dry run, or every row in one transaction (R12)."""
    intake = await importing.intake_of(command, db, now, service)
    if isinstance(intake, Refused):
        return intake, ()
    aggregate, detail = f"import/{command.id}", importing.detail(intake)
    if command.dry_run:
        return Done(aggregate=aggregate, version=1, detail=detail), ()
    if intake.count(Outcome.REFUSED):
        return importing.rows_refused(intake), ()
    events = await importing.events_of(intake, command, db, now, service)
    aggregate, version = (events[-1].aggregate, events[-1].version) if events else (aggregate, 1)
    return Done(aggregate=aggregate, version=version, detail=detail), events
