"""The composition root: `uvicorn services.notices.app:app`."""

from services.chassis import build
from services.notices import handlers, ticks
from services.notices.documents.renderer import render
from services.notices.settings import Settings

app = build("notices", handlers, ticks, settings=Settings(), jobs=(render,))
