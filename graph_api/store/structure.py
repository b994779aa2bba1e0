"""The structure: ids and edges of the whole graph at one revision, read once and kept in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from sys import intern
from typing import Any, Final, NamedTuple

from neo4j import Record

from graph_api.errors import UnknownSlugs
from graph_api.knowledge.change import Change
from graph_api.knowledge.diagnosis import Diagnosis, diagnose
from graph_api.knowledge.edit import Scope
from graph_api.knowledge.graph import PrerequisiteGraph
from graph_api.knowledge.graph.rows import Mask
from graph_api.knowledge.model import Aliases, Placement, Roadmap, Section
from graph_api.knowledge.names import suggestions
from graph_api.store.clock import read_at_once
from graph_api.store.content import aliases, requirements
from graph_api.store.cypher import history, whole
from graph_api.store.session import Database, Reading, Transaction, only


@dataclass(frozen=True, eq=False)
class Structure:
    """What rests on what and what stands where.

    roadmaps  by slug: outlines, all placements in one section
    aliases   former slugs
    entry     the id of the write that led to this revision, None where the history does not say
    """

    revision: int
    graph: PrerequisiteGraph
    roadmaps: Mapping[str, Roadmap]
    aliases: Aliases
    entry: str | None = None

    def keeps_graph(self, change: Change) -> bool:
        """Whether a change leaves hours, edges and names of topics as they are: another title does."""
        return change.after.aliases.topics == self.aliases.topics and not any(True for _ in _moved(change))

    def changed(self, change: Change) -> Structure:
        """The structure of the next revision, after this change.

        O(size of the graph), or O(roadmaps, and what is placed in those that change) if it keeps the graph.
        """
        after = change.after
        graph = self.graph
        if not self.keeps_graph(change):
            topics = [after.topics[slug] for slug in (*change.topics.created, *change.topics.changed)]
            graph = graph.changed(topics, change.topics.removed, after.aliases.topics)
        roadmaps = {slug: each for slug, each in self.roadmaps.items() if slug not in change.roadmaps.removed}
        for slug in (*change.roadmaps.created, *change.roadmaps.changed):
            roadmaps[slug] = _outline(slug, after.roadmaps[slug].placed())
        return Structure(self.revision + 1, graph, roadmaps, after.aliases)

    def roadmap(self, slug: str) -> Roadmap:
        """The outline of a roadmap by its slug or an alias. Raises UnknownSlugs."""
        found = self.roadmaps.get(self.aliases.roadmaps.get(slug, slug))
        if found is None:
            raise UnknownSlugs("roadmap", suggestions([slug], sorted(self.roadmaps)))
        return found

    @cached_property
    def diagnosis(self) -> Diagnosis:
        """The findings about it."""
        return diagnose(self.graph, self.roadmaps.values())

    def named(self, scope: Scope) -> tuple[list[str], list[str]]:
        """The topics and the roadmaps of an edit's scope, by their slugs of now."""
        topics = {self.aliases.topics.get(slug, slug) for slug in scope.topics}
        roadmaps = {self.aliases.roadmaps.get(slug, slug) for slug in scope.roadmaps}
        referred = {
            self.aliases.topics.get(slug, slug) for slug in scope.referring
        } & self.graph.number.keys()
        if referred:
            topics.update(self.graph.referring(referred))
            roadmaps.update(
                slug for slug, each in self.roadmaps.items() if any(t in referred for t, _ in each.placed())
            )
        return sorted(topics), sorted(roadmaps)

    def is_learnable(self, slug: str) -> bool:
        """Whether a topic can be reached by learning ready topics one after another."""
        number = self.graph.number.get(slug)
        return number is not None and bool(self.graph.from_nothing[number])

    def prerequisites(self, slug: str, *, transitive: bool) -> tuple[str, ...]:
        """The topics that a topic's requirements name, or all it rests on; sorted slugs."""
        if transitive:
            return self._all_related(slug, self.graph.all_prerequisites)
        return self.graph.near_prerequisites.of(slug)

    def required_by(self, slugs: Iterable[str]) -> dict[str, None]:
        """The topics that the requirements of these name, each once, in their order. O(their edges)."""
        return self.graph.near_prerequisites.of_all(slugs)

    def requiring(self, slugs: Iterable[str]) -> dict[str, None]:
        """The topics whose requirements name any of these, as `required_by`."""
        return self.graph.near_dependents.of_all(slugs)

    def dependents(self, slug: str, *, transitive: bool) -> tuple[str, ...]:
        """The topics whose requirements name a topic, or all that rest on it; sorted slugs."""
        if transitive:
            return self._all_related(slug, self.graph.all_dependents)
        return self.graph.near_dependents.of(slug)

    def hours(self, roadmap: str, *, optional: bool) -> float:
        """The hours of a roadmap's required topics, or of all of them."""
        placed = self.roadmaps[roadmap].placed() if roadmap in self.roadmaps else ()
        numbers = [self.graph.number[slug] for slug, skippable in placed if optional or not skippable]
        return float(self.graph.hours[numbers].sum())

    def _all_related(self, slug: str, reach: Callable[[Mask], Mask]) -> tuple[str, ...]:
        if slug not in self.graph.number:
            return ()
        return self.graph.members_in(reach(self.graph.mask([slug])))


