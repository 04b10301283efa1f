"""`duban import`, `duban units`, `duban persons`, `duban posts`: a ledger and the register, from the command line."""

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import nats
import typer
from nats.aio.client import Client
from nats.aio.msg import Msg
from pydantic import TypeAdapter, ValidationError
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from contracts.commands.register import FillPost, RegisterPerson
from contracts.commands.task import ImportLedger
from contracts.envelope import Actor, ActorRole, Answer, Command, Done
from contracts.queries.query import Query
from contracts.queries.register import FindPersons, FindPosts, FindUnits, PersonList, PostList, UnitList
from contracts.refusals import Kind, Refused
from contracts.units import OFFICE, address_at
from contracts.workdays import day_of
from services.chassis.blobs import Blobs
from services.chassis.service import silent
from services.chassis.settings import Settings

app = typer.Typer()
units = typer.Typer(no_args_is_help=True, help="单位名录。")
persons = typer.Typer(no_args_is_help=True, help="人员名录。")
posts = typer.Typer(no_args_is_help=True, help="职务。")
app.add_typer(units, name="units")
app.add_typer(persons, name="persons")
app.add_typer(posts, name="posts")

Limit = Annotated[int, typer.Option(min=1, max=100, help="最多几个")]
Text = Annotated[str, typer.Argument(help="名称、编号或其中几个字", metavar="文字")]
UnitName = Annotated[str, typer.Argument(help="单位的地址或名称", metavar="单位")]
Until = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="最后一天，如 2026-12-31；不填即长期")]
ANSWER: TypeAdapter[Done | Refused] = TypeAdapter(Answer)
WORDS = {"new": "新增", "recognised": "已登记", "refused": "有误"}
PATIENCE = 600
"""Seconds; a province's whole ledger takes minutes."""
STARTING = 30
"""Seconds that a service may take until it can answer."""


@app.command("import", help="导入一个单位的台账：全部登记，或一行也不登记；有误时退出码为 1。")
def import_ledger(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="台账文件，xlsx 或 CSV", metavar="文件")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不登记")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="原样输出答复")] = False,
) -> None:
    """An office's ledger, all rows or none; exit 1 where it is refused."""
    answer = asyncio.run(imported(Settings(), file.read_bytes(), file.name, dry_run))
    if as_json:
        typer.echo(answer.model_dump_json(indent=2))
    else:
        show(answer, dry_run)
    counts: Any = answer.detail.get("counts", {})
    raise typer.Exit(1 if isinstance(answer, Refused) or counts.get("refused") else 0)


@units.command("find", help="按任何一种写法查找单位，最相近的在前；没有找到时退出码为 1。")
def find_units(text: Text, limit: Limit = 20) -> None:
    """Units, best first."""
    page = UnitList.model_validate_json(asyncio.run(ask(Settings(), FindUnits(text=text, limit=limit))))
    lines = [f"{unit.address}  {unit.short}  {unit.name}" for unit in page.units]
    listed(lines, page.more, f"没有找到单位“{text}”，请换一种写法，如全称、简称或地址")


@persons.command("find", help="按编号、姓名或单位查找人员；没有找到时退出码为 1。")
def find_persons(text: Text, limit: Limit = 20) -> None:
    """Persons, by unit."""
    page = PersonList.model_validate_json(asyncio.run(ask(Settings(), FindPersons(text=text, limit=limit))))
    lines = [
        f"{each.person_id}  {each.name}  {each.unit}  {each.unit_name}"
        + (f"  至 {each.valid_to}" if each.valid_to else "")
        for each in page.persons
    ]
    listed(lines, page.more, f"没有找到人员“{text}”，可用 duban persons add 登记")


@persons.command("add", help="登记一名人员，或更改其姓名、单位；不成功时退出码为 1。")
def add_person(
    person: Annotated[str, typer.Argument(help="人员编号，账号和签名都用它", metavar="编号")],
    name: Annotated[str, typer.Argument(help="姓名", metavar="姓名")],
    unit: UnitName,
    valid_to: Until = None,
) -> None:
    """Put a person on the register."""
    body = {"person": person, "name": name, "unit": unit, "valid_to": day(valid_to)}
    answer = send(RegisterPerson, **body)
    typer.echo(f"已登记：{person}  {name}  {answer.detail['unit']}")


