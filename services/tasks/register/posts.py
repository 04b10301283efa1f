"""The posts of units and who holds them."""

from uuid import UUID

from asyncpg import Connection
from pydantic import TypeAdapter

from contracts.events.register import PostFilled
from services.tasks.register.domain.post import Post

POSTS = TypeAdapter(list[Post])
COLUMNS = "post_id, version, unit, title, person, name, deputy, deputy_name, valid_from, valid_to"
LISTED = "select coalesce(jsonb_agg(to_jsonb(p) order by unit, title), '[]') from post p where {}"
HOLD = "select pg_advisory_xact_lock(hashtextextended('tasks.post ' || $1, 0))"
BY_ID, BY_REGION = LISTED.format("post_id = $1"), LISTED.format("unit like $1 || '.%'")
BY_TEXT = LISTED.format("concat_ws(' ', unit, title, name, deputy_name) like '%' || $1 || '%'")
SAVE = f"""
insert into post ({COLUMNS}) select {COLUMNS} from jsonb_populate_record(null::post, $1::jsonb)
on conflict (post_id) do update set (version, person, name, deputy, deputy_name, valid_from, valid_to) = (
    excluded.version, excluded.person, excluded.name, excluded.deputy, excluded.deputy_name,
    excluded.valid_from, excluded.valid_to
)
"""


async def post(db: Connection, post_id: UUID) -> Post | None:
    """A post as it stands, held until the transaction ends."""
    await db.execute(HOLD, str(post_id))
    found = POSTS.validate_json(await db.fetchval(BY_ID, post_id))
    return found[0] if found else None


async def posts_of(db: Connection, region: str) -> list[Post]:
    """The posts of the units of one region, such as `14.00.00.000`."""
    return POSTS.validate_json(await db.fetchval(BY_REGION, region))


async def posts_like(db: Connection, text: str, limit: int) -> list[Post]:
    """The posts whose unit, title, holder or deputy holds a text."""
    return POSTS.validate_json(await db.fetchval(BY_TEXT, text))[:limit]


async def save_post(db: Connection, said: PostFilled) -> None:
    """The post as it now stands."""
    await db.execute(SAVE, said.model_dump_json())
