"""An index of one's own, and the sample ledger as its records."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from services.search.domain.record import Change
from services.search.index import Index
from tests.search.builders import put

LEDGER = Path(__file__).parent.parent / "data/ledgers/2026-督办台账-样例.xlsx"
DAY = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    """An empty index."""
    opened = Index.open(tmp_path / "index")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def ledger() -> list[Change]:
    """The 22 tasks of the sample ledger, each for the county 14.10.02 and its superiors."""
    rows = CalamineWorkbook.from_path(str(LEDGER)).get_sheet_by_index(0).to_python()
    return [
        put(
            f"task/{row[0]}",
            1,
            kind="task",
            title=str(row[1]),
            text=f"{row[8]}；{row[9]}",
            number=f"示督〔2026〕{row[0]}号",
            units=(str(row[5]), *str(row[6]).replace("；", "、").split("、")),
            board=str(row[2]),
            time=DAY + timedelta(minutes=int(str(row[0]))),
            url=f"/tasks/{row[0]}",
            audience=("14.10.02.000.fgw", "14.10.00.000.bgt", "14.00.00.000.bgt"),
        )
        for row in rows
        if str(row[0]).isdigit()
    ]


@pytest.fixture(scope="session")
def sample(ledger: list[Change], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """The sample ledger, indexed; read only."""
    opened = Index.open(tmp_path_factory.mktemp("ledger"))
    opened.apply(ledger)
    yield opened
    opened.close()
