"""What someone knows and all that follows from it: what to learn next, and how to get to a goal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Annotated, Final, TypeAlias

import strawberry

from graph_api.api.connection import After, Before, First, Last
from graph_api.api.context import Info
from graph_api.api.cost import Cost
from graph_api.api.node import there
from graph_api.api.path import LearningPath, PathCost, Planned
from graph_api.api.soon import then
from graph_api.api.status import TopicStatus
from graph_api.api.together import alone, together
from graph_api.api.topic import Topic, TopicConnection
from graph_api.api.topics import LearningWay, RequirementStatus, topics_by_slug
from graph_api.errors import BadInput
from graph_api.knowledge import path as engine
from graph_api.knowledge.model import Roadmap as Outline
from graph_api.knowledge.state import KnowledgeState
from graph_api.knowledge.state.progress import Progress, Tally
from graph_api.knowledge.state.ranking import NextTopic as Ranked
from graph_api.knowledge.state.ranking import Ranking
from graph_api.store.nodes import TopicNode
from graph_api.store.page import MAX_SIZE, Page
from graph_api.store.structure import Structure

_MOST_SLUGS: Final = 10_000
_LONGEST_DEADLINE_MS: Final = 10_000
_COSTS: Final = {
    PathCost.HOURS: engine.HOURS,
    PathCost.TOPICS: engine.TOPICS,
    PathCost.HOURS_AVOIDING_OPTIONAL: engine.hours_avoiding_optional(2),
}

Known: TypeAlias = Annotated[list[str], strawberry.argument(description="Slugs of the known topics.")]
Skipped: TypeAlias = Annotated[
    list[str],
    strawberry.argument(
        description="Slugs of topics to pass over: they meet requirements, do not count as known, and never"
        " come up."
    ),
]
Goals: TypeAlias = Annotated[
    list[str],
    strawberry.argument(description="Slugs of the topics to reach; then only what serves them counts."),
]
InRoadmap: TypeAlias = Annotated[
    str | None,
    strawberry.argument(description="A roadmap's slug: what is optional, and what to reach without goals."),
]
IncludeOptional: TypeAlias = Annotated[
    bool, strawberry.argument(description="Also bring up topics that are optional in the roadmap.")
]
NextCount: TypeAlias = Annotated[int, strawberry.argument(description="How many, 1 to 100.")]
TopicSlug: TypeAlias = Annotated[str, strawberry.argument(description="The topic's slug.")]
RoadmapSlug: TypeAlias = Annotated[
    str | None, strawberry.argument(description="A roadmap's slug; the one of `knowledge` if left out.")
]
DeadlineMs: TypeAlias = Annotated[
    int,
    strawberry.argument(description="Milliseconds to search; then the best path so far, with its bound."),
]
Minimise: TypeAlias = Annotated[PathCost, strawberry.argument(description="What to have the least of.")]


@strawberry.type(description="Known topics among all of one kind, and their hours.")
class KnownShare:
    """A tally."""

    known_topics: int = strawberry.field(description="How many of them are known.")
    topics: int = strawberry.field(description="How many there are.")
    known_hours: float = strawberry.field(description="Hours of those known.")
    hours: float = strawberry.field(description="Hours of all.")

    @classmethod
    def of(cls, tally: Tally) -> KnownShare:
        """A tally as the engine made it."""
        return cls(
            known_topics=tally.known_topics,
            topics=tally.topics,
            known_hours=tally.known_hours,
            hours=tally.hours,
        )


@strawberry.type(description="How far someone has come in a roadmap.")
class RoadmapProgress:
    """Progress, optional topics apart."""

    required: KnownShare = strawberry.field(description="The topics that the roadmap requires.")
    optional: KnownShare = strawberry.field(description="The topics that are optional in it.")

    @classmethod
    def of(cls, progress: Progress) -> RoadmapProgress:
        """Progress as the engine found it."""
        return cls(required=KnownShare.of(progress.required), optional=KnownShare.of(progress.optional))


def _topics(ready: Sequence[NextTopic], info: Info) -> list[Topic]:
    """Their topics; one load for all of them."""
    found = info.context.load.topic_by_slug.get_many([each.ranked.topic for each in ready])
    return then(found, lambda topics: [Topic.there(topic) for topic in topics])


def _sentences(ready: Sequence[NextTopic], info: Info) -> list[str]:
    """Their sentences; one load of the titles that all of them name."""
    named = [*dict.fromkeys(chain.from_iterable(each.ranked.named() for each in ready))]

    def said(topics: Sequence[TopicNode | None]) -> list[str]:
        titles = {slug: topic.title for slug, topic in zip(named, topics, strict=True) if topic is not None}
        return [each.ranked.sentence(lambda slug: titles.get(slug, slug)) for each in ready]

    return then(info.context.load.topic_by_slug.get_many(named), said)


@strawberry.type(description="A topic that is ready, and why it is a good one to learn next.")
class NextTopic:
    """A ranked topic with its reasons."""

    ranked: strawberry.Private[Ranked]
    hours: float = strawberry.field(description="Hours to learn it; 1 where nobody has estimated them.")
    optional: bool = strawberry.field(description="Whether it is optional in the roadmap asked for.")

    @strawberry.field(description="The topic.", metadata=together(_topics))
    def topic(self, info: Info) -> Topic:
        """One load."""
        return alone(_topics((self,), info))

    @strawberry.field(
        description="Why it is ready: every requirement and the known or skipped topics that meet it."
    )
    async def because(self) -> list[RequirementStatus]:
        """Computed with the ranking."""
        return [RequirementStatus.of(self.ranked.topic, met) for met in self.ranked.because]

    @strawberry.field(description="The topics that become ready when this one is learned.")
    def unlocks(self, info: Info) -> list[Topic]:
        """One load."""
        return topics_by_slug(info.context.load, self.ranked.unlocks)

    @strawberry.field(description="The goals that may rest on it, itself included if it is one.")
    def serves(self, info: Info) -> list[Topic]:
        """One load."""
        return topics_by_slug(info.context.load, self.ranked.serves)

    @strawberry.field(description="Why, in one sentence.", metadata=together(_sentences))
    def sentence(self, info: Info) -> str:
        """One load of the titles that it names."""
        return alone(_sentences((self,), info))

    @classmethod
    def of(cls, ranked: Ranked) -> NextTopic:
        """A topic as the engine ranked it."""
        return cls(ranked=ranked, hours=ranked.hours, optional=ranked.optional)


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What `knowledge` was asked with, resolved in one structure."""

    structure: Structure
    state: KnowledgeState
    goals: tuple[str, ...]
    roadmap: Outline | None
    include_optional: bool

    @classmethod
    def of(
        cls,
        structure: Structure,
        state: KnowledgeState,
        *,
        goals: Sequence[str],
        roadmap: str | None,
        include_optional: bool,
    ) -> Asked:
        """What follows from a state of this structure. Raises UnknownSlugs, and BadInput for many goals."""
        if len(goals) > _MOST_SLUGS:
            raise BadInput(f"goals may name {_MOST_SLUGS} topics, not more.")
        wanted = structure.graph.names(structure.graph.numbers(goals))
        return cls(
            structure,
            state,
            tuple(dict.fromkeys(wanted)),
            None if roadmap is None else structure.roadmap(roadmap),
            include_optional,
        )

    @classmethod
    def by_slugs(
        cls,
        structure: Structure,
        *,
        known: Sequence[str],
        skipped: Sequence[str],
        goals: Sequence[str],
        roadmap: str | None,
        include_optional: bool,
    ) -> Asked:
        """Raises UnknownSlugs, which names all unknown topics of the lists, and BadInput for too many."""
        if len(known) + len(skipped) + len(goals) > _MOST_SLUGS:
            raise BadInput(f"known, skipped and goals may name {_MOST_SLUGS} topics together, not more.")
        has, passes, _ = structure.graph.masks(known, skipped, goals)
        state = KnowledgeState.of_masks(structure.graph, has, passes)
        return cls.of(structure, state, goals=goals, roadmap=roadmap, include_optional=include_optional)

    def ranking(self) -> Ranking:
        """The ready topics, to be ranked."""
        return self.state.ranking(
            goals=self.goals, roadmap=self.roadmap, include_optional=self.include_optional
        )

    def path(self, cost: PathCost, deadline_ms: int) -> Planned:
        """The cheapest path to the goals, or to the roadmap's topics when no goals are given."""
        placed = () if self.roadmap is None else tuple(self.roadmap.placed())
        wanted = [slug for slug, optional in placed if self.include_optional or not optional]
        met = self.structure.graph.members_in(self.state.met)
        found = engine.cheapest_path(
            self.structure.graph,
            goals=self.goals or wanted,
            known=met,
            cost=_COSTS[cost],
            optional=[slug for slug, optional in placed if optional],
            deadline_seconds=deadline_ms / 1000,
        )
        return Planned(self.structure.graph, met, found)