@posts.command("find", help="按单位、职务、任职人或代理人查找职务；没有找到时退出码为 1。")
def find_posts(text: Text, limit: Limit = 20) -> None:
    """Posts, by unit and title."""
    page = PostList.model_validate_json(asyncio.run(ask(Settings(), FindPosts(text=text, limit=limit))))
    lines = []
    for post in page.posts:
        until = f"至 {post.valid_to}" if post.valid_to else "起"
        deputy = f"（代理 {post.deputy_name}）" if post.deputy_name else ""
        lines.append(f"{post.unit}  {post.title}  {post.name or '空缺'}{deputy}  {post.valid_from} {until}")
    listed(lines, page.more, f"没有找到职务“{text}”，可用 duban posts fill 登记")


@posts.command("fill", help="登记一个职务的任职人，从今天起；不成功时退出码为 1。")
def fill_post(
    unit: UnitName,
    title: Annotated[str, typer.Argument(help="职务，如 常务副省长", metavar="职务")],
    person: Annotated[str, typer.Option(help="任职人的人员编号；不填即空缺", metavar="编号")] = "",
    deputy: Annotated[str, typer.Option(help="代理人的人员编号", metavar="编号")] = "",
    valid_to: Until = None,
) -> None:
    """Put the holder of a post on the register."""
    answer = send(FillPost, unit=unit, title=title, person=person, deputy=deputy, valid_to=day(valid_to))
    typer.echo(f"已登记：{answer.detail['unit']}  {title}  {answer.detail['name'] or '空缺'}")


def listed(lines: Sequence[str], more: bool, nothing: str) -> None:
    """Print what a search finds; exit 1 with `nothing` where it finds nothing."""
    if not lines:
        fail(nothing)
    typer.echo("\n".join(lines))
    if more:
        typer.echo(f"只列出前 {len(lines)} 个，还有更多；请写得更具体，或用 --limit 调大（最多 100）", err=True)


def day(moment: datetime | None) -> date | None:
    """The day a person typed."""
    return moment.date() if moment else None


def send(kind: type[Command], **body: Any) -> Done:
    """A command in the system's name; exit 1 with the reason where it is refused."""
    settings = Settings()
    try:
        command = kind(actor=system(settings), **body)
    except ValidationError as error:
        fail("；".join(f"{'.'.join(map(str, e['loc']))}：{e['msg']}" for e in error.errors()))
    answer = ANSWER.validate_json(asyncio.run(ask(settings, command)))
    if isinstance(answer, Refused):
        fail(answer.message)
    return answer


def fail(message: str) -> NoReturn:
    """End the command."""
    typer.echo(message, err=True)
    raise typer.Exit(1)


def system(settings: Settings) -> Actor:
    """Whoever types at this machine, for the office of its node."""
    return Actor(person="system", unit=address_at(settings.node, OFFICE), roles=(ActorRole.SYSTEM,))


async def imported(settings: Settings, content: bytes, name: str, dry_run: bool) -> Done | Refused:
    """The answer to the import of a file, put where the service finds it."""
    blob = await Blobs(settings.var / "blobs").put(content)
    command = ImportLedger(actor=system(settings), blob=blob, filename=name, dry_run=dry_run)
    return ANSWER.validate_json(await ask(settings, command))


async def ask(settings: Settings, question: Command | Query) -> bytes:
    """The service's answer over request and reply; how far a long one has come goes to stderr.

    A service that has just been started, or that waits for its database, is asked again under the same id.
    """
    once = {"max_reconnect_attempts": 1, "reconnect_time_wait": 0, "error_cb": silent}
    async with await nats.connect(**(settings.bus() | once)) as bus:
        await follow(bus, question)
        body, until = question.model_dump_json().encode(), time.monotonic() + STARTING
        while True:
            answer = (await bus.request(question.subject(), body, timeout=PATIENCE)).data
            if json.loads(answer).get("kind") != Kind.UNAVAILABLE or time.monotonic() > until:
                return answer
            await asyncio.sleep(0.5)


async def follow(bus: Client, question: Command | Query) -> None:
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
    grid = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("行", "序号", "事项", "牵头单位", "单位数", "时限", "进度", "结果"):
        words = name in ("事项", "牵头单位")
        grid.add_column(name, no_wrap=not words, overflow="fold" if words else "ellipsis")
    for row in rows:
        due = day_of(datetime.fromisoformat(row["due"])).isoformat() if row["due"] else ""
        grid.add_row(
            str(row["row"]),
            row["number"],
            row["title"],
            (row["units"] or [""])[0],
            str(row["parts"] or ""),
            due,
            row["percent"] and f"{row['percent']}%",
            WORDS[row["outcome"]],
        )
    return grid


def remarks(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Why a row is refused, and what to look at twice: a line each."""
    for row in rows:
        for remark in (*row["problems"], *row["warnings"]):
            yield f"第 {row['row']} 行 {remark['column']} {remark['message']}"
