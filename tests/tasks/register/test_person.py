"""Persons: who puts them on the register, and that one is never taken from another unit."""

import pytest

from contracts.commands.register import RegisterPerson
from contracts.envelope import Actor, ActorRole
from contracts.queries.register import FindPersons
from contracts.refusals import Kind
from services.chassis.service import Service
from tests.tasks.commands import GOVERNMENT, LINFEN, OFFICE, POLICE, SUPERVISOR, ask, emitted, granted, person_of

LINFEN_OFFICE = "14.10.00.000.bgt"


def person(by: Actor = SUPERVISOR, unit: str = LINFEN, **more: object) -> RegisterPerson:
    return RegisterPerson(**({"actor": by, "person": "zhang", "name": "张三", "unit": unit} | more))


async def result(service: Service, text: str, **more: object):
    async with service.pool.acquire() as db:
        return await service.handlers.queries[FindPersons].call(FindPersons(text=text, **more), db)


@pytest.mark.parametrize(
    ("by", "unit", "allowed"),
    [
        (SUPERVISOR, LINFEN, True),
        (SUPERVISOR, GOVERNMENT, True),
        (person_of(LINFEN_OFFICE, ActorRole.SUPERVISOR), "14.10.02.000.fgw", True),
        (person_of(LINFEN, ActorRole.UNIT_HEAD), LINFEN, True),
        (person_of(OFFICE, ActorRole.OPERATOR), LINFEN, True),
        (person_of(OFFICE, ActorRole.SYSTEM), LINFEN, True),
        (person_of(LINFEN_OFFICE, ActorRole.SUPERVISOR), "14.01.00.000.gov", False),
        (person_of(LINFEN_OFFICE, ActorRole.OPERATOR), LINFEN, False),
        (person_of(POLICE, ActorRole.SUPERVISOR), "14.10.00.000.gat", False),
        (person_of(POLICE, ActorRole.UNIT_HEAD), LINFEN, False),
        (person_of(LINFEN, ActorRole.UNIT_CLERK), LINFEN, False),
        (person_of(OFFICE, ActorRole.INSPECTOR), LINFEN, False),
        (person_of(GOVERNMENT, ActorRole.LEADER), LINFEN, False),
    ],
)
async def test_a_unit_its_office_and_the_operator_register_its_persons_and_nobody_else(service, by, unit, allowed):
    answer = await ask(service, person(by, unit))
    assert answer.ok == allowed
    assert allowed or answer.kind is Kind.FORBIDDEN


async def test_the_event_carries_the_person_to_the_unit_and_the_offices_above(service):
    await granted(service, person(unit="临汾市政府"))
    (event,) = await emitted(service, "person.%")
    assert (event["aggregate"], event["address"], event["version"]) == ("person/zhang", LINFEN, 1)
    offices = [LINFEN_OFFICE, "14.10.00.000.ggb", OFFICE, "14.00.00.000.ggb"]
    assert event["audience"] == [LINFEN, *offices]
    assert event["person"] == {
        "person_id": "zhang", "name": "张三", "unit": LINFEN, "unit_name": "临汾市政府", "valid_to": None,
    }  # fmt: skip


async def test_an_entry_changes_and_stays_the_same_person(service):
    await granted(service, person())
    again = await granted(service, person(name="张叁", valid_to="2026-12-31"))
    assert (again.aggregate, again.version) == ("person/zhang", 2)
    (entry,) = (await result(service, "张叁")).persons
    assert str(entry.valid_to) == "2026-12-31"


async def test_a_units_head_takes_no_person_from_another_unit_but_the_office_over_both_moves_one(service):
    await granted(service, person())
    taken = await ask(service, person(person_of(POLICE, ActorRole.UNIT_HEAD), POLICE))
    assert (taken.code, taken.pointer) == ("person_elsewhere", "/person")
    await granted(service, person(unit=POLICE))
    assert [entry.unit for entry in (await result(service, "zhang")).persons] == [POLICE]


@pytest.mark.parametrize("id", ["zhang\u200b", "ｚｈａｎｇ", " zhang "])
async def test_a_disguised_id_is_the_same_person(service, id):
    await granted(service, person())
    assert (await granted(service, person(person=id))).version == 2


async def test_persons_are_found_by_id_name_and_unit_and_a_cut_list_says_so(service):
    for n in range(3):
        await granted(service, person(person=f"zhang{n}"))
    for text in ("zhang", "张三", "临汾市政府", LINFEN, "ZHANG1"):
        assert (await result(service, text)).persons
    page = await result(service, "张", limit=2)
    assert (len(page.persons), page.more) == (2, True)
    assert (await result(service, "张", limit=3)).more is False
    assert (await result(service, "%")).persons == ()
