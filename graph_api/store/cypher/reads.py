"""Reads by key and by page.

A page of a connection is read by keyset: `$after` and `$before` are exclusive bounds of the sort key,
`$limit` is the page's size plus one, which tells whether more follow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, LiteralString

from graph_api.store.cypher.clock import AFTER_ALL, AFTER_COUNT, AFTER_ROWS
from graph_api.store.nodes import BESIDE, Along

# Reads by key and by page answer with one record, whose `rows` are lists: a driver takes longer for each
# record than for all that is in it. The clock stands beside them, and beside counts, as it was afterwards:
# whoever knew the revision before is sure of the rows without another way to the database.

# They take the properties of a node or an edge as one map and then what they want of it: to find each by
# itself, a database goes through all of them each time, and takes a third longer for the whole statement.

# Topics; `t` is one, and `v` its properties. What comes along is a list at the end of it: of each topic that
# is required its leaves, or of each edge to one [group, need, reason, id], by group and slug, or both in one.
_LEAVES: Final[LiteralString] = "v.id, v.slug, v.title, v.summary, v.hours, v.tags"
_NEAR: Final[LiteralString] = "p.id, p.slug, p.title, p.summary, p.hours, p.tags"
_EDGE: Final[LiteralString] = "e.group, e.need, e.reason, "
_EDGES: Final[LiteralString] = "MATCH (t)-[q:REQUIRES]->(o:Topic) WITH properties(q) AS e, "
_REQUIRED: Final[LiteralString] = "MATCH (t)-[:REQUIRES]->(o:Topic) WITH properties(o) AS p "


def _with(collected: LiteralString) -> LiteralString:
    """A topic, and what comes along with it."""
    return "[" + _LEAVES + ", COLLECT { " + collected + " }]"


_TOPIC: Final[Mapping[Along, LiteralString]] = {
    Along.NOTHING: "[" + _LEAVES + "]",
    Along.NEEDS: _with(_EDGES + "o RETURN [" + _EDGE + "o.id] ORDER BY e.group, o.slug"),
    Along.NEAR: _with(_REQUIRED + "RETURN [" + _NEAR + "]"),
    Along.BOTH: _with(_EDGES + "properties(o) AS p RETURN [" + _EDGE + _NEAR + "] ORDER BY e.group, p.slug"),
}

_READ_AHEAD: Final = (Along.NOTHING, Along.NEAR, Along.BOTH)
_REACHED: Final = (Along.NOTHING, Along.NEEDS)
"""What comes along with topics that are asked for, and with those that will be: they name each other."""

# A roadmap, its sections, and the places in them: [topic, position, optional], all in order.
_OUTLINES: Final[LiteralString] = """
WITH key, r, properties(r) AS u
WITH collect([
  key,
  [u.id, u.slug, u.title, u.summary, u.language],
  COLLECT {
    MATCH (r)-[h:HAS_SECTION]->(s:Section)
    WITH s, properties(s) AS w, h.position AS position
    RETURN [
      [w.id, w.slug, w.title, w.summary, w.optional, position, u.id],
      COLLECT { MATCH (s)-[h:HAS_TOPIC]->(t:Topic) WITH properties(h) AS at, """
_OUTLINES_END: Final[LiteralString] = """, at.position, at.optional] ORDER BY at.position }
    ] ORDER BY position
  }
]) AS rows
"""
_BARE_OUTLINES: Final[LiteralString] = _OUTLINES + "t RETURN [t.id" + _OUTLINES_END + AFTER_ROWS

# And topics beside them.
_BEYOND: Final[LiteralString] = (
    "WITH rows, COLLECT { UNWIND $beyond AS slug MATCH (o:Topic {slug: slug})"
    " WITH properties(o) AS p RETURN [" + _NEAR + "] } AS beyond\n"
)

_NAMED_ROADMAPS: Final[LiteralString] = "UNWIND $keys AS key MATCH (r:Roadmap {slug: key})"

# Outlines by the roadmap's slug; with each topic in the place of its id, and those with the slugs `$beyond`
# beside them: most of what the topics of a roadmap require stands there too.
OUTLINES_BY_SLUG: Final[LiteralString] = _NAMED_ROADMAPS + _BARE_OUTLINES
OUTLINES_AND_TOPICS: Final[Mapping[Along, LiteralString]] = {
    along: _NAMED_ROADMAPS
    + (_OUTLINES + "t, properties(t) AS v RETURN [" + _TOPIC[along] + _OUTLINES_END)
    + (_BEYOND + AFTER_ALL)
    for along in _REACHED
}

# Outlines by the roadmap's id.
OUTLINES_BY_ID: Final[LiteralString] = "UNWIND $keys AS key MATCH (r:Roadmap {id: key})" + _BARE_OUTLINES

# Outlines by the id of one of its sections.
OUTLINES_BY_SECTION: Final[LiteralString] = (
    "UNWIND $keys AS key MATCH (r:Roadmap)-[:HAS_SECTION]->(:Section {id: key})" + _BARE_OUTLINES
)

_TOPICS: Final[Mapping[Along, LiteralString]] = {
    along: "WITH t, properties(t) AS v WITH collect(" + topic + ") AS rows\n" + AFTER_ROWS
    for along, topic in _TOPIC.items()
}

# Topics by slug.
TOPICS_BY_SLUG: Final[Mapping[Along, LiteralString]] = {
    along: "UNWIND $keys AS key MATCH (t:Topic {slug: key}) " + _TOPICS[along] for along in _REACHED
}

# Topics by id.
TOPICS_BY_ID: Final[Mapping[Along, LiteralString]] = {
    along: "UNWIND $keys AS key MATCH (t:Topic {id: key}) " + _TOPICS[along] for along in _READ_AHEAD
}

# What stands beside topics: what is recommended before them, each with its reason and the leaves of that
# topic; what they can be learned from; and where they stand.
_OF_TOPICS: Final[Mapping[str, LiteralString]] = {
    "recommendations": "MATCH (t)-[r:RECOMMENDS]->(o:Topic) WITH r, properties(o) AS p"
    " RETURN [r.reason, " + _NEAR + "] ORDER BY p.slug",
    "resources": "MATCH (t)-[h:HAS_RESOURCE]->(r:Resource)"
    " RETURN [r.url, h.title, h.kind] ORDER BY h.position",
    "placements": "MATCH (t)<-[p:HAS_TOPIC]-(s:Section)<-[h:HAS_SECTION]-(r:Roadmap)"
    " RETURN [r.id, s.id, p.position, s.optional OR p.optional] ORDER BY r.slug, h.position, p.position",
}


def _beside(kinds: Iterable[str]) -> LiteralString:
    """Topics by id, each with these lists."""
    lists = ["COLLECT { " + _OF_TOPICS[kind] + " }" for kind in kinds]
    return (
        "UNWIND $keys AS key MATCH (t:Topic {id: key}) WITH collect([key, "
        + ", ".join(lists)
        + "]) AS rows\n"
        + AFTER_ROWS
    )


BESIDE_TOPICS: Final[Mapping[tuple[str, ...], LiteralString]] = {
    kinds: _beside(kinds) for kinds in (*((kind,) for kind in BESIDE), BESIDE)
}

# What a roadmap must be for a filter to let it through.
_ROADMAP_KEY: Final[LiteralString] = """
MATCH (r:Roadmap)
WITH r, CASE $field WHEN 'TITLE' THEN toLower(r.title) ELSE r.slug END AS key
"""

# What a topic must be for a filter to let it through.
_TOPIC_FILTER: Final[LiteralString] = """
MATCH (t:Topic)
WHERE all(tag IN $tags WHERE tag IN t.tags)
  AND ($min_hours IS NULL OR t.hours >= $min_hours)
  AND ($max_hours IS NULL OR t.hours <= $max_hours)
  AND (($roadmap IS NULL AND $section IS NULL AND $optional IS NULL) OR EXISTS {
    (t)<-[p:HAS_TOPIC]-(s:Section)<-[:HAS_SECTION]-(r:Roadmap)
    WHERE ($roadmap IS NULL OR r.slug = $roadmap OR EXISTS { (:RoadmapAlias {slug: $roadmap})-[:OF]->(r) })
      AND ($section IS NULL OR s.slug = $section OR EXISTS { (:SectionAlias {slug: $section})-[:OF]->(s) })
      AND ($optional IS NULL OR (s.optional OR p.optional) = $optional)
  })
