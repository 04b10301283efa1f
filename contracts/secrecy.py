"""Classified matter never enters the system: one rule for every text, name and file. 朔政办发〔2017〕85号, art. 3.

Refused is a mark: 秘密, 机密 or 绝密 beside ★, after 密级, standing alone, on 文件 or 材料, or said of 本件. A subject
that only has the word in it passes: 商业秘密保护, 保守国家秘密法, 机密性, 计算机密码. Invisible characters, width,
traditional forms and signs between the two characters of a mark change nothing.
"""

import re
import unicodedata
from functools import cache

_FORMS = str.maketrans(
    "機祕絕絶宻級屬於為爲係標資報電圖該這附內國業務術經營軍個洩據",
    "机秘绝绝密级属于为为系标资报电图该这附内国业务术经营军个泄据",
) | {ord("㊙"): "秘密"}
_NEAR = 40
"""Characters before and after a word by which it is judged."""
_WORD = re.compile("绝密|机密|秘密")
_APART = re.compile(r"([绝机秘])(?:[^\w\n。；！？;!?]|_){1,3}(?=密)|(?m:^([绝机秘])\n(?=密$))")
_HAN = re.compile("[\u3400-\u9fff]")

_LEVEL = "(?:绝密|机密|秘密)"
_PAPER = (
    "(?:文件|文档|材料|资料|公文|电报|档案|图纸|情报|载体|密件|件|会议|事项|内容|信息|数据|报告|台账|通知|方案|附件)"
)
_AND = "(?:[、，,/]|或者?|和|及|与)"
_STAR = re.compile(r"级?\W?[★☆✩*]")
_LISTED_BEFORE = re.compile(rf"(?<!商业)(?<!工作)(?<!国家){_LEVEL}级?{_AND}$")
_LISTED_AFTER = re.compile(rf"级?{_AND}{_LEVEL}")
_GRADE = re.compile(
    r"(?:(?<![绝机秘])密级|密别|[保涉]密等级|[保涉]密级别)(?:确定|定|标注?|列)?[为是属]?\W{0,3}(?:国家)?$"
)
_THIS = re.compile(
    rf"(?:本|此|该|这份?|以下|上述|下列|所附|附)(?:{_PAPER}|文|表|页|件){{1,2}}(?:均|都|全部)?"
    r"(?:[为是系含]|属于?|[列定标]为|标注为?|[标印载含]有|涉及)?\W?(?:国家)?$"
)
_OTHER = re.compile("(?:商业|工作|技术|经营|企业|个人|他人|通[信讯]|[保严]守|守住|泄[露漏]|窃取|刺探)$")
_GUARDED = re.compile("(?:防止|严防|避免|禁止|严禁|不得|不准|杜绝|保护|销毁|查处)[^，。；、]{0,16}$")
_SPOKEN_OF = re.compile(
    rf"级?{_PAPER}?的?(?:管理|保护|泄[露漏]|销毁|清退|保密|定密|制度|办法|规定)|\W?(?:字样|标[识志记]|[二两]字)"
)
_GRADED_THINGS = re.compile("级(?:涉密|信息系统|计算机|网络|系统|资质|以[上下]|国家秘密|载体|单位|保护|测评)")
_CALLED = re.compile("(?:内部|高度|最高|核心|特[急提]|[加平]急|急件|属于?|[列定划标]为)$")
_URGENT = re.compile("特[急提]|[加平]急|急件")
_PART_OF_A_WORD = re.compile(r"[拒杜谢断隔灭根不弃气]\W{0,3}$"), re.compile("[切闭封度集布植实林云码钥]")


def secrecy_mark(text: str) -> str | None:
    """Return the first word that marks classified matter (秘密、机密、绝密), else None."""
    if not (folded := _folded(text)):
        return None
    for line in _APART.sub(r"\1\2", folded).split("\n"):
        for word in _WORD.finditer(line):
            start, end = word.span()
            if _marks(word[0], line[max(0, start - _NEAR) : start], line[end : end + _NEAR]):
                return word[0]
    return None


def refuse_classified(text: str) -> str:
    """The text itself. Raises ValueError with a Chinese message where it bears a mark."""
    if mark := secrecy_mark(text):
        raise ValueError(f"含有“{mark}”字样：涉密内容一律不得录入本系统，请删除")
    return text


def _folded(text: str) -> str:
    """One spelling of every character, without what is invisible; empty where no mark can be in it."""
    plain = unicodedata.normalize("NFKC", text.translate(_FORMS)).translate(_FORMS)
    return "\n".join(map(str.strip, plain.translate(_invisible()).splitlines())) if "密" in plain else ""


@cache
def _invisible() -> dict[int, None]:
    """Format and combining characters, and letters that fill a place and show nothing."""
    codes = (*range(0x20000), *range(0xE0000, 0xE0200))
    hidden = (code for code in codes if unicodedata.category(chr(code)) in ("Cf", "Mn", "Me"))
    return dict.fromkeys((*hidden, 0x115F, 0x1160, 0x2800))


def _marks(word: str, before: str, after: str) -> bool:
    """Does the word mark its text, as it stands between these parts of its line?"""
    alone = not (before and _joins(before[-1])) and not (after and _joins(after[0]))
    before, after = ("".join(part.split()) for part in (before, after))
    if _STAR.match(after) or before.endswith(("★", "☆")):
        return True
    if _LISTED_BEFORE.search(before) or _LISTED_AFTER.match(after):
        return False
    if _GRADE.search(before):
        return True
    if _THIS.search(before):
        return not (before.endswith("国家") and after.startswith("的"))
    if _OTHER.search(before) or (word == "秘密" and before.endswith("国家")):
        return False
    if _GUARDED.search(before) or _SPOKEN_OF.match(after) or _GRADED_THINGS.match(after):
        return False
    return alone or _labels(word, before, after)


def _joins(sign: str) -> bool:
    """A character that makes one phrase with the word beside it."""
    return bool(_HAN.match(sign)) or sign == "、"


def _labels(word: str, before: str, after: str) -> bool:
    """Does the word name the grade of what is beside it (机密材料, 秘密级, 属于机密)? 绝密 has hardly another use."""
    if _URGENT.match(after) or after.startswith("级"):
        return True
    if word == "绝密":
        left, right = _PART_OF_A_WORD
        return not (left.search(before) or right.match(after))
    if _CALLED.search(before) and not _HAN.match(after):
        return True
    papers = _PAPER if word == "机密" else "(?:文件|文档|材料|资料|公文|电报|档案|图纸|情报|件)"
    return bool(re.match(papers, after))
