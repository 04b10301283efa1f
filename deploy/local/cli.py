"""`duban up`: the same as `./dev up`, where the environment is there already."""

import os
import sys
from typing import Annotated

import typer

from deploy.local.settings import ROOT

app = typer.Typer()


@app.command("up")
def up(
    fresh: Annotated[bool, typer.Option("--fresh", help="清空数据后启动（字体保留）")] = False,
    no_demo: Annotated[bool, typer.Option("--no-demo", help="不载入示例省")] = False,
) -> None:
    """在本机运行整套平台，直到按 Ctrl-C。"""
    flags = ["--fresh"] * fresh + ["--no-demo"] * no_demo
    os.execv(sys.executable, [sys.executable, str(ROOT / "dev"), "up", *flags])
