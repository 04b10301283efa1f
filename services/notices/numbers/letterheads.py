"""The letterheads of this node, from a file that is read once."""

import tomllib
from functools import cache
from pathlib import Path

from services.notices.numbers.domain import Letterheads
from services.notices.settings import Settings

DEFAULT = Path(__file__).parent / "data" / "letterheads.toml"


def letterheads(settings: Settings) -> Letterheads:
    """The office's own letterheads, else those that come with this version."""
    return _read(settings.letterheads or DEFAULT)


@cache
def _read(path: Path) -> Letterheads:
    return Letterheads.model_validate(tomllib.loads(path.read_text()))
