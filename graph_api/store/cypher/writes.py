"""Writes of content: rows in, nothing out."""

from __future__ import annotations

from typing import Final, LiteralString

# Create or change topics; an id is given once and stays when the slug changes.
PUT_TOPICS: Final[LiteralString] = """
UNWIND $rows AS row
MERGE (t:Topic {slug: row.slug})
ON CREATE SET t.id = row.id
SET t.title = row.title, t.summary = row.summary, t.hours = row.hours, t.tags = row.tags
"""

# Take away what topics rest on, before it is written anew.
CLEAR_EDGES: Final[LiteralString] = """
UNWIND $slugs AS slug
MATCH (:Topic {slug: slug})-[r:REQUIRES|RECOMMENDS]->()
DELETE r
"""

# Take away what topics are learned from, before it is written anew.
CLEAR_RESOURCES: Final[LiteralString] = """
UNWIND $slugs AS slug
MATCH (:Topic {slug: slug})-[r:HAS_RESOURCE]->()
DELETE r
"""

# What topics require: one row an edge.
PUT_REQUIREMENTS: Final[LiteralString] = """
UNWIND $rows AS row
MATCH (t:Topic {slug: row.topic}), (p:Topic {slug: row.of})
CREATE (t)-[:REQUIRES {group: row.group, need: row.need, reason: row.reason}]->(p)
"""

# What is recommended before topics: one row an edge.
PUT_RECOMMENDATIONS: Final[LiteralString] = """
UNWIND $rows AS row
MATCH (t:Topic {slug: row.topic}), (p:Topic {slug: row.of})
CREATE (t)-[:RECOMMENDS {reason: row.reason}]->(p)
"""

# What topics are learned from. A resource is shared by its address; each topic may call it as it likes.
PUT_RESOURCES: Final[LiteralString] = """
UNWIND $rows AS row
MATCH (t:Topic {slug: row.topic})
MERGE (r:Resource {url: row.url})
ON CREATE SET r.title = row.title, r.kind = row.kind
CREATE (t)-[:HAS_RESOURCE {position: row.position, title: row.title, kind: row.kind}]->(r)
"""

# Take topics out of the graph.
DELETE_TOPICS: Final[LiteralString] = "UNWIND $slugs AS slug MATCH (t:Topic {slug: slug}) DETACH DELETE t"

# Of these resources, those that no topic names any more.
DELETE_ORPHANED_RESOURCES: Final[LiteralString] = """
UNWIND $urls AS url
MATCH (r:Resource {url: url}) WHERE NOT EXISTS { (r)<-[:HAS_RESOURCE]-() }
DELETE r
"""

# Create or change roadmaps.
PUT_ROADMAPS: Final[LiteralString] = """
UNWIND $rows AS row
MERGE (r:Roadmap {slug: row.slug})
ON CREATE SET r.id = row.id
SET r.title = row.title, r.summary = row.summary, r.language = row.language
"""

# Take the places of topics out of roadmaps, before they are written anew.
CLEAR_PLACEMENTS: Final[LiteralString] = """
UNWIND $slugs AS slug
MATCH (:Roadmap {slug: slug})-[:HAS_SECTION]->(:Section)-[p:HAS_TOPIC]->()
DELETE p
"""

# Take sections out of roadmaps that no longer have them; `keep` are the slugs that stay.
DELETE_SECTIONS: Final[LiteralString] = """
UNWIND $rows AS row
MATCH (:Roadmap {slug: row.slug})-[:HAS_SECTION]->(s:Section)
WHERE NOT s.slug IN row.keep
OPTIONAL MATCH (former:SectionAlias)-[:OF]->(s)
DETACH DELETE former, s
"""

# Create or change sections within their roadmap. A section that was renamed keeps the id of its first slug.
PUT_SECTIONS: Final[LiteralString] = """
UNWIND $rows AS row
MATCH (r:Roadmap {slug: row.roadmap})
WITH r, row, CASE WHEN EXISTS { (:Section {id: row.id}) } THEN randomUUID() ELSE row.id END AS id
MERGE (r)-[h:HAS_SECTION]->(s:Section {slug: row.slug})
ON CREATE SET s.id = id
SET h.position = row.position, s.title = row.title, s.summary = row.summary, s.optional = row.optional
"""

