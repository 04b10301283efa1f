"""What a run came to: a table for people, JSON for machines."""

import json
import unicodedata
from collections.abc import Sequence

from services.nodes.conform.run import Outcome

PASSED, FAILED = "通过", "未通过"
TITLES = ("情形", "说明", "结论", "所见")


def table(outcomes: Sequence[Outcome]) -> str:
    """A line a case, its problems below it, and the verdict."""
    rows = [TITLES, *((o.case.name, o.case.title, word(o), "；".join(o.notes)) for o in outcomes)]
    widths = [max(width(row[column]) for row in rows) for column in range(3)]
    lines = ["  ".join([*map(padded, row, widths), row[3]]).rstrip() for row in rows]
    for line, outcome in zip(lines[1:], outcomes, strict=True):
        position = lines.index(line)
        lines[position + 1 : position + 1] = [f"    · {problem}" for problem in outcome.problems]
        if outcome.problems:
            lines.insert(position + 1 + len(outcome.problems), f"    → {outcome.case.remedy}")
    return "\n".join([*lines, "", verdict(outcomes)])


def verdict(outcomes: Sequence[Outcome]) -> str:
    """One sentence."""
    failed = [o.case.name for o in outcomes if not o.passed]
    total = f"{len(outcomes)} 种情形"
    return (
        f"结论：未通过（{total}，{len(failed)} 种未通过：{'、'.join(failed)}）" if failed else f"结论：通过（{total}）"
    )


def word(outcome: Outcome) -> str:
    """Its verdict."""
    return PASSED if outcome.passed else FAILED


def as_json(outcomes: Sequence[Outcome]) -> str:
    """The same, with English keys."""
    cases = [
        {
            "name": o.case.name,
            "title": o.case.title,
            "proves": o.case.proves,
            "passed": o.passed,
            "problems": o.problems,
            "notes": o.notes,
            "remedy": o.case.remedy,
            "seconds": o.seconds,
        }
        for o in outcomes
    ]
    body = {"passed": all(o.passed for o in outcomes), "cases": cases}
    return json.dumps(body, ensure_ascii=False, indent=1)


def width(text: str) -> int:
    """Columns of a terminal; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def padded(text: str, columns: int) -> str:
    return text + " " * (columns - width(text))
