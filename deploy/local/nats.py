"""The embedded nats-server: JetStream that syncs every write, and an operator who signs whoever may come in."""

import functools
import ipaddress
import re
import signal
import string
import subprocess
import sys
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from deploy.local import process
from deploy.local.process import Child
from deploy.local.settings import ROOT, Trouble
from services.nodes.authority import Authority

SERVER = Path(sys.executable).parent / "nats-server"
TEMPLATE = ROOT / "deploy" / "nats" / "local.conf"
OLDEST = (2, 15)
THRIFT = {"GOGC": "50"}
"""Go collects its garbage when the heap has grown by half, not to double: memory for a little CPU."""
BROKEN = "could not be recovered"


@dataclass(frozen=True)
class Listen:
    """Where a server listens; anywhere but on this machine itself it must have a certificate."""

    port: int
    monitor: int
    host: str = "127.0.0.1"
    certificate: Path | None = None
    key: Path | None = None

    def __post_init__(self) -> None:
        if not is_loopback(self.host) and not (self.certificate and self.key):
            raise Trouble(
                f"DUBAN_NATS_HOST={self.host} 会让其他机器连到总线，凭据与内容不能明文传输："
                "请设置 DUBAN_NATS_CERT 与 DUBAN_NATS_KEY（服务器证书与私钥），或改回 127.0.0.1"
            )

    def tls(self) -> str:
        """The server's `tls` block, empty without a certificate."""
        if not (self.certificate and self.key):
            return ""
        files = f'cert_file: "{self.certificate}", key_file: "{self.key}"'
        return f"tls {{ {files}, timeout: 5, handshake_first: auto }}"


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def configuration(store: Path, listen: Listen, authority: Authority, durable: bool = True) -> str:
    """The server's configuration file: it names who signs, and holds no secret."""
    return string.Template(TEMPLATE.read_text()).substitute(
        authority.trust(),
        store=store,
        listen=f"[{listen.host}]:{listen.port}" if ":" in listen.host else f"{listen.host}:{listen.port}",
        monitor=listen.monitor,
        tls=listen.tls(),
        sync="always" if durable else '"2m"',
    )


def child(store: Path, listen: Listen, authority: Authority, log: Path, durable: bool = True) -> Child:
    """Write the configuration into `store` and give the server over it; not durable: writes synced now and then."""
    check_version(version())
    store.mkdir(parents=True, exist_ok=True, mode=0o700)
    config = store / "server.conf"
    config.touch(mode=0o600)
    config.write_text(configuration(store, listen, authority, durable))
    return Child(
        name="nats",
        launch=lambda: process.program([SERVER, "-c", config], log, on_death=signal.SIGTERM, env=THRIFT),
        log=log,
        unready=lambda: unready(listen.monitor, store),
        answers=lambda: http_answers(listen.monitor),
    )


@functools.cache
def version() -> str:
    """Version of the embedded binary, e.g. "2.15.1"."""
    run = subprocess.run([SERVER, "--version"], capture_output=True, text=True, check=True)
    return run.stdout.rpartition("v")[2].strip()


def check_version(text: str) -> None:
    """Trouble unless nats-server is new enough."""
    numbers = tuple(int(part) for part in re.findall(r"\d+", text)[:2])
    if numbers < OLDEST:
        raise Trouble(f"nats-server 版本为 {text}，需要 2.15 或更高：请升级 nats-server")


def unready(monitor: int, store: Path) -> str | None:
    """As `http_unready`; Trouble with the remedy where the server says that a stream on disk is beyond its help."""
    reason = http_unready(monitor)
    if reason and BROKEN in reason:
        raise Trouble(
            f"NATS 的存储已损坏，无法恢复（{reason}）。事件都在各服务的数据库里：停止平台，"
            f"把 {store / 'jetstream'} 移到别处，再启动，各服务会自行补发"
        )
    return reason


def http_unready(port: int) -> str | None:
    """None once GET 127.0.0.1:port/healthz answers 200, else what it answered."""
    try:
        status, body = _health(port)
    except (OSError, HTTPException) as problem:
        return f"/healthz 没有应答（{type(problem).__name__}）"
    return None if status == 200 else f"/healthz 返回 {status} {body}"


def http_answers(port: int) -> bool:
    """Whether GET 127.0.0.1:port/healthz answers at all."""
    try:
        return bool(_health(port))
    except (OSError, HTTPException):
        return False


def _health(port: int) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        return answer.status, answer.read(500).decode(errors="replace")
    finally:
        connection.close()
