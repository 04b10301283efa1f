"""`duban`: the operator's one command; each service that has words of its own adds them."""

import asyncio
import json
import re
import sys
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from importlib.metadata import entry_points
from types import ModuleType
from typing import Annotated, Any

import typer
from asyncpg import UndefinedTableError

from services.chassis import audit, chinese, credentials, db, dead_letters, log, rebuild, refill, trouble
from services.chassis.completeness import NotComplete
from services.chassis.handlers import gather
from services.chassis.leading import StillRunning
from services.chassis.service import Service
from services.chassis.settings import Settings

app = typer.Typer(
    no_args_is_help=True, help="督办平台的运维命令。", add_completion=False, pretty_exceptions_enable=False
)
dead = typer.Typer(no_args_is_help=True, help="死信（处理不了而搁置的事件）：查看、重试、放弃。")
audits = typer.Typer(no_args_is_help=True, help="审计链：逐条核验。")
app.add_typer(dead, name="dead")
app.add_typer(audits, name="audit")
ServiceName = Annotated[str, typer.Argument(help="服务名，如 alerts", metavar="服务")]
DeadLetter = Annotated[str, typer.Argument(help="死信编号，见 dead list", metavar="编号")]


def installed() -> dict[str, str]:
    """The services installed here, and where the handlers of each are."""
    return {entry.name: entry.value for entry in entry_points(group="duban.services")}


def service_of(name: str) -> tuple[Service, ModuleType]:
    """A service, not yet connected, and the module of its handlers. Raises BadParameter."""
    if name not in (modules := installed()):
        raise typer.BadParameter(f"没有服务 {name}；有：{'、'.join(modules)}")
    module = import_module(modules[name])
    return Service(name, Settings(), gather(module), patient=False), module


def run(name: str, work: Callable[[Any], Awaitable[Any]]) -> Any:
    """`work` with one database connection in the service's schema."""

    async def connected() -> Any:
        async with db.connected(service_of(name)[0]) as connection:
            return await work(connection)

    return asyncio.run(connected())


@dead.command("list", help="列出死信，早的在前。")
def dead_list(name: ServiceName) -> None:
    rows = run(name, lambda c: c.fetch("select id, type, aggregate, at, error from dead_letter order by sequence"))
    for row in rows:
        typer.echo(f"{row['id']}  {row['at']:%Y-%m-%d %H:%M}  {row['type']}  {row['aggregate']}  {row['error'][:80]}")
    typer.echo(f"{len(rows)} 条")


@dead.command("show", help="显示一条死信的全部内容。")
def dead_show(name: ServiceName, id: DeadLetter) -> None:
    row = run(name, lambda c: c.fetchrow("select * from dead_letter where id = $1", id))
    if row is None:
        raise typer.BadParameter(f"{name} 没有死信 {id}")
    texts = {
        key: value.decode(errors="replace") if isinstance(value, bytes) else str(value) for key, value in row.items()
    }
    typer.echo(json.dumps(texts, ensure_ascii=False, indent=2))


@dead.command("retry", help="送回死信，服务在几秒内按次序重新处理。")
def dead_retry(
    name: ServiceName,
    aggregate: Annotated[str, typer.Argument(help="只送回这个对象的；all 为全部", metavar="对象")] = "all",
) -> None:
    sql = "update dead_letter set retry = true where $1 in ('all', aggregate)"
    typer.echo(run(name, lambda c: c.execute(sql, aggregate)).replace("UPDATE", "已送回"))


@dead.command("drop", help="放弃一条死信；排在它后面的随后可以送回。")
def dead_drop(name: ServiceName, id: DeadLetter) -> None:
    typer.echo(f"已放弃 {run(name, lambda c: dead_letters.drop(c, id)):d}")


@audits.command("verify", help="重新计算每条审计链；有一条对不上，退出码为 1。")
def audit_verify(name: Annotated[str, typer.Argument(help="服务名；缺省为全部", metavar="服务")] = "") -> None:
    wrong = []
    for each in [name] if name else installed():
        wrong += [f"{each}：{line}" for line in run(each, audit.verify)]
    typer.echo("\n".join(wrong) or "审计链完整")
    raise typer.Exit(1 if wrong else 0)


