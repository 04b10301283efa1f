"""The portal: the chassis' service, with pages and an API in front of it."""

from services.portal import handlers
from services.portal.site.asgi import served

app = served(handlers)
