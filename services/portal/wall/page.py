"""One screen that never navigates, live, and honest about how old it is. S15, X7."""

import csv
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from contracts.region import Level
from contracts.terms import PeerGroup
from contracts.units import GOVERNMENT, OFFICE, level, parse
from services.portal.feed import queries as feed
from services.portal.identity.reader import Reader
from services.portal.ledger.filters import RATES, Filters
from services.portal.rankings.page import before, latest
from services.portal.wall import panels, queries
from services.portal.web import templates
from services.portal.web.dependencies import Here, Portal, Reads
from services.portal.web.formats import plain

router = APIRouter()

TILES = Path(__file__).with_name("tiles.csv")
WIDTHS = {Level.PROVINCE: 5, Level.CITY: 8, Level.COUNTY: 12, Level.TOWNSHIP: 12}
"""How many characters of an address name a place one tier below."""
BELOW = {Level.PROVINCE: "city", Level.CITY: "county", Level.COUNTY: "township", Level.TOWNSHIP: "township"}
LEAGUES = {
    Level.PROVINCE: (PeerGroup.CITY, PeerGroup.COUNTY),
    Level.CITY: (PeerGroup.CITY,),
    Level.COUNTY: (PeerGroup.COUNTY,),
    Level.TOWNSHIP: (PeerGroup.COUNTY,),
}


@router.get("/wall")
async def screen(request: Request, portal: Here, reader: Reads) -> Response:
    """The whole screen as it is now."""
    return templates.page(request, "wall.html", now=datetime.now(UTC), **await context(portal, reader))


@router.get("/wall/stream")
async def stream(portal: Here, reader: Reads) -> Response:
    """The screen as it changes; all who see the same share one rendering."""

    async def render() -> str:
        shared = {"now": None, "province": portal.settings.province}
        return templates.fragment("wall.html", "live", **shared, **await context(portal, reader))

    eyes = " ".join(sorted(reader.places))
    return portal.hub.stream(f"wall {reader.unit} {eyes}", render)


async def context(portal: Portal, reader: Reader) -> dict[str, Any]:
    """Every figure, counted over the reader's own scope, with what opens its list."""
    db, now = portal.db, datetime.now(UTC)
    scope = await queries.scope_of(db, reader)
    boards = panels.bars(await queries.boards(db, reader, scope, now))
    units = (await portal.reference()).units
    whose = next(iter(sorted(reader.issuers - {reader.unit})), reader.unit)
    return {
        "boards": boards,
        "all": panels.sum_of(boards),
        "most": max([1, *(each.required for each in boards)]),
        "percent": panels.percent,
        "lights": await queries.lights(db, reader, scope, now),
        "rates": await queries.rates(db, reader, scope, now),
        "clocks": RATES,
        "scope": scope,
        "whose": plain(units.name_of(whose if scope == "issued" else reader.unit)),
        "href": partial(href, scope),
        "lines": await feed.ticker(db, reader),
        **await _map(portal, reader, scope, now),
        **await _rank(portal, reader),
    }


def href(scope: str, **filters: str) -> str:
    """The list that a figure counts."""
    return f"/tasks?{Filters(scope=scope).query(**filters)}"


async def _map(portal: Portal, reader: Reader, scope: str, now: datetime) -> dict[str, Any]:
    """The places below the reader's own tier, and the units of that tier; of a unit without an office, itself."""
    here, tier = parse(reader.unit).region, level(reader.unit)
    units = (await portal.reference()).units
    width = WIDTHS[tier]
    counted = await queries.places(portal.db, reader, scope, here, width, now)
    if scope == "own":
        return {"tiles": [], "departments": panels.tiles([(reader.unit, reader.unit_name)], counted)}
    below = units.below(units.region_of(reader.unit), (BELOW[tier],), ("government", "township"))
    names = [(row["address"][:width], plain(row["short"])) for row in below]
    own = units.below(here, (tier,), ("department", "government", "group"))
    departments = panels.tiles([(row["address"], row["short"]) for row in own], counted)
    columns = 3 if tier is Level.PROVINCE else 4
    return {
        "tiles": panels.tiles(names, counted, positions(), columns),
        "departments": panels.busiest(departments, 24),
    }


@cache
def positions() -> Mapping[str, tuple[int, int]]:
    """Column and row of the cities whose province has a layout of its own."""
    with TILES.open() as file:
        rows = list(csv.DictReader(file))
    return {f"{row['province']}.{row['city']}": (int(row["column"]), int(row["row"])) for row in rows}


async def _rank(portal: Portal, reader: Reader) -> dict[str, Any]:
    """The ranking in which the reader's own tier stands, of a department that of the departments."""
    tier, of_government = level(reader.unit), parse(reader.unit).unit in (GOVERNMENT, OFFICE)
    leagues = LEAGUES[tier] if of_government or tier is not Level.PROVINCE else (PeerGroup.DEPARTMENT, *LEAGUES[tier])
    ranking = await latest(portal, reader, leagues)
    top, bottom = panels.ends(ranking)
    ranks = await before(portal, reader, ranking.period, ranking.group) if ranking else {}
    return {"ranking": ranking, "top": top, "bottom": bottom, "before": ranks}
