"""Processes that keep less than usual, or more, for tests of what answers cost; a catalogue with a past."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from graph_api.app import create_app
from graph_api.settings import Settings
from graph_api.store.session import Database
from graph_api.store.writer import GraphWriter
from tests.api.edited import EDITS, LAST, WRITING
from tests.conftest import Client, in_process, seed
from tests.example import DOCUMENTS


@asynccontextmanager
async def process(settings: Settings, **other: Any) -> AsyncIterator[Client]:
    """The API of a process that keeps no answers."""
    keeping = settings.model_copy(update={"answers_megabytes": 0, **other})
    async with in_process(create_app(keeping)) as client:
        yield client


@pytest.fixture
async def cold(settings: Settings) -> AsyncIterator[Client]:
    """A process that keeps nothing from one request to the next, and looks at the clock in each."""
    async with process(settings, entities_kept=0, parts_megabytes=0) as client:
        yield client


@pytest.fixture
async def warm(settings: Settings) -> AsyncIterator[Client]:
    """A process that keeps what it reads, and does not look at the clock for what it knows."""
    async with process(settings, revision_poll=60.0) as client:
        yield client


@pytest.fixture
async def edited(database: Database) -> None:
    """The worked example, and one revision more for each edit; a test that changes it wipes it."""
    now = {"revision": LAST, "name": "edited example"}
    [[held]] = await database.read(
        "MATCH (c:Catalogue) RETURN coalesce(c.revision = $revision AND c.content = $name, false) AS held",
        **now,
    )
    if held:
        return
    await seed(database, DOCUMENTS, name="example")
    writer = GraphWriter(database)
    for edit in EDITS:
        await writer.edit(edit, writing=WRITING)
    await database.write(lambda t: t.run("MATCH (c:Catalogue) SET c.content = $name", name=now["name"]))
