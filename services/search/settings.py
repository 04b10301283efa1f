"""What an operator may turn in the search service."""

from pydantic import Field

from services.chassis import settings


class Settings(settings.Settings):
    """The chassis' settings and these."""

    search_gather: float = Field(default=0.2, ge=0, description="检索索引两次提交之间的秒数；积压的事件不等。")
    search_absence: float = Field(
        default=3 * 86_400, gt=0, description="秒；检索副本离开超过这个时间，总线不再为它保留读取位置，索引不受影响。"
    )
