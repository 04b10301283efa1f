"""Why the portal itself refuses something, before or in place of the service concerned."""

from contracts.refusals import Kind, RefusalCode, Refused, refuse


class Code(RefusalCode):
    """The portal's own codes; a service's refusal keeps the service's."""

    INVALID = "invalid"
    UNAUTHORIZED = "unauthorized", Kind.FORBIDDEN
    NOT_FOUND = "not_found", Kind.NOT_FOUND
    NOT_RENDERED = "not_rendered", Kind.NOT_FOUND
    CURSOR = "cursor"
    UPLOAD = "upload"
    TOO_LARGE = "too_large", Kind.TOO_LARGE
    EVIDENCE_NOT_UPLOADED = "evidence_not_uploaded"
    BEHIND = "behind", Kind.UNAVAILABLE
    UNAVAILABLE = "unavailable", Kind.UNAVAILABLE
    NO_ANSWER = "no_answer", Kind.UNAVAILABLE
    INTERNAL = "internal", Kind.FAILED
    WRONG_LOGIN = "wrong_login"
    LOCKED = "locked"
    DISABLED = "disabled"


def not_found(message: str) -> Refused:
    """It is not there, or this reader may not see it: the same answer."""
    return refuse(Code.NOT_FOUND, message)


def upload(message: str, pointer: str = "/evidence") -> Refused:
    """A file that cannot be taken."""
    return refuse(Code.UPLOAD, message, pointer)
