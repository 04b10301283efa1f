"""The fonts step: found where they should be, fetched once, and never a reason to fail."""

import subprocess
import sys
from pathlib import Path

import pytest

from services.notices.documents.coverage import missing_characters, set_in
from services.notices.documents.fonts import FANDOL, NOTO, fetch, fetch_noto, find
from tests.notices.documents.sample import document, fandol, noto

ROOT = Path(__file__).parents[3]


def test_the_office_s_own_fonts_come_first_then_what_was_fetched(tmp_path):
    (tmp_path / "var" / "fonts").mkdir(parents=True)
    (tmp_path / "licensed").mkdir()
    result = find(tmp_path, {"DUBAN_FONT_DIR": str(tmp_path / "licensed")})
    assert result[:2] == (tmp_path / "licensed", tmp_path / "var" / "fonts")


def test_directories_that_do_not_exist_are_not_looked_into(tmp_path):
    result = find(tmp_path, {"DUBAN_FONT_DIR": str(tmp_path / "nowhere")})
    assert all(directory.is_dir() for directory in result)


def test_without_apt_nothing_fails_and_what_is_missing_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert fetch(tmp_path / "fonts") == FANDOL
    assert fetch_noto(tmp_path / "fonts") == NOTO


def test_a_directory_that_cannot_be_written_is_no_error(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    assert fetch(tmp_path / "file" / "fonts") == FANDOL


def test_fonts_already_there_are_not_fetched_again(tmp_path, monkeypatch):
    (directory,) = fandol()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert fetch(directory) == ()
    assert not list(directory.glob(".fetch-*"))


def test_the_step_runs_with_the_standard_library_alone(tmp_path):
    (directory,) = fandol()
    command = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); import runpy; "]
    command[-1] += f"sys.argv = ['fonts', {str(directory)!r}]; "
    command[-1] += "runpy.run_module('services.notices.documents.fonts', run_name='__main__')"
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "字库齐备" in done.stdout


def test_each_typeface_is_set_in_the_best_family_at_hand():
    assert set_in(fandol()) == {
        "仿宋": "FandolFang R",
        "小标宋": "FandolSong",
        "黑体": "FandolHei",
        "楷体": "FandolKai",
        "宋体": "FandolSong",
    }
    assert set_in(noto())["黑体"] == "Noto Sans CJK SC"
    assert set(set_in(()).values()) == {None}


def test_characters_no_font_has_are_named_before_signing():
    named = document(to="土默特左旗圐圙村、圐圙图村")
    assert missing_characters(named, fandol()) == "圐圙"
    assert missing_characters(named, fandol() + noto()) == ""
    assert missing_characters(document(), fandol()) == ""


@pytest.mark.parametrize("emoji", ["😀", "𰻝"])
def test_what_nobody_prints_is_named_too(emoji):
    assert missing_characters(document(note=f"联系人{emoji}"), fandol()) == emoji
