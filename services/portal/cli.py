"""What an operator types at the portal: tokens for county systems, accounts for people."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import typer
from asyncpg import Connection

from contracts.envelope import ActorRole
from services.chassis import cli
from services.portal.identity import queries, tokens
from services.portal.identity.passwords import HASHER
from services.portal.register import queries as register
from services.portal.register.reference import Reference
from services.portal.web.labels import label

app = typer.Typer(help="门户：令牌与账号。")
accounts = typer.Typer(no_args_is_help=True, help="人员的账号。")
app.add_typer(accounts, name="accounts")

Person = Annotated[str, typer.Option(help="人员编号，须在人员名册上")]
Unit = Annotated[str, typer.Option(help="单位地址，如 14.05.81.000.gov；不填即该人员的单位")]
Role = Annotated[ActorRole, typer.Option(help="身份，如 unit_clerk、unit_head、inspector")]


@app.command("token", help="签发令牌，绑定一名人员、其单位和一个身份；令牌只显示这一次。")
def token(
    person: Person,
    role: Role,
    unit: Unit = "",
    name: Annotated[str, typer.Option(help="令牌的名称，吊销时使用")] = "",
    days: Annotated[int, typer.Option(help="有效天数", min=1, max=3650)] = 365,
) -> None:
    """A token bound to a person, the person's unit and one role; its text is printed this once."""

    async def issue(db: Connection) -> str:
        own = await granted_unit(db, person, unit, role)
        return await tokens.issue(db, person, own, role, name or f"接口 {own}", days)

    typer.echo(_run(issue))


@accounts.command("add", help="为人员名册上的人员开通账号。")
def add_account(
    login: Annotated[str, typer.Argument(help="登录名", metavar="账号")],
    person: Person,
    role: Role,
    password: Annotated[str, typer.Option(prompt="口令", hide_input=True, confirmation_prompt=True)],
    unit: Unit = "",
) -> None:
    """An account for a person of the register."""
    if len(password) < 12:
        raise typer.BadParameter("口令至少 12 个字符")

    async def add(db: Connection) -> str:
        if await queries.has_account(db, login):
            raise NotGrantable(f"账号 {login} 已存在：请换一个登录名")
        own = await granted_unit(db, person, unit, role)
        await queries.add_account(db, login, person, own, (role,), HASHER.hash(password))
        return f"已开通账号 {login}"

    typer.echo(_run(add))


@app.command("revoke", help="吊销一个名称的全部令牌，下一次请求即失效。")
def revoke(name: Annotated[str, typer.Argument(help="令牌的名称", metavar="名称")]) -> None:
    """Every token of a name ends with its next request."""
    typer.echo(f"已吊销 {cli.run('portal', lambda db: queries.revoke_tokens(db, name))} 个令牌")


class NotGrantable(ValueError):
    """The message says in Chinese what is wrong and what to do."""


async def granted_unit(db: Connection, person_id: str, unit: str, role: ActorRole) -> str:
    """The unit, by default the person's own, in which the person may hold the role. §1b. Raises NotGrantable."""
    person = await register.person(db, person_id)
    if person is None:
        raise NotGrantable(f"人员名册上没有“{person_id}”，或其任职已到期：请先登记该人员（duban persons add），再开通")
    own, units = person["unit"], (await Reference().refresh(db)).units
    if unit and unit not in units:
        raise NotGrantable(f"单位名录上没有“{unit}”：应为地址，如 14.10.02.000.gov；可用 duban units find 查找")
    if unit not in ("", own):
        raise NotGrantable(f"{person['name']}是{units.name_of(own)}的人员：请核对单位，或先更新人员名册")
    if own not in units:
        raise NotGrantable(f"单位名录上没有 {own}：请先登记单位")
    if role not in (allowed := units.grantable(own)):
        names = "、".join(f"{label('actor', each)}（{each}）" for each in ActorRole if each in allowed)
        raise NotGrantable(f"{units.name_of(own)}不能授予“{label('actor', role)}”：可授予{names}")
    return own


def _run(work: Callable[[Connection], Awaitable[str]]) -> str:
    try:
        return cli.run("portal", work)
    except NotGrantable as error:
        raise typer.BadParameter(str(error)) from None
