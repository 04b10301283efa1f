"""What an operator may turn in notices, beside what every service has."""

from pathlib import Path

from pydantic import Field

from services.chassis import settings


class Settings(settings.Settings):
    """Read once, when the service is built; names are `DUBAN_` and the field in capitals."""

    demo: bool = Field(default=False, description="Print demo letterheads and the watermark 演示 on every document.")
    verify_at: str | None = Field(default=None, description="The public page that checks a document, printed on it.")
    letterheads: Path | None = Field(default=None, description="A TOML file in place of numbers/data/letterheads.toml.")
    wording: Path | None = Field(default=None, description="A TOML file in place of documents/data/wording.toml.")
    font_dir: Path | None = Field(default=None, description="Licensed fonts, before those under var/fonts.")
