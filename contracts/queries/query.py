"""What every question is."""

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from ..envelope import RPC

QueryText = Annotated[str, Field(description="Words; empty: all (关键词).")]
Limit = Annotated[int, Field(ge=1, le=100, description="How many at most (条数).")]
More = Annotated[bool, Field(description="There are more than the limit (还有更多).")]


class Query(BaseModel):
    """A read-only question."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    type: ClassVar[str]

    @classmethod
    def subject(cls) -> str:
        """Request/reply: `duban.rpc.v1.<service>.<verb>`."""
        return f"{RPC}.{cls.type}"
