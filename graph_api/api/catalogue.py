"""The catalogue as a whole."""

from __future__ import annotations

import strawberry

from graph_api.api.connection import After, Before, First, Last
from graph_api.api.context import Info
from graph_api.api.cost import Cost
from graph_api.api.diagnosis import Diagnosis
from graph_api.api.history import HistoryConnection, HistoryEdge
from graph_api.store.nodes import Counts
from graph_api.store.page import Page


@strawberry.type(description="Everything there is to learn, as a whole.")
class Catalogue:
    """How much there is, and since when."""

    revision: int = strawberry.field(description="Grows by one with every change of the content.")
    roadmaps: int = strawberry.field(description="How many roadmaps there are.")
    sections: int = strawberry.field(description="How many sections they have.")
    topics: int = strawberry.field(description="How many topics there are, in roadmaps or not.")
    requirements: int = strawberry.field(description="How many edges lead from a topic to what it requires.")
    resources: int = strawberry.field(description="How many resources topics are learned from.")

    @strawberry.field(
        description="What is wrong, or worth a look, in the prerequisites.", directives=[Cost(weight=100)]
    )
    async def diagnosis(self, info: Info) -> Diagnosis:
        """One pure call, made once a revision."""
        structure = await info.context.structure()
        return Diagnosis.of(await info.context.compute(lambda: structure.diagnosis))

    @strawberry.field(
        description="The writes that made it what it is, newest first.", directives=[Cost(weight=10)]
    )
    async def history(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> HistoryConnection:
        """One read."""
        page = Page.of(first=first, after=after, last=last, before=before, shape=(int,))
        entries = info.context.entries
        return HistoryConnection.of(await entries.all(page), HistoryEdge, entries.count)

    @classmethod
    def of(cls, counts: Counts) -> Catalogue:
        """The catalogue of a read."""
        return cls(
            revision=counts.revision,
            roadmaps=counts.roadmaps,
            sections=counts.sections,
            topics=counts.topics,
            requirements=counts.requirements,
            resources=counts.resources,
        )
