"""Three tasks that everybody may come for, and what is counted of the table's cells."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import httpx

from services.portal.web.dependencies import Portal
from tests.portal.conftest import Visit, add_account, sign_in
from tests.portal.province import PDF
from tests.portal.site.policy_table import ACTORS
from tests.story import Matter, Story
from tests.story.province import (
    EDUCATION,
    LINFEN_EDUCATION,
    LINFEN_OFFICE,
    POLICE,
    QUWO,
    WATER,
    YAODU,
    supervisor,
)

MARK = "封闭水井"
"""Stands in every task's target and in every report."""

Api = Callable[..., Awaitable[httpx.AsyncClient]]


@dataclass
class Cells:
    """What was tried, and where the house did not do what the table says."""

    tried: int = 0
    wrong: list[str] = field(default_factory=list)

    def judge(self, actor: str, what: str, may: str, does: bool | None) -> None:
        """`does`: what happened; None where it was neither granted nor refused as it should be."""
        self.tried += 1
        if does is not (actor in may.split()):
            self.wrong.append(f"{actor}: {what}: {does}")


@dataclass
class Scene(Cells):
    """Some tasks, and everybody who may come: as a program and as a visitor of the pages."""

    matters: dict[str, Matter] = field(default_factory=dict)
    clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)
    visitors: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    async def admit(self, portal: Portal, api: Api, visit: Visit, names: Iterable[str] = ACTORS) -> None:
        """Each of them with a token and an account of their own."""
        for name in names:
            unit, role = ACTORS[name]
            self.clients[name] = await api(unit, role)
            await add_account(portal, name, unit, role)
            self.visitors[name] = await visit()
            assert (await sign_in(self.visitors[name], name)).status_code == 303


def issued_tasks(neighbour: bool = False) -> tuple[Story, dict[str, Matter]]:
    """The tasks as they are issued, nine days ago; `neighbour`: also one of another county alone."""
    tale = Story(datetime.now(UTC) - timedelta(days=9), name="policy ")
    city, line = supervisor(LINFEN_OFFICE), supervisor(EDUCATION)
    matters = {
        "province": tale.register("全省水井封闭专项整治", POLICE, [YAODU], [WATER], number="P1"),
        "city": tale.register("临汾市学校周边整治", LINFEN_EDUCATION, [YAODU], by=city, number="P2"),
        "line": tale.register("全省校园安全条线检查", LINFEN_EDUCATION, by=line, number="P3"),
    }
    if neighbour:
        matters["neighbour"] = tale.register("曲沃县古城墙修缮", QUWO, by=city, number="P4")
    return tale, matters


def work(matter: Matter, name: str) -> None:
    """Each unit acknowledges and reports, the lead last; each names a person, the county also has a file."""
    file = [sha256(PDF).hexdigest()]
    for unit in sorted((part.unit for part in matter.assignments), key=lambda unit: unit == matter.task.lead):
        of = "尧都" if unit == YAODU else "牵头" if unit == matter.task.lead else "协办"
        person, evidence = f"{of}联系人", file if unit == YAODU else ()
        matter.acknowledge(unit, person)
        text = f"{name}{of}内部进展，{MARK}"
        matter.report(30, unit, text=text, evidence=evidence, responsible_person=person)


def granted(answer: httpx.Response, yes: int = 200) -> bool | None:
    """Answered with `yes`; refused; or neither."""
    return {yes: True, 403: False, 404: False}.get(answer.status_code)
