"""Units and working days, kept in memory by every process and read again when their revision changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from asyncpg import Connection, Record

from contracts.envelope import ActorRole
from contracts.offices import Supervises, grantable
from contracts.region import prefix_of
from contracts.units import UnitKind, node_of
from contracts.workdays import Calendar, CalendarDay
from services.portal.register import queries


@dataclass(frozen=True)
class Units:
    """The register of units in the order of their addresses, and of each leadership the units it leads."""

    by_address: Mapping[str, Record] = field(default_factory=dict)
    led: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Sequence[Record]) -> "Units":
        """From the rows of the register."""
        led: dict[str, set[str]] = {}
        for row in rows:
            if row["valid_to"] is None:
                led.setdefault(row["leadership"], set()).add(row["address"])
        return cls({row["address"]: row for row in rows}, {unit: frozenset(below) for unit, below in led.items()})

    def __contains__(self, address: str) -> bool:
        return address in self.by_address

    def name_of(self, address: str) -> str:
        """A unit's short name; its address where it is not on the register."""
        row = self.by_address.get(address)
        return row["short"] if row else address

    def led_by(self, address: str) -> frozenset[str]:
        """The units for which this unit's leaders act: a government's offices, or itself."""
        return self.led.get(address, frozenset())

    def grantable(self, address: str) -> frozenset[ActorRole]:
        """The roles that a unit of the register may grant."""
        row = self.by_address[address]
        return grantable(Supervises(row["supervises"]), row["kind"] == UnitKind.GOVERNMENT)

    @staticmethod
    def region_of(address: str) -> str:
        """The prefix of the region a unit belongs to, such as `14.05`."""
        return prefix_of(node_of(address))

    def below(self, region: str, levels: Sequence[str], kinds: Sequence[str], most: int = 500) -> list[Record]:
        """Present units of these levels and kinds within a region such as `14.05`, at most so many."""
        prefix = f"{region}." if region else ""
        rows = (row for address, row in self.by_address.items() if address.startswith(prefix))
        fits = [r for r in rows if r["level"] in levels and r["kind"] in kinds and r["valid_to"] is None]
        return fits[:most]


class Reference:
    """What one process keeps of the register."""

    def __init__(self) -> None:
        self.revisions: dict[str, int] | None = None
        self.units = Units()
        self.calendar = Calendar.of(())

    async def refresh(self, db: Connection) -> "Reference":
        """Read again what changed since."""
        revisions, old = await queries.revisions(db), self.revisions or {}
        if revisions.get("units") != old.get("units"):
            self.units = Units.of(await queries.units(db))
        if revisions.get("calendar") != old.get("calendar"):
            self.calendar = Calendar.of(CalendarDay(**row) for row in await queries.workdays(db))
        self.revisions = revisions
        return self
