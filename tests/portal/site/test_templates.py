"""How templates are written: short lines, one block element a line, two spaces a level."""

import re
from pathlib import Path

import pytest

from services.portal.web import templates

LONGEST = 120
STEP = 2
BLOCKS = (
    "html head body header nav main aside footer section div form fieldset legend details summary h[1-6] p pre "
    "ul ol li dl dt dd table thead tbody tr th td option"
)
OPENING = re.compile(rf"<(?:{BLOCKS.replace(' ', '|')})(?![\w-])")
TEMPLATES = sorted(path for folder in templates.FOLDERS for path in folder.rglob("*.html"))

every_template = pytest.mark.parametrize(
    "path", TEMPLATES, ids=lambda path: str(path.relative_to(templates.PORTAL)).replace("/templates", "")
)


def crowded(line: str) -> bool:
    """It opens more than one element that a browser lays out below the one before; inline ones may share a line."""
    return len(OPENING.findall(line)) > 1


def lines(path: Path) -> list[tuple[int, str]]:
    """The lines of a file with their numbers."""
    return list(enumerate(path.read_text().split("\n"), 1))


@every_template
def test_no_line_of_a_template_is_longer_than_120_characters(path: Path):
    assert [(n, len(line)) for n, line in lines(path) if len(line) > LONGEST] == []


@every_template
def test_a_line_of_a_template_opens_at_most_one_block_element(path: Path):
    assert [(n, line.strip()) for n, line in lines(path) if crowded(line)] == []


@every_template
def test_a_template_is_indented_by_two_spaces_and_ends_no_line_with_one(path: Path):
    depths = {n: len(line) - len(line.lstrip()) for n, line in lines(path)}
    assert [n for n, line in lines(path) if depths[n] % STEP or "\t" in line or line != line.rstrip()] == []


@pytest.mark.parametrize(
    ("line", "is_crowded"),
    [
        ("<tr><th>{{ _('单位') }}</th>", True),
        ("<ul>{% for each in rows %}<li>{{ each }}</li>{% endfor %}</ul>", True),
        ("<dt>{{ _('拟稿') }}</dt><dd class=\"hash\">{{ digest }}</dd>", True),
        ("<thead>", False),
        ("<td><b>{{ n }}</b><small>{{ of }}</small></td>", False),
        ("<header><h1>{{ name }}</h1>", True),
        ("<p-like><path d=\"M1 1\"/><p>", False),
    ],
)  # fmt: skip
def test_inline_elements_share_a_line_and_block_elements_do_not(line: str, is_crowded: bool):
    assert crowded(line) == is_crowded
