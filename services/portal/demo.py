"""The demo's people: three persons for every closure, a leader, two units, the operator of the centre."""

from asyncpg import Pool

from contracts.envelope import ActorRole
from services.portal.identity.passwords import DEMO, HASHER
from services.portal.store import people

OFFICE = ("14.00.00.000.bgt", "省政府督查室")
LAND = ("14.00.00.000.zrzyt", "省自然资源厅")
GAOPING = ("14.05.81.000.gov", "高平市政府")


def _person(login: str, person: str, unit: tuple[str, str], role: ActorRole) -> dict[str, object]:
    return {"login": login, "person": person, "unit": unit[0], "unit_name": unit[1], "roles": [role]}


ACCOUNTS = (
    _person("ducha", "王敏", OFFICE, ActorRole.SUPERVISOR),
    _person("duchayuan", "赵倩", OFFICE, ActorRole.INSPECTOR),
    _person("duchayuan2", "孙立", OFFICE, ActorRole.INSPECTOR),
    _person("leader", "李建国", ("14.00.00.000.gov", "省政府"), ActorRole.LEADER),
    _person("zrzyt", "王强", LAND, ActorRole.UNIT_CLERK),
    _person("zrzyt-head", "陈涛", LAND, ActorRole.UNIT_HEAD),
    _person("gaoping", "刘芳", GAOPING, ActorRole.UNIT_CLERK),
    _person("gaoping-head", "张军", GAOPING, ActorRole.UNIT_HEAD),
    _person("yunxing", "周洋", OFFICE, ActorRole.OPERATOR),
)


async def seed(db: Pool) -> None:
    """The accounts, where the demo mark stands and they are not there yet."""
    if not await people.is_demo(db) or await people.known(db, str(ACCOUNTS[0]["login"])):
        return
    password = HASHER.hash(DEMO)
    for each in ACCOUNTS:
        await people.add(db, each, password)
