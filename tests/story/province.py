"""A small readable province: real units of the register, the calendar, and the persons who act."""

from functools import lru_cache

from contracts.envelope import Actor, ActorRole
from contracts.register import Unit
from contracts.workdays import Calendar
from services.tasks.register.calendar_seed import calendar_days
from services.tasks.register.domain import Register
from services.tasks.register.domain.timetable import Timetable
from services.tasks.register.seed import units

NODE = "14.00.00"
EVERYONE = "14.00.00.000.all"
OFFICE = "14.00.00.000.bgt"  # 省政府办公厅, with the Inspectorate
GOVERNMENT = "14.00.00.000.gov"  # 省政府, whose leaders act for the office
POLICE, WATER, EDUCATION, REFORM = (f"14.00.00.000.{code}" for code in ("gat", "slt", "jyt", "fgw"))
LINFEN, LINFEN_OFFICE, LINFEN_EDUCATION = "14.10.00.000.gov", "14.10.00.000.bgt", "14.10.00.000.jyt"
YAODU, YAODU_OFFICE, YAODU_REFORM = "14.10.02.000.gov", "14.10.02.000.bgt", "14.10.02.000.fgw"
QUWO, GAOPING, JINCHENG, XIAODIAN = "14.10.21.000.gov", "14.05.81.000.gov", "14.05.00.000.gov", "14.01.05.000.gov"
PLACES = tuple(a.rpartition(".")[0] for a in (OFFICE, LINFEN, YAODU, QUWO, GAOPING, JINCHENG, XIAODIAN))

YEARS = (2025, 2026, 2027)


@lru_cache
def province() -> tuple[Unit, ...]:
    """Every unit of the province's tier, of two cities and of four counties."""
    return tuple(unit for unit in units(NODE[:2]) if unit.place in PLACES)


@lru_cache
def register() -> Register:
    return Register.of(province())


@lru_cache
def whole_register() -> Register:
    """Of every unit there is."""
    return Register.of(units(NODE[:2]))


@lru_cache
def calendar() -> Calendar:
    return Calendar.of(calendar_days(YEARS[0], YEARS[-1]))


@lru_cache
def timetable() -> Timetable:
    return Timetable(calendar(), ())


def name_of(unit: str) -> str:
    """What offices call it."""
    return register().units[unit].short


def person(unit: str, *roles: ActorRole, name: str = "") -> Actor:
    """Somebody of that unit; other roles, or another name, are another person."""
    return Actor(person=f"{unit}-{name or '-'.join(roles)}", unit=unit, roles=roles)


def clerk(unit: str) -> Actor:
    return person(unit, ActorRole.UNIT_CLERK)


def head(unit: str) -> Actor:
    return person(unit, ActorRole.UNIT_HEAD)


def inspector(unit: str = OFFICE) -> Actor:
    return person(unit, ActorRole.INSPECTOR)


def supervisor(unit: str = OFFICE) -> Actor:
    return person(unit, ActorRole.SUPERVISOR)


def leader(unit: str = GOVERNMENT) -> Actor:
    return person(unit, ActorRole.LEADER)
