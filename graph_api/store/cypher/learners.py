"""Learners: what each of them knows, learns or skips, and the history of it."""

from __future__ import annotations

from typing import Final, LiteralString

# All that is recorded of a learner: bare lists, since it may be ten thousand topics.
_STATE: Final[LiteralString] = """
RETURN l.revision AS revision, COLLECT {
  MATCH (l)-[r:KNOWS|LEARNS|SKIPS]->(t:Topic)
  RETURN [t.id, t.slug, type(r), r.since.epochMillis, r.source] ORDER BY t.slug
} AS topics
"""
LEARNER: Final[LiteralString] = "MATCH (l:Learner {id: $learner})" + _STATE

# The same once the learner's lock is taken, and a learner: before a write reads what it depends on.
LOCK_LEARNER: Final[LiteralString] = (
    """
MERGE (l:Learner {id: $learner})
ON CREATE SET l.revision = 0
SET l.locked = true REMOVE l.locked
WITH l
"""
    + _STATE
)

# The topics behind slugs, former ones too: [asked, id, slug], nothing for those that are gone.
TOPICS_NAMED: Final[LiteralString] = """
UNWIND $slugs AS slug
OPTIONAL MATCH (named:Topic {slug: slug})
OPTIONAL MATCH (:TopicAlias {slug: slug})-[:OF]->(other:Topic)
WITH slug, coalesce(named, other) AS t WHERE t IS NOT NULL
RETURN collect([slug, t.id, t.slug]) AS topics
"""

# Take back what was recorded of topics.
CLEAR_RECORDED: Final[LiteralString] = """
MATCH (:Learner {id: $learner})-[r:KNOWS|LEARNS|SKIPS]->(t:Topic) WHERE t.id IN $ids
DELETE r
"""

_TO_TOPICS: Final[LiteralString] = """
MATCH (l:Learner {id: $learner})
UNWIND $rows AS row
MATCH (t:Topic {id: row.id})
"""

# Record topics as known, as being learned, as skipped.
PUT_KNOWN: Final[LiteralString] = (
    _TO_TOPICS + "CREATE (l)-[:KNOWS {since: datetime.transaction(), source: row.source}]->(t)"
)
PUT_LEARNED: Final[LiteralString] = (
    _TO_TOPICS + "CREATE (l)-[:LEARNS {since: datetime.transaction(), source: row.source}]->(t)"
)
PUT_SKIPPED: Final[LiteralString] = (
    _TO_TOPICS + "CREATE (l)-[:SKIPS {since: datetime.transaction(), source: row.source}]->(t)"
)

# One write, one revision of the learner, one entry of the history: ids and slugs of then, side by side. What
# is recorded after it.
RECORD: Final[LiteralString] = (
    """
MATCH (l:Learner {id: $learner})
SET l.revision = l.revision + 1
CREATE (l)-[:RECORDED]->(:Record {
  revision: l.revision, at: datetime.transaction(), status: $status, ids: $ids, slugs: $slugs,
  sources: $sources
})
WITH l
"""
    + _STATE
)

_ENTRY_ROW: Final[LiteralString] = """
RETURN r.revision AS revision, place, r.at.epochMillis AS at, r.status AS status,
       r.ids[place] AS id, r.slugs[place] AS slug, r.sources[place] AS source
"""

# A page of the history, the newest first, or from its other end. Each record has at least one entry; of one
# that is deleted while it is read there may be none.
HISTORY_FALLING: Final[LiteralString] = (
    """
MATCH (:Learner {id: $learner})-[:RECORDED]->(r:Record)
WHERE ($after IS NULL OR r.revision <= $after[0]) AND ($before IS NULL OR r.revision >= $before[0])
WITH r ORDER BY r.revision DESC LIMIT $limit + 1
UNWIND range(0, coalesce(size(r.ids), 0) - 1) AS place
WITH r, place
WHERE ($after IS NULL OR r.revision < $after[0] OR place < $after[1])
  AND ($before IS NULL OR r.revision > $before[0] OR place > $before[1])
"""
    + _ENTRY_ROW
    + "ORDER BY revision DESC, place DESC LIMIT $limit"
)
HISTORY_RISING: Final[LiteralString] = (
    """
MATCH (:Learner {id: $learner})-[:RECORDED]->(r:Record)
WHERE ($after IS NULL OR r.revision <= $after[0]) AND ($before IS NULL OR r.revision >= $before[0])
WITH r ORDER BY r.revision LIMIT $limit + 1
UNWIND range(0, coalesce(size(r.ids), 0) - 1) AS place
WITH r, place
WHERE ($after IS NULL OR r.revision < $after[0] OR place < $after[1])
  AND ($before IS NULL OR r.revision > $before[0] OR place > $before[1])
"""
    + _ENTRY_ROW
    + "ORDER BY revision, place LIMIT $limit"
)

# How many entries the history has.
COUNT_HISTORY: Final[LiteralString] = """
MATCH (:Learner {id: $learner})-[:RECORDED]->(r:Record)
RETURN sum(size(r.ids)) AS count
"""

# The whole history, the oldest entry first.
HISTORY: Final[LiteralString] = (
    """
MATCH (:Learner {id: $learner})-[:RECORDED]->(r:Record)
UNWIND range(0, coalesce(size(r.ids), 0) - 1) AS place
"""
    + _ENTRY_ROW
    + "ORDER BY revision, place"
)

# Forget a learner. What the content's history says of an editor is not theirs alone, and stays.
DELETE_LEARNER: Final[LiteralString] = """
MATCH (l:Learner {id: $learner})
OPTIONAL MATCH (l)-[:RECORDED]->(r:Record)
DETACH DELETE r
WITH DISTINCT l
DETACH DELETE l
"""
