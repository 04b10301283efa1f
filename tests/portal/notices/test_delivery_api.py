"""What was sent to a unit, over REST: its list, one of them, its receipt."""

from contracts.envelope import ActorRole
from tests.portal.site.test_api import is_problem, key
from tests.story.province import GAOPING, OFFICE, YAODU


async def test_a_unit_lists_what_was_sent_to_it_latest_first(api, service):
    county = await api(GAOPING)
    items = (await county.get("/v1/deliveries")).json()["items"]
    assert items and {each["unit"] for each in items} == {GAOPING}
    assert len(items) == await service.pool.fetchval("select count(*) from delivery where unit = $1", GAOPING)
    moments = [each["sent_at"] for each in items]
    assert moments == sorted(moments, reverse=True)
    paged, cursor = [], ""
    while cursor is not None:
        page = (await county.get("/v1/deliveries", params={"limit": 1, "cursor": cursor})).json()
        paged += page["items"]
        cursor = page["next_cursor"]
    assert paged == items


async def test_what_waits_for_a_receipt_is_found_by_its_state(api):
    county = await api(GAOPING)
    every = (await county.get("/v1/deliveries")).json()["items"]
    for state in ("sent", "received", "withdrawn"):
        items = (await county.get(f"/v1/deliveries?state={state}")).json()["items"]
        assert items == [each for each in every if each["state"] == state]
    assert is_problem(await county.get("/v1/deliveries?state=lost"), 422, "/state")


async def test_a_delivery_is_read_by_its_unit_and_its_office_alone(api, province):
    sent = province.papers["sent"].deliveries[0]
    path = f"/v1/deliveries/{sent.delivery_id}"
    county, office = await api(GAOPING), await api(OFFICE, ActorRole.INSPECTOR)
    assert (await county.get(path)).json() == (await office.get(path)).json()
    assert is_problem(await (await api(YAODU)).get(path), 404)
    assert is_problem(await (await api(YAODU)).post(f"{path}/receive", headers=key()), 404)
    own = (await office.get("/v1/deliveries")).json()["items"]
    assert str(sent.delivery_id) not in [each["delivery_id"] for each in own]
