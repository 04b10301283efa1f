"""A ledger workbook becomes entries fit to be registered, or a list of what to mend, row by row."""

import csv
import io
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from contracts.terms import Board
from contracts.workdays import ZONE, Calendar, ClockKind, Weight
from services.tasks.ledger import sheet
from services.tasks.ledger.domain import Ledger, Problem, Row, Sheet, letter, read_ledger
from services.tasks.ledger.domain.value import ValueUnreadable, date_of, percent_of
from services.tasks.register.calendar_seed import calendar_days
from services.tasks.register.domain import Register
from tests.story.province import whole_register

LEDGERS = Path(__file__).parents[2] / "data/ledgers"
SAMPLE = LEDGERS / "2026-督办台账-样例.xlsx"
REGISTER = whole_register()
CALENDAR = Calendar.of(calendar_days(2025, 2028))
WORDS = sheet.words()
HEADER = 3
GOOD = {
    "序号": "1",
    "事项名称": "农民工工资支付情况核查",
    "所属板块": "日常交办",
    "事项来源": "领导批示",
    "牵头领导": "分管副省长",
    "牵头单位": "省人社厅",
    "责任单位": "各市人民政府",
    "配合单位": "省住建厅、省总工会",
    "目标任务": "核查在建项目100%",
    "成果形式": "核查报告",
    "类型": "一般",
    "交办日期": "2026-11-16",
    "完成时限": "7个工作日",
    "当前进度": "60%",
    "联系电话": "0351-0000003",
}


def read(source: Path | bytes, **more) -> Ledger:
    return read_ledger(sheet.read(source, "x.csv"), WORDS, REGISTER, CALENDAR, **more)


def ledger_of(*changes: dict[str, object], header: list[str] | None = None, above=("台账",), **more) -> Ledger:
    """A ledger of good rows, each with its changes; a column changed to None in `header` is left out."""
    columns = header or list(GOOD)
    cells = [(text,) for text in above] + [tuple(columns)]
    cells += [tuple((GOOD | change).get(column, "") for column in columns) for change in changes]
    rows = tuple(Row(number, row) for number, row in enumerate(cells, 1))
    return read_ledger([Sheet("台账", rows)], WORDS, REGISTER, CALENDAR, **more)


def only_problem(ledger: Ledger):
    assert ledger.entries == ()
    assert len(ledger.problems) == 1
    return ledger.problems[0]


def shorts(addresses) -> list[str]:
    return [REGISTER.units[address].short for address in addresses]


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture(scope="module")
def sample() -> Ledger:
    return read(SAMPLE)


# The sample, as an office keeps it


def test_all_22_rows_of_the_sample_are_read(sample):
    assert sample.problems == ()
    assert [entry.number for entry in sample.entries] == [str(number) for number in range(1, 23)]
    assert (sample.title, sample.issuer) == ("2026年省政府重点督办事项台账", "省政府督查室")
    assert sample.as_of == date(2026, 11, 23)
    assert sample.unread == ()


def test_lead_due_date_clock_and_progress_of_every_row_are_as_expected(sample):
    with (LEDGERS / "expected.csv").open(encoding="utf-8-sig", newline="") as file:
        expected = list(csv.DictReader(file))
    assert len(expected) == 22
    for entry, row in zip(sample.entries, expected, strict=True):
        due = entry.deadline.due.astimezone(ZONE) if entry.deadline.due else None
        assert entry.number == row["no"]
        assert REGISTER.resolve(row["lead_unit"]).units == (REGISTER.units[entry.lead],)
        assert entry.deadline_text == row["deadline_text"]
        assert entry.deadline.kind == row["clock"]
        assert (f"{due:%Y-%m-%d}" if due else "") == row["due"]
        assert due is None or f"{due:%H:%M}" == "18:00"
        assert entry.progress == (Decimal(row["progress"]) if row["progress"] else None)


