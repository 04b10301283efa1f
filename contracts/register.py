"""What stands on the register: units, posts and persons, as tasks publishes them."""

from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from pydantic import Field

from .offices import Supervises
from .region import Level, Region, nodes_above, region_at
from .units import UnitAddress, UnitKind, node_of, within
from .values import Frozen, PersonId, UnitName


class Unit(Frozen):
    """One entry of the register of units (单位)."""

    address: UnitAddress
    name: str = Field(description="As on its seal, such as `山西省发展和改革委员会` (全称).")
    short: str = Field(description="As offices write it, unique on the register, such as `省发展改革委` (简称).")
    level: Level
    kind: UnitKind
    supervises: Supervises = Supervises.NONE
    parent: UnitAddress | None = Field(
        default=None,
        description="What it belongs to; of an office, the government whose leaders act for it (上级单位).",
    )
    aliases: tuple[str, ...] = Field(
        default=(), description="Further forms, such as `忻州市发改委` or `团省委` (其他写法)."
    )
    valid_from: date | None = Field(default=None, description="First day; null: always (启用日期).")
    valid_to: date | None = Field(default=None, description="Last day; null: it stands (停用日期).")
    successor: UnitAddress | None = Field(default=None, description="Who answers for it after that (承接单位).")

    @property
    def forms(self) -> tuple[str, ...]:
        """Every way of writing it that the register was given."""
        return (self.name, self.short, *self.aliases)

    @property
    def place(self) -> str:
        """The region it belongs to, as its address has it: `14.10.02.000`."""
        return self.address.rpartition(".")[0]

    @property
    def leadership(self) -> UnitAddress:
        """The unit whose leaders act for it: of an office its government, of any other itself. §1b"""
        return self.parent if self.supervises is Supervises.REGION and self.parent else self.address

    def may_issue_to(self, unit: "Unit", units: Mapping[UnitAddress, "Unit"]) -> bool:
        """Whether that unit may get tasks and documents from this one. §1b

        An office: all of its region but the government whose office it is. A department: its own line below, and the
        units that belong to it, directly or through others. A group issues through its office; others issue nothing.
        units: the register, or as much of it as stands above that unit.
        """
        if self.supervises is Supervises.REGION:
            return within(unit.address, self.place) and unit.address != self.leadership
        below = within(unit.address, self.place) and unit.place != self.place
        line = unit.address.rpartition(".")[2] == self.address.rpartition(".")[2] and below
        return self.supervises is Supervises.LINE and (line or self.address in parents(unit, units))

    def stands_on(self, day: date | None) -> bool:
        """Whether it stands on that day; None asks for the present, which knows no end yet."""
        if day is None:
            return self.valid_to is None
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


def parents(unit: Unit, units: Mapping[UnitAddress, Unit]) -> list[UnitAddress]:
    """The units that it belongs to, nearest first; a ring ends where it began."""
    above: list[UnitAddress] = []
    at: Unit | None = unit
    while at and at.parent and at.parent not in (unit.address, *above):
        above.append(at.parent)
        at = units.get(at.parent)
    return above


class Person(Frozen):
    """A person of the register (人员), behind every account and token; how one is reached is never part of an event."""

    person_id: PersonId = Field(min_length=1, max_length=120, description="For life (人员编号).")
    name: str = Field(description="As people write it (姓名).")
    unit: UnitAddress
    unit_name: UnitName
    valid_to: date | None = Field(
        default=None, description="Last day; later, nothing is done in this name; null: open (截止日期)."
    )


class Post(Frozen):
    """A post of a unit (职务) and the person who holds it: one holder at a time, and perhaps a deputy."""

    post_id: UUID = Field(description="Of the post, for life (职务编号).")
    unit: UnitAddress
    unit_name: UnitName
    title: str = Field(description="What the post is called (职务名称).")
    person: PersonId = Field(default="", description="Id of the holder; empty: vacant (任职人编号).")
    name: str = Field(default="", description="Of the holder (任职人姓名).")
    deputy: PersonId = Field(default="", description="Id of the deputy; empty: none (代理人编号).")
    deputy_name: str = Field(default="", description="Of the deputy (代理人姓名).")
    valid_from: date = Field(description="First day of this holder, in Asia/Shanghai (任职日期).")
    valid_to: date | None = Field(default=None, description="Last day; null: open (离任日期).")

    def held_on(self, day: date) -> bool:
        """Somebody holds it on that day."""
        return bool(self.person) and self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


OfficesByRegion = Mapping[Region, tuple[UnitAddress, ...]]


def offices_by_region(units: Iterable[Unit]) -> OfficesByRegion:
    """The offices among these units, in their order."""
    offices: dict[Region, tuple[UnitAddress, ...]] = {}
    for unit in units:
        if unit.supervises is Supervises.REGION:
            offices[unit.place] = (*offices.get(unit.place, ()), unit.address)
    return offices


def offices_over(address: UnitAddress, offices: OfficesByRegion) -> tuple[UnitAddress, ...]:
    """The offices of a unit's own tier and of all tiers above it, nearest first: what it does they may see. §1b"""
    regions = (address.rpartition(".")[0], *(region_at(node) for node in nodes_above(node_of(address))))
    return tuple(office for region in regions for office in offices.get(region, ()))
