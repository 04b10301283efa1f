"""Why the runtime itself refuses a command or a query, before or in place of the service's handler."""

from enum import StrEnum

from pydantic import ValidationError

from contracts.refusals import Kind, Refused


class Code(StrEnum):
    """The chassis's own codes; each service has others of its own."""

    INVALID = "invalid"
    ID_REUSED = "id_reused"
    CLAIMED_TIME_REFUSED = "claimed_time_refused"
    UNIT_OUTSIDE = "unit_outside"
    UNKNOWN_VERB = "unknown_verb"
    TOO_LARGE = "too_large"
    UNAVAILABLE = "unavailable"
    FAILED = "failed"


ID_REUSED = Refused(
    kind=Kind.INVALID, code=Code.ID_REUSED, message="同一编号用于不同的请求，请换一个编号", pointer="/id"
)
UNREADABLE = Refused(kind=Kind.INVALID, code=Code.INVALID, message="命令无法读取，应为一个 JSON 对象")
UNIT_OUTSIDE = Refused(
    kind=Kind.FORBIDDEN,
    code=Code.UNIT_OUTSIDE,
    message="办理单位不在本节点之内，只能以本节点所辖单位的名义办理",
    pointer="/actor/unit",
)
UNKNOWN_VERB = Refused(
    kind=Kind.NOT_FOUND, code=Code.UNKNOWN_VERB, message="没有任何服务办理这种命令，请核对命令名称和接口版本"
)
CLAIMED_TIME_REFUSED = Refused(kind=Kind.FORBIDDEN, code=Code.CLAIMED_TIME_REFUSED, message="只有演示库可以指定时间")
TOO_LARGE = Refused(kind=Kind.TOO_LARGE, code=Code.TOO_LARGE, message="内容过长，请精简或分成几次办理")
UNAVAILABLE = Refused(
    kind=Kind.UNAVAILABLE, code=Code.UNAVAILABLE, message="服务正在启动，或数据库暂时没有应答，请稍后用同一编号重试"
)
NO_ROOM = Refused(
    kind=Kind.UNAVAILABLE, code=Code.UNAVAILABLE, message="服务器存储空间已满，暂时不能办理，请联系系统管理员后重试"
)
LOG_BEHIND = Refused(
    kind=Kind.UNAVAILABLE, code=Code.UNAVAILABLE, message="数据库正待恢复，暂时不能办理，请联系系统管理员后重试"
)
FAILED = Refused(kind=Kind.FAILED, code=Code.FAILED, message="系统出错，请用同一编号重试")
UNDECIDED = (Code.UNAVAILABLE, Code.FAILED)
"""Nothing was decided or stored: the same command may be sent again under the same id."""


def invalid(error: ValidationError) -> Refused:
    """The first error and its field; all of them in `detail`."""
    errors = [{"pointer": "/" + "/".join(map(str, e["loc"])), "message": e["msg"]} for e in error.errors()]
    first = errors[0]
    return Refused(
        kind=Kind.INVALID,
        code=Code.INVALID,
        message=first["message"],
        pointer=first["pointer"],
        detail={"errors": errors},
    )
