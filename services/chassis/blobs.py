"""Files by their content: written, flushed to disk, and only then spoken of."""

import asyncio
import hashlib
import os
import tempfile
from pathlib import Path


class Blobs:
    """A directory of files named by their SHA-256; the same bytes are one file."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, digest: str) -> Path:
        """Where the file of this digest lies; the digest is checked, so it can lead nowhere else."""
        if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
            raise ValueError("a blob is named by 64 hex digits")
        return self.root / digest[:2] / digest[2:]

    async def put(self, content: bytes) -> str:
        """Keep `content`; its SHA-256."""
        return await asyncio.to_thread(self._put, content)

    async def get(self, digest: str) -> bytes:
        """The bytes, whole; `FileNotFoundError` where there are none, `ValueError` where they were changed."""
        content = await asyncio.to_thread(self.path(digest).read_bytes)
        if hashlib.sha256(content).hexdigest() != digest:
            raise ValueError(f"the bytes of {digest} were changed on disk")
        return content

    async def has(self, digest: str) -> bool:
        """The bytes are here."""
        return await asyncio.to_thread(self.path(digest).exists)

    def _put(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        if (path := self.path(digest)).exists():
            return digest
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).rename(path)
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
        return digest
