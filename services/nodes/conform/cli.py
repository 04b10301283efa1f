"""`duban conform`: the kit's command."""

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from deploy.local.settings import Trouble
from services.nodes.conform import report, run
from services.nodes.conform.cases import CASES
from services.nodes.conform.outages import OUTAGES
from services.nodes.conform.run import Case, Outcome

ALL = {case.name: case for case in (*CASES, *OUTAGES)}
HELP = """一致性检验：在自带的沙箱总线上检验一个下级系统，任何语言写的都可以。

被测系统由本工具启动；资料目录是命令的最后一个参数，也在 DUBAN_BUNDLE 里。它要做的只有一件事：每收到一件新任务
（assignment.issued），以任务所在单位的名义签收一次（指令 acknowledge），其余事件只确认，不答复。

示例：duban conform -- python my_system.py
"""
SETTINGS = {"allow_interspersed_args": False}


def conform(
    command: Annotated[
        list[str] | None, typer.Argument(help="启动被测系统的命令，写在 -- 之后", metavar="命令…")
    ] = None,
    case: Annotated[list[str] | None, typer.Option("--case", help="只检验这种情形，可写多次", metavar="情形")] = None,
    patience: Annotated[float, typer.Option(min=1, help="每一步最多等待的秒数", metavar="秒")] = 30,
    log: Annotated[Path | None, typer.Option(help="被测系统的输出追加到这个文件", metavar="文件")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="结果写成 JSON")] = False,
    list_cases: Annotated[bool, typer.Option("--list", help="列出全部情形")] = False,
) -> None:
    """Exit 0 where every case passed, 1 where one did not."""
    if list_cases:
        typer.echo("\n".join(f"{each.name:<15} {each.title}：{each.proves}" for each in ALL.values()))
        return
    if not command or not shutil.which(command[0]):
        raise typer.BadParameter(f"没有这个命令：{command[0]}" if command else "请在 -- 之后写出启动被测系统的命令")
    chosen = [chosen_case(name) for name in case] if case else list(ALL.values())
    with tempfile.TemporaryDirectory(prefix="duban-conform-") as folder:
        output = log or Path(folder) / "program.log"
        try:
            outcomes = asyncio.run(played(command, Path(folder), output.absolute(), patience, chosen))
        except Trouble as trouble:
            typer.echo(str(trouble), err=True)
            raise typer.Exit(2) from None
    typer.echo((report.as_json if as_json else report.table)(outcomes))
    raise typer.Exit(0 if all(outcome.passed for outcome in outcomes) else 1)


def chosen_case(name: str) -> Case:
    """The case of that name."""
    if name not in ALL:
        raise typer.BadParameter(f"没有情形 {name}；有：{'、'.join(ALL)}")
    return ALL[name]


async def played(
    command: Sequence[str], folder: Path, log: Path, patience: float, cases: Sequence[Case]
) -> list[Outcome]:
    """Each case in its turn, progress on stderr."""
    typer.echo("正在启动沙箱总线和被测系统…", err=True)
    outcomes = []
    async with run.opened(command, folder, log, patience) as trial:
        for number, case in enumerate(cases, 1):
            typer.echo(f"[{number}/{len(cases)}] {case.name} {case.title} … ", nl=False, err=True)
            outcomes.append(outcome := await trial.play(case))
            typer.echo(f"{report.word(outcome)}（{outcome.seconds:g} 秒）", err=True)
            if case is CASES[0] and not outcome.passed and number < len(cases):
                typer.echo(f"日常收办未通过，其余 {len(cases) - number} 种情形不再进行：先修好它", err=True)
                break
    return outcomes
