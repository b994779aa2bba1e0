"""Health for those who watch: alive while the process runs, ready while it can answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from graph_api.errors import RoadmapError

Check: TypeAlias = Callable[[Request], Awaitable[Mapping[str, object]]]


def health_routes(ready: Check) -> list[Route]:
    """`/livez` and `/readyz`; `ready` raises a RoadmapError while the process cannot answer."""

    async def livez(_: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def readyz(request: Request) -> Response:
        try:
            facts = await ready(request)
        except RoadmapError as error:
            return JSONResponse({"status": "unavailable", "code": error.code, "why": str(error)}, 503)
        return JSONResponse({"status": "ready", **facts})

    return [Route("/livez", livez), Route("/readyz", readyz)]
