"""Rankings as the API gives them."""

from pydantic import BaseModel

from contracts.ranking import Ranking


class Rankings(BaseModel):
    """A month's rankings, one of each group."""

    period: str
    rankings: list[Ranking]