def test_every_unit_of_every_row_is_resolved(sample):
    by_number = {entry.number: entry for entry in sample.entries}
    counted = {number: (len(e.responsible), len(e.supporting)) for number, e in by_number.items()}
    assert counted == {
        "1": (2, 1), "2": (1, 1), "3": (11, 2), "4": (12, 1), "5": (3, 1), "6": (2, 1), "7": (2, 1), "8": (2, 2),
        "9": (13, 1), "10": (3, 11), "11": (132, 1), "12": (3, 1), "13": (3, 0), "14": (11, 1), "15": (2, 1),
        "16": (2, 1), "17": (3, 1), "18": (4, 1), "19": (4, 1), "20": (2, 1), "21": (3, 1), "22": (12, 1),
    }  # fmt: skip
    assert shorts(by_number["8"].responsible) == ["晋城市城区政府", "泽州县政府"]
    assert shorts(by_number["7"].responsible) == ["上党区政府", "长子县政府"]
    assert shorts(by_number["22"].responsible)[-1] == "山西转型综合改革示范区"
    assert shorts(by_number["11"].supporting) == ["省委改革办"]
    assert all(entry.notes == () for entry in sample.entries)


def test_the_other_columns_of_a_row_are_kept_as_written(sample):
    entry = sample.entries[0]
    assert entry.row == 5
    assert entry.title == "定襄县风电法兰、塔筒等装备制造产品外运受限问题"
    assert entry.board is Board.DAILY
    assert entry.source == "企业反映"
    assert entry.lead_official == "分管副省长"
    assert entry.target == "办结超宽证明1批，拓宽高速收费站车道1处"
    assert entry.verification_form == "超宽证明、竣工照片"
    assert entry.weight is Weight.ORDINARY
    assert entry.t0 == datetime(2026, 11, 9, 9, tzinfo=ZONE) == datetime(2026, 11, 9, 1, tzinfo=UTC)
    assert sample.contacts[entry.key] == "0351-0000001"
    assert len(sample.contacts) == 6
    assert "0351" not in repr(sample.entries)
    assert Counter(e.board for e in sample.entries) == {
        Board.DAILY: 4, Board.KEY_WORK: 6, Board.REFORM: 5, Board.PROJECT: 2, Board.UPGRADE: 2, Board.INVESTMENT: 3,
    }  # fmt: skip


def test_the_same_file_again_has_the_same_keys_and_so_does_next_months(sample):
    keys = [entry.key for entry in sample.entries]
    assert len(set(keys)) == 22
    assert [entry.key for entry in read(SAMPLE).entries] == keys
    book = load_workbook(SAMPLE)
    book.active["A2"] = "填报单位：省政府督查室  数据截至：2026年12月23日"
    book.active["N5"], book.active["M5"], book.active["B6"] = (
        "90%",
        "2026-12-01",
        " 襄汾县彩色沥青和预制构配件建材项目用地指标 ",
    )
    later = read(saved(book))
    assert later.as_of == date(2026, 12, 23)
    assert later.entries[0].progress == 90
    assert [entry.key for entry in later.entries] == keys


def test_number_title_and_ledger_together_make_the_key():
    first, second = ledger_of({}, {"序号": "2"}).entries
    other = ledger_of({}, above=("另一本台账",)).entries[0]
    renamed = ledger_of({"事项名称": "农民工工资支付情况复查"}).entries[0]
    assert len({first.key, second.key, other.key, renamed.key}) == 4


def test_a_csv_of_the_workbook_reads_the_same(sample):
    (only,) = sheet.read(SAMPLE)
    out = io.StringIO(newline="")
    csv.writer(out).writerows(["" if cell == "" else f"'{cell}" for cell in row.cells] for row in only.rows)
    again = read(out.getvalue().encode("gb18030"))
    assert again.problems == ()
    assert again.entries == sample.entries
    assert again.contacts == sample.contacts


def test_a_broken_copy_lists_every_problem_with_row_and_column_and_loses_no_good_row():
    book = load_workbook(SAMPLE)
    cells = book.active
    cells["B5"] = None
    cells["L6"] = "2026-02-30"
    cells["G7"] = "各市人民政府、省教肓厅"
    cells["A8"] = "1"
    cells["N10"] = "=80%+8%"
    cells["F11"] = None
    cells["F12"] = "长治市政府、省水利厅"
    cells["I13"] = "拆除违建361处（机密）"
    cells["I14"] = "长" * 2001
    cells["M15"], cells["N15"] = "适时", "快了"
    result = read(saved(book))
    assert [(problem.row, problem.column, problem.code) for problem in result.problems] == [
        (5, "B", Problem.REQUIRED),
        (6, "L", Problem.DATE_UNREADABLE),
        (7, "G", Problem.UNIT_UNKNOWN),
        (8, "A", Problem.NUMBER_REPEATED),
        (10, "N", Problem.FORMULA),
        (12, "F", Problem.SEVERAL_LEADS),
        (13, "I", Problem.CLASSIFIED),
        (14, "I", Problem.TOO_LONG),
        (15, "M", Problem.DEADLINE_UNREADABLE),
        (15, "N", Problem.PROGRESS_UNREADABLE),
    ]
    assert {entry.row for entry in result.entries} == {11, *range(17, 22), 23, 24, 26, 27, 29, 30, 31}
    assert "省教育厅" in result.problems[2].message
    assert "第5行" in result.problems[3].message
    assert all("：" in problem.message for problem in result.problems)


