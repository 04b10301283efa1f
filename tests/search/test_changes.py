"""What events make searchable, for whom, and by which names of a unit. R11, §1b."""

from contracts.events.assignment import AssignmentEvent
from contracts.offices import Reader
from contracts.queries.search import Hit, SearchFor
from contracts.terms import Light, Role, TaskState
from services.chassis.bus import Message
from services.search.inbox import parse
from services.search.index import Index
from tests.search.builders import (
    COUNTY,
    OFFICE,
    REFORM,
    advanced,
    assignment,
    changes,
    delivered,
    drafted,
    issued,
    lit,
    notice,
    of,
    registered,
    reported,
    sent,
    submitted,
    task,
    unit,
)

NEIGHBOUR = "14.10.03.000.gov"


def hits(index: Index, text: str, *places: str) -> list[Hit]:
    reader = Reader(places=frozenset(places or (OFFICE,)))
    return list(index.search(SearchFor(text=text, reader=reader, limit=100)).hits)


def kinds(index: Index, text: str, *places: str) -> list[str]:
    return sorted(hit.kind for hit in hits(index, text, *places))


def test_a_task_is_found_by_its_registered_words_and_shows_its_later_state(index: Index):
    one = task("汾河治理", source="省长批示")
    index.apply(changes(registered(one, target="断面水质达标", instruction="举一反三")))
    index.apply(changes(advanced(one, TaskState.CLOSED), lit(one, Light.OVERDUE)))
    for text in ("汾河治理", "断面水质", "举一反三", "省长批示", "曲沃县政府"):
        (hit,) = hits(index, text)
        assert (hit.status, hit.light, hit.url) == ("closed", "overdue", f"/tasks/{one.task_id}")


def test_the_light_of_an_assignment_is_not_the_light_of_its_task(index: Index):
    one = task("汾河治理")
    index.apply(changes(registered(one), lit(one, Light.OVERDUE, assignment(one).assignment_id)))
    assert hits(index, "汾河")[0].light == ""


def test_a_task_is_found_by_every_unit_that_has_a_part(index: Index):
    one = task("汾河治理")
    parts = [assignment(one), assignment(one, REFORM, "省发展改革委", Role.RESPONSIBLE)]
    index.apply(changes(*map(issued, parts), registered(one)))
    assert [hit.units for hit in hits(index, "省发展改革委")] == [("曲沃县政府", "省发展改革委")]


def test_a_unit_is_found_by_every_form_of_its_name_on_the_register(index: Index):
    one = task("汾河治理", lead=REFORM, lead_name="省发展改革委")
    index.apply(changes(unit(REFORM, "山西省发展和改革委员会", "省发展改革委", "省发改委"), registered(one)))
    for text in ("发改委", "省发改委", "省发展改革委", "山西省发展和改革委员会", "发改委 汾河"):
        assert [hit.units for hit in hits(index, text)] == [("省发展改革委",)], text


def test_a_form_that_comes_later_is_met_in_what_was_indexed_before(index: Index):
    one = task("汾河治理", lead=REFORM, lead_name="省发展改革委")
    index.apply(changes(registered(one), unit(REFORM, "山西省发展和改革委员会", "省发展改革委")))
    assert hits(index, "计委") == []
    index.apply(changes(unit(REFORM, "山西省发展和改革委员会", "省发展改革委", "省计委", version=2)))
    assert kinds(index, "计委") == ["task"]


def test_a_report_and_a_completion_are_found_by_what_the_unit_wrote(index: Index):
    part = assignment(task("汾河治理"))
    index.apply(changes(reported(part, "已完成清淤三公里"), submitted(part, "全线贯通通车")))
    for text in ("清淤三公里", "全线贯通"):
        (hit,) = hits(index, text)
        assert (hit.kind, hit.units, hit.url) == ("report", ("曲沃县政府",), f"/tasks/{part.task_id}")


def test_units_that_share_a_task_never_read_each_other_s_reports(index: Index):
    one = task("汾河治理")
    neighbour = assignment(one, NEIGHBOUR, "翼城县政府", Role.SUPPORTING)
    index.apply(changes(registered(one, (OFFICE, COUNTY, NEIGHBOUR)), reported(assignment(one), "清淤三公里")))
    index.apply(changes(issued(neighbour)))
    assert kinds(index, "清淤", NEIGHBOUR) == []
    assert kinds(index, "汾河", NEIGHBOUR) == ["task"]
    assert kinds(index, "清淤", COUNTY) == ["report"]


def test_the_text_of_a_document_stays_with_the_audience_of_the_event_that_set_it(index: Index):
    one = notice("关于汾河治理的督办通知")
    index.apply(changes(drafted(one, "请于三日内整改到位"), sent(one, "示督〔2026〕1号", (OFFICE, COUNTY))))
    assert kinds(index, "整改到位") == ["notice"]
    assert kinds(index, "督办通知", COUNTY) == kinds(index, "整改到位", COUNTY) == []


def test_a_document_is_found_by_its_number_once_it_has_one(index: Index):
    one = notice("关于汾河治理的督办通知")
    index.apply(changes(drafted(one)))
    index.apply(changes(sent(one, "示督〔2026〕1号")))
    (hit,) = hits(index, "示督[2026]第01号")
    assert (hit.kind, hit.status, hit.number) == ("notice", "sent", "示督〔2026〕1号")


def test_a_recipient_finds_its_copy_and_the_issuer_the_document_once(index: Index):
    one = notice("关于汾河治理的督办通知")
    index.apply(changes(drafted(one), delivered(one, COUNTY, "曲沃县政府"), delivered(one, NEIGHBOUR, "翼城县政府")))
    assert kinds(index, "汾河", COUNTY) == ["delivery"]
    assert kinds(index, "汾河", OFFICE) == ["notice"]


def test_a_member_of_a_family_never_heard_of_is_taken_like_the_others():
    part = assignment(task("汾河治理"))
    body = AssignmentEvent(**of(part, 7)).model_dump_json().encode()
    event = parse(Message("1", "assignment.flagged_by_a_later_release", "", "", body))
    assert event and changes(event) == changes(issued(part))


def test_kinds_that_are_not_searched_are_dropped():
    assert parse(Message("1", "policy.published", "policy/x", "", b"not even JSON")) is None
