"""What every question is."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from ..envelope import RPC


class Query(BaseModel):
    """A read-only question."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    type: ClassVar[str]

    @classmethod
    def subject(cls) -> str:
        """Request/reply: `duban.rpc.v1.<service>.<verb>`."""
        return f"{RPC}.{cls.type}"
