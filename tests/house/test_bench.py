"""Benchmarks measure; here they only have to run to their end, so that none is found broken on the day it is needed."""

import os
import subprocess
import sys
from functools import partial

import pytest

from deploy.local.settings import ROOT

BENCHES = sorted(path.stem for path in (ROOT / "bench").glob("[a-z]*.py"))

HANGS = 900
"""Seconds after which a benchmark counts as one that never ends."""


@pytest.mark.full
@pytest.mark.parametrize("name", BENCHES)
def test_a_benchmark_runs_to_its_table(name: str, request: pytest.FixtureRequest):
    result = ROOT / "bench" / "results" / f"{name}.json"
    request.addfinalizer(partial(result.write_bytes, result.read_bytes()))
    few = os.environ | {"DUBAN_BENCH_ROWS": "2000"}
    command = [sys.executable, "-m", f"bench.{name}"]
    done = subprocess.run(command, cwd=ROOT, env=few, capture_output=True, text=True, timeout=HANGS)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "目标" in done.stdout
