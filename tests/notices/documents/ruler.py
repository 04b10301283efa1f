"""A ruler for pages: lines of type, rules and ink in millimetres from the paper's top left corner."""

from collections.abc import Iterator
from ctypes import byref, c_double
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pdfplumber
import pypdfium2
import pytest
from pdfplumber.page import Page
from PIL import Image, ImageChops
from pypdfium2 import raw

MM = 72 / 25.4
SIZE_3 = 15.75 / MM
CHARACTER = 156 / 28
PITCH = (225 - 22 * SIZE_3) / 21 + SIZE_3
LEADING = PITCH - SIZE_3
DOTS = 300 / 25.4
HAIR = 0.06

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class TextLine:
    """Characters on one baseline; top and bottom are those of the square a Han character stands in."""

    text: str
    size: float
    left: float
    right: float
    top: float
    bottom: float


@dataclass(frozen=True)
class Rule:
    """A filled rectangle."""

    left: float
    right: float
    top: float
    bottom: float
    red: bool

    @property
    def thickness(self) -> float:
        """In mm."""
        return self.bottom - self.top


def near(value: object, tolerance: float = HAIR) -> Any:
    """The measure within a hair, or the tolerance of the standard."""
    return pytest.approx(value, abs=tolerance)


def pages(pdf: bytes) -> list[Page]:
    """The pages of a PDF, ready to be measured."""
    return pdfplumber.open(BytesIO(pdf)).pages


def lines(page: Page) -> list[TextLine]:
    """The upright lines of a page from top to bottom; a slanted watermark is none."""
    return [_line(row, page) for row in _rows(page)]


def line(page: Page, words: str) -> TextLine:
    """The first line that holds these words, measured at the words alone."""
    for row in _rows(page):
        start = "".join(character["text"] for character in row).find(words)
        if start >= 0:
            return _line(row[start : start + len(words)], page)
    raise AssertionError(f"no line holds {words}: {[result.text for result in lines(page)]}")


def texts(pdf: bytes) -> list[list[str]]:
    """What stands on the upright lines of each page, from top to bottom: nothing is measured, so it takes a tenth."""
    return [[text for _, text in sorted(_texts(page).items(), reverse=True)] for page in pypdfium2.PdfDocument(pdf)]


def words_of(pdf: bytes) -> str:
    """What the upright type says, in the order it was written."""
    return "".join(text for page in pypdfium2.PdfDocument(pdf) for text, _ in _upright(page))


def _texts(page: pypdfium2.PdfPage) -> dict[float, str]:
    rows: dict[float, str] = {}
    for text, baseline in _upright(page):
        rows[baseline] = rows.get(baseline, "") + text
    return rows


def _upright(page: pypdfium2.PdfPage) -> Iterator[tuple[str, float]]:
    """Each character and its baseline; spaces and breaks that nobody wrote are none."""
    text, matrix, x, y = page.get_textpage(), raw.FS_MATRIX(), c_double(), c_double()
    for n in range(text.count_chars()):
        raw.FPDFText_GetMatrix(text, n, byref(matrix))
        raw.FPDFText_GetCharOrigin(text, n, byref(x), byref(y))
        if matrix.b == 0 and not raw.FPDFText_IsGenerated(text, n):
            yield chr(raw.FPDFText_GetUnicode(text, n)), round(y.value, 1)


def rules(page: Page) -> list[Rule]:
    """The rules of a page wider than 100 mm, from top to bottom."""
    result = [_rule(rectangle) for rectangle in page.rects if rectangle["width"] > 100 * MM]
    return sorted(result, key=lambda rule: rule.top)


def red_ink(page: Page, below: float, above: float) -> Box:
    """Left, top, right, bottom of what is printed red between two heights, found by looking at the picture."""
    red, green, _ = picture(page).split()
    return _bounds(ImageChops.multiply(_where(red, 180, 256), _where(green, 0, 120)), below, above)


def black_ink(page: Page, below: float, above: float) -> Box:
    """The same of what is printed black."""
    return _bounds(_where(picture(page).convert("L"), 0, 100), below, above)


def picture(page: Page) -> Image.Image:
    """The page as a printer would set it, 300 dots an inch."""
    return page.to_image(resolution=300).original.convert("RGB")


def _bounds(ink: Image.Image, below: float, above: float) -> Box:
    top = round(below * DOTS)
    box = ink.crop((0, top, ink.width, round(above * DOTS))).getbbox()
    assert box, f"no such ink between {below} and {above} mm"
    return box[0] / DOTS, (top + box[1]) / DOTS, box[2] / DOTS, (top + box[3]) / DOTS


def _rows(page: Page) -> list[list[dict[str, Any]]]:
    rows: dict[float, list[dict[str, Any]]] = {}
    for character in page.chars:
        if character["matrix"][1] == 0:
            rows.setdefault(round(character["matrix"][5], 1), []).append(character)
    return [sorted(rows[baseline], key=lambda character: float(character["x0"])) for baseline in sorted(rows)[::-1]]


def _line(characters: list[dict[str, Any]], page: Page) -> TextLine:
    size = float(characters[0]["size"]) / MM
    baseline = (float(page.height) - characters[0]["matrix"][5]) / MM
    return TextLine(
        text="".join(character["text"] for character in characters),
        size=size,
        left=characters[0]["matrix"][4] / MM,
        right=characters[-1]["x1"] / MM,
        top=baseline - 0.88 * size,
        bottom=baseline + 0.12 * size,
    )


def _rule(rectangle: dict[str, Any]) -> Rule:
    colour = rectangle["non_stroking_color"]
    red = isinstance(colour, tuple) and len(colour) == 3 and colour[0] > 0.8 and max(colour[1:]) < 0.2
    left, right, top, bottom = (rectangle[side] / MM for side in ("x0", "x1", "top", "bottom"))
    return Rule(left, right, top, bottom, red)


def _where(band: Image.Image, low: int, high: int) -> Image.Image:
    return band.point([255 if low <= value < high else 0 for value in range(256)])