@strawberry.type(description="What follows from what someone knows. What is given as known counts as known.")
class Knowledge:
    """A knowledge state, seen with goals."""

    asked: strawberry.Private[Asked]

    @strawberry.field(
        description="Whether the known topics can be learned one after another, from nothing but the skipped."
    )
    def is_consistent(self) -> bool:
        """One pure call."""
        return self.asked.state.is_consistent

    @strawberry.field(description="The known topics, by slug.")
    def known(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> TopicConnection:
        """One load."""
        page = Page.of(first=first, after=after, last=last, before=before)
        slugs = self.asked.structure.graph.members_in(self.asked.state.known)
        return TopicConnection.of_slugs(slugs, page, info.context.load)

    @strawberry.field(description="The skipped topics, without those that are known, by slug.")
    def skipped(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> TopicConnection:
        """One load."""
        page = Page.of(first=first, after=after, last=last, before=before)
        slugs = self.asked.structure.graph.members_in(self.asked.state.skipped)
        return TopicConnection.of_slugs(slugs, page, info.context.load)

    @strawberry.field(
        description="The cheapest topics to add so that the known ones become consistent.",
        directives=[Cost(weight=20)],
    )
    async def missing(self, info: Info) -> LearningWay:
        """One pure call."""
        way = LearningWay.of(await info.context.compute(self.asked.state.missing))
        return there(way)

    @strawberry.field(
        description="What to learn next, the best first: what serves most goals, then what makes most topics"
        " ready, then what is shortest.",
        directives=[Cost(weight=20)],
    )
    def next(self, info: Info, first: NextCount = 20) -> list[NextTopic]:
        """One pure call, made at once where that takes no longer than to hand it over."""
        if not 1 <= first <= MAX_SIZE:
            raise BadInput(f'"first" is {first}; it can be 1 to {MAX_SIZE}.')
        ranking = self.asked.ranking()
        ranked = (
            ranking.first(first) if ranking.is_brief else info.context.compute(lambda: ranking.first(first))
        )
        return then(ranked, lambda ranked: [NextTopic.of(each) for each in ranked])

    @strawberry.field(description="Every topic that is ready, by slug.")
    def outer_fringe(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> TopicConnection:
        """One pure call and one load."""
        page = Page.of(first=first, after=after, last=last, before=before)
        slugs = self.asked.structure.graph.members_in(self.asked.state.outer_fringe)
        return TopicConnection.of_slugs(slugs, page, info.context.load)

    @strawberry.field(
        description="The known topics that no other known topic rests on, by slug.",
        directives=[Cost(weight=10)],
    )
    def inner_fringe(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> TopicConnection:
        """One pure call and one load."""
        page = Page.of(first=first, after=after, last=last, before=before)
        asked, load = self.asked, info.context.load
        slugs = info.context.compute(lambda: asked.structure.graph.members_in(asked.state.inner_fringe))
        return then(slugs, lambda found: TopicConnection.of_slugs(found, page, load))

    @strawberry.field(description="Where a topic stands, with the proof.", directives=[Cost(weight=20)])
    async def status(self, info: Info, topic: TopicSlug) -> TopicStatus:
        """One pure call."""
        return TopicStatus.of(await info.context.compute(lambda: self.asked.state.status(topic)))

    @strawberry.field(
        description="The provably cheapest path to all goals, or to the roadmap's topics if none are given."
        " Null, with an UNLEARNABLE error that names what blocks, when a goal cannot be reached.",
        directives=[Cost(weight=100)],
    )
    async def path(
        self, info: Info, deadline_ms: DeadlineMs = 1000, minimise: Minimise = PathCost.HOURS
    ) -> LearningPath | None:
        """One pure call."""
        if not 0 <= deadline_ms <= _LONGEST_DEADLINE_MS:
            raise BadInput(f'"deadlineMs" is {deadline_ms}; it can be 0 to {_LONGEST_DEADLINE_MS}.')
        planned = await info.context.compute(lambda: self.asked.path(minimise, deadline_ms))
        return LearningPath.of(planned, in_hours=minimise is PathCost.HOURS)

    @strawberry.field(description="How far one has come in a roadmap; null when none is named.")
    async def progress(self, roadmap: RoadmapSlug = None) -> RoadmapProgress | None:
        """One pure call."""
        asked = self.asked
        outline = asked.roadmap if roadmap is None else asked.structure.roadmap(roadmap)
        return None if outline is None else RoadmapProgress.of(asked.state.progress(outline))

    @classmethod
    def of(cls, asked: Asked) -> Knowledge:
        """What follows from what was asked."""
        return cls(asked=asked)
