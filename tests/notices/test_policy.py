"""Who drafts, signs, withdraws, makes void and receives a document: the policy table over the service's commands.

Whoever may is answered that something else is wrong (the recipient is unknown, the version is old); whoever may not is
refused. So nothing is written, and every cell is tried on the same documents.
"""

from collections.abc import Sequence
from uuid import UUID

import pytest

from contracts.commands.notice import (
    DraftNotice,
    NoticeCommand,
    ReceiveNotice,
    RequestedRecipient,
    SignNotice,
    VoidNotice,
)
from contracts.envelope import Command
from contracts.events.assignment import AssignmentEvent
from contracts.events.delivery import DeliverySent
from contracts.refusals import Refused
from contracts.terms import NoticeKind
from tests.conftest import House
from tests.notices.documents.sample import fandol
from tests.notices.office import Office, opened
from tests.portal.site.policy_scene import Cells, issued_tasks
from tests.portal.site.policy_table import ACTORS, ADDRESSED, DRAFTS, ORDERS, REACHES, RECEIVES, SIGNS, actor_of
from tests.story import Matter
from tests.story.province import EDUCATION, GOVERNMENT, LINFEN, LINFEN_OFFICE, OFFICE, leader, supervisor

KINDS = (NoticeKind.SUPERVISION, NoticeKind.URGING, NoticeKind.ORDER)
NOWHERE = RequestedRecipient(unit="14.10.02.000.xyz", name="某某局")
REASON = "弄虚作假"
ANSWERS = {"forbidden": False, "unknown_unit": True, "already_signed": True, "stale": True}
ISSUERS = {"province": supervisor(OFFICE), "city": supervisor(LINFEN_OFFICE), "line": supervisor(EDUCATION)}
LEADERS = {"province": leader(GOVERNMENT), "city": leader(LINFEN), "line": leader(EDUCATION)}


class Policy:
    """The service with the three tasks of the table, and how it answers."""

    def __init__(self, office: Office, matters: dict[str, Matter]) -> None:
        self.office, self.matters, self.cells = office, matters, Cells()

    def about(self, name: str) -> Sequence[UUID]:
        """Every part of a task."""
        return [part.assignment_id for part in self.matters[name].assignments]

    async def may(self, command: Command) -> bool | None:
        """Granted but for something else; refused for who asks; None where neither is so."""
        answer = await self.office.ask(command)
        return ANSWERS.get(answer.code) if isinstance(answer, Refused) else None

    async def document(self, name: str, kind: NoticeKind, sign: bool) -> UUID:
        """One that the issuer's own people drafted; signed by a leader, who may sign all of them."""
        actor = LEADERS[name] if sign else ISSUERS[name]
        ids = self.about(name)
        draft = DraftNotice(actor=actor, kind=kind, assignments=ids, reason=REASON, sign=sign)
        answer = await self.office.ask(draft)
        assert not isinstance(answer, Refused), answer
        return UUID(str(answer.detail["notice_id"]))


@pytest.fixture
async def policy(house: House) -> Policy:
    fandol()
    tale, matters = issued_tasks()
    office = await opened(house)
    await office.handle(event for event in tale.events if isinstance(event, AssignmentEvent))
    return Policy(office, matters)


async def test_a_document_is_drafted_by_those_of_the_table_and_signed_in_one_step_by_fewer(policy: Policy):
    for name in DRAFTS:
        for kind in KINDS:
            signs = ORDERS[name] if kind is NoticeKind.ORDER else SIGNS[name]
            for actor in ACTORS:
                for sign, may in ((False, DRAFTS[name]), (True, signs)):
                    body = {"kind": kind, "assignments": policy.about(name), "recipients": (NOWHERE,), "reason": REASON}
                    asked = DraftNotice(actor=actor_of(actor), sign=sign, **body)
                    policy.cells.judge(
                        actor, f"{name}: {kind} {'signed' if sign else 'drafted'}", may, await policy.may(asked)
                    )
    assert policy.cells.tried >= 570 and policy.cells.wrong == []


async def test_a_draft_is_signed_and_withdrawn_by_those_of_the_table(policy: Policy):
    for name in DRAFTS:
        for kind in KINDS:
            id = await policy.document(name, kind, sign=False)
            signs = ORDERS[name] if kind is NoticeKind.ORDER else SIGNS[name]
            await tries(policy, f"{name}: draft of {kind}", id, signs, DRAFTS[name])
    assert policy.cells.tried >= 570 and policy.cells.wrong == []


async def test_a_number_is_made_void_by_those_who_could_have_signed_it(policy: Policy):
    for name in DRAFTS:
        for kind in KINDS:
            id = await policy.document(name, kind, sign=True)
            signs = ORDERS[name] if kind is NoticeKind.ORDER else SIGNS[name]
            await tries(policy, f"{name}: signed {kind}", id, signs, signs)
    assert policy.cells.tried >= 570 and policy.cells.wrong == []


async def tries(policy: Policy, what: str, id: UUID, signs: str, voids: str) -> None:
    """Everybody signs it and takes it back, as of a version that it never had."""
    for actor in ACTORS:
        of = {"actor": actor_of(actor), "notice_id": id, "expected_version": 99}
        commands: dict[str, tuple[str, NoticeCommand]] = {
            "sign": (signs, SignNotice(**of)),
            "void": (voids, VoidNotice(**of, reason=REASON)),
        }
        for verb, (may, command) in commands.items():
            policy.cells.judge(actor, f"{what}: {verb}", may, await policy.may(command))


async def test_a_copy_is_received_by_its_own_unit_alone(policy: Policy):
    for name in DRAFTS:
        await policy.document(name, NoticeKind.SUPERVISION, sign=True)
    await policy.office.render()
    for sent in await policy.office.emitted(DeliverySent):
        delivery, may = sent.delivery, RECEIVES.get(sent.delivery.unit)
        for actor in ACTORS if may else ():
            asked = ReceiveNotice(actor=actor_of(actor), delivery_id=delivery.delivery_id, expected_version=99)
            policy.cells.judge(actor, f"{delivery.title} at {delivery.unit}", may, await policy.may(asked))
    assert policy.cells.tried >= 160 and policy.cells.wrong == []


async def test_a_document_goes_to_those_below_and_beside_its_issuer_and_never_up(policy: Policy):
    for name, reaches in REACHES.items():
        of = {"actor": ISSUERS[name], "kind": NoticeKind.SUPERVISION, "assignments": policy.about(name)}
        for unit in (unit for unit in ADDRESSED if unit != ISSUERS[name].unit):
            for field in ("recipients", "copies"):
                answer = await policy.office.ask(DraftNotice(**of, **{field: (RequestedRecipient(unit=unit), NOWHERE)}))
                reached = {"outside": False, "unknown_unit": True}.get(getattr(answer, "code", ""))
                policy.cells.judge(unit, f"{name}: {field}", " ".join(reaches), reached)
    assert policy.cells.tried >= 68 and policy.cells.wrong == []
