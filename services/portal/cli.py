"""What an operator types at the portal: tokens for county systems, accounts for people."""

from typing import Annotated

import typer
from asyncpg import Connection

from contracts.envelope import ActorRole
from contracts.units import AddressInvalid, parse
from services.chassis import cli
from services.portal.identity import tokens
from services.portal.identity.passwords import HASHER
from services.portal.store import people, units

app = typer.Typer(help="门户：令牌与账号。")

Unit = Annotated[str, typer.Option(help="单位地址，如 14.05.81.000.gov")]
Role = Annotated[ActorRole, typer.Option(help="身份，如 unit_clerk、unit_head、inspector")]


def address(unit: str) -> str:
    """The address, if it is one. Raises BadParameter."""
    try:
        parse(unit)
    except AddressInvalid as error:
        raise typer.BadParameter(str(error)) from None
    return unit


@app.command("token")
def token(
    unit: Unit,
    role: Role,
    name: Annotated[str, typer.Option(help="在留痕中显示的名称")] = "",
    days: Annotated[int, typer.Option(help="有效天数", min=1, max=3650)] = 365,
) -> None:
    """Print a token bound to a unit and a role; it is shown this once and kept as its SHA-256."""
    bound = address(unit)
    typer.echo(cli.run("portal", lambda db: tokens.issue(db, bound, role, name or f"接口 {bound}", days)))


@app.command("account")
def account(
    login: str,
    person: Annotated[str, typer.Option(help="姓名，全平台唯一")],
    unit: Unit,
    role: Role,
    password: Annotated[str, typer.Option(prompt="口令", hide_input=True, confirmation_prompt=True)],
) -> None:
    """Open an account for a person of a unit."""
    if len(password) < 12:
        raise typer.BadParameter("口令至少 12 个字符")
    bound = address(unit)

    async def open_account(db: Connection) -> bool:
        if await people.known(db, login):
            return False
        facts = {"login": login, "person": person, "unit": bound, "roles": [role]}
        await people.add(db, {**facts, "unit_name": await units.name_of(db, bound)}, HASHER.hash(password))
        return True

    if not cli.run("portal", open_account):
        raise typer.BadParameter(f"账号 {login} 已存在")
    typer.echo(f"已开通账号 {login}")


@app.command("revoke")
def revoke(name: Annotated[str, typer.Argument(help="令牌的名称")]) -> None:
    """Revoke every token of a name; it ends with the next request."""
    typer.echo(f"已吊销 {cli.run('portal', lambda db: people.revoke(db, name))} 个令牌")
