"""The sample ledger as if its office had kept it until today: every date in its cells moves along."""

import io
import re
import zipfile
from datetime import date, timedelta
from pathlib import Path

SAMPLE = Path(__file__).with_name("ledger.xlsx")
AS_OF = date(2026, 11, 23)
"""What the sample says of itself (数据截至)."""

MONTH = 30.44
"""Days, on average."""

DATE = re.compile(
    r"(?P<y>20\d\d)-(?P<m>\d\d)-(?P<d>\d\d)"
    r"|(?P<Y>20\d\d)年(?P<M>\d{1,2})月((?P<D>\d{1,2})日)?"
    r"|(?P<e>\d{1,2})月底前"
)


def shifted(today: date) -> bytes:
    """The workbook with `today` as its day; byte for byte the sample where that is its own day."""
    if today == AS_OF:
        return SAMPLE.read_bytes()
    made = io.BytesIO()
    with zipfile.ZipFile(SAMPLE) as sample, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as book:
        for name in sample.namelist():
            content = sample.read(name)
            if name.startswith("xl/") and name.endswith(".xml"):
                content = moved(content.decode(), today - AS_OF).encode()
            book.writestr(name, content)
    return made.getvalue()


def moved(text: str, by: timedelta) -> str:
    """Every date in `text` later by so many days; a bare month by so many whole months."""

    def replace(match: re.Match[str]) -> str:
        part = match.groupdict()
        if part["y"]:
            return (date(int(part["y"]), int(part["m"]), int(part["d"])) + by).isoformat()
        if part["D"]:
            then = date(int(part["Y"]), int(part["M"]), int(part["D"])) + by
            return f"{then.year}年{then.month}月{then.day}日"
        months = int(part["Y"] or AS_OF.year) * 12 + int(part["M"] or part["e"]) - 1 + round(by.days / MONTH)
        year, month = divmod(months, 12)
        return f"{year}年{month + 1}月" if part["Y"] else f"{month + 1}月底前"

    return DATE.sub(replace, text)
