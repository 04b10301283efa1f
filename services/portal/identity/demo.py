"""The demo's accounts: three persons for every closure, a leader, two units, the operator of the centre."""

from dataclasses import dataclass

from asyncpg import Pool

from contracts.envelope import ActorRole
from services.portal.identity import queries
from services.portal.identity.passwords import DEMO, HASHER

OFFICE, LAND, GAOPING = "14.00.00.000.bgt", "14.00.00.000.zrzyt", "14.05.81.000.gov"


@dataclass(frozen=True)
class DemoAccount:
    """An account and its person; `name`: as the demo puts the person on the register."""

    login: str
    person_id: str
    name: str
    unit: str
    roles: tuple[ActorRole, ...]


ACCOUNTS = (
    DemoAccount("ducha", "wangmin", "王敏", OFFICE, (ActorRole.SUPERVISOR,)),
    DemoAccount("duchayuan", "zhaoqian", "赵倩", OFFICE, (ActorRole.INSPECTOR,)),
    DemoAccount("duchayuan2", "sunli", "孙立", OFFICE, (ActorRole.INSPECTOR,)),
    DemoAccount("leader", "lijianguo", "李建国", "14.00.00.000.gov", (ActorRole.LEADER,)),
    DemoAccount("zrzyt", "wangqiang", "王强", LAND, (ActorRole.UNIT_CLERK,)),
    DemoAccount("zrzyt-head", "chentao", "陈涛", LAND, (ActorRole.UNIT_HEAD,)),
    DemoAccount("gaoping", "liufang", "刘芳", GAOPING, (ActorRole.UNIT_CLERK,)),
    DemoAccount("gaoping-head", "zhangjun", "张军", GAOPING, (ActorRole.UNIT_HEAD,)),
    DemoAccount("yunxing", "zhouyang", "周洋", OFFICE, (ActorRole.OPERATOR,)),
)


async def seed(db: Pool) -> None:
    """Add the accounts where the demo mark stands and they are missing."""
    if not await queries.is_demo(db) or await queries.has_account(db, ACCOUNTS[0].login):
        return
    password = HASHER.hash(DEMO)
    for each in ACCOUNTS:
        await queries.add_account(db, each.login, each.person_id, each.unit, each.roles, password)
