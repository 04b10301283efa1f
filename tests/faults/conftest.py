"""A disk whose power a test may cut."""

import warnings
from collections.abc import Iterator

import pytest

from tests.faults import power
from tests.faults.power import Disk, Impossible


@pytest.fixture
def disk() -> Iterator[Disk]:
    """Where the machine cannot have one, that is said aloud."""
    try:
        with power.disk() as made:
            yield made
    except Impossible as reason:
        warnings.warn(f"nothing is proved about power cuts here: {reason}", stacklevel=1)
        pytest.skip(str(reason))
