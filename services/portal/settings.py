"""What an operator may set at the portal."""

from datetime import timedelta

from pydantic import Field

from services.chassis.settings import Settings as Chassis


class Settings(Chassis):
    """The chassis' settings and the portal's own."""

    demo: bool = Field(
        default=False, description="Put the demo mark on this database: seeds accounts with a public password."
    )
    province: str = Field(default="示例省", description="大屏和登录页上的名称。")
    tls: bool = Field(default=False, description="经 https 提供服务：Cookie 标记 Secure，名称以 __Host- 开头。")
    idle_minutes: int = Field(default=30, description="分钟；没有请求超过这个时间，登录失效。")
    session_hours: int = Field(default=12, description="小时；登录最长的有效时间。")
    upload_megabytes: int = Field(default=20, description="MB；一个上传文件的上限。")
    catch_up: float = Field(default=1, description="秒；等待台账反映刚才操作的时间。")
    live_tick: float = Field(default=2, description="秒；实时页面两次刷新之间的间隔。")
    stream_seconds: float = Field(default=600, description="秒；实时连接断开重连的周期。")

    @property
    def idle_after(self) -> timedelta:
        return timedelta(minutes=self.idle_minutes)

    @property
    def ends_after(self) -> timedelta:
        return timedelta(hours=self.session_hours)
