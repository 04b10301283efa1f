"""`duban`: the operator's one command; each service that has words of its own adds them."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from importlib import import_module
from importlib.metadata import entry_points
from types import ModuleType
from typing import Annotated, Any

import typer
from asyncpg import UndefinedTableError

from services.chassis import audit, db
from services.chassis.handlers import gather
from services.chassis.rebuild import Running, rebuild
from services.chassis.service import Service
from services.chassis.settings import Settings

app = typer.Typer(no_args_is_help=True, help="督办平台的运维命令。", pretty_exceptions_enable=False)
dead = typer.Typer(no_args_is_help=True, help="处理不了的信：查看、重试、放弃。")
audits = typer.Typer(no_args_is_help=True, help="审计链。")
app.add_typer(dead, name="dead")
app.add_typer(audits, name="audit")
ServiceName = Annotated[str, typer.Argument(help="服务名，如 alerts", metavar="服务")]


def services() -> dict[str, ModuleType]:
    """The handlers of every service installed here, by name."""
    return {entry.name: import_module(entry.value) for entry in entry_points(group="duban.services")}


def service_of(name: str) -> tuple[Service, ModuleType]:
    """A service, not yet connected, and its handlers."""
    installed = services()
    if name not in installed:
        raise typer.BadParameter(f"没有服务 {name}；有：{'、'.join(installed)}")
    return Service(name, Settings(), gather(installed[name]), patient=False), installed[name]


def run(name: str, work: Callable[[Any], Awaitable[Any]]) -> Any:
    """`work` with one database connection in the service's schema."""

    async def connected() -> Any:
        async with db.connected(service_of(name)[0]) as connection:
            return await work(connection)

    return asyncio.run(connected())


@dead.command("list")
def dead_list(name: ServiceName) -> None:
    """What waits, oldest first."""
    rows = run(name, lambda c: c.fetch("select id, type, aggregate, at, error from dead_letter order by sequence"))
    for row in rows:
        typer.echo(f"{row['id']}  {row['at']:%Y-%m-%d %H:%M}  {row['type']}  {row['aggregate']}  {row['error'][:80]}")
    typer.echo(f"{len(rows)} 封")


@dead.command("show")
def dead_show(name: ServiceName, id: str) -> None:
    """One letter, whole."""
    row = run(name, lambda c: c.fetchrow("select * from dead_letter where id = $1", id))
    if row is None:
        raise typer.BadParameter(f"{name} 没有这封信")
    typer.echo(json.dumps({k: v.decode(errors="replace") if isinstance(v, bytes) else str(v) for k, v in row.items()},
                          ensure_ascii=False, indent=2))  # fmt: skip


@dead.command("retry")
def dead_retry(name: ServiceName, aggregate: Annotated[str, typer.Argument(help="聚合，或 all")] = "all") -> None:
    """Send back what waits; the service takes it in order within seconds."""
    sql = "update dead_letter set retry = true where $1 in ('all', aggregate)"
    typer.echo(run(name, lambda c: c.execute(sql, aggregate)).replace("UPDATE", "已送回"))


@dead.command("drop")
def dead_drop(name: ServiceName, id: str) -> None:
    """Give one letter up; the mark moves past it, so that what waits behind it can be retried."""
    drop = """
    with gone as (delete from dead_letter where id = $1 returning aggregate, body)
    insert into inbox (aggregate, version)
    select aggregate, (convert_from(body, 'UTF8')::jsonb ->> 'version')::int from gone where aggregate <> ''
    on conflict (aggregate) do update set version = greatest(inbox.version, excluded.version)
    """
    typer.echo(run(name, lambda c: c.execute(drop, id)).replace("INSERT 0", "已放弃"))


@audits.command("verify")
def audit_verify(service: Annotated[str, typer.Argument(help="服务名；缺省为全部")] = "") -> None:
    """Recompute every chain; exit 1 where one does not fit."""
    wrong = []
    for name in [service] if service else list(services()):
        wrong += [f"{name}: {line}" for line in run(name, audit.verify)]
    typer.echo("\n".join(wrong) or "审计链完整")
    raise typer.Exit(1 if wrong else 0)


@app.command()
def replay(name: ServiceName) -> None:
    """Empty a stopped service's state and rebuild it from the log."""

    async def work() -> dict[str, int]:
        service, module = service_of(name)
        await service.broker.connect()
        try:
            return await rebuild(service, getattr(module, "KEEPS", ()), getattr(module, "renew", None))
        finally:
            await service.broker.stop()

    try:
        done = asyncio.run(work())
    except Running as error:
        raise typer.BadParameter(str(error)) from None
    typer.echo(f"{name}：重读了 {done['aggregates']} 个对象的事件，重放了自己的 {done['applied']} 个事件")


@app.command("settings")
def list_settings() -> None:
    """Every setting, its value here and what it is for."""
    for entry in sorted(entry_points(group="duban.settings"), key=lambda entry: entry.name):
        model = entry.load()
        values = model()
        typer.echo(f"# {entry.name}")
        for name, field in model.model_fields.items():
            if entry.name == "chassis" or name not in Settings.model_fields:
                typer.echo(f"DUBAN_{name.upper()}={getattr(values, name)}  # {field.description}")


def main() -> None:
    """Join what the services add, then run; exit 2 where the database or the bus does not answer."""
    for entry in entry_points(group="duban.cli"):
        for command in entry.load().registered_commands:
            app.registered_commands.append(command)
        app.registered_groups.extend(entry.load().registered_groups)
    try:
        app()
    except (*db.LOST, UndefinedTableError) as error:
        if getattr(error, "filename", None):  # a file, not a server
            raise
        remedy = "请先启动（./dev up），或检查 DUBAN_PG_DSN 与 DUBAN_NATS_URL"
        typer.echo(f"数据库或总线没有应答，{remedy}：{error!r}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
