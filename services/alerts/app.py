"""uvicorn services.alerts.app:app"""

from services.alerts import clock, handlers
from services.chassis import build

app = build("alerts", handlers, clock)
