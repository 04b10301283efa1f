"""Whose turn it is: a lane for each node that waits, so that a flood of one delays the others by a turn at most."""

from collections import deque
from collections.abc import Container, Sequence
from dataclasses import dataclass, field

from contracts.envelope import Command
from contracts.region import Node
from services.chassis.command_batcher import LARGEST
from services.chassis.queued_command import QueuedCommand


@dataclass(slots=True)
class Lane:
    """The commands of one node, in its order.

    alone: so many of the first have a transaction each, because one of them failed. resumes: not before this time.
    """

    waiting: deque[QueuedCommand] = field(default_factory=deque)
    alone: int = 0
    resumes: float = 0

    def take(self, most: int) -> list[QueuedCommand]:
        """The first ones, as far as they are of one kind and none repeats another's id."""
        taken = [self.waiting.popleft()]
        ids = {taken[0].id}
        while len(taken) < most and self.waiting and self.waiting[0].kind is taken[0].kind:
            if self.waiting[0].id in ids:
                break
            taken.append(self.waiting.popleft())
            ids.add(taken[-1].id)
        return taken


class CommandLanes:
    """All that waits. `batched`: the kinds of which one transaction decides many."""

    def __init__(self, batched: Container[type[Command] | None]) -> None:
        self.batched = batched
        self.lanes: dict[Node, Lane] = {}
        self.held: set[int] = set()

    def add(self, command: QueuedCommand) -> None:
        """The last of its lane; one that is here already was delivered again."""
        if command.message.sequence not in self.held:
            self.held.add(command.message.sequence)
            self.lanes.setdefault(command.node, Lane()).waiting.append(command)

    def pause(self, now: float) -> float | None:
        """Seconds until the next turn; None where nothing waits."""
        return max(0, min(lane.resumes for lane in self.lanes.values()) - now) if self.lanes else None

    def turn(self, now: float) -> list[list[QueuedCommand]]:
        """A fair share of every node that waits, a list for each transaction.

        A node gives commands of one kind to a turn, so those of different kinds may be decided in any order.
        """
        ready = [node for node, lane in self.lanes.items() if lane.resumes <= now][:LARGEST]
        together: dict[type[Command] | None, list[QueuedCommand]] = {}
        single = []
        for node in ready:
            lane = self.lanes[node] = self.lanes.pop(node)  # behind those who had no turn
            kind = lane.waiting[0].kind
            if lane.alone or kind not in self.batched:
                single.append(lane.take(1))
            else:
                together.setdefault(kind, []).extend(lane.take(LARGEST // len(ready)))
        return [*together.values(), *single]

    def done(self, group: Sequence[QueuedCommand]) -> None:
        """They are answered."""
        for command in group:
            self.held.discard(command.message.sequence)
            lane = self.lanes[command.node]
            lane.alone = max(0, lane.alone - 1)
            if not lane.waiting:
                del self.lanes[command.node]

    def put_back(self, group: Sequence[QueuedCommand], resumes: float = 0) -> None:
        """They failed: to the front again, from now on one by one, so that a bad one takes no other with it."""
        for command in reversed(group):
            self.lanes[command.node].waiting.appendleft(command)
        for node in {command.node for command in group}:
            lane = self.lanes[node]
            lane.alone = max(lane.alone, sum(command.node == node for command in group))
            lane.resumes = resumes
