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
from graph_api.store.renewal import connections, nodes
from graph_api.store.shared import shared
from graph_api.store.touches import Touches

KEPT: Final = 100_000


Table: TypeAlias = dict[str, Any]


@dataclass(slots=True, eq=False)
class Tables:
    """What is known, by key. None says that there is nothing of this key.

    outline                        by the roadmap's id
    outline_of_slug                the same by the roadmap's slug, not by a former one
    outline_of_section             the same by the section's id
    topic and those after it       by the topic's id
    topic_of_slug                  topics by slug, not by a former one
    content                        by the topic's slug; only for one request, it is large
    """

    outline: dict[str, Outline | None]
    outline_of_slug: dict[str, Outline | None]
    outline_of_section: dict[str, Outline | None]
    topic: dict[str, TopicNode | None]
    requirements: dict[str, tuple[Need, ...]]
    recommendations: dict[str, tuple[Advice, ...]]
    resources: dict[str, list[ResourceNode]]
    placements: dict[str, list[PlacementNode]]
    topic_of_slug: dict[str, TopicNode | None]
    content: dict[str, Topic | None]

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

    def ids(self) -> set[str]:
        """All ids of nodes of which something is known."""
        return set[str]().union(*(getattr(self, table) for table in BY_ID))

    def lacking(self, slugs: Mapping[str, bool]) -> Mapping[str, bool]:
        """Those slugs whose topic is not known, or not what it requires where that is wanted."""
        if not self.topic_of_slug:
            return slugs
        return {slug: needs for slug, needs in slugs.items() if not self._knows(slug, needs=needs)}

    def _knows(self, slug: str, *, needs: bool) -> bool:
        topic = self.topic_of_slug.get(slug)
        return topic is not None and (not needs or topic.id in self.requirements)

    def items(self) -> Mapping[str, Table]:
        """The tables by name."""
        return {table: getattr(self, table) for table in TABLES}

    def take(self, table: str, values: Mapping[str, Any]) -> None:
        """Know these values in a table, none of them None, and by their other keys too."""
        mine = getattr(self, table)
        mine |= values
        if table == "topic":
            self.topic_of_slug |= {topic.slug: topic for topic in values.values()}
        elif table == "outline":
            for outline in values.values():
                self.outline_of_slug[outline.roadmap.slug] = outline
                self.outline_of_section |= dict.fromkeys(outline.sections, outline)

    def drop(self, table: str, key: str) -> None:
        """Know this no more, by any of its keys. O(number of those)."""
        gone = getattr(self, table).pop(key, None)
        if isinstance(gone, TopicNode):
            self.topic_of_slug.pop(gone.slug, None)
        elif isinstance(gone, Outline):
            self.outline_of_slug.pop(gone.roadmap.slug, None)
            for section in gone.sections:
                self.outline_of_section.pop(section, None)


TABLES: Final = tuple(field.name for field in fields(Tables))
BY_ID: Final = ("outline", "topic", "requirements", "recommendations", "resources", "placements")
"""The tables whose keys are ids of nodes: all that is kept. Other keys lead to what is in them."""


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
        for name in BY_ID:
            mine = getattr(tables, name)
            tables.take(name, shared(name, getattr(read, name)))
            for oldest in [*islice(mine, max(0, len(mine) - self._most))]:
                tables.drop(name, oldest)

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
        """O(keys of what was touched), and of all that is known of where topics stand.

        What is known of a topic that is there is made anew of what it has become, so that nobody has to wait
        for it to be read.
        """
        tables, known = self._tables, dict[str, tuple[Topic, set[str]]]()
        for key in touched:
            held = {name for name in BY_ID if key in getattr(tables, name)}
            for name in held:
                tables.drop(name, key)
            if (topic := self._touches.topic(key)) is not None:
                known[key] = topic, held
        tables.placements.clear()  # a roadmap may have come that places any of them
        self._take(nodes(known))
        self._take(connections(known, tables.topic_of_slug))  # which lead to the nodes that were just taken

    def _take(self, made: Mapping[str, Table]) -> None:
        for name, values in made.items():
            self._tables.take(name, shared(name, values))
