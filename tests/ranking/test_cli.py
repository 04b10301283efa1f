"""Anyone can recompute a board from its kept input, without a service or a database."""

import asyncio

import pytest
from click.testing import Result
from typer.testing import CliRunner

from contracts.events.ranking import RankingPublished
from services.chassis.service import Service
from services.ranking.cli import app
from tests.ranking.conftest import hear, tick
from tests.ranking.story import adventure, at

RUN = CliRunner()


@pytest.fixture
async def published(ranking: Service, monkeypatch) -> RankingPublished:
    """October's counties, and the operator's settings pointing at the same blobs."""
    monkeypatch.setenv("DUBAN_VAR", str(ranking.settings.var))
    await hear(ranking, adventure(3, parts=40).told)
    return next(e for e in await tick(ranking, at(11, 10)) if isinstance(e, RankingPublished) and e.period == "2026-10")


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
    assert [row[:3] for row in rows] == [[str(s.rank), s.unit, str(s.score)] for s in published.standings]
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
    assert "原始数据" in await refused("0" * 64)
    (tmp_path / "other").write_text("something else\n")
    assert "第1行" in await refused(str(tmp_path / "other"))
