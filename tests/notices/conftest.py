"""The schema of notices, made once and copied for each test."""

import pytest

from deploy.local import backing as local
from services.notices import handlers
from tests.conftest import migrated


@pytest.fixture(scope="session")
def template(backing: local.Backing) -> str:
    return migrated(backing, notices=handlers)
