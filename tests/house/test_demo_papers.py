"""The demo's documents are the same however long its lights take: it waits for them, or says that they are missing."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from contracts.terms import NoticeCause, NoticeKind
from deploy.local.demo import papers

LIGHTS_TAKE = 5
"""Looks at the bus, before which other drafts stand there quietly."""


def drafted(kind: NoticeKind, unit: int) -> SimpleNamespace:
    notice = SimpleNamespace(kind=kind, cause=NoticeCause.OVERDUE, title=f"第{unit}件")
    return SimpleNamespace(notice=notice, recipients=[SimpleNamespace(unit=f"14.0{unit}.00.000.gov")])


class Drafts:
    """Stands for the event class: its bodies are the events themselves."""

    type = "notice.drafted"
    filters = staticmethod(lambda: "drafts")
    model_validate_json = staticmethod(lambda body: body)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    seen: list[datetime] = []
    prompts, urgings = [drafted(NoticeKind.PROMPT, 1)], [drafted(NoticeKind.URGING, n) for n in range(papers.SIGNED)]

    async def events_of(_: object, __: str) -> list[SimpleNamespace]:
        seen.append(datetime.now(UTC))
        return prompts if len(seen) <= LIGHTS_TAKE else prompts + urgings

    monkeypatch.setattr(papers, "events_of", events_of)
    monkeypatch.setattr(papers, "PAUSE", 0.01)
    monkeypatch.setattr(papers, "PATIENCE", 20)
    monkeypatch.setattr(papers, "NoticeDrafted", Drafts)
    return seen


async def test_it_waits_for_the_urgings_it_signs_though_other_drafts_are_quiet_before(looks: list[datetime]):
    assert len(papers.overdue_of_different_units(await papers.drafts(None))) == papers.SIGNED  # type: ignore[arg-type]
    assert len(looks) == LIGHTS_TAKE + 2


async def test_what_never_comes_is_said_and_nothing_is_signed(looks: list[datetime], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(papers, "PATIENCE", 0.03)
    with pytest.raises(papers.Missing, match="没有等到示例省的公文"):
        await papers.drafts(None)  # type: ignore[arg-type]
