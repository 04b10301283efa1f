"""What a service's migrations make is what its snapshot says, so that a reviewer sees every change of a table."""

from pathlib import Path

import pytest

from deploy.local import schema
from services.chassis.settings import Settings


@pytest.fixture(scope="module")
def template() -> str:
    """Nothing is migrated yet."""
    return "template1"


async def test_every_schema_is_what_its_snapshot_says(backing, dsn, tmp_path: Path):
    settings = Settings(pg_dsn=dsn, nats_url=backing.nats_url, var=tmp_path)
    made = {path: text async for path, text in schema.snapshots(settings)}
    stale = [path.parent.parent.name for path, text in made.items() if not path.exists() or path.read_text() != text]
    assert stale == [], "run: python -m deploy.local.schema"
    assert {path.parent.parent.name for path in made} == {"chassis", "tasks", "alerts", "notices", "ranking", "portal"}
