"""What must hold when everything has come through: the clients' ledger, the logs, the stream and the readers agree."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.faults.load import Key, Ledger, Received


class Row(NamedTuple):
    """An event in the log of its service, in the order of writing. `number`: of a task that it registers."""

    id: str
    aggregate: str
    version: int
    type: str = ""
    subject: str = ""
    number: str = ""


@dataclass
class Facts:
    """What was found where.

    known: the command table, and whether granted. log: by service. stream: ids in their order. marks: by reader.
    takes: whether a reader handles a type. meant: whether an event's subject is one that a node hears. found: tasks by
    each answer of the search. unwell: what a replica says of itself where its health is red.
    """

    expected: Mapping[Key, bool]
    log: Mapping[str, Sequence[Row]]
    stream: Sequence[str]
    marks: Mapping[str, Mapping[str, int]]
    takes: Callable[[str, str], bool]
    meant: Callable[[str, str], bool]
    received: Mapping[str, Sequence[Received]] = field(default_factory=dict)
    result: Collection[int] = ()
    pending: Mapping[str, int] = field(default_factory=dict)
    dead: Mapping[str, int] = field(default_factory=dict)
    unwell: Sequence[str] = ()

    @property
    def rows(self) -> list[Row]:
        """All logs, one after the other."""
        return [row for log in self.log.values() for row in log]


def wrong(ledger: Ledger, facts: Facts) -> dict[str, int]:
    """How many things are wrong, by kind; empty where all is well."""
    counts = commands(ledger, facts) | effects(ledger, facts) | events(facts) | readers(facts) | counties(facts)
    return {what: count for what, count in counts.items() if count}


def commands(ledger: Ledger, facts: Facts) -> dict[str, int]:
    """What was acknowledged is known; what the queue has taken was answered."""
    granted = {key for key, ok in facts.expected.items() if ok}
    return {
        "acknowledged but unknown": len(ledger.acknowledged.keys() - granted),
        "queued but lost": len(ledger.queued - facts.expected.keys()),
        "queued but not answered": len(ledger.queued - ledger.acknowledged.keys()) - queued_refused(ledger),
        "refused": ledger.refused.total(),
    }


def queued_refused(ledger: Ledger) -> int:
    """Answers of the queue that were no."""
    return sum(count for what, count in ledger.refused.items() if what.startswith("queue "))


def effects(ledger: Ledger, facts: Facts) -> dict[str, int]:
    """Each granted command has made one version of each aggregate that it names, and nothing else has."""
    asked = Counter(aggregate for ended in ledger.acknowledged.values() for aggregate in ended.effects)
    done = Counter(row.aggregate for row in facts.rows if row.aggregate.startswith("assignment/"))
    numbers = Counter(ended.number for ended in ledger.acknowledged.values() if ended.number)
    registered = Counter(row.number for row in facts.rows if row.number)
    return {
        "effects lost": (asked - done).total() + (numbers - registered).total(),
        "effects doubled": (done - asked).total() + (registered - numbers).total(),
    }


def events(facts: Facts) -> dict[str, int]:
    """The logs count every aggregate 1, 2, 3, …; the stream holds every event of theirs and no other, in order."""
    rows, came = {row.id: row for row in facts.rows}, list(dict.fromkeys(facts.stream))
    return {
        "log out of order": sum(v != list(range(1, len(v) + 1)) for v in versions(facts.rows).values()),
        "stream lost": len(rows.keys() - set(came)),
        "stream foreign": len(set(came) - rows.keys()),
        "stream out of order": out_of_order(rows[id] for id in came if id in rows),
        "unpublished": sum(facts.pending.values()),
    }


def doubled(facts: Facts) -> int:
    """Events that the stream holds a second time, under the same id: readers pass over them."""
    return len(facts.stream) - len(set(facts.stream))


def readers(facts: Facts) -> dict[str, int]:
    """Each has handled the last event of each aggregate that it takes, parked none, and finds what there is."""
    counts = {"parked": sum(facts.dead.values()), "unwell": len(facts.unwell)}
    for reader, marks in facts.marks.items():
        wanted = {row.aggregate: row.version for row in facts.rows if facts.takes(reader, row.type)}
        counts[f"{reader} has not handled"] = sum(marks.get(each) != version for each, version in wanted.items())
    tasks = sum(bool(row.number) for row in facts.rows)
    return counts | {"search finds too few or too many": sum(result != tasks for result in facts.result)}


def counties(facts: Facts) -> dict[str, int]:
    """Each has heard what was meant for it, and nothing else, in order; what it heard again it has heard before."""
    counts = Counter[str]()
    for node, received in facts.received.items():
        meant = {row.id for row in facts.rows if facts.meant(node, row.subject)}
        first = {each.id: each for each in reversed(received)}
        counts["county has not heard"] += len(meant - first.keys())
        counts["county heard what is not for it"] += len(first.keys() - meant)
        counts["county heard out of order"] += out_of_order(first[id] for id in dict.fromkeys(e.id for e in received))
    return dict(counts)


def out_of_order(rows: Iterable[Row | Received]) -> int:
    """Aggregates whose versions do not grow."""
    return sum(sorted(set(v)) != v for v in versions(rows).values())


def versions(rows: Iterable[Row | Received]) -> dict[str, list[int]]:
    """By aggregate, in the order of the rows."""
    result = defaultdict[str, list[int]](list)
    for row in rows:
        result[row.aggregate].append(row.version)
    return result
