"""Whole content, and the structure of it: what exports, imports and the knowledge engine read."""

from __future__ import annotations

from typing import Final, LiteralString

# The structure: what rests on what, as [slug, hours, requires, recommends]; [group, need, slug] an edge. Some
# hundred topics make a record: a driver takes longer for each record than for all that is in it.
STRUCTURE_TOPICS: Final[LiteralString] = """
MATCH (t:Topic)
RETURN left(t.id, 2) AS part, collect([
  t.slug,
  t.hours,
  COLLECT { MATCH (t)-[r:REQUIRES]->(p:Topic) RETURN [r.group, r.need, p.slug] },
  COLLECT { MATCH (t)-[:RECOMMENDS]->(p:Topic) RETURN p.slug }
]) AS topics
"""

# The structure: what stands where, [topic, optional] a placement.
STRUCTURE_ROADMAPS: Final[LiteralString] = """
MATCH (r:Roadmap)
RETURN r.slug AS slug, COLLECT {
  MATCH (r)-[h:HAS_SECTION]->(s:Section)-[p:HAS_TOPIC]->(t:Topic)
  RETURN [t.slug, s.optional OR p.optional] ORDER BY h.position, p.position
} AS placements
"""

_TOPIC_CONTENT: Final[LiteralString] = """
RETURN t {.slug, .title, .summary, .hours, .tags} AS topic,
  COLLECT { MATCH (t)-[r:REQUIRES]->(p:Topic) RETURN [r.group, r.need, r.reason, p.slug] } AS requires,
  COLLECT { MATCH (t)-[r:RECOMMENDS]->(p:Topic) RETURN [p.slug, r.reason] ORDER BY p.slug } AS recommends,
  COLLECT {
    MATCH (t)-[h:HAS_RESOURCE]->(r:Resource)
    RETURN {url: r.url, title: h.title, kind: h.kind} ORDER BY h.position
  } AS resources
"""
_ROADMAP_CONTENT: Final[LiteralString] = """
RETURN r {.slug, .title, .summary, .language} AS roadmap, COLLECT {
  MATCH (r)-[h:HAS_SECTION]->(s:Section)
  RETURN {
    section: s {.slug, .title, .summary, .optional},
    placements: COLLECT { MATCH (s)-[p:HAS_TOPIC]->(t:Topic) RETURN [t.slug, p.optional] ORDER BY p.position }
  } ORDER BY h.position
} AS sections
"""

# The content of all topics.
CONTENT_TOPICS: Final[LiteralString] = "MATCH (t:Topic) WITH t ORDER BY t.slug" + _TOPIC_CONTENT

# The content of topics by slug.
CONTENT_OF_TOPICS: Final[LiteralString] = (
    "UNWIND $slugs AS slug MATCH (t:Topic {slug: slug})" + _TOPIC_CONTENT
)

# The content of all roadmaps.
CONTENT_ROADMAPS: Final[LiteralString] = "MATCH (r:Roadmap) WITH r ORDER BY r.slug" + _ROADMAP_CONTENT

# The content of roadmaps by slug.
CONTENT_OF_ROADMAPS: Final[LiteralString] = (
    "UNWIND $slugs AS slug MATCH (r:Roadmap {slug: slug})" + _ROADMAP_CONTENT
)

# Former slugs of what is there: [kind, roadmap, alias, slug of now]; only those of a section have a roadmap.
ALL_ALIASES: Final[LiteralString] = """
COLLECT {
  MATCH (a:TopicAlias|RoadmapAlias)-[:OF]->(n) RETURN [labels(a)[0], null, a.slug, n.slug] AS row
  UNION ALL
  MATCH (a:SectionAlias)-[:OF]->(s:Section)<-[:HAS_SECTION]-(r:Roadmap)
  RETURN ['Section', r.slug, a.slug, s.slug] AS row
}
"""
ALIASES: Final[LiteralString] = "RETURN " + ALL_ALIASES + " AS aliases"
