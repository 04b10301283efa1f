"""Everything an operator may turn, each with a working default; a service adds its own in its settings.py."""

import os
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read once, when the service is built; names are `DUBAN_` and the field in capitals."""

    model_config = SettingsConfigDict(
        env_prefix="DUBAN_",
        env_file=Path(os.environ.get("DUBAN_VAR", "var")) / "run/duban.env",  # what a running ./dev up left for tools
        extra="ignore",
        frozen=True,
    )

    nats_url: str = Field(default="nats://127.0.0.1:4222", description="The bus; may hold user and password.")
    pg_dsn: str = Field(default="postgresql://duban@127.0.0.1:5432/duban", description="The node's database.")
    node: str = Field(default="14.00.00", description="This installation: the region part of an address.")
    var: Path = Field(default=Path("var"), description="Where blobs, fonts and indexes are kept.")
    stream: str = Field(default="EVENTS", description="The stream of events.")
    queue: str = Field(default="COMMANDS", description="The work queue of durable commands.")
    stream_replicas: int = Field(default=1, description="Copies of each stream; 3 at a province.")
    pool: int = Field(default=8, ge=1, description="Connections to the database, per service.")
    batch: int = Field(default=500, ge=1, le=1_000, description="Events taken or published at once.")
    idle: float = Field(default=2, description="Seconds an empty fetch may wait.")
    standby: float = Field(default=0.5, description="Seconds between two tries for a lock.")
    poll: float = Field(default=0.25, description="Seconds between two looks into the outbox.")
    tick: float = Field(default=1, description="Seconds between two looks at the clock.")
    patience: tuple[float, ...] = Field(
        default=(0, 0.1, 0.5), min_length=1, description="Pauses before each try of one event or durable command."
    )
    outbox_limit: float = Field(default=60, description="Seconds; an older unsaid event turns the health red.")
    anchor: float = Field(default=60, description="Seconds between two anchors of one audit chain.")
