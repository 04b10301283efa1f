"""One stack for all that is done to it in turn, and a disk whose power a test may cut."""

import warnings
from collections.abc import Iterator

import pytest

from tests.faults import power
from tests.faults.load import Ledger
from tests.faults.power import Disk, Impossible
from tests.stack import Stack, stack


@pytest.fixture(scope="session")
def running() -> Iterator[Stack]:
    with stack("--no-demo") as made:
        yield made


@pytest.fixture(scope="session")
def ledger() -> Ledger:
    """What all the campaigns over that stack were answered: the checks count what each of them did."""
    return Ledger()


@pytest.fixture
def disk() -> Iterator[Disk]:
    """Where the machine cannot have one, that is said aloud."""
    try:
        with power.disk() as made:
            yield made
    except Impossible as reason:
        warnings.warn(f"nothing is proved about power cuts here: {reason}", stacklevel=1)
        pytest.skip(str(reason))
