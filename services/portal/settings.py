"""What an operator may set at the portal."""

from datetime import timedelta

from pydantic import Field

from services.chassis.settings import Settings as Chassis


class Settings(Chassis):
    """The chassis' settings and the portal's own."""

    demo: bool = Field(
        default=False, description="Put the demo mark on this database: seeds accounts with a public password."
    )
    province: str = Field(default="示例省", description="The name on the wall and on the login page.")
    tls: bool = Field(default=False, description="Served over https: cookies are Secure and named __Host-.")
    idle_minutes: int = Field(default=30, description="Minutes without a request after which a session ends.")
    session_hours: int = Field(default=12, description="Hours after which a session ends in any case.")
    upload_megabytes: int = Field(default=20, description="The largest file that is taken.")
    catch_up: float = Field(default=1, description="Seconds to wait until the ledger has what was just done.")
    live_tick: float = Field(default=2, description="Seconds between two renderings of one live page.")
    stream_seconds: float = Field(default=600, description="Seconds after which a live stream closes and reconnects.")

    @property
    def idle_after(self) -> timedelta:
        return timedelta(minutes=self.idle_minutes)

    @property
    def ends_after(self) -> timedelta:
        return timedelta(hours=self.session_hours)
