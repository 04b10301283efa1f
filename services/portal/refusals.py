"""Why the portal itself refuses something, before or in place of the service concerned."""

from enum import StrEnum

from contracts.refusals import Kind, Refused


class Code(StrEnum):
    """The portal's own codes; a service's refusal keeps the service's."""

    INVALID = "invalid"
    UNAUTHORIZED = "unauthorized"
    NOT_FOUND = "not_found"
    NOT_RENDERED = "not_rendered"
    CURSOR = "cursor"
    UPLOAD = "upload"
    TOO_LARGE = "too_large"
    EVIDENCE_NOT_UPLOADED = "evidence_not_uploaded"
    UNAVAILABLE = "unavailable"
    NO_ANSWER = "no_answer"
    INTERNAL = "internal"
    WRONG_LOGIN = "wrong_login"
    LOCKED = "locked"
    DISABLED = "disabled"


def not_found(message: str) -> Refused:
    """It is not there, or this reader may not see it: the same answer."""
    return Refused(kind=Kind.NOT_FOUND, code=Code.NOT_FOUND, message=message)


def upload(message: str, pointer: str = "/evidence") -> Refused:
    """A file that cannot be taken."""
    return Refused(kind=Kind.INVALID, code=Code.UPLOAD, message=message, pointer=pointer)
