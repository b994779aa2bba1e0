"""What a follower of the graph is told: which topics and roadmaps have changed, and up to which revision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

MOST: Final = 1000
"""Changes that are told one by one; of more, it is only said that everything may have changed."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A topic or roadmap that was created, changed or (`gone`) deleted; of a deleted one its last slug."""

    id: str
    slug: str
    gone: bool


@dataclass(frozen=True, slots=True, eq=False)
class CatalogueEvent:
    """The content has changed, up to this revision. All who are told of a change are given one object.

    topics, roadmaps  what has changed, by id
    everything        more than these may have changed: the history has gaps, or it is too much to tell
    """

    revision: int
    topics: Mapping[str, Changed] = field(default_factory=dict)
    roadmaps: Mapping[str, Changed] = field(default_factory=dict)
    everything: bool = False

    @classmethod
    def of(cls, revision: int, rows: Iterable[Mapping[str, Any]]) -> CatalogueEvent:
        """The event of rows of history, oldest first."""
        found: dict[str, dict[str, Changed]] = {"Topic": {}, "Roadmap": {}}
        for row in rows:
            found[row["kind"]][row["id"]] = Changed(row["id"], row["slug"], row["gone"])
        if sum(map(len, found.values())) > MOST:
            return cls(revision, everything=True)
        return cls(revision, found["Topic"], found["Roadmap"])

    def then(self, later: CatalogueEvent) -> CatalogueEvent:
        """Both in one, for a follower who was not quick enough; no larger than one may be."""
        if self.everything or later.everything:
            return CatalogueEvent(later.revision, everything=True)
        topics, roadmaps = {**self.topics, **later.topics}, {**self.roadmaps, **later.roadmaps}
        if len(topics) + len(roadmaps) > MOST:
            return CatalogueEvent(later.revision, everything=True)
        return CatalogueEvent(later.revision, topics, roadmaps)


@dataclass(frozen=True, slots=True)
class RoadmapEvent:
    """A roadmap, or topics in it, have changed, up to this revision.

    id          the roadmap's
    topics      ids of the topics placed in it that have changed
    everything  more than these may have changed
    """

    revision: int
    id: str
    topics: tuple[str, ...] = ()
    everything: bool = False
