"""The checks of the campaigns see what is planted: a loss, a double, a swapped order, wherever it is."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from tests.faults.checks import Facts, Row, doubled, wrong
from tests.faults.facts import meant, takes
from tests.faults.load import Ledger, Received

NODE, UNIT = "14.10.02", "14.10.02.000.gov"
TASK, PART = f"task/{UUID(int=1)}", f"assignment/{UUID(int=2)}"
REGISTER, ACKNOWLEDGE, REPORT = uuid4(), uuid4(), uuid4()


def row(n: int, aggregate: str, version: int, type: str, address: str = UNIT, number: str = "") -> Row:
    return Row(str(UUID(int=100 + n)), aggregate, version, type, f"duban.evt.v1.{type}.{address}", number)


TASKS = [
    row(0, TASK, 1, "task.registered", "14.00.00.000.bgt", "1"),
    row(1, PART, 1, "assignment.issued"),
    row(2, PART, 2, "assignment.acknowledged"),
    row(3, "command/a", 1, "command.answered"),
    row(4, PART, 3, "assignment.reported"),
    row(5, "command/b", 1, "command.answered"),
]
ALERTS = [row(6, "light/1", 1, "light.changed")]


def house() -> tuple[Ledger, Facts]:
    """A task registered over the portal, acknowledged and reported on by a county; all came through."""
    ledger = Ledger()
    ledger.note("rest", "w", ("", REGISTER), {"detail": {"parts": [{"assignment_id": PART[11:]}]}}, "1")
    for id in (ACKNOWLEDGE, REPORT):
        ledger.queued.add((NODE, id))
        ledger.note("queue", NODE, (NODE, id), {"ok": True, "aggregate": PART})
    rows = [*TASKS, *ALERTS]
    return ledger, Facts(
        expected={("", REGISTER): True, (NODE, ACKNOWLEDGE): True, (NODE, REPORT): True},
        log={"tasks": TASKS, "alerts": ALERTS},
        stream=[row.id for row in rows],
        marks={"portal": {row.aggregate: row.version for row in rows}, "alerts": {TASK: 1, PART: 3}},
        takes=takes,
        meant=meant,
        received={NODE: [Received(*row[:3]) for row in rows if meant(NODE, row.subject)]},
        result=[1, 1],
        pending={"tasks": 0},
        dead={"alerts": 0},
    )


def without(facts: Facts, at: int) -> Facts:
    return replace(facts, stream=facts.stream[:at] + facts.stream[at + 1 :])


def swapped(facts: Facts) -> Facts:
    return replace(facts, stream=[facts.stream[at] for at in (0, 2, 1, 3, 4, 5, 6)])


def logged(facts: Facts, *at: int) -> Facts:
    """Only these rows in the log of tasks, in this order; the stream, the readers and the county agree with it."""
    log = {"tasks": [TASKS[n] for n in at], "alerts": ALERTS}
    return replace(facts, log=log, stream=[row.id for rows in log.values() for row in rows])


def again(facts: Facts) -> Facts:
    """The last report has had its effect twice."""
    return replace(facts, log={"tasks": [*TASKS, row(9, PART, 4, "assignment.reported")], "alerts": ALERTS})


def registered_again(facts: Facts) -> Facts:
    more = row(9, f"task/{UUID(int=7)}", 1, "task.registered", "14.00.00.000.bgt", "1")
    return replace(facts, log={"tasks": [*TASKS, more], "alerts": ALERTS})


def receives(facts: Facts, *at: int) -> Facts:
    return replace(facts, received={NODE: [facts.received[NODE][n] for n in at]})


def forgets(facts: Facts, key: tuple[str, UUID]) -> Facts:
    return replace(facts, expected={each: ok for each, ok in facts.expected.items() if each != key})


def marked(facts: Facts, reader: str, aggregate: str, version: int) -> Facts:
    marks = {each: dict(of) for each, of in facts.marks.items()}
    marks[reader][aggregate] = version
    return replace(facts, marks=marks)


PLANTED: dict[str, tuple[Callable[[Facts], Facts], str]] = {
    "an event is lost on its way into the stream": (lambda f: without(f, 4), "stream lost"),
    "an event is in the stream and in no log": (lambda f: replace(f, stream=[*f.stream, "x"]), "stream foreign"),
    "two events are swapped in the stream": (swapped, "stream out of order"),
    "two events are swapped in the log": (lambda f: logged(f, 0, 2, 1, 3, 4, 5), "log out of order"),
    "an event is gone from log and stream": (lambda f: logged(f, 0, 1, 2, 3, 5), "effects lost"),
    "a hole in the middle of a log": (lambda f: logged(f, 0, 1, 3, 4, 5), "log out of order"),
    "a command had its effect twice": (again, "effects doubled"),
    "a task was registered twice": (registered_again, "effects doubled"),
    "an acknowledged command is not known": (lambda f: forgets(f, ("", REGISTER)), "acknowledged but unknown"),
    "a refusal was told as granted": (
        lambda f: replace(f, expected={**f.expected, ("", REGISTER): False}),
        "acknowledged but unknown",
    ),
    "the queue lost a command": (lambda f: forgets(f, (NODE, REPORT)), "queued but lost"),
    "a reader lags": (lambda f: marked(f, "alerts", PART, 2), "alerts has not handled"),
    "a reader missed an aggregate": (lambda f: marked(f, "portal", "light/1", 0), "portal has not handled"),
    "a letter is dead": (lambda f: replace(f, dead={"alerts": 1}), "parked"),
    "an event waits": (lambda f: replace(f, pending={"tasks": 1}), "unpublished"),
    "a county misses an event": (lambda f: receives(f, 0, 1, 2, 3, 4), "county has not heard"),
    "a county hears two events swapped": (lambda f: receives(f, 1, 0, 2, 3, 4, 5), "county heard out of order"),
    "one replica of the search misses a task": (
        lambda f: replace(f, result=[1, 0]),
        "search finds too few or too many",
    ),
    "a replica is unwell": (lambda f: replace(f, unwell=["红"]), "unwell"),
}


def test_where_all_is_well_nothing_is_wrong():
    assert wrong(*house()) == {}


@pytest.mark.parametrize("planted", PLANTED)
def test_what_is_planted_is_seen(planted: str):
    ledger, facts = house()
    plant, kind = PLANTED[planted]
    assert wrong(ledger, plant(facts))[kind] > 0


def test_a_queued_command_without_an_answer_is_seen():
    ledger, facts = house()
    del ledger.acknowledged[NODE, REPORT]
    assert wrong(ledger, facts) == {"queued but not answered": 1, "effects doubled": 1}


def test_a_refusal_is_seen():
    ledger, facts = house()
    ledger.note("rest", "w", ("", uuid4()), {"ok": False, "code": "conflict"})
    assert wrong(ledger, facts) == {"refused": 1}


def test_what_comes_a_second_time_under_its_id_is_counted_and_not_wrong():
    ledger, facts = house()
    first = facts.received[NODE][0]
    twice = replace(facts, stream=[*facts.stream, facts.stream[1]], received={NODE: [*facts.received[NODE], first]})
    assert wrong(ledger, twice) == {} and doubled(twice) == 1
