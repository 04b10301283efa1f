"""The portal as programs outside of this process see it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import uvicorn


@pytest.fixture
async def address(site) -> AsyncIterator[str]:
    """The portal on a port of its own."""
    server = uvicorn.Server(uvicorn.Config(site, port=0, lifespan="off", log_config=None))
    serving = asyncio.ensure_future(server.serve())
    async with asyncio.timeout(60):
        while not server.started:
            await asyncio.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving
