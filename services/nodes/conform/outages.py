"""Cases in which something breaks: the bus, the program, the credentials, the stream."""

import asyncio

from nats.aio.msg import Msg

from contracts.envelope import COMMANDS
from services.nodes.conform.run import Case, Run, clock
from services.nodes.conform.sandbox import NODE

AWAY = 2.0
"""Seconds for which the server is away, and the program stopped."""
LINGER = 1.0
"""Seconds in which a program that acknowledges too early does so."""
BACKLOG = 30


async def cut(run: Run) -> None:
    """While it works through a backlog the server is killed, and comes back."""
    issued = await run.province.issue(15)

    async def begun() -> bool:
        return sum(event.assignment.assignment_id in run.province.decisions for event in issued) >= 3

    await run.until(begun)
    await run.sandbox.cut(AWAY)
    await run.conclude(issued + await run.province.issue(5))


async def killed(run: Run) -> None:
    """No command is taken, so an event that came cannot be handled: the program is killed in just that moment."""
    attempts: list[Msg] = []

    async def note(message: Msg) -> None:
        attempts.append(message)

    async def attempted() -> bool:
        return bool(attempts) or run.restarts > 0

    await run.sandbox.close_queue()
    watching = await run.sandbox.bus.province.subscribe(f"{COMMANDS}.*.{NODE}", cb=note)
    before = (await run.sandbox.place()).acknowledged
    issued = await run.province.issue(3)
    if not await run.until(attempted):
        run.note("没有看到发送指令的尝试")
    early = await acknowledged(run, before)
    await run.program.kill()
    await watching.unsubscribe()
    await run.sandbox.restore()
    run.program.start()
    await run.conclude(issued)
    if early and not run.outcome.passed:
        run.problem("被杀之前已经确认了事件，而指令还没有存入队列：应先得到队列的答复，再确认")
    elif early:
        run.note("事件先确认、指令后入队，但重启后补发了")


async def unconfirmed(run: Run) -> None:
    """The queue has the command, and its answer is lost: whoever sends it again means the same decision."""
    await run.sandbox.silence_queue()
    issued = await run.province.issue(2)
    first = issued[0].assignment.assignment_id

    async def taken() -> bool:
        return first in run.province.decisions

    if not await run.until(taken):
        run.note("没有看到发送指令的尝试")
    await run.sandbox.restore()
    await run.conclude(issued)


async def acknowledged(run: Run, before: int) -> bool:
    """Whether an event is acknowledged beyond that place, while no command can be taken."""
    end = clock() + LINGER
    while clock() < end:
        if (await run.sandbox.place()).acknowledged > before:
            return True
        await asyncio.sleep(0.05)
    return False


async def rotated_key(run: Run) -> None:
    issued = await run.province.issue(2)
    if not await run.conclude(issued):
        return
    await run.sandbox.rotate()
    await run.conclude(issued + await run.province.issue(3))


async def slow(run: Run) -> None:
    """It is stopped, not ended: its connection stays, a backlog grows."""
    run.program.pause()
    issued = await run.province.issue(BACKLOG)
    for event in issued:
        await run.province.change_due(event)
    await asyncio.sleep(AWAY)
    run.program.resume()
    await run.conclude(issued)


async def anew(run: Run) -> None:
    """Twice: while it runs, and with a program that has just started."""
    await run.sandbox.lose_events()
    await run.province.repeat()
    issued = await run.province.issue(2)
    if not await run.conclude(issued):
        return
    await run.program.kill()
    await run.sandbox.lose_events()
    await run.province.repeat()
    run.program.start()
    issued += await run.province.issue(2)
    await run.conclude(issued)
    run.note(f"历史事件约 {len(run.province.log)} 个，重来两遍")


OUTAGES = (
    Case(
        "slow",
        "来不及处理",
        "停顿几秒后把积压逐件办完",
        "连接安静一会儿，不要当作断开",
        slow,
    ),
    Case(
        "cut",
        "总线中断",
        "服务器被杀后重启，自己接上，一件不少",
        "不限次数重连；没有得到答复的指令，用原编号重发",
        cut,
        endures=True,
    ),
    Case(
        "unconfirmed",
        "答复丢失",
        "指令已入队而答复没有到：用原编号重发，不成第二次签收",
        "指令的编号先存盘，再发送；没有得到答复，用原编号重发",
        unconfirmed,
        endures=True,
    ),
    Case(
        "killed",
        "进程被杀",
        "收到而未办时被杀，重启后补办：先办理，后确认",
        "先得到队列的答复（PubAck），再确认事件",
        killed,
        endures=True,
    ),
    Case(
        "rotated-key",
        "换凭据",
        "旧凭据作废、文件换新之后，自己接上",
        "每次连接都重新读取文件；客户端被关闭后重新连接",
        rotated_key,
        endures=True,
    ),
    Case(
        "anew",
        "事件流重建",
        "全部历史重来，办过的不再办，重启后也记得",
        "签收记录放在磁盘上，不放在内存里；取事件失败就重新绑定读取位置",
        anew,
        endures=True,
    ),
)
