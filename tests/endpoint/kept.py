"""An API that answers again from memory, how it is asked, and how often it did so."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from graph_api.app import create_app
from graph_api.settings import Settings
from graph_api.store.writer import GraphWriter
from tests.conftest import Client, in_process


@asynccontextmanager
async def remembering(settings: Settings, **other: Any) -> AsyncIterator[Client]:
    """The API, which looks at the clock only once a minute unless told otherwise; its own writes it sees."""
    update = {"revision_poll": 60.0, **other}
    async with in_process(create_app(settings.model_copy(update=update))) as client:
        yield client


def forgetting(settings: Settings, **other: Any) -> Any:
    """The API that keeps nothing of what it has read or answered."""
    nothing = {"answers_megabytes": 0, "parts_megabytes": 0, "entities_kept": 0}
    return remembering(settings, **nothing, revision_poll=0.0, **other)


def body_of(query: str, variables: Any = None, **more: Any) -> dict[str, Any]:
    """The parameters of a request."""
    return {"query": query, **({} if variables is None else {"variables": variables}), **more}


async def post(client: Client, query: str, headers: Any = None, **more: Any) -> httpx.Response:
    """The answer by POST, asked as the client asks."""
    said = {**client.headers, **(headers or {})}
    return await client.http.post("/graphql", json=body_of(query, **more), headers=said)


async def get(client: Client, query: str, headers: Any = None, **more: Any) -> httpx.Response:
    """The answer by GET, asked as the client asks."""
    parameters = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in body_of(query, **more).items()
    }
    said = {**client.headers, **(headers or {})}
    return await client.http.get("/graphql", params=parameters, headers=said)


def count(client: Client, metric: str, **labels: str) -> float:
    """A metric of this API."""
    return client.database.metrics.registry.get_sample_value(f"graph_api_{metric}", labels) or 0.0


def hits(client: Client) -> float:
    """How many requests were answered from memory."""
    return count(client, "answer_cache_total", result="hit")


def held(client: Client) -> float:
    """About how many bytes the kept answers have."""
    return count(client, "cache_size", cache="answers")


def writer_of(client: Client) -> GraphWriter:
    """Writes of this very process."""
    return GraphWriter(client.database, client.structures)