# Single rows


def test_the_good_row_of_these_tests_is_good():
    (entry,) = ledger_of({}).entries
    assert shorts([entry.lead, *entry.supporting]) == ["省人社厅", "省住建厅", "省总工会"]
    assert entry.deadline.kind is ClockKind.RESOLVE_7D


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        ({"事项名称": ""}, Problem.REQUIRED, "事项名称：未填写"),
        ({"事项名称": "甲"}, Problem.TOO_SHORT, "不足2个字"),
        ({"事项名称": "甲" * 301}, Problem.TOO_LONG, "最多300个"),
        ({"序号": ""}, Problem.REQUIRED, "序号：未填写"),
        ({"牵头领导": " "}, Problem.REQUIRED, "牵头领导：未填写"),
        ({"目标任务": ""}, Problem.REQUIRED, "目标任务：未填写"),
        ({"成果形式": ""}, Problem.REQUIRED, "成果形式：未填写"),
        ({"所属板块": ""}, Problem.REQUIRED, "所属板块：未填写；请填：日常交办、重点工作"),
        ({"所属板块": "临时工作"}, Problem.BOARD_UNKNOWN, "“临时工作”不是板块"),
        ({"类型": "特急"}, Problem.WEIGHT_UNKNOWN, "应为一般或重大"),
        ({"交办日期": ""}, Problem.REQUIRED, "交办日期：未填写"),
        ({"交办日期": "2026-02-30"}, Problem.DATE_UNREADABLE, "不存在"),
        ({"交办日期": "2026年13月1日"}, Problem.DATE_UNREADABLE, "不存在"),
        ({"交办日期": "1026-11-16"}, Problem.DATE_UNREADABLE, "年份"),
        ({"交办日期": "上周"}, Problem.DATE_UNREADABLE, "不是日期"),
        ({"交办日期": 46342.0}, Problem.DATE_UNREADABLE, "日期格式"),
        ({"完成时限": "适时"}, Problem.DEADLINE_UNREADABLE, "完成时限：“适时”"),
        ({"完成时限": "2026-11-01"}, Problem.DUE_BEFORE_ASSIGNMENT, "早于交办日期"),
        ({"当前进度": "快了"}, Problem.PROGRESS_UNREADABLE, "0至100"),
        ({"当前进度": "101%"}, Problem.PROGRESS_UNREADABLE, "0至100"),
        ({"牵头单位": ""}, Problem.LEAD_MISSING, "没有牵头单位"),
        ({"牵头单位": "省人社厅、省住建厅"}, Problem.SEVERAL_LEADS, "只能有一个"),
        ({"牵头单位": "各市政府"}, Problem.SEVERAL_LEADS, "11个单位"),
        ({"牵头单位": "省人社听"}, Problem.UNIT_UNKNOWN, "省人社厅"),
        ({"牵头单位": "城区"}, Problem.UNIT_AMBIGUOUS, "阳泉市城区政府、晋城市城区政府"),
        ({"责任单位": "116个县"}, Problem.UNIT_WRONG_COUNT, "117个"),
        ({"责任单位": "各有关单位"}, Problem.UNIT_VAGUE, "没有指明"),
        ({"责任单位": "各县残联"}, Problem.UNIT_INCOMPLETE, "117个没有"),
        ({"事项来源": "绝密文件"}, Problem.CLASSIFIED, "“绝密”"),
        ({"联系电话": "1" * 101}, Problem.TOO_LONG, "最多100个"),
    ],
)
def test_a_bad_cell_is_refused_with_its_column_and_the_remedy(change, code, message):
    problem = only_problem(ledger_of(change))
    assert problem.code is code
    assert message in problem.message
    assert problem.row == HEADER
    assert problem.column == letter(list(GOOD).index(next(iter(change))))


