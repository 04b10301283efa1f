"""What is written once and needed for ever is on the disk when the call returns, its name as well."""

import asyncio

from deploy.local.settings import secret
from services.chassis.blobs import Blobs
from services.nodes import keys
from tests.faults.power import Disk


def after_a_cut(disk: Disk) -> None:
    """The power is gone at this moment, and back."""
    disk.go_back(disk.copied())


def test_a_file_that_nobody_synced_is_gone(disk: Disk):
    (disk.place / "unsynced").write_text("anything")
    after_a_cut(disk)
    assert not (disk.place / "unsynced").exists()


def test_keys_credentials_and_revocations_outlive_a_power_cut(disk: Disk):
    path = disk.place / "keys" / "operator.nk"
    keys.write(path, "first")
    after_a_cut(disk)
    assert path.read_text() == "first"
    keys.write(path, "second")
    after_a_cut(disk)
    assert path.read_text() == "second"


def test_the_password_of_the_database_outlives_a_power_cut(disk: Disk):
    password = secret(disk.place / "secrets", "postgres")
    after_a_cut(disk)
    assert (disk.place / "secrets" / "postgres").read_text() == password


def test_a_file_of_evidence_outlives_a_power_cut(disk: Disk):
    digest = asyncio.run(Blobs(disk.place / "blobs").put(b"evidence"))
    after_a_cut(disk)
    assert asyncio.run(Blobs(disk.place / "blobs").get(digest)) == b"evidence"
