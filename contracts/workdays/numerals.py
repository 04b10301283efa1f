"""Chinese numerals, wherever a text counts: 十一, 二〇二六, 一百一十七."""

_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
NUMERALS = "".join(_DIGITS) + "".join(_UNITS)
"""Every sign of them."""


def chinese_number(text: str) -> int | None:
    """Read a numeral, place by place where it has no 十, 百 or 千; None where it is none (二十三十)."""
    if not text or any(sign not in NUMERALS for sign in text):
        return None
    if not any(sign in _UNITS for sign in text):
        return int("".join(str(_DIGITS[sign]) for sign in text))
    total, digit, last = 0, None, 10_000
    for sign in text:
        if sign in _UNITS:
            if _UNITS[sign] >= last:
                return None
            last = _UNITS[sign]
            total, digit = total + (1 if digit is None else digit) * last, None
        elif digit:
            return None
        else:
            digit = _DIGITS[sign]
    return total + (digit or 0)
