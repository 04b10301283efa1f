"""The register (单位名录): every unit of the province, and which one an office means by what it writes."""

from services.tasks.register.domain.register import Register, parts_of
from services.tasks.register.domain.resolution import Resolution, UnitProblem, Unresolved

__all__ = ["Register", "Resolution", "UnitProblem", "Unresolved", "parts_of"]