def test_a_row_reports_all_its_problems():
    result = ledger_of({"事项名称": "", "交办日期": "x", "责任单位": "某某、太原市、某厅", "当前进度": "-1"})
    assert Counter(problem.code for problem in result.problems) == {
        Problem.REQUIRED: 1, Problem.DATE_UNREADABLE: 1, Problem.UNIT_UNKNOWN: 2, Problem.PROGRESS_UNREADABLE: 1,
    }  # fmt: skip


def test_formulas_and_error_values_are_refused_only_where_they_are_read():
    cells = ((*GOOD, "备注"), (*GOOD.values(), "x"))
    columns = list(GOOD)
    spoilt = Row(2, cells[1], frozenset({columns.index("目标任务"), 15}), frozenset({columns.index("牵头单位")}))
    result = read_ledger([Sheet("台账", (Row(1, cells[0]), spoilt))], WORDS, REGISTER, CALENDAR)
    assert [(p.column, p.code) for p in result.problems] == [("F", Problem.CELL_ERROR), ("I", Problem.FORMULA)]
    assert result.unread == ("备注",)


def test_an_empty_deadline_runs_by_weight_and_an_empty_weight_is_ordinary():
    ordinary, major = ledger_of({"完成时限": "", "类型": ""}, {"序号": "2", "完成时限": "", "类型": "重大"}).entries
    assert (ordinary.weight, ordinary.deadline.kind) == (Weight.ORDINARY, ClockKind.RESOLVE_7D)
    assert (major.weight, major.deadline.kind) == (Weight.MAJOR, ClockKind.RESOLVE_1M)


def test_date_cells_serve_for_both_dates():
    (entry,) = ledger_of({"交办日期": date(2026, 11, 9), "完成时限": datetime.fromisoformat("2026-11-30")}).entries
    assert entry.t0.astimezone(ZONE).date() == date(2026, 11, 9)
    assert (entry.deadline_text, entry.deadline.kind) == ("2026-11-30", ClockKind.CUSTOM)


def test_a_unit_in_two_roles_keeps_the_stronger_and_a_note_says_so():
    (entry,) = ledger_of(
        {"牵头单位": "太原市政府", "责任单位": "各市政府、省水利厅", "配合单位": "省水利厅、太原市、省财政厅"}
    ).entries
    assert shorts([entry.lead]) == ["太原市政府"]
    assert len(entry.responsible) == 11
    assert entry.lead not in entry.responsible
    assert shorts(entry.supporting) == ["省财政厅"]
    assert entry.notes == (
        "太原市政府既列为牵头单位又列为责任单位，按牵头单位登记",
        "太原市政府既列为牵头单位又列为配合单位，按牵头单位登记",
        "省水利厅既列为责任单位又列为配合单位，按责任单位登记",
    )


def test_units_must_stand_today():
    old = REGISTER.resolve("省投资促进局").units[0]
    ended = [unit for unit in REGISTER.units.values() if unit != old]
    register = Register.of(
        [*ended, old.model_copy(update={"valid_to": date(2026, 6, 30), "successor": "14.00.00.000.swt"})]
    )
    rows = (Row(1, tuple(GOOD)), Row(2, tuple((GOOD | {"牵头单位": "省投促局"}).values())))
    result = read_ledger([Sheet("台账", rows)], WORDS, register, CALENDAR, today=date(2026, 11, 23))
    assert only_problem(result).code is Problem.UNIT_ENDED
    assert "省商务厅" in result.problems[0].message


# Layouts


def test_without_a_lead_column_the_first_responsible_unit_leads():
    header = [column for column in GOOD if column != "牵头单位"]
    (entry,) = ledger_of({"责任单位": "晋城市政府、城区、各县（市、区）政府"}, header=header).entries
    assert shorts([entry.lead]) == ["晋城市政府"]
    assert shorts(entry.responsible)[0] == "晋城市城区政府"
    assert len(entry.responsible) == 6
    assert only_problem(ledger_of({"责任单位": ""}, header=header)).code is Problem.LEAD_MISSING
    assert only_problem(ledger_of({"责任单位": "各市政府"}, header=header)).code is Problem.SEVERAL_LEADS


