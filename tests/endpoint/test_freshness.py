"""Clients that have seen a revision: they get it or a later one, wait for it, or are told it is not there."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any, Final, TypeAlias

import httpx
import pytest

from graph_api.app import connect, create_app
from graph_api.endpoint.negotiation import EVENTS
from graph_api.endpoint.request import Refused
from graph_api.endpoint.revision import least_revision
from graph_api.knowledge.edit import ChangeTopic
from graph_api.settings import Settings
from graph_api.store import structure_cache
from graph_api.store.writer import GraphWriter, Writing
from tests.conftest import Client, serving
from tests.endpoint.kept import get, hits, post, remembering
from tests.endpoint.socket_api import peer

QUERY: Final = '{ topic(slug: "flour") { title } }'
NEVER: Final = 1000
SOON: Final = 0.2
"""Seconds after which another process writes, while somebody waits for it."""

Answered: TypeAlias = tuple[int, dict[str, Any]]


def events(response: httpx.Response) -> list[dict[str, Any]]:
    lines = [line.removeprefix("data:") for line in response.text.splitlines()]
    return [json.loads(line) for line in lines if line.strip().startswith("{")]


async def by_header(client: Client, least: Any) -> Answered:
    answer = await post(client, QUERY, {"graph-min-revision": str(least)})
    return answer.status_code, answer.json()


async def by_header_of_get(client: Client, least: Any) -> Answered:
    answer = await get(client, QUERY, {"graph-min-revision": str(least)})
    return answer.status_code, answer.json()


async def by_extension(client: Client, least: Any) -> Answered:
    answer = await post(client, QUERY, extensions={"minRevision": least})
    return answer.status_code, answer.json()


async def by_extension_of_get(client: Client, least: Any) -> Answered:
    answer = await get(client, QUERY, extensions={"minRevision": least})
    return answer.status_code, answer.json()


async def by_header_of_stream(client: Client, least: Any) -> Answered:
    answer = await post(client, QUERY, {"graph-min-revision": str(least), "accept": EVENTS})
    return answer.status_code, events(answer)[0] if answer.status_code == 200 else answer.json()


async def by_extension_of_stream(client: Client, least: Any) -> Answered:
    answer = await post(client, QUERY, {"accept": EVENTS}, extensions={"minRevision": least})
    return answer.status_code, events(answer)[0]


ONCE: Final = (by_header, by_header_of_get, by_extension, by_extension_of_get, by_header_of_stream)
WAYS: Final = (*ONCE, by_extension_of_stream)


@pytest.fixture
async def behind(settings: Settings, catalogue: object) -> AsyncIterator[Client]:
    """An API that has seen revision 1, and would not look again for a minute."""
    assert catalogue
    async with remembering(settings) as client:
        assert (await post(client, QUERY)).headers["graph-revision"] == "1"
        yield client


async def write(settings: Settings, title: str = "Rye") -> int:
    """What another process writes, and the revision that it has led to."""
    async with connect(settings) as database:
        _, revision = await GraphWriter(database).edit(
            ChangeTopic("flour", {"title": title}), writing=Writing(by="ada", action="edit")
        )
        return revision


def code(body: dict[str, Any]) -> str:
    [error] = body["errors"]
    return str(error["extensions"]["code"])


@pytest.mark.parametrize("ask", WAYS)
async def test_what_is_seen_already_costs_nothing(ask: Any, behind: Client) -> None:
    before = behind.database.statements
    for least in (0, 1):
        status, body = await ask(behind, least)
        assert (status, body["extensions"]) == (200, {"revision": 1})
    assert behind.database.statements == before


@pytest.mark.parametrize("ask", WAYS)
async def test_what_another_process_has_written_is_there_for_who_says_it_has_seen_it(
    ask: Any, behind: Client, settings: Settings
) -> None:
    revision = await write(settings)
    assert (await post(behind, QUERY)).json()["extensions"] == {"revision": 1}
    status, body = await ask(behind, revision)
    assert (status, body) == (200, {"data": {"topic": {"title": "Rye"}}, "extensions": {"revision": 2}})
    assert (await post(behind, QUERY)).json() == body


@pytest.mark.parametrize("ask", WAYS)
async def test_who_comes_before_the_write_waits_for_it(ask: Any, behind: Client, settings: Settings) -> None:
    waiting = asyncio.create_task(ask(behind, 2))
    await asyncio.sleep(SOON)
    assert not waiting.done()
    await write(settings)
    status, body = await waiting
    assert (status, body["data"]) == (200, {"topic": {"title": "Rye"}})


@pytest.mark.parametrize("ask", WAYS)
async def test_what_does_not_come_is_told_after_a_while(
    ask: Any, behind: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(structure_cache, "PATIENCE", SOON)
    began = time.monotonic()
    status, body = await ask(behind, NEVER)
    assert SOON <= time.monotonic() - began < 4
    assert code(body) == "REVISION_NOT_REACHED"
    assert "data" not in body
    assert status == (200 if ask is by_extension_of_stream else 503)


async def test_who_was_not_served_is_told_when_to_come_back(
    behind: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(structure_cache, "PATIENCE", 0.0)
    answer = await get(behind, QUERY, {"graph-min-revision": str(NEVER)})
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert str(NEVER) in answer.json()["errors"][0]["message"]
    assert (await get(behind, QUERY)).status_code == 200


async def test_of_two_that_are_said_the_later_counts(
    behind: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(structure_cache, "PATIENCE", 0.0)
    await write(settings)
    for header, extension, status in (("1", 2, 200), ("2", 1, 200), ("1", NEVER, 503), (str(NEVER), 1, 503)):
        answer = await post(
            behind, QUERY, {"graph-min-revision": header}, extensions={"minRevision": extension}
        )
        assert answer.status_code == status


@pytest.mark.parametrize("least", ["", "-1", "+1", "1.0", "one", "1 2", "1,2", "0x1", "²", "9" * 17])
async def test_a_header_that_is_no_revision_is_400(least: str, behind: Client) -> None:
    for accept in ("application/json", EVENTS):
        headers = {b"graph-min-revision": least.encode("latin-1"), b"accept": accept.encode()}
        answer = await behind.http.post("/graphql", json={"query": QUERY}, headers=headers)
        assert (answer.status_code, code(answer.json())) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("least", [-1, 1.0, 1.5, True, False, "1", "", [], {}, [1], 2**53, 10**30])
async def test_an_extension_that_is_no_revision_is_400(least: Any, behind: Client) -> None:
    content = json.dumps({"query": QUERY, "extensions": {"minRevision": least}})
    headers = {"content-type": "application/json"}
    answer = await behind.http.post("/graphql", content=content, headers=headers)
    assert (answer.status_code, code(answer.json())) == (400, "BAD_REQUEST")
    if isinstance(least, int) and least > 2**63:
        return  # no whole number of our JSON
    answer = await behind.http.post("/graphql", content=content, headers={**headers, "accept": EVENTS})
    assert code(events(answer)[0]) == "BAD_REQUEST"


async def test_null_is_as_good_as_nothing(behind: Client) -> None:
    answer = await post(behind, QUERY, extensions={"minRevision": None, "other": {"minRevision": NEVER}})
    assert answer.status_code == 200


def test_the_largest_revision_is_the_largest_whole_number_of_javascript() -> None:
    assert least_revision(None, {"minRevision": 2**53 - 1}) == 2**53 - 1
    assert least_revision(str(2**53 - 1)) == 2**53 - 1
    with pytest.raises(Refused):
        least_revision(str(2**53))


async def test_a_kept_answer_is_given_to_who_has_seen_no_later_one(
    behind: Client, settings: Settings
) -> None:
    before = hits(behind)
    await by_header(behind, 1)
    assert hits(behind) == before + 1
    asked = {"extensions": {"minRevision": 1}}
    for _ in range(2):
        await post(behind, QUERY, **asked)
    assert hits(behind) == before + 2
    await write(settings)
    assert (await by_header(behind, 2))[1]["data"] == {"topic": {"title": "Rye"}}
    assert (await post(behind, QUERY, **asked)).json()["data"] == {"topic": {"title": "Rye"}}


@pytest.mark.usefixtures("catalogue")
async def test_what_was_written_by_one_process_can_be_read_from_another_at_once(settings: Settings) -> None:
    change = """mutation ($title: String!) {
      updateTopic(input: {slug: "flour", title: $title}) { topic { title } } }"""
    async with remembering(settings) as one, remembering(settings) as other:
        await post(other, QUERY)
        for step in range(5):
            written = await post(one.as_("editor"), change, variables={"title": f"Flour {step}"})
            headers = {"graph-min-revision": written.headers["graph-revision"]}
            read = await get(other, QUERY, headers)
            assert read.json()["data"] == {"topic": {"title": f"Flour {step}"}}
            assert read.headers["graph-revision"] == written.headers["graph-revision"]


@pytest.mark.usefixtures("catalogue")
async def test_over_a_websocket_too(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(settings.model_copy(update={"revision_poll": 60.0}))
    with serving(app) as address:
        async with peer(address.removeprefix("http://")) as socket:

            async def ask(name: str, least: Any) -> dict[str, Any]:
                await socket.subscribe(name, QUERY, extensions={"minRevision": least})
                answer = await socket.hear()
                if answer["type"] == "next":
                    assert await socket.hear() == {"id": name, "type": "complete"}
                return answer

            seen = await ask("a", 0)
            assert seen["payload"]["extensions"] == {"revision": 1}
            waiting = asyncio.create_task(ask("b", 2))
            await asyncio.sleep(SOON)
            assert not waiting.done()
            await write(settings)
            assert (await waiting)["payload"] == {
                "data": {"topic": {"title": "Rye"}},
                "extensions": {"revision": 2},
            }
            monkeypatch.setattr(structure_cache, "PATIENCE", SOON)
            for name, least, expected in (
                ("c", NEVER, "REVISION_NOT_REACHED"),
                ("d", "2", "BAD_REQUEST"),
            ):
                answer = await ask(name, least)
                assert (answer["id"], answer["type"]) == (name, "error")
                assert answer["payload"][0]["extensions"]["code"] == expected
            assert (await ask("e", 2))["type"] == "next"


@pytest.mark.usefixtures("catalogue")
async def test_an_event_tells_the_revision_that_its_answer_is_of(settings: Settings) -> None:
    query = "subscription { catalogueChanged { revision topics { title } } }"
    with serving(create_app(settings)) as address:
        async with peer(address.removeprefix("http://")) as socket:
            await socket.subscribe("a", query)
            hearing = asyncio.create_task(socket.hear())
            for step in range(20):
                await write(settings, f"Rye {step}")
                if hearing.done():
                    break
                await asyncio.sleep(0.3)
            payload = (await hearing)["payload"]
    told = payload["data"]["catalogueChanged"]
    assert payload["extensions"]["revision"] >= told["revision"] > 1
    assert told["topics"][0]["title"].startswith("Rye")
