"""The portal: the service of the chassis, with pages and an API in front of it."""

from services.portal import handlers
from services.portal.site.asgi import serve

app = serve(handlers)
