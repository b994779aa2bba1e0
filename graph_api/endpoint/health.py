"""Health for those who watch: alive while the process runs, ready while it can answer; and its metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from graph_api.errors import RoadmapError
from graph_api.telemetry.metrics import CONTENT_TYPE, Metrics

Check: TypeAlias = Callable[[Request], Awaitable[Mapping[str, object]]]


def health_routes(ready: Check) -> list[Route]:
    """`/livez` and `/readyz`; `ready` raises a RoadmapError while the process cannot answer."""

    async def livez(_: Request) -> Response:
        return JSONResponse({"status": "alive"}, headers=_FRESH)

    async def readyz(request: Request) -> Response:
        try:
            facts = await ready(request)
        except RoadmapError as error:
            told = {"status": "unavailable", "code": error.code, "why": str(error)}
            return JSONResponse(told, 503, headers=_FRESH)
        return JSONResponse({"status": "ready", **facts}, headers=_FRESH)

    return [Route("/livez", livez), Route("/readyz", readyz)]


def metrics_route(metrics: Metrics) -> Route:
    """`/metrics`, in the text format of Prometheus."""

    async def read(_: Request) -> Response:
        text = await asyncio.to_thread(metrics.text)
        return Response(text, headers={"content-type": CONTENT_TYPE, **_FRESH})

    return Route("/metrics", read)


_FRESH = {"cache-control": "no-store"}
