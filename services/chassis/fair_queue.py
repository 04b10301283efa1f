"""Whose turn it is: a queue for each node that waits, so that a flood of one delays the others by a turn at most."""

from collections import Counter, deque
from collections.abc import Container, Sequence
from dataclasses import dataclass, field

from contracts.envelope import Command
from contracts.region import Node
from services.chassis.command_batcher import LARGEST
from services.chassis.queued_command import QueuedCommand


@dataclass(slots=True)
class NodeQueue:
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


class FairQueue:
    """All that waits. `batched`: the kinds of which one transaction decides many."""

    def __init__(self, batched: Container[type[Command] | None]) -> None:
        self.batched = batched
        self.nodes: dict[Node, NodeQueue] = {}
        self.held: set[int] = set()

    def add(self, command: QueuedCommand) -> None:
        """The last of its queue; one that is here already was delivered again."""
        if command.message.sequence not in self.held:
            self.held.add(command.message.sequence)
            self.nodes.setdefault(command.node, NodeQueue()).waiting.append(command)

    def pause(self, now: float) -> float | None:
        """Seconds until the next turn; None where nothing waits."""
        return max(0, min(own.resumes for own in self.nodes.values()) - now) if self.nodes else None

    def turn(self, now: float) -> list[list[QueuedCommand]]:
        """A fair share of every node that waits, a list for each transaction.

        A node gives commands of one kind to a turn, so those of different kinds may be decided in any order.
        """
        ready = [node for node, own in self.nodes.items() if own.resumes <= now][:LARGEST]
        together: dict[type[Command] | None, list[QueuedCommand]] = {}
        separate = []
        for node in ready:
            own = self.nodes[node] = self.nodes.pop(node)  # behind those who had no turn
            kind, share = own.waiting[0].kind, LARGEST // len(ready)
            if own.alone or kind not in self.batched:
                separate.append(own.take(1))
            elif own.apart:
                separate.append(own.take(min(share, own.apart)))
            else:
                together.setdefault(kind, []).extend(own.take(share))
        return [*together.values(), *separate]

    def done(self, group: Sequence[QueuedCommand]) -> None:
        """They are answered."""
        for command in group:
            self.held.discard(command.message.sequence)
            own = self.nodes[command.node]
            own.alone, own.apart = max(0, own.alone - 1), max(0, own.apart - 1)
        for node in {command.node for command in group if not self.nodes[command.node].waiting}:
            del self.nodes[node]

    def put_back(self, group: Sequence[QueuedCommand], resumes: float = 0) -> None:
        """They failed: to the front again, next time each node apart, then each command alone.

        So a bad one costs other nodes one turn, and takes none of its own with it.
        """
        for command in reversed(group):
            self.nodes[command.node].waiting.appendleft(command)
        counts = Counter(command.node for command in group)
        for node, count in counts.items():
            own = self.nodes[node]
            own.apart, own.resumes = max(own.apart, count), resumes
            if len(counts) == 1:
                own.alone = max(own.alone, count)
