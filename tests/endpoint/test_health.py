"""What those who watch are told: by status, by code, and never from a cache."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from graph_api.endpoint.health import health_routes, metrics_route
from graph_api.endpoint.observation import ObservedRequests, Observer
from graph_api.errors import MigrationError, RoadmapError, Unavailable
from graph_api.telemetry.activity import request_id
from graph_api.telemetry.metrics import Metrics
from tests.endpoint.conftest import over


def watched(error: RoadmapError | None = None) -> Starlette:
    """An application that is well, or has this error."""

    async def ready(_: Request) -> Mapping[str, object]:
        if error is not None:
            raise error
        return {"revision": 7}

    return Starlette(routes=[*health_routes(ready), metrics_route(Metrics())])


@pytest.mark.parametrize("error", [Unavailable("Away."), MigrationError("Too new.")])
async def test_a_process_that_cannot_answer_is_not_ready_but_alive(error: RoadmapError) -> None:
    async with over(watched(error)) as http:
        live, ready = await http.get("/livez"), await http.get("/readyz")
    assert live.status_code == 200
    assert ready.status_code == 503
    assert ready.json() == {"status": "unavailable", "code": error.code, "why": str(error)}


async def test_a_process_that_can_answer_is_ready_and_tells_the_facts() -> None:
    async with over(watched()) as http:
        ready = await http.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"status": "ready", "revision": 7})


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
async def test_nobody_keeps_what_health_tells(path: str) -> None:
    async with over(watched()) as http:
        assert (await http.get(path)).headers["cache-control"] == "no-store"


async def test_a_fault_below_everything_is_counted_too() -> None:
    observer = Observer()

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - ASGI
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await over(ObservedRequests(broken, observer=observer)).get("/")  # type: ignore[arg-type]  # an application too
    assert (
        observer.metrics.registry.get_sample_value("graph_api_http_responses_total", {"status": "500"}) == 1
    )


async def test_the_handshake_of_a_websocket_tells_its_id_too() -> None:
    ids: list[str | None] = []
    sent: list[Message] = []

    async def socket(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - ASGI
        ids.append(request_id())
        await send({"type": "websocket.accept"})

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "websocket", "headers": [(b"x-request-id", b"mine-3")]}
    await ObservedRequests(socket, observer=Observer())(scope, receive, send)
    assert ids == ["mine-3"]
    assert sent[0]["headers"] == [(b"x-request-id", b"mine-3")]
    assert request_id() is None
