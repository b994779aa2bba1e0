"""Numbered changes of the database's schema: applied once, in order, under a lock, recorded in the graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, LiteralString

from graph_api.errors import MigrationError
from graph_api.store.cypher import schema
from graph_api.store.session import Database, Transaction


@dataclass(frozen=True, slots=True)
class Migration:
    """One step. A released one is never changed: its checksum is kept with it in the graph."""

    number: int
    name: str
    statements: tuple[LiteralString, ...]

    @property
    def checksum(self) -> str:
        """sha256 of the statements, white space folded."""
        text = "\n".join(" ".join(statement.split()) for statement in self.statements)
        return sha256(text.encode()).hexdigest()


MIGRATIONS: Final[tuple[Migration, ...]] = (
    Migration(
        1,
        "identity",
        (
            "CREATE CONSTRAINT roadmap_id IF NOT EXISTS FOR (n:Roadmap) REQUIRE n.id IS UNIQUE",
            "CREATE CONSTRAINT roadmap_slug IF NOT EXISTS FOR (n:Roadmap) REQUIRE n.slug IS UNIQUE",
            "CREATE CONSTRAINT section_id IF NOT EXISTS FOR (n:Section) REQUIRE n.id IS UNIQUE",
            "CREATE CONSTRAINT topic_id IF NOT EXISTS FOR (n:Topic) REQUIRE n.id IS UNIQUE",
            "CREATE CONSTRAINT topic_slug IF NOT EXISTS FOR (n:Topic) REQUIRE n.slug IS UNIQUE",
            "CREATE CONSTRAINT resource_url IF NOT EXISTS FOR (n:Resource) REQUIRE n.url IS UNIQUE",
            "CREATE CONSTRAINT learner_id IF NOT EXISTS FOR (n:Learner) REQUIRE n.id IS UNIQUE",
            "CREATE CONSTRAINT catalogue_key IF NOT EXISTS FOR (n:Catalogue) REQUIRE n.key IS UNIQUE",
        ),
    ),
    Migration(
        2,
        "full-text search",
        (
            "CREATE FULLTEXT INDEX content IF NOT EXISTS FOR (n:Roadmap|Section|Topic)"
            " ON EACH [n.title, n.slug, n.summary, n.tags]"
            " OPTIONS {indexConfig: {`fulltext.analyzer`: 'english'}}",
        ),
    ),
    Migration(
        3,
        "aliases and history",
        (
            "CREATE CONSTRAINT topic_alias IF NOT EXISTS FOR (n:TopicAlias) REQUIRE n.slug IS UNIQUE",
            "CREATE CONSTRAINT roadmap_alias IF NOT EXISTS FOR (n:RoadmapAlias) REQUIRE n.slug IS UNIQUE",
            "CREATE INDEX section_alias IF NOT EXISTS FOR (n:SectionAlias) ON (n.slug)",
            "CREATE CONSTRAINT revision_number IF NOT EXISTS FOR (n:Revision) REQUIRE n.number IS UNIQUE",
            "CREATE CONSTRAINT revision_id IF NOT EXISTS FOR (n:Revision) REQUIRE n.id IS UNIQUE",
            "CREATE INDEX version_revision IF NOT EXISTS FOR (n:Version) ON (n.revision)",
            "CREATE INDEX version_id IF NOT EXISTS FOR (n:Version) ON (n.id, n.revision)",
        ),
    ),
)


async def migrate(database: Database, migrations: Sequence[Migration] = MIGRATIONS) -> list[Migration]:
    """Bring the schema up to date and return the migrations that this call applied.

    Two instances that start together are safe: the second waits for the first one's lock and then finds
    nothing left to do. Raises MigrationError when an applied migration was changed since, or when the
    graph has one that this version does not know.
    """
    await database.define(schema.MIGRATION_KEY)

    async def work(lock: Transaction) -> list[Migration]:
        await lock.run(schema.LOCK_MIGRATIONS)
        applied = {row["number"]: row["checksum"] for row in await lock.run(schema.APPLIED_MIGRATIONS)}
        _compare(migrations, applied)
        pending = [migration for migration in migrations if migration.number not in applied]
        for migration in pending:
            for statement in migration.statements:
                await database.define(statement)
            await lock.run(
                schema.RECORD_MIGRATION,
                number=migration.number,
                name=migration.name,
                checksum=migration.checksum,
            )
        await lock.run(schema.ENSURE_CATALOGUE)
        return pending

    pending = await database.write(work)
    if pending:
        await database.define(schema.AWAIT_INDEXES)
    return pending


async def pending(database: Database, migrations: Sequence[Migration] = MIGRATIONS) -> list[Migration]:
    """The migrations that are not applied yet; raises as `migrate` does."""
    applied = {row["number"]: row["checksum"] for row in await database.read(schema.APPLIED_MIGRATIONS)}
    _compare(migrations, applied)
    return [migration for migration in migrations if migration.number not in applied]


def _compare(migrations: Sequence[Migration], applied: dict[int, str]) -> None:
    known = {migration.number: migration for migration in migrations}
    for number, checksum in sorted(applied.items()):
        if number not in known:
            raise MigrationError(f"The database has migration {number}, which this version does not know.")
        if known[number].checksum != checksum:
            raise MigrationError(
                f'Migration {number} ("{known[number].name}") was changed after it had been applied.'
            )
