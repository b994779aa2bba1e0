"""The learner who asks: what they have recorded, and what follows from it."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import strawberry
from strawberry.scalars import JSON

from graph_api.api.connection import After, Before, Connection, Edge, First, Last
from graph_api.api.context import Info
from graph_api.api.cost import Cost
from graph_api.api.knowledge import Asked, Goals, IncludeOptional, InRoadmap, Knowledge, RoadmapProgress
from graph_api.api.progress import (
    ProgressEventConnection,
    ProgressEventEdge,
    ProgressStatus,
    RecordedTopicConnection,
    RecordedTopicEdge,
)
from graph_api.api.roadmap import Roadmap
from graph_api.knowledge.state import KnowledgeState
from graph_api.store.learners import LearnerState, Status
from graph_api.store.nodes import RoadmapNode
from graph_api.store.page import Page
from graph_api.store.structure import Structure

OfStatus: TypeAlias = Annotated[
    ProgressStatus | None, strawberry.argument(description="Only topics of this status; all if left out.")
]


@strawberry.type(description="A roadmap, and how far the learner has come in it.")
class RoadmapStanding:
    """Progress in one roadmap."""

    roadmap: Roadmap = strawberry.field(description="The roadmap.")
    progress: RoadmapProgress = strawberry.field(
        description="What of it is known. Skipped topics do not count as known."
    )


@strawberry.type(description="A roadmap in a list, with the progress in it.")
class RoadmapStandingEdge(Edge[RoadmapStanding]):
    """An edge without more to say."""

    @classmethod
    def node_of(cls, value: tuple[RoadmapNode, RoadmapProgress]) -> RoadmapStanding:
        """A roadmap that was read, and what was found of it."""
        found, progress = value
        return RoadmapStanding(roadmap=Roadmap.of(found), progress=progress)


@strawberry.type(description="A page of roadmaps with the progress in each.")
class RoadmapStandingConnection(Connection[RoadmapStanding, RoadmapStandingEdge]):
    """Progress in roadmaps."""


@strawberry.type(
    description="Whoever asks, as a learner. A topic is recorded once, and counts in every roadmap."
)
class Learner:
    """The learner of the token; no other one can be named."""

    state: strawberry.Private[LearnerState]
    id: strawberry.ID = strawberry.field(description="Who it is: the subject of the token.")
    revision: int = strawberry.field(
        description="The learner's own clock: it grows by one with each write that changes what is recorded."
    )

    @strawberry.field(
        description="What follows from the topics recorded as known, and as skipped.",
        directives=[Cost(weight=10)],
    )
    async def knowledge(
        self,
        info: Info,
        goals: Goals = (),  # type: ignore[assignment]  # GraphQL's default is an empty list
        roadmap: InRoadmap = None,
        include_optional: IncludeOptional = False,
    ) -> Knowledge:
        """One look into the structure."""
        structure = await info.context.structure()
        state = knowledge_state(structure, self.state)
        return Knowledge.of(
            Asked.of(structure, state, goals=goals, roadmap=roadmap, include_optional=include_optional)
        )

    @strawberry.field(
        description="How far one has come in each roadmap, by the roadmap's slug.",
        directives=[Cost(weight=20)],
    )
    async def progress(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> RoadmapStandingConnection:
        """One load, and one pure call a roadmap on the page."""
        page = Page.of(first=first, after=after, last=last, before=before)
        structure = await info.context.structure()
        part = page.of_sorted(sorted(structure.roadmaps), lambda slug: (slug,))
        nodes = await info.context.load.roadmap_by_slug.load_many(part.values)
        state = knowledge_state(structure, self.state)
        standing = part.holding(nodes).map(
            lambda node: (node, RoadmapProgress.of(state.progress(structure.roadmap(node.slug))))
        )
        return RoadmapStandingConnection.of(standing, RoadmapStandingEdge, lambda: len(structure.roadmaps))

    @strawberry.field(description="The topics that are recorded, by slug, each since when.")
    async def topics(
        self,
        info: Info,
        status: OfStatus = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> RecordedTopicConnection:
        """One load."""
        page = Page.of(first=first, after=after, last=last, before=before)
        wanted = self.state.topics
        if status is not None:
            wanted = tuple(each for each in wanted if each.status.name == status.name)
        part = page.of_sorted(wanted, lambda recorded: (recorded.slug,))
        nodes = await info.context.load.topic_by_id.load_many([recorded.id for recorded in part.values])
        loaded = part.holding(
            [
                None if node is None else (recorded, node)
                for recorded, node in zip(part.values, nodes, strict=True)
            ]
        )
        return RecordedTopicConnection.of(loaded, RecordedTopicEdge, lambda: len(wanted))

    @strawberry.field(
        description="What was recorded when, the newest first. It outlasts renamed and deleted topics.",
        directives=[Cost(weight=10)],
    )
    async def history(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> ProgressEventConnection:
        """One read."""
        page = Page.of(first=first, after=after, last=last, before=before, shape=(int, int))
        learners = info.context.learners
        part = await learners.history(self.state.id, page)
        return ProgressEventConnection.of(
            part, ProgressEventEdge, lambda: learners.count_history(self.state.id)
        )

    @strawberry.field(
        description="Everything that is kept about the learner, as one JSON object: `topics` with what is"
        " recorded of them, and the whole `history`, the oldest first.",
        directives=[Cost(weight=100)],
    )
    async def export(self, info: Info) -> JSON:
        """One read."""
        return JSON(await info.context.learners.export(self.state.id))

    @classmethod
    def of(cls, state: LearnerState) -> Learner:
        """The learner of a read."""
        return cls(state=state, id=strawberry.ID(state.id), revision=state.revision)


def knowledge_state(structure: Structure, learner: LearnerState) -> KnowledgeState:
    """What a learner knows and skips, of the topics that the structure has."""
    there = structure.graph.number
    known, skipped = (
        [slug for slug in learner.of(status) if slug in there] for status in (Status.KNOWN, Status.SKIPPED)
    )
    return KnowledgeState.of(structure.graph, known, skipped)
