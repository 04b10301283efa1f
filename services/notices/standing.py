"""What an office sets once: letterheads, standing words and fonts, read from files and kept."""

import tomllib
from functools import cache
from pathlib import Path

from services.notices.documents.fonts import NOTO_DIRECTORY, Fonts
from services.notices.domain.letterhead import Letterheads
from services.notices.domain.wording import Wording
from services.notices.settings import Settings

DATA = Path(__file__).parent / "data"


def letterheads(settings: Settings) -> Letterheads:
    """The office's own letterheads, else those that come with this version."""
    return _letterheads(settings.letterheads or DATA / "letterheads.toml")


def wording(settings: Settings) -> Wording:
    """The office's own words, else those that come with this version."""
    return _wording(settings.wording or DATA / "wording.toml")


def fonts(settings: Settings) -> Fonts:
    """The font directories that exist: licensed ones, those fetched under `var`, the system's Noto CJK."""
    places = (settings.font_dir, settings.var / "fonts", NOTO_DIRECTORY)
    return tuple(place.resolve() for place in places if place and place.is_dir())


@cache
def _letterheads(path: Path) -> Letterheads:
    return Letterheads.model_validate(tomllib.loads(path.read_text()))


@cache
def _wording(path: Path) -> Wording:
    return Wording.model_validate(tomllib.loads(path.read_text()))
