"""Why the portal itself refuses something, before or in place of the service concerned."""

from contracts.refusals import Kind, RefusalCode, Refused, refuse


class Code(RefusalCode):
    """The portal's own codes; a service's refusal keeps the service's."""

    INVALID = "invalid"
    UNAUTHORIZED = "unauthorized", Kind.FORBIDDEN
    NOT_FOUND = "not_found", Kind.NOT_FOUND
    NOT_RENDERED = "not_rendered", Kind.NOT_FOUND
    NO_ADDRESS = "no_address", Kind.NOT_FOUND
    METHOD = "method_not_allowed"
    HTTP = "http"
    CROSS_SITE = "cross_site", Kind.FORBIDDEN
    TOO_MANY = "too_many_requests", Kind.UNAVAILABLE
    CURSOR = "cursor"
    UNKNOWN_PARAMETER = "unknown_parameter"
    ID_REUSED = "id_reused"
    STALE = "stale", Kind.STALE
    UPLOAD = "upload"
    TOO_LARGE = "too_large", Kind.TOO_LARGE
    FILE_ON_ITS_WAY = "file_on_its_way", Kind.NOT_FOUND
    WEBHOOK_URL = "webhook_url"
    TOO_MANY_WEBHOOKS = "too_many_webhooks", Kind.CONFLICT
    OPERATOR = "operator", Kind.FORBIDDEN
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
