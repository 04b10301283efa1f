"""The composition root: `uvicorn services.search.app:app`."""

from services.chassis import build
from services.search import handlers
from services.search.inbox import IndexInbox
from services.search.settings import Settings

app = build("search", handlers, settings=Settings(), reader=IndexInbox)
