"""Classified matter never enters the system: one rule for every text, name and file. 朔政办发〔2017〕85号, art. 3."""

import re
import unicodedata

_MARK = re.compile(r"(?<!商业)秘密|(?<![随算])机密(?![码钥])|绝密")


def secrecy_mark(text: str) -> str | None:
    """Return the first word that marks classified matter (秘密、机密、绝密), else None."""
    mark = _MARK.search(re.sub(r"\s", "", unicodedata.normalize("NFKC", text)))
    return mark[0] if mark else None


def refuse_classified(text: str) -> str:
    """The text itself. Raises ValueError with a Chinese message where it bears a mark."""
    if mark := secrecy_mark(text):
        raise ValueError(f"含有“{mark}”字样：涉密内容一律不得录入本系统，请删除")
    return text
