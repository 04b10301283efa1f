"""Why search does not answer."""

from contracts.refusals import Kind, RefusalCode, refuse


class Code(RefusalCode):
    """Search's own codes."""

    NOT_READY = "not_ready", Kind.UNAVAILABLE


NOT_READY = refuse(Code.NOT_READY, "检索索引正在重建，请稍后再试")
