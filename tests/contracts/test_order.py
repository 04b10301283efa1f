"""What may not be overtaken: events of one aggregate, and those of a task by anything else that concerns it."""

from collections import defaultdict

from contracts.terms import Light
from contracts.workdays import ClockKind
from tests.story import Story
from tests.story.documents import draft
from tests.story.lights import miss, turn, turn_task
from tests.story.province import POLICE, YAODU


def test_a_task_its_assignments_lights_and_clocks_keep_one_order():
    story = Story("2026-09-18 10:00")
    matter = story.register("封闭水井", lead=POLICE, responsible=[YAODU])
    matter.acknowledge()
    matter.report(40)
    turn(story, matter, Light.LAGGING)
    turn_task(story, matter, Light.LAGGING)
    miss(story, matter, ClockKind.FEEDBACK_3D)
    assert {event.order_key for event in story.events} == {f"task/{matter.task.task_id}"}


def test_every_aggregate_has_one_order_key_for_life_and_a_delivery_that_of_its_document():
    story = Story("2026-09-18 10:00")
    matter = story.register("封闭水井", lead=POLICE)
    matter.acknowledge()
    document = draft(story, matter.part())
    document.sign()
    keys = defaultdict(set)
    for event in story.events:
        keys[event.aggregate].add(event.order_key)
    assert all(len(of) == 1 for of in keys.values())
    notice = f"notice/{document.notice.notice_id}"
    assert {key for aggregate, of in keys.items() for key in of if aggregate.startswith("delivery/")} == {notice}
