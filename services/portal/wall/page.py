"""The war room (作战室): one screen that never navigates, live, and honest about how old it is. S15, X7."""

import csv
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from contracts.region import Level, prefix_of
from contracts.terms import PeerGroup
from contracts.units import address_at, level, node_of, parse
from services.portal import story, view
from services.portal.domain import wall
from services.portal.identity.reader import Reader
from services.portal.web.dependencies import Front, Here, Reads
from services.portal.rankings.page import latest, previous
from services.portal.store import feed, figures, rankings, units
from services.portal.web.formats import plain

router = APIRouter()

TILES = Path(__file__).parents[1] / "data/tiles.csv"
WIDTHS = {Level.PROVINCE: 5, Level.CITY: 8, Level.COUNTY: 12, Level.TOWNSHIP: 12}
"""How many characters of an address name a place one tier below."""
BELOW = {Level.PROVINCE: "city", Level.CITY: "county", Level.COUNTY: "township", Level.TOWNSHIP: "township"}


@router.get("/wall")
async def screen(request: Request, front: Here, reader: Reads) -> Response:
    """The whole screen as it is now."""
    return view.page(request, "wall.html", now=datetime.now(UTC), **await context(front, reader))


@router.get("/wall/stream")
async def stream(front: Here, reader: Reads) -> Response:
    """The screen as it changes; all who see the same share one rendering."""

    async def render() -> str:
        shared = {"now": None, "place": front.settings.province}
        return view.fragment("wall.html", "live", **shared, **await context(front, reader))

    seen = "all" if reader.sees_all else reader.region or reader.unit
    return front.hub.stream(f"wall {seen} {parse(reader.unit).region}", render)


async def context(front: Front, reader: Reader) -> dict[str, Any]:
    """Every figure, counted over what the reader may see."""
    db, now = front.db, datetime.now(UTC)
    boards = wall.bars(await figures.boards(db, reader, now))
    total, done, required = (sum(getattr(each, name) for each in boards) for name in ("total", "done", "required"))
    told = await feed.ticker(db, reader)
    return {
        "boards": boards,
        "total": total,
        "done": done,
        "required": required,
        "most": max([1, *(each.required for each in boards), *(each.done for each in boards)]),
        "percent": wall.percent,
        "lights": await figures.lights(db, reader),
        "rates": await figures.rates(db, reader, now),
        "clocks": wall.RATES,
        **await _map(front, reader),
        **await _rank(front, reader),
        "scope": await scope(front, reader),
        "lines": [(feed.said(row), story.line(row["type"], row["time"], feed.said(row))) for row in told],
    }


async def scope(front: Front, reader: Reader) -> str:
    """Whose part of the whole is shown; empty for the whole."""
    if reader.sees_all:
        return ""
    here = address_at(node_of(reader.unit)) if reader.region else reader.unit
    return plain(await units.name_of(front.db, here))


async def _map(front: Front, reader: Reader) -> dict[str, Any]:
    root = reader.unit if reader.region else address_at(reader.node)  # a unit's matters may lie anywhere
    here, tier, region = parse(root).region, level(root), prefix_of(node_of(root))
    width = WIDTHS[tier]
    counted = await figures.places(front.db, reader, here, width)
    below = await units.below(front.db, region, (BELOW[tier],), ("government", "township"))
    names = [(row["unit"][:width], plain(row["short"])) for row in below]
    own = await units.below(front.db, here, (tier,), ("department", "government", "group"))
    departments = wall.tiles([(row["unit"], row["short"]) for row in own], counted)
    columns = 3 if tier is Level.PROVINCE else 4
    return {
        "tiles": wall.tiles(names, counted, places(), columns),
        "departments": wall.busiest(departments, 24),
    }


@cache
def places() -> Mapping[str, tuple[int, int]]:
    """Column and row of the cities whose province has a layout of its own."""
    with TILES.open() as file:
        rows = list(csv.DictReader(file))
    return {f"{row['province']}.{row['city']}": (int(row["column"]), int(row["row"])) for row in rows}


async def _rank(front: Front, reader: Reader) -> dict[str, Any]:
    wanted = (PeerGroup.CITY, PeerGroup.COUNTY) if level(reader.unit) is Level.PROVINCE else (PeerGroup.COUNTY,)
    found = await latest(front, reader, wanted)
    if found is None:
        return {"month": "", "board": None, "top": [], "bottom": [], "before": {}}
    month, board = found
    top, bottom = wall.standings(board)
    last = (await rankings.of_period(front.db, reader, previous(month))).get(board["peers"], {})
    before = {row["unit"]: row["rank"] for row in last.get("standings", ())}
    return {"month": month, "board": board, "top": top, "bottom": bottom, "before": before}