def test_a_note_makes_the_first_responsible_unit_lead_where_the_lead_is_empty():
    note = dict.fromkeys(GOOD, "") | {"序号": "注：列第一位的责任单位为牵头单位。"}
    first, second = ledger_of({"牵头单位": "", "责任单位": "省水利厅、太原市"}, {"序号": "2"}, note).entries
    assert shorts([first.lead, *first.responsible]) == ["省水利厅", "太原市政府"]
    assert shorts([second.lead]) == ["省人社厅"]


def test_group_rows_give_their_board_to_the_rows_below_without_one():
    def alone(text):
        return dict.fromkeys(GOOD, "") | {"序号": text}

    result = ledger_of(
        alone("一、重点工程（1项）"),
        {"所属板块": ""},
        alone("（一）省级"),
        {"序号": "2", "所属板块": ""},
        {"序号": "3", "所属板块": "重大技改"},
        alone("二、其他事项"),
        {"序号": "4", "所属板块": ""},
    )
    assert [entry.board for entry in result.entries] == [Board.PROJECT, Board.PROJECT, Board.UPGRADE]
    assert [(problem.row, problem.code) for problem in result.problems] == [(9, Problem.REQUIRED)]


def test_rows_that_are_no_tasks_are_passed_over():
    def alone(text, **more):
        return dict.fromkeys(GOOD, "") | {"序号": text} | more

    result = ledger_of(
        {},
        alone(""),
        alone("2"),
        dict(zip(GOOD, GOOD, strict=True)),
        alone("合计", 当前进度="60%"),
        alone("填报人：张三", 牵头领导="审核人：李四"),
        alone("注：1.本表按月报送。"),
        alone("2.进度以佐证为准。"),
    )
    assert len(result.entries) == 1
    assert result.problems == ()


def test_a_title_alone_in_its_row_is_a_task_to_mend_and_not_a_note():
    result = ledger_of({}, dict.fromkeys(GOOD, "") | {"事项名称": "说明书审查"})
    assert {problem.row for problem in result.problems} == {4}
    assert len(result.entries) == 1


def test_headers_are_known_by_their_synonyms_and_remarks_in_brackets():
    names = {
        "完成时限": "办结时限\n（截止日期）",
        "当前进度": "进度（%）",
        "牵头单位": "主办单位",
        "目标任务": "*目标任务",
    }
    header = [names.get(column, column) for column in GOOD]
    rows = (Row(1, tuple(header)), Row(2, tuple(GOOD.values())))
    assert len(read_ledger([Sheet("台账", rows)], WORDS, REGISTER, CALENDAR).entries) == 1


def test_the_issuer_of_the_sheet_is_where_bare_leads_are_looked_for():
    city = {"牵头单位": "市教育局", "责任单位": "城区、泽州县", "配合单位": ""}
    (entry,) = ledger_of(city, above=("台账", "填报单位：晋城市政府督查室")).entries
    assert shorts([entry.lead, *entry.responsible]) == ["晋城市教育局", "晋城市城区政府", "泽州县政府"]
    assert ledger_of(city, issuer="14.05.00.000.bgt").entries[0].lead == entry.lead
    assert only_problem(ledger_of(city | {"责任单位": ""})).code is Problem.UNIT_AMBIGUOUS


@pytest.mark.parametrize(
    ("above", "title"),
    [
        (("附件1", "2026年督办台账", "填报单位：省政府督查室"), "2026年督办台账"),
        (("2026年督办台账（截至2026年11月23日）",), "2026年督办台账"),
        (("数据截至：2026-11-23", "重点督办事项"), "重点督办事项"),
        (("单位：万元", "", "重点任务清单"), "重点任务清单"),
        (("填报单位：省政府督查室 数据截至：2026年11月23日",), ""),
        ((), ""),
        (("长" * 300,), "长" * 120),
    ],
)
def test_the_title_is_what_remains_above_the_header(above, title):
    assert ledger_of({}, above=above).title == title


def test_numbers_prefilled_by_formula_and_sums_by_formula_are_no_tasks():
    rows = (
        Row(1, tuple(GOOD)),
        Row(2, tuple(GOOD.values())),
        Row(3, ("2",), frozenset({0})),
        Row(4, ("合计", *[""] * 12, "60%"), frozenset({13})),
        Row(5, (), frozenset({20})),
        Row(6, (), frozenset({8})),
    )
    result = read_ledger([Sheet("台账", rows)], WORDS, REGISTER, CALENDAR)
    assert [entry.row for entry in result.entries] == [2]
    assert {problem.row for problem in result.problems} == {6}
    assert Problem.FORMULA in {problem.code for problem in result.problems}


