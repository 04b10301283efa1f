"""What is found and by whom: entries that converge in any order, questions, scopes, highlights."""

from services.search.domain.entry import Change, Cursor, Entry, Fields, Known, delete, live, put, settle
from services.search.domain.highlight import highlight, snippet
from services.search.domain.question import Plan, Question, number_key, plans, read
from services.search.domain.scope import audience_tokens, scope_tokens

__all__ = [
    "Change",
    "Cursor",
    "Entry",
    "Fields",
    "Known",
    "Plan",
    "Question",
    "audience_tokens",
    "delete",
    "highlight",
    "live",
    "number_key",
    "plans",
    "put",
    "read",
    "scope_tokens",
    "settle",
    "snippet",
]
