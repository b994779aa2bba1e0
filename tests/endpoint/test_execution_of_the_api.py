"""The API answers alike whether operations are executed by plans or by graphql-core alone.

The order of errors is compared in test_execution, where no database adds to it.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, Final

import orjson
import pytest
from graphql import GraphQLObjectType, GraphQLSchema, parse, validate
from starlette.applications import Starlette

from graph_api.api.schema import build_schema
from graph_api.app import create_app
from graph_api.endpoint.events import UnplannedEventExecutor
from graph_api.knowledge.change import Document
from graph_api.settings import Settings
from graph_api.store.session import Database
from tests.conftest import ROOT, Client, in_process, seed
from tests.endpoint.literals import Literals
from tests.endpoint.selections import Chooser

EXAMPLES: Final = int(os.environ.get("FUZZ_EXAMPLES", "60"))

SCHEMA: Final[GraphQLSchema] = build_schema()._schema
OPERATIONS: Final = [
    path.read_text(encoding="utf-8") for path in sorted((ROOT / "schema" / "operations").glob("*.graphql"))
]
MOMENT: Final = re.compile(rb'"\d{4}-\d\d-\d\dT\d\d:\d\d:[\d.]+(Z|\+00:00)"')
SLUGS: Final = "{ topics(first: 30) { nodes { id slug } } roadmaps { nodes { id slug } } }"


@pytest.fixture
def apps(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> tuple[Starlette, Starlette]:
    """The API, selections written out as functions from the first time on, and the same without plans."""
    monkeypatch.setattr("graph_api.endpoint.execution.selection.WORTH", 1)
    planned = create_app(settings)
    monkeypatch.setattr("graph_api.app.graphql.EventExecutor", UnplannedEventExecutor)
    return planned, create_app(settings)


@pytest.fixture
async def content(database: Database, seed_documents: Sequence[Document]) -> Content:
    """The roadmaps that ship with the project."""
    return Content(database, seed_documents)


class Content:
    """What the database holds at first."""

    def __init__(self, database: Database, documents: Sequence[Document]) -> None:
        self._database = database
        self._documents = documents

    async def answers(self, app: Starlette, requests: Sequence[Mapping[str, Any]]) -> list[bytes]:
        """What an application that has just started answers to requests one after the other."""
        await self.restore()
        async with in_process(app) as client:
            writer, before = client.as_("editor", "learner"), asyncio.all_tasks()
            answers = [await _answer(writer, request) for request in requests]
            # What an error has made superfluous still reads: the database is closed after it.
            if left := asyncio.all_tasks() - before:
                await asyncio.wait(left, timeout=30)
            return answers

    async def restore(self) -> None:
        """Take back what was written since."""
        await self._database.define("MATCH (n:Learner|Record) DETACH DELETE n")
        await seed(self._database, self._documents, name="seed")

    async def literals(self, app: Starlette) -> Literals:
        """Literals that name what there is."""
        await self.restore()
        async with in_process(app) as client:
            found = await client.ask(SLUGS)
        topics, roadmaps = found["topics"]["nodes"], found["roadmaps"]["nodes"]
        slugs = [each["slug"] for each in topics]
        ids = [each["id"] for each in (*topics, *roadmaps)]
        return Literals(ids, slugs, [each["slug"] for each in roadmaps])


async def _answer(client: Client, request: Mapping[str, Any]) -> bytes:
    response = await client.http.post("/graphql", json=request, headers=client.headers)
    assert b'"INTERNAL"' not in response.content, (request, response.text)
    return MOMENT.sub(b'"a moment"', _sorted(response.content))


def _sorted(content: bytes) -> bytes:
    """An answer with its errors in an order of their own: that in which the database answers is chance."""
    answer = orjson.loads(content)
    if errors := answer.get("errors"):
        answer["errors"] = sorted(errors, key=orjson.dumps)
    return orjson.dumps(answer)


async def assert_alike(
    content: Content, apps: tuple[Starlette, Starlette], requests: Sequence[Mapping[str, Any]]
) -> list[bytes]:
    planned, stock = [await content.answers(app, requests) for app in apps]
    for request, one, other in zip(requests, planned, stock, strict=True):
        assert one == other, request
    return planned


async def test_every_operation_that_ships_is_answered_alike(
    content: Content, apps: tuple[Starlette, Starlette]
) -> None:
    answers = await assert_alike(content, apps, [{"query": text} for text in (*OPERATIONS, *OPERATIONS)])
    assert [answer for answer in answers if b'"errors"' in answer] == []


def drawn(kind: str, root: GraphQLObjectType | None, literals: Literals, number: int) -> list[dict[str, Any]]:
    """Requests by chance that are valid."""
    assert root is not None
    requests = []
    for start in range(number):
        chooser = Chooser(SCHEMA, Random(f"{kind} {start}"), literals, most=3)
        query = chooser.operation(kind, root, 3)
        assert validate(SCHEMA, parse(query)) == [], query
        requests.append({"query": query, "variables": chooser.variables()})
    return requests


@pytest.mark.parametrize("kind", ["query", "mutation"])
async def test_any_operation_is_answered_alike(
    kind: str, content: Content, apps: tuple[Starlette, Starlette]
) -> None:
    root = SCHEMA.query_type if kind == "query" else SCHEMA.mutation_type
    requests = drawn(kind, root, await content.literals(apps[0]), EXAMPLES)
    answers = await assert_alike(content, apps, requests)
    executed = [answer for answer in answers if b'"data"' in answer]
    assert len(executed) > EXAMPLES / 2
    assert any(b'"errors"' in answer for answer in executed)
    assert any(b'"errors"' not in answer for answer in executed)
