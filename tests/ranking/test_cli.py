"""Anyone can recompute a ranking from its kept input, without a service or a database."""

import asyncio

import pytest
from click.testing import Result
from typer.testing import CliRunner

from contracts.events.ranking import RankingPublished
from contracts.ranking import Ranking
from services.chassis.service import Service
from services.ranking.cli import app
from tests.ranking.conftest import deliver, tick
from tests.ranking.lives import lives
from tests.story import moment

RUN = CliRunner()


@pytest.fixture
async def published(ranking: Service, monkeypatch) -> Ranking:
    """October's counties, and the operator's settings pointing at the same blobs."""
    monkeypatch.setenv("DUBAN_VAR", str(ranking.settings.var))
    await deliver(ranking, lives(3, count=40).events)
    events = await tick(ranking, moment("2026-11-10 10:00"))
    return next(e.ranking for e in events if isinstance(e, RankingPublished) and e.ranking.period == "2026-10")


async def invoked(*arguments: str) -> Result:
    """As an operator types it: in no running loop."""
    return await asyncio.to_thread(RUN.invoke, app, ["ranking", "recompute", *arguments], env={"COLUMNS": "200"})


async def lines(*arguments: str) -> list[list[str]]:
    done = await invoked(*arguments)
    assert done.exit_code == 0, done.output
    return [line.split() for line in done.output.splitlines()]


async def refused(*arguments: str) -> str:
    done = await invoked(*arguments)
    assert done.exit_code == 2
    return done.output


async def test_the_kept_input_gives_the_published_digits(published):
    head, *rows = await lines(published.digest)
    assert head[-1] == published.digest
    assert [row[:3] for row in rows] == [[str(s.rank), s.unit, str(s.score)] for s in published.rows]
    assert rows


async def test_other_weights_can_be_tried(published):
    as_published = (await lines(published.digest))[1:]
    tried = (await lines(published.digest, "--weights", "97,1,1,1"))[1:]
    assert sorted(row[1] for row in tried) == sorted(row[1] for row in as_published)
    assert [row[2] for row in tried] != [row[2] for row in as_published]


async def test_a_file_is_as_good_as_a_digest(published, ranking: Service, tmp_path):
    file = tmp_path / "input.txt"
    file.write_bytes(await ranking.blobs.get(published.digest))
    assert await lines(str(file)) == await lines(published.digest)


async def test_bad_input_is_answered_with_what_is_wrong(published, tmp_path):
    assert "权重之和应为 100" in await refused(published.digest, "--weights", "20,30,40,20")
    assert "4个" in await refused(published.digest, "--weights", "50,50")
    assert "逗号分隔" in await refused(published.digest, "--weights", "a,b")
    assert "既不是文件" in await refused("nowhere")
    assert "也不是已存的完好数据的摘要" in await refused("0" * 64)
    assert "大于 0" in await refused(published.digest, "--weights", "0,30,40,30")
    (tmp_path / "other").write_text("something else\n")
    assert "第1行" in await refused(str(tmp_path / "other"))


async def test_its_help_is_chinese():
    help = await asyncio.to_thread(RUN.invoke, app, ["ranking", "recompute", "--help"], env={"COLUMNS": "200"})
    assert "只凭原始数据重新计算一次排名" in help.output and "来源" in help.output
    group = await asyncio.to_thread(RUN.invoke, app, ["ranking", "--help"], env={"COLUMNS": "200"})
    assert "排名：复算、试算" in group.output and "Keeps" not in group.output
