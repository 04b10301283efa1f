"""Where a webhook may lead: never into the platform's own network, unless the operator opened it (SSRF).

Asked when an address is registered. Who delivers asks again and connects to the very address that was checked: a name
may resolve to another one by then.
"""

import asyncio
import re
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from contracts.refusals import Refused, refuse
from services.portal.refusals import Code

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

PLAIN = re.compile(r"[!-\[\]-~]+")
"""Printable ASCII without space and backslash, which parsers read differently."""
HOST = re.compile(r"[A-Za-z0-9.-]+|[0-9A-Fa-f:.]+")
NEVER = (ip_network("169.254.0.0/16"), ip_network("fe80::/10"), ip_network("fd00:ec2::254"))
"""Link-local, where clouds keep the credentials of a machine: whatever the operator opened."""
TRANSLATED = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"))
"""IPv6 that stands for an IPv4 address somewhere else."""
PATIENCE = 5.0


async def refusal(url: str, networks: Sequence[Network], ports: Sequence[int]) -> Refused | None:
    """Why events are not sent there, in words; None where they may be. networks: inner ones that may be reached."""
    target = _split(url)
    if isinstance(target, str):
        return _refused(target)
    host, port = target.hostname or "", target.port or {"https": 443, "http": 80}[target.scheme]
    try:
        async with asyncio.timeout(PATIENCE):
            addresses = await resolved(host, port)
    except (OSError, TimeoutError, UnicodeError):
        return _refused(f"域名“{host}”不能解析，请核对")
    if not all(is_reachable(each, networks) for each in addresses):
        return _refused(f"“{host}”在内部网络上：推送地址应为公网地址，或请管理员放开所在网段（DUBAN_WEBHOOK_NETWORKS）")
    local = all(each.is_loopback for each in addresses)
    if target.scheme == "http" and not local:
        return _refused("推送地址应以 https:// 开头")
    if port not in ports and not local:
        return _refused(f"端口 {port} 不能使用：可用的有 {'、'.join(map(str, ports))}")
    return None


def _split(url: str) -> SplitResult | str:
    """The parts of a URL, or what is wrong with it."""
    try:
        target = urlsplit(url)
        target.port  # noqa: B018  raises where it is no port
    except ValueError:
        return "推送地址不是有效的网址"
    if not PLAIN.fullmatch(url) or target.scheme not in ("https", "http") or not HOST.fullmatch(target.hostname or ""):
        return "推送地址应为网址，如 https://example.gov.cn/duban；中文域名请写成 xn-- 形式"
    if "@" in target.netloc:
        return "推送地址不能带用户名和口令：签名密钥已证明是本平台发送的"
    if "#" in url:
        return "推送地址不能带 # 之后的部分"
    return target


async def resolved(host: str, port: int) -> list[Address]:
    """Every address that a name stands for now. Raises OSError."""
    lines = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [_unwrapped(ip_address(line[4][0])) for line in lines]


def _unwrapped(address: Address) -> Address:
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def is_reachable(address: Address, networks: Sequence[Network]) -> bool:
    """A public address, or one in a network that the operator opened."""
    if any(address in network for network in NEVER) or address.is_multicast or address.is_unspecified:
        return False
    if any(address in network for network in networks):
        return True
    hidden = isinstance(address, IPv6Address) and (
        address.sixtofour or address.teredo or any(address in network for network in TRANSLATED)
    )
    return address.is_global and not address.is_reserved and not hidden


def _refused(message: str) -> Refused:
    return refuse(Code.WEBHOOK_URL, message, "/url")
