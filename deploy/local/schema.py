"""What the migrations make of an empty database, as text: `python -m deploy.local.schema`; a test compares."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

from asyncpg import Connection

from deploy.local import backing
from services.chassis import db
from services.chassis.app import CHASSIS
from services.chassis.handlers import gather
from services.chassis.service import Service
from services.chassis.settings import Settings

SNAPSHOT = "schema.txt"
TABLES = """
select oid, relname as name from pg_class
where relnamespace = current_schema::regnamespace and relkind in ('r', 'p') and not relispartition order by relname
"""
COLUMNS = """
select attname || ' ' || format_type(atttypid, atttypmod) || case when attnotnull then ' not null' else '' end
    || coalesce(' default ' || pg_get_expr(adbin, adrelid), '')
    || case attidentity when '' then '' else ' identity' end
from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
where attrelid = $1 and attnum > 0 and not attisdropped order by attnum
"""
RULES = """
select pg_get_constraintdef(oid) from pg_constraint where conrelid = $1 and contype <> 'n'
union all
select replace(pg_get_indexdef(indexrelid), current_schema || '.', '') from pg_index
where indrelid = $1 and not indisprimary order by 1
"""
FUNCTIONS = """
select replace(pg_get_functiondef(oid), current_schema || '.', '') from pg_proc
where pronamespace = current_schema::regnamespace order by proname
"""


async def described(connection: Connection, without: frozenset[str] = frozenset()) -> str:
    """Every table and function of the current schema, but for the tables named; months of a partition are left out."""
    text = []
    for table in await connection.fetch(TABLES):
        if table["name"] not in without:
            lines = [row[0] for query in (COLUMNS, RULES) for row in await connection.fetch(query, table["oid"])]
            text.append("\n    ".join([f"table {table['name']}", *lines]))
    text += [row[0].strip() for row in await connection.fetch(FUNCTIONS)]
    return "\n\n".join(text) + "\n"


async def snapshots(settings: Settings) -> AsyncIterator[tuple[Path, str]]:
    """The snapshot of the chassis, then of each service over it: where it is kept, and what it now is."""
    chassis = Service("chassis", settings, gather())
    await db.migrate(chassis, CHASSIS)
    async with db.connected(chassis) as connection:
        yield CHASSIS / SNAPSHOT, await described(connection)
        runtime = frozenset(row["name"] for row in await connection.fetch(TABLES))
    for entry in entry_points(group="duban.services"):
        folder = Path(str(import_module(entry.value).__file__)).parent / "migrations"
        service = Service(entry.name, settings, gather())
        await db.migrate(service, CHASSIS, folder)
        async with db.connected(service) as connection:
            if text := (await described(connection, runtime)).strip():
                yield folder / SNAPSHOT, text + "\n"


async def main() -> None:
    """Write every snapshot."""
    with tempfile.TemporaryDirectory(prefix="duban-schema-") as directory:
        servers = backing.start(Path(directory), durable=False)
        try:
            async for path, text in snapshots(Settings(pg_dsn=servers.pg_dsn)):
                path.write_text(text)
        finally:
            servers.stop()


if __name__ == "__main__":
    asyncio.run(main())
