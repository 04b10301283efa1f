"""uvicorn services.ranking.app:app"""

from services.chassis import build
from services.ranking import clock, handlers

app = build("ranking", handlers, clock)
