"""`duban up`: the same as `./dev up`, where the environment is there already."""

import os
import re
import sys
from typing import Annotated

import typer

from deploy.local import settings, trace
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


@app.command("trace")
def show_trace(
    trace_id: Annotated[str, typer.Argument(help="踪迹编号，32 位；接口的报错和每行日志都写着", metavar="踪迹")],
) -> None:
    """从各服务的日志列出一次操作的来龙去脉：从点击到事项、亮灯、文书。"""
    if not re.fullmatch("[0-9a-f]{32}", trace_id):
        raise typer.BadParameter("踪迹编号是 32 位小写十六进制，即日志里的 trace_id")
    folder = settings.read().var / "log"
    nodes = trace.tree(trace.lines_of(folder, trace_id))
    typer.echo("\n".join(trace.drawn(nodes)) or f"{folder} 的日志里没有这条踪迹")
    raise typer.Exit(0 if nodes else 1)
