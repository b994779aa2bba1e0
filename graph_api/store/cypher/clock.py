"""The clock: the revision of the content, and the locks of who writes and of who waits for commits."""

from __future__ import annotations

from typing import Final, LiteralString

SHOWN: Final[LiteralString] = """
c.revision AS revision,
  coalesce(head(COLLECT { MATCH (a:Announcement) RETURN a.revision }), c.revision) AS announced
"""
_SHOWN: Final[LiteralString] = "RETURN " + SHOWN

# The clock, and the revision that a writer has announced: the same, unless a commit may be under way.
CLOCK: Final[LiteralString] = "MATCH (c:Catalogue) " + _SHOWN

# The last line of a statement that has collected all its rows, with or without others beyond them, or
# counted: what the clock shows after that.
AFTER_ROWS: Final[LiteralString] = "MATCH (c:Catalogue) RETURN rows, " + SHOWN
AFTER_ALL: Final[LiteralString] = "MATCH (c:Catalogue) RETURN rows, beyond, " + SHOWN
AFTER_COUNT: Final[LiteralString] = "MATCH (c:Catalogue) RETURN count, " + SHOWN

# The clock alone.
REVISION: Final[LiteralString] = "MATCH (c:Catalogue) RETURN c.revision AS revision"

# The lock of all writers, and then the clock: taken before anything is read that a write depends on. It
# leaves no trace.
LOCK_WRITERS: Final[LiteralString] = (
    "MATCH (w:Writing) SET w.locked = true REMOVE w.locked WITH w MATCH (c:Catalogue) " + _SHOWN
)

# The catalogue's lock, and then the clock. A writer holds it from NEXT_REVISION until its commit has ended:
# so no commit is under way, and none begins. It leaves no trace.
LOCKING: Final[LiteralString] = "MATCH (c:Catalogue) SET c.locked = true REMOVE c.locked WITH c "
LOCK_CATALOGUE: Final[LiteralString] = LOCKING + _SHOWN

# What is about to be committed, told in a transaction of its own before it is, and the last that has ended.
ANNOUNCE: Final[LiteralString] = """
MERGE (a:Announcement {key: 'catalogue'}) SET a.revision = $revision, a.ended = $ended
"""

# That the commit has ended of which it was told, unless another one is announced by now.
END: Final[LiteralString] = "MATCH (a:Announcement {revision: $revision}) SET a.ended = $revision"

# One write, one revision. It locks the catalogue: the commit is next.
NEXT_REVISION: Final[LiteralString] = """
MATCH (c:Catalogue) SET c.revision = c.revision + 1 RETURN c.revision AS revision
"""
