"""Kinds of value that several events carry."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

Percent = Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)]
"""Progress in per cent, 0 to 100, two places."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