"""

# Unestimated topics sort as if they took longer than any other.
_TOPIC_KEY: Final[LiteralString] = """
WITH t, CASE $field
  WHEN 'TITLE' THEN toLower(t.title)
  WHEN 'HOURS' THEN coalesce(t.hours, 1000000.0)
  ELSE t.slug
END AS key
"""

# The two directions of a keyset page over (key, slug), in which `$after` is where reading starts; `n` is
# the node.
_RISING: Final[LiteralString] = """
WHERE ($after IS NULL OR key > $after[0] OR (key = $after[0] AND n.slug > $after[1]))
  AND ($before IS NULL OR key < $before[0] OR (key = $before[0] AND n.slug < $before[1]))
WITH n, key ORDER BY key, n.slug LIMIT $limit
"""
_FALLING: Final[LiteralString] = """
WHERE ($after IS NULL OR key < $after[0] OR (key = $after[0] AND n.slug < $after[1]))
  AND ($before IS NULL OR key > $before[0] OR (key = $before[0] AND n.slug > $before[1]))
WITH n, key ORDER BY key DESC, n.slug DESC LIMIT $limit
"""

_ROADMAP_ROWS: Final[LiteralString] = (
    """
WITH collect([key, [n.id, n.slug, n.title, n.summary, n.language]]) AS rows
"""
    + AFTER_ROWS
)
_TOPIC_ROWS: Final[LiteralString] = (
    """
