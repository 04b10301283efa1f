"""What is served beside the pages: whose it is, that it is unchanged, that every string can be translated."""

import ast
import re
import tomllib
from hashlib import sha256
from pathlib import Path

import pytest

from contracts import terms
from contracts.workdays import ClockKind, Weight
from services.portal.site import catalogue
from services.portal.web import labels, templates

DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
NOT_SHOWN = {"人民政府", "政府"}
CHINESE_ALONE = (
    "api.py",
    "import_api.py",
    "assignment_api.py",
    "delivery_api.py",
    "evidence_api.py",
    "targets.py",
    "answers.py",
    "etags.py",
    "operations.py",
    "shapes.py",
    "bodies.py",
    "caller.py",
    "lending.py",
    "problems.py",
    "cli.py",
    "demo.py",
    "settings.py",
    "uploads.py",
)
VENDOR = templates.STATIC / "vendor"
TEMPLATES = sorted(path for folder in templates.FOLDERS for path in folder.glob("*.html"))


@pytest.fixture(scope="module")
def catalogued() -> set[str]:
    """Every string the catalogue has."""
    return {text for _, _, text in catalogue.messages()}


def test_files_of_others_are_unchanged_and_none_is_unnamed():
    named = tomllib.loads((VENDOR / "VENDOR.toml").read_text())["file"]
    for file in named:
        assert sha256((VENDOR / file["name"]).read_bytes()).hexdigest() == file["sha256"], file["name"]
        assert file["version"] and file["licence"]
    assert {path.name for path in VENDOR.iterdir()} == {"VENDOR.toml", *(file["name"] for file in named)}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_holds_no_string_outside_the_catalogue(path: Path):
    assert catalogue.untranslatable(path.read_text()) == []


@pytest.mark.parametrize(
    "path", sorted(templates.PORTAL.rglob("*.py")), ids=lambda path: str(path.relative_to(templates.PORTAL))
)
def test_what_a_page_says_in_code_is_in_the_catalogue(path: Path, catalogued: set[str]):
    if path.name in CHINESE_ALONE:
        return  # the API speaks Chinese alone; an operator's words are the operator's
    tree = ast.parse(path.read_text())
    documented = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, DOCUMENTED)}
    documented |= {
        node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    assert [t for t in texts if re.search("[\u4e00-\u9fff]", t) and t not in catalogued | NOT_SHOWN | documented] == []


def test_the_catalogue_s_template_is_fresh():
    assert catalogue.TEMPLATE.read_bytes() == catalogue.template()


def test_a_string_outside_the_catalogue_would_be_found():
    assert catalogue.untranslatable("<p>{{ _('在') }}外面</p>") == ["{{ ) }}外面"]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_nothing_the_policy_forbids(path: Path):
    text = path.read_text()
    assert not re.search(r"\sstyle=|<style|\son\w+=|<script(?![^>]*src=)|javascript:|hx-on|https?://", text)


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("light", terms.Light), ("reason", terms.LightReason), ("board", terms.Board), ("task_state", terms.TaskState),
        ("assignment_state", terms.AssignmentState), ("role", terms.Role), ("report", terms.ReportKind),
        ("grade", terms.Grade), ("notice", terms.NoticeKind), ("notice_state", terms.NoticeState),
        ("cause", terms.NoticeCause),
        ("due_change", terms.DueChangeCause), ("peer_group", terms.PeerGroup), ("indicator", terms.Indicator),
        ("clock", ClockKind), ("clock_mark", ClockKind), ("weight", Weight),
    ],
)  # fmt: skip
def test_every_value_of_a_closed_set_has_a_word(table, values):
    assert set(labels.TABLES[table]) == {str(value) for value in values}


def test_status_is_always_shape_and_word_and_colour():
    css = (templates.STATIC / "tokens.css").read_text()
    shapes = {templates.ENV.globals["ui"].lamp(light) for light in terms.Light}
    assert len(shapes) == 5
    for light in terms.Light:
        assert f".lamp-{light}" in css and labels.label("light", light)


def test_the_whole_static_folder_stays_small():
    assert sum(path.stat().st_size for path in templates.STATIC.rglob("*") if path.is_file()) < 124_000
