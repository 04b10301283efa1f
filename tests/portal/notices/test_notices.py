"""Documents: who sees which, and what is offered to whom."""

from contracts.envelope import ActorRole
from services.portal.notices import queries
from tests.portal.conftest import CLERK, INSPECTOR, LEADER, add_account, csrf, handle, reader
from tests.portal.province import LAND, PDF
from tests.story.province import GAOPING, LINFEN_OFFICE


async def states(service, someone) -> list[tuple[str, str]]:
    return sorted((row["kind"], row["state"]) for row in await rows(service, someone))


async def rows(service, someone):
    from contracts.notice import Notice

    page = await queries.page(service.pool, someone)
    return [Notice.model_validate_json(row["body"]).model_dump() for row in page.rows]


async def test_documents_stand_as_notices_published_them(service, province):
    everything = [("supervision", "sent"), ("supervision", "sent"), ("urging", "draft"), ("urging", "sent")]
    assert await states(service, INSPECTOR) == await states(service, LEADER) == everything
    assert await states(service, CLERK) == [("supervision", "sent"), ("urging", "sent")]
    waiting = await queries.page(service.pool, CLERK, waiting=True)
    assert len(waiting.rows) == 2 and not (await queries.page(service.pool, reader(LAND), waiting=True)).rows
    assert await states(service, reader(LINFEN_OFFICE, ActorRole.SUPERVISOR)) == []


async def test_a_received_and_a_withdrawn_delivery_wait_for_nobody(service, province):
    story, seen = province.story.at(province.now), len(province.story.events)
    province.papers["urging"].receive(GAOPING)
    province.papers["sent"].void()
    events, story.events[seen:] = story.events[seen:], []
    await handle(service, events)
    assert not (await queries.page(service.pool, CLERK, waiting=True)).rows
    assert sorted(await states(service, CLERK)) == [("supervision", "void"), ("urging", "sent")]


async def test_a_recipient_sees_its_own_receipt_alone(service, province):
    notice = province.notice_id("received")
    assert len(await queries.deliveries(service.pool, INSPECTOR, notice)) == 1
    assert await queries.deliveries(service.pool, CLERK, notice) == []


async def test_a_draft_is_seen_by_its_office_alone(visit, province):
    draft = province.papers["draft"].notice
    assert "未编号" in (await (await visit("ducha")).get(f"/notices/{draft.notice_id}")).text
    assert (await (await visit("zrzyt")).get(f"/notices/{draft.notice_id}")).status_code == 404
    assert draft.title not in (await (await visit("zrzyt")).get("/notices")).text


async def test_a_pdf_is_the_stored_bytes_after_the_permission_check(visit, province):
    path = f"/notices/{province.notice_id('sent')}.pdf"
    for login in ("gaoping", "ducha"):
        answer = await (await visit(login)).get(path)
        assert answer.content == PDF and answer.headers["content-type"] == "application/pdf"
        assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
    assert (await (await visit("zrzyt")).get(path)).status_code == 404


async def test_a_unit_is_offered_to_receive_what_was_sent_to_it(visit, province):
    notice, (delivery,) = province.notice_id("sent"), province.papers["sent"].deliveries
    action = f"/notices/{notice}/deliveries/{delivery.delivery_id}/receive"
    assert action in (await (await visit("gaoping")).get(f"/notices/{notice}")).text
    assert action not in (await (await visit("ducha")).get(f"/notices/{notice}")).text


async def test_signing_is_offered_to_the_issuing_office_s_head_and_its_leader_alone(visit, portal, province):
    path = f"/notices/{province.notice_id('draft')}"
    assert f"{path}/sign" not in (await (await visit("duchayuan")).get(path)).text
    for login in ("ducha", "leader"):
        assert f"{path}/sign" in (await (await visit(login)).get(path)).text
    await add_account(portal, "linfen", LINFEN_OFFICE, ActorRole.SUPERVISOR)
    stranger = await visit("linfen")
    answer = await stranger.post(f"{path}/sign", data={"csrf_token": csrf(await stranger.get("/tasks"))})
    assert answer.status_code == 404


async def test_who_signed_is_shown_by_name(visit, province):
    text = (await (await visit("ducha")).get(f"/notices/{province.notice_id('sent')}")).text
    assert "周主任" in text.partition("核验")[2]
