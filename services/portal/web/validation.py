"""What is wrong with a value, in Chinese, and what would be right: the words for a validator's findings."""

from collections.abc import Mapping
from typing import Any

from services.portal.web.i18n import N_, gettext

MESSAGES = {
    "missing": N_("没有填写，请补充"),
    "extra_forbidden": N_("没有这个字段，请删除"),
    "string_too_short": N_("至少 {min_length} 个字符"),
    "string_too_long": N_("最多 {max_length} 个字符"),
    "too_short": N_("至少 {min_length} 项"),
    "too_long": N_("最多 {max_length} 项"),
    "enum": N_("只能是 {expected}"),
    "literal_error": N_("只能是 {expected}"),
    "greater_than_equal": N_("不能小于 {ge}"),
    "less_than_equal": N_("不能大于 {le}"),
    "decimal_max_places": N_("最多 {decimal_places} 位小数"),
    "decimal_parsing": N_("请填数字"),
    "decimal_type": N_("请填数字"),
    "int_parsing": N_("请填整数"),
    "int_type": N_("请填整数"),
    "bool_parsing": N_("只能是 true 或 false"),
    "string_type": N_("请填文字"),
    "uuid_parsing": N_("应为 UUID，例如 7f3c1d4e-6a2b-4c7e-9b53-2f0a4f4f7d10"),
    "string_pattern_mismatch": N_("格式应为 {pattern}"),
    "datetime_from_date_parsing": N_("应为带时区的时间，例如 2026-11-23T18:00:00+08:00"),
    "date_from_datetime_parsing": N_("应为日期，例如 2026-12-31"),
    "date_parsing": N_("应为日期，例如 2026-12-31"),
    "date_type": N_("应为日期，例如 2026-12-31"),
    "date_from_datetime_inexact": N_("只写到日，例如 2026-12-31"),
    "less_than": N_("须早于 {lt}"),
    "timezone_aware": N_("时间要带时区，例如 2026-11-23T18:00:00+08:00"),
    "json_invalid": N_("不是有效的 JSON"),
    "model_attributes_type": N_("应为 JSON 对象"),
    "dict_type": N_("应为 JSON 对象"),
    "value_error": "{error}",
}


def in_words(error: Mapping[str, Any]) -> str:
    """One finding (its `type`, its `ctx`); what has no words here, as the validator puts it."""
    text = MESSAGES.get(error["type"])
    return gettext(text).format_map(error.get("ctx") or {}) if text else str(error["msg"])
