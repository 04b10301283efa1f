"""Two troubles that are nobody's bug: a lost connection is waited for, a full disk is told."""

import errno
import socket
from typing import Any

import asyncpg
from nats import errors
from nats.js import errors as js

LOST: tuple[type[Exception], ...] = (
    ConnectionError,
    socket.gaierror,
    errors.ConnectionClosedError,
    errors.ConnectionReconnectingError,
    errors.NoRespondersError,
    errors.NoServersError,
    errors.OutboundBufferLimitError,
    errors.StaleConnectionError,
    errors.TimeoutError,
    errors.UnexpectedEOF,
    js.NoStreamResponseError,
    js.NotFoundError,  # a server that came back empty: the relay makes the streams again
    js.ServiceUnavailableError,
    asyncpg.InternalClientError,  # asyncpg loses its place when the server dies in mid-sentence
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.TooManyConnectionsError,
)
"""A connection to the database or the bus is gone, or not there yet; anything else is a bug."""
LOST_IN_POOL = (*LOST, asyncpg.InterfaceError)
"""What a question to a pool raises when its connection is gone; a DataError, which is one too, is not meant."""
NO_ROOM = (10_023, 10_047, 10_077, 10_122)
"""JetStream's codes: insufficient resources, insufficient storage, store failed, maximum bytes."""
NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
LOG_CLOSED = "log_is_behind"
"""The constraint that closes the log of a service against its whole house, all replicas and commands, at once."""
LOG_BEHIND = (
    "数据库被恢复到了较早的副本：本服务已发布到事件流的事件，发件箱里没有；为免同一版本发布两次，已停止办理和发布。"
    "请先用归档日志把数据库恢复到最新；恢复不了时，执行 duban adopt 从事件流收回这些事件"
)


class ApiError(errors.Error):
    """JetStream refused a request; `code` is its error code."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error)
        self.code = error.get("err_code")


class NotThere(ApiError, ConnectionError):
    """The stream or the durable is not there, or nobody leads it just now: a lost connection to it."""


NOT_THERE = (10_008, 10_009, 10_014, 10_059, 10_176, 10_210)
"""JetStream's codes: temporarily unavailable, no leader, consumer not found, stream not found; a batch that lost a part
of itself or its turn when a leader changed."""


def refused(error: dict[str, Any]) -> ApiError:
    """What a refusal of JetStream is here."""
    return NotThere(error) if error.get("err_code") in NOT_THERE else ApiError(error)


def full(error: BaseException) -> str:
    """Why nothing may be written just now, in the words of health; empty for any other error."""
    match error:
        case asyncpg.CheckViolationError(constraint_name=name) if name == LOG_CLOSED:
            return LOG_BEHIND
        case asyncpg.DiskFullError():
            return f"数据库所在磁盘已满：{error}"
        case ApiError(code=code) if code in NO_ROOM:
            return f"消息总线的存储已满：{error}"
        case js.APIError(err_code=code) if code in NO_ROOM:
            return f"消息总线的存储已满：{error.description}"
        case OSError(errno=number) if number in NO_SPACE:
            return f"磁盘已满：{error}"
    return ""
