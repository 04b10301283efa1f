"""One rule for classified matter: what is a mark is refused however it is written, what is a subject passes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from contracts.secrecy import refuse_classified, secrecy_mark
from contracts.values import Name, OneLine, Text

MARKED = {
    "alone": (
        "绝密", "机密", "秘密", "  机密  ", "（秘密）", "[机密]", "【绝密】", "《机密》", "“机密”", "机密！", "㊙",
    ),
    "on a line of its own": (
        "关于开展核查的通知\n机密\n各市人民政府：", "台账\r\n秘密\r\n", "1\u2028机密\u20282",
    ),
    "before or after a title": (
        "机密 关于水井的事项", "【机密】关于水井的事项", "拆除违建361处（机密）", "关于人事安排的方案(秘密)",
        "机密：部署情况", "机密，请勿外传",
    ),
    "with a star": (
        "秘密★1年", "机密★10年", "绝密★长期", "秘密 ★ 5年", "机密☆", "★机密", "国家秘密★20年", "秘密*3年",
    ),
    "as a grade": (
        "密级：秘密", "密级:机密", "密级 绝密", "保密等级：机密", "密级为秘密", "本文密级定为机密", "密级：【秘密】",
        "密级：国家秘密", "机密级", "绝密级", "秘密级文件", "本文为机密级", "属于机密级材料",
    ),
    "of this paper": (
        "本件为机密材料", "此件绝密", "此件秘密", "本文件属于秘密", "该材料系机密", "以下内容为机密，不得转发",
        "本件属于国家秘密", "上述材料均为秘密", "附件为机密", "此件标有“机密”", "这份文件是绝密",
        "本报告含有国家秘密",
    ),
    "on a paper": (
        "绝密文件", "机密文件", "秘密文件", "绝密事项", "机密材料一份", "转发秘密电报", "参加机密会议",
        "机密资料.pdf", "绝密档案", "机密信息", "含机密内容", "国家机密文件", "绝密方案", "报送机密报告",
    ),
    "beside an urgency": (
        "机密特急", "特急机密", "秘密 加急", "秘密急件", "特急 绝密", "机密·特急",
    ),
    "in a verdict": (
        "列为机密", "属于机密，", "高度机密", "最高机密！", "内部机密", "核心机密。", "定为秘密",
    ),
    "in a file's name": (
        "机密-部署方案.docx", "部署方案_机密.docx", "绝密文件.pdf", "2026机密.xlsx", "机密10年.pdf", "机密材料.pdf",
        "（秘密）台账.xlsx", "秘密.txt",
    ),
    "in another script": (
        "機密", "祕密", "絕密", "絶密", "絕密文件", "本件為機密材料", "密級：祕密", "該資料屬於機密", "機密級",
    ),
    "in another width": (
        "机　密", "机．密", "机＿密", "密级：秘密", "秘密＊１年", "（機　密）",
    ),
    "with signs between": (
        "绝 密", "绝-密", "机·密", "机 · 密", "机.密", "机_密", "绝**密", "机—密", "秘/密", "本件为机 密材料",
        "本 件 为 机 密 材 料", "绝、密", "绝\n密", "绝|密文件", "机🔒密", "绝　　密",
    ),
    "with invisible characters": (
        "机\u200b密", "绝\u202e密", "\u202e机密\u202c", "机\ufe0f密", "机\ufe00密", "秘\u00ad密", "绝\u2060密",
        "机\u034f密", "机\u0336密\u0336", "机\u3164密", "机\u115f密", "绝\u200b \u200b密", "机\U000e0100密",
        "本件为机\u200d密材料", "绝\u180e密",
    ),
}  # fmt: skip

SUBJECTS = {
    "other secrets": (
        "商业秘密保护方案", "商业秘密保护方案.pdf", "保护商业秘密", "侵犯商业秘密罪", "商业机密", "工作秘密管理",
        "技术秘密许可合同", "个人秘密", "通信秘密", "商业 秘密 保护", "该企业商业秘密", "本文件涉及企业商业秘密",
        "工作秘密事项清单",
    ),
    "laws and duties": (
        "保守国家秘密法", "《中华人民共和国保守国家秘密法》宣传月", "学习贯彻保守国家秘密法实施条例",
        "国家秘密载体管理", "国家秘密定密管理", "严守党和国家秘密", "保守秘密", "保守国家秘密、商业秘密和工作秘密",
        "不得泄露国家秘密", "故意泄露国家秘密案", "泄露机密", "严守机密", "涉及国家秘密的，不予公开",
        "该信息属于国家秘密的，依法不予公开", "国家秘密的密级分为绝密、机密、秘密三级", "密级：绝密、机密、秘密",
        "绝密级、机密级、秘密级", "严禁在非涉密计算机上处理绝密文件", "机密文件管理办法", "防止机密信息泄露",
        "清理标有“机密”字样的废旧文件", "杜绝机密文件外传", "机密级信息系统测评", "绝密级国家秘密载体", "保密工作",
        "涉密人员培训", "密级",
    ),
    "technology": (
        "计算机密码", "计算机密码管理", "随机密钥", "机密性", "保证数据的机密性、完整性", "机密计算", "手机密码",
        "手机、密码、证件", "主机密钥", "单机密文", "密码",
    ),
    "words that only meet": (
        "拒绝密切接触", "杜绝密闭空间作业事故", "杜绝 密闭空间违规作业", "隔绝密封", "谢绝密集拜访",
        "源源不绝，密切配合", "络绎不绝、密密麻麻", "司机密切配合", "飞机密度", "危机、密切关注", "发电机密封检修",
        "有机密植", "手机\n密级", "无机密封材料", "隔绝密封件", "电机密封件更换", "发电机密封材料",
    ),
    "ways of doing": (
        "秘密投票", "无记名秘密投票", "秘密举报", "秘密调查", "秘密侦查", "以秘密方式", "不是什么秘密可言",
    ),
    "nothing of the kind": (
        "", "督办", "秘书处", "机关", "亲密", "人口稠密", "周密部署", "密云区",
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", [text for texts in MARKED.values() for text in texts])
def test_a_mark_is_refused_however_it_is_written(text: str):
    assert secrecy_mark(text) in ("绝密", "机密", "秘密")


@pytest.mark.parametrize("text", [text for texts in SUBJECTS.values() for text in texts])
def test_a_subject_passes(text: str):
    assert secrecy_mark(text) is None


@pytest.mark.parametrize("kind", [Text, OneLine, Name])
def test_every_text_line_and_name_is_under_the_same_rule(kind: object):
    value = TypeAdapter(kind)
    for text in (text for texts in MARKED.values() for text in texts):
        with pytest.raises(ValidationError, match="涉密内容一律不得录入"):
            value.validate_python(text)
    for text in (text for texts in SUBJECTS.values() for text in texts):
        value.validate_python(text)


def test_a_refusal_names_the_word_in_its_plain_form():
    with pytest.raises(ValueError, match="含有“机密”字样"):
        refuse_classified("本件為機\u200b密材料")


@given(st.text(), st.text(), st.sampled_from(["机密★10年", "密级：绝密"]))
def test_what_stands_on_other_lines_hides_no_mark(before: str, after: str, mark: str):
    assert secrecy_mark(f"{before}\n{mark}\n{after}")


@given(st.text(st.characters(exclude_characters="密宻㊙")))
def test_a_text_without_the_character_bears_no_mark(text: str):
    assert secrecy_mark(text) is None
