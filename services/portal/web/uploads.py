"""Files that people upload: recognised by their content, stored by their digest, never run."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import quote

from asyncpg import Connection, Pool
from starlette.datastructures import UploadFile
from starlette.requests import Request

from contracts.refusals import Refused, refuse
from contracts.secrecy import secrecy_mark
from services.portal import refusals
from services.portal.identity.reader import Reader
from services.portal.refusals import Code
from services.portal.web import upload_queries
from services.portal.web.dependencies import Portal
from services.portal.web.file_text import text_of
from services.portal.web.i18n import gettext as _

KINDS = {
    b"%PDF-": ("pdf", "application/pdf"),
    b"\x89PNG\r\n": ("png", "image/png"),
    b"\xff\xd8\xff": ("jpg", "image/jpeg"),
    b"PK\x03\x04": ("zip", "application/zip"),
    b"\xd0\xcf\x11\xe0": ("doc", "application/x-ole-storage"),
}
WITHIN_ZIP = ("docx", "xlsx", "pptx", "ofd", "wps", "et", "zip")
WITHIN_OLE = ("doc", "xls", "ppt", "wps", "et")


@dataclass(frozen=True)
class Upload:
    """A file that was taken: its SHA-256, the name it came with, what its content is."""

    digest: str
    name: str
    media_type: str
    size: int


async def take(
    portal: Portal, files: Sequence[UploadFile], reader: Reader, ledger: bool = False
) -> list[Upload] | Refused:
    """Store every file, or none and return why one cannot be taken; `ledger`: as what is imported."""
    megabytes = portal.settings.upload_megabytes
    read = [(file.filename or "", await file.read(megabytes * 1_000_000 + 1)) for file in files if file.filename]
    for name, content in read:
        if reason := await reason_against(name, content, megabytes, ledger):
            return refusals.upload(reason, "/ledger" if ledger else "/evidence")
    return [await store(portal, name, content, reader) for name, content in read]


async def body(request: Request, megabytes: int) -> bytes | Refused:
    """The raw bytes of a request, unless there are too many."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > megabytes * 1_000_000:
            message = f"文件超过 {megabytes} MB"
            return refuse(Code.TOO_LARGE, message)
    return bytes(content)


async def store(
    portal: Portal, name: str, content: bytes, reader: Reader, db: Connection | Pool | None = None
) -> Upload:
    """Put one file into the blob store, under the name this person gives it. db: a transaction in hand."""
    upload = Upload(await portal.service.blobs.put(content), plain(name), media_type(content), len(content))
    await upload_queries.add(db or portal.db, upload.digest, reader, upload.name, upload.media_type, upload.size)
    return upload


async def not_uploaded(portal: Portal, reader: Reader, digests: Sequence[str]) -> Refused | None:
    """A refusal where the reader's unit cites a file that it has not uploaded itself."""
    own = await upload_queries.of_unit(portal.db, reader.unit, digests)
    if missing := [digest for digest in digests if digest not in own]:
        message = _("佐证材料“%s…”不是本单位上传的：请先上传，再引用") % missing[0][:12]
        return refuse(Code.EVIDENCE_NOT_UPLOADED, message, "/evidence")
    return None


def plain(name: str) -> str:
    """The last part of a name, without anything a path or a header could trip over."""
    return re.sub(r'[\x00-\x1f"\\/]', "", PurePosixPath(name.replace("\\", "/")).name)[:120]


def attachment(name: str) -> str:
    """The header that makes a browser save a file under its name."""
    return f"attachment; filename*=UTF-8''{quote(name)}"


def media_type(content: bytes) -> str:
    """By the first bytes, never by what the sender claims."""
    return next((kind for magic, (_, kind) in KINDS.items() if content.startswith(magic)), "application/octet-stream")


async def reason_against(name: str, content: bytes, megabytes: int, ledger: bool = False) -> str:
    """Why a file cannot be taken, as evidence or as a ledger; empty where it can. Its text is read beside the loop."""
    plain_name = plain(name)
    if reason := _reason_by_form(plain_name, content, megabytes, ledger):
        return reason
    if mark := await asyncio.to_thread(mark_inside, content, plain_name):
        return _("“%(name)s”的内容含有“%(mark)s”字样：本平台不得传输涉密信息") % {"name": plain_name, "mark": mark}
    return ""


def mark_inside(content: bytes, name: str) -> str | None:
    """The mark of classified matter in a file's text; lines by the thousand, so that other threads have their turn."""
    lines = text_of(content, name).splitlines(keepends=True)
    pieces = ("".join(lines[start : start + 1_001]) for start in range(0, len(lines), 1_000))
    return next(filter(None, map(secrecy_mark, pieces)), None)


def _reason_by_form(name: str, content: bytes, megabytes: int, ledger: bool) -> str:
    if not content:
        return _("“%s”是空文件") % name
    if len(content) > megabytes * 1_000_000:
        return _("“%(name)s”超过 %(limit)s MB") % {"name": name, "limit": megabytes}
    if secrecy_mark(name):
        return _("“%s”带有密级字样：本平台不得传输涉密信息") % name
    suffix = PurePosixPath(name).suffix.lower().lstrip(".")
    if ledger and not _is_ledger(suffix, content):
        return _("“%s”不是台账文件：请上传 Excel 工作簿（xlsx）或 CSV") % name
    if not ledger and not _fits(suffix, content):
        return _("“%s”的内容不是可接收的格式：请上传 PDF、图片、Word、Excel 或 OFD") % name
    return ""


def _fits(suffix: str, content: bytes) -> bool:
    kind = next((ext for magic, (ext, _) in KINDS.items() if content.startswith(magic)), "")
    allowed = {"zip": WITHIN_ZIP, "doc": WITHIN_OLE, "jpg": ("jpg", "jpeg")}.get(kind, (kind,))
    return bool(kind) and suffix in allowed


def _is_ledger(suffix: str, content: bytes) -> bool:
    """A workbook, or text; whether its rows can be read the import answers."""
    return content.startswith(b"PK\x03\x04") if suffix == "xlsx" else suffix == "csv" and b"\0" not in content
