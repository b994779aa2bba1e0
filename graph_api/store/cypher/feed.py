"""The feed: the clocks, and what has changed since a revision, for those who follow the graph."""

from __future__ import annotations

from typing import Final, LiteralString

# The clock of the content, and those of some learners. One who is deleted while this is read has none left.
CLOCKS: Final[LiteralString] = """
MATCH (c:Catalogue)
RETURN c.revision AS revision,
  COLLECT { MATCH (l:Learner) WHERE l.id IN $learners RETURN [l.id, coalesce(l.revision, 0)] }
    AS learners
"""

# The history after `$seen` up to `$revision`, `$most` versions of it: for a revision whose commit has ended.
# `entries` is less than the distance when the history has gaps.
HISTORY: Final[LiteralString] = """
RETURN COUNT { MATCH (r:Revision) WHERE $seen < r.number <= $revision } AS entries, COLLECT {
  MATCH (v:Version) WHERE $seen < v.revision <= $revision
  RETURN {kind: v.kind, id: v.id, slug: v.slug, gone: v.after IS NULL} ORDER BY v.revision LIMIT $most
} AS changed
"""

# The locks of learners, taken in one order: who has them knows that no commit of theirs is under way.
# One who was deleted while the lock was waited for has none, and no revision.
LOCK_LEARNERS: Final[LiteralString] = """
UNWIND $learners AS id
MATCH (l:Learner {id: id}) SET l.locked = true REMOVE l.locked
RETURN id, coalesce(l.revision, 0) AS revision
"""
