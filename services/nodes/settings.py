"""What an operator may turn in the nodes service."""

from pathlib import Path

from pydantic import Field

from services.chassis import settings


class Settings(settings.Settings):
    """The chassis' settings and these."""

    keys: Path | None = Field(default=None, description="签发密钥的目录；缺省为 DUBAN_VAR 下的 keys。须离线备份。")
    bundles: Path | None = Field(default=None, description="发给各节点的资料的目录；缺省为 DUBAN_VAR 下的 bundles。")
    nats_public: str = Field(
        default="", description="各节点连接总线所用的地址，逗号分隔，写进节点资料；缺省同 DUBAN_NATS_URL。"
    )
    portal_public: str = Field(
        default="", description="各节点访问门户（HTTP 接口）所用的地址，写进节点资料；缺省为本机的门户。"
    )
    http_port: int = Field(default=8080, description="门户的端口。")
    credential_days: int = Field(default=365, ge=1, description="节点凭据的有效天数。")
