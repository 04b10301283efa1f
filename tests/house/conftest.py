"""One province for the main job and the examples: it takes seconds to start."""

from collections.abc import Iterator

import pytest

from tests.house.province import Province
from tests.stack import stack


@pytest.fixture(scope="session")
def province() -> Iterator[Province]:
    with stack("--no-demo") as made:
        yield Province(made)
