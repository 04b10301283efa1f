"""What events make searchable, for whom, and by which names of a unit. R11, §1b."""

from contracts.events.assignment import AssignmentEvent
from contracts.events.notice import NoticeDrafted, NoticeSent
from contracts.queries.search import Hit, SearchFor
from contracts.terms import Light
from services.chassis.bus import Message
from services.search.inbox import parse
from services.search.index import Index
from tests.search.builders import at, changes, unit
from tests.story import Story
from tests.story.documents import draft
from tests.story.lights import turn, turn_task
from tests.story.province import GAOPING, OFFICE, POLICE, REFORM, WATER, YAODU, name_of


def hits(index: Index, text: str, *places: str) -> list[Hit]:
    return list(index.search(SearchFor(text=text, reader=at(*places or (OFFICE,)), limit=100)).hits)


def kinds(index: Index, text: str, *places: str) -> list[str]:
    return sorted(hit.kind for hit in hits(index, text, *places))


def test_a_task_is_found_by_the_texts_of_its_registration_and_shows_its_later_state(index: Index):
    story = Story()
    matter = story.register("汾河治理", target="断面水质达标率100%", instruction="举一反三", source="省长批示")
    index.apply(changes(*story.events))
    matter.finish()
    turn_task(story, matter, Light.OVERDUE)
    index.apply(changes(*story.events))
    for text in ("汾河治理", "断面水质", "举一反三", "省长批示", name_of(POLICE)):
        hit = next(hit for hit in hits(index, text) if hit.kind == "task")
        assert (hit.status, hit.light, hit.url) == ("closed", "overdue", f"/tasks/{matter.task.task_id}")


def test_the_light_of_an_assignment_is_not_the_light_of_its_task(index: Index):
    story = Story()
    matter = story.register("汾河治理")
    turn(story, matter, Light.OVERDUE)
    index.apply(changes(*story.events))
    assert hits(index, "汾河")[0].light == ""


def test_a_task_is_found_by_every_unit_that_has_a_part_the_lead_first(index: Index):
    story = Story()
    story.register("汾河治理", lead=WATER, responsible=[YAODU], supporting=[GAOPING])
    index.apply(changes(*reversed(story.events)))
    (hit,) = hits(index, name_of(GAOPING))
    assert hit.units[0] == name_of(WATER) and set(hit.units) == {name_of(WATER), name_of(YAODU), name_of(GAOPING)}


def test_a_unit_is_found_by_every_form_of_its_name_on_the_register(index: Index):
    story = Story()
    story.register("汾河治理", lead=REFORM)
    index.apply(changes(unit(REFORM), *story.events))
    for text in ("发改委", "省发改委", "省发展改革委", "山西省发展和改革委员会", "发改委 汾河"):
        assert [hit.units for hit in hits(index, text)] == [(name_of(REFORM),)], text


def test_a_form_that_comes_later_is_met_in_what_was_indexed_before(index: Index):
    story = Story()
    story.register("汾河治理", lead=REFORM)
    index.apply(changes(unit(REFORM), *story.events))
    assert hits(index, "计划委") == []
    index.apply(changes(unit(REFORM, "省计划委", version=2)))
    assert kinds(index, "计划委") == ["task"]


def test_a_report_and_a_completion_are_found_by_what_the_unit_wrote(index: Index):
    story = Story()
    matter = story.register("汾河治理", lead=WATER)
    matter.acknowledge()
    matter.report(100, text="已完成清淤三公里")
    matter.complete()
    index.apply(changes(*story.events))
    for text in ("清淤三公里", "已全部办结"):
        (hit,) = hits(index, text)
        assert (hit.kind, hit.units, hit.url) == ("report", (name_of(WATER),), f"/tasks/{matter.task.task_id}")


def test_units_that_share_a_task_never_read_each_other_s_reports(index: Index):
    story = Story()
    matter = story.register("汾河治理", lead=WATER, supporting=[YAODU, GAOPING])
    matter.acknowledge(YAODU)
    matter.report(40, YAODU, text="已完成清淤三公里")
    index.apply(changes(*story.events))
    assert kinds(index, "清淤", YAODU) == kinds(index, "清淤", WATER) == kinds(index, "清淤", OFFICE) == ["report"]
    assert kinds(index, "清淤", GAOPING) == []
    assert kinds(index, "汾河", GAOPING) == ["task"]


def test_the_text_of_a_document_stays_with_the_audience_of_the_event_that_set_it(index: Index):
    story = Story()
    document = draft(story, story.register("汾河治理", lead=WATER).part(), title="关于水污染的督办通知")
    document.sign()
    (drafted,) = (event for event in story.events if isinstance(event, NoticeDrafted))
    (sent,) = (event for event in story.events if isinstance(event, NoticeSent))
    widened = sent.model_copy(update={"audience": (OFFICE, YAODU)})
    index.apply(changes(drafted.model_copy(update={"paragraphs": ("请于三日内整改到位",)}), widened))
    assert kinds(index, "整改到位") == ["notice"]
    assert kinds(index, "督办通知", YAODU) == kinds(index, "整改到位", YAODU) == []


def test_a_document_is_found_by_its_number_in_any_spelling_once_it_has_one(index: Index):
    story = Story()
    draft(story, story.register("汾河治理").part()).sign("晋政办督〔2026〕1号")
    index.apply(changes(*story.events))
    hit = hits(index, "晋政办督[2026]第01号")[0]
    assert (hit.kind, hit.status, hit.number) == ("notice", "sent", "晋政办督〔2026〕1号")


def test_a_recipient_finds_its_copy_and_the_issuer_the_document_once(index: Index):
    story = Story()
    matter = story.register("汾河治理", lead=WATER, responsible=[YAODU])
    document = draft(story, matter.part(), matter.part(YAODU), title="关于水污染的督办通知")
    document.sign()
    document.receive(YAODU)
    index.apply(changes(*story.events))
    assert kinds(index, "督办通知", OFFICE) == ["notice"]
    (hit,) = hits(index, "督办通知", YAODU)
    assert (hit.kind, hit.status, hit.units) == ("delivery", "received", (name_of(YAODU),))


def test_a_document_that_is_void_is_still_found(index: Index):
    story = Story()
    document = draft(story, story.register("汾河治理", lead=WATER).part(), title="关于水污染的督办通知")
    document.sign()
    document.void()
    index.apply(changes(*story.events))
    assert [hit.status for place in (OFFICE, WATER) for hit in hits(index, "督办通知", place)] == ["void", "withdrawn"]


def test_a_member_of_a_family_never_heard_of_is_taken_like_the_others():
    story = Story()
    story.register("汾河治理")
    issued = next(event for event in story.events if isinstance(event, AssignmentEvent))
    body = issued.model_dump_json().encode()
    event = parse(Message("1", "assignment.flagged_by_a_later_release", "", "", body))
    assert event and changes(event) == changes(issued)


def test_kinds_that_are_not_searched_are_dropped():
    assert parse(Message("1", "policy.published", "policy/x", "", b"not even JSON")) is None
