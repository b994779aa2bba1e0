"""The page about freshness: its requests are asked, and its table of headers is what is answered."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from typing import Final

import httpx
import pytest

from graph_api.endpoint.negotiation import JSON
from graph_api.endpoint.revision import HEADER, LEAST, LEAST_HEADER
from graph_api.knowledge.change import Document
from graph_api.settings import Settings
from graph_api.store.session import Database
from graph_api.store.structure_cache import PATIENCE
from tests.conftest import ROOT, Client, seed
from tests.endpoint.kept import get, post, remembering
from tests.endpoint.test_trusted import PAGE as TRUSTED

PAGE: Final = (ROOT / "docs" / "freshness.md").read_text(encoding="utf-8")
EXAMPLE: Final = re.findall(r"```graphql\n(.*?)```\n+```json\n(.*?)```", PAGE, re.DOTALL)
REQUESTS: Final = re.findall(r"```http\n(GET|POST) (\S+)\n(.*?)\n(?:\n(.*?)\n)?```", PAGE, re.DOTALL)
FOR_ALL: Final = '{ topic(slug: "redis") { title } }'


@pytest.fixture
async def client(
    settings: Settings, database: Database, seed_documents: list[Document]
) -> AsyncIterator[Client]:
    """The API that keeps answers, over the roadmaps that ship with the project."""
    await seed(database, seed_documents, name="seed")
    async with remembering(settings) as client:
        yield client


async def test_an_answer_tells_its_revision_as_shown(client: Client) -> None:
    [(query, shown)] = EXAMPLE
    answer = await post(client, query)
    assert answer.json() == json.loads(shown)
    assert f"{HEADER}: {answer.headers[HEADER]}" in PAGE


def headers_of(text: str) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in text.splitlines())


async def test_a_revision_is_asked_for_as_shown(client: Client) -> None:
    [(method, path, headers, body), _] = REQUESTS
    said = headers_of(headers)
    assert (method, said[LEAST_HEADER]) == ("POST", "8")
    answer = await client.http.request(method, path, headers={**said, LEAST_HEADER: "1"}, content=body)
    assert answer.json()["data"] == {"topic": {"title": "Redis"}}
    [request] = [
        json.loads(each) for each in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL) if LEAST in each
    ]
    assert request["extensions"] == {LEAST: 8}
    request["extensions"][LEAST] = 1
    assert (await client.http.post("/graphql", json=request)).json() == answer.json()


async def test_a_tag_is_sent_back_as_shown(client: Client) -> None:
    [_, (method, path, headers, _)] = REQUESTS
    [name] = headers_of(headers)
    whole = await client.http.request(method, path, headers=headers_of(headers))
    assert whole.json()["data"] == {"topic": {"title": "Redis"}}
    again = await client.http.request(method, path, headers={name: whole.headers["etag"]})
    assert again.status_code == 304


def cell(answer: httpx.Response, name: str) -> str:
    return f"`{answer.headers[name]}`"


async def test_the_table_of_headers_is_what_is_answered(client: Client) -> None:
    ada = client.as_("learner")
    trusted = await client.http.get("/graphql", params={"documentId": TRUSTED.id})
    answers = [
        await get(client, FOR_ALL),
        trusted,
        await get(ada, FOR_ALL),
        await get(client, "{ viewer { id } }"),
        await post(client, FOR_ALL),
    ]
    rows = re.findall(r"^\| (.+?) \| (`(?:public|private).+?) \| (.+?) \| (.+?) \|$", PAGE, re.MULTILINE)
    assert len(rows) == len(answers)
    for (what, caching, vary, tag), answer in zip(rows, answers, strict=True):
        assert caching.split(" (")[0] == cell(answer, "cache-control"), what
        assert vary in {cell(answer, "vary"), "as above"}, what
        assert ("etag" in answer.headers) == (tag != "no"), what
    assert "etag" not in (await get(ada, "{ viewer { id } }")).headers


async def test_the_bytes_of_an_answer_stay_as_they_are(client: Client) -> None:
    assert len({(await get(client, FOR_ALL, {"accept": JSON})).content for _ in range(3)}) == 1


def test_the_patience_is_the_one_that_the_page_names() -> None:
    assert f"up to {PATIENCE:.0f} seconds" in PAGE
    fields = Settings.model_fields
    assert f"max-age={fields['trusted_max_age'].default}`" in PAGE
    assert f"({fields['revision_poll'].default:.0f} by default)" in PAGE
