"""Who acts in the demo province: the same persons at every loading, all on the register."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from contracts.commands.register import RegisterPerson
from contracts.envelope import Actor, ActorRole
from services.portal.identity.demo import ACCOUNTS

OFFICE = "14.00.00.000.bgt"
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
SYSTEM = Actor(person="demo", unit=OFFICE, roles=(ActorRole.SYSTEM,))


@dataclass(frozen=True)
class DemoPerson:
    """One person of a unit, in one role."""

    id: str
    name: str
    unit: str
    role: ActorRole

    @property
    def actor(self) -> Actor:
        """As a command carries it."""
        return Actor(person=self.id, unit=self.unit, roles=(self.role,))

    @property
    def registration(self) -> RegisterPerson:
        """The command that puts this person on the register."""
        id = uuid5(NAMESPACE_URL, f"duban demo person {self.id}")
        return RegisterPerson(id=id, actor=SYSTEM, person=self.id, name=self.name, unit=self.unit)


def chance(*parts: object) -> float:
    """A number in [0, 1) that depends on nothing but `parts`."""
    return int.from_bytes(hashlib.sha256("|".join(map(str, parts)).encode()).digest()[:6]) / 2**48


def person(unit: str, role: ActorRole) -> DemoPerson:
    """Somebody of that unit; another role is another person."""
    surname = SURNAMES[int(chance(unit, role) * len(SURNAMES))]
    return DemoPerson(f"{unit}-{role}", f"{surname}某", unit, role)


def account_holders() -> Iterator[DemoPerson]:
    """The persons behind the demo's accounts."""
    for account in ACCOUNTS:
        yield DemoPerson(account.person_id, account.name, account.unit, account.roles[0])


def registrations(units: Iterable[str]) -> Iterator[RegisterPerson]:
    """The commands that register everybody who acts: a clerk and a head of each unit, the office, the accounts."""
    for holder in account_holders():
        yield holder.registration
    for role in (ActorRole.INSPECTOR, ActorRole.SUPERVISOR):
        yield person(OFFICE, role).registration
    for unit in units:
        for role in (ActorRole.UNIT_CLERK, ActorRole.UNIT_HEAD):
            yield person(unit, role).registration
