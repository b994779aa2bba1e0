"""Warming up: the database has planned what readers may wait for."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from graph_api.app import create_app, lifespan
from graph_api.settings import Settings
from graph_api.store.cypher import history, reads
from graph_api.store.session import Database
from graph_api.store.warming import warm_up
from tests.conftest import in_process


async def test_it_changes_nothing_and_asks_for_all_that_readers_wait_for_one_after_another(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await database.read("MATCH (n) RETURN count(n) AS nodes")
    sent: list[str] = []
    read, put = database.read, database.put

    async def reading(statement: str, **parameters: object) -> object:
        sent.append(statement)
        return await read(statement, **parameters)

    async def putting(statement: str, **parameters: object) -> object:
        sent.append(statement)
        return await put(statement, **parameters)

    database.read, database.put = reading, putting  # type: ignore[method-assign, assignment]  # passed on
    at_once = Counter[str]()
    alone = database._alone

    async def counted(*of: Any) -> Any:
        at_once["now"] += 1
        at_once["most"] = max(at_once.values())
        try:
            return await alone(*of)
        finally:
            at_once["now"] -= 1

    monkeypatch.setattr(database, "_alone", counted)
    await warm_up(database)
    assert at_once == {"now": 0, "most": 1}, "the first requests find processors that are free"
    for name, read_by_key in vars(reads).items():
        if "_BY_" in name or name in ("OUTLINES_AND_TOPICS", "BESIDE_TOPICS"):
            texts = {read_by_key} if isinstance(read_by_key, str) else {*read_by_key.values()}
            assert texts <= set(sent), name
    assert history.FOLLOW in sent
    assert await read("MATCH (n) RETURN count(n) AS nodes") == before


async def test_a_process_warms_up_beside_its_requests_and_starts_without_a_database(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    warmed = asyncio.Event()

    async def noted(database: Database) -> None:
        await warm_up(database)
        warmed.set()

    monkeypatch.setattr(lifespan, "warm_up", noted)
    async with in_process(create_app(settings)) as client:
        await client.http.post("/graphql", json={"query": "{ catalogue { revision } }"})
    assert not warmed.is_set(), "the settings of the tests say so"
    async with in_process(create_app(settings.model_copy(update={"warm_up": True}))) as client:
        answer = await client.http.post("/graphql", json={"query": "{ catalogue { revision } }"})
        assert answer.json()["data"]
        await asyncio.wait_for(warmed.wait(), 30)
    nowhere = {"warm_up": True, "neo4j_uri": "bolt://127.0.0.1:1"}
    async with in_process(create_app(settings.model_copy(update=nowhere))) as client:
        assert (await client.http.get("/livez")).status_code == 200
