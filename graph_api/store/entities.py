"""What was read of nodes, kept from one request to the next for as long as it is true.

Whatever is made of several nodes refers to the others by id, so that a write makes only that untrue which
is said of the nodes it touched.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from itertools import islice
from typing import Any, Final, TypeAlias

from graph_api.knowledge.model import Topic
from graph_api.store.nodes import Advice, Need, Outline, PlacementNode, ResourceNode, TopicNode
from graph_api.store.shared import shared
from graph_api.store.touches import Touches

KEPT: Final = 100_000


Table: TypeAlias = dict[str, Any]


@dataclass(slots=True, eq=False)
class Tables:
    """What is known, by key. None says that there is nothing of this key.

    roadmap_of_slug, topic_of_slug  ids by slug, not by a former one
    roadmap_of_section              ids by the section's id
    outline                         by the roadmap's id
    content                         by the topic's slug; only for one request, it is large
    topic and the others            by the topic's id
    """

    roadmap_of_slug: dict[str, str | None]
    roadmap_of_section: dict[str, str | None]
    outline: dict[str, Outline | None]
    topic_of_slug: dict[str, str | None]
    content: dict[str, Topic | None]
    topic: dict[str, TopicNode | None]
    requirements: dict[str, tuple[Need, ...]]
    recommendations: dict[str, tuple[Advice, ...]]
    resources: dict[str, list[ResourceNode]]
    placements: dict[str, list[PlacementNode]]

    @classmethod
    def empty(cls) -> Tables:
        """Nothing known."""
        return cls(**{table: {} for table in TABLES})

    def moved(self) -> Tables:
        """The same in other hands: whoever holds these, for the revision that they were of, finds nothing."""
        taken = Tables(**self.items())
        for table in TABLES:
            setattr(self, table, {})
        return taken

    def keys(self) -> set[str]:
        """All keys, of whichever table."""
        return set[str]().union(*self.items().values())

    def knows(self, slug: str, *, needs: bool) -> bool:
        """Whether the topic of a slug is known, and what it requires if that is wanted."""
        key = self.topic_of_slug.get(slug)
        return key is not None and key in self.topic and (not needs or key in self.requirements)

    def items(self) -> Mapping[str, Table]:
        """The tables by name."""
        return {table: getattr(self, table) for table in TABLES}


TABLES: Final = tuple(field.name for field in fields(Tables))
_OF_TOPICS: Final = ("topic", "requirements", "recommendations", "resources", "placements")
_NAMES: Final = ("roadmap_of_slug", "topic_of_slug")


class Entities:
    """The tables of a process, at the newest revision that any request has asked for.

    Each table keeps `kept` entries at the most; the oldest go first. With 0 nothing is kept.
    """

    def __init__(self, touches: Touches, *, kept: int = KEPT) -> None:
        self._touches = touches
        self._most = kept
        self._tables = Tables.empty()
        self._revision = 0
        self._era = touches.era

    def at(self, revision: int) -> Tables | None:
        """What is known at a revision; None for one that was left behind."""
        if revision != self._revision or self._era is not self._touches.era:
            if revision != self._touches.revision:
                return None
            self._move(revision)
        return self._tables

    def keep(self, revision: int, read: Tables) -> None:
        """Keep what was read at a revision, if it is still the one of the tables."""
        tables = self.at(revision) if self._most else None
        if tables is None:
            return
        kept = tables.items()
        for name, table in read.items().items():
            if name == "content":
                continue
            mine = kept[name]
            mine |= shared(name, table)
            for oldest in [*islice(mine, max(0, len(mine) - self._most))]:
                del mine[oldest]

    def __len__(self) -> int:
        """How many entries there are."""
        return sum(map(len, self._tables.items().values()))

    def _move(self, revision: int) -> None:
        """Forget what the revisions up to this one have touched."""
        touched = self._touches.since(self._revision) if self._era is self._touches.era else None
        if touched is None:
            self._tables = Tables.empty()
        elif touched:
            self._tables = self._tables.moved()
            self._forget(touched)
        self._revision, self._era = revision, self._touches.era

    def _forget(self, touched: Collection[str]) -> None:
        tables = self._tables
        gone = [key for key in touched if tables.outline.pop(key, None) is not None]
        if gone:
            tables.roadmap_of_section = {
                section: of for section, of in tables.roadmap_of_section.items() if of not in gone
            }
        for name in _OF_TOPICS:
            table = getattr(tables, name)
            for key in touched:
                table.pop(key, None)
        tables.placements.clear()  # a roadmap may have come that places any of them
        for name in _NAMES:
            table = getattr(tables, name)
            for slug in [slug for slug, of in table.items() if of in touched]:
                del table[slug]
