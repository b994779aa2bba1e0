"""The schema of the database: brought up to date once, whoever comes first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import LiteralString

import pytest

from graph_api.app import connect
from graph_api.errors import MigrationError
from graph_api.settings import Settings
from graph_api.store.migrations import MIGRATIONS, Migration, migrate, pending
from graph_api.store.session import Database

NAMES = {
    "catalogue_key",
    "content",
    "learner_id",
    "migration_number",
    "resource_url",
    "revision_id",
    "revision_number",
    "roadmap_alias",
    "roadmap_id",
    "roadmap_slug",
    "section_alias",
    "section_id",
    "topic_alias",
    "topic_id",
    "topic_slug",
    "version_id",
    "version_revision",
}
NEXT = Migration(
    len(MIGRATIONS) + 1,
    "a test's own",
    ("CREATE INDEX of_tests IF NOT EXISTS FOR (n:OfTests) ON (n.number)",),
)


async def drop(database: Database) -> None:
    """Take away every constraint, index and node, except what marks the server as ours."""
    for row in await database.read("SHOW CONSTRAINTS YIELD name"):
        await alone(database, "DROP CONSTRAINT $name", name=row["name"])
    for row in await database.read("SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' RETURN name"):
        await alone(database, "DROP INDEX $name", name=row["name"])
    await alone(database, "MATCH (n:!OfTests) DETACH DELETE n")


async def alone(database: Database, statement: LiteralString, **parameters: object) -> None:
    await database.write(lambda transaction: transaction.run(statement, **parameters))


@pytest.fixture
async def bare(database: Database) -> AsyncIterator[Database]:
    """A database that nobody has migrated; at the end it is as it was, and empty."""
    await drop(database)
    yield database
    await drop(database)
    await migrate(database)


async def applied(database: Database) -> dict[int, str]:
    rows = await database.read("MATCH (m:Migration) WHERE m.number > 0 RETURN m.number AS n, m.checksum AS c")
    return {row["n"]: row["c"] for row in rows}


async def schema(database: Database) -> set[str]:
    rows = await database.read("SHOW INDEXES YIELD name, type, state WHERE type <> 'LOOKUP' RETURN *")
    assert {row["state"] for row in rows} <= {"ONLINE"}
    return {row["name"] for row in rows}


async def test_a_bare_database_gets_all_of_them_in_order_with_their_checksums(bare: Database) -> None:
    assert await pending(bare) == list(MIGRATIONS)
    assert await migrate(bare) == list(MIGRATIONS)
    assert await applied(bare) == {migration.number: migration.checksum for migration in MIGRATIONS}
    assert await schema(bare) == NAMES
    assert await pending(bare) == []


async def test_a_second_time_nothing_is_left_to_do(bare: Database) -> None:
    await migrate(bare)
    recorded = await bare.read("MATCH (m:Migration) WHERE m.number > 0 RETURN m.appliedAt AS at")
    assert await migrate(bare) == []
    assert await bare.read("MATCH (m:Migration) WHERE m.number > 0 RETURN m.appliedAt AS at") == recorded


async def test_the_catalogue_starts_at_revision_0_and_keeps_its_revision(bare: Database) -> None:
    await migrate(bare)
    assert [row["r"] for row in await bare.read("MATCH (c:Catalogue) RETURN c.revision AS r")] == [0]
    await bare.write(lambda transaction: transaction.run("MATCH (c:Catalogue) SET c.revision = 7"))
    await migrate(bare, [*MIGRATIONS, NEXT])
    assert [row["r"] for row in await bare.read("MATCH (c:Catalogue) RETURN c.revision AS r")] == [7]


async def test_only_what_is_new_is_applied(bare: Database) -> None:
    await migrate(bare)
    assert await pending(bare, [*MIGRATIONS, NEXT]) == [NEXT]
    assert await migrate(bare, [*MIGRATIONS, NEXT]) == [NEXT]
    assert await schema(bare) == NAMES | {"of_tests"}


async def test_four_instances_that_start_together_apply_each_once(bare: Database, settings: Settings) -> None:
    async with AsyncExitStack() as stack:
        instances = [await stack.enter_async_context(connect(settings)) for _ in range(4)]
        done = await asyncio.gather(*map(migrate, instances))
    assert sorted(map(len, done)) == [0, 0, 0, len(MIGRATIONS)]
    rows = await bare.read("MATCH (m:Migration) WHERE m.number > 0 RETURN m.number AS n ORDER BY n")
    assert [row["n"] for row in rows] == [migration.number for migration in MIGRATIONS]
    assert await schema(bare) == NAMES


async def test_a_migration_that_was_changed_after_it_was_applied_is_refused(database: Database) -> None:
    first, *others = MIGRATIONS
    changed = [replace(first, statements=first.statements[1:]), *others]
    for look in (migrate, pending):
        with pytest.raises(MigrationError, match=r'Migration 1 \("identity"\) was changed after'):
            await look(database, changed)
    assert await pending(database) == []


async def test_a_migration_of_a_newer_version_is_refused(database: Database) -> None:
    for look in (migrate, pending):
        with pytest.raises(MigrationError, match="has migration 2, which this version does not know"):
            await look(database, MIGRATIONS[:1])


async def test_a_refused_migration_leaves_the_others_unapplied(bare: Database) -> None:
    await migrate(bare, MIGRATIONS[:1])
    changed = [replace(MIGRATIONS[0], statements=()), *MIGRATIONS[1:]]
    with pytest.raises(MigrationError):
        await migrate(bare, changed)
    assert await applied(bare) == {1: MIGRATIONS[0].checksum}
    assert "content" not in await schema(bare)


def test_white_space_is_not_a_change() -> None:
    one = Migration(1, "a", ("RETURN  1\n  AS x",))
    assert one.checksum == Migration(1, "b", ("RETURN 1 AS x",)).checksum
    assert one.checksum != Migration(1, "a", ("RETURN 1 AS y",)).checksum


def test_numbers_rise_by_one_from_1() -> None:
    assert [migration.number for migration in MIGRATIONS] == list(range(1, len(MIGRATIONS) + 1))


def test_released_migrations_are_never_changed() -> None:
    released = {
        1: "6543567d256b6137a03e83a6478cfe080c1254e96a12474d8049666b675786bf",
        2: "8957203eb3dfeccb8ca75f23ffe7e1f3a596b37291c6b19f74878e8cf0825584",
        3: "93c6dfb66b93f9f797919375a1f157b46c7fe3f19756f3183c2e6db578ff667d",
    }
    assert {migration.number: migration.checksum for migration in MIGRATIONS} == released
