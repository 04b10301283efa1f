"""What an operator may turn in notices, beside what every service has."""

from pathlib import Path

from pydantic import Field

from services.chassis import settings


class Settings(settings.Settings):
    """Read once, when the service is built; names are `DUBAN_` and the field in capitals."""

    demo: bool = Field(default=False, description="用示例文头，并在每份文件上印“演示”水印。")
    verify_at: str | None = Field(default=None, description="印在文件上的核验页面地址。")
    letterheads: Path | None = Field(default=None, description="TOML 文件，代替自带的文头。")
    wording: Path | None = Field(default=None, description="TOML 文件，代替自带的行文用语。")
    font_dir: Path | None = Field(default=None, description="存放正式字体的目录，先于 var/fonts。")
