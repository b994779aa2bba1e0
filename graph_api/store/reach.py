"""How far a request looks: what it will ask for next is read along, so that it waits once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from graph_api.store.nodes import BESIDE, Along
from graph_api.store.structure import Structure

MOST: Final = 1_000
"""So many topics of a roadmap are read ahead, and so many beyond what is asked for: more than most answers
have, and not enough to be a burden."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How many edges of each kind lie one after another in what a request selects.

    placed           from a roadmap or section to its topics
    requirements     from a topic to its groups
    prerequisites    from a topic, or from one of its groups, to the topics that are required
    dependents       from a topic to those that require it
    recommendations  from a topic to those that are recommended before it
    resources        from a topic to what it is learned from
    placements       from a topic to where it stands
    outlines         from there to the section or the roadmap

    `beyond` is how far it looks from a topic to which an edge has led; None where no edge leads to one.

    It is a guess, made of the selection alone: pages are not looked at, and what a topic rests on in the end
    is not followed. A read is not wrong for it, only earlier or in vain.
    """

    placed: int = 0
    requirements: int = 0
    prerequisites: int = 0
    dependents: int = 0
    recommendations: int = 0
    resources: int = 0
    placements: int = 0
    outlines: int = 0
    beyond: Reach | None = None

    @classmethod
    def of(cls, most: Mapping[str, Any], within: Mapping[str, Mapping[str, int]]) -> Self:
        """That of a selection with so many edges of each kind at the most, and `within` those of a kind."""
        if not within:
            return cls(**most)
        sides = [within.get(kind, {}) for kind in ("prerequisites", "dependents")]
        beyond: Mapping[str, Any] = {kind: max(side.get(kind, 0) for side in sides) for kind in most}
        return cls(**most, beyond=Reach(**beyond))

    @property
    def beside(self) -> list[str]:
        """What will be asked for of what stands beside topics, as `BESIDE` names it."""
        return [kind for kind in BESIDE if getattr(self, kind)]

    @property
    def up(self) -> int:
        """So many levels of what is required will be asked for: a group is made of its topics."""
        return max(self.prerequisites, self.requirements)

    @property
    def along(self) -> Along:
        """What is to come along with topics, where that takes no other read."""
        if self.requirements:
            return Along.BOTH
        return Along.NEAR if self.prerequisites else Along.NOTHING

    def ends_within(self, along: Along) -> bool:
        """Whether nothing will be asked for beyond topics that are read and what came along with them."""
        return not self.dependents and self.up <= along.near

    def topics_of(self, structure: Structure, roadmaps: Iterable[str]) -> list[str]:
        """The slugs of the topics of these roadmaps, if they will be asked for."""
        if not self.placed:
            return []
        outlines = (structure.roadmaps[slug] for slug in roadmaps if slug in structure.roadmaps)
        sections = (section for outline in outlines for section in outline.sections)
        return [placement.topic for section in sections for placement in section.placements]

    def from_topics(self, structure: Structure, topics: Iterable[str]) -> dict[str, bool]:
        """The slugs of these topics and of those that will be asked for after them, the nearest first.

        They tell whether what each requires will be asked for. O(what it gives, and the edges of that); MOST
        at the most, besides the given ones.
        """
        found = dict.fromkeys(topics, self.requirements > 0)
        given = [*found]
        for levels, follow in (
            (self.up, structure.required_by),
            (self.dependents, structure.requiring),
        ):
            reached, level = set(given), given
            for number in range(1, levels + 1):
                room = max(0, len(given) + MOST - len(found))
                level = [slug for slug in follow(level) if slug not in reached][:room]
                reached.update(level)
                for slug in level:
                    found.setdefault(slug, self.requirements > number)
        return found


NOWHERE: Final = Reach()
"""Nobody knows what will be asked for."""
