"""What a node is given: a folder with its credentials, where the bus is, and how to begin."""

from pathlib import Path

from contracts.node import SETTINGS, VERBS, Bundle
from contracts.units import address_at
from services.nodes import keys

README = """# 节点 {node} 接入督办平台

本目录由上级平台生成，请经可靠渠道带走，存放在只有本系统能读取的位置。

|文件|内容|
|-|-|
|`{credentials}`|本节点的凭据。相当于口令：权限保持 0600，不进代码库，不转发。|
|`{settings}`|本节点的地址、总线和门户的地址、凭据与证书的文件名。|
{ca_line}
## 开始

```
pip install './contracts[county]'
```

```python
import asyncio

from duban_contracts.county import County


async def main():
    async with County("{folder}", unit="{unit}") as county:
        async for event in county.events():
            print(event.type, event.address)


asyncio.run(main())
```

## 能做什么

- 收取发给本节点各单位的事件，以及发给全市、全省各单位的事件；一次一件，按次序，处理完再取下一件。
- 以本节点的名义发出这些指令：{verbs}。指令先存入上级的队列，答复以事件 `command.answered` 送回。
- 以同一份凭据向门户换取一小时有效的令牌，经 HTTP 上传佐证材料；人员须在人员名册上，且其单位在本节点之内。
- 别的节点的事件、指令，以及上级平台的其他内容，一概读不到、写不到。

## 更换与作废

- 凭据到期日：{expires}。到期之前由上级执行 `duban node rotate {node}`，把新的凭据文件整个换上即可，程序不必停；
  旧凭据在到期或作废之前仍可使用。
- 凭据泄露：立即通知上级，由上级执行 `duban node rotate {node} --now`（换新，旧的当场作废），
  或者 `duban node revoke {node}`（全部作废）。
"""
CA = "|`{ca}`|总线服务器证书的签发者，用来核对服务器的身份。|\n"


def write(folder: Path, bundle: Bundle, credentials: str, expires: str) -> None:
    """Everything anew; the credentials last, for a running system reads them at its next connection."""
    ca = bundle.ca and bundle.ca.name
    given = bundle.model_copy(update={"credentials": file_of(folder, bundle.node).name, "ca": ca})
    text = README.format(
        node=bundle.node,
        credentials=given.credentials,
        settings=SETTINGS,
        ca_line=CA.format(ca=ca) if ca else "",
        folder=folder.name,
        unit=address_at(bundle.node),
        verbs="、".join(f"`{verb}`" for verb in VERBS),
        expires=expires,
    )
    keys.write(folder / "README.md", text)
    if bundle.ca:
        keys.write(folder / bundle.ca.name, bundle.ca.read_text())
    keys.write(folder / SETTINGS, given.model_dump_json(indent=1) + "\n")
    keys.write(file_of(folder, bundle.node), credentials)


def file_of(folder: Path, node: str) -> Path:
    """The credentials file in a bundle."""
    return folder / f"{node}.creds"
