"""The headers of a message, each in a sentence: CloudEvents 1.0 in binary mode, and three of our own."""

from typing import Any

TRACE = "W3C trace context: the person's click or the node's command that led to this (链路)."


def _text(description: str, example: str, **more: str) -> dict[str, Any]:
    return {"type": "string", "description": description, "examples": [example], **more}


EVENT_HEADERS: dict[str, Any] = {
    "type": "object",
    "title": "EventHeaders",
    "description": "CloudEvents 1.0 in binary mode (消息头). Pass over headers that are not here.",
    "required": ["ce-specversion", "ce-id", "ce-type", "ce-source", "ce-subject", "ce-time", "content-type"],
    "properties": {
        "Nats-Msg-Id": _text(
            "The id of the event, by which the stream drops a repeat (去重编号).", "6d0b5bd4-64cb-4c5a"
        ),
        "ce-specversion": {"type": "string", "const": "1.0", "description": "Of CloudEvents (规范版本)."},
        "ce-id": _text("`id` of the event (事件编号).", "6d0b5bd4-64cb-4c5a-9d7c-3d2f9a6c1f11", format="uuid"),
        "ce-type": _text("`cn.duban.<type>.v1` (事件类型).", "cn.duban.assignment.issued.v1"),
        "ce-source": _text("`/nodes/<owner>` (来源节点).", "/nodes/14.00.00"),
        "ce-subject": _text("`aggregate` of the event (聚合).", "assignment/6d0b5bd4-64cb-4c5a-9d7c-3d2f9a6c1f11"),
        "ce-time": _text("`time` of the event (发生时间).", "2026-11-23T02:00:00+00:00", format="date-time"),
        "content-type": {"type": "string", "const": "application/json", "description": "Of the body (内容类型)."},
        "traceparent": _text(TRACE, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        "duban-log": _text(
            "The service that emitted it, and its place in that service's log (日志位置).", "tasks/1234"
        ),
        "duban-lane": {
            "type": "string",
            "enum": ["bulk"],
            "description": "`bulk`: because of an import, and overtaken by what people do now; absent: urgent (通道).",
        },
    },
}
COMMAND_HEADERS: dict[str, Any] = {
    "type": "object",
    "title": "CommandHeaders",
    "description": "None is needed (消息头). Set no `Nats-Msg-Id`: a command sent again must reach its service.",
    "properties": {"traceparent": _text(TRACE, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")},
}
