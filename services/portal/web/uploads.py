"""Files people bring: known by their content, kept by their digest, never run."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from starlette.datastructures import UploadFile
from starlette.requests import Request

from contracts.refusals import Refused
from services.portal.web.dependencies import Front
from services.portal.web.i18n import gettext as _
from services.portal.store import people

KINDS = {
    b"%PDF-": ("pdf", "application/pdf"),
    b"\x89PNG\r\n": ("png", "image/png"),
    b"\xff\xd8\xff": ("jpg", "image/jpeg"),
    b"PK\x03\x04": ("zip", "application/zip"),
    b"\xd0\xcf\x11\xe0": ("doc", "application/x-ole-storage"),
}
WITHIN_ZIP = ("docx", "xlsx", "pptx", "ofd", "wps", "et", "zip")
WITHIN_OLE = ("doc", "xls", "ppt", "wps", "et")
MARKED = re.compile(r"绝密|机密|秘密")


@dataclass(frozen=True)
class Brought:
    """A file that was taken: its SHA-256, the name it came with, what its content is."""

    digest: str
    name: str
    media_type: str
    size: int


async def take(front: Front, files: Sequence[UploadFile], person: str, ledger: bool = False) -> list[Brought] | Refused:
    """Keep every file, or none and say which one cannot be taken and why; `ledger`: as what is imported."""
    megabytes = front.settings.upload_megabytes
    read = [(file.filename or "", await file.read(megabytes * 1_000_000 + 1)) for file in files if file.filename]
    for name, content in read:
        if reason := refused(name, content, megabytes, ledger):
            return Refused(code="upload", message=reason, pointer="/ledger" if ledger else "/evidence")
    return [await keep(front, name, content, person) for name, content in read]


async def body(request: Request, megabytes: int) -> bytes | None:
    """The raw bytes of a request; None as soon as there are too many."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > megabytes * 1_000_000:
            return None
    return bytes(content)


async def keep(front: Front, name: str, content: bytes, person: str) -> Brought:
    """One file into the blob store, with the name it came with."""
    digest = await front.service.blobs.put(content)
    kind = media_type(content)
    await people.keep_upload(front.db, digest, plain(name), kind, len(content), person)
    return Brought(digest, plain(name), kind, len(content))


def plain(name: str) -> str:
    """The last part of a name, without anything a path or a header could trip over."""
    return re.sub(r'[\x00-\x1f"\\/]', "", PurePosixPath(name.replace("\\", "/")).name)[:120]


def media_type(content: bytes) -> str:
    """What the first bytes say; never what the sender said."""
    return next((kind for magic, (_, kind) in KINDS.items() if content.startswith(magic)), "application/octet-stream")


def refused(name: str, content: bytes, megabytes: int, ledger: bool = False) -> str:
    """Why a file cannot be taken, as evidence or as a ledger; empty where it can."""
    shown = plain(name)
    if not content:
        return _("“%s”是空文件") % shown
    if len(content) > megabytes * 1_000_000:
        return _("“%(name)s”超过 %(limit)s MB") % {"name": shown, "limit": megabytes}
    if MARKED.search(shown):
        return _("“%s”带有密级字样：本平台不得传输涉密信息") % shown
    suffix = PurePosixPath(shown).suffix.lower().lstrip(".")
    if ledger and not _is_ledger(suffix, content):
        return _("“%s”不是台账文件：请上传 Excel 工作簿（xlsx）或 CSV") % shown
    if not ledger and not _fits(suffix, content):
        return _("“%s”的内容不是可接收的格式：请上传 PDF、图片、Word、Excel 或 OFD") % shown
    return ""


def _fits(suffix: str, content: bytes) -> bool:
    found = next((ext for magic, (ext, _) in KINDS.items() if content.startswith(magic)), "")
    allowed = {"zip": WITHIN_ZIP, "doc": WITHIN_OLE, "jpg": ("jpg", "jpeg")}.get(found, (found,))
    return bool(found) and suffix in allowed


def _is_ledger(suffix: str, content: bytes) -> bool:
    """A workbook, or text; whether its rows can be read is for the import to say."""
    return content.startswith(b"PK\x03\x04") if suffix == "xlsx" else suffix == "csv" and b"\0" not in content
