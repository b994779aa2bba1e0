"""The history: one entry for each write of content, with what it changed, before and after."""

from __future__ import annotations

from typing import Final, LiteralString

# One write: who, when, what. `id` tells a writer whose connection broke whether it was committed.
RECORD_REVISION: Final[LiteralString] = """
CREATE (:Revision {number: $number, id: $id, at: datetime(), by: $by, action: $action, summary: $summary})
"""

# What it changed, recorded before it is done; a node's id is the one it has, or will be given.
RECORD_VERSIONS: Final[LiteralString] = """
MATCH (r:Revision {number: $number})
UNWIND $rows AS row
OPTIONAL MATCH (t:Topic {slug: row.was}) WHERE row.kind = 'Topic'
OPTIONAL MATCH (m:Roadmap {slug: row.was}) WHERE row.kind = 'Roadmap'
CREATE (r)-[:CHANGED]->(:Version {
  kind: row.kind, id: coalesce(t.id, m.id, row.id), slug: row.slug, revision: $number,
  before: row.before, after: row.after
})
"""

# Whether a write was committed, and as which revision.
REVISION_OF_WRITE: Final[LiteralString] = "MATCH (r:Revision {id: $id}) RETURN r.number AS number"
