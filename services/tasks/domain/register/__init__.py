"""The register (单位名录): every unit of the province, and which one an office means by what it writes."""

from services.tasks.domain.register.register import Register, parts_of
from services.tasks.domain.register.resolution import Resolution, UnitProblem, Unresolved
from services.tasks.domain.register.unit import Unit

__all__ = ["Register", "Resolution", "Unit", "UnitProblem", "Unresolved", "parts_of"]
