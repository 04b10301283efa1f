"""What documents say: titles, demands, the letterhead of whoever issues them (documents.md)."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from contracts.notice import Notice
from contracts.terms import Light, NoticeCause, NoticeKind
from services.notices.documents import configuration
from services.notices.documents.domain.composition import Terms, composed
from services.notices.documents.domain.content import Format, Seal
from services.notices.documents.domain.lists import item_of
from services.notices.documents.domain.notice import FullNotice, recipients_of
from services.notices.documents.domain.writing import several
from services.notices.ladder.domain.escalation import Escalation
from services.notices.numbers import letterheads
from services.notices.numbers.domain import DocNumber, Letterheads
from services.notices.settings import Settings
from tests.notices.ladder.walk import PART, at, changed

OWN = Settings()
WORDS, HEADS = configuration.wording(OWN), letterheads.letterheads(OWN)
HEAD = HEADS.of(PART.issuer, "山西省人民政府办公厅", "省政府办公厅", demo=True)
TERMS = Terms(at("2026-11-23 10:00"), at("2026-11-26 18:00"), at("2026-12-02 18:00"), "示政办督催〔2026〕3号")
LATE = Escalation(changed(PART, due=at("2026-11-20 18:00"), percent=Decimal("45.50")), light=Light.OVERDUE)
OTHER = {"title": "市州改革信息统计", "unit": "14.10.00.000.jyt", "unit_name": "临汾市教育局"}
SLOW = Escalation(changed(PART, **OTHER), light=Light.LAGGING)


def titled(title: str) -> Escalation:
    return replace(LATE, assignment=changed(LATE.assignment, title=title))


def full(kind: NoticeKind, *escalations: Escalation, **more: Any) -> FullNotice:
    items = tuple(item_of(e, kind, NoticeCause.BY_HAND, WORDS.reasons[NoticeCause(e.light)]) for e in escalations)
    notice = Notice(
        notice_id=UUID(int=1),
        version=1,
        kind=kind,
        owner=PART.owner,
        issuer=PART.issuer,
        issuer_name=PART.issuer_name,
        leadership=PART.leadership,
        title=WORDS.title(kind, items),
        cause=NoticeCause.BY_HAND,
        drafted_at=TERMS.now,
    )
    return FullNotice(notice, items, recipients_of(items), **more)


def text_of(kind: NoticeKind, *escalations: Escalation, **more: Any) -> str:
    return composed(full(kind, *escalations, **more), HEAD, WORDS, TERMS).model_dump_json()


def test_notifications_and_orders_are_files_with_a_seal_and_the_slips_are_letters_without():
    shapes = {kind: composed(full(kind, LATE), HEAD, WORDS, TERMS) for kind in NoticeKind}
    files = {
        kind for kind, document in shapes.items() if (document.format, document.seal) == (Format.FILE, Seal.PENDING)
    }
    letters = {
        kind for kind, document in shapes.items() if (document.format, document.seal) == (Format.LETTER, Seal.NONE)
    }
    assert files == {NoticeKind.SUPERVISION, NoticeKind.ORDER}
    assert letters == {NoticeKind.PROMPT, NoticeKind.ASSIGNMENT, NoticeKind.URGING}


def test_one_matter_is_told_in_a_sentence_and_several_are_counted_and_attached():
    one = text_of(NoticeKind.SUPERVISION, LATE)
    assert "办结时限2026年11月20日，目前进度45.5%，超过办结时限" in one and "附件" not in one
    two = composed(full(NoticeKind.SUPERVISION, LATE, SLOW), HEAD, WORDS, TERMS)
    assert "共2项，其中逾期1项、滞后1项，详见附件。" in two.model_dump_json()
    assert len(two.attachments[0].body[0].rows) == 2


def test_a_title_says_about_once():
    late = titled("关于创新政府配置资源方式的对接方案")
    assert full(NoticeKind.URGING, late).notice.title == "关于“创新政府配置资源方式的对接方案”的催办单"


def test_an_urging_cites_the_number_before_it_and_goes_to_the_head_of_the_unit():
    text = text_of(NoticeKind.URGING, LATE)
    assert TERMS.cites in text and "尧都区发展改革局主要负责同志" in text


def test_an_order_gives_a_day_for_the_plan_and_a_day_to_mend():
    text = text_of(NoticeKind.ORDER, LATE)
    assert "2026年11月26日18时前报送整改方案" in text and "2026年12月2日18时前整改到位" in text


def test_ones_own_paragraphs_stand_in_place_of_the_standing_ones():
    text = text_of(NoticeKind.SUPERVISION, LATE, paragraphs=("请抓紧办理。",))
    assert "请抓紧办理。" in text and WORDS.kinds[NoticeKind.SUPERVISION].opening[:8] not in text


def test_a_long_title_is_shortened_and_its_quotes_stay_inside_the_outer_ones():
    title = full(NoticeKind.URGING, titled("关于“十四五”规划" + "很长" * 40)).notice.title
    assert title.startswith("关于“‘十四五’规划") and title.endswith("…”的催办单") and len(title) < 45


def test_only_a_few_numbers_are_cited():
    assert several(["甲", "乙", "甲"]) == "甲、乙"
    assert several(["甲", "乙", "丙", "丁"]) == "甲、乙、丙等"


def test_a_letterhead_is_the_issuers_own_else_the_registers():
    named = HEADS.model_copy(update={"issuers": {PART.issuer: HEAD.model_copy(update={"code": "晋政办"})}})
    assert named.of(PART.issuer, "山西省人民政府办公厅", "省政府办公厅", demo=False).code == "晋政办"
    plain = HEADS.of("14.10.02.000.bgt", "临汾市尧都区人民政府办公室", "尧都区政府办公室", demo=False)
    assert (plain.name, plain.code) == ("临汾市尧都区人民政府办公室", "尧都区政府办公室")


@pytest.mark.parametrize(
    ("issuer", "name"),
    [
        ("14.00.00.000.bgt", "示例省人民政府办公厅"),
        ("14.10.00.000.bgt", "示例市人民政府办公室"),
        ("14.10.02.000.bgt", "示例县人民政府办公室"),
        ("14.10.02.100.gov", "示例镇人民政府"),
    ],
)
def test_a_demo_never_prints_the_name_of_a_real_organ(issuer, name):
    assert HEADS.of(issuer, "山西省某某单位", "某某", demo=True).name == name


def test_a_number_is_written_with_full_year_and_without_padding():
    assert str(DocNumber("示政办督", 2026, 7)) == "示政办督〔2026〕7号"


def test_a_letterhead_file_with_a_space_in_its_letters_is_refused():
    with pytest.raises(ValidationError):
        Letterheads.model_validate(HEADS.model_dump() | {"default": {"name": "某某", "code": "某 某"}})


def test_an_office_may_bring_its_own_letterheads_and_words(tmp_path):
    heads = (letterheads.DEFAULT).read_text().replace('code = "{short}"', 'code = "某政办"')
    own = tmp_path / "heads.toml"
    own.write_text(heads)
    assert letterheads.letterheads(Settings(letterheads=own)).default.code == "某政办"


def test_a_matter_withdrawn_from_a_list_changes_its_recipients():
    both = full(NoticeKind.PROMPT, LATE, SLOW)
    left = both.with_items(both.items[1:], "标题")
    assert [recipient.name for recipient in left.recipients] == ["临汾市教育局"]
