"""Who stands in a row: exactly one lead, the responsible and the supporting units, each once."""

from dataclasses import dataclass

from contracts.register import Unit
from contracts.units import UnitAddress
from services.tasks.ledger.domain.entry import Problem
from services.tasks.ledger.domain.row import RowReader
from services.tasks.ledger.domain.words import Column
from services.tasks.register.domain import parts_of

_ROLES = {Column.LEAD: "牵头", Column.RESPONSIBLE: "责任", Column.SUPPORTING: "配合"}
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Parties:
    """The units by role; a unit written in two roles keeps the stronger, and a note says so."""

    lead: UnitAddress
    responsible: tuple[UnitAddress, ...]
    supporting: tuple[UnitAddress, ...]
    notes: tuple[str, ...]


def parties_of(row: RowReader) -> Parties | None:
    """Resolve the units of a row, names in the lead's region first; None when there is no single lead."""
    responsible_text, supporting_text = row.text(Column.RESPONSIBLE), row.text(Column.SUPPORTING)
    lead, responsible_text = _lead(row, responsible_text)
    beside = lead.address if lead else None
    responsible = row.units(Column.RESPONSIBLE, responsible_text, beside)
    supporting = row.units(Column.SUPPORTING, supporting_text, beside)
    if lead is None:
        return None
    notes: list[str] = []
    taken = {lead.address: Column.LEAD}
    kept = {
        column: tuple(unit.address for unit in _untaken(units, column, taken, notes))
        for column, units in ((Column.RESPONSIBLE, responsible), (Column.SUPPORTING, supporting))
    }
    return Parties(lead.address, kept[Column.RESPONSIBLE], kept[Column.SUPPORTING], tuple(notes))


def _lead(row: RowReader, responsible_text: str) -> tuple[Unit | None, str]:
    """Return the lead and what remains of the responsible units; without a lead column the first of them leads."""
    column, text = Column.LEAD, row.text(Column.LEAD)
    if Column.LEAD in row.spoilt:
        return None, responsible_text
    if not text and row.setting.layout.first_is_lead:
        column, parts = Column.RESPONSIBLE, parts_of(responsible_text)
        text, responsible_text = (parts[0] if parts else ""), "、".join(parts[1:])
    if not text:
        if column not in row.spoilt:
            row.refuse(column, Problem.LEAD_MISSING, "没有牵头单位；请填写一个")
        return None, responsible_text
    leads = row.units(column, text, None)
    if len(leads) > 1:
        message = f"“{text}”有{len(leads)}个单位；牵头单位只能有一个，其余请写入责任单位"
        row.refuse(column, Problem.SEVERAL_LEADS, message)
    return (leads[0] if len(leads) == 1 else None), responsible_text


def _untaken(units: tuple[Unit, ...], column: Column, taken: dict[UnitAddress, Column], notes: list[str]) -> list[Unit]:
    """Keep the units that have no stronger role yet; note the others by that role."""
    for role in (Column.LEAD, Column.RESPONSIBLE):
        twice = [unit.short for unit in units if taken.get(unit.address) is role]
        if twice:
            more = f"等{len(twice)}个单位" if len(twice) > _SHOWN else ""
            names = "、".join(twice[:_SHOWN]) + more
            notes.append(f"{names}既列为{_ROLES[role]}单位又列为{_ROLES[column]}单位，按{_ROLES[role]}单位登记")
    free = [unit for unit in units if unit.address not in taken]
    taken.update((unit.address, column) for unit in free)
    return free
