"""The whole: pages, API and documentation as one ASGI application."""
