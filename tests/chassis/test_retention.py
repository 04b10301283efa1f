"""Answers are forgotten when nobody can ask for them any more, and not before."""

from uuid import uuid4

from services.chassis import retention

ANSWER = (
    "insert into command (sender, id, type, digest, answer, at) values ($1, $2, 't', '', '{}', now() - $3::interval)"
)
SENT = (
    "insert into command_answered (sender, id, address, version, sent_at) values ($1, $2, 'u', 1, now() - $3::interval)"
)
DAY = retention.timedelta(days=1)


async def kept(service, sender: str, answered, sent=None) -> bool:
    """Whether an answer that old is there after the daily round; `sent`: when it was last asked for."""
    id = uuid4()
    await service.pool.execute(ANSWER, sender, id, answered)
    if sent is not None:
        await service.pool.execute(SENT, sender, id, sent)
    while await retention.forget(service.pool):
        pass
    last = await service.pool.fetchval("select count(*) from command_answered where id = $1", id)
    answer = await service.pool.fetchval("select count(*) from command where id = $1", id)
    assert sent is None or last == answer, "the two go together"
    return bool(answer)


async def test_the_portals_answers_go_after_a_month_a_nodes_after_a_season_from_its_last_sending(writer):
    month, season = retention.PORTAL_ANSWERS, retention.NODE_ANSWERS
    assert await kept(writer, "", month - DAY) and not await kept(writer, "", month + DAY)
    assert await kept(writer, "14.10.02", season - DAY, season - DAY)
    assert await kept(writer, "14.10.02", season + DAY, season - DAY)
    assert not await kept(writer, "14.10.02", season + DAY, season + DAY)


async def test_a_batch_is_small_and_says_whether_there_may_be_more(writer, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 3)
    for _ in range(5):
        await writer.pool.execute(ANSWER, "", uuid4(), retention.PORTAL_ANSWERS + DAY)
    assert [await retention.forget(writer.pool) for _ in range(2)] == [True, False]
    assert await writer.pool.fetchval("select count(*) from command") == 0
