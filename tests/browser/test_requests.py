"""What a unit asks of the office, and its answer, walked in a real browser: by mouse, then by keyboard alone."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import House, Visit
from tests.browser.test_pages import task, violations
from tests.portal.province import HOUSING

PLAN = "判决后一个月内完成签约，两个月内开工"


def test_a_plan_is_proposed_and_refused_by_mouse_then_proposed_and_granted_by_keyboard(visit: Visit, house: House):
    path = task(house, HOUSING)
    head, office = visit("gaoping-head"), visit("ducha")
    propose(head, path)
    expect(head.get_by_text("解决方案已报送")).to_be_visible()
    assert violations(head) == []
    office.goto("/worklist")
    card = office.get_by_role("link", name="待审批")
    expect(card).to_contain_text("1")
    office.get_by_role("link", name="审批", exact=True).click()
    expect(office.get_by_text("申请改为 2027-02-20")).to_be_visible()
    assert violations(office) == []
    office.get_by_label("不同意的理由").fill("请先与晋城市政府会商")
    office.get_by_role("button", name="不同意").click()
    expect(office.get_by_text("不同意申请，时限不变")).to_be_visible()

    head.goto(path)
    summary = head.locator("details.ask summary", has_text="报送解决方案")
    summary.focus()
    head.keyboard.press("Enter")
    head.keyboard.press("Tab")
    head.keyboard.type("02202027")
    for text in (PLAN, "三户产权涉诉"):
        head.get_by_label("解决方案" if text == PLAN else "为什么到期不能办结").focus()
        head.keyboard.type(text)
    head.keyboard.press("Tab")
    head.keyboard.press("Enter")
    expect(head.get_by_text("解决方案已报送")).to_be_visible()
    office.goto("/worklist")
    office.keyboard.press("1")
    expect(office).to_have_url(f"{house.url}/tasks?queue=decide")
    office.get_by_role("link", name=HOUSING).focus()
    office.keyboard.press("Enter")
    office.get_by_role("button", name="同意", exact=True).focus()
    office.keyboard.press("Enter")
    expect(office.get_by_text("已同意申请，即时生效")).to_be_visible()
    expect(office.get_by_text("办结时限 2027-02-20")).to_be_visible()


def propose(head: Page, path: str) -> None:
    """The unit's head fills in a plan."""
    head.goto(path)
    head.locator("details.ask summary", has_text="报送解决方案").click()
    head.get_by_label("解决的时间").fill("2027-02-20")
    head.get_by_label("解决方案").fill(PLAN)
    head.get_by_label("为什么到期不能办结").fill("三户产权涉诉，判决预计一月中旬")
    head.get_by_role("button", name="报送解决方案").click()
