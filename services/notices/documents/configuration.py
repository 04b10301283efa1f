"""What an office sets once: standing words and fonts, read from files and kept."""

import tomllib
from functools import cache
from pathlib import Path

from services.notices.documents.domain.wording import Wording
from services.notices.documents.fonts import NOTO_DIRECTORY, Fonts
from services.notices.settings import Settings

DEFAULT = Path(__file__).parent / "data" / "wording.toml"


def wording(settings: Settings) -> Wording:
    """The office's own words, else those that come with this version."""
    return _read(settings.wording or DEFAULT)


def fonts(settings: Settings) -> Fonts:
    """The font directories that exist: licensed ones, those fetched under `var`, the system's Noto CJK."""
    places = (settings.font_dir, settings.var / "fonts", NOTO_DIRECTORY)
    return tuple(place.resolve() for place in places if place and place.is_dir())


@cache
def _read(path: Path) -> Wording:
    return Wording.model_validate(tomllib.loads(path.read_text()))
