"""The words a ledger's header, boards and weights are written with."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from contracts.terms import Board
from contracts.workdays import Weight


class Column(StrEnum):
    """What a column of a ledger (台账) holds."""

    NUMBER = "number"
    TITLE = "title"
    BOARD = "board"
    SOURCE = "source"
    LEAD_OFFICIAL = "lead_official"
    LEAD = "lead"
    RESPONSIBLE = "responsible"
    SUPPORTING = "supporting"
    TARGET = "target"
    VERIFICATION_FORM = "verification_form"
    WEIGHT = "weight"
    ASSIGNED = "assigned"
    DEADLINE = "deadline"
    PROGRESS = "progress"
    CONTACT = "contact"


@dataclass(frozen=True)
class Words:
    """Plain words → what they mean; `labels`: each column's usual header, for messages."""

    columns: Mapping[str, Column]
    boards: Mapping[str, Board]
    weights: Mapping[str, Weight]
    labels: Mapping[Column, str]

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str, str]]) -> "Words":
        """Build from (kind, code, words parted by |), kind ∈ column, board, weight; the first word is the usual one."""
        by_kind: dict[str, dict[str, str]] = {"column": {}, "board": {}, "weight": {}}
        labels: dict[Column, str] = {}
        for kind, code, words in rows:
            by_kind[kind] |= {plain(word): code for word in words.split("|")}
            if kind == "column":
                labels[Column(code)] = words.split("|")[0]
        return cls(
            columns={word: Column(code) for word, code in by_kind["column"].items()},
            boards={word: Board(code) for word, code in by_kind["board"].items()},
            weights={word: Weight(code) for word, code in by_kind["weight"].items()},
            labels=labels,
        )


def plain(text: str) -> str:
    """Reduce a header or a word to its bare form: 当前进度（%） → 当前进度."""
    narrow = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    return re.sub(r"\([^()]*\)|[%*:.]", "", narrow)
