"""`duban node`: whom the bus lets in."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from services.chassis import log
from services.nodes import keeper, keys
from services.nodes.authority import LIFETIME, now
from services.nodes.bus import Bus, Refused, connected
from services.nodes.conform import cli as conform
from services.nodes.domain import node as domain
from services.nodes.domain.node import Enrolment, NodeInvalid, State
from services.nodes.registrar import NotEnrolled, Registrar, day
from services.nodes.settings import Settings

app = typer.Typer()
node = typer.Typer(no_args_is_help=True, help="下级节点（市、县的系统）：开通、换凭据、作废、列出。")
app.add_typer(node, name="node")
app.command("conform", help=conform.HELP, context_settings=conform.SETTINGS)(conform.conform)
Address = Annotated[str, typer.Argument(help="节点地址，如 14.10.02；市写 14.10.00", metavar="节点")]
Addresses = Annotated[list[str], typer.Argument(help="节点地址，如 14.10.02，可写多个", metavar="节点")]
R = TypeVar("R")
STATES = {State.VALID: "有效", State.EXPIRED: "凭据已到期", State.REVOKED: "已作废"}
TRUST = """operator: {operator}
system_account: {system}
resolver_preload {{
  {preload}
}}
"""


@node.command("enroll", help="开通节点：账户、事件读取位置和一套资料。重复执行即修复，在用的凭据不变。")
def enroll(addresses: Addresses) -> None:
    places = [parsed(address) for address in addresses]

    async def work(registrar: Registrar, bus: Bus) -> None:
        for place in places:
            typer.echo(f"{place} 已开通，资料在 {await registrar.enrol(bus, place)}")

    run(work)


@node.command("rotate", help="换发凭据。旧凭据用到期满为止；怀疑泄露时加 --now。")
def rotate(
    address: Address,
    at_once: Annotated[bool, typer.Option("--now", help="旧凭据当场作废，正在使用的连接立即断开")] = False,
) -> None:
    place = parsed(address)
    folder = run(lambda registrar, bus: registrar.rotate(bus, place, at_once))
    until = "旧凭据已经作废" if at_once else "旧凭据在期满之前仍可使用"
    typer.echo(f"{place} 的新凭据在 {folder}；{until}")


@node.command("revoke", help="作废节点的全部凭据，立即断开它的连接，永久有效；再次开通会发给新的凭据。")
def revoke(address: Address) -> None:
    place = parsed(address)
    run(lambda registrar, bus: registrar.revoke(bus, place))
    typer.echo(f"{place} 的凭据已全部作废")


@node.command("list", help="列出全部节点：状态、凭据到期日、连接数、待取的事件数。")
def list_nodes() -> None:
    async def work(registrar: Registrar, bus: Bus) -> list[str]:
        every = registrar.enrolments.all()
        accounts = {each.node: registrar.authority.node(each.node).public for each in every}
        counts = await bus.connections(list(accounts.values()))
        return [line(each, counts[accounts[each.node]], await bus.waiting(each.node)) for each in every]

    lines = run(work)
    typer.echo("\n".join([*lines, f"{len(lines)} 个节点"]))


@node.command("push", help="升级或总线丢失数据之后：建好事件流，重新告知全部账户和读取位置，换新各服务的凭据。")
def push() -> None:
    async def work(registrar: Registrar, bus: Bus) -> int:
        count = await registrar.push(bus)
        registrar.renew(at_once=True)
        return count

    typer.echo(f"已告知总线：{run(work)} 个节点")


@node.command("keep", help="常驻运行：建好事件流，到期前换新各服务的凭据；总线丢失数据后，重新告知全部账户和读取位置。")
def keep() -> None:
    settings = Settings()
    log.setup("keeper", settings.log_level)
    asyncio.run(keeper.keep(settings))


@node.command("setup", help="为自备的总线写出服务器配置片段和各服务的凭据。")
def setup(
    folder: Annotated[Path, typer.Argument(help="写入的目录", metavar="目录")],
) -> None:
    authority = Registrar(Settings()).authority
    keys.write(folder / "trust.conf", TRUST.format(**authority.trust()))
    authority.write_users(folder / "creds")
    typer.echo(
        f"已写入 {folder}：trust.conf 由服务器配置引入，creds 交给各服务（DUBAN_NATS_CREDENTIALS），"
        f"有效 {LIFETIME // 86_400} 天，由 duban node keep 换新"
    )


def line(enrolment: Enrolment, connections: int, waiting: int | None) -> str:
    """One node, as `list` prints it."""
    state = STATES[enrolment.state(now())]
    if valid := enrolment.valid(now()):
        state += f"，{len(valid)} 份凭据，最近一份 {day(valid[-1])} 到期"
    reader = "没有读取位置，请再执行 enroll" if waiting is None else f"待取 {waiting} 件"
    return f"{enrolment.node}  {state}  连接 {connections} 个  {reader}"


def run(work: Callable[[Registrar, Bus], Awaitable[R]]) -> R:
    """`work` with the registrar and the bus; exit 1 with the reason where it cannot be done."""
    settings = Settings()
    registrar = Registrar(settings)

    async def joined() -> R:
        async with connected(settings, registrar.authority) as bus:
            return await work(registrar, bus)

    try:
        return asyncio.run(joined())
    except (Refused, NotEnrolled) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def parsed(address: str) -> str:
    """The node that a person typed."""
    try:
        return domain.parse(address)
    except NodeInvalid as error:
        raise typer.BadParameter(str(error)) from None
