"""Who drafts, signs and voids a document, and to whom it may go (§1b)."""

import pytest

from contracts.commands.notice import RequestedRecipient, VoidNotice
from contracts.envelope import Actor, ActorRole, Done
from contracts.events.notice import NoticeDrafted, NoticeSigned
from contracts.events.register import UnitRegistered
from contracts.refusals import Kind, Refused
from contracts.region import Level
from contracts.register import Unit
from contracts.terms import NoticeKind
from contracts.units import UnitKind
from tests.conftest import House
from tests.notices.documents.sample import fandol
from tests.notices.office import CLERK, INSPECTOR, LEADER, NAMES, OTHER, SUPERVISOR, T0, UNIT, Office, opened
from tests.story.province import (
    EDUCATION,
    GOVERNMENT,
    LINFEN_EDUCATION,
    POLICE,
    REFORM,
    YAODU_OFFICE,
    YAODU_REFORM,
    leader,
    supervisor,
)


@pytest.fixture
async def office(house: House) -> Office:
    fandol()
    office = await opened(house)
    await office.handle(office.issue(1), office.issue(2, unit=OTHER))
    return office


@pytest.mark.parametrize(
    ("actor", "kind", "pointer"),
    [
        (INSPECTOR, NoticeKind.SUPERVISION, "/actor"),
        (SUPERVISOR, NoticeKind.ORDER, "/actor"),
        (CLERK, NoticeKind.URGING, "/actor"),
        (Actor(person="x", unit=OTHER, roles=(ActorRole.SUPERVISOR,)), NoticeKind.URGING, "/actor"),
        (Actor(person="x", unit="14.10.00.000.gov", roles=(ActorRole.LEADER,)), NoticeKind.ORDER, "/actor"),
    ],
)
async def test_who_may_not_sign_signs_nothing(office, actor, kind, pointer):
    answer = await office.draft(kind, actor=actor, sign=True, reason="弄虚作假")
    assert isinstance(answer, Refused) and (answer.code, answer.pointer) == ("forbidden", pointer)
    assert await office.emitted(NoticeDrafted) == []


async def test_an_inspector_drafts_and_a_leader_of_the_region_signs(office):
    draft = await office.draft(NoticeKind.ORDER, actor=INSPECTOR, reason="弄虚作假")
    assert isinstance(draft, Done)
    assert isinstance(await office.sign(draft.detail["notice_id"], actor=LEADER), Done)


async def test_a_recipient_that_is_not_on_the_register_is_named(office):
    stranger = RequestedRecipient(unit="14.10.02.000.xyz", name="某某局")
    answer = await office.draft(NoticeKind.SUPERVISION, recipients=(stranger,))
    assert isinstance(answer, Refused) and (answer.code, answer.pointer) == ("unknown_unit", "/recipients/0/unit")
    assert "某某局" in answer.message


async def test_an_assignment_that_another_node_owns_is_not_written_about(office):
    await office.handle(office.issue(7, owner="14.10.00"))
    answer = await office.draft(NoticeKind.SUPERVISION, (7,))
    assert isinstance(answer, Refused) and answer.code == "not_here"


OUTSIDERS = [
    leader(POLICE),
    leader(EDUCATION),
    leader("14.00.00.000.bgt"),
    leader("14.10.00.000.gov"),
    supervisor(EDUCATION),
    supervisor(YAODU_OFFICE),
]


@pytest.mark.parametrize("outsider", OUTSIDERS, ids=lambda actor: actor.person)
async def test_who_does_not_act_for_the_issuing_office_drafts_signs_and_voids_nothing_of_it(office, outsider):
    draft = (await office.draft(NoticeKind.SUPERVISION)).detail["notice_id"]
    answers = [
        await office.draft(NoticeKind.URGING, actor=outsider),
        await office.sign(draft, outsider),
        await office.ask(VoidNotice(actor=outsider, notice_id=draft, reason="内容有误")),
    ]
    signed = (await office.sign(draft)).detail["notice_id"]
    answers.append(await office.ask(VoidNotice(actor=outsider, notice_id=signed, reason="内容有误")))
    assert {(answer.kind, answer.code, answer.pointer) for answer in answers} == {
        (Kind.FORBIDDEN, "forbidden", "/actor")
    }


