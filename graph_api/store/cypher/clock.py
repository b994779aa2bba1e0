"""The clock: the revision of the content, and the lock that every write of content takes first."""

from __future__ import annotations

from typing import Final, LiteralString

# The clock of the content.
REVISION: Final[LiteralString] = "MATCH (c:Catalogue) RETURN c.revision AS revision"

# The catalogue's lock: taken before anything is read that a write depends on. It leaves no trace.
LOCK_CATALOGUE: Final[LiteralString] = """
MATCH (c:Catalogue) SET c.locked = true REMOVE c.locked RETURN c.revision AS revision
"""

# One write, one revision.
NEXT_REVISION: Final[LiteralString] = """
MATCH (c:Catalogue) SET c.revision = c.revision + 1 RETURN c.revision AS revision
"""
