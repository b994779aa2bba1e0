"""Two processes over the worked example."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from graph_api.app import connect
from graph_api.settings import Settings
from graph_api.store.session import Database
from tests.conftest import seed
from tests.example import DOCUMENTS
from tests.store.processes import Process


@pytest.fixture
async def here(database: Database) -> Process:
    """A process over the worked example, which makes edits."""
    await seed(database, DOCUMENTS, name="example")
    process = Process.of(database)
    await process.structures.current()
    return process


@pytest.fixture
async def there(here: Process, settings: Settings) -> AsyncIterator[Process]:
    """Another process, which hears of the edits by the history alone."""
    assert here.structures.revision == 1
    async with connect(settings) as database:
        process = Process.of(database)
        await process.structures.current()
        yield process
