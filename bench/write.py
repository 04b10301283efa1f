"""One command accepted durably through the real tasks store, against one bare statement with as many rows."""

from dataclasses import replace
from uuid import UUID, uuid4

from bench._lab import ROUNDS, Contest, run, service, side_by_side
from contracts.commands.assignment import Acknowledge
from contracts.commands.task import RegisterTask, RequestedPart
from contracts.envelope import Actor, ActorRole
from contracts.terms import Board, Role
from services.chassis import commands, outbox
from services.chassis.command_batcher import Result
from services.chassis.handlers import Call, Handler
from services.chassis.service import Service
from services.tasks import handlers, ticks

COUNT, WIDTH = 2000, 16
UNIT = "14.10.02.000.gov"
OFFICE = Actor(person="督查员", unit="14.00.00.000.bgt", roles=(ActorRole.SUPERVISOR,))
CLERK = Actor(person="经办", unit=UNIT, roles=(ActorRole.UNIT_CLERK,))
OURS, PEER, NOTIFY = (
    "acknowledge, through its handler",
    "one statement, four rows",
    "a transaction each, NOTIFY on the outbox",
)
BARE = """
with a as (insert into bare_a values ($1, $2)), b as (insert into bare_b values ($1, $2)),
     c as (insert into bare_c values ($1, $2))
insert into bare_d values ($1, $2)
"""
TRIGGER = """
create function notified() returns trigger language plpgsql
as $$ begin perform pg_notify('outbox', ''); return null; end $$;
create trigger notified after insert on outbox for each row execute function notified();
alter table outbox disable trigger notified
"""


async def contest(lab: Contest) -> None:
    """Each round acknowledges parts of its own."""
    async with service(lab.servers, "tasks", handlers, ticks) as here:
        await seeded(here)
        await here.pool.execute("".join(f"create table bare_{n} (id uuid primary key, body text);" for n in "abcd"))
        await here.pool.execute(TRIGGER)
        for _ in range(ROUNDS):
            parts = [await registered(here) for _ in range(COUNT)]
            await lab.round(OURS, lambda parts=parts: acknowledged(here, parts))
            await lab.round(PEER, lambda: bare(here))
            parts = [await registered(here) for _ in range(COUNT)]
            await here.pool.execute("alter table outbox enable trigger notified")
            await lab.round(NOTIFY, lambda parts=parts: acknowledged(here, parts, alone=True))
            await here.pool.execute("alter table outbox disable trigger notified")
    ratios = {
        "commands a second, ours / bare statement": (lab.rate(OURS) / lab.rate(PEER), "≥ 0.6"),
        "commands a second, ours / with NOTIFY": (lab.rate(OURS) / lab.rate(NOTIFY), "≥ 1.8"),
    }
    lab.report(ratios)


async def seeded(here: Service) -> None:
    """The register and the calendar, as a first start makes them."""
    for handler in here.handlers.ticks:
        async with here.pool.acquire() as db, db.transaction():
            now = await db.fetchval("select now()")
            await outbox.emit(db, here.handlers, await handler.call(db, now, **handler.arguments(here)) or ())


async def registered(here: Service) -> UUID:
    """A task with one part, waiting to be acknowledged."""
    command = RegisterTask(
        actor=OFFICE, number=uuid4().hex, ledger="bench", title="水库除险加固三座", board=Board.PROJECT,
        lead_official="分管副省长", target="完成3座", verification_form="验收单", deadline_text="30个工作日",
        parts=(RequestedPart(unit=UNIT, role=Role.LEAD),),
    )  # fmt: skip
    answer, _ = await commands.answer(here, RegisterTask, command.model_dump_json().encode())
    return UUID(answer.detail["parts"][0]["assignment_id"])  # type: ignore[index,call-overload]


async def acknowledged(here: Service, parts: list[UUID], alone: bool = False) -> int:
    """Sixteen at a time, in process, without the bus; `alone`: each in a transaction of its own."""
    handler = here.handlers.commands[Acknowledge]
    single = replace(handler, call=one_by_one(handler), batch=False)
    here.handlers = replace(
        here.handlers, commands={**here.handlers.commands, Acknowledge: single if alone else handler}
    )

    async def one(number: int) -> None:
        command = Acknowledge(actor=CLERK, assignment_id=parts[number], responsible_person="张某")
        await commands.answer(here, Acknowledge, command.model_dump_json().encode())

    done = await side_by_side(COUNT, WIDTH, one)
    here.handlers = replace(here.handlers, commands={**here.handlers.commands, Acknowledge: handler})
    return done


def one_by_one(handler: Handler) -> Call:
    """The batch function for one command."""

    async def call(command: Acknowledge, *args: object, **more: object) -> Result:
        return (await handler.call([command], *args, **more))[0]

    return call


async def bare(here: Service) -> int:
    """As many rows as a command writes: command, state, audit, event."""

    async def one(_: int) -> None:
        async with here.pool.acquire() as db:
            await db.execute(BARE, uuid4(), "x" * 300)

    return await side_by_side(COUNT, WIDTH, one)


if __name__ == "__main__":
    run("write", contest)
