"""The server that is going to suffer, empty and migrated."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

import pytest
from pydantic import SecretStr

from graph_api.app import connect
from graph_api.settings import Settings
from tests.conftest import SECRET, Spare, settings_of, wipe

TIMEOUT: Final = 30.0
"""Seconds; a Neo4j that has just started plans every statement anew, which takes a busy machine long."""


@pytest.fixture
async def chaotic(spare: Spare) -> AsyncIterator[Settings]:
    """Settings over that server."""
    settings = settings_of(spare.connection, auth_secret=SecretStr(SECRET), neo4j_timeout=TIMEOUT)
    async with connect(settings) as database:
        await wipe(database)
    yield settings
    spare.start()
