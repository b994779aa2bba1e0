"""What is wrong, or worth a look, in a catalogue's prerequisites: one pass, every finding by slug."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from graph_api.knowledge.diagnosis.blocking import blocking
from graph_api.knowledge.graph.order import components, loops
from graph_api.knowledge.graph.redundancy import redundant_edges

if TYPE_CHECKING:
    from graph_api.knowledge.graph import PrerequisiteGraph
    from graph_api.knowledge.graph.rows import Mask
    from graph_api.knowledge.model import Roadmap, Slug

Slugs: TypeAlias = "tuple[Slug, ...]"


@dataclass(frozen=True, slots=True)
class NeededOptional:
    """A topic that a roadmap requires cannot be learned without topics that are optional in it.

    `need` of the topics `optional` cannot be avoided: the group has too few other members.
    """

    roadmap: Slug
    topic: Slug
    need: int
    optional: Slugs


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Findings, sorted. Faults come first; the last five are legal, and only worth a look.

    dangling             (topic, unknown name) pairs of requirements and recommendations
    dangling_placements  (roadmap, unknown name) pairs
    dangling_blocked     topics that unknown names leave without a way to be learned: each a blocking set
    blocking             disjoint blocking sets, irreducible: of each no topic can be left out. In the
                         order of the loop where it is one: each needs the next, and the last the first
    unlearnable          every topic out of reach, those above included
    downstream           the unlearnable topics that merely wait for blocked ones
    avoidable_loops      loops that no one has to go round, since alternatives avoid them: all their
                         topics are learnable
    redundant            (topic, prerequisite) pairs that other plain prerequisites imply
    unplaced             topics in no roadmap
    needed_optional      required topics that need optional ones of the same roadmap
    """

    dangling: tuple[tuple[Slug, Slug], ...] = ()
    dangling_placements: tuple[tuple[Slug, Slug], ...] = ()
    dangling_blocked: Slugs = ()
    blocking: tuple[Slugs, ...] = ()
    unlearnable: Slugs = ()
    downstream: Slugs = ()
    avoidable_loops: tuple[Slugs, ...] = ()
    redundant: tuple[tuple[Slug, Slug], ...] = ()
    unplaced: Slugs = ()
    needed_optional: tuple[NeededOptional, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether every name is known and every topic can be learned."""
        return not (self.dangling or self.dangling_placements or self.unlearnable)


def diagnose(graph: PrerequisiteGraph, roadmaps: Iterable[Roadmap] = ()) -> Diagnosis:
    """All findings about a graph and the roadmaps over it; costs as the functions that it calls."""
    roadmaps = tuple(roadmaps)
    blocked = blocking(graph)
    placed = {topic for roadmap in roadmaps for topic, _ in roadmap.placed()}
    return Diagnosis(
        dangling=graph.dangling,
        dangling_placements=_dangling_placements(graph, roadmaps),
        dangling_blocked=graph.names(blocked.dangling),
        blocking=tuple(sorted(graph.names_of(topics) for topics in blocked.sets)),
        unlearnable=graph.members_in(blocked.unlearnable),
        downstream=graph.members_in(blocked.downstream),
        avoidable_loops=_avoidable_loops(graph, blocked.unlearnable),
        redundant=tuple((graph.slugs[topic], graph.slugs[other]) for topic, other in redundant_edges(graph)),
        unplaced=tuple(slug for slug in graph.slugs if slug not in placed),
        needed_optional=tuple(found for roadmap in roadmaps for found in needed_optional(graph, roadmap)),
    )


def blocking_sets(graph: PrerequisiteGraph) -> tuple[tuple[Slug, ...], ...]:
    """Disjoint irreducible blocking sets, at least one if any topic is unlearnable.

    Those of one topic that unknown names block are among them. O(edges) when everything is learnable.
    """
    found = blocking(graph)
    alone = [(graph.slugs[number],) for number in found.dangling.tolist()]
    return tuple(sorted([*alone, *(graph.names_of(topics) for topics in found.sets)]))


def needed_optional(graph: PrerequisiteGraph, roadmap: Roadmap) -> tuple[NeededOptional, ...]:
    """The groups of the roadmap's required topics that topics which are optional in it must help to meet.

    A topic placed more than once is optional when every placement is; topics of no placement are not.
    """
    required, optional = graph.placements(roadmap)
    members = graph.members
    spared = members.sizes() - members.count(optional)
    groups = (required[graph.topic] & (graph.need > spared) & (members.count(optional) > 0)).nonzero()[0]
    return tuple(
        NeededOptional(
            roadmap=roadmap.slug,
            topic=graph.slugs[graph.topic[group]],
            need=int(graph.need[group] - spared[group]),
            optional=graph.names(members[group][optional[members[group]]]),
        )
        for group in groups.tolist()
    )


def _dangling_placements(
    graph: PrerequisiteGraph, roadmaps: tuple[Roadmap, ...]
) -> tuple[tuple[Slug, Slug], ...]:
    placed = {(roadmap.slug, topic) for roadmap in roadmaps for topic, _ in roadmap.placed()}
    return tuple(sorted(pair for pair in placed if pair[1] not in graph.number))


def _avoidable_loops(graph: PrerequisiteGraph, unlearnable: Mask) -> tuple[Slugs, ...]:
    rows = graph.prerequisites
    found = (loop for loop in loops(rows, components(rows)) if not unlearnable[loop].any())
    return tuple(sorted(graph.names(loop) for loop in found))