async def on_bus(name: str, work: Callable[[Service, ModuleType], Awaitable[Any]]) -> Any:
    """`work` with a service that is connected to the bus, and the module of its handlers."""
    log.setup(name, "WARNING")
    service, module = service_of(name)
    await credentials.connect(service)
    try:
        return await work(service, module)
    finally:
        await service.broker.stop()


async def rebuilt(service: Service, module: ModuleType) -> None:
    """Rebuild its state, and say so."""
    done = await rebuild.rebuild(service, getattr(module, "KEEPS", ()), getattr(module, "renew", None))
    typer.echo(f"{service.name}：重读了 {done['aggregates']} 个对象的事件，重放了自己的 {done['applied']} 个事件")
    if parked := done["parked"]:
        typer.echo(f"{service.name}：有 {parked} 条死信，原因见 duban dead list {service.name}")


def until_done(work: Coroutine[Any, Any, None]) -> None:
    """Run it; what stands in its way is told in words."""
    try:
        asyncio.run(work)
    except (NotComplete, StillRunning) as error:
        raise typer.BadParameter(str(error)) from None


@app.command(help="清空一个服务的状态，再从事件重建；运行中的服务暂停，重建后重新启动。")
def replay(name: ServiceName) -> None:
    until_done(on_bus(name, rebuilt))


@app.command(
    help="数据库恢复到了较早的副本、又没有归档日志可补时：从事件流收回各服务已发布的事件，再重建状态。审计记录收不回来。"
)
def adopt() -> None:
    async def all_of_them() -> None:
        closed = [each for each in installed() if await on_bus(each, one)]
        for each in closed:
            await on_bus(each, rebuilt)

    async def one(service: Service, _: ModuleType) -> bool:
        count, void, closed = await rebuild.adopt(service)
        typer.echo(f"{service.name}：收回了 {count} 个事件")
        for each in void:
            typer.echo(f"{service.name}：已作废，须重新办理：{each}")
        return closed

    until_done(all_of_them())


@app.command(help="把已发布的事件按原次序再发布一次；重复的由读者识别。事件流丢失后各服务会自行补发，无须执行。")
def republish(
    name: Annotated[str, typer.Argument(help="服务名；缺省为全部", metavar="服务")] = "",
    since: Annotated[datetime | None, typer.Option(help="只发布此时（UTC）以后写入的")] = None,
) -> None:
    async def all_of_them() -> None:
        await asyncio.gather(*(on_bus(each, one) for each in ([name] if name else installed())))

    async def one(service: Service, _: ModuleType) -> None:
        count = await refill.republish(service, since and since.replace(tzinfo=UTC), partial(progress, service.name))
        typer.echo(f"{service.name}：已发布 {count} 个事件")

    def progress(each: str, done: int, total: int) -> None:
        if sys.stderr.isatty():
            typer.echo(f"\r{each}：{done}/{total}", nl=False, err=True)

    until_done(all_of_them())


@app.command("settings", help="列出全部设置、当前值和用途。")
def list_settings() -> None:
    listed = set[str]()
    for entry in sorted(entry_points(group="duban.settings"), key=lambda entry: entry.name):  # the chassis comes first
        values = entry.load()()
        typer.echo(f"# {entry.name}")
        for name, field in type(values).model_fields.items():
            if name not in listed:
                typer.echo(f"DUBAN_{name.upper()}={masked(getattr(values, name))}  # {field.description}")
        listed |= type(values).model_fields.keys()


def masked(value: object) -> str:
    """A setting without its password."""
    return re.sub(r"(://[^:/@]*:)[^@]*@", r"\1******@", str(value))


def main() -> None:
    """Join what the services add, then run; exit 2 where the database or the bus does not answer."""
    for entry in entry_points(group="duban.cli"):
        for command in entry.load().registered_commands:
            app.registered_commands.append(command)
        app.registered_groups.extend(entry.load().registered_groups)
    try:
        chinese.run(app, "duban")
    except (*trouble.LOST, OSError, UndefinedTableError) as error:
        if getattr(error, "filename", None):  # a file, not a server
            raise
        remedy = "请先启动（./dev up），或检查 DUBAN_PG_DSN 与 DUBAN_NATS_URL"
        typer.echo(f"数据库或总线没有应答，{remedy}：{error!r}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
