"""When a process is ready: it waits for nothing long, and a slow reading of the structure is no outage."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from graph_api.errors import MigrationError, Unavailable
from graph_api.store import readiness
from graph_api.store.readiness import Readiness
from graph_api.store.session import Database
from graph_api.store.structure_cache import StructureCache


class Structures:
    """A cache whose revision was seen `seen` seconds ago; reading it takes a while."""

    revision = 3

    def __init__(self, *, seen: float = 0.0, takes: float = 0.0) -> None:
        self.seen = seen
        self.takes = takes

    async def current(self) -> None:
        await asyncio.sleep(self.takes)

    def age(self) -> float:
        return self.seen


def ready(structures: Structures, *, answer: float = 0.05) -> Readiness:
    return Readiness(cast("Database", None), cast("StructureCache", structures), answer=answer, oldest=10.0)


@pytest.fixture
def migrations(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What looking for migrations does; nothing is missing unless a test says so."""
    does: dict[str, Any] = {"missing": [], "pending_takes": 0.0, "migrate_takes": 0.0}

    async def pending(_: object) -> list[object]:
        await asyncio.sleep(does["pending_takes"])
        if isinstance(does["missing"], Exception):
            raise does["missing"]
        return list(does["missing"])

    async def migrate(_: object) -> None:
        await asyncio.sleep(does["migrate_takes"])
        does["missing"] = []

    monkeypatch.setattr(readiness, "pending", pending)
    monkeypatch.setattr(readiness, "migrate", migrate)
    return does


@pytest.mark.usefixtures("migrations")
async def test_the_facts_are_the_revision_and_its_age() -> None:
    assert await ready(Structures(seen=0.25)).facts() == {"revision": 3, "revisionAge": 0.25}


async def test_a_database_that_does_not_answer_is_not_waited_for(migrations: dict[str, Any]) -> None:
    migrations["pending_takes"] = 1.0
    with pytest.raises(Unavailable, match="cannot be reached now"):
        await ready(Structures()).facts()


async def test_migrations_go_on_when_who_asked_has_gone(migrations: dict[str, Any]) -> None:
    migrations.update(missing=["one"], migrate_takes=0.15)
    asked = ready(Structures())
    with pytest.raises(Unavailable, match="being migrated"):
        await asked.facts()
    await asyncio.sleep(0.2)
    assert migrations["missing"] == []
    assert (await asked.facts())["revision"] == 3


async def test_migrations_of_another_version_are_told(migrations: dict[str, Any]) -> None:
    migrations["missing"] = MigrationError("The database has migration 9, which this version does not know.")
    with pytest.raises(MigrationError, match="migration 9"):
        await ready(Structures()).facts()


@pytest.mark.usefixtures("migrations")
async def test_a_slow_reading_is_no_outage_while_the_last_one_is_young() -> None:
    assert (await ready(Structures(seen=9.0, takes=0.3)).facts())["revisionAge"] == 9.0
    with pytest.raises(Unavailable, match="being read"):
        await ready(Structures(seen=11.0, takes=0.3)).facts()
    with pytest.raises(Unavailable, match="being read"):
        await ready(Structures(seen=float("inf"), takes=0.3)).facts()
