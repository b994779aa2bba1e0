"""Whole content, and the structure of it: what exports, imports and the knowledge engine read."""

from __future__ import annotations

from typing import Final, LiteralString

# The structure: what rests on what. Ids and edges only, [group, need, slug] an edge.
STRUCTURE_TOPICS: Final[LiteralString] = """
MATCH (t:Topic)
RETURN t.slug AS slug, t.hours AS hours,
       COLLECT { MATCH (t)-[r:REQUIRES]->(p:Topic) RETURN [r.group, r.need, p.slug] } AS requires,
       COLLECT { MATCH (t)-[:RECOMMENDS]->(p:Topic) RETURN p.slug } AS recommends
"""

# The structure: what stands where, [topic, optional] a placement.
STRUCTURE_ROADMAPS: Final[LiteralString] = """
MATCH (r:Roadmap)
RETURN r.slug AS slug, COLLECT {
  MATCH (r)-[h:HAS_SECTION]->(s:Section)-[p:HAS_TOPIC]->(t:Topic)
  RETURN [t.slug, s.optional OR p.optional] ORDER BY h.position, p.position
} AS placements
"""

# The content of topics; null slugs are all of them.
CONTENT_TOPICS: Final[LiteralString] = """
MATCH (t:Topic) WHERE $slugs IS NULL OR t.slug IN $slugs
RETURN t {.slug, .title, .summary, .hours, .tags} AS topic,
  COLLECT { MATCH (t)-[r:REQUIRES]->(p:Topic) RETURN [r.group, r.need, r.reason, p.slug] } AS requires,
  COLLECT { MATCH (t)-[r:RECOMMENDS]->(p:Topic) RETURN [p.slug, r.reason] ORDER BY p.slug } AS recommends,
  COLLECT {
    MATCH (t)-[h:HAS_RESOURCE]->(r:Resource)
    RETURN {url: r.url, title: h.title, kind: h.kind} ORDER BY h.position
  } AS resources
ORDER BY t.slug
"""

# The content of roadmaps; null slugs are all of them.
CONTENT_ROADMAPS: Final[LiteralString] = """
MATCH (r:Roadmap) WHERE $slugs IS NULL OR r.slug IN $slugs
RETURN r {.slug, .title, .summary, .language} AS roadmap, COLLECT {
  MATCH (r)-[h:HAS_SECTION]->(s:Section)
  RETURN {
    section: s {.slug, .title, .summary, .optional},
    placements: COLLECT { MATCH (s)-[p:HAS_TOPIC]->(t:Topic) RETURN [t.slug, p.optional] ORDER BY p.position }
  } ORDER BY h.position
} AS sections
ORDER BY r.slug
"""
