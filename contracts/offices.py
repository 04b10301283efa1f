"""Offices and jurisdiction: who oversees what is on the register and travels in the event; nobody guesses it. §1b"""

from enum import StrEnum

from pydantic import Field

from .envelope import UNIT_SIDE, Actor, ActorRole
from .units import UnitAddress
from .values import Frozen


class Supervises(StrEnum):
    """What a unit oversees (督办范围).

    region 本地区: a general office or reform office, everything in its region. group 专项: a special group, tasks of
    its field. line 本系统: a department, its own line below (条). none 无: a township, a government as such, a body
    without subordinates.
    """

    REGION = "region"
    GROUP = "group"
    LINE = "line"
    NONE = "none"


class Issued(Frozen):
    """What an office issued, and so oversees (交办)."""

    issuer: UnitAddress = Field(description="The unit that issued it and oversees it (交办单位).")
    issuer_name: str = Field(description="Its name at that time (交办单位名称).")
    leadership: UnitAddress = Field(
        description="Whose leaders act for the issuer: of an office its government, of any other itself (领导)."
    )


OVERSEEING = frozenset({ActorRole.INSPECTOR, ActorRole.SUPERVISOR, ActorRole.LEADER})
"""The roles that oversee: only units that supervise something may grant them, a leader's also a government."""


REVIEWERS = (ActorRole.INSPECTOR, ActorRole.SUPERVISOR)
"""Who reviews for the issuing office: the Inspectorate, never a leader."""
HEADS = (ActorRole.SUPERVISOR, ActorRole.LEADER)
"""Who decides for it on a whole task: its head, or a leader of its leadership."""


def oversees(actor: Actor, issued: Issued, *roles: ActorRole) -> bool:
    """May this person act for the office that issued this, in one of these roles? §1b.

    Inspectors and supervisors belong to the issuer; a leader belongs to its leadership and acts for it.
    """
    staff = [role for role in roles if role is not ActorRole.LEADER]
    leads = ActorRole.LEADER in roles and actor.unit == issued.leadership and actor.may(ActorRole.LEADER)
    return leads or (actor.unit == issued.issuer and actor.may(*staff))


def grantable(supervises: Supervises, government: bool = False) -> frozenset[ActorRole]:
    """The roles that a unit of this kind may grant; `government`: it is the government itself of a tier."""
    roles = set(UNIT_SIDE)
    if supervises is not Supervises.NONE:
        roles |= {ActorRole.INSPECTOR, ActorRole.SUPERVISOR}
    if government or supervises is Supervises.LINE:
        roles.add(ActorRole.LEADER)
    if supervises is Supervises.REGION:
        roles.add(ActorRole.OPERATOR)
    return frozenset(roles)


class Reader(Frozen):
    """Whose eyes (查看人)."""

    places: frozenset[str] = Field(
        default=frozenset(), description="Addresses for which records are meant that this reader may see (可见范围)."
    )

    def sees(self, audience: tuple[str, ...]) -> bool:
        """May this reader see a record with that audience? The one answer to it, everywhere. §1b."""
        return not self.places.isdisjoint(audience)
