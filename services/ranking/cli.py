"""`duban ranking`: recompute a published board from its kept input, as published or under other weights."""

import asyncio
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from contracts.ranking import RankingRow
from services.chassis.blobs import Blobs
from services.chassis.settings import Settings
from services.ranking.domain.board import standings
from services.ranking.domain.scheme import Scheme
from services.ranking.domain.snapshot import SnapshotUnreadable, digest_of, noticed, read

app = typer.Typer(no_args_is_help=True)
ranking = typer.Typer(no_args_is_help=True, help="排名：复算、试算。")
app.add_typer(ranking, name="ranking")


@ranking.callback()
def about() -> None:
    """Keeps the group a group while it has one command."""


@ranking.command()
def recompute(
    source: Annotated[str, typer.Argument(help="公布的摘要（64位十六进制），或原始数据文件的路径")],
    weights: Annotated[str, typer.Option(help="试算用的权重，如 25,25,40,10，合计100")] = "",
) -> None:
    """Recompute a board from its input alone; needs no service and no database."""
    try:
        text = _content(source).decode()
        scheme, snapshot = read(text)
        scheme = _reweighted(scheme, weights)
    except (FileNotFoundError, SnapshotUnreadable, UnicodeDecodeError) as why:
        raise typer.BadParameter(f"读不到原始数据：{why}", param_hint="source") from None
    names = {row.place: row.place for row in snapshot.evidence}
    typer.echo(f"摘要 {digest_of(text)}")
    for standing in standings(snapshot.evidence, noticed(snapshot), names, scheme):
        typer.echo(_row(standing))


def _content(source: str) -> bytes:
    path = Path(source)
    return path.read_bytes() if path.is_file() else asyncio.run(_kept(source))


async def _kept(digest: str) -> bytes:
    try:
        return await Blobs(Settings().var / "blobs").get(digest)
    except ValueError:
        raise FileNotFoundError(f"{digest} 既不是文件，也不是完好的摘要") from None


def _reweighted(scheme: Scheme, weights: str) -> Scheme:
    try:
        return scheme.reweighted(map(Decimal, weights.split(","))) if weights else scheme
    except InvalidOperation:
        raise typer.BadParameter("应为逗号分隔的数字，如 25,25,40,10", param_hint="--weights") from None
    except ValidationError as why:
        raise typer.BadParameter("；".join(e["msg"] for e in why.errors()), param_hint="--weights") from None
    except ValueError as why:
        raise typer.BadParameter(str(why), param_hint="--weights") from None


def _row(standing: RankingRow) -> str:
    cells = " ".join(f"{c.numerator}/{c.denominator}={c.points}" for c in standing.cells if c.points is not None)
    return f"{standing.rank:4d} {standing.unit} {standing.score:9.4f}  {cells}"
