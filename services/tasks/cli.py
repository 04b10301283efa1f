"""`duban import`, `duban units`, `duban posts`: an office's ledger and the register, from the command line."""

import asyncio
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import nats
import typer
from nats.aio.client import Client
from nats.aio.msg import Msg
from pydantic import TypeAdapter
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from contracts.commands.register import FillPost
from contracts.commands.task import ImportLedger
from contracts.envelope import Actor, ActorRole, Answer, Command, Done
from contracts.queries.query import Query
from contracts.queries.register import FindPosts, FindUnits, PostList, UnitList
from contracts.refusals import Refused
from contracts.units import OFFICE, address_at
from contracts.workdays import day_of
from services.chassis.blobs import Blobs
from services.chassis.settings import Settings

app = typer.Typer()
units = typer.Typer(no_args_is_help=True, help="单位名录。")
app.add_typer(units, name="units")
posts = typer.Typer(no_args_is_help=True, help="职务与人员。")
app.add_typer(posts, name="posts")

ANSWER: TypeAdapter[Done | Refused] = TypeAdapter(Answer)
WORDS = {"new": "新增", "recognised": "已登记", "refused": "退回"}
PATIENCE = 600
"""Seconds; a province's whole ledger takes minutes."""


@app.command("import")
def import_ledger(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="台账文件，xlsx 或 CSV")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不登记")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="原样输出答复")] = False,
) -> None:
    """Import an office's ledger, all rows or none; exit 1 where it is refused."""
    answer = asyncio.run(imported(Settings(), file.read_bytes(), file.name, dry_run))
    if as_json:
        typer.echo(answer.model_dump_json(indent=2))
    else:
        show(answer, dry_run)
    counts: Any = answer.detail.get("counts", {})
    raise typer.Exit(1 if isinstance(answer, Refused) or counts.get("refused") else 0)


@units.command("find")
def find(text: str, limit: Annotated[int, typer.Option(min=1, max=100, help="最多几个")] = 20) -> None:
    """Find units by any of their names, best first."""
    body = asyncio.run(asked(Settings(), FindUnits(text=text, limit=limit)))
    for unit in UnitList.model_validate_json(body).units:
        typer.echo(f"{unit.address}  {unit.short}  {unit.name}")


@posts.command("find")
def find_posts(text: str, limit: Annotated[int, typer.Option(min=1, max=100, help="最多几个")] = 20) -> None:
    """Find posts by unit, title, holder or deputy."""
    body = asyncio.run(asked(Settings(), FindPosts(text=text, limit=limit)))
    for post in PostList.model_validate_json(body).posts:
        until = f"至 {post.valid_to}" if post.valid_to else "起"
        deputy = f"（代理 {post.deputy_name}）" if post.deputy_name else ""
        typer.echo(f"{post.unit}  {post.title}  {post.name or '空缺'}{deputy}  {post.valid_from} {until}")


@posts.command("fill")
def fill_post(
    unit: Annotated[str, typer.Argument(help="单位的地址或名称")],
    title: Annotated[str, typer.Argument(help="职务，如 常务副省长")],
    person: Annotated[str, typer.Option(help="账号的人员编号；不填即空缺")] = "",
    name: Annotated[str, typer.Option(help="姓名")] = "",
    deputy: Annotated[str, typer.Option(help="代理人的人员编号")] = "",
    deputy_name: Annotated[str, typer.Option(help="代理人姓名")] = "",
) -> None:
    """Put the holder of a post on the register, from today on; exit 1 where it is refused."""
    settings = Settings()
    command = FillPost(
        actor=operator(settings), unit=unit, title=title, person=person, name=name, deputy=deputy,
        deputy_name=deputy_name,
    )  # fmt: skip
    answer = ANSWER.validate_json(asyncio.run(asked(settings, command)))
    typer.echo(answer.message if isinstance(answer, Refused) else f"已登记：{answer.detail['unit']}  {title}  {name}")
    raise typer.Exit(int(isinstance(answer, Refused)))


def operator(settings: Settings) -> Actor:
    """Whoever types at this machine."""
    return Actor(person="operator", unit=address_at(settings.node, OFFICE), roles=(ActorRole.OPERATOR,))


async def imported(settings: Settings, content: bytes, name: str, dry_run: bool) -> Done | Refused:
    """The answer to the import of a file, put where the service finds it."""
    blob = await Blobs(settings.var / "blobs").put(content)
    command = ImportLedger(actor=operator(settings), blob=blob, filename=name, dry_run=dry_run)
    return ANSWER.validate_json(await asked(settings, command))


async def asked(settings: Settings, question: Command | Query) -> bytes:
    """The service's answer over request and reply; how far a long one has come goes to stderr."""
    once = {"max_reconnect_attempts": 1, "reconnect_time_wait": 0, "error_cb": unsaid}
    async with await nats.connect(settings.nats_url, **once) as bus:
        await told(bus, question)
        body = question.model_dump_json().encode()
        return (await bus.request(question.subject(), body, timeout=PATIENCE)).data


async def unsaid(_: Exception) -> None:
    """The error that ends the command says it."""


async def told(bus: Client, question: Command | Query) -> None:
    """Write the progress of a command on one line."""

    async def write(message: Msg) -> None:
        progress = json.loads(message.data)
        done, total = progress["done"], progress["total"]
        typer.echo(f"\r已处理 {done}/{total} 项", err=True, nl=done == total)

    if isinstance(question, Command):
        await bus.subscribe(f"duban.progress.{question.id}", cb=write)


def show(answer: Done | Refused, dry_run: bool) -> None:
    """The rows with their reasons, and the sums."""
    detail: dict[str, Any] = dict(answer.detail)
    if rows := detail.get("rows"):
        Console().print(table(rows))
        typer.echo("".join(f"{line}\n" for line in remarks(rows)), nl=False)
    if isinstance(answer, Refused):
        typer.echo(answer.message, err=True)
    if counts := detail.get("counts"):
        sums = "，".join(f"{word} {counts[name]}" for name, word in WORDS.items())
        left = f"；另有 {detail['left_out']} 行未列出" if detail["left_out"] else ""
        head = "检查结果（未登记）" if dry_run else "结果"
        typer.echo(f"{head}：共 {counts['rows']} 行，{sums}，交办 {counts['assignments']} 件{left}")


def table(rows: list[dict[str, Any]]) -> Table:
    """Rows as an office reads them; where the screen is narrow, words wrap and figures do not."""
    shown = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("行", "序号", "事项", "牵头单位", "单位数", "时限", "进度", "结果"):
        words = name in ("事项", "牵头单位")
        shown.add_column(name, no_wrap=not words, overflow="fold" if words else "ellipsis")
    for row in rows:
        due = day_of(datetime.fromisoformat(row["due"])).isoformat() if row["due"] else ""
        shown.add_row(
            str(row["row"]),
            row["number"],
            row["title"],
            (row["units"] or [""])[0],
            str(row["parts"] or ""),
            due,
            row["percent"] and f"{row['percent']}%",
            WORDS[row["outcome"]],
        )
    return shown


def remarks(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Why a row is refused, and what to look at twice: a line each."""
    for row in rows:
        for said in (*row["problems"], *row["warnings"]):
            yield f"第 {row['row']} 行 {said['column']} {said['message']}"
