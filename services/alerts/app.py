"""uvicorn services.alerts.app:app"""

from services.alerts import handlers, ticks
from services.chassis import build

app = build("alerts", handlers, ticks)
