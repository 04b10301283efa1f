"""uvicorn services.ranking.app:app"""

from services.chassis import build
from services.ranking import handlers, ticks

app = build("ranking", handlers, ticks)