@pytest.mark.parametrize("gone", ["序号", "事项名称", "牵头领导", "目标任务", "成果形式", "交办日期", "完成时限"])
def test_a_missing_column_is_said_once_for_the_whole_sheet(gone):
    problem = only_problem(ledger_of({}, {}, header=[column for column in GOOD if column != gone]))
    assert gone in problem.message
    assert problem.code in (Problem.COLUMN_MISSING, Problem.NO_LEDGER)


def test_a_column_met_twice_is_refused():
    problem = only_problem(ledger_of({}, header=[*GOOD, "办结时限"]))
    assert (problem.code, problem.column) == (Problem.COLUMN_REPEATED, "P")


def test_a_file_without_a_ledger_with_two_or_with_no_rows_is_refused_as_a_whole():
    rows = (Row(1, tuple(GOOD)), Row(2, tuple(GOOD.values())))
    nothing = Sheet("封面", (Row(1, ("督办台账",)),))

    def code(*sheets):
        return only_problem(read_ledger(sheets, WORDS, REGISTER, CALENDAR)).code

    assert code() is code(nothing) is Problem.NO_LEDGER
    assert code(Sheet("甲", rows), Sheet("乙", rows)) is Problem.SEVERAL_LEDGERS
    assert code(Sheet("甲", rows[:1])) is Problem.NO_ROWS
    assert len(read_ledger([nothing, Sheet("甲", rows)], WORDS, REGISTER, CALENDAR).entries) == 1


def test_a_classified_mark_above_the_header_refuses_the_whole_file():
    problem = only_problem(ledger_of({}, above=("机密★1年", "台账")))
    assert (problem.row, problem.column, problem.code) == (1, "A", Problem.CLASSIFIED)


# Single values


@pytest.mark.parametrize(
    ("cell", "percent"),
    [
        ("60%", 60), ("60％", 60), (0.8, 80), (55.0, 55), ("55", 55), ("0.54", 54), (1.0, 100), (1, 100), ("1%", 1),
        ("0.5%", Decimal("0.5")), (0.0, 0), ("0", 0), (100.0, 100), ("约60%", 60), ("33.333", Decimal("33.33")),
        (0.07, 7), (0.29, 29), ("", None), (None, None), ("  ", None),
    ],
)  # fmt: skip
def test_progress_is_read_as_per_cent(cell, percent):
    assert percent_of(cell) == percent


@pytest.mark.parametrize("cell", ["完成", "-5%", "101%", 100.5, 1e300, float("nan"), "60%%", True, date(2026, 1, 1)])
def test_what_is_no_progress_is_refused(cell):
    with pytest.raises(ValueUnreadable, match="0至100"):
        percent_of(cell)


@given(st.decimals(0, 100, places=2))
def test_a_progress_written_with_its_sign_is_that_number(percent):
    assert percent_of(f"{percent}%") == percent


@given(st.integers(0, 10000))
def test_a_share_as_excel_keeps_it_is_that_many_per_cent(hundredths):
    assert percent_of(hundredths / 10000) == Decimal(hundredths) / 100


@given(
    st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d"]),
)
def test_a_date_is_read_in_every_spelling(day, spelling):
    assert date_of(day) == date_of(day.strftime(spelling)) == date_of(datetime.combine(day, datetime.min.time())) == day


cell_values = st.one_of(
    st.none(), st.text(max_size=30), st.floats(), st.integers(), st.booleans(), st.dates(), st.datetimes(), st.times(),
    st.sampled_from(list(GOOD.values())),
)  # fmt: skip


@given(st.lists(st.lists(cell_values, max_size=17), max_size=4))
def test_any_rows_under_the_header_become_entries_or_problems_and_never_an_error(rows):
    sheet_rows = [Row(1, tuple(GOOD))] + [Row(number, tuple(row)) for number, row in enumerate(rows, 2)]
    result = read_ledger([Sheet("台账", tuple(sheet_rows))], WORDS, REGISTER, CALENDAR)
    assert {entry.row for entry in result.entries}.isdisjoint(problem.row for problem in result.problems)


@given(st.lists(st.tuples(st.sampled_from(list(GOOD)), cell_values), max_size=3))
def test_a_row_is_an_entry_exactly_when_it_has_no_problem(changes):
    result = ledger_of(dict(changes))
    assert bool(result.entries) == (not result.problems)
