"""The history: one entry for each write of content, with what it changed, before and after."""

from __future__ import annotations

from typing import Final, LiteralString

from graph_api.store.cypher.clock import LOCKING, SHOWN
from graph_api.store.cypher.whole import ALL_ALIASES

# One write: who, when, what; its `id` tells a writer whose connection broke whether it was committed. And
# some of what it changed, recorded before it is done; a node's id is the one it has, or will be given.
# `topic` is the slug of a topic that is there afterwards.
RECORD: Final[LiteralString] = """
MERGE (r:Revision {number: $number, id: $id})
ON CREATE SET r.at = datetime(), r.by = $by, r.action = $action, r.summary = $summary
WITH r UNWIND $rows AS row
OPTIONAL MATCH (t:Topic {slug: row.was}) WHERE row.kind = 'Topic'
OPTIONAL MATCH (m:Roadmap {slug: row.was}) WHERE row.kind = 'Roadmap'
CREATE (r)-[:CHANGED]->(:Version {
  kind: row.kind, id: coalesce(t.id, m.id, row.id), slug: row.slug, revision: $number,
  before: row.before, after: row.after
})
RETURN coalesce(t.id, m.id, row.id) AS id,
  CASE WHEN row.kind = 'Topic' AND row.after IS NOT NULL THEN row.slug END AS topic
"""

# Whether a write was committed, and as which revision.
REVISION_OF_WRITE: Final[LiteralString] = "MATCH (r:Revision {id: $id}) RETURN r.number AS number"

# How far the content has come, and the write that ended a revision: its id tells two histories apart.
END_OF_REVISION: Final[LiteralString] = """
MATCH (c:Catalogue)
OPTIONAL MATCH (next:Revision {number: $revision + 1})
RETURN c.revision AS revision, next.id AS ended
"""

# The oldest revision that can be read: all entries after it are there.
OLDEST_REVISION: Final[LiteralString] = """
MATCH (c:Catalogue)
OPTIONAL MATCH (newest:Revision {number: c.revision})
RETURN CASE WHEN newest IS NULL THEN c.revision ELSE COLLECT {
  MATCH (r:Revision)
  WHERE r.number <= c.revision AND NOT EXISTS { (:Revision {number: r.number - 1}) }
  RETURN r.number - 1 AS before ORDER BY before DESC LIMIT 1
}[0] END AS oldest
"""

# The id of the write that led to the current revision, null where the history does not say.
NEWEST_ENTRY: Final[LiteralString] = """
MATCH (c:Catalogue)
OPTIONAL MATCH (newest:Revision {number: c.revision})
RETURN newest.id AS id
"""

# What followed a revision that an entry led to, and what the clock shows after all that:
#   settled   the revision whose commit had surely ended before, null where that is not sure
#   known     the id of the entry, null where another one led to that revision
#   entries   the ids of the writes after it, in their order
#   versions  what they changed, as it was in that revision and as it is now; null where it is not there
#   aliases   as ALIASES has them, none where nothing has followed
_FOLLOWING: Final[LiteralString] = (
    """
OPTIONAL MATCH (a:Announcement {revision: c.revision, ended: c.revision})
WITH a.ended AS settled
OPTIONAL MATCH (known:Revision {number: $revision, id: $entry})
WITH settled, known.id AS known,
  COLLECT { MATCH (r:Revision) WHERE r.number > $revision RETURN r.id ORDER BY r.number } AS entries,
  COLLECT {
    MATCH (v:Version) WHERE v.revision > $revision
    WITH v ORDER BY v.revision
    WITH v.kind AS kind, v.id AS id, collect({before: v.before, after: v.after}) AS versions
    RETURN {kind: kind, id: id, before: head(versions).before, after: last(versions).after} LIMIT $limit
  } AS versions
WITH *, CASE WHEN settled = $revision THEN [] ELSE """
    + ALL_ALIASES
    + """ END AS aliases
MATCH (c:Catalogue) RETURN settled, known, entries, versions, aliases, """
    + SHOWN
)
FOLLOW: Final[LiteralString] = "MATCH (c:Catalogue) " + _FOLLOWING

# The same under the catalogue's lock.
FOLLOW_LOCKED: Final[LiteralString] = LOCKING + _FOLLOWING

# What was changed after a revision, as it was in that revision: `before` is null where it was not there.
STATE_BEFORE: Final[LiteralString] = """
MATCH (v:Version) WHERE v.revision > $revision
WITH v.kind AS kind, v.id AS id, min(v.revision) AS first
MATCH (v:Version {id: id, revision: first}) WHERE v.kind = kind
RETURN kind, id, v.before AS before
"""

