"""What an operator may turn in the search service."""

from pydantic import Field

from services.chassis import settings


class Settings(settings.Settings):
    """The chassis' settings and these."""

    search_replica: str = Field(default="0", description="Name of this search replica: it has a durable and an index.")
