"""Everything an operator may turn, each with a working default; a service adds its own in its settings.py."""

import os
import ssl
from pathlib import Path
from typing import Any, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read once, when the service is built; names are `DUBAN_` and the field in capitals."""

    model_config = SettingsConfigDict(
        env_prefix="DUBAN_",
        env_file=Path(os.environ.get("DUBAN_VAR", "var")) / "run/duban.env",  # what a running ./dev up left for tools
        extra="ignore",
        frozen=True,
    )

    nats_url: str = Field(
        default="nats://127.0.0.1:4222", description="消息总线（NATS）各服务器的地址，逗号分隔，不写用户名和口令。"
    )
    nats_credentials: Path | None = Field(
        default=None, description="总线的凭据：一个文件，或放着各服务的 <服务名>.creds 的目录。"
    )
    nats_ca: Path | None = Field(default=None, description="签发总线服务器证书的 CA；缺省信任系统所信任的。")
    bus_limit: float = Field(default=30, description="秒；消息总线断开超过这个时间，进程自行结束，由守护程序重启。")
    pg_dsn: str = Field(default="postgresql://duban@127.0.0.1:5432/duban", description="本节点的数据库（PostgreSQL）。")
    node: str = Field(default="14.00.00", description="本节点：地址中的区划部分。")
    var: Path = Field(default=Path("var"), description="存放文件、字体和索引的目录。")
    stream_replicas: int = Field(default=1, description="每个流的副本数，省级为 3。")
    pool: int = Field(default=8, ge=1, description="每个服务的数据库连接数。")
    batch: int = Field(default=500, ge=1, le=1_000, description="一批处理或发布的事件数。")
    idle: float = Field(default=2, description="没有事件时一次读取等待的秒数。")
    standby: float = Field(default=0.5, description="两次争取锁之间的秒数。")
    poll: float = Field(default=0.25, description="两次查看发件箱之间的秒数。")
    tick: float = Field(default=1, description="两次定时处理之间的秒数。")
    patience: tuple[float, ...] = Field(
        default=(0, 0.1, 0.5), min_length=1, description="单个事件或命令每次尝试之前停顿的秒数。"
    )
    outbox_limit: float = Field(default=60, description="秒；有事件等待发布超过这个时间，健康检查转红。")
    lag_limit: float = Field(default=60, description="秒；有事件等待处理而超过这个时间没有进展，健康检查转红。")
    command_limit: float = Field(default=60, description="秒；下级节点的命令等待超过这个时间，健康检查转红。")
    bulk_limit: float = Field(default=3_600, description="秒；导入等批量事件等待发布超过这个时间，健康检查转红。")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="日志的详细程度：每件办成的事一行 INFO；WARNING 只记异常。"
    )
    anchor: float = Field(default=60, description="同一条审计链两次锚定之间的秒数。")

    def credentials_of(self, user: str) -> Path | None:
        """The file by which a user comes onto the bus."""
        place = self.nats_credentials
        return place / f"{user}.creds" if place and place.is_dir() else place

    def bus(self, user: str = "operator") -> dict[str, Any]:
        """How `user` connects to the bus, as nats-py's options; replies come to an inbox that nobody else may read."""
        file = self.credentials_of(user)
        secure = self.nats_ca or self.nats_url.startswith("tls://")
        return {
            "servers": self.nats_url.split(","),
            "user_credentials": str(file) if file else None,
            "tls": ssl.create_default_context(cafile=self.nats_ca) if secure else None,
            "tls_handshake_first": bool(secure),  # nats-py goes on in the clear where a server does not ask for TLS
            "inbox_prefix": f"_INBOX_{user}",
        }
