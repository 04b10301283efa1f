"""One case after the other against one system; what each came to, in words that help its developer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from contracts.events.assignment import AssignmentIssued
from contracts.node import reader_of
from deploy.local.settings import Trouble
from services.nodes.conform import sandbox as bus
from services.nodes.conform.program import Program
from services.nodes.conform.province import REPEATS, Province
from services.nodes.conform.sandbox import NODE, Sandbox

QUIET = 0.4
"""Seconds without anything new after which a case that went well is over."""
STALLED = 5
"""A part of the patience: so long nothing moves and nothing waits, and what is missing will not come."""
POLL = 0.05
RESTART = 1.0


@dataclass(frozen=True)
class Case:
    """`name` is what a developer types; `remedy`: what to look at first where it fails; `endures`: the system may end
    by itself and be started again.
    """

    name: str
    title: str
    proves: str
    remedy: str
    play: Callable[["Run"], Awaitable[None]]
    endures: bool = False


@dataclass
class Outcome:
    """What a case came to; it passed without problems."""

    case: Case
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0

    @property
    def passed(self) -> bool:
        return not self.problems


class Run:
    """The sandbox, the province, the program under test, and the outcome of the case that is being played."""

    def __init__(self, sandbox: Sandbox, province: Province, program: Program, patience: float) -> None:
        self.sandbox, self.province, self.program, self.patience = sandbox, province, program, patience
        self.outcomes: dict[str, Outcome] = {}
        self.outcome: Outcome
        self.restarts = self.decided = 0

    async def play(self, case: Case) -> Outcome:
        """Play it and judge it; what went wrong is cleared away for the next one."""
        begun, before = clock(), self._decisions()
        foreign, history = len(self.province.foreign), len(self.province.log)
        self.outcome, self.restarts, self.decided = Outcome(case), 0, 0
        self.outcomes[case.name] = self.outcome
        await case.play(self)
        self._judge_earlier(before)
        self.outcome.problems = list(dict.fromkeys(self.outcome.problems + self.province.foreign[foreign:]))
        if self.outcome.passed:
            self.outcome.notes.insert(0, f"{self.decided} 件任务各签收一次，事件全部确认")
        if self.restarts:
            self.note(f"进程自行退出 {self.restarts} 次，由本工具重新启动")
        self.outcome.seconds = round(clock() - begun, 1)
        if not self.outcome.passed:
            await self._clear(history)
        return self.outcome

    def problem(self, text: str) -> None:
        """The case fails."""
        self.outcome.problems.append(text)

    def note(self, text: str) -> None:
        """Worth knowing, and no fault."""
        self.outcome.notes.append(text)

    async def until(self, done: Callable[[], Awaitable[bool]]) -> bool:
        """Wait for it, as long as the patience lasts and the program may live; whether it came."""
        end = clock() + self.patience
        while clock() < end and await self.alive():
            if await done():
                return True
            await asyncio.sleep(POLL)
        return False

    async def conclude(self, issued: Sequence[AssignmentIssued]) -> bool:
        """Wait until each is decided, every event acknowledged and nothing moves any more; judge what there is then.

        Whether all is well so far.
        """
        expected = [event.assignment.assignment_id for event in issued]
        seen, moved = None, clock()

        async def over() -> bool:
            nonlocal seen, moved
            place = await self.sandbox.place()
            now = place, self.province.commands, self.restarts
            seen, moved = now, moved if now == seen else clock()
            decided = all(id in self.province.decisions for id in expected)
            quiet = clock() - moved > (QUIET if decided else self.patience / STALLED)
            return quiet and not place.waiting and not await self.sandbox.queued()

        if not await self.until(over) and self.outcome.passed:
            await self._explain()
        self._judge(expected)
        return self.outcome.passed

    async def alive(self) -> bool:
        """Whether the program runs; where the case endures its end, it is started again as a supervisor would."""
        code = self.program.exit_code()
        if code is None:
            return True
        if self.outcome.case.endures:
            self.restarts += 1
            await asyncio.sleep(RESTART)
            self.program.start()
            return True
        self.problem(f"进程自行退出，退出码 {code}；最后的输出：{self.program.last_line() or '（无）'}")
        return False

    async def _explain(self) -> None:
        """Why nothing moves, as far as the bus knows."""
        place = await self.sandbox.place()
        if place.waiting and not place.delivered:
            self.problem(f"从未取过事件：检查取下一个事件的主题 up.API.CONSUMER.MSG.NEXT.EVENTS.{reader_of(NODE)}")
        elif place.waiting:
            subject = await self.sandbox.next_event()
            self.problem(f"等了 {self.patience:g} 秒，还有 {place.waiting} 个事件没有确认，停在 {subject}")
        if not await self.sandbox.connections():
            self.problem("此刻没有到总线的连接：检查凭据和地址（都在资料目录里），断开后要自己重连")

    def _judge(self, expected: Sequence[UUID]) -> None:
        decisions = self.province.decisions
        missing = [self._name(id) for id in expected if id not in decisions]
        if missing:
            self.problem(f"{len(missing)} 件任务没有签收：{some(missing)}")
        doubled = [f"{self._name(id)} {len(decisions[id])} 次" for id in expected if len(decisions.get(id, ())) > 1]
        if doubled:
            self.problem(f"{len(doubled)} 件任务被重复签收（指令编号不同）：{some(doubled)}")
        self.decided = len(expected)

    def _judge_earlier(self, before: Mapping[UUID, int]) -> None:
        """What earlier cases had decided is not decided again; a refused command is charged to its own case."""
        now = self._decisions()
        again = [id for id, count in before.items() if now[id] > count]
        if names := [self._name(id) for id in again if id not in self.province.refusing]:
            self.problem(f"{len(names)} 件早已签收的任务又被签收：{some(names)}")
        for id in self.province.refusing:
            refused = self.outcomes.get("refused")
            if refused and refused.passed and self.province.sent[id] > REPEATS:
                refused.problems.append(
                    f"被拒绝的指令发了 {self.province.sent[id]} 次，没有停下：拒绝是最终答复，应转人工"
                )

    def _decisions(self) -> dict[UUID, int]:
        return {id: len(ids) for id, ids in self.province.decisions.items()}

    def _name(self, id: UUID) -> str:
        return self.province.assignments[id].number

    async def _clear(self, history: int) -> None:
        """The next case begins with a queue that is open, a program that has just started, and nothing waiting; what
        this one published after the `history` before it never comes again.
        """
        del self.province.log[history:]
        await self.program.kill()
        await self.sandbox.restore()
        await self.sandbox.skip()
        self.program.start()


def some(names: Sequence[str]) -> str:
    """A few of many."""
    return "、".join(names[:5]) + ("等" if len(names) > 5 else "")


def clock() -> float:
    """Seconds of the running loop."""
    return asyncio.get_running_loop().time()


@asynccontextmanager
async def opened(command: Sequence[str], folder: Path, log: Path, patience: float) -> AsyncIterator[Run]:
    """A run with everything in `folder`: the program is started, and all is ended when it is left."""
    async with bus.opened(folder) as sandbox:
        province = Province(sandbox)
        program = Program(command, sandbox.bundle, log)
        program.start()
        try:
            await arrived(sandbox, program, patience)
            async with asyncio.TaskGroup() as group:
                taking = group.create_task(province.take_commands())
                yield Run(sandbox, province, program, patience)
                taking.cancel()
        finally:
            await program.stop()


async def arrived(sandbox: Sandbox, program: Program, patience: float) -> None:
    """The program is on the bus, or has had its time for it. Raises Trouble where it ended before it ever was."""
    end = clock() + patience
    while clock() < end and not await sandbox.connections():
        if (code := program.exit_code()) is not None:
            raise Trouble(f"被测系统没有连上总线就退出了，退出码 {code}；最后的输出：{program.last_line() or '（无）'}")
        await asyncio.sleep(POLL)
