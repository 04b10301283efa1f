"""Evidence goes up over the portal's HTTP API, with what Python itself brings: the client's only use of HTTP."""

import json
import ssl
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, HTTPSHandler, Request, build_opener

PATIENCE = 60.0
"""Seconds that one attempt may take."""


class UploadRefused(Exception):
    """The portal does not take the file; the text is the portal's own words, with the remedy.

    status: of HTTP. problem: as RFC 9457 has it (`type`, `title`, `errors` with pointer and detail).
    """

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        details = [each.get("detail", "") for each in problem.get("errors", ())]
        super().__init__("；".join(dict.fromkeys([problem.get("title", f"HTTP {status}"), *details])))
        self.status, self.problem = status, problem


class NoRedirect(HTTPRedirectHandler):
    """A token goes to the portal and to nobody else."""

    def redirect_request(self, *_: Any) -> None:
        return None


def upload(portal: str, ca: Path | None, token: str, content: bytes, name: str) -> str:
    """Upload one file and return its SHA-256; blocks. Raises UploadRefused, and OSError where nobody answers."""
    context = ssl.create_default_context()
    if ca:
        context.load_verify_locations(ca)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/octet-stream"}
    request = Request(f"{portal.rstrip('/')}/v1/evidence?{urlencode({'name': name})}", content, headers, method="POST")
    try:
        with build_opener(NoRedirect, HTTPSHandler(context=context)).open(request, timeout=PATIENCE) as answer:
            return str(json.load(answer)["sha256"])
    except HTTPError as error:
        raise UploadRefused(error.code, problem_of(error.read())) from None


def problem_of(body: bytes) -> dict[str, Any]:
    """What the portal says; empty where somebody in between answered."""
    try:
        problem = json.loads(body)
    except ValueError:
        return {}
    return problem if isinstance(problem, dict) else {}