WITH collect([key, [n.id, n.slug, n.title, n.summary, n.hours, n.tags]]) AS rows
"""
    + AFTER_ROWS
)
_AS_NODE_R: Final[LiteralString] = "WITH r AS n, key"
_AS_NODE_T: Final[LiteralString] = "WITH t AS n, key"

# A page of all roadmaps, by title or slug.
ROADMAPS_RISING: Final[LiteralString] = _ROADMAP_KEY + _AS_NODE_R + _RISING + _ROADMAP_ROWS
ROADMAPS_FALLING: Final[LiteralString] = _ROADMAP_KEY + _AS_NODE_R + _FALLING + _ROADMAP_ROWS

# How many roadmaps there are.
COUNT_ROADMAPS: Final[LiteralString] = "MATCH (r:Roadmap) WITH count(r) AS count " + AFTER_COUNT

# A page of the topics that a filter lets through, by title, hours or slug.
TOPICS_RISING: Final[LiteralString] = _TOPIC_FILTER + _TOPIC_KEY + _AS_NODE_T + _RISING + _TOPIC_ROWS
TOPICS_FALLING: Final[LiteralString] = _TOPIC_FILTER + _TOPIC_KEY + _AS_NODE_T + _FALLING + _TOPIC_ROWS

# How many topics a filter lets through.
COUNT_TOPICS: Final[LiteralString] = _TOPIC_FILTER + "WITH count(t) AS count " + AFTER_COUNT

# What fits a text, of the kinds that are asked for.
_MATCHES: Final[LiteralString] = """
CALL db.index.fulltext.queryNodes('content', $query) YIELD node AS n, score
WHERE any(label IN labels(n) WHERE label IN $kinds)
"""
_INSIDE: Final[LiteralString] = """
  AND ($after IS NULL OR score < $after[0] OR (score = $after[0] AND n.id > $after[1]))
  AND ($before IS NULL OR score > $before[0] OR (score = $before[0] AND n.id < $before[1]))
WITH n, score
"""
_MATCH_ROWS: Final[LiteralString] = (
    """
WITH collect([head([label IN labels(n) WHERE label IN $kinds]), n.id, score]) AS rows
"""
    + AFTER_ROWS
)

# A page of the matches of a text, the best first or last; those of a score by id.
MATCHES_FALLING: Final[LiteralString] = (
    _MATCHES + _INSIDE + "ORDER BY score DESC, n.id LIMIT $limit" + _MATCH_ROWS
)
MATCHES_RISING: Final[LiteralString] = (
    _MATCHES + _INSIDE + "ORDER BY score, n.id DESC LIMIT $limit" + _MATCH_ROWS
)

# How many matches a text has.
COUNT_MATCHES: Final[LiteralString] = _MATCHES + "WITH count(n) AS count " + AFTER_COUNT

# How much there is.
COUNTS: Final[LiteralString] = """
MATCH (c:Catalogue)
RETURN c.revision AS revision,
       COUNT { (:Roadmap) } AS roadmaps, COUNT { (:Section) } AS sections, COUNT { (:Topic) } AS topics,
       COUNT { ()-[:REQUIRES]->() } AS requirements, COUNT { (:Resource) } AS resources
"""
