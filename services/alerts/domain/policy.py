"""The numbers behind the lights: one versioned policy, published so that nobody needs to guess them. R2."""

from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

from contracts.events.register import PolicyPublished
from contracts.region import Node
from contracts.units import UnitAddress
from contracts.workdays import day_of


class LightPolicy(BaseModel):
    """When a light turns, and when a badge appears. R2.

    lag_points: per cent behind plan. stalled_days, stalled_days_daily: working days without a move, the second on the
    daily board. reports_missed: how many in a row. due_soon: working days before a due date at which a badge appears.
    """

    model_config = ConfigDict(frozen=True)

    version: int = 1
    lag_points: Decimal = Field(default=Decimal(10), gt=0)
    stalled_days: int = Field(default=10, ge=1)
    stalled_days_daily: int = Field(default=3, ge=1)
    reports_missed: int = Field(default=2, ge=1)
    due_soon: tuple[int, ...] = (3, 1, 0)


def policy_published(policy: LightPolicy, now: datetime, owner: Node, address: UnitAddress) -> PolicyPublished:
    """The policy as every service reads it; `address` is everyone's."""
    return PolicyPublished(
        time=now,
        aggregate="policy/alerts.light",
        version=policy.version,
        owner=owner,
        address=address,
        audience=(address,),
        service="alerts",
        name="light",
        policy_version=policy.version,
        effective=day_of(now),
        author="system",
        values=policy.model_dump(mode="json", exclude={"version"}),
    )
