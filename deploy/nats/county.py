"""What a county's own credentials may do on the bus: hear its own address, command in its own name, nothing else."""

import re
from collections.abc import Mapping

TOKEN = r"(?!00)[0-9]{2}"
COUNTY = re.compile(rf"{TOKEN}\.{TOKEN}\.{TOKEN}")


def county_permissions(node: str) -> dict[str, Mapping[str, list[str]]]:
    """nats-server permissions of one county.

    node: division address "pp.cc.dd", e.g. "14.10.02"; anything else raises ValueError.
    Returns {"publish": {"allow": [...], "deny": [...]}, "subscribe": {"allow": [...]}}: three pull consumers
    (its own address, what is for all in the province, what is for all in its city), its own durable commands,
    its own inbox (`inbox_prefix`) and its deliver subject. A consumer must be created by name (nats-py: `name=`),
    for then the server holds its filter to the subject it was created on.
    """
    if not COUNTY.fullmatch(node):
        raise ValueError(f"县级节点地址应为“省.市.县”各两位数字、不为 00，例如 14.10.02；收到的是 {node!r}")
    calls = [
        call
        for consumer, address in consumers(node).items()
        for call in (
            f"$JS.API.CONSUMER.CREATE.EVENTS.{consumer}.duban.evt.v1.*.*.{address}",
            f"$JS.API.CONSUMER.INFO.EVENTS.{consumer}",
            f"$JS.API.CONSUMER.MSG.NEXT.EVENTS.{consumer}",
            f"$JS.ACK.EVENTS.{consumer}.>",
        )
    ]
    return {
        "publish": {"allow": [*calls, f"duban.cmd.v1.*.{node}"], "deny": ["duban.evt.>", "duban.rpc.>"]},
        "subscribe": {"allow": [f"{inbox_prefix(node)}.>", f"duban.deliver.{node.replace('.', '-')}"]},
    }


def consumers(node: str) -> dict[str, str]:
    """The county's durable pull consumers on EVENTS: name -> the address its filter ends with."""
    province, city, _ = node.split(".")
    name = f"county-{node.replace('.', '-')}"
    return {
        name: f"{node}.>",
        f"{name}-all": f"{province}.00.00.000.all",
        f"{name}-city": f"{province}.{city}.00.000.all",
    }


def inbox_prefix(node: str) -> str:
    """The private inbox prefix this county must connect with, e.g. "_INBOX_14_10_02"."""
    return f"_INBOX_{node.replace('.', '_')}"