def _moved(change: Change) -> Iterator[str]:
    """The topics that a change moves in the graph; another title, for one, does not."""
    before, after = change.before.topics, change.after.topics
    yield from (*change.topics.created, *change.topics.removed)
    for slug in change.topics.changed:
        old, new = before[slug], after[slug]
        if (old.hours, old.requires, old.recommends) != (new.hours, new.requires, new.recommends):
            yield slug


class _Topics(NamedTuple):
    """The topics of a record and their edges, flat: nested rows, of 45,000 topics at once, took 34 MB more,
    and what a process has once taken it hardly gives back.

    Of each topic its slug, hours, and how many edges and recommendations it has; of each edge its group, how
    many topics that needs, and the topic at its end; and the topics that are recommended.
    """

    slugs: list[str]
    hours: list[float | None]
    edges: list[int]
    group: list[int]
    need: list[int]
    of: list[str]
    recommendations: list[int]
    recommended: list[str]

    @classmethod
    def read(cls, record: Record) -> _Topics:
        """Those of a record of STRUCTURE_TOPICS."""
        made = cls([], [], [], [], [], [], [], [])
        for slug, hours, edges, recommended in record["topics"]:
            made.slugs.append(intern(slug))
            made.hours.append(hours)
            made.edges.append(len(edges))
            for group, need, of in edges:
                made.group.append(group)
                made.need.append(need)
                made.of.append(intern(of))
            made.recommendations.append(len(recommended))
            made.recommended.extend(map(intern, recommended))
        return made

    def requires(self) -> Iterator[tuple[str, int, tuple[str, ...]]]:
        """The groups: whose, how many topics it needs, of which."""
        edges = iter(zip(self.group, self.need, self.of, strict=True))
        for slug, number in zip(self.slugs, self.edges, strict=True):
            for each in requirements((group, need, "", of) for group, need, of in islice(edges, number)):
                yield slug, each.need, each.of

    def recommends(self) -> Iterator[tuple[str, str]]:
        """The recommendations: of what, before which."""
        recommended = iter(self.recommended)
        for slug, number in zip(self.slugs, self.recommendations, strict=True):
            for before in islice(recommended, number):
                yield slug, before


def _placed(record: Record) -> Roadmap:
    return _outline(intern(record["slug"]), record["placements"])


_READINGS: Final = (
    Reading(whole.STRUCTURE_TOPICS, each=_Topics.read),
    Reading(whole.STRUCTURE_ROADMAPS, each=_placed),
    Reading(whole.ALIASES),
    Reading(history.NEWEST_ENTRY),
)


async def read_structure(database: Database) -> Structure:
    """The structure of one revision."""
    return await _structure(*await read_at_once(database, *_READINGS))


async def locked_structure(transaction: Transaction, revision: int) -> Structure:
    """The structure of the current revision, for whoever holds the catalogue's lock."""
    return await _structure(revision, await transaction.read_all(*_READINGS))


async def _structure(revision: int, answers: list[list[Any]]) -> Structure:
    topics, roadmaps, former, newest = answers
    known_as, outlines = aliases(former), {each.slug: each for each in roadmaps}
    graph = await asyncio.to_thread(_graph, topics, known_as.topics)
    return Structure(revision, graph, outlines, known_as, only(newest)["id"])


def _outline(slug: str, placements: Iterable[tuple[str, bool]]) -> Roadmap:
    placed = tuple(Placement(intern(topic), optional) for topic, optional in placements)
    return Roadmap(slug, title=slug, sections=(Section(slug, title=slug, placements=placed),))


def _graph(topics: Sequence[_Topics], former: Mapping[str, str]) -> PrerequisiteGraph:
    return PrerequisiteGraph.assemble(
        (topic for some in topics for topic in zip(some.slugs, some.hours, strict=True)),
        (group for some in topics for group in some.requires()),
        (edge for some in topics for edge in some.recommends()),
        former,
    )
