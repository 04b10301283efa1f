"""Whose turn it is: a lane for each node that waits, so that a flood of one delays the others by a turn at most."""

from collections import Counter, deque
from collections.abc import Container, Sequence
from dataclasses import dataclass, field

from contracts.envelope import Command
from contracts.region import Node
from services.chassis.command_batcher import LARGEST
from services.chassis.queued_command import QueuedCommand


@dataclass(slots=True)
class Lane:
    """The commands of one node, in its order.

    apart: so many of the first share no transaction with other nodes, alone: nor with each other; some of them failed.
    resumes: not before this time.
    """

    waiting: deque[QueuedCommand] = field(default_factory=deque)
    apart: int = 0
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
        own = []
        for node in ready:
            lane = self.lanes[node] = self.lanes.pop(node)  # behind those who had no turn
            kind, share = lane.waiting[0].kind, LARGEST // len(ready)
            if lane.alone or kind not in self.batched:
                own.append(lane.take(1))
            elif lane.apart:
                own.append(lane.take(min(share, lane.apart)))
            else:
                together.setdefault(kind, []).extend(lane.take(share))
        return [*together.values(), *own]

    def done(self, group: Sequence[QueuedCommand]) -> None:
        """They are answered."""
        for command in group:
            self.held.discard(command.message.sequence)
            lane = self.lanes[command.node]
            lane.alone, lane.apart = max(0, lane.alone - 1), max(0, lane.apart - 1)
        for node in {command.node for command in group if not self.lanes[command.node].waiting}:
            del self.lanes[node]

    def put_back(self, group: Sequence[QueuedCommand], resumes: float = 0) -> None:
        """They failed: to the front again, next time each node apart, then each command alone.

        So a bad one costs other nodes one turn, and takes none of its own with it.
        """
        for command in reversed(group):
            self.lanes[command.node].waiting.appendleft(command)
        counts = Counter(command.node for command in group)
        for node, count in counts.items():
            lane = self.lanes[node]
            lane.apart, lane.resumes = max(lane.apart, count), resumes
            if len(counts) == 1:
                lane.alone = max(lane.alone, count)
