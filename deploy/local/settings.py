"""Where the local stack keeps things and which ports it takes, read once from the environment."""

import os
import secrets
import socket
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from services.nodes import keys

ROOT = Path(__file__).resolve().parents[2]
DATA = ("pg", "nats", "blobs", "search")


class Trouble(Exception):
    """Something the person at the keyboard can put right; its text says what and how."""


class Settings(BaseModel):
    """What `./dev up` reads; ports are those of 127.0.0.1."""

    model_config = ConfigDict(frozen=True)
    var: Path = Field(default=ROOT / "var", description="数据目录。")
    http_port: int = Field(default=8080, description="门户的端口。")
    port_base: int = Field(default=18100, description="其余各端口从这一个起。")
    pg_dsn: str | None = Field(default=None, description="改用已有的 PostgreSQL；缺省用内置的。")
    nats_url: str | None = Field(default=None, description="改用已有的 NATS；缺省用内置的。")
    nats_credentials: Path | None = Field(default=None, description="已有的 NATS 的凭据：文件，或各服务的目录。")
    nats_host: str = Field(default="127.0.0.1", description="内置的 NATS 监听的地址；对其他机器开放须有证书。")
    nats_cert: Path | None = Field(default=None, description="内置的 NATS 的服务器证书（PEM）。")
    nats_key: Path | None = Field(default=None, description="上述证书的私钥（PEM）。")
    nats_ca: Path | None = Field(default=None, description="签发上述证书的 CA。")
    keys: Path | None = Field(default=None, description="签发密钥的目录；缺省为 DUBAN_VAR 下的 keys。")

    @property
    def pg_port(self) -> int:
        return self.port_base

    @property
    def nats_port(self) -> int:
        return self.port_base + 1

    @property
    def monitor_port(self) -> int:
        return self.port_base + 2

    def service_port(self, name: str, position: int) -> int:
        return self.http_port if name == "portal" else self.port_base + 3 + position


def read(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from DUBAN_VAR, DUBAN_HTTP_PORT, DUBAN_PORT_BASE, DUBAN_PG_DSN and DUBAN_NATS_*."""
    return Settings(
        var=Path(environ.get("DUBAN_VAR") or ROOT / "var").resolve(),
        http_port=_port(environ, "DUBAN_HTTP_PORT", 8080),
        port_base=_port(environ, "DUBAN_PORT_BASE", 18100),
        pg_dsn=environ.get("DUBAN_PG_DSN") or None,
        nats_url=environ.get("DUBAN_NATS_URL") or None,
        nats_credentials=_path(environ, "DUBAN_NATS_CREDENTIALS"),
        nats_host=environ.get("DUBAN_NATS_HOST") or "127.0.0.1",
        nats_cert=_path(environ, "DUBAN_NATS_CERT"),
        nats_key=_path(environ, "DUBAN_NATS_KEY"),
        nats_ca=_path(environ, "DUBAN_NATS_CA"),
        keys=Path(environ["DUBAN_KEYS"]).resolve() if environ.get("DUBAN_KEYS") else None,
    )


def _path(environ: Mapping[str, str], name: str) -> Path | None:
    if not (text := environ.get(name)):
        return None
    if not (path := Path(text).resolve()).exists():
        raise Trouble(f"{name}={text} 不存在：请检查路径")
    return path


def _port(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not 1024 <= int(text) <= 65500:
        raise Trouble(f"{name}={text} 不是可用的端口号：请设为 1024–65500 之间的数字，例如 {name}={default}")
    return int(text)


def secret(directory: Path, name: str) -> str:
    """The random password kept in directory/name, made at the first call, readable by its owner only."""
    path = directory / name
    if not path.exists():
        keys.write(path, secrets.token_urlsafe(24))
    return path.read_text()


def is_free(port: int) -> bool:
    """Whether 127.0.0.1:port can be listened on now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> list[int]:
    """Ports nobody listened on a moment ago, all different."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()
