"""Why the portal itself refuses something, before or in place of the service concerned."""

from collections.abc import Sequence

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


def invalid(errors: Sequence[tuple[str, str]]) -> Refused:
    """What was filled in is wrong in these places, as (pointer, message)."""
    message = errors[0][1] if len(errors) == 1 else f"有 {len(errors)} 处需要改正"
    listed = [{"pointer": pointer, "message": text} for pointer, text in errors]
    return refuse(Code.INVALID, message, errors[0][0], errors=listed)


def errors_of(refused: Refused) -> list[tuple[str, str]]:
    """Everything a refusal finds wrong, as (pointer, message)."""
    errors = refused.detail.get("errors")
    if isinstance(errors, list | tuple) and errors:
        return [(each["pointer"], each["message"]) for each in errors]
    return [(refused.pointer, refused.message)]


def together(*refused: Refused) -> Refused:
    """Several refusals of one form as one; a place that both name is told once."""
    errors: dict[str, str] = {}
    for pointer, message in (each for one in refused for each in errors_of(one)):
        errors.setdefault(pointer, message)
    return refused[0] if len(refused) == 1 else invalid(list(errors.items()))
