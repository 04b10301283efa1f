"""Times and figures as an official writes them: Asia/Shanghai, no seconds, no trailing zeros."""

from datetime import datetime
from decimal import Decimal

from contracts.workdays import ZONE
from services.portal.web.i18n import N_
from services.portal.web.i18n import gettext as _

WEEKDAYS = (N_("一"), N_("二"), N_("三"), N_("四"), N_("五"), N_("六"), N_("日"))


def day(moment: datetime | None) -> str:
    """`2026-11-23`; empty for none."""
    return f"{moment.astimezone(ZONE):%Y-%m-%d}" if moment else ""


def exactly(moment: datetime | None) -> str:
    """`11-23 18:00`; empty for none."""
    return f"{moment.astimezone(ZONE):%m-%d %H:%M}" if moment else ""


def fully(moment: datetime) -> str:
    """`2026-11-23 18:00`."""
    return f"{moment.astimezone(ZONE):%Y-%m-%d %H:%M}"


def time_of_day(moment: datetime) -> str:
    """`09:41:52`."""
    return f"{moment.astimezone(ZONE):%H:%M:%S}"


def date_line(moment: datetime) -> str:
    """`2026年11月23日 星期一`."""
    local = moment.astimezone(ZONE)
    return _("%(year)s年%(month)s月%(day)s日 星期%(weekday)s") % {
        "year": local.year,
        "month": local.month,
        "day": local.day,
        "weekday": _(WEEKDAYS[local.weekday()]),
    }


def plain(short: str) -> str:
    """A government's name on a tile: `晋城市政府` → `晋城市`."""
    return short.removesuffix("人民政府").removesuffix("政府")


def number(value: object) -> str:
    """`39.84`, `100`, `51.3`: no trailing zeros."""
    text = f"{Decimal(str(value)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def rate(part: int, whole: int, places: int = 1) -> str:
    """`39.8%`; a dash where nothing was counted."""
    return f"{part * 100 / whole:.{places}f}%" if whole else "—"
