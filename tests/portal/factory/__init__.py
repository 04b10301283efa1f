"""A believable province as the events the other services would say: tasks, lights, documents, rankings."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from contracts.envelope import Event
from contracts.terms import AssignmentState, Board, Light, NoticeKind, PeerGroup
from contracts.workdays import Weight
from tests.portal.factory.boards import rankings
from tests.portal.factory.matters import TITLES, task
from tests.portal.factory.papers import PDF as PDF
from tests.portal.factory.papers import notice
from tests.portal.factory.province import DEPARTMENTS, Province, know

LIGHTS = [Light.NORMAL] * 9 + [Light.LAGGING] * 3 + [Light.STALLED] * 2 + [Light.OVERDUE]
STATES = [AssignmentState.WORKING] * 5 + [AssignmentState.CLOSED] * 5 + list(AssignmentState)[:6]


def populate(now: datetime, register: Sequence[Event]) -> Province:
    """Some seventy tasks on six boards, documents, two months of rankings.

    register: what the tasks service said at its first start.
    """
    province = Province(now)
    know(province, register)
    cities = [u for u in province.names if u.endswith(".00.000.gov") and not u.startswith("14.00")]
    for number in range(72):
        matter(province, number, cities)
    documents(province)
    month = province.now.date().replace(day=1)
    for n, group in [(n, group) for n in (2, 1) for group in PeerGroup]:
        rankings(province, f"{_months_before(month, n):%Y-%m}", group)
    for group in PeerGroup:
        rankings(province, f"{month:%Y-%m}", group, published=False)
    return province


def matter(province: Province, number: int, cities: Sequence[str]) -> None:
    """One task of its board, led by a department or a city, wherever the dice let it stand."""
    dice, board, city = province.dice, list(Board)[number % 6], cities[number % 11]
    light, state = dice.choice(LIGHTS), dice.choice(STATES)
    over = light is Light.OVERDUE or state is AssignmentState.CLOSED
    departments = [f"14.00.00.000.{code}" for code in DEPARTMENTS if code != "bgt"]
    lead = dice.choice(departments) if number < 40 else city
    place = f"（{province.names[city].removesuffix('政府')}）" if number >= 24 else ""
    task(
        province,
        TITLES[board][number // 6 % len(TITLES[board])] + place,
        board,
        lead,
        dice.sample([u for u in (*departments, *cities) if u != lead], dice.randint(0, 4)),
        ago=dice.randint(16, 60) if over else dice.randint(1, 8),
        light=light,
        percent=dice.randint(1, 19) * 5,
        state=state,
        weight=dice.choice(list(Weight)),
    )


def documents(province: Province) -> None:
    """A known task of 自然资源厅 with a 督办通知, an urging of 高平市, and two drafts."""
    known = task(
        province,
        "优化城乡建设用地增减挂钩试点改革",
        Board.REFORM,
        "14.00.00.000.zrzyt",
        ["14.00.00.000.nynct", "14.00.00.000.czt", *(f"14.0{n}.00.000.gov" for n in range(1, 10))],
        ago=25,
        light=Light.OVERDUE,
        percent=35,
    )
    gaoping = task(
        province,
        "高平市城中村改造项目开工",
        Board.PROJECT,
        "14.05.81.000.gov",
        ["14.05.00.000.gov"],
        ago=20,
        light=Light.STALLED,
        percent=20,
    )
    task(
        province, "高平市农村饮水安全巩固提升", Board.KEY_WORK, "14.05.81.000.gov", state=AssignmentState.ISSUED, ago=1
    )
    task(province, "安全生产隐患排查整治", Board.DAILY, "14.00.00.000.yjt", deadline_text="持续推进", ago=6)
    notice(province, known, NoticeKind.SUPERVISION, sequence=48, received=True)
    notice(province, gaoping, NoticeKind.URGING, sequence=12)
    notice(province, gaoping, NoticeKind.SUPERVISION, sequence=49)
    notice(province, known, NoticeKind.URGING, signed=False, sequence=13)


def _months_before(month: date, count: int) -> date:
    for _ in range(count):
        month = (month - timedelta(days=1)).replace(day=1)
    return month
