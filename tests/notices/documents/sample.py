"""Documents as an office would write them, and the two sets of free fonts."""

import os
import warnings
from pathlib import Path
from typing import Any

import pytest

from services.notices.documents.domain.content import Document
from services.notices.documents.fonts import NOTO, NOTO_DIRECTORY, Fonts, fetch, fetch_noto

VAR = Path(__file__).parents[3] / "var"

BODY: list[dict[str, Any]] = [
    {
        "kind": "p",
        "text": "根据《政府督查工作条例》和省委深改组会议部署，经“清单制+责任制”信息化平台监测，截至2026年11月20日，"
        "你单位牵头负责的以下改革事项未按时间节点完成对接，已亮黄灯或者红灯。现将有关事项通知如下。",
    },
    {"kind": "h1", "text": "一、督办事项"},
    {"kind": "p", "text": "本次督办事项共2项，其中逾期1项、滞后1项，详见附件。牵头单位对事项办理负总责。"},
    {"kind": "h1", "text": "二、办理要求"},
    {"kind": "h2", "text": "（一）及时签收。", "run_on": "自收到本通知之日起1日内在平台签收并研究部署，明确责任人。"},
    {"kind": "h2", "text": "（二）按期反馈。", "run_on": "3日内书面反馈办理情况；确实不能按期办结的，应当申请延期。"},
    {"kind": "p", "text": "请及时做好对接落实工作。"},
]
LIST: dict[str, Any] = {
    "title": "督办事项清单",
    "body": [
        {
            "kind": "table",
            "columns": [
                {"title": "序号", "width": 8},
                {"title": "督办事项", "width": 40, "align": "left"},
                {"title": "责任单位", "width": 20},
                {"title": "办结时限", "width": 16},
                {"title": "预警", "width": 10},
            ],
            "rows": [
                ["1", "创新政府配置资源方式的指导意见对接方案", "省发展改革委", "11月27日", "逾期"],
                ["2", "市州改革信息采用月度统计口径统一", "各市改革办", "12月4日", "滞后"],
            ],
        }
    ],
}
FILE: dict[str, Any] = {
    "format": "file",
    "mark": "示例省全面深化改革领导小组办公室文件",
    "copy_no": "000012",
    "urgency": "特急",
    "doc_number": "示改办督〔2026〕12号",
    "title": "关于加快办理第三季度改革对接事项的督办通知",
    "to": "省经济体制改革专项小组，省发展改革委，甲市、乙市人民政府",
    "issuer": "示例省改革办公室",
    "date": "2026-11-23",
    "body": BODY,
    "attachments": [LIST],
    "note": "联系人：张三，电话：000-00000000",
    "cc": "省委办公厅，省人大常委会办公厅，省政府办公厅，省政协办公厅",
    "printer": "示例省改革办公室",
    "print_date": "2026-11-23",
    "watermark": "演示",
    "verify_at": "https://duban.example.gov.cn/verify",
}
LETTER: dict[str, Any] = {
    "format": "letter",
    "mark": "示例省人民政府督查室",
    "doc_number": "示督函〔2026〕8号",
    "urgency": "加急",
    "title": "关于协调解决装备外运受限问题的函",
    "to": "省公安厅交通管理局",
    "issuer": "示例省人民政府督查室",
    "date": "2026-11-23",
    "cc": "丙县人民政府",
    "body": BODY[:3],
}
SLIP: dict[str, Any] = {
    "format": "letter",
    "mark": "示例省人民政府督查室",
    "doc_number": "示督查单〔2026〕8号",
    "urgency": "加急",
    "title": "督查通知单",
    "issuer": "示例省人民政府督查室",
    "date": "2026-11-23",
    "watermark": "演示",
    "verify_at": "https://duban.example.gov.cn/verify",
    "body": [
        {
            "kind": "form",
            "rows": [
                [{"label": "承办单位", "text": "甲市人民政府"}, {"label": "协办单位", "text": "省公安厅交通管理局"}],
                [{"label": "督查事项", "text": "关于协调解决重型装备外运道路通行受限问题"}],
                [{"label": "办理要求", "text": "请于3个工作日内书面反馈，7个工作日内办结。", "lines": 3}],
                [{"label": "交办时间", "text": "2026年11月23日"}, {"label": "办结时限", "text": "2026年12月2日"}],
                [{"label": "前次文号", "text": "示督提〔2026〕31号"}, {"label": "联系人", "text": "李四"}],
                [{"label": "领导批示", "lines": 3}],
            ],
        }
    ],
}


def document(base: dict[str, Any] = FILE, **changes: Any) -> Document:
    """One of the sample documents with some of its words changed."""
    return Document.model_validate(base | changes)


def fandol() -> Fonts:
    """The Fandol fonts alone, brought by the fonts step; without them a skip that is heard, in CI an error."""
    return _present(VAR / "fonts", fetch(VAR / "fonts"))


def noto() -> Fonts:
    """The Noto CJK fonts alone, from the system or brought by the fonts step."""
    if all((NOTO_DIRECTORY / name).is_file() for name in NOTO):
        return (NOTO_DIRECTORY,)
    return _present(VAR / "fonts-noto", fetch_noto(VAR / "fonts-noto"))


def _present(directory: Path, missing: tuple[str, ...]) -> Fonts:
    if not missing:
        return (directory,)
    reason = f"the fonts step could not bring {', '.join(missing)}"
    if os.environ.get("CI"):
        raise RuntimeError(reason)
    warnings.warn(reason, stacklevel=2)
    pytest.skip(reason)
