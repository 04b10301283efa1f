"""What an operator may set at the portal."""

from datetime import timedelta

from pydantic import Field, IPvAnyNetwork

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

    requests: int = Field(default=1_200, ge=1, description="每个接口令牌在一个计数周期内最多的请求数；各进程分别计数。")
    request_window: int = Field(default=60, ge=1, description="秒；接口请求数的计数周期。")
    webhook_networks: tuple[IPvAnyNetwork, ...] = Field(
        default=(), description='推送地址可以在这些内部网段，如 ["10.0.0.0/8"]；缺省只接受公网地址。'
    )
    webhook_ports: tuple[int, ...] = Field(default=(443, 8443), description="推送地址可用的端口；本机地址不限。")

    @property
    def idle_after(self) -> timedelta:
        return timedelta(minutes=self.idle_minutes)

    @property
    def ends_after(self) -> timedelta:
        return timedelta(hours=self.session_hours)
