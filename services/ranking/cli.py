"""`duban ranking`: recompute a published ranking from its kept input, as published or under other weights."""

import asyncio
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from contracts.ranking import RankingRow
from services.chassis.blobs import Blobs
from services.chassis.settings import Settings
from services.ranking.rankings.domain.ranks import ranked
from services.ranking.rankings.domain.snapshot import SnapshotUnreadable, digest_of, read
from services.ranking.schemes.domain import Scheme

app = typer.Typer(no_args_is_help=True)
ranking = typer.Typer(no_args_is_help=True, help="排名：复算、试算。")
app.add_typer(ranking, name="ranking")

Source = Annotated[str, typer.Argument(metavar="来源", help="公布的摘要（64位十六进制），或原始数据文件的路径")]
Weights = Annotated[str, typer.Option(metavar="权重", help="试算用的权重，如 20,30,40,10，合计100")]


@ranking.callback()
def about() -> None:
    """排名：复算、试算。"""  # keeps the group a group while it has one command


@ranking.command(help="只凭原始数据重新计算一次排名，不需要服务和数据库。")
def recompute(source: Source, weights: Weights = "") -> None:
    try:
        text = _content(source).decode()
        scheme, snapshot = read(text)
    except (FileNotFoundError, SnapshotUnreadable, UnicodeDecodeError) as why:
        raise typer.BadParameter(f"读不到原始数据：{why}", param_hint="来源") from None
    units = {outcome.ranked_unit: outcome.ranked_unit for outcome in snapshot.outcomes}
    typer.echo(f"摘要 {digest_of(text)}")
    for row in ranked(snapshot.outcomes, snapshot.notices, units, _reweighted(scheme, weights)):
        typer.echo(_line(row))


def _content(source: str) -> bytes:
    path = Path(source)
    return path.read_bytes() if path.is_file() else asyncio.run(_blob(source))


async def _blob(digest: str) -> bytes:
    try:
        return await Blobs(Settings().var / "blobs").get(digest)
    except (ValueError, FileNotFoundError):
        raise FileNotFoundError(f"{digest} 既不是文件，也不是已存的完好数据的摘要") from None


def _reweighted(scheme: Scheme, weights: str) -> Scheme:
    try:
        return scheme.reweighted(map(Decimal, weights.split(","))) if weights else scheme
    except InvalidOperation:
        why = "应为逗号分隔的数字，如 25,25,40,10"
    except ValidationError as error:
        why = "；".join(str(e.get("ctx", {}).get("error", "每项权重应大于 0，不超过 100")) for e in error.errors())
    except ValueError as error:
        why = str(error)
    raise typer.BadParameter(why, param_hint="--weights")


def _line(row: RankingRow) -> str:
    scores = " ".join(f"{s.numerator}/{s.denominator}={s.points}" for s in row.scores if s.points is not None)
    return f"{row.rank:4d} {row.unit} {row.score:9.4f}  {scores}"
