"""Trusted documents by WebSocket and as event streams: named by their ids, and no others where it is so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import httpx
import pytest
from starlette.requests import HTTPConnection

from graph_api.app import create_app
from graph_api.endpoint.negotiation import EVENTS
from graph_api.endpoint.pipeline import Pipeline
from graph_api.endpoint.request import GraphQLRequest
from graph_api.endpoint.streams import Streams
from graph_api.endpoint.trusted import Document, Trust, TrustedDocuments, document_id
from graph_api.settings import Settings
from tests.conftest import ROOT, serving
from tests.endpoint.guarded import SCHEMA, Slow
from tests.endpoint.socket_api import build, peer, served

HELLO: Final = "query Hello { hello }\n"
TICKS: Final = "subscription Ticks($until: Int!) { ticks(until: $until) { number } }\n"
DOCUMENTS: Final = {document_id(text): Document(document_id(text), "", text) for text in (HELLO, TICKS)}


@pytest.fixture(scope="module", params=[Trust.ALLOW, Trust.ONLY])
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    """A server that knows two documents, and either executes others or not."""
    with served(build(documents=TrustedDocuments(request.param, DOCUMENTS))) as (address, _):
        yield address


@pytest.fixture(scope="module")
def only() -> Iterator[str]:
    """The server that executes no others."""
    with served(build(documents=TrustedDocuments(Trust.ONLY, DOCUMENTS))) as (address, _):
        yield address


async def over_socket(address: str, **payload: object) -> list[dict[str, Any]]:
    """What a socket is told of an operation until it ends."""
    async with peer(address) as client:
        await client.say({"id": "a", "type": "subscribe", "payload": payload})
        heard = [await client.hear()]
        while heard[-1]["type"] == "next":
            heard.append(await client.hear())
    return heard


async def as_events(address: str, **body: object) -> httpx.Response:
    async with httpx.AsyncClient(base_url=f"http://{address}", timeout=30) as http:
        return await http.post("/graphql", json=body, headers={"accept": EVENTS})


def refused(code: str) -> list[dict[str, Any]]:
    """The shape of a refusal, without its sentence."""
    return [{"id": "a", "type": "error", "payload": [{"code": code}]}]


def shape(heard: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        each
        if each["type"] != "error"
        else {**each, "payload": [error["extensions"] for error in each["payload"]]}
        for each in heard
    ]


@pytest.mark.parametrize("prefix", ["", "sha256:"])
async def test_a_socket_executes_a_document_by_its_id(address: str, prefix: str) -> None:
    assert await over_socket(address, documentId=prefix + document_id(HELLO)) == [
        {"id": "a", "type": "next", "payload": {"data": {"hello": "hello"}}},
        {"id": "a", "type": "complete"},
    ]


async def test_a_subscription_has_an_id_too_and_its_variables(address: str) -> None:
    heard = await over_socket(address, documentId=document_id(TICKS), variables={"until": 2})
    numbers = [each["payload"]["data"]["ticks"]["number"] for each in heard[:-1]]
    assert (numbers, heard[-1]["type"]) == ([0, 1], "complete")


async def test_an_event_stream_has_them_as_well(address: str) -> None:
    response = await as_events(address, documentId=document_id(TICKS), variables={"until": 2})
    told = [json.loads(line[6:]) for line in response.text.splitlines() if line.startswith("data: ")]
    assert [each["data"]["ticks"]["number"] for each in told] == [0, 1]


async def test_an_unknown_id_is_refused_and_the_socket_goes_on(address: str) -> None:
    async with peer(address) as client:
        await client.say({"id": "a", "type": "subscribe", "payload": {"documentId": "0" * 64}})
        assert shape([await client.hear()]) == refused("PERSISTED_DOCUMENT_NOT_FOUND")
        await client.say({"id": "a", "type": "subscribe", "payload": {"documentId": document_id(HELLO)}})
        assert (await client.hear())["payload"] == {"data": {"hello": "hello"}}
    response = await as_events(address, documentId="0" * 64)
    assert response.status_code == 404


async def test_an_id_and_a_text_are_no_request(address: str) -> None:
    both = {"documentId": document_id(HELLO), "query": HELLO}
    async with peer(address) as client:
        await client.say({"id": "a", "type": "subscribe", "payload": both})
        assert await client.closed() == (4400, 'The payload has "query" or "documentId", and not both.')
    assert (await as_events(address, **both)).status_code == 400


async def test_where_only_trusted_documents_are_executed_no_other_is(only: str) -> None:
    assert shape(await over_socket(only, query="{ hello }")) == refused("PERSISTED_DOCUMENT_REQUIRED")
    assert (await as_events(only, query="{ hello }")).status_code == 403
    assert (await over_socket(only, query=HELLO))[0]["payload"] == {"data": {"hello": "hello"}}
    assert (await as_events(only, query=HELLO)).status_code == 200


async def test_whatever_comes_to_be_executed_is_looked_at_once_more() -> None:
    trusted = TrustedDocuments(Trust.ONLY, {document_id("{ hello }"): Document("", "", "{ hello }")})
    streams = Streams(Pipeline(SCHEMA, trusted=trusted), context=lambda *_: Slow())
    connection = HTTPConnection({"type": "websocket"})
    for query, refuses in (("{ hello }", False), ("{ hello  }", True)):
        asked = GraphQLRequest(query, None, None, reads_only=False)
        [answer] = [answer async for answer in streams.answers(asked, connection, None)]
        assert answer.refused is refuses
    assert answer.body["errors"][0]["extensions"] == {"code": "PERSISTED_DOCUMENT_REQUIRED"}


async def test_the_application_knows_the_ready_operations_on_all_ways(settings: Settings) -> None:
    text = (ROOT / "schema" / "operations" / "07-catalogue.graphql").read_text(encoding="utf-8")
    only = settings.model_copy(update={"trusted_documents": "only"})
    with serving(create_app(only)) as url:
        address = url.removeprefix("http://")
        assert '"catalogue"' in (await as_events(address, documentId=document_id(text))).text
        [answered, _] = await over_socket(address, documentId=document_id(text))
        assert answered["payload"]["data"]["catalogue"]
        assert shape(await over_socket(address, query="{ __typename }")) == refused(
            "PERSISTED_DOCUMENT_REQUIRED"
        )
