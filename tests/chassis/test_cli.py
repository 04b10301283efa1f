"""`duban` as an operator meets it when nothing is running."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

DUBAN = Path(sys.executable).with_name("duban")


@pytest.mark.parametrize("words", ["dead list tasks", "replay alerts", "units find 高平", "audit verify"])
def test_what_does_not_answer_is_named_in_one_line_with_the_remedy(words: str, tmp_path: Path):
    nowhere = {"DUBAN_PG_DSN": "postgresql://duban@127.0.0.1:1/duban", "DUBAN_NATS_URL": "nats://127.0.0.1:1"}
    env = {**os.environ, **nowhere, "DUBAN_VAR": str(tmp_path)}
    done = subprocess.run([DUBAN, *words.split()], env=env, capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert "./dev up" in done.stderr and "DUBAN_NATS_URL" in done.stderr
