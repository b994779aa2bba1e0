"""Processes that keep less than usual, or more, for tests of what an answer costs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from graph_api.app import create_app
from graph_api.settings import Settings
from tests.conftest import Client, in_process


@asynccontextmanager
async def process(settings: Settings, **other: Any) -> AsyncIterator[Client]:
    """The API of a process that keeps no answers."""
    keeping = settings.model_copy(update={"answers_megabytes": 0, **other})
    async with in_process(create_app(keeping)) as client:
        yield client


@pytest.fixture
async def cold(settings: Settings) -> AsyncIterator[Client]:
    """A process that keeps nothing from one request to the next, and looks at the clock in each."""
    async with process(settings, entities_kept=0) as client:
        yield client


@pytest.fixture
async def warm(settings: Settings) -> AsyncIterator[Client]:
    """A process that keeps what it reads, and does not look at the clock for what it knows."""
    async with process(settings, revision_poll=60.0) as client:
        yield client
