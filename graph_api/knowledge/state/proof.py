"""Why a topic stands where it stands: its requirements, each met by what, or how to meet it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from graph_api.knowledge.diagnosis.blocking import blocking

if TYPE_CHECKING:
    from graph_api.knowledge.graph import PrerequisiteGraph
    from graph_api.knowledge.graph.rows import Mask
    from graph_api.knowledge.model import Slug
    from graph_api.knowledge.state import KnowledgeState

Slugs: TypeAlias = "tuple[Slug, ...]"


class Standing(Enum):
    """Where a topic stands for someone who knows certain topics and skips others."""

    KNOWN = "KNOWN"
    SKIPPED = "SKIPPED"
    READY = "READY"
    BLOCKED = "BLOCKED"
    UNLEARNABLE = "UNLEARNABLE"


@dataclass(frozen=True, slots=True)
class Met:
    """One requirement of a topic and the topics that count for it.

    place         which of the topic's `requires` it is, from 0
    need, of      the requirement; names that no topic has are left out of `of`
    satisfied_by  those of `of` that are known
    skipped       those of `of` that are skipped: they count as well
    """

    place: int
    need: int
    of: Slugs
    satisfied_by: Slugs
    skipped: Slugs = ()

    @property
    def satisfied(self) -> bool:
        """Whether enough is known or skipped."""
        return len(self.satisfied_by) + len(self.skipped) >= self.need


@dataclass(frozen=True, slots=True)
class Way:
    """The cheapest topics to learn, in a learnable order, with their hours; proven cheapest if `optimal`."""

    topics: Slugs
    hours: float
    optimal: bool


@dataclass(frozen=True, slots=True)
class Status:
    """A topic's standing with its proof.

    requirements  every requirement of the topic, in its own order, also of known topics
    ways          beside `requirements`: the cheapest way to meet each unmet one alone; None where it is
                  met, where nothing can meet it, and where the topic is known or skipped
    way           the cheapest way to the topic itself, which is its last topic: empty when it is known
                  or skipped, None when it is unlearnable
    blocked_by    for an unlearnable topic: the blocking sets that it rests on; see `blocking`
    """

    topic: Slug
    standing: Standing
    requirements: tuple[Met, ...]
    ways: tuple[Way | None, ...]
    way: Way | None
    blocked_by: tuple[Slugs, ...] = ()


def requirements_of(state: KnowledgeState, topic: int) -> tuple[Met, ...]:
    """The requirements of a topic, each with what meets it."""
    graph, known, skipped, found = state.graph, state.known, state.skipped, []
    for place, group in enumerate(graph.groups[topic].tolist()):
        members = graph.members[group].tolist()  # few: a loop is quicker than whole-array calls
        satisfied_by = graph.names_of([member for member in members if known[member]])
        passed = graph.names_of([member for member in members if skipped[member]])
        found.append(Met(place, int(graph.need[group]), graph.names_of(members), satisfied_by, passed))
    return tuple(found)


def blockers(graph: PrerequisiteGraph, topic: int, known: Mask) -> tuple[Slugs, ...]:
    """The blocking sets that an unlearnable topic is in or rests on, in the order of their slugs."""
    found = blocking(graph, known)
    mine = graph.mask_of_all([topic])
    mine |= graph.all_prerequisites(mine)
    sets = [*((number,) for number in found.dangling.tolist()), *found.sets]
    return tuple(sorted(graph.names_of(each) for each in sets if mine[list(each)].any()))
