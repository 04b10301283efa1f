"""What may be asked for with the rankings."""

from pydantic import Field

from ..envelope import Command


class PublishRanking(Command):
    """Publish a month's rankings (发布排名), again if need be: a new revision. No field sets a rank."""

    type = "ranking.publish"
    period: str = Field(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", description="The month, such as `2026-11` (考核期).")
