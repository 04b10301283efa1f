"""The pages as a person meets them: by keyboard, on a telephone, with and without scripts, and for everybody."""

import re
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from contracts.envelope import Event
from contracts.events.assignment import AssignmentReported
from tests.browser.conftest import House, Visit
from tests.portal.province import HOUSING, LAND_REFORM, WATER_SUPPLY
from tests.story.province import OFFICE

WCAG = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "resultTypes": ["violations"],  # of what passes nothing is gathered: half the time
}


def task(house: House, title: str) -> str:
    return f"/tasks/{house.province.task_id(title)}"


def notice(house: House, name: str) -> str:
    return f"/notices/{house.province.notice_id(name)}"


DOCS = ["/docs/operators", "/docs/http?lang=en", "/docs/glossary", "/docs/events/assignment.due_changed"]


def paths(house: House) -> list[str]:
    """Every kind of page."""
    return [
        "/wall", "/worklist", "/tasks", "/tasks?q=没有这样的事项", task(house, HOUSING), "/notices",
        notice(house, "sent"), "/rankings?unit=14.05.00.000.gov", "/search?q=高平", "/search?q=zzzz", "/docs",
        "/docs/api", "/docs/events",
    ]  # fmt: skip


def violations(page: Page) -> list[Any]:
    result = Axe().run(page, options=WCAG).response["violations"]
    return [
        (each["id"], [node["target"] for node in each["nodes"]][:3], each["nodes"][0]["failureSummary"])
        for each in result
    ]


@pytest.mark.parametrize(("login", "width"), [("ducha", 1440), ("gaoping", 390)])
def test_axe_finds_nothing_on_any_page(visit: Visit, house: House, login: str, width: int):
    page = visit(login, width=width)
    more = ["/tasks/new", "/tasks/import", *DOCS] if login == "ducha" else []
    for path in paths(house) + more:
        page.goto(path)
        assert violations(page) == [], path


def test_axe_finds_nothing_at_the_door(visit: Visit):
    page = visit()
    page.goto("/login")
    assert violations(page) == []


def test_axe_can_find_something(visit: Visit):
    page = visit("ducha")
    page.goto("/tasks")
    page.evaluate("document.querySelector('label[for=board]').remove()")
    assert "select-name" in {each[0] for each in violations(page)}


def test_nothing_needs_sideways_scrolling_at_320_pixels(visit: Visit, house: House):
    page = visit("gaoping", width=320, height=700)
    for path in paths(house) + DOCS:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_a_report_goes_through_without_scripts(visit: Visit, house: House):
    page = visit("gaoping-head", scripts=False)
    page.goto(task(house, HOUSING))
    page.get_by_label("累计完成").fill("21")
    page.get_by_label("情况说明").fill("没有脚本也能报送进展")
    page.get_by_role("button", name="报送进展").click()
    expect(page.get_by_role("status").first).to_contain_text("已报送")
    expect(page.locator("#timeline")).to_contain_text("没有脚本也能报送进展")


def test_a_wrong_report_is_told_in_place_and_a_right_one_appears_at_once(visit: Visit, house: House):
    page = visit("gaoping-head")
    page.goto(task(house, HOUSING))
    page.evaluate("window.same = true")
    page.get_by_label("累计完成").fill("150")
    page.get_by_label("情况说明").fill("完成三十户主体结构")
    page.get_by_role("button", name="报送进展").click()
    expect(page.get_by_role("alert")).to_contain_text("不能大于 100")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("累计完成")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("累计完成").fill("35")
    page.get_by_role("button", name="报送进展").click()
    expect(page.get_by_role("status").first).to_contain_text("已报送")
    expect(page.locator("#timeline li").first).to_contain_text("完成三十户主体结构")
    assert page.evaluate("window.same") is True


def test_a_registered_task_stands_at_its_own_address_with_its_plan(visit: Visit):
    page = visit("ducha")
    page.goto("/tasks/new")
    page.get_by_label("事项").fill("高平市农村危旧房改造一百户")
    for label, words in {
        "办结时限": "2099-04-01", "牵头领导": "分管副省长", "牵头单位": "高平市政府", "量化目标": "改造100户",
        "成果检验形式": "验收单", "第1个节点：名称": "开工六十户", "第1个节点：日期": "2099-03-01",
        "第1个节点：分值": "60",
    }.items():  # fmt: skip
        page.get_by_label(label).fill(words)
    page.get_by_role("button", name="立项并交办").click()
    expect(page.get_by_role("alert")).to_contain_text("合计须为 100")
    expect(page.locator("fieldset.plan")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("第1个节点：分值").fill("100")
    page.get_by_role("button", name="立项并交办").click()
    expect(page.get_by_role("status").first).to_contain_text("已立项交办")
    expect(page).to_have_url(re.compile("/tasks/[0-9a-f-]{36}$"))
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("高平市农村危旧房改造一百户")
    expect(page.get_by_role("main")).not_to_contain_text("已立项交办")
    expect(page.get_by_role("main")).to_contain_text("开工六十户")


def test_the_timeline_of_an_open_page_moves_by_itself(visit: Visit, house: House):
    page = visit("ducha")
    page.goto(task(house, LAND_REFORM))
    expect(page.locator("#timeline")).not_to_contain_text("刚刚报来的进展")
    house.emit(later(house, LAND_REFORM, "刚刚报来的进展"))
    expect(page.locator("#timeline li").first).to_contain_text("刚刚报来的进展")


@pytest.mark.parametrize("path", ["/wall", "task"])
def test_a_page_is_live_also_where_the_scripts_come_slowly(visit: Visit, house: House, path: str):
    page = visit("ducha")
    page.route("**/hx-sse*", lambda route: (time.sleep(0.5), route.continue_())[1])
    with page.expect_request("**/stream"):
        page.goto(task(house, LAND_REFORM) if path == "task" else path)


def later(house: House, title: str, text: str) -> Event:
    """One report more of the lead of a task."""
    matter = house.province.matters[title]
    matter.story.at(datetime.now(UTC))
    return next(event for event in matter.report(text=text) if isinstance(event, AssignmentReported))


def test_the_filters_work_in_place_and_stand_in_the_address(visit: Visit):
    page = visit("ducha")
    page.goto("/tasks")
    page.evaluate("window.same = true")
    page.get_by_label("板块").select_option("reform")
    expect(page).to_have_url(re.compile("board=reform"))
    expect(page.locator("tbody tr").first).to_contain_text("重大改革")
    visible = page.locator("tbody tr").count()
    assert page.evaluate("window.same") is True
    page.reload()
    assert page.locator("tbody tr").count() == visible
    expect(page.get_by_label("板块")).to_have_value("reform")


def test_everything_is_reached_by_keyboard(visit: Visit):
    page = visit("ducha")
    page.goto("/notices")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("#top-q")).to_be_focused()
    page.goto("/tasks")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("tbody th a").nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator("tbody th a").first).to_be_focused()


