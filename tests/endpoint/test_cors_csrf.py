"""What pages of other sites can do: read nothing and change nothing, unless their origin is listed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest
from starlette.datastructures import Headers

from graph_api.app import create_app
from graph_api.endpoint.origins import Origins
from graph_api.endpoint.streams import Streams
from graph_api.endpoint.websocket import WebSocketEndpoint
from graph_api.errors import ConfigurationError
from graph_api.settings import Settings
from tests.conftest import Client, in_process
from tests.endpoint.conftest import post

FRIEND = "https://app.example.org"
STRANGER = "https://evil.example.com"
QUERY = {"query": "{ catalogue { revision } }"}


@pytest.fixture
async def open_to_friends(settings: Settings) -> AsyncIterator[Client]:
    """The API whose list of origins has one."""
    update = {"cors_origins": f"{FRIEND}, http://localhost:3000"}
    async with in_process(create_app(settings.model_copy(update=update))) as client:
        yield client


def preflight(origin: str, **headers: str) -> dict[str, str]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"origin": origin, "access-control-request-method": "POST", **named}


async def test_a_page_of_a_listed_origin_may_ask_and_read(open_to_friends: Client) -> None:
    http = open_to_friends.http
    asked = preflight(FRIEND, access_control_request_headers="authorization,content-type")
    allowed = await http.options("/graphql", headers=asked)
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == FRIEND
    assert allowed.headers["access-control-allow-methods"] == "GET, POST"
    assert "access-control-allow-credentials" not in allowed.headers
    answer = await http.post("/graphql", json=QUERY, headers={"origin": FRIEND})
    assert answer.headers["access-control-allow-origin"] == FRIEND
    assert "origin" in answer.headers["vary"].lower()
    assert "retry-after" in answer.headers["access-control-expose-headers"].lower()


async def test_a_page_of_another_origin_may_not(open_to_friends: Client) -> None:
    http = open_to_friends.http
    for origin in (STRANGER, "null", f"{FRIEND}.evil.example.com", FRIEND.replace("https", "http")):
        refused = await http.options("/graphql", headers=preflight(origin))
        assert refused.status_code == 400
        assert "access-control-allow-origin" not in refused.headers
        answer = await http.post("/graphql", json=QUERY, headers={"origin": origin})
        assert "access-control-allow-origin" not in answer.headers


async def test_a_header_that_is_not_listed_may_not_be_sent(open_to_friends: Client) -> None:
    asked = preflight(FRIEND, access_control_request_headers="x-anything")
    assert (await open_to_friends.http.options("/graphql", headers=asked)).status_code == 400


async def test_without_a_list_no_page_of_another_origin_may_ask(client: Client) -> None:
    answer = await client.http.options("/graphql", headers=preflight(FRIEND))
    assert answer.status_code == 405
    assert "access-control-allow-origin" not in answer.headers


async def test_a_preflight_carries_the_security_headers(open_to_friends: Client) -> None:
    answer = await open_to_friends.http.options("/graphql", headers=preflight(FRIEND))
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "origins", ["app.example.org", "https://a.example/", "https://a.example/x", "https://A.example"]
)
def test_what_is_no_origin_is_refused_in_one_sentence(origins: str) -> None:
    with pytest.raises(ConfigurationError, match=r"CORS_ORIGINS: .* is no origin"):
        Settings.read(cors_origins=origins)


async def test_a_get_with_cookies_needs_a_header_that_no_other_site_can_send(http: httpx.AsyncClient) -> None:
    parameters = {"query": "{ hello }"}
    refused = await http.get("/graphql", params=parameters, headers={"cookie": "session=1"})
    assert refused.status_code == 403
    assert refused.json()["errors"][0]["extensions"] == {"code": "CSRF_BLOCKED"}
    for name, value in (
        ("graphql-require-preflight", "1"),
        ("x-requested-with", "XMLHttpRequest"),
        ("content-type", "application/json"),
    ):
        headers = {"cookie": "session=1", name: value}
        assert (await http.get("/graphql", params=parameters, headers=headers)).status_code == 200
    assert (await http.get("/graphql", params=parameters)).status_code == 200


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
async def test_a_post_that_browsers_send_unasked_is_refused(http: httpx.AsyncClient, kind: str) -> None:
    headers = {"content-type": kind, "cookie": "session=1", "origin": STRANGER}
    body = b'{"query": "mutation { add(number: 1) }"}'
    assert (await http.post("/graphql", content=body, headers=headers)).status_code == 415


async def test_a_mutation_by_get_is_refused_whatever_it_carries(http: httpx.AsyncClient) -> None:
    headers = {"graphql-require-preflight": "1"}
    parameters = {"query": "mutation { add(number: 1) }"}
    assert (await http.get("/graphql", params=parameters, headers=headers)).status_code == 405


async def test_a_post_of_json_with_cookies_is_answered(http: httpx.AsyncClient) -> None:
    assert (await post(http, {"query": "{ hello }"}, cookie="session=1")).status_code == 200


@pytest.mark.parametrize(
    ("origin", "trusted"),
    [
        (None, True),  # no page: a browser always tells
        ("https://api.example.org", True),
        ("https://API.example.org", True),
        (FRIEND, True),
        (STRANGER, False),
        ("null", False),
        ("https://api.example.org.evil.example.com", False),
        ("https://api.example.org:8443", False),
        ("https://[", False),
        ("", False),
    ],
)
async def test_a_websocket_of_a_page_is_accepted_from_our_own_and_listed_origins(
    origin: str | None, trusted: bool
) -> None:
    headers = {"host": "api.example.org"} | ({} if origin is None else {"origin": origin})
    assert Origins([FRIEND]).trust(Headers(headers)) is trusted
    assert (await _handshake(headers))[0]["type"] == ("websocket.accept" if trusted else "websocket.close")


def test_any_origin_may_be_trusted() -> None:
    assert Origins(["*"]).trust(Headers({"host": "a", "origin": STRANGER}))


async def _handshake(headers: Mapping[str, str]) -> list[dict[str, Any]]:
    """What a WebSocket is answered that leaves as soon as it is there."""

    async def identify(_: str | None) -> None:
        return None

    sent: list[dict[str, Any]] = []
    received = iter([{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1001}])

    async def receive() -> Any:
        return next(received)

    async def send(message: Any) -> None:
        sent.append(message)

    streams = Streams.__new__(Streams)  # nothing is asked of it
    endpoint = WebSocketEndpoint(streams, identify=identify, origins=Origins([FRIEND]))
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await endpoint({"type": "websocket", "headers": raw, "subprotocols": []}, receive, send)
    return sent
