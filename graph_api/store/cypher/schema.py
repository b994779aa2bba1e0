"""The schema: migrations applied once, and what must exist from the start."""

from __future__ import annotations

from typing import Final, LiteralString

# One node a migration, and one more (number 0) whose write lock is the lock of migrating.
MIGRATION_KEY: Final[LiteralString] = (
    "CREATE CONSTRAINT migration_number IF NOT EXISTS FOR (n:Migration) REQUIRE n.number IS UNIQUE"
)

# Take the lock: whoever comes second waits here until the first has committed.
LOCK_MIGRATIONS: Final[LiteralString] = "MERGE (lock:Migration {number: 0}) SET lock.lockedAt = datetime()"

# What has been applied, with the checksums of then.
APPLIED_MIGRATIONS: Final[LiteralString] = """
MATCH (m:Migration) WHERE m.number > 0
RETURN m.number AS number, m.checksum AS checksum
"""

# Remember that a migration was applied.
RECORD_MIGRATION: Final[LiteralString] = """
CREATE (:Migration {number: $number, name: $name, checksum: $checksum, appliedAt: datetime()})
"""

# The one catalogue node and the one of its writers exist from the start, so that their locks can be taken by
# matching them.
ENSURE_CATALOGUE: Final[LiteralString] = """
MERGE (c:Catalogue {key: 'catalogue'}) ON CREATE SET c.revision = 0
MERGE (:Writing {key: 'catalogue'})
"""

# Indexes fill in the background; queries that need them wait for this.
AWAIT_INDEXES: Final[LiteralString] = "CALL db.awaitIndexes(60)"