# The names of all topics and roadmaps: ids by the slugs of now and former ones.
NAMES: Final[LiteralString] = """
MATCH (n:Topic|Roadmap)
RETURN labels(n)[0] AS kind, n.id AS id, n.slug AS slug,
       COLLECT { MATCH (n)<-[:OF]-(a) RETURN a.slug } AS former
"""

# The former slugs of sections, each with the one of now.
SECTION_NAMES: Final[LiteralString] = """
MATCH (a:SectionAlias)-[:OF]->(s:Section)<-[:HAS_SECTION]-(r:Roadmap)
RETURN r.id AS roadmap, a.slug AS former, s.slug AS slug
"""

_ENTRY: Final[LiteralString] = "r {.number, .at, .by, .action, .summary}"
_NEWEST_FIRST: Final[LiteralString] = " ORDER BY number DESC LIMIT $limit"
_OLDEST_FIRST: Final[LiteralString] = " ORDER BY number LIMIT $limit"

_ENTRIES: Final[LiteralString] = (
    "MATCH (r:Revision) WHERE $above < r.number < $below RETURN r.number AS number, " + _ENTRY + " AS value"
)

# A page of all entries, either way.
ENTRIES_FALLING: Final[LiteralString] = _ENTRIES + _NEWEST_FIRST
ENTRIES_RISING: Final[LiteralString] = _ENTRIES + _OLDEST_FIRST

# How many entries there are.
COUNT_ENTRIES: Final[LiteralString] = "MATCH (r:Revision) RETURN count(r) AS count"

# What touched the roadmap or the topics of a row; without topics, those that it places now.
_TOUCHED: Final[LiteralString] = """
  OPTIONAL MATCH (:Roadmap {id: row.roadmap})-[:HAS_SECTION]->(:Section)-[:HAS_TOPIC]->(t:Topic)
  WHERE row.topics IS NULL
  WITH row, collect(t.id) AS placed
  UNWIND [row.roadmap] + coalesce(row.topics, placed) AS id
  MATCH (v:Version {id: id})
"""
_ENTRIES_OF_ROADMAPS: Final[LiteralString] = (
    "UNWIND $rows AS row CALL (row) {"
    + _TOUCHED
    + "WHERE v.revision <= row.until AND $above < v.revision < $below RETURN DISTINCT v.revision AS number"
)
_AS_ENTRIES: Final[LiteralString] = (
    "} MATCH (r:Revision {number: number}) RETURN row.key AS key, " + _ENTRY + " AS value, number"
)

# A page of the entries of roadmaps, either way.
ENTRIES_OF_ROADMAPS_FALLING: Final[LiteralString] = (
    _ENTRIES_OF_ROADMAPS + _NEWEST_FIRST + _AS_ENTRIES + " ORDER BY number DESC"
)
ENTRIES_OF_ROADMAPS_RISING: Final[LiteralString] = (
    _ENTRIES_OF_ROADMAPS + _OLDEST_FIRST + _AS_ENTRIES + " ORDER BY number"
)

# How many entries roadmaps have.
COUNT_ENTRIES_OF_ROADMAPS: Final[LiteralString] = (
    "UNWIND $rows AS row CALL (row) {"
    + _TOUCHED
    + "WHERE v.revision <= row.until RETURN count(DISTINCT v.revision) AS value }"
    + " RETURN row.key AS key, value"
)

# A page of what writes changed, by kind and slug.
CHANGES_OF_REVISIONS: Final[LiteralString] = """
UNWIND $keys AS number
MATCH (r:Revision {number: number})
CALL (r) {
  MATCH (r)-[:CHANGED]->(v:Version)
  WITH v, v.kind + ' ' + v.slug AS name
  WHERE ($after IS NULL OR name > $after) AND ($before IS NULL OR name < $before)
  RETURN v, name
  ORDER BY CASE $sign WHEN 1 THEN name END, CASE $sign WHEN -1 THEN name END DESC LIMIT $limit
}
RETURN number, v {.kind, .slug, .before, .after} AS value
ORDER BY CASE $sign WHEN 1 THEN name END, CASE $sign WHEN -1 THEN name END DESC
"""

# How much writes changed.
COUNT_CHANGES_OF_REVISIONS: Final[LiteralString] = """
UNWIND $keys AS number
MATCH (r:Revision {number: number})
RETURN number, COUNT { (r)-[:CHANGED]->(:Version) } AS value
"""
