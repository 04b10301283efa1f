"""Rankings: the published ones for all, the running one for its issuer, and the sum behind a score."""

from datetime import UTC, datetime

from services.portal.rankings import queries
from tests.portal.conftest import CLERK, INSPECTOR, LEADER
from tests.story.province import LINFEN


async def test_a_unit_sees_published_rankings_and_the_office_the_running_one(service, province):
    month = f"{datetime.now(UTC):%Y-%m}"
    assert await queries.of_period(service.pool, CLERK, month) == {}
    for someone in (INSPECTOR, LEADER):
        assert set(await queries.of_period(service.pool, someone, month)) == {"city", "county", "department"}
    assert len(await queries.periods(service.pool, CLERK)) == 2


async def test_a_score_opens_into_the_sum_that_made_it(visit):
    page = (await (await visit("gaoping")).get(f"/rankings?group=city&unit={LINFEN}")).text
    assert "怎样算出来" in page and "min(1," in page


async def test_only_the_issuing_office_s_head_is_offered_to_publish(visit, province):
    periods = sorted({e.ranking.period for e in province.events if e.type == "ranking.published"})
    path = f"/rankings?period={periods[-1]}"
    assert "/publish" in (await (await visit("ducha")).get(path)).text
    for login in ("duchayuan", "leader", "gaoping-head"):
        assert "/publish" not in (await (await visit(login)).get(path)).text
