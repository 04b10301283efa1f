"""What a process keeps of the register and the calendar."""

from contracts.envelope import ActorRole
from services.portal.register import reference
from services.portal.register.reference import Reference
from tests.portal.conftest import handle
from tests.story.province import GAOPING, GOVERNMENT, LINFEN_OFFICE, OFFICE, register


async def test_calendar_and_units_are_built_once_and_anew_when_they_change(portal, service, province, monkeypatch):
    built = []
    of = reference.Calendar.of
    monkeypatch.setattr(reference.Calendar, "of", lambda days: built.append(1) or of(days))
    kept = Reference()
    for _ in range(3):
        await kept.refresh(portal.db)
    assert len(built) == 2  # the empty one, and the one
    event = next(e for e in province.events if e.type == "calendar.revised")
    await handle(service, [event.model_copy(update={"version": 2, "id": province.story.id()})])
    await kept.refresh(portal.db)
    assert len(built) == 3


async def test_the_register_says_who_leads_whom_and_what_a_unit_may_grant(portal):
    units = (await portal.reference()).units
    assert OFFICE in units.led_by(GOVERNMENT) and units.led_by(OFFICE) == frozenset()
    assert ActorRole.LEADER in units.grantable(GOVERNMENT) and ActorRole.LEADER not in units.grantable(OFFICE)
    assert ActorRole.SUPERVISOR in units.grantable(LINFEN_OFFICE)
    assert units.name_of(GAOPING) == register().units[GAOPING].short and units.name_of("x") == "x"
    assert all(row["address"].startswith("14.10.") for row in units.below("14.10", ("county",), ("government",)))
