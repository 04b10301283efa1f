"""Small files of every format that is read, each with a text where such files have one."""

import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO

import openpyxl
from pypdf import PdfWriter
from pypdf.annotations import FreeText

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def archive(**members: str | bytes) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return packed.getvalue()


def docx(text: str) -> bytes:
    """Every character in a run of its own, as Word writes a text that was corrected often."""
    runs = "".join(f"<w:r><w:rPr><w:b/></w:rPr><w:t>{sign}</w:t></w:r>" for sign in text)
    body = f"<w:document {W}><w:body><w:p><w:r><w:t>督办材料</w:t></w:r></w:p><w:p>{runs}</w:p></w:body></w:document>"
    return archive(**{"[Content_Types].xml": "<Types/>", "word/document.xml": body})


def docx_with_watermark(text: str) -> bytes:
    header = f'<w:hdr {W} xmlns:v="urn:v"><w:p><v:shape><v:textpath string="{text}"/></v:shape></w:p></w:hdr>'
    return archive(**{"word/document.xml": f"<w:document {W}/>", "word/header1.xml": header})


def docx_with_property(text: str) -> bytes:
    return archive(
        **{"docProps/core.xml": f"<p xmlns:dc='d'><dc:title>台账</dc:title><dc:subject>{text}</dc:subject></p>"}
    )


def xlsx(text: str) -> bytes:
    book, packed = openpyxl.Workbook(), BytesIO()
    book.active.append(["序号", "事项", text])
    book.save(packed)
    return packed.getvalue()


def xlsx_with_sheet(text: str) -> bytes:
    book, packed = openpyxl.Workbook(), BytesIO()
    book.create_sheet(text)
    book.save(packed)
    return packed.getvalue()


def xlsx_with_comment(text: str) -> bytes:
    return archive(
        **{"xl/comments1.xml": f"<comments><comment ref='A1'><text><r><t>{text}</t></r></text></comment></comments>"}
    )


def xlsx_with_header(text: str) -> bytes:
    """Between the codes of a header for its middle and its right."""
    header = f"<headerFooter><oddHeader>&amp;C{text}&amp;R&amp;P</oddHeader></headerFooter>"
    return archive(**{"xl/worksheets/sheet1.xml": f"<worksheet>{header}</worksheet>"})


def docx_with_table(text: str) -> bytes:
    """A workbook within a document."""
    return archive(**{"word/document.xml": f"<w:document {W}/>", "word/embeddings/台账.xlsx": xlsx(text)})


def pptx(text: str) -> bytes:
    return archive(**{"ppt/slides/slide1.xml": f"<p:sld xmlns:p='p' xmlns:a='a'><a:p><a:t>{text}</a:t></a:p></p:sld>"})


def odt(text: str) -> bytes:
    body = f"<o:text xmlns:o='o' xmlns:text='t'><text:p><text:span>{text[:1]}</text:span>{text[1:]}</text:p></o:text>"
    return archive(mimetype="application/vnd.oasis.opendocument.text", **{"content.xml": body})


def ofd(text: str) -> bytes:
    page = f"<ofd:Page xmlns:ofd='o'><ofd:TextObject><ofd:TextCode>{text}</ofd:TextCode></ofd:TextObject></ofd:Page>"
    return archive(**{"OFD.xml": "<ofd:OFD xmlns:ofd='o'/>", "Doc_0/Pages/Page_0/Content.xml": page})


def pdf(text: str, compress: Callable[[bytes], bytes] = zlib.compress) -> bytes:
    """One page in a font that only its ToUnicode map can read, as most programs write it."""
    codes = {sign: n for n, sign in enumerate(dict.fromkeys(text), 1)}
    codes_of_text = "".join(f"{codes[sign]:04x}" for sign in text)
    pairs = "\n".join(f"<{n:04x}> <{sign.encode('utf-16-be').hex()}>" for sign, n in codes.items())
    ranges = "1 begincodespacerange <0000> <ffff> endcodespacerange"
    cmap = f"begincmap {ranges} {len(codes)} beginbfchar\n{pairs}\nendbfchar endcmap"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        stream(compress(f"BT /F 16 Tf 72 700 Td <{codes_of_text}> Tj ET".encode())),
        b"<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[6 0 R]/ToUnicode 7 0 R>>",
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/X/CIDSystemInfo<</Registry(A)/Ordering(I)/Supplement 0>>>>",
        stream(compress(cmap.encode())),
    ]
    file, places = b"%PDF-1.7\n", []
    for n, content in enumerate(objects, 1):
        places.append(len(file))
        file += b"%d 0 obj\n%b\nendobj\n" % (n, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return file + b"xref\n0 %d\n0000000000 65535 f \n%btrailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (
        size, table, size, len(file),
    )  # fmt: skip


def pdf_with_comment(text: str) -> bytes:
    """A text box over an empty page."""
    writer, written = PdfWriter(clone_from=BytesIO(pdf(""))), BytesIO()
    writer.add_annotation(0, FreeText(text=text, rect=(50, 550, 200, 650)))
    writer.write(written)
    return written.getvalue()


def pdf_with_property(text: str) -> bytes:
    writer, written = PdfWriter(clone_from=BytesIO(pdf(""))), BytesIO()
    writer.add_metadata({"/Subject": text})
    writer.write(written)
    return written.getvalue()


def stream(content: bytes) -> bytes:
    return b"<</Length %d/Filter/FlateDecode>>stream\n%b\nendstream" % (len(content), content)


def doc(text: str) -> bytes:
    """The older binary format, as far as it matters here."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(505) + text.encode("utf-16-le") + b"\xff\xfe\x03\x00" * 20


def zip_with_gbk_name(text: str) -> bytes:
    """As a Chinese Windows packs: the name in GBK, and no flag that says so."""
    name = f"{text}.txt".encode("gb18030")
    return archive(**{"x" * len(name): b"1"}).replace(b"x" * len(name), name)


FORMATS: dict[str, Callable[[str], bytes]] = {
    "a.pdf": pdf,
    "b.pdf": pdf_with_comment,
    "c.pdf": pdf_with_property,
    "a.docx": docx,
    "b.docx": docx_with_watermark,
    "c.docx": docx_with_property,
    "a.xlsx": xlsx,
    "b.xlsx": xlsx_with_sheet,
    "c.xlsx": xlsx_with_comment,
    "d.xlsx": xlsx_with_header,
    "a.pptx": pptx,
    "a.odt": odt,
    "a.ofd": ofd,
    "a.doc": doc,
    "a.zip": lambda text: archive(**{"佐证/材料.docx": docx(text), "照片.png": b"\x89PNG\r\n\x1a\n" + bytes(50)}),
    "b.zip": lambda text: archive(**{"说明.txt": text.encode("gb18030")}),
    "c.zip": lambda text: archive(**{"佐证/台账.docx": docx_with_table(text)}),
    "d.zip": lambda text: archive(**{f"{text}.txt": b"1"}),
    "e.zip": zip_with_gbk_name,
    "a.txt": lambda text: text.encode(),
    "b.txt": lambda text: text.encode("gb18030"),
    "c.txt": lambda text: text.encode("utf-16"),
    "d.txt": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "a.csv": lambda text: f"序号,事项,备注\r\n1,封闭水井,{text}\r\n".encode("gb18030"),
}
