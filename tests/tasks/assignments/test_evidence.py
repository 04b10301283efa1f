"""Evidence named by a submission must be in the store before it is verified, also after a rebuild."""

import hashlib

from contracts.commands.assignment import Acknowledge, Complete, Report, Verify
from contracts.commands.task import Resume, Suspend
from contracts.envelope import Actor, ActorRole
from services.chassis.rebuild import recall
from services.chassis.service import Service
from tests.tasks.commands import LINFEN, POLICE, SUPERVISOR, ask, granted, person_of, registered

PHOTO = b"photo"
DIGEST = hashlib.sha256(PHOTO).hexdigest()


async def submitted(service: Service) -> str:
    """An assignment that a node submitted before its evidence has come over the link."""
    assignment = (await registered(service))[LINFEN]
    node = Actor(person="14.10.00/head", unit=LINFEN, roles=(ActorRole.UNIT_HEAD,))
    body = {"actor": node, "assignment_id": assignment}
    await granted(service, Acknowledge(**body, responsible_person="张三"))
    await granted(service, Report(**body, percent=100, text="已封闭一批水井"))
    await granted(service, Complete(**body, text="已全部封闭", evidence=[DIGEST]))
    return assignment


def verification(assignment: str) -> Verify:
    return Verify(actor=person_of(POLICE, ActorRole.UNIT_CLERK), assignment_id=assignment)


async def test_a_verification_waits_for_the_bytes_that_the_submission_named(service):
    assignment = await submitted(service)
    assert (await ask(service, verification(assignment))).code == "evidence_missing"
    assert await service.blobs.put(PHOTO) == DIGEST
    await granted(service, verification(assignment))


async def test_a_rebuild_still_knows_what_was_submitted_when_more_has_happened_since(service):
    assignment = await submitted(service)
    task = await service.pool.fetchval("select task_id from task")
    await granted(service, Suspend(actor=SUPERVISOR, task_id=task, reason="汛期停工"))
    await granted(service, Resume(actor=SUPERVISOR, task_id=task))
    async with service.pool.acquire() as db, db.transaction():
        await db.execute("truncate task, assignment")
        await recall(service, db)
    assert (await ask(service, verification(assignment))).code == "evidence_missing"
