"""The structure: ids and edges of the whole graph at one revision, read once and kept in memory."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from graph_api.errors import Unavailable, UnknownSlugs
from graph_api.knowledge.diagnosis import Diagnosis, diagnose
from graph_api.knowledge.graph import PrerequisiteGraph
from graph_api.knowledge.graph.rows import Mask, Rows
from graph_api.knowledge.model import Placement, Roadmap, Section
from graph_api.knowledge.names import suggestions
from graph_api.store.content import requirements
from graph_api.store.cypher import clock, whole
from graph_api.store.session import Database, only

_TRIES: Final = 5


@dataclass(frozen=True, eq=False)
class Structure:
    """What rests on what and what stands where.

    roadmaps  by slug: outlines, all placements in one section
    """

    revision: int
    graph: PrerequisiteGraph
    roadmaps: Mapping[str, Roadmap]

    def roadmap(self, slug: str) -> Roadmap:
        """The outline of a roadmap. Raises UnknownSlugs."""
        if slug not in self.roadmaps:
            raise UnknownSlugs("roadmap", suggestions([slug], sorted(self.roadmaps)))
        return self.roadmaps[slug]

    @cached_property
    def diagnosis(self) -> Diagnosis:
        """The findings about it."""
        return diagnose(self.graph, self.roadmaps.values())

    def is_learnable(self, slug: str) -> bool:
        """Whether a topic can be reached by learning ready topics one after another."""
        number = self.graph.number.get(slug)
        return number is not None and bool(self.graph.from_nothing[number])

    def prerequisites(self, slug: str, *, transitive: bool) -> tuple[str, ...]:
        """The topics that a topic's requirements name, or all it rests on; sorted slugs."""
        return self._related(
            slug, self.graph.all_prerequisites if transitive else None, self.graph.prerequisites
        )

    def dependents(self, slug: str, *, transitive: bool) -> tuple[str, ...]:
        """The topics whose requirements name a topic, or all that rest on it; sorted slugs."""
        return self._related(slug, self.graph.all_dependents if transitive else None, self.graph.dependents)

    def hours(self, roadmap: str, *, optional: bool) -> float:
        """The hours of a roadmap's required topics, or of all of them."""
        placed = self.roadmaps[roadmap].placed() if roadmap in self.roadmaps else ()
        numbers = [self.graph.number[slug] for slug, skippable in placed if optional or not skippable]
        return float(self.graph.hours[numbers].sum())

    def _related(self, slug: str, reach: Callable[[Mask], Mask] | None, rows: Rows) -> tuple[str, ...]:
        number = self.graph.number.get(slug)
        if number is None:
            return ()
        if reach is not None:
            return self.graph.members_in(reach(self.graph.mask([slug])))
        return self.graph.names(np.unique(rows[number]))


async def read_structure(database: Database) -> Structure:
    """The structure of one revision; read again when a write came in between.

    Neo4j reads what is committed, statement by statement, so the revision is asked for before and after.
    """
    for _ in range(_TRIES):
        before, topics, roadmaps, after = await database.read_all(
            (clock.REVISION, {}),
            (whole.STRUCTURE_TOPICS, {}),
            (whole.STRUCTURE_ROADMAPS, {}),
            (clock.REVISION, {}),
        )
        revision = only(before)["revision"]
        if revision == only(after)["revision"]:
            rows = [row.values() for row in topics]
            outlines = {row["slug"]: _outline(row["slug"], row["placements"]) for row in roadmaps}
            return Structure(revision, await asyncio.to_thread(_graph, rows), outlines)
    raise Unavailable("The content changes faster than it can be read.")


def _outline(slug: str, placements: list[tuple[str, bool]]) -> Roadmap:
    placed = tuple(Placement(topic, optional) for topic, optional in placements)
    return Roadmap(slug, title=slug, sections=(Section(slug, title=slug, placements=placed),))


def _graph(rows: list[list[object]]) -> PrerequisiteGraph:
    groups = (
        (slug, requirement.need, requirement.of)
        for slug, _, requires, _ in rows
        for requirement in requirements((group, need, "", of) for group, need, of in requires)  # type: ignore[attr-defined]  # a row of STRUCTURE_TOPICS
    )
    return PrerequisiteGraph.assemble(
        ((slug, hours) for slug, hours, *_ in rows),  # type: ignore[misc]  # a row of STRUCTURE_TOPICS
        groups,  # type: ignore[arg-type]  # a row of STRUCTURE_TOPICS
        ((slug, before) for slug, *_, recommends in rows for before in recommends),  # type: ignore[misc, attr-defined]  # a row of STRUCTURE_TOPICS
    )


class StructureCache:
    """The structure of the newest revision this process has seen.

    The revision is asked for when the last answer is older than `poll` seconds; the structure is read
    once a revision, however many ask at once.
    """

    def __init__(self, database: Database, *, poll: float = 1.0) -> None:
        self._database = database
        self._poll = poll
        self._kept: Structure | None = None
        self._seen = float("-inf")
        self._reading: asyncio.Task[Structure] | None = None

    async def current(self) -> Structure:
        """The structure, at most `poll` seconds old. Raises what `Database` raises."""
        kept = self._kept
        if kept is not None and time.monotonic() - self._seen < self._poll:
            return kept
        if self._reading is None:
            self._reading = asyncio.create_task(self._refresh(kept))
            self._reading.add_done_callback(self._finished)
        return await asyncio.shield(self._reading)

    def expire(self) -> None:
        """Ask for the revision again at the next use: this process has just written."""
        self._seen = float("-inf")

    async def _refresh(self, kept: Structure | None) -> Structure:
        started = time.monotonic()
        if kept is not None:
            revision = only(await self._database.read(clock.REVISION))["revision"]
            if revision == kept.revision:
                self._seen = started
                return kept
        self._kept = await read_structure(self._database)
        self._seen = started
        return self._kept

    def _finished(self, task: asyncio.Task[Structure]) -> None:
        self._reading = None
        if not task.cancelled():
            task.exception()  # whoever waits raises it; asked for here so that no warning follows