def test_one_key_signs_for_what_arrived(visit: Visit, house: House):
    page = visit("gaoping")
    page.goto(task(house, WATER_SUPPLY))
    page.keyboard.press("e")
    expect(page.get_by_role("status").first).to_contain_text("已签收")
    expect(page.get_by_role("button", name="报送进展")).to_be_visible()


def test_search_shows_where_it_found_the_words(visit: Visit):
    page = visit("ducha")
    page.goto("/search")
    page.locator("#q").fill("城中村改造")
    page.locator("main").get_by_role("button", name="搜索").click()
    expect(page.locator(".hits mark").first).to_be_visible(timeout=10_000)
    expect(page.locator(".hits")).to_contain_text(HOUSING)


def test_a_document_is_previewed_in_its_page(visit: Visit, house: House):
    page = visit("gaoping")
    with page.expect_response(lambda answer: answer.url.endswith(".pdf")) as answer:
        page.goto(notice(house, "sent"))
    assert answer.value.status == 200
    expect(page.locator("iframe")).to_be_visible()


def test_a_draft_waits_for_the_office_head(visit: Visit, house: House):
    page = visit("ducha")
    page.goto(notice(house, "draft"))
    expect(page.get_by_role("button", name="签发")).to_be_visible()
    page = visit("duchayuan")
    page.goto(notice(house, "draft"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("催办单")
    expect(page.get_by_role("button", name="签发")).to_have_count(0)


def test_the_wall_moves_by_itself_and_keeps_its_nodes(visit: Visit, house: House):
    page = visit("leader", width=1920, height=1080)
    page.goto("/")
    expect(page).to_have_url(re.compile("/wall$"))
    page.evaluate("window.head = document.querySelector('h1'); window.tile = document.querySelector('.tile')")
    expect(page.locator(".w-live")).to_contain_text("数据截至")
    house.emit(later(house, LAND_REFORM, "作战室里看得见的进展"))
    expect(page.locator(".w-feed li").first).to_contain_text("作战室里看得见的进展")
    assert page.evaluate(
        "window.head === document.querySelector('h1') && window.tile === document.querySelector('.tile')"
    )


def test_the_running_man_stands_where_the_figures_say(visit: Visit, house: House):
    page = visit("leader", width=1920, height=1080)
    page.goto("/wall")
    done, total = (int(n) for n in re.findall(r"\d+", page.locator(".w-run-l p").inner_text()))
    own = [matter.task for matter in house.province.matters.values() if matter.task.issuer == OFFICE]
    assert done == sum(each.state == "closed" for each in own)
    man, track = page.locator(".man").bounding_box(), page.locator(".tr-bg").bounding_box()
    assert man and track
    stands = (man["x"] + man["width"] / 2 - track["x"]) / track["width"]
    assert abs(stands - done / total) < 0.01


def test_the_wall_turns_red_when_its_data_stops(visit: Visit):
    page = visit("ducha", width=1920, height=1080)
    page.route("**/wall/stream", lambda route: None)  # nothing ever comes
    page.clock.install()
    page.goto("/wall")
    page.clock.fast_forward(14_000)
    expect(page.locator(".w-live")).to_contain_text("数据截至")
    page.clock.fast_forward(3_000)
    expect(page.locator("body")).to_have_class(re.compile("is-stale"))
    expect(page.locator(".w-live")).to_contain_text(re.compile(r"数据已停 1\d 秒"))


def test_the_keys_one_to_five_choose_what_the_wall_shows_large(visit: Visit):
    page = visit("ducha", width=1920, height=1080)
    page.goto("/wall")
    page.keyboard.press("3")
    expect(page.locator(".w-map")).to_be_visible()
    expect(page.locator(".w-rank")).not_to_be_visible()
    page.keyboard.press("1")
    expect(page.locator(".w-rank")).to_be_visible()


def test_the_wall_fits_its_screen(visit: Visit):
    page = visit("ducha")
    page.goto("/wall")
    for width, height in ((1920, 1080), (3840, 2160), (1366, 768)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [
            width,
            height,
        ]
        overflowing = "[...document.querySelectorAll('.panel')].filter(p => p.scrollHeight > p.clientHeight + 2).length"
        assert page.evaluate(overflowing) == 0, (width, height)
