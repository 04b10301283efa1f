"""Who may see an assignment or a task: decided once, when it is registered, and kept with it (§1b)."""

from collections.abc import Iterable

from contracts.register import Unit
from contracts.units import UnitAddress
from services.tasks.register.domain import Register

Audience = tuple[UnitAddress, ...]


def audience_of_assignment(issuer: Unit, lead: Unit, unit: Unit, register: Register) -> Audience:
    """Issuer, lead, the unit, the offices of its tier and of those above, and its line above.

    The issuer's leadership is not among them: leaders read with the places of their office.
    """
    over = (*register.offices_over(unit.address), *register.line_over(unit.address))
    return tuple(sorted({issuer.address, lead.address, unit.address, *over}))


def audience_of_task(issuer: Unit, assignments: Iterable[Audience]) -> Audience:
    """Issuer, and everybody who may see one of its assignments."""
    return tuple(sorted({issuer.address}.union(*assignments)))