# Put topics into sections.
PUT_PLACEMENTS: Final[LiteralString] = """
UNWIND $rows AS row
MATCH (:Roadmap {slug: row.roadmap})-[:HAS_SECTION]->(s:Section {slug: row.section})
MATCH (t:Topic {slug: row.topic})
CREATE (s)-[:HAS_TOPIC {position: row.position, optional: row.optional}]->(t)
"""

# Take roadmaps out of the graph with their sections.
DELETE_ROADMAPS: Final[LiteralString] = """
UNWIND $slugs AS slug
MATCH (r:Roadmap {slug: slug})
OPTIONAL MATCH (r)-[:HAS_SECTION]->(s:Section)
OPTIONAL MATCH (former:SectionAlias)-[:OF]->(s)
DETACH DELETE former, r, s
"""

# Give topics another slug.
RENAME_TOPICS: Final[LiteralString] = """
UNWIND $rows AS row MATCH (t:Topic {slug: row.was}) SET t.slug = row.slug
"""

# Give roadmaps another slug.
RENAME_ROADMAPS: Final[LiteralString] = """
UNWIND $rows AS row MATCH (r:Roadmap {slug: row.was}) SET r.slug = row.slug
"""

# Give sections another slug within their roadmap.
RENAME_SECTIONS: Final[LiteralString] = """
UNWIND $rows AS row
MATCH (:Roadmap {slug: row.roadmap})-[:HAS_SECTION]->(s:Section {slug: row.was})
SET s.slug = row.slug
"""

# Let former slugs name topics; without a slug they name nothing any more.
PUT_TOPIC_ALIASES: Final[LiteralString] = """
UNWIND $rows AS row
OPTIONAL MATCH (former:TopicAlias {slug: row.alias})
DETACH DELETE former
WITH row
MATCH (t:Topic {slug: row.slug})
CREATE (:TopicAlias {slug: row.alias})-[:OF]->(t)
"""

# Let former slugs name roadmaps; without a slug they name nothing any more.
PUT_ROADMAP_ALIASES: Final[LiteralString] = """
UNWIND $rows AS row
OPTIONAL MATCH (former:RoadmapAlias {slug: row.alias})
DETACH DELETE former
WITH row
MATCH (r:Roadmap {slug: row.slug})
CREATE (:RoadmapAlias {slug: row.alias})-[:OF]->(r)
"""

# Let former slugs name sections of a roadmap; without a slug they name nothing any more.
PUT_SECTION_ALIASES: Final[LiteralString] = """
UNWIND $rows AS row
MATCH (r:Roadmap {slug: row.roadmap})
OPTIONAL MATCH (r)-[:HAS_SECTION]->(:Section)<-[:OF]-(former:SectionAlias {slug: row.alias})
DETACH DELETE former
WITH r, row
MATCH (r)-[:HAS_SECTION]->(s:Section {slug: row.slug})
CREATE (:SectionAlias {slug: row.alias})-[:OF]->(s)
"""

# Whoever has recorded a topic that becomes one with another has recorded that one; known beats anything else.
MERGE_PROGRESS: Final[LiteralString] = """
UNWIND $rows AS row
MATCH (l:Learner)-[r:KNOWS|LEARNS|SKIPS]->(:Topic {slug: row.was})
MATCH (kept:Topic {slug: row.slug})
OPTIONAL MATCH (l)-[held:KNOWS|LEARNS|SKIPS]->(kept)
WITH l, r, kept, held WHERE held IS NULL OR (type(r) = 'KNOWS' AND type(held) <> 'KNOWS')
DELETE held
CREATE (l)-[:$(type(r)) {since: r.since, source: r.source}]->(kept)
SET l.revision = l.revision + 1
"""