async def test_a_departments_leader_signs_its_own_order_and_the_government_office_does_not(office):
    await office.handle(office.issue(3, unit=LINFEN_EDUCATION, by=supervisor(EDUCATION)))
    draft = await office.draft(NoticeKind.ORDER, (3,), actor=supervisor(EDUCATION), reason="弄虚作假")
    id = draft.detail["notice_id"]
    assert [(await office.sign(id, actor)).ok for actor in (LEADER, SUPERVISOR, supervisor(EDUCATION))] == [False] * 3
    assert isinstance(await office.sign(id, leader(EDUCATION)), Done)


@pytest.mark.parametrize("field", ["recipients", "copies"])
async def test_a_county_sends_nothing_upward_or_to_its_neighbour(office, field):
    await office.handle(office.issue(3, by=supervisor(YAODU_OFFICE)))
    for unit in (GOVERNMENT, "14.00.00.000.bgt", "14.10.00.000.gov", "14.10.02.000.gov", "14.10.21.000.gov"):
        to = {field: (RequestedRecipient(unit=unit),)}
        answer = await office.draft(NoticeKind.SUPERVISION, (3,), actor=supervisor(YAODU_OFFICE), **to)
        refusal = (answer.kind, answer.code, answer.pointer)
        assert refusal == (Kind.FORBIDDEN, "outside", f"/{field}/0/unit"), unit
    assert await office.emitted(NoticeDrafted) == []


async def test_a_department_sends_to_what_belongs_to_it_through_another_unit_and_no_other_department_does(office):
    institute, section = "14.00.00.000.jky", "14.00.00.000.jky1"
    await office.handle(belonging(institute, EDUCATION), belonging(section, institute))
    await office.handle(office.issue(3, unit=LINFEN_EDUCATION, by=supervisor(EDUCATION)))
    await office.handle(office.issue(4, unit=YAODU_REFORM, by=supervisor(REFORM)))
    to = (RequestedRecipient(unit=section),)
    drafted = await office.draft(NoticeKind.SUPERVISION, (3,), actor=supervisor(EDUCATION), recipients=to)
    refused = await office.draft(NoticeKind.SUPERVISION, (4,), actor=supervisor(REFORM), recipients=to)
    assert (drafted.ok, refused.ok, refused.code) == (True, False, "outside")


def belonging(address: str, parent: str) -> UnitRegistered:
    """A unit of the province that belongs to another comes onto the register."""
    place = {"level": Level.PROVINCE, "kind": UnitKind.DEPARTMENT, "parent": parent}
    unit = Unit(address=address, name=address, short=address, **place)
    stamp = {"time": T0, "owner": "14.00.00", "address": "14.00.00.000.all", "version": 1}
    return UnitRegistered(aggregate=f"unit/{address}", unit=unit, **stamp)


async def test_a_recipient_is_called_what_the_register_calls_it(office):
    to = (RequestedRecipient(unit=OTHER, name="某某厅"),)
    await office.draft(NoticeKind.SUPERVISION, recipients=to, copies=(RequestedRecipient(unit=UNIT, name="另一个"),))
    [draft] = await office.emitted(NoticeDrafted)
    names = [unit.name for unit in (*draft.recipients, *draft.copies)]
    assert names == [NAMES[OTHER], NAMES[UNIT]]


async def test_matters_of_two_offices_are_not_put_into_one_document(office):
    await office.handle(office.issue(3, by=supervisor(EDUCATION), unit=LINFEN_EDUCATION))
    answer = await office.draft(NoticeKind.SUPERVISION, (1, 3))
    assert isinstance(answer, Refused) and answer.code == "forbidden"


async def test_a_draft_is_seen_by_its_issuer_alone_and_so_is_the_signed_document(office):
    await office.draft(NoticeKind.SUPERVISION, sign=True)
    events = [*await office.emitted(NoticeDrafted), *await office.emitted(NoticeSigned)]
    assert {event.audience for event in events} == {("14.00.00.000.bgt",)}
